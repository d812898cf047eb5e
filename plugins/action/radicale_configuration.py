# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controller's part of radicale_configuration: makes the contents of the files, as that of configuration_files does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.groupware.ha.plugins.action.configuration_files import ActionModule as ConfigurationFiles


class ActionModule(ConfigurationFiles):
    """Renders templates and reads source files, then runs the module of the same name."""

    MODULE = "groupware.ha.radicale_configuration"

    def _with_content(self, entry: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """As there; a file can be made of several on the controller, one behind the other."""
        sources = entry.pop("sources", None)
        if sources is None:
            return super()._with_content(entry, task_vars)
        paths = [self._loader.get_real_file(self._find_needle("files", source)) for source in sources]
        texts = [Path(path).read_text(encoding="utf-8") for path in paths]
        return {**entry, "content": "".join(text if text.endswith("\n") else f"{text}\n" for text in texts)}
