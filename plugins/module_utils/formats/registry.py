# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
r"""The iPlanet registry: a tree of keys, each with values that have a name, a type and a datum.

How the product keeps the part that is local to a machine is not published, so the text format here is this collection's
own, after the files that registry editors export:

    # A comment.
    [SOFTWARE\iPlanet\Application Server\6.0\CCS0\ClusterName\mail]

    [SOFTWARE\iPlanet\Application Server\6.0\CCS0]
    "Threads"=integer:32
    "Greeting"=string:as it is, to the end of the line

A line in brackets is a key, whose name begins with those of the keys that it is in; the lines below it are its values.
The value without a name is ``""``. In names and strings ``\\`` is a backslash, ``\n`` a new line, ``\r`` a carriage
return; in names ``\"`` is a quotation mark. Blank lines, and lines that begin with ``#``, mean nothing. No key and no
value is there twice; names are the same whatever their case.

Editing leaves every line as it is that need not change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problems, refuse

STRING, INTEGER = "string", "integer"
TYPES = (STRING, INTEGER)

Path = tuple[str, ...]

_VALUE_LINE = re.compile(r'"((?:[^"\\]|\\.)*)"=(string|integer):(.*)')
_NUMBER = re.compile(r"-?[0-9]+")
_ESCAPED = {"\\": "\\\\", "\n": "\\n", "\r": "\\r"}
_PLAIN = {"\\": "\\", '"': '"', "n": "\n", "r": "\r"}


@dataclass(frozen=True)
class Value:
    """A value: its datum is text, of an integer the shortest one."""

    name: str
    type: str
    data: str

    def line(self) -> str:
        """The value as its line in a file, and in a directory."""
        name = _escape(self.name).replace('"', '\\"')
        return f'"{name}"={self.type}:{_escape(self.data)}'

    def native(self) -> str | int:
        """The datum as a module returns it."""
        return int(self.data) if self.type == INTEGER else self.data


def parse_value(line: str) -> Value | None:
    """The value of a line, or None if it is none."""
    match = _VALUE_LINE.fullmatch(line)
    if match is None:
        return None
    name, data = _unescape(match[1]), _unescape(match[3])
    if name is None or data is None or (match[2] == INTEGER and not _NUMBER.fullmatch(data)):
        return None
    return Value(name, match[2], str(int(data)) if match[2] == INTEGER else data)


def _escape(text: str) -> str:
    return "".join(_ESCAPED.get(character, character) for character in text)


def _unescape(text: str) -> str | None:
    """None if a backslash stands before anything that it has no meaning for."""
    parts = re.split(r"\\(.)", text + "\0", flags=re.DOTALL)
    if any(mark not in _PLAIN for mark in parts[1::2]) or parts[-1].endswith("\\\0"):
        return None
    parts[1::2] = [_PLAIN[mark] for mark in parts[1::2]]
    return "".join(parts)[:-1]


# -- paths ------------------------------------------------------------------------------------------------------------


def parse_path(text: str) -> Path:
    r"""The names of a path such as ``SOFTWARE\iPlanet``; a backslash at its end is ignored.

    :raises ValueError: a name in it is empty, or has a character that no name can have
    """
    names = tuple((text.removesuffix("\\")).split("\\"))
    if not all(names) or any(character in text for character in "\n\r\0"):
        raise ValueError("a path is names of keys with one backslash between them")
    return names


def show_path(path: Path) -> str:
    """A path as it is written."""
    return "\\".join(path)


def folded(path: Path) -> Path:
    """What two paths of the same key have in common."""
    return tuple(name.casefold() for name in path)


def contains(outer: Path, inner: Path) -> bool:
    """Whether the inner key is the outer one, or in it."""
    return folded(inner)[: len(outer)] == folded(outer)


# -- the tree ---------------------------------------------------------------------------------------------------------


@dataclass
class Key:
    """A key: its path as it is written, and its values by their folded names."""

    path: Path
    values: dict[str, Value] = field(default_factory=dict)


class Registry:
    """Keys by their folded paths. A key is never there without those that it is in."""

    def __init__(self) -> None:
        self.keys: dict[Path, Key] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Registry) and self._content() == other._content()

    __hash__ = None  # type: ignore[assignment]

    def _content(self) -> dict[Path, dict[str, Value]]:
        return {path: key.values for path, key in self.keys.items()}

    def copy(self) -> Registry:
        """Another one with the same keys."""
        made = Registry()
        made.keys = {path: Key(key.path, dict(key.values)) for path, key in self.keys.items()}
        return made

    def key(self, path: Path) -> Key | None:
        """A key, or None."""
        return self.keys.get(folded(path))

    def value(self, path: Path, name: str) -> Value | None:
        """A value, or None."""
        key = self.key(path)
        return None if key is None else key.values.get(name.casefold())

    def subkeys(self, path: Path) -> list[Key]:
        """The keys directly in a key."""
        return [key for one, key in self.keys.items() if len(one) == len(path) + 1 and contains(path, one)]

    def add(self, path: Path) -> Key:
        """Have a key, and those that it is in."""
        for length in range(1, len(path) + 1):
            start = path[:length]
            # Names that are there keep the case that they are written in.
            above = self.keys[folded(path[: length - 1])].path if length > 1 else ()
            self.keys.setdefault(folded(start), Key((*above, start[-1])))
        return self.keys[folded(path)]

    def remove(self, path: Path) -> None:
        """Have no such key, and none in it."""
        for one in [one for one in self.keys if contains(path, one)]:
            del self.keys[one]

    def render(self, paths: Iterable[Path] = ((),)) -> str:
        """These keys and what is in them as text, sorted; of no paths, nothing."""
        wanted = [folded(path) for path in paths]
        lines: list[str] = []
        for one in sorted(one for one in self.keys if any(contains(path, one) for path in wanted)):
            key = self.keys[one]
            lines += [f"[{show_path(key.path)}]", *(key.values[name].line() for name in sorted(key.values)), ""]
        return "\n".join(lines)


# -- what is wanted ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Request:
    """One wish: a key or a value is to be there, or not to be there.

    ``name`` is None for the key itself; ``value`` is None for what is not to be there.
    """

    path: Path
    name: str | None = None
    value: Value | None = None
    present: bool = True


def wanted(current: Registry, requests: Sequence[Request], purge: Sequence[Path] = ()) -> Registry:
    """The registry as it is to be.

    :param purge: keys that are to hold no values and no keys but those that the requests name
    """
    result = current.copy()
    for request in requests:
        if request.present:
            key = result.add(request.path)
            if request.value is not None:
                _set(key, request.value, current)
        elif request.name is None:
            result.remove(request.path)
        else:
            found = result.key(request.path)
            if found is not None:
                found.values.pop(request.name.casefold(), None)
    for path in purge:
        named = [request for request in requests if request.present and contains(path, request.path)]
        names = {one.name.casefold() for one in named if one.name is not None and len(one.path) == len(path)}
        purged = result.key(path)
        if purged is not None:
            purged.values = {name: value for name, value in purged.values.items() if name in names}
        for inner in result.subkeys(path):
            if not any(contains(inner.path, one.path) for one in named):
                result.remove(inner.path)
    return result


def _set(key: Key, value: Value, current: Registry) -> None:
    there = current.value(key.path, value.name)
    name = value.name if there is None else there.name
    key.values[value.name.casefold()] = Value(name, value.type, value.data)


@dataclass(frozen=True)
class Change:
    """One difference. ``before`` and ``value`` are those of a value."""

    action: str
    path: Path
    before: Value | None = None
    value: Value | None = None

    def as_dict(self) -> dict[str, Any]:
        """The change as a module returns it."""
        shown = self.value or self.before
        return {
            "action": self.action,
            "path": show_path(self.path),
            "name": None if shown is None else shown.name,
            "before": None if self.before is None else self.before.native(),
            "after": None if self.value is None else self.value.native(),
        }


REMOVE_KEY, ADD_KEY, REMOVE_VALUE, SET_VALUE = "remove_key", "add_key", "remove_value", "set_value"


def differences(current: Registry, target: Registry) -> list[Change]:
    """What leads from one registry to the other: inner keys go before, and come after, those that they are in."""
    changes = [
        Change(REMOVE_KEY, current.keys[one].path)
        for one in sorted(current.keys, key=len, reverse=True)
        if one not in target.keys
    ]
    for one in sorted(target.keys, key=len):
        key, before = target.keys[one], current.keys.get(one)
        if before is None:
            changes.append(Change(ADD_KEY, key.path))
        old = {} if before is None else before.values
        changes += [Change(REMOVE_VALUE, key.path, value) for name, value in old.items() if name not in key.values]
        changes += [
            Change(SET_VALUE, key.path, old.get(name), value)
            for name, value in key.values.items()
            if old.get(name) != value
        ]
    return changes


# -- text -------------------------------------------------------------------------------------------------------------


def parse(text: str, name: str = "the registry file") -> Registry:
    """Read a registry.

    :raises DescriptionError: with every line that cannot be read, or says something twice
    """
    registry = Registry()
    problems = Problems()
    headed: set[Path] = set()
    for number, line, path, value in _lines(text):
        where = f"line {number} of {name}"
        if path is not None and value is None:
            if folded(path) in headed:
                problems.add(where, line, "is a key that is there before", "put its values together by hand")
            headed.add(folded(path))
            registry.add(path)
        elif path is not None and value is not None:
            key = registry.add(path)
            if value.name.casefold() in key.values:
                problems.add(where, line, "is a value that is there before", "remove one of them by hand")
            key.values[value.name.casefold()] = value
        elif line.strip() and not line.startswith("#"):
            problems.add(where, line, "is neither a key nor a value of one", "correct it by hand")
    refuse(problems)
    return registry


def _lines(text: str) -> Iterator[tuple[int, str, Path | None, Value | None]]:
    """Each line with its number; a key's with its path, a value's with the path and the value, others with neither."""
    path: Path | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith("[") and line.endswith("]"):
            try:
                path = parse_path(line[1:-1])
            except ValueError:
                path = None
            yield number, line, path, None
        else:
            value = None if path is None or line.startswith("#") else parse_value(line)
            yield number, line, None if value is None else path, value


def edit(text: str, target: Registry) -> str:
    """The text changed so that it says the target; comments stay, and so does every line that need not change.

    :raises DescriptionError: the text cannot be read
    """
    parse(text)
    lines: list[str] = []
    said: set[tuple[Path, str]] = set()
    ends: dict[Path, int] = {}
    for _number, line, path, value in _lines(text):
        key = None if path is None else target.key(path)
        if path is None:
            lines.append(line)
        elif key is None:
            if value is None and lines and not lines[-1]:
                lines.pop()  # the blank line that set the key off
        elif value is None:
            lines.append(line)
            ends[folded(path)] = len(lines)
        else:
            said.add((folded(path), value.name.casefold()))
            new = key.values.get(value.name.casefold())
            if new is not None:
                lines.append(line if new == value else new.line())
                ends[folded(path)] = len(lines)
    # From the end on, so that places further up stay what they are.
    for one, end in sorted(ends.items(), key=lambda item: item[1], reverse=True):
        lines[end:end] = [value.line() for name, value in target.keys[one].values.items() if (one, name) not in said]
    result = "\n".join(lines)
    for one in sorted(set(target.keys) - set(ends)):
        key = target.keys[one]
        if key.values or not any(contains(one, other) for other in target.keys if other != one):
            gap = "" if not result else "\n" if result.endswith("\n") else "\n\n"
            added = (f"[{show_path(key.path)}]", *(value.line() for value in key.values.values()))
            result += gap + "".join(f"{line}\n" for line in added)
    return result
