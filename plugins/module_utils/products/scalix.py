# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scalix on one node of a cluster: its installer, and its tools after the installation.

The order is that of Scalix TB-2007-02-HACLUSTER. The installer runs once for each instance, where its volume is
mounted. Nobody documents what a second run does to an instance that exists, or how to see that a run came to its end.
So a file on the volume says that an installation was begun, until the installer has ended well and everything that it
makes is there; while that file says so, the instance does not count as installed, and the installer is not run again
unless that is asked for.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound, Runner
from ansible_collections.groupware.ha.plugins.module_utils.formats import (
    scalix_connectors,
    scalix_instance,
    scalix_tomcat,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats.scalix_connectors import MANAGEMENT
from ansible_collections.groupware.ha.plugins.module_utils.formats.scalix_files import (
    CONNECTOR,
    INSTALLED,
    INSTANCE_CFG,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats.scalix_instance import Instance, InstanceError
from ansible_collections.groupware.ha.plugins.module_utils.formats.scalix_tomcat import DEFAULT_SHUTDOWN_PORT
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN
from .scalix_node import (
    CONFIGURING,
    INSTALLING,
    SERVICES,
    TOMCAT_TOOLS,
    UNFINISHED,
    InstanceState,
    NodeState,
    ScalixError,
    as_utf8,
    local_path,
    read,
    read_text,
)


@dataclass(frozen=True)
class Wanted:
    """What is wanted of the instances on this node."""

    node: str
    #: The instances, and the node that each is at home on.
    homes: Mapping[Instance, str]
    installer: str
    #: Instances whose volumes, empty ones, will be here when this is no prediction.
    expected: Collection[str] = ()
    #: Instances whose unfinished installation is to be run again.
    repeat: Collection[str] = ()
    #: The instance that has the management services.
    admin: str | None = None
    shutdown_ports: Mapping[str, int] = field(default_factory=dict)
    allow_restart: bool = False

    def host_name_of(self, name: str) -> str:
        """The host name of an instance."""
        return next(instance.host_name for instance in self.homes if instance.name == name)


@dataclass(frozen=True)
class Step:
    """One thing to do, in words and as a command; ``answers`` names the file that the installer is answered from, and
    ``mark`` what the file on the volume says from now on (empty: it goes)."""

    instance: str | None
    before: str
    after: str
    argv: tuple[str, ...] = ()
    answers: str | None = None
    mark: str | None = None

    @property
    def words(self) -> str:
        """What it is about."""
        return f"instance {self.instance}" if self.instance else "node"


def installation(state: NodeState, wanted: Wanted) -> list[Step]:
    """Steps that install the instances at home on this node whose volumes are mounted here, and are empty.

    :raises ScalixError: one is in a state that only a person can judge, or is mounted where it is not at home
    """
    problems: list[str] = []
    steps: list[Step] = []
    registered = {block.name for block in scalix_instance.parse(state.instance_cfg or "")}
    for instance, home in wanted.homes.items():
        found = state.instances.get(instance.name)
        if found is None or found.status == INSTALLED:
            continue
        if home != wanted.node:
            problems.append(
                f"instance {instance.name} is not installed, and its volume is mounted on {wanted.node}; it is "
                f"installed on its primary: move its service to {home} first (playbook groupware.ha.switchover)"
            )
        elif found.status == "unfinished" and instance.name not in wanted.repeat:
            problems.append(_words_of_unfinished(instance, found))
        elif found.status == "absent" and instance.name in registered and instance.name not in wanted.repeat:
            problems.append(
                f"instance {instance.name}: is registered in {INSTANCE_CFG}, but nothing of it is on the volume "
                f"mounted at {instance.mount_point}; find out where its data is, and restore it there, or have the "
                "installer make an empty instance by naming it in repeat"
            )
        else:
            steps.append(Step(instance.name, found.status, found.status, mark=INSTALLING))
            steps.append(Step(instance.name, found.status, INSTALLED, _installer(wanted, instance), "install"))
            steps.append(Step(instance.name, INSTALLED, INSTALLED, mark=CONFIGURING))
    if problems:
        raise ScalixError("; ".join(problems))
    return steps


def _words_of_unfinished(instance: Instance, found: InstanceState) -> str:
    lacking = f"lacking are {' and '.join(found.missing)}" if found.missing else "its end was not seen"
    return (
        f"instance {instance.name}: its installation was begun and has not come to its end ({lacking}), and running "
        "the installer again may overwrite what is there. Read the installer's log. Then either bring the installation "
        f"to its end by hand and remove {instance.mount_point}/{UNFINISHED}, or have the installer run again by naming "
        "the instance in repeat"
    )


def _installer(wanted: Wanted, instance: Instance) -> tuple[str, ...]:
    return (wanted.installer, f"--instance={instance.name}", f"--hostname={instance.host_name}")


def configuration(state: NodeState, wanted: Wanted, predict: bool = False) -> list[Step]:
    """Steps that fit the instances on this node into the cluster: management services, ports, start at boot.

    :param predict: take instances that would have been installed before as they are after an installation
    :raises ScalixError: what runs would be interrupted, and that is not allowed
    """
    steps: list[Step] = []
    restart: list[str] = []
    boot = state.boot
    finished = [
        name for name, found in state.instances.items() if found.status == INSTALLED and found.unfinished is None
    ]
    new: list[str] = []
    for instance, home in wanted.homes.items():
        found = state.instances.get(instance.name)
        if found is not None and found.status != INSTALLED and predict and home == wanted.node:
            own_host = f"host={instance.host_name}"
            found = InstanceState((INSTALLED,), (), CONFIGURING, DEFAULT_SHUTDOWN_PORT, MANAGEMENT, own_host)
            boot = SERVICES
        if found is None or found.status != INSTALLED:
            continue
        own = [*_management(instance, found, wanted), *_port(instance, found, wanted)]
        steps += own
        if found.unfinished:
            new.append(instance.name)
        elif own:
            restart.append(instance.name)
    interrupted = finished if new else restart
    if interrupted and not wanted.allow_restart:
        raise ScalixError(
            f"the services of Scalix on {wanted.node} would be {'stopped' if new else 'restarted'}, and with them "
            f"{' and '.join(interrupted)}; freeze {'these' if len(interrupted) > 1 else 'this service'} in the cluster "
            "(playbook groupware.ha.switchover with state=frozen) and allow the restart"
        )
    if restart and not new:
        steps.append(Step(None, "Tomcat runs", "Tomcat runs with it", ("service", "scalix-tomcat", "restart")))
    if new:
        steps += [Step(None, f"{one} runs", f"{one} is stopped", ("service", one, "stop")) for one in SERVICES]
    listed = [service for service in SERVICES if service in boot]
    steps += [
        Step(None, f"{service} starts at boot", "", ("chkconfig", "--del", service)) for service in reversed(listed)
    ]
    steps += [Step(name, "to be configured", "ready for the cluster", mark="") for name in new]
    return steps


def _management(instance: Instance, found: InstanceState, wanted: Wanted) -> list[Step]:
    """Only the admin instance has the management services; all agents report to it."""
    if wanted.admin is None:
        return []
    steps = []
    host = wanted.host_name_of(wanted.admin)
    if wanted.admin == instance.name:
        scalix_connectors.judge_admin(instance.name, found.web_applications)
        # By its installation it reports to itself. That it would say so in this way is not documented, so only that it
        # says the name of another one, which had the management services before, is taken for a difference.
        others = [other.host_name for other in wanted.homes if other != instance]
        reports = not any(scalix_tomcat.names_host(found.agent, other) for other in others)
    else:
        surplus = [name for name in MANAGEMENT if name in found.web_applications]
        if surplus:
            argv = (f"{TOMCAT_TOOLS}/sxtomcat-webapps", "--del", instance.name, *surplus)
            steps.append(Step(instance.name, f"web applications {' and '.join(surplus)}", "", argv))
        reports = scalix_tomcat.names_host(found.agent, host)
    if not reports:
        argv = _installer(wanted, instance)
        steps.append(Step(instance.name, "", f"management agent reports to {host}", argv, "agent"))
    return steps


def _port(instance: Instance, found: InstanceState, wanted: Wanted) -> list[Step]:
    port = wanted.shutdown_ports.get(instance.name)
    if port in (None, found.shutdown_port):
        return []
    argv = (f"{TOMCAT_TOOLS}/sxtomcat-modify-instance", "-p", str(port), instance.name)
    before = f"Tomcat shutdown port {found.shutdown_port}"
    return [Step(instance.name, before, f"Tomcat shutdown port {port}", argv)]


def answers_needed(steps: Sequence[Step]) -> list[str]:
    """Names of the files that the installer will be answered from."""
    return [f"{step.instance}.{step.answers}" for step in steps if step.answers]


def diff(steps: Sequence[Step]) -> dict[str, str]:
    """Before and after, as Ansible shows them."""
    shown = [step for step in steps if step.before != step.after]
    return {
        key: "".join(f"{step.words}: {getattr(step, key)}\n" for step in shown if getattr(step, key))
        for key in ("before", "after")
    }


def commands(steps: Sequence[Step]) -> list[str]:
    """The command lines, and nothing that is secret."""
    return [shlex.join(step.argv) for step in steps if step.argv]


# -- doing -------------------------------------------------------------------------------------------------------------


def wanted_from_mapping(given: Mapping[str, Any]) -> Wanted:
    """What is wanted, from a module's options.

    :raises InstanceError: a name that is none, or a port that is none
    """
    instances = scalix_instance.instances_of(given["instances"])
    names = [instance.name for instance in instances]
    for name in [*given["repeat"], *given["expected"], *([given["admin"]] if given["admin"] else [])]:
        if name not in names:
            raise InstanceError(f"{name}: is no instance; the instances are {', '.join(names)}")
    try:
        ports = {name: int(port) for name, port in given["shutdown_ports"].items()}
    except (TypeError, ValueError):
        raise InstanceError(f"shutdown ports {given['shutdown_ports']}: give each instance a number") from None
    if ports:
        scalix_tomcat.shutdown_ports(names, {}, ports)
    homes = {one: (told["nodes"] or [given["node"]])[0] for one, told in zip(instances, given["instances"])}
    as_given = ("node", "installer", "expected", "repeat", "admin", "allow_restart")
    return Wanted(homes=homes, shutdown_ports=ports, **{name: given[name] for name in as_given})


class Setup:
    """One run on one node: look, plan, do, look again."""

    def __init__(self, wanted: Wanted, mounted: Collection[str], runner: Runner, final: bool) -> None:
        """Prepare a run.

        :param mounted: mount points in use on this node
        :param final: whether instances are fitted into the cluster, or only installed
        """
        self.wanted, self.mounted, self.runner, self.final = wanted, mounted, runner, final
        self.state = NodeState()
        self.steps: list[Step] = []

    def plan(self) -> None:
        """Look at the node, and find out what is to be done.

        :raises ScalixError: see ``installation`` and ``configuration``
        """
        self.state = read(list(self.wanted.homes), self.mounted, self.runner)
        if self.runner.dry:
            at_home = [one.name for one, home in self.wanted.homes.items() if home == self.wanted.node]
            expected = {
                name: InstanceState(missing=("its volume",)) for name in at_home if name in self.wanted.expected
            }
            self.state = replace(self.state, instances={**expected, **self.state.instances})
        if self.final:
            self.steps = configuration(self.state, self.wanted, predict=self.runner.dry)
        else:
            self.steps = installation(self.state, self.wanted)

    def execute(self, answers_directory: str | None, timeout: float) -> None:
        """Carry the steps out, and look whether they had the effect that they are for.

        :raises ScalixError: an answer is missing, or the product did not do what it was told to
        """
        by_name = {instance.name: instance for instance in self.wanted.homes}
        answers = {name: _answers(name, answers_directory) for name in answers_needed(self.steps)}
        for step in self.steps:
            if step.mark is not None and step.instance is not None:
                if step.mark == CONFIGURING:
                    _require_installed(by_name[step.instance], self.runner)
                if not step.mark:
                    self._require_effect()
                _mark(by_name[step.instance], step.mark)
            elif step.answers:
                _run_installer(step, answers[f"{step.instance}.{step.answers}"], timeout, self.runner)
            elif step.argv:
                self.runner.run(step.argv, timeout=timeout)
        if self.final:
            self._require_effect()

    def _require_effect(self) -> None:
        state = read(list(self.wanted.homes), self.mounted, self.runner)
        left = configuration(state, replace(self.wanted, allow_restart=True))
        undone = [step for step in left if step.argv and step.argv[0] != "service"]
        if undone:
            raise ScalixError(
                "the commands of Scalix ended well, but did not have their effect; still to be done: "
                + "; ".join(commands(undone))
            )


def _run_installer(step: Step, answers: str, timeout: float, runner: Runner) -> None:
    try:
        runner.run(step.argv, stdin=answers, timeout=timeout)
    except CommandNotFound:
        raise ScalixError(f"there is no installer {step.argv[0]}; unpack the software there") from None
    except CommandError as error:
        # It may have printed what it was answered.
        output = error.output
        for line in sorted(set(answers.splitlines()), key=len, reverse=True):
            output = output.replace(line, HIDDEN) if line.strip() else output
        last = " ".join(output.splitlines()[-3:])
        reason = f"{error.reason}: {last}" if last else error.reason
        raise ScalixError(f"instance {step.instance}: the installer failed ({reason}); read its log") from None


def _require_installed(instance: Instance, runner: Runner) -> None:
    state = read([instance], [instance.mount_point], runner)
    missing = list(state.instances[instance.name].missing)
    if instance.name not in {block.name for block in scalix_instance.parse(state.instance_cfg or "")}:
        missing.append(f"its block in {INSTANCE_CFG}")
    missing += [f"{CONNECTOR}/{path}" for path in scalix_connectors.missing_connectors(state.connectors, instance.name)]
    if missing:
        raise ScalixError(
            f"instance {instance.name}: the installer said that it ended well, but has not made {', '.join(missing)}; "
            "read its log"
        )


def _mark(instance: Instance, word: str) -> None:
    path = local_path(f"{instance.mount_point}/{UNFINISHED}")
    if word:
        path.write_text(
            f"{word}\nWritten by Ansible; goes when the instance is ready for the cluster.\n", encoding="utf-8"
        )
    else:
        path.unlink(missing_ok=True)


def _answers(name: str, directory: str | None) -> str:
    if directory is None:
        raise ScalixError(f"the installer has to be answered, but there is no directory with the answers ({name})")
    text = read_text(f"{directory}/{name}")
    if text is None:
        raise ScalixError(f"the installer has to be answered, but there is no {directory}/{name}")
    return as_utf8(text)
