# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the HAProxy of a balancer on its socket: which members it has, in which state, and how to change that."""

from __future__ import annotations

import csv
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from .load_balancer_plan import SOCKET

#: Seconds for an answer.
_TIMEOUT = 5

READY, DRAIN, MAINTENANCE = "ready", "drain", "maintenance"
#: What an administrator can have a member be, in HAProxy's words; its management guide, "set server".
STATES: Mapping[str, str] = {READY: "ready", DRAIN: "drain", MAINTENANCE: "maint"}
#: Bits of srv_admin_state that an administrator sets; its management guide, "show servers state".
_FORCED_MAINTENANCE, _FORCED_DRAIN = 0x01, 0x08

Ask = Callable[[str], str]


class HaproxyError(Failure):
    """HAProxy does not answer, or not as it should."""


def asking(path: str, remedy: str) -> Ask:
    """What asks the HAProxy that has this socket.

    :param remedy: what to do where it does not answer
    """

    def ask_it(command: str) -> str:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(_TIMEOUT)
                connection.connect(path)
                connection.sendall(f"{command}\n".encode())
                parts: list[bytes] = []
                while True:
                    part = connection.recv(65536)
                    if not part:
                        return b"".join(parts).decode("utf-8", "replace")
                    parts.append(part)
        except OSError as error:
            words = error.strerror or str(error)
            raise HaproxyError(f"HAProxy does not answer at {path} ({words}); {remedy}") from error

    return ask_it


def ask(command: str) -> str:
    """What a balancer's HAProxy answers to a command of its management guide.

    :raises HaproxyError: it does not run, or not with a file of this collection
    """
    return asking(SOCKET, "see systemctl status haproxy, and run groupware.ha.site")(command)


def process(ask_it: Ask = ask) -> dict[str, str]:
    """What HAProxy says of the process that answers, such as its ``Pid`` and ``Version``."""
    pairs = (line.partition(":") for line in ask_it("show info").splitlines())
    return {name.strip(): value.strip() for name, colon, value in pairs if colon}


@dataclass(frozen=True)
class Member:
    """A member of a front end.

    :ivar state: what an administrator wants of it: one of STATES
    :ivar status: what it is, in HAProxy's words: UP, DOWN, DRAIN, MAINT, with what else it says
    :ivar sessions: how many it serves at the moment
    :ivar total: how many it was given since HAProxy started
    :ivar check: how its last check ended, in HAProxy's words
    """

    front_end: str
    name: str
    state: str
    status: str
    sessions: int
    total: int
    check: str

    @property
    def usable(self) -> bool:
        """Whether it is given what comes new."""
        return self.state == READY and self.status.startswith(("UP", "no check"))

    def as_dict(self) -> dict[str, Any]:
        """The member as modules return it."""
        return {**asdict(self), "usable": self.usable}


def members(ask_it: Ask = ask) -> list[Member]:
    """All members of all front ends, in the order of the file.

    :raises HaproxyError: HAProxy says something else than its management guide
    """
    states = dict(_states(ask_it("show servers state")))
    shown = ask_it("show stat")
    if not shown.startswith("# pxname,"):
        raise HaproxyError("HAProxy gives statistics in a format that is not known here; is it 2.4 or newer?")
    found = []
    for row in csv.DictReader(shown[2:].splitlines()):
        key = row["pxname"], row["svname"]
        if key in states:
            check = " ".join(word for word in (row.get("check_status", ""), row.get("last_chk", "")) if word)
            found.append(Member(*key, states[key], row["status"], int(row["scur"]), int(row["stot"]), check))
    return found


def _states(shown: str) -> Iterator[tuple[tuple[str, str], str]]:
    lines = shown.splitlines()
    if lines[:1] != ["1"] or not lines[1].startswith("# "):
        raise HaproxyError("HAProxy gives the states of its members in a format that is not known here")
    names = lines[1][2:].split()
    for line in lines[2:]:
        if line.strip():
            row = dict(zip(names, line.split()))
            bits = int(row["srv_admin_state"])
            state = MAINTENANCE if bits & _FORCED_MAINTENANCE else DRAIN if bits & _FORCED_DRAIN else READY
            yield (row["be_name"], row["srv_name"]), state


def set_state(member: Member, state: str, ask_it: Ask = ask) -> None:
    """Have HAProxy treat a member so.

    :raises HaproxyError: it refuses, with its words
    """
    said = ask_it(command(member, state)).strip()
    if said:
        raise HaproxyError(f"{member.front_end}/{member.name}: HAProxy says: {said}")


def command(member: Member, state: str) -> str:
    """What is said to HAProxy for that."""
    return f"set server {member.front_end}/{member.name} state {STATES[state]}"
