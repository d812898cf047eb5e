# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which resources a volume, an address and an application are on VCS, to compile and to recognise them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.model import ServiceDescription
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem, unknown_keys
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import Resource
from ansible_collections.groupware.ha.plugins.module_utils.formats.vcs_tables import is_true
from ansible_collections.groupware.ha.plugins.module_utils.shown import shape
from .terms import CAPABILITIES, REQUIRES, required

#: Types in the order of starting, where VCS leaves it open.
_KINDS = ("DiskGroup", "Volume", "Mount", "NIC", "IP")
#: Type of the resource that has a role in a service, in the order of starting.
ROLE_TYPES = {"volume": "DiskGroup", "storage": "Mount", "nic": "NIC", "address": "IP"}


@dataclass(frozen=True)
class Agent:
    """What an application is on VCS.

    :param host_name: the attribute that is the service's logical host name
    :param flags: options that are attributes of its resource, each a switch
    :param numbers: options that are attributes of its type, and so have one value in the whole cluster
    :param recommended: values of those, as its manual has them
    """

    type: str
    host_name: str
    flags: Mapping[str, str]
    numbers: Mapping[str, str]
    recommended: Mapping[str, str]

    def attributes(self, key: str, given: Mapping[str, Any], problems: list[Problem]) -> dict[str, str]:
        """Attributes of the resource that the options are.

        :param key: of the options in the description
        """
        known = [*self.flags, *self.numbers]
        problems += unknown_keys(key, given, known, "is no option of it on VCS", f"use one of {', '.join(known)}")
        words = ("is neither true nor false", "write true or false without quotes")
        wrong = [name for name in self.flags if name in given and not isinstance(given[name], bool)]
        problems.extend(Problem(f"{key}.{name}", shape(given[name]), *words) for name in wrong)
        return {self.flags[name]: str(given[name]).upper() for name in self.flags if name in given}

    def type_attributes(self, key: str, given: Mapping[str, Any], problems: list[Problem]) -> dict[str, str]:
        """Attributes of the type that the options are; see ``attributes``."""
        words = ("is not a number", "give a number that is not negative")
        found = {name: str(given[name]) for name in self.numbers if name in given}
        wrong = [name for name, text in found.items() if not text.isdigit()]
        problems.extend(Problem(f"{key}.{name}", shape(given[name]), *words) for name in wrong)
        return {self.numbers[name]: text for name, text in found.items() if name not in wrong}

    def described(self, resource: Mapping[str, str], resource_type: Mapping[str, str]) -> dict[str, Any]:
        """The options that the settings of a resource and of its type are."""
        options: dict[str, Any] = {
            name: is_true(resource[attribute]) for name, attribute in self.flags.items() if resource.get(attribute)
        }
        for name, attribute in self.numbers.items():
            value = resource_type.get(attribute)
            if value and value != self.recommended[attribute]:
                options[name] = int(value) if value.isdigit() else value
        return options


AGENTS = {
    # Messaging Server System Administrator's Guide, tables 9-4 and 9-5.
    "messaging_server": Agent(
        CAPABILITIES.types["messaging_server"],
        "LogHostName",
        {"print_status": "PrtStatus", "debug_mode": "DebugMode"},
        {
            "fault_on_monitor_timeouts": "FaultOnMonitorTimeouts",
            "conf_interval": "ConfInterval",
            "tolerance_limit": "ToleranceLimit",
        },
        {"FaultOnMonitorTimeouts": "2", "ConfInterval": "600", "ToleranceLimit": "0"},
    )
}


def compiled(properties: Mapping[str, str], requires: Sequence[str] = ()) -> dict[str, str]:
    """Settings of a resource that starts with its service."""
    return {**properties, "AutoStart": "1", "Enabled": "1", REQUIRES: " ".join(requires)}


