# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controller's part of mail_configuration: makes the contents of the files, as that of configuration_files does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.groupware.ha.plugins.action.configuration_files import ActionModule as ConfigurationFiles


class ActionModule(ConfigurationFiles):
    """Renders templates and reads source files, then runs the module of the same name."""

    MODULE = "groupware.ha.mail_configuration"

    def module_arguments(self, given: Mapping[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """What the module is given; for which release of Dovecot a file is stands apart from the others' options."""
        arguments = super().module_arguments(given, task_vars)
        releases = {
            str(index): entry.pop("dovecot") for index, entry in enumerate(arguments["files"]) if "dovecot" in entry
        }
        return {**arguments, "dovecot_releases": releases}
