# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps are taken one after another, and judged by what the cluster says afterwards."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound, Runner
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.clusterware import asking
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.clusterware.reading import NativeState
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.clusterware.steps import Step

#: Starting a mail server may take SCRIPT_TIMEOUT (300 seconds in the manual), after the one before was stopped.
SLOW = 900.0
_QUICK = 120.0
_PAUSE = 1.0


def carry_out(runner: Runner, steps: Sequence[Step], timeout: float) -> None:
    """One command after another. Whether one had its effect is asked of the cluster: status and text do not say."""
    for step in steps:
        problem = _run(runner, step, timeout)
        if problem is None:
            continue
        # A command that was given up may still be at work.
        wait_until_stable(runner, timeout, step.names)
        if not step.done(_look(runner, step)):
            raise FrameworkError(
                f"{step.words}, but that had no effect ({shlex.join(step.argv)}: {problem or 'it said nothing'}); "
                f"{step.remedy}"
            )


def _run(runner: Runner, step: Step, timeout: float) -> str | None:
    """What a command said that may have had no effect; None for one that had."""
    try:
        result = runner.run(step.argv, timeout=timeout if step.kind == "state" else _QUICK)
    except CommandNotFound:
        raise
    except CommandError as error:
        return f"{error.reason}: {error.output}" if error.output else error.reason
    believed = runner.dry or step.kind != "state" or step.done(_look(runner, step))
    return None if believed else result.stdout.strip()


def _look(runner: Runner, step: Step) -> NativeState:
    """So much of the cluster as shows whether the step had its effect."""
    if step.kind == "type":
        return NativeState(types=asking.types(runner))
    if step.kind == "state":
        return NativeState(instances=asking.instances(runner, step.names))
    return NativeState(asking.attributes(runner, step.names))


def wait_until_stable(runner: Runner, timeout: float, names: Sequence[str] | None = None) -> list[str]:
    """Wait until nothing of ours, or of what is named, is started, stopped or cleaned; returns what still is."""
    deadline = runner.clock() + timeout
    while names is None or names:
        restless = [
            f"{name} is {instance.internal}"
            for name, found in asking.instances(runner, names or ()).items()
            for instance in found
            if not instance.stable
        ]
        if not restless or runner.clock() >= deadline:
            return restless
        runner.pause(_PAUSE)
    return []
