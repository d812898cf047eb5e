# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pacemaker: everything is read from one ``cibadmin --query`` and written as one patch of the CIB."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterStatus
from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Plan, Step
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import Change
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Framework, Snapshot
from . import asking, compiling, exporting, planning, reading, terms


class Pacemaker(Framework):
    """The driver for Pacemaker clusters."""

    capabilities = terms.CAPABILITIES
    quiet = 0.0  # at rest is a cluster that has nothing left to do
    status_command = "crm_mon --one-shot"

    compile = staticmethod(compiling.judged)
    export = staticmethod(exporting.exported)
    native_resource = staticmethod(compiling.native_resource)
    native_service = staticmethod(compiling.native_service)
    axis_settings = staticmethod(terms.axis_settings)
    same = staticmethod(terms.same)
    operational = staticmethod(terms.operational)
    parse_saved = staticmethod(reading.parse_saved)
    missing_agents = staticmethod(asking.missing_agents)
    plan_enabling = staticmethod(planning.enabling)
    plan_moving = staticmethod(planning.moving)
    plan_standby = staticmethod(planning.standby)
    plan_freezing = staticmethod(planning.freezing)
    plan_clearing = staticmethod(planning.clearing)

    def read(self) -> Snapshot:
        """The configuration section of the CIB, and the status; patches are made from the CIB of their moment."""
        found = self.observe()
        return Snapshot(found.config, found.status, found.failed_operations)

    def status(self) -> ClusterStatus:
        """Nodes and resources from one ``crm_mon``."""
        return self.observe().status

    def plan(self, snapshot: Snapshot, changes: Sequence[Change]) -> Plan:
        """One patch, behind one that stops what goes; what that does to services, the cluster decides."""
        return planning.planned(snapshot, changes, asking.Patch)

    def observe(self) -> reading.Observation:
        """Status and configuration, each by one command when somebody looks."""
        return asking.observation(self.runner)

    def under_way(self, observation: reading.Observation) -> Sequence[str]:
        """Actions that have not ended, or not begun."""
        return observation.under_way

    def await_states(self, steps: Sequence[Step], seconds: float) -> None:  # noqa: ARG002 - it waits for all there is
        """Until nothing is left to do: what has not come true then will not."""
        self.settle(math.ceil(seconds))
