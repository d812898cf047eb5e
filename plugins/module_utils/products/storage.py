# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared volumes of a cluster: block devices, optional logical volumes, file systems and mount points.

Three steps that do not mix: read what a node sees (a constant number of commands), plan (pure), execute.

Nothing is ever made on a device that is not empty, and empty means both: no signature that libblkid knows, and only
zeros in its first mebibyte. The second test finds what has no signature, such as a raw database or plain dm-crypt.
"""

from __future__ import annotations

import json
import mmap
import os
import posixpath
import re
import shlex
import shutil
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import (
    SEARCH_PATH,
    CommandError,
    CommandNotFound,
    Runner,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats.fstab import (
    FstabEntry,
    Mount,
    parse_fstab,
    parse_mountinfo,
)

#: How each file system is made; all of them keep silent and ask nothing.
MAKE_FILESYSTEM: Mapping[str, tuple[str, ...]] = {
    "ext3": ("mkfs.ext3", "-q"),
    "ext4": ("mkfs.ext4", "-q"),
    "xfs": ("mkfs.xfs", "-q"),
}

#: libblkid's name for an LVM physical volume.
PHYSICAL_VOLUME = "LVM2_member"

#: What a logical volume's name ends in until its file system is made. A run may die in between, with its node too: what
#: goes by the volume's own name is whole, and what does not holds nothing that anybody ever used.
UNFINISHED = "_unfinished"

#: Who may use a volume group: one node at a time, which its system ID names; or all nodes of the volume at once, whose
#: cluster sees to it that one of them mounts the file system.
ONE_NODE, ALL_NODES = "one_node", "all_nodes"

#: How much of a device must be zeros, at its beginning, for the device to count as empty.
EMPTY_BYTES = 1024 * 1024

#: Seconds for a command that writes: a large file system on slow storage takes its time.
WRITE_TIMEOUT = 3600

_SIZE_UNITS = {"k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}


@dataclass(frozen=True)
class Volume:
    """A service's volume, as the description has it."""

    name: str
    devices: tuple[str, ...]
    filesystem: str
    mount_point: str
    nodes: tuple[str, ...]
    home: str
    volume_group: str | None = None
    logical_volume: str | None = None
    size: str | None = None
    #: Whether the volume group belongs to no node, and its logical volume is active on all nodes of the volume.
    on_all_nodes: bool = False

    @property
    def block_device(self) -> str:
        """What the file system is on."""
        if self.volume_group is not None:
            return f"/dev/{self.volume_group}/{self.logical_volume}"
        return self.devices[0]


