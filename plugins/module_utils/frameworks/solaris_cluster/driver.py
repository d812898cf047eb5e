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
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, Runner
from ansible_collections.groupware.ha.plugins.module_utils.description.model import Description
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig
from ansible_collections.groupware.ha.plugins.module_utils.formats.hosts import addresses
from ansible_collections.groupware.ha.plugins.module_utils.formats.solaris_cluster_properties import (
    set_at_creation_only,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Export, Framework, Snapshot
from . import asking, compiling, planning, reading, terms
from .exporting import exported

#: Says which release a node has, as in ``Oracle Solaris Cluster 4.3 for Solaris 11``.
RELEASE_FILE = "/etc/cluster/release"

#: Exit statuses for a cluster that reconfigures or is busy. They are only a reason to try once more.
_BUSY_STATUSES = (5, 38)


class SolarisCluster(Framework):
    """The driver for Solaris Cluster."""

    capabilities = terms.CAPABILITIES
    quiet = 10.0
    pause = 2.0
    status_command = "scstat -g"

    def __init__(self, runner: Runner) -> None:
        super().__init__(runner)
        self._objects = runner.installed("clrg")
        # Unless groups can be suspended, an offline one may be started by the cluster.
        self.capabilities = replace(terms.CAPABILITIES, keeps_services_offline=self._objects)

    def compile(self, description: Description, include_applications: bool = True) -> ClusterConfig:
        """The description as resource groups, and the resource types that they need."""
        found = re.search(r"Cluster\s+(\d+)\.", self.runner.read_file(RELEASE_FILE) or "")
        return compiling.compiled(description, include_applications, found is not None and int(found[1]) >= 4)

    native_resource = staticmethod(compiling.native_resource)
    native_service = staticmethod(compiling.native_service)
    native_type = staticmethod(compiling.native_type)

    def axis_settings(self, kind: str, axis: str, value: bool) -> Mapping[str, str]:  # noqa: ARG002 - one for both
        """The axes are settings of their own names."""
        return {axis: terms.truth(value)}

    def read(self) -> Snapshot:
        """Nodes, groups, resources, types; which groups are suspended where groups can be: three commands at most."""
        native = asking.native_state(self.runner, self._objects)
        return Snapshot(native.config, reading.status(native), native)

    def missing_agents(self, types: Collection[str]) -> list[str]:
        """Types that have no registration file on this node and are not registered."""
        missing = [name for name in types if not self._can_register(name)]
        registered = {found.name for found in self.observe().config.types} if missing else ()
        return [name for name in missing if name not in registered]

    def _can_register(self, name: str) -> bool:
        return any(
            self.runner.read_file(f"{directory}/{file}") is not None
            for directory in terms.REGISTRATION_DIRECTORIES
            for file in dict.fromkeys([name, terms.split_type(name)[0]])
        )

    def parse_saved(self, text: str) -> ClusterConfig:
        """What ``scrgadm -pvv`` printed."""
        return reading.parse_configuration(text)

    def export(self, config: ClusterConfig) -> Export:
        """Groups as services. The addresses of host names are taken from this node's hosts file."""
        known = addresses(self.runner.read_file("/etc/hosts") or "")
        return exported(config, known, self.compile)

    same = staticmethod(terms.same)

    def fixed(self, resource_type: str, key: str) -> bool:  # noqa: ARG002 - a property is the same in all types
        """What can only be set when a resource is created."""
        return set_at_creation_only(key)

    plan = staticmethod(planning.planned)
    plan_enabling = staticmethod(planning.enabling)
    plan_moving = staticmethod(planning.moving)
    plan_standby = staticmethod(planning.standby)
    plan_freezing = staticmethod(planning.freezing)
    plan_clearing = staticmethod(planning.clearing)

    def observe(self) -> reading.NativeState:
        """Groups and resources, each part by one command when somebody looks."""
        return asking.native_state(self.runner, self._objects, "-g")

    def under_way(self, observation: reading.NativeState) -> Sequence[str]:
        """Groups and resources on their way to another state."""
        return reading.under_way(observation.states)

    def passing(self, error: CommandError) -> bool:
        """Whether the cluster was busy."""
        return error.status in _BUSY_STATUSES
