# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GlassFish: servers of one cluster, whose sessions outlive any of them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError, Problem
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_description import (
    PREFIX,
    Description,
    archive_faults,
    directory_faults,
    parse,
)
from ansible_collections.groupware.ha.plugins.module_utils.tiers.base import (
    DescribedTier,
    Need,
    Tier,
    no_such_server,
    unlike_the_inventory,
)

#: What a pool of connections needs of another tier.
DATABASE = "database"
#: What other tiers may need of this one: its instances, by the tier's name, and its applications, by theirs.
SERVERS, APPLICATION = "application_servers", "application"
_RESTART = "restart"


@dataclass(frozen=True)
class Glassfish(Tier):
    """A cluster of instances with an administration server; it needs the databases of its pools."""

    name: str = "glassfish"
    group: str = "glassfish_servers"
    role: str = "glassfish"
    naming: str = f"{PREFIX}name"
    required: tuple[str, ...] = (f"{PREFIX}servers", f"{PREFIX}archive", f"{PREFIX}checksum")
    optional: tuple[str, ...] = (
        f"{PREFIX}administration_server",
        f"{PREFIX}administration_port",
        f"{PREFIX}group_port",
        f"{PREFIX}options",
        f"{PREFIX}pools",
        f"{PREFIX}applications",
        f"{PREFIX}http_lb",
        f"{PREFIX}directory",
        f"{PREFIX}data",
    )
    secrets: tuple[str, ...] = (f"{PREFIX}passwords",)
    operations: tuple[str, ...] = (_RESTART,)

    def judge(self, tier: DescribedTier) -> list[Problem]:
        """What the role would refuse, and servers that either the description or the inventory does not have."""
        given = tier.variables
        places = {name: given[name] for name in (f"{PREFIX}directory", f"{PREFIX}data") if name in given}
        faults = [
            *archive_faults(given[f"{PREFIX}archive"], given[f"{PREFIX}checksum"]),
            *directory_faults(places),
        ]
        problems = [Problem(*fault) for fault in faults]
        try:
            description = _description(tier)
        except DescriptionError as error:
            return [*error.problems, *problems]
        names = [server.name for server in description.servers]
        return [*problems, *unlike_the_inventory(tier, f"{PREFIX}servers", names, "server")]

    def needs(self, tier: DescribedTier) -> list[Need]:
        """The databases that its pools are for, each once."""
        names = [pool.database for pool in _description(tier).pools if pool.database is not None]
        return [Need(DATABASE, name) for name in dict.fromkeys(names)]

    def offers(self, tier: DescribedTier) -> list[Need]:
        """Its instances, and its applications."""
        applications = [Need(APPLICATION, one.name) for one in _description(tier).applications]
        return [Need(SERVERS, tier.name), *applications]

    def refuses(self, playbook: str, given: Mapping[str, Any], tiers: Sequence[DescribedTier]) -> Iterator[str]:
        """A server that none of them has."""
        if playbook in self.operations:
            yield from no_such_server(given, tiers)


def _description(tier: DescribedTier) -> Description:
    return parse(tier.name, {name[len(PREFIX) :]: value for name, value in tier.variables.items()})
