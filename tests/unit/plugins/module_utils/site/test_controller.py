"""What a run is known by on its controller, and whether another one from there is gone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandResult, LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.site import controller
from ansible_collections.groupware.ha.plugins.module_utils.site.controller import Controller

OWN = os.getpid()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A machine with one process, whose name is meant to confuse."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/machine-id").write_text("0123456789abcdef\n")
    (tmp_path / "proc/sys/kernel/random").mkdir(parents=True)
    (tmp_path / "proc/sys/kernel/random/boot_id").write_text("boot1\n")
    (tmp_path / "proc/self/ns").mkdir(parents=True)
    (tmp_path / "proc/self/ns/pid").symlink_to("pid:[4026531836]")
    stat(tmp_path, OWN, "S", 12345)
    return tmp_path


def stat(root: Path, process: int, state: str, started: int) -> None:
    (root / f"proc/{process}").mkdir(exist_ok=True)
    fields = " ".join(["0"] * 18)
    (root / f"proc/{process}/stat").write_text(f"{process} (a) b (c) {state} {fields} {started} 0 0\n")


def test_a_run_is_the_same_for_all_its_tasks_and_no_other(root: Path) -> None:
    here = Controller(root=str(root))
    first = here.run(OWN, ["groupware.ha.site"])

    assert here.run(OWN, ["groupware.ha.site"]) == first
    assert first["started"] == "boot1 12345"
    assert first["process"] == str(OWN)
    assert "0123456789abcdef" not in "".join(first.values()), "it is not told"
    stat(root, OWN, "S", 12346)
    assert here.run(OWN, ["groupware.ha.site"])["run"] != first["run"]


def test_what_it_says_of_itself_stands_in_one_line(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "alice\nroot")
    monkeypatch.setattr(controller.platform, "node", lambda: "control\x1b[1m")

    told = Controller(root=str(root)).run(OWN, ["a\nb.yml", "x" * 300])

    assert all(value.isprintable() and len(value) <= 200 for value in told.values())
    assert told["user"].startswith("alice?root as ")


def test_a_process_that_is_there_is_not_gone(root: Path) -> None:
    here = Controller(root=str(root))
    holder = here.run(OWN, [])

    assert here.seen(holder)
    assert not here.gone(holder)


@pytest.mark.parametrize("change", ["another with its number", "ended", "rebooted"])
def test_a_process_that_is_gone_is_seen_to_be(root: Path, change: str) -> None:
    here = Controller(root=str(root))
    holder = here.run(OWN, [])

    if change == "another with its number":
        stat(root, OWN, "S", 99999)
    elif change == "rebooted":
        (root / "proc/sys/kernel/random/boot_id").write_text("boot2\n")
    else:
        ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
        holder = {**holder, "process": ended.stdout.decode().strip()}

    assert here.gone(holder)
    assert not here.seen(holder)


@pytest.mark.parametrize("change", ["machine", "container", "name", "no identity", "hidden", "no number"])
def test_what_cannot_be_seen_is_not_taken_for_gone(root: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    here = Controller(root=str(root))
    holder = here.run(OWN, [])
    (root / f"proc/{OWN}/stat").unlink()
    if change == "machine":
        (root / "etc/machine-id").write_text("another\n")
    elif change == "container":
        (root / "proc/self/ns/pid").unlink()
        (root / "proc/self/ns/pid").symlink_to("pid:[4026532000]")
    elif change == "name":
        monkeypatch.setattr(controller.platform, "node", lambda: "another")
    elif change == "no identity":
        (root / "etc/machine-id").unlink()
        holder = {**holder, "machine": ""}
    elif change == "no number":
        holder = {**holder, "process": "-1"}

    assert not here.gone(holder)
    assert here.seen(holder) == (change == "hidden"), "there is a process of that number, of which no more is told"


class Ps(LocalRunner):
    """Says what ps does."""

    said = "Mon Nov 30  21:50:03 2026\n"

    def run(self, argv: Any, **_options: Any) -> CommandResult:
        assert argv[0] == "ps"
        return CommandResult(tuple(argv), 0 if self.said else 1, self.said, "")


def test_where_there_are_no_files_of_processes_ps_is_asked(root: Path) -> None:
    (root / "proc/sys/kernel/random/boot_id").unlink()
    ps = Ps()
    here = Controller(ps, str(root))
    holder = here.run(4711, [])

    assert holder["started"] == "Mon Nov 30 21:50:03 2026"
    assert here.seen(holder)
    ps.said = ""
    assert here.gone(holder)
    assert not here.gone({**holder, "user": "somebody else, whose processes may be hidden"})


def test_this_machine_answers() -> None:
    here = Controller()
    holder = here.run(OWN, ["site.yml"])

    assert holder["started"]
    assert not here.gone(holder)
