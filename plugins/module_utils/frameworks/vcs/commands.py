# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines of Veritas Cluster Server, and what is waited for between them: the steps of plans. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Command, Step, command
from ansible_collections.groupware.ha.plugins.module_utils.formats.vcs_tables import GLOBAL, is_true, system_list
from .native import LISTS, Native, autoenable, moving_nodes
from .terms import ENGINE_LOG, is_set, same

#: Seconds that all agents have to look at their resources for the first time.
_PROBE_TIMEOUT = 120.0

#: What waits for a person, and how VCS is told that somebody has been there, in this order.
CLEARING: Mapping[str, tuple[str, ...]] = {
    "ADMIN_WAIT": ("-clearadminwait",),
    "UNABLE TO OFFLINE": ("-flush", "-force"),
    "FAULTED": ("-clear",),
}

_Done = Callable[[Native], bool]


def words(value: str, is_list: bool) -> list[str]:
    """A value as arguments of ``-modify``. What begins with a hyphen is written with a percent sign before it."""
    found = value.split() if is_list else [value]
    return [f"%{word}" if word.startswith("-") else word for word in found] or ["-delete", "-keys"]


def is_written(step: Step) -> bool:
    """Whether a step of an operation changes the configuration, so that it has to be open for it."""
    return isinstance(step.action, Command) and not {"-enable", "-disable", "-persistent"}.isdisjoint(step.action.argv)


# -- what is configured -------------------------------------------------------------------------------------------


def add(program: str, name: str, *rest: str) -> Step:
    """Have a group, a resource or a type."""
    argv = command(program, "-add", name, *rest)
    return Step(f"{name} was to be created", lambda found: name in _table(found, program), argv)


def delete(program: str, name: str) -> Step:
    """Have one no more."""
    argv = command(program, "-delete", name)
    return Step(f"{name} was to be deleted", lambda found: name not in _table(found, program), argv)


def _table(native: Native, program: str) -> Collection[str]:
    return {"hagrp": native.groups, "hares": native.resources, "hatype": native.types}[program]


def modify(
    program: str, *names: str, value: str, is_list: bool | None = None, verb: str = "-modify", node: str = GLOBAL
) -> Step:
    """Set an attribute, the last of the names; those before it are the object's.

    :param is_list: whether it is a list; by default, whether an attribute of this name is one
    :param node: the system that it is set for, where it has a value for each
    """
    attribute = names[-1]
    arguments = words(value, attribute in LISTS if is_list is None else is_list)
    system = [] if node == GLOBAL else ["-sys", node]

    def done(found: Native) -> bool:
        current = found.value(program, *names, node=node)
        return current is not None and same(attribute, current, value)

    argv = command(program, verb, *names, *arguments, *system)
    return Step(f"{' of '.join(reversed(names))} was to be set", done, argv)


def localise(resource: str, attribute: str) -> Step:
    """Let an attribute have a value for each system."""

    def done(found: Native) -> bool:
        return GLOBAL not in found.resources.get(resource, {}).get(attribute, {GLOBAL: ""})

    argv = command("hares", "-local", resource, attribute)
    return Step(f"{attribute} of {resource} was to have a value for each system", done, argv)


def override(resource: str, attribute: str, overridden: bool = True) -> Step:
    """Let a resource have a value of its own of an attribute of its type, or that of its type again."""
    argv = command("hares", "-override" if overridden else "-undo_override", resource, attribute)
    told = f"{attribute} of {resource} was to be {'a value of its own' if overridden else 'that of its type'}"
    return Step(told, lambda found: (attribute in found.resources.get(resource, {})) == overridden, argv)


def link(parent: str, child: str, linked: bool = True) -> Step:
    """Have a resource depend on another one, or no more."""
    argv = command("hares", "-link" if linked else "-unlink", parent, child)
    told = f"{parent} was to depend on {child}" + ("" if linked else " no more")
    return Step(told, lambda found: ((parent, child) in [row[1:] for row in found.links]) == linked, argv)


def unlink_group(parent: str, child: str) -> Step:
    """Have a group depend on another one no more."""
    told = f"{parent} was to depend on {child} no more"
    argv = command("hagrp", "-unlink", parent, child)
    return Step(told, lambda found: (parent, child) not in [row[:2] for row in found.group_links], argv)


