# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calendar Server 6.3's own programs: the directory's preparation, and the configuration of an installation.

Both are run once: the configuration program writes a new ics.conf wherever it is run. What was configured is seen from
what is there: ics.conf in the shared config directory, and the installation's link ``config`` to that directory, which
the program removes first and which is made last. A program that dies leaves a record that it was begun, so that what it
left is not taken for a configuration.
"""

from __future__ import annotations

import os
import posixpath
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, Runner
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.node import directories
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN

#: Ends the name of the record that something was begun.
UNFINISHED = ".unfinished"

#: What the configuration program says at its end, and only then (Administration Guide, 6.6.3).
_PASSED = "All Tasks Passed"
_FAILED = "FAILED"

#: In the name of an answer that is a password.
_SECRET = re.compile(r"passw|pwd|cred|secret", re.IGNORECASE)

#: An object class of the calendar's schema; a directory that knows it was prepared.
_OBJECT_CLASS = "icscalendaruser"

#: Seconds for a program that configures.
TIMEOUT = 1800


class CalendarServerError(Failure):
    """Something that keeps Calendar Server from being configured; says what to do."""


@dataclass(frozen=True)
class Installation:
    """Calendar Server on this node, and the config directory that it shares with other nodes.

    ``server_root`` is what the manual calls cal-svr-base. ``online`` says whether the shared directories are this
    node's now.
    """

    server_root: str
    config_directory: str
    online: bool = True

    @property
    def link(self) -> str:
        """The installation's link to its configuration."""
        return posixpath.join(self.server_root, "config")

    @property
    def ics_conf(self) -> str:
        """The configuration file."""
        return posixpath.join(self.config_directory, "ics.conf")

    @property
    def state_file(self) -> str:
        """Where the answers for the configuration program are while it runs."""
        return posixpath.join(self.server_root, ".configuration.state")

    @property
    def program(self) -> str:
        """The configuration program."""
        return posixpath.join(self.server_root, "sbin", "csconfigurator.sh")

    def configured_here(self) -> bool:
        """Whether this installation has been configured."""
        linked = os.path.islink(self.link) and os.readlink(self.link) == self.config_directory
        return linked and not os.path.exists(self.link + UNFINISHED)

    def configured_anywhere(self) -> bool:
        """Whether there is a whole configuration in the shared directory, whichever node made it."""
        return os.path.exists(self.ics_conf) and not os.path.exists(self.config_directory + UNFINISHED)

    def to_do(self) -> bool:
        """Whether the configuration program has to be run on this node."""
        return not self.configured_here() or (self.online and not self.configured_anywhere())


def converge(installation: Installation, state: str, runner: Runner) -> dict[str, Any]:
    """Configure an installation unless that is done; what a module returns of it.

    :param state: the answers to the program's questions; has passwords
    :raises CalendarServerError: as ``configure`` does
    """
    to_do, before = installation.to_do(), installation.configured_anywhere()
    if to_do:
        configure(installation, state, runner)
    return {
        "changed": to_do,
        "configured_anywhere": before,
        "diff": _diff(installation.server_root, "configured", done=not to_do),
    }


def _diff(what: str, word: str, *, done: bool) -> dict[str, str]:
    return {"before": f"{what}: {'' if done else 'not '}{word}\n", "after": f"{what}: {word}\n"}


