"""Clients of a mail service that never stop: they submit and read mail."""

from __future__ import annotations

import imaplib
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from clients import ANSWER_TIMEOUT, Traffic, connect

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
        return connect(self._address, port, timeout)


class _Imap(imaplib.IMAP4_SSL):
    """IMAPS likewise."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        super().__init__(mailbox.host_name, IMAPS_PORT, ssl_context=mailbox.tls, timeout=ANSWER_TIMEOUT)

    def _create_socket(self, timeout: float | None) -> ssl.SSLSocket:
        connection = connect(self._mailbox.address, self.port, timeout or ANSWER_TIMEOUT)
        try:
            return self._mailbox.tls.wrap_socket(connection, server_hostname=self.host)
        except BaseException:
            connection.close()
            raise


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


class MailTraffic(Traffic):
    """Submission to a mailbox and reading of it at once; Message-IDs are what messages are known by."""

    WRITING = ("submission", 0.1)
    READING = ("IMAPS", 0.2)
    things = "messages"

    def __init__(self, mailbox: Mailbox, prefix: str) -> None:
        super().__init__(mailbox.service, prefix)
        self.mailbox = mailbox

    def name(self, number: int) -> str:
        """A Message-ID."""
        return f"<{super().name(number)}@{self.mailbox.host_name}>"

    def make(self, name: str) -> float:
        """Submit a message."""
        return submit(self.mailbox, name)

    def read(self) -> float:
        """Fetch the newest one."""
        return read_newest(self.mailbox)

    def stored(self) -> list[str]:
        """What is in the mailbox, once for each copy."""
        return message_ids(self.mailbox)

    def remove(self) -> None:
        """Delete what the round has left there."""
        remove(self.mailbox, lambda message_id: message_id.startswith(f"<{self.prefix}"))
