"""A Runner (plugins/module_utils/command.py) whose commands a simulator answers, for tests in one process."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound, CommandResult
from ansible_collections.groupware.ha.tests.simulators.engine import Simulator


@dataclass
class SimulatedRunner:
    """Runs commands on one simulated node; ``asked`` has all of them, ``commands`` those that change something."""

    simulator: Simulator
    node: str
    dry: bool = False
    commands: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: str | None = None,
        timeout: float = 60,
        accept: Sequence[int] = (0,),
        record: bool = True,
    ) -> CommandResult:
        """See LocalRunner.run."""
        if record:
            self.commands.append(shlex.join(argv))
            if self.dry:
                return CommandResult(tuple(argv), 0, "", "")
        self.asked.append(shlex.join(argv))
        answer = self.simulator.run(self.node, argv, stdin)
        if answer.hung:
            raise CommandError(argv, f"did not end within {timeout:g} seconds")
        if answer.status == 127:
            raise CommandNotFound(argv, "is not installed")
        if answer.status not in accept:
            raise CommandError(argv, f"exit status {answer.status}", answer.stderr or answer.stdout, answer.status)
        return CommandResult(tuple(argv), answer.status, answer.stdout, answer.stderr)

    def installed(self, program: str) -> bool:
        """See LocalRunner.installed."""
        file = f"/usr/sbin/{program}"
        return program in self.simulator.programs or self.simulator.read_file(self.node, file) is not None

    def pause(self, seconds: float) -> None:
        """See LocalRunner.pause."""
        self.simulator.pass_time(seconds)

    def clock(self) -> float:
        """See LocalRunner.clock."""
        return self.simulator.now

    def read_file(self, path: str) -> str | None:
        """See LocalRunner.read_file."""
        return self.simulator.read_file(self.node, path)

    def replace_file(self, path: str, text: str, backup: bool = False) -> None:  # noqa: ARG002 - as the Runner has it
        """See LocalRunner.replace_file."""
        self.commands.append(f"# replace {path}")
        if not self.dry:
            self.simulator.write_file(self.node, path, text)
