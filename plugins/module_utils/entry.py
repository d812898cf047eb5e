# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine's modules share: their common options, and how errors become a module's failure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.groupware.ha.plugins.module_utils.cluster_config import Resource
from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, LocalRunner, Runner
from ansible_collections.groupware.ha.plugins.module_utils.deployment import (
    Deployment,
    DescriptionError,
    Problem,
    parse_deployment,
    plain_settings,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Framework, FrameworkError
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.registry import create_framework
from ansible_collections.groupware.ha.plugins.module_utils.reconcile import ConflictError

FRAMEWORK_OPTIONS: dict[str, Any] = {
    "framework": {"type": "str", "default": "auto", "choices": ["auto", "pacemaker"]},
    "timeout": {"type": "int", "default": 120},
}

RESOURCE_OPTIONS: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "type": {"type": "str"},
    "properties": {"type": "dict", "default": {}},
    "meta": {"type": "dict", "default": {}},
    "operations": {"type": "dict", "default": {}},
}

DESCRIPTION_OPTIONS: dict[str, Any] = {
    "cluster": {"type": "dict", "required": True},
    "services": {"type": "list", "elements": "dict", "required": True},
}


def run_module(module: AnsibleModule, work: Callable[[Runner], dict[str, Any]]) -> None:
    """Do the module's work and exit; what the engine refuses becomes a failure with the commands run so far."""
    runner = LocalRunner(dry=module.check_mode)
    try:
        result = work(runner)
    except DescriptionError as error:
        module.fail_json(msg=str(error), problems=[problem.as_dict() for problem in error.problems], commands=[])
    except (CommandError, ConflictError, FrameworkError) as error:
        module.fail_json(msg=str(error), commands=runner.commands)
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    module.exit_json(**result, commands=runner.commands)


def described(parameters: dict[str, Any], runner: Runner) -> tuple[Framework, Deployment]:
    """The driver and the judged description that a module was given.

    :raises DescriptionError: with every problem of the description
    """
    name = parameters["cluster"].get("framework") or "pacemaker"
    framework = create_framework(name, runner)
    return framework, parse_deployment(parameters["cluster"], parameters["services"], framework.name_rule)


def native_settings(values: Mapping[str, Any], key: str) -> Mapping[str, str]:
    """Native settings that a module was given, as texts.

    :raises DescriptionError: a value is not a text, number or boolean
    """
    problems: list[Problem] = []
    settings = plain_settings(values, key, problems)
    if problems:
        raise DescriptionError(problems)
    return settings


def native_resource(framework: Framework, parameters: Mapping[str, Any]) -> Resource:
    """The resource that a module was given in the options of RESOURCE_OPTIONS.

    :raises DescriptionError: the framework cannot carry the name, or a setting is not a single value
    """
    name = parameters["name"]
    if framework.name_rule.refuses(name):
        reason = f"is a name that {framework.name} cannot carry"
        raise DescriptionError([Problem("name", name, reason, f"use {framework.name_rule.words}")])
    operations = {}
    for operation, settings in parameters["operations"].items():
        if not isinstance(settings, Mapping):
            remedy = "write settings as in {monitor: {interval: 10s}}"
            raise DescriptionError([Problem(f"operations.{operation}", settings, "is not a dictionary", remedy)])
        operations[operation] = native_settings(settings, f"operations.{operation}")
    return framework.native_resource(
        name,
        parameters["type"],
        native_settings(parameters["properties"], "properties"),
        native_settings(parameters["meta"], "meta"),
        operations,
    )
