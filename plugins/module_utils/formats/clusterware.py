# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``crsctl`` and ``olsnodes`` print, and what ``crsctl -attr`` takes. Pure.

Sources: Oracle Clusterware Administration and Deployment Guide 12c Release 1, appendices B (attributes), C (olsnodes)
and E (crsctl). ``crsctl status resource -t`` is never read: its columns wrap, and differ between releases.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from ansible_collections.groupware.ha.plugins.module_utils.description.secrets import holds_secret
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN, quoted

#: Longest value of an attribute (appendix B).
LONGEST_VALUE = 254

_KEY = re.compile(r"[A-Z][A-Z0-9_]*(@[A-Z]+\([^()=]*\)){0,2}")
_MESSAGE = re.compile(r"CRS-\d+:")
_NEEDS_QUOTES = re.compile(r"[\s,()=]")
_DEPENDENCY = re.compile(r"\s*([a-z]+)((?::[a-z_]+)*)\s*\(([^()]*)\)\s*")
_INSTANCE = re.compile(r"(ONLINE|OFFLINE|INTERMEDIATE|UNKNOWN)(?: on (\S+))?")
_TARGETS = ("ONLINE", "OFFLINE")


class FormatError(ValueError):
    """A text is not what it should be; says where."""


# -- blocks of NAME=value ---------------------------------------------------------------------------------------


def parse_resources(text: str) -> list[dict[str, str]]:
    """The blocks of ``crsctl status resource``, with or without ``-f``, ``-p`` or ``-v``: one for each that is printed.

    Messages (``CRS-2613: Could not find resource 'X'.``) are left out.

    :raises FormatError: a line is no attribute or not whole, or a block lacks its name or type
    """
    if text and not text.endswith("\n"):
        raise FormatError("it ends in the middle of a line")
    blocks = list(_blocks(text, "NAME"))
    for block in blocks:
        if not block.get("NAME") or not block.get("TYPE"):
            raise FormatError(f"a resource lacks its name or type: {_beginning(block)}")
    return blocks


def parse_types(text: str) -> dict[str, ResourceType]:
    """The resource types of ``crsctl status type -p`` by name: a block each, with a section for each attribute.

    :raises FormatError: a line is no attribute, or stands where it has no meaning
    """
    types: dict[str, ResourceType] = {}
    name: str | None = None
    attribute: str | None = None
    before = ""
    for number, line in enumerate(text.splitlines(), start=1):
        pair = _pair(line, number, before)
        before = line
        if pair is None:
            continue
        key, value = pair
        if key in ("TYPE_NAME", "NAME"):
            name, attribute = value, None
            types[name] = ResourceType()
        elif name is None:
            raise FormatError(f"line {number}: {quoted(line)} stands before the name of a type")
        elif key in ("BASE_TYPE", "BASETYPE"):
            types[name].base = value
        elif key == "ATTRIBUTE":
            attribute = value
            types[name].attributes[attribute] = {}
        elif attribute is not None:
            types[name].attributes[attribute][key] = value
    return types


@dataclass
class ResourceType:
    """A registered type: what it is derived from, and the definition of each attribute that is shown of it."""

    base: str = ""
    attributes: dict[str, dict[str, str]] = field(default_factory=dict)

    def flags(self, attribute: str) -> frozenset[str]:
        """Flags of an attribute, such as READONLY."""
        return frozenset(filter(None, self.attributes.get(attribute, {}).get("FLAGS", "").split("|")))


def _blocks(text: str, first: str) -> Iterator[dict[str, str]]:
    block: dict[str, str] = {}
    last: dict[str, str] = {}
    before = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() and block:
            yield block
            block, last = {}, block if {"NAME", "TYPE"} <= set(block) else {}
        pair = _pair(line, number, before)
        before = line
        if pair is None:
            continue
        key, value = pair
        if key == first and block:
            yield block
            block = {}
        if not block and key == "LAST_SERVER" and last:
            # -v has a paragraph for each instance, and only the first has the resource's name.
            block = {name: last[name] for name in ("NAME", "TYPE")}
        if not block and key != first:
            raise FormatError(f"line {number}: {quoted(line)} belongs to nothing: {first} should stand before it")
        if key in block:
            raise FormatError(f"line {number}: {key} is there twice")
        block[key] = value
    if block:
        yield block


def _pair(line: str, number: int, before: str = "") -> tuple[str, str] | None:
    line = line.strip()
    if not line or _MESSAGE.match(line):
        return None
    key, equals, value = line.partition("=")
    if not equals or _KEY.fullmatch(key) is None:
        raise FormatError(f"line {number}: {quoted(line, before)} is not an attribute with its value")
    return key, value.strip()


def _beginning(block: Mapping[str, str]) -> str:
    first = list(block.items())[:3]
    return ", ".join(f"{key}={HIDDEN if holds_secret(key, value) else value}" for key, value in first)


