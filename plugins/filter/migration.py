# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the description of a cluster that is given up to one for Pacemaker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.migration import migrating as migration
from ansible_collections.groupware.ha.plugins.plugin_utils.filters import filter_module


def migrated(description: Mapping[str, Any]) -> dict[str, Any]:
    """The description for Pacemaker, with all that it lacks."""
    try:
        result = migration.migrated(description["cluster"], description["services"])
    except (KeyError, TypeError, AttributeError) as error:
        raise Failure(
            f"this is no description of a cluster ({type(error).__name__}: {error}); give what "
            "groupware.ha.cluster_info returns with export: true"
        ) from error
    return {
        "cluster": dict(result.cluster),
        "services": [dict(service) for service in result.services],
        "unexpressed": [*description.get("unexpressed", ()), *result.unexpressed],
    }


FilterModule = filter_module(migrated=migrated)
