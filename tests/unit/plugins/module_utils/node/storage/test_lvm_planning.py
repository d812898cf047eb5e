"""Shared volumes on LVM: the plan for every volume group and logical volume."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.formats.fstab import Mount
from ansible_collections.groupware.ha.plugins.module_utils.node.storage import executing, model, planning, reading
from ansible_collections.groupware.ha.plugins.module_utils.node.storage.model import (
    Device,
    ExpectedGroup,
    LogicalVolume,
    Look,
    State,
    VolumeGroup,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.node.storage.seen import (
    EMPTY_DISKS,
    GROUP,
    LVM,
    MAKE_LOGICAL_VOLUME,
    PHYSICAL,
    PLAIN,
    commands,
    problem,
    state_of,
    with_group,
)


class TestLogicalVolume:
    def test_everything_from_nothing(self) -> None:
        state = state_of(*EMPTY_DISKS)
        assert commands(LVM, state) == [
            "vgcreate --setautoactivation n --addtag groupware_ha vgmail2 /dev/sdb /dev/sdc",
            *MAKE_LOGICAL_VOLUME,
        ]

    def test_a_group_without_its_logical_volume_is_completed(self) -> None:
        assert commands(LVM, with_group(replace(GROUP, logical_volumes={}))) == MAKE_LOGICAL_VOLUME

    @pytest.mark.parametrize("active", [True, False], ids=["run died", "node died"])
    def test_what_an_interrupted_run_left_is_made_anew(self, active: bool) -> None:
        left = {"lvmail2_unfinished": LogicalVolume("lvmail2_unfinished", 1024**3, active, ("groupware_ha",))}
        # To look into it, it must be active.
        activation = [] if active else ["lvchange --activate y --ignoreactivationskip vgmail2/lvmail2_unfinished"]
        path = "/dev/vgmail2/lvmail2_unfinished"
        found = [Device(path, "253:0", look=Look())] if active else []
        state = with_group(replace(GROUP, logical_volumes=left), *PHYSICAL, *found)
        assert commands(LVM, state) == [
            *activation,
            "lvremove --yes vgmail2/lvmail2_unfinished",
            *MAKE_LOGICAL_VOLUME,
        ]

    def test_all_of_the_group_unless_a_size_is_given(self) -> None:
        state = state_of(*EMPTY_DISKS)
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
        state = with_group(replace(GROUP, system_id="", auto_activation=True))
        assert commands(LVM, state) == [
            "vgchange --yes --systemid nodea vgmail2",
            "vgchange --setautoactivation n vgmail2",
        ]
        plan = planning.make_plan([LVM], state)
        assert plan.render("before") == (
            "mail2: volume group vgmail2 belongs to no node\nmail2: volume group vgmail2 is activated at boot\n"
        )
        assert plan.render("after") == (
            "mail2: volume group vgmail2 belongs to nodea\n"
            "mail2: volume group vgmail2 is activated by the cluster only\n"
        )

    def test_an_empty_device_extends_the_group(self) -> None:
        group = replace(GROUP, device_numbers=("8:16",))
        state = with_group(group, PHYSICAL[0], EMPTY_DISKS[1])
        assert commands(LVM, state) == ["vgextend vgmail2 /dev/sdc"]
        plan = planning.make_plan([LVM], state)
        assert plan.render("before") == "mail2: volume group vgmail2 lacks /dev/sdc\n"
        assert plan.render("after") == "mail2: volume group vgmail2 is on /dev/sdb, /dev/sdc\n"

    def test_a_physical_volume_of_no_group_that_is_in_use_is_refused(self) -> None:
        devices = (replace(PHYSICAL[0], holders=("dm-0",)), PHYSICAL[1])
        state = state_of(*devices, mounts=(Mount("8:16", "/mnt"),))
        assert "/dev/sdb is in use by dm-0, /mnt on nodea" in problem(LVM, state)

    def test_what_else_the_group_holds_must_still_be_all_at_the_last_moment(self) -> None:
        """Else what came meanwhile would share the group, and its name might be taken."""
        left = LogicalVolume("lvmail2_unfinished", 1024**3, True, ("groupware_ha",))
        logical = {"more": LogicalVolume("more", 1024**3, True), left.name: left}
        steps = planning.make_plan([LVM], with_group(replace(GROUP, logical_volumes=logical))).steps
        numbers = ("8:16", "8:32")
        assert [(step.argv[0], step.group) for step in steps if step.group] == [
            ("lvremove", ExpectedGroup("vgmail2", True, ("more", left.name), numbers)),
            ("lvcreate", ExpectedGroup("vgmail2", True, ("more",), numbers)),
        ]

    def test_a_device_of_another_group_is_refused(self) -> None:
        other = replace(GROUP, name="vgother", device_numbers=("8:16",))
        assert "belongs to volume group vgother" in problem(LVM, with_group(other))

    def test_further_devices_in_the_group_are_refused(self) -> None:
        group = replace(GROUP, device_numbers=("8:16", "8:32", "8:48"))
        assert "further physical volumes (8:48)" in problem(LVM, with_group(group))

    def test_an_active_logical_volume_without_file_system_gets_one(self) -> None:
        group = replace(GROUP, logical_volumes={"lvmail2": LogicalVolume("lvmail2", 1024**3, active=True)})
        state = with_group(group, *PHYSICAL, Device("/dev/vgmail2/lvmail2", "253:0", look=Look()))
        assert commands(LVM, state) == [
            "mkfs.ext4 -q /dev/vgmail2/lvmail2",
            "lvchange --activate n vgmail2/lvmail2",
        ]
        plan = planning.make_plan([LVM], state)
        assert plan.render("before") == (
            "mail2: /dev/vgmail2/lvmail2 holds nothing\nmail2: logical volume vgmail2/lvmail2 is active\n"
        )
        assert plan.render("after") == (
            "mail2: /dev/vgmail2/lvmail2 holds ext4\nmail2: logical volume vgmail2/lvmail2 is inactive\n"
        )

    def test_a_logical_volume_with_other_data_is_refused(self) -> None:
        group = replace(GROUP, logical_volumes={"lvmail2": LogicalVolume("lvmail2", 1024**3, active=True)})
        state = with_group(group, *PHYSICAL, Device("/dev/vgmail2/lvmail2", "253:0", signatures=("swap",)))
        assert "/dev/vgmail2/lvmail2 on nodea holds swap" in problem(LVM, state)

    def test_a_smaller_one_is_told_and_not_resized(self) -> None:
        plan = planning.make_plan([replace(LVM, size="2g")], with_group(GROUP))
        assert plan.steps == []
        assert "has 1024 MiB, less than 2g" in plan.warnings[0]

    @pytest.mark.parametrize(
        ("size", "mebibytes"), [("16384k", 16), ("20m", 20), ("20g", 20480), ("20G", 20480), ("12t", 12 * 1024**2)]
    )
    def test_sizes_are_told_apart_to_the_byte(self, size: str, mebibytes: int) -> None:
        for less, warnings in ((0, 0), (1, 1)):
            logical = {"lvmail2": LogicalVolume("lvmail2", mebibytes * 1024**2 - less, active=False)}
            plan = planning.make_plan([replace(LVM, size=size)], with_group(replace(GROUP, logical_volumes=logical)))
            assert (plan.steps, len(plan.warnings)) == ([], warnings)


UNTAGGED = replace(GROUP, tags=())
OTHER = {"root": LogicalVolume("root", 1024**3, active=True)}


class TestForeignGroups:
    """What this role did not make is not changed: it may be the node's own."""

    @pytest.mark.parametrize(
        ("group", "change"),
        [
            (replace(UNTAGGED, system_id=""), "be given to nodea by its system ID"),
            (replace(UNTAGGED, auto_activation=True), "not be activated at boot any more"),
            (replace(UNTAGGED, logical_volumes=OTHER), "get a logical volume lvmail2"),
            (
                replace(UNTAGGED, logical_volumes={**OTHER, **GROUP.logical_volumes}, device_numbers=("8:16",)),
                "be extended by /dev/sdc",
            ),
            (
                replace(UNTAGGED, system_id="", auto_activation=True, logical_volumes=OTHER),
                "be given to nodea by its system ID, not be activated at boot any more, get a logical volume lvmail2",
            ),
        ],
    )
    def test_an_untagged_group_is_not_changed(self, group: VolumeGroup, change: str) -> None:
        state = with_group(group, PHYSICAL[0], PHYSICAL[1] if "8:32" in group.device_numbers else EMPTY_DISKS[1])
        message = problem(LVM, state)
        assert f"would {change}. It holds {', '.join(group.logical_volumes)}." in message
        assert "`vgchange --addtag groupware_ha vgmail2`" in message

    def test_one_that_is_handed_over_is_put_right(self) -> None:
        group = replace(GROUP, system_id="", auto_activation=True, logical_volumes={**OTHER, **GROUP.logical_volumes})
        assert commands(LVM, with_group(group)) == [
            "vgchange --yes --systemid nodea vgmail2",
            "vgchange --setautoactivation n vgmail2",
        ]

    def test_one_of_an_earlier_release_gets_the_tag(self) -> None:
        assert commands(LVM, with_group(UNTAGGED)) == ["vgchange --addtag groupware_ha vgmail2"]

    def test_one_of_an_earlier_release_that_was_interrupted_is_completed(self) -> None:
        assert commands(LVM, with_group(replace(UNTAGGED, logical_volumes={}))) == [
            "vgchange --addtag groupware_ha vgmail2",
            *MAKE_LOGICAL_VOLUME,
        ]

    def test_one_of_an_earlier_release_that_another_node_has_is_left_alone(self) -> None:
        assert commands(LVM, with_group(replace(UNTAGGED, system_id="nodeb"))) == []

    def test_a_prepared_one_with_further_volumes_is_left_alone(self) -> None:
        group = replace(UNTAGGED, logical_volumes={**OTHER, **GROUP.logical_volumes})
        assert commands(LVM, with_group(group)) == []

    def test_it_is_not_activated_at_boot_for_all_nodes_either(self) -> None:
        group = replace(UNTAGGED, system_id="", auto_activation=False, logical_volumes=OTHER)
        assert "would be activated at boot" in problem(ON_ALL_NODES, with_group(group))


