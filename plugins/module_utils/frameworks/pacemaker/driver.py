# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pacemaker: everything is read from one ``cibadmin --query`` and written as one patch of the CIB."""

from __future__ import annotations

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, ClusterStatus, Resource
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Export, FrameworkError, Snapshot
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker import (
    compiling,
    executing,
    exporting,
    planning,
    reading,
    terms,
)


class Pacemaker(executing.Executor):
    """The driver for Pacemaker clusters."""

    capabilities = terms.CAPABILITIES

    compile = staticmethod(compiling.judged)
    native_resource = staticmethod(compiling.native_resource)
    native_service = staticmethod(compiling.native_service)
    axis_settings = staticmethod(terms.axis_settings)
    same = staticmethod(terms.same)
    operational = staticmethod(terms.operational)
    plan = staticmethod(planning.planned)
    parse_saved = staticmethod(reading.parse_saved)
    missing_agents = staticmethod(executing.missing_agents)

    def native_type(self, name: str, base_type: str | None, properties: object) -> Resource:  # noqa: ARG002
        """There are none: a type is an agent that a package brings."""
        raise FrameworkError(
            f"type {name}: Pacemaker registers no types; install the package that brings the agent on every node"
        )

    def fixed(self, resource_type: str, key: str) -> bool:  # noqa: ARG002 - as the protocol has it
        """Nothing is: an agent that cannot change in place is restarted by the cluster."""
        return False

    def read(self) -> ClusterConfig:
        """The configuration section of the CIB."""
        return reading.parse_configuration(self.configuration())

    def status(self) -> ClusterStatus:
        """Nodes and resources from one ``crm_mon``."""
        return reading.parse_status(self.monitor())

    def survey(self) -> Snapshot:
        """Configuration and status; the patches themselves are made from the CIB of their moment."""
        return Snapshot(self.read(), self.status())

    def export(self, config: ClusterConfig) -> Export:
        """Groups as services, fencing devices and cluster options as such."""
        return exporting.exported(config, self)
