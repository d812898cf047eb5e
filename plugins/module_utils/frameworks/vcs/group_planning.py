# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines of Veritas Cluster Server: what it has to be told to make changes, in order. Pure.

A service that is stopped for a change, or gets a member while it runs, is marked as unfinished in the configuration
before anything else, and is rid of the mark when it was seen online, as the very last change: whatever happens in
between, the next run sees the mark as a difference, and goes on. The mark of a new group is its empty AutoStartList;
that of a resource is AutoStart 0, which keeps it from starting with its group.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Union

from ansible_collections.groupware.ha.plugins.module_utils.cluster_config import ClusterConfig, Service
from ansible_collections.groupware.ha.plugins.module_utils.formats.vcs_tables import (
    View,
    is_true,
    places,
    system_list,
    tokens,
)
from ansible_collections.groupware.ha.plugins.module_utils.reconcile import Change

#: The key of the resources that a resource depends on, blank separated, in any order.
REQUIRES = "requires"
#: The key of the groups that a group depends on, each with its relationship, separated by semicolons.
REQUIRES_GROUP = "requires group"
#: The key of the cluster that says whether a run that did not end left the configuration writable.
CONFIGURATION = "configuration"
CLOSED = "closed"
LEFT_WRITABLE = "left writable"

#: Attributes of every resource that its agent is not told of: they change while it is online.
_OF_THE_ENGINE = frozenset(
    ["AutoStart", "ComputeStats", "Critical", "Enabled", "MonitorOnly", REQUIRES, "ResourceInfo", "ResourceOwner"]
    + ["ResourceRecipients", "TriggerEvent", "TriggerPath", "TriggersEnabled"]
)
#: Attributes that an agent looks at when it monitors, starts or stops its resource, so that they change at any time.
_HARMLESS: Mapping[str, frozenset[str]] = {
    "DiskGroup": frozenset(["MonitorReservation", "PanicSystemOnDGLoss", "StartVolumes", "StopVolumes"]),
    "Mount": frozenset(["CkptUmount", "FsckOpt", "SecondLevelMonitor", "SecondLevelTimeout", "SnapUmount"]),
    # Messaging Server System Administrator's Guide, "MsgSrv Attributes and Arguments": set while it runs.
    "MsgSrv": frozenset(["DebugMode", "PrtStatus"]),
}

#: Attributes of groups that are lists.
GROUP_LISTS = frozenset(
    ["AdministratorGroups", "Administrators", "AutoStartList", "Guests", "Load", "OperatorGroups", "Operators"]
    + ["Prerequisites", "SystemZones", "TriggersEnabled"]
)
_CLUSTER_LISTS = frozenset(
    ["AdministratorGroups", "Administrators", "Guests", "OperatorGroups", "Operators", "UserNames"]
)
_TYPE_LISTS = frozenset(["ArgList", "LogDbg", "RegList", "SupportedActions", "SupportedOperations"])
#: Attributes of bundled types that are lists, for nodes where the types files cannot be read.
_RESOURCE_LISTS = frozenset(["MonitorProcesses", "NetworkHosts", "PidFiles"])


class PlanError(Exception):
    """The changes cannot be made as the cluster stands; nothing was changed."""


@dataclass(frozen=True)
class Command:
    """A command line that changes something."""

    argv: tuple[str, ...]


@dataclass(frozen=True)
class Await:
    """A state that has to be reached before anything else is done.

    ``state`` is ``probed``, ``online`` or ``offline``; of the resource if one is named, else of the group.
    """

    state: str
    group: str
    node: str
    resource: str = ""


@dataclass(frozen=True)
class Refusal:
    """Says why the rest cannot be done."""

    words: str


