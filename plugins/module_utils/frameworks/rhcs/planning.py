# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which steps changes and operations take: services stop, a new cluster.conf, services move and start. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from xml.etree.ElementTree import Element

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import PLACEMENT_KEY
from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Plan, Step, following, with_dependents
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import MEMBERS_KEY, Change
from ansible_collections.groupware.ha.plugins.module_utils.formats.clustat import Group
from ansible_collections.groupware.ha.plugins.module_utils.formats.cluster_conf import ClusterConf
from ansible_collections.groupware.ha.plugins.module_utils.formats.cluster_conf_editing import Editor
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import (
    FrameworkError,
    Snapshot,
    refuse_to_leave,
)
from . import steps, terms
from .editing import edited
from .reading import NativeState, all_members, failure, placement_of, strays

#: Attributes of a service that change while it runs; with any other one it is stopped and started (service.sh of
#: resource-agents: these have the flag reconfig).
_UNDISTURBING = ("domain", "autostart", "hardrecovery", "exclusive", "recovery")


def plan(snapshot: Snapshot, changes: Sequence[Change]) -> Plan:
    """Services stopped that go or lose a member; one new configuration; services moved and started.

    :raises FrameworkError: the changes cannot be made, or would change something that they are not about
    """
    native: NativeState = snapshot.native
    _require_quorum(native)
    stops = _stops(native, [change.name for change in changes if change.action == "delete"])
    for service in stops:
        _touchable(native, service)
    managed = {
        change.name: change.after[terms.MANAGED]
        for change in changes
        if change.kind == "service" and change.after is not None and terms.MANAGED in change.after
    }
    unfreeze = [name for name, value in managed.items() if value == "true" and _is_frozen(native, name)]
    wanted = edited(native.conf, changes)
    after = replace(native, conf=wanted)
    starts = dict(_starts(after, changes, unfreeze))
    moves = dict(_moves(after, changes, starts, unfreeze))
    changing = [
        *(steps.freeze(name, False) for name in unfreeze),
        *_reconfiguration(native, wanted, changes),
        *(steps.relocate(name, node) for name, node in moves.items()),
        *(step for name, node in starts.items() for step in steps.start(name, node)),
        *(steps.freeze(name, True) for name, value in managed.items() if value == "false"),
    ]
    stopping = [steps.stop(service, option) for service, option in stops.items()]
    return Plan(stopping, changing, interrupts=_interrupted(native, changes, moves))


def _reconfiguration(native: NativeState, wanted: ClusterConf, changes: Sequence[Change]) -> list[Step]:
    # What was not propagated gets a new version: it may have come as far as to the daemons that compare versions.
    if native.propagated and wanted.canonical() == native.conf.canonical():
        return []
    version = max(native.conf.version, native.running) + 1
    services = list(Editor(wanted).services)
    deleted = [name for name in native.status.groups or {} if name not in services]
    disturbing = any(
        _runs(native, change.service or change.name) or (change.placement is not None and change.before)
        for change in changes
    )
    return steps.reconfigure(wanted.text(version), version, native.release_6, services, deleted, disturbing)


def _starts(
    native: NativeState, changes: Sequence[Change], unfreeze: Collection[str]
) -> Iterator[tuple[str, str | None]]:
    """Services that are to be started: new ones, and those that a run has stopped, this one or one that broke off."""
    touched = [change.name if change.kind == "service" else change.service for change in changes]
    losing = {change.service for change in changes if change.kind == "resource" and change.action == "delete"}
    known = Editor(native.conf).services
    for service in dict.fromkeys(touched):
        if service is None or service not in known:
            continue
        group = native.status.group(service)
        if group is not None and group.frozen and service not in unfreeze:
            continue
        stopped = group is None or group.never_ran or group.state == "stopped"
        if stopped or (group is not None and group.state == "started" and service in losing):
            yield service, _best_node(native, service)


