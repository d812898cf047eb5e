"""Tiers of SOGo: what is refused before any node is asked, and what is said of nodes that give no answer."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.groupware.ha.tests.playbooks.conftest import LOCAL, SILENT, Controller, extra
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.balanced import (
    BALANCERS,
    CACHE,
    CALENDAR,
    DATABASE,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.calendars import (
    DESCRIBED,
    HASH,
    PASSWORD,
    USERS,
)

FRONT_ENDS = [CALENDAR, DATABASE, CACHE]
SERVERS = [{"name": "db1", "address": "192.0.2.41"}, {"name": "db2", "address": "192.0.2.42"}]


def site(host: dict[str, Any] = SILENT, front_ends: Any = FRONT_ENDS, **changed: Any) -> dict[str, Any]:
    """An inventory of all three tiers."""
    described = {"name": "office", **DESCRIBED, "database_password": PASSWORD, "users": USERS, **changed}
    databases = {
        "name": "databases",
        "servers": SERVERS,
        "primary": "db1",
        "databases": [{"name": "sogo", "collation": "utf8mb4_bin"}],
        "passwords": {"replication": "geheim eins"},
    }
    balancers = {"name": "web", "balancers": BALANCERS, "front_ends": front_ends}

    def group(names: list[str], prefix: str, given: dict[str, Any], one: dict[str, Any] = SILENT) -> dict[str, Any]:
        variables = {f"{prefix}_{name}": copy.deepcopy(value) for name, value in given.items() if value is not None}
        return {"hosts": dict.fromkeys(names, one), "vars": variables}

    return {
        "sogo_servers": group(["app1", "app2"], "sogo", described, host),
        "load_balancers": group(["balancer1", "balancer2"], "load_balancer", balancers),
        "database_servers": group(["db1", "db2"], "database_replication", databases),
    }


@pytest.mark.parametrize(
    ("playbook", "changed", "words"),
    [
        ("site", {"nodes": DESCRIBED["nodes"][:1]}, "sogo office: sogo_nodes = a list of 1 item: has fewer than two"),
        ("plan", {"mail_domain": "a_b"}, "sogo office: sogo_mail_domain = 'a_b': is not a host name"),
        ("site", {"database_password": None}, "sogo office: sogo_database_password: is not defined for app1, app2"),
        ("site", {"users": None}, "sogo office: sogo_users: is not defined for app1, app2"),
        ("site", {"front_ends": [CALENDAR, CACHE]}, "sogo office: needs the database address database, which no tier"),
    ],
)
def test_what_is_refused(controller: Controller, playbook: str, changed: dict[str, Any], words: str) -> None:
    done = controller.run(playbook, site(**changed))

    assert done.status != 0
    assert words in done.messages
    assert "UNREACHABLE" not in done.output
    assert HASH not in done.output
    assert PASSWORD not in done.output


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"database_password": "Geheim@Nis"}, "sogo_database_password = '(hidden)': has characters that SOGo does not"),
        ({"users": [{"name": "alice", "password_hash": "Geheim"}]}, "sogo_users[alice].password_hash = '(hidden)'"),
    ],
)
def test_secrets_are_judged_and_not_repeated(controller: Controller, changed: dict[str, Any], words: str) -> None:
    done = controller.run(
        "site", site(LOCAL, **changed), "-vvv", "--limit", "app1,app2", *extra('{"sogo_packages": []}')
    )

    assert done.status != 0
    assert words in done.output
    assert "Geheim" not in done.output


def test_nodes_that_give_no_answer(controller: Controller) -> None:
    done = controller.run("verify", site(), "--limit", "app1,app2")

    assert done.status != 0
    assert "app1: gave no answer" in done.output
    assert "app2: gave no answer" in done.output
    assert "database sogo at 192.0.2.22:3306: was asked by no node" in done.output


def test_a_plan_of_which_nobody_answers(controller: Controller) -> None:
    done = controller.run("plan", site(), "--limit", "app1,app2")

    assert done.status != 0
    assert "no host of sogo office answered: app1, app2" in done.messages


def test_a_plan_tells_what_the_one_question_found(controller: Controller) -> None:
    """Of each node, and of the database."""
    done = controller.run("plan", site(LOCAL), "--limit", "app1,app2", *extra('{"sogo_packages": ["nosuch"]}'))

    assert done.status == 0, done.output
    assert "sogo: app1: installs what is missing" in done.output
    assert "sogo: app2: start sogo" in done.output
    assert "sogo: app1: is not known yet: " in done.output
    assert "sogo: app2: is not known yet: " in done.output
    assert HASH not in done.output
    assert PASSWORD not in done.output
