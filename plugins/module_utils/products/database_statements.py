# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Statements as a database server takes them, and how one is logged in at. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field


def quoted(text: str) -> str:
    """A text as SQL has it where sql_mode is empty, so that a backslash means what it does by itself."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def named(name: str) -> str:
    """The name of a database or the like as SQL has it."""
    return "`" + name.replace("`", "``") + "`"


@dataclass(frozen=True)
class Statement:
    """What is run, and how it is told: without passwords."""

    sql: str
    shown: str = ""

    def __str__(self) -> str:
        return self.shown or self.sql


@dataclass(frozen=True)
class Account:
    """How another server is logged in at."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)

    def __str__(self) -> str:
        return f"the server {self.host}:{self.port}"
