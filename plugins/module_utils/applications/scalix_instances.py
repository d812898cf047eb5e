# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The instances of Scalix that services are. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description import entries
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError, Problem
from ansible_collections.groupware.ha.plugins.module_utils.description.reader import dictionary_of, refuse_secrets
from ansible_collections.groupware.ha.plugins.module_utils.formats.scalix_instance import InstanceError, instances_of
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN, key_name, shape

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
