# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an instance's servers run on this node, whether they answer, and whether with the files that they have now.

Postfix and Dovecot are not asked by their own status commands: these end with the same status when the server does not
run and when its files cannot be read, which is what matters here.
"""

from __future__ import annotations

import contextlib
import fcntl
import imaplib
import os
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound, Runner
from ansible_collections.groupware.ha.plugins.module_utils.node.files import FileStateError
from .dovecot_settings import DOVECOT_RELEASES

#: Ports of each server; on the last of Postfix's and on Dovecot's TLS comes first.
POSTFIX_PORTS, DOVECOT_PORTS = (25, 587, 465), (993,)
_TLS_FIRST = (465, 993)

#: Seconds for one question, and between two looks while a server takes its files over.
_TIMEOUT, _POLL = 10.0, 0.2

#: Seconds for the command that starts a server or has it read its files anew; Postfix's is a long script.
_COMMAND_TIMEOUT = 300

#: What has a server read its files anew, and what starts it, as the resource agents do.
RELOADS = {
    "dovecot": ("doveadm", "-c", "{base}/dovecot/dovecot.conf", "reload"),
    "postfix": ("postfix", "-c", "{base}/postfix/etc", "reload"),
}
STARTS = {
    "dovecot": ("dovecot", "-c", "{base}/dovecot/dovecot.conf"),
    "postfix": ("postfix", "-c", "{base}/postfix/etc", "start"),
}

#: There where systemd runs (sd_booted(3)).
_SYSTEMD = Path("/run/systemd/system")

#: The processes that a server starts anew as soon as it has taken its files over, and not before (seen with Postfix 3.7
#: and 3.10, Dovecot 2.3 and 2.4). A Dovecot that cannot use its files keeps the former ones and answers as before.
_RENEWED = {"postfix": "qmgr", "dovecot": "log"}


@dataclass(frozen=True)
class Running:
    """Process ids of the servers that run here, by ``postfix`` and ``dovecot``."""

    masters: dict[str, int]

    @property
    def ports(self) -> list[int]:
        """The ports that they have to answer on."""
        return [
            *(POSTFIX_PORTS if "postfix" in self.masters else ()),
            *(DOVECOT_PORTS if "dovecot" in self.masters else ()),
        ]


def dovecot_release(runner: Runner) -> str:
    """The release of Dovecot whose settings the node's takes; the latest where none is installed."""
    try:
        shown = runner.run(["dovecot", "--version"], record=False)
    except CommandNotFound:
        return DOVECOT_RELEASES[-1]
    version = tuple(int(number) for number in re.findall(r"\d+", shown.stdout)[:2])
    return next(
        (release for release in reversed(DOVECOT_RELEASES) if version >= tuple(map(int, release.split(".")))),
        DOVECOT_RELEASES[0],
    )


def running(name: str, mount_point: str) -> Running:
    """The servers of an instance that run on this node.

    :raises FileStateError: that cannot be told
    """
    found = {}
    for server, look in (("postfix", _postfix_master), ("dovecot", _dovecot_master)):
        path = Path(mount_point, "postfix/spool/pid/master.pid")
        if server == "dovecot":
            path = Path("/run/dovecot", name, "master.pid")
        try:
            number = look(path)
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            raise FileStateError(f"cannot tell whether {server} of {name} runs here: {path}: {error}") from None
        if number is not None:
            found[server] = number
    return Running(found)


