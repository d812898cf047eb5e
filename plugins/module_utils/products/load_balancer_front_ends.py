# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Front ends of HAProxy, those of a tier and those of a service of a cluster: judged, and described. Pure."""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description import fields
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problems
from ansible_collections.groupware.ha.plugins.module_utils.description.reader import dictionaries_of, refuse_secrets
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN, shape
from .load_balancer_protocols import ALIVE, HTTP, LINES, LONG, MARIADB, protocol_of
from .mail_options import Options

TERMINATE, PASSTHROUGH = "terminate", "passthrough"
COOKIE, SOURCE = "cookie", "source"

_OF_MEMBER = ("name", "address", "port", "weight")
#: What says where a front end of a tier is; one of a service is where that is.
_OF_TIER = ("address", "router_id")
_OF_ALL = (
    *("port", "host_name", "tls", "certificate", "key"),
    *("protocol", "stickiness", "check", "timeout", "close", "largest_request", "members"),
)

#: What HAProxy and keepalived have as one word, in a cookie, and in the name of a file.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
#: One word of HAProxy's file, and what may stand in a request's first line; RFC 3986 without its quotes.
_PATH = re.compile(r"/[A-Za-z0-9/._~!&()*+,;=:@%?-]*")

#: HAProxy's least weight that takes requests is 1, and a percentage of a default weight of 1 is 0, which is drained. So
#: weights are parts of a hundred.
WEIGHT, _MOST_WEIGHT = 100, 256
MOST_PORT = 65535
#: How many connections HAProxy takes at once, unless it is told.
USUAL_CONNECTIONS = 4096


@dataclass(frozen=True)
class Member:
    """A server that requests are handed to; ``where`` is its address and port in one word."""

    name: str
    address: str
    port: int
    weight: int

    @property
    def where(self) -> str:
        return f"{in_brackets(self.address)}:{self.port}"


@dataclass(frozen=True)
class FrontEnd:
    """A logical address and port, and what is done with what comes there.

    :ivar router_id: number of the address's virtual router; 0: a cluster keeps the address
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

    def pair(self, pairs: str) -> str:
        """The file of its key and certificate.

        :param pairs: what the paths of these files begin with
        """
        return f"{pairs}{self.name}.pem"

    def variables(self, pairs: str) -> dict[str, Any]:
        """What the template of HAProxy's file needs to know."""
        members = [{**asdict(member), "where": member.where} for member in self.members]
        return {
            **asdict(self),
            "where": f"{in_brackets(self.address)}:{self.port}",
            "host": self.host_name or in_brackets(self.address),
            "mode": "tcp" if self.tls == PASSTHROUGH or self.protocol != HTTP else "http",
            "lines": ALIVE if self.tls == PASSTHROUGH else LINES.get(self.protocol, ()),
            "pair": self.pair(pairs),
            "table": "ipv6" if version(self.address) == 6 else "ip",
            "members": members,
        }


@dataclass(frozen=True)
class Place:
    """Where the front ends of a service are, which have no address of their own.

    :ivar host_name: the name that clients know a front end by that has no other one
    """

    address: str
    host_name: str


def in_brackets(address: str) -> str:
    return f"[{address}]" if version(address) == 6 else address


def version(address: str) -> int:
    return ipaddress.ip_address(address).version


# -- judging -----------------------------------------------------------------------------------------------------------


NAMES = "use letters, digits, hyphens, dots and underscores, 63 at most, with a letter or digit first"


_UNSEEN = "cannot be where TLS passes through"


def here(key: str, entry: Mapping[str, Any], index: int) -> str:
    name = entry.get("name")
    return f"{key}[{name if isinstance(name, str) and NAME.fullmatch(name) else index}]"


def name_of(options: Options) -> str:
    """The name of an entry, which all of them need."""
    name = options.values.get("name")
    if name is None:
        options.problem("name", None, "is missing", "it is required")
    elif not isinstance(name, str) or NAME.fullmatch(name) is None:
        options.problem("name", name, "is not a name", NAMES)
    return str(name)


def address_of(options: Options) -> str:
    """The address as everybody spells it; any one where it is wrong."""
    address = options.values.get("address")
    fault = fields.address_fault(address)
    if fault is not None:
        options.problem("address", address, *fault)
        return "0.0.0.0"  # noqa: S104 # nothing listens there, it is refused
    return str(ipaddress.ip_address(str(address)))


