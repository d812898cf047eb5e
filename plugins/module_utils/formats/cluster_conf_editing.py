# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes to a cluster.conf in place: all else stays as it is, and what is new is indented as the rest. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from .cluster_conf import (
    PLACE_ATTRIBUTES,
    ClusterConf,
    ClusterConfError,
    Member,
    action_depth,
    is_element,
    primary_attribute,
    start_level,
)

#: Elements below a service that are no resources.
_NO_RESOURCES = frozenset(["action"])


@dataclass
class Editor:
    """What stands where in a cluster.conf, and changes to it in place.

    The indices spare a search of the whole tree for every change.
    """

    conf: ClusterConf
    services: dict[str, Element] = field(init=False)
    definitions: dict[tuple[str, str], Element] = field(init=False)
    _unit: str | None = field(init=False)

    def __post_init__(self) -> None:
        root = self.conf.root
        # The first one wins where a name is used twice (rgmanager does so).
        self.services = {}
        for service in root.findall("./rm/service"):
            self.services.setdefault(service.get("name", ""), service)
        self.definitions = {}
        for definition in root.findall("./rm/resources/*"):
            if is_element(definition):
                key = (str(definition.tag), definition.get(primary_attribute(str(definition.tag)), ""))
                self.definitions.setdefault(key, definition)
        before, newline, unit = (root.text or "").rpartition("\n")
        self._unit = unit or None if newline and not before.strip() else None

    # -- looking ------------------------------------------------------------------------------------------------

    def members(self, service: Element) -> list[Member]:
        """The service's resources in the order in which it starts them."""
        return list(self._members((service,)))

    def _members(self, path: tuple[Element, ...]) -> Iterator[Member]:
        children = [child for child in path[-1] if is_element(child) and child.tag not in _NO_RESOURCES]
        if len(path) == 1:
            children.sort(key=lambda child: start_level(str(child.tag)))
        for child in children:
            definition = self.definitions.get((str(child.tag), child.get("ref", ""))) if child.get("ref") else None
            yield Member(child, child if definition is None else definition, path)
            yield from self._members((*path, child))

    def domain(self, name: str) -> Element | None:
        """The failover domain of that name."""
        for domain in self.conf.root.findall("./rm/failoverdomains/failoverdomain"):
            if domain.get("name") == name:
                return domain
        return None

    def users_of_domain(self, name: str) -> list[Element]:
        """Services and virtual machines of this failover domain."""
        users = [*self.conf.root.findall("./rm/service"), *self.conf.root.findall("./rm/vm")]
        return [user for user in users if user.get("domain") == name]

    def references(self, resource_type: str, primary: str) -> list[Element]:
        """Where a shared resource is referred to."""
        found = [*self.conf.root.findall(f"./rm/service//{resource_type}")]
        found += self.conf.root.findall(f"./rm/vm//{resource_type}")
        return [element for element in found if element.get("ref") == primary]

    def unused_definitions(self) -> list[tuple[str, str]]:
        """Shared resources that no service refers to."""
        used = {
            (str(element.tag), element.get("ref", ""))
            for element in self.conf.root.findall("./rm/*//*[@ref]")
            if is_element(element)
        }
        return [key for key in self.definitions if key not in used]

    def fence_places(self, device: str) -> Iterator[tuple[str, Element, Element, Element]]:
        """Node name, fence, method and device element of every use of a fencing device."""
        for node in self.conf.root.findall("./clusternodes/clusternode"):
            for fence in node.findall("fence"):
                for method in fence.findall("method"):
                    for use in method.findall("device"):
                        if use.get("name") == device:
                            yield node.get("name", ""), fence, method, use

    # -- settings of the cluster --------------------------------------------------------------------------------

    def set_property(self, tag: str, attribute: str, value: str) -> None:
        """Set an attribute of one of the elements below ``cluster``."""
        self._child(self.conf.root, tag, 1).set(attribute, value)

    # -- services -----------------------------------------------------------------------------------------------

    def add_service(self, name: str) -> Element:
        """A new service."""
        rm = self._child(self.conf.root, "rm", 1)
        service = self._append(rm, Element("service", name=name), 2)
        self.services[name] = service
        return service

    def remove_service(self, name: str) -> None:
        """Remove a service, and what was there for it alone: its failover domain and shared resources."""
        service = self.services.pop(name)
        members = self.members(service)
        _remove(self._child(self.conf.root, "rm", 1), service)
        for member in members:
            self._drop_definition(member)
        self.drop_domain(service.get("domain", ""))

    def drop_domain(self, name: str) -> None:
        """Remove a failover domain that nothing uses any more."""
        domain = self.domain(name)
        if domain is not None and not self.users_of_domain(name):
            _remove(self._rm_child("failoverdomains"), domain)

    def make_domain(self, name: str) -> Element:
        """The failover domain of that name, made if there is none."""
        domain = self.domain(name)
        if domain is None:
            domain = self._append(self._rm_child("failoverdomains"), Element("failoverdomain", name=name), 3)
        return domain

    def set_domain_nodes(self, domain: Element, priorities: Mapping[str, str]) -> None:
        """Give the domain exactly these nodes; an empty text stands for no priority."""
        for entry in domain.findall("failoverdomainnode"):
            if entry.get("name") not in priorities:
                _remove(domain, entry)
        present = {entry.get("name"): entry for entry in domain.findall("failoverdomainnode")}
        for node, priority in priorities.items():
            if node not in present:
                present[node] = self._append(domain, Element("failoverdomainnode", name=node), 4)
            entry = present[node]
            if priority:
                entry.set("priority", priority)
            else:
                entry.attrib.pop("priority", None)

    # -- members ------------------------------------------------------------------------------------------------

    def add_member(self, path: tuple[Element, ...], resource_type: str, primary: str) -> Member:
        """A new resource, among the shared resources and referred to by the last element of the path."""
        definition = self.definitions.get((resource_type, primary))
        if definition is None:
            definition = Element(resource_type, {primary_attribute(resource_type): primary})
            self._append(self._rm_child("resources"), definition, 3)
            self.definitions[(resource_type, primary)] = definition
        else:
            # A shared resource that nothing uses is taken over, and is then what the new one is to be.
            definition.attrib.clear()
            definition.set(primary_attribute(resource_type), primary)
        element = self._append(path[-1], Element(resource_type, ref=primary), len(path) + 2)
        return Member(element, definition, path)

    def remove_member(self, member: Member) -> None:
        """Remove a resource from its service; what was nested in it stays, one level up."""
        parent = member.path[-1]
        for child in [child for child in member.element if child.tag not in _NO_RESOURCES]:
            _remove(member.element, child)
            self._append(parent, child, len(member.path) + 2)
        _remove(parent, member.element)
        self._drop_definition(member)

    def move_member(self, member: Member, path: tuple[Element, ...]) -> None:
        """Nest a resource elsewhere in its service."""
        _remove(member.path[-1], member.element)
        self._append(path[-1], member.element, len(path) + 2)

    def set_attribute(self, member: Member, name: str, value: str | None) -> None:
        """Set an attribute of a resource where it belongs, or remove it."""
        if value is not None and name == primary_attribute(member.type):
            if value != member.primary:
                self._rename(member, value)
            return
        place = member.element if name in PLACE_ATTRIBUTES else member.definition
        # Whichever element had it so far.
        for element in (member.element, member.definition):
            if value is None or element is not place:
                element.attrib.pop(name, None)
        if value is not None:
            place.set(name, value)

    def set_action(self, member: Member, name: str, depth: str | None, attribute: str, value: str | None) -> None:
        """Set an attribute of the timing of an operation, or remove it, and the action with its last attribute."""
        owner = member.definition
        for action in member.actions:
            if action.get("name") == name and action_depth(action) == depth:
                owner = member.definition if action in list(member.definition) else member.element
                break
        else:
            if value is None:
                return
            action = self._append(owner, Element("action", name=name), len(member.path) + 3)
            if depth is not None:
                action.set("depth", depth)
        if value is not None:
            action.set(attribute, value)
            return
        action.attrib.pop(attribute, None)
        if set(action.attrib) <= {"name", "depth"}:
            _remove(owner, action)

    def reorder(self, service: Element, wanted: Sequence[Element]) -> None:
        """Put members into this order; each stays where it is nested, and what is no member keeps its place."""
        ranks = {id(element): rank for rank, element in enumerate(wanted)}
        for parent in service.iter():
            slots = [index for index, child in enumerate(parent) if id(child) in ranks]
            children = sorted((parent[index] for index in slots), key=lambda child: ranks[id(child)])
            tails = [parent[index].tail for index in slots]
            for index, child, tail in zip(slots, children, tails):
                child.tail = tail
                parent[index] = child

    def _rename(self, member: Member, value: str) -> None:
        resource_type, old = member.type, member.primary
        if (resource_type, value) in self.definitions and member.definition is not member.element:
            # It has been there for nothing, or for others; which of the two, the grammar tells.
            _remove(self._rm_child("resources"), self.definitions.pop((resource_type, value)))
        for reference in self.references(resource_type, old):
            reference.set("ref", value)
        member.definition.set(primary_attribute(resource_type), value)
        if self.definitions.get((resource_type, old)) is member.definition:
            self.definitions[(resource_type, value)] = self.definitions.pop((resource_type, old))

    def _drop_definition(self, member: Member) -> None:
        primary = member.element.get("ref")
        if primary and member.definition is not member.element and not self.references(member.type, primary):
            _remove(self._rm_child("resources"), member.definition)
            self.definitions.pop((member.type, primary), None)

    # -- fencing ------------------------------------------------------------------------------------------------

    def fence_devices(self) -> list[Element]:
        """The devices that nodes can be fenced by."""
        return self.conf.root.findall("./fencedevices/fencedevice")

    def fence_device(self, name: str) -> Element | None:
        """The fencing device of that name."""
        return next((device for device in self.fence_devices() if device.get("name") == name), None)

    def add_fence_device(self, name: str, agent: str) -> Element:
        """A new fencing device."""
        devices = self._child(self.conf.root, "fencedevices", 1)
        return self._append(devices, Element("fencedevice", name=name, agent=agent), 2)

    def remove_fence_device(self, name: str) -> None:
        """Remove a fencing device and its uses."""
        for node in self.conf.node_names:
            self.set_fencing(node, name, None)
        device = self.fence_device(name)
        if device is not None:
            _remove(self._child(self.conf.root, "fencedevices", 1), device)

    def set_fencing(self, node: str, device: str, options: Mapping[str, str] | None) -> None:
        """Have a node fenced by a device with these options, in a method of its own; or, with None, not by it."""
        for name, fence, method, use in list(self.fence_places(device)):
            if name == node:
                _remove(method, use)
                if not [child for child in method if is_element(child)]:
                    _remove(fence, method)
        if options is None:
            return
        found = next((n for n in self.conf.root.findall("./clusternodes/clusternode") if n.get("name") == node), None)
        if found is None:
            raise ClusterConfError(f"node {node} is not among its clusternodes")
        fence = self._child(found, "fence", 3)
        taken = {method.get("name") for method in fence.findall("method")}
        name = device if device not in taken else f"{device}-{len(taken) + 1}"
        method = self._append(fence, Element("method", name=name), 4)
        self._append(method, Element("device", {"name": device, **options}), 5)

    # -- elements -----------------------------------------------------------------------------------------------

    def _rm_child(self, tag: str) -> Element:
        return self._child(self._child(self.conf.root, "rm", 1), tag, 2, first=True)

    def _child(self, parent: Element, tag: str, depth: int, first: bool = False) -> Element:
        child = parent.find(tag)
        return self._insert(parent, Element(tag), depth, 0 if first else len(parent)) if child is None else child

    def _append(self, parent: Element, child: Element, depth: int) -> Element:
        # Behind the last of its kind, so that comments behind them stay at the end.
        same = [index for index, other in enumerate(parent, start=1) if other.tag == child.tag]
        return self._insert(parent, child, depth, max(same, default=len(parent)))

    def _insert(self, parent: Element, child: Element, depth: int, index: int) -> Element:
        """Insert with the indentation of its depth, if the file is indented."""
        inner = outer = None
        if self._unit is not None:
            inner, outer = "\n" + self._unit * depth, "\n" + self._unit * (depth - 1)
        if len(parent) == 0:
            parent.text, child.tail = inner, outer
        elif index == 0:
            child.tail = inner
        else:
            child.tail, parent[index - 1].tail = parent[index - 1].tail, inner
        parent.insert(index, child)
        return child


def _remove(parent: Element, child: Element) -> None:
    index = list(parent).index(child)
    if index == len(parent) - 1:
        if index:
            parent[index - 1].tail = child.tail
        else:
            parent.text = None
    parent.remove(child)
    child.tail = None
