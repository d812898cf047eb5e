"""The templates of the role load_balancer, and the program that keepalived and systemd ask HAProxy with."""

from __future__ import annotations

import configparser
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.products import load_balancer_plan as planning
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.balanced import (
    BALANCERS,
    CACHE,
    CALENDAR,
    DATABASE,
    PLAIN,
    THROUGH,
    front_end,
)
from ansible_collections.groupware.ha.tests.unit.templates.rendering import TOP, loaded, rendered

PROGRAM = TOP / "roles/load_balancer/templates/program.py"


def text(path: str, *front_ends: dict[str, Any], balancer: str = "balancer1") -> str:
    plan = planning.parse("web", BALANCERS, list(front_ends) or [CALENDAR, PLAIN, THROUGH])
    entry = next(one for one in planning.files(plan, balancer) if one["path"] == path)
    return rendered(f"roles/load_balancer/templates/{entry['template']}", **entry["variables"])


def test_the_files_that_there_are() -> None:
    plan = planning.parse("web", BALANCERS, [CALENDAR, PLAIN, THROUGH])
    templates = [one["template"] for one in planning.files(plan, "balancer1") if "template" in one]
    assert templates == [
        "program.py",
        "haproxy.service.j2",
        "keepalived.service.j2",
        "haproxy.cfg.j2",
        "keepalived.conf.j2",
    ]


def section(name: str, *front_ends: dict[str, Any]) -> list[str]:
    """The lines of a section of HAProxy's file, without comments."""
    sections = re.split(r"^(?=\w)", text(planning.CONFIGURATION, *front_ends), flags=re.MULTILINE)
    (found,) = [one for one in sections if one.startswith(f"{name}\n")]
    return [line.strip() for line in found.splitlines()[1:] if line.strip() and not line.strip().startswith("#")]


def test_a_front_end_where_tls_ends() -> None:
    lines = section("listen calendar")
    pair = "/etc/haproxy/groupware-ha-calendar.pem"
    assert f"bind 192.0.2.21:443 transparent ssl crt {pair} alpn h2,http/1.1" in lines
    assert "cookie SRV insert indirect nocache httponly secure" in lines
    assert "option idle-close-on-response" in lines
    assert "http-request set-header X-Forwarded-Proto https" in lines
    assert "http-check send meth GET uri /status ver HTTP/1.1 hdr Host calendar.example.com" in lines
    assert "server app1 192.0.2.31:443 weight 100 cookie app1" in lines
    assert "server app2 192.0.2.32:8080 weight 50 cookie app2" in lines
    assert "option httpclose" not in lines


def test_one_without_tls() -> None:
    lines = section("listen plain")
    assert "bind 192.0.2.21:80 transparent" in lines
    assert "stick-table type ip size 100k expire 30m peers balancers" in lines
    assert "stick on src" in lines
    assert "option httpclose" in lines
    assert "http-request set-header X-Forwarded-Proto http" in lines
    assert not [line for line in lines if "cookie" in line]


def test_a_request_that_is_too_large() -> None:
    lines = section("listen calendar", front_end(largest_request=10))
    assert "http-request deny deny_status 413 if { req.hdr_val(content-length) gt 10485760 }" in lines
    (line,) = [line for line in lines if "status 411" in line]
    assert line.endswith("if { method PUT POST PATCH } !{ req.hdr(content-length) -m found }")


def test_databases_are_asked_who_takes_writes() -> None:
    lines = section("listen database", DATABASE)
    sent = [bytes.fromhex(line.rpartition(" ")[2]) for line in lines if line.startswith("tcp-check send-binary")]
    assert [(packet[:4], len(packet)) for packet in sent] == [
        (b"\x37\0\0\x01", 59),
        (bytes([len(sent[1]) - 4, 0, 0, 0]), len(sent[1])),
        (b"\1\0\0\0", 5),
    ]
    assert sent[0].endswith(b"\0groupware_ha_observer\0\0")
    assert sent[1][4:].startswith(b"\x03SELECT IF(@@global.read_only = 0")
    assert "mode tcp" in lines
    assert "timeout server 28800s" in lines
    # Or clients that come when the server is just lost wait for hours.
    assert not [line for line in lines if "shutdown-sessions" in line]
    assert {"default-server tcp-ut 5s", "option srvtcpka", "srvtcpka-idle 3s", "timeout connect 2s"} <= set(lines)


def test_all_have_the_same_cache() -> None:
    lines = section("listen cache", CACHE)
    assert lines[lines.index("stick-table type integer size 10 peers balancers") + 1] == "stick on int(1)"
    assert r"tcp-check send version\r\n" in lines


def test_one_where_tls_passes_through() -> None:
    lines = section("listen through")
    assert "mode tcp" in lines
    assert not [line for line in lines if line.startswith(("http", "option http", "cookie", "retry-on"))]
    checked = section("listen through", front_end(THROUGH, check="/", host_name="a.example"))
    assert "default-server check-ssl verify none check-sni a.example" in checked
    # Or clients that come when a member is just lost wait for ever.
    assert not [line for line in checked if "shutdown-sessions" in line]
    assert {"default-server tcp-ut 5s", "option srvtcpka", "timeout connect 2s"} <= set(lines)


def test_no_method_is_refused() -> None:
    """The one line that looks at methods says what is asked again where a member ends."""
    looking = [line for line in text(planning.CONFIGURATION).splitlines() if "method" in line.lower()]
    assert {line.strip().partition(" unless ")[0] for line in looking} == {"http-request disable-l7-retry"}
    assert "deny" not in text(planning.CONFIGURATION)


