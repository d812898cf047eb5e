# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a database server the primary, a replica of another one, or neither: decided first, done afterwards.

What is decided is pure: of what both servers say it makes statements, or a refusal. Nothing is ever loaded over data
that is not known to be a copy, unless that was told in words.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.formats import gtid
from . import mariadb
from .database_asking import SEEDING, read
from .database_state import Connection, State
from .mariadb import Account, Client, Statement, named, quoted

#: Seconds between two looks at a server that is on its way.
_PAUSE = 0.1
#: Errors of a thread after which it does not try again by itself, or would try for ever in vain: a password that is
#: refused, a position that the primary does not have.
_HOPELESS = ("(error 1045)", "(error 1236)", "(error 1698)")
#: Seconds without another word after which the error of a thread that runs no more is its last one.
_SETTLED = 3.0
#: What a copy needs beyond its data, in bytes: logs that are written meanwhile.
_ROOM = 64 * 2**20
#: Accounts of the server itself.
_KEPT_ACCOUNTS = ("root", "mysql", "mariadb.sys", "debian-sys-maint")

_READ_ONLY = Statement("SET GLOBAL read_only = 1")
_WRITABLE = Statement("SET GLOBAL read_only = 0")
_STOP = Statement("STOP ALL SLAVES")
_FORGET = Statement("RESET SLAVE ALL")
_START = Statement("START SLAVE")


class ReplicationError(Failure):
    """What is wanted of a server that cannot be, or did not come to be; says why and what to do."""


@dataclass(frozen=True)
class Wanted:
    """What a server is to be.

    :ivar state: ``primary``, ``replica``, ``read_only`` or ``alone``
    :ivar primary: of a replica, how to log in at the server that it is to follow
    :ivar after: a position that a primary has to have reached before it takes writes
    :ivar replace_data: whether a replica's own data may go, told in words
    :ivar timeout: seconds to reach a state; ``seed_timeout``: seconds that a copy may take
    """

    state: str
    primary: Account | None = None
    semi_synchronous: bool = True
    after: str = ""
    replace_data: bool = False
    timeout: float = 60
    seed_timeout: float = 3600


@dataclass
class Decision:
    """What has to be done: statements before and after the copy, if one is made.

    :ivar why: what differs, in words, as a diff shows it
    """

    why: list[str] = field(default_factory=list)
    before: list[Statement] = field(default_factory=list)
    seed: bool = False
    after: list[Statement] = field(default_factory=list)


# -- decided -----------------------------------------------------------------------------------------------------------


def decide_replica(here: State, there: State, wanted: Wanted, stored: str | None) -> Decision:
    """What it takes to follow another server.

    :param here: read before ``there``, so that what is here is there as well unless it is errant
    :param stored: the password that this server logs in with there, if that can be read
    :raises ReplicationError: it cannot be
    """
    primary = _primary(wanted)
    _judge_pair(here, there, primary)
    errant = gtid.missing(here.has, there.has)
    found = Decision()
    if not here.read_only:
        found.why.append("read_only: 0, not 1")
        found.before.append(_READ_ONLY)
    if here.waits:
        found.why.append("waits for acknowledgements, which only the primary does")
        found.before.append(Statement("SET GLOBAL rpl_semi_sync_master_enabled = 0"))
    restart = here.acknowledges != wanted.semi_synchronous
    if restart:
        found.why.append(f"acknowledges: {int(here.acknowledges)}, not {int(wanted.semi_synchronous)}")
        found.before.append(Statement(f"SET GLOBAL rpl_semi_sync_slave_enabled = {int(wanted.semi_synchronous)}"))
    replaced = wanted.replace_data and (errant or not _follows(here.connection, primary))
    if here.seeding or here.blank or replaced:
        found.why.append(f"follows {_words(here.connection)}, and has no whole copy of {primary.host}")
        return _seeded(here, found)
    if errant:
        raise ReplicationError(
            f"has transactions that {primary.host} has not, {', '.join(errant)}: it has diverged, and would never be "
            "the same again. Nothing was changed. See what they are (mariadb-binlog), enter on the primary what is to "
            "stay, and then have its data replaced by a copy of the primary's, in words: replace_data"
        )
    if here.connection is None:
        return _adopted(here, there, primary, found)
    change = _change_of(here.connection, primary, stored)
    if change is not None:
        found.why.append(change)
        found.before += [_STOP, change_primary(primary), _START]
    elif not here.connection.running:
        found.why.append(f"follows {_words(here.connection)}, but stands still: {_still(here.connection)}")
        found.before += [_STOP, _START]
    elif restart:
        found.before += [_STOP, _START]
    return found


