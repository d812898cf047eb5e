"""Devices with something on them that no one may format over, each made as it comes into being, on a file."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

KIB, MIB = 1024, 1024**2


@dataclass(frozen=True)
class Foreign:
    """A case: how it is made, and what the refusal says of it."""

    name: str
    make: Callable[[Path], None]
    says: str
    size: int = 256 * MIB


def put(path: Path, offset: int, data: bytes) -> None:
    """Write into a file, from its end if the offset is negative."""
    with path.open("r+b") as file:
        file.seek(offset, os.SEEK_END if offset < 0 else os.SEEK_SET)
        file.write(data)


def run(*argv: str, text: str | None = None) -> None:
    """Run a program, which must succeed."""
    subprocess.run(argv, input=text, text=True, capture_output=True, check=True, env={"PATH": SYSTEM_PATH})


SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
PROGRAMS = ("blkid", "mkfs.ext4", "mkfs.xfs", "mkfs.btrfs", "mkswap", "wipefs")
MISSING = [program for program in PROGRAMS if shutil.which(program, path=SYSTEM_PATH) is None]


def data(offset: int, length: int) -> Callable[[Path], None]:
    """Data without any structure."""
    return lambda path: put(path, offset, b"\x5a" * length)


def program(*argv: str) -> Callable[[Path], None]:
    """What a program makes on the whole device."""
    return lambda path: run(*argv, str(path))


def partition_table(path: Path) -> None:
    """A partition table alone, which a look for file systems (blkid, community.general.filesystem) misses."""
    entry = bytes([0, 0, 2, 0, 0x83, 0, 0, 0]) + struct.pack("<II", 2048, 60000)
    put(path, 446, entry + bytes(48) + b"\x55\xaa")


def second_gpt(path: Path) -> None:
    """The GPT that is at the end of a disk, whose first one was overwritten."""
    sectors = path.stat().st_size // 512
    entries = bytes.fromhex("af3dc60f838472478e793d69d8477de4") + bytes(range(16)) + struct.pack("<QQQ", 2048, 4095, 0)
    entries = entries.ljust(128 * 128, b"\0")
    fields = (sectors - 1, 1, 34, sectors - 34, bytes(range(16)), sectors - 33, 128, 128, zlib.crc32(entries))

    def header(checksum: int) -> bytes:
        return struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, checksum, 0, *fields)

    put(path, -33 * 512, entries + header(zlib.crc32(header(0))))


def in_partition(offset: int, *argv: str) -> Callable[[Path], None]:
    """A file system in a partition, whose table was lost."""

    def make(path: Path) -> None:
        inner = path.with_suffix(".partition")
        with inner.open("wb") as file:
            file.truncate(path.stat().st_size - offset - MIB)
        run(*argv, str(inner))
        run("dd", f"if={inner}", f"of={path}", "bs=512", f"seek={offset // 512}", "conv=notrunc,sparse")
        inner.unlink()

    return make


def zeroed(start: int, length: int, make: Callable[[Path], None]) -> Callable[[Path], None]:
    """Something whose beginning was overwritten, as by the recipe `dd if=/dev/zero bs=1M count=1`."""

    def destroy(path: Path) -> None:
        make(path)
        put(path, start, bytes(length))

    return destroy


def only(offset: int, length: int, make: Callable[[Path], None]) -> Callable[[Path], None]:
    """Something of which one piece is left."""

    def keep(path: Path) -> None:
        make(path)
        with path.open("rb") as file:
            file.seek(offset)
            kept = file.read(length)
        size = path.stat().st_size
        os.truncate(path, 0)
        os.truncate(path, size)
        put(path, offset, kept)

    return keep


def raid_090(path: Path) -> None:
    """Superblock of Linux RAID 0.90: in the last whole 64 KiB but one."""
    fields = [0xA92B4EFC, 0, 90, 0, 0, 0x11111111, 0, 1, 100, 2, 2, 0, 0, 0x22222222, 0x33333333, 0x44444444]
    put(path, (path.stat().st_size & ~0xFFFF) - 64 * KIB, struct.pack("<16I", *fields))


def raid_1(offset: Callable[[int], int]) -> Callable[[Path], None]:
    """Superblock of Linux RAID 1.x, whose versions differ in where it is."""

    def make(path: Path) -> None:
        at = offset(path.stat().st_size)
        block = bytearray(256)
        struct.pack_into("<4I", block, 0, 0xA92B4EFC, 1, 0, 0)
        block[16:32] = bytes(range(1, 17))
        struct.pack_into("<Q", block, 144, at // 512)
        put(path, at, bytes(block))

    return make


def physical_volume(path: Path) -> None:
    """LVM's label, in the second sector, with its checksum: a CRC-32 that begins with 0xf597a6cf, not inverted."""
    body = struct.pack("<I8s", 32, b"LVM2 001") + b"abcdefABCDEFGHIJKLMNOPQRSTUVWXYZ" + struct.pack("<Q", 256 * MIB)
    body = body.ljust(492, b"\0")
    checksum = zlib.crc32(body, 0xF597A6CF ^ 0xFFFFFFFF) ^ 0xFFFFFFFF
    put(path, 512, struct.pack("<8sQI", b"LABELONE", 1, checksum) + body)


