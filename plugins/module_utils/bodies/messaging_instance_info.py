# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node has of instances of Messaging Server, and what of their configuration is not as described."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.products.messaging_agents import AGENTS
from ansible_collections.groupware.ha.plugins.module_utils.products.messaging_instance import (
    Instance,
    InstanceState,
    instance_of,
    is_registered,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.messaging_server import (
    CONFIGURATIONS,
    bind_to_address,
    checked_address,
    options_of,
    set_options,
)
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    found, compared = {}, {}
    framework = module.params["framework"]
    # Nothing of what is found to be different is changed.
    runner.dry = True
    for given in module.params["instances"]:
        instance = instance_of(given, runner)
        state = instance.state()
        found[given["name"]] = state.as_dict()
        if given["address"] is not None:
            compared[given["name"]] = {
                "registered": framework is not None and is_registered(instance.server, framework),
                **_compared(instance, state, given, module.params),
            }
    return {"changed": False, "instances": found, "compared": compared}


def _compared(
    instance: Instance, state: InstanceState, given: Mapping[str, Any], parameters: Mapping[str, Any]
) -> dict[str, Any]:
    """The options that are not as wanted; none can be told before the instance is configured."""
    if state.configured is None or "configure" in state.unfinished:
        return {"options": None, "problem": None}
    kind, secrets = given["configuration"], parameters["secrets"].get(given["name"]) or {}
    instance.runner.commands.clear()
    try:
        instance.verify(kind, given["host_name"])
        wanted, hidden = options_of(given["options"], secrets)
        outcomes = [
            bind_to_address(instance.server, checked_address(given["address"])),
            set_options(instance.server, wanted, hidden, kind, parameters["update_secrets"] == "always"),
        ]
    except (Failure, OSError) as error:
        return {"options": None, "problem": str(error)}
    names = sorted({name for one in outcomes for name in one.names})
    # A file may be written anew though no value changes, as where it has an option twice.
    return {"options": names or list(instance.runner.commands), "problem": None}


_PATH = {"type": "path", "required": True}

BODY = Body(
    {
        "instances": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "name": {"type": "str", "required": True},
                "server_root": _PATH,
                "data_root": _PATH,
                "mount_point": _PATH,
                "configuration": {"type": "str", "default": "unified", "choices": list(CONFIGURATIONS)},
                "host_name": {"type": "str"},
                "address": {"type": "str"},
                "options": {"type": "dict", "default": {}},
            },
            "required_by": {"address": ["host_name"]},
        },
        "framework": {"type": "str", "choices": list(AGENTS)},
        "secrets": {"type": "dict", "default": {}, "no_log": True},
        "update_secrets": {
            "type": "str",
            "default": "on_create",
            "choices": ["on_create", "always"],
            "no_log": False,
        },
    },
    _work,
    tells_commands=False,
)