@dataclass(frozen=True)
class Device:
    """A block device as a node sees it."""

    path: str
    #: ``major:minor``; None where there is no block device of that path.
    number: str | None = None
    signatures: tuple[str, ...] = ()
    uuids: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    #: Whether the beginning holds only zeros.
    zeros: bool = True
    #: Names of block devices that are built on this one.
    holders: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing on it that could be lost."""
        return not self.signatures and self.zeros

    @property
    def holds(self) -> str:
        """What is on it, in words."""
        if self.signatures:
            return ", ".join(self.signatures)
        return "nothing" if self.zeros else "data of a kind that is not recognised"


@dataclass(frozen=True)
class LogicalVolume:
    """A logical volume as LVM reports it."""

    name: str
    size: int
    active: bool


@dataclass(frozen=True)
class VolumeGroup:
    """A volume group as LVM reports it; ``device_numbers`` are its physical volumes."""

    name: str
    system_id: str
    auto_activation: bool
    device_numbers: tuple[str, ...]
    logical_volumes: Mapping[str, LogicalVolume]


@dataclass(frozen=True)
class State:
    """What one node sees of the volumes."""

    node: str
    devices: Mapping[str, Device]
    mounts: tuple[Mount, ...] = ()
    fstab: tuple[FstabEntry, ...] = ()
    #: Device numbers of the block devices that fstab names.
    fstab_numbers: Mapping[str, str | None] = field(default_factory=dict)
    #: ``missing``, ``empty`` or ``used`` directory, or ``other`` (not a directory), by path.
    mount_points: Mapping[str, str] = field(default_factory=dict)
    volume_groups: Mapping[str, VolumeGroup] = field(default_factory=dict)

    def mounted_at(self, device: Device) -> list[str]:
        """Where a device is mounted on this node."""
        return [mount.mount_point for mount in self.mounts if mount.device_number == device.number]

    def volume_group_of(self, device: Device) -> str | None:
        """The volume group that a physical volume belongs to, or None."""
        return next(
            (group.name for group in self.volume_groups.values() if device.number in group.device_numbers), None
        )


@dataclass(frozen=True)
class SystemFiles:
    """Where the system tells about itself; tests give their own."""

    fstab: str = "/etc/fstab"
    mountinfo: str = "/proc/self/mountinfo"
    block_devices: str = "/sys/dev/block"


@dataclass(frozen=True)
class Step:
    """One thing to do: make a directory, or run a command."""

    volume: str
    before: str
    after: str
    argv: tuple[str, ...] = ()
    directory: str | None = None


@dataclass
class Plan:
    """What is to be done on one node, and what forbids it."""

    steps: list[Step] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    #: What forbids the plan unless home nodes do their part before, which check mode takes for granted.
    unprepared: list[str] = field(default_factory=list)

    def render(self, side: str) -> str:
        """One side (``before`` or ``after``) of the steps as text to read in a diff."""
        lines = (f"{step.volume}: {step.before if side == 'before' else step.after}\n" for step in self.steps)
        return "".join(dict.fromkeys(lines))


class StorageError(Exception):
    """Volumes that cannot be used as described; nothing was touched."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n  - ".join(["Nothing was touched:", *self.problems]))


def volume_from_mapping(value: Mapping[str, Any], access: str = ONE_NODE) -> Volume:
    """A volume from the module's options.

    :param access: who may use its volume group, ``ONE_NODE`` or ``ALL_NODES``
    :raises StorageError: keys that contradict each other
    """
    name = value["name"]
    devices = tuple(value.get("devices") or ()) or tuple(filter(None, [value.get("device")]))
    group, logical = value.get("volume_group"), value.get("logical_volume")
    problems = []
    if not devices:
        problems.append(f"volume {name}: has no device; give `device` or `devices`")
    if bool(group) != bool(logical):
        problems.append(f"volume {name}: `volume_group` and `logical_volume` belong together; give both or neither")
    if len(devices) > 1 and not group:
        problems.append(f"volume {name}: several devices need a `volume_group` and a `logical_volume` to span them")
    if value.get("size") and not group:
        problems.append(f"volume {name}: `size` is the size of a logical volume; leave it out, a device has its own")
    if value["home"] not in value["nodes"]:
        problems.append(f"volume {name}: home = {value['home']!r} is not one of its nodes {value['nodes']}")
    if problems:
        raise StorageError(problems)
    return Volume(
        name=name,
        devices=devices,
        filesystem=value["filesystem"],
        mount_point=posixpath.normpath(value["mount_point"]),
        nodes=tuple(value["nodes"]),
        home=value["home"],
        volume_group=group or None,
        logical_volume=logical or None,
        size=value.get("size") or None,
        on_all_nodes=bool(group) and access == ALL_NODES,
    )


# Reading --------------------------------------------------------------------------------------------------------------


