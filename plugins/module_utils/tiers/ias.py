# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""iPlanet Application Servers that synchronise their data. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError, Problem
from ansible_collections.groupware.ha.plugins.module_utils.description.reader import dictionaries_of, dictionary_of
from ansible_collections.groupware.ha.plugins.module_utils.products import ias_synchronizer
from ansible_collections.groupware.ha.plugins.module_utils.tiers.base import DescribedTier, Tier, unlike_the_inventory


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
        return list(
            unlike_the_inventory(
                tier,
                "ias_cluster_servers",
                [*(server.name for server in plan.servers), *plan.leaving],
                "server",
                "cluster",
            )
        )
