"""The configuration and the states of a simulated cluster, and what is checked before anything is changed.

Not simulated: device groups, zones, affinities and dependencies between groups (they are kept and printed, and nothing
follows from them).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..behaviour import Marks
from ..engine import Simulator
from .resource_types import (
    HOW_TO,
    REGISTRATION_DIRECTORY,
    GroupProperty,
    Property,
    ResourceType,
    available_types,
    common_properties,
    group_properties,
)
from .sources import CALENDAR, INGRES, MESSAGING, PROPERTIES, SCRGADM, SCSTAT_31, STORAGE_40

MARKS = Marks("solaris_cluster")

STRONG = ("Resource_dependencies", "Resource_dependencies_restart", "Resource_dependencies_offline_restart")
DEPENDENCIES = (*STRONG, "Resource_dependencies_weak")


class Rejection(Exception):
    """What the Resource Group Manager does not do; each command set has its own exit status for a kind of it."""

    def __init__(self, kind: str, words: str) -> None:
        super().__init__(words)
        self.kind = kind


def depends_on(resource: Mapping[str, Any], properties: Sequence[str] = DEPENDENCIES) -> list[str]:
    """Names of the resources that a resource depends on, without qualifiers such as ``{LOCAL_NODE}``."""
    return [name.partition("{")[0] for each in properties for name in resource["properties"].get(each, [])]


class ClusterState(Simulator):
    """What is configured and what runs; what happens and the commands are in subclasses.

    :param release: ``3.0`` to ``4.4``
    :param cluster_name: what the cluster is called
    :param rtr_files: the resource types whose registration files are installed; default: all there are
    :param nodelist: whether ``scrgadm`` prints node lists on ``one line`` or ``continued``; default: as the release
    :param failover_seconds: how long it takes until a lost node's services start elsewhere
    :param busy_seconds: how long a ``scswitch`` that hangs keeps others from running
    """

    def __init__(
        self,
        nodes: Sequence[str],
        state_file: Path | None = None,
        *,
        release: str = "3.2",
        cluster_name: str = "cluster1",
        rtr_files: Collection[str] | None = None,
        nodelist: str | None = None,
        failover_seconds: float = 5,
        busy_seconds: float = 30,
    ) -> None:
        major, _, minor = release.partition(".")
        self.release = release
        self.version = (int(major), int(minor) if minor.isdigit() else 0)
        self.cluster_name = cluster_name
        self.available = available_types(self.version)
        if rtr_files is not None:
            present = {*rtr_files, "SUNW.LogicalHostname", "SUNW.SharedAddress"}
            self.available = {name: found for name, found in self.available.items() if name in present}
        self.common = common_properties(self.version)
        self.group_properties = group_properties(self.version)
        self.one_line_nodelist = (nodelist or ("one line" if self.version < (3, 1) else "continued")) == "one line"
        self.failover_seconds = failover_seconds
        self.busy_seconds = busy_seconds
        #: The node that the present command runs on.
        self.here = nodes[0]
        super().__init__(nodes, state_file)
        if state_file is None:
            for files in self.node_files.values():
                files.update(self.installed_files())

    @MARKS.documented("scrgadm", "registration files of the product are in /usr/cluster/lib/rgm/rtreg", INGRES)
    @MARKS.assumed("scinstall", "/etc/cluster/release names the release, as Sun Cluster 3.2 for Solaris 10")
    def installed_files(self) -> dict[str, str]:
        """Files that the product has on every node; in containers they must be put there with it."""
        vendor, system = ("Oracle Solaris", 11) if self.version >= (4, 0) else ("Sun", 10)
        files = {"/etc/cluster/release": f"{vendor} Cluster {self.release} for Solaris {system} sparc\n"}
        for name, found in self.available.items():
            vendor_id, _, base = name.partition(".")
            text = f'RESOURCE_TYPE = "{base}";\nVENDOR_ID = {vendor_id};\nRT_VERSION = "{found.version}";\n'
            files[f"{REGISTRATION_DIRECTORY}/{name}"] = text
        return files

    @MARKS.documented("scrgadm", "the logical host name types are registered from the start", HOW_TO)
    def first_state(self) -> dict[str, Any]:
        """A cluster that was just installed: all nodes are up, and there are no groups."""
        registered = [self.available[name].full_name for name in ("SUNW.LogicalHostname", "SUNW.SharedAddress")]
        return {
            "up": dict.fromkeys(self.nodes, True),
            "types": {name: {"nodes": []} for name in registered},
            "groups": {},
            "resources": {},
            "failing": {},
            "evacuated": {},
            "busy_until": 0.0,
        }

    # -- what is -------------------------------------------------------------------------------------------------------

    def type_of(self, resource: str) -> ResourceType:
        """The type of a resource."""
        return self.available[self.state["resources"][resource]["type"].partition(":")[0]]

    def group(self, name: str) -> dict[str, Any]:
        """A group.

        :raises Rejection: there is none of that name
        """
        if name not in self.state["groups"]:
            raise Rejection("no group", f"{name}: no such resource group")
        found: dict[str, Any] = self.state["groups"][name]
        return found

    def resource(self, name: str) -> dict[str, Any]:
        """A resource.

        :raises Rejection: there is none of that name
        """
        if name not in self.state["resources"]:
            raise Rejection("no resource", f"{name}: no such resource")
        found: dict[str, Any] = self.state["resources"][name]
        return found

    @MARKS.documented(
        "scrgadm",
        "a type may be named without vendor and version while only one matches",
        "https://docs.oracle.com/cd/E19050-01/sun.cluster31/817-6555/ss-rgm-chars-names-2/index.html",
    )
    def registered_type(self, name: str) -> str:
        """The full name of a registered type.

        :raises Rejection: there is none that is meant, or more than one
        """
        registered = list(self.state["types"])
        if name in registered:
            return name
        meant = [
            full
            for full in registered
            if name in (full.partition(":")[0], full.partition(".")[2], full.partition(":")[0].partition(".")[2])
        ]
        if len(meant) != 1:
            raise Rejection("no type", f"{name}: no such resource type is registered")
        return str(meant[0])

    @MARKS.documented("scstat", "the states of a resource group", SCSTAT_31)
    @MARKS.assumed("scstat", "a group with a resource that failed to start is Online_faulted from 3.1, Online before")
    @MARKS.assumed("scstat", "a group that waits for a resource of another group is Pending_online_blocked from 3.1")
    def group_state(self, name: str, node: str) -> str:
        """The state of a group on a node."""
        group = self.state["groups"][name]
        if not group["managed"]:
            return "Unmanaged"
        states = {self.state["resources"][member]["state"].get(node) for member in group["resources"]}
        if "Stop_failed" in states:
            return "Error_stop_failed"
        if node in group["pending"]:
            return "Pending_online"
        if node not in group["online"]:
            return "Offline"
        if self.version >= (3, 1):
            if "Start_failed" in states:
                return "Online_faulted"
            if any(self._waits_for_other_group(member, node) for member in group["resources"]):
                return "Pending_online_blocked"
        return "Online"

    @MARKS.documented("scstat", "the states of a resource; state and status are independent of each other", SCSTAT_31)
    @MARKS.assumed("scstat", "a resource that runs with its monitor disabled is Online_not_monitored")
    def resource_state(self, name: str, node: str) -> str:
        """The state of a resource on a node."""
        resource = self.state["resources"][name]
        state: str = resource["state"].get(node, "Offline")
        if state == "Online" and not resource["monitored"].get(node) and self.type_of(name).has_monitor:
            return "Online_not_monitored"
        if node in self.state["groups"][resource["group"]]["pending"] and state == "Offline":
            return "Starting" if self.version >= (3, 1) else "Offline"
        return state

    @MARKS.documented("scstat", "the status message: keyword, and what the agent says after a hyphen", SCSTAT_31)
    @MARKS.documented("scstat", "a host name says: LogicalHostname online.", "Transfer CFT documentation, scstat")
    @MARKS.assumed("scstat", "what other agents say")
    def resource_status(self, name: str, node: str) -> tuple[str, str]:
        """What the agent says of a resource on a node: keyword and words."""
        if not self.state["up"][node]:
            return "Offline", ""
        keyword, words = self.state["resources"][name]["status"].get(node, ["Offline", ""])
        return keyword, words

    def enabled_anywhere(self, name: str) -> bool:
        """Whether a resource is enabled on any node."""
        return any(self.state["resources"][name]["enabled"].values())

    def properties_of(self, type_name: str) -> dict[str, Property]:
        """All properties that resources of a type have."""
        declared = self.available[type_name.partition(":")[0]]
        return {each.name: each for each in (*self.common, *declared.standard, *declared.extensions)}

    def properties(self, name: str) -> dict[str, Any]:
        """The values of all properties of a resource that have one; the state keeps those that were given."""
        resource = self.state["resources"][name]
        declared = self.properties_of(resource["type"]).values()
        usual = {each.name: self.value(each, each.default) for each in declared if each.default is not None}
        return {**usual, **resource["properties"]}

    def _active(self, name: str, node: str) -> bool:
        return bool(self.state["resources"][name]["state"].get(node) == "Online")

    def _fails(self, name: str, operation: str, node: str) -> bool:
        failing = self.state["failing"].get(name, {})
        return operation in failing and (failing[operation] is None or node in failing[operation])

    def _failover_mode(self, name: str) -> str:
        mode: str = self.state["resources"][name]["properties"].get("Failover_mode", "NONE")
        return mode

    def dependents(self, name: str, properties: Sequence[str] = STRONG) -> list[str]:
        """Names of the resources that depend on one."""
        return [other for other, found in self.state["resources"].items() if name in depends_on(found, properties)]

    def start_order(self, group: Mapping[str, Any]) -> list[str]:
        """Resources of a group, those first that others depend on."""
        ordered: list[str] = []

        def add(name: str) -> None:
            if name in ordered or name not in group["resources"]:
                return
            for other in depends_on(self.state["resources"][name]):
                add(other)
            ordered.append(name)

        # Host names and storage first, as their methods run before those of applications.
        for name in sorted(group["resources"], key=lambda each: self.type_of(each).is_application):
            add(name)
        return ordered

    def _waits_for_other_group(self, name: str, node: str) -> bool:
        resource = self.state["resources"][name]
        if not resource["enabled"].get(node) or resource["state"].get(node, "Offline") != "Offline":
            return False
        return any(
            self.state["resources"][other]["group"] != resource["group"] and not self._satisfied(resource, other, node)
            for other in depends_on(resource, STRONG)
        )

    def _satisfied(self, resource: Mapping[str, Any], other: str, node: str) -> bool:
        found = self.state["resources"][other]
        return found["state"].get(node) == "Online" or (
            found["group"] != resource["group"] and "Online" in found["state"].values()
        )

    def _evacuated(self, node: str) -> bool:
        until: float = self.state["evacuated"].get(node, 0)
        return until > self.now

    # -- checks --------------------------------------------------------------------------------------------------------

    def _check_name(self, name: str) -> None:
        if not name[:1].isalpha() or not name.isascii() or not all(each.isalnum() or each in "-_." for each in name):
            raise Rejection("invalid", f"{name}: not a name")

    def _check_nodes(self, nodes: Sequence[str]) -> None:
        unknown = [node for node in nodes if node not in self.nodes]
        if unknown or len(set(nodes)) != len(nodes):
            raise Rejection("node", f"{', '.join(unknown or nodes)}: no such nodes, or one of them twice")

    @MARKS.documented("scrgadm", "-y is for standard properties, -x for extension properties", SCRGADM)
    @MARKS.assumed("scrgadm", "a property of the wrong sort, of an unknown name or with a wrong value is refused")
    def _given(
        self,
        declared: Mapping[str, Property],
        properties: Mapping[str, str],
        extension: Mapping[str, str] | None,
        current: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for given, wanted in ((properties, None if extension is None else False), (extension or {}, True)):
            for key, text in given.items():
                name = key.rstrip("+-").lower()
                known = next((each for each in declared.values() if each.name.lower() == name), None)
                if known is None or wanted not in (None, known.extension):
                    raise Rejection("property", f"{key}: there is no such property")
                value = self.value(known, text)
                if key[-1] in "+-":
                    if current is None or known.kind != "stringarray":
                        raise Rejection("property", f"{key}: is not a list that can be changed")
                    before = list(current.get(known.name, []))
                    value = (
                        [*before, *(each for each in value if each not in before)]
                        if key[-1] == "+"
                        else [each for each in before if each not in value]
                    )
                found[known.name] = value
        return found

    @MARKS.documented("scrgadm", "lists are given comma separated without blanks", SCRGADM)
    @MARKS.assumed("scrgadm", "booleans and enumerations are given in any case")
    def value(self, known: Property | GroupProperty, text: str | None) -> Any:
        """The value of a property from how it is given on a command line."""
        text = text or ""
        if known.kind == "stringarray":
            items = text.split(",") if text else []
            if any(not item or (" " in item and known.name != "FilesystemCheckCommand") for item in items):
                raise Rejection("property", f"{known.name}: {text} is not a list")
            return items
        if known.kind == "boolean":
            if text.upper() not in ("TRUE", "FALSE"):
                raise Rejection("property", f"{known.name}: {text} is neither TRUE nor FALSE")
            return text.upper()
        if known.kind == "int":
            if not text.lstrip("-").isdigit():
                raise Rejection("property", f"{known.name}: {text} is not a number")
            return str(int(text))
        choices: tuple[str, ...] = getattr(known, "choices", ())
        if choices:
            if text.upper() not in choices:
                raise Rejection("property", f"{known.name}: {text} is none of {', '.join(choices)}")
            return text.upper()
        return text

    def group_value(self, known: GroupProperty, text: str) -> Any:
        """The value of a group's property: as that of a resource, with booleans in capitals as groups print them."""
        found = self.value(known, text)
        return found.capitalize() if known.kind == "boolean" else found

    @MARKS.assumed("scrgadm", "dependencies on unknown resources, on itself or in a circle are refused")
    def _check_dependencies(self, name: str) -> None:
        seen: set[str] = set()
        waiting = depends_on(self.state["resources"][name])
        while waiting:
            other = waiting.pop()
            if other == name:
                raise Rejection("depend", f"{name}: would depend on itself")
            if other not in seen:
                seen.add(other)
                waiting += depends_on(self.resource(other))

    def _check_dependencies_enabled(self, name: str, names: Sequence[str]) -> None:
        needed = depends_on(self.state["resources"][name], STRONG)
        disabled = [other for other in needed if not self.enabled_anywhere(other) and other not in names]
        if disabled:
            raise Rejection("depend", f"{name}: depends on disabled resources: {', '.join(disabled)}")

    @MARKS.documented(
        "scrgadm", "VALIDATE runs when a resource is created or changed, on the nodes of its group", PROPERTIES
    )
    @MARKS.assumed(
        "scrgadm", "VALIDATE of an application looks at its storage when the dependencies are set, not later"
    )
    def _validate(self, name: str, given: Collection[str]) -> None:
        resource = self.state["resources"][name]
        # In containers a command sees the files of its own node alone.
        nodes = self.state["groups"][resource["group"]]["nodes"] if self._file is None else [self.here]
        found = self.type_of(name)
        for node in nodes:
            if not self.state["up"][node]:
                continue
            if found.is_address:
                self._validate_host_names(name, node)
            elif found.is_storage:
                self._validate_mount_points(name, node)
        if found.is_application and set(given) & set(DEPENDENCIES):
            self._validate_application(name)

    @MARKS.documented("scrgadm", "a logical host name is in /etc/hosts of each node", HOW_TO)
    @MARKS.assumed(
        "scrgadm", "VALIDATE refuses a host name that a node cannot resolve; without /etc/hosts it can (name service)"
    )
    @MARKS.assumed("scrgadm", "a host name belongs to one resource")
    def _validate_host_names(self, name: str, node: str) -> None:
        text = self.read_file(node, "/etc/hosts")
        known = [word for line in (text or "").splitlines() for word in line.partition("#")[0].split()]
        for host in self.state["resources"][name]["properties"]["HostnameList"]:
            if text is not None and host not in known:
                raise Rejection("method", f"{name}: VALIDATE on {node} failed: {host} cannot be resolved")
            for other, found in self.state["resources"].items():
                if other != name and host in found["properties"].get("HostnameList", []):
                    raise Rejection("method", f"{name}: VALIDATE on {node} failed: {host} belongs to {other}")

    @MARKS.documented(
        "scrgadm",
        "a mount point is a failover file system when /etc/vfstab has it without the option global and with mount at"
        " boot no; it needs a failover group and AffinityOn",
        f"{MESSAGING}, step 5",
    )
    @MARKS.documented("scrgadm", "/etc/vfstab is the same on all nodes", f"{CALENDAR}, 6.6.1")
    @MARKS.assumed(
        "scrgadm",
        "VALIDATE refuses a mount point that a node's /etc/vfstab lacks; nothing is checked without that file",
    )
    def _validate_mount_points(self, name: str, node: str) -> None:
        text = self.read_file(node, "/etc/vfstab")
        if text is None:
            return
        resource = self.state["resources"][name]
        properties = self.properties(name)
        entries = {
            fields[2]: fields
            for line in text.splitlines()
            if len(fields := line.split()) == 7 and not line.lstrip().startswith("#")
        }
        for point in properties["FilesystemMountPoints"]:
            problem = None
            if point not in entries:
                problem = f"{point} is not in /etc/vfstab"
            elif "global" not in entries[point][6].split(","):
                if entries[point][5] != "no":
                    problem = f"{point} is a local file system that is mounted at boot"
                elif properties["AffinityOn"] != "TRUE":
                    problem = f"{point} is a local file system and needs AffinityOn"
                elif self.state["groups"][resource["group"]]["mode"] != "Failover":
                    problem = f"{point} is a local file system and needs a failover group"
            if problem:
                raise Rejection("method", f"{name}: VALIDATE on {node} failed: {problem}")

    @MARKS.documented(
        "scrgadm",
        "VALIDATE of an application fails while storage that it depends on is online nowhere, or is in another group",
        "svc_validate of agents that Agent Builder generates",
    )
    @MARKS.documented(
        "scrgadm",
        "from 4.0 an application has an offline restart dependency on its SUNW.HAStoragePlus resource",
        STORAGE_40,
    )
    @MARKS.assumed("scrgadm", "from 4.0 VALIDATE refuses any other dependency of an application on SUNW.HAStoragePlus")
    def _validate_application(self, name: str) -> None:
        resource = self.state["resources"][name]
        for key in DEPENDENCIES:
            for other in depends_on(resource, (key,)):
                if not self.type_of(other).is_storage:
                    continue
                storage = self.state["resources"][other]
                if storage["group"] != resource["group"]:
                    raise Rejection("method", f"{name}: VALIDATE failed: {other} is in another group")
                if not any(self._active(other, node) for node in storage["state"]):
                    raise Rejection("method", f"{name}: VALIDATE failed: {other} is not online on any node")
                if self.version >= (4, 0) and key != "Resource_dependencies_offline_restart":
                    raise Rejection("method", f"{name}: VALIDATE failed: {other} is not an offline restart dependency")

    @MARKS.documented("scinstall", "-p ends with an error where there is no running cluster", INGRES)
    @MARKS.assumed("scstat", "on a node that is not in the cluster all commands end with exit status 1 and say so")
    def require_cluster(self, node: str) -> None:
        """Refuse a command on a node that is not in the cluster.

        :raises Rejection: it is not
        """
        self.here = node
        if not self.state["up"].get(node):
            raise Rejection("not in cluster", f"{node} is not in cluster mode")
