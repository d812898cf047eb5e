"""Nodes that see this and that, and what is planned there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.node.storage import executing, model, planning
from ansible_collections.groupware.ha.plugins.module_utils.node.storage.model import (
    Device,
    LogicalVolume,
    Look,
    State,
    Volume,
    VolumeGroup,
)

PLAIN = Volume("mail1", ("/dev/san/mail1",), "ext4", "/srv/mail1", ("nodea", "nodeb"), "nodea")
LVM = replace(
    PLAIN, name="mail2", devices=("/dev/sdb", "/dev/sdc"), volume_group="vgmail2", logical_volume="lvmail2", size="1g"
)
EMPTY = Device("/dev/san/mail1", "7:1", look=Look())


def state_of(*devices: Device, node: str = "nodea", **more: object) -> State:
    """A node that sees these devices, with all mount points in place."""
    points = {"/srv/mail1": "empty"}
    return State(node, {device.path: device for device in devices}, **{"mount_points": points, **more})


def commands(volume: Volume, state: State) -> list[str]:
    """What is planned, after making sure that nothing forbids it."""
    plan = planning.make_plan([volume], state)
    assert plan.problems == []
    return model.planned_commands(plan)


def problem(volume: Volume, state: State) -> str:
    """The one problem, after making sure that it keeps everything from being touched."""
    plan = planning.make_plan([volume], state)
    assert len(plan.problems) == 1
    with pytest.raises(model.StorageError, match="Nothing was touched on the volumes"):
        executing.execute(plan, LocalRunner())
    return plan.problems[0]


EMPTY_DISKS = (Device("/dev/sdb", "8:16", look=Look()), Device("/dev/sdc", "8:32", look=Look()))
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
    tags=("groupware_ha",),
)


# It gets its name last, so that one without a file system is never taken for the volume.
MAKE_LOGICAL_VOLUME = [
    "lvcreate --yes --wipesignatures y --zero y --addtag groupware_ha --size 1g --name lvmail2_unfinished vgmail2",
    "mkfs.ext4 -q /dev/vgmail2/lvmail2_unfinished",
    "lvchange --activate n vgmail2/lvmail2_unfinished",
    "lvrename vgmail2 lvmail2_unfinished lvmail2",
]


def with_group(group: VolumeGroup, *devices: Device, node: str = "nodea") -> State:
    """A node that sees the two disks and a volume group."""
    return state_of(*(devices or PHYSICAL), node=node, volume_groups={group.name: group})
