"""The way to an administration server: over TLS that is judged, with errors that say what to do and no secret."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_rest import (
    Administration,
    AdministrationError,
    complaints,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.fake_administration import (
    PASSWORD,
    Server,
    pair,
    serving,
)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def administration(server: Server, tmp_path: Path) -> Iterator[Administration]:
    with serving(server, tmp_path) as way:
        yield way


def test_everything_by_one_request(server: Server, administration: Administration) -> None:
    server.values = {"a.b": "1", "c.d": "e=f"}
    assert administration.ask() == server.values
    assert server.told == []


def test_a_command(server: Server, administration: Administration) -> None:
    administration.tell("set", {"target": "x&y"}, ["a.b=1=2", "c.d=e f"])
    assert server.told == [("set", [("target", "x&y"), ("DEFAULT", "a.b=1=2"), ("DEFAULT", "c.d=e f")])]


def test_a_wrong_password(administration: Administration) -> None:
    with pytest.raises(AdministrationError) as caught:
        dataclasses.replace(administration, password="another one").ask()
    assert "does not let admin in with the password that is given; see glassfish_passwords.administrator" in str(
        caught.value
    )
    assert "another one" not in str(caught.value)
    assert not caught.value.away


def test_somebody_else_is_told_nothing(server: Server, administration: Administration, tmp_path: Path) -> None:
    other = pair(tmp_path, "other")
    with pytest.raises(AdministrationError, match="shows another certificate than the domain's own"):
        dataclasses.replace(administration, certificate=str(other)).tell("stop-domain", {})
    assert server.told == []


def test_nobody(administration: Administration, tmp_path: Path) -> None:
    with pytest.raises(AdministrationError, match="gives no answer") as caught:
        dataclasses.replace(administration, port=1).ask()
    assert caught.value.away
    with pytest.raises(AdministrationError, match="is missing: the domain has not been made yet"):
        dataclasses.replace(administration, certificate=f"{tmp_path}/none.pem").ask()


def test_nothing_to_read(server: Server, administration: Administration) -> None:
    server.status = 503
    with pytest.raises(
        AdministrationError, match="answers with 503 Service Unavailable, and nothing to read"
    ) as caught:
        administration.ask()
    assert caught.value.away


def test_a_failure_says_why_without_secrets(server: Server, administration: Administration) -> None:
    server.answers["set"] = {
        "exit_code": "FAILURE",
        "message": f"no {PASSWORD}",
        "failure_cause": "too long",
        "subReports": [
            {"exit_code": "SUCCESS", "message": "fine"},
            {"exit_code": "FAILURE", "message": "instance1: pool-of-tests"},
        ],
    }
    with pytest.raises(AdministrationError) as caught:
        administration.tell("set", {}, ["a.b=1"])
    assert str(caught.value) == "no (hidden): too long; instance1: (hidden)"


def test_what_a_report_complains_of() -> None:
    report = {"exit_code": "WARNING", "message": "a", "subReports": [{"exit_code": "WARNING", "message": "a"}]}
    assert list(complaints(report)) == ["a"]
    assert list(complaints({"exit_code": "FAILURE", "message": "a: b", "failure_cause": "b"})) == ["a: b"]
    assert list(complaints({"exit_code": "SUCCESS", "message": "a"})) == []
