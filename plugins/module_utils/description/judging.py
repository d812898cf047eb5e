# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be judged only across services: things used twice, and the shapes of the models. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils import shown
from ansible_collections.groupware.ha.plugins.module_utils.applications.registry import APPLICATIONS
from .model import Cluster, ServiceDescription
from .problems import Problem

#: What a service has for itself: its key, what it has there (None counts for nothing), and what to do about two of it.
_OWN: Mapping[str, tuple[Callable[[ServiceDescription], Iterable[Any]], str]] = {
    "name": (lambda service: [service.name], "name each service once"),
    "address": (lambda service: [service.address], "give each service its own address"),
    "host_name": (
        lambda service: [service.host_name and service.host_name.lower()],
        "give each service its own host name",
    ),
    "storage.device": (
        lambda service: dict.fromkeys(service.storage.devices if service.storage else ()),
        "give each service its own device",
    ),
    "storage.volume_group": (
        lambda service: [service.storage and service.storage.volume_group],
        "give each service its own group",
    ),
    "storage.mount_point": (
        lambda service: [service.storage and service.storage.mount_point],
        "give each service its own mount point",
    ),
}


def judge_together(
    cluster: Cluster, services: Sequence[ServiceDescription], problems: list[Problem], *, complete: bool
) -> None:
    """What can be judged only across services: things used twice, and the models' shapes.

    :param complete: whether every service could be read; if not, no partner is missed
    """
    node_addresses = {node.address: node.name for node in cluster.nodes}
    for service in services:
        if str(service.address) in node_addresses:
            reason = f"is the address of node {node_addresses[str(service.address)]}"
            problems.append(_service_problem(service, "address", service.address, reason, "use a free address"))
    problems += _judge_shared(services)
    problems += _judge_storage(services)
    if complete:
        problems += _judge_partners(services)
    problems += _judge_standbys(services)
    for application in APPLICATIONS.values():
        running = [one for one in services if one.application is not None and one.application.type == application.name]
        problems.extend(application.judge_together(running))


def _judge_shared(services: Sequence[ServiceDescription]) -> Iterator[Problem]:
    for key, (values_of, remedy) in _OWN.items():
        owners: dict[Any, str] = {}
        for service in services:
            for value in values_of(service):
                if value is not None and value in owners:
                    reason = f"is used by service {owners[value]} too"
                    yield _service_problem(service, key, value, reason, remedy)
                owners.setdefault(value, service.name)


def _judge_storage(services: Sequence[ServiceDescription]) -> Iterator[Problem]:
    stored = [(service, service.storage) for service in services if service.storage is not None]
    volume_groups = {found.volume_group: service.name for service, found in stored if found.volume_group is not None}
    mount_points = {found.mount_point: service.name for service, found in stored}
    for service, storage in stored:
        for device in storage.devices:
            owner = next((owner for group, owner in volume_groups.items() if _lies_in(device, group)), None)
            if owner is not None:
                reason = f"lies in the volume group of service {owner}"
                yield _service_problem(service, "storage.device", device, reason, "give each service its own device")
        parent = posixpath.dirname(storage.mount_point)
        while parent != posixpath.dirname(parent):
            if parent in mount_points:
                reason = f"lies inside the volume of service {mount_points[parent]}"
                remedy = "use a mount point that does not come and go with another service"
                yield _service_problem(service, "storage.mount_point", storage.mount_point, reason, remedy)
            parent = posixpath.dirname(parent)


def _lies_in(device: str, volume_group: str) -> bool:
    """Whether a device is a logical volume of the group, by either of the names that LVM gives it."""
    # The device mapper doubles the hyphens of a name, and puts one between the names of group and volume.
    mapped = f"/dev/mapper/{volume_group.replace('-', '--')}-"
    by_mapper = device.startswith(mapped) and not device[len(mapped) :].startswith("-")
    return by_mapper or (device.startswith(f"/dev/{volume_group}/") and device.count("/") == 3)


def _judge_partners(services: Sequence[ServiceDescription]) -> Iterator[Problem]:
    symmetric = [service for service in services if service.model == "symmetric"]
    pairs = {(service.primary, standby) for service in symmetric for standby in service.standbys}
    for service in symmetric:
        if len(service.standbys) == 1:
            standby = service.standbys[0]
            if (standby, service.primary) not in pairs and standby != service.primary:
                nodes = shown.Names(service.nodes)
                reason = f"no symmetric service has its home on {standby} and {service.primary} as its standby"
                remedy = "add the partner service, or use the model asymmetric"
                yield _service_problem(service, "nodes", nodes, reason, remedy)


def _judge_standbys(services: Sequence[ServiceDescription]) -> Iterator[Problem]:
    many = [service for service in services if service.model == "n_plus_1"]
    standbys = sorted({standby for service in many for standby in service.standbys})
    for service in many if len(standbys) > 1 else ():
        reason = f"the model n_plus_1 has exactly one shared standby, but {', '.join(standbys)} are named"
        remedy = "name the same standby in every n_plus_1 service"
        yield _service_problem(service, "nodes.standby", shown.Names(service.standbys), reason, remedy)
    for service in many:
        if service.primary in standbys and service.primary not in service.standbys:
            reason = "is the shared standby of the n_plus_1 services"
            remedy = "keep the standby free: it must have room for the others"
            yield _service_problem(service, "nodes.primary", service.primary, reason, remedy)


def _service_problem(service: ServiceDescription, key: str, value: Any, reason: str, remedy: str) -> Problem:
    plain = value if isinstance(value, (str, list, dict, int, bool)) or value is None else str(value)
    return Problem(f"services[{service.name}].{key}", plain, reason, remedy)