class TestUnfinished:
    """A volume that a run left unfinished is made anew only if it is one, and nobody has used it."""

    PATH = "/dev/vgmail2/lvmail2_unfinished"

    def state(self, device: Device | None = None, tags: tuple[str, ...] = ("groupware_ha",), **more: object) -> State:
        left = {"lvmail2_unfinished": LogicalVolume("lvmail2_unfinished", 1024**3, device is not None, tags)}
        group = replace(GROUP, logical_volumes=left)
        return replace(with_group(group, *PHYSICAL, *([device] if device else [])), **more)  # type: ignore[arg-type]

    def test_one_without_the_tag_is_refused(self) -> None:
        message = problem(LVM, self.state(tags=()))
        assert "vgmail2/lvmail2_unfinished on nodea is in the way, and was not made by this role" in message

    @pytest.mark.parametrize(
        ("device", "reason"),
        [
            (Device(PATH, "253:0", signatures=("ext4",), ever_used=True), "holds ext4 that was used"),
            (Device(PATH, "253:0", signatures=("swap",)), "holds swap"),
            (Device(PATH, "253:0", signatures=("ext4", "dos")), "holds ext4, dos"),
            (Device(PATH, "253:0", holders=("dm-1",)), "is in use by dm-1"),
        ],
    )
    def test_one_with_something_in_it_is_refused(self, device: Device, reason: str) -> None:
        assert f"{self.PATH} on nodea {reason}" in problem(LVM, self.state(device))

    def test_it_is_no_reason_to_take_the_group_for_another_ones(self) -> None:
        """Releases of this role before the tag of the group made such a group, too."""
        state = self.state()
        group = replace(state.volume_groups["vgmail2"], tags=())
        assert commands(LVM, with_group(group))[0] == "vgchange --addtag groupware_ha vgmail2"

    def test_one_that_is_mounted_is_refused(self) -> None:
        state = self.state(Device(self.PATH, "253:0", signatures=("ext4",)), mounts=(Mount("253:0", "/mnt"),))
        assert "is in use by /mnt" in problem(LVM, state)

    @pytest.mark.parametrize("signatures", [(), ("ext4",), ("xfs",), ("unfinished xfs",)])
    def test_one_that_was_never_used_is_made_anew(self, signatures: tuple[str, ...]) -> None:
        state = self.state(Device(self.PATH, "253:0", signatures=signatures))
        assert commands(LVM, state) == ["lvremove --yes vgmail2/lvmail2_unfinished", *MAKE_LOGICAL_VOLUME]


