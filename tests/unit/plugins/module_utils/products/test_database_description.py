"""A described tier of databases, judged as a whole."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.products.database_description import (
    accounts_of,
    judge_passwords,
    settings_of,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.databases import DESCRIBED, described

SERVERS: list[dict[str, Any]] = DESCRIBED["servers"]
PASSWORDS = {"replication": "geheim \\'\"", "app": "auch geheim"}


def test_what_is_made_of_it() -> None:
    made = described(settings={"max_connections": 300, "innodb-buffer-pool-size": "1G"})
    settings = settings_of(made, made.server("db2"))

    assert settings["server_id"] == "2"
    # An old primary that comes back takes no writes, and takes back what nobody has acknowledged.
    assert (settings["read_only"], settings["init_rpl_role"]) == ("1", "SLAVE")
    # A replica that waits for acknowledgements stands still; the primary is told to while it runs.
    assert (settings["rpl_semi_sync_master_enabled"], settings["rpl_semi_sync_slave_enabled"]) == ("0", "1")
    assert settings["rpl_semi_sync_master_timeout"] == "10000"
    assert (settings["max_connections"], settings["innodb_buffer_pool_size"]) == ("300", "1G")


def test_asynchronous() -> None:
    made = described(durability="asynchronous")
    settings = settings_of(made, made.server("db1"))

    assert settings["rpl_semi_sync_slave_enabled"] == "0"
    assert "init_rpl_role" not in settings


def test_an_id_is_made_of_the_address() -> None:
    made = described(servers=[{"name": "db1", "address": "192.0.2.31"}, {"name": "db2", "address": "192.0.2.32"}])

    assert [server.server_id for server in made.servers] == [3221226015, 3221226016]
    assert made.at("192.0.2.32", 3306) == made.server("db2")
    assert made.at("192.0.2.32", 3307) is None


def test_the_account_of_the_servers_logs_in_from_them_alone() -> None:
    own, app, observer = accounts_of(described())

    assert own["name"] == "replication"
    assert own["hosts"] == ["192.0.2.31", "192.0.2.32", "192.0.2.33"]
    assert own["only_these_hosts"]
    assert "ALL PRIVILEGES" not in own["global_privileges"]
    assert app["privileges"] == {"calendar": ["ALL PRIVILEGES"], "i_schedule": ["ALL PRIVILEGES"]}
    # From nowhere: one of an earlier description goes.
    assert observer == {"name": "groupware_ha_observer", "hosts": [], "only_these_hosts": True}


def test_who_observes_has_no_privileges() -> None:
    *_others, observer = accounts_of(described(observers=["192.0.2.11", "192.0.2.12"]))
    assert observer["hosts"] == ["192.0.2.11", "192.0.2.12"]
    assert set(observer) == {"name", "hosts", "only_these_hosts"}


def account(**changed: Any) -> dict[str, Any]:
    return {"accounts": [{"name": "app", "hosts": ["192.0.2.%"], **changed}]}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"servers": SERVERS[:1]}, "servers = a list of 1 item: has fewer than two servers"),
        ({"servers": "db1"}, "servers = a text: is not a list"),
        ({"servers": [SERVERS[0], {**SERVERS[1], "server_id": 1}]}, "servers = '1': is the server_id of two"),
        ({"servers": [SERVERS[0], {**SERVERS[1], "name": "db1"}]}, "servers = 'db1': is the name of two servers"),
        ({"servers": [SERVERS[0], {"name": "db2", "address": "db2.example.com"}]}, "is no IP address"),
        ({"servers": [SERVERS[0], {"name": "db2", "address": "2001:db8::2"}]}, "servers[1].server_id: is missing"),
        ({"servers": [SERVERS[0], {**SERVERS[1], "server_id": 0}]}, "servers[1].server_id = 0: is none of its numbers"),
        ({"servers": [SERVERS[0], {**SERVERS[1], "id": 2}]}, "servers[1].id = a number: is not a known key"),
        ({"primary": "db4"}, "primary = 'db4': is none of the servers; name one of db1, db2, db3"),
        ({"databases": []}, "databases = a list of 0 items: has no database"),
        ({"databases": [{"name": "mysql"}]}, "databases[0].name = 'mysql': is the server's own"),
        ({"databases": [{"name": "a`b"}]}, "is no name for a database"),
        ({"databases": [{"name": "calendar"}, {"name": "calendar"}]}, "databases = 'calendar': is named twice"),
        ({"databases": [{"name": "a", "collation": "x; DROP"}]}, "is the name of no collation"),
        (account(databases=["calender"]), "accounts[0].databases = 'calender': is no described database; did you mean"),
        (account(hosts=["x' OR '"]), "is neither an address nor a pattern"),
        (account(hosts=["client.example.com"]), "is neither an address nor a pattern"),
        (account(hosts=[]), "accounts[0].hosts = a list of 0 items: is missing"),
        (account(privileges=["GRANT OPTION"]), "is no privilege of a database"),
        ({"observers": ["192.0.2.%"]}, "observers = '192.0.2.%': is not an IP address"),
        ({"observers": {"a": 1}}, "observers = a dictionary: is not a list"),
        (account(name="groupware_ha_observer"), "accounts[0].name = 'groupware_ha_observer': is the server's own"),
        (account(name="root"), "accounts[0].name = 'root': is the server's own"),
        (account(name="replication"), "is the name of the account that the servers use among themselves"),
        ({"durability": "sometimes"}, "durability = 'sometimes': is no durability"),
        ({"acknowledgement_timeout": 0}, "acknowledgement_timeout = 0: is no time to wait"),
        ({"settings": {"read-only": 0}}, "settings.read-only = '0': is set by the tier itself"),
        ({"settings": {"init_connect": "a\nb"}}, "has more than one line"),
    ],
)
def test_what_is_wrong(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(DescriptionError) as refused:
        described(**changed)
    assert f"database_replication_{words}" in str(refused.value) or words in str(refused.value)


def test_passwords() -> None:
    judge_passwords(described(), PASSWORDS)


@pytest.mark.parametrize(
    ("passwords", "words"),
    [
        ({"replication": "geheim"}, "database_replication_passwords.app: is missing"),
        ({**PASSWORDS, "app": 4711}, "database_replication_passwords.app"),
        ({**PASSWORDS, "app": "g" * 97}, "is too long"),
        ({**PASSWORDS, "app": "geh\neim"}, "characters that not every client can send"),
        ({**PASSWORDS, "apq": "geheim"}, "database_replication_passwords.apq: is for nothing that is described"),
        ("geheim", "database_replication_passwords = a text: is not a dictionary"),
    ],
)
def test_wrong_passwords_are_not_repeated(passwords: Any, words: str) -> None:
    with pytest.raises(DescriptionError) as refused:
        judge_passwords(described(), passwords)
    assert words.partition(":")[0] in str(refused.value)
    for secret in ("geheim", "4711", "geh"):
        assert secret not in str(refused.value)
