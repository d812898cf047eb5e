# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The descriptions of all clusters of a site, judged in one wave. Runs on the controller; no node is asked. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ansible_collections.groupware.ha.plugins.module_utils.applications.judging import problems_of
from ansible_collections.groupware.ha.plugins.module_utils.description.model import Description
from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError, Problem
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.capabilities import capabilities_of
from ansible_collections.groupware.ha.plugins.module_utils.site import addresses
from ansible_collections.groupware.ha.plugins.module_utils.site.clusters import SiteCluster

#: Has a description's framework compile it.
Compile = Callable[[Description], object]


def judged(clusters: Sequence[SiteCluster], compile_it: Compile) -> tuple[dict[str, Description], list[Problem]]:
    """The descriptions by the name of their cluster, and everything that is wrong with them.

    What clusters would share is looked for where each of them is well by itself.

    :param compile_it: raises DescriptionError for what the framework cannot carry
    """
    descriptions: dict[str, Description] = {}
    problems: list[Problem] = []
    several = len(clusters) > 1
    for cluster in clusters:
        try:
            found = _described(cluster)
            compile_it(found)
            descriptions[found.cluster.name] = found
            faults: Sequence[Problem] = problems_of(cluster.description["groupware_services"], cluster.description)
        except DescriptionError as error:
            faults = error.problems
        # A key alone does not say which of several clusters it belongs to.
        problems += [replace(fault, key=f"{cluster.title}: {fault.key}") for fault in faults] if several else faults
    if not problems:
        problems += addresses.shared(descriptions)
    return descriptions, problems


def _described(cluster: SiteCluster) -> Description:
    capabilities = capabilities_of(cluster.description["groupware_cluster"])
    return parse_description(
        cluster.description["groupware_cluster"], cluster.description["groupware_services"], capabilities
    )
