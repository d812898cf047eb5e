# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""dispatcher.cnf and job_controller.cnf of the MTA of Messaging Server.

Lines of ``OPTION=value``; those before the first section are about the whole server, and a section such as
``[SERVICE=SMTP]`` about what it names. A line that begins with ``!`` is a comment. Everything that is not set is kept
byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.groupware.ha.plugins.module_utils.errors import FormatError
from .lines import lines_of

_SECTION = re.compile(r"[ \t]*\[[ \t]*([^\]=\s]+)[ \t]*=[ \t]*([^\]\s]+)[ \t]*\][ \t]*")
_OPTION = re.compile(r"[ \t]*([A-Za-z][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*?)[ \t]*")


def sections(text: str) -> list[str]:
    """The sections that are there, in order, as in ``SERVICE=SMTP``."""
    return [section for _line, section, option, _value in _lines(text) if section is not None and option == "["]


def get_option(text: str, section: str | None, option: str) -> str | None:
    """The value of an option in a section, or before all sections; the last line that sets it counts."""
    found = None
    for _line, where, name, value in _lines(text):
        if where == section and name == option:
            found = value
    return found


def set_option(text: str, section: str | None, option: str, value: str) -> str:
    """The text with an option set: in the first line that sets it in this section, else in a new one at its end.

    :param section: such as ``SERVICE=SMTP``; None for what stands before all sections
    :raises FormatError: there is no such section, or the value does not fit into a line
    """
    if not value.isprintable() or value != value.strip():
        raise FormatError(f"{option}: the value is not one line without blanks around it")
    lines = list(_lines(text))
    if [found for _line, where, name, found in lines if (where, name) == (section, option)] == [value]:
        return text
    ending = "\r\n" if lines and lines[0][0].endswith("\r\n") else "\n"
    new = f"{option}={value}{ending}"
    result: list[str] = []
    # Comments at the very top are about the file; others rather belong to what follows them.
    place = None if section is not None else 0
    is_set = False
    for line, where, name, _value in lines:
        if (where, name) == (section, option):
            if not is_set:
                result.append(new)
            is_set = True
            continue
        result.append(line)
        if where == section and (name or (section is None and line.startswith("!") and place == len(result) - 1)):
            place = len(result)
    if is_set:
        return "".join(result)
    if place is None:
        raise FormatError(f"there is no section [{section}]")
    if place and not result[place - 1].endswith("\n"):
        result[place - 1] += ending
    result.insert(place, new)
    return "".join(result)


def _lines(text: str) -> Iterator[tuple[str, str | None, str, str]]:
    """Each line, the section that it is in, the option that it sets (``[`` for a section's header) and its value."""
    section: str | None = None
    for line in lines_of(text):
        content = line.rstrip("\r\n")
        header = _SECTION.fullmatch(content)
        if header is not None:
            section = f"{header[1]}={header[2]}".upper()
            yield line, section, "[", ""
            continue
        option = _OPTION.fullmatch(content)
        yield line, section, option[1].upper() if option else "", option[2] if option else ""
