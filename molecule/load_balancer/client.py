"""Clients of the front ends, made of Python's library alone; some of them never rest, and count what failed."""

from __future__ import annotations

import http.client
import itertools
import json
import ssl
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Self

CALENDAR, PLAIN = ("198.18.78.31", 443), ("198.18.78.31", 80)
BY_SOURCE, THROUGH = ("198.18.78.32", 80), ("198.18.78.32", 443)
#: Seconds for an answer.
PATIENCE = 20.0
READING = ("GET", "PROPFIND", "REPORT", "OPTIONS")
ALL = (*READING, "PUT", "POST", "MKCALENDAR", "DELETE")


def connection(where: tuple[str, int], timeout: float = PATIENCE) -> http.client.HTTPConnection:
    """To a front end; no certificate is judged."""
    if where[1] != 443:
        return http.client.HTTPConnection(*where, timeout=timeout)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(*where, timeout=timeout, context=context)


class Client:
    """One with a cookie jar.

    :ivar cookies: by name
    """

    def __init__(self, where: tuple[str, int], *, keeps: bool = True, timeout: float = PATIENCE) -> None:
        self.where, self.keeps, self.timeout = where, keeps, timeout
        self.cookies: dict[str, str] = {}
        self.connection = connection(where, timeout)

    def ask(self, method: str = "GET", path: str = "/page", body: str | None = None, **headers: str) -> dict[str, Any]:
        """What the server says it saw.

        :raises OSError: there is no answer, or another one
        """
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            given["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            self.connection.request(method, path, body, given)
            answer = self.connection.getresponse()
            text = answer.read()
        except (http.client.HTTPException, OSError) as error:
            self.connection.close()
            raise OSError(f"{method}: {type(error).__name__}: {error}") from error
        if not self.keeps:
            self.connection.close()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _equals, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        if answer.status not in (200, 207):
            raise OSError(f"{method}: {answer.status} {answer.reason}")
        found: dict[str, Any] = json.loads(text)
        return found


@dataclass
class Load:
    """Clients that ask without rest, half of them with a connection for each request.

    :ivar failures: what failed, and when
    :ivar answered: when answers came
    """

    where: tuple[str, int]
    methods: tuple[str, ...] = ALL
    clients: int = 4
    pause: float = 0.01
    timeout: float = PATIENCE
    failures: list[tuple[float, str]] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    sent: int = 0

    def __enter__(self) -> Self:
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(self.clients)]
        for thread in self._threads:
            thread.start()
        time.sleep(1)
        return self

    def __exit__(self, *_given: object) -> None:
        time.sleep(1)
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _run(self, number: int) -> None:
        client = Client(self.where, keeps=number % 2 == 0, timeout=self.timeout)
        for method in itertools.cycle(self.methods):
            if self._ended.wait(self.pause):
                return
            self.sent += 1
            try:
                client.ask(method, body="x" * 100 if method in ("PUT", "POST", "REPORT") else None)
                self.answered.append(time.monotonic())
            except OSError as error:
                self.failures.append((time.monotonic(), str(error)))

    @property
    def gap(self) -> float:
        """The longest time without an answer, in seconds."""
        times = sorted(self.answered)
        return max(after - before for before, after in itertools.pairwise(times))

    def __str__(self) -> str:
        return f"{self.sent} requests, {len(self.failures)} failed, {self.gap:.2f} s without an answer at most"
