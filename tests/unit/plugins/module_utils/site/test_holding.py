"""How runs come to hold all nodes of a cluster or tier, or none, whatever comes between."""

from __future__ import annotations

import random
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.site import holding
from ansible_collections.groupware.ha.plugins.module_utils.site.holding import (
    GIVE_BACK,
    GIVE_UP,
    KEEP,
    TRY,
    WAIT,
    step,
)

HOLDER = {
    "run": "3f9a1c2e77b0",
    "subject": "cluster office",
    "user": "alice",
    "login": "root",
    "controller": "control7",
    "process": "4711",
    "playbook": "groupware.ha.site",
    "since": "2026-11-30 21:50:03 UTC",
}


def result(held: bool, waited: bool = False, refused: bool = False) -> dict[str, Any]:
    return {"held": held, "waited": waited, **({"refused": True} if refused else {})}


@pytest.mark.parametrize(
    ("results", "steps"),
    [
        ({}, [TRY, TRY, TRY]),
        ({"a": True, "b": True, "c": True}, [KEEP, KEEP, KEEP]),
        ({"a": False, "b": True, "c": True}, [WAIT, GIVE_BACK, GIVE_BACK]),
        ({"a": True, "b": False, "c": True}, [KEEP, WAIT, GIVE_BACK]),
        ({"a": True, "b": False, "c": False}, [KEEP, WAIT, KEEP]),
        ({"a": True, "b": True, "c": False}, [KEEP, KEEP, WAIT]),
    ],
)
def test_what_is_held_too_early_is_given_back(results: dict[str, bool], steps: list[str]) -> None:
    given = {name: result(held) for name, held in results.items()}

    assert [step(name, ["c", "a", "b"], given, []).what for name in "abc"] == steps


def test_after_waiting_all_that_are_lacking_are_tried() -> None:
    given = {"a": result(True, True), "b": result(True, True), "c": result(False, True)}

    assert [step(name, ["a", "b", "c"], given, []).what for name in "abc"] == [KEEP, KEEP, TRY]


def test_where_one_is_refused_or_fails_all_give_up() -> None:
    refused = {"a": result(False, True, refused=True), "b": result(False, True), "c": result(True)}
    held = {name: result(True) for name in "ab"}

    assert step("b", ["a", "b", "c"], refused, ["a"]) == holding.Step(GIVE_UP, "a is held by another run; see there")
    assert step("c", ["a", "b", "c"], refused, ["a"]).what == GIVE_UP
    assert step("a", ["a", "b", "c"], held, ["c"]) == holding.Step(GIVE_UP, "c failed, without which nothing is held")


def test_who_has_those_before_it_waits_for_who_came_at_the_same_time() -> None:
    assert holding.patience("a", ["a", "b"], 0) == 0
    assert holding.patience("b", ["a", "b"], 0) == holding.GRACE
    assert holding.patience("b", ["a", "b"], 600) == 600
    assert holding.patience("a", [], 0) == 0


class Site:
    """Nodes, and runs that reach some of them; each does one thing on one node at a time, in any order."""

    def __init__(self, reached: list[str], dice: random.Random) -> None:
        self.nodes: dict[str, int] = {}
        self.reached = reached
        self.dice = dice
        self.results: list[dict[str, dict[str, Any]]] = [{} for _run in reached]
        #: What each run has yet to do in its round, and what came of the rest of it.
        self.todo: list[list[tuple[str, str]]] = [[] for _run in reached]
        self.round: list[dict[str, dict[str, Any]]] = [{} for _run in reached]
        self.done: list[int] = []
        for run in range(len(reached)):
            self.begin(run)

    def begin(self, run: int) -> None:
        members = self.reached[run]
        self.todo[run] = [(name, step(name, members, self.results[run], []).what) for name in members]
        self.dice.shuffle(self.todo[run])
        self.round[run] = {}

    def act(self, run: int) -> bool:
        """Do the next thing; whether there was one that could be done."""
        free = [one for one in self.todo[run] if one[1] != WAIT or self.nodes.get(one[0], run) == run]
        if not free:
            return False
        name, what = free[0]
        self.todo[run].remove(free[0])
        before = self.results[run].get(name)
        if what == GIVE_BACK and self.nodes.get(name) == run:
            del self.nodes[name]
        elif what in (TRY, WAIT):
            self.nodes.setdefault(name, run)
        held = self.nodes.get(name) == run
        self.round[run][name] = result(held, waited=before is not None and not before["waited"])
        if not self.todo[run]:
            self.results[run] = self.round[run]
            if all(one["held"] for one in self.round[run].values()):
                self.finish(run)
            else:
                self.begin(run)
        return True

    def finish(self, run: int) -> None:
        assert {self.nodes[name] for name in self.reached[run]} == {run}
        self.nodes = {name: owner for name, owner in self.nodes.items() if owner != run}
        self.done.append(run)
        self.todo[run] = []


@pytest.mark.parametrize("reached", [["abc", "abc"], ["ab", "bc", "ca"], ["abc", "bcd", "ad", "bd"], ["a", "b", "ab"]])
def test_all_runs_get_their_turn_whichever_nodes_they_reach(reached: list[str]) -> None:
    for seed in range(300):
        dice = random.Random(seed)  # noqa: S311 # the same each time
        site = Site(reached, dice)
        for _step in range(5000):
            waiting = [run for run in range(len(reached)) if run not in site.done]
            dice.shuffle(waiting)
            if not any(site.act(run) for run in waiting):
                break
        assert sorted(site.done) == list(range(len(reached))), f"seed {seed}: {site.nodes}"


def test_a_refusal_says_who_and_what_to_do() -> None:
    there = holding.refusal("nodea", HOLDER, seen=True, timeout=0)
    elsewhere = holding.refusal("nodea", HOLDER, seen=False, timeout=60)

    who = "nodea is held for cluster office by alice on control7, with groupware.ha.site, since 2026-11-30 21:50:03 UTC"
    assert there.startswith(who)
    assert "-e groupware_hold_timeout=600" in there
    assert "kill 4711" in there
    assert "take_over" not in there
    assert elsewhere.startswith(who)
    assert "waited for 60 seconds" in elsewhere
    assert "-e groupware_take_over=3f9a1c2e77b0" in elsewhere
    assert "kill" not in elsewhere


def test_it_is_said_why_something_is_taken_over() -> None:
    assert "its process is gone" in holding.taken_over(HOLDER, dead=True)
    assert "as groupware_take_over says" in holding.taken_over(HOLDER, dead=False)
