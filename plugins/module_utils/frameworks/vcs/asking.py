# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What VCS is asked, and how its answers are told from refusals."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from ansible_collections.groupware.ha.plugins.module_utils.command import (
    ANY_STATUS,
    CommandError,
    CommandNotFound,
    CommandResult,
    Runner,
)
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig
from ansible_collections.groupware.ha.plugins.module_utils.formats import vcs_tables
from ansible_collections.groupware.ha.plugins.module_utils.formats.vcs_tables import Display, TableError, is_true
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, NotRunning
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.vcs import terms
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.vcs.native import Native
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.vcs.reading import (
    read_configuration,
    refuse_incomplete,
)

#: Says on this node that the configuration was opened by this collection.
SESSION_FILE = f"{terms.DIRECTORY}/.groupware_ha_session"

_NOT_RUNNING = frozenset([10600, 11046])
_NOT_READY = frozenset([11030])
#: There is nothing of the kind: no groups, no dependencies of resources or groups.
_EMPTY = frozenset([50031, 50034, 50035])

_Parsed = TypeVar("_Parsed")
#: Static attributes of resource types.
Static = Mapping[str, Mapping[str, str]]


def numbers_of(said: CommandResult) -> frozenset[int]:
    """The numbers of a command's messages, on either stream."""
    return vcs_tables.message_numbers(f"{said.stdout}\n{said.stderr}")


def words_of(said: CommandResult) -> str:
    """All that a command said in one line."""
    return " ".join([*said.stdout.split(), *said.stderr.split()]) or "no words"


def _unanswered(said: CommandResult) -> FrameworkError:
    return FrameworkError(f"{shlex.join(said.argv)}: exit status {said.status}: {words_of(said)}")


class Questions:
    """What VCS is asked through a runner."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner

    def ask(self, argv: Sequence[str], timeout: float = 60) -> CommandResult:
        """Ask something; any exit status is an answer.

        :raises NotRunning: VCS does not run here
        """
        try:
            said = self.runner.run(argv, accept=ANY_STATUS, record=False, timeout=timeout)
        except CommandNotFound:
            raise NotRunning("Veritas Cluster Server is not installed on this node") from None
        except CommandError as error:
            raise FrameworkError(f"{shlex.join(argv)}: {error.reason}; nobody knows what VCS is doing") from None
        if numbers_of(said) & _NOT_RUNNING:
            raise NotRunning(f"Veritas Cluster Server is not running on this node ({words_of(said)})")
        if numbers_of(said) & _NOT_READY and said.status != 0:
            raise NotRunning(f"Veritas Cluster Server is not ready on this node yet ({words_of(said)})")
        return said

    def table(self, argv: Sequence[str], parser: Callable[[str], _Parsed], may_be_empty: bool = False) -> _Parsed:
        """Ask for a table.

        :raises FrameworkError: the answer is none
        """
        said = self.ask(argv)
        try:
            found = parser(said.stdout)
        except TableError as error:
            if said.status != 0:
                raise _unanswered(said) from None
            raise FrameworkError(f"{shlex.join(argv)} printed something that cannot be read: {error}") from None
        empty = numbers_of(said) & _EMPTY or (may_be_empty and numbers_of(said))
        if said.status != 0 and (found or not empty):
            raise _unanswered(said)
        return found

    def shows(self, argv: Sequence[str], *row: str) -> bool:
        """Whether a row of a table has these words beside one another."""
        said = self.ask(argv)
        if said.status != 0 and not numbers_of(said) & _EMPTY:
            raise _unanswered(said)
        return any(f" {' '.join(row)} " in f" {' '.join(line.split())} " for line in said.stdout.splitlines())

    def groups(self) -> Display:
        """All groups with their attributes."""
        return self.table(["hagrp", "-display"], lambda text: vcs_tables.parse_display(text, "Group"))

    def displays(self) -> tuple[Display, Display]:
        """Groups and resources."""
        groups = self.groups()
        # Without groups there are no resources, and no telling how VCS says so.
        if not groups:
            return {}, {}
        resources = self.table(
            ["hares", "-display"], lambda text: vcs_tables.parse_display(text, "Resource"), may_be_empty=True
        )
        refuse_incomplete(groups, resources)
        return groups, resources

    def types(self) -> Static:
        """Registered resource types with their static attributes."""
        return self.table(["hatype", "-display"], vcs_tables.parse_type_display)

    def systems(self) -> Mapping[str, vcs_tables.SystemRow]:
        """The members of the cluster."""
        return self.table(["hastatus", "-sum"], vcs_tables.parse_systems)

    def native(self, types: Static) -> Native:
        """The cluster as it is now.

        :param types: registered types as far as they are known; if that is not enough, they are asked for
        """
        groups, resources = self.displays()
        if not {found for values in resources.values() for found in values["Type"].values()} <= set(types):
            types = self.types()
        return Native(groups, resources, self.systems(), types)

    def configuration(self, groups: Display, resources: Display, types: Static) -> ClusterConfig:
        """The configuration, of which so much is known already."""
        links = self.table(["hares", "-dep"], vcs_tables.parse_resource_links)
        group_links = self.table(["hagrp", "-dep"], vcs_tables.parse_group_links)
        cluster = self.table(["haclus", "-display"], vcs_tables.parse_cluster_display)
        left = not is_true(cluster.get("ReadOnly", "1")) and self.opened_here()
        return read_configuration(groups, resources, links, group_links, types, cluster, left)

    def writable(self) -> bool:
        """Whether the configuration is open for changes."""
        said = self.ask(["haclus", "-value", "ReadOnly"])
        value = said.stdout.strip()
        if said.status != 0 or value not in ("0", "1"):
            raise FrameworkError(f"haclus -value ReadOnly does not say whether it is: {words_of(said)}")
        return value == "0"

    def opened_here(self) -> bool:
        """Whether a run on this node opened the configuration and did not say that it closed it."""
        return bool((self.runner.read_file(SESSION_FILE) or "").strip())
