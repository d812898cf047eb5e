# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands for changes: what goes is stopped; then types, deletions, and each service or lone resource. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Plan
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import Change, named
from ansible_collections.groupware.ha.plugins.module_utils.formats import clusterware as formats
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, refuse_to_leave
from . import reading, terms
from .reading import NativeState
from .steps import Steps

#: Changing these of a running resource would leave the old address up, or the old agent in charge.
_NEEDS_STOP = frozenset(["USR_ORA_VIP", "AGENT_FILENAME"])


def planned(native: NativeState, changes: Sequence[Change]) -> Plan:
    """Stop what goes; then types, deletions, and each service: address, resources, start, AUTO_START at last."""
    steps = Steps(native)
    deleted = named(changes, "delete", "resource")
    services = named(changes, "delete", "service")
    if deleted or services:
        ended = {name for service in services for name in steps.services[service]}
        # What is made again has to start again.
        steps.refuse_unmanageable(sorted({*steps.affected(deleted)} - ended), starting=True)
        steps.stop_marked({*deleted, *ended}, unmarked=ended)
    stops = len(steps.steps)
    for change in changes:
        if change.kind == "type" and change.action != "delete":
            base = ["-basetype", change.type or "cluster_resource"] if change.action == "create" else []
            steps.register(change.name, base, change.after or {})
    created = named(changes, "create", "resource")
    _delete_resources(steps, deleted, services, created)
    for name in named(changes, "delete", "type"):
        steps.delete_type(name)
    resources: dict[str, list[Change]] = {}
    for change in changes:
        if change.kind == "resource" and change.action != "delete":
            resources.setdefault(change.service or f"of {change.name} alone", []).append(change)
    own = {change.name: change for change in changes if change.kind == "service" and change.action != "delete"}
    for service in dict.fromkeys([*own, *resources]):
        _ServiceChange(steps, service, own.get(service), resources.get(service, []), deleted).plan()
    interrupts = steps.interrupted(services, [name for name in deleted if name not in created])
    return Plan(steps.steps[:stops], steps.steps[stops:], interrupts=interrupts)


def _delete_resources(steps: Steps, deleted: Sequence[str], services: Sequence[str], created: Collection[str]) -> None:
    gone = {*deleted, *(name for service in services for name in steps.services.pop(service, ()))}
    gone &= set(steps.native.attributes)
    needs = steps.native.needs(*terms.DEPENDENCIES)
    # What stays and depends on what goes would not let it go. It gets its dependencies, old or new, later.
    for name in steps.native.ours():
        if name not in gone and needs[name] & gone:
            texts = {key: steps.native.attributes[name].get(key, "") for key in terms.DEPENDENCIES}
            steps.detached[name] = {
                key: formats.without_dependencies(text, gone - set(created)) for key, text in texts.items()
            }
            steps.modify(name, {key: formats.without_dependencies(text, gone) for key, text in texts.items()})
    for name in reversed(steps.native.in_starting_order(needs)):
        if name in gone:
            steps.delete(name)


