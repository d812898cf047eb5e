# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be made on one device, and what is on it that forbids it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from .model import (
    EMPTY,
    MAKE_FILESYSTEM,
    NAMED,
    PHYSICAL,
    PHYSICAL_VOLUME,
    UNFINISHED_XFS,
    Destruction,
    Device,
    Expected,
    Plan,
    State,
    Step,
    Volume,
)


def plan_filesystem(
    volume: Volume, device: Device, state: State, plan: Plan, destroy: Sequence[Destruction] = ()
) -> bool:
    """Make the file system where there is nothing yet; returns whether one will be made."""
    elsewhere = [place for place in state.mounted_at(device) if place != volume.mount_point]
    if elsewhere:
        plan.problems.append(
            f"volume {volume.name}: {device.path} is mounted at {', '.join(elsewhere)} on {state.node}; unmount it "
            f"there, the cluster mounts it at {volume.mount_point}"
        )
        return False
    if set(device.signatures) == {volume.filesystem} or _in_the_making(volume, device, state):
        return False
    wanted = f"an empty device or {volume.filesystem}"
    expected = _may_be_written(volume, device, state, plan, wanted, destroy)
    if expected is None or volume.home != state.node:
        return False
    if device.holders or state.mounted_at(device):
        used_by = ", ".join([*device.holders, *state.mounted_at(device)])
        plan.problems.append(
            f"volume {volume.name}: {device.path} is in use by {used_by} on {state.node}; give the device on top (such "
            "as the multipath device), or free it"
        )
        return False
    plan.steps.append(
        Step(
            volume.name,
            before=f"{device.path} holds {device.holds}",
            after=f"{device.path} holds {volume.filesystem}",
            argv=(*MAKE_FILESYSTEM[volume.filesystem], device.path),
            devices=(expected,),
        )
    )
    return True


def judge_physical_volume(
    volume: Volume, device: Device, state: State, plan: Plan, destroy: Sequence[Destruction] = ()
) -> Expected | None:
    """Refuse a device that is neither empty nor a physical volume; what it must still be when it is taken."""
    if _in_the_making(volume, device, state):
        return None
    if set(device.signatures) == {PHYSICAL_VOLUME}:
        return Expected(device.path, PHYSICAL, device.number, device.holds, device.identity)
    return _may_be_written(volume, device, state, plan, "an empty device or an LVM physical volume", destroy)


def _may_be_written(
    volume: Volume, device: Device, state: State, plan: Plan, wanted: str, destroy: Sequence[Destruction]
) -> Expected | None:
    """What the device must still be when it is written to; None and a problem if it may not be written to."""
    if device.empty:
        return Expected(device.path, EMPTY, device.number)
    unreadable = device.look is not None and device.look.unreadable is not None
    if not unreadable and any(_names(wish, device, volume.home == state.node) for wish in destroy):
        return Expected(device.path, NAMED, device.number, device.holds, device.identity)
    plan.problems.append(_not_empty(volume, device, state, wanted, destroy))
    return None


def _names(wish: Destruction, device: Device, at_home: bool) -> bool:
    """Whether exactly what is on the device is to be destroyed. Nodes that are not its home may not know all of it."""
    same_content = wish.identity == device.identity if device.identity else not at_home
    return (wish.device, wish.holds) == (device.path, device.holds) and same_content


def _in_the_making(volume: Volume, device: Device, state: State) -> bool:
    """Whether the volume's home may be writing to the device at this moment, so that only the home can judge it.

    All nodes look at the same device at once, and what is half made has no signature yet, or that of an unfinished XFS.
    With another signature a device may be judged by any node.
    """
    return volume.home != state.node and set(device.signatures) <= {UNFINISHED_XFS}


def _not_empty(volume: Volume, device: Device, state: State, wanted: str, destroy: Sequence[Destruction]) -> str:
    where = f"volume {volume.name}: {device.path} on {state.node}"
    if device.look is not None and device.look.unreadable is not None:
        return (
            f"{where} {device.look.unreadable}; it is not known what is on it, so nothing is made there: see that the "
            "device works and has its right size"
        )
    holds = device.holds_in_words
    if device.signatures and device.uuids:
        holds += f" (UUID {', '.join(device.uuids)})"
    stale = "".join(
        f"; destroy names {wish.holds} {wish.identity} there, which is something else"
        for wish in destroy
        if wish.device == device.path
    )
    # In a dictionary in braces a comma ends what is not in quotes.
    path = f"'{device.path}'" if "," in device.path else device.path
    entry = f"{{device: {path}, holds: '{device.holds}', identity: '{device.identity}'}}"
    how = (
        "if nothing on it is needed any more, have it destroyed by this entry of `destroy` (shared_storage_destroy): "
        f"{entry}"
        if device.identity
        else f"or empty it on {volume.home}"
    )
    return (
        f"{where} holds {holds}, and {wanted} is needed{stale}; nothing is ever formatted over data: correct the "
        f"device, or, {how}"
    )
