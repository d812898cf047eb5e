"""A simulated Veritas Cluster Server: haconf, haclus, hasys, hastatus and hacf.

hagrp, hares, hatype and haattr are in the modules next to this one, and so is the engine that they talk to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..engine import Answer, Refusal
from .attributes import Value, predefined, shown
from .commands import modification, plain, value_line
from .common import (
    ENMINST,
    HACONF_1M,
    HASYS_1M,
    LITP,
    MARKS,
    TRANSCRIPTS,
    UNKNOWN,
    Arguments,
    arguments,
    error,
    message,
    table,
    usage,
    warning,
)
from .configuration import HACF_MANUAL, ConfigurationError, parsed
from .resource_types import TypeCommands


class VeritasClusterServer(TypeCommands):
    """VCS on all its nodes. See ``Cluster`` for the options."""

    programs = {
        "haattr": "haattr",
        "hacf": "hacf",
        "haclus": "haclus",
        "haconf": "haconf",
        "hagrp": "hagrp",
        "hares": "hares",
        "hastatus": "hastatus",
        "hasys": "hasys",
        "hatype": "hatype",
    }

    def __init__(self, nodes: Sequence[str], state_file: Path | None = None, **options: Any) -> None:
        super().__init__(nodes, state_file, **options)
        if state_file is None:
            for node in self.nodes:
                self.save_on(node)

    # -- haconf --------------------------------------------------------------------------------------------------

    def haconf(self, node: str, words: list[str], _stdin: str | None) -> Answer:
        """Open and save the configuration."""
        self.ask(node)
        if words == ["-makerw"]:
            return self._make_writable(node, words)
        if words in (["-dump"], ["-dump", "-makero"]):
            return self._dump(node, words)
        raise usage("haconf", words)

    @MARKS.documented("haconf", "-makerw: 10364 when it is writable already, with an exit status that is not 0", LITP)
    @MARKS.documented("haconf", "-makerw: marks the configuration stale on all running systems", HACONF_1M)
    def _make_writable(self, node: str, words: list[str]) -> Answer:
        self.act(node, "haconf", words)
        if self.state["writable"]:
            raise warning(10364, "Cluster already writable.")
        self.state["writable"] = True
        self.state["stale"] = self.running_nodes()
        return Answer()

    @MARKS.documented(
        "haconf", "-dump: writes the configuration and removes .stale; -makero: read-only again", HACONF_1M
    )
    @MARKS.documented("haconf", "-dump -makero: 10369 when it is read-only already, exit status 1", LITP)
    @MARKS.assumed("haconf", "-dump without -makero is allowed while the configuration is read-only")
    def _dump(self, node: str, words: list[str]) -> Answer:
        self.act(node, "haconf", words)
        if "-makero" in words and not self.state["writable"]:
            raise warning(10369, "Cluster not writable.")
        self.save_configuration(node)
        self.state["stale"] = [name for name in self.state["stale"] if name not in self.running_nodes()]
        if "-makero" in words:
            self.state["writable"] = False
        return Answer()

    # -- haclus --------------------------------------------------------------------------------------------------

    def haclus(self, node: str, words: list[str], _stdin: str | None) -> Answer:
        """The cluster."""
        verbs: dict[str, Callable[[str, list[str]], Answer]] = {
            "-display": self._cluster_display,
            "-modify": self._cluster_modify,
            "-value": self._cluster_value,
            "-wait": self._cluster_wait,
        }
        if not words or words[0] not in verbs:
            raise usage("haclus", words)
        self.ask(node)
        return verbs[words[0]](node, words)

    @MARKS.documented("haclus", "ClusState RUNNING; DumpingMembership 0 when the dump is done", LITP)
    @MARKS.assumed("haclus", "ReadOnly is 0 after haconf -makerw, else 1; a dump takes no time")
    def _cluster_attributes(self) -> dict[str, Value]:
        return {
            **self.state["cluster"],
            "ClusState": "RUNNING",
            "DumpingMembership": "0",
            "ReadOnly": "0" if self.state["writable"] else "1",
        }

    @MARKS.documented("haclus", "-display: two columns", "storage notes: haclus -display")
    def _cluster_display(self, _node: str, words: list[str]) -> Answer:
        arguments("haclus", words, 0)
        rows = [[name, shown(value)] for name, value in sorted(self._cluster_attributes().items())]
        return plain(table(("Attribute", "Value"), rows, (24,)))

    @MARKS.documented("haclus", "-value attribute: the value alone", LITP)
    def _cluster_value(self, _node: str, words: list[str]) -> Answer:
        name = arguments("haclus", words, 1).words[0]
        if name not in self._cluster_attributes():
            raise self.no_attribute(name)
        return value_line(self._cluster_attributes()[name])

    @MARKS.assumed("haclus", "-modify: of the attributes that users set, in a writable configuration")
    def _cluster_modify(self, node: str, words: list[str]) -> Answer:
        rest = list(words[1:])
        if len(rest) < 2:
            raise usage("haclus", words)
        self.write(node, "haclus", words)
        if rest[0] not in predefined("cluster") and rest[0] in self._cluster_attributes():
            raise self.system_attribute(rest[0])
        current = self.state["cluster"].get(rest[0], "")
        attribute = predefined("cluster").get(rest[0])
        self.state["cluster"][rest[0]] = self.change("haclus", words, rest[0], attribute, current, rest[1:])
        return Answer()

    def _cluster_wait(self, _node: str, words: list[str]) -> Answer:
        given = arguments("haclus", words, 2, single=["-time"])
        name, wanted = given.words
        if name not in self._cluster_attributes():
            raise self.no_attribute(name)
        return self.wait_for(lambda: shown(self._cluster_attributes()[name]), wanted, given.value("-time"), words)

    # -- hasys ---------------------------------------------------------------------------------------------------

    @MARKS.assumed("hasys", "-add, -delete, -load, -nodeid, -updatelic, -util and -dumptunables are not played")
    def hasys(self, node: str, words: list[str], _stdin: str | None) -> Answer:
        """Systems."""
        verbs: dict[str, Callable[[str, list[str]], Answer]] = {
            "-display": self._system_display,
            "-force": self._system_force,
            "-freeze": self._system_freeze,
            "-list": self._system_list,
            "-modify": self._system_modify,
            "-state": self._system_state,
            "-unfreeze": self._system_unfreeze,
            "-value": self._system_value,
            "-wait": self._system_wait,
        }
        if not words or words[0] not in verbs:
            raise usage("hasys", words)
        self.ask(node, starting=True)
        return verbs[words[0]](node, words)

    def _system_attributes(self, system: str) -> dict[str, Value]:
        found = self.state["nodes"][system]
        return {
            **found["attributes"],
            "Frozen": "1" if found["frozen"] else "0",
            "SysState": found["state"],
            "TFrozen": "1" if found["temporarily_frozen"] else "0",
        }

    @MARKS.documented("hasys", "-freeze [-persistent] [-evacuate]: -persistent changes the configuration", HASYS_1M)
    @MARKS.documented("hasys", "-freeze: 40206 and 40207 when it is frozen already", ENMINST)
    @MARKS.assumed("hasys", "-freeze -evacuate: its groups are switched to other systems first")
    @MARKS.assumed(
        "hasys", "-freeze -evacuate: a group that can go nowhere stays; both ways of freezing may be on at once"
    )
    def _system_freeze(self, node: str, words: list[str]) -> Answer:
        given = arguments("hasys", words, 1, flags=["-persistent", "-evacuate"])
        system, persistent = self._begin_freezing(node, words, given)
        found = self.state["nodes"][system]
        key, number, how = self._freezing(persistent)
        if found[key]:
            raise warning(number, f"System already {how} frozen")
        if "-evacuate" in given.flags:
            self._evacuate(system)
        found[key] = True
        return Answer()

    def _begin_freezing(self, node: str, words: list[str], given: Arguments) -> tuple[str, bool]:
        persistent = "-persistent" in given.flags
        (self.write if persistent else self.act)(node, "hasys", words)
        return self.known_system(given.words[0]), persistent

    def _freezing(self, persistent: bool) -> tuple[str, int, str]:
        return ("frozen", 40206, "persistently") if persistent else ("temporarily_frozen", 40207, "temporarily")

    def _evacuate(self, system: str) -> None:
        for group in self.state["groups"]:
            if system in self.systems(group) and not self.parallel(group) and not self.offline_on(group, system):
                try:
                    self.begin_switch(group, system, None)
                except Refusal:
                    continue

    @MARKS.documented("hasys", "-unfreeze: 40204 and 40205 when it is not frozen in this way", ENMINST)
    def _system_unfreeze(self, node: str, words: list[str]) -> Answer:
        given = arguments("hasys", words, 1, flags=["-persistent"])
        system, persistent = self._begin_freezing(node, words, given)
        key, _number, how = self._freezing(persistent)
        if not self.state["nodes"][system][key]:
            raise warning(40205 if persistent else 40204, f"System is not {how} frozen")
        self.state["nodes"][system][key] = False
        return Answer()

    @MARKS.documented("hasys", "-force system", HASYS_1M)
    @MARKS.assumed("hasys", "-force system: it loads its configuration although that is stale")
    @MARKS.assumed("hasys", "-force: refused in other states than STALE_ADMIN_WAIT and ADMIN_WAIT")
    def _system_force(self, _node: str, words: list[str]) -> Answer:
        system = self.known_system(arguments("hasys", words, 1).words[0])
        found = self.state["nodes"][system]
        if found["state"] not in ("STALE_ADMIN_WAIT", "ADMIN_WAIT") or found["ordered"]:
            raise error(UNKNOWN, f"System {system} is not waiting for an administrator")
        self.state["stale"] = [name for name in self.state["stale"] if name != system]
        found.update(state="LOCAL_BUILD", until=self.now + self.transition_seconds)
        return Answer()

    @MARKS.assumed("hasys", "-modify: of the attributes that users set, in a writable configuration")
    def _system_modify(self, node: str, words: list[str]) -> Answer:
        system, rest, options = modification("hasys", words)
        if options:
            raise usage("hasys", words)
        self.write(node, "hasys", words)
        values = self.state["nodes"][self.known_system(system)]["attributes"]
        if rest[0] not in values and rest[0] in self._system_attributes(system):
            raise self.system_attribute(rest[0])
        attribute = predefined("system").get(rest[0])
        values[rest[0]] = self.change("hasys", words, rest[0], attribute, values.get(rest[0], ""), rest[1:])
        return Answer()

    @MARKS.documented("hasys", "-state: a header, then system, SysState and the state", LITP)
    @MARKS.assumed("hasys", "-state system prints the state alone")
    def _system_state(self, _node: str, words: list[str]) -> Answer:
        given = arguments("hasys", words, (0, 1))
        if given.words:
            return plain(self.state["nodes"][self.known_system(given.words[0])]["state"] + "\n")
        rows = [[name, "SysState", found["state"]] for name, found in self.state["nodes"].items()]
        return plain(table(("System", "Attribute", "Value"), rows, (10, 21)))

    @MARKS.documented("hasys", "-display [system(s)] [-attribute attribute(s)]", HASYS_1M)
    def _system_display(self, _node: str, words: list[str]) -> Answer:
        given = arguments("hasys", words, (0, 999), several=["-attribute"])
        rows = []
        for system in given.words or list(self.nodes):
            values = self._system_attributes(self.known_system(system))
            for name in given.values.get("-attribute") or sorted(values):
                if name not in values:
                    raise self.no_attribute(name)
                rows.append([system, name, shown(values[name])])
        return plain(table(("System", "Attribute", "Value"), rows, (10, 21)))

    @MARKS.documented("hasys", "-list [conditional(s)]: one system on each line", HASYS_1M)
    def _system_list(self, _node: str, words: list[str]) -> Answer:
        lines = []
        for system in self.nodes:
            values = self._system_attributes(system)
            if self.meets("hasys", words, words[1:], lambda name, values=values: shown(values.get(name, ""))):  # type: ignore[misc]
                lines.append(f"{system}\n")
        return plain("".join(lines))

    @MARKS.documented("hasys", "-value system attribute: SysState as RUNNING, REMOTE_BUILD, LEAVING, EXITED", LITP)
    def _system_value(self, _node: str, words: list[str]) -> Answer:
        system, name = arguments("hasys", words, 2).words
        values = self._system_attributes(self.known_system(system))
        if name not in values:
            raise self.no_attribute(name)
        return value_line(values[name])

    def _system_wait(self, _node: str, words: list[str]) -> Answer:
        given = arguments("hasys", words, 3, single=["-time"])
        system, name, wanted = given.words
        if name not in self._system_attributes(self.known_system(system)):
            raise self.no_attribute(name)
        return self.wait_for(lambda: shown(self._system_attributes(system)[name]), wanted, given.value("-time"), words)

    # -- hastatus ------------------------------------------------------------------------------------------------

    @MARKS.documented("hastatus", "-sum[mary]: sections of systems and groups, byte for byte", TRANSCRIPTS)
    @MARKS.documented("hastatus", "-sum: 11046 and an exit status that is not 0 when the engine does not run", LITP)
    @MARKS.assumed(
        "hastatus",
        "-sum: the other sections (C failed, D not probed, E onlining, F offlining, G frozen, "
        "H disabled), each only when it has lines",
    )
    @MARKS.assumed("hastatus", "without -sum it goes on for ever, which is not played")
    def hastatus(self, node: str, words: list[str], _stdin: str | None) -> Answer:
        """Everything at a glance."""
        if words not in (["-sum"], ["-summary"]):
            raise usage("hastatus", words)
        if self.state["nodes"][node]["state"] == "EXITED":
            raise error(11046, "VCS not running")
        self.ask(node, starting=True)
        systems = [
            f"A  {name:<20} {found['state']:<20} {int(found['frozen'] or found['temporarily_frozen'])}\n"
            for name, found in self.state["nodes"].items()
        ]
        text = "\n-- SYSTEM STATE\n-- System               State                Frozen\n\n" + "".join(systems)
        if self.state["groups"]:
            text += "\n-- GROUP STATE\n-- Group           System               Probed     AutoDisabled    State\n\n"
            text += "".join(self._group_lines())
        return plain(text + self._other_sections())

    def _group_lines(self) -> list[str]:
        lines = []
        for group, found in sorted(self.state["groups"].items()):
            for system in self.systems(group):
                probed = "N" if self.probes_pending(group, system) else "Y"
                disabled = "Y" if found["autodisabled"].get(system) else "N"
                states = "|".join(self.group_states(group, system))
                lines.append(f"B  {group:<15} {system:<20} {probed:<10} {disabled:<15} {states}\n")
        return lines

    def _other_sections(self) -> str:
        failed, unprobed, onlining, offlining, disabled = [], [], [], [], []
        for resource, system, place in self.places():
            found = self.state["resources"][resource]
            columns = f"{found['group']:<15} {found['type']:<20} {resource:<20}"
            if place["state"] == "FAULTED":
                failed.append(f"C  {columns} {system}\n")
            if not self.enabled(resource, system):
                disabled.append(f"H  {columns}\n")
            elif not place["probed"]:
                unprobed.append(f"D  {columns} {system}\n")
            if place["goal"] == "online":
                onlining.append(f"E  {columns} {system:<20} W_ONLINE\n")
            elif place["goal"] == "offline":
                offlining.append(f"F  {columns} {system:<20} W_OFFLINE\n")
        frozen = []
        for group, found in sorted(self.state["groups"].items()):
            if found["attributes"]["Frozen"] == "1" or found["temporarily_frozen"]:
                how = "PERSISTENT" if found["attributes"]["Frozen"] == "1" else "TEMPORARY"
                frozen.append(f"G  {group:<15} {how}\n")
        columns = "Group           Type                 Resource"
        sections = [
            ("RESOURCES FAILED", f"{columns}             System", failed),
            ("RESOURCES NOT PROBED", f"{columns}             System", unprobed),
            ("RESOURCES ONLINING", f"{columns}             System               IState", onlining),
            ("RESOURCES OFFLINING", f"{columns}             System               IState", offlining),
            ("GROUPS FROZEN", "Group           Persistence", frozen),
            ("RESOURCES DISABLED", columns, list(dict.fromkeys(disabled))),
        ]
        return "".join(f"\n-- {title}\n-- {head}\n\n{''.join(lines)}" for title, head, lines in sections if lines)

    # -- hacf ----------------------------------------------------------------------------------------------------

    @MARKS.documented(
        "hacf", "-verify directory: silent and 0 when main.cf and what it includes are legal", HACF_MANUAL
    )
    @MARKS.assumed("hacf", "-verify: text of what is wrong, and the exit status 1")
    @MARKS.assumed("hacf", "-cftocmd and -cmdtocf are not played: no public source shows what they print")
    def hacf(self, node: str, words: list[str], _stdin: str | None) -> Answer:
        """Check a configuration directory; the engine need not run."""
        if words[:1] != ["-verify"]:
            raise usage("hacf", words)
        directory = arguments("hacf", words, 1).words[0].rstrip("/")
        self.be_on(node)
        try:
            parsed(lambda name: self.read_file(node, name if name.startswith("/") else f"{directory}/{name}"))
        except ConfigurationError as problem:
            raise Refusal(1, message("ERROR", UNKNOWN, str(problem))) from problem
        return Answer()


SIMULATOR = VeritasClusterServer