Step = Union[Command, Await, Refusal]


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

    @property
    def operations(self) -> dict[str, str]:
        """What the agent of each registered type does."""
        known = {
            name: found.static["Operations"] for name, found in self.declared.items() if "Operations" in found.static
        }
        known.update({name: values["Operations"] for name, values in self.registered.items() if "Operations" in values})
        return known

    def static(self, resource_type: str) -> Collection[str]:
        """Static attributes of a type; those that every type has, of one that is not registered yet."""
        declared = self.declared.get(resource_type)
        further = {} if declared is None else declared.static
        if resource_type in self.registered:
            return {*self.registered[resource_type], *further}
        return {*self.common_static(), *further}

    def common_static(self) -> set[str]:
        """Static attributes that every registered type has."""
        sets = [set(values) for values in self.registered.values()]
        return set.intersection(*sets) if sets else set()

    def is_list(self, resource_type: str, attribute: str) -> bool:
        """Whether an attribute of a resource is a list."""
        declared = self.declared.get(resource_type)
        if declared is not None and attribute in declared.attributes:
            return attribute in declared.lists
        return attribute in _RESOURCE_LISTS or attribute in _TYPE_LISTS

    def needs_offline(self, resource_type: str, key: str) -> bool:
        """Whether a resource must be offline for an attribute to change.

        One that its agent compares with what it finds would be reported as faulted: monitoring looks for the new
        address while the old one is up.
        """
        attribute = key.partition(" ")[0]
        if attribute in _OF_THE_ENGINE or not places(self.operations, resource_type):
            return False
        return attribute not in _HARMLESS.get(resource_type, ()) and attribute not in self.static(resource_type)


