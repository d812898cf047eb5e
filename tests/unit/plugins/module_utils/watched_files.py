"""Watches a directory while something is done to it: who could have read what at any moment, and what was on disk when.

The functions of the os module that change a file's name, mode or owner, or bring it to disk, do what they always do;
before and after each of them, everything in the directory is looked at. So it does not matter how code reaches them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

WATCHED = ("chmod", "chown", "fchmod", "fchown", "fsync", "link", "mkdir", "rename", "replace", "symlink", "unlink")


@dataclass(frozen=True)
class Seen:
    """A file as it was at one moment."""

    mode: int
    content: bytes
    number: int


class Watch:
    """What happened in a directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.moments: list[dict[str, Seen]] = []
        #: Numbers (inodes) of what was brought to disk, with its content, and after how many moments.
        self.synced: list[tuple[int, bytes, int]] = []

    def look(self) -> None:
        """Note what is in the directory now."""
        seen = {}
        for path in sorted(self.directory.rglob("*")):
            if not path.is_symlink():
                status = path.lstat()
                content = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
                seen[str(path)] = Seen(stat.S_IMODE(status.st_mode), content, status.st_ino)
        self.moments.append(seen)

    def sync(self, descriptor: int) -> None:
        """Note what is brought to disk."""
        status = os.fstat(descriptor)
        content = Path(f"/proc/self/fd/{descriptor}").read_bytes() if stat.S_ISREG(status.st_mode) else b""
        self.synced.append((status.st_ino, content, len(self.moments)))

    def widest(self, content: bytes) -> int:
        """All rights that any file or directory holding this content ever had."""
        rights = [seen.mode for moment in self.moments for seen in moment.values() if content in seen.content]
        assert rights, "it was never there"
        result = 0
        for mode in rights:
            result |= mode
        return result

    def modes(self, path: Path) -> set[int]:
        """The modes that a path had, from when it was there."""
        return {moment[str(path)].mode for moment in self.moments if str(path) in moment}

    def appeared(self, path: Path, content: bytes) -> int:
        """The first moment at which the path had this content."""
        for index, moment in enumerate(self.moments):
            if str(path) in moment and moment[str(path)].content == content:
                return index
        raise AssertionError(f"{path} never had that content")

    def was_on_disk_before_it_appeared(self, path: Path, content: bytes) -> bool:
        """Whether a file was brought to disk, with this content, before it got its name."""
        index = self.appeared(path, content)
        number = self.moments[index][str(path)].number
        return any(entry[:2] == (number, content) and entry[2] <= index for entry in self.synced)

    def name_is_on_disk(self, path: Path) -> bool:
        """Whether the path's directory was brought to disk after the path came or went for the last time."""
        states = [moment.get(str(path)) for moment in self.moments]
        last = max(index for index in range(len(states)) if index == 0 or states[index] != states[index - 1])
        number = path.parent.stat().st_ino
        return any(entry[0] == number and entry[2] >= last for entry in self.synced)


@contextmanager
def watching(directory: Path) -> Iterator[Watch]:
    """Watch what happens below a directory."""
    watch = Watch(directory)

    def watched(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            watch.look()
            if name == "fsync":
                watch.sync(arguments[0])
            result = function(*arguments, **options)
            watch.look()
            return result

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in WATCHED:
            patch.setattr(os, name, watched(name, getattr(os, name)))
        watch.look()
        yield watch
        watch.look()
