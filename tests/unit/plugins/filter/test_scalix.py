"""The plan for Scalix on all nodes."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.filter.description import instances
from ansible_collections.groupware.ha.plugins.filter.scalix import scalix_instances, scalix_plan
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure

INSTANCES = [
    {"name": "mail1", "host_name": "mail1.test", "nodes": ["nodea", "nodeb"]},
    {"name": "mail2", "host_name": "mail2.test", "nodes": ["nodeb", "nodea"]},
]


def service(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "nodes": {"primary": "nodea", "standby": "nodeb"},
        "address": "192.0.2.21/24",
        "host_name": f"{name}.test",
        "storage": {"mount_point": f"/var/opt/scalix/{name[0]}{name[-1]}"},
        "application": {"type": "scalix", "options": {}},
        **changes,
    }


def state(installed: bool = True, known: str | None = None, **ports: int | None) -> dict[str, Any]:
    """A node with the volumes of some instances, which knows one more without its volume."""
    found = {
        name: {"shutdown_port": port, "status": "installed", "web_applications": ["caa", "sac", "webmail"]}
        for name, port in ports.items()
    }
    return {"installed": installed, "instance_cfg": known and f"OMNAME={known}\n", "instances": found}


def test_instances_of_a_description() -> None:
    services = [service("mail1"), service("office", application={"type": "scalix", "options": {"instance": "ox-e"}})]
    assert scalix_instances(instances(services, "scalix")) == [
        {"name": "mail1", "host_name": "mail1.test", "nodes": ["nodea", "nodeb"]},
        {"name": "ox-e", "host_name": "office.test", "nodes": ["nodea", "nodeb"]},
    ]


@pytest.mark.parametrize(
    ("services", "reason"),
    [
        ([service("mail1", storage={"mount_point": "/srv/mail1"})], "in /var/opt/scalix/m1; mount its volume there"),
        ([service("mail1", application={"type": "scalix", "options": {"instanz": "x"}})], "instanz = .*: is no option"),
        ([service("mail1"), service("mobil1")], "as instance mail1 has"),
        ([service("mail1", host_name="mail1")], "is not fully qualified"),
        (
            [service("mail1", host_name=None)],
            r"services\[mail1\].host_name: is missing; the application scalix needs it",
        ),
        ([service("mail1", storage=None)], r"services\[mail1\].storage: is missing"),
    ],
)
def test_instances_that_cannot_be(services: list[dict[str, Any]], reason: str) -> None:
    with pytest.raises(Failure, match=reason):
        scalix_instances(instances(services, "scalix"))


def test_plan() -> None:
    found = scalix_plan({"nodea": state(mail1=8005), "nodeb": state(mail2=8005)}, INSTANCES, "mail1", {})
    assert found == {"problems": [], "ports": {"mail1": 8005, "mail2": 8006}, "not_seen": [], "new": []}


def test_plan_of_a_part_of_the_nodes() -> None:
    found = scalix_plan({"nodeb": state(mail2=8006)}, INSTANCES, "mail1", {})
    assert found == {"problems": [], "ports": {"mail1": 8005, "mail2": 8006}, "not_seen": ["mail1"], "new": []}


def test_an_instance_that_is_installed_may_be_somewhere_else() -> None:
    found = scalix_plan({"nodea": state(known="mail1"), "nodeb": state(mail2=8006)}, INSTANCES, "mail1", {})
    assert (found["problems"], found["not_seen"], found["new"]) == ([], ["mail1"], [])


def test_an_instance_that_is_not_installed_needs_its_volume() -> None:
    states = {"nodea": state(), "nodeb": state(mail2=8006)}
    (problem,) = scalix_plan(states, INSTANCES, "mail1", {})["problems"]
    assert "mail1: is not installed, and no node has its volume mounted; bring its service online" in problem
    found = scalix_plan(states, INSTANCES, "mail1", {}, True)
    assert (found["problems"], found["new"]) == ([], ["mail1"])


def test_an_admin_instance_without_management_services() -> None:
    states = {"nodea": state(mail1=8005), "nodeb": state(mail2=8006)}
    states["nodeb"]["instances"]["mail2"]["web_applications"] = ["webmail"]
    (problem,) = scalix_plan(states, INSTANCES, "mail2", {})["problems"]
    assert "mail2: is to have the management services, but has no web application caa or sac" in problem
    # A node that it moved to may not know them yet.
    states["nodeb"]["instances"]["mail2"]["web_applications"] = []
    assert scalix_plan(states, INSTANCES, "mail2", {})["problems"] == []


def test_a_registration_that_is_not_understood() -> None:
    broken = {**state(mail1=8005), "instance_cfg": "OMNAME=\n"}
    (problem,) = scalix_plan({"nodea": broken}, INSTANCES, "mail1", {})["problems"]
    assert "empty OMNAME" in problem


@pytest.mark.parametrize(
    ("states", "admin", "ports", "reason"),
    [
        ({"nodea": state(known="mail1")}, "mail3", {}, "scalix_admin_instance = mail3: is no instance"),
        (
            {"nodea": state(known="mail1")},
            "mail1",
            {"mail2": 0},
            "scalix_shutdown_ports: shutdown port of mail2: 0 is no port",
        ),
        ({"nodec": state(installed=False)}, "mail1", {}, "nodec: may run mail1, but Scalix is not installed there"),
    ],
)
def test_reasons_not_to_go_on(states: dict[str, Any], admin: str, ports: dict[str, int], reason: str) -> None:
    instances = [{**INSTANCES[0], "nodes": ["nodea", "nodec"]}, INSTANCES[1]]
    (problem,) = scalix_plan(states, instances, admin, ports)["problems"]
    assert reason in problem
