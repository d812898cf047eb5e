"""Clients of a mail service that never stop: they submit and read mail and note every success with its time.

Each attempt is a new connection, as a user's would be, started at its time whether or not earlier ones have come back:
an attempt that hangs delays no other, so that the first answer after an outage is seen within one interval.
"""

from __future__ import annotations

import imaplib
import re
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Self

#: Seconds for a connection and for each answer.
CONNECT_TIMEOUT = 1.0
ANSWER_TIMEOUT = 5.0

SUBMISSION_PORT = 587
IMAPS_PORT = 993


@dataclass(frozen=True)
class Mailbox:
    """A user's way to a mail service. The certificate has to be for the host name, whatever address is used."""

    service: str
    address: str
    host_name: str
    user: str
    password: str = field(repr=False)
    tls: ssl.SSLContext = field(repr=False)

    @property
    def recipient(self) -> str:
        """The user's mail address."""
        return self.user if "@" in self.user else f"{self.user}@{self.host_name}"


class _Submission(smtplib.SMTP):
    """SMTP to an address, so that no name service has a part in the figures; the certificate is the host name's."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._address = mailbox.address
        super().__init__(mailbox.host_name, SUBMISSION_PORT, local_hostname="client.invalid", timeout=ANSWER_TIMEOUT)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002 (smtplib's)
        return _connect(self._address, port, timeout)


class _Imap(imaplib.IMAP4_SSL):
    """IMAPS likewise."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        super().__init__(mailbox.host_name, IMAPS_PORT, ssl_context=mailbox.tls, timeout=ANSWER_TIMEOUT)

    def _create_socket(self, timeout: float | None) -> ssl.SSLSocket:
        connection = _connect(self._mailbox.address, self.port, timeout or ANSWER_TIMEOUT)
        try:
            return self._mailbox.tls.wrap_socket(connection, server_hostname=self.host)
        except BaseException:
            connection.close()
            raise


def _connect(address: str, port: int, timeout: float) -> socket.socket:
    connection = socket.create_connection((address, port), CONNECT_TIMEOUT)
    connection.settimeout(timeout)
    return connection


def submit(mailbox: Mailbox, message_id: str) -> float:
    """Submit one message to the mailbox's own user; the time at which the server took responsibility for it."""
    message = (
        f"From: <{mailbox.recipient}>\r\nTo: <{mailbox.recipient}>\r\nMessage-ID: {message_id}\r\n"
        f"Subject: node loss test\r\n\r\nSent {time.time():.3f}.\r\n"
    )
    smtp = _Submission(mailbox)
    try:
        smtp.starttls(context=mailbox.tls)
        smtp.login(mailbox.user, mailbox.password)
        # Raises unless the only recipient is accepted and the data are answered with 250.
        smtp.sendmail(mailbox.recipient, [mailbox.recipient], message)
        acknowledged = time.time()
        with suppress(OSError, smtplib.SMTPException):
            smtp.quit()
        return acknowledged
    finally:
        smtp.close()


@contextmanager
def _inbox(mailbox: Mailbox, readonly: bool) -> Iterator[_Imap]:
    imap = _Imap(mailbox)
    try:
        imap.login(mailbox.user, mailbox.password)
        status, answer = imap.select("INBOX", readonly=readonly)
        if status != "OK":
            raise imaplib.IMAP4.error(f"INBOX: {answer!r}")
        yield imap
        with suppress(OSError, imaplib.IMAP4.error):
            imap.logout()
    finally:
        # Logging out has closed it already.
        with suppress(OSError):
            imap.shutdown()


def read_newest(mailbox: Mailbox) -> float:
    """Log in and fetch the newest message; the time at which it had arrived."""
    with _inbox(mailbox, readonly=True) as imap:
        status, answer = imap.fetch("*", "(BODY.PEEK[])")
        if status != "OK" or not answer or not isinstance(answer[0], tuple):
            raise imaplib.IMAP4.error(f"FETCH: {status} {answer!r}")
        return time.time()


_MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)


def message_ids(mailbox: Mailbox) -> list[str]:
    """The Message-ID of every message in the mailbox, once for each copy."""
    with _inbox(mailbox, readonly=True) as imap:
        return [message_id for _, message_id in _identified(imap)]


