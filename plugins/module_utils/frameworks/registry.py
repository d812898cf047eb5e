# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which drivers there are, and which one this node needs."""

from __future__ import annotations

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import (
    Framework,
    FrameworkError,
    NotRunning,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker import Pacemaker

DRIVERS = {driver.name: driver for driver in (Pacemaker,)}

#: What a description that names no framework means.
DEFAULT = Pacemaker.name


def create_framework(name: str, runner: Runner) -> Framework:
    """The driver of that name; ``auto`` finds the one whose framework is installed on this node.

    :raises NotRunning: ``auto`` found no framework
    :raises FrameworkError: there is no such driver, or ``auto`` found several
    """
    if name == "auto":
        installed = [driver.name for driver in DRIVERS.values() if runner.installed(driver.program)]
        if not installed:
            raise NotRunning(f"no cluster framework is installed on this node (looked for {', '.join(DRIVERS)})")
        if len(installed) > 1:
            raise FrameworkError(f"several cluster frameworks are installed ({', '.join(installed)}); name one")
        name = installed[0]
    if name not in DRIVERS:
        raise FrameworkError(f"framework = {name!r}: has no driver; use one of {', '.join(DRIVERS)}")
    return DRIVERS[name](runner)
