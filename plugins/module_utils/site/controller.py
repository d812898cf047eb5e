# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of ansible-playbook is known by, on the controller; and whether another one from there is gone."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import pwd
from collections.abc import Mapping, Sequence
from pathlib import Path

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, LocalRunner, Runner

#: Changes when the machine is started, below its root.
_BOOT = "proc/sys/kernel/random/boot_id"
#: Longer names tell nobody anything.
_LONGEST = 200


class Controller:
    """The machine that Ansible runs on.

    :param root: where its files are
    """

    def __init__(self, runner: Runner | None = None, root: str = "/") -> None:
        self.runner = runner or LocalRunner(dry=False)
        self.root = Path(root)

    @property
    def machine(self) -> str:
        """Tells what can be seen of processes here from what can be seen elsewhere; nothing, where nothing does.

        Containers of one image have one machine-id, but see their own processes alone. What is read is not told: it may
        be what other programs derive their secrets from.
        """
        identity = self._text("etc/machine-id") or self._text("var/lib/dbus/machine-id")
        if not identity:
            return ""
        namespace = ""
        with contextlib.suppress(OSError):
            namespace = os.readlink(self.root / "proc/self/ns/pid")
        said = f"groupware.ha {identity} {platform.node()} {namespace}"
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    def run(self, process: int, playbooks: Sequence[str]) -> dict[str, str]:
        """What the run says of itself whose process this is."""
        started = self.started(process) or ""
        machine = self.machine
        told = f"{machine} {platform.node()} {process} {started}"
        return {
            "run": hashlib.sha256(told.encode()).hexdigest()[:12],
            "user": _line(_user()),
            "controller": _line(platform.node()),
            "machine": machine,
            "process": str(process),
            "started": started,
            "playbook": _line(" ".join(playbooks)),
        }

    def gone(self, holder: Mapping[str, str]) -> bool:
        """Whether it can be seen that the process of another run is not there any more."""
        if not self._visible(holder):
            return False
        process = int(holder["process"])
        started = self.started(process)
        if started is None and self._text(_BOOT):
            # The files of others' processes may be hidden; whether there is such a process is told to everybody.
            return not _exists(process)
        return started != holder["started"]

    def _visible(self, holder: Mapping[str, str]) -> bool:
        """Whether the process, if it is there, would be seen."""
        known = holder["machine"] and holder["machine"] == self.machine and holder["started"]
        if not known or not holder["process"].isdigit():
            return False
        return bool(self._text(_BOOT)) or holder["user"] == _line(_user())

    def seen(self, holder: Mapping[str, str]) -> bool:
        """Whether it can be seen that it is there."""
        return self._visible(holder) and not self.gone(holder)

    def started(self, process: int) -> str | None:
        """When a process was started, as the system counts; nothing, if there is none."""
        boot = self._text(_BOOT)
        if boot:
            status = self._text(f"proc/{process}/stat")
            # The name of the program is in brackets, and may have any in itself; what follows is counted from 3.
            fields = status.rpartition(")")[2].split()
            # What has ended and was not asked for its end is there no more.
            return f"{boot} {fields[19]}" if len(fields) > 19 and fields[0] not in "ZX" else None
        try:
            told = self.runner.run(["ps", "-o", "lstart=", "-p", str(process)], accept=(0, 1), record=False)
        except CommandError:
            return None
        return " ".join(told.stdout.split()) or None

    def _text(self, path: str) -> str:
        try:
            return (self.root / path).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            return ""


def _exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _user() -> str:
    """Who started the run, and as whom."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = str(os.getuid())
    behind = os.environ.get("SUDO_USER")
    return f"{behind} as {name}" if behind and behind != name else name


def _line(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:_LONGEST]