def read_state(
    volumes: Iterable[Volume],
    node: str,
    runner: Runner,
    files: SystemFiles | None = None,
    *,
    activation: bool = False,
) -> State:
    """What this node sees of its volumes, by two commands however many volumes there are, save with an old wipefs.

    :param activation: whether to read what ``make_activation_plan`` wants to know, too
    """
    files = files or SystemFiles()
    own = [volume for volume in volumes if node in volume.nodes]
    groups: dict[str, VolumeGroup] = {}
    # Only the node that prepares a volume group needs to know what LVM says; the others are not to look while it does.
    if any(volume.volume_group is not None and (activation or volume.home == node) for volume in own):
        groups = _read_volume_groups(runner)
    paths = [device for volume in own for device in volume.devices]
    for volume in own:
        group = groups.get(volume.volume_group or "")
        logical = group.logical_volumes.get(volume.logical_volume or "") if group else None
        if logical is not None and logical.active:
            paths.append(volume.block_device)
    fstab = parse_fstab(_read_text(files.fstab))
    return State(
        node=node,
        devices=_read_devices(list(dict.fromkeys(paths)), runner, files),
        mounts=tuple(parse_mountinfo(_read_text(files.mountinfo))),
        fstab=tuple(fstab),
        fstab_numbers={
            entry.source: _device_number(entry.source) for entry in fstab if entry.source.startswith("/dev/")
        },
        mount_points={volume.mount_point: _directory_state(volume.mount_point) for volume in own},
        volume_groups=groups,
    )


def _read_text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def _directory_state(path: str) -> str:
    try:
        return "used" if os.listdir(path) else "empty"
    except FileNotFoundError:
        return "missing"
    except NotADirectoryError:
        return "other"


def _device_number(path: str) -> str | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    if not stat.S_ISBLK(status.st_mode):
        return None
    return f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"


def _read_devices(paths: Sequence[str], runner: Runner, files: SystemFiles) -> dict[str, Device]:
    numbers = {path: _device_number(path) for path in paths}
    present = [path for path in paths if numbers[path] is not None]
    kernel_names = {path: os.path.realpath(path) for path in present}
    found = _read_signatures(list(dict.fromkeys(kernel_names.values())), runner)
    devices = {}
    for path in paths:
        number = numbers[path]
        if number is None:
            devices[path] = Device(path)
            continue
        signatures = found[kernel_names[path]]
        devices[path] = Device(
            path=path,
            number=number,
            signatures=_texts(signatures, "type"),
            uuids=_texts(signatures, "uuid"),
            labels=_texts(signatures, "label"),
            zeros=not signatures and _starts_with_zeros(path),
            holders=tuple(sorted(_list_directory(f"{files.block_devices}/{number}/holders"))),
        )
    return devices


def _read_signatures(kernel_names: Sequence[str], runner: Runner) -> dict[str, list[dict[str, str]]]:
    """What wipefs finds on each device, which it is to show only (``--no-act``)."""
    found: dict[str, list[dict[str, str]]] = {name: [] for name in kernel_names}
    if not kernel_names:
        return found
    try:
        shown = runner.run(["wipefs", "--no-act", "--json", *kernel_names], record=False)
    except CommandNotFound:
        raise
    except CommandError:
        # Before util-linux 2.31 there is no JSON, and in the first releases one device at a time.
        for name in kernel_names:
            shown = runner.run(["wipefs", "--no-act", "--parsable", name], record=False)
            found[name] = parse_signatures(shown.stdout)
        return found
    for signature in json.loads(shown.stdout or "{}").get("signatures", []):
        for name in kernel_names:
            # It shows the last part of a path only, which the kernel's own names are told apart by.
            if os.path.basename(name) == os.path.basename(signature["device"]):
                found[name].append(signature)
    return found


def parse_signatures(text: str) -> list[dict[str, str]]:
    """Signatures from ``wipefs --parsable``: lines of offset, UUID, label and type; only labels have commas."""
    signatures = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            _offset, uuid, rest = line.split(",", 2)
            label, _comma, kind = rest.rpartition(",")
            plain = re.sub(r"\\x([0-9a-f]{2})", lambda escape: chr(int(escape[1], 16)), label)
            signatures.append({"uuid": uuid, "label": plain, "type": kind})
    return signatures


def _texts(signatures: Iterable[Mapping[str, Any]], key: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(signature[key]) for signature in signatures if signature.get(key)))


