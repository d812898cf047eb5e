# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a description, in words that give no secret away. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils import shown
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from . import secrets


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a description. The value is kept only as it can be shown."""

    key: str
    value: Any
    reason: str
    remedy: str

    def __post_init__(self) -> None:
        value = shown.in_error(self.value, self.key)
        if value != self.value:
            # What is said of a value, by a library for example, often quotes it.
            for name in ("reason", "remedy"):
                object.__setattr__(self, name, shown.without(getattr(self, name), self.value))
        object.__setattr__(self, "value", value)
        if secrets.text_holds_secret(self.key):
            object.__setattr__(self, "key", shown.HIDDEN)

    def __str__(self) -> str:
        # What is missing has no value to show.
        missing = self.value is None and self.reason.startswith(("is missing", "is not defined"))
        value = "" if missing else f" = {self.value!r}"
        return f"{self.key}{value}: {self.reason}; {self.remedy}"

    def as_dict(self) -> dict[str, Any]:
        """The problem as a module returns it."""
        return {"key": self.key, "value": self.value, "reason": self.reason, "remedy": self.remedy}


class DescriptionError(Failure):
    """A description that cannot be used; ``problems`` has all that is wrong with it."""

    def __init__(self, problems: Sequence[Problem], heading: str = "") -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = "The description has a problem" if count == 1 else f"The description has {count} problems"
        self.heading = f"{heading or head}, nothing was touched:"
        super().__init__("\n  - ".join([self.heading, *map(str, self.problems)]))

    @property
    def details(self) -> dict[str, Any]:
        """See Failure."""
        return {"problems": [problem.as_dict() for problem in self.problems]}


class Problems(list[Problem]):
    """All that is wrong with a description, as it is found."""

    def add(self, key: str, value: Any, reason: str, remedy: str) -> None:
        """Note one thing more."""
        self.append(Problem(key, value, reason, remedy))


def refuse(problems: Iterable[Problem]) -> None:
    """Refuse a description that has problems.

    :raises DescriptionError: there are some
    """
    found = tuple(problems)
    if found:
        raise DescriptionError(found)


def unknown_keys(
    key: str, given: Mapping[Any, Any], known: Collection[str], reason: str, remedy: str, plain: bool = False
) -> list[Problem]:
    """Keys that are none of the known ones.

    :param plain: whether their values are single ones, which can be shown; else only their shape is
    """
    return [
        Problem(f"{key}.{shown.key_name(name)}", value if plain else shown.shape(value), reason, remedy)
        for name, value in given.items()
        if name not in known
    ]
