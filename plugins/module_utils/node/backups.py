# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of files that are about to be replaced: as private as the file from their first moment on.

Ansible's own backups are made with the rights that the process gives to new files, and get those of the original only
afterwards; and they stay for ever, so that keys and hashes that were replaced long ago still lie about.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import time
from pathlib import Path


def keep(path: str, *, private: bool = False) -> str:
    """Copy a file to ``PATH.PID.DATE@TIME~`` beside it, with its owner, rights and time of change.

    Of a private file, one that others may not read, older copies of this kind are removed: one is kept to go back to.

    :param private: the file is private whatever its rights are
    :returns: the path of the copy
    :raises OSError: there is no such file, or it cannot be copied; then no copy is left
    """
    with open(path, "rb") as source:
        status = os.fstat(source.fileno())
        private = private or not status.st_mode & stat.S_IRWXO
        copy, descriptor = _new(f"{path}.{os.getpid()}.{time.strftime('%Y-%m-%d@%H:%M:%S')}")
        try:
            with open(descriptor, "wb") as file:
                shutil.copyfileobj(source, file)
                file.flush()
                os.fchown(file.fileno(), status.st_uid, status.st_gid)
                mode = stat.S_IMODE(status.st_mode)
                os.fchmod(file.fileno(), mode & ~stat.S_IRWXO if private else mode)
                os.utime(file.fileno(), ns=(status.st_atime_ns, status.st_mtime_ns))
                os.fsync(file.fileno())
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(copy)
            raise
    if private:
        for other in copies_of(path):
            if other != copy:
                os.unlink(other)
    return copy


def copies_of(path: str) -> list[str]:
    """The copies of a file."""
    target = Path(path)
    name = re.compile(rf"{re.escape(target.name)}(?:\.\d+)?\.\d{{4}}-\d\d-\d\d@\d\d:\d\d:\d\d(?:\.\d+)?~")
    return [str(target.parent / one) for one in os.listdir(target.parent) if name.fullmatch(one)]


def _new(stem: str) -> tuple[str, int]:
    """A file that was not there before, and that nobody else can open from its first moment on."""
    number = 0
    while True:
        path = f"{stem}{f'.{number}' if number else ''}~"
        with contextlib.suppress(FileExistsError):
            return path, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        number += 1
