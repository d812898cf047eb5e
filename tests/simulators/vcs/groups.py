"""The simulated hagrp."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from ..engine import Answer
from .attributes import Attribute, Value, predefined, shown
from .cluster import complete_link
from .commands import Commands, modification, plain, value_line
from .common import (
    ENMINST,
    HAGRP_1M,
    LITP,
    MARKS,
    TRANSCRIPTS,
    UNKNOWN,
    Arguments,
    arguments,
    error,
    message,
    notice,
    table,
    usage,
    warning,
)
from .configuration import descendants

WIDTHS = (20, 21, 10)


class GroupCommands(Commands):
    """hagrp."""

    @MARKS.assumed("hagrp", "what is for global clusters, sites, forecasts and propagation is not played, nor -local")
    def hagrp(self, node: str, words: list[str], _stdin: str | None) -> Answer:
        """Service groups."""
        verbs: dict[str, Callable[[str, list[str]], Answer]] = {
            "-add": self._group_add,
            "-autoenable": self._group_autoenable,
            "-clear": self._group_clear,
            "-clearadminwait": self._group_clear_admin_wait,
            "-delete": self._group_delete,
            "-dep": self._group_dep,
            "-disable": self._group_enable,
            "-disableresources": self._group_enable_resources,
            "-display": self._group_display,
            "-enable": self._group_enable,
            "-enableresources": self._group_enable_resources,
            "-flush": self._group_flush,
            "-freeze": self._group_freeze,
            "-link": self._group_link,
            "-list": self._group_list,
            "-modify": self._group_modify,
            "-offline": self._group_offline,
            "-online": self._group_online,
            "-resources": self._group_resources,
            "-state": self._group_state,
            "-switch": self._group_switch,
            "-unfreeze": self._group_unfreeze,
            "-unlink": self._group_unlink,
            "-value": self._group_value,
            "-wait": self._group_wait,
        }
        if not words or words[0] not in verbs:
            raise usage("hagrp", words)
        self.ask(node)
        return verbs[words[0]](node, words)

    # -- what may be said ----------------------------------------------------------------------------------------

    @MARKS.documented("hagrp", "12130: the group does not exist (-offline, -delete, -modify)", LITP)
    @MARKS.documented("hagrp", "10133: Group does not exist (-display, -dep, -unlink)", LITP)
    @MARKS.documented("hagrp", "40131: Group X does not exist in the local cluster (-state)", LITP)
    @MARKS.assumed("hagrp", "which of the three numbers the other forms give for a group that does not exist")
    def _group(self, name: str, verb: str) -> dict[str, Any]:
        if name not in self.state["groups"]:
            if verb in ("-display", "-dep", "-unlink", "-link", "-resources"):
                raise warning(10133, "Group does not exist")
            if verb in ("-state", "-value", "-wait"):
                raise error(40131, f"Group {name} does not exist in the local cluster")
            raise warning(12130, f"Group {name} does not exist")
        return cast(dict[str, Any], self.state["groups"][name])

    @MARKS.documented("hagrp", "10135: the system is not in the group's SystemList", LITP)
    def _group_system(self, group: str, system: str) -> str:
        self.known_system(system)
        if system not in self.systems(group):
            raise warning(10135, f"System {system} is not in the SystemList of group {group}")
        return system

    # -- configuration -------------------------------------------------------------------------------------------

    @MARKS.documented("hagrp", "-add: prints notice 10136 on success", TRANSCRIPTS)
    @MARKS.assumed("hagrp", "-add of a group that exists is refused; the notice goes to standard error")
    def _group_add(self, node: str, words: list[str]) -> Answer:
        name = arguments("hagrp", words, 1).words[0]
        self.write(node, "hagrp", words)
        if name in self.state["groups"]:
            raise error(UNKNOWN, f"Group {name} already exists")
        self.state["groups"][name] = self.new_group({"attributes": {}, "local": {}})
        recommended = "populating SystemList and setting the Parallel attribute recommended before adding resources"
        return Answer(0, "", message("NOTICE", 10136, f"Group added; {recommended}"))

    @MARKS.assumed("hagrp", "-delete: only of a group without resources")
    @MARKS.assumed("hagrp", "-delete: only of a group without group dependencies")
    def _group_delete(self, node: str, words: list[str]) -> Answer:
        name = arguments("hagrp", words, 1).words[0]
        self.write(node, "hagrp", words)
        self._group(name, "-delete")
        if self.members(name):
            raise error(UNKNOWN, f"Group {name} has resources")
        if any(name in link[:2] for link in self.state["group_links"]):
            raise error(UNKNOWN, f"Group {name} has dependencies")
        del self.state["groups"][name]
        return Answer()

    def _group_modify(self, node: str, words: list[str]) -> Answer:
        name, rest, options = modification("hagrp", words)
        self.write(node, "hagrp", words)
        found = self._group(name, "-modify")
        attribute_name = rest[0]
        attribute = predefined("group").get(attribute_name)
        if attribute_name == "Enabled" or "-sys" in options:
            return self._modify_enabled(name, attribute_name, attribute, words, rest, options.get("-sys"))
        current = found["attributes"].get(attribute_name, "")
        new = self.change("hagrp", words, attribute_name, attribute, current, rest[1:])
        if attribute_name == "SystemList":
            self._check_system_list(name, current, cast(dict[str, str], new), rest[1:])
        elif attribute_name == "AutoStartList":
            self._check_auto_start_list(name, new)
        elif attribute_name == "Parallel":
            self._check_parallel(name, current, new)
        elif attribute_name == "Frozen":
            raise self.system_attribute(attribute_name)
        found["attributes"][attribute_name] = new
        if attribute_name == "SystemList":
            kept = [system for system in found["attributes"]["AutoStartList"] if system in new]
            found["attributes"]["AutoStartList"] = kept
            self.place_resources()
        return Answer()

    @MARKS.assumed("hagrp", "-modify: Enabled is the only attribute of a group that has a value for each system")
    def _modify_enabled(
        self, group: str, name: str, attribute: Attribute | None, given: list[str], rest: list[str], system: str | None
    ) -> Answer:
        if name != "Enabled":
            raise usage("hagrp", given)
        value = self.change("hagrp", given, name, attribute, "1", rest[1:])
        systems = [self._group_system(group, system)] if system else self.systems(group)
        self._set_enabled(group, systems, str(value))
        return Answer()

    @MARKS.documented("hagrp", "-modify: 10180 when a system leaves SystemList on which the group is not offline", LITP)
    @MARKS.documented("hagrp", "-modify: a system is added to SystemList dynamically", "haconf(1M), VCS 5.0MP2")
    @MARKS.assumed("hagrp", "-modify: SystemList is not replaced while the group is anywhere online")
    def _check_system_list(
        self, group: str, current: dict[str, str], new: dict[str, str], words: Sequence[str]
    ) -> None:
        for system in new:
            self.known_system(system)
        replaced = words[0] not in ("-add", "-update", "-delete")
        for system in self.active_systems(group):
            if system not in new or (replaced and new != current):
                raise error(10180, f"System {system} is not defined or group {group} is not offline on it")

    @MARKS.assumed("hagrp", "-modify: AutoStartList has only systems of SystemList")
    def _check_auto_start_list(self, group: str, new: Value) -> None:
        for system in new:
            self._group_system(group, system)

    @MARKS.documented("hagrp", "-modify: Parallel cannot be changed once the group has resources", LITP)
    def _check_parallel(self, group: str, current: Value, new: Value) -> None:
        if new != current and self.members(group):
            raise error(UNKNOWN, f"Parallel cannot be changed: group {group} has resources")

    @MARKS.documented("hagrp", "-enable and -disable [-sys system]", HAGRP_1M)
    @MARKS.assumed(
        "hagrp",
        "-enable and -disable change the configuration; a disabled group is not brought online, "
        "one that is online stays so",
    )
    def _group_enable(self, node: str, words: list[str]) -> Answer:
        given = arguments("hagrp", words, 1, single=["-sys"])
        self.write(node, "hagrp", words)
        name = given.words[0]
        self._group(name, words[0])
        system = given.value("-sys")
        systems = [self._group_system(name, system)] if system else self.systems(name)
        self._set_enabled(name, systems, "1" if words[0] == "-enable" else "0")
        return Answer()

    def _set_enabled(self, group: str, systems: Sequence[str], value: str) -> None:
        local = self.state["groups"][group]["local"]
        enabled = {**local.get("Enabled", {}), **dict.fromkeys(systems, value)}
        local["Enabled"] = {system: found for system, found in enabled.items() if found != "1"}
        if not local["Enabled"]:
            del local["Enabled"]

    @MARKS.documented("hagrp", "-enableresources and -disableresources set Enabled of all resources", HAGRP_1M)
    @MARKS.assumed("hagrp", "-disableresources is refused as a whole while a resource is not offline")
    def _group_enable_resources(self, node: str, words: list[str]) -> Answer:
        name = arguments("hagrp", words, 1).words[0]
        self.write(node, "hagrp", words)
        self._group(name, words[0])
        for resource in self.members(name):
            self.set_resource_enabled(resource, words[0] == "-enableresources", None)
        return Answer()

    def set_resource_enabled(self, resource: str, enabled: bool, system: str | None) -> None:
        """See ResourceCommands."""
        raise NotImplementedError

    @MARKS.documented("hagrp", "-link and -unlink parent child dependency", HAGRP_1M)
    @MARKS.documented("hagrp", "-link: 10905 when the dependency exists", LITP)
    @MARKS.assumed("hagrp", "-link: cycles are refused, and a second parent's link is not limited")
    def _group_link(self, node: str, words: list[str]) -> Answer:
        given = arguments("hagrp", words, (2, 5))
        self.write(node, "hagrp", words)
        parent, child = given.words[:2]
        self._group(parent, "-link")
        self._group(child, "-link")
        link = complete_link(given.words)
        if any(known[:2] == [parent, child] for known in self.state["group_links"]):
            raise warning(10905, f"Dependency between '{parent}' and '{child}' already exists")
        if parent == child or parent in descendants(self.state["group_links"], child):
            raise error(UNKNOWN, f"Dependency between '{parent}' and '{child}' would be a cycle")
        self.state["group_links"].append(link)
        return Answer()

    @MARKS.documented("hagrp", "-unlink: 10146 when there is no such dependency", LITP)
    def _group_unlink(self, node: str, words: list[str]) -> Answer:
        parent, child = arguments("hagrp", words, 2).words
        self.write(node, "hagrp", words)
        self._group(parent, "-unlink")
        self._group(child, "-unlink")
        kept = [link for link in self.state["group_links"] if link[:2] != [parent, child]]
        if len(kept) == len(self.state["group_links"]):
            raise warning(10146, f"Could not unlink groups {parent} and {child}")
        self.state["group_links"] = kept
        return Answer()

    # -- operation -----------------------------------------------------------------------------------------------

    @MARKS.documented(
        "hagrp",
        "ADMIN_WAIT: online, offline, switch and flush are refused",
        "VCS 4.1 User's Guide, Controlling VCS behavior",
    )
    @MARKS.documented(
        "hagrp",
        "a frozen group is neither brought online nor taken offline",
        "Cluster Server 7.0 Administrator's Guide, freezing",
    )
    @MARKS.assumed("hagrp", "texts and numbers for groups that are frozen or in ADMIN_WAIT")
    def check_actable(self, group: str, systems: Sequence[str]) -> None:
        """Refuse to act on a group that is frozen or waits for an administrator."""
        for system in systems:
            if self.frozen(group, system):
                raise error(UNKNOWN, f"Group {group} or system {system} is frozen")
            if self.waiting_for_admin(group, system):
                raise error(UNKNOWN, f"Group {group} is in ADMIN_WAIT on system {system}")

    @MARKS.documented("hagrp", "10284: a faulted resource must be cleared on the system before online", LITP)
    @MARKS.documented(
        "hagrp",
        "an auto-disabled group is not brought online until -autoenable",
        "SFHA 6.0.1 for Solaris, AutoDisabled of the service group attributes",
    )
    @MARKS.documented("hagrp", "10206: group dependencies are not met", ENMINST)
    @MARKS.documented("hagrp", "10200: the system is not available", LITP)
    @MARKS.assumed(
        "hagrp", "texts and numbers for groups that are disabled, auto-disabled or not probed; order of checks"
    )
    def check_startable(self, group: str, system: str) -> None:
        """Refuse to bring a group online on a system where it cannot be."""
        if self.state["nodes"][system]["state"] != "RUNNING":
            raise error(10200, f"System {system} is not available")
        self.check_actable(group, [system])
        if not self.group_enabled(group, system):
            raise error(UNKNOWN, f"Group {group} is disabled on system {system}")
        if self.auto_disabled(group, system):
            raise error(UNKNOWN, f"Group {group} is auto-disabled")
        if self.probes_pending(group, system):
            raise error(UNKNOWN, f"Group {group} is not fully probed on system {system}")
        if self.faulted(group, system):
            raise notice(10284, f"Cannot online a faulted resource:Clear the faulted resource on system {system}.")
        if not self.dependencies_met(group, system):
            raise error(10206, f"Group dependencies are not met for group {group} on system {system}")

    @MARKS.documented("hagrp", "-online [-force] group -sys system | -any", HAGRP_1M)
    @MARKS.documented("hagrp", "-online: 50997 and 50996 when it is online already, failover and parallel", LITP)
    @MARKS.documented("hagrp", "-online -any: 10165 when a failover group is not offline", LITP)
    @MARKS.documented("hagrp", "-online -any: 40156 when no system is fit", ENMINST)
    @MARKS.documented(
        "hagrp",
        "-online: a failover group must be offline elsewhere",
        "thegeekdiary.com, VCS: how to online and offline a service group",
    )
    @MARKS.documented("hagrp", "-online: returns at once, to be waited for", LITP)
    @MARKS.assumed("hagrp", "-online -sys: 10286 when it is online on another system; -force does no more")
    def _group_online(self, node: str, words: list[str]) -> Answer:
        given = arguments("hagrp", words, 1, flags=["-force", "-any"], single=["-sys"])
        self._one_place(words, given)
        self.act(node, "hagrp", words)
        name = given.words[0]
        found = self._group(name, "-online")
        active = self.active_systems(name)
        system = given.value("-sys")
        if system is None:
            return self._online_any(name, active)
        self._group_system(name, system)
        if self.group_states(name, system)[0] == "ONLINE":
            number, kind = (50996, "Parallel") if self.parallel(name) else (50997, "Failover")
            raise warning(number, f"{kind} group {name} is already online on system {system}")
        if not self.parallel(name) and any(other != system for other in active):
            raise error(10286, f"Cannot online: group {name} is not offline elsewhere")
        self.check_startable(name, system)
        found.update(move=None, retries=0, autostart=[])
        self.start_group(name, system)
        return Answer()

    @MARKS.documented("hagrp", "-online -any: notice 50735 comes with an exit status that is not 0", LITP)
    def _online_any(self, group: str, active: Sequence[str]) -> Answer:
        if active and not self.parallel(group):
            raise error(10165, f"Group {group} is not offline")
        systems = [self.target(group)] if not self.parallel(group) else self.systems(group)
        started = []
        for system in systems:
            if system is not None and self.target(group) is not None and self.offline_on(group, system):
                if self.parallel(group):
                    self.check_startable(group, system)
                self.start_group(group, system)
                started.append(system)
        if not started:
            raise error(40156, f"Cannot online group {group}. No target system found")
        self.state["groups"][group].update(move=None, retries=0, autostart=[])
        lines = [message("NOTICE", 50735, f"Attempting to online group on system {system}") for system in started]
        return Answer(1, "", "".join(lines))

    def _one_place(self, words: list[str], given: Arguments) -> None:
        if ("-any" in given.flags) == ("-sys" in given.values):
            raise usage("hagrp", words)

    @MARKS.documented("hagrp", "-offline [-force] [-ifprobed] group -sys system | -any", HAGRP_1M)
    @MARKS.documented("hagrp", "-offline -any: 50837 when SystemList is empty", LITP)
    @MARKS.assumed("hagrp", "-offline of a group that is offline does nothing; -ifprobed asks the systems named alone")
    @MARKS.assumed("hagrp", "-offline: refused while a group that depends on it is online")
    def _group_offline(self, node: str, words: list[str]) -> Answer:
        given = arguments("hagrp", words, 1, flags=["-force", "-any", "-ifprobed"], single=["-sys"])
        self._one_place(words, given)
        self.act(node, "hagrp", words)
        name = given.words[0]
        found = self._group(name, "-offline")
        system = given.value("-sys")
        systems = [self._group_system(name, system)] if system else self.systems(name)
        if not systems:
            raise error(50837, f"SystemList of group {name} is empty")
        self.check_actable(name, systems)
        if "-ifprobed" in given.flags and any(self.probes_pending(name, place) for place in systems):
            raise error(UNKNOWN, f"Group {name} is not fully probed")
        self._check_dependent_groups(name, systems)
        for place in systems:
            self.stop_group(name, place)
        found.update(move=None, intent_online=False, autostart=[])
        return Answer()

    def _check_dependent_groups(self, group: str, systems: Sequence[str]) -> None:
        for parent, child, category, location, _rigidity in self.state["group_links"]:
            if child == group and category == "online":
                used = self.active_systems(parent)
                if any(location != "local" or system in used for system in systems if used):
                    raise error(UNKNOWN, f"Group {parent} depends on group {group} and is not offline")

    @MARKS.documented("hagrp", "-switch group -to system | -any", HAGRP_1M)
    @MARKS.documented("hagrp", "-switch: 10191 when the group is not active anywhere", ENMINST)
    @MARKS.documented("hagrp", "-switch: 10192 to the system it is on, 51055 when there is no target", LITP)
    @MARKS.assumed("hagrp", "-switch is for failover groups; the target is checked as by -online")
    def _group_switch(self, node: str, words: list[str]) -> Answer:
        given = arguments("hagrp", words, 1, flags=["-any"], single=["-to"])
        if ("-any" in given.flags) == ("-to" in given.values):
            raise usage("hagrp", words)
        self.act(node, "hagrp", words)
        name = given.words[0]
        self._group(name, "-switch")
        target = given.value("-to")
        if target is not None:
            self._group_system(name, target)
        if self.parallel(name):
            raise error(UNKNOWN, f"Parallel group {name} cannot be switched")
        active = [system for system in self.systems(name) if self.group_states(name, system)[0] != "OFFLINE"]
        if not active:
            raise error(10191, f"Cannot switch group {name}; group is not active anywhere in the cluster")
        if target in active:
            raise warning(10192, f"Cannot switch group {name} to system {target}; it is on that system")
        self.begin_switch(name, active[0], target)
        return Answer()

    def begin_switch(self, group: str, source: str, target: str | None) -> None:
        """Begin to move a group."""
        self.check_actable(group, [source])
        self._check_dependent_groups(group, [source])
        target = target or self.target(group, without=source)
        if target is None or self.state["nodes"][target]["state"] != "RUNNING":
            raise error(51055, f"Unable to switch group {group}")
        self.check_startable(group, target)
        self.stop_group(group, source)
        self.state["groups"][group].update(move={"from": source, "to": target}, intent_online=True, retries=0)

    @MARKS.documented("hagrp", "-clear group [-sys system]: faulted resources are offline", HAGRP_1M)
    @MARKS.assumed("hagrp", "-clear of a group without faults does nothing")
    def _group_clear(self, node: str, words: list[str]) -> Answer:
        given = arguments("hagrp", words, 1, single=["-sys"])
        self.act(node, "hagrp", words)
        name = given.words[0]
        self._group(name, "-clear")
        system = given.value("-sys")
        for place in [self._group_system(name, system)] if system else self.systems(name):
            for resource in self.members(name):
                self.clear_resource(resource, place)
        return Answer()

    @MARKS.documented("hagrp", "-clearadminwait [-fault] group -sys system", HAGRP_1M)
    @MARKS.assumed("hagrp", "-clearadminwait: -fault makes the resources faulted, else they are what they were")
    def _group_clear_admin_wait(self, node: str, words: list[str]) -> Answer:
        given = arguments("hagrp", words, 1, flags=["-fault"], single=["-sys"])
        name, system = given.words[0], given.value("-sys")
        if system is None:
            raise usage("hagrp", words)
        self.act(node, "hagrp", words)
        self._group(name, "-clearadminwait")
        self._group_system(name, system)
        for resource in self.members(name):
            place = self.on(resource, system)
            if place["admin_wait"]:
                place["admin_wait"] = False
                if "-fault" in given.flags:
                    place["state"] = "FAULTED"
        return Answer()

    @MARKS.documented(
        "hagrp",
        "-flush: what waits to go online no longer does; -force: to go offline as well",
        "Cluster Server 7.0 Administrator's Guide, Flushing service groups",
    )
    @MARKS.documented(
        "hagrp",
        "-flush: entry points that run are not stopped",
        "Cluster Server 7.0 Administrator's Guide, Flushing service groups",
    )
    def _group_flush(self, node: str, words: list[str]) -> Answer:
        given = arguments("hagrp", words, 1, flags=["-force"], single=["-sys"])
        name, system = given.words[0], given.value("-sys")
        if system is None:
            raise usage("hagrp", words)
        self.act(node, "hagrp", words)
        found = self._group(name, "-flush")
        self._group_system(name, system)
        if self.waiting_for_admin(name, system):
            raise error(UNKNOWN, f"Group {name} is in ADMIN_WAIT on system {system}")
        goals = ("online", "offline") if "-force" in given.flags else ("online",)
        for resource in self.members(name):
            place = self.on(resource, system)
            if place["goal"] in goals:
                place.update(goal=None, alone=False, stuck=False)
        found.update(move=None)
        return Answer()

    @MARKS.documented("hagrp", "-autoenable group -sys system: clears AutoDisabled", HAGRP_1M)
    def _group_autoenable(self, node: str, words: list[str]) -> Answer:
        given = arguments("hagrp", words, 1, single=["-sys"])
        name, system = given.words[0], given.value("-sys")
        if system is None:
            raise usage("hagrp", words)
        self.act(node, "hagrp", words)
        found = self._group(name, "-autoenable")
        found["autodisabled"][self._group_system(name, system)] = False
        return Answer()

    @MARKS.documented("hagrp", "-freeze [-persistent]: the latter changes the configuration", HAGRP_1M)
    @MARKS.documented(
        "hagrp", "-freeze: 40208 and 40209 when it is frozen already, 40200 when it is in the other way", ENMINST
    )
    def _group_freeze(self, node: str, words: list[str]) -> Answer:
        given = arguments("hagrp", words, 1, flags=["-persistent"])
        persistent = "-persistent" in given.flags
        (self.write if persistent else self.act)(node, "hagrp", words)
        found = self._group(given.words[0], "-freeze")
        temporarily, persistently = found["temporarily_frozen"], found["attributes"]["Frozen"] == "1"
        if (persistent and persistently) or (not persistent and temporarily):
            number, how = (40209, "persistently") if persistent else (40208, "temporarily")
            raise warning(number, f"Group is already {how} frozen")
        if temporarily or persistently:
            both = "Group can not be temporarily frozen and persistently frozen at the same time"
            raise warning(40200, both)
        self._set_frozen(found, persistent, True)
        return Answer()

    @MARKS.documented("hagrp", "-unfreeze: 40201 and 40202 when it is not frozen in this way", ENMINST)
    def _group_unfreeze(self, node: str, words: list[str]) -> Answer:
        given = arguments("hagrp", words, 1, flags=["-persistent"])
        persistent = "-persistent" in given.flags
        (self.write if persistent else self.act)(node, "hagrp", words)
        found = self._group(given.words[0], "-unfreeze")
        if persistent and found["attributes"]["Frozen"] != "1":
            raise warning(40202, "Group is not persistently frozen")
        if not persistent and not found["temporarily_frozen"]:
            raise warning(40201, "Group is not temporarily frozen")
        self._set_frozen(found, persistent, False)
        return Answer()

    def _set_frozen(self, found: dict[str, Any], persistent: bool, frozen: bool) -> None:
        if persistent:
            found["attributes"]["Frozen"] = "1" if frozen else "0"
        else:
            found["temporarily_frozen"] = frozen

    # -- queries -------------------------------------------------------------------------------------------------

    @MARKS.documented(
        "hagrp",
        "TFrozen is 1 while the group is temporarily frozen",
        "thegeekdiary.com, VCS: difference between Frozen and TFrozen",
    )
    def group_value(self, group: str, name: str, system: str | None) -> Value:
        """An attribute of a group, on a system if it has one there."""
        found = self.state["groups"][group]
        if name == "TFrozen":
            return "1" if found["temporarily_frozen"] else "0"
        if name in found["attributes"]:
            return cast(Value, found["attributes"][name])
        if name not in predefined("group"):
            raise self.no_attribute(name)
        if system is None or system not in self.systems(group):
            raise warning(10135, f"Attribute {name} has a value for each system of group {group}")
        pending = self.probes_pending(group, system)
        return {
            "AutoDisabled": "1" if found["autodisabled"].get(system) else "0",
            "Enabled": "1" if self.group_enabled(group, system) else "0",
            "Probed": "1" if not pending else "0",
            "ProbesPending": str(pending),
            "State": f"|{'|'.join(self.group_states(group, system))}|",
        }[name]

    def _group_rows(self, group: str, names: Sequence[str], systems: Sequence[str]) -> list[list[str]]:
        rows = []
        for name in names:
            if name == "TFrozen" or name in self.state["groups"][group]["attributes"]:
                rows.append([group, name, "global", shown(self.group_value(group, name, None))])
                continue
            for system in self.systems(group):
                if not systems or system in systems:
                    rows.append([group, name, system, shown(self.group_value(group, name, system))])
        return rows

    @MARKS.documented("hagrp", "50031: No Groups are configured, with an exit status that is not 0", LITP)
    def _groups_named(self, names: Sequence[str], verb: str) -> list[str]:
        for name in names:
            self._group(name, verb)
        if not self.state["groups"]:
            raise warning(50031, "No Groups are configured")
        return list(names) or sorted(self.state["groups"])

    @MARKS.documented("hagrp", "-display: four columns, 'global' as system, an empty value leaves three fields", LITP)
    @MARKS.documented("hagrp", "-display [group(s)] [-attribute attribute(s)] [-sys system(s)]", HAGRP_1M)
    @MARKS.assumed("hagrp", "-display: order of attributes, and that groups follow one another without a blank line")
    def _group_display(self, _node: str, words: list[str]) -> Answer:
        given = arguments("hagrp", words, (0, 999), several=["-attribute", "-sys"])
        groups = self._groups_named(given.words, "-display")
        names = given.values.get("-attribute") or sorted([*predefined("group"), "TFrozen"])
        for name in names:
            if name != "TFrozen" and name not in predefined("group"):
                raise self.no_attribute(name)
        rows = [row for group in groups for row in self._group_rows(group, names, given.values.get("-sys", []))]
        return plain(table(("Group", "Attribute", "System", "Value"), rows, WIDTHS))

    @MARKS.documented("hagrp", "-state: the table of -display -attribute State", LITP)
    @MARKS.documented("hagrp", "-state -sys: 10554 when the system has no group", LITP)
    @MARKS.assumed("hagrp", "-state of one group on one system prints the state alone")
    def _group_state(self, _node: str, words: list[str]) -> Answer:
        given = arguments("hagrp", words, (0, 999), several=["-sys"])
        groups = self._groups_named(given.words, "-state")
        systems = given.values.get("-sys", [])
        for system in systems:
            self.known_system(system)
            if given.words:
                for group in given.words:
                    self._group_system(group, system)
            elif not any(system in self.systems(group) for group in groups):
                raise warning(10554, f"No group exists with system of {system}")
        rows = [row for group in groups for row in self._group_rows(group, ["State"], systems)]
        if len(given.words) == 1 and len(systems) == 1:
            return plain(rows[0][3] + "\n")
        return plain(table(("Group", "Attribute", "System", "Value"), rows, WIDTHS))

    @MARKS.documented("hagrp", "-list: a group and a system on each line", LITP)
    @MARKS.documented("hagrp", "-list: conditions, as in Parallel=1", LITP)
    def _group_list(self, _node: str, words: list[str]) -> Answer:
        groups = self._groups_named([], "-list")
        lines = []
        for group in groups:
            if self.meets("hagrp", words, words[1:], lambda name, group=group: self._any_value(group, name)):  # type: ignore[misc]
                lines += [f"{group:<23} {system}\n" for system in self.systems(group)]
        return plain("".join(lines))

    def _any_value(self, group: str, name: str) -> str:
        systems = self.systems(group)
        return shown(self.group_value(group, name, systems[0] if systems else None))

    @MARKS.documented("hagrp", "-value group attribute [system]: SystemList as 'a 0 b 1', State as |ONLINE|", LITP)
    @MARKS.assumed("hagrp", "-value without a system: that of the system on which it is asked")
    def _group_value(self, node: str, words: list[str]) -> Answer:
        given = arguments("hagrp", words, (2, 3))
        self._group(given.words[0], "-value")
        system = self._group_system(given.words[0], given.words[2]) if len(given.words) == 3 else node
        return value_line(self.group_value(given.words[0], given.words[1], system))

    @MARKS.documented("hagrp", "-resources: one on each line", TRANSCRIPTS)
    def _group_resources(self, _node: str, words: list[str]) -> Answer:
        name = arguments("hagrp", words, 1).words[0]
        self._group(name, "-resources")
        return plain("".join(f"{resource}\n" for resource in sorted(self.members(name))))

    @MARKS.documented("hagrp", "-dep: parent, child and relationship; 50035 when there are none", LITP)
    @MARKS.assumed("hagrp", "-dep: the rigidity is printed even when it was left out")
    def _group_dep(self, _node: str, words: list[str]) -> Answer:
        given = arguments("hagrp", words, (0, 999))
        for name in given.words:
            self._group(name, "-dep")
        links = [link for link in self.state["group_links"] if not given.words or set(link[:2]) & set(given.words)]
        if not links:
            raise warning(50035, "No Group dependencies are configured")
        rows = [[link[0], link[1], " ".join(link[2:])] for link in links]
        return plain(table(("Parent", "Child", "Relationship"), rows, (14, 15)))

    def _group_wait(self, _node: str, words: list[str]) -> Answer:
        given = arguments("hagrp", words, 3, single=["-sys", "-time"])
        name, attribute, wanted = given.words
        self._group(name, "-wait")
        system = given.value("-sys")
        if system is not None:
            self._group_system(name, system)
        shown(self.group_value(name, attribute, system))

        def value() -> str:
            if name not in self.state["groups"]:
                return ""
            return shown(self.group_value(name, attribute, system))

        return self.wait_for(value, wanted, given.value("-time"), words)
