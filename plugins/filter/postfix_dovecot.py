# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of the role postfix_dovecot, and of its verification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.applications import asking
from ansible_collections.groupware.ha.plugins.module_utils.node import accounts
from ansible_collections.groupware.ha.plugins.module_utils.products import postfix_dovecot
from ansible_collections.groupware.ha.plugins.plugin_utils.filters import filter_module


def mail_instances(
    instances: Sequence[Mapping[str, Any]],
    users: Mapping[str, Any] | None = None,
    relay_passwords: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything that has to be on the nodes for these instances."""
    parsed = postfix_dovecot.parse_instances(instances, users or {}, relay_passwords)
    return {
        "files": [
            *postfix_dovecot.node_files(parsed),
            *(entry for one in parsed for entry in postfix_dovecot.instance_files(one)),
        ],
        "instances": postfix_dovecot.instances_of(parsed),
    }


def mail_targets(
    services: Sequence[Mapping[str, Any]], credentials: Any, infos: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """The mail services and their users' passwords, as groupware.ha.mail_service_info takes them."""
    credentials = asking.log_ins(credentials)
    status = asking.status_of(infos)
    targets: list[dict[str, Any]] = []
    for service in services:
        is_mail = (service.get("application") or {}).get("type") == "postfix_dovecot"
        if not is_mail or asking.is_stopped(status, service["name"]):
            continue
        user = credentials.get(service["name"], {}).get("user")
        targets.append(
            {
                "name": service["name"],
                "host": service["address"].partition("/")[0],
                "host_name": service["host_name"],
                **({"user": user} if user else {}),
            }
        )
    passwords = {name: given["password"] for name, given in credentials.items() if "password" in given}
    return {"services": targets, "passwords": passwords}


FilterModule = filter_module(agreed_ids=accounts.agree, mail_instances=mail_instances, mail_targets=mail_targets)
