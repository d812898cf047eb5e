# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has a host run HADB, the database that GlassFish 2.1 keeps sessions in."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_2_1_description import parse
from ansible_collections.groupware.ha.plugins.module_utils.products.hadb_host import Host
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    given = module.params["description"]
    description = parse(given.get("name"), given)
    host = Host(runner, description, description.server(module.params["server"]))
    return host.converge() if module.params["state"] == "present" else host.take_away()


BODY = Body(
    {
        "description": {"type": "dict", "required": True},
        "server": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    },
    _work,
)
