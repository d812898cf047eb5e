# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prepares the shared volumes of a cluster, never over data."""

from __future__ import annotations

import platform
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.node.storage import model, preparing, reading
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module

_VOLUME = {
    "name": {"type": "str", "required": True},
    "device": {"type": "path"},
    "devices": {"type": "list", "elements": "path"},
    "volume_group": {"type": "str"},
    "logical_volume": {"type": "str"},
    "size": {"type": "str"},
    "filesystem": {"type": "str", "choices": list(model.MAKE_FILESYSTEM)},
    "mount_point": {"type": "path", "required": True},
    "mount_options": {"type": "str"},
    "nodes": {"type": "list", "elements": "str", "required": True},
    "home": {"type": "str", "required": True},
}
_DESTROY = {
    "device": {"type": "path", "required": True},
    "holds": {"type": "str", "required": True},
    "identity": {"type": "str", "required": True},
}


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    preparing.judge(module.params)
    node = module.params["node"] or platform.node()
    outcome = preparing.run(module.params, node, runner, check=module.check_mode)
    # Only where there is something to know it for: not every node has LVM.
    grouped = any(volume["volume_group"] for volume in module.params["volumes"])
    of_lvm = {"system_id": reading.system_id(runner)} if grouped else {}
    if module.params["state"] == preparing.INSPECTED:
        return {"changed": False, "volumes": outcome.seen, **of_lvm}
    return {
        "changed": bool(outcome.plan.steps),
        "commands": model.planned_commands(outcome.plan),
        "volumes": outcome.seen,
        **of_lvm,
        "diff": {"before": outcome.plan.render("before"), "after": outcome.plan.render("after")},
        "warnings": outcome.plan.warnings,
    }


BODY = Body(
    {
        "volumes": {"type": "list", "elements": "dict", "required": True, "options": _VOLUME},
        "destroy": {"type": "list", "elements": "dict", "default": [], "options": _DESTROY},
        "filesystem": {"type": "str", "choices": list(model.MAKE_FILESYSTEM), "default": "ext4"},
        "volume_group_access": {
            "type": "str",
            "choices": [model.ONE_NODE, model.ALL_NODES],
            "default": model.ONE_NODE,
        },
        "state": {"type": "str", "choices": list(preparing.STATES), "default": preparing.PREPARED},
        "node": {"type": "str"},
    },
    _work,
    failing={"volumes": {}},
)