def declare(arguments: Sequence[str]) -> Step:
    """Let a type have an attribute; see DeclaredType."""
    resource_type, attribute = [word for word in arguments if word not in ("-static", "-temp")][:2]

    def done(found: Native) -> bool:
        rows = found.answer("haattr", "-display", resource_type).splitlines()
        return any(attribute in row.split()[:2] for row in rows)

    told = f"type {resource_type} was to have the attribute {attribute}"
    return Step(told, done, command("haattr", "-add", *arguments))


def place(group: str, numbers: Mapping[str, str], *verb: str) -> Step:
    """Give a group these systems with their numbers; with a verb ``-add`` or ``-update`` them."""

    def done(found: Native) -> bool:
        current = system_list(found.of_group(group, "SystemList"))
        return all(current.get(node) == number for node, number in numbers.items())

    pairs = [word for pair in numbers.items() for word in pair]
    argv = command("hagrp", "-modify", group, "SystemList", *verb, *pairs)
    return Step(f"service {group} was to have the systems {' '.join(pairs)}", done, argv)


def displace(group: str, node: str) -> Step:
    """Take a system from a group."""
    argv = command("hagrp", "-modify", group, "SystemList", "-delete", node)
    told = f"service {group} was to have the system {node} no more"
    return Step(told, lambda found: node not in found.nodes(group), argv)


def enable(group: str, enabled: bool, *nodes: str) -> Step:
    """Let a group come online, or not, on a system or everywhere."""
    system = [word for node in nodes for word in ("-sys", node)]

    def done(found: Native) -> bool:
        wanted = set(nodes or found.nodes(group))
        return wanted & set(found.enabled_nodes(group)) == (wanted if enabled else set())

    told = f"service {group} was to be {'enabled' if enabled else 'disabled'}"
    return Step(told, done, command("hagrp", "-enable" if enabled else "-disable", group, *system))


def freeze(group: str, frozen: bool, persistent: bool = True) -> Step:
    """Have VCS leave a group alone, for good or for a time, or act on it again."""
    attribute, option = ("Frozen", ["-persistent"]) if persistent else ("TFrozen", [])
    argv = command("hagrp", "-freeze" if frozen else "-unfreeze", group, *option)
    told = f"service {group} was to be {'frozen' if frozen else 'unfrozen'}"
    return Step(told, lambda found: is_true(found.of_group(group, attribute)) == frozen, argv)


def freeze_system(node: str) -> Step:
    """Have a system give up all groups and take none, for good."""
    told = f"node {node} was to be frozen"
    return Step(told, _frozen_for_good(node, "1"), command("hasys", "-freeze", "-persistent", "-evacuate", node))


def unfreeze_system(node: str) -> list[Step]:
    """Have a system take groups again, in whichever ways it is frozen."""
    told = f"node {node} was to be unfrozen"
    return [
        Step(told, _frozen_for_good(node, "0"), command("hasys", "-unfreeze", "-persistent", node)),
        Step(told, lambda found: not found.systems[node].frozen, command("hasys", "-unfreeze", node), if_needed=True),
    ]


def _frozen_for_good(node: str, value: str) -> _Done:
    return lambda found: found.answer("hasys", "-value", node, "Frozen").strip() == value


# -- what runs ----------------------------------------------------------------------------------------------------


def start(group: str, node: str, *resource: str) -> Step:
    """Bring a group online on a node, or one resource of it."""
    program, name = ("hares", *resource) if resource else ("hagrp", group)
    return _going(group, node, resource, True, command(program, "-online", name, "-sys", node))


def switch(group: str, node: str) -> Step:
    """Have a group that is online move to a node."""
    return _going(group, node, (), True, command("hagrp", "-switch", group, "-to", node))


def stop(group: str, node: str, *resource: str) -> Step:
    """Take a group offline on a node, or one resource of it."""
    program, name = ("hares", *resource) if resource else ("hagrp", group)
    return _going(group, node, resource, False, command(program, "-offline", name, "-sys", node))


