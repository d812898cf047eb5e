# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it takes to make a database server the primary, a replica of another one, or neither. Pure.

Of what both servers say it makes statements, or a refusal. Nothing is ever loaded over data that is not known to be a
copy, unless that was told in words.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.formats import gtid
from .database_state import Connection, State
from .database_statements import Account, Statement, named, quoted

_READ_ONLY = Statement("SET GLOBAL read_only = 1")
#: Waits up to two seconds for a moment without a transaction that has written something. One that is open when the
#: server takes no writes any more cannot be committed, and not every client minds: SOGo acknowledges an appointment
#: whose COMMIT was refused (its GCSFolder does not look at what commitTransaction gives). InnoDB tells of transactions
#: as they were 0.1 seconds ago at most.
_QUIET = Statement(
    "EXECUTE IMMEDIATE 'BEGIN NOT ATOMIC\nDECLARE turn INT DEFAULT 0;\n"
    "WHILE turn < 18 AND EXISTS (SELECT 1 FROM information_schema.innodb_trx WHERE trx_rows_modified > 0) DO\n"
    "DO SLEEP(0.11);\nSET turn = turn + 1;\nEND WHILE;\nEND'",
    "DO SLEEP(0 to 2) until no transaction is open that has written something",
)
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

    @property
    def followed(self) -> Account:
        """The server that a replica is to follow.

        :raises ReplicationError: none is named
        """
        if self.primary is None:
            raise ReplicationError("primary: is missing; say which server it is to follow")
        return self.primary


@dataclass
class Decision:
    """What has to be done: statements before and after the copy, if one is made.

    :ivar why: what differs, in words, as a diff shows it
    :ivar demoted: it has data, and followed nobody until now, so that clients may be here that belong elsewhere
    """

    why: list[str] = field(default_factory=list)
    before: list[Statement] = field(default_factory=list)
    seed: bool = False
    after: list[Statement] = field(default_factory=list)
    demoted: bool = False


def decide_replica(here: State, there: State, wanted: Wanted, stored: str | None) -> Decision:
    """What it takes to follow another server.

    :param here: read before ``there``, so that what is here is there as well unless it is errant
    :param stored: the password that this server logs in with there, if that can be read
    :raises ReplicationError: it cannot be
    """
    primary = wanted.followed
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
        return _seeded(here, primary, found)
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
        found.before += [_STOP, _change_primary(primary), _START]
    elif not here.connection.running:
        found.why.append(f"follows {_words(here.connection)}, but stands still: {here.connection.still}")
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


def _change_primary(primary: Account) -> Statement:
    """Has a server follow another one, from where it stands."""
    sql = (
        f"CHANGE MASTER TO MASTER_HOST = {quoted(primary.host)}, MASTER_PORT = {primary.port}, "
        f"MASTER_USER = {quoted(primary.user)}, MASTER_PASSWORD = {{}}, MASTER_USE_GTID = slave_pos, "
        "MASTER_CONNECT_RETRY = 5, MASTER_HEARTBEAT_PERIOD = 2"
    )
    return Statement(sql.format(quoted(primary.password)), sql.format("(hidden)"))


def _seeded(here: State, primary: Account, found: Decision) -> Decision:
    found.seed = True
    drops = [Statement(f"DROP DATABASE IF EXISTS {named(database)}") for database in here.databases]
    own = [Statement("SET SESSION sql_log_bin = 0"), Statement("SET SESSION foreign_key_checks = 0"), *drops]
    # Its own binary log, with what its first start and an earlier copy have written, is none of the primary's history.
    found.before += [_STOP, _FORGET, *own, Statement("RESET MASTER"), Statement("SET GLOBAL gtid_slave_pos = ''")]
    found.after += [_change_primary(primary), _START]
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
    found.demoted = True
    found.why.append(f"follows nobody, not {primary.host}:{primary.port}")
    found.before += [Statement(f"SET GLOBAL gtid_slave_pos = {quoted(where)}"), _change_primary(primary), _START]
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
        patience = Statement(f"SET SESSION lock_wait_timeout = {max(1, round(wanted.timeout))}")
        found.before += [patience, _QUIET, _READ_ONLY]
    if wanted.state == "alone" and (here.connection is not None or here.has):
        found.why.append(f"follows {_words(here.connection)}, and has its place in the history of the others")
        found.before += [_STOP, _FORGET, Statement("RESET MASTER"), Statement("SET GLOBAL gtid_slave_pos = ''")]
    return found
