# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows what the database server of a node is, has and follows."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.node.packages import missing_packages
from ansible_collections.groupware.ha.plugins.module_utils.products.database_asking import DATA, look
from ansible_collections.groupware.ha.plugins.module_utils.products.mariadb import SOCKET, local
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    server = look(local(runner, module.params["socket"]), module.params["data"])
    return {
        "changed": False,
        "server": server.as_dict(),
        "missing_packages": missing_packages(module.params["packages"], runner),
    }


BODY = Body(
    {
        "packages": {"type": "list", "elements": "str", "default": []},
        "data": {"type": "path", "default": DATA},
        "socket": {"type": "path", "default": SOCKET},
    },
    _work,
    tells_commands=False,
)
