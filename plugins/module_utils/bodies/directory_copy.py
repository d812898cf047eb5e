# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads all files of a directory, or has them as another host has them."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.node import copies
from ansible_collections.groupware.ha.plugins.module_utils.node.file_options import labeller
from ansible_collections.groupware.ha.plugins.module_utils.node.files import apply, plan
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    packed = module.params["packed"]
    if packed is None:
        return {"changed": False, "packed": copies.pack(module.params["path"])}
    changes = plan(copies.unpack(packed, module.params["path"]), frozenset(), check_mode=runner.dry).changes
    if not runner.dry:
        apply(changes, label_security=labeller(module))
    result: dict[str, Any] = {"changed": bool(changes), "paths": [change.entry.path for change in changes]}
    return {**result, "diff": [change.diff() for change in changes]} if module._diff else result


BODY = Body(
    {"path": {"type": "path", "required": True}, "packed": {"type": "str", "no_log": True}},
    _work,
    tells_commands=False,
)
