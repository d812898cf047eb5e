# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Day two: bring services online and offline, move them, evacuate nodes; and say where they ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import (
    ClusterConfig,
    ClusterStatus,
    ServiceStatus,
)
from ansible_collections.groupware.ha.plugins.module_utils.engine.session import describe_state
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Framework, FrameworkError


@dataclass
class Movement:
    """What an operation is to change, from where to where, and how.

    ``act`` is None when there is nothing to do; ``confirm`` fails unless it ended as it should.
    """

    subject: str
    before: str
    after: str
    act: Callable[[], None] | None = None
    confirm: Callable[[], None] | None = None
    warnings: list[str] = field(default_factory=list)

    def carry_out(self, check_mode: bool) -> None:
        """Do it and confirm it. In check mode the runner records the commands and starts none."""
        if self.act is not None:
            self.act()
            if self.confirm is not None and not check_mode:
                self.confirm()

    @property
    def changed(self) -> bool:
        """Whether there is anything to do."""
        return self.act is not None

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

    def service_online(self, name: str, node: str | None) -> Movement:
        """The service runs: on the node, or anywhere if none is given."""
        status = self._status()
        service = self._service(status, name)
        if node is not None and service.state == "online" and node in service.nodes:
            return _nothing(service)
        if node is None and service.state == "online":
            return _nothing(service)
        if node is not None:
            self._refuse_node(status, name, node)

        def act() -> None:
            if node is not None:
                self.framework.move_service(name, node, self.timeout, start=not service.enabled)
            else:
                # Also where it is enabled: what half a run stopped, or the cluster gave up, is told to run.
                self.framework.set_service_enabled(name, True)

        def confirm() -> None:
            self.framework.settle(self.timeout)
            self._require(self.framework.status(), name, "online", node)

        return Movement(f"service {name}", _words(service), f"online on {node}" if node else "online", act, confirm)

    def service_offline(self, name: str) -> Movement:
        """The service does not run and is not started, until it is brought online again."""
        service = self._service(self._status(), name)
        if service.state == "offline" and not (service.enabled and self.framework.keeps_services_offline):
            return _nothing(service)
        warnings = []
        if not self.framework.keeps_services_offline:
            warnings.append(
                f"this release of {self.framework.name} keeps service {name} offline only until its members change "
                "or a node of it starts"
            )

        def act() -> None:
            self.framework.set_service_enabled(name, False)

        def confirm() -> None:
            self.framework.settle(self.timeout)
            self._require(self.framework.status(), name, "offline", None)

        return Movement(f"service {name}", _words(service), "offline", act, confirm, warnings)

    def service_frozen(self, name: str, frozen: bool) -> Movement:
        """The cluster leaves the service as it is, for maintenance; or acts on it again."""
        service = self._service(self._status(), name)
        words = {True: "frozen", False: "under the cluster's control"}
        if service.frozen == frozen:
            return Movement(f"service {name}", words[frozen], words[frozen])

        def act() -> None:
            self.framework.set_service_frozen(name, frozen)

        def confirm() -> None:
            self.framework.settle(self.timeout)
            if self._service(self.framework.status(), name).frozen != frozen:
                raise FrameworkError(f"service {name} is still {words[not frozen]}")

        return Movement(f"service {name}", words[service.frozen], words[frozen], act, confirm)

    def service_cleared(self, name: str) -> Movement:
        """The cluster has forgotten that members of the service failed. Somebody has looked at why before."""
        service = self._service(self._status(), name)
        failed = [*service.failures, *(f"{member.name} failed" for member in service.members if member.failed)]
        if not failed:
            return Movement(f"service {name}", "no failures", "no failures")

        def act() -> None:
            self.framework.clear_failures(name)

        def confirm() -> None:
            self.framework.settle(self.timeout)
            after = self._service(self.framework.status(), name)
            if after.failures or any(member.failed for member in after.members):
                raise FrameworkError(f"service {describe_state(after)} still, after its failures were cleared")

        return Movement(f"service {name}", "; ".join(failed), "no failures", act, confirm)

    def service_moved(self, name: str, node: str | None) -> Movement:
        """The running service runs on the node; without one, on the best of its other nodes."""
        status = self._status()
        service = self._service(status, name)
        if node is None:
            node = self._other_node(status, service)
        if not service.nodes:
            raise FrameworkError(f"service {describe_state(service)}: only a running service is moved; bring it online")
        return self.service_online(name, node)

    def node_evacuated(self, name: str, offline_too: bool = False) -> Movement:
        """The node carries nothing and takes nothing, until it is returned.

        :param offline_too: whether services that no other node can take may go offline for that
        """
        status = self._status()
        self._node(status, name)
        carried = [service.name for service in status.services.values() if name in service.nodes]
        free = "standby, carries nothing" if self.framework.keeps_nodes_free else "carries nothing"
        if not carried and (status.nodes[name].standby or not self.framework.keeps_nodes_free):
            return Movement(f"node {name}", free, free)
        stranded = self._stranded(status, carried, name)
        if stranded and not offline_too:
            names = ", ".join(f"{service} ({reason})" for service, reason in stranded.items())
            raise FrameworkError(
                f"node {name}: no other node can take {names}, so that evacuating it takes "
                f"{'it' if len(stranded) == 1 else 'them'} offline; have another node take "
                f"{'it' if len(stranded) == 1 else 'them'}, or accept it with offline_too=true; nothing was changed"
            )
        warnings = [
            f"service {service} goes offline: no other node can take it ({reason})"
            for service, reason in stranded.items()
        ]
        if not self.framework.keeps_nodes_free:
            warnings.append(f"{self.framework.name} does not keep a node free: a later failover may use {name} again")

        def act() -> None:
            self.framework.set_node_standby(name, True)

        def confirm() -> None:
            self.framework.settle(self.timeout)
            after = self.framework.status()
            left = [service.name for service in after.services.values() if name in service.nodes]
            if left:
                raise FrameworkError(f"node {name} was evacuated but still carries {', '.join(left)}")
            for service in carried:
                if service not in stranded:
                    self._require(after, service, "online", None)

        before = f"carries {', '.join(carried)}" if carried else "carries nothing"
        return Movement(f"node {name}", before, free, act, confirm, warnings)

    def node_returned(self, name: str) -> Movement:
        """The node takes services again. Those that it carried come back only if their ``failback`` is on.

        Also without quorum: nothing is moved by it, and it may be what the cluster lacks.
        """
        status = self.framework.status()
        self._node(status, name)
        if not status.nodes[name].standby:
            return Movement(f"node {name}", "takes services", "takes services")

        def act() -> None:
            self.framework.set_node_standby(name, False)

        def confirm() -> None:
            self.framework.settle(self.timeout)

        return Movement(f"node {name}", "standby, takes no services", "takes services", act, confirm)

    def _status(self) -> ClusterStatus:
        """Where everything is, in a cluster that does what it is told."""
        status = self.framework.status()
        if not status.quorate and not status.ignores_quorum:
            away = [name for name, node in status.nodes.items() if not node.online]
            raise FrameworkError(
                "the cluster has no quorum, so that it starts and moves nothing"
                + (f" (not online: {', '.join(away)})" if away else "")
                + "; bring nodes back until it has; nothing was changed"
            )
        return status

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

    def _allowed_nodes(self, names: Sequence[str]) -> dict[str, list[str]]:
        """The nodes of each of these services, best first; they are all read at once."""
        config = self.framework.read() if names else ClusterConfig()
        allowed = {}
        for name in names:
            service = config.service(name)
            if service is None:
                raise FrameworkError(f"service = {name!r}: has gone from the configuration; run again")
            allowed[name] = list(service.placement or ())
        return allowed

    def _refuse_node(self, status: ClusterStatus, service: str, node: str) -> None:
        self._node(status, node)
        allowed = self._allowed_nodes([service])[service]
        if allowed and node not in allowed:
            raise FrameworkError(f"node = {node!r}: service {service} may run on {', '.join(allowed)} only")
        hindrances = status.nodes[node].hindrances
        if hindrances:
            raise FrameworkError(f"node = {node!r}: is {', '.join(hindrances)} and cannot take service {service}")

    def _other_nodes(self, status: ClusterStatus, names: Sequence[str], node: str) -> dict[str, dict[str, str]]:
        """Of each service the nodes but this one, best first, and why each cannot take it; empty where it can."""
        return {
            service: self._hindered(status, service, [other for other in allowed or status.nodes if other != node])
            for service, allowed in self._allowed_nodes(names).items()
        }

    @staticmethod
    def _hindered(status: ClusterStatus, service: str, nodes: Sequence[str]) -> dict[str, str]:
        """Why each of the nodes cannot take the service; empty where it can."""
        barred = status.services[service].barred
        reasons: dict[str, str] = {}
        for other in nodes:
            if other not in status.nodes:
                reasons[other] = f"{other} is not a member of the cluster"
            elif status.nodes[other].hindrances:
                reasons[other] = f"{other} is {' and '.join(status.nodes[other].hindrances)}"
            else:
                reasons[other] = f"{other}: {barred[other]}" if other in barred else ""
        return reasons

    def _stranded(self, status: ClusterStatus, services: list[str], node: str) -> dict[str, str]:
        """Those of the services that no node but this one can take, and why."""
        others = self._other_nodes(status, services, node)
        return {
            service: ", ".join(reasons.values()) or f"it may run on {node} only"
            for service, reasons in others.items()
            if all(reasons.values())
        }

    def _other_node(self, status: ClusterStatus, service: ServiceStatus) -> str:
        current = service.nodes[0] if service.nodes else ""
        others = self._other_nodes(status, [service.name], current)[service.name]
        fit = [node for node, reason in others.items() if not reason]
        if not fit:
            reasons = ", ".join(others.values()) or f"it may run on {current} only"
            raise FrameworkError(f"service {service.name} has no other node that can take it ({reasons})")
        return fit[0]

    def _require(self, status: ClusterStatus, name: str, state: str, node: str | None) -> None:
        service = self._service(status, name)
        if service.state != state or (node is not None and node not in service.nodes):
            wanted = f"{state} on {node}" if node else state
            raise FrameworkError(f"service {describe_state(service)}, not {wanted}")


def _words(service: ServiceStatus) -> str:
    return service.state + (f" on {', '.join(service.nodes)}" if service.nodes else "")


def _nothing(service: ServiceStatus) -> Movement:
    return Movement(f"service {service.name}", _words(service), _words(service))
