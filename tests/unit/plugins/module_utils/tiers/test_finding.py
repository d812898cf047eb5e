"""Which tiers an inventory has, what is wrong with them, and the order that their needs give."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem
from ansible_collections.groupware.ha.plugins.module_utils.tiers.base import DescribedTier, Need, Tier
from ansible_collections.groupware.ha.plugins.module_utils.tiers.finding import judged


@dataclass(frozen=True)
class Made(Tier):
    """A kind whose needs and offers stand in its description."""

    def judge(self, tier: DescribedTier) -> Iterable[Problem]:
        if tier.variables["farm_size"] < 1:
            yield Problem("farm_size", tier.variables["farm_size"], "is no size", "give a number")

    def needs(self, tier: DescribedTier) -> Sequence[Need]:
        return [Need("database", name) for name in tier.variables.get("farm_needs", ())]

    def offers(self, tier: DescribedTier) -> Sequence[Need]:
        return [Need("database", name) for name in tier.variables.get("farm_offers", ())]


KINDS = {"farm": Made("farm", "farm_hosts", "farm", "farm_name", ("farm_size",), ("farm_needs", "farm_offers"))}


def host(name: Any, **variables: Any) -> dict[str, Any]:
    given = {"farm_size": 1, **{f"farm_{key}": value for key, value in variables.items()}}
    return {"group_names": ["farm_hosts", "other"], "farm_name": name, **given}


def judge(
    run: Iterable[str] | None = None, **hosts: dict[str, Any]
) -> tuple[list[tuple[str, list[str], int]], list[str]]:
    tiers, problems = judged(hosts, list(hosts) if run is None else list(run), KINDS)
    shown = [tier.as_dict() for tier in tiers]
    assert all(tier["kind"] == "farm" for tier in shown)
    return [(tier["name"], tier["hosts"], tier["rank"]) for tier in shown], problems


def test_hosts_are_split_by_the_name() -> None:
    tiers, problems = judge(a1=host("a"), b1=host("b", size=2), a2=host("a"), web={"group_names": ["web"]})

    assert problems == []
    assert tiers == [("a", ["a1", "a2"], 0), ("b", ["b1"], 0)]


def test_who_is_needed_comes_first() -> None:
    tiers, problems = judge(
        a1=host("a", needs=["x", "y"]), b1=host("b", offers=["x"], needs=["y"]), c1=host("c", offers=["y", "z"])
    )

    assert problems == []
    assert tiers == [("c", ["c1"], 0), ("b", ["b1"], 1), ("a", ["a1"], 2)]


@pytest.mark.parametrize(
    ("hosts", "words"),
    [
        (
            {"a1": host("a"), "a2": host("a", size=2), "a3": host("a")},
            "farm a: farm_size: is another one for a1, a3 than for a2; give all hosts of the tier the same, or, where "
            "these are several tiers, each its own farm_name",
        ),
        (
            {"a1": host("a"), "a2": host("a", needs=["x"])},
            "farm a: farm_needs: is another one for a1 than for a2; give all hosts of the tier the same, or, where "
            "these are several tiers, each its own farm_name",
        ),
        (
            {"a1": host("a", size=None), "a2": host("a", size=None)},
            "farm a: farm_size: is not defined for a1, a2; describe it in the inventory",
        ),
        (
            {"a1": host(None)},
            "farm_name: is not defined for a1, a host of the group farm_hosts; give it the name of its tier",
        ),
        (
            {"a1": host(["a"])},
            "farm_name: is a list of 1 item, not a name for a1, a host of the group farm_hosts; give it the name of "
            "its tier",
        ),
        (
            {"a1": host("a"), "a2": host("A"), "a3": host("a")},
            "farm_name = 'A': a2 have the name of a1, a3, 'a', in other letters; two tiers need two names, and one "
            "tier the same on all hosts",
        ),
        ({"a1": host("a", size=0)}, "farm a: farm_size = 0: is no size; give a number"),
        (
            {"a1": host("a", offers=["x"]), "b1": host("b", offers=["x"])},
            "farm b: offers the database x, and so does farm a; one of them needs another name",
        ),
        (
            {"a1": host("a", needs=["x"]), "b1": host("b", offers=["y", "z"])},
            "farm a: needs the database x, which no tier of the inventory offers; offered is: database y, database z",
        ),
        (
            {"a1": host("a", needs=["x"])},
            "farm a: needs the database x, which no tier of the inventory offers; offered is: nothing",
        ),
        (
            {
                "a1": host("a", needs=["x"], offers=["y"]),
                "b1": host("b", needs=["z"], offers=["x"]),
                "c1": host("c", needs=["y"], offers=["z"]),
                "d1": host("d", needs=["z"]),
                "e1": host("e"),
            },
            "tiers need each other in a circle: farm a needs the database x of farm b; farm b needs the database z of "
            "farm c; farm c needs the database y of farm a. One of them has to do without the other",
        ),
        (
            {"d1": host("d", needs=["x"]), "a1": host("a", needs=["x"], offers=["x"])},
            "tiers need each other in a circle: farm a needs the database x of farm a. One of them has to do without "
            "the other",
        ),
    ],
)
def test_what_is_wrong_is_said_once(hosts: dict[str, Any], words: str) -> None:
    assert judge(**hosts)[1] == [words]


def test_two_circles() -> None:
    problems = judge(
        a1=host("a", needs=["b"], offers=["a"]),
        b1=host("b", needs=["a"], offers=["b"]),
        c1=host("c", needs=["d", "a"], offers=["c"]),
        d1=host("d", needs=["c"], offers=["d"]),
    )[1]

    assert [problem.partition(": ")[2].partition(";")[0] for problem in problems] == [
        "farm a needs the database b of farm b",
        "farm c needs the database d of farm d",
    ]


def test_nothing_is_said_that_follows_from_something_else() -> None:
    """What a tier with an unusable description offers is not known."""
    problems = judge(a1=host("a", needs=["x"]), b1=host("b", size=0, offers=["x"]))[1]

    assert problems == ["farm b: farm_size = 0: is no size; give a number"]


def test_what_is_wrong_elsewhere_keeps_no_run_from_its_own_tiers() -> None:
    hosts = {
        "a1": host("a", needs=["x"]),
        "b1": host("b", offers=["x"]),
        "c1": host("c", size=0),
        "d1": host("d"),
        "d2": host("d", size=2),
        "e1": host("e", needs=["z"]),
        "f1": host(None),
        "g1": host("g"),
        "g2": host("G"),
        "h1": host("h", offers=["y"]),
        "i1": host("i", offers=["y"]),
        "j1": host("j", offers=["u"], needs=["u"]),
    }

    tiers, problems = judge(run=["a1"], **hosts)

    assert problems == []
    assert ("b", ["b1"], 0) in tiers
    assert ("a", ["a1"], 1) in tiers
