"""Calendar Server 7: what is refused, what its hosts are to have, and how its simulated programs are told."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.products import calendar_server_7 as product
from ansible_collections.groupware.ha.plugins.module_utils.products.calendar_server_7_description import (
    judge_passwords,
    parse,
)

TOP = Path(__file__).resolve().parents[5]
DESCRIBED: dict[str, Any] = {
    "front_ends": ["app1", "app2"],
    "application_servers": "dav-cluster",
    "front_end": "calendar",
    "database": {"name": "calendar", "front_end": "calendar_database", "host": "db.example.com"},
    "document_store": {"host": "store", "address": "192.0.2.17"},
    "options": {"log.dav.commands.loglevel": "FINE"},
}
PASSWORD, STORE = "geheim=1#x", "geheim-zwei"


def problems(**changed: Any) -> str:
    with pytest.raises(DescriptionError) as refused:
        parse("calendar", {**DESCRIBED, **changed})
    return str(refused.value)


def test_what_is_described() -> None:
    found = parse("calendar", DESCRIBED)
    assert (found.first, found.store.address, found.database.port) == ("app1", "192.0.2.17", 3306)
    assert found.all_options == {
        "log.dav.commands.loglevel": "FINE",
        "store.dav.defaultbackend.attachstorehost": "192.0.2.17",
        "store.dav.defaultbackend.attachstoreport": "8008",
    }
    files = {one["path"]: one for one in found.store_files("/var/data", STORE)}
    assert "service.port=8008\n" in files["/var/data/config/ashttpd.properties"]["content"]
    secret = files["/var/data/config/ashttpdcreds.properties"]
    assert (secret["mode"], secret["sensitive"]) == ("0600", True)
    assert [path for path, one in files.items() if STORE in one.get("content", "")] == [secret["path"]]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "localhost.localdomain", "127.0.0.1", "::1", "app2"])
def test_a_database_or_store_of_a_front_ends_own(host: str) -> None:
    assert f"calendar_server_7_database.host = {host!r}: means another machine on each front end" in problems(
        database={**DESCRIBED["database"], "host": host}
    )
    assert f"calendar_server_7_document_store.host = {host!r}: is local to one front end" in problems(
        document_store={"host": host}
    )


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"front_ends": ["app1"]}, "has fewer than two hosts"),
        ({"front_ends": ["app1", "app1"]}, "is there twice"),
        ({"front_ends": "app1"}, "is no list of hosts"),
        ({"application_servers": "server"}, "is GlassFish's administration server alone"),
        ({"front_end": None}, "is not the name of a front end"),
        ({"database": None}, "calendar_server_7_database.name: is missing"),
        ({"database": {**DESCRIBED["database"], "prot": 1}}, "did you mean port?"),
        ({"document_store": {"host": "store", "port": "8008"}}, "is no port"),
        ({"document_store": {"host": "store", "directory": "docs"}}, "calendar_server_7_document_store.directory"),
        ({"options": {"store.document.password": "x"}}, "calendar_server_7_options.store.document.password"),
        ({"options": {"store.dav.defaultbackend.attachstorehost": "x"}}, "is set by the tier itself"),
        ({"options": {"log.dav.name": "a\nb"}}, "cannot be on a line"),
    ],
)
def test_what_is_refused(changed: dict[str, Any], words: str) -> None:
    assert words in problems(**changed)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"administrator": PASSWORD}, "calendar_server_7_passwords.document_store: is missing"),
        ({"administrator": PASSWORD, "document_store": "geheim\nzwei"}, "which have a value on a line"),
        ({"administrator": " geheim", "document_store": STORE}, "which have a value on a line"),
    ],
)
def test_passwords_that_cannot_be(given: dict[str, str], words: str) -> None:
    with pytest.raises(DescriptionError) as refused:
        judge_passwords(given)
    assert words in str(refused.value)
    assert "geheim" not in str(refused.value)


# -- on a host ---------------------------------------------------------------------------------------------------------

ANSWERS = {
    "admin.user": "admin",
    "appserver.target": "dav-cluster",
    "appserver.user": "admin",
    "runtime.user": "root",
    "database.host": "db.example.com",
    "database.port": "3306",
    "database.name": "calendar",
}


def install(top: Path) -> None:
    """The simulated product below a folder."""
    options = {"home": str(top / "home"), "data": str(top / "data"), "directory": {}}
    for name in ("init-config", "davadmin", "start-as", "stop-as"):
        path = top / "home/sbin" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        words = (
            f"{sys.executable} {TOP}/tests/simulators/calendar_server_7/program.py {top}/state '{json.dumps(options)}'"
        )
        path.write_text(f'#!/bin/sh\necho "$0 $*" >>{top}/told\nexec {words} {name} "$@"\n')
        path.chmod(0o755)


Run = Callable[..., tuple[dict[str, Any], list[str]]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    install(tmp_path)
    (tmp_path / "run").mkdir()
    monkeypatch.setattr(product.staging, "PARENT", str(tmp_path / "run"))

    def run_it(dry: bool = False, password: str = PASSWORD, **changed: Any) -> tuple[dict[str, Any], list[str]]:
        runner = LocalRunner(dry=dry)
        given: dict[str, Any] = {
            "answers": ANSWERS,
            "options": {"log.dav.commands.loglevel": "FINE"},
            "secret_answers": {"admin.password": password, "appserver.password": "geheim-drei"},
            "secret_options": {"store.document.password": STORE},
            **changed,
        }
        wanted = product.Wanted("admin", password, **given)
        server = product.CalendarServer(runner, f"{tmp_path}/home", f"{tmp_path}/data", wanted)
        try:
            return server.converge(), runner.commands
        finally:
            assert list((tmp_path / "run").iterdir()) == []
            told = (tmp_path / "told").read_text() if (tmp_path / "told").exists() else ""
            assert "geheim" not in told

    return run_it


def test_it_is_configured_once_and_has_its_options(run: Run, tmp_path: Path) -> None:
    assert run(dry=True) == ({"changed": True, "configured": False, "differences": []}, ["init-config -S -f ANSWERS"])
    assert not (tmp_path / "data").exists()
    found, commands = run()
    assert (found["changed"], found["differences"]) == (True, ["log.dav.commands.loglevel", "store.document.password"])
    assert commands[1] == "davadmin config modify: log.dav.commands.loglevel, store.document.password"
    credentials = tmp_path / "data/config/davservercreds.properties"
    assert credentials.read_text() == f"store.document.password={STORE}\n"
    assert credentials.stat().st_mode & 0o777 == 0o600
    for dry in (True, False):
        assert run(dry=dry) == ({"changed": False, "configured": True, "differences": []}, [])


def test_what_differs_is_told_and_nothing_else(run: Run) -> None:
    run()
    other = {"log.dav.commands.loglevel": "INFO"}
    assert run(dry=True, options=other)[0]["differences"] == ["log.dav.commands.loglevel"]
    assert run(options=other)[0]["differences"] == ["log.dav.commands.loglevel"]
    assert not run(options=other)[0]["changed"]
    assert run(options=other, secret_options={"store.document.password": "new"})[0]["differences"] == [
        "store.document.password"
    ]


def test_what_the_product_refuses(run: Run, tmp_path: Path) -> None:
    with pytest.raises(
        product.CalendarServerError, match=r"init-config: database.host: missing parameter; there is no"
    ):
        run(answers={name: value for name, value in ANSWERS.items() if name != "database.host"})
    run()
    with pytest.raises(product.CalendarServerError, match=r"did you mean log.dav.commands.loglevel\?"):
        run(options={"log.dav.command.loglevel": "FINE"})
    with pytest.raises(product.CalendarServerError, match="Authentication failed"):
        run(password="geheim-vier")
    (tmp_path / "home/sbin/davadmin").unlink()
    with pytest.raises(product.CalendarServerError, match="is installed first, by the vendor's installer"):
        run()
