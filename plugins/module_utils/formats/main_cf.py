# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Postfix's main.cf: parameters set in place, everything else kept as it is.

Format: postconf(5). A line that begins with white space continues the line before it; where a parameter is given
several times, the last one counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Union

Value = Union[str, Sequence[str]]

_PARAMETER = re.compile(r"(?P<name>[A-Za-z0-9_]+)\s*=\s*(?P<value>.*)", re.DOTALL)


@dataclass(frozen=True)
class _Setting:
    """Where a parameter stands in the file: its first line, the one after its last, and its value."""

    first: int
    end: int
    value: str


def read_parameters(text: str) -> dict[str, str]:
    """All parameters that the file sets, with the value that counts."""
    return {name: setting.value for name, setting in _settings(text.splitlines()).items()}


def set_parameters(text: str, parameters: Mapping[str, Value]) -> str:
    """The file with these parameters.

    :param text: the file as it is
    :param parameters: a text is the whole value; of a list, each word must be among the words of the value, which keeps
        words that others have put there
    """
    for name, wanted in parameters.items():
        lines = text.splitlines()
        setting = _settings(lines).get(name)
        value = wanted if isinstance(wanted, str) else _with_words(setting.value if setting else "", wanted)
        if setting is None:
            lines.append(f"{name} = {value}".rstrip())
        elif setting.value.split() != value.split():
            lines[setting.first : setting.end] = [f"{name} = {value}".rstrip()]
        else:
            continue
        text = "\n".join(lines) + "\n"
    return text


def _settings(lines: Sequence[str]) -> dict[str, _Setting]:
    settings: dict[str, _Setting] = {}
    index = 0
    while index < len(lines):
        first = index
        index += 1
        if _is_comment(lines[first]):
            continue
        end = index
        while index < len(lines) and _continues(lines[index]):
            index += 1
            if not _is_comment(lines[index - 1]):
                end = index
        logical = " ".join(line.strip() for line in lines[first:end] if not _is_comment(line))
        match = _PARAMETER.fullmatch(logical)
        if match is not None:
            settings[match["name"]] = _Setting(first, end, match["value"].strip())
    return settings


def _continues(line: str) -> bool:
    """Whether a line belongs to the one before; blank and comment lines do not end a value, says postconf(5)."""
    return line[:1].isspace() or _is_comment(line)


def _is_comment(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _with_words(value: str, words: Sequence[str]) -> str:
    present = re.split(r"[\s,]+", value) if value else []
    return " ".join([value, *(word for word in words if word not in present)]).strip()
