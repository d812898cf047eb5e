"""Users of the calendars, at the balanced address alone; some of them never rest, and keep account of what they got."""

from __future__ import annotations

import base64
import contextlib
import http.client
import itertools
import os
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

# From tests/failover; see tests/conftest.py.
from calendar_traffic import Calendar, CalendarTraffic

ADDRESS, PORT, HOST_NAME, PASSWORD = "198.18.78.21", 443, "calendar.example.com", "correct horse"
#: The nodes themselves, which users never see.
NODES = {"app1": ("198.18.78.13", 20000), "app2": ("198.18.78.14", 20000)}
CERTIFICATE = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"], "pairs/calendar.pem")
#: Seconds for an answer.
PATIENCE = 65.0


def tls() -> ssl.SSLContext:
    """Trusts the lab's own certificate, for its name."""
    return ssl.create_default_context(cafile=CERTIFICATE)


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    headers: http.client.HTTPMessage
    text: str


def path(name: str, user: str = "alice") -> str:
    """Where an entry of somebody's first calendar is."""
    return f"/SOGo/dav/{user}/Calendar/personal/{name}"


def ask(
    method: str,
    where: str,
    body: str | Iterator[bytes] | None = None,
    *,
    user: str = "alice",
    password: str = PASSWORD,
    node: str | None = None,
    **headers: str,
) -> Answer:
    """Ask at the balanced address, or a node itself.

    :raises OSError: there is no answer
    """
    if node is not None:
        connection = http.client.HTTPConnection(*NODES[node], timeout=PATIENCE)
    else:
        connection = _Secure(HOST_NAME, PORT, timeout=PATIENCE, context=tls())
    secret = base64.b64encode(f"{user}:{password}".encode()).decode()
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    data = body.encode() if isinstance(body, str) else body
    try:
        connection.request(method, where, data, {"Authorization": f"Basic {secret}", **given})
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read().decode())
    except http.client.HTTPException as error:
        raise OSError(f"{method} {where}: {type(error).__name__}: {error}") from error
    finally:
        connection.close()


class _Secure(http.client.HTTPSConnection):
    """To the address, whose name no name service of the lab knows."""

    def connect(self) -> None:
        name, self.host = self.host, ADDRESS
        http.client.HTTPConnection.connect(self)
        self.host = name
        self.sock = tls().wrap_socket(self.sock, server_hostname=name)


class Appointments(CalendarTraffic):
    """Appointments that are made in a calendar of the round's own, five in a second, and reading of the newest."""

    def __init__(self, prefix: str) -> None:
        super().__init__(Calendar("calendars", ADDRESS, PORT, HOST_NAME, "bob", PASSWORD, tls()), prefix)
        self.path = f"/SOGo/dav/bob/Calendar/{prefix}calendar/"
        # Here and once: an answer that is late would be followed by one that it is there already.
        assert ask("MKCALENDAR", self.path, user="bob").status == 201
        self._there = True

    def remove(self) -> None:
        """Delete the round's calendar."""
        self._ask(204, "DELETE", self.path)


@dataclass
class Figures:
    """What came of it.

    :ivar sent: attempts to make an appointment, and to read one
    :ivar failed: how many of these had another answer than the one that is wanted, or none in time
    :ivar lost: appointments that were acknowledged and are not there
    :ivar gap: the longest time without one that was acknowledged, in seconds
    """

    sent: int = 0
    failed: int = 0
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    gap: float = 0.0
    since: float = 0.0
    until: float = 0.0
    words: str = ""

    def __str__(self) -> str:
        return (
            f"{self.sent} requests, {self.failed} failed, {self.acknowledged} appointments acknowledged, "
            f"{len(self.lost)} lost, {self.gap:.1f} s without one at most"
        )


_NUMBERS = itertools.count()


@contextmanager
def working(wait_for: Callable[..., float], failing: bool = True) -> Iterator[Figures]:
    """Have users work meanwhile, until they are answered after the end; then count.

    :param wait_for: as of the tests
    :param failing: whether attempts may fail
    """
    traffic = Appointments(f"round{next(_NUMBERS)}-")
    figures = Figures()
    traffic.writer.start()
    wait_for("there is something to read", lambda: len(traffic.acknowledged) > 0, 90)
    traffic.clients[1].start()
    try:
        _answered(traffic, wait_for)
        yield figures
        _answered(traffic, wait_for)
    finally:
        for client in traffic.clients:
            client.stop()
    times = sorted(traffic.writer.times())
    gaps = [(after - before, before, after) for before, after in itertools.pairwise(times)]
    figures.gap, figures.since, figures.until = max(gaps)
    figures.sent = sum(len(client.successes) + len(client.failures) for client in traffic.clients)
    figures.failed = sum(len(client.failures) for client in traffic.clients)
    figures.words = " / ".join(client.last_failure for client in traffic.clients)
    figures.acknowledged = len(traffic.acknowledged)
    stored: list[str] = []

    def read() -> bool:
        """Whether the calendar is read; a worker may have to notice first that its server is another one now."""
        with contextlib.suppress(OSError):
            stored.extend(traffic.stored())
            return True
        return False

    wait_for("the calendar is read", read)
    figures.lost = sorted(set(traffic.acknowledged) - set(stored))
    traffic.remove()
    assert figures.lost == []
    assert failing or figures.failed == 0, figures.words


def _answered(traffic: Appointments, wait_for: Callable[..., float]) -> None:
    """Wait until five more attempts that are begun from now on have succeeded, for each of them."""
    now = time.time()
    for client in traffic.clients:
        wait_for(
            f"{client} is answered ({client.last_failure})",
            lambda client=client: sum(one.started > now for one in list(client.successes)) >= 5,
            90,
        )
