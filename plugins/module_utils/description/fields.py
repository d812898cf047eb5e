# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether one value can be a name, a host name, an address, a device or a mount point.

The description and the roles that are used without one ask the same questions here. Each function returns what is wrong
with the value and what would be right, or None. Pure, and without a traceback for values of any type.
"""

from __future__ import annotations

import ipaddress
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Union

IPAddress = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]

_HOST_LABEL = r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"
HOST_NAME = re.compile(rf"(?!.{{254}}){_HOST_LABEL}(\.{_HOST_LABEL})*")
#: lvm(8): names of volume groups and logical volumes.
VOLUME_NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9+_.][A-Za-z0-9+_.-]{0,126}")
SIZE = re.compile(r"[1-9][0-9]*[kmgtKMGT]")
#: A service's name is part of names of files, of systemd units and of the frameworks' objects, each with further rules
#: of its own. rgmanager's names have colons in them.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,254}")

#: A program of fence-agents or a plugin of cluster-glue: fence_ipmilan, external/ipmi, apcmaster. A path or a class in
#: front (``stonith:``) would name another program, or none.
_AGENT = re.compile(r"(?:[a-z][a-z0-9_]*/)?[a-z][a-z0-9_.-]*")

#: What neither a file of settings nor a command of an agent takes for something else.
_PLAIN_PATH = re.compile(r"/[A-Za-z0-9@%+=:,._/-]*")
#: Every agent, fstab, vfstab and Postfix's and Dovecot's files carry these; a colon would end a path in PATH and in
#: `SERVER:/PATH`, a `$` or `%` is a variable of Postfix and Dovecot, a number sign begins a comment.
_PLAIN_MOUNT_POINT = re.compile(r"/[A-Za-z0-9@+=._/-]*")
#: Longest path of a socket below a mount point is 108 bytes (unix(7)); what the servers add takes less than 60.
_LONGEST_MOUNT_POINT = 128

#: Directories that an operating system needs; a service's volume over one of them would take the node down.
SYSTEM_DIRECTORIES = frozenset(
    ["/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/proc", "/root"]
    + ["/run", "/sbin", "/srv", "/sys", "/tmp", "/usr", "/var", "/var/adm", "/var/backups", "/var/cache", "/var/lib"]
    + ["/var/local", "/var/lock", "/var/log", "/var/mail", "/var/opt", "/var/run", "/var/spool", "/var/tmp"]
    + ["/usr/local", "/export", "/export/home", "/global", "/media", "/mnt", "/platform", "/devices", "/system"]
    + ["/var/spool/cron", "/var/spool/mail", "/var/sadm", "/var/svc", "/zones"]
)
#: Nothing of a service belongs below these: what is mounted there hides programs or settings of the system, the
#: cluster's own state, or vanishes with the next boot.
_SYSTEM_TREES = (
    *("/bin", "/boot", "/dev", "/devices", "/etc", "/kernel", "/lib", "/lib32", "/lib64", "/libx32", "/platform"),
    *("/proc", "/root", "/run", "/sbin", "/sys", "/system", "/tmp", "/usr", "/var/adm", "/var/cache", "/var/lock"),
    *("/efi", "/net", "/snap", "/sysroot", "/ostree", "/selinux", "/cgroup", "/rpool", "/nix"),
    *("/var/crash", "/var/db", "/var/empty", "/var/log", "/var/run", "/var/sadm", "/var/svc", "/var/tmp"),
    *("/var/cluster", "/var/VRTSvcs", "/var/VRTSat", "/var/vx", "/var/opt/oracle", "/opt/VRTSvcs", "/opt/VRTS"),
    # Where the packages of our products put their programs, so that nothing is left to start the service with.
    "/opt/scalix",
    # The node's own mail system, timers and printers. Cyrus' /var/spool/imap may well fail over.
    *(
        f"/var/spool/{name}"
        for name in (
            *("abrt", "anacron", "at", "clientmqueue", "cron", "cups", "lp", "lpd", "mqueue", "postfix", "rsyslog"),
            *("pkg", "up2date"),
        )
    ),
    # What a node keeps of itself. Databases and the like, such as /var/lib/mysql, may well fail over.
    *(
        f"/var/lib/{name}"
        for name in (
            *("booth", "cluster", "corosync", "corosync-qdevice", "corosync-qnetd", "heartbeat", "pacemaker", "pcsd"),
            *("pcs", "sbd", "luci", "ricci", "drbd", "drbd-support", "iscsi", "lvm", "multipath", "nfs", "rpcbind"),
            *("dovecot", "postfix", "containerd", "containers", "docker", "kubelet", "libvirt", "lxc", "lxcfs"),
            *("machines", "portables", "cni", "snapd", "flatpak", "apt", "aptitude", "dnf", "dpkg", "rpm", "yum"),
            *("zypp", "ucf", "pam", "dkms", "PackageKit", "update-notifier", "unattended-upgrades", "alternatives"),
            *("initramfs-tools", "kdump", "os-prober", "plymouth", "NetworkManager", "dhclient", "dhcp", "dhcpcd"),
            *("chrony", "ntp", "ntpsec", "AccountsService", "authselect", "polkit-1", "selinux", "sss", "sudo"),
            *("cloud", "dbus", "logrotate", "misc", "private", "python", "rsyslog", "stateless", "systemd", "udisks2"),
            *("usbutils", "waagent", "amazon", "rhsm"),
        )
    ),
)
#: Where a trees' own administrators keep what is mounted: below /usr only this.
_ALLOWED_TREES = ("/usr/local/",)


class Fault(NamedTuple):
    """What is wrong with a value, and what would be right."""

    reason: str
    remedy: str


def text_remedy(value: Any) -> str:
    """How what is no text becomes one; what YAML reads as a number or a boolean may be one, but for its quotes."""
    return "give a single text" if isinstance(value, (Mapping, Sequence)) else "put it in quotes"


def text_fault(value: Any) -> Fault | None:
    """Whether the value is a text in one line."""
    if value is None or value == "":
        return Fault("is missing", "it is required")
    if not isinstance(value, str):
        return Fault("is not a text", text_remedy(value))
    if not value.isprintable():
        return Fault("has a control character in it", "use printable characters")
    return None


def _matching(pattern: re.Pattern[str], reason: str, remedy: str) -> Callable[[Any], Fault | None]:
    """What is wrong with a text that is to match as a whole."""

    def fault(value: Any) -> Fault | None:
        return text_fault(value) or (None if pattern.fullmatch(value) else Fault(reason, remedy))

    return fault


#: Whether a value can be the name of a service, node or volume.
name_fault = _matching(
    _NAME, "is not a name", "use letters, digits, hyphens, dots and underscores, with a letter or digit first"
)
fence_agent_fault = _matching(
    _AGENT, "is not the name of a fence agent", "write it in lower case and without a path, as in fence_ipmilan"
)
#: RFC 1123; with its domain or without.
host_name_fault = _matching(HOST_NAME, "is not a host name", "use letters, digits, hyphens and dots")
volume_name_fault = _matching(VOLUME_NAME, "is not a name LVM can carry", "use letters, digits and + _ . -")
size_fault = _matching(SIZE, "is not a size", "give a number and a unit, such as 300g")
#: One field of fstab and one argument of mount.
mount_options_fault = _matching(
    re.compile(r"(?!-)\S+"),
    "is not a list of mount options",
    "write them as in rw,noatime: with commas, without blanks",
)


def ip_address(text: str) -> IPAddress:
    """An address that means the same on every node, so without a zone (``fe80::1%eth0``).

    :raises ValueError: it is none
    """
    if "%" in text:
        raise ValueError(text)
    return ipaddress.ip_address(text)


def address_fault(value: Any) -> Fault | None:
    """Whether the value is the address of a host, without a prefix length."""
    fault = text_fault(value)
    if fault is not None:
        return fault
    remedy = "give one such as 192.0.2.21, without a prefix length"
    try:
        address = ip_address(value)
    except ValueError:
        return Fault("is not an IP address", remedy)
    if address.is_unspecified or address.is_multicast or address.is_loopback:
        return Fault("is an address that no host has in a network", remedy)
    if address.version == 4 and address == ipaddress.IPv4Address("255.255.255.255"):
        return Fault("is the broadcast address", remedy)
    return None


def service_address_fault(value: Any) -> Fault | None:
    """Whether the value is the address of a service, with the length of its network's prefix or without."""
    fault = text_fault(value)
    if fault is not None:
        return fault
    host, slash, prefix = value.partition("/")
    fault = address_fault(host)
    if fault is not None or not slash:
        return fault
    address = ip_address(host)
    if re.fullmatch("[0-9]{1,3}", prefix) is None or int(prefix) > address.max_prefixlen:
        return Fault("has no prefix length after its slash", f"use 0 to {address.max_prefixlen}, or leave it out")
    network = ipaddress.ip_network(value, strict=False)
    # A /31 (RFC 3021), /32 or IPv6 network has no address set aside for the network or for broadcast.
    if address.version == 4 and network.prefixlen < 31 and address in (network[0], network[-1]):
        return Fault(f"is set aside in the network {network}", "use a host's address")
    return None


