"""A configuration for a web server's plug-in: what differs, and the file without its time."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_http_lb import HttpLb, without_time
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_plan import PlanError

WANTED = HttpLb("calendar", "web", "/status", {"response-timeout-in-seconds": "90"})
CLUSTER = {
    "clusters.cluster.calendar.server-ref.instance1.ref": "instance1",
    "clusters.cluster.calendar.server-ref.instance1.lb-enabled": "true",
    "clusters.cluster.calendar.application-ref.calendar:1.ref": "calendar:1",
    "clusters.cluster.calendar.application-ref.calendar:1.lb-enabled": "true",
}
THERE = {
    **CLUSTER,
    "lb-configs.lb-config.web.name": "web",
    "lb-configs.lb-config.web.response-timeout-in-seconds": "90",
    "lb-configs.lb-config.web.cluster-ref.calendar.ref": "calendar",
    "lb-configs.lb-config.web.cluster-ref.calendar.health-checker.url": "/status",
}


def test_it_is_made() -> None:
    assert [str(step) for step in WANTED.steps(CLUSTER)] == [
        "asadmin create-http-lb-config web",
        "asadmin create-http-lb-ref --config=web --healthcheckerurl=/status calendar",
        "asadmin set lb-configs.lb-config.web.response-timeout-in-seconds=90",
    ]
    assert WANTED.steps(THERE) == []


def test_what_somebody_changed() -> None:
    changed = {
        **THERE,
        "lb-configs.lb-config.web.cluster-ref.calendar.health-checker.url": "/",
        "clusters.cluster.calendar.server-ref.instance1.lb-enabled": "false",
    }
    (step,) = WANTED.steps(changed)
    assert step.operands == (
        "lb-configs.lb-config.web.cluster-ref.calendar.health-checker.url=/status",
        "clusters.cluster.calendar.server-ref.instance1.lb-enabled=true",
    )


def test_a_setting_that_there_is_not() -> None:
    with pytest.raises(PlanError, match=r"settings\.response-timeout: is nothing that it has; did you mean"):
        HttpLb("calendar", "web", "/", {"response-timeout": "90"}).steps(THERE)


def test_it_is_removed() -> None:
    assert [step.command for step in WANTED.removal(THERE)] == [
        "disable-http-lb-server",
        "delete-http-lb-ref",
        "delete-http-lb-config",
    ]
    assert WANTED.removal(CLUSTER) == []


def test_the_time_in_a_file_is_no_difference() -> None:
    head = "<loadbalancer>\n</loadbalancer>\n<!--\n This file was generated on: "
    assert without_time(f"{head}[Tue].\n-->\n") == without_time(f"{head}[Wed].\n-->\n") == head[: head.index("<!--")]
