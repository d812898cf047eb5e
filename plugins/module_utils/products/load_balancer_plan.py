# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Balancers with their front ends: judges a description, and says which files a balancer has. Pure.

Each front end has a logical address, which keepalived keeps on one of the balancers, and members, to which HAProxy
gives what comes there. Front ends may share an address. HAProxy listens on all addresses on all balancers, held there
or not, so that nothing has to be started when one moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problems, refuse
from ansible_collections.groupware.ha.plugins.module_utils.description.reader import dictionaries_of
from . import load_balancer_front_ends
from .load_balancer_front_ends import (
    MOST_PORT,
    NAME,
    NAMES,
    USUAL_CONNECTIONS,
    FrontEnd,
    address_of,
    here,
    in_brackets,
    name_of,
    refuse_twice,
    version,
)
from .mail_options import Options

#: The role's variables, as its user knows them.
BALANCERS, FRONT_ENDS, CONNECTIONS, PEERS_PORT = (
    "load_balancer_balancers",
    "load_balancer_front_ends",
    "load_balancer_connections",
    "load_balancer_peers_port",
)

_OF_BALANCER = ("name", "address")
#: VRRP's priorities go from 1 to 254; the first balancer has the highest.
_PRIORITY = 200
_MOST_BALANCERS = 100
#: Each takes two files, of which a process of Linux has a million at most (fs.nr_open), and memory in advance.
_MOST_CONNECTIONS = 500_000

CONFIGURATION = "/etc/haproxy/groupware-ha.cfg"
KEEPALIVED = "/etc/keepalived/keepalived.conf"
PROGRAM = "/usr/local/libexec/groupware-ha-haproxy"
#: How it is run. keepalived takes a path with a link in it, as Python's is, for insecure.
RUN = ("/usr/bin/env", "python3", "-IS", PROGRAM)
SOCKET = "/run/haproxy/groupware-ha.sock"
#: Which members are drained or in maintenance, for HAProxy to read when it starts or is reloaded.
STATES = "/var/lib/groupware-ha-haproxy.states"
#: Keys with certificates are in files that begin so.
PAIRS = "/etc/haproxy/groupware-ha-"
DROP_INS = {unit: f"/etc/systemd/system/{unit}.service.d" for unit in ("haproxy", "keepalived")}
#: How keepalived's file begins, by which it is known as one of this role.
MARK = "# Addresses of the load balancers "


@dataclass(frozen=True)
class Balancer:
    """A host that balances, and its own address, at which the others reach it."""

    name: str
    address: str


@dataclass(frozen=True)
class Plan:
    """All that is described of one tier."""

    name: str
    balancers: tuple[Balancer, ...]
    front_ends: tuple[FrontEnd, ...]
    connections: int
    peers_port: int

    @property
    def routers(self) -> dict[str, int]:
        """The logical addresses, each once, with the number of its virtual router."""
        return {one.address: one.router_id for one in self.front_ends}


# -- judging -----------------------------------------------------------------------------------------------------------


#: The port at which balancers tell each other what they know.
USUAL_PEERS_PORT = 10000


def parse(
    name: str, balancers: Any, front_ends: Any, connections: Any = USUAL_CONNECTIONS, peers_port: Any = USUAL_PEERS_PORT
) -> Plan:
    """Read and judge a description as a whole.

    :param name: the tier's
    :param balancers: the value of ``load_balancer_balancers``
    :param front_ends: the value of ``load_balancer_front_ends``
    :param connections: the value of ``load_balancer_connections``
    :param peers_port: the value of ``load_balancer_peers_port``
    :raises DescriptionError: with every problem that was found
    """
    problems = Problems()
    if not isinstance(name, str) or NAME.fullmatch(name) is None:
        problems.add("load_balancer_name", name, "is not a name", NAMES)
    balancing = dictionaries_of(balancers, BALANCERS, problems)
    balanced = load_balancer_front_ends.parse(front_ends, FRONT_ENDS, problems)
    # Numbers of the whole tier are options without a dictionary around them.
    whole = Options({CONNECTIONS: connections, PEERS_PORT: peers_port}, (CONNECTIONS, PEERS_PORT), name, Problems())
    plan = Plan(
        name,
        tuple(_balancer(one, index, problems) for index, one in enumerate(balancing)),
        balanced,
        whole.number(CONNECTIONS, USUAL_CONNECTIONS, least=1, most=_MOST_CONNECTIONS),
        whole.number(PEERS_PORT, USUAL_PEERS_PORT, least=1, most=MOST_PORT),
    )
    for problem in whole.problems:
        problems.add(problem.key.rpartition(".")[2], problem.value, problem.reason, problem.remedy)
    # What entries have in common is known when each is right by itself.
    refuse(problems)
    _judge_balancers(plan, problems)
    _judge_front_ends(plan, problems)
    refuse(problems)
    return plan


