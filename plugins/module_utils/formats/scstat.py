# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``scstat`` prints, and which resource groups ``clrg status`` shows as suspended.

States are those of scstat(1M), in one spelling: the manual writes ``Start_failed``, the command ``Start failed``, the
programming interface ``START_FAILED``; here it is ``start_failed``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ansible_collections.groupware.ha.plugins.module_utils.shown import quoted

ONLINE_GROUP = frozenset(["online", "online_faulted"])
#: A group that is on its way to another state.
CHANGING_GROUP = frozenset(["pending_online", "pending_offline"])
GROUP_STATES = frozenset(
    [*ONLINE_GROUP, *CHANGING_GROUP, "unmanaged", "offline", "error_stop_failed", "pending_online_blocked"]
)
#: A resource that runs, or may: after a failed stop nobody knows.
ACTIVE_RESOURCE = frozenset(["online", "online_not_monitored", "monitor_failed", "stopping", "stop_failed"])
CHANGING_RESOURCE = frozenset(["starting", "stopping"])
RESOURCE_STATES = frozenset(
    [*ACTIVE_RESOURCE, *CHANGING_RESOURCE, "offline", "not_online", "unmanaged", "start_failed"]
)
_OTHER_SPELLINGS = {"online_but_not_monitored": "online_not_monitored"}


class ScstatError(ValueError):
    """The text is not what the command prints, or not all of it."""


@dataclass(frozen=True)
class ResourceState:
    """A resource on one node: the state that the cluster gives it, and what its agent says."""

    state: str
    message: str = ""


@dataclass
class States:
    """Groups and resources by name and node; nodes and quorum only where all of ``scstat`` was asked for."""

    nodes: dict[str, bool] = field(default_factory=dict)
    quorate: bool = True
    groups: dict[str, dict[str, str]] = field(default_factory=dict)
    resources: dict[str, dict[str, ResourceState]] = field(default_factory=dict)

    def online_on(self, group: str) -> list[str]:
        """Nodes on which the group is online, whether or not all its resources are."""
        return [node for node, state in self.groups.get(group, {}).items() if state in ONLINE_GROUP]

    def offline(self, group: str) -> bool:
        """Whether the group is offline on all nodes, or unmanaged."""
        return all(state in ("offline", "unmanaged") for state in self.groups.get(group, {}).values())

    def active_on(self, resource: str) -> list[str]:
        """Nodes on which the resource runs."""
        found = self.resources.get(resource, {})
        return [node for node, state in found.items() if state.state in ACTIVE_RESOURCE]

    def in_state(self, resource: str, state: str) -> list[str]:
        """Nodes on which the resource is in that state."""
        found = self.resources.get(resource, {})
        return [node for node, current in found.items() if current.state == state]


def parse_scstat(text: str) -> States:
    """Read the output of ``scstat``, or of ``scstat -g``, in the C locale.

    :raises ScstatError: a line of it cannot be understood
    """
    states = States()
    votes: dict[str, int] = {}
    for line in text.splitlines():
        key, colon, rest = line.strip().partition(":")
        if not colon:
            continue
        if key == "Group":
            name, node, words = _three(line, rest)
            state, _suspended = _state(line, words, GROUP_STATES)
            _once(states.groups.setdefault(name, {}), node, state, line)
        elif key == "Resource":
            name, node, words = _three(line, rest)
            state, message = _state(line, words, RESOURCE_STATES)
            _once(states.resources.setdefault(name, {}), node, ResourceState(state, message), line)
        elif key == "Cluster node":
            name, _blank, word = rest.strip().partition(" ")
            if word.strip().lower() not in ("online", "offline"):
                raise ScstatError(f"{quoted(line)} does not say whether the node is online")
            _once(states.nodes, name, word.strip().lower() == "online", line)
        elif key in ("Quorum votes needed", "Quorum votes present"):
            if not rest.strip().isdigit():
                raise ScstatError(f"{quoted(line)} has no number of votes")
            votes[key] = int(rest)
    if len(votes) == 2:
        states.quorate = votes["Quorum votes present"] >= votes["Quorum votes needed"]
    return states


def parse_suspended(text: str) -> frozenset[str]:
    """Names of the groups that ``clrg status`` shows as suspended.

    A name stands on the first row of its group only, so that columns are found by their headings.

    :raises ScstatError: there are groups, and no such column
    """
    columns: list[int] = []
    name = ""
    suspended = set()
    for line in text.splitlines():
        if "Group Name" in line and "Node Name" in line:
            columns = [line.find(heading) for heading in ("Group Name", "Node Name", "Suspended", "Status")]
            if -1 in columns:
                raise ScstatError(f"clrg status has the headings {quoted(line)}")
            continue
        if not line.strip() or set(line.strip()) <= {"-", " "} or line.startswith("==="):
            continue
        if not columns:
            raise ScstatError(f"clrg status has {quoted(line)} ahead of its headings")
        name = line[columns[0] : columns[1]].strip() or name
        word = line[columns[2] : columns[3]].strip().lower()
        if word not in ("yes", "no") or not name:
            raise ScstatError(f"clrg status does not say in {quoted(line)} whether the group is suspended")
        if word == "yes":
            suspended.add(name)
    return frozenset(suspended)


def _three(line: str, rest: str) -> tuple[str, str, str]:
    parts = rest.split(None, 2)
    if len(parts) != 3:
        raise ScstatError(f"{quoted(line)} lacks a column")
    return parts[0], parts[1], parts[2]


def _pattern(states: Collection[str]) -> re.Pattern[str]:
    longest_first = sorted(states, key=lambda state: -len(state))
    spellings = "|".join("[ _-]+".join(state.split("_")) for state in longest_first)
    return re.compile(rf"({spellings})(?:\s+(.*))?", re.IGNORECASE)


_PATTERNS: Mapping[frozenset[str], re.Pattern[str]] = {
    GROUP_STATES: _pattern(GROUP_STATES),
    RESOURCE_STATES: _pattern([*RESOURCE_STATES, *_OTHER_SPELLINGS]),
}


def _state(line: str, words: str, states: frozenset[str]) -> tuple[str, str]:
    match = _PATTERNS[states].fullmatch(words.strip())
    if match is None:
        raise ScstatError(f"{quoted(line)} has a state that is not known")
    state = re.sub(r"[ _-]+", "_", match[1].lower())
    return _OTHER_SPELLINGS.get(state, state), (match[2] or "").strip()


def _once(
    states: dict[str, object] | dict[str, str] | dict[str, bool] | dict[str, ResourceState],
    key: str,
    value: object,
    line: str,
) -> None:
    if key in states and states[key] != value:
        raise ScstatError(f"{quoted(line)} contradicts a line before it")
    states[key] = value  # type: ignore[assignment]
