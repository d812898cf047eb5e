# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter that finds the services whose applications are still to be configured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any


def without_application(
    described: Sequence[Mapping[str, Any]], services: Mapping[str, Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The described services that the cluster lacks, or has with their storage and address alone."""
    found = []
    for service in described:
        names = {"storage": f"{service['name']}_storage", "address": f"{service['name']}_address"}
        names.update(service.get("resource_names") or {})
        members = services.get(service["name"], {}).get("members", {})
        if not set(members) - {names["storage"], names["address"]}:
            found.append(service)
    return found


class FilterModule:
    """Filter on the list of services."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Names of the filters."""
        return {"without_application": without_application}
