# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps of operating services and nodes. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Step
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.solaris_cluster import reading, steps
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.solaris_cluster.commands import Commands
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.solaris_cluster.terms import MANAGED, is_true


def enabled(commands: Commands, native: reading.NativeState, service: str, wanted: bool) -> Iterator[Step]:
    """Bring the group online on its preferred node, or take it offline; suspended so that it stays so."""
    found = reading.existing(native, service)
    if wanted:
        yield from _released(commands, native, service)
        if not native.states.online_on(service):
            node = steps.first_online_node(found, native.states)
            yield steps.online(commands, service, node, steps.runnable(native.index, found))
    elif not native.states.offline(service):
        reading.refuse_stop_failed(found, native.states)
        # Suspended first: interrupted in between, the service is still to be seen as one to be taken offline.
        yield from frozen(commands, native, service, True)
        yield steps.offline(commands, found)
    elif is_true(found.settings[MANAGED]):
        yield from frozen(commands, native, service, True)


def moved(commands: Commands, native: reading.NativeState, service: str, node: str, start: bool) -> Iterator[Step]:
    """Switch the group to the node; one that is to start is released first."""
    found = reading.existing(native, service)
    reading.refuse_stop_failed(found, native.states)
    if start:
        yield from _released(commands, native, service)
    step = steps.online(commands, service, node, steps.runnable(native.index, found), switch=True)
    if not step.done(native):
        yield step


def evacuated(commands: Commands, native: reading.NativeState, node: str) -> Iterator[Step]:
    """Move all groups away from the node."""
    step = steps.evacuate(commands, node)
    if not step.done(native):
        yield step


def frozen(commands: Commands, native: reading.NativeState, service: str, wanted: bool) -> Iterator[Step]:
    """Have the cluster leave the group as it is, or act on it again, where it can be told."""
    reading.existing(native, service)
    if commands.can_suspend and (service in native.suspended) != wanted:
        yield steps.suspend(commands, service, wanted)


def _released(commands: Commands, native: reading.NativeState, service: str) -> Iterator[Step]:
    """Steps after which the cluster acts on the service again."""
    found = reading.existing(native, service)
    reading.refuse_stop_failed(found, native.states)
    if not is_true(found.settings[MANAGED]):
        yield steps.manage(commands, service, True)
    yield from frozen(commands, native, service, False)


def cleared(commands: Commands, native: reading.NativeState, name: str) -> Iterator[Step]:
    """Clear the error flag of members that failed to stop; try those again that failed to start."""
    service = reading.existing(native, name)
    states, index = native.states, native.index
    members = [member.name for member in service.resources]
    stuck = {
        node: [name for name in members if node in states.in_state(name, "stop_failed")]
        for node in states.groups[service.name]
    }
    for node, names in stuck.items():
        if names:
            yield steps.clear(commands, node, names)
    for name in members:
        if states.in_state(name, "monitor_failed"):
            yield steps.monitor(commands, name, False)
            yield steps.monitor(commands, name, True)
    failed = [name for name in members if states.in_state(name, "start_failed") and index.enabled(name)]
    if failed:
        again = [name for name in index.with_dependents(failed) if index.enabled(name)]
        yield steps.disable(commands, again)
        expected = steps.runnable(index, service) if states.online_on(service.name) else []
        yield steps.enable(commands, again[::-1], [name for name in again if name in expected])
    elif not any(stuck.values()) and any(reading.failures_of(service, states)) and reading.gave_up(service, states):
        yield steps.online(
            commands, service.name, steps.first_online_node(service, states), steps.runnable(index, service)
        )
