# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every driver offers, with what most have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, Runner
from ansible_collections.groupware.ha.plugins.module_utils.description.model import (
    Capabilities,
    Description,
    Member,
    ServiceDescription,
)
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem, refuse
from ansible_collections.groupware.ha.plugins.module_utils.description.secrets import without_secrets
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import (
    ClusterConfig,
    ClusterStatus,
    Resource,
    Service,
)
from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Plan, Step
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import Change
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure, Refusal
from ansible_collections.groupware.ha.plugins.module_utils.shown import key_name, printed, shape

_Name = TypeVar("_Name")
_Value = TypeVar("_Value")


class FrameworkError(Failure):
    """The framework refused something, or is not in a state in which it can be asked."""

    may_lack_rights = True


class NotAllowed(Refusal, FrameworkError):
    """What interrupts services, and was not allowed."""


class NotRunning(FrameworkError):
    """The cluster is not running on this node, or the framework is not installed."""


class Asked(Mapping[_Name, _Value]):
    """A mapping that is fetched when it is first looked into, and then stays as it was."""

    def __init__(self, fetch: Callable[[], Mapping[_Name, _Value]]) -> None:
        self._fetch = fetch

    @cached_property
    def _found(self) -> Mapping[_Name, _Value]:
        return self._fetch()

    def __getitem__(self, key: _Name) -> _Value:
        return self._found[key]

    def __iter__(self) -> Iterator[_Name]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


@dataclass(frozen=True)
class Snapshot:
    """A cluster at one moment: what is configured, how it stands, and what planning needs in native terms."""

    config: ClusterConfig
    status: ClusterStatus
    native: Any = None


