# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What planning knows of the cluster: all that VCS shows at one moment, and what types files here declare. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ansible_collections.groupware.ha.plugins.module_utils.formats.vcs_main_cf import MainCfError, TypeAttribute, parse
from ansible_collections.groupware.ha.plugins.module_utils.formats.vcs_tables import (
    GLOBAL,
    Display,
    SystemRow,
    is_true,
    ordered_systems,
    system_list,
    tokens,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from . import terms

#: Attributes of every resource that its agent is not told of: they change while it is online.
_OF_THE_ENGINE = frozenset(
    ["AutoStart", "ComputeStats", "Critical", "Enabled", "MonitorOnly", terms.REQUIRES, "ResourceInfo", "ResourceOwner"]
    + ["ResourceRecipients", "TriggerEvent", "TriggerPath", "TriggersEnabled"]
)
#: Attributes that an agent looks at when it monitors, starts or stops its resource, so that they change at any time.
_HARMLESS: Mapping[str, frozenset[str]] = {
    "DiskGroup": frozenset(["MonitorReservation", "PanicSystemOnDGLoss", "StartVolumes", "StopVolumes"]),
    "Mount": frozenset(["CkptUmount", "FsckOpt", "SecondLevelMonitor", "SecondLevelTimeout", "SnapUmount"]),
    # Messaging Server System Administrator's Guide, "MsgSrv Attributes and Arguments": set while it runs.
    "MsgSrv": frozenset(["DebugMode", "PrtStatus"]),
}

#: Attributes that are lists: of groups, of the cluster, of types; and of resources, where types files cannot be read.
LISTS = frozenset(
    ["AdministratorGroups", "Administrators", "AutoStartList", "Guests", "Load", "OperatorGroups", "Operators"]
    + ["Prerequisites", "SystemZones", "TriggersEnabled", "UserNames"]
    + ["ArgList", "LogDbg", "RegList", "SupportedActions", "SupportedOperations"]
    + ["MonitorProcesses", "NetworkHosts", "PidFiles"]
)
_MOVING = frozenset(["STARTING", "STOPPING", "MIGRATING"])

#: Says on this node that the configuration was opened by this collection.
SESSION_FILE = f"{terms.DIRECTORY}/.groupware_ha_session"


def moving_nodes(group: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Where a group is on its way to another state, and the state that it shows there."""
    return {node: state for node, state in group.get("State", {}).items() if _MOVING & set(tokens(state))}


def autoenable(group: str, nodes: Sequence[str]) -> str:
    """What a person does about a group of which VCS does not know whether it runs on these nodes."""
    commands = " and ".join(f"'hagrp -autoenable {group} -sys {node}'" for node in nodes)
    return (
        f"{group} is auto-disabled: VCS cannot know whether it runs on {', '.join(nodes)}; make sure that it does not, "
        f"and run {commands}"
    )


@dataclass(frozen=True)
class Native:
    """The cluster at one moment. What was not asked for is empty.

    :param types: static attributes of registered resource types
    :param links: group, parent and child of each dependency of resources
    :param group_links: parent, child and relationship of each dependency of groups
    :param read_file: the text of a file of this node, or None
    :param answer: what VCS prints when it is asked anything else
    """

    groups: Display = field(default_factory=dict)
    resources: Display = field(default_factory=dict)
    systems: Mapping[str, SystemRow] = field(default_factory=dict)
    types: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    cluster: Mapping[str, str] = field(default_factory=dict)
    links: Collection[tuple[str, str, str]] = ()
    group_links: Collection[tuple[str, str, str]] = ()
    read_file: Callable[[str], str | None] = lambda _path: None
    answer: Callable[..., str] = lambda *_argv: ""

    @property
    def writable(self) -> bool:
        """Whether the configuration is open for changes."""
        value = self.cluster.get("ReadOnly", "").strip()
        if value not in ("0", "1"):
            raise FrameworkError("haclus -display does not say whether the configuration is writable")
        return value == "0"

    @property
    def noted(self) -> bool:
        """Whether a run on this node opened the configuration and did not say that it closed it."""
        return bool((self.read_file(SESSION_FILE) or "").strip())

    def value(self, program: str, *names: str, node: str = GLOBAL) -> str | None:
        """An attribute, the last of the names, of what ``program`` configures; None if it has no such value."""
        *owner, attribute = names
        if program == "haclus":
            return self.cluster.get(attribute)
        if program == "hatype":
            return self.types.get(owner[0], {}).get(attribute)
        table = self.groups if program == "hagrp" else self.resources
        return table.get(owner[0], {}).get(attribute, {}).get(node)

    @cached_property
    def _members(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for resource in self.resources:
            found.setdefault(self.of_resource(resource, "Group"), []).append(resource)
        return found

    def of_group(self, group: str, attribute: str, node: str = GLOBAL, default: str = "") -> str:
        """A value of a group; a global one holds on every node."""
        values = self.groups.get(group, {}).get(attribute, {})
        return values.get(node, values.get(GLOBAL, default))

    def services(self) -> list[str]:
        """The groups that fail over."""
        return [name for name in self.groups if terms.fails_over(name, self.of_group(name, "Parallel", default="0"))]

    def members(self, group: str) -> Sequence[str]:
        """The resources of a group."""
        return self._members.get(group, ())

    def nodes(self, group: str) -> list[str]:
        """The systems of a group, the lowest number first."""
        return ordered_systems(system_list(self.of_group(group, "SystemList")))

    def states(self, group: str, node: str) -> tuple[str, ...]:
        """The words of a group's state on a node."""
        return tokens(self.of_group(group, "State", node))

    def group_nodes(self, group: str) -> tuple[str, ...]:
        """Where anything of a group is online that says where the group is."""
        names = [name for name in self.members(group) if self.places(name)]
        return tuple(dict.fromkeys(node for name in names for node in self.active_nodes(name)))

    def busy_nodes(self, group: str) -> list[str]:
        """Where anything of a group runs, starts or stops."""
        moving = moving_nodes(self.groups.get(group, {}))
        return list(dict.fromkeys([*self.group_nodes(group), *moving]))

    def is_online(self, group: str, node: str) -> bool:
        """Whether VCS calls a group online on a node."""
        return "ONLINE" in self.states(group, node)

    def is_complete(self, group: str, node: str) -> bool:
        """Whether a group is online as far as it can be: one that has disabled resources is PARTIAL for ever."""
        states = self.states(group, node)
        if {"STARTING", "STOPPING"} & set(states) or not {"ONLINE", "PARTIAL"} & set(states):
            return False
        return "ONLINE" in states or all(
            node in self.active_nodes(name)
            for name in self.members(group)
            if self.places(name)
            and is_true(self.of_resource(name, "Enabled", node, "1"))
            and is_true(self.of_resource(name, "AutoStart", node, "1"))
        )

    def faults(self, group: str) -> list[tuple[str, str, str]]:
        """Resource, node and what is wrong, of everything of a group that waits for a person."""
        found: list[tuple[str, str, str]] = []
        for resource in self.members(group):
            for node, state in self.resources[resource].get("State", {}).items():
                words = tokens(state)
                found.extend(
                    (resource, node, word)
                    for word in ("FAULTED", "ADMIN_WAIT", "UNABLE TO OFFLINE")
                    if any(token.startswith(word) for token in words)
                )
        return found

    def group_faulted(self, group: str, node: str) -> bool:
        """Whether a group cannot come online on a node because something of it is faulted there."""
        return "FAULTED" in self.states(group, node) or any(
            where == node for _resource, where, _word in self.faults(group)
        )

    def frozen(self, group: str) -> bool:
        """Whether VCS leaves a group alone, for a time or for good."""
        return any(is_true(self.of_group(group, attribute)) for attribute in ("Frozen", "TFrozen"))

    def enabled_nodes(self, group: str) -> list[str]:
        """Where a group may be brought online."""
        return [node for node in self.nodes(group) if is_true(self.of_group(group, "Enabled", node, "1"))]

    def offline_wanted(self, group: str) -> bool:
        """Whether a group was taken offline to stay so.

        One that is to come online is enabled on its node first and elsewhere when it is online: so a group that is
        offline and disabled on some nodes still waits for that.
        """
        nodes, enabled = self.nodes(group), self.enabled_nodes(group)
        if not nodes:
            return False
        return not enabled or (len(enabled) < len(nodes) and not self.group_nodes(group))

    def auto_disabled(self, group: str) -> list[str]:
        """Nodes of which VCS does not know whether a group runs there: one is enough to keep it offline everywhere."""
        return [node for node in self.nodes(group) if is_true(self.of_group(group, "AutoDisabled", node))]

    def unknown_nodes(self, group: str) -> list[str]:
        """Nodes that are still there but where VCS went away: what runs on them, nobody knows."""
        found = self.auto_disabled(group)
        if not found or self.group_nodes(group):
            return []
        running = [name for name, system in self.systems.items() if system.state == "RUNNING"]
        return [node for node in found if node not in running]

    def of_resource(self, resource: str, attribute: str, node: str = GLOBAL, default: str = "") -> str:
        """A value of a resource; a global one holds on every node."""
        values = self.resources.get(resource, {}).get(attribute, {})
        return values.get(node, values.get(GLOBAL, default))

    def places(self, resource: str) -> bool:
        """Whether a resource says where its group is: others are only watched, or stay where they were started."""
        resource_type = self.of_resource(resource, "Type")
        return terms.places(resource_type, self.types.get(resource_type, {}).get("Operations", ""))

    def active_nodes(self, resource: str) -> tuple[str, ...]:
        """Where a resource is online."""
        states = self.resources.get(resource, {}).get("State", {})
        return tuple(node for node, state in states.items() if "ONLINE" in tokens(state))

    def takes_groups(self, node: str) -> bool:
        """Whether a system runs and is not frozen."""
        system = self.systems.get(node)
        return system is not None and system.state == "RUNNING" and not system.frozen

    def able_nodes(self, group: str, nodes: Sequence[str]) -> list[str]:
        """Those of the systems on which a group could be brought online."""
        return [node for node in nodes if self.takes_groups(node) and not self.group_faulted(group, node)]

    def barred(self, group: str) -> dict[str, str]:
        """Systems that VCS would not choose for a group: faulted or disabled there, or not known to be free of it."""
        barred: dict[str, str] = {}
        for resource, node, word in self.faults(group):
            if node not in self.active_nodes(resource):
                barred[node] = (
                    f"{resource} is {word} there; when that is repaired, clear it (switchover, state=cleared)"
                )
        for node in self.nodes(group):
            if node in self.auto_disabled(group):
                barred[node] = autoenable(group, [node])
            elif self.of_group(group, "Enabled", node) == "0":
                barred[node] = f"the group is disabled there; 'hagrp -enable {group} -sys {node}' enables it"
        return barred

    def other_nodes(self, group: str, node: str) -> list[str]:
        """The systems but this one that VCS would choose for a group as things are."""
        barred = self.barred(group)
        return [
            other for other in self.nodes(group) if other != node and self.takes_groups(other) and other not in barred
        ]

    def has_left(self, group: str, node: str) -> bool:
        """Whether a group has left a node, and is online elsewhere unless it cannot."""
        if node in self.busy_nodes(group):
            return False
        arrived = any(self.is_complete(group, other) for other in self.nodes(group) if other != node)
        return arrived or not self.other_nodes(group, node)


@dataclass(frozen=True)
class DeclaredType:
    """What a types file says of a type: for its attributes the arguments of ``haattr -add``, and static values."""

    attributes: Mapping[str, tuple[str, ...]]
    lists: frozenset[str]
    static: Mapping[str, str]


@dataclass(frozen=True)
class Types:
    """What is known of resource types: registered ones with their static attributes, and what types files declare."""

    registered: Mapping[str, Mapping[str, str]]
    declared: Mapping[str, DeclaredType] = field(default_factory=dict)

    def places(self, resource_type: str) -> bool:
        """See ``terms.places``."""
        declared = self.declared.get(resource_type)
        values = {**({} if declared is None else declared.static), **self.registered.get(resource_type, {})}
        return terms.places(resource_type, values.get("Operations", ""))

    def static(self, resource_type: str) -> Collection[str]:
        """Static attributes of a type; those that every type has, of one that is not registered yet."""
        declared = self.declared.get(resource_type)
        further = {} if declared is None else declared.static
        return {*self.registered.get(resource_type, _common_static(self.registered)), *further}

    def is_list(self, resource_type: str, attribute: str) -> bool:
        """Whether an attribute of a resource is a list."""
        declared = self.declared.get(resource_type)
        if declared is not None and attribute in declared.attributes:
            return attribute in declared.lists
        return attribute in LISTS

    def needs_offline(self, resource_type: str, key: str) -> bool:
        """Whether a resource must be offline for an attribute to change.

        One that its agent compares with what it finds would be reported as faulted: monitoring looks for the new
        address while the old one is up.
        """
        attribute = key.partition(" ")[0]
        if attribute in _OF_THE_ENGINE or not self.places(resource_type):
            return False
        return attribute not in _HARMLESS.get(resource_type, ()) and attribute not in self.static(resource_type)


def declared_types(
    names: Iterable[str], registered: Mapping[str, Mapping[str, str]], read_file: Callable[[str], str | None]
) -> dict[str, DeclaredType]:
    """What types files on this node say of types, of those that have one.

    A type that was only added, and not imported as a whole, still names the file of the bundled ones, and VCS writes
    into that what it knows of the type: so the file of the type itself comes first.

    :raises FrameworkError: a file is no types file
    """
    common = _common_static(registered)
    files: dict[str, Mapping[str, list[TypeAttribute]]] = {}
    found = {}
    for name in names:
        for source in (f"./{name}Types.cf", registered.get(name, {}).get("SourceFile") or "./types.cf"):
            path = source if source.startswith("/") else f"{terms.DIRECTORY}/{source.removeprefix('./')}"
            if path not in files:
                files[path] = _types_file(path, read_file(path))
            if name in files[path]:
                found[name] = _declared(name, files[path][name], common)
                break
    return found


def _types_file(path: str, text: str | None) -> Mapping[str, list[TypeAttribute]]:
    try:
        return parse(text or "").types
    except MainCfError as error:
        raise FrameworkError(f"{path} is no types file: {error}") from None


def _declared(name: str, attributes: Collection[TypeAttribute], common: Collection[str]) -> DeclaredType:
    values = {found.name: found.default for found in attributes if found.static and found.name in common}
    return DeclaredType(
        {found.name: _declaration(name, found) for found in attributes if found.name not in values},
        frozenset(found.name for found in attributes if found.dimension != "scalar"),
        values,
    )


def _declaration(resource_type: str, attribute: TypeAttribute) -> tuple[str, ...]:
    """The arguments of ``haattr -add``."""
    options = ["-static"] if attribute.static else ["-temp"] if attribute.temporary else []
    is_list = attribute.dimension != "scalar"
    default = attribute.default.split() if is_list else [attribute.default] if attribute.default else []
    return (*options, resource_type, attribute.name, f"-{attribute.kind}", f"-{attribute.dimension}", *default)


def _common_static(registered: Mapping[str, Mapping[str, str]]) -> set[str]:
    """Static attributes that every registered type has."""
    sets = [set(values) for values in registered.values()]
    return set.intersection(*sets) if sets else set()