def _judge_pair(here: State, there: State, primary: Account) -> None:
    if here.other_connections:
        listed = ", ".join(here.other_connections)
        raise ReplicationError(
            f"replicates by further connections as well, {listed}, which nothing here made; end them "
            f"(STOP SLAVE 'NAME'; RESET SLAVE 'NAME' ALL) and run this again"
        )
    if not here.logs or not there.logs:
        which = "this server" if not here.logs else f"the primary {primary.host}"
        raise ReplicationError(f"{which} has no binary log; give it log_bin and restart it")
    if here.server_id == there.server_id:
        raise ReplicationError(
            f"server_id = {here.server_id}: is that of {primary.host} too; every server needs one of its own"
        )


def _primary(wanted: Wanted) -> Account:
    if wanted.primary is None:
        raise ReplicationError("primary: is missing; say which server it is to follow")
    return wanted.primary


def _follows(connection: Connection | None, primary: Account) -> bool:
    return connection is not None and connection.running and _change_of(connection, primary, None) is None


def _change_of(connection: Connection, primary: Account, stored: str | None) -> str | None:
    """What of the way to the primary differs, in words."""
    if (connection.host, connection.port) != (primary.host, primary.port):
        return f"follows {_words(connection)}, not {primary.host}:{primary.port}"
    if connection.user != primary.user:
        return f"follows as {connection.user}, not as {primary.user}"
    if not connection.by_gtid:
        return "follows by file and place, not by global transaction identifiers"
    if stored is not None and stored != primary.password:
        return "logs in with another password"
    return None


def _words(connection: Connection | None) -> str:
    return "nobody" if connection is None else f"{connection.host}:{connection.port}"


def _still(connection: Connection) -> str:
    if connection.error:
        return connection.error
    stopped = {"it receives nothing": connection.receiving, "it applies nothing": connection.applying}
    return " and ".join(words for words, running in stopped.items() if not running)


def change_primary(primary: Account) -> Statement:
    """Has a server follow another one, from where it stands."""
    sql = (
        f"CHANGE MASTER TO MASTER_HOST = {quoted(primary.host)}, MASTER_PORT = {primary.port}, "
        f"MASTER_USER = {quoted(primary.user)}, MASTER_PASSWORD = {{}}, MASTER_USE_GTID = slave_pos, "
        "MASTER_CONNECT_RETRY = 5, MASTER_HEARTBEAT_PERIOD = 2"
    )
    return Statement(sql.format(quoted(primary.password)), sql.format("(hidden)"))


def _seeded(here: State, found: Decision) -> Decision:
    found.seed = True
    drops = [Statement(f"DROP DATABASE IF EXISTS {named(database)}") for database in here.databases]
    own = [Statement("SET SESSION sql_log_bin = 0"), Statement("SET SESSION foreign_key_checks = 0"), *drops]
    # Its own binary log, with what its first start and an earlier copy have written, is none of the primary's history.
    found.before += [_STOP, _FORGET, *own, Statement("RESET MASTER"), Statement("SET GLOBAL gtid_slave_pos = ''")]
    return found


def _adopted(here: State, there: State, primary: Account, found: Decision) -> Decision:
    """One that has data and follows nobody: an old primary, or one that was taken out."""
    foreign = [database for database in here.databases if database not in there.databases]
    if not here.has or foreign:
        listed = ", ".join(foreign or here.databases)
        raise ReplicationError(
            f"has databases that no copy of {primary.host} brought here: {listed}. Nothing was changed. Take away what "
            "is not needed, or have its data replaced by a copy of the primary's, in words: replace_data"
        )
    where = gtid.show(here.position)
    found.why.append(f"follows nobody, not {primary.host}:{primary.port}")
    found.before += [Statement(f"SET GLOBAL gtid_slave_pos = {quoted(where)}"), change_primary(primary), _START]
    return found


