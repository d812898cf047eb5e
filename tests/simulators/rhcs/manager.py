"""rgmanager on all nodes: the states of the services, their trees, recovery, failover domains and reloads.

rgmanager is a daemon on each node; they share the state of every service. Here one object plays them all: ``me`` is
always the node whose rgmanager works.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..engine import Simulator
from .grammar import Configuration, Invalid, Resource, comparison, is_true, read
from .marks import AGENTS, CLUSVCADM, DOMAIN, EVENTS, GROUPS, MARKS, SERVICE_AGENT, STATE, STRINGS, THREAD, TREE

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

SUCCESS, FAIL, ABORT, NO_SERVICE, AGAIN, DEPEND, INVALID = 0, -1, -2, -4, -6, -7, -8
NO_QUORUM, RUNNING, IS_FROZEN, NO_NODE, EXCLUSIVE, RELOCATED_BACK, WARNING = -9, -10, -11, -12, -16, -17, -19
MESSAGES = {
    SUCCESS: "Success",
    FAIL: "Failure",
    ABORT: "Aborted; service failed",
    -3: "Service not mastered locally",
    NO_SERVICE: "Service does not exist",
    -5: "Operation would cause a deadlock",
    AGAIN: "Temporary failure; try again",
    DEPEND: "Operation violates dependency rule",
    INVALID: "Invalid operation for resource",
    NO_QUORUM: "Operation requires quorum",
    RUNNING: "Service is already running",
    IS_FROZEN: "Failure: Service is frozen",
    NO_NODE: "Target node dead / nonexistent",
    -13: "Fencing operation pending; try again later",
    -14: "S/Lang Script Error",
    -15: "Service not runnable",
    EXCLUSIVE: "Service not runnable: cannot run exclusive",
    RELOCATED_BACK: "Failed; service running on original owner",
    -18: "Permission denied",
    WARNING: "Warning; see system logs",
}

#: How well a node suits a service.
ILLEGAL, GOOD, BETTER, BEST = 0, 1, 2, 3


class NodeDied(Exception):
    """The node rebooted itself in the middle of an operation."""

    def __init__(self, node: str) -> None:
        super().__init__(node)
        self.node = node


class ResourceGroups(Simulator):
    """The state of a cluster and what rgmanager does with it.

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

    # -- where a service may run -------------------------------------------------------------------------------

    @MARKS.documented(
        "rgmanager", "ordered, restricted and nofailback domains; a node is illegal, good, better or best", DOMAIN
    )
    def _suits(self, node: str, service: str, members: Collection[str]) -> int:
        if node not in members:
            return ILLEGAL
        domain = self.loaded.domains.get(self.loaded.services[service].attributes.get("domain", ""))
        if domain is None:
            return BEST
        online = {name: priority for name, priority in domain.priorities.items() if name in members}
        if not online:
            return ILLEGAL if domain.restricted else BEST
        if node not in online:
            return ILLEGAL if domain.restricted else GOOD
        record = self.record(service)
        stays = domain.nofailback and record["state"] in (STARTED, STARTING) and record["owner"] in members
        owned = record["owner"] == node
        if online[node] > min(100, *online.values()):
            return BETTER if domain.ordered and not (stays and owned) else BEST
        return BETTER if stays and not owned else BEST

    def _running_on(self, node: str) -> list[str]:
        return [
            service
            for service in self.loaded.services
            if self.record(service)["owner"] == node and self.record(service)["state"] in (STARTED, STARTING)
        ]

    def _is_exclusive(self, service: str) -> bool:
        return is_true(self.loaded.services[service].attributes.get("exclusive"))

    @MARKS.documented(
        "rgmanager", "an exclusive service runs on a node without other services, and keeps others off", GROUPS
    )
    def _exclusion(self, node: str, service: str) -> bool:
        running = self._running_on(node)
        return any(self._is_exclusive(other) for other in running) or bool(running and self._is_exclusive(service))

    @MARKS.documented(
        "rgmanager", "of the nodes that suit a service equally, the one with the highest id is chosen", GROUPS
    )
    def _best_target(self, allowed: Collection[str], owner: str, service: str) -> str:
        highest, chosen = 1, owner
        for node in self.members():
            if node not in allowed or node == owner or self._exclusion(node, service):
                continue
            suits = self._suits(node, service, allowed)
            if suits >= highest:
                highest, chosen = suits, node
        return chosen

    @MARKS.documented("rgmanager", "depend: a service starts only while the other one runs, and stops with it", GROUPS)
    def _dependency_missing(self, service: str) -> bool:
        other = self.loaded.services[service].attributes.get("depend")
        return other in self.state["services"] and self.record(other)["state"] != STARTED

    # -- starting and stopping ---------------------------------------------------------------------------------

    @MARKS.documented("rgmanager", "start is refused if failed (-1), locked (-6), running (-10), frozen (-11)", STATE)
    @MARKS.documented(
        "rgmanager", "a disabled service starts only when it is enabled, relocated to or recovered", STATE
    )
    def _start(self, me: str, service: str, request: str) -> int:
        record, refused = self.record(service), None
        state = record["state"]
        if record["flags"] & FROZEN:
            refused = IS_FROZEN
        elif state == FAILED:
            refused = FAIL
        elif state in (STOPPING, STARTED, CHECKING, STARTING, MIGRATING) and record["owner"] in self.members():
            refused = RUNNING
        elif state == RECOVERING:
            refused = None if request == "start_recover" else SUCCESS
        elif state in (DISABLED, UNINITIALIZED) and request not in ("enable", "start_remote", "start_recover"):
            refused = FAIL
        elif self.state["locked"] and (request != "start_recover" or state in (STOPPED, RECOVERABLE)):
            refused = AGAIN
        if refused is not None:
            return refused
        if state in (STOPPING, STARTED, CHECKING, STARTING) and record["owner"]:
            record["last_owner"] = record["owner"]
        me = self._landing(me, service)
        record["owner"] = me
        record["restarts"] = record["restarts"] + 1 if state == RECOVERING else 0
        self._transition(service, STARTING)
        started = self._start_tree(service, me)
        record["state"] = STARTED
        if not started:
            return FAIL
        self._broadcast(STARTED)
        return SUCCESS

    @MARKS.documented("clusvcadm", "success may mean another node than the one that was asked for", CLUSVCADM)
    def _landing(self, node: str, service: str) -> str:
        """The node where the service ends: that of an order to misplace it, once."""
        ordered: str | None = self.state["misplaced"].pop(service, None)
        return ordered if ordered in self.members() else node

    @MARKS.documented(
        "rgmanager", "stop is refused if frozen (-11) or failed (-1); only disabling works on a failed one", STATE
    )
    @MARKS.documented(
        "rgmanager", "a stop that fails makes the service failed; its owner becomes its last owner", STATE
    )
    @MARKS.documented(
        "rgmanager", "disabling a failed service always disables it, with a warning if it does not stop", STATE
    )
    @MARKS.documented(
        "rgmanager", "a failed or stopped service has no owner: it is stopped where disabling was asked for", STATE
    )
    @MARKS.assumed("rgmanager", "the code of that warning is -19")
    def _stop(self, me: str, service: str, request: str, new_state: int = STOPPED) -> int:
        record = self.record(service)
        state = record["state"]
        if record["flags"] & FROZEN:
            return IS_FROZEN
        disabling = request == "disable"
        if state in (FAILED, RECOVERABLE) and not disabling:
            return FAIL
        if state in (STOPPED, DISABLED, UNINITIALIZED) and not disabling:
            return SUCCESS
        if state not in (FAILED, RECOVERABLE, STOPPED, DISABLED, UNINITIALIZED) and record["owner"] not in ("", me):
            # Who is asked by a user has passed that on to the owner before.
            if record["owner"] not in self.members():
                record.update(last_owner=record["owner"], owner="", flags=0, state=STOPPED)
                self._broadcast(STOPPED)
            return SUCCESS
        self._transition(service, RECOVERABLE if request == "stop_recover" else STOPPING)
        stopped = self._stop_tree(service, me)
        if state in (FAILED, DISABLED) and disabling:
            self._stop_finished(service, True, new_state)
            return SUCCESS if stopped else WARNING
        self._stop_finished(service, stopped, new_state)
        return SUCCESS if stopped else FAIL

    def _stop_finished(self, service: str, stopped: bool, new_state: int) -> None:
        record = self.record(service)
        if record["state"] not in (STOPPING, RECOVERABLE, RECOVERING):
            return
        if record["owner"]:
            record.update(last_owner=record["owner"], owner="")
        if not stopped:
            new_state = FAILED
        elif record["state"] == RECOVERABLE:
            new_state = RECOVERING
        record["flags"] &= FROZEN
        self._transition(service, new_state)
        self._broadcast(new_state)

    def _fail(self, service: str) -> None:
        record = self.record(service)
        if record["owner"]:
            record.update(last_owner=record["owner"], owner="")
        record["restarts"] = 0
        self._transition(service, FAILED)
        self._broadcast(FAILED)

    def _broadcast(self, state: int) -> None:
        """Tell every rgmanager that a service is in another state: those that depend on it follow."""
        if self.state["locked"]:
            return
        for service, resource in self.loaded.services.items():
            if "depend" not in resource.attributes:
                continue
            record, missing = self.record(service), self._dependency_missing(service)
            if missing and record["state"] == STARTED:
                self._stop(record["owner"], service, "stop")
            elif not missing and record["state"] == STOPPED and state == STARTED:
                self._consider_start(service)

    # -- requests ----------------------------------------------------------------------------------------------

    @MARKS.documented("rgmanager", "a service that fails to start is stopped and tried on the other nodes", STATE)
    @MARKS.documented("rgmanager", "enabling needs a legal node, an automatic start the best one", STATE)
    @MARKS.documented("rgmanager", "a failed service cannot be enabled: aborted (-2)", STATE)
    @MARKS.documented("rgmanager", "a service that starts nowhere is left stopped (-1)", STATE)
    def handle_start(self, me: str, service: str, request: str) -> int:
        """Start a service on this node, or on another one if that fails."""
        tolerance = GOOD if request == "enable" else BEST
        if request not in ("restart", "start_recover") and self._suits(me, service, self.members()) < tolerance:
            return FAIL
        if not self._exclusion(me, service):
            if self._dependency_missing(service):
                if request == "start_recover":
                    self._stop_finished(service, True, STOPPED)
                return DEPEND
            code = self._start(me, service, request)
            if code in (SUCCESS, AGAIN, RUNNING, IS_FROZEN):
                return code
            if self._stop(self.record(service)["owner"] or me, service, "stop_recover") != SUCCESS:
                self._fail(service)
                return ABORT
        elif self.record(service)["owner"] == me and self.record(service)["state"] == STARTED:
            return RUNNING
        code = self.relocate(me, service, "start_recover")
        if code == FAIL and self._stop(me, service, "stop") != SUCCESS:
            self._fail(service)
        return code

    @MARKS.documented("clusvcadm", "-e -F tries the nodes as the failover domain orders them", STATE)
    def start_by_domain(self, service: str) -> int:
        """Start a service on the node that suits it best."""
        allowed, code = set(self.members()), FAIL
        while allowed:
            target = self._best_target(allowed, "", service)
            if not target:
                break
            code = self._start_remote(target, service, "start_recover")
            if code != FAIL:
                return FAIL if code == ABORT else code
            allowed.discard(target)
        return code

    def _start_remote(self, node: str, service: str, request: str) -> int:
        if self.state["locked"] or self._suits(node, service, [node]) < BEST:
            return FAIL
        if self._exclusion(node, service):
            return EXCLUSIVE
        code = self._start(node, service, request)
        if code in (SUCCESS, RUNNING, IS_FROZEN):
            return code
        if self._stop(self.record(service)["owner"] or node, service, "stop_recover") == SUCCESS:
            return FAIL
        self._fail(service)
        return ABORT

    @MARKS.documented(
        "rgmanager", "relocating: refused for disabled services (-8), stops, tries the target, then others", STATE
    )
    @MARKS.documented("rgmanager", "a service that no other node can run is started again on its owner (-17)", STATE)
    @MARKS.documented("rgmanager", "a service that does not stop is not relocated but failed (-2)", STATE)
    @MARKS.documented("rgmanager", "a target that excludes the service is refused before it is stopped (-7)", STATE)
    @MARKS.documented("rgmanager", "a target that is not online is taken for none", STATE)
    def relocate(self, me: str, service: str, request: str, target: str = "") -> int:
        """Stop a service here, unless it is being recovered, and start it on another node."""
        original = request
        if self.record(service)["state"] in (DISABLED, UNINITIALIZED):
            return INVALID
        if target and target not in self.members():
            target = ""
        if target and self._exclusion(target, service):
            return DEPEND
        if request != "start_recover":
            code = self._stop(me, service, request)
            if code == FAIL:
                self._fail(service)
                return ABORT
            if code == IS_FROZEN:
                return code
        if target:
            chosen = self._best_target({me, target}, me, service)
            if chosen == me != target:
                return self._restart_here(me, service)
            if chosen == me:
                if self._start(me, service, "start") == SUCCESS:
                    return SUCCESS
            elif self._start_remote(chosen, service, request) == SUCCESS:
                return SUCCESS
            else:
                request = "start_recover"
        allowed = set(self.members()) - {me, target}
        while allowed:
            chosen = self._best_target(allowed, me, service)
            if chosen == me:
                return self._restart_here(me, service)
            code = self._start_remote(chosen, service, request)
            if code == ABORT:
                return FAIL
            if code not in (FAIL, DEPEND):
                return SUCCESS
            request = "start_recover"
            allowed.discard(chosen)
        if original == "start_recover":
            self._stop_finished(service, True, STOPPED)
            return FAIL
        return self._restart_here(me, service)

    def _restart_here(self, me: str, service: str) -> int:
        if not self.state["locked"] and self._start(me, service, "start_recover") == SUCCESS:
            return RELOCATED_BACK
        if self._stop(self.record(service)["owner"] or me, service, "stop") != SUCCESS:
            self._fail(service)
        return FAIL

    def master(self, me: str, service: str) -> str:
        """The node that a user's request is passed on to: the owner, while there is one."""
        record = self.record(service)
        passing = record["state"] not in (STOPPED, DISABLED, FAILED, UNINITIALIZED, RECOVERABLE)
        return record["owner"] if passing and record["owner"] in self.members() else me

    @MARKS.documented("clusvcadm", "-d disables wherever the service runs", THREAD)
    def disable(self, me: str, service: str) -> int:
        """Stop a service until it is enabled."""
        return self._stop(self.master(me, service), service, "disable", DISABLED)

    @MARKS.documented("clusvcadm", "-s stops until the next transition of a service or member", CLUSVCADM)
    def stop_for_now(self, me: str, service: str) -> int:
        """Stop a service; the next transition starts it again."""
        return self._stop(self.master(me, service), service, "stop_user")

    @MARKS.documented("clusvcadm", "-R stops and starts in place; refused for a disabled service (-8)", THREAD)
    def restart(self, me: str, service: str) -> int:
        """Stop and start a service where it runs."""
        me = self.master(me, service)
        code = self._stop(me, service, "stop_user")
        return self.handle_start(me, service, "restart") if code == SUCCESS else code

    @MARKS.documented("clusvcadm", "-Z and -U: started, stopped and disabled services only, else -6", STATE)
    def freeze(self, service: str, frozen: bool) -> int:
        """Keep a service from being checked, stopped or started, or no longer."""
        record = self.record(service)
        if record["state"] not in (STOPPED, STARTED, DISABLED):
            return AGAIN
        record["flags"] = record["flags"] | FROZEN if frozen else record["flags"] & ~FROZEN
        return SUCCESS

    @MARKS.documented(
        "clusvcadm", "-c starts what is not critical and was stopped; -10 if there is nothing to repair", STATE
    )
    def convalesce(self, me: str, service: str) -> int:
        """Start the resources that are not critical and had failed."""
        record = self.record(service)
        if record["state"] != STARTED:
            starting = record["state"] in (STARTING, STOPPING, RECOVERING, MIGRATING, RECOVERABLE)
            return AGAIN if starting else INVALID
        if record["flags"] & FROZEN:
            return IS_FROZEN
        if not record["flags"] & PARTIAL:
            return RUNNING
        me = self.master(me, service)
        members = dict(self.loaded.services[service].walk())
        paths = self.state["quiesced"].pop(service, [])
        for path in paths:
            if path in members and not self._start_member(service, path, members[path], me):
                self.state["quiesced"][service] = paths
                return FAIL
        record["flags"] &= ~PARTIAL
        return SUCCESS

    # -- recovery ----------------------------------------------------------------------------------------------

    @MARKS.documented(
        "rgmanager", "a failed service is stopped and recovered; one that does not stop is failed", THREAD
    )
    @MARKS.documented(
        "rgmanager", "an independent subtree is restarted alone; what is not critical is stopped: partial", TREE
    )
    def _on_check(self, service: str) -> None:
        parts = self._unhealthy(service) if service in self.loaded.services else None
        if parts is None:
            return
        record = self.record(service)
        node = record["owner"]
        repaired = bool(parts)
        for path, member in parts:
            stopped = self._stop_member(service, path, member, node)
            if member.independent == "2":
                self.state["quiesced"].setdefault(service, []).append(path)
                record["flags"] |= PARTIAL
            else:
                repaired = repaired and stopped and self._start_member(service, path, member, node)
        if not repaired and self._stop(node, service, "stop_recover") == SUCCESS:
            self._recover(node, service)

    @MARKS.documented(
        "rgmanager", "recovery restart, relocate, disable, restart-disable; max_restarts in their time", STATE
    )
    @MARKS.documented("rgmanager", "the default policy is restart", SERVICE_AGENT)
    def _recover(self, me: str, service: str) -> None:
        attributes = self.loaded.services[service].attributes
        policy = attributes["recovery"]
        counted = self.state["restarts"].setdefault(service, [])
        if policy not in ("disable", "relocate"):
            most, expiry = int(attributes["max_restarts"]), int(attributes["restart_expire_time"])
            counted[:] = [moment for moment in counted if self.now - moment < expiry]
            if not (most and expiry) or len(counted) < most:
                counted.append(self.now)
                self.handle_start(me, service, "start_recover")
                return
        counted.clear()
        if "disable" in policy:
            self._stop(me, service, "disable", DISABLED)
        else:
            self.relocate(me, service, "start_recover")

    # -- transitions -------------------------------------------------------------------------------------------

    @MARKS.documented("rgmanager", "autostart 0: a service that never ran becomes disabled", GROUPS)
    @MARKS.documented("rgmanager", "frozen and disabled services are not started by transitions", GROUPS)
    @MARKS.assumed("rgmanager", "of several best nodes, the one with the lowest id is the first to start a service")
    def _consider_start(self, service: str) -> None:
        record = self.record(service)
        if record["flags"] & FROZEN or record["state"] != STOPPED:
            return
        never_ran = record["transition"] == 0
        if never_ran and not is_true(self.loaded.services[service].attributes["autostart"]):
            record["state"] = DISABLED
            return
        if self._dependency_missing(service):
            return
        for node in self.members():
            if not self._exclusion(node, service) and self._suits(node, service, self.members()) == BEST:
                self.handle_start(node, service, "start")
                return

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


@MARKS.documented("rgmanager", "names of states, flags and results", STRINGS)
def state_name(state: int) -> str:
    """A state as clustat prints it."""
    return STATE_NAMES[state]


def _all_resources(configuration: Configuration) -> dict[str, Resource]:
    found = dict(configuration.common)
    for service, tree in configuration.services.items():
        found[service] = tree
        for _, member in tree.walk():
            found.setdefault(member.key, member)
    return found
