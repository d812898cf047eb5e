# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings the files of HAProxy instances into the wanted state: judged, taken over by a reload, put back if need be.

HAProxy is reloaded when its unit last changed its state (systemd counts a reload as such) before its files were
written. A run after one that was interrupted does what that one did not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
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
from ansible_collections.groupware.ha.plugins.module_utils.node.units import Service, looked_up, systemctl
from . import haproxy, haproxy_process


@dataclass
class InstancePlan:
    """What differs of one instance.

    :ivar entries: its wanted files, and those of earlier descriptions that are to go
    :ivar reload: whether it runs here with other files than are wanted
    """

    name: str
    service: Service
    entries: Sequence[Entry]
    changes: list[FileChange] = field(default_factory=list)
    reload: bool = False

    @property
    def files(self) -> dict[str, str]:
        """The wanted contents by path."""
        return {one.path: one.content or "" for one in self.entries if one.state == "file"}


class Configuration:
    """All that is wanted on this node: what all instances have in common, and the files of each.

    :param names: the instances
    :param entries: the wanted files of all of them
    """

    def __init__(
        self,
        names: Sequence[str],
        entries: Sequence[Entry],
        label_security: Callable[[str, str], None],
        check_mode: bool,
        runner: Runner,
    ) -> None:
        self.label_security, self.check_mode, self.runner = label_security, check_mode, runner
        folders = [haproxy.folder_of(name) for name in names]
        own = [one for one in entries if not any(_is_in(one.path, folder) for folder in folders)]
        self.others = plan(own, frozenset(), check_mode).changes
        self.plans = [self._plan(name, entries) for name in names]

    def _plan(self, name: str, entries: Sequence[Entry]) -> InstancePlan:
        folder = haproxy.folder_of(name)
        wanted = [one for one in entries if _is_in(one.path, folder)]
        wanted += _not_wanted(folder, wanted, haproxy.label_of(name))
        found = InstancePlan(name, looked_up(haproxy.unit_of(name).removesuffix(".service"), self.runner), wanted)
        found.changes = plan(wanted, frozenset(), self.check_mode).changes
        if found.service.runs:
            # systemd's time is exact, that of a file is that of the kernel's last tick before it.
            written = (Path(path) for path in found.files)
            newer = any(path.exists() and path.stat().st_mtime > (found.service.since or 0) for path in written)
            found.reload = newer or any(one.entry.label == haproxy.label_of(name) for one in found.changes)
        return found

    @property
    def changes(self) -> list[FileChange]:
        """Every file that is changed, or would be."""
        return [*self.others, *(change for one in self.plans for change in one.changes)]

    @property
    def running(self) -> list[str]:
        """The instances that run here."""
        return [one.name for one in self.plans if one.service.runs]

    @property
    def reloads(self) -> list[str]:
        """The instances that are reloaded, or would be."""
        return [one.name for one in self.plans if one.reload]

    @property
    def reads_units(self) -> bool:
        """Whether systemd is to read its units, or would be."""
        changed = any(change.entry.label == haproxy.UNITS for change in self.others)
        return changed or any(one.service.stale_unit for one in self.plans)

    # -- judging -------------------------------------------------------------------------------------------------------

    def judge(self) -> None:
        """Have HAProxy judge all that differs, before anything is changed.

        :raises FileStateError: with all that it has against it
        """
        different = [one for one in self.plans if one.changes]
        if not different or (self.check_mode and not self.runner.installed("haproxy")):
            return
        problems = [words for one in different for words in self._problems(one)]
        if problems:
            raise FileStateError("nothing was changed, since it would not run with it: " + "; ".join(problems))

    def _problems(self, wanted: InstancePlan) -> Iterator[str]:
        path = haproxy.configuration_of(wanted.name)
        with staging.stage("haproxy") as top:
            stages = {one: str(top / Path(one).name) for one in wanted.files}
            haproxy_process.put(stages, wanted.files)
            words = haproxy_process.refusal(haproxy_process.judging(stages[path]), stages, self.runner)
        if words:
            yield f"{wanted.name}: {words}"
        yield from haproxy_process.taken(wanted.files[path], read(path).content if wanted.service.runs else "")

    # -- carrying it out -----------------------------------------------------------------------------------------------

    def carry_out(self, back_up: Callable[[str], str]) -> list[str]:
        """Change what differs; an instance that does not run with its files keeps no other from its own.

        :param back_up: copies a file and gives the copy's path
        :returns: paths of the copies that were kept
        :raises FileStateError: with each that does not, and what became of its files
        """
        backups = apply(self.others, back_up=back_up, label_security=self.label_security)
        if self.reads_units:
            systemctl(self.runner, "daemon-reload")
        failures = [self._take_over(one) for one in self.plans]
        if any(failures):
            raise FileStateError(" ".join(failure for failure in failures if failure))
        return backups

    def _take_over(self, wanted: InstancePlan) -> str | None:
        """Gives why the instance does not run with its files, and what became of them; nothing if all is well."""
        apply(wanted.changes, label_security=self.label_security)
        said = self._reloaded(wanted) if wanted.reload else None
        if said is None:
            return None
        failed = f"{wanted.name} does not reload with its new files: {said}."
        former = [undone(one) for one in wanted.changes if one.entry.state != "directory"]
        if not former:
            return failed
        apply(former, label_security=self.label_security)
        again = self._reloaded(wanted)
        end = "it runs with them" if again is None else f"with them it is not well either: {again}"
        return f"{failed} The former files have been put back, and {end}."

    def _reloaded(self, wanted: InstancePlan) -> str | None:
        ask = haproxy_process.of_service(wanted.name)
        return haproxy_process.reloaded(haproxy.unit_of(wanted.name), self.runner, ask)


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _not_wanted(folder: str, wanted: Sequence[Entry], label: str) -> Iterator[Entry]:
    """Keys of front ends of earlier descriptions, to be removed."""
    there = {one.path for one in wanted}
    for path in sorted(Path(folder).glob("*.pem")):
        if str(path) not in there:
            yield Entry(str(path), state="absent", label=label, sensitive=True)
