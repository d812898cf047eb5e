# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a configuration back to a description. Pure."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.adoption import Draft, describe, free_role
from ansible_collections.groupware.ha.plugins.module_utils.description.model import ROLES
from ansible_collections.groupware.ha.plugins.module_utils.description.secrets import holds_secret
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, Service
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Export
from . import agents, fencing, terms
from .compiling import compiled

#: Cluster options that Pacemaker and its tools keep for themselves.
_STATE_OPTIONS = frozenset(
    ["have-watchdog", "dc-version", "cluster-infrastructure", "cluster-name", "last-lrm-refresh"]
)

#: Stands in for host names that are not known while a draft is judged; no host can have such a one, RFC 2606.
_UNKNOWN_HOST = "service{}.invalid"


def exported(config: ClusterConfig) -> Export:
    """Groups as services, fencing devices and cluster options as such."""
    cluster, unexpressed = _exported_cluster(config)
    drafts = {service.name: _draft(service, position) for position, service in enumerate(config.services)}
    cluster, services, further = describe(config, drafts, cluster, terms.CAPABILITIES, compiled, terms.same)
    for service in services:
        if service.pop("host_name", None) is not None:
            key = f"services[{service['name']}].host_name"
            further.append(f"{key}: the configuration does not say it; add it")
    # They are described as they are, and refused until somebody has decided about them.
    return Export(cluster, services, [*unexpressed, *further, *map(str, fencing.concerns(config))])


def _exported_cluster(config: ClusterConfig) -> tuple[dict[str, Any], list[str]]:
    devices, nodes, unexpressed = _exported_devices(config)
    properties = {
        key: value
        for key, value in config.properties.items()
        if key not in _STATE_OPTIONS and key not in terms.FENCING_ENABLED
    }
    cluster: dict[str, Any] = {"framework": terms.CAPABILITIES.framework, "nodes": [{"name": name} for name in nodes]}
    if "cluster-name" in config.properties:
        cluster["name"] = config.properties["cluster-name"]
    if devices:
        cluster["fencing"] = {"devices": devices}
        if fencing.is_off(config):
            unexpressed.append("cluster.fencing: it has devices, but is switched off; the description switches it on")
    elif fencing.is_off(config):
        cluster["fencing"] = {"disabled_accepting_data_loss": True}
    else:
        unexpressed.append("cluster.fencing: there are no fencing devices; add them")
    if properties:
        cluster["properties"] = properties
    if config.foreign:
        unexpressed.append(f"not of groups and primitives: {', '.join(sorted(config.foreign))}")
    return cluster, unexpressed


def _exported_devices(config: ClusterConfig) -> tuple[list[dict[str, Any]], list[str], list[str]]:
    """Fencing devices, the nodes that they are for, and what cannot be said of them and of other resources."""
    devices: list[dict[str, Any]] = []
    nodes: dict[str, None] = {}
    unexpressed = []
    for resource in config.resources:
        if not resource.type.startswith(terms.FENCING):
            unexpressed.append(f"resource {resource.name} ({resource.type}): it belongs to no group")
            continue
        options = terms.instance_attributes(resource.settings)
        secrets = [key for key, value in options.items() if holds_secret(key, value, resource.type)]
        unexpressed.extend(
            f"fencing device {resource.name}: {key} is a secret; name a file on the nodes" for key in secrets
        )
        hosts = fencing.host_list(options.pop("pcmk_host_list", ""))
        nodes.update(dict.fromkeys(hosts))
        devices.append(
            {
                "name": resource.name,
                "agent": resource.type[len(terms.FENCING) :],
                "nodes": hosts,
                "options": {key: value for key, value in options.items() if key not in secrets},
            }
        )
    return devices, list(nodes), unexpressed


def _draft(service: Service, position: int) -> Draft:
    """Volume, storage, address and application where they are what is compiled; all other members natively."""
    words, roles = agents.recognised(service)
    keys: dict[str, Any] = {}
    if "mount_point" in words:
        placed = ("volume_group", "logical_volume") if "volume_group" in words else ("device",)
        known = (*placed, "mount_point", "filesystem", "mount_options")
        keys["storage"] = {word: words[word] for word in known if word in words}
    if "address" in words:
        keys["address"] = f"{words['address']}/{words['prefix_length']}"
    if "application" in words:
        keys.update(application={"type": words["application"]}, host_name=_UNKNOWN_HOST.format(position))
    native = []
    for member in service.resources:
        if member.name not in roles:
            roles[member.name] = free_role(member.name, service.name, {*ROLES, *roles.values()})
            native.append(terms.described_member(roles[member.name], member.type, member.settings))
    if native:
        keys["application"] = {"type": "native", "members": native}
    elsewhere = []
    if service.misplaced:
        elsewhere.append(f"it is placed by {service.misplaced}; the description has its nodes in order, and no others")
    return Draft(list(service.placement or ()), keys, roles, elsewhere)
