# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a Dovecot would listen with its files, and whether it can.

A Dovecot that runs, and is told to listen where it cannot, has given up what it listened on before (2.4), or goes on
as it was (2.3). So it is found out before it is told.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import re
import socket
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

#: What is asked of ``doveconf``: the settings that say where it listens, defaults among them.
SETTINGS = ("listen", "protocols", "service")

#: What ``listen`` has for all addresses of a kind, and what a socket is bound to then.
_ALL = {"*": "0.0.0.0", "::": "::"}  # noqa: S104 - read from a file, to see whether that can be had

#: The state of a listening socket in /proc/net/tcp (tcp_states.h).
_LISTENING = "0A"


@dataclass(frozen=True)
class Listener:
    """A port on an address, and the name that it has among Dovecot's settings."""

    name: str
    address: str
    port: int

    def __str__(self) -> str:
        return f"{self.name}: port {self.port} of {self.address}"

    @property
    def socket(self) -> tuple[str, int]:
        """What a socket is bound to."""
        return str(ipaddress.ip_address(_ALL.get(self.address, self.address))), self.port

    def overlaps(self, address: str) -> bool:
        """Whether a socket for this address, with the same port, would be in the way."""
        here, other = (ipaddress.ip_address(text) for text in (self.socket[0], address))
        return here.version == other.version and (here == other or here.is_unspecified or other.is_unspecified)


@dataclass
class _Block:
    """Settings between braces."""

    name: str
    values: dict[str, str] = field(default_factory=dict)
    blocks: list[_Block] = field(default_factory=list)


def listeners(shown: str) -> list[Listener]:
    """Where Dovecot would listen, from what ``doveconf`` shows of SETTINGS; seen with 2.3 and 2.4.

    Host names, which Dovecot has looked up, are left out.
    """
    top = _blocks(shown)
    protocols = top.values.get("protocols", "").split()
    found: list[Listener] = []
    for service in top.blocks:
        protocol = service.values.get("protocol", "")
        if not service.name.startswith("service ") or (protocol and protocol not in protocols):
            continue
        for block in service.blocks:
            port = block.values.get("port", "")
            if block.name.startswith("inet_listener") and port.isdecimal() and port != "0":
                # "address" of 2.3 is "listen" of 2.4.
                where = block.values.get("listen") or block.values.get("address") or top.values.get("listen", "")
                name = f"{service.name} {{ {block.name} }}"
                found.extend(Listener(name, address, int(port)) for address in _addresses(where))
    return found


def _blocks(shown: str) -> _Block:
    stack = [_Block("")]
    for line in map(str.strip, shown.splitlines()):
        name, equals, value = line.partition("=")
        if line.endswith("{") and not re.match(r"\S+ =", line):
            stack[-1].blocks.append(_Block(line[:-1].strip()))
            stack.append(stack[-1].blocks[-1])
        elif line == "}" and len(stack) > 1:
            stack.pop()
        elif equals:
            stack[-1].values[name.strip()] = value.strip()
    return stack[0]


def _addresses(where: str) -> Iterator[str]:
    for word in re.split(r"[,\s]+", where):
        address = word.strip("[]")
        with contextlib.suppress(ValueError):
            ipaddress.ip_address(_ALL.get(address, address))
            yield address


def unavailable(wanted: Collection[Listener], master: int) -> list[str]:
    """Those that a running Dovecot could not have, were it told to, and why.

    :param master: its process, that has the ones it listens on already, and keeps them
    """
    rows = list(_listening(master))
    sockets = _sockets(master)
    held = {(address, port) for inode, address, port in rows if inode in sockets}
    problems = []
    for listener in wanted:
        reason = None if listener.socket in held else _refusal(*listener.socket)
        if reason is not None:
            others = {inode for inode, address, port in rows if port == listener.port and listener.overlaps(address)}
            problems.append(f"{listener} {reason}{_named(others)}")
    return problems


def _refusal(address: str, port: int) -> str | None:
    """Why a socket cannot be bound; bound as Dovecot does it, so that connections that ended are in nobody's way."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as bound:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            bound.bind((address, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return "is taken"
        if error.errno == errno.EADDRNOTAVAIL and address not in _ALL.values():
            return "cannot be had: the address is not this node's"
    return None


def _listening(process: int) -> Iterator[tuple[str, str, int]]:
    """Inode, address and port of all sockets that somebody listens on, in the process's network (proc(5))."""
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(FileNotFoundError):
            for line in Path(f"/proc/{process}/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENING:
                    address, _colon, port = fields[1].partition(":")
                    yield fields[9], _address(address), int(port, 16)


def _address(digits: str) -> str:
    """An address as the kernel prints it: words of 32 bits, in the order of this machine."""
    words = [bytes.fromhex(digits[start : start + 8]) for start in range(0, len(digits), 8)]
    packed = b"".join(word[::-1] if sys.byteorder == "little" else word for word in words)
    return str(ipaddress.ip_address(packed))


def _sockets(process: int | str) -> set[str]:
    """Inodes of the sockets that a process has open."""
    found = set()
    with contextlib.suppress(OSError):
        for descriptor in os.listdir(f"/proc/{process}/fd"):
            with contextlib.suppress(OSError):
                match = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(f"/proc/{process}/fd/{descriptor}"))
                if match is not None:
                    found.add(match[1])
    return found


def _named(inodes: Collection[str]) -> str:
    """By whom, as far as that can be told; of processes that share a socket the first."""
    for process in sorted((name for name in os.listdir("/proc") if name.isdecimal()), key=int):
        if inodes and _sockets(process) & set(inodes):
            with contextlib.suppress(OSError):
                name = Path(f"/proc/{process}/comm").read_text(encoding="utf-8", errors="replace").strip()
                return f" by {name} (process {process})"
    return ""


def colliding(wanted: Collection[Listener], address: str, taken: Mapping[str, Collection[int]]) -> list[str]:
    """Those that another server of the same instance has.

    :param taken: ports on the instance's address, by the server that has them
    """
    return [
        f"{listener} is {server}'s, of the same instance"
        for server, ports in taken.items()
        for listener in wanted
        if listener.port in ports and listener.overlaps(address)
    ]
