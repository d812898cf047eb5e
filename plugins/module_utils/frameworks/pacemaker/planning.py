# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done for changes, what the cluster will do to services then, and operations of day two. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import refuse
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import (
    ClusterStatus,
    Service,
    ServiceStatus,
    takes_services,
)
from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Action, Plan, Step, command
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import MEMBERS_KEY, Change
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Snapshot, refuse_to_leave
from . import editing, fencing, terms
from .cib import ELSEWHERE, scores
from .editing import Edit
from .reading import Observation


def planned(snapshot: Snapshot, changes: Sequence[Change], patch: Callable[[Edit], Action]) -> Plan:
    """One patch, behind one that stops what goes; what that does to services, the cluster decides.

    :param patch: makes what changes the CIB by an edit
    :raises DescriptionError: it would switch a fencing device off
    :raises FrameworkError: a service would have to leave its node, and may not or has nowhere to go
    """
    problems = fencing.judge_changes(snapshot.config, changes)
    refuse(problems)

    def step(words: str, edit: Edit) -> Step:
        # A patch is in the CIB as a whole when it has been sent, or never will be.
        return Step(words, lambda found: editing.changes_nothing(edit, found.cib), patch(edit), patience=0.0)

    deleted = [change.name for change in changes if change.action == "delete"]
    stop = step(f"what goes was to stop ({', '.join(deleted)})", partial(editing.stop_resources, names=deleted))
    change = step("the configuration was to be changed", partial(editing.apply_changes, changes=changes))
    return Plan([stop] if deleted else [], [change], interrupts=_interrupted_services(snapshot, changes))


def _interrupted_services(snapshot: Snapshot, changes: Sequence[Change]) -> list[str]:
    """Services that run, and of which something is stopped, or that move, when the cluster has made these changes."""
    running = {name: found for name, found in snapshot.status.services.items() if found.nodes}
    owners = snapshot.config.owners()
    gone = {change.name for change in changes if change.kind == "service" and change.action == "delete"}
    created = {change.name for change in changes if change.kind == "resource" and change.action == "create"}
    names = []
    for change in changes:
        name = change.name if change.kind == "service" else owners.get(change.name)
        service = None if name is None else snapshot.config.service(name)
        if service is None or service.name not in running or service.name in gone or change.action == "create":
            continue
        if change.kind == "resource":
            stops = _stops_members(change)
        else:
            stops = _moves(service, change, snapshot.status) or _starts_below(running[service.name], change, created)
        if stops:
            names.append(service.name)
    return list(dict.fromkeys(names))


def _starts_below(service: ServiceStatus, change: Change, created: Collection[str]) -> bool:
    """Whether a new member comes ahead of one that runs: that is restarted, since it has to start after the new one."""
    order = (change.after or {}).get(MEMBERS_KEY, "").split()
    active = {member.name for member in service.members if member.active_on}
    first = next((position for position, name in enumerate(order) if name in created), len(order))
    return any(name in active and name not in created for name in order[first:])


def _stops_members(change: Change) -> bool:
    """A changed instance attribute restarts the resource and what starts after it; a new member only starts."""
    keys = change.keys
    stopped = terms.same_meaning((change.after or {}).get(terms.TARGET_ROLE, ""), "stopped")
    return (
        change.action == "delete" or stopped or any(not key.startswith((terms.META, terms.OPERATION)) for key in keys)
    )


def _moves(service: Service, change: Change, status: ClusterStatus) -> bool:
    """Whether the service has to leave its node, or gets to like another one more than it sticks to its own."""
    settings = {**service.settings, **change.settings}
    if terms.same_meaning(settings.get(terms.TARGET_ROLE, ""), "stopped"):
        return True
    placement = change.placement if change.placement is not None else service.placement
    nodes = status.services[service.name].nodes
    if placement is None:
        return False
    fit = [node for node in placement if takes_services(status, node)]
    left = [node for node in nodes if node not in placement]
    if left:
        frozen, target = status.services[service.name].frozen, fit[0] if fit else None
        refuse_to_leave(service.name, left, frozen=frozen, target=target, needs="can take it")
        return True
    # The stickiness of a group counts once for each of its members that run.
    active = sum(bool(member.active_on) for member in status.services[service.name].members)
    stickiness = terms.quantity(settings.get(f"{terms.META}resource-stickiness", "0"))
    known = not isinstance(stickiness, str) or stickiness.endswith("infinity")
    held = float(stickiness) * active if known else 0.0
    preferences = {node: int(score) for node, score in scores(placement).items() if node != ELSEWHERE}
    return bool(fit) and all(preferences[fit[0]] > preferences[node] + held for node in nodes)


