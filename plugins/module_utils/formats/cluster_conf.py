# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cluster.conf of Red Hat Cluster Suite: parse, edit what is asked for alone, serialise, judge, compare. Pure.

Everything that an edit is not about stays as it is: comments, unknown elements and attributes, white space. Grammar:
cluster.conf(5), and the metadata of rgmanager's resource agents.
"""

from __future__ import annotations

import copy
import ipaddress
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.parsers import expat

from ansible_collections.groupware.ha.plugins.module_utils.shown import key_name

#: The attribute that a type of resource is referred to by; ``name`` for all others.
PRIMARY = {"ip": "address"}

#: In which order a service starts members of these types (agent service.sh); all other types follow in their own order.
START_LEVELS = {
    tag: level
    for level, tag in enumerate(
        ["lvm", "fs", "clusterfs", "netfs", "nfsexport", "nfsclient", "ip", "smb", "script"], start=1
    )
}
_LAST_LEVEL = len(START_LEVELS) + 1

#: Elements below a service that are no resources.
_NO_RESOURCES = frozenset(["action"])

TRUE_WORDS = frozenset(["1", "yes", "true", "on"])
FALSE_WORDS = frozenset(["0", "no", "false", "off"])
_RECOVERY = ("restart", "relocate", "disable", "restart-disable")

#: Attributes that are booleans wherever they occur.
BOOLEANS = frozenset(
    ["autostart", "hardrecovery", "nfslock", "ordered", "restricted", "nofailback", "force_unmount", "self_fence"]
    + ["force_fsck", "monitor_link", "no_unmount", "quick_status", "use_findmnt", "disable_rdisc"]
)
_NUMBERS = frozenset(["max_restarts", "restart_expire_time", "exclusive", "sleeptime", "__max_failures"])

SERVICE_ATTRIBUTES = frozenset(
    ["domain", "autostart", "hardrecovery", "exclusive", "recovery", "max_restarts", "restart_expire_time", "depend"]
    + ["depend_mode", "nfslock", "priority", "nfs_client_cache"]
)
DOMAIN_ATTRIBUTES = ("ordered", "restricted", "nofailback")
#: What any resource may say about its place in its service; it stands where the resource is referred to.
PLACE_ATTRIBUTES = frozenset(
    ["__independent_subtree", "__enforce_timeouts", "__max_failures", "__failure_expire_time"]
    + ["__max_restarts", "__restart_expire_time"]
)
_REQUIRED = {
    "ip": ("address",),
    "fs": ("name", "device", "mountpoint"),
    "lvm": ("name", "vg_name"),
    "script": ("name", "file"),
    "netfs": ("name", "mountpoint", "host", "export"),
}
_KNOWN = {
    "ip": ("family", "monitor_link", "nfslock", "sleeptime", "disable_rdisc", "prefer_interface"),
    "fs": ("fstype", "force_unmount", "force_fsck", "self_fence", "options", "fsid", "quick_status", "use_findmnt")
    + ("nfslock",),
    "lvm": ("lv_name", "self_fence", "nfslock"),
    "script": ("service_name",),
    "netfs": ("fstype", "force_unmount", "no_unmount", "self_fence", "options", "use_findmnt", "nfslock"),
}
_NUMBER = re.compile(r"[0-9]{1,9}")


class ClusterConfError(ValueError):
    """A text that is not a cluster.conf."""


@dataclass
class ClusterConf:
    """A cluster.conf that can be edited.

    ``prolog`` and ``epilog`` are what stands around the cluster element; ``spaced`` says that empty elements end in a
    blank and a slash.
    """

    root: Element
    prolog: str
    epilog: str
    spaced: bool

    @property
    def version(self) -> int:
        """The config_version."""
        return int(self.root.get("config_version", ""))

    @property
    def node_names(self) -> list[str]:
        """Names of the cluster's members."""
        return [node.get("name", "") for node in self.root.findall("./clusternodes/clusternode")]

    def copy(self) -> ClusterConf:
        """One that can be edited without changing this."""
        return copy.deepcopy(self)

    def text(self, version: int | None = None) -> str:
        """The file's text; with another version if one is given."""
        if version is not None:
            self.root.set("config_version", str(version))
        text: str = ElementTree.tostring(self.root, encoding="unicode")
        return self.prolog + (text if self.spaced else text.replace(" />", "/>")) + self.epilog

    def canonical(self) -> object:
        """Equal for two files that say the same: without version, comments and white space between elements."""
        meaning = _meaning(self.root)
        return (*meaning[:1], [pair for pair in meaning[1] if pair[0] != "config_version"], *meaning[2:])


