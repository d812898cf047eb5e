"""A MariaDB client for tests: it answers questions from tables, and notes what it is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandResult
from ansible_collections.groupware.ha.plugins.module_utils.products.database_state import State

Rows = Sequence[Mapping[str, Any]]


def xml(rows: Rows) -> str:
    """As ``mariadb --xml`` prints them."""
    cells = [
        "".join(
            f'<field name={quoteattr(name)} xsi:nil="true" />'
            if value is None
            else f"<field name={quoteattr(name)}>{escape(str(value))}</field>"
            for name, value in row.items()
        )
        for row in rows
    ]
    body = "".join(f"<row>{cell}</row>" for cell in cells)
    namespace = "http://www.w3.org/2001/XMLSchema-instance"
    return f'<?xml version="1.0"?>\n\n<resultset statement="x" xmlns:xsi="{namespace}">{body}</resultset>\n'


def says(state: State) -> dict[str, Rows]:
    """The tables of a server that is in a state."""
    one = state.connection
    row = one and {
        "Connection_name": "",
        "Master_Host": one.host,
        "Master_Port": one.port,
        "Master_User": one.user,
        "Slave_IO_Running": "Yes" if one.receiving else "No",
        "Slave_SQL_Running": "Yes" if one.applying else "No",
        "Using_Gtid": "Slave_Pos" if one.by_gtid else "No",
        "Gtid_IO_Pos": one.position,
        "Seconds_Behind_Master": one.lag,
        "Last_IO_Errno": 1045 if one.error else 0,
        "Last_IO_Error": one.error.partition(" (error")[0],
        "Last_SQL_Errno": 0,
    }
    variables = {
        "version": state.version,
        "server_id": state.server_id,
        "read_only": int(state.read_only),
        "log_bin": int(state.logs),
        "strict": int(state.strict),
        "binlog_state": state.binlog_state,
        "binlog_position": state.binlog_position,
        "replica_position": state.replica_position,
        "data": f"{state.data}/",
        "waits": int(state.waits),
        "acknowledges": int(state.acknowledges),
    }
    status = {
        "Rpl_semi_sync_master_status": "ON" if state.waiting else "OFF",
        "Rpl_semi_sync_slave_status": "ON" if state.acknowledging else "OFF",
    }
    return {
        "SELECT @@version": [variables],
        "SHOW ALL SLAVES": [row] if row else [],
        "SHOW GLOBAL STATUS": [{"Variable_name": name, "Value": value} for name, value in status.items()],
        "SELECT schema_name": [{"name": name} for name in ("mysql", "sys", *state.databases)],
        "SELECT COUNT": [{"number": state.replicas}],
        "SELECT DISTINCT user": [],
    }


@dataclass
class FakeMariadb:
    """Stands for the runner.

    :ivar tables: by the beginning of a question its answer
    :ivar errors: by the beginning of a statement what the client says of it
    :ivar elsewhere: the tables of the server that is asked over the network
    :ivar on_tell: called with each statement that changes something
    """

    tables: dict[str, Rows] = field(default_factory=dict)
    elsewhere: dict[str, Rows] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    dry: bool = False
    commands: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    argvs: list[Sequence[str]] = field(default_factory=list)
    option_files: list[tuple[str, int]] = field(default_factory=list)
    on_tell: Callable[[str], None] = lambda _statement: None
    programs: tuple[str, ...] = ("mariadb", "mariadbd")
    now: float = 0.0

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: str | None = None,
        timeout: float = 60,
        accept: Sequence[int] = (0,),
        record: bool = True,
    ) -> CommandResult:
        """Answer."""
        del timeout, accept, record
        self.argvs.append(argv)
        for word in argv:
            path = word.removeprefix("--defaults-file=")
            if path.endswith("/client.cnf"):
                self.option_files.append((Path(path).read_text(), Path(path).stat().st_mode & 0o777))
        if argv[0] != "mariadb":
            self.told.append(argv[0])
            self.on_tell(argv[0])
            return self._answer(argv, argv[0])
        remote = any(word.startswith("--defaults-file=") for word in argv)
        statements = re.split(r"; ", (stdin or "").strip().rstrip(";"))
        assert statements[0] == "SET SESSION sql_mode = ''"
        output = ""
        for statement in statements[1:]:
            answer = self._answer(argv, statement, self.elsewhere if remote else self.tables)
            if answer.status != 0:
                return answer
            output += answer.stdout
        return CommandResult(tuple(argv), 0, output, "")

    def _answer(self, argv: Sequence[str], statement: str, tables: Mapping[str, Rows] | None = None) -> CommandResult:
        for beginning, words in self.errors.items():
            if statement.startswith(beginning):
                return CommandResult(tuple(argv), 1, "", f"--------------\n{statement}\n--------------\n\n{words}\n")
        for beginning, rows in (tables or {}).items():
            if statement.startswith(beginning):
                return CommandResult(tuple(argv), 0, xml(rows), "")
        if tables is not None:
            self.told.append(statement)
            self.on_tell(statement)
        return CommandResult(tuple(argv), 0, "", "")

    def installed(self, program: str) -> bool:
        """Whether a program is there."""
        return program in self.programs

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def clock(self) -> float:
        """Seconds."""
        return self.now

    def read_file(self, path: str) -> str | None:
        """None is read."""
        raise AssertionError(path)

    def replace_file(self, path: str, text: str, backup: bool = False) -> None:
        """None is written."""
        raise AssertionError((path, text, backup))
