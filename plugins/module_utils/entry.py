# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine's modules share: their common options, and what the engine makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.description.model import Description, Member
from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problems, refuse
from ansible_collections.groupware.ha.plugins.module_utils.description.reader import operation_settings, plain_settings
from ansible_collections.groupware.ha.plugins.module_utils.description.secrets import found_secrets
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import Resource, Service
from ansible_collections.groupware.ha.plugins.module_utils.engine.session import Session
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Framework
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.names import DEFAULT, PROGRAMS
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.registry import create_framework
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN

FRAMEWORK_OPTIONS: dict[str, Any] = {
    "framework": {
        "type": "str",
        "default": "auto",
        "choices": ["auto", *PROGRAMS],
    },
    "timeout": {"type": "int", "default": 120},
}

PERMISSION_OPTIONS: dict[str, Any] = {
    "allow_restart": {"type": "bool", "default": False},
    "allow_recreate": {"type": "bool", "default": False},
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


def permitted_session(framework: Framework, module: AnsibleModule) -> Session:
    """The session of a module that has the options of PERMISSION_OPTIONS and a timeout."""
    given = (module.params[name] for name in ("timeout", "allow_restart", "allow_recreate"))
    return Session(framework, module.check_mode, *given)


def described(parameters: dict[str, Any], runner: Runner) -> tuple[Framework, Description]:
    """The driver and the judged description that a module was given.

    :raises DescriptionError: with every problem of the description
    """
    name = parameters["cluster"].get("framework")
    # A framework without a driver is one problem of the description among others.
    framework = create_framework(name if isinstance(name, str) and name in PROGRAMS else DEFAULT, runner)
    return framework, parse_description(parameters["cluster"], parameters["services"], framework.capabilities)


def native_resource(
    framework: Framework, parameters: Mapping[str, Any], axes: Mapping[str, str] | None = None
) -> Resource:
    """The resource that a module was given in the options of RESOURCE_OPTIONS.

    :param axes: further settings, of ``native_axes``
    :raises DescriptionError: the framework cannot carry the name, or a setting is not a single value
    """
    problems = Problems()
    _check_name(framework, "name", parameters["name"], problems)
    properties = plain_settings(parameters["properties"], "properties", problems)
    meta = plain_settings(parameters["meta"], "meta", problems)
    operations = operation_settings(parameters["operations"], "operations", problems)
    given = {"properties": properties, "meta": meta, "operations": operations}
    _refuse_on_command_lines(framework, given, problems, parameters["type"] or "")
    refuse(problems)
    resource = framework.native_resource(Member(parameters["name"], parameters["type"], properties, meta, operations))
    return replace(resource, settings={**resource.settings, **(axes or {})})


def native_axes(framework: Framework, kind: str, parameters: Mapping[str, Any], axes: Sequence[str]) -> dict[str, str]:
    """The native settings of those axes that a module was given.

    :raises FrameworkError: the framework has no such axis
    """
    settings: dict[str, str] = {}
    for axis in axes:
        if parameters[axis] is not None:
            settings.update(framework.axis_settings(kind, axis, parameters[axis]))
    return settings


def native_type(framework: Framework, parameters: Mapping[str, Any]) -> Resource:
    """The resource type that a module was given.

    :raises DescriptionError: a property is not a single value
    :raises FrameworkError: types are not registered on this framework
    """
    problems = Problems()
    properties = plain_settings(parameters["properties"], "properties", problems)
    _refuse_on_command_lines(framework, {"properties": properties}, problems)
    refuse(problems)
    return framework.native_type(parameters["name"], parameters["base_type"], properties)


def native_service(
    framework: Framework,
    name: str,
    resources: Sequence[Resource],
    nodes: Sequence[str] = (),
    properties: Mapping[str, Any] | None = None,
    axes: Mapping[str, str] | None = None,
) -> Service:
    """The service that a module was given.

    :raises DescriptionError: the framework cannot carry a name, or a property is not a single value
    """
    problems = Problems()
    _check_name(framework, "name", name, problems)
    for node in nodes:
        _check_name(framework, "nodes", node, problems)
    settings = plain_settings(properties or {}, "properties", problems)
    _refuse_on_command_lines(framework, {"properties": settings}, problems)
    refuse(problems)
    service = framework.native_service(name, nodes, settings, resources)
    return replace(service, settings={**service.settings, **(axes or {})})


def _refuse_on_command_lines(
    framework: Framework, given: Mapping[str, Any], problems: Problems, agent: str = ""
) -> None:
    """Refuse secrets where the framework's own programs would be given them as arguments."""
    if not framework.capabilities.settings_on_command_lines:
        return
    for part, settings in given.items():
        for key, _reason in found_secrets(settings, part, agent):
            reason = f"is a secret, and {framework.name} takes settings on command lines, which everybody can read"
            remedy = "keep it in a file on the nodes and name that file, or set it by hand and leave it out here"
            problems.add(key, HIDDEN, reason, remedy)


def _check_name(framework: Framework, key: str, name: str, problems: Problems) -> None:
    if framework.capabilities.refuses(name):
        reason = f"is a name that {framework.name} cannot carry"
        problems.add(key, name, reason, f"use {framework.capabilities.words}")
