# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""iPlanet Application Servers that synchronise their data. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError, Problem
from ansible_collections.groupware.ha.plugins.module_utils.description.reader import dictionaries_of, dictionary_of
from ansible_collections.groupware.ha.plugins.module_utils.products import ias_synchronizer
from ansible_collections.groupware.ha.plugins.module_utils.tiers.base import DescribedTier, Tier


@dataclass(frozen=True)
class Ias(Tier):
    """A cluster of application servers; it needs no other tier."""

    name: str = "ias"
    group: str = "ias_servers"
    role: str = "ias_cluster"
    naming: str = "ias_cluster_name"
    required: tuple[str, ...] = ("ias_cluster_servers", "ias_cluster_directory")
    optional: tuple[str, ...] = ("ias_cluster_parameters", "ias_cluster_state", "ias_cluster_directory_host")
    secrets: tuple[str, ...] = ("ias_cluster_directory_password",)

    def judge(self, tier: DescribedTier) -> list[Problem]:
        """What the role would refuse, and servers that either the description or the inventory does not have."""
        problems: list[Problem] = []
        servers = dictionaries_of(tier.variables["ias_cluster_servers"], "ias_cluster_servers", problems)
        parameters = dictionary_of(tier.variables.get("ias_cluster_parameters"), "ias_cluster_parameters", problems)
        dictionary_of(tier.variables["ias_cluster_directory"], "ias_cluster_directory", problems)
        if problems:
            return problems
        try:
            plan = ias_synchronizer.plan(tier.name, parameters, servers)
        except DescriptionError as error:
            return list(error.problems)
        return list(_unlike_the_inventory(tier, plan))


def _unlike_the_inventory(tier: DescribedTier, plan: ias_synchronizer.Plan) -> Iterator[Problem]:
    """Servers that are described or hosts of the tier, but not both; one that leaves goes elsewhere afterwards."""
    described = [*(server.name for server in plan.servers), *plan.leaving]
    for name in described:
        if name not in tier.hosts:
            reason = f"is no host of the inventory that belongs to the cluster, which has {', '.join(tier.hosts)}"
            yield Problem("ias_cluster_servers", name, reason, "add the host, or take the server out")
    for host in tier.hosts:
        if host not in described:
            reason = "does not name this host of the cluster"
            yield Problem("ias_cluster_servers", host, reason, "add the server, or give the host another cluster")
