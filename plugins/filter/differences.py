# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be the same on several nodes, and is not."""

from __future__ import annotations

from ansible_collections.groupware.ha.plugins.module_utils.formats.vfstab import differences
from ansible_collections.groupware.ha.plugins.module_utils.node.storage.comparing import compare_devices
from ansible_collections.groupware.ha.plugins.plugin_utils.filters import filter_module

FilterModule = filter_module(vfstab_differences=differences, volume_differences=compare_devices)