ON_ALL_NODES = replace(LVM, on_all_nodes=True)
SHARED_GROUP = replace(GROUP, system_id="", auto_activation=True)


class TestOnAllNodes:
    """Volume groups that belong to no node, for a cluster that only mounts."""

    MAKE_LOGICAL_VOLUME = (
        "lvcreate --yes --wipesignatures y --zero y --addtag groupware_ha --setactivationskip y --ignoreactivationskip "
        "--size 1g --name lvmail2_unfinished vgmail2",
        "mkfs.ext4 -q /dev/vgmail2/lvmail2_unfinished",
        "lvchange --setactivationskip n vgmail2/lvmail2_unfinished",
        "lvrename vgmail2 lvmail2_unfinished lvmail2",
    )

    def test_everything_from_nothing_with_commands_that_old_releases_have(self) -> None:
        state = state_of(*EMPTY_DISKS)
        assert commands(ON_ALL_NODES, state) == [
            """vgcreate --config 'global/system_id_source="none"' --addtag groupware_ha vgmail2 /dev/sdb /dev/sdc""",
            *self.MAKE_LOGICAL_VOLUME,
        ]

    def test_what_an_interrupted_run_left_is_made_anew(self) -> None:
        left = {
            "lvmail2_unfinished": LogicalVolume("lvmail2_unfinished", 1024**3, active=False, tags=("groupware_ha",))
        }
        assert commands(ON_ALL_NODES, with_group(replace(SHARED_GROUP, logical_volumes=left))) == [
            "lvchange --activate y --ignoreactivationskip vgmail2/lvmail2_unfinished",
            "lvremove --yes vgmail2/lvmail2_unfinished",
            *self.MAKE_LOGICAL_VOLUME,
        ]

    def test_a_prepared_group_is_left_alone(self) -> None:
        assert commands(ON_ALL_NODES, with_group(SHARED_GROUP)) == []

    def test_a_group_that_is_not_activated_at_boot_is_put_right(self) -> None:
        state = with_group(replace(SHARED_GROUP, auto_activation=False))
        assert commands(ON_ALL_NODES, state) == ["vgchange --setautoactivation y vgmail2"]
        plan = planning.make_plan([ON_ALL_NODES], state)
        assert plan.render("before") == "mail2: volume group vgmail2 is activated by the cluster only\n"
        assert plan.render("after") == "mail2: volume group vgmail2 is activated at boot\n"

    def test_an_empty_device_extends_the_group(self) -> None:
        group = replace(SHARED_GROUP, device_numbers=("8:16",))
        assert commands(ON_ALL_NODES, with_group(group, PHYSICAL[0], EMPTY_DISKS[1])) == ["vgextend vgmail2 /dev/sdc"]

    def test_a_logical_volume_that_gets_its_file_system_stays_active(self) -> None:
        group = replace(SHARED_GROUP, logical_volumes={"lvmail2": LogicalVolume("lvmail2", 1024**3, active=True)})
        state = with_group(group, *PHYSICAL, Device("/dev/vgmail2/lvmail2", "253:0", look=Look()))
        assert commands(ON_ALL_NODES, state) == ["mkfs.ext4 -q /dev/vgmail2/lvmail2"]

    @pytest.mark.parametrize("owner", ["nodea", "nodeb"])
    def test_a_group_that_belongs_to_any_node_is_refused(self, owner: str) -> None:
        state = with_group(replace(GROUP, system_id=owner))
        for plan in (
            planning.make_plan([ON_ALL_NODES], state),
            planning.make_activation_plan([ON_ALL_NODES], replace(state, node="nodeb")),
        ):
            assert len(plan.problems) == 1
            assert f"belongs to node {owner} by its system ID" in plan.problems[0]
            assert f"run `vgchange --yes --systemid '' vgmail2` on {owner}" in plan.problems[0]

    @pytest.mark.parametrize("node", ["nodea", "nodeb"])
    def test_every_node_activates_what_it_has_inactive(self, node: str) -> None:
        plan = planning.make_activation_plan([ON_ALL_NODES], with_group(SHARED_GROUP, node=node))
        assert model.planned_commands(plan) == ["lvchange --activate y vgmail2/lvmail2"]
        assert plan.render("before") == "mail2: logical volume vgmail2/lvmail2 is inactive\n"
        assert plan.render("after") == "mail2: logical volume vgmail2/lvmail2 is active\n"

    @pytest.mark.parametrize("node", ["nodea", "nodeb"])
    def test_what_is_active_is_left_alone(self, node: str) -> None:
        group = replace(SHARED_GROUP, logical_volumes={"lvmail2": LogicalVolume("lvmail2", 1024**3, active=True)})
        assert planning.make_activation_plan([ON_ALL_NODES], with_group(group, node=node)) == model.Plan()

    @pytest.mark.parametrize("groups", [{}, {"vgmail2": replace(SHARED_GROUP, logical_volumes={})}])
    @pytest.mark.parametrize(("node", "steps"), [("nodea", 0), ("nodeb", 1)])
    def test_what_is_not_there_can_be_predicted_and_not_activated(
        self, node: str, steps: int, groups: dict[str, VolumeGroup]
    ) -> None:
        state = state_of(*PHYSICAL, node=node, volume_groups=groups)
        plan = planning.make_activation_plan([ON_ALL_NODES], state)
        assert (len(plan.steps), plan.problems) == (steps, [])
        with pytest.raises(model.StorageError, match=rf"{node} sees no logical volume vgmail2/lvmail2.*home nodea"):
            executing.execute(plan, LocalRunner())

    def test_a_group_of_that_name_on_other_devices_is_refused(self) -> None:
        state = with_group(replace(SHARED_GROUP, device_numbers=("8:48",)), node="nodeb")
        plan = planning.make_activation_plan([ON_ALL_NODES], state)
        assert "further physical volumes (8:48)" in plan.problems[0]

    def test_other_volumes_are_not_activated(self) -> None:
        others = [PLAIN, LVM, replace(ON_ALL_NODES, nodes=("nodeb", "nodec"), home="nodeb")]
        assert planning.make_activation_plan(others, with_group(SHARED_GROUP)) == model.Plan()

    @pytest.mark.parametrize(
        ("access", "more", "expected"),
        [
            (model.ALL_NODES, {"volume_group": "vg", "logical_volume": "lv"}, True),
            (model.ONE_NODE, {"volume_group": "vg", "logical_volume": "lv"}, False),
            (model.ALL_NODES, {}, False),
        ],
    )
    def test_it_is_about_volume_groups_only(self, access: str, more: dict[str, str], expected: bool) -> None:
        value = {"name": "m", "device": "/dev/a", "filesystem": "ext3", "mount_point": "/srv/m", "home": "nodea"}
        volume = model.volume_from_mapping({**value, "nodes": ["nodea"], **more}, access)
        assert volume.on_all_nodes is expected


