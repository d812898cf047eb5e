# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prepares a directory server for Calendar Server."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.products.calendar_server import Directory, converge_directory
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    directory = Directory(**{name: value for name, value in module.params.items() if name != "password"})
    return converge_directory(directory, module.params["password"], runner)


BODY = Body(
    {
        "program": {"type": "path", "default": "/opt/SUNWcomds/sbin/comm_dssetup.pl"},
        "server_root": {"type": "path", "required": True},
        "instance": {"type": "str", "required": True},
        "dc_suffix": {"type": "str", "default": "o=internet"},
        "user_group_suffix": {"type": "str", "default": "o=usergroup"},
        "manager": {"type": "str", "default": "cn=Directory Manager"},
        "password": {"type": "str", "required": True, "no_log": True},
        "schema": {"type": "str", "choices": ["1", "1.5", "2"], "default": "2"},
    },
    _work,
)
