# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter of the role ias_cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.groupware.ha.plugins.module_utils.deployment import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.formats.registry import show_path
from ansible_collections.groupware.ha.plugins.module_utils.products import ias_synchronizer


def data_synchronization(
    servers: Sequence[Mapping[str, Any]], name: str, parameters: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What a cluster of these servers has in the registry, the order to start them in, and the roles that it gives."""
    try:
        plan = ias_synchronizer.plan(name, parameters or {}, servers)
    except DescriptionError as error:
        raise AnsibleFilterError(str(error)) from None
    key = show_path((*ias_synchronizer.CLUSTERS, name))
    sync_servers = f"{key}\\{ias_synchronizer.SYNC_SERVERS}"
    values = [
        *((key, parameter, value) for parameter, value in plan.parameters.items()),
        *((sync_servers, server, priority) for server, priority in plan.sync_servers.items()),
    ]
    return {
        "values": [{"path": path, "name": one, "data": data, "type": "integer"} for path, one, data in values],
        "purge": [sync_servers],
        "start_order": list(plan.start_order),
        "stop_order": list(plan.stop_order),
        "roles": dict(plan.roles),
        "leaving": list(plan.leaving),
    }


class FilterModule:
    """Filter of the role ias_cluster."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name of the filter."""
        return {"data_synchronization": data_synchronization}
