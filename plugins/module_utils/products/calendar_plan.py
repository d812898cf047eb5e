# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be done on which node so that each calendar can run on all of its nodes, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def differences(
    found: Mapping[str, Mapping[str, Mapping[str, Any]]],
    instances: Sequence[Mapping[str, Any]],
    homes: Mapping[str, str | None],
) -> list[str]:
    """What the role would do to the instances.

    :param found: what calendar_instance_info returned of each instance, by node and name
    :param instances: as the filter calendar_instances gives them
    :param homes: where the cluster runs each service; None for one that is online nowhere
    """
    lines = []
    for instance in instances:
        name, home = instance["name"], homes.get(instance["name"])
        if home is None or home not in found:
            where = "its service is online on none of these nodes"
            lines.append(f"{name}: {where}, so that it is not known whether there is something to configure")
            continue
        # An installation on a shared file system is the same on each node (6.1.2).
        standbys = [] if instance["shared_installation"] else [node for node in instance["nodes"] if node in found]
        for node in dict.fromkeys([home, *standbys]):
            lines += [f"{node}: {words}" for words in _words(name, found[node][name], node == home)]
    return lines


def _words(name: str, has: Mapping[str, Any], online: bool) -> Iterator[str]:
    if has["problem"] is not None:
        yield f"{name} cannot be compared with its description: {has['problem']}"
    elif not has["configured_here"] or (online and not has["configured_anywhere"]):
        yield f"configures {name}"
    elif online and not has["bound"]:
        values = f": {', '.join(has['parameters'])}" if has["parameters"] else ""
        yield f"writes ics.conf of {name}{values}"
