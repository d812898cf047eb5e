# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to the cluster; and steps, each until it has led where it should."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ansible_collections.groupware.ha.plugins.module_utils.command import (
    ANY_STATUS,
    CommandError,
    CommandNotFound,
    Runner,
)
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig
from ansible_collections.groupware.ha.plugins.module_utils.formats.scstat import States
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, NotRunning
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.solaris_cluster.commands import Commands
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.solaris_cluster.reading import (
    NativeState,
    parse_configuration,
    parse_states,
    parse_suspended_groups,
    under_way,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.solaris_cluster.steps import Observation, Step

#: A running scswitch is not to be killed (scswitch(1M)). It ends when the methods that it waits for end or time out;
#: the longest, that of storage, has half an hour.
_COMMAND_TIMEOUT = 7200.0
#: Seconds that a state has to come true after the command that leads to it, and a busy cluster to come to rest.
PATIENCE = 600.0
#: Seconds without anything under way after which a state that is not there will not come.
_QUIET = 10.0
_POLL_INTERVAL = 2.0

#: Exit statuses for a cluster that reconfigures or is busy. They are only a reason to ask for the state once more.
_BUSY_STATUSES = (5, 38)


@dataclass(frozen=True)
class Cluster:
    """The cluster as it is at the moment that it is asked, on this node."""

    runner: Runner
    commands: Commands

    def configuration(self) -> ClusterConfig:
        """All that is configured."""
        return parse_configuration(self._ask(["scrgadm", "-pvv"]))

    def states(self) -> States:
        """Groups and resources."""
        return parse_states(self._ask(["scstat", "-g"]))

    def suspended(self) -> frozenset[str]:
        """Groups that are suspended."""
        return parse_suspended_groups(self._ask(["clrg", "status"]))

    def native(self, suspensions: bool = True) -> NativeState:
        """Nodes, groups and resources; unless nobody asks, which groups are suspended where groups can be."""
        config = self.configuration()
        states = parse_states(self._ask(["scstat"]))
        if not states.nodes:
            raise FrameworkError("scstat shows no nodes of the cluster")
        if suspensions and self.commands.can_suspend and config.services:
            states = replace(states, suspended=self.suspended())
        return NativeState(config, states)

    def _ask(self, argv: Sequence[str]) -> str:
        try:
            return self.runner.run(argv, timeout=300, record=False).stdout
        except CommandNotFound:
            raise NotRunning("Solaris Cluster is not installed on this node") from None
        except CommandError as error:
            raise NotRunning(f"the cluster is not running on this node ({error.output or error.reason})") from None

    def settle(self, timeout: float) -> None:
        """Wait until no group is on its way to another state."""
        deadline = self.runner.clock() + timeout
        while True:
            changing = under_way(self.states())
            if not changing:
                return
            if self.runner.clock() >= deadline:
                raise FrameworkError(
                    f"the cluster did not settle within {timeout:g} seconds: {', '.join(changing)} on the way to "
                    "another state; 'scstat -g' shows what it is waiting for"
                )
            self.runner.pause(_POLL_INTERVAL)

    def carry_out(self, steps: Sequence[Step], patience: float) -> None:
        """One command after another, each until it has led where it should."""
        for step in steps:
            if self.runner.dry:
                self.runner.run(step.argv)
            else:
                self._take_one(step, patience)

    def _take_one(self, step: Step, patience: float) -> None:
        deadline = self.runner.clock() + patience
        while True:
            refusal, status = self._attempt(step)
            if refusal is None:
                self._await(step, deadline)
                return
            if self._done_after_all(step, deadline):
                return
            states = self.states()
            if status not in _BUSY_STATUSES and not under_way(states):
                reasons = [str(refusal), step.hopeless(states), step.hint]
                raise FrameworkError("; ".join(reason for reason in reasons if reason))
            if self.runner.clock() >= deadline:
                raise FrameworkError(f"the cluster was busy for {patience:g} seconds: {refusal}")
            self.runner.pause(_POLL_INTERVAL)

    def _attempt(self, step: Step) -> tuple[CommandError | None, int | None]:
        """Run the command; how it failed, if it did, and its exit status if it ended."""
        try:
            result = self.runner.run(step.argv, timeout=_COMMAND_TIMEOUT, accept=ANY_STATUS)
        except CommandNotFound:
            raise
        except CommandError as error:
            return error, None
        if result.status == 0:
            return None, 0
        return CommandError(step.argv, f"exit status {result.status}", result.stderr or result.stdout), result.status

    def _done_after_all(self, step: Step, deadline: float) -> bool:
        """Whether a command that failed or did not answer took effect, once what it may have begun is over."""
        while True:
            observed = Observation(self.configuration, self.states, self.suspended)
            if step.done(observed):
                return True
            if not under_way(observed.states) or self.runner.clock() >= deadline:
                return False
            self.runner.pause(_POLL_INTERVAL)

    def _await(self, step: Step, deadline: float) -> None:
        """Wait for what the step is to lead to: an exit status of 0 says that methods ended, not how."""
        if step.reached is None:
            return
        quiet_since: float | None = None
        while True:
            states = self.states()
            if step.reached(states):
                return
            reason = step.hopeless(states)
            now = self.runner.clock()
            changing = under_way(states)
            quiet_since = None if changing else now if quiet_since is None else quiet_since
            if reason or now >= deadline or (quiet_since is not None and now - quiet_since >= _QUIET):
                command = " ".join(step.argv)
                raise FrameworkError(
                    f"{command}: {reason or 'ended without an error, but did not lead to the state that it should'}; "
                    "'scstat -g' shows where everything stands"
                )
            self.runner.pause(_POLL_INTERVAL)
