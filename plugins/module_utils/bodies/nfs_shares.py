# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has a node mount shares of NFS."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.formats.fstab import (
    FstabEntry,
    parse_mountinfo,
    with_entries,
)
from ansible_collections.groupware.ha.plugins.module_utils.node import files
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module

#: As the manual of Messaging Server has them for mail on NFS.
RECOMMENDED = "rw,bg,hard,intr,rsize=32768,wsize=32768,tcp,noac,vers=3,timeo=600"
_MOUNTS = "/proc/self/mountinfo"


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    shares = [_entry(given) for given in module.params["shares"]]
    # What is mounted is in use, and stays as it is until it is mounted anew. The kernel is asked: a look at the mount
    # point itself waits for a server that is gone.
    mounted = {mount.mount_point for mount in parse_mountinfo(Path(_MOUNTS).read_text(encoding="utf-8"))}
    missing = [share.mount_point for share in shares if share.mount_point not in mounted]
    for point in missing:
        # Its rights are those of the share as soon as that is mounted, and not ours to set.
        if not os.path.isdir(point):
            runner.run(["mkdir", "-p", point])
    changes = _changes(module.params["path"], shares)
    if not module.check_mode:
        files.apply(changes)
    for point in missing:
        runner.run(["mount", point])
    return {
        "changed": bool(changes or runner.commands),
        "diff": [change.diff() for change in changes],
    }


def _changes(path: str, shares: Sequence[FstabEntry]) -> list[files.FileChange]:
    """What has to be done to the file so that it has a line for each share."""
    text = with_entries(files.read(path).content, shares)
    return files.plan([files.Entry(path, content=text, backup=True)], frozenset()).changes if shares else []


def _entry(given: Mapping[str, Any]) -> FstabEntry:
    options = given["mount_options"] or RECOMMENDED
    return FstabEntry(given["device"], posixpath.normpath(given["mount_point"]), "nfs", tuple(options.split(",")))


BODY = Body(
    {
        "shares": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "device": {"type": "str", "required": True},
                "mount_point": {"type": "path", "required": True},
                "mount_options": {"type": "str"},
            },
        },
        "path": {"type": "path", "default": "/etc/fstab"},
    },
    _work,
)
