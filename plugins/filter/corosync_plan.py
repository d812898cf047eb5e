# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter corosync_plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.groupware.ha.plugins.module_utils import membership


def corosync_plan(
    states: Mapping[str, Mapping[str, Any]],
    cluster: Mapping[str, Any],
    services: Sequence[Mapping[str, Any]] = (),
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    totem: Mapping[str, Any] | None = None,
    quorum: Mapping[str, Any] | None = None,
    boot: bool = True,
) -> dict[str, Any]:
    """What has to be done on which node, as a mapping for tasks."""
    try:
        request = membership.Request(
            name=str(cluster["name"]),
            addresses={str(node["name"]): str(node["address"]) for node in cluster["nodes"]},
            add=list(add),
            remove=list(remove),
            totem={key: str(value) for key, value in (totem or {}).items()},
            quorum={key: str(value) for key, value in (quorum or {}).items()},
            services=membership.service_nodes(services),
            boot=boot,
        )
    except (KeyError, TypeError) as error:
        raise AnsibleFilterError(
            f"the description of the cluster cannot be read ({type(error).__name__}: {error}); "
            "groupware.ha.deployment says what is wrong with it"
        ) from error
    found = {str(host): membership.NodeState.from_dict(state) for host, state in states.items()}
    return membership.make_plan(request, found).as_dict()


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Their names."""
        return {"corosync_plan": corosync_plan}
