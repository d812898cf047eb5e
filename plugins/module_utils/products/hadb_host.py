# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that HADB runs on: its clock, its kernel, the rights of a program, and the management agent.

The manual's steps on Solaris, in the order in which they work: what the kernel has to be booted with comes first, and
all else waits for it; the owner of the program comes before the bit of its mode that a change of the owner may clear.
"""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound, Runner
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure, Refusal
from ansible_collections.groupware.ha.plugins.module_utils.formats import etc_system, ntpq
from ansible_collections.groupware.ha.plugins.module_utils.node import files
from .glassfish_2_1_description import Description, Server

ETC = "/etc"
#: The manual's settings, and what ``sysdef`` calls them.
KERNEL = {
    "shmsys:shminfo_shmmax": ("0x80000000", "SHMMAX"),
    "semsys:seminfo_semmni": ("10", "SEMMNI"),
    "semsys:seminfo_semmns": ("60", "SEMMNS"),
    "semsys:seminfo_semmnu": ("600", "SEMMNU"),
}
#: Milliseconds that a clock of HADB's hosts may be off; HADB's nodes compare time stamps.
_FURTHEST = 100.0
#: Where the scripts of run levels are, and what the agent's is called there; HADB's guide, automatic restart.
_LEVELS = ("rc0.d/K20", "rc1.d/K20", "rc2.d/K20", "rc3.d/S99", "rc5.d/S99", "rcS.d/K20")
#: Seconds to connect to the agent, and for it to take connections once it is started.
_CONNECTING, _STARTING = 5.0, 60.0
_PAUSE = 0.2


class HostError(Failure):
    """What a host of HADB lacks."""


@dataclass
class Host:
    """This host, as one of the description's."""

    runner: Runner
    description: Description
    server: Server
    differences: list[str] = field(default_factory=list)
    changes: list[files.FileChange] = field(default_factory=list)

    @property
    def _script(self) -> str:
        return f"{self.description.home}/hadb/4/bin/ma-initd"

    @property
    def _program(self) -> str:
        """It supervises HADB's nodes, and locks their memory, which root alone may do."""
        return f"{self.description.home}/hadb/4/lib/server/clu_nsup_srv"

    def converge(self) -> dict[str, Any]:
        """Have it run HADB; what a module returns.

        :raises Refusal: it is not installed
        :raises HostError: it cannot run yet
        """
        self._judge()
        waiting = self._waiting()
        offset = self._clock()
        kept = self._kernel()
        if not waiting or self.runner.dry:
            self._rights()
            self._write(list(self._started_at_boot()))
            if not self._listens():
                self.differences.append("the management agent of HADB does not run")
                self.runner.run([self._script, "start"], timeout=_STARTING)
                self._await()
        return {**self._result(), "reboot": waiting, "clock_offset": offset, "backups": kept}

    def take_away(self) -> dict[str, Any]:
        """Have no management agent; what the kernel is booted with stays, as others may need it."""
        if self._listens():
            self.differences.append("the management agent of HADB runs")
            self.runner.run([self._script, "stop"], timeout=_STARTING)
        self._write([files.Entry(entry.path, "absent") for entry in self._started_at_boot()])
        if self._is_privileged():
            self.differences.append(f"{self._program} has root's rights")
            self.runner.run(["chmod", "u-s", self._program])
        return {**self._result(), "reboot": [], "clock_offset": None, "backups": []}

    def _result(self) -> dict[str, Any]:
        words = "".join(f"{line}\n" for line in self.differences)
        shown = [change.diff() for change in self.changes] + [{"before": words, "after": ""}] * bool(words)
        return {"changed": bool(self.differences), "differences": self.differences, "diff": shown}

    def _judge(self) -> None:
        for path in (self._script, self._program):
            if not os.path.exists(path):
                raise Refusal(
                    f"{path} is not there: run GlassFish's installer, and choose High Availability Database Server and "
                    "Domain Administration Server and Administration Tool; or say in home where it is"
                )

    def _clock(self) -> float:
        try:
            printed = self.runner.run(["ntpq", "-p", "-n"], record=False).stdout
        except CommandError as error:
            raise HostError(f"nothing is known of this host's clock, which HADB relies on: {error}") from error
        offset = ntpq.offset(printed)
        if offset is None:
            raise HostError("the clock follows no server of time (ntpq -p); HADB needs clocks that agree")
        if abs(offset) > _FURTHEST:
            raise HostError(
                f"the clock is {offset:g} milliseconds off (ntpq -p), and HADB needs clocks that agree within "
                f"{_FURTHEST:g}; have it set before HADB runs, since it may not jump while it does"
            )
        return offset

    def _kernel(self) -> list[str]:
        path = f"{ETC}/system"
        wanted = {name: value for name, (value, _running) in KERNEL.items()}
        content = etc_system.with_at_least(files.read(path).content, wanted)
        return self._write([files.Entry(path, content=content, backup=True)])

    def _waiting(self) -> list[str]:
        """What the kernel that runs has less of than is needed."""
        try:
            has = etc_system.running(self.runner.run(["sysdef"], record=False).stdout)
        except CommandNotFound as error:
            raise Refusal(
                "sysdef is not there: HADB's hosts are Solaris here, whose kernel is set in /etc/system"
            ) from error
        wanted = {shown: etc_system.number(value) or 0 for value, shown in KERNEL.values()}
        return [
            f"{name} is {has.get(name, 'not known')}, not {least}"
            for name, least in wanted.items()
            if has.get(name, -1) < least
        ]

    def _write(self, entries: Sequence[files.Entry]) -> list[str]:
        changes = files.plan(entries, frozenset(), self.runner.dry).changes
        self.differences += [f"{change.entry.path} is not as HADB needs it" for change in changes]
        self.changes += changes
        return [] if self.runner.dry else files.apply(changes)

    def _started_at_boot(self) -> Iterator[files.Entry]:
        # A script of its own and no link: the agent's may look for its files beside itself.
        script = f"{ETC}/init.d/ma-initd"
        yield files.Entry(script, content=f'#!/bin/sh\nexec {self._script} "$@"\n', mode=0o755)
        for level in _LEVELS:
            yield files.Entry(f"{ETC}/{level}ma-initd", "link", target=script)

    def _rights(self) -> None:
        # The owner first.
        if os.stat(self._program).st_uid != 0:
            self.differences.append(f"{self._program} is not root's")
            self.runner.run(["chown", "root", self._program])
        if not self._is_privileged():
            self.differences.append(f"{self._program} has not root's rights")
            self.runner.run(["chmod", "u+s", self._program])

    def _is_privileged(self) -> bool:
        try:
            return bool(os.stat(self._program).st_mode & stat.S_ISUID)
        except FileNotFoundError:
            return False

    def _listens(self) -> bool:
        try:
            place = (self.server.address, self.description.hadb_port)
            with socket.create_connection(place, timeout=_CONNECTING):
                return True
        except OSError:
            return False

    def _await(self) -> None:
        deadline = self.runner.clock() + _STARTING
        while not self.runner.dry and not self._listens():
            if self.runner.clock() >= deadline:
                where = f"{self.server.address}:{self.description.hadb_port}"
                raise HostError(f"ma-initd start: nobody takes connections at {where} after {_STARTING:g} seconds")
            self.runner.pause(_PAUSE)
