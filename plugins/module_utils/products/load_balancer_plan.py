# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Balancers with their front ends: judges a description, and says which files a balancer has. Pure.

Each front end has a logical address, which keepalived keeps on one of the balancers, and members, to which HAProxy
gives what comes there. Front ends may share an address. HAProxy listens on all addresses on all balancers, held there
or not, so that nothing has to be started when one moves.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description import fields
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problems, refuse
from ansible_collections.groupware.ha.plugins.module_utils.description.reader import dictionaries_of, refuse_secrets
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN, shape
from .load_balancer_protocols import HTTP, LINES, LONG, MARIADB, protocol_of
from .mail_options import Options

#: The role's variables, as its user knows them.
BALANCERS, FRONT_ENDS, CONNECTIONS, PEERS_PORT = (
    "load_balancer_balancers",
    "load_balancer_front_ends",
    "load_balancer_connections",
    "load_balancer_peers_port",
)

TERMINATE, PASSTHROUGH = "terminate", "passthrough"
COOKIE, SOURCE = "cookie", "source"

_OF_BALANCER = ("name", "address")
_OF_MEMBER = ("name", "address", "port", "weight")
_OF_FRONT_END = (
    *("name", "address", "router_id", "port", "host_name", "tls", "certificate", "key"),
    *("protocol", "stickiness", "check", "timeout", "close", "largest_request", "members"),
)

#: What HAProxy and keepalived have as one word, in a cookie, and in the name of a file.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
#: One word of HAProxy's file, and what may stand in a request's first line; RFC 3986 without its quotes.
_PATH = re.compile(r"/[A-Za-z0-9/._~!&()*+,;=:@%?-]*")

#: HAProxy's least weight that takes requests is 1, and a percentage of a default weight of 1 is 0, which is drained. So
#: weights are parts of a hundred.
WEIGHT, _MOST_WEIGHT = 100, 256
#: VRRP's priorities go from 1 to 254; the first balancer has the highest.
_PRIORITY = 200
_MOST_BALANCERS = 100
_MOST_PORT = 65535
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
class Member:
    """A server that requests are handed to; ``where`` is its address and port in one word."""

    name: str
    address: str
    port: int
    weight: int

    @property
    def where(self) -> str:
        return f"{_in_brackets(self.address)}:{self.port}"


@dataclass(frozen=True)
class FrontEnd:
    """A logical address and port, and what is done with what comes there.

    :ivar protocol: HTTP, or one that goes to one member at a time
    :ivar tls: TERMINATE, PASSTHROUGH, or None: without TLS
    :ivar check: the page that members are asked for; None: it is enough that they take connections
    :ivar timeout: seconds that a member may take for an answer
    :ivar close: whether each request has a connection of its own
    :ivar largest_request: how many MiB a request's body may have; None: as many as the members take
    """

    name: str
    address: str
    router_id: int
    port: int
    host_name: str | None
    protocol: str
    tls: str | None
    certificate: str | None
    key: str | None
    stickiness: str | None
    check: str | None
    timeout: int
    close: bool
    largest_request: int | None
    members: tuple[Member, ...]

    @property
    def variables(self) -> dict[str, Any]:
        """What the template of HAProxy's file needs to know."""
        members = [{**asdict(member), "where": member.where} for member in self.members]
        return {
            **asdict(self),
            "where": f"{_in_brackets(self.address)}:{self.port}",
            "host": self.host_name or _in_brackets(self.address),
            "mode": "tcp" if self.tls == PASSTHROUGH or self.protocol != HTTP else "http",
            "lines": LINES.get(self.protocol, ()),
            "pair": f"{PAIRS}{self.name}.pem",
            "table": "ipv6" if _version(self.address) == 6 else "ip",
            "members": members,
        }


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


def _in_brackets(address: str) -> str:
    return f"[{address}]" if _version(address) == 6 else address


def _version(address: str) -> int:
    return ipaddress.ip_address(address).version


# -- judging -----------------------------------------------------------------------------------------------------------


