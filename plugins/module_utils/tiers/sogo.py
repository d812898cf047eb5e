# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SOGo on several nodes behind load balancers, on a replicated database. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError, Problem
from ansible_collections.groupware.ha.plugins.module_utils.products.sogo_description import NODES, PREFIX, parse
from ansible_collections.groupware.ha.plugins.module_utils.tiers.base import (
    DescribedTier,
    Need,
    Tier,
    unlike_the_inventory,
)
from ansible_collections.groupware.ha.plugins.module_utils.tiers.load_balancer import ADDRESS_OF


@dataclass(frozen=True)
class Sogo(Tier):
    """Two or more nodes, none of which keeps anything."""

    name: str = "sogo"
    group: str = "sogo_servers"
    role: str = "sogo"
    naming: str = "sogo_name"
    required: tuple[str, ...] = ("sogo_nodes", "sogo_front_end", "sogo_database", "sogo_cache", "sogo_mail_domain")
    optional: tuple[str, ...] = ("sogo_port", "sogo_workers", "sogo_mail", "sogo_time_zone", "sogo_settings")
    secrets: tuple[str, ...] = ("sogo_database_password", "sogo_users")

    def judge(self, tier: DescribedTier) -> list[Problem]:
        """What the role would refuse, and nodes that either the description or the inventory does not have."""
        try:
            description = parse(tier.name, _plain(tier))
        except DescriptionError as error:
            return list(error.problems)
        return list(unlike_the_inventory(tier, NODES, [one.name for one in description.nodes], "node"))

    def needs(self, tier: DescribedTier) -> list[Need]:
        """A database, and the addresses of clients, of the database and of the cache."""
        description = parse(tier.name, _plain(tier))
        return [
            Need("database", description.database.name),
            Need(ADDRESS_OF["mariadb"], description.database.front_end),
            Need(ADDRESS_OF["memcached"], description.cache.front_end),
            Need(ADDRESS_OF["http"], description.front_end),
        ]


def _plain(tier: DescribedTier) -> Mapping[str, Any]:
    return {name[len(PREFIX) :]: value for name, value in tier.variables.items()}
