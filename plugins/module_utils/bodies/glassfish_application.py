# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has a GlassFish cluster have an application, or not have it."""

from __future__ import annotations

import os
import zipfile
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.products import glassfish_node, glassfish_plan
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_applications import (
    ApplicationError,
    Deployment,
    version,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_node import ACCESS
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_plan import Step
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    given = module.params
    administration = glassfish_node.administration_of(given)
    deployment = Deployment(
        administration,
        given["cluster"],
        given["name"],
        version(given["checksum"], given["context_root"], given["availability"]),
        given["context_root"],
        given["availability"],
        given["archive"],
    )
    found = administration.ask()
    if given["state"] == "absent":
        return _remove(module, runner, deployment)
    deploying, enabling, removing = deployment.steps(found)
    steps = [*deploying, *enabling, *removing]
    if module.check_mode:
        runner.commands.extend(str(step) for step in steps)
    else:
        if deploying and not os.path.isfile(given["archive"]):
            raise ApplicationError(f"{given['archive']}: is missing; copy the application's file there")
        if deploying and not zipfile.is_zipfile(given["archive"]):
            raise ApplicationError(
                f"application {given['name']}: its file is no WAR, which is a zip file; nothing was done"
            )

        def tell(step: Step) -> dict[str, Any]:
            runner.commands.append(str(step))
            return administration.take(step)

        deployment.take(found, tell)
    return {"changed": bool(steps), "diff": glassfish_plan.diff(steps), "version": deployment.whole}


def _remove(module: Module, runner: Runner, deployment: Deployment) -> dict[str, Any]:
    """Have no version of it."""
    administration = deployment.administration
    steps = [deployment.undeploy(name) for name in deployment.versions(administration.ask())]
    for step in steps:
        runner.commands.append(str(step))
        if not module.check_mode:
            administration.take(step)
    return {"changed": bool(steps), "diff": glassfish_plan.diff(steps), "version": ""}


BODY = Body(
    {
        **ACCESS,
        "cluster": {"type": "str", "required": True},
        "name": {"type": "str", "required": True},
        "archive": {"type": "path", "required": True},
        "checksum": {"type": "str", "required": True},
        "context_root": {"type": "str", "required": True},
        "availability": {"type": "bool", "default": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    },
    _work,
)
