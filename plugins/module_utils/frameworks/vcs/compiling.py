# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a description, or native names, to service groups, resources and types of Veritas Cluster Server. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.groupware.ha.plugins.module_utils.description.model import (
    ROLES,
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
from ansible_collections.groupware.ha.plugins.module_utils.formats.vcs_tables import is_true
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import (
    FrameworkError,
    overridden,
    with_native_settings,
)
from . import agents, terms


def compile_description(description: Description, include_applications: bool = True) -> ClusterConfig:
    """The description as service groups, their resources, and the resource types of applications.

    :raises DescriptionError: what VCS cannot carry
    """
    problems: list[Problem] = []
    if "ReadOnly" in description.cluster.properties:
        problems.append(Problem("cluster.properties.ReadOnly", "...", "is not set but opened and closed", "remove it"))
    interface = description.cluster.interface or ""
    services = [_service(found, interface, include_applications, problems) for found in description.services]
    types = _types(description.services, problems) if include_applications else ()
    problems.extend(_shared_names(services))
    refuse(problems)
    return ClusterConfig(
        properties={terms.CONFIGURATION: terms.CLOSED, **description.cluster.properties},
        # A service that is nothing but its application is made together with it.
        services=tuple(service for service in services if service.resources),
        types=types,
    )


def native_resource(given: Member) -> Resource:
    """A resource in native names; ``meta`` may have ``requires`` and ``enabled``."""
    refuse(_unknown_member_keys("", given))
    return Resource(given.name, given.type, _member_settings(given))


def native_service(
    name: str, nodes: Sequence[str], properties: Mapping[str, str], resources: Sequence[Resource]
) -> Service:
    """A service group; ``properties`` are its attributes."""
    defaults = {"Parallel": "0", "AutoStartList": nodes[0]} if nodes else {}
    return Service(name, tuple(nodes) or None, {**defaults, **properties}, tuple(resources))


def native_type(name: str, base_type: str | None, properties: Mapping[str, str]) -> Resource:
    """A resource type: its attributes are those of its types file, ``properties`` its static attributes."""
    if base_type:
        raise FrameworkError(f"type {name}: base_type = {base_type!r}: types of VCS are not derived from others")
    return Resource(name, "", dict(properties))


def axis_settings(kind: str, axis: str, value: bool) -> Mapping[str, str]:
    """The attributes Frozen of a group and Enabled of a resource."""
    if kind == "service":
        return {"Frozen": "0" if value else "1"}
    if axis == "enabled":
        return {"Enabled": "1" if value else "0"}
    raise FrameworkError("monitored: VCS always watches an enabled resource; disable it, or freeze its service")


def _service(
    service: ServiceDescription, interface: str, include_applications: bool, problems: list[Problem]
) -> Service:
    key = f"services[{service.name}]"
    if service.failback:
        words = "VCS leaves a service where it went when its home was lost"
        problems.append(Problem(f"{key}.failback", True, words, "remove it, and move the service back when it suits"))
    if is_true(service.properties.get("Parallel") or "0"):
        problems.append(Problem(f"{key}.properties.Parallel", "1", "is not a service that fails over", "remove it"))
    storage = service.storage
    if storage is not None and not storage.devices and storage.volume_group is None:
        remedy = "name the device to mount, or volume_group and logical_volume of Veritas Volume Manager"
        problems.append(Problem(f"{key}.storage.device", None, "is missing", remedy))
    settings = {**agents.storage_members(service), **agents.address_members(service, interface)}
    resources = {
        role: Resource(service.resource_name(role), agents.ROLE_TYPES[role], settings[role])
        for role in agents.ROLE_TYPES
        if role in settings
    }
    if include_applications and service.application is not None:
        below = [service.resource_name(role) for role in ("storage", "address") if role in resources]
        resources.update(_application(service, service.application, below, problems))
    members: tuple[Resource, ...] = ()
    try:
        members = with_native_settings(service, resources, include_applications)
    except DescriptionError as error:
        problems.extend(error.problems)
    attributes = overridden({"Parallel": "0", "AutoStartList": service.primary}, service.properties)
    return Service(service.name, service.nodes, attributes, agents.in_order(members))


