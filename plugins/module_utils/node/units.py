# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services of systemd, as they are and as they are to be."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ansible_collections.groupware.ha.plugins.module_utils.command import ANY_STATUS, Runner

#: Seconds for a program; systemd gives a start 90.
TIMEOUT = 120
#: Where an administrator's own units are.
FOLDER = "/etc/systemd/system"


@dataclass
class Service:
    """A service.

    :ivar since: when it last changed its state, in seconds since 1970; None: it does not run
    :ivar command: the words of its process, with NUL between them
    :ivar stale_unit: whether its unit was changed since systemd has read it
    :ivar steps: what is done about it, in systemctl's words
    """

    name: str
    since: float | None
    enabled: bool
    command: str = ""
    stale_unit: bool = False
    steps: list[str] = field(default_factory=list)

    @property
    def runs(self) -> bool:
        return self.since is not None


def looked_up(name: str, runner: Runner) -> Service:
    """One as it is now."""
    if not runner.installed("systemctl"):
        return Service(name, None, False)
    properties = "ActiveState,UnitFileState,StateChangeTimestamp,MainPID,NeedDaemonReload"
    shown = runner.run(
        ["systemctl", "show", "--timestamp=us+utc", f"--property={properties}", f"{name}.service"],
        timeout=TIMEOUT,
        accept=ANY_STATUS,
        record=False,
    )
    found = dict(line.partition("=")[::2] for line in shown.stdout.splitlines())
    since = None
    if found.get("ActiveState") in ("active", "reloading"):
        text = found["StateChangeTimestamp"].replace("UTC", "+0000")
        since = datetime.strptime(text, "%a %Y-%m-%d %H:%M:%S.%f %z").timestamp()
    command = runner.read_file(f"/proc/{found.get('MainPID', '0')}/cmdline") or ""
    enabled = found.get("UnitFileState") == "enabled"
    return Service(name, since, enabled, command, stale_unit=found.get("NeedDaemonReload") == "yes")


def ending(known: Service) -> list[str]:
    """What is done so that it neither runs nor starts with the machine."""
    return [step for step, needed in (("disable", known.enabled), ("stop", known.runs)) if needed]


def systemctl(runner: Runner, *words: str) -> str | None:
    """Have systemd do it; gives what is said of it where it fails."""
    done = runner.run(["systemctl", *words], timeout=TIMEOUT, accept=ANY_STATUS)
    if done.status == 0:
        return None
    return log(runner, words[-1]) if len(words) > 1 else done.stderr.strip()


def log(runner: Runner, unit: str) -> str:
    """What a service has said last."""
    argv = ["journalctl", "--unit", unit, "--lines", "8", "--output", "cat", "--no-pager"]
    said = runner.run(argv, timeout=TIMEOUT, accept=ANY_STATUS, record=False)
    return " / ".join(line.strip() for line in said.stdout.splitlines() if line.strip()) or "its log says nothing"


def started(runner: Runner, unit: str) -> float | None:
    """When a service was started, in seconds since 1970; nothing where it does not run."""
    if not runner.installed("systemctl"):
        return None
    shown = runner.run(
        ["systemctl", "show", "--timestamp=us+utc", "--property=ActiveState,ExecMainStartTimestamp", unit],
        timeout=TIMEOUT,
        accept=ANY_STATUS,
        record=False,
    )
    found = dict(line.partition("=")[::2] for line in shown.stdout.splitlines())
    if found.get("ActiveState") != "active":
        return None
    try:
        text = found["ExecMainStartTimestamp"].replace("UTC", "+0000")
        return datetime.strptime(text, "%a %Y-%m-%d %H:%M:%S.%f %z").timestamp()
    except (KeyError, ValueError):
        return None


def written(unit: str, folder: str = FOLDER) -> float | None:
    """When the file of a unit was written, in seconds since 1970; nothing without one."""
    try:
        return Path(folder, unit).stat().st_mtime
    except OSError:
        return None
