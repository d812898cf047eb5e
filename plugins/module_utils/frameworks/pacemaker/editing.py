# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes made in a CIB, in place. Pure."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import MEMBERS_KEY, Change
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from . import cib, terms

#: Changes a CIB in place.
Edit = Callable[[Element], None]

#: Constraints that may name their resources in sets.
_WITH_SETS = ("rsc_location", "rsc_colocation", "rsc_order", "rsc_ticket")


class _Objects:
    """Resources and constraints by their ids: to search the tree for each change would cost the square of them."""

    def __init__(self, configuration: Element) -> None:
        self.configuration = configuration
        self.resources = cib.resources_by_id(configuration)
        self.constraints = {cib.id_of(element): element for element in configuration.findall("./constraints/*")}
        #: Our location constraints of each service, by node.
        self.locations: dict[str, dict[str, Element]] = {}
        for constraint in self.constraints.values():
            owner = cib.placed(constraint)
            if owner is not None:
                self.locations.setdefault(owner[0], {})[owner[1]] = constraint


def apply_changes(root: Element, changes: Sequence[Change]) -> None:
    """Make the changes in a CIB, in place."""
    configuration = cib.child(root, "configuration")
    before = set(configuration.iter())
    created = {(change.kind, change.name, change.service) for change in changes if change.action == "create"}
    # What is created again in its place keeps that place: it is replaced below.
    deleted = [change for change in changes if change.action == "delete"]
    gone = [found.name for found in deleted if (found.kind, found.name, found.service) not in created]
    _delete_resources(configuration, gone)
    objects = _Objects(configuration)
    orders: dict[str, list[str]] = {}
    for change in changes:
        if change.action == "delete":
            continue
        if change.kind == "cluster":
            _change_properties(configuration, change)
        elif change.kind == "service":
            order = (change.after or {}).get(MEMBERS_KEY)
            if order is not None:
                orders[change.name] = order.split()
            _change_service(objects, change)
        else:
            _change_resource(objects, change)
    for service, names in orders.items():
        if service in objects.resources:
            _reorder(objects.resources[service], names)
    # The schema has no groups without members; only now is it known which got no new ones.
    groups = configuration.findall("./resources/group")
    _delete_resources(configuration, [cib.id_of(group) for group in groups if group.find("primitive") is None])
    _make_ids_unique(configuration, before)


def stop_resources(root: Element, names: Collection[str]) -> None:
    """Set the target role of what is to be deleted, in place.

    A resource that is deleted while it runs becomes an orphan, which Pacemaker stops without regard to order: a file
    system could be unmounted under a running server.
    """
    resources = cib.resources_by_id(cib.child(root, "configuration"))
    for name in names:
        element = resources.get(name)
        for part in [] if element is None else [element, *element.findall("primitive")]:
            # A member's own target role would win over that of its group.
            if part is element or "target-role" in cib.nvpairs(part, "meta_attributes"):
                cib.set_nvpair(part, "meta_attributes", "target-role", "Stopped")


def changes_nothing(edit: Edit, root: Element) -> bool:
    """Whether a CIB is already what the edit would make of it."""
    edited = copy.deepcopy(root)
    edit(edited)
    return _shown(edited) == _shown(root)


def _shown(root: Element) -> dict[str, list[str]]:
    """The parts of each section, in whatever order they are: only that of a group's members means something."""
    return {
        section.tag: sorted(
            ElementTree.canonicalize(ElementTree.tostring(part, encoding="unicode"), strip_text=True)
            for part in section
        )
        for section in root.findall("./configuration/*")
    }


def _make_ids_unique(configuration: Element, before: Collection[Element]) -> None:
    """Give new elements other ids where what stood there before has theirs already."""
    taken = {cib.id_of(element) for element in configuration.iter() if element in before}
    for element in configuration.iter():
        if element in before or not cib.id_of(element):
            continue
        wanted, number = cib.id_of(element), 0
        while cib.id_of(element) in taken:
            number += 1
            element.set("id", f"{wanted}-{number}")
        taken.add(cib.id_of(element))


