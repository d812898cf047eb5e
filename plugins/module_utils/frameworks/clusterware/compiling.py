# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a description, and from what is given natively, to application addresses and resources. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ansible_collections.groupware.ha.plugins.module_utils.description.model import (
    Application,
    Description,
    Member,
    ServiceDescription,
)
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import (
    DescriptionError,
    Problem,
    refuse,
    unknown_keys,
)
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, Resource, Service
from ansible_collections.groupware.ha.plugins.module_utils.formats import clusterware as formats
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import overridden, with_native_settings
from ansible_collections.groupware.ha.plugins.module_utils.shown import Names, key_name
from . import agents, terms


def compiled(description: Description, include_applications: bool = True) -> ClusterConfig:
    """The description as application addresses and application resources, with the type that these are of."""
    properties = description.cluster.properties
    reason, remedy = "is not a property of the cluster", "use network, or remove it"
    problems = unknown_keys("cluster.properties", properties, ["network"], reason, remedy, plain=True)
    network = properties.get("network", "1")
    if not network.isdigit() or int(network) < 1:
        reason = "is not the number of a network"
        problems.append(Problem("cluster.properties.network", network, reason, "use 1, 2 ..."))
    services = []
    for described in description.services:
        try:
            services.append(_compile_service(described, network, include_applications))
        except DescriptionError as error:
            problems.extend(error.problems)
    refuse(problems)
    used = {resource.type for service in services for resource in service.resources}
    registered = [agent for agent in agents.AGENTS.values() if agent.type in used]
    return ClusterConfig(
        types=tuple(native_type(agent.type, None, agent.attributes) for agent in registered),
        services=tuple(service for service in services if service.resources),
    )


def native_resource(given: Member) -> Resource:
    """A resource with these attributes; ``meta`` has ``requires``: names of the resources that it depends on."""
    refuse([*_refused_meta("", given), *_refused_settings("properties", given.properties)])
    settings = {**formats.dependencies_on(given.meta.get("requires", "").split()), **given.properties}
    if "AUTO_START" not in settings:
        settings["unfinished"] = "false"
    return Resource(given.name, terms.common_type(given.type), settings)


def native_service(
    name: str, nodes: Sequence[str], properties: Mapping[str, str], resources: Sequence[Resource]
) -> Service:
    """Resources that say that they are of this service; ``properties`` are attributes that all of them have."""
    refuse(_refused_service_settings("properties", properties))
    settings = {**(terms.RESTRICTED if nodes else {}), **properties}
    return Service(name, tuple(nodes) or None, settings, _ordered(_claimed(found, name) for found in resources))


def native_type(name: str, base_type: str | None, properties: Mapping[str, str]) -> Resource:
    """A type with its attributes, each with its definition as in ``TYPE=string,FLAGS=READONLY|REQUIRED``."""
    remedy = "write it as in TYPE=string,DEFAULT_VALUE=x,FLAGS=REQUIRED"
    refuse(
        [
            Problem(f"properties.{key_name(key)}", value, "is not the definition of an attribute", remedy)
            for key, value in properties.items()
            if formats.parse_definition(value) is None
        ]
    )
    return Resource(name, base_type or "cluster_resource", properties)


def _compile_service(service: ServiceDescription, network: str, include_applications: bool) -> Service:
    key = f"services[{service.name}]"
    problems: list[Problem] = []
    resources = {} if service.address is None else {"address": agents.address(service, network)}
    if service.application is not None and include_applications:
        application, requires = service.application, [resource.name for resource in resources.values()]
        agent = agents.AGENTS.get(application.type)
        if agent is None:
            resources.update(_native_members(service, application, requires, problems))
        else:
            settings = agent.settings(service, application, requires, problems)
            resources["application"] = Resource(service.resource_name("application"), agent.type, settings)
    elif service.application is None and not resources:
        mount_point = None if service.storage is None else service.storage.mount_point
        reason = "is no resource of Clusterware, so there would be nothing in the service"
        problems.append(Problem(f"{key}.storage", mount_point, reason, "give the service an address or an application"))
    problems.extend(_refused_service_settings(f"{key}.properties", service.properties))
    for role, properties in service.resource_properties.items():
        problems.extend(_refused_shared(f"{key}.resource_properties.{role}", properties))
    refuse(problems)
    by_role = {role: _claimed(resource, service.name) for role, resource in resources.items()}
    members = with_native_settings(service, by_role, include_applications)
    for member in members:
        problems.extend(_refused_settings(f"{key}.{member.name}", member.settings))
    if len(" ".join(service.nodes)) > formats.LONGEST_VALUE:
        reason = "is longer than HOSTING_MEMBERS can be"
        problems.append(Problem(f"{key}.nodes", Names(service.nodes), reason, "name fewer nodes"))
    refuse(problems)
    placement = {**terms.RESTRICTED, "ACTIVE_PLACEMENT": "1" if service.failback else "0"}
    return Service(service.name, service.nodes, overridden(placement, service.properties), _ordered(members))


