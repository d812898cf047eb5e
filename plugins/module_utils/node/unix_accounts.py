# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users and groups of this node."""

from __future__ import annotations

import grp
import os
import pwd
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from .accounts import Account, Present, judge, missing


def read() -> Present:
    """The accounts of this node, from all its sources."""
    return Present(
        users={user.pw_name: user.pw_uid for user in pwd.getpwall()},
        groups={group.gr_name: group.gr_gid for group in grp.getgrall()},
    )


def make(accounts: Sequence[Account], runner: Runner) -> None:
    """Make these accounts, in this order."""
    solaris = os.uname().sysname == "SunOS"
    for account in accounts:
        runner.run(account.creation(solaris))


def converge(given: Mapping[str, Any], runner: Runner) -> dict[str, Any]:
    """Make the accounts that are wanted and not there; what a module returns of it.

    :param given: ids of ``groups`` and ``users`` by name, and ``primary_groups`` of users
    :raises DescriptionError: they cannot be had so; nothing was touched
    """
    try:
        wanted = [Account("group", name, int(number)) for name, number in given["groups"].items()]
        wanted += [
            Account("user", name, int(number), given["primary_groups"].get(name, ""))
            for name, number in given["users"].items()
        ]
    except (TypeError, ValueError):
        raise Failure("Each id must be a whole number") from None
    present = read()
    problems = judge(wanted, present)
    if problems:
        raise DescriptionError(problems, "The accounts cannot be had as wanted")
    make(missing(wanted, present), runner)
    return {
        "changed": bool(runner.commands),
        "diff": {"before": "", "after": "".join(f"{command}\n" for command in runner.commands)},
    }
