"""Tiers of Calendar Server 7: what is refused before any host is asked."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.groupware.ha.tests.playbooks.conftest import SILENT, Controller
from ansible_collections.groupware.ha.tests.playbooks.test_glassfish import tier as glassfish
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.test_calendar_server_7 import DESCRIBED


def site(**changed: Any) -> dict[str, Any]:
    """An inventory of both tiers, on hosts that are in both groups."""
    variables = {
        "name": "calendar",
        **copy.deepcopy(DESCRIBED),
        "passwords": {"administrator": "geheim-vier", "document_store": "geheim-fuenf"},
        **changed,
    }
    described = {f"calendar_server_7_{name}": value for name, value in variables.items() if value is not None}
    hosts = glassfish(applications=[])
    hosts["calendar_servers_7"] = {"hosts": {"app1": SILENT, "app2": SILENT, "store": SILENT}, "vars": described}
    return hosts


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "needs the application servers dav-cluster, which no tier of the inventory offers"),
        ({"application_servers": "calendar"}, "needs the database calendar, which no tier of the inventory offers"),
        ({"database": {**DESCRIBED["database"], "host": "localhost"}}, "means another machine on each front end"),
        ({"document_store": {"host": "app1"}}, "is local to one front end"),
        ({"passwords": None}, "calendar_server_7_passwords: is not defined for app1, app2, store"),
        ({"frontend": "calendar"}, "did you mean calendar_server_7_front_end?"),
    ],
)
@pytest.mark.parametrize("playbook", ["site", "plan"])
def test_what_is_refused(controller: Controller, playbook: str, changed: dict[str, Any], words: str) -> None:
    done = controller.run(playbook, site(**changed))
    assert done.status != 0
    assert words in done.messages
    assert "UNREACHABLE" not in done.output
    assert "geheim" not in done.output