def storage_members(service: ServiceDescription) -> dict[str, dict[str, str]]:
    """Settings of the resources of a service's volume, by role."""
    storage = service.storage
    if storage is None:
        return {}
    members = {}
    device, below = next(iter(storage.devices), ""), []
    if storage.volume_group is not None:
        members["volume"] = compiled({"DiskGroup": storage.volume_group})
        device = _volume(storage.volume_group, storage.logical_volume or "")
        below.append(service.resource_name("volume"))
    properties = {"MountPoint": storage.mount_point, "BlockDevice": device, "FSType": storage.filesystem}
    if storage.filesystem != "nfs":
        properties["FsckOpt"] = "-y"
    if storage.mount_options is not None:
        properties["MountOpt"] = storage.mount_options
    return {**members, "storage": compiled(properties, below)}


def recognised_storage(mount: Resource | None, disk_group: Resource | None) -> tuple[dict[str, Any], dict[str, str]]:
    """The volume that a service's one Mount and DiskGroup are, and the roles of these."""
    if (
        mount is None
        or mount.settings.get("FSType") not in CAPABILITIES.filesystems
        or not mount.settings.get("MountPoint")
    ):
        return {}, {}
    roles = {mount.name: "storage"}
    device = mount.settings.get("BlockDevice", "")
    storage: dict[str, Any] = {"filesystem": mount.settings["FSType"], "mount_point": mount.settings["MountPoint"]}
    group = "" if disk_group is None else disk_group.settings.get("DiskGroup", "")
    volume = device.rpartition("/")[2]
    if disk_group is not None and group and volume and device == _volume(group, volume):
        storage.update({"volume_group": group, "logical_volume": volume})
        roles = {disk_group.name: "volume", **roles}
    else:
        storage["device"] = device
    if mount.settings.get("MountOpt"):
        storage["mount_options"] = mount.settings["MountOpt"]
    return storage, roles


def _volume(group: str, volume: str) -> str:
    """The block device of a volume of Veritas Volume Manager."""
    return f"/dev/vx/dsk/{group}/{volume}"


def address_members(service: ServiceDescription, interface: str) -> dict[str, dict[str, str]]:
    """Settings of the resources of a service's address, by role."""
    if service.address is None:
        return {}
    length = service.prefix_length
    mask = {"NetMask": _net_mask(length or 0)} if service.address.version == 4 else {"PrefixLen": str(length)}
    properties = {"Device": interface, "Address": str(service.address), **mask}
    return {"nic": compiled({"Device": interface}), "address": compiled(properties, [service.resource_name("nic")])}


def recognised_address(address: Resource | None, nic: Resource | None) -> tuple[str, dict[str, str]]:
    """The address that a service's one IP and NIC are, and the roles of these."""
    if address is None or nic is None:
        return "", {}
    text = address.settings.get("Address", "")
    length = address.settings.get("PrefixLen") if ":" in text else None
    if "." in text:
        mask = address.settings.get("NetMask", "")
        length = next((str(number) for number in range(33) if _net_mask(number) == mask), None)
    if not text or length is None:
        return "", {}
    return f"{text}/{length}", {address.name: "address", nic.name: "nic"}


def _net_mask(prefix_length: int) -> str:
    bits = (0xFFFFFFFF << (32 - prefix_length)) & 0xFFFFFFFF
    return ".".join(str(bits >> shift & 0xFF) for shift in (24, 16, 8, 0))


def in_order(resources: Sequence[Resource]) -> tuple[Resource, ...]:
    """Members in the order of starting. Where VCS leaves it open, kinds come in the order that we compile them in."""
    rest = sorted(
        resources, key=lambda found: (_KINDS.index(found.type) if found.type in _KINDS else len(_KINDS), found.name)
    )
    left = {resource.name for resource in resources}
    order: list[Resource] = []
    while rest:
        # What depends on itself, VCS refuses; should it be shown, it comes as it is.
        chosen = next((found for found in rest if not left & set(required(found.settings))), rest[0])
        order.append(chosen)
        left.discard(chosen.name)
        rest.remove(chosen)
    return tuple(order)
