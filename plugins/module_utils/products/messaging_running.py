# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an instance of Messaging Server works, as its own commands say on the node that runs it. Changes nothing.

``stored -t`` says by its status whether the message store works, ``imsimta process`` lists the processes of the MTA, of
which job controller and dispatcher are always there (Messaging Server 6.3 Administration Reference, stored, and
Administration Guide, 26.2.4). ``msprobe`` would ask all servers, but restarts those that are slow, so it is left alone.
Which servers are enabled, and their ports, its options say.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from ansible_collections.groupware.ha.plugins.module_utils.command import ANY_STATUS, CommandError
from ansible_collections.groupware.ha.plugins.module_utils.formats import mta_cnf
from ansible_collections.groupware.ha.plugins.module_utils.formats.messaging_options import same_value
from ansible_collections.groupware.ha.plugins.module_utils.products.messaging_server import (
    MessagingServer,
    MessagingServerError,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.running import Running

#: What the options of each kind of configuration begin with, by server.
_PREFIXES = {
    "legacy": {"imap": "service.imap", "pop": "service.pop", "mta": "local.imta", "store": "local.store"},
    "unified": {"imap": "imap", "pop": "pop", "mta": "mta", "store": "store"},
}
#: The services of the dispatcher, by the protocol that they are asked by.
_DISPATCHED = {"smtp": "SMTP", "submission": "SMTP_SUBMIT"}
_USUAL_PORTS = {"imap": 143, "imaps": 993, "pop": 110, "smtp": 25}
#: Servers of the MTA that are there whether there is mail or not, and what is missing without them.
_OF_MTA = {"dispatcher": "no mail is taken", "job_controller": "mail stays in the queues"}
_TIMEOUT = 60


def ask(server: MessagingServer, node: str) -> Running:
    """Ask the instance's options and commands.

    :param node: the name of this node, for what is said
    """
    found = Running()
    try:
        kind = server.configuration()
        options = server.read_options(kind)
    except (CommandError, MessagingServerError) as error:
        found.unknown.append(f"its options could not be read on {node}: {error}")
        kind, options = "", {}
    else:
        found.ports = _ports(server, kind, options)
    if _enabled(kind, options, "store"):
        _ask_store(server, node, found)
    if _enabled(kind, options, "mta"):
        _ask_mta(server, node, found)
    return found


def _option(kind: str, options: Mapping[str, str], server: str, name: str) -> str | None:
    return options.get(f"{_PREFIXES[kind][server]}.{name}") if kind else None


def _enabled(kind: str, options: Mapping[str, str], server: str, name: str = "enable", usual: bool = True) -> bool:
    """Whether a server is to run; one that the options do not name is as is usual."""
    value = _option(kind, options, server, name)
    return usual if value is None else same_value(value, "1")


def _ports(server: MessagingServer, kind: str, options: Mapping[str, str]) -> dict[str, int]:
    found = {}
    for name in ("imap", "pop") if _enabled(kind, options, "store") else ():
        # POP is not asked where nobody set anything of it: whether it is enabled then differs between releases.
        if _enabled(kind, options, name, usual=name == "imap"):
            found[name] = _number(_option(kind, options, name, "port"), _USUAL_PORTS[name])
    if _enabled(kind, options, "imap", "enablesslport", usual=False):
        found["imaps"] = _number(_option(kind, options, "imap", "sslport"), _USUAL_PORTS["imaps"])
    if _enabled(kind, options, "mta"):
        found.update(_dispatched_ports(server, kind, options))
    return found


def _dispatched_ports(server: MessagingServer, kind: str, options: Mapping[str, str]) -> dict[str, int]:
    """The ports of the dispatcher's services; each has one or several."""
    text = ""
    if kind == "legacy":
        text = server.runner.read_file(posixpath.join(server.server_root, "config", "dispatcher.cnf")) or ""
    found = {}
    for name, service in _DISPATCHED.items():
        section = f"SERVICE={service}"
        if kind == "legacy":
            ports = mta_cnf.get_option(text, section, "PORT") if section in mta_cnf.sections(text) else None
            enabled = True
        else:
            ports = options.get(f"dispatcher.service:{service}.tcp_ports")
            enabled = same_value(options.get(f"dispatcher.service:{service}.enable", "1"), "1")
        if enabled and (ports or name in _USUAL_PORTS):
            found[name] = _number((ports or "").partition(",")[0], _USUAL_PORTS.get(name, 0))
    return {name: port for name, port in found.items() if port}


def _number(text: str | None, usual: int) -> int:
    stripped = (text or "").strip()
    return int(stripped) if stripped.isdecimal() and 0 < int(stripped) < 65536 else usual


def _ask_store(server: MessagingServer, node: str, found: Running) -> None:
    program = posixpath.join(server.server_root, "lib", "stored")
    try:
        answer = server.runner.run([program, "-t", "-v"], accept=ANY_STATUS, timeout=_TIMEOUT, record=False)
    except CommandError as error:
        found.unknown.append(f"the message store could not be asked on {node}: {error}")
        return
    if answer.status == 0:
        found.running.append("stored")
        return
    said = " ".join((answer.stdout or answer.stderr).split()) or f"status {answer.status}"
    found.problems.append(
        f"stored -t says on {node} that the message store does not work ({said}); read its log, and start it with "
        f"{server.program('start-msg')} store"
    )


def _ask_mta(server: MessagingServer, node: str, found: Running) -> None:
    try:
        printed = server.runner.run([server.program("imsimta"), "process"], timeout=_TIMEOUT, record=False).stdout
    except CommandError as error:
        found.unknown.append(f"the processes of the MTA could not be listed on {node}: {error}")
        return
    processes = set(mta_processes(printed))
    for name, without in _OF_MTA.items():
        if name in processes:
            found.running.append(name)
        else:
            found.problems.append(
                f"{name} does not run on {node}, so that {without}; read its log, and start it with "
                f"{server.program('start-msg')} {name}"
            )


def mta_processes(printed: str) -> list[str]:
    """The programs in what ``imsimta process`` printed: a heading, then lines whose eighth column is the program."""
    columns = [line.split() for line in printed.splitlines()]
    return [posixpath.basename(line[7]) for line in columns if len(line) >= 8 and line[1].isdecimal()]
