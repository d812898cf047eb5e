# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows what the database server of a node is, has and follows."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import ANY_STATUS, Runner
from ansible_collections.groupware.ha.plugins.module_utils.node.packages import missing_packages
from ansible_collections.groupware.ha.plugins.module_utils.products.database_asking import DATA, look
from ansible_collections.groupware.ha.plugins.module_utils.products.database_converging import stored_password
from ansible_collections.groupware.ha.plugins.module_utils.products.database_settings import UNIT
from ansible_collections.groupware.ha.plugins.module_utils.products.mariadb import SOCKET, local
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    password = module.params["password"]
    server = look(local(runner, module.params["socket"]), module.params["data"])
    stored = stored_password(module.params["data"])
    return {
        "changed": False,
        "server": server.as_dict(),
        "enabled": _enabled(runner),
        "logs_in": password == stored if password and stored is not None else None,
        "missing_packages": missing_packages(module.params["packages"], runner),
    }


def _enabled(runner: Runner) -> bool:
    if not runner.installed("systemctl"):
        return False
    return runner.run(["systemctl", "is-enabled", "--quiet", UNIT], accept=ANY_STATUS, record=False).status == 0


BODY = Body(
    {
        "password": {"type": "str", "no_log": True},
        "packages": {"type": "list", "elements": "str", "default": []},
        "data": {"type": "path", "default": DATA},
        "socket": {"type": "path", "default": SOCKET},
    },
    _work,
    tells_commands=False,
)
