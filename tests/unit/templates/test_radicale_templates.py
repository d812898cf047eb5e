"""The templates of the role radicale: its settings, its unit, and what tells systemd whether it answers."""

from __future__ import annotations

import configparser
import socket
from pathlib import Path
from types import ModuleType

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.products.radicale import parse_instances
from ansible_collections.groupware.ha.tests.unit.templates.rendering import loaded, rendered

PATH = Path(__file__).parents[3] / "roles/radicale/templates/instance.py"


@pytest.fixture
def instance() -> ModuleType:
    return loaded(PATH)


def test_settings_are_what_the_program_reads() -> None:
    given = {"name": "cal1", "host_name": "cal1.example", "address": "2001:db8::31", "mount_point": "/srv/cal1"}
    settings = {"auth": {"realm": "100 % = all # of it", "delay": 2}, "headers": {"X-Frame-Options": "DENY"}}
    (one,) = parse_instances([{**given, "options": {"settings": settings}}], None)
    parser = configparser.RawConfigParser()
    parser.read_string(rendered("roles/radicale/templates/config.j2", instance=one.configuration))
    assert parser["server"]["hosts"] == "[2001:db8::31]:5232"
    assert parser["auth"]["realm"] == "100 % = all # of it"
    assert parser["auth"]["htpasswd_filename"] == "/srv/cal1/radicale/users"
    assert parser["headers"]["X-Frame-Options"] == "DENY"
    assert parser["storage"]["filesystem_folder"] == "/srv/cal1/collections"


def test_the_unit_is_wanted_by_nothing_and_restarted_by_nobody_but_the_cluster() -> None:
    parser = configparser.RawConfigParser(strict=True)
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    parser.read_string(rendered("roles/radicale/templates/unit.j2", program="/p", links="/l"))
    assert "Install" not in parser
    unit = parser["Service"]
    assert (unit["ExecStart"], unit["Restart"], unit["Type"]) == ("/usr/bin/python3 /p /l/%i", "no", "notify")
    # The cluster waits longer than systemd for both, see the table of agents.
    assert int(unit["TimeoutStartSec"]) < 90 > int(unit["TimeoutStopSec"])
    # A question that is answered late, and the next one, fit in.
    assert int(unit["WatchdogSec"]) >= 60


def test_no_template_language_is_in_it() -> None:
    assert not {"{{", "{%", "{#"} & {text[:2] for text in PATH.read_text().split("\n")}
    assert all(mark not in PATH.read_text() for mark in ("{{", "{%", "{#"))


@pytest.mark.parametrize(
    ("hosts", "found"), [("192.0.2.31:5232", ("192.0.2.31", 5232)), ("[2001:db8::31]:443", ("2001:db8::31", 443))]
)
def test_where_it_listens(instance: ModuleType, tmp_path: Path, hosts: str, found: tuple[str, int]) -> None:
    config = tmp_path / "config"
    config.write_text(f"# cal1: 100 % of it\n\n[server]\nhosts = {hosts}\n\n[auth]\nrealm = 100 %\n")
    assert instance.where(config) == found


def test_nobody_there_is_no_answer(instance: ModuleType) -> None:
    assert instance.answers("127.0.0.1", 1) is False


def test_the_watchdog_is_told_of_answers_alone(instance: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    class Ended(Exception):
        pass

    given = iter([False, True, False, True])
    told: list[str] = []
    monkeypatch.setattr(instance, "answers", lambda *_: next(given))
    monkeypatch.setattr(instance, "tell", told.append)
    paused: list[float] = []

    def pause(seconds: float) -> None:
        paused.append(seconds)
        if len(paused) == 4:
            raise Ended

    monkeypatch.setattr(instance.time, "sleep", pause)
    with pytest.raises(Ended):
        instance.watch("192.0.2.31", 5232)
    assert told == ["READY=1\nWATCHDOG=1", "WATCHDOG=1"]
    assert paused == [instance.SOON, instance.LATER, instance.LATER, instance.LATER]


def test_what_is_told_arrives(instance: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        instance.tell("READY=1")
        assert listening.recv(100) == b"READY=1"
