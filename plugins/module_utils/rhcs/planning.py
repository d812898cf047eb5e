# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be done for changes: a new cluster.conf, and orders to services. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from ansible_collections.groupware.ha.plugins.module_utils.formats.cluster_conf import Editor
from ansible_collections.groupware.ha.plugins.module_utils.reconcile import Change
from ansible_collections.groupware.ha.plugins.module_utils.rhcs.editing import edited
from ansible_collections.groupware.ha.plugins.module_utils.rhcs.reading import Situation, all_members, ranks_of
from ansible_collections.groupware.ha.plugins.module_utils.rhcs.settings import MANAGED, normal


@dataclass(frozen=True)
class Plan:
    """What is to be done: the new text of cluster.conf if it changes, and orders to services.

    ``services`` are those that rgmanager is to know afterwards, ``deleted`` those that it is to have forgotten;
    ``reconfigured`` says that it changes services which run.
    ``starts`` names the node for each service, None where no node of it is there.
    """

    text: str | None
    version: int
    services: Sequence[str]
    deleted: Sequence[str]
    reconfigured: bool
    starts: Sequence[tuple[str, str | None]]
    freeze: Sequence[str]
    unfreeze: Sequence[str]


def planned(situation: Situation, changes: Sequence[Change]) -> Plan:
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
    return Plan(
        text=wanted.text(version) if differs else None,
        version=version,
        services=services,
        deleted=[name for name in situation.status.groups or {} if name not in services],
        reconfigured=any(_runs(situation, change.service or change.name) for change in changes),
        starts=list(_starts(replace(situation, conf=wanted), changes, unfreeze)),
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
    ranks = {} if element is None else ranks_of(editor, element)
    domain = None if element is None else editor.domain(element.get("domain", ""))
    nodes = sorted(ranks, key=lambda node: int(ranks[node]))
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
