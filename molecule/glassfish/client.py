"""Clients of the application, with cookie jars, made of Python's library alone."""

from __future__ import annotations

import http.client
import itertools
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Self

INSTANCES = {"instance1": ("198.18.78.11", 28080), "instance2": ("198.18.78.12", 28080)}
BALANCED = ("198.18.78.31", 80)
#: Seconds for an answer.
PATIENCE = 20.0


class Client:
    """One with a cookie jar, which it takes along to whichever place it asks; it keeps no connection."""

    def __init__(self, where: tuple[str, int] = BALANCED) -> None:
        self.where = where
        self.cookies: dict[str, str] = {}

    def ask(self, where: tuple[str, int] | None = None, page: str = "/calendar/count") -> dict[str, Any]:
        """What the application says: how often this session has asked, and on which instance it is.

        :raises OSError: there is no answer, or another one
        """
        connection = http.client.HTTPConnection(*(where or self.where), timeout=PATIENCE)
        headers = (
            {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        )
        try:
            connection.request("GET", page, headers=headers)
            answer = connection.getresponse()
            text = answer.read()
        except (http.client.HTTPException, OSError) as error:
            raise OSError(f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _equals, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        if answer.status != 200:
            raise OSError(f"{answer.status} {answer.reason}")
        return dict(json.loads(text)) if text.startswith(b"{") else {"text": text.decode().strip()}


@dataclass
class Load:
    """Clients that ask again and again at the balanced address.

    :ivar failures: what failed
    :ivar lost: sessions that began anew
    """

    clients: int = 6
    #: Longer than GlassFish takes to have a session at another instance: 0.3 seconds.
    pause: float = 0.6
    failures: list[str] = field(default_factory=list)
    lost: int = 0
    sent: int = 0
    instances: set[str] = field(default_factory=set)
    gap: float = 0.0

    def __enter__(self) -> Self:
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(self.clients)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_given: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        client, count = Client(), 0
        for _ in itertools.count():
            if self._ended.wait(self.pause):
                return
            self.sent += 1
            began = time.monotonic()
            try:
                found = client.ask()
            except OSError as error:
                self.failures.append(str(error))
                continue
            self.gap = max(self.gap, time.monotonic() - began)
            self.instances.add(found["instance"])
            self.lost += found["count"] != count + 1
            count = found["count"]

    def __str__(self) -> str:
        words = f"{self.sent} requests, {len(self.failures)} failed, {self.lost} sessions lost"
        return f"{words}, {self.gap:.2f} s for an answer at most"
