"""A description of SOGo, for tests to change."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.products.sogo_description import Description, parse

PASSWORD = "Termine-Merken.99"  # noqa: S105
HASH = "{SHA512-CRYPT}$6$abcdefgh$" + "a" * 86
OTHER_HASH = "{SHA512-CRYPT}$6$abcdefgh$" + "b" * 86
USERS = [{"name": "alice", "password_hash": HASH, "full_name": "Alice O'Neill"}, {"name": "bob", "password_hash": HASH}]
DESCRIBED: dict[str, Any] = {
    "nodes": [{"name": "app1", "address": "192.0.2.31"}, {"name": "app2", "address": "192.0.2.32"}],
    "front_end": "calendar",
    "database": {"name": "sogo", "account": "sogo", "front_end": "database", "address": "192.0.2.22"},
    "cache": {"front_end": "cache", "address": "192.0.2.22"},
    "mail_domain": "example.com",
}


def described(**changed: Any) -> Description:
    return parse("office", {**DESCRIBED, **changed})
