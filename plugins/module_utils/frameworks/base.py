# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every driver offers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from ansible_collections.groupware.ha.plugins.module_utils.cluster_config import (
    ClusterConfig,
    ClusterStatus,
    Resource,
    Service,
)
from ansible_collections.groupware.ha.plugins.module_utils.deployment import Deployment, NameRule
from ansible_collections.groupware.ha.plugins.module_utils.reconcile import Change


class FrameworkError(Exception):
    """The framework refused something, or is not in a state in which it can be asked."""


class NotRunning(FrameworkError):
    """The cluster is not running on this node, or the framework is not installed."""


class Framework(Protocol):
    """A driver: compiles a description, reads what is, applies changes, normalises status."""

    name: str
    name_rule: NameRule
    #: A program that is there exactly where the framework is installed.
    program: str
    #: See reconcile.Comparison.
    empty_services: bool

    def compile(self, deployment: Deployment, include_applications: bool = True) -> ClusterConfig:
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

    def stop(self, names: Collection[str]) -> None:
        """Tell services and resources to stop, in one transaction, because they are to be deleted."""

    def apply(self, changes: Sequence[Change]) -> None:
        """Make the changes in one transaction; what is deleted has been stopped."""

    def settle(self, timeout: float) -> None:
        """Wait until the cluster has nothing left to do."""

    def status(self) -> ClusterStatus:
        """Where everything is, normalised."""

    def same(self, key: str, current: str, desired: str) -> bool:
        """See reconcile.Comparison."""

    def operational(self, key: str) -> bool:
        """See reconcile.Comparison."""

    def restarted_services(self, changes: Sequence[Change], current: ClusterConfig) -> list[str]:
        """Services that the framework stops and starts again to make these changes."""

    def preferred_nodes(self, service: Service) -> list[str]:
        """Nodes that a service may run on, best first; empty when it may run anywhere. Pure."""

    def set_service_enabled(self, service: str, enabled: bool) -> None:
        """Have the cluster run the service, or keep it stopped."""

    def move_service(self, service: str, node: str, timeout: float, start: bool = False) -> None:
        """Have the service run on a node, and wait for it; later failures may move it again.

        :param start: it is stopped and is to start there, and nowhere else before
        """

    def set_node_standby(self, node: str, standby: bool) -> None:
        """Have a node give up all its services and take none, or take part again."""
