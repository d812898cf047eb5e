# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has the database of SOGo have its users."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.products.database_statements import Account
from ansible_collections.groupware.ha.plugins.module_utils.products.mariadb import DatabaseError, remote
from ansible_collections.groupware.ha.plugins.module_utils.products.sogo_database import NotYet, awaited, forgotten
from ansible_collections.groupware.ha.plugins.module_utils.products.sogo_users import User
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    given = module.params
    hashes = {str(name): str(value) for name, value in given["password_hashes"].items()}
    users = [User(one["name"], one["full_name"], one["mail"], hashes[one["name"]]) for one in given["users"]]
    if runner.dry and not runner.installed("mariadb"):
        return {"changed": True, "problem": "the database cannot be asked before MariaDB's client is installed"}
    account = Account(given["host"], given["port"], given["account"], given["password"])
    try:
        with remote(runner, account) as client:
            result = awaited(client, given["database"], users, runner, given["timeout"])
    except (NotYet, DatabaseError) as error:
        # In check mode it may be made by an earlier step of the same run.
        if not runner.dry:
            raise
        return {"changed": True, "problem": str(error)}
    warnings = []
    if result.changed and not runner.dry and given["cache"] is not None:
        wrong = forgotten(given["cache"]["host"], given["cache"]["port"])
        if wrong is not None:
            warnings.append(f"the cache cannot be told ({wrong}): a former password may be good for some minutes more")
    found = {"warnings": warnings, "changed": result.changed, "problem": "", "missing_tables": result.missing}
    return {**found, "diff": {"before": result.before, "after": result.after}} if module._diff else found


BODY = Body(
    {
        "host": {"type": "str", "required": True},
        "port": {"type": "int", "default": 3306},
        "account": {"type": "str", "required": True},
        "password": {"type": "str", "required": True, "no_log": True},
        "database": {"type": "str", "required": True},
        "users": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "name": {"type": "str", "required": True},
                "full_name": {"type": "str", "required": True},
                "mail": {"type": "str", "required": True},
            },
        },
        "password_hashes": {"type": "dict", "required": True, "no_log": True},
        "cache": {
            "type": "dict",
            "options": {"host": {"type": "str", "required": True}, "port": {"type": "int", "default": 11211}},
        },
        "timeout": {"type": "int", "default": 60},
    },
    _work,
)
