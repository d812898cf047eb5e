# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the nodes of a run said when they were asked for the cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.site.outcome import service_lines
from ansible_collections.groupware.ha.plugins.plugin_utils.filters import filter_module


def answers(nodes: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """Which nodes answered, on which of them the cluster runs, which have nothing of any, and a line for each.

    :param nodes: for each node its name and what groupware.ha.cluster_info returned there, which may have failed
    """
    found: dict[str, Any] = {"answering": [], "live": [], "bare": [], "lines": []}
    for name, info in nodes:
        cluster = info.get("cluster")
        if info.get("unreachable"):
            words = f"gave no answer ({_reason(info)})"
        elif cluster is None:
            words = f"cannot be asked ({_reason(info)})"
        elif not cluster["running"]:
            found["answering"].append(name)
            words = cluster.get("reason", "the cluster is not running on this node")
            left = cluster.get("remains")
            if left:
                words += f"; there is left: {', '.join(left)}"
            elif left is not None:
                found["bare"].append(name)
        else:
            found["answering"].append(name)
            found["live"].append(name)
            words = "the cluster runs there"
        found["lines"].append(f"{name}: {words}")
    return found


def _reason(info: Mapping[str, Any]) -> str:
    # What kept a module from running at all is told beside the message.
    told = [str(info.get("msg", "nothing is known")).removeprefix("Task failed: "), str(info.get("module_stderr", ""))]
    return " ".join(" ".join(told).split())


FilterModule = filter_module(answers=answers, service_lines=service_lines)
