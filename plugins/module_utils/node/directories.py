# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of files, brought to disk: what has been renamed has its old name again when power is lost before that."""

from __future__ import annotations

import os
from pathlib import Path


def sync_tree(path: str | Path) -> None:
    """Bring to disk all that is in a directory, at any depth: files that were copied, and their names.

    :raises OSError: a disk failed
    """
    for directory, _directories, files in os.walk(path):
        for name in files:
            found = os.path.join(directory, name)
            if not os.path.islink(found) and os.path.isfile(found):
                descriptor = os.open(found, os.O_RDONLY)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
        sync(directory)


def sync(path: str | Path) -> None:
    """Bring to disk which names are in a directory; see fsync(2).

    :raises OSError: there is no such directory, or its disk failed
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