def device_fault(value: Any) -> Fault | None:
    """Whether the value is the path of a block device."""
    fault = text_fault(value)
    if fault is None and (not value.startswith("/dev/") or posixpath.normpath(value) != value):
        return Fault("is not the path of a block device", "give a clean path below /dev")
    return fault or path_fault(value)


def path_fault(value: Any) -> Fault | None:
    """Whether the value is an absolute path that can be in a file of settings and on a command line."""
    fault = text_fault(value)
    if fault is not None:
        return fault
    if not value.startswith("/") or posixpath.normpath(value) != value or value.startswith("//"):
        return Fault("is not a clean absolute path", "write it without dots, double slashes or one at its end")
    if _PLAIN_PATH.fullmatch(value) is None or len(value) > 255:
        return Fault("has a character that agents and tools take for something else", "use a path without it")
    return None


def share_fault(value: Any) -> Fault | None:
    """Whether the value is a share of NFS, as fstab, vfstab and agents have it."""
    fault = text_fault(value)
    if fault is not None:
        return fault
    server, colon, path = value.partition(":")
    if not colon or HOST_NAME.fullmatch(server) is None or not path.startswith("/"):
        return Fault("is not an NFS share", "write it as SERVER:/PATH")
    return path_fault(path)


def mount_point_fault(value: Any) -> Fault | None:
    """Whether a service's volume can be mounted there without breaking a node or a program's file of settings."""
    fault = text_fault(value)
    if fault is not None:
        return fault
    if not value.startswith("/") or posixpath.normpath(value) != value or "//" in value:
        return Fault("is not a clean absolute path", "write it as in /srv/mail1")
    if re.search(r"\s", value):
        return Fault("has white space in it", "use a path without white space")
    if _PLAIN_MOUNT_POINT.fullmatch(value) is None:
        wrong = " ".join(
            sorted({character for character in value if not _PLAIN_MOUNT_POINT.fullmatch(f"/{character}")})
        )
        return Fault(
            f"has characters that break files of settings or agents ({wrong})",
            "use letters, digits and . _ - + = @, as in /srv/mail1",
        )
    if len(value) > _LONGEST_MOUNT_POINT:
        return Fault("is too long for the sockets below it", f"use {_LONGEST_MOUNT_POINT} characters at most")
    if value in SYSTEM_DIRECTORIES or _below_system(value):
        return Fault(
            "is a directory that the system needs", "use one below /srv, /var/opt or /export, such as /srv/mail1"
        )
    if any(part.startswith("-") for part in value.split("/")):
        return Fault("has a part that begins with a hyphen, which programs take for an option", "choose another name")
    return None


def _below_system(path: str) -> bool:
    # fsck puts there what it finds, in each file system.
    if "lost+found" in path.split("/"):
        return True
    below = any(path == tree or path.startswith(f"{tree}/") for tree in _SYSTEM_TREES)
    return below and not path.startswith(_ALLOWED_TREES)
