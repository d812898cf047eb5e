# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Typed values out of what a user wrote; whatever is wrong is noted with its key, value, reason and remedy. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problems
from ansible_collections.groupware.ha.plugins.module_utils.shown import key_name, shape


class Options:
    """A dictionary of options, of which only some names are known."""

    def __init__(self, values: Mapping[str, Any], known: Sequence[str], key: str, problems: Problems) -> None:
        self.values, self.key, self.problems = values, key, problems
        # What was refused as a secret is told once.
        refused = {problem.key for problem in problems}
        for name in values:
            if name not in known and f"{key}.{name}" not in refused:
                close = difflib.get_close_matches(str(name), known, n=1)
                remedy = f"did you mean {close[0]}?" if close else f"use one of {', '.join(known)}"
                self.problem(key_name(name, known), shape(values[name]), "is not a known option", remedy)

    def problem(self, name: str, value: Any, reason: str, remedy: str) -> None:
        """Note what is wrong with an option."""
        self.problems.add(f"{self.key}.{name}", value, reason, remedy)

    def nested(self, name: str, known: Sequence[str]) -> Options:
        """The options within an option."""
        return Options(self.mapping(name), known, f"{self.key}.{name}", self.problems)

    def text(self, name: str) -> str | None:
        """A text, or None."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, str):
            self.problem(name, shape(value), "is not a text", "put it in quotes")
            return None
        return value or None

    def texts(self, name: str) -> list[str]:
        """A list of texts; one alone needs no list."""
        value = self.values.get(name)
        if value is None:
            return []
        if isinstance(value, str):
            return [value]
        if not isinstance(value, Sequence) or not all(isinstance(item, str) for item in value):
            remedy = "give a list, and put each item in quotes if need be"
            self.problem(name, shape(value), "is not a list of texts", remedy)
            return []
        return list(value)

    def mapping(self, name: str) -> Mapping[str, Any]:
        """A dictionary."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, Mapping):
            self.problem(name, shape(value), "is not a dictionary", "give a dictionary")
            return {}
        return value or {}

    def number(self, name: str, default: int, least: int = 0, most: int = 2**31 - 1, unit: str = "") -> int:
        """A whole number; Postfix keeps them in 32 bits."""
        value = self.values.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            of = f" of {unit}" if unit else ""
            above = "above zero" if least == 1 else f"from {least}"
            self.problem(name, shape(value), f"is not a number{of}", f"give a whole number {above}, at most {most}")
            return default
        return value
