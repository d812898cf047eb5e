# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MariaDB servers of which one takes writes and the others follow it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError, Problem
from ansible_collections.groupware.ha.plugins.module_utils.products.database_description import PREFIX, parse
from ansible_collections.groupware.ha.plugins.module_utils.tiers.base import (
    Claim,
    DescribedTier,
    Need,
    Tier,
    no_such_server,
)


@dataclass(frozen=True)
class DatabaseReplication(Tier):
    """A primary and its replicas; it needs no other tier."""

    name: str = "database_replication"
    group: str = "database_servers"
    role: str = "database_replication"
    naming: str = "database_replication_name"
    required: tuple[str, ...] = (
        "database_replication_servers",
        "database_replication_primary",
        "database_replication_databases",
    )
    optional: tuple[str, ...] = (
        "database_replication_accounts",
        "database_replication_observers",
        "database_replication_durability",
        "database_replication_acknowledgement_timeout",
        "database_replication_account",
        "database_replication_settings",
    )
    secrets: tuple[str, ...] = ("database_replication_passwords",)
    operations: tuple[str, ...] = ("promote",)

    def judge(self, tier: DescribedTier) -> list[Problem]:
        """What the role would refuse, and servers that either the description or the inventory does not have."""
        try:
            description = parse(tier.name, _plain(tier))
        except DescriptionError as error:
            return list(error.problems)
        return list(_unlike_the_inventory(tier, [server.name for server in description.servers]))

    def refuses(self, playbook: str, given: Mapping[str, Any], tiers: Sequence[DescribedTier]) -> Iterator[str]:
        """A server that none of them has."""
        if playbook in self.operations:
            yield from no_such_server(given, tiers)

    def claims(self, tier: DescribedTier) -> list[Claim]:
        """Its servers, and the addresses that they have."""
        servers = parse(tier.name, _plain(tier)).servers
        key = f"{PREFIX}servers"
        return [
            *(Claim(f"{key}[{one.name}].address", one.address, logical=False) for one in servers),
            *(Claim(f"{key}[{one.name}]", f"database server {one.address}:{one.port}") for one in servers),
        ]

    def offers(self, tier: DescribedTier) -> list[Need]:
        """Each of its databases."""
        return [Need("database", database.name) for database in parse(tier.name, _plain(tier)).databases]


def _plain(tier: DescribedTier) -> dict[str, Any]:
    return {name[len(PREFIX) :]: value for name, value in tier.variables.items()}


def _unlike_the_inventory(tier: DescribedTier, described: list[str]) -> Iterator[Problem]:
    key = f"{PREFIX}servers"
    for name in described:
        if name not in tier.hosts:
            reason = f"is no host of the inventory that belongs to the tier, which has {', '.join(tier.hosts)}"
            yield Problem(key, name, reason, "add the host, or take the server out")
    for host in tier.hosts:
        if host not in described:
            yield Problem(key, host, "does not name this host of the tier", "add the server, or give it another tier")
