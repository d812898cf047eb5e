# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster framework is to run, or runs: the one shape that every driver compiles to and reads into. Pure.

Settings of an object are one flat mapping of the framework's own names to texts, so that comparing, showing and
applying them is the same for every framework.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: The key under which a service's placement is shown, and changed, as a whole: ``nodes``.
PLACEMENT_KEY = "nodes"


@dataclass(frozen=True)
class Resource:
    """One member of a service, or a resource of its own such as a fencing device, in native terms."""

    name: str
    type: str
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Service:
    """What fails over as one.

    ``placement`` are the nodes that it may run on and no other, preferred first; None says nothing of them: it is not
    managed, or not restricted. Ranks, scores and priorities are a driver's rendering of it. ``misplaced`` tells, in the
    framework's own words, what is there instead of such a rendering; it differs from every placement. ``resources``
    start in their order and stop in the reverse.
    """

    name: str
    placement: tuple[str, ...] | None
    settings: Mapping[str, str]
    resources: tuple[Resource, ...]
    misplaced: str = ""

    def shown_placement(self) -> str:
        """The placement as one text, as changes show it."""
        nodes = " ".join(self.placement or ())
        return f"{nodes} ({self.misplaced})".lstrip() if self.misplaced else nodes

    def own_settings(self) -> dict[str, str]:
        """Placement and settings in one mapping, without the members."""
        placement = {PLACEMENT_KEY: self.shown_placement()} if self.placement is not None or self.misplaced else {}
        return {**placement, **self.settings}


@dataclass(frozen=True)
class ClusterConfig:
    """Everything this collection manages in one cluster; ``resources`` belong to no service.

    ``types`` are resource types where a framework has them registered; the ``type`` of such a one is the type that it
    is derived from, or empty. ``fixed`` has for types, where they say so, the settings that are set at creation only.
    ``foreign`` are the names that something else in the cluster has already. ``leftovers`` says for a service what an
    administrator did with it for a while and has not undone.
    """

    properties: Mapping[str, str] = field(default_factory=dict)
    resources: tuple[Resource, ...] = ()
    services: tuple[Service, ...] = ()
    types: tuple[Resource, ...] = ()
    fixed: Mapping[str, frozenset[str]] = field(default_factory=dict, compare=False)
    foreign: frozenset[str] = field(default=frozenset(), compare=False)
    leftovers: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False)

    def service(self, name: str) -> Service | None:
        """The service of that name, or None."""
        return next((service for service in self.services if service.name == name), None)

    def owners(self) -> dict[str, str | None]:
        """Which service each resource is a member of; None for a resource of its own."""
        owners: dict[str, str | None] = {resource.name: None for resource in self.resources}
        for service in self.services:
            owners.update({resource.name: service.name for resource in service.resources})
        return owners


@dataclass(frozen=True)
class NodeStatus:
    """A member as the cluster sees it."""

    online: bool
    standby: bool = False
    maintenance: bool = False
    unclean: bool = False

    @property
    def hindrances(self) -> tuple[str, ...]:
        """Why it takes no services, in words that follow "is"; nothing if it takes them."""
        reasons = {
            "in standby": self.standby,
            "in maintenance mode": self.maintenance,
            "unclean and about to be fenced": self.unclean,
            "not online": not self.online,
        }
        return tuple(words for words, holds in reasons.items() if holds)

    def as_dict(self) -> dict[str, Any]:
        """The status as modules return it."""
        return vars(self).copy()


@dataclass(frozen=True)
class MemberStatus:
    """One resource: where it is active, and the axes that must not be mixed into one state."""

    name: str
    type: str
    active_on: tuple[str, ...]
    failed: bool = False
    managed: bool = True
    enabled: bool = True
    #: Whether it says where its service runs: a watched network interface is active on every node, always.
    places: bool = True

    def as_dict(self) -> dict[str, Any]:
        """The status as modules return it."""
        return {"type": self.type, "active_on": list(self.active_on), "failed": self.failed}


@dataclass(frozen=True)
class ServiceStatus:
    """A service: ``online`` (every member on one node), ``offline``, ``partial`` or ``failed``.

    ``frozen`` says that the cluster leaves it as it is. ``offline_wanted`` says that it was taken offline to stay so,
    where the framework records that for the service and not for its members. ``barred`` has nodes that are there but
    cannot take it as things are, and why.
    """

    name: str
    members: tuple[MemberStatus, ...]
    failures: tuple[str, ...] = ()
    frozen: bool = False
    offline_wanted: bool = False
    barred: Mapping[str, str] = field(default_factory=dict)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Every node on which a member is active."""
        return tuple(dict.fromkeys(node for member in self.members if member.places for node in member.active_on))

    @property
    def should_run(self) -> bool:
        """Whether it is to be online: one without members that run somewhere cannot be."""
        return self.enabled and any(member.places for member in self.members)

    @property
    def enabled(self) -> bool:
        """Whether the cluster is to run it."""
        return not self.offline_wanted and all(member.enabled for member in self.members)

    @property
    def state(self) -> str:
        """One word for where the service stands."""
        if any(member.failed for member in self.members):
            return "failed"
        if not self.nodes:
            return "failed" if self.failures and self.enabled else "offline"
        if len(self.nodes) == 1 and all(member.active_on for member in self.members if member.places):
            return "online"
        return "partial"

    def as_dict(self) -> dict[str, Any]:
        """The status as modules return it."""
        return {
            "state": self.state,
            "node": self.nodes[0] if len(self.nodes) == 1 else None,
            "nodes": list(self.nodes),
            "enabled": self.enabled,
            "frozen": self.frozen,
            "managed": all(member.managed for member in self.members),
            "failures": list(self.failures),
            "members": {member.name: member.as_dict() for member in self.members},
        }


@dataclass(frozen=True)
class ClusterStatus:
    """A running cluster as one member sees it.

    ``ignores_quorum`` says that it goes on without. ``maintenance`` says that it leaves everything as it is.
    ``fencing_problems`` are reasons to expect that a node could not be fenced.
    """

    quorate: bool
    nodes: Mapping[str, NodeStatus]
    services: Mapping[str, ServiceStatus]
    resources: Mapping[str, MemberStatus]
    ignores_quorum: bool = False
    maintenance: bool = False
    fencing_problems: tuple[str, ...] = ()

    def activity(self) -> dict[str, tuple[str, ...]]:
        """On which nodes each service and each resource is active."""
        active = {name: member.active_on for name, member in self.resources.items()}
        for service in self.services.values():
            active[service.name] = service.nodes
            active.update({member.name: member.active_on if member.places else () for member in service.members})
        return active

    def as_dict(self) -> dict[str, Any]:
        """The status as modules return it."""
        return {
            "quorate": self.quorate,
            "nodes": {name: node.as_dict() for name, node in self.nodes.items()},
            "services": {name: service.as_dict() for name, service in self.services.items()},
            "resources": {name: member.as_dict() for name, member in self.resources.items()},
        }


def takes_services(status: ClusterStatus, node: str) -> bool:
    """Whether a service may be started on a node."""
    return node in status.nodes and not status.nodes[node].hindrances
