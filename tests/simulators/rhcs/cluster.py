"""The nodes of a cluster, their configuration, and the resources that are active on them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..engine import Simulator
from .grammar import Configuration, Invalid, Resource, is_true, read
from .marks import AGENTS, MARKS, STATE, STRINGS, TREE

CLUSTER_CONF = "/etc/cluster/cluster.conf"

STOPPED, STARTING, STARTED, STOPPING, FAILED, UNINITIALIZED = 110, 111, 112, 113, 114, 115
CHECKING, RECOVERABLE, RECOVERING, DISABLED, MIGRATING = 116, 117, 118, 119, 120
STATE_NAMES = {
    STOPPED: "stopped",
    STARTING: "starting",
    STARTED: "started",
    STOPPING: "stopping",
    FAILED: "failed",
    UNINITIALIZED: "uninitialized",
    CHECKING: "checking",
    RECOVERABLE: "recoverable",
    RECOVERING: "recovering",
    DISABLED: "disabled",
    MIGRATING: "migrating",
}
FROZEN, PARTIAL = 1, 2


class NodeDied(Exception):
    """The node rebooted itself in the middle of an operation."""

    def __init__(self, node: str) -> None:
        super().__init__(node)
        self.node = node


class ClusterNodes(Simulator):
    """The state of a cluster.

    Options: ``release`` (4, 5 or 6), ``cluster`` (name of the cluster), ``reaction_seconds`` (until rgmanager has taken
    notice of a new configuration or membership), ``status_seconds`` (until it has noticed that a resource failed),
    ``reboot_seconds`` (how long a node that fenced itself is away), ``cluster_conf`` (the first configuration).
    """

    def __init__(self, nodes: Sequence[str], state_file: Path | None = None, **options: Any) -> None:
        self.release = int(options.get("release", 6))
        self.cluster = str(options.get("cluster", "cluster1"))
        self.reaction_seconds = float(options.get("reaction_seconds", 2))
        self.status_seconds = float(options.get("status_seconds", 10))
        self.reboot_seconds = float(options.get("reboot_seconds", 60))
        #: Every operation of an agent in order: operation, service, path of the member, node.
        self.operations: list[tuple[str, str, str, str]] = []
        super().__init__(nodes, state_file, **options)
        if state_file is None:
            for node in self.nodes:
                self.write_file(node, CLUSTER_CONF, self.state["config"])

    # -- state -------------------------------------------------------------------------------------------------

    def first_state(self) -> dict[str, Any]:
        """A cluster whose nodes are up and that has no services."""
        text = self.options.get("cluster_conf") or self._found_configuration() or self._bare_configuration()
        up = {node: {"cman": True, "rgmanager": True} for node in self.nodes}
        return {
            "nodes": up,
            # The configuration that cman has, and the one that rgmanager has read.
            "config": text,
            "loaded": self._bare_configuration(),
            # In containers a node's file can only be written by a command on that node.
            "unwritten": {} if self._file is None else dict.fromkeys(self.nodes, text),
            "services": {},
            "active": {},
            "quiesced": {},
            "restarts": {},
            "agents": [],
            "misplaced": {},
            "quorate": True,
            "locked": False,
            "generation": 4 * len(self.nodes),
            "events": [{"at": self.now, "kind": "formed", "subject": ""}],
        }

    def _found_configuration(self) -> str | None:
        """In a container: what an administrator has put there before the cluster was started."""
        text = self.read_file(self.nodes[0], CLUSTER_CONF) if self._file is not None else None
        try:
            if text is not None:
                read(text, self.release)
        except Invalid:
            return None
        return text

    def _bare_configuration(self) -> str:
        """What a cluster without services has."""
        cman = '  <cman two_node="1" expected_votes="1"/>\n' if len(self.nodes) == 2 else ""
        nodes = "".join(
            f'    <clusternode name="{node}" nodeid="{number}" votes="1">\n      <fence/>\n    </clusternode>\n'
            for number, node in enumerate(self.nodes, 1)
        )
        return (
            '<?xml version="1.0"?>\n'
            f'<cluster name="{self.cluster}" config_version="1">\n{cman}'
            f"  <clusternodes>\n{nodes}  </clusternodes>\n  <fencedevices/>\n  <rm/>\n</cluster>\n"
        )

    @property
    def configuration(self) -> Configuration:
        """The running configuration."""
        return read(self.state["config"], self.release)

    @property
    def loaded(self) -> Configuration:
        """The configuration that rgmanager has read."""
        return read(self.state["loaded"], self.release)

    def cman_nodes(self) -> list[str]:
        """The nodes that cman runs on, by their ids."""
        ids = self.configuration.node_ids
        up = [node for node, daemons in self.state["nodes"].items() if daemons["cman"] and node in ids]
        return sorted(up, key=lambda node: ids[node])

    def members(self) -> list[str]:
        """The nodes that rgmanager runs on, by their ids."""
        if not self.state["quorate"]:
            return []
        return [node for node in self.cman_nodes() if self.state["nodes"][node]["rgmanager"]]

    def record(self, service: str) -> dict[str, Any]:
        """What rgmanager knows of a service."""
        fresh = {"state": STOPPED, "owner": "", "last_owner": "", "flags": 0, "restarts": 0, "transition": 0}
        found: dict[str, Any] = self.state["services"].setdefault(service, fresh)
        return found

    def _transition(self, service: str, state: int) -> None:
        record = self.record(service)
        record["state"] = state
        record["transition"] = int(self.now)

    def _event(self, seconds: float, kind: str, subject: str = "") -> None:
        self.state["events"].append({"at": self.now + seconds, "kind": kind, "subject": subject})

    # -- time --------------------------------------------------------------------------------------------------

    def next_event(self) -> float | None:
        """When rgmanager will next do something by itself."""
        return min((event["at"] for event in self.state["events"]), default=None)

    @MARKS.assumed("rgmanager", "takes notice of a new configuration and of memberships after reaction_seconds")
    @MARKS.assumed("rgmanager", "notices a failed resource after status_seconds; real agents have an interval each")
    def advance(self) -> None:
        """Do what is due."""
        while True:
            due = [event for event in self.state["events"] if event["at"] <= self.now]
            if not due:
                break
            event = min(due, key=lambda one: float(one["at"]))
            self.state["events"].remove(event)
            try:
                getattr(self, f"_on_{event['kind']}")(event["subject"])
            except NodeDied:
                continue
        awaited = {event["subject"] for event in self.state["events"] if event["kind"] == "check"}
        for service in self.loaded.services:
            if service not in awaited and self._unhealthy(service) is not None:
                self._event(self.status_seconds, "check", service)

    # -- agents ------------------------------------------------------------------------------------------------

    def _agent_fails(self, operation: str, member: Resource, node: str) -> bool:
        return any(
            order["operation"] == operation
            and order["resource"] in (member.name, member.key)
            and (order["nodes"] is None or node in order["nodes"])
            for order in self.state["agents"]
        )

    def _places(self, service: str, path: str) -> list[str]:
        places: list[str] = self.state["active"].setdefault(service, {}).setdefault(path, [])
        return places

    @MARKS.documented(
        "rgmanager", "a resource starts before its children; what follows a failed one does not start", TREE
    )
    def _start_member(self, service: str, path: str, member: Resource, node: str) -> bool:
        if path in self.state["quiesced"].get(service, []):
            return True
        self.operations.append(("start", service, path, node))
        if self._agent_fails("start", member, node):
            return False
        if node not in self._places(service, path):
            self._places(service, path).append(node)
        return all(self._start_member(service, f"{path}/{child.key}", child, node) for child in member.starting())

    @MARKS.documented(
        "rgmanager", "a resource stops after its children; a failed stop does not keep others running", TREE
    )
    def _stop_member(self, service: str, path: str, member: Resource, node: str) -> bool:
        results = [self._stop_member(service, f"{path}/{child.key}", child, node) for child in member.stopping()]
        self.operations.append(("stop", service, path, node))
        if self._agent_fails("stop", member, node):
            self._fence_itself(member, node)
            return False
        places = self._places(service, path)
        if node in places:
            places.remove(node)
        return all(results)

    @MARKS.documented("rgmanager", "self_fence: a node whose fs or lvm does not stop reboots at once", AGENTS)
    def _fence_itself(self, member: Resource, node: str) -> None:
        if member.type in ("fs", "lvm", "netfs", "clusterfs") and is_true(member.attributes.get("self_fence")):
            self._node_lost(node)
            self._event(self.reboot_seconds, "boot", node)
            raise NodeDied(node)

    def _start_tree(self, service: str, node: str) -> bool:
        tree = self.loaded.services[service]
        return all(self._start_member(service, child.key, child, node) for child in tree.starting())

    def _stop_tree(self, service: str, node: str) -> bool:
        tree = self.loaded.services.get(service)
        if tree is None:
            return True
        results = [self._stop_member(service, child.key, child, node) for child in tree.stopping()]
        self.state["quiesced"].pop(service, None)
        return all(results)

    def run_agents(self, operation: str, tree: Resource, node: str) -> bool:
        """Start, stop or check a service without rgmanager, as rg_test does."""
        if operation == "start":
            return all(self._start_member(tree.key, child.key, child, node) for child in tree.starting())
        if operation == "stop":
            results = [self._stop_member(tree.key, child.key, child, node) for child in tree.stopping()]
            return all(results)
        return not any(self._failing(tree.key, child.key, child, node)[0] for child in tree.children)

    def _failing(self, service: str, path: str, member: Resource, node: str) -> tuple[bool, list[tuple[str, Resource]]]:
        """Whether the service fails because of this member, and which parts can be recovered by themselves."""
        if path in self.state["quiesced"].get(service, []):
            return False, []
        fails = node not in self._places(service, path) or self._agent_fails("monitor", member, node)
        parts: list[tuple[str, Resource]] = []
        if not fails:
            for child in member.starting():
                child_fails, child_parts = self._failing(service, f"{path}/{child.key}", child, node)
                fails = fails or child_fails
                parts += child_parts
        if fails and member.independent != "0":
            return False, [(path, member)]
        return fails, parts

    @MARKS.documented("rgmanager", "frozen services, and those that this node does not own, are not checked", STATE)
    def _unhealthy(self, service: str) -> list[tuple[str, Resource]] | None:
        """None for a healthy service; the parts that can be recovered by themselves; none of them if all is lost."""
        record = self.record(service)
        node = record["owner"]
        if record["state"] != STARTED or record["flags"] & FROZEN or node not in self.members():
            return None
        lost, parts = False, []
        for child in self.loaded.services[service].starting():
            fails, some = self._failing(service, child.key, child, node)
            lost = lost or fails
            parts += some
        if lost:
            return []
        return parts or None

    def _node_lost(self, node: str) -> None:
        """Bring a node down at once, and have the others notice it."""
        raise NotImplementedError


@MARKS.documented("rgmanager", "names of states, flags and results", STRINGS)
def state_name(state: int) -> str:
    """A state as clustat prints it."""
    return STATE_NAMES[state]
