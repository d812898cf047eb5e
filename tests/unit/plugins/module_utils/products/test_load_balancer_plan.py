"""Descriptions of load balancers: judged as a whole, and the files that come of them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.products import load_balancer_front_ends, load_balancer_plan
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.balanced import (
    BALANCERS,
    CACHE,
    CALENDAR,
    DATABASE,
    MEMBERS,
    PLAIN,
    THROUGH,
    front_end,
)


def problems(front_ends: Any = (CALENDAR,), balancers: Any = BALANCERS, **numbers: Any) -> list[str]:
    try:
        load_balancer_plan.parse(
            "web", balancers, [*front_ends] if isinstance(front_ends, tuple) else front_ends, **numbers
        )
    except DescriptionError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_nothing_is_wrong() -> None:
    assert problems((CALENDAR, PLAIN, THROUGH, DATABASE, CACHE)) == []


def test_what_is_not_given() -> None:
    plan = load_balancer_plan.parse("web", BALANCERS, [front_end(THROUGH, stickiness=None)])
    (one,) = plan.front_ends
    assert (one.timeout, one.close, one.stickiness, one.check) == (60, False, None, None)
    assert [(member.where, member.weight) for member in one.members] == [("192.0.2.31:443", 100)]
    assert (plan.connections, plan.peers_port) == (4096, 10000)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"adress": "x"}, "[calendar].adress = a text: is not a known option; did you mean address?"),
        ({"name": None}, "load_balancer_front_ends[0].name: is missing; it is required"),
        ({"name": "a b"}, "load_balancer_front_ends[0].name = 'a b': is not a name; use letters"),
        ({"name": "a/../b"}, "load_balancer_front_ends[0].name = 'a/../b': is not a name"),
        ({"address": "192.0.2.300"}, "[calendar].address = '192.0.2.300': is not an IP address"),
        ({"address": "192.0.2.21/24"}, "[calendar].address = '192.0.2.21/24': is not an IP address; give one such as"),
        ({"address": "192.0.2.12"}, "[calendar].address = '192.0.2.12': is the own address of the balancer balancer2"),
        ({"address": "2001:db8::21"}, "[calendar].address = '2001:db8::21': is of another kind (IPv4, IPv6) than the"),
        ({"router_id": None}, "[calendar].router_id: is missing; give a whole number above zero, at most 255"),
        ({"router_id": 256}, "[calendar].router_id = a number: is not a number"),
        ({"port": "https"}, "[calendar].port = a text: is not a number; give a whole number above zero, at most 65535"),
        ({"host_name": "a_b"}, "[calendar].host_name = 'a_b': is not a host name"),
        (
            {"tls": "terminated"},
            "[calendar].tls = 'terminated': is nothing that a front end can have; did you mean ter",
        ),
        ({"key": None}, "[calendar].key: is missing; name the PEM file on the controller; TLS ends here with it"),
        ({"tls": None}, "[calendar].certificate = 'calendar.pem': is for TLS that ends here; give tls: terminate too"),
        ({"stickiness": "cookies"}, "[calendar].stickiness = 'cookies': is nothing that a front end can have; did you"),
        ({"check": None}, "[calendar].check: is missing; name a page that the application itself gives"),
        ({"check": "status"}, "[calendar].check = 'status': is not the path of a page"),
        ({"check": "/a b\n server x"}, "[calendar].check"),
        ({"timeout": 0}, "[calendar].timeout = a number: is not a number of seconds; give a whole number above zero"),
        ({"close": "yes"}, "[calendar].close = 'yes': is neither true nor false"),
        ({"largest_request": 0}, "[calendar].largest_request = a number: is not a number of MiB; give a whole number"),
        ({"protocol": "mysql"}, "[calendar].protocol = 'mysql': is none that a front end can carry; use one of http,"),
        ({"members": []}, "[calendar].members: is missing; name the servers that requests go to"),
        ({"members": "app1"}, "[calendar].members = a text: is not a list"),
        ({"members": [{"name": "app1"}]}, "[calendar].members[app1].address: is missing; it is required"),
        (
            {"members": [*MEMBERS, {**MEMBERS[0], "port": 1}]},
            "members[app1].name = 'app1': is the name of another one too",
        ),
        (
            {"members": [MEMBERS[0], {**MEMBERS[0], "name": "app3"}]},
            "members[app3].address = '192.0.2.31:443': is that of app1 too",
        ),
        ({"members": [{**MEMBERS[0], "weight": 0}]}, "members[app1].weight = a number: is not a number"),
        ({"members": [{**MEMBERS[0], "address": "192.0.2.21"}]}, "'192.0.2.21': is the address of a front end"),
    ],
)
def test_what_is_wrong_with_a_front_end(changed: dict[str, Any], words: str) -> None:
    found = problems((front_end(**changed),))
    assert len(found) == (2 if changed == {"tls": None} else 1)
    assert words in found[0]


@pytest.mark.parametrize(
    ("front_ends", "words"),
    [
        ((), "load_balancer_front_ends: is missing; describe at least one front end"),
        ("calendar", "load_balancer_front_ends = a text: is not a list"),
        ((CALENDAR, front_end(THROUGH, name="Calendar")), "'Calendar': is the name of another one too"),
        ((CALENDAR, front_end(PLAIN, port=443)), "[plain].port = '192.0.2.21:443': is that of calendar too"),
        ((CALENDAR, front_end(PLAIN, router_id=3)), "[plain].router_id = 3: is another one than that of calendar"),
        ((CALENDAR, front_end(THROUGH, router_id=21)), "[through].router_id = 21: is that of the address 192.0.2.21"),
        ((front_end(THROUGH, stickiness="cookie"),), "[through].stickiness = 'cookie': cannot be where TLS passes"),
        ((front_end(THROUGH, close=True),), "[through].close = True: cannot be where TLS passes through"),
        ((front_end(THROUGH, largest_request=9),), "[through].largest_request = a number: cannot be where TLS passes"),
        ((front_end(DATABASE, check="/"),), "[database].check = '/': is for HTTP, and not for mariadb; leave it out"),
        ((front_end(CACHE, stickiness="source"),), "[cache].stickiness = 'source': is for HTTP, and not for memcached"),
    ],
)
def test_what_is_wrong_with_several(front_ends: Any, words: str) -> None:
    (found,) = problems(front_ends)
    assert words in found


@pytest.mark.parametrize(
    ("balancers", "words"),
    [
        (BALANCERS[:1], "load_balancer_balancers = '1 of them': are not as many as can stand by for each other"),
        (
            [*BALANCERS, BALANCERS[0]],
            "load_balancer_balancers[balancer1].name = 'balancer1': is the name of another one",
        ),
        (
            [BALANCERS[0], {**BALANCERS[0], "name": "b"}],
            "load_balancer_balancers[b].address = '192.0.2.11': is that of",
        ),
        ([*BALANCERS, {"name": "b", "address": "2001:db8::1"}], "are addresses of IPv4 and of IPv6"),
        ([*BALANCERS, {"name": "b", "address": "192.0.2.13", "port": 1}], "[b].port = a number: is not a known option"),
    ],
)
def test_what_is_wrong_with_balancers(balancers: Any, words: str) -> None:
    found = problems(balancers=balancers)
    assert words in " ".join(found)


def test_numbers_of_the_tier() -> None:
    (found,) = problems(connections=0)
    assert found.startswith("load_balancer_connections = a number: is not a number")
    (found,) = problems(connections=500_001)
    assert found.endswith("give a whole number above zero, at most 500000")
    (found,) = problems(peers_port="10000")
    assert found.startswith("load_balancer_peers_port = a text: is not a number")


def test_a_key_in_place_of_its_file_is_shown_nowhere() -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIH\n-----END PRIVATE KEY-----\n"
    # In one line too, as a folded text is.
    for given in (key, " ".join(key.split("\n"))):
        found = " ".join(problems((front_end(key=given),)))
        assert "[calendar].key" in found
        assert "is not the path of a file" in found
        assert "MC4CAQ" not in found


def test_files() -> None:
    plan = load_balancer_plan.parse("web", BALANCERS, [CALENDAR, PLAIN, THROUGH])
    files = {entry["path"]: entry for entry in load_balancer_plan.files(plan, "balancer2")}
    pair = files["/etc/haproxy/groupware-ha-calendar.pem"]
    assert (pair["sources"], pair["mode"], pair["sensitive"]) == (["calendar.key", "calendar.pem"], "0600", True)
    variables = files["/etc/keepalived/keepalived.conf"]["variables"]
    assert (variables["peers"], variables["priority"], variables["interface"]) == (["192.0.2.11"], 199, "@INTERFACE@")
    assert [(one["address"], one["router_id"]) for one in variables["addresses"]] == [
        ("192.0.2.21/32", 21),
        ("192.0.2.22/32", 22),
    ]
    assert not [path for path, entry in files.items() if entry.get("sensitive") and "template" in entry]


def test_what_is_no_http() -> None:
    plan = load_balancer_plan.parse("web", BALANCERS, [CALENDAR, DATABASE, CACHE])
    assert [(one.timeout, one.variables("")["mode"]) for one in plan.front_ends] == [
        (60, "http"),
        (28800, "tcp"),
        (28800, "tcp"),
    ]
    assert [page["name"] for page in load_balancer_front_ends.pages(plan.front_ends)] == ["calendar"]
    assert [line.partition(": ")[2] for line in load_balancer_front_ends.outlook(plan.front_ends)[1:]] == [
        "192.0.2.23:3306, to the one that takes writes of db1 (192.0.2.41:3306), db2 (192.0.2.42:3306)",
        "192.0.2.23:11211, to one of db1 (192.0.2.41:11211), db2 (192.0.2.42:11211)",
    ]


def test_ipv6() -> None:
    balancers = [{"name": "b1", "address": "2001:db8::11"}, {"name": "b2", "address": "2001:db8::12"}]
    one = front_end(PLAIN, address="2001:DB8:0::21", members=[{"name": "app1", "address": "2001:db8::31"}])
    plan = load_balancer_plan.parse("web", balancers, [one])
    variables = plan.front_ends[0].variables("")
    assert (variables["where"], variables["host"], variables["table"]) == (
        "[2001:db8::21]:80",
        "[2001:db8::21]",
        "ipv6",
    )
    assert variables["members"][0]["where"] == "[2001:db8::31]:80"
    assert plan.routers == {"2001:db8::21": 21}


def test_what_is_said_of_them() -> None:
    plan = load_balancer_plan.parse("web", BALANCERS, [CALENDAR, THROUGH])
    assert load_balancer_front_ends.outlook(plan.front_ends) == [
        "calendar: 192.0.2.21:443, TLS ends there, clients stay by a cookie, to app1 (192.0.2.31:443), "
        "app2 (192.0.2.32:8080)",
        "through: 192.0.2.22:443, TLS passes through, clients stay by their address, to app1 (192.0.2.31:443)",
    ]
    assert load_balancer_front_ends.pages(plan.front_ends) == [
        {
            "name": "calendar",
            "host": "192.0.2.21",
            "port": 443,
            "path": "/status",
            "tls": True,
            "host_name": "calendar.example.com",
        }
    ]