@dataclass
class GroupPlan:
    """Changes of one group and its members.

    :param current: the group as it is configured, or None
    :param view: the cluster before anything is done for these changes
    """

    name: str
    changes: Sequence[Change]
    current: Service | None
    view: View
    types: Types

    def __post_init__(self) -> None:
        self.group_change = next((change for change in self.changes if change.kind == "service"), None)
        members = [change for change in self.changes if change.kind == "resource"]
        self.deleted = {change.name for change in members if change.action == "delete"}
        self.created = {change.name: change for change in members if change.action == "create"}
        self.updated = {change.name: change for change in members if change.action == "update"}
        resources = () if self.current is None else self.current.resources
        self.before = {resource.name: dict(resource.settings) for resource in resources}
        self.type = {resource.name: resource.type for resource in resources}
        self.type.update({name: change.type or "" for name, change in self.created.items()})
        self.after = {name: settings for name, settings in self.before.items() if name not in self.deleted}
        self.after.update({name: dict(change.after or {}) for name, change in self.created.items()})
        for name, change in self.updated.items():
            kept = {key: value for key, value in self.before[name].items() if key not in (change.before or {})}
            self.after[name] = {**kept, **(change.after or {})}
        self._refuse_unknown_requirements()
        #: The group's systems with their numbers, as they are and as they are to be.
        self.systems = {} if self.current is None else system_list(self.view.of_group(self.name, "SystemList"))
        self.nodes = self._nodes_after()
        where = self.view.group_nodes(self.name) if self.current is not None else ()
        #: Where the group runs; None if nowhere.
        self.node = where[0] if where else None
        #: Members that are told to stop because they go, or something that they depend on.
        self.stopped = frozenset() if self.current is None else stopped_for(self.deleted, self.current, self.view)
        self.to_stop = self._to_stop()
        self.held = self._held()
        self.to_start = [] if self.held else self._to_start()
        self.marked = self._marked()

    # -- what is to be done --------------------------------------------------------------------------------------

    def _refuse_unknown_requirements(self) -> None:
        for name, change in [*self.created.items(), *self.updated.items()]:
            for child in (change.after or {}).get(REQUIRES, "").split():
                if child not in self.after or child == name:
                    raise PlanError(
                        f"resource {name} requires {child}, which is no other member of service {self.name}; "
                        "nothing was changed"
                    )

    def _nodes_after(self) -> tuple[str, ...]:
        nodes = () if self.current is None else self.current.placement or ()
        if self.group_change is not None and self.group_change.placement is not None:
            nodes = self.group_change.placement
        unknown = [node for node in nodes if node not in self.view.systems]
        if unknown:
            raise PlanError(
                f"service {self.name} is to run on {', '.join(unknown)}, which VCS has no such system as; it has: "
                f"{', '.join(self.view.systems)}; nothing was changed"
            )
        if not nodes and self.created:
            raise PlanError(f"service {self.name} has no nodes that it could run on; nothing was changed")
        return nodes

    def _active(self, name: str) -> bool:
        """Whether a member runs when the changes begin."""
        known = name in self.before and name not in self.stopped
        return known and self.node is not None and self.node in self.view.active_nodes(name)

    def _requires(self, name: str, settings: Mapping[str, Mapping[str, str]]) -> set[str]:
        return set(settings.get(name, {}).get(REQUIRES, "").split()) & set(settings)

    def _places(self, name: str) -> bool:
        return places(self.types.operations, self.type[name])

    def _enabled(self, name: str) -> bool:
        return is_true(self.after[name].get("Enabled", "1"))

    def _starts_with_group(self, name: str) -> bool:
        return is_true(self.after[name].get("AutoStart", "1"))

    def _changed_keys(self, name: str) -> set[str]:
        change = self.updated[name]
        return {*(change.before or {}), *(change.after or {})}

    def _to_stop(self) -> set[str]:
        """Running members that have to be offline for the changes, with all that depends on them."""
        stopping: set[str] = set()
        candidates = {name for name in self.before if self._active(name) and self._places(name)} - self.deleted
        for name in candidates & set(self.updated):
            if any(self.types.needs_offline(self.type[name], key) for key in self._changed_keys(name)):
                stopping.add(name)
        # A resource is disabled while it is offline; one that is only watched, while what depends on it is.
        disabled = {name for name in self.updated if "Enabled" in self._changed_keys(name) and not self._enabled(name)}
        stopping |= disabled & candidates
        while True:
            further = {
                name
                for name in candidates - stopping
                if self._requires(name, self.before) & (stopping | disabled) or self._new_child_is_down(name, stopping)
            }
            if not further:
                return stopping
            stopping |= further

    def _new_child_is_down(self, name: str, stopping: Collection[str]) -> bool:
        """VCS has no online resource depend on one that is offline."""
        gained = self._requires(name, self.after) - (self._requires(name, self.before) - self.deleted)
        return any(child in stopping or child in self.created or not self._active(child) for child in gained)

    def _held(self) -> bool:
        """Whether somebody wants the group to be left as it is."""
        frozen = self.current is not None and self.view.frozen(self.name)
        after = {} if self.group_change is None else (self.group_change.after or {})
        if self.to_stop or (self.stopped - self.deleted):
            self._refuse_while_frozen(frozen, "members have to be stopped for these changes")
        if "Frozen" in after:
            frozen = is_true(after["Frozen"])
        elif self.created and self.node is not None:
            self._refuse_while_frozen(frozen, "new members could not be started")
        return frozen or (self.current is not None and self.view.offline_wanted(self.name))

    def _refuse_while_frozen(self, frozen: bool, words: str) -> None:
        if frozen:
            raise PlanError(f"service {self.name} is frozen, and {words}: unfreeze it first; nothing was changed")

    def _to_start(self) -> list[str]:
        """Members that are to be online in the end and are not, what others depend on first."""
        off = {name for name in self.after if not self._enabled(name)}
        while True:
            # Without what it depends on, nothing is started, though VCS would.
            further = {name for name in self.after if self._requires(name, self.after) & off} - off
            if not further:
                break
            off |= further
        interrupted = self.to_stop | (self.stopped - self.deleted)
        wanted = [
            name
            for name in self._children_first(self.after)
            if self._places(name) and name not in off and (self._starts_with_group(name) or name in interrupted)
        ]
        missing = [name for name in wanted if name in interrupted or name in self.created or not self._active(name)]
        if self.node is None:
            return missing
        marks = {name for name in self.updated if {"Enabled", "AutoStart"} & self._changed_keys(name)}
        reasons = (interrupted | set(self.created) | marks) & set(wanted)
        unfinished = self.group_change is not None and self._unfinished()
        # A mark that was left says that more was to be started than what carries it.
        return missing if reasons or unfinished else []

    def _unfinished(self) -> bool:
        """Whether the group is new, or was never seen online as a whole since it was made."""
        if not self._auto_start_list():
            return False
        return self.current is None or not self.current.settings.get("AutoStartList", "").split()

    def _auto_start_list(self) -> str:
        """The AutoStartList that is to be set, if any."""
        after = {} if self.group_change is None else (self.group_change.after or {})
        return after.get("AutoStartList", "")

    def _marked(self) -> list[str]:
        if not self.to_start or self._unfinished():
            return []
        parents = {name for name in self.stopped - self.deleted if self._requires(name, self.before) & self.deleted}
        enabled = {name for name in self.updated if "Enabled" in self._changed_keys(name) and self._enabled(name)}
        marked = {*self.created, *(self.to_stop & set(self.updated)), *enabled, *parents}
        return [name for name in self.to_start if name in marked and self._starts_with_group(name)]

    # -- steps ---------------------------------------------------------------------------------------------------

    @property
    def interrupts(self) -> bool:
        """Whether members that stay, or the whole group, are stopped."""
        return bool(self.to_stop or (self.stopped - self.deleted) or self._moves_to())

    def stopping(self) -> Iterator[Step]:
        """Have stop what goes, and what depends on it."""
        if self.current is None or not self.stopped:
            return
        active = {name for name in self.stopped if self.view.places(name) and self.view.active_nodes(name)}
        if active:
            refuse_untouchable(self.name, self.view)
        for name in parents_first(active, self.current):
            for node in self.view.active_nodes(name):
                yield command("hares", "-offline", name, "-sys", node)
                yield Await("offline", self.name, node, name)

    def removal(self) -> Iterator[Step]:
        """Delete members; what depended on them is offline already."""
        for name in self.marked:
            if name in self.stopped:
                yield command("hares", "-modify", name, "AutoStart", "0")
        gone = [name for name in reversed(self._children_first(self.before)) if name in self.deleted]
        for parent, child in self._links(self.before):
            if parent in self.deleted or child in self.deleted:
                yield command("hares", "-unlink", parent, child)
        for name in gone:
            yield command("hares", "-delete", name)

    def steps(self) -> Iterator[Step]:
        """Everything but the removal: the changes, what is started then, and what is done when that is online."""
        yield from self._group_steps()
        for name in self.marked:
            marked_already = not is_true(self.before.get(name, {}).get("AutoStart", "1"))
            if name in self.updated and name not in self.stopped and not marked_already:
                yield command("hares", "-modify", name, "AutoStart", "0")
        for name in reversed(self._children_first(self.before)):
            if name in self.to_stop and self.node is not None:
                yield command("hares", "-offline", name, "-sys", self.node)
                yield Await("offline", self.name, self.node, name)
        yield from self._member_steps()
        node = self._target() if self._starts_as_a_whole() else None
        if node is not None:
            yield Await("probed", self.name, node)
            yield command("hagrp", "-online", self.name, "-sys", node)
        yield from self._start_steps()
        for name in self._children_first(self.after):
            if name in self.marked or (name in self.updated and self._cleared_last(name)):
                yield command("hares", "-modify", name, "AutoStart", self.after[name].get("AutoStart", "1"))
        yield from self._last_group_steps()

    def _group_steps(self) -> Iterator[Step]:
        change = self.group_change
        if change is None:
            return
        after = change.settings
        if change.action == "create":
            yield command("hagrp", "-add", self.name)
            if self.nodes:
                pairs = [word for number, node in enumerate(self.nodes) for word in (node, str(number))]
                yield command("hagrp", "-modify", self.name, "SystemList", *pairs)
        elif change.placement is not None:
            yield from self._system_steps()
        if is_true((change.before or {}).get("Frozen", "0")) and not is_true(after.get("Frozen", "1")):
            yield command("hagrp", "-unfreeze", self.name, "-persistent")
        # Parallel cannot be changed once the group has resources.
        for key in sorted(after, key=lambda key: key != "Parallel"):
            if key in ("Frozen", REQUIRES_GROUP):
                continue
            if key == "AutoStartList" and self.to_start and self._unfinished():
                continue
            yield self._modify_group(key, after[key])

    def _system_steps(self) -> Iterator[Step]:
        """Systems that come, and numbers; systems that go have to be left first."""
        held = self.view.offline_wanted(self.name)
        for number, node in enumerate(self.nodes):
            if node not in self.systems:
                yield command("hagrp", "-modify", self.name, "SystemList", "-add", node, str(number))
                if held:
                    # It was taken offline everywhere, to stay so.
                    yield command("hagrp", "-disable", self.name, "-sys", node)
            elif self.systems[node] != str(number):
                yield command("hagrp", "-modify", self.name, "SystemList", "-update", node, str(number))

    def _modify_group(self, key: str, value: str) -> Command:
        return command("hagrp", "-modify", self.name, key, *words(value, key in GROUP_LISTS))

    def _member_steps(self) -> Iterator[Step]:
        order = self._children_first(self.after)
        for name in order:
            if name in self.created:
                yield command("hares", "-add", name, self.type[name], self.name)
            if name in self.created or name in self.updated:
                yield from self._attribute_steps(name)
        yield from self._link_steps()
        # Enabled comes last: an agent would look at a resource that is not described yet.
        for name in order:
            changed = name in self.updated and "Enabled" in self._changed_keys(name)
            if "Enabled" in self.after[name] and (name in self.created or changed):
                yield command("hares", "-modify", name, "Enabled", "1" if self._enabled(name) else "0")

    def _attribute_steps(self, name: str) -> Iterator[Step]:
        change = self.created.get(name) or self.updated[name]
        before, after = change.before or {}, change.after or {}
        present = self.before.get(name, {}) if change.action == "update" else {}
        if name in self.created and name in self.marked:
            yield command("hares", "-modify", name, "AutoStart", "0")
        for key in before:
            if key not in after and key != REQUIRES:
                yield command("hares", "-undo_override", name, key)
        localised: set[str] = set()
        for key, value in after.items():
            late = key == "AutoStart" and (name in self.marked or self._cleared_last(name))
            # A new resource starts with its group unless it is told not to.
            default = key == "AutoStart" and change.action == "create" and is_true(value)
            if key in (REQUIRES, "Enabled") or late or default:
                continue
            attribute, _blank, node = key.partition(" ")
            values = words(value, self.types.is_list(self.type[name], attribute))
            if node:
                if attribute not in localised and not any(other.startswith(f"{attribute} ") for other in present):
                    yield command("hares", "-local", name, attribute)
                localised.add(attribute)
                yield command("hares", "-modify", name, attribute, *values, "-sys", node)
            elif any(other.startswith(f"{attribute} ") for other in present):
                yield command("hares", "-global", name, attribute, *values)
            else:
                if attribute in self.types.static(self.type[name]) and attribute not in present:
                    yield command("hares", "-override", name, attribute)
                yield command("hares", "-modify", name, attribute, *values)

    def _cleared_last(self, name: str) -> bool:
        """Whether a resource carries the mark of a run that did not end, and is about to start."""
        change = self.updated.get(name)
        return (
            change is not None and "AutoStart" in (change.after or {}) and name in self.to_start
        ) and self._starts_with_group(name)

    def _links(self, settings: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str]]:
        return [(name, child) for name in settings for child in sorted(self._requires(name, settings))]

    def _link_steps(self) -> Iterator[Step]:
        present = {link for link in self._links(self.before) if not set(link) & self.deleted}
        wanted = self._links(self.after)
        for parent, child in sorted(present - set(wanted)):
            yield command("hares", "-unlink", parent, child)
        for parent, child in wanted:
            if (parent, child) not in present:
                yield command("hares", "-link", parent, child)

    def _start_steps(self) -> Iterator[Step]:
        if not self.to_start:
            return
        node = self.node or self._target()
        if node is None:
            yield Refusal(self._why_nowhere())
            return
        if self._starts_as_a_whole():
            yield Await("online", self.name, node)
            return
        yield Await("probed", self.name, node)
        for name in self.to_start:
            yield command("hares", "-online", name, "-sys", node)
            yield Await("online", self.name, node, name)

    def _starts_as_a_whole(self) -> bool:
        """Whether starting the group starts exactly what is to be started."""
        marked = {name for name in self.after if name in self.updated and self._cleared_last(name)} | set(self.marked)
        startable = [name for name in self.after if self._places(name)]
        return bool(self.to_start) and self.node is None and not marked and len(startable) == len(self.to_start)

    def _target(self) -> str | None:
        for node in self.nodes:
            faulted = self.current is not None and self.view.group_faulted(self.name, node)
            if self.view.takes_groups(node) and not faulted:
                return node
        return None

    def _why_nowhere(self) -> str:
        reasons = []
        for node in self.nodes:
            faults = [f"{name} is {word}" for name, where, word in self.view.faults(self.name) if where == node]
            if not self.view.takes_groups(node):
                system = self.view.systems[node]
                faults = ["frozen" if system.state == "RUNNING" else system.state]
            reasons.append(f"{node}: {', '.join(faults) or 'faulted'}")
        return (
            f"service {self.name} is configured but was not started, since none of its nodes can take it "
            f"({'; '.join(reasons)}); repair what is wrong, have its failures cleared, and run again"
        )

    def _last_group_steps(self) -> Iterator[Step]:
        change = self.group_change
        if change is None:
            return
        after = change.settings
        if "AutoStartList" in after and self.to_start and self._unfinished():
            yield self._modify_group("AutoStartList", after["AutoStartList"])
        target = self._moves_to()
        if target is not None:
            # A node that was just added has to be looked at first.
            yield Await("probed", self.name, target)
            yield from self._move_steps(target)
        if change.placement is not None:
            for node in self.systems:
                if node not in self.nodes:
                    yield command("hagrp", "-modify", self.name, "SystemList", "-delete", node)
        if is_true(after.get("Frozen", "0")):
            yield command("hagrp", "-freeze", self.name, "-persistent")

    def _move_steps(self, target: str) -> Iterator[Step]:
        node = str(self.node)
        if "ONLINE" in tokens(self.view.of_group(self.name, "State", node)) and all(map(self._enabled, self.after)):
            yield command("hagrp", "-switch", self.name, "-to", target)
        else:
            # Only a group that is online as a whole is switched.
            yield command("hagrp", "-offline", self.name, "-sys", node)
            yield Await("offline", self.name, node)
            yield command("hagrp", "-online", self.name, "-sys", target)
        yield Await("online", self.name, target)

    def _moves_to(self) -> str | None:
        """Where the group has to go because it is on a node that it may not be on any more."""
        if self.node is None or self.node in self.nodes:
            return None
        target = self._target()
        self._refuse_while_frozen(self.held, f"it has to leave {self.node}")
        if target is None:
            raise PlanError(
                f"service {self.name} has to leave {self.node}, and none of its other nodes can take it; nothing was "
                "changed"
            )
        return target

    def _children_first(self, settings: Mapping[str, Mapping[str, str]]) -> list[str]:
        """Members, what others depend on before these; VCS has no cycles among them."""
        order: list[str] = []
        visited: set[str] = set()

        def visit(name: str) -> None:
            if name not in visited:
                visited.add(name)
                for child in sorted(self._requires(name, settings)):
                    visit(child)
                order.append(name)

        for name in settings:
            visit(name)
        return order


