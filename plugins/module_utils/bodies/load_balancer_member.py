# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has a member of front ends be ready, drained or in maintenance on a balancer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.products import haproxy, haproxy_process
from ansible_collections.groupware.ha.plugins.module_utils.products import load_balancer_running as running
from ansible_collections.groupware.ha.plugins.module_utils.products.load_balancer_plan import RUN
from ansible_collections.groupware.ha.plugins.module_utils.products.load_balancer_running import READY, Member
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module

#: Seconds between two looks at how many sessions are left.
_PAUSE = 0.5


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    name, front_end, state = (module.params[one] for one in ("member", "front_end", "state"))
    service = module.params["service"]
    ask = () if service is None else (haproxy_process.of_service(service),)
    everything = running.members(*ask)
    meant = [one for one in everything if one.name == name and front_end in (None, one.front_end)]
    if not meant:
        there = ", ".join(f"{one.front_end}/{one.name}" for one in everything) or "none"
        raise Failure(f"member = {name!r}: is in no such front end; HAProxy has {there}")
    different = [one for one in meant if one.state != state]
    if state != READY and not module.params["offline_too"]:
        _refuse_the_last(different, everything)
    for member in different:
        runner.commands.append(f"# {running.command(member, state)}")
        if not module.check_mode:
            running.set_state(member, state, *ask)
    if different:
        # HAProxy has it in its memory; this is what it knows after its next start.
        runner.run([*RUN, "save"] if service is None else haproxy.saving(service))
    places = [(one.front_end, one.name) for one in meant]
    left = meant if module.check_mode else _settled(module, runner, places, ask)
    diff = {
        "before": {f"{one.front_end}/{one.name}": one.state for one in meant},
        "after": {f"{one.front_end}/{one.name}": state for one in meant},
    }
    return {"changed": bool(different), "diff": diff, "members": [one.as_dict() for one in left]}


def _refuse_the_last(different: Sequence[Member], everything: Sequence[Member]) -> None:
    """Refuse to leave a front end without a member that is given what comes.

    :raises Failure: with all of them
    """
    alone = [
        one.front_end
        for one in different
        if one.usable
        and not any(other.usable for other in everything if other.front_end == one.front_end and other != one)
    ]
    if alone:
        raise Failure(
            f"{different[0].name} is the only member that works for {', '.join(alone)}, which nobody would answer "
            "then; bring another one back first, or, to take it offline, give offline_too: true"
        )


def _settled(
    module: Module, runner: Runner, meant: Sequence[tuple[str, str]], ask: Sequence[running.Ask]
) -> list[Member]:
    """The members, when they have no sessions left, or are given what comes, or the time for it is over."""
    deadline = runner.clock() + module.params["wait"]
    while True:
        members = [one for one in running.members(*ask) if (one.front_end, one.name) in meant]
        if module.params["state"] == READY:
            waiting = [one for one in members if not one.usable]
            if not module.params["wait"] or not waiting:
                return members
            if runner.clock() >= deadline:
                said = ", ".join(f"{one.front_end}: {one.status} ({one.check})" for one in waiting)
                raise Failure(
                    f"{module.params['member']} does not work after {module.params['wait']} seconds, by its checks: "
                    f"{said}; it stays ready, and is given what comes as soon as it does"
                )
            runner.pause(_PAUSE)
            continue
        left = sum(one.sessions for one in members)
        if not module.params["wait"] or not left:
            return members
        if runner.clock() >= deadline:
            raise Failure(
                f"{module.params['member']} still has {left} session{'s' if left > 1 else ''} after "
                f"{module.params['wait']} seconds; it stays {module.params['state']}, so wait longer, or go on without"
            )
        runner.pause(_PAUSE)


BODY = Body(
    {
        "member": {"type": "str", "required": True},
        "front_end": {"type": "str"},
        "service": {"type": "str"},
        "state": {"type": "str", "required": True, "choices": list(running.STATES)},
        "offline_too": {"type": "bool", "default": False},
        "wait": {"type": "int", "default": 0},
    },
    _work,
)
