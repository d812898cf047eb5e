# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a description to services with failover domains, and fencing devices. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ansible_collections.groupware.ha.plugins.module_utils.description.model import (
    Application,
    Description,
    FencingDevice,
    Member,
    ServiceDescription,
)
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem, refuse, unknown_keys
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, Resource, Service
from ansible_collections.groupware.ha.plugins.module_utils.formats import cluster_conf, cluster_conf_grammar
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import (
    FrameworkError,
    overridden,
    with_native_settings,
)
from ansible_collections.groupware.ha.plugins.module_utils.shown import Names, key_name
from . import agents, fencing, terms

_FINAL_SETTINGS = {"autostart": "1", "recovery": "relocate"}


def judged(description: Description, include_applications: bool = True) -> ClusterConfig:
    """The description as services with failover domains, fencing devices and attributes of the cluster.

    :raises DescriptionError: what cluster.conf cannot hold, and what makes fencing something else than it says
    """
    problems = fencing.judge(description)
    refuse(problems)
    return compiled(description, include_applications)


def compiled(description: Description, include_applications: bool = True) -> ClusterConfig:
    """The description as it is, whatever that makes of fencing."""
    cluster = description.cluster
    problems: list[Problem] = []
    for key, value in cluster.properties.items():
        if terms.PROPERTY.fullmatch(key) is None:
            remedy = f"use ELEMENT.ATTRIBUTE with one of the elements {', '.join(terms.PROPERTY_ELEMENTS)}"
            problems.append(
                Problem(f"cluster.properties.{key_name(key)}", value, "is not set by a description", remedy)
            )
    services = [_compile_service(service, include_applications, problems) for service in description.services]
    config = ClusterConfig(
        properties={**terms.normal_settings(cluster.properties), terms.IN_EFFECT: "true"},
        resources=tuple(compile_device(device) for device in cluster.fencing_devices),
        # A service needs a member: one that is nothing but its application is made together with it.
        services=tuple(service for service in services if service.resources),
    )
    judge_names(config, problems)
    refuse(problems)
    return config


def _compile_service(service: ServiceDescription, include_applications: bool, problems: list[Problem]) -> Service:
    """One service of the description; what is wrong with it is added to the problems."""
    where = f"services[{service.name}]"
    if ":" in service.name:
        problems.append(Problem(f"{where}.name", service.name, "has a colon in it", "use a name without one"))
    settings: dict[str, str] = terms.domain_settings(f"{service.name}_domain", service.failback)
    settings[terms.IN_EFFECT] = "true" if include_applications else terms.INSTALLING
    if include_applications:
        settings.update(_FINAL_SETTINGS)
    settings = terms.normal_settings(overridden(settings, service.properties))
    for key, value in settings.items():
        tag = "failoverdomain" if key.startswith(terms.DOMAIN) else "service"
        if key in (terms.IN_EFFECT, terms.MANAGED):
            continue
        problem = cluster_conf_grammar.attribute_problem(tag, key.removeprefix(terms.DOMAIN), value)
        if problem is not None:
            problems.append(Problem(f"{where}.properties.{key_name(key)}", value, problem, "correct it"))
    resources = {**agents.storage_members(service), **agents.address_members(service)}
    application = service.application
    if application is not None and include_applications:
        agent = agents.AGENTS.get(application.type)
        resources.update(
            _native_members(service, application, problems)
            if agent is None
            else agent.members(f"{where}.application.options", service, application.options, problems)
        )
    members = [
        replace(member, settings=terms.normal_settings(member.settings))
        for member in with_native_settings(service, resources, include_applications)
    ]
    roles = dict(zip(resources, members))
    own = {member.name for member in (application.members if application else ())}
    for role, member in roles.items():
        key_of = (
            f"{where}.application.members.{role}.properties" if role in own else f"{where}.resource_properties.{role}"
        )
        settings_of = {
            key: value
            for key, value in member.settings.items()
            if key != terms.REQUIRES and not key.startswith(terms.OPERATION)
        }
        for key, problem in cluster_conf_grammar.resource_problems(member.type, settings_of):
            remedy = "see the metadata of the agent"
            problems.append(Problem(f"{key_of}.{key_name(key)}", settings_of.get(key), problem, remedy))
    try:
        ordered = in_start_order(members, service.name)
    except FrameworkError as error:
        names = Names(member.name for member in members)
        remedy = "take one requirement away"
        problems.append(Problem(f"{where}.application.members", names, str(error), remedy))
        ordered = tuple(members)
    judge_address_names(service.name, roles, ordered, problems)
    return Service(service.name, service.nodes, settings, ordered)


def native_resource(given: Member) -> Resource:
    """A resource, or a fencing device if the type is that of a fence agent (``node NODE`` is for these in meta)."""
    if given.type.startswith("fence_"):
        nodes = {f"{terms.NODE_KEY}{node}": options for node, options in given.meta.items()}
        return Resource(given.name, given.type, {**given.properties, **nodes, terms.IN_EFFECT: "true"})
    for key in given.meta:
        if key != terms.REQUIRES:
            raise FrameworkError(
                f"resource {given.name}: there is no {key} in meta on rhcs; {terms.REQUIRES} is all there is"
            )
    return Resource(given.name, given.type, terms.member_settings(given))


