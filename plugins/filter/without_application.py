# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter that finds the services whose applications are still to be configured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.plugin_utils.filters import filter_module

#: Roles of the resources that a service has before its application, on any framework.
_BELOW = ("address", "nic", "storage", "volume")


def without_application(
    described: Sequence[Mapping[str, Any]], services: Mapping[str, Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The described services that are to have an application, and that the cluster lacks or has without it."""
    found = []
    for service in described:
        if not service.get("application"):
            continue
        names = {role: f"{service['name']}_{role}" for role in _BELOW} | dict(service.get("resource_names") or {})
        members = services.get(service["name"], {}).get("members", {})
        if not set(members) - {names[role] for role in _BELOW}:
            found.append(service)
    return found


FilterModule = filter_module(without_application=without_application)