def configure(installation: Installation, state: str, runner: Runner) -> None:
    """Run the configuration program, and judge what it did.

    What an earlier run on another node configured stays as it is: the program's new files are replaced by it again.

    :param state: the answers to the program's questions; has passwords
    :raises CalendarServerError: nothing was begun, or the program did not do all that it should
    """
    command = [installation.program, "-nodisplay", "-noconsole", "-novalidate", "-state", installation.state_file]
    check_link(installation)
    if runner.dry:
        # What else it needs may be on a file system that is mounted only when it is done.
        runner.run(command)
        return
    _check(installation)
    joining = installation.configured_anywhere()
    if not joining:
        _write(installation.config_directory + UNFINISHED, b"", 0o600)
    _write(installation.link + UNFINISHED, b"", 0o600)
    try:
        with _secret_file(installation.state_file, state), _kept(installation.config_directory, joining):
            output = runner.run(command, timeout=TIMEOUT).stdout
    except CommandError as error:
        raise CalendarServerError(f"{error}. {_what_now(installation)}") from None
    _judge(installation, output)
    if not os.path.islink(installation.link) or os.readlink(installation.link) != installation.config_directory:
        with suppress(FileNotFoundError):
            os.unlink(installation.link)
        os.symlink(installation.config_directory, installation.link)
    # What is configured is on disk before the record that it was begun goes.
    directories.sync(os.path.dirname(installation.link))
    directories.sync_tree(installation.config_directory)
    _remove(installation.link + UNFINISHED)
    if not joining:
        _remove(installation.config_directory + UNFINISHED)


def secrets(state: str) -> list[str]:
    """The passwords in the answers, which must not be shown even if the program prints them."""
    answers = (line.partition("=") for line in state.splitlines())
    return [value.strip() for name, _equals, value in answers if _SECRET.search(name) and value.strip()]


def check_link(installation: Installation) -> None:
    if os.path.isdir(installation.link) and not os.path.islink(installation.link):
        raise CalendarServerError(
            f"{installation.link} is a directory, so this installation was configured for itself alone; move it away, "
            "and run this again to have the installation use the shared configuration"
        )


def _check(installation: Installation) -> None:
    if not installation.online:
        raise CalendarServerError(
            f"{installation.config_directory} belongs to another node now; bring the service online here first"
        )
    if not os.path.exists(installation.program):
        raise CalendarServerError(
            f"{installation.program} is missing; install Calendar Server with the Communications Suite installer, "
            "choosing Configure Later"
        )
    if not os.path.isdir(os.path.dirname(installation.config_directory)):
        raise CalendarServerError(
            f"{os.path.dirname(installation.config_directory)} is missing; make the directory on the shared file system"
        )
    if installation.configured_anywhere() and installation.configured_here():
        raise CalendarServerError(f"{installation.ics_conf} is configured already, and would be overwritten")


def _judge(installation: Installation, output: str) -> None:
    lines = output.splitlines()
    failed = [line for line in lines if line.startswith(_FAILED)]
    if failed or not any(line.startswith(_PASSED) for line in lines[-5:]):
        reason = "; ".join(failed) or f'its output does not end with "{_PASSED}"'
        raise CalendarServerError(f"{installation.program} left tasks undone: {reason}. {_what_now(installation)}")
    if not os.path.exists(installation.ics_conf):
        raise CalendarServerError(
            f"{installation.program} made no {installation.ics_conf}: the state file names another config directory. "
            f"{_what_now(installation)}"
        )


def _what_now(installation: Installation) -> str:
    return (
        "Look at its log below /var/sadm/install/logs, remove the cause, and run this again: it begins anew. If you "
        f"complete the configuration by hand instead, remove {installation.config_directory}{UNFINISHED} and "
        f"{installation.link}{UNFINISHED} afterwards"
    )


# -- the directory -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Directory:
    """A Directory Server on this machine, and how the script is to prepare it."""

    program: str
    server_root: str
    instance: str
    dc_suffix: str
    user_group_suffix: str
    manager: str
    schema: str

    @property
    def record(self) -> str:
        """Says that the script was begun and has not ended."""
        return posixpath.join(self.server_root, self.instance, f"comm_dssetup{UNFINISHED}")

    def prepared(self) -> bool:
        """Whether the directory knows the calendar's schema."""
        if os.path.exists(self.record):
            return False
        files = Path(self.server_root, self.instance, "config", "schema").glob("*.ldif")
        return any(_OBJECT_CLASS in file.read_text(encoding="utf-8", errors="replace").lower() for file in files)

    def command(self) -> list[str]:
        """The script with all its answers but the password, which it asks for."""
        answers: Mapping[str, str] = {
            "-i": "yes",
            "-R": "yes",
            "-c": self.server_root,
            "-d": self.instance,
            "-r": self.dc_suffix,
            "-u": self.user_group_suffix,
            "-s": "yes",
            "-D": self.manager,
            "-b": "yes",
            "-t": self.schema,
            "-m": "yes",
        }
        return ["perl", self.program, *(word for answer in answers.items() for word in answer)]


