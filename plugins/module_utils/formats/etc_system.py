# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/etc/system`` of Solaris: settings of the kernel, which it reads when it boots; see system(4). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .lines import end_of, finished, lines_of

#: ``set module:name=value``, with blanks where they please; a line with an asterisk in front is a comment.
_SET = re.compile(r"(?P<before>\s*set\s+)(?P<name>[\w]+:[\w]+)(?P<equals>\s*=\s*)(?P<value>\S+)(?P<after>[^\r\n]*)")
#: How ``sysdef`` calls the parameters: a value, words, and the name in capitals.
_RUNNING = re.compile(r"^\s*(\d+)\s.*\(([A-Z]+)\)\s*$", re.MULTILINE)


def number(text: str) -> int | None:
    """A value as the kernel takes it: decimal, octal with a zero in front, or hexadecimal."""
    if re.fullmatch(r"0[xX][0-9a-fA-F]+", text):
        return int(text, 16)
    if re.fullmatch(r"0[0-7]*", text):
        return int(text, 8)
    return int(text) if re.fullmatch(r"[1-9][0-9]*", text) else None


def with_at_least(text: str, wanted: Mapping[str, str]) -> str:
    """The text with each of these settings, or a larger one that is there: others may need that.

    The last line of a name is the one that counts.

    :param wanted: values by ``module:name``
    """
    lines = lines_of(text)
    for name, value in wanted.items():
        found = [
            (index, match) for index, line in enumerate(lines) if (match := _SET.match(line)) and match["name"] == name
        ]
        if not found:
            lines = [*finished(lines), f"set {name}={value}\n"]
            continue
        index, match = found[-1]
        there = number(match["value"])
        if there is None or there < (number(value) or 0):
            lines[index] = f"{match['before']}{name}{match['equals']}{value}{match['after']}{end_of(lines[index])}"
    return "".join(lines)


def running(printed: str) -> dict[str, int]:
    """What ``sysdef`` prints of the kernel that runs: values by the names that it has for them, such as SHMMAX."""
    return {name: int(value) for value, name in _RUNNING.findall(printed)}
