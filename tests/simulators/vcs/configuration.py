"""The language of main.cf and types.cf: read, checked and written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .attributes import (
    GROUP_ATTRIBUTES,
    RESOURCE_ATTRIBUTES,
    STATIC_ATTRIBUTES,
    Attribute,
    Value,
    empty_value,
    predefined,
)
from .common import MARKS, TRANSCRIPTS

CONFIGURATION_LANGUAGE = "Cluster Server 7.2 Administrator's Guide, VCS configuration language"
TYPES_LANGUAGE = "VCS 5.0 User's Guide, The types.cf file"
HACF_MANUAL = "Cluster Server 4.1 User's Guide, Managing the VCS Configuration File: The hacf Utility"

DIRECTORY = "/etc/VRTSvcs/conf/config"


class ConfigurationError(Exception):
    """A configuration file that cannot be loaded, and why."""


@dataclass
class Configuration:
    """What main.cf and the files that it includes say."""

    cluster: dict[str, Value] = field(default_factory=dict)
    systems: dict[str, dict[str, Value]] = field(default_factory=dict)
    types: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    links: list[list[str]] = field(default_factory=list)
    group_links: list[list[str]] = field(default_factory=list)


# -- reading -------------------------------------------------------------------------------------------------------

TOKEN = re.compile(
    r"""(?P<blank>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<mark>[(){}\[\]=,;@])
    |(?P<word>[A-Za-z0-9_.%+\-]+)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass
class _Tokens:
    """The words of one file, with the line of each for messages."""

    name: str
    text: str

    def __post_init__(self) -> None:
        self._found = list(self._split())
        self._next = 0

    def _split(self) -> Iterator[tuple[str, str, int]]:
        position = 0
        while position < len(self.text):
            match = TOKEN.match(self.text, position)
            line = self.text.count("\n", 0, position) + 1
            if match is None:
                raise ConfigurationError(f"{self.name}, line {line}: syntax error at {self.text[position]!r}")
            position = match.end()
            if match.lastgroup == "string":
                yield "string", re.sub(r"\\(.)", r"\1", match.group()[1:-1]), line
            elif match.lastgroup != "blank":
                yield str(match.lastgroup), match.group(), line

    def error(self, text: str) -> ConfigurationError:
        """What is wrong at the current token."""
        last = self._found[min(self._next, len(self._found) - 1)][2] if self._found else 1
        return ConfigurationError(f"{self.name}, line {last}: {text}")

    def peek(self, ahead: int = 0) -> str:
        """The text of a coming token; empty at the end. A quoted word is none."""
        if self._next + ahead >= len(self._found):
            return ""
        kind, text, _line = self._found[self._next + ahead]
        return "\0" if kind == "string" else text

    def take(self, *kinds: str) -> str:
        """The next token, which must be of one of the kinds."""
        if self._next >= len(self._found) or self._found[self._next][0] not in kinds:
            raise self.error(f"syntax error near {self.peek() or 'the end'}")
        self._next += 1
        return self._found[self._next - 1][1]

    def expect(self, *marks: str) -> None:
        """These marks or words, in order."""
        for mark in marks:
            if self.peek() != mark:
                raise self.error(f"syntax error: {mark} expected, not {self.peek() or 'the end'}")
            self._next += 1

    def accept(self, mark: str) -> bool:
        """Take the mark or word if it comes next."""
        if self.peek() != mark:
            return False
        self._next += 1
        return True

    @property
    def more(self) -> bool:
        """Whether anything is left."""
        return self._next < len(self._found)


