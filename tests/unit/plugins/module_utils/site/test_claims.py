"""Addresses that a tier would have, and that another tier or a cluster has already."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.site.addresses import claimed
from ansible_collections.groupware.ha.plugins.module_utils.tiers.base import DescribedTier
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.balanced import (
    BALANCERS,
    CALENDAR,
    front_end,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.site.test_clusters import described

CLUSTER = {"east": described("east", ["nodea", "nodeb"], 41)}


def balancers(name: str, first: int, *front_ends: object) -> DescribedTier:
    own = [{**one, "address": f"192.0.2.{number}"} for number, one in enumerate(BALANCERS, start=first)]
    variables = {"load_balancer_balancers": own, "load_balancer_front_ends": list(front_ends)}
    return DescribedTier("load_balancer", name, ("balancer1", "balancer2"), variables)


def databases(name: str, first: int) -> DescribedTier:
    servers = [{"name": f"db{number}", "address": f"192.0.2.{number}"} for number in range(first, first + 2)]
    variables = {
        "database_replication_servers": servers,
        "database_replication_primary": f"db{first}",
        "database_replication_databases": [{"name": "app"}],
    }
    return DescribedTier("database_replication", name, (f"db{first}", f"db{first + 1}"), variables)


def test_those_that_share_nothing() -> None:
    # A node of a cluster may have a database server too, with its own address.
    assert list(claimed(CLUSTER, [balancers("web", 11, CALENDAR), databases("data", 41)])) == []


@pytest.mark.parametrize(
    ("tiers", "words"),
    [
        (
            [balancers("web", 11, front_end(address="192.0.2.141"))],
            "load_balancer web: load_balancer_front_ends[calendar].address = '192.0.2.141': service mail41 of the"
            " cluster east has it; give each its own",
        ),
        (
            [balancers("web", 11, front_end(address="192.0.2.41"))],
            "load_balancer web: load_balancer_front_ends[calendar].address = '192.0.2.41': node nodea of the cluster",
        ),
        (
            [balancers("web", 11, CALENDAR), balancers("mail", 13, CALENDAR)],
            "load_balancer mail: load_balancer_front_ends[calendar].address = '192.0.2.21': load_balancer web has it",
        ),
        (
            [databases("data", 51), databases("more", 52)],
            "database_replication more: database_replication_servers[db52] = 'database server 192.0.2.52:3306': data",
        ),
        (
            [databases("data", 21), balancers("web", 11, CALENDAR)],
            "load_balancer web: load_balancer_front_ends[calendar].address = '192.0.2.21': database_replication data",
        ),
    ],
)
def test_those_that_share_something(tiers: list[DescribedTier], words: str) -> None:
    (found,) = claimed(CLUSTER, tiers)
    assert found.startswith(words)
