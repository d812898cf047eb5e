# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controller's part of configuration_files: makes the contents, and hands secret ones over apart from the rest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import lookup_loader


class ActionModule(ActionBase):
    """Renders templates and reads source files, then runs the module of the same name."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_diff = True

    #: The module that is run; that of an action that inherits this one takes files in the same way.
    MODULE = "groupware.ha.configuration_files"

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the action."""
        task_vars = task_vars or {}
        result = super().run(tmp, task_vars)
        del tmp
        result.update(
            self._execute_module(
                module_name=self.MODULE,
                module_args=self.module_arguments(self._task.args, task_vars),
                task_vars=task_vars,
            )
        )
        return result

    def module_arguments(self, given: Mapping[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """What the module is given: files with their contents."""
        arguments = dict(given)
        if arguments.pop("secrets", None):
            raise AnsibleActionFail("secrets is not for use in a playbook; mark an entry of files with sensitive: true")
        if not isinstance(arguments.get("files"), list):
            raise AnsibleActionFail("files must be a list of what is wanted")
        files, secrets = [], {}
        for index, listed in enumerate(arguments["files"]):
            entry = self._with_content(dict(listed), task_vars)
            # A secret is not an option of an entry: Ansible logs all options of a module, and finds secrets in nested
            # ones only where they are a single line.
            if entry.get("sensitive") and "content" in entry:
                secrets[str(index)] = entry.pop("content")
            files.append(entry)
        return {**arguments, "files": files, "secrets": secrets}

    def _with_content(self, entry: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """The entry with what its template or source file on the controller says as its content."""
        given = [name for name in ("content", "template", "source", "parameters") if entry.get(name) is not None]
        if len(given) > 1:
            raise AnsibleActionFail(f"{entry.get('path')}: {' and '.join(given)} exclude each other")
        template, source = entry.pop("template", None), entry.pop("source", None)
        variables = entry.pop("variables", None) or {}
        if template is not None:
            lookup = lookup_loader.get("ansible.builtin.template", loader=self._loader, templar=self._templar)
            entry["content"] = lookup.run([template], variables=task_vars, template_vars=variables)[0]
        elif source is not None:
            found = self._find_needle("files", source)
            entry["content"] = Path(self._loader.get_real_file(found)).read_text(encoding="utf-8")
        return entry
