"""Programs that are told when a file of theirs is written, also after a run that was cut off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandResult, LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.node import readers
from ansible_collections.groupware.ha.plugins.module_utils.node.readers import Reader, telling, to_be_told

READER = Reader("syslogd", [["first"], ["second"]])
READERS = {"node:syslog": READER, "node:other": Reader("other", [["other"]])}


class Node(LocalRunner):
    """Its programs end as they are to; what they are told is kept."""

    def __init__(self, failing: str = "", dry: bool = False) -> None:
        super().__init__(dry=dry)
        self.failing, self.told = failing, list[str]()

    def run(self, argv: Sequence[str], **options: Any) -> CommandResult:  # noqa: ARG002
        if argv[0] == self.failing:
            raise CommandError(argv, "ended with status 1")
        self.told.append(argv[0])
        return CommandResult(tuple(argv), 0, "", "")


@pytest.fixture(autouse=True)
def volatile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(readers, "volatile", lambda: str(tmp_path / "run"))
    return tmp_path / "run"


def test_who_is_told() -> None:
    assert to_be_told(READERS, ["node:syslog", "another"]) == [READER]
    assert to_be_told(READERS, []) == []


def test_they_are_told_when_all_is_written(volatile: Path) -> None:
    node = Node()
    with telling([READER], node):
        assert READER.waits
        assert node.told == []
    assert node.told == ["first", "second"]
    assert not READER.waits
    assert (volatile / "to-be-told").stat().st_mode & 0o777 == volatile.stat().st_mode & 0o777 == 0o700


def cut_off() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("write", [cut_off, list])
def test_the_run_after_one_that_was_cut_off_tells_them(write: Callable[[], object]) -> None:
    """Cut off while files are written, or while their readers are told."""
    with pytest.raises((KeyboardInterrupt, CommandError)), telling([READER], Node(failing="second")):
        write()

    assert to_be_told(READERS, []) == [READER]
    node = Node()
    with telling(to_be_told(READERS, []), node):
        pass
    assert node.told == ["first", "second"]
    assert to_be_told(READERS, []) == []


def test_check_mode_tells_nobody_and_notes_nothing(volatile: Path) -> None:
    node = LocalRunner(dry=True)
    with telling([READER], node):
        pass
    assert node.commands == ["first", "second"]
    assert not volatile.exists()
