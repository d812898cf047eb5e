# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From changes to steps: what Veritas Cluster Server has to be told, in order. Pure.

A service that is stopped for a change, or gets a member while it runs, is marked as unfinished in the configuration
before anything else, and is rid of the mark when it was seen online, as the very last change: whatever happens in
between, the next run sees the mark as a difference, and goes on. The mark of a new group is its empty AutoStartList;
that of a resource is AutoStart 0, which keeps it from starting with its group.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, Service
from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Plan, Step
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import Change, named
from ansible_collections.groupware.ha.plugins.module_utils.formats.vcs_tables import is_true
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, Snapshot
from . import commands
from .group_planning import GroupPlan, children_first, refuse_untouchable
from .native import Native, Types, declared_types
from .terms import CONFIGURATION, required, required_groups


def plan_changes(snapshot: Snapshot, changes: Sequence[Change]) -> Plan:
    """Everything that makes the changes, in order. Deletions come first: a name may be used again elsewhere.

    :raises FrameworkError: they cannot be made as the cluster stands
    """
    native: Native = snapshot.native
    types = Types(native.types, declared_types(_types_of(changes), native.types, native.read_file))
    gone = set(named(changes, "delete", "service"))
    plans = _group_plans(changes, snapshot, types)
    stopping: list[Step] = []
    for service in _dependents_first(snapshot.config.services):
        if service.name in gone:
            stopping.extend(_stop(service, native))
        elif service.name in plans:
            stopping.extend(plans[service.name].stopping())
    changing = [
        *_common_steps(changes, snapshot.config, plans.values(), types),
        *(step for name, plan in plans.items() for step in _laned(name, plan.steps())),
        *(commands.delete("hatype", name) for name in named(changes, "delete", "type")),
    ]
    return Plan(stopping, changing, interrupts=[name for name, plan in plans.items() if plan.interrupts])


def _types_of(changes: Sequence[Change]) -> list[str]:
    """The resource types that changes are about: what they declare has to be known."""
    resources = {change.type for change in changes if change.kind == "resource" and change.type}
    return sorted(resources | {change.name for change in changes if change.kind == "type"})


def _laned(group: str, steps: Iterable[Step]) -> list[Step]:
    """The steps of different groups depend on nothing of each other."""
    return [replace(step, lane=group) for step in steps]


def _is(change: Change, action: str, kind: str) -> bool:
    return (change.action, change.kind) == (action, kind)


def _group_plans(changes: Sequence[Change], snapshot: Snapshot, types: Types) -> dict[str, GroupPlan]:
    """The plans of all groups that are changed but not deleted."""
    services = {service.name: service for service in snapshot.config.services}
    created = set(named(changes, "create", "service"))
    grouped: dict[str, list[Change]] = {}
    for change in changes:
        if change.kind not in ("service", "resource") or _is(change, "delete", "service"):
            continue
        owner = change.name if change.kind == "service" else change.service
        if owner is None:
            raise FrameworkError(f"resource {change.name}: on VCS every resource is a member of a service")
        grouped.setdefault(owner, []).append(change)
    gone = set(grouped) - created - set(services)
    if gone:
        raise FrameworkError(f"service {', '.join(gone)} has gone while it was to be changed; run again")
    return {
        name: GroupPlan(name, found, None if name in created else services[name], snapshot.native, types)
        for name, found in grouped.items()
    }


def _stop(service: Service, native: Native) -> Iterator[Step]:
    refuse_untouchable(service.name, native)
    for node in native.group_nodes(service.name):
        step = commands.stop(service.name, node)
        # What it depends on cannot be told to stop before it is offline.
        yield step if required_groups(service.settings) else replace(step, reached=None)


def _common_steps(
    changes: Sequence[Change], current: ClusterConfig, plans: Iterable[GroupPlan], types: Types
) -> Iterator[Step]:
    """Deletions, then the cluster itself, then types."""
    for plan in plans:
        yield from plan.removal()
    yield from _deleted_groups(named(changes, "delete", "service"), current)
    for change in changes:
        if change.kind == "cluster":
            for key, value in (change.after or {}).items():
                if key != CONFIGURATION:
                    yield commands.modify("haclus", key, value=value)
    settings = {change.name: change.after or {} for change in changes if _is(change, "create", "type")}
    needed = {change.type for change in changes if _is(change, "create", "resource") and change.type}
    for name in sorted({*settings, *(needed - set(types.registered))}):
        if name not in settings and name not in types.declared:
            raise FrameworkError(f"type {name} is not registered with VCS; register it first; nothing was changed")
        yield commands.add("hatype", name)
        yield from _type_steps(name, settings.get(name, {}), types, whole=True)
    for change in changes:
        if _is(change, "update", "type"):
            after = change.after or {}
            yield from _type_steps(change.name, after, types, whole="SourceFile" in after)


def _deleted_groups(names: Sequence[str], current: ClusterConfig) -> Iterator[Step]:
    services = {service.name: service for service in current.services}
    links = [(other.name, child) for other in current.services for child in required_groups(other.settings)]
    for name in names:
        service = services[name]
        for link in links:
            if name in link:
                yield commands.unlink_group(*link)
        # What was undone with the group at one end is not undone again with that at the other.
        links = [link for link in links if name not in link]
        for resource in service.resources:
            for child in sorted(required(resource.settings)):
                yield commands.link(resource.name, child, linked=False)
        for resource in reversed(service.resources):
            yield commands.delete("hares", resource.name)
        yield commands.delete("hagrp", name)


