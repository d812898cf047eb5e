# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what is and what should be to an ordered list of changes. Pure: no process, no clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ansible_collections.groupware.ha.plugins.module_utils import shown
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from .config import PLACEMENT_KEY, ClusterConfig, Resource, Service

#: The key of a service's members in their order, in the settings of a change.
MEMBERS_KEY = "members"


class Comparison(Protocol):
    """How a framework means its settings; each driver has one."""

    @property
    def empty_services(self) -> bool:
        """Whether the framework can have a service without members."""

    def same(self, key: str, current: str, desired: str) -> bool:
        """Whether two texts mean the same to the framework."""

    def operational(self, key: str) -> bool:
        """Whether the setting is set by operating the cluster (such as its target state): it is never purged."""

    def fixed(self, resource_type: str, key: str) -> bool:
        """Whether a setting of a resource of that type cannot be changed once the resource is there, in any cluster."""


class ConflictError(Failure):
    """What exists stands in the way of what is described, and cannot be changed without harm."""

    may_lack_rights = True


@dataclass(frozen=True)
class Change:
    """One thing to create, update or delete.

    ``before`` and ``after`` hold the settings that differ; a key that is only in ``before`` is removed. For a deletion
    ``after`` is None, for a creation ``before`` is.
    """

    action: str
    kind: str
    name: str
    type: str | None = None
    service: str | None = None
    before: Mapping[str, str] | None = None
    after: Mapping[str, str] | None = None

    @property
    def placement(self) -> tuple[str, ...] | None:
        """The nodes that the service is to have, all of them, preferred first; None leaves them as they are."""
        nodes = (self.after or {}).get(PLACEMENT_KEY) if self.kind == "service" else None
        return None if nodes is None else tuple(nodes.split())

    @property
    def settings(self) -> dict[str, str]:
        """What is to be set natively: without the placement and the order of members, which each driver renders."""
        special = (PLACEMENT_KEY, MEMBERS_KEY) if self.kind == "service" else ()
        return {key: value for key, value in (self.after or {}).items() if key not in special}

    @property
    def keys(self) -> set[str]:
        """Everything that differs."""
        return {*(self.before or {}), *(self.after or {})}

    @property
    def edits(self) -> dict[str, str | None]:
        """What is to be set natively, see ``settings``; and None for what is to be set no more."""
        return {**{key: None for key in self.before or {} if key not in (self.after or {})}, **self.settings}

    def as_dict(self) -> dict[str, Any]:
        """The change as modules return it, secrets hidden."""
        return {
            "action": self.action,
            "kind": self.kind,
            "name": self.name,
            "service": self.service,
            "before": shown.shown(self.before, agent=self.type or ""),
            "after": shown.shown(self.after, agent=self.type or ""),
        }


def named(changes: Iterable[Change], action: str, kind: str) -> list[str]:
    """The names of what is created, updated or deleted of one kind."""
    return [change.name for change in changes if (change.action, change.kind) == (action, kind)]


def reconcile(
    current: ClusterConfig,
    desired: ClusterConfig,
    comparison: Comparison,
    *,
    absent: Collection[str] = (),
    purge: bool = False,
) -> list[Change]:
    """The changes that make ``current`` what ``desired`` says.

    Deletions come first, so that what they free can be used again; then cluster properties, so that fencing is on
    before anything starts; resource types, resources of their own (fencing devices), then each service with its
    placement ahead of its members. A resource whose type or fixed settings differ is deleted and created again.

    :param absent: names of services and resources to be removed
    :param purge: also remove services, resources, members and settings that ``desired`` does not name
    :raises ConflictError: a name is taken by something else, as by a resource that belongs to another service than the
        description says, or a service has no members and the framework needs one
    """
    deletions = _deletions(current, desired, absent, purge)
    remaining = _without(current, deletions)
    _refuse_taken_names(remaining, desired)
    return [
        *deletions,
        *_properties(remaining, desired, comparison),
        *_types(remaining, desired, comparison),
        *_resources(remaining, desired, comparison, purge),
        *_services(current, remaining, desired, comparison, purge),
    ]


def merged_order(current: Sequence[str], desired: Sequence[str]) -> list[str]:
    """The desired order, with names it does not have kept right behind the one they followed so far."""
    order = list(desired)
    previous: str | None = None
    for name in current:
        if name not in order:
            order.insert(0 if previous is None else order.index(previous) + 1, name)
        previous = name
    return order


