# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening the configuration for changes, and closing it again.

While it is open, a file beside main.cf says that this collection opened it: a run that finds the configuration writable
and this file closes it, and only saves what an administrator has opened, who is at it and will close it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, Runner
from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Plan, Step
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.vcs.asking import native_state
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.vcs.native import SESSION_FILE, Native

#: Seconds that closing is tried again, and between two attempts.
_PATIENCE, _PAUSE = 120.0, 5.0
_NOTE = "The configuration of VCS is open for changes by groupware.ha. It closes it again by itself.\n"


def while_open(plan: Plan) -> Plan:
    """The plan with the configuration open while it makes its changes."""
    opening = Step("the configuration of VCS was to be writable", lambda found: found.writable, _Opening())
    closing = Step(
        "the configuration of VCS was to be saved, and closed if it was opened for that",
        lambda found: _is_closed(found) and not found.noted,
        _Closing(),
        remedy="run 'haconf -dump -makero' on a node of the cluster: while it is writable, VCS does not start from it",
    )
    return replace(plan, changing=[opening, *plan.changing], afterwards=[closing])


@dataclass(frozen=True)
class _Opening:
    def run(self, runner: Runner, timeout: float) -> None:
        """See Action."""
        if not native_state(runner).writable:
            # Said before it is true: a run that dies right after the command is known, too.
            _note(runner, _NOTE)
            runner.run(["haconf", "-makerw"], timeout=timeout)


@dataclass(frozen=True)
class _Closing:
    def run(self, runner: Runner, timeout: float) -> None:
        """See Action. It is tried again whatever the reason is, since VCS does not start from what is open."""
        found = native_state(runner)
        ours = found.noted or (runner.dry and not found.writable)
        if not ours and not found.writable:
            return
        argv = ["haconf", "-dump", *(["-makero"] if ours else [])]
        deadline = runner.clock() + _PATIENCE
        while True:
            failed = _failed(runner, argv, timeout)
            # Only the state says that it is closed: answers get lost, and it may never have been opened.
            if runner.dry or (_is_closed(native_state(runner)) if ours else failed is None):
                break
            if runner.clock() >= deadline:
                raise failed or CommandError(argv, "it is still writable")
            runner.pause(_PAUSE)
        if ours:
            _note(runner, "")


def _failed(runner: Runner, argv: Sequence[str], timeout: float) -> CommandError | None:
    try:
        runner.run(argv, timeout=timeout)
    except CommandError as error:
        return error
    return None


def _is_closed(native: Native) -> bool:
    """Whether it is certain that the configuration is not writable."""
    try:
        return not native.writable
    except FrameworkError:
        return False


def _note(runner: Runner, text: str) -> None:
    try:
        runner.replace_file(SESSION_FILE, text)
    except OSError as error:
        raise FrameworkError(f"{SESSION_FILE} cannot be written ({error}): is VCS configured on this node?") from None
