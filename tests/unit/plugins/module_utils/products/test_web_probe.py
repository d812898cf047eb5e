"""Asking web services, here ones that are a few lines of Python on real sockets."""

from __future__ import annotations

import contextlib
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.node import certificates
from ansible_collections.groupware.ha.plugins.module_utils.products.web_probe import Page, ask_all

PATH = "/version.wcap?fmt-out=text/calendar"
WORD = "X-NSCP-WCAPVERSION"
RIGHT = b"BEGIN:VCALENDAR\r\nX-NSCP-WCAPVERSION:3.0\r\nEND:VCALENDAR\r\n"


def page(status: bytes, text: bytes, length: int | None = None) -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(text) if length is None else length, text)


@contextlib.contextmanager
def server(
    parts: Sequence[bytes],
    pause: float = 0,
    asked: list[bytes] | None = None,
    context: ssl.SSLContext | None = None,
) -> Iterator[int]:
    """One that gives its answer in these parts, with a pause before each, and hangs up."""
    ending = threading.Event()

    class Talker(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            if context is not None:
                self.request = context.wrap_socket(self.request, server_side=True)
            request = self.request.recv(4096)
            if asked is not None:
                asked.append(request)
            with contextlib.suppress(OSError):
                for part in parts:
                    ending.wait(pause)
                    self.request.sendall(part)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Talker) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield serving.server_address[1]
        ending.set()
        serving.shutdown()


def problems(port: int, contains: str = WORD, timeout: float = 5) -> list[str]:
    (answer,) = ask_all([Page("cal", "127.0.0.1", port, PATH, contains)], timeout)
    return answer.problems


def test_the_right_answer() -> None:
    asked: list[bytes] = []
    with server([page(b"200 OK", RIGHT)], asked=asked) as port:
        (answer,) = ask_all([Page("cal", "127.0.0.1", port, PATH, WORD)], 5)
    assert answer.as_dict() == {"ok": True, "problems": [], "status": 200, "server": ""}
    assert asked[0].startswith(f"GET {PATH} HTTP/1.1\r\n".encode())


@pytest.mark.parametrize(
    ("parts", "contains", "words"),
    [
        ([page(b"503 Service Unavailable", b"")], "", f"{PATH} is answered with 503 Service Unavailable"),
        ([page(b"200 OK", b"It works!")], WORD, f"{PATH} is answered without {WORD}: another server may answer there"),
        ([b"220 mail1 ESMTP\r\n"], WORD, "what answers does not speak HTTP: 220 mail1 ESMTP"),
        ([], WORD, "Remote end closed connection without response"),
        ([page(b"200 OK", b"cut", 4000)], WORD, f"{PATH} is answered without {WORD}"),
    ],
)
def test_wrong_answers_and_none(parts: list[bytes], contains: str, words: str) -> None:
    with server(parts) as port:
        (problem,) = problems(port, contains)
    assert problem.startswith(words)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("pair")
    certificate, key = folder / "c.pem", folder / "k.pem"
    certificates.make(certificate, key, ["cal1.example"], 20, LocalRunner())
    return certificate, key


@pytest.mark.parametrize(
    ("host_name", "days", "words"),
    [
        ("cal1.example", 10, []),
        (None, 10, []),
        ("cal1.example", 30, ["certificate: expires in 19 days"]),
        ("cal2.example", 10, ["certificate: is for cal1.example, not for cal2.example"]),
    ],
)
def test_over_tls_the_certificate_is_judged_too(
    pair: tuple[Path, Path], host_name: str | None, days: int, words: list[str]
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    with server([page(b"200 OK", RIGHT)], context=context) as port:
        (answer,) = ask_all([Page("cal", "127.0.0.1", port, PATH, WORD, tls=True, host_name=host_name)], 5, days)
    assert answer.problems == words
    assert answer.facts["status"] == 200
    assert answer.facts["certificate"]["names"] == ["cal1.example"]


def test_what_does_not_speak_tls() -> None:
    with server([b"220 mail1 ESMTP\r\n"]) as port:
        (answer,) = ask_all([Page("cal", "127.0.0.1", port, PATH, tls=True)], 5)
    assert len(answer.problems) == 1


def test_a_page_elsewhere_is_an_answer() -> None:
    with server([b"HTTP/1.1 302 Found\r\nLocation: https://mail1/webmail\r\nContent-Length: 0\r\n\r\n"]) as port:
        assert problems(port, contains="") == []


def test_a_slow_server_that_answers_in_time() -> None:
    with server([page(b"200 OK", RIGHT)], pause=0.3) as port:
        assert problems(port) == []


def test_a_server_that_never_answers() -> None:
    began = time.monotonic()
    with server([page(b"200 OK", RIGHT)], pause=60) as port:
        assert problems(port, timeout=0.3) == ["timed out"]
    assert time.monotonic() - began < 5


def test_a_server_that_answers_byte_by_byte() -> None:
    began = time.monotonic()
    with server([page(b"200 OK", b"", 200), *[b"a"] * 200], pause=0.1) as port:
        assert problems(port, timeout=0.5) == ["no whole answer within 0.5 seconds"]
    assert time.monotonic() - began < 5


def test_nobody_listens_and_others_are_asked_all_the_same() -> None:
    with server([page(b"200 OK", RIGHT)]) as port:
        first, second = ask_all(
            [Page("cal1", "127.0.0.1", 1, PATH, WORD), Page("cal2", "127.0.0.1", port, PATH, WORD)], 5
        )
    assert first.problems == ["[Errno 111] Connection refused"]
    assert second.problems == []
    assert ask_all([], 5) == []
