# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services of Red Hat Cluster Suite: what rgmanager's settings and agents are in Pacemaker."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker import terms
from .common import INIT_SCRIPTS, OPERATIONS, UNKNOWN_KEY, Hint, Resource, Settings, is_true, left_out
from .service import ServiceMigration, init_script

_RGMANAGER_DURATION = re.compile(r"([0-9]+)([smhdwMy]?)")
_RGMANAGER_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "M": 2592000, "y": 31536000}

#: Agents that do what those of rgmanager do.
_REDHAT_AGENTS = {
    "apache": "ocf:heartbeat:apache",
    "clusterfs": f"{terms.FILESYSTEM} on top of clones of ocf:pacemaker:controld and ocf:heartbeat:LVM-activate",
    "lvm-cluster": terms.VOLUME,
    "mysql": "ocf:heartbeat:mysql",
    "named": "ocf:heartbeat:named",
    "nfsclient": "ocf:heartbeat:exportfs",
    "nfsexport": "ocf:heartbeat:exportfs",
    "nfsserver": "ocf:heartbeat:nfsserver",
    "openldap": "ocf:heartbeat:slapd",
    "oracledb": "ocf:heartbeat:oracle",
    "orainstance": "ocf:heartbeat:oracle",
    "oralistener": "ocf:heartbeat:oralsnr",
    "postgres-8": "ocf:heartbeat:pgsql",
    "samba": "systemd:smbd",
    "smb": "systemd:smbd",
    "SAPDatabase": "ocf:heartbeat:SAPDatabase",
    "SAPInstance": "ocf:heartbeat:SAPInstance",
    "tomcat-5": "ocf:heartbeat:tomcat",
    "tomcat-6": "ocf:heartbeat:tomcat",
    "vm": "ocf:heartbeat:VirtualDomain",
}