def _list_directory(path: str) -> list[str]:
    try:
        return os.listdir(path)
    except OSError:
        return []


def _starts_with_zeros(path: str) -> bool:
    """Whether the beginning of a device holds only zeros.

    Read past the page cache where possible: on shared storage another node may have written since this one last read.
    """
    buffer = mmap.mmap(-1, EMPTY_BYTES)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECT)
    except OSError:
        descriptor = os.open(path, os.O_RDONLY)
    try:
        length = os.readv(descriptor, [buffer])
    finally:
        os.close(descriptor)
    return buffer[:length].count(0) == length


def _read_volume_groups(runner: Runner) -> dict[str, VolumeGroup]:
    # One report of everything. --foreign: also groups that belong to another node, whose devices are not ours to take.
    # vg_all and no JSON: so that it is understood by releases that have neither vg_autoactivation nor JSON.
    # No hints: LVM notes which devices it needs to look at, and what other nodes have made since is on others.
    options = ("--foreign", "--noheadings", "--nameprefixes", "--units", "b", "--nosuffix")
    fields = "pv_name,vg_all,lv_name,lv_size,lv_attr"
    try:
        report = runner.run(
            ["pvs", *options, "--config", 'devices/hints="none"', "--options", fields], record=False, timeout=120
        )
    except CommandNotFound:
        return {}
    return parse_volume_groups(report.stdout, _device_number)


def parse_volume_groups(text: str, number_of: Any) -> dict[str, VolumeGroup]:
    """Volume groups from a report of ``pvs``: one line of ``KEY='VALUE'`` for each segment of each physical volume.

    :param number_of: gives the device number of a path, or None
    """
    rows = [dict(field.split("=", 1) for field in shlex.split(line)) for line in text.splitlines()]
    groups: dict[str, VolumeGroup] = {}
    for name in dict.fromkeys(row["LVM2_VG_NAME"] for row in rows if row["LVM2_VG_NAME"]):
        own = [row for row in rows if row["LVM2_VG_NAME"] == name]
        numbers = dict.fromkeys(number_of(row["LVM2_PV_NAME"]) or row["LVM2_PV_NAME"] for row in own)
        logical = {
            row["LVM2_LV_NAME"]: LogicalVolume(
                name=row["LVM2_LV_NAME"],
                size=int(row["LVM2_LV_SIZE"]),
                # On this node: active, or suspended for a moment.
                active=row["LVM2_LV_ATTR"][4] in "as",
            )
            for row in own
            if row["LVM2_LV_NAME"]
        }
        groups[name] = VolumeGroup(
            name=name,
            system_id=own[0]["LVM2_VG_SYSTEMID"],
            # Before LVM 2.03.12 it could not be switched off.
            auto_activation=own[0].get("LVM2_VG_AUTOACTIVATION", "enabled") == "enabled",
            device_numbers=tuple(numbers),
            logical_volumes=logical,
        )
    return groups


# Planning -------------------------------------------------------------------------------------------------------------


def make_plan(volumes: Iterable[Volume], state: State) -> Plan:
    """What has to be done on this node for its volumes, and every reason not to. Pure."""
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
                _plan_filesystem(volume, devices[0], state, plan)
            elif volume.home == state.node:
                _plan_logical_volume(volume, devices, state, plan)
            else:
                for device in devices:
                    _judge_physical_volume(volume, device, state, plan)
        _plan_mount_point(volume, state, plan)
    return plan


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


