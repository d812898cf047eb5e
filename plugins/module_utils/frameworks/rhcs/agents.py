# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which members a volume, an address and an application are, read one way to compile, the other to recognise. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.model import ServiceDescription
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem, unknown_keys
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import Resource
from ansible_collections.groupware.ha.plugins.module_utils.formats import cluster_conf
from . import terms

#: Keys of a description's storage that are attributes of its file system.
_MOUNT_KEYS = {"mount_point": "mountpoint", "filesystem": "fstype", "mount_options": "options"}


@dataclass(frozen=True)
class Agent:
    """An application that init scripts run; rgmanager tells them the service's name in OCF_RESKEY_service_name.

    :param script: the one that runs it where no others are given; the names of all of them begin with it
    :param aside: options that are not for the cluster
    """

    script: str
    aside: tuple[str, ...] = ()

    def members(
        self, key: str, service: ServiceDescription, given: Mapping[str, Any], problems: list[Problem]
    ) -> dict[str, Resource]:
        """The application of a service by roles, in starting order.

        :param key: of the options in the description
        """
        known = (*self.aside, "scripts")
        problems += unknown_keys(key, given, known, "is not an option", f"use {' or '.join(known)}", plain=True)
        scripts = given.get("scripts", [self.script])
        usable = isinstance(scripts, (list, tuple)) and bool(scripts)
        if not usable or not all(isinstance(path, str) and path.startswith("/") for path in scripts):
            remedy = f"give a list of paths, as in [{self.script}]"
            problems.append(Problem(f"{key}.scripts", scripts, "is not a list of init scripts", remedy))
            return {}
        return {
            role: Resource(service.resource_name(role), "script", {"file": path})
            for role, path in zip(_application_roles(len(scripts)), scripts)
        }

    def described(self, members: Sequence[Resource]) -> dict[str, Any] | None:
        """The options that these members are; None where they are something else."""
        scripts = [member.settings.get("file", "") for member in members if member.type == "script"]
        if len(scripts) != len(members) or not all(path.startswith(self.script) for path in scripts):
            return None
        return {} if scripts == [self.script] else {"scripts": scripts}


AGENTS = {
    # Scalix TB-2007-02-HACLUSTER, "Creating the Scalix service"; its instance is for the role scalix.
    "scalix": Agent("/etc/init.d/scalix", aside=("instance",))
}


def _application_roles(count: int) -> list[str]:
    return ["application", *(f"application_{number}" for number in range(2, count + 1))]


def recognised_application(members: Sequence[Resource]) -> tuple[dict[str, Any], dict[str, str]]:
    """The application that all these members are, and the roles of these; nothing where they are none."""
    for name, agent in AGENTS.items():
        options = agent.described(members) if members else None
        if options is not None:
            roles = zip([member.name for member in members], _application_roles(len(members)))
            return {"type": name, "options": options}, dict(roles)
    return {}, {}


def storage_members(service: ServiceDescription) -> dict[str, Resource]:
    """The volume of a service by roles."""
    storage = service.storage
    if storage is None:
        return {}
    members = {}
    # Else its group is active on all nodes, as in Scalix TB-2007-02-HACLUSTER; the agent refuses such a group.
    if storage.exclusive:
        volume = {"vg_name": str(storage.volume_group), "lv_name": str(storage.logical_volume), "self_fence": "1"}
        members["volume"] = Resource(service.resource_name("volume"), "lvm", volume)
    mount = {attribute: getattr(storage, key) for key, attribute in _MOUNT_KEYS.items()}
    properties = {
        "device": storage.block_device,
        **{attribute: value for attribute, value in mount.items() if value is not None},
        # Scalix TB-2007-02-HACLUSTER: "Force Unmount", "Reboot host node" and "Check file system" are checked.
        **dict.fromkeys(["force_unmount", "self_fence", "force_fsck"], "1"),
    }
    return {**members, "storage": Resource(service.resource_name("storage"), "fs", properties)}


def recognised_storage(members: Sequence[Resource]) -> tuple[dict[str, Any], dict[str, str]]:
    """The volume that the first file system among these is, and the roles of its members; nothing without one."""
    volume = next((member for member in members if member.type == "lvm" and member.settings.get("lv_name")), None)
    mounted = next((member for member in members if member.type == "fs"), None)
    if mounted is None or mounted.settings.get("fstype", "ext3") not in terms.CAPABILITIES.filesystems:
        return {}, {}
    roles = {mounted.name: "storage"}
    device = mounted.settings.get("device", "")
    storage: dict[str, Any] = {"device": device}
    if volume is not None and device == f"/dev/{volume.settings.get('vg_name')}/{volume.settings['lv_name']}":
        group, logical_volume = device.split("/")[2:]
        storage = {"volume_group": group, "logical_volume": logical_volume, "exclusive": True}
        roles[volume.name] = "volume"
    settings = {"mountpoint": "", **mounted.settings}
    storage.update({key: settings[attribute] for key, attribute in _MOUNT_KEYS.items() if attribute in settings})
    return storage, roles


def address_members(service: ServiceDescription) -> dict[str, Resource]:
    """The address of a service by roles."""
    if service.address is None:
        return {}
    settings = {"address": f"{service.address}/{service.prefix_length}", "monitor_link": "1"}
    return {"address": Resource(service.resource_name("address"), "ip", settings)}


def recognised_address(members: Sequence[Resource]) -> tuple[str, dict[str, str], list[str]]:
    """The first address among these, its role, and what of it could not be told; nothing without one."""
    found = next((member for member in members if member.type == "ip"), None)
    text = "" if found is None else found.settings.get("address", "")
    if found is None or not cluster_conf.is_address(text):
        return "", {}, []
    roles = {found.name: "address"}
    if "/" in text:
        return text, roles, []
    # Without a prefix length the agent makes a host's address of it; resource_properties keeps what is there.
    untold = f"the prefix length of {text} is not in the configuration; correct the address if need be"
    return f"{text}/{128 if ':' in text else 32}", roles, [untold]
