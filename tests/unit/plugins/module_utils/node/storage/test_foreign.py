"""Nothing is formatted over: every kind of content that is not the described one is refused, and stays as it is."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.node.storage import (
    devices,
    executing,
    model,
    planning,
    reading,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.node.storage.conftest import Attach
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.node.storage.foreign import (
    CASES,
    MIB,
    MISSING,
    Foreign,
    put,
)


def test_the_programs_that_make_foreign_content_are_there() -> None:
    assert MISSING == []


def volume_on(path: str, tmp_path: Path) -> model.Volume:
    return model.Volume("mail1", (path,), "ext4", str(tmp_path / "srv/mail1"), ("nodea", "nodeb"), "nodea")


def refusal(path: str, tmp_path: Path) -> str:
    """The one reason why a volume is not made, after making sure that nothing was run."""
    volume, runner = volume_on(path, tmp_path), LocalRunner()
    plan = planning.make_plan([volume], reading.read_state([volume], "nodea", runner))
    with pytest.raises(model.StorageError, match="Nothing was touched on the volumes") as refused:
        executing.execute(plan, runner)
    assert runner.commands == []
    assert not Path(volume.mount_point).exists()
    (problem,) = refused.value.problems
    return problem


def image(tmp_path: Path, size: int) -> Path:
    path = tmp_path / "mail1.img"
    with path.open("wb") as file:
        file.truncate(size)
    return path


def touched(path: Path) -> tuple[int, int]:
    """What changes when a file is written to, through a loop device too."""
    status = path.stat()
    return status.st_mtime_ns, status.st_blocks


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A directory in memory where there is one: the images are large."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as directory:
        yield Path(directory)


@pytest.fixture(params=["file", "loop device"])
def as_device(request: pytest.FixtureRequest) -> Any:
    """What makes a device of a file: nothing, or losetup."""
    if request.param == "file":
        request.getfixturevalue("files_are_devices")
        return str
    return request.getfixturevalue("attach")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.usefixtures("files_are_devices")
def test_foreign_content_is_refused_and_stays(tmp_path: Path, case: Foreign) -> None:
    refused_and_kept(tmp_path, str, case)


@pytest.mark.parametrize("case", CASES[::4], ids=lambda case: case.name)
def test_foreign_content_is_refused_on_block_devices_too(tmp_path: Path, attach: Attach, case: Foreign) -> None:
    refused_and_kept(tmp_path, attach, case)


def refused_and_kept(tmp_path: Path, as_device: Attach, case: Foreign) -> None:
    path = image(tmp_path, case.size)
    case.make(path)
    before = touched(path)
    problem = refusal(as_device(path), tmp_path)
    assert re.search(case.says, problem), problem
    assert "shared_storage_destroy" in problem
    assert touched(path) == before


def test_an_empty_device_is_taken(tmp_path: Path, as_device: Any) -> None:
    for size in (256 * MIB, 40 * MIB, 33 * MIB + 512):
        volume = volume_on(as_device(image(tmp_path, size)), tmp_path)
        state = reading.read_state([volume], "nodea", LocalRunner())
        assert state.devices[volume.devices[0]].empty
        assert planning.make_plan([volume], state).problems == []
        (tmp_path / "mail1.img").unlink()


@pytest.mark.usefixtures("files_are_devices")
class TestUnfinishedXfs:
    """A mkfs.xfs that was killed leaves the signature of XFS, and no kernel mounts that: the volume is not prepared."""

    @pytest.fixture
    def volume(self, tmp_path: Path) -> model.Volume:
        path = image(tmp_path, 320 * MIB)
        subprocess.run(["mkfs.xfs", "-q", path], check=True)
        # sb_inprogress, which mkfs.xfs clears by its last write.
        put(path, 126, b"\1")
        return replace(volume_on(str(path), tmp_path), filesystem="xfs")

    def test_is_refused_and_can_be_given_up(self, volume: model.Volume) -> None:
        state = reading.read_state([volume], "nodea", LocalRunner())
        (problem,) = planning.make_plan([volume], state).problems
        assert re.search("holds unfinished xfs .UUID .*, and an empty device or xfs is needed", problem)

        (path,) = volume.devices
        named = model.Destruction(path, "unfinished xfs", state.devices[path].identity)
        plan = planning.make_plan([volume], state, [named])
        executing.execute(plan, LocalRunner())
        again = planning.make_plan([volume], reading.read_state([volume], "nodea", LocalRunner()))
        assert (again.steps, again.problems) == ([], [])

    def test_may_be_in_the_making_where_another_node_looks(self, volume: model.Volume) -> None:
        plan = planning.make_plan([volume], reading.read_state([volume], "nodeb", LocalRunner()))
        assert plan.problems == []
        assert model.planned_commands(plan) == []


class TestNotKnown:
    """What cannot be read is not known to be empty."""

    def test_a_device_of_no_size(self, tmp_path: Path, as_device: Any) -> None:
        assert "has a size of 0 bytes; it is not known what is on it" in refusal(
            as_device(image(tmp_path, 0)), tmp_path
        )

    @pytest.mark.parametrize("cut", [0, 1024, 32 * MIB, 64 * MIB - 4096])
    def test_a_device_with_blocks_that_cannot_be_read(self, tmp_path: Path, attach: Attach, cut: int) -> None:
        path = image(tmp_path, 64 * MIB)
        device = attach(path)
        # The kernel still takes it for 64 MiB.
        os.truncate(path, cut)
        problem = refusal(device, tmp_path)
        assert "cannot be read: Input/output error; it is not known what is on it" in problem

    @pytest.mark.parametrize("number", [0, 1, 17])
    @pytest.mark.usefixtures("files_are_devices")
    def test_a_read_that_fails(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
        reads = []

        def fails(_: int, buffers: Any, offset: int) -> int:
            reads.append(offset)
            if len(reads) > number:
                raise OSError(errno.EIO, "Input/output error")
            return length(buffers)

        monkeypatch.setattr(os, "preadv", fails)
        assert "cannot be read: Input/output error" in refusal(str(image(tmp_path, 256 * MIB)), tmp_path)

    @pytest.mark.parametrize("missing", [1, 512, MIB])
    @pytest.mark.parametrize("number", [0, 1, 17])
    @pytest.mark.usefixtures("files_are_devices")
    def test_a_short_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, missing: int) -> None:
        reads = []

        def short(_: int, buffers: Any, offset: int) -> int:
            reads.append(offset)
            return max(0, length(buffers) - (missing if len(reads) > number else 0))

        monkeypatch.setattr(os, "preadv", short)
        problem = refusal(str(image(tmp_path, 256 * MIB)), tmp_path)
        assert re.search(r"cannot be read: \d+ bytes instead of \d+ at byte \d+; it is not known", problem)

    @pytest.mark.usefixtures("files_are_devices")
    def test_a_device_that_cannot_be_opened(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = image(tmp_path, MIB)
        real = os.open

        def refused(name: str, flags: int, *more: Any, **named: Any) -> int:
            if name == str(path):
                raise OSError(errno.ENXIO, "No such device or address")
            return real(name, flags, *more, **named)

        with monkeypatch.context() as patched:
            patched.setattr(os, "open", refused)
            assert "cannot be opened: No such device or address" in refusal(str(path), tmp_path)


def length(buffers: Any) -> int:
    return sum(len(buffer) for buffer in buffers)


class TestPastThePageCache:
    """On shared storage another node writes; what this node has in its cache is not what is on the device.

    The other node is somebody who writes to the file behind the loop device.
    """

    def test_data_is_seen(self, tmp_path: Path, attach: Attach) -> None:
        path = image(tmp_path, 256 * MIB)
        device = attach(path)
        # The cache lives as long as somebody has the device open.
        with open(device, "rb") as kept:
            assert kept.read(MIB) == bytes(MIB)
            put(path, 5000, b"data")
            kept.seek(0)
            assert kept.read(MIB) == bytes(MIB)
            assert devices.look_at(device).data_at == 5000

    def test_another_file_system_is_seen(self, tmp_path: Path, attach: Attach) -> None:
        path = image(tmp_path, 32 * MIB)
        subprocess.run(["mkfs.ext4", "-q", "-F", path], check=True)
        device = attach(path)
        volume = volume_on(device, tmp_path)

        def uuids() -> list[str]:
            state = reading.read_state([volume], "nodeb", LocalRunner(), inspection=True)
            seen = model.summary([volume], state)["mail1"]["devices"][device]["uuids"]
            assert isinstance(seen, list)
            return seen

        with open(device, "rb"):
            before = uuids()
            other = tmp_path / "other.img"
            other.write_bytes(bytes(32 * MIB))
            subprocess.run(["mkfs.ext4", "-q", "-F", other], check=True)
            put(path, 0, other.read_bytes()[: 2 * MIB])
            assert uuids() != before

    def test_direct_reads_are_asked_for(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Also where there are no loop devices."""
        flags = []
        real = os.open
        monkeypatch.setattr(os, "open", lambda path, mode: flags.append(mode) or real(path, mode))
        devices.look_at(str(image(tmp_path, MIB)))
        assert flags[0] & os.O_DIRECT