def command(*argv: str) -> Command:
    """A step that runs a command line."""
    return Command(argv)


def words(value: str, is_list: bool) -> list[str]:
    """A value as arguments of ``-modify``. What begins with a hyphen is written with a percent sign before it."""
    if not is_list:
        return [_literal(value)]
    return [_literal(word) for word in value.split()] or ["-delete", "-keys"]


def _literal(word: str) -> str:
    return f"%{word}" if word.startswith("-") else word


def group_plans(
    changes: Sequence[Change],
    current: ClusterConfig,
    view: View,
    types: Types,
) -> list[GroupPlan]:
    """The plans of all groups that are changed but not deleted."""
    gone = {change.name for change in changes if change.kind == "service" and change.action == "delete"}
    created = {change.name for change in changes if change.kind == "service" and change.action == "create"}
    grouped: dict[str, list[Change]] = {}
    for change in changes:
        owner = change.name if change.kind == "service" else change.service
        if change.kind == "service" and change.action == "delete":
            continue
        if change.kind in ("service", "resource"):
            if owner is None:
                raise PlanError(f"resource {change.name}: on VCS every resource is a member of a service")
            grouped.setdefault(owner, []).append(change)
    plans = []
    for name, found in grouped.items():
        existing = None if name in created else current.service(name)
        if existing is None and name not in created:
            raise PlanError(f"service {name} has gone while it was to be changed; run again")
        if name in gone and name not in created:
            continue
        plans.append(GroupPlan(name, found, existing, view, types))
    return plans


