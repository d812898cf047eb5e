# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which native resource an address, a volume and an application are: compiled and recognised. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.model import (
    Application,
    ServiceDescription,
    Storage,
)
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem, refuse, unknown_keys
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import Resource
from ansible_collections.groupware.ha.plugins.module_utils.formats.solaris_cluster_properties import split_list
from .terms import CAPABILITIES, LOGICAL_HOST_NAME, STORAGE, is_true

#: Type of an application's resource, and the property that says where the application is installed.
AGENTS = {
    "messaging_server": (CAPABILITIES.types["messaging_server"], "IMS_serverroot"),
    "calendar_server": (CAPABILITIES.types["calendar_server"], "ICS_serverroot"),
}


def address(service: ServiceDescription) -> dict[str, str]:
    """Settings of a service's host name."""
    return {"HostnameList": service.host_name or str(service.address)}


def recognised_host(member: Resource, nodes: Collection[str]) -> str | None:
    """The one host name that the member is; a node's own is no service's."""
    hosts = split_list(member.settings.get("HostnameList", ""))
    return hosts[0] if member.type == LOGICAL_HOST_NAME and len(hosts) == 1 and hosts[0] not in nodes else None


def storage(service: ServiceDescription, storage: Storage) -> dict[str, str]:
    """Settings of a service's file system, or of the pool that it is in."""
    problems = []
    key = f"services[{service.name}].storage"
    if (storage.filesystem == "zfs") != (storage.zpool is not None):
        reason = "is missing, the pool that the file system is in" if storage.zpool is None else "goes with zfs only"
        problems.append(
            Problem(f"{key}.zpool", storage.zpool, reason, "give both zpool and filesystem: zfs, or neither")
        )
    if storage.zpool is not None and storage.is_global:
        problems.append(Problem(f"{key}.global", True, "a pool is imported on one node at a time", "remove it"))
    refuse(problems)
    if storage.zpool is not None:
        return {"Zpools": storage.zpool}
    if storage.is_global:
        return {"FilesystemMountPoints": storage.mount_point}
    # A failover file system has to be where its devices are (SUNW.HAStoragePlus(5)).
    return {"FilesystemMountPoints": storage.mount_point, "AffinityOn": "True"}


def recognised_storage(member: Resource) -> dict[str, Any] | None:
    """The one file system that the member is, as storage of a description."""
    points = split_list(member.settings.get("FilesystemMountPoints", ""))
    if member.type != STORAGE or len(points) != 1 or member.settings.get("Zpools"):
        return None
    shared = not is_true(member.settings.get("AffinityOn", "True"))
    return {"mount_point": points[0], **({"global": True} if shared else {})}


def application(service: ServiceDescription, application: Application) -> tuple[str, dict[str, str]]:
    """Type and settings of an application's resource."""
    resource_type, root = AGENTS[application.type]
    return resource_type, {root: _server_root(service, application)}


def recognised_application(members: Sequence[Resource]) -> dict[str, Any] | None:
    """The application that these members are, as one of a description."""
    for name, (resource_type, root) in AGENTS.items():
        if [member.type for member in members] == [resource_type]:
            return {"type": name, "options": {"server_root": members[0].settings.get(root, "")}}
    return None


def _server_root(service: ServiceDescription, application: Application) -> str:
    """Where the application is installed, from its options.

    :raises DescriptionError: it is missing or no path, or there are options that the agents do not have
    """
    key = f"services[{service.name}].application.options"
    reason = "is not an option of this application"
    problems = unknown_keys(key, application.options, ["server_root"], reason, "use server_root")
    root = application.options.get("server_root")
    if root is None:
        problems.append(Problem(f"{key}.server_root", root, "is missing", "give the directory of the installation"))
    elif not isinstance(root, str) or re.fullmatch(r"/[^\s,]*", root) is None:
        reason = "is not an absolute path without white space and commas"
        problems.append(Problem(f"{key}.server_root", root, reason, "write it as in /opt/SUNWmsgsr"))
    refuse(problems)
    return str(root)
