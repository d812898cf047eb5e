"""The whole life of a Web Server 7 in front of a calendar: simulated, on this machine, by playbooks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.tests.playbooks.conftest import LOCAL, SILENT, TOP, Controller
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.formats.test_web_server_7 import INSTALLED
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.test_web_server_7 import (
    SERVER,
    free_port,
)

PASSWORD = "n0t-f0r-logs"  # noqa: S105 - the simulated product's
PROGRAM = TOP / "tests/simulators/web_server_7/program.py"


class Machines:
    """Machine C, with the product below a folder, and the certificate database of the domain on machine A."""

    def __init__(self, top: Path) -> None:
        self.top, self.port, self.administration = top, free_port(), free_port()
        self.home, self.root, self.domain = top / "home", top / "root", top / "domain"
        store = self.root / "admin-server/config-store/machineC/config"
        self.instance = self.root / "https-machineC/config"
        for folder in (store, self.instance):
            folder.mkdir(parents=True)
            (folder / "default.acl").write_text(INSTALLED)
            (folder / "magnus.conf").write_text("User webservd\n")
            (folder / "server.xml").write_text(SERVER.format(free_port()))
        for folder, name in ((store, None), (self.domain, "s1as")):
            folder.mkdir(exist_ok=True)
            self.certutil("-N", "--empty-password", "-d", str(folder))
            if name:
                (top / "noise").write_bytes(bytes(range(64)))
                given = ("-S", "-x", "-n", name, "-s", "CN=machineA", "-t", "CTu,,", "-m", "7")
                self.certutil(*given, "-z", str(top / "noise"), "-d", str(folder))
        options = {"root": str(self.root), "password": PASSWORD, "port": self.administration}
        for path in (self.home / "bin/wadm", self.root / "admin-server/bin/startserv"):
            path.parent.mkdir(parents=True, exist_ok=True)
            words = f"{sys.executable} {PROGRAM} {top}/state.json '{json.dumps(options)}' {path.name}"
            path.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
            path.chmod(0o755)
        (self.home / "bin/certutil").symlink_to("/usr/bin/certutil")
        self.lose = [sys.executable, str(PROGRAM), f"{top}/state.json", json.dumps(options), "web-server-accident"]

    def certutil(self, *words: str) -> None:
        subprocess.run(["certutil", *words], check=True, capture_output=True)

    def inventory(self, host: dict[str, Any] = LOCAL, **changed: Any) -> dict[str, Any]:
        variables = {
            "name": "calendar",
            "port": self.port,
            "password": PASSWORD,
            "home": str(self.home),
            "root": str(self.root),
            "administration_port": self.administration,
            "domain": {"host": "machineA", "directory": str(self.domain)},
            **changed,
        }
        given = {f"web_server_7_{name}": value for name, value in variables.items() if value is not None}
        return {
            "iplanet_web_servers": {"hosts": {"machineC": host}, "vars": given},
            "glassfish": {"hosts": {"machineA": host}},
        }


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    found = Machines(tmp_path)
    yield found
    for name in ("machineC", "administration"):
        subprocess.run([*found.lose, name], check=True)


def changes(output: str) -> bool:
    return "changed=1" in output


def test_its_whole_life(controller: Controller, machines: Machines) -> None:
    hosts = machines.inventory()
    assert "admin-server/bin/startserv" in controller.run("plan", hosts).output
    assert changes(controller.run("site", hosts, "--check").output)
    assert not (machines.top / "state.json").exists()

    done = controller.run("site", hosts, "--diff", "-vvv")
    assert done.status == 0, done.output
    assert "there is no listener http-listener-ssl" in done.output
    assert PASSWORD not in done.output
    assert "MKCALENDAR" in (machines.instance / "magnus.conf").read_text()

    for arguments in ((), ("--check",)):
        again = controller.run("site", hosts, *arguments)
        assert (again.status, changes(again.output)) == (0, False), again.output
    assert "machineC is as described" in controller.run("verify", hosts).output
    assert "nothing differs" in controller.run("plan", hosts).output

    subprocess.run([*machines.lose, "machineC"], check=True)
    wrong = controller.run("verify", hosts)
    assert wrong.status != 0
    assert "the instance does not run" in wrong.messages

    gone = controller.run("unconfigure", hosts)
    assert gone.status == 0, gone.output
    assert (machines.instance / "default.acl").read_text() == INSTALLED
    assert not changes(controller.run("unconfigure", hosts).output)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"port": "eighty"}, "web_server_7_port = 'eighty': is no port"),
        ({"uri": "davserver"}, "web_server_7_uri = 'davserver': is no path"),
        ({"domain": {"host": "machineA"}}, "web_server_7_domain.directory: is missing"),
        ({"domain": {"host": "a", "directory": "/x", "programm": "y"}}, "did you mean program?"),
        ({"password": None}, "web_server_7_password: is not defined for machineC"),
        ({"prot": 8443}, "did you mean web_server_7_port?"),
    ],
)
def test_what_is_refused(controller: Controller, machines: Machines, changed: dict[str, Any], words: str) -> None:
    done = controller.run("site", machines.inventory(SILENT, **changed))
    assert done.status != 0
    assert words in done.messages
    assert "Nothing was touched: " in done.messages


def test_a_wrong_password(controller: Controller, machines: Machines) -> None:
    done = controller.run("site", machines.inventory(password="wr0ng-word"), "-vvv")
    assert done.status != 0
    assert "wadm list-configs: ADMIN3012: Authentication failed" in done.output
    assert "wr0ng-word" not in done.output
