"""Who holds a node, in real files."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.node import directories, holding
from ansible_collections.groupware.ha.plugins.module_utils.node.holding import HoldError, converge

OWN = {
    "run": "aaaa00000000",
    "user": "alice",
    "controller": "control1",
    "machine": "5b1e8d0c",
    "process": "4711",
    "started": "boot 99",
    "playbook": "groupware.ha.site",
}
OTHER = {**OWN, "run": "bbbb00000000", "user": "bob"}


def hold(path: Path, holder: dict[str, Any] = OWN, dry: bool = False, **changed: Any) -> dict[str, Any]:
    given = {
        "state": "held",
        "subject": "cluster office",
        "timeout": 0,
        "take_over": None,
        "directory": str(path / "run"),
    }
    return converge({**given, "holder": holder, **changed}, dry)


def there(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((path / "run" / "hold.json").read_text())
    return found


def test_a_node_is_held_and_given_back(tmp_path: Path) -> None:
    first = hold(tmp_path)

    assert (first["changed"], first["held"], first["holder"]) == (True, True, None)
    assert {name: there(tmp_path)[name] for name in OWN} == OWN
    assert there(tmp_path)["subject"] == "cluster office"
    assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "run" / "hold.json").stat().st_mode) == 0o600
    again = hold(tmp_path)
    assert (again["changed"], again["held"]) == (False, True)
    released = hold(tmp_path, state="released")
    assert (released["changed"], released["held"]) == (True, False)
    assert sorted(os.listdir(tmp_path / "run")) == ["lock"]
    assert hold(tmp_path, state="released")["changed"] is False


def test_what_another_holds_is_neither_taken_nor_given_back(tmp_path: Path) -> None:
    hold(tmp_path, OTHER)

    found = hold(tmp_path)
    released = hold(tmp_path, state="released")

    assert (found["changed"], found["held"], found["holder"]["user"]) == (False, False, "bob")
    assert released["changed"] is False
    assert there(tmp_path)["run"] == OTHER["run"]


def test_only_the_run_that_was_named_is_taken_over(tmp_path: Path) -> None:
    hold(tmp_path, OTHER)

    refused = hold(tmp_path, take_over="cccc00000000")
    planned = hold(tmp_path, take_over=OTHER["run"], dry=True)
    done = hold(tmp_path, take_over=OTHER["run"])

    assert (refused["held"], refused["taken_over"]) == (False, None)
    assert (planned["changed"], planned["held"], planned["taken_over"]["user"]) == (True, False, "bob")
    assert (done["changed"], done["held"], done["taken_over"]["user"]) == (True, True, "bob")
    assert there(tmp_path)["user"] == "alice"


def test_check_mode_takes_nothing_and_tells_who_holds(tmp_path: Path) -> None:
    assert hold(tmp_path, dry=True)["changed"] is True
    assert list(tmp_path.iterdir()) == []
    hold(tmp_path, OTHER)
    found = hold(tmp_path, dry=True, timeout=60)
    assert (found["changed"], found["holder"]["user"]) == (False, "bob")
    assert hold(tmp_path, OTHER, state="released", dry=True)["changed"] is True
    assert there(tmp_path)["user"] == "bob"


def test_it_is_held_as_soon_as_it_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hold(tmp_path, OTHER)
    slept = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            hold(tmp_path, OTHER, state="released")

    monkeypatch.setattr(holding.time, "sleep", sleep)

    assert hold(tmp_path, timeout=60)["held"]
    assert len(slept) == 3


def test_waiting_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hold(tmp_path, OTHER)
    now = [0.0]
    monkeypatch.setattr(holding.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(holding.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))

    assert not hold(tmp_path, timeout=7)["held"]
    assert now[0] == 7


@pytest.mark.parametrize(
    "content",
    [
        "",
        '{"run": "aaaa',
        "[]",
        "hello",
        '{"run": "aaaa00000000"}',
        json.dumps({**OWN, "subject": "x", "login": "root", "since": 7}),
        json.dumps({**OWN, "subject": "x", "login": "root", "since": "a\nb"}),
        json.dumps({**OWN, "subject": "x" * 300, "login": "root", "since": ""}),
        "\0" * 100000,
        "9" * 100000,
        "[" * 60000,
    ],
)
def test_what_is_in_the_file_is_not_believed_blindly(tmp_path: Path, content: str) -> None:
    hold(tmp_path)
    (tmp_path / "run" / "hold.json").write_text(content)

    for state in ("held", "released"):
        for dry in (False, True):
            with pytest.raises(HoldError, match=r"hold\.json does not say who holds this node: .* remove the file"):
                hold(tmp_path, state=state, dry=dry)
    assert (tmp_path / "run" / "hold.json").read_text() == content


@pytest.mark.parametrize("kind", ["directory", "link", "pipe"])
def test_what_is_no_file_is_refused(tmp_path: Path, kind: str) -> None:
    hold(tmp_path)
    file = tmp_path / "run" / "hold.json"
    file.unlink()
    if kind == "directory":
        file.mkdir()
    elif kind == "link":
        (tmp_path / "elsewhere").write_text("{}")
        file.symlink_to(tmp_path / "elsewhere")
    else:
        os.mkfifo(file)

    with pytest.raises(HoldError, match="it is no file"):
        hold(tmp_path)


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_directory_that_others_write_to_is_refused(tmp_path: Path, mode: int) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run").chmod(mode)

    with pytest.raises(HoldError, match="can be written to by others"):
        hold(tmp_path)
    assert list((tmp_path / "run").iterdir()) == []


def test_what_is_no_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir(mode=0o700)
    (tmp_path / "run").symlink_to(tmp_path / "other")

    with pytest.raises(HoldError, match="is no directory"):
        hold(tmp_path)


@pytest.mark.parametrize("name", sorted(OWN))
@pytest.mark.parametrize("value", ["a\nb", "\x1b[31m", "x" * 201, None, 7])
def test_what_a_run_says_of_itself_is_judged(tmp_path: Path, name: str, value: Any) -> None:
    with pytest.raises(DescriptionError, match=rf"holder\.{name}"):
        hold(tmp_path, {**OWN, name: value})
    assert list(tmp_path.iterdir()) == []


def test_of_many_at_once_one_gets_it(tmp_path: Path) -> None:
    results: list[dict[str, Any]] = []
    start = threading.Barrier(8)

    def take(number: int) -> None:
        start.wait()
        results.append(hold(tmp_path, {**OWN, "run": f"run{number}"}))

    threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(results) == 8
    assert [result["held"] for result in results].count(True) == 1
    assert [result["changed"] for result in results].count(True) == 1


def test_the_place_does_not_survive_a_reboot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directories.platform, "system", lambda: "Linux")
    assert directories.volatile() == "/run/groupware-ha"
    monkeypatch.setattr(directories.platform, "system", lambda: "SunOS")
    assert directories.volatile() == "/var/run/groupware-ha"
