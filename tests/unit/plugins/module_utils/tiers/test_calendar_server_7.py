"""The tier of Calendar Server 7: its hosts, and what it needs of others."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.tiers.base import DescribedTier
from ansible_collections.groupware.ha.plugins.module_utils.tiers.calendar_server_7 import CalendarServer7
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.test_calendar_server_7 import DESCRIBED


def tier(*hosts: str, **changed: Any) -> DescribedTier:
    variables = {f"calendar_server_7_{name}": value for name, value in {**DESCRIBED, **changed}.items()}
    return DescribedTier("calendar_server_7", "calendar", hosts, variables)


def test_what_it_needs() -> None:
    assert [str(need) for need in CalendarServer7().needs(tier("app1", "app2", "store"))] == [
        "application servers dav-cluster",
        "database calendar",
        "database address calendar_database",
        "balanced address calendar",
    ]


def test_its_hosts_are_front_ends_and_the_document_store() -> None:
    assert list(CalendarServer7().judge(tier("app1", "app2", "store"))) == []
    # Somebody else's store.
    assert list(CalendarServer7().judge(tier("app1", "app2"))) == []
    wrong = [str(problem) for problem in CalendarServer7().judge(tier("app1", "store", "app3"))]
    assert len(wrong) == 2
    assert "app2" in wrong[0]
    assert "app3" in wrong[1]
    named = [str(problem) for problem in CalendarServer7().judge(tier("app1", "app2", application_servers="server"))]
    assert len(named) == 1
