"""Databases and accounts: what differs, and that no password is in any statement."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.products import mariadb
from ansible_collections.groupware.ha.plugins.module_utils.products.database_accounts import (
    Account,
    Database,
    converge,
    native_hash,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.mariadb import DatabaseError
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.fake_mariadb import FakeMariadb

PASSWORDS = {"app": "geheim"}
HASH = native_hash("geheim")
APP = Account("app", ("192.0.2.%",), {"i_schedule": ["ALL PRIVILEGES"], "calendar": ["SELECT", "INSERT"]})
WHO = "'app'@'192.0.2.%'"


def server(grants: list[str], authentication: str = HASH, **more: Any) -> FakeMariadb:
    priv = json.dumps({"plugin": "mysql_native_password", "authentication_string": authentication})
    return FakeMariadb(
        {
            "SELECT schema_name": [
                {"name": "calendar", "characters": "utf8mb4", "collation": "utf8mb4_uca1400_ai_ci"},
                {"name": "mysql", "characters": "utf8mb4", "collation": "utf8mb4_uca1400_ai_ci"},
            ],
            "SELECT user": [
                {"user": "app", "host": "192.0.2.%", "priv": priv},
                {"user": "app", "host": "203.0.113.9", "priv": priv},
            ],
            "SHOW GRANTS": [{"Grants": text} for text in grants],
        },
        **more,
    )


WHOLE = [
    f"GRANT USAGE ON *.* TO `app`@`192.0.2.%` IDENTIFIED BY PASSWORD '{HASH}'",
    "GRANT ALL PRIVILEGES ON `i\\_schedule`.* TO `app`@`192.0.2.%`",
    "GRANT INSERT, SELECT ON `calendar`.* TO `app`@`192.0.2.%`",
    "GRANT SELECT ON `calendar`.`t` TO `app`@`192.0.2.%`",
]


def run(runner: FakeMariadb, account: Account = APP, *databases: Database) -> dict[str, Any]:
    result = converge(mariadb.local(runner), databases, [account], PASSWORDS)
    assert "geheim" not in str((result, runner.commands, runner.told))
    assert HASH not in str((result, runner.commands))
    return result


def test_what_is_as_described_is_left_alone() -> None:
    runner = server(WHOLE)

    assert not run(runner, APP, Database("calendar", "utf8mb4", "utf8mb4_uca1400_ai_ci"))["changed"]
    assert runner.told == []


def test_the_hash_is_that_of_the_server() -> None:
    """As ``SELECT PASSWORD('geheim-1')`` gave it."""
    assert native_hash("geheim-1") == "*A3C9BA3BA9BEA47A1C9D484DAFD85F107883B9C6"


@pytest.mark.parametrize(
    ("grants", "statements"),
    [
        # A name with _ in it is a pattern, which means others too.
        (
            [WHOLE[0], WHOLE[1].replace("\\", ""), WHOLE[2]],
            [
                f"GRANT ALL PRIVILEGES ON `i\\_schedule`.* TO {WHO}",
                f"REVOKE ALL PRIVILEGES ON `i_schedule`.* FROM {WHO}",
            ],
        ),
        (
            [*WHOLE[:2], "GRANT SELECT, DELETE ON `calendar`.* TO `app`@`192.0.2.%`"],
            [f"REVOKE DELETE ON `calendar`.* FROM {WHO}", f"GRANT INSERT ON `calendar`.* TO {WHO}"],
        ),
        # What it may do is nowhere taken away to be given again.
        (
            [WHOLE[0], "GRANT SELECT ON `i\\_schedule`.* TO `app`@`192.0.2.%`", WHOLE[2]],
            [f"GRANT ALL PRIVILEGES ON `i\\_schedule`.* TO {WHO}"],
        ),
        (
            [f"GRANT FILE ON *.* TO `app`@`192.0.2.%` IDENTIFIED BY PASSWORD '{HASH}'", *WHOLE[1:]],
            [f"REVOKE FILE ON *.* FROM {WHO}"],
        ),
    ],
)
def test_privileges(grants: list[str], statements: list[str]) -> None:
    runner = server(grants)

    assert run(runner)["changed"]
    assert runner.told == statements


def test_a_password_is_given_as_its_hash() -> None:
    runner = server(WHOLE, "*0000")
    result = run(runner)

    assert runner.told == [f"ALTER USER {WHO} IDENTIFIED VIA mysql_native_password USING '{HASH}'"]
    assert result["diff"] == {
        "before": "account app@192.0.2.%: another password\n",
        "after": "account app@192.0.2.%: the password\n",
    }


def test_one_that_is_missing_is_made() -> None:
    runner = server([])
    account = Account("app", ("192.0.2.44",), {"calendar": ["SELECT"]}, ("RELOAD",), only_these_hosts=True)

    assert run(runner, account)["changed"]
    who = "'app'@'192.0.2.44'"
    assert runner.told == [
        f"CREATE USER IF NOT EXISTS {who} IDENTIFIED VIA mysql_native_password USING '{HASH}'",
        f"GRANT SELECT ON `calendar`.* TO {who}",
        f"GRANT RELOAD ON *.* TO {who}",
        f"DROP USER IF EXISTS {WHO}",
        "DROP USER IF EXISTS 'app'@'203.0.113.9'",
    ]


def test_databases() -> None:
    runner = server(WHOLE)
    wanted = [Database("calendar", "latin1"), Database("i_schedule", "utf8mb4", "utf8mb4_bin"), Database("mysql")]

    assert run(runner, APP, *wanted)["diff"] == {
        "before": "database calendar character set utf8mb4\n",
        "after": "database calendar character set latin1\n"
        "database i_schedule character set utf8mb4 collate utf8mb4_bin\n",
    }
    assert runner.told == [
        "ALTER DATABASE `calendar` CHARACTER SET latin1",
        "CREATE DATABASE IF NOT EXISTS `i_schedule` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    ]


def test_check_mode_only_says_it() -> None:
    runner = server([], dry=True)

    assert run(runner, Account("app", ("192.0.2.44",), {"calendar": ["SELECT"]}))["changed"]
    assert runner.told == []
    assert runner.commands[0].endswith("IDENTIFIED VIA mysql_native_password USING (hidden)")


def test_what_a_server_refuses_is_told_without_the_statement() -> None:
    runner = server(WHOLE, "*0000")
    runner.errors["ALTER USER"] = "ERROR 1396 (HY000) at line 1: Operation ALTER USER failed"

    with pytest.raises(DatabaseError) as refused:
        run(runner)
    assert str(refused.value) == "the server of this node: Operation ALTER USER failed (error 1396)"
