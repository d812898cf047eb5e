# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cluster is asked: cluster.conf of this node, ``cman_tool version`` and ``clustat -x``."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound, Runner
from ansible_collections.groupware.ha.plugins.module_utils.formats import clustat as formats
from ansible_collections.groupware.ha.plugins.module_utils.formats.clustat import Clustat
from ansible_collections.groupware.ha.plugins.module_utils.formats.cluster_conf import ClusterConf
from ansible_collections.groupware.ha.plugins.module_utils.formats.cluster_conf_editing import Editor
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, NotRunning
from . import terms
from .reading import NativeState, Observation, parsed_conf, running_version


def native_state(runner: Runner) -> NativeState:
    """The configuration, and how everything stands.

    :raises FrameworkError: the cluster runs a newer configuration than this node has
    """
    found = observation(runner)
    running, status = found.running, found.status
    # Only release 6 has a program to validate a configuration.
    native = NativeState(conf(runner), running, status, release_6=runner.installed("ccs_config_validate"))
    if status.quorate and native.propagated:
        native = replace(native, status=_with_services(runner, native))
    if native.conf.version < running:
        raise FrameworkError(
            f"the cluster runs version {running} of its configuration, but {terms.CLUSTER_CONF} of this node "
            f"is version {native.conf.version}: copy the file from a node that is up to date"
        )
    return native


def _with_services(runner: Runner, native: NativeState) -> Clustat:
    """Where the services are, once rgmanager knows all of them: it takes notice of a configuration by and by."""
    services = set(Editor(native.conf).services)
    status, deadline = native.status, runner.clock() + terms.GRACE
    while not services <= set(status.groups or ()) and runner.clock() < deadline:
        runner.pause(1.0)
        status = clustat(runner)
    if services and status.groups is None:
        raise NotRunning("rgmanager is not running on this node; start it")
    return status


def observation(runner: Runner) -> Observation:
    """The cluster now, each part of it by one command when somebody looks."""
    return Observation(lambda: running_version(_ask(runner, *terms.VERSION)), lambda: clustat(runner))


def conf(runner: Runner) -> ClusterConf:
    """This node's cluster.conf."""
    text = runner.read_file(terms.CLUSTER_CONF)
    if text is None:
        raise NotRunning(f"there is no {terms.CLUSTER_CONF} on this node: the cluster is not installed")
    return parsed_conf(text, terms.CLUSTER_CONF)


def clustat(runner: Runner) -> Clustat:
    """Nodes and services at this moment."""
    try:
        return formats.parse(_ask(runner, "clustat", "-x"))
    except formats.ClustatError as error:
        raise FrameworkError(f"clustat printed something that is not understood: {error}") from None


def _ask(runner: Runner, *argv: str) -> str:
    try:
        return runner.run(argv, record=False).stdout
    except CommandNotFound:
        raise NotRunning("Red Hat Cluster Suite is not installed on this node") from None
    except CommandError as error:
        reason = error.output or error.reason
        raise NotRunning(f"the cluster is not running on this node ({argv[0]}: {reason})") from None
