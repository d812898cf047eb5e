# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases that are replicated, as they are described: servers, databases, accounts; judged as a whole. Pure."""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description import passwords as passwords_of_tier
from ansible_collections.groupware.ha.plugins.module_utils.description.fields import address_fault, name_fault
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import (
    Problems,
    refuse,
)
from ansible_collections.groupware.ha.plugins.module_utils.description.reader import (
    Reader,
    dictionaries_of,
    dictionary_of,
    duplicates,
    plain_settings,
)
from ansible_collections.groupware.ha.plugins.module_utils.shown import key_name, shape
from .load_balancer_protocols import OBSERVER

PREFIX = "database_replication_"
#: The server waits for a replica to have received a transaction before it acknowledges it, or it does not wait.
SEMI_SYNCHRONOUS, ASYNCHRONOUS = "semi_synchronous", "asynchronous"
DURABILITIES = (SEMI_SYNCHRONOUS, ASYNCHRONOUS)
#: The server's own; its manual reserves these names.
SYSTEM_DATABASES = ("information_schema", "mysql", "performance_schema", "sys")
_DATABASE = re.compile(r"[A-Za-z0-9_]{1,64}")
_ACCOUNT = re.compile(r"[A-Za-z0-9_.-]{1,80}")
_HOST = re.compile(r"[0-9A-Fa-f_.:%/]{1,255}|localhost")
_PRIVILEGE = re.compile(r"[A-Za-z]+( [A-Za-z]+)*")
_CHARACTER_SET = re.compile(r"[A-Za-z0-9_]{1,64}")
#: Of a domain of identifiers: 32 bits, and 0 means that none was given.
_IDS = range(1, 2**32)
#: What the tier lives by, and what it sets itself.
OWN_SETTINGS = (
    *("server_id", "log_bin", "relay_log", "log_slave_updates", "gtid_strict_mode", "binlog_format", "sync_binlog"),
    *(
        "innodb_flush_log_at_trx_commit",
        "relay_log_recovery",
        "read_only",
        "init_rpl_role",
        "port",
        "datadir",
        "socket",
    ),
    *("rpl_semi_sync_master_enabled", "rpl_semi_sync_slave_enabled", "rpl_semi_sync_master_wait_point"),
    *("rpl_semi_sync_master_timeout", "skip_name_resolve"),
)
#: Longer ones are cut off by CHANGE MASTER TO; source: its page in MariaDB's manual.
LONGEST_PASSWORD = 96


@dataclass(frozen=True)
class Server:
    """One of the servers; ``server_id`` is unique among them and never changes."""

    name: str
    address: str
    port: int
    server_id: int


@dataclass(frozen=True)
class Database:
    """A database; what is not given is left as the server makes it."""

    name: str
    character_set: str | None = None
    collation: str | None = None


@dataclass(frozen=True)
class Account:
    """An account that clients log in with, from each of the hosts."""

    name: str
    hosts: tuple[str, ...]
    databases: tuple[str, ...]
    privileges: tuple[str, ...]


@dataclass(frozen=True)
class Description:
    """All of a tier. ``first_primary`` is where a new one begins; which it is later, the servers say."""

    name: str
    servers: tuple[Server, ...]
    first_primary: str
    databases: tuple[Database, ...]
    accounts: tuple[Account, ...]
    durability: str
    acknowledgement_timeout: float
    replication_account: str
    settings: Mapping[str, str]
    observers: tuple[str, ...] = ()

    def server(self, name: str) -> Server:
        """The server of this name."""
        return next(server for server in self.servers if server.name == name)

    def at(self, address: str, port: int) -> Server | None:
        """The server that listens there."""
        return next((one for one in self.servers if (one.address, one.port) == (address, port)), None)


