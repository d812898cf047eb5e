# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ics.conf of Calendar Server 6: parameters set in place or in a block of their own, all else kept byte for byte. Pure.

Format (Calendar Server 6.3 Administration Guide, chapter 4 and appendix E): one parameter in a line,
``name = "value"``, from the line's beginning, the name in lower case, blanks around the equal sign as one likes. Lines
that begin with ``!`` are comments, among them parameters that are switched off. Of a parameter that occurs more than
once the last one counts, and customizations are best kept together at the end of the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.errors import FormatError
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN, HIDDEN_CHANGED
from .lines import finished, lines_of

_NAME = r"[a-z][^\s=!\"]*"
_LINE = re.compile(rf"(?P<name>{_NAME})[ \t]*=[ \t]*(?P<value>.*?)[ \t]*(?P<end>\r?\n?)", re.DOTALL)
_SECRET = re.compile(r"(?:cred|password|passwd|pwd|secret)$")
_BEGIN = "! BEGIN {marker}"
_END = "! END {marker}"


@dataclass(frozen=True)
class _Occurrence:
    index: int
    name: str
    value: str
    quoted: bool


def parameter_text(name: str, value: Any) -> str:
    """The value of a parameter as it stands between the quotation marks.

    :raises FormatError: the name or the value cannot be in the file
    """
    if re.fullmatch(_NAME, name) is None or name != name.lower():
        raise FormatError(
            f"{name!r} is not the name of a parameter; write it in lower case and without blanks, as in local.hostname"
        )
    if _SECRET.search(name):
        raise FormatError(f"{name} is a password, which would get into logs; set it with the configuration program")
    if isinstance(value, bool):
        raise FormatError(
            f'{name} = {value}: is true or false to YAML; write the text that the product wants, such as "yes"'
        )
    if not isinstance(value, (str, int)):
        raise FormatError(
            f"{name} = {value!r}: is not a single value; write several values as one text, as the product wants them"
        )
    text = str(value)
    if '"' in text or not text.isprintable():
        raise FormatError(f"{name} = {text!r}: quotation marks and line ends cannot be in a value; leave them out")
    return text


def read_parameters(text: str) -> dict[str, str]:
    """The value of each parameter that counts."""
    return {found.name: found.value for found in _occurrences(lines_of(text))}


def edit(text: str, parameters: Mapping[str, Any], marker: str | None = None, state: str = "present") -> str:
    """The file as it is wanted: see ``set_block``, ``remove_block`` and, without a marker, ``set_parameters``.

    :raises FormatError: says what is wrong, and with what
    """
    if marker is not None and state == "absent":
        return remove_block(text, marker)
    given = {name: None if value is None else parameter_text(name, value) for name, value in parameters.items()}
    if marker is None:
        return set_parameters(text, given)
    block = {name: value for name, value in given.items() if value is not None}
    if len(block) < len(given):
        raise FormatError(
            f"{next(iter(given.keys() - block))}: null has no meaning in a block; leave the parameter out"
        )
    return set_block(text, marker, block)


def set_parameters(text: str, parameters: Mapping[str, str | None]) -> str:
    """The file with these parameters, each changed where it counts, or added at the end.

    :param parameters: a text is the value; None switches the parameter off, wherever it occurs
    """
    lines = lines_of(text)
    for name, value in parameters.items():
        places = [found for found in _occurrences(lines) if found.name == name]
        if value is None:
            for found in places:
                lines[found.index] = f"!{lines[found.index]}"
        elif not places:
            lines = [*finished(lines), _line(name, value)]
        elif places[-1].value != value or not places[-1].quoted:
            ending = "\n" if lines[places[-1].index].endswith("\n") else ""
            lines[places[-1].index] = _line(name, value).rstrip("\n") + ending
    return "".join(lines)


