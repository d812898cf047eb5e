# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be done for changes: a new cluster.conf, and orders to services. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import PLACEMENT_KEY
from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Plan
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import MEMBERS_KEY, Change
from ansible_collections.groupware.ha.plugins.module_utils.formats.clustat import Clustat, Group
from ansible_collections.groupware.ha.plugins.module_utils.formats.cluster_conf import Editor
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, Snapshot
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.rhcs.editing import edited
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.rhcs.reading import (
    Situation,
    all_members,
    placement_of,
    strays,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.rhcs.terms import (
    DOMAIN,
    IN_EFFECT,
    MANAGED,
    OPERATION,
    RgmanagerError,
    normal,
)

#: Attributes of a service that change while it runs; with any other one it is stopped and started (service.sh of
#: resource-agents: these have the flag reconfig).
_UNDISTURBING = ("domain", "autostart", "hardrecovery", "exclusive", "recovery")


@dataclass(frozen=True)
class Stop:
    """An order to a service to stop: ``-d`` disables it, ``-s`` leaves it stopped."""

    service: str
    option: str


@dataclass(frozen=True)
class Reconfiguration:
    """What is to be done: the new text of cluster.conf if it changes, and orders to services.

    ``services`` are those that rgmanager is to know afterwards, ``deleted`` those that it is to have forgotten;
    ``reconfigured`` says that it changes services which run, or where services may run, which nothing shows.
    ``starts`` names the node for each service, None where no node of it is there; ``moves`` the one that a service goes
    to that may not be any more where it is.
    """

    text: str | None
    version: int
    services: Sequence[str]
    deleted: Sequence[str]
    reconfigured: bool
    starts: Sequence[tuple[str, str | None]]
    moves: Sequence[tuple[str, str]]
    freeze: Sequence[str]
    unfreeze: Sequence[str]


def plan(snapshot: Snapshot, changes: Sequence[Change]) -> Plan:
    """Services stopped that go or lose a member; one new configuration; services moved and started."""
    situation: Situation = snapshot.native
    require_quorum(situation.status)
    stopping = stops(situation, [change.name for change in changes if change.action == "delete"])
    for stop in stopping:
        group = situation.status.group(stop.service)
        if group is not None:
            refuse_frozen(group)
            refuse_failed(group)
    try:
        reconfiguration = planned(situation, changes)
    except RgmanagerError as error:
        raise FrameworkError(str(error)) from None
    return Plan(stopping, [reconfiguration], interrupted(situation, changes, reconfiguration.moves))


def planned(situation: Situation, changes: Sequence[Change]) -> Reconfiguration:
    """The configuration after the changes, and the orders that go with it.

    :raises FrameworkError: the changes cannot be made, or would change something that they are not about
    """
    wanted = edited(situation.conf, changes)
    # What was not propagated gets a new version: it may have come as far as to the daemons that compare versions.
    differs = wanted.canonical() != situation.conf.canonical() or not situation.propagated
    version = max(situation.conf.version, situation.running) + 1 if differs else situation.conf.version
    services = list(Editor(wanted).services)
    managed = {
        change.name: change.after[MANAGED]
        for change in changes
        if change.kind == "service" and change.after is not None and MANAGED in change.after
    }
    unfreeze = [name for name, value in managed.items() if value == "true" and _is_frozen(situation, name)]
    after = replace(situation, conf=wanted)
    starts = list(_starts(after, changes, unfreeze))
    return Reconfiguration(
        text=wanted.text(version) if differs else None,
        version=version,
        services=services,
        deleted=[name for name in situation.status.groups or {} if name not in services],
        reconfigured=any(
            _runs(situation, change.service or change.name) or (change.placement is not None and change.before)
            for change in changes
        ),
        starts=starts,
        moves=list(_moves(after, changes, {service for service, _node in starts}, unfreeze)),
        freeze=[name for name, value in managed.items() if value == "false"],
        unfreeze=unfreeze,
    )


def _starts(
    situation: Situation, changes: Sequence[Change], unfreeze: Collection[str]
) -> Iterator[tuple[str, str | None]]:
    """Services that are to be started: new ones, and those that a run has stopped, this one or one that broke off."""
    touched = [change.name if change.kind == "service" else change.service for change in changes]
    losing = {change.service for change in changes if change.kind == "resource" and change.action == "delete"}
    known = Editor(situation.conf).services
    for service in dict.fromkeys(touched):
        if service is None or service not in known:
            continue
        group = situation.status.group(service)
        if group is not None and group.frozen and service not in unfreeze:
            continue
        stopped = group is None or group.never_ran or group.state == "stopped"
        if stopped or (group is not None and group.state == "started" and service in losing):
            yield service, best_node(situation, service)


def _moves(
    situation: Situation, changes: Sequence[Change], started: Collection[str], unfreeze: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Services that run where their failover domain, as it is to be, keeps them off."""
    editor = Editor(situation.conf)
    for service in dict.fromkeys(change.name for change in changes if change.kind == "service"):
        group = situation.status.group(service)
        if group is None or service not in editor.services or service in started or group.state != "started":
            continue
        if not strays(editor, editor.services[service], group):
            continue
        if group.frozen and service not in unfreeze:
            raise RgmanagerError(
                f"service {service} is frozen, and it has to leave {group.owner}: unfreeze it first; "
                "nothing was changed"
            )
        target = best_node(situation, service, other_than=group.owner)
        if target is None:
            raise RgmanagerError(
                f"service {service} has to leave {group.owner}, and none of its other nodes is there; "
                "nothing was changed"
            )
        yield service, target


def stops(situation: Situation, names: Collection[str]) -> list[Stop]:
    """Services that are to go are disabled; those that lose a member are stopped, until they are started again.

    ``clusvcadm -s`` leaves a service stopped, not disabled: if the run ends here, the next one can tell it from a
    service that an operator has disabled.
    """
    ended = [Stop(service, "-d") for service in dependents_first(situation, names)]
    halted = [Stop(service, "-s") for service in losing_members(situation, names)]
    quiet = {"-d": ("disabled",), "-s": ("disabled", "stopped")}
    return [
        stop
        for stop in (*ended, *halted)
        for group in [situation.status.group(stop.service)]
        if group is not None and group.state not in quiet[stop.option]
    ]


def interrupted(situation: Situation, changes: Sequence[Change], moves: Sequence[tuple[str, str]]) -> list[str]:
    """Services that run and of which something stops, or that move.

    rgmanager restarts what a changed or removed resource is part of, and a service with other attributes but a few; a
    new member only starts.
    """
    gone = {change.name for change in changes if change.kind == "service" and change.action == "delete"}
    names = {service for service, _target in moves}
    for change in changes:
        keys = {*(change.before or {}), *(change.after or {})}
        if change.kind == "resource" and change.service is not None and change.action != "create":
            if change.action == "delete" or any(not key.startswith(OPERATION) for key in keys):
                names.add(change.service)
        elif change.kind == "service" and change.action == "update":
            attributes = {key for key in keys if not key.startswith(DOMAIN)}
            if attributes - {*_UNDISTURBING, MANAGED, IN_EFFECT, PLACEMENT_KEY, MEMBERS_KEY}:
                names.add(change.name)
    services = Editor(situation.conf).services
    stopped = names | gone
    # What depends on a service stops with it.
    while True:
        further = {
            name for name, element in services.items() if element.get("depend", "").partition(":")[2] in stopped
        } - stopped
        if not further:
            break
        stopped |= further
    return [name for name in services if name in stopped - gone and _runs(situation, name)]


def _runs(situation: Situation, service: str) -> bool:
    group = situation.status.group(service)
    return group is not None and group.state == "started"


def _is_frozen(situation: Situation, service: str) -> bool:
    group = situation.status.group(service)
    return group is not None and group.frozen


def best_node(situation: Situation, service: str, other_than: str | None = None) -> str | None:
    """The node to run a service on: where it is or was, else the first of its nodes that is there."""
    editor = Editor(situation.conf)
    element = editor.services.get(service)
    domain = None if element is None else editor.domain(element.get("domain", ""))
    nodes = [] if element is None else list(placement_of(editor, element)[0] or ())
    if domain is None or normal("restricted", domain.get("restricted", "0")) != "1":
        nodes += [node for node in situation.status.nodes if node not in nodes]
    group = situation.status.group(service)
    if group is not None and other_than is None and group.state in ("started", "stopped"):
        nodes = [node for node in (group.owner, group.last_owner) if node in nodes] + nodes
    return next((node for node in nodes if situation.status.nodes.get(node) and node != other_than), None)


def dependents_first(situation: Situation, names: Collection[str]) -> list[str]:
    """The services among the names, each before those that it depends on."""
    services = Editor(situation.conf).services
    waiting = [name for name in names if name in services or situation.status.group(name) is not None]
    depends = {name: services[name].get("depend", "").partition(":")[2] if name in services else "" for name in waiting}
    ordered: list[str] = []
    while waiting:
        free = [name for name in waiting if not any(depends[other] == name for other in waiting if other != name)]
        ordered += free or waiting
        waiting = [name for name in waiting if name not in ordered]
    return ordered


def losing_members(situation: Situation, names: Collection[str]) -> list[str]:
    """Services that stay but lose one of the named members."""
    members = all_members(Editor(situation.conf))
    return [service for service, own in members.items() if service not in names and set(own) & set(names)]


def words(group: Group) -> str:
    """How a service stands."""
    return f"it is {group.state}" + (f" on {group.owner}" if group.owner else "")


def require_quorum(status: Clustat) -> None:
    """Refuse to do anything where rgmanager does nothing."""
    if not status.quorate:
        raise FrameworkError(
            "the cluster has no quorum, so rgmanager does nothing; bring more nodes into the cluster and run again"
        )


def refuse_frozen(group: Group) -> None:
    """Refuse to touch what rgmanager leaves as it is."""
    if group.frozen:
        raise FrameworkError(f"service {group.name} is frozen, so rgmanager leaves it as it is; unfreeze it first")


def refuse_failed(group: Group) -> None:
    """Refuse to start what may still have its volume mounted somewhere."""
    if group.state == "failed":
        where = f" on {group.last_owner}" if group.last_owner else ""
        raise FrameworkError(
            f"service {group.name} failed: a resource of it did not stop{where}; see to it that no node still has its "
            "volume mounted or its address, then clear the failure and bring the service online"
        )