def remove(mailbox: Mailbox, wanted: Callable[[str], bool]) -> None:
    """Delete the messages whose Message-ID is wanted."""
    with _inbox(mailbox, readonly=False) as imap:
        uids = [uid for uid, message_id in _identified(imap) if wanted(message_id)]
        for start in range(0, len(uids), 500):
            imap.uid("STORE", ",".join(uids[start : start + 500]), "+FLAGS.SILENT", r"(\Deleted)")
        imap.expunge()


def _identified(imap: imaplib.IMAP4_SSL) -> Iterator[tuple[str, str]]:
    _, answer = imap.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")
    for part in answer:
        if isinstance(part, tuple):
            uid, message_id = re.search(rb"UID (\d+)", part[0]), _MESSAGE_ID.search(part[1])
            if uid and message_id:
                yield uid[1].decode(), message_id[1].decode()


@dataclass(frozen=True)
class Success:
    """An attempt that got its answer."""

    started: float
    ended: float


class Client:
    """Makes an attempt at a fixed interval until it is stopped.

    :param attempt: raises if it fails, else returns the time of its success
    """

    def __init__(self, mailbox: Mailbox, protocol: str, attempt: Callable[[], float], interval: float) -> None:
        self.mailbox = mailbox
        self.protocol = protocol
        self.successes: list[Success] = []
        self.failures: list[float] = []
        self.last_failure = ""
        self._attempt = attempt
        self._interval = interval
        self._stopped = threading.Event()
        # Enough for every attempt that may wait for a connection at a time; beyond that attempts are left out.
        self._at_once = int(2 * CONNECT_TIMEOUT / interval)
        self._free = threading.Semaphore(self._at_once)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __str__(self) -> str:
        return f"{self.mailbox.service} {self.protocol}"

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Make no further attempts and wait for those under way."""
        self._stopped.set()
        self._thread.join()

    def times(self) -> list[float]:
        """When each success came."""
        return [success.ended for success in self.successes]

    def answered_since(self, moment: float) -> bool:
        """Whether an attempt that was started after the moment has succeeded."""
        return any(success.started > moment for success in reversed(self.successes))

    def _run(self) -> None:
        with ThreadPoolExecutor(self._at_once) as pool:
            due = time.monotonic()
            while not self._stopped.wait(max(0.0, due - time.monotonic())):
                due = max(due + self._interval, time.monotonic())
                if self._free.acquire(blocking=False):
                    pool.submit(self._try)

    def _try(self) -> None:
        started = time.time()
        try:
            self.successes.append(Success(started, self._attempt()))
        except (OSError, smtplib.SMTPException, imaplib.IMAP4.error) as error:
            self.failures.append(time.time())
            self.last_failure = f"{type(error).__name__}: {error}"
        finally:
            self._free.release()


class Traffic:
    """Submission and reading on every service at once.

    Message-IDs begin with the run's prefix and are used once each: an attempt that fails is not repeated.
    """

    SUBMIT_INTERVAL = 0.1
    READ_INTERVAL = 0.2

    def __init__(self, mailboxes: list[Mailbox], prefix: str) -> None:
        self.prefix = prefix
        self.attempted: dict[str, list[str]] = {mailbox.service: [] for mailbox in mailboxes}
        self.acknowledged: dict[str, list[str]] = {mailbox.service: [] for mailbox in mailboxes}
        self.clients = [
            client
            for mailbox in mailboxes
            for client in (
                Client(mailbox, "submission", partial(self._submit, mailbox), self.SUBMIT_INTERVAL),
                Client(mailbox, "IMAPS", partial(read_newest, mailbox), self.READ_INTERVAL),
            )
        ]
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        for client in self.clients:
            client.start()
        return self

    def __exit__(self, *_: object) -> None:
        for client in self.clients:
            client.stop()

    def of(self, service: str) -> list[Client]:
        """The clients of one service."""
        return [client for client in self.clients if client.mailbox.service == service]

    def _submit(self, mailbox: Mailbox) -> float:
        with self._lock:
            attempted = self.attempted[mailbox.service]
            message_id = f"<{self.prefix}{len(attempted)}@{mailbox.host_name}>"
            attempted.append(message_id)
        acknowledged = submit(mailbox, message_id)
        self.acknowledged[mailbox.service].append(message_id)
        return acknowledged
