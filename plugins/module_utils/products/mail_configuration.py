# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings the files of a mail instance into the wanted state: judged first, replaced as a whole, taken over and greeted.

What differs is found out first (``InstancePlan``), the programs judge it, and only then anything is changed. Where the
servers run on this node they take the new files over, and are asked whether they do; if they do not answer any more,
and had answered before, the files from before are put back.
"""

from __future__ import annotations

import contextlib
import re
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner, Runner
from ansible_collections.groupware.ha.plugins.module_utils.node import certificates
from ansible_collections.groupware.ha.plugins.module_utils.node.files import (
    Attributes,
    Entry,
    FileChange,
    FileStateError,
    Plan,
    apply,
    compare,
    held_volumes,
    plan,
    read,
)
from ansible_collections.groupware.ha.plugins.module_utils.node.readers import Reader, telling, to_be_told
from . import mail_judge, mail_running
from .mail_generations import Generations, NewFile

CERTIFICATE, KEY = "tls/certificate.pem", "tls/key.pem"
_DOVECOT = "dovecot/dovecot.conf"

#: The node's own servers, by the labels of their files. They must have left the services' addresses before a cluster
#: starts instances there. Other listening addresses need a restart of Postfix, not a reload; Dovecot's unit is masked.
_OWN_SERVERS = {
    "node:postfix": Reader("postfix", [["systemctl", "restart", "postfix.service"]]),
    "node:dovecot": Reader("dovecot", [["systemctl", "daemon-reload"], ["systemctl", "stop", "dovecot.service"]]),
}

#: Days that a self-signed certificate is valid.
_DAYS = 3650

#: Seconds that servers have to answer with new files; and with the former ones again, since Postfix lets a minute pass
#: before it starts a server once more that could not start (service_throttle_time).
_PATIENCE, _PATIENCE_BACK = 30.0, 90.0

#: Seconds for an instance to show that it works before anything is changed.
_PATIENCE_BEFORE = 10.0


@dataclass(frozen=True)
class Instance:
    """An instance as its files need to know it.

    :ivar recipient: an address of it, that mail is accepted for or refused, but not for want of usable files
    :ivar given: which options the user gave, see ``mail_judge.Judged``
    :ivar self_signed: whether the certificate is made here, in want of one of the user's
    """

    name: str
    mount_point: str
    address: str
    host_name: str
    recipient: str
    given: tuple[str, ...] = ()
    self_signed: bool = True


@dataclass
class InstancePlan:
    """What differs between the wanted files and those in use.

    :ivar entries: the wanted files, by their path in a generation
    :ivar files: those that differ, by their path in a generation; a pair that is still to be made has no content
    :ivar layout: names that become links, and a note of a run that did not end
    """

    instance: Instance
    generations: Generations
    entries: Mapping[str, Entry]
    files: dict[str, FileChange] = field(default_factory=dict)
    layout: list[FileChange] = field(default_factory=list)
    pair: dict[str, bytes] = field(default_factory=dict)

    @property
    def changes(self) -> list[FileChange]:
        """Everything that is done, as it is reported."""
        return [*self.files.values(), *self.layout]

    @property
    def makes_certificate(self) -> bool:
        """Whether the key and its certificate are made here."""
        return self.instance.self_signed and KEY in self.files

    def new_files(self) -> dict[str, NewFile]:
        """The files that differ, as they are written."""
        contents = {
            relative: change.content.encode("utf-8", "surrogateescape") for relative, change in self.files.items()
        }
        return {
            relative: NewFile(content, self.files[relative].attributes)
            for relative, content in {**contents, **self.pair}.items()
        }


def plan_instance(
    instance: Instance, entries: Sequence[Entry], generations: Generations, check_mode: bool
) -> InstancePlan:
    """Find out what differs.

    :param entries: the wanted files, by the names that the servers know them by
    """
    named = {generations.in_generation(entry.path) or "": entry for entry in entries}
    result = InstancePlan(instance, generations, named)
    for relative, entry in named.items():
        change = compare(entry, read(str(generations.live(relative))), check_mode)
        if change is not None:
            result.files[relative] = change
    pair = generations.live(CERTIFICATE), generations.live(KEY)
    if instance.self_signed and certificates.to_be_made(*pair, [instance.host_name], LocalRunner()):
        for relative, mode in ((KEY, 0o600), (CERTIFICATE, 0o644)):
            # Neither is the same in check mode and in the run, so that none is shown.
            path = f"{instance.mount_point}/{relative}"
            entry = Entry(path, label=f"{instance.name}/tls", sensitive=True)
            before = read(str(generations.live(relative)))
            result.files[relative] = FileChange(entry, "create", before, attributes=Attributes("root", "root", mode))
    for path, target in generations.missing_links().items():
        entry = Entry(path, state="link", target=target, sensitive=True)
        result.layout.append(FileChange(entry, "link", read(path), target))
    note = read(str(generations.pending_path))
    if note.kind != "absent":
        entry = Entry(str(generations.pending_path), state="absent")
        result.layout.append(FileChange(entry, "remove", note))
    return result


def judge(wanted: InstancePlan, runner: Runner) -> list[str]:
    """Have the programs judge the files that are to be, and make the certificate that is to be made.

    :returns: everything they have against them
    """
    instance = wanted.instance
    hidden = [_secrets(entry.content or "") for entry in wanted.entries.values() if entry.sensitive]
    judged = mail_judge.Judged(
        instance.name, instance.mount_point, instance.given, tuple(word for words in hidden for word in words)
    )
    with mail_judge.staged(judged) as stage:
        if wanted.makes_certificate:
            certificates.make(stage.top / CERTIFICATE, stage.top / KEY, [instance.host_name], _DAYS, runner)
            wanted.pair = {relative: (stage.top / relative).read_bytes() for relative in (CERTIFICATE, KEY)}
        for relative, file in wanted.new_files().items():
            if relative not in wanted.pair:
                stage.put(relative, file.content)
        for relative, path in wanted.generations.kept(frozenset(wanted.files)).items():
            if relative in wanted.entries:
                stage.put(relative, path.read_bytes())
            else:
                stage.keep(relative, path)
        # A certificate that is in use already and has ended meanwhile is no reason to leave everything else as it is.
        problems = mail_judge.judge(stage, runner, certificate_in_time=CERTIFICATE in wanted.files)
        if _DOVECOT in wanted.files and not problems:
            # Where its address is still to come, it is the cluster that starts it, and nobody tells it to listen.
            here = mail_running.address_is_here(instance.address)
            master = mail_running.running(instance.name, instance.mount_point).masters.get("dovecot") if here else None
            taken = {"Postfix": mail_running.POSTFIX_PORTS}
            problems = mail_judge.judge_ports(stage, runner, instance.address, taken, master)
        return problems


def _secrets(content: str) -> list[str]:
    """What must not be repeated of a file with secrets: all but names, paths and words as short as any."""
    lines = [line.strip() for line in content.splitlines() if not line.lstrip().startswith("#")]
    words = [word for line in lines for word in re.split(r"[\s=:]+", line)[1:]]
    return [word for word in words if len(word) >= 6 and not word.startswith("/")]


class TakeOver:
    """Puts a plan into effect."""

    def __init__(self, wanted: InstancePlan, runner: Runner) -> None:
        self.plan, self.runner = wanted, runner
        self.instance, self.generations = wanted.instance, wanted.generations

    def carry_out(self) -> str | None:
        """Do what the plan says.

        :returns: why the instance does not answer with its files, and what became of them; nothing if all is well
        """
        generations = self.generations
        if any(change.before.kind != "absent" for change in self.plan.layout if change.action == "link"):
            # A volume of an earlier version: first the same files, in the new layout.
            generations.switch(generations.add({}, generations.kept(frozenset())), None)
            generations.place_links()
        noted = generations.pending()
        older = generations.previous
        if self.plan.files:
            noted = self._replace(noted)
        generations.place_links()
        failure = None if noted is None else self._take_over(noted, older)
        generations.tidy()
        return failure

    def _replace(self, noted: Mapping[str, object] | None) -> dict[str, object] | None:
        """Have the new files in use; gives what is noted for taking them over, or nothing where no server runs."""
        generations = self.generations
        previous = generations.current if noted is None else noted.get("previous")
        previous = previous if isinstance(previous, str) else None
        servers = mail_running.running(self.instance.name, self.instance.mount_point)
        note: dict[str, object] | None = None
        if servers.masters:
            worked = bool(noted["worked"]) if noted is not None else not self._problems_before(servers)
            # Read by the run that comes after this one, if this one ends before the servers have taken it over.
            names = sorted({*self._servers_of_changes(), *(str(name) for name in _listed(noted, "servers"))})
            note = {"previous": previous, "worked": worked and previous is not None, "servers": names}
        new = generations.add(self.plan.new_files(), generations.kept(frozenset(self.plan.files)))
        generations.note(note)
        generations.switch(new, previous)
        return note

    def _problems_before(self, servers: mail_running.Running) -> list[str]:
        if not mail_running.address_is_here(self.instance.address):
            return ["its address is not here"]
        return mail_running.await_answers(lambda: self._greet(servers), _PATIENCE_BEFORE)

    def _servers_of_changes(self) -> set[str]:
        """The servers that have to read their files anew; Dovecot reads its users at each log-in."""
        kinds = {(change.entry.label or "").rpartition("/")[2] for change in self.plan.files.values()}
        return {"postfix", "dovecot"} if "tls" in kinds else kinds & {"postfix", "dovecot"}

    def _take_over(self, noted: Mapping[str, object], older: str | None) -> str | None:
        servers = mail_running.running(self.instance.name, self.instance.mount_point)
        if not servers.masters or not mail_running.address_is_here(self.instance.address):
            # Started by the cluster, where and when it decides to; then with the files that are there now.
            self.generations.note(None)
            return None
        names = frozenset(str(name) for name in _listed(noted, "servers"))
        problems, _started = self._run_with_what_is_there(servers, names, _PATIENCE)
        if not problems:
            self.generations.note(None)
            return None
        said = f"{self.instance.name} does not answer with its new files: {'; '.join(problems)}."
        previous = noted.get("previous")
        if not noted.get("worked") or not isinstance(previous, str):
            return f"{said} It had not answered with the former ones either, so the new ones stay. {self._way_back()}"
        self.generations.switch(previous, older if older != previous else None)
        problems, started = self._run_with_what_is_there(servers, names, _PATIENCE_BACK)
        back = "The former files have been put back"
        if started:
            back = f"{back}, what had ended ({', '.join(sorted(started))}) has been started again"
        if not problems:
            self.generations.note(None)
            return f"{said} {back}, and it answers with them."
        self.generations.note({"previous": None, "worked": False, "servers": sorted(names)})
        return f"{said} {back}, but it does not answer now: {'; '.join(problems)}."

    def _way_back(self) -> str:
        base, previous = self.instance.mount_point, self.generations.previous
        if previous is None:
            return "There are no former files."
        alive = mail_running.running(self.instance.name, base).masters
        lines = [
            mail_running.command(mail_running.RELOADS if server in alive else mail_running.STARTS, server, base)
            for server in ("postfix", "dovecot")
        ]
        commands = "; ".join(" ".join(line) for line in lines)
        return f"To go back: ln -sfn {previous} {self.generations.root}/current; {commands}"

    def _run_with_what_is_there(
        self, servers: mail_running.Running, names: frozenset[str], patience: float
    ) -> tuple[list[str], frozenset[str]]:
        """Have servers take over the files that are there now, and those started with them that end instead.

        Also where there is nothing wrong with the files: the master of Dovecot 2.4.1 dies of the second reload with the
        configuration that this collection gave it before, and nobody has to wait for the cluster to notice.

        :param names: those that have to read their files anew
        :returns: what is wrong in the end, and the servers that were started
        """
        alive = mail_running.running(self.instance.name, self.instance.mount_point).masters
        told = mail_running.Running({name: number for name, number in alive.items() if name in names})
        since = mail_running.now()
        problems = mail_running.reload(told, self.instance.mount_point, self.runner)
        if not problems and not self._ended(servers):
            problems = self._await_answers(servers, told, since, patience)
        ended = self._ended(servers)
        if ended:
            refused = mail_running.start(ended, self.instance.name, self.instance.mount_point, self.runner)
            told = mail_running.Running({name: told.masters[name] for name in told.masters if name not in ended})
            problems = self._await_answers(servers, told, since, patience)
            # A start is refused where what monitors the server, the cluster, was first; then it answers all the same.
            problems = [*refused, *problems] if problems else []
        return problems, ended

    def _ended(self, servers: mail_running.Running) -> frozenset[str]:
        """Those that ran when this began and do not any more, while the service is still this node's."""
        if not mail_running.address_is_here(self.instance.address):
            return frozenset()
        return frozenset(servers.masters) - frozenset(
            mail_running.running(self.instance.name, self.instance.mount_point).masters
        )

    def _await_answers(
        self, servers: mail_running.Running, told: mail_running.Running, since: float, patience: float
    ) -> list[str]:
        """Wait until all of the instance's servers answer, and have taken over what they were told to.

        :param servers: those that ran when this began; one that died meanwhile does not answer
        :param told: those that were told to read their files anew
        """

        def ask() -> list[str]:
            return [*self._greet(servers), *mail_running.not_taken_over(told, since)]

        return mail_running.await_answers(ask, patience, told)

    def _greet(self, servers: mail_running.Running) -> list[str]:
        return mail_running.greet(
            self.instance.address, servers.ports, self._certificates(servers), self.instance.recipient
        )

    def _certificates(self, servers: mail_running.Running) -> dict[int, bytes]:
        """The certificate that has to be shown on each port; not on Dovecot's where the user named another."""
        try:
            text = self.generations.live(CERTIFICATE).read_text(encoding="ascii", errors="replace")
            dovecot = self.generations.live(_DOVECOT).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return {}
        first = text[text.find("-----BEGIN CERTIFICATE-----") :].partition("-----END CERTIFICATE-----")
        der = ssl.PEM_cert_to_DER_cert(first[0] + first[1])
        own = len(re.findall(r"^\s*(?:ssl_cert|ssl_server_cert_file)\s*=", dovecot, re.MULTILINE)) == 1
        return {port: der for port in servers.ports if own or port not in mail_running.DOVECOT_PORTS}


