# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the files of a node that runs Scalix are to be, which depends on those of all the others. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import scalix_connectors, scalix_instance
from .scalix_instance import Instance

INSTANCE_CFG = "/etc/opt/scalix/instance.cfg"
CONNECTOR = "/etc/opt/scalix-tomcat/connector"
#: What scalix_node_info says of an instance that is whole.
INSTALLED = "installed"


def wanted_files(
    nodes: Mapping[str, Mapping[str, Any]], node: str, instances: Sequence[Instance], autostart: bool = False
) -> dict[str, str | None]:
    """What this node's files are to be, by path; None for one that is to go.

    :param nodes: what scalix_node_info returned of each node, this one among them
    """
    blocks = scalix_instance.registered({name: told["instance_cfg"] for name, told in nodes.items()}, instances)
    result: dict[str, str | None] = {}
    own = nodes[node]["instance_cfg"]
    if blocks or own:
        result[INSTANCE_CFG] = scalix_instance.with_instances(own, blocks, autostart)
    connectors = {
        name: scalix_connectors.NodeFiles(
            told["connectors"],
            [one for one, found in told["instances"].items() if found["status"] == INSTALLED],
            told["web_client"],
        )
        for name, told in nodes.items()
    }
    wanted = scalix_connectors.wanted_connectors(connectors, node, instances)
    result.update({f"{CONNECTOR}/{path}": text for path, text in wanted.items()})
    return result


def differing_files(nodes: Mapping[str, Mapping[str, Any]], node: str, instances: Sequence[Instance]) -> list[str]:
    """Paths of this node's files that are not as they are to be.

    :param nodes: what scalix_node_info returned of each node, this one among them
    """
    present = {f"{CONNECTOR}/{path}": text for path, text in nodes[node]["connectors"].items()}
    if nodes[node]["instance_cfg"] is not None:
        present[INSTANCE_CFG] = nodes[node]["instance_cfg"]
    return [path for path, text in wanted_files(nodes, node, instances).items() if present.get(path) != text]
