# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of the role calendar_server_7."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.products.calendar_server_7_description import (
    APPLICATION,
    CONTEXT_ROOT,
    STORE_PASSWORD,
    judge_passwords,
    parse,
)
from ansible_collections.groupware.ha.plugins.plugin_utils.filters import filter_module


def calendar_server_7_plan(
    description: Mapping[str, Any],
    data: str,
    administrator: str,
    passwords: Mapping[str, Any],
    glassfish: Mapping[str, Any],
) -> dict[str, Any]:
    """What the hosts of a tier are to have."""
    parsed = parse(str(description.get("name")), description)
    judge_passwords(passwords)
    database = parsed.database
    return {
        "first": parsed.first,
        "front_ends": list(parsed.front_ends),
        "application": APPLICATION,
        "context_root": CONTEXT_ROOT,
        "answers": {
            "admin.user": administrator,
            "appserver.target": parsed.application_servers,
            "appserver.user": glassfish["administrator"],
            "runtime.user": glassfish["user"],
            "database.host": database.host,
            "database.port": str(database.port),
            "database.name": database.name,
        },
        "options": parsed.all_options,
        "secrets": {
            "administrator": passwords["administrator"],
            "answers": {
                "admin.password": passwords["administrator"],
                "appserver.password": glassfish["passwords"]["administrator"],
            },
            "options": {STORE_PASSWORD: passwords["document_store"]},
        },
        "store": {"host": parsed.store.host, "address": parsed.store.address, "port": parsed.store.port},
        "store_files": parsed.store_files(data, passwords["document_store"]),
    }


FilterModule = filter_module(calendar_server_7_plan=calendar_server_7_plan)
