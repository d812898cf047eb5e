# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Load balancers: HAProxy, with logical addresses that keepalived keeps on one of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError, Problem
from ansible_collections.groupware.ha.plugins.module_utils.products import load_balancer_plan
from ansible_collections.groupware.ha.plugins.module_utils.products.load_balancer_front_ends import USUAL_CONNECTIONS
from ansible_collections.groupware.ha.plugins.module_utils.products.load_balancer_plan import (
    BALANCERS,
    CONNECTIONS,
    FRONT_ENDS,
    PEERS_PORT,
    Plan,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.load_balancer_protocols import (
    HTTP,
    MARIADB,
    MEMCACHED,
)
from ansible_collections.groupware.ha.plugins.module_utils.tiers.base import (
    Claim,
    DescribedTier,
    Need,
    Tier,
    unlike_the_inventory,
)

#: What other tiers and applications need of one: a front end, by its name; what it is called by its protocol.
BALANCED_ADDRESS = "balanced_address"
ADDRESS_OF: Mapping[str, str] = {HTTP: BALANCED_ADDRESS, MARIADB: "database_address", MEMCACHED: "cache_address"}
_PLAYBOOK = "balance"


@dataclass(frozen=True)
class LoadBalancer(Tier):
    """Two or more balancers; it needs no other tier."""

    name: str = "load_balancer"
    group: str = "load_balancers"
    role: str = "load_balancer"
    naming: str = "load_balancer_name"
    required: tuple[str, ...] = (BALANCERS, FRONT_ENDS)
    operations: tuple[str, ...] = (_PLAYBOOK,)
    optional: tuple[str, ...] = (CONNECTIONS, PEERS_PORT, "load_balancer_state")

    def judge(self, tier: DescribedTier) -> list[Problem]:
        """What the role would refuse, and balancers that either the description or the inventory does not have."""
        try:
            plan = _plan(tier)
        except DescriptionError as error:
            return list(error.problems)
        return list(unlike_the_inventory(tier, BALANCERS, [one.name for one in plan.balancers], "balancer"))

    def offers(self, tier: DescribedTier) -> list[Need]:
        """Its front ends."""
        return [Need(ADDRESS_OF[one.protocol], one.name) for one in _plan(tier).front_ends]

    def claims(self, tier: DescribedTier) -> list[Claim]:
        """The addresses of its front ends and those of its balancers."""
        plan = _plan(tier)
        return [
            *(Claim(f"{FRONT_ENDS}[{one.name}].address", one.address) for one in plan.front_ends),
            *(Claim(f"{BALANCERS}[{one.name}].address", one.address, logical=False) for one in plan.balancers),
        ]

    def refuses(self, playbook: str, given: Mapping[str, Any], tiers: Sequence[DescribedTier]) -> Iterable[str]:
        """A member or a front end that none of them has."""
        if playbook != _PLAYBOOK or "member" not in given:
            return
        member, front_end = str(given["member"]), given.get("front_end")
        there = [(one.name, each.name) for tier in tiers for one in _plan(tier).front_ends for each in one.members]
        if front_end is not None and front_end not in [name for name, _member in there]:
            names = ", ".join(dict.fromkeys(name for name, _member in there))
            yield f"front_end = {front_end!r}: is described nowhere; there are {names}"
        elif not any(name == member and front_end in (None, one) for one, name in there):
            names = ", ".join(dict.fromkeys(name for one, name in there if front_end in (None, one)))
            of = "any front end; there are" if front_end is None else f"the front end {front_end}, which has"
            yield f"member = {member!r}: is no member of {of} {names}"


def _plan(tier: DescribedTier) -> Plan:
    given = {name: tier.variables[name] for name in (CONNECTIONS, PEERS_PORT) if name in tier.variables}
    return load_balancer_plan.parse(
        tier.name,
        tier.variables[BALANCERS],
        tier.variables[FRONT_ENDS],
        given.get(CONNECTIONS, USUAL_CONNECTIONS),
        given.get(PEERS_PORT, load_balancer_plan.USUAL_PEERS_PORT),
    )
