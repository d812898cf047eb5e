"""What load balancers of an inventory call a server."""

from __future__ import annotations

from ansible_collections.groupware.ha.plugins.filter.load_balancer_plan import load_balancer_members

FRONT_ENDS = [
    {
        "name": "calendar",
        "port": 443,
        "members": [
            {"name": "one", "address": "192.0.2.31", "port": 28080},
            {"name": "two", "address": "192.0.2.32", "port": 28080},
        ],
    },
    {"name": "plain", "port": 28080, "members": [{"name": "first", "address": "192.0.2.31"}]},
]


def test_members_by_address_and_port() -> None:
    found = load_balancer_members({"balancer1": FRONT_ENDS, "balancer2": FRONT_ENDS[:1]}, "192.0.2.31", 28080)
    assert found == [
        {"balancer": "balancer1", "front_end": "calendar", "member": "one"},
        {"balancer": "balancer1", "front_end": "plain", "member": "first"},
        {"balancer": "balancer2", "front_end": "calendar", "member": "one"},
    ]


def test_servers_that_nobody_balances() -> None:
    assert load_balancer_members({"balancer1": FRONT_ENDS}, "192.0.2.31", 8080) == []
    assert load_balancer_members({"balancer1": None}, "192.0.2.31", 28080) == []
    assert load_balancer_members({}, "192.0.2.31", 28080) == []
