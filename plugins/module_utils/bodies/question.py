# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a node for what several modules would do, in one call."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Memory, Runner
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module
from ansible_collections.groupware.ha.plugins.module_utils.shown import key_name
from .registry import BODIES


def _work(module: Module, runner: Runner) -> dict[str, Any]:  # noqa: ARG001 # each part has one of its own
    questions = module.params["questions"]
    answers: dict[str, Any] = {}
    memory: Memory = {}
    for label, options in questions.items():
        name = label.partition(".")[0]
        if name not in BODIES:
            raise Failure(
                f"questions.{key_name(label)}: is no module that can be asked; it is one of {', '.join(BODIES)}"
            )
        if not isinstance(options, dict):
            raise Failure(f"questions.{key_name(label)}: is not a dictionary; give the options of {name}")
        try:
            answers[label] = BODIES[name].answer(options, memory)
        except Exception as error:  # noqa: BLE001 # what nobody has thought of in one answer is no reason to lose the others
            # Its words may have anything in them.
            answers[label] = {"failed": True, "msg": f"{name} ended with a {type(error).__name__}; its role says more"}
    return {"changed": False, "answers": answers}


BODY = Body(
    {
        "roles": {"type": "list", "elements": "str", "default": []},
        "questions": {"type": "dict", "default": {}},
    },
    _work,
    tells_commands=False,
)
