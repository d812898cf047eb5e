# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users of SOGo in the table of its database that it looks them up in.

The table is the role's alone: who is not described any more is taken out of it, and cannot log in then. Calendars stay
in SOGo's own tables, and are there again when the user is.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN
from .database_statements import Statement, named, quoted
from .mariadb import Client, DatabaseError, Row
from .sogo_description import TABLES, USERS_TABLE
from .sogo_users import User


class NotYet(Failure):
    """The database does not take writes at the moment."""


#: Read as bytes and compared so, like all of SOGo's tables: see _judge_collation.
_COLUMNS = (
    "c_uid varchar(128) NOT NULL PRIMARY KEY, c_name varchar(128) NOT NULL, c_password varchar(255) NOT NULL, "
    "c_cn varchar(255) NOT NULL, mail varchar(255) NOT NULL"
)


@dataclass
class Result:
    """What was found and done.

    :ivar missing: SOGo's own tables that are not there; all of them before it runs for the first time
    """

    changed: bool
    before: str
    after: str
    missing: list[str]


def converge(client: Client, database: str, users: Sequence[User]) -> Result:
    """Have the table, and in it these users and nobody else.

    :raises NotYet: the server that answers takes no writes
    :raises DatabaseError: there is no answer, or the server refuses
    """
    client = replace(client, secrets=(*client.secrets, *(user.password_hash for user in users)))
    here = f" WHERE table_schema = {quoted(database)}"
    tables = "SELECT table_name AS name FROM information_schema.tables" + here  # noqa: S608 # quoted
    collation = "SELECT default_collation_name AS name FROM information_schema.schemata"
    collation += here.replace("table_schema", "schema_name")
    read_only, collations, found = client.ask("SELECT @@global.read_only AS it", collation, tables)
    if str(read_only[0]["it"]) not in ("0", "OFF"):
        raise NotYet(f"{client.where}: takes no writes")
    _judge_collation(client, database, collations)
    there = {str(row["name"]) for row in found}
    table = f"{named(database)}.{named(USERS_TABLE)}"
    statements = [] if USERS_TABLE in there else [Statement(f"CREATE TABLE IF NOT EXISTS {table} ({_COLUMNS})")]
    rows = _rows(client, table) if USERS_TABLE in there else {}
    wanted = {user.name: user for user in users}
    lines: tuple[list[str], list[str]] = [], []
    for name in sorted({*rows, *wanted}):
        statements += _differing(table, name, rows.get(name), wanted.get(name), lines)
    if statements:
        client.tell(*statements)
    before, after = ("".join(f"{line}\n" for line in side) for side in lines)
    return Result(bool(statements), before, after, [one for one in TABLES.values() if one not in there])


def _judge_collation(client: Client, database: str, rows: Sequence[Row]) -> None:
    """To SOGo's tables, A.ics and a.ics are one entry with any other: the second one takes the place of the first."""
    name = str(rows[0]["name"]) if rows else ""
    if not name:
        raise DatabaseError(client.where, None, f"there is no database {database}, or the account may not see it")
    if not name.endswith("_bin"):
        reason = (
            f"the database {database} has the collation {name}, with which an appointment takes the place of another"
        )
        remedy = "give it collation: utf8mb4_bin, before SOGo makes its tables"
        words = f"{reason} one whose name differs in the case of its letters alone; {remedy}"
        raise DatabaseError(client.where, None, words)


def _rows(client: Client, table: str) -> dict[str, User]:
    (rows,) = client.ask(f"SELECT c_uid, c_name, c_password, c_cn, mail FROM {table}")  # noqa: S608 # quoted by named()
    found = {}
    for row in rows:
        # One whose two names differ was made by somebody else, and is made anew.
        same = row["c_uid"] == row["c_name"]
        found[str(row["c_uid"])] = User(
            str(row["c_uid"]), str(row["c_cn"]), str(row["mail"]), str(row["c_password"]) if same else ""
        )
    return found


def _differing(
    table: str, name: str, has: User | None, wants: User | None, lines: tuple[list[str], list[str]]
) -> Iterator[Statement]:
    if has == wants:
        return
    if has is not None:
        lines[0].append(has.shown)
    if wants is None:
        yield Statement(f"DELETE FROM {table} WHERE c_uid = {quoted(name)}")  # noqa: S608 # quoted by named()
        return
    other = has is not None and has.password_hash != wants.password_hash
    lines[1].append(f"{wants.shown}, another password" if other else wants.shown)
    values = [quoted(wants.name), quoted(wants.name), "{}", quoted(wants.full_name), quoted(wants.mail)]
    columns = "(c_uid, c_name, c_password, c_cn, mail)"
    text = f"REPLACE INTO {table} {columns} VALUES ({', '.join(values)})"  # noqa: S608 # quoted
    given, hidden = quoted(wants.password_hash), HIDDEN
    yield Statement(text.replace("{}", given, 1), text.replace("{}", hidden, 1))


def forgotten(address: str, port: int) -> str | None:
    """Have a cache forget all that it has, such as who has logged in before; gives why it did not.

    SOGo asks nobody whether a password is right that was so some minutes ago (SOGoCacheCleanupInterval).
    """
    try:
        with socket.create_connection((address, port), timeout=5) as connection:
            connection.sendall(b"flush_all\r\n")
            said = connection.recv(64)
    except OSError as error:
        return error.strerror or str(error)
    return None if said == b"OK\r\n" else "it gives no answer"


def awaited(client: Client, database: str, users: Sequence[User], runner: Runner, timeout: float) -> Result:
    """As converge, when the database takes writes; balancers need a moment to see that it does.

    :param timeout: seconds to wait
    """
    deadline = runner.clock() + timeout
    while True:
        try:
            return converge(client, database, users)
        except (NotYet, DatabaseError) as error:
            gone = isinstance(error, NotYet) or error.away
            if not gone or runner.dry or runner.clock() > deadline:
                raise
            runner.pause(1)
