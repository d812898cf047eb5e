# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration files of Veritas Cluster Server: main.cf and types files, read.

Format: Cluster Server 7.2 Administrator's Guide, "About the main.cf file"; VCS 5.0 User's Guide, "The types.cf file".
Values are texts: lists as words, associations as keys and values in turn, as the command line takes and prints them. An
attribute that has a value for each system is kept under ``ATTRIBUTE SYSTEM``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.groupware.ha.plugins.module_utils.shown import quoted

_TOKEN = re.compile(
    r"""(?P<blank>\s+ | //[^\n]* | /\*.*?\*/)
      | (?P<text>"(?:[^"\\]|\\.)*")
      | (?P<mark>[(){}\[\]=,;@])
      | (?P<word>[^\s(){}\[\]=,;@"]+)""",
    re.VERBOSE | re.DOTALL,
)

#: Words that begin a block of the file; no resource type is called so.
_BLOCKS = frozenset(["include", "cluster", "system", "group", "type", "heartbeat", "remotecluster", "site"])
_KINDS = {"str": "string", "i18nstr": "string", "int": "integer", "boolean": "boolean", "keylist": "string"}


class MainCfError(Exception):
    """A file that is not written in the language of main.cf, and the line where it is not."""


@dataclass(frozen=True)
class TypeAttribute:
    """One attribute that a resource type declares.

    ``kind`` is ``string``, ``integer`` or ``boolean``; ``dimension`` ``scalar``, ``vector``, ``keylist`` or ``assoc``.
    """

    name: str
    kind: str
    dimension: str
    static: bool
    temporary: bool
    default: str


@dataclass(frozen=True)
class ResourceBlock:
    """A resource with what the file sets of it."""

    name: str
    type: str
    attributes: Mapping[str, str]


@dataclass
class GroupBlock:
    """A service group with its resources; ``links`` are (parent, child), ``dependencies`` (group, relationship)."""

    name: str
    attributes: Mapping[str, str]
    resources: list[ResourceBlock] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    dependencies: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class MainCf:
    """What one file says."""

    includes: list[str] = field(default_factory=list)
    cluster: str = ""
    cluster_attributes: Mapping[str, str] = field(default_factory=dict)
    systems: dict[str, Mapping[str, str]] = field(default_factory=dict)
    types: dict[str, list[TypeAttribute]] = field(default_factory=dict)
    groups: list[GroupBlock] = field(default_factory=list)


def parse(text: str) -> MainCf:
    """Read main.cf or a types file.

    :raises MainCfError: it is not one
    """
    return _Parser(text).file()


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    line: int


def _around(lines: Sequence[str], number: int) -> str:
    """A line and those before it: what a value is of may be said some lines earlier."""
    return " ".join(lines[max(0, number - 4) : number])