#: How many connections a balancer takes at once, and the port at which balancers tell each other what they know.
USUAL_CONNECTIONS, USUAL_PEERS_PORT = 4096, 10000


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
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        problems.add("load_balancer_name", name, "is not a name", _NAMES)
    balancing = dictionaries_of(balancers, BALANCERS, problems)
    balanced = dictionaries_of(front_ends, FRONT_ENDS, problems)
    refuse_secrets([{key: one[key] for key in one if key != "key"} for one in balanced], FRONT_ENDS, problems)
    # Numbers of the whole tier are options without a dictionary around them.
    whole = Options({CONNECTIONS: connections, PEERS_PORT: peers_port}, (CONNECTIONS, PEERS_PORT), name, Problems())
    plan = Plan(
        name,
        tuple(_balancer(one, index, problems) for index, one in enumerate(balancing)),
        tuple(_front_end(one, index, problems) for index, one in enumerate(balanced)),
        whole.number(CONNECTIONS, USUAL_CONNECTIONS, least=1, most=_MOST_CONNECTIONS),
        whole.number(PEERS_PORT, USUAL_PEERS_PORT, least=1, most=_MOST_PORT),
    )
    for problem in whole.problems:
        problems.add(problem.key.rpartition(".")[2], problem.value, problem.reason, problem.remedy)
    # What entries have in common is known when each is right by itself.
    refuse(problems)
    _judge_balancers(plan, problems)
    _judge_front_ends(plan, problems)
    refuse(problems)
    return plan


_NAMES = "use letters, digits, hyphens, dots and underscores, 63 at most, with a letter or digit first"


_UNSEEN = "cannot be where TLS passes through"


def _here(key: str, entry: Mapping[str, Any], index: int) -> str:
    name = entry.get("name")
    return f"{key}[{name if isinstance(name, str) and _NAME.fullmatch(name) else index}]"


def _named(options: Options) -> tuple[str, str]:
    """Name and address of an entry, which all of them need."""
    name = options.values.get("name")
    if name is None:
        options.problem("name", None, "is missing", "it is required")
    elif not isinstance(name, str) or _NAME.fullmatch(name) is None:
        options.problem("name", name, "is not a name", _NAMES)
    return str(name), _address(options)


def _address(options: Options) -> str:
    """The address as everybody spells it; any one where it is wrong."""
    address = options.values.get("address")
    fault = fields.address_fault(address)
    if fault is not None:
        options.problem("address", address, *fault)
        return "0.0.0.0"  # noqa: S104 # nothing listens there, it is refused
    return str(ipaddress.ip_address(str(address)))


def _balancer(given: Mapping[str, Any], index: int, problems: Problems) -> Balancer:
    return Balancer(*_named(Options(given, _OF_BALANCER, _here(BALANCERS, given, index), problems)))


def _front_end(given: Mapping[str, Any], index: int, problems: Problems) -> FrontEnd:
    options = Options(given, _OF_FRONT_END, _here(FRONT_ENDS, given, index), problems)
    name, address = _named(options)
    protocol = protocol_of(options)
    port = _required_number(options, "port", _MOST_PORT)
    tls = _choice(options, "tls", (TERMINATE, PASSTHROUGH))
    certificate, key = options.text("certificate"), options.text("key")
    for given_file, value in (("certificate", certificate), ("key", key)):
        if value is not None and (not value.isprintable() or "-----" in value):
            options.problem(given_file, HIDDEN, "is not the path of a file", "name the PEM file on the controller")
    for missing, value in (("certificate", certificate), ("key", key)):
        if tls == TERMINATE and value is None:
            options.problem(missing, None, "is missing", "name the PEM file on the controller; TLS ends here with it")
        elif tls != TERMINATE and value is not None and given.get("tls") in (None, PASSTHROUGH):
            options.problem(missing, value, "is for TLS that ends here", f"give tls: {TERMINATE} too, or leave it out")
    stickiness = _choice(options, "stickiness", (COOKIE, SOURCE))
    if stickiness == COOKIE and tls == PASSTHROUGH:
        reason = "cannot be where TLS passes through: nobody here sees a cookie"
        options.problem("stickiness", stickiness, reason, f"use {SOURCE}, or tls: {TERMINATE}")
    host_name = options.text("host_name")
    fault = None if host_name is None else fields.host_name_fault(host_name)
    if fault is not None:
        options.problem("host_name", host_name, *fault)
    members = dictionaries_of(given.get("members"), f"{options.key}.members", problems)
    if not members and not any(problem.key.startswith(f"{options.key}.members") for problem in problems):
        options.problem("members", None, "is missing", "name the servers that requests go to, each with its address")
    return FrontEnd(
        name=name,
        address=address,
        router_id=_required_number(options, "router_id", 255),
        port=port,
        host_name=host_name,
        protocol=protocol,
        tls=tls,
        certificate=certificate,
        key=key,
        stickiness=stickiness,
        check=_check(options, tls, protocol),
        timeout=options.number("timeout", 60 if protocol == HTTP else LONG, least=1, most=86400, unit="seconds"),
        close=_close(options, tls),
        largest_request=_largest_request(options, tls),
        members=tuple(_member(one, number, options, port) for number, one in enumerate(members)),
    )


