# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has a GlassFish cluster in a load balancer configuration, and the file of it for a web server's plug-in."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.node import directories
from ansible_collections.groupware.ha.plugins.module_utils.products import glassfish_node, glassfish_plan
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_http_lb import HttpLb, without_time
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_node import ACCESS, GlassFishError
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_rest import Administration
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    given = module.params
    administration = glassfish_node.administration_of(given)
    settings = {str(name): _spelt(value) for name, value in given["settings"].items()}
    wanted = HttpLb(given["cluster"], given["name"], given["health_check"], settings)
    absent = given["state"] == "absent"
    found = administration.ask()
    steps = wanted.removal(found) if absent else wanted.steps(found)
    for step in steps:
        runner.commands.append(str(step))
        if not module.check_mode:
            administration.take(step)
    if steps and not absent and not module.check_mode:
        left = wanted.steps(administration.ask())
        for step in left:
            # What was made has other values as yet.
            runner.commands.append(str(step))
            administration.take(step)
    diff = [{"before_header": "domain", "after_header": "domain", **glassfish_plan.diff(steps)}] if steps else []
    path = given["path"]
    if path is not None:
        before = Path(path).read_text(encoding="utf-8") if os.path.isfile(path) else ""
        after = "" if absent else before if module.check_mode and steps else _exported(administration, given)
        if without_time(before) != without_time(after):
            runner.commands.append(f"# {'remove' if absent else 'write'} {path}")
            diff.append({"before_header": path, "after_header": path, "before": before, "after": after})
            if not module.check_mode:
                _put(path, after)
    return {"changed": bool(diff), "diff": diff}


def _spelt(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _exported(administration: Administration, given: dict[str, Any]) -> str:
    """The file as the server writes it now, which it does as its own user."""
    with tempfile.TemporaryDirectory(dir=given["data"]) as top:
        os.chmod(top, 0o711)  # noqa: S103 # the server comes through, and nobody looks around
        own = f"{top}/export"
        Path(own).mkdir()
        stat = os.stat(given["data"])
        os.chown(own, stat.st_uid, stat.st_gid)
        file = f"{own}/loadbalancer.xml"
        administration.tell("export-http-lb-config", {"config": given["name"]}, (file,))
        try:
            return Path(file).read_text(encoding="utf-8")
        except OSError:
            raise GlassFishError(f"{file}: the administration server said that it wrote it, and did not") from None


def _put(path: str, text: str) -> None:
    if text:
        directories.replace(path, text.encode(), lambda new: os.chmod(new, 0o644))
    else:
        Path(path).unlink(missing_ok=True)


BODY = Body(
    {
        **ACCESS,
        "cluster": {"type": "str", "required": True},
        "name": {"type": "str", "required": True},
        "health_check": {"type": "str", "default": "/"},
        "settings": {"type": "dict", "default": {}},
        "path": {"type": "path"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    },
    _work,
)
