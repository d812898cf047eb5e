# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Solaris Cluster 3.0 to 4.4: read from ``scrgadm -pvv`` and ``scstat``, changed command by command.

There are two command sets. ``scrgadm`` and ``scswitch`` are in every release; from 3.2 on the object commands ``clrg``,
``clrs``, ``clrslh`` and ``clrt`` are there too, and are used where they are installed, since they alone are documented
to suspend a group. Every command is synchronous; one that failed or did not answer is judged by the state that it left.

What services and resources are made of is told in ``terms``, the order of commands in ``planning``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.description.model import Description
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, ClusterStatus
from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Plan
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import Change
from ansible_collections.groupware.ha.plugins.module_utils.formats.hosts import addresses
from ansible_collections.groupware.ha.plugins.module_utils.formats.solaris_cluster_properties import (
    set_at_creation_only,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Export, FrameworkError, Snapshot
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.solaris_cluster import (
    compiling,
    operating,
    planning,
    reading,
    terms,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.solaris_cluster.commands import (
    Commands,
    ObjectCommands,
    OriginalCommands,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.solaris_cluster.executing import PATIENCE, Cluster
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.solaris_cluster.exporting import exported
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.solaris_cluster.steps import Step

#: Says which release a node has, as in ``Oracle Solaris Cluster 4.3 for Solaris 11``.
RELEASE_FILE = "/etc/cluster/release"


class SolarisCluster:
    """The driver for Solaris Cluster."""

    capabilities = terms.CAPABILITIES

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self._commands: Commands = ObjectCommands() if runner.installed("clrg") else OriginalCommands()
        self._cluster = Cluster(runner, self._commands)
        # Unless groups can be suspended, an offline one may be started by the cluster.
        self.capabilities = replace(terms.CAPABILITIES, keeps_services_offline=self._commands.can_suspend)

    def compile(self, description: Description, include_applications: bool = True) -> ClusterConfig:
        """The description as resource groups, and the resource types that they need."""
        found = re.search(r"Cluster\s+(\d+)\.", self.runner.read_file(RELEASE_FILE) or "")
        return compiling.compiled(description, include_applications, found is not None and int(found[1]) >= 4)

    native_resource = staticmethod(compiling.native_resource)
    native_service = staticmethod(compiling.native_service)
    native_type = staticmethod(compiling.native_type)

    def axis_settings(self, kind: str, axis: str, value: bool) -> Mapping[str, str]:  # noqa: ARG002 - as the protocol has it
        """The axes are settings of their own names."""
        return {axis: terms.truth(value)}

    def read(self) -> ClusterConfig:
        """Everything that ``scrgadm -pvv`` prints."""
        return self._cluster.configuration()

    def missing_agents(self, types: Collection[str]) -> list[str]:
        """Types that have no registration file on this node and are not registered."""
        missing = [name for name in types if not self._can_register(name)]
        registered = {found.name for found in self.read().types} if missing else ()
        return [name for name in missing if name not in registered]

    def _can_register(self, name: str) -> bool:
        return any(
            self.runner.read_file(f"{directory}/{file}") is not None
            for directory in terms.REGISTRATION_DIRECTORIES
            for file in dict.fromkeys([name, terms.split_type(name)[0]])
        )

    def status(self) -> ClusterStatus:
        """Nodes, groups and resources; which groups are suspended where groups can be."""
        return reading.status(self._cluster.native())

    def survey(self) -> Snapshot:
        """Configuration and states."""
        native = self._cluster.native()
        return Snapshot(native.config, reading.status(native), native)

    def parse_saved(self, text: str) -> ClusterConfig:
        """What ``scrgadm -pvv`` printed."""
        return reading.parse_configuration(text)

    def export(self, config: ClusterConfig) -> Export:
        """Groups as services. The addresses of host names are taken from this node's hosts file."""
        known = addresses(self.runner.read_file("/etc/hosts") or "")
        return exported(config, known, self.compile, self)

    same = staticmethod(terms.same)

    def operational(self, key: str) -> bool:  # noqa: ARG002 - as the protocol has it
        """A property always has a value, its agent's default if nobody set it: none can be purged."""
        return True

    def fixed(self, resource_type: str, key: str) -> bool:  # noqa: ARG002 - as the protocol has it
        """What can only be set when a resource is created."""
        return set_at_creation_only(key)

    def plan(self, snapshot: Snapshot, changes: Sequence[Change]) -> Plan:
        """Groups offline and resources disabled that go, with all that needs them; then the changes, one by one."""
        return planning.planned(self._commands, snapshot.native, changes)

    def carry_out(self, steps: Iterable[Step], patience: float = PATIENCE) -> None:
        """One command after another, each until it has led where it should."""
        self._cluster.carry_out(list(steps), patience)

    def settle(self, timeout: float) -> None:
        """Wait until no group is on its way to another state."""
        self._cluster.settle(timeout)

    def set_service_enabled(self, service: str, enabled: bool) -> None:
        """Bring the group online on its preferred node, or take it offline; suspended so that it stays so."""
        self.carry_out(operating.enabled(self._commands, self._cluster.native(), service, enabled))

    def move_service(self, service: str, node: str, timeout: float, start: bool = False) -> None:
        """Switch the group to the node."""
        native = self._cluster.native(suspensions=start)
        self.carry_out(operating.moved(self._commands, native, service, node, start), timeout)

    def set_node_standby(self, node: str, standby: bool) -> None:
        """Evacuate the node, once: no release can keep a node free."""
        if standby:
            self.carry_out(operating.evacuated(self._commands, self._cluster.native(suspensions=False), node))

    def set_service_frozen(self, service: str, frozen: bool) -> None:
        """Suspend the group: it is neither started, moved nor restarted by the cluster, and left as it is."""
        if not self._commands.can_suspend:
            raise FrameworkError(
                f"service {service}: this release of Solaris Cluster cannot suspend a resource group (clrg is not "
                "installed; it comes with 3.2); switch off its monitors, or take it offline"
            )
        self.carry_out(operating.frozen(self._commands, self._cluster.native(), service, frozen))

    def clear_failures(self, service: str) -> None:
        """Clear the error flag of members that failed to stop; try those again that failed to start."""
        self.carry_out(operating.cleared(self._commands, self._cluster.native(suspensions=False), service))
