# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scalix: several instances on one node share its directories. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ansible_collections.groupware.ha.plugins.module_utils.description.model import ServiceDescription
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem
from ansible_collections.groupware.ha.plugins.module_utils.formats.scalix_instance import directory_of
from .base import Application


class Scalix(Application):
    """Scalix, of which each instance keeps its data in a directory named after two letters of its name."""

    def judge_together(self, services: Sequence[ServiceDescription]) -> Iterator[Problem]:
        """Every instance has a directory of its own."""
        directories: dict[str, str] = {}
        for service in services:
            options = {} if service.application is None else service.application.options
            key, instance = (
                f"services[{service.name}].application.options.instance",
                options.get("instance", service.name),
            )
            if not isinstance(instance, str) or not instance:
                yield Problem(key, instance, "is not a name", "give a text")
                continue
            directory = directory_of(instance)
            if directory in directories:
                yield Problem(
                    key,
                    instance,
                    f"has the data directory /var/opt/scalix/{directory}, as service {directories[directory]} has"
                    " (Scalix takes the first and last letter of the name)",
                    "choose an instance name with another first or last letter",
                )
            directories.setdefault(directory, service.name)
