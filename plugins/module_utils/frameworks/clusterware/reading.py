# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Clusterware says of itself: texts to its native state, that to configuration and status. Pure."""

from __future__ import annotations

import contextlib
import ipaddress
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
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
from ansible_collections.groupware.ha.plugins.module_utils.formats import clusterware as formats
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from . import terms

#: Every resource has these, first and last of its attributes among them: without them it is not shown whole.
_NEEDED = ("ACL", "AUTO_START", "ENABLED", "UPTIME_THRESHOLD")

_Given = TypeVar("_Given")
_Found = TypeVar("_Found")


def parsed(parse: Callable[[_Given], _Found], given: _Given) -> _Found:
    """What a function of the formats makes of it."""
    try:
        return parse(given)
    except formats.FormatError as error:
        raise FrameworkError(f"Clusterware printed something that is not understood: {error}") from None


def attributes(text: str) -> dict[str, dict[str, str]]:
    """Attributes of each resource by its name, those of Oracle's own resources among them."""
    found: dict[str, dict[str, str]] = {}
    for block in parsed(formats.parse_resources, text):
        found.setdefault(block["NAME"], {**block, "TYPE": terms.common_type(block["TYPE"])})
    return found


def instances(text: str) -> dict[str, tuple[formats.Instance, ...]]:
    """Instances of each resource of ours."""
    found: dict[str, tuple[formats.Instance, ...]] = {}
    for block in parsed(formats.parse_resources, text):
        if not terms.oracles(block["NAME"]):
            found[block["NAME"]] = (*found.get(block["NAME"], ()), *parsed(formats.instances, block))
    return found


@dataclass(frozen=True)
class NativeState:
    """Resources with their attributes and instances by name, Oracle's among the former; which nodes are active; types.

    What was not asked for is empty.
    """

    attributes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    instances: Mapping[str, tuple[formats.Instance, ...]] = field(default_factory=dict)
    nodes: Mapping[str, bool] = field(default_factory=dict)
    types: Mapping[str, formats.ResourceType] = field(default_factory=dict)

    @cached_property
    def grouped(self) -> tuple[dict[str, list[str]], list[str]]:
        """Members of each service in starting order, and resources that are of none."""
        needs = self.needs("START_DEPENDENCIES")
        needed = {other for others in needs.values() for other in others}
        claims = {}
        for name in self.ours():
            found = self.attributes[name]
            claim = terms.claim(name, found["TYPE"], found.get("DESCRIPTION", ""))
            if claim is not None:
                claims[name] = claim
            elif terms.just_made(found, found.get("TARGET", "")) and name not in needed:
                # Nobody can say yet whose it is to be.
                del needs[name]
        return formats.group(needs, claims, [name for name in needs if self.is_address(name)])

    def ours(self) -> list[str]:
        """Names of all resources but Oracle's."""
        return [name for name in self.attributes if not terms.oracles(name)]

    def needs(self, *keys: str) -> dict[str, set[str]]:
        """For each resource of ours those that it has a hard dependency on, in any of these attributes."""
        ours = dict.fromkeys(self.ours())
        texts = {name: [self.attributes[name].get(key, "") for key in keys] for name in ours}
        return {
            name: {other for text in found for other in parsed(formats.hard_dependencies, text) if other in ours}
            for name, found in texts.items()
        }

    def in_starting_order(self, needs: Mapping[str, Collection[str]]) -> list[str]:
        """Names so that each stands behind those that it needs; addresses first."""
        return formats.in_starting_order(needs, [name for name in needs if self.is_address(name)])

    def has(self, name: str, wanted: Mapping[str, str]) -> bool:
        """Whether there is such a resource, with these attributes."""
        found = self.attributes.get(name)
        return found is not None and all(terms.same(key, found.get(key, ""), value) for key, value in wanted.items())

    def is_address(self, name: str) -> bool:
        """Whether it is the virtual address of an application."""
        return self.attributes.get(name, {}).get("TYPE") == terms.ADDRESS_TYPE

    def target(self, name: str) -> str:
        """ONLINE if any instance is to be."""
        found = self.instances.get(name, ())
        return "ONLINE" if any(instance.target == "ONLINE" for instance in found) else "OFFLINE"

    def active_on(self, name: str) -> tuple[str, ...]:
        """Nodes on which it runs, or may run."""
        found = self.instances.get(name, ())
        return tuple(instance.node or "(unknown)" for instance in found if instance.active)

    def online_on(self, name: str, node: str | None = None) -> bool:
        """Whether it runs well, on this node if one is given."""
        found = self.instances.get(name, ())
        return any(instance.state == "ONLINE" and node in (None, instance.node) for instance in found)

    def state_is(self, name: str, state: str) -> bool:
        """Whether any instance is in this state."""
        return any(instance.state == state for instance in self.instances.get(name, ()))


def configuration(native: NativeState) -> ClusterConfig:
    """All that is configured; services as they hang together."""
    found, types = native.attributes, native.types
    for name in native.ours():
        needed = (*_NEEDED, "USR_ORA_VIP") if native.is_address(name) else _NEEDED
        missing = [key for key in needed if key not in found[name]]
        if missing:
            raise FrameworkError(
                f"resource {name} is not shown whole: {', '.join(missing)} is missing; "
                "save the output of 'crsctl status resource -f'"
            )
    services, alone = native.grouped
    return ClusterConfig(
        properties=_networks(found),
        resources=tuple(resource(name, found[name]) for name in alone),
        services=tuple(_service(name, {member: found[member] for member in names}) for name, names in services.items()),
        types=tuple(
            Resource(name, registered.base, definitions(registered))
            for name, registered in types.items()
            if not terms.oracles(name) and not terms.ADDRESS_TYPES.fullmatch(name)
        ),
        foreign=frozenset(name for name in found if terms.oracles(name)),
        fixed={name: _read_only(name, types) for name in types},
    )


