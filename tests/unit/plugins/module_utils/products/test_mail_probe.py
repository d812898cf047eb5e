"""Asking mail services, here one that is a few lines of Python."""

from __future__ import annotations

import contextlib
import socketserver
import ssl
import subprocess
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
        for name in ("SMTP", "SUBMISSION", "SUBMISSIONS", "IMAPS"):
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
    assert any(problem.startswith("submissions: ") for problem in answer.problems)
    assert any(problem.startswith("imap: ") for problem in answer.problems)
    assert "the password" not in str(shown) + repr(target)


def certificate(folder, days, name="mail1.example"):
    """A context with a certificate that ends after so many days."""
    subprocess.run(
        ["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        + ["-days", str(days), "-subj", "/CN=mail", "-addext", f"subjectAltName=DNS:{name}"]
        + ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context


@contextlib.contextmanager
def over_tls(context, answers):
    """A server over TLS that greets with the first of the answers, and gives the others to commands that begin so."""

    class Talker(socketserver.BaseRequestHandler):
        def handle(self):
            with contextlib.suppress(OSError), context.wrap_socket(self.request, server_side=True) as connection:
                connection.sendall(answers[""])
                for line in connection.makefile("rb"):
                    word = next((word for word in answers if word and word.encode() in line.upper()), "")
                    connection.sendall(answers[word].replace(b"TAG", line.split(b" ")[0]))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talker) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


SMTP_OVER_TLS = {
    "": b"220 mail1.example ESMTP\r\n",
    "EHLO": b"250-mail1.example\r\n250 AUTH PLAIN\r\n",
    "QUIT": b"221 bye\r\n",
}
IMAP_OVER_TLS = {
    "": b"* OK hello\r\n",
    "CAPABILITY": b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n",
    "LOGOUT": b"* BYE bye\r\nTAG OK done\r\n",
}


@pytest.mark.usefixtures("greeter")
@pytest.mark.parametrize(
    ("submissions_days", "imaps_days", "name", "expected"),
    [
        (32, 32, "mail1.example", []),
        (29, 29, "mail1.example", ["certificate: expires in 28 days"]),
        (29, 365, "mail1.example", ["certificate: expires in 28 days", "certificate: port 465 shows another one"]),
        (365, 365, "mail9.example", ["certificate: is for mail9.example, not for mail1.example"]),
    ],
)
def test_certificates_of_port_465_and_of_imap(tmp_path, monkeypatch, submissions_days, imaps_days, name, expected):
    contexts = [certificate(tmp_path, submissions_days, name)]
    contexts.append(contexts[0] if submissions_days == imaps_days else certificate(tmp_path, imaps_days, name))
    with over_tls(contexts[0], SMTP_OVER_TLS) as submissions, over_tls(contexts[1], IMAP_OVER_TLS) as imaps:
        monkeypatch.setattr(mail_probe, "SUBMISSIONS", submissions)
        monkeypatch.setattr(mail_probe, "IMAPS", imaps)
        (answer,) = ask_all([Target("mail1", "127.0.0.1", "mail1.example")], Expectations(5, 30))
    found = [problem for problem in answer.problems if not problem.startswith("smtp: ")]
    assert [one.startswith(two) for one, two in zip(found, expected, strict=True)] == [True] * len(expected)
    assert answer.facts["submissions"]["login_offered"] is True


@pytest.mark.usefixtures("greeter")
def test_port_465_without_logging_in_is_a_problem(tmp_path, monkeypatch):
    context = certificate(tmp_path, 365)
    with over_tls(context, {**SMTP_OVER_TLS, "EHLO": b"250 mail2.example\r\n"}) as submissions:
        monkeypatch.setattr(mail_probe, "SUBMISSIONS", submissions)
        (answer,) = ask_all([Target("mail1", "127.0.0.1", "mail2.example")], Expectations(5, 30))
    assert "submissions: logging in is not offered" in answer.problems
    assert "submissions: the banner says mail1.example, not mail2.example" in answer.problems


def test_services_are_asked_side_by_side_and_answers_stay_in_order(monkeypatch):
    for name in ("SMTP", "SUBMISSION", "SUBMISSIONS", "IMAPS"):
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
