# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``clustat -x`` of Red Hat Cluster Suite prints: members of the cluster and where its services are. Pure.

The releases 4 to 6 print the same elements; 4 has fewer attributes and writes ``mail1`` for ``service:mail1``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

_STATES = {
    "110": "stopped",
    "111": "starting",
    "112": "started",
    "113": "stopping",
    "114": "failed",
    "115": "uninitialized",
    "116": "checking",
    "117": "recoverable",
    "118": "recovering",
    "119": "disabled",
    "120": "migrating",
}

#: States that end by themselves.
PASSING_STATES = frozenset(
    ["starting", "stopping", "uninitialized", "checking", "recoverable", "recovering", "migrating"]
)

_FROZEN, _PARTIAL = 1, 2
_NOBODY = ("none", "unknown", "")


class ClustatError(ValueError):
    """A text that clustat does not print."""


@dataclass(frozen=True)
class Group:
    """One service: its state, the node that has it, and the last one that had it."""

    name: str
    state: str
    owner: str | None
    last_owner: str | None
    frozen: bool = False
    partial: bool = False

    @property
    def never_ran(self) -> bool:
        """Whether no node has run it since the cluster was started."""
        return self.last_owner is None and self.state in ("stopped", "disabled", "uninitialized")


@dataclass(frozen=True)
class Clustat:
    """The cluster as one node sees it.

    ``groups`` is None where rgmanager does not run, has no quorum, or has no services: the three look the same.
    ``nodes`` says of each member whether it is there; with a running rgmanager, as far as that is said.
    """

    quorate: bool
    nodes: Mapping[str, bool]
    groups: Mapping[str, Group] | None

    def group(self, service: str) -> Group | None:
        """The service of that name."""
        return None if self.groups is None else self.groups.get(service)


def parse(text: str) -> Clustat:
    """Read what ``clustat -x`` printed.

    :raises ClustatError: it is something else
    """
    # Without quorum, words about it come first.
    text = text[max(0, text.find("<?xml")) :]
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        raise ClustatError(f"it is not XML ({error})") from None
    if root.tag != "clustat":
        raise ClustatError(f"its element is {root.tag}, not clustat")
    quorum = root.find("quorum")
    if quorum is None:
        raise ClustatError("it says nothing of the quorum")
    listed = root.find("groups")
    nodes: dict[str, bool] = {}
    for element in root.findall("./nodes/node"):
        # A quorum disk is listed among the nodes.
        if element.get("qdisk", "0") == "0":
            name = _text(element, "name")
            if name in nodes:
                raise ClustatError(f"it has node {name} twice")
            there = _flag(element, "state") and not _flag(element, "estranged", "0")
            # Nobody is asked where rgmanager runs unless there are services.
            nodes[name] = there and (listed is None or _flag(element, "rgmanager", "1"))
    groups: dict[str, Group] | None = None if listed is None else {}
    for element in root.findall("./groups/group"):
        kind, colon, name = _text(element, "name").partition(":")
        if colon and kind != "service":
            continue
        group = _group(name if colon else kind, element)
        if groups is None or not group.name or group.name in groups:
            raise ClustatError(f"it has service {group.name!r} twice, or without a name")
        if group.owner is not None and group.owner not in nodes:
            raise ClustatError(f"the owner of service {group.name}, {group.owner}, is not among its nodes")
        if group.state == "started" and group.owner is None:
            raise ClustatError(f"service {group.name} is started but has no owner")
        groups[group.name] = group
    return Clustat(_flag(quorum, "quorate"), nodes, groups)


def _group(name: str, element: Element) -> Group:
    code = _text(element, "state")
    state = _STATES.get(code)
    if state is None or element.get("state_str", state) != state:
        raise ClustatError(f"service {name} has the state {code} {element.get('state_str', '')!r}, which is unknown")
    flags = element.get("flags", "0")
    if not flags.isascii() or not flags.isdigit():
        raise ClustatError(f"service {name} has the flags {flags!r}, which are no number")
    owner, last_owner = _text(element, "owner"), _text(element, "last_owner")
    return Group(
        name,
        state,
        None if owner in _NOBODY else owner,
        None if last_owner in _NOBODY else last_owner,
        frozen=bool(int(flags) & _FROZEN),
        partial=bool(int(flags) & _PARTIAL),
    )


def _text(element: Element, attribute: str) -> str:
    value = element.get(attribute)
    if value is None:
        raise ClustatError(f"a {element.tag} has no {attribute}")
    return value


def _flag(element: Element, attribute: str, default: str | None = None) -> bool:
    value = element.get(attribute, default)
    if value not in ("0", "1"):
        raise ClustatError(f"{attribute} of a {element.tag} is {value!r}, neither 0 nor 1")
    return value == "1"
