# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords that a tier needs, given by the names of what they are for. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.shown import key_name
from .problems import Problems, refuse
from .reader import dictionary_of

#: Gives what is wrong with a password, and what would be right, by the name of what it is for.
Judge = Callable[[str, str], "tuple[str, str] | None"]


def judge_passwords(passwords: Any, key: str, names: Collection[str], unfit: Judge) -> None:
    """Refuse passwords that are missing, that are for nothing, or that cannot be used; none of them is said.

    :param key: the variable that has them
    :param names: what has to have one
    :raises DescriptionError: with everything that is wrong
    """
    problems = Problems()
    given = dictionary_of(passwords, key, problems)
    refuse(problems)
    for name in names:
        value = given.get(name)
        if value is None or value == "":
            wrong: tuple[str, str] | None = ("is missing", "give it, from a vault")
        elif not isinstance(value, str):
            wrong = ("is not a text", "give a text in quotes")
        else:
            wrong = unfit(name, value)
        if wrong is not None:
            problems.add(f"{key}.{name}", None, *wrong)
    for name in given:
        if name not in names:
            close = difflib.get_close_matches(str(name), list(names), n=1)
            remedy = f"did you mean {close[0]}?" if close else f"there are {', '.join(names)}"
            problems.add(f"{key}.{key_name(name, names)}", None, "is for nothing that is described", remedy)
    refuse(problems)
