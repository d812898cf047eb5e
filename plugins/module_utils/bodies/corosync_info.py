# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node has of a Corosync cluster."""

from __future__ import annotations

import platform
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.products import corosync
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module

_NAMES = {"type": "list", "elements": "str", "default": []}


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    if module.params["running_version"] is not None and not module.check_mode:
        corosync.await_version(module.params["running_version"], runner)
    state = corosync.read_state(platform.node(), runner, module.params["packages"], module.params["agents"])
    return {"changed": False, "state": state.as_dict()}


BODY = Body({"packages": _NAMES, "agents": _NAMES, "running_version": {"type": "int"}}, _work, tells_commands=False)
