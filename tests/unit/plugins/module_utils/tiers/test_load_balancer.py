"""Tiers of load balancers, by their description and the hosts of the inventory."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.tiers.base import DescribedTier, Need
from ansible_collections.groupware.ha.plugins.module_utils.tiers.finding import judged
from ansible_collections.groupware.ha.plugins.module_utils.tiers.load_balancer import LoadBalancer
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.balanced import (
    BALANCERS,
    CALENDAR,
    THROUGH,
    front_end,
)

VARIABLES = {"load_balancer_balancers": BALANCERS, "load_balancer_front_ends": [CALENDAR, THROUGH]}
TIER = DescribedTier("load_balancer", "web", ("balancer1", "balancer2"), VARIABLES)


def judge(hosts: str = "balancer1 balancer2", **changed: Any) -> list[str]:
    given = {**VARIABLES, **{f"load_balancer_{name}": value for name, value in changed.items()}}
    variables = {"group_names": ["load_balancers"], "load_balancer_name": "web", **given}
    names = hosts.split()
    tiers, problems = judged(dict.fromkeys(names, variables), names)
    assert [tier.as_dict()["kind"] for tier in tiers] == ([] if problems else ["load_balancer"])
    return problems


def test_nothing_is_wrong() -> None:
    assert judge() == []
    assert judge(connections=10, peers_port=1024) == []


@pytest.mark.parametrize(
    ("hosts", "changed", "words"),
    [
        ("balancer1", {}, "load_balancer web: load_balancer_balancers = 'balancer2': is no host of the inventory that"),
        ("balancer1 balancer2 other", {}, "load_balancer_balancers = 'other': does not name this host of the tier"),
        ("balancer1 balancer2", {"front_ends": [front_end(port=0)]}, "load_balancer_front_ends[calendar].port"),
        ("balancer1 balancer2", {"connections": "many"}, "load_balancer web: load_balancer_connections = a text"),
        ("balancer1 balancer2", {"front_ends": None}, "load_balancer web: load_balancer_front_ends: is not defined"),
    ],
)
def test_what_is_wrong(hosts: str, changed: dict[str, Any], words: str) -> None:
    (found,) = judge(hosts, **changed)
    assert words in found


def test_it_offers_its_front_ends() -> None:
    assert LoadBalancer().offers(TIER) == [Need("balanced_address", "calendar"), Need("balanced_address", "through")]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"member": "app1"}, ""),
        ({"member": "app2", "front_end": "calendar"}, ""),
        ({"member": "app3"}, "member = 'app3': is no member of any front end; there are app1, app2"),
        (
            {"member": "app2", "front_end": "through"},
            "member = 'app2': is no member of the front end through, which has app1",
        ),
        ({"member": "app2", "front_end": "x"}, "front_end = 'x': is described nowhere; there are calendar, through"),
        ({}, ""),
    ],
)
def test_what_it_is_asked_for(given: dict[str, Any], words: str) -> None:
    assert list(LoadBalancer().refuses("balance", given, [TIER])) == ([words] if words else [])
    assert list(LoadBalancer().refuses("switchover", given, [TIER])) == []
