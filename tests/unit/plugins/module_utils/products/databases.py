"""A described tier of database servers, and what they say, for tests."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.products import database_description, database_roles
from ansible_collections.groupware.ha.plugins.module_utils.products.database_state import Connection, Silent, State

ADDRESSES = {"db1": "192.0.2.31", "db2": "192.0.2.32", "db3": "192.0.2.33"}
DESCRIBED: dict[str, Any] = {
    "servers": [
        {"name": name, "address": address, "server_id": number}
        for number, (name, address) in enumerate(ADDRESSES.items(), start=1)
    ],
    "primary": "db1",
    "databases": [{"name": "calendar", "character_set": "utf8mb4"}, {"name": "i_schedule"}],
    "accounts": [{"name": "app", "hosts": ["192.0.2.%"]}],
}


def described(**changed: Any) -> database_description.Description:
    return database_description.parse("office", {**DESCRIBED, **changed})


def following(whom: str, position: str = "0-1-8", running: bool = True, error: str = "", **changed: Any) -> Connection:
    given: dict[str, Any] = {
        "host": ADDRESSES[whom],
        "port": 3306,
        "user": "replication",
        "receiving": running,
        "applying": running,
        "by_gtid": True,
        "position": position,
        "lag": 0,
        "error": error,
    }
    return Connection(**{**given, **changed})


def server(name: str, state: str = "0-1-8", **changed: Any) -> State:
    """One that follows nobody, and takes no writes unless that is said."""
    number = int(name[-1])
    given: dict[str, Any] = {
        "version": "11.8.9-MariaDB",
        "server_id": number,
        "read_only": True,
        "logs": True,
        "strict": True,
        "binlog_state": state,
        "binlog_position": state.rpartition(",")[2],
        "replica_position": "",
        "data": "/nowhere",
        "databases": ("calendar", "i_schedule"),
        "acknowledges": True,
    }
    return State(**{**given, **changed})


def primary(name: str, state: str = "0-1-8", **changed: Any) -> State:
    return server(name, state, **{"read_only": False, "waits": True, "waiting": True, "replicas": 2, **changed})


def replica(name: str, whom: str, state: str = "0-1-8", received: str | None = None, **changed: Any) -> State:
    connection = following(whom, state if received is None else received, **changed)
    return server(name, state, connection=connection, acknowledging=True)


NEW = Silent(answered=True, words="is not installed")
STOPPED = Silent(answered=True, installed=True, databases=("calendar",), words="does not run")
GONE = Silent()


def found(db1: Any, db2: Any, db3: Any, **changed: Any) -> database_roles.Found:
    answers = {"db1": db1, "db2": db2, "db3": db3}
    return database_roles.found(
        described(**changed), {name: one.as_dict() for name, one in answers.items() if one is not GONE}
    )
