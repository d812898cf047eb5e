# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has Calendar Server 7 configured on this node."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.products.calendar_server_7 import CalendarServer, Wanted
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    given = module.params
    secrets = given["secrets"]
    wanted = Wanted(
        given["administrator"],
        str(secrets.get("administrator", "")),
        {name: str(value) for name, value in given["answers"].items()},
        {name: str(value) for name, value in given["options"].items()},
        secrets.get("answers") or {},
        secrets.get("options") or {},
    )
    result = CalendarServer(runner, given["home"].rstrip("/"), given["data"].rstrip("/"), wanted).converge()
    if module._diff:
        before = "" if result["configured"] else "not configured\n"
        lines = "".join(f"{name} is another one\n" for name in result["differences"])
        result["diff"] = {"before": f"{before}{lines}", "after": ""}
    return result


BODY = Body(
    {
        "administrator": {"type": "str", "default": "admin"},
        "answers": {"type": "dict", "default": {}},
        "options": {"type": "dict", "default": {}},
        "secrets": {"type": "dict", "required": True, "no_log": True},
        "home": {"type": "path", "default": "/opt/sun/comms/davserver"},
        "data": {"type": "path", "default": "/var/opt/sun/comms/davserver"},
    },
    _work,
)
