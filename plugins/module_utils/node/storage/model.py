# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words of the shared volumes: what is described, what a node sees, what is planned. Pure."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure, Refusal
from ansible_collections.groupware.ha.plugins.module_utils.formats.fstab import FstabEntry, Mount

#: How each file system is made; all of them keep silent and ask nothing.
MAKE_FILESYSTEM: Mapping[str, tuple[str, ...]] = {
    "ext3": ("mkfs.ext3", "-q"),
    "ext4": ("mkfs.ext4", "-q"),
    "xfs": ("mkfs.xfs", "-q"),
}

#: What a mkfs.xfs leaves that was killed: libblkid takes it for XFS, and no kernel mounts it.
UNFINISHED_XFS = "unfinished xfs"

#: libblkid's name for an LVM physical volume.
PHYSICAL_VOLUME = "LVM2_member"

#: What is on a device that has data, and no signature.
UNRECOGNISED = "unrecognised data"

#: What a logical volume's name ends in until its file system is made. A run may die in between, with its node too: what
#: goes by the volume's own name is whole, and what does not holds nothing that anybody ever used.
UNFINISHED = "_unfinished"

#: LVM tag of volume groups and logical volumes that were made here, or that were handed over: others are not changed.
TAG = "groupware_ha"

#: Who may use a volume group: one node at a time, which its system ID names; or all nodes of the volume at once, whose
#: cluster sees to it that one of them mounts the file system.
ONE_NODE, ALL_NODES = "one_node", "all_nodes"


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

    @property
    def unfinished(self) -> str:
        """The logical volume's name until its file system is made."""
        return f"{self.logical_volume}{UNFINISHED}"


@dataclass(frozen=True)
class Destruction:
    """What somebody wants to have destroyed: what exactly is on which device. See ``Device.identity``."""

    device: str
    holds: str
    identity: str


@dataclass(frozen=True)
class Look:
    """What reading a device showed. The default is zeros wherever it was read."""

    #: Byte where the first data is, or None.
    data_at: int | None = None
    #: What the data seems to be, in words.
    remains: str | None = None
    #: Why it could not be read as it should, or None. Then nothing is known.
    unreadable: str | None = None
    #: Digest of all that was read.
    fingerprint: str = ""


@dataclass(frozen=True)
class Device:
    """A block device as a node sees it."""

    path: str
    #: ``major:minor``; None where there is no block device of that path.
    number: str | None = None
    signatures: tuple[str, ...] = ()
    uuids: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    #: What reading it showed; None where it was not read, since there was no need to.
    look: Look | None = None
    #: Names of block devices that are built on this one.
    holders: tuple[str, ...] = ()
    #: Bytes.
    size: int | None = None
    #: What the device calls itself, such as its world-wide name, by kind of name.
    hardware: Mapping[str, str] = field(default_factory=dict)
    #: Whether the file system on it was ever mounted; known for logical volumes that are not finished.
    ever_used: bool = False

    @property
    def empty(self) -> bool:
        """Whether it is known that there is nothing on it that could be lost."""
        return (
            not self.signatures and self.look is not None and self.look.unreadable is None and self.look.data_at is None
        )

    @property
    def holds(self) -> str:
        """What is on it, as signatures have it, or `unrecognised data`, `nothing`, `unknown`."""
        if self.signatures:
            return ", ".join(self.signatures)
        if self.look is None or self.look.unreadable is not None:
            return "unknown"
        return "nothing" if self.look.data_at is None else UNRECOGNISED

    @property
    def identity(self) -> str:
        """What tells the content from other content: the UUIDs of what is on it, or a digest of what was read."""
        return ",".join(self.uuids) or (self.look.fingerprint if self.look else "")

    @property
    def holds_in_words(self) -> str:
        """What is on it, for a message."""
        if self.holds != UNRECOGNISED or self.look is None:
            return self.holds
        remains = self.look.remains or "data of a kind that is not recognised"
        return f"{remains} (at byte {self.look.data_at})"