class TestPlaces:
    """Where a device is read."""

    @pytest.mark.parametrize("size", [512, 4096, MIB, 3 * MIB + 512, 64 * MIB])
    def test_small_devices_are_read_wholly(self, size: int) -> None:
        places = list(devices.places(size))
        assert places[0][0] == 0
        assert all(before[0] + before[1] == after[0] for before, after in pairwise(places))
        assert sum(places[-1]) == size

    @pytest.mark.parametrize("size", [65 * MIB, 256 * MIB, 1024**3, 300 * 1024**3 + 512, 1024**4, 20 * 1024**4])
    def test_large_devices_are_read_where_it_matters(self, size: int) -> None:
        places = list(devices.places(size))
        assert all(before[0] + before[1] <= after[0] for before, after in pairwise(places))
        assert all(offset % 4096 == 0 and 0 < length <= MIB for offset, length in places)
        assert sum(places[-1]) == size

        def is_read(start: int, end: int) -> bool:
            """Whether all of it is read, by places that may lie side by side."""
            for offset, length in places:
                if offset <= start < offset + length:
                    start = offset + length
            return start >= end

        assert is_read(0, 2 * MIB)
        assert is_read(size - MIB, size)
        for copy in (8 * MIB + 1024, 24 * MIB + 1024, 32 * MIB, 64 * MIB, 128 * MIB, 384 * MIB, 243 * 128 * MIB):
            assert copy + 1024 > size or is_read(copy, copy + 1024)
        for quarter in (1, 2, 3):
            assert is_read(-(-(size // 4096) // 4) * quarter * 4096, -(-(size // 4096) // 4) * quarter * 4096 + 512)
        # No gap is as long as two parts, and all in all it is little.
        assert max(after[0] - sum(before) for before, after in pairwise(places)) <= size / 512
        assert sum(length for _, length in places) < 70 * MIB

    def test_every_allocation_group_of_xfs_is_read(self) -> None:
        """They have 1 TiB at most, and a large device more of them than its even division has parts."""
        tebibyte = 1024**4
        places = list(devices.places(40 * tebibyte + 4096))
        for copy in range(tebibyte, 41 * tebibyte, tebibyte):
            assert any(offset <= copy < offset + length for offset, length in places)


class TestUsage:
    """Whether somebody has used a file system."""

    @pytest.mark.parametrize("filesystem", ["ext3", "ext4", "xfs"])
    def test_a_new_one_was_not_and_a_mounted_one_was(self, tmp_path: Path, attach: Attach, filesystem: str) -> None:
        path = image(tmp_path, 320 * MIB)
        device = attach(path)
        subprocess.run([f"mkfs.{filesystem}", "-q", device], check=True)
        assert not devices.was_ever_mounted(device, filesystem)
        mount_point = tmp_path / "mounted"
        mount_point.mkdir()
        subprocess.run(["mount", "-t", filesystem, device, mount_point], check=True)
        try:
            (mount_point / "mail").write_text("kept")
        finally:
            subprocess.run(["umount", mount_point], check=True)
        assert devices.was_ever_mounted(device, filesystem)

    def test_what_cannot_be_read_counts_as_used(self) -> None:
        assert devices.was_ever_mounted("/nonexistent", "ext4")
