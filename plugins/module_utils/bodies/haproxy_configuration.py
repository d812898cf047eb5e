# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings the configuration of HAProxy instances into the wanted state."""

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
from ansible_collections.groupware.ha.plugins.module_utils.products.haproxy_configuration import Configuration
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    entries = given_entries(module.params)
    configuration = Configuration(module.params["instances"], entries, labeller(module), module.check_mode, runner)
    configuration.judge()
    running, reloads = configuration.running, configuration.reloads
    backups = [] if module.check_mode else configuration.carry_out(keeper(entries))
    result = told(module, configuration.changes, [], backups)
    result.pop("mounted")
    return {**result, "running": running, "reloads": reloads, "changed": result["changed"] or bool(reloads)}


BODY = Body(
    {**ARGUMENT_SPEC, "instances": {"type": "list", "elements": "str", "required": True}},
    _work,
)