class _ServiceChange:
    """Commands that make the changes of one service, or of one resource that is of none."""

    def __init__(
        self, steps: Steps, service: str, own: Change | None, resources: Sequence[Change], recreated: Collection[str]
    ) -> None:
        self._steps = steps
        self._native = steps.native
        self._service = service
        self._changes = {change.name: change for change in resources}
        self._updated = [change for change in resources if change.action == "update"]
        self._after = {change.name: change.after or {} for change in resources}
        self._recreated = recreated
        alone = [change.name for change in resources if change.service is None]
        known = steps.services.setdefault(service, [])
        self._existing = [name for name in dict.fromkeys([*known, *alone]) if name in self._native.attributes]
        known[:] = dict.fromkeys([*self._existing, *self._changes])
        self._placement = None if own is None else own.placement
        self._shared = self._shared_settings(own)
        #: AUTO_START that resources get once the service runs.
        self._pending: dict[str, str] = {}

    def plan(self) -> None:
        """All commands."""
        self._leave()
        self._disable()
        self._stop_what_must()
        unfinished = [name for name in self._existing if self._unfinished(name)]
        unwanted = any(self._native.target(name) == "OFFLINE" for name in self._existing if name not in unfinished)
        created = any(change.action == "create" for change in self._changes.values())
        starting = (created or bool(unfinished)) and not unwanted
        if starting:
            enabled = [name for name, after in self._after.items() if after.get("ENABLED") == "1"]
            self._steps.refuse_unmanageable([name for name in self._existing if name not in enabled], starting=True)
        for name in self._in_order():
            if name in self._changes and self._changes[name].action == "create":
                self._create(name, self._changes[name].type or "", self._after[name], starting)
            else:
                self._update(name, self._after.get(name, {}), name in unfinished)
        if starting:
            self._start()
        for name, value in self._pending.items():
            self._steps.modify(name, {"AUTO_START": value})

    def _shared_settings(self, own: Change | None) -> dict[str, str]:
        """What all members are to have: as it is, unless the service is made or changed."""
        members = {name: self._native.attributes[name] for name in self._existing}
        nodes, misplaced = reading.placement(members)
        found = reading.shared(members.values())
        shared = {key: value for key, value in found.items() if "|" not in value and (key != "ENABLED" or value == "0")}
        if self._placement is not None or (nodes and not misplaced):
            shared["HOSTING_MEMBERS"] = " ".join(nodes or () if self._placement is None else self._placement)
        after = {} if own is None else own.settings
        return {**shared, **{key: after[key] for key in terms.SERVICE_ATTRIBUTES if key in after}}

    def _leave(self) -> None:
        """Have the service run where it may run afterwards, before its list of nodes says so."""
        nodes = self._shared.get("HOSTING_MEMBERS", "").split()
        if self._placement is None or self._shared.get("PLACEMENT", "").lower() != "restricted":
            return
        members = self._steps.members(self._service)
        left = {node for name in members for node in self._native.active_on(name)} - set(nodes)
        if not left:
            return
        target = next((node for node in nodes if self._native.nodes.get(node)), "")
        refuse_to_leave(self._service, sorted(left), frozen=False, target=target or None, needs="is active")
        for name in members:
            if target not in self._native.attributes[name].get("HOSTING_MEMBERS", "").split():
                # Until it has moved, it may run on both.
                self._steps.modify(name, {"HOSTING_MEMBERS": " ".join([*nodes, *sorted(left)])})
        self._steps.bring_to(self._service, target)

    def _in_order(self) -> list[str]:
        """All members that there are to be, in starting order as it will be."""
        needs: dict[str, list[str]] = {}
        addresses = []
        for name in self._steps.services[self._service]:
            current = self._native.attributes.get(name, {})
            texts = {**current, **self._steps.detached.get(name, {}), **self._after.get(name, {})}
            needs[name] = reading.parsed(formats.hard_dependencies, texts.get("START_DEPENDENCIES", ""))
            kind = self._changes[name].type if name in self._changes else None
            if (kind or current.get("TYPE")) == terms.ADDRESS_TYPE:
                addresses.append(name)
        return formats.in_starting_order(needs, addresses)

    def _unfinished(self, name: str) -> bool:
        """Whether a resource was made, or stopped to be changed, by a run that never came to its end."""
        found, after = self._native.attributes[name], self._after.get(name, {})
        if found.get("AUTO_START") == "never":
            # It differs from what it is to be; or a description says nothing of it.
            differs = after.get("AUTO_START") not in (None, "never") or "unfinished" in after
            return name in self._steps.marked or differs
        return terms.just_made(found, self._native.target(name))

    def _disable(self) -> None:
        """Stop what is to be disabled, which would run on; mark what is to be enabled, since it has to start then."""
        for change in self._updated:
            enabled = self._after[change.name].get("ENABLED")
            if enabled == "0":
                self._steps.stop_members(self._steps.affected([change.name]))
            elif enabled == "1" and self._native.target(change.name) == "OFFLINE":
                self._steps.mark(change.name)

    def _stop_what_must(self) -> None:
        """Stop what cannot be changed while it runs, and what depends on it."""
        names = [
            change.name
            for change in self._updated
            if not {*_NEEDS_STOP, *self._handed_over_at_start(change.type or "")}.isdisjoint(self._after[change.name])
            and self._native.active_on(change.name)
        ]
        if names:
            self._steps.stop_marked(names)

    def _handed_over_at_start(self, name: str) -> frozenset[str]:
        """Attributes that a type has itself without the flag HOTMOD: a change of them is heard of at the next start."""
        # A listing has the attributes of the types that one is derived from too.
        own, *inherited = [*reading.ancestry(name, self._native.types), formats.ResourceType()]
        known = {attribute for base in inherited for attribute in base.attributes}
        known.update([*terms.DEFAULTS, *terms.UNREMARKABLE, *terms.DEPENDENCIES, "ACTION_SCRIPT"])
        return frozenset(found for found in own.attributes if found not in known and "HOTMOD" not in own.flags(found))

    def _create(self, name: str, kind: str, wanted: Mapping[str, str], starting: bool) -> None:
        settings = {
            key: value for key, value in wanted.items() if key not in terms.PSEUDO and key not in terms.INTERNAL
        }
        if name in self._recreated:
            settings = {**self._but_defaults(kind, settings), **self._shared}
        final = settings.get("AUTO_START") or self._steps.marked.get(name, "restore")
        if starting and final != "never":
            self._pending[name] = final
            settings["AUTO_START"] = "never"
        settings.update({key: value for key, value in self._shared.items() if key not in wanted})
        if kind == terms.ADDRESS_TYPE:
            self._create_address(name, wanted, settings)
            return
        # The default of SERVER_POOLS is everywhere, in one release and by another type nowhere.
        attributes = {key: value for key, value in settings.items() if value or key in (*wanted, "SERVER_POOLS")}
        argument = ["-attr", formats.attribute_argument(attributes)] if attributes else []
        argv = ["crsctl", "add", "resource", name, "-type", kind, *argument]
        self._steps.add(argv, name, {**attributes, "TYPE": kind}, attributes)

    def _create_address(self, name: str, wanted: Mapping[str, str], settings: Mapping[str, str]) -> None:
        if "USR_ORA_VIP" not in wanted:
            raise FrameworkError(f"resource {name}: USR_ORA_VIP is missing; nothing was changed")
        if self._changes[name].service is None:
            raise FrameworkError(f"resource {name}: an address is a service here; name its group; nothing was changed")
        network, user = wanted.get("network", "1"), wanted.get("user", "root").split()[0]
        if name in self._native.attributes:
            there = reading.resource(name, self._native.attributes[name]).settings["network"]
            if there != network:
                raise FrameworkError(
                    f"resource {name} exists, on network {there}: delete it ('appvipcfg delete "
                    f"-vipname={name}') and run again"
                )
        else:
            failback = ["-failback=1"] if settings.get("APPSVIP_FAILBACK") == "1" else []
            address = wanted["USR_ORA_VIP"]
            argv = ["appvipcfg", "create", f"-network={network}", f"-ip={address}", f"-vipname={name}", f"-user={user}"]
            made = {"TYPE": terms.ADDRESS_TYPE, "USR_ORA_VIP": address, "APPSVIP_FAILBACK": "1" if failback else ""}
            self._steps.add([*argv, *failback], name, made, {"USR_ORA_VIP": address})
        # An address that is made again depends on its new network, whatever its old dependencies said.
        elsewhere = [key for key in terms.DEPENDENCIES if {*terms.NETWORKS.findall(settings.get(key, ""))} - {network}]
        self._steps.modify(name, {key: value for key, value in settings.items() if key not in elsewhere})

    def _but_defaults(self, kind: str, settings: Mapping[str, str]) -> dict[str, str]:
        """What a resource that is made again had of itself, without what its type gives it anyway."""
        defaults = dict(terms.DEFAULTS)
        for base in reversed(list(reading.ancestry(kind, self._native.types))):
            defaults.update({name: parts.get("DEFAULT_VALUE", "") for name, parts in base.attributes.items()})
        return {key: value for key, value in settings.items() if value != defaults.get(key, "")}

    def _update(self, name: str, wanted: Mapping[str, str], unfinished: bool) -> None:
        settings = {
            **self._steps.detached.get(name, {}),
            **self._shared,
            **{key: value for key, value in wanted.items() if key not in terms.PSEUDO},
        }
        if unfinished or self._native.attributes[name].get("AUTO_START") == "never":
            final = settings.pop("AUTO_START", None) or self._steps.marked.get(name)
            if final is None and (unfinished or wanted.get("unfinished") == "false"):
                final = "restore"
            if final is not None:
                self._pending[name] = final
        self._steps.modify(name, settings)
        for user in wanted.get("user", "").split():
            self._steps.permit(name, user)

    def _start(self) -> None:
        members = self._steps.members(self._service)
        running = list(dict.fromkeys(node for name in members for node in self._native.active_on(name)))
        candidates = self._steps.candidates(self._service)
        # What runs already need not be interrupted where all may run.
        node = running[0] if len(running) == 1 and running[0] in candidates else next(iter(candidates), None)
        if node is None:
            raise FrameworkError(
                f"service {self._service}: none of the nodes that may carry it is active; nothing was changed"
            )
        self._steps.start(self._service, node)
