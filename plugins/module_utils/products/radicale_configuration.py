# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings the files of a Radicale instance into the wanted state: judged, taken over by a restart, put back if need be.

Radicale has no reload. Whether a running instance has taken its files over is not noted anywhere: it has if it was
started after they were written, so that the run after one that was interrupted restarts what that one did not.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandResult, Runner
from ansible_collections.groupware.ha.plugins.module_utils.node import certificates, staging
from ansible_collections.groupware.ha.plugins.module_utils.node.files import (
    Attributes,
    Entry,
    FileChange,
    FileStateError,
    Plan,
    apply,
    held_volumes,
    plan,
    read,
    undone,
)
from ansible_collections.groupware.ha.plugins.module_utils.node.readers import Reader, telling, to_be_told

#: Days that a self-signed certificate is valid.
_DAYS = 3650

#: Seconds for a program; a start has to be over in 60, see the unit.
_TIMEOUT = 120

#: Files whose change a running instance takes over by a restart; the users are read at each request.
_RESTARTING = ("config", "tls.pem", "authority.pem")

#: The node's own server, by the label of its unit, which is masked. It must be gone before a cluster starts an instance
#: on its address.
_OWN_SERVER = {
    "node:radicale": Reader("radicale", [["systemctl", "daemon-reload"], ["systemctl", "stop", "radicale.service"]]),
}

#: What the judge says of an authority begins so.
_OF_AUTHORITY = "authority.pem: "

#: Who may read a key and its certificate.
_OF_PAIR = Attributes("root", "radicale", 0o640)

#: Has Radicale itself read what it would start with, all but its socket: an option that it does not know, a value of
#: the wrong kind, a way to log in that this release does not have, a file of users that it cannot use. An authority is
#: read by OpenSSL alone, and not before somebody logs in.
JUDGE = """
import os, ssl, sys
path, log_in = sys.argv[1:]
authority = os.path.join(os.path.dirname(path), "authority.pem")
if os.path.exists(authority):
    try:
        ssl.create_default_context(cafile=authority)
    except (ssl.SSLError, ValueError) as error:
        sys.exit(f"authority.pem: no certificate of an authority is in it ({error})")
from radicale import VERSION, auth, config
from radicale.app import Application
if log_in not in auth.INTERNAL_TYPES:
    sys.exit(f"Radicale {VERSION} has no log-in by {log_in}; it has {', '.join(sorted(auth.INTERNAL_TYPES))}")
try:
    Application(config.load([(path, False)]))
except Exception as error:
    sys.exit(str(error))
"""


@dataclass(frozen=True)
class Instance:
    """An instance as its files need to know it.

    :ivar log_in: the name that Radicale has for the way its users log in
    :ivar self_signed: whether the certificate is made here, in want of one of the user's
    """

    name: str
    mount_point: str
    host_name: str
    log_in: str = "htpasswd"
    self_signed: bool = True

    @property
    def folder(self) -> str:
        """Where its own files are."""
        return f"{self.mount_point}/radicale"

    @property
    def unit(self) -> str:
        """What runs it."""
        return f"groupware-radicale@{self.name}.service"


@dataclass
class InstancePlan:
    """What differs of one instance.

    :ivar entries: its wanted files
    :ivar restart: whether it runs here with other files than are wanted
    """

    instance: Instance
    entries: Sequence[Entry]
    changes: list[FileChange] = field(default_factory=list)
    makes_pair: bool = False
    restart: bool = False