def _check(options: Options, tls: str | None, protocol: str) -> str | None:
    if protocol != HTTP:
        return None
    path = options.text("check")
    if path is None and tls != PASSTHROUGH and options.values.get("check") is None:
        remedy = "name a page that the application itself gives and that begins no session, such as /favicon.ico"
        options.problem("check", None, "is missing", remedy)
    elif path is not None and _PATH.fullmatch(path) is None:
        options.problem("check", path, "is not the path of a page", "write it as in /status?brief=1, percent-encoded")
    return path


def _close(options: Options, tls: str | None) -> bool:
    value = options.values.get("close", False)
    if not isinstance(value, bool):
        options.problem("close", shape(value), "is neither true nor false", "write true or false without quotes")
        return False
    if value and tls == PASSTHROUGH:
        options.problem("close", value, _UNSEEN, "leave it out")
    return bool(value)


def _largest_request(options: Options, tls: str | None) -> int | None:
    if options.values.get("largest_request") is None:
        return None
    if tls == PASSTHROUGH:
        options.problem("largest_request", shape(options.values["largest_request"]), _UNSEEN, "leave it out")
    return options.number("largest_request", 1, least=1, most=1024, unit="MiB")


def _member(given: Mapping[str, Any], index: int, front_end: Options, port: int) -> Member:
    options = Options(given, _OF_MEMBER, _here(f"{front_end.key}.members", given, index), front_end.problems)
    name, address = _named(options)
    return Member(
        name,
        address,
        options.number("port", port, least=1, most=_MOST_PORT),
        options.number("weight", WEIGHT, least=1, most=_MOST_WEIGHT),
    )


def _required_number(options: Options, name: str, most: int) -> int:
    if options.values.get(name) is None:
        options.problem(name, None, "is missing", f"give a whole number above zero, at most {most}")
        return 1
    return options.number(name, 1, least=1, most=most)


def _choice(options: Options, name: str, choices: Sequence[str]) -> str | None:
    value = options.text(name)
    if value is not None and value not in choices:
        close = difflib.get_close_matches(value, choices, n=1)
        remedy = f"did you mean {close[0]}?" if close else f"use one of {', '.join(choices)}, or leave it out"
        options.problem(name, value, "is nothing that a front end can have", remedy)
        return None
    return value


def _judge_balancers(plan: Plan, problems: Problems) -> None:
    count = len(plan.balancers)
    if not 2 <= count <= _MOST_BALANCERS:
        remedy = f"name at least two, and {_MOST_BALANCERS} at most"
        problems.add(BALANCERS, f"{count} of them", "are not as many as can stand by for each other", remedy)
    _refuse_twice(BALANCERS, [(one.name, "name", one.name) for one in plan.balancers], problems)
    _refuse_twice(BALANCERS, [(one.name, "address", one.address) for one in plan.balancers], problems)
    versions = {_version(one.address) for one in plan.balancers}
    if len(versions) > 1:
        shown = ", ".join(one.address for one in plan.balancers)
        problems.add(BALANCERS, shown, "are addresses of IPv4 and of IPv6", "give all balancers addresses of one kind")


