# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One block device: how large it is, what it calls itself, whether there is anything on it.

Whether a device is empty is judged by three things together: no signature that libblkid knows (see reading.py); zeros
at all places where file systems, partition tables, RAID and volume managers keep their data or copies of it; and zeros
in samples that are spread over the whole device. What cannot be read, wholly and without error, is not known.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import mmap
import os
import re
import stat
from collections.abc import Iterator

from .model import Look, SystemFiles

_KIB, _MIB, _GIB, _TIB = 1024, 1024**2, 1024**3, 1024**4

#: The beginning, read wholly. Partitions have begun at 63 sectors and begin at 1 MiB now, and file systems keep what
#: identifies them within 128 KiB (btrfs at 64 KiB): a lost partition table is not a reason to take a disk for empty.
START_BYTES = 2 * _MIB

#: The end, read wholly: RAID superblocks 0.90 and 1.0, the second GPT, two of ZFS's four labels, DRBD's metadata.
END_BYTES = _MIB

#: Samples spread evenly over the device, each somewhere in its own part of it: data that is as long as two parts (two
#: thousandths of the device) is always met. A device of at most SAMPLES * SAMPLE_BYTES (64 MiB) is read wholly.
SAMPLES, SAMPLE_BYTES = 1024, 64 * _KIB

#: O_DIRECT wants whole logical blocks, of 512 or 4096 bytes.
_ALIGNMENT = 4096
_CHUNK = _MIB
_ZEROS = bytes(_CHUNK)

_PLAIN_LETTER = re.compile(r"[A-Za-z0-9 ._:/+@=-]")

#: ioctl of linux/fs.h: write out what the page cache has of a block device, and forget it.
_BLKFLSBUF = 0x1261

#: Where a partition may have begun: at cylinder boundaries, and at the alignment that is usual since 2009.
PARTITION_STARTS = (63 * 512, _MIB)


def escaped(text: str, *, plainly: bool = False) -> str:
    r"""What a device says of itself, as it can be shown and be given back: other bytes are written as ``\x1b``.

    :param plainly: whether to leave nothing that YAML, a template or a shell could take for something else
    """
    return "".join(
        letter
        if (_PLAIN_LETTER.fullmatch(letter) if plainly else letter.isprintable())
        else "".join(f"\\x{byte:02x}" for byte in letter.encode("utf-8", "surrogateescape"))
        for letter in text
    )


def device_number(path: str) -> str | None:
    """``major:minor`` of a block device, or None."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    if not stat.S_ISBLK(status.st_mode):
        return None
    return f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"


def device_size(path: str) -> int | None:
    """Bytes that a device has, or None."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        return os.lseek(descriptor, 0, os.SEEK_END)
    finally:
        os.close(descriptor)


