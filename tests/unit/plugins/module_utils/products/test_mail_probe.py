"""Asking mail services, here one that is a few lines of Python."""

from __future__ import annotations

import contextlib
import socketserver
import ssl
import subprocess
import threading

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.products import mail_probe, shown_certificates
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
    assert shown_certificates.covers(name, host) is covers


def test_the_address_of_a_round_trip():
    assert Target("a", "192.0.2.1", "mail1.example", "alice").own_address == "alice@mail1.example"
    assert Target("a", "192.0.2.1", "mail1.example", "alice@b.example").own_address == "alice@b.example"
    assert Target("a", "192.0.2.1", None, "alice", mail_address="x@y.example").own_address == "x@y.example"


# -- services on ports of their own choice -----------------------------------------------------------------------------


@contextlib.contextmanager
def plain(answers, pause=0.0, drop_after=None):
    """A server without TLS: its answers are by the words that commands have, that without a word is its greeting."""
    ending = threading.Event()

    class Talker(socketserver.StreamRequestHandler):
        def handle(self):
            with contextlib.suppress(OSError):
                ending.wait(pause)
                self.wfile.write(answers[""])
                for line in self.rfile:
                    if drop_after is not None and drop_after in line.upper():
                        return
                    word = next((word for word in answers if word and word.encode() in line.upper()), None)
                    if word is not None:
                        self.wfile.write(answers[word].replace(b"TAG", line.split(b" ")[0].strip()))

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Talker) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        ending.set()
        server.shutdown()


PLAIN_SMTP = {"": b"220 mail1.example -- Server ESMTP\r\n", "EHLO": b"250 mail1.example\r\n", "QUIT": b"221 bye\r\n"}
PLAIN_IMAP = {
    "": b"* OK mail1.example IMAP4 service\r\n",
    "CAPABILITY": b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n",
    "LOGIN": b"TAG OK hello\r\n",
    "LOGOUT": b"* BYE bye\r\nTAG OK done\r\n",
}
PLAIN_POP = {"": b"+OK hello\r\n", "QUIT": b"+OK bye\r\n"}


def ask_ports(user=None, timeout=2.0, **ports):
    target = Target("mail1", "127.0.0.1", "mail1.example", user, "sesame" if user else None, ports=ports)
    (answer,) = ask_all([target], Expectations(timeout, 30))
    assert "sesame" not in str(answer.as_dict())
    return answer


def test_only_the_protocols_that_a_service_has_are_asked_and_none_needs_tls():
    with plain(PLAIN_SMTP) as smtp, plain(PLAIN_IMAP) as imap, plain(PLAIN_POP) as pop:
        answer = ask_ports(pop=pop, imap=imap, smtp=smtp, submission=smtp)
    shown = answer.as_dict()
    assert answer.problems == []
    assert shown["greeted"] == ["SMTP", "submission", "IMAP", "POP"]
    assert shown["summary"] == "SMTP, submission, IMAP and POP answer"
    assert shown["imap"]["banner"] == "* OK mail1.example IMAP4 service"
    assert "submissions" not in shown


def test_one_protocol_alone():
    with plain(PLAIN_IMAP) as imap:
        assert ask_ports(imap=imap).as_dict()["summary"] == "IMAP answers"


def test_a_password_is_not_sent_where_others_could_read_it():
    with plain({**PLAIN_IMAP, "LOGIN": b"TAG BAD never\r\n"}) as imap:
        answer = ask_ports("alice", imap=imap)
    assert answer.problems == []
    assert answer.unknown == ["imap: nobody logged in, since without TLS others could read the password"]


@pytest.mark.parametrize(
    ("login", "problems", "summary"),
    [
        (b"TAG OK hello\r\n", [], "IMAP over TLS answers, logins work"),
        (b"TAG NO [AUTHENTICATIONFAILED] no\r\n", ["imaps: b'[AUTHENTICATIONFAILED] no'"], ""),
    ],
)
def test_logging_in_over_tls(tmp_path, login, problems, summary):
    with over_tls(certificate(tmp_path, 365), {**IMAP_OVER_TLS, "LOGIN": login}) as imaps:
        answer = ask_ports("alice", imaps=imaps, timeout=5)
    assert answer.problems == problems
    assert answer.silent == []
    assert answer.as_dict()["summary"] == summary


@pytest.mark.parametrize(
    ("answers", "problem", "silent"),
    [
        ({**PLAIN_SMTP, "": b"554 no service\r\n"}, "smtp: 554 no service", ["smtp"]),
        ({**PLAIN_SMTP, "": b"* OK this is IMAP\r\n"}, "smtp: ", ["smtp"]),
        ({**PLAIN_SMTP, "EHLO": b"502 not known\r\n"}, "smtp: 502 not known", ["smtp"]),
        ({**PLAIN_SMTP, "": b"220 nodea ESMTP\r\n"}, "smtp: the banner says nodea, not mail1.example", []),
    ],
)
def test_smtp_that_answers_wrongly(answers, problem, silent):
    with plain(answers) as smtp:
        answer = ask_ports(smtp=smtp)
    assert answer.problems[0].startswith(problem)
    assert answer.silent == silent


@pytest.mark.parametrize("greeting", [b"220 this is SMTP\r\n", b"* BYE too busy\r\n", b""])
def test_imap_and_pop_that_answer_wrongly(greeting):
    with plain({"": greeting}) as port:
        answer = ask_ports(imap=port, pop=port, timeout=0.5)
    assert sorted(answer.silent) == ["imap", "pop"]
    assert len(answer.problems) == 2


@pytest.mark.parametrize(("answers", "word", "name"), [(PLAIN_SMTP, b"EHLO", "smtp"), (PLAIN_IMAP, b"CAPA", "imap")])
def test_a_connection_that_is_dropped(answers, word, name):
    with plain(answers, drop_after=word) as port:
        answer = ask_ports(**{name: port})
    assert answer.silent == [name]
    assert answer.as_dict()["greeted"] == []


def test_a_slow_server_that_answers_in_time_and_one_that_does_not():
    with plain(PLAIN_SMTP, pause=0.4) as slow, plain(PLAIN_IMAP, pause=60) as never:
        answer = ask_ports(smtp=slow, imap=never, timeout=1.5)
    assert answer.silent == ["imap"]
    assert answer.as_dict()["greeted"] == ["SMTP"]


def test_nobody_listens():
    answer = ask_ports(smtp=1, imaps=1)
    assert answer.problems == ["smtp: [Errno 111] Connection refused", "imaps: [Errno 111] Connection refused"]
    assert answer.silent == ["smtp", "imaps"]


@pytest.mark.parametrize(
    ("ports", "faults"),
    [
        ({"smtp": 25, "imaps": 65535}, []),
        ({"smtpp": 25}, ["smtpp: is no protocol; use smtp, submission, imap, imaps, pop"]),
        ({"smtp": "25"}, ["smtp = a text: is no port; give a number from 1 to 65535"]),
        ({"smtp": True, "pop": 0}, ["smtp = True: is no port", "pop = a number: is no port"]),
    ],
)
def test_ports_that_are_none(ports, faults):
    found = mail_probe.unfit_ports(ports)
    assert [one.startswith(two) for one, two in zip(found, faults, strict=True)] == [True] * len(faults)
