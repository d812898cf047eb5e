# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Elements of the CIB (Pacemaker Explained 2.1): by their ids, and the sets of attributes that they have. Pure."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError

RESOURCES = frozenset(["primitive", "group"])


def parse_xml(text: str, source: str) -> Element:
    """Parse what a command printed.

    :raises FrameworkError: it is not XML
    """
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise FrameworkError(f"{source} printed something that is not XML ({error}): {text[:200]!r}") from None


def id_of(element: Element) -> str:
    return element.get("id", "")


def child(element: Element, tag: str) -> Element:
    child = element.find(tag)
    return ElementTree.SubElement(element, tag) if child is None else child


def resources_by_id(configuration: Element) -> dict[str, Element]:
    resources = configuration.find("resources")
    elements = resources.iter() if resources is not None else ()
    return {id_of(element): element for element in elements if element.tag in RESOURCES}


def _own_sets(element: Element, tag: str) -> list[Element]:
    """Sets that hold always and for this element alone.

    One with a rule holds at times only, and one that only refers to another is that one's: both are an administrator's.
    """
    return [values for values in element.findall(tag) if values.find("rule") is None and values.get("id-ref") is None]


def nvpairs(element: Element, tag: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for values in _own_sets(element, tag):
        for pair in values.findall("nvpair"):
            pairs.setdefault(pair.get("name", ""), pair.get("value", ""))
    return pairs


def set_nvpair(element: Element, tag: str, name: str, value: str | None, new_set: str | None = None) -> None:
    """Set or remove one name in the element's own sets; ``new_set`` is the id of a set to be made if there is none."""
    own = _own_sets(element, tag)
    pairs = [(values, pair) for values in own for pair in values.findall("nvpair") if pair.get("name") == name]
    if value is None:
        for values, pair in pairs:
            values.remove(pair)
    elif pairs:
        pairs[0][1].set("value", value)
    else:
        if not own:
            own = [Element(tag, id=new_set or f"{id_of(element)}-{tag}")]
            # The schema wants sets of attributes ahead of a group's members; elsewhere any order goes. Ahead of a set
            # without an id, which only refers to another, crm_diff would take the new one for a change of that.
            others = [position for position, child in enumerate(element, start=1) if child.tag == tag]
            element.insert(max(others, default=0), own[0])
        ElementTree.SubElement(own[0], "nvpair", id=f"{id_of(own[0])}-{name}", name=name, value=value)
