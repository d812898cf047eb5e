# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts file: a block of our own in it, and names that other lines give to other addresses. Pure.

Format: hosts(5), an address and its names on each line.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

BEGIN = "# BEGIN groupware.ha: nodes and logical hosts of the cluster, replaced by Ansible"
END = "# END groupware.ha"


@dataclass(frozen=True)
class Conflict:
    """A line outside the block that gives a name of the block to another address."""

    name: str
    address: str


def with_block(text: str, hosts: Mapping[str, Sequence[str]]) -> str:
    """The file with the block in place.

    Names of the block are taken out of lines that give them to the loopback, as Debian's installer writes for the
    machine's own name: a cluster member that finds itself on 127.0.1.1 talks to nobody.

    :param hosts: names by address, in the order of the block
    """
    names = {name for given in hosts.values() for name in given}
    before, after = _around_block(text.splitlines())
    lines = [kept for line in before for kept in _without_loopback(line, names)]
    block = [BEGIN, *(f"{address}\t{' '.join(given)}" for address, given in hosts.items()), END] if hosts else []
    following = [kept for line in after for kept in _without_loopback(line, names)]
    return "\n".join([*lines, *block, *following]) + "\n"


def conflicts(text: str, hosts: Mapping[str, Sequence[str]]) -> list[Conflict]:
    """Names of the block that other lines give to another address, the loopback aside."""
    wanted = {name: ipaddress.ip_address(address) for address, names in hosts.items() for name in names}
    before, after = _around_block(text.splitlines())
    found = []
    for line in [*before, *after]:
        address, names = _parse(line)
        if address is None or address.is_loopback:
            continue
        for name in names:
            if name in wanted and address.version == wanted[name].version and address != wanted[name]:
                found.append(Conflict(name, str(address)))
    return found


def addresses(text: str) -> dict[str, str]:
    """The address of each name; the first line that has the name counts, as for a resolver."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        address, names = _parse(line)
        for name in names if address is not None else ():
            found.setdefault(name, str(address))
    return found


def _around_block(lines: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """The lines before the block and after it; without a block, it goes to the end."""
    if BEGIN in lines and END in lines[lines.index(BEGIN) :]:
        first = lines.index(BEGIN)
        return lines[:first], lines[lines.index(END, first) + 1 :]
    return lines, ()


def _without_loopback(line: str, names: set[str]) -> list[str]:
    """The line without these names, if it is of the loopback; nothing if it has no other name."""
    address, given = _parse(line)
    if address is None or not address.is_loopback or not names.intersection(given):
        return [line]
    kept = [name for name in given if name not in names]
    comment = line.partition("#")[1:]
    return [f"{address}\t{' '.join(kept)}{' ' if comment[0] else ''}{''.join(comment)}"] if kept else []


def _parse(line: str) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address | None, list[str]]:
    fields = line.partition("#")[0].split()
    try:
        return ipaddress.ip_address(fields[0].partition("%")[0]), fields[1:]
    except (IndexError, ValueError):
        return None, []
