# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What steps do that is more than one command line. Pure but for the runner that each is given."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.rhcs.reading import running_version
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.rhcs.terms import CLUSTER_CONF, GRACE, VERSION


@dataclass(frozen=True)
class Replacement:
    """This node's cluster.conf with another text; what was there is kept beside it."""

    text: str

    def run(self, runner: Runner, timeout: float) -> None:  # noqa: ARG002 - no command is started
        """See Action."""
        runner.replace_file(CLUSTER_CONF, self.text, backup=True)

    def __str__(self) -> str:
        return f"replace {CLUSTER_CONF}"


@dataclass(frozen=True)
class Propagation:
    """The cluster is told to run this node's cluster.conf, which has that version."""

    version: int
    release_6: bool

    def run(self, runner: Runner, timeout: float) -> None:
        """See Action."""
        runner.run(self._argv, timeout=timeout)
        if self.release_6 or runner.dry:
            return
        deadline = runner.clock() + GRACE
        while running_version(runner.run(VERSION, record=False).stdout) != self.version:
            if runner.clock() >= deadline:
                # cman of release 4 is told by itself what version ccsd has distributed; see cman_tool(8).
                runner.run([*VERSION, "-r", str(self.version)], timeout=timeout)
                return
            runner.pause(1.0)

    @property
    def _argv(self) -> tuple[str, ...]:
        # The ccs_tool of release 6 can no longer update a configuration.
        return (*VERSION, "-r") if self.release_6 else ("ccs_tool", "update", CLUSTER_CONF)

    def __str__(self) -> str:
        return " ".join(self._argv)


@dataclass(frozen=True)
class Grace:
    """Some time for rgmanager: nothing shows that it is about to restart parts of a service, or to know other nodes."""

    def run(self, runner: Runner, timeout: float) -> None:  # noqa: ARG002 - no command is started
        """See Action."""
        if not runner.dry:
            runner.pause(GRACE)

    def __str__(self) -> str:
        return f"wait {GRACE:g} seconds"