def decide_primary(here: State, wanted: Wanted) -> Decision:
    """What it takes to take writes; a replica has to have applied all that it has received before."""
    if here.seeding:
        raise ReplicationError(
            "has no whole copy of what it followed: loading it was interrupted; choose another server"
        )
    if not here.logs:
        raise ReplicationError("has no binary log, which replicas follow; give it log_bin and restart it")
    found = Decision()
    if here.connection is not None or here.other_connections:
        found.why.append(f"follows {_words(here.connection)}, not nobody")
        found.before += [_STOP, _FORGET]
    if here.waits != wanted.semi_synchronous:
        found.why.append(f"waits for acknowledgements: {int(here.waits)}, not {int(wanted.semi_synchronous)}")
        found.before.append(Statement(f"SET GLOBAL rpl_semi_sync_master_enabled = {int(wanted.semi_synchronous)}"))
    if here.read_only:
        found.why.append("read_only: 1, not 0")
        found.before.append(_WRITABLE)
    return found


def decide(here: State, wanted: Wanted) -> Decision:
    """What it takes to be what needs no other server to be asked."""
    if wanted.state == "primary":
        return decide_primary(here, wanted)
    found = Decision()
    if not here.read_only:
        found.why.append("read_only: 0, not 1")
        # Whoever holds a lock is not waited for longer than this; a commit that is under way is.
        found.before += [Statement(f"SET SESSION lock_wait_timeout = {max(1, round(wanted.timeout))}"), _READ_ONLY]
    if wanted.state == "alone" and (here.connection is not None or here.has):
        found.why.append(f"follows {_words(here.connection)}, and has its place in the history of the others")
        found.before += [_STOP, _FORGET, Statement("RESET MASTER"), Statement("SET GLOBAL gtid_slave_pos = ''")]
    return found


# -- done --------------------------------------------------------------------------------------------------------------


