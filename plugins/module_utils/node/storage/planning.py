# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what a node sees to what has to be done there, and every reason not to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .lvm_planning import judge_volume_group, plan_logical_volume
from .model import Destruction, Device, Plan, State, Step, Volume
from .plan_devices import judge_physical_volume, plan_filesystem


def make_plan(volumes: Iterable[Volume], state: State, destroy: Sequence[Destruction] = ()) -> Plan:
    """What has to be done on this node for its volumes, and every reason not to.

    :param destroy: what may be destroyed, if it is exactly that
    """
    plan = Plan()
    own = [volume for volume in volumes if state.node in volume.nodes]
    _refuse_one_device_for_two(own, state, plan)
    for volume in own:
        devices = [state.devices[path] for path in volume.devices]
        absent = [device for device in devices if device.number is None]
        for device in absent:
            plan.problems.append(
                f"volume {volume.name}: {device.path} is not a block device on {state.node}; "
                "present the LUN to this node, or correct the device in the description"
            )
        _refuse_fstab(volume, devices, state, plan)
        if not absent:
            if volume.volume_group is None:
                plan_filesystem(volume, devices[0], state, plan, destroy)
            elif volume.home == state.node:
                plan_logical_volume(volume, devices, state, plan, destroy)
            else:
                for device in devices:
                    judge_physical_volume(volume, device, state, plan, destroy)
        _plan_mount_point(volume, state, plan)
    return plan


def unknown_destructions(volumes: Sequence[Volume], destroy: Sequence[Destruction]) -> list[str]:
    """Problems with what is to be destroyed that show without looking at any device."""
    known = {path for volume in volumes for path in (*volume.devices, volume.block_device)}
    return [
        f"destroy: {wanted.device} is no device of a described volume; these are: {', '.join(sorted(known))}"
        for wanted in destroy
        if wanted.device not in known
    ]


def _refuse_one_device_for_two(volumes: Sequence[Volume], state: State, plan: Plan) -> None:
    """The description knows names only; here two names may turn out to be one device."""
    owners: dict[str, tuple[str, str]] = {}
    for volume in volumes:
        for path in volume.devices:
            number = state.devices[path].number
            if number is None:
                continue
            if number in owners and owners[number] != (volume.name, path):
                other_volume, other_path = owners[number]
                plan.problems.append(
                    f"volume {volume.name}: {path} is the same device on {state.node} as {other_path} of volume "
                    f"{other_volume}; give each volume devices of its own"
                )
            owners.setdefault(number, (volume.name, path))


def _refuse_fstab(volume: Volume, devices: Sequence[Device], state: State, plan: Plan) -> None:
    """The cluster mounts; a system that mounts too would mount one file system on two nodes."""
    sources = {volume.block_device, f"/dev/mapper/{_mapper_name(volume)}"}
    if volume.volume_group is None:
        sources.update(device.path for device in devices)
        for device in devices:
            sources.update(f"UUID={uuid}" for uuid in device.uuids)
            sources.update(f"LABEL={label}" for label in device.labels)
    numbers = {device.number for device in devices if device.number is not None}
    for entry in state.fstab:
        same_device = entry.source in sources or state.fstab_numbers.get(entry.source) in numbers
        if entry.mounts_by_itself and (same_device or entry.mount_point == volume.mount_point):
            plan.problems.append(
                f"volume {volume.name}: /etc/fstab on {state.node} mounts {entry.source} at {entry.mount_point} by "
                "itself, and the cluster would mount it a second time; remove that line, or give it the option noauto"
            )


def _mapper_name(volume: Volume) -> str:
    return "-".join((name or "").replace("-", "--") for name in (volume.volume_group, volume.logical_volume))


def _plan_mount_point(volume: Volume, state: State, plan: Plan) -> None:
    found = state.mount_points[volume.mount_point]
    if found == "missing":
        plan.steps.append(
            Step(
                volume.name,
                before=f"mount point {volume.mount_point} is missing",
                after=f"mount point {volume.mount_point} is a directory",
                directory=volume.mount_point,
            )
        )
    elif found == "other":
        plan.problems.append(
            f"volume {volume.name}: mount_point {volume.mount_point} is not a directory on {state.node}; move it away"
        )
    elif found == "used" and volume.mount_point not in {mount.mount_point for mount in state.mounts}:
        plan.warnings.append(
            f"volume {volume.name}: {volume.mount_point} on {state.node} holds files of its own, hidden while the "
            "volume is mounted; was something written there while it was not?"
        )


def make_activation_plan(volumes: Iterable[Volume], state: State) -> Plan:
    """What has to be done for the logical volumes to be active on this node, once their homes have made them."""
    plan = Plan()
    for volume in volumes:
        if not volume.on_all_nodes or state.node not in volume.nodes:
            continue
        group = state.volume_groups.get(str(volume.volume_group))
        logical = group.logical_volumes.get(str(volume.logical_volume)) if group else None
        name = f"{volume.volume_group}/{volume.logical_volume}"
        if group is not None:
            # This node may have one of that name on other devices.
            judge_volume_group(volume, group, [state.devices[path] for path in volume.devices], state, plan)
        if logical is None:
            plan.unprepared.append(
                f"volume {volume.name}: {state.node} sees no logical volume {name}; have its home {volume.home} "
                f"prepare it, and see that {state.node} has the same devices"
            )
        # Where it is made, it is active.
        active = volume.home == state.node if logical is None else logical.active
        if not active:
            plan.add(
                volume,
                f"logical volume {name} is inactive",
                f"logical volume {name} is active",
                ("lvchange", "--activate", "y", name),
            )
    return plan
