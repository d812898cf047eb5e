"""Systems of a simulated VCS cluster: how they die and start, and the files in which they keep the configuration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .attributes import predefined
from .cluster import complete_link, new_place
from .common import MARKS
from .configuration import DIRECTORY, HACF_MANUAL, Configuration, ConfigurationError, parsed
from .had import Engine

AUTODISABLED = "SFHA 6.0.1 for Solaris, AutoDisabled of the service group attributes"


class Systems(Engine):
    """The life of systems, and what tests do to them."""

    # -- systems -------------------------------------------------------------------------------------------------

    @MARKS.documented("had", "the running configuration is dumped on a system that joins", HACF_MANUAL)
    def system_ready(self, node: str, moment: float) -> None:
        """See Engine."""
        system = self.state["nodes"][node]
        if system["ordered"]:
            system.update(state="RUNNING", ordered=False)
            return
        if not self.running_nodes():
            system["state"] = "LOCAL_BUILD"
            self._build(node)
            if system["state"] != "LOCAL_BUILD":
                return
        system["state"] = "RUNNING"
        if node in self.state["stale"] and not self.state["writable"]:
            self.state["stale"].remove(node)
        self.save_on(node)
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
    def _build(self, node: str) -> None:
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

    # -- files ---------------------------------------------------------------------------------------------------

    def _keep_as_saved(self) -> None:
        saved = self.state["saved"]
        saved.update(serial=saved["serial"] + 1, files=self.files_of(self.state))

    def save_configuration(self, node: str) -> None:
        """Dump the running configuration on this node, and have the others do so."""
        self._keep_as_saved()
        for other in self.running_nodes() if self._file is None else [node]:
            self.save_on(other)

    @MARKS.documented("haconf", "the previous version of a file is kept with the suffix .previous", HACF_MANUAL)
    def save_on(self, node: str) -> None:
        """Write on a system what was dumped last, unless it has it."""
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

    @MARKS.assumed("hasys", "a system that joins a running cluster is in REMOTE_BUILD first")
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

    def held(self, node: str) -> dict[str, Any]:
        """File systems, none of them on a device, addresses and applications of a node; see ../follow.py."""

        def values(kind: str, attribute: str) -> list[str]:
            named = [name for name, found in self.state["resources"].items() if found["type"] == kind]
            here = [name for name in named if node in self.state["running"].get(name, [])]
            return sorted(str(self.resource_value(name, attribute, node)) for name in here)

        with self.edit():
            self.advance()
            servers = [["MsgSrv", host_name] for host_name in values("MsgSrv", "LogHostName")]
            points = dict.fromkeys(values("Mount", "MountPoint"))
            return {"mounts": points, "addresses": values("IP", "Address"), "applications": servers}

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
