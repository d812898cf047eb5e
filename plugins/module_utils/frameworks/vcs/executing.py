# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking steps: commands, waiting for states between them, and the configuration session.

Whether a command that failed did what it was to do, its state says. While the configuration is open, a file beside
main.cf says that this collection opened it: a run that finds the configuration writable and this file closes it, and
leaves alone what an administrator has opened.
"""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable, Iterator, Sequence

from ansible_collections.groupware.ha.plugins.module_utils.command import (
    ANY_STATUS,
    CommandError,
    CommandNotFound,
    Runner,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats.vcs_tables import is_true
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, NotRunning
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.vcs.asking import (
    SESSION_FILE,
    Questions,
    Static,
    numbers_of,
    words_of,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.vcs.commands import (
    Await,
    Command,
    Step,
    Transaction,
    command,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.vcs.native import Native, moving_nodes
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.vcs.terms import ENGINE_LOG, plain

#: Seconds that a change is tried again while a node joins or leaves the cluster.
BUSY_TIMEOUT = 120.0
BUSY_PAUSE = 5.0

_BUSY = frozenset([50129])
#: What was asked for is so already: link, key, not in the list, online, switched, frozen, cleared, writable.
_BENIGN = frozenset([10905, 10563, 10566, 50996, 50997, 40229, 10192, 10267, 10364])
#: Seconds that agents have to start or stop a service: VCS's OnlineTimeout and OfflineTimeout are 300.
TRANSITION_TIMEOUT = 330.0
#: Seconds that all agents have to look at their resources for the first time.
_PROBE_TIMEOUT = 120.0
#: Seconds between two looks at a state; VCS itself says sooner when it is reached.
_LOOK = 10


class ServiceTrouble(FrameworkError):
    """One service does not get where it should; the others may."""


class Executor(Questions):
    """Takes the steps of transactions.

    :param types: static attributes of registered resource types, as far as they are known
    :param timeout: seconds that a service has to get where it should
    """

    def __init__(self, runner: Runner, types: Static, timeout: float = TRANSITION_TIMEOUT) -> None:
        super().__init__(runner)
        self._types = types
        self._timeout = timeout

    def look(self) -> Native:
        """The cluster as it is now; what is learnt of types on the way is kept."""
        found = self.native(self._types)
        self._types = found.types
        return found

    # -- steps ---------------------------------------------------------------------------------------------------

    def carry_out(self, transaction: Transaction) -> None:
        """Take all steps. A service that does not get on keeps no other from doing so, and is reported last."""
        with self.opened() if transaction.opens else contextlib.nullcontext():
            self._take(transaction.common)
            troubles = self._take_together(transaction)
            self._take(transaction.last)
            if troubles:
                raise FrameworkError("; ".join(troubles.values()))

    def _take(self, steps: Sequence[Step]) -> None:
        for step in steps:
            if isinstance(step, Command):
                self.run(step)
            elif isinstance(step, Await):
                for words in self._await([step]).values():
                    raise ServiceTrouble(words)
            elif not self.runner.dry:
                raise ServiceTrouble(step.words)

    def _take_together(self, transaction: Transaction) -> dict[str, str]:
        """Every group gets on until it has to wait, and all wait together: one look serves all of them."""
        troubles: dict[str, str] = {}
        left = {group: list(steps) for group, steps in transaction.groups.items()}
        while any(left.values()):
            waiting: dict[str, Await] = {}
            for group, steps in left.items():
                try:
                    while steps and group not in waiting:
                        step = steps.pop(0)
                        if isinstance(step, Await):
                            waiting[group] = step
                        else:
                            self._take([step])
                except ServiceTrouble as error:
                    troubles[group] = f"{error}"
                    steps.clear()
            for group, words in self._await(list(waiting.values())).items():
                troubles[group] = words
                left[group].clear()
        return troubles

    # -- commands ------------------------------------------------------------------------------------------------

    def run(self, step: Command) -> None:
        """Run one command. Where it fails, the state says whether what was wanted is so nevertheless."""
        deadline = self.runner.clock() + BUSY_TIMEOUT
        while True:
            reason, numbers = self.attempt(step.argv)
            if reason is None:
                return
            if numbers & _BUSY and self.runner.clock() < deadline:
                self.runner.pause(BUSY_PAUSE)
                continue
            if numbers & _BENIGN or self._holds(step.argv):
                return
            raise FrameworkError(f"{shlex.join(step.argv)}: {reason}")

    def attempt(self, argv: Sequence[str]) -> tuple[str | None, frozenset[int]]:
        """Run a command once; why it failed, if it did, and the numbers of its messages."""
        try:
            said = self.runner.run(argv, accept=ANY_STATUS)
        except CommandNotFound:
            raise NotRunning("Veritas Cluster Server is not installed on this node") from None
        except CommandError as error:
            return error.reason, frozenset()
        if said.status == 0:
            return None, frozenset()
        return f"exit status {said.status}: {words_of(said)}", numbers_of(said)

    def _holds(self, argv: Sequence[str]) -> bool:
        """Whether the cluster is already as a command was to make it."""
        program, verb, *rest = argv
        try:
            if program == "haconf":
                return self.writable()
            if program == "haattr":
                resource_type, attribute = [word for word in rest if word not in ("-static", "-temp")][:2]
                return self.shows(["haattr", "-display", resource_type], attribute)
            if verb in ("-modify", "-global"):
                return self._has_value(program, rest)
            if verb == "-add":
                return self.ask([program, "-display", rest[0]]).status == 0
            if verb == "-delete":
                said = self.ask([program, "-display", rest[0]])
                return said.status != 0 and bool(numbers_of(said))
            if verb in ("-link", "-unlink"):
                return self.shows([program, "-dep", rest[0]], *rest[:2]) == (verb == "-link")
            if verb in ("-override", "-undo_override"):
                return self.shows(["hares", "-display", rest[0]], rest[1]) == (verb == "-override")
            return self._operated(program, verb, rest)
        except FrameworkError:
            return False

    def _has_value(self, program: str, rest: Sequence[str]) -> bool:
        words = list(rest)
        system = [words.pop(), words.pop()][:1] if len(words) > 3 and words[-2] == "-sys" else []
        name, *values = words
        # The cluster has no name in front of its attributes.
        target = [name] if program == "haclus" else [name, values.pop(0)]
        said = self.ask([program, "-value", *target, *system])
        if said.status != 0:
            return False
        current = said.stdout.split()
        if values[:2] == ["-delete", "-keys"]:
            return not current
        if values[0] == "-delete":
            return not set(values[1:]) & set(current)
        if values[0] in ("-add", "-update"):
            return f" {' '.join(values[1:])} " in f" {' '.join(current)} "
        return plain(said.stdout) == plain(" ".join(values))

    def _operated(self, program: str, verb: str, rest: Sequence[str]) -> bool:
        """Whether what a command was to set going is on its way, or there."""
        name, node = rest[0], rest[-1]
        if program == "hasys":
            return (verb == "-freeze") == self.systems()[node].frozen
        native = self.look()
        if verb in ("-freeze", "-unfreeze"):
            attribute = "Frozen" if "-persistent" in rest else "TFrozen"
            return is_true(native.of_group(name, attribute)) == (verb == "-freeze")
        if verb in ("-enable", "-disable"):
            nodes = {node} if "-sys" in rest else set(native.nodes(name))
            enabled = nodes & set(native.enabled_nodes(name))
            return enabled == nodes if verb == "-enable" else not enabled
        if verb in ("-clear", "-clearadminwait", "-flush"):
            return not native.group_faulted(rest[-3], node)
        resource = [name] if program == "hares" else []
        group = native.of_resource(name, "Group") if resource else name
        step = Await("offline" if verb == "-offline" else "online", group, node, *resource)
        return bool(moving_nodes(native.groups.get(group, {}))) or step.reached(native)

    # -- waiting -------------------------------------------------------------------------------------------------

    def _await(self, steps: Sequence[Await]) -> dict[str, str]:
        """Wait for a state of each of some groups; what keeps a group from it, by its name. A fault ends that."""
        troubles: dict[str, str] = {}
        if self.runner.dry:
            return troubles
        begun = self.runner.clock()
        waiting = list(steps)
        while waiting:
            moving = next((step for step in waiting if step.state != "probed"), None)
            if moving is not None:
                self._wait_a_while(moving, begun + self._timeout)
            native = self.look()
            waiting = [step for step in waiting if not step.reached(native)]
            for step in waiting:
                limit = min(self._timeout, _PROBE_TIMEOUT) if step.state == "probed" else self._timeout
                words = step.hopeless(native)
                if not words and self.runner.clock() >= begun + limit:
                    words = step.late(native, limit)
                if words:
                    troubles[step.group] = words
            waiting = [step for step in waiting if step.group not in troubles]
            if waiting:
                self.runner.pause(1)
        return troubles

    def _wait_a_while(self, step: Await, deadline: float) -> None:
        """Have VCS say when the state is reached; the look afterwards decides."""
        seconds = max(1, min(_LOOK, int(deadline - self.runner.clock())))
        words = ["hares", "-wait", step.resource] if step.resource else ["hagrp", "-wait", step.group]
        argv = [*words, "State", step.state.upper(), "-sys", step.node, "-time", str(seconds)]
        with contextlib.suppress(FrameworkError):
            self.ask(argv, timeout=seconds + 30)

    def _until_none(self, left: Callable[[], str], timeout: float, words: str) -> None:
        """Wait until nothing is left of what has to come to an end, or fail with words about it and the seconds."""
        deadline = self.runner.clock() + timeout
        while True:
            found = left()
            if not found or self.runner.dry:
                return
            if self.runner.clock() >= deadline:
                raise FrameworkError(words.format(found, timeout))
            self.runner.pause(1)

    def settle(self, timeout: float) -> None:
        """Wait until no group is on its way."""

        def moving() -> str:
            return "; ".join(
                f"{group} on {node} ({state})"
                for group, values in self.groups().items()
                for node, state in moving_nodes(values).items()
            )

        self._until_none(
            moving,
            timeout,
            "the cluster did not settle within {1:g} seconds: {0}; 'hastatus -sum' and "
            f"{ENGINE_LOG} show what it is waiting for",
        )

    # -- systems -------------------------------------------------------------------------------------------------

    def evacuate(self, node: str, carried: Sequence[str]) -> None:
        """Freeze a system for good, and have what it carries go elsewhere."""

        def staying() -> str:
            native = self.look()
            return ", ".join(group for group in carried if not _left(group, node, native))

        with self.opened():
            self.run(command("hasys", "-freeze", "-persistent", "-evacuate", node))
            if carried and not self.runner.dry:
                self._until_none(
                    staying,
                    TRANSITION_TIMEOUT,
                    f"node {node} is frozen, but {{0}} did not move within {{1:g}} seconds; see {ENGINE_LOG}",
                )

    def take_back(self, node: str) -> None:
        """Unfreeze a system in both ways that it can be frozen."""
        with self.opened():
            self.run(command("hasys", "-unfreeze", "-persistent", node))
        if not self.runner.dry and self.systems()[node].frozen:
            # It was frozen for a time only.
            self.run(command("hasys", "-unfreeze", node))

    # -- the configuration session -------------------------------------------------------------------------------

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """Have the configuration writable, and saved and closed afterwards whatever happens.

        One that is writable already is only saved, unless a run of this collection left it so: then somebody else is
        at it and will close it.
        """
        writable = self.writable()
        ours = not writable or self.opened_here()
        try:
            if not writable:
                # Said before it is true: a run that dies right after the command is known, too.
                self._note(
                    "The configuration of VCS is open for changes by groupware.ha. It closes it again by itself.\n"
                )
                self.run(command("haconf", "-makerw"))
            yield
        except BaseException as error:
            try:
                if ours and not self.runner.dry and self._closed():
                    # It was never opened, as when the command to do so failed.
                    self._note("")
                else:
                    self._close(ours)
            except (CommandError, FrameworkError) as further:
                raise FrameworkError(f"{error}; and {further}") from error
            raise
        self._close(ours)

    def _close(self, ours: bool) -> None:
        argv = ["haconf", "-dump", "-makero"] if ours else ["haconf", "-dump"]
        deadline = self.runner.clock() + BUSY_TIMEOUT
        while True:
            reason, _numbers = self.attempt(argv)
            # Only the state says that it is closed: answers get lost.
            if self.runner.dry or (self._closed() if ours else reason is None):
                break
            if self.runner.clock() >= deadline:
                raise FrameworkError(
                    f"the configuration of VCS is still writable ({shlex.join(argv)}: {reason or 'no error'}); run "
                    "'haconf -dump -makero' on a node of the cluster: while it is writable, VCS does not start from it"
                )
            self.runner.pause(BUSY_PAUSE)
        if ours:
            self._note("")

    def _closed(self) -> bool:
        """Whether it is certain that the configuration is not writable."""
        try:
            return not self.writable()
        except FrameworkError:
            return False

    def _note(self, text: str) -> None:
        try:
            self.runner.replace_file(SESSION_FILE, text)
        except OSError as error:
            raise FrameworkError(
                f"{SESSION_FILE} cannot be written ({error}): is VCS configured on this node?"
            ) from None


def _left(group: str, node: str, native: Native) -> bool:
    """Whether a group has left a node, and is online elsewhere unless it cannot."""
    if node in native.busy_nodes(group):
        return False
    others = [other for other in native.nodes(group) if other != node and native.takes_groups(other)]
    arrived = any(native.is_complete(group, other) for other in others)
    return arrived or all(native.group_faulted(group, other) for other in others)
