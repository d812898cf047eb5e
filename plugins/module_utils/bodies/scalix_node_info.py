# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node has of Scalix."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.formats.scalix_instance import instances_of
from ansible_collections.groupware.ha.plugins.module_utils.products import scalix_node
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    state = scalix_node.read_mounted(instances_of(module.params["instances"]), runner)
    return {"changed": False, "state": state.as_dict()}


BODY = Body({"instances": scalix_node.INSTANCES_ARGUMENT}, _work, tells_commands=False)
