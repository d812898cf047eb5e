# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has a node agent of GlassFish 2.1 on its host, and has it run."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_2_1_cluster import Agent
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_2_1_description import parse
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_2_1_tools import Tools
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    given = module.params["description"]
    description = parse(given.get("name"), given)
    agent = Agent(Tools(runner, description, module.params["passwords"]), description.server(module.params["server"]))
    return agent.converge() if module.params["state"] == "present" else agent.take_away()


BODY = Body(
    {
        "description": {"type": "dict", "required": True},
        "server": {"type": "str", "required": True},
        "passwords": {"type": "dict", "required": True, "no_log": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    },
    _work,
)