def _native_members(
    service: ServiceDescription, application: Application, requires: Sequence[str], problems: list[Problem]
) -> dict[str, Resource]:
    """Members depend on the address, or without one on the member before: nothing else would keep them together."""
    resources: dict[str, Resource] = {}
    names = {member.name: service.resource_name(member.name) for member in application.members}
    # Members by their names in the description, all else by its own.
    known = {"address": service.resource_name("address"), **names}
    before = list(requires)
    for member in application.members:
        key = f"services[{service.name}].application.members[{member.name}]"
        problems.extend(_refused_meta(f"{key}.", member))
        problems.extend(_refused_shared(f"{key}.properties", member.properties))
        needed = before
        if "requires" in member.meta:
            needed = [known.get(name, name) for name in member.meta["requires"].split()]
        settings = {"AUTO_START": "restore", **formats.dependencies_on(needed), **member.properties}
        resources[member.name] = Resource(names[member.name], terms.common_type(member.type), settings)
        if not requires:
            before = [names[member.name]]
    return resources


def _refused_shared(key: str, properties: Mapping[str, str | None]) -> list[Problem]:
    reason, remedy = "is the same for all resources of a service", "use the service's nodes, failback and properties"
    return [
        Problem(f"{key}.{key_name(name)}", value, reason, remedy)
        for name, value in properties.items()
        if name in terms.PLACEMENT
    ]


def _refused_meta(key: str, given: Member) -> list[Problem]:
    reason, remedy = "has no meaning on clusterware", "use requires, or properties"
    problems = unknown_keys(f"{key}meta", given.meta, ["requires"], reason, remedy)
    if given.operations:
        remedy = "use attributes such as CHECK_INTERVAL and SCRIPT_TIMEOUT"
        problems.append(Problem(f"{key}operations", dict(given.operations), "are unknown to clusterware", remedy))
    return problems


def _refused_settings(key: str, settings: Mapping[str, str]) -> list[Problem]:
    problems = []
    for name, value in settings.items():
        reason = formats.refused_value(value)
        if reason is None and name in terms.DEPENDENCIES:
            try:
                formats.parse_dependencies(value)
            except formats.FormatError as error:
                reason = f"is not written as a dependency is: {error}"
        if reason is None and name in terms.INTERNAL:
            reason = "is kept by Clusterware itself"
        if reason is not None:
            problems.append(Problem(f"{key}.{key_name(name)}", value, reason, "give another value"))
    return problems


def _refused_service_settings(key: str, settings: Mapping[str, str | None]) -> list[Problem]:
    reason = "is not an attribute that all resources of a service share"
    remedy = f"use one of {', '.join(terms.SERVICE_ATTRIBUTES)}, or resource_properties"
    return unknown_keys(key, settings, terms.SERVICE_ATTRIBUTES, reason, remedy, plain=True)


def _claimed(resource: Resource, service: str) -> Resource:
    """The resource, with the service's name in it if it does not say it with its own."""
    if terms.claim(resource.name, resource.type) == service or "DESCRIPTION" in resource.settings:
        return resource
    return replace(resource, settings={**resource.settings, "DESCRIPTION": f"service {service}"})


def _ordered(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    by_name = {resource.name: resource for resource in resources}
    texts = {name: resource.settings.get("START_DEPENDENCIES", "") for name, resource in by_name.items()}
    needs = {name: formats.hard_dependencies(text) for name, text in texts.items()}
    addresses = [name for name, resource in by_name.items() if resource.type == terms.ADDRESS_TYPE]
    return tuple(by_name[name] for name in formats.in_starting_order(needs, addresses))
