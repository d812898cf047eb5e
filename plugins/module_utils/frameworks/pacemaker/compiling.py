# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a description, or native words, to groups, primitives and cluster options. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.groupware.ha.plugins.module_utils.description.model import (
    Description,
    FencingDevice,
    Member,
    ServiceDescription,
)
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem, refuse
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, Resource, Service
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import overridden, with_native_settings
from . import agents, fencing
from .cib import constraint_id, scores
from .terms import FENCING, META, joined

#: A failure is tried again on the same node this often before another node gets the service, and is forgotten after
#: this time. Pacemaker's own defaults would restart a failing service in place for ever.
_SERVICE_META = {"migration-threshold": "3", "failure-timeout": "10min"}
_STICKINESS = "1000"
_FENCING_OPERATIONS = {"monitor": {"interval": "60s", "timeout": "60s"}}


def judged(description: Description, include_applications: bool = True) -> ClusterConfig:
    """The description as groups, primitives and cluster options.

    :raises DescriptionError: names that meet once compiled, and what makes fencing something else than it says
    """
    config = compiled(description, include_applications)
    refuse([*_meeting_names(config), *fencing.judge(description, config)])
    return config


def compiled(description: Description, include_applications: bool = True) -> ClusterConfig:
    """The same, judged or not."""
    cluster = description.cluster
    services = (_compile_service(service, include_applications) for service in description.services)
    return ClusterConfig(
        properties={"stonith-enabled": "false" if cluster.fencing_disabled else "true", **cluster.properties},
        resources=tuple(_compile_device(device) for device in cluster.fencing_devices),
        # A group needs a member: a service that is nothing but its application is made together with it.
        services=tuple(service for service in services if service.resources),
    )


def _compile_device(device: FencingDevice) -> Resource:
    named = "pcmk_host_map" in device.options or "pcmk_host_list" in device.options
    hosts = {} if named else {"pcmk_host_list": " ".join(device.nodes)}
    settings = joined({**hosts, **device.options}, operations=_FENCING_OPERATIONS)
    return Resource(device.name, f"{FENCING}{device.agent}", settings)


def _compile_service(service: ServiceDescription, include_applications: bool) -> Service:
    meta = {**_SERVICE_META, "resource-stickiness": "0" if service.failback else _STICKINESS}
    # Properties of a group are its meta attributes, with or without saying so.
    properties = {key.removeprefix(META): value for key, value in service.properties.items()}
    resources = {
        role: Resource(service.resource_name(role), resource_type, settings)
        for role, resource_type, settings in _compile_members(service, include_applications)
    }
    members = with_native_settings(service, resources, include_applications)
    return Service(service.name, service.nodes, joined({}, meta=overridden(meta, properties)), members)


def _compile_members(
    service: ServiceDescription, include_applications: bool
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Role, type and settings of each resource, in the order of starting."""
    yield from agents.compiled(service, include_applications)
    if service.application is not None and include_applications:
        for member in service.application.members:
            # An operation that says no interval has the interval 0 in the CIB.
            operations = {name: {"interval": "0s", **values} for name, values in member.operations.items()}
            yield member.name, member.type, joined(member.properties, member.meta, operations)


def native_resource(given: Member) -> Resource:
    """A primitive.

    :raises DescriptionError: it would make fencing something else than it says
    """
    resource = Resource(given.name, given.type, joined(given.properties, given.meta, given.operations))
    refuse(fencing.judge_native(resource))
    return resource


def native_service(
    name: str, nodes: Sequence[str], properties: Mapping[str, str], resources: Sequence[Resource]
) -> Service:
    """A group with its location constraints; ``properties`` are its meta attributes.

    :raises DescriptionError: it would make fencing something else than it says
    """
    service = Service(name, tuple(nodes) or None, joined({}, meta=properties), tuple(resources))
    refuse([*fencing.judge_native(Resource(name, "group", service.settings)), *fencing.judge_members(service)])
    return service


def _meeting_names(config: ClusterConfig) -> list[Problem]:
    """Names that are one once compiled."""
    problems: list[Problem] = []
    owners: dict[str, str] = {}
    for owner, name in _all_names(config):
        if name in owners:
            problems.append(
                Problem(
                    f"services[{owner}].name" if owner else "cluster.fencing.devices",
                    owner or name,
                    f"gives the name {name}, which {owners[name] or 'a fencing device'} has too",
                    "choose another name",
                )
            )
        owners.setdefault(name, owner)
    return problems


def _all_names(config: ClusterConfig) -> Iterator[tuple[str, str]]:
    """What each service and fencing device ("") adds to the CIB under a name of its own."""
    for resource in config.resources:
        yield "", resource.name
    for service in config.services:
        yield service.name, service.name
        for resource in service.resources:
            yield service.name, resource.name
        for node in scores(service.placement or ()):
            yield service.name, constraint_id(service.name, node)
