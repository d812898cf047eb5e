# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single steps: a command, where it leads, and how to tell that it did. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import Resource, Service
from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Command, Step
from ansible_collections.groupware.ha.plugins.module_utils.formats.scstat import States
from ansible_collections.groupware.ha.plugins.module_utils.formats.solaris_cluster_properties import same_value
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.solaris_cluster import terms
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.solaris_cluster.commands import Argv, Commands
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.solaris_cluster.dependencies import Index
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.solaris_cluster.reading import (
    NativeState,
    start_failures,
    stop_failures,
)

#: A running scswitch is not to be killed (scswitch(1M)). It ends when the methods that it waits for end or time out;
#: the longest, that of storage, has half an hour.
_TIMEOUT = 7200.0
#: A resource that runs, watched or not.
_RUNNING = ("online", "online_not_monitored", "monitor_failed")

_STANDING = "'scstat -g' shows where everything stands"
_VALIDATED = (
    "an agent's VALIDATE method judges a resource on all nodes: host names in /etc/hosts, file systems in /etc/vfstab "
    "and the application's own files must be there, and its storage online"
)
_REGISTERED = f"see whether the registration file is in {' or '.join(terms.REGISTRATION_DIRECTORIES)}"


def _step(words: str, argv: Argv, done: Callable[[NativeState], bool], remedy: str = "") -> Step:
    return Step(words, done, Command(argv), remedy=remedy, timeout=_TIMEOUT)


def _leading(
    words: str, argv: Argv, reached: Callable[[States], bool], hopeless: Callable[[States], str] = lambda _states: ""
) -> Step:
    """A command whose exit status 0 says that methods ended, not how."""

    def done(found: NativeState) -> bool:
        return reached(found.states)

    return replace(_step(words, argv, done, _STANDING), reached=done, hopeless=lambda found: hopeless(found.states))


def _were(names: Sequence[str]) -> str:
    return f"{', '.join(names)} {'was' if len(names) == 1 else 'were'}"


def _running_on(states: States, resource: str) -> list[str]:
    return [node for state in _RUNNING for node in states.in_state(resource, state)]


def _settings_hold(settings: Mapping[str, str], found: Resource | Service | None) -> bool:
    return found is not None and all(
        same_value(key, found.settings.get(key, ""), value) for key, value in settings.items()
    )


# -- types ----------------------------------------------------------------------------------------------------------


def _type(found: NativeState, name: str) -> Resource | None:
    return next((registered for registered in found.config.types if registered.name == name), None)


def register_type(commands: Commands, name: str, settings: Mapping[str, str]) -> Step:
    argv = commands.register_type(name, settings)
    return _step(f"type {name} was to be registered", argv, lambda found: _type(found, name) is not None, _REGISTERED)


def change_type(commands: Commands, name: str, settings: Mapping[str, str]) -> Step:
    argv = commands.change_type(name, settings)
    return _step(f"type {name} was to be changed", argv, lambda found: _settings_hold(settings, _type(found, name)))


def unregister_type(commands: Commands, name: str) -> Step:
    argv = commands.unregister_type(name)
    return _step(f"type {name} was to be unregistered", argv, lambda found: _type(found, name) is None)


# -- groups ---------------------------------------------------------------------------------------------------------


def create_group(commands: Commands, service: Service) -> Step:
    name = service.name
    settings = {key: value for key, value in terms.without_axes(service.settings).items() if value}
    argv = commands.create_group(name, service.placement or (), settings)
    return _step(f"service {name} was to be created", argv, lambda found: name in found.index.services)


def change_group(commands: Commands, name: str, nodes: tuple[str, ...], settings: Mapping[str, str]) -> Step:
    """Other properties and, unless there are none, nodes."""

    def done(found: NativeState) -> bool:
        service = found.index.services.get(name)
        return _settings_hold(settings, service) and (not nodes or (service is not None and service.placement == nodes))

    return _step(f"service {name} was to be changed", commands.change_group(name, nodes, settings), done)


def delete_group(commands: Commands, name: str) -> Step:
    argv = commands.delete_group(name)
    return _step(f"service {name} was to be deleted", argv, lambda found: name not in found.index.services)


def manage(commands: Commands, name: str, managed: bool) -> Step:
    def done(found: NativeState) -> bool:
        service = found.index.services.get(name)
        return service is not None and terms.is_true(service.settings[terms.MANAGED]) == managed

    words = f"service {name} was to be {'managed' if managed else 'unmanaged'}"
    return _step(words, commands.manage(name, managed), done)


def suspend(commands: Commands, name: str, suspended: bool) -> Step:
    argv = commands.suspend(name, suspended)
    words = f"service {name} was to be {'suspended' if suspended else 'resumed'}"
    return _step(words, argv, lambda found: (name in found.suspended) == suspended)


