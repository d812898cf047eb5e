# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node's part in carrying logical addresses: its interfaces, its network configuration, and who else answers."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import re
import select
import socket
import struct
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, Runner
from ansible_collections.groupware.ha.plugins.module_utils.description import entries
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import (
    DescriptionError,
    Problem,
    Problems,
    refuse,
)
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.formats import hosts
from . import files

#: Where distributions keep addresses that a node takes when it boots.
STATIC_FILES = (
    "/etc/network/interfaces",
    "/etc/network/interfaces.d/*",
    "/etc/netplan/*.yaml",
    "/etc/systemd/network/*.network",
    "/etc/systemd/network/*.network.d/*.conf",
    "/etc/NetworkManager/system-connections/*",
    "/etc/sysconfig/network-scripts/ifcfg-*",
)

_ETHERNET_ARP = 0x0806
_ARP = struct.Struct("!6s6sHHHBBH6s4s6s4s")
_BROADCAST = b"\xff" * 6
_REQUEST, _REPLY = 1, 2
_PROBES = 3


@dataclass(frozen=True)
class LogicalAddress:
    """An address that the cluster moves between nodes."""

    name: str
    host_name: str
    address: str
    nodes: tuple[str, ...]


@dataclass(frozen=True)
class Interface:
    """A network interface: its hardware address and the addresses on it, with prefix lengths."""

    name: str
    hardware: str
    addresses: tuple[str, ...]

    def carries(self, address: str) -> bool:
        """Whether the address is online here."""
        wanted = ipaddress.ip_address(address)
        return any(ipaddress.ip_interface(own).ip == wanted for own in self.addresses)

    def reaches(self, address: str, logical: Collection[str]) -> bool:
        """Whether the address is on a network of this interface; one that logical addresses made does not count."""
        wanted = ipaddress.ip_address(address)
        moving = {ipaddress.ip_address(one) for one in logical}
        own = (ipaddress.ip_interface(one) for one in self.addresses)
        return any(one.ip not in moving and one.version == wanted.version and wanted in one.network for one in own)


def read_interfaces(runner: Runner) -> list[Interface]:
    """All interfaces of this node but the loopback."""
    argv = ["ip", "-json", "address", "show"]
    try:
        shown = json.loads(runner.run(argv, record=False).stdout or "[]")
    except ValueError as error:
        raise CommandError(argv, f"printed what is not JSON ({error})") from None
    return [
        Interface(
            one["ifname"],
            one.get("address", ""),
            tuple(f"{info['local']}/{info['prefixlen']}" for info in one.get("addr_info", []) if "local" in info),
        )
        for one in shown
        if one and "LOOPBACK" not in one.get("flags", [])
    ]


def hosts_of(nodes: Iterable[Mapping[str, str]], addresses: Sequence[LogicalAddress]) -> dict[str, list[str]]:
    """Names by address for the hosts file: all nodes, then all logical hosts, with their short names where unique."""
    found: dict[str, list[str]] = {}
    taken = set()
    for node in nodes:
        found.setdefault(node["address"], []).append(node["name"])
        taken.add(node["name"])
    taken.update(one.host_name for one in addresses)
    for one in addresses:
        names = found.setdefault(one.address, [])
        names.append(one.host_name)
        short = one.host_name.partition(".")[0]
        if short not in taken:
            names.append(short)
            taken.add(short)
    return found


def prepare(given: Mapping[str, Any], runner: Runner) -> tuple[dict[str, Any], list[files.FileChange]]:
    """Prepare a node for the addresses that it may carry.

    :param given: the options of the module logical_addresses
    :returns: what the node has of them, and what is changed in its hosts file
    :raises DescriptionError: what is given cannot be, or the node is not fit for it
    """
    node, path = given["node"], given["hosts_file"]
    wrong = [
        *entries.judge(given["nodes"], "nodes", ("name", "address")),
        *entries.judge(given["addresses"], "addresses", ("name", "host_name", "address", "nodes")),
    ]
    refuse(wrong)
    addresses = [
        LogicalAddress(one["name"], one["host_name"], one["address"], tuple(one["nodes"])) for one in given["addresses"]
    ]
    wanted = hosts_of(given["nodes"], addresses)
    interfaces = read_interfaces(runner)
    text = runner.read_file(path) or ""
    problems = judge(node, addresses, interfaces, read_static_files())
    problems += [
        Problem(f"{path} of node {node}", one.name, f"is {one.address} there", "correct or remove that line")
        for one in hosts.conflicts(text, wanted)
    ]
    if problems:
        raise DescriptionError(problems, "The node is not fit for the logical addresses")
    changes = files.plan([files.Entry(path, content=hosts.with_block(text, wanted))], frozenset(), runner.dry).changes
    if not runner.dry:
        files.apply(changes)
    found = {
        "node": node,
        "online": [one.address for one in addresses if any(own.carries(one.address) for own in interfaces)],
        "hardware": [interface.hardware for interface in interfaces if interface.hardware],
    }
    return found, changes


