"""Shared volumes: the plan for every content of a device, and the real commands on files that stand for devices."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import SEARCH_PATH, LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.formats.fstab import FstabEntry, Mount
from ansible_collections.groupware.ha.plugins.module_utils.products import storage
from ansible_collections.groupware.ha.plugins.module_utils.products.storage import (
    Device,
    LogicalVolume,
    State,
    Volume,
    VolumeGroup,
)

PLAIN = Volume("mail1", ("/dev/san/mail1",), "ext4", "/srv/mail1", ("nodea", "nodeb"), "nodea")
LVM = replace(
    PLAIN, name="mail2", devices=("/dev/sdb", "/dev/sdc"), volume_group="vgmail2", logical_volume="lvmail2", size="1g"
)
EMPTY = Device("/dev/san/mail1", "7:1")


def state_of(*devices: Device, node: str = "nodea", **more: object) -> State:
    """A node that sees these devices, with all mount points in place."""
    points = {"/srv/mail1": "empty"}
    return State(node, {device.path: device for device in devices}, **{"mount_points": points, **more})


def commands(volume: Volume, state: State) -> list[str]:
    """What is planned, after making sure that nothing forbids it."""
    plan = storage.make_plan([volume], state)
    assert plan.problems == []
    return storage.planned_commands(plan)


def problem(volume: Volume, state: State) -> str:
    """The one problem, after making sure that it keeps everything from being touched."""
    plan = storage.make_plan([volume], state)
    assert len(plan.problems) == 1
    with pytest.raises(storage.StorageError, match="Nothing was touched"):
        storage.execute(plan, LocalRunner())
    return plan.problems[0]


class TestPlainDevice:
    def test_home_node_makes_the_file_system_on_an_empty_device(self) -> None:
        assert commands(PLAIN, state_of(EMPTY)) == ["mkfs.ext4 -q /dev/san/mail1"]

    def test_other_nodes_leave_an_empty_device_alone(self) -> None:
        assert commands(PLAIN, state_of(EMPTY, node="nodeb")) == []

    def test_other_nodes_do_not_judge_what_the_home_may_be_making(self) -> None:
        assert commands(PLAIN, state_of(replace(EMPTY, zeros=False), node="nodeb")) == []

    def test_nodes_without_the_volume_do_not_look_at_it(self) -> None:
        assert storage.make_plan([PLAIN], State("nodec", {})) == storage.Plan()

    def test_the_described_file_system_is_kept(self) -> None:
        assert commands(PLAIN, state_of(replace(EMPTY, signatures=("ext4",)))) == []

    @pytest.mark.parametrize(
        "signatures",
        [
            ("xfs",),
            ("dos",),
            ("gpt", "PMBR"),
            ("swap",),
            ("crypto_LUKS",),
            ("linux_raid_member",),
            ("LVM2_member",),
            ("ext4", "dos"),
        ],
    )
    @pytest.mark.parametrize("node", ["nodea", "nodeb"])
    def test_any_other_signature_is_refused_on_every_node(self, signatures: tuple[str, ...], node: str) -> None:
        message = problem(PLAIN, state_of(replace(EMPTY, signatures=signatures), node=node))
        assert f"/dev/san/mail1 on {node} holds {', '.join(signatures)}" in message
        assert "wipefs --all /dev/san/mail1" in message

    def test_data_without_a_signature_is_refused(self) -> None:
        assert "data of a kind that is not recognised" in problem(PLAIN, state_of(replace(EMPTY, zeros=False)))

    def test_a_missing_device_is_refused(self) -> None:
        assert "is not a block device on nodeb" in problem(PLAIN, state_of(Device(EMPTY.path), node="nodeb"))

    def test_a_device_that_is_mounted_elsewhere_is_refused(self) -> None:
        state = state_of(replace(EMPTY, signatures=("ext4",)), mounts=(Mount("7:1", "/mnt"),))
        assert "is mounted at /mnt on nodea" in problem(PLAIN, state)

    def test_the_running_service_is_no_reason_to_do_anything(self) -> None:
        state = state_of(
            replace(EMPTY, signatures=("ext4",)),
            mounts=(Mount("7:1", "/srv/mail1"),),
            mount_points={"/srv/mail1": "used"},
        )
        assert storage.make_plan([PLAIN], state) == storage.Plan()

    def test_a_device_below_another_is_refused(self) -> None:
        assert "in use by dm-0" in problem(PLAIN, state_of(replace(EMPTY, holders=("dm-0",))))

    def test_two_names_of_one_device_are_refused(self) -> None:
        second = replace(PLAIN, name="mail2", devices=("/dev/alias",), mount_point="/srv/mail2")
        state = state_of(
            EMPTY, Device("/dev/alias", "7:1"), mount_points={"/srv/mail1": "empty", "/srv/mail2": "empty"}
        )
        plan = storage.make_plan([PLAIN, second], state)
        assert "is the same device on nodea as /dev/san/mail1 of volume mail1" in plan.problems[0]


class TestFstab:
    @pytest.mark.parametrize(
        "entry",
        [
            FstabEntry("/dev/san/mail1", "/elsewhere", "ext4", ("defaults",)),
            FstabEntry("UUID=1234", "/elsewhere", "ext4", ("nofail",)),
            FstabEntry("LABEL=mail", "/elsewhere", "ext4", ("defaults",)),
            FstabEntry("/dev/loop1", "/elsewhere", "ext4", ("defaults",)),
            FstabEntry("/dev/sdz", "/srv/mail1", "ext4", ("defaults",)),
            FstabEntry("/dev/san/mail1", "/srv/mail1", "ext4", ("noauto", "x-systemd.automount")),
        ],
    )
    def test_a_system_that_mounts_by_itself_is_refused(self, entry: FstabEntry) -> None:
        device = replace(EMPTY, signatures=("ext4",), uuids=("1234",), labels=("mail",))
        state = state_of(device, fstab=(entry,), fstab_numbers={"/dev/loop1": "7:1"})
        assert f"mounts {entry.source} at {entry.mount_point} by itself" in problem(PLAIN, state)

    def test_an_entry_for_mounting_by_hand_is_harmless(self) -> None:
        entry = FstabEntry("/dev/san/mail1", "/srv/mail1", "ext4", ("noauto",))
        assert commands(PLAIN, state_of(replace(EMPTY, signatures=("ext4",)), fstab=(entry,))) == []

    def test_a_missing_device_in_fstab_is_not_taken_for_ours(self) -> None:
        entry = FstabEntry("/dev/gone", "/elsewhere", "ext4", ("defaults",))
        state = state_of(replace(EMPTY, signatures=("ext4",)), fstab=(entry,), fstab_numbers={"/dev/gone": None})
        assert commands(PLAIN, state) == []


class TestMountPoint:
    def test_it_is_made_on_every_node(self) -> None:
        state = state_of(replace(EMPTY, signatures=("ext4",)), node="nodeb", mount_points={"/srv/mail1": "missing"})
        assert [step.directory for step in storage.make_plan([PLAIN], state).steps] == ["/srv/mail1"]

    def test_something_else_in_its_place_is_refused(self) -> None:
        state = state_of(EMPTY, node="nodeb", mount_points={"/srv/mail1": "other"})
        assert "is not a directory on nodeb" in problem(PLAIN, state)

    def test_files_below_it_are_told(self) -> None:
        state = state_of(replace(EMPTY, signatures=("ext4",)), mount_points={"/srv/mail1": "used"})
        assert "holds files of its own" in storage.make_plan([PLAIN], state).warnings[0]


PHYSICAL = (
    Device("/dev/sdb", "8:16", signatures=("LVM2_member",)),
    Device("/dev/sdc", "8:32", signatures=("LVM2_member",)),
)
GROUP = VolumeGroup(
    "vgmail2",
    system_id="nodea",
    auto_activation=False,
    device_numbers=("8:16", "8:32"),
    logical_volumes={"lvmail2": LogicalVolume("lvmail2", 1024**3, active=False)},
)


# It gets its name last, so that one without a file system is never taken for the volume.
MAKE_LOGICAL_VOLUME = [
    "lvcreate --yes --wipesignatures y --zero y --size 1g --name lvmail2_unfinished vgmail2",
    "mkfs.ext4 -q /dev/vgmail2/lvmail2_unfinished",
    "lvchange --activate n vgmail2/lvmail2_unfinished",
    "lvrename vgmail2 lvmail2_unfinished lvmail2",
]


def with_group(group: VolumeGroup, *devices: Device, node: str = "nodea") -> State:
    """A node that sees the two disks and a volume group."""
    return state_of(*(devices or PHYSICAL), node=node, volume_groups={group.name: group})


class TestLogicalVolume:
    def test_everything_from_nothing(self) -> None:
        state = state_of(Device("/dev/sdb", "8:16"), Device("/dev/sdc", "8:32"))
        assert commands(LVM, state) == [
            "vgcreate --setautoactivation n vgmail2 /dev/sdb /dev/sdc",
            *MAKE_LOGICAL_VOLUME,
        ]

    def test_a_group_without_its_logical_volume_is_completed(self) -> None:
        assert commands(LVM, with_group(replace(GROUP, logical_volumes={}))) == MAKE_LOGICAL_VOLUME

    @pytest.mark.parametrize("active", [True, False], ids=["run died", "node died"])
    def test_what_an_interrupted_run_left_is_made_anew(self, active: bool) -> None:
        left = {"lvmail2_unfinished": LogicalVolume("lvmail2_unfinished", 1024**3, active)}
        assert commands(LVM, with_group(replace(GROUP, logical_volumes=left))) == [
            "lvremove --yes vgmail2/lvmail2_unfinished",
            *MAKE_LOGICAL_VOLUME,
        ]

    def test_all_of_the_group_unless_a_size_is_given(self) -> None:
        state = state_of(Device("/dev/sdb", "8:16"), Device("/dev/sdc", "8:32"))
        assert "--extents 100%FREE" in commands(replace(LVM, size=None), state)[1]

    def test_a_prepared_group_is_left_alone(self) -> None:
        assert commands(LVM, with_group(GROUP)) == []

    def test_a_group_that_another_node_has_taken_over_is_left_alone(self) -> None:
        assert commands(LVM, with_group(replace(GROUP, system_id="nodeb", auto_activation=True))) == []

    def test_an_incomplete_group_of_another_node_is_refused(self) -> None:
        group = replace(GROUP, system_id="nodeb", logical_volumes={})
        assert "belongs to node nodeb" in problem(LVM, with_group(group))

    def test_other_nodes_change_nothing(self) -> None:
        assert commands(LVM, state_of(*PHYSICAL, node="nodeb")) == []

    def test_other_nodes_refuse_data_too(self) -> None:
        devices = (replace(PHYSICAL[0], signatures=("gpt",)), PHYSICAL[1])
        assert "holds gpt" in problem(LVM, state_of(*devices, node="nodeb"))

    def test_a_group_without_owner_that_starts_at_boot_is_put_right(self) -> None:
        assert commands(LVM, with_group(replace(GROUP, system_id="", auto_activation=True))) == [
            "vgchange --yes --systemid nodea vgmail2",
            "vgchange --setautoactivation n vgmail2",
        ]

    def test_an_empty_device_extends_the_group(self) -> None:
        group = replace(GROUP, device_numbers=("8:16",))
        assert commands(LVM, with_group(group, PHYSICAL[0], Device("/dev/sdc", "8:32"))) == [
            "vgextend vgmail2 /dev/sdc"
        ]

    def test_a_device_of_another_group_is_refused(self) -> None:
        other = replace(GROUP, name="vgother", device_numbers=("8:16",))
        assert "belongs to volume group vgother" in problem(LVM, with_group(other))

    def test_further_devices_in_the_group_are_refused(self) -> None:
        group = replace(GROUP, device_numbers=("8:16", "8:32", "8:48"))
        assert "further physical volumes (8:48)" in problem(LVM, with_group(group))

    def test_an_active_logical_volume_without_file_system_gets_one(self) -> None:
        group = replace(GROUP, logical_volumes={"lvmail2": LogicalVolume("lvmail2", 1024**3, active=True)})
        state = with_group(group, *PHYSICAL, Device("/dev/vgmail2/lvmail2", "253:0"))
        assert commands(LVM, state) == [
            "mkfs.ext4 -q /dev/vgmail2/lvmail2",
            "lvchange --activate n vgmail2/lvmail2",
        ]

    def test_a_logical_volume_with_other_data_is_refused(self) -> None:
        group = replace(GROUP, logical_volumes={"lvmail2": LogicalVolume("lvmail2", 1024**3, active=True)})
        state = with_group(group, *PHYSICAL, Device("/dev/vgmail2/lvmail2", "253:0", signatures=("swap",)))
        assert "/dev/vgmail2/lvmail2 on nodea holds swap" in problem(LVM, state)

    def test_a_smaller_one_is_told_and_not_resized(self) -> None:
        plan = storage.make_plan([replace(LVM, size="2g")], with_group(GROUP))
        assert plan.steps == []
        assert "has 1024 MiB, less than 2g" in plan.warnings[0]


ON_ALL_NODES = replace(LVM, on_all_nodes=True)
SHARED_GROUP = replace(GROUP, system_id="", auto_activation=True)


class TestOnAllNodes:
    """Volume groups that belong to no node, for a cluster that only mounts."""

    MAKE_LOGICAL_VOLUME = (
        "lvcreate --yes --wipesignatures y --zero y --setactivationskip y --ignoreactivationskip --size 1g "
        "--name lvmail2_unfinished vgmail2",
        "mkfs.ext4 -q /dev/vgmail2/lvmail2_unfinished",
        "lvchange --setactivationskip n vgmail2/lvmail2_unfinished",
        "lvrename vgmail2 lvmail2_unfinished lvmail2",
    )

    def test_everything_from_nothing_with_commands_that_old_releases_have(self) -> None:
        state = state_of(Device("/dev/sdb", "8:16"), Device("/dev/sdc", "8:32"))
        assert commands(ON_ALL_NODES, state) == [
            """vgcreate --config 'global/system_id_source="none"' vgmail2 /dev/sdb /dev/sdc""",
            *self.MAKE_LOGICAL_VOLUME,
        ]

    def test_what_an_interrupted_run_left_is_made_anew(self) -> None:
        left = {"lvmail2_unfinished": LogicalVolume("lvmail2_unfinished", 1024**3, active=False)}
        assert commands(ON_ALL_NODES, with_group(replace(SHARED_GROUP, logical_volumes=left))) == [
            "lvremove --yes vgmail2/lvmail2_unfinished",
            *self.MAKE_LOGICAL_VOLUME,
        ]

    def test_a_prepared_group_is_left_alone(self) -> None:
        assert commands(ON_ALL_NODES, with_group(SHARED_GROUP)) == []

    def test_a_group_that_is_not_activated_at_boot_is_put_right(self) -> None:
        assert commands(ON_ALL_NODES, with_group(replace(SHARED_GROUP, auto_activation=False))) == [
            "vgchange --setautoactivation y vgmail2"
        ]

    def test_an_empty_device_extends_the_group(self) -> None:
        group = replace(SHARED_GROUP, device_numbers=("8:16",))
        assert commands(ON_ALL_NODES, with_group(group, PHYSICAL[0], Device("/dev/sdc", "8:32"))) == [
            "vgextend vgmail2 /dev/sdc"
        ]

    def test_a_logical_volume_that_gets_its_file_system_stays_active(self) -> None:
        group = replace(SHARED_GROUP, logical_volumes={"lvmail2": LogicalVolume("lvmail2", 1024**3, active=True)})
        state = with_group(group, *PHYSICAL, Device("/dev/vgmail2/lvmail2", "253:0"))
        assert commands(ON_ALL_NODES, state) == ["mkfs.ext4 -q /dev/vgmail2/lvmail2"]

    @pytest.mark.parametrize("owner", ["nodea", "nodeb"])
    def test_a_group_that_belongs_to_any_node_is_refused(self, owner: str) -> None:
        state = with_group(replace(GROUP, system_id=owner))
        for plan in (
            storage.make_plan([ON_ALL_NODES], state),
            storage.make_activation_plan([ON_ALL_NODES], replace(state, node="nodeb")),
        ):
            assert len(plan.problems) == 1
            assert f"belongs to node {owner} by its system ID" in plan.problems[0]
            assert f"run `vgchange --yes --systemid '' vgmail2` on {owner}" in plan.problems[0]

    @pytest.mark.parametrize("node", ["nodea", "nodeb"])
    def test_every_node_activates_what_it_has_inactive(self, node: str) -> None:
        plan = storage.make_activation_plan([ON_ALL_NODES], with_group(SHARED_GROUP, node=node))
        assert storage.planned_commands(plan) == ["lvchange --activate y vgmail2/lvmail2"]
        assert plan.render("before") == "mail2: logical volume vgmail2/lvmail2 is inactive\n"
        assert plan.render("after") == "mail2: logical volume vgmail2/lvmail2 is active\n"

    @pytest.mark.parametrize("node", ["nodea", "nodeb"])
    def test_what_is_active_is_left_alone(self, node: str) -> None:
        group = replace(SHARED_GROUP, logical_volumes={"lvmail2": LogicalVolume("lvmail2", 1024**3, active=True)})
        assert storage.make_activation_plan([ON_ALL_NODES], with_group(group, node=node)) == storage.Plan()

    @pytest.mark.parametrize("groups", [{}, {"vgmail2": replace(SHARED_GROUP, logical_volumes={})}])
    @pytest.mark.parametrize(("node", "steps"), [("nodea", 0), ("nodeb", 1)])
    def test_what_is_not_there_can_be_predicted_and_not_activated(
        self, node: str, steps: int, groups: dict[str, VolumeGroup]
    ) -> None:
        state = state_of(*PHYSICAL, node=node, volume_groups=groups)
        plan = storage.make_activation_plan([ON_ALL_NODES], state)
        assert (len(plan.steps), plan.problems) == (steps, [])
        with pytest.raises(storage.StorageError, match=rf"{node} sees no logical volume vgmail2/lvmail2.*home nodea"):
            storage.execute(plan, LocalRunner())

    def test_a_group_of_that_name_on_other_devices_is_refused(self) -> None:
        state = with_group(replace(SHARED_GROUP, device_numbers=("8:48",)), node="nodeb")
        plan = storage.make_activation_plan([ON_ALL_NODES], state)
        assert "further physical volumes (8:48)" in plan.problems[0]

    def test_other_volumes_are_not_activated(self) -> None:
        others = [PLAIN, LVM, replace(ON_ALL_NODES, nodes=("nodeb", "nodec"), home="nodeb")]
        assert storage.make_activation_plan(others, with_group(SHARED_GROUP)) == storage.Plan()

    @pytest.mark.parametrize(
        ("access", "more", "expected"),
        [
            (storage.ALL_NODES, {"volume_group": "vg", "logical_volume": "lv"}, True),
            (storage.ONE_NODE, {"volume_group": "vg", "logical_volume": "lv"}, False),
            (storage.ALL_NODES, {}, False),
        ],
    )
    def test_it_is_about_volume_groups_only(self, access: str, more: dict[str, str], expected: bool) -> None:
        value = {"name": "m", "device": "/dev/a", "filesystem": "ext3", "mount_point": "/srv/m", "home": "nodea"}
        volume = storage.volume_from_mapping({**value, "nodes": ["nodea"], **more}, access)
        assert volume.on_all_nodes is expected


# What `pvs --foreign --noheadings --nameprefixes ... --options pv_name,vg_all,lv_name,lv_size,lv_attr` of LVM 2.03.16
# (Debian 12) says, less fields that are not looked at: a group of two disks with a logical volume, and a disk of none.
REPORT = """\
  LVM2_PV_NAME='/dev/sdb' LVM2_VG_FMT='lvm2' LVM2_VG_NAME='vgmail2' LVM2_VG_ATTR='wz--n-' LVM2_VG_AUTOACTIVATION='' \
