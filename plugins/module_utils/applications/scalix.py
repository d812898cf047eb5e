# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scalix: several instances on one node share its directories. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description import entries
from ansible_collections.groupware.ha.plugins.module_utils.description.model import ServiceDescription
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError, Problem
from ansible_collections.groupware.ha.plugins.module_utils.description.reader import dictionary_of, refuse_secrets
from ansible_collections.groupware.ha.plugins.module_utils.formats.scalix_instance import (
    InstanceError,
    directory_of,
    instances_of,
)
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN, key_name, shape
from .base import Application

_OPTIONS = ("instance", "scripts")


def judged_instances(services: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The instances of services, as the modules take them.

    :param services: as the role takes them
    :raises DescriptionError: with everything that is wrong with them
    """
    entries.refuse(services, "scalix_instances", ("name", "host_name", "mount_point", "nodes"))
    problems: list[Problem] = []
    found = [
        {"name": _name_of(service, problems), "host_name": service["host_name"], "nodes": list(service["nodes"])}
        for service in services
    ]
    if problems:
        raise DescriptionError(problems)
    try:
        judged = instances_of(found)
    except InstanceError as error:
        subject, _colon, words = str(error).partition(": ")
        reason, _semicolon, remedy = words.rpartition("; ")
        raise DescriptionError([Problem("services", subject, reason, remedy)]) from None
    for service, instance in zip(services, judged):
        if service["mount_point"].rstrip("/") != instance.mount_point:
            key = f"services[{service['name']}].storage.mount_point"
            reason = f"Scalix keeps an instance called {instance.name} in {instance.mount_point}"
            problems.append(Problem(key, service["mount_point"], reason, "mount its volume there"))
    if problems:
        raise DescriptionError(problems)
    return found


def _name_of(service: Mapping[str, Any], problems: list[Problem]) -> str:
    key = f"services[{service['name']}].application.options"
    options = dictionary_of(service.get("options"), key, problems)
    refuse_secrets(options, key, problems)
    for option in options:
        if option not in _OPTIONS:
            reason, remedy = "is no option of Scalix", f"there are {' and '.join(_OPTIONS)}"
            problems.append(Problem(f"{key}.{key_name(option)}", HIDDEN, reason, remedy))
    name = options.get("instance", service["name"])
    if not isinstance(name, str):
        problems.append(Problem(f"{key}.instance", shape(name), "is not a text", "put it in quotes"))
    return str(name)


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
