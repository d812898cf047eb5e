# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users of SOGo: judged as a list, and brought into the table of its database that it looks them up in.

The table is the role's alone: who is not described any more is taken out of it, and cannot log in then. Calendars stay
in SOGo's own tables, and are there again when the user is.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.description import fields
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problems, refuse
from ansible_collections.groupware.ha.plugins.module_utils.description.reader import dictionaries_of, duplicates
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN, key_name
from .mariadb import Client, DatabaseError, Row, Statement, named, quoted
from .password_hashes import REMEDY, unusable
from .sogo_description import PREFIX, TABLES, USERS_TABLE

_USERS = f"{PREFIX}users"
_OF_USER = ("name", "password_hash", "full_name", "mail")
#: A user's name is a part of the addresses of his calendars.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}")
#: Those of Dovecot's schemes that SOGo has too, and that were tried with both.
SCHEMES = ("SHA512-CRYPT", "SHA256-CRYPT", "BLF-CRYPT", "SSHA512", "SSHA256")
_SCHEME = re.compile(r"\{([A-Z0-9-]+)\}")


@dataclass(frozen=True)
class User:
    """Somebody with calendars."""

    name: str
    full_name: str
    mail: str
    password_hash: str = field(repr=False)

    @property
    def shown(self) -> str:
        """The user in a line to read."""
        return f"{self.name}: {self.full_name} <{self.mail}>"


def parse(users: Any, mail_domain: str) -> list[User]:
    """Read and judge a list of users.

    :param users: the value of ``sogo_users``
    :param mail_domain: that of users whose address is not given
    :raises DescriptionError: with every problem that was found; no hash is in it
    """
    problems = Problems()
    found = []
    for index, given in enumerate(dictionaries_of(users, _USERS, problems)):
        name = given.get("name")
        sound = isinstance(name, str) and _NAME.fullmatch(name) is not None
        here = f"{_USERS}[{name if sound else index}]"
        for key in given:
            if key not in _OF_USER:
                remedy = f"use {', '.join(_OF_USER)}"
                problems.add(f"{here}.{key_name(key, _OF_USER)}", HIDDEN, "is not a known key of a user", remedy)
        if not sound:
            problems.add(f"{here}.name", name, "is not a user's name", "use letters, digits and . _ @ + -")
        for key, reason, remedy in _faults(given):
            value = HIDDEN if key == "password_hash" else given.get(key)
            problems.add(f"{here}.{key}", None if given.get(key) is None else value, reason, remedy)
        whole = name if "@" in str(name) else f"{name}@{mail_domain}"
        found.append(
            User(
                str(name),
                str(given.get("full_name") or name),
                str(given.get("mail") or whole),
                str(given.get("password_hash")),
            )
        )
    for double in duplicates(user.name for user in found):
        problems.add(_USERS, double, "is the name of two users", "name each once")
    refuse(problems)
    return found


def _faults(given: Mapping[Any, Any]) -> Iterator[tuple[str, str, str]]:
    wrong = unusable(given.get("password_hash"))
    scheme = _SCHEME.match(str(given.get("password_hash")).upper())
    if given.get("password_hash") is None:
        yield "password_hash", "is missing", REMEDY
    elif wrong is not None:
        yield "password_hash", wrong, REMEDY
    elif scheme is None or scheme[1] not in SCHEMES:
        yield "password_hash", "is of a scheme that was not tried with SOGo", f"use one of {', '.join(SCHEMES)}"
    full_name = given.get("full_name")
    if full_name is not None and (not isinstance(full_name, str) or not full_name.isprintable()):
        yield "full_name", "is not a text of printable characters", "put it in quotes"
    mail = given.get("mail")
    if mail is not None and (not isinstance(mail, str) or _address_fault(mail)):
        yield "mail", "is not a mail address", "give one such as alice@example.com"


def _address_fault(mail: str) -> bool:
    local, at, domain = mail.partition("@")
    return not at or _NAME.fullmatch(local) is None or fields.host_name_fault(domain) is not None


# -- in the database ---------------------------------------------------------------------------------------------------


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