def _plan_filesystem(volume: Volume, device: Device, state: State, plan: Plan) -> bool:
    """Make the file system where there is nothing yet; returns whether one will be made."""
    elsewhere = [place for place in state.mounted_at(device) if place != volume.mount_point]
    if elsewhere:
        plan.problems.append(
            f"volume {volume.name}: {device.path} is mounted at {', '.join(elsewhere)} on {state.node}; unmount it "
            f"there, the cluster mounts it at {volume.mount_point}"
        )
        return False
    if set(device.signatures) == {volume.filesystem}:
        return False
    if _in_the_making(volume, device, state):
        return False
    if not device.empty:
        plan.problems.append(_not_empty(volume, device, state, f"an empty device or {volume.filesystem}"))
        return False
    if volume.home != state.node:
        return False
    if device.holders:
        plan.problems.append(
            f"volume {volume.name}: {device.path} is in use by {', '.join(device.holders)} on {state.node}; give the "
            "device on top (such as the multipath device), or free it"
        )
        return False
    plan.steps.append(
        Step(
            volume.name,
            before=f"{device.path} holds nothing",
            after=f"{device.path} holds {volume.filesystem}",
            argv=(*MAKE_FILESYSTEM[volume.filesystem], device.path),
        )
    )
    return True


def _in_the_making(volume: Volume, device: Device, state: State) -> bool:
    """Whether the volume's home may be writing to the device at this moment, so that only the home can judge it.

    All nodes look at the same device at once, and what is half made has no signature yet.
    """
    return volume.home != state.node and not device.signatures


def _not_empty(volume: Volume, device: Device, state: State, wanted: str) -> str:
    if device.signatures:
        remedy = f"if nothing on it is needed any more, run `wipefs --all {device.path}` and"
    else:
        remedy = "if nothing on it is needed any more, run"
    return (
        f"volume {volume.name}: {device.path} on {state.node} holds {device.holds}, and {wanted} is needed; nothing is "
        f"ever formatted over data: correct the device, or {remedy} "
        f"`dd if=/dev/zero of={device.path} bs=1M count=1 conv=fsync` yourself"
    )


def _judge_physical_volume(volume: Volume, device: Device, state: State, plan: Plan) -> None:
    """Refuse a device that is neither empty nor a physical volume."""
    if _in_the_making(volume, device, state):
        return
    if not device.empty and set(device.signatures) != {PHYSICAL_VOLUME}:
        plan.problems.append(_not_empty(volume, device, state, "an empty device or an LVM physical volume"))


def _plan_logical_volume(volume: Volume, devices: Sequence[Device], state: State, plan: Plan) -> None:
    """Volume group, logical volume and file system, on the node that prepares them."""
    problems = len(plan.problems)
    for device in devices:
        _judge_physical_volume(volume, device, state, plan)
        owner = state.volume_group_of(device)
        if owner not in (None, volume.volume_group):
            plan.problems.append(
                f"volume {volume.name}: {device.path} on {state.node} belongs to volume group {owner}; correct "
                f"`volume_group`, or take the device out of {owner} (vgreduce, pvremove) if nothing on it is needed"
            )
        elif owner is None and device.holders:
            plan.problems.append(
                f"volume {volume.name}: {device.path} is in use by {', '.join(device.holders)} on {state.node}; free it"
            )
    group = state.volume_groups.get(volume.volume_group or "")
    if group is not None:
        _judge_volume_group(volume, group, devices, state, plan)
    if len(plan.problems) > problems:
        return
    logical = group.logical_volumes.get(volume.logical_volume or "") if group else None
    if group is not None and group.system_id not in ("", state.node):
        # The service runs, or last ran, on another node, which owns the group now.
        return
    _plan_volume_group(volume, group, devices, state, plan)
    if logical is None:
        _plan_new_logical_volume(volume, group, plan)
        return
    _warn_of_size(volume, logical, plan)
    # An inactive one is taken as prepared: to look into it, it would have to be activated, which is the cluster's part.
    if logical.active:
        device = state.devices[volume.block_device]
        if _plan_filesystem(volume, device, state, plan) and not volume.on_all_nodes:
            _add(
                plan,
                volume,
                f"logical volume {volume.volume_group}/{volume.logical_volume} is active",
                f"logical volume {volume.volume_group}/{volume.logical_volume} is inactive",
                ("lvchange", "--activate", "n", f"{volume.volume_group}/{volume.logical_volume}"),
            )


