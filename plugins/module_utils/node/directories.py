# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and their names, brought to disk; and where is kept what need not be.

What has been renamed has its old name again when power is lost before that.
"""

from __future__ import annotations

import contextlib
import os
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path


def volatile() -> str:
    """Where is kept what does not survive a reboot."""
    return "/run/groupware-ha" if platform.system() == "Linux" else "/var/run/groupware-ha"


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


def replace(path: str | Path, content: bytes, dress: Callable[[str], None]) -> None:
    """Put a file in place as a whole: whoever reads it, also after a power loss, finds the former or the new one.

    :param dress: gives the new file, which is still its writer's alone, the owner and the rights that it is to have
    """
    target = Path(path)
    descriptor, new = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        dress(new)
        Path(new).replace(target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(new)
    sync(target.parent)
