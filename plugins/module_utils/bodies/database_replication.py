# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the database server of a node the primary, or a replica."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.products.database_converging import Converging
from ansible_collections.groupware.ha.plugins.module_utils.products.database_deciding import ReplicationError, Wanted
from ansible_collections.groupware.ha.plugins.module_utils.products.database_statements import Account
from ansible_collections.groupware.ha.plugins.module_utils.products.mariadb import SOCKET, local
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    given = module.params
    password, primary = given["password"], given["primary"]
    if given["state"] == "replica" and (primary is None or not password):
        raise ReplicationError("primary and password: are missing; a replica needs both")
    account = Account(password=password, **primary) if given["state"] == "replica" else None
    names = ("state", "semi_synchronous", "after", "replace_data", "timeout", "seed_timeout")
    wanted = Wanted(primary=account, **{name: given[name] for name in names})
    client = local(runner, given["socket"], [password] if password else [])
    result = Converging(client, given["socket"], wanted).run()
    if not module._diff:
        result.pop("diff")
    return result


BODY = Body(
    {
        "state": {"type": "str", "choices": ["primary", "replica", "read_only", "alone"], "required": True},
        "primary": {
            "type": "dict",
            "options": {
                "host": {"type": "str", "required": True},
                "port": {"type": "int", "default": 3306},
                "user": {"type": "str", "required": True},
            },
        },
        "password": {"type": "str", "no_log": True},
        "semi_synchronous": {"type": "bool", "default": True},
        "after": {"type": "str", "default": ""},
        "replace_data": {"type": "bool", "default": False},
        "timeout": {"type": "int", "default": 60},
        "seed_timeout": {"type": "int", "default": 3600},
        "socket": {"type": "path", "default": SOCKET},
    },
    _work,
)
