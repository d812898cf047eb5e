# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a database server says of itself: whether it takes writes, what it has, and whom it follows. Pure.

A dictionary of it is what database_replication_info returns, and what the filters on the controller read again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Union

from ansible_collections.groupware.ha.plugins.module_utils.formats import gtid


@dataclass(frozen=True)
class Connection:
    """Whom a server follows.

    :ivar position: what it has received, applied or not
    :ivar lag: seconds that it is behind, if that is known
    """

    host: str
    port: int
    user: str
    receiving: bool
    applying: bool
    by_gtid: bool
    position: str
    lag: int | None
    error: str

    @property
    def running(self) -> bool:
        """Whether both of its threads do their work."""
        return self.receiving and self.applying

    @property
    def still(self) -> str:
        """Why it stands still; nothing where it does not."""
        if self.error:
            return self.error
        stopped = {"it receives nothing": self.receiving, "it applies nothing": self.applying}
        return " and ".join(words for words, running in stopped.items() if not running)


@dataclass(frozen=True)
class State:
    """What a server that runs says.

    :ivar waits: whether it waits for acknowledgements at all; ``waiting``: whether there is somebody to give them now
    :ivar acknowledges: whether it gives them as a replica; ``acknowledging``: whether somebody wants them now
    :ivar replicas: how many follow it now
    :ivar seeding: whether a copy into it was begun and not ended
    """

    version: str
    server_id: int
    read_only: bool
    logs: bool
    strict: bool
    binlog_state: str
    binlog_position: str
    replica_position: str
    data: str
    databases: tuple[str, ...]
    connection: Connection | None = None
    other_connections: tuple[str, ...] = ()
    waits: bool = False
    waiting: bool = False
    acknowledging: bool = False
    acknowledges: bool = False
    replicas: int = 0
    seeding: bool = False

    @property
    def has(self) -> gtid.Gtids:
        """All transactions that are committed in it."""
        return gtid.union(gtid.parse(self.binlog_state), gtid.parse(self.replica_position))

    @property
    def received(self) -> gtid.Gtids:
        """Those, and what it has received but not yet applied."""
        return gtid.union(self.has, gtid.parse(self.connection.position if self.connection else ""))

    @property
    def position(self) -> gtid.Gtids:
        """Where it stands."""
        return gtid.position(self.has)

    @property
    def blank(self) -> bool:
        """Whether it has nothing that anybody could miss."""
        return not self.databases and self.connection is None and not self.other_connections

    def as_dict(self) -> dict[str, Any]:
        """As a module returns it."""
        kept = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "connection"}
        connection = None if self.connection is None else dict(self.connection.__dict__)
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in kept.items()}
        return {"running": True, **plain, "connection": connection, "position": gtid.show(self.position)}


@dataclass(frozen=True)
class Silent:
    """A server that does not run: what is known is on the disk.

    :ivar answered: whether the node did, at least
    """

    answered: bool = False
    installed: bool = False
    databases: tuple[str, ...] = ()
    words: str = "gave no answer"
    seeding: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As a module returns it."""
        return {"running": False, **self.__dict__, "databases": list(self.databases)}


Answer = Union[State, Silent]


def from_dict(given: Mapping[str, Any] | None) -> Answer:
    """What a module returned of a server, or nothing where the node gave no answer."""
    if not given:
        return Silent()
    known = {name: value for name, value in given.items() if name not in ("running", "position")}
    known["databases"] = tuple(known.get("databases") or ())
    if not given.get("running"):
        return Silent(**known)
    connection = known.pop("connection", None)
    known["other_connections"] = tuple(known.get("other_connections") or ())
    return State(**known, connection=None if connection is None else Connection(**connection))
