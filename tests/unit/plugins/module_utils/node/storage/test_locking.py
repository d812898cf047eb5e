"""One run at a time on a node, wherever it was started."""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import SEARCH_PATH, LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.node.storage import (
    locking,
    model,
    preparing,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.node.storage.disks import (
    disk,
    options,
    volume_on,
    write_program,
)

pytestmark = pytest.mark.usefixtures("files_are_devices")


class TestNodeLock:
    """One run at a time on a node."""

    def test_the_second_waits_for_the_first(self, files: model.SystemFiles) -> None:
        order = []

        def second() -> None:
            with locking.node_lock(LocalRunner(), files, wait=30):
                order.append("second")

        with locking.node_lock(LocalRunner(), files):
            waiter = threading.Thread(target=second)
            waiter.start()
            waiter.join(timeout=0.5)
            order.append("first")
        waiter.join()
        assert order == ["first", "second"]

    def test_it_is_refused_by_name_if_that_takes_too_long(
        self, tmp_path: Path, files: model.SystemFiles, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSH_CONNECTION", "192.0.2.7 50000 192.0.2.11 22")
        monkeypatch.setenv("SUDO_USER", "alice")
        path, runner = disk(tmp_path), LocalRunner()
        with (
            locking.node_lock(LocalRunner(), files),
            pytest.raises(
                model.StorageError,
                match=rf"another run prepares volumes on this node, and has not ended within 0.3 seconds: process "
                rf"{os.getpid()} of alice from 192.0.2.7, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d \+\d{{4}}; wait until",
            ),
        ):
            preparing.run(options(volume_on(path)), "nodea", runner, check=False, files=files, wait=0.3)
        assert runner.commands == []

    def test_it_is_waited_for_a_minute_whoever_it_is(self, files: model.SystemFiles) -> None:
        class Hurried(LocalRunner):
            """Its time passes while it waits."""

            now = 0.0

            def clock(self) -> float:
                return self.now

            def pause(self, seconds: float) -> None:
                self.now += seconds

        with open(files.lock, "w", encoding="utf-8") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            runner = Hurried()
            refused = pytest.raises(model.StorageError, match="has not ended within 60 seconds: somebody; wait until")
            with refused, locking.node_lock(runner, files):
                pass
        assert 60 <= runner.now < 61

    def test_what_only_reads_does_not_wait(self, tmp_path: Path, files: model.SystemFiles) -> None:
        given = options(volume_on(disk(tmp_path)))
        with locking.node_lock(LocalRunner(), files):
            preparing.run(given, "nodea", LocalRunner(), check=True, files=files, wait=0)
            preparing.run({**given, "state": "inspected"}, "nodea", LocalRunner(), check=False, files=files, wait=0)

    def test_the_state_is_read_when_the_other_has_ended(
        self, tmp_path: Path, files: model.SystemFiles, programs: Path
    ) -> None:
        """Two controllers at once make one file system."""
        path = disk(tmp_path)
        write_program(programs, "mkfs.ext4", f'echo made >>{tmp_path}/made; PATH={SEARCH_PATH} exec mkfs.ext4 "$@"')
        given = options(volume_on(path))
        runs = [
            threading.Thread(
                target=preparing.run, args=(given, "nodea", LocalRunner()), kwargs={"check": False, "files": files}
            )
            for _ in range(3)
        ]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
        assert (tmp_path / "made").read_text() == "made\n"

    def test_without_privileges_it_says_so(self, tmp_path: Path) -> None:
        files = model.SystemFiles(lock=str(tmp_path / "missing" / "lock"))
        with (
            pytest.raises(model.StorageError, match="volumes are prepared by root"),
            locking.node_lock(LocalRunner(), files),
        ):
            pass

    def test_a_link_is_not_followed(self, tmp_path: Path, files: model.SystemFiles) -> None:
        target = tmp_path / "precious"
        target.write_text("kept")
        os.symlink(target, files.lock)
        with pytest.raises(model.StorageError, match="cannot be opened"), locking.node_lock(LocalRunner(), files):
            pass
        assert target.read_text() == "kept"


def test_nothing_is_left_open(tmp_path: Path, files: model.SystemFiles) -> None:
    """An open device is one that LVM cannot remove, and a lock that is still held."""
    given = options(volume_on(disk(tmp_path)))
    before = len(os.listdir("/proc/self/fd"))
    for check in (True, False, False):
        preparing.run(given, "nodea", LocalRunner(), check=check, files=files)
        assert len(os.listdir("/proc/self/fd")) == before
    with pytest.raises(model.StorageError), locking.node_lock(LocalRunner(), model.SystemFiles(lock=str(tmp_path))):
        pass
    with locking.node_lock(LocalRunner(), files), pytest.raises(model.StorageError, match="another run"):
        preparing.run(given, "nodea", LocalRunner(), check=False, files=files, wait=0)
    path = given["volumes"][0]["device"]
    with open(path, "rb") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        locked = pytest.raises(model.StorageError, match="is locked by")
        with locked, locking.device_locks([path], LocalRunner(), files, wait=0):
            pass
    assert len(os.listdir("/proc/self/fd")) == before
