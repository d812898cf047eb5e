# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every driver offers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.description.model import (
    Description,
    FrameworkRules,
    ServiceDescription,
)
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError, Problem
from ansible_collections.groupware.ha.plugins.module_utils.description.secrets import without_secrets
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import (
    ClusterConfig,
    ClusterStatus,
    Resource,
    Service,
)
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import Change
from ansible_collections.groupware.ha.plugins.module_utils.shown import key_name, printed, shape


class FrameworkError(Exception):
    """The framework refused something, or is not in a state in which it can be asked."""


class NotRunning(FrameworkError):
    """The cluster is not running on this node, or the framework is not installed."""


@dataclass(frozen=True)
class Snapshot:
    """A cluster at one moment: what is configured, how it stands, and what planning needs in native terms."""

    config: ClusterConfig
    status: ClusterStatus
    native: Any = None


@dataclass(frozen=True)
class Plan:
    """What is done for changes; check mode, permission and execution all go by this one.

    ``stopping`` has what is to be deleted stop, with all that cannot run without it, and has to have ended before
    ``changing`` begins; the steps of both are the driver's own. ``interrupts`` are the services, of those that stay, of
    which a member that stays is stopped, or that are moved, by these steps.
    """

    stopping: Sequence[Any] = ()
    changing: Sequence[Any] = ()
    interrupts: Sequence[str] = ()


class Framework(Protocol):
    """A driver: compiles a description, reads what is, applies changes, normalises status."""

    name: str
    rules: FrameworkRules
    #: See reconcile.Comparison.
    empty_services: bool
    #: Whether changes that interrupt a service, or recreate a resource, are made only with the user's permission. Where
    #: one transaction changes everything and the cluster itself does the least that is needed, they are only announced.
    asks_permission: bool
    #: Whether resource types are registered with the cluster, and so read and changed.
    registers_types: bool
    #: Whether settings are handed over on command lines, which everybody on the node can read.
    settings_on_command_lines: bool
    #: Whether a service that is taken offline stays so whatever happens, until it is brought online again.
    keeps_services_offline: bool
    #: Whether an evacuated node stays free of services until it is returned.
    keeps_nodes_free: bool

    def __init__(self, runner: Runner) -> None:
        """A driver that works through this runner."""

    def compile(self, description: Description, include_applications: bool = True) -> ClusterConfig:
        """The description in native terms. Pure.

        :raises DescriptionError: what the framework cannot carry
        """

    def native_resource(
        self,
        name: str,
        resource_type: str,
        properties: Mapping[str, str],
        meta: Mapping[str, str],
        operations: Mapping[str, Mapping[str, str]],
    ) -> Resource:
        """One resource that is given in the framework's own names. Pure."""

    def native_service(
        self, name: str, nodes: Sequence[str], properties: Mapping[str, str], resources: Sequence[Resource]
    ) -> Service:
        """One service with its nodes in order of preference (none: any) and native properties. Pure."""

    def read(self) -> ClusterConfig:
        """The running configuration, with a constant number of commands.

        :raises NotRunning: there is no cluster to read from on this node
        """

    def missing_agents(self, types: Collection[str]) -> list[str]:
        """Those of the resource types that this node has no agent for."""

    def survey(self) -> Snapshot:
        """Everything that a plan is made from, with a constant number of commands.

        :raises NotRunning: there is no cluster to read from on this node
        """

    def plan(self, snapshot: Snapshot, changes: Sequence[Change]) -> Plan:
        """Everything that is to be done for the changes, and what that interrupts. Changes nothing.

        :raises FrameworkError: the changes cannot be made as the cluster stands
        """

    def carry_out(self, steps: Sequence[Any]) -> None:
        """Take the steps of a plan, one after another; in check mode the runner records their commands alone."""

    def settle(self, timeout: float) -> None:
        """Wait until the cluster has nothing left to do."""

    def status(self) -> ClusterStatus:
        """Where everything is, normalised."""

    def same(self, key: str, current: str, desired: str) -> bool:
        """See reconcile.Comparison."""

    def operational(self, key: str) -> bool:
        """See reconcile.Comparison."""

    def fixed(self, resource_type: str, key: str) -> bool:
        """See reconcile.Comparison."""

    def axis_settings(self, kind: str, axis: str, value: bool) -> Mapping[str, str]:
        """The native settings that an axis is on this framework. Pure.

        :param kind: ``service`` (axis ``managed``: whether the cluster acts on it) or ``resource`` (axes ``enabled``:
            whether it runs when its service does; ``monitored``: whether it is watched)
        :raises FrameworkError: the framework has no such axis
        """

    def native_type(self, name: str, base_type: str | None, properties: Mapping[str, str]) -> Resource:
        """One resource type that is given in the framework's own names. Pure.

        :raises FrameworkError: types are not registered on this framework
        """

    def set_service_enabled(self, service: str, enabled: bool) -> None:
        """Have the cluster run the service, or keep it stopped."""

    def move_service(self, service: str, node: str, timeout: float, start: bool = False) -> None:
        """Have the service run on a node, and wait for it; later failures may move it again.

        :param start: it is stopped and is to start there, and nowhere else before
        """

    def set_node_standby(self, node: str, standby: bool) -> None:
        """Have a node give up all its services and take none, or take part again."""

    def set_service_frozen(self, service: str, frozen: bool) -> None:
        """Have the cluster leave the service as it is, whatever happens, or act on it again."""

    def clear_failures(self, service: str) -> None:
        """Have the cluster forget that the service's resources failed, so that it can run them again."""

    def parse_saved(self, text: str) -> ClusterConfig:
        """A configuration that was saved to a file, as ``read`` gives that of the running cluster. Pure.

        :raises FrameworkError: it is not one, or not a whole one
        """

    def export(self, config: ClusterConfig) -> Export:
        """The configuration as a description that compiles to it again. Pure."""


