# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From service groups back to a description; what this collection makes is recognised by its type. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.adoption import Draft, describe, free_role
from ansible_collections.groupware.ha.plugins.module_utils.description.model import ROLES
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, Resource, Service
from ansible_collections.groupware.ha.plugins.module_utils.formats.vcs_tables import is_true
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Export
from . import agents, terms
from .compiling import compile_description


def export_description(config: ClusterConfig) -> Export:
    """The configuration as a description, and what that has no words for."""
    unexpressed = []
    members = [resource for service in config.services for resource in service.resources]
    devices = [found.settings.get("Device", "") for found in members if found.type == agents.ROLE_TYPES["nic"]]
    interfaces = [device for device in devices if device]
    cluster: dict[str, Any] = {
        "framework": terms.CAPABILITIES.framework,
        "interface": max(interfaces, key=interfaces.count) if interfaces else "unknown",
    }
    if not interfaces:
        unexpressed.append("cluster.interface: no NIC resource says which network interface carries addresses; add it")
    if config.properties.get("ClusterName"):
        cluster["name"] = config.properties["ClusterName"]
    types = {found.name: found.settings for found in config.types}
    drafts = {service.name: _draft(service, types) for service in config.services}
    full, services, further = describe(
        config, drafts, cluster, terms.CAPABILITIES, compile_description, terms.same, terms.notable
    )
    used = {service.get("application", {}).get("type") for service in services}
    for application, agent in agents.AGENTS.items():
        if application in used and agent.type not in types:
            unexpressed.append(
                f"type {agent.type}: its static attributes are in its types file, which was not read; the description "
                "sets those that its manual recommends"
            )
    own = sorted({*config.properties} - {"ClusterName", terms.CONFIGURATION})
    if own:
        # VCS shows a value for every one of them, and never which was set.
        unexpressed.append(
            "attributes of the cluster itself, which are left as they are; name those that matter in "
            f"cluster.properties: {', '.join(own)}"
        )
    if config.foreign:
        names = ", ".join(sorted(config.foreign))
        unexpressed.append(f"not of service groups that fail over, or VCS's own: {names}")
    return Export(full, services, [*unexpressed, *further])


def _draft(service: Service, types: Mapping[str, Mapping[str, str]]) -> Draft:
    """DiskGroup, Mount, NIC, IP and an application's resource where there is one of each; everything else natively."""
    keys: dict[str, Any] = {}
    only: dict[str, Resource | None] = {}
    for role, resource_type in agents.ROLE_TYPES.items():
        found = [resource for resource in service.resources if resource.type == resource_type]
        only[role] = found[0] if len(found) == 1 else None
    storage, roles = agents.recognised_storage(only["storage"], only["volume"])
    if storage:
        keys["storage"] = storage
    address, of_address = agents.recognised_address(only["address"], only["nic"])
    if address:
        keys["address"] = address
        roles.update(of_address)
    rest = [resource for resource in service.resources if resource.name not in roles]
    recognised = _recognised_application(rest[0], types) if len(rest) == 1 and address else {}
    if recognised:
        roles[rest[0].name] = "application"
        keys.update(recognised)
    elif rest:
        for resource in rest:
            roles[resource.name] = free_role(resource.name, service.name, {*ROLES, *roles.values()})
        keys["application"] = {"type": "native", "members": [_described_member(found, roles) for found in rest]}
    unexpressed = []
    if service.settings.get(terms.REQUIRES_GROUP):
        unexpressed.append(f"it requires other groups: {service.settings[terms.REQUIRES_GROUP]}")
    if is_true(service.settings.get("Frozen", "0")):
        unexpressed.append("it is frozen")
    return Draft(list(service.placement or ()), keys, roles, unexpressed)


def _recognised_application(resource: Resource, types: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Host name and application of a service that has this resource beside its volume and address."""
    for application, agent in agents.AGENTS.items():
        if resource.type == agent.type and resource.settings.get(agent.host_name):
            options = agent.described(resource.settings, types.get(agent.type, {}))
            return {
                "host_name": resource.settings[agent.host_name],
                "application": {"type": application, **({"options": options} if options else {})},
            }
    return {}


def _described_member(resource: Resource, roles: Mapping[str, str]) -> dict[str, Any]:
    properties = {
        key: value
        for key, value in resource.settings.items()
        if key not in (terms.REQUIRES, "Enabled", "AutoStart") and " " not in key and terms.notable(key, value)
    }
    meta = {terms.REQUIRES: " ".join(roles.get(name, name) for name in terms.required(resource.settings))}
    described: dict[str, Any] = {"name": roles[resource.name], "type": resource.type}
    if properties:
        described["properties"] = properties
    return {**described, "meta": meta}
