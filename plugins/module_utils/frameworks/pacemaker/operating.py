# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations of day two: commands of ``crm_resource`` and ``crm_attribute``, and what they lead to. Pure."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Plan, Step, command
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Snapshot
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker import terms
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.reading import Observation


def enabling(snapshot: Snapshot, service: str, enabled: bool) -> Plan:  # noqa: ARG001 - the command says it all
    """Set the target role of the group."""
    return Plan(changing=[_enabled(service, enabled)])


def freezing(snapshot: Snapshot, service: str, frozen: bool) -> Plan:  # noqa: ARG001 - the command says it all
    """Put the group into maintenance mode: neither started, stopped, moved nor monitored."""
    words = f"service {service} was to be {'frozen' if frozen else 'under the control of the cluster again'}"
    return Plan(changing=[_set_meta(words, service, "maintenance", "true" if frozen else None)])


def clearing(snapshot: Snapshot, service: str) -> Plan:  # noqa: ARG001 - the command says it all
    """Forget the history of the group's operations; the cluster probes what runs and goes on from there."""

    def done(found: Observation) -> bool:
        status = found.status.services.get(service)
        return status is not None and not status.failures and not any(member.failed for member in status.members)

    words = f"the failures of service {service} were to be forgotten"
    return Plan(changing=[Step(words, done, command("crm_resource", f"--resource={service}", "--cleanup"))])


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
