# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Veritas Cluster Server (InfoScale Availability): service groups, resources and types by its command line.

Everything is read from ``hagrp -display``, ``hares -display``, ``hares -dep``, ``hagrp -dep``, ``hatype -display`` and
``haclus -display``, and changed while the configuration is opened once (``haconf -makerw``) and closed again whatever
happens (``haconf -dump -makero``). A service that is taken offline is disabled as a group, so that it stays so.

What ``purge`` removes is services, members, systems and overridden attributes of those that every type has. VCS has a
value for every other attribute at any time and does not say which one was set, so those stay as they are.

Sources: VCS 5.0 to InfoScale 7.4 manual pages hagrp(1M), hares(1M), hatype(1M), haconf(1M), hasys(1M); Messaging Server
System Administrator's Guide, "Veritas Cluster Server Agent Installation".
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Sequence

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterStatus
from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Command, Plan, Step
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import Change
from ansible_collections.groupware.ha.plugins.module_utils.formats.vcs_tables import message_numbers
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import (
    Framework,
    FrameworkError,
    Snapshot,
)
from . import asking, commands, compiling, exporting, planning, reading, terms
from .native import Native, declared_types, moving_nodes

#: Seconds between two looks at a state; VCS itself says sooner when it is reached.
_LOOK = 10


class VeritasClusterServer(Framework):
    """The driver for Veritas Cluster Server."""

    capabilities = terms.CAPABILITIES
    #: VCS's OnlineTimeout and OfflineTimeout are 300.
    patience = 330.0
    status_command = "hastatus -sum"

    compile = staticmethod(compiling.compile_description)
    export = staticmethod(exporting.export_description)
    native_resource = staticmethod(compiling.native_resource)
    native_service = staticmethod(compiling.native_service)
    native_type = staticmethod(compiling.native_type)
    axis_settings = staticmethod(compiling.axis_settings)
    parse_saved = staticmethod(reading.parse_main_cf)

    def read(self) -> Snapshot:
        """Groups, resources, dependencies, types, cluster attributes and systems, by one command each."""
        native = self.observe()
        return Snapshot(reading.read_configuration(native), reading.read_status(native), native)

    def status(self) -> ClusterStatus:
        """Groups and resources as ``hagrp`` and ``hares`` display them, systems from ``hastatus -sum``."""
        return reading.read_status(self.observe())

    def missing_agents(self, types: Collection[str]) -> list[str]:
        """Types that neither a types file on this node declares nor VCS has registered."""
        declared: Collection[str] = ()
        # Where a file cannot be read, it is said if a type depends on it.
        with contextlib.suppress(FrameworkError):
            declared = declared_types(types, {}, self.runner.read_file)
        left = [name for name in types if name not in declared]
        if not left:
            return []
        registered = self.observe().types
        left = [name for name in left if name not in registered]
        declared = declared_types(left, registered, self.runner.read_file)
        return [name for name in left if name not in declared]

    same = staticmethod(terms.same)
    operational = staticmethod(terms.operational)

    def plan(self, snapshot: Snapshot, changes: Sequence[Change]) -> Plan:
        """Stops first; all changes are made while the configuration is open once."""
        return asking.while_open(planning.plan_changes(snapshot, changes))

    def plan_enabling(self, snapshot: Snapshot, service: str, enabled: bool) -> Plan:
        """Enable the group and bring it online; or take it offline and disable it, so that it stays so."""
        operation = planning.bring_online if enabled else planning.take_offline
        return _operation(operation(service, snapshot.native))

    def plan_moving(self, snapshot: Snapshot, service: str, node: str, timeout: float) -> Plan:  # noqa: ARG002
        """Switch the group, or bring it online where it is not."""
        return _operation(planning.move(service, node, snapshot.native))

    def plan_standby(self, snapshot: Snapshot, node: str, standby: bool) -> Plan:
        """Freeze the system for good and evacuate it; or unfreeze it."""
        steps = planning.evacuate(node, snapshot.native) if standby else commands.unfreeze_system(node)
        return _operation(steps)

    def plan_freezing(self, snapshot: Snapshot, service: str, frozen: bool) -> Plan:
        """Freeze the group for good; unfreeze it in both ways that it can be frozen."""
        return _operation(planning.freeze(service, frozen, snapshot.native))

    def plan_clearing(self, snapshot: Snapshot, service: str) -> Plan:
        """Clear faults, ADMIN_WAIT and stops that did not succeed, wherever there are any."""
        return _operation(planning.clear(service, snapshot.native))

    def observe(self) -> Native:
        """Everything, each part by one command when somebody looks."""
        return asking.native_state(self.runner)

    def under_way(self, observation: Native) -> Sequence[str]:
        """Groups on their way."""
        return [
            f"{group} on {node} ({state})"
            for group, values in observation.groups.items()
            for node, state in moving_nodes(values).items()
        ]

    def passing(self, error: CommandError) -> bool:
        """What is rejected while a node joins or leaves the cluster."""
        return asking.BUSY in message_numbers(error.output)

    def await_states(self, steps: Sequence[Step], seconds: float) -> None:
        """Have VCS say when what was set going first is where it should be."""
        for step in steps:
            if isinstance(step.action, Command):
                program, verb, name, _option, node = step.action.argv
                state = "OFFLINE" if verb == "-offline" else "ONLINE"
                limit = max(1, min(_LOOK, int(seconds)))
                argv = [program, "-wait", name, "State", state, "-sys", node, "-time", str(limit)]
                with contextlib.suppress(FrameworkError):
                    asking.ask(self.runner, argv, timeout=limit + 30)
                return


def _operation(steps: Sequence[Step]) -> Plan:
    """The configuration is opened for what is written in it alone."""
    plan = Plan(changing=steps)
    return asking.while_open(plan) if any(map(commands.is_written, steps)) else plan
