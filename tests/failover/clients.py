"""A client of a service that never stops, and notes every success with its time.

Each attempt is a new connection, as a user's would be, started at its time whether or not earlier ones have come back:
an attempt that hangs delays no other, so that the first answer after an outage is seen within one interval.
"""

from __future__ import annotations

import http.client
import imaplib
import smtplib
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

#: Seconds for a connection and for each answer.
CONNECT_TIMEOUT = 1.0
ANSWER_TIMEOUT = 5.0


def connect(address: str, port: int, timeout: float = ANSWER_TIMEOUT) -> socket.socket:
    """A connection to an address, so that no name service has a part in the figures."""
    connection = socket.create_connection((address, port), CONNECT_TIMEOUT)
    connection.settimeout(timeout)
    return connection


@dataclass(frozen=True)
class Success:
    """An attempt that got its answer."""

    started: float
    ended: float


class Client:
    """Makes an attempt at a fixed interval until it is stopped.

    :param protocol: what it does, in a word
    :param attempt: raises if it fails, else returns the time of its success
    """

    def __init__(self, service: str, protocol: str, attempt: Callable[[], float], interval: float) -> None:
        self.service = service
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
        return f"{self.service} {self.protocol}"

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
        except (OSError, smtplib.SMTPException, imaplib.IMAP4.error, http.client.HTTPException) as error:
            self.failures.append(time.time())
            self.last_failure = f"{type(error).__name__}: {error}"
        finally:
            self._free.release()


class Traffic:
    """What a user of one service does all the time: he makes things, each of them once, and reads the newest one.

    An attempt that fails is not repeated.

    :ivar things: what is acknowledged, in a word
    :ivar prefix: what the names of all of them begin with
    """

    things = ""
    #: For each client what it does, in a word, and the seconds from one attempt to the next.
    WRITING: tuple[str, float]
    READING: tuple[str, float]

    def __init__(self, service: str, prefix: str) -> None:
        self.service = service
        self.prefix = prefix
        self.attempted: list[str] = []
        self.acknowledged: list[str] = []
        self.writer = Client(service, self.WRITING[0], self._write, self.WRITING[1])
        self.clients = [self.writer, Client(service, self.READING[0], self.read, self.READING[1])]
        self._lock = threading.Lock()

    def name(self, number: int) -> str:
        """The name of the thing with this number."""
        return f"{self.prefix}{number}"

    def make(self, name: str) -> float:
        """Make a thing; the time at which the service took responsibility for it."""
        raise NotImplementedError

    def read(self) -> float:
        """Read the newest one; the time at which it had arrived."""
        raise NotImplementedError

    def stored(self) -> list[str]:
        """What is there, once for each copy."""
        raise NotImplementedError

    def remove(self) -> None:
        """Delete what the round has left there."""
        raise NotImplementedError

    def _write(self) -> float:
        with self._lock:
            name = self.name(len(self.attempted))
            self.attempted.append(name)
        acknowledged = self.make(name)
        self.acknowledged.append(name)
        return acknowledged