def _balancer(given: Mapping[str, Any], index: int, problems: Problems) -> Balancer:
    options = Options(given, _OF_BALANCER, here(BALANCERS, given, index), problems)
    return Balancer(name_of(options), address_of(options))


def _judge_balancers(plan: Plan, problems: Problems) -> None:
    count = len(plan.balancers)
    if not 2 <= count <= _MOST_BALANCERS:
        remedy = f"name at least two, and {_MOST_BALANCERS} at most"
        problems.add(BALANCERS, f"{count} of them", "are not as many as can stand by for each other", remedy)
    refuse_twice(BALANCERS, [(one.name, "name", one.name) for one in plan.balancers], problems)
    refuse_twice(BALANCERS, [(one.name, "address", one.address) for one in plan.balancers], problems)
    versions = {version(one.address) for one in plan.balancers}
    if len(versions) > 1:
        shown = ", ".join(one.address for one in plan.balancers)
        problems.add(BALANCERS, shown, "are addresses of IPv4 and of IPv6", "give all balancers addresses of one kind")


def _judge_front_ends(plan: Plan, problems: Problems) -> None:
    load_balancer_front_ends.judge_together(plan.front_ends, FRONT_ENDS, problems)
    own = {one.address: one.name for one in plan.balancers}
    ids: dict[str, tuple[int, str]] = {}
    for one in plan.front_ends:
        key = f"{FRONT_ENDS}[{one.name}]"
        if one.address in own:
            reason = f"is the own address of the balancer {own[one.address]}"
            problems.add(f"{key}.address", one.address, reason, "use one that can move")
        elif plan.balancers and version(one.address) != version(plan.balancers[0].address):
            reason = "is of another kind (IPv4, IPv6) than the balancers' own, at which they tell each other who has it"
            problems.add(f"{key}.address", one.address, reason, "use one of the same kind")
        number, first = ids.setdefault(one.address, (one.router_id, one.name))
        if number != one.router_id:
            reason = f"is another one than that of {first}, which has the same address ({number})"
            problems.add(f"{key}.router_id", one.router_id, reason, "give both the same")
        other = next((at for at, (taken, _first) in ids.items() if taken == one.router_id and at != one.address), None)
        if other is not None:
            reason = f"is that of the address {other} too"
            problems.add(f"{key}.router_id", one.router_id, reason, "give each address its own")


# -- files -------------------------------------------------------------------------------------------------------------

#: What a file belongs to, and so what has to be done when it changes.
UNITS, HAPROXY_FILE, KEEPALIVED_FILE = "units", "haproxy", "keepalived"


#: What stands in the files for the network interface, which is known on the balancer alone.
INTERFACE = "@INTERFACE@"


def files(plan: Plan, balancer: str) -> list[dict[str, Any]]:
    """All files of a balancer, as groupware.ha.load_balancer_configuration takes them.

    :param balancer: its name; one of the plan's
    """
    own = next(one for one in plan.balancers if one.name == balancer)
    variables = {
        "tier": plan.name,
        "subject": f"{plan.name}, on {own.name}",
        "role": "load_balancer",
        "balancer": asdict(own),
        "balancers": [
            {**asdict(one), "where": f"{in_brackets(one.address)}:{plan.peers_port}"} for one in plan.balancers
        ],
        "peers": [one.address for one in plan.balancers if one != own],
        "priority": _PRIORITY - plan.balancers.index(own),
        "interface": INTERFACE,
        "addresses": [
            {"address": f"{one}/{128 if version(one) == 6 else 32}", "name": one, "router_id": number}
            for one, number in plan.routers.items()
        ],
        "front_ends": [one.variables(PAIRS) for one in plan.front_ends],
        "connections": plan.connections,
        "mark": MARK,
        "configuration": CONFIGURATION,
        "program": " ".join(RUN),
        "socket": SOCKET,
        "states": STATES,
    }
    usual = {"owner": "root", "group": "root", "mode": "0644"}

    def made(path: str, template: str, label: str, **other: Any) -> dict[str, Any]:
        return {"path": path, "template": template, "variables": variables, "label": label, **usual, **other}

    return [
        # The program before who calls it, and what HAProxy reads before what names it: a run may end between the two.
        {"path": PROGRAM.rpartition("/")[0], "state": "directory"},
        made(PROGRAM, "program.py", UNITS),
        *({"path": path, "state": "directory", **usual, "mode": "0755"} for path in DROP_INS.values()),
        *(made(f"{path}/groupware-ha.conf", f"{unit}.service.j2", UNITS) for unit, path in DROP_INS.items()),
        *load_balancer_front_ends.pair_files(plan.front_ends, PAIRS, HAPROXY_FILE),
        made(CONFIGURATION, "haproxy.cfg.j2", HAPROXY_FILE),
        made(KEEPALIVED, "keepalived.conf.j2", KEEPALIVED_FILE, backup=True),
    ]
