# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of the role glassfish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.products import (
    glassfish_description,
    glassfish_plan,
)
from ansible_collections.groupware.ha.plugins.module_utils.products import (
    glassfish_verification as verifying,
)
from ansible_collections.groupware.ha.plugins.plugin_utils.filters import filter_module


def _parsed(description: Mapping[str, Any]) -> glassfish_description.Description:
    return glassfish_description.parse(str(description.get("name")), description)


def glassfish_wanted(description: Mapping[str, Any]) -> dict[str, Any]:
    """What each server of a tier is to have."""
    parsed = _parsed(description)
    return {
        "servers": {
            server.name: {
                "address": server.address,
                "instance": server.instance,
                "port": server.port,
                "properties": glassfish_plan.properties_of(parsed, server),
            }
            for server in parsed.servers
        },
        "administration": parsed.administration,
        "administration_address": parsed.server(parsed.administration).address,
        "applications": [
            {
                "name": one.name,
                "archive": one.archive,
                "context_root": one.context_root,
                "availability": one.availability,
            }
            for one in parsed.applications
        ],
        "http_lb": None
        if parsed.http_lb is None
        else {**parsed.http_lb.__dict__, "settings": dict(parsed.http_lb.settings)},
        "instances": [
            {"name": server.instance, "address": server.address, "port": server.port} for server in parsed.servers
        ],
        "pages": [
            {"application": one.name, "path": f"{one.context_root.rstrip('/')}{one.session_page}"}
            for one in parsed.applications
            if one.session_page
        ],
    }


def glassfish_files(
    description: Mapping[str, Any],
    results: Sequence[Mapping[str, Any]],
    libraries: Sequence[str] = (),
    passwords: Any = None,
) -> dict[str, Any]:
    """The checksums of files that are deployed, by their paths."""
    parsed = _parsed(description)
    stats = {str(one["item"]): one["stat"] for one in results}
    files = {path: str(stat["checksum"]) for path, stat in stats.items() if stat.get("exists") and "checksum" in stat}
    glassfish_description.judge_files(parsed, files, libraries)
    if passwords is not None:
        glassfish_description.judge_passwords(parsed, passwords)
    return {"files": files, "libraries": [files[path] for path in libraries]}


def glassfish_password_file(passwords: Mapping[str, str]) -> str:
    """What GlassFish's program reads its own passwords from, the administrator's and the master password."""
    return glassfish_description.password_file(passwords)


def glassfish_verification(
    description: Mapping[str, Any],
    infos: Mapping[str, Mapping[str, Any]],
    configured: Mapping[str, Any],
    sessions: Mapping[str, Any],
) -> dict[str, list[str]]:
    """What works and what does not, in lines to read."""
    lines, problems = verifying.judge(_parsed(description), infos, configured, sessions)
    return {"lines": lines, "problems": problems}


FilterModule = filter_module(
    glassfish_files=glassfish_files,
    glassfish_password_file=glassfish_password_file,
    glassfish_verification=glassfish_verification,
    glassfish_wanted=glassfish_wanted,
)
