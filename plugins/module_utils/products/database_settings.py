# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of a MariaDB server: judged by its own program, taken over by a restart, put back if need be.

MariaDB has no option that only judges (``--validate-config`` is MySQL's): ``mariadbd --help --verbose`` reads all files
as a start does, and fails for what it does not know.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.node.files import Entry, FileChange, apply, plan
from ansible_collections.groupware.ha.plugins.module_utils.node.units import started
from ansible_collections.groupware.ha.plugins.module_utils.shown import quoted
from .mariadb import SOCKET, DatabaseError, local

#: After the distribution's own files there, so that these count.
PATH = "/etc/mysql/mariadb.conf.d/90-groupware-ha.cnf"
UNIT = "mariadb.service"
_PROGRAM = "mariadbd"
_HEAD = "# This file is replaced by Ansible: see the role database_replication.\n[mysqld]\n"
#: Seconds for the unit to start or stop, with the recovery after a crash; the unit itself allows 900.
_TIMEOUT = 900
_LINE = re.compile(r".*\[(?P<kind>ERROR|Warning)\] (?P<words>.*)")
#: A value that it takes for another one.
_ADJUSTED = re.compile(r"option '(?P<name>[\w-]+)'.* adjusted to ")


class SettingsError(Failure):
    """Settings that the server does not take."""


def content(settings: Mapping[str, str]) -> str:
    """The text of the file."""
    return _HEAD + "".join(f"{name} = {_spelt(value)}\n" for name, value in settings.items())


def _spelt(value: str) -> str:
    """What begins a comment, or ends with blanks, stands in quotes."""
    return f'"{value}"' if re.search(r"[#;\s]", value) and '"' not in value else value


@dataclass
class Settings:
    """Has the server of this node run, with its settings."""

    runner: Runner
    settings: Mapping[str, str]
    path: str = PATH
    socket: str = SOCKET
    label_security: Callable[[str, str], None] = lambda _path, _final: None

    def converge(self) -> dict[str, Any]:
        """What a module returns.

        :raises SettingsError: the server does not take them, or does not start
        """
        entry = Entry(self.path, content=content(self.settings), owner="root", group="root", mode=0o644)
        check = self.runner.dry
        changes = plan([entry], frozenset(), check).changes
        writes = any(change.action != "attributes" for change in changes)
        if writes:
            self._judge(entry.content or "")
        since = started(self.runner, UNIT)
        # A run that was cut short may have written them and not restarted it.
        older = since is not None and Path(self.path).exists() and Path(self.path).stat().st_mtime > since
        restarts, starts = since is not None and (writes or older), since is None
        if not check:
            apply(changes, label_security=self.label_security)
            if restarts or starts:
                self._take_over(changes)
        return {
            "changed": bool(changes) or restarts or starts,
            "changes": [change.as_dict() for change in changes],
            "restarted": restarts,
            "started": starts,
            "diff": [change.diff() for change in changes],
        }

    def _judge(self, text: str) -> None:
        if not self.runner.installed(_PROGRAM):
            return
        with tempfile.TemporaryDirectory(prefix="groupware-ha-database-", dir="/run") as top:
            # As a start does: the system's files, then this one in the place of its former self.
            listed = Path(top, "judged.cnf")
            former = Path(self.path)
            others = [path for path in sorted(former.parent.glob("*.cnf")) if path != former]
            own = Path(top, former.name)
            own.write_text(text, encoding="utf-8")
            files = sorted([*others, own], key=lambda path: path.name)
            listed.write_text("".join(f"!include {path}\n" for path in files), encoding="utf-8")
            done = self.runner.run(
                [_PROGRAM, f"--defaults-file={listed}", "--help", "--verbose"],
                timeout=60,
                accept=range(-64, 256),
                record=False,
            )
        said = [match for line in done.stderr.splitlines() if (match := _LINE.fullmatch(line))]
        errors = [match["words"].partition(": ")[2] or match["words"] for match in said if match["kind"] == "ERROR"]
        for match in said:
            adjusted = _ADJUSTED.search(match["words"])
            if adjusted and adjusted["name"].replace("-", "_") in self.settings:
                errors.append(match["words"].removeprefix("Buffered warning: "))
        if done.status != 0 or errors:
            words = "; ".join(quoted(error) for error in dict.fromkeys(errors)) or f"exit status {done.status}"
            raise SettingsError(f"nothing was changed, since {_PROGRAM} does not take the settings: {words}")

    def _take_over(self, changes: Sequence[FileChange]) -> None:
        words = self._restarted()
        if words is None:
            return
        text = f"{UNIT} does not start with its settings: {words}"
        before = [change.before for change in changes if change.action in ("write", "create")]
        if not before:
            raise SettingsError(text)
        if before[0].kind == "absent":
            os.unlink(self.path)
        else:
            entry = Entry(self.path, content=before[0].content, mode=0o644)
            apply(plan([entry], frozenset()).changes, label_security=self.label_security)
        again = self._restarted()
        end = "it runs with them" if again is None else f"it does not start with them either: {again}"
        raise SettingsError(f"{text}. The former settings have been put back, and {end}")

    def _restarted(self) -> str | None:
        """Restart it; what is said of it if it does not run then."""
        done = self.runner.run(["systemctl", "restart", UNIT], timeout=_TIMEOUT + 60, accept=range(256))
        if done.status == 0:
            try:
                local(self.runner, self.socket).ask("SELECT 1")
                return None
            except DatabaseError as error:
                return str(error)
        log = self.runner.run(
            ["journalctl", "--unit", UNIT, "--lines", "40", "--output", "cat", "--no-pager"],
            timeout=60,
            accept=range(256),
            record=False,
        )
        errors = [match["words"] for line in log.stdout.splitlines() if (match := _LINE.fullmatch(line))]
        return " / ".join(quoted(words) for words in dict.fromkeys(errors[-5:])) or "its log says nothing"