def set_block(text: str, marker: str, parameters: Mapping[str, str]) -> str:
    """The file with a block that has these parameters and no others, where nothing after it overrules them.

    :raises FormatError: the file has the block twice, or only a part of it
    """
    lines = lines_of(text)
    block = [f"{_BEGIN.format(marker=marker)}\n", *(_line(*one) for one in parameters.items())]
    block.append(f"{_END.format(marker=marker)}\n")
    place = _block(lines, marker)
    if place is not None:
        first, end = place
        overruled = any(found.index >= end and found.name in parameters for found in _occurrences(lines))
        if not overruled:
            if _same_parameters(lines[first:end], parameters):
                return text
            return "".join([*lines[:first], *block, *lines[end:]])
        del lines[first:end]
    return "".join([*finished(lines), *block])


def remove_block(text: str, marker: str) -> str:
    """The file without the block, so that what stood before it counts again.

    :raises FormatError: the file has the block twice, or only a part of it
    """
    lines = lines_of(text)
    place = _block(lines, marker)
    if place is not None:
        del lines[place[0] : place[1]]
    return "".join(lines)


def changed_parameters(before: str, after: str) -> dict[str, dict[str, str | None]]:
    """The parameters whose value counts as another one: only these need a restart. Passwords are not shown."""
    old, new = read_parameters(before), read_parameters(after)

    def shown_value(values: Mapping[str, str], name: str) -> str | None:
        return HIDDEN if name in values and _SECRET.search(name) else values.get(name)

    return {
        name: {"before": shown_value(old, name), "after": shown_value(new, name)}
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    }


def shown(text: str, former: str | None = None) -> str:
    """The file without its passwords, for a diff.

    :param former: the file as it was before, so that one sees that a password has changed
    """
    known = None if former is None else read_parameters(former)
    lines = lines_of(text)
    for index, line in enumerate(lines):
        # Also where it does not count: switched off, or not at the line's beginning.
        marks = line[: len(line) - len(line.lstrip("! \t"))]
        match = _LINE.fullmatch(line[len(marks) :])
        if match is None or _SECRET.search(match["name"]) is None:
            continue
        same = known is None or marks or known.get(match["name"]) == _unquoted(match["value"])
        lines[index] = f'{marks}{match["name"]} = "{HIDDEN if same else HIDDEN_CHANGED}"{match["end"]}'
    return "".join(lines)


def _occurrences(lines: Sequence[str]) -> list[_Occurrence]:
    found = []
    for index, line in enumerate(lines):
        match = _LINE.fullmatch(line)
        if match is not None:
            value = _unquoted(match["value"])
            found.append(_Occurrence(index, match["name"], value, value != match["value"]))
    return found


def _unquoted(value: str) -> str:
    quoted = len(value) >= 2 and value.startswith('"') and value.endswith('"')
    return value[1:-1] if quoted else value


def _line(name: str, value: str) -> str:
    return f'{name} = "{value}"\n'


def _block(lines: Sequence[str], marker: str) -> tuple[int, int] | None:
    """First line of the block, and the one after its last."""
    if not marker.strip() or not marker.isprintable():
        raise FormatError(f"{marker!r} cannot mark a block; give one line of words")
    stripped = [line.rstrip() for line in lines]
    begins = [index for index, line in enumerate(stripped) if line == _BEGIN.format(marker=marker).rstrip()]
    ends = [index for index, line in enumerate(stripped) if line == _END.format(marker=marker).rstrip()]
    if not begins and not ends:
        return None
    if len(begins) != 1 or len(ends) != 1 or ends[0] < begins[0]:
        where = ", ".join(str(index + 1) for index in sorted([*begins, *ends]))
        raise FormatError(
            f"the lines that begin and end the block {marker!r} do not belong together (lines {where}); "
            "repair them by hand, or remove them with what is between them"
        )
    return begins[0], ends[0] + 1


def _same_parameters(lines: Sequence[str], parameters: Mapping[str, str]) -> bool:
    found = _occurrences(lines)
    values = {one.name: one.value for one in found}
    return values == dict(parameters) and len(found) == len(values) and all(one.quoted for one in found)