@dataclass(frozen=True)
class Transaction:
    """What is done while the configuration is open: what concerns all, then each group, then what is left over.

    The steps of different groups depend on nothing of each other: what is waited for is waited for together.
    """

    common: Sequence[Step]
    groups: Mapping[str, Sequence[Step]]
    last: Sequence[Step]


@dataclass(frozen=True)
class Changes:
    """Steps for a set of changes: stops that come before the configuration is opened, then the rest."""

    stopping: Sequence[Step]
    transaction: Transaction
    interrupts: Sequence[str]


def plan_changes(changes: Sequence[Change], current: ClusterConfig, view: View, types: Types) -> Changes:
    """Everything that makes the changes, in order. Deletions come first: a name may be used again elsewhere.

    :raises PlanError: they cannot be made as the cluster stands
    """
    plans = group_plans(changes, current, view, types)
    by_name = {plan.name: plan for plan in plans}
    gone = {change.name for change in changes if change.kind == "service" and change.action == "delete"}
    stopping: list[Step] = []
    for service in dependents_first(current.services):
        if service.name in gone:
            stopping.extend(_stop_group(service, view))
        elif service.name in by_name:
            stopping.extend(by_name[service.name].stopping())
    transaction = _transaction(changes, current, plans, types)
    return Changes(stopping, transaction, [plan.name for plan in plans if plan.interrupts])


