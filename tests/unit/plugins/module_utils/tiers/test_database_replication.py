"""Tiers of replicated databases, by their description and the hosts of the inventory."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.tiers.base import DescribedTier, Need
from ansible_collections.groupware.ha.plugins.module_utils.tiers.database_replication import DatabaseReplication
from ansible_collections.groupware.ha.plugins.module_utils.tiers.finding import judged

SERVERS = [{"name": "db1", "address": "192.0.2.31"}, {"name": "db2", "address": "192.0.2.32"}]


def variables(**changed: Any) -> dict[str, Any]:
    return {
        "group_names": ["database_servers"],
        "database_replication_name": "office",
        "database_replication_servers": SERVERS,
        "database_replication_primary": "db1",
        "database_replication_databases": [{"name": "calendar"}, {"name": "i_schedule"}],
        **{f"database_replication_{name}": value for name, value in changed.items()},
    }


def problems(hosts: str = "db1 db2", **changed: Any) -> list[str]:
    names = hosts.split()
    return judged(dict.fromkeys(names, variables(**changed)), names)[1]


def test_nothing_is_wrong() -> None:
    assert problems() == []
    assert problems(durability="asynchronous", settings={"max_connections": 100}) == []


@pytest.mark.parametrize(
    ("hosts", "changed", "words"),
    [
        (
            "db1",
            {},
            "database_replication office: database_replication_servers = 'db2': is no host of the inventory that "
            "belongs to the tier, which has db1; add the host, or take the server out",
        ),
        (
            "db1 db2 db3",
            {},
            "database_replication office: database_replication_servers = 'db3': does not name this host of the tier; "
            "add the server, or give it another tier",
        ),
        (
            "db1 db2",
            {"primary": "db3"},
            "database_replication office: database_replication_primary = 'db3': is none of the servers; name one of "
            "db1, db2",
        ),
    ],
)
def test_what_is_wrong(hosts: str, changed: dict[str, Any], words: str) -> None:
    assert problems(hosts, **changed) == [words]


def test_it_offers_its_databases() -> None:
    tier = DescribedTier("database_replication", "office", ("db1", "db2"), variables())

    assert DatabaseReplication().offers(tier) == [Need("database", "calendar"), Need("database", "i_schedule")]


def test_a_password_is_needed_where_it_is_configured() -> None:
    hosts = {name: {**variables(), "secrets": []} for name in ("db1", "db2")}

    (problem,) = judged(hosts, list(hosts))[1]
    assert "database_replication_passwords: is not defined for db1, db2; give it to all its hosts" in problem


def test_a_server_that_is_none_is_not_promoted() -> None:
    tier = DescribedTier("database_replication", "office", ("db1", "db2"), variables())
    refuses = DatabaseReplication().refuses

    assert list(refuses("promote", {"server": "db2"}, [tier])) == []
    assert list(refuses("site", {"server": "db4"}, [tier])) == []
    assert list(refuses("promote", {"server": "db4"}, [tier])) == [
        "server = 'db4': is no server of a tier; there are db1, db2"
    ]
