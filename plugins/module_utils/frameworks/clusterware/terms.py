# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Oracle Clusterware calls things, which of them are whose, and what its texts mean. Pure.

Sources: Oracle Clusterware Administration and Deployment Guide 12c Release 1, appendices B, C and E; Messaging Server
Installation and Configuration Guide, "Oracle Clusterware Installation and Configuration".

How a service stands in Clusterware, which has no word for it:

- A service is its application resources and the virtual address that they depend on, or the address alone. A resource
  named ``SERVICE_address`` (an address) or ``SERVICE_application`` belongs to that service; with other names, the
  attribute DESCRIPTION says ``service NAME``. What says neither belongs to the service whose resources it depends on
  (``hard``). Addresses and applications that hang together and are nobody's are read as the service
  ``ADDRESS_service``. Entities named ``ora.`` are Oracle's: read to be known as taken, never touched.
- Where a service may run is HOSTING_MEMBERS of each of its resources, in order, with PLACEMENT=restricted. (The manual
  has PLACEMENT=favored with SERVER_POOLS=*, which prefers nothing and excludes nothing.)
- Storage is mounted on all nodes at once (NFS, ACFS), as the manual has it, so it is no resource here. Where it can be
  mounted on one node only, something else has to do that, and the application depends on it (``storage_resource``).
- A service is offline because somebody wants it so when TARGET is OFFLINE. One that was never whole has
  AUTO_START=never on all that there is of it, which gets the value of the description as the last step, once it runs.
- ENABLED=0 on a resource: Clusterware neither watches, starts nor moves it, and it runs on if it runs. On all members
  it is what freezing sets and the axis ``managed``; on one, together with stopping it, the axis ``enabled``. No
  description sets it, so that a service that is frozen for maintenance stays frozen.

Settings are attributes. Two more keys of addresses: ``network`` (its number; fixed) and ``user`` (who may start it).
``unfinished`` stands for AUTO_START where a native resource is given without: it says that it is never, so that whoever
wants that says so with AUTO_START itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ansible_collections.groupware.ha.plugins.module_utils.description.model import Capabilities
from ansible_collections.groupware.ha.plugins.module_utils.formats import clusterware as formats

CAPABILITIES = Capabilities(
    framework="clusterware",
    pattern=r"(?!ora\.)[A-Za-z0-9_][A-Za-z0-9_.-]*",
    words="letters, digits, hyphens, dots and underscores, not beginning with a dot, a hyphen or ora.",
    longest=128,
    filesystems=("nfs", "acfs", "ext4", "xfs", "ufs", "zfs"),
    applications=("messaging_server", "native"),
    types={"messaging_server": "ocucs.ms.type"},
    own_fencing=True,
    mounts_volumes=False,
    devices_required=False,
)

#: The type of application addresses, by the name that 11.2 has for it; later ones have the network or a number in it.
ADDRESS_TYPE = "app.appvip.type"
ADDRESS_TYPES = re.compile(r"app\.appvip\w*\.type")
BUILT_IN_TYPES = ("resource", "local_resource", "cluster_resource", "generic_application")

#: Attributes that are the same on all resources of a service, and stand in the service's own settings.
SERVICE_ATTRIBUTES = ("PLACEMENT", "SERVER_POOLS", "ACTIVE_PLACEMENT", "ENABLED")
PLACEMENT = ("HOSTING_MEMBERS", *SERVICE_ATTRIBUTES)
#: Of SERVER_POOLS, SERVER_CATEGORY and HOSTING_MEMBERS only one may say where a restricted resource runs.
RESTRICTED = {"PLACEMENT": "restricted", "SERVER_POOLS": ""}

DEPENDENCIES = ("START_DEPENDENCIES", "STOP_DEPENDENCIES")

#: Keys of addresses that are no attributes.
PSEUDO = frozenset(["network", "user", "unfinished"])

#: What Clusterware keeps for itself (appendix B, read-only attributes), and what only says how things stand.
INTERNAL = frozenset(
    """
    NAME TYPE STATE TARGET CARDINALITY_ID CONFIG_VERSION CREATION_SEED DEGREE_ID EXTENDED_NAME FAILURE_COUNT
    FAILURE_HISTORY ID INCARNATION INSTANCE_COUNT INTERNAL_STATE LAST_FAULT LAST_RESTART LAST_SERVER LAST_STATE_CHANGE
    OXR_SECTION RESOURCE_GROUP RESTART_COUNT STATE_DETAILS TARGET_SERVER TYPE_VERSION
    """.split()
)

