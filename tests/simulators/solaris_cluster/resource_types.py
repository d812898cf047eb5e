"""What the registration files (RTR files) of the resource types say.

The files themselves are not public. Which properties they declare is known as far as the marks below say; when a
property may be changed, its default and its description are assumed wherever no mark names a source.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..behaviour import Marks

MARKS = Marks("solaris_cluster")

#: The one published transcript of a whole 3.2 cluster.
HOW_TO = "a published how-to for Sun Cluster 3.2: scstat, clrt list, clrg create, /etc/hosts"

NEVER = "NONE"
AT_CREATION = "AT_CREATION"
WHEN_DISABLED = "WHEN_DISABLED"
ANYTIME = "ANYTIME"

#: Where the registration files are on a node.
REGISTRATION_DIRECTORY = "/usr/cluster/lib/rgm/rtreg"


@dataclass(frozen=True)
class Property:
    """A property that resources of a type have. Without a default it must be given."""

    name: str
    kind: str = "string"
    default: str | None = ""
    tunable: str = ANYTIME
    extension: bool = False
    description: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class ResourceType:
    """A resource type as its registration file has it; without a version its name stays without one."""

    name: str
    version: str
    description: str
    base_directory: str
    packages: str
    extensions: tuple[Property, ...]
    standard: tuple[Property, ...] = ()
    api_version: int = 2
    versioned: bool = True
    system: bool = False
    has_monitor: bool = True
    #: What the agent says of a resource that runs, or does not.
    online_message: str = ""
    offline_message: str = ""

    @property
    def full_name(self) -> str:
        """The name under which it is registered."""
        return f"{self.name}:{self.version}" if self.versioned else self.name

    @property
    def is_storage(self) -> bool:
        """Whether applications may wait for it to have their data."""
        return self.name == "SUNW.HAStoragePlus"

    @property
    def is_address(self) -> bool:
        """Whether its resources are host names."""
        return self.name in ("SUNW.LogicalHostname", "SUNW.SharedAddress")

    @property
    def is_application(self) -> bool:
        """Whether its methods look for the application's files."""
        return not self.is_storage and not self.is_address and self.name != "SUNW.HAStorage"


def _timeout(method: str, seconds: int) -> Property:
    return Property(
        f"{method}_timeout", "int", str(seconds), ANYTIME, description=f"Timeout in seconds of the {method} method"
    )


_FAILOVER_MODE = Property(
    "Failover_mode",
    "enum",
    "NONE",
    ANYTIME,
    description="Modifies recovery actions taken when the resource fails.",
    choices=("NONE", "SOFT", "HARD", "RESTART_ONLY", "LOG_ONLY"),
)
_RETRIES = (
    Property("Retry_count", "int", "2", ANYTIME, description="Indicates the number of times a monitor restarts it."),
    Property("Retry_interval", "int", "300", ANYTIME, description="Time in which monitor attempts to restart it."),
    Property("Thorough_probe_interval", "int", "60", ANYTIME, description="Time between invocations of the probe."),
    Property("Cheap_probe_interval", "int", "60", ANYTIME, description="Time between quick fault probes."),
)
_AGENT = (
    _timeout("Start", 300),
    _timeout("Stop", 300),
    _timeout("Validate", 300),
    _timeout("Monitor_start", 300),
    _timeout("Monitor_stop", 300),
    _FAILOVER_MODE,
    *_RETRIES,
)
_STORAGE = (
    _timeout("Prenet_start", 1800),
    _timeout("Start", 90),
    _timeout("Stop", 1800),
    _timeout("Postnet_stop", 1800),
    _timeout("Validate", 1800),
    _FAILOVER_MODE,
    *_RETRIES,
)


def _extension(name: str, kind: str, default: str | None, tunable: str, description: str) -> Property:
    return Property(name, kind, default, tunable, True, description)


