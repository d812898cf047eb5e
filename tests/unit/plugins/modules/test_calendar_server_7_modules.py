"""The modules of the role calendar_server_7, run as Ansible runs them: check, do, do again, check again."""

from __future__ import annotations

import getpass
import importlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.node import staging
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.test_calendar_server_7 import (
    ANSWERS,
    PASSWORD,
    STORE,
    install,
)
from ansible_collections.groupware.ha.tests.unit.plugins.modules.module_runs import given_arguments


@pytest.fixture
def run(capsys: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    (tmp_path / "run").mkdir()
    monkeypatch.setattr(staging, "PARENT", str(tmp_path / "run"))

    def ran(name: str, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        module = importlib.import_module(f"ansible_collections.groupware.ha.plugins.modules.{name}")
        arguments = {**options, "_ansible_check_mode": check_mode, "_ansible_diff": True}
        with given_arguments(arguments), pytest.raises(SystemExit):
            module.main()
        said = capsys.readouterr().out
        assert "geheim" not in said
        result: dict[str, Any] = json.loads(said)
        return result

    return ran


def four_steps(run: Any, name: str, **options: Any) -> dict[str, Any]:
    """The result of doing."""
    assert run(name, check_mode=True, **options)["changed"]
    done: dict[str, Any] = run(name, **options)
    assert done["changed"], done
    for check_mode in (False, True):
        assert not run(name, check_mode=check_mode, **options)["changed"]
    return done


def test_configuration(run: Any, tmp_path: Path) -> None:
    install(tmp_path)
    secrets = {
        "administrator": PASSWORD,
        "answers": {"admin.password": PASSWORD, "appserver.password": "geheim-drei"},
        "options": {"store.document.password": STORE},
    }
    given = {"home": str(tmp_path / "home"), "data": str(tmp_path / "data"), "answers": ANSWERS, "secrets": secrets}
    done = four_steps(run, "calendar_server_7_configuration", **given)
    assert done["diff"]["before"] == "not configured\nstore.document.password is another one\n"
    # Numbers and truth values are what davadmin prints of them.
    given["options"] = {"davcore.serverlimits.maxcontentlength": 5}
    done = four_steps(run, "calendar_server_7_configuration", **given)
    assert done["commands"] == ["davadmin config modify: davcore.serverlimits.maxcontentlength"]
    failed = run("calendar_server_7_configuration", **{**given, "secrets": {**secrets, "administrator": "geheim-vier"}})
    assert "Authentication failed" in failed["msg"]


def test_archive(run: Any, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "vendor.war", "w") as war:
        war.writestr("WEB-INF/web.xml", "<web-app><servlet/></web-app>")
    given = {"source": f"{tmp_path}/vendor.war", "path": f"{tmp_path}/own.war", "owner": getpass.getuser()}
    done = four_steps(run, "session_archive", **given)
    assert (tmp_path / "own.war").stat().st_mode & 0o777 == 0o600
    assert (
        run("session_archive", check_mode=True, **{**given, "path": "/nowhere/x.war"})["checksum"] == done["checksum"]
    )
    assert four_steps(run, "session_archive", **{**given, "persistence": "ha"})["checksum"] != done["checksum"]
    failed = run("session_archive", **{**given, "source": f"{tmp_path}/none.war"})
    assert "none.war is not there; it comes with the product's software" in failed["msg"]
    (tmp_path / "vendor.war").write_text("torn")
    assert "is no archive that can be read" in run("session_archive", **given)["msg"]


def test_copy(run: Any, tmp_path: Path) -> None:
    (tmp_path / "first/config").mkdir(parents=True)
    (tmp_path / "first/config/creds").write_text("password=geheim\n")
    (tmp_path / "first/config/creds").chmod(0o600)
    packed = run("directory_copy", path=f"{tmp_path}/first")["packed"]
    done = four_steps(run, "directory_copy", path=f"{tmp_path}/second", packed=packed)
    assert f"{tmp_path}/second/config/creds" in done["paths"]
    assert packed not in json.dumps(done)
    (tmp_path / "second/config/creds").write_text("password=geheimer\n")
    done = four_steps(run, "directory_copy", path=f"{tmp_path}/second", packed=packed)
    assert done["paths"] == [f"{tmp_path}/second/config/creds"]
    assert (tmp_path / "second/config/creds").read_text() == "password=geheim\n"
    assert "is not there" in run("directory_copy", path=f"{tmp_path}/none")["msg"]
