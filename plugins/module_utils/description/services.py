# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One service of a description. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils import shown
from ansible_collections.groupware.ha.plugins.module_utils.applications.registry import APPLICATIONS, NATIVE
from . import fields
from .fields import IPAddress
from .model import MODELS, ROLES, Application, Capabilities, Cluster, Member, ServiceDescription, Storage
from .problems import Problem
from .reader import Reader, check_name, duplicates, node_remedy, operation_settings, overriding_settings


def parse_service(
    value: Any, index: int, cluster: Cluster, rule: Capabilities, problems: list[Problem]
) -> ServiceDescription | None:
    reader = Reader(value, service_key(value, index), problems)
    if not reader.usable:
        return None
    reader.only(
        *("name", "model", "nodes", "address", "host_name", "storage", "application", "failback", "properties"),
        *("resource_names", "resource_properties"),
    )
    name = reader.text("name", required=True)
    if name is not None:
        check_name(reader, "name", name, rule)
    model = reader.text("model", required=True)
    if model is not None and model not in MODELS:
        reader.problem("model", "is not a known model", f"use one of {', '.join(MODELS)}")
        model = None
    primary, standbys = _parse_placement(reader, model, cluster.node_names)
    address, prefix_length = _parse_address(reader, cluster)
    host_name = reader.text("host_name")
    if host_name is not None:
        if not reader.refuse("host_name", fields.host_name_fault(host_name)) and host_name.lower() in {
            node.lower() for node in cluster.node_names
        }:
            reader.problem("host_name", "is the name of a node", "a service needs a host name of its own")
        if address is None and "address" not in reader.values:
            reader.problem("host_name", "has no address to stand for", "give the service an address")
    storage = _parse_storage(reader, rule) if reader.values.get("storage") is not None else None
    application = _parse_application(reader, rule) if reader.values.get("application") is not None else None
    if application is not None and application.type in APPLICATIONS:
        for key in APPLICATIONS[application.type].needs:
            if reader.values.get(key) is None:
                reader.problem(key, "is missing", f"the application {application.type} needs it")
    if storage is None and address is None and application is None:
        reader.problem("application", "is missing, as are storage and address", "a service needs something to run")
    if name is None or model is None or primary is None or not standbys:
        return None
    return ServiceDescription(
        name=name,
        model=model,
        primary=primary,
        standbys=standbys,
        address=address,
        prefix_length=prefix_length,
        host_name=host_name,
        storage=storage,
        application=application,
        failback=reader.flag("failback"),
        properties=reader.overriding_settings("properties"),
        resource_names=_parse_resource_names(reader, rule),
        resource_properties=_parse_resource_properties(reader),
    )


def service_key(value: Any, index: int) -> str:
    """How a service is called in problems: by its name where it has one."""
    name = value.get("name") if isinstance(value, Mapping) else None
    return f"services[{name if isinstance(name, str) and name else index}]"


def _parse_resource_names(service: Reader, rule: Capabilities) -> Mapping[str, str]:
    reader = Reader(service.mapping("resource_names"), service.name_of("resource_names"), service.problems)
    names: dict[str, str] = {}
    for role, name in reader.values.items():
        key = shown.key_name(role, _roles_of(service))
        if not isinstance(name, str) or not name:
            reader.wrong_shape(key, "is not a name", "give a text", value=name)
        elif not name.isprintable():
            reader.problem(key, "has a control character in it", "use printable characters", value=name)
        else:
            check_name(reader, key, name, rule)
            if name in names.values():
                reader.problem(key, "is the name of another resource too", "name each resource once", value=name)
            names[role] = name
    return names


def _roles_of(service: Reader) -> tuple[str, ...]:
    """What resources of a service are called: the roles, and the members that the user gives."""
    application = service.values.get("application")
    members = application.get("members") if isinstance(application, Mapping) else None
    given = members if isinstance(members, (list, tuple)) else ()
    return (*ROLES, *(str(member.get("name")) for member in given if isinstance(member, Mapping)))


