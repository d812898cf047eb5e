# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of the role load_balancer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError, Problem
from ansible_collections.groupware.ha.plugins.module_utils.products import load_balancer_front_ends
from ansible_collections.groupware.ha.plugins.module_utils.products import load_balancer_plan as planning
from ansible_collections.groupware.ha.plugins.module_utils.products import load_balancer_verification as verifying
from ansible_collections.groupware.ha.plugins.plugin_utils.filters import filter_module


def load_balancer_plan(
    front_ends: Any,
    name: str,
    balancers: Any,
    balancer: str,
    connections: Any = planning.USUAL_CONNECTIONS,
    peers_port: Any = planning.USUAL_PEERS_PORT,
) -> dict[str, Any]:
    """What a balancer is to be, and all files that it needs for it."""
    plan = planning.parse(name, balancers, front_ends, connections, peers_port)
    own = next((one for one in plan.balancers if one.name == balancer), None)
    if own is None:
        names = ", ".join(one.name for one in plan.balancers)
        reason = f"does not name this host; it has {names}"
        raise DescriptionError([Problem(planning.BALANCERS, balancer, reason, "add it, or leave the host out")])
    return {
        "address": own.address,
        "addresses": list(plan.routers),
        "files": planning.files(plan, balancer),
        "pages": load_balancer_front_ends.pages(plan.front_ends),
        "outlook": load_balancer_front_ends.outlook(plan.front_ends),
    }


def load_balancer_verification(
    infos: Mapping[str, Mapping[str, Any]],
    name: str,
    balancers: Any,
    front_ends: Any,
    compared: Mapping[str, Mapping[str, Any]] | None = None,
    answers: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, list[str]]:
    """What works and what does not, in lines to read."""
    plan = planning.parse(name, balancers, front_ends)
    return verifying.judge(plan, infos, compared or {}, answers or {}).as_dict()


def load_balancer_members(front_ends: Mapping[str, Any], address: str, port: int) -> list[dict[str, str]]:
    """The members of balancers' front ends that are one server."""
    return [
        {"balancer": balancer, "front_end": front_end["name"], "member": member["name"]}
        for balancer, described in front_ends.items()
        for front_end in described or ()
        for member in front_end["members"]
        if (str(member["address"]), int(member.get("port", front_end["port"]))) == (address, int(port))
    ]


FilterModule = filter_module(
    load_balancer_members=load_balancer_members,
    load_balancer_plan=load_balancer_plan,
    load_balancer_verification=load_balancer_verification,
)