def judge(
    node: str, addresses: Sequence[LogicalAddress], interfaces: Sequence[Interface], static: Mapping[str, str]
) -> list[Problem]:
    """What keeps this node from carrying the addresses that it is to carry.

    :param static: text of the files that have addresses which the node takes at boot
    """
    problems = Problems()
    logical = [one.address for one in addresses]
    for one in addresses:
        key = f"addresses[{one.name}].address"
        for path, text in static.items():
            if configures(text, one.address):
                reason = f"is in {path} of node {node}, which would take it at boot while another node has it"
                remedy = "remove it there; the cluster puts it on the node that runs the service"
                problems.add(key, one.address, reason, remedy)
        if node in one.nodes and not any(interface.reaches(one.address, logical) for interface in interfaces):
            own = [own for interface in interfaces for own in interface.addresses]
            reason = f"node {node} has no interface on its network, only {', '.join(own) or 'none at all'}"
            remedy = "configure an interface with an address of the node's own there, or take the node from the service"
            problems.add(key, one.address, reason, remedy)
    return problems


def configures(text: str, address: str) -> bool:
    """Whether a file of the network configuration gives this address to an interface.

    An address counts with a prefix length, or where a key says that it is one; not as a route, gateway or name server.
    """
    literal = rf"(?<![0-9A-Za-z.:]){re.escape(address)}"
    given = re.compile(
        rf"^\s*-?\s*(ip)?addr(ess(es)?)?\d*\s*[=:\s]\s*[\"'\[]*{literal}(?![0-9A-Za-z.:])|{literal}/\d", re.IGNORECASE
    )
    other = re.compile(r"^\s*(-\s*)?(to|via|dns|gateway|route\d*|destination|nameservers?|search)\b", re.IGNORECASE)
    lines = (line.split("#", 1)[0] for line in text.splitlines() if not line.lstrip().startswith(";"))
    return any(given.search(line) and not other.match(line) for line in lines)


def read_static_files() -> dict[str, str]:
    """Texts of the files that say which addresses the node takes at boot."""
    found = {}
    for pattern in STATIC_FILES:
        for path in sorted(Path("/").glob(pattern.lstrip("/"))):
            with contextlib.suppress(OSError):
                found[str(path)] = path.read_text(encoding="utf-8", errors="replace")
    return found


def find_duplicates(addresses: Sequence[str], runner: Runner) -> dict[str, str]:
    """Hardware addresses of the hosts that have these addresses, which nobody should have.

    :raises Failure: one is no address
    """
    interfaces = read_interfaces(runner)
    targets = {}
    try:
        for address in addresses:
            if ipaddress.ip_address(address).version == 4 and not any(one.carries(address) for one in interfaces):
                reaching = [one.name for one in interfaces if one.hardware and one.reaches(address, addresses)]
                if reaching:
                    targets[address] = reaching[0]
    except ValueError as error:
        raise Failure(str(error)) from None
    return who_answers(targets, {one.name: one.hardware for one in interfaces if one.hardware})


def who_answers(targets: Mapping[str, str], hardware: Mapping[str, str], seconds: float = 1.0) -> dict[str, str]:
    """Hardware addresses of the hosts that have these addresses now; by ARP probes (RFC 5227), all at once.

    A probe names no sender, so that it changes nobody's neighbour table and is safe in a running cluster.

    :param targets: by IPv4 address, the interface to ask on
    :param hardware: hardware address of each interface
    """
    found: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        sockets = {}
        for name in sorted(set(targets.values())):
            opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETHERNET_ARP))
            sockets[name] = stack.enter_context(opened)
            opened.bind((name, _ETHERNET_ARP))
        started = time.monotonic()
        for number in range(_PROBES):
            for address, name in targets.items():
                if address not in found:
                    sockets[name].send(probe(hardware[name], address))
            until = started + seconds * (number + 1) / _PROBES
            while len(found) < len(targets):
                ready = select.select(list(sockets.values()), [], [], max(0.0, until - time.monotonic()))[0]
                if not ready:
                    break
                for one in ready:
                    sender = sender_of(one.recv(2048))
                    if sender is not None and sender[0] in targets and sender[1] not in hardware.values():
                        found.setdefault(*sender)
    return found


def probe(hardware: str, address: str) -> bytes:
    """An ARP request of nobody for an address."""
    own = bytes.fromhex(hardware.replace(":", ""))
    target = ipaddress.IPv4Address(address).packed
    return _ARP.pack(_BROADCAST, own, _ETHERNET_ARP, 1, 0x0800, 6, 4, _REQUEST, own, bytes(4), bytes(6), target)


def sender_of(frame: bytes) -> tuple[str, str] | None:
    """The address that the sender of an ARP frame has, and its hardware address; none for a probe."""
    if len(frame) < _ARP.size:
        return None
    _to, _from, kind, *_types, operation, hardware, address, _target, _sought = _ARP.unpack_from(frame)
    if kind != _ETHERNET_ARP or operation not in (_REQUEST, _REPLY) or address == bytes(4):
        return None
    return str(ipaddress.IPv4Address(address)), ":".join(f"{byte:02x}" for byte in hardware)
