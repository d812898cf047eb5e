"""Settings of a server: judged, taken over by a restart, put back."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandResult
from ansible_collections.groupware.ha.plugins.module_utils.node.files import FileStateError
from ansible_collections.groupware.ha.plugins.module_utils.products.database_settings import (
    Settings,
    SettingsError,
    content,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.fake_mariadb import FakeMariadb

SETTINGS = {"server_id": "1", "init_connect": "SET NAMES utf8mb4"}


@dataclass
class Node(FakeMariadb):
    """A node on which the server runs, or does not.

    :ivar refuses: whether the program takes the files that it reads
    :ivar fails: words in the file with which the server does not start
    """

    file: Path = Path("/nowhere")
    running: bool = True
    since: float = field(default_factory=lambda: time.time() - 100)
    judgement: str = ""
    status: int = 0
    fails: str = "\0"
    judged: list[str] = field(default_factory=list)
    restarts: int = 0
    programs: tuple[str, ...] = ("mariadb", "mariadbd", "systemctl")

    def run(self, argv: Sequence[str], *, record: bool = True, **given: object) -> CommandResult:  # type: ignore[override]
        """As the node would."""
        said = self._said(list(argv), record)
        return super().run(argv, stdin=given.get("stdin")) if said is None else said  # type: ignore[arg-type]

    def _said(self, argv: list[str], record: bool) -> CommandResult | None:
        if argv[0] == "mariadbd":
            listed = Path(argv[1].partition("=")[2]).read_text()
            self.judged = [Path(path).read_text() for path in re.findall(r"!include (\S+)", listed)]
            return CommandResult(tuple(argv), self.status, "", self.judgement)
        if argv[:2] == ["systemctl", "show"]:
            state = "active" if self.running else "inactive"
            began = time.strftime("%a %Y-%m-%d %H:%M:%S.000000 UTC", time.gmtime(self.since))
            return CommandResult(tuple(argv), 0, f"ActiveState={state}\nExecMainStartTimestamp={began}\n", "")
        if argv[:2] == ["systemctl", "restart"]:
            assert record
            self.restarts += 1
            self.running = not (self.file.exists() and self.fails in self.file.read_text())
            return CommandResult(tuple(argv), 0 if self.running else 1, "", "")
        if argv[0] == "journalctl":
            return CommandResult(tuple(argv), 0, "x [Note] y\n2026 0 [ERROR] mariadbd: cannot allocate\n", "")
        return None


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    (tmp_path / "50-server.cnf").write_text("[mysqld]\nport = 3306\n")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return Node({"SELECT 1": []}, file=tmp_path / "90-groupware-ha.cnf")


@pytest.fixture(autouse=True)
def as_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files belong to whoever runs the tests."""
    monkeypatch.setattr("os.chown", lambda *_given: None)


def settings(node: Node, given: dict[str, str] = SETTINGS) -> Settings:
    return Settings(node, given, str(node.file))


def test_they_are_written_and_taken_over(node: Node) -> None:
    result = settings(node).converge()

    assert (result["changed"], result["restarted"], result["started"]) == (True, True, False)
    assert node.file.read_text() == content(SETTINGS)
    assert 'init_connect = "SET NAMES utf8mb4"\n' in node.file.read_text()
    # With the distribution's, which a start reads as well, and in its order.
    assert node.judged == ["[mysqld]\nport = 3306\n", content(SETTINGS)]

    node.since = time.time() + 10
    again = settings(node).converge()
    assert not again["changed"]
    assert node.restarts == 1


def test_one_that_was_not_restarted_is(node: Node) -> None:
    """A run that was cut short may have written them."""
    settings(node).converge()
    node.since = time.time() - 100

    assert settings(node).converge()["restarted"]


def test_one_that_does_not_run_is_started(node: Node) -> None:
    node.file.write_text(content(SETTINGS))
    node.running = False
    result = settings(node).converge()

    assert (result["changed"], result["restarted"], result["started"]) == (True, False, True)


def test_check_mode_judges_and_does_nothing(node: Node) -> None:
    node.dry = True
    result = settings(node).converge()

    assert result["changed"]
    assert result["diff"][0]["after"].endswith(content(SETTINGS))
    assert node.judged
    assert not node.file.exists()
    assert node.restarts == 0


@pytest.mark.parametrize(
    ("status", "judgement", "words"),
    [
        (7, "2026-12-01  5:48:01 0 [ERROR] mariadbd: unknown variable 'x=3'", "\"unknown variable 'x=3'\""),
        (
            0,
            "2026 0 [Warning] Buffered warning: option 'server_id': unsigned value 0 adjusted to 1",
            "option 'server_id': unsigned value 0 adjusted to 1",
        ),
        (1, "", "exit status 1"),
    ],
)
def test_what_the_server_does_not_take(node: Node, status: int, judgement: str, words: str) -> None:
    node.status, node.judgement = status, judgement
    for dry in (True, False):
        node.dry = dry
        with pytest.raises(SettingsError, match="nothing was changed, since mariadbd does not take") as refused:
            settings(node).converge()
        assert words in str(refused.value)
    assert not node.file.exists()
    assert node.restarts == 0


def test_warnings_of_others_are_none_of_it(node: Node) -> None:
    node.judgement = "2026 0 [Warning] Buffered warning: option 'max_connections': value 9 adjusted to 10"

    assert settings(node).converge()["changed"]


def test_a_server_that_does_not_start_gets_the_former_ones_back(node: Node) -> None:
    settings(node).converge()
    node.fails = "too_much"

    with pytest.raises(SettingsError) as refused:
        settings(node, {**SETTINGS, "too_much": "1"}).converge()
    assert "does not start with its settings: 'mariadbd: cannot allocate'" in str(refused.value)
    assert str(refused.value).endswith("The former settings have been put back, and it runs with them")
    assert node.file.read_text() == content(SETTINGS)
    assert node.running


def test_where_there_were_none_none_are_left(node: Node) -> None:
    node.fails = "server_id"

    with pytest.raises(SettingsError, match="and it runs with them"):
        settings(node).converge()
    assert not node.file.exists()


def test_something_else_in_its_place(node: Node) -> None:
    node.file.mkdir()

    with pytest.raises(FileStateError, match="is a directory"):
        settings(node).converge()