def converge_directory(directory: Directory, password: str, runner: Runner) -> dict[str, Any]:
    """Prepare a directory server unless that is done; what a module returns of it.

    :raises CalendarServerError: as ``prepare`` does
    """
    prepared = directory.prepared()
    if not prepared:
        prepare(directory, password, runner)
    return {"changed": not prepared, "diff": _diff(directory.instance, "prepared", done=prepared)}


def prepare(directory: Directory, password: str, runner: Runner) -> None:
    """Run the script, and look whether the directory has what it should add.

    :raises CalendarServerError: it has not, or nothing was begun
    """
    if not os.path.isdir(os.path.join(directory.server_root, directory.instance)):
        raise CalendarServerError(
            f"instance = {directory.instance}: {directory.server_root}/{directory.instance} is missing; run this on "
            "the directory's machine, and name an instance that is below server_root"
        )
    if not os.path.exists(directory.program):
        raise CalendarServerError(
            f"program = {directory.program}: is missing; install the Directory Preparation Tool on the directory's "
            "machine"
        )
    if not password or not password.isprintable():
        raise CalendarServerError(
            f"password = {HIDDEN}: the script asks for one line; give the directory manager's password"
        )
    if not runner.dry:
        _write(directory.record, b"", 0o600)
    try:
        runner.run(directory.command(), stdin=f"{password}\n", timeout=TIMEOUT)
    except CommandError as error:
        raise CalendarServerError(f"{error}. Nothing is taken for done; remove the cause and run this again") from None
    if not runner.dry:
        _remove(directory.record)
        if not directory.prepared():
            raise CalendarServerError(
                f"{directory.program} ended without an error, but the directory's schema lacks icsCalendarUser; look "
                "at its log"
            )


# -- files -------------------------------------------------------------------------------------------------------


@contextmanager
def _secret_file(path: str, text: str) -> Iterator[None]:
    """A file that root alone may read, while it is needed."""
    with suppress(FileNotFoundError):
        os.unlink(path)
    _write(path, text.encode(), 0o600)
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            os.unlink(path)


def _write(path: str, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
    with open(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)  # also of one that was there before
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    directories.sync(os.path.dirname(path))


def _remove(path: str) -> None:
    os.unlink(path)
    directories.sync(os.path.dirname(path))


@contextmanager
def _kept(directory: str, worth_keeping: bool) -> Iterator[None]:
    """Have the files of a directory be afterwards as they are now, also when this process ends meanwhile."""
    copies = directory + ".kept"
    if worth_keeping and not os.path.exists(copies):
        shutil.rmtree(copies + UNFINISHED, ignore_errors=True)
        shutil.copytree(directory, copies + UNFINISHED, symlinks=True)
        directories.sync_tree(copies + UNFINISHED)
        os.rename(copies + UNFINISHED, copies)
        directories.sync(os.path.dirname(copies))
    try:
        yield
    finally:
        if os.path.exists(copies):
            for copy in sorted(Path(copies).iterdir()):
                if copy.is_file() and not copy.is_symlink():
                    _restore(copy, Path(directory, copy.name))
            # Restored files are on disk under their names before the copies go.
            directories.sync(directory)
            shutil.rmtree(copies)
            directories.sync(os.path.dirname(copies))


def _restore(copy: Path, path: Path) -> None:
    """Put a file back if it has changed, with the owner and the rights that it has."""
    if path.exists() and path.read_bytes() == copy.read_bytes():
        return
    status = (path if path.exists() else copy).stat()
    new = path.with_name(f".{path.name}.new")
    _write(str(new), copy.read_bytes(), 0o600)
    os.chown(new, status.st_uid, status.st_gid)
    new.chmod(status.st_mode & 0o7777)
    new.replace(path)