def _stop_group(service: Service, view: View) -> Iterator[Step]:
    refuse_untouchable(service.name, view)
    for node in view.group_nodes(service.name):
        yield command("hagrp", "-offline", service.name, "-sys", node)
        if required_groups(service):
            yield Await("offline", service.name, node)


def refuse_untouchable(group: str, view: View) -> None:
    """Refuse to start or stop what VCS itself would not.

    :raises PlanError: it is frozen, or waits for an administrator
    """
    if view.frozen(group):
        raise PlanError(f"service {group} is frozen: VCS neither starts nor stops it; unfreeze it first")
    waiting = [f"{name} on {node}" for name, node, word in view.faults(group) if word == "ADMIN_WAIT"]
    if waiting:
        raise PlanError(
            f"service {group} waits for an administrator ({', '.join(waiting)} in ADMIN_WAIT): see "
            "/var/VRTSvcs/log/engine_A.log, repair what is wrong by hand, and then have its failures cleared"
        )


def stopped_for(deleted: Collection[str], service: Service, view: View) -> frozenset[str]:
    """Members that are told to stop because these are deleted, and those themselves."""
    gone = [resource.name for resource in service.resources if resource.name in deleted]
    stopping = with_dependents(gone, service)
    return frozenset({*gone, *(name for name in stopping if view.places(name) and view.active_nodes(name))})


