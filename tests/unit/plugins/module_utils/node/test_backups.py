"""Copies of files that are replaced."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.node import backups


@pytest.fixture
def modes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rights of each file at the moment when its first byte is read into it, and when it got its last ones."""
    seen: list[int] = []
    opened = os.open

    def watched(path: Any, flags: int, mode: int = 0o777, **options: Any) -> int:
        descriptor = opened(path, flags, mode, **options)
        if flags & os.O_CREAT:
            assert flags & os.O_EXCL
            seen.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        return descriptor

    monkeypatch.setattr(os, "open", watched)
    return seen


def mode_of(path: Path | str) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_a_copy_is_private_from_its_first_moment_on(tmp_path: Path, modes: list[int], mode: int) -> None:
    original = tmp_path / "key.pem"
    original.write_bytes(b"\xffsecret\n")
    original.chmod(mode)
    os.utime(original, (1, 2))

    copy = backups.keep(str(original))

    assert modes == [0o600]
    assert (Path(copy).read_bytes(), mode_of(copy), os.stat(copy).st_mtime) == (b"\xffsecret\n", mode, 2)
    assert Path(copy).name.startswith(f"key.pem.{os.getpid()}.2")
    assert copy.endswith("~")


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_a_copy_belongs_to_whom_the_file_belongs_to(tmp_path: Path) -> None:
    original = tmp_path / "users"
    original.write_text("secret")
    os.chown(original, 71, 72)
    status = os.stat(backups.keep(str(original)))
    assert (status.st_uid, status.st_gid) == (71, 72)


def test_a_secret_in_a_file_that_all_could_read_is_not_kept_so(tmp_path: Path) -> None:
    original = tmp_path / "users"
    original.touch(mode=0o644)
    original.chmod(0o644)
    assert mode_of(backups.keep(str(original), private=True)) == 0o640


def test_only_the_last_copy_of_a_private_file_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = tmp_path / "users"
    other = tmp_path / "users.old~"
    other.touch()
    original.touch(mode=0o600)
    times = iter(["2026-11-29@10:00:00", "2026-11-29@10:00:00", "2026-11-29@09:00:00"])
    monkeypatch.setattr(time, "strftime", lambda _: next(times))
    for text in ("one", "two", "three"):
        original.write_text(text)
        copy = backups.keep(str(original))
        assert backups.copies_of(str(original)) == [copy]
        assert Path(copy).read_text() == text
    assert other.exists()


def test_copies_of_files_that_all_may_read_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = tmp_path / "main.cf"
    original.write_text("a = 1\n")
    original.chmod(0o644)
    monkeypatch.setattr(time, "strftime", lambda _: "2026-11-29@10:00:00")
    copies = [backups.keep(str(original)) for _ in range(3)]
    assert sorted(backups.copies_of(str(original))) == sorted(copies)
    assert len(set(copies)) == 3


def test_a_copy_that_failed_is_not_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = tmp_path / "users"
    original.write_text("secret")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        backups.keep(str(original))
    assert os.listdir(tmp_path) == ["users"]


def test_a_copy_is_on_disk_with_all_that_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = tmp_path / "users"
    original.write_text("secret")
    original.chmod(0o640)
    os.utime(original, (1, 2))
    on_disk = []

    def sync(descriptor: int) -> None:
        status = os.fstat(descriptor)
        on_disk.append((stat.S_IMODE(status.st_mode), status.st_mtime, status.st_size))

    monkeypatch.setattr(os, "fsync", sync)
    backups.keep(str(original))
    assert on_disk == [(0o640, 2, 6)]


def test_a_file_that_is_replaced_keeps_its_rights_and_a_copy(tmp_path: Path) -> None:
    original = tmp_path / "ics.conf"
    original.write_text("old")
    original.chmod(0o600)

    LocalRunner().replace_file(str(original), "new", backup=True)

    [copy] = backups.copies_of(str(original))
    assert (original.read_text(), mode_of(original)) == ("new", 0o600)
    assert (Path(copy).read_text(), mode_of(copy)) == ("old", 0o600)


def test_a_new_file_is_not_for_all(tmp_path: Path) -> None:
    LocalRunner().replace_file(str(tmp_path / "new"), "text")
    assert mode_of(tmp_path / "new") == 0o640


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_replacement_that_failed_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    original = tmp_path / "ics.conf"
    original.write_text("old")

    def refused(*_: Any) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, failing, refused)
    with pytest.raises(OSError, match="Input/output"):
        LocalRunner().replace_file(str(original), "new")
    assert os.listdir(tmp_path) == ["ics.conf"]
    assert original.read_text() == "old"
