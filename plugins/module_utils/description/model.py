# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's description of a cluster and its services, judged and found good. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Union

from .fields import IPAddress

IPNetwork = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]
MODELS = ("asymmetric", "symmetric", "n_plus_1")
#: What the resources are called that a description stands for by itself; native members have other names.
ROLES = ("volume", "storage", "nic", "address", "application")


@dataclass(frozen=True)
class Capabilities:
    """What a cluster framework can carry, and how it goes about it.

    ``pattern``, ``words`` and ``longest`` are about names. ``filesystems`` has the default first. ``applications`` are
    those that the framework has agents for. ``cluster_keys`` and ``storage_keys`` are keys of the description that have
    a meaning on this framework only.
    """

    framework: str
    pattern: str
    words: str
    longest: int
    filesystems: tuple[str, ...] = ("ext4", "ext3", "xfs")
    applications: tuple[str, ...] = ("native",)
    #: The type of the one resource that an application is, where more than the driver has to know it.
    types: Mapping[str, str] = field(default_factory=dict)
    #: Whether this collection forms its cluster, and takes it apart; else its vendor's installer does.
    forms_cluster: bool = False
    #: Whether the framework fences nodes by itself, so that a description has nothing to say about it.
    own_fencing: bool = False
    #: Whether volumes are made for it on any node; else its own volume manager makes them, as it wants them.
    prepares_volumes: bool = False
    #: Whether it mounts file systems; else nodes have them mounted, all at once.
    mounts_volumes: bool = True
    #: Whether a volume group may belong to one node at a time, which the cluster chooses; else it is active on all.
    moves_volume_groups: bool = True
    #: Whether a service's volume must name its block device, or may leave that to the framework.
    devices_required: bool = True
    cluster_keys: tuple[str, ...] = ()
    storage_keys: tuple[str, ...] = ()
    #: Whether it can have a service without members.
    empty_services: bool = False
    #: Whether changes that interrupt a service, or recreate a resource, are made only with the user's permission. Where
    #: one transaction changes everything and the cluster itself does the least that is needed, they are only announced.
    asks_permission: bool = True
    #: Whether resource types are registered with the cluster, and so read and changed.
    registers_types: bool = True
    #: Whether settings are handed over on command lines, which everybody on the node can read.
    settings_on_command_lines: bool = True
    #: Whether a service that is taken offline stays so whatever happens, until it is brought online again.
    keeps_services_offline: bool = True
    #: Whether an evacuated node stays free of services until it is returned.
    keeps_nodes_free: bool = False

    def refuses(self, name: str) -> bool:
        """Whether the framework cannot carry this name."""
        return len(name) > self.longest or re.fullmatch(self.pattern, name) is None


@dataclass(frozen=True)
class Node:
    """A member of the cluster: its name (the inventory's and ``uname -n``) and its own address."""

    name: str
    address: str


@dataclass(frozen=True)
class FencingDevice:
    """A fence agent with its native options, and the nodes that it can switch off."""

    name: str
    agent: str
    nodes: tuple[str, ...]
    options: Mapping[str, str]


@dataclass(frozen=True)
class Cluster:
    """The cluster that services run on."""

    name: str
    framework: str
    networks: tuple[IPNetwork, ...]
    nodes: tuple[Node, ...]
    fencing_devices: tuple[FencingDevice, ...]
    fencing_disabled: bool
    properties: Mapping[str, str]
    #: The network interface that carries service addresses, where the framework wants to know.
    interface: str | None = None

    @property
    def node_names(self) -> tuple[str, ...]:
        """Names of all members, as the description orders them."""
        return tuple(node.name for node in self.nodes)


@dataclass(frozen=True)
class Storage:
    """A service's own volume: block devices, optionally a logical volume on them, and the file system.

    ``volume_group`` is the volume manager's group: LVM's, or the disk group of Veritas Volume Manager. ``is_global``
    says that the file system is mounted on all nodes at once, ``exclusive`` that the cluster itself activates the
    volume group, on one node at a time, where it may also be active on all of them.
    """

    devices: tuple[str, ...]
    volume_group: str | None
    logical_volume: str | None
    size: str | None
    filesystem: str
    mount_point: str
    mount_options: str | None
    zpool: str | None = None
    is_global: bool = False
    exclusive: bool = False

    @property
    def block_device(self) -> str:
        """What the file system is on, in the name that LVM gives it; empty where no device is named."""
        if self.volume_group is not None:
            return f"/dev/{self.volume_group}/{self.logical_volume}"
        return self.devices[0] if self.devices else ""


@dataclass(frozen=True)
class Member:
    """A resource that the user gives in the framework's own terms."""

    name: str
    type: str
    properties: Mapping[str, str] = field(default_factory=dict)
    meta: Mapping[str, str] = field(default_factory=dict)
    operations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Application:
    """What a service runs. ``members`` are given by the user for the type ``native``."""

    type: str
    options: Mapping[str, Any]
    members: tuple[Member, ...]


@dataclass(frozen=True)
class ServiceDescription:
    """What fails over as one: an address and host name, storage, an application; and the nodes that may carry it."""

    name: str
    model: str
    primary: str
    standbys: tuple[str, ...]
    address: IPAddress | None
    prefix_length: int | None
    host_name: str | None
    storage: Storage | None
    application: Application | None
    failback: bool
    properties: Mapping[str, str | None]
    #: Names of resources that differ from the rule ``SERVICE_ROLE``, by role (``storage``, ``address`` ...).
    resource_names: Mapping[str, str] = field(default_factory=dict)
    #: Further native settings of resources by role; they win over those that the description stands for. None says that
    #: the description does not set what it would.
    resource_properties: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)

    def resource_name(self, role: str) -> str:
        """The name of the resource that has this role in the service."""
        return self.resource_names.get(role, f"{self.name}_{role}")

    @property
    def nodes(self) -> tuple[str, ...]:
        """All nodes that may carry the service, the preferred one first."""
        return (self.primary, *self.standbys)


@dataclass(frozen=True)
class Description:
    """A whole description, judged and found good."""

    cluster: Cluster
    services: tuple[ServiceDescription, ...]
