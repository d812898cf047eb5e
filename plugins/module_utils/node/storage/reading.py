# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node sees of its volumes, by two commands however many volumes there are."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound, Runner
from ansible_collections.groupware.ha.plugins.module_utils.formats.fstab import Mount, parse_fstab, parse_mountinfo
from . import devices as block_devices
from .model import (
    MAKE_FILESYSTEM,
    PHYSICAL_VOLUME,
    UNFINISHED_XFS,
    UNRECOGNISED,
    Device,
    LogicalVolume,
    State,
    SystemFiles,
    Volume,
    VolumeGroup,
)

_ESCAPE = re.compile(r"\\x([0-9a-f]{2})")

#: Exit statuses of ``blkid --probe``: found, nothing found, and contradicting signatures.
_BLKID_STATUSES = (0, 2, 8)


def system_id(runner: Runner) -> str | None:
    """The name by which LVM on this node knows whose a volume group is; nothing without one, or without LVM."""
    try:
        shown = runner.run(["lvm", "systemid"], record=False)
    except CommandNotFound:
        return None
    return shown.stdout.partition(":")[2].strip() or None


def read_state(
    volumes: Iterable[Volume],
    node: str,
    runner: Runner,
    files: SystemFiles | None = None,
    *,
    activation: bool = False,
    inspection: bool = False,
) -> State:
    """What this node sees of its volumes.

    More commands are run with an old wipefs, and to name what is on a device that is refused.

    :param activation: whether to read what ``make_activation_plan`` wants to know, too
    :param inspection: whether only to see which devices these are: neither LVM is asked, nor are devices read
    """
    files = files or SystemFiles()
    own = [volume for volume in volumes if node in volume.nodes]
    homes = [] if inspection else [volume for volume in own if volume.home == node]
    groups: dict[str, VolumeGroup] = {}
    # Only the node that prepares a volume group needs to know what LVM says; the others are not to look while it does.
    if any(volume.volume_group is not None for volume in (own if activation else homes)):
        groups = read_volume_groups(runner)
    logical = [path for volume in own for path in _active_volumes(volume, groups)]
    paths = list(dict.fromkeys([*(device for volume in own for device in volume.devices), *logical]))
    mounts = tuple(parse_mountinfo(block_devices.read_text(files.mountinfo)))
    fstab = parse_fstab(block_devices.read_text(files.fstab))
    devices = read_devices(paths, runner, files, mounts)
    for volume in homes:
        for path in {*volume.devices, *_active_volumes(volume, groups)}:
            devices[path] = _judged_by_home(devices[path], volume, runner)
    return State(
        node=node,
        devices=devices,
        mounts=mounts,
        fstab=tuple(fstab),
        fstab_numbers={
            entry.source: block_devices.device_number(entry.source)
            for entry in fstab
            if entry.source.startswith("/dev/")
        },
        mount_points={volume.mount_point: _directory_state(volume.mount_point) for volume in own},
        volume_groups=groups,
    )


def _active_volumes(volume: Volume, groups: Mapping[str, VolumeGroup]) -> list[str]:
    """Paths of the volume's logical volume, finished or not, if it is active on this node."""
    group = groups.get(volume.volume_group or "")
    if group is None:
        return []
    return [
        f"/dev/{group.name}/{name}"
        for name in (str(volume.logical_volume), volume.unfinished)
        if name in group.logical_volumes and group.logical_volumes[name].active
    ]


def _judged_by_home(device: Device, volume: Volume, runner: Runner) -> Device:
    """Read a device unless it holds what it is to hold; know of an unfinished file system whether it was used."""
    if device.number is None:
        return device
    if device.path == f"/dev/{volume.volume_group}/{volume.unfinished}":
        return with_usage(device)
    if set(device.signatures) in ({volume.filesystem}, {PHYSICAL_VOLUME}):
        return device
    return with_look(device, runner)


def with_usage(device: Device) -> Device:
    """The device with whether a file system on it was ever used."""
    filesystems = [signature for signature in device.signatures if signature in MAKE_FILESYSTEM]
    return replace(device, ever_used=any(block_devices.was_ever_mounted(device.path, kind) for kind in filesystems))


def _directory_state(path: str) -> str:
    try:
        return "used" if os.listdir(path) else "empty"
    except FileNotFoundError:
        return "missing"
    except NotADirectoryError:
        return "other"


# Devices ------------------------------------------------------------------------------------------------------------


def read_devices(
    paths: Sequence[str], runner: Runner, files: SystemFiles, mounts: Sequence[Mount] = ()
) -> dict[str, Device]:
    """Devices by path, with their signatures and names, by one command."""
    numbers = {path: block_devices.device_number(path) for path in paths}
    mounted = {mount.device_number for mount in mounts}
    present = [path for path in paths if numbers[path] is not None]
    kernel_names = {path: os.path.realpath(path) for path in present}
    holders = {
        path: tuple(sorted(_list_directory(f"{files.block_devices}/{numbers[path]}/holders"))) for path in present
    }
    for path in present:
        if numbers[path] not in mounted and not holders[path]:
            block_devices.forget_cached(path)
    found = _read_signatures(list(dict.fromkeys(kernel_names.values())), runner)
    devices = {}
    for path in paths:
        number = numbers[path]
        if number is None:
            devices[path] = Device(path)
            continue
        signatures = found[kernel_names[path]]
        kinds = _texts(signatures, "type")
        if "xfs" in kinds and block_devices.is_unfinished_xfs(path):
            kinds = tuple(UNFINISHED_XFS if kind == "xfs" else kind for kind in kinds)
        devices[path] = Device(
            path=path,
            number=number,
            signatures=kinds,
            uuids=tuple(block_devices.escaped(uuid, plainly=True) for uuid in _texts(signatures, "uuid")),
            labels=_texts(signatures, "label"),
            holders=holders[path],
            size=block_devices.device_size(path),
            hardware=block_devices.hardware_names(number, files),
        )
    return devices