# -- states -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Instance:
    """One instance of a resource: what it is to be, what it is, and where."""

    target: str
    state: str
    node: str | None = None
    details: str = ""
    internal: str = ""

    @property
    def active(self) -> bool:
        """Whether something of it runs, or may run: the state is UNKNOWN once it could not be stopped."""
        return self.state != "OFFLINE"

    @property
    def stable(self) -> bool:
        """Whether Clusterware is not just starting, stopping or cleaning it."""
        return self.internal in ("", "STABLE")


def instances(block: Mapping[str, str]) -> list[Instance]:
    """The instances in a block: without ``-v`` those of all servers are in one, separated by commas.

    :raises FormatError: a state or target that does not exist
    """
    name = block.get("NAME", "")
    found = []
    states = [state.strip() for state in block.get("STATE", "").split(",")]
    targets = [target.strip() for target in block.get("TARGET", "").split(",")]
    if len(states) != len(targets):
        raise FormatError(f"{name} has {len(states)} states and {len(targets)} targets")
    for target, state in zip(targets, states):
        match = _INSTANCE.fullmatch(state)
        if match is None or target not in _TARGETS:
            raise FormatError(f"{name} has the state {state!r} and the target {target!r}, which are none")
        details, internal = block.get("STATE_DETAILS", ""), block.get("INTERNAL_STATE", "")
        found.append(Instance(target, match[1], match[2], details, internal))
    return found


def parse_nodes(text: str) -> dict[str, bool]:
    """Whether each node is active, from ``olsnodes -s``.

    :raises FormatError: a line that is not a name and Active or Inactive
    """
    nodes = {}
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if not words:
            continue
        if len(words) != 2 or words[1].lower() not in ("active", "inactive"):
            raise FormatError(f"line {number}: {quoted(line)} is not a node and whether it is active")
        nodes[words[0]] = words[1].lower() == "active"
    return nodes


# -- what -attr takes -------------------------------------------------------------------------------------------


def refused_value(value: str) -> str | None:
    """Why a value cannot be given to ``-attr``, or None."""
    if len(value) > LONGEST_VALUE:
        return f"is {len(value)} characters long; Clusterware takes {LONGEST_VALUE}"
    if "'" in value or '"' in value:
        return "has a quotation mark in it, which cannot be written in -attr"
    if "\n" in value or "\r" in value:
        return "has a line end in it, which cannot be written in -attr"
    return None


def attribute_argument(settings: Mapping[str, str]) -> str:
    """Settings as the one argument of ``-attr``: with commas between, quoted where they have commas of their own."""
    return ",".join(f"{key}={_quoted(value)}" for key, value in settings.items())


def _quoted(value: str) -> str:
    # Appendix E: values with blanks, commas or parentheses in single quotation marks.
    return f"'{value}'" if _NEEDS_QUOTES.search(value) else value


def definition_argument(definitions: Mapping[str, str]) -> str:
    """Attributes of a type, each with its definition (``TYPE=string,FLAGS=READONLY``), as the argument of ``-attr``."""
    return ",".join(f"ATTRIBUTE={name},{definition}" for name, definition in definitions.items())


def parse_definition(text: str) -> dict[str, str] | None:
    """A definition in its parts, or None if it is none."""
    parts: dict[str, str] = {}
    for part in text.split(","):
        key, equals, value = part.strip().partition("=")
        if not equals or key not in ("TYPE", "DEFAULT_VALUE", "FLAGS") or key in parts:
            return None
        parts[key] = value.strip()
    return parts if parts.get("TYPE", "").lower() in ("string", "int") else None


