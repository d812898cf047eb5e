"""What is said of a GlassFish cluster that works, and of one that does not."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_verification import judge
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.glassfish_domains import described

INFO = {"services": {}}
WELL = {"registered": True, "running": True, "member": True, "restart": [], "status": "RUNNING", "health": "RUNNING"}
APPLICATIONS = {"calendar:1": {"enabled": True}}


def judged(
    infos: dict[str, Any] | None = None,
    one: dict[str, Any] | None = None,
    sessions: dict[str, Any] | None = None,
    **changed: Any,
) -> tuple[list[str], list[str]]:
    configured = {
        "differences": [],
        "applications": APPLICATIONS,
        "instances": [
            {"server": "app1", "name": "instance1", **WELL},
            {"server": "app2", "name": "instance2", **WELL, **(one or {})},
        ],
        **changed,
    }
    found = {"app1": INFO, "app2": INFO} if infos is None else infos
    return judge(described(), found, configured, {"ok": True, "problems": []} if sessions is None else sessions)


def test_all_is_well() -> None:
    assert judged() == (
        [
            "calendar: instance1 and instance2 run and know each other",
            "calendar: a session goes on at another instance",
        ],
        [],
    )
    assert judged(sessions={})[0] == ["calendar: instance1 and instance2 run and know each other"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"infos": {"app1": INFO, "app2": {"msg": "no route\nmore"}}}, "app2: gave no answer (no route)"),
        (
            {"one": {"registered": False}},
            "app2: the instance instance2 is not known to the domain; run groupware.ha.site",
        ),
        ({"one": {"running": False}}, "app2: the instance instance2 does not run; see systemctl status"),
        (
            {"one": {"member": False, "health": "FAILED"}},
            "app2: the instance instance2 runs, but its sessions are replicated to nobody: it is in the state FAILED",
        ),
        (
            {"one": {"member": False, "health": ""}},
            "it is unknown to the group; see whether the servers reach each other",
        ),
        ({"one": {"restart": ["a", "b"]}}, "has to be started again to take over a and b; run groupware.ha.site"),
        (
            {"differences": list("abcdefg")},
            "calendar: is not as described (a, b, c, d, e and 2 more); run groupware.ha.site",
        ),
        ({"applications": {}}, "application calendar: is not served; run groupware.ha.site"),
        ({"applications": {"calendar:1": {"enabled": False}}}, "application calendar: is not served"),
        ({"sessions": {"ok": False, "problems": ["lost"]}}, "lost"),
        ({"sessions": {"msg": "failed"}}, "calendar: sessions could not be tried (failed)"),
    ],
)
def test_what_is_wrong(given: dict[str, Any], words: str) -> None:
    _lines, problems = judged(**given)
    assert len(problems) == 1
    assert words in problems[0]


def test_an_administration_server_that_gives_no_answer() -> None:
    lines, problems = judge(described(), {"app1": INFO, "app2": INFO}, {"msg": "gives no answer"}, {})
    assert (lines, problems) == ([], ["calendar: the administration server on app1: gives no answer"])
