# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs the instances of Scalix whose volumes are here, and fits them into the cluster."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.formats.scalix_instance import instances_of
from ansible_collections.groupware.ha.plugins.module_utils.node import files
from ansible_collections.groupware.ha.plugins.module_utils.products import scalix, scalix_node
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    given = module.params
    instances = instances_of(given["instances"])
    directory = given["answers_directory"]
    wanted = scalix.wanted_from_mapping(given)
    with files.held_volumes(instance.mount_point for instance in instances) as mounted:
        setup = scalix.Setup(wanted, mounted, runner, final=given["state"] == "configured")
        setup.plan()
        if not module.check_mode:
            setup.execute(directory, given["timeout"])
    return {
        "changed": bool(setup.steps),
        "commands": scalix.commands(setup.steps),
        "answers_needed": scalix.answers_needed(setup.steps),
        "answers_left": directory is not None and scalix_node.local_path(directory).exists(),
        "state": setup.state.as_dict(),
        "diff": scalix.diff(setup.steps),
    }


BODY = Body(
    {
        "instances": scalix_node.INSTANCES_ARGUMENT,
        "node": {"type": "str", "required": True},
        "state": {"type": "str", "required": True, "choices": ["installed", "configured"]},
        "installer": {"type": "path", "required": True},
        "answers_directory": {"type": "path"},
        "expected": {"type": "list", "elements": "str", "default": []},
        "repeat": {"type": "list", "elements": "str", "default": []},
        "admin": {"type": "str"},
        "shutdown_ports": {"type": "dict", "default": {}},
        "allow_restart": {"type": "bool", "default": False},
        "timeout": {"type": "int", "default": 3600},
    },
    _work,
)
