# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of Messaging Server, as its two tools print them and take them from files.

Of a legacy configuration ``configutil`` prints ``name = value`` and imports ``name=value`` (Messaging Server
Administration Reference, configutil). Of a Unified Configuration ``msconfig`` prints the same with the place of each
option in front, ``role.`` or ``instance.``; the place is left out here, and what is set for the instance counts. It
takes changes from a recipe (Messaging Server Reference, Recipe language).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.errors import FormatError
from ansible_collections.groupware.ha.plugins.module_utils.shown import key_name

#: What the tools print for a value that they keep back.
SUPPRESSED = "(suppressed)"

_NAME = r"[A-Za-z][\w-]*(?::[\w-]+)?(?:\.[\w-]+(?::[\w-]+)?)*(?:;[\w-]+)?"
_LINE = re.compile(rf"({_NAME}) =(?: (.*))?")
_PLACES = ("role.", "instance.")
_YES = ("1", "yes", "true", "on")
_NO = ("0", "no", "false", "off")


def check_name(name: str) -> None:
    """Refuse what cannot be the name of an option.

    :raises FormatError: says why
    """
    if re.fullmatch(_NAME, name) is None:
        raise FormatError(f"{key_name(name)!r} is not the name of an option; write it as in base.listenaddr")
    if name.startswith(_PLACES):
        raise FormatError(f"{name!r}: leave out {name.partition('.')[0]}., the place is found by itself")


def option_text(name: str, value: Any) -> str:
    """A value as the product has it: switches are 1 and 0.

    :raises FormatError: it is no single value, or does not fit into a line
    """
    if isinstance(value, bool):
        return "1" if value else "0"
    if not isinstance(value, (str, int, float)):
        raise FormatError(f"{key_name(name)}: is not a single value; give a text, a number, true or false")
    text = str(value)
    if not text.isprintable() or text != text.strip() or not text:
        raise FormatError(
            f"{key_name(name)}: a value is one line that is not empty, without blanks around it; to clear the option, "
            "give null"
        )
    return text


def same_value(one: str, other: str) -> bool:
    """Whether two values mean the same: switches have several spellings."""
    for words in (_YES, _NO):
        if one.lower() in words:
            return other.lower() in words
    return one == other


def parse_options(text: str, unified: bool) -> dict[str, str]:
    """The options that a tool printed; one that is set to nothing is left out.

    :raises FormatError: a line is something else, or an option is there twice
    """
    found: dict[str, dict[str, str]] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.rstrip("\r"))
        if match is None:
            raise FormatError(f"line {number} is not 'name = value'")
        name, value = match[1], _unquoted(match[2] or "")
        place = next((place for place in _PLACES if unified and name.startswith(place)), "")
        if unified and not place:
            raise FormatError(f"line {number} does not begin with role. or instance.")
        places = found.setdefault(name[len(place) :], {})
        if place in places:
            raise FormatError(f"line {number}: {name} is there twice")
        places[place] = value
    effective = {name: places.get("instance.", next(iter(places.values()))) for name, places in found.items()}
    return {name: value for name, value in effective.items() if value}


def _unquoted(value: str) -> str:
    quoted = re.fullmatch(r'"((?:[^"\\]|\\.)*)"', value)
    return value.strip() if quoted is None else re.sub(r"\\(.)", r"\1", quoted[1])


def import_file(changes: Mapping[str, str | None]) -> str:
    """What ``configutil -i`` reads; None clears an option."""
    return "".join(f"{name}={value or ''}\n" for name, value in changes.items())


def recipe(changes: Mapping[str, str | None]) -> str:
    """What ``msconfig run`` carries out as a whole; None unsets an option."""
    return "".join(
        f'unset_option("{name}");\n' if value is None else f'set_option("{name}", "{_escaped(value)}");\n'
        for name, value in changes.items()
    )


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
