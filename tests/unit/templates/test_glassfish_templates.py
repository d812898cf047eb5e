"""The units of the role glassfish, and the program that they start servers with."""

from __future__ import annotations

import configparser
import hashlib
import os
import pwd
import ssl
import stat
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.fake_administration import (
    Server,
    serving,
)
from ansible_collections.groupware.ha.tests.unit.templates.rendering import TOP, loaded, rendered

PROGRAM = TOP / "roles/glassfish/templates/start.py"
VARIABLES = {
    "glassfish_name": "calendar",
    "glassfish_directory": "/opt/glassfish",
    "glassfish_data": "/var/lib/glassfish",
    "glassfish_administration_port": 4848,
    "inventory_hostname": "app2",
    "__glassfish_user": "glassfish",
    "__glassfish_domain": "domain1",
    "__glassfish_program": "/usr/local/libexec/groupware-ha-glassfish",
    "__glassfish_password_file": "/etc/groupware-ha-glassfish.passwords",
    "__glassfish_administration_unit": "glassfish-administration.service",
    "__glassfish_own": {"instance": "instance2"},
    "__glassfish_wanted": {"administration_address": "192.0.2.11"},
    "fingerprint": "abc",
    "home": "/var/lib/glassfish/nodes/app2/instance2",
}


def unit(name: str, *libraries: str) -> dict[str, Any]:
    text = rendered(f"roles/glassfish/templates/{name}", libraries=list(libraries), **VARIABLES)
    parser = configparser.ConfigParser(interpolation=None, comment_prefixes=("#",), strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # systemd tells capitals
    parser.read_string(text)
    return dict(parser["Service"])


def test_an_instance_is_started_by_who_alone_reads_the_passwords() -> None:
    service = unit("instance.service.j2")
    assert service["User"] == "glassfish"
    assert service["ExecStart"] == (
        "+/usr/bin/env python3 -IS /usr/local/libexec/groupware-ha-glassfish glassfish "
        "/etc/groupware-ha-glassfish.passwords 192.0.2.11,4848,abc /opt/glassfish/bin/asadmin start-local-instance "
        "--nodedir=/var/lib/glassfish/nodes --node=app2 instance2"
    )
    assert service["PIDFile"] == "/var/lib/glassfish/nodes/app2/instance2/config/pid"
    assert service["UMask"] == "0077"


def test_the_administration_server_asks_nobody() -> None:
    assert (
        " - /opt/glassfish/bin/asadmin start-domain --domaindir=/var/lib/glassfish/domains domain1"
        in unit("administration.service.j2")["ExecStart"]
    )


@pytest.mark.parametrize("name", ["instance.service.j2", "administration.service.j2"])
def test_another_library_is_another_unit(name: str) -> None:
    """So that servers are started again for it."""
    path = f"roles/glassfish/templates/{name}"
    one, two = (rendered(path, libraries=[library], **VARIABLES) for library in ("1", "2"))
    assert one != two


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    module = loaded(PROGRAM)
    monkeypatch.setattr(module, "PARENT", str(tmp_path / "run"))
    # Of this process, which is the tests' own.
    monkeypatch.setattr(module.signal, "signal", lambda *_given: None)
    (tmp_path / "run").mkdir()
    return module


def test_it_is_no_template() -> None:
    assert all(mark not in PROGRAM.read_text() for mark in ("{{", "{%", "{#"))


def test_it_needs_to_be_told() -> None:
    done = subprocess.run([sys.executable, "-IS", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "USER PASSWORDS WHERE PROGRAM ARGUMENT..." in done.stderr


def asadmin(folder: Path, status: int = 0) -> Path:
    """One that notes how it was run, and what it could read."""
    path = folder / "asadmin"
    path.write_text(
        f'#!/bin/sh\necho "$@" >{folder}/told\nfile=$(echo "$3" | cut -d= -f2)\ncat $file >{folder}/read\n'
        f"stat --format='%a' $file $(dirname $file) >{folder}/modes\nexit {status}\n"
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def start(program: ModuleType, folder: Path, where: str, status: int = 0) -> int | str | None:
    passwords = folder / "passwords"
    passwords.write_text("AS_ADMIN_PASSWORD=x\n")
    user = pwd.getpwuid(os.geteuid()).pw_name
    found: int | str | None = program.main([user, str(passwords), where, str(asadmin(folder, status)), "start", "x"])
    assert os.listdir(folder / "run") == []
    return found


def test_passwords_are_there_while_it_runs_alone(program: ModuleType, tmp_path: Path) -> None:
    assert start(program, tmp_path, "-") == 0
    assert (tmp_path / "read").read_text() == "AS_ADMIN_PASSWORD=x\n"
    assert (tmp_path / "modes").read_text().split() == ["600", "700"]
    told = (tmp_path / "told").read_text().split()
    assert told[:2] + told[3:] == ["--interactive=false", "--user=admin", "start", "x"]
    assert start(program, tmp_path, "-", status=3) == 3


def test_an_instance_asks_the_domains_own_administration_server_alone(program: ModuleType, tmp_path: Path) -> None:
    server = Server()
    with serving(server, tmp_path) as administration:
        own = ssl.PEM_cert_to_DER_cert(Path(administration.certificate).read_text())
        where = f"127.0.0.1,{administration.port}"
        for fingerprint, sync in ((hashlib.sha256(own).hexdigest(), "normal"), ("0" * 64, "none")):
            assert start(program, tmp_path, f"{where},{fingerprint}") == 0
            assert f"start --sync={sync} x" in (tmp_path / "told").read_text()
    assert server.told == []


def test_an_instance_starts_where_nobody_answers(program: ModuleType, tmp_path: Path, capsys: Any) -> None:
    assert start(program, tmp_path, f"127.0.0.1,1,{'0' * 64}") == 0
    assert "start --sync=none x" in (tmp_path / "told").read_text()
    assert (
        "the instance starts with what it has; start it again to have it take over what is new"
        in capsys.readouterr().out
    )
