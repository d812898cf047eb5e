# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One service: what is said in words that all frameworks share stays, the rest is the source's to translate."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ansible_collections.groupware.ha.plugins.module_utils.description.model import ROLES
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker import terms
from .common import (
    COPY_DATA,
    INIT_SCRIPTS,
    NO_EQUIVALENT,
    OPERATIONS,
    REQUIRES,
    UNKNOWN_KEY,
    Hint,
    Names,
    Notes,
    Resource,
    Settings,
)


class Source(Protocol):
    """What is to be known of the framework that is left."""

    #: What there is to say of resources in general, and of groups.
    resource_hints: Mapping[str, Hint]
    group_hints: Mapping[str, Hint]
    #: Where it keeps nodes from the data by itself: that Pacemaker does not.
    fencing_hint: Hint | None

    def group(self, settings: Settings, service: ServiceMigration) -> dict[str, str | None]:
        """Meta attributes of the group."""

    def storage(self, storage: dict[str, Any], service: ServiceMigration) -> None:
        """Change the storage of a service where it cannot be carried over as it is."""

    def role(self, role: str, settings: Settings) -> dict[str, str | None]:
        """Settings of a resource that the description stands for by itself."""

    def member(self, resource: Resource, service: ServiceMigration) -> Hint | None:
        """Fill in the new type and settings of a member, or say why there is none."""

    def application(self, application: Mapping[str, Any], service: ServiceMigration) -> list[Resource]:
        """The members that run an application of the collection's own types."""

    def operations(self, settings: Settings) -> dict[str, str | None]:
        """Times of a resource's operations."""


#: In the order in which Pacemaker's driver starts them; the members of the application follow.
_STORAGE_AND_ADDRESS = ("volume", "storage", "address")


