# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What translations of descriptions have in common: names, native settings, and the list of what is left."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker import terms
from ansible_collections.groupware.ha.plugins.module_utils.shown import Words, shown

REQUIRES = "requires"

TRUE = frozenset(["1", "true", "yes", "on"])
FALSE = frozenset(["0", "false", "no", "off"])

#: Why something is not carried over, and what to do.
Hint = tuple[str, str]

INIT_SCRIPTS = "/etc/init.d"

#: Of members that say nothing of their operations. VCS gives agents these times; rgmanager gives them any time they
#: like; clufter has them monitored this often.
OPERATIONS = {
    "start": {"interval": "0s", "timeout": "300s"},
    "stop": {"interval": "0s", "timeout": "300s"},
    "monitor": {"interval": "60s", "timeout": "60s"},
}

NO_EQUIVALENT: Hint = ("has no equivalent that is known", "see whether the service needs it, and set it by hand")
COPY_DATA = "the data has to be copied to new volumes"
UNKNOWN_KEY: Hint = ("is not a key that a translation is known for", "see whether the service needs it")


class Notes:
    """What is not carried over."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, key: str, value: Any, reason: str, remedy: str) -> None:
        """Note one thing, once."""
        # What is translated was judged before, so it has the right shape.
        value = Words(repr(shown(value, key.rpartition(".")[2])))
        line = str(Problem(key, value, reason, remedy))
        if line not in self.lines:
            self.lines.append(line)


class Names:
    """Gives what the new cluster has a name that it can carry, and that nothing else has."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._taken: set[str] = set()

    def fitted(self, name: str) -> str:
        """The name, or the nearest that the framework can carry."""
        if not terms.CAPABILITIES.refuses(name):
            return name
        fitted = re.sub(r"[^A-Za-z0-9_.-]", "_", name)[: terms.CAPABILITIES.longest - 1]
        return f"_{fitted}" if terms.CAPABILITIES.refuses(fitted) else fitted

    def claim(self, name: str, key: str) -> str:
        """A name of its own for something that had this one."""
        fitted = self.fitted(name)
        claimed, number = fitted, 1
        while claimed in self._taken:
            number += 1
            suffix = f"_{number}"
            claimed = fitted[: terms.CAPABILITIES.longest - len(suffix)] + suffix
        self._taken.add(claimed)
        if claimed != name:
            self._notes.add(
                key,
                name,
                f"cannot be its name on {terms.CAPABILITIES.framework}, or is that of something else there",
                f"it is called {claimed} now; correct that if need be",
            )
        return claimed


class Settings:
    """Native settings, each with the key that the description has it under; those that nobody takes are listed."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._values: dict[str, str | None] = {}
        self._keys: dict[str, str] = {}

    def add(self, values: Mapping[str, Any], key: str, prefix: str = "") -> None:
        """Settings below a key of the description; None says that the old driver's default does not hold."""
        for name, value in values.items():
            self._values[f"{prefix}{name}"] = None if value is None else as_text(value)
            self._keys[f"{prefix}{name}"] = f"{key}.{name}"

    def names(self) -> list[str]:
        """What nobody has taken yet."""
        return list(self._values)

    def take(self, name: str, default: str | None = None) -> str | None:
        """The setting, which counts as carried over; the default if the description says nothing of it."""
        if name not in self._values:
            return default
        return self._values.pop(name)

    def peek(self, name: str) -> str | None:
        """The setting, which is still to be taken or listed."""
        return self._values.get(name)

    def note(self, name: str, reason: str, remedy: str) -> None:
        """List a setting if there is one that says something; nothing else needs to be done with it."""
        value = self._values.pop(name, None)
        if value:
            self._notes.add(self._keys[name], value, reason, remedy)

    def note_rest(self, hints: Mapping[str, Hint], otherwise: Hint = NO_EQUIVALENT) -> None:
        """List what nobody has taken."""
        for name in self.names():
            self.note(name, *hints.get(name, otherwise))


@dataclass
class Resource:
    """One resource of a service on its way: its role, its old type and settings; then its new ones."""

    role: str
    type: str
    settings: Settings
    #: The roles of those that it needs.
    requires: list[str] = field(default_factory=list)
    new_type: str = ""
    new_settings: dict[str, str | None] = field(default_factory=dict)


def as_text(value: Any) -> str:
    """A native setting as the description carries it."""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def is_true(value: str | None) -> bool:
    """Whether a native setting says yes."""
    return value is not None and value.strip().lower() in TRUE


def left_out(agent: str) -> Hint:
    """Why a member is not carried over whose agent does not exist."""
    return (
        "is run by an agent that Pacemaker does not have",
        f"install the program on the new nodes and add a member with the agent {agent}, or with its systemd unit",
    )