@MARKS.documented(
    "scrgadm",
    "SUNW.LogicalHostname and SUNW.SharedAddress have HostnameList and NetIfList",
    "HP UCMDB sun_cluster.py, a parser of scrgadm -pvv",
)
@MARKS.assumed(
    "scrgadm", "HostnameList can only be set at creation, NetIfList at any time, CheckNameService when disabled"
)
def _host_name_type(name: str) -> ResourceType:
    shared = name == "SUNW.SharedAddress"
    words = name.partition(".")[2]
    extensions = [
        _extension("HostnameList", "stringarray", None, AT_CREATION, "List of hostnames this resource manages"),
        _extension("NetIfList", "stringarray", "", ANYTIME, "List of IPMP groups on each node"),
        _extension("CheckNameService", "boolean", "TRUE", WHEN_DISABLED, "Name service check flag"),
    ]
    if shared:
        extensions.append(_extension("AuxNodeList", "stringarray", "", ANYTIME, "List of auxiliary nodes"))
    return ResourceType(
        name,
        "2",
        "HA Shared Address Resource Type" if shared else "Logical Hostname Resource Type",
        "/usr/cluster/lib/rgm/rt/hascip" if shared else "/usr/cluster/lib/rgm/rt/hafoip",
        "SUNWscu",
        tuple(extensions),
        (*_AGENT, _timeout("Prenet_start", 300)),
        system=True,
        online_message=f"{words} online.",
        offline_message=f"{words} offline.",
    )


@MARKS.documented(
    "scrgadm",
    "SUNW.HAStoragePlus has FilesystemMountPoints and AffinityOn",
    "Messaging Server Installation Guide, Configuring HA: Oracle Solaris Cluster agent installation, step 5",
)
@MARKS.documented(
    "scrgadm",
    "SUNW.HAStoragePlus has GlobalDevicePaths and, from 3.2, Zpools",
    "https://www.unix.com/man-page/opensolaris/5/sunw.hastorageplus",
)
@MARKS.assumed("scrgadm", "the extension properties of SUNW.HAStoragePlus can be changed when the resource is disabled")
def _storage_type(release: tuple[int, int]) -> ResourceType:
    extensions = [
        _extension("GlobalDevicePaths", "stringarray", "", WHEN_DISABLED, "The list of HA global device paths"),
        _extension("FilesystemMountPoints", "stringarray", "", WHEN_DISABLED, "The list of file system mountpoints"),
        _extension("AffinityOn", "boolean", "TRUE", WHEN_DISABLED, "For specifying affinity switchover"),
        _extension("FilesystemCheckCommand", "stringarray", "", WHEN_DISABLED, "Command string for file system checks"),
    ]
    if release >= (3, 2):
        extensions.append(_extension("Zpools", "stringarray", "", WHEN_DISABLED, "The list of zpools"))
    version = "2" if release < (3, 1) else "4" if release < (3, 2) else "6" if release < (4, 0) else "10"
    return ResourceType(
        "SUNW.HAStoragePlus",
        version,
        "HA Storage Plus",
        "/usr/cluster/lib/rgm/rt/hastorageplus",
        "SUNWscu",
        tuple(extensions),
        _STORAGE,
    )


@MARKS.documented(
    "scrgadm",
    "SUNW.HAStorage has ServicePaths and AffinityOn",
    "Messaging Server Installation Guide, Configuring HA: Oracle Solaris Cluster agent installation, step 5",
)
@MARKS.assumed("scrgadm", "ServicePaths of SUNW.HAStorage can be changed when the resource is disabled")
def _old_storage_type() -> ResourceType:
    return ResourceType(
        "SUNW.HAStorage",
        "1.0",
        "HA Storage Resource Type",
        "/usr/cluster/lib/rgm/rt/hastorage",
        "SUNWscu",
        (
            _extension("ServicePaths", "stringarray", None, WHEN_DISABLED, "The list of service paths"),
            _extension("AffinityOn", "boolean", "TRUE", WHEN_DISABLED, "For specifying affinity switchover"),
        ),
        _STORAGE,
        versioned=False,
        has_monitor=False,
    )