def parse(name: str, variables: Mapping[str, Any]) -> Description:
    """Read and judge a description.

    :param variables: those of the tier without ``database_replication_`` before them
    :raises DescriptionError: with everything that is wrong
    """
    problems = Problems()
    servers = _servers(variables.get("servers"), problems)
    databases = _databases(variables.get("databases"), problems)
    accounts = _accounts(variables.get("accounts"), [one.name for one in databases], problems)
    primary = variables.get("primary")
    names = [server.name for server in servers]
    if servers and primary not in names:
        problems.add(f"{PREFIX}primary", primary, "is none of the servers", f"name one of {', '.join(names)}")
    durability = variables.get("durability") or SEMI_SYNCHRONOUS
    if durability not in DURABILITIES:
        problems.add(f"{PREFIX}durability", durability, "is no durability", f"use one of {', '.join(DURABILITIES)}")
    timeout = variables.get("acknowledgement_timeout")
    timeout = 10 if timeout is None else timeout
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or not 0 < timeout <= 86400:
        remedy = "give from 0.001 to 86400 seconds"
        problems.add(f"{PREFIX}acknowledgement_timeout", timeout, "is no time to wait", remedy)
        timeout = 10
    account = variables.get("account") or "replication"
    _judge_account_name(f"{PREFIX}account", account, problems)
    for index, one in enumerate(accounts):
        if one.name == account:
            reason = "is the name of the account that the servers use among themselves"
            problems.add(f"{PREFIX}accounts[{index}].name", one.name, reason, f"give it, or {PREFIX}account, another")
    given = dictionary_of(variables.get("settings"), f"{PREFIX}settings", problems)
    settings = _settings(given, problems)
    observers = _observers(variables.get("observers"), problems)
    refuse(problems)
    return Description(
        name, servers, str(primary), databases, accounts, durability, float(timeout), str(account), settings, observers
    )


def _observers(given: Any, problems: Problems) -> tuple[str, ...]:
    """Addresses; a pattern would let anybody in, and there is no password."""
    reader = Reader({"observers": given}, "", Problems())
    found = reader.texts("observers")
    key = f"{PREFIX}observers"
    for problem in reader.problems:
        problems.add(key, problem.value, problem.reason, problem.remedy)
    for address in found:
        fault = address_fault(address)
        if fault is not None:
            problems.add(key, address, *fault)
    return found


def _servers(given: Any, problems: Problems) -> tuple[Server, ...]:
    key = f"{PREFIX}servers"
    found = []
    for index, entry in enumerate(dictionaries_of(given, key, problems)):
        reader = Reader(entry, f"{key}[{index}]", problems)
        reader.only("name", "address", "port", "server_id")
        name, address = reader.text("name", required=True), reader.text("address", required=True)
        if name is not None:
            reader.refuse("name", name_fault(name))
        port, server_id = _number(reader, "port", range(1, 65536)), _number(reader, "server_id", _IDS)
        if address is not None:
            found.append(_server(reader, str(name), address, 3306 if port is None else port, server_id))
    if not problems and len(found) < 2:
        problems.add(key, shape(given), "has fewer than two servers", "replication needs a primary and a replica")
    for what in ("name", "address", "server_id"):
        for double in duplicates(str(getattr(one, what)) for one in found):
            problems.add(key, double, f"is the {what} of two servers", "each needs one of its own")
    return tuple(found)


def _server(reader: Reader, name: str, address: str, port: int, server_id: int | None) -> Server:
    try:
        number = ipaddress.ip_address(address)
    except ValueError:
        reader.problem("address", "is no IP address", "give the address that the other servers reach it at")
        return Server(name, address, port, server_id or len(reader.problems))
    if server_id is None and number.version != 4:
        remedy = "give a number of its own, from 1 to 4294967295, and never change it"
        reader.problem("server_id", "is missing, and cannot be made of an address that is not of IPv4", remedy)
    return Server(name, address, port, int(number) % 2**32 if server_id is None else server_id)


def _number(reader: Reader, key: str, allowed: range) -> int | None:
    value = reader.values.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value not in allowed:
        remedy = f"give a number from {allowed.start} to {allowed.stop - 1} without quotes"
        reader.problem(key, "is none of its numbers", remedy)
        return None
    return value


