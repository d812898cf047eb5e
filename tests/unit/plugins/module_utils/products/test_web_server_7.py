"""A simulated Web Server 7 with a real certificate database, brought to serve a calendar as its manual has it."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandResult, LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.node import backups, certificates, readers, staging
from ansible_collections.groupware.ha.plugins.module_utils.products.web_server_7 import (
    Administration,
    Places,
    Wanted,
    WebServer,
    fingerprint,
)
from ansible_collections.groupware.ha.tests.simulators.web_server_7.simulator import WebServer7
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.formats.test_web_server_7 import INSTALLED

PASSWORD = "n0t-f0r-logs"  # noqa: S105 - the simulated product's
SERVER = '<server><http-listener name="http-listener-1" port="{}" server-name="machineC" /></server>'


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


class Node(LocalRunner):
    """Its wadm and startserv are simulated, and may be cut off; its certutil is real."""

    cut_off = ""

    def __init__(self, simulator: WebServer7, dry: bool = False) -> None:
        super().__init__(dry=dry)
        self.simulator = simulator

    def run(self, argv: Sequence[str], **options: Any) -> CommandResult:
        program = os.path.basename(argv[0])
        if self.cut_off and self.cut_off in argv:
            raise KeyboardInterrupt
        if program not in self.simulator.programs:
            return super().run(argv, **options)
        if options.get("record", True):
            self.commands.append(" ".join(argv))
            if self.dry:
                return CommandResult(tuple(argv), 0, "", "")
        assert PASSWORD not in " ".join(argv)
        answer = self.simulator.run("machineC", argv)
        if answer.status not in options.get("accept", (0,)):
            raise CommandError(argv, f"exit status {answer.status}", answer.stderr)
        return CommandResult(tuple(argv), answer.status, answer.stdout, answer.stderr)


class Site:
    """Machine C, as the plug-in's installer has left it."""

    def __init__(self, top: Path) -> None:
        self.top, self.port, self.administration = top, free_port(), free_port()
        self.places = Places(f"{top}/opt", f"{top}/var", "machineC")
        self.simulator = WebServer7(
            ["machineC"], top / "state.json", root=self.places.root, password=PASSWORD, port=self.administration
        )
        self.store, self.instance = Path(self.places.store), Path(self.places.instance)
        for folder in (self.store, self.instance):
            folder.mkdir(parents=True)
            (folder / "default.acl").write_text(INSTALLED)
            (folder / "magnus.conf").write_text("User webservd\n")
            (folder / "server.xml").write_text(SERVER.format(free_port()))
        (self.instance / "magnus.conf").write_text("User webservd\nInit fn=init-passthrough\n")
        (self.instance / "loadbalancer.xml").write_text("<loadbalancer/>\n")
        subprocess.run(["certutil", "-N", "--empty-password", "-d", str(self.store)], check=True)
        home = Path(self.places.home, "bin")
        home.mkdir(parents=True)
        (home / "certutil").symlink_to("/usr/bin/certutil")
        certificates.make(top / "das.pem", top / "das.key", ["machineA"], 10, LocalRunner())
        self.das = (top / "das.pem").read_text()

    def wanted(self, **changed: Any) -> Wanted:
        given = {
            "configuration": "machineC",
            "server_name": "machineC",
            "port": self.port,
            "uri": "/davserver",
            "listener": "http-listener-ssl",
            "certificate": "cert-machineC",
            "trusted": ("s1as", self.das),
        }
        return Wanted(**{**given, **changed})

    def run(self, dry: bool = False, cut_off: str = "", password: str = PASSWORD, **changed: Any) -> dict[str, Any]:
        runner = Node(self.simulator, dry)
        runner.cut_off = cut_off
        places = Places(self.places.home, self.places.root, changed.get("configuration", "machineC"))
        administration = Administration(runner, places, "admin", self.administration, password)
        return {**WebServer(administration, self.wanted(**changed)).converge(), "commands": runner.commands}

    def files(self) -> dict[str, bytes]:
        found = {str(path): path.read_bytes() for path in self.top.rglob("*") if path.is_file()}
        # Databases of certutil are touched when they are read.
        return {path: text for path, text in found.items() if not path.endswith((".db", ".lock", "state.json"))}

    def four_steps(self, **changed: Any) -> dict[str, Any]:
        before = self.files()
        predicted = self.run(dry=True, **changed)
        assert self.files() == before
        done = self.run(**changed)
        assert (predicted["changed"], predicted["differences"]) == (True, done["differences"])
        assert predicted["commands"] == done["commands"]
        for dry in (False, True):
            again = self.run(dry=dry, **changed)
            assert (again["changed"], again["commands"]) == (False, []), again
        return done


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    (tmp_path / "run").mkdir()
    monkeypatch.setattr(staging, "PARENT", str(tmp_path / "run"))
    monkeypatch.setattr(readers, "volatile", lambda: str(tmp_path / "volatile"))
    monkeypatch.setattr(backups, "keep", lambda path, **_options: f"{path}~")
    found = Site(tmp_path)
    found.simulator.run("machineC", ["startserv"])
    yield found
    with found.simulator.edit():
        found.simulator.stop("machineC")
        found.simulator.stop("administration")
    assert list((tmp_path / "run").iterdir()) == []


