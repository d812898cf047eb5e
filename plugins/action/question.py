# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controller's part of question: puts together what roles would ask of a node, and asks it at once."""

from __future__ import annotations

import contextlib
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError, AnsibleUndefinedVariable
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import action_loader

from ansible_collections.groupware.ha.plugins.plugin_utils.messages import words
from ansible_collections.groupware.ha.plugins.plugin_utils.roles import RoleVariables, options

_PARTS = ("questions", "cluster_questions")


class ActionModule(ActionBase):
    """Asks a node once for everything that the given roles want to know of it."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the action."""
        variables = task_vars or {}
        result = super().run(tmp, variables)
        arguments = dict(self._task.args)
        roles = arguments.pop("roles", [])
        if not isinstance(roles, list):
            raise AnsibleActionFail("roles must be a list of names of roles")
        questions = dict(arguments.pop("questions", None) or {})
        asked: dict[str, dict[str, list[str]]] = {name: {} for name in roles}
        refused: dict[str, str] = {}
        for name in roles:
            role = RoleVariables(name, self._loader)
            try:
                # What the role's own filters say comes first: they know more of it.
                parts = self._questions(role, variables) if role.can_be_asked else {}
                wrong = role.wrong(self._given(role, variables))
                if wrong:
                    refused[name] = "; ".join(wrong)
                    continue
            except AnsibleError as error:
                refused[name] = words(error)
                continue
            for part, found in parts.items():
                asked[name][part] = list(found)
                questions.update(found)
        result.update(
            self._execute_module(
                module_name="groupware.ha.question",
                module_args={**arguments, "questions": questions},
                task_vars=variables,
            )
        )
        result.update(roles=asked, refused=refused)
        # Nobody can go on where it is not known whether the cluster runs.
        cluster = result.get("answers", {}).get("cluster_info", {})
        if cluster.get("failed"):
            result.update(failed=True, msg=cluster["msg"])
        return result

    def _given(self, role: RoleVariables, variables: dict[str, Any]) -> dict[str, Any]:
        """What the user gave of a role's variables, as far as it is known before the role's turn."""
        templar = self._templar.copy_with_new_env(available_variables=role.seen_by(variables))
        found = {}
        for name in options(role.role):
            if name in variables:
                with contextlib.suppress(AnsibleUndefinedVariable):
                    found[name] = templar.template(variables[name])
        return found

    def _questions(self, role: RoleVariables, variables: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """What a role asks, of a node and of the cluster: options by the names of modules."""
        scope = role.seen_by(variables)
        templar = self._templar.copy_with_new_env(available_variables=scope)
        found = {}
        for part in _PARTS:
            given = templar.template(role.given(part)) or {}
            found[part] = {module: self._arguments(module, options, scope) for module, options in given.items()}
        return found

    def _arguments(self, module: str, options: dict[str, Any], scope: dict[str, Any]) -> dict[str, Any]:
        """Options as they reach a module whose action does a part of its work on the controller."""
        action = action_loader.get(
            f"groupware.ha.{module.partition('.')[0]}",
            task=self._task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        return action.module_arguments(options, scope) if hasattr(action, "module_arguments") else options
