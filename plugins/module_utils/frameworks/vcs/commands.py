# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines of Veritas Cluster Server, and what is waited for between them: the steps of plans. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Union

from ansible_collections.groupware.ha.plugins.module_utils.formats.vcs_tables import is_true
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.vcs.native import (
    LISTS,
    Native,
    autoenable,
    moving_nodes,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.vcs.terms import ENGINE_LOG, is_set


@dataclass(frozen=True)
class Command:
    """A command line that changes something."""

    argv: tuple[str, ...]


@dataclass(frozen=True)
class Await:
    """A state that has to be reached before anything else is done.

    ``state`` is ``probed``, ``online`` or ``offline``; of the resource if one is named, else of the group.
    """

    state: str
    group: str
    node: str
    resource: str = ""

    def reached(self, native: Native) -> bool:
        """Whether what a step waits for is so."""
        group, node = self.group, self.node
        if self.state == "probed":
            nodes = {node, *(other for other in native.nodes(group) if native.takes_groups(other))}
            pending = any(is_set(native.of_group(group, "ProbesPending", other)) for other in nodes)
            return not pending and not native.auto_disabled(group)
        if self.resource:
            return (node in native.active_nodes(self.resource)) == (self.state == "online")
        if self.state == "offline":
            return "STOPPING" not in native.states(group, node) and node not in native.group_nodes(group)
        if native.is_complete(group, node):
            return True
        # VCS may have brought it online on another node because it failed on this one.
        return native.group_faulted(group, node) and any(
            native.is_complete(group, other) for other in native.nodes(group)
        )

    def hopeless(self, native: Native) -> str:
        """Why the state will not be reached; empty while it may."""
        unknown = native.unknown_nodes(self.group)
        if self.state == "probed" and unknown:
            return autoenable(self.group, unknown)
        found = native.faults(self.group)
        stuck = [fault for fault in found if fault[2] != "FAULTED"]
        if not stuck and self.state != "offline" and not moving_nodes(native.groups.get(self.group, {})):
            stuck = [fault for fault in found if fault[1] == self.node]
        if not stuck:
            return ""
        words = "; ".join(f"{resource} is {word} on {node}" for resource, node, word in stuck)
        return (
            f"service {self.group} did not get {self.state} on {self.node}: {words}; see {ENGINE_LOG} there, "
            "repair what is wrong, have its failures cleared, and run again"
        )

    def late(self, native: Native, timeout: float) -> str:
        """What to say when a state was waited for long enough."""
        group, node = self.group, self.node
        if self.state == "probed":
            pending = [
                f"{name} on {other}"
                for name in native.members(group)
                for other in native.nodes(group)
                if native.takes_groups(other)
                and is_true(native.of_resource(name, "Enabled", default="1"))
                and not is_true(native.of_resource(name, "Probed", other, "1"))
            ]
            if pending:
                return (
                    f"service {group}: VCS could not find out the state of {', '.join(pending)} within {timeout:g} "
                    "seconds; is the agent installed on every node, and is every attribute right that it needs?"
                )
            return autoenable(group, native.auto_disabled(group))
        what, state = f"service {group}", native.of_group(group, "State", node)
        if self.resource:
            what, state = f"resource {self.resource} of {what}", native.of_resource(self.resource, "State", node)
        return f"{what} did not get {self.state} on {node} within {timeout:g} seconds: it is {state}"


@dataclass(frozen=True)
class Refusal:
    """Says why the rest cannot be done."""

    words: str


Step = Union[Command, Await, Refusal]


@dataclass(frozen=True)
class Transaction:
    """What is done in one go: what concerns all, then each group, then what is left over.

    The steps of different groups depend on nothing of each other: what is waited for is waited for together.

    :param types: static attributes of the resource types that are registered when it begins
    :param opens: whether the configuration has to be open meanwhile
    """

    types: Mapping[str, Mapping[str, str]]
    common: Sequence[Step] = ()
    groups: Mapping[str, Sequence[Step]] = field(default_factory=dict)
    last: Sequence[Step] = ()
    opens: bool = False


def command(*argv: str) -> Command:
    """A step that runs a command line."""
    return Command(argv)


def modify(program: str, *names: str, value: str) -> Command:
    """Set an attribute, the last of the names; those before it are the object's."""
    return command(program, "-modify", *names, *words(value, names[-1] in LISTS))


def stop(group: str, node: str, *resource: str) -> list[Step]:
    """Take a group offline on a node, or one resource of it."""
    program, name = ("hares", *resource) if resource else ("hagrp", group)
    return [command(program, "-offline", name, "-sys", node), Await("offline", group, node, *resource)]


def words(value: str, is_list: bool) -> list[str]:
    """A value as arguments of ``-modify``. What begins with a hyphen is written with a percent sign before it."""
    found = value.split() if is_list else [value]
    return [f"%{word}" if word.startswith("-") else word for word in found] or ["-delete", "-keys"]
