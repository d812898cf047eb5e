# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node on which no cluster runs still has of one: a node with nothing is done with, any other may be ill."""

from __future__ import annotations

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, Runner
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.names import DEFAULT, PROGRAMS
from ansible_collections.groupware.ha.plugins.module_utils.products import corosync

#: Frameworks that their vendors' installers bring and take away: their clusters are there as long as they are. That of
#: the other one is formed by this collection, and its programs stay when the cluster goes.
_INSTALLED = {name: program for name, program in PROGRAMS.items() if name != DEFAULT}


def remains(runner: Runner) -> list[str]:
    """What is left here of a cluster of any framework, in words; nothing only where that is certain."""
    found = [f"{name} is installed ({program})" for name, program in _INSTALLED.items() if runner.installed(program)]
    try:
        return [*found, *corosync.remains(runner)]
    except CommandError as error:
        return [*found, f"what Corosync and Pacemaker have here is not known ({error.argv[0]}: {error.reason})"]
    except PermissionError as error:
        return [*found, f"what Corosync and Pacemaker have here is not known ({error})"]