def test_the_manual_step_by_step(site: Site) -> None:
    done = site.four_steps()
    config, listener = "--config=machineC", "--http-listener=http-listener-ssl"
    assert done["commands"] == [
        f"ln -s {site.top}/var/https-machineC {site.top}/opt/https-machineC",
        f"wadm pull-config {config} machineC",
        f"wadm create-selfsigned-cert {config} --server-name=machineC --nickname=cert-machineC",
        f"wadm create-http-listener --listener-port={site.port} {config} --server-name=machineC "
        "--default-virtual-server-name=machineC http-listener-ssl",
        f"wadm set-ssl-prop {config} {listener} enabled=true server-cert-nickname=cert-machineC client-auth=optional",
        f"certutil -A -a -n s1as -t TC,, -d {site.store}",
        "wadm deploy-config machineC",
        f"wadm restart-instance {config}",
    ]
    # What the plug-in's installer wrote is kept, and what a calendar needs is there.
    assert (site.instance / "magnus.conf").read_text() == (
        'User webservd\nInit fn=init-passthrough\nInit fn="register-http-method" methods="MKCALENDAR"\n'
    )
    assert 'acl "uri=/davserver";' in (site.instance / "default.acl").read_text()
    assert "BEGIN CERTIFICATE" in done["certificate"]


def test_an_administration_server_that_does_not_run_is_started(site: Site) -> None:
    with site.simulator.edit() as state:
        assert state["running"]
        site.simulator.stop("administration")
    predicted = site.run(dry=True)
    assert predicted["differences"][-1] == "the administration server does not run"
    assert predicted["commands"][-1] == f"{site.top}/var/admin-server/bin/startserv"
    done = site.run()
    assert done["commands"][0] == f"{site.top}/var/admin-server/bin/startserv"
    assert site.run()["changed"] is False


def test_an_instance_that_does_not_run_is_started(site: Site) -> None:
    site.run()
    with site.simulator.edit():
        site.simulator.stop("machineC")
    done = site.four_steps()
    assert done["commands"] == ["wadm start-instance --config=machineC machineC"]


def test_another_certificate_of_the_domain_takes_the_place_of_the_former(site: Site) -> None:
    site.run()
    certificates.make(site.top / "new.pem", site.top / "new.key", ["machineA"], 10, LocalRunner())
    new = ("s1as", (site.top / "new.pem").read_text())
    done = site.four_steps(trusted=new)
    assert done["differences"] == ["the certificate s1as is another one"]
    assert done["commands"][:2] == [
        f"certutil -D -n s1as -d {site.store}",
        f"certutil -A -a -n s1as -t TC,, -d {site.store}",
    ]


def test_drift_is_put_right(site: Site) -> None:
    site.run()
    argv = ["certutil", "-D", "-n", "s1as", "-d", str(site.store)]
    subprocess.run(argv, check=True)
    for folder in (site.store, site.instance):
        (folder / "magnus.conf").write_text("User webservd\n")
        text = (folder / "server.xml").read_text()
        (folder / "server.xml").write_text(text.replace('ssl-client-auth="optional"', 'ssl-client-auth="required"'))
    done = site.four_steps()
    assert done["differences"] == [
        "http-listener-ssl: client-auth is required, not optional",
        "the certificate s1as is not trusted",
        f"{site.store}/magnus.conf lacks what a calendar needs",
    ]


def test_another_port_is_taken_over(site: Site) -> None:
    site.run()
    done = site.four_steps(port=free_port())
    assert done["differences"][0].startswith(f"http-listener-ssl: port is {site.port}, not ")


@pytest.mark.parametrize("word", ["create-http-listener", "set-ssl-prop", "-A", "deploy-config", "restart-instance"])
def test_a_run_that_was_cut_off_is_repeated(site: Site, word: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        site.run(cut_off=word)
    done = site.four_steps()
    assert done["commands"][-1] == "wadm restart-instance --config=machineC"
    assert (site.store / "magnus.conf").read_text() == (site.instance / "magnus.conf").read_text()


def test_what_an_administrator_has_not_deployed_is_deployed(site: Site) -> None:
    site.run()
    with (site.store / "obj.conf").open("a") as file:
        file.write("# mine\n")
    done = site.four_steps()
    assert done["differences"] == ["the instance does not run with the store's obj.conf"]
    assert (site.instance / "obj.conf").read_text() == "# mine\n"


def test_all_is_taken_away_again(site: Site) -> None:
    site.run()
    done = site.four_steps(present=False)
    assert done["differences"][:3] == [
        "there is a listener http-listener-ssl",
        "there is a certificate cert-machineC",
        "there is a certificate s1as",
    ]
    assert (site.instance / "default.acl").read_text() == INSTALLED
    assert "MKCALENDAR" not in (site.instance / "magnus.conf").read_text()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"password": "wrong"}, "wadm list-configs: ADMIN3012: Authentication failed"),
        ({"trusted": ("s1as", "no certificate")}, "is no certificate in PEM"),
        ({"configuration": "other"}, "is not there"),
    ],
)
def test_what_cannot_be(site: Site, changed: dict[str, Any], words: str) -> None:
    before = site.files()
    with pytest.raises(Failure, match=words):
        site.run(**changed)
    assert {path: text for path, text in site.files().items() if "https-machineC" not in path} == {
        path: text for path, text in before.items() if "https-machineC" not in path
    }


def test_fingerprints() -> None:
    with pytest.raises(Failure, match="is no certificate"):
        fingerprint("-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n")
