# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter corosync_plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description import corosync_options, entries, fields
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem, Problems
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.products import membership
from ansible_collections.groupware.ha.plugins.module_utils.shown import shape
from ansible_collections.groupware.ha.plugins.plugin_utils.filters import filter_module


def corosync_plan(
    states: Mapping[str, Mapping[str, Any]],
    cluster: Mapping[str, Any],
    services: Sequence[Mapping[str, Any]] = (),
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    totem: Mapping[str, Any] | None = None,
    quorum: Mapping[str, Any] | None = None,
    boot: bool = True,
    unencrypted: bool = False,
) -> dict[str, Any]:
    """What has to be done on which node, as a mapping for tasks."""
    problems = _judge(cluster, services, add, remove)
    if problems:
        return membership.MembershipPlan(problems=problems).as_dict()
    addresses = {node["name"]: node["address"] for node in cluster["nodes"]}
    totem_settings, quorum_settings = corosync_options.judge(
        {} if totem is None else totem,
        {} if quorum is None else quorum,
        len(addresses),
        unencrypted=unencrypted,
        problems=problems,
    )
    request = membership.Request(
        name=cluster["name"],
        addresses=addresses,
        add=list(add),
        remove=list(remove),
        totem=totem_settings,
        quorum=quorum_settings,
        services=membership.service_nodes(services),
        boot=boot,
    )
    try:
        found = {str(host): membership.NodeState.from_dict(state) for host, state in states.items()}
    except (AttributeError, KeyError, TypeError) as error:
        raise Failure(
            f"these are not what groupware.ha.corosync_info returns on each node ({type(error).__name__}: {error})"
        ) from error
    return membership.make_plan(request, found, problems).as_dict()


def _judge(cluster: Any, services: Any, add: Any, remove: Any) -> list[Problem]:
    """What goes into corosync.conf or onto a command line, by the rules of the description."""
    if not isinstance(cluster, Mapping):
        return [Problem("groupware_cluster", shape(cluster), "is not a dictionary", "describe the cluster")]
    problems = Problems()
    fault = fields.name_fault(cluster.get("name"))
    if fault is not None:
        problems.add("groupware_cluster.name", cluster.get("name"), *fault)
    problems += entries.judge(cluster.get("nodes"), "groupware_cluster.nodes", ("name", "address"))
    problems += entries.judge_services(services)
    for variable, names in (("cluster_framework_add_nodes", add), ("cluster_framework_remove_nodes", remove)):
        if isinstance(names, (str, bytes)) or not isinstance(names, Sequence):
            problems.add(variable, names, "is not a list", "give a list of names")
            continue
        faults = ((name, fields.name_fault(name)) for name in names)
        problems += [Problem(variable, name, *fault) for name, fault in faults if fault is not None]
    return problems


FilterModule = filter_module(corosync_plan=corosync_plan)
