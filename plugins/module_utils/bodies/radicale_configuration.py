# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings the configuration of Radicale instances into the wanted state."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.node.file_options import (
    ARGUMENT_SPEC,
    given_entries,
    keeper,
    labeller,
    told,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.radicale_configuration import (
    Configuration,
    Instance,
)
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    instances = [Instance(**given) for given in module.params["instances"]]
    entries = given_entries(module.params)
    configuration = Configuration(instances, entries, labeller(module), module.check_mode)
    with configuration.held(runner):
        configuration.judge(runner)
        readers, restarts = configuration.readers, configuration.restarts
        backups = configuration.carry_out(runner, keeper(entries))
    result = told(module, configuration.changes, configuration.mounted, backups)
    return {**result, "restarts": restarts, "changed": result["changed"] or bool(readers or restarts)}


BODY = Body(
    {
        **ARGUMENT_SPEC,
        "instances": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "name": {"type": "str", "required": True},
                "mount_point": {"type": "path", "required": True},
                "host_name": {"type": "str", "required": True},
                "log_in": {"type": "str", "choices": ["htpasswd", "imap"], "default": "htpasswd"},
                "self_signed": {"type": "bool", "default": True},
            },
        },
    },
    _work,
)
