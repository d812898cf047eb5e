# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs of the node that have to be told when a file of theirs is written.

That they are to be told is noted before anything is written, in a directory that does not survive a reboot, as the
programs do not. So the run after one that was cut off tells them, though it finds the files as they are to be.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from .directories import volatile

#: Seconds for a program to be told, or to be restarted.
_TIMEOUT = 120


@dataclass(frozen=True)
class Reader:
    """A program that reads files.

    :ivar name: what the note is called
    :ivar commands: what tells it, in this order
    :ivar accept: exit statuses that are not errors
    """

    name: str
    commands: Sequence[Sequence[str]]
    accept: Sequence[int] = (0,)

    @property
    def note(self) -> Path:
        """The note that it is to be told."""
        return Path(volatile(), "to-be-told", self.name)

    @property
    def waits(self) -> bool:
        """Whether a run that was cut off did not tell it."""
        return self.note.exists()


def to_be_told(readers: Mapping[str, Reader], labels: Collection[str]) -> list[Reader]:
    """Those whose files differ, and those that a run did not tell which was cut off.

    :param readers: by the labels of their files
    :param labels: those of the files that differ
    """
    return [reader for label, reader in readers.items() if label in labels or reader.waits]


@contextlib.contextmanager
def telling(readers: Sequence[Reader], runner: Runner) -> Iterator[None]:
    """Tell programs what is written meanwhile; in check mode the commands are recorded.

    :raises CommandError: one could not be told; the next run tells it
    """
    if not runner.dry:
        for reader in readers:
            for directory in (reader.note.parent.parent, reader.note.parent):
                os.makedirs(directory, mode=0o700, exist_ok=True)
            reader.note.touch()
    yield
    for reader in readers:
        for command in reader.commands:
            runner.run(command, timeout=_TIMEOUT, accept=reader.accept)
        if not runner.dry:
            reader.note.unlink()
