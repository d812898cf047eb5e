# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services of Veritas Cluster Server: what attributes and bundled agents are in Pacemaker."""

from __future__ import annotations

import ipaddress
import posixpath
import re
import shlex
from collections.abc import Mapping
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker import terms
from .common import COPY_DATA, FALSE, INIT_SCRIPTS, Hint, Resource, Settings, is_true, left_out
from .service import ServiceMigration, init_script

_VERITAS_DEVICE = re.compile(r"/dev/vx/r?dsk/([^/]+)/([^/]+)")

#: Agents that do what those of VCS do, as far as they are known.
_VERITAS_AGENTS = {
    "Apache": "ocf:heartbeat:apache",
    "NFS": "ocf:heartbeat:nfsserver",
    "NFSRestart": "ocf:heartbeat:nfsserver",
    "Netlsnr": "ocf:heartbeat:oralsnr",
    "Oracle": "ocf:heartbeat:oracle",
    "Process": "ocf:heartbeat:anything if the program stays in the foreground",
    "SambaServer": "systemd:smbd",
    "SambaShare": "systemd:smbd",
    "Share": "ocf:heartbeat:exportfs",
    "Sybase": "ocf:heartbeat:sybaseASE",
    "Zpool": "ocf:heartbeat:ZFS",
}
_MESSAGING: Hint = (
    "has no resource agent for Pacemaker: the agent MsgSrv is for VCS alone",
    "add the application native with an OCF agent or systemd unit of yours that runs Messaging Server, or move its "
    "users to a service with the application postfix_dovecot",
)
_VERITAS_OPERATIONS = {
    "MonitorInterval": "monitor interval",
    "MonitorTimeout": "monitor timeout",
    "OnlineTimeout": "start timeout",
    "OfflineTimeout": "stop timeout",
}