def _databases(given: Any, problems: Problems) -> tuple[Database, ...]:
    key = f"{PREFIX}databases"
    found = []
    for index, entry in enumerate(dictionaries_of(given, key, problems)):
        reader = Reader(entry, f"{key}[{index}]", problems)
        reader.only("name", "character_set", "collation")
        name = reader.text("name", required=True)
        if name is None:
            continue
        if _DATABASE.fullmatch(name) is None:
            reader.problem("name", "is no name for a database", "use letters, digits and _, 64 at most")
        elif name.lower() in SYSTEM_DATABASES:
            reader.problem("name", "is the server's own", "give another name")
        for option in ("character_set", "collation"):
            value = reader.text(option)
            if value is not None and _CHARACTER_SET.fullmatch(value) is None:
                reader.problem(option, f"is the name of no {option.replace('_', ' ')}", "such as utf8mb4")
        found.append(Database(name, reader.text("character_set"), reader.text("collation")))
    if not problems and not found:
        problems.add(key, shape(given), "has no database", "describe those that are replicated")
    for double in duplicates(one.name for one in found):
        problems.add(key, double, "is named twice", "name each once")
    return tuple(found)


def _judge_account_name(key: str, name: Any, problems: Problems) -> None:
    if not isinstance(name, str) or _ACCOUNT.fullmatch(name) is None:
        problems.add(key, name, "is no name for an account", "use letters, digits and _ . -, 80 at most")
    elif name in ("root", "mysql", "mariadb.sys", OBSERVER):
        problems.add(key, name, "is the server's own", "give another name")


def _accounts(given: Any, databases: Sequence[str], problems: Problems) -> tuple[Account, ...]:
    key = f"{PREFIX}accounts"
    found = []
    for index, entry in enumerate(dictionaries_of(given, key, problems)):
        reader = Reader(entry, f"{key}[{index}]", problems)
        reader.only("name", "hosts", "databases", "privileges")
        name = reader.text("name", required=True)
        if name is not None:
            _judge_account_name(f"{key}[{index}].name", name, problems)
        hosts = reader.texts("hosts")
        if not hosts and reader.values.get("hosts") in (None, [], ()):
            reader.problem("hosts", "is missing", "list the addresses that it logs in from, such as 192.0.2.%")
        for host in hosts:
            if _HOST.fullmatch(host) is None:
                reader.problem(
                    "hosts", "is neither an address nor a pattern of addresses", "as in 192.0.2.%", value=host
                )
        chosen = reader.texts("databases") or tuple(databases)
        for database in chosen:
            if database not in databases:
                close = difflib.get_close_matches(database, databases, n=1)
                remedy = f"did you mean {close[0]}?" if close else f"there are {', '.join(databases) or 'none'}"
                reader.problem("databases", "is no described database", remedy, value=database)
        privileges = tuple(word.upper() for word in reader.texts("privileges")) or ("ALL PRIVILEGES",)
        for word in privileges:
            if _PRIVILEGE.fullmatch(word) is None or word == "GRANT OPTION":
                reader.problem("privileges", "is no privilege of a database", "such as SELECT", value=word)
        plain = tuple("ALL PRIVILEGES" if word == "ALL" else word for word in privileges)
        found.append(Account(str(name), hosts, chosen, plain))
    for double in duplicates(one.name for one in found):
        problems.add(key, double, "is named twice", "name each once, with all its hosts")
    return tuple(found)


def _settings(given: Mapping[Any, Any], problems: Problems) -> Mapping[str, str]:
    key = f"{PREFIX}settings"
    found = {}
    for name, value in plain_settings(given, key, problems).items():
        spelt = name.replace("-", "_").lower()
        if spelt in OWN_SETTINGS:
            problems.add(f"{key}.{key_name(name)}", value, "is set by the tier itself", "take it out")
        elif "\n" in value or "\t" in value:
            problems.add(f"{key}.{key_name(name)}", value, "has more than one line", "give one line")
        else:
            found[spelt] = value
    return found


