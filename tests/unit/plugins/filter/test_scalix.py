"""The plan for Scalix on all nodes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.groupware.ha.plugins.filter.description import instances
from ansible_collections.groupware.ha.plugins.filter.scalix import scalix_instances, scalix_plan

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


def state(installed: bool = True, **ports: int | None) -> dict[str, Any]:
    return {"installed": installed, "instances": {name: {"shutdown_port": port} for name, port in ports.items()}}


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
        ([service("mail1", application={"type": "scalix", "options": {"instanz": "x"}})], "instanz: is no option"),
        ([service("mail1"), service("mobil1")], "as instance mail1 has"),
    ],
)
def test_instances_that_cannot_be(services: list[dict[str, Any]], reason: str) -> None:
    with pytest.raises(AnsibleFilterError, match=reason):
        scalix_instances(instances(services, "scalix"))


def test_plan() -> None:
    found = scalix_plan({"nodea": state(mail1=8005), "nodeb": state(mail2=8005)}, INSTANCES, "mail1", {})
    assert found == {"problems": [], "ports": {"mail1": 8005, "mail2": 8006}, "not_seen": []}


def test_plan_of_a_part_of_the_nodes() -> None:
    found = scalix_plan({"nodeb": state(mail2=8006)}, INSTANCES, "mail1", {})
    assert found == {"problems": [], "ports": {"mail1": 8005, "mail2": 8006}, "not_seen": ["mail1"]}


@pytest.mark.parametrize(
    ("states", "admin", "ports", "reason"),
    [
        ({"nodea": state()}, "mail3", {}, "scalix_admin_instance = mail3: is no instance"),
        ({"nodea": state()}, "mail1", {"mail2": 0}, "scalix_shutdown_ports: shutdown port of mail2: 0 is no port"),
        ({"nodec": state(installed=False)}, "mail1", {}, "nodec: may run mail1, but Scalix is not installed there"),
    ],
)
def test_reasons_not_to_go_on(states: dict[str, Any], admin: str, ports: dict[str, int], reason: str) -> None:
    instances = [{**INSTANCES[0], "nodes": ["nodea", "nodec"]}, INSTANCES[1]]
    (problem,) = scalix_plan(states, instances, admin, ports)["problems"]
    assert reason in problem
