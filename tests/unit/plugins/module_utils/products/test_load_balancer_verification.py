"""What is said of load balancers, by what they and their front ends answered."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.products import load_balancer_plan
from ansible_collections.groupware.ha.plugins.module_utils.products.load_balancer_verification import judge
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.balanced import (
    BALANCERS,
    CACHE,
    CALENDAR,
    DATABASE,
    THROUGH,
)

PLAN = load_balancer_plan.parse("web", BALANCERS, [CALENDAR, THROUGH])
MEMBER = {"state": "ready", "status": "UP", "usable": True, "check": "L7OK"}
INFO = {
    "interface": "eth0",
    "held": [],
    "haproxy": {"running": True, "problem": ""},
    "keepalived": {"running": True},
    "members": [
        {"front_end": one.name, "name": each.name, **MEMBER} for one in PLAN.front_ends for each in one.members
    ],
}
SAME = {"changes": [], "services": []}
ANSWERS = {"calendar": {"ok": True, "problems": []}}


def verified(*changes: Any, **given: Any) -> tuple[list[str], list[str]]:
    infos: dict[str, Any] = {
        "balancer1": {**copy.deepcopy(INFO), "held": list(PLAN.routers)},
        "balancer2": copy.deepcopy(INFO),
    }
    for change in changes:
        change(infos)
    found = judge(PLAN, infos, given.get("compared", dict.fromkeys(infos, SAME)), given.get("answers", ANSWERS))
    return found.lines, found.problems


def test_all_is_well() -> None:
    assert verified() == (
        [
            "192.0.2.21: on balancer1",
            "192.0.2.22: on balancer1",
            "calendar: answers at 192.0.2.21:443, app1 and app2 work",
            "through: app1 works; it has no page to be asked for",
        ],
        [],
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda infos: infos.update(balancer2={"msg": "Failed to connect"}),
            "balancer2: gave no answer (Failed to conn",
        ),
        (
            lambda infos: infos["balancer2"].update(held=["192.0.2.21"]),
            "192.0.2.21: is on balancer1 and balancer2 at once",
        ),
        (lambda infos: infos["balancer1"].update(held=["192.0.2.22"]), "192.0.2.21: is on no balancer"),
        (
            lambda infos: infos["balancer1"].update(interface=None),
            "balancer1: no network interface has its own address",
        ),
        (lambda infos: infos["balancer2"].update(keepalived={"running": False}), "balancer2: keepalived does not run"),
        (
            lambda infos: infos["balancer2"].update(haproxy={"running": False, "problem": "it is gone"}, members=[]),
            "balancer2: it is gone",
        ),
        (
            lambda infos: infos["balancer2"]["members"][0].update(state="drain", usable=False),
            "calendar/app1: is drained on balancer2; groupware.ha.balance -e member=app1 -e state=ready",
        ),
        (
            lambda infos: infos["balancer2"]["members"][1].update(status="DOWN", usable=False, check="L4CON refused"),
            "calendar/app2: does not work as balancer2 sees it: DOWN (L4CON refused)",
        ),
    ],
)
def test_what_is_wrong(change: Any, words: str) -> None:
    (found,) = verified(change)[1]
    assert words in found


def test_files_that_differ() -> None:
    differs = {"changes": [{"path": "/etc/haproxy/groupware-ha.cfg"}], "services": ["reload haproxy"]}
    (found,) = verified(compared={"balancer1": SAME, "balancer2": differs})[1]
    assert found == (
        "balancer2: is not as described (/etc/haproxy/groupware-ha.cfg, systemctl reload haproxy); "
        "run groupware.ha.site"
    )
    (found,) = verified(compared={"balancer1": SAME, "balancer2": {"msg": "no"}})[1]
    assert found == "balancer2: its files cannot be compared: no"


def test_a_front_end_that_does_not_answer() -> None:
    lines, problems = verified(answers={"calendar": {"problems": ["/status is answered with 503 Service Unavailable"]}})
    assert problems == ["calendar at 192.0.2.21: /status is answered with 503 Service Unavailable"]
    assert not any("calendar" in line for line in lines)


@pytest.mark.parametrize(
    ("taking", "line", "problem"),
    [
        (("db2",), "database: gives all connections to db2, which takes writes", ""),
        ((), "", "database: no member takes writes as all balancers see it, and one has to; groupware.ha.verify asks"),
        (("db1", "db2"), "", "database: db1 and db2 take writes as all balancers see it, and one has to"),
    ],
)
def test_database_servers(taking: tuple[str, ...], line: str, problem: str) -> None:
    """All but one of them are down to HAProxy, and that is as it should be."""
    plan = load_balancer_plan.parse("web", BALANCERS, [DATABASE, CACHE])
    down = {**MEMBER, "status": "DOWN", "usable": False, "check": "L7RSP"}
    members = [
        {"front_end": "database", "name": name, **(MEMBER if name in taking else down)} for name in ("db1", "db2")
    ]
    cache = [{"front_end": "cache", "name": name, **MEMBER} for name in ("db1", "db2")]
    infos = {one["name"]: {**INFO, "members": [*members, *cache]} for one in BALANCERS}
    infos["balancer1"]["held"] = ["192.0.2.23"]
    found = judge(plan, infos, dict.fromkeys(infos, SAME), {})
    assert found.lines[1:] == [*([line] if line else []), "cache: db1 and db2 work; one of them has all connections"]
    assert len(found.problems) == (1 if problem else 0)
    assert problem in " ".join(found.problems)
