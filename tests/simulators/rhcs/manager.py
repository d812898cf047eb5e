"""rgmanager: where a service may run, how it is started, stopped, relocated and recovered.

rgmanager is a daemon on each node; they share the state of every service. Here one object plays them all: ``me`` is
always the node whose rgmanager works.
"""

from __future__ import annotations

from collections.abc import Collection

from .cluster import (
    CHECKING,
    DISABLED,
    FAILED,
    FROZEN,
    MIGRATING,
    PARTIAL,
    RECOVERABLE,
    RECOVERING,
    STARTED,
    STARTING,
    STOPPED,
    STOPPING,
    UNINITIALIZED,
    ClusterNodes,
)
from .grammar import is_true
from .marks import CLUSVCADM, DOMAIN, GROUPS, MARKS, SERVICE_AGENT, STATE, THREAD, TREE

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


class ResourceGroups(ClusterNodes):
    """What rgmanager does with services."""

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
        return other is not None and other in self.state["services"] and self.record(other)["state"] != STARTED

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
    @MARKS.assumed("rgmanager", "enabling an exclusive service where it runs is harmless: already running")
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

    # -- automatic starts -------------------------------------------------------------------------------------------

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
