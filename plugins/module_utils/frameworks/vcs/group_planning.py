# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the changes of one service group to steps; see ``planning``. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import Service
from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Step, following, with_dependents
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import Change
from ansible_collections.groupware.ha.plugins.module_utils.formats.vcs_tables import is_true, system_list
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, refuse_to_leave
from . import commands, terms
from .native import Native, Types

#: Settings of each member of a group.
Settings = Mapping[str, Mapping[str, str]]


@dataclass
class GroupPlan:
    """Changes of one group and its members.

    :param current: the group as it is configured, or None
    :param native: the cluster before anything is done for these changes
    """

    name: str
    changes: Sequence[Change]
    current: Service | None
    native: Native
    types: Types

    def __post_init__(self) -> None:
        self.group_change = next((change for change in self.changes if change.kind == "service"), None)
        members = [change for change in self.changes if change.kind == "resource"]
        self.deleted = {change.name for change in members if change.action == "delete"}
        self.created = {change.name: change for change in members if change.action == "create"}
        self.updated = {change.name: change for change in members if change.action == "update"}
        resources = () if self.current is None else self.current.resources
        self.before: Settings = {resource.name: resource.settings for resource in resources}
        self.type = {resource.name: resource.type for resource in resources}
        self.type.update({name: change.type or "" for name, change in self.created.items()})
        self.after: Settings = {
            **{name: settings for name, settings in self.before.items() if name not in self.deleted},
            **{name: change.after or {} for name, change in self.created.items()},
            **{name: _changed(self.before[name], change) for name, change in self.updated.items()},
        }
        self._refuse_unknown_requirements()
        #: Members that say where the group is, that are to be enabled, and that are to start with it.
        self.placing = {name for name, resource_type in self.type.items() if self.types.places(resource_type)}
        self.enabled = {name for name, settings in self.after.items() if is_true(settings.get("Enabled", "1"))}
        self.starting = {name for name, settings in self.after.items() if is_true(settings.get("AutoStart", "1"))}
        #: What each member depends on of the others.
        self.requires_before, self.requires_after = _requirements(self.before), _requirements(self.after)
        #: The group's systems with their numbers, as they are and as they are to be.
        self.systems = system_list(self.native.of_group(self.name, "SystemList")) if self.current is not None else {}
        self.nodes = self._nodes_after()
        where = self.native.group_nodes(self.name) if self.current is not None else ()
        #: Where the group runs; None if nowhere.
        self.node = where[0] if where else None
        #: Members that are told to stop because they go, or something that they depend on.
        self.stopped = self._stopped()
        self.to_stop = self._to_stop()
        #: Members that stay and are stopped meanwhile.
        self.interrupted = self.to_stop | (self.stopped - self.deleted)
        self.held = self._held()
        self.to_start = [] if self.held else self._to_start()
        self.marked = self._marked()

    # -- what is to be done --------------------------------------------------------------------------------------

    def _refuse_unknown_requirements(self) -> None:
        for name, change in [*self.created.items(), *self.updated.items()]:
            for child in terms.required(change.after or {}):
                if child not in self.after or child == name:
                    raise FrameworkError(
                        f"resource {name} requires {child}, which is no other member of service {self.name}; "
                        "nothing was changed"
                    )

    def _nodes_after(self) -> tuple[str, ...]:
        nodes = () if self.current is None else self.current.placement or ()
        if self.group_change is not None and self.group_change.placement is not None:
            nodes = self.group_change.placement
        unknown = [node for node in nodes if node not in self.native.systems]
        if unknown:
            raise FrameworkError(
                f"service {self.name} is to run on {', '.join(unknown)}, which VCS has no such system as; it has: "
                f"{', '.join(self.native.systems)}; nothing was changed"
            )
        if not nodes and self.created:
            raise FrameworkError(f"service {self.name} has no nodes that it could run on; nothing was changed")
        return nodes

    def _stopped(self) -> frozenset[str]:
        """Members that are told to stop because these or something below them is deleted, and the deleted ones."""
        gone = self.deleted & set(self.before)
        return frozenset(gone | set(self._running(with_dependents(gone, self.requires_before))))

    def _running(self, names: Collection[str]) -> list[str]:
        """Those of the members that say where the group is and run anywhere, in the order of stopping."""
        found = [name for name in names if self.native.places(name) and self.native.active_nodes(name)]
        return [name for name in self._parents_first() if name in found]

    def _active(self, name: str) -> bool:
        """Whether a member runs when the changes begin."""
        known = name in self.before and name not in self.stopped
        return known and self.node is not None and self.node in self.native.active_nodes(name)

    def _to_stop(self) -> set[str]:
        """Running members that have to be offline for the changes, with all that depends on them."""
        candidates = {name for name in self.before if self._active(name) and name in self.placing} - self.deleted
        stopping = {
            name
            for name in candidates & set(self.updated)
            if any(self.types.needs_offline(self.type[name], key) for key in self.updated[name].keys)
        }
        # A resource is disabled while it is offline; one that is only watched, while what depends on it is.
        disabled = {name for name in self.updated if "Enabled" in self.updated[name].keys and name not in self.enabled}
        stopping |= disabled & candidates
        while True:
            further = {
                name
                for name in candidates - stopping
                if self.requires_before[name] & (stopping | disabled) or self._new_child_is_down(name, stopping)
            }
            if not further:
                return stopping
            stopping |= further

    def _new_child_is_down(self, name: str, stopping: Collection[str]) -> bool:
        """VCS has no online resource depend on one that is offline."""
        gained = self.requires_after[name] - (self.requires_before[name] - self.deleted)
        return any(child in stopping or child in self.created or not self._active(child) for child in gained)

    def _held(self) -> bool:
        """Whether somebody wants the group to be left as it is."""
        frozen = self.current is not None and self.native.frozen(self.name)
        after = {} if self.group_change is None else (self.group_change.after or {})
        if self.interrupted:
            self._refuse_while_frozen(frozen, "members have to be stopped for these changes")
        if "Frozen" in after:
            frozen = is_true(after["Frozen"])
        elif self.created and self.node is not None:
            self._refuse_while_frozen(frozen, "new members could not be started")
        return frozen or (self.current is not None and self.native.offline_wanted(self.name))

    def _refuse_while_frozen(self, frozen: bool, words: str) -> None:
        if frozen:
            raise FrameworkError(f"service {self.name} is frozen, and {words}: unfreeze it first; nothing was changed")

    def _to_start(self) -> list[str]:
        """Members that are to be online in the end and are not, what others depend on first."""
        # Without what it depends on, nothing is started, though VCS would.
        off = with_dependents([name for name in self.after if name not in self.enabled], self.requires_after)
        wanted = [
            name
            for name in children_first(self.requires_after)
            if name in self.placing and name not in off and (name in self.starting or name in self.interrupted)
        ]
        missing = [
            name for name in wanted if name in self.interrupted or name in self.created or not self._active(name)
        ]
        if self.node is None:
            return missing
        marks = {name for name in self.updated if {"Enabled", "AutoStart"} & self.updated[name].keys}
        reasons = (self.interrupted | set(self.created) | marks) & set(wanted)
        # A mark that was left says that more was to be started than what carries it.
        return missing if reasons or self._unfinished() else []

    def _unfinished(self) -> bool:
        """Whether the group is new, or was never seen online as a whole since it was made."""
        if self.group_change is None or not (self.group_change.after or {}).get("AutoStartList"):
            return False
        return self.current is None or not self.current.settings.get("AutoStartList", "").split()

    def _marked(self) -> list[str]:
        if not self.to_start or self._unfinished():
            return []
        parents = {name for name in self.stopped - self.deleted if self.requires_before[name] & self.deleted}
        switched_on = {name for name in self.updated if "Enabled" in self.updated[name].keys and name in self.enabled}
        marked = {*self.created, *(self.to_stop & set(self.updated)), *switched_on, *parents}
        return [name for name in self.to_start if name in marked and name in self.starting]

    @property
    def interrupts(self) -> bool:
        """Whether members that stay, or the whole group, are stopped."""
        return bool(self.interrupted or self._moves_to())

    def _cleared_last(self, name: str) -> bool:
        """Whether a resource carries the mark of a run that did not end, and is about to start."""
        change = self.updated.get(name)
        marked = change is not None and "AutoStart" in (change.after or {})
        return marked and name in self.to_start and name in self.starting

    def _starts_as_a_whole(self) -> bool:
        """Whether starting the group starts exactly what is to be started."""
        marked = self.marked or any(self._cleared_last(name) for name in self.after)
        return self.node is None and not marked and self.placing & set(self.after) == set(self.to_start)

    def _target(self) -> str | None:
        return next(iter(self.native.able_nodes(self.name, self.nodes)), None)

    def _moves_to(self) -> str | None:
        """Where the group has to go because it is on a node that it may not be on any more."""
        if self.node is None or self.node in self.nodes:
            return None
        target = self._target()
        refuse_to_leave(self.name, [self.node], frozen=self.held, target=target, needs="can take it")
        return target

    def _parents_first(self) -> list[str]:
        """Members as they are, in the order of stopping."""
        return children_first(self.requires_before)[::-1]

    # -- steps ---------------------------------------------------------------------------------------------------

    def stopping(self) -> Iterator[Step]:
        """Have stop what goes, and what depends on it."""
        running = self._running(self.stopped)
        if running:
            refuse_untouchable(self.name, self.native)
        for name in running:
            for node in self.native.active_nodes(name):
                yield commands.stop(self.name, node, name)

    def removal(self) -> Iterator[Step]:
        """Delete members; what depended on them is offline already."""
        for name in self.marked:
            if name in self.stopped:
                yield commands.modify("hares", name, "AutoStart", value="0")
        for parent, child in _links(self.requires_before):
            if parent in self.deleted or child in self.deleted:
                yield commands.link(parent, child, linked=False)
        for name in self._parents_first():
            if name in self.deleted:
                yield commands.delete("hares", name)

    def steps(self) -> Iterator[Step]:
        """Everything but the removal: the changes, what is started then, and what is done when that is online."""
        yield from self._group_steps()
        for name in self.marked:
            if name in self.updated and name not in self.stopped and is_true(self.before[name].get("AutoStart", "1")):
                yield commands.modify("hares", name, "AutoStart", value="0")
        for name in self._parents_first():
            if name in self.to_stop and self.node is not None:
                yield commands.stop(self.name, self.node, name)
        yield from self._member_steps()
        yield from self._start_steps()
        for name in children_first(self.requires_after):
            if name in self.marked or self._cleared_last(name):
                yield commands.modify("hares", name, "AutoStart", value=self.after[name].get("AutoStart", "1"))
        yield from self._last_group_steps()

    def _group_steps(self) -> Iterator[Step]:
        change = self.group_change
        if change is None:
            return
        after = change.settings
        if change.action == "create":
            yield commands.add("hagrp", self.name)
            if self.nodes:
                yield commands.place(self.name, {node: str(number) for number, node in enumerate(self.nodes)})
        elif change.placement is not None:
            yield from self._system_steps()
        if is_true((change.before or {}).get("Frozen", "0")) and not is_true(after.get("Frozen", "1")):
            yield commands.freeze(self.name, False)
        # Parallel cannot be changed once the group has resources.
        for key in sorted(after, key=lambda key: key != "Parallel"):
            if key in ("Frozen", terms.REQUIRES_GROUP):
                continue
            if key == "AutoStartList" and self.to_start and self._unfinished():
                continue
            yield commands.modify("hagrp", self.name, key, value=after[key])

    def _system_steps(self) -> Iterator[Step]:
        """Systems that come, and numbers; systems that go have to be left first."""
        held = self.native.offline_wanted(self.name)
        for number, node in enumerate(self.nodes):
            if node not in self.systems:
                yield commands.place(self.name, {node: str(number)}, "-add")
                if held:
                    # It was taken offline everywhere, to stay so.
                    yield commands.enable(self.name, False, node)
            elif self.systems[node] != str(number):
                yield commands.place(self.name, {node: str(number)}, "-update")

    def _member_steps(self) -> Iterator[Step]:
        order = children_first(self.requires_after)
        for name in order:
            if name in self.created:
                yield commands.add("hares", name, self.type[name], self.name)
            if name in self.created or name in self.updated:
                yield from self._attribute_steps(name)
        yield from self._link_steps()
        # Enabled comes last: an agent would look at a resource that is not described yet.
        for name in order:
            changed = name in self.updated and "Enabled" in self.updated[name].keys
            if "Enabled" in self.after[name] and (name in self.created or changed):
                yield commands.modify("hares", name, "Enabled", value="1" if name in self.enabled else "0")

    def _attribute_steps(self, name: str) -> Iterator[Step]:
        change = self.created.get(name) or self.updated[name]
        before, after = change.before or {}, change.after or {}
        present = self.before.get(name, {}) if change.action == "update" else {}
        if name in self.created and name in self.marked:
            yield commands.modify("hares", name, "AutoStart", value="0")
        for key in before:
            if key not in after and key != terms.REQUIRES:
                yield commands.override(name, key, overridden=False)
        localised: set[str] = set()
        for key, value in after.items():
            late = key == "AutoStart" and (name in self.marked or self._cleared_last(name))
            # A new resource starts with its group unless it is told not to.
            default = key == "AutoStart" and change.action == "create" and is_true(value)
            if key in (terms.REQUIRES, "Enabled") or late or default:
                continue
            attribute, _blank, node = key.partition(" ")
            is_list = self.types.is_list(self.type[name], attribute)
            if node:
                if attribute not in localised and not any(other.startswith(f"{attribute} ") for other in present):
                    yield commands.localise(name, attribute)
                localised.add(attribute)
                yield commands.modify("hares", name, attribute, value=value, is_list=is_list, node=node)
            elif any(other.startswith(f"{attribute} ") for other in present):
                yield commands.modify("hares", name, attribute, value=value, is_list=is_list, verb="-global")
            else:
                if attribute in self.types.static(self.type[name]) and attribute not in present:
                    yield commands.override(name, attribute)
                yield commands.modify("hares", name, attribute, value=value, is_list=is_list)

    def _link_steps(self) -> Iterator[Step]:
        present = {link for link in _links(self.requires_before) if not set(link) & self.deleted}
        wanted = _links(self.requires_after)
        for parent, child in sorted(present - set(wanted)):
            yield commands.link(parent, child, linked=False)
        for parent, child in wanted:
            if (parent, child) not in present:
                yield commands.link(parent, child)

    def _start_steps(self) -> Iterator[Step]:
        if not self.to_start:
            return
        node = self.node or self._target()
        if node is None:
            yield commands.refuse(
                f"service {self.name} is configured and was to start",
                f"none of its nodes can take it ({self._why_nowhere()})",
                "repair what is wrong, have its failures cleared, and run again",
            )
            return
        yield commands.probe(self.name, node)
        if self._starts_as_a_whole():
            yield commands.start(self.name, node)
            return
        for name in self.to_start:
            yield commands.start(self.name, node, name)

    def _why_nowhere(self) -> str:
        reasons = []
        for node in self.nodes:
            faults = [f"{name} is {word}" for name, where, word in self.native.faults(self.name) if where == node]
            if not self.native.takes_groups(node):
                system = self.native.systems[node]
                faults = ["frozen" if system.state == "RUNNING" else system.state]
            reasons.append(f"{node}: {', '.join(faults) or 'faulted'}")
        return "; ".join(reasons)

    def _last_group_steps(self) -> Iterator[Step]:
        change = self.group_change
        if change is None:
            return
        after = change.settings
        if "AutoStartList" in after and self.to_start and self._unfinished():
            yield commands.modify("hagrp", self.name, "AutoStartList", value=after["AutoStartList"])
        target = self._moves_to()
        if target is not None:
            # A node that was just added has to be looked at first.
            yield commands.probe(self.name, target)
            yield from self._move_steps(target)
        if change.placement is not None:
            for node in self.systems:
                if node not in self.nodes:
                    yield commands.displace(self.name, node)
        if is_true(after.get("Frozen", "0")):
            yield commands.freeze(self.name, True)

    def _move_steps(self, target: str) -> Iterator[Step]:
        node = str(self.node)
        if self.native.is_online(self.name, node) and self.enabled == set(self.after):
            yield commands.switch(self.name, target)
        else:
            # Only a group that is online as a whole is switched.
            yield commands.stop(self.name, node)
            yield commands.start(self.name, target)