class Configuration:
    """All that is wanted on this node: files of its own, and those of the instances whose volumes are mounted here."""

    def __init__(
        self,
        instances: Sequence[Instance],
        entries: Sequence[Entry],
        label_security: Callable[[str, str], None],
        check_mode: bool,
    ) -> None:
        self.instances, self.entries = instances, entries
        self.label_security, self.check_mode = label_security, check_mode
        self.others = Plan()
        self.plans: list[InstancePlan] = []

    @contextlib.contextmanager
    def held(self, runner: Runner) -> Iterator[None]:
        """Keep the volumes mounted; then find out what differs."""
        with held_volumes(instance.mount_point for instance in self.instances) as mounted:
            self.others = plan([one for one in self.entries if one.require_mounted is None], mounted, self.check_mode)
            self.plans = [
                self._plan(instance, mounted, runner) for instance in self.instances if instance.mount_point in mounted
            ]
            yield

    def _plan(self, instance: Instance, mounted: frozenset[str], runner: Runner) -> InstancePlan:
        entries = [one for one in self.entries if one.require_mounted == instance.mount_point]
        found = InstancePlan(instance, entries, plan(entries, mounted, self.check_mode).changes)
        pair = Path(instance.folder, "tls.pem")
        if instance.self_signed:
            # Not the same in check mode and in the run, so that it is not shown.
            entry, before = Entry(str(pair), label=f"{instance.name}/radicale", sensitive=True), read(str(pair))
            found.makes_pair = certificates.to_be_made(pair, pair, [instance.host_name], runner)
            if found.makes_pair:
                found.changes.append(FileChange(entry, "create", before, attributes=_OF_PAIR))
            elif before.attributes != _OF_PAIR:
                found.changes.append(FileChange(entry, "attributes", before, before.content, _OF_PAIR))
        since = started(instance.unit, runner)
        if since is not None:
            files = [Path(instance.folder, name) for name in _RESTARTING]
            files += [Path(one.path) for one in self.entries if one.label == "node:unit" and one.state == "file"]
            labels = {change.entry.label for change in [*found.changes, *self.others.changes]}
            found.restart = bool(labels & {f"{instance.name}/radicale", "node:unit"}) or any(
                path.exists() and path.stat().st_mtime > since for path in files
            )
        return found

    @property
    def mounted(self) -> list[str]:
        """Mount points of the instances that are configured here."""
        return [one.instance.mount_point for one in self.plans]

    @property
    def changes(self) -> list[FileChange]:
        """Every file that is changed, or would be."""
        return [*self.others.changes, *(change for one in self.plans for change in one.changes)]

    @property
    def restarts(self) -> list[str]:
        """The instances that are restarted, or would be."""
        return [one.instance.name for one in self.plans if one.restart]

    @property
    def readers(self) -> list[Reader]:
        """The node's own server, if it is to be told what is written, or would be."""
        return to_be_told(_OWN_SERVER, self.others.labels)

    def judge(self, runner: Runner) -> None:
        """Have Radicale judge all that differs, before anything is changed.

        :raises FileStateError: with everything that it has against it
        """
        different = [one for one in self.plans if one.changes]
        if not different or (self.check_mode and not runner.installed("radicale")):
            return
        problems = [problem for one in different for problem in judge(one, runner)]
        if problems:
            raise FileStateError("nothing was changed, since it would not run with it: " + "; ".join(problems))

    def carry_out(self, runner: Runner, back_up: Callable[[str], str]) -> list[str]:
        """Change what differs, except in check mode; an instance that does not start keeps no other from its files.

        :param back_up: copies a file and gives the copy's path
        :returns: paths of the copies that were kept
        :raises FileStateError: with every instance that does not answer, and what became of its files
        """
        with telling(self.readers, runner):
            if self.check_mode:
                return []
            backups = apply(self.others.changes, back_up=back_up, label_security=self.label_security)
        # Before a restart too: the unit may be that of a run that ended before systemd had read it.
        if self.restarts or any(change.entry.label == "node:unit" for change in self.others.changes):
            runner.run(["systemctl", "daemon-reload"], timeout=_TIMEOUT)
        failures = [self._take_over(one, runner, back_up) for one in self.plans]
        if any(failures):
            raise FileStateError(" ".join(failure for failure in failures if failure))
        return backups

    def _take_over(self, wanted: InstancePlan, runner: Runner, back_up: Callable[[str], str]) -> str | None:
        """Gives why the instance does not run with its files, and what became of them; nothing if all is well."""
        apply(wanted.changes, back_up=back_up, label_security=self.label_security)
        if not wanted.restart:
            return None
        unit = wanted.instance.unit
        said = _restarted(unit, runner)
        if said is None:
            return None
        name, former = wanted.instance.name, [undone(one) for one in wanted.changes if one.entry.state != "directory"]
        if not any(one.before.kind == "file" for one in wanted.changes):
            return f"{name} does not run with its files: {said}."
        apply(former, back_up=back_up, label_security=self.label_security)
        again = _restarted(unit, runner, verb="restart")
        end = "it runs with them" if again is None else f"it does not run with them either: {again}"
        return f"{name} does not run with its new files: {said}. The former files have been put back, and {end}."


