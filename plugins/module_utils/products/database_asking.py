# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a database server what it is, has and follows, by few questions at once."""

from __future__ import annotations

import os
from collections.abc import Sequence

from .database_description import SYSTEM_DATABASES
from .database_state import Answer, Connection, Silent, State
from .mariadb import Client, DatabaseError, Row

#: Where Debian's server keeps its data.
DATA = "/var/lib/mysql"
#: In the folder of the data, as long as what is loaded there is not whole.
SEEDING = "groupware-ha-seeding"

_VARIABLES = (
    "SELECT @@version AS version, @@server_id AS server_id, @@read_only AS read_only, @@log_bin AS log_bin,"
    " @@gtid_strict_mode AS strict, @@gtid_binlog_state AS binlog_state, @@gtid_binlog_pos AS binlog_position,"
    " @@gtid_slave_pos AS replica_position, @@datadir AS data, @@rpl_semi_sync_master_enabled AS waits,"
    " @@rpl_semi_sync_slave_enabled AS acknowledges"
)
_DATABASES = "SELECT schema_name AS name FROM information_schema.schemata ORDER BY schema_name"
_ABOUT_ITSELF = (
    "SHOW ALL SLAVES STATUS",
    "SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync%'",
    "SELECT COUNT(*) AS number FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%'",
)


def read(client: Client, own: bool = True) -> State:
    """Ask a server.

    :param own: whether it is that of this node; another one says less to who follows it, and does not say whom it
        follows itself
    :raises DatabaseError: it gives no answer
    """
    questions = (_VARIABLES, _DATABASES, *(_ABOUT_ITSELF if own else ()))
    variables, databases, *more = client.ask(*questions)
    connections, status, dumping = more if own else ([], [], [])
    said = {name: value or "" for name, value in variables[0].items()}
    waits = said["waits"] == "1"
    counted = {row["Variable_name"]: row["Value"] for row in status}
    named = [row for row in connections if row.get("Connection_name")]
    first = next((row for row in connections if not row.get("Connection_name") and row.get("Master_Host")), None)
    return State(
        version=said["version"],
        server_id=int(said["server_id"]),
        read_only=said["read_only"] == "1",
        logs=said["log_bin"] == "1",
        strict=said["strict"] == "1",
        binlog_state=_plain(said["binlog_state"]),
        binlog_position=_plain(said["binlog_position"]),
        replica_position=_plain(said["replica_position"]),
        data=said["data"].rstrip("/"),
        databases=tuple(str(row["name"]) for row in databases if str(row["name"]).lower() not in SYSTEM_DATABASES),
        connection=None if first is None else _connection(first),
        other_connections=tuple(str(row["Connection_name"]) for row in named),
        waits=waits,
        # After a time without acknowledgements it is off until something is written, whoever follows meanwhile.
        waiting=waits
        and (
            counted.get("Rpl_semi_sync_master_status") == "ON"
            or counted.get("Rpl_semi_sync_master_clients", "0") not in ("", "0")
        ),
        acknowledging=counted.get("Rpl_semi_sync_slave_status") == "ON",
        acknowledges=said["acknowledges"] == "1",
        replicas=int(str(dumping[0]["number"])) if dumping else 0,
        seeding=own and os.path.exists(os.path.join(said["data"], SEEDING)),
    )


def _connection(row: Row) -> Connection:
    said = {name: (value or "").strip() for name, value in row.items()}
    errors = [
        f"{said[f'Last_{thread}_Error']} (error {said[f'Last_{thread}_Errno']})"
        for thread in ("IO", "SQL")
        if said.get(f"Last_{thread}_Errno", "0") not in ("", "0")
    ]
    lag = said.get("Seconds_Behind_Master", "")
    return Connection(
        host=said["Master_Host"],
        port=int(said["Master_Port"] or 3306),
        user=said["Master_User"],
        receiving=said["Slave_IO_Running"] == "Yes",
        applying=said["Slave_SQL_Running"] == "Yes",
        by_gtid=said.get("Using_Gtid") == "Slave_Pos",
        position=_plain(said.get("Gtid_IO_Pos", "")),
        lag=int(lag) if lag.isdigit() else None,
        error="; ".join(errors),
    )


def _plain(text: str) -> str:
    return "".join(text.split())


def look(client: Client, data: str = DATA) -> Answer:
    """What can be known of the server of this node, whether it runs or not.

    :param data: the folder of its data, for one that does not run
    :raises DatabaseError: it runs and gives no answer to this user
    """
    if not client.runner.installed("mariadbd"):
        return Silent(answered=True, words="is not installed", databases=tuple(_folders(data)))
    try:
        return read(client)
    except DatabaseError as error:
        if not error.away:
            raise
        seeding = os.path.exists(os.path.join(data, SEEDING))
        return Silent(True, True, tuple(_folders(data)), "does not run", seeding)


def _folders(data: str) -> Sequence[str]:
    """The databases that a server would have."""
    try:
        with os.scandir(data) as entries:
            names = sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []
    return [name for name in names if name.lower() not in SYSTEM_DATABASES and not name.startswith(("#", "lost+found"))]
