# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings the configuration of a balancer into the wanted state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.node.addresses import read_interfaces
from ansible_collections.groupware.ha.plugins.module_utils.node.file_options import (
    ARGUMENT_SPEC,
    given_entries,
    keeper,
    labeller,
    told,
)
from ansible_collections.groupware.ha.plugins.module_utils.node.files import Entry, FileStateError
from ansible_collections.groupware.ha.plugins.module_utils.products.load_balancer_addresses import usable
from ansible_collections.groupware.ha.plugins.module_utils.products.load_balancer_configuration import Configuration
from ansible_collections.groupware.ha.plugins.module_utils.products.load_balancer_plan import INTERFACE
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    entries = given_entries(module.params)
    balancer, address, addresses = (module.params[name] for name in ("balancer", "address", "addresses"))
    if bool(entries) is not (module.params["state"] == "present"):
        raise FileStateError("files: are what is to be there; give them with state=present, and none with state=absent")
    if entries:
        if not (balancer and address and addresses):
            raise FileStateError("balancer, address, addresses: say where the files are for, with state=present")
        interface = usable(read_interfaces(runner), balancer, address, addresses)
        entries = [_at(one, interface) for one in entries]
    configuration = Configuration(entries, labeller(module), module.check_mode, runner)
    configuration.judge()
    tasks = configuration.tasks
    backups = [] if module.check_mode else configuration.carry_out(keeper(entries))
    result = told(module, configuration.changes, [], backups)
    result.pop("mounted")
    return {**result, "services": tasks, "changed": result["changed"] or bool(tasks)}


def _at(entry: Entry, interface: str) -> Entry:
    """A file that says which interface it is."""
    return entry if entry.content is None else replace(entry, content=entry.content.replace(INTERFACE, interface))


BODY = Body(
    {
        **ARGUMENT_SPEC,
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "balancer": {"type": "str"},
        "address": {"type": "str"},
        "addresses": {"type": "list", "elements": "str", "default": []},
    },
    _work,
)