@dataclass
class Converging:
    """Has the server of this node be what is wanted.

    :ivar free: bytes that are free in a folder
    """

    client: Client
    socket: str
    wanted: Wanted
    free: Callable[[str], int] = lambda path: os.statvfs(path).f_bavail * os.statvfs(path).f_frsize

    def run(self) -> dict[str, Any]:
        """What the module returns.

        :raises ReplicationError: it cannot be, or does not come to be
        :raises DatabaseError: a server gives no answer, or refuses
        """
        here = read(self.client)
        decision = self._decide_replica(here) if self.wanted.state == "replica" else decide(here, self.wanted)
        differs = bool(decision.before or decision.after or decision.seed)
        result = {"changed": differs, "before": here.as_dict(), "differences": decision.why}
        if differs:
            self._carry_out(here, decision)
        after = here if self.client.runner.dry or not differs else read(self.client)
        words = "".join(f"{line}\n" for line in decision.why)
        return {
            **result,
            "after": after.as_dict(),
            "diff": {"before": words, "after": f"{self._goal()}\n" if words else ""},
        }

    def _goal(self) -> str:
        primary = self.wanted.primary
        return f"replica of {primary.host}:{primary.port}" if primary else self.wanted.state.replace("_", " ")

    def _decide_replica(self, here: State) -> Decision:
        primary = _primary(self.wanted)
        with mariadb.remote(self.client.runner, primary) as client:
            there = read(client, own=False)
            decision = decide_replica(here, there, self.wanted, stored_password(here.data))
            if decision.seed:
                self._judge_room(here, there, client)
        if decision.seed:
            decision.after = [change_primary(primary), _START]
        self._there = there
        return decision

    def _judge_room(self, here: State, there: State, client: Client) -> None:
        if not there.databases:
            raise ReplicationError(
                f"{client.where} has no databases, so that there is nothing to copy; make them first"
            )
        ((row,),) = client.ask(
            "SELECT COALESCE(SUM(data_length + index_length), 0) AS size FROM information_schema.tables"
            " WHERE table_schema NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')"
        )
        size = int(float(row["size"] or 0))
        need, free = size + size // 5 + _ROOM, self.free(here.data)
        if free < need:
            raise ReplicationError(
                f"{here.data} has {free // 2**20} MiB free, and a copy of {client.where} needs about "
                f"{need // 2**20} MiB; nothing was changed. Make room, and run this again"
            )

    def _carry_out(self, here: State, decision: Decision) -> None:
        if self.wanted.state == "primary" and here.connection is not None:
            self._drain(here)
        if decision.seed:
            self._seed(here, decision)
        else:
            self.client.tell(*decision.before, timeout=self.wanted.timeout + 60)
        if self.wanted.state == "replica" and not self.client.runner.dry:
            self._wait_until_following()

    def _drain(self, here: State) -> None:
        """Have a replica apply all that it has received, and be as far as it is told to be."""
        # Where the primary is lost, what it may still send is wanted no more; else all that it has sent is awaited.
        begin = [] if self.wanted.after else [Statement("STOP SLAVE IO_THREAD")]
        self.client.tell(*begin, Statement("START SLAVE SQL_THREAD"))
        if self.client.runner.dry:
            return
        goal = gtid.parse(self.wanted.after)
        deadline = self.client.runner.clock() + self.wanted.timeout
        while True:
            now = read(self.client)
            received = now.received if now.connection is not None and now.connection.position else here.has
            if gtid.reached(now.has, goal) and gtid.reached(now.has, gtid.position(received)):
                return
            error = "" if now.connection is None else now.connection.error
            if self.client.runner.clock() >= deadline:
                lacking = gtid.missing(gtid.union(goal, gtid.position(received)), now.has)
                raise ReplicationError(
                    f"has not applied all within {self.wanted.timeout:g} seconds: {', '.join(lacking)} is missing"
                    f"{f' ({error})' if error else ''}. It takes no writes"
                )
            self.client.runner.pause(_PAUSE)

    def _seed(self, here: State, decision: Decision) -> None:
        primary = _primary(self.wanted)
        marker = Path(here.data, SEEDING)
        if not self.client.runner.dry:
            marker.touch(mode=0o600)
        accounts = self._own_accounts() if here.databases or here.seeding else []
        *statements, reset, nowhere = decision.before
        self.client.tell(*statements, *accounts, reset, nowhere)
        mariadb.copy(self.client, primary, self.socket, self._there.databases, self.wanted.seed_timeout)
        if self.client.runner.dry:
            self.client.tell(*decision.after)
            return
        loaded = read(self.client)
        where = gtid.parse(loaded.replica_position)
        if not where and self._there.binlog_state:
            raise ReplicationError("the copy does not say where in the primary's history it was made; run this again")
        # So that whose transactions it has is known of it as well, and who follows it later can begin there.
        state = gtid.show(gtid.at(gtid.parse(self._there.binlog_state), where))
        self.client.tell(Statement(f"SET GLOBAL gtid_binlog_state = {quoted(state)}"), *decision.after)
        marker.unlink()

    def _own_accounts(self) -> Sequence[Statement]:
        """The accounts that go with the data: the copy brings those of the primary."""
        kept = ", ".join(quoted(name) for name in _KEPT_ACCOUNTS)
        where = f"user NOT IN ({kept}) AND user <> '' AND host <> ''"
        (rows,) = self.client.ask(f"SELECT user AS user, host AS host FROM mysql.global_priv WHERE {where}")  # noqa: S608
        return [Statement(f"DROP USER IF EXISTS {quoted(str(row['user']))}@{quoted(str(row['host']))}") for row in rows]

    def _wait_until_following(self) -> None:
        clock = self.client.runner.clock
        began = clock()
        said, since = "", began
        while True:
            now = read(self.client).connection
            if now is not None and now.running:
                return
            error = "it follows nobody" if now is None else now.error
            if error != said:
                said, since = error, clock()
            over = clock() >= began + self.wanted.timeout
            settled = bool(error) and clock() - since >= _SETTLED
            if over or settled or any(word in error for word in _HOPELESS):
                words = error or (_still(now) if now is not None else "")
                raise ReplicationError(f"does not follow {self._goal().rpartition(' ')[2]}: {words}")
            self.client.runner.pause(_PAUSE)


def stored_password(data: str) -> str | None:
    """The password that a replica logs in with, where its file says so; nothing if that is not known.

    The sixth line of master.info, after the number of lines, file, place, host and user; source: the function
    init_master_info of MariaDB's sql/rpl_mi.cc.
    """
    try:
        lines = Path(data, "master.info").read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    except OSError:
        return None
    return lines[5] if len(lines) > 6 and lines[0].isdigit() else None