def _judge_front_ends(plan: Plan, problems: Problems) -> None:
    if not plan.front_ends:
        problems.add(FRONT_ENDS, None, "is missing", "describe at least one front end")
    _refuse_twice(FRONT_ENDS, [(one.name, "name", one.name) for one in plan.front_ends], problems)
    places = [(one.name, "port", f"{_in_brackets(one.address)}:{one.port}") for one in plan.front_ends]
    _refuse_twice(FRONT_ENDS, places, problems)
    own = {one.address: one.name for one in plan.balancers}
    ids: dict[str, tuple[int, str]] = {}
    for one in plan.front_ends:
        here = f"{FRONT_ENDS}[{one.name}]"
        if one.address in own:
            reason = f"is the own address of the balancer {own[one.address]}"
            problems.add(f"{here}.address", one.address, reason, "use one that can move")
        elif plan.balancers and _version(one.address) != _version(plan.balancers[0].address):
            reason = "is of another kind (IPv4, IPv6) than the balancers' own, at which they tell each other who has it"
            problems.add(f"{here}.address", one.address, reason, "use one of the same kind")
        number, first = ids.setdefault(one.address, (one.router_id, one.name))
        if number != one.router_id:
            reason = f"is another one than that of {first}, which has the same address ({number})"
            problems.add(f"{here}.router_id", one.router_id, reason, "give both the same")
        other = next((at for at, (taken, _first) in ids.items() if taken == one.router_id and at != one.address), None)
        if other is not None:
            reason = f"is that of the address {other} too"
            problems.add(f"{here}.router_id", one.router_id, reason, "give each address its own")
        _refuse_twice(f"{here}.members", [(each.name, "name", each.name) for each in one.members], problems)
        _refuse_twice(f"{here}.members", [(each.name, "address", each.where) for each in one.members], problems)
        for each in one.members:
            if each.address in plan.routers:
                key = f"{here}.members[{each.name}].address"
                problems.add(key, each.address, "is the address of a front end", "give the member's own")


def _refuse_twice(key: str, values: Sequence[tuple[str, str, str]], problems: Problems) -> None:
    """Refuse what two entries have; each is given by its name, the option and its value. Case makes no difference."""
    seen: dict[str, str] = {}
    for name, option, value in values:
        if value.lower() in seen:
            reason = f"is that of {seen[value.lower()]} too" if option != "name" else "is the name of another one too"
            problems.add(f"{key}[{name}].{option}", value, reason, "give each one its own")
        seen.setdefault(value.lower(), name)


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
        "balancer": asdict(own),
        "balancers": [
            {**asdict(one), "where": f"{_in_brackets(one.address)}:{plan.peers_port}"} for one in plan.balancers
        ],
        "peers": [one.address for one in plan.balancers if one != own],
        "priority": _PRIORITY - plan.balancers.index(own),
        "interface": INTERFACE,
        "addresses": [
            {"address": f"{one}/{128 if _version(one) == 6 else 32}", "name": one, "router_id": number}
            for one, number in plan.routers.items()
        ],
        "front_ends": [one.variables for one in plan.front_ends],
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
        *(
            {
                "path": f"{PAIRS}{one.name}.pem",
                "sources": [one.key, one.certificate],
                "label": HAPROXY_FILE,
                **usual,
                "mode": "0600",
                "sensitive": True,
            }
            for one in plan.front_ends
            if one.tls == TERMINATE
        ),
        made(CONFIGURATION, "haproxy.cfg.j2", HAPROXY_FILE),
        made(KEEPALIVED, "keepalived.conf.j2", KEEPALIVED_FILE, backup=True),
    ]


def pages(plan: Plan) -> list[dict[str, Any]]:
    """What front ends are asked for to see whether they work, as groupware.ha.web_service_info takes them."""
    return [
        {
            "name": one.name,
            "host": one.address,
            "port": one.port,
            "path": one.check,
            "tls": one.tls is not None,
            **({"host_name": one.host_name} if one.tls is not None and one.host_name is not None else {}),
        }
        for one in plan.front_ends
        if one.check is not None
    ]


def outlook(plan: Plan) -> list[str]:
    """Each front end in a line to read."""
    tls = {TERMINATE: ", TLS ends there", PASSTHROUGH: ", TLS passes through", None: ""}
    sticky = {COOKIE: ", clients stay by a cookie", SOURCE: ", clients stay by their address", None: ""}
    return [
        f"{one.name}: {_in_brackets(one.address)}:{one.port}{tls[one.tls]}{sticky[one.stickiness]}, to "
        + ("" if one.protocol == HTTP else "the one that takes writes of " if one.protocol == MARIADB else "one of ")
        + ", ".join(f"{member.name} ({member.where})" for member in one.members)
        for one in plan.front_ends
    ]
