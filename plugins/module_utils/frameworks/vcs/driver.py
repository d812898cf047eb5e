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

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, ClusterStatus
from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Plan
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import Change
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Export, FrameworkError, Snapshot
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.vcs import (
    asking,
    compiling,
    exporting,
    planning,
    reading,
    terms,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.vcs.commands import Transaction, stop
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.vcs.executing import (
    TRANSITION_TIMEOUT,
    Executor,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.vcs.group_planning import refuse_untouchable
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.vcs.native import Native, Types, declared_types


class VeritasClusterServer:
    """The driver for Veritas Cluster Server."""

    capabilities = terms.CAPABILITIES

    def __init__(self, runner: Runner) -> None:
        self.runner = runner

    # -- description to native terms, and back ------------------------------------------------------------------

    compile = staticmethod(compiling.compile_description)
    native_resource = staticmethod(compiling.native_resource)
    native_service = staticmethod(compiling.native_service)
    native_type = staticmethod(compiling.native_type)
    axis_settings = staticmethod(compiling.axis_settings)
    parse_saved = staticmethod(reading.parse_main_cf)

    def export(self, config: ClusterConfig) -> Export:
        """Service groups as services; what this collection makes for a service is recognised by its type."""
        return exporting.export_description(config, self)

    # -- reading ------------------------------------------------------------------------------------------------

    def read(self) -> ClusterConfig:
        """Groups, resources, dependencies, types and cluster attributes, by one command each."""
        questions = asking.Questions(self.runner)
        return questions.configuration(*questions.displays(), questions.types())

    def survey(self) -> Snapshot:
        """What ``read`` and ``status`` ask, each once."""
        questions = asking.Questions(self.runner)
        groups, resources = questions.displays()
        types = questions.types()
        config = questions.configuration(groups, resources, types)
        native = Native(groups, resources, questions.systems(), types)
        return Snapshot(config, reading.read_status(native), native)

    def status(self) -> ClusterStatus:
        """Groups and resources as ``hagrp`` and ``hares`` display them, systems from ``hastatus -sum``."""
        return reading.read_status(asking.Questions(self.runner).native({}))

    def missing_agents(self, types: Collection[str]) -> list[str]:
        """Types that neither a types file on this node declares nor VCS has registered."""
        declared: Collection[str] = ()
        # Where a file cannot be read, it is said if a type depends on it.
        with contextlib.suppress(FrameworkError):
            declared = declared_types(types, {}, self.runner.read_file)
        left = [name for name in types if name not in declared]
        if not left:
            return []
        registered = asking.Questions(self.runner).types()
        left = [name for name in left if name not in registered]
        declared = declared_types(left, registered, self.runner.read_file)
        return [name for name in left if name not in declared]

    # -- comparing ----------------------------------------------------------------------------------------------

    same = staticmethod(terms.same)
    operational = staticmethod(terms.operational)

    def fixed(self, resource_type: str, key: str) -> bool:  # noqa: ARG002 - as the protocol has it
        """Nothing is: a resource is taken offline for what it cannot change while it is online."""
        return False

    # -- changing -----------------------------------------------------------------------------------------------

    def plan(self, snapshot: Snapshot, changes: Sequence[Change]) -> Plan:
        """Stops first; all changes are made while the configuration is open once."""
        registered = snapshot.native.types
        declared = declared_types(planning.types_of(changes), registered, self.runner.read_file)
        return planning.plan_changes(snapshot, changes, Types(registered, declared))

    def carry_out(self, steps: Sequence[Transaction], timeout: float = TRANSITION_TIMEOUT) -> None:
        """Commands and waiting; the configuration is open where a transaction says so."""
        for transaction in steps:
            Executor(self.runner, transaction.types, timeout).carry_out(transaction)

    def settle(self, timeout: float) -> None:
        """Wait until no group is on its way."""
        Executor(self.runner, {}).settle(timeout)

    # -- operating ----------------------------------------------------------------------------------------------

    def set_service_enabled(self, service: str, enabled: bool) -> None:
        """Enable the group and bring it online; or take it offline and disable it, so that it stays so."""
        operation = planning.bring_online if enabled else planning.take_offline
        self.carry_out(operation(service, self._look(service)))

    def move_service(self, service: str, node: str, timeout: float, start: bool = False) -> None:  # noqa: ARG002
        """Switch the group, or bring it online where it is not; whether it may start is seen from its state."""
        self.carry_out(planning.move(service, node, self._look(service)), timeout)

    def set_service_frozen(self, service: str, frozen: bool) -> None:
        """Freeze the group for good; unfreeze it in both ways that it can be frozen."""
        self.carry_out(planning.freeze(service, frozen, self._look(service, whole=False)))

    def clear_failures(self, service: str) -> None:
        """Clear faults, ADMIN_WAIT and stops that did not succeed, wherever there are any."""
        self.carry_out(planning.clear(service, self._look(service, whole=False)))
        left = [] if self.runner.dry else self._look(service, whole=False).faults(service)
        if left:
            words = "; ".join(f"{resource} is {word} on {node}" for resource, node, word in left)
            raise FrameworkError(
                f"service {service}: {words}, after it was cleared; what is only watched, such as a network interface, "
                "recovers by itself when it works again"
            )

    def set_node_standby(self, node: str, standby: bool) -> None:
        """Freeze the system for good and evacuate it; or unfreeze it.

        A group that no other system can take would stay there, so it is taken offline before.
        """
        native = asking.Questions(self.runner).native({})
        if node not in native.systems:
            raise FrameworkError(f"node = {node!r}: VCS has no such system; there are: {', '.join(native.systems)}")
        executor = Executor(self.runner, native.types)
        if not standby:
            executor.take_back(node)
            return
        carried = [group for group in native.services() if node in native.group_nodes(group)]
        for group in carried:
            refuse_untouchable(group, native)
        stranded = [group for group in carried if not reading.other_nodes(group, node, native)]
        if stranded:
            executor.carry_out(Transaction(native.types, groups={group: stop(group, node) for group in stranded}))
        executor.evacuate(node, [group for group in carried if group not in stranded])

    def _look(self, group: str, whole: bool = True) -> Native:
        """The cluster, of which there is such a group; its systems and types only if it has to be the whole."""
        questions = asking.Questions(self.runner)
        native = questions.native({}) if whole else Native(*questions.displays(), {}, {})
        if group not in native.groups:
            raise FrameworkError(f"service {group}: VCS has no such group; there are: {', '.join(native.groups)}")
        return native