def _delete_resources(configuration: Element, names: Sequence[str]) -> None:
    """Remove resources, and what refers to them: the schema wants every reference to lead somewhere."""
    resources = cib.resources_by_id(configuration)
    elements = [resources[name] for name in names if name in resources]
    if not elements:
        return
    parents = {element: parent for parent in configuration.iter() for element in parent}
    gone: set[str] = set()
    for element in elements:
        parents[element].remove(element)
        gone.update(cib.id_of(item) for item in element.iter() if item.tag in cib.RESOURCES)
    for constraint in configuration.findall("./constraints/*"):
        if gone & {constraint.get(key) for key in ("rsc", "with-rsc", "first", "then")}:
            parents[constraint].remove(constraint)
    for permission in configuration.findall("./acls/acl_role/acl_permission"):
        if permission.get("reference") in gone:
            parents[permission].remove(permission)
    # Sets of several resources and tags lose the one that is gone, and go only when it was their last.
    for reference in [*configuration.iter("resource_ref"), *configuration.iter("obj_ref")]:
        emptied = reference if cib.id_of(reference) in gone else None
        while emptied is not None and emptied.tag in ("resource_ref", "obj_ref", "resource_set", *_WITH_SETS, "tag"):
            parent = parents[emptied]
            parent.remove(emptied)
            emptied = None if len(parent) else parent


def _change_properties(configuration: Element, change: Change) -> None:
    crm_config = cib.child(configuration, "crm_config")
    for name, value in (change.after or {}).items():
        cib.set_nvpair(crm_config, "cluster_property_set", name, value, new_set="cib-bootstrap-options")


def _change_service(objects: _Objects, change: Change) -> None:
    group = objects.resources.get(change.name)
    if group is None and change.action != "create":
        raise FrameworkError(f"service {change.name} has gone while it was to be changed; run again")
    if group is None:
        resources = cib.child(objects.configuration, "resources")
        group = objects.resources[change.name] = ElementTree.SubElement(resources, "group", id=change.name)
    _change_settings(group, change)
    if change.placement is not None:
        _place(objects, change.name, change.placement)


def _place(objects: _Objects, service: str, nodes: Sequence[str]) -> None:
    """Have the constraints of a service be those of these nodes, and no others."""
    constraints = cib.child(objects.configuration, "constraints")
    wanted = cib.scores(nodes)
    present = objects.locations.setdefault(service, {})
    for node, constraint in list(present.items()):
        right = node in wanted and terms.same_meaning(cib.described_location(constraint, service, node), wanted[node])
        if not right:
            constraints.remove(present.pop(node))
            del objects.constraints[cib.id_of(constraint)]
    for node, value in wanted.items():
        if node not in present:
            # One of this name that says something else, as after a slip of an administrator's, makes room.
            taken = objects.constraints.get(cib.constraint_id(service, node))
            if taken is not None:
                constraints.remove(taken)
            present[node] = cib.new_location(constraints, service, node, value)


def _reorder(group: Element, order: Sequence[str]) -> None:
    members = {cib.id_of(member): member for member in group.findall("primitive")}
    for member in members.values():
        group.remove(member)
    for name in [*order, *(name for name in members if name not in order)]:
        if name in members:
            group.append(members[name])


def _change_resource(objects: _Objects, change: Change) -> None:
    element = objects.resources.get(change.name)
    if change.action == "create":
        created = _new_primitive(change)
        if element is not None:
            element.clear()
            element.attrib.update(created.attrib)
        else:
            parent = cib.child(objects.configuration, "resources")
            if change.service is not None:
                if change.service not in objects.resources:
                    raise FrameworkError(f"service {change.service} has gone while it was to be changed; run again")
                parent = objects.resources[change.service]
            parent.append(created)
            element = objects.resources[change.name] = created
    if element is None:
        raise FrameworkError(f"resource {change.name} has gone while it was to be changed; run again")
    _change_settings(element, change)


def _new_primitive(change: Change) -> Element:
    parts = (change.type or "").split(":")
    attributes = {"id": change.name, "class": parts[0], "type": parts[-1]}
    if len(parts) == 3:
        attributes["provider"] = parts[1]
    return Element("primitive", attributes)


def _change_settings(element: Element, change: Change) -> None:
    for key, value in change.edits.items():
        if key.startswith(terms.META):
            cib.set_nvpair(element, "meta_attributes", key[len(terms.META) :], value)
        elif key.startswith(terms.OPERATION):
            _operation, name, attribute = key.split(" ", 2)
            _set_operation(element, name, attribute, value)
        else:
            cib.set_nvpair(element, "instance_attributes", key, value)


def _set_operation(element: Element, name: str, attribute: str, value: str | None) -> None:
    operations = cib.child(element, "operations")
    operation = operations.find(f"./op[@name='{name}']")
    if operation is None:
        if value is None:
            return
        operation = ElementTree.SubElement(
            operations, "op", id=f"{cib.id_of(element)}-{name}", name=name, interval="0s"
        )
    if attribute not in terms.OPERATION_ATTRIBUTES:
        cib.set_nvpair(operation, "instance_attributes", attribute, value)
    elif value is not None:
        operation.set(attribute, value)
    elif attribute == "interval":
        operations.remove(operation)
    else:
        operation.attrib.pop(attribute, None)
