"""The states of a service."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import (
    ClusterConfig,
    ClusterStatus,
    MemberStatus,
    Resource,
    Service,
    ServiceStatus,
)


def member(*nodes: str, failed: bool = False, enabled: bool = True, managed: bool = True) -> MemberStatus:
    return MemberStatus("m", "t", nodes, failed, managed, enabled)


@pytest.mark.parametrize(
    ("members", "failures", "state"),
    [
        ([member("nodea"), member("nodea")], (), "online"),
        ([member("nodea"), member("nodea")], ("it failed once and was restarted",), "online"),
        ([member("nodea"), member()], (), "partial"),
        ([member("nodea"), member("nodeb")], (), "partial"),
        ([member("nodea", "nodeb")], (), "partial"),
        ([member(), member()], (), "offline"),
        ([member(), member()], ("start failed",), "failed"),
        ([member(enabled=False), member(enabled=False)], ("start failed",), "offline"),
        ([member("nodea"), member("nodea", failed=True)], (), "failed"),
        ([], (), "offline"),
    ],
)
def test_state(members: list[MemberStatus], failures: tuple[str, ...], state: str) -> None:
    assert ServiceStatus("mail1", tuple(members), failures).state == state


def test_the_axes_are_apart() -> None:
    shown = ServiceStatus("mail1", (member("nodea", enabled=False, managed=False),)).as_dict()

    assert (shown["state"], shown["node"], shown["enabled"], shown["managed"]) == ("online", "nodea", False, False)


def test_node_is_named_only_when_there_is_one() -> None:
    shown = ServiceStatus("mail1", (member("nodea"), member("nodeb"))).as_dict()

    assert (shown["node"], shown["nodes"]) == (None, ["nodea", "nodeb"])


def test_owners_and_activity() -> None:
    config = ClusterConfig(
        resources=(Resource("fence", "t"),), services=(Service("mail1", None, {}, (Resource("m", "t"),)),)
    )
    assert config.owners() == {"fence": None, "m": "mail1"}
    assert config.service("mail2") is None

    status = ClusterStatus(
        True,
        {},
        {"mail1": ServiceStatus("mail1", (member("nodea"),))},
        {"fence": MemberStatus("fence", "t", ("nodeb",))},
    )
    assert status.activity() == {"mail1": ("nodea",), "m": ("nodea",), "fence": ("nodeb",)}
