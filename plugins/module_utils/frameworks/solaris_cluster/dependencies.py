# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What resources need, and what is left and what comes when changes are made. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, Resource, Service
from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import following
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import Change
from ansible_collections.groupware.ha.plugins.module_utils.formats.solaris_cluster_properties import (
    DEPENDENCIES,
    names_of,
    set_when_disabled_only,
    split_list,
)
from .terms import AXES, ENABLED, MANAGED, in_order, is_true


class Index:
    """A configuration's resources by name, with what they depend on."""

    def __init__(self, config: ClusterConfig) -> None:
        self.services = {service.name: service for service in config.services}
        self.resources = {member.name: member for service in config.services for member in service.resources}
        self.owner = {member.name: service.name for service in config.services for member in service.resources}
        self._positions = {name: position for position, name in enumerate(self.resources)}
        self.dependents: dict[str, list[str]] = {}
        for name in self.resources:
            for other in self.needed(name):
                self.dependents.setdefault(other, []).append(name)

    def needed(self, name: str) -> list[str]:
        """Resources that this one depends on, in any way."""
        settings = self.resources[name].settings
        return [
            other
            for key in (*DEPENDENCIES, "Network_resources_used")
            for other in names_of(settings.get(key, ""))
            if other != name
        ]

    def required(self, name: str) -> list[str]:
        """Resources without which this one does not run."""
        settings = self.resources[name].settings
        keys = (key for key in DEPENDENCIES if key != "Resource_dependencies_weak")
        return [other for key in keys for other in names_of(settings.get(key, ""))]

    def enabled(self, name: str) -> bool:
        """Whether the resource is there and enabled on all its nodes."""
        return name in self.resources and is_true(self.resources[name].settings.get(ENABLED, "false"))

    def partly_enabled(self, name: str) -> bool:
        """Whether the resource is there and enabled on a node at least."""
        member = self.resources.get(name)
        return member is not None and member.settings.get(ENABLED, "false").strip().lower() != "false"

    def with_dependents(self, names: Iterable[str]) -> list[str]:
        """These resources and all that depend on them, the dependents first."""
        wanted = {name for name in names if name in self.resources}
        # Members of a group in the reverse of their order: also what says no dependency stops before its address.
        order = sorted(wanted, key=self._positions.__getitem__, reverse=True)
        return following(order, lambda name: self.dependents.get(name, ()))

    def stands_alone(self, name: str) -> bool:
        """Whether nothing of the service depends on another one."""
        service = self.services.get(name)
        return service is None or not (
            any(service.settings.get(key) for key in ("RG_affinities", "RG_dependencies"))
            or any(self.owner.get(other) != name for member in service.resources for other in self.needed(member.name))
        )


def target_of(config: ClusterConfig, changes: Sequence[Change]) -> ClusterConfig:
    """The configuration once the changes are made."""
    deleted = deleted_resources(config, changes)
    gone = {change.name for change in changes if change.kind == "service" and change.action == "delete"}
    services: dict[str, Service] = {}
    members: dict[str, dict[str, Resource]] = {}
    for service in config.services:
        if service.name not in gone:
            services[service.name] = service
            members[service.name] = {member.name: member for member in service.resources if member.name not in deleted}
    for change in changes:
        if change.action == "delete":
            continue
        if change.kind == "service":
            before = services.get(change.name, Service(change.name, None, {MANAGED: "true"}, ()))
            services[change.name] = replace(
                before,
                placement=before.placement if change.placement is None else change.placement,
                settings={**before.settings, **change.settings},
            )
            members.setdefault(change.name, {})
        elif change.kind == "resource" and change.service in services:
            known = members[change.service].get(
                change.name, Resource(change.name, change.type or "", {ENABLED: "true"})
            )
            members[change.service][change.name] = replace(known, settings={**known.settings, **change.settings})
    return ClusterConfig(
        services=tuple(
            replace(service, resources=in_order(members[name].values())) for name, service in services.items()
        ),
        types=config.types,
    )


def deleted_resources(config: ClusterConfig, changes: Sequence[Change]) -> frozenset[str]:
    """Resources that go, by themselves or with their group."""
    names = {change.name for change in changes if change.action == "delete" and change.kind != "type"}
    return named_resources(config, names)


def named_resources(config: ClusterConfig, names: Collection[str]) -> frozenset[str]:
    """Resources among the names, and the members of groups among them."""
    return frozenset(
        member.name
        for service in config.services
        for member in service.resources
        if member.name in names or service.name in names
    )


def to_be_disabled(index: Index, changes: Sequence[Change]) -> list[str]:
    """Resources that must be disabled for a change of theirs."""
    return [
        change.name
        for change in changes
        if change.action == "update"
        and change.name in index.resources
        and any(key not in AXES and set_when_disabled_only(key) for key in change.after or {})
    ]


def stripped_of(settings: Mapping[str, str], deleted: Collection[str]) -> dict[str, str]:
    """Those lists of resources, without the deleted ones, that have any of these."""
    found = {}
    for key in (*DEPENDENCIES, "Network_resources_used"):
        items = split_list(settings.get(key, ""))
        left = [item for item in items if item.partition("{")[0] not in deleted]
        if left != items:
            found[key] = ",".join(left)
    return found


def without_lost_dependencies(config: ClusterConfig, deleted: Collection[str]) -> ClusterConfig:
    """The configuration without dependencies on what is deleted and not created again."""
    lost = set(deleted) - set(config.owners())
    return replace(
        config,
        services=tuple(
            replace(
                service,
                resources=tuple(
                    replace(member, settings={**member.settings, **stripped_of(member.settings, lost)})
                    for member in service.resources
                ),
            )
            for service in config.services
        ),
    )
