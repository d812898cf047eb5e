# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks running mail services what a user would notice: who answers, with which certificate, and does mail get through.

Only the Python standard library; many services at once, each with a deadline.
"""

from __future__ import annotations

import functools
import imaplib
import poplib
import smtplib
import socket
import ssl
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.shown import in_words, key_name, shape
from . import shown_certificates

SMTP, SUBMISSION, SUBMISSIONS, IMAPS = 25, 587, 465, 993
IMAP, POP = 143, 110

#: Protocols that a service may have on ports of its own choice, in the order in which they are asked, and their names.
PROTOCOLS = {"smtp": "SMTP", "submission": "submission", "imap": "IMAP", "imaps": "IMAP over TLS", "pop": "POP"}

#: Seconds between two looks into the mailbox while a message is on its way.
_POLL = 0.1


@dataclass(frozen=True)
class Target:
    """A service to ask. Without a user only what anybody may see is asked for.

    With ``ports``, a port for each protocol that it has, these are asked for their greetings and for what they can, and
    TLS is wanted of none but those that begin with it; without, all is asked that a service of Postfix and Dovecot has.
    """

    name: str
    host: str
    host_name: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    mail_address: str | None = None
    ports: Mapping[str, int] | None = None

    @property
    def own_address(self) -> str:
        """Where the round trip's message is sent from and to."""
        user = self.user or ""
        return self.mail_address or (user if "@" in user else f"{user}@{self.host_name or self.host}")


@dataclass(frozen=True)
class Expectations:
    """What is asked, and how it is judged."""

    timeout: float
    certificate_days: int
    ca_file: str | None = None
    round_trip: bool = False


