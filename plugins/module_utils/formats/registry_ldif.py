# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A registry in a directory: a key is an entry named by ``cn``, and has one attribute value for each of its values.

That a key is an entry and a value an attribute is what the Registry Guide says. The product's object classes are not
published, and names such as ``192.0.2.11:10800`` cannot be names of attributes, so that all values are values of one
attribute here, written as in the text format (formats/registry.py). SCHEMA has both in the syntax of OpenLDAP.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from ansible_collections.groupware.ha.plugins.module_utils.errors import FormatError
from ansible_collections.groupware.ha.plugins.module_utils.shown import quoted
from .registry import ADD_KEY, REMOVE_KEY, Change, Path, Registry, parse_value

OBJECT_CLASS = "groupwareHaRegistryKey"
ATTRIBUTE = "groupwareHaRegistryValue"

#: The object identifiers are of the arc that anyone may use with a UUID (ITU-T X.667).
_ARC = "2.25.213412894309247190834417620331207811554"
SCHEMA = f"""attributetype ( {_ARC}.1 NAME '{ATTRIBUTE}'
    DESC 'One value of a registry key: name, type and datum'
    EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )
objectclass ( {_ARC}.2 NAME '{OBJECT_CLASS}'
    DESC 'A key of a registry'
    SUP top STRUCTURAL MUST cn MAY {ATTRIBUTE} )
"""

_SAFE = re.compile(r"(?![ :<])[\x01-\x09\x0b\x0c\x0e-\x7f]*(?<! )")
_ESCAPE = re.compile(r'[,+"\\<>;=#]')
_UNESCAPE = re.compile(r"\\([0-9A-Fa-f]{2}|.)", re.DOTALL)


# -- names ------------------------------------------------------------------------------------------------------------


def distinguished_name(names: Sequence[str], base: str) -> str:
    """The name of an entry that is so far below the base, outermost key first."""
    return ",".join([*(f"cn={_escaped(name)}" for name in reversed(names)), base])


def _escaped(name: str) -> str:
    text = _ESCAPE.sub(lambda match: f"\\{ord(match[0]):02X}", name)
    if text.startswith(" "):
        text = "\\20" + text[1:]
    return text[:-1] + "\\20" if text.endswith(" ") else text


def name_parts(name: str) -> list[tuple[str, str]]:
    """Attribute and value of each part of a distinguished name.

    :raises FormatError: it is none
    """
    parts = []
    for part in re.findall(r"(?:[^,\\]|\\.)+", name, flags=re.DOTALL):
        attribute, sign, value = part.partition("=")
        if not sign:
            raise FormatError(f"{name!r} is no distinguished name")
        parts.append((attribute.strip().lower(), _plain(value.lstrip())))
    return parts


def _plain(value: str) -> str:
    """A value without its escapes; pairs of digits are the bytes of a character."""
    raw = _UNESCAPE.sub(
        lambda match: bytes.fromhex(match[1]).decode("latin-1") if len(match[1]) == 2 else _as_bytes(match[1]),
        _as_bytes(value),
    )
    return raw.encode("latin-1").decode("utf-8", errors="replace")


def _as_bytes(text: str) -> str:
    """The bytes of a text, each as the character of its number."""
    return text.encode("utf-8", errors="surrogateescape").decode("latin-1")


# -- reading ----------------------------------------------------------------------------------------------------------


def entries(text: str) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Each entry that ldapsearch printed: its distinguished name, and its attributes by their names in lower case.

    :raises FormatError: a line is none of LDIF
    """
    for record in re.split(r"\n{2,}", text.replace("\r\n", "\n").replace("\n ", "")):
        attributes: dict[str, list[str]] = {}
        lines = record.split("\n")
        for before, line in zip(["", *lines], lines):
            if not line or line.startswith("#"):
                continue
            name, sign, value = line.partition(":")
            if not sign:
                raise FormatError(f"{quoted(line, before)} is no line of LDIF")
            attributes.setdefault(name.lower(), []).append(_datum(name, value))
        if "dn" in attributes:
            yield attributes.pop("dn")[0], attributes


def _datum(name: str, value: str) -> str:
    if not value.startswith(":"):
        return value.removeprefix(" ")
    try:
        return base64.b64decode(value[1:].strip(), validate=True).decode("utf-8", errors="surrogateescape")
    except ValueError as error:
        raise FormatError(f"{quoted(f'{name}:{value}')} is no base64: {error}") from None


def read(text: str, base: str, base_path: Path) -> Registry:
    """The keys that ldapsearch printed of the entries below the base, which is itself a key of that path.

    :raises FormatError: what it printed cannot be read
    """
    registry = Registry()
    registry.add(base_path)
    depth = len(name_parts(base))
    for name, attributes in entries(text):
        parts = name_parts(name)
        key = registry.add((*base_path, *(value for _name, value in reversed(parts[: len(parts) - depth]))))
        for line in attributes.get(ATTRIBUTE.lower(), []):
            value = parse_value(line)
            if value is None:
                raise FormatError(f"the entry {name} has {quoted(line)}, which is no value of a registry key")
            key.values[value.name.casefold()] = value
    return registry


# -- writing ----------------------------------------------------------------------------------------------------------


def render(changes: Iterable[Change], base: str, base_path: Path) -> str:
    """The changes for ldapmodify, one record for each key."""
    records = []
    for path, of_key in groupby(changes, key=lambda change: change.path):
        names = path[len(base_path) :]
        records.append("".join(_record(list(of_key), names, distinguished_name(names, base))))
    return "\n".join(records)


def _record(changes: Sequence[Change], names: Path, entry: str) -> Iterator[str]:
    yield _line("dn", entry)
    actions = [change.action for change in changes]
    if REMOVE_KEY in actions:
        yield _line("changetype", "delete")
        return
    if ADD_KEY in actions:
        yield _line("changetype", "add")
        yield _line("objectClass", "top")
        yield _line("objectClass", OBJECT_CLASS)
        yield _line("cn", names[-1])
        yield from (_line(ATTRIBUTE, change.value.line()) for change in changes if change.value is not None)
        return
    yield _line("changetype", "modify")
    removed = [change.before.line() for change in changes if change.before is not None]
    added = [change.value.line() for change in changes if change.value is not None]
    for verb, lines in (("delete", removed), ("add", added)):
        if lines:
            yield _line(verb, ATTRIBUTE)
            yield from (_line(ATTRIBUTE, line) for line in lines)
            yield "-\n"


def _line(name: str, value: str) -> str:
    if _SAFE.fullmatch(value):
        return f"{name}: {value}\n"
    return f"{name}:: {base64.b64encode(value.encode('utf-8', errors='surrogateescape')).decode('ascii')}\n"
