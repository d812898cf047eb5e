# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""asadmin of GlassFish 2.1 and hadbm, with passwords that are in files as long as a command runs, and nowhere else.

What they list is read; what they say of a failure is told to people and never decided on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.groupware.ha.plugins.module_utils.command import ANY_STATUS, CommandResult, Runner
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure, Refusal
from ansible_collections.groupware.ha.plugins.module_utils.node import staging
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN
from .glassfish_2_1_description import HADB, Description, judge_passwords
from .glassfish_2_1_plan import RUNNING
from .glassfish_description import ADMINISTRATOR, MASTER

USER, DOMAIN = "admin", "domain1"
#: Seconds: each asadmin starts a Java, and a cluster is started by one of them.
_TIMEOUT = 900
#: Commands of asadmin that do their work on this host; all others talk to the administration server.
LOCAL = ("list-domains", "start-domain", "start-node-agent", "stop-node-agent", "delete-node-agent")
#: Those among them that need passwords all the same.
_STARTING = ("start-domain", "start-node-agent")
#: Those that talk to HADB's management agents too.
_OF_HADB = ("configure-ha-cluster",)


class ToolError(Failure):
    """A command that failed; what it said."""


@dataclass
class Tools:
    """Both programs on this host."""

    runner: Runner
    description: Description
    passwords: Mapping[str, str] = field(repr=False)

    def __post_init__(self) -> None:
        try:
            judge_passwords(self.passwords)
        except DescriptionError as error:
            raise Refusal(str(error)) from error

    def listed(self, command: str, *arguments: str) -> list[str]:
        """The lines that a command of asadmin prints, without those that say how it went.

        :raises ToolError: it failed
        """
        done = self._asadmin(command, arguments)
        self._judge("asadmin", command, done)
        lines = [line.strip() for line in done.stdout.splitlines()]
        return [line for line in lines if line and not line.startswith(("Command ", "Nothing to list"))]

    def states(self, command: str) -> dict[str, str]:
        """By name, the state that a command of asadmin lists: a name has no blank, a state may have."""
        pairs = (line.partition(" ") for line in self.listed(command))
        return {name: state.strip() for name, _blank, state in pairs}

    def domain_runs(self) -> bool:
        """Whether the domain's administration server runs on this host."""
        return self.states("list-domains").get(DOMAIN) == RUNNING

    def tell(self, command: str, *arguments: str) -> None:
        """Have asadmin do something; in check mode it is noted only.

        :raises ToolError: it failed
        """
        self.runner.commands.append(" ".join(["asadmin", command, *arguments]))
        if not self.runner.dry:
            self._judge("asadmin", command, self._asadmin(command, arguments))

    def _asadmin(self, command: str, arguments: Sequence[str]) -> CommandResult:
        with staging.stage("glassfish-2-1") as top:
            options = list(self._connection(command, top))
            program = f"{self.description.home}/bin/asadmin"
            argv = [program, command, *options, *arguments]
            return self.runner.run(argv, timeout=_TIMEOUT, accept=ANY_STATUS, record=False)

    def _connection(self, command: str, top: Path) -> Iterator[str]:
        if command not in LOCAL or command in _STARTING:
            secrets = {"PASSWORD": self.passwords[ADMINISTRATOR], "MASTERPASSWORD": self.passwords[MASTER]}
            file = top / "passwords"
            staging.put(file, "".join(f"AS_ADMIN_{name}={secret}\n" for name, secret in secrets.items()))
            yield from ("--interactive=false", f"--user={USER}", f"--passwordfile={file}")
        if command not in LOCAL:
            yield f"--host={self.description.administration_host}"
            yield f"--port={self.description.administration_port}"
        if command in _OF_HADB:
            yield f"--haadminpasswordfile={self._hadb_file(top)}"

    def _hadb_file(self, top: Path) -> Path:
        file = top / "hadb"
        staging.put(file, f"HADBM_ADMINPASSWORD={self.passwords[HADB]}\n")
        return file

    def hadb(self, command: str, *arguments: str) -> list[str] | None:
        """The lines that a command of hadbm prints; None where it fails, as it does without a management domain."""
        done = self._hadbm(command, arguments)
        return None if done.status != 0 else [line.strip() for line in done.stdout.splitlines() if line.strip()]

    def tell_hadb(self, command: str, *arguments: str, confirmed: bool = False) -> None:
        """Have hadbm do something; in check mode it is noted only.

        :param confirmed: it asks whether it is to do so
        :raises ToolError: it failed
        """
        agent = f"HADBM_AGENT={self.description.hadb_agent}"
        self.runner.commands.append(" ".join([agent, "hadbm", command, *arguments]))
        if not self.runner.dry:
            self._judge("hadbm", command, self._hadbm(command, arguments, "yes\n" if confirmed else None))

    def _hadbm(self, command: str, arguments: Sequence[str], stdin: str | None = None) -> CommandResult:
        with staging.stage("glassfish-2-1") as top:
            program = f"{self.description.home}/hadb/4/bin/hadbm"
            given = [command, f"--adminpasswordfile={self._hadb_file(top)}", *arguments]
            argv = ["env", f"HADBM_AGENT={self.description.hadb_agent}", program, *given]
            return self.runner.run(argv, stdin=stdin, timeout=_TIMEOUT, accept=ANY_STATUS, record=False)

    def _judge(self, program: str, command: str, done: CommandResult) -> None:
        if done.status != 0:
            lines = f"{done.stderr}\n{done.stdout}".splitlines()
            words = " / ".join(line.strip() for line in lines if line.strip())
            for secret in self.passwords.values():
                words = words.replace(secret, HIDDEN)
            raise ToolError(f"{program} {command}: {words or 'it says nothing'}")
