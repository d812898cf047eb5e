# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single steps of Solaris Cluster's Resource Group Manager: a command, where it leads, and how to tell that. Pure.

Sources: scrgadm(1M) and scswitch(1M) of Sun Cluster 3.2; clresourcetype(1CL), clresourcegroup(1CL), clresource(1CL)
and clreslogicalhostname(1CL).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import Resource, Service
from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Command, Step
from ansible_collections.groupware.ha.plugins.module_utils.formats.scstat import States
from ansible_collections.groupware.ha.plugins.module_utils.formats.solaris_cluster_properties import (
    is_extension,
    same_value,
)
from . import terms
from .dependencies import Index
from .reading import NativeState, start_failures, stop_failures

_Argv = tuple[str, ...]

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


def _step(words: str, argv: _Argv, done: Callable[[NativeState], bool], remedy: str = "") -> Step:
    return Step(words, done, Command(argv), remedy=remedy, timeout=_TIMEOUT)


def _leading(
    words: str, argv: _Argv, reached: Callable[[States], bool], hopeless: Callable[[States], str] = lambda _states: ""
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


def _type(found: NativeState, name: str) -> Resource | None:
    return next((registered for registered in found.config.types if registered.name == name), None)


@dataclass(frozen=True)
class Commands:
    """What can be done; settings are properties by their names.

    :param objects: whether there are ``clrt``, ``clrg``, ``clrs``, ``clrslh`` and ``clrssa``, as from 3.2 on; else
        it is done with ``scrgadm`` and ``scswitch``, which all releases have
    """

    objects: bool

    # -- types ------------------------------------------------------------------------------------------------------

    def register_type(self, name: str, settings: Mapping[str, str]) -> Step:
        """Make a resource type known to the cluster; RT_system can only be set afterwards."""
        nodes = _listed(settings.get("Installed_nodes", ""))
        argv: _Argv = ("scrgadm", "-a", "-t", name, *_option("-h", nodes))
        if self.objects:
            argv = ("clrt", "register", *_option("-n", nodes), name)
        words = f"type {name} was to be registered"
        return _step(words, argv, lambda found: _type(found, name) is not None, _REGISTERED)

    def change_type(self, name: str, settings: Mapping[str, str]) -> Step:
        """Set the properties of a registered type."""
        nodes = settings.get("Installed_nodes", "")
        system = {key: value for key, value in settings.items() if key == "RT_system" and value}
        argv: _Argv = ("scrgadm", "-c", "-t", name, *_option("-h", _listed(nodes)), *_given("-y", system))
        if self.objects:
            everywhere = ("-N",) if nodes and not _listed(nodes) else ()
            argv = ("clrt", "set", *_option("-n", _listed(nodes)), *everywhere, *_given("-p", system), name)
        return _step(f"type {name} was to be changed", argv, lambda found: _settings_hold(settings, _type(found, name)))

    def unregister_type(self, name: str) -> Step:
        """Make the cluster forget a resource type."""
        argv = ("clrt", "unregister", name) if self.objects else ("scrgadm", "-r", "-t", name)
        return _step(f"type {name} was to be unregistered", argv, lambda found: _type(found, name) is None)

    # -- groups -----------------------------------------------------------------------------------------------------

    def create_group(self, service: Service) -> Step:
        """Create an unmanaged resource group."""
        name, nodes = service.name, ",".join(service.placement or ())
        settings = {key: value for key, value in terms.without_axes(service.settings).items() if value}
        argv: _Argv = ("scrgadm", "-a", "-g", name, *_option("-h", nodes), *_given("-y", settings))
        if self.objects:
            argv = ("clrg", "create", *_option("-n", nodes), *_given("-p", settings), name)
        return _step(f"service {name} was to be created", argv, lambda found: name in found.index.services)

    def change_group(self, name: str, nodes: tuple[str, ...], settings: Mapping[str, str]) -> Step:
        """Set properties of a group and, unless there are none, its nodes.

        The synopsis of scrgadm wants a property to be set besides ``-h``, so nodes are one too.
        """

        def done(found: NativeState) -> bool:
            service = found.index.services.get(name)
            placed = not nodes or (service is not None and service.placement == nodes)
            return placed and _settings_hold(settings, service)

        given = {**({"Nodelist": ",".join(nodes)} if nodes else {}), **settings}
        argv: _Argv = ("scrgadm", "-c", "-g", name, *_given("-y", given))
        if self.objects:
            argv = ("clrg", "set", *_given("-p", given), name)
        return _step(f"service {name} was to be changed", argv, done)

    def delete_group(self, name: str) -> Step:
        """Delete a group without resources."""
        argv = ("clrg", "delete", name) if self.objects else ("scrgadm", "-r", "-g", name)
        return _step(f"service {name} was to be deleted", argv, lambda found: name not in found.index.services)

    def manage(self, name: str, managed: bool) -> Step:
        """Have the cluster manage the group, which is offline then; or no longer manage an offline one."""

        def done(found: NativeState) -> bool:
            service = found.index.services.get(name)
            return service is not None and terms.is_true(service.settings[terms.MANAGED]) == managed

        argv: _Argv = ("scswitch", "-o" if managed else "-u", "-g", name)
        if self.objects:
            argv = ("clrg", "manage" if managed else "unmanage", name)
        return _step(f"service {name} was to be {'managed' if managed else 'unmanaged'}", argv, done)

    def suspend(self, name: str, suspended: bool) -> Step:
        """Suspend the group's automatic recovery, or resume it; only the object commands are documented to."""
        argv = ("clrg", "suspend" if suspended else "resume", name)
        words = f"service {name} was to be {'suspended' if suspended else 'resumed'}"
        return _step(words, argv, lambda found: (name in found.suspended) == suspended)

    def online(self, name: str, node: str, expected: Sequence[str], switch: bool = False) -> Step:
        """Have a group online on a node, with these resources; with ``switch`` from wherever it is."""

        def reached(states: States) -> bool:
            return node in states.online_on(name) and all(node in _running_on(states, member) for member in expected)

        argv: _Argv = ("scswitch", "-z", "-g", name, "-h", node)
        if self.objects:
            argv = ("clrg", "switch" if switch else "online", "-n", node, name)
        return _leading(
            f"service {name} was to go online on {node}",
            argv,
            reached,
            lambda states: stop_failures(states, expected) or start_failures(states, expected),
        )

    def offline(self, service: Service) -> Step:
        """Take the group offline on all nodes."""
        name, members = service.name, [member.name for member in service.resources]

        def reached(states: States) -> bool:
            return states.offline(name) and not any(states.active_on(member) for member in members)

        argv = ("clrg", "offline", name) if self.objects else ("scswitch", "-F", "-g", name)
        words = f"service {name} was to go offline"
        return _leading(words, argv, reached, lambda states: stop_failures(states, members))

    def evacuate(self, node: str) -> Step:
        """Move all groups away from a node."""

        def reached(states: States) -> bool:
            return all(found.get(node, "offline") in ("offline", "unmanaged") for found in states.groups.values())

        argv = ("clrg", "evacuate", "-n", node, "+") if self.objects else ("scswitch", "-S", "-h", node)
        words = f"all services were to leave {node}"
        return _leading(words, argv, reached, lambda states: stop_failures(states, states.resources))

    # -- resources --------------------------------------------------------------------------------------------------

    def create_resource(
        self, group: str, member: Resource, resource_type: str, settings: Mapping[str, str]
    ) -> Iterator[Step]:
        """Create a disabled resource; without ``-d``, clrs would enable it at once.

        :param resource_type: its type as commands take it
        :param settings: those that it is given
        """
        name = member.name
        later: dict[str, str] = {}
        argv: _Argv = ("scrgadm", "-a", "-j", name, "-t", resource_type, "-g", group, *_by_sort(settings))
        if member.type in terms.ADDRESS_TYPES:
            argv, later = self._created_host_names(group, member, settings)
        elif self.objects:
            argv = ("clrs", "create", "-g", group, "-t", resource_type, "-d", *_given("-p", settings), name)
        yield _step(f"{name} was to be created", argv, lambda found: name in found.index.resources, _VALIDATED)
        if later:
            yield self.change_resource(name, later)

    def _created_host_names(
        self, group: str, member: Resource, settings: Mapping[str, str]
    ) -> tuple[_Argv, dict[str, str]]:
        """A command that creates the host names in ``HostnameList``, and what can only be set afterwards."""
        shared, hosts = member.type == terms.SHARED_ADDRESS, settings["HostnameList"]
        interfaces = settings.get("NetIfList", "")
        others = {key: value for key, value in settings.items() if key not in ("HostnameList", "NetIfList")}
        if self.objects:
            argv: _Argv = ("clrssa" if shared else "clrslh", "create", "-g", group, "-h", hosts)
            return (*argv, *_option("-N", interfaces), *_given("-p", others), "-d", member.name), {}
        extensions = {key: value for key, value in others.items() if is_extension(key)}
        standard = {key: value for key, value in others.items() if key not in extensions}
        argv = ("scrgadm", "-a", "-S" if shared else "-L", "-g", group, "-l", hosts, "-j", member.name)
        return (*argv, *_option("-n", interfaces), *_given("-y", standard)), extensions

    def change_resource(self, name: str, settings: Mapping[str, str]) -> Step:
        """Set properties of a resource."""

        def done(found: NativeState) -> bool:
            return _settings_hold(settings, found.index.resources.get(name))

        argv: _Argv = ("scrgadm", "-c", "-j", name, *_by_sort(settings))
        if self.objects:
            argv = ("clrs", "set", *_given("-p", settings), name)
        return _step(f"{name} was to be changed", argv, done, _VALIDATED)

    def delete_resource(self, name: str) -> Step:
        """Delete a disabled resource."""
        argv = ("clrs", "delete", name) if self.objects else ("scrgadm", "-r", "-j", name)
        return _step(f"{name} was to be deleted", argv, lambda found: name not in found.index.resources)

    def enable(self, names: Sequence[str], expected: Collection[str]) -> Step:
        """Enable resources in this order, of which some are expected to run then."""

        def running(states: States) -> bool:
            return all(_running_on(states, name) for name in expected)

        argv = ("clrs", "enable", *names) if self.objects else ("scswitch", "-e", "-j", ",".join(names))
        step = _leading(
            f"{_were(names)} to be enabled",
            argv,
            running,
            lambda states: start_failures(states, names) or stop_failures(states, names),
        )
        return replace(
            step,
            done=lambda found: all(map(found.index.enabled, names)) and running(found.states),
            reached=step.reached if expected else None,
        )

    def disable(self, names: Sequence[str]) -> Step:
        """Disable resources in this order."""

        def stopped(states: States) -> bool:
            return not any(states.active_on(name) for name in names)

        argv = ("clrs", "disable", *names) if self.objects else ("scswitch", "-n", "-j", ",".join(names))
        words = f"{_were(names)} to be disabled"
        step = _leading(words, argv, stopped, lambda states: stop_failures(states, names))
        return replace(
            step, done=lambda found: not any(map(found.index.partly_enabled, names)) and stopped(found.states)
        )

    def monitor(self, name: str, monitored: bool) -> Step:
        """Switch the fault monitor of a resource on or off; the resource keeps running."""

        def done(found: NativeState) -> bool:
            member = found.index.resources.get(name)
            return member is not None and terms.is_true(member.settings.get(terms.MONITORED, "false")) == monitored

        argv: _Argv = ("scswitch", "-e" if monitored else "-n", "-M", "-j", name)
        if self.objects:
            argv = ("clrs", "monitor" if monitored else "unmonitor", name)
        return _step(f"the monitor of {name} was to be switched {'on' if monitored else 'off'}", argv, done)

    def clear(self, node: str, names: Sequence[str]) -> Step:
        """Clear the error flags of resources that failed to stop on a node."""

        def cleared(states: States) -> bool:
            return not any(node in states.in_state(name, "stop_failed") for name in names)

        argv: _Argv = ("scswitch", "-c", "-h", node, "-j", ",".join(names), "-f", "STOP_FAILED")
        if self.objects:
            argv = ("clrs", "clear", "-f", "STOP_FAILED", "-n", node, *names)
        return _leading(f"{_were(names)} to be cleared on {node}", argv, cleared)


def _listed(nodes: str) -> str:
    """A list of nodes, unless it means all."""
    return "" if nodes.lower() in ("all", "<all>") else nodes


def _option(option: str, value: str) -> _Argv:
    """The option where it has a value."""
    return (option, value) if value else ()


def _given(option: str, settings: Mapping[str, str]) -> _Argv:
    return tuple(word for key, value in settings.items() for word in (option, f"{key}={value}"))


def _by_sort(settings: Mapping[str, str]) -> _Argv:
    """Extension properties with ``-x``, standard ones with ``-y``."""
    return tuple(
        word for key, value in settings.items() for word in ("-x" if is_extension(key) else "-y", f"{key}={value}")
    )


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