def _plan_new_logical_volume(volume: Volume, group: VolumeGroup | None, plan: Plan) -> None:
    group_name, logical_name = str(volume.volume_group), str(volume.logical_volume)
    name, unfinished = f"{group_name}/{logical_name}", f"{logical_name}{UNFINISHED}"
    extent = ("--size", volume.size) if volume.size else ("--extents", "100%FREE")
    create: tuple[str, ...] = ("lvcreate", "--yes", "--wipesignatures", "y", "--zero", "y")
    last = ("lvchange", "--activate", "n", f"{group_name}/{unfinished}")
    if volume.on_all_nodes:
        # Another node that boots meanwhile would activate it, and keep what is made anew or has got another name.
        create = (*create, "--setactivationskip", "y", "--ignoreactivationskip")
        last = ("lvchange", "--setactivationskip", "n", f"{group_name}/{unfinished}")
    commands: list[tuple[str, ...]] = [
        (*create, *extent, "--name", unfinished, group_name),
        (*MAKE_FILESYSTEM[volume.filesystem], f"/dev/{group_name}/{unfinished}"),
        last,
        ("lvrename", group_name, unfinished, logical_name),
    ]
    if group is not None and unfinished in group.logical_volumes:
        commands.insert(0, ("lvremove", "--yes", f"{group_name}/{unfinished}"))
    _add(
        plan,
        volume,
        f"logical volume {name} is missing",
        f"logical volume {name} holds {volume.filesystem}",
        *commands,
    )


def _judge_volume_group(
    volume: Volume, group: VolumeGroup, devices: Sequence[Device], state: State, plan: Plan
) -> None:
    further = [number for number in group.device_numbers if number not in {device.number for device in devices}]
    if further:
        plan.problems.append(
            f"volume {volume.name}: volume group {group.name} has further physical volumes ({', '.join(further)}) that "
            "the description does not name; add them to `devices`, or take them out with vgreduce"
        )
    if volume.on_all_nodes and group.system_id:
        plan.problems.append(_owned(volume, group))
    if volume.on_all_nodes or group.system_id in ("", state.node):
        return
    incomplete = [device.path for device in devices if device.number not in group.device_numbers]
    if incomplete or volume.logical_volume not in group.logical_volumes:
        plan.problems.append(
            f"volume {volume.name}: volume group {group.name} belongs to node {group.system_id} and is incomplete; "
            f"move the service to {state.node} first, so that this node owns the group"
        )


def _owned(volume: Volume, group: VolumeGroup) -> str:
    """A cluster may rely on system IDs to keep nodes apart: none is taken away, not even this node's."""
    return (
        f"volume {volume.name}: volume group {group.name} belongs to node {group.system_id} by its system ID, and no "
        "other node could use it; if no cluster goes by system IDs any more, run "
        f"`vgchange --yes --systemid '' {group.name}` on {group.system_id}"
    )


def _plan_volume_group(
    volume: Volume, group: VolumeGroup | None, devices: Sequence[Device], state: State, plan: Plan
) -> None:
    name = str(volume.volume_group)
    if group is None:
        # vgcreate makes the physical volumes too; the group is owned by this node because system_id_source is uname.
        options = ("--setautoactivation", "n")
        if volume.on_all_nodes:
            # By no node, whatever lvmlocal.conf says. (Where clvmd runs, --systemid would be refused.)
            options = ("--config", 'global/system_id_source="none"')
        _add(
            plan,
            volume,
            f"volume group {name} is missing",
            f"volume group {name} is on {', '.join(volume.devices)}",
            ("vgcreate", *options, name, *volume.devices),
        )
        return
    added = [device.path for device in devices if device.number not in group.device_numbers]
    if added:
        _add(
            plan,
            volume,
            f"volume group {name} lacks {', '.join(added)}",
            f"volume group {name} is on {', '.join(volume.devices)}",
            ("vgextend", name, *added),
        )
    if not group.system_id and not volume.on_all_nodes:
        _add(
            plan,
            volume,
            f"volume group {name} belongs to no node",
            f"volume group {name} belongs to {state.node}",
            ("vgchange", "--yes", "--systemid", state.node, name),
        )
    if group.auto_activation != volume.on_all_nodes:
        at_boot, by_cluster = "is activated at boot", "is activated by the cluster only"
        _add(
            plan,
            volume,
            f"volume group {name} {at_boot if group.auto_activation else by_cluster}",
            f"volume group {name} {at_boot if volume.on_all_nodes else by_cluster}",
            ("vgchange", "--setautoactivation", "y" if volume.on_all_nodes else "n", name),
        )


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


