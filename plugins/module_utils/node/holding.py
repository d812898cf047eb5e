# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which run may change a node: a file on it that does not survive a reboot says which run holds it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import pwd
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError, Problem
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from . import directories

#: Characters that what a run says of itself may have.
_LONGEST = 200
#: Nobody writes as much as that.
_LARGEST = 65536
#: Seconds between two looks at a node that another run holds.
_INTERVAL = 0.5


class HoldError(Failure):
    """It is not known who holds a node."""


@dataclass(frozen=True)
class Holder:
    """A run that holds a node, as it says of itself.

    :ivar run: tells it from all others
    :ivar subject: what it holds the node for, such as ``cluster office``
    :ivar user: who started it on the controller, and ``login`` who it is on the node
    :ivar controller: what the controller calls itself
    :ivar machine: tells the controller, and what can be seen of its processes, from others; nothing, if nothing does
    :ivar process: number of its process on the controller
    :ivar started: what tells that process from others that have had its number, or will
    :ivar since: when it came to hold the node
    """

    run: str
    subject: str
    user: str
    login: str
    controller: str
    machine: str
    process: str
    started: str
    playbook: str
    since: str

    @staticmethod
    def judged(given: Mapping[str, Any], key: str) -> Holder:
        """What was given, if all of it can stand in a file and in a message.

        :raises DescriptionError: with everything that is wrong
        """
        problems = [
            Problem(
                f"{key}.{name}",
                given.get(name),
                "is not a text in one line",
                f"give one of at most {_LONGEST} characters",
            )
            for name in (field.name for field in fields(Holder))
            if not _is_line(given.get(name))
        ]
        if not problems and not given["run"]:
            problems = [Problem(f"{key}.run", None, "is missing", "it is required")]
        if problems:
            raise DescriptionError(problems, "A run cannot hold a node as what it says it is")
        return Holder(**{field.name: str(given[field.name]) for field in fields(Holder)})


def _is_line(value: Any) -> bool:
    return isinstance(value, str) and value.isprintable() and len(value) <= _LONGEST


class Place:
    """The directory of holds on this node, which is root's alone."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.file = os.path.join(directory, "hold.json")

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """While this lasts nobody else reads to write; it is over when the process is, however that ends.

        :raises HoldError: others could write there
        """
        with contextlib.suppress(FileExistsError):
            os.makedirs(self.directory, mode=0o700)
        self._judge()
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(os.path.join(self.directory, "lock"), flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _judge(self) -> None:
        found = os.lstat(self.directory)
        if not stat.S_ISDIR(found.st_mode):
            raise HoldError(f"{self.directory} is no directory, so that nobody can hold this node; move it away")
        if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o022:
            raise HoldError(
                f"{self.directory} can be written to by others than this user, so that what is in it is not believed; "
                "make it root's own, with the mode 0700"
            )

    def read(self) -> Holder | None:
        """Who holds the node; nobody, if there is no such file.

        :raises HoldError: that cannot be told from the file
        """
        # Whatever is there in place of the file, nobody waits for it.
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | getattr(os, "O_NOFOLLOW", 0)
        try:
            descriptor = os.open(self.file, flags)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.ENXIO):
                raise
            raise HoldError(self._unreadable("it is no file")) from None
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise HoldError(self._unreadable("it is no file"))
            text = os.read(descriptor, _LARGEST)
        finally:
            os.close(descriptor)
        try:
            said = json.loads(text.decode("utf-8"))
        except (ValueError, RecursionError):
            raise HoldError(self._unreadable("it is not whole")) from None
        if not isinstance(said, dict) or set(said) != {field.name for field in fields(Holder)}:
            raise HoldError(self._unreadable("it says something else"))
        try:
            return Holder.judged(said, self.file)
        except DescriptionError:
            raise HoldError(self._unreadable("it says something else")) from None

    def _unreadable(self, why: str) -> str:
        return (
            f"{self.file} does not say who holds this node: {why}. See whether any run is under way; if there is none, "
            f"remove the file"
        )

    def write(self, holder: Holder) -> None:
        """Note who holds the node from now on."""
        content = json.dumps(asdict(holder), indent=1).encode() + b"\n"
        directories.replace(self.file, content, lambda new: os.chmod(new, 0o600))

    def clear(self) -> None:
        """Note that nobody does."""
        os.unlink(self.file)


def converge(parameters: Mapping[str, Any], dry: bool) -> dict[str, Any]:
    """Hold this node for a run, or give it back, as the module was told.

    :param dry: change nothing
    :raises HoldError: it cannot be told who holds the node
    :raises DescriptionError: the run says something of itself that cannot be written down
    """
    place = Place(parameters["directory"] or directories.volatile())
    given = parameters["holder"] or {}
    own = {name: given.get(name) for name in ("run", "user", "controller", "machine", "process", "started", "playbook")}
    holder = Holder.judged({**own, "subject": parameters["subject"], "login": _login(), "since": _now()}, "holder")
    if parameters["state"] == "released":
        return _release(place, holder, dry)
    end = time.monotonic() + parameters["timeout"]
    while True:
        result = _hold(place, holder, parameters["take_over"], dry)
        left = end - time.monotonic()
        if result["held"] or dry or left <= 0:
            return result
        time.sleep(min(_INTERVAL, left))


def _hold(place: Place, holder: Holder, dead: str | None, dry: bool) -> dict[str, Any]:
    """Hold the node, unless a run does that is another one, and not the dead one."""
    with _reading(place, dry):
        other = place.read()
        if other is not None and other.run == holder.run:
            return _told(other, other, held=True)
        if other is not None and other.run != dead:
            return _told(other, other, held=False)
        if not dry:
            place.write(holder)
        return {**_told(other, holder, held=not dry), "taken_over": None if other is None else asdict(other)}


def _release(place: Place, holder: Holder, dry: bool) -> dict[str, Any]:
    """Give the node back, if it is this run that holds it."""
    if not os.path.isdir(place.directory):
        return _told(None, None, held=False)
    with _reading(place, dry):
        other = place.read()
        if other is None or other.run != holder.run:
            return _told(other, other, held=False)
        if not dry:
            place.clear()
        return _told(other, None, held=dry)


@contextlib.contextmanager
def _reading(place: Place, dry: bool) -> Iterator[None]:
    with contextlib.nullcontext() if dry else place.alone():
        yield


def _told(before: Holder | None, after: Holder | None, *, held: bool) -> dict[str, Any]:
    """What the module returns.

    :param before: who held the node, and ``after`` who does now, or would
    :param held: whether it is this run
    """
    return {
        "changed": before != after,
        "held": held,
        "holder": None if before is None else asdict(before),
        "taken_over": None,
        "diff": {"before": _line(before), "after": _line(after)},
    }


def _line(holder: Holder | None) -> str:
    return "" if holder is None else f"held by the run {holder.run} for {holder.subject}\n"


def _login() -> str:
    """Who this is on the node, behind sudo and the like."""
    with contextlib.suppress(KeyError):
        return os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name
    return str(os.getuid())


def _now() -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
