# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of the role calendar_server_63."""

from __future__ import annotations

from ansible_collections.groupware.ha.plugins.module_utils.products.calendar_instances import (
    complete as calendar_instances,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.calendar_plan import (
    differences as calendar_differences,
)
from ansible_collections.groupware.ha.plugins.plugin_utils.filters import filter_module

FilterModule = filter_module(calendar_differences=calendar_differences, calendar_instances=calendar_instances)
