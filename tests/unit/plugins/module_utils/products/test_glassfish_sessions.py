"""Trials of sessions, with instances that share them, that do not, and that have none."""

from __future__ import annotations

import http.server
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.products import glassfish_sessions as sessions
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_sessions import Instance, Page, try_all

PAGE = Page("calendar", "/calendar/login")


@contextmanager
def instance(name: str, known: set[str] | None, status: int = 200) -> Iterator[Instance]:
    """One with these sessions; without any it begins none."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given = dict(part.strip().split("=") for part in self.headers.get("Cookie", "").split(";") if "=" in part)
            self.send_response(status)
            if known is not None and given.get("JSESSIONID") not in known:
                session = uuid.uuid4().hex
                known.add(session)
                self.send_header("Set-Cookie", f"JSESSIONID={session}; Path=/calendar; HttpOnly")
            self.send_header("Set-Cookie", "JREPLICA=x; Path=/calendar")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_given: Any) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Instance(name, "127.0.0.1", server.server_address[1])
        server.shutdown()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "_PATIENCE", 0.0)


def tried(*known: set[str] | None, status: int = 200) -> list[str]:
    with ExitStack() as stack:
        instances = [
            stack.enter_context(instance(f"instance{number}", one, status)) for number, one in enumerate(known, start=1)
        ]
        return try_all(instances, [PAGE], 5, lambda _seconds: None)


def test_sessions_that_are_shared() -> None:
    shared: set[str] = set()
    assert tried(shared, shared) == []
    assert tried(set()) == []


def test_sessions_that_are_not() -> None:
    (first, second) = tried(set(), set())
    assert first.startswith("calendar: a session of instance1 is unknown to instance2, so that it would be lost")
    assert second.startswith("calendar: a session of instance2 is unknown to instance1")


def test_an_instance_that_is_alone() -> None:
    shared: set[str] = set()
    assert {words.split(",")[0] for words in tried(shared, shared, set())} == {
        "calendar: a session of instance2 is unknown to instance3",
        "calendar: a session of instance3 is unknown to instance1",
    }


def test_pages_that_are_none() -> None:
    shared: set[str] = set()
    assert tried(None, None)[0] == "calendar: /calendar/login begins no session on instance1; see session_page"
    assert "answers /calendar/login with 500 Internal Server Error" in tried(shared, shared, status=500)[0]
    (words,) = try_all([Instance("a", "127.0.0.1", 1), Instance("a", "127.0.0.1", 1)], [PAGE], 5)
    assert words.startswith("calendar: a at 127.0.0.1:1 gives no answer")
