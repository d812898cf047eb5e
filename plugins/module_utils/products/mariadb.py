# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A MariaDB server, asked and told by its own client: SQL on standard input, passwords in a private file for a moment.

The server of this node is reached through its socket, where the system says who asks and no password is needed.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional
from xml.etree import ElementTree

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.node import staging
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN
from .database_statements import Account, Statement

#: Where Debian's server listens.
SOCKET = "/run/mysqld/mysqld.sock"
#: Seconds for what only asks.
_TIMEOUT = 30
_ERROR = re.compile(r"ERROR (\d+)(?: \(\w+\))?(?: at line \d+)?(?: in file: '[^']*')?: (.*)", re.DOTALL)
#: Client's own numbers for a server that does not run, or that cannot be reached.
_AWAY = (2002, 2003, 2005, 2013, 2026)
#: A server that is there, but takes no connection yet or any more.
_STARTING = (1053, 1927)

Row = Mapping[str, Optional[str]]


class DatabaseError(Failure):
    """A statement that a server refused, or a server that gave no answer."""

    def __init__(self, where: str, number: int | None, words: str) -> None:
        self.where, self.number, self.words = where, number, words
        super().__init__(f"{where}: {words}" + (f" (error {number})" if number else ""))

    @property
    def away(self) -> bool:
        """Whether no server was there to ask."""
        return self.number in _AWAY or self.number in _STARTING


@dataclass(frozen=True)
class Client:
    """A way to one server.

    :ivar options: the client's own, behind its name
    :ivar where: what to call the server in errors
    :ivar secrets: what must not be repeated, whoever says it
    """

    runner: Runner
    options: tuple[str, ...]
    where: str
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def ask(self, *statements: str) -> list[list[Row]]:
        """The rows that each of these statements gives."""
        return _resultsets(self._run("; ".join(statements), _TIMEOUT))

    def tell(self, *statements: Statement, timeout: float = 300) -> None:
        """Have these done, one after the other; noted only in check mode.

        :param timeout: seconds that they have altogether
        """
        self.runner.commands.extend(str(statement) for statement in statements)
        if not self.runner.dry:
            self._run("; ".join(statement.sql for statement in statements), timeout)

    def _run(self, sql: str, timeout: float) -> str:
        argv = ["mariadb", *self.options, "--xml", "--connect-timeout=10"]
        # Statements of this session are spelt for it, whatever the server's own mode is.
        text = f"SET SESSION sql_mode = ''; {sql};\n"
        done = self.runner.run(argv, stdin=text, timeout=timeout, accept=range(-64, 256), record=False)
        if done.status != 0:
            raise self.failed(f"{done.stderr}\n{done.stdout}")
        return done.stdout

    def failed(self, said: str) -> DatabaseError:
        """The error that the client told of; a statement that it repeats is left out."""
        match = _ERROR.search(said)
        words = match[2] if match else said
        for secret in self.secrets:
            words = words.replace(secret, HIDDEN)
        line = next((line.strip() for line in words.splitlines() if line.strip()), "it says nothing")
        return DatabaseError(self.where, int(match[1]) if match else None, line)


def local(runner: Runner, socket: str = SOCKET, secrets: Sequence[str] = ()) -> Client:
    """The server of this node."""
    return Client(runner, _local_options(socket), "the server of this node", tuple(secrets))


def _local_options(socket: str) -> tuple[str, ...]:
    return ("--no-defaults", "--user=root", "--protocol=socket", f"--socket={socket}")


@contextlib.contextmanager
def option_file(account: Account) -> Iterator[str]:
    """A file of mode 0600 that has the password, and is removed again whatever happens."""
    with staging.stage("database") as top:
        # Between quotes a backslash is written twice, and a quote ends nothing unless the line does too.
        password = account.password.replace("\\", "\\\\")
        lines = ["[client]", "protocol=tcp", f"host={account.host}", f"port={account.port}", f"user={account.user}"]
        text = "\n".join([*lines, f'password="{password}"', ""])
        staging.put(top / "client.cnf", text)
        yield str(top / "client.cnf")


@contextlib.contextmanager
def remote(runner: Runner, account: Account) -> Iterator[Client]:
    """Another server."""
    with option_file(account) as path:
        yield Client(runner, (f"--defaults-file={path}",), str(account), (account.password,))


#: Loads what another server has into the one of this node. The dump is never on a disk; the binary log of this node has
#: nothing of it. In words of bash, since either end may fail.
_COPYING = """
set -o pipefail
defaults="$1" socket="$2"
shift 2
mariadb-dump --defaults-file="$defaults" --single-transaction --quick --master-data=1 --gtid --routines --events \
    --triggers --hex-blob --system=users --insert-ignore --databases "$@" |
mariadb --no-defaults --user=root --protocol=socket --socket="$socket" --init-command="SET SESSION sql_log_bin = 0"
"""


def copy(client: Client, account: Account, socket: str, databases: Sequence[str], timeout: float) -> None:
    """Load databases and accounts of another server, and note at which position of its they are.

    :param client: of this node
    :param timeout: seconds that it may take
    """
    client.runner.commands.append(f"mariadb-dump of {account.host} for {', '.join(databases)}, loaded here")
    if client.runner.dry:
        return
    with option_file(account) as path:
        done = client.runner.run(
            ["bash", "-c", _COPYING, "copy", path, socket, *databases],
            timeout=timeout,
            accept=range(-64, 256),
            record=False,
        )
    if done.status != 0:
        raise client.failed(done.stderr.replace(account.password, HIDDEN))


def _resultsets(output: str) -> list[list[Row]]:
    found = []
    for document in output.split('<?xml version="1.0"?>')[1:]:
        # What XML has no way to say, such as control characters in an error that a server tells of.
        text = re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", document)
        rows: list[Row] = []
        for row in ElementTree.fromstring(text.strip()).iter("row"):
            rows.append({str(cell.get("name")): _value(cell) for cell in row.iter("field")})
        found.append(rows)
    return found


def _value(cell: Any) -> str | None:
    if cell.get("{http://www.w3.org/2001/XMLSchema-instance}nil") == "true":
        return None
    return str(cell.text or "")
