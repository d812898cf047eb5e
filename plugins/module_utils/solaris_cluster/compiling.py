# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a description to resource groups. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.groupware.ha.plugins.module_utils.deployment import (
    Application,
    DescriptionError,
    Member,
    Problem,
    ServiceDescription,
    Storage,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats.solaris_cluster_properties import DEPENDENCIES
from ansible_collections.groupware.ha.plugins.module_utils.shown import key_name, shape
from ansible_collections.groupware.ha.plugins.module_utils.solaris_cluster.settings import (
    ADDRESS_TYPES,
    AGENTS,
    ENABLED,
    LOGICAL_HOST_NAME,
    MONITORED,
    STORAGE,
    STORAGE_TYPES,
    spelt_out,
    split_type,
)


def compile_members(
    service: ServiceDescription, include_applications: bool, offline_restart: bool
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Role, type and settings of each resource."""
    if service.address is not None:
        yield "address", LOGICAL_HOST_NAME, {"HostnameList": service.host_name or str(service.address)}
    if service.storage is not None:
        yield "storage", STORAGE, _compile_storage(service, service.storage)
    application = service.application
    if application is None:
        return
    if application.type in AGENTS:
        resource_type, root_property = AGENTS[application.type]
        root = _server_root(service, application)
        if include_applications:
            needed = _own_roles(service)
            yield (
                *("application", resource_type),
                {root_property: root, **_dependencies(service, needed, {}, offline_restart)},
            )
    else:
        _judge_native(service, application)
        if include_applications:
            yield from _compile_native(service, application, offline_restart)


def _own_roles(service: ServiceDescription) -> list[str]:
    """What an application of the service finds there."""
    return [role for role, given in (("storage", service.storage), ("address", service.address)) if given]


def _compile_storage(service: ServiceDescription, storage: Storage) -> dict[str, str]:
    problems = []
    key = f"services[{service.name}].storage"
    if (storage.filesystem == "zfs") != (storage.zpool is not None):
        reason = "is missing, the pool that the file system is in" if storage.zpool is None else "goes with zfs only"
        problems.append(
            Problem(f"{key}.zpool", storage.zpool, reason, "give both zpool and filesystem: zfs, or neither")
        )
    if storage.zpool is not None and storage.is_global:
        problems.append(Problem(f"{key}.global", True, "a pool is imported on one node at a time", "remove it"))
    if problems:
        raise DescriptionError(problems)
    if storage.zpool is not None:
        return {"Zpools": storage.zpool}
    if storage.is_global:
        return {"FilesystemMountPoints": storage.mount_point}
    # A failover file system has to be where its devices are (SUNW.HAStoragePlus(5)).
    return {"FilesystemMountPoints": storage.mount_point, "AffinityOn": "True"}


def _server_root(service: ServiceDescription, application: Application) -> str:
    """Where the application is installed, from its options.

    :raises DescriptionError: it is missing or no path, or there are options that the agents do not have
    """
    key = f"services[{service.name}].application.options"
    problems = [
        Problem(f"{key}.{key_name(name)}", shape(value), "is not an option of this application", "use server_root")
        for name, value in application.options.items()
        if name != "server_root"
    ]
    root = application.options.get("server_root")
    if root is None:
        problems.append(Problem(f"{key}.server_root", root, "is missing", "give the directory of the installation"))
    elif not isinstance(root, str) or re.fullmatch(r"/[^\s,]*", root) is None:
        reason = "is not an absolute path without white space and commas"
        problems.append(Problem(f"{key}.server_root", root, reason, "write it as in /opt/SUNWmsgsr"))
    if problems:
        raise DescriptionError(problems)
    return str(root)


def _judge_native(service: ServiceDescription, application: Application) -> None:
    types = [member.name for member in application.members]
    roles = _own_roles(service)
    problems = []
    for position, member in enumerate(application.members):
        key = f"services[{service.name}].application.members[{position}]"
        if member.operations:
            remedy = "set properties such as Start_timeout"
            problems.append(Problem(f"{key}.operations", dict(member.operations), "are properties here", remedy))
        for name in set(member.meta) - {ENABLED, MONITORED, "requires"}:
            remedy = "use enabled, monitored or requires"
            problems.append(Problem(f"{key}.meta.{key_name(name)}", shape(member.meta[name]), "is not known", remedy))
        for name in member.meta.get("requires", "").split():
            if name not in (*roles, *types) or name == member.name:
                reason = f"{name} is no other member of the service"
                remedy = f"use {', '.join([*roles, *types])}"
                problems.append(Problem(f"{key}.meta.requires", member.meta["requires"], reason, remedy))
    if problems:
        raise DescriptionError(problems)


def _compile_native(
    service: ServiceDescription, application: Application, offline_restart: bool
) -> Iterator[tuple[str, str, dict[str, str]]]:
    types = {member.name: member.type for member in application.members}
    roles = _own_roles(service)
    for member in application.members:
        axes = {axis: member.meta[axis] for axis in (ENABLED, MONITORED) if axis in member.meta}
        needed = _required_roles(member, roles)
        yield (
            member.name,
            member.type,
            {**member.properties, **axes, **_dependencies(service, needed, types, offline_restart)},
        )


def _required_roles(member: Member, roles: Sequence[str]) -> list[str]:
    """What a native member depends on: what it says; by itself, an application on the service's storage and address."""
    if "requires" in member.meta:
        return member.meta["requires"].split()
    spelt = spelt_out(member.properties)
    own = any(key in spelt for key in DEPENDENCIES)
    leads = split_type(member.type)[0] in (*ADDRESS_TYPES, *STORAGE_TYPES)
    return [] if own or leads else list(roles)


def _dependencies(
    service: ServiceDescription, roles: Sequence[str], types: Mapping[str, str], offline_restart: bool
) -> dict[str, str]:
    """The properties for a resource that depends on others of its service."""
    restarting = [
        role
        for role in roles
        if offline_restart and (role == "storage" or split_type(types.get(role, ""))[0] == STORAGE)
    ]
    found = {
        "Resource_dependencies": [role for role in roles if role not in restarting],
        "Resource_dependencies_offline_restart": restarting,
    }
    return {key: ",".join(map(service.resource_name, named)) for key, named in found.items() if named}
