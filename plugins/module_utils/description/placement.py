# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where services run: who carries what when all is well and when a node is lost, and a drawing of it. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.model import Description, ServiceDescription


def carrier(service: ServiceDescription, lost: Collection[str] = ()) -> str | None:
    """The node that carries a service while the nodes ``lost`` are down; None when no node of it is left."""
    return next((node for node in service.nodes if node not in lost), None)


def load(description: Description, lost: Collection[str] = ()) -> dict[str, list[str]]:
    """Names of the services that each remaining node carries while the nodes ``lost`` are down."""
    carried: dict[str, list[str]] = {node: [] for node in description.cluster.node_names if node not in lost}
    for service in description.services:
        node = carrier(service, lost)
        if node is not None:
            carried[node].append(service.name)
    return carried


def capacity(description: Description) -> dict[str, int]:
    """How many services each node must have room for, so that the loss of any one other node is survived."""
    names = description.cluster.node_names
    situations = [load(description), *(load(description, [lost]) for lost in names)]
    return {name: max(len(situation.get(name, [])) for situation in situations) for name in names}


def draw(description: Description) -> str:
    """The placement as a table of text: services down, nodes across, then what each node must have room for."""
    names = description.cluster.node_names
    rows = [["service", "model", "address", *names]]
    for service in description.services:
        cells = {service.primary: "home"}
        for position, standby in enumerate(service.standbys, start=1):
            cells[standby] = "standby" if len(service.standbys) == 1 else f"standby {position}"
        address = "-" if service.address is None else str(service.address)
        rows.append([service.name, service.model, address, *(cells.get(name, ".") for name in names)])
    room = capacity(description)
    rows.append(
        ["after one loss", "", "", *(f"{room[name]} service{'' if room[name] == 1 else 's'}" for name in names)]
    )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    rule = "  ".join("-" * width for width in widths)
    return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])


def summary(description: Description) -> dict[str, Any]:
    """The placement as data: nodes in order per service, load when all is well, room that each node needs."""
    return {
        "services": {service.name: list(service.nodes) for service in description.services},
        "load": load(description),
        "capacity": capacity(description),
    }
