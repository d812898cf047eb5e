# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controller's part of mail_configuration: makes the contents of the files, as that of configuration_files does."""

from __future__ import annotations

from ansible_collections.groupware.ha.plugins.action.configuration_files import ActionModule as ConfigurationFiles


class ActionModule(ConfigurationFiles):
    """Renders templates and reads source files, then runs the module of the same name."""

    MODULE = "groupware.ha.mail_configuration"
