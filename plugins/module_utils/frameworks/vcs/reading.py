# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what VCS prints, or a main.cf, to the configuration and the status of the cluster. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import (
    ClusterConfig,
    ClusterStatus,
    MemberStatus,
    NodeStatus,
    Resource,
    Service,
    ServiceStatus,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats import vcs_tables
from ansible_collections.groupware.ha.plugins.module_utils.formats.vcs_main_cf import GroupBlock, MainCfError, parse
from ansible_collections.groupware.ha.plugins.module_utils.formats.vcs_tables import (
    GLOBAL,
    Display,
    TableError,
    is_true,
    system_list,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from . import agents, terms
from .native import Native, autoenable


def whole_groups(groups: Display) -> Display:
    """The table of groups, unless a part of it is missing: what is not there would seem to have gone.

    :raises FrameworkError: there are such parts
    """
    for name, attributes in groups.items():
        for attribute in ("AutoStartList", "Frozen", "Parallel", "SystemList"):
            if GLOBAL not in attributes.get(attribute, {}):
                raise FrameworkError(f"hagrp -display does not say {attribute} of group {name}")
        try:
            nodes = system_list(attributes["SystemList"][GLOBAL])
        except TableError as error:
            raise FrameworkError(f"group {name}: {error}") from None
        for node in nodes:
            for attribute in ("State", "Enabled"):
                if not {node, GLOBAL} & set(attributes.get(attribute, ())):
                    raise FrameworkError(f"hagrp -display does not say {attribute} of group {name} on {node}")
    return groups


def whole_resources(resources: Display, groups: Display) -> Display:
    """The table of resources, unless a part of it is missing.

    :raises FrameworkError: there are such parts
    """
    nodes = {name: system_list(attributes["SystemList"][GLOBAL]) for name, attributes in groups.items()}
    for name, attributes in resources.items():
        for attribute in ("Group", "Type", "State", "Enabled"):
            if not attributes.get(attribute):
                raise FrameworkError(f"hares -display does not say {attribute} of resource {name}")
        if len(attributes["Type"].get(GLOBAL, "").split()) != 1:
            raise FrameworkError(f"hares -display does not say Type of resource {name} in one word")
        group = attributes["Group"].get(GLOBAL, "")
        if group not in groups:
            raise FrameworkError(
                f"resource {name} is in group {group!r}, which hagrp -display does not show; run again"
            )
        for node in nodes[group]:
            if node not in attributes["State"]:
                raise FrameworkError(f"hares -display does not say the state of resource {name} on {node}")
    return resources


def read_configuration(native: Native) -> ClusterConfig:
    """The configuration that VCS shows.

    :raises FrameworkError: its tables do not fit together
    """
    groups, resources = native.groups, native.resources
    requires: dict[str, list[str]] = {}
    for group, parent, child in native.links:
        for name in (parent, child):
            if resources.get(name, {}).get("Group", {}).get(GLOBAL) != group:
                raise FrameworkError(f"hares -dep shows {name} in group {group}, hares -display does not; run again")
        requires.setdefault(parent, []).append(child)
    relations: dict[str, list[tuple[str, str]]] = {}
    for parent, child, relationship in native.group_links:
        if parent not in groups or child not in groups:
            raise FrameworkError(f"hagrp -dep shows {parent} and {child}, hagrp -display does not; run again")
        relations.setdefault(parent, []).append((child, relationship))
    members: dict[str, list[Resource]] = {}
    for name, attributes in resources.items():
        settings = _settings(attributes, terms.RESOURCE_STATE)
        settings[terms.REQUIRES] = " ".join(sorted(requires.get(name, ())))
        found = Resource(name, attributes["Type"].get(GLOBAL, ""), settings)
        members.setdefault(attributes["Group"][GLOBAL], []).append(found)
    services, foreign = [], set()
    for name, attributes in groups.items():
        if not terms.fails_over(name, attributes["Parallel"][GLOBAL]):
            foreign.update([name, *(resource.name for resource in members.get(name, ()))])
            continue
        settings = _settings(attributes, terms.GROUP_STATE)
        services.append(
            _service(name, attributes["SystemList"][GLOBAL], settings, relations.get(name, ()), members.get(name, ()))
        )
    return ClusterConfig(
        properties={
            **{key: value for key, value in native.cluster.items() if key not in terms.CLUSTER_STATE},
            terms.CONFIGURATION: terms.LEFT_WRITABLE if native.noted and native.writable else terms.CLOSED,
        },
        services=tuple(services),
        types=tuple(Resource(name, "", dict(values)) for name, values in native.types.items()),
        foreign=frozenset(foreign),
    )


def _settings(attributes: Mapping[str, Mapping[str, str]], state: Collection[str]) -> dict[str, str]:
    return {
        attribute if system == GLOBAL else f"{attribute} {system}": value
        for attribute, values in attributes.items()
        if attribute not in state
        for system, value in values.items()
    }


def _service(
    name: str,
    systems: str,
    settings: Mapping[str, str],
    relations: Sequence[tuple[str, str]],
    members: Sequence[Resource],
) -> Service:
    nodes, misplaced = vcs_tables.placement(systems)
    groups = "; ".join(f"{group} {words}".strip() for group, words in relations)
    own_settings = {**settings, **({terms.REQUIRES_GROUP: groups} if groups else {})}
    return Service(name, nodes, own_settings, agents.in_order(members), misplaced)


# -- a saved configuration ----------------------------------------------------------------------------------------


def parse_main_cf(text: str) -> ClusterConfig:
    """The configuration that a main.cf says. What it does not say has VCS's defaults, which are not among the settings.

    :raises FrameworkError: it is not one, or not a whole one
    """
    try:
        found = parse(text)
    except MainCfError as error:
        raise FrameworkError(f"the saved configuration is not a main.cf: {error}") from None
    if not found.cluster or not found.systems:
        raise FrameworkError("the saved configuration is not a main.cf: it names no cluster or no systems")
    # VCS closes every group that it writes with a comment that draws its tree: a file that ends earlier was cut short.
    trees = text.count("// resource dependency tree")
    if trees and (trees < len(found.groups) or not text.rstrip().endswith("}")):
        raise FrameworkError("the saved configuration is not a whole main.cf: it ends in the middle of a group")
    services, foreign = [], set()
    for group in found.groups:
        if terms.fails_over(group.name, group.attributes.get("Parallel", "0")):
            services.append(_saved_service(group, found.systems))
        else:
            foreign.update([group.name, *(resource.name for resource in group.resources)])
    return ClusterConfig(
        properties={
            "ClusterName": found.cluster,
            **{key: value for key, value in found.cluster_attributes.items() if key not in terms.CLUSTER_STATE},
            terms.CONFIGURATION: terms.CLOSED,
        },
        services=tuple(services),
        types=tuple(
            Resource(name, "", {found.name: found.default for found in attributes if found.static})
            for name, attributes in found.types.items()
        ),
        foreign=frozenset(foreign),
    )


def _saved_service(group: GroupBlock, systems: Collection[str]) -> Service:
    listed = group.attributes.get("SystemList", "")
    try:
        unknown = [node for node in system_list(listed) if node not in systems]
    except TableError as error:
        raise FrameworkError(f"group {group.name}: {error}") from None
    if unknown:
        raise FrameworkError(f"the main.cf has no system {', '.join(unknown)}, which group {group.name} is to run on")
    settings = {"AutoStartList": "", "Parallel": "0", "Frozen": "0"}
    settings.update({key: value for key, value in group.attributes.items() if key.split()[0] not in terms.GROUP_STATE})
    resources = []
    for resource in group.resources:
        below = sorted(child for parent, child in group.links if parent == resource.name)
        defaults = {"AutoStart": "1", "Critical": "1", "Enabled": "1"}
        own_settings = {**defaults, **resource.attributes, terms.REQUIRES: " ".join(below)}
        resources.append(Resource(resource.name, resource.type, own_settings))
    return _service(group.name, listed, settings, group.dependencies, resources)


# -- status -------------------------------------------------------------------------------------------------------


def read_status(native: Native) -> ClusterStatus:
    """Where everything is."""
    return ClusterStatus(
        # VCS has no quorum: its membership is what GAB says, and I/O fencing decides who goes on.
        quorate=True,
        nodes={
            name: NodeStatus(online=system.state == "RUNNING", standby=system.frozen, unclean=system.state == "FAULTED")
            for name, system in native.systems.items()
        },
        services={name: _service_status(name, native) for name in native.services()},
        resources={},
    )


def _service_status(group: str, native: Native) -> ServiceStatus:
    faults = native.faults(group)
    managed = not is_true(native.of_group(group, "Frozen"))
    members = []
    for name in native.members(group):
        active = native.active_nodes(name)
        wrong = [word for resource, _node, word in faults if resource == name]
        members.append(
            MemberStatus(
                name=name,
                type=native.of_resource(name, "Type"),
                active_on=active,
                # What is faulted on one node and online on another has failed over, and the service is well.
                failed=any(word != "FAULTED" or not active for word in wrong),
                managed=managed,
                enabled=is_true(native.of_resource(name, "Enabled", default="1")),
                places=native.places(name),
            )
        )
    failures = [f"{resource} is {word} on {node}" for resource, node, word in faults]
    unknown = native.unknown_nodes(group)
    if unknown:
        failures.append(autoenable(group, unknown))
    return ServiceStatus(
        group,
        tuple(members),
        tuple(failures),
        frozen=native.frozen(group),
        offline_wanted=native.offline_wanted(group),
        barred=native.barred(group),
    )
