"""Users of the calendars, at the balanced address alone; some of them never rest, and keep account of what they got."""

from __future__ import annotations

import base64
import http.client
import itertools
import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

# From tests/failover; see tests/conftest.py.
from calendar_traffic import Calendar, CalendarTraffic

from ansible_collections.groupware.ha.molecule.shared.deployments import Figures, counted

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


_NUMBERS = itertools.count()


def working(wait_for: Callable[..., float], failing: bool = True) -> AbstractContextManager[Figures]:
    """Have users work meanwhile, in a calendar of their own."""
    return counted(Appointments(f"round{next(_NUMBERS)}-"), wait_for, failing)
