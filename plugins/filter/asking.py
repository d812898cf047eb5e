# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of the playbook verify: what the services of an application are asked, and what their answers mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.groupware.ha.plugins.module_utils.applications import asking
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError


def questions(
    services: Sequence[Mapping[str, Any]],
    application: str,
    infos: Sequence[Mapping[str, Any]],
    reports: Mapping[str, Mapping[str, Any]],
    credentials: Any,
) -> dict[str, Any]:
    """What is asked over the network of the services of an application."""
    try:
        return asking.questions(services, application, infos, reports, credentials)
    except DescriptionError as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    """Filters of the playbook verify."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Names of the filters."""
        return {
            "application_answers": asking.answers,
            "application_questions": questions,
            "running_here": asking.running_here,
        }
