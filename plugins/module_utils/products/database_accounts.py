# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases and accounts of a MariaDB server: what differs is found out first. What is not named is left alone.

Passwords are compared and given as the hash that the server keeps of them, so that they are in no statement and in no
binary log. Source of what is compared: the table mysql.global_priv and SHOW GRANTS.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .database_statements import Statement, named, quoted
from .mariadb import Client

#: What the servers and the clients of all releases know; that of MariaDB 11.8's own default is not known to others.
_PLUGIN = "mysql_native_password"
_GRANT = re.compile(r"GRANT (?P<privileges>.+?) ON (?P<where>\*\.\*|`(?:[^`]|``)*`\.\*) TO .*")
#: Nothing of its own: who may log in.
_NONE = "USAGE"
#: Those that there are besides are among them.
_ALL = "ALL PRIVILEGES"


def native_hash(password: str) -> str:
    """What the server keeps of a password: its function PASSWORD()."""
    once = hashlib.new("sha1", password.encode(), usedforsecurity=False).digest()
    return "*" + hashlib.new("sha1", once, usedforsecurity=False).hexdigest().upper()


@dataclass(frozen=True)
class Account:
    """A wanted account.

    :ivar privileges: by database
    :ivar only_these_hosts: whether accounts of this name from other hosts go
    """

    name: str
    hosts: tuple[str, ...]
    privileges: Mapping[str, Sequence[str]]
    global_privileges: tuple[str, ...] = ()
    only_these_hosts: bool = False

    def wanted(self) -> dict[str, frozenset[str]]:
        """Privileges by where they hold, as the server shows it. In a grant _ stands for any character."""
        found = {pattern(name): frozenset(words) for name, words in self.privileges.items()}
        if self.global_privileges:
            found["*.*"] = frozenset(self.global_privileges)
        return found


@dataclass(frozen=True)
class Database:
    """A wanted database."""

    name: str
    character_set: str | None = None
    collation: str | None = None


@dataclass
class Plan:
    """What has to be done, and how it is said."""

    statements: list[Statement] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    def add(self, before: str, after: str, *statements: Statement) -> None:
        """One thing that differs; empty where there was nothing, or is to be nothing."""
        self.statements += statements
        self.before += [before] if before else []
        self.after += [after] if after else []


def pattern(database: str) -> str:
    """A database where grants name it."""
    return named(database.replace("_", "\\_")) + ".*"


def converge(
    client: Client, databases: Sequence[Database], accounts: Sequence[Account], passwords: Mapping[str, str]
) -> dict[str, Any]:
    """Have a server have these; what a module returns of it.

    :raises DatabaseError: the server gives no answer, or refuses
    """
    plan = Plan()
    _databases(client, databases, plan)
    rows, hashes = _accounts(client), {name: native_hash(password) for name, password in passwords.items()}
    for account in accounts:
        for host in account.hosts:
            _account(client, account, host, rows.get((account.name, host)), hashes.get(account.name), plan)
        for name, host in rows:
            if name == account.name and host not in account.hosts and account.only_these_hosts:
                drop = Statement(f"DROP USER IF EXISTS {quoted(name)}@{quoted(host)}")
                plan.add(f"account {name}@{host}", "", drop)
    if plan.statements:
        client.tell(*plan.statements)
    before, after = ("".join(f"{line}\n" for line in lines) for lines in (plan.before, plan.after))
    return {"changed": bool(plan.statements), "diff": {"before": before, "after": after}}


def _databases(client: Client, databases: Sequence[Database], plan: Plan) -> None:
    (rows,) = client.ask(
        "SELECT schema_name AS name, default_character_set_name AS characters, default_collation_name AS collation"
        " FROM information_schema.schemata"
    )
    found = {str(row["name"]): row for row in rows}
    for database in databases:
        given = {"CHARACTER SET": database.character_set, "COLLATE": database.collation}
        options = "".join(f" {option} {value}" for option, value in given.items() if value)
        row = found.get(database.name)
        if row is None:
            create = Statement(f"CREATE DATABASE IF NOT EXISTS {named(database.name)}{options}")
            plan.add("", f"database {database.name}{options.lower()}", create)
            continue
        has = {"CHARACTER SET": row["characters"], "COLLATE": row["collation"]}
        if any(value and value.lower() != str(has[option]).lower() for option, value in given.items()):
            shown = "".join(f" {option.lower()} {has[option]}" for option, value in given.items() if value)
            alter = Statement(f"ALTER DATABASE {named(database.name)}{options}")
            plan.add(f"database {database.name}{shown}", f"database {database.name}{options.lower()}", alter)


def _accounts(client: Client) -> dict[tuple[str, str], Mapping[str, Any]]:
    """By name and host what the server keeps of an account."""
    (rows,) = client.ask("SELECT user AS user, host AS host, priv AS priv FROM mysql.global_priv")
    return {(str(row["user"]), str(row["host"])): json.loads(row["priv"] or "{}") for row in rows}


def _account(
    client: Client, account: Account, host: str, row: Mapping[str, Any] | None, hashed: str | None, plan: Plan
) -> None:
    who, name = f"{quoted(account.name)}@{quoted(host)}", f"account {account.name}@{host}"
    proof = f" IDENTIFIED VIA {_PLUGIN} USING {quoted(hashed)}" if hashed else ""
    shown = f" IDENTIFIED VIA {_PLUGIN} USING (hidden)" if hashed else ""
    if row is None:
        statement = f"CREATE USER IF NOT EXISTS {who}"
        plan.add("", name, Statement(statement + proof, statement + shown))
    elif hashed and (row.get("plugin"), row.get("authentication_string")) != (_PLUGIN, hashed):
        statement = f"ALTER USER {who}"
        plan.add(f"{name}: another password", f"{name}: the password", Statement(statement + proof, statement + shown))
    granted = {} if row is None else _granted(client, who)
    wanted = account.wanted()
    for where in dict.fromkeys([*wanted, *granted]):
        has, wants = granted.get(where, frozenset()), wanted.get(where, frozenset())
        if has == wants:
            continue
        statements = []
        if has - wants and _ALL not in wants:
            statements.append(Statement(f"REVOKE {', '.join(sorted(has - wants))} ON {where} FROM {who}"))
        if wants - has:
            statements.append(Statement(f"GRANT {', '.join(sorted(wants - has))} ON {where} TO {who}"))
        before, after = (f"{name}: {', '.join(sorted(words))} on {where}" if words else "" for words in (has, wants))
        plan.add(before, after, *statements)


def _granted(client: Client, who: str) -> dict[str, frozenset[str]]:
    """Privileges by where they hold; those of single tables and columns are left alone."""
    (rows,) = client.ask(f"SHOW GRANTS FOR {who}")
    found = {}
    for row in rows:
        match = _GRANT.fullmatch(next(iter(row.values())) or "")
        if match is not None:
            words = frozenset(word.strip() for word in match["privileges"].split(",")) - {_NONE}
            if words:
                found[match["where"]] = words
    return found
