# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says at the end of a run what it came to, for each cluster and tier; on the controller, no host is connected to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.groupware.ha.plugins.module_utils.site import outcome

_KNOWN = ("groupware_found", "failover_service_result")


class ActionModule(ActionBase):
    """Prints the table, and fails where a run did not do its job."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = True
    _VALID_ARGS = frozenset()

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the action."""
        variables = task_vars or {}
        result = super().run(tmp, variables)
        if "groupware_request" not in variables:
            raise AnsibleActionFail("nothing is known of this run, since its beginning was left out (--start-at-task)")
        request = variables["groupware_request"]
        alive = variables["ansible_play_hosts"]
        limited = variables.get("ansible_limit") is not None
        outcomes = [
            outcome.of_cluster(
                str(cluster["name"]),
                cluster["nodes"],
                {host: self._known(host, variables) for host in cluster["hosts"]},
                alive,
                limited=limited,
                before=self._before(cluster["hosts"], request["waves"], variables),
            )
            for cluster in request["clusters"]
        ]
        run = variables["ansible_play_hosts_all"]
        tiers = [(tier, [host for host in tier["hosts"] if host in run]) for tier in request["tiers"]]
        outcomes += [outcome.of_tier(f"{tier['kind']} {tier['name']}", hosts, alive) for tier, hosts in tiers if hosts]
        lines = outcome.table(outcomes)
        Display().display("\n".join(["", *lines, ""]))
        failed = [one.name for one in outcomes if one.outcome != outcome.DONE]
        result.update(changed=False, lines=lines)
        if failed:
            result.update(failed=True, msg=f"Not everything was done: {', '.join(failed)}; see the table")
        return result

    def _before(
        self, hosts: Sequence[str], waves: Sequence[Mapping[str, Any]], variables: dict[str, Any]
    ) -> Sequence[str]:
        """Those hosts of earlier waves that took part."""
        answering = variables["groups"].get("groupware_answering", [])
        (wave,) = (wave for wave in waves if set(hosts) & set(wave["hosts"]))
        return [host for host in wave["before"] if host in answering]

    def _known(self, host: str, variables: dict[str, Any]) -> dict[str, Any]:
        of_host = variables["hostvars"][host]
        return {name: of_host[name] for name in _KNOWN if name in of_host}
