"""The servers as their clients meet them, and what there is of them on the nodes."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.molecule.shared.lab import host_of

SERVERS = {"db1": "198.18.78.11", "db2": "198.18.78.12", "db3": "198.18.78.13"}
REPLICAS = ("db2", "db3")


def sql(node, statement):
    """What a server answers to its administrator."""
    return host_of(node).check_output("mariadb --skip-column-names --batch --execute=%s", statement)


def ask(server, statement):
    """Exit status and words of the client, at a server over the network."""
    done = host_of("client").run(
        "mariadb --defaults-file=/root/client.cnf --host=%s --execute=%s calendar", SERVERS[server], statement
    )
    return done.rc, done.stderr


def test_the_primary_takes_what_clients_write():
    assert ask("db1", "INSERT INTO written VALUES (3)")[0] == 0


@pytest.mark.parametrize("node", REPLICAS)
def test_a_replica_takes_nothing(node):
    status, words = ask(node, "INSERT INTO written VALUES (4)")
    assert status != 0
    assert "read-only" in words
    assert ask(node, "SELECT COUNT(*) FROM written")[0] == 0


def test_all_have_the_same():
    sums = {sql(node, "CHECKSUM TABLE calendar.written") for node in SERVERS}
    assert len(sums) == 1
    assert len({sql(node, "SELECT @@gtid_current_pos") for node in SERVERS}) == 1


def test_the_primary_waits_for_acknowledgements():
    assert "ON" in sql("db1", "SHOW STATUS LIKE 'Rpl_semi_sync_master_status'")
    assert sql("db1", "SHOW STATUS LIKE 'Rpl_semi_sync_master_clients'").split()[1] == "2"
    before = int(sql("db1", "SHOW STATUS LIKE 'Rpl_semi_sync_master_yes_tx'").split()[1])
    assert ask("db1", "INSERT INTO written VALUES (5)")[0] == 0
    assert int(sql("db1", "SHOW STATUS LIKE 'Rpl_semi_sync_master_yes_tx'").split()[1]) == before + 1


@pytest.mark.parametrize("node", SERVERS)
def test_settings_that_lose_nothing(node):
    names = (
        "log_slave_updates gtid_strict_mode sync_binlog innodb_flush_log_at_trx_commit relay_log_recovery binlog_format"
        " rpl_semi_sync_master_wait_point"
    )
    values = sql(node, f"SELECT {', '.join(f'@@{name}' for name in names.split())}").split()
    assert values == ["1", "1", "1", "1", "1", "ROW", "AFTER_SYNC"]


def test_ids_differ():
    assert {node: sql(node, "SELECT @@server_id") for node in SERVERS} == {"db1": "1", "db2": "2", "db3": "3323088397"}


def test_an_account_may_do_what_was_granted():
    granted = sql("db2", "SHOW GRANTS FOR reader@'198.18.78.14'")
    assert "GRANT SELECT ON `calendar`.*" in granted
    assert "DELETE" not in granted
