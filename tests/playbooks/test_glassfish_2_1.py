"""Tiers of GlassFish 2.1: what is refused before any host is asked, and what sites of both kinds can be told."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.tests.playbooks.conftest import LOCAL, SILENT, Controller
from ansible_collections.groupware.ha.tests.playbooks.test_glassfish import tier as glassfish
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.glassfish_2_1_sites import (
    DESCRIBED,
    PASSWORDS,
    SERVERS,
)


def tier(host: dict[str, Any] = SILENT, **changed: Any) -> dict[str, Any]:
    """An inventory of one tier, whose hosts give no answer if nothing else is said."""
    variables = {"name": "dav-cluster", **copy.deepcopy(DESCRIBED), "passwords": PASSWORDS, **changed}
    described = {f"glassfish_2_1_{name}": value for name, value in variables.items() if value is not None}
    return {"glassfish_2_1_servers": {"hosts": {"machinea": host, "machineb": host}, "vars": described}}


@pytest.mark.parametrize(
    ("playbook", "arguments", "changed", "words"),
    [
        ("site", (), {"hadb_hosts": ["machinea", "machinea"]}, "has both nodes of HADB on one machine"),
        ("plan", (), {"hadb_hosts": ["machinea", "machineb", "machinea"]}, "is no even number of hosts"),
        ("site", (), {"passwords": None}, "glassfish_2_1_passwords: is not defined for machinea, machineb"),
        ("site", (), {"servers": SERVERS[:1]}, "has fewer than two servers"),
        ("site", (), {"aplications": ["davserver"]}, "did you mean glassfish_2_1_applications?"),
        (
            "site",
            (),
            {"load_balancer": {**DESCRIBED["load_balancer"], "web_server": "calendar"}},
            "balanced address calendar",
        ),
        (
            "restart",
            ("-e", "server=machinec"),
            {},
            "server = 'machinec': is no server of a tier; there are machinea, m",
        ),
    ],
)
def test_what_is_refused(
    controller: Controller, playbook: str, arguments: tuple[str, ...], changed: dict[str, Any], words: str
) -> None:
    done = controller.run(playbook, tier(**changed), *arguments)

    assert done.status != 0
    assert words in done.messages
    assert "UNREACHABLE" not in done.output
    assert not any(secret in done.output for secret in PASSWORDS.values())


@pytest.mark.parametrize("playbook", ["plan", "site"])
def test_what_only_hosts_know_is_refused_as_a_whole(controller: Controller, playbook: str) -> None:
    hosts = tier(LOCAL, passwords={"administrator": PASSWORDS["administrator"]}, home=str(controller.path / "nothing"))
    done = controller.run(playbook, hosts, "-vvv")

    assert done.status != 0
    assert "glassfish_2_1_passwords.master: is missing" in done.output
    assert "run GlassFish's installer, and choose High Availability Database Server" in done.output
    assert not any(secret in done.output for secret in PASSWORDS.values())
    assert not Path("/etc/system").exists()


def test_a_host_without_hadb_is_not_asked_for_it(controller: Controller) -> None:
    one = {"hadb_hosts": ["machinea", "machinea"], "hadb_on_one_machine_accepting_its_loss": True}
    done = controller.run("plan", tier(LOCAL, home=str(controller.path / "nothing"), **one))

    assert re.search(r"machinea: .*run GlassFish's installer", done.output)
    assert re.search(r"machineb: .*asadmin.*is not installed", done.output)
    assert not re.search(r"machineb: .*run GlassFish's installer", done.output)


def test_servers_of_either_kind_are_started_again(controller: Controller) -> None:
    """A site that goes from the one to the other has both."""
    both = {**tier(), **glassfish(applications=[])}
    for server in ("machinea", "app1"):
        done = controller.run("restart", both, "-e", f"server={server}")
        assert "is no server of a tier" not in done.messages
        assert server in done.output
    done = controller.run("restart", both, "-e", "server=other")
    assert done.messages.count("server = 'other': is no server of a tier; there are ") == 1
    assert "there are app1, app2, machinea, machineb" in done.messages


def test_hosts_that_give_no_answer(controller: Controller) -> None:
    for playbook in ("verify", "site", "plan", "restart", "unconfigure"):
        done = controller.run(playbook, tier())
        assert done.status != 0
        assert "machinea" in done.output
        assert not any(secret in done.output for secret in PASSWORDS.values())
