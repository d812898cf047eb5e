# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has a database server run with its settings."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.node.file_options import labeller
from ansible_collections.groupware.ha.plugins.module_utils.products.database_settings import PATH, Settings
from ansible_collections.groupware.ha.plugins.module_utils.products.mariadb import SOCKET
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    given = module.params
    settings = {str(name): str(value) for name, value in given["settings"].items()}
    result = Settings(runner, settings, given["path"], given["socket"], labeller(module)).converge()
    if not module._diff:
        result.pop("diff")
    return result


BODY = Body(
    {
        "settings": {"type": "dict", "required": True},
        "path": {"type": "path", "default": PATH},
        "socket": {"type": "path", "default": SOCKET},
    },
    _work,
)