LVM2_VG_SYSTEMID='nodea' LVM2_VG_TAGS='' LVM2_LV_NAME='lvmail2' LVM2_LV_SIZE='1073741824' LVM2_LV_ATTR='-wi-a-----'
  LVM2_PV_NAME='/dev/sdb' LVM2_VG_FMT='lvm2' LVM2_VG_NAME='vgmail2' LVM2_VG_ATTR='wz--n-' LVM2_VG_AUTOACTIVATION='' \
LVM2_VG_SYSTEMID='nodea' LVM2_VG_TAGS='' LVM2_LV_NAME='' LVM2_LV_SIZE='0' LVM2_LV_ATTR=''
  LVM2_PV_NAME='/dev/sdc' LVM2_VG_FMT='lvm2' LVM2_VG_NAME='vgmail2' LVM2_VG_ATTR='wz--n-' LVM2_VG_AUTOACTIVATION='' \
LVM2_VG_SYSTEMID='nodea' LVM2_VG_TAGS='' LVM2_LV_NAME='' LVM2_LV_SIZE='0' LVM2_LV_ATTR=''
  LVM2_PV_NAME='/dev/sdd' LVM2_VG_FMT='lvm2' LVM2_VG_NAME='' LVM2_VG_ATTR='r-----' LVM2_VG_AUTOACTIVATION='' \
