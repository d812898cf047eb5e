# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter of the role ias_cluster that says whether a cluster is as it is described."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.products.ias_verification import verification


class FilterModule:
    """Filter of the role ias_cluster."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name of the filter."""
        return {"ias_verification": verification}
