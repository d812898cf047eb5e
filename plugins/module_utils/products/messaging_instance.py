# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An instance of Messaging Server on a node: its programs, its configuration on the volume, its agent."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.errors import FormatError
from ansible_collections.groupware.ha.plugins.module_utils.formats.messaging_options import option_text
from ansible_collections.groupware.ha.plugins.module_utils.shown import quoted
from .messaging_agents import AGENTS, Agent, known_by
from .messaging_instances import PROGRAMS_DIRECTORY
from .messaging_server import (
    CONFIGURATIONS,
    LONG,
    Files,
    MessagingServer,
    MessagingServerError,
    local_server,
    run_installer,
)

#: What the configurators of the Communications Suite say at the end if nothing failed (Calendar Server 6.3
#: Administration Guide, 6.7); the Messaging Server manuals do not show it.
CONFIGURE_LAST_LINE = "All Tasks Passed"
#: The host name that an instance was configured for.
HOST_NAME = {"unified": "base.hostname", "legacy": "local.hostname"}
#: Programs without which it is not installed.
_PROGRAMS = ("configure", "useconfig", "configutil", "start-msg", "stop-msg", "imsimta")


@dataclass(frozen=True)
class InstanceState:
    """What a node has of an instance.

    ``configured`` is None where the volume cannot be seen. ``agents`` are the frameworks that know the agent here.
    """

    installed: bool
    mounted: bool
    configured: str | None
    joined: bool
    unfinished: tuple[str, ...]
    agents: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The state as modules return it."""
        return {**vars(self), "unfinished": list(self.unfinished), "agents": list(self.agents)}


@dataclass
class Instance:
    """One instance on this node: its programs, its configuration on the service's volume, its agent.

    :param data_root: directory on the volume for all that is the instance's own, with ``config`` in it
    :param mount_point: where the service's volume is mounted
    """

    server: MessagingServer
    data_root: str
    mount_point: str

    @property
    def runner(self) -> Runner:
        """What starts its programs."""
        return self.server.runner

    @property
    def files(self) -> Files:
        """The node's file system."""
        return self.server.files

    @property
    def config_root(self) -> str:
        """Where the configuration is that all nodes share."""
        return posixpath.join(self.data_root, "config")

    def state(self) -> InstanceState:
        """What is there, without running anything."""
        kinds = [
            kind for kind, name in CONFIGURATIONS.items() if self.files.exists(posixpath.join(self.config_root, name))
        ]
        notes = {"install": self.server.install_note, "configure": self._configure_note, "join": self._join_note}
        return InstanceState(
            installed=all(self.server.has_program(name) for name in _PROGRAMS)
            and not self.files.exists(self.server.install_note),
            mounted=self.files.is_mounted(self.mount_point),
            configured=kinds[0] if kinds else None,
            joined=self._is_joined() and not self.files.exists(self._join_note),
            unfinished=tuple(step for step, path in notes.items() if self.files.exists(path)),
            agents=known_by(self.files.exists),
        )

    def _is_joined(self) -> bool:
        return self.files.link_target(posixpath.join(self.server.server_root, "config")) == self.config_root

    @property
    def _configure_note(self) -> str:
        return f"{self.data_root}.configure-unfinished"

    @property
    def _join_note(self) -> str:
        return f"{self.server.server_root}.join-unfinished"

    def install(self, installer: str, components: Sequence[str]) -> None:
        """Install the programs, unless they are there.

        :param installer: path of commpkg
        """
        state = self.state()
        if state.installed:
            return
        if posixpath.basename(self.server.server_root) != PROGRAMS_DIRECTORY:
            raise MessagingServerError(
                f"server_root = {self.server.server_root}: has no programs, and is not where commpkg installs: in "
                f"{PROGRAMS_DIRECTORY} below the directory that it is given; give a path that ends in "
                f"/{PROGRAMS_DIRECTORY}, or install there by hand"
            )
        if posixpath.commonpath([self.server.server_root, self.mount_point]) == self.mount_point:
            self._require_volume("its programs are on the service's volume")
        again = "install" in state.unfinished
        with self.server.noted(self.server.install_note):
            run_installer(self.server, installer, components, _PROGRAMS, again)

    def configure(
        self,
        kind: str,
        host_name: str,
        state_text: str,
        arguments: Sequence[str] = (),
        last_line: str = "",
        in_use: bool = False,
    ) -> None:
        """Make the initial configuration, once: another run of configure would overwrite it.

        :param kind: the configuration that is wanted
        :param state_text: the state file, which has passwords; empty if there is none
        :param last_line: what configure prints at the end if all went well; empty not to look at it
        :param in_use: whether the service has run with what is there
        """
        state = self.state()
        begun = "configure" in state.unfinished
        if begun and in_use:
            raise MessagingServerError(
                f"{self._configure_note} says that configure was begun and did not end, but the service is in use; it "
                "is not run again over it. See whether the instance is complete, then remove that file"
            )
        if state.configured is not None and not begun:
            self.verify(kind, host_name)
            return
        if not state_text:
            raise MessagingServerError(
                "state: there are no answers for configure, and the instance is not configured yet; run configure "
                "--saveState FILE once on any machine, and give what it wrote"
            )
        self._require_volume("the configuration is made on it")
        argv = [self.server.program("configure"), *arguments, "--state"]
        with self.server.noted(self._configure_note), self.server.private_file("state", state_text) as path:
            result = self.runner.run([*argv, path], timeout=LONG)
            if self.runner.dry:
                return
            printed = [line.strip() for line in result.stdout.splitlines() if line.strip()]
            if last_line and (not printed or last_line not in printed[-1]):
                said = printed[-1] if printed else "nothing"
                raise MessagingServerError(
                    f"configure ended without an error, but said {quoted(said)} last instead of {last_line!r}; see its "
                    f"log in {self.data_root}, put right what it says, and run again: it starts from the beginning"
                )
            self.verify(kind, host_name)

    def verify(self, kind: str, host_name: str) -> None:
        """Refuse an instance that was configured for something else; nothing of it is touched."""
        found = self.state().configured
        if found != kind:
            raise MessagingServerError(
                f"configuration = {kind}: {self.config_root} has {'none' if found is None else 'a ' + found + ' one'}; "
                "describe what is there, or convert it with configtoxml. configure is never run over a configuration"
            )
        if not self._is_joined():
            return
        name = self.server.read_options(kind).get(HOST_NAME[kind])
        if name is None or name.lower() != host_name.lower():
            raise MessagingServerError(
                f"host_name = {host_name}: the instance in {self.config_root} was configured for {name}. It must be "
                "the logical host name; put the state file right, take the configuration away by hand if it was never "
                "in use, and run again. configure is never run over a configuration"
            )

    def join(self) -> None:
        """Have this node's programs use the configuration that another node made."""
        state = self.state()
        if state.joined:
            return
        # In check mode the volume is not brought here, nor is anything configured.
        if not self.runner.dry and (state.configured is None or "configure" in state.unfinished):
            raise MessagingServerError(
                f"data_root = {self.data_root}: no finished configuration can be seen from this node; configure the "
                "instance where its service is online, then bring the service's volume here"
            )
        with self.server.noted(self._join_note):
            self.runner.run([self.server.program("useconfig"), self.config_root], timeout=LONG)
            if not self.runner.dry and not self._is_joined():
                raise MessagingServerError(
                    f"useconfig ended without an error, but {self.server.server_root}/config does not lead to "
                    f"{self.config_root}"
                )

    def _require_volume(self, why: str) -> None:
        if not self.runner.dry and not self.files.is_mounted(self.mount_point):
            raise MessagingServerError(
                f"mount_point = {self.mount_point}: nothing is mounted there on this node, and {why}; bring the "
                "service's volume and address online here, without its application, and run again"
            )


