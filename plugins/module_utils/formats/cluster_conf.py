# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cluster.conf of Red Hat Cluster Suite: parse, edit what is asked for alone, serialise, compare. Pure.

Everything that an edit is not about stays as it is: comments, unknown elements and attributes, white space. What may
stand in it says ``cluster_conf_grammar``.
"""

from __future__ import annotations

import copy
import ipaddress
import re
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.parsers import expat

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

TRUE_WORDS = frozenset(["1", "yes", "true", "on"])
FALSE_WORDS = frozenset(["0", "no", "false", "off"])

#: Attributes that are booleans wherever they occur.
BOOLEANS = frozenset(
    ["autostart", "hardrecovery", "nfslock", "ordered", "restricted", "nofailback", "force_unmount", "self_fence"]
    + ["force_fsck", "monitor_link", "no_unmount", "quick_status", "use_findmnt", "disable_rdisc"]
)

#: What any resource may say about its place in its service; it stands where the resource is referred to.
PLACE_ATTRIBUTES = frozenset(
    ["__independent_subtree", "__enforce_timeouts", "__max_failures", "__failure_expire_time"]
    + ["__max_restarts", "__restart_expire_time"]
)
NUMBER = re.compile(r"[0-9]{1,9}")


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
    if NUMBER.fullmatch(version) is None or int(version) < 1:
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


def action_depth(action: Element) -> str | None:
    """The depth that an action is about; None for every depth."""
    depth = action.get("depth")
    return None if depth in (None, "", "*") else depth


def interface(value: str) -> ipaddress.IPv4Interface | ipaddress.IPv6Interface | None:
    """An IP address with or without a prefix length; None for anything else."""
    try:
        return ipaddress.ip_interface(value)
    except ValueError:
        return None


def is_address(text: str) -> bool:
    """Whether this is an IP address, with or without a prefix length."""
    return interface(text) is not None


def same_address(one: str, other: str) -> bool:
    """Whether two texts are one address with one prefix length; without one the agent looks for it itself."""
    first, second = interface(one), interface(other)
    if first is None or second is None:
        return one == other
    return first == second and ("/" in one) == ("/" in other)
