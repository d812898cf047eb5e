# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node of SOGo has, and whether it works."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.node.packages import missing_packages
from ansible_collections.groupware.ha.plugins.module_utils.node.units import looked_up
from ansible_collections.groupware.ha.plugins.module_utils.products.sogo_configuration import answers
from ansible_collections.groupware.ha.plugins.module_utils.products.sogo_description import UNITS
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    services = {name: looked_up(name, runner) for name in UNITS}
    problem = "it does not run"
    if services[UNITS[-1]].runs:
        problem = answers(module.params["address"], module.params["port"]) or ""
    return {
        "changed": False,
        "missing_packages": missing_packages(module.params["packages"], runner),
        "running": [name for name, one in services.items() if one.runs],
        "problem": problem,
    }


BODY = Body(
    {
        "address": {"type": "str", "required": True},
        "port": {"type": "int", "default": 20000},
        "packages": {"type": "list", "elements": "str", "default": []},
    },
    _work,
    tells_commands=False,
)
