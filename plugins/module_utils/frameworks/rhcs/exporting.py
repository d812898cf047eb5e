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
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import (
    ClusterConfig,
    Resource,
    Service,
)
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import Comparison
from ansible_collections.groupware.ha.plugins.module_utils.formats import cluster_conf
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Export
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.rhcs import fencing
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.rhcs.compiling import compiled
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.rhcs.terms import (
    CAPABILITIES,
    CLUSTER_NAME,
    CLUSTER_NODES,
    DOMAIN,
    IN_EFFECT,
    NODE_KEY,
    OPERATION,
    PROPERTY,
    REQUIRES,
    SCALIX_SCRIPT,
    RgmanagerError,
    normal,
    operational,
    split_options,
)


def exported(config: ClusterConfig, comparison: Comparison) -> Export:
    """Services with their failover domains, fencing devices and attributes of the cluster."""
    cluster, unexpressed = exported_cluster(config)
    drafts = {service.name: draft(service, service.placement or ()) for service in config.services}
    whole = replace(
        config,
        services=tuple(
            replace(service, settings={**service.settings, IN_EFFECT: "true"}) for service in config.services
        ),
    )
    cluster, services, further = describe(
        whole, drafts, cluster, CAPABILITIES, compiled, comparison, notable=lambda key, _: not operational(key)
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
            if key != IN_EFFECT and not key.startswith(NODE_KEY) and not holds_secret(key, value)
        }
        unexpressed += [
            f"fencing device {resource.name}: {key} is a secret; name a file on the nodes"
            for key, value in resource.settings.items()
            if holds_secret(key, value)
        ]
        nodes = []
        for key, value in resource.settings.items():
            if key.startswith(NODE_KEY) and not is_secret(key):
                node = key[len(NODE_KEY) :]
                try:
                    own = split_options(value)
                except RgmanagerError:
                    unexpressed.append(f"fencing device {resource.name}: how it fences {node} ({value})")
                    continue
                nodes.append(node)
                options.update({f"{option}_{node}": text for option, text in own.items()})
        if nodes:
            devices.append({"name": resource.name, "agent": resource.type, "nodes": nodes, "options": options})
        else:
            unexpressed.append(f"fencing device {resource.name}: no node is fenced by it alone")
    properties = {key: value for key, value in config.properties.items() if PROPERTY.fullmatch(key)}
    cluster: dict[str, Any] = {"framework": "rhcs"}
    if config.properties.get(CLUSTER_NAME):
        cluster["name"] = config.properties[CLUSTER_NAME]
    cluster["nodes"] = [{"name": name} for name in config.properties.get(CLUSTER_NODES, "").split()]
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
    """The first volume, file system and address as such; Scalix if the rest is its scripts, else all natively."""
    keys: dict[str, Any] = {}
    roles: dict[str, str] = {}
    unexpressed: list[str] = []
    members = list(service.resources)

    def take(found: Resource, role: str) -> None:
        members.remove(found)
        roles[found.name] = role

    volume = next((member for member in members if member.type == "lvm" and member.settings.get("lv_name")), None)
    mounted = next((member for member in members if member.type == "fs"), None)
    if mounted is not None and mounted.settings.get("fstype", "ext3") in CAPABILITIES.filesystems:
        device = mounted.settings.get("device", "")
        storage: dict[str, Any] = {"device": device}
        if volume is not None and device == f"/dev/{volume.settings.get('vg_name')}/{volume.settings['lv_name']}":
            group, logical_volume = device.split("/")[2:]
            storage = {"volume_group": group, "logical_volume": logical_volume, "exclusive": True}
            take(volume, "volume")
        take(mounted, "storage")
        storage["mount_point"] = mounted.settings.get("mountpoint", "")
        for key, attribute in (("filesystem", "fstype"), ("mount_options", "options")):
            if attribute in mounted.settings:
                storage[key] = mounted.settings[attribute]
        keys["storage"] = storage
    address = next((member for member in members if member.type == "ip"), None)
    if address is not None and cluster_conf.is_address(address.settings.get("address", "")):
        take(address, "address")
        text = address.settings.get("address", "")
        if "/" not in text:
            # Without a prefix length the agent makes a host's address of it; resource_properties keeps what is there.
            unexpressed.append(
                f"the prefix length of {text} is not in the configuration; correct the address if need be"
            )
        keys["address"] = text if "/" in text else f"{text}/{128 if ':' in text else 32}"
    ordered, stays = (normal(key, service.settings.get(f"{DOMAIN}{key}", "0")) for key in ("ordered", "nofailback"))
    keys["failback"] = ordered == "1" and stays != "1"
    scripts = [member.settings.get("file", "") for member in members]
    all_scripts = all(member.type == "script" for member in members)
    if members and all_scripts and all(script.startswith(SCALIX_SCRIPT) for script in scripts):
        options = {} if scripts == [SCALIX_SCRIPT] else {"scripts": scripts}
        keys["application"] = {"type": "scalix", "options": options}
        roles.update(
            {
                member.name: "application" if number == 1 else f"application_{number}"
                for number, member in enumerate(members, start=1)
            }
        )
    elif members:
        for member in members:
            roles[member.name] = free_role(member.name, service.name, {*ROLES, *roles.values()})
        described = [_described_member(member, roles) for member in members]
        keys["application"] = {"type": "native", "members": described}
    if service.misplaced:
        unexpressed.append(f"some of its nodes are preferred alike ({', '.join(nodes)})")
    return Draft(nodes, keys, roles, unexpressed)


def _described_member(member: Resource, roles: Mapping[str, str]) -> dict[str, Any]:
    described: dict[str, Any] = {"name": roles[member.name], "type": member.type}
    for key, value in member.settings.items():
        if key == REQUIRES:
            described["meta"] = {REQUIRES: roles.get(value, value)}
        elif key.startswith(OPERATION):
            _operation, name, attribute = key.split(" ", 2)
            described.setdefault("operations", {}).setdefault(name, {})[attribute] = value
        else:
            described.setdefault("properties", {})[key] = value
    return described