class Framework(ABC):
    """A driver: compiles a description, reads what is, and plans what is to be done. The executor does it.

    What has a body here holds for a framework that is nothing special in this respect. A driver keeps nothing between
    calls. An *observation* is what a driver's own steps look at: the cluster at one moment, of which each part is asked
    for when somebody wants to know it.
    """

    capabilities: Capabilities
    #: Seconds that a state has to come true after the command that leads to it, where a step has no limit of its own.
    patience: float = 600.0
    #: Seconds without anything under way after which a state that is not there will not come; None: it still may.
    quiet: float | None = None
    #: Seconds between two looks at the cluster.
    pause: float = 1.0
    #: The command that shows a person what the cluster is waiting for.
    status_command: str = ""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner

    @property
    def name(self) -> str:
        """The framework's name in descriptions."""
        return self.capabilities.framework

    # -- description to native terms, and back: pure ----------------------------------------------------------------

    @abstractmethod
    def compile(self, description: Description, include_applications: bool = True) -> ClusterConfig:
        """The description in native terms.

        :raises DescriptionError: what the framework cannot carry
        """

    @abstractmethod
    def native_resource(self, given: Member) -> Resource:
        """One resource that is given in the framework's own names."""

    @abstractmethod
    def native_service(
        self, name: str, nodes: Sequence[str], properties: Mapping[str, str], resources: Sequence[Resource]
    ) -> Service:
        """One service with its nodes in order of preference (none: any) and native properties."""

    def native_type(self, name: str, base_type: str | None, properties: Mapping[str, str]) -> Resource:  # noqa: ARG002
        """One resource type that is given in the framework's own names.

        :raises FrameworkError: types are not registered on this framework
        """
        raise FrameworkError(
            f"type {name}: {self.name} registers no types; install the package that brings the agent on every node"
        )

    @abstractmethod
    def axis_settings(self, kind: str, axis: str, value: bool) -> Mapping[str, str]:
        """The native settings that an axis is on this framework.

        :param kind: ``service`` (axis ``managed``: whether the cluster acts on it) or ``resource`` (axes ``enabled``:
            whether it runs when its service does; ``monitored``: whether it is watched)
        :raises FrameworkError: the framework has no such axis
        """

    @abstractmethod
    def parse_saved(self, text: str) -> ClusterConfig:
        """A configuration that was saved to a file, as ``read`` gives that of the running cluster.

        :raises FrameworkError: it is not one, or not a whole one
        """

    @abstractmethod
    def export(self, config: ClusterConfig) -> Export:
        """The configuration as a description that compiles to it again."""

    # -- comparing: see reconcile.Comparison ------------------------------------------------------------------------

    @property
    def empty_services(self) -> bool:
        """Whether the framework can have a service without members."""
        return self.capabilities.empty_services

    def same(self, key: str, current: str, desired: str) -> bool:  # noqa: ARG002 - a driver's may need it
        """Whether two texts mean the same to the framework."""
        return current == desired

    def operational(self, key: str) -> bool:  # noqa: ARG002 - a driver's may need it
        """Whether the setting is never purged. By default none is: each has a value always, be it its default."""
        return True

    def fixed(self, resource_type: str, key: str) -> bool:  # noqa: ARG002 - a driver's may need it
        """Whether a setting cannot be changed once its resource is there."""
        return False

    # -- reading ----------------------------------------------------------------------------------------------------

    @abstractmethod
    def read(self) -> Snapshot:
        """Everything that a plan is made from, with a constant number of commands.

        :raises NotRunning: there is no cluster to read from on this node
        """

    def status(self) -> ClusterStatus:
        """Where everything is, normalised."""
        return self.read().status

    @abstractmethod
    def missing_agents(self, types: Collection[str]) -> list[str]:
        """Those of the resource types that this node has no agent for."""

    # -- planning: pure ---------------------------------------------------------------------------------------------

    @abstractmethod
    def plan(self, snapshot: Snapshot, changes: Sequence[Change]) -> Plan:
        """Everything that is to be done for the changes, and what that interrupts.

        :raises FrameworkError: the changes cannot be made as the cluster stands
        """

    @abstractmethod
    def plan_enabling(self, snapshot: Snapshot, service: str, enabled: bool) -> Plan:
        """Have the cluster run the service, or keep it stopped."""

    @abstractmethod
    def plan_moving(self, snapshot: Snapshot, service: str, node: str, timeout: float) -> Plan:
        """Have the service run on a node, and start there and nowhere else before; later failures may move it again.

        :param timeout: seconds that it has for that
        """

    @abstractmethod
    def plan_standby(self, snapshot: Snapshot, node: str, standby: bool) -> Plan:
        """Have a node give up all its services and take none, or take part again."""

    @abstractmethod
    def plan_freezing(self, snapshot: Snapshot, service: str, frozen: bool) -> Plan:
        """Have the cluster leave the service as it is, whatever happens, or act on it again."""

    @abstractmethod
    def plan_clearing(self, snapshot: Snapshot, service: str) -> Plan:
        """Have the cluster forget that the service's resources failed, so that it can run them again."""

    # -- what the executor asks -------------------------------------------------------------------------------------

    @abstractmethod
    def observe(self) -> Any:
        """The cluster at this moment, for steps."""

    @abstractmethod
    def under_way(self, observation: Any) -> Sequence[str]:
        """What is on its way from one state to another, in words; nothing when the cluster is at rest."""

    def passing(self, error: CommandError) -> bool:  # noqa: ARG002 - a driver's may need it
        """Whether a command failed for a reason that passes, so that it is tried again."""
        return False

    def await_states(self, steps: Sequence[Step], seconds: float) -> None:  # noqa: B027 - most have nothing for that
        """Wait until something may have changed, or so many seconds; the next look decides."""

    def settle(self, timeout: float) -> None:
        """Wait until the cluster has nothing left to do.

        :raises FrameworkError: it has, after so many seconds
        """
        deadline = self.runner.clock() + timeout
        while True:
            found = self.under_way(self.observe())
            if not found:
                return
            if self.runner.clock() >= deadline:
                raise FrameworkError(
                    f"the cluster did not settle within {timeout:g} seconds: {'; '.join(found)}; "
                    f"'{self.status_command}' shows what it is waiting for"
                )
            self.runner.pause(self.pause)


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


def refuse_to_leave(service: str, nodes: Iterable[str], *, frozen: bool, target: str | None, needs: str) -> None:
    """Refuse that a service leaves nodes where it may not, or no node is there that it could go to.

    :param needs: what none of its other nodes is or can
    :raises FrameworkError: it is so
    """
    where = ", ".join(nodes)
    if frozen:
        raise FrameworkError(
            f"service {service} is frozen, and it has to leave {where}: unfreeze it first; nothing was changed"
        )
    if target is None:
        raise FrameworkError(
            f"service {service} has to leave {where}, and none of its other nodes {needs}; nothing was changed"
        )


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
    refuse(problems)
    return tuple(
        replace(resource, settings=overridden(resource.settings, service.resource_properties.get(role, {})))
        for role, resource in resources.items()
    )
