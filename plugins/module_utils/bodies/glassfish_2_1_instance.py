# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts an instance of a GlassFish 2.1 cluster again while the others serve."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_2_1_cluster import Instance
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_2_1_description import parse
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_2_1_tools import Tools
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    given = module.params["description"]
    tools = Tools(runner, parse(given.get("name"), given), module.params["passwords"])
    return Instance(tools, tools.description.server(module.params["server"])).restart(module.params["wait"])


BODY = Body(
    {
        "description": {"type": "dict", "required": True},
        "server": {"type": "str", "required": True},
        "passwords": {"type": "dict", "required": True, "no_log": True},
        "wait": {"type": "int", "default": 30},
    },
    _work,
)
