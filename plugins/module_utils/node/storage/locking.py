# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may prepare volumes on a node at this moment: one run at a time, and no other program that keeps to the rules."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from . import devices as block_devices
from .model import StorageError, SystemFiles

#: Seconds to wait for another run on this node, and for a program that has locked a device (udev, while it probes).
LOCK_WAIT = 60


@contextmanager
def node_lock(runner: Runner, files: SystemFiles, wait: float = LOCK_WAIT) -> Iterator[None]:
    """Keep other runs on this node out, wherever they were started.

    Two controllers meet here, since both work on a volume's home. The kernel releases the lock when the process ends,
    however it ends.

    :param wait: seconds to wait for a run that is there already
    :raises StorageError: it is still there; the message says who it is, and since when
    """
    try:
        descriptor = os.open(files.lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise StorageError(
            [f"{files.lock} cannot be opened ({error.strerror}); volumes are prepared by root"]
        ) from None
    try:
        if not _locked(descriptor, runner, wait):
            holder = os.pread(descriptor, 4096, 0).decode("utf-8", "replace").strip() or "somebody"
            raise StorageError(
                [
                    f"another run prepares volumes on this node, and has not ended within {wait:g} seconds: {holder}; "
                    "wait until it has ended, or end it, and run again"
                ]
            )
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, _who().encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _who() -> str:
    """This run, for those that wait for it."""
    user = os.environ.get("SUDO_USER") or os.environ.get("USER") or str(os.getuid())
    origin = (os.environ.get("SSH_CONNECTION") or "").split(" ", 1)[0]
    since = time.strftime("%Y-%m-%d %H:%M:%S %z")
    return f"process {os.getpid()} of {user}{f' from {origin}' if origin else ''}, since {since}"


@contextmanager
def device_locks(paths: Sequence[str], runner: Runner, files: SystemFiles, wait: float = LOCK_WAIT) -> Iterator[None]:
    """Hold devices against other programs while they are looked at and written to.

    The lock is flock(2) on the node of the whole disk, as systemd has agreed with those who probe and partition disks:
    https://systemd.io/BLOCK_DEVICE_LOCKING/. It is advisory: udev, systemd-repart, fdisk and others keep to it. What
    cannot be held meanwhile is the kernel's own claim (O_EXCL), because mkfs and LVM make that claim themselves and
    refuse a device that somebody has claimed. So the claim is made for the last look only, given back, and made by the
    program that is started next; who does not keep to the lock has that moment.
    The device is opened for writing, since it is the closing of such a descriptor that makes udev probe it anew.
    """
    disks = {}
    for path in paths:
        number = block_devices.device_number(path)
        if number is not None:
            disks[os.path.realpath(block_devices.whole_disk(path, number, files))] = path
    with ExitStack() as stack:
        # Always in the same order, so that no two wait for each other.
        for disk in sorted(disks):
            try:
                descriptor = os.open(disk, os.O_RDWR)
            except OSError as error:
                raise StorageError([f"{disks[disk]} cannot be opened for writing: {error.strerror}"]) from None
            stack.callback(os.close, descriptor)
            if not _locked(descriptor, runner, wait):
                raise StorageError(
                    [f"{disks[disk]} is locked by {_holder(descriptor)} for more than {wait:g} seconds; end that"]
                )
        yield


def _locked(descriptor: int, runner: Runner, wait: float) -> bool:
    deadline = runner.clock() + wait
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if runner.clock() >= deadline:
                return False
            runner.pause(0.2)
        else:
            return True


def _holder(descriptor: int) -> str:
    """The program that holds a lock on an open file, as proc(5) tells."""
    inode = str(os.fstat(descriptor).st_ino)
    for line in block_devices.read_text("/proc/locks").splitlines():
        fields = line.split()
        if len(fields) > 5 and fields[1] == "FLOCK" and fields[5].rpartition(":")[2] == inode:
            return f"process {fields[4]} ({block_devices.read_text(f'/proc/{fields[4]}/comm').strip()})"
    return "another program"
