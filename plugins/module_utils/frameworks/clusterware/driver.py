# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Oracle Clusterware: application virtual addresses by ``appvipcfg``, all else by ``crsctl``; both as root.

How a service stands in it is told in ``terms``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, ClusterStatus
from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Plan
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import Change
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import (
    Framework,
    FrameworkError,
    Snapshot,
)
from . import agents, asking, compiling, exporting, planning, reading, terms
from .steps import SLOW, Steps


class Clusterware(Framework):
    """The driver for Oracle Clusterware, 11.2 and later."""

    capabilities = terms.CAPABILITIES
    patience = SLOW
    quiet = 0.0  # commands end when what they set going has ended
    status_command = "crsctl status resource -v"

    compile = staticmethod(compiling.compiled)
    export = staticmethod(exporting.exported)
    native_resource = staticmethod(compiling.native_resource)
    native_service = staticmethod(compiling.native_service)
    native_type = staticmethod(compiling.native_type)

    def axis_settings(self, kind: str, axis: str, value: bool) -> Mapping[str, str]:  # noqa: ARG002 - one for both
        """ENABLED, for a service as for a resource; what is enabled is watched."""
        if axis == "monitored":
            raise FrameworkError("monitored: Clusterware watches whatever is enabled; use enabled, or CHECK_INTERVAL")
        return {"ENABLED": "1" if value else "0"}

    def read(self) -> Snapshot:
        """All resources with all their attributes, their states, the nodes, and all types: four commands."""
        native = asking.native_state(self.runner)
        return Snapshot(reading.configuration(native), reading.status(native), native)

    def status(self) -> ClusterStatus:
        """What ``read`` tells of it, without the types."""
        return reading.status(asking.native_state(self.runner))

    def missing_agents(self, types: Collection[str]) -> list[str]:
        """Types that are not registered, unless they are registered with the description or by ``appvipcfg``."""
        others = [name for name in types if name not in (terms.ADDRESS_TYPE, *agents.TYPES)]
        registered = asking.native_state(self.runner).types
        missing = [name for name in others if name not in registered]
        if terms.ADDRESS_TYPE in types and not self.runner.installed("appvipcfg"):
            missing.append(f"{terms.ADDRESS_TYPE} (appvipcfg)")
        return missing

    def parse_saved(self, text: str) -> ClusterConfig:
        """What ``crsctl status resource -f`` (or ``-p``) printed; it says nothing of types."""
        found = reading.attributes(text)
        if not found:
            raise FrameworkError("the saved configuration is none: it has no resource in it")
        return reading.configuration(reading.NativeState(found))

    same = staticmethod(terms.same)

    def fixed(self, resource_type: str, key: str) -> bool:
        """The network of an address; of other types, the configuration has what is."""
        return resource_type == terms.ADDRESS_TYPE and key == "network"

    def plan(self, snapshot: Snapshot, changes: Sequence[Change]) -> Plan:
        """Stop what goes; then types, deletions, and each service: address, resources, start, AUTO_START at last."""
        return planning.planned(snapshot.native, changes)

    def plan_enabling(self, snapshot: Snapshot, service: str, enabled: bool) -> Plan:
        """Start the service wherever it may run, or stop it; a stopped one has TARGET=OFFLINE and stays so."""
        steps = Steps(snapshot.native)
        if enabled:
            steps.start(service, None)
        else:
            steps.stop_members(steps.members(service))
        return Plan(changing=steps.steps)

    def plan_moving(self, snapshot: Snapshot, service: str, node: str, timeout: float) -> Plan:  # noqa: ARG002
        """Relocate what runs, with force so that its address goes along; start there what does not run."""
        steps = Steps(snapshot.native)
        steps.bring_to(service, node)
        return Plan(changing=steps.steps)

    def plan_standby(self, snapshot: Snapshot, node: str, standby: bool) -> Plan:
        """Relocate every service away from the node. Clusterware does not note that it is to stay free."""
        steps = Steps(snapshot.native)
        for service in steps.services if standby else ():
            steps.leave(service, node)
        return Plan(changing=steps.steps)

    def plan_freezing(self, snapshot: Snapshot, service: str, frozen: bool) -> Plan:
        """Set ENABLED of all members."""
        steps = Steps(snapshot.native)
        steps.freeze(service, frozen)
        return Plan(changing=steps.steps)

    def plan_clearing(self, snapshot: Snapshot, service: str) -> Plan:
        """Take back the state UNKNOWN (table 9-2: ``crsctl stop resource``, once it is stopped), then start again."""
        steps = Steps(snapshot.native)
        steps.clear(service)
        return Plan(changing=steps.steps)

    def observe(self) -> reading.NativeState:
        """Everything, each part by one command when somebody looks."""
        return asking.native_state(self.runner)

    def under_way(self, observation: reading.NativeState) -> Sequence[str]:
        """What of ours is being started, stopped or cleaned."""
        return [
            f"{name} is {instance.internal}"
            for name, found in observation.instances.items()
            for instance in found
            if not instance.stable
        ]
