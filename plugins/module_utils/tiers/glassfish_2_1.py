# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GlassFish 2.1 with node agents, whose sessions are in HADB; for sites that have it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError, Problem
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_2_1_description import (
    ON_ONE_MACHINE,
    PREFIX,
    Description,
    parse,
)
from ansible_collections.groupware.ha.plugins.module_utils.tiers.base import (
    DescribedTier,
    Need,
    Tier,
    no_such_server,
    unlike_the_inventory,
)
from ansible_collections.groupware.ha.plugins.module_utils.tiers.glassfish import SERVERS
from ansible_collections.groupware.ha.plugins.module_utils.tiers.load_balancer import BALANCED_ADDRESS

_REBOOT = f"{PREFIX}reboot_accepting_outage"


@dataclass(frozen=True)
class Glassfish21(Tier):
    """A cluster of instances, each kept by a node agent; it needs the web server that it tells about them."""

    name: str = "glassfish_2_1"
    group: str = "glassfish_2_1_servers"
    role: str = "glassfish_2_1"
    naming: str = f"{PREFIX}name"
    required: tuple[str, ...] = (f"{PREFIX}servers",)
    optional: tuple[str, ...] = (
        f"{PREFIX}administration_server",
        f"{PREFIX}administration_port",
        f"{PREFIX}home",
        f"{PREFIX}hadb_hosts",
        f"{PREFIX}hadb_port",
        ON_ONE_MACHINE,
        _REBOOT,
        f"{PREFIX}options",
        f"{PREFIX}applications",
        f"{PREFIX}load_balancer",
    )
    secrets: tuple[str, ...] = (f"{PREFIX}passwords",)
    operations: tuple[str, ...] = ("restart",)

    def judge(self, tier: DescribedTier) -> list[Problem]:
        """What the role would refuse, and servers that either the description or the inventory does not have."""
        reboot = tier.variables.get(_REBOOT, False)
        wrong = [] if isinstance(reboot, bool) else [_neither(reboot)]
        try:
            description = _description(tier)
        except DescriptionError as error:
            return [*error.problems, *wrong]
        names = [server.name for server in description.servers]
        return [*wrong, *unlike_the_inventory(tier, f"{PREFIX}servers", names, "server")]

    def needs(self, tier: DescribedTier) -> list[Need]:
        """The web server, which has to listen before a load balancer is made of it."""
        balancer = _description(tier).balancer
        return [] if balancer is None or balancer.web_server is None else [Need(BALANCED_ADDRESS, balancer.web_server)]

    def offers(self, tier: DescribedTier) -> list[Need]:
        """Its instances."""
        return [Need(SERVERS, tier.name)]

    def refuses(self, playbook: str, given: Mapping[str, Any], tiers: Sequence[DescribedTier]) -> Iterator[str]:
        """A server that none of them has."""
        if playbook in self.operations:
            yield from no_such_server(given, tiers)


def _neither(value: Any) -> Problem:
    return Problem(_REBOOT, value, "is neither true nor false", "write true or false without quotes")


def _description(tier: DescribedTier) -> Description:
    return parse(tier.name, {name[len(PREFIX) :]: value for name, value in tier.variables.items()})
