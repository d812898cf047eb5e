# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings the configuration of mail instances into the wanted state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.node.file_options import (
    ARGUMENT_SPEC,
    given_entries,
    keeper,
    labeller,
    told,
)
from ansible_collections.groupware.ha.plugins.module_utils.node.files import Entry
from ansible_collections.groupware.ha.plugins.module_utils.products import mail_running
from ansible_collections.groupware.ha.plugins.module_utils.products.mail_configuration import Configuration, Instance
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    instances = [Instance(**{**given, "given": tuple(given["given"])}) for given in module.params["instances"]]
    entries = _wanted(module.params, runner)
    configuration = Configuration(instances, entries, labeller(module), module.check_mode)
    with configuration.held():
        configuration.judge(runner)
        readers = configuration.readers
        backups = configuration.carry_out(runner, keeper(entries))
    result = told(module, configuration.changes, configuration.mounted, backups)
    return {**result, "changed": result["changed"] or bool(readers)}


def _wanted(parameters: Mapping[str, Any], runner: Runner) -> list[Entry]:
    """The files for this node: not those that another release of Dovecot reads."""
    entries, releases = given_entries(parameters), parameters["dovecot_releases"]
    installed = mail_running.dovecot_release(runner) if releases else ""
    return [entry for index, entry in enumerate(entries) if releases.get(str(index), installed) == installed]


BODY = Body(
    {
        **ARGUMENT_SPEC,
        "dovecot_releases": {"type": "dict", "default": {}},
        "instances": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "name": {"type": "str", "required": True},
                "mount_point": {"type": "path", "required": True},
                "address": {"type": "str", "required": True},
                "host_name": {"type": "str", "required": True},
                "recipient": {"type": "str", "required": True},
                "self_signed": {"type": "bool", "default": True},
                "given": {"type": "list", "elements": "str", "default": []},
            },
        },
    },
    _work,
)
