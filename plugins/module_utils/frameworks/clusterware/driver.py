# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Oracle Clusterware: application virtual addresses by ``appvipcfg``, all else by ``crsctl``; both as root.

How a service stands in it is told in ``terms``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, ClusterStatus
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import Change
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Export, FrameworkError, Plan, Snapshot
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.clusterware import (
    agents,
    asking,
    compiling,
    executing,
    exporting,
    planning,
    reading,
    terms,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.clusterware.steps import Step, Steps


class Clusterware:
    """The driver for Oracle Clusterware, 11.2 and later."""

    name = "clusterware"
    empty_services = False
    asks_permission = True
    registers_types = True
    settings_on_command_lines = True
    keeps_services_offline = True
    keeps_nodes_free = False
    rules = terms.RULES

    def __init__(self, runner: Runner) -> None:
        self.runner = runner

    compile = staticmethod(compiling.compiled)
    native_resource = staticmethod(compiling.native_resource)
    native_service = staticmethod(compiling.native_service)
    native_type = staticmethod(compiling.native_type)

    def axis_settings(self, kind: str, axis: str, value: bool) -> Mapping[str, str]:  # noqa: ARG002 - one for both
        """ENABLED, for a service as for a resource; what is enabled is watched."""
        if axis == "monitored":
            raise FrameworkError("monitored: Clusterware watches whatever is enabled; use enabled, or CHECK_INTERVAL")
        return {"ENABLED": "1" if value else "0"}

    def read(self) -> ClusterConfig:
        """All resources with all their attributes, and all types: two commands."""
        found = asking.attributes(self.runner)
        return reading.configuration(reading.NativeState(found, types=asking.types(self.runner)))

    def missing_agents(self, types: Collection[str]) -> list[str]:
        """Types that are not registered, unless they are registered with the description or by ``appvipcfg``."""
        others = [name for name in types if name not in (terms.ADDRESS_TYPE, *agents.TYPES)]
        registered = asking.types(self.runner) if others else {}
        missing = [name for name in others if name not in registered]
        if terms.ADDRESS_TYPE in types and not self.runner.installed("appvipcfg"):
            missing.append(f"{terms.ADDRESS_TYPE} (appvipcfg)")
        return missing

    def status(self) -> ClusterStatus:
        """Nodes from ``olsnodes``, states from ``crsctl status resource -v``."""
        return reading.status(self._native())

    def survey(self) -> Snapshot:
        """Configuration and status, and the types."""
        native = self._native(typed=True)
        return Snapshot(reading.configuration(native), reading.status(native), native)

    def _native(self, typed: bool = False) -> reading.NativeState:
        found, types = asking.attributes(self.runner), asking.types(self.runner) if typed else {}
        return reading.NativeState(found, asking.instances(self.runner), asking.nodes(self.runner), types)

    def parse_saved(self, text: str) -> ClusterConfig:
        """What ``crsctl status resource -f`` (or ``-p``) printed; it says nothing of types."""
        found = reading.attributes(text)
        if not found:
            raise FrameworkError("the saved configuration is none: it has no resource in it")
        return reading.configuration(reading.NativeState(found))

    def export(self, config: ClusterConfig) -> Export:
        """Addresses and Messaging Server as such, all other resources as native members."""
        return exporting.exported(config, self)

    same = staticmethod(terms.same)

    def operational(self, key: str) -> bool:  # noqa: ARG002 - as the protocol has it
        """Every attribute of a resource has a value always, so there is none to be purged."""
        return True

    def fixed(self, resource_type: str, key: str) -> bool:
        """The network of an address; of other types, the configuration has what is."""
        return resource_type == terms.ADDRESS_TYPE and key == "network"

    def plan(self, snapshot: Snapshot, changes: Sequence[Change]) -> Plan:
        """Stop what goes; then types, deletions, and each service: address, resources, start, AUTO_START at last."""
        return planning.planned(snapshot.native, changes)

    def carry_out(self, steps: Sequence[Step], timeout: float = executing.SLOW) -> None:
        """One command after another."""
        executing.carry_out(self.runner, steps, timeout)

    def settle(self, timeout: float) -> None:
        """Wait until nothing of ours is being started, stopped or cleaned."""
        restless = executing.wait_until_stable(self.runner, timeout)
        if restless:
            raise FrameworkError(
                f"the cluster did not settle within {timeout:g} seconds: {', '.join(restless)}; "
                "'crsctl status resource -v' shows what it is doing"
            )

    def set_service_enabled(self, service: str, enabled: bool) -> None:
        """Start the service wherever it may run, or stop it; a stopped one has TARGET=OFFLINE and stays so."""
        steps = self._steps_for(service)
        if enabled:
            steps.start(service, None)
        else:
            steps.stop_members(steps.members(service))
        self.carry_out(steps.steps)

    def move_service(self, service: str, node: str, timeout: float, start: bool = False) -> None:  # noqa: ARG002
        """Relocate what runs, with force so that its address goes along; start there what does not run."""
        steps = self._steps_for(service)
        steps.bring_to(service, node)
        self.carry_out(steps.steps, max(timeout, 1.0))

    def set_node_standby(self, node: str, standby: bool) -> None:
        """Relocate every service away from the node. Clusterware does not note that it is to stay free."""
        if not standby:
            return
        steps = Steps(self._native())
        for service in steps.services:
            steps.leave(service, node)
        self.carry_out(steps.steps)

    def set_service_frozen(self, service: str, frozen: bool) -> None:
        """Set ENABLED of all members."""
        steps = self._steps_for(service)
        steps.freeze(service, frozen)
        self.carry_out(steps.steps)

    def clear_failures(self, service: str) -> None:
        """Take back the state UNKNOWN (table 9-2: ``crsctl stop resource``, once it is stopped), then start again."""
        steps = self._steps_for(service)
        steps.clear(service)
        self.carry_out(steps.steps)

    def _steps_for(self, service: str) -> Steps:
        steps = Steps(self._native())
        if service not in steps.services:
            raise FrameworkError(f"service {service}: there is no such service in the cluster")
        return steps