class Veritas:
    """Veritas Cluster Server, as its driver exports it."""

    fencing_hint: Hint | None = (
        "VCS keeps nodes from the data by itself (coordination points, SCSI reservations); Pacemaker switches them off",
        "add fencing.devices: a fence agent for the power switch, management board or hypervisor of every node",
    )
    resource_hints: Mapping[str, Hint] = {
        "AutoStart": ("has no equivalent for one resource", "set the member's meta target-role: Stopped if need be"),
        "Device": (
            "is not named: IPaddr2 takes the interface that is on the address's network, and names of interfaces "
            "differ between systems",
            "where that is not unique, set nic",
        ),
        "NetMask": ("is said by the address's prefix length", "correct that if need be"),
        "PrefixLen": ("is said by the address's prefix length", "correct that if need be"),
        "FsckOpt": ("is not passed on: Filesystem checks file systems that need it", "set run_fsck if need be"),
        "RestartLimit": (
            "has no equivalent for one type",
            "set migration-threshold to one more: so many failures move the service",
        ),
        "ToleranceLimit": ("has no equivalent: the first failed monitor counts", "choose a longer interval or timeout"),
        "ConfInterval": ("has no exact equivalent", "set failure-timeout, after which failures are forgotten"),
        "FaultOnMonitorTimeouts": (
            "has no equivalent: a monitor that times out has failed",
            "give the monitor operation a timeout that is long enough",
        ),
        "OnlineRetryLimit": ("has no equivalent: a failed start moves the service", "nothing"),
    }
    group_hints: Mapping[str, Hint] = {
        "AutoStartList": (
            "is not said: a service starts on the first of its nodes that is there",
            "see that nodes are in the order that you want",
        ),
        "AutoStart": (
            "has no equivalent: Pacemaker starts what it is to run",
            "take the service offline with groupware.ha.switchover, which keeps it so",
        ),
        "AutoFailOver": (
            "has no exact equivalent",
            "set properties.migration-threshold: INFINITY to have it started again where it is",
        ),
        "OnlineRetryLimit": (
            "has no exact equivalent: this often VCS starts a failed service again where it is",
            "set properties.migration-threshold to one more",
        ),
        "OnlineRetryInterval": ("goes with OnlineRetryLimit", "set properties.failure-timeout"),
        "FailOverPolicy": (
            "is not said: a service goes to the first of its standbys that is there",
            "see that nodes are in the order that you want",
        ),
        "Frozen": ("is a state of operation", "freeze it with groupware.ha.switchover when it is there"),
        "requires group": (
            "is about two services, and a description has no words for that",
            "add an rsc_order constraint of your own, and an rsc_colocation if they have to run on one node",
        ),
    }

    def group(self, settings: Settings, service: ServiceMigration) -> dict[str, str | None]:  # noqa: ARG002
        """Nothing: attributes of VCS's groups have no exact equivalents."""
        if not is_true(settings.peek("Parallel")):
            settings.take("Parallel")
        return {}

    def storage(self, storage: dict[str, Any], service: ServiceMigration) -> None:
        """Volumes of Veritas Volume Manager become logical volumes of the same names."""
        storage.setdefault("filesystem", "vxfs")
        found = _VERITAS_DEVICE.fullmatch(str(storage.get("device", "")))
        if found is not None:
            key, value = "storage.device", storage.pop("device")
            storage.update(volume_group=found[1], logical_volume=found[2])
        else:
            key, value = "storage.volume_group", storage.get("volume_group")
        if value is not None:
            service.note(
                key,
                value,
                "is of Veritas Volume Manager; the description has an LVM volume group and volume of the same names",
                f"add storage.devices, and size where the group has more than this volume; {COPY_DATA}",
            )

    def role(self, role: str, settings: Settings) -> dict[str, str | None]:  # noqa: ARG002 - as the protocol has it
        """What every resource of VCS may say."""
        return self.operations(settings)

    def member(self, resource: Resource, service: ServiceMigration) -> Hint | None:
        """Mount, IP, DiskGroup and Volume, and an Application that is an init script."""
        settings = resource.settings
        new = resource.new_settings
        key = f"application.members[{resource.role}]"
        if resource.type == "Mount":
            resource.new_type = terms.FILESYSTEM
            device = settings.take("BlockDevice") or ""
            found = _VERITAS_DEVICE.fullmatch(device)
            if found is not None:
                self._note_volume(service, f"{key}.properties.BlockDevice", device)
            file_system = settings.take("FSType") or "auto"
            if file_system in ("vxfs", "ufs"):
                reason = f"is not to be had: the description has {terms.CAPABILITIES.filesystems[0]}"
                service.note(f"{key}.properties.FSType", file_system, reason, COPY_DATA)
                file_system = terms.CAPABILITIES.filesystems[0]
            new.update(
                device=f"/dev/{found[1]}/{found[2]}" if found is not None else device,
                directory=settings.take("MountPoint"),
                fstype=file_system,
                options=settings.take("MountOpt"),
            )
        elif resource.type == "IP":
            resource.new_type = terms.ADDRESS
            new["ip"] = settings.take("Address")
            length = settings.take("PrefixLen") or _prefix_length(settings.peek("NetMask"))
            if length is not None:
                settings.take("NetMask")
                new["cidr_netmask"] = length
        elif resource.type == "DiskGroup":
            resource.new_type = terms.VOLUME
            group = settings.take("DiskGroup") or ""
            new.update(vgname=group, vg_access_mode="system_id")
            self._note_volume(service, f"{key}.properties.DiskGroup", group)
        elif resource.type == "Volume":
            return self._volume(resource, service, key)
        elif resource.type == "Application":
            return self._program(resource, service, key)
        elif resource.type in ("NIC", "MultiNICA", "MultiNICB", "Proxy", "Phantom"):
            return (
                "is a resource that only watches, or stands for another",
                "add an ocf:heartbeat:ethmonitor if a node that lost its network is to give the service up",
            )
        elif resource.type == "MsgSrv":
            return _MESSAGING
        else:
            return left_out(_VERITAS_AGENTS.get(resource.type, "of your choice"))
        return None

    def _volume(self, resource: Resource, service: ServiceMigration, key: str) -> Hint | None:
        settings = resource.settings
        group, volume = settings.take("DiskGroup") or "", settings.take("Volume") or ""
        storage = service.storage
        if (storage.get("volume_group"), storage.get("logical_volume")) == (group, volume):
            # The service's storage activates this very volume.
            service.absorbed.add(resource.role)
            service.note(key, f"{group}/{volume}", "is activated by the service's storage", "nothing")
            settings.note_rest(self.resource_hints)
            return None
        resource.new_type = terms.VOLUME
        resource.new_settings.update(vgname=group, lvname=volume, vg_access_mode="system_id")
        self._note_volume(service, f"{key}.properties.Volume", volume)
        return None

    @staticmethod
    def _note_volume(service: ServiceMigration, key: str, value: str) -> None:
        service.note(
            key,
            value,
            "is of Veritas Volume Manager; the description has LVM's of the same name",
            f"make the volume group and its volumes; {COPY_DATA}",
        )

    @staticmethod
    def _program(resource: Resource, service: ServiceMigration, key: str) -> Hint | None:
        """An Application whose programs are an init script's."""
        settings = resource.settings
        scripts = set()
        for name, words in (
            ("StartProgram", ("start",)),
            ("StopProgram", ("stop",)),
            ("CleanProgram", ("stop",)),
            ("MonitorProgram", ("status", "monitor")),
        ):
            text = settings.peek(name)
            if text is None and name not in ("StartProgram", "StopProgram"):
                continue
            try:
                argv = shlex.split(text or "")
            except ValueError:
                argv = []
            ours = len(argv) == 2 and posixpath.dirname(argv[0]) == INIT_SCRIPTS and argv[1] in words
            scripts.add(argv[0] if ours else "")
        if len(scripts) != 1 or "" in scripts:
            return (
                "calls programs of its own, and Pacemaker has no agent that calls any programs",
                "write a systemd unit or an OCF agent that starts, stops and asks it, and add a member with that",
            )
        path = scripts.pop()
        for name in ("StartProgram", "StopProgram", "CleanProgram", "MonitorProgram"):
            settings.take(name)
        resource.new_type = init_script(path, key, service)
        return None

    def application(self, application: Mapping[str, Any], service: ServiceMigration) -> list[Resource]:
        """Messaging Server, which has no agent for Pacemaker."""
        service.note(
            "application",
            {key: value for key, value in application.items() if value},
            *_MESSAGING,
        )
        return []

    def operations(self, settings: Settings) -> dict[str, str | None]:
        """Times that were overridden for the resource, whether it runs, and whether its failure is the service's."""
        found: dict[str, str | None] = {}
        for attribute, operation in _VERITAS_OPERATIONS.items():
            value = settings.peek(attribute)
            if value is not None and value.isdigit():
                settings.take(attribute)
                found[f"{terms.OPERATION}{operation}"] = f"{value}s"
        if (settings.peek("Critical") or "").lower() in FALSE:
            settings.take("Critical")
            found[f"{terms.META}critical"] = "false"
        for attribute in ("Enabled", "enabled"):
            if (settings.peek(attribute) or "").lower() in FALSE:
                settings.take(attribute)
                found[f"{terms.META}target-role"] = "Stopped"
        return found


def _prefix_length(net_mask: str | None) -> str | None:
    try:
        return None if net_mask is None else str(ipaddress.ip_network(f"0.0.0.0/{net_mask}").prefixlen)
    except ValueError:
        return None