def _parse_resource_properties(service: Reader) -> Mapping[str, Mapping[str, str | None]]:
    reader = Reader(service.mapping("resource_properties"), service.name_of("resource_properties"), service.problems)
    found = {}
    for role, value in reader.values.items():
        key = shown.key_name(role, _roles_of(service))
        if value is None or isinstance(value, Mapping):
            found[role] = overriding_settings(value or {}, reader.name_of(key), service.problems)
        else:
            reader.wrong_shape(key, "is not a dictionary", "give a dictionary", value=value)
    return found


def _parse_placement(
    service: Reader, model: str | None, node_names: Collection[str]
) -> tuple[str | None, tuple[str, ...]]:
    if "nodes" not in service.values:
        service.problem("nodes", "is missing", "give nodes.primary and nodes.standby")
        return None, ()
    reader = Reader(service.values["nodes"], service.name_of("nodes"), service.problems)
    reader.only("primary", "standby")
    primary = reader.text("primary", required=True)
    standbys = reader.texts("standby")
    if not standbys and reader.usable:
        reader.problem("standby", "is missing: the service could run on fewer than two nodes", "name a second node")
    for node in (*([primary] if primary else []), *standbys):
        if node not in node_names:
            key = "primary" if node == primary else "standby"
            reader.problem(key, "is not a node of the cluster", node_remedy(node, node_names), value=node)
    if primary in standbys:
        reader.problem("standby", "the standby is its own primary", "name another node as the standby")
    for node in duplicates(standbys):
        reader.problem("standby", "is named twice", "name each node once", value=node)
    if len(standbys) > 1 and model in ("symmetric", "n_plus_1"):
        pairs = model == "symmetric"
        reason = "the model symmetric pairs two nodes" if pairs else "the model n_plus_1 has exactly one shared standby"
        remedy = "name one standby, or use the model asymmetric"
        reader.problem("standby", reason, remedy, value=shown.Names(standbys))
    return primary, standbys


def _parse_address(service: Reader, cluster: Cluster) -> tuple[IPAddress | None, int | None]:
    text = service.text("address")
    if text is None:
        return None, None
    host, slash, prefix = text.partition("/")
    try:
        address = fields.ip_address(host)
    except ValueError:
        service.problem("address", "is not an IP address", "give one such as 192.0.2.21 or 192.0.2.21/24")
        return None, None
    prefix_length = None
    if slash:
        if re.fullmatch("[0-9]{1,9}", prefix) is None:
            service.problem("address", "has a prefix length that is not a number", "write it as in 192.0.2.21/24")
            return None, None
        prefix_length = int(prefix)
        if prefix_length > address.max_prefixlen:
            reason = f"{prefix_length} is no prefix length of an IPv{address.version} address"
            if address.version == 4 and prefix_length <= 128:
                reason = f"/{prefix_length} is an IPv6 prefix length on an IPv4 address"
            service.problem("address", reason, f"use 0 to {address.max_prefixlen}, or leave it out")
            return None, None
    # Where one network lies inside another, the narrowest is the one that the address lives on.
    narrowest_first = sorted(cluster.networks, key=lambda network: -network.prefixlen)
    network = next((network for network in narrowest_first if address in network), None)
    if network is None:
        known = ", ".join(map(str, cluster.networks)) or "none are given"
        service.problem(
            "address", f"is outside the networks of the cluster ({known})", "use an address on one of cluster.networks"
        )
        return None, None
    # A /31 (RFC 3021), /32 or IPv6 network has no address set aside for the network or for broadcast.
    if network.version == 4 and network.prefixlen < 31:
        if address == network.network_address:
            service.problem("address", f"is the address of the network {network} itself", "use a host's address")
        elif address == network.broadcast_address:
            service.problem("address", f"is the broadcast address of {network}", "use a host's address")
    return address, prefix_length if prefix_length is not None else network.prefixlen


