# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a cluster's configuration back to a description of it. Pure.

A driver says what it recognises in each service: a draft. The draft is compiled, and what differs from the
configuration is written down as native settings, so that the description compiles to what is there. What a description
has no words for is listed.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.model import Capabilities, Description
from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, Service

#: Stand for what a configuration does not say, only to judge and compile a draft: addresses of documentation, RFC 5737.
_UNKNOWN_NETWORK = ipaddress.ip_network("203.0.113.0/24")
_UNKNOWN_CLUSTER = "cluster"


@dataclass
class Draft:
    """What a driver recognises in one service.

    ``nodes`` are those that may carry it, preferred first. ``keys`` are further keys of its description (``address``,
    ``storage``, ``application`` ...). ``roles`` gives the role of each resource by its name; members of a native
    application have theirs there too.
    """

    nodes: Sequence[str]
    keys: dict[str, Any]
    roles: Mapping[str, str]
    unexpressed: list[str] = field(default_factory=list)


def models(placements: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The model of each service, from the nodes that may carry it."""
    pairs = {tuple(nodes) for nodes in placements.values() if len(nodes) == 2}
    symmetric = {pair for pair in pairs if pair[::-1] in pairs}
    others = pairs - symmetric
    standbys = {pair[1] for pair in others}
    homes = {pair[0] for pair in others}
    # One standby for several homes, which is nobody's home.
    shared = len(standbys) == 1 and len(others) > 1 and not standbys & homes
    found = {}
    for name, nodes in placements.items():
        pair = tuple(nodes)
        found[name] = "symmetric" if pair in symmetric else "n_plus_1" if shared and pair in others else "asymmetric"
    return found


def describe(
    config: ClusterConfig,
    drafts: Mapping[str, Draft],
    cluster: Mapping[str, Any],
    rules: Capabilities,
    compile_description: Callable[[Description], ClusterConfig],
    same: Callable[[str, str, str], bool],
    notable: Callable[[str, str], bool] = lambda _key, _value: False,
) -> tuple[dict[str, Any], list[dict[str, Any]], list[str]]:
    """Cluster, services and what could not be expressed.

    :param drafts: what the driver recognises in each service, by its name
    :param cluster: what the configuration says of the cluster, as keys of ``groupware_cluster``
    :param same: whether two values of a setting, after its key, mean the same to the framework
    :param notable: whether a setting of a recognised resource that the description does not stand for is worth writing
        down, given its key and value, be it one that ``purge`` would leave alone; native members are written down by
        the driver
    """
    unexpressed: list[str] = []
    placeable: dict[str, Draft] = {}
    for name, draft in drafts.items():
        unexpressed.extend(f"service {name}: {words}" for words in draft.unexpressed)
        if len(draft.nodes) < 2:
            where = f"only on {draft.nodes[0]}" if draft.nodes else "on no particular nodes"
            unexpressed.append(f"service {name}: it runs {where}, and a description needs a home and a standby")
        else:
            placeable[name] = draft
    found_models = models({name: draft.nodes for name, draft in placeable.items()})
    services = [_first_words(name, draft, found_models[name]) for name, draft in placeable.items()]
    full_cluster = _with_networks(cluster, services)
    judged, refused = _judged(full_cluster, services, rules)
    unexpressed.extend(refused)
    if judged is not None:
        compiled = compile_description(judged)
        for description in services:
            name = description["name"]
            current, wanted = config.service(name), compiled.service(name)
            if current is not None and wanted is not None:
                _add_differences(description, current, wanted, placeable[name], same, notable)
    for node in full_cluster["nodes"]:
        if "address" not in node:
            unexpressed.append(f"cluster.nodes: the configuration does not say the address of {node['name']}; add it")
    if "name" not in full_cluster:
        unexpressed.append("cluster.name: the configuration does not say it; add it")
    return full_cluster, services, unexpressed


def _first_words(name: str, draft: Draft, model: str) -> dict[str, Any]:
    standbys = list(draft.nodes[1:])
    names = {role: resource for resource, role in draft.roles.items() if resource != f"{name}_{role}"}
    return {
        "name": name,
        "model": model,
        "nodes": {"primary": draft.nodes[0], "standby": standbys if len(standbys) > 1 else standbys[0]},
        **draft.keys,
        **({"resource_names": names} if names else {}),
    }


def _with_networks(cluster: Mapping[str, Any], services: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The cluster with networks for the addresses of its services, as far as these have prefix lengths."""
    networks = dict.fromkeys(str(network) for network in cluster.get("networks", ()))
    for service in services:
        if "/" in service.get("address", ""):
            networks.setdefault(str(ipaddress.ip_interface(service["address"]).network))
    nodes = {node["name"]: dict(node) for node in cluster.get("nodes", ())}
    for service in services:
        standby = service["nodes"]["standby"]
        for name in [service["nodes"]["primary"], *([standby] if isinstance(standby, str) else standby)]:
            nodes.setdefault(name, {"name": name})
    return {**cluster, "networks": list(networks), "nodes": list(nodes.values())}


def _judged(
    cluster: Mapping[str, Any], services: list[dict[str, Any]], rules: Capabilities
) -> tuple[Description | None, list[str]]:
    """The description as it will be with what is added by hand, judged; refused services are taken out."""
    hosts = _UNKNOWN_NETWORK.hosts()
    filled = {
        "name": _UNKNOWN_CLUSTER,
        **cluster,
        "nodes": [{"address": str(next(hosts)), **node} for node in cluster["nodes"]],
    }
    if not rules.own_fencing:
        filled.setdefault("fencing", {"disabled_accepting_data_loss": True})
    refused: list[str] = []
    while True:
        try:
            return parse_description(filled, services, rules), refused
        except DescriptionError as error:
            bad = {service["name"] for service in services if _concerned(service["name"], error)}
            refused.extend(str(problem) for problem in error.problems)
            if not bad:
                names = ", ".join(service["name"] for service in services)
                refused.append(
                    f"services: what {names} say beyond storage, address and application cannot be told until that "
                    "of the cluster is right"
                )
                return None, refused
            services[:] = [service for service in services if service["name"] not in bad]


def _concerned(service: str, error: DescriptionError) -> bool:
    return any(problem.key.startswith(f"services[{service}]") for problem in error.problems)


def _add_differences(
    description: dict[str, Any],
    current: Service,
    wanted: Service,
    draft: Draft,
    same: Callable[[str, str, str], bool],
    notable: Callable[[str, str], bool],
) -> None:
    properties = _differences(current.settings, wanted.settings, same, notable)
    if properties:
        description["properties"] = properties
    existing = {resource.name: resource for resource in current.resources}
    native = {member["name"] for member in description.get("application", {}).get("members", ())}
    per_role = {}
    for resource in wanted.resources:
        role = draft.roles.get(resource.name)
        if role is None or resource.name not in existing:
            continue
        worth = (lambda _key, _value: False) if role in native else notable
        differing = _differences(existing[resource.name].settings, resource.settings, same, worth)
        if differing:
            per_role[role] = differing
    if per_role:
        description["resource_properties"] = per_role


def _differences(
    current: Mapping[str, str],
    wanted: Mapping[str, str],
    same: Callable[[str, str, str], bool],
    notable: Callable[[str, str], bool],
) -> dict[str, str | None]:
    """What has to be said beyond the draft; None says that the description is not to set it."""
    found: dict[str, str | None] = {}
    for key, value in wanted.items():
        if key not in current:
            found[key] = None
        elif not same(key, current[key], value):
            found[key] = current[key]
    found.update({key: value for key, value in current.items() if key not in wanted and notable(key, value)})
    return found


def free_role(resource: str, service: str, taken: Collection[str]) -> str:
    """A role for a native member: its name without the service's, or all of it."""
    role = resource[len(service) + 1 :] if resource.startswith(f"{service}_") else resource
    return role if role and role not in taken else resource