def test_a_balancer_knows_itself_and_the_others() -> None:
    assert "localpeer balancer1" in section("global")
    assert section("peers balancers") == ["peer balancer1 192.0.2.11:10000", "peer balancer2 192.0.2.12:10000"]


def test_states_are_kept() -> None:
    assert f"server-state-file {planning.STATES}" in section("global")
    assert "load-server-state-from-file global" in section("defaults")


def test_each_address_has_a_router() -> None:
    shown = text(planning.KEEPALIVED, balancer="balancer2")
    assert shown.startswith(planning.MARK)
    assert re.findall(r"vrrp_instance (\S+) \{", shown) == ["192.0.2.21", "192.0.2.22"]
    assert re.findall(r"virtual_router_id (\d+)", shown) == ["21", "22"]
    assert shown.count("state BACKUP") == shown.count("nopreempt\n") == 2
    assert shown.count("{") == shown.count("}")
    assert "unicast_src_ip 192.0.2.12" in shown
    assert re.search(r"unicast_peer \{\s+192\.0\.2\.11\s+\}", shown)
    # VRRPv3 has none, and one that is given is no secret.
    assert "auth" not in shown.replace("authentication", "")


def unit(name: str) -> dict[str, list[str]]:
    """The settings of a drop-in, each with its values in their order."""
    found: dict[str, list[str]] = {}
    for line in text(f"{planning.DROP_INS[name]}/groupware-ha.conf").splitlines():
        if line and line[0] not in "[#":
            key, _equals, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def test_a_keepalived_that_ends_leaves_no_address() -> None:
    settings = unit("keepalived")
    assert settings["Restart"] == ["always"]
    assert settings["StartLimitIntervalSec"] == ["0"]
    assert settings["ExecStopPost"] == [
        f"-/usr/bin/ip address delete 192.0.2.{number}/32 dev @INTERFACE@" for number in (21, 22)
    ]


def test_states_are_saved_before_a_reload_and_at_the_end() -> None:
    settings = unit("haproxy")
    assert settings["Environment"] == [f"CONFIG={planning.CONFIGURATION}"]
    assert settings["ExecReload"][:2] == ["", f"-{' '.join(planning.RUN)} save"]
    assert settings["ExecReload"][3] == "/bin/kill -USR2 $MAINPID"
    assert settings["ExecStop"] == [f"-{' '.join(planning.RUN)} save"]
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(text(f"{planning.DROP_INS['haproxy']}/groupware-ha.conf"))
    assert parser.sections() == ["Service"]


# -- the program -------------------------------------------------------------------------------------------------------


def test_no_template_language_is_in_it() -> None:
    assert all(mark not in PROGRAM.read_text() for mark in ("{{", "{%", "{#"))


def test_it_knows_the_places() -> None:
    assert f'SOCKET = "{planning.SOCKET}"' in PROGRAM.read_text()
    assert f'STATES = "{planning.STATES}"' in PROGRAM.read_text()


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program, with files of the test's own; it does nothing as long as nobody calls it."""
    module = loaded(PROGRAM)
    monkeypatch.setattr(module, "SOCKET", str(tmp_path / "socket"))
    monkeypatch.setattr(module, "STATES", str(tmp_path / "states"))
    return module


@pytest.fixture
def haproxy(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Answers commands on the socket with what the test says."""
    answers: dict[str, str] = {}
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "socket"))
    listener.listen()

    def serve() -> None:
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            with connection:
                connection.sendall(answers.get(connection.recv(100).decode().strip(), "Unknown command\n").encode())

    threading.Thread(target=serve, daemon=True).start()
    yield answers
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def test_whether_haproxy_answers(program: ModuleType, haproxy: dict[str, str]) -> None:
    assert program.main(["answers"]) == 1
    haproxy["show info"] = "Name: HAProxy\nVersion: 3.0.11\n"
    assert program.main(["answers"]) == 0


def test_it_does_not_run(program: ModuleType) -> None:
    assert program.main(["answers"]) == "HAProxy does not answer: [Errno 2] No such file or directory"
    assert str(program.main(["help"])).startswith("Asks HAProxy on its socket")


def test_states_are_put_in_place_as_a_whole(program: ModuleType, haproxy: dict[str, str], tmp_path: Path) -> None:
    haproxy["show servers state"] = "1\n# be_id be_name\n3 calendar\n"
    assert program.main(["save"]) == 0
    states = tmp_path / "states"
    assert states.read_text() == "1\n# be_id be_name\n3 calendar\n"
    assert states.stat().st_mode & 0o777 == 0o600
    haproxy["show servers state"] = "Permission denied\n"
    assert "format" in str(program.main(["save"]))
    assert states.read_text().startswith("1\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["socket", "states"]


def test_states_of_another_haproxy(program: ModuleType, haproxy: dict[str, str], tmp_path: Path) -> None:
    """That of a service; nothing of what the balancer has is looked at."""
    haproxy["show servers state"] = "1\n# be_id be_name\n"
    program.SOCKET = program.STATES = "/nowhere"  # type: ignore[attr-defined]
    assert program.main(["save", str(tmp_path / "socket"), str(tmp_path / "web")]) == 0
    assert (tmp_path / "web").read_text() == "1\n# be_id be_name\n"
    assert str(program.main(["save", "one"])).startswith("Asks HAProxy")


def test_it_runs() -> None:
    done = subprocess.run([sys.executable, "-IS", PROGRAM, "answers"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("HAProxy does not answer")
