"""The lines that Clusterware prints, and why it refuses something.

The texts up to ``RESOURCE_MISSING_AT_START`` are the vendor's. Those below are assumed; where not even a number is
known they have one that Clusterware does not use.
"""

from __future__ import annotations

from ..engine import Refusal

START = "CRS-2672: Attempting to start '{0}' on '{1}'"
STARTED = "CRS-2676: Start of '{0}' on '{1}' succeeded"
START_FAILED = "CRS-2674: Start of '{0}' on '{1}' failed"
STOP = "CRS-2673: Attempting to stop '{0}' on '{1}'"
STOPPED = "CRS-2677: Stop of '{0}' on '{1}' succeeded"
CLEAN = "CRS-2679: Attempting to clean '{0}' on '{1}'"
CLEANED = "CRS-2681: Clean of '{0}' on '{1}' succeeded"
ALREADY_RUNNING = "CRS-5702: Resource '{0}' is already running on '{1}'"
ALREADY_INTERMEDIATE = (
    "CRS-2800: Cannot start resource '{0}' as it is already in the INTERMEDIATE state on server '{1}'"
)
NOT_RUNNING = "CRS-2500: Cannot stop resource '{0}' as it is not running"
NO_RESOURCE = "CRS-2613: Could not find resource '{0}'."
TYPE_EXISTS = "CRS-2728: A resource type with the name '{0}' is already registered"
NO_DEPENDENCY = "CRS-2510: Resource '{0}' used in dependency '{1}' does not exist or is not registered."
NO_DEPENDENCY_TYPE = "CRS-2509: Resource type '{0}' used in dependency '{1}' does not exist or is not registered"
DISABLED = "CRS-2501: Resource '{0}' is disabled"
RELOCATE_NEEDS_FORCE = (
    "CRS-2525: All instances of the resource '{0}' are already running; relocate is not allowed because the force"
    " option was not specified"
)
STOP_BLOCKED = "CRS-2530: Unable to stop '{0}' because '{1}' has a stop-time 'hard' dependency on it"
NOT_RELOCATABLE = "CRS-2562: Resource '{0}' cannot be relocated as it is not running"
START_BLOCKED = "CRS-2527: Unable to start '{0}' because it has a 'hard' dependency on '{1}'"
FAILED = "CRS-4000: Command {0} failed, or completed with errors."
NO_CRS = "CRS-4535: Cannot communicate with Cluster Ready Services"
NO_CSS = "CRS-4530: Communications failure contacting Cluster Synchronization Services daemon"
NO_EVM = "CRS-4534: Cannot communicate with Event Manager"
NO_HAS = "CRS-4639: Could not contact Oracle High Availability Services"
HAS_ONLINE = "CRS-4638: Oracle High Availability Services is online"
CRS_ONLINE = "CRS-4537: Cluster Ready Services is online"
CSS_ONLINE = "CRS-4529: Cluster Synchronization Services is online"
EVM_ONLINE = "CRS-4533: Event Manager is online"
HAS_STOPPING = "CRS-2791: Starting shutdown of Oracle High Availability Services-managed resources on '{0}'"
CRS_STOPPING = "CRS-2790: Starting shutdown of Cluster Ready Services-managed resources on '{0}'"
CRS_STOPPED = "CRS-2792: Shutdown of Cluster Ready Services-managed resources on '{0}' has completed"
HAS_STOPPED = "CRS-2793: Shutdown of Oracle High Availability Services-managed resources on '{0}' has completed"
HAS_HAS_STOPPED = "CRS-4133: Oracle High Availability Services has been stopped."
HAS_HAS_STARTED = "CRS-4123: Oracle High Availability Services has been started."
RESOURCE_MISSING_AT_START = "CRS-2640: Required resource '{0}' is missing."

# Assumed from here on.
NO_TYPE = "CRS-2560: Resource type '{0}' does not exist"
MODIFIER_ERROR = "CRS-2502: Resource '{0}' has an invalid modifier in its dependency '{1}'"
DUPLICATE_DEPENDENCY = "CRS-2929: Dependency '{0}' is specified more than once"
NO_SCRIPT = "CRS-2518: Invalid directory path '{0}'"
DEPENDED_UPON = "CRS-2730: Resource '{0}' depends on resource '{1}'"
START_NEEDS_FORCE = (
    "CRS-2529: Unable to act on '{0}' because that would require stopping or relocating '{1}', but the force option was"
    " not specified"
)
NO_SERVERS = (
    "CRS-2632: There are no more servers to try to place resource '{0}' on that would satisfy its placement policy"
)
STOP_FAILED = "CRS-2675: Stop of '{0}' on '{1}' failed"
CLEAN_FAILED = "CRS-2680: Clean of '{0}' on '{1}' failed"
UNRECOVERABLE = "CRS-2678: '{0}' on '{1}' has experienced an unrecoverable failure"
USE_SRVCTL = "CRS-4995: The command '{0}' is invalid in crsctl. Use srvctl for this command."
NOT_PERMITTED = "CRS-0245: User '{0}' does not have enough privilege to perform the operation on '{1}'"
NOT_ROOT = "CRS-4563: Insufficient user privileges."
HAS_ACTIVE = "CRS-4640: Oracle High Availability Services is already active"
OTHER = "CRS-9999: {0}"


def lines(*texts: str) -> str:
    """These lines of output."""
    return "".join(f"{text}\n" for text in texts)


def refusal(verb: str, *texts: str, status: int = 1) -> Refusal:
    """A command that ends without effect: crsctl prints everything on standard output, its last word is CRS-4000."""
    return Refusal(status, stdout=lines(*texts, FAILED.format(verb)))


def usage(program: str, problem: str, synopsis: str) -> Refusal:
    """A command line that is none."""
    return Refusal(1, stdout=lines(f"Parse error:\n{problem}", f"Usage:\n  {program} {synopsis}"))
