# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings the configuration of a SOGo node into the wanted state."""

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
from ansible_collections.groupware.ha.plugins.module_utils.node.files import FileStateError
from ansible_collections.groupware.ha.plugins.module_utils.products.sogo_configuration import Configuration
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    entries = given_entries(module.params)
    if bool(entries) is not (module.params["state"] == "present"):
        raise FileStateError("files: are what is to be there; give them with state=present, and none with state=absent")
    configuration = Configuration(entries, labeller(module), module.check_mode, runner)
    configuration.judge()
    tasks = configuration.tasks
    backups = [] if module.check_mode else configuration.carry_out(keeper(entries))
    result = told(module, configuration.changes, [], backups)
    result.pop("mounted")
    differs = result["changed"] or bool(tasks)
    return {**result, "services": tasks, "changed": differs, "differs": differs}


BODY = Body({**ARGUMENT_SPEC, "state": {"type": "str", "choices": ["present", "absent"], "default": "present"}}, _work)
