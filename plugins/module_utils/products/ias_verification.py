# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a cluster of iPlanet Application Servers is as it is described, by what was found. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.formats.registry import parse_path, show_path

Results = Mapping[str, Mapping[str, Any]]


def verification(
    plan: Mapping[str, Any],
    name: str,
    directory: Mapping[str, Any],
    registries: Results,
    servers: Results,
    asked: Collection[str],
) -> dict[str, list[str]]:
    """Everything that is wrong, what could not be asked, and a line for a cluster with which nothing is wrong.

    :param plan: what the filter data_synchronization makes of the description
    :param directory: what the module registry would do to the directory
    :param registries: what it would do to the registry of each server that answered
    :param servers: what the module ias_server says of each of them
    :param asked: all that were asked
    """
    described = [*plan["start_order"], *plan["leaving"]]
    problems = []
    if directory["changes"]:
        problems.append(f"the directory is not as described: {_shown(directory['changes'])}")
    for server in described:
        if server not in registries:
            problems += [f"{server}: gave no answer"] if server in asked else []
        else:
            problems += _server(server, registries[server], servers.get(server, {}))
    order = ", ".join(f"{server} {plan['roles'][server]}" for server in plan["start_order"] if server in registries)
    lines = [f"{name}: the servers run, and are as described: {order} when they are started in order"]
    return {
        "problems": [f"{name}: {problem}" for problem in problems],
        "unknown": [f"{name}: {server}: was not asked" for server in described if server not in {*registries, *asked}],
        "lines": [] if problems else lines,
    }


def _server(server: str, registry: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    if registry.get("changes"):
        yield f"{server}: its registry is not as described: {_shown(registry['changes'])}"
    # One that has left for another cluster is not asked.
    if found.get("running") is False:
        yield f"{server}: does not run"


def _shown(changes: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(
        f"{change['action'].replace('_', ' ')} {show_path(parse_path(change['path'])[-2:])}"
        + (f" {change['name']}" if change.get("name") else "")
        for change in changes
    )