class RedHat:
    """rgmanager, as the driver for Red Hat Cluster Suite exports it."""

    fencing_hint: Hint | None = None
    resource_hints: Mapping[str, Hint] = {
        "force_unmount": (
            "is what Filesystem does by itself: it ends the processes that keep the file system busy",
            "to leave them alone, set force_unmount: false; a file system that stays mounted then has its node fenced",
        ),
        "self_fence": (
            "is what Pacemaker does by itself: a node that cannot stop something is fenced",
            "nothing, if there is fencing",
        ),
        "monitor_link": (
            "is not watched: IPaddr2 does not look at the link",
            "add an ocf:heartbeat:ethmonitor if a node that lost its network is to give the service up",
        ),
        "sleeptime": ("is not waited: IPaddr2 goes on once the address is there", "nothing"),
        "family": ("is known from the address", "nothing"),
        "prefer_interface": ("is called nic, and names of interfaces differ between releases", "set nic to it"),
        "service_name": (
            "is what rgmanager told the script in OCF_RESKEY_service_name; Pacemaker tells a script nothing",
            "write it into the script",
        ),
        "fsid": (
            "tells NFS clients which file system this is",
            "nothing, unless it is exported: ocf:heartbeat:exportfs",
        ),
        "nfslock": ("is not needed: locks belong to the agent that exports", "nothing, unless the service exports it"),
        "__independent_subtree": (
            "has no exact equivalent",
            "set the member's meta critical: false if the service is to stay where it is when that member fails",
        ),
        "__max_restarts": ("has no exact equivalent", "set the member's meta migration-threshold"),
        "__restart_expire_time": ("has no exact equivalent", "set the member's meta failure-timeout"),
        "__enforce_timeouts": ("is what Pacemaker does always", "see that the times of its operations are enough"),
    }
    group_hints: Mapping[str, Hint] = {
        "exclusive": (
            "has no equivalent: a group cannot say that nothing else may run beside it",
            "forbid it by colocation constraints of your own, with the score -INFINITY, or give it nodes of its own",
        ),
        "depend": (
            "is about two services, and a description has no words for that",
            "add an rsc_order constraint of your own, and an rsc_colocation if they have to run on one node",
        ),
        "depend_mode": ("goes with depend", "see there"),
        "priority": ("is the order in which rgmanager started services", "set the meta attribute priority if need be"),
        "hardrecovery": ("is what Pacemaker does always: a failed stop fences the node", "nothing"),
        "domain ordered": (
            "is not said: a service prefers its home, then its standbys in their order",
            "see whether that order is wanted",
        ),
    }

    def group(self, settings: Settings, service: ServiceMigration) -> dict[str, str | None]:
        """Recovery and start, by clufter's rules."""
        properties: dict[str, str | None] = {}
        # Which nodes these are, and what becomes of the service when its home returns, nodes and failback say.
        for name in ("domain", "domain nofailback"):
            settings.take(name)
        restricted = settings.take("domain restricted", "1")
        if not is_true(restricted):
            service.note(
                "properties.domain restricted",
                restricted,
                "is not said: a service runs on no other nodes than those that it names",
                "add the other nodes to nodes.standby if it is to run there too",
            )
        if not is_true(settings.take("autostart", "1") or "1"):
            properties["is-managed"] = "false"
        recovery = settings.peek("recovery")
        if "recovery" not in settings.names():
            recovery = "relocate"
        elif recovery in (None, "restart", "relocate"):
            settings.take("recovery")
        restarts = settings.take("max_restarts")
        expires = settings.take("restart_expire_time")
        if recovery == "relocate":
            properties.update({"migration-threshold": "1", "failure-timeout": "30s"})
            for name, value in (("max_restarts", restarts), ("restart_expire_time", expires)):
                if value is not None:
                    service.note(f"properties.{name}", value, "has no meaning where recovery is relocate", "nothing")
        elif recovery in (None, "restart"):
            # Without a limit, rgmanager restarts a service where it is as long as that succeeds.
            limited = restarts is not None and restarts.isdigit() and int(restarts) > 0
            properties["migration-threshold"] = restarts if limited else "INFINITY"
            if restarts is not None and not limited:
                service.note("properties.max_restarts", restarts, "sets no limit", "nothing")
            if expires is not None:
                properties["failure-timeout"] = self._duration(expires) or expires
        else:
            settings.note(
                "recovery",
                "has no direct equivalent: a failed service is started again, in the end on another node",
                "to have it stay stopped, set on-fail: stop for the monitor operations of its resources",
            )
            for name, value in (("max_restarts", restarts), ("restart_expire_time", expires)):
                if value is not None:
                    service.note(f"properties.{name}", value, "goes with recovery", "see there")
        return properties

    def storage(self, storage: dict[str, Any], service: ServiceMigration) -> None:
        """What its driver takes for granted is said; what cluster.conf does not know is listed."""
        storage.setdefault("filesystem", "ext3")
        if "volume_group" in storage and not storage.get("device") and not storage.get("devices"):
            service.note(
                "storage.devices",
                None,
                f"is not known: cluster.conf does not say what volume group {storage['volume_group']} is on",
                "add storage.devices, the LUNs that pvs shows for it",
            )

    def role(self, role: str, settings: Settings) -> dict[str, str | None]:
        """What differs from what Pacemaker's driver sets by itself."""
        found: dict[str, str | None] = {}
        if role == "storage":
            # The driver for rgmanager has file systems checked unless the description says otherwise.
            if is_true(settings.take("force_fsck", "1")):
                found["run_fsck"] = "force"
        elif role == "address":
            address = settings.take("address")
            if address is not None and "/" not in address:
                # IPaddr2 finds the prefix length of the network that the address is on.
                found["cidr_netmask"] = None
        return {**found, **self.operations(settings)}

    def member(self, resource: Resource, service: ServiceMigration) -> Hint | None:
        """ip, lvm, fs, netfs and script; nothing else has rules that are documented."""
        settings = resource.settings
        new = resource.new_settings
        if resource.type == "ip":
            address, _slash, length = (settings.take("address") or "").partition("/")
            resource.new_type = terms.ADDRESS
            new["ip"] = address
            if length:
                new["cidr_netmask"] = length
        elif resource.type == "lvm":
            resource.new_type = terms.VOLUME
            new.update(vgname=settings.take("vg_name"), lvname=settings.take("lv_name"), vg_access_mode="system_id")
        elif resource.type in ("fs", "netfs"):
            resource.new_type = terms.FILESYSTEM
            file_system = settings.take("fstype")
            if resource.type == "fs":
                new["device"] = settings.take("device")
            else:
                host, export = settings.take("host") or "", settings.take("export") or ""
                file_system = file_system or "nfs"
                new["device"] = f"//{host}/{export}" if file_system == "cifs" else f"{host}:{export}"
            new.update(
                directory=settings.take("mountpoint"), fstype=file_system or "auto", options=settings.take("options")
            )
            if is_true(settings.take("force_fsck")):
                new["run_fsck"] = "force"
        elif resource.type == "script":
            path = settings.take("file") or ""
            key = f"application.members[{resource.role}].properties.file"
            resource.new_type = init_script(path, key, service)
        else:
            return left_out(_REDHAT_AGENTS.get(resource.type, "of your choice"))
        return None

    def application(self, application: Mapping[str, Any], service: ServiceMigration) -> list[Resource]:
        """Scalix: its init scripts."""
        options = dict(application.get("options") or {})
        scripts = options.pop("scripts", [f"{INIT_SCRIPTS}/scalix"])
        instance = options.pop("instance", service.name)
        service.note(
            "application.options.instance",
            instance,
            "is what Scalix's init script was told by rgmanager, as the service's name in OCF_RESKEY_service_name; "
            "Pacemaker tells a script nothing, and it would act on all instances",
            f"write a script /etc/init.d/scalix-{instance} that starts, stops and asks this instance alone, and name "
            f"lsb:scalix-{instance} as the member's type",
        )
        for key, value in options.items():
            service.note(f"application.options.{key}", value, *UNKNOWN_KEY)
        members = []
        for number, path in enumerate(scripts, start=1):
            suffix = "" if number == 1 else f"_{number}"
            resource = service.resource(f"application{suffix}", "script")
            service.rename(resource.role, resource, f"scalix{suffix}")
            resource.new_type = init_script(path, "application.options.scripts", service)
            resource.new_settings = {**terms.joined({}, operations=OPERATIONS), **self.operations(resource.settings)}
            resource.settings.note_rest(self.resource_hints)
            members.append(resource)
        return members

    def operations(self, settings: Settings) -> dict[str, str | None]:
        """Intervals and times of start, stop and status."""
        found: dict[str, str | None] = {}
        wanted = {"start timeout": "start", "stop timeout": "stop", "status timeout": "monitor"}
        for name, operation in {**wanted, "status interval": "monitor"}.items():
            duration = self._duration(settings.peek(f"{terms.OPERATION}{name}"))
            if duration is not None:
                settings.take(f"{terms.OPERATION}{name}")
                found[f"{terms.OPERATION}{operation} {name.rpartition(' ')[2]}"] = duration
        for name in settings.names():
            if name.startswith(terms.OPERATION):
                settings.note(
                    name,
                    "has no equivalent in one operation",
                    "for a deeper check, set OCF_CHECK_LEVEL of the monitor operation where the agent has such",
                )
        return found

    @staticmethod
    def _duration(text: str | None) -> str | None:
        """A time of rgmanager's in words of Pacemaker's."""
        match = _RGMANAGER_DURATION.fullmatch((text or "").strip())
        return None if match is None else f"{int(match[1]) * _RGMANAGER_SECONDS[match[2]]}s"
