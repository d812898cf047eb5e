# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Orders to the cluster: a configuration that is propagated, ``clusvcadm``, and waiting for what comes of them."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound
from ansible_collections.groupware.ha.plugins.module_utils.formats import clustat
from ansible_collections.groupware.ha.plugins.module_utils.formats.clustat import Group
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, NotRunning
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.rhcs.asking import GRACE, Questions
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.rhcs.planning import (
    Reconfiguration,
    Stop,
    best_node,
    refuse_failed,
    refuse_frozen,
    require_quorum,
    words,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.rhcs.reading import Situation
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.rhcs.terms import CLUSTER_CONF

#: Seconds that an order to a service may take; stopping a large application takes its time.
_ORDER_TIMEOUT = 300
#: Seconds until rgmanager has taken notice of a new configuration or shows a new state.
_NOTICE_TIMEOUT = 60


class Executor(Questions):
    """Gives orders, and waits for what they lead to."""

    def carry_out(self, steps: Sequence[Stop | Reconfiguration]) -> None:
        """Orders to stop; or the configuration written once and propagated, and what does not run yet started."""
        for step in steps:
            if isinstance(step, Stop):
                self._bring_down(step.service, step.option)
            else:
                self._reconfigure(step)

    def _reconfigure(self, plan: Reconfiguration) -> None:
        for service in plan.unfreeze:
            self._set_frozen(service, False)
        if plan.text is not None:
            self.runner.replace_file(CLUSTER_CONF, plan.text, backup=True)
            self._propagate(plan)
        for service, node in plan.moves:
            self._relocate(service, node, _ORDER_TIMEOUT)
        for service, target in plan.starts:
            self._start(service, target, _ORDER_TIMEOUT)
        for service in plan.freeze:
            self._set_frozen(service, True)

    def _propagate(self, plan: Reconfiguration) -> None:
        # Only release 6 has a program to validate a configuration, and its ccs_tool can no longer update one.
        release_6 = self.runner.installed("ccs_config_validate")
        argv = ["cman_tool", "version", "-r"] if release_6 else ["ccs_tool", "update", CLUSTER_CONF]
        complaint = self._order(argv, _NOTICE_TIMEOUT)
        if self.runner.dry:
            return

        def taken() -> bool:
            return self.running_version() == plan.version

        if not complaint and not self.until(taken, GRACE) and not release_6:
            # cman of release 4 is told by itself what version ccsd has distributed; see cman_tool(8).
            complaint = self._order(["cman_tool", "version", "-r", str(plan.version)], _NOTICE_TIMEOUT)
        if not self.until(taken, 0 if complaint else _NOTICE_TIMEOUT):
            raise FrameworkError(
                f"the cluster did not take version {plan.version} of its configuration{complaint}; it is in "
                f"{CLUSTER_CONF} of this node, and the next run propagates it again"
            )

        def noticed() -> bool:
            groups = self.clustat().groups or {}
            return set(plan.services) <= set(groups) and not set(plan.deleted) & set(groups)

        if not self.until(noticed, _NOTICE_TIMEOUT):
            raise FrameworkError(
                f"rgmanager has not taken notice of version {plan.version} of the configuration within "
                f"{_NOTICE_TIMEOUT} seconds; see its log on all nodes, and run again"
            )
        if plan.reconfigured:
            # That it is about to stop and start parts of a running service, or to know other nodes, nothing shows.
            self.runner.pause(GRACE)

    def _bring_down(self, service: str, option: str = "-d") -> None:
        """Have a service stop, and wait for it."""
        states = ("disabled",) if option == "-d" else ("stopped", "disabled")
        complaint = self._order(["clusvcadm", option, service], _ORDER_TIMEOUT)
        if self.runner.dry:
            return
        after = self._await_state(service, lambda found: found.state in states, _ORDER_TIMEOUT)
        if after is not None:
            refuse_failed(after)
            if after.state not in states:
                raise FrameworkError(f"service {service} was told to stop, but {words(after)}{complaint}")

    def _start(self, service: str, node: str | None, timeout: float) -> None:
        """Have a service start on a node and be there: ``clusvcadm`` is content with any other."""
        target = [] if node is None else ["-m", node]
        complaint = self._order(["clusvcadm", "-e", service, *target], timeout)
        if self.runner.dry:
            return
        after = self._await_state(service, lambda found: found.state == "started", timeout)
        if after is not None and after.state == "started" and node not in (None, after.owner):
            complaint = self._order(["clusvcadm", "-r", service, "-m", str(node)], timeout)
            after = self._await_state(service, lambda found: found.owner == node, timeout)
        self._require_running(service, after, node, complaint)

    def _relocate(self, service: str, node: str, timeout: float) -> None:
        complaint = self._order(["clusvcadm", "-r", service, "-m", node], timeout)
        if not self.runner.dry:
            after = self._await_state(service, lambda found: found.state == "started" and found.owner == node, timeout)
            self._require_running(service, after, node, complaint)

    def _require_running(self, service: str, group: Group | None, node: str | None, complaint: str) -> None:
        if group is None:
            raise FrameworkError(f"rgmanager does not know service {service}{complaint}; see its log")
        refuse_failed(group)
        if group.state != "started" or node not in (None, group.owner):
            where = f" on {node}" if node else ""
            raise FrameworkError(
                f"service {service} was told to run{where}, but {words(group)}{complaint}; the log of rgmanager on "
                "the nodes says which resource did not start"
            )

    def _set_frozen(self, service: str, frozen: bool) -> None:
        complaint = self._order(["clusvcadm", "-Z" if frozen else "-U", service], _NOTICE_TIMEOUT)
        if self.runner.dry:
            return
        after = self._await_state(service, lambda found: found.frozen == frozen, _NOTICE_TIMEOUT)
        if after is None or after.frozen != frozen:
            words = "freeze" if frozen else "unfreeze"
            raise FrameworkError(f"rgmanager did not {words} service {service}{complaint}")

    def _order(self, argv: Sequence[str], timeout: float) -> str:
        """Give an order; what it answers if it fails, as words behind others. What came of it, only clustat knows."""
        try:
            self.runner.run(argv, timeout=timeout)
        except CommandNotFound as error:
            raise NotRunning(str(error)) from None
        except CommandError as error:
            return f" ({shlex.join(argv)}: {error.output or error.reason})"
        return ""

    def _await_state(self, service: str, reached: Callable[[Group], bool], timeout: float) -> Group | None:
        """Wait until a service is as wanted, or until nothing is under way that could make it so."""
        found: Group | None = None
        quiet = 0

        def ended() -> bool:
            nonlocal found, quiet
            found = self.clustat().group(service)
            if found is not None and found.state in clustat.PASSING_STATES:
                quiet = 0
                return False
            quiet += 1
            # A state that has only just been left may still be shown once or twice.
            return (found is not None and reached(found)) or quiet > 3

        self.until(ended, timeout)
        return found

    def settle(self, timeout: float) -> None:
        """Wait until no service is on its way from one state to another."""
        passing: list[Group] = []

        def settled() -> bool:
            groups = self.clustat().groups or {}
            passing[:] = [group for group in groups.values() if group.state in clustat.PASSING_STATES]
            return not passing

        if not self.until(settled, timeout):
            words = "; ".join(f"service {group.name}: {words(group)}" for group in passing)
            raise FrameworkError(f"the cluster did not settle within {timeout:g} seconds: {words}")

    def set_service_enabled(self, service: str, enabled: bool) -> None:
        """Enable it on the best of its nodes, or disable it."""
        situation, group = self._situation_of(service)
        if not enabled:
            if group.state != "disabled":
                refuse_frozen(group)
                refuse_failed(group)
                self._bring_down(service)
        elif group.state != "started":
            refuse_frozen(group)
            refuse_failed(group)
            self._start(service, best_node(situation, service), _ORDER_TIMEOUT)

    def move_service(self, service: str, node: str, timeout: float, start: bool = False) -> None:  # noqa: ARG002
        """Relocate it if it runs, else enable it there."""
        group = self._situation_of(service)[1]
        if group.state == "started" and group.owner == node:
            return
        refuse_frozen(group)
        refuse_failed(group)
        if group.state == "started":
            self._relocate(service, node, timeout)
        else:
            self._start(service, node, timeout)

    def set_node_standby(self, node: str, standby: bool) -> None:
        """Relocate every service of the node to its next one. There is no standby: a later failover may use it again.

        A service without another node is stopped, not disabled: the next change of the membership starts it.
        """
        if not standby:
            return
        situation = self.situation()
        require_quorum(situation.status)
        for group in (situation.status.groups or {}).values():
            if group.owner == node and group.state == "started":
                refuse_frozen(group)
                target = best_node(situation, group.name, other_than=node)
                if target is None:
                    self._bring_down(group.name, "-s")
                else:
                    self._relocate(group.name, target, _ORDER_TIMEOUT)

    def set_service_frozen(self, service: str, frozen: bool) -> None:
        """Freeze or unfreeze it: nothing is started, stopped, moved or watched meanwhile."""
        if self._situation_of(service)[1].frozen != frozen:
            self._set_frozen(service, frozen)

    def clear_failures(self, service: str) -> None:
        """Disable a failed service, which is all that rgmanager allows for it; bringing it online is another step.

        Whoever does so has seen to it that no node still has its volume mounted. Parts that failed by themselves, of
        a service that runs, are convalesced.
        """
        group = self._situation_of(service)[1]
        if group.state == "failed":
            refuse_frozen(group)
            complaint = self._order(["clusvcadm", "-d", service], _ORDER_TIMEOUT)
            if not self.runner.dry:
                after = self._await_state(service, lambda found: found.state == "disabled", _ORDER_TIMEOUT)
                if after is None or after.state != "disabled":
                    raise FrameworkError(f"the failure of service {service} could not be cleared{complaint}")
        elif group.partial:
            complaint = self._order(["clusvcadm", "-c", service], _ORDER_TIMEOUT)
            if not self.runner.dry:
                after = self._await_state(service, lambda found: not found.partial, _ORDER_TIMEOUT)
                if after is None or after.partial:
                    raise FrameworkError(f"parts of service {service} still do not run{complaint}")

    def _situation_of(self, service: str) -> tuple[Situation, Group]:
        situation = self.situation()
        require_quorum(situation.status)
        group = situation.status.group(service)
        if group is None:
            raise FrameworkError(f"service {service} is not known to rgmanager")
        return situation, group