@dataclass(frozen=True)
class Package:
    """An agent that is a package of its own.

    :param root: the directory that the manual calls MessagingServer_hahome
    :param installer: path of commpkg; None where it is not to be installed
    :param components: what commpkg installs
    """

    root: str
    installer: str | None
    components: Sequence[str]


def is_registered(server: MessagingServer, framework: str) -> bool:
    """Whether a cluster framework knows the product on this node, or finds there what it runs."""
    agent = AGENTS[framework]
    if not agent.left:
        return server.files.exists(_script(server, agent))
    return not agent.missing(server.files.exists)


def register_agent(server: MessagingServer, framework: str, package: Package) -> None:
    """Have a cluster framework know the product on this node, unless it does."""
    agent = AGENTS[framework]
    if not agent.left:
        _require_script(server, agent)
    elif agent.missing(server.files.exists):
        if agent.everywhere:
            _register_package(server, agent, package)
        else:
            server.runner.run([server.program(agent.program)])
            missing = agent.missing(server.files.exists)
            if missing and not server.runner.dry:
                raise MessagingServerError(
                    f"{agent.program} ended without an error, but {', '.join(missing)} is not there"
                )


def _register_package(server: MessagingServer, agent: Agent, package: Package) -> None:
    there = MessagingServer(server.runner, server.files, package.root.rstrip("/"), server.private_directory)
    again = there.files.exists(there.install_note)
    is_installed = there.has_program(agent.program) and not again
    if package.installer is None and not is_installed:
        raise MessagingServerError(
            f"{agent.program} is not in {there.server_root}, or its installation did not end; give installer, to "
            "install it"
        )
    # Only what the program leaves tells that the package is whole.
    with there.noted(there.install_note):
        if package.installer is not None and not is_installed:
            run_installer(there, package.installer, package.components, [agent.program], again)
        there.runner.run([there.program(agent.program)])
        if not there.runner.dry and agent.missing(there.files.exists):
            raise MessagingServerError(
                f"{agent.program} ended without an error, but none of {', '.join(agent.left)} is there"
            )