def parse(text: str) -> ClusterConf:
    """Read a cluster.conf.

    :raises ClusterConfError: it is not well-formed, or not the configuration of a cluster
    """
    try:
        reader = _Reader(text.encode("utf-8"))
    except (expat.ExpatError, UnicodeError, ValueError) as error:
        raise ClusterConfError(f"it is not XML in UTF-8 without a document type ({error})") from None
    root = reader.root
    if root.tag != "cluster":
        raise ClusterConfError(f"its element is {root.tag}, not cluster")
    if not root.get("name"):
        raise ClusterConfError("its cluster has no name")
    version = root.get("config_version", "")
    if _NUMBER.fullmatch(version) is None or int(version) < 1:
        raise ClusterConfError(f"its config_version is {version!r}, not a positive number")
    if root.find("clusternodes") is None:
        raise ClusterConfError("its cluster has no clusternodes")
    return ClusterConf(root, reader.prolog, reader.epilog, " />" in text)


class _Reader:
    """Builds the tree with names as they are written, and notes what stands around it."""

    def __init__(self, data: bytes) -> None:
        self._builder = ElementTree.TreeBuilder(insert_comments=True, insert_pis=True)
        self._parser = expat.ParserCreate("utf-8")
        self._depth, self._start, self._end = 0, 0, 0
        self._parser.StartElementHandler = self._opened
        self._parser.EndElementHandler = self._closed
        self._parser.CharacterDataHandler = self._builder.data
        self._parser.CommentHandler = self._commented
        self._parser.ProcessingInstructionHandler = self._instructed
        self._parser.StartDoctypeDeclHandler = self._declared
        self._parser.Parse(data, True)
        if data[self._end : self._end + 2] != b"</":
            raise ValueError("its outermost element is empty")
        self.root: Element = self._builder.close()
        self.prolog = data[: self._start].decode("utf-8")
        self.epilog = data[data.index(b">", self._end) + 1 :].decode("utf-8")

    def _opened(self, name: str, attributes: dict[str, str]) -> None:
        if self._depth == 0:
            self._start = self._parser.CurrentByteIndex
        self._depth += 1
        self._builder.start(name, attributes)

    def _closed(self, name: str) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._end = self._parser.CurrentByteIndex
        self._builder.end(name)

    def _commented(self, text: str) -> None:
        if self._depth:
            self._builder.comment(text)

    def _instructed(self, target: str, text: str) -> None:
        if self._depth:
            self._builder.pi(target, text)

    def _declared(self, *_declaration: object) -> None:
        # Its entities could stand for anything, of any size.
        raise ValueError("it has a document type")


def _meaning(element: Element) -> tuple[str, list[tuple[str, str]], str, list[object]]:
    texts = [element.text, *(child.tail for child in element)]
    children: list[object] = [_meaning(child) for child in element if is_element(child)]
    return str(element.tag), sorted(element.attrib.items()), "".join(text or "" for text in texts).strip(), children


# -- members of services ----------------------------------------------------------------------------------------


@dataclass
class Member:
    """One resource of a service.

    ``element`` stands in the service, ``definition`` has the resource's attributes: it is the same element, or the
    entry of ``resources`` that the element refers to. ``path`` are the elements that it is nested in, service first.
    """

    element: Element
    definition: Element
    path: tuple[Element, ...]

    @property
    def type(self) -> str:
        """The type, which is the element's tag."""
        return str(self.element.tag)

    @property
    def primary(self) -> str:
        """What the resource is known by among those of its type."""
        return self.element.get("ref") or self.element.get(primary_attribute(self.type)) or ""

    @property
    def attributes(self) -> dict[str, str]:
        """Everything that is set for it, but what it is referred to by."""
        attributes = {**self.definition.attrib, **self.element.attrib}
        attributes.pop("ref", None)
        if self.type not in PRIMARY:
            attributes.pop("name", None)
        return attributes

    @property
    def actions(self) -> list[Element]:
        """Its own timing of operations."""
        found = self.definition.findall("action")
        return found if self.element is self.definition else found + self.element.findall("action")


def primary_attribute(resource_type: str) -> str:
    """The attribute that a resource of this type is referred to by."""
    return PRIMARY.get(resource_type, "name")