def zfs_labels(path: Path) -> None:
    """The two labels of ZFS at the end, with their uberblocks."""
    for label in (512 * KIB, 256 * KIB):
        for index in range(128):
            put(path, -label + 128 * KIB + index * KIB, struct.pack("<4Q", 0x00BAB10C, 5000, index + 1, 7))


def bcache(path: Path) -> None:
    """Superblock of bcache, at 4 KiB."""
    magic = bytes.fromhex("c68573f64e1a45ca8265f57f48ba6d81")
    body = struct.pack("<QQQ", 8, 0, 1) + magic + bytes(range(16))
    put(path, 4096, bytes(8) + body)


#: mkfs.xfs makes none that is smaller than 300 MiB.
XFS_SIZE = 320 * MIB
EXT = ("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=1")
XFS = ("mkfs.xfs", "-q", "-f")
BTRFS = ("mkfs.btrfs", "-q", "-f")
#: How large the groups of ext file systems are, by the size of their blocks.
EXT_GROUP = {1024: 8 * MIB + 1024, 2048: 32 * MIB, 4096: 128 * MIB}

CASES = [
    # With a signature where libblkid looks.
    Foreign("partition table", partition_table, "holds dos"),
    Foreign("GPT of which the end is left", second_gpt, "holds gpt"),
    Foreign("XFS", program(*XFS), "holds xfs", XFS_SIZE),
    Foreign("btrfs", program(*BTRFS), "holds btrfs"),
    Foreign("swap", program("mkswap"), "holds swap"),
    Foreign("LUKS", lambda path: put(path, 0, b"LUKS\xba\xbe\x00\x01" + bytes(500)), "holds crypto_LUKS"),
    Foreign("RAID 0.90, at the end", raid_090, "holds linux_raid_member"),
    Foreign("RAID 1.0, at the end", raid_1(lambda size: ((size // 512 - 16) & ~7) * 512), "holds linux_raid_member"),
    Foreign("RAID 1.1", raid_1(lambda _: 0), "holds linux_raid_member"),
    Foreign("RAID 1.2", raid_1(lambda _: 4096), "holds linux_raid_member"),
    Foreign("LVM physical volume", physical_volume, "holds LVM2_member"),
    Foreign("ZFS labels, at the end", zfs_labels, "holds zfs_member"),
    Foreign("bcache", bcache, "holds bcache|not recognised"),
    Foreign("ISO 9660", lambda path: put(path, 32768, b"\x01CD001\x01" + bytes(2041)), "holds iso9660"),
    # Without, since it is elsewhere.
    Foreign(
        "ext4 at 1 MiB, partition table lost", in_partition(MIB, *EXT), "holds ext4 with UUID .* at byte 1048576, as if"
    ),
    Foreign(
        "ext4 at 63 sectors, partition table lost",
        in_partition(63 * 512, *EXT),
        "holds ext4 with UUID .* at byte 32256, as if",
    ),
    Foreign(
        "XFS at 1 MiB, partition table lost", in_partition(MIB, *XFS), "holds xfs with UUID .* at byte 104", XFS_SIZE
    ),
    Foreign("btrfs at 1 MiB, partition table lost", in_partition(MIB, *BTRFS), "holds btrfs with UUID .* at byte 1048"),
    Foreign("swap at 1 MiB, partition table lost", in_partition(MIB, "mkswap"), "holds swap .* at byte 1048576, as if"),
    Foreign(
        "LVM in a lost partition",
        lambda path: in_partition(MIB, "true")(path) or put(path, MIB, _physical_volume_bytes(path)),
        "holds LVM2_member .* at byte 1048576, as if",
    ),
    Foreign(
        "file system in a logical volume whose physical volume lost its label",
        zeroed(0, MIB, in_partition(MIB, *EXT)),
        "holds ext4 .* at byte 1048576",
    ),
    # Partly overwritten.
    *(
        Foreign(
            f"ext4 with blocks of {block} and its first MiB zeroed",
            zeroed(0, MIB, program(*EXT, "-b", str(block))),
            r"holds .* \(at byte \d+\)",
        )
        for block in EXT_GROUP
    ),
    *(
        Foreign(
            f"ext4 with blocks of {block} of which a copy of the superblock is left",
            only(at, 1024, program(*EXT, "-b", str(block))),
            rf"holds a copy of an ext file system's superblock \(at byte {at // 100}\d\d\)",
        )
        for block, at in EXT_GROUP.items()
    ),
    Foreign("XFS with its first MiB zeroed", zeroed(0, MIB, program(*XFS)), r"holds .* \(at byte \d+\)", XFS_SIZE),
    Foreign(
        "XFS of which the third allocation group's superblock is left",
        only(160 * MIB, 512, program(*XFS)),
        rf"holds a copy of an XFS file system's superblock \(at byte {160 * MIB}\)",
        XFS_SIZE,
    ),
    Foreign(
        "btrfs of which the second superblock is left",
        only(64 * MIB, 4096, program(*BTRFS)),
        r"holds a copy of a btrfs superblock \(at byte 671\d+\)",
    ),
    # Raw data.
    Foreign("raw data at the beginning", data(5000, 100), r"not recognised \(at byte 5000\)"),
    Foreign("raw data from 1 MiB on", data(MIB, 255 * MIB), rf"not recognised \(at byte {MIB}\)"),
    Foreign("raw data from 100 MiB on", data(100 * MIB, 156 * MIB), r"not recognised \(at byte 10\d+\)"),
    Foreign("a MiB of raw data at 100 MiB", data(100 * MIB, MIB), r"not recognised \(at byte 10\d+\)"),
    Foreign("half a MiB of raw data at an odd place", data(77_777_777, 512 * KIB), r"not recognised \(at byte 7\d+\)"),
    Foreign(
        "pages of a database, far apart",
        lambda path: [put(path, number * MIB + 12_345, b"page" * 2048) for number in range(10, 250)] and None,
        r"not recognised \(at byte \d+\)",
    ),
    Foreign("one byte at the very end", data(-1, 1), rf"not recognised \(at byte {256 * MIB - 1}\)"),
    Foreign(
        "one byte at the end of a device of odd size",
        data(-1, 1),
        rf"not recognised \(at byte {256 * MIB + 511}\)",
        256 * MIB + 512,
    ),
    Foreign("one byte anywhere on a small device", data(12_345_678, 1), r"\(at byte 12345678\)", 64 * MIB),
]


def _physical_volume_bytes(path: Path) -> bytes:
    """The first KiB of a physical volume."""
    inner = path.with_suffix(".label")
    inner.write_bytes(bytes(1024))
    physical_volume(inner)
    found = inner.read_bytes()
    inner.unlink()
    return found
