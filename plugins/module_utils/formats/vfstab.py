# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""/etc/vfstab of Solaris: file systems set and removed by their mount points, all else kept byte for byte. Pure.

Format: vfstab(4), seven fields, ``-`` for none; the manuals of Sun Cluster write tabs between them. What Sun Cluster
makes of an entry (Calendar Server 6.3 Administration Guide, 6.6.1; Messaging Server's guide on HAStoragePlus): a
global file system has the option ``global`` and is mounted at boot, by the cluster on all nodes at once; a failover
file system has neither, since one node alone mounts it, and that is the cluster's decision.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.errors import FormatError
from ansible_collections.groupware.ha.plugins.module_utils.shown import quoted
from .lines import finished, lines_of

#: What a file system is to the cluster; a local one is the node's own.
KINDS = ("failover", "global", "local")

_GLOBAL = "global"
#: Every node has these for itself; they are the cluster's own.
_OF_ONE_NODE = "/global/.devices/"
_YES_NO = {"yes": True, "no": False}


@dataclass(frozen=True)
class FileSystem:
    """One entry; a field without a value is empty."""

    device: str
    fsck_device: str
    mount_point: str
    filesystem: str
    fsck_pass: str
    mount_at_boot: bool
    options: tuple[str, ...]

    @property
    def is_global(self) -> bool:
        """Whether the cluster mounts it on all nodes at once."""
        return _GLOBAL in self.options

    def same(self, other: FileSystem) -> bool:
        """Whether both say the same; the order of options says nothing."""
        return self._fields() == other._fields() and set(self.options) == set(other.options)

    def line(self) -> str:
        """The entry as it stands in the file, with tabs."""
        fields = [*self._fields(), ",".join(self.options)]
        return "\t".join(field or "-" for field in fields)

    def _fields(self) -> tuple[str, ...]:
        at_boot = "yes" if self.mount_at_boot else "no"
        return (self.device, self.fsck_device, self.mount_point, self.filesystem, self.fsck_pass, at_boot)


def parse_line(line: str) -> FileSystem | None:
    """The entry in a line; nothing for comments and for lines that are no entries."""
    fields = line.split()
    if len(fields) != 7 or fields[0].startswith("#") or fields[5] not in _YES_NO:
        return None
    device, raw, point, kind, fsck_pass, at_boot, options = ("" if field == "-" else field for field in fields)
    return FileSystem(device, raw, point, kind, fsck_pass, _YES_NO[at_boot], tuple(filter(None, options.split(","))))


def parse_vfstab(text: str) -> list[FileSystem]:
    """All entries of the file, in its order."""
    found = (parse_line(line) for line in text.split("\n"))
    return [entry for entry in found if entry is not None]


def file_system(given: Mapping[str, Any]) -> FileSystem:
    """The entry that is wanted, completed by what its kind says.

    :param given: ``mount_point``, ``kind``, ``device``, and where they are not as usual ``fsck_device``,
        ``filesystem``, ``fsck_pass``, ``mount_at_boot`` and ``options``
    :raises FormatError: it contradicts itself; says what to write
    """
    point, kind, device = str(given["mount_point"]), str(given["kind"]), str(given["device"])
    options = [str(option) for option in given.get("options") or ()]
    if kind == "global" and _GLOBAL not in options:
        options.append(_GLOBAL)
    at_boot = given.get("mount_at_boot")
    entry = FileSystem(
        device=device,
        fsck_device=str(given.get("fsck_device") or _raw_device(device)),
        mount_point=point,
        filesystem=str(given.get("filesystem") or "ufs"),
        fsck_pass=str(given.get("fsck_pass") or ""),
        mount_at_boot=kind == "global" if at_boot is None else bool(at_boot),
        options=tuple(options),
    )
    _check_fields(entry)
    _check_kind(entry, kind)
    return entry


def edit(text: str, wanted: Sequence[FileSystem], removed: Sequence[str] = ()) -> str:
    """The file with these entries and without those of the removed mount points.

    :raises FormatError: a mount point or a device would stand in it twice, or stands in a line that is no entry
    """
    points = [*(entry.mount_point for entry in wanted), *removed]
    for point in points:
        if points.count(point) > 1:
            raise FormatError(f"{point} is given twice; give each mount point once")
    lines = lines_of(text)
    _check_lines(lines, {*points, *(entry.device for entry in wanted)})
    for point in removed:
        for index in reversed(_places(lines, point)):
            del lines[index]
    for entry in wanted:
        places = _places(lines, entry.mount_point)
        if len(places) > 1:
            where = " and ".join(str(index + 1) for index in places)
            raise FormatError(f"{entry.mount_point} is in lines {where}; remove all but one, then run this again")
        if not places:
            lines = [*finished(lines), f"{entry.line()}\n"]
            continue
        present = parse_line(lines[places[0]])
        if present is None or not present.same(entry):
            ending = "\n" if lines[places[0]].endswith("\n") else ""
            lines[places[0]] = entry.line() + ending
    edited = "".join(lines)
    _check_devices(parse_vfstab(edited), wanted)
    return edited


def shared_lines(text: str, mount_points: Iterable[str]) -> list[str]:
    """What has to be the same on all nodes, in one spelling: the entries of these mount points, and all global ones."""
    named = set(mount_points)
    entries = [
        entry
        for entry in parse_vfstab(text)
        if entry.mount_point in named or (entry.is_global and not entry.mount_point.startswith(_OF_ONE_NODE))
    ]
    spelt = (FileSystem(**{**vars(entry), "options": tuple(sorted(set(entry.options)))}) for entry in entries)
    return sorted(entry.line() for entry in spelt)


def differences(reports: Mapping[str, Sequence[str]]) -> list[str]:
    """Lines that are in the files of some nodes only, each with where it is and where not.

    :param reports: what ``shared_lines`` gave, by node
    """
    found = []
    for line in sorted({line for lines in reports.values() for line in lines}):
        having = [node for node, lines in reports.items() if line in lines]
        lacking = [node for node in reports if node not in having]
        if lacking:
            found.append(f"on {', '.join(having)} but not on {', '.join(lacking)}: {line}")
    return found


def _places(lines: Sequence[str], mount_point: str) -> list[int]:
    entries = ((index, parse_line(line)) for index, line in enumerate(lines))
    return [index for index, entry in entries if entry is not None and entry.mount_point == mount_point]


def _raw_device(device: str) -> str:
    """The raw device that belongs to a block device; none where there is no such pair."""
    return device.replace("/dsk/", "/rdsk/", 1) if "/dsk/" in device else ""


def _check_fields(entry: FileSystem) -> None:
    for name in ("device", "mount_point", "filesystem"):
        if not getattr(entry, name):
            raise FormatError(f"{entry.mount_point or entry.device}: {name} is empty; give one")
    texts = (entry.device, entry.fsck_device, entry.mount_point, entry.filesystem, *entry.options)
    for text in texts:
        if re.search(r"[\s,\x00-\x1f\x7f]", text) or text == "-":
            raise FormatError(f"{entry.mount_point}: {text!r} cannot be in a field; remove blanks, commas and '-'")
    if entry.device.startswith("#"):
        raise FormatError(f"{entry.mount_point}: device {entry.device!r} would make the line a comment; give its path")
    if not entry.mount_point.startswith("/") or (entry.mount_point != "/" and entry.mount_point.endswith("/")):
        raise FormatError(
            f"{entry.mount_point}: is not a mount point; give an absolute path without a slash at its end"
        )
    if re.fullmatch(r"[0-9]*", entry.fsck_pass) is None:
        raise FormatError(
            f"{entry.mount_point}: fsck_pass {entry.fsck_pass!r} is not a number; give one, or leave it empty for never"
        )
    expected = _raw_device(entry.device)
    if expected and entry.fsck_device and "/rdsk/" in entry.fsck_device and entry.fsck_device != expected:
        raise FormatError(
            f"{entry.mount_point}: fsck would check {entry.fsck_device}, not the raw device of {entry.device}; "
            f"give {expected}, or leave out fsck_device"
        )


def _check_kind(entry: FileSystem, kind: str) -> None:
    point = entry.mount_point
    if kind not in KINDS:
        raise FormatError(f"{point}: kind {kind!r} is not one of {', '.join(KINDS)}")
    if kind == "global" and not entry.mount_at_boot:
        raise FormatError(
            f"{point}: a global file system is mounted at boot on all nodes; "
            "leave out mount_at_boot, or make it failover"
        )
    if kind != "global" and entry.is_global:
        raise FormatError(f"{point}: a {kind} file system has no option global; remove the option, or make it global")
    if kind == "failover" and entry.mount_at_boot:
        raise FormatError(
            f"{point}: a failover file system is not mounted at boot: each node would mount it as it starts, while "
            "another one has it mounted, which destroys it. Leave out mount_at_boot; to have it on all nodes at once, "
            "make it global. (The Calendar Server 6.3 Administration Guide prints yes in 6.7.1, and no in 6.6.1.)"
        )


def _check_lines(lines: Sequence[str], names: Collection[str]) -> None:
    """Refuse lines that are to be an entry of one of these, and are none to the system."""
    for number, line in enumerate(lines, 1):
        fields = line.split()
        named = [field for field in fields if field in names]
        if named and not fields[0].startswith("#") and parse_line(line) is None:
            raise FormatError(
                f"line {number} names {named[0]}, but is no entry, which has seven fields, yes or no in the sixth, and "
                f"no blanks in its options; repair or remove it, then run this again: {quoted(line)}"
            )


def _check_devices(entries: Sequence[FileSystem], wanted: Sequence[FileSystem]) -> None:
    devices = {entry.device for entry in wanted}
    points: dict[str, str] = {}
    for entry in entries:
        if entry.device in devices:
            other = points.setdefault(entry.device, entry.mount_point)
            if other != entry.mount_point:
                raise FormatError(
                    f"{entry.device} would be mounted at {other} and at {entry.mount_point}; a device holds one file "
                    "system, give each its own or remove the entry that is no longer wanted"
                )
