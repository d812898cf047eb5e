# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the archive of a web application whose sessions are replicated."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.formats.web_descriptors import (
    PERSISTENCE,
    ArchiveError,
    checksum,
    with_sessions,
)
from ansible_collections.groupware.ha.plugins.module_utils.node import directories
from ansible_collections.groupware.ha.plugins.module_utils.node.files import Attributes, set_attributes
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    source, path = module.params["source"], module.params["path"]
    try:
        content = with_sessions(Path(source).read_bytes(), module.params["persistence"])
    except FileNotFoundError:
        raise ArchiveError(f"{source} is not there; it comes with the product's software") from None
    except ArchiveError as error:
        raise ArchiveError(f"{source}: {error}") from None
    differs = not os.path.isfile(path) or Path(path).read_bytes() != content
    if differs and not runner.dry:
        attributes = Attributes(module.params["owner"], module.params["owner"], 0o600)
        directories.replace(path, content, lambda new: set_attributes(new, attributes))
    return {"changed": differs, "checksum": checksum(content)}


BODY = Body(
    {
        "source": {"type": "path", "required": True},
        "path": {"type": "path", "required": True},
        "owner": {"type": "str", "default": "root"},
        "persistence": {"type": "str", "choices": list(PERSISTENCE), "default": "replicated"},
    },
    _work,
    tells_commands=False,
)
