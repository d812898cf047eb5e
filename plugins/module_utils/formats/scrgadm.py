# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``scrgadm -pvv`` prints: resource types, resource groups and resources of a Solaris Cluster.

Format: Sun Cluster 3.0 and 3.1 Data Services Planning and Administration Guides ("Viewing Configuration Data"). A node
list stands on one line or on continuation lines, depending on the release; from 3.2 a switch is printed for each node,
as ``(group:resource{node}) Res enabled: True``. Properties have their names as they are printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ansible_collections.groupware.ha.plugins.module_utils.shown import quoted

_NODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*")
_RESOURCE_CONTEXT = re.compile(r"(?P<group>[^:{]+):(?P<resource>[^:{]+)(\{(?P<node>[^}]*)\})?")
_PROPERTY_CONTEXT = re.compile(r"(?P<group>[^:{]+):(?P<resource>[^:{]+):(?P<property>[^:]+)")

#: What a group's or a resource's lines are called, where that is not the name of the property.
_GROUP_LABELS = {"mode": "RG_mode", "network dependencies": "Implicit_network_dependencies", "system": "RG_system"}
_RESOURCE_LABELS = {
    "resource project name": "Resource_project_name",
    "strong dependencies": "Resource_dependencies",
    "weak dependencies": "Resource_dependencies_weak",
    "restart dependencies": "Resource_dependencies_restart",
    "offline restart dependencies": "Resource_dependencies_offline_restart",
}


class ScrgadmError(ValueError):
    """The text is not what the command prints, or not all of it."""


@dataclass
class PrintedType:
    """A registered resource type; ``name`` as it is printed, so with its version where the release has that."""

    name: str
    installed_nodes: str | None = None
    system: str | None = None


@dataclass
class PrintedGroup:
    """A resource group."""

    name: str
    nodes: list[str] = field(default_factory=list)
    managed: bool | None = None
    properties: dict[str, str] = field(default_factory=dict)


@dataclass
class PrintedResource:
    """A resource; its switches hold for the node ``""`` where they are printed for all nodes at once."""

    name: str
    group: str
    type: str | None = None
    version: str | None = None
    enabled: dict[str, bool] = field(default_factory=dict)
    monitored: dict[str, bool] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)


@dataclass
class PrintedConfiguration:
    """Everything, in the order of printing."""

    types: dict[str, PrintedType] = field(default_factory=dict)
    groups: dict[str, PrintedGroup] = field(default_factory=dict)
    resources: dict[str, PrintedResource] = field(default_factory=dict)


def parse_scrgadm(text: str) -> PrintedConfiguration:
    """Read the output of ``scrgadm -pvv`` in the C locale.

    :raises ScrgadmError: it is not that, or not a whole one
    """
    reader = _Reader()
    for number, line in enumerate(text.splitlines(), start=1):
        if line and not line.isspace():
            reader.read(line.strip(), number)
    return reader.finish()


