"""Services in words."""

from __future__ import annotations

from ansible_collections.groupware.ha.plugins.filter.answers import service_lines


def test_services_in_lines_to_read() -> None:
    stands = {"state": "online", "nodes": ["nodea"], "frozen": False, "failures": []}

    assert service_lines(
        {
            "mail1": stands,
            "mail2": {**stands, "state": "offline", "nodes": []},
            "mail3": {**stands, "state": "partial", "nodes": ["nodea", "nodeb"], "frozen": True},
        }
    ) == ["mail1: online on nodea", "mail2: offline", "mail3: partial on nodea, nodeb (frozen)"]
