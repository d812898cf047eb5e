# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which drivers there are, and which one this node needs."""

from __future__ import annotations

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from .base import Framework, FrameworkError, NotRunning
from .names import PROGRAMS


def driver(name: str) -> type[Framework]:
    """The driver's class. Only that driver is loaded: on managed nodes each is compiled anew at every run of a module.

    :raises KeyError: there is no such driver
    """
    if name == "pacemaker":
        from .pacemaker import driver as pacemaker

        return pacemaker.Pacemaker
    if name == "solaris_cluster":
        from .solaris_cluster import driver as solaris

        return solaris.SolarisCluster
    if name == "vcs":
        from .vcs import driver as vcs

        return vcs.VeritasClusterServer
    if name == "clusterware":
        from .clusterware import driver as clusterware

        return clusterware.Clusterware
    if name == "rhcs":
        from .rhcs import driver as rhcs

        return rhcs.RedHatClusterSuite
    raise KeyError(name)


def create_framework(name: str, runner: Runner) -> Framework:
    """The driver of that name; ``auto`` finds the one whose framework is installed on this node.

    :raises NotRunning: ``auto`` found no framework
    :raises FrameworkError: there is no such driver, or ``auto`` found several
    """
    if name == "auto":
        installed = [framework for framework, program in PROGRAMS.items() if runner.installed(program)]
        if not installed:
            raise NotRunning(f"no cluster framework is installed on this node (looked for {', '.join(PROGRAMS)})")
        if len(installed) > 1:
            raise FrameworkError(f"several cluster frameworks are installed ({', '.join(installed)}); name one")
        name = installed[0]
    if name not in PROGRAMS:
        raise FrameworkError(f"framework = {name!r}: has no driver; use one of {', '.join(PROGRAMS)}")
    return driver(name)(runner)
