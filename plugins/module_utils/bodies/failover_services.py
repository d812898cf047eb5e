# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a cluster run the services of a description."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig
from ansible_collections.groupware.ha.plugins.module_utils.entry import (
    DESCRIPTION_OPTIONS,
    PERMISSION_OPTIONS,
    described,
    permitted_session,
)
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    parameters = module.params
    if parameters["purge"] and (parameters["state"] == "absent" or not parameters["include_applications"]):
        raise Failure(
            "purge = true: would remove what this call leaves out on purpose; "
            "use it with state: present and include_applications: true only"
        )
    framework, description = described(parameters, runner)
    desired = framework.compile(description, parameters["include_applications"])
    absent = []
    if parameters["state"] == "absent":
        desired, absent = ClusterConfig(), [service.name for service in description.services]
    session = permitted_session(framework, module)
    return session.converge(desired, absent=absent, purge=parameters["purge"]).as_dict()


BODY = Body(
    {
        **DESCRIPTION_OPTIONS,
        **PERMISSION_OPTIONS,
        "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
        "purge": {"type": "bool", "default": False},
        "include_applications": {"type": "bool", "default": True},
        "timeout": {"type": "int", "default": 120},
    },
    _work,
)
