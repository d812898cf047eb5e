# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Do what was planned, with a last look at everything that is written to."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterable

from ansible_collections.groupware.ha.plugins.module_utils.command import SEARCH_PATH, Runner
from ansible_collections.groupware.ha.plugins.module_utils.formats.fstab import parse_mountinfo
from . import devices as block_devices
from . import reading
from .locking import LOCK_WAIT, device_locks
from .lvm_planning import abandoned_problem
from .model import (
    ABANDONED,
    EMPTY,
    NEW,
    TAG,
    Device,
    Expected,
    ExpectedGroup,
    Plan,
    State,
    Step,
    StorageError,
    SystemFiles,
)

#: Seconds for a command that writes: a large file system on slow storage takes its time.
WRITE_TIMEOUT = 3600


def renew_hints(runner: Runner) -> None:
    """Have LVM look at all devices again, and note which of them it needs: other nodes have written to them.

    Without it a node may not find a volume group that another node has made, or miss a device of one, until it boots.
    """
    # 5: of an old release, which has no such notes.
    runner.run(["pvscan", "--cache"], accept=(0, 5), record=False, timeout=120)


def missing_programs(plan: Plan) -> list[str]:
    """Programs that a plan needs and that are not installed on this node."""
    programs = dict.fromkeys(step.argv[0] for step in plan.steps if step.argv)
    return [program for program in programs if shutil.which(program, path=SEARCH_PATH) is None]


def execute(plan: Plan, runner: Runner, files: SystemFiles | None = None, wait: float = LOCK_WAIT) -> None:
    """Do what was planned.

    Much may have happened since the devices were read, for instance while the file system of another volume was made.
    So each step begins with a last look at what it writes to.

    :param wait: seconds to wait for a program that has locked a device
    :raises StorageError: the plan has problems, or home nodes have not done their part, and nothing is done; or the
        last look before a step showed something else than the plan was made for, and it ends before that step
    :raises CommandError: a command failed; what was done before it is found and kept by the next run
    """
    files = files or SystemFiles()
    problems = [*plan.problems, *plan.unprepared]
    if problems:
        raise StorageError(problems)
    for step in plan.steps:
        if step.directory is not None:
            os.makedirs(step.directory, mode=0o755, exist_ok=True)
            continue
        try:
            # An open device cannot be removed, and udev knows of no locks on logical volumes.
            locked = [device.path for device in step.devices if device.kind not in (ABANDONED, NEW)]
            with device_locks(locked, runner, files, wait):
                _look_again(step, runner, files)
                for argv in step.commands:
                    runner.run(argv, timeout=WRITE_TIMEOUT)
        except StorageError as error:
            done = f"done before: {', '.join(runner.commands)}" if runner.commands else "nothing was done before"
            heading = f"Stopped before `{shlex.join(step.argv)}` ({done}):"
            raise StorageError([f"volume {step.volume}: {problem}" for problem in error.problems], heading) from None


def _look_again(step: Step, runner: Runner, files: SystemFiles) -> None:
    """See that everything that a step writes to is as the plan expects it.

    Of LVM's commands it is lvremove that could destroy something; lvcreate takes free extents alone. Each locks the
    group itself, and refuses a name that is taken, a volume that is open and a device that somebody has claimed.

    :raises StorageError: it is not
    """
    problems = []
    if step.group is not None:
        problems += _group_problems(step.group, step.devices, runner)
    if step.devices:
        mounts = tuple(parse_mountinfo(block_devices.read_text(files.mountinfo)))
        paths = [device.path for device in step.devices]
        found = reading.read_devices(paths, runner, files, mounts)
        state = State(os.uname().nodename, found, mounts=mounts)
        for expected in step.devices:
            problem = _device_problem(expected, found[expected.path], state, runner)
            problems += [problem] if problem else []
    if problems:
        raise StorageError(problems)


def _device_problem(expected: Expected, device: Device, state: State, runner: Runner) -> str | None:
    if device.number is None:
        return f"{device.path} is not a block device any more"
    if expected.number not in (None, device.number):
        return f"{device.path} has become another device ({device.number} instead of {expected.number})"
    # Also that nobody has claimed it. The other kinds are not read for zeros, but claimed too.
    device = reading.with_look(device, runner, exclusive=True)
    if device.look is not None and device.look.unreadable is not None:
        return f"{device.path} {device.look.unreadable}"
    if expected.kind == ABANDONED:
        return abandoned_problem(reading.with_usage(device), state)
    if expected.kind == EMPTY:
        right = device.empty
    elif expected.kind == NEW:
        right = not device.signatures
    else:
        right = (device.holds, device.identity) == (expected.holds, expected.identity)
    if right:
        return None
    was = "held nothing" if expected.kind in (EMPTY, NEW) else f"held {expected.holds}"
    return f"{device.path} {was} when it was looked at first, and holds {device.holds_in_words} now; it was left alone"


def _group_problems(expected: ExpectedGroup, devices: tuple[Expected, ...], runner: Runner) -> list[str]:
    groups = reading.read_volume_groups(runner)
    group = groups.get(expected.name)
    # A physical volume of no group may have become one of a group.
    owners = {number: name for name, found in groups.items() for number in found.device_numbers}
    problems = [
        f"{device.path} has become a physical volume of volume group {owners[device.number]}"
        for device in devices
        if device.number in owners
    ]
    if group is None:
        return [*problems, f"volume group {expected.name} is not there any more"] if expected.exists else problems
    if not expected.exists:
        return [*problems, f"volume group {expected.name} has come into being meanwhile"]
    if sorted(group.logical_volumes) != sorted(expected.logical_volumes):
        problems.append(
            f"volume group {expected.name} held {_names(expected.logical_volumes)} when it was looked at first, and "
            f"holds {_names(group.logical_volumes)} now"
        )
    if set(group.device_numbers) != set(expected.device_numbers):
        problems.append(f"volume group {expected.name} is on other devices than when it was looked at first")
    if TAG not in group.tags:
        problems.append(f"volume group {expected.name} has lost its LVM tag {TAG}")
    return problems


def _names(logical_volumes: Iterable[str]) -> str:
    return ", ".join(logical_volumes) or "no logical volume"