def _changed(settings: Mapping[str, str], change: Change) -> dict[str, str]:
    """A member's settings after a change of it."""
    kept = {key: value for key, value in settings.items() if key not in (change.before or {})}
    return {**kept, **(change.after or {})}


def _requirements(settings: Settings) -> dict[str, set[str]]:
    return {name: set(terms.required(own)) & set(settings) for name, own in settings.items()}


def _links(requires: Mapping[str, Collection[str]]) -> list[tuple[str, str]]:
    return [(name, child) for name, children in requires.items() for child in sorted(children)]


def refuse_untouchable(group: str, native: Native) -> None:
    """Refuse to start or stop what VCS itself would not.

    :raises FrameworkError: it is frozen, or waits for an administrator
    """
    if native.frozen(group):
        raise FrameworkError(f"service {group} is frozen: VCS neither starts nor stops it; unfreeze it first")
    waiting = [f"{name} on {node}" for name, node, word in native.faults(group) if word == "ADMIN_WAIT"]
    if waiting:
        raise FrameworkError(
            f"service {group} waits for an administrator ({', '.join(waiting)} in ADMIN_WAIT): see "
            f"{terms.ENGINE_LOG}, repair what is wrong by hand, and then have its failures cleared"
        )


def children_first(requires: Mapping[str, Collection[str]]) -> list[str]:
    """Names, what others depend on before these."""
    return following(requires, lambda name: [child for child in sorted(requires[name]) if child in requires])