# -- day two --------------------------------------------------------------------------------------------------------


def enabling(snapshot: Snapshot, service: str, enabled: bool) -> Plan:  # noqa: ARG001 - the command says it all
    """Set the target role of the group."""
    return Plan(changing=[_enabled(service, enabled)])


def freezing(snapshot: Snapshot, service: str, frozen: bool) -> Plan:  # noqa: ARG001 - the command says it all
    """Put the group into maintenance mode: neither started, stopped, moved nor monitored."""
    words = f"service {service} was to be {'frozen' if frozen else 'under the control of the cluster again'}"
    return Plan(changing=[_set_meta(words, service, "maintenance", "true" if frozen else None)])


def clearing(snapshot: Snapshot, service: str) -> Plan:
    """Forget the history of the group's operations; the cluster probes what runs and goes on from there.

    The nodes answer before they have written that into the CIB, and until then the cluster is at rest. What fails again
    afterwards is another failure. That of a node that is away is forgotten when it comes back.
    """
    names = {member.name for member in snapshot.status.services[service].members}
    online = [name for name, node in snapshot.status.nodes.items() if node.online]
    known = {failure for failure in snapshot.native or () if failure[0] in names and failure[1] in online}

    def done(found: Observation) -> bool:
        status = found.status.services.get(service)
        return status is not None and not status.failures and not any(member.failed for member in status.members)

    words = f"the failures of service {service} were to be forgotten"
    return Plan(
        changing=[
            Step(
                words,
                done,
                command("crm_resource", f"--resource={service}", "--cleanup"),
                reached=lambda found: not known & found.failed_operations,
                unseen=True,
            )
        ]
    )


def moving(snapshot: Snapshot, service: str, node: str, timeout: float) -> Plan:
    """Prefer the node for as long as the move takes; stickiness keeps the service there afterwards."""

    def there(found: Observation) -> bool:
        status = found.status.services.get(service)
        return status is not None and status.state == "online" and node in status.nodes

    def failures(found: Observation) -> str:
        status = found.status.services.get(service)
        return "" if status is None else "; ".join(status.failures)

    start = not snapshot.status.services[service].enabled
    words = f"service {service} was to {'start on' if start else 'move to'} {node}"
    remedy = "'crm_mon --one-shot --inactive' shows where it is and what failed"
    # The lifetime ends the preference by itself should this run die before it clears it.
    preference = [f"--resource={service}", "--move", f"--node={node}", f"--lifetime=PT{int(timeout) + 60}S"]
    return Plan(
        changing=[
            _written(words, lambda found: node in found.moved_to(service), "crm_resource", *preference),
            *([_enabled(service, True)] if start else []),
            Step(words, there, reached=there, late=failures, remedy=remedy, patience=timeout),
        ],
        afterwards=[
            _written(
                f"the preference of service {service} for {node} was to be taken away",
                lambda found: not found.moved_to(service),
                *("crm_resource", f"--resource={service}", "--clear"),
            )
        ],
    )


def standby(snapshot: Snapshot, node: str, standby: bool) -> Plan:  # noqa: ARG001 - the command says it all
    """Set the node's permanent standby attribute."""

    def done(found: Observation) -> bool:
        return node in found.status.nodes and found.status.nodes[node].standby == standby

    words = f"node {node} was to {'go into standby' if standby else 'take services again'}"
    setting = ["--type=nodes", f"--node={node}", "--name=standby", "--update=on" if standby else "--delete"]
    return Plan(changing=[_written(words, done, "crm_attribute", *setting)])


def _enabled(service: str, enabled: bool) -> Step:
    words = f"service {service} was to {'start' if enabled else 'stop'}"
    return _set_meta(words, service, "target-role", None if enabled else "Stopped")


def _set_meta(words: str, service: str, name: str, value: str | None) -> Step:
    """A meta attribute of a group; None takes it away."""

    def done(found: Observation) -> bool:
        group = found.config.service(service)
        return group is not None and group.settings.get(f"{terms.META}{name}") == value

    setting = [f"--delete-parameter={name}"]
    if value is not None:
        setting = [f"--set-parameter={name}", f"--parameter-value={value}"]
    return _written(words, done, "crm_resource", f"--resource={service}", "--meta", *setting)


def _written(words: str, done: Callable[[Observation], bool], *argv: str) -> Step:
    """A command that writes into the CIB: what it has not written when it ends will not come by itself."""
    return Step(words, done, command(*argv), patience=0.0)
