# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter of the role ias_cluster that says whether a cluster is as it is described."""

from __future__ import annotations

from ansible_collections.groupware.ha.plugins.module_utils.products.ias_verification import verification
from ansible_collections.groupware.ha.plugins.plugin_utils.filters import filter_module

FilterModule = filter_module(ias_verification=verification)
