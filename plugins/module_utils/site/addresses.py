# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses, names and disks that two clusters would share. Runs on the controller, where netaddr is. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from ansible_collections.groupware.ha.plugins.module_utils.description.model import Description
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.fencing import targets
from ansible_collections.groupware.ha.plugins.module_utils.tiers.base import DescribedTier
from ansible_collections.groupware.ha.plugins.module_utils.tiers.registry import TIERS

try:
    import netaddr
except ImportError:
    netaddr = None  # type: ignore[assignment]

#: Names of devices that mean the same disk on whatever machine.
_EVERYWHERE = "/dev/disk/by-id/"
#: What is there before the identifier of a disk that has several names; source: 60-persistent-storage.rules (udev).
_IDENTIFIER = re.compile(r"(?<=^/dev/disk/by-id/)(?:wwn-0x|scsi-3|dm-uuid-mpath-3)(?=[0-9a-fA-F]{16})")


def shared(descriptions: Mapping[str, Description]) -> Iterator[Problem]:
    """What two clusters would both have.

    :param descriptions: judged descriptions by the name of the cluster
    """
    if netaddr is None and len(descriptions) > 1:
        reason = "is missing: the Python library that compares the addresses of clusters, on the controller"
        yield Problem("netaddr", None, reason, "install it for Ansible's Python, as in pip install netaddr")
        return
    yield from _twice(descriptions, _addresses, lambda address: _free(descriptions, address))
    yield from _twice(descriptions, _host_names, lambda _name: "give each service of the site a host name of its own")
    yield from _twice(descriptions, _disks, lambda _disk: "give each service of the site a disk of its own")
    yield from _twice(descriptions, _fenced, lambda _machine: "name the machine of its own node")
    names = list(descriptions)
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            yield from _overlapping(one, descriptions[one], other, descriptions[other])


def claimed(descriptions: Mapping[str, Description], tiers: Iterable[DescribedTier]) -> Iterator[str]:
    """What tiers would have that others have as well, be it a cluster or a tier.

    A host may be a node of a cluster and belong to a tier as well, with one address of its own; what is no host's own
    is nobody else's in any way.
    """
    known: dict[str, tuple[bool, str]] = {}
    for cluster, description in descriptions.items():
        for node in description.cluster.nodes:
            known.setdefault(node.address, (False, f"node {node.name} of the cluster {cluster}"))
        for service in description.services:
            if service.address is not None:
                address = str(service.address).partition("/")[0]
                known.setdefault(address, (True, f"service {service.name} of the cluster {cluster}"))
    for tier in tiers:
        own: dict[str, tuple[bool, str]] = {}
        for claim in TIERS[tier.kind].claims(tier):
            logical, whose = known.get(claim.value, (False, ""))
            if whose and (logical or claim.logical):
                yield f"{tier}: {claim.key} = {claim.value!r}: {whose} has it; give each its own"
            own.setdefault(claim.value, (claim.logical, str(tier)))
        known |= {value: one for value, one in own.items() if value not in known}


def _twice(
    descriptions: Mapping[str, Description],
    things: Callable[[Description], Iterator[tuple[str, str, str]]],
    remedy: Callable[[str], str],
) -> Iterator[Problem]:
    """Things that were named in a cluster before: each by its key, its value, and what to call its owner."""
    owners: dict[str, tuple[str, str]] = {}
    for cluster, description in descriptions.items():
        for key, value, owner in things(description):
            there, whose = owners.setdefault(value, (cluster, owner))
            if there != cluster:
                yield Problem(f"{cluster}: {key}", value, f"{whose} of the cluster {there} has it", remedy(value))


def _addresses(description: Description) -> Iterator[tuple[str, str, str]]:
    for node in description.cluster.nodes:
        yield f"groupware_cluster.nodes[{node.name}].address", node.address, f"node {node.name}"
    for service in description.services:
        if service.address is not None:
            yield f"groupware_services[{service.name}].address", str(service.address), f"service {service.name}"


def _host_names(description: Description) -> Iterator[tuple[str, str, str]]:
    for service in description.services:
        if service.host_name is not None and "." in service.host_name:
            name = service.host_name.lower()
            yield f"groupware_services[{service.name}].host_name", name, f"service {service.name}"


def _disks(description: Description) -> Iterator[tuple[str, str, str]]:
    for service in description.services:
        for device in () if service.storage is None else service.storage.devices:
            if device.startswith(_EVERYWHERE):
                key = f"groupware_services[{service.name}].storage.device"
                yield key, _IDENTIFIER.sub("wwn-0x", device), f"service {service.name}"


def _fenced(description: Description) -> Iterator[tuple[str, str, str]]:
    for index, device in enumerate(description.cluster.fencing_devices):
        for option, machine in targets(device):
            yield (
                f"groupware_cluster.fencing.devices[{index}].options.{option}",
                machine,
                f"fencing device {device.name}",
            )


def _free(descriptions: Mapping[str, Description], address: str) -> str:
    """An address of the same network that nothing described has."""
    used = {value for description in descriptions.values() for _key, value, _owner in _addresses(description)}
    for description in descriptions.values():
        for network in description.cluster.networks:
            found = netaddr.IPNetwork(str(network))
            if netaddr.IPAddress(address) in found:
                # The first addresses of a network are routers', often enough; those above what is used are not.
                start = max(netaddr.IPAddress(one) for one in used if netaddr.IPAddress(one) in found)
                above = netaddr.iter_iprange(start, netaddr.IPAddress(found.last))
                free = next((str(one) for one in above if _is_free(one, found, used)), None)
                return f"use a free one; {free} is described nowhere" if free else "use a free one"
    return "use a free one"


def _is_free(address: netaddr.IPAddress, network: netaddr.IPNetwork, used: set[str]) -> bool:
    return str(address) not in used and address not in (network.network, network.broadcast)


def _overlapping(one: str, first: Description, other: str, second: Description) -> Iterator[Problem]:
    """Networks that are not the same but have addresses in common: one of the prefix lengths is wrong."""
    for network in map(str, second.cluster.networks):
        for known in map(str, first.cluster.networks):
            ours, theirs = netaddr.IPNetwork(network), netaddr.IPNetwork(known)
            if ours != theirs and (ours in theirs or theirs in ours):
                reason = f"overlaps {known} of the cluster {one}, but is not the same"
                yield Problem(
                    f"{other}: groupware_cluster.networks", network, reason, "correct one of the prefix lengths"
                )
