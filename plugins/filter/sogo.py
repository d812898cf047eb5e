# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of the role sogo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError, Problem
from ansible_collections.groupware.ha.plugins.module_utils.products import (
    sogo_description,
    sogo_users,
    sogo_verification,
)
from ansible_collections.groupware.ha.plugins.plugin_utils.filters import filter_module


def _parsed(description: Mapping[str, Any]) -> sogo_description.Description:
    return sogo_description.parse(str(description.get("name")), description)


def sogo_plan(description: Mapping[str, Any], node: str, password: Any, users: Any) -> dict[str, Any]:
    """What a node is to be, and all files that it needs for it."""
    parsed = _parsed(description)
    own = parsed.node(node)
    if own is None:
        names = ", ".join(one.name for one in parsed.nodes)
        reason = f"does not name this host; it has {names}"
        raise DescriptionError([Problem(sogo_description.NODES, node, reason, "add it, or leave the host out")])
    sogo_description.judge_password(password)
    judged = sogo_users.parse(users, parsed.mail_domain)
    database = parsed.database
    return {
        "address": own.address,
        "port": parsed.port,
        "files": sogo_description.files(parsed, node, password),
        "users": [{"name": one.name, "full_name": one.full_name, "mail": one.mail} for one in judged],
        "password_hashes": {one.name: one.password_hash for one in judged},
        "database": {
            "host": database.address,
            "port": database.port,
            "account": database.account,
            "database": database.name,
        },
        "cache": {"host": parsed.cache.address, "port": parsed.cache.port},
        "outlook": sogo_description.outlook(parsed),
    }


def sogo_verification_of(
    infos: Mapping[str, Mapping[str, Any]],
    description: Mapping[str, Any],
    compared: Mapping[str, Mapping[str, Any]],
    users: Mapping[str, Any],
) -> dict[str, list[str]]:
    """What works and what does not, in lines to read."""
    lines, problems = sogo_verification.judge(_parsed(description), infos, compared, users)
    return {"lines": lines, "problems": problems}


FilterModule = filter_module(sogo_plan=sogo_plan, sogo_verification=sogo_verification_of)
