# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter on what the module vfstab returned on several nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.formats.vfstab import differences


class FilterModule:
    """Filter of the files of several nodes."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Names of the filters."""
        return {"vfstab_differences": differences}
