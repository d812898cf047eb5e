# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the description of a cluster that is given up to one for Pacemaker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.groupware.ha.plugins.module_utils import migration


def migrated(description: Mapping[str, Any]) -> dict[str, Any]:
    """The description for Pacemaker, with all that it lacks."""
    try:
        result = migration.migrated(description["cluster"], description["services"])
    except (KeyError, TypeError, AttributeError) as error:
        raise AnsibleFilterError(
            f"this is no description of a cluster ({type(error).__name__}: {error}); give what "
            "groupware.ha.cluster_info returns with export: true"
        ) from error
    except migration.MigrationError as error:
        raise AnsibleFilterError(str(error)) from None
    return {
        "cluster": dict(result.cluster),
        "services": [dict(service) for service in result.services],
        "unexpressed": [*description.get("unexpressed", ()), *result.unexpressed],
    }


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Their names."""
        return {"migrated": migrated}