def _require_script(server: MessagingServer, agent: Agent) -> None:
    """The framework runs the script where the product has it; there is nothing to register."""
    script = _script(server, agent)
    if not server.runner.dry and not server.files.exists(script):
        raise MessagingServerError(
            f"{script} is missing, with which Clusterware starts, stops and watches the instance; install a "
            "release of Messaging Server that supports Clusterware"
        )


def _script(server: MessagingServer, agent: Agent) -> str:
    return posixpath.join(server.server_root, agent.program)


# -- what a module is given -------------------------------------------------------------------------------------------


def instance_of(given: Mapping[str, Any], runner: Runner) -> Instance:
    """The instance that a module was given."""
    server = local_server(given["server_root"], runner)
    return Instance(server, given["data_root"].rstrip("/"), given["mount_point"].rstrip("/"))


def do_step(given: Mapping[str, Any], runner: Runner) -> dict[str, Any]:
    """Carry out one step of setting up an instance, unless it is done; the result of the module messaging_instance."""
    instance = instance_of(given, runner)
    before = instance.state().as_dict()
    step, kind = given["step"], given["configuration"]
    if step == "install":
        instance.install(given["installer"], given["components"])
    elif step == "configure":
        answers = state_file(given["state"], kind) if given["state"] else ""
        arguments = given["configure_arguments"]
        instance.configure(kind, given["host_name"], answers, arguments, given["last_line"], given["in_use"])
    elif step == "join":
        instance.join()
    else:
        package = Package(given["agent_root"], given["installer"], given["agent_components"])
        register_agent(instance.server, given["framework"], package)
    return {
        "changed": bool(runner.commands),
        "before": before,
        "after": instance.state().as_dict(),
        "diff": {"before": "", "after": "".join(f"{command}\n" for command in runner.commands)},
    }


def state_file(answers: Mapping[str, Any], configuration: str) -> str:
    """The state file of configure.

    :raises FormatError: an answer does not fit into a line; its value is not said
    """
    for name in answers:
        if re.fullmatch(r"[\w.\-]+", name) is None:
            raise FormatError(f"state: {name!r} is not a name that configure gives its answers")
    lines = {name: option_text(f"state.{name}", value) for name, value in answers.items()}
    lines["XMLCONFIG"] = "1" if configuration == "unified" else "0"
    return "".join(f"{name}={value}\n" for name, value in lines.items())