def _application(
    service: ServiceDescription, application: Application, below: Sequence[str], problems: list[Problem]
) -> Iterator[tuple[str, Resource]]:
    """The resources of the application, by role."""
    agent = agents.AGENTS.get(application.type)
    if agent is not None:
        if service.host_name is None:
            words = f"the application {application.type} is found by its logical host name"
            problems.append(Problem(f"services[{service.name}].host_name", None, "is missing", words))
        key = f"services[{service.name}].application.options"
        options = agent.attributes(key, application.options, problems)
        settings = agents.compiled({agent.host_name: service.host_name or "", **options}, below)
        yield "application", Resource(service.resource_name("application"), agent.type, settings)
    # Members are named by their roles as well as by the names that they have in the cluster.
    roles = {*ROLES, *(member.name for member in application.members)}
    for member in application.members:
        key = f"services[{service.name}].application.members[{member.name}]."
        problems.extend(_unknown_member_keys(key, member))
        settings = _member_settings(member)
        # What is only watched cannot depend on anything.
        needed = below if terms.places(member.type) else []
        requires = settings.get(terms.REQUIRES, " ".join(needed)).split()
        settings[terms.REQUIRES] = " ".join(service.resource_name(name) if name in roles else name for name in requires)
        yield member.name, Resource(service.resource_name(member.name), member.type, settings)


def _types(services: Sequence[ServiceDescription], problems: list[Problem]) -> tuple[Resource, ...]:
    """The types of applications, with what their manuals recommend."""
    found = []
    for application, agent in agents.AGENTS.items():
        users = [service for service in services if service.application and service.application.type == application]
        if users:
            values = {**agent.recommended, **_common_values(agent, users, problems)}
            found.append(Resource(agent.type, "", {**values, "SourceFile": f"./{agent.type}Types.cf"}))
    return tuple(found)


def _common_values(agent: agents.Agent, users: Sequence[ServiceDescription], problems: list[Problem]) -> dict[str, str]:
    """Static attributes that services ask for: they are those of the whole cluster."""
    values: dict[str, str] = {}
    sources: dict[str, str] = {}
    options = {attribute: name for name, attribute in agent.numbers.items()}
    for service in users:
        key = f"services[{service.name}].application.options"
        given = {} if service.application is None else service.application.options
        for attribute, value in agent.type_attributes(key, given, problems).items():
            if values.setdefault(attribute, value) != value:
                problems.append(
                    Problem(
                        f"{key}.{options[attribute]}",
                        value,
                        f"is {values[attribute]} in service {sources[attribute]}, and one for the whole cluster on VCS",
                        f"say the same in both, or give resource_properties.application.{attribute}",
                    )
                )
            sources.setdefault(attribute, service.name)
    return values


def _unknown_member_keys(key: str, given: Member) -> Iterator[Problem]:
    known, reason = (terms.REQUIRES, "enabled"), "is no key of a resource on VCS"
    yield from unknown_keys(f"{key}meta", given.meta, known, reason, f"use {' or '.join(known)}")
    if given.operations:
        remedy = "give attributes such as MonitorInterval among the properties: they are overridden for this resource"
        yield Problem(f"{key}operations", dict(given.operations), "has no meaning on VCS", remedy)


def _member_settings(given: Member) -> dict[str, str]:
    settings = {"AutoStart": "1", "Enabled": "1", **given.properties}
    if "enabled" in given.meta:
        settings["Enabled"] = "1" if is_true(given.meta["enabled"]) else "0"
    if terms.REQUIRES in given.meta:
        settings[terms.REQUIRES] = given.meta[terms.REQUIRES]
    return settings


def _shared_names(services: Sequence[Service]) -> Iterator[Problem]:
    """Resources are one name space for the whole cluster."""
    owners: dict[str, str] = {}
    for service in services:
        for resource in service.resources:
            if resource.name in owners:
                yield Problem(
                    f"services[{service.name}].name",
                    service.name,
                    f"gives the resource name {resource.name}, which service {owners[resource.name]} has too",
                    "choose another name, or give resource_names",
                )
            owners.setdefault(resource.name, service.name)