class _Reader:
    def __init__(self, read: Callable[[str], str | None]) -> None:
        self.read = read
        self.configuration = Configuration()
        self.included: set[str] = set()

    def file(self, file_name: str) -> None:
        text = self.read(file_name)
        if text is None:
            raise ConfigurationError(f"{file_name}: no such file")
        tokens = _Tokens(file_name, text)
        while tokens.more:
            keyword = tokens.take("word")
            if keyword == "include":
                included = tokens.take("string").removeprefix("./")
                if included not in self.included:
                    self.included.add(included)
                    self.file(included)
            elif keyword == "cluster":
                self.configuration.cluster["ClusterName"] = tokens.take("word", "string")
                self.configuration.cluster.update(self._block(tokens, predefined("cluster"))[0])
            elif keyword == "system":
                name = tokens.take("word", "string")
                self.configuration.systems[name] = self._block(tokens, predefined("system"))[0]
            elif keyword == "type":
                self._type(tokens)
            elif keyword == "group":
                self._group(tokens)
            else:
                raise tokens.error(f"syntax error at {keyword}")

    def _type(self, tokens: _Tokens) -> None:
        name = tokens.take("word")
        if name in self.configuration.types:
            raise tokens.error(f"type {name} is defined twice")
        found: dict[str, Any] = {"attributes": {}, "static": {}}
        if self.included and tokens.name != "types.cf":
            found["static"]["SourceFile"] = f"./{tokens.name}"
        self.configuration.types[name] = found
        tokens.expect("(")
        while not tokens.accept(")"):
            self._type_attribute(tokens, found)

    def _type_attribute(self, tokens: _Tokens, found: dict[str, Any]) -> None:
        static, temporary = tokens.accept("static"), tokens.accept("temp")
        word = tokens.take("word")
        kinds = {"str": "string", "int": "integer", "boolean": "boolean", "keylist": "string"}
        if word not in kinds:
            raise tokens.error(f"unknown attribute type {word}")
        dimension = "keylist" if word == "keylist" else "scalar"
        name = tokens.take("word")
        if tokens.accept("["):
            tokens.expect("]")
            dimension = "vector"
        elif tokens.peek() == "{":
            tokens.expect("{", "}")
            dimension = "association"
        empty = empty_value(kinds[word], dimension)
        attribute = Attribute(kinds[word], dimension, empty, static, temporary)
        default = self._value(tokens, attribute) if tokens.accept("=") else empty
        if static and name in STATIC_ATTRIBUTES:
            found["static"][name] = default
        else:
            attribute = Attribute(kinds[word], dimension, default, static, temporary)
            found["attributes"][name] = attribute.stored()

    def _group(self, tokens: _Tokens) -> None:
        name = tokens.take("word", "string")
        if name in self.configuration.groups:
            raise tokens.error(f"group {name} is defined twice")
        known = {**GROUP_ATTRIBUTES, "Enabled": predefined("group")["Enabled"]}
        values, local = self._block(tokens, known)
        if "Enabled" in values:
            raise tokens.error("Enabled of a group is given for each system")
        self.configuration.groups[name] = {"attributes": values, "local": local}
        while tokens.more and tokens.peek() not in ("group", "type", "system", "cluster", "include"):
            if tokens.accept("requires"):
                tokens.expect("group")
                link = [name, tokens.take("word", "string")]
                while tokens.peek() in ("online", "offline", "local", "global", "remote", "soft", "firm", "hard"):
                    link.append(tokens.take("word"))
                self.configuration.group_links.append(link)
            elif tokens.peek(1) == "requires":
                self.configuration.links.append([tokens.take("word", "string"), ""])
                tokens.expect("requires")
                self.configuration.links[-1][1] = tokens.take("word", "string")
            else:
                self._resource(tokens, name)

    def _resource(self, tokens: _Tokens, group: str) -> None:
        resource_type, name = tokens.take("word"), tokens.take("word", "string")
        if resource_type not in self.configuration.types:
            raise tokens.error(f"unknown type {resource_type}")
        if name in self.configuration.resources:
            raise tokens.error(f"resource {name} is defined twice")
        definition = self.configuration.types[resource_type]
        own = {key: Attribute(**stored) for key, stored in definition["attributes"].items()}
        values, local = self._block(tokens, {**STATIC_ATTRIBUTES, **RESOURCE_ATTRIBUTES, **own})
        static = {key for key in values if key in STATIC_ATTRIBUTES or (key in own and own[key].static)}
        self.configuration.resources[name] = {
            "type": resource_type,
            "group": group,
            # A resource that is in main.cf when VCS starts is enabled unless main.cf says otherwise.
            "attributes": {"Enabled": "1", **{key: value for key, value in values.items() if key not in static}},
            "local": local,
            "overridden": {key: values[key] for key in static},
        }

    def _block(
        self, tokens: _Tokens, known: Mapping[str, Attribute]
    ) -> tuple[dict[str, Value], dict[str, dict[str, Value]]]:
        values: dict[str, Value] = {}
        local: dict[str, dict[str, Value]] = {}
        tokens.expect("(")
        while not tokens.accept(")"):
            name = tokens.take("word")
            if name not in known:
                raise tokens.error(f"unknown attribute {name}")
            system = tokens.take("word", "string") if tokens.accept("@") else None
            tokens.expect("=")
            value = self._value(tokens, known[name])
            if system is None:
                values[name] = value
            else:
                local.setdefault(name, {})[system] = value
        return values, local

    def _value(self, tokens: _Tokens, attribute: Attribute) -> Value:
        if attribute.dimension == "scalar":
            word = tokens.take("word", "string")
            if attribute.kind == "integer" and not re.fullmatch(r"-?[0-9]+", word):
                raise tokens.error(f"{word} is no integer")
            return word
        found: dict[str, str] = {}
        words: list[str] = []
        tokens.expect("{")
        while not tokens.accept("}"):
            word = tokens.take("word", "string")
            words.append(word)
            if attribute.dimension == "association":
                tokens.expect("=")
                found[word] = tokens.take("word", "string")
            if not tokens.accept(",") and tokens.peek() != "}":
                raise tokens.error("syntax error in a list")
        return found if attribute.dimension == "association" else words


