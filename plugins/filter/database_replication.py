# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of the role database_replication."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.products import (
    database_description,
    database_differences,
    database_roles,
)
from ansible_collections.groupware.ha.plugins.plugin_utils.filters import filter_module


def database_replication_wanted(description: Mapping[str, Any], passwords: Any = None) -> dict[str, Any]:
    """Everything that has to be on the servers of a tier."""
    parsed = database_description.parse(str(description.get("name")), description)
    if passwords is not None:
        database_description.judge_passwords(parsed, passwords)
    return {
        "servers": {
            server.name: {
                "address": server.address,
                "port": server.port,
                "settings": database_description.settings_of(parsed, server),
            }
            for server in parsed.servers
        },
        "databases": [
            {name: value for name, value in database.__dict__.items() if value is not None}
            for database in parsed.databases
        ],
        "accounts": database_description.accounts_of(parsed),
        "account": parsed.replication_account,
        "semi_synchronous": parsed.durability == database_description.SEMI_SYNCHRONOUS,
    }


def _found(description: Mapping[str, Any], answers: Mapping[str, Any]) -> database_roles.Found:
    return database_roles.found(database_description.parse(str(description.get("name")), description), answers)


def database_replication_roles(answers: Mapping[str, Any], description: Mapping[str, Any]) -> dict[str, Any]:
    """Which server is the primary."""
    these = _found(description, answers)
    decided = database_roles.roles(these)
    return {
        "primary": decided.primary,
        "notes": list(decided.notes),
        "problem": decided.problem,
        # What a run that starts them will know.
        "stopped": [name for name, one in these.silent.items() if one.answered],
    }


def database_replication_differences(infos: Mapping[str, Any], description: Mapping[str, Any]) -> list[str]:
    """What differs between the servers and their description, in lines to read."""
    # One that failed says so itself.
    known = {name: info for name, info in infos.items() if not info.get("failed")}
    these = _found(description, {name: info["server"] for name, info in known.items()})
    return list(database_differences.differences(these, known))


def database_replication_promotion(
    answers: Mapping[str, Any],
    description: Mapping[str, Any],
    server: str,
    old_primary_is_off: bool = False,
    accept_data_loss: bool = False,
) -> dict[str, Any]:
    """What it takes to make a server the primary."""
    these = _found(description, answers)
    promotion = database_roles.promotion(these, server, bool(old_primary_is_off), bool(accept_data_loss))
    return {name: list(value) if isinstance(value, tuple) else value for name, value in promotion.__dict__.items()}


def database_replication_verification(answers: Mapping[str, Any], description: Mapping[str, Any]) -> dict[str, Any]:
    """What works, and what is wrong."""
    lines, problems = database_roles.verification(_found(description, answers))
    return {"lines": lines, "problems": problems}


FilterModule = filter_module(
    database_replication_differences=database_replication_differences,
    database_replication_promotion=database_replication_promotion,
    database_replication_roles=database_replication_roles,
    database_replication_verification=database_replication_verification,
    database_replication_wanted=database_replication_wanted,
)
