# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter of the role ias_cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problems, refuse
from ansible_collections.groupware.ha.plugins.module_utils.description.reader import dictionaries_of, dictionary_of
from ansible_collections.groupware.ha.plugins.module_utils.formats.registry import show_path
from ansible_collections.groupware.ha.plugins.module_utils.products import ias_synchronizer
from ansible_collections.groupware.ha.plugins.plugin_utils.filters import filter_module


def data_synchronization(
    servers: Sequence[Mapping[str, Any]],
    cluster: str,
    parameters: Mapping[str, Any] | None = None,
    state: str = "present",
    events: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """What a cluster of these servers has in the registry, the order to start them in, and the roles that it gives."""
    problems = Problems()
    servers = dictionaries_of(servers, "ias_cluster_servers", problems)
    parameters = dictionary_of(parameters, "ias_cluster_parameters", problems)
    refuse(problems)
    plan = ias_synchronizer.plan(cluster, parameters, servers)
    history = plan.history(events)
    if state == "absent":
        plan = plan.dissolved()
    return {
        **_keys(plan),
        "start_order": list(plan.start_order),
        "stop_order": list(plan.stop_order),
        "roles": dict(plan.roles),
        "leaving": list(plan.leaving),
        "outlook": plan.outlook,
        "history": history,
    }


def _keys(plan: ias_synchronizer.Plan) -> dict[str, list[Any]]:
    """What the module registry is to be asked for."""
    key = show_path((*ias_synchronizer.CLUSTERS, plan.name))
    if not plan.servers:
        return {"values": [{"path": key, "state": "absent"}], "purge": []}
    sync_servers = f"{key}\\{ias_synchronizer.SYNC_SERVERS}"
    values = [
        *((key, parameter, value) for parameter, value in plan.parameters.items()),
        *((sync_servers, server, priority) for server, priority in plan.sync_servers.items()),
    ]
    return {
        "values": [{"path": path, "name": one, "data": data, "type": "integer"} for path, one, data in values],
        "purge": [sync_servers],
    }


FilterModule = filter_module(data_synchronization=data_synchronization)
