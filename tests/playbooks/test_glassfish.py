"""Tiers of GlassFish: what is refused before any server is asked, or before anything is done on one."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.tests.playbooks.conftest import LOCAL, SILENT, Controller, extra
from ansible_collections.groupware.ha.tests.playbooks.test_load_balancer import balancers
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.glassfish_domains import DESCRIBED

PASSWORDS = {"administrator": "geheim-eins", "master": "geheim-zwei", "db": "geheim-drei"}


def tier(host: dict[str, Any] = SILENT, **changed: Any) -> dict[str, Any]:
    """An inventory of one tier, whose pools are for no database of another one."""
    variables = {
        "name": "calendar",
        **copy.deepcopy(DESCRIBED),
        "pools": [{**DESCRIBED["pools"][0], "database": None}],
        "archive": "/srv/glassfish.zip",
        "checksum": "a" * 64,
        "passwords": PASSWORDS,
        **changed,
    }
    described = {f"glassfish_{name}": value for name, value in variables.items() if value is not None}
    return {"glassfish_servers": {"hosts": {"app1": host, "app2": host}, "vars": described}}


@pytest.mark.parametrize(
    ("playbook", "arguments", "changed", "words"),
    [
        ("site", (), {"administration_server": "app3"}, "glassfish_administration_server = 'app3': is none of the se"),
        ("plan", (), {"checksum": None}, "glassfish_checksum: is not defined for app1, app2"),
        ("site", (), {"passwords": None}, "glassfish_passwords: is not defined for app1, app2"),
        ("site", (), {"pools": DESCRIBED["pools"]}, "database calendar"),
        ("restart", ("-e", "server=app3"), {}, "server = 'app3': is no server of a tier; there are app1, app2"),
        ("restart", ("-e", "setle=3"), {}, "setle: there is no such variable; did you mean settle?"),
    ],
)
def test_what_is_refused(
    controller: Controller, playbook: str, arguments: tuple[str, ...], changed: dict[str, Any], words: str
) -> None:
    done = controller.run(playbook, tier(**changed), *arguments)

    assert done.status != 0
    assert words in done.messages
    assert "UNREACHABLE" not in done.output
    assert "geheim" not in done.output


def test_without_servers_nothing_is_started_again(controller: Controller) -> None:
    done = controller.run("restart", {"groupware_nodes": {"hosts": {"nodea": LOCAL}}})

    assert done.status != 0
    assert "the inventory has no host in a group glassfish_servers" in done.messages


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"passwords": {**PASSWORDS, "db": ""}}, "glassfish_passwords"),
        ({"applications": DESCRIBED["applications"]}, "is no file on the controller; name the WAR there"),
    ],
)
def test_what_is_judged_on_the_controller_leaves_hosts_alone(
    controller: Controller, changed: dict[str, Any], words: str
) -> None:
    hosts = tier(LOCAL, **{"applications": [], **changed})
    done = controller.run("site", hosts, "-vvv", *extra('{"glassfish_packages": []}'))

    assert done.status != 0
    assert words in done.output
    assert "geheim" not in done.output
    assert not Path("/etc/groupware-ha-glassfish.passwords").exists()
    assert not Path("/opt/glassfish").exists()


def test_hosts_that_belong_to_tiers_of_two_kinds(controller: Controller) -> None:
    """The secrets of the one are not forgotten for the other."""
    hosts = tier(applications=[])
    hosts["load_balancers"] = balancers()["load_balancers"]
    variables = hosts["load_balancers"]["vars"]
    variables["load_balancer_balancers"] = [
        {"name": "app1", "address": "192.0.2.11"},
        {"name": "app2", "address": "192.0.2.12"},
    ]
    hosts["load_balancers"]["hosts"] = {"app1": SILENT, "app2": SILENT}
    done = controller.run("site", hosts)
    assert done.status != 0
    assert "is not defined" not in done.messages


def test_servers_that_give_no_answer(controller: Controller) -> None:
    for playbook in ("verify", "site", "restart"):
        done = controller.run(playbook, tier(applications=[]))
        assert done.status != 0
        assert "app1" in done.output
        assert "geheim" not in done.output