@MARKS.documented("hacf", "include files that are missing, and syntax errors, are errors", HACF_MANUAL)
@MARKS.documented(
    "hacf", "groups, resources, requires, {a, b}, {k = v}, strings in quotes, // comments", CONFIGURATION_LANGUAGE
)
@MARKS.documented("hacf", "type, static, temp, str, int, boolean, keylist, [] for a vector", TYPES_LANGUAGE)
@MARKS.documented(
    "had", "a resource of main.cf is enabled unless it says Enabled = 0", "VCS 5.0MP3 User's Guide, Resource attributes"
)
def parsed(read: Callable[[str], str | None]) -> Configuration:
    """The configuration of main.cf.

    :param read: gives the text of a file of the configuration directory, or None
    :raises ConfigurationError: it cannot be loaded
    """
    reader = _Reader(read)
    reader.file("main.cf")
    _check(reader.configuration)
    return reader.configuration


@MARKS.assumed("hacf", "names that nothing defines, links between groups and cycles are errors")
def _check(configuration: Configuration) -> None:
    for name, group in configuration.groups.items():
        systems = group["attributes"].get("SystemList", {})
        for system in [*systems, *group["attributes"].get("AutoStartList", [])]:
            if system not in configuration.systems:
                raise ConfigurationError(f"main.cf: group {name} names unknown system {system}")
    for parent, child in configuration.links:
        for resource in (parent, child):
            if resource not in configuration.resources:
                raise ConfigurationError(f"main.cf: a dependency names unknown resource {resource}")
        if configuration.resources[parent]["group"] != configuration.resources[child]["group"]:
            raise ConfigurationError(f"main.cf: {parent} and {child} are in different groups")
    for link in configuration.group_links:
        if link[1] not in configuration.groups:
            raise ConfigurationError(f"main.cf: a dependency names unknown group {link[1]}")
    for pairs in (configuration.links, configuration.group_links):
        for pair in pairs:
            if pair[0] in descendants(pairs, pair[0]):
                raise ConfigurationError(f"main.cf: {pair[0]} depends on itself")


def parse_types(text: str) -> dict[str, dict[str, Any]]:
    """The types of a types file."""
    return parsed({"main.cf": 'include "types.cf"', "types.cf": text}.get).types


def descendants(links: Sequence[Sequence[str]], top: str) -> list[str]:
    """Everything that depends-on links lead to from ``top``; with ``top`` itself only if it is in a cycle."""
    found: list[str] = []
    waiting = [top]
    while waiting:
        parent = waiting.pop()
        for link in links:
            if link[0] == parent and link[1] not in found:
                found.append(link[1])
                waiting.append(link[1])
    return found


def ancestors(links: Sequence[Sequence[str]], bottom: str) -> list[str]:
    """Everything that depends on ``bottom``."""
    return descendants([[link[1], link[0]] for link in links], bottom)


# -- writing -------------------------------------------------------------------------------------------------------


def _written(value: Value) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_word(key)} = {_word(entry)}" for key, entry in value.items()) + " }"
    if isinstance(value, list):
        return "{ " + ", ".join(_word(entry) for entry in value) + " }"
    return _word(value)


def _word(word: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_]+(-[A-Za-z0-9_]+)*", word):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _lines(
    values: Mapping[str, Value], local: Mapping[str, Mapping[str, Value]], known: Mapping[str, Attribute]
) -> list[str]:
    found = []
    for name in values:
        if name not in local and values[name] != known[name].default:
            found.append(f"{name} = {_written(values[name])}")
    for name, systems in local.items():
        found += [f"{name} @{system} = {_written(value)}" for system, value in systems.items()]
    return found


def _block(head: str, lines: Sequence[str], indent: str) -> str:
    inner = "".join(f"{indent}\t{line}\n" for line in lines)
    return f"{indent}{head} (\n{inner}{indent}\t)\n"


