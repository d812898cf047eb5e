# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of the role messaging_server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.groupware.ha.plugins.module_utils.description.entries import SHARES, refuse
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.messaging_instances import complete


def messaging_instances(
    instances: Sequence[Mapping[str, Any]],
    settings: Mapping[str, Any] | None = None,
    states: Mapping[str, Any] | None = None,
    accounts: Sequence[str] = (),
    secrets: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """The instances with all that is known of them."""
    try:
        return complete(instances, settings or {}, states or {}, accounts, secrets or {})
    except DescriptionError as error:
        raise AnsibleFilterError(str(error)) from None


def shares(given: Any) -> Any:
    """Shares of NFS as they are, judged: each becomes a line of fstab."""
    try:
        refuse(given, "messaging_server_shares", ("device", "mount_point"), SHARES)
    except DescriptionError as error:
        raise AnsibleFilterError(str(error)) from None
    return given


class FilterModule:
    """Filters of the role messaging_server."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Names of the filters."""
        return {"messaging_instances": messaging_instances, "shares": shares}