@dataclass(frozen=True)
class LogicalVolume:
    """A logical volume as LVM reports it."""

    name: str
    size: int
    active: bool
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class VolumeGroup:
    """A volume group as LVM reports it; ``device_numbers`` are its physical volumes."""

    name: str
    system_id: str
    auto_activation: bool
    device_numbers: tuple[str, ...]
    logical_volumes: Mapping[str, LogicalVolume]
    tags: tuple[str, ...] = ()


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
    udev: str = "/run/udev/data"
    lock: str = "/run/groupware_ha.shared_volumes.lock"


#: What a device must be at the last moment. EMPTY: nothing on it. NAMED: what somebody wants to have destroyed.
#: PHYSICAL: a physical volume of no group. NEW: a logical volume that this run has made, where residues of former ones
#: may be. ABANDONED: a logical volume that an earlier run has not finished.
EMPTY, NAMED, PHYSICAL, NEW, ABANDONED = "empty", "named", "physical", "new", "abandoned"


@dataclass(frozen=True)
class Expected:
    """What a device must be immediately before a step touches it."""

    path: str
    kind: str
    #: The device that was looked at for the plan; None for a logical volume that is yet to be made.
    number: str | None = None
    holds: str | None = None
    identity: str | None = None


@dataclass(frozen=True)
class ExpectedGroup:
    """What a volume group must be immediately before a step changes it; ``logical_volumes`` are all of its names."""

    name: str
    exists: bool
    logical_volumes: tuple[str, ...] = ()
    device_numbers: tuple[str | None, ...] = ()


@dataclass(frozen=True)
class Step:
    """One thing to do: make a directory, or run a command, after a last look at what it writes to."""

    volume: str
    before: str
    after: str
    argv: tuple[str, ...] = ()
    directory: str | None = None
    devices: tuple[Expected, ...] = ()
    group: ExpectedGroup | None = None

    @property
    def commands(self) -> tuple[tuple[str, ...], ...]:
        """The command, and before it what wipes the devices whose content is to be destroyed."""
        named = tuple(device.path for device in self.devices if device.kind == NAMED)
        wipes = (("wipefs", "--all", *named),) if named else ()
        return (*wipes, self.argv) if self.argv else ()


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

    def add(self, volume: Volume, before: str, after: str, *commands: tuple[str, ...]) -> None:
        """Add steps that write to no device."""
        self.steps.extend(Step(volume.name, before, after, argv) for argv in commands)


class StorageError(Failure):
    """Volumes that cannot be used as described; nothing was touched on them here, unless the heading says so.

    Other roles may have changed something before, and other nodes prepare their volumes at the same time.
    """

    def __init__(
        self, problems: Sequence[str], heading: str = "Nothing was touched on the volumes of this node:"
    ) -> None:
        self.problems = tuple(problems)
        super().__init__("\n  - ".join([heading, *self.problems]))

    @property
    def details(self) -> dict[str, Any]:
        """See Failure."""
        return {"problems": list(self.problems)}


class VolumesRefused(Refusal, StorageError):
    """Volumes that cannot be made as described, whatever else is done before."""


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


def planned_commands(plan: Plan) -> list[str]:
    """The command lines of a plan, as ``execute`` records them."""
    return [shlex.join(argv) for step in plan.steps for argv in step.commands]


def summary(volumes: Iterable[Volume], state: State) -> dict[str, Any]:
    """What a node saw of each of its volumes, as the module returns it."""
    return {
        volume.name: {
            "home": volume.home,
            "devices": {path: _device_summary(state.devices[path], state) for path in volume.devices},
        }
        for volume in volumes
        if state.node in volume.nodes
    }


def _device_summary(device: Device, state: State) -> dict[str, Any]:
    return {
        "exists": device.number is not None,
        "holds": device.holds,
        "signatures": list(device.signatures),
        "uuids": list(device.uuids),
        "size": device.size,
        "hardware": dict(device.hardware),
        "used_by": sorted({*state.mounted_at(device), *device.holders}),
    }