def native_service(
    name: str, nodes: Sequence[str], properties: Mapping[str, str], resources: Sequence[Resource]
) -> Service:
    """A service; with nodes it has an ordered and restricted failover domain of its own."""
    if ":" in name:
        raise FrameworkError(f"service {name}: the name of a service has no colon on rhcs")
    domain = terms.domain_settings(f"{name}_domain") if nodes else {}
    settings = {**domain, **terms.normal_settings(properties), terms.IN_EFFECT: "true"}
    return Service(name, tuple(nodes) or None, settings, in_start_order(resources, name))


def axis_settings(kind: str, axis: str, value: bool) -> Mapping[str, str]:
    """A service that is frozen is not managed. Members of a service have no axes of their own."""
    if kind == "service" and axis == terms.MANAGED:
        return {terms.MANAGED: terms.boolean(value)}
    raise FrameworkError(
        f"rhcs cannot change whether a single {kind} is {axis}: it knows of no resource but as a part of its "
        "service; take the service offline, or freeze it"
    )


def _native_members(
    service: ServiceDescription, application: Application, problems: list[Problem]
) -> dict[str, Resource]:
    """Members of a native application, by their names in the description."""
    resources = {}
    for member in application.members:
        key = f"services[{service.name}].application.members.{member.name}.meta"
        remedy = f"{terms.REQUIRES} is all there is"
        problems += unknown_keys(key, member.meta, [terms.REQUIRES], "is not on rhcs", remedy, plain=True)
        settings = terms.member_settings(member)
        if terms.REQUIRES in member.meta:
            required = member.meta[terms.REQUIRES]
            if " " in required.strip():
                reason = "names several members, and rhcs nests a member in one"
                problems.append(Problem(f"{key}.{terms.REQUIRES}", required, reason, "name the one that starts last"))
            settings[terms.REQUIRES] = service.resource_name(required)
        resources[member.name] = Resource(service.resource_name(member.name), member.type, settings)
    return resources


def compile_device(device: FencingDevice) -> Resource:
    """A fencing device; options that end in the name of one of its nodes are for that node."""
    options = dict(device.options)
    settings: dict[str, str] = {}
    for node in device.nodes:
        own = {key: options.pop(key) for key in list(options) if key.endswith(f"_{node}")}
        settings[f"{terms.NODE_KEY}{node}"] = terms.joined({key[: -len(node) - 1]: value for key, value in own.items()})
    return Resource(device.name, device.agent, {**options, **settings, terms.IN_EFFECT: "true"})


def judge_names(config: ClusterConfig, problems: list[Problem]) -> None:
    """Refuse names that meet once compiled, and one failover domain that is to have two shapes."""
    owners: dict[str, str] = {resource.name: "" for resource in config.resources}
    domains: dict[str, tuple[str, object]] = {}
    for service in config.services:
        for name in (service.name, *(resource.name for resource in service.resources)):
            if name in owners:
                taken = f"service {owners[name]}" if owners[name] else "a fencing device"
                reason = f"gives the name {name}, which {taken} has too"
                problems.append(Problem(f"services[{service.name}].name", service.name, reason, "choose another name"))
            owners.setdefault(name, service.name)
        shape = (
            service.placement,
            {key: value for key, value in service.settings.items() if key.startswith(terms.DOMAIN)},
        )
        domain = service.settings.get("domain", "")
        other, other_shape = domains.setdefault(domain, (service.name, shape))
        if domain and shape != other_shape:
            reason = f"is also that of service {other}, with other nodes or attributes"
            key = f"services[{service.name}].properties.domain"
            problems.append(Problem(key, domain, reason, "give each service its own domain"))


def judge_address_names(
    service: str, roles: Mapping[str, Resource], ordered: Sequence[Resource], problems: list[Problem]
) -> None:
    """Refuse names of addresses other than those that they will be read by."""
    addresses = [member.name for member in ordered if member.type == "ip"]
    for number, name in enumerate(addresses, start=1):
        expected = terms.address_name(service, number)
        if name != expected:
            role = next(role for role, member in roles.items() if member.name == name)
            reason = f"names an address, which has no name in cluster.conf; number {number} is called {expected}"
            remedy = f"call it {expected.removeprefix(f'{service}_')}"
            problems.append(
                Problem(f"services[{service}].resource_names.{key_name(role, roles)}", name, reason, remedy)
            )


def in_start_order(resources: Sequence[Resource], service: str) -> tuple[Resource, ...]:
    """As rgmanager starts them: by levels of their types, and what is nested right after what it is in."""
    names = {resource.name for resource in resources}
    nested: dict[str, list[Resource]] = {}
    for resource in resources:
        parent = resource.settings.get(terms.REQUIRES, "")
        nested.setdefault(parent if parent in names else "", []).append(resource)

    def started(parent: str) -> Iterator[Resource]:
        children = nested.get(parent, [])
        if not parent:
            children = sorted(children, key=lambda child: cluster_conf.start_level(child.type))
        for child in children:
            yield child
            yield from started(child.name)

    ordered = tuple(started(""))
    if len(ordered) != len(resources):
        raise FrameworkError(f"members of service {service} require each other in a circle")
    return ordered
