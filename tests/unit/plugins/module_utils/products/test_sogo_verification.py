"""What is said of SOGo, by what its nodes and its database answered."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.products.sogo_verification import judge
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.calendars import described

INFO = {"running": ["memcached", "sogo"], "problem": "", "missing_packages": []}
SAME: dict[str, Any] = {"changes": [], "services": []}
USERS = {"problem": "", "changed": False, "missing_tables": []}


def verified(info: Any = INFO, compared: Any = SAME, users: Any = USERS) -> tuple[list[str], list[str]]:
    return judge(described(), {"app1": INFO, "app2": info}, {"app1": SAME, "app2": compared}, users)


def test_all_is_well() -> None:
    assert verified() == (["office: app1 and app2 work, with the database sogo"], [])


@pytest.mark.parametrize(
    ("given", "line", "problem"),
    [
        ({"info": {"msg": "Failed to connect\nto it"}}, "app1 works", "app2: gave no answer (Failed to connect)"),
        ({"info": {**INFO, "running": ["sogo"]}}, "app1 works", "app2: memcached does not run; see systemctl status"),
        (
            {"info": {**INFO, "problem": "it answers with status 503"}},
            "app1 works",
            "app2: SOGo gives no page: it answers with status 503; see /var/log/sogo/sogo.log",
        ),
        (
            {"compared": {"changes": [{"path": "/etc/sogo/sogo.conf"}], "services": ["restart sogo"]}},
            "app1 works",
            "app2: is not as described (/etc/sogo/sogo.conf, systemctl restart sogo); run groupware.ha.site",
        ),
        ({"compared": {"msg": "no"}}, "app1 works", "app2: its files cannot be compared: no"),
        ({"users": {}}, "app1 and app2 work", "database sogo at 192.0.2.22:3306: was asked by no node"),
        ({"users": {"problem": "gone", "changed": True}}, "app1 and app2 work", "192.0.2.22:3306: gone"),
        ({"users": {**USERS, "changed": True}}, "app1 and app2 work", "its users are not as described"),
        (
            {"users": {**USERS, "missing_tables": ["sogo_acl"]}},
            "app1 and app2",
            "lacks SOGo's tables sogo_acl; restart",
        ),
    ],
)
def test_what_is_wrong(given: dict[str, Any], line: str, problem: str) -> None:
    lines, problems = verified(**given)
    assert line in lines[0]
    (found,) = problems
    assert problem in found
