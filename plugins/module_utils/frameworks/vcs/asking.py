# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What VCS is asked, how its answers are told from refusals, and how its configuration is opened and closed again.

While it is open, a file beside main.cf says that this collection opened it: a run that finds the configuration writable
and this file closes it, and only saves what an administrator has opened, who is at it and will close it.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from ansible_collections.groupware.ha.plugins.module_utils.command import (
    ANY_STATUS,
    CommandError,
    CommandNotFound,
    CommandResult,
    Runner,
)
from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Plan, Step
from ansible_collections.groupware.ha.plugins.module_utils.formats import vcs_tables
from ansible_collections.groupware.ha.plugins.module_utils.formats.vcs_tables import Display, TableError, parse_display
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Asked, FrameworkError, NotRunning
from .native import SESSION_FILE, Native
from .reading import whole_groups, whole_resources

_NOT_RUNNING = frozenset([10600, 11046])
_NOT_READY = frozenset([11030])
#: There is nothing of the kind: no groups, no dependencies of resources or groups.
_EMPTY = frozenset([50031, 50034, 50035])
#: Rejected while a node joins or leaves the cluster.
BUSY = 50129

_Parsed = TypeVar("_Parsed")


def native_state(runner: Runner) -> Native:
    """The cluster now, each part of it by one command when somebody looks."""
    groups = Asked(lambda: whole_groups(_table(runner, "hagrp -display", partial(parse_display, kind="Group"))))
    return Native(
        groups,
        Asked(lambda: _resources(runner, groups)),
        Asked(lambda: _table(runner, "hastatus -sum", vcs_tables.parse_systems)),
        Asked(lambda: _table(runner, "hatype -display", vcs_tables.parse_type_display)),
        Asked(lambda: _table(runner, "haclus -display", vcs_tables.parse_cluster_display)),
        Asked(lambda: dict.fromkeys(_table(runner, "hares -dep", vcs_tables.parse_resource_links))),
        Asked(lambda: dict.fromkeys(_table(runner, "hagrp -dep", vcs_tables.parse_group_links))),
        runner.read_file,
        lambda *argv: ask(runner, argv).stdout,
    )


def ask(runner: Runner, argv: Sequence[str], timeout: float = 60) -> CommandResult:
    """Ask something; any exit status is an answer.

    :raises NotRunning: VCS does not run here
    """
    try:
        said = runner.run(argv, accept=ANY_STATUS, record=False, timeout=timeout)
    except CommandNotFound:
        raise NotRunning("Veritas Cluster Server is not installed on this node") from None
    except CommandError as error:
        raise FrameworkError(f"{shlex.join(argv)}: {error.reason}; nobody knows what VCS is doing") from None
    numbers = _numbers_of(said)
    if numbers & _NOT_RUNNING:
        raise NotRunning(f"Veritas Cluster Server is not running on this node ({_words_of(said)})")
    if numbers & _NOT_READY and said.status != 0:
        raise NotRunning(f"Veritas Cluster Server is not ready on this node yet ({_words_of(said)})")
    return said


def _numbers_of(said: CommandResult) -> frozenset[int]:
    return vcs_tables.message_numbers(f"{said.stdout}\n{said.stderr}")


def _words_of(said: CommandResult) -> str:
    return " ".join([*said.stdout.split(), *said.stderr.split()]) or "no words"


def _table(runner: Runner, line: str, parser: Callable[[str], _Parsed], may_be_empty: bool = False) -> _Parsed:
    said = ask(runner, line.split())
    refusal = FrameworkError(f"{line}: exit status {said.status}: {_words_of(said)}")
    try:
        found = parser(said.stdout)
    except TableError as error:
        if said.status != 0:
            raise refusal from None
        raise FrameworkError(f"{line} printed something that cannot be read: {error}") from None
    empty = _numbers_of(said) & _EMPTY or (may_be_empty and _numbers_of(said))
    if said.status != 0 and (found or not empty):
        raise refusal
    return found


def _resources(runner: Runner, groups: Display) -> Display:
    # Without groups there are no resources, and no telling how VCS says so.
    if not groups:
        return {}
    found = _table(runner, "hares -display", partial(parse_display, kind="Resource"), may_be_empty=True)
    return whole_resources(found, groups)


# -- the configuration, open for changes ---------------------------------------------------------------------------

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
