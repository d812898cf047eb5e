# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to ``crsctl`` and ``olsnodes``, asked as root."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from ansible_collections.groupware.ha.plugins.module_utils.command import (
    ANY_STATUS,
    CommandError,
    CommandNotFound,
    Runner,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats import clusterware as formats
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, NotRunning
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.clusterware import reading


def attributes(runner: Runner, names: Sequence[str] = ()) -> dict[str, dict[str, str]]:
    """All resources with all their attributes, or those that are named and there."""
    return reading.attributes(_resources(runner, names, "-f"))


def instances(runner: Runner, names: Sequence[str] = ()) -> dict[str, tuple[formats.Instance, ...]]:
    """Instances of all resources of ours, or of those that are named and there."""
    return reading.instances(_resources(runner, names, "-v"))


def types(runner: Runner) -> Mapping[str, formats.ResourceType]:
    """All types."""
    return reading.parsed(formats.parse_types, _ask(runner, "crsctl", "status", "type", "-p"))


def nodes(runner: Runner) -> dict[str, bool]:
    """Whether each node is active."""
    return reading.parsed(formats.parse_nodes, _ask(runner, "olsnodes", "-s"))


def _resources(runner: Runner, names: Sequence[str], form: str) -> str:
    argv = ["crsctl", "status", "resource", *names, form]
    if not names:
        return _ask(runner, *argv)
    # For one that is not there crsctl says so; with which exit status is not known.
    return runner.run(argv, accept=ANY_STATUS, record=False).stdout


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
