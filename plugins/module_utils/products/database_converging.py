# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a database server the primary, a replica of another one, or neither, as was decided; see database_deciding."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.formats import gtid
from . import mariadb
from .database_asking import SEEDING, read
from .database_deciding import Decision, ReplicationError, Wanted, decide, decide_replica
from .database_state import State
from .database_statements import Statement, quoted
from .load_balancer_protocols import OBSERVER
from .mariadb import Client

#: Seconds between two looks at a server that is on its way.
_PAUSE = 0.1
#: Errors of a thread after which it does not try again by itself, or would try for ever in vain: a password that is
#: refused, a position that the primary does not have.
_HOPELESS = ("(error 1045)", "(error 1236)", "(error 1698)")
#: Seconds without another word after which the error of a thread that runs no more is its last one.
_SETTLED = 3.0
#: Seconds until balancers give nobody to a server that takes no writes any more: they ask each second, and want two
#: answers; a connection that is there already they leave to itself.
_NOTICED = 3.0
#: Those who are connected over the network, and are no replicas.
_CLIENTS = (
    "SELECT DISTINCT user AS user FROM information_schema.processlist WHERE host NOT IN ('', 'localhost') "
    "AND command NOT IN ('Binlog Dump', 'Connect', 'Daemon') AND user NOT IN ('system user', 'unauthenticated user')"
)
#: What a copy needs beyond its data, in bytes: logs that are written meanwhile.
_ROOM = 64 * 2**20
#: Accounts of the server itself.
_KEPT_ACCOUNTS = ("root", "mysql", "mariadb.sys", "debian-sys-maint")

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
        primary = self.wanted.followed
        with mariadb.remote(self.client.runner, primary) as client:
            there = read(client, own=False)
            decision = decide_replica(here, there, self.wanted, stored_password(here.data))
            if decision.seed:
                self._judge_room(here, there, client)
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
            if decision.demoted:
                self._send_clients_away()
            self._wait_until_following()

    def _send_clients_away(self) -> None:
        """End the connections of clients of a former primary, or they read here what is older than what they wrote."""
        clock = self.client.runner.clock
        until = clock() + _NOTICED
        while clock() < until:
            (rows,) = self.client.ask(_CLIENTS)
            # Balancers go on asking.
            self._end_connections([str(row["user"]) for row in rows if row["user"] != OBSERVER])
            self.client.runner.pause(_PAUSE)

    def _end_connections(self, users: Sequence[str]) -> None:
        if users:
            self.client.tell(*(Statement(f"KILL HARD CONNECTION USER {quoted(user)}") for user in users))

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
        primary = self.wanted.followed
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
                words = error or (now.still if now is not None else "")
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
