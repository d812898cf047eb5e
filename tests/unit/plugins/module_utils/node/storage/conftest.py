"""Files, and loop devices on files, that stand for the devices of a node."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.node.storage import devices, model

_real_number = devices.device_number


def number(path: str) -> str | None:
    """A device number for files, too."""
    if os.path.isfile(path):
        return f"0:{os.stat(path).st_ino}"
    return _real_number(path)


@pytest.fixture
def files_are_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have files count as block devices: wipefs, blkid and mkfs take both."""
    monkeypatch.setattr(devices, "device_number", number)


Attach = Callable[[Path], str]


@pytest.fixture
def attach() -> Iterator[Attach]:
    """Make loop devices on files, which real devices they are; they are taken away afterwards."""
    if os.geteuid() != 0 or not stat.S_ISCHR(_mode("/dev/loop-control")):
        pytest.skip("loop devices need root; the same cases run on files, and in the Molecule scenario shared_storage")
    attached = []

    def make(path: Path) -> str:
        argv = ["losetup", "--find", "--show", str(path)]
        device = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()
        attached.append(device)
        return device

    yield make
    for device in attached:
        subprocess.run(["losetup", "--detach", device], check=True)


def _mode(path: str) -> int:
    try:
        return os.stat(path).st_mode
    except OSError:
        return 0


@pytest.fixture
def files(tmp_path: Path) -> model.SystemFiles:
    """A lock of the test's own."""
    return model.SystemFiles(lock=str(tmp_path / "lock"))


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory that programs are looked for in first."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return folder
