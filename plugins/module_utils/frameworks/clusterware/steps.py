# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands in order and where they lead: resources are made, changed, deleted; services start, move, stop. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Command, Step
from ansible_collections.groupware.ha.plugins.module_utils.formats import clusterware as formats
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from . import reading, terms
from .reading import NativeState

_STOPPED = (formats.Instance("OFFLINE", "OFFLINE"),)


#: Starting a mail server may take SCRIPT_TIMEOUT (300 seconds in the manual), after the one before was stopped.
SLOW = 900.0


def _status_of(names: Iterable[str]) -> str:
    return f"'crsctl status resource {' '.join(sorted(names))} -v'"


def _online(names: Iterable[str], node: str | None) -> Callable[[NativeState], bool]:
    return lambda found: all(found.online_on(name, node) for name in names)


class Steps:
    """Each is made from what the ones before it lead to, so that all are known beforehand.

    ``native`` is the state after them, ``services`` have the members that there are to be. ``marked`` has the
    AUTO_START of resources that were set to never because a step stops them, ``detached`` the dependencies that
    resources get back once what they depend on has been made again.
    """

    def __init__(self, before: NativeState) -> None:
        self._before = before
        self._attributes = {name: dict(found) for name, found in before.attributes.items()}
        self._instances = dict(before.instances)
        self.native = NativeState(self._attributes, self._instances, before.nodes, before.types)
        self.services = {name: list(members) for name, members in before.grouped[0].items()}
        self.steps: list[Step] = []
        self.marked: dict[str, str] = {}
        self.detached: dict[str, dict[str, str]] = {}
        #: What ran before the first step, and is stopped or moved by a step.
        self._disturbed: set[str] = set()

    def interrupted(self, services: Collection[str], resources: Collection[str]) -> list[str]:
        """Services of which something is disturbed, but those and without the resources that go for good."""
        return [
            service
            for service, members in self._before.grouped[0].items()
            if service not in services and any(name in self._disturbed and name not in resources for name in members)
        ]

    # -- single commands ------------------------------------------------------------------------------------

    def register(self, name: str, base: Sequence[str], wanted: Mapping[str, str]) -> None:
        """Have a type with these attributes; one that is made is given its ``base``."""

        def done(found: NativeState) -> bool:
            return name in found.types and not terms.differing(reading.definitions(found.types[name]), wanted)

        attributes = ["-attr", formats.definition_argument(wanted)] if wanted else []
        argv = ["crsctl", "add" if base else "modify", "type", name, *base, *attributes]
        self._configure(f"type {name} was to be registered", argv, "see what it says of the attributes", done)

    def delete_type(self, name: str) -> None:
        """Have a type forgotten."""
        remedy = "delete the resources and types that are of it first"
        argv = ["crsctl", "delete", "type", name]
        self._configure(f"type {name} was to be deleted", argv, remedy, lambda found: name not in found.types)

    def _configure(self, words: str, argv: Sequence[str], remedy: str, done: Callable[[NativeState], bool]) -> None:
        self.steps.append(Step(words, done, Command(tuple(argv)), remedy=remedy))

    def _set_going(self, words: str, argv: Sequence[str], remedy: str, done: Callable[[NativeState], bool]) -> None:
        """A command whose exit status 0 does not say that the state came true."""
        self.steps.append(Step(words, done, Command(tuple(argv)), reached=done, remedy=remedy, timeout=SLOW))

    def add(self, argv: Sequence[str], name: str, made: Mapping[str, str], wanted: Mapping[str, str]) -> None:
        """Make a resource, which is offline then; ``wanted`` of what is ``made`` tells that it is there."""
        remedy = "see what it says of the attributes"
        self._configure(f"{name} was to be created", argv, remedy, lambda found: found.has(name, wanted))
        self._attributes[name] = dict(made)
        self._instances[name] = _STOPPED

    def modify(self, name: str, settings: Mapping[str, str]) -> None:
        """Set those attributes that are not so already."""
        differing = terms.differing(self._attributes[name], settings)
        if not differing:
            return
        argv = ["crsctl", "modify", "resource", name, "-attr", formats.attribute_argument(differing)]
        remedy = "see what it says of the attribute"
        self._configure(f"{name} was to be changed", argv, remedy, lambda found: found.has(name, differing))
        self._attributes[name].update(differing)

    def permit(self, name: str, user: str) -> None:
        """Let a user start and stop a resource."""

        def done(found: NativeState) -> bool:
            return user in reading.resource(name, found.attributes[name]).settings.get("user", "").split()

        argv = ["crsctl", "setperm", "resource", name, "-u", f"user:{user}:r-x"]
        remedy = "see whether there is such a user on every node"
        self._configure(f"{user} was to be allowed to use {name}", argv, remedy, done)

    def delete(self, name: str) -> None:
        """Delete a resource; it has been stopped."""
        argv = ["crsctl", "delete", "resource", name]
        if self.native.is_address(name):
            argv = ["appvipcfg", "delete", f"-vipname={name}"]
        remedy = "see what still needs it"
        self._configure(f"{name} was to be deleted", argv, remedy, lambda found: name not in found.attributes)
        del self._attributes[name]
        self._instances.pop(name, None)

    def stop(self, name: str, force: bool = False) -> None:
        """Stop a resource for as long as nobody starts it."""
        argv = ["crsctl", "stop", "resource", name, *(["-f"] if force else [])]
        remedy = f"see why it runs on ({_status_of([name])}, and the log of its action script)"

        def done(found: NativeState) -> bool:
            return not found.active_on(name) and found.target(name) == "OFFLINE"

        self._set_going(f"{name} was told to stop", argv, remedy, done)
        self._disturb([name])
        self._instances[name] = _STOPPED

    def _check(self, name: str) -> None:
        argv = ["crsctl", "check", "resource", name]
        words = f"the state of {name} was to be found out"
        remedy = f"see what its action script says ({_status_of([name])})"

        def done(found: NativeState) -> bool:
            return not found.state_is(name, "INTERMEDIATE")

        self._set_going(words, argv, remedy, done)
        self._runs([name], self.native.active_on(name)[0])

    def _start(self, name: str, together: Collection[str], node: str | None, service: str) -> None:
        argv = ["crsctl", "start", "resource", name, *(["-n", node] if node else [])]
        words = f"service {service}: {name} was to start" + (f" on {node}" if node else "")
        remedy = f"see why it does not ({_status_of(together)}, and the log of its action script)"
        expected = node or next(iter(self.candidates(service)), "(any)")
        self._set_going(words, argv, remedy, _online(together, node))
        self._runs(together, expected)

    def _relocate(self, name: str, together: Collection[str], node: str, service: str) -> None:
        argv = ["crsctl", "relocate", "resource", name, "-n", node, "-f"]
        words = f"service {service}: {name} was to move to {node}"
        remedy = f"see where it is now ({_status_of(together)}) and why it does not run on {node}"
        self._disturb(together)
        self._set_going(words, argv, remedy, _online(together, node))
        self._runs(together, node)

    def _runs(self, names: Iterable[str], node: str) -> None:
        self._instances.update(dict.fromkeys(names, (formats.Instance("ONLINE", "ONLINE", node),)))

    def _disturb(self, names: Iterable[str]) -> None:
        self._disturbed.update(name for name in names if self._before.active_on(name))

    # -- what runs where ------------------------------------------------------------------------------------

    def members(self, service: str) -> list[str]:
        """Members of a service that there are, in starting order."""
        needs = self.native.needs("START_DEPENDENCIES")
        return self.native.in_starting_order({name: needs[name] for name in self.services[service] if name in needs})

    def _sinks(self, members: Sequence[str]) -> dict[str, set[str]]:
        """Members that no other one needs, each with all that it needs itself: to start them starts all."""
        needs = self.native.needs("START_DEPENDENCIES")
        needed_by = {name: {other for other in members if name in needs[other]} for name in members}
        return {name: {name, *formats.dependents(needed_by, [name])} for name in members if not needed_by[name]}

    def candidates(self, service: str) -> list[str]:
        """Active nodes that may carry the service, preferred first; all active ones where none are named."""
        members = self.members(service)
        last = self._attributes[members[-1]] if members else {}
        hosting = last.get("HOSTING_MEMBERS", "").split()
        restricted = last.get("PLACEMENT", "").lower() == "restricted"
        nodes = hosting if restricted else dict.fromkeys([*hosting, *self.native.nodes])
        return [node for node in nodes if self.native.nodes.get(node)]

    def refuse_unmanageable(self, names: Iterable[str], starting: bool) -> None:
        """Refuse before anything is touched what Clusterware could not do."""
        for name in names:
            for instance in self._instances.get(name, ()):
                if instance.state == "UNKNOWN":
                    raise FrameworkError(
                        f"resource {name} could not be stopped on {instance.node} and its state is UNKNOWN: see that "
                        "it is stopped there, then clear the failure and run again; nothing was changed"
                    )
            if starting and self._attributes[name].get("ENABLED") == "0":
                raise FrameworkError(
                    f"resource {name} is disabled (ENABLED=0), so Clusterware starts it nowhere: unfreeze its service, "
                    "or enable it, and run again; nothing was changed"
                )

    def start(self, service: str, node: str | None) -> None:
        """Start what does not run, on the node; without one where it may run best."""
        members = self.members(service)
        if all(self.native.online_on(name, node) for name in members):
            return
        self.refuse_unmanageable(members, starting=True)
        # -n must be able to place all of them there: what runs elsewhere goes first, as an address does in the manual.
        for name in reversed(members):
            if node is not None and any(where != node for where in self.native.active_on(name)):
                self.stop(name)
        for sink, together in self._sinks(members).items():
            if not self.native.online_on(sink, node):
                self._start(sink, together, node, service)

    def bring_to(self, service: str, node: str) -> None:
        """Have all of the service run on the node."""
        members = self.members(service)
        if all(self.native.online_on(name, node) for name in members):
            return
        self.refuse_unmanageable(members, starting=True)
        where = {self.native.active_on(name) for name in members}
        if len(where) > 1 or () in where or not all(self.native.online_on(name) for name in members):
            self.start(service, node)
            return
        needs = self.native.needs("START_DEPENDENCIES")
        for sink, together in self._sinks(members).items():
            if not self.native.online_on(sink, node):
                dragged = formats.dependents(needs, together) & set(members)
                self._relocate(sink, together | dragged, node, service)

    def leave(self, service: str, node: str) -> None:
        """Have nothing of the service run on the node."""
        members = self.members(service)
        if not any(node in self.native.active_on(name) for name in members):
            return
        others = [other for other in self.candidates(service) if other != node]
        if others:
            self.bring_to(service, others[0])
        else:
            self.stop_members(members)

    def stop_members(self, names: Sequence[str]) -> None:
        """Stop these, what was started last first; those that are to be offline and are stay untouched."""
        self.refuse_unmanageable(names, starting=False)
        for name in reversed(names):
            if self.native.active_on(name) or self.native.target(name) == "ONLINE":
                self.stop(name)

    def clear(self, service: str) -> None:
        """Take back UNKNOWN and INTERMEDIATE, and start what should run."""
        members = self.members(service)
        wanted = any(self.native.target(name) == "ONLINE" for name in members)
        for name in reversed(members):
            if self.native.state_is(name, "UNKNOWN"):
                self.stop(name, force=True)
        for name in members:
            if self.native.state_is(name, "INTERMEDIATE"):
                self._check(name)
        if wanted:
            self.start(service, None)

    def freeze(self, service: str, frozen: bool) -> None:
        """Set ENABLED of all members; that of the last one, which says whether the service is frozen, last."""
        for name in self.members(service):
            self.modify(name, {"ENABLED": "0" if frozen else "1"})

    # -- stopping for a while -------------------------------------------------------------------------------

    def affected(self, names: Collection[str]) -> list[str]:
        """These and what cannot run without them, in starting order."""
        needs = self.native.needs(*terms.DEPENDENCIES)
        found = {*names, *formats.dependents(needs, names)}
        return [name for name in self.native.in_starting_order(needs) if name in found]

    def stop_marked(self, names: Collection[str], unmarked: Collection[str] = ()) -> None:
        """Stop these and what depends on them, all marked as not whole but those ``unmarked``."""
        order = self.affected(names)
        self.refuse_unmanageable(order, starting=False)
        for name in order:
            if name not in unmarked and self.native.target(name) == "ONLINE":
                self.mark(name)
        for name in reversed(order):
            if self.native.active_on(name):
                self.stop(name)

    def mark(self, name: str) -> None:
        """Whoever finds it stopped is to know that nobody wanted that."""
        current = self._attributes[name].get("AUTO_START", "")
        if current != "never":
            self.marked[name] = current
            self.modify(name, {"AUTO_START": "never"})
