"""The state of a simulated VCS cluster, and what can be told from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from ..engine import Simulator
from .attributes import STATIC_ATTRIBUTES, Attribute, Value, predefined
from .bundled import types_cf
from .common import LITP, MARKS, UNKNOWN, error
from .configuration import Configuration, main_cf, parse_types, types_files

ONLINE_OFFLINE = "thegeekdiary.com, VCS: how to online and offline a service group"

#: States in which a system refuses to change its configuration.
BUILDING = ("LOCAL_BUILD", "REMOTE_BUILD", "LEAVING", "ADMIN_WAIT", "STALE_ADMIN_WAIT")


class Cluster(Simulator):
    """State of the cluster.

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
        state["saved"]["files"] = self.files_of(state)
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

    @MARKS.assumed("hagrp", "-link: an online dependency wants the child online on the same, any or another system")
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

    @MARKS.assumed("had", "failover goes to the next system of SystemList: lower numbers first")
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

    # -- what is added -------------------------------------------------------------------------------------------

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

    def files_of(self, state: Mapping[str, Any]) -> dict[str, str]:
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
