"""What is said of a cluster of application servers that was asked."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.products.ias_verification import verification

PLAN = {
    "start_order": ["server1", "server0"],
    "leaving": ["server2"],
    "roles": {"server1": "primary", "server0": "backup"},
}
WELL: dict[str, Any] = {"changes": []}
RUNS = {"running": True}
NAMES = ["server0", "server1", "server2"]


def judge(**changed: Any) -> dict[str, list[str]]:
    given = {
        "directory": WELL,
        "registries": dict.fromkeys(NAMES, WELL),
        "servers": dict.fromkeys(NAMES, RUNS),
        "asked": NAMES,
        **changed,
    }
    return verification(PLAN, "mail", **given)


def test_all_is_well() -> None:
    line = "mail: the servers run, and are as described: server1 primary, server0 backup when they are started in order"

    assert judge() == {"problems": [], "unknown": [], "lines": [line]}


def test_everything_is_wrong() -> None:
    changes = [
        {"action": "add_key", "path": r"SOFTWARE\iPlanet\Clusters\mail", "name": None},
        {"action": "set_value", "path": r"SOFTWARE\iPlanet\Clusters\mail", "name": "MaxBackups"},
    ]

    found = judge(
        directory={"changes": changes},
        registries={"server0": WELL, "server1": {"changes": changes[:1]}},
        servers={"server0": {"running": False}, "server1": {"skipped": True}},
    )

    assert found == {
        "problems": [
            r"mail: the directory is not as described: add key Clusters\mail; set value Clusters\mail MaxBackups",
            r"mail: server1: its registry is not as described: add key Clusters\mail",
            "mail: server0: does not run",
            "mail: server2: gave no answer",
        ],
        "unknown": [],
        "lines": [],
    }


def test_what_was_not_asked_is_not_known() -> None:
    found = judge(asked=["server1", "server2"], registries=dict.fromkeys(["server1", "server2"], WELL))

    assert found["problems"] == []
    assert found["unknown"] == ["mail: server0: was not asked"]
    assert found["lines"] == [
        "mail: the servers run, and are as described: server1 primary when they are started in order"
    ]
