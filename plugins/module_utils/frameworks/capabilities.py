# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each framework can carry and how it goes about it, for those who ask without a driver. Pure.

On managed nodes the driver says it: there this would be four files more to compile at every run of a module.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.model import Capabilities
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError, Problem
from ansible_collections.groupware.ha.plugins.module_utils.shown import shape
from .clusterware import terms as clusterware
from .names import DEFAULT
from .pacemaker import terms as pacemaker
from .rhcs import terms as rhcs
from .solaris_cluster import terms as solaris_cluster
from .vcs import terms as vcs

CAPABILITIES: Mapping[str, Capabilities] = {
    terms.CAPABILITIES.framework: terms.CAPABILITIES for terms in (pacemaker, solaris_cluster, vcs, clusterware, rhcs)
}


def capabilities_of(cluster: Any) -> Capabilities:
    """Those of the framework that a description of a cluster means, before the description is judged as a whole.

    :raises DescriptionError: it is none, or for a framework that has no driver
    """
    if not isinstance(cluster, Mapping):
        raise DescriptionError([Problem("cluster", shape(cluster), "is not a dictionary", "give one with a framework")])
    name = cluster.get("framework", DEFAULT)
    if not isinstance(name, str) or name not in CAPABILITIES:
        remedy = f"use one of {', '.join(CAPABILITIES)}"
        raise DescriptionError([Problem("cluster.framework", name, "has no driver", remedy)])
    return CAPABILITIES[name]
