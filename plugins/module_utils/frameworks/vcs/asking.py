# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What VCS is asked, and how its answers are told from refusals."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from ansible_collections.groupware.ha.plugins.module_utils.command import (
    ANY_STATUS,
    CommandError,
    CommandNotFound,
    CommandResult,
    Runner,
)
from ansible_collections.groupware.ha.plugins.module_utils.engine.asked import Asked
from ansible_collections.groupware.ha.plugins.module_utils.formats import vcs_tables
from ansible_collections.groupware.ha.plugins.module_utils.formats.vcs_tables import Display, TableError, parse_display
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, NotRunning
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.vcs.native import Native
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.vcs.reading import whole_groups, whole_resources

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
