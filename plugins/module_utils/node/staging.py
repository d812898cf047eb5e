# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A private directory in memory, for files that a program judges and for those that have a password in them."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

#: In memory, and never on a disk.
PARENT = "/run"


@contextlib.contextmanager
def stage(kind: str) -> Iterator[Path]:
    """Make the directory, which nobody else can look into, and remove it again; so are those of runs that were killed.

    :param kind: what the directory's name says that it is for
    """
    prefix = f"groupware-ha-{kind}-"
    for left in Path(PARENT).glob(f"{prefix}*"):
        if not Path("/proc", left.name[len(prefix) :].partition("-")[0]).exists():
            shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=f"{prefix}{os.getpid()}-", dir=PARENT) as top:
        yield Path(top)


def put(path: Path, text: str) -> None:
    """Write a new file that is its writer's alone."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text.encode("utf-8", "surrogateescape"))
