"""Whether servers run, answer, and have taken their files over; with processes and connections that are real."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import socketserver
import ssl
import subprocess
import threading
import time
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.node import certificates
from ansible_collections.groupware.ha.plugins.module_utils.node.files import FileStateError
from ansible_collections.groupware.ha.plugins.module_utils.products import mail_running

# -- what runs ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def process(tmp_path):
    """A process with the name of Dovecot's master."""
    program = tmp_path / "dovecot"
    shutil.copy("/bin/sleep", program)
    with subprocess.Popen([program, "1000"]) as started:
        # What tells Python that the program runs is closed a moment before the kernel gives the process its name.
        deadline = time.monotonic() + 30
        while Path(f"/proc/{started.pid}/comm").read_text() != "dovecot\n" and time.monotonic() < deadline:
            time.sleep(0.01)
        yield started.pid
        started.kill()


def test_postfix_runs_as_long_as_it_locks_its_file(tmp_path):
    path = tmp_path / "master.pid"
    with pytest.raises(FileNotFoundError):
        mail_running._postfix_master(path)
    path.write_text("            1234\n")
    assert mail_running._postfix_master(path) is None
    with path.open() as locked:
        fcntl.flock(locked, fcntl.LOCK_EX)
        assert mail_running._postfix_master(path) == 1234
    assert mail_running._postfix_master(path) is None


def test_dovecot_runs_if_the_process_is_a_dovecot(tmp_path, process):
    path = tmp_path / "master.pid"
    path.write_text(f"{process}\n")
    assert mail_running._dovecot_master(path) == process
    path.write_text(f"{os.getpid()}\n")
    assert mail_running._dovecot_master(path) is None
    path.write_text("999999999\n")
    assert mail_running._dovecot_master(path) is None


def test_what_cannot_be_told_is_not_taken_for_not_running(tmp_path):
    assert mail_running.running("no-such-instance", str(tmp_path)).masters == {}
    (tmp_path / "postfix/spool/pid/master.pid").mkdir(parents=True)
    with pytest.raises(FileStateError, match="cannot tell whether postfix of mail1 runs here"):
        mail_running.running("mail1", str(tmp_path))


def test_files_are_taken_over_when_the_process_that_reads_them_is_new(process, monkeypatch):
    monkeypatch.setattr(mail_running, "_RENEWED", {"dovecot": "dovecot"})
    servers = mail_running.Running({"dovecot": os.getpid()})
    assert mail_running.not_taken_over(servers, since=0) == []
    assert "runs on with its former files" in mail_running.not_taken_over(servers, mail_running.now() + 1)[0]
    nobody = mail_running.Running({"dovecot": process})
    assert "runs on" in mail_running.not_taken_over(nobody, since=0)[0]
    gone = mail_running.Running({"dovecot": 999999999})
    assert "has ended" in mail_running.not_taken_over(gone, since=0)[0]


def test_an_address_is_here_or_not():
    assert mail_running.address_is_here("127.0.0.1")
    assert not mail_running.address_is_here("192.0.2.1")
    assert not mail_running.address_is_here("2001:db8::1")


def test_all_servers_that_run_are_told_and_what_they_say_is_kept(tmp_path, monkeypatch):
    for name, status in (("doveadm", 75), ("postfix", 0)):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\necho "$0 $*" >>{tmp_path}/told\necho no >&2\nexit {status}\n')
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    runner = LocalRunner()
    problems = mail_running.reload(mail_running.Running({"postfix": 1, "dovecot": 2}), "/srv/mail1", runner)
    assert problems == ["doveadm -c /srv/mail1/dovecot/dovecot.conf reload: exit status 75: no"]
    assert runner.commands[1] == "postfix -c /srv/mail1/postfix/etc reload"
    assert len((tmp_path / "told").read_text().splitlines()) == 2
    assert mail_running.reload(mail_running.Running({}), "/srv/mail1", runner) == []


