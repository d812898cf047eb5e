"""Tiers of GlassFish, by their description and the hosts of the inventory."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.tiers.base import DescribedTier, Need
from ansible_collections.groupware.ha.plugins.module_utils.tiers.finding import judged
from ansible_collections.groupware.ha.plugins.module_utils.tiers.glassfish import Glassfish
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.glassfish_domains import DESCRIBED
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.tiers import (
    test_database_replication as databases,
)


def variables(**changed: Any) -> dict[str, Any]:
    given = {"archive": "/srv/glassfish.zip", "checksum": "a" * 64, **copy.deepcopy(DESCRIBED), **changed}
    return {
        "group_names": ["glassfish_servers"],
        "glassfish_name": "calendar",
        **{f"glassfish_{name}": value for name, value in given.items()},
    }


def problems(hosts: str = "app1 app2", **changed: Any) -> list[str]:
    """Of a site that has the database too."""
    names = hosts.split()
    site = {**dict.fromkeys(names, variables(**changed)), **dict.fromkeys(("db1", "db2"), databases.variables())}
    return judged(site, list(site))[1]


def test_nothing_is_wrong() -> None:
    assert problems() == []
    assert problems(directory="/srv/glassfish", data="/srv/data", administration_server="app2") == []


@pytest.mark.parametrize(
    ("hosts", "changed", "words"),
    [
        (
            "app1",
            {},
            "glassfish_servers = 'app2': is no host of the inventory that belongs to the tier, which has app1",
        ),
        ("app1 app2 app3", {}, "glassfish_servers = 'app3': does not name this host of the tier; add the server"),
        ("app1 app2", {"checksum": "1"}, "glassfish_checksum = a text: is no checksum; give the SHA-256 of"),
        ("app1 app2", {"directory": "/opt"}, "glassfish_directory = '/opt': is a directory of the system itself"),
        ("app1 app2", {"data": "x"}, "glassfish_data = 'x': is not a clean absolute path"),
        ("app1 app2", {"options": {"x": 1}}, "is not the name of a setting"),
    ],
)
def test_what_is_wrong(hosts: str, changed: dict[str, Any], words: str) -> None:
    (problem,) = problems(hosts, **changed)
    assert problem.startswith("glassfish calendar: ")
    assert words in problem


def test_a_database_that_no_tier_has() -> None:
    pools = [{**DESCRIBED["pools"][0], "database": "calender"}]
    (problem,) = problems(pools=pools)
    assert "database calender" in problem


def test_it_comes_behind_its_database() -> None:
    site = {**dict.fromkeys(("app1", "app2"), variables()), **dict.fromkeys(("db1", "db2"), databases.variables())}
    tiers, found = judged(site, list(site))
    assert found == []
    ranks = {one.tier.kind: one.rank for one in tiers}
    assert ranks["database_replication"] < ranks["glassfish"]


def test_needs_and_offers() -> None:
    tier = DescribedTier("glassfish", "calendar", ("app1", "app2"), variables())

    assert Glassfish().needs(tier) == [Need("database", "calendar")]
    assert Glassfish().offers(tier) == [Need("application_servers", "calendar"), Need("application", "calendar")]


def test_a_server_that_is_none_is_not_started_again() -> None:
    tier = DescribedTier("glassfish", "calendar", ("app1", "app2"), variables())
    refuses = Glassfish().refuses

    assert list(refuses("restart", {"server": "app2"}, [tier])) == []
    assert list(refuses("promote", {"server": "app4"}, [tier])) == []
    assert list(refuses("restart", {"server": "app4"}, [tier])) == [
        "server = 'app4': is no server of a tier; there are app1, app2"
    ]
