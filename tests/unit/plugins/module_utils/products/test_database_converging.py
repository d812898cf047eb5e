"""A server made the primary, or a replica: what is decided, and what is done."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.node import staging
from ansible_collections.groupware.ha.plugins.module_utils.products import mariadb
from ansible_collections.groupware.ha.plugins.module_utils.products.database_asking import SEEDING
from ansible_collections.groupware.ha.plugins.module_utils.products.database_converging import (
    Converging,
    stored_password,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.database_deciding import (
    ReplicationError,
    Wanted,
    decide,
    decide_replica,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.database_state import State
from ansible_collections.groupware.ha.plugins.module_utils.products.database_statements import Account
from ansible_collections.groupware.ha.plugins.module_utils.products.mariadb import DatabaseError
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.databases import (
    following,
    primary,
    replica,
    server,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.fake_mariadb import FakeMariadb, says

PASSWORD = "Folge-mir'nach\\7 \"43"  # noqa: S105 # of nobody
THERE = Account("192.0.2.31", 3306, "replication", PASSWORD)
WANTED = Wanted("replica", THERE)
CHANGE = "CHANGE MASTER TO MASTER_HOST = '192.0.2.31'"


def decided(here: State, there: State | None = None, **changed: Any) -> list[str]:
    """The statements, the copy among them."""
    wanted = replace(WANTED, **changed)
    found = decide_replica(here, there or primary("db1"), wanted, None)
    return [*map(str, found.before), *(["copy"] if found.seed else [])]


def test_a_replica_that_follows_is_left_alone() -> None:
    assert decided(replica("db2", "db1")) == []
    assert decided(replica("db2", "db1"), replace_data=True) == []


@pytest.mark.parametrize(
    ("here", "statements"),
    [
        (replica("db2", "db1", running=False), ["STOP ALL SLAVES", "START SLAVE"]),
        (replica("db2", "db3"), ["STOP ALL SLAVES", CHANGE, "START SLAVE"]),
        (replica("db2", "db1", user="other"), ["STOP ALL SLAVES", CHANGE, "START SLAVE"]),
        (replica("db2", "db1", by_gtid=False), ["STOP ALL SLAVES", CHANGE, "START SLAVE"]),
        # An old primary, from where it stands.
        (server("db2"), ["SET GLOBAL gtid_slave_pos = '0-1-8'", CHANGE, "START SLAVE"]),
        (
            primary("db2"),
            [
                "SET GLOBAL read_only = 1",
                "SET GLOBAL rpl_semi_sync_master_enabled = 0",
                "SET GLOBAL gtid_slave_pos = '0-1-8'",
                CHANGE,
                "START SLAVE",
            ],
        ),
        (
            replace(replica("db2", "db1"), acknowledges=False),
            ["SET GLOBAL rpl_semi_sync_slave_enabled = 1", "STOP ALL SLAVES", "START SLAVE"],
        ),
    ],
)
def test_what_it_takes_to_follow(here: State, statements: list[str]) -> None:
    found = decided(here)

    assert [one.partition(", MASTER_PORT")[0] for one in found] == statements
    assert PASSWORD not in " ".join(found)


SEED = ["RESET MASTER", "SET GLOBAL gtid_slave_pos = ''", "copy"]


def test_one_that_has_nothing_is_loaded() -> None:
    """What its own first start wrote into its binary log is none of the history."""
    found = decided(server("db2", "0-2-5", databases=()))

    assert found[-3:] == SEED
    assert not any(one.startswith("DROP") for one in found)


def test_a_copy_that_was_cut_short_is_made_again() -> None:
    found = decided(server("db2", "", seeding=True))

    assert found[-3:] == SEED
    assert "DROP DATABASE IF EXISTS `calendar`" in found


@pytest.mark.parametrize(
    ("here", "words"),
    [
        (server("db2", "0-1-9"), "has transactions that 192.0.2.31 has not, 0-1-9 (after 0-1-8): it has diverged"),
        (replica("db2", "db1", "0-1-8,0-2-9"), "192.0.2.31 has not, 0-2-9"),
        (server("db2", ""), "has databases that no copy of 192.0.2.31 brought here: calendar, i_schedule"),
        (server("db2", databases=("calendar", "shop")), "no copy of 192.0.2.31 brought here: shop"),
    ],
)
def test_data_that_is_somebody_s_is_left_alone(here: State, words: str) -> None:
    with pytest.raises(ReplicationError) as refused:
        decided(here)
    assert words in str(refused.value)
    assert "replace_data" in str(refused.value)
    # Unless that is said.
    assert decided(here, replace_data=True)[-3:] == SEED


@pytest.mark.parametrize(
    ("here", "there", "words"),
    [
        (server("db2", logs=False), primary("db1"), "this server has no binary log"),
        (server("db2"), primary("db1", logs=False), "the primary 192.0.2.31 has no binary log"),
        (server("db2", server_id=1), primary("db1"), "server_id = 1: is that of 192.0.2.31 too"),
        (server("db2", other_connections=("reports",)), primary("db1"), "further connections as well, reports"),
    ],
)
def test_what_cannot_be(here: State, there: State, words: str) -> None:
    with pytest.raises(ReplicationError, match=words.replace("(", r"\(")):
        decided(here, there)


@pytest.mark.parametrize(
    ("here", "wanted", "statements"),
    [
        (primary("db1"), Wanted("primary"), []),
        (
            replica("db2", "db1"),
            Wanted("primary"),
            [
                *("STOP ALL SLAVES", "RESET SLAVE ALL"),
                *("SET GLOBAL rpl_semi_sync_master_enabled = 1", "SET GLOBAL read_only = 0"),
            ],
        ),
        (
            server("db1"),
            Wanted("primary", semi_synchronous=False),
            ["SET GLOBAL read_only = 0"],
        ),
        (
            primary("db1"),
            Wanted("read_only"),
            [
                "SET SESSION lock_wait_timeout = 60",
                "DO SLEEP(0 to 2) until no transaction is open that has written something",
                "SET GLOBAL read_only = 1",
            ],
        ),
        (server("db1"), Wanted("read_only"), []),
        (
            replica("db2", "db1"),
            Wanted("alone"),
            ["STOP ALL SLAVES", "RESET SLAVE ALL", "RESET MASTER", "SET GLOBAL gtid_slave_pos = ''"],
        ),
        (server("db2", ""), Wanted("alone"), []),
    ],
)
def test_what_needs_no_other_server(here: State, wanted: Wanted, statements: list[str]) -> None:
    assert [str(one) for one in decide(here, wanted).before] == statements


def test_half_a_copy_is_no_primary() -> None:
    with pytest.raises(ReplicationError, match="has no whole copy"):
        decide(server("db2", seeding=True), Wanted("primary"))


# -- done --------------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "PARENT", str(tmp_path))


def converging(runner: FakeMariadb, wanted: Wanted, free: int = 10**12) -> Converging:
    client = mariadb.local(runner, "/socket", [PASSWORD])
    return Converging(client, "/socket", wanted, lambda _folder: free)


def test_a_replica_is_seeded(tmp_path: Path) -> None:
    blank = server("db2", "0-2-5", databases=(), data=str(tmp_path))
    runner = FakeMariadb(says(blank), says(primary("db1", "0-1-8,0-2-7")))
    runner.elsewhere["SELECT COALESCE"] = [{"size": "1000"}]
    loaded = replace(blank, binlog_state="", replica_position="0-1-8", databases=("calendar", "i_schedule"))
    marked = []

    def tell(statement: str) -> None:
        marked.append((tmp_path / SEEDING).exists())
        if statement == "bash":
            runner.tables.update(says(loaded))
        if statement == "START SLAVE":
            runner.tables.update(says(replace(loaded, connection=following("db1"))))

    runner.on_tell = tell
    result = converging(runner, WANTED).run()

    assert result["changed"]
    assert runner.told[-4:-1] == [
        "bash",
        "SET GLOBAL gtid_binlog_state = '0-2-7,0-1-8'",
        f"{CHANGE}, MASTER_PORT = 3306, MASTER_USER = 'replication', MASTER_PASSWORD = "
        "'Folge-mir\\'nach\\\\7 \"43', MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 5, "
        "MASTER_HEARTBEAT_PERIOD = 2",
    ]
    assert all(marked)
    assert not (tmp_path / SEEDING).exists()
    assert not list(tmp_path.iterdir())
    # The password was in private files alone.
    assert {mode for _text, mode in runner.option_files} == {0o600}
    assert all('password="Folge-mir\'nach\\\\7 "43"\n' in text for text, _mode in runner.option_files)
    assert PASSWORD not in str((result, runner.commands, runner.argvs))


def test_check_mode_touches_nothing(tmp_path: Path) -> None:
    runner = FakeMariadb(says(server("db2", "", databases=(), data=str(tmp_path))), says(primary("db1")), dry=True)
    runner.elsewhere["SELECT COALESCE"] = [{"size": "1000"}]
    result = converging(runner, WANTED).run()

    assert result["changed"]
    assert runner.told == []
    assert runner.commands[-2:] == [
        f"{CHANGE}, MASTER_PORT = 3306, MASTER_USER = 'replication', MASTER_PASSWORD = (hidden), "
        "MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 5, MASTER_HEARTBEAT_PERIOD = 2",
        "START SLAVE",
    ]
    assert not list(tmp_path.iterdir())


def test_a_copy_without_room_is_refused_before_anything_is_touched(tmp_path: Path) -> None:
    runner = FakeMariadb(says(server("db2", "", databases=(), data=str(tmp_path))), says(primary("db1")))
    runner.elsewhere["SELECT COALESCE"] = [{"size": str(100 * 2**20)}]

    with pytest.raises(
        ReplicationError, match=r"has 90 MiB free, and a copy of the server 192\.0\.2\.31:3306 needs about 184"
    ):
        converging(runner, WANTED, free=90 * 2**20).run()
    assert runner.told == []


def test_a_copy_that_breaks_leaves_its_mark(tmp_path: Path) -> None:
    runner = FakeMariadb(says(server("db2", "", databases=(), data=str(tmp_path))), says(primary("db1")))
    runner.elsewhere["SELECT COALESCE"] = [{"size": "1000"}]
    runner.errors["bash"] = f"ERROR 1114 (HY000) at line 5: The table 'big' is full, says {PASSWORD}"

    with pytest.raises(DatabaseError, match=r"The table 'big' is full, says \(hidden\) \(error 1114\)"):
        converging(runner, WANTED).run()
    assert (tmp_path / SEEDING).exists()


def test_a_password_that_is_refused_is_told_and_not_repeated() -> None:
    runner = FakeMariadb(says(replica("db2", "db1")), says(primary("db1")))

    def refuse(argv: Any, statement: str, tables: Any = None) -> Any:
        if tables is runner.elsewhere:
            runner.errors["SELECT"] = (
                "ERROR 1045 (28000): Access denied for user 'replication'@'db2' (using password: YES)"
            )
        return answer(argv, statement, tables)

    answer, runner._answer = runner._answer, refuse  # type: ignore[method-assign]

    with pytest.raises(DatabaseError) as refused:
        converging(runner, WANTED).run()
    assert str(refused.value) == (
        "the server 192.0.2.31:3306: Access denied for user 'replication'@'db2' (using password: YES) (error 1045)"
    )
    assert runner.told == []


def test_clients_of_a_former_primary_are_sent_away() -> None:
    """As long as a balancer may send them here; those of a replica are left alone, who want to read from it."""
    runner = FakeMariadb(says(server("db2")), says(primary("db1")))
    gone: list[float] = []

    def follow(statement: str) -> None:
        if statement.startswith("CHANGE MASTER"):
            runner.tables.update({**says(replica("db2", "db1")), "SELECT DISTINCT user": [{"user": "app"}]})
        if statement.startswith("KILL"):
            gone.append(runner.now)
            assert statement == "KILL HARD CONNECTION USER 'app'"

    runner.on_tell = follow
    converging(runner, WANTED).run()

    assert runner.told[1].startswith(CHANGE)
    assert gone[0] == 0
    assert 2 < gone[-1] < 4

    runner = FakeMariadb(says(replica("db2", "db1", running=False)), says(primary("db1")))
    runner.tables["SELECT DISTINCT user"] = [{"user": "app"}]
    runner.on_tell = lambda _statement: runner.tables.update(says(replica("db2", "db1")))
    converging(runner, WANTED).run()
    assert runner.told == ["STOP ALL SLAVES", "START SLAVE"]


def test_one_that_does_not_come_to_follow_says_why() -> None:
    stopped = replica("db2", "db1", running=False)
    runner = FakeMariadb(says(stopped), says(primary("db1")))
    failing = replica("db2", "db1", running=False, error="error connecting (error 1045)")
    runner.on_tell = lambda _statement: runner.tables.update(says(failing))

    with pytest.raises(ReplicationError, match=r"does not follow 192.0.2.31:3306: error connecting \(error 1045\)"):
        converging(runner, WANTED).run()
    # It is told at once, since nothing mends it.
    assert runner.now < 1


def test_one_that_goes_on_failing_is_waited_for() -> None:
    runner = FakeMariadb(says(replica("db2", "db1", running=False)), says(primary("db1")))

    with pytest.raises(ReplicationError, match="it receives nothing and it applies nothing"):
        converging(runner, WANTED).run()
    assert runner.now >= 60


def test_a_server_applies_all_before_it_takes_writes() -> None:
    behind = replica("db2", "db1", "0-1-5", "0-1-8")
    runner = FakeMariadb(says(behind))

    with pytest.raises(ReplicationError, match=r"not applied all within 60 seconds: 0-1-8 \(after 0-1-5\) is missing"):
        converging(runner, Wanted("primary")).run()
    # The old primary is lost, and what it may still send is wanted no more.
    assert runner.told == ["STOP SLAVE IO_THREAD", "START SLAVE SQL_THREAD"]


def test_in_a_switchover_it_waits_for_the_end() -> None:
    runner = FakeMariadb(says(replica("db2", "db1", "0-1-8")))
    looks = []

    def pause(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 3:
            runner.tables.update(says(replica("db2", "db1", "0-1-12")))

    runner.pause = pause  # type: ignore[method-assign]
    assert converging(runner, Wanted("primary", after="0-1-12")).run()["changed"]
    assert runner.told == [
        "START SLAVE SQL_THREAD",
        *("STOP ALL SLAVES", "RESET SLAVE ALL"),
        *("SET GLOBAL rpl_semi_sync_master_enabled = 1", "SET GLOBAL read_only = 0"),
    ]


def test_the_password_that_is_stored(tmp_path: Path) -> None:
    assert stored_password(str(tmp_path)) is None
    lines = ["33", "", "4", "192.0.2.31", "replication", "geheim", "3306", "60"]
    (tmp_path / "master.info").write_text("\n".join(lines))
    assert stored_password(str(tmp_path)) == "geheim"

    found = decide_replica(replica("db2", "db1"), primary("db1"), WANTED, "geheim")
    assert found.why == ["logs in with another password"]
    assert decide_replica(replica("db2", "db1"), primary("db1"), WANTED, PASSWORD).why == []
