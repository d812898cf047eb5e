# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From cluster.conf to a description. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.adoption import Draft, describe, free_role
from ansible_collections.groupware.ha.plugins.module_utils.description.model import ROLES
from ansible_collections.groupware.ha.plugins.module_utils.description.secrets import holds_secret, is_secret
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, Resource, Service
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Export, FrameworkError
from . import agents, fencing, terms
from .compiling import compiled
from .reading import split_options


def exported(config: ClusterConfig) -> Export:
    """Services with their failover domains, fencing devices and attributes of the cluster."""
    cluster, unexpressed = exported_cluster(config)
    drafts = {service.name: draft(service, service.placement or ()) for service in config.services}
    whole = replace(
        config,
        services=tuple(
            replace(service, settings={**service.settings, terms.IN_EFFECT: "true"}) for service in config.services
        ),
    )
    cluster, services, further = describe(
        whole,
        drafts,
        cluster,
        terms.CAPABILITIES,
        compiled,
        terms.same_meaning,
        notable=lambda key, _: not terms.operational(key),
    )
    # They are described as they are, and refused until somebody has decided about them.
    return Export(cluster, services, [*unexpressed, *further, *map(str, fencing.concerns(cluster))])


def exported_cluster(config: ClusterConfig) -> tuple[dict[str, Any], list[str]]:
    """What the configuration says of the cluster itself, and what a description has no words for."""
    unexpressed = []
    devices = []
    for resource in config.resources:
        options = {
            key: value
            for key, value in resource.settings.items()
            if key != terms.IN_EFFECT and not key.startswith(terms.NODE_KEY) and not holds_secret(key, value)
        }
        unexpressed += [
            f"fencing device {resource.name}: {key} is a secret; name a file on the nodes"
            for key, value in resource.settings.items()
            if holds_secret(key, value)
        ]
        nodes = []
        for key, value in resource.settings.items():
            if key.startswith(terms.NODE_KEY) and not is_secret(key):
                node = key[len(terms.NODE_KEY) :]
                try:
                    own = split_options(value)
                except FrameworkError:
                    unexpressed.append(f"fencing device {resource.name}: how it fences {node} ({value})")
                    continue
                nodes.append(node)
                options.update({f"{option}_{node}": text for option, text in own.items()})
        if nodes:
            devices.append({"name": resource.name, "agent": resource.type, "nodes": nodes, "options": options})
        else:
            unexpressed.append(f"fencing device {resource.name}: no node is fenced by it alone")
    properties = {key: value for key, value in config.properties.items() if terms.PROPERTY.fullmatch(key)}
    cluster: dict[str, Any] = {"framework": "rhcs"}
    if config.properties.get(terms.CLUSTER_NAME):
        cluster["name"] = config.properties[terms.CLUSTER_NAME]
    cluster["nodes"] = [{"name": name} for name in config.properties.get(terms.CLUSTER_NODES, "").split()]
    covered = {node for device in devices for node in device["nodes"]}
    uncovered = [node["name"] for node in cluster["nodes"] if node["name"] not in covered]
    if devices and not uncovered:
        cluster["fencing"] = {"devices": devices}
    elif devices:
        unexpressed.append(f"cluster.fencing: there is no device for {', '.join(uncovered)} among {devices}; add one")
    else:
        unexpressed.append("cluster.fencing: there are no fencing devices; add them")
    if properties:
        cluster["properties"] = properties
    unexpressed += [f"not of a service: {name}" for name in sorted(config.foreign)]
    return cluster, unexpressed


def draft(service: Service, nodes: Sequence[str]) -> Draft:
    """The first volume, file system and address as such; an application if all the rest is one, else all natively."""
    storage, roles = agents.recognised_storage(service.resources)
    address, address_roles, unexpressed = agents.recognised_address(service.resources)
    roles.update(address_roles)
    keys: dict[str, Any] = {key: value for key, value in (("storage", storage), ("address", address)) if value}
    ordered, stays = (
        terms.normal(key, service.settings.get(f"{terms.DOMAIN}{key}", "0")) for key in ("ordered", "nofailback")
    )
    keys["failback"] = ordered == "1" and stays != "1"
    members = [member for member in service.resources if member.name not in roles]
    application, application_roles = agents.recognised_application(members)
    if members and not application:
        for member in members:
            application_roles[member.name] = free_role(
                member.name, service.name, {*ROLES, *roles.values(), *application_roles.values()}
            )
        described = [_described_member(member, {**roles, **application_roles}) for member in members]
        application = {"type": "native", "members": described}
    if application:
        keys["application"] = application
    if service.misplaced:
        unexpressed.append(f"some of its nodes are preferred alike ({', '.join(nodes)})")
    return Draft(nodes, keys, {**roles, **application_roles}, unexpressed)


def _described_member(member: Resource, roles: Mapping[str, str]) -> dict[str, Any]:
    described: dict[str, Any] = {"name": roles[member.name], "type": member.type}
    for key, value in member.settings.items():
        if key == terms.REQUIRES:
            described["meta"] = {terms.REQUIRES: roles.get(value, value)}
        elif key.startswith(terms.OPERATION):
            _operation, name, attribute = key.split(" ", 2)
            described.setdefault("operations", {}).setdefault(name, {})[attribute] = value
        else:
            described.setdefault("properties", {})[key] = value
    return described
