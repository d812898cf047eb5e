"""Tiers of SOGo, by their description and the hosts of the inventory."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.tiers.base import DescribedTier, Need
from ansible_collections.groupware.ha.plugins.module_utils.tiers.finding import judged
from ansible_collections.groupware.ha.plugins.module_utils.tiers.sogo import Sogo
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.balanced import (
    BALANCERS,
    CACHE,
    CALENDAR,
    DATABASE,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.calendars import DESCRIBED
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.databases import (
    DESCRIBED as DATABASES,
)

VARIABLES = {f"sogo_{name}": value for name, value in DESCRIBED.items()}
DATABASES_OF_SOGO = {**DATABASES, "databases": [{"name": "sogo"}], "accounts": []}


def site(front_ends: Any = (CALENDAR, DATABASE, CACHE), hosts: str = "app1 app2", **changed: Any) -> Any:
    """The tiers of an inventory, and what is wrong with them."""
    given = {**VARIABLES, **{f"sogo_{name}": value for name, value in changed.items()}}
    sogo = {"group_names": ["sogo_servers"], "sogo_name": "office", **given}
    balancers = {"load_balancer_balancers": BALANCERS, "load_balancer_front_ends": list(front_ends)}
    databases = {f"database_replication_{name}": value for name, value in DATABASES_OF_SOGO.items()}
    inventory: dict[str, Any] = {
        **dict.fromkeys(hosts.split(), sogo),
        **{
            one["name"]: {"group_names": ["load_balancers"], "load_balancer_name": "web", **balancers}
            for one in BALANCERS
        },
        **{
            one["name"]: {
                "group_names": ["database_servers"],
                "database_replication_name": "databases",
                **databases,
            }
            for one in DATABASES["servers"]
        },
    }
    return judged(inventory, list(inventory))


def test_it_comes_after_what_it_needs() -> None:
    tiers, problems = site()
    assert problems == []
    assert [(tier.tier.kind, tier.rank) for tier in tiers][-1] == ("sogo", 1)


def test_what_it_needs() -> None:
    assert Sogo().needs(DescribedTier("sogo", "office", ("app1", "app2"), VARIABLES)) == [
        Need("database", "sogo"),
        Need("database_address", "database"),
        Need("cache_address", "cache"),
        Need("balanced_address", "calendar"),
    ]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"hosts": "app1"}, "sogo office: sogo_nodes = 'app2': is no host of the inventory that belongs to the tier"),
        ({"hosts": "app1 app2 app3"}, "sogo_nodes = 'app3': does not name this host of the tier"),
        ({"workers": 0}, "sogo office: sogo_workers = a number: is not a number"),
        ({"mail_domain": None}, "sogo office: sogo_mail_domain: is not defined"),
        ({"front_ends": [CALENDAR, DATABASE]}, "sogo office: needs the cache address cache, which no tier"),
        ({"front_end": "database"}, "sogo office: needs the balanced address database, which no tier"),
        ({"database": {**DESCRIBED["database"], "name": "sog"}}, "sogo office: needs the database sog, which no tier"),
    ],
)
def test_what_is_wrong(given: dict[str, Any], words: str) -> None:
    (found,) = site(**given)[1]
    assert words in found
