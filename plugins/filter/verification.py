# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What nodes, cluster and applications answered, compared with what is described."""

from __future__ import annotations

import json

from ansible_collections.groupware.ha.plugins.module_utils.frameworks.capabilities import capabilities_of
from ansible_collections.groupware.ha.plugins.module_utils.site.comparing import weak_spots
from ansible_collections.groupware.ha.plugins.plugin_utils.filters import filter_module


def _placed(nodes):
    """The nodes in words."""
    return " and ".join(nodes) or "no node"


def _read(info, mounts, addresses):
    """One node's answers: what it says of the cluster, its mount points and its addresses.

    A node without the programs of Linux says nothing of mounts or addresses; there None stands for them.
    """
    return {
        "cluster": info["cluster"],
        "mounts": _answer(mounts, lambda told: {entry["target"] for entry in told["filesystems"]}),
        "addresses": _answer(addresses, lambda told: {entry["local"] for link in told for entry in link["addr_info"]}),
    }


def _answer(result, read):
    return None if result.get("rc", 0) else read(json.loads(result["stdout"]))


def verification(asked_nodes, cluster, services, asked=None, devices=None):
    """Everything that is wrong, what could not be asked, and one line for each service.

    :param asked_nodes: for each node its name, and the results of the tasks that asked for cluster, mounts, addresses
    :param asked: what services answered that were asked themselves, by name: problems, and a summary of what is well
    :param devices: the comparison of the nodes' devices, as the filter volume_differences gives it
    """
    reports = {name: _read(*results) if "cluster" in results[0] else {} for name, *results in asked_nodes}
    answering = {node: report for node, report in reports.items() if report}
    members = [node["name"] for node in cluster["nodes"]]
    unknown = [node for node in members if node not in answering]
    status = next((report["cluster"] for report in answering.values() if report["cluster"]["running"]), None)
    asked = asked or {}

    problems = [f"{node}: gave no answer{_why(asked_nodes, node)}" for node in reports if node not in answering]
    problems += [
        f"{node}: the cluster does not run there" for node in answering if not answering[node]["cluster"]["running"]
    ]
    if status is None:
        problems.append("no node that was asked is part of a running cluster")
    else:
        if not status["quorate"]:
            problems.append("the cluster has no quorum")
        problems += [
            f"{node}: the cluster says it is offline"
            for node in members
            if not status["nodes"].get(node, {}).get("online")
        ]
        problems += [line for line in weak_spots(status, cluster, services) if line not in problems]
    lines = []
    for service in services:
        found = _check_placement(service, cluster, status, answering, unknown)
        answer = asked.get(service["name"])
        if answer is not None:
            found += answer["problems"]
        problems += [f"{service['name']}: {text}" for text in found]
        if not found:
            lines.append(_summary(service, status, answer))
    problems += (devices or {}).get("problems", [])
    return {
        "problems": problems,
        "unknown": [
            *(devices or {}).get("not_compared", []),
            *(f"{node}: was not asked" for node in unknown if node not in reports),
            *(
                f"{service['name']}: {_not_asked(service, status)}"
                for service in services
                if service.get("application") and service["name"] not in asked
            ),
            *(f"{name}: {text}" for name, answer in asked.items() for text in answer.get("unknown", ())),
            *(
                f"{node}: does not say which {key} it has"
                for node, report in answering.items()
                for key in ("addresses", "mounts")
                if report[key] is None
            ),
        ],
        "lines": lines,
    }


def _not_asked(service, status):
    """Why an application was not asked itself."""
    told = (status or {}).get("services", {}).get(service["name"], {})
    if told.get("state") != "offline":
        return f"the cluster was asked, {service['application']['type']} itself was not"
    stopped = "is offline" if told.get("enabled", True) else "was taken offline to stay so"
    return f"{stopped}, so {service['application']['type']} itself was not asked"


def _why(asked_nodes, node):
    """What Ansible says of a node that gave no answer."""
    message = next((str(results[0].get("msg", "")) for name, *results in asked_nodes if name == node), "")
    return f" ({' '.join(message.removeprefix('Task failed: ').split())})" if message else ""


def _mounted_everywhere(service, cluster):
    """Whether the service's file system is mounted on all nodes, and only used by one at a time."""
    return not capabilities_of(cluster).mounts_volumes or bool((service.get("storage") or {}).get("global"))


def _check_placement(service, cluster, status, answering, unknown):
    """Whether the service's parts are where the cluster says, and nowhere else."""
    told = (status or {}).get("services", {}).get(service["name"])
    found = []
    if status is not None and told is None:
        found.append("the cluster does not have it")
    elif status is not None and told["state"] != "online":
        where = f" on {_placed(told['nodes'])}" if told["nodes"] else ""
        found.append(f"the cluster says that it is {told['state']}{where}")
        found += told["failures"]
    node = told["node"] if told else None
    address = (service.get("address") or "").partition("/")[0]
    mount_point = (service.get("storage") or {}).get("mount_point")
    for what, wanted, key in (("the address", address, "addresses"), ("the file system", mount_point, "mounts")):
        if not wanted:
            continue
        asked = [name for name, report in answering.items() if report[key] is not None]
        silent = [*unknown, *(name for name in answering if name not in asked)]
        holders = [name for name in asked if wanted in answering[name][key]]
        # A node that could not be asked may be the one: nothing is wrong then, and nothing is known.
        if not holders and (node in silent or (node is None and silent)):
            continue
        if key == "mounts" and _mounted_everywhere(service, cluster):
            if node in asked and node not in holders:
                found.append(f"{what} {wanted} is not mounted on {node}, where the service is")
        elif len(holders) != 1:
            found.append(f"{what} {wanted} is on {_placed(holders)}")
        elif node is not None and holders[0] != node:
            found.append(f"{what} {wanted} is on {holders[0]}, but the cluster says that the service is on {node}")
    return found


def _summary(service, status, answer):
    told = (status or {}).get("services", {}).get(service["name"]) or {}
    line = f"{service['name']}: online on {told.get('node')}"
    return line if answer is None else f"{line}, {answer['summary']}"


FilterModule = filter_module(verification=verification)
