"""Users of SOGo: judged, and brought into the table; no hash is in anything that is shown."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.products import mariadb
from ansible_collections.groupware.ha.plugins.module_utils.products.mariadb import DatabaseError
from ansible_collections.groupware.ha.plugins.module_utils.products.sogo_database import (
    NotYet,
    Result,
    awaited,
    converge,
    forgotten,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.sogo_description import TABLES
from ansible_collections.groupware.ha.plugins.module_utils.products.sogo_users import parse
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.calendars import (
    HASH,
    OTHER_HASH,
    USERS,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.fake_mariadb import FakeMariadb


def test_what_is_not_given() -> None:
    alice, bob = parse(USERS, "example.com")
    assert (alice.full_name, alice.mail) == ("Alice O'Neill", "alice@example.com")
    assert (bob.full_name, bob.mail) == ("bob", "bob@example.com")
    (whole,) = parse([{"name": "eve@example.org", "password_hash": HASH}], "example.com")
    assert whole.mail == "eve@example.org"
    assert HASH not in repr(alice)


@pytest.mark.parametrize(
    ("user", "words"),
    [
        ({"name": "alice"}, "sogo_users[alice].password_hash: is missing"),
        (
            {"name": "alice", "password_hash": "{PLAIN}geheim"},
            "sogo_users[alice].password_hash = '(hidden)': is of the",
        ),
        ({"name": "alice", "password_hash": "geheim"}, "is not a hash with its scheme"),
        ({"name": "alice", "password_hash": "{PBKDF2}$1$a$5000$" + "a" * 40}, "is of a scheme that was not tried with"),
        ({"name": "a/../b", "password_hash": HASH}, "sogo_users[0].name = 'a/../b': is not a user's name"),
        ({"name": "", "password_hash": HASH}, "sogo_users[0].name = '': is not a user's name"),
        ({"name": "alice", "password_hash": HASH, "full_name": "a\nb"}, "sogo_users[alice].full_name"),
        ({"name": "alice", "password_hash": HASH, "mail": "alice"}, "mail = 'alice': is not a mail address"),
        (
            {"name": "alice", "password_hash": HASH, "email": "x"},
            "sogo_users[alice].email = '(hidden)': is not a known",
        ),
    ],
)
def test_what_is_wrong(user: dict[str, Any], words: str) -> None:
    with pytest.raises(DescriptionError) as refused:
        parse([user], "example.com")
    assert words in str(refused.value)
    assert "geheim" not in str(refused.value)
    assert "aaaa" not in str(refused.value)


def test_a_name_twice() -> None:
    with pytest.raises(DescriptionError, match="sogo_users = 'alice': is the name of two users"):
        parse([*USERS, USERS[0]], "example.com")


ALICE = {"c_uid": "alice", "c_name": "alice", "c_password": HASH, "c_cn": "Alice O'Neill", "mail": "alice@example.com"}
BOB = {"c_uid": "bob", "c_name": "bob", "c_password": HASH, "c_cn": "bob", "mail": "bob@example.com"}


def server(
    *rows: dict[str, str], tables: tuple[str, ...] = (*TABLES.values(), "groupware_users"), **given: Any
) -> FakeMariadb:
    collation = given.pop("collation", "utf8mb4_bin")
    return FakeMariadb(
        {
            "SELECT @@global.read_only": [{"it": given.pop("read_only", "0")}],
            "SELECT default_collation_name": [{"name": collation}] if collation else [],
            "SELECT table_name": [{"name": name} for name in tables],
            "SELECT c_uid": list(rows),
        },
        **given,
    )


def run(runner: FakeMariadb) -> Result:
    result = converge(mariadb.local(runner), "sogo", parse(USERS, "example.com"))
    assert HASH not in str((result, runner.commands))
    assert OTHER_HASH not in str((result, runner.commands))
    return result


def test_what_is_as_described_is_left_alone() -> None:
    runner = server(ALICE, BOB)
    assert run(runner) == Result(False, "", "", [])
    assert runner.told == []


@pytest.mark.parametrize(
    ("rows", "begins", "before", "after"),
    [
        ([ALICE], ["REPLACE INTO `sogo`.`groupware_users`"], "", "bob: bob <bob@example.com>\n"),
        (
            [ALICE, BOB, {**BOB, "c_uid": "eve", "c_name": "eve"}],
            ["DELETE FROM `sogo`.`groupware_users` WHERE c_uid = 'eve'"],
            "eve: bob <bob@example.com>\n",
            "",
        ),
        (
            [ALICE, {**BOB, "c_password": OTHER_HASH}],
            ["REPLACE"],
            "bob: bob <bob@example.com>\n",
            "bob: bob <bob@example.com>, another password\n",
        ),
        (
            [{**ALICE, "c_cn": "Al"}, BOB],
            ["REPLACE"],
            "alice: Al <alice@example.com>\n",
            "alice: Alice O'Neill <alice@example.com>\n",
        ),
    ],
)
def test_what_differs(rows: list[dict[str, str]], begins: list[str], before: str, after: str) -> None:
    runner = server(*rows)
    assert run(runner) == Result(True, before, after, [])
    assert [told.startswith(begin) for told, begin in zip(runner.told, begins, strict=True)] == [True] * len(begins)


def test_the_table_is_made() -> None:
    runner = server(tables=())
    result = run(runner)
    assert result.missing == list(TABLES.values())
    create, alice, _bob = runner.told
    assert create.startswith("CREATE TABLE IF NOT EXISTS `sogo`.`groupware_users`")
    assert f"VALUES ('alice', 'alice', '{HASH}', 'Alice O\\'Neill', 'alice@example.com')" in alice


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"read_only": "1"}, NotYet, "takes no writes"),
        (
            {"collation": "utf8mb4_uca1400_ai_ci"},
            DatabaseError,
            "has the collation utf8mb4_uca1400_ai_ci, with which an",
        ),
        ({"collation": ""}, DatabaseError, "there is no database sogo, or the account may not see it"),
    ],
)
def test_databases_that_are_refused(given: dict[str, Any], error: type[Exception], words: str) -> None:
    runner = server(**given)
    with pytest.raises(error, match=words):
        run(runner)
    assert runner.told == []


def test_it_waits_for_a_server_that_takes_writes() -> None:
    runner = server(ALICE, BOB, read_only="1")
    waited: list[float] = []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            runner.tables["SELECT @@global.read_only"] = [{"it": "0"}]

    runner.pause = pause  # type: ignore[method-assign]
    runner.clock = lambda: sum(waited)  # type: ignore[method-assign]
    client, users = mariadb.local(runner), parse(USERS, "example.com")
    assert not awaited(client, "sogo", users, runner, 10).changed
    assert len(waited) == 3
    runner.tables["SELECT @@global.read_only"] = [{"it": "1"}]
    with pytest.raises(NotYet):
        awaited(client, "sogo", users, runner, 10)


@pytest.mark.parametrize(("said", "wrong"), [(b"OK\r\n", None), (b"ERROR\r\n", "it gives no answer")])
def test_a_cache_forgets(said: bytes, wrong: str | None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _address = listening.accept()
            with connection:
                assert connection.recv(64) == b"flush_all\r\n"
                connection.sendall(said)

        thread = threading.Thread(target=serve)
        thread.start()
        assert forgotten(*listening.getsockname()) == wrong
        thread.join()
    assert forgotten("127.0.0.1", 1) == "Connection refused"
