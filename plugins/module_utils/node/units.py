# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd says of the services of a node."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from ansible_collections.groupware.ha.plugins.module_utils.command import ANY_STATUS, Runner

#: Where an administrator's own units are.
FOLDER = "/etc/systemd/system"


def started(runner: Runner, unit: str) -> float | None:
    """When a service was started, in seconds since 1970; nothing where it does not run."""
    if not runner.installed("systemctl"):
        return None
    shown = runner.run(
        ["systemctl", "show", "--timestamp=us+utc", "--property=ActiveState,ExecMainStartTimestamp", unit],
        timeout=60,
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
