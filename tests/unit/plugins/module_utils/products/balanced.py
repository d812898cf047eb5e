"""A description of load balancers, for tests to change."""

from __future__ import annotations

import copy
from typing import Any

BALANCERS = [{"name": "balancer1", "address": "192.0.2.11"}, {"name": "balancer2", "address": "192.0.2.12"}]
MEMBERS = [
    {"name": "app1", "address": "192.0.2.31"},
    {"name": "app2", "address": "192.0.2.32", "port": 8080, "weight": 50},
]
CALENDAR = {
    "name": "calendar",
    "address": "192.0.2.21",
    "router_id": 21,
    "port": 443,
    "host_name": "calendar.example.com",
    "tls": "terminate",
    "certificate": "calendar.pem",
    "key": "calendar.key",
    "stickiness": "cookie",
    "check": "/status",
    "members": MEMBERS,
}
PLAIN = {
    "name": "plain",
    "address": "192.0.2.21",
    "router_id": 21,
    "port": 80,
    "stickiness": "source",
    "check": "/",
    "close": True,
    "members": MEMBERS,
}
THROUGH = {
    "name": "through",
    "address": "192.0.2.22",
    "router_id": 22,
    "port": 443,
    "tls": "passthrough",
    "stickiness": "source",
    "members": MEMBERS[:1],
}

#: What databases and caches have, beside the three above.
DATABASE = {
    "name": "database",
    "address": "192.0.2.23",
    "router_id": 23,
    "port": 3306,
    "protocol": "mariadb",
    "members": [{"name": "db1", "address": "192.0.2.41"}, {"name": "db2", "address": "192.0.2.42"}],
}
CACHE = {**DATABASE, "name": "cache", "port": 11211, "protocol": "memcached"}


def front_end(given: dict[str, Any] = CALENDAR, **changed: Any) -> dict[str, Any]:
    """A front end with other values; None takes one away."""
    found = {**copy.deepcopy(given), **changed}
    return {name: value for name, value in found.items() if value is not None}
