# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has file systems in /etc/vfstab of Solaris."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner, shown_text
from ansible_collections.groupware.ha.plugins.module_utils.formats import vfstab
from ansible_collections.groupware.ha.plugins.module_utils.node.files import diff, edit
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module

_FILE_SYSTEM = {
    "mount_point": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "kind": {"type": "str", "choices": list(vfstab.KINDS), "default": "failover"},
    "device": {"type": "str"},
    "fsck_device": {"type": "str"},
    "filesystem": {"type": "str", "default": "ufs"},
    "fsck_pass": {"type": "str", "default": "2", "no_log": False},
    "mount_at_boot": {"type": "bool"},
    "options": {"type": "list", "elements": "str", "default": ["logging"]},
}


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    path, given = module.params["path"], module.params["file_systems"]
    absent = [one["mount_point"] for one in given if one["state"] == "absent"]

    def edited(text: str) -> str:
        return vfstab.edit(text, [vfstab.file_system(one) for one in given if one["state"] == "present"], absent)

    missing = "Solaris has it from its installation on, so look which host this is"
    before, after = edit(path, edited, runner, missing)
    return {
        "changed": after != before,
        "lines": vfstab.shared_lines(shown_text(after), [one["mount_point"] for one in given]),
        "diff": diff(path, shown_text(before), shown_text(after)),
    }


BODY = Body(
    {
        "file_systems": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": _FILE_SYSTEM,
            "required_if": [("state", "present", ["device"])],
        },
        "path": {"type": "path", "default": "/etc/vfstab"},
    },
    _work,
)
