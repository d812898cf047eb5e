"""The calendars as their users meet them, and what there is of them on the nodes."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.molecule.radicale import client
from ansible_collections.groupware.ha.molecule.shared.lab import host_of
from ansible_collections.groupware.ha.tests.failover.caldav_access import event

NODES = ("nodea", "nodeb", "nodec")
CAL1, CAL2 = ("198.18.78.31", 5232), ("198.18.78.32", 443)
ON_DEBIAN_12 = os.environ.get("GROUPWARE_HA_RELEASE") == "bookworm"
ACKNOWLEDGED = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"], "acknowledged")


def url(service, path):
    host, port = service
    return f"https://{host}:{port}{path}"


def ask(service, method, path, *given, **headers):
    """Status, headers and text of an answer."""
    return client.ask(url(service, path), method, *given, timeout=30, **headers)


def where(command):
    """The nodes on which a command succeeds."""
    return [node for node in NODES if host_of(node).run(command).rc == 0]


@pytest.mark.parametrize("service", [CAL1, CAL2])
@pytest.mark.parametrize(
    ("user", "password"), [("alice", "wrong"), ("alice", ""), ("mallory", "correct horse"), (None, "")]
)
def test_who_has_not_logged_in_gets_nothing(service, user, password):
    assert ask(service, "PROPFIND", "/alice/", user, password, Depth="0")[0] == 401


@pytest.mark.parametrize("service", [CAL1, CAL2])
def test_who_mistypes_his_password_keeps_nobody_else_waiting(service):
    """By itself the mail service has all who log in from one address wait longer with each wrong password."""
    for number in range(4):
        assert ask(service, "PROPFIND", "/alice/", "mallory", f"wrong {number}", Depth="0")[0] == 401
    began = time.monotonic()
    assert ask(service, "PROPFIND", "/alice/", "alice", Depth="0")[0] == 207
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("service", [CAL1, CAL2])
def test_who_has_logged_in_gets_his_own(service):
    assert ask(service, "PROPFIND", "/alice/", "alice", Depth="0")[0] == 207


def test_nobody_gets_what_is_somebody_elses():
    assert ask(CAL1, "PROPFIND", "/alice/work/", "bob", Depth="1")[0] == 403
    assert ask(CAL1, "PUT", "/alice/work/stolen.ics", "bob", body=event("stolen"))[0] == 403


def test_of_two_who_write_the_same_one_gets_the_conflict():
    path = "/alice/work/shared.ics"
    assert ask(CAL1, "PUT", path, "alice", body=event("shared"))[0] == 201
    etag = ask(CAL1, "GET", path, "alice")[1]["ETag"]
    # Radicale 3.1 says that it is made again.
    assert ask(CAL1, "PUT", path, "alice", body=event("shared", "20261202"), If_Match=etag)[0] in (201, 204)
    assert ask(CAL1, "PUT", path, "alice", body=event("shared", "20261203"), If_Match=etag)[0] == 412
    assert ask(CAL1, "DELETE", path, "alice")[0] == 200


@pytest.mark.parametrize("service", [CAL1, CAL2])
def test_without_tls_nothing_is_said(service):
    with socket.create_connection(service, timeout=15) as connection:
        connection.sendall(b"GET /.web/ HTTP/1.0\r\n\r\n")
        try:
            said = connection.recv(100)
        except ConnectionResetError:
            said = b""
    assert b"HTTP/" not in said


def test_each_listens_on_its_own_address_alone():
    heard = set()
    for node in NODES:
        shown = host_of(node).check_output("ss --tcp --listening --numeric --processes --no-header")
        heard |= {line.split()[3] for line in shown.splitlines() if "radicale" in line}
    assert heard == {f"{host}:{port}" for host, port in (CAL1, CAL2)}


@pytest.mark.parametrize("name", ["cal1", "cal2"])
def test_one_node_runs_each(name):
    running = where(f"systemctl is-active groupware-radicale@{name}")
    assert len(running) == 1
    assert where(f"findmnt /srv/{name}") == running


def test_all_that_was_acknowledged_is_there():
    acknowledged = ACKNOWLEDGED.read_text().split()
    assert len(acknowledged) > 100
    assert set(acknowledged) <= client.found(url(CAL1, "/alice/work"), "alice")


@pytest.mark.skipif(ON_DEBIAN_12, reason="Radicale 3.1 has no log-in by IMAP")
def test_the_second_calendar_has_no_users_of_its_own():
    (node,) = where("findmnt /srv/cal2")
    assert "alice" not in host_of(node).check_output("cat /srv/cal2/radicale/users")