def _going(group: str, node: str, resource: Sequence[str], online: bool, argv: Command) -> Step:
    """A command that sets something going, and where that has to get before anything else is done with the group."""
    what = "".join(f"resource {name} of " for name in resource) + f"service {group}"

    def reached(found: Native) -> bool:
        if resource:
            return (node in found.active_nodes(resource[0])) == online
        if not online:
            return "STOPPING" not in found.states(group, node) and node not in found.group_nodes(group)
        if found.is_complete(group, node):
            return True
        # VCS may have brought it online on another node because it failed on this one.
        return found.group_faulted(group, node) and any(found.is_complete(group, other) for other in found.nodes(group))

    def late(found: Native) -> str:
        of = found.of_resource(resource[0], "State", node) if resource else found.of_group(group, "State", node)
        return f"it is {of}"

    return Step(
        f"{what} was to get {'online' if online else 'offline'} on {node}",
        reached,
        argv,
        reached=reached,
        hopeless=lambda found: _stuck(group, node, found, online),
        late=late,
        remedy=f"see {ENGINE_LOG} there, repair what is wrong, have its failures cleared, and run again",
    )


def _stuck(group: str, node: str, native: Native, online: bool) -> str:
    """What of a group waits for a person, so that it gets nowhere."""
    found = native.faults(group)
    stuck = [fault for fault in found if fault[2] != "FAULTED"]
    if not stuck and online and not moving_nodes(native.groups.get(group, {})):
        stuck = [fault for fault in found if fault[1] == node]
    return "; ".join(f"{resource} is {word} on {where}" for resource, where, word in stuck)


def probe(group: str, node: str) -> Step:
    """Wait until agents have looked at a group: before that, VCS brings it online nowhere."""

    def hopeless(found: Native) -> str:
        unknown = found.unknown_nodes(group)
        return autoenable(group, unknown) if unknown else _stuck(group, node, found, True)

    def late(found: Native) -> str:
        pending = [
            f"{name} on {other}"
            for name in found.members(group)
            for other in found.nodes(group)
            if found.takes_groups(other)
            and is_true(found.of_resource(name, "Enabled", default="1"))
            and not is_true(found.of_resource(name, "Probed", other, "1"))
        ]
        if not pending:
            return autoenable(group, found.auto_disabled(group))
        return (
            f"that of {', '.join(pending)} is not known; is the agent installed on every node, and is every attribute "
            "right that it needs?"
        )

    return Step(
        f"VCS was to find out the state of service {group}",
        lambda found: is_probed(group, node, found),
        reached=lambda found: is_probed(group, node, found),
        hopeless=hopeless,
        late=late,
        patience=_PROBE_TIMEOUT,
    )


def is_probed(group: str, node: str, native: Native) -> bool:
    """Whether agents have looked at a group, on a node and on all others that could take it."""
    nodes = {node, *(other for other in native.nodes(group) if native.takes_groups(other))}
    pending = any(is_set(native.of_group(group, "ProbesPending", other)) for other in nodes)
    return not pending and not native.auto_disabled(group)


def leave(group: str, node: str) -> Step:
    """Wait until a group has left a node that gives up its groups."""

    def reached(found: Native) -> bool:
        return found.has_left(group, node)

    told = f"service {group} was to leave {node}, which is frozen"
    return Step(told, reached, reached=reached, remedy=f"see {ENGINE_LOG}")


def clear(group: str, node: str, word: str) -> Step:
    """Have VCS forget what is wrong with resources of a group on a node; see ``CLEARING``."""

    def done(found: Native) -> bool:
        return not any(fault[1:] == (node, word) for fault in found.faults(group))

    return Step(
        f"{word} of service {group} on {node} was to be cleared",
        done,
        command("hagrp", *CLEARING[word], group, "-sys", node),
    )


def require_cleared(group: str) -> Step:
    """Say what is wrong with a group although everything was cleared."""

    def left(found: Native) -> str:
        return "; ".join(f"{resource} is {word} on {node}" for resource, node, word in found.faults(group))

    return Step(
        f"service {group} was cleared",
        lambda found: not left(found),
        reached=lambda found: not left(found),
        hopeless=left,
        remedy="what is only watched, such as a network interface, recovers by itself when it works again",
    )


def refuse(told: str, reason: str, remedy: str) -> Step:
    """Say why the rest cannot be done with a group; what concerns others can."""
    return Step(told, lambda _found: False, reached=lambda _found: False, hopeless=lambda _found: reason, remedy=remedy)
