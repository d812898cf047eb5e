# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From changes to steps: the commands in the manuals' order. Pure.

Procedures: Calendar Server 6.3 Administration Guide, 6.6, 6.7 and 6.9; Messaging Server Installation Guide,
"Configuring Messaging Server Oracle Solaris Cluster HA Agent"; Sun Cluster Data Services Planning and Administration
Guide.

No command does several things at once. A service is therefore built so that an interrupted run leaves something to be
seen: its group comes online while it has no enabled resources, and enabling is the last step of each resource. An
offline group without enabled resources is one that is being built; any other that is offline was taken offline, and is
left so.

Steps of a service that depends on no other have a lane of their own: how things stand can only be asked for all groups
at once, so one answer is to serve many.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import Resource, Service
from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Plan, Step, following
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import Change
from ansible_collections.groupware.ha.plugins.module_utils.formats.solaris_cluster_properties import (
    DEPENDENCIES,
    is_default,
    names_of,
    same_value,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import (
    FrameworkError,
    Snapshot,
    refuse_to_leave,
)
from . import dependencies, terms
from .reading import NativeState, failures_of, gave_up, refuse_stop_failed
from .steps import Commands, first_online_node, runnable


def planned(snapshot: Snapshot, changes: Sequence[Change]) -> Plan:
    """Groups offline and resources disabled that go, with all that needs them; then the changes, one by one."""
    native: NativeState = snapshot.native
    stopping = [*_stopping(native, {change.name for change in changes if change.action == "delete"})]
    plan = _Changing(native, changes)
    return Plan(stopping, plan.steps, interrupts=plan.interrupts())


def _stopping(native: NativeState, names: Collection[str]) -> Iterator[Step]:
    """Groups offline, then everything disabled that goes, with what depends on it (Calendar Server guide, 6.9)."""
    commands = Commands(native.objects)
    index = native.index
    deleted = dependencies.named_resources(native.config, names)
    disabled = [name for name in index.with_dependents(deleted) if index.partly_enabled(name)]
    kept = {name: member.settings for name, member in index.resources.items() if name not in deleted}
    for name, found in _lost_dependencies(kept, deleted).items():
        needed = _storage_of(index, name, {**kept[name], **found})
        if not all(native.states.online_on(index.owner[storage]) for storage in needed):
            _refuse_without_storage(name, index.owner[name])
    concerned = {*names, *(index.owner[name] for name in disabled)}
    for service in native.config.services:
        if service.name in concerned:
            refuse_stop_failed(service, native.states)
    for service in native.config.services:
        if service.name in names and not native.states.offline(service.name):
            yield replace(commands.offline(service), lane=service.name)
    if disabled:
        yield commands.disable(disabled)


def _lost_dependencies(
    resources: Mapping[str, Mapping[str, str]], deleted: Collection[str]
) -> dict[str, dict[str, str]]:
    """For each resource that stays, the lists that name deleted ones, without these."""
    found = {name: dependencies.stripped_of(settings, deleted) for name, settings in resources.items()}
    return {name: settings for name, settings in found.items() if settings}


def _storage_of(index: dependencies.Index, name: str, settings: Mapping[str, str]) -> list[str]:
    """The storage that an application's resource depends on once it has these settings."""
    if index.resources[name].type in (*terms.ADDRESS_TYPES, *terms.STORAGE_TYPES):
        return []
    needed = [other for key in DEPENDENCIES for other in names_of(settings.get(key, ""))]
    return [other for other in needed if other in index.resources and index.resources[other].type == terms.STORAGE]


def _refuse_without_storage(name: str, service: str) -> None:
    raise FrameworkError(
        f"{name} can only be created or changed while its storage is online: its agent looks at what is there; bring "
        f"service {service} online and run again; nothing was changed"
    )


class _Changing:
    """The steps that make the changes. ``now`` and ``enabled`` are what will be when the steps so far are taken."""

    def __init__(self, native: NativeState, changes: Sequence[Change]) -> None:
        self.commands = Commands(native.objects)
        self.states = native.states
        self.suspended = native.suspended
        self.types = [found.name for found in native.config.types]
        self.steps: list[Step] = []
        #: Whether the group of each service seen so far is online then.
        self.online: dict[str, bool] = {}
        self.before = native.index
        deleted = dependencies.deleted_resources(native.config, changes)
        gone = frozenset(self.before.with_dependents(deleted))
        self.now = {
            name: dict(resource.settings) for name, resource in self.before.resources.items() if name not in deleted
        }
        #: Resources that a step stops.
        self.stopped = {name for name in gone if self.before.partly_enabled(name)}
        # What goes, and what needs it, is no longer enabled then.
        self.enabled = {name for name in self.now if self.before.enabled(name) and name not in gone}
        self.disabled = {name for name in self.now if not self.before.partly_enabled(name) or name in gone}
        target = dependencies.target_of(native.config, changes)
        self.after = dependencies.Index(dependencies.without_lost_dependencies(target, deleted))
        self.changes = changes
        #: Of each service the changes of its members, and those services of which it changes whether they are managed.
        self.members_changes: dict[str, list[Change]] = {}
        self.said: set[str] = set()
        for change in changes:
            if change.kind == "resource":
                self.members_changes.setdefault(change.service or "", []).append(change)
            elif change.kind == "service" and terms.MANAGED in (change.after or {}):
                self.said.add(change.name)
        touched = {change.service or change.name for change in changes if change.kind != "type"}
        touched.update(self.before.owner[name] for name in gone)
        for name in touched & set(self.before.services):
            refuse_stop_failed(self.before.services[name], self.states)
        self._delete(deleted)
        self._types()
        for name in self._service_order(touched & set(self.after.services)):
            first = len(self.steps)
            self._service(name)
            if self.before.stands_alone(name) and self.after.stands_alone(name):
                self.steps[first:] = [replace(step, lane=name) for step in self.steps[first:]]
        # Dependents in other groups, that were disabled meanwhile.
        for name in self.after.resources:
            self._enable(name)

    def interrupts(self) -> list[str]:
        """Services that stay, of which something that stays is stopped or moved by these steps."""
        disturbed = {self.before.owner[name] for name in self.stopped & set(self.after.resources) if self._runs(name)}
        return [name for name in self.before.services if name in disturbed and name in self.after.services]

    def _runs(self, name: str) -> bool:
        return bool(self.states.active_on(name))

    # -- what goes ---------------------------------------------------------------------------------------------

    def _delete(self, deleted: Collection[str]) -> None:
        for name, found in _lost_dependencies(self.now, deleted).items():
            self._set(name, found)
        for name in self.before.with_dependents(deleted):
            if name in deleted:
                self.steps.append(self.commands.delete_resource(name))
        for change in self.changes:
            if change.action == "delete" and change.kind == "service":
                if terms.is_true(self.before.services[change.name].settings[terms.MANAGED]):
                    self.steps.append(self.commands.manage(change.name, False))
                self.steps.append(self.commands.delete_group(change.name))
        for change in self.changes:
            if change.action == "delete" and change.kind == "type":
                self._unregister(change.name)

    def _unregister(self, name: str) -> None:
        base, version = terms.split_type(name)
        versions = [found for found in self.types if found.startswith(f"{base}:")]
        # A name without a version stands for the type only while there is one version of it.
        for found in versions if not version and len(versions) > 1 else [name]:
            self.steps.append(self.commands.unregister_type(found))

    # -- types -------------------------------------------------------------------------------------------------

    def _types(self) -> None:
        for change in self.changes:
            if change.kind != "type" or change.action == "delete":
                continue
            settings = dict(change.after or {})
            if change.action == "create":
                self._register(change.name, settings)
                settings.pop("Installed_nodes", None)
            if settings:
                self.steps.append(self.commands.change_type(change.name, settings))
        for name, member in self.after.resources.items():
            if name not in self.now and member.type not in (*terms.ADDRESS_TYPES, *self.types):
                self._register(member.type, {})

    def _register(self, name: str, settings: Mapping[str, str]) -> None:
        self.steps.append(self.commands.register_type(name, settings))
        self.types.extend(found for found in (terms.split_type(name)[0], name) if found not in self.types)

    # -- services ----------------------------------------------------------------------------------------------

    def _service_order(self, names: Collection[str]) -> list[str]:
        """The services, those first that others need."""

        def needed(name: str) -> Iterator[str]:
            for member in self.after.services[name].resources:
                owners = (self.after.owner.get(other, name) for other in self.after.needed(member.name))
                yield from (owner for owner in owners if owner in names)

        return following([name for name in self.after.services if name in names], needed)

    def _service(self, name: str) -> None:
        service, before = self.after.services[name], self.before.services.get(name)
        if before is None:
            self.steps.append(self.commands.create_group(service))
        else:
            self._change_group(before, service)
        self._disable_for_changes(service)
        self._bring_up(before, service)
        for member in self._start_order(service):
            self._member(member)

    def _change_group(self, before: Service, service: Service) -> None:
        nodes = (service.placement or ()) if service.placement != before.placement else ()
        if nodes:
            self._leave(before, service)
        settings = {
            key: value
            for key, value in terms.without_axes(service.settings).items()
            if not same_value(key, before.settings.get(key, ""), value)
        }
        if nodes or settings:
            self.steps.append(self.commands.change_group(service.name, nodes, settings))

    def _leave(self, before: Service, service: Service) -> None:
        """Have the group online on a node that it keeps: none is taken from the list of one that is online there."""
        name, nodes = service.name, service.placement or ()
        states = self.states.groups.get(name, {})
        left = [node for node, state in states.items() if state not in ("offline", "unmanaged") and node not in nodes]
        if not left:
            return
        target = next((node for node in nodes if self.states.nodes.get(node)), "")
        refuse_to_leave(name, left, frozen=name in self.suspended, target=target or None, needs="is online")
        if target not in (before.placement or ()):
            self.steps.append(self.commands.change_group(name, (*nodes, *left), {}))
        members = runnable(self.before, before)
        expected = [member for member in members if member in self.enabled]
        self.steps.append(self.commands.online(name, target, expected, switch=True))
        self.stopped.update(member.name for member in before.resources)

    def _bring_up(self, before: Service | None, service: Service) -> None:
        """Have the group managed or not, as it is to be; and online if it is one that is being built."""
        name = service.name
        said = before is None or name in self.said
        was_managed = before is not None and terms.is_true(before.settings[terms.MANAGED])
        managed = terms.is_true(service.settings[terms.MANAGED])
        built = before is None or not any(map(self.before.partly_enabled, (member.name for member in before.resources)))
        runs = any(self.after.enabled(member.name) for member in service.resources)
        if before is not None and not before.resources and not managed and not said and runs:
            # Created, and not yet managed when that run was interrupted: members come later.
            managed = True
        if was_managed and not managed:
            if before is not None and not self.states.offline(name):
                self.steps.append(self.commands.offline(before))
                self.stopped.update(member.name for member in before.resources)
            self._disable([member.name for member in service.resources])
            self.steps.append(self.commands.manage(name, False))
        elif managed and not was_managed:
            # While nothing is enabled, the group is to be seen as one that is not yet online.
            self._disable([member.name for member in service.resources])
            self.steps.append(self.commands.manage(name, True))
            built = True
        held = name in self.suspended
        self.online[name] = managed and bool(self.states.online_on(name))
        if managed and built and (runs or before is None) and not held and self._is_offline(name):
            self.steps.append(self.commands.online(name, first_online_node(service, self.states), expected=()))
            self.online[name] = True

    def _is_offline(self, service: str) -> bool:
        return service not in self.states.groups or self.states.offline(service)

    def _start_order(self, service: Service) -> list[str]:
        """Members in their order, but each after those that it needs."""
        names = [member.name for member in service.resources]
        return following(names, lambda name: [other for other in self.after.needed(name) if other in names])

    # -- members -----------------------------------------------------------------------------------------------

    def _disable_for_changes(self, service: Service) -> None:
        members = [member.name for member in service.resources if member.name in self.now]
        switched_off = [name for name in members if not self.after.partly_enabled(name) and name not in self.disabled]
        for name in self.before.with_dependents(switched_off):
            if self.after.enabled(name) and name not in switched_off:
                raise FrameworkError(
                    f"{', '.join(switched_off)} cannot be disabled while {name}, which depends on it, is enabled; "
                    "disable that too"
                )
        changed = dependencies.to_be_disabled(self.before, self.members_changes.get(service.name, ()))
        self._disable(self.before.with_dependents([*switched_off, *(name for name in changed if name in self.now)]))

    def _disable(self, names: Iterable[str]) -> None:
        wanted = set(names)
        found = [name for name in self.before.with_dependents(wanted) if name in self.now and name not in self.disabled]
        if found:
            self.steps.append(self.commands.disable(found))
            self.disabled.update(found)
            self.enabled.difference_update(found)
            self.stopped.update(found)

    def _member(self, name: str) -> None:
        member = self.after.resources[name]
        if name not in self.now:
            self._create(member)
        differing = {
            key: value
            for key, value in terms.without_axes(member.settings).items()
            if not same_value(key, self.now[name].get(key, ""), value)
        }
        if differing:
            self._set(name, differing)
        monitored = terms.is_true(member.settings.get(terms.MONITORED, "true"))
        if terms.MONITORED in member.settings and member.settings[terms.MONITORED] != self.now[name].get(
            terms.MONITORED, "true"
        ):
            self.steps.append(self.commands.monitor(name, monitored))
            self.now[name][terms.MONITORED] = member.settings[terms.MONITORED]
        self._enable(name)

    def _create(self, member: Resource) -> None:
        name, service = member.name, self.after.owner[member.name]
        known = self.before.resources.get(name)
        settings = {
            key: value
            for key, value in terms.without_axes(member.settings).items()
            # Of one that is created again, what it has by itself is left to its agent.
            if value
            and key != "Type_version"
            and not (known and is_default(key, known.settings.get(key, "")) and is_default(key, value))
        }
        self._require_storage(name, member.settings)
        self.steps.extend(self.commands.create_resource(service, member, self._type(member), settings))
        self.now[name] = dict(member.settings)
        self.now[name][terms.MONITORED] = "true"
        self.disabled.add(name)

    def _type(self, member: Resource) -> str:
        """The type as a command takes it: with the version that was asked for, or the latest of several."""
        if "Type_version" in member.settings:
            return f"{member.type}:{member.settings['Type_version']}"
        versions = [found.partition(":")[2] for found in self.types if found.startswith(f"{member.type}:")]
        if len(versions) < 2:
            return member.type
        return f"{member.type}:{max(versions, key=_version_number)}"

    def _require_storage(self, name: str, settings: Mapping[str, str]) -> None:
        """Refuse what the agent's VALIDATE method would refuse half-way."""
        index = self.after if name in self.after.resources else self.before
        for storage in _storage_of(index, name, settings):
            owner = index.owner[storage]
            online = self.online.get(owner, bool(self.states.online_on(owner)))
            if not online or storage in self.disabled:
                _refuse_without_storage(name, index.owner[name])

    def _set(self, name: str, settings: Mapping[str, str]) -> None:
        self._require_storage(name, {**self.now[name], **settings})
        self.steps.append(self.commands.change_resource(name, settings))
        self.now[name].update(settings)

    def _enable(self, name: str) -> None:
        if not self.after.enabled(name) or name in self.enabled or name not in self.now:
            return
        self.enabled.add(name)
        self.disabled.discard(name)
        service = self.after.owner[name]
        online = self.online.get(service, bool(self.states.online_on(service)))
        runs = online and all(
            other in self.enabled for other in self.after.required(name) if other in self.after.resources
        )
        self.steps.append(self.commands.enable([name], [name] if runs else []))


def _version_number(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


# -- day two --------------------------------------------------------------------------------------------------------


def enabling(snapshot: Snapshot, service: str, enabled: bool) -> Plan:
    """Bring the group online on its preferred node, or take it offline; suspended so that it stays so."""
    native: NativeState = snapshot.native
    found = native.index.services[service]
    changing: list[Step] = []
    if enabled:
        changing += _released(native, found)
        if not native.states.online_on(service):
            node = first_online_node(found, native.states)
            changing.append(Commands(native.objects).online(service, node, runnable(native.index, found)))
    elif not native.states.offline(service):
        refuse_stop_failed(found, native.states)
        # Suspended first: interrupted in between, the service is still to be seen as one to be taken offline.
        changing += [*_frozen(native, service, True), Commands(native.objects).offline(found)]
    elif terms.is_true(found.settings[terms.MANAGED]):
        changing += _frozen(native, service, True)
    return Plan(changing=changing)


def moving(snapshot: Snapshot, service: str, node: str, timeout: float) -> Plan:  # noqa: ARG001 - of no use here
    """Switch the group to the node; one that does not run is released first."""
    native: NativeState = snapshot.native
    found = native.index.services[service]
    refuse_stop_failed(found, native.states)
    released = [] if snapshot.status.services[service].enabled else _released(native, found)
    step = Commands(native.objects).online(service, node, runnable(native.index, found), switch=True)
    return Plan(changing=[*released, *([] if step.done(native) else [step])])


def standby(snapshot: Snapshot, node: str, standby: bool) -> Plan:
    """Evacuate the node, once: no release can keep a node free."""
    step = Commands(snapshot.native.objects).evacuate(node)
    return Plan(changing=[step] if standby and not step.done(snapshot.native) else [])


def freezing(snapshot: Snapshot, service: str, frozen: bool) -> Plan:
    """Suspend the group: it is neither started, moved nor restarted by the cluster, and left as it is."""
    native: NativeState = snapshot.native
    if not native.objects:
        raise FrameworkError(
            f"service {service}: this release of Solaris Cluster cannot suspend a resource group (clrg is not "
            "installed; it comes with 3.2); switch off its monitors, or take it offline"
        )
    return Plan(changing=_frozen(native, service, frozen))


def _frozen(native: NativeState, service: str, wanted: bool) -> list[Step]:
    """Have the cluster leave the group as it is, or act on it again, where it can be told."""
    needed = native.objects and (service in native.suspended) != wanted
    return [Commands(native.objects).suspend(service, wanted)] if needed else []


def _released(native: NativeState, service: Service) -> list[Step]:
    """Steps after which the cluster acts on the service again."""
    refuse_stop_failed(service, native.states)
    unmanaged = not terms.is_true(service.settings[terms.MANAGED])
    managed = [Commands(native.objects).manage(service.name, True)] if unmanaged else []
    return [*managed, *_frozen(native, service.name, False)]


def clearing(snapshot: Snapshot, service: str) -> Plan:
    """Clear the error flag of members that failed to stop; try those again that failed to start."""
    return Plan(changing=[*_cleared(snapshot.native, snapshot.native.index.services[service])])


def _cleared(native: NativeState, service: Service) -> Iterator[Step]:
    commands, states, index = Commands(native.objects), native.states, native.index
    members = [member.name for member in service.resources]
    stuck = {
        node: [name for name in members if node in states.in_state(name, "stop_failed")]
        for node in states.groups[service.name]
    }
    for node, names in stuck.items():
        if names:
            yield commands.clear(node, names)
    for name in members:
        if states.in_state(name, "monitor_failed"):
            yield commands.monitor(name, False)
            yield commands.monitor(name, True)
    failed = [name for name in members if states.in_state(name, "start_failed") and index.enabled(name)]
    if failed:
        again = [name for name in index.with_dependents(failed) if index.enabled(name)]
        yield commands.disable(again)
        expected = runnable(index, service) if states.online_on(service.name) else []
        yield commands.enable(again[::-1], [name for name in again if name in expected])
    elif not any(stuck.values()) and any(failures_of(service, states)) and gave_up(service, states):
        yield commands.online(service.name, first_online_node(service, states), runnable(index, service))