def _parse_storage(service: Reader, rule: Capabilities) -> Storage | None:
    reader = Reader(service.values["storage"], service.name_of("storage"), service.problems)
    reader.only(
        *("device", "devices", "volume_group", "logical_volume", "size", "filesystem", "mount_point", "mount_options"),
        *rule.storage_keys,
    )
    filesystem = reader.text("filesystem", rule.filesystems[0]) or rule.filesystems[0]
    if filesystem not in rule.filesystems:
        reader.problem("filesystem", "is not supported", f"use one of {', '.join(rule.filesystems)}")
    devices = (*reader.texts("device"), *reader.texts("devices"))
    for device in devices:
        fault = fields.share_fault(device) if filesystem == "nfs" else fields.device_fault(device)
        reader.refuse("device", fault, value=device)
    for device in duplicates(devices):
        reader.problem("device", "is named twice", "name each device once", value=device)
    volume_group, logical_volume = reader.text("volume_group"), reader.text("logical_volume")
    # A volume group that exists already needs no devices named to be used.
    if not devices and volume_group is None and rule.devices_required and reader.usable:
        reader.problem("device", "is missing", "name the shared block device")
    exclusive = reader.flag("exclusive")
    if exclusive and volume_group is None:
        reader.problem("exclusive", "is about a volume group, and none is named", "name volume_group, or remove it")
    size = reader.text("size")
    for key, name in (("volume_group", volume_group), ("logical_volume", logical_volume)):
        if name is not None:
            reader.refuse(key, fields.volume_name_fault(name))
    if (volume_group is None) != (logical_volume is None):
        missing = "volume_group" if volume_group is None else "logical_volume"
        reader.problem(missing, "is missing", "LVM needs both volume_group and logical_volume")
    if volume_group is None and len(devices) > 1:
        remedy = "give volume_group and logical_volume, or one device"
        reason = "several devices make one volume only through LVM"
        reader.problem("devices", reason, remedy, value=shown.Names(devices))
    if size is not None and volume_group is None:
        reader.problem("size", "has a meaning only with volume_group", "remove it: the whole device is used")
    elif size is not None:
        reader.refuse("size", fields.size_fault(size))
    mount_point = reader.text("mount_point", required=True)
    if mount_point is not None:
        reader.refuse("mount_point", fields.mount_point_fault(mount_point))
    if mount_point is None or (rule.devices_required and not devices and volume_group is None):
        return None
    return Storage(
        devices=devices,
        volume_group=volume_group,
        logical_volume=logical_volume,
        size=size,
        filesystem=filesystem,
        mount_point=mount_point,
        mount_options=reader.text("mount_options"),
        zpool=reader.text("zpool"),
        is_global=reader.flag("global"),
        exclusive=exclusive,
    )


def _parse_application(service: Reader, rule: Capabilities) -> Application | None:
    reader = Reader(service.values["application"], service.name_of("application"), service.problems)
    reader.only("type", "options", "members")
    application_type = reader.text("type", required=True)
    if application_type is None:
        return None
    if application_type not in APPLICATIONS:
        reader.problem("type", "is not a known application", f"use one of {', '.join(rule.applications)}")
    elif application_type not in rule.applications:
        remedy = "use the type native and name the agents, or another framework"
        reader.problem("type", f"has no resource agents on {rule.framework}", remedy)
    options = reader.mapping("options")
    members: list[Member] = []
    for index, value in enumerate(reader.items("members")):
        member = Reader(value, f"{reader.key}.members[{index}]", service.problems)
        member.only("name", "type", "properties", "meta", "operations")
        name, resource_type = member.text("name", required=True), member.text("type", required=True)
        if name is not None:
            check_name(member, "name", name, rule)
            if name in ROLES:
                member.problem("name", f"is what the service's own {name} is called", "choose another name")
            if any(other.name == name for other in members):
                member.problem("name", "is the name of another member too", "name each member once")
        operations = operation_settings(member.mapping("operations"), member.name_of("operations"), service.problems)
        if name is not None and resource_type is not None:
            members.append(
                Member(name, resource_type, member.settings("properties"), member.settings("meta"), operations)
            )
    if application_type == NATIVE and not reader.values.get("members"):
        reader.problem("members", "is empty", "the type native needs at least one member")
    if application_type != NATIVE and members:
        reader.problem("members", "goes with the type native only", "remove it, or use the type native")
    return Application(application_type, options, tuple(members))
