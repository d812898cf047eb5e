# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters that say which applications a site runs, and what is to be known of them; no playbook knows any by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.applications.base import Application
from ansible_collections.groupware.ha.plugins.module_utils.applications.registry import APPLICATIONS
from ansible_collections.groupware.ha.plugins.plugin_utils.filters import filter_module

_STEPS = Path(__file__).resolve().parents[2] / "playbooks" / "applications"
#: Roles of the resources that a service has before its application, on any framework.
_BELOW = ("address", "nic", "storage", "volume")


def _used(services: Sequence[Mapping[str, Any]]) -> list[Application]:
    """The applications of these services, in the order in which they are configured."""
    types = {(service.get("application") or {}).get("type") for service in services}
    return [application for application in APPLICATIONS.values() if application.name in types]


def applications(services: Sequence[Mapping[str, Any]], step: str) -> list[str]:
    """The applications of these services for which there is something to do in a step of a site's life."""
    return [found.name for found in _used(services) if (_STEPS / found.name / f"{step}.yml").exists()]


def application_tags(services: Sequence[Mapping[str, Any]]) -> list[str]:
    """The tags of what is done for the applications of these services."""
    return [found.role for found in _used(services) if found.role is not None]


def agents_missing(services: Sequence[Mapping[str, Any]]) -> bool:
    """Whether any of these services needs an agent that only the software of its application brings."""
    return any(found.brings_agent for found in _used(services))


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


FilterModule = filter_module(
    agents_missing=agents_missing,
    application_tags=application_tags,
    applications=applications,
    without_application=without_application,
)