def parse(given: Any, key: str, problems: Problems, place: Place | None = None) -> tuple[FrontEnd, ...]:
    """Read and judge front ends, each by itself.

    :param key: what they are called in messages
    :param place: where those of a service are; those of a tier say it themselves
    """
    entries = dictionaries_of(given, key, problems)
    refuse_secrets([{name: one[name] for name in one if name != "key"} for one in entries], key, problems)
    return tuple(_front_end(one, here(key, one, index), problems, place) for index, one in enumerate(entries))


def _options(given: Mapping[str, Any], key: str, problems: Problems, place: Place | None) -> Options:
    if place is None:
        return Options(given, ("name", *_OF_TIER, *_OF_ALL), key, problems)
    options = Options({one: given[one] for one in given if one not in _OF_TIER}, ("name", *_OF_ALL), key, problems)
    for name in _OF_TIER:
        if given.get(name) is not None:
            remedy = "leave it out; all front ends of a service have its logical address, which the cluster keeps"
            options.problem(name, shape(given[name]), "is for front ends of a tier of load balancers", remedy)
    return options


def _front_end(given: Mapping[str, Any], key_of_it: str, problems: Problems, place: Place | None) -> FrontEnd:
    options = _options(given, key_of_it, problems, place)
    name = name_of(options)
    protocol = protocol_of(options)
    port = _required_number(options, "port", MOST_PORT)
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
        address=address_of(options) if place is None else place.address,
        router_id=_required_number(options, "router_id", 255) if place is None else 0,
        port=port,
        host_name=host_name or (place.host_name if place is not None and protocol == HTTP else None),
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
    options = Options(given, _OF_MEMBER, here(f"{front_end.key}.members", given, index), front_end.problems)
    return Member(
        name_of(options),
        address_of(options),
        options.number("port", port, least=1, most=MOST_PORT),
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


def judge_together(front_ends: Sequence[FrontEnd], key: str, problems: Problems) -> None:
    """What is wrong with front ends, each of which is right by itself."""
    if not front_ends:
        problems.add(key, None, "is missing", "describe at least one front end")
    refuse_twice(key, [(one.name, "name", one.name) for one in front_ends], problems)
    places = [(one.name, "port", f"{in_brackets(one.address)}:{one.port}") for one in front_ends]
    refuse_twice(key, places, problems)
    logical = {one.address for one in front_ends}
    for one in front_ends:
        members = f"{key}[{one.name}].members"
        refuse_twice(members, [(each.name, "name", each.name) for each in one.members], problems)
        refuse_twice(members, [(each.name, "address", each.where) for each in one.members], problems)
        for each in one.members:
            if each.address in logical:
                reason = "is the address of a front end"
                problems.add(f"{members}[{each.name}].address", each.address, reason, "give the member's own")


def refuse_twice(key: str, values: Sequence[tuple[str, str, str]], problems: Problems) -> None:
    """Refuse what two entries have; each is given by its name, the option and its value. Case makes no difference."""
    seen: dict[str, str] = {}
    for name, option, value in values:
        if value.lower() in seen:
            reason = f"is that of {seen[value.lower()]} too" if option != "name" else "is the name of another one too"
            problems.add(f"{key}[{name}].{option}", value, reason, "give each one its own")
        seen.setdefault(value.lower(), name)


# -- files -------------------------------------------------------------------------------------------------------------


def pair_files(front_ends: Iterable[FrontEnd], pairs: str, label: str) -> list[dict[str, Any]]:
    """Keys with their certificates, as actions take them that make files of several on the controller."""
    return [
        {
            "path": one.pair(pairs),
            "sources": [one.key, one.certificate],
            "label": label,
            "owner": "root",
            "group": "root",
            "mode": "0600",
            "sensitive": True,
        }
        for one in front_ends
        if one.tls == TERMINATE
    ]


# -- what is said of them ----------------------------------------------------------------------------------------------


def pages(front_ends: Iterable[FrontEnd]) -> list[dict[str, Any]]:
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
        for one in front_ends
        if one.check is not None
    ]


def outlook(front_ends: Iterable[FrontEnd]) -> list[str]:
    """Each front end in a line to read."""
    tls = {TERMINATE: ", TLS ends there", PASSTHROUGH: ", TLS passes through", None: ""}
    sticky = {COOKIE: ", clients stay by a cookie", SOURCE: ", clients stay by their address", None: ""}
    return [
        f"{one.name}: {in_brackets(one.address)}:{one.port}{tls[one.tls]}{sticky[one.stickiness]}, to "
        + ("" if one.protocol == HTTP else "the one that takes writes of " if one.protocol == MARIADB else "one of ")
        + ", ".join(f"{member.name} ({member.where})" for member in one.members)
        for one in front_ends
    ]
