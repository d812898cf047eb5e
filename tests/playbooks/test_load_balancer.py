"""Playbooks on load balancers, as far as no balancer is needed: what they refuse, and what they say of it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.tests.playbooks.conftest import LOCAL, NODES, SILENT, Controller, extra, inventory
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.balanced import (
    BALANCERS,
    CALENDAR,
    PLAIN,
    THROUGH,
    front_end,
)

CALL = ["member=app1", "state=drain"]


def balancers(host: dict[str, Any] = SILENT, **changed: Any) -> dict[str, Any]:
    """An inventory with two balancers."""
    described = {"name": "web", "balancers": BALANCERS, "front_ends": [CALENDAR, THROUGH], **changed}
    variables = {f"load_balancer_{name}": copy.deepcopy(value) for name, value in described.items()}
    return {"load_balancers": {"hosts": {"balancer1": host, "balancer2": host}, "vars": variables}}


def test_without_an_inventory(controller: Controller) -> None:
    done = controller.run("balance", None, *extra(*CALL))
    assert done.status != 0
    assert "no host in a group load_balancers" in done.messages
    assert "name one with -i INVENTORY" in done.messages


def test_a_site_without_balancers(controller: Controller) -> None:
    done = controller.run("balance", inventory(dict.fromkeys(NODES, SILENT)), *extra(*CALL))
    assert done.status != 0
    assert "put the hosts of the tier into a group load_balancers" in done.messages


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([], "member: is missing; name the member of a front end"),
        (["member=app1"], "state: is missing; say what it is to be"),
        (["member=app1", "state=drained"], "state = 'drained': is nothing that balance knows; use one of"),
        (["member=app9", "state=drain"], "member = 'app9': is no member of any front end; there are app1, app2"),
        ([*CALL, "front_end=trough"], "front_end = 'trough': is described nowhere; there are calendar, through"),
        (["member=app2", "state=ready", "front_end=through"], "is no member of the front end through, which has app1"),
        ([*CALL, "node=nodea"], "node: has no meaning for balance"),
        ([*CALL, "offline_to=true"], "offline_to: there is no such variable; did you mean offline_too?"),
    ],
)
def test_what_cannot_be_asked_for(controller: Controller, given: list[str], words: str) -> None:
    done = controller.run("balance", balancers(), *extra(*given))
    assert done.status != 0
    assert words in done.messages
    assert "UNREACHABLE" not in done.output


@pytest.mark.parametrize("playbook", ["site", "plan", "balance"])
def test_a_wrong_description(controller: Controller, playbook: str) -> None:
    hosts = balancers(front_ends=[front_end(adress="192.0.2.9"), front_end(THROUGH, router_id=None)])
    done = controller.run(playbook, hosts, *(extra(*CALL) if playbook == "balance" else ()))
    assert done.status != 0
    assert "load_balancer web: load_balancer_front_ends[calendar].adress" in done.messages
    assert "load_balancer web: load_balancer_front_ends[through].router_id: is missing" in done.messages
    assert "UNREACHABLE" not in done.output


def test_balancers_that_give_no_answer(controller: Controller) -> None:
    for playbook, given in (("balance", extra(*CALL)), ("verify", ()), ("site", ())):
        done = controller.run(playbook, balancers(), *given)
        assert done.status != 0
        assert "balancer1" in done.output


def test_a_host_that_is_none_of_the_described(controller: Controller) -> None:
    """Its own address is on none of its interfaces; nothing is installed then."""
    done = controller.run("site", balancers(LOCAL, front_ends=[PLAIN]))
    assert done.status != 0
    assert (
        "load_balancer_balancers[balancer1].address = 192.0.2.11 is on no network interface of the host"
        in done.messages
    )
    assert not Path("/etc/haproxy/groupware-ha.cfg").exists()


def test_a_plan_of_which_nobody_answers(controller: Controller) -> None:
    done = controller.run("plan", balancers())
    assert done.status != 0
    assert "no host of load_balancer web answered: balancer1, balancer2" in done.messages


def test_a_file_that_is_not_on_the_controller(controller: Controller) -> None:
    done = controller.run("site", balancers(LOCAL))
    assert done.status != 0
    assert "load_balancer web  FAILED  nothing was touched:" in done.output
    assert "Could not find or access 'calendar.key'" in done.output