def _type_steps(name: str, settings: Mapping[str, str], types: Types, whole: bool) -> Iterator[Step]:
    """Set static attributes of a type; of the ``whole`` one also those that its types file declares.

    Its SourceFile comes last: until then it differs from a type that is there as a whole.
    """
    declared = types.declared.get(name) if whole else None
    values = dict(settings)
    if declared is not None:
        values = {**declared.static, **values}
        for arguments in declared.attributes.values():
            yield commands.declare(arguments)
    for key in sorted(values, key=lambda key: key == "SourceFile"):
        yield commands.modify("hatype", name, key, value=values[key])


def _dependents_first(services: Sequence[Service]) -> list[Service]:
    """Services in the order of stopping: VCS takes no group offline that another one that is online depends on."""
    found = {service.name: service for service in reversed(services)}
    requires = {name: set(required_groups(service.settings)) for name, service in found.items()}
    return [found[name] for name in reversed(children_first(requires))]


# -- day two --------------------------------------------------------------------------------------------------------


def bring_online(group: str, native: Native) -> list[Step]:
    """Enable the group and bring it online, where something of it runs or where it is best."""
    running = native.group_nodes(group)
    return _start(group, running[0] if running else _best_node(group, native), native)


def take_offline(group: str, native: Native) -> list[Step]:
    """Take the group offline and disable it, so that it stays so."""
    refuse_untouchable(group, native)
    steps = [commands.stop(group, node) for node in native.busy_nodes(group)]
    return [*steps, commands.enable(group, False)] if native.enabled_nodes(group) else steps


def move(group: str, node: str, native: Native) -> list[Step]:
    """Switch the group, or bring it online where it is not."""
    running = [other for other in native.group_nodes(group) if other != node]
    refuse_untouchable(group, native)
    _refuse_faulted(group, node, native)
    if len(running) == 1 and native.is_online(group, running[0]) and not native.offline_wanted(group):
        return [*_probed(group, node, native), commands.switch(group, node)]
    # Only a group that is online as a whole is switched.
    return [*(commands.stop(group, other) for other in running), *_start(group, node, native)]


def evacuate(node: str, native: Native) -> list[Step]:
    """Freeze a system for good and have what it carries go elsewhere.

    A group that no other system can take would stay there, so it is taken offline before.
    """
    carried = [group for group in native.services() if node in native.group_nodes(group)]
    for group in carried:
        refuse_untouchable(group, native)
    stranded = [group for group in carried if not native.other_nodes(group, node)]
    return [
        *(step for group in stranded for step in _laned(group, [commands.stop(group, node)])),
        commands.freeze_system(node),
        *(step for group in carried if group not in stranded for step in _laned(group, [commands.leave(group, node)])),
    ]


def freeze(group: str, frozen: bool, native: Native) -> list[Step]:
    """Freeze the group for good; unfreeze it in both ways that it can be frozen."""
    steps = []
    if is_true(native.of_group(group, "TFrozen")):
        # A group is frozen in one way only.
        steps.append(commands.freeze(group, False, persistent=False))
    if is_true(native.of_group(group, "Frozen")) != frozen:
        steps.append(commands.freeze(group, frozen))
    return steps


def clear(group: str, native: Native) -> list[Step]:
    """Clear faults, ADMIN_WAIT and stops that did not succeed, wherever there are any."""
    found = {(node, word) for _resource, node, word in native.faults(group)}
    clearing = [(node, word) for node in native.nodes(group) for word in commands.CLEARING if (node, word) in found]
    return [*(commands.clear(group, *what) for what in clearing), commands.require_cleared(group)]


def _refuse_faulted(group: str, node: str, native: Native) -> None:
    faults = [f"{name} is {word} on {node}" for name, where, word in native.faults(group) if where == node]
    if faults and not native.is_online(group, node):
        raise FrameworkError(
            f"service {group}: {', '.join(faults)}: repair what is wrong, and then have its failures cleared"
        )


def _best_node(group: str, native: Native) -> str:
    nodes = native.nodes(group)
    fit = native.able_nodes(group, nodes)
    if not fit:
        _refuse_faulted(group, nodes[0] if nodes else "", native)
        raise FrameworkError(
            f"service {group}: none of its nodes ({', '.join(nodes)}) can take it: each is down, frozen, or has "
            "members that are faulted"
        )
    # Where it was enabled already, an earlier attempt did not end.
    enabled = native.enabled_nodes(group)
    return next((node for node in fit if node in enabled), fit[0])


def _start(group: str, node: str, native: Native) -> list[Step]:
    """Bring a group online on one node. It is enabled elsewhere when it is online, so that until then it shows."""
    refuse_untouchable(group, native)
    _refuse_faulted(group, node, native)
    enabled = native.enabled_nodes(group)
    steps: list[Step] = []
    if node not in enabled:
        steps.append(commands.enable(group, True, node))
    if not native.is_complete(group, node) and any(native.places(name) for name in native.members(group)):
        steps += [*_probed(group, node, native), commands.start(group, node)]
    if set(enabled) | {node} != set(native.nodes(group)):
        steps.append(commands.enable(group, True))
    return steps


def _probed(group: str, node: str, native: Native) -> list[Step]:
    """Wait until agents have looked at a group, unless they have, and it was enabled meanwhile."""
    known = commands.is_probed(group, node, native) and node in native.enabled_nodes(group)
    return [] if known else [commands.probe(group, node)]
