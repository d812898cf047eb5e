"""What is planned is done, once, with a last look before each step; files and loop devices stand for disks."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import subprocess
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import SEARCH_PATH, LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.node.storage import (
    devices,
    executing,
    model,
    planning,
    preparing,
    reading,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.node.storage.conftest import Attach
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.node.storage.disks import (
    disk,
    options,
    volume_on,
    write_program,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.node.storage.foreign import (
    MIB,
    physical_volume,
    put,
)

pytestmark = pytest.mark.usefixtures("files_are_devices")


class TestRuns:
    """Whole runs."""

    def test_check_do_do_again_check_again(self, tmp_path: Path, files: model.SystemFiles) -> None:
        given = options(volume_on(disk(tmp_path)))
        outcomes = []
        for check in (True, False, False, True):
            runner = LocalRunner()
            outcome = preparing.run(given, "nodea", runner, check=check, files=files)
            assert runner.commands == ([] if check else model.planned_commands(outcome.plan))
            outcomes.append(outcome)
        assert outcomes[0].plan == outcomes[1].plan
        assert model.planned_commands(outcomes[1].plan) == [f"mkfs.ext4 -q {tmp_path}/mail1.img"]
        assert Path(given["volumes"][0]["mount_point"]).is_dir()
        assert outcomes[2].plan == outcomes[3].plan == model.Plan()
        device = outcomes[2].seen["mail1"]["devices"][f"{tmp_path}/mail1.img"]
        assert (device["holds"], device["size"], len(device["uuids"])) == ("ext4", 32 * MIB, 1)

    def test_what_writes_has_an_hour_and_the_mount_point_is_not_for_all(
        self, tmp_path: Path, files: model.SystemFiles
    ) -> None:
        runner, given = Counting(), options(volume_on(disk(tmp_path)))
        mask = os.umask(0)
        try:
            preparing.run(given, "nodea", runner, check=False, files=files)
        finally:
            os.umask(mask)
        assert os.stat(given["volumes"][0]["mount_point"]).st_mode & 0o777 == 0o755
        assert runner.seconds == {"mkfs.ext4": 3600}

    def test_what_is_named_is_destroyed_and_nothing_else(self, tmp_path: Path, files: model.SystemFiles) -> None:
        path = disk(tmp_path, content=b"an old database", at=20 * MIB)
        state = reading.read_state([model.volume_from_mapping(volume_on(path))], "nodea", LocalRunner())
        found = state.devices[str(path)]
        named = {"device": str(path), "holds": "unrecognised data", "identity": found.identity}
        put(path, 21 * MIB, b"and a new one")
        with pytest.raises(model.StorageError, match="which is something else"):
            preparing.run(options(volume_on(path), destroy=[named]), "nodea", LocalRunner(), check=False, files=files)
        put(path, 21 * MIB, bytes(13))
        runner = LocalRunner()
        given = options(volume_on(path), destroy=[named])
        preparing.run(given, "nodea", runner, check=False, files=files)
        assert runner.commands == [f"wipefs --all {path}", f"mkfs.ext4 -q {path}"]
        # The entry says something else than what is there now, and what is there is what is wanted.
        assert preparing.run(given, "nodea", LocalRunner(), check=False, files=files).plan == model.Plan()

    def test_old_signatures_are_wiped(self, tmp_path: Path, files: model.SystemFiles) -> None:
        path = disk(tmp_path)
        subprocess.run(["mkswap", path], check=True, capture_output=True)
        uuid = subprocess.run(
            ["blkid", "-p", "-s", "UUID", "-o", "value", path], capture_output=True, text=True, check=True
        )
        named = {"device": str(path), "holds": "swap", "identity": uuid.stdout.strip()}
        preparing.run(options(volume_on(path), destroy=[named]), "nodea", LocalRunner(), check=False, files=files)
        shown = subprocess.run(
            ["wipefs", "--noheadings", "--output=TYPE", path], capture_output=True, text=True, check=True
        )
        assert shown.stdout.split() == ["ext4"]

    def test_programs_that_are_missing_are_named_before_anything_is_done(
        self, tmp_path: Path, files: model.SystemFiles, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(executing, "SEARCH_PATH", str(tmp_path))
        runner, given = LocalRunner(), options(volume_on(disk(tmp_path)))
        assert preparing.run(given, "nodea", runner, check=True, files=files).plan.steps
        with pytest.raises(preparing.ProgramsMissing) as refused:
            preparing.run(given, "nodea", runner, check=False, files=files)
        assert str(refused.value) == "not installed, but needed: mkfs.ext4; nothing was touched on the volumes"
        assert (refused.value.programs, runner.commands) == (["mkfs.ext4"], [])
        assert not Path(given["volumes"][0]["mount_point"]).exists()

    def test_a_device_of_no_volume_is_not_destroyed(self, tmp_path: Path) -> None:
        named = {"device": "/dev/sda", "holds": "ext4", "identity": "1234"}
        with pytest.raises(model.StorageError, match="/dev/sda is no device of a described volume"):
            preparing.run(options(volume_on(disk(tmp_path)), destroy=[named]), "nodea", LocalRunner(), check=True)

    def test_one_bad_volume_keeps_the_good_ones_from_being_touched(
        self, tmp_path: Path, files: model.SystemFiles
    ) -> None:
        runner = LocalRunner()
        bad = volume_on(disk(tmp_path, "mail2", b"data"), "mail2")
        with pytest.raises(model.StorageError, match="Nothing was touched on the volumes"):
            preparing.run(options(volume_on(disk(tmp_path)), bad), "nodea", runner, check=False, files=files)
        assert runner.commands == []

    @pytest.mark.parametrize("state", ["prepared", "inspected"])
    def test_reading_takes_one_command_for_any_number_of_volumes(
        self, tmp_path: Path, files: model.SystemFiles, state: str
    ) -> None:
        volumes = [volume_on(disk(tmp_path, f"mail{number}"), f"mail{number}") for number in range(20)]
        runner = Counting()
        outcome = preparing.run(options(*volumes, state=state), "nodea", runner, check=True, files=files)
        assert runner.runs == 1
        assert len(outcome.seen) == 20

    @pytest.mark.parametrize("label", [None, "plain", "a, b"])
    def test_an_old_wipefs_tells_the_same(self, tmp_path: Path, programs: Path, label: str | None) -> None:
        path = disk(tmp_path)
        if label is not None:
            subprocess.run(["mkfs.ext3", "-q", "-L", label, path], check=True)
        volume = model.volume_from_mapping({**volume_on(path), "filesystem": "ext3"})
        expected = reading.read_state([volume], "nodea", LocalRunner()).devices
        # It takes one device, has no JSON, and prints a heading where newer ones have none.
        wipefs = shutil.which("wipefs", path=SEARCH_PATH)
        old = '[ "$#" = 3 ] && [ "$2" = --parsable ] || exit 1\necho "# offset,uuid,label,type"'
        write_program(programs, "wipefs", f'{old}\nexec {wipefs} "$@"')
        found = reading.read_state([volume], "nodea", LocalRunner()).devices
        assert found == expected
        assert found[str(path)].labels == (() if label is None else (label,))


class Counting(LocalRunner):
    """Counts what it runs, and notes how long what is recorded may take."""

    runs = 0

    def run(self, argv: Any, **more: Any) -> Any:
        """Run one command."""
        self.runs += 1
        if more.get("record", True):
            self.seconds = {**getattr(self, "seconds", {}), argv[0]: more.get("timeout")}
        return super().run(argv, **more)


class TestLastLook:
    """What happens between the first look and a command."""

    def stopped(self, plan: model.Plan, runner: LocalRunner, files: model.SystemFiles) -> str:
        with pytest.raises(model.StorageError) as refused:
            executing.execute(plan, runner, files, wait=0.3)
        return str(refused.value)

    def plan(self, *given: dict[str, Any]) -> model.Plan:
        volumes = [model.volume_from_mapping({**volume, "filesystem": "ext4"}) for volume in given]
        plan = planning.make_plan(volumes, reading.read_state(volumes, "nodea", LocalRunner()))
        assert plan.problems == []
        return plan

    def test_a_volume_that_waits_behind_a_slow_mkfs_is_looked_at_again(
        self, tmp_path: Path, files: model.SystemFiles, programs: Path
    ) -> None:
        first, second = disk(tmp_path), disk(tmp_path, "mail2")
        # It ends when somebody has put data on the second device meanwhile.
        slow = f"mkfifo {tmp_path}/begun {tmp_path}/go 2>/dev/null; echo >{tmp_path}/begun; read line <{tmp_path}/go"
        os.mkfifo(tmp_path / "begun")
        os.mkfifo(tmp_path / "go")
        write_program(programs, "mkfs.ext4", f'{slow}; PATH={SEARCH_PATH} exec mkfs.ext4 "$@"')

        def writes() -> None:
            (tmp_path / "begun").read_text()
            put(second, 17 * MIB, b"data that came meanwhile")
            (tmp_path / "go").write_text("\n")

        writer = threading.Thread(target=writes)
        writer.start()
        runner = LocalRunner()
        with pytest.raises(model.StorageError) as refused:
            preparing.run(
                options(volume_on(first), volume_on(second, "mail2")), "nodea", runner, check=False, files=files
            )
        writer.join()
        assert str(refused.value).startswith(
            f"Stopped before `mkfs.ext4 -q {second}` (done before: mkfs.ext4 -q {first}):"
        )
        assert f"volume mail2: {second} held nothing when it was looked at first, and holds data" in str(refused.value)
        assert "it was left alone" in str(refused.value)
        assert runner.commands == [f"mkfs.ext4 -q {first}"]
        assert b"data that came meanwhile" in second.read_bytes()

    def test_a_signature_that_came_meanwhile(self, tmp_path: Path, files: model.SystemFiles) -> None:
        path = disk(tmp_path)
        plan, runner = self.plan(volume_on(path)), LocalRunner()
        subprocess.run(["mkswap", path], check=True, capture_output=True)
        assert "and holds swap now; it was left alone" in self.stopped(plan, runner, files)
        assert runner.commands == []

    def test_what_was_to_be_destroyed_has_changed(self, tmp_path: Path, files: model.SystemFiles) -> None:
        path = disk(tmp_path, content=b"old", at=5000)
        volume = model.volume_from_mapping({**volume_on(path), "filesystem": "ext4"})
        state = reading.read_state([volume], "nodea", LocalRunner())
        device = state.devices[str(path)]
        plan = planning.make_plan([volume], state, [model.Destruction(device.path, device.holds, device.identity)])
        put(path, 5000, b"new")
        runner = LocalRunner()
        assert "held unrecognised data when it was looked at first" in self.stopped(plan, runner, files)
        assert runner.commands == []

    def test_a_name_that_leads_elsewhere_now(self, tmp_path: Path, files: model.SystemFiles) -> None:
        link = tmp_path / "by-id"
        link.symlink_to(disk(tmp_path))
        plan, runner = self.plan(volume_on(link)), LocalRunner()
        other = disk(tmp_path, "mail2")
        link.unlink()
        link.symlink_to(other)
        assert "has become another device" in self.stopped(plan, runner, files)
        link.unlink()
        assert "is not a block device any more" in self.stopped(plan, runner, files)
        assert runner.commands == []

    def test_a_device_that_somebody_has_claimed(self, tmp_path: Path, files: model.SystemFiles, attach: Attach) -> None:
        device = attach(disk(tmp_path))
        plan, runner = self.plan(volume_on(device)), LocalRunner()
        plan.steps = [step for step in plan.steps if step.argv]
        claim = os.open(device, os.O_RDONLY | os.O_EXCL)
        try:
            assert f"{device} is in use: mounted, part of another device" in self.stopped(plan, runner, files)
        finally:
            os.close(claim)
        assert runner.commands == []
        executing.execute(plan, runner, files)
        assert runner.commands == [f"mkfs.ext4 -q {device}"]

    def test_a_device_that_somebody_has_locked(self, tmp_path: Path, files: model.SystemFiles) -> None:
        path = disk(tmp_path)
        plan, runner = self.plan(volume_on(path)), LocalRunner()
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            text = self.stopped(plan, runner, files)
        assert f"{path} is locked by process {os.getpid()} (" in text
        assert "for more than 0.3 seconds" in text
        assert runner.commands == []

    def test_a_device_that_cannot_be_written_to(
        self, tmp_path: Path, files: model.SystemFiles, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = disk(tmp_path)
        plan, runner = self.plan(volume_on(path)), LocalRunner()
        real = os.open

        def refused(name: str, flags: int, *more: int) -> int:
            if name == str(path) and flags & os.O_RDWR:
                raise OSError(errno.EROFS, "Read-only file system")
            return real(name, flags, *more)

        monkeypatch.setattr(os, "open", refused)
        assert f"{path} cannot be opened for writing: Read-only file system" in self.stopped(plan, runner, files)
        assert runner.commands == []

    def test_the_device_is_locked_while_mkfs_runs(
        self, tmp_path: Path, files: model.SystemFiles, programs: Path
    ) -> None:
        path = disk(tmp_path)
        write_program(programs, "mkfs.ext4", f'flock --nonblock "$2" true && echo free >{tmp_path}/lock-seen; exit 0')
        executing.execute(self.plan(volume_on(path)), LocalRunner(), files)
        assert not (tmp_path / "lock-seen").exists()
        subprocess.run(["flock", "--nonblock", path, "true"], check=True)

    @pytest.mark.parametrize("kind", [model.NEW, model.ABANDONED])
    def test_logical_volumes_that_are_not_finished_are_not_held(
        self, tmp_path: Path, files: model.SystemFiles, programs: Path, kind: str
    ) -> None:
        """An open one cannot be removed."""
        path = disk(tmp_path)
        write_program(
            programs, "some-program", f'flock --nonblock "$1" true && echo free >{tmp_path}/lock-seen; exit 0'
        )
        step = model.Step("mail1", "", "", ("some-program", str(path)), devices=(model.Expected(str(path), kind),))
        executing.execute(model.Plan([step]), LocalRunner(), files)
        assert (tmp_path / "lock-seen").exists()

    def test_on_a_partition_the_lock_is_on_the_disk(self, tmp_path: Path) -> None:
        disk_folder = tmp_path / "devices/sdz"
        (disk_folder / "sdz1").mkdir(parents=True)
        (disk_folder / "sdz1/partition").write_text("1\n")
        (tmp_path / "block").mkdir()
        (tmp_path / "block/8:1").symlink_to(disk_folder / "sdz1")
        (tmp_path / "block/8:0").symlink_to(disk_folder)
        files = model.SystemFiles(block_devices=str(tmp_path / "block"))
        assert devices.whole_disk("/dev/by-name", "8:1", files) == "/dev/sdz"
        assert devices.whole_disk("/dev/by-name", "8:0", files) == "/dev/by-name"


LVM = {"device": None, "devices": [], "volume_group": "vgmail1", "logical_volume": "lvmail1"}
ROW = (
    "LVM2_PV_NAME='{path}' LVM2_VG_NAME='{group}' LVM2_VG_SYSTEMID='nodea' LVM2_VG_AUTOACTIVATION='' "
    "LVM2_VG_TAGS='{tags}' LVM2_LV_NAME='{name}' LVM2_LV_SIZE='4194304' LVM2_LV_ATTR='{attributes}' "
    "LVM2_LV_TAGS='{tags}'\n"
)


class TestLastLookAtLvm:
    """LVM's report is looked at again before each command of LVM."""

    @pytest.fixture
    def report(self, tmp_path: Path, programs: Path) -> Path:
        """What pvs says, which vgcreate and lvcreate do not change."""
        path = tmp_path / "report"
        path.write_text("")
        write_program(programs, "pvs", f"cat {path}")
        for name in ("vgcreate", "vgextend", "lvcreate", "lvremove", "lvchange", "lvrename", "vgchange"):
            write_program(programs, name, "exit 0")
        return path

    def row(self, path: Path, name: str = "", tags: str = "groupware_ha", group: str = "vgmail1") -> str:
        return ROW.format(path=path, group=group, name=name, tags=tags, attributes="-wi-------" if name else "")

    def plan(self, paths: list[Path]) -> model.Plan:
        given = {**volume_on(paths[0]), **LVM, "devices": [str(path) for path in paths], "filesystem": "ext4"}
        volume = model.volume_from_mapping(given)
        plan = planning.make_plan([volume], reading.read_state([volume], "nodea", LocalRunner()))
        assert plan.problems == []
        plan.steps = [step for step in plan.steps if step.argv]
        return plan

    def stopped(self, plan: model.Plan, files: model.SystemFiles) -> tuple[list[str], str]:
        runner = LocalRunner()
        with pytest.raises(model.StorageError) as refused:
            executing.execute(plan, runner, files)
        return [command.split()[0] for command in runner.commands], str(refused.value)

    @pytest.mark.usefixtures("report")
    def test_a_device_that_is_not_empty_any_more_is_not_taken(self, tmp_path: Path, files: model.SystemFiles) -> None:
        path = disk(tmp_path)
        plan = self.plan([path])
        put(path, 20 * MIB, b"data")
        done, text = self.stopped(plan, files)
        assert done == []
        assert text.startswith("Stopped before `vgcreate ")
        assert "and holds data of a kind that is not recognised" in text

    def test_a_group_that_came_meanwhile_is_not_made(
        self, tmp_path: Path, files: model.SystemFiles, report: Path
    ) -> None:
        path = disk(tmp_path)
        plan = self.plan([path])
        report.write_text(self.row(tmp_path / "elsewhere"))
        assert self.stopped(plan, files) == (
            [],
            f"Stopped before `{model.planned_commands(plan)[0]}` (nothing was done before):\n"
            "  - volume mail1: volume group vgmail1 has come into being meanwhile",
        )

    def test_a_device_that_another_group_took_meanwhile_is_not_taken(
        self, tmp_path: Path, files: model.SystemFiles, report: Path
    ) -> None:
        path = disk(tmp_path)
        plan = self.plan([path])
        report.write_text(self.row(path, group="vgother"))
        assert "has become a physical volume of volume group vgother" in self.stopped(plan, files)[1]

    @pytest.mark.parametrize(
        ("rows", "reason"),
        [
            ([], "volume group vgmail1 is not there any more"),
            (["root"], "held no logical volume when it was looked at first, and holds root now"),
            (["lvmail1_unfinished"], "and holds lvmail1_unfinished now"),
        ],
    )
    def test_a_logical_volume_is_made_in_the_group_that_was_seen(
        self, tmp_path: Path, files: model.SystemFiles, report: Path, rows: list[str], reason: str
    ) -> None:
        path = disk(tmp_path)
        self.make_physical(path)
        report.write_text(self.row(path))
        plan = self.plan([path])
        report.write_text("".join(self.row(path, name) for name in rows))
        done, text = self.stopped(plan, files)
        assert done == []
        assert text.startswith("Stopped before `lvcreate ")
        assert reason in text

    def test_a_group_that_lost_its_tag_or_moved_is_left_alone(
        self, tmp_path: Path, files: model.SystemFiles, report: Path
    ) -> None:
        path = disk(tmp_path)
        self.make_physical(path)
        report.write_text(self.row(path))
        plan = self.plan([path])
        report.write_text(self.row(path, tags=""))
        assert "has lost its LVM tag groupware_ha" in self.stopped(plan, files)[1]
        report.write_text(self.row(path) + self.row(tmp_path / "elsewhere"))
        assert "is on other devices than when it was looked at first" in self.stopped(plan, files)[1]

    def test_an_unfinished_volume_is_removed_only_if_it_is_still_the_one(
        self, tmp_path: Path, files: model.SystemFiles, report: Path
    ) -> None:
        path = disk(tmp_path)
        self.make_physical(path)
        report.write_text(self.row(path, "lvmail1_unfinished"))
        plan = self.plan([path])
        report.write_text(self.row(path, "lvmail1"))
        done, text = self.stopped(plan, files)
        assert done == ["lvchange"]
        assert text.startswith("Stopped before `lvremove --yes vgmail1/lvmail1_unfinished`")
        assert "held lvmail1_unfinished when it was looked at first, and holds lvmail1 now" in text

    def make_physical(self, path: Path) -> None:
        physical_volume(path)


def test_a_plan_with_problems_is_not_executed(tmp_path: Path) -> None:
    step = replace(model.Step("mail1", "", ""), directory=str(tmp_path / "made"))
    for plan in (model.Plan([step], problems=["bad"]), model.Plan([step], unprepared=["bad"])):
        with pytest.raises(model.StorageError, match="Nothing was touched on the volumes of this node:\n  - bad"):
            executing.execute(plan, LocalRunner())
    assert not (tmp_path / "made").exists()
