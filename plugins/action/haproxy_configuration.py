# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controller's part of haproxy_configuration: makes the contents of its files, keys with certificates too."""

from __future__ import annotations

from ansible_collections.groupware.ha.plugins.action.radicale_configuration import ActionModule as MakingPairs


class ActionModule(MakingPairs):
    """Renders templates and reads source files, then runs the module of the same name."""

    MODULE = "groupware.ha.haproxy_configuration"
