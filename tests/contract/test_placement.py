"""Where services may run is changed as a whole: afterwards it is what was described, and nothing else."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ansible_collections.groupware.ha.tests.contract.site import Result, Site, changed

A, B, C = "nodea", "nodeb", "nodec"


def mail(site: Site, primary: str, *standbys: str) -> Result:
    """One service, with a home and standbys."""
    return site.service("mail1", primary, list(standbys), 31, "asymmetric")


def bring(site: Site, where: str | None) -> None:
    """Have the service run there, or nowhere."""
    if where is None:
        result = site.run("switchover", service="mail1", state="offline")
    else:
        result = site.run("switchover", service="mail1", state="online", node=where)
    assert not result.get("failed"), result
    assert site.where("mail1") == ([where] if where else [])


def replaced(site: Site, service: Result, interrupts: bool, **options: Any) -> Result:
    """What it takes for the service to be as described; without permission only if nothing is interrupted."""
    given = {"cluster": site.cluster(), "services": [service], **options}
    if interrupts and site.asks_permission:
        assert re.search("mail1.*allow_restart", site.refused("failover_services", **given))
        given["allow_restart"] = True
    done = site.four_steps("failover_services", **given)
    assert done["restarts"] == (["mail1"] if interrupts else [])
    nodes = service["nodes"]
    assert site.nodes_of("mail1") == [nodes["primary"], *nodes["standby"]]
    return done


@pytest.mark.parametrize("where", [None, A, B], ids=["offline", "at home", "on the standby"])
@pytest.mark.parametrize("purge", [False, True], ids=["", "purge"])
def test_a_standby_is_exchanged(site: Site, where: str | None, purge: bool) -> None:
    site.converge([mail(site, A, B)])
    bring(site, where)

    replaced(site, mail(site, A, C), interrupts=where == B, purge=purge)

    assert site.where("mail1") == ([] if where is None else [A])
    assert f"may run on {A}, {C} only" in site.refused("switchover", service="mail1", state="online", node=B)
    bring(site, C)
    site.unchanged("failover_services", cluster=site.cluster(), services=[mail(site, A, C)])


@pytest.mark.parametrize("where", [None, A, B], ids=["offline", "at home", "on the standby"])
def test_a_home_and_its_standby_change_places(site: Site, where: str | None) -> None:
    site.converge([mail(site, A, B)])
    bring(site, where)

    replaced(site, mail(site, B, A), interrupts=False)

    assert site.where("mail1") == ([where] if where else [])


def test_nodes_come_and_go(site: Site) -> None:
    site.converge([mail(site, A, B)])

    replaced(site, mail(site, A, B, C), interrupts=False)
    replaced(site, mail(site, A, C, B), interrupts=False)
    replaced(site, mail(site, A, C), interrupts=False)
    replaced(site, mail(site, B, A), interrupts=False)
    assert site.where("mail1") == [A]
    # None of the nodes that it had is among those that it gets.
    replaced(site, mail(site, C, B), interrupts=True)

    assert site.where("mail1") == [C]


def test_every_node_is_another_one_while_the_service_is_offline(site: Site) -> None:
    site.converge([mail(site, A, B)])
    bring(site, None)

    replaced(site, mail(site, B, C), interrupts=False)
    replaced(site, mail(site, C, A), interrupts=False)

    assert site.where("mail1") == []
    bring(site, C)


def test_nothing_moves_onto_a_node_that_is_not_there(site: Site) -> None:
    """A service that has to leave, and has nowhere to go, is left as it is."""
    site.converge([mail(site, A, B)])
    for node in (B, C):
        site.take_out(node)
    # Without quorum, some frameworks have stopped it by themselves.
    there = site.where("mail1")

    options = {"cluster": site.cluster(), "services": [mail(site, B, C)], "allow_restart": True}
    message = site.refused("failover_services", **options)

    assert re.search(f"mail1 has to leave {A}|no quorum", message)
    assert site.where("mail1") == there


def test_a_frozen_service_is_not_moved(site: Site) -> None:
    site.converge([mail(site, A, B)])
    bring(site, B)
    if not site.freezes:
        assert "cannot suspend" in site.refused("switchover", service="mail1", state="frozen")
        return
    site.run("switchover", service="mail1", state="frozen")
    options = {"cluster": site.cluster(), "services": [mail(site, A, C)], "allow_restart": True}

    assert "unfreeze" in site.refused("failover_services", **options)
    assert site.where("mail1") == [B]
    site.run("switchover", service="mail1", state="unfrozen")
    site.four_steps("failover_services", **options)

    assert site.where("mail1") == [A]


def test_a_member_moves_to_another_service(site: Site) -> None:
    application = {"application": {"type": "native", "members": [site.lone_member()]}}
    named = {**application, "resource_names": {site.lone_member()["name"]: "shared"}}
    plain = [{key: value for key, value in service.items() if key != "application"} for service in site.symmetric()]
    before = [changed(plain[0], named), plain[1]]
    after = [plain[0], changed(plain[1], named)]
    options = {"cluster": site.cluster(), "services": after}
    assert not site.converge(before).get("failed")
    assert site.active("mail1", "shared") == [A]

    assert "shared exists as a member of mail1" in site.refused("failover_services", **options)
    done = site.four_steps("failover_services", **options, purge=True, allow_restart=True)

    assert {(c["action"], c["service"]) for c in done["changes"] if c["name"] == "shared"} == {
        ("delete", "mail1"),
        ("create", "mail2"),
    }
    assert site.active("mail2", "shared") == [B]
    assert site.where("mail1") == [A]
    assert site.where("mail2") == [B]
