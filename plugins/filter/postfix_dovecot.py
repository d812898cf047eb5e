# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of the role postfix_dovecot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.groupware.ha.plugins.module_utils import accounts
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.products import postfix_dovecot


def agreed_ids(reports: Mapping[str, Any], preferred: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """The ids that all nodes share."""
    try:
        return accounts.agree(reports, preferred)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from None


def mail_instances(
    instances: Sequence[Mapping[str, Any]],
    users: Mapping[str, Any] | None = None,
    dovecot_version: str = "2.3",
    relay_passwords: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything that has to be on the nodes for these instances."""
    try:
        parsed = postfix_dovecot.parse_instances(instances, users or {}, relay_passwords)
    except DescriptionError as error:
        raise AnsibleFilterError(str(error)) from None
    return {
        "files": [
            *postfix_dovecot.node_files(parsed),
            *(entry for one in parsed for entry in postfix_dovecot.instance_files(one, dovecot_version)),
        ],
        "instances": postfix_dovecot.instances_of(parsed),
    }


class FilterModule:
    """Filters of the role postfix_dovecot."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Names of the filters."""
        return {"agreed_ids": agreed_ids, "mail_instances": mail_instances}