def _moves(
    native: NativeState, changes: Sequence[Change], started: Collection[str], unfreeze: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Services that run where their failover domain, as it is to be, keeps them off."""
    editor = Editor(native.conf)
    for service in dict.fromkeys(change.name for change in changes if change.kind == "service"):
        group = native.status.group(service)
        if group is None or service not in editor.services or service in started or group.state != "started":
            continue
        if not strays(editor, editor.services[service], group):
            continue
        target = _best_node(native, service, other_than=group.owner)
        frozen = group.frozen and service not in unfreeze
        refuse_to_leave(service, [str(group.owner)], frozen=frozen, target=target, needs="is there")
        yield service, str(target)


def _stops(native: NativeState, names: Collection[str]) -> dict[str, str]:
    """How services are stopped: those that are to go are disabled, those that lose a member stop until they start.

    ``clusvcadm -s`` leaves a service stopped, not disabled: if the run ends here, the next one can tell it from a
    service that an operator has disabled.
    """
    found = dict.fromkeys(_losing_members(native, names), "-s")
    options = {**dict.fromkeys(_dependents_first(native, names), "-d"), **found}
    quiet = {"-d": ("disabled",), "-s": ("disabled", "stopped")}
    return {
        service: option
        for service, option in options.items()
        for group in [native.status.group(service)]
        if group is not None and group.state not in quiet[option]
    }


def _interrupted(native: NativeState, changes: Sequence[Change], moves: Collection[str]) -> list[str]:
    """Services that run and of which something stops, or that move.

    rgmanager restarts what a changed or removed resource is part of, and a service with other attributes but a few; a
    new member only starts.
    """
    gone = {change.name for change in changes if change.kind == "service" and change.action == "delete"}
    names = set(moves)
    for change in changes:
        keys = change.keys
        if change.kind == "resource" and change.service is not None and change.action != "create":
            if change.action == "delete" or any(not key.startswith(terms.OPERATION) for key in keys):
                names.add(change.service)
        elif change.kind == "service" and change.action == "update":
            attributes = {key for key in keys if not key.startswith(terms.DOMAIN)}
            if attributes - {*_UNDISTURBING, terms.MANAGED, terms.IN_EFFECT, PLACEMENT_KEY, MEMBERS_KEY}:
                names.add(change.name)
    services = Editor(native.conf).services
    # What depends on a service stops with it.
    stopped = with_dependents(names | gone, {name: [_needed(element)] for name, element in services.items()})
    return [name for name in services if name in stopped - gone and _runs(native, name)]


def _runs(native: NativeState, service: str) -> bool:
    group = native.status.group(service)
    return group is not None and group.state == "started"


def _is_frozen(native: NativeState, service: str) -> bool:
    group = native.status.group(service)
    return group is not None and group.frozen


def _best_node(native: NativeState, service: str, other_than: str | None = None) -> str | None:
    """The node to run a service on: where it is or was, else the first of its nodes that is there."""
    editor = Editor(native.conf)
    element = editor.services.get(service)
    domain = None if element is None else editor.domain(element.get("domain", ""))
    nodes = [] if element is None else list(placement_of(editor, element)[0] or ())
    if domain is None or terms.normal("restricted", domain.get("restricted", "0")) != "1":
        nodes += [node for node in native.status.nodes if node not in nodes]
    group = native.status.group(service)
    if group is not None and other_than is None and group.state in ("started", "stopped"):
        nodes = [node for node in (group.owner, group.last_owner) if node in nodes] + nodes
    return next((node for node in nodes if native.status.nodes.get(node) and node != other_than), None)


def _dependents_first(native: NativeState, names: Collection[str]) -> list[str]:
    """The services among the names, each before those that it depends on."""
    services = Editor(native.conf).services
    known = [name for name in names if name in services or native.status.group(name) is not None]

    def needed(name: str) -> list[str]:
        return [other for other in known if name in services and other == _needed(services[name])]

    return following(reversed(known), needed)[::-1]


def _needed(service: Element) -> str:
    """The service that one depends on."""
    return service.get("depend", "").partition(":")[2]


def _losing_members(native: NativeState, names: Collection[str]) -> list[str]:
    """Services that stay but lose one of the named members."""
    members = all_members(Editor(native.conf))
    return [service for service, own in members.items() if service not in names and set(own) & set(names)]


# -- operations -------------------------------------------------------------------------------------------------


def enabling(snapshot: Snapshot, service: str, enabled: bool) -> Plan:
    """Enable it on the best of its nodes, or disable it."""
    native: NativeState = snapshot.native
    group = _known(native, service)
    if group.state == ("started" if enabled else "disabled"):
        return Plan()
    _touchable(native, service)
    return Plan(changing=steps.start(service, _best_node(native, service)) if enabled else [steps.stop(service)])


def moving(snapshot: Snapshot, service: str, node: str, timeout: float) -> Plan:
    """Relocate it if it runs, else enable it there."""
    native: NativeState = snapshot.native
    group = _known(native, service)
    if group.state == "started" and group.owner == node:
        return Plan()
    _touchable(native, service)
    if group.state == "started":
        return Plan(changing=[steps.relocate(service, node, timeout)])
    return Plan(changing=steps.start(service, node, timeout))


def standby(snapshot: Snapshot, node: str, standby: bool) -> Plan:
    """Relocate every service of the node to its next one. There is no standby: a later failover may use it again.

    A service without another node is stopped, not disabled: the next change of the membership starts it.
    """
    native: NativeState = snapshot.native
    if not standby:
        return Plan()
    _require_quorum(native)
    changing = []
    for group in (native.status.groups or {}).values():
        if group.owner == node and group.state == "started":
            _touchable(native, group.name)
            target = _best_node(native, group.name, other_than=node)
            changing.append(steps.stop(group.name, "-s") if target is None else steps.relocate(group.name, target))
    return Plan(changing=changing)


def freezing(snapshot: Snapshot, service: str, frozen: bool) -> Plan:
    """Freeze or unfreeze it: nothing is started, stopped, moved or watched meanwhile."""
    group = _known(snapshot.native, service)
    return Plan(changing=[] if group.frozen == frozen else [steps.freeze(service, frozen)])


def clearing(snapshot: Snapshot, service: str) -> Plan:
    """Disable a failed service, which is all that rgmanager allows for it; bringing it online is another step.

    Whoever does so has seen to it that no node still has its volume mounted. Parts that failed by themselves, of a
    service that runs, are convalesced.
    """
    group = _known(snapshot.native, service)
    if group.state == "failed":
        _refuse_frozen(group)
        return Plan(changing=[steps.clear(service)])
    return Plan(changing=[steps.convalesce(service)] if group.partial else [])


# -- what is refused --------------------------------------------------------------------------------------------


def _require_quorum(native: NativeState) -> None:
    """Refuse to do anything where rgmanager does nothing."""
    if not native.status.quorate:
        raise FrameworkError(
            "the cluster has no quorum, so rgmanager does nothing; bring more nodes into the cluster and run again"
        )


def _known(native: NativeState, service: str) -> Group:
    _require_quorum(native)
    group = native.status.group(service)
    if group is None:
        raise FrameworkError(f"service {service} is not known to rgmanager")
    return group


def _refuse_frozen(group: Group) -> None:
    """Refuse to touch what rgmanager leaves as it is."""
    if group.frozen:
        raise FrameworkError(f"service {group.name} is frozen, so rgmanager leaves it as it is; unfreeze it first")


def _touchable(native: NativeState, service: str) -> None:
    """Refuse to stop or start what rgmanager leaves as it is, or what may still have its volume mounted somewhere."""
    group = _known(native, service)
    _refuse_frozen(group)
    if failure(group):
        raise FrameworkError(f"service {service} failed: {failure(group)}")
