# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calendar Server 7 on the servers of a GlassFish cluster, with a document store that all of them reach. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError, Problem
from ansible_collections.groupware.ha.plugins.module_utils.products.calendar_server_7_description import (
    FRONT_ENDS,
    PREFIX,
    Description,
    parse,
)
from ansible_collections.groupware.ha.plugins.module_utils.tiers.base import (
    DescribedTier,
    Need,
    Tier,
    unlike_the_inventory,
)
from ansible_collections.groupware.ha.plugins.module_utils.tiers.glassfish import SERVERS
from ansible_collections.groupware.ha.plugins.module_utils.tiers.load_balancer import ADDRESS_OF


@dataclass(frozen=True)
class CalendarServer7(Tier):
    """The front ends, which are hosts of a GlassFish tier as well, and perhaps the host of the document store."""

    name: str = "calendar_server_7"
    group: str = "calendar_servers_7"
    role: str = "calendar_server_7"
    naming: str = f"{PREFIX}name"
    required: tuple[str, ...] = (
        FRONT_ENDS,
        f"{PREFIX}application_servers",
        f"{PREFIX}front_end",
        f"{PREFIX}database",
        f"{PREFIX}document_store",
    )
    optional: tuple[str, ...] = (f"{PREFIX}options", f"{PREFIX}home", f"{PREFIX}data", f"{PREFIX}administrator")
    secrets: tuple[str, ...] = (f"{PREFIX}passwords",)

    def judge(self, tier: DescribedTier) -> Iterator[Problem]:
        """What the role would refuse, and hosts that either the description or the inventory does not have."""
        try:
            description = _description(tier)
        except DescriptionError as error:
            yield from error.problems
            return
        described = [
            *description.front_ends,
            *([description.store.host] if description.store.host in tier.hosts else []),
        ]
        yield from unlike_the_inventory(tier, FRONT_ENDS, described, "front end")

    def needs(self, tier: DescribedTier) -> list[Need]:
        """GlassFish, a database, and the addresses of clients and of the database."""
        description = _description(tier)
        return [
            Need(SERVERS, description.application_servers),
            Need("database", description.database.name),
            Need(ADDRESS_OF["mariadb"], description.database.front_end),
            Need(ADDRESS_OF["http"], description.front_end),
        ]


def _description(tier: DescribedTier) -> Description:
    return parse(tier.name, {name[len(PREFIX) :]: value for name, value in tier.variables.items()})