@MARKS.documented(
    "scrgadm",
    "SUNW.ims has IMS_serverroot",
    "Messaging Server Installation Guide, Configuring HA: Oracle Solaris Cluster agent installation, step 12",
)
@MARKS.assumed("scrgadm", "IMS_serverroot is required, can be changed when disabled; the properties of its monitor")
def _messaging_type() -> ResourceType:
    return ResourceType(
        "SUNW.ims",
        "1.0",
        "Messaging Server",
        "/opt/SUNWscims/bin",
        "SUNWscims",
        (
            _extension("IMS_serverroot", "string", None, WHEN_DISABLED, "Messaging Server root"),
            _extension("Monitor_retry_count", "int", "4", ANYTIME, "Number of PMF restarts allowed"),
            _extension("Monitor_retry_interval", "int", "2", ANYTIME, "Time window (minutes) for monitor restarts"),
            _extension("Probe_timeout", "int", "30", ANYTIME, "Time out value for the probe (seconds)"),
        ),
        _AGENT,
        versioned=False,
    )


@MARKS.documented("scrgadm", "SUNW.scics has ICS_serverroot", "Calendar Server 6.3 Administration Guide, 6.6 and 6.7")
@MARKS.assumed("scrgadm", "ICS_serverroot is required, can be changed when disabled; the properties of its monitor")
def _calendar_type() -> ResourceType:
    return ResourceType(
        "SUNW.scics",
        "1.0",
        "Calendar Server",
        "/opt/SUNWscics/bin",
        "SUNWscics",
        (
            _extension("ICS_serverroot", "string", None, WHEN_DISABLED, "Calendar Server root"),
            _extension("Monitor_retry_count", "int", "4", ANYTIME, "Number of PMF restarts allowed"),
            _extension("Monitor_retry_interval", "int", "2", ANYTIME, "Time window (minutes) for monitor restarts"),
            _extension("Probe_timeout", "int", "30", ANYTIME, "Time out value for the probe (seconds)"),
        ),
        _AGENT,
        versioned=False,
    )


@MARKS.documented(
    "clrt",
    "SUNW.gds:6 has Start_command, Stop_command, Probe_command, Network_aware and Port_list",
    HOW_TO,
)
@MARKS.assumed("scrgadm", "the commands of SUNW.gds can be changed when the resource is disabled")
def _generic_type(release: tuple[int, int]) -> ResourceType:
    return ResourceType(
        "SUNW.gds",
        "5" if release < (3, 2) else "6",
        "Generic Data Service for Sun Cluster",
        "/opt/SUNWscgds/bin",
        "SUNWscgds",
        (
            _extension("Start_command", "string", None, WHEN_DISABLED, "Command to start application"),
            _extension("Stop_command", "string", "", WHEN_DISABLED, "Command to stop application"),
            _extension("Probe_command", "string", "", WHEN_DISABLED, "Command to probe application"),
            _extension("Network_aware", "boolean", "TRUE", AT_CREATION, "Determines whether it uses the network"),
            _extension("Probe_timeout", "int", "30", ANYTIME, "Time out value for the probe (seconds)"),
            _extension("Stop_signal", "int", "15", WHEN_DISABLED, "The signal sent to the application for stopping"),
            _extension("Child_mon_level", "int", "-1", WHEN_DISABLED, "Child monitoring level for PMF"),
            _extension("Failover_enabled", "boolean", "TRUE", WHEN_DISABLED, "Determines whether to failover"),
        ),
        (
            *_AGENT,
            Property("Port_list", "stringarray", "", WHEN_DISABLED),
            Property("Scalable", "boolean", "FALSE", AT_CREATION),
        ),
        versioned=release >= (3, 1),
    )


