# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What roles of this collection would ask of nodes, and how they see the answers, without running any of them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader

ROLES = Path(__file__).resolve().parents[2] / "roles"
#: As safe as the other, and ten times as fast where it is there.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class RoleVariables:
    """The variables of a role as its own tasks have them, for one host.

    A role that can be asked for says in ``vars/question.yml``, as templates:

    * ``__ROLE_questions``: what to ask of each node; names of modules of this collection, with their options
    * ``__ROLE_cluster_questions``: the same for what is the cluster's; the answer of one node counts
    * ``__ROLE_differences``: lines that say what else it would do, from what all nodes answered: groupware_answers
    * ``__ROLE_refusals``: lines that say why it would not do any of it; a filter that fails in them refuses too
    * ``__ROLE_warnings``: lines to be read although it would do nothing about it
    """

    def __init__(self, role: str, loader: DataLoader) -> None:
        self.role = role
        self.path = ROLES / role
        self._defaults = _load(self.path / "defaults/main.yml", loader)
        question = self.path / "vars/question.yml"
        self.can_be_asked = question.exists()
        self._vars = {
            **_load(self.path / "vars/main.yml", loader),
            **(_load(question, loader) if self.can_be_asked else {}),
        }

    def seen_by(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """All variables in the scope of the role's tasks, for a host with these variables; nothing is templated yet."""
        scope = {**self._defaults, **variables, **self._vars}
        return {**scope, "role_path": str(self.path), "ansible_search_path": [str(self.path)]}

    def given(self, part: str) -> Any:
        """One of the variables that the class names, as a template; nothing where the role has none."""
        return self._vars.get(f"__{self.role}_{part}")

    def wrong(self, given: Mapping[str, Any]) -> list[str]:
        """What is wrong with variables of the role, which Ansible would say when it is the role's turn.

        :param given: by name; others than the role's are not looked at
        """
        mine = {name: given[name] for name in options(self.role) if name in given}
        spec = {name: {**options(self.role)[name], "required": False} for name in mine}
        return list(ArgumentSpecValidator(spec).validate(mine).error_messages)


@functools.cache
def options(role: str) -> Mapping[str, Mapping[str, Any]]:
    """The variables that a role documents; they are the same in all of its parts."""
    file = ROLES / role / "meta/argument_specs.yml"
    if not file.exists():
        return {}
    entries = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)["argument_specs"].values()  # noqa: S506
    return {name: option for entry in entries for name, option in (entry.get("options") or {}).items()}


def _load(path: Path, loader: DataLoader) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        found = loader.load_from_file(str(path), trusted_as_template=True)
    except TypeError:  # ansible-core 2.18, which trusts every text
        found = loader.load_from_file(str(path))
    return dict(found or {})
