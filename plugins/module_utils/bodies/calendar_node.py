# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prepares a node for Calendar Server: mount points, and how much the cluster's agent logs."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.formats.lines import end_of, finished, lines_of
from ansible_collections.groupware.ha.plugins.module_utils.node import files
from ansible_collections.groupware.ha.plugins.module_utils.node.readers import Reader, telling, to_be_told
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module

#: Calendar Server 6.3 Administration Guide, 6.10. The file of the level is on each node, and so is the log.
_LEVEL = "/var/cluster/rgm/rt/SUNW.scics/loglevel"
_LOG = "/var/adm/clusterlog"
_SYSLOG = "/etc/syslog.conf"
_LINE = f"daemon.debug\t{_LOG}\n"
#: With status 1 none runs, so that none has to be told.
_SYSLOGD = Reader("syslogd", [["pkill", "-HUP", "-x", "syslogd"]], accept=(0, 1))
_OURS = re.compile(rf"daemon\.debug\s+{_LOG}\s*")


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    debug, root = module.params["debug"], module.params["root"].rstrip("/")
    for path in module.params["mount_points"]:
        # With the rights that it has: those of a file system that is mounted there are its own.
        _have_directory(path, None, runner)
    if debug:
        _have_directory(os.path.dirname(root + _LEVEL), 0o755, runner)
        _have_mode(root + _LOG, 0o640, runner)
    changes = files.plan(list(_entries(root, debug)), frozenset(), module.check_mode).changes
    with telling(to_be_told({root + _SYSLOG: _SYSLOGD}, [change.entry.path for change in changes]), runner):
        if not module.check_mode:
            files.apply(changes)
    return {
        "changed": bool(changes or runner.commands),
        "diff": [change.diff() for change in changes],
    }


def _have_directory(path: str, mode: int | None, runner: Runner) -> None:
    if not os.path.isdir(path):
        runner.run(["mkdir", *([] if mode is None else ["-m", f"{mode:04o}"]), "-p", path])
    elif mode is not None:
        _have_mode(path, mode, runner)


def _have_mode(path: str, mode: int, runner: Runner) -> None:
    if os.path.exists(path) and stat.S_IMODE(os.stat(path).st_mode) != mode:
        runner.run(["chmod", f"{mode:04o}", path])


def _entries(root: str, debug: bool) -> Iterator[files.Entry]:
    if debug:
        yield files.Entry(root + _LEVEL, content="9\n")
        # syslogd writes to files that exist, and to no others.
        if not os.path.exists(root + _LOG):
            yield files.Entry(root + _LOG, content="", mode=0o640)
    else:
        yield files.Entry(root + _LEVEL, "absent")
    present = files.read(root + _SYSLOG)
    if present.kind == "absent" and debug:
        raise files.FileStateError(f"{root}{_SYSLOG} is missing, in which syslogd is told what to write where; make it")
    if present.kind != "absent":
        yield files.Entry(root + _SYSLOG, content=_syslog(present.content, debug), backup=True)


def _syslog(text: str, debug: bool) -> str:
    """The file with one line for the agent's log, or with none."""
    lines = lines_of(text)
    places = [number for number, line in enumerate(lines) if _OURS.fullmatch(line)]
    if not debug:
        return "".join(line for number, line in enumerate(lines) if number not in places)
    if not places:
        return "".join([*finished(lines), _LINE])
    last = places[-1]
    lines[last] = _LINE if end_of(lines[last]) else _LINE.rstrip("\n")
    return "".join(lines)


BODY = Body(
    {
        "mount_points": {"type": "list", "elements": "path", "default": []},
        "debug": {"type": "bool", "default": False},
        "root": {"type": "path", "default": "/"},
    },
    _work,
)
