"""Clients of a calendar service that never stop: they make appointments and read the newest one, by CalDAV."""

from __future__ import annotations

import base64
import http.client
import ssl
import threading
import time
from dataclasses import dataclass, field

from caldav_access import QUERY, event, whole
from clients import ANSWER_TIMEOUT, Client, connect

#: Where Radicale listens unless it is told otherwise; see the role radicale.
PORT = 5232


@dataclass(frozen=True)
class Calendar:
    """A user's way to a calendar. The certificate has to be for the host name, whatever address is used."""

    service: str
    address: str
    port: int
    host_name: str
    user: str
    password: str = field(repr=False)
    tls: ssl.SSLContext = field(repr=False)


class _Connection(http.client.HTTPSConnection):
    """HTTPS to an address."""

    def __init__(self, calendar: Calendar) -> None:
        super().__init__(calendar.host_name, calendar.port, timeout=ANSWER_TIMEOUT, context=calendar.tls)
        self._calendar = calendar

    def connect(self) -> None:
        connection = connect(self._calendar.address, self.port)
        try:
            self.sock = self._calendar.tls.wrap_socket(connection, server_hostname=self.host)
        except BaseException:
            connection.close()
            raise


def ask(calendar: Calendar, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
    """Status and text of an answer.

    :raises OSError: there is none
    :raises http.client.HTTPException: it is not one of HTTP
    """
    secret = base64.b64encode(f"{calendar.user}:{calendar.password}".encode()).decode()
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection = _Connection(calendar)
    try:
        connection.request(method, path, body.encode() or None, given | {"Authorization": f"Basic {secret}"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


class CalendarTraffic:
    """Appointments that are made in a calendar of the round's own, and reading of the newest, at once.

    Each has a name of its own: an attempt that fails is not repeated.

    :ivar things: what is acknowledged, in a word
    """

    WRITE_INTERVAL = 0.2
    READ_INTERVAL = 0.2
    things = "appointments"

    def __init__(self, calendar: Calendar, prefix: str) -> None:
        self.calendar = calendar
        self.service = calendar.service
        self.prefix = prefix
        self.path = f"/{calendar.user}/{prefix}calendar/"
        self.attempted: list[str] = []
        self.acknowledged: list[str] = []
        self.writer = Client(self.service, "CalDAV, made", self._make, self.WRITE_INTERVAL)
        self.clients = [self.writer, Client(self.service, "CalDAV, read", self._read, self.READ_INTERVAL)]
        self._lock = threading.Lock()
        self._made = False

    def stored(self) -> list[str]:
        """The appointments that are in the calendar, whole."""
        headers = {"Depth": "1", "Content_Type": "application/xml"}
        return whole(self._ask(207, "REPORT", self.path, QUERY, **headers))

    def remove(self) -> None:
        """Delete the round's calendar."""
        self._ask(200, "DELETE", self.path)

    def _make(self) -> float:
        with self._lock:
            if not self._made:
                self._ask(201, "MKCALENDAR", self.path)
                self._made = True
            uid = f"{self.prefix}{len(self.attempted)}"
            self.attempted.append(uid)
        self._ask(201, "PUT", f"{self.path}{uid}.ics", event(uid), Content_Type="text/calendar")
        acknowledged = time.time()
        self.acknowledged.append(uid)
        return acknowledged

    def _read(self) -> float:
        if not self.acknowledged:
            raise OSError("there is no appointment yet")
        uid = self.acknowledged[-1]
        if f"UID:{uid}" not in self._ask(200, "GET", f"{self.path}{uid}.ics"):
            raise OSError(f"{uid} is another appointment now")
        return time.time()

    def _ask(self, expected: int, method: str, path: str, body: str = "", **headers: str) -> str:
        status, text = ask(self.calendar, method, path, body, **headers)
        if status != expected:
            raise OSError(f"{method}: the calendar answers with {status}")
        return text