def with_look(device: Device, runner: Runner, *, exclusive: bool = False) -> Device:
    """The device with what reading it shows; see ``look_at``. What is found without a signature gets a name."""
    look = block_devices.look_at(device.path, exclusive=exclusive)
    found = replace(device, look=look)
    if found.holds == UNRECOGNISED:
        remains = _name_at_partition_starts(device.path, runner) or look.remains
        found = replace(found, look=replace(look, remains=remains))
    return found


def _name_at_partition_starts(path: str, runner: Runner) -> str | None:
    """What libblkid recognises where partitions begin, on a disk whose partition table was lost."""
    for offset in block_devices.PARTITION_STARTS:
        try:
            # The old, short options, which all releases have.
            told = runner.run(
                ["blkid", "-p", "-O", str(offset), "-o", "export", path], accept=_BLKID_STATUSES, record=False
            )
        except CommandError:
            continue
        facts = dict(line.split("=", 1) for line in told.stdout.splitlines() if "=" in line)
        kind = facts.get("TYPE") or facts.get("PTTYPE")
        if kind:
            uuid = f" with UUID {block_devices.escaped(facts['UUID'])}" if facts.get("UUID") else ""
            return f"{block_devices.escaped(kind)}{uuid} at byte {offset}, as if its partition table was lost"
    return None


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
    for signature in json.loads(shown.stdout or "{}", strict=False).get("signatures", []):
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
            uuid, label = (_ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), one) for one in (uuid, label))
            signatures.append({"uuid": uuid, "label": label, "type": kind})
    return signatures


def _texts(signatures: Iterable[Mapping[str, Any]], key: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(signature[key]) for signature in signatures if signature.get(key)))


def _list_directory(path: str) -> list[str]:
    try:
        return os.listdir(path)
    except OSError:
        return []


# LVM ----------------------------------------------------------------------------------------------------------------


def read_volume_groups(runner: Runner) -> dict[str, VolumeGroup]:
    """All volume groups that LVM finds on this node, by name; none where LVM is not installed."""
    # One report of everything. --foreign: also groups that belong to another node, whose devices are not ours to take.
    # vg_all and no JSON: so that it is understood by releases that have neither vg_autoactivation nor JSON.
    # No hints: LVM notes which devices it needs to look at, and what other nodes have made since is on others.
    options = ("--foreign", "--noheadings", "--nameprefixes", "--units", "b", "--nosuffix")
    fields = "pv_name,vg_all,lv_name,lv_size,lv_attr,lv_tags"
    try:
        report = runner.run(
            ["pvs", *options, "--config", 'devices/hints="none"', "--options", fields], record=False, timeout=120
        )
    except CommandNotFound:
        return {}
    return parse_volume_groups(report.stdout, block_devices.device_number)


def parse_volume_groups(text: str, number_of: Callable[[str], str | None]) -> dict[str, VolumeGroup]:
    """Volume groups from a report of ``pvs``: one line of ``KEY='VALUE'`` for each segment of each physical volume.

    :param number_of: gives the device number of a path, or None
    """
    rows = [dict(field.split("=", 1) for field in shlex.split(line)) for line in text.splitlines()]
    groups: dict[str, VolumeGroup] = {}
    for name in dict.fromkeys(row["LVM2_VG_NAME"] for row in rows if row["LVM2_VG_NAME"]):
        own = [row for row in rows if row["LVM2_VG_NAME"] == name]
        numbers = dict.fromkeys(number_of(row["LVM2_PV_NAME"]) or row["LVM2_PV_NAME"] for row in own)
        groups[name] = VolumeGroup(
            name=name,
            system_id=own[0]["LVM2_VG_SYSTEMID"],
            # Before LVM 2.03.12 it could not be switched off.
            auto_activation=own[0].get("LVM2_VG_AUTOACTIVATION", "enabled") == "enabled",
            device_numbers=tuple(numbers),
            logical_volumes={row["LVM2_LV_NAME"]: _logical_volume(row) for row in own if row["LVM2_LV_NAME"]},
            tags=_tags(own[0]["LVM2_VG_TAGS"]),
        )
    return groups


def _logical_volume(row: Mapping[str, str]) -> LogicalVolume:
    return LogicalVolume(
        name=row["LVM2_LV_NAME"],
        size=int(row["LVM2_LV_SIZE"]),
        # On this node: active, or suspended for a moment.
        active=row["LVM2_LV_ATTR"][4] in "as",
        tags=_tags(row["LVM2_LV_TAGS"]),
    )


def _tags(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))
