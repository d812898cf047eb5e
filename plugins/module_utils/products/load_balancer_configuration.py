# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings the files of a balancer into the wanted state: judged first, taken over by a reload, put back if need be.

HAProxy is reloaded when its unit last changed its state (systemd counts a reload as such) before its files were
written; so is keepalived. A run after one that was interrupted does what that one did not.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
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
from ansible_collections.groupware.ha.plugins.module_utils.node.units import Service, ending, looked_up, systemctl
from . import haproxy_process, load_balancer_running
from .load_balancer_plan import (
    CONFIGURATION,
    DROP_INS,
    HAPROXY_FILE,
    KEEPALIVED,
    KEEPALIVED_FILE,
    MARK,
    PAIRS,
    PROGRAM,
    STATES,
    UNITS,
)

#: What is run here, in the order in which it is started: who has an address needs HAProxy.
SERVICES = (HAPROXY_FILE, KEEPALIVED_FILE)


class Configuration:
    """All that is wanted on this balancer: files, and HAProxy and keepalived with them.

    :param entries: the wanted files; none where the balancer is to be one no longer
    """

    def __init__(
        self, entries: Sequence[Entry], label_security: Callable[[str, str], None], check_mode: bool, runner: Runner
    ) -> None:
        self.label_security, self.check_mode, self.runner = label_security, check_mode, runner
        self.wanted = bool(entries)
        self.entries = [*map(_with_copy, entries), *_not_wanted(entries)]
        self.changes: list[FileChange] = plan(self.entries, frozenset(), check_mode).changes
        self.services = [looked_up(name, runner) for name in SERVICES]
        for service in self.services:
            service.steps = self._steps(service) if self.wanted else ending(service)

    def _steps(self, service: Service) -> list[str]:
        """What is to be done about one of them when the files are there."""
        steps = [] if service.enabled else ["enable"]
        ours = service.name != HAPROXY_FILE or CONFIGURATION in service.command
        if not service.runs:
            return [*steps, "start"]
        if not ours:
            return [*steps, "restart"]
        labels = {change.entry.label for change in self.changes}
        paths = [Path(one.path) for one in self.entries if one.label == service.name and one.state == "file"]
        # systemd's time is exact, that of a file is that of the kernel's last tick before it.
        newer = any(path.exists() and path.stat().st_mtime > (service.since or 0) for path in paths)
        return [*steps, "reload"] if service.name in labels or newer else steps

    @property
    def tasks(self) -> list[str]:
        """What is done about the services, or would be."""
        return [f"{step} {service.name}" for service in self.services for step in service.steps]

    @property
    def _reads_units(self) -> bool:
        changed = any(change.entry.label == UNITS for change in self.changes)
        return changed or any(service.stale_unit for service in self.services)

    # -- judging -------------------------------------------------------------------------------------------------------

    def judge(self) -> None:
        """Have HAProxy and keepalived judge their files, before anything is changed.

        :raises FileStateError: with all that they have against them
        """
        wanted = {one.path: one.content or "" for one in self.entries if one.state == "file"}
        differ = {change.entry.label for change in self.changes}
        judged = [name for name in SERVICES if name in differ and self.wanted]
        if self.check_mode:
            judged = [name for name in judged if self.runner.installed(name)]
        if not judged:
            return
        with staging.stage("balancer") as top:
            stages = {path: str(top / Path(path).name) for path in wanted if path.startswith((PAIRS, CONFIGURATION))}
            stages[KEEPALIVED] = str(top / Path(KEEPALIVED).name)
            haproxy_process.put(stages, wanted)
            commands = {
                HAPROXY_FILE: haproxy_process.judging(stages[CONFIGURATION]),
                KEEPALIVED_FILE: ["keepalived", "--config-test", "--use-file", stages[KEEPALIVED]],
            }
            said = [haproxy_process.refusal(commands[name], stages, self.runner) for name in judged]
        problems = [*(words for words in said if words), *(self._taken() if HAPROXY_FILE in judged else ())]
        if problems:
            raise FileStateError("nothing was changed, since it would not run with it: " + "; ".join(problems))

    def _taken(self) -> Iterator[str]:
        """Ports that another program has."""
        haproxy = self.services[0]
        if haproxy.runs and CONFIGURATION not in haproxy.command:
            return
        (wanted,) = (one.content or "" for one in self.entries if one.path == CONFIGURATION)
        yield from haproxy_process.taken(wanted, read(CONFIGURATION).content if haproxy.runs else "")

    # -- carrying it out -----------------------------------------------------------------------------------------------

    def carry_out(self, back_up: Callable[[str], str]) -> list[str]:
        """Change what differs, and have it taken over.

        :param back_up: copies a file and gives the copy's path
        :returns: paths of the copies that were kept
        :raises FileStateError: HAProxy or keepalived does not run with its new files, which have been put back then
        """
        if not self.wanted:
            return self._remove(back_up)
        backups = apply(self.changes, back_up=back_up, label_security=self.label_security)
        if self._reads_units:
            systemctl(self.runner, "daemon-reload")
        for service in self.services:
            for step in service.steps:
                said = self._step(service.name, step)
                if said is not None:
                    raise FileStateError(self._put_back(service, step, said))
        return backups

    def _remove(self, back_up: Callable[[str], str]) -> list[str]:
        # The addresses go first, and then who answers there.
        for service in reversed(self.services):
            for step in service.steps:
                said = self._step(service.name, step)
                if said is not None:
                    raise FileStateError(f"{service.name} does not end: {said}. Its files are still there")
        # HAProxy has written its members' states meanwhile.
        left = plan(self.entries, frozenset()).changes
        backups = apply(left, back_up=back_up, label_security=self.label_security)
        for folder in DROP_INS.values():
            # One with something of somebody else's in it stays.
            with contextlib.suppress(OSError):
                os.rmdir(folder)
        if self._reads_units:
            systemctl(self.runner, "daemon-reload")
        return backups

    def _put_back(self, service: Service, step: str, said: str) -> str:
        """Have it run with its former files; gives what came of that."""
        changes = [one for one in self.changes if one.entry.state != "directory" and one.entry.label != UNITS]
        failed = f"{service.name} does not {step} with its new files: {said}."
        if step != "reload" or not changes:
            return failed
        apply([undone(one) for one in changes], label_security=self.label_security)
        again = [(one.name, self._step(one.name, "reload")) for one in self.services if one.runs]
        wrong = [f"{name}: {words}" for name, words in again if words]
        end = f"with them it is not well either: {'; '.join(wrong)}" if wrong else "it runs with them"
        return f"{failed} The former files have been put back, and {end}."

    def _step(self, name: str, step: str) -> str | None:
        """Gives what is said of it where it does not have the effect that it is for."""
        if name == HAPROXY_FILE and step == "reload":
            return haproxy_process.reloaded(f"{name}.service", self.runner, load_balancer_running.ask)
        return systemctl(self.runner, step, f"{name}.service")


def _with_copy(entry: Entry) -> Entry:
    """A copy is kept of what is another's, not of each former version of our own."""
    return replace(entry, backup=entry.backup and not read(entry.path).content.startswith(MARK))


def _not_wanted(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Files of earlier descriptions, to be removed; where nothing is described, all that there is."""
    wanted = {one.path for one in entries}
    kept = {*wanted, STATES} if wanted else set()
    own = {
        CONFIGURATION: HAPROXY_FILE,
        STATES: UNITS,
        PROGRAM: UNITS,
        **{f"{folder}/groupware-ha.conf": UNITS for folder in DROP_INS.values()},
        **{str(path): HAPROXY_FILE for path in sorted(Path(PAIRS).parent.glob(f"{Path(PAIRS).name}*.pem"))},
    }
    if read(KEEPALIVED).content.startswith(MARK):
        own[KEEPALIVED] = KEEPALIVED_FILE
    for path, label in own.items():
        if path not in kept:
            yield Entry(path, state="absent", label=label, sensitive=path.startswith(PAIRS))
