# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a CIB is changed."""

from __future__ import annotations

import copy
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker import asking
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.editing import Edit


@dataclass(frozen=True)
class Patch:
    """An edit of the CIB of its moment, sent as one atomic change; nothing is sent where it makes no difference.

    The patch names no version of the CIB, so that a state change that comes in between does not refuse it.
    """

    edit: Edit

    def run(self, runner: Runner, timeout: float) -> None:
        """See Action."""
        current = asking.whole_cib(runner)
        wanted = copy.deepcopy(current)
        self.edit(wanted)
        # A CIB may hold passwords of fence agents: the directory is the process owner's alone.
        with tempfile.TemporaryDirectory(prefix="groupware-ha-") as directory:
            original, new = Path(directory, "original.xml"), Path(directory, "new.xml")
            original.write_text(ElementTree.tostring(current, encoding="unicode"), encoding="utf-8")
            new.write_text(ElementTree.tostring(wanted, encoding="unicode"), encoding="utf-8")
            # Exit status 1 says that there are differences.
            difference = runner.run(
                ["crm_diff", f"--original={original}", f"--new={new}", "--no-version"], accept=(0, 1), record=False
            )
        if difference.stdout.strip():
            runner.run(["cibadmin", "--patch", "--xml-pipe"], stdin=difference.stdout, timeout=timeout)

    def __str__(self) -> str:
        return "a patch of the CIB"
