# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module shared_volumes: read, plan, and unless it is check mode execute."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.description import entries
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from . import executing, planning, reading
from .locking import LOCK_WAIT, node_lock
from .model import (
    ALL_NODES,
    Destruction,
    Plan,
    StorageError,
    SystemFiles,
    Volume,
    VolumesRefused,
    summary,
    volume_from_mapping,
)

PREPARED, ACTIVE, INSPECTED = STATES = ("prepared", "active", "inspected")


@dataclass(frozen=True)
class Outcome:
    """What was planned, and done unless it was check mode; and what the node saw before."""

    plan: Plan
    seen: Mapping[str, Any]


class ProgramsMissing(Failure):
    """Programs that are needed to go on are not installed; nothing was touched."""

    def __init__(self, programs: list[str]) -> None:
        self.programs = programs
        super().__init__(f"not installed, but needed: {', '.join(programs)}; nothing was touched on the volumes")

    @property
    def details(self) -> dict[str, Any]:
        """See Failure."""
        return {"missing_programs": self.programs}


def judge(options: Mapping[str, Any]) -> None:
    """Judge how the volumes are described, before this node is looked at.

    :raises StorageError: with everything that is wrong
    """
    wrong = entries.judge(options["volumes"], "volumes", ("name", "mount_point", "nodes", "home"))
    if wrong:
        raise StorageError(list(map(str, wrong)), DescriptionError(wrong).heading)


def run(
    options: Mapping[str, Any],
    node: str,
    runner: Runner,
    *,
    check: bool,
    files: SystemFiles | None = None,
    wait: float = LOCK_WAIT,
) -> Outcome:
    """Prepare, activate or inspect volumes, as the module's options say.

    :param wait: seconds to wait for another run on this node, and for programs that have locked a device
    :raises StorageError: volumes that cannot be used as described, or another run that does not end
    :raises ProgramsMissing: programs are not installed
    :raises CommandError: a command failed
    """
    files = files or SystemFiles()
    state = options["state"]
    if state == ACTIVE and options["volume_group_access"] != ALL_NODES:
        raise StorageError(
            ["state = 'active' is for volume_group_access = 'all_nodes'; with 'one_node' the cluster activates"]
        )
    volumes = [
        volume_from_mapping(
            {**volume, "filesystem": volume["filesystem"] or options["filesystem"]}, options["volume_group_access"]
        )
        for volume in options["volumes"]
    ]
    destroy = [Destruction(**wanted) for wanted in options["destroy"]]
    problems = planning.unknown_destructions(volumes, destroy)
    if problems:
        raise StorageError(problems)
    if state == INSPECTED:
        return Outcome(Plan(), summary(volumes, reading.read_state(volumes, node, runner, files, inspection=True)))
    with nullcontext() if check else node_lock(runner, files, wait):
        return _run(volumes, destroy, node, runner, files, wait, check=check, activation=state == ACTIVE)


def _run(
    volumes: list[Volume],
    destroy: list[Destruction],
    node: str,
    runner: Runner,
    files: SystemFiles,
    wait: float,
    *,
    check: bool,
    activation: bool,
) -> Outcome:
    if activation and not check:
        executing.renew_hints(runner)
    state = reading.read_state(volumes, node, runner, files, activation=activation)
    plan = planning.make_activation_plan(volumes, state) if activation else planning.make_plan(volumes, state, destroy)
    if plan.problems:
        # What is to be activated may have to be made before, and a disk that is not there may come.
        unknown = activation or any(device.number is None for device in state.devices.values())
        raise (StorageError if unknown else VolumesRefused)(plan.problems)
    missing = [] if check else executing.missing_programs(plan)
    if missing:
        raise ProgramsMissing(missing)
    if not check:
        executing.execute(plan, runner, files, wait)
    return Outcome(plan, summary(volumes, state))
