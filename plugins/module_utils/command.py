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
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

#: Appended to PATH, since that of an ssh session often lacks the sbin directories where cluster commands live.
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class CommandError(Exception):
    """A command that failed, could not be started, or did not end in time."""

    def __init__(self, argv: Sequence[str], reason: str, output: str = "") -> None:
        self.argv = tuple(argv)
        self.reason = reason
        self.output = output.strip()
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
            "PATH": f"{os.environ.get('PATH', '')}:{SEARCH_PATH}",
            **self.environment,
        }
        try:
            finished = subprocess.run(
                list(argv),
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                capture_output=True,
                text=True,
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
            raise CommandError(argv, f"exit status {finished.returncode}", finished.stderr or finished.stdout)
        return CommandResult(tuple(argv), finished.returncode, finished.stdout, finished.stderr)