class _Reader:
    def __init__(self) -> None:
        self.found = PrintedConfiguration()
        self.number = 0
        #: This line and the one before: the name of a property and its value are on two lines.
        self.around, self.line = "", ""
        #: Takes continuation lines, while they may come.
        self.more: Callable[[str], None] | None = None
        #: Property blocks: the type and the value of each.
        self.kinds: dict[tuple[str, str], str] = {}
        self.values: dict[tuple[str, str], str] = {}

    def read(self, line: str, number: int) -> None:
        self.number = number
        self.around, self.line = f"{self.line} {line}", line
        context, rest = "", line
        if line[0] == "(":
            end = line.find(") ")
            if end < 0:
                raise self._error(line, "has no end of its parenthesis")
            context, rest = line[1:end], line[end + 2 :].lstrip()
        label, colon, value = rest.partition(":")
        value = value.strip()
        if not colon or not label.startswith("Res "):
            if self.more is None:
                raise self._error(line, "is no line of scrgadm -pvv (was it printed in the C locale?)")
            self.more(line)
            return
        self.more = None
        # The most frequent first: a resource has dozens of properties.
        if label.startswith("Res property "):
            self._property(context, label[len("Res property ") :], value)
        elif label.startswith("Res Type "):
            self._type(context, label[len("Res Type ") :], value)
        elif label.startswith("Res Group "):
            self._group(context, label[len("Res Group ") :], value)
        elif label == "Res name":
            self._resource_name(context, value)
        else:
            self._resource(context, label[len("Res ") :], value)

    def _type(self, context: str, label: str, value: str) -> None:
        if label == "name":
            if context or not value or value in self.found.types:
                raise self._error(value, "is no new resource type")
            self.found.types[value] = PrintedType(value)
        elif label in ("installed on nodes", "system"):
            printed = self.found.types.get(context)
            if printed is None:
                raise self._error(context, "is a resource type that was not named before")
            attribute = "system" if label == "system" else "installed_nodes"
            self._set_once(vars(printed), attribute, value, context)
            # The rest of a type (its methods, its declared properties) is not kept.

    def _group(self, context: str, label: str, value: str) -> None:
        if label == "name":
            if context or not value or value in self.found.groups:
                raise self._error(value, "is no new resource group")
            self.found.groups[value] = PrintedGroup(value)
            return
        group = self.found.groups.get(context)
        if group is None:
            raise self._error(context, "is a resource group that was not named before")
        if label == "management state":
            if value.lower() not in ("managed", "unmanaged"):
                raise self._error(value, "is no management state")
            self._set_once(vars(group), "managed", value.lower() == "managed", context)
        elif label == "Nodelist":
            if group.nodes:
                raise self._error(context, "has two node lists")
            self._nodes(group, value)
            self.more = lambda line: self._nodes(group, line)
        else:
            self._set_once(group.properties, _GROUP_LABELS.get(label, label), value, context)

    def _nodes(self, group: PrintedGroup, text: str) -> None:
        if text.lower() == "<null>":
            return
        for name in re.split(r"[,\s]+", text):
            if name and (_NODE.fullmatch(name) is None or name in group.nodes):
                raise self._error(name, f"is no further node of group {group.name}")
            if name:
                group.nodes.append(name)

    def _resource_name(self, context: str, value: str) -> None:
        group = context.partition(":")[0]
        if group not in self.found.groups or context not in (group, f"{group}:{value}"):
            raise self._error(context, "is a resource group that was not named before")
        if not value or ":" in value or value in self.found.resources:
            raise self._error(value, "is no new resource")
        self.found.resources[value] = PrintedResource(value, group)

    def _resource(self, context: str, label: str, value: str) -> None:
        match = _RESOURCE_CONTEXT.fullmatch(context)
        resource = self._found_resource(match["group"], match["resource"]) if match else None
        if match is None or resource is None:
            raise self._error(context, "is a resource that was not named before")
        node = match["node"] or ""
        if label == "resource type":
            self._set_once(vars(resource), "type", value, context)
        elif label == "type version":
            self._set_once(vars(resource), "version", value, context)
        elif label == "resource group name":
            if value != resource.group:
                raise self._error(value, f"is not the group of resource {resource.name}")
        elif label in ("enabled", "monitor enabled"):
            if value.lower() not in ("true", "false"):
                raise self._error(value, "is neither True nor False")
            switches = resource.enabled if label == "enabled" else resource.monitored
            if node in switches:
                raise self._error(context, f"says {label} twice")
            switches[node] = value.lower() == "true"
        else:
            self._set_once(resource.properties, _RESOURCE_LABELS.get(label, label), value, context)

    def _property(self, context: str, label: str, value: str) -> None:
        if label == "name" and context.count(":") == 1:
            context = f"{context}:{value}"
        match = _PROPERTY_CONTEXT.fullmatch(context)
        resource = self._found_resource(match["group"], match["resource"]) if match else None
        if match is None or resource is None:
            raise self._error(context, "is a property of a resource that was not named before")
        key = (resource.name, match["property"])
        self.kinds.setdefault(key, "")
        if label == "type":
            self.kinds[key] = value.lower()
        elif label == "value":
            if key in self.values:
                raise self._error(context, "has two values")
            self.values[key] = value
            # A list may be as long as it likes; what continues it looks like no other line.
            self.more = lambda line: self._further_items(key, line)

    def _further_items(self, key: tuple[str, str], line: str) -> None:
        if self.kinds[key] != "stringarray" or line.startswith("("):
            raise self._error(line, "continues nothing")
        self.values[key] = f"{self.values[key]} {line}"

    def _found_resource(self, group: str, name: str) -> PrintedResource | None:
        resource = self.found.resources.get(name)
        return resource if resource is not None and resource.group == group else None

    def _set_once(self, settings: dict[str, object] | dict[str, str], key: str, value: object, context: str) -> None:
        if settings.get(key) is not None:
            raise self._error(context, f"says {key} twice")
        settings[key] = value  # type: ignore[assignment]

    def finish(self) -> PrintedConfiguration:
        """What was read, if it is all there.

        The blocks of properties are added last: their type, which says how to read a value, may come behind it.
        """
        for (resource, name), kind in self.kinds.items():
            value = self.values.get((resource, name))
            if value is None:
                raise ScrgadmError(f"resource {resource} has the property {name} without a value")
            if kind == "stringarray" and value.lower() != "<null>":
                value = ",".join(re.split(r"[,\s]+", value))
            self.found.resources[resource].properties[name] = value
        if not self.found.types:
            raise ScrgadmError("it has no resource types, which every cluster has")
        for group in self.found.groups.values():
            if group.managed is None or not group.nodes:
                raise ScrgadmError(f"resource group {group.name} lacks its management state or its node list")
        for found in self.found.resources.values():
            if not found.type or not found.enabled or not found.monitored:
                raise ScrgadmError(f"resource {found.name} lacks its type or its switches; was -pvv given?")
        with_blocks = {resource for resource, _name in self.kinds}
        for name in self.found.resources:
            if name not in with_blocks:
                raise ScrgadmError(f"resource {name} has no properties; print them with scrgadm -pvv")
        return self.found

    def _error(self, what: str, words: str) -> ScrgadmError:
        return ScrgadmError(f"line {self.number}: {quoted(what, self.around)} {words}")
