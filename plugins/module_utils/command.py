# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place that starts a process.

Every command line runs without a shell, in the C locale, with a deadline, and is recorded for the module's
``commands`` return value. Secrets never go on a command line: they are given on standard input or in files.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Union

from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.node import backups, directories
from ansible_collections.groupware.ha.plugins.module_utils.shown import printed

#: Appended to PATH, since that of an ssh session often lacks the directories where cluster commands live: of the
#: system, of Solaris Cluster, of Veritas Cluster Server.
SEARCH_PATH = (
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/cluster/bin:/opt/VRTSvcs/bin:/opt/VRTS/bin"
)

#: For a command that is no failure whatever its exit status is.
ANY_STATUS = range(256)

#: Where Oracle Clusterware notes its home on Linux and on Solaris, as ``crs_home=DIRECTORY``.
_CLUSTERWARE_LOCATIONS = ("/etc/oracle/olr.loc", "/var/opt/oracle/olr.loc")


def search_path() -> str:
    """Where programs are looked for on this node."""
    directories = [os.environ.get("PATH", ""), SEARCH_PATH]
    for location in _CLUSTERWARE_LOCATIONS:
        try:
            lines = Path(location).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        homes = [line.partition("=")[2].strip() for line in lines if line.startswith("crs_home=")]
        directories.extend(f"{home}/bin" for home in homes)
    return ":".join(directory for directory in directories if directory)


def shown_text(text: str) -> str:
    """What was read from a file, as a module can return it: Ansible refuses bytes that are not UTF-8 afterwards."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class CommandError(Failure):
    """A command that failed, could not be started, or did not end in time; ``status`` is None unless it ended."""

    may_lack_rights = True

    def __init__(self, argv: Sequence[str], reason: str, output: str = "", status: int | None = None) -> None:
        self.argv = tuple(argv)
        self.reason = reason
        self.status = status
        self.output = printed(output.strip())
        super().__init__(f"{shlex.join(self.argv)}: {reason}" + (f": {self.output}" if self.output else ""))


class CommandNotFound(CommandError):
    """The program is not installed on this node."""


@dataclass(frozen=True)
class CommandResult:
    """What a command printed, and its exit status."""

    argv: tuple[str, ...]
    status: int
    stdout: str
    stderr: str


class Runner(Protocol):
    """What drivers and products need of a process starter; tests give their own."""

    dry: bool
    commands: list[str]

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: str | None = None,
        timeout: float = 60,
        accept: Sequence[int] = (0,),
        record: bool = True,
    ) -> CommandResult:
        """Run one command; see LocalRunner.run."""

    def installed(self, program: str) -> bool:
        """Whether a program is there."""

    def pause(self, seconds: float) -> None:
        """Let some time pass before a state is asked for again."""

    def clock(self) -> float:
        """Seconds since some moment, for deadlines."""

    def read_file(self, path: str) -> str | None:
        """The text of a file, or None if there is none."""

    def replace_file(self, path: str, text: str, backup: bool = False) -> None:
        """Put a file in place atomically; see LocalRunner.replace_file."""


@dataclass
class LocalRunner:
    """Starts processes on this node and records the commands that change something.

    With ``dry`` set, those are recorded only: that is check mode.
    """

    dry: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: str | None = None,
        timeout: float = 60,
        accept: Sequence[int] = (0,),
        record: bool = True,
    ) -> CommandResult:
        """Run one command and return what it printed.

        :param argv: program and arguments; never a secret among them
        :param stdin: text for its standard input; not recorded
        :param timeout: seconds after which the process is killed
        :param accept: exit statuses that are not errors
        :param record: whether the command line belongs in ``commands`` (reading commands do not)
        :raises CommandNotFound: the program is not installed
        :raises CommandError: another exit status, or the deadline passed
        """
        if record:
            self.commands.append(shlex.join(argv))
            if self.dry:
                return CommandResult(tuple(argv), 0, "", "")
        environment = {
            **os.environ,
            "LC_ALL": "C",
            "LANGUAGE": "",
            "PATH": search_path(),
            **self.environment,
        }
        try:
            finished = subprocess.run(
                list(argv),
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                capture_output=True,
                errors="replace",
                timeout=timeout,
                env=environment,
                check=False,
            )
        except FileNotFoundError:
            raise CommandNotFound(argv, "is not installed") from None
        except PermissionError as error:
            raise CommandError(argv, str(error)) from None
        except subprocess.TimeoutExpired:
            raise CommandError(argv, f"did not end within {timeout:g} seconds") from None
        if finished.returncode not in accept:
            output, status = finished.stderr or finished.stdout, finished.returncode
            raise CommandError(argv, f"exit status {status}", output, status)
        return CommandResult(tuple(argv), finished.returncode, finished.stdout, finished.stderr)

    def installed(self, program: str) -> bool:
        """Whether a program is on this node."""
        return shutil.which(program, path=search_path()) is not None

    def pause(self, seconds: float) -> None:
        """Wait, for a state that can only be asked for again and again."""
        time.sleep(seconds)

    def clock(self) -> float:
        """Seconds since some moment, for deadlines."""
        return time.monotonic()

    def read_file(self, path: str) -> str | None:
        """The text of a file on this node, or None if there is none."""
        try:
            return Path(path).read_text(encoding="utf-8", errors="surrogateescape")
        except FileNotFoundError:
            return None

    def replace_file(self, path: str, text: str, backup: bool = False) -> None:
        """Put a file of this node in place atomically, with the rights that it had (0640 if it is new).

        :param backup: keep what was there beside it; see ``backups.keep``
        """
        self.commands.append(f"# replace {path}")
        if self.dry:
            return
        target = Path(path)
        if backup and target.exists():
            backups.keep(path)

        def as_it_was(new: str) -> None:
            if target.exists():
                # The owner first: while a private file is still another's, nobody may read it.
                found = target.stat()
                os.chown(new, found.st_uid, found.st_gid)
                shutil.copystat(target, new)
                os.utime(new)
            else:
                os.chmod(new, 0o640)

        directories.replace(target, text.encode("utf-8", "surrogateescape"), as_it_was)


#: What reading commands said, or how they failed.
Memory = dict[tuple[Any, ...], Union[CommandResult, CommandError]]


class RememberingRunner:
    """Asks a node each question once, for several that would ask the same in check mode, one right after the other.

    :ivar memory: shared by those that ask
    """

    def __init__(self, runner: Runner, memory: Memory) -> None:
        self._runner, self.memory = runner, memory
        self.dry, self.commands = runner.dry, runner.commands
        self.installed, self.pause, self.clock = runner.installed, runner.pause, runner.clock
        self.read_file, self.replace_file = runner.read_file, runner.replace_file

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: str | None = None,
        timeout: float = 60,
        accept: Sequence[int] = (0,),
        record: bool = True,
    ) -> CommandResult:
        """See LocalRunner.run."""
        options: dict[str, Any] = {"stdin": stdin, "timeout": timeout, "accept": accept, "record": record}
        if record:
            return self._runner.run(argv, **options)
        key = (*argv, stdin, tuple(accept))
        if key not in self.memory:
            try:
                self.memory[key] = self._runner.run(argv, **options)
            except CommandError as error:
                self.memory[key] = error
        said = self.memory[key]
        if isinstance(said, CommandError):
            raise said
        return said
