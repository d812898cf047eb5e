# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From resource groups back to a description. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.adoption import Draft, describe, free_role
from ansible_collections.groupware.ha.plugins.module_utils.description.model import ROLES, Description
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, Resource, Service
from ansible_collections.groupware.ha.plugins.module_utils.formats.solaris_cluster_properties import (
    DEPENDENCIES,
    is_default,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Export
from . import agents, terms

#: Stands in for addresses that are not known while a draft is judged: those of a network that nothing is on, RFC 6666.
_NOWHERE = ipaddress.IPv6Network("100::/64")


def exported(
    config: ClusterConfig,
    addresses: Mapping[str, str],
    compile_description: Callable[[Description], ClusterConfig],
) -> Export:
    """The description, and what it has no words for.

    :param addresses: addresses of host names, which a configuration does not have
    """
    drafts = {
        service.name: _draft(service, addresses, str(_NOWHERE[position]))
        for position, service in enumerate(config.services, start=1)
    }
    cluster, services, unexpressed = describe(
        config,
        drafts,
        {"framework": terms.CAPABILITIES.framework},
        terms.CAPABILITIES,
        compile_description,
        terms.same,
        _notable,
    )
    for service in services:
        address = service.get("address", "").partition("/")[0]
        if address and ipaddress.ip_address(address) in _NOWHERE:
            del service["address"]
            unexpressed.append(
                f"services[{service['name']}].address: neither the configuration nor /etc/hosts says the address of "
                f"{service['host_name']}; add it"
            )
        elif address:
            service["address"] = address
    # Those that the addresses were judged in hold one address each.
    cluster["networks"] = []
    unexpressed.append("cluster.networks: the configuration does not say them; add those of the services' addresses")
    if any("storage" in service for service in services):
        unexpressed.append(
            "services[].storage: the configuration says mount points alone; devices, file systems and options are in "
            "/etc/vfstab"
        )
    used = {member.type for service in config.services for member in service.resources}
    unused = [
        found.name for found in config.types if terms.split_type(found.name)[0] not in {*used, *terms.ADDRESS_TYPES}
    ]
    if unused:
        unexpressed.append(f"resource types that nothing is of: {', '.join(unused)}")
    return Export(cluster, services, unexpressed)


def _notable(key: str, value: str) -> bool:
    if key == terms.MONITORED:
        return not terms.is_true(value)
    if key == "Type_version":
        # Compared only where it is given: a description that names none takes any.
        return False
    return key not in terms.AXES and not is_default(key, value)


def _draft(service: Service, addresses: Mapping[str, str], stand_in: str) -> Draft:
    """Host name, storage and the agent of a server, where there is one of each; all other members natively."""
    keys: dict[str, Any] = {"failback": terms.is_true(service.settings.get("Failback", "False"))}
    roles: dict[str, str] = {}
    members = list(service.resources)
    for member in members:
        host = agents.recognised_host(member, service.placement or ())
        if host is not None:
            roles[member.name] = "address"
            keys.update(_drafted_address(host, addresses.get(host, stand_in)))
            break
    for member in members:
        storage = agents.recognised_storage(member)
        if storage is not None:
            roles[member.name] = "storage"
            keys["storage"] = storage
            break
    others = [member for member in members if member.name not in roles]
    application = agents.recognised_application(others)
    if application is not None:
        keys["application"] = application
        roles[others[0].name] = "application"
    elif others:
        described = []
        for member in others:
            roles[member.name] = free_role(member.name, service.name, {*ROLES, *roles.values()})
            described.append(_described_member(member, roles[member.name]))
        keys["application"] = {"type": "native", "members": described}
    unexpressed = [
        f"resource {member.name} is {axis} {member.settings[axis]}"
        for member in members
        for axis in (terms.ENABLED, terms.MONITORED)
        if member.settings[axis] not in ("true", "false")
    ]
    return Draft(list(service.placement or ()), keys, roles, unexpressed)


def _drafted_address(host: str, address: str) -> dict[str, str]:
    """The address in a network of its own, since nothing says which it is in; a host that is an address has no name."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        found = ipaddress.ip_address(address)
        return {"address": f"{found}/{found.max_prefixlen}", "host_name": host}
    return {"address": f"{found}/{found.max_prefixlen}"}


def _described_member(member: Resource, role: str) -> dict[str, Any]:
    properties = {
        key: value for key, value in member.settings.items() if _notable(key, value) and key != terms.MONITORED
    }
    if not any(key in properties for key in DEPENDENCIES):
        # Said, since a native member depends on storage and address by itself.
        properties["Resource_dependencies"] = ""
    described: dict[str, Any] = {"name": role, "type": member.type, "properties": properties}
    switches = {
        axis: member.settings[axis] for axis in (terms.ENABLED, terms.MONITORED) if member.settings[axis] == "false"
    }
    if switches:
        described["meta"] = switches
    return described