def _postfix_master(path: Path) -> int | None:
    """Postfix's master keeps its file locked as long as it runs; "master -t" asks in the same way (master(8))."""
    with path.open("r+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read())
    return None


def _dovecot_master(path: Path) -> int | None:
    """Dovecot leaves its file behind when it is killed, and its number may be another process's by now."""
    number = int(path.read_text(encoding="ascii"))
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        if Path(f"/proc/{number}/comm").read_text(encoding="utf-8").strip() == "dovecot":
            return number
    return None


def address_is_here(address: str) -> bool:
    """Whether an address is this node's now: a socket can only be bound to one that is."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as bound:
        try:
            bound.bind((address, 0))
        except OSError:
            return False
    return True


def command(commands: Mapping[str, Sequence[str]], server: str, mount_point: str) -> list[str]:
    """The command line for a server of an instance.

    :param commands: RELOADS or STARTS
    """
    return [word.replace("{base}", mount_point) for word in commands[server]]


def reload(servers: Running, mount_point: str, runner: Runner) -> list[str]:
    """Have the servers read their files anew.

    :returns: what went wrong
    """
    lines = [command(RELOADS, server, mount_point) for server in RELOADS if server in servers.masters]
    return _problems(lines, runner)


def start(servers: Collection[str], name: str, mount_point: str, runner: Runner) -> list[str]:
    """Start servers of an instance.

    Not as children of whoever is logged in here: they have to outlast that, and have the limits that services have.

    :returns: what went wrong
    """
    lines = []
    for server in (server for server in STARTS if server in servers):
        by_systemd = [
            "systemd-run",
            "--quiet",
            "--collect",
            "--service-type=forking",
            f"--description={server} of {name}",
        ]
        lines.append([*(by_systemd if _SYSTEMD.is_dir() else []), *command(STARTS, server, mount_point)])
    return _problems(lines, runner)


def _problems(lines: Iterable[Sequence[str]], runner: Runner) -> list[str]:
    problems = []
    for line in lines:
        try:
            runner.run(line, timeout=_COMMAND_TIMEOUT)
        except CommandError as error:
            problems.append(str(error))
    return problems


def now() -> float:
    """Seconds since the node was booted, as the starts of processes are counted."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def not_taken_over(servers: Running, since: float) -> list[str]:
    """What shows that a server has not taken its files over since a moment.

    :param since: from ``now``
    """
    ticks = os.sysconf("SC_CLK_TCK")
    started = {server: list(_children(number, _RENEWED[server])) for server, number in servers.masters.items()}
    return [
        f"{server} runs on with its former files; its log says why"
        if _is_there(servers.masters[server])
        # Seen of Dovecot 2.4, where 2.3 runs on.
        else f"{server} has ended; its log says why"
        for server, starts in started.items()
        if not any(start >= int(since * ticks) for start in starts)
    ]


def _is_there(process: int) -> bool:
    return Path("/proc", str(process)).exists()


def _children(parent: int, name: str) -> Iterator[int]:
    """When the children of a process that have this name were started, in ticks since the boot (proc(5))."""
    for directory in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            text = directory.joinpath("stat").read_text(encoding="utf-8", errors="replace")
            before, _parenthesis, rest = text.rpartition(")")
            fields = rest.split()
            if before.partition("(")[2] == name and int(fields[1]) == parent:
                yield int(fields[19])


def await_answers(ask: Callable[[], list[str]], seconds: float, servers: Running | None = None) -> list[str]:
    """Ask until there is nothing wrong, or for so many seconds.

    :param servers: those of which each has to go on, for the answer to become another
    :returns: what is wrong in the end
    """
    deadline = time.monotonic() + seconds
    while True:
        # Looked at first, so that what a server does last is in the answer.
        ended = servers is not None and not all(map(_is_there, servers.masters.values()))
        problems = ask()
        if not problems or ended or time.monotonic() >= deadline:
            return problems
        time.sleep(_POLL)


def greet(address: str, ports: list[int], certificates: dict[int, bytes], recipient: str) -> list[str]:
    """Greet a server on all its ports at once.

    :param certificates: what has to be shown on which port, as DER; nothing is expected on the others
    :param recipient: an address that has to be asked for without the server finding its own files unusable
    :returns: what is wrong, with the port before it
    """
    if not ports:
        return []

    def one(port: int) -> str | None:
        try:
            shown = _greet_imap(address, port) if port in DOVECOT_PORTS else _greet_smtp(address, port, recipient)
        except (OSError, smtplib.SMTPException, imaplib.IMAP4.error, EOFError, ValueError) as error:
            return f"port {port}: {str(error) or type(error).__name__}"
        if shown is not None and certificates.get(port, shown) != shown:
            return f"port {port}: shows another certificate than the one that it has now"
        return None

    with ThreadPoolExecutor(max_workers=len(ports)) as pool:
        return [problem for problem in pool.map(one, ports) if problem is not None]


def _context() -> ssl.SSLContext:
    """Any certificate will do: which one is shown is compared with the file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _shown(connection: socket.socket | None) -> bytes | None:
    return connection.getpeercert(binary_form=True) if isinstance(connection, ssl.SSLSocket) else None


def _greet_imap(address: str, port: int) -> bytes | None:
    with imaplib.IMAP4_SSL(address, port, ssl_context=_context(), timeout=_TIMEOUT) as connection:
        return _shown(connection.socket())


def _greet_smtp(address: str, port: int, recipient: str) -> bytes | None:
    if port in _TLS_FIRST:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            address, port, local_hostname="localhost", timeout=_TIMEOUT, context=_context()
        )
    else:
        connection = smtplib.SMTP(address, port, local_hostname="localhost", timeout=_TIMEOUT)
    with connection:
        connection.ehlo_or_helo_if_needed()
        if port not in _TLS_FIRST and connection.has_extn("starttls"):
            connection.starttls(context=_context())
            connection.ehlo()
        if port == POSTFIX_PORTS[0]:
            connection.mail("<>")
            status, text = connection.rcpt(recipient)
            # What smtpd answers when a restriction or a table of its own cannot be used (smtpd_check.c).
            if status == 451 and text.startswith(b"4.3.5"):
                raise ValueError(text.decode("ascii", "replace"))
        return _shown(connection.sock)
