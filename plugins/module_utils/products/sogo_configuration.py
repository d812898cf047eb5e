# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings the files of a SOGo node into the wanted state: judged first, taken over by a restart, put back if need be.

Neither SOGo nor memcached has a reload. They are restarted when they were started before their files were written, so
that the run after one that was interrupted does what that one did not.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ansible_collections.groupware.ha.plugins.module_utils.command import ANY_STATUS, Runner
from ansible_collections.groupware.ha.plugins.module_utils.node import staging
from ansible_collections.groupware.ha.plugins.module_utils.node.files import (
    Entry,
    FileChange,
    FileStateError,
    apply,
    plan,
    read,
    undone,
)
from ansible_collections.groupware.ha.plugins.module_utils.node.units import (
    TIMEOUT,
    Service,
    ending,
    log,
    looked_up,
    systemctl,
)
from .sogo_description import CACHE, CONFIGURATION, DROP_IN, MARK, SERVER_FILES, UNITS

#: GNUstep's own program, which SOGo's package depends on, and what it says of a file that SOGo can read.
_JUDGE, _WELL = "plparse", "- a dictionary"
#: Seconds until it answers: it loads its products first.
_PATIENCE = 60
#: Balancers ask each second, and want two answers. Only then may the next node be restarted.
_NOTICED = 3
_LISTENS = re.compile(r'^ *WOPort = "([0-9.]+):([0-9]+)";$', re.MULTILINE)
#: The page that balancers ask for.
PAGE = "/SOGo"
#: Where SOGo writes what it has to say; to systemd it says nothing.
_LOG = "/var/log/sogo/sogo.log"


def answers(address: str, port: int) -> str | None:
    """Gives what is wrong with the answer of a SOGo; nothing if it works."""
    connection = http.client.HTTPConnection(address, port, timeout=5)
    try:
        connection.request("GET", PAGE)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    finally:
        connection.close()
    return None if 200 <= status < 400 else f"it answers with status {status}"


