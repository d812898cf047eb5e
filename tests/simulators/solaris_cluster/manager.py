"""The Resource Group Manager: what can be done to types, groups and resources, whichever command asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..behaviour import Marks
from .recovery import Recovery
from .resource_types import AT_CREATION, HOW_TO, NEVER, WHEN_DISABLED
from .sources import (
    CLRG,
    CLRS,
    DISABLING,
    GROUP_PROPERTIES,
    MESSAGING,
    PROPERTIES,
    QUIESCE,
    RGM_BLOG,
    SCRGADM,
    SCSWITCH,
    START_FAILED,
    STOP_FAILED,
)
from .state import DEPENDENCIES, Rejection

MARKS = Marks("solaris_cluster")


class ResourceGroupManager(Recovery):
    """Everything but the commands."""

    # -- resource types ------------------------------------------------------------------------------------------------

    @MARKS.documented("scrgadm", "a type is registered from its registration file", SCRGADM)
    @MARKS.documented("clrt", "what is registered as SUNW.HAStoragePlus is listed as SUNW.HAStoragePlus:6", HOW_TO)
    @MARKS.assumed(
        "scrgadm", "a file given with -f is taken when it is a registration file's usual path, or on the node"
    )
    def register_type(self, name: str, nodes: Sequence[str], file: str | None) -> None:
        """Register a resource type."""
        base, _, version = name.partition(":")
        if "." not in base:
            base = f"SUNW.{base}"
        found = self.available.get(base)
        if found is None or version not in ("", found.version):
            raise Rejection("no registration file", f"{name}: the registration file of the type is not found")
        if file is not None and file.rpartition("/")[2] != base and self.read_file(self.here, file) is None:
            raise Rejection("no registration file", f"{file}: cannot be read")
        if found.full_name in self.state["types"]:
            raise Rejection("type exists", f"{found.full_name}: the resource type is already registered")
        self._check_nodes(nodes)
        self.state["types"][found.full_name] = {"nodes": list(nodes)}

    @MARKS.documented("scrgadm", "resource types are removed when nothing uses them", f"{MESSAGING}, unconfiguring")
    @MARKS.assumed("scrgadm", "a type that resources have, or that is a system type, is not unregistered")
    def unregister_type(self, name: str) -> None:
        """Unregister a resource type."""
        full = self.registered_type(name)
        users = [each for each, found in self.state["resources"].items() if found["type"] == full]
        if users:
            raise Rejection("state", f"{full}: there are resources of this type: {', '.join(users)}")
        if self.available[full.partition(":")[0]].system:
            raise Rejection("state", f"{full}: is a system resource type")
        del self.state["types"][full]

    @MARKS.documented("scrgadm", "of a type, only Installed_nodes and RT_system can be changed", PROPERTIES)
    def set_type_nodes(self, name: str, nodes: Sequence[str]) -> None:
        """Say on which nodes a type is installed; none: on all."""
        self._check_nodes(nodes)
        self.state["types"][self.registered_type(name)]["nodes"] = list(nodes)

    # -- resource groups -----------------------------------------------------------------------------------------------

    @MARKS.documented(
        "scrgadm",
        "a new group is unmanaged; without a node list it may run on all nodes",
        "https://docs.oracle.com/cd/E19396-01/817-6564/z40002701007705/index.html",
    )
    @MARKS.documented(
        "scrgadm", "a group's name begins with a letter", "Data Services Planning and Administration Guide (819-0703)"
    )
    @MARKS.assumed("scrgadm", "which further characters a name has")
    def create_group(self, name: str, nodes: Sequence[str], properties: Mapping[str, str]) -> None:
        """Create a resource group."""
        self._check_name(name)
        if name in self.state["groups"]:
            raise Rejection("group exists", f"{name}: the resource group already exists")
        given = dict(properties)
        mode = next((given.pop(key) for key in list(given) if key.lower() == "rg_mode"), None)
        group: dict[str, Any] = {
            "nodes": list(nodes) or list(self.nodes),
            "properties": {each.name: self.group_value(each, each.default) for each in self.group_properties},
            "mode": "Failover",
            "managed": False,
            "suspended": False,
            "held": False,
            "resources": [],
            "online": [],
            "stopping": [],
            "pending": {},
            "avoid": {},
        }
        self.state["groups"][name] = group
        wanted = {key.lower(): value for key, value in given.items()}
        many = any(wanted.get(key, "1") not in ("1", "") for key in ("maximum_primaries", "desired_primaries"))
        group["mode"] = (mode or ("Scalable" if many else "Failover")).capitalize()
        if group["mode"] not in ("Failover", "Scalable"):
            raise Rejection("property", f"RG_mode: {mode} is none of Failover, Scalable")
        self._check_nodes(group["nodes"])
        self.set_group(name, (), given)

    @MARKS.documented("scrgadm", "property names are compared without regard to case", GROUP_PROPERTIES)
    @MARKS.documented("scrgadm", "Desired_primaries is not above Maximum_primaries", GROUP_PROPERTIES)
    @MARKS.assumed("scrgadm", "a node where the group is online, or failed to stop, is not taken out of its node list")
    @MARKS.assumed("scrgadm", "RG_mode cannot be changed once there is a group, and a failover group has one primary")
    def set_group(self, name: str, nodes: Sequence[str], properties: Mapping[str, str]) -> None:
        """Change a resource group."""
        group = self.group(name)
        for key, text in properties.items():
            if key.lower() == "nodelist":
                nodes = [node for node in text.split(",") if node]
                continue
            known = next((each for each in self.group_properties if each.name.lower() == key.lower()), None)
            if known is None or known.tunable == NEVER:
                raise Rejection("property", f"{key}: there is no such property, or it cannot be changed")
            group["properties"][known.name] = self.group_value(known, text)
        desired, maximum = (int(group["properties"][f"{each}_primaries"]) for each in ("Desired", "Maximum"))
        if desired > maximum or (group["mode"] == "Failover" and maximum > 1):
            raise Rejection("property", f"{name}: Desired_primaries and Maximum_primaries do not go with each other")
        for other in group["properties"]["RG_dependencies"]:
            self.group(other)
        if nodes:
            self._check_nodes(nodes)
            used = [
                node
                for node in group["nodes"]
                if node not in nodes
                and (node in group["online"] or self.group_state(name, node) == "Error_stop_failed")
            ]
            if used:
                raise Rejection("state", f"{name}: is online on {', '.join(used)}")
            group["nodes"] = list(nodes)
            for member in group["resources"]:
                for key in ("enabled", "monitored"):
                    before = self.state["resources"][member][key]
                    usual = any(before.values())
                    self.state["resources"][member][key] = {node: before.get(node, usual) for node in nodes}

    @MARKS.documented(
        "scrgadm", "a group is removed when it is offline and has no resources", f"{MESSAGING}, unconfiguring"
    )
    @MARKS.assumed("scrgadm", "a group that is online, even without resources, is not removed")
    def delete_group(self, name: str) -> None:
        """Delete a resource group."""
        group = self.group(name)
        if group["resources"]:
            raise Rejection("state", f"{name}: still has resources: {', '.join(group['resources'])}")
        if group["online"] or group["pending"]:
            raise Rejection("state", f"{name}: is online on {', '.join([*group['online'], *group['pending']])}")
        users = [
            other for other, found in self.state["groups"].items() if name in found["properties"]["RG_dependencies"]
        ]
        if users:
            raise Rejection("depend", f"{name}: {', '.join(users)} depend on it")
        del self.state["groups"][name]

    @MARKS.documented("scswitch", "-o and clrg manage: an unmanaged group is managed, and offline", SCSWITCH)
    def manage(self, names: Sequence[str]) -> None:
        """Have groups managed."""
        for group in [self.group(name) for name in names]:
            group["managed"] = True

    @MARKS.documented(
        "scswitch", "-u and clrg unmanage: only a group that is offline, with disabled resources", DISABLING
    )
    def unmanage(self, names: Sequence[str]) -> None:
        """Have groups unmanaged."""
        for name in names:
            group = self.group(name)
            enabled = [member for member in group["resources"] if self.enabled_anywhere(member)]
            if group["online"] or group["pending"] or self._stop_failed(name):
                raise Rejection("state", f"{name}: is not offline on all nodes")
            if enabled:
                raise Rejection("state", f"{name}: has enabled resources: {', '.join(enabled)}")
            group["managed"] = False

    def _stop_failed(self, name: str) -> list[str]:
        return [
            node for node in self.state["groups"][name]["nodes"] if self.group_state(name, node) == "Error_stop_failed"
        ]

    @MARKS.documented("scswitch", "-Z and clrg online: groups come online on their preferred nodes", SCSWITCH)
    @MARKS.documented("clrg", "online -e enables resources, -m their monitors, -M manages the group", CLRG)
    @MARKS.assumed("scswitch", "-Z manages, enables every resource and every monitor, and brings online")
    @MARKS.assumed("clrg", "online without -M of an unmanaged group is refused")
    def online(
        self,
        names: Sequence[str],
        nodes: Sequence[str] = (),
        manage: bool = False,
        enable: bool = False,
        monitor: bool = False,
    ) -> list[str]:
        """Bring groups online on their most preferred nodes, or on those nodes; says what failed."""
        self._await_reconfiguration()
        groups = [self.group(name) for name in names]
        for name in names:
            self._check_switchable(name, nodes, manage)
        for name, group in zip(names, groups, strict=True):
            group["managed"] = True
            group["held"] = False
            group["avoid"] = {}
            for member in group["resources"]:
                found = self.state["resources"][member]
                for axis, wanted in (("enabled", enable), ("monitored", monitor)):
                    if wanted:
                        found[axis] = dict.fromkeys(group["nodes"], True)
            wanted_nodes = list(nodes) or self._preferred(group)
            if not wanted_nodes:
                raise Rejection("node", f"{name}: none of its nodes is up")
            for node in wanted_nodes:
                if node not in group["online"]:
                    group["online"].append(node)
        self._settle()
        return []

    def _preferred(self, group: Mapping[str, Any]) -> list[str]:
        """Where a group is and would come online besides."""
        desired = int(group["properties"]["Desired_primaries"])
        up = [node for node in group["nodes"] if self.state["up"][node] and node not in group["online"]]
        up.sort(key=self._evacuated)
        return [*group["online"], *up][: max(desired, len(group["online"]))]

    @MARKS.documented(
        "scswitch", "-z -h and clrg switch: the group's primaries are these nodes and no others", SCSWITCH
    )
    @MARKS.documented(
        "scswitch", "a group that is Error_stop_failed is not switched before the error flag is cleared", STOP_FAILED
    )
    @MARKS.assumed("scswitch", "-z of an unmanaged group is refused")
    @MARKS.assumed("scswitch", "-z to where the group is already does nothing")
    @MARKS.documented(
        "scswitch", "the group is switched although a resource fails to start on the new node", START_FAILED
    )
    @MARKS.assumed("scswitch", "exit 0 although a resource failed to start")
    def switch(self, names: Sequence[str], nodes: Sequence[str], **how: bool) -> list[str]:
        """Have groups online on these nodes and no others; says what failed to stop."""
        self._await_reconfiguration()
        groups = [self.group(name) for name in names]
        for name in names:
            self._check_switchable(name, nodes, how.get("manage", False))
        failed = []
        for name, group in zip(names, groups, strict=True):
            group["avoid"] = {}
            stopped = [self._stop_group(name, node) for node in list(group["online"]) if node not in nodes]
            if not all(stopped):
                failed.append(f"{name}: a resource failed to stop")
            elif nodes:
                self.online([name], nodes, **how)
        self._settle()
        return failed

    def _check_switchable(self, name: str, nodes: Sequence[str], manage: bool) -> None:
        group = self.state["groups"][name]
        self._check_nodes(nodes)
        if not group["managed"] and not manage:
            raise Rejection("state", f"{name}: is unmanaged")
        if self._stop_failed(name):
            raise Rejection("state", f"{name}: is Error_stop_failed on {', '.join(self._stop_failed(name))}")
        for node in nodes:
            if node not in group["nodes"]:
                raise Rejection("node", f"{name}: {node} is not in its node list")
            if not self.state["up"][node]:
                raise Rejection("node", f"{name}: {node} is not a member of the cluster")
        if len(nodes) > int(group["properties"]["Maximum_primaries"]):
            raise Rejection("invalid", f"{name}: more nodes than Maximum_primaries")

    @MARKS.assumed(
        "scswitch", "-z without -h and clrg remaster: the group goes to its most preferred nodes that are up"
    )
    def remaster(self, names: Sequence[str]) -> list[str]:
        """Have groups online on their most preferred nodes."""
        failed = []
        for name in names:
            group = self.group(name)
            up = [node for node in group["nodes"] if self.state["up"][node] and not self._evacuated(node)]
            failed += self.switch([name], up[: int(group["properties"]["Desired_primaries"])])
        return failed

    @MARKS.documented("scswitch", "-F and clrg offline: the group stops on all nodes and stays managed", SCSWITCH)
    @MARKS.documented(
        "scswitch", "a group that is taken offline may come online again by itself when nodes leave or join", RGM_BLOG
    )
    @MARKS.assumed("scswitch", "-F of an unmanaged group does nothing")
    def offline(self, names: Sequence[str], nodes: Sequence[str] = ()) -> list[str]:
        """Take groups offline on all nodes, or on those; says what failed to stop."""
        self._await_reconfiguration()
        groups = [self.group(name) for name in names]
        self._check_nodes(nodes)
        failed = []
        for name, group in zip(names, groups, strict=True):
            stopped = [self._stop_group(name, node) for node in list(group["online"]) if not nodes or node in nodes]
            if not all(stopped) or self._stop_failed(name):
                failed.append(f"{name}: a resource failed to stop")
        return failed

    @MARKS.documented(
        "scswitch", "-R and clrg restart: the group stops and starts on nodes where it is online", SCSWITCH
    )
    @MARKS.assumed("scswitch", "-R on a node where the group is not online is refused")
    def restart(self, names: Sequence[str], nodes: Sequence[str] = ()) -> list[str]:
        """Stop groups and start them again."""
        self._await_reconfiguration()
        failed = []
        for name in names:
            group = self.group(name)
            self._check_switchable(name, nodes, manage=False)
            elsewhere = [node for node in nodes if node not in group["online"]]
            if elsewhere or not group["online"]:
                raise Rejection("state", f"{name}: is not online on {', '.join(elsewhere) or 'any node'}")
            wanted = list(nodes) or list(group["online"])
            stopped = [self._stop_group(name, node) for node in wanted]
            if not all(stopped):
                failed.append(f"{name}: a resource failed to stop")
                continue
            group["online"].extend(node for node in wanted if node not in group["online"])
        self._settle()
        return failed

    @MARKS.documented(
        "scswitch", "-S and clrg evacuate: all groups leave the node, for other nodes of their lists", SCSWITCH
    )
    @MARKS.documented("scswitch", "-K: for so many seconds no group comes back to the node by itself", SCSWITCH)
    @MARKS.assumed(
        "scswitch", "without -K it is 60 seconds; a group that can go nowhere else, or is suspended, is left offline"
    )
    def evacuate(self, nodes: Sequence[str], seconds: int = 60, names: Sequence[str] | None = None) -> list[str]:
        """Move groups away from nodes; says what failed to stop."""
        self._check_nodes(nodes)
        self._await_reconfiguration()
        failed = []
        for node in nodes:
            self.state["evacuated"][node] = self.now + seconds
        for node in nodes:
            for name in list(names or self.state["groups"]):
                group = self.group(name)
                if node not in group["online"]:
                    continue
                if not self._stop_group(name, node):
                    failed.append(f"{name}: a resource failed to stop")
                    continue
                self._place(name, 0)
        self.advance()
        return failed

    @MARKS.documented(
        "scswitch", "-s and clrg suspend: nothing happens to the group by itself; commands still work", RGM_BLOG
    )
    def suspend(self, names: Sequence[str], suspended: bool, kill: bool = False) -> None:
        """Have groups left alone, or looked after again; ``kill``: those that come online end it."""
        if kill:
            self.quiesce(names, True)
        for group in [self.group(name) for name in names]:
            group["suspended"] = suspended
            if "Suspend_automatic_recovery" in group["properties"]:
                group["properties"]["Suspend_automatic_recovery"] = str(suspended)

    @MARKS.documented(
        "scswitch", "-Q and clrg quiesce: ends failing over from node to node; the group may stay offline", QUIESCE
    )
    @MARKS.assumed("scswitch", "-k leaves a resource that was starting Start_failed")
    def quiesce(self, names: Sequence[str], kill: bool) -> None:
        """Have groups come to rest: a start that is under way ends, or is ended."""
        groups = [self.group(name) for name in names]
        if not kill:
            self._await_reconfiguration()
            return
        for group in groups:
            for node in group["pending"]:
                group["online"].append(node)
                for member in group["resources"]:
                    if self.state["resources"][member]["enabled"].get(node):
                        self._set_state(member, node, "Start_failed", "Faulted", "")
            group["pending"] = {}

    # -- resources -----------------------------------------------------------------------------------------------------

    @MARKS.documented("scrgadm", "a resource is created in a group, of a registered type", SCRGADM)
    @MARKS.documented(
        "scrgadm",
        "a new resource is disabled and its monitor enabled",
        "https://docs.oracle.com/cd/E19199-01/817-1526/z400043a1053628/index.html",
    )
    @MARKS.documented("clrs", "create enables the resource unless -d is given", CLRS)
    @MARKS.assumed("scrgadm", "a resource's name is unique in the cluster")
    def create_resource(
        self,
        name: str,
        type_name: str,
        group_name: str,
        properties: Mapping[str, str],
        enabled: bool,
        extension: Mapping[str, str] | None = None,
    ) -> None:
        """Create a resource; with ``extension`` given, ``properties`` are standard ones only."""
        self._check_name(name)
        self._await_reconfiguration()
        group = self.group(group_name)
        full = self.registered_type(type_name)
        if name in self.state["resources"]:
            raise Rejection("resource exists", f"{name}: the resource already exists")
        installed = self.state["types"][full]["nodes"]
        if installed and not set(group["nodes"]) <= set(installed):
            raise Rejection("node", f"{full}: is not installed on all nodes of {group_name}")
        declared = self.properties_of(full)
        resource: dict[str, Any] = {
            "type": full,
            "group": group_name,
            "properties": {},
            "enabled": dict.fromkeys(group["nodes"], enabled),
            "monitored": dict.fromkeys(group["nodes"], True),
            "state": {},
            "status": {},
        }
        self.state["resources"][name] = resource
        group["resources"].append(name)
        given = self._given(declared, properties, extension)
        missing = [each.name for each in declared.values() if each.default is None and not given.get(each.name)]
        if missing:
            raise Rejection("property", f"{name}: {', '.join(missing)} must be given")
        resource["properties"].update(given)
        self._check_dependencies(name)
        if enabled:
            self._check_dependencies_enabled(name, [name])
        self._validate(name, DEPENDENCIES)
        self._settle()

    @MARKS.documented(
        "scrgadm", "a property can be changed when its type says so: never, when disabled, at any time", PROPERTIES
    )
    def set_resource(
        self, name: str, properties: Mapping[str, str], extension: Mapping[str, str] | None = None
    ) -> None:
        """Change a resource; a key may end in + or - where an element of a list is added or removed."""
        self._await_reconfiguration()
        resource = self.resource(name)
        declared = self.properties_of(resource["type"])
        given = self._given(declared, properties, extension, self.properties(name))
        for key in given:
            tunable = declared[key].tunable
            if tunable in (NEVER, AT_CREATION):
                raise Rejection("property", f"{name}: {key} can only be set when the resource is created")
            if tunable == WHEN_DISABLED and self.enabled_anywhere(name):
                raise Rejection("state", f"{name}: {key} can only be changed when the resource is disabled")
        resource["properties"].update(given)
        self._check_dependencies(name)
        self._validate(name, given)
        self._settle()

    @MARKS.documented("scrgadm", "a resource is disabled before it is removed", f"{MESSAGING}, unconfiguring")
    @MARKS.documented("scrgadm", "property names are compared without regard to case", PROPERTIES)
    @MARKS.assumed("scrgadm", "a resource on which others depend is not removed before them")
    @MARKS.assumed("clrs", "delete -F disables the resource before, and takes it out of the dependencies of others")
    def delete_resources(self, names: Sequence[str], force: bool = False) -> list[str]:
        """Delete resources; says what failed to stop."""
        self._await_reconfiguration()
        for name in names:
            self.resource(name)
        if force:
            for name in names:
                for other in self.dependents(name, DEPENDENCIES):
                    for key in DEPENDENCIES:
                        found = self.state["resources"][other]["properties"].get(key, [])
                        found[:] = [each for each in found if each.partition("{")[0] != name]
            failed = self.disable(names)
            if failed:
                return failed
        for name in names:
            resource = self.resource(name)
            users = [other for other in self.dependents(name, DEPENDENCIES) if other not in names]
            if self.enabled_anywhere(name):
                raise Rejection("state", f"{name}: is enabled")
            if "Stop_failed" in resource["state"].values():
                raise Rejection("state", f"{name}: failed to stop")
            if users:
                raise Rejection("depend", f"{name}: {', '.join(users)} depend on it")
        for name in names:
            self.state["groups"][self.state["resources"].pop(name)["group"]]["resources"].remove(name)
        return []

    @MARKS.documented("scswitch", "-e: a resource of a group that is online starts at once", f"{MESSAGING}, step 13")
    @MARKS.documented("scswitch", "-e -M and -n -M switch the monitor alone; the resource keeps running", SCSWITCH)
    @MARKS.assumed("scswitch", "-e of a resource that depends on a disabled one, not in the same list, is refused")
    @MARKS.assumed("scswitch", "-e of an enabled resource that failed to start does not try again; exit 0")
    def enable(self, names: Sequence[str], nodes: Sequence[str] = (), axis: str = "enabled") -> None:
        """Enable resources or (axis ``monitored``) their monitors."""
        self._await_reconfiguration()
        for name in names:
            self.resource(name)
        self._check_nodes(nodes)
        for name in names:
            if axis == "enabled":
                self._check_dependencies_enabled(name, names)
            found = self.state["resources"][name]
            found[axis].update(dict.fromkeys(nodes or found[axis], True))
        self._settle()

    @MARKS.documented(
        "scswitch",
        "-n is refused, and names the dependents, while enabled resources that are not in the list depend on it;"
        " the order of the list is free",
        DISABLING,
    )
    @MARKS.documented(
        "scswitch", "a resource that does not stop is Stop_failed, and its group Error_stop_failed", STOP_FAILED
    )
    @MARKS.documented(
        "scswitch", "a resource that failed to start is recovered by disabling and enabling it", START_FAILED
    )
    def disable(self, names: Sequence[str], nodes: Sequence[str] = (), axis: str = "enabled") -> list[str]:
        """Disable resources or (axis ``monitored``) their monitors; says what failed to stop."""
        self._await_reconfiguration()
        for name in names:
            self.resource(name)
        self._check_nodes(nodes)
        failed = []
        if axis == "enabled":
            for name in names:
                users = [
                    other for other in self.dependents(name) if self.enabled_anywhere(other) and other not in names
                ]
                if users and self.enabled_anywhere(name):
                    raise Rejection("depend", f"{name}: enabled resources depend on it: {', '.join(users)}")
        for name in names:
            found = self.state["resources"][name]
            found[axis].update(dict.fromkeys(nodes or found[axis], False))
        if axis == "enabled":
            for name in self._stop_order(names):
                found = self.state["resources"][name]
                for node in list(found["state"]):
                    if not found["enabled"].get(node) and not self._stop_resource(name, node):
                        failed.append(f"{name}: failed to stop on {node}")
        return failed

    def _stop_order(self, names: Sequence[str]) -> list[str]:
        groups = list(dict.fromkeys(self.state["resources"][name]["group"] for name in names))
        return [
            name
            for group in groups
            for name in reversed(self.start_order(self.state["groups"][group]))
            if name in names
        ]

    @MARKS.documented(
        "scswitch",
        "-c: only the flag STOP_FAILED, of a resource on a node; the resource is offline there then",
        SCSWITCH,
    )
    @MARKS.documented("scswitch", "clearing needs both the resource and the node", STOP_FAILED)
    @MARKS.assumed("scswitch", "when the last flag of a group is cleared, the stop that it interrupted goes on")
    @MARKS.assumed("scswitch", "-c where there is no flag does nothing")
    def clear(self, names: Sequence[str], nodes: Sequence[str], flag: str) -> None:
        """Forget that resources failed to stop."""
        if flag.upper() != "STOP_FAILED":
            raise Rejection("invalid", f"{flag}: no such error flag")
        self._check_nodes(nodes)
        for name in names:
            resource = self.resource(name)
            for node in nodes:
                if resource["state"].get(node) == "Stop_failed":
                    self._set_state(name, node, "Offline", "Offline", "")
        for name in dict.fromkeys(self.state["resources"][each]["group"] for each in names):
            group = self.state["groups"][name]
            for node in list(group["stopping"]):
                if node not in self._stop_failed(name):
                    self._stop_group(name, node)
        self._settle()
