# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services that run an application, as its role takes them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError, Problem
from .registry import APPLICATIONS


def nodes_of(service: Mapping[str, Any]) -> list[str]:
    """All nodes of a described service, its home first."""
    standby = service["nodes"]["standby"]
    return [service["nodes"]["primary"], *([standby] if isinstance(standby, str) else standby)]


def _needs(application: str) -> tuple[str, ...]:
    """What a role needs of a service; nearly all keep something on a volume."""
    about = APPLICATIONS.get(application)
    return about.needs if about is not None and about.needs else ("host_name", "address", "storage")


def instances_of(services: Sequence[Mapping[str, Any]], application: str) -> list[dict[str, Any]]:
    """The instances of one application.

    :param services: the value of ``groupware_services``, whose shape was judged
    :raises DescriptionError: a service has not what a role needs
    """
    found = [service for service in services if (service.get("application") or {}).get("type") == application]
    problems = [
        Problem(f"services[{service['name']}].{key}", None, "is missing", f"the application {application} needs it")
        for service in found
        for key in _needs(application)
        if service.get(key) in (None, "")
    ]
    if problems:
        raise DescriptionError(problems)
    return [
        {
            "name": service["name"],
            "host_name": service["host_name"],
            "address": service["address"].partition("/")[0],
            **({"mount_point": service["storage"]["mount_point"]} if service.get("storage") else {}),
            "nodes": nodes_of(service),
            "options": service["application"].get("options", {}),
        }
        for service in found
    ]
