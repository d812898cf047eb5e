# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controller's part of sogo_configuration: hands contents that are secret over apart from the rest."""

from __future__ import annotations

from ansible_collections.groupware.ha.plugins.action.configuration_files import ActionModule as ConfigurationFiles


class ActionModule(ConfigurationFiles):
    """Makes the contents of files, then runs the module of the same name."""

    MODULE = "groupware.ha.sogo_configuration"
