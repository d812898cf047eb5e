# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of Veritas Cluster Server: what settings are called, what they mean, and which are VCS's own. Pure.

Settings have the names of VCS's attributes. An attribute that has a value for each system is ``ATTRIBUTE SYSTEM``; a
static attribute of a type is overridden for a resource that has it. ``requires`` are the resources that one depends on,
``requires group`` the groups, ``configuration`` of the cluster is whether a run left it writable. Whether a resource is
enabled is its attribute Enabled, whether a service is managed its attribute Frozen.
"""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.groupware.ha.plugins.module_utils.description.model import Capabilities

#: The key of the resources that a resource depends on, blank separated, in any order.
REQUIRES = "requires"
#: The key of the groups that a group depends on, each with its relationship, separated by semicolons.
REQUIRES_GROUP = "requires group"
#: The key of the cluster that says whether a run that did not end left the configuration writable.
CONFIGURATION = "configuration"
CLOSED = "closed"
LEFT_WRITABLE = "left writable"

#: VCS's own group, and resources in it, are the product's.
_OWN_GROUP = "ClusterService"

#: Where VCS keeps its configuration, and says why something did not work.
DIRECTORY = "/etc/VRTSvcs/conf/config"
ENGINE_LOG = "/var/VRTSvcs/log/engine_A.log"

#: Words that no object of VCS may be called (VCS 5.0 User's Guide, "Reserved words").
_RESERVED = (
    "action|ArgListValues|boolean|cluster|Cluster|condition|ConfidenceLevel|event|global|group|Group|hard|heartbeat|"
    "HostMonitor|int|IState|keylist|local|LogDbg|MonitorOnly|Name|NameRule|offline|online|Path|Probed|remote|"
    "remotecluster|requires|resource|set|Signaled|soft|Start|start|state|State|static|stop|str|system|System|temp|type|Type"
)

CAPABILITIES = Capabilities(
    framework="vcs",
    pattern=rf"(?!({_RESERVED})$)[A-Za-z][A-Za-z0-9_-]*",
    words="letters, digits, underscores and hyphens, beginning with a letter, and no word of VCS's own language",
    longest=255,
    filesystems=("vxfs", "ufs", "ext3", "ext4", "xfs", "nfs"),
    applications=("messaging_server", "native"),
    types={"messaging_server": "MsgSrv"},
    own_fencing=True,
    devices_required=False,
    cluster_keys=("interface",),
    empty_services=True,
    keeps_nodes_free=True,
)

#: Attributes that VCS keeps for itself, and what is shown in another way.
GROUP_STATE = frozenset(
    ["ActiveCount", "AutoDisabled", "CurrentCount", "DeferAutoStart", "Enabled", "EvacList", "Failover", "FromQ"]
    + ["IntentOnline", "IntentionalOnlineList", "LastSuccess", "ManagedBy", "MigrateQ", "NumRetries", "PathCount"]
    + ["PreOnlining", "Probed", "ProbesPending", "Responding", "Restart", "State", "SystemList", "TargetCount"]
    + ["TFrozen", "ToQ", "TriggerEvent", "UnSteadyCount", "VCSi3Info"]
)
RESOURCE_STATE = frozenset(
    ["ArgListValues", "ConfidenceLevel", "ConfidenceMsg", "Flags", "Group", "IState", "LastOnline", "MonitorMethod"]
    + ["MonitorTimeStats", "Name", "Path", "Probed", "ResourceInfo", "Signaled", "Start", "State", "Type"]
)
#: Passwords among them; ReadOnly is the session's.
CLUSTER_STATE = frozenset(
    ["ClusState", "ClusterTime", "DumpingMembership", "ReadOnly", "SecInfo", "UserNames", "VCSMode"]
)

#: Static attributes that every type has and no group (Cluster Server 4.1 User's Guide to InfoScale 7.4 Administrator's
#: Guide, "Resource type attributes"): a resource that shows one has it overridden.
_OVERRIDABLE = frozenset(
    ["ActionTimeout", "AdvDbg", "AEPTimeout", "AgentClass", "AgentDirectory", "AgentFailedOn", "AgentFile"]
    + ["AgentPriority", "AgentReplyTimeout", "AgentStartTimeout", "AlertOnMonitorTimeouts", "ArgList"]
    + ["AttrChangedTimeout", "AvailableMeters", "CleanRetryLimit", "CleanTimeout", "CloseTimeout", "ConfInterval"]
    + ["ContainerOpts", "EPClass", "EPPriority", "ExternalStateChange", "FaultOnMonitorTimeouts", "FireDrill", "IMF"]
    + ["IMFRegList", "InfoInterval", "InfoTimeout", "IntentionalOffline", "LevelTwoMonitorFreq", "LogDbg"]
    + ["LogFileSize", "LogViaHalog", "Meters", "MigrateTimeout", "MigrateWaitLimit", "MonitorInterval"]
    + ["MonitorStatsParam", "MonitorTimeout", "NumThreads", "OfflineMonitorInterval", "OfflineTimeout"]
    + ["OfflineWaitLimit", "OnlineClass", "OnlinePriority", "OnlineTimeout", "OnlineWaitLimit", "OpenTimeout"]
    + ["Operations", "RegList", "RestartLimit", "ScriptClass", "ScriptPriority", "SourceFile", "SupportedActions"]
    + ["SupportedOperations", "ToleranceLimit", "TypeOwner", "TypeRecipients"]
)

#: Defaults of attributes (VCS 5.0 User's Guide, appendix; Bundled Agents Reference Guide): not worth writing down.
_DEFAULTS = {
    **dict.fromkeys(["AutoFailOver", "AutoStart", "Critical", "Enabled", "Evacuate", "FaultPropagation"], "1"),
    **dict.fromkeys(["AutoRestart", "CkptUmount", "Mii", "PanicSystemOnDGLoss", "PingOptimize"], "1"),
    **dict.fromkeys(["StartVolumes", "StopVolumes"], "1"),
    **dict.fromkeys(["Frozen", "MonitorOnly", "MonitorReservation", "OnlineRetryInterval", "OnlineRetryLimit"], "0"),
    **dict.fromkeys(["Parallel", "PreOnline", "Priority", "SecondLevelMonitor", "SnapUmount", "ComputeStats"], "0"),
    **dict.fromkeys(["DebugMode", "PrtStatus", "TriggersEnabled"], "0"),
    "AutoStartPolicy": "Order",
    "FailOverPolicy": "Priority",
    "ManageFaults": "ALL",
    "SecondLevelTimeout": "30",
    "tempUseFence": "INVALID",
}
_UNORDERED = frozenset(["Administrators", "AdministratorGroups", "Guests", "Operators", "OperatorGroups"])


def plain(value: str) -> list[str]:
    """The words of a value as they are compared: without the percent sign of commands, booleans in one spelling."""
    words = [word.removeprefix("%") for word in value.split()]
    return [{"true": "1", "false": "0"}.get(word.lower(), word) for word in words]


def same(key: str, current: str, desired: str) -> bool:
    """Dependencies and users as sets, all else as words; booleans in any spelling."""
    if key == REQUIRES or key in _UNORDERED:
        return set(current.split()) == set(desired.split())
    if key == REQUIRES_GROUP:
        return set(current.split("; ")) == set(desired.split("; "))
    return plain(current) == plain(desired)


def operational(key: str) -> bool:
    """All but overridden attributes: every other setting has a value at any time."""
    return key not in _OVERRIDABLE


def notable(key: str, value: str) -> bool:
    """Whether a setting is worth writing down in a description."""
    attribute = key.partition(" ")[0]
    words = plain(value)
    return words not in ([], [_DEFAULTS.get(attribute)]) and attribute not in ("UserIntGlobal", "ManualOps")


def is_set(value: str) -> bool:
    """Whether a number is not zero."""
    return value.strip() not in ("", "0")


def fails_over(group: str, parallel: str) -> bool:
    """Whether a group is a service that fails over: not VCS's own, and not one that is online on many systems."""
    return group != _OWN_GROUP and not is_set(parallel)


def required(settings: Mapping[str, str]) -> list[str]:
    """The resources that one depends on."""
    return settings.get(REQUIRES, "").split()


def required_groups(settings: Mapping[str, str]) -> list[str]:
    """The groups that a group depends on."""
    relations = settings.get(REQUIRES_GROUP, "").split("; ")
    return [relation.partition(" ")[0] for relation in relations if relation]


def places(resource_type: str, operations: str = "") -> bool:
    """Whether resources of a type are started and stopped with their group, and so say where it is.

    :param operations: what the type's agent does, if it is known: ``OnOff``, ``OnOnly`` or ``None``
    """
    default = "None" if resource_type in ("NIC", "MultiNICA", "MultiNICB", "Phantom") else "OnOff"
    return (operations or default).strip().lower() == "onoff"
