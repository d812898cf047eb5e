# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done, step by step, and how each step is known to have taken effect. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner


class Action(Protocol):
    """Something that a step does. Its text is what a message says of it."""

    def run(self, runner: Runner, timeout: float) -> None:
        """Do it; in check mode the runner records its commands and starts none.

        :param timeout: seconds that a command may take
        :raises CommandError: it failed, which does not say that it had no effect
        """


@dataclass(frozen=True)
class Command:
    """A command line, without secrets."""

    argv: tuple[str, ...]

    def run(self, runner: Runner, timeout: float) -> None:
        """See Action."""
        runner.run(self.argv, timeout=timeout)

    def __str__(self) -> str:
        return shlex.join(self.argv)


def command(*argv: str) -> Command:
    """A command line from its words."""
    return Command(argv)


def following(names: Iterable[str], leading: Callable[[str], Iterable[str]]) -> list[str]:
    """The names in their order, but each behind what leads it, which comes with it; circles are cut anywhere."""
    ordered: dict[str, None] = {}

    def add(name: str, path: tuple[str, ...]) -> None:
        if name in ordered or name in path:
            return
        for other in leading(name):
            add(other, (*path, name))
        ordered[name] = None

    for name in names:
        add(name, ())
    return list(ordered)


def with_dependents(names: Collection[str], requires: Mapping[str, Collection[str]]) -> set[str]:
    """Names and everything that depends on them."""
    found = set(names)
    while True:
        further = {name for name, needed in requires.items() if found & set(needed)} - found
        if not further:
            return found
        found |= further


def _nothing(_observation: Any) -> str:
    return ""


@dataclass(frozen=True)
class Step:
    """One thing that is done, or waited for.

    ``done``, ``reached``, ``hopeless`` and ``late`` are asked of an observation; see frameworks.base.

    :param words: what was to happen, as in "service mail1 was to start on nodea"
    :param done: whether it has happened; decides where the action failed, hung or lost its answer
    :param action: what is done; None where a state is waited for only
    :param reached: what has to come true before the next step, where the action's end does not say so
    :param hopeless: why it will not come true; empty while it may
    :param late: what is known of a state that did not come true, such as what it still waits for
    :param remedy: what a person does if it does not
    :param lane: steps of different lanes that follow each other depend on nothing of each other: each lane goes on
        until it has to wait, all wait together, and one that fails stops no other. A step without one comes after all
        that are before it
    :param timeout: seconds that the action may take
    :param patience: seconds that ``reached`` has; None leaves that to the framework or to who carries out the plan
    :param if_needed: it is left out, and not announced, where ``done`` is true already when its turn comes
    :param unseen: nothing shows that ``reached`` is on its way, so that it may come in a cluster that is at rest
    """

    words: str
    done: Callable[[Any], bool]
    action: Action | None = None
    reached: Callable[[Any], bool] | None = None
    hopeless: Callable[[Any], str] = _nothing
    late: Callable[[Any], str] = _nothing
    remedy: str = ""
    lane: str = ""
    timeout: float = 120.0
    patience: float | None = None
    if_needed: bool = False
    unseen: bool = False


@dataclass(frozen=True)
class Plan:
    """Everything that is done for changes; check mode, permission and execution all go by this one.

    ``stopping`` has what is to be deleted stop, with all that cannot run without it, and has to have ended before
    ``changing`` begins. ``afterwards`` is done when ``changing`` has ended, however it did. ``interrupts`` are the
    services, of those that stay, of which a member that stays is stopped, or that are moved, by these steps.
    """

    stopping: Sequence[Step] = ()
    changing: Sequence[Step] = ()
    afterwards: Sequence[Step] = ()
    interrupts: Sequence[str] = ()
