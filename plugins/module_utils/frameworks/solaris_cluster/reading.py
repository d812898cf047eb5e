# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what commands print to the engine's configuration and status. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import (
    ClusterConfig,
    ClusterStatus,
    MemberStatus,
    NodeStatus,
    Resource,
    Service,
    ServiceStatus,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats.scrgadm import (
    PrintedConfiguration,
    PrintedResource,
    ScrgadmError,
    parse_scrgadm,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats.scstat import (
    CHANGING_GROUP,
    CHANGING_RESOURCE,
    ScstatError,
    States,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats.solaris_cluster_properties import (
    DEPENDENCIES,
    canonical_name,
    canonical_value,
    is_query_only,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from . import terms
from .dependencies import Index

#: Whatever release prints them: a group or resource has them, and without a value they are empty.
_ALWAYS_EMPTY = ("R_description", *DEPENDENCIES)

_Read = TypeVar("_Read")


@dataclass(frozen=True)
class NativeState:
    """The cluster at one moment; each part is asked for when somebody looks, and then stays as it was.

    :param objects: whether this node has the object commands; see ``steps.Commands``
    """

    objects: bool
    ask_config: Callable[[], ClusterConfig]
    ask_states: Callable[[], States]
    ask_suspended: Callable[[], frozenset[str]]

    @cached_property
    def config(self) -> ClusterConfig:
        """All that is configured."""
        return self.ask_config()

    @cached_property
    def index(self) -> Index:
        """What is configured by name, with what depends on what."""
        return Index(self.config)

    @cached_property
    def states(self) -> States:
        """How groups and resources stand."""
        return self.ask_states()

    @cached_property
    def suspended(self) -> frozenset[str]:
        """Groups that are suspended."""
        return self.ask_suspended() if self.config.services else frozenset()


def parse_configuration(text: str) -> ClusterConfig:
    printed = understood(parse_scrgadm, text, "this is not what scrgadm -pvv prints")
    members: dict[str, list[Resource]] = {name: [] for name in printed.groups}
    for resource in printed.resources.values():
        members[resource.group].append(_read_resource(resource))
    services = tuple(
        Service(
            group.name,
            tuple(group.nodes),
            {terms.MANAGED: terms.truth(bool(group.managed)), **_read_properties(group.properties)},
            terms.in_order(members[group.name]),
        )
        for group in printed.groups.values()
    )
    return ClusterConfig(services=services, types=_read_types(printed))


def _read_resource(printed: PrintedResource) -> Resource:
    base, version = terms.split_type(printed.type or "")
    version = version or printed.version or ""
    return Resource(
        printed.name,
        base,
        {
            terms.ENABLED: _read_switch(printed.enabled),
            terms.MONITORED: _read_switch(printed.monitored),
            **({"Type_version": version} if version else {}),
            **dict.fromkeys(_ALWAYS_EMPTY, ""),
            **_read_properties(printed.properties),
        },
    )


def _read_switch(on_nodes: Mapping[str, bool]) -> str:
    if len(set(on_nodes.values())) == 1:
        return terms.truth(next(iter(on_nodes.values())))
    return f"on {' '.join(node for node, on in on_nodes.items() if on)} only"


def _read_properties(printed: Mapping[str, str]) -> dict[str, str]:
    spelt = {}
    for key, value in printed.items():
        name = canonical_name(key)
        if not is_query_only(name):
            spelt[name] = canonical_value(name, value)
    return spelt


def _read_types(printed: PrintedConfiguration) -> tuple[Resource, ...]:
    """Each registered type under its name, and under that without its version: descriptions may use either."""
    found: dict[str, Resource] = {}
    for entry in printed.types.values():
        settings = {"Installed_nodes": canonical_value("Installed_nodes", entry.installed_nodes or "All")}
        if entry.system is not None:
            settings["RT_system"] = canonical_value("RT_system", entry.system)
        for name in (terms.split_type(entry.name)[0], entry.name):
            found.setdefault(name, Resource(name, "", settings))
    return tuple(found.values())


def understood(parse: Callable[[str], _Read], text: str, words: str) -> _Read:
    """What a function of the formats makes of it."""
    try:
        return parse(text)
    except (ScrgadmError, ScstatError) as error:
        raise FrameworkError(f"{words}: {error}") from None


def under_way(states: States) -> list[str]:
    """What is on its way to another state, in words."""
    groups = [
        f"{name} is {state.replace('_', ' ')} on {node}"
        for name, nodes in states.groups.items()
        for node, state in nodes.items()
        if state in CHANGING_GROUP
    ]
    resources = [
        f"{name} is {found.state} on {node}"
        for name, nodes in states.resources.items()
        for node, found in nodes.items()
        if found.state in CHANGING_RESOURCE
    ]
    return [*groups, *resources]


def status(native: NativeState) -> ClusterStatus:
    """Nodes, groups and resources."""
    states = native.states
    if not states.nodes:
        raise FrameworkError("scstat shows no nodes of the cluster")
    for service in native.config.services:
        if service.name not in states.groups:
            raise FrameworkError(f"scrgadm shows the group {service.name} and scstat does not; run again")
    return ClusterStatus(
        quorate=states.quorate,
        nodes={name: NodeStatus(online=online) for name, online in states.nodes.items()},
        services={
            service.name: _service_status(service, states, service.name in native.suspended)
            for service in native.config.services
        },
        resources={},
    )


def _service_status(service: Service, states: States, frozen: bool) -> ServiceStatus:
    managed = terms.is_true(service.settings[terms.MANAGED])
    members = tuple(
        MemberStatus(
            name=member.name,
            type=member.type,
            active_on=tuple(states.active_on(member.name)),
            failed=bool(states.in_state(member.name, "stop_failed") or states.in_state(member.name, "start_failed")),
            managed=managed,
            enabled=terms.is_true(member.settings[terms.ENABLED]),
        )
        for member in service.resources
    )
    failures = [*failures_of(service, states)]
    enabled = any(member.enabled for member in members)
    return ServiceStatus(
        service.name,
        members,
        tuple(failures),
        frozen=frozen,
        # A group stays offline that somebody took offline, until it is brought online; one that is being built is not
        # offline for that. A group with nothing to run is not expected to run.
        offline_wanted=not managed or not members or (enabled and not failures and states.offline(service.name)),
        barred={
            node: f"{member.name} failed to {found.state.partition('_')[0]} there"
            for member in service.resources
            for node, found in states.resources.get(member.name, {}).items()
            if found.state in ("start_failed", "stop_failed")
        },
    )


def failures_of(service: Service, states: States) -> Iterator[str]:
    for member in service.resources:
        for node, found in states.resources.get(member.name, {}).items():
            said = f" ({found.message})" if found.message else ""
            if found.state == "stop_failed":
                yield (
                    f"{member.name} failed to stop on {node}{said}: nothing else will be done with the service until "
                    "somebody has made sure that it is dead there and has cleared its failures"
                )
            elif found.state == "start_failed":
                yield f"{member.name} failed to start on {node}{said}"
            elif found.state == "monitor_failed":
                yield f"the monitor of {member.name} failed on {node}{said}"
            elif gave_up(service, states) and found.message.lower().startswith("faulted"):
                yield f"{member.name} failed on {node}{said}, and the service runs on no other node"
    known = [name for name in (member.name for member in service.resources) if states.in_state(name, "stop_failed")]
    stuck = [node for node, state in states.groups.get(service.name, {}).items() if state == "error_stop_failed"]
    if stuck and not known:
        yield f"a resource failed to stop on {', '.join(stuck)}; see scstat -g"


def gave_up(service: Service, states: States) -> bool:
    """Whether the service is offline although it was not told to be: it ended so after failing everywhere."""
    return terms.is_true(service.settings[terms.MANAGED]) and states.offline(service.name)


def stop_failures(states: States, resources: Iterable[str]) -> str:
    """What failed to stop, in words that say what to do; empty if nothing did."""
    found = [f"{name} on {node}" for name in resources for node in states.in_state(name, "stop_failed")]
    if not found:
        return ""
    return (
        f"these failed to stop: {', '.join(found)}; make sure that nothing of it is left running there, then clear the "
        "failures of the service"
    )


def start_failures(states: States, resources: Iterable[str]) -> str:
    """What failed to start; empty if nothing did."""
    found = [
        f"{name} on {node}{f' ({state.message})' if state.message else ''}"
        for name in resources
        for node, state in states.resources.get(name, {}).items()
        if state.state == "start_failed"
    ]
    return f"these failed to start: {', '.join(found)}" if found else ""


def refuse_stop_failed(service: Service, states: States) -> None:
    reason = stop_failures(states, (member.name for member in service.resources))
    if reason or "error_stop_failed" in states.groups.get(service.name, {}).values():
        raise FrameworkError(f"service {service.name}: {reason or 'a resource failed to stop; see scstat -g'}")
