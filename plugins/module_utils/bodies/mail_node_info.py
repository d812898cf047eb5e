# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node has of what mail servers need."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.node import unix_accounts
from ansible_collections.groupware.ha.plugins.module_utils.node.packages import missing_packages
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module

_NAMES = {"type": "list", "elements": "str", "default": []}


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    present = unix_accounts.read()
    state = {
        "missing_packages": missing_packages(module.params["packages"], runner),
        "users": {name: present.users[name] for name in module.params["users"] if name in present.users},
        "groups": {name: present.groups[name] for name in module.params["groups"] if name in present.groups},
    }
    return {"changed": False, "state": state}


BODY = Body({"packages": _NAMES, "users": _NAMES, "groups": _NAMES}, _work, tells_commands=False)
