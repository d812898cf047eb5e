# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single steps: a command, and how to tell that it took effect. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, Resource, Service
from ansible_collections.groupware.ha.plugins.module_utils.formats.scstat import States
from ansible_collections.groupware.ha.plugins.module_utils.formats.solaris_cluster_properties import same_value
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.solaris_cluster.commands import Commands
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.solaris_cluster.dependencies import Index
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.solaris_cluster.reading import (
    start_failures,
    stop_failures,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.solaris_cluster.terms import (
    MANAGED,
    MONITORED,
    is_true,
)


class Observation:
    """What is now, asked for when somebody wants to know."""

    def __init__(
        self,
        read_config: Callable[[], ClusterConfig],
        read_states: Callable[[], States],
        read_suspended: Callable[[], frozenset[str]],
    ) -> None:
        self._read_config = read_config
        self._read_states = read_states
        self._read_suspended = read_suspended
        self._config: ClusterConfig | None = None
        self._states: States | None = None

    @property
    def config(self) -> ClusterConfig:
        if self._config is None:
            self._config = self._read_config()
        return self._config

    @property
    def states(self) -> States:
        if self._states is None:
            self._states = self._read_states()
        return self._states

    @property
    def suspended(self) -> frozenset[str]:
        return self._read_suspended()

    def resource(self, name: str) -> Resource | None:
        return next(
            (member for service in self.config.services for member in service.resources if member.name == name), None
        )


@dataclass(frozen=True)
class Step:
    """One command, and how to tell that it took effect.

    ``done`` decides after a command that failed or did not answer. ``reached`` is what has to come true before the next
    step, where that is more than the command's end; ``hopeless`` says why it will not.
    """

    argv: tuple[str, ...]
    done: Callable[[Observation], bool]
    reached: Callable[[States], bool] | None = None
    hopeless: Callable[[States], str] = lambda _states: ""
    hint: str = ""


#: A resource that runs, watched or not.
_RUNNING = ("online", "online_not_monitored", "monitor_failed")


def _running_on(states: States, resource: str) -> list[str]:
    return [node for state in _RUNNING for node in states.in_state(resource, state)]


def first_online_node(service: Service, states: States) -> str:
    nodes = service.placement or ()
    return next((node for node in nodes if states.nodes.get(node)), nodes[0])


def runnable(index: Index, service: Service) -> list[str]:
    """Members that run when their group is online: enabled, as all is that they cannot run without."""
    return [member.name for member in service.resources if _can_run(index, member.name, ())]


def _can_run(index: Index, name: str, path: tuple[str, ...]) -> bool:
    if not index.enabled(name) or name in path:
        return False
    return all(_can_run(index, other, (*path, name)) for other in index.required(name))


def online(commands: Commands, service: str, node: str, expected: Sequence[str], switch: bool = False) -> Step:
    def reached(states: States) -> bool:
        return node in states.online_on(service) and all(node in _running_on(states, name) for name in expected)

    return Step(
        commands.switch(service, node) if switch else commands.online(service, node),
        done=lambda observed: reached(observed.states),
        reached=reached,
        hopeless=lambda states: stop_failures(states, expected) or start_failures(states, expected),
    )


def offline(commands: Commands, service: Service) -> Step:
    members = [member.name for member in service.resources]

    def reached(states: States) -> bool:
        return states.offline(service.name) and not any(states.active_on(name) for name in members)

    return Step(
        commands.offline(service.name),
        done=lambda observed: reached(observed.states),
        reached=reached,
        hopeless=lambda states: stop_failures(states, members),
    )


def manage(commands: Commands, service: str, managed: bool) -> Step:
    def done(observed: Observation) -> bool:
        found = observed.config.service(service)
        return found is not None and is_true(found.settings[MANAGED]) == managed

    return Step(commands.manage(service) if managed else commands.unmanage(service), done)


def enable(commands: Commands, names: Sequence[str], expected: Collection[str]) -> Step:
    """Enable resources, of which some are expected to run then."""

    def running(states: States) -> bool:
        return all(_running_on(states, name) for name in expected)

    def done(observed: Observation) -> bool:
        index = Index(observed.config)
        return all(map(index.enabled, names)) and running(observed.states)

    return Step(
        commands.enable(names, True),
        done,
        reached=running if expected else None,
        hopeless=lambda states: start_failures(states, names) or stop_failures(states, names),
    )


def disable(commands: Commands, names: Sequence[str]) -> Step:
    def stopped(states: States) -> bool:
        return not any(states.active_on(name) for name in names)

    def done(observed: Observation) -> bool:
        index = Index(observed.config)
        return not any(name in index.resources and index.partly_enabled(name) for name in names) and stopped(
            observed.states
        )

    return Step(
        commands.enable(names, False),
        done,
        reached=stopped,
        hopeless=lambda states: stop_failures(states, names),
    )


def settings_hold(settings: Mapping[str, str], found: Resource | Service | None) -> bool:
    return found is not None and all(
        same_value(key, found.settings.get(key, ""), value) for key, value in settings.items()
    )


def clear(commands: Commands, node: str, names: Sequence[str]) -> Step:
    def cleared(states: States) -> bool:
        return not any(node in states.in_state(name, "stop_failed") for name in names)

    return Step(commands.clear(node, names), lambda observed: cleared(observed.states), cleared)


def monitored_again(commands: Commands, name: str) -> Iterator[Step]:
    for monitored in (False, True):
        yield Step(commands.monitor(name, monitored), switched_to(name, MONITORED, monitored))


def switched_to(name: str, axis: str, value: bool) -> Callable[[Observation], bool]:
    def done(observed: Observation) -> bool:
        found = observed.resource(name)
        return found is not None and is_true(found.settings.get(axis, "false")) == value

    return done


def resource_gone(name: str) -> Callable[[Observation], bool]:
    return lambda observed: observed.resource(name) is None


def service_gone(name: str) -> Callable[[Observation], bool]:
    return lambda observed: observed.config.service(name) is None


def type_there(name: str, there: bool) -> Callable[[Observation], bool]:
    return lambda observed: any(found.name == name for found in observed.config.types) == there


def type_settings(name: str, settings: Mapping[str, str]) -> Callable[[Observation], bool]:
    return lambda observed: settings_hold(
        settings, next((found for found in observed.config.types if found.name == name), None)
    )
