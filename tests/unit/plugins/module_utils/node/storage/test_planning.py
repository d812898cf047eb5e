"""Shared volumes: the plan for every content of a device."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.formats.fstab import FstabEntry, Mount
from ansible_collections.groupware.ha.plugins.module_utils.node.storage import model, planning
from ansible_collections.groupware.ha.plugins.module_utils.node.storage.model import (
    Device,
    Look,
    State,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.node.storage.seen import (
    EMPTY,
    EMPTY_DISKS,
    LVM,
    PLAIN,
    commands,
    problem,
    state_of,
)


class TestPlainDevice:
    def test_home_node_makes_the_file_system_on_an_empty_device(self) -> None:
        assert commands(PLAIN, state_of(EMPTY)) == ["mkfs.ext4 -q /dev/san/mail1"]

    @pytest.mark.parametrize("filesystem", ["ext3", "ext4", "xfs"])
    def test_each_file_system_is_made_by_its_own_program_without_words(self, filesystem: str) -> None:
        volume = replace(PLAIN, filesystem=filesystem)
        assert commands(volume, state_of(EMPTY)) == [f"mkfs.{filesystem} -q /dev/san/mail1"]

    def test_other_nodes_leave_an_empty_device_alone(self) -> None:
        assert commands(PLAIN, state_of(EMPTY, node="nodeb")) == []

    def test_other_nodes_do_not_judge_what_the_home_may_be_making(self) -> None:
        assert (
            commands(PLAIN, state_of(replace(EMPTY, look=Look(data_at=5000, fingerprint="sha256:1")), node="nodeb"))
            == []
        )

    def test_nodes_without_the_volume_do_not_look_at_it(self) -> None:
        assert planning.make_plan([PLAIN], State("nodec", {})) == model.Plan()

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

    def test_a_device_that_was_not_read_is_refused(self) -> None:
        assert "holds unknown" in problem(PLAIN, state_of(replace(EMPTY, look=None)))

    def test_data_without_a_signature_is_refused(self) -> None:
        look = Look(data_at=5000, fingerprint="sha256:1")
        assert "holds data of a kind that is not recognised (at byte 5000)" in problem(
            PLAIN, state_of(replace(EMPTY, look=look))
        )
        look = replace(look, remains="what was an ext4 file system")
        assert "holds what was an ext4 file system (at byte 5000)" in problem(
            PLAIN, state_of(replace(EMPTY, look=look))
        )

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
        assert planning.make_plan([PLAIN], state) == model.Plan()

    def test_a_device_below_another_is_refused(self) -> None:
        assert "in use by dm-0" in problem(PLAIN, state_of(replace(EMPTY, holders=("dm-0",))))

    def test_two_names_of_one_device_are_refused(self) -> None:
        second = replace(PLAIN, name="mail2", devices=("/dev/alias",), mount_point="/srv/mail2")
        state = state_of(
            EMPTY, Device("/dev/alias", "7:1"), mount_points={"/srv/mail1": "empty", "/srv/mail2": "empty"}
        )
        plan = planning.make_plan([PLAIN, second], state)
        assert "is the same device on nodea as /dev/san/mail1 of volume mail1" in plan.problems[0]


class TestDestroy:
    """What is named exactly is destroyed, and nothing else."""

    OLD = replace(EMPTY, signatures=("xfs",), uuids=("1234",), look=Look(data_at=0, fingerprint="sha256:1"))
    RAW = replace(EMPTY, look=Look(data_at=5000, fingerprint="sha256:1"))

    def plan(self, device: Device, *named: tuple[str, str, str], node: str = "nodea", **more: object) -> model.Plan:
        wanted = [model.Destruction(*entry) for entry in named]
        return planning.make_plan([PLAIN], state_of(device, node=node, **more), wanted)

    @pytest.mark.parametrize("device", [OLD, RAW])
    def test_the_refusal_says_what_to_name_and_then_that_is_destroyed(self, device: Device) -> None:
        message = problem(PLAIN, state_of(device))
        entry = f"{{device: /dev/san/mail1, holds: '{device.holds}', identity: '{device.identity}'}}"
        assert f"destroyed by this entry of `destroy` (shared_storage_destroy): {entry}" in message
        plan = self.plan(device, (device.path, device.holds, device.identity))
        assert plan.problems == []
        assert model.planned_commands(plan) == ["wipefs --all /dev/san/mail1", "mkfs.ext4 -q /dev/san/mail1"]
        assert plan.render("before") == f"mail1: /dev/san/mail1 holds {device.holds}\n"

    def test_of_several_signatures_each_uuid_is_named(self) -> None:
        device = replace(self.OLD, signatures=("xfs", "dos"), uuids=("1234", "5678"))
        assert "holds: 'xfs, dos', identity: '1234,5678'}" in problem(PLAIN, state_of(device))

    @pytest.mark.parametrize(
        "named",
        [
            ("/dev/san/mail1", "xfs", "5678"),
            ("/dev/san/mail1", "ext3", "1234"),
            ("/dev/san/mail1", "xfs", ""),
            ("/dev/san/mail1", "unrecognised data", "sha256:1"),
            ("/dev/san/mail2", "xfs", "1234"),
        ],
    )
    def test_what_is_something_else_is_kept(self, named: tuple[str, str, str]) -> None:
        plan = self.plan(self.OLD, named)
        assert plan.steps == []
        assert "holds xfs (UUID 1234)" in plan.problems[0]
        stale = f"destroy names {named[1]} {named[2]} there, which is something else"
        assert (stale in plan.problems[0]) is (named[0] == "/dev/san/mail1")

    def test_data_that_changed_is_kept(self) -> None:
        assert self.plan(self.RAW, (EMPTY.path, "unrecognised data", "sha256:2")).problems

    def test_the_described_file_system_is_kept(self) -> None:
        device = replace(self.OLD, signatures=("ext4",))
        assert self.plan(device, (EMPTY.path, "ext4", "1234")) == model.Plan()

    @pytest.mark.parametrize("holds", ["unknown", "nothing"])
    def test_what_cannot_be_read_is_not_destroyed(self, holds: str) -> None:
        device = replace(EMPTY, look=Look(unreadable="cannot be read: Input/output error"))
        plan = self.plan(device, (EMPTY.path, holds, ""))
        assert plan.steps == []
        assert "cannot be read: Input/output error; it is not known what is on it" in plan.problems[0]

    def test_what_is_in_use_is_not_destroyed(self) -> None:
        device = replace(self.OLD, holders=("dm-0",))
        assert "in use by dm-0" in self.plan(device, (EMPTY.path, "xfs", "1234")).problems[0]
        mounted = (Mount("7:1", "/srv/mail1"),)
        assert "in use by /srv/mail1" in self.plan(self.OLD, (EMPTY.path, "xfs", "1234"), mounts=mounted).problems[0]

    @pytest.mark.parametrize(("uuid", "refused"), [("1234", False), ("", False), ("5678", True)])
    def test_other_nodes_let_the_home_do_it_unless_they_see_something_else(self, uuid: str, refused: bool) -> None:
        device = replace(self.OLD, uuids=(uuid,) if uuid else (), look=None)
        plan = self.plan(device, (EMPTY.path, "xfs", "1234"), node="nodeb")
        assert (plan.steps, bool(plan.problems)) == ([], refused)

    def test_a_device_of_no_volume_cannot_be_named(self) -> None:
        wanted = [model.Destruction("/dev/sda", "ext4", "1234"), model.Destruction("/dev/san/mail1", "xfs", "1")]
        assert planning.unknown_destructions([PLAIN], wanted) == [
            "destroy: /dev/sda is no device of a described volume; these are: /dev/san/mail1"
        ]

    def test_physical_volumes_are_made_where_that_was(self) -> None:
        old = replace(EMPTY_DISKS[1], signatures=("ext4",), uuids=("1234",))
        wanted = [model.Destruction("/dev/sdc", "ext4", "1234")]
        plan = planning.make_plan([LVM], state_of(EMPTY_DISKS[0], old), wanted)
        assert plan.problems == []
        assert model.planned_commands(plan)[:2] == [
            "wipefs --all /dev/sdc",
            "vgcreate --setautoactivation n --addtag groupware_ha vgmail2 /dev/sdb /dev/sdc",
        ]
        assert "volume group vgmail2 is missing (/dev/sdc holds ext4)" in plan.render("before")


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

    def test_a_missing_device_is_not_taken_for_one_in_fstab(self) -> None:
        entry = FstabEntry("UUID=5678", "/", "ext4", ("defaults",))
        assert "is not a block device" in problem(PLAIN, state_of(Device(EMPTY.path), fstab=(entry,)))


class TestMountPoint:
    def test_it_is_made_on_every_node(self) -> None:
        state = state_of(replace(EMPTY, signatures=("ext4",)), node="nodeb", mount_points={"/srv/mail1": "missing"})
        assert [step.directory for step in planning.make_plan([PLAIN], state).steps] == ["/srv/mail1"]

    def test_something_else_in_its_place_is_refused(self) -> None:
        state = state_of(EMPTY, node="nodeb", mount_points={"/srv/mail1": "other"})
        assert "is not a directory on nodeb" in problem(PLAIN, state)

    def test_files_below_it_are_told(self) -> None:
        state = state_of(replace(EMPTY, signatures=("ext4",)), mount_points={"/srv/mail1": "used"})
        assert "holds files of its own" in planning.make_plan([PLAIN], state).warnings[0]


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
    with pytest.raises(model.StorageError, match=message):
        model.volume_from_mapping({**value, "nodes": ["nodea", "nodeb"], **change})


def test_what_a_node_saw_is_told_of_its_own_volumes() -> None:
    device = replace(EMPTY, signatures=("ext4",), uuids=("1234",), size=7, hardware={"WWN": "0x1"}, holders=("dm-0",))
    state = state_of(device, mounts=(Mount("7:1", "/srv/mail1"),))
    assert model.summary([PLAIN, replace(PLAIN, name="other", nodes=("nodeb",))], state) == {
        "mail1": {
            "home": "nodea",
            "devices": {
                "/dev/san/mail1": {
                    "exists": True,
                    "holds": "ext4",
                    "signatures": ["ext4"],
                    "uuids": ["1234"],
                    "size": 7,
                    "hardware": {"WWN": "0x1"},
                    "used_by": ["/srv/mail1", "dm-0"],
                }
            },
        }
    }


def test_all_problems_are_told_below_each_other() -> None:
    assert (
        str(model.StorageError(["one", "two"])) == "Nothing was touched on the volumes of this node:\n  - one\n  - two"
    )


def test_the_system_is_asked_where_it_tells_about_itself() -> None:
    """Tests give other places, so that nothing else would notice."""
    assert model.SystemFiles() == model.SystemFiles(
        fstab="/etc/fstab",
        mountinfo="/proc/self/mountinfo",
        block_devices="/sys/dev/block",
        udev="/run/udev/data",
        lock="/run/groupware_ha.shared_volumes.lock",
    )
