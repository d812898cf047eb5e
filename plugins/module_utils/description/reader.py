# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Typed values out of the mappings of a description, and what is wrong with them. Pure."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils import shown
from ansible_collections.groupware.ha.plugins.module_utils.applications.registry import APPLICATIONS
from . import secrets
from .fields import Fault, text_remedy
from .model import Capabilities
from .problems import Problem

_SETTING_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
#: As modules show settings: what belongs to an operation or the like has that in front, ``operation start timeout``.
_SHOWN_SETTING_NAME = re.compile(rf"{_SETTING_NAME.pattern}( {_SETTING_NAME.pattern})*")


class Reader:
    """Takes typed values out of one mapping of the description, and notes what is wrong with them."""

    def __init__(self, value: Any, key: str, problems: list[Problem]) -> None:
        self.key = key
        self.problems = problems
        self.usable = isinstance(value, Mapping)
        self.values: Mapping[str, Any] = value if self.usable else {}
        if not self.usable:
            problems.append(Problem(key, shown.shape(value), "is not a dictionary", "give a dictionary of its keys"))

    def name_of(self, key: str) -> str:
        return f"{self.key}.{key}"

    def problem(self, key: str, reason: str, remedy: str, value: Any = ...) -> None:
        found = self.values.get(key) if value is ... else value
        self.problems.append(Problem(self.name_of(key), found, reason, remedy))

    def refuse(self, key: str, fault: Fault | None, value: Any = ...) -> bool:
        """Note what is wrong with a value, if anything is."""
        if fault is not None:
            self.problem(key, *fault, value=value)
        return fault is not None

    def wrong_shape(self, key: str, reason: str, remedy: str, value: Any = ...) -> None:
        """Nothing is known of such a value, which may have a secret in it: only its shape is shown."""
        self.problem(key, reason, remedy, value=shown.shape(self.values.get(key) if value is ... else value))

    def only(self, *known: str) -> None:
        """Refuse keys that are not known, since a misspelt option would otherwise be silently without effect."""
        for key in self.values:
            if key not in known:
                close = difflib.get_close_matches(str(key), known, n=1)
                remedy = f"did you mean {close[0]}?" if close else f"use one of {', '.join(known)}"
                value = shown.HIDDEN if secrets.is_secret(key) else shown.shape(self.values[key])
                self.problem(shown.key_name(key), "is not a known key", remedy, value=value)

    def text(self, key: str, default: str | None = None, required: bool = False) -> str | None:
        value = self.values.get(key)
        if value is None or value == "":
            if required and self.usable:
                self.problem(key, "is missing", "it is required")
            return default
        if not isinstance(value, str):
            self.wrong_shape(key, "is not a text", text_remedy(value))
            return default
        if not value.isprintable():
            self.problem(key, "has a control character in it", "use printable characters")
            return default
        return value

    def flag(self, key: str) -> bool:
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            self.wrong_shape(key, "is neither true nor false", "write true or false without quotes")
            return False
        return value

    def items(self, key: str) -> Sequence[Any]:
        value = self.values.get(key)
        if value is None:
            return ()
        if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
            self.wrong_shape(key, "is not a list", "give a list")
            return ()
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; one text stands for a list of one."""
        value = self.values.get(key)
        if isinstance(value, str) and not value:
            return ()
        items = [value] if isinstance(value, str) else self.items(key)
        if secrets.names_secret(items):
            self.wrong_shape(key, "has a secret in it", secrets.REMEDY)
            return ()
        found = []
        for item in items:
            if not isinstance(item, str) or not item:
                self.wrong_shape(key, "has an item that is not a text", "give texts only", value=item)
            elif not item.isprintable():
                self.problem(key, "has a control character in it", "use printable characters", value=item)
            else:
                found.append(item)
        return tuple(found)

    def mapping(self, key: str) -> Mapping[str, Any]:
        value = self.values.get(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.wrong_shape(key, "is not a dictionary", "give a dictionary")
            return {}
        return value

    def settings(self, key: str) -> Mapping[str, str]:
        """Native settings: texts, numbers and booleans, all carried as text."""
        return plain_settings(self.mapping(key), self.name_of(key), self.problems)

    def overriding_settings(self, key: str) -> Mapping[str, str | None]:
        """As ``overriding_settings`` reads them."""
        return overriding_settings(self.mapping(key), self.name_of(key), self.problems)


def plain_settings(
    values: Mapping[str, Any], key: str, problems: list[Problem], names: re.Pattern[str] = _SETTING_NAME
) -> Mapping[str, str]:
    """Native settings as texts; numbers and booleans are spelt as cluster frameworks spell them."""
    settings = {}
    for name, value in values.items():
        path = f"{key}.{shown.key_name(name)}"
        if names.fullmatch(str(name)) is None:
            remedy = "use letters, digits and _ . -"
            problems.append(Problem(path, shown.key_name(name), "is not the name of a setting", remedy))
        elif not isinstance(value, (str, int, float)):
            remedy = "give a text, number or boolean"
            problems.append(Problem(path, shown.shape(value), "is not a single value", remedy))
        elif not str(value).replace("\n", "").replace("\t", "").isprintable():
            problems.append(Problem(path, value, "has a control character in it", "use printable characters"))
        else:
            settings[str(name)] = str(value).lower() if isinstance(value, bool) else str(value)
    return settings


def operation_settings(values: Mapping[str, Any], key: str, problems: list[Problem]) -> Mapping[str, Mapping[str, str]]:
    """For each operation of a resource its settings."""
    operations = {}
    for name, settings in values.items():
        path = f"{key}.{shown.key_name(name)}"
        if _SETTING_NAME.fullmatch(str(name)) is None:
            remedy = "use letters, digits and _ . -"
            problems.append(Problem(path, shown.key_name(name), "is not the name of an operation", remedy))
        elif not isinstance(settings, Mapping):
            remedy = "write it as in {monitor: {interval: 10s}}"
            problems.append(Problem(path, shown.shape(settings), "is not a dictionary", remedy))
        else:
            operations[str(name)] = plain_settings(settings, path, problems)
    return operations


def dictionary_of(value: Any, key: str, problems: list[Problem]) -> Mapping[Any, Any]:
    """The dictionary that a variable has to be, or an empty one and a problem."""
    if value is not None and not isinstance(value, Mapping):
        problems.append(Problem(key, shown.shape(value), "is not a dictionary", "give a dictionary of its keys"))
    return value if isinstance(value, Mapping) else {}


def dictionaries_of(value: Any, key: str, problems: list[Problem]) -> list[Mapping[Any, Any]]:
    """The dictionaries that a variable has to be a list of; a problem for each item that is none."""
    if value is None:
        return []
    if not isinstance(value, (list, tuple)):
        problems.append(Problem(key, shown.shape(value), "is not a list", "give a list of dictionaries"))
        return []
    for index, item in enumerate(value):
        if not isinstance(item, Mapping):
            dictionary_of(shown.shape(item), f"{key}[{index}]", problems)
    return [item for item in value if isinstance(item, Mapping)]


def refuse_secrets(value: Any, key: str, problems: list[Problem]) -> None:
    """Refuse secrets in a part of a description: it is printed, compared, logged and handed to every node."""
    found = dict(secrets.found_secrets(value, key))
    known = {problem.key for problem in problems}
    for index, problem in enumerate(problems):
        if problem.key in found and problem.value is not None:
            # Its name alone does not tell that it is one: {name: password, value: x}.
            said = [shown.without(text, problem.value) for text in (problem.reason, problem.remedy)]
            problems[index] = Problem(problem.key, shown.HIDDEN, *said)
    for path, reason in found.items():
        if path not in known:
            problems.append(Problem(path, shown.HIDDEN, reason, _remedy_for_secret(path)))


def _remedy_for_secret(path: str) -> str:
    remedies = (pair for application in APPLICATIONS.values() for pair in application.secrets.items())
    return next((remedy for pattern, remedy in remedies if re.search(pattern, path)), secrets.REMEDY)


def check_name(reader: Reader, key: str, name: str, rule: Capabilities) -> None:
    if rule.refuses(name):
        remedy = f"use {rule.words}, {rule.longest} characters at most"
        reader.problem(key, f"is a name that {rule.framework} cannot carry", remedy, value=name)


def duplicates(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def overriding_settings(values: Mapping[str, Any], key: str, problems: list[Problem]) -> Mapping[str, str | None]:
    """Native settings in place of those that a description stands for; None takes one of these away."""
    unset = {str(name): None for name, value in values.items() if value is None}
    given = {name: value for name, value in values.items() if value is not None}
    return {**unset, **plain_settings(given, key, problems, _SHOWN_SETTING_NAME)}


def node_remedy(node: str, node_names: Collection[str]) -> str:
    """What to do about a name that is no node of the cluster."""
    close = difflib.get_close_matches(node, list(node_names), n=1)
    return f"did you mean {close[0]}?" if close else f"the nodes are {', '.join(node_names) or 'not given'}"


def wrong_keys_of_user(
    given: Mapping[Any, Any], here: str, known: Sequence[str], remedies: Mapping[str, str]
) -> list[Problem]:
    """Keys of a user that are not known, and those that are missing; not both where one was misspelt.

    :param remedies: by key, what to do where it is missing and more can be said than that it is required
    """
    wrong = []
    meant: set[str] = set()
    for name in given:
        if name not in known:
            close = difflib.get_close_matches(str(name), [one for one in known if one not in given], n=1)
            meant.update(close)
            remedy = f"did you mean {close[0]}?" if close else f"give {' and '.join(known)}, and nothing else"
            key = f"{here}.{shown.key_name(name, known)}"
            wrong.append(Problem(key, shown.HIDDEN, "is not a known key of a user", remedy))
    missing = [name for name in known if name not in given and name not in meant]
    return wrong + [
        Problem(f"{here}.{name}", None, "is missing", remedies.get(name, "it is required")) for name in missing
    ]