class Configuration:
    """All that is wanted on this node: files, and memcached and SOGo with them.

    :param entries: the wanted files; none where SOGo is to run here no longer
    """

    def __init__(
        self, entries: Sequence[Entry], label_security: Callable[[str, str], None], check_mode: bool, runner: Runner
    ) -> None:
        self.label_security, self.check_mode, self.runner = label_security, check_mode, runner
        self.wanted = bool(entries)
        self.entries = [*map(_with_copy, entries), *(() if entries else _not_wanted())]
        self.changes: list[FileChange] = plan(self.entries, frozenset(), check_mode).changes
        self.services = [looked_up(name, runner) for name in UNITS]
        for one in self.services:
            one.steps = self._steps(one) if self.wanted else ending(one)

    def _steps(self, service: Service) -> list[str]:
        """What is to be done about one of them when the files are there."""
        steps = [] if service.enabled else ["enable"]
        if not service.runs:
            return [*steps, "start"]
        labels = {change.entry.label for change in self.changes}
        paths = [Path(one.path) for one in self.entries if one.label == service.name and one.state == "file"]
        # systemd's time is exact, that of a file is that of the kernel's last tick before it.
        newer = any(path.exists() and path.stat().st_mtime > (service.since or 0) for path in paths)
        return [*steps, "restart"] if service.name in labels or newer else steps

    @property
    def tasks(self) -> list[str]:
        """What is done about the services, or would be."""
        return [f"{step} {service.name}" for service in self.services for step in service.steps]

    def judge(self) -> None:
        """Have GNUstep's own parser read SOGo's file as it is to be, before anything is changed.

        :raises FileStateError: with what it has against it
        """
        wanted = next((one.entry.content for one in self.changes if one.entry.path == CONFIGURATION), None)
        if not wanted or (self.check_mode and not self.runner.installed(_JUDGE)):
            return
        with staging.stage("sogo") as top:
            staged = str(top / "sogo.conf")
            staging.put(Path(staged), wanted)
            # It exits with 0 for much that is no file of settings.
            done = self.runner.run([_JUDGE, staged], timeout=TIMEOUT, accept=ANY_STATUS, record=False)
        said = f"{done.stdout}\n{done.stderr}".strip()
        if not said.endswith(_WELL):
            # It may repeat a part of the file, which has a password in it.
            place = said.partition("Parse failed at ")[2].partition(" - ")[0]
            where = f" at {place}" if place and len(place) < 40 else ""
            raise FileStateError(f"nothing was changed: {_JUDGE} does not take {CONFIGURATION} for a dictionary{where}")

    def carry_out(self, back_up: Callable[[str], str]) -> list[str]:
        """Change what differs, and have it taken over.

        :param back_up: copies a file and gives the copy's path
        :returns: paths of the copies that were kept
        :raises FileStateError: one of them does not run with its new files, which have been put back then
        """
        if not self.wanted:
            return self._remove(back_up)
        backups = apply(self.changes, back_up=back_up, label_security=self.label_security)
        self._read_units()
        for service in self.services:
            for step in service.steps:
                said = self._step(service, step)
                if said is not None:
                    raise FileStateError(self._put_back(service, step, said))
        return backups

    def _read_units(self) -> None:
        if any(one.entry.path == DROP_IN for one in self.changes) or any(one.stale_unit for one in self.services):
            systemctl(self.runner, "daemon-reload")

    def _remove(self, back_up: Callable[[str], str]) -> list[str]:
        for service in reversed(self.services):
            for step in service.steps:
                said = systemctl(self.runner, step, f"{service.name}.service")
                if said is not None:
                    raise FileStateError(f"{service.name} does not end: {said}. Its files are still there")
        backups = apply(self.changes, back_up=back_up, label_security=self.label_security)
        with contextlib.suppress(OSError):
            # One with something of somebody else's in it stays.
            os.rmdir(Path(DROP_IN).parent)
        self._read_units()
        return backups

    def _put_back(self, service: Service, step: str, said: str) -> str:
        """Have it run with its former files; gives what came of that."""
        failed = f"{service.name} does not {step} with its new files: {said}."
        changes = [one for one in self.changes if one.entry.state != "directory" and one.entry.label == service.name]
        if step != "restart" or not changes:
            return failed
        apply([undone(one) for one in changes], label_security=self.label_security)
        systemctl(self.runner, "daemon-reload")
        again = self._step(service, "restart")
        end = "it runs with them" if again is None else f"with them it is not well either: {again}"
        return f"{failed} The former files have been put back, and {end}."

    def _step(self, service: Service, step: str) -> str | None:
        """Gives what is said of it where it does not have the effect that it is for."""
        said = systemctl(self.runner, step, f"{service.name}.service")
        if said is not None or service.name != SERVER_FILES or step == "enable":
            return said
        deadline = self.runner.clock() + _PATIENCE
        while True:
            wrong = answers(*_where())
            if wrong is None:
                if step == "restart":
                    self.runner.pause(_NOTICED)
                return None
            if self.runner.clock() > deadline:
                return f"{wrong}; see {_LOG}; {log(self.runner, service.name)}"
            self.runner.pause(0.2)


def _where() -> tuple[str, int]:
    """Where the SOGo of this node listens, as its file says; that which it has by itself if it says nothing."""
    match = _LISTENS.search(read(CONFIGURATION).content)
    return (match[1], int(match[2])) if match else ("127.0.0.1", 20000)


def _with_copy(entry: Entry) -> Entry:
    """A copy is kept of what is another's, not of each former version of our own."""
    return replace(entry, backup=entry.backup and MARK not in read(entry.path).content)


def _not_wanted() -> Iterator[Entry]:
    """What is to be removed; of somebody else's nothing."""
    for path in (DROP_IN, CACHE, CONFIGURATION):
        if MARK in read(path).content:
            yield Entry(path, state="absent", sensitive=path == CONFIGURATION)
