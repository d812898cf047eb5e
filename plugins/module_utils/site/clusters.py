# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which clusters the hosts of an inventory form, and what is wrong between inventory and descriptions. Pure.

A host belongs to the cluster that its variables describe, and a cluster is known by its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem
from ansible_collections.groupware.ha.plugins.module_utils.shown import key_name, shape

#: The group whose hosts are nodes of clusters.
NODES = "groupware_nodes"
#: What describes a cluster, and what is judged with it.
DESCRIPTION = ("groupware_cluster", "groupware_services")


@dataclass(frozen=True)
class SiteCluster:
    """A cluster of the inventory.

    :ivar name: None where nothing is described, so that all hosts are taken for one cluster
    :ivar hosts: its hosts, in the order of the inventory
    :ivar description: what the first of them has of ``DESCRIPTION`` and of the variables that are judged with it; what
        is not defined is left out
    """

    name: str | None
    hosts: tuple[str, ...]
    description: Mapping[str, Any]

    @property
    def title(self) -> str:
        """What it is called in messages; it may have no name yet."""
        return self.name if self.name is not None else f"that of {', '.join(self.hosts)}"

    @property
    def nodes(self) -> tuple[str, ...]:
        """Names of the described nodes, as far as they can be read."""
        return named(self.description.get("groupware_cluster"), "nodes")

    @property
    def services(self) -> tuple[str, ...]:
        """Names of the described services, as far as they can be read."""
        return named(self.description, "groupware_services")


def named(mapping: Any, key: str) -> tuple[str, ...]:
    """The names of the entries in a list that has not been judged yet."""
    entries = mapping.get(key) if isinstance(mapping, Mapping) else None
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        return ()
    return tuple(str(entry["name"]) for entry in entries if isinstance(entry, Mapping) and "name" in entry)


def clusters_of(hosts: Mapping[str, Mapping[str, Any]]) -> list[SiteCluster]:
    """The clusters, in the order of their first hosts.

    :param hosts: what each node of the inventory has of these variables; what is not defined is left out
    """
    members: dict[str | None, list[str]] = {}
    for host, variables in hosts.items():
        members.setdefault(_name(variables), []).append(host)
    return [SiteCluster(name, tuple(found), hosts[found[0]]) for name, found in members.items()]


def _name(variables: Mapping[str, Any]) -> str | None:
    cluster = variables.get("groupware_cluster")
    name = cluster.get("name") if isinstance(cluster, Mapping) else None
    return name if isinstance(name, str) else None


def misnamed(clusters: Sequence[SiteCluster]) -> Iterator[Problem]:
    """Clusters all of whose hosts are nodes of a larger one with the same nodes: the same one by another name."""
    for cluster in clusters:
        for other in clusters:
            same = cluster.nodes and cluster.nodes == other.nodes and len(cluster.hosts) < len(other.hosts)
            if same and set(cluster.hosts) <= set(other.nodes):
                hosts = ", ".join(cluster.hosts)
                reason = f"is what {hosts} says, and nodes of the same cluster call it {other.name}"
                remedy = f"define it once, for a group with all hosts of {other.name}"
                yield Problem("groupware_cluster.name", cluster.name, reason, remedy)
                break


def _differing(one: Any, other: Any, key: str) -> Iterator[tuple[str, Any]]:
    """Keys at which two values differ, as deep as both have something there, and what the first has."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in dict.fromkeys([*one, *other]):
            yield from _differing(one.get(name), other.get(name), f"{key}.{key_name(name)}")
    elif _listed(one) and _listed(other) and _names(one) == _names(other):
        for name, entry, its in zip(_names(one), one, other):
            yield from _differing(entry, its, f"{key}[{name}]")
    elif one != other:
        yield key, one


def _listed(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _names(entries: Sequence[Any]) -> list[Any]:
    """The names of entries, and numbers of those that have none."""
    return [entry.get("name", index) if isinstance(entry, Mapping) else index for index, entry in enumerate(entries)]


def disagreements(clusters: Sequence[SiteCluster], hosts: Mapping[str, Mapping[str, Any]]) -> Iterator[Problem]:
    """Hosts of one cluster whose variables say different things, and hosts for which none is described."""
    described = [cluster for cluster in clusters if "groupware_cluster" in cluster.description]
    for cluster in clusters:
        first = cluster.hosts[0]
        for variable in dict.fromkeys([*DESCRIPTION, *(name for host in cluster.hosts for name in hosts[host])]):
            values = {host: hosts[host].get(variable) for host in cluster.hosts}
            others = [host for host, value in values.items() if value != values[first]]
            lacking = [host for host, value in values.items() if value is None]
            if described and lacking and variable in DESCRIPTION:
                reason = f"is not defined for {', '.join(lacking)}"
                yield Problem(variable, None, reason, f"define it for all hosts of {NODES}, in the group of a cluster")
            elif others:
                reason = f"is not the same for {first} and {', '.join(others)}, hosts of the cluster {cluster.title}"
                remedy = (
                    "define it once, for a group with all hosts of that cluster, and give each cluster its own name"
                )
                keys = {
                    key: value for host in others for key, value in _differing(values[first], values[host], variable)
                }
                for key, value in keys.items():
                    yield Problem(key, shape(value), reason, remedy)


def strangers(cluster: SiteCluster, groups: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    """Described nodes that are no hosts of the cluster, and hosts that are no nodes."""
    nodes = cluster.nodes
    if not nodes:  # which is a problem of the description
        return
    everywhere = groups.get("all", ())
    missing = [node for node in nodes if node not in cluster.hosts]
    extra = [host for host in cluster.hosts if host not in nodes]
    for node in missing:
        key = f"groupware_cluster.nodes[{node}]"
        longer = next((host for host in extra if host.partition(".")[0] == node.partition(".")[0]), None)
        if longer is not None:
            extra.remove(longer)
            reason = f"the inventory calls it {longer}"
            remedy = f"use one name, that of uname -n; how {longer} is reached can be said in ansible_host"
        elif node in everywhere:
            reason, remedy = (
                f"is not in the group {NODES} with this description",
                f"put {node} into the cluster's group",
            )
        else:
            reason = "is no host of the inventory"
            remedy = "add it to the cluster's group, or take it out of the description (groupware.ha.remove_node)"
        yield Problem(key, node, reason, remedy)
    for host in extra:
        reason = f"is a host of the cluster {cluster.name}, but no node that groupware_cluster.nodes describes"
        remedy = (
            "describe it there, or take it out of the group; a node that is to leave goes by groupware.ha.remove_node"
        )
        yield Problem(f"inventory.{NODES}.{host}", host, reason, remedy)
