# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has a Web Server 7 with the load balancing plug-in serve a calendar."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.products.web_server_7 import (
    Administration,
    Places,
    Wanted,
    WebServer,
)
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    given = module.params
    trusted = given["trusted"]
    wanted = Wanted(
        given["configuration"],
        given["server_name"],
        given["port"],
        given["uri"],
        given["listener"],
        given["certificate"] or f"cert-{given['configuration']}",
        None if trusted is None else (trusted["name"], trusted["certificate"]),
        given["state"] == "present",
    )
    places = Places(given["home"].rstrip("/"), given["root"].rstrip("/"), wanted.configuration)
    administration = Administration(
        runner, places, given["administrator"], given["administration_port"], given["password"]
    )
    result = WebServer(administration, wanted).converge()
    if module._diff:
        words = "".join(f"{line}\n" for line in result["differences"])
        result["diff"] = {"before": words, "after": ""}
    return result


_TEXT = {"type": "str", "required": True}
BODY = Body(
    {
        "configuration": _TEXT,
        "server_name": _TEXT,
        "port": {"type": "int", "required": True},
        "uri": {"type": "str", "default": "/davserver"},
        "listener": {"type": "str", "default": "http-listener-ssl"},
        "certificate": {"type": "str"},
        "trusted": {"type": "dict", "options": {"name": _TEXT, "certificate": _TEXT}},
        "home": {"type": "path", "default": "/opt/SUNWwbsvr7"},
        "root": {"type": "path", "default": "/var/opt/SUNWwbsvr7"},
        "administrator": {"type": "str", "default": "admin"},
        "administration_port": {"type": "int", "default": 8989},
        "password": {"type": "str", "required": True, "no_log": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    },
    _work,
)