def _transaction(
    changes: Sequence[Change], current: ClusterConfig, plans: Sequence[GroupPlan], types: Types
) -> Transaction:
    found: list[Step] = []
    for plan in plans:
        found.extend(plan.removal())
    unlinked: set[tuple[str, str]] = set()
    for change in changes:
        if change.kind == "service" and change.action == "delete":
            found.extend(_delete_group(change.name, current, unlinked))
    for change in changes:
        if change.kind == "cluster":
            for key, value in (change.after or {}).items():
                if key != CONFIGURATION:
                    found.append(command("haclus", "-modify", key, *words(value, key in _CLUSTER_LISTS)))
    new_types = [change for change in changes if change.kind == "type" and change.action == "create"]
    settings = {change.name: change.after or {} for change in new_types}
    needed = {change.type for change in changes if change.kind == "resource" and change.action == "create"}
    for name in sorted({*settings, *(name for name in needed if name and name not in types.registered)}):
        if name not in settings and name not in types.declared:
            raise PlanError(f"type {name} is not registered with VCS; register it first; nothing was changed")
        found.extend(_add_type(name, settings.get(name, {}), types))
    for change in changes:
        if change.kind == "type" and change.action == "update":
            found.extend(_update_type(change, types))
    deleted_types = [change.name for change in changes if change.kind == "type" and change.action == "delete"]
    return Transaction(
        found,
        {plan.name: list(plan.steps()) for plan in plans},
        [command("hatype", "-delete", name) for name in deleted_types],
    )


