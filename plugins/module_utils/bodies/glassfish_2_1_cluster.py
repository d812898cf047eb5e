# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has a cluster of GlassFish 2.1, with sessions in HADB, as it is described."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_2_1_cluster import Cluster
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_2_1_description import parse
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_2_1_tools import Tools
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    given = module.params["description"]
    tools = Tools(runner, parse(given.get("name"), given), module.params["passwords"])
    return Cluster(tools, module.params["state"] == "present").converge(module.params["try_connection"])


BODY = Body(
    {
        "description": {"type": "dict", "required": True},
        "passwords": {"type": "dict", "required": True, "no_log": True},
        "try_connection": {"type": "bool", "default": False},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    },
    _work,
)
