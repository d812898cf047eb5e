"""The simulated VCS engine and its agents: what happens by itself, when, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from ..engine import Simulator
from .attributes import STATIC_ATTRIBUTES, Attribute, Value, predefined
from .bundled import BUNDLED, configured, types_cf
from .common import LITP, MARKS, UNKNOWN, error
from .configuration import (
    DIRECTORY,
    HACF_MANUAL,
    Configuration,
    ConfigurationError,
    ancestors,
    descendants,
    main_cf,
    parse_types,
    parsed,
    types_files,
)

CONTROLLING = "VCS 5.0MP3 User's Guide, Controlling VCS behavior"
DISABLING = "VCS 5.0MP3 User's Guide, Disabling resources"
AUTODISABLED = "SFHA 6.0.1 for Solaris, AutoDisabled of the service group attributes"
ONLINE_OFFLINE = "thegeekdiary.com, VCS: how to online and offline a service group"

#: Where agents are looked for when a type's AgentDirectory does not say.
AGENT_DIRECTORIES = ("/opt/VRTSvcs/bin", "/opt/VRTSagents/ha/bin")

#: States in which a system refuses to change its configuration.
BUILDING = ("LOCAL_BUILD", "REMOTE_BUILD", "LEAVING", "ADMIN_WAIT", "STALE_ADMIN_WAIT")


class Engine(Simulator):
    """State of the cluster and everything that VCS does without being told.

    Options: ``cluster_name``; ``transition_seconds``, how long an entry point of an agent runs; ``probe_seconds``, how
    long the first monitor takes; ``agents``, the directories of agents that are installed besides the bundled ones.
    """

    def first_state(self) -> dict[str, Any]:
        """A cluster of two or more running systems without groups."""
        state: dict[str, Any] = {
            "cluster": {"ClusterName": self.options.get("cluster_name", "democluster")},
            "writable": False,
            "stale": [],
            "nodes": {
                node: {
                    "state": "RUNNING",
                    "until": None,
                    "ordered": False,
                    "frozen": False,
                    "temporarily_frozen": False,
                    "attributes": {},
                }
                for node in self.nodes
            },
            "types": parse_types(types_cf()),
            "groups": {},
            "resources": {},
            "links": [],
            "group_links": [],
            # The applications themselves: resource name to the nodes on which it really runs.
            "running": {},
            # What was deleted from the configuration and still runs, with its former group.
            "leaked": {},
            "failing": {},
            "saved": {"serial": 1, "files": {}},
            "written": dict.fromkeys(self.nodes, 0),
        }
        for name, attribute in predefined("cluster").items():
            state["cluster"].setdefault(name, attribute.default)
        for node in state["nodes"].values():
            node["attributes"] = {name: attribute.default for name, attribute in predefined("system").items()}
        state["saved"]["files"] = self._files_of(state)
        return state

    @property
    def transition_seconds(self) -> float:
        """How long an entry point of an agent runs."""
        return float(self.options.get("transition_seconds", 2))

    @property
    def probe_seconds(self) -> float:
        """How long the first monitor of a resource takes."""
        return float(self.options.get("probe_seconds", 1))

    # -- what there is -------------------------------------------------------------------------------------------

    def running_nodes(self) -> list[str]:
        """Systems in the state RUNNING."""
        return [node for node, found in self.state["nodes"].items() if found["state"] == "RUNNING"]

    def systems(self, group: str) -> list[str]:
        """The systems of a group, best first."""
        numbers = self.state["groups"][group]["attributes"]["SystemList"]
        return sorted(numbers, key=lambda system: int(numbers[system]))

    def members(self, group: str) -> list[str]:
        """The resources of a group."""
        return [name for name, found in self.state["resources"].items() if found["group"] == group]

    def children(self, resource: str) -> list[str]:
        """What a resource depends on directly."""
        return [link[1] for link in self.state["links"] if link[0] == resource]

    def parents(self, resource: str) -> list[str]:
        """What depends on a resource directly."""
        return [link[0] for link in self.state["links"] if link[1] == resource]

    def definition(self, resource_type: str) -> dict[str, Attribute]:
        """The attributes that a type adds, static ones too."""
        found = self.state["types"][resource_type]["attributes"]
        return {name: Attribute(**stored) for name, stored in found.items()}

    def static_value(self, resource_type: str, name: str) -> Value:
        """A static attribute of a type."""
        found = self.state["types"][resource_type]
        if name in found["static"]:
            return cast(Value, found["static"][name])
        if name in STATIC_ATTRIBUTES:
            return cast(Value, STATIC_ATTRIBUTES[name].default)
        return cast(Value, found["attributes"][name]["default"])

    def resource_value(self, resource: str, name: str, node: str) -> Value:
        """What an attribute means for a resource on a node."""
        found = self.state["resources"][resource]
        if name in found["local"]:
            return cast(Value, found["local"][name].get(node, found["attributes"].get(name, "")))
        for values in (found["overridden"], found["attributes"]):
            if name in values:
                return cast(Value, values[name])
        return self.static_value(found["type"], name)

    def persistent(self, resource: str) -> bool:
        """Whether a resource is only monitored."""
        return self.static_value(self.state["resources"][resource]["type"], "Operations") == "None"

    def enabled(self, resource: str, node: str) -> bool:
        """Whether a resource is enabled on a node."""
        return self.resource_value(resource, "Enabled", node) == "1"

    def group_enabled(self, group: str, node: str) -> bool:
        """Whether a group is enabled on a node."""
        return bool(self.state["groups"][group]["local"].get("Enabled", {}).get(node, "1") == "1")

    def parallel(self, group: str) -> bool:
        """Whether a group may be online on several systems at once."""
        return bool(self.state["groups"][group]["attributes"]["Parallel"] != "0")

    def frozen(self, group: str, node: str) -> bool:
        """Whether VCS keeps its hands off a group on a node."""
        found, system = self.state["groups"][group], self.state["nodes"][node]
        frozen = found["attributes"]["Frozen"] == "1" or found["temporarily_frozen"]
        return bool(frozen or system["frozen"] or system["temporarily_frozen"])

    def on(self, resource: str, node: str) -> dict[str, Any]:
        """What the engine knows of a resource on a node."""
        return cast(dict[str, Any], self.state["resources"][resource]["on"][node])

    def places(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Every resource on every system of its group."""
        for resource, found in self.state["resources"].items():
            for node, place in found["on"].items():
                yield resource, node, place

    def place_resources(self) -> None:
        """Give every resource a place on each system of its group, and nowhere else."""
        for group, found in self.state["groups"].items():
            for name in self.members(group):
                old = self.state["resources"][name]["on"]
                self.state["resources"][name]["on"] = {node: old.get(node, new_place()) for node in self.systems(group)}
            kept = found["autodisabled"]
            found["autodisabled"] = {node: kept.get(node, False) for node in self.systems(group)}

    # -- states --------------------------------------------------------------------------------------------------

    def probes_pending(self, group: str, node: str) -> int:
        """How many enabled resources of a group were not probed on a node."""
        return sum(self.enabled(name, node) and not self.on(name, node)["probed"] for name in self.members(group))

    @MARKS.documented("hares", "-state: ONLINE, OFFLINE, FAULTED, ONLINE|RESTARTING, without outer bars", LITP)
    @MARKS.documented(
        "hares", "-state: ADMIN_WAIT after ONLINE or OFFLINE", "VCS 5.0MP3 Agent Developer's Guide, ManageFaults"
    )
    @MARKS.documented("hares", "-state: OFFLINE|STATE UNKNOWN for what an agent cannot tell", "checkmk: veritas_vcs")
    @MARKS.assumed("hares", "-state: ONLINE|UNABLE TO OFFLINE after a failed offline")
    def resource_state(self, resource: str, node: str) -> str:
        """State of a resource on a node, as it is printed."""
        place = self.on(resource, node)
        state = str(place["state"])
        if self.enabled(resource, node) and not place["probed"]:
            return "OFFLINE|STATE UNKNOWN"
        if place["admin_wait"]:
            return f"{state}|ADMIN_WAIT"
        if place["stuck"]:
            return f"{state}|UNABLE TO OFFLINE"
        return f"{state}|RESTARTING" if place["doing"] == "restart" else state

    @MARKS.documented(
        "hagrp", "a group is online when all its non-persistent resources with AutoStart are", ONLINE_OFFLINE
    )
    @MARKS.documented("hagrp", "-state: |ONLINE|, |OFFLINE|, |OFFLINE|FAULTED|", LITP)
    @MARKS.documented("hagrp", "-state: PARTIAL, STARTING and STOPPING", LITP)
    @MARKS.assumed("hagrp", "disabled resources do not count for the state of a group; ADMIN_WAIT is printed with it")
    def group_states(self, group: str, node: str) -> list[str]:
        """State of a group on a node, in its parts."""
        counted, online, words = [], [], []
        places = [(name, self.on(name, node)) for name in self.members(group)]
        for name, place in places:
            if not self.persistent(name):
                counts = self.enabled(name, node) and self.resource_value(name, "AutoStart", node) == "1"
                counted += [name] if counts else []
                online += [name] if place["state"] == "ONLINE" else []
        if not online:
            words.append("OFFLINE")
        else:
            words.append("ONLINE" if all(name in online for name in counted) else "PARTIAL")
        if any(place["state"] == "FAULTED" for _name, place in places):
            words.append("FAULTED")
        if any(place["admin_wait"] for _name, place in places):
            words.append("ADMIN_WAIT")
        if any(place["goal"] == "online" for _name, place in places):
            words.append("STARTING")
        if any(place["goal"] == "offline" for _name, place in places):
            words.append("STOPPING")
        return words

    def offline_on(self, group: str, node: str) -> bool:
        """Whether nothing of a group runs, starts or stops on a node."""
        words = self.group_states(group, node)
        return words[0] == "OFFLINE" and not {"STARTING", "STOPPING"} & set(words)

    def active_systems(self, group: str) -> list[str]:
        """Systems on which anything of a group runs, starts or stops."""
        return [node for node in self.systems(group) if not self.offline_on(group, node)]

    def faulted(self, group: str, node: str) -> list[str]:
        """Resources of a group that are faulted on a node."""
        return [name for name in self.members(group) if self.on(name, node)["state"] == "FAULTED"]

    def waiting_for_admin(self, group: str, node: str) -> bool:
        """Whether a resource of a group is in ADMIN_WAIT on a node."""
        return any(self.on(name, node)["admin_wait"] for name in self.members(group))

    @MARKS.documented(
        "hagrp",
        "a failover group whose state is unknown on any system is auto-disabled as a whole, a "
        "parallel one on that system",
        "VCS 5.0 User's Guide, Service group attributes",
    )
    def auto_disabled(self, group: str, node: str) -> bool:
        """Whether VCS does not bring a group online on a node, because it cannot know where it runs."""
        found = self.state["groups"][group]["autodisabled"]
        return bool(found.get(node)) if self.parallel(group) else any(found.values())

    @MARKS.documented(
        "hagrp",
        "-link: an online dependency wants the child online on the same, any or another system",
        "hagrp(1M), Cluster Server 7.3",
    )
    @MARKS.assumed("hagrp", "-link: an offline dependency wants the child offline on the same system")
    def dependencies_met(self, group: str, node: str) -> bool:
        """Whether the groups that a group depends on are where they have to be."""
        for _parent, child, category, location, _rigidity in self.state["group_links"]:
            if _parent != group:
                continue
            online = [system for system in self.systems(child) if self.group_states(child, system)[0] == "ONLINE"]
            wanted = {"local": node in online, "global": bool(online), "remote": any(s != node for s in online)}
            if category == "offline":
                if node in online:
                    return False
            elif not wanted[location]:
                return False
        return True

    @MARKS.documented(
        "had",
        "failover goes to the next system of SystemList: lower numbers first",
        "Cluster Server 7.0 Administrator's Guide, SystemList and FailOverPolicy",
    )
    @MARKS.documented("hasys", "-freeze: no group comes online on a frozen system", "hasys(1M), Cluster Server 7.2")
    def target(self, group: str, without: str | None = None) -> str | None:
        """The best system on which a group could be brought online."""
        for node in self.systems(group):
            if (
                node != without
                and self.state["nodes"][node]["state"] == "RUNNING"
                and not self.frozen(group, node)
                and self.group_enabled(group, node)
                and not self.faulted(group, node)
                and not self.probes_pending(group, node)
                and not self.auto_disabled(group, node)
                and not self.waiting_for_admin(group, node)
                and self.dependencies_met(group, node)
            ):
                return node
        return None

    # -- transactions --------------------------------------------------------------------------------------------

    @MARKS.documented(
        "had", "a group's online transaction is not propagated to a disabled resource nor beyond it", DISABLING
    )
    @MARKS.assumed("had", "a resource with AutoStart 0 comes online with its group only if one that does depends on it")
    def start_group(self, group: str, node: str) -> None:
        """Begin to bring a group online on a node."""
        names = self.members(group)
        waiting = [name for name in names if not self.parents(name)]
        reached: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name not in reached and self.enabled(name, node):
                reached.add(name)
                waiting += self.children(name)
        wanted = {name for name in reached if self.resource_value(name, "AutoStart", node) == "1"}
        for name in list(wanted):
            wanted |= {below for below in descendants(self.state["links"], name) if below in reached}
        for name in wanted:
            self._want_online(name, node)
        self.state["groups"][group]["intent_online"] = True

    def start_resource(self, resource: str, node: str) -> None:
        """Begin to bring a resource and what it depends on online."""
        self._want_online(resource, node)
        for child in self.children(resource):
            if self.enabled(child, node):
                self.start_resource(child, node)

    def _want_online(self, resource: str, node: str) -> None:
        place = self.on(resource, node)
        if not self.persistent(resource) and (place["state"] == "OFFLINE" or place["goal"] == "offline"):
            place.update(goal="online", tries=0)

    def stop_group(self, group: str, node: str) -> None:
        """Begin to take a group offline on a node."""
        for name in self.members(group):
            self.stop_resource(name, node)

    def stop_resource(self, resource: str, node: str) -> None:
        """Begin to take one resource offline, unless agents of its type never do."""
        place = self.on(resource, node)
        operations = self.static_value(self.state["resources"][resource]["type"], "Operations")
        if operations == "OnOff" and (place["state"] == "ONLINE" or place["doing"] == "online"):
            place.update(goal="offline", stuck=False, doing="online" if place["doing"] == "online" else None)
        elif place["goal"] == "online":
            place["goal"] = None

    def clear_resource(self, resource: str, node: str) -> bool:
        """Forget that a resource faulted; whether it had."""
        place = self.on(resource, node)
        if place["state"] != "FAULTED" or self.persistent(resource):
            return False
        place.update(state="OFFLINE", tries=0, restarts=0)
        return True

    # -- the clock -----------------------------------------------------------------------------------------------

    def next_event(self) -> float | None:
        """When the next system or agent is ready with what it does."""
        times = [place["until"] for _resource, _node, place in self.places() if place["doing"]]
        times += [node["until"] for node in self.state["nodes"].values() if node["until"] is not None]
        return min(times, default=None)

    def advance(self) -> None:
        """Have systems and agents do what they have to do up to now, each thing at its time."""
        moment = self.now
        while True:
            while self._settle(moment):
                pass
            event = self.next_event()
            if event is None or event > self.now:
                return
            moment = event
            self._complete(moment)

    def _begin(self, place: dict[str, Any], what: str, moment: float, seconds: float | None = None) -> None:
        place.update(doing=what, until=moment + (self.transition_seconds if seconds is None else seconds))

    def _settle(self, moment: float) -> bool:
        """Begin what can begin; whether anything did."""
        begun = False
        for resource, node, place in self.places():
            if self.state["nodes"][node]["state"] == "RUNNING":
                begun = self._settle_resource(resource, node, place, moment) or begun
        for group in self.state["groups"]:
            begun = self._settle_group(group) or begun
        return begun

    def _settle_resource(self, resource: str, node: str, place: dict[str, Any], moment: float) -> bool:
        if place["doing"]:
            return False
        if self._can_probe(resource, node, place):
            self._begin(place, "probe", moment, self.probe_seconds)
        elif place["goal"] == "online" and self._children_ready(resource, node):
            self._begin(place, "online", moment)
        elif place["goal"] == "offline" and not place["stuck"] and self._parents_gone(resource, node, place):
            self._begin(place, "offline", moment)
        elif place["state"] == "ONLINE" and place["goal"] is None and self.fails(resource, "monitor", node):
            tolerated = int(str(self.resource_value(resource, "ToleranceLimit", node)))
            self._begin(place, "monitor", moment, self.transition_seconds * (tolerated + 1))
        elif place["state"] == "FAULTED" and self.persistent(resource) and not self.fails(resource, "monitor", node):
            self._begin(place, "recover", moment)
        else:
            return False
        return True

    @MARKS.documented("had", "agents monitor only resources that are enabled", "VCS 5.0MP3 User's Guide, Enabled")
    @MARKS.documented(
        "had",
        "agents are found by AgentDirectory, /opt/VRTSvcs/bin/TYPE or /opt/VRTSagents/ha/bin/TYPE",
        "VCS 5.1 Administrator's Guide, AgentDirectory",
    )
    def _can_probe(self, resource: str, node: str, place: Mapping[str, Any]) -> bool:
        if place["probed"] or not self.enabled(resource, node):
            return False
        resource_type = self.state["resources"][resource]["type"]
        directory = str(self.static_value(resource_type, "AgentDirectory"))
        places = [directory] if directory else [f"{known}/{resource_type}" for known in AGENT_DIRECTORIES]
        installed = self.options.get("agents", ["/opt/VRTSvcs/bin/MsgSrv"])
        if resource_type not in BUNDLED and not any(known.rstrip("/") in installed for known in places):
            return False
        names = self.definition(resource_type)
        return configured(resource_type, {name: self.resource_value(resource, name, node) for name in names})

    @MARKS.documented("had", "children come online before their parents", ONLINE_OFFLINE)
    @MARKS.documented("had", "a parent does not wait for a child that is disabled", DISABLING)
    def _children_ready(self, resource: str, node: str) -> bool:
        return all(
            self.on(child, node)["state"] == "ONLINE" for child in self.children(resource) if self.enabled(child, node)
        )

    @MARKS.documented("had", "parents go offline before their children", ONLINE_OFFLINE)
    def _parents_gone(self, resource: str, node: str, place: Mapping[str, Any]) -> bool:
        return bool(place["alone"]) or all(
            self.on(parent, node)["state"] != "ONLINE" and self.on(parent, node)["doing"] != "online"
            for parent in self.parents(resource)
        )

    def _complete(self, moment: float) -> None:
        for name, node in self.state["nodes"].items():
            if node["until"] is not None and node["until"] <= moment:
                node["until"] = None
                self._node_ready(name, moment)
        done = [
            (resource, node, place)
            for resource, node, place in self.places()
            if place["doing"] and place["until"] <= moment
        ]
        for resource, node, place in done:
            if place["doing"]:
                what = place["doing"]
                place.update(doing=None, until=None)
                {
                    "probe": self._probed,
                    "online": self._onlined,
                    "restart": self._onlined,
                    "offline": self._offlined,
                    "monitor": self._found_offline,
                    "recover": self._recovered,
                }[what](resource, node, place, moment)

    # -- what agents report --------------------------------------------------------------------------------------

    def fails(self, resource: str, operation: str, node: str) -> bool:
        """Whether an operation of a resource was told to fail on a node."""
        orders = self.state["failing"].get(resource, {})
        return operation in orders and (orders[operation] is None or node in orders[operation])

    def runs(self, resource: str, node: str, whether: bool) -> None:
        """Start or stop the application itself."""
        nodes = self.state["running"].setdefault(resource, [])
        if whether and node not in nodes:
            nodes.append(node)
        elif not whether and node in nodes:
            nodes.remove(node)

    @MARKS.assumed("had", "the first monitor finds what runs already under the name of the resource")
    def _probed(self, resource: str, node: str, place: dict[str, Any], moment: float) -> None:
        active = self.persistent(resource) or node in self.state["running"].get(resource, [])
        active = active and not self.fails(resource, "monitor", node)
        place.update(probed=True)
        if self.persistent(resource) and not active:
            place["state"] = "FAULTED"
        elif place["state"] != "FAULTED" or active:
            place["state"] = "ONLINE" if active else "OFFLINE"
        group = self.state["resources"][resource]["group"]
        if not self.probes_pending(group, node):
            self.state["groups"][group]["autodisabled"][node] = False
        self.state["leaked"].pop(resource, None)

    @MARKS.documented("had", "OnlineRetryLimit of the type: online is tried again so often, after clean", CONTROLLING)
    @MARKS.documented(
        "had",
        "ManageFaults NONE: a failed online ends in OFFLINE|ADMIN_WAIT",
        "VCS 5.0MP3 Agent Developer's Guide, ManageFaults",
    )
    def _onlined(self, resource: str, node: str, place: dict[str, Any], moment: float) -> None:
        if not self.fails(resource, "start", node) and not self.fails(resource, "monitor", node):
            self.runs(resource, node, True)
            place.update(state="ONLINE", goal=None if place["goal"] == "online" else place["goal"], tries=0)
            return
        self.runs(resource, node, False)
        if place["goal"] == "offline":
            place.update(goal=None, state="OFFLINE")
        elif self._faults_unmanaged(resource):
            place.update(goal=None, state="OFFLINE", admin_wait=True)
            self._forget_ancestors(resource, node)
        elif place["tries"] < int(str(self.resource_value(resource, "OnlineRetryLimit", node))) and place["goal"]:
            place["tries"] += 1
        else:
            self._fault(resource, node, place)

    @MARKS.documented(
        "had",
        "ManageFaults NONE: a failed offline ends in ONLINE|ADMIN_WAIT",
        "VCS 5.0MP3 Agent Developer's Guide, ManageFaults",
    )
    @MARKS.assumed("had", "a failing offline means that clean fails too: the resource stays online, its group stopping")
    def _offlined(self, resource: str, node: str, place: dict[str, Any], moment: float) -> None:
        if not self.fails(resource, "stop", node):
            self.runs(resource, node, False)
            place.update(state="OFFLINE", goal=None if place["goal"] == "offline" else place["goal"], alone=False)
        elif self._faults_unmanaged(resource):
            place.update(goal=None, admin_wait=True, alone=False)
        else:
            place["stuck"] = True

    @MARKS.documented(
        "had", "RestartLimit: cleaned and brought online again so often before it is a fault", CONTROLLING
    )
    @MARKS.documented("had", "ToleranceLimit: so many more monitors find it offline before it is a fault", CONTROLLING)
    @MARKS.documented(
        "had",
        "ManageFaults NONE: an unexpected offline ends in OFFLINE|ADMIN_WAIT",
        "VCS 5.0MP3 Agent Developer's Guide, ManageFaults",
    )
    @MARKS.assumed("had", "monitors of an order to fail run every transition_seconds; ConfInterval is never over")
    def _found_offline(self, resource: str, node: str, place: dict[str, Any], moment: float) -> None:
        if not self.fails(resource, "monitor", node):
            return
        self.runs(resource, node, False)
        group = self.state["resources"][resource]["group"]
        if self._faults_unmanaged(resource) and not self.persistent(resource):
            place.update(state="OFFLINE", admin_wait=True)
        elif self.frozen(group, node) or self.persistent(resource):
            self._fault(resource, node, place)
        elif place["restarts"] < int(str(self.resource_value(resource, "RestartLimit", node))):
            place["restarts"] += 1
            place["state"] = "ONLINE"
            self._begin(place, "restart", moment)
        else:
            self._fault(resource, node, place)

    @MARKS.assumed("had", "a persistent resource that works again is online by itself, without -clear")
    def _recovered(self, resource: str, node: str, place: dict[str, Any], moment: float) -> None:
        if not self.fails(resource, "monitor", node):
            place["state"] = "ONLINE"

    def _faults_unmanaged(self, resource: str) -> bool:
        group = self.state["groups"][self.state["resources"][resource]["group"]]
        return bool(group["attributes"]["ManageFaults"] == "NONE")

    def _forget_ancestors(self, resource: str, node: str) -> list[str]:
        above = ancestors(self.state["links"], resource)
        for name in above:
            if self.on(name, node)["goal"] == "online":
                self.on(name, node)["goal"] = None
        return above

    @MARKS.documented(
        "had",
        "a fault takes what depends on the resource offline; if any of it is critical, the group "
        "goes offline and fails over",
        "VCS 5.1 Administrator's Guide, About VCS behavior on resource faults",
    )
    @MARKS.documented(
        "had",
        "AutoFailOver 0: a faulted group goes offline and stays",
        "VCS 4.1 User's Guide, Controlling VCS Behavior at the Service Group Level",
    )
    @MARKS.documented(
        "had",
        "a frozen group is left as it is when a resource faults",
        "VCS 4.1 User's Guide, Controlling VCS Behavior at the Service Group Level",
    )
    @MARKS.documented(
        "had",
        "OnlineRetryLimit of the group: brought online on the same system again so often first",
        "SFHA 6.0 Administrator's Guide, VCS behavior when non-persistent resources restart",
    )
    def _fault(self, resource: str, node: str, place: dict[str, Any]) -> None:
        place.update(state="FAULTED", goal=None, restarts=0, tries=0)
        group = self.state["resources"][resource]["group"]
        found = self.state["groups"][group]
        above = self._forget_ancestors(resource, node)
        if self.frozen(group, node):
            return
        if not any(self.resource_value(name, "Critical", node) == "1" for name in [resource, *above]):
            for name in above:
                self.stop_resource(name, node)
            return
        was_active = found["intent_online"] is not False and (
            self.group_states(group, node)[0] != "OFFLINE" or not self.persistent(resource)
        )
        self.stop_group(group, node)
        if not was_active or found["attributes"]["AutoFailOver"] == "0":
            return
        if found["retries"] < int(found["attributes"]["OnlineRetryLimit"]) and not self.persistent(resource):
            found["retries"] += 1
            found["move"] = {"from": node, "to": node}
        else:
            found["move"] = {"from": node, "to": None}
        self._stop_dependent_groups(group, node)

    @MARKS.documented(
        "hagrp",
        "-link: firm and hard parents go offline when their child faults, soft ones do not",
        "Cluster Server 7.0 Administrator's Guide, service group dependencies",
    )
    @MARKS.assumed("hagrp", "-link: such a parent comes online again when its child did")
    def _stop_dependent_groups(self, child: str, node: str) -> None:
        for parent, linked, category, _location, rigidity in self.state["group_links"]:
            if linked == child and category == "online" and rigidity != "soft":
                for system in self.active_systems(parent):
                    self.stop_group(parent, system)
                    self.state["groups"][parent]["move"] = {"from": system, "to": None}

    # -- groups on the move --------------------------------------------------------------------------------------

    def _settle_group(self, group: str) -> bool:
        found = self.state["groups"][group]
        move = found["move"]
        if move is not None:
            if move["from"] in self.systems(group) and not self.offline_on(group, move["from"]):
                return False
            node = move["to"]
            if node is not None and node == move["from"]:
                for name in self.members(group):
                    self.clear_resource(name, node)
            if node is None or self.state["nodes"][node]["state"] != "RUNNING":
                node = self.target(group, without=None if self.parallel(group) else move["from"])
            if node is None and self._may_become_target(group):
                return False
            found["move"] = None
            if node is not None and not (self.parallel(group) and move["to"] is None):
                self.start_group(group, node)
            return True
        return self._start_automatically(group)

    def _may_become_target(self, group: str) -> bool:
        """Whether a system still has to report before it can be said that a group can go nowhere."""
        for node in self.systems(group):
            state = self.state["nodes"][node]["state"]
            if state in ("REMOTE_BUILD", "LOCAL_BUILD") or (
                state == "RUNNING" and any(self.on(name, node)["doing"] == "probe" for name in self.members(group))
            ):
                return True
        children = [link[1] for link in self.state["group_links"] if link[0] == group]
        return any(self.state["groups"][child]["move"] or self.active_systems(child) for child in children) and not any(
            self.dependencies_met(group, node) for node in self.systems(group)
        )

    @MARKS.documented(
        "had",
        "AutoStartList names the systems on which a group starts when the cluster does",
        "VCS 5.0 User's Guide, Service group attributes",
    )
    @MARKS.assumed(
        "had",
        "a system that joins starts groups of its AutoStartList that are offline everywhere, unless they "
        "were taken offline by command",
    )
    def _start_automatically(self, group: str) -> bool:
        found = self.state["groups"][group]
        for node in list(found["autostart"]):
            if self.state["nodes"][node]["state"] != "RUNNING" or not self.group_enabled(group, node):
                found["autostart"].remove(node)
            elif any(self.on(name, node)["doing"] == "probe" for name in self.members(group)):
                continue
            elif not self.parallel(group) and self.active_systems(group):
                found["autostart"].clear()
                return False
            elif not self.probes_pending(group, node) and not self.auto_disabled(group, node):
                if (
                    not self.frozen(group, node)
                    and not self.faulted(group, node)
                    and self.dependencies_met(group, node)
                ):
                    found["autostart"] = [
                        other for other in found["autostart"] if other != node and self.parallel(group)
                    ]
                    self.start_group(group, node)
                    return bool(self.members(group))
                if not self._may_become_target(group):
                    found["autostart"].remove(node)
        return False

    # -- systems -------------------------------------------------------------------------------------------------

    @MARKS.documented("had", "the running configuration is dumped on a system that joins", HACF_MANUAL)
    def _node_ready(self, node: str, moment: float) -> None:
        system = self.state["nodes"][node]
        if system["ordered"]:
            system.update(state="RUNNING", ordered=False)
            return
        if not self.running_nodes():
            system["state"] = "LOCAL_BUILD"
            self._load(node)
            if system["state"] != "LOCAL_BUILD":
                return
        system["state"] = "RUNNING"
        if node in self.state["stale"] and not self.state["writable"]:
            self.state["stale"].remove(node)
        self._save_on(node)
        for group, found in self.state["groups"].items():
            if node in self.systems(group):
                found["autodisabled"][node] = bool(self.probes_pending(group, node))
                starts = found["attributes"]["AutoStart"] == "1" and found["intent_online"] is not False
                if starts and node in found["attributes"]["AutoStartList"]:
                    found["autostart"] = [
                        name for name in found["attributes"]["AutoStartList"] if name in [*found["autostart"], node]
                    ]
        for name, other in self.state["nodes"].items():
            if other["state"] in ("ADMIN_WAIT", "STALE_ADMIN_WAIT"):
                other.update(state="REMOTE_BUILD", until=moment + self.transition_seconds)
                self.state["written"][name] = 0

    @MARKS.documented(
        "had", "a stale configuration is not loaded when VCS starts: it waits for an administrator", HACF_MANUAL
    )
    @MARKS.documented("had", "a configuration with errors is not loaded", HACF_MANUAL)
    @MARKS.assumed("had", "a system without a main.cf of its own has the one that was dumped last")
    def _load(self, node: str) -> None:
        system = self.state["nodes"][node]
        if node in self.state["stale"]:
            system["state"] = "STALE_ADMIN_WAIT"
            return
        try:
            configuration = parsed(lambda name: self.configuration_file(node, name))
        except ConfigurationError:
            system["state"] = "ADMIN_WAIT"
            return
        self._take(configuration)
        self._keep_as_saved()

    def configuration_file(self, node: str, name: str) -> str | None:
        """A file of a node's configuration directory."""
        path = name if name.startswith("/") else f"{DIRECTORY}/{name}"
        text = self.read_file(node, path)
        if text is None and self.state["written"][node] < self.state["saved"]["serial"]:
            text = self.state["saved"]["files"].get(name)
        return text

    def _take(self, configuration: Configuration) -> None:
        state = self.state
        state["cluster"] = {
            **{name: attribute.default for name, attribute in predefined("cluster").items()},
            **configuration.cluster,
        }
        for node, values in configuration.systems.items():
            if node in state["nodes"]:
                state["nodes"][node]["attributes"].update(values)
        state["types"] = configuration.types
        state["groups"] = {name: self.new_group(found) for name, found in configuration.groups.items()}
        state["resources"] = {}
        for name, found in configuration.resources.items():
            state["resources"][name] = self.new_resource(found)
        state["links"] = configuration.links
        state["group_links"] = [complete_link(link) for link in configuration.group_links]
        state["writable"] = False
        self.place_resources()

    def new_group(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """A group with all its attributes, and what the engine keeps of it."""
        defaults = {name: attribute.default for name, attribute in predefined("group").items() if not attribute.system}
        defaults.pop("Enabled")
        return {
            "attributes": {**defaults, **found["attributes"]},
            "local": dict(found["local"]),
            "temporarily_frozen": False,
            "autodisabled": {},
            "move": None,
            "autostart": [],
            "retries": 0,
            # None: not known yet, as after the start of the cluster.
            "intent_online": None,
        }

    def new_resource(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """A resource with all its attributes."""
        own = {key: attribute for key, attribute in self.definition(found["type"]).items() if not attribute.static}
        defaults = {key: attribute.default for key, attribute in {**predefined("resource"), **own}.items()}
        for key in ("IState", "Probed", "State"):
            defaults.pop(key)
        return {**found, "attributes": {**defaults, **found["attributes"]}, "on": {}}

    # -- files ---------------------------------------------------------------------------------------------------

    def _files_of(self, state: Mapping[str, Any]) -> dict[str, str]:
        groups = {
            name: {"attributes": found["attributes"], "local": found["local"]}
            for name, found in state["groups"].items()
        }
        systems = {}
        for node, found in state["nodes"].items():
            systems[node] = found["attributes"]
        configuration = Configuration(
            state["cluster"], systems, state["types"], groups, state["resources"], state["links"], state["group_links"]
        )
        return {"main.cf": main_cf(configuration), **types_files(state["types"])}

    def _keep_as_saved(self) -> None:
        saved = self.state["saved"]
        saved.update(serial=saved["serial"] + 1, files=self._files_of(self.state))

    def save_configuration(self, node: str) -> None:
        """Dump the running configuration on this node, and have the others do so."""
        self._keep_as_saved()
        for other in self.running_nodes() if self._file is None else [node]:
            self._save_on(other)

    @MARKS.documented("haconf", "the previous version of a file is kept with the suffix .previous", HACF_MANUAL)
    def _save_on(self, node: str) -> None:
        if self._file is not None and node != self.own_node:
            return
        saved = self.state["saved"]
        if self.state["written"][node] < saved["serial"]:
            for name, text in saved["files"].items():
                previous = self.read_file(node, f"{DIRECTORY}/{name}")
                if previous is not None and previous != text:
                    self.write_file(node, f"{DIRECTORY}/{name}.previous", previous)
                self.write_file(node, f"{DIRECTORY}/{name}", text)
            self.state["written"][node] = saved["serial"]

    #: With a state file, the node of this process: the only one whose files it can write.
    own_node: str | None = None

    # -- for tests -----------------------------------------------------------------------------------------------

    def _now_and_then(self, change: Callable[[], None]) -> None:
        with self._transaction():
            self.advance()
            change()
            self.advance()

    def fail_agent(self, resource: str, operation: str, nodes: list[str] | None = None) -> None:
        """Have an operation of a resource (start, stop, monitor) fail on these nodes, or on all."""
        if operation not in ("start", "stop", "monitor"):
            raise ValueError(operation)

        def change() -> None:
            self.state["failing"].setdefault(resource, {})[operation] = nodes

        self._now_and_then(change)

    def repair_agent(self, resource: str) -> None:
        """Have a resource work again. What is online or faulted stays so, as on a repaired machine."""
        self._now_and_then(lambda: self.state["failing"].pop(resource, None))

    def stop_node(self, node: str) -> None:
        """Have a system die with all that runs on it."""
        self._now_and_then(lambda: self._lose(node, dead=True))

    def stop_engine(self, node: str) -> None:
        """Have VCS alone die on a system: what runs there goes on, and nobody knows of it."""
        self._now_and_then(lambda: self._lose(node, dead=False))

    def start_node(self, node: str) -> None:
        """Have a system, or VCS on it, start again."""
        self._now_and_then(lambda: self._boot(node))

    def order_system_state(self, node: str, state: str, seconds: float | None = None) -> None:
        """Have a running system be in another state (REMOTE_BUILD, LEAVING, ADMIN_WAIT), for a time or until told."""

        def change() -> None:
            until = None if seconds is None or state == "RUNNING" else self.now + seconds
            self.state["nodes"][node].update(state=state, until=until, ordered=state != "RUNNING")

        self._now_and_then(change)

    @MARKS.documented("hasys", "a system on which VCS went away is EXITED", "public samples of hastatus -sum")
    @MARKS.documented("had", "a group is auto-disabled on a visible system on which VCS does not run", AUTODISABLED)
    @MARKS.documented(
        "had",
        "AutoFailOver 0: no failover when a system is lost",
        "VCS 4.1 User's Guide, Controlling VCS Behavior at the Service Group Level",
    )
    @MARKS.documented(
        "hagrp",
        "-freeze without -persistent is lost when VCS restarts",
        "Cluster Server 7.0 Administrator's Guide, freezing",
    )
    @MARKS.assumed(
        "had", "a system that died is EXITED as well; a temporarily frozen group is thawed with the last system"
    )
    def _lose(self, node: str, dead: bool) -> None:
        self.state["nodes"][node].update(state="EXITED", until=None, ordered=False, temporarily_frozen=False)
        affected = []
        for group, found in self.state["groups"].items():
            if node not in self.systems(group):
                continue
            active = not self.offline_on(group, node)
            for name in self.members(group):
                self.state["resources"][name]["on"][node] = {**new_place(), "probed": dead}
            found["autostart"] = [name for name in found["autostart"] if name != node]
            found["autodisabled"][node] = not dead and bool(self.members(group))
            if dead and active and found["attributes"]["AutoFailOver"] != "0" and not self.parallel(group):
                affected.append(group)
        if dead:
            for resource in self.state["running"]:
                self.runs(resource, node, False)
        for group in affected:
            found = self.state["groups"][group]
            if not found["temporarily_frozen"] and found["attributes"]["Frozen"] != "1":
                found["move"] = {"from": node, "to": None}
        if not self.running_nodes():
            self.state["writable"] = False
            for found in self.state["groups"].values():
                found.update(temporarily_frozen=False, intent_online=None, move=None, retries=0)

    @MARKS.documented("hasys", "a system that joins a running cluster is in REMOTE_BUILD first", LITP)
    @MARKS.assumed("hasys", "the first system is in LOCAL_BUILD first; each takes transition_seconds")
    def _boot(self, node: str) -> None:
        system = self.state["nodes"][node]
        if system["state"] != "EXITED":
            return
        others = self.running_nodes()
        if any(found["state"] == "LOCAL_BUILD" for found in self.state["nodes"].values()):
            others.append("the one that builds")
        system.update(
            state="REMOTE_BUILD" if others else "LOCAL_BUILD",
            until=self.now + self.transition_seconds * (2 if "the one that builds" in others else 1),
        )
        for _resource, place_node, place in self.places():
            if place_node == node:
                place.update(new_place())

    def services(self) -> dict[str, dict[str, Any]]:
        """Where everything is: for each group its systems and what runs where.

        ``leaked`` is there only for a group of which something runs that its configuration no longer has.
        """
        found: dict[str, dict[str, Any]] = {}
        for group in self.state["groups"]:
            online = [node for node in self.systems(group) if self.group_states(group, node)[0] == "ONLINE"]
            members = {}
            for name in self.members(group):
                persistent = [node for node in self.systems(group) if self.on(name, node)["state"] == "ONLINE"]
                running = self.state["running"].get(name, [])
                members[name] = sorted(persistent if self.persistent(name) else running, key=self.nodes.index)
            found[group] = {"online": online, "members": members}
        for resource, group in self.state["leaked"].items():
            if nodes := self.state["running"].get(resource):
                service = found.setdefault(group, {"online": [], "members": {}})
                service.setdefault("leaked", {})[resource] = list(nodes)
        return found


def new_place() -> dict[str, Any]:
    """A resource on a system, before its agent has looked."""
    return {
        "state": "OFFLINE",
        "probed": False,
        "goal": None,
        "doing": None,
        "until": None,
        "tries": 0,
        "restarts": 0,
        "admin_wait": False,
        "stuck": False,
        # Taken offline although its parents are online.
        "alone": False,
    }


@MARKS.documented(
    "hagrp", "-link: online or offline, local, global or remote, soft, firm or hard", "hagrp(1M), Cluster Server 7.3"
)
@MARKS.documented("hagrp", "-link: the rigidity may be left out", "LINBIT: DRBD agents for VCS")
@MARKS.assumed("hagrp", "-link: left out, the location is local and the rigidity firm; offline is local alone")
def complete_link(words: list[str]) -> list[str]:
    """A group dependency with all its words: parent, child, category, location, rigidity."""
    parent, child, *rest = words
    category = rest[0] if rest else "online"
    location = rest[1] if len(rest) > 1 else "local"
    rigidity = rest[2] if len(rest) > 2 else "firm"
    known = category in ("online", "offline") and rigidity in ("soft", "firm", "hard")
    if len(rest) > 3 or not known or location not in ("local", "global", "remote"):
        raise error(UNKNOWN, "Invalid group dependency")
    if category == "offline" and location != "local":
        raise error(UNKNOWN, "An offline dependency is local")
    return [parent, child, category, location, rigidity]