LVM2_VG_SYSTEMID='' LVM2_VG_TAGS='' LVM2_LV_NAME='' LVM2_LV_SIZE='' LVM2_LV_ATTR=''
"""


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (REPORT, {"active": True}),
        (REPORT.replace("-wi-a-----", "-wi-------"), {"active": False}),
        (REPORT.replace("VG_AUTOACTIVATION=''", "VG_AUTOACTIVATION='enabled'"), {"auto_activation": True}),
        # LVM before 2.03.12, which always activates at boot, and whose clvmd says "locally" where others say "active".
        (REPORT.replace("LVM2_VG_AUTOACTIVATION='' ", ""), {"auto_activation": True}),
    ],
)
def test_a_report_of_lvm_is_understood(report: str, expected: dict[str, bool]) -> None:
    numbers = {"/dev/sdb": "8:16", "/dev/sdc": "8:32"}
    logical = LogicalVolume("lvmail2", 1024**3, active=expected.get("active", True))
    group = replace(GROUP, logical_volumes={"lvmail2": logical}, auto_activation=expected.get("auto_activation", False))
    assert storage.parse_volume_groups(report, numbers.get) == {"vgmail2": group}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"devices": []}, "has no device"),
        ({"volume_group": "vg"}, "belong together"),
        ({"devices": ["/dev/a", "/dev/b"]}, "several devices need"),
        ({"size": "1g"}, "is the size of a logical volume"),
        ({"home": "nodez"}, "is not one of its nodes"),
    ],
)
def test_contradicting_options_are_refused(change: dict[str, object], message: str) -> None:
    value = {"name": "m", "devices": ["/dev/a"], "filesystem": "ext4", "mount_point": "/srv/m", "home": "nodea"}
    with pytest.raises(storage.StorageError, match=message):
        storage.volume_from_mapping({**value, "nodes": ["nodea", "nodeb"], **change})


needs_programs = pytest.mark.skipif(
    any(shutil.which(program, path=SEARCH_PATH) is None for program in ("wipefs", "mkfs.ext4")),
    reason="needs util-linux and e2fsprogs",
)


@needs_programs
class TestRealCommands:
    """Files stand for block devices: wipefs and mkfs take both."""

    @pytest.fixture(autouse=True)
    def files_count_as_devices(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def number(path: str) -> str | None:
            return f"0:{os.stat(path).st_ino}" if os.path.isfile(path) else None

        monkeypatch.setattr(storage, "_device_number", number)

    def volume(self, tmp_path: Path, content: bytes = b"", at: int = 0) -> Volume:
        image = tmp_path / "mail1.img"
        with image.open("wb") as file:
            file.truncate(32 * 1024 * 1024)
            file.seek(at)
            file.write(content)
        return replace(PLAIN, devices=(str(image),), mount_point=str(tmp_path / "srv/mail1"))

    def run(self, volume: Volume) -> storage.Plan:
        runner = LocalRunner()
        plan = storage.make_plan([volume], storage.read_state([volume], "nodea", runner))
        storage.execute(plan, runner)
        assert runner.commands == storage.planned_commands(plan)
        return plan

    def test_an_empty_device_is_prepared_once(self, tmp_path: Path) -> None:
        volume = self.volume(tmp_path)
        assert len(self.run(volume).steps) == 2
        assert Path(volume.mount_point).is_dir()
        seen = storage.read_state([volume], "nodea", LocalRunner())
        assert seen.devices[volume.devices[0]].signatures == ("ext4",)
        assert self.run(volume).steps == []

    @pytest.mark.parametrize(
        ("content", "at", "found"),
        [
            # A partition table alone, which a look for file systems (blkid, community.general.filesystem) misses.
            (
                bytes([0, 0, 2, 0, 0x83, 0, 0, 0]) + struct.pack("<II", 2048, 60000) + bytes(48) + b"\x55\xaa",
                446,
                "dos",
            ),
            (b"LUKS\xba\xbe\x00\x01" + bytes(500), 0, "crypto_LUKS"),
            (struct.pack("<II", 1, 8000) + bytes(3054) + b"SWAPSPACE2", 1024, "swap"),
            (b"some raw database", 5000, "not recognised"),
        ],
    )
    def test_data_stays_as_it_is(self, tmp_path: Path, content: bytes, at: int, found: str) -> None:
        volume = self.volume(tmp_path, content, at)
        before = Path(volume.devices[0]).read_bytes()
        with pytest.raises(storage.StorageError, match=found):
            self.run(volume)
        assert Path(volume.devices[0]).read_bytes() == before
        assert not Path(volume.mount_point).exists()

    @pytest.mark.parametrize("label", [None, "plain", "a, b"])
    def test_an_old_wipefs_tells_the_same(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, label: str | None
    ) -> None:
        volume = self.volume(tmp_path)
        if label is not None:
            subprocess.run(["mkfs.ext3", "-q", "-L", label, volume.devices[0]], check=True)
        expected = storage.read_state([volume], "nodea", LocalRunner()).devices
        # It takes one device, has no JSON, and prints a heading where newer ones have none.
        wipefs = tmp_path / "wipefs"
        wipefs.write_text(
            '#!/bin/sh\n[ "$#" = 3 ] && [ "$2" = --parsable ] || exit 1\necho "# offset,uuid,label,type"\n'
            f'exec {shutil.which("wipefs", path=SEARCH_PATH)} "$@"\n'
        )
        wipefs.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        found = storage.read_state([volume], "nodea", LocalRunner()).devices
        assert found == expected
        assert found[volume.devices[0]].labels == (() if label is None else (label,))

    def test_one_bad_volume_keeps_the_good_ones_from_being_touched(self, tmp_path: Path) -> None:
        (tmp_path / "good").mkdir()
        good = self.volume(tmp_path / "good")
        bad = replace(self.volume(tmp_path, b"data"), name="mail2", mount_point=str(tmp_path / "srv/mail2"))
        runner = LocalRunner()
        plan = storage.make_plan([good, bad], storage.read_state([good, bad], "nodea", runner))
        with pytest.raises(storage.StorageError):
            storage.execute(plan, runner)
        assert runner.commands == []

    def test_reading_takes_one_command_for_any_number_of_volumes(self, tmp_path: Path) -> None:
        class Counting(LocalRunner):
            runs = 0

            def run(self, *args, **more):  # type: ignore[no-untyped-def]
                self.runs += 1
                return super().run(*args, **more)

        volumes = []
        for index in range(20):
            folder = tmp_path / str(index)
            folder.mkdir()
            volume = replace(self.volume(folder, b"\x55", index), name=f"mail{index}")
            volumes.append(volume)
        runner = Counting()
        state = storage.read_state(volumes, "nodea", runner)
        assert runner.runs == 1
        assert len(state.devices) == 20
