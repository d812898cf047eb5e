# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the devices of a volume are the same ones on all of its nodes. Pure; for the controller."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_REMEDY = "present the same LUN under that name to all nodes (names in /dev/disk/by-id say which one it is)"


def compare_devices(
    volumes: Iterable[Mapping[str, Any]],
    answers: Mapping[str, Mapping[str, Any]],
    destroy: Iterable[Mapping[str, Any]] = (),
) -> dict[str, list[str]]:
    """Differences between what nodes say of the devices of the volumes that they share.

    What a node does not know of a device is not compared: a loop device has neither WWN nor serial, and what was not
    made yet has no UUID. Sizes are always known.

    :param volumes: as the role shared_storage takes them: name, device or devices, nodes
    :param answers: by node, the result of the module shared_volumes there; a node that is missing here, or whose result
        has no ``volumes`` (it failed, was skipped, or is unreachable), is named as not compared
    :param destroy: what is to be destroyed; refused if another node uses it
    :returns: ``problems`` and ``not_compared``, to be read
    """
    problems: list[str] = []
    not_compared: list[str] = []
    to_destroy = {entry["device"] for entry in destroy}
    for volume in volumes:
        name, nodes = volume["name"], list(volume["nodes"])
        seen = {
            node: answers[node]["volumes"][name]["devices"]
            for node in nodes
            if name in (answers.get(node) or {}).get("volumes", {})
        }
        silent = [node for node in nodes if node not in seen]
        if silent:
            not_compared.append(
                f"volume {name}: its devices on {', '.join(silent)} were not compared with those of other nodes"
            )
        for path in volume.get("devices") or [volume["device"]]:
            found = {node: devices[path] for node, devices in seen.items() if devices.get(path, {}).get("exists")}
            where = f"volume {name}: {path}"
            problems += [
                f"{where} is not the same device on all nodes: {text}; {_REMEDY}" for text in _differences(found)
            ]
            if path in to_destroy:
                problems += _in_use(where, found)
    return {"problems": problems, "not_compared": not_compared}


def _differences(found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Each thing that nodes know of a device and that is not the same."""
    told: dict[str, dict[str, str]] = {
        "size in bytes": {node: str(device["size"]) for node, device in found.items() if device["size"] is not None},
        "content": {node: _content(device) for node, device in found.items()},
    }
    for node, device in found.items():
        for kind, name in device["hardware"].items():
            told.setdefault(kind, {})[node] = name
    return [
        f"{kind} {', '.join(f'{value} on {node}' for node, value in values.items())}"
        for kind, values in told.items()
        if len(set(values.values())) > 1
    ]


def _content(device: Mapping[str, Any]) -> str:
    """What is on a device as any node can tell: by signatures, without reading it."""
    if not device["signatures"]:
        return "without signature"
    uuids = f" with UUID {', '.join(sorted(device['uuids']))}" if device["uuids"] else ""
    return ", ".join(sorted(device["signatures"])) + uuids


def _in_use(where: str, found: Mapping[str, Mapping[str, Any]]) -> Sequence[str]:
    return [
        f"{where} is to be destroyed, but is used by {', '.join(device['used_by'])} on {node}; free it there"
        for node, device in found.items()
        if device["used_by"]
    ]
