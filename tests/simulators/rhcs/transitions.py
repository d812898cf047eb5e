"""What rgmanager does by itself when nodes come and go or the configuration changes; and what tests may order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .cluster import (
    CLUSTER_CONF,
    DISABLED,
    FROZEN,
    RECOVERABLE,
    RECOVERING,
    STARTED,
    STARTING,
    STOPPED,
    STOPPING,
    NodeDied,
)
from .grammar import Configuration, Resource, comparison, is_true
from .manager import ResourceGroups
from .marks import CLUSVCADM, EVENTS, GROUPS, MARKS, SERVICE_AGENT, THREAD


class Transitions(ResourceGroups):
    """A cluster whose rgmanager follows what happens."""

    # -- membership --------------------------------------------------------------------------------------------

    def _evaluate(self) -> None:
        if self.state["locked"]:
            return
        for service in self.loaded.services:
            self._consider_start(service)

    @MARKS.documented("rgmanager", "services of a lost node start elsewhere, whatever their recovery policy", GROUPS)
    @MARKS.documented("rgmanager", "frozen services of a lost node are marked stopped and stay so", GROUPS)
    @MARKS.documented(
        "rgmanager", "a transition starts stopped services, not disabled, failed or recovering ones", GROUPS
    )
    @MARKS.documented("rgmanager", "while resource groups are locked, transitions are not evaluated", GROUPS)
    @MARKS.assumed("rgmanager", "fencing of the lost node has succeeded by then")
    def _on_node_down(self, node: str) -> None:
        if self.state["locked"]:
            return
        for service in self.loaded.services:
            record = self.record(service)
            if record["owner"] == node and record["state"] in (STARTED, RECOVERABLE, RECOVERING, STARTING, STOPPING):
                record.update(last_owner=node, owner="", flags=record["flags"] & FROZEN)
                self._transition(service, STOPPED)
                self._broadcast(STOPPED)
        self._evaluate()

    @MARKS.documented(
        "rgmanager", "a service fails back to a node that suits it better, unless frozen or nofailback", GROUPS
    )
    def _on_node_up(self, node: str) -> None:
        if self.state["locked"] or node not in self.members():
            return
        for service in self.loaded.services:
            record = self.record(service)
            owner = record["owner"]
            if record["state"] == STOPPED:
                self._consider_start(service)
            elif record["state"] in (STARTED, STARTING) and owner in self.members() and owner != node:
                members = self.members()
                if self._suits(node, service, members) > self._suits(owner, service, members):
                    self.relocate(owner, service, "start_remote", node)

    def _on_boot(self, node: str) -> None:
        self._node_returns(node)

    @MARKS.documented(
        "rgmanager", "once there is a quorum, services with autostart start and others are disabled", GROUPS
    )
    def _on_formed(self, _: str) -> None:
        if not self.state["quorate"]:
            return
        self.state["loaded"] = self.state["config"]
        for service in self.loaded.services:
            self.record(service)
        self._evaluate()

    def _node_lost(self, node: str) -> None:
        self.state["nodes"][node] = {"cman": False, "rgmanager": False}
        self.state["generation"] += 4
        for paths in self.state["active"].values():
            for places in paths.values():
                if node in places:
                    places.remove(node)
        self.state["events"] = [
            event for event in self.state["events"] if not (event["subject"] == node and event["kind"] != "node_down")
        ]
        self._event(self.reaction_seconds, "node_down", node)
        self._membership_changed()

    def _node_returns(self, node: str) -> None:
        for event in list(self.state["events"]):
            if event["subject"] == node and event["kind"] in ("node_down", "boot"):
                self.state["events"].remove(event)
                if event["kind"] == "node_down":
                    self._on_node_down(node)
        self.state["nodes"][node] = {"cman": True, "rgmanager": True}
        self.state["generation"] += 4
        self._write_configuration([node])
        if self.state["quorate"]:
            self._event(self.reaction_seconds, "node_up", node)
        self._membership_changed()

    @MARKS.documented("rgmanager", "without quorum all services are stopped and their states forgotten", EVENTS)
    @MARKS.documented("rgmanager", "regained quorum unlocks resource groups; services start anew by autostart", EVENTS)
    @MARKS.documented("rgmanager", "disabled services are enabled by a loss and return of quorum", CLUSVCADM)
    def _membership_changed(self) -> None:
        configuration = self.configuration
        votes = sum(configuration.votes[node] for node in self.cman_nodes())
        was, quorate = self.state["quorate"], votes >= configuration.quorum
        if was and not quorate:
            for node in self.members():
                for service in list(self.loaded.services):
                    try:
                        self._stop_tree(service, node)
                    except NodeDied:
                        break
            self.state.update(services={}, quiesced={}, restarts={})
        self.state["quorate"] = quorate
        if quorate and not was:
            self.state["locked"] = False
            self._event(self.reaction_seconds, "formed")

    # -- reloading ---------------------------------------------------------------------------------------------

    def install(self, text: str) -> None:
        """Make a valid text the running configuration of all nodes."""
        self.state["config"] = text
        self._write_configuration(self.cman_nodes())
        self._membership_changed()
        self._event(self.reaction_seconds, "reconfigure")

    @MARKS.assumed("cman", "a node that returns has the running configuration in its file")
    def _write_configuration(self, nodes: Sequence[str]) -> None:
        for node in nodes:
            if self._file is None:
                self.write_file(node, CLUSTER_CONF, self.state["config"])
            else:
                self.state["unwritten"][node] = self.state["config"]

    @MARKS.documented(
        "rgmanager", "reload: resources that are gone or changed stop, new or changed ones start in place", GROUPS
    )
    @MARKS.documented(
        "rgmanager", "reload: a service that is gone is disabled and forgotten only when quorum is lost", GROUPS
    )
    @MARKS.documented(
        "rgmanager", "reload: a service with changed attributes is disabled, and started if it has autostart", GROUPS
    )
    @MARKS.documented(
        "rgmanager", "reload: domain, autostart, exclusive and recovery change without a stop", SERVICE_AGENT
    )
    @MARKS.documented(
        "rgmanager", "reload: with a new service, all that are stopped are considered for a start", GROUPS
    )
    @MARKS.documented(
        "rgmanager", "reload: results of conditional stops and starts do not change a service's state", THREAD
    )
    def _on_reconfigure(self, _: str) -> None:
        if not self.state["quorate"] or not self.members():
            return
        old, new = self.loaded, self.configuration
        before, after = _all_resources(old), _all_resources(new)
        verdicts = {key: comparison(before[key], after[key]) for key in before if key in after}
        for service, tree in old.services.items():
            record = self.record(service)
            if record["owner"] not in self.members():
                continue
            if verdicts.get(service) not in ("same", "reconfigured"):
                self._stop(record["owner"], service, "disable", DISABLED)
            else:
                self._conditional_stop(service, tree, new.services[service], verdicts, record["owner"])
        self.state["loaded"] = self.state["config"]
        fresh = [service for service in new.services if verdicts.get(service) not in ("same", "reconfigured")]
        for service, tree in new.services.items():
            owner = self.record(service)["owner"]
            if service in fresh:
                for node in self.members():
                    self._stop_tree(service, node)
            elif owner in self.members():
                self._conditional_start(service, tree, old.services[service], verdicts, owner)
        if not fresh:
            return
        for service, tree in new.services.items():
            record = self.record(service)
            affected = verdicts.get(service) != "same"
            if affected and record["state"] == DISABLED and is_true(tree.attributes["autostart"]):
                record["state"] = STOPPED
        self._evaluate()

    def _conditional_stop(
        self, service: str, old: Resource, new: Resource, verdicts: Mapping[str, str], node: str, path: str = ""
    ) -> None:
        kept = {child.key: child for child in new.children}
        # Conditional operations go by the levels of starting, both of them.
        for child in old.starting():
            place = f"{path}{child.key}"
            if child.key in kept and verdicts.get(child.key) == "same":
                self._conditional_stop(service, child, kept[child.key], verdicts, node, f"{place}/")
            else:
                self._stop_member(service, place, child, node)

    def _conditional_start(
        self, service: str, new: Resource, old: Resource, verdicts: Mapping[str, str], node: str, path: str = ""
    ) -> bool:
        had = {child.key: child for child in old.children}
        for child in new.starting():
            place = f"{path}{child.key}"
            if child.key in had and verdicts.get(child.key) == "same":
                done = self._conditional_start(service, child, had[child.key], verdicts, node, f"{place}/")
            else:
                done = self._start_member(service, place, child, node)
            if not done:
                return False
        return True

    # -- for tests ---------------------------------------------------------------------------------------------

    def fail_agent(self, resource: str, operation: str, nodes: Sequence[str] | None = None) -> None:
        """Have start, stop or monitor of a resource (its name, or ``type:name``) fail until it is repaired."""
        if operation not in ("start", "stop", "monitor"):
            raise ValueError(operation)
        with self.edit() as state:
            order = {"resource": resource, "operation": operation, "nodes": None if nodes is None else list(nodes)}
            state["agents"].append(order)
            self.advance()

    def repair_agent(self, resource: str) -> None:
        """Have all operations of a resource succeed again."""
        with self.edit() as state:
            state["agents"] = [order for order in state["agents"] if order["resource"] != resource]
            self.advance()

    def break_resource(self, resource: str) -> None:
        """Let a resource die where it is active; its agent works."""
        with self.edit() as state:
            for service, tree in self.loaded.services.items():
                for path, member in tree.walk():
                    if resource in (member.name, member.key):
                        state["active"].get(service, {}).pop(path, None)
            self.advance()

    def stop_node(self, node: str) -> None:
        """Let a node die."""
        with self.edit():
            self.advance()
            if self.state["nodes"][node]["cman"]:
                self._node_lost(node)

    def start_node(self, node: str) -> None:
        """Let a node come back with all daemons."""
        with self.edit():
            self.advance()
            if not self.state["nodes"][node]["cman"]:
                self._node_returns(node)

    def misplace(self, service: str, node: str) -> None:
        """Have the next start of a service end on that node, whichever was asked for."""
        with self.edit() as state:
            state["misplaced"][service if ":" in service else f"service:{service}"] = node

    def services(self) -> dict[str, dict[str, Any]]:
        """Where each service is online and each of its resources is active; without the prefix ``service:``."""
        with self.edit() as state:
            self.advance()
            found: dict[str, dict[str, Any]] = {}
            for service, tree in self.loaded.services.items():
                record, members = self.record(service), dict[str, list[str]]()
                for path, member in tree.walk():
                    name = member.name if member.name not in members else member.key
                    members[name] = list(state["active"].get(service, {}).get(path, []))
                online = [record["owner"]] if record["state"] == STARTED and record["owner"] in self.members() else []
                found[service.removeprefix("service:")] = {"online": online, "members": members}
            for service, paths in state["active"].items():
                left = {
                    path.rpartition("/")[2].partition(":")[2]: list(places) for path, places in paths.items() if places
                }
                if service not in self.loaded.services and left:
                    found[service.removeprefix("service:")] = {"online": [], "members": left}
            return found

    def held(self, node: str) -> dict[str, Any]:
        """The file systems, addresses and scripts that a node has of its services; see ../follow.py."""
        mounts: dict[str, list[str] | None] = {}
        addresses: list[str] = []
        scripts: list[list[str]] = []
        with self.edit() as state:
            self.advance()
            for service, tree in self.loaded.services.items():
                active = state["active"].get(service, {})
                for path, member in tree.walk():
                    if node not in active.get(path, []):
                        continue
                    found = member.attributes
                    if member.type == "fs":
                        mounts[found["mountpoint"]] = [found["device"], found.get("fstype", "ext3")]
                    elif member.type == "ip":
                        addresses.append(found["address"])
                    elif member.type == "script":
                        scripts.append(["script", found["file"], service.removeprefix("service:")])
        return {"mounts": mounts, "addresses": sorted(addresses), "applications": sorted(scripts)}


def _all_resources(configuration: Configuration) -> dict[str, Resource]:
    found = dict(configuration.common)
    for service, tree in configuration.services.items():
        found[service] = tree
        for _, member in tree.walk():
            found.setdefault(member.key, member)
    return found
