# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node says of its cluster."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import shown_configuration
from ansible_collections.groupware.ha.plugins.module_utils.engine.redundancy import weaknesses
from ansible_collections.groupware.ha.plugins.module_utils.engine.remains import remains
from ansible_collections.groupware.ha.plugins.module_utils.entry import FRAMEWORK_OPTIONS
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Framework, FrameworkError, NotRunning
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.registry import create_framework
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module, unprivileged

#: Seconds between two looks.
_POLL = 0.5


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    name, saved = module.params["framework"], module.params["saved"]
    if saved is not None and name == "auto":
        raise FrameworkError("framework = 'auto': a saved configuration does not say whose it is; name the framework")
    framework, configuration = None, ClusterConfig()
    try:
        framework = create_framework(name, runner)
        _await_online(framework, module, runner)
        cluster, configuration = _saved(framework, saved, runner) if saved is not None else _running(framework)
    except NotRunning as error:
        if unprivileged():
            # A cluster that may not be asked looks like one that is down; as such it would be set up anew.
            raise FrameworkError(f"it is not known whether the cluster runs here: {error}") from None
        cluster, framework = {"running": False, "reason": str(error), "remains": remains(runner)}, None
    result = {"changed": False, "diff": {"before": "", "after": ""}, "cluster": cluster}
    if framework is not None and module.params["export"]:
        export = framework.export(configuration)
        result["description"] = {
            "cluster": dict(export.cluster),
            "services": [dict(service) for service in export.services],
            "unexpressed": list(export.unexpressed),
        }
    return result


def _await_online(framework: Framework, module: Module, runner: Runner) -> None:
    """Wait until all the nodes that the module was given are online."""
    nodes, timeout = module.params["online"], module.params["timeout"]
    until = runner.clock() + timeout
    missing = [] if module.check_mode else nodes
    while missing:
        try:
            told = framework.read().status.nodes
        except Failure as error:
            told, reason = {}, str(error)
        else:
            states = (f"{name} ({'online' if one.online else 'offline'})" for name, one in told.items())
            reason = f"it has {', '.join(states)}"
        missing = [node for node in nodes if node not in told or not told[node].online]
        if missing and runner.clock() >= until:
            raise FrameworkError(f"{', '.join(missing)}: not online in the cluster within {timeout} seconds: {reason}")
        if missing:
            runner.pause(_POLL)


def _saved(framework: Framework, path: str, runner: Runner) -> tuple[dict[str, Any], ClusterConfig]:
    text = runner.read_file(path)
    if text is None:
        raise FrameworkError(f"saved = {path!r}: there is no such file on this node")
    configuration = framework.parse_saved(text)
    told = {"running": False, "framework": framework.name, "configuration": shown_configuration(configuration)}
    return told, configuration


def _running(framework: Framework) -> tuple[dict[str, Any], ClusterConfig]:
    snapshot = framework.read()
    status, configuration = snapshot.status, snapshot.config
    placement = {service.name: list(service.placement or ()) for service in configuration.services}
    told = {
        "running": True,
        "framework": framework.name,
        **status.as_dict(),
        "weaknesses": [found.as_dict() for found in weaknesses(status, placement, configuration.leftovers)],
        "configuration": shown_configuration(configuration),
    }
    return told, configuration


BODY = Body(
    {
        **FRAMEWORK_OPTIONS,
        "export": {"type": "bool", "default": False},
        "saved": {"type": "path"},
        "online": {"type": "list", "elements": "str", "default": []},
    },
    _work,
)
