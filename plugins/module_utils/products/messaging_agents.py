# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How cluster frameworks come to know Messaging Server on a node: what its manual has for each of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

_VCS_TYPES = "/etc/VRTSvcs/conf/config/MsgSrvTypes.cf"
_VCS_SCRIPTS = "/opt/VRTSvcs/bin/MsgSrv"


@dataclass(frozen=True)
class Agent:
    """What runs the product for a framework.

    :param program: what makes it known to the framework, or the script that is run where the product has it
    :param left: files that the program leaves on the node, all of them or one; none where nothing has to be made known
    :param one_is_enough: whether one of these files tells that it did
    :param everywhere: whether it is installed on all nodes of the cluster, as a package apart from the product's
    :param copies: what to remove on a node to which it was copied from the product's programs
    """

    program: str
    left: tuple[str, ...] = ()
    one_is_enough: bool = False
    everywhere: bool = False
    copies: tuple[str, ...] = ()

    def missing(self, exists: Callable[[str], bool]) -> tuple[str, ...]:
        """Those of its files without which the framework does not know it."""
        missing = tuple(path for path in self.left if not exists(path))
        return () if self.one_is_enough and len(missing) < len(self.left) else missing


AGENTS: Mapping[str, Agent] = {
    # Messaging Server Administration Guide, To Unconfigure the Veritas Cluster Server.
    "vcs": Agent(
        "config-vcsha",
        (_VCS_TYPES, *(f"{_VCS_SCRIPTS}/{name}" for name in ("online", "offline", "clean", "monitor", "sub.pl"))),
        copies=(_VCS_TYPES, _VCS_SCRIPTS),
    ),
    # It looks for registration files in two directories.
    "solaris_cluster": Agent(
        "init-config",
        ("/usr/cluster/lib/rgm/rtreg/SUNW.ims", "/opt/cluster/lib/rgm/rtreg/SUNW.ims"),
        one_is_enough=True,
        everywhere=True,
    ),
    "clusterware": Agent("cwha/bin/ms_actionscript.pl"),
}


def known_by(exists: Callable[[str], bool]) -> tuple[str, ...]:
    """The frameworks that were told of the product on a node, by what is there."""
    return tuple(name for name, agent in AGENTS.items() if agent.left and not agent.missing(exists))
