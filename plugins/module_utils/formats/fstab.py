# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file system table (fstab, mountinfo): read, and entries set by their mount points. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass

from .lines import end_of, finished, lines_of


@dataclass(frozen=True)
class FstabEntry:
    """One line of a file system table."""

    source: str
    mount_point: str
    filesystem: str
    options: tuple[str, ...]

    def line(self) -> str:
        """The entry as it stands in the file."""
        fields = (self.source, self.mount_point, self.filesystem, ",".join(self.options), "0", "0")
        return " ".join(map(_escape, fields))

    @property
    def mounts_by_itself(self) -> bool:
        """Whether the system mounts this at boot or at first access."""
        return "noauto" not in self.options or "x-systemd.automount" in self.options


@dataclass(frozen=True)
class Mount:
    """One line of mountinfo: a device number (``major:minor``) and where it is mounted."""

    device_number: str
    mount_point: str


def parse_fstab(text: str) -> list[FstabEntry]:
    """The entries of an fstab; comments and lines without a mount point are left out."""
    entries = []
    for line in text.splitlines():
        fields = [_unescape(field) for field in line.split("#", 1)[0].split()]
        if len(fields) < 2:
            continue
        filesystem = fields[2] if len(fields) > 2 else "auto"
        options = tuple(fields[3].split(",")) if len(fields) > 3 else ("defaults",)
        entries.append(FstabEntry(fields[0].replace('"', ""), posixpath.normpath(fields[1]), filesystem, options))
    return entries


def with_entries(text: str, wanted: Sequence[FstabEntry]) -> str:
    """The file with these entries, all else kept byte for byte; one that says the same already stays as it is."""
    lines = lines_of(text)
    for entry in wanted:
        point = entry.mount_point
        places = [
            number for number, line in enumerate(lines) if point in {one.mount_point for one in parse_fstab(line)}
        ]
        if not places:
            lines = [*finished(lines), f"{entry.line()}\n"]
            continue
        if parse_fstab(lines[places[0]]) != [entry]:
            lines[places[0]] = f"{entry.line()}{end_of(lines[places[0]])}"
        for number in reversed(places[1:]):
            del lines[number]
    return "".join(lines)


def parse_mountinfo(text: str) -> list[Mount]:
    """The mounts of /proc/self/mountinfo."""
    mounts = []
    for line in text.splitlines():
        fields = line.split()
        if len(fields) >= 5:
            mounts.append(Mount(fields[2], _unescape(fields[4])))
    return mounts


def _unescape(field: str) -> str:
    """Undo the octal escapes that stand for blanks."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), field)


def _escape(field: str) -> str:
    return re.sub(r"[\s\\#]", lambda match: f"\\{ord(match.group()):03o}", field)