def _add(plan: Plan, volume: Volume, before: str, after: str, *commands: tuple[str, ...]) -> None:
    plan.steps.extend(Step(volume.name, before, after, argv) for argv in commands)


def make_activation_plan(volumes: Iterable[Volume], state: State) -> Plan:
    """What has to be done for the logical volumes to be active on this node, once their homes have made them. Pure."""
    plan = Plan()
    for volume in volumes:
        if not volume.on_all_nodes or state.node not in volume.nodes:
            continue
        group = state.volume_groups.get(volume.volume_group or "")
        logical = group.logical_volumes.get(volume.logical_volume or "") if group else None
        name = f"{volume.volume_group}/{volume.logical_volume}"
        if group is not None:
            # This node may have one of that name on other devices.
            _judge_volume_group(volume, group, [state.devices[path] for path in volume.devices], state, plan)
        if logical is None:
            plan.unprepared.append(
                f"volume {volume.name}: {state.node} sees no logical volume {name}; have its home {volume.home} "
                f"prepare it, and see that {state.node} has the same devices"
            )
        # Where it is made, it is active.
        active = volume.home == state.node if logical is None else logical.active
        if not active:
            _add(
                plan,
                volume,
                f"logical volume {name} is inactive",
                f"logical volume {name} is active",
                ("lvchange", "--activate", "y", name),
            )
    return plan


# Executing ------------------------------------------------------------------------------------------------------------


def renew_hints(runner: Runner) -> None:
    """Have LVM look at all devices again, and note which of them it needs: other nodes have written to them.

    Without it a node may not find a volume group that another node has made, or miss a device of one, until it boots.
    """
    # 5: of an old release, which has no such notes.
    runner.run(["pvscan", "--cache"], accept=(0, 5), record=False, timeout=120)


def execute(plan: Plan, runner: Runner) -> None:
    """Do what was planned.

    :raises StorageError: the plan has problems, or home nodes have not done their part; nothing is done
    :raises CommandError: a command failed; what was done before it is found and kept by the next run
    """
    problems = [*plan.problems, *plan.unprepared]
    if problems:
        raise StorageError(problems)
    for step in plan.steps:
        if step.directory is not None:
            os.makedirs(step.directory, mode=0o755, exist_ok=True)
        else:
            runner.run(step.argv, timeout=WRITE_TIMEOUT)


def missing_programs(plan: Plan) -> list[str]:
    """Programs that a plan needs and that are not installed on this node."""
    programs = dict.fromkeys(step.argv[0] for step in plan.steps if step.argv)
    return [program for program in programs if shutil.which(program, path=SEARCH_PATH) is None]


def planned_commands(plan: Plan) -> list[str]:
    """The command lines of a plan, as ``execute`` records them."""
    return [shlex.join(step.argv) for step in plan.steps if step.argv]


def summary(volumes: Iterable[Volume], state: State) -> dict[str, Any]:
    """What a node saw of each of its volumes, as the module returns it."""
    return {
        volume.name: {
            "home": volume.home,
            "devices": {
                path: {"holds": state.devices[path].holds, "uuids": list(state.devices[path].uuids)}
                for path in volume.devices
            },
        }
        for volume in volumes
        if state.node in volume.nodes
    }
