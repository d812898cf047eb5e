# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows what a host has of GlassFish."""

from __future__ import annotations

import os
import pwd
import socket
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.node import units
from ansible_collections.groupware.ha.plugins.module_utils.node.packages import missing_packages
from ansible_collections.groupware.ha.plugins.module_utils.products import glassfish_node
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    place = glassfish_node.place_of(module.params)
    node, instance = module.params["node"], module.params["instance"]
    return {
        "changed": False,
        "missing_packages": missing_packages(module.params["packages"], runner),
        "checksum": glassfish_node.installed(place.installation),
        "foreign": glassfish_node.installed(place.installation) is None and _has_files(place.installation),
        "user": _exists(place.user),
        "unknown_name": _unknown_name(),
        "has_domain": glassfish_node.there(place.home) and glassfish_node.is_secure(place.home),
        "fingerprint": glassfish_node.fingerprint(place.certificate),
        "has_instance": bool(node and instance) and glassfish_node.has_instance(place, node, instance),
        "services": {unit: _state(unit, runner) for unit in module.params["services"]},
    }


def _has_files(directory: str) -> bool:
    return os.path.isdir(directory) and bool(os.listdir(directory))


def _unknown_name() -> str:
    """The host's own name, if it does not know an address of it; without one GlassFish makes and starts nothing."""
    name = os.uname().nodename
    try:
        socket.getaddrinfo(name, None)
    except OSError:
        return name
    return ""


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _state(unit: str, runner: Runner) -> dict[str, bool]:
    """Whether a service runs, and was started before its unit was written, so that it runs by another one."""
    since, written = units.started(runner, unit), units.written(unit)
    stale = since is not None and written is not None and written > since
    return {"running": since is not None, "stale": stale, "described": written is not None}


_NAMES = {"type": "list", "elements": "str", "default": []}
BODY = Body(
    {
        **glassfish_node.PLACE,
        "node": {"type": "str"},
        "instance": {"type": "str"},
        "packages": _NAMES,
        "services": _NAMES,
    },
    _work,
    tells_commands=False,
)
