"""What is to be done on which node so that instances of Messaging Server can run on all of their nodes."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.products.messaging_plan import differences, plan

NODES = ("nodea", "nodeb", "nodec")
DONE = {"installed": True, "configured": "unified", "joined": True, "unfinished": []}
SAME = {"registered": True, "options": [], "problem": None}


def instance(shared: bool) -> dict[str, Any]:
    """One that nodea and nodeb may run; its programs are on the volume or on the nodes' own disks."""
    return {"name": "mail1", "nodes": ["nodea", "nodeb"], "shared": shared}


def found(framework: str, **lacking: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What nodes have that lack nothing, but for what is said by node."""
    return {node: {"mail1": {**DONE, "agents": [framework], **lacking.get(node, {})}} for node in NODES}


@pytest.mark.parametrize(
    ("framework", "shared", "home", "registered"),
    [
        # An agent of its own is on all nodes; one that comes with the product where that can be called.
        ("solaris_cluster", True, "nodeb", ["nodea", "nodeb", "nodec"]),
        ("solaris_cluster", False, None, ["nodea", "nodeb", "nodec"]),
        ("vcs", False, None, ["nodea", "nodeb"]),
        ("vcs", True, "nodeb", ["nodeb"]),
        ("vcs", True, None, []),
        ("clusterware", True, "nodea", ["nodea"]),
        ("", False, "nodea", ["nodea", "nodeb"]),
    ],
)
def test_who_has_to_know_the_agent(framework: str, shared: bool, home: str | None, registered: list[str]) -> None:
    steps = plan(found(framework), [instance(shared)], {"mail1": home}, framework)
    assert [node for node in NODES if steps[node]["register"] == ["mail1"]] == registered
    assert [node for node in NODES if steps[node]["configure"] == ["mail1"]] == [node for node in NODES if node == home]
    assert not any(steps[node][step] for node in NODES for step in ("install", "join"))


@pytest.mark.parametrize(
    ("shared", "home", "installed"),
    [(False, None, ["nodea", "nodeb"]), (True, "nodeb", ["nodeb"]), (True, None, []), (True, "elsewhere", [])],
)
def test_who_gets_the_programs(shared: bool, home: str | None, installed: list[str]) -> None:
    has = found("vcs", **{node: {"installed": False} for node in NODES})
    steps = plan(has, [instance(shared)], {"mail1": home}, "vcs")
    assert [node for node in NODES if steps[node]["install"]] == installed


@pytest.mark.parametrize(
    ("framework", "shared", "lacking", "home", "joins"),
    [
        ("vcs", False, {"joined": False}, "nodea", True),
        ("vcs", False, {"agents": []}, "nodea", False),
        # Programs on the volume use its configuration; what is copied from them is not there before a visit.
        ("vcs", True, {"joined": False}, "nodea", False),
        ("vcs", True, {"agents": []}, "nodea", True),
        ("solaris_cluster", True, {"agents": []}, "nodea", False),
        ("clusterware", True, {"agents": []}, "nodea", False),
        ("vcs", False, {"joined": False}, None, False),
        ("vcs", False, {"joined": False}, "elsewhere", False),
        ("vcs", False, {"joined": False}, "nodeb", False),
    ],
)
def test_who_joins(framework: str, shared: bool, lacking: dict[str, Any], home: str | None, joins: bool) -> None:
    has = found(framework, nodeb=lacking, nodec=lacking)
    steps = plan(has, [instance(shared)], {"mail1": home}, framework)
    assert [node for node in NODES if steps[node]["join"]] == (["nodeb"] if joins else [])


def test_what_is_in_order_is_no_difference_and_what_cannot_be_seen_is_one() -> None:
    compared = {node: {"mail1": SAME} for node in NODES}
    for framework in ("vcs", "solaris_cluster", "clusterware"):
        for shared in (False, True):
            told = differences(found(framework), compared, [instance(shared)], {"mail1": "nodea"}, framework)
            assert told == []
    (line,) = differences(found("vcs"), compared, [instance(False)], {}, "vcs")
    assert line.startswith("mail1: its service is online on none of these nodes")
