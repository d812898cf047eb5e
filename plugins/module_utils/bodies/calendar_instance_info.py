# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node has of instances of Calendar Server, and what of their ics.conf is not as described."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.formats import ics_conf
from ansible_collections.groupware.ha.plugins.module_utils.products.calendar_server import Installation, check_link
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    marker = module.params["marker"]
    return {
        "changed": False,
        "instances": {one["name"]: _found(one, marker, runner) for one in module.params["instances"]},
    }


def _found(given: Mapping[str, Any], marker: str | None, runner: Runner) -> dict[str, Any]:
    installation = Installation(given["server_root"], given["config_directory"])
    found = {
        "configured_here": installation.configured_here(),
        "configured_anywhere": installation.configured_anywhere(),
    }
    try:
        check_link(installation)
        text = runner.read_file(installation.ics_conf)
        if text is None:
            return {**found, "bound": None, "parameters": [], "problem": None}
        after = ics_conf.edit(text, given["parameters"], marker)
    except (Failure, OSError) as error:
        return {**found, "bound": None, "parameters": [], "problem": str(error)}
    changed = sorted(ics_conf.changed_parameters(text, after))
    return {**found, "bound": text == after, "parameters": changed, "problem": None}


_PATH = {"type": "path", "required": True}

BODY = Body(
    {
        "instances": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "name": {"type": "str", "required": True},
                "server_root": _PATH,
                "config_directory": _PATH,
                "parameters": {"type": "dict", "default": {}},
            },
        },
        "marker": {"type": "str"},
    },
    _work,
    tells_commands=False,
)
