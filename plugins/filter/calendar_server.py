# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter of the role calendar_server_63."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.groupware.ha.plugins.module_utils.calendar_instances import complete
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError


def calendar_instances(
    instances: Sequence[Mapping[str, Any]],
    file_systems: Sequence[Mapping[str, Any]] = (),
    answers: Mapping[str, Any] | None = None,
    directory: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """The instances with all that is known of them."""
    try:
        return complete(instances, file_systems, answers, directory or {})
    except DescriptionError as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    """Filter of the role calendar_server_63."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Names of the filters."""
        return {"calendar_instances": calendar_instances}