def _listed(noted: Mapping[str, object] | None, name: str) -> list[object]:
    found = None if noted is None else noted.get(name)
    return found if isinstance(found, list) else []


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
        self.plans: list[InstancePlan] = []
        self.others = Plan()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keep the volumes mounted, and other runs from the instances; then find out what differs."""
        with contextlib.ExitStack() as stack:
            here = stack.enter_context(held_volumes(instance.mount_point for instance in self.instances))
            self._plan(here, stack)
            yield

    def _plan(self, here: frozenset[str], stack: contextlib.ExitStack) -> None:
        generations = [Generations(instance.mount_point, self.label_security) for instance in self.instances]
        of_instances: set[str] = set()
        for instance, one in zip(self.instances, generations):
            entries = [entry for entry in self.entries if entry.state == "file" and one.in_generation(entry.path)]
            of_instances.update(entry.path for entry in entries)
            if instance.mount_point in here:
                if not self.check_mode:
                    stack.enter_context(one.locked())
                self.plans.append(plan_instance(instance, entries, one, self.check_mode))
        others = [entry for entry in self.entries if entry.path not in of_instances]
        self.others = plan(others, here, self.check_mode)

    @property
    def mounted(self) -> list[str]:
        """Mount points of the instances that are configured here."""
        return [one.instance.mount_point for one in self.plans]

    @property
    def changes(self) -> list[FileChange]:
        """Everything that is done, or would be."""
        return [*self.others.changes, *(change for one in self.plans for change in one.changes)]

    @property
    def readers(self) -> list[Reader]:
        """The node's own servers that are to be told what is written, or would be."""
        return to_be_told(_OWN_SERVERS, self.others.labels)

    def judge(self, runner: Runner) -> None:
        """Have the programs judge all that differs, before anything is changed.

        :raises FileStateError: with everything that they have against it
        """
        different = [one for one in self.plans if one.files]
        missing = [program for program in mail_judge.PROGRAMS if not runner.installed(program)]
        if missing and different:
            if self.check_mode:
                return
            raise FileStateError(f"nothing can be judged without {', '.join(missing)}; install what is missing")
        problems = [problem for one in different for problem in judge(one, runner)]
        if problems:
            raise FileStateError("nothing was changed, since the programs refuse it: " + "; ".join(problems))

    def carry_out(self, runner: Runner, back_up: Callable[[str], str]) -> list[str]:
        """Change what differs, except in check mode; an instance that does not answer keeps no other from its files.

        :param back_up: copies a file and gives the copy's path
        :returns: paths of the copies that were kept
        :raises FileStateError: with every instance that does not answer, and what became of its files
        """
        with telling(self.readers, runner):
            if self.check_mode:
                return []
            backups = apply(self.others.changes, back_up=back_up, label_security=self.label_security)
        failures = [TakeOver(one, runner).carry_out() for one in self.plans]
        if any(failures):
            raise FileStateError(" ".join(failure for failure in failures if failure))
        return backups