def _delete_group(name: str, current: ClusterConfig, unlinked: set[tuple[str, str]]) -> Iterator[Step]:
    """Delete a group.

    :param unlinked: dependencies between groups that were undone already, as with the group at their other end
    """
    service = current.service(name)
    if service is None:
        return
    for other in current.services:
        for child in required_groups(other):
            if name in (other.name, child) and (other.name, child) not in unlinked:
                unlinked.add((other.name, child))
                yield command("hagrp", "-unlink", other.name, child)
    for resource in service.resources:
        for child in sorted(resource.settings.get(REQUIRES, "").split()):
            yield command("hares", "-unlink", resource.name, child)
    for resource in reversed(service.resources):
        yield command("hares", "-delete", resource.name)
    yield command("hagrp", "-delete", name)


def _add_type(name: str, settings: Mapping[str, str], types: Types) -> Iterator[Step]:
    """Import a type. Its SourceFile comes last: until then it differs from a type that is there as a whole."""
    declared = types.declared.get(name)
    yield command("hatype", "-add", name)
    values = dict(settings)
    if declared is not None:
        values = {**declared.static, **values}
        for arguments in declared.attributes.values():
            yield command("haattr", "-add", *arguments)
    yield from _static_steps(name, values)


def _update_type(change: Change, types: Types) -> Iterator[Step]:
    after = change.after or {}
    declared = types.declared.get(change.name)
    values = dict(after)
    if "SourceFile" in after and declared is not None:
        values = {**declared.static, **values}
        for arguments in declared.attributes.values():
            yield command("haattr", "-add", *arguments)
    yield from _static_steps(change.name, values)


def _static_steps(name: str, values: Mapping[str, str]) -> Iterator[Step]:
    for key in sorted(values, key=lambda key: key == "SourceFile"):
        yield command("hatype", "-modify", name, key, *words(values[key], key in _TYPE_LISTS))


def parents_first(names: Iterable[str], service: Service) -> list[str]:
    """Members of a service in the order of stopping."""
    requires = {resource.name: set(resource.settings.get(REQUIRES, "").split()) for resource in service.resources}
    order: list[str] = []
    left = set(names)
    while left:
        # A cycle cannot be; without any top the rest goes as it comes.
        tops = [name for name in requires if name in left and not any(name in requires[other] for other in left)]
        for name in tops or sorted(left):
            order.append(name)
            left.discard(name)
    return order


def dependents_first(services: Sequence[Service]) -> list[Service]:
    """Services in the order of stopping: VCS takes no group offline that another one that is online depends on."""
    requires = {service.name: required_groups(service) for service in services}
    order: list[Service] = []
    left = list(services)
    while left:
        tops = [found for found in left if not any(found.name in requires[other.name] for other in left)]
        order.extend(tops or left)
        left = [found for found in left if found not in order]
    return order


def required_groups(service: Service) -> list[str]:
    """The groups that a group depends on."""
    relations = service.settings.get(REQUIRES_GROUP, "").split("; ")
    return [relation.partition(" ")[0] for relation in relations if relation]


def with_dependents(names: Collection[str], service: Service) -> set[str]:
    """Members and everything that depends on them."""
    requires = {resource.name: set(resource.settings.get(REQUIRES, "").split()) for resource in service.resources}
    found = {name for name in names if name in requires}
    while True:
        further = {name for name, children in requires.items() if children & found} - found
        if not further:
            return found
        found |= further