def start_level(resource_type: str) -> int:
    """When a service starts its members of this type."""
    return START_LEVELS.get(resource_type, _LAST_LEVEL)


def is_element(node: Element) -> bool:
    """Whether this is an element, not a comment or processing instruction."""
    return isinstance(node.tag, str)


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


def action_depth(action: Element) -> str | None:
    """The depth that an action is about; None for every depth."""
    depth = action.get("depth")
    return None if depth in (None, "", "*") else depth


def _remove(parent: Element, child: Element) -> None:
    index = list(parent).index(child)
    if index == len(parent) - 1:
        if index:
            parent[index - 1].tail = child.tail
        else:
            parent.text = None
    parent.remove(child)
    child.tail = None


# -- judging ----------------------------------------------------------------------------------------------------


def attribute_problem(tag: str, name: str, value: str) -> str | None:
    """Why an element's attribute cannot have this value, or None if it can."""
    if tag == "service" and name not in SERVICE_ATTRIBUTES | PLACE_ATTRIBUTES | {"name"}:
        return f"a service has no attribute {key_name(name)}"
    if tag in _KNOWN and name not in {*_REQUIRED[tag], *_KNOWN[tag], *PLACE_ATTRIBUTES}:
        return f"a resource of type {tag} has no attribute {key_name(name)}"
    if name in BOOLEANS and value.lower() not in TRUE_WORDS | FALSE_WORDS:
        return f"{name} is {value!r}, neither 1 nor 0"
    if tag == "service" and name == "recovery" and value not in _RECOVERY:
        return f"recovery is {value!r}, not one of {', '.join(_RECOVERY)}"
    if tag == "service" and name == "depend_mode" and value not in ("hard", "soft"):
        return f"depend_mode is {value!r}, neither hard nor soft"
    if name in _NUMBERS and _NUMBER.fullmatch(value) is None and not (name == "exclusive" and _is_boolean(value)):
        return f"{name} is {value!r}, not a number"
    if name == "priority" and tag == "failoverdomainnode" and not _within(value, 1, 100):
        return f"priority is {value!r}, not a number from 1 to 100"
    if name == "address" and tag == "ip" and _interface(value) is None:
        return f"address is {value!r}, not an IP address"
    return None