# What `pvs --foreign --noheadings --nameprefixes ... --options pv_name,vg_all,lv_name,lv_size,lv_attr,lv_tags` of LVM
# 2.03.16 (Debian 12) says, less fields that are not looked at: a group of two disks with a logical volume; a disk of
# none.
_GROUP = (
    "LVM2_VG_FMT='lvm2' LVM2_VG_NAME='vgmail2' LVM2_VG_ATTR='wz--n-' LVM2_VG_AUTOACTIVATION='' "
    "LVM2_VG_SYSTEMID='nodea' LVM2_VG_TAGS='groupware_ha'"
)
REPORT = f"""\
  LVM2_PV_NAME='/dev/sdb' {_GROUP} LVM2_LV_NAME='lvmail2' LVM2_LV_SIZE='1073741824' LVM2_LV_ATTR='-wi-a-----' \
LVM2_LV_TAGS='groupware_ha,other'
  LVM2_PV_NAME='/dev/sdb' {_GROUP} LVM2_LV_NAME='' LVM2_LV_SIZE='0' LVM2_LV_ATTR='' LVM2_LV_TAGS=''
  LVM2_PV_NAME='/dev/sdc' {_GROUP} LVM2_LV_NAME='' LVM2_LV_SIZE='0' LVM2_LV_ATTR='' LVM2_LV_TAGS=''
  LVM2_PV_NAME='/dev/sdd' LVM2_VG_FMT='lvm2' LVM2_VG_NAME='' LVM2_VG_ATTR='r-----' LVM2_VG_AUTOACTIVATION='' \
LVM2_VG_SYSTEMID='' LVM2_VG_TAGS='' LVM2_LV_NAME='' LVM2_LV_SIZE='' LVM2_LV_ATTR='' LVM2_LV_TAGS=''
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
    active = expected.get("active", True)
    logical = LogicalVolume("lvmail2", 1024**3, active, ("groupware_ha", "other"))
    group = replace(GROUP, logical_volumes={"lvmail2": logical}, auto_activation=expected.get("auto_activation", False))
    assert reading.parse_volume_groups(report, numbers.get) == {"vgmail2": group}
