"""Asking mail services, here one that is a few lines of Python."""

from __future__ import annotations

import contextlib
import socketserver
import threading

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.products import mail_probe
from ansible_collections.groupware.ha.plugins.module_utils.products.mail_probe import Expectations, Target, ask_all

EXPECTATIONS = Expectations(timeout=2, certificate_days=14)


class Greeter(socketserver.StreamRequestHandler):
    """An SMTP server without TLS."""

    def handle(self):
        self.wfile.write(b"220 mail2.example ESMTP\r\n")
        with contextlib.suppress(ConnectionError):
            for line in self.rfile:
                greeting = b"250-mail2.example\r\n250 AUTH PLAIN\r\n"
                self.wfile.write(greeting if line.upper().startswith(b"EHLO") else b"221 bye\r\n")


@pytest.fixture
def greeter(monkeypatch):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Greeter) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for name in ("SMTP", "SUBMISSION", "IMAPS"):
            monkeypatch.setattr(mail_probe, name, server.server_address[1])
        yield
        server.shutdown()


@pytest.mark.usefixtures("greeter")
def test_everything_that_is_wrong_is_told_at_once():
    target = Target("mail1", "127.0.0.1", "mail1.example", "alice", "the password")
    (answer,) = ask_all([target], EXPECTATIONS)
    shown = answer.as_dict()
    assert shown["ok"] is False
    assert shown["smtp"]["banner"] == "mail2.example ESMTP"
    assert "smtp: the banner says mail2.example, not mail1.example" in answer.problems
    assert "smtp: STARTTLS is not offered" in answer.problems
    assert "submission: logging in is offered without TLS" in answer.problems
    assert any(problem.startswith("imap: ") for problem in answer.problems)
    assert "the password" not in str(shown) + repr(target)


def test_services_are_asked_side_by_side_and_answers_stay_in_order(monkeypatch):
    for name in ("SMTP", "SUBMISSION", "IMAPS"):
        monkeypatch.setattr(mail_probe, name, 1)
    answers = ask_all([Target(f"mail{number}", "127.0.0.1") for number in range(40)], EXPECTATIONS)
    assert [answer.name for answer in answers] == [f"mail{number}" for number in range(40)]
    assert all("refused" in answer.problems[0] for answer in answers)
    assert ask_all([], EXPECTATIONS) == []


@pytest.mark.parametrize(
    ("name", "host", "covers"),
    [
        ("mail1.example", "MAIL1.example", True),
        ("*.example", "mail1.example", True),
        ("*.example", "a.mail1.example", False),
        ("*.example", "example", False),
        ("mail1.example", "mail2.example", False),
    ],
)
def test_names_of_certificates(name, host, covers):
    assert mail_probe._covers(name, host) is covers


def test_the_address_of_a_round_trip():
    assert Target("a", "192.0.2.1", "mail1.example", "alice").own_address == "alice@mail1.example"
    assert Target("a", "192.0.2.1", "mail1.example", "alice@b.example").own_address == "alice@b.example"
    assert Target("a", "192.0.2.1", None, "alice", mail_address="x@y.example").own_address == "x@y.example"
