# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tries whether sessions go on at another instance."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_sessions import (
    Instance,
    Page,
    as_answer,
    try_all,
)
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    instances = [Instance(**one) for one in module.params["instances"]]
    pages = [Page(**one) for one in module.params["pages"]]
    return as_answer(try_all(instances, pages, module.params["timeout"], runner.pause))


BODY = Body(
    {
        "instances": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "name": {"type": "str", "required": True},
                "address": {"type": "str", "required": True},
                "port": {"type": "int", "required": True},
            },
        },
        "pages": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "application": {"type": "str", "required": True},
                "path": {"type": "str", "required": True},
            },
        },
        "timeout": {"type": "float", "default": 15},
    },
    _work,
    tells_commands=False,
)
