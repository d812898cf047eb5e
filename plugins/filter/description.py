# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the description to what each role needs to know of its framework and its services.

As a whole, the description is judged by groupware.ha.deployment or groupware.ha.failover_services.
"""

from __future__ import annotations

from dataclasses import asdict

from ansible_collections.groupware.ha.plugins.module_utils.applications.instances import instances_of, nodes_of
from ansible_collections.groupware.ha.plugins.module_utils.description import entries
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import refuse
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.capabilities import capabilities_of
from ansible_collections.groupware.ha.plugins.plugin_utils.filters import filter_module


def framework(cluster):
    """The framework of a described cluster: its name, and what it can carry and how it goes about it."""
    found = asdict(capabilities_of(cluster))
    found["name"] = found.pop("framework")
    return {key: list(value) if isinstance(value, tuple) else value for key, value in found.items()}


def _judge(services):
    """A role that is used alone has nobody else to judge what it is given."""
    refuse(entries.judge_services(services))


def _texts(value):
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def volumes(services):
    """The volumes of the services, as the role shared_storage takes them.

    A volume group that the cluster itself activates on one node at a time is prepared as the cluster's manual says.
    """
    _judge(services)
    found = []
    for service in services:
        storage = service.get("storage")
        if storage is None or storage.get("exclusive"):
            continue
        nodes = nodes_of(service)
        kept = ("volume_group", "logical_volume", "size", "filesystem", "mount_options")
        found.append(
            {
                "name": service["name"],
                "devices": [*_texts(storage.get("device")), *_texts(storage.get("devices"))],
                "mount_point": storage["mount_point"],
                "home": nodes[0],
                "nodes": nodes,
                **{key: storage[key] for key in kept if storage.get(key) is not None},
            }
        )
    return found


def addresses(services):
    """The logical addresses and host names of the services, as the role ha_ip_config takes them."""
    _judge(services)
    return [
        {
            "name": service["name"],
            "address": service["address"].partition("/")[0],
            "host_name": service.get("host_name", service["name"]),
            "nodes": nodes_of(service),
        }
        for service in services
        if service.get("address") not in (None, "")
    ]


def instances(services, application):
    """The services that run an application, as that application's role takes them."""
    _judge(services)
    return instances_of(services, application)


FilterModule = filter_module(addresses=addresses, framework=framework, instances=instances, volumes=volumes)
