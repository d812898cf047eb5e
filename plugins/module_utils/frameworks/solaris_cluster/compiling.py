# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a description to resource groups. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ansible_collections.groupware.ha.plugins.module_utils.description.model import (
    Application,
    Description,
    Member,
    ServiceDescription,
)
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem, refuse, unknown_keys
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, Resource, Service
from ansible_collections.groupware.ha.plugins.module_utils.formats.solaris_cluster_properties import (
    DEPENDENCIES,
    canonical_name,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import (
    FrameworkError,
    overridden,
    with_native_settings,
)
from . import agents, terms


def compiled(description: Description, include_applications: bool, offline_restart: bool) -> ClusterConfig:
    """The description as resource groups, and the resource types that they need.

    :param offline_restart: whether applications have to be restarted when their storage went offline, as from 4.0 on
        (SUNW.HAStoragePlus(5), Oracle Solaris Cluster 4.0)
    """
    properties = description.cluster.properties
    if properties:
        reason = "are not set on solaris_cluster, which has none that services need"
        refuse([Problem("cluster.properties", dict(properties), reason, "remove them")])
    services = tuple(
        _compile_service(service, include_applications, offline_restart) for service in description.services
    )
    types = dict.fromkeys(
        f"{member.type}:{member.settings['Type_version']}" if "Type_version" in member.settings else member.type
        for service in services
        for member in service.resources
        if member.type not in terms.ADDRESS_TYPES
    )
    return ClusterConfig(services=services, types=tuple(Resource(name, "") for name in types))


def native_resource(given: Member) -> Resource:
    """A resource with its properties; ``meta`` has ``enabled`` (unless said otherwise, it is) and ``monitored``."""
    if given.operations:
        raise FrameworkError(
            f"resource {given.name}: operations are properties on solaris_cluster, such as Start_timeout; set those"
        )
    unknown = set(given.meta) - {terms.ENABLED, terms.MONITORED}
    if unknown:
        raise FrameworkError(f"resource {given.name}: meta has {', '.join(sorted(unknown))}; use enabled or monitored")
    return terms.native_resource(given.name, given.type, {**given.properties, **given.meta})


def native_service(
    name: str, nodes: Sequence[str], properties: Mapping[str, str], resources: Sequence[Resource]
) -> Service:
    """A resource group with its node list; ``properties`` are its own."""
    return Service(name, tuple(nodes) or None, terms.spelt_out(properties), terms.in_order(resources))


def native_type(name: str, base_type: str | None, properties: Mapping[str, str]) -> Resource:
    """A resource type, which brings its own description in its registration file."""
    if base_type is not None:
        raise FrameworkError(f"type {name}: a type of solaris_cluster is not derived from another; remove base_type")
    settings = terms.spelt_out(properties)
    unknown = set(settings) - {"Installed_nodes", "RT_system"}
    if unknown:
        raise FrameworkError(
            f"type {name}: {', '.join(sorted(unknown))} cannot be set; only Installed_nodes and RT_system can"
        )
    return Resource(name, "", settings)


def _compile_service(service: ServiceDescription, include_applications: bool, offline_restart: bool) -> Service:
    settings = {terms.MANAGED: "true", "Failback": "True" if service.failback else "False"}
    given = _named(service.properties)
    if "Nodelist" in given:
        key, remedy = f"services[{service.name}].properties.Nodelist", "give nodes.primary and nodes.standby"
        refuse([Problem(key, given["Nodelist"], "is what the service's nodes are for", remedy)])
    resources: dict[str, Resource] = {}
    for role, resource_type, properties in _members(service, include_applications, offline_restart):
        # Left unwatched for maintenance, a service is suspended; a monitor that is off without that was forgotten.
        settings_of_member = {terms.MONITORED: "true", **properties}
        resources[role] = terms.native_resource(service.resource_name(role), resource_type, settings_of_member)
    overriding = {role: _named(values) for role, values in service.resource_properties.items()}
    members = with_native_settings(replace(service, resource_properties=overriding), resources, include_applications)
    return Service(
        service.name,
        service.nodes,
        terms.spelt_out(overridden(settings, given)),
        terms.in_order(replace(member, settings=terms.spelt_out(member.settings)) for member in members),
    )


def _named(properties: Mapping[str, str | None]) -> dict[str, str | None]:
    return {key if key in terms.AXES else canonical_name(key): value for key, value in properties.items()}


def _members(
    service: ServiceDescription, include_applications: bool, offline_restart: bool
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Role, type and settings of each resource."""
    if service.address is not None:
        yield "address", terms.LOGICAL_HOST_NAME, agents.address(service)
    if service.storage is not None:
        yield "storage", terms.STORAGE, agents.storage(service, service.storage)
    application = service.application
    if application is None:
        return
    if application.type in agents.AGENTS:
        resource_type, settings = agents.application(service, application)
        if include_applications:
            dependencies = _dependencies(service, _own_roles(service), {}, offline_restart)
            yield "application", resource_type, {**settings, **dependencies}
    else:
        _judge_native(service, application)
        if include_applications:
            yield from _compile_native(service, application, offline_restart)


def _own_roles(service: ServiceDescription) -> list[str]:
    """What an application of the service finds there."""
    return [role for role, given in (("storage", service.storage), ("address", service.address)) if given]


def _judge_native(service: ServiceDescription, application: Application) -> None:
    types = [member.name for member in application.members]
    roles = _own_roles(service)
    problems: list[Problem] = []
    for position, member in enumerate(application.members):
        key = f"services[{service.name}].application.members[{position}]"
        if member.operations:
            remedy = "set properties such as Start_timeout"
            problems.append(Problem(f"{key}.operations", dict(member.operations), "are properties here", remedy))
        known, remedy = (terms.ENABLED, terms.MONITORED, "requires"), "use enabled, monitored or requires"
        problems += unknown_keys(f"{key}.meta", member.meta, known, "is not known", remedy)
        for name in member.meta.get("requires", "").split():
            if name not in (*roles, *types) or name == member.name:
                reason = f"{name} is no other member of the service"
                remedy = f"use {', '.join([*roles, *types])}"
                problems.append(Problem(f"{key}.meta.requires", member.meta["requires"], reason, remedy))
    refuse(problems)


def _compile_native(
    service: ServiceDescription, application: Application, offline_restart: bool
) -> Iterator[tuple[str, str, dict[str, str]]]:
    types = {member.name: member.type for member in application.members}
    roles = _own_roles(service)
    for member in application.members:
        axes = {axis: member.meta[axis] for axis in (terms.ENABLED, terms.MONITORED) if axis in member.meta}
        needed = _required_roles(member, roles)
        yield (
            member.name,
            member.type,
            {**member.properties, **axes, **_dependencies(service, needed, types, offline_restart)},
        )


def _required_roles(member: Member, roles: Sequence[str]) -> list[str]:
    """What a native member depends on: what it says; by itself, an application on the service's storage and address."""
    if "requires" in member.meta:
        return member.meta["requires"].split()
    spelt = terms.spelt_out(member.properties)
    own = any(key in spelt for key in DEPENDENCIES)
    leads = terms.split_type(member.type)[0] in (*terms.ADDRESS_TYPES, *terms.STORAGE_TYPES)
    return [] if own or leads else list(roles)


def _dependencies(
    service: ServiceDescription, roles: Sequence[str], types: Mapping[str, str], offline_restart: bool
) -> dict[str, str]:
    """The properties for a resource that depends on others of its service."""
    restarting = [
        role
        for role in roles
        if offline_restart and (role == "storage" or terms.split_type(types.get(role, ""))[0] == terms.STORAGE)
    ]
    found = {
        "Resource_dependencies": [role for role in roles if role not in restarting],
        "Resource_dependencies_offline_restart": restarting,
    }
    return {key: ",".join(map(service.resource_name, named)) for key, named in found.items() if named}