def resource(name: str, found: Mapping[str, str]) -> Resource:
    """A resource with its attributes, and what else is told of it."""
    settings = {key: value for key, value in found.items() if key not in terms.INTERNAL}
    settings["unfinished"] = "true" if found.get("AUTO_START") == "never" else "false"
    if found["TYPE"] == terms.ADDRESS_TYPE:
        network = terms.NETWORKS.search(found.get("START_DEPENDENCIES", ""))
        settings["network"] = network[1] if network else "1"
        settings["user"] = " ".join(re.findall(r"(?:^|,)user:([^:,]+):", found.get("ACL", "")))
    return Resource(name, found["TYPE"], settings)


def placement(members: Mapping[str, Mapping[str, str]]) -> tuple[tuple[str, ...] | None, str]:
    """Where a service may run, and what its members say of that where they disagree."""
    lists = {name: found["HOSTING_MEMBERS"].split() for name, found in members.items() if "HOSTING_MEMBERS" in found}
    # What is started last says where the service may run.
    last = list(lists.values())[-1] if lists else []
    disagreeing = any(nodes != last for nodes in lists.values())
    words = [f"{name}: {' '.join(nodes)}" for name, nodes in lists.items()] if disagreeing else []
    return tuple(last) or None, ", ".join(words)


def shared(members: Collection[Mapping[str, str]]) -> dict[str, str]:
    """Attributes that all members are to have alike, with all their values where they do not."""
    values = {key: dict.fromkeys(found[key] for found in members if key in found) for key in terms.SERVICE_ATTRIBUTES}
    return {key: "|".join(found) for key, found in values.items() if found}


def definitions(found: formats.ResourceType) -> dict[str, str]:
    """Attributes of a type, each with its definition as ``-attr`` takes it."""
    return {
        attribute: ",".join(f"{key}={parts[key]}" for key in ("TYPE", "DEFAULT_VALUE", "FLAGS") if parts.get(key))
        for attribute, parts in found.attributes.items()
    }


def ancestry(name: str, types: Mapping[str, formats.ResourceType]) -> Iterator[formats.ResourceType]:
    """A type and those that it is derived from."""
    seen: set[str] = set()
    while name in types and name not in seen:
        seen.add(name)
        yield types[name]
        name = types[name].base


def _read_only(name: str, types: Mapping[str, formats.ResourceType]) -> frozenset[str]:
    return frozenset(
        attribute
        for registered in ancestry(name, types)
        for attribute in registered.attributes
        if "READONLY" in registered.flags(attribute)
    )


def _service(name: str, members: Mapping[str, Mapping[str, str]]) -> Service:
    nodes, misplaced = placement(members)
    resources = tuple(resource(member, found) for member, found in members.items())
    return Service(name, nodes, shared(members.values()), resources, misplaced)


def _networks(found: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Subnets of Clusterware's networks, as far as it says them."""
    subnets = {}
    for name, values in found.items():
        match = terms.NETWORKS.fullmatch(name)
        subnet, mask = values.get("USR_ORA_SUBNET", ""), values.get("USR_ORA_NETMASK", "")
        if match is not None:
            with contextlib.suppress(ValueError):
                subnets[f"{terms.NETWORK}{match[1]}"] = str(ipaddress.ip_network(f"{subnet}/{mask}"))
    return subnets


def status(native: NativeState) -> ClusterStatus:
    """The state of everything, normalised."""
    services = {
        name: ServiceStatus(
            name,
            tuple(_member(member, native) for member in members),
            tuple(failure for member in members for failure in _failures(member, native)),
            frozen=native.attributes[members[-1]].get("ENABLED") == "0",
        )
        for name, members in native.grouped[0].items()
    }
    grouped = {member for members in native.grouped[0].values() for member in members}
    return ClusterStatus(
        # A node without quorum is evicted: one that answers has it.
        quorate=True,
        nodes={name: NodeStatus(online=active) for name, active in native.nodes.items()},
        services=services,
        resources={name: _member(name, native) for name in native.ours() if name not in grouped},
    )


def _member(name: str, native: NativeState) -> MemberStatus:
    found = native.attributes[name]
    return MemberStatus(
        name,
        found["TYPE"],
        native.active_on(name),
        failed=bool(_failures(name, native)),
        managed=found.get("ENABLED") != "0",
        enabled=native.target(name) == "ONLINE",
    )


def _failures(name: str, native: NativeState) -> list[str]:
    failures = []
    for instance in native.instances.get(name, ()):
        details = f" ({instance.details})" if instance.details else ""
        if instance.state == "UNKNOWN":
            failures.append(
                f"{name}: could not be stopped on {instance.node}, its state is UNKNOWN{details}; "
                "see that it is stopped there, then clear the failure"
            )
        elif instance.state == "INTERMEDIATE":
            failures.append(f"{name}: its state on {instance.node} is INTERMEDIATE{details}")
        elif instance.state == "OFFLINE" and instance.target == "ONLINE" and instance.stable:
            failures.append(f"{name}: should run and does not{details}")
    return failures