def resource_problems(resource_type: str, attributes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is wrong with attributes of a resource, by their names; it is known what it will be referred to by."""
    for name in _REQUIRED.get(resource_type, ()):
        if not attributes.get(name) and (name != "name" or name != primary_attribute(resource_type)):
            yield name, f"a resource of type {resource_type} needs {name}"
    for name, value in attributes.items():
        problem = attribute_problem(resource_type, name, value)
        if problem is not None:
            yield name, problem


def problems(conf: ClusterConf) -> list[str]:
    """What the documented grammar does not allow. Elements that it does not mention are not judged."""
    root = conf.root
    found: list[str] = []
    for tag in ("clusternodes", "fencedevices", "rm"):
        if len(root.findall(tag)) > 1:
            found.append(f"there is more than one {tag}")
    found.extend(_node_problems(root))
    found.extend(_domain_problems(root, conf.node_names))
    found.extend(_definition_problems(root))
    found.extend(_service_problems(root))
    return found


def _node_problems(root: Element) -> Iterator[str]:
    nodes = root.findall("./clusternodes/clusternode")
    yield from _duplicates("clusternode", [node.get("name", "") for node in nodes])
    yield from _duplicates("nodeid", [node.get("nodeid", "") for node in nodes if "nodeid" in node.attrib])
    devices = root.findall("./fencedevices/fencedevice")
    yield from _duplicates("fencedevice", [device.get("name", "") for device in devices])
    for device in devices:
        if not device.get("agent"):
            yield f"fencedevice {device.get('name')} has no agent"
    names = {device.get("name") for device in devices}
    for node in nodes:
        where = f"clusternode {node.get('name')}"
        for attribute in ("nodeid", "votes", "weight"):
            value = node.get(attribute)
            if value is not None and not _within(value, 1 if attribute == "nodeid" else 0, 999_999_999):
                yield f"{where}: {attribute} is {value!r}, not a number that it may be"
        methods = node.findall("./fence/method")
        yield from (f"{where}: {words}" for words in _duplicates("method", [m.get("name", "") for m in methods]))
        for use in node.findall("./fence/method/device"):
            if use.get("name") not in names:
                yield f"{where}: its fencing names {use.get('name')}, which is no fencedevice"


def _domain_problems(root: Element, node_names: Collection[str]) -> Iterator[str]:
    domains = root.findall("./rm/failoverdomains/failoverdomain")
    yield from _duplicates("failoverdomain", [domain.get("name", "") for domain in domains])
    for domain in domains:
        where = f"failoverdomain {domain.get('name')}"
        for name, value in domain.attrib.items():
            if name not in ("name", *DOMAIN_ATTRIBUTES):
                yield f"{where} has no attribute {key_name(name)}"
            yield from _attribute_problems(where, "failoverdomain", name, value)
        entries = domain.findall("failoverdomainnode")
        yield from (f"{where}: {words}" for words in _duplicates("node", [entry.get("name", "") for entry in entries]))
        for entry in entries:
            if entry.get("name") and entry.get("name") not in node_names:
                yield f"{where} names {entry.get('name')}, which is no clusternode"
            for name, value in entry.attrib.items():
                if name not in ("name", "priority"):
                    yield f"{where}: a failoverdomainnode has no attribute {key_name(name)}"
                yield from _attribute_problems(where, "failoverdomainnode", name, value)


def _definition_problems(root: Element) -> Iterator[str]:
    definitions = [element for element in root.findall("./rm/resources/*") if is_element(element)]
    keys = [f"{element.tag} {element.get(primary_attribute(str(element.tag)), '')}".strip() for element in definitions]
    yield from _duplicates("resource", keys)
    for definition in definitions:
        yield from _resource_problems("resources", definition)


def _service_problems(root: Element) -> Iterator[str]:
    services = root.findall("./rm/service")
    yield from _duplicates("service", [service.get("name", "") for service in services])
    domains = {domain.get("name") for domain in root.findall("./rm/failoverdomains/failoverdomain")}
    shared = {
        (element.tag, element.get(primary_attribute(str(element.tag))))
        for element in root.findall("./rm/resources/*")
        if is_element(element)
    }
    for service in services:
        where = f"service {service.get('name')}"
        if service.get("domain") and service.get("domain") not in domains:
            yield f"{where}: its domain {service.get('domain')} does not exist"
        for name, value in service.attrib.items():
            yield from _attribute_problems(where, "service", name, value)
        for element in service.iter():
            if element is service or not is_element(element):
                continue
            if element.tag == "action":
                if not element.get("name"):
                    yield f"{where}: an action has no name"
            elif "ref" in element.attrib:
                if (element.tag, element.get("ref")) not in shared:
                    yield f"{where}: refers to {element.tag} {element.get('ref')}, which is not among the resources"
            else:
                yield from _resource_problems(where, element)


def _resource_problems(where: str, element: Element) -> Iterator[str]:
    tag = str(element.tag)
    name = f"{where}: {tag} {element.get(primary_attribute(tag), '')}".rstrip()
    for attribute in _REQUIRED.get(tag, ()):
        if not element.get(attribute):
            yield f"{name} has no {attribute}"
    for attribute, value in element.attrib.items():
        yield from _attribute_problems(name, tag, attribute, value)


def _attribute_problems(where: str, tag: str, name: str, value: str) -> Iterator[str]:
    problem = attribute_problem(tag, name, value)
    if problem is not None:
        yield f"{where}: {problem}"


def _duplicates(kind: str, names: Sequence[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if not name:
            yield f"a {kind} has no name"
        elif count > 1:
            yield f"{kind} {name} is there {count} times"


def _is_boolean(value: str) -> bool:
    return value.lower() in TRUE_WORDS | FALSE_WORDS


def _within(value: str, least: int, most: int) -> bool:
    return _NUMBER.fullmatch(value) is not None and least <= int(value) <= most


def _interface(value: str) -> ipaddress.IPv4Interface | ipaddress.IPv6Interface | None:
    try:
        return ipaddress.ip_interface(value)
    except ValueError:
        return None


def is_address(text: str) -> bool:
    """Whether this is an IP address, with or without a prefix length."""
    return _interface(text) is not None


def same_address(one: str, other: str) -> bool:
    """Whether two texts are one address with one prefix length; without one the agent looks for it itself."""
    first, second = _interface(one), _interface(other)
    if first is None or second is None:
        return one == other
    return first == second and ("/" in one) == ("/" in other)
