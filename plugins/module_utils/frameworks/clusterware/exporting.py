# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a configuration to a description: addresses and applications as such, all other resources natively. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.adoption import Draft, describe, free_role
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, Service
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Export
from . import agents, terms
from .compiling import compiled


def exported(config: ClusterConfig) -> Export:
    """The description, and what it has no words for."""
    unexpressed = [f"resource {found.name} ({found.type}): it is of no service" for found in config.resources]
    resources = [resource for service in config.services for resource in service.resources]
    used = {resource.type for resource in resources}
    unexpressed.extend(
        f"type {found.name}: register it with the module resource_type"
        for found in config.types
        if found.name in used and found.name not in (*agents.TYPES, *terms.BUILT_IN_TYPES)
    )
    config = replace(config, services=tuple(_agreeing(service, unexpressed) for service in config.services))
    cluster: dict[str, Any] = {"framework": terms.CAPABILITIES.framework}
    networks = {found.settings.get("network", "1") for found in resources if found.type == terms.ADDRESS_TYPE}
    if networks - {"1"}:
        cluster["properties"] = {"network": min(networks)}
    drafts = {service.name: _draft(service, config.properties) for service in config.services}
    cluster, services, further = describe(
        config, drafts, cluster, terms.CAPABILITIES, compiled, terms.same, notable=terms.notable
    )
    return Export(cluster, services, [*unexpressed, *further])


def _agreeing(service: Service, unexpressed: list[str]) -> Service:
    """The service as its last member, the application, has it: a description says one thing for all of them."""
    differing = [key for key, value in service.settings.items() if "|" in value]
    if service.misplaced:
        differing.append("HOSTING_MEMBERS")
    if not differing:
        return service
    last = service.resources[-1]
    unexpressed.append(
        f"service {service.name}: its resources do not agree on {', '.join(differing)}; "
        f"the description has what {last.name} has"
    )
    settings = {key: last.settings.get(key, value) for key, value in service.settings.items()}
    return replace(service, misplaced="", settings=settings)


def _draft(service: Service, networks: Mapping[str, str]) -> Draft:
    addresses = [resource for resource in service.resources if resource.type == terms.ADDRESS_TYPE]
    others = [resource for resource in service.resources if resource.type != terms.ADDRESS_TYPE]
    keys: dict[str, Any] = {}
    roles: dict[str, str] = {}
    unexpressed = [f"resource {found.name}: a description has one address for a service" for found in addresses[1:]]
    if addresses:
        roles[addresses[0].name] = "address"
        keys, untold = agents.described_address(addresses[0].settings, networks)
        unexpressed.extend(untold)
    application = agents.recognised(others) if addresses else None
    if application is not None:
        name, agent = application
        roles[others[0].name] = "application"
        keys["application"] = {"type": name, "options": agent.options(others[0].settings)}
    elif others:
        members = []
        for resource in others:
            role = free_role(resource.name, service.name, [*roles.values(), "address"])
            roles[resource.name] = role
            told = {
                key: value
                for key, value in resource.settings.items()
                if terms.notable(key, value) or key in terms.DEPENDENCIES
            }
            members.append({"name": role, "type": resource.type, "properties": told})
        keys["application"] = {"type": "native", "members": members}
    unexpressed.extend(
        f"resource {resource.name}: {key} is set for one server or instance only"
        for resource in service.resources
        for key in resource.settings
        if "@" in key
    )
    return Draft(list(service.placement or ()), keys, roles, unexpressed)
