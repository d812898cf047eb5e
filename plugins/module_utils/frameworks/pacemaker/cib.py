# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Elements of the CIB (Pacemaker Explained 2.1): ids, attributes, and placements as location constraints. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from ansible_collections.groupware.ha.plugins.module_utils.shown import quoted
from .terms import same_meaning

RESOURCES = frozenset(["primitive", "group"])

#: Location scores of a service's nodes go up in these steps. They are far below the stickiness of a running service,
#: so that it stays where it is when its home node returns, unless ``failback`` is set.
_SCORE_STEP = 100

#: Stands among a service's nodes for the rule that keeps it off every other node; no node can have this name.
ELSEWHERE = "(elsewhere)"

_SCORE = re.compile(r"[+-]?\d+")


def parse_xml(text: str, source: str) -> Element:
    """Parse what a command printed.

    :raises FrameworkError: it is not XML
    """
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        first = quoted(text.partition("\n")[0])
        raise FrameworkError(f"{source} printed something that is not XML ({error}): {first}") from None


def id_of(element: Element) -> str:
    return element.get("id", "")


def child(element: Element, tag: str) -> Element:
    """Its one child of that kind, made if there is none."""
    found = element.find(tag)
    return ElementTree.SubElement(element, tag) if found is None else found


def resources_by_id(configuration: Element) -> dict[str, Element]:
    elements = configuration.iterfind("./resources//*")
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


def scores(nodes: Sequence[str]) -> dict[str, str]:
    """A score for each node, the first one's the highest, and a rule that keeps the service off all others."""
    if not nodes:
        return {}
    own = {node: str(_SCORE_STEP * (len(nodes) - position)) for position, node in enumerate(nodes)}
    return {**own, ELSEWHERE: "-INFINITY off " + " ".join(sorted(nodes))}


def constraint_id(service: str, node: str) -> str:
    return f"{service}-nowhere-else" if node == ELSEWHERE else f"{service}-prefers-{node}"


def placed(constraint: Element) -> tuple[str, str] | None:
    """Service and node that a location constraint of ours is for, going by its id."""
    for node in (constraint.get("node"), ELSEWHERE):
        if node is not None and id_of(constraint).endswith(constraint_id("", node)):
            return id_of(constraint)[: -len(constraint_id("", node))], node
    return None


def described_location(constraint: Element, service: str, node: str) -> str:
    """In the words of scores when it is one that we write, else its XML, which then differs."""
    if node == ELSEWHERE:
        return _described_rule(constraint, service)
    ours = constraint.get("rsc") == service and set(constraint.attrib) <= {"id", "rsc", "node", "score"}
    return constraint.get("score", "") if ours else _as_text(constraint)


def _described_rule(constraint: Element, service: str) -> str:
    """The rule in the words of scores when it is the one we write, else its XML, which then differs."""
    rules = list(constraint)
    if len(rules) == 1 and constraint.get("rsc") == service and set(constraint.attrib) <= {"id", "rsc"}:
        rule, expressions = rules[0], list(rules[0])
        ours = rule.tag == "rule" and (rule.get("boolean-op", "and") == "and" or len(expressions) == 1)
        ours = ours and set(rule.attrib) <= {"id", "score", "boolean-op"}
        for expression in expressions:
            ours = ours and (expression.get("attribute"), expression.get("operation")) == ("#uname", "ne")
        if ours:
            score = rule.get("score", "")
            return f"{score} off " + " ".join(sorted(expression.get("value", "") for expression in expressions))
    return _as_text(constraint)


def _as_text(element: Element) -> str:
    return " ".join(ElementTree.tostring(element, encoding="unicode").split())


def read_placement(found: Mapping[str, str]) -> tuple[tuple[str, ...] | None, str]:
    """The placement that constraints are the rendering of, or its likeness and what there is instead."""
    numbers = {node: int(score) for node, score in found.items() if _SCORE.fullmatch(score)}
    placement = tuple(sorted(numbers, key=lambda node: -numbers[node]))
    wanted = scores(placement)
    if set(wanted) == set(found) and all(same_meaning(found[node], score) for node, score in wanted.items()):
        return placement or None, ""
    return placement or None, ", ".join(f"{node}: {words}" for node, words in found.items())


def new_location(constraints: Element, service: str, node: str, value: str) -> Element:
    identifier = constraint_id(service, node)
    constraint = ElementTree.SubElement(constraints, "rsc_location", id=identifier, rsc=service)
    if node != ELSEWHERE:
        constraint.attrib.update(node=node, score=value)
        return constraint
    score, _off, names = value.partition(" off ")
    rule = ElementTree.SubElement(constraint, "rule", {"id": f"{identifier}-rule", "score": score, "boolean-op": "and"})
    for name in names.split():
        ElementTree.SubElement(
            rule, "expression", {"id": f"{identifier}-{name}", "attribute": "#uname", "operation": "ne", "value": name}
        )
    return constraint