@dataclass
class Answer:
    """What a service answered, everything that is wrong with it, and what could not be asked.

    ``silent`` has protocols that gave no answer, or none that could be understood; ``greeted`` those that answered.
    """

    name: str
    facts: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    greeted: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The answer as a module returns it."""
        told = {"unknown": self.unknown, "silent": self.silent, "greeted": [PROTOCOLS[name] for name in self.greeted]}
        return {"ok": not self.problems, "problems": self.problems, "summary": self._summary(), **told, **self.facts}

    def _summary(self) -> str:
        """What is well, in words; nothing if something is not."""
        if self.problems:
            return ""
        if self.greeted:
            logins = any(self.facts[name].get("login") for name in self.greeted)
            return (
                f"{in_words([PROTOCOLS[name] for name in self.greeted], 'answer')}{', logins work' if logins else ''}"
            )
        tried = [self.facts.get(name, {}).get("login") for name in ("submission", "imap")]
        return f"{self.facts['smtp']['host_name']} answers, logins {'work' if all(tried) else 'were not tried'}"


def unfit_ports(ports: Mapping[str, Any]) -> list[str]:
    """What is wrong with ports that somebody named."""
    unknown = [
        f"{key_name(name, PROTOCOLS)}: is no protocol; use {', '.join(PROTOCOLS)}"
        for name in ports
        if name not in PROTOCOLS
    ]
    return unknown + [
        f"{name} = {shape(port)}: is no port; give a number from 1 to 65535"
        for name, port in ports.items()
        if name in PROTOCOLS and (isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65536)
    ]


def ask_all(targets: Sequence[Target], expectations: Expectations) -> list[Answer]:
    """Ask all services at once; the slowest decides how long it takes."""
    if not targets:
        return []
    with ThreadPoolExecutor(max_workers=min(len(targets), 32)) as pool:
        return list(pool.map(lambda target: _Conversation(target, expectations).hold(), targets))


class _GreetedSMTP(smtplib.SMTP):
    """A connection that remembers what it was greeted with; over TLS from the first byte if a context is given."""

    banner = ""

    def __init__(self, host: str, port: int, timeout: float, context: ssl.SSLContext | None = None) -> None:
        self._implicit_tls = context
        super().__init__(host, port, local_hostname="localhost", timeout=timeout)

    def connect(self, host: str = "localhost", port: int = 0, source_address: Any = None) -> tuple[int, bytes]:
        status, greeting = super().connect(host, port, source_address)
        self.banner = greeting.decode("ascii", "replace")
        return status, greeting

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = socket.create_connection((host, port), timeout)
        if self._implicit_tls is None:
            return connection
        try:
            return self._implicit_tls.wrap_socket(connection)
        except BaseException:
            connection.close()
            raise


class _Conversation:
    """Everything that is asked of one service, one question after the other until one cannot be answered."""

    def __init__(self, target: Target, expectations: Expectations) -> None:
        self.target = target
        self.expectations = expectations
        self.answer = Answer(target.name)
        self.deadline = time.monotonic() + expectations.timeout

    def hold(self) -> Answer:
        """Ask, and give the answer; nothing is raised."""
        if self.target.ports is not None:
            for name in (name for name in PROTOCOLS if name in self.target.ports):
                self._step(name, functools.partial(self._greet, name))
            return self.answer
        self._step("smtp", self._ask_smtp)
        if self.target.user is not None:
            self._step("submission", self._ask_submission)
        self._step("submissions", self._ask_submissions)
        self._step("imap", self._ask_imap)
        return self.answer

    def _step(self, name: str, ask: Callable[[], None]) -> None:
        started = time.monotonic()
        try:
            ask()
        except (OSError, smtplib.SMTPException, imaplib.IMAP4.error, poplib.error_proto, EOFError, ValueError) as error:
            self.answer.problems.append(f"{name}: {_words(error)}")
            self.answer.silent.append(name)
        self.answer.facts.setdefault(name, {})["seconds"] = round(time.monotonic() - started, 3)

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"no answer within {self.expectations.timeout:g} seconds")
        return left

    def _smtp(self, port: int) -> _GreetedSMTP:
        return _GreetedSMTP(self.target.host, port, self._left())

    def _judge_banner(self, name: str, banner: str) -> dict[str, Any]:
        facts: dict[str, Any] = {"banner": banner, "host_name": banner.split(" ", 1)[0]}
        self.answer.facts[name] = facts
        expected = self.target.host_name
        if expected is not None and facts["host_name"].lower() != expected.lower():
            self.answer.problems.append(f"{name}: the banner says {facts['host_name']}, not {expected}")
        return facts

    def _greet(self, name: str) -> None:
        """Ask for greeting and abilities, and log in where TLS keeps the password from others."""
        ask = {"imap": self._greet_imap, "imaps": self._ask_imap, "pop": self._greet_pop}.get(name, self._greet_smtp)
        ask(name)
        self.answer.greeted.append(name)

    def _port(self, name: str, usual: int) -> int:
        return (self.target.ports or {}).get(name, usual)

    def _greet_smtp(self, name: str) -> None:
        with self._smtp(self._port(name, SMTP)) as connection:
            facts = self._judge_banner(name, connection.banner)
            status, text = connection.ehlo()
            if status != 250:
                raise smtplib.SMTPHeloError(status, text)
            facts["starttls"] = connection.has_extn("starttls")

    def _greet_imap(self, name: str) -> None:
        with imaplib.IMAP4(self.target.host, self._port(name, IMAP), timeout=self._left()) as connection:
            facts = self.answer.facts[name] = {
                "banner": connection.welcome.decode("ascii", "replace"),
                "starttls": "STARTTLS" in connection.capabilities,
            }
            if self.target.user is None or "imaps" in (self.target.ports or {}):
                return
            if not facts["starttls"]:
                self.answer.unknown.append("imap: nobody logged in, since without TLS others could read the password")
                return
            connection.starttls(self._context())
            self._log_in(name, connection)

    def _greet_pop(self, name: str) -> None:
        connection = poplib.POP3(self.target.host, self._port(name, POP), timeout=self._left())
        try:
            self.answer.facts[name] = {"banner": connection.getwelcome().decode("ascii", "replace")}
            connection.quit()
        finally:
            connection.close()

    def _log_in(self, name: str, connection: imaplib.IMAP4) -> None:
        """Log in; that a service refuses a user does not say that it gives no answer."""
        facts = self.answer.facts[name]
        facts["login"] = False
        try:
            connection.login(self.target.user or "", self.target.password or "")
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            self.answer.problems.append(f"{name}: {_words(error)}")
        else:
            facts["login"] = True

    def _ask_smtp(self) -> None:
        with self._smtp(SMTP) as connection:
            facts = self._judge_banner("smtp", connection.banner)
            connection.ehlo()
            facts["starttls"] = connection.has_extn("starttls")
            if not facts["starttls"]:
                self.answer.problems.append("smtp: STARTTLS is not offered")

    def _ask_submission(self) -> None:
        with self._smtp(SUBMISSION) as connection:
            self.answer.facts["submission"] = facts = {"login": False, "login_without_tls_offered": False}
            connection.ehlo()
            facts["login_without_tls_offered"] = connection.has_extn("auth")
            if facts["login_without_tls_offered"]:
                self.answer.problems.append("submission: logging in is offered without TLS")
            connection.starttls(context=self._context())
            connection.ehlo()
            connection.login(self.target.user or "", self.target.password or "")
            facts["login"] = True
            if self.expectations.round_trip:
                self._send(connection)

    def _send(self, connection: smtplib.SMTP) -> None:
        message = EmailMessage()
        message["From"] = message["To"] = self.target.own_address
        message["Subject"] = f"Test of {self.target.name}"
        message["Date"] = formatdate()
        message["Message-ID"] = f"<{uuid.uuid4()}@{self.target.host_name or 'localhost'}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content("Sent and removed again by a test of this mail service.\n")
        started = time.monotonic()
        connection.send_message(message)
        self.answer.facts["round_trip"] = {
            "message_id": message["Message-ID"],
            "acknowledged_after": round(time.monotonic() - started, 3),
            "arrived": False,
        }

    def _ask_submissions(self) -> None:
        """Port 465: TLS from the first byte, so that a greeting says that TLS works too."""
        context = self._context(report_port=SUBMISSIONS)
        with _GreetedSMTP(self.target.host, SUBMISSIONS, self._left(), context) as connection:
            facts = self._judge_banner("submissions", connection.banner)
            if isinstance(connection.sock, ssl.SSLSocket):
                facts["certificate"] = self._judge_certificate(connection.sock.getpeercert() or {})
            connection.ehlo()
            facts["login_offered"] = connection.has_extn("auth")
            if not facts["login_offered"]:
                self.answer.problems.append("submissions: logging in is not offered")

    def _ask_imap(self, name: str = "imap") -> None:
        port = self._port(name, IMAPS)
        context = self._context(report_port=port)
        with imaplib.IMAP4_SSL(self.target.host, port, ssl_context=context, timeout=self._left()) as connection:
            self.answer.facts.setdefault(name, {})
            wrapped = connection.socket()
            if isinstance(wrapped, ssl.SSLSocket):
                certificate = self._judge_certificate(wrapped.getpeercert() or {})
                self.answer.facts["certificate"] = certificate
                # Postfix and Dovecot have it from the same file: one of them has not read it again.
                if self.answer.facts.get("submissions", {}).get("certificate", certificate) != certificate:
                    self.answer.problems.append("certificate: port 465 shows another one than port 993")
            if self.target.user is None:
                return
            self._log_in(name, connection)
            if self.answer.facts[name]["login"] and "round_trip" in self.answer.facts:
                self._fetch(connection)

    def _fetch(self, connection: imaplib.IMAP4) -> None:
        """Wait for the message, and remove it."""
        facts = self.answer.facts["round_trip"]
        started = time.monotonic()
        while True:
            connection.socket().settimeout(self._left())
            connection.select("INBOX")
            _status, found = connection.uid("SEARCH", "HEADER", "Message-ID", f'"{facts["message_id"]}"')
            numbers = (found[0] or b"").decode("ascii")
            if numbers:
                break
            time.sleep(_POLL)
        facts["arrived"] = True
        facts["arrived_after"] = round(time.monotonic() - started, 3)
        connection.uid("STORE", numbers.replace(" ", ","), "+FLAGS", r"(\Deleted)")
        connection.expunge()

    def _context(self, report_port: int | None = None) -> ssl.SSLContext:
        """Settings of TLS: trust the authority that was given, or else the certificate that the service shows."""
        context = ssl.create_default_context(cafile=self.expectations.ca_file)
        context.check_hostname = False
        if self.expectations.ca_file is None:
            if report_port is None:
                context.verify_mode = ssl.CERT_NONE
                return context
            return shown_certificates.trusting_what_is_shown(self.target.host, report_port, self._left())
        return context

    def _judge_certificate(self, certificate: Mapping[str, Any]) -> dict[str, Any]:
        """What is in a certificate; what is wrong with it is said once, though several ports show it."""
        facts, found = shown_certificates.judged(certificate, self.target.host_name, self.expectations.certificate_days)
        self.answer.problems += [problem for problem in found if problem not in self.answer.problems]
        return facts


def _words(error: BaseException) -> str:
    """An error in one line, with the server's own words."""
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        return f"{error.smtp_code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"
    return str(error) or type(error).__name__
