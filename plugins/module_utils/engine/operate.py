# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Day two: bring services online and offline, move them, evacuate nodes; and say where they ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Framework, FrameworkError, Snapshot
from .config import ClusterStatus, ServiceStatus
from .executor import Executor
from .plan import Plan
from .session import describe_state


@dataclass
class Movement:
    """What an operation is to change, from where to where, and how.

    ``plan`` is None when there is nothing to do; ``confirm`` fails unless it ended as it should.
    """

    subject: str
    before: str
    after: str
    plan: Plan | None = None
    confirm: Callable[[ClusterStatus], None] | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether there is anything to do."""
        return self.plan is not None

    def diff(self) -> dict[str, str]:
        """The operation as before and after."""
        return {"before": f"{self.subject}: {self.before}\n", "after": f"{self.subject}: {self.after}\n"}


@dataclass
class Operator:
    """Operates one cluster. Everything is refused before anything is touched.

    :param timeout: seconds that the cluster has for the operation
    """

    framework: Framework
    timeout: float

    def carry_out(self, movement: Movement) -> ClusterStatus | None:
        """Do it and confirm it; where everything is then. In check mode the runner records the commands alone."""
        if movement.plan is None:
            return None
        steps = [*movement.plan.stopping, *movement.plan.changing]
        # An application may need longer to stop and start than a short timeout has; the framework knows what is usual.
        patience = max(self.timeout, self.framework.patience)
        Executor(self.framework, patience).carry_out(steps, movement.plan.afterwards)
        if self.framework.runner.dry:
            return None
        self.framework.settle(self.timeout)
        status = self.framework.status()
        if movement.confirm is not None:
            movement.confirm(status)
        return status

    def service_online(self, name: str, node: str | None) -> Movement:
        """The service runs: on the node, or anywhere if none is given."""
        return self._online(self._read(), name, node)

    def _online(self, snapshot: Snapshot, name: str, node: str | None) -> Movement:
        service = self._service(snapshot.status, name)
        if service.state == "online" and (node is None or node in service.nodes):
            return _nothing(service)
        if node is None:
            # Also where it is enabled: what half a run stopped, or the cluster gave up, is told to run.
            plan = self.framework.plan_enabling(snapshot, name, True)
        else:
            self._refuse_node(snapshot, name, node)
            plan = self.framework.plan_moving(snapshot, name, node, self.timeout)
        after = f"online on {node}" if node else "online"
        return Movement(f"service {name}", _words(service), after, plan, partial(self._require, name, "online", node))

    def service_offline(self, name: str) -> Movement:
        """The service does not run and is not started, until it is brought online again."""
        snapshot = self._read()
        service = self._service(snapshot.status, name)
        keeps = self.framework.capabilities.keeps_services_offline
        if service.state == "offline" and not (service.enabled and keeps):
            return _nothing(service)
        warnings = []
        if not keeps:
            warnings.append(
                f"this release of {self.framework.name} keeps service {name} offline only until its members change "
                "or a node of it starts"
            )
        confirm = partial(self._require, name, "offline", None)
        plan = self.framework.plan_enabling(snapshot, name, False)
        return Movement(f"service {name}", _words(service), "offline", plan, confirm, warnings)

    def service_frozen(self, name: str, frozen: bool) -> Movement:
        """The cluster leaves the service as it is, for maintenance; or acts on it again."""
        snapshot = self._read()
        service = self._service(snapshot.status, name)
        words = {True: "frozen", False: "under the cluster's control"}
        if service.frozen == frozen:
            return Movement(f"service {name}", words[frozen], words[frozen])

        def confirm(status: ClusterStatus) -> None:
            if self._service(status, name).frozen != frozen:
                raise FrameworkError(f"service {name} is still {words[not frozen]}")

        plan = self.framework.plan_freezing(snapshot, name, frozen)
        return Movement(f"service {name}", words[service.frozen], words[frozen], plan, confirm)

    def service_cleared(self, name: str) -> Movement:
        """The cluster has forgotten that members of the service failed. Somebody has looked at why before."""
        snapshot = self._read()
        service = self._service(snapshot.status, name)
        failed = [*service.failures, *(f"{member.name} failed" for member in service.members if member.failed)]
        if not failed:
            return Movement(f"service {name}", "no failures", "no failures")

        def confirm(status: ClusterStatus) -> None:
            after = self._service(status, name)
            if after.failures or any(member.failed for member in after.members):
                raise FrameworkError(f"service {describe_state(after)} still, after its failures were cleared")

        plan = self.framework.plan_clearing(snapshot, name)
        return Movement(f"service {name}", "; ".join(failed), "no failures", plan, confirm)

    def service_moved(self, name: str, node: str | None) -> Movement:
        """The running service runs on the node; without one, on the best of its other nodes."""
        snapshot = self._read()
        service = self._service(snapshot.status, name)
        if node is None:
            node = self._other_node(snapshot, service)
        if not service.nodes:
            raise FrameworkError(f"service {describe_state(service)}: only a running service is moved; bring it online")
        return self._online(snapshot, name, node)

    def node_evacuated(self, name: str, offline_too: bool = False) -> Movement:
        """The node carries nothing and takes nothing, until it is returned.

        :param offline_too: whether services that no other node can take may go offline for that
        """
        snapshot = self._read()
        status, keeps = snapshot.status, self.framework.capabilities.keeps_nodes_free
        self._node(status, name)
        carried = [service.name for service in status.services.values() if name in service.nodes]
        free = "standby, carries nothing" if keeps else "carries nothing"
        if not carried and (status.nodes[name].standby or not keeps):
            return Movement(f"node {name}", free, free)
        stranded = self._stranded(snapshot, carried, name)
        if stranded and not offline_too:
            names = ", ".join(f"{service} ({reason})" for service, reason in stranded.items())
            them = "it" if len(stranded) == 1 else "them"
            raise FrameworkError(
                f"node {name}: no other node can take {names}, so that evacuating it takes {them} offline; have "
                f"another node take {them}, or accept it with offline_too=true; nothing was changed"
            )
        warnings = [
            f"service {service} goes offline: no other node can take it ({reason})"
            for service, reason in stranded.items()
        ]
        if not keeps:
            warnings.append(f"{self.framework.name} does not keep a node free: a later failover may use {name} again")

        def confirm(after: ClusterStatus) -> None:
            left = [service.name for service in after.services.values() if name in service.nodes]
            if left:
                raise FrameworkError(f"node {name} was evacuated but still carries {', '.join(left)}")
            for service in carried:
                if service not in stranded:
                    self._require(service, "online", None, after)

        before = f"carries {', '.join(carried)}" if carried else "carries nothing"
        plan = self.framework.plan_standby(snapshot, name, True)
        return Movement(f"node {name}", before, free, plan, confirm, warnings)

    def node_returned(self, name: str) -> Movement:
        """The node takes services again. Those that it carried come back only if their ``failback`` is on.

        Also without quorum: nothing is moved by it, and it may be what the cluster lacks.
        """
        snapshot = self.framework.read()
        self._node(snapshot.status, name)
        if not snapshot.status.nodes[name].standby:
            return Movement(f"node {name}", "takes services", "takes services")
        plan = self.framework.plan_standby(snapshot, name, False)
        return Movement(f"node {name}", "standby, takes no services", "takes services", plan)

    def _read(self) -> Snapshot:
        """Everything, in a cluster that does what it is told."""
        snapshot = self.framework.read()
        status = snapshot.status
        if not status.quorate and not status.ignores_quorum:
            away = [name for name, node in status.nodes.items() if not node.online]
            raise FrameworkError(
                "the cluster has no quorum, so that it starts and moves nothing"
                + (f" (not online: {', '.join(away)})" if away else "")
                + "; bring nodes back until it has; nothing was changed"
            )
        return snapshot

    def _service(self, status: ClusterStatus, name: str) -> ServiceStatus:
        if name not in status.services:
            known = ", ".join(status.services) or "none"
            raise FrameworkError(f"service = {name!r}: there is no such service in the cluster; there are: {known}")
        return status.services[name]

    def _node(self, status: ClusterStatus, name: str) -> None:
        if name not in status.nodes:
            raise FrameworkError(
                f"node = {name!r}: is not a member of the cluster; there are: {', '.join(status.nodes)}"
            )

    def _allowed_nodes(self, snapshot: Snapshot, name: str) -> list[str]:
        """The nodes of a service, best first; none where any may carry it."""
        service = snapshot.config.service(name)
        if service is None:
            raise FrameworkError(f"service = {name!r}: has gone from the configuration; run again")
        return list(service.placement or ())

    def _refuse_node(self, snapshot: Snapshot, service: str, node: str) -> None:
        self._node(snapshot.status, node)
        allowed = self._allowed_nodes(snapshot, service)
        if allowed and node not in allowed:
            raise FrameworkError(f"node = {node!r}: service {service} may run on {', '.join(allowed)} only")
        hindrances = snapshot.status.nodes[node].hindrances
        if hindrances:
            raise FrameworkError(f"node = {node!r}: is {', '.join(hindrances)} and cannot take service {service}")

    def _other_nodes(self, snapshot: Snapshot, service: str, node: str) -> dict[str, str]:
        """The service's nodes but this one, best first, and why each cannot take it; empty where it can."""
        status = snapshot.status
        barred = status.services[service].barred
        reasons: dict[str, str] = {}
        for other in self._allowed_nodes(snapshot, service) or status.nodes:
            if other == node:
                continue
            if other not in status.nodes:
                reasons[other] = f"{other} is not a member of the cluster"
            elif status.nodes[other].hindrances:
                reasons[other] = f"{other} is {' and '.join(status.nodes[other].hindrances)}"
            else:
                reasons[other] = f"{other}: {barred[other]}" if other in barred else ""
        return reasons

    def _stranded(self, snapshot: Snapshot, services: Sequence[str], node: str) -> dict[str, str]:
        """Those of the services that no node but this one can take, and why."""
        others = {service: self._other_nodes(snapshot, service, node) for service in services}
        return {service: _joined(reasons, node) for service, reasons in others.items() if all(reasons.values())}

    def _other_node(self, snapshot: Snapshot, service: ServiceStatus) -> str:
        current = service.nodes[0] if service.nodes else ""
        others = self._other_nodes(snapshot, service.name, current)
        fit = [node for node, reason in others.items() if not reason]
        if not fit:
            reasons = _joined(others, current)
            raise FrameworkError(f"service {service.name} has no other node that can take it ({reasons})")
        return fit[0]

    def _require(self, name: str, state: str, node: str | None, status: ClusterStatus) -> None:
        service = self._service(status, name)
        if service.state != state or (node is not None and node not in service.nodes):
            wanted = f"{state} on {node}" if node else state
            raise FrameworkError(f"service {describe_state(service)}, not {wanted}")


def _joined(reasons: Mapping[str, str], node: str) -> str:
    return ", ".join(reasons.values()) or f"it may run on {node} only"


def _words(service: ServiceStatus) -> str:
    return service.state + (f" on {', '.join(service.nodes)}" if service.nodes else "")


def _nothing(service: ServiceStatus) -> Movement:
    return Movement(f"service {service.name}", _words(service), _words(service))
