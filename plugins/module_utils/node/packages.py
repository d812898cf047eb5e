# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which packages a node has."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandNotFound, Runner


def missing_packages(packages: Sequence[str], runner: Runner) -> list[str]:
    """The packages that are not installed; all of them on a system without dpkg."""
    if not packages:
        return []
    try:
        shown = runner.run(
            ["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\n", *packages],
            record=False,
            accept=(0, 1),
        )
    except CommandNotFound:
        return list(packages)
    installed = {line.split()[0] for line in shown.stdout.splitlines() if line.endswith(" installed")}
    return [package for package in packages if package not in installed]
