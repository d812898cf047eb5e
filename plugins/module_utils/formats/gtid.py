# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Global transaction identifiers of MariaDB, DOMAIN-SERVER-NUMBER: positions and states as it prints them. Pure.

A position has one identifier for each domain, the last one there (``@@gtid_slave_pos``). A state has the last one of
each server in each domain (``@@gtid_binlog_state``). MariaDB has no function that subtracts one from another; source:
the pages "Global Transaction ID" and "gtid_binlog_state" of its manual.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ansible_collections.groupware.ha.plugins.module_utils.errors import FormatError

_GTID = re.compile(r"(\d+)-(\d+)-(\d+)")

#: The last number by domain and server.
Gtids = Mapping[tuple[int, int], int]


def parse(text: str) -> Gtids:
    """Read a list such as ``0-1-8,0-2-9``; the order of a domain's is lost, since numbers only grow.

    :raises FormatError: something in it is no identifier
    """
    found: dict[tuple[int, int], int] = {}
    for word in text.replace("\n", "").split(","):
        if not word.strip():
            continue
        match = _GTID.fullmatch(word.strip())
        if match is None:
            raise FormatError(f"{word.strip()[:60]!r} is no global transaction identifier, such as 0-1-8")
        domain, server, number = (int(part) for part in match.groups())
        found[domain, server] = max(number, found.get((domain, server), 0))
    return found


def show(gtids: Gtids) -> str:
    """The list as the server takes it: of each domain the highest number last, which is where it stands."""
    listed = sorted(gtids.items(), key=lambda item: (item[0][0], item[1], item[0][1]))
    return ",".join(f"{domain}-{server}-{number}" for (domain, server), number in listed)


def union(*several: Gtids) -> Gtids:
    """The last of each server in each domain, of all of these."""
    found: dict[tuple[int, int], int] = {}
    for gtids in several:
        for key, number in gtids.items():
            found[key] = max(number, found.get(key, 0))
    return found


def position(gtids: Gtids) -> Gtids:
    """Of each domain the last one alone."""
    last: dict[int, tuple[int, int]] = {}
    for (domain, server), number in gtids.items():
        if number > last.get(domain, (0, 0))[1]:
            last[domain] = (server, number)
    return {(domain, server): number for domain, (server, number) in last.items()}


def missing(these: Gtids, those: Gtids) -> list[str]:
    """What the one who has these has, and the one who has those has not, in words: empty if it has all of them."""
    found = []
    for (domain, server), number in sorted(these.items()):
        known = those.get((domain, server), 0)
        if number > known:
            after = f" (after {domain}-{server}-{known})" if known else ""
            found.append(f"{domain}-{server}-{number}{after}")
    return found


def reached(these: Gtids, wanted: Gtids) -> bool:
    """Whether who has these is as far in each domain as a position."""
    far: dict[int, int] = {}
    for (domain, _server), number in these.items():
        far[domain] = max(number, far.get(domain, 0))
    return all(far.get(domain, 0) >= number for (domain, _server), number in wanted.items())


def at(state: Gtids, where: Gtids) -> Gtids:
    """A state that was read a little before or after a position, as it was at the position."""
    last = {domain: number for (domain, _server), number in where.items()}
    kept = {key: number for key, number in state.items() if number <= last.get(key[0], 0)}
    return union(kept, where)
