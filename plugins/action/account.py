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
        nothing = {"found": {}, "differences": {}, "states": {}, "hosts": [], "unanswering": []}
        compared = variables.get("groupware_compared", nothing)
        refusals = compared.get("refusals", {})
        alive = variables["ansible_play_hosts"]
        limited = variables.get("ansible_limit") is not None
        outcomes = [
            outcome.of_cluster(
                str(cluster["name"]),
                cluster["nodes"],
                cluster["hosts"],
                next((compared["found"][host] for host in cluster["hosts"] if host in compared["found"]), {}),
                self._result(cluster, compared, variables),
                [host for host in alive if host not in refusals and host not in compared["unanswering"]],
                limited=limited,
                before=self._before(
                    cluster["hosts"], request["waves"], [*compared["hosts"], *refusals, *compared["unanswering"]]
                ),
                refusals=next((refusals[host] for host in cluster["hosts"] if host in refusals), ()),
            )
            for cluster in request["clusters"]
        ]
        run = variables["ansible_play_hosts_all"]
        tiers = [(tier, [host for host in tier["hosts"] if host in run]) for tier in request["tiers"]]
        outcomes += [
            outcome.of_tier(
                f"{tier['kind']} {tier['name']}",
                hosts,
                alive,
                unchanged="tiers" in compared and tier not in compared["tiers"],
                refusals=compared.get("refused_tiers", {}).get(f"{tier['kind']} {tier['name']}", ()),
            )
            for tier, hosts in tiers
            if hosts
        ]
        lines = outcome.table(outcomes)
        Display().display("\n".join(["", *lines, ""]))
        failed = [one.name for one in outcomes if one.outcome != outcome.DONE]
        result.update(changed=False, lines=lines)
        if failed:
            result.update(failed=True, msg=f"Not everything was done: {', '.join(failed)}; see the table")
        return result

    def _before(
        self, hosts: Sequence[str], waves: Sequence[Mapping[str, Any]], changing: Sequence[str]
    ) -> Sequence[str]:
        """Those hosts of earlier waves that took part."""
        (wave,) = (wave for wave in waves if set(hosts) & set(wave["hosts"]))
        return [host for host in wave["before"] if host in changing]

    def _result(
        self, cluster: Mapping[str, Any], compared: Mapping[str, Any], variables: dict[str, Any]
    ) -> Mapping[str, Any]:
        """What became of the services of a cluster: what the run did, or found where there was nothing to do."""
        for host in cluster["hosts"]:
            result = variables["hostvars"].raw_get(host).get("failover_service_result")
            if result is not None:
                return dict(result)
        unchanged = compared["differences"].get(cluster["name"]) == []
        return {"services": compared["states"].get(cluster["name"], {}), "unchanged": unchanged}
