# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of one front end, as they are, for the others: owners and permissions too, which passwords depend on."""

from __future__ import annotations

import base64
import json
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

from .files import Entry, FileStateError, read

#: What is each host's own: logs, locks, what is written for a while, and a database or documents that are kept there.
OWN = ("db", "docs", "lock", "logs", "tmp")
#: A copy goes through Ansible's connection as one text. Configurations are some kilobytes.
_MOST = 16 * 2**20


def pack(top: str) -> str:
    """All that is below a directory, and the directory, as one text.

    :raises FileStateError: it is not there, or larger than a configuration is
    """
    if not Path(top).is_dir():
        raise FileStateError(f"{top} is not there")
    found, size = [], 0
    for path in _paths(top):
        entry = read(path)
        size += len(entry.content)
        if size > _MOST:
            raise FileStateError(
                f"{path}: with it, more than {_MOST // 2**20} MiB are to be copied from {top}; move it away"
            )
        attributes = entry.attributes
        found.append(
            {
                "path": os.path.relpath(path, top),
                "state": entry.kind,
                "content": base64.b64encode(entry.content.encode("utf-8", "surrogateescape")).decode(),
                "attributes": [attributes.owner, attributes.group, attributes.mode] if attributes else None,
            }
        )
    return base64.b64encode(zlib.compress(json.dumps(found).encode())).decode()


def unpack(packed: str, top: str) -> list[Entry]:
    """What is to be below the directory of another host; what is there besides is left alone."""
    entries = []
    for one in json.loads(zlib.decompress(base64.b64decode(packed))):
        content = base64.b64decode(one["content"]).decode("utf-8", "surrogateescape")
        owner, group, mode = one["attributes"] or (None, None, None)
        is_file, is_link = one["state"] == "file", one["state"] == "link"
        entries.append(
            Entry(
                os.path.normpath(os.path.join(top, one["path"])),
                one["state"],
                content if is_file else None,
                target=content if is_link else None,
                owner=owner,
                group=group,
                mode=mode,
                # Any of them may have a password in it.
                sensitive=is_file,
            )
        )
    return entries


def _paths(top: str) -> Iterator[str]:
    yield top
    for folder, folders, names in os.walk(top):
        own = OWN if folder == top else ()
        folders[:] = sorted(name for name in folders if name not in own)
        for name in sorted([*folders, *(name for name in names if name not in own and not name.endswith(".log"))]):
            yield os.path.join(folder, name)