def render(changes: Sequence[Change], side: str) -> str:
    """One side (``before`` or ``after``) of the changes as text to read in a diff."""
    lines = []
    for change in changes:
        settings = shown.shown(change.before if side == "before" else change.after, agent=change.type or "")
        if settings is None:
            continue
        kind = f" ({change.type})" if change.type else ""
        lines.append(f"{change.kind} {change.name}{kind}:")
        lines.extend(f"  {key}: {value}" for key, value in settings.items())
    return "".join(f"{line}\n" for line in lines)


def shown_configuration(config: ClusterConfig) -> dict[str, Any]:
    """A configuration as modules return it, secrets hidden."""

    def one(resource: Resource) -> dict[str, Any]:
        return {"type": resource.type, "settings": shown.shown(resource.settings, agent=resource.type)}

    return {
        "properties": shown.shown(config.properties),
        "resources": {resource.name: one(resource) for resource in config.resources},
        "services": {
            service.name: {
                "nodes": {node: str(place) for place, node in enumerate(service.placement or (), start=1)},
                "settings": shown.shown(service.settings),
                "resources": {resource.name: one(resource) for resource in service.resources},
            }
            for service in config.services
        },
    }


def _deletions(current: ClusterConfig, desired: ClusterConfig, absent: Collection[str], purge: bool) -> list[Change]:
    changes = []
    wanted_services = {service.name for service in desired.services}
    wanted_owners = desired.owners()
    for service in current.services:
        if service.name in absent or (purge and service.name not in wanted_services):
            changes.append(
                Change("delete", "service", service.name, before=_service_settings(service, _names(service.resources)))
            )
            continue
        for resource in service.resources:
            # A member that is wanted in another place is deleted here and created there.
            if resource.name in absent or (purge and wanted_owners.get(resource.name) != service.name):
                changes.append(_delete_resource(resource, service.name))
    for resource in current.resources:
        unnamed = resource.name not in wanted_owners or wanted_owners[resource.name] is not None
        if resource.name in absent or (purge and unnamed):
            changes.append(_delete_resource(resource, None))
    # Types are never purged: what is not ours may use them. They go after the resources that are of them.
    changes.extend(
        Change("delete", "type", found.name, found.type, before=dict(found.settings))
        for found in current.types
        if found.name in absent
    )
    return changes


def _without(current: ClusterConfig, deletions: Sequence[Change]) -> ClusterConfig:
    """What is left once the deletions are done."""
    services = {change.name for change in deletions if change.kind == "service"}
    resources = {(change.service, change.name) for change in deletions if change.kind == "resource"}
    types = {change.name for change in deletions if change.kind == "type"}
    return replace(
        current,
        types=tuple(found for found in current.types if found.name not in types),
        resources=tuple(resource for resource in current.resources if (None, resource.name) not in resources),
        services=tuple(
            replace(
                service,
                resources=tuple(
                    resource for resource in service.resources if (service.name, resource.name) not in resources
                ),
            )
            for service in current.services
            if service.name not in services
        ),
    )


def _refuse_taken_names(current: ClusterConfig, desired: ClusterConfig) -> None:
    owners = current.owners()
    services = {service.name for service in current.services}
    named: set[str] = set()
    for name, owner, is_service in _wanted_names(desired):
        if name in named:
            raise ConflictError(f"{name} is named twice; give each service and resource a name of its own")
        named.add(name)
        if name in current.foreign:
            raise ConflictError(f"{name} is the name of something else in the cluster; use another name")
        if is_service and name in owners:
            raise ConflictError(f"{name} is the name of a resource already; give the service another name")
        if is_service:
            continue
        if name in services:
            raise ConflictError(f"{name} is the name of a service already; give the resource another name")
        if name in owners and owners[name] != owner:
            there, here = (
                f"a member of {place}" if place else "a resource of its own" for place in (owners[name], owner)
            )
            raise ConflictError(
                f"resource {name} exists as {there}, not as {here}; remove it there or use another name"
            )


def _wanted_names(desired: ClusterConfig) -> Iterator[tuple[str, str | None, bool]]:
    """Name, owner and whether it is a service, of everything desired."""
    for resource in desired.resources:
        yield resource.name, None, False
    for service in desired.services:
        yield service.name, None, True
        for resource in service.resources:
            yield resource.name, service.name, False


def _delete_resource(resource: Resource, service: str | None) -> Change:
    return Change("delete", "resource", resource.name, resource.type, service, before=dict(resource.settings))


def _properties(current: ClusterConfig, desired: ClusterConfig, comparison: Comparison) -> list[Change]:
    # Cluster properties are never purged: frameworks keep their own state among them.
    before, after = _difference(current.properties, desired.properties, comparison, purge=False)
    if not after:
        return []
    return [Change("update", "cluster", "properties", before=before, after=after)]


