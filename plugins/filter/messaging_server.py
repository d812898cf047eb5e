# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of the role messaging_server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.entries import SHARES, refuse
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.capabilities import CAPABILITIES
from ansible_collections.groupware.ha.plugins.module_utils.products.messaging_agents import AGENTS
from ansible_collections.groupware.ha.plugins.module_utils.products.messaging_instances import (
    complete as messaging_instances,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.messaging_plan import (
    differences as messaging_differences,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.messaging_plan import plan as messaging_plan
from ansible_collections.groupware.ha.plugins.plugin_utils.filters import filter_module


def shares(given: Any) -> Any:
    """Shares of NFS as they are, judged: each becomes a line of fstab."""
    refuse(given, "messaging_server_shares", ("device", "mount_point"), SHARES)
    return given


def messaging_agent(framework: str) -> dict[str, Any]:
    """What runs it for a framework: the type of its resources, whether it is on all nodes, what is copied to a node.

    :param framework: empty where the cluster runs on no node that was asked: nothing is known of its agent then
    """
    agent = AGENTS.get(framework)
    if agent is None:
        return {"type": "", "everywhere": False, "copies": []}
    resource_type = CAPABILITIES[framework].types["messaging_server"]
    return {"type": resource_type, "everywhere": agent.everywhere, "copies": list(agent.copies)}


def messaging_users(status: Mapping[str, Any]) -> list[str]:
    """The services that run it.

    :param status: the cluster as groupware.ha.cluster_info returns it; empty where it runs on no node that was asked
    """
    wanted = messaging_agent(status.get("framework", ""))["type"]
    return [
        name
        for name, service in status.get("services", {}).items()
        # On Solaris Cluster a type may have a version.
        if any(member["type"].partition(":")[0] == wanted for member in service["members"].values())
    ]


FilterModule = filter_module(
    messaging_agent=messaging_agent,
    messaging_differences=messaging_differences,
    messaging_instances=messaging_instances,
    messaging_plan=messaging_plan,
    messaging_users=messaging_users,
    shares=shares,
)
