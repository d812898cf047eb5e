"""Clients of a calendar service that never stop: they make appointments and read the newest one, by CalDAV."""

from __future__ import annotations

import base64
import http.client
import ssl
import threading
import time
from dataclasses import dataclass, field

from caldav_access import QUERY, event, whole
from clients import ANSWER_TIMEOUT, Traffic, connect

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


class CalendarTraffic(Traffic):
    """Appointments that are made in a calendar of the round's own, and reading of the newest, at once."""

    WRITING = ("CalDAV, made", 0.2)
    READING = ("CalDAV, read", 0.2)
    things = "appointments"

    def __init__(self, calendar: Calendar, prefix: str) -> None:
        super().__init__(calendar.service, prefix)
        self.calendar = calendar
        self.path = f"/{calendar.user}/{prefix}calendar/"
        self._there = False
        self._making = threading.Lock()

    def make(self, name: str) -> float:
        """Make an appointment, and before the first one its calendar."""
        with self._making:
            if not self._there:
                self._ask(201, "MKCALENDAR", self.path)
                self._there = True
        self._ask(201, "PUT", f"{self.path}{name}.ics", event(name), Content_Type="text/calendar")
        return time.time()

    def read(self) -> float:
        """Fetch the newest one."""
        if not self.acknowledged:
            raise OSError("there is no appointment yet")
        uid = self.acknowledged[-1]
        if f"UID:{uid}" not in self._ask(200, "GET", f"{self.path}{uid}.ics"):
            raise OSError(f"{uid} is another appointment now")
        return time.time()

    def stored(self) -> list[str]:
        """The appointments that are in the calendar, whole."""
        headers = {"Depth": "1", "Content_Type": "application/xml"}
        return whole(self._ask(207, "REPORT", self.path, QUERY, **headers))

    def remove(self) -> None:
        """Delete the round's calendar."""
        self._ask(200, "DELETE", self.path)

    def _ask(self, expected: int, method: str, path: str, body: str = "", **headers: str) -> str:
        status, text = ask(self.calendar, method, path, body, **headers)
        if status != expected:
            raise OSError(f"{method}: the calendar answers with {status}")
        return text
