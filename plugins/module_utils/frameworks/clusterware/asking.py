# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to ``crsctl`` and ``olsnodes``, asked as root."""

from __future__ import annotations

import shlex

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound, Runner
from ansible_collections.groupware.ha.plugins.module_utils.formats import clusterware as formats
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Asked, FrameworkError, NotRunning
from . import reading
from .reading import NativeState


def native_state(runner: Runner) -> NativeState:
    """The cluster now, each part of it by one command when somebody looks."""
    return NativeState(
        Asked(lambda: reading.attributes(_ask(runner, "crsctl", "status", "resource", "-f"))),
        Asked(lambda: reading.instances(_ask(runner, "crsctl", "status", "resource", "-v"))),
        Asked(lambda: reading.parsed(formats.parse_nodes, _ask(runner, "olsnodes", "-s"))),
        Asked(lambda: reading.parsed(formats.parse_types, _ask(runner, "crsctl", "status", "type", "-p"))),
    )


def _ask(runner: Runner, *argv: str) -> str:
    """What a question prints. An answer that only says that nothing can be asked is one whatever its status."""
    try:
        result = runner.run(argv, record=False)
    except CommandNotFound:
        raise NotRunning("Oracle Clusterware is not installed on this node") from None
    except CommandError as error:
        if not error.reason.startswith("exit status"):
            raise FrameworkError(f"{shlex.join(argv)}: {error.reason}") from None
        raise NotRunning(f"the cluster is not running on this node ({error.output or error.reason})") from None
    if any(code in result.stdout for code in ("CRS-4000", "CRS-4535", "CRS-4639")):
        raise NotRunning(f"the cluster is not running on this node ({result.stdout.strip()})")
    return result.stdout
