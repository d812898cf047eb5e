# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps of a plan, and operations of day two, carried out."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.commands import (
    crm_resource,
    patch,
    query,
    settle,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.editing import (
    apply_changes,
    stop_resources,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.planning import Patch, Stop


def carry_out(runner: Runner, steps: Sequence[Stop | Patch]) -> None:
    """One patch of the CIB for each step: constraints come into force together with the members that they are about."""
    for step in steps:
        current = query(runner)
        wanted = copy.deepcopy(current)
        if isinstance(step, Stop):
            stop_resources(wanted, step.names)
        else:
            apply_changes(wanted, step.changes)
        patch(runner, current, wanted)


def set_service_enabled(runner: Runner, service: str, enabled: bool) -> None:
    """Set the target role of the group."""
    if enabled:
        crm_resource(runner, service, "--meta", "--delete-parameter=target-role")
    else:
        crm_resource(runner, service, "--meta", "--set-parameter=target-role", "--parameter-value=Stopped")


def move_service(runner: Runner, service: str, node: str, timeout: float, start: bool) -> None:
    """Prefer the node for as long as the move takes; stickiness keeps the service there afterwards."""
    # The lifetime ends the preference by itself should this run die before it clears it.
    crm_resource(runner, service, "--move", f"--node={node}", f"--lifetime=PT{int(timeout) + 60}S")
    try:
        if start:
            set_service_enabled(runner, service, True)
        settle(runner, timeout)
    finally:
        crm_resource(runner, service, "--clear")


def set_node_standby(runner: Runner, node: str, standby: bool) -> None:
    """Set the node's permanent standby attribute."""
    arguments = ["--update=on"] if standby else ["--delete"]
    runner.run(["crm_attribute", "--type=nodes", f"--node={node}", "--name=standby", *arguments])


def set_service_frozen(runner: Runner, service: str, frozen: bool) -> None:
    """Put the group into maintenance mode: neither started, stopped, moved nor monitored."""
    if frozen:
        crm_resource(runner, service, "--meta", "--set-parameter=maintenance", "--parameter-value=true")
    else:
        crm_resource(runner, service, "--meta", "--delete-parameter=maintenance")


def clear_failures(runner: Runner, service: str) -> None:
    """Forget the history of the group's operations; the cluster probes what runs and goes on from there."""
    crm_resource(runner, service, "--cleanup")
