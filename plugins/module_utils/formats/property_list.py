# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Property lists of OpenStep, as GNUstep's programs keep their settings in. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Union

#: What can be in one. True and false are written YES and NO, as their programs take them.
Value = Union[str, int, bool, Sequence["Value"], Mapping[str, "Value"]]


def render(values: Mapping[str, Value], comments: Sequence[str] = ()) -> str:
    """The text of a file.

    :param comments: lines to stand above all else
    """
    return "".join(f"// {line}\n" for line in comments) + _dictionary(values, "") + "\n"


def quoted(text: str) -> str:
    """A text, whatever is in it; in ASCII, since GNUstep goes by the locale of whoever reads the file."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    units = plain.encode("utf-16-be", "surrogatepass")
    codes = [int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2)]
    return '"' + "".join(chr(code) if code < 128 else f"\\U{code:04x}" for code in codes) + '"'


def _value(value: Value, indent: str) -> str:
    if isinstance(value, bool):
        return "YES" if value else "NO"
    if isinstance(value, int):
        return str(value) if value >= 0 else quoted(str(value))
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        return _dictionary(value, indent)
    return "(" + ", ".join(_value(item, indent) for item in value) + ")"


def _dictionary(values: Mapping[str, Value], indent: str) -> str:
    inner = f"{indent}  "
    lines = [f"{inner}{name} = {_value(value, inner)};\n" for name, value in values.items()]
    return "{\n" + "".join(lines) + indent + "}"
