# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users and groups of this node."""

from __future__ import annotations

import grp
import os
import pwd
from collections.abc import Sequence

from ansible_collections.groupware.ha.plugins.module_utils.accounts import Account, Present
from ansible_collections.groupware.ha.plugins.module_utils.command import Runner


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