def first_online_node(service: Service, states: States) -> str:
    nodes = service.placement or ()
    return next((node for node in nodes if states.nodes.get(node)), nodes[0])


def online(commands: Commands, name: str, node: str, expected: Sequence[str], switch: bool = False) -> Step:
    """Have a group online on a node, with these resources."""

    def reached(states: States) -> bool:
        return node in states.online_on(name) and all(node in _running_on(states, member) for member in expected)

    return _leading(
        f"service {name} was to go online on {node}",
        commands.switch(name, node) if switch else commands.online(name, node),
        reached,
        lambda states: stop_failures(states, expected) or start_failures(states, expected),
    )


def offline(commands: Commands, service: Service) -> Step:
    name, members = service.name, [member.name for member in service.resources]

    def reached(states: States) -> bool:
        return states.offline(name) and not any(states.active_on(member) for member in members)

    words = f"service {name} was to go offline"
    return _leading(words, commands.offline(name), reached, lambda states: stop_failures(states, members))


def evacuate(commands: Commands, node: str) -> Step:
    def reached(states: States) -> bool:
        return all(found.get(node, "offline") in ("offline", "unmanaged") for found in states.groups.values())

    words = f"all services were to leave {node}"
    return _leading(words, commands.evacuate(node), reached, lambda states: stop_failures(states, states.resources))


# -- resources ------------------------------------------------------------------------------------------------------


def create_resource(
    commands: Commands, group: str, member: Resource, resource_type: str, settings: Mapping[str, str]
) -> Iterator[Step]:
    """Create a disabled resource.

    :param resource_type: its type as commands take it
    :param settings: those that it is given
    """
    name = member.name
    if member.type in terms.ADDRESS_TYPES:
        lines = commands.create_host_names(name, group, member.type == terms.SHARED_ADDRESS, settings)
    else:
        lines = [commands.create_resource(name, group, resource_type, settings)]
    yield _step(f"{name} was to be created", lines[0], lambda found: name in found.index.resources, _VALIDATED)
    for line in lines[1:]:
        yield _change_resource(name, line, settings)


def change_resource(commands: Commands, name: str, settings: Mapping[str, str]) -> Step:
    return _change_resource(name, commands.change_resource(name, settings), settings)


def _change_resource(name: str, argv: Argv, settings: Mapping[str, str]) -> Step:
    def done(found: NativeState) -> bool:
        return _settings_hold(settings, found.index.resources.get(name))

    return _step(f"{name} was to be changed", argv, done, _VALIDATED)


def delete_resource(commands: Commands, name: str) -> Step:
    argv = commands.delete_resource(name)
    return _step(f"{name} was to be deleted", argv, lambda found: name not in found.index.resources)


def runnable(index: Index, service: Service) -> list[str]:
    """Members that run when their group is online: enabled, as all is that they cannot run without."""
    return [member.name for member in service.resources if _can_run(index, member.name, ())]


def _can_run(index: Index, name: str, path: tuple[str, ...]) -> bool:
    if not index.enabled(name) or name in path:
        return False
    return all(_can_run(index, other, (*path, name)) for other in index.required(name))


def enable(commands: Commands, names: Sequence[str], expected: Collection[str]) -> Step:
    """Enable resources, of which some are expected to run then."""

    def running(states: States) -> bool:
        return all(_running_on(states, name) for name in expected)

    step = _leading(
        f"{_were(names)} to be enabled",
        commands.enable(names, True),
        running,
        lambda states: start_failures(states, names) or stop_failures(states, names),
    )
    return replace(
        step,
        done=lambda found: all(map(found.index.enabled, names)) and running(found.states),
        reached=step.reached if expected else None,
    )


def disable(commands: Commands, names: Sequence[str]) -> Step:
    def stopped(states: States) -> bool:
        return not any(states.active_on(name) for name in names)

    words = f"{_were(names)} to be disabled"
    step = _leading(words, commands.enable(names, False), stopped, lambda states: stop_failures(states, names))
    return replace(
        step,
        done=lambda found: not any(map(found.index.partly_enabled, names)) and stopped(found.states),
    )


def monitor(commands: Commands, name: str, monitored: bool) -> Step:
    def done(found: NativeState) -> bool:
        member = found.index.resources.get(name)
        return member is not None and terms.is_true(member.settings.get(terms.MONITORED, "false")) == monitored

    words = f"the monitor of {name} was to be switched {'on' if monitored else 'off'}"
    return _step(words, commands.monitor(name, monitored), done)


def clear(commands: Commands, node: str, names: Sequence[str]) -> Step:
    """Clear the error flags of resources that failed to stop on a node."""

    def cleared(states: States) -> bool:
        return not any(node in states.in_state(name, "stop_failed") for name in names)

    return _leading(f"{_were(names)} to be cleared on {node}", commands.clear(node, names), cleared)
