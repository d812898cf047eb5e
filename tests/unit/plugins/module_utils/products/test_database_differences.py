"""What differs between the servers of a tier and its description, by what they said when all were asked at once."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.products.database_differences import differences
from ansible_collections.groupware.ha.plugins.module_utils.products.database_roles import Found
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.databases import (
    GONE,
    NEW,
    STOPPED,
    found,
    primary,
    replica,
    server,
)

WELL: dict[str, Any] = {"missing_packages": [], "enabled": True, "logs_in": None}


def lines(these: Found, **infos: dict[str, Any]) -> list[str]:
    """What differs, where nothing does but what is given."""
    given = {name: {**WELL, **infos.get(name, {})} for name in ("db1", "db2", "db3")}
    return list(differences(these, given))


@pytest.mark.parametrize(
    "these",
    [
        found(primary("db1"), replica("db2", "db1"), replica("db3", "db1")),
        # Who is the primary after a promotion is for nobody to change.
        found(replica("db1", "db2"), primary("db2"), replica("db3", "db2")),
        # Written while they were asked: a replica that answered later has more than the primary had.
        found(primary("db1"), replica("db2", "db1", "0-1-11"), replica("db3", "db1")),
    ],
)
def test_nothing_differs(these: Found) -> None:
    assert lines(these) == []


@pytest.mark.parametrize(
    ("these", "expected"),
    [
        (
            found(primary("db1"), replica("db2", "db1", running=False), replica("db3", "db1")),
            ["db2: follows 192.0.2.31"],
        ),
        (found(primary("db1", waits=False), replica("db2", "db1"), replica("db3", "db1")), ["db1: waits for acknow"]),
        (found(primary("db1"), server("db2"), replica("db3", "db1")), ["db2: follows nobody, not 192.0.2.31:3306"]),
        (
            found(primary("db1"), replica("db2", "db1", "0-1-8,0-2-9"), replica("db3", "db1")),
            ["db2: has transactions that 192.0.2.31 has not, 0-2-9: it has diverged"],
        ),
        (found(primary("db1"), replica("db2", "db1"), STOPPED), ["db3: does not run"]),
        (found(primary("db1"), replica("db2", "db1"), NEW), ["db3: is not installed"]),
        (found(primary("db1"), primary("db2"), replica("db3", "db1")), ["db1 and db2 take writes"]),
        (
            found(server("db1"), replica("db2", "db1"), replica("db3", "db1")),
            ["db1: waits for acknow", "db1: read_only: 1, not 0"],
        ),
        (
            found(GONE, replica("db2", "db1"), replica("db3", "db1")),
            ["the primary db1 gave no answer, and no server takes writes"],
        ),
    ],
)
def test_what_differs(these: Found, expected: list[str]) -> None:
    told = lines(these)
    assert len(told) == len(expected), told
    assert all(line.startswith(words) for words, line in zip(expected, told, strict=True)), told


def test_what_is_about_the_node() -> None:
    told = lines(
        found(primary("db1"), replica("db2", "db1"), replica("db3", "db1")),
        db1={"missing_packages": ["mariadb-server"]},
        db2={"enabled": False},
        db3={"logs_in": False},
    )
    assert told == [
        "db1: installs mariadb-server",
        "db2: has the server started with the machine",
        "db3: logs in at the primary with another password",
    ]
