# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of a text that is kept byte for byte but for what is changed. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence


def lines_of(text: str) -> list[str]:
    """Lines with their ends; only a line feed ends one, whatever else Unicode thinks of as an end."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def end_of(line: str) -> str:
    """What a line ends with: one of a file that was edited elsewhere may have a carriage return too."""
    return line[len(line.rstrip("\r\n")) :]


def finished(lines: Sequence[str]) -> list[str]:
    """The lines, the last one with an end."""
    return [*lines[:-1], lines[-1] if lines[-1].endswith("\n") else f"{lines[-1]}\n"] if lines else []
