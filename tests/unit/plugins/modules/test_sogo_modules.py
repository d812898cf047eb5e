"""The modules of the role sogo, run as Ansible runs them."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils import runner
from ansible_collections.groupware.ha.plugins.module_utils.bodies import sogo_info, sogo_users
from ansible_collections.groupware.ha.plugins.module_utils.command import CommandResult, LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.node import staging
from ansible_collections.groupware.ha.plugins.module_utils.products import sogo_configuration
from ansible_collections.groupware.ha.plugins.module_utils.products.sogo_description import TABLES
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.calendars import (
    HASH,
    OTHER_HASH,
    PASSWORD,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.fake_mariadb import FakeMariadb
from ansible_collections.groupware.ha.tests.unit.plugins.modules.module_runs import given_arguments

_REPLACE = re.compile(r"REPLACE INTO .* VALUES \('(.*)', '(.*)', '(.*)', '(.*)', '(.*)'\)")
ALICE = {"name": "alice", "full_name": "Alice", "mail": "alice@example.com"}
WAY = {"host": "192.0.2.22", "account": "sogo", "password": PASSWORD, "database": "sogo"}


class Database(FakeMariadb):
    """Keeps the users that it is told of; the module makes one for each run."""

    users: dict[str, tuple[str, ...]] = {}
    error = ""
    has_client = True

    def __init__(self, dry: bool = False) -> None:
        super().__init__(dry=dry, errors={"SELECT": Database.error} if Database.error else {})
        columns = ("c_uid", "c_name", "c_password", "c_cn", "mail")
        self.elsewhere = {
            "SELECT @@global.read_only": [{"it": "0"}],
            "SELECT default_collation_name": [{"name": "utf8mb4_bin"}],
            "SELECT table_name": [{"name": name} for name in (*TABLES.values(), "groupware_users")],
            "SELECT c_uid": [dict(zip(columns, row, strict=True)) for row in Database.users.values()],
        }
        self.on_tell = self.keep

    def keep(self, statement: str) -> None:
        match = _REPLACE.fullmatch(statement)
        assert match is not None, statement
        Database.users[match[1]] = match.groups()

    def installed(self, _program: str) -> bool:
        return Database.has_client


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> type[Database]:
    monkeypatch.setattr(Database, "users", {})
    monkeypatch.setattr(Database, "error", "")
    monkeypatch.setattr(Database, "has_client", True)
    monkeypatch.setattr(runner, "LocalRunner", Database)
    monkeypatch.setattr(staging, "PARENT", str(tmp_path))
    return Database


@pytest.fixture
def run(capsys: Any) -> Any:
    def ran(name: str, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        module = importlib.import_module(f"ansible_collections.groupware.ha.plugins.modules.{name}")
        arguments = {**options, "_ansible_check_mode": check_mode, "_ansible_diff": True}
        with given_arguments(arguments), pytest.raises(SystemExit):
            module.main()
        said = capsys.readouterr().out
        assert PASSWORD not in said
        assert HASH.partition("}")[2] not in said
        result: dict[str, Any] = json.loads(said)
        return result

    return ran


def test_users_check_do_again_check_again(run: Any, database: type[Database]) -> None:
    given = {**WAY, "users": [ALICE], "password_hashes": {"alice": HASH}}
    checked = run("sogo_users", check_mode=True, **given)
    assert database.users == {}
    done = run("sogo_users", **given)
    assert database.users["alice"][2] == HASH
    assert checked["changed"] is done["changed"] is True
    assert (checked["diff"], checked["commands"]) == (done["diff"], done["commands"])
    assert "(hidden)" in done["commands"][0]
    assert (done["problem"], done["missing_tables"]) == ("", [])
    for check_mode in (False, True):
        again = run("sogo_users", check_mode=check_mode, **given)
        assert (again["changed"], again["commands"]) == (False, [])
    other = run("sogo_users", **{**given, "password_hashes": {"alice": OTHER_HASH}})
    assert other["diff"]["after"] == "alice: Alice <alice@example.com>, another password\n"


def test_a_cache_is_told_when_users_change(run: Any, database: type[Database], monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    told: list[tuple[str, int]] = []

    def forgotten(*where: Any) -> str | None:
        told.append(where)
        return None if len(told) == 1 else "Connection refused"

    warned: list[str] = []
    monkeypatch.setattr(sogo_users, "forgotten", forgotten)
    monkeypatch.setattr(runner.Module, "warn", lambda _module, text, **_given: warned.append(text))
    given = {**WAY, "users": [ALICE], "password_hashes": {"alice": HASH}, "cache": {"host": "192.0.2.22"}}
    run("sogo_users", check_mode=True, **given)
    assert told == []
    run("sogo_users", **given)
    run("sogo_users", **given)
    assert (told, warned) == ([("192.0.2.22", 11211)], [])
    run("sogo_users", **{**given, "password_hashes": {"alice": OTHER_HASH}})
    assert "the cache cannot be told (Connection refused)" in str(warned)


@pytest.mark.parametrize(
    ("error", "has_client", "words"),
    [
        ("ERROR 2003 (HY000): Can't connect to server", True, "Can't connect to server (error 2003)"),
        ("ERROR 1045 (28000): Access denied", True, "Access denied (error 1045)"),
        ("", False, "cannot be asked before MariaDB's client is installed"),
    ],
)
def test_in_check_mode_the_database_may_be_made_by_an_earlier_step(
    run: Any, database: type[Database], error: str, has_client: bool, words: str
) -> None:
    database.error, database.has_client = error, has_client
    given = {**WAY, "users": [ALICE], "password_hashes": {"alice": HASH}}
    checked = run("sogo_users", check_mode=True, **given)
    assert checked["changed"]
    assert words in checked["problem"]
    if error.startswith("ERROR 1045"):
        failed = run("sogo_users", **given)
        assert failed["failed"]
        assert words in failed["msg"]


class Node(LocalRunner):
    """Has the services that run."""

    def run(self, argv: Any, **options: Any) -> CommandResult:  # noqa: ARG002
        active = "ActiveState=active\nStateChangeTimestamp=Mon 2020-11-30 23:13:21.123456 UTC\nUnitFileState=enabled\n"
        return CommandResult(tuple(argv), 0, active if argv[0] == "systemctl" else "sogo installed\n", "")

    def installed(self, program: str) -> bool:  # noqa: ARG002
        return True


@pytest.mark.parametrize("problem", [None, "it answers with status 503"])
def test_what_a_node_has(run: Any, monkeypatch: pytest.MonkeyPatch, problem: str | None) -> None:
    monkeypatch.setattr(runner, "LocalRunner", Node)
    monkeypatch.setattr(sogo_info, "answers", lambda *_where: problem)
    found = run("sogo_info", address="192.0.2.31", packages=["sogo"])
    assert found["running"] == ["memcached", "sogo"]
    assert (found["changed"], found["problem"]) == (False, problem or "")


def test_files_that_are_to_be_there_with_nothing_to_be_there(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "LocalRunner", Node)
    monkeypatch.setattr(sogo_configuration, "answers", lambda *_where: None)
    for given in ({"files": []}, {"files": [{"path": "/x", "content": "x"}], "state": "absent"}):
        assert "files: are what is to be there" in run("sogo_configuration", **given)["msg"]
