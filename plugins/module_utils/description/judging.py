# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be judged only across services: things used twice, and the shapes of the models. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils import shown
from ansible_collections.groupware.ha.plugins.module_utils.applications.registry import APPLICATIONS
from ansible_collections.groupware.ha.plugins.module_utils.description.fields import IPAddress
from ansible_collections.groupware.ha.plugins.module_utils.description.model import Cluster, ServiceDescription
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem


def judge_together(
    cluster: Cluster, services: Sequence[ServiceDescription], problems: list[Problem], *, complete: bool
) -> None:
    """What can be judged only across services: things used twice, and the models' shapes.

    :param complete: whether every service could be read; if not, no partner is missed
    """
    node_addresses = {node.address: node.name for node in cluster.nodes}
    for service in services:
        if service.address is not None and str(service.address) in node_addresses:
            node = node_addresses[str(service.address)]
            problems.append(
                _service_problem(
                    service, "address", service.address, f"is the address of node {node}", "use a free address"
                )
            )
    _refuse_shared(services, "name", lambda service: [service.name], "name each service once", problems)
    _refuse_shared(services, "address", _address_of, "give each service its own address", problems)
    _refuse_shared(services, "host_name", _host_name_of, "give each service its own host name", problems)
    _refuse_shared(services, "storage.device", _devices_of, "give each service its own device", problems)
    _refuse_shared(services, "storage.volume_group", _volume_group_of, "give each service its own group", problems)
    _refuse_shared(services, "storage.mount_point", _mount_point_of, "give each service its own mount point", problems)
    _judge_storage(services, problems)
    if complete:
        _judge_partners(services, problems)
    _judge_standbys(services, problems)
    for application in APPLICATIONS.values():
        running = [one for one in services if one.application is not None and one.application.type == application.name]
        problems.extend(application.judge_together(running))


def _judge_storage(services: Sequence[ServiceDescription], problems: list[Problem]) -> None:
    volume_groups = {
        service.storage.volume_group: service.name
        for service in services
        if service.storage is not None and service.storage.volume_group is not None
    }
    mount_points = {service.storage.mount_point: service.name for service in services if service.storage is not None}
    for service in services:
        if service.storage is None:
            continue
        for device in service.storage.devices:
            owner = next((owner for group, owner in volume_groups.items() if _lies_in(device, group)), None)
            if owner is not None:
                problems.append(
                    _service_problem(
                        service,
                        "storage.device",
                        device,
                        f"lies in the volume group of service {owner}",
                        "give each service its own device",
                    )
                )
        parent = posixpath.dirname(service.storage.mount_point)
        while parent != posixpath.dirname(parent):
            if parent in mount_points:
                problems.append(
                    _service_problem(
                        service,
                        "storage.mount_point",
                        service.storage.mount_point,
                        f"lies inside the volume of service {mount_points[parent]}",
                        "use a mount point that does not come and go with another service",
                    )
                )
            parent = posixpath.dirname(parent)


def _lies_in(device: str, volume_group: str) -> bool:
    """Whether a device is a logical volume of the group, by either of the names that LVM gives it."""
    # The device mapper doubles the hyphens of a name, and puts one between the names of group and volume.
    mapped = f"/dev/mapper/{volume_group.replace('-', '--')}-"
    by_mapper = device.startswith(mapped) and not device[len(mapped) :].startswith("-")
    return by_mapper or (device.startswith(f"/dev/{volume_group}/") and device.count("/") == 3)


def _judge_partners(services: Sequence[ServiceDescription], problems: list[Problem]) -> None:
    symmetric = {
        (service.primary, standby)
        for service in services
        if service.model == "symmetric"
        for standby in service.standbys
    }
    for service in services:
        if service.model == "symmetric" and len(service.standbys) == 1:
            standby = service.standbys[0]
            if (standby, service.primary) not in symmetric and standby != service.primary:
                problems.append(
                    _service_problem(
                        service,
                        "nodes",
                        shown.Names(service.nodes),
                        f"no symmetric service has its home on {standby} and {service.primary} as its standby",
                        "add the partner service, or use the model asymmetric",
                    )
                )


def _judge_standbys(services: Sequence[ServiceDescription], problems: list[Problem]) -> None:
    many = [service for service in services if service.model == "n_plus_1"]
    standbys = sorted({standby for service in many for standby in service.standbys})
    if len(standbys) > 1:
        for service in many:
            problems.append(
                _service_problem(
                    service,
                    "nodes.standby",
                    shown.Names(service.standbys),
                    f"the model n_plus_1 has exactly one shared standby, but {', '.join(standbys)} are named",
                    "name the same standby in every n_plus_1 service",
                )
            )
    for service in many:
        if service.primary in standbys and service.primary not in service.standbys:
            problems.append(
                _service_problem(
                    service,
                    "nodes.primary",
                    service.primary,
                    "is the shared standby of the n_plus_1 services",
                    "keep the standby free: it must have room for the others",
                )
            )


def _service_problem(service: ServiceDescription, key: str, value: Any, reason: str, remedy: str) -> Problem:
    plain = value if isinstance(value, (str, list, dict, int, bool)) or value is None else str(value)
    return Problem(f"services[{service.name}].{key}", plain, reason, remedy)


def _refuse_shared(
    services: Sequence[ServiceDescription], key: str, values_of: Any, remedy: str, problems: list[Problem]
) -> None:
    owners: dict[Any, str] = {}
    for service in services:
        for value in values_of(service):
            if value in owners:
                problems.append(
                    _service_problem(service, key, value, f"is used by service {owners[value]} too", remedy)
                )
            owners.setdefault(value, service.name)


def _address_of(service: ServiceDescription) -> list[IPAddress]:
    return [] if service.address is None else [service.address]


def _host_name_of(service: ServiceDescription) -> list[str]:
    return [] if service.host_name is None else [service.host_name.lower()]


def _devices_of(service: ServiceDescription) -> Sequence[str]:
    return () if service.storage is None else tuple(dict.fromkeys(service.storage.devices))


def _volume_group_of(service: ServiceDescription) -> list[str]:
    storage = service.storage
    return [] if storage is None or storage.volume_group is None else [storage.volume_group]


def _mount_point_of(service: ServiceDescription) -> list[str]:
    return [] if service.storage is None else [service.storage.mount_point]
