# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option of modules that write many files in one call; doc_fragments/files.py describes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.groupware.ha.plugins.module_utils.description.secrets import holds_secret, text_holds_secret
from .backups import keep
from .files import Entry, FileChange, FileStateError, Plan

ARGUMENT_SPEC: dict[str, Any] = {
    "files": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "path": {"type": "path", "required": True},
            "state": {"type": "str", "choices": ["file", "directory", "link", "absent"], "default": "file"},
            "content": {"type": "str"},
            "template": {"type": "str"},
            "variables": {"type": "dict"},
            "source": {"type": "str"},
            "parameters": {"type": "dict"},
            "target": {"type": "str"},
            "owner": {"type": "str"},
            "group": {"type": "str"},
            "mode": {"type": "str"},
            "backup": {"type": "bool", "default": False},
            "require_mounted": {"type": "path"},
            "label": {"type": "str"},
            "sensitive": {"type": "bool", "default": False},
        },
        "mutually_exclusive": [("content", "template", "source", "parameters")],
        "required_if": [("state", "link", ["target"])],
    },
    "secrets": {"type": "dict", "default": {}, "no_log": True},
}


def given_entries(parameters: Mapping[str, Any]) -> list[Entry]:
    """The wanted files.

    :param parameters: a module's
    :raises FileStateError: one is described wrongly
    """
    secrets = parameters["secrets"]
    return [_entry(given, secrets.get(str(index))) for index, given in enumerate(parameters["files"])]


def _entry(given: Mapping[str, Any], secret: str | None) -> Entry:
    content = given["content"] if secret is None else secret
    if given["state"] == "file" and content is None and given["parameters"] is None:
        raise FileStateError(f"{given['path']}: give one of content, template, source, parameters")
    mode = given["mode"]
    try:
        octal = None if mode is None else int(mode, 8)
    except ValueError:
        raise FileStateError(f"{given['path']}: mode {mode!r} is not octal digits, such as '0640'") from None
    if (
        mode is None
        and given["state"] == "file"
        and (given["sensitive"] or _holds_secret(content, given["parameters"]))
    ):
        # A new file would be 0644.
        raise FileStateError(f"{given['path']}: has a secret in it and no mode; say who may read it, such as '0600'")
    kept = ("path", "state", "target", "owner", "group", "backup", "require_mounted", "label", "sensitive")
    parameters = given["parameters"]
    if parameters is not None:
        parameters = {
            name: [str(word) for word in value] if isinstance(value, list) else str(value)
            for name, value in parameters.items()
        }
    return Entry(content=content, parameters=parameters, mode=octal, **{name: given[name] for name in kept})


def _holds_secret(content: str | None, parameters: Mapping[str, Any] | None) -> bool:
    listed = {name: one if isinstance(one, list) else [one] for name, one in (parameters or {}).items()}
    words = ((name, word) for name, given in listed.items() for word in given)
    return text_holds_secret(content or "") or any(holds_secret(name, word) for name, word in words)


def keeper(entries: Sequence[Entry]) -> Callable[[str], str]:
    """Keeps a copy of a file that is replaced; what is sensitive is private whatever rights it has."""
    sensitive = {entry.path for entry in entries if entry.sensitive}
    return lambda path: keep(path, private=path in sensitive)


def labeller(module: AnsibleModule) -> Callable[[str, str], None]:
    """Gives a file the SELinux context of the path that it is to have; nothing without SELinux."""

    def label(path: str, final_path: str) -> None:
        if module.selinux_enabled():
            module.set_context_if_different(path, module.selinux_default_context(final_path), False)

    return label


def told(
    module: AnsibleModule, changes: Sequence[FileChange], mounted: Sequence[str], backups: Sequence[str]
) -> dict[str, Any]:
    """What such a module returns."""
    result = {
        "changed": bool(changes),
        "changes": [change.as_dict() for change in changes],
        "changed_labels": Plan(list(changes)).labels,
        "mounted": list(mounted),
        "backups": list(backups),
    }
    return {**result, "diff": [change.diff() for change in changes]} if module._diff else result