def forget_cached(path: str) -> None:
    """Have what is read next come from the device: another node may have written since this one last read.

    For devices that are in use on no account by this node; there its own cache is the truth.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        fcntl.ioctl(descriptor, _BLKFLSBUF, 0)
    except OSError:
        # Without the right to do that, or what is no block device: at least what is clean.
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


# Whether there is anything on it ------------------------------------------------------------------------------------


def look_at(path: str, *, exclusive: bool = False) -> Look:
    """Read a device at all places where data would be, past the page cache where possible.

    :param exclusive: claim the device while it is read, as a mount does, so that nobody else has claimed it. (open(2):
        O_EXCL without O_CREAT on a block device fails with EBUSY if the system uses it, mounted for instance.)
    """
    flags = os.O_RDONLY | (os.O_EXCL if exclusive else 0)
    try:
        descriptor = _open_direct(path, flags)
    except OSError as error:
        if error.errno == errno.EBUSY:
            return Look(unreadable="is in use: mounted, part of another device, or claimed by another program")
        return Look(unreadable=f"cannot be opened: {error.strerror}")
    try:
        return _look(descriptor)
    except OSError as error:
        return Look(unreadable=f"cannot be read: {error.strerror}")
    finally:
        os.close(descriptor)


def _open_direct(path: str, flags: int) -> int:
    try:
        return os.open(path, flags | os.O_DIRECT)
    except OSError as error:
        # Only some file systems refuse O_DIRECT, with EINVAL; block devices take it.
        if stat.S_ISBLK(os.stat(path).st_mode):
            raise error from None
        return os.open(path, flags)


def _look(descriptor: int) -> Look:
    size = os.lseek(descriptor, 0, os.SEEK_END)
    if size == 0:
        return Look(unreadable="has a size of 0 bytes")
    digest = hashlib.sha256()
    first: int | None = None
    remains: str | None = None
    buffer = mmap.mmap(-1, _CHUNK)
    for offset, length in places(size):
        data = _read_at(descriptor, buffer, offset, length)
        if len(data) != length:
            return Look(unreadable=f"cannot be read: {len(data)} bytes instead of {length} at byte {offset}")
        digest.update(data)
        if data == _ZEROS[:length]:
            continue
        at = offset + length - len(data.lstrip(b"\0"))
        first = at if first is None else min(first, at)
        remains = remains or _remains(data, offset)
    return Look(first, remains, None, f"sha256:{digest.hexdigest()[:32]}")


def _read_at(descriptor: int, buffer: mmap.mmap, offset: int, length: int) -> bytes:
    with memoryview(buffer) as view:
        whole_blocks = -(-length // _ALIGNMENT) * _ALIGNMENT
        count = os.preadv(descriptor, [view[:whole_blocks]], offset)
    return buffer[: min(count, length)]


def places(size: int) -> Iterator[tuple[int, int]]:
    """Where a device of some size is read: (offset, length), in ascending order, without overlaps."""
    wanted = [(0, START_BYTES), (max(0, size - END_BYTES), END_BYTES)]
    wanted += [(offset, _ALIGNMENT) for offset in _copies(size)]
    part = size / SAMPLES
    if part <= SAMPLE_BYTES:
        wanted = [(0, size)]
    else:
        # Not all at the same place of their part: data that repeats in step with the parts would never be met. The
        # golden ratio spreads best.
        room = part - SAMPLE_BYTES
        starts = (int(number * part + number * 0.6180339887 % 1 * room) for number in range(SAMPLES))
        wanted += [(start // _ALIGNMENT * _ALIGNMENT, SAMPLE_BYTES) for start in starts]
    done = 0
    for offset, length in sorted(wanted):
        start = max(offset // _ALIGNMENT * _ALIGNMENT, done)
        end = min(-(-(offset + length) // _ALIGNMENT) * _ALIGNMENT, size)
        while start < end:
            chunk = min(_CHUNK, end - start)
            yield start, chunk
            start += chunk
        done = max(done, start)


def _copies(size: int) -> Iterator[int]:
    """Where file systems that begin at byte 0 keep copies of their superblock."""
    # ext2 to ext4: in the groups 1 and powers of 3, 5 and 7 (sparse_super), of 8 blocks for each byte of a block; with
    # blocks of 1 KiB the first group begins at block 1. https://docs.kernel.org/filesystems/ext4/blockgroup.html
    groups = sorted({1, *(base**power for base in (3, 5, 7) for power in range(1, 16))})
    for block in (1024, 2048, 4096):
        group_bytes = 8 * block * block
        yield from (number * group_bytes for number in groups if number * group_bytes < size)
    # XFS: at the beginning of each allocation group. mkfs.xfs divides a device evenly into 4, and into 8, 16 or 32 on
    # RAID; a group has 1 TiB at most. (xfsprogs, libfrog/util and mkfs: calc_default_ag_geometry)
    blocks = size // 4096
    for count in (2, 4, 8, 16, 32):
        yield from (number * -(-blocks // count) * 4096 for number in range(1, count))
    yield from range(_TIB, size, _TIB)
    # btrfs: https://btrfs.readthedocs.io/en/latest/dev/On-disk-format.html
    yield from (offset for offset in (64 * _MIB, 256 * _GIB) if offset < size)


def _remains(data: bytes, offset: int) -> str | None:
    """What is left of a file system in what was read at a place where copies of superblocks are."""
    # With blocks of 1 KiB a copy is 1 KiB behind the place, and the primary one is 1 KiB behind the beginning.
    for start in (0, 1024):
        if data[start + 56 : start + 58] == b"\x53\xef":
            return (
                "the superblock of an ext file system" if offset == 0 else "a copy of an ext file system's superblock"
            )
    if offset and data[:4] == b"XFSB":
        return "a copy of an XFS file system's superblock"
    if offset and data[64:72] == b"_BHRfS_M":
        return "a copy of a btrfs superblock"
    return None


def is_unfinished_xfs(path: str) -> bool:
    """Whether mkfs.xfs was killed over a device that has the signature of XFS, or is at work.

    sb_inprogress: "set if mkfs has not finished" (XFS Algorithms & Data Structures, Superblocks).
    """
    with open(path, "rb") as file:
        return file.read(512)[126:127] != b"\0"


def was_ever_mounted(path: str, filesystem: str) -> bool:
    """Whether a file system was ever mounted (ext), or has files (XFS, which does not note mounts)."""
    try:
        with open(path, "rb") as file:
            data = file.read(4096)
    except OSError:
        return True
    if filesystem.startswith("ext"):
        # s_mtime and s_mnt_count: https://docs.kernel.org/filesystems/ext4/super.html
        superblock = data[1024:2048]
        return bool(int.from_bytes(superblock[44:48], "little") or int.from_bytes(superblock[52:54], "little"))
    # sb_icount less sb_ifree: mkfs.xfs itself makes the root directory and two inodes for real-time sections.
    # https://docs.kernel.org/filesystems/xfs/ (XFS Algorithms & Data Structures, Superblocks)
    return int.from_bytes(data[128:136], "big") - int.from_bytes(data[136:144], "big") > 3


# What it calls itself -----------------------------------------------------------------------------------------------

#: Names that sysfs has of a disk.
_SYSFS_NAMES = {
    "wwid": ("wwid", "device/wwid"),
    "serial": ("serial",),
    "device mapper UUID": ("dm/uuid",),
    "RAID UUID": ("md/uuid",),
}

#: Names that udev has found out. https://www.freedesktop.org/software/systemd/man/latest/udev.html
_UDEV_NAMES = {"ID_WWN_WITH_EXTENSION": "WWN", "ID_SERIAL": "udev's serial", "ID_PART_ENTRY_UUID": "partition UUID"}


def hardware_names(number: str, files: SystemFiles) -> dict[str, str]:
    """What a device calls itself, by kind of name; no key of a name that is not known."""
    names: dict[str, str] = {}
    folder = os.path.realpath(f"{files.block_devices}/{number}")
    if os.path.exists(f"{folder}/partition"):
        names["partition's first sector"] = read_text(f"{folder}/start").strip()
        folder = os.path.dirname(folder)
    for kind, paths in _SYSFS_NAMES.items():
        names[kind] = next(filter(None, (read_text(f"{folder}/{path}").strip() for path in paths)), "")
    for line in read_text(f"{files.udev}/b{number}").splitlines():
        key, _equals, value = line.removeprefix("E:").partition("=")
        if line.startswith("E:") and key in _UDEV_NAMES:
            names[_UDEV_NAMES[key]] = value
    # QEMU makes such a name of the place where it has attached a disk, unless it is given a serial number.
    return {kind: escaped(name) for kind, name in names.items() if name and not ("QEMU" in name and "drive-" in name)}


def whole_disk(path: str, number: str, files: SystemFiles) -> str:
    """The device node of the disk that a partition is on, else the device itself."""
    folder = os.path.realpath(f"{files.block_devices}/{number}")
    if not os.path.exists(f"{folder}/partition"):
        return path
    return "/dev/" + os.path.basename(os.path.dirname(folder)).replace("!", "/")


def read_text(path: str) -> str:
    """The text of a file; empty where there is none."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