class ServiceMigration:
    """The translation of one service."""

    def __init__(
        self,
        description: Mapping[str, Any],
        source: Source,
        names: Names,
        notes: Notes,
    ) -> None:
        self.description = description
        self.name = str(description["name"])
        self.key = f"services[{self.name}]"
        self.source = source
        self.names = names
        self.notes = notes
        self.new: dict[str, Any] = {}
        self.storage: dict[str, Any] = {}
        self._given: dict[str, str] = dict(description.get("resource_names") or {})
        self._properties: dict[str, Mapping[str, Any]] = dict(description.get("resource_properties") or {})
        #: Members that became part of the storage.
        self.absorbed: set[str] = set()
        #: Roles whose settings have been looked at.
        self._read: set[str] = set()
        #: What roles are called now.
        self._renamed: dict[str, str] = {}

    def note(self, key: str, value: Any, reason: str, remedy: str) -> None:
        """List something of this service."""
        self.notes.add(f"{self.key}.{key}" if key else self.key, value, reason, remedy)

    def translated(self) -> dict[str, Any] | None:
        """The service's description; None if nothing is left of it."""
        given = self.description
        self.new = {"name": self.names.claim(self.name, f"{self.key}.name")}
        for key in ("model", "nodes", "address", "host_name", "failback"):
            if given.get(key) is not None:
                self.new[key] = given[key]
        known = {"name", "model", "nodes", "address", "host_name", "failback", "storage", "application", "properties"}
        for key in given:
            if key not in known | {"resource_names", "resource_properties"}:
                self.note(key, given[key], *UNKNOWN_KEY)
        members = self._translated_storage()
        if self.storage:
            self.new["storage"] = self.storage
        resources = self._translated_roles()
        members += self._translated_members()
        self._list_left_over([resource.role for resource in (*resources, *members)])
        group = Settings(self.notes)
        group.add(given.get("properties") or {}, f"{self.key}.properties")
        properties = self.source.group(group, self)
        group.note_rest(self.source.group_hints)
        if properties:
            self.new["properties"] = properties
        self._order(resources, members)
        self._name(resources, members)
        if members:
            self.new["application"] = {
                "type": "native",
                "members": [
                    terms.described_member(member.role, member.new_type, member.new_settings) for member in members
                ],
            }
        overridden = {resource.role: resource.new_settings for resource in resources if resource.new_settings}
        if overridden:
            self.new["resource_properties"] = overridden
        if not any(key in self.new for key in ("storage", "address", "application")):
            remedy = "describe it anew once its application has an agent"
            self.note("", self.name, "has nothing left that Pacemaker could run", remedy)
            return None
        return self.new

    # -- storage and address ------------------------------------------------------------------------------------

    def _translated_storage(self) -> list[Resource]:
        """Storage; where a description for Pacemaker has no such kind of it, the member that stands in for it."""
        given = self.description.get("storage") or {}
        storage = {key: value for key, value in given.items() if value not in (None, "", [])}
        if not storage:
            return []
        # Pacemaker activates every volume group on one node at a time.
        storage.pop("exclusive", None)
        for key in [key for key in storage if key in ("zpool", "global")]:
            self.note(f"storage.{key}", storage.pop(key), *NO_EQUIVALENT)
        if storage.get("filesystem") == "nfs":
            return [self._shared_directory(storage)]
        self.source.storage(storage, self)
        if storage.get("filesystem", terms.CAPABILITIES.filesystems[0]) not in terms.CAPABILITIES.filesystems:
            instead = terms.CAPABILITIES.filesystems[0]
            self.note(
                "storage.filesystem",
                storage["filesystem"],
                f"is not to be had: the description has {instead}",
                COPY_DATA,
            )
            storage["filesystem"] = instead
        device = str(storage.get("device", ""))
        if "volume_group" not in storage and _is_logical_volume(device):
            self.note(
                "storage.device",
                device,
                "is a logical volume that nothing in the cluster activates",
                "give volume_group and logical_volume in its place, so that one node alone has it active",
            )
        self.storage = storage
        return []

    def _shared_directory(self, storage: dict[str, Any]) -> Resource:
        """A directory of a file server: no volume of the service's own, but a file system to mount."""
        resource = self.resource("storage")
        self.rename("storage", resource, "shared_directory")
        devices = [storage.pop("device", None), *(storage.pop("devices", None) or [])]
        resource.new_type = terms.FILESYSTEM
        resource.new_settings = {
            "device": next((device for device in devices if device), ""),
            "directory": storage.pop("mount_point"),
            "fstype": storage.pop("filesystem"),
            "options": storage.pop("mount_options", None),
            **terms.joined({}, operations=OPERATIONS),
            **self.source.operations(resource.settings),
        }
        resource.settings.note_rest(self.source.resource_hints)
        for key, value in storage.items():
            self.note(f"storage.{key}", value, *NO_EQUIVALENT)
        return resource

    def _translated_roles(self) -> list[Resource]:
        """Volume, storage and address; what belongs to a role that the service has no longer is listed."""
        present = {
            "volume": "volume_group" in self.storage,
            "storage": bool(self.storage),
            "address": "address" in self.new,
        }
        resources = []
        for role in _STORAGE_AND_ADDRESS:
            if present[role]:
                resource = self.resource(role)
                resource.new_settings = self.source.role(role, resource.settings)
                resource.settings.note_rest(self.source.resource_hints)
                resources.append(resource)
        return resources

    # -- the application ----------------------------------------------------------------------------------------

    def _translated_members(self) -> list[Resource]:
        application = self.description.get("application") or {}
        found: list[Resource] = []
        if application.get("type") not in (None, "native"):
            found = self.source.application(application, self)
        else:
            for key, value in application.items():
                if key not in ("type", "members"):
                    self.note(f"application.{key}", value, *UNKNOWN_KEY)
            for member in application.get("members") or ():
                resource = self.resource(str(member["name"]), str(member["type"]), self._member_settings(member))
                hint = self.source.member(resource, self)
                if hint is not None:
                    # What it says, its successor has to do.
                    words = {key: value for key, value in member.items() if value}
                    self.note(f"application.members[{resource.role}]", words, *hint)
                    self._read.discard(resource.role)
                elif resource.role not in self.absorbed:
                    resource.new_settings = {
                        **terms.joined({}, operations=OPERATIONS),
                        **resource.new_settings,
                        **self.source.operations(resource.settings),
                    }
                    resource.settings.note_rest(self.source.resource_hints)
                    found.append(resource)
        return found

    def _list_left_over(self, roles: Sequence[str]) -> None:
        """List names and settings of resources that the service has no longer."""
        hint = ("is of a resource that the service has no longer", "nothing, unless you bring it back")
        for role in [role for role in self._given if role not in roles]:
            self.note(f"resource_names.{role}", self._given.pop(role), *hint)
        for role in [role for role in self._properties if role not in self._read]:
            settings = Settings(self.notes)
            settings.add(self._properties[role], f"{self.key}.resource_properties.{role}")
            settings.note_rest({}, hint)

    def _member_settings(self, member: Mapping[str, Any]) -> Settings:
        key = f"{self.key}.application.members[{member['name']}]"
        settings = Settings(self.notes)
        settings.add(member.get("properties") or {}, f"{key}.properties")
        settings.add(member.get("meta") or {}, f"{key}.meta")
        for operation, values in (member.get("operations") or {}).items():
            settings.add(values, f"{key}.operations.{operation}", prefix=f"{terms.OPERATION}{operation} ")
        for unknown in member:
            if unknown not in ("name", "type", "properties", "meta", "operations"):
                self.notes.add(f"{key}.{unknown}", member[unknown], *UNKNOWN_KEY)
        return settings

    def resource(self, role: str, resource_type: str = "", settings: Settings | None = None) -> Resource:
        """A resource with all that the description says of it; those that it needs by their roles."""
        settings = settings if settings is not None else Settings(self.notes)
        settings.add(self._properties.get(role) or {}, f"{self.key}.resource_properties.{role}")
        self._read.add(role)
        resource = Resource(role, resource_type, settings)
        roles = self._roles_by_name()
        unknown = []
        for name in (settings.peek(REQUIRES) or "").split():
            if name in roles:
                resource.requires.append(roles[name])
            else:
                unknown.append(name)
        if unknown:
            reason = f"names {', '.join(unknown)}, which the service does not have"
            settings.note(REQUIRES, reason, "see what it is to wait for")
        settings.take(REQUIRES)
        return resource

    def _roles_by_name(self) -> dict[str, str]:
        members = [str(member["name"]) for member in (self.description.get("application") or {}).get("members") or ()]
        roles = {role: role for role in (*ROLES, *members)}
        roles.update({f"{self.name}_{role}": role for role in list(roles)})
        roles.update({name: role for role, name in (self.description.get("resource_names") or {}).items()})
        return roles

    def rename(self, old: str, resource: Resource, new: str) -> None:
        """Give a resource another role than it had; its name stays."""
        resource.role = self._renamed[old] = new
        if old in self._given:
            self._given[new] = self._given.pop(old)

    # -- names and order ----------------------------------------------------------------------------------------

    def _order(self, resources: Sequence[Resource], members: list[Resource]) -> None:
        """Bring the members into an order in which each follows those that it needs; list where that cannot be."""
        waiting = list(members)
        members.clear()
        while waiting:
            among = {member.role for member in waiting}
            ready = [member for member in waiting if not among & self._needed(member)]
            members.append(ready[0] if ready else waiting[0])
            waiting.remove(members[-1])
        order = [*resources, *members]
        roles = [resource.role for resource in order]
        for position, resource in enumerate(order):
            for needed in sorted(self._needed(resource) - {*roles[:position], *self.absorbed}):
                is_member = resource.role not in _STORAGE_AND_ADDRESS
                place = f"application.members[{resource.role}].meta" if is_member else None
                reason = "is not carried over, so nothing waits for it"
                if needed in roles:
                    reason = "starts later: volume, storage and address lead a group, the application's members follow"
                self.note(
                    f"{place or f'resource_properties.{resource.role}'}.{REQUIRES}",
                    needed,
                    reason,
                    "see whether that order does",
                )

    def _needed(self, resource: Resource) -> set[str]:
        return {self._renamed.get(role, role) for role in resource.requires} - {resource.role}

    def _name(self, resources: Sequence[Resource], members: Sequence[Resource]) -> None:
        """Give every resource a name of its own in the whole cluster, which is said where it is not SERVICE_ROLE."""
        found = {}
        roles: set[str] = {*ROLES}
        for resource in (*resources, *members):
            old = resource.role
            if resource in members:
                number = 1
                while resource.role in roles or terms.CAPABILITIES.refuses(resource.role):
                    number += 1
                    resource.role = self.names.fitted(old if number == 2 else f"{old}_{number}")
                roles.add(resource.role)
            default = f"{self.new['name']}_{resource.role}"
            name = self.names.claim(self._given.get(old, default), f"{self.key}.resource_names.{old}")
            if name != default:
                found[resource.role] = name
            if resource.role != old:
                key = f"application.members[{old}].name"
                self.note(key, old, "cannot be its role on Pacemaker", f"it is called {resource.role} now")
        if found:
            self.new["resource_names"] = found


def _is_logical_volume(device: str) -> bool:
    """Whether this is ``/dev/GROUP/VOLUME``, and no directory that the system makes."""
    parts = device.split("/")
    return len(parts) == 4 and parts[1] == "dev" and parts[2] not in ("disk", "mapper", "md", "vx", "block", "cciss")


def init_script(path: str, key: str, service: ServiceMigration) -> str:
    """The agent that runs an init script."""
    service.note(
        key,
        path,
        "is run as an LSB script now, with start, stop and status alone",
        "copy it to the nodes and see that status exits with 0 when the service runs and 3 when it does not: LSB and "
        "Pacemaker want so, and rgmanager and VCS did not",
    )
    # Outside of its directory, a script is named relative to it (clufter does so).
    return f"lsb:{posixpath.relpath(path, INIT_SCRIPTS) if path.startswith('/') else path}"
