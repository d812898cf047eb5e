# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which clusters are changed one after the other, so that what goes wrong goes wrong for few. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.shown import shape
from ansible_collections.groupware.ha.plugins.module_utils.site.clusters import SiteCluster

SIZE, CANARY = "groupware_wave_size", "groupware_canary"


def faults(given: Mapping[str, Any], clusters: Sequence[SiteCluster]) -> Iterator[str]:
    """What is wrong with the variables that make waves."""
    size, canary = given.get(SIZE), given.get(CANARY)
    if size is not None and not (str(size).isascii() and str(size).isdigit() and int(size)):
        shown = repr(size) if isinstance(size, (str, int)) else shape(size)
        yield f"{SIZE} = {shown}: is not a number of clusters; give a whole number, 1 or more"
    names = [cluster.name for cluster in clusters]
    if canary is not None and canary not in names:
        shown = repr(canary) if isinstance(canary, str) else shape(canary)
        yield f"{CANARY} = {shown}: is no cluster of this run; there are: {', '.join(map(str, names))}"


def waves(given: Mapping[str, Any], clusters: Sequence[SiteCluster]) -> list[list[SiteCluster]]:
    """The clusters in waves: the canary by itself, then so many at a time; without either, all at once."""
    first = [cluster for cluster in clusters if cluster.name == given.get(CANARY)]
    others = [cluster for cluster in clusters if cluster not in first]
    size = int(given.get(SIZE) or 0) or len(others) or 1
    found = [first, *(others[start : start + size] for start in range(0, len(others), size))]
    return [wave for wave in found if wave]


def as_dicts(found: Sequence[Sequence[SiteCluster]]) -> list[dict[str, Any]]:
    """The waves as playbooks know them: their clusters, their hosts, and the hosts of those before."""
    hosts = [[host for cluster in wave for host in cluster.hosts] for wave in found]
    return [
        {
            "clusters": [cluster.name for cluster in wave],
            "hosts": hosts[number],
            "before": [host for one in hosts[:number] for host in one],
        }
        for number, wave in enumerate(found)
    ]
