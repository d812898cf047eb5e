# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be done on which node so that each instance of Messaging Server can run on all of its nodes. Pure.

The role goes by the plan, and what it would do is told by the same one, so that the two agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .messaging_agents import AGENTS

#: What messaging_instance_info returned, by node: of each instance, by its name.
Found = Mapping[str, Mapping[str, Mapping[str, Any]]]
#: Where the cluster runs each service; None for one that is online nowhere.
Homes = Mapping[str, "str | None"]

_STEPS = ("install", "configure", "register", "join")


def plan(
    found: Found, instances: Sequence[Mapping[str, Any]], homes: Homes, framework: str
) -> dict[str, dict[str, list[str]]]:
    """Names of instances by node and step.

    ``install`` has those whose programs are to be installed there, ``join`` those that the node cannot run before it
    has had their volume. ``configure`` has those that are configured there or compared with their description, and
    ``register`` those whose agent has to be known there, whether that is so already or not.

    :param found: of the nodes of the run
    :param instances: as the filter messaging_instances gives them
    :param framework: empty where the cluster runs on no node of the run
    """
    steps: dict[str, dict[str, list[str]]] = {node: {step: [] for step in _STEPS} for node in found}
    for node, has in found.items():
        for instance in instances:
            home = homes.get(instance["name"])
            for step in _steps(instance, has[instance["name"]], node, home if home in found else None, framework):
                steps[node][step].append(instance["name"])
    return steps


def _steps(
    instance: Mapping[str, Any], has: Mapping[str, Any], node: str, home: str | None, framework: str
) -> Iterator[str]:
    may_run, shared = node in instance["nodes"], instance["shared"]
    agent = AGENTS.get(framework)
    # Programs on the volume are there once, and can be called where it is mounted.
    if may_run and not has["installed"] and (not shared or node == home):
        yield "install"
    if node == home:
        yield "configure"
    if (agent is not None and agent.everywhere) or (may_run and (not shared or node == home)):
        yield "register"
    lacks_agent = agent is not None and agent.copies and framework not in has["agents"]
    if may_run and home not in (None, node) and (lacks_agent if shared else not has["joined"]):
        yield "join"


def differences(
    found: Found,
    compared: Found,
    instances: Sequence[Mapping[str, Any]],
    homes: Homes,
    framework: str,
) -> list[str]:
    """What the role would do to the instances, in words.

    :param compared: what messaging_instance_info returned besides, by node and name
    """
    steps = plan(found, instances, homes, framework)
    lines = []
    for instance in instances:
        name = instance["name"]
        for node in found:
            due = [step for step in _STEPS if name in steps[node][step]]
            lines += [f"{node}: {words}" for words in _words(name, due, found[node][name], compared[node][name])]
        if homes.get(name) not in found:
            where = "its service is online on none of these nodes"
            lines.append(f"{name}: {where}, so that it is not known whether there is something to configure")
    return lines


def _words(name: str, due: Sequence[str], has: Mapping[str, Any], compared: Mapping[str, Any]) -> Iterator[str]:
    if "install" in due:
        yield f"installs the programs of {name}"
    if "configure" in due:
        if has["configured"] is None or "configure" in has["unfinished"]:
            yield f"configures {name}"
        elif compared["problem"] is not None:
            yield f"{name} cannot be compared with its description: {compared['problem']}"
        elif compared["options"]:
            yield f"sets options of {name}: {', '.join(compared['options'])}"
    if "register" in due and not compared["registered"]:
        yield f"makes the agent of {name} known to the cluster"
    if "join" in due:
        yield f"joins {name}, to be able to run it"
