# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pacemaker: everything is read from one ``cibadmin --query`` and written as one patch of the CIB."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ansible_collections.groupware.ha.plugins.module_utils.cluster_config import (
    ClusterConfig,
    ClusterStatus,
    Resource,
    Service,
)
from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.deployment import Deployment
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Export, FrameworkError, Plan, Snapshot
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker import (
    commands,
    compiling,
    executing,
    exporting,
    planning,
    reading,
    terms,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.planning import Patch, Stop
from ansible_collections.groupware.ha.plugins.module_utils.reconcile import Change


class Pacemaker:
    """The driver for Pacemaker clusters."""

    name = terms.RULES.framework
    rules = terms.RULES
    empty_services = False
    asks_permission = False
    registers_types = False
    settings_on_command_lines = False
    keeps_services_offline = True
    keeps_nodes_free = True

    def __init__(self, runner: Runner) -> None:
        self.runner = runner

    # -- description to native terms, and back ------------------------------------------------------------------

    def compile(self, deployment: Deployment, include_applications: bool = True) -> ClusterConfig:
        """The description as groups, primitives and cluster options.

        :raises DescriptionError: names that meet once compiled, and what makes fencing something else than it says
        """
        return compiling.judged(deployment, include_applications)

    def native_resource(
        self,
        name: str,
        resource_type: str,
        properties: Mapping[str, str],
        meta: Mapping[str, str],
        operations: Mapping[str, Mapping[str, str]],
    ) -> Resource:
        """A primitive.

        :raises DescriptionError: it would make fencing something else than it says
        """
        return compiling.native_resource(name, resource_type, properties, meta, operations)

    def native_service(
        self, name: str, nodes: Sequence[str], properties: Mapping[str, str], resources: Sequence[Resource]
    ) -> Service:
        """A group with its location constraints; ``properties`` are its meta attributes.

        :raises DescriptionError: it would make fencing something else than it says
        """
        return compiling.native_service(name, nodes, properties, resources)

    def native_type(self, name: str, base_type: str | None, properties: Mapping[str, str]) -> Resource:  # noqa: ARG002
        """There are none: a type is an agent that a package brings."""
        raise FrameworkError(
            f"type {name}: Pacemaker registers no types; install the package that brings the agent on every node"
        )

    def axis_settings(self, kind: str, axis: str, value: bool) -> Mapping[str, str]:
        """Meta attributes, and the attribute of the recurring monitor."""
        return terms.axis_settings(kind, axis, value)

    def parse_saved(self, text: str) -> ClusterConfig:
        """A CIB, as ``cibadmin --query`` prints it and ``/var/lib/pacemaker/cib/cib.xml`` holds it."""
        return reading.parse_saved(text)

    def export(self, config: ClusterConfig) -> Export:
        """Groups as services, fencing devices and cluster options as such."""
        return exporting.exported(config, self)

    # -- reading and comparing ----------------------------------------------------------------------------------

    def read(self) -> ClusterConfig:
        """The configuration section of the CIB."""
        return reading.parse_configuration(commands.query_configuration(self.runner))

    def status(self) -> ClusterStatus:
        """Nodes and resources from one ``crm_mon``."""
        return reading.parse_status(commands.monitor(self.runner))

    def missing_agents(self, types: Collection[str]) -> list[str]:
        """Resource types whose agent is not on this node; systemd units and other classes are left to the cluster."""
        return commands.missing_agents(types)

    def same(self, key: str, current: str, desired: str) -> bool:
        """Instance attributes belong to the agent and are compared to the letter, all else by its meaning."""
        return terms.same(key, current, desired)

    def operational(self, key: str) -> bool:
        """What ``crm_resource`` and ``switchover`` set while operating."""
        return terms.operational(key)

    def fixed(self, resource_type: str, key: str) -> bool:  # noqa: ARG002 - as the protocol has it
        """Nothing is: an agent that cannot change in place is restarted by the cluster."""
        return False

    # -- changing -----------------------------------------------------------------------------------------------

    def survey(self) -> Snapshot:
        """Configuration and status; the patches themselves are made from the CIB of their moment."""
        return Snapshot(self.read(), self.status())

    def plan(self, snapshot: Snapshot, changes: Sequence[Change]) -> Plan:
        """One patch, behind one that stops what goes; what that does to services, the cluster decides."""
        return planning.planned(snapshot, changes)

    def carry_out(self, steps: Sequence[Stop | Patch]) -> None:
        """One patch for each step."""
        executing.carry_out(self.runner, steps)

    def settle(self, timeout: float) -> None:
        """Wait until the cluster has no action pending."""
        commands.settle(self.runner, timeout)

    def set_service_enabled(self, service: str, enabled: bool) -> None:
        """Set the target role of the group."""
        executing.set_service_enabled(self.runner, service, enabled)

    def move_service(self, service: str, node: str, timeout: float, start: bool = False) -> None:
        """Prefer the node for as long as the move takes; stickiness keeps the service there afterwards."""
        executing.move_service(self.runner, service, node, timeout, start)

    def set_node_standby(self, node: str, standby: bool) -> None:
        """Set the node's permanent standby attribute."""
        executing.set_node_standby(self.runner, node, standby)

    def set_service_frozen(self, service: str, frozen: bool) -> None:
        """Put the group into maintenance mode: neither started, stopped, moved nor monitored."""
        executing.set_service_frozen(self.runner, service, frozen)

    def clear_failures(self, service: str) -> None:
        """Forget the history of the group's operations; the cluster probes what runs and goes on from there."""
        executing.clear_failures(self.runner, service)