def _tokens(text: str) -> Iterator[_Token]:
    position, line = 0, 1
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            rest = text[position:].partition("\n")[0]
            raise MainCfError(f"line {line}: {quoted(rest, _around(text.splitlines(), line))} cannot be read")
        kind = str(match.lastgroup)
        if kind == "text":
            yield _Token(kind, re.sub(r"\\(.)", r"\1", match.group()[1:-1], flags=re.DOTALL), line)
        elif kind != "blank":
            yield _Token(kind, match.group(), line)
        line += match.group().count("\n")
        position = match.end()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._lines = text.splitlines()
        self._next = 0
        self._found = MainCf()

    def file(self) -> MainCf:
        while self._next < len(self._tokens):
            word = self._take("word")
            if word == "include":
                self._found.includes.append(self._take("text"))
            elif word == "cluster":
                self._once(not self._found.cluster, "a second cluster")
                self._found.cluster = self._name()
                self._found.cluster_attributes = self._attributes()
            elif word == "system":
                name = self._name()
                self._once(name not in self._found.systems, f"a second system {name}")
                self._found.systems[name] = self._attributes()
            elif word == "type":
                self._type()
            elif word == "group":
                self._group()
            elif word in _BLOCKS:
                self._name()
                self._attributes()
            else:
                raise self._error(f"{self._quoted(self._next - 1)} begins nothing that main.cf has")
        return self._found

    def _group(self) -> None:
        group = GroupBlock(self._name(), self._attributes())
        self._once(all(other.name != group.name for other in self._found.groups), f"a second group {group.name}")
        self._found.groups.append(group)
        while self._next < len(self._tokens):
            if self._peek() == "requires":
                self._expect("requires")
                self._expect("group")
                group.dependencies.append((self._name(), self._relationship()))
            elif self._peek(1) == "requires":
                parent = self._name()
                self._expect("requires")
                group.links.append((parent, self._name()))
            elif self._peek() in _BLOCKS:
                break
            else:
                resource_type, name = self._take("word"), self._name()
                taken = {resource.name for other in self._found.groups for resource in other.resources}
                self._once(name not in taken, f"a second resource {name}")
                group.resources.append(ResourceBlock(name, resource_type, self._attributes()))
        names = {resource.name for resource in group.resources}
        for link in group.links:
            for name in link:
                self._once(name in names, f"group {group.name} has no resource {name}, which a dependency names")

    def _relationship(self) -> str:
        words = []
        while self._peek() in ("online", "offline", "local", "global", "remote", "site", "soft", "firm", "hard"):
            words.append(self._take("word"))
        return " ".join(words)

    def _attributes(self) -> dict[str, str]:
        found: dict[str, str] = {}
        self._expect("(")
        while not self._accept(")"):
            name = self._take("word")
            if self._accept("@"):
                name = f"{name} {self._name()}"
            self._expect("=")
            self._once(name not in found, f"a second value of {name}")
            found[name] = self._value()
        return found

    def _value(self) -> str:
        if not self._accept("{"):
            return self._take("word", "text")
        words = []
        while not self._accept("}"):
            words.append(self._take("word", "text"))
            if self._accept("="):
                words.append(self._take("word", "text"))
            if self._peek() != "}" and not self._accept(",") and not self._accept(";"):
                raise self._error("the items of a list are not separated")
        return " ".join(words)

    def _type(self) -> None:
        name = self._name()
        self._once(name not in self._found.types, f"a second type {name}")
        attributes = self._found.types[name] = []
        self._expect("(")
        while not self._accept(")"):
            attributes.append(self._type_attribute())

    def _type_attribute(self) -> TypeAttribute:
        static, temporary = self._accept("static"), self._accept("temp")
        kind = self._take("word")
        self._once(kind in _KINDS, f"{kind!r} is no type of an attribute")
        name = self._take("word")
        dimension = "keylist" if kind == "keylist" else "scalar"
        if self._accept("["):
            self._expect("]")
            dimension = "vector"
        elif self._peek() == "{":
            self._expect("{")
            self._expect("}")
            dimension = "assoc"
        default = self._value() if self._accept("=") else ""
        return TypeAttribute(name, _KINDS[kind], dimension, static, temporary, default)

    def _error(self, words: str) -> MainCfError:
        if not self._tokens:
            return MainCfError(f"line 1: {words}")
        return MainCfError(f"line {self._tokens[min(self._next, len(self._tokens)) - 1].line}: {words}")

    def _quoted(self, position: int) -> str:
        token = self._tokens[position]
        return quoted(token.text, _around(self._lines, token.line))

    def _once(self, holds: bool, words: str) -> None:
        if not holds:
            raise self._error(words)

    def _peek(self, ahead: int = 0) -> str:
        """The coming word or mark; empty at the end, and for a quoted text, which is never a keyword."""
        position = self._next + ahead
        if position >= len(self._tokens) or self._tokens[position].kind == "text":
            return ""
        return self._tokens[position].text

    def _take(self, *kinds: str) -> str:
        if self._next >= len(self._tokens):
            raise self._error("the file ends too early")
        token = self._tokens[self._next]
        self._next += 1
        if token.kind not in kinds:
            raise self._error(f"{self._quoted(self._next - 1)} stands where a {' or '.join(kinds)} should")
        return token.text

    def _name(self) -> str:
        return self._take("word", "text")

    def _accept(self, text: str) -> bool:
        if self._peek() != text:
            return False
        self._next += 1
        return True

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            found = self._quoted(self._next) if self._next < len(self._tokens) else "the end"
            raise self._error(f"{text!r} is missing before {found}")
