# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prepares a node for the logical addresses of its cluster."""

from __future__ import annotations

import platform
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.node.addresses import prepare
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module

_REQUIRED = {"type": "str", "required": True}
_ENTRIES = {"type": "list", "elements": "dict", "required": True}


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    given = {**module.params, "node": module.params["node"] or platform.node()}
    prepared, changes = prepare(given, runner)
    diff = {"diff": [change.diff() for change in changes]} if module._diff else {}
    return {"changed": bool(changes), **prepared, **diff}


BODY = Body(
    {
        "nodes": {**_ENTRIES, "options": {"name": _REQUIRED, "address": _REQUIRED}},
        "addresses": {
            **_ENTRIES,
            "options": {
                "name": _REQUIRED,
                "host_name": _REQUIRED,
                "address": _REQUIRED,
                "nodes": {"type": "list", "elements": "str", "required": True},
            },
        },
        "node": {"type": "str"},
        "hosts_file": {"type": "path", "default": "/etc/hosts"},
    },
    _work,
    tells_commands=False,
    failing={"problems": []},
)
