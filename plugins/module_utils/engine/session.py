# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read, reconcile, apply, read again: what every module of the engine does, with one plan for all that it reports."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import (
    Framework,
    FrameworkError,
    NotAllowed,
    NotRunning,
)
from .config import ClusterConfig, ClusterStatus, ServiceStatus
from .executor import Executor
from .plan import Plan
from .reconcile import Change, reconcile, render


@dataclass
class Outcome:
    """What a run changed, or would change in check mode, and where everything stands afterwards."""

    changes: Sequence[Change] = ()
    restarts: Sequence[str] = ()
    status: ClusterStatus | None = None
    warnings: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The outcome as modules return it."""
        return {
            "changed": bool(self.changes),
            "changes": [change.as_dict() for change in self.changes],
            "restarts": list(self.restarts),
            "diff": {"before": render(self.changes, "before"), "after": render(self.changes, "after")},
            "services": {} if self.status is None else self.status.as_dict()["services"],
            "warnings": self.warnings,
        }


@dataclass
class Session:
    """One module run against one cluster.

    :param timeout: seconds that the cluster has to settle after a change
    :param allow_restart: whether changes may interrupt a service, where the framework asks for permission
    :param allow_recreate: whether resources may be deleted and created again, where it asks
    """

    framework: Framework
    check_mode: bool
    timeout: float
    allow_restart: bool = False
    allow_recreate: bool = False

    def converge(self, desired: ClusterConfig, *, absent: Collection[str] = (), purge: bool = False) -> Outcome:
        """Make the cluster what ``desired`` says.

        In check mode a cluster that does not run yet counts as an empty one, so that the first run can be predicted.

        :raises NotRunning: there is no cluster on this node
        :raises ConflictError: what exists stands in the way
        :raises FrameworkError: an agent is missing, the cluster refused the change, did not settle, or a service or
            fencing device that was touched does not run
        """
        outcome = Outcome()
        try:
            snapshot = self.framework.read()
        except NotRunning as error:
            if not self.check_mode:
                raise
            outcome.warnings.append(f"{error}: the changes are those of an empty cluster")
            outcome.changes = reconcile(ClusterConfig(), desired, self.framework, absent=absent, purge=purge)
            return outcome
        self._refuse_missing_agents(desired)
        outcome.status = snapshot.status
        outcome.changes = reconcile(snapshot.config, desired, self.framework, absent=absent, purge=purge)
        if outcome.changes:
            plan = self.framework.plan(snapshot, outcome.changes)
            outcome.restarts = plan.interrupts
            self._refuse_without_permission(outcome)
            self._carry_out(plan, outcome.changes)
            if not self.check_mode:
                after = self.framework.read()
                outcome.status = after.status
                self._verify(after.config, desired, absent, purge)
                self._require_online(outcome.status, outcome.changes)
        outcome.warnings.extend(_standing(outcome.status, desired))
        return outcome

    def _refuse_without_permission(self, outcome: Outcome) -> None:
        if not self.framework.capabilities.asks_permission:
            return
        deleted = {(change.service, change.name) for change in outcome.changes if change.action == "delete"}
        recreated = [
            change
            for change in outcome.changes
            if change.kind == "resource" and change.action == "create" and (change.service, change.name) in deleted
        ]
        if recreated and not self.allow_recreate:
            names = "; ".join(f"{change.name} ({_differing(change, outcome.changes)})" for change in recreated)
            raise NotAllowed(
                f"these cannot be changed in place: {names}; allow_recreate: true (failover_service_allow_recreate) "
                "deletes and creates them again, which interrupts their services; nothing was changed"
            )
        # Whoever has a resource made again wants its service interrupted, and no other.
        permitted = {change.service for change in recreated}
        refused = [name for name in outcome.restarts if name not in permitted]
        if refused and not self.allow_restart:
            raise NotAllowed(
                f"the changes stop and start {', '.join(refused)}; allow_restart: true "
                "(failover_service_allow_restart) makes them; nothing was changed"
            )

    def _carry_out(self, plan: Plan, changes: Sequence[Change]) -> None:
        """Have what goes stop, then do the rest. In check mode the runner records the commands and starts none."""
        executor = Executor(self.framework)
        if plan.stopping:
            executor.carry_out(plan.stopping)
            if not self.check_mode:
                self.framework.settle(self.timeout)
                self._require_stopped([change.name for change in changes if change.action == "delete"])
        executor.carry_out(plan.changing, plan.afterwards)
        if not self.check_mode:
            self.framework.settle(self.timeout)

    def _require_stopped(self, names: Collection[str]) -> None:
        active = self.framework.status().activity()
        for name in names:
            if active.get(name):
                raise FrameworkError(
                    f"{name} is still active on {', '.join(active[name])} and was not deleted; it was told to stop: "
                    "see whether it is unmanaged or in maintenance mode, and run again"
                )

    def _refuse_missing_agents(self, desired: ClusterConfig) -> None:
        types = {resource.type for resource in desired.resources}
        types.update(resource.type for service in desired.services for resource in service.resources)
        missing = self.framework.missing_agents(sorted(types))
        if missing:
            raise FrameworkError(
                f"this node has no agent for {', '.join(missing)}; install the package that brings it on every node, "
                "or correct the type; nothing was changed"
            )

    def _verify(self, found: ClusterConfig, desired: ClusterConfig, absent: Collection[str], purge: bool) -> None:
        left = reconcile(found, desired, self.framework, absent=absent, purge=purge)
        if left:
            names = ", ".join(f"{change.kind} {change.name}" for change in left)
            raise FrameworkError(
                f"read back after the change, these still differ: {names}; did someone else change them?"
            )

    def _require_online(self, status: ClusterStatus, changes: Sequence[Change]) -> None:
        touched = {change.service or change.name for change in changes if change.action != "delete"}
        for name, service in status.services.items():
            if name in touched and service.should_run and service.state != "online":
                raise FrameworkError(f"the configuration was applied, but service {describe_state(service)}")
        # One that was switched off, where fencing is off as a whole, is as it is to be.
        devices = [name for name in touched if name in status.resources and status.resources[name].enabled]
        for text in status.fencing_problems:
            if any(text.startswith(f"fencing device {name} ") for name in devices):
                raise FrameworkError(f"the configuration was applied, but {text}")


def _differing(creation: Change, changes: Sequence[Change]) -> str:
    """What makes a resource be created again, in words."""
    deletion = next(change for change in changes if change.action == "delete" and change.name == creation.name)
    if deletion.type != creation.type:
        return f"type {deletion.type} -> {creation.type}"
    shown = {"before": deletion.as_dict()["before"], "after": creation.as_dict()["after"]}
    keys = [key for key in shown["after"] if shown["before"].get(key) != shown["after"][key]]
    return ", ".join(f"{key}: {shown['before'].get(key, '(none)')} -> {shown['after'][key]}" for key in keys)


def describe_state(service: ServiceStatus) -> str:
    """A service's state in words, with the reason where the cluster gives one."""
    where = f" on {', '.join(service.nodes)}" if service.nodes else ""
    reasons = "; ".join(service.failures)
    return f"{service.name} is {service.state}{where}" + (f" ({reasons})" if reasons else "")


def _standing(status: ClusterStatus, desired: ClusterConfig) -> list[str]:
    """What should run and does not, services and what fences nodes: a run without changes must not hide it."""
    warnings = list(status.fencing_problems)
    for service in desired.services:
        found = status.services.get(service.name)
        if found is not None and found.should_run and found.state != "online":
            warnings.append(f"service {describe_state(found)}")
    return warnings
