# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a description to services with failover domains, and fencing devices. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.cluster_config import ClusterConfig, Resource
from ansible_collections.groupware.ha.plugins.module_utils.deployment import FencingDevice, Problem, ServiceDescription
from ansible_collections.groupware.ha.plugins.module_utils.rhcs.settings import (
    DOMAIN,
    IN_EFFECT,
    NODE_KEY,
    REQUIRES,
    SCALIX_SCRIPT,
    address_name,
    joined,
    member_settings,
)
from ansible_collections.groupware.ha.plugins.module_utils.shown import key_name


def compile_members(
    service: ServiceDescription, include_applications: bool, problems: list[Problem]
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Role, type and settings of each resource."""
    storage = service.storage
    # Else its group is active on all nodes, as in Scalix TB-2007-02-HACLUSTER; the agent refuses such a group.
    if storage is not None and storage.exclusive:
        volume = {"vg_name": str(storage.volume_group), "lv_name": str(storage.logical_volume), "self_fence": "1"}
        yield "volume", "lvm", volume
    if storage is not None:
        properties = {
            "device": storage.block_device,
            "mountpoint": storage.mount_point,
            "fstype": storage.filesystem,
            # Scalix TB-2007-02-HACLUSTER: "Force Unmount", "Reboot host node" and "Check file system" are checked.
            "force_unmount": "1",
            "self_fence": "1",
            "force_fsck": "1",
        }
        if storage.mount_options is not None:
            properties["options"] = storage.mount_options
        yield "storage", "fs", properties
    if service.address is not None:
        yield "address", "ip", {"address": f"{service.address}/{service.prefix_length}", "monitor_link": "1"}
    application = service.application
    if application is None or not include_applications:
        return
    where = f"services[{service.name}].application"
    if application.type == "scalix":
        for number, script in enumerate(_scalix_scripts(application.options, where, problems), start=1):
            yield "application" if number == 1 else f"application_{number}", "script", {"file": script}
    for member in application.members:
        for key, value in member.meta.items():
            if key != REQUIRES:
                remedy = f"{REQUIRES} is all there is"
                path = f"{where}.members.{member.name}.meta.{key_name(key)}"
                problems.append(Problem(path, value, "is not on rhcs", remedy))
        meta = dict(member.meta)
        if REQUIRES in meta:
            required = meta[REQUIRES]
            if " " in required.strip():
                reason = "names several members, and rhcs nests a member in one"
                key = f"{where}.members.{member.name}.meta.{REQUIRES}"
                problems.append(Problem(key, required, reason, "name the one that starts last"))
            meta[REQUIRES] = service.resource_name(required)
        yield member.name, member.type, member_settings(member.properties, meta, member.operations)


def _scalix_scripts(options: Mapping[str, Any], where: str, problems: list[Problem]) -> Sequence[str]:
    """The init scripts that run an instance. rgmanager tells them the service's name in OCF_RESKEY_service_name."""
    for key, value in options.items():
        if key not in ("instance", "scripts"):
            path = f"{where}.options.{key_name(key)}"
            problems.append(Problem(path, value, "is not an option", "use instance or scripts"))
    scripts = options.get("scripts", [SCALIX_SCRIPT])
    usable = isinstance(scripts, (list, tuple)) and bool(scripts)
    if not usable or not all(isinstance(path, str) and path.startswith("/") for path in scripts):
        remedy = f"give a list of paths, as in [{SCALIX_SCRIPT}]"
        problems.append(Problem(f"{where}.options.scripts", scripts, "is not a list of init scripts", remedy))
        return ()
    return list(scripts)


def compile_device(device: FencingDevice) -> Resource:
    """A fencing device; options that end in the name of one of its nodes are for that node."""
    options = dict(device.options)
    settings: dict[str, str] = {}
    for node in device.nodes:
        own = {key: options.pop(key) for key in list(options) if key.endswith(f"_{node}")}
        settings[f"{NODE_KEY}{node}"] = joined({key[: -len(node) - 1]: value for key, value in own.items()})
    return Resource(device.name, device.agent, {**options, **settings, IN_EFFECT: "true"})


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
        shape = service.placement, {key: value for key, value in service.settings.items() if key.startswith(DOMAIN)}
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
        expected = address_name(service, number)
        if name != expected:
            role = next(role for role, member in roles.items() if member.name == name)
            reason = f"names an address, which has no name in cluster.conf; number {number} is called {expected}"
            remedy = f"call it {expected.removeprefix(f'{service}_')}"
            problems.append(
                Problem(f"services[{service}].resource_names.{key_name(role, roles)}", name, reason, remedy)
            )
