# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has HAProxy judge a file of its own before it is replaced, and take it over by a reload; on a balancer or a node."""

from __future__ import annotations

import errno
import re
import socket
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ansible_collections.groupware.ha.plugins.module_utils.command import ANY_STATUS, Runner
from ansible_collections.groupware.ha.plugins.module_utils.node import staging
from ansible_collections.groupware.ha.plugins.module_utils.node.units import TIMEOUT, log, systemctl
from . import haproxy, load_balancer_running

#: Seconds that HAProxy has for a reload: it reads its files and binds its addresses once more.
_RELOAD = 20
#: Address and port of each front end, in HAProxy's file.
_BOUND = re.compile(r"^ *bind (\S+):([0-9]+) ", re.MULTILINE)
#: Lets an address be bound that is not there, ip(7); the socket module has no name for these.
_IP_FREEBIND, _IPV6_FREEBIND = 15, 78


# -- judged ------------------------------------------------------------------------------------------------------------


def put(stages: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    """Put files where they are judged, each naming the others where these are judged.

    :param stages: for the path of each file that where it is put
    :param wanted: contents by path; there may be more of them
    """
    for path, stage in stages.items():
        text = wanted[path]
        for other, there in stages.items():
            text = text.replace(other, there)
        staging.put(Path(stage), text)


def judging(path: str) -> list[str]:
    """What has HAProxy judge a file of its own."""
    return ["haproxy", "-Ws", "-c", "-f", path]


def refusal(argv: Sequence[str], stages: Mapping[str, str], runner: Runner) -> str:
    """What a program has against its file; nothing if it takes it."""
    done = runner.run(argv, timeout=TIMEOUT, accept=ANY_STATUS, record=False)
    if done.status == 0:
        return ""
    lines = [line.strip() for line in f"{done.stderr}\n{done.stdout}".splitlines() if line.strip()]
    # HAProxy marks what it refuses; without that, and of others, all counts.
    refused = [line for line in lines if "[ALERT]" in line] or lines or ["it says nothing"]
    text = " / ".join(dict.fromkeys(refused))
    for path, stage in stages.items():
        text = text.replace(stage, path)
    return f"{argv[0]}: {text}"


def taken(wanted: str, there: str) -> Iterator[str]:
    """Ports that another program has.

    HAProxy does not ask for them when it judges its file. When it is reloaded it has the former process let go of all
    ports for two seconds, in case that is who has them, and nobody answers meanwhile.

    :param wanted: the file as it is to be
    :param there: the file that HAProxy runs with; empty where it does not run
    """
    bound = _BOUND.findall(there)
    for host, port in _BOUND.findall(wanted):
        if (host, port) not in bound and _is_taken(host.strip("[]"), int(port)):
            yield f"{host}:{port}: another program of this host has this port; see ss --listening --tcp --processes"


def _is_taken(address: str, port: int) -> bool:
    """Whether another program takes connections there."""
    six = ":" in address
    with socket.socket(socket.AF_INET6 if six else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.setsockopt(*((socket.IPPROTO_IPV6, _IPV6_FREEBIND) if six else (socket.IPPROTO_IP, _IP_FREEBIND)), 1)
        try:
            trial.bind((address, port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False


# -- taken over --------------------------------------------------------------------------------------------------------


def reloaded(unit: str, runner: Runner, ask: load_balancer_running.Ask) -> str | None:
    """Have HAProxy take its file over; gives what is said of it where it does not.

    :param ask: asks this one
    """
    before = _pid(ask)
    done = systemctl(runner, "reload", unit)
    if done is not None or before is None:
        return done
    # The process that answers is another one as soon as it has all that the former one had.
    deadline = runner.clock() + _RELOAD
    while runner.clock() < deadline:
        if _pid(ask) not in (None, before):
            return None
        runner.pause(0.1)
    return log(runner, unit)


def of_service(name: str) -> load_balancer_running.Ask:
    """What asks the HAProxy that is a service of a cluster."""
    return load_balancer_running.asking(haproxy.socket_of(name), f"see systemctl status {haproxy.unit_of(name)}")


def _pid(ask: load_balancer_running.Ask) -> str | None:
    """The process that answers at HAProxy's socket; nothing where none does."""
    try:
        return load_balancer_running.process(ask).get("Pid")
    except load_balancer_running.HaproxyError:
        return None
