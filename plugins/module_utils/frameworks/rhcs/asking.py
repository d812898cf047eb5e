# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cluster is asked: cluster.conf of this node, ``cman_tool version`` and ``clustat -x``."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound, Runner
from ansible_collections.groupware.ha.plugins.module_utils.formats import clustat
from ansible_collections.groupware.ha.plugins.module_utils.formats.clustat import Clustat
from ansible_collections.groupware.ha.plugins.module_utils.formats.cluster_conf import ClusterConf, Editor
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, NotRunning
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.rhcs.reading import Situation, parsed_conf
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.rhcs.terms import CLUSTER_CONF

_RUNNING_VERSION = re.compile(r"^\S+ config ([0-9]{1,9})\s*$", re.MULTILINE)

#: Seconds that are waited for rgmanager to show what it has, if nobody has just changed anything.
GRACE = 5
_PAUSE = 1.0


class Questions:
    """What the cluster is asked through a runner."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner

    def situation(self) -> Situation:
        """The configuration, and how everything stands.

        :raises FrameworkError: the cluster runs a newer configuration than this node has
        """
        running, status = self.running_version(), self.clustat()
        situation = Situation(self.file(), running, status)
        if status.quorate and situation.propagated:
            situation = replace(situation, status=self._with_services(situation))
        if situation.conf.version < situation.running:
            raise FrameworkError(
                f"the cluster runs version {situation.running} of its configuration, but {CLUSTER_CONF} of this node "
                f"is version {situation.conf.version}: copy the file from a node that is up to date"
            )
        return situation

    def _with_services(self, situation: Situation) -> Clustat:
        """Where the services are, once rgmanager knows all of them: it takes notice of a configuration by and by."""
        services = set(Editor(situation.conf).services)
        status = situation.status

        def noticed() -> bool:
            nonlocal status
            if services <= set(status.groups or ()):
                return True
            status = self.clustat()
            return services <= set(status.groups or ())

        self.until(noticed, GRACE)
        if services and status.groups is None:
            raise NotRunning("rgmanager is not running on this node; start it")
        return status

    def file(self) -> ClusterConf:
        """This node's cluster.conf."""
        text = self.runner.read_file(CLUSTER_CONF)
        if text is None:
            raise NotRunning(f"there is no {CLUSTER_CONF} on this node: the cluster is not installed")
        return parsed_conf(text, CLUSTER_CONF)

    def running_version(self) -> int:
        """The version of the configuration that the cluster runs."""
        found = _RUNNING_VERSION.search(self._ask(["cman_tool", "version"]))
        if found is None:
            raise FrameworkError("cman_tool version did not print the version of the configuration")
        return int(found[1])

    def clustat(self) -> Clustat:
        """Nodes and services at this moment."""
        text = self._ask(["clustat", "-x"])
        try:
            return clustat.parse(text)
        except clustat.ClustatError as error:
            raise FrameworkError(f"clustat printed something that is not understood: {error}") from None

    def _ask(self, argv: Sequence[str]) -> str:
        try:
            return self.runner.run(argv, record=False).stdout
        except CommandNotFound:
            raise NotRunning("Red Hat Cluster Suite is not installed on this node") from None
        except CommandError as error:
            reason = error.output or error.reason
            raise NotRunning(f"the cluster is not running on this node ({argv[0]}: {reason})") from None

    def until(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Wait for something; whether it came true within so many seconds."""
        deadline = self.runner.clock() + timeout
        while not condition():
            if self.runner.clock() >= deadline:
                return False
            self.runner.pause(_PAUSE)
        return True