def _types(current: ClusterConfig, desired: ClusterConfig, comparison: Comparison) -> list[Change]:
    existing = {found.name: found for found in current.types}
    changes = []
    for wanted in desired.types:
        if wanted.name not in existing:
            changes.append(Change("create", "type", wanted.name, wanted.type, after=dict(wanted.settings)))
            continue
        before, after = _difference(existing[wanted.name].settings, wanted.settings, comparison, purge=False)
        if after:
            changes.append(Change("update", "type", wanted.name, wanted.type, before=before, after=after))
    return changes


def _resources(current: ClusterConfig, desired: ClusterConfig, comparison: Comparison, purge: bool) -> list[Change]:
    existing = {resource.name: resource for resource in current.resources}
    changes: list[Change] = []
    for resource in desired.resources:
        fixed = current.fixed.get(resource.type, frozenset())
        changes.extend(_resource(existing.get(resource.name), resource, None, comparison, fixed, purge))
    return changes


def _services(
    current: ClusterConfig, remaining: ClusterConfig, desired: ClusterConfig, comparison: Comparison, purge: bool
) -> list[Change]:
    changes: list[Change] = []
    for service in desired.services:
        existing = remaining.service(service.name)
        if existing is None:
            if not service.resources and not comparison.empty_services:
                raise ConflictError(f"service {service.name} has no members; the framework needs one to create it")
            after = _service_settings(service, _names(service.resources))
            changes.append(Change("create", "service", service.name, after=after))
            changes.extend(_create_resource(resource, service.name) for resource in service.resources)
            continue
        before_settings, after_settings = _difference(existing.settings, service.settings, comparison, purge)
        # As a whole and to the letter, purge or not: a node that stayed behind would be one that carries the service.
        if service.placement is not None and (existing.placement != service.placement or existing.misplaced):
            before_settings = {PLACEMENT_KEY: existing.shown_placement(), **before_settings}
            after_settings = {PLACEMENT_KEY: service.shown_placement(), **after_settings}
        whole = current.service(service.name) or existing
        members, wanted = _names(whole.resources), _names(service.resources)
        order = wanted if purge else merged_order(members, wanted)
        if order != members:
            before_settings[MEMBERS_KEY], after_settings[MEMBERS_KEY] = " ".join(members), " ".join(order)
        if before_settings or after_settings:
            changes.append(Change("update", "service", service.name, None, None, before_settings, after_settings))
        present = {resource.name: resource for resource in existing.resources}
        for resource in service.resources:
            fixed = current.fixed.get(resource.type, frozenset())
            changes.extend(_resource(present.get(resource.name), resource, service.name, comparison, fixed, purge))
    return changes


def _resource(
    current: Resource | None,
    desired: Resource,
    service: str | None,
    comparison: Comparison,
    fixed: Collection[str],
    purge: bool,
) -> list[Change]:
    if current is None:
        return [_create_resource(desired, service)]
    if current.type != desired.type:
        # No framework changes the type of a resource in place; it is deleted and made again.
        return [_delete_resource(current, service), _create_resource(desired, service)]
    before, after = _difference(current.settings, desired.settings, comparison, purge)
    if not before and not after:
        return []
    if any(key in fixed or comparison.fixed(desired.type, key) for key in {*before, *after}):
        # What it had and the description does not name is kept, unless that is to be purged.
        kept = {} if purge else {key: value for key, value in current.settings.items() if key not in desired.settings}
        return [
            _delete_resource(current, service),
            _create_resource(replace(desired, settings={**kept, **desired.settings}), service),
        ]
    return [Change("update", "resource", desired.name, desired.type, service, before, after)]


def _create_resource(resource: Resource, service: str | None) -> Change:
    return Change("create", "resource", resource.name, resource.type, service, after=dict(resource.settings))


def _difference(
    current: Mapping[str, str], desired: Mapping[str, str], comparison: Comparison, purge: bool
) -> tuple[dict[str, str], dict[str, str]]:
    before, after = {}, {}
    for key, value in desired.items():
        if key not in current:
            after[key] = value
        elif not comparison.same(key, current[key], value):
            before[key], after[key] = current[key], value
    if purge:
        before.update(
            {key: value for key, value in current.items() if key not in desired and not comparison.operational(key)}
        )
    return before, after


def _service_settings(service: Service, members: Sequence[str]) -> dict[str, str]:
    return {**service.own_settings(), MEMBERS_KEY: " ".join(members)}


def _names(resources: Sequence[Resource]) -> list[str]:
    return [resource.name for resource in resources]