def test_what_has_ended_is_started_as_the_cluster_does_it_and_outlasts_who_is_logged_in(tmp_path, monkeypatch):
    for name, status in (("dovecot", 89), ("postfix", 0), ("systemd-run", 0)):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho no >&2\nexit {status}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(mail_running, "_SYSTEMD", tmp_path / "no-such-directory")
    runner = LocalRunner()
    assert mail_running.start({"postfix", "dovecot"}, "mail1", "/srv/mail1", runner) == [
        "dovecot -c /srv/mail1/dovecot/dovecot.conf: exit status 89: no"
    ]
    assert runner.commands[1:] == ["postfix -c /srv/mail1/postfix/etc start"]
    assert mail_running.start([], "mail1", "/srv/mail1", runner) == []

    monkeypatch.setattr(mail_running, "_SYSTEMD", tmp_path)
    assert mail_running.start({"dovecot"}, "mail1", "/srv/mail1", runner) == []
    assert runner.commands[2:] == [
        "systemd-run --quiet --collect --service-type=forking '--description=dovecot of mail1' "
        "dovecot -c /srv/mail1/dovecot/dovecot.conf"
    ]


def test_nobody_waits_for_an_answer_of_what_has_ended():
    gone = mail_running.Running({"postfix": os.getpid(), "dovecot": 999999999})
    assert mail_running.await_answers(lambda: ["silence"], 1000, gone) == ["silence"]


def test_an_answer_is_awaited_and_not_for_ever():
    answers = iter([["not yet"], ["not yet"], []])
    assert mail_running.await_answers(lambda: next(answers), 60) == []
    assert mail_running.await_answers(lambda: ["never"], 0) == ["never"]


# -- greeting ----------------------------------------------------------------------------------------------------------


class Smtp(socketserver.StreamRequestHandler):
    """As much of an SMTP server as is asked here."""

    def handle(self):
        server = self.server
        self.wfile.write(b"220 mail1.example ESMTP\r\n")
        with contextlib.suppress(OSError):
            while line := self.rfile.readline():
                word = line.split()[0].upper()
                if word == b"EHLO":
                    self.wfile.write(b"250-mail1.example\r\n250 STARTTLS\r\n")
                elif word == b"STARTTLS":
                    self.wfile.write(b"220 go on\r\n")
                    self.request = server.context.wrap_socket(self.request, server_side=True)
                    self.setup()
                else:
                    self.wfile.write(server.answers.get(word, b"250 ok") + b"\r\n")


@pytest.fixture
def server(tmp_path):
    certificates.make(tmp_path / "c", tmp_path / "k", ["mail1.example"], 10, LocalRunner())
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Smtp) as listening:
        listening.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        listening.context.load_cert_chain(tmp_path / "c", tmp_path / "k")
        listening.der = ssl.PEM_cert_to_DER_cert((tmp_path / "c").read_text())
        listening.answers = {b"QUIT": b"221 bye"}
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield listening
        listening.shutdown()


def greet(server, monkeypatch, certificate):
    port = server.server_address[1]
    monkeypatch.setattr(mail_running, "POSTFIX_PORTS", (port,))
    return mail_running.greet("127.0.0.1", [port], {port: certificate}, "postmaster@mail1.example")


def test_a_server_that_answers_with_its_certificate(server, monkeypatch):
    assert greet(server, monkeypatch, server.der) == []


def test_another_certificate_than_the_one_of_the_file(server, monkeypatch):
    assert "shows another certificate" in greet(server, monkeypatch, b"another")[0]


@pytest.mark.parametrize(
    ("answer", "problems"), [(b"451 4.3.5 Server configuration error", 1), (b"550 5.1.1 no such user", 0)]
)
def test_a_server_that_cannot_use_its_files(server, monkeypatch, answer, problems):
    server.answers[b"RCPT"] = answer
    assert len(greet(server, monkeypatch, server.der)) == problems


def test_nobody_answers(monkeypatch):
    monkeypatch.setattr(mail_running, "DOVECOT_PORTS", (1,))
    assert "port 1: " in mail_running.greet("127.0.0.1", [1], {}, "postmaster@mail1.example")[0]
    assert mail_running.greet("127.0.0.1", [], {}, "postmaster@mail1.example") == []
