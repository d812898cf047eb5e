# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be done for a volume group and a logical volume, on the node that prepares them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from .model import (
    ABANDONED,
    MAKE_FILESYSTEM,
    NEW,
    TAG,
    UNFINISHED_XFS,
    Destruction,
    Device,
    Expected,
    ExpectedGroup,
    LogicalVolume,
    Plan,
    State,
    Step,
    Volume,
    VolumeGroup,
)
from .plan_devices import judge_physical_volume, plan_filesystem

_SIZE_UNITS = {"k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}


def plan_logical_volume(
    volume: Volume, devices: Sequence[Device], state: State, plan: Plan, destroy: Sequence[Destruction] = ()
) -> None:
    """Volume group, logical volume and file system, on the node that prepares them."""
    problems = len(plan.problems)
    expected = []
    for device in devices:
        wanted = judge_physical_volume(volume, device, state, plan, destroy)
        if wanted is not None:
            expected.append(wanted)
        _judge_owner(volume, device, state, plan)
    group = state.volume_groups.get(str(volume.volume_group))
    if group is not None:
        judge_volume_group(volume, group, devices, state, plan)
        _judge_tags(volume, group, devices, state, plan)
        _judge_unfinished(volume, group, state, plan)
    if len(plan.problems) > problems:
        return
    logical = group.logical_volumes.get(str(volume.logical_volume)) if group else None
    if group is not None and group.system_id not in ("", state.node):
        # The service runs, or last ran, on another node, which owns the group now.
        return
    _plan_volume_group(volume, group, devices, state, plan, expected)
    if logical is None:
        _plan_new_logical_volume(volume, group, devices, plan)
        return
    _warn_of_size(volume, logical, plan)
    # An inactive one is taken as prepared: to look into it, it would have to be activated, which is the cluster's part.
    if logical.active:
        device = state.devices[volume.block_device]
        if plan_filesystem(volume, device, state, plan, destroy) and not volume.on_all_nodes:
            plan.add(
                volume,
                f"logical volume {volume.volume_group}/{volume.logical_volume} is active",
                f"logical volume {volume.volume_group}/{volume.logical_volume} is inactive",
                ("lvchange", "--activate", "n", f"{volume.volume_group}/{volume.logical_volume}"),
            )


# What forbids it ----------------------------------------------------------------------------------------------------


def _judge_owner(volume: Volume, device: Device, state: State, plan: Plan) -> None:
    owner = state.volume_group_of(device)
    if owner not in (None, volume.volume_group):
        plan.problems.append(
            f"volume {volume.name}: {device.path} on {state.node} belongs to volume group {owner}; correct "
            f"`volume_group`, or take the device out of {owner} (vgreduce, pvremove) if nothing on it is needed"
        )
    used_by = [*device.holders, *state.mounted_at(device)]
    if owner is None and used_by:
        plan.problems.append(
            f"volume {volume.name}: {device.path} is in use by {', '.join(used_by)} on {state.node}; free it"
        )


def judge_volume_group(volume: Volume, group: VolumeGroup, devices: Sequence[Device], state: State, plan: Plan) -> None:
    """Refuse a group that is on other devices, or belongs to a node where it must not."""
    further = [number for number in group.device_numbers if number not in {device.number for device in devices}]
    if further:
        plan.problems.append(
            f"volume {volume.name}: volume group {group.name} has further physical volumes ({', '.join(further)}) that "
            "the description does not name; add them to `devices`, or take them out with vgreduce"
        )
    if volume.on_all_nodes and group.system_id:
        # A cluster may rely on system IDs to keep nodes apart: none is taken away, not even this node's.
        plan.problems.append(
            f"volume {volume.name}: volume group {group.name} belongs to node {group.system_id} by its system ID, and "
            "no other node could use it; if no cluster goes by system IDs any more, run "
            f"`vgchange --yes --systemid '' {group.name}` on {group.system_id}"
        )
    if volume.on_all_nodes or group.system_id in ("", state.node):
        return
    if _added(group, devices) or volume.logical_volume not in group.logical_volumes:
        plan.problems.append(
            f"volume {volume.name}: volume group {group.name} belongs to node {group.system_id} and is incomplete; "
            f"move the service to {state.node} first, so that this node owns the group"
        )


def _judge_tags(volume: Volume, group: VolumeGroup, devices: Sequence[Device], state: State, plan: Plan) -> None:
    """Refuse to change a group that was made by others: it may be the node's own, with its system on it.

    Releases of this role before the tag made groups that look as those are to look, and hold the described logical
    volume alone. Such a group is taken for one of them.
    """
    if TAG in group.tags or group.system_id not in ("", state.node):
        return
    changes = []
    if not group.system_id and not volume.on_all_nodes:
        changes.append(f"be given to {state.node} by its system ID")
    if group.auto_activation != volume.on_all_nodes:
        changes.append("be activated at boot" if volume.on_all_nodes else "not be activated at boot any more")
    others = _others(volume, group)
    if others and _added(group, devices):
        changes.append(f"be extended by {', '.join(_added(group, devices))}")
    if others and volume.logical_volume not in group.logical_volumes:
        changes.append(f"get a logical volume {volume.logical_volume}")
    if changes:
        contents = f"It holds {', '.join(group.logical_volumes)}." if group.logical_volumes else "It is empty."
        plan.problems.append(
            f"volume {volume.name}: volume group {group.name} on {state.node} was not made by this role (it has no LVM "
            f"tag {TAG}), and would {', '.join(changes)}. {contents} If the cluster is to have it, all of it, hand it "
            f"over with `vgchange --addtag {TAG} {group.name}`; if not, correct `volume_group`"
        )


def _judge_unfinished(volume: Volume, group: VolumeGroup, state: State, plan: Plan) -> None:
    """Refuse to remove a logical volume that an interrupted run may not have made, or that was used since."""
    logical = group.logical_volumes.get(volume.unfinished)
    if logical is None or volume.logical_volume in group.logical_volumes:
        return
    name = f"{group.name}/{volume.unfinished}"
    if TAG not in logical.tags:
        plan.problems.append(
            f"volume {volume.name}: logical volume {name} on {state.node} is in the way, and was not made by this role "
            f"(it has no LVM tag {TAG}): look into it; if nothing in it is needed, run `lvremove {name}`, else "
            "`lvrename` it"
        )
    device = state.devices.get(f"/dev/{name}")
    used = abandoned_problem(device, state) if device is not None else None
    if used is not None:
        plan.problems.append(f"volume {volume.name}: {used}")


def abandoned_problem(device: Device, state: State) -> str | None:
    """Why a logical volume that was not finished is not what an interrupted run leaves, or None."""
    used_by = [*device.holders, *state.mounted_at(device)]
    if (
        not used_by
        and not device.ever_used
        and all(kind in MAKE_FILESYSTEM or kind == UNFINISHED_XFS for kind in device.signatures)
    ):
        return None
    holds = f"is in use by {', '.join(used_by)}" if used_by else f"holds {device.holds}"
    if device.ever_used:
        holds += " that was used"
    return (
        f"{device.path} on {state.node} {holds}, and an interrupted run leaves nothing like that: look into it; if "
        f"nothing in it is needed, run `lvremove {device.path.removeprefix('/dev/')}`, else `lvrename` it"
    )


def _others(volume: Volume, group: VolumeGroup) -> list[str]:
    return [name for name in group.logical_volumes if name not in (volume.logical_volume, volume.unfinished)]


def _added(group: VolumeGroup, devices: Sequence[Device]) -> list[str]:
    return [device.path for device in devices if device.number not in group.device_numbers]


# What is done -------------------------------------------------------------------------------------------------------


def _plan_volume_group(
    volume: Volume,
    group: VolumeGroup | None,
    devices: Sequence[Device],
    state: State,
    plan: Plan,
    expected: Sequence[Expected],
) -> None:
    name = str(volume.volume_group)
    on_devices = f"volume group {name} is on {', '.join(volume.devices)}"
    if group is None:
        plan.steps.append(_new_volume_group(volume, devices, on_devices, expected))
        return
    if TAG not in group.tags and not _others(volume, group):
        plan.add(
            volume,
            f"volume group {name} has no tag {TAG}",
            f"volume group {name} has the tag {TAG}",
            ("vgchange", "--addtag", TAG, name),
        )
    added = _added(group, devices)
    if added:
        plan.steps.append(
            Step(
                volume.name,
                before=f"volume group {name} lacks {', '.join(added)}"
                + _destroyed([device for device in devices if device.path in added]),
                after=on_devices,
                argv=("vgextend", name, *added),
                devices=tuple(device for device in expected if device.path in added),
                group=_as_found(group),
            )
        )
    if not group.system_id and not volume.on_all_nodes:
        plan.add(
            volume,
            f"volume group {name} belongs to no node",
            f"volume group {name} belongs to {state.node}",
            ("vgchange", "--yes", "--systemid", state.node, name),
        )
    if group.auto_activation != volume.on_all_nodes:
        at_boot, by_cluster = "is activated at boot", "is activated by the cluster only"
        plan.add(
            volume,
            f"volume group {name} {at_boot if group.auto_activation else by_cluster}",
            f"volume group {name} {at_boot if volume.on_all_nodes else by_cluster}",
            ("vgchange", "--setautoactivation", "y" if volume.on_all_nodes else "n", name),
        )


def _new_volume_group(volume: Volume, devices: Sequence[Device], on_devices: str, expected: Sequence[Expected]) -> Step:
    name = str(volume.volume_group)
    # vgcreate makes the physical volumes too; the group is owned by this node because system_id_source is uname.
    options = ("--setautoactivation", "n")
    if volume.on_all_nodes:
        # By no node, whatever lvmlocal.conf says. (Where clvmd runs, --systemid would be refused.)
        options = ("--config", 'global/system_id_source="none"')
    return Step(
        volume.name,
        before=f"volume group {name} is missing{_destroyed(devices)}",
        after=on_devices,
        argv=("vgcreate", *options, "--addtag", TAG, name, *volume.devices),
        devices=tuple(expected),
        group=ExpectedGroup(name, exists=False),
    )


def _destroyed(devices: Sequence[Device]) -> str:
    """What will be destroyed, for a diff."""
    lost = [f"{device.path} holds {device.holds}" for device in devices if device.holds != "nothing"]
    return f" ({', '.join(lost)})" if lost else ""


def _as_found(group: VolumeGroup) -> ExpectedGroup:
    return ExpectedGroup(group.name, True, tuple(group.logical_volumes), group.device_numbers)


def _plan_new_logical_volume(volume: Volume, group: VolumeGroup | None, devices: Sequence[Device], plan: Plan) -> None:
    group_name, logical_name, unfinished = str(volume.volume_group), str(volume.logical_volume), volume.unfinished
    before, after = (
        f"logical volume {group_name}/{logical_name} is missing",
        f"logical volume {group_name}/{logical_name} holds {volume.filesystem}",
    )
    path = f"/dev/{group_name}/{unfinished}"
    extent = ("--size", volume.size) if volume.size else ("--extents", "100%FREE")
    create: tuple[str, ...] = ("lvcreate", "--yes", "--wipesignatures", "y", "--zero", "y", "--addtag", TAG)
    last = ("lvchange", "--activate", "n", f"{group_name}/{unfinished}")
    if volume.on_all_nodes:
        # Another node that boots meanwhile would activate it, and keep what is made anew or has got another name.
        create = (*create, "--setactivationskip", "y", "--ignoreactivationskip")
        last = ("lvchange", "--setactivationskip", "n", f"{group_name}/{unfinished}")
    others = tuple(name for name in (group.logical_volumes if group else ()) if name != unfinished)
    numbers = tuple(device.number for device in devices)
    left = group.logical_volumes.get(unfinished) if group else None
    if left is not None:
        if not left.active:
            # To look into it.
            activate = ("lvchange", "--activate", "y", "--ignoreactivationskip", f"{group_name}/{unfinished}")
            plan.add(volume, before, after, activate)
        plan.steps.append(
            Step(
                volume.name,
                before,
                after,
                ("lvremove", "--yes", f"{group_name}/{unfinished}"),
                devices=(Expected(path, ABANDONED),),
                group=ExpectedGroup(group_name, True, (*others, unfinished), numbers),
            )
        )
    plan.steps.append(
        Step(
            volume.name,
            before,
            after,
            (*create, *extent, "--name", unfinished, group_name),
            group=ExpectedGroup(group_name, True, others, numbers),
        )
    )
    make = (*MAKE_FILESYSTEM[volume.filesystem], path)
    plan.steps.append(Step(volume.name, before, after, make, devices=(Expected(path, NEW),)))
    plan.add(volume, before, after, last, ("lvrename", group_name, unfinished, logical_name))


def _warn_of_size(volume: Volume, logical: LogicalVolume, plan: Plan) -> None:
    if volume.size is None:
        return
    wanted = int(volume.size[:-1]) * _SIZE_UNITS[volume.size[-1].lower()]
    # LVM rounds up to whole extents, of 4 MiB unless the group was made otherwise.
    if logical.size < wanted:
        plan.warnings.append(
            f"volume {volume.name}: {volume.block_device} has {logical.size // 1024**2} MiB, less than {volume.size}; "
            "grow it with `lvextend --resizefs` on the node that runs the service"
        )