def settings_of(description: Description, server: Server) -> dict[str, str]:
    """What a server's own file of settings has.

    It describes a replica: whoever is the primary is made it while it runs, so that an old primary that comes back
    takes no writes. After a crash such a server takes back what it had written but nobody had acknowledged
    (``init_rpl_role``), so that it can follow the one that was promoted meanwhile. Sources: MariaDB's manual,
    "Semisynchronous Replication"; MDEV-21117 and MDEV-33465.

    A replica that waits for acknowledgements, having no replicas itself, does not apply anything until it times out, so
    that rpl_semi_sync_master_enabled is given to the primary alone (seen with 11.8).
    """
    semi = description.durability == SEMI_SYNCHRONOUS
    return {
        "server_id": str(server.server_id),
        "port": str(server.port),
        "bind_address": "*",
        "log_bin": "mariadb-bin",
        "relay_log": "mariadb-relay-bin",
        "log_slave_updates": "1",
        "gtid_strict_mode": "1",
        "binlog_format": "ROW",
        "sync_binlog": "1",
        "innodb_flush_log_at_trx_commit": "1",
        "relay_log_recovery": "1",
        # A thread that waits for a primary which has lost its power does not stop before that (60 seconds by
        # themselves), and then tries for so long to have the primary end its part (5 seconds). Nothing is promoted
        # meanwhile.
        "slave_net_timeout": "5",
        "rpl_semi_sync_slave_kill_conn_timeout": "1",
        # Accounts are for addresses, and no name server is waited for.
        "skip_name_resolve": "1",
        "read_only": "1",
        **({"init_rpl_role": "SLAVE"} if semi else {}),
        "rpl_semi_sync_master_enabled": "0",
        "rpl_semi_sync_slave_enabled": "1" if semi else "0",
        "rpl_semi_sync_master_wait_point": "AFTER_SYNC",
        "rpl_semi_sync_master_timeout": str(max(1, round(description.acknowledgement_timeout * 1000))),
        **description.settings,
    }


#: What a replica needs to follow, and to be seeded by a dump. It could read all of that in the binary log anyway.
REPLICATION_PRIVILEGES = (
    *("BINLOG MONITOR", "EVENT", "RELOAD", "REPLICATION SLAVE", "SELECT", "SHOW VIEW", "TRIGGER"),
)


def accounts_of(description: Description) -> list[dict[str, Any]]:
    """All accounts, that of the servers among them, for the module database_accounts."""
    hosts = [server.address for server in description.servers]
    own = {"name": description.replication_account, "hosts": hosts, "global_privileges": list(REPLICATION_PRIVILEGES)}
    return [
        {**own, "only_these_hosts": True},
        *(_as_option(account) for account in description.accounts),
        # Without password and privileges: it can ask whether the server takes writes, and little else.
        {"name": OBSERVER, "hosts": list(description.observers), "only_these_hosts": True},
    ]


def _as_option(account: Account) -> dict[str, Any]:
    privileges = {database: list(account.privileges) for database in account.databases}
    return {"name": account.name, "hosts": list(account.hosts), "privileges": privileges}


def judge_passwords(description: Description, passwords: Any) -> None:
    """Refuse passwords that are missing, or that the servers could not use; none of them is said.

    :raises DescriptionError: with everything that is wrong
    """
    names = [description.replication_account, *(account.name for account in description.accounts)]
    passwords_of_tier.judge_passwords(passwords, f"{PREFIX}passwords", names, _unfit_password)


def _unfit_password(_name: str, password: str) -> tuple[str, str] | None:
    if not password.isprintable() or not password.isascii():
        return "has characters that not every client can send", "use printable characters of ASCII"
    if len(password) > LONGEST_PASSWORD:
        return "is too long", f"use {LONGEST_PASSWORD} characters at most"
    return None