#: Attributes with the values that Clusterware gives them: not worth saying (appendix B, and what 12.1 prints).
DEFAULTS: Mapping[str, str] = dict(
    pair.split("=")
    for pair in """
    ACTION_TIMEOUT=600 ACTIVE_PLACEMENT=0 AGENT_FILENAME=%CRS_HOME%/bin/scriptagent AUTO_START=restore CARDINALITY=1
    CHECK_INTERVAL=60 CHECK_TIMEOUT=30 CLEAN_TIMEOUT=60 DEGREE=1 DELETE_TIMEOUT=60 FAILOVER_DELAY=0 FAILURE_INTERVAL=0
    FAILURE_THRESHOLD=0 INTERMEDIATE_TIMEOUT=0 LOAD=1 LOGGING_LEVEL=1 MODIFY_TIMEOUT=60 OFFLINE_CHECK_INTERVAL=0 RANK=0
    RELOCATE_ACTION=0 RELOCATE_BY_DEPENDENCY=1 RESTART_ATTEMPTS=1 SCRIPT_TIMEOUT=60 START_CONCURRENCY=0 START_TIMEOUT=0
    STOP_CONCURRENCY=0 STOP_TIMEOUT=0 UPTIME_THRESHOLD=1h USER_WORKLOAD=no USE_STICKINESS=0
    """.split()
)
#: What every resource has, and a description of it need not repeat.
UNREMARKABLE = frozenset(["ACL", "ACTIONS", "DEFAULT_TEMPLATE", "DESCRIPTION", *PLACEMENT, *PSEUDO])

#: Networks stand among the properties of the cluster, for what they are.
NETWORK = "network "
NETWORKS = re.compile(r"ora\.net(\d+)\.network")

_OF_SERVICE = re.compile(r"service (\S+)")
_CONVENTIONS = ("address", "application")
_SUFFIX = "%CRS_EXE_SUFFIX%"


def common_type(name: str) -> str:
    """A type by the one name that it has here."""
    return ADDRESS_TYPE if ADDRESS_TYPES.fullmatch(name) else name


def oracles(name: str) -> bool:
    """Whether this is a name of Oracle's own."""
    return name.startswith("ora.")


def claim(name: str, resource_type: str, description: str = "") -> str | None:
    """The service that a resource says it is of: with its DESCRIPTION, or else its name."""
    match = _OF_SERVICE.fullmatch(description)
    if match is not None:
        return match[1]
    stem, _separator, role = name.rpartition("_")
    address = resource_type == ADDRESS_TYPE
    return stem if stem and role in _CONVENTIONS and address == (role == "address") else None


def just_made(attributes: Mapping[str, str], target: str) -> bool:
    """Whether this is an address as ``appvipcfg`` leaves it: the next command would have changed it."""
    return (
        attributes["TYPE"] == ADDRESS_TYPE
        and target == "OFFLINE"
        and attributes.get("PLACEMENT") != "restricted"
        and len(attributes.get("HOSTING_MEMBERS", "").split()) == 1
        and _OF_SERVICE.fullmatch(attributes.get("DESCRIPTION", "")) is None
    )


def same(key: str, current: str, desired: str) -> bool:
    """Whether two texts mean the same: dependencies as sets, definitions by their parts, all else by its words."""
    current, desired = current.strip(), desired.strip()
    if current == desired:
        return True
    if key in DEPENDENCIES:
        return formats.same_dependencies(current, desired)
    if key == "AGENT_FILENAME":
        return current.removesuffix(_SUFFIX) == desired.removesuffix(_SUFFIX)
    if key == "APPSVIP_FAILBACK":
        return (current or "0") == (desired or "0")
    if key == "user":
        return desired in current.split()
    if key in ("AUTO_START", "PLACEMENT"):
        return current.lower() == desired.lower()
    if key == "ACL":
        return sorted(current.split(",")) == sorted(desired.split(","))
    one, other = formats.parse_definition(current), formats.parse_definition(desired)
    return one is not None and other is not None and formats.same_definition(one, other)


def differing(current: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    """Of what is wanted, what is not there or means something else."""
    return {key: value for key, value in wanted.items() if key not in current or not same(key, current[key], value)}


def notable(key: str, value: str) -> bool:
    """Whether an attribute is worth writing into a description."""
    if not value or key in UNREMARKABLE or "@" in key or key.endswith("_TEMPLATE"):
        return False
    return not same(key, value, DEFAULTS.get(key, ""))