def _restarted(unit: str, runner: Runner, verb: str = "try-restart") -> str | None:
    """Restart what runs; it is over when it answers. Gives what is said of it if it does not."""
    done = runner.run(["systemctl", verb, unit], timeout=_TIMEOUT, accept=range(256))
    if done.status == 0:
        return None
    log = runner.run(
        ["journalctl", "--unit", unit, "--lines", "5", "--output", "cat", "--no-pager"],
        timeout=_TIMEOUT,
        accept=range(256),
        record=False,
    )
    return " / ".join(line.strip() for line in log.stdout.splitlines() if line.strip()) or "its log says nothing"


def started(unit: str, runner: Runner) -> float | None:
    """When an instance was started, in seconds since 1970; nothing where it does not run here."""
    if not runner.installed("systemctl"):
        return None
    shown = runner.run(
        ["systemctl", "show", "--timestamp=us+utc", "--property=ActiveState,ExecMainStartTimestamp", unit],
        timeout=_TIMEOUT,
        accept=range(256),
        record=False,
    )
    found: Mapping[str, str] = dict(line.partition("=")[::2] for line in shown.stdout.splitlines())
    if found.get("ActiveState") != "active":
        return None
    try:
        text = found["ExecMainStartTimestamp"].replace("UTC", "+0000")
        return datetime.strptime(text, "%a %Y-%m-%d %H:%M:%S.%f %z").timestamp()
    except (KeyError, ValueError):
        return None


# -- judged by the program ---------------------------------------------------------------------------------------------


def judge(wanted: InstancePlan, runner: Runner) -> list[str]:
    """Everything that Radicale and a TLS handshake have against the files; makes the certificate that is to be made."""
    instance, problems = wanted.instance, []
    here = f"radicale_instances[{instance.name}].options"
    with staging.stage("radicale") as top:
        if wanted.makes_pair:
            content = _made(top, instance.host_name, runner)
            wanted.changes[-1] = FileChange(
                wanted.changes[-1].entry, "create", wanted.changes[-1].before, content, wanted.changes[-1].attributes
            )
        contents = {Path(entry.path).name: entry.content for entry in wanted.entries if entry.content is not None}
        contents.update({Path(one.entry.path).name: one.content for one in wanted.changes if one.entry.state == "file"})
        tls = contents.get("tls.pem") or read(f"{instance.folder}/tls.pem").content
        for name, content in {**contents, "tls.pem": tls}.items():
            text = content.replace(f"{instance.folder}/", f"{top}/")
            staging.put(top / name, text.replace(f"{instance.mount_point}/collections", f"{top}/collections"))
        # One that is in use already and has ended meanwhile is no reason to leave everything else as it is.
        changed = any(Path(one.entry.path).name == "tls.pem" for one in wanted.changes)
        unusable = certificates.unusable(top / "tls.pem", top / "tls.pem", runner, in_time=changed)
        if unusable is not None:
            problems.append(f"{here}.certificate: cannot be used with the key: {unusable}")
        # The distribution's, which its Radicale is made for.
        said = _ask(runner, ["/usr/bin/python3", "-c", JUDGE, str(top / "config"), instance.log_in])
        if said.status != 0:
            words = said.stderr.strip().splitlines()[-1:] or ["Radicale refuses it"]
            text = words[0].replace(f"{top}/collections", f"{instance.mount_point}/collections")
            problems.append(f"{here}.{_told(text.replace(str(top), instance.folder))}")
    return problems


def _told(words: str) -> str:
    """What the judge says, behind the option that it is about."""
    if words.startswith(_OF_AUTHORITY):
        return f"imap.authority: {words[len(_OF_AUTHORITY) :]}"
    return f"{'log_in' if 'has no log-in by' in words else 'settings'}: {words}"


def _made(top: Path, host_name: str, runner: Runner) -> str:
    certificate, key = top / "made.pem", top / "made.key"
    certificates.make(certificate, key, [host_name], _DAYS, runner)
    return key.read_text(encoding="ascii") + certificate.read_text(encoding="ascii")


def _ask(runner: Runner, argv: Sequence[str]) -> CommandResult:
    """What it prints may have secrets, and is in no exception."""
    return runner.run(argv, timeout=_TIMEOUT, accept=range(-64, 256), record=False)
