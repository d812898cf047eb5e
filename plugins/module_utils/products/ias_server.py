# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One iPlanet Application Server, started or stopped: it runs when its Executive Server (KXS) takes connections.

No command that tells the state of a server is documented, but the port of its Executive Server is: there the servers of
a cluster reach each other.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound, Runner
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problems, refuse
from .ias_synchronizer import judge_port

Answers = Callable[[str, int], bool]

#: Seconds that a failed command still has to show an effect.
_AFTER_FAILURE = 10


def answers(address: str, port: int) -> bool:
    """Whether something takes connections there.

    :raises CommandError: that cannot be told. Whoever takes a server that hangs, or whose address is misspelt, for one
        that is stopped edits the registry of a server that runs.
    """
    try:
        with socket.create_connection((address, port), timeout=2):
            return True
    except ConnectionRefusedError:
        return False
    except (OSError, UnicodeError) as error:
        reason = f"cannot be asked, so that nobody knows whether the server runs: {error}"
        raise CommandError(["connect", f"{address}:{port}"], reason) from None


def converge(
    runner: Runner,
    address: str,
    port: int,
    started: bool,
    command: Sequence[str],
    timeout: float,
    asked: Answers = answers,
) -> dict[str, Any]:
    """Have a server started or stopped; what a module returns of it.

    :param command: starts or stops it, whichever is wanted
    :raises DescriptionError: what is described cannot be
    :raises CommandError: it did not come to that in time
    """
    problems = Problems(judge_port("port", port))
    if timeout <= 0:
        problems.add("timeout", timeout, "is no time to wait", "give seconds, such as 120")
    if not command:
        key = "start_command" if started else "stop_command"
        problems.add(key, list(command), "is no command line", "give the program and its arguments")
    refuse(problems)
    running = asked(address, port)
    result = {
        "changed": running != started,
        "running": running,
        "diff": {"before": _words(running), "after": _words(started)},
    }
    if running == started:
        return result
    failure = None
    try:
        runner.run(command, timeout=timeout)
    except CommandNotFound:
        raise
    except CommandError as error:
        failure = error  # what counts is whether the server runs
    if runner.dry:
        return result
    deadline = runner.clock() + (timeout if failure is None else min(timeout, _AFTER_FAILURE))
    while not _is(asked, address, port, started):
        if runner.clock() >= deadline:
            if failure is not None:
                raise failure
            what = "does not answer" if started else "still answers"
            raise CommandError(command, f"ended, but {address}:{port} {what} after {timeout:g} seconds; see its log")
        runner.pause(0.5)
    return result


def _is(asked: Answers, address: str, port: int, started: bool) -> bool:
    try:
        return asked(address, port) == started
    except CommandError:
        return False  # yet


def _words(running: bool) -> str:
    return "started\n" if running else "stopped\n"
