# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the command lines of Veritas Cluster Server print: tables under a header, and messages with numbers.

Seen in transcripts of VCS 5 to InfoScale 7.4: columns are separated by blanks, a value may be empty or have blanks, and
messages stand on either stream.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.groupware.ha.plugins.module_utils.shown import quoted

#: The column System of a value that is the same on all systems.
GLOBAL = "global"

_MESSAGE = re.compile(r"VCS (?:CRITICAL|ERROR|WARNING|NOTICE|INFO|INFORMATION) V-16-\d+-(?P<number>\d+)\b")
#: Some commands print the number alone, as hastatus does when VCS is not running.
_NUMBER = re.compile(r"\bV-16-\d+-(\d+)\b")
_SYSTEM = re.compile(r"[A-Za-z0-9_.-]+")
_SYSTEM_STATE = re.compile(r"[A-Z][A-Z_]*")


class TableError(Exception):
    """Output that is not the table it should be."""


#: Values by object, attribute and system (``global`` for all).
Display = Mapping[str, Mapping[str, Mapping[str, str]]]


@dataclass(frozen=True)
class SystemRow:
    """A system as ``hastatus -sum`` shows it."""

    state: str
    frozen: bool


def message_numbers(text: str) -> frozenset[int]:
    """The numbers of all messages in the text: what the words are differs between releases and languages."""
    return frozenset(int(number) for number in _NUMBER.findall(text))


def parse_display(text: str, kind: str) -> Display:
    """``hagrp -display`` (kind ``Group``) or ``hares -display`` (``Resource``).

    :raises TableError: it is not such a table
    """
    objects: dict[str, dict[str, dict[str, str]]] = {}
    for name, attribute, system, value in _rows(text, kind, 3):
        if _SYSTEM.fullmatch(system) is None:
            raise TableError(f"{system!r} is no system, in the row {attribute} of {kind.lower()} {name}")
        values = objects.setdefault(name, {}).setdefault(attribute, {})
        _set_once(values, system, value, f"{kind.lower()} {name} has two values of {attribute} for {system}")
    for name, attributes in objects.items():
        for attribute, values in attributes.items():
            if GLOBAL in values and len(values) > 1:
                raise TableError(f"{kind.lower()} {name} has {attribute} both globally and for systems")
    return objects


def parse_type_display(text: str) -> dict[str, dict[str, str]]:
    """``hatype -display``: the static attributes of each type.

    :raises TableError: it is not such a table
    """
    types: dict[str, dict[str, str]] = {}
    for name, attribute, value in _rows(text, "Type", 2):
        _set_once(types.setdefault(name, {}), attribute, value, f"type {name} has two values of {attribute}")
    return types


def parse_cluster_display(text: str) -> dict[str, str]:
    """``haclus -display``.

    :raises TableError: it is not such a table
    """
    attributes: dict[str, str] = {}
    for attribute, value in _rows(text, "Attribute", 1):
        _set_once(attributes, attribute, value, f"the cluster has two values of {attribute}")
    return attributes


def _set_once(values: dict[str, str], key: str, value: str, words: str) -> None:
    if key in values:
        raise TableError(words)
    values[key] = value


def parse_resource_links(text: str) -> list[tuple[str, str, str]]:
    """``hares -dep``: group, parent and child of each link.

    :raises TableError: it is not such a table
    """
    links = []
    for group, parent, child in _rows(text, "Group", 2):
        if not child or len(child.split()) != 1:
            raise TableError(f"a resource dependency of group {group} reads {parent} {child}".rstrip())
        links.append((group, parent, child))
    return links


def parse_group_links(text: str) -> list[tuple[str, str, str]]:
    """``hagrp -dep``: parent, child and relationship of each link.

    :raises TableError: it is not such a table
    """
    return [(row[0], row[1], row[2]) for row in _rows(text, "Parent", 2)]


def parse_systems(text: str) -> dict[str, SystemRow]:
    """The systems of ``hastatus -sum``.

    :raises TableError: it shows none, or something that is none
    """
    systems: dict[str, SystemRow] = {}
    for line in text.splitlines():
        fields = line.split()
        if not fields or fields[0] != "A":
            continue
        if len(fields) != 4 or fields[3] not in ("0", "1") or _SYSTEM_STATE.fullmatch(fields[2]) is None:
            raise TableError(f"hastatus shows a system as {quoted(line)}")
        if fields[1] in systems:
            raise TableError(f"hastatus shows system {fields[1]} twice")
        systems[fields[1]] = SystemRow(fields[2], fields[3] == "1")
    if not systems:
        raise TableError("hastatus shows no systems")
    return systems


def tokens(state: str) -> tuple[str, ...]:
    """The words of a state: ``|OFFLINE|FAULTED|`` of a group, ``ONLINE|STATE UNKNOWN`` of a resource."""
    return tuple(token.strip() for token in state.split("|") if token.strip())


def _rows(text: str, first: str, names: int) -> Iterator[Sequence[str]]:
    """Rows of a table whose header begins with ``#first``: so many words, then a value of any words."""
    header = False
    lines = text.splitlines()
    for before, line in zip(["", *lines], lines):
        if not line.strip() or _MESSAGE.match(line):
            continue
        if line.startswith("#"):
            if line.split()[0] != f"#{first}":
                raise TableError(f"a table of {first} was expected, not one under {quoted(line)}")
            header = True
            continue
        fields = line.split(None, names)
        if not header or len(fields) < names or line[0].isspace():
            raise TableError(f"{quoted(line, before)} is no row of a table of {first}")
        yield [*(word.strip() for word in fields), ""][: names + 1]


def is_true(value: str) -> bool:
    """A boolean in any of its spellings."""
    return value.strip().lower() in ("1", "true")


def system_list(value: str) -> dict[str, str]:
    """SystemList as commands print it: systems and numbers in turn."""
    words = value.replace(",", " ").split()
    if len(words) % 2 or not all(number.isdigit() for number in words[1::2]):
        raise TableError(f"a SystemList cannot be {value!r}")
    return dict(zip(words[::2], words[1::2]))


def ordered_systems(systems: Mapping[str, str]) -> list[str]:
    """Systems, the preferred one first."""
    return sorted(systems, key=lambda node: int(systems[node]) if systems[node].isdigit() else 0)


def placement(value: str) -> tuple[tuple[str, ...] | None, str]:
    """The systems of a SystemList in their order; and the list itself where it leaves the order open.

    :raises TableError: it is not a SystemList
    """
    systems = system_list(value)
    order = tuple(ordered_systems(systems)) or None
    return order, "" if len(set(systems.values())) == len(systems) else f"SystemList {value}"
