"""The simulated VCS engine and its agents: what happens by itself, when, and in which order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .bundled import BUNDLED, configured
from .cluster import ONLINE_OFFLINE, Cluster
from .common import MARKS
from .configuration import ancestors, descendants

CONTROLLING = "VCS 5.0MP3 User's Guide, Controlling VCS behavior"
DISABLING = "VCS 5.0MP3 User's Guide, Disabling resources"

#: Where agents are looked for when a type's AgentDirectory does not say.
AGENT_DIRECTORIES = ("/opt/VRTSvcs/bin", "/opt/VRTSagents/ha/bin")


class Engine(Cluster):
    """Everything that VCS does without being told."""

    def system_ready(self, node: str, moment: float) -> None:
        """A system has built its configuration."""
        raise NotImplementedError

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
                self.system_ready(name, moment)
        done = [
            (resource, node, place)
            for resource, node, place in self.places()
            if place["doing"] and place["until"] <= moment
        ]
        for resource, node, place in done:
            if place["doing"]:
                what = place["doing"]
                place.update(doing=None, until=None)
                if what == "monitor":
                    self._found_offline(resource, node, place, moment)
                    continue
                {
                    "probe": self._probed,
                    "online": self._onlined,
                    "restart": self._onlined,
                    "offline": self._offlined,
                    "recover": self._recovered,
                }[what](resource, node, place)

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
    def _probed(self, resource: str, node: str, place: dict[str, Any]) -> None:
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
    def _onlined(self, resource: str, node: str, place: dict[str, Any]) -> None:
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
    def _offlined(self, resource: str, node: str, place: dict[str, Any]) -> None:
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
    def _recovered(self, resource: str, node: str, place: dict[str, Any]) -> None:
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
        self._stop_dependent_groups(group)

    @MARKS.assumed("hagrp", "-link: firm and hard parents go offline when their child faults, soft ones do not")
    @MARKS.assumed("hagrp", "-link: such a parent comes online again when its child did")
    def _stop_dependent_groups(self, child: str) -> None:
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

    @MARKS.assumed("had", "AutoStartList names the systems on which a group starts when the cluster does")
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
