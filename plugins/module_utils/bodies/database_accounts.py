# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has a database server have databases and accounts."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.products.database_accounts import (
    Account,
    Database,
    converge,
    native_hash,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.mariadb import SOCKET, local
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    given = module.params
    passwords = {str(name): str(value) for name, value in given["passwords"].items()}
    hashes = [native_hash(password) for password in passwords.values()]
    client = local(runner, given["socket"], [*passwords.values(), *hashes])
    databases = [Database(**one) for one in given["databases"]]
    accounts = [
        Account(
            one["name"],
            tuple(one["hosts"]),
            one["privileges"],
            tuple(one["global_privileges"]),
            one["only_these_hosts"],
        )
        for one in given["accounts"]
    ]
    result = converge(client, databases, accounts, passwords)
    if not module._diff:
        result.pop("diff")
    return result


BODY = Body(
    {
        "databases": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "name": {"type": "str", "required": True},
                "character_set": {"type": "str"},
                "collation": {"type": "str"},
            },
        },
        "accounts": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "name": {"type": "str", "required": True},
                "hosts": {"type": "list", "elements": "str", "required": True},
                "privileges": {"type": "dict", "default": {}},
                "global_privileges": {"type": "list", "elements": "str", "default": []},
                "only_these_hosts": {"type": "bool", "default": False},
            },
        },
        "passwords": {"type": "dict", "default": {}, "no_log": True},
        "socket": {"type": "path", "default": SOCKET},
    },
    _work,
)