@MARKS.documented(
    "haconf", "main.cf: tab-indented blocks, lists, links after the resources, defaults left out", TRANSCRIPTS
)
@MARKS.documented("haconf", "what is dumped is always pretty-printed", HACF_MANUAL)
@MARKS.assumed("haconf", "order of attributes, requires group after the links, layout of the dependency tree comment")
def main_cf(configuration: Configuration) -> str:
    """The text of main.cf."""
    sources = [str(found["static"].get("SourceFile", "./types.cf")) for found in configuration.types.values()]
    includes = dict.fromkeys(["types.cf", *(source.removeprefix("./") for source in sources)])
    parts = ["".join(f'include "{name}"\n' for name in includes)]
    cluster = {key: value for key, value in configuration.cluster.items() if key != "ClusterName"}
    parts.append(
        _block(f"cluster {configuration.cluster['ClusterName']}", _lines(cluster, {}, predefined("cluster")), "")
    )
    for system, values in configuration.systems.items():
        parts.append(_block(f"system {system}", _lines(values, {}, predefined("system")), ""))
    for name in configuration.groups:
        parts.append(_group_cf(configuration, name))
    return "\n".join(parts)


def _group_cf(configuration: Configuration, name: str) -> str:
    group = configuration.groups[name]
    parts = [_block(f"group {name}", _lines(group["attributes"], group["local"], predefined("group")), "")]
    members = {key: found for key, found in configuration.resources.items() if found["group"] == name}
    for resource, found in sorted(members.items()):
        own = {key: Attribute(**stored) for key, stored in configuration.types[found["type"]]["attributes"].items()}
        # In main.cf the default of Enabled is 1, and an overridden attribute is written whatever its value.
        known = {**RESOURCE_ATTRIBUTES, **own, "Enabled": Attribute("boolean", default="1")}
        lines = _lines(found["attributes"], found["local"], known)
        lines += [f"{key} = {_written(value)}" for key, value in found["overridden"].items()]
        parts.append(_block(f"{found['type']} {resource}", lines, "\t"))
    links = [link for link in configuration.links if link[0] in members]
    requirements = [f"\t{parent} requires {child}\n" for parent, child in sorted(links)]
    requirements += [
        f"\trequires group {' '.join(link[1:])}\n" for link in configuration.group_links if link[0] == name
    ]
    if requirements:
        parts.append("".join(requirements))
    roots = [resource for resource in sorted(members) if not any(link[1] == resource for link in links)]
    tree = ["// resource dependency tree", "//", f"//\tgroup {name}", "//\t{"]
    for root in roots:
        tree += _tree(configuration, links, root, "")
    parts.append("\n" + "".join(f"\t{line}\n" for line in [*tree, "//\t}"]))
    return "\n".join(parts) + "\n"


def _tree(configuration: Configuration, links: Sequence[Sequence[str]], resource: str, indent: str) -> list[str]:
    lines = [f"//\t{indent}{configuration.resources[resource]['type']} {resource}"]
    children = sorted(link[1] for link in links if link[0] == resource)
    if children:
        lines.append(f"//\t{indent}    {{")
        for child in children:
            lines += _tree(configuration, links, child, indent + "    ")
        lines.append(f"//\t{indent}    }}")
    return lines


def types_files(types: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The types files, by name."""
    files: dict[str, list[str]] = {"types.cf": []}
    for name, found in sorted(types.items()):
        source = str(found["static"].get("SourceFile", "./types.cf")).removeprefix("./")
        files.setdefault(source, []).append(_type_cf(name, found))
    return {name: "\n".join(parts) for name, parts in files.items()}


def _type_cf(name: str, found: Mapping[str, Any]) -> str:
    lines = []
    for key, value in found["static"].items():
        if key != "SourceFile":
            lines.append(f"static {_declared(key, STATIC_ATTRIBUTES[key], value)}")
    for key, stored in found["attributes"].items():
        attribute = Attribute(**stored)
        word = "static " if attribute.static else "temp " if attribute.temporary else ""
        lines.append(word + _declared(key, attribute, attribute.default))
    return f"type {name} (\n" + "".join(f"\t{line}\n" for line in lines) + ")\n"


def _declared(name: str, attribute: Attribute, value: Value) -> str:
    word = {"string": "str", "integer": "int", "boolean": "boolean"}[attribute.kind]
    suffix = {"vector": "[]", "association": "{}"}.get(attribute.dimension, "")
    head = f"keylist {name}" if attribute.dimension == "keylist" else f"{word} {name}{suffix}"
    empty = value in ("", [], {}) or (attribute.kind != "string" and value == "0")
    return head if empty else f"{head} = {_written(value)}"