def same_definition(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two definitions of an attribute mean the same: order of flags and an empty default do not count."""

    def meaning(parts: Mapping[str, str]) -> tuple[str, str, frozenset[str]]:
        # CONFIG says that the attribute may be configured, which it may by being there.
        flags = frozenset(parts.get("FLAGS", "").split("|")) - {"", "CONFIG"}
        return parts.get("TYPE", "string").lower(), parts.get("DEFAULT_VALUE", ""), flags

    return meaning(one) == meaning(other)


# -- dependencies -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dependency:
    """One thing that a resource depends on: a resource, or any of a type."""

    kind: str
    modifiers: frozenset[str]
    of_type: bool
    name: str

    def __str__(self) -> str:
        words = [*sorted(self.modifiers), *(["type"] if self.of_type else []), self.name]
        return ":".join(words)


@lru_cache(maxsize=1024)
def parse_dependencies(text: str) -> tuple[Dependency, ...]:
    """What START_DEPENDENCIES or STOP_DEPENDENCIES says, in its order.

    :raises FormatError: it is not written as one
    """
    found: list[Dependency] = []
    position = 0
    while position < len(text.rstrip()):
        match = _DEPENDENCY.match(text, position)
        if match is None:
            raise FormatError(f"{text!r} is not a dependency from {text[position:].strip()!r} on")
        common = match[2].split(":")[1:]
        for entity in match[3].split(","):
            *words, name = (word.strip() for word in entity.split(":"))
            of_type = "type" in words
            modifiers = frozenset([*common, *(word for word in words if word != "type")])
            if not name or "" in modifiers:
                raise FormatError(f"{text!r} has an empty place in {match[0].strip()!r}")
            found.append(Dependency(match[1], modifiers, of_type, name))
        position = match.end()
    return tuple(found)


def same_dependencies(one: str, other: str) -> bool:
    """Whether two texts say the same dependencies, in whatever order and spacing."""
    try:
        return Counter(parse_dependencies(one)) == Counter(parse_dependencies(other))
    except FormatError:
        return one.strip() == other.strip()


def without_dependencies(text: str, names: Collection[str]) -> str:
    """The dependencies without those on the named resources."""
    kinds: dict[str, list[str]] = {}
    for dependency in parse_dependencies(text):
        if dependency.of_type or dependency.name not in names:
            kinds.setdefault(dependency.kind, []).append(str(dependency))
    return " ".join(f"{kind}({','.join(entities)})" for kind, entities in kinds.items())


def hard_dependencies(text: str) -> list[str]:
    """Names of the resources without which one does not run.

    :raises FormatError: it is not written as dependencies are
    """
    found = parse_dependencies(text)
    return [dependency.name for dependency in found if dependency.kind == "hard" and not dependency.of_type]


def dependencies_on(names: Collection[str]) -> dict[str, str]:
    """Both dependencies of a resource that runs on the same node as these, and starts after they do.

    As the Messaging Server manual has them: ``hard`` lets it start only where they run, ``pullup`` starts it as soon as
    they do, ``intermediate`` lets it run on while one of them is not quite well.
    """
    listed = ",".join(names)
    if not listed:
        return {}
    stop = ",".join(f"intermediate:{name}" for name in names)
    return {"START_DEPENDENCIES": f"hard({listed}) pullup({listed})", "STOP_DEPENDENCIES": f"hard({stop})"}


# -- which resources belong together ----------------------------------------------------------------------------


def in_starting_order(needs: Mapping[str, Collection[str]], first: Collection[str] = ()) -> list[str]:
    """Names so that each stands behind those that it needs; where that leaves a choice ``first`` and then by name."""
    waiting = {name: {other for other in needed if other in needs and other != name} for name, needed in needs.items()}
    order: list[str] = []
    while waiting:
        ready = [name for name, needed in waiting.items() if not needed]
        # Clusterware has no circles of hard dependencies; should one be read, its members come by name.
        chosen = min(ready or waiting, key=lambda name: (name not in first, name))
        order.append(chosen)
        del waiting[chosen]
        for needed in waiting.values():
            needed.discard(chosen)
    return order


def dependents(needs: Mapping[str, Collection[str]], names: Collection[str]) -> set[str]:
    """Everything that cannot run without one of these, directly or by way of others."""
    found: set[str] = set()
    new = set(names)
    while new:
        new = {name for name, needed in needs.items() if name not in found and name not in names and new & set(needed)}
        found |= new
    return found


def group(
    needs: Mapping[str, Collection[str]], claims: Mapping[str, str], addresses: Collection[str]
) -> tuple[dict[str, list[str]], list[str]]:
    """Services with their members in starting order, and resources that belong to none.

    A resource belongs to the service that it ``claims``. Without a claim it belongs where what it needs belongs, and an
    address where what needs it belongs. What is left and hangs together becomes a service that is named after its
    address (``ADDRESS_service``), or its first resource.

    :param needs: for each resource those that it has a hard start dependency on
    :param addresses: those that are virtual addresses of applications
    """
    service_of = dict(claims)
    users: dict[str, set[str]] = {name: set() for name in needs}
    for name, needed in needs.items():
        for other in needed:
            if other in users:
                users[other].add(name)
    grown = True
    while grown:
        grown = False
        for name in needs:
            if name in service_of:
                continue
            above = {service_of[other] for other in needs[name] if other in service_of}
            below = {service_of[other] for other in users[name] if other in service_of} if name in addresses else set()
            if len(above | below) == 1:
                service_of[name] = (above | below).pop()
                grown = True
    left = [name for name in needs if name not in service_of]
    alone: list[str] = []
    taken = {*service_of.values(), *needs}
    for component in _components(left, needs, users):
        order = in_starting_order({name: needs[name] for name in component}, addresses)
        named = next((name for name in order if name in addresses), order[0])
        if len(order) == 1 and named not in addresses:
            alone.append(named)
            continue
        service = f"{named}_service"
        while service in taken:
            service += "_"
        taken.add(service)
        service_of.update(dict.fromkeys(order, service))
    services: dict[str, dict[str, Collection[str]]] = {}
    for name in needs:
        if name in service_of:
            services.setdefault(service_of[name], {})[name] = needs[name]
    return {service: in_starting_order(found, addresses) for service, found in services.items()}, alone


def _components(
    names: Collection[str], needs: Mapping[str, Collection[str]], users: Mapping[str, Collection[str]]
) -> Iterator[list[str]]:
    left = dict.fromkeys(names)
    while left:
        component, new = [], list(left)[:1]
        while new:
            name = new.pop()
            if name in left:
                del left[name]
                component.append(name)
                new.extend([*needs[name], *users[name]])
        yield component
