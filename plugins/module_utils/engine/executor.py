# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place where the steps of plans are taken, for every framework.

What a step has led to is asked of the cluster: exit statuses and texts do not say. Several of the frameworks' programs
exit with 0 for what fails later, or with an error for what is so already.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Framework, FrameworkError, NotRunning
from .plan import Action, Step

#: Seconds after which a command that failed for a reason that passes is tried again although something is under way: it
#: may be of another service, and take longer than this one has.
_RETRY = 30.0


@dataclass(frozen=True)
class Executor:
    """Takes steps on one cluster.

    :param patience: seconds that a state has to come true where a step says nothing; None leaves it to the framework
    """

    framework: Framework
    patience: float | None = None

    def carry_out(self, steps: Sequence[Step], afterwards: Sequence[Step] = ()) -> None:
        """Take all steps, and those that come afterwards however the others ended. In check mode they are recorded.

        :raises FrameworkError: a step did not lead to what it should
        """
        try:
            self._carry_out(steps)
        except BaseException as error:
            try:
                self._carry_out(afterwards)
            except FrameworkError as another:
                if isinstance(error, FrameworkError):
                    raise FrameworkError(f"{error}; {another}") from error
            raise
        self._carry_out(afterwards)

    def _carry_out(self, steps: Sequence[Step]) -> None:
        for laned, found in itertools.groupby(steps, key=lambda step: bool(step.lane)):
            if laned:
                self._take_side_by_side(list(found))
            else:
                for step in found:
                    if self._left_out(step):
                        continue
                    self._act(step)
                    for words in self._await([step]).values():
                        raise FrameworkError(words)

    def _take_side_by_side(self, steps: Sequence[Step]) -> None:
        """Every lane gets on until it has to wait, and all wait together: one look serves all of them."""
        troubles: dict[str, str] = {}
        lanes: dict[str, list[Step]] = {}
        for step in steps:
            lanes.setdefault(step.lane, []).append(step)
        while any(lanes.values()):
            waiting: list[Step] = []
            for lane, left in lanes.items():
                try:
                    while left and not (waiting and waiting[-1].lane == lane):
                        step = left.pop(0)
                        if self._left_out(step):
                            continue
                        self._act(step)
                        if step.reached is not None:
                            waiting.append(step)
                except NotRunning:
                    raise
                except FrameworkError as error:
                    troubles[lane] = f"{error}"
                    left.clear()
            for lane, words in self._await(waiting).items():
                troubles[lane] = words
                lanes[lane].clear()
        if troubles:
            raise FrameworkError("; ".join(troubles.values()))

    # -- acting -------------------------------------------------------------------------------------------------------

    def _left_out(self, step: Step) -> bool:
        return step.if_needed and (self.framework.runner.dry or step.done(self.framework.observe()))

    def _act(self, step: Step) -> None:
        """Do it. Where that fails, the cluster says whether what was wanted is so nevertheless, in the end."""
        runner = self.framework.runner
        if step.action is None:
            return
        deadline = runner.clock() + self._patience(step)
        while True:
            error = self._attempt(step.action, step.timeout)
            if error is None:
                return
            passing = self.framework.passing(error)
            # What failed, or hung for all of its time, may have left something under way.
            rest = min(self._patience(step), _RETRY) if passing else self._patience(step)
            observation = self._at_rest(step, runner.clock() + rest)
            if observation is None:
                return
            if not passing or runner.clock() >= deadline:
                reasons = [
                    f"{step.words}, but that had no effect ({error})",
                    step.hopeless(observation) or step.late(observation),
                    step.remedy,
                ]
                raise FrameworkError("; ".join(reason for reason in reasons if reason))
            runner.pause(self.framework.pause)

    def _attempt(self, action: Action, timeout: float) -> CommandError | None:
        try:
            action.run(self.framework.runner, timeout)
        except CommandNotFound as error:
            raise NotRunning(f"{error}") from None
        except CommandError as error:
            return error
        return None

    def _at_rest(self, step: Step, deadline: float) -> Any:
        """The cluster once what a command may have begun is over; None if the step is done."""
        since: float | None = None
        while True:
            observation = self.framework.observe()
            if step.done(observation):
                return None
            since = self._resting_since(observation, since)
            if self._is_quiet(since) or self.framework.runner.clock() >= deadline:
                return observation
            self.framework.runner.pause(self.framework.pause)

    def _resting_since(self, observation: Any, since: float | None) -> float | None:
        """Since when nothing has been under way; None while something is."""
        if self.framework.under_way(observation):
            return None
        return self.framework.runner.clock() if since is None else since

    def _is_quiet(self, since: float | None) -> bool:
        return since is not None and self.framework.runner.clock() - since >= (self.framework.quiet or 0.0)

    # -- waiting ------------------------------------------------------------------------------------------------------

    def _patience(self, step: Step) -> float:
        return next(found for found in (step.patience, self.patience, self.framework.patience) if found is not None)

    def _await(self, steps: Sequence[Step]) -> dict[str, str]:
        """Wait for a state of each of these steps; what keeps one from it, by its lane."""
        framework, runner = self.framework, self.framework.runner
        troubles: dict[str, str] = {}
        waiting = [] if runner.dry else [step for step in steps if step.reached is not None]
        begun = runner.clock()
        since: float | None = None
        while waiting:
            framework.await_states(waiting, begun + max(map(self._patience, waiting)) - runner.clock())
            observation = framework.observe()
            waiting = [step for step in waiting if step.reached is not None and not step.reached(observation)]
            if framework.quiet is not None and not all(step.unseen for step in waiting):
                since = self._resting_since(observation, since)
            for step in waiting:
                reason = self._why_not(step, observation, runner.clock() - begun, self._is_quiet(since))
                if reason:
                    troubles[step.lane] = "; ".join(filter(None, [reason, step.remedy]))
            waiting = [step for step in waiting if step.lane not in troubles]
            if waiting:
                runner.pause(framework.pause)
        return troubles

    def _why_not(self, step: Step, observation: Any, waited: float, at_rest: bool) -> str:
        """Why a state will not come true; empty while it may."""
        reason, known = step.hopeless(observation), ""
        if not reason and waited >= self._patience(step):
            reason, known = f"it did not within {self._patience(step):g} seconds", step.late(observation)
        if not reason and at_rest and not step.unseen:
            reason = "it did not" if step.action is None else f"that had no effect ({step.action})"
            reason, known = f"{reason}, and the cluster has nothing left to do", step.late(observation)
        return f"{step.words}, but {': '.join(filter(None, [reason, known]))}" if reason else ""
