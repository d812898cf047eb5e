# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unpacks GlassFish on a host."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.node import directories
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_node import (
    MARK,
    GlassFishError,
    installed,
    remove,
)
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module

#: What is unpacked and not whole yet.
_UNPACKED = ".unpacking"


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    directory, checksum = module.params["directory"], module.params["checksum"]
    absent = module.params["state"] == "absent"
    has = installed(directory)
    if os.path.lexists(directory) and has is None and os.listdir(directory):
        raise GlassFishError(f"{directory}: is there and was not unpacked by this module; give another directory")
    if not absent and has not in (None, checksum):
        words = "has another GlassFish, whose servers may run; give the new one a directory of its own"
        raise GlassFishError(f"{directory}: {words}")
    changed = has is not None if absent else has != checksum
    lines = ["" if has is None else f"{directory} {has}\n", "" if absent else f"{directory} {checksum}\n"]
    if changed:
        runner.commands.append(f"# {'remove' if absent else 'unpack'} {directory}")
        if not module.check_mode and absent:
            remove(directory)
        elif not module.check_mode:
            _unpack(module.params["archive"], checksum, directory)
    return {"changed": changed, "diff": dict(zip(("before", "after"), lines))}


def _unpack(archive: str, checksum: str, directory: str) -> None:
    """Everything that is in the one folder at the archive's top; other programs see all of it, or nothing."""
    with open(archive, "rb") as file:
        found = hashlib.sha256()
        for part in iter(lambda: file.read(1 << 20), b""):
            found.update(part)
    if found.hexdigest() != checksum:
        raise GlassFishError(f"{archive}: has the checksum {found.hexdigest()}, not {checksum}; nothing was unpacked")
    new = f"{directory}{_UNPACKED}"
    shutil.rmtree(new, ignore_errors=True)
    Path(new).mkdir(mode=0o755, parents=True)
    try:
        with zipfile.ZipFile(archive) as packed:
            (top,) = {name.partition("/")[0] for name in packed.namelist()}
            for one in packed.infolist():
                _put(packed, one, new, one.filename[len(top) + 1 :])
    except (zipfile.BadZipFile, ValueError) as error:
        raise GlassFishError(f"{archive}: is no distribution of GlassFish ({error}); nothing was unpacked") from None
    if not os.access(f"{new}/bin/asadmin", os.X_OK):
        raise GlassFishError(f"{archive}: has no bin/asadmin, so it is no distribution of GlassFish")
    Path(new, MARK).write_text(f"{checksum}\n", encoding="ascii")
    directories.sync_tree(new)
    if os.path.isdir(directory):
        Path(directory).rmdir()
    Path(new).rename(directory)


def _put(packed: zipfile.ZipFile, one: zipfile.ZipInfo, top: str, name: str) -> None:
    """A file with the rights that it has in the archive, but that root alone may write it, and all may read it."""
    if not name:
        return
    target = os.path.normpath(os.path.join(top, name))
    if not target.startswith(f"{top}/"):
        raise ValueError("a name in it leads out of its folder")
    if one.is_dir():
        os.makedirs(target, mode=0o755, exist_ok=True)
        return
    os.makedirs(os.path.dirname(target), mode=0o755, exist_ok=True)
    with packed.open(one) as source, open(target, "wb") as file:
        shutil.copyfileobj(source, file)
    runs = (one.external_attr >> 16) & 0o100
    os.chmod(target, 0o755 if runs else 0o644)


BODY = Body(
    {
        "archive": {"type": "path"},
        "checksum": {"type": "str"},
        "directory": {"type": "path", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    },
    _work,
)