@dataclass(frozen=True)
class Export:
    """What a cluster's configuration is in words of the description.

    ``cluster`` and ``services`` are values for ``groupware_cluster`` and ``groupware_services``; what the configuration
    does not hold, such as the addresses of nodes, is left out of ``cluster`` and named in ``unexpressed``, as is
    everything that a description has no words for.
    """

    cluster: Mapping[str, Any]
    services: Sequence[Mapping[str, Any]]
    unexpressed: Sequence[str]

    def __post_init__(self) -> None:
        """Leave secrets out, whoever made this: descriptions must not hold them, and are stored and shown."""
        found: list[str] = []
        for name in ("cluster", "services"):
            object.__setattr__(self, name, without_secrets(getattr(self, name), name, found))
        lines = [
            f"{key}: is a secret, or may be one; keep it in a file on the nodes and name that file" for key in found
        ]
        object.__setattr__(self, "unexpressed", [*map(printed, self.unexpressed), *lines])


def overridden(settings: Mapping[str, str], overriding: Mapping[str, str | None]) -> dict[str, str]:
    """Settings with those that the user gave instead; None takes one away."""
    merged = {**settings, **overriding}
    return {key: value for key, value in merged.items() if value is not None}


def with_native_settings(
    service: ServiceDescription, resources: Mapping[str, Resource], include_applications: bool
) -> tuple[Resource, ...]:
    """A service's resources, by their roles, with the settings that the user gave them in native names.

    :param include_applications: whether all roles are among ``resources``, so that an unknown one is a mistake
    :raises DescriptionError: a setting is for a role that the service does not have
    """
    problems = [
        Problem(
            f"services[{service.name}].{key}.{key_name(role)}",
            shape(value),
            "the service has no such resource",
            f"use one of {', '.join(resources)}",
        )
        for key, given in (
            ("resource_names", service.resource_names),
            ("resource_properties", service.resource_properties),
        )
        for role, value in given.items()
        if role not in resources and include_applications
    ]
    if problems:
        raise DescriptionError(problems)
    return tuple(
        replace(resource, settings=overridden(resource.settings, service.resource_properties.get(role, {})))
        for role, resource in resources.items()
    )