@MARKS.documented(
    "clrt",
    "SUNW.LogicalHostname:2 and SUNW.SharedAddress:2 are registered from the start",
    HOW_TO,
)
@MARKS.documented(
    "scrgadm",
    "a type's name carries its version, in releases from 3.1 and where its registration file asks for it",
    "https://docs.oracle.com/cd/E19050-01/sun.cluster31/817-6555/ss-rgm-chars-names-2/index.html",
)
@MARKS.assumed(
    "scrgadm", "which version of a type each release brings, apart from SUNW.HAStoragePlus:6 and SUNW.gds:6 of 3.2"
)
def available_types(release: tuple[int, int]) -> dict[str, ResourceType]:
    """The types whose registration files a release and the two agents bring, by name without version."""
    types = [
        _host_name_type("SUNW.LogicalHostname"),
        _host_name_type("SUNW.SharedAddress"),
        _storage_type(release),
        _generic_type(release),
        _messaging_type(),
        _calendar_type(),
    ]
    if release < (4, 0):
        types.append(_old_storage_type())
    if release < (3, 1):
        types = [replace(each, versioned=False) for each in types]
    return {each.name: each for each in types}


@MARKS.documented(
    "clrs",
    "every resource has R_description and Resource_dependencies",
    "https://docs.oracle.com/cd/E19787-01/819-2974/6n57pdk2l/index.html",
)
@MARKS.assumed(
    "scrgadm",
    "restart dependencies come with 3.1, offline restart dependencies with 3.2; both can be changed at any time",
)
def common_properties(release: tuple[int, int]) -> tuple[Property, ...]:
    """What every resource has, whatever its type declares."""
    found = [
        Property("R_description"),
        Property("Resource_project_name", default="default"),
        Property("Resource_dependencies", "stringarray"),
        Property("Resource_dependencies_weak", "stringarray"),
    ]
    if release >= (3, 1):
        found.append(Property("Resource_dependencies_restart", "stringarray"))
    if release >= (3, 2):
        found.append(Property("Resource_dependencies_offline_restart", "stringarray"))
    return tuple(found)


@dataclass(frozen=True)
class GroupProperty:
    """A property of resource groups, and what scrgadm calls it when it prints."""

    name: str
    default: str
    label: str
    kind: str = "string"
    tunable: str = ANYTIME


@MARKS.documented(
    "scrgadm",
    "the properties of a new resource group and their defaults",
    "https://docs.oracle.com/cd/E19396-01/817-6564/z40002701007705/index.html",
)
@MARKS.documented(
    "scrgadm",
    "from 3.1 there are RG_system and Auto_start_on_new_cluster, printed as system and Auto_start_on_new_cluster",
    "HP UCMDB sun_cluster.py, a parser of scrgadm -pvv",
)
@MARKS.assumed(
    "scrgadm", "how RG_affinities, RG_project_name, Pingpong_interval and Suspend_automatic_recovery are printed"
)
def group_properties(release: tuple[int, int]) -> tuple[GroupProperty, ...]:
    """What every resource group has apart from its nodes, mode and management state, in the order of printing."""
    found = [
        GroupProperty("RG_description", "", "RG_description"),
        GroupProperty("Failback", "False", "Failback", "boolean"),
        GroupProperty("Maximum_primaries", "1", "Maximum_primaries", "int"),
        GroupProperty("Desired_primaries", "1", "Desired_primaries", "int"),
        GroupProperty("RG_dependencies", "", "RG_dependencies", "stringarray"),
        GroupProperty("Implicit_network_dependencies", "True", "network dependencies", "boolean"),
        GroupProperty("Global_resources_used", "All", "Global_resources_used"),
        GroupProperty("Pathprefix", "", "Pathprefix"),
    ]
    if release >= (3, 1):
        found += [
            GroupProperty("RG_affinities", "", "RG_affinities", "stringarray"),
            GroupProperty("Auto_start_on_new_cluster", "True", "Auto_start_on_new_cluster", "boolean"),
            GroupProperty("RG_project_name", "default", "RG_project_name"),
            GroupProperty("RG_system", "False", "system", "boolean"),
            GroupProperty("Pingpong_interval", "3600", "Pingpong_interval", "int"),
        ]
    if release >= (3, 2):
        found.append(
            GroupProperty("Suspend_automatic_recovery", "False", "Suspend_automatic_recovery", "boolean", NEVER)
        )
    return tuple(found)
