# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes fencing on Red Hat Cluster Suite something else than it says, so that two nodes may mount one volume.

Pure. Sources: fenced(8), fence_manual(8), and the cluster.conf schema's words on fence_daemon.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.model import Description, FencingDevice
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem

_ACCEPT = "or accept the risk in words with fencing.disabled_accepting_data_loss: true"
_OFF = ("0", "no", "off", "false", "")

#: Attributes of fence_daemon that leave nodes unfenced where they are not 0.
_SKIPPING = {
    "fence_daemon.clean_start": "takes nodes that were never seen for stopped, be it that they run services",
    "fence_daemon.skip_undefined": "leaves nodes that no device is given for unfenced",
}
#: A person says that the node is off; an agent that needs it to crash.
_NEVER_ALONE = frozenset(["fence_manual", "fence_kdump"])
#: For tests; what an administrator tells fenced with; what hands the wish to a Pacemaker that is not there.
_PRETENDING = frozenset(["fence_dummy", "fence_true", "fence_ack_manual", "fence_pcmk"])


def judge(description: Description) -> list[Problem]:
    """Everything of a description that fences other than it says; nothing once the user has accepted data loss."""
    cluster = description.cluster
    return [] if cluster.fencing_disabled else _judge(cluster.properties, cluster.node_names, cluster.fencing_devices)


def concerns(cluster: Mapping[str, Any]) -> list[Problem]:
    """What a cluster that exists has of all this, so that a description of it will be refused or must accept it.

    :param cluster: its description, as it was exported
    """
    devices = [
        FencingDevice(device["name"], device["agent"], tuple(device["nodes"]), device["options"])
        for device in cluster.get("fencing", {}).get("devices", ())
    ]
    return _judge(cluster.get("properties", {}), [node["name"] for node in cluster["nodes"]], devices)


def _judge(properties: Mapping[str, str], nodes: Sequence[str], devices: Sequence[FencingDevice]) -> list[Problem]:
    problems = [
        Problem(f"cluster.properties.{key}", value, _SKIPPING[key], f"remove it, {_ACCEPT}")
        for key, value in properties.items()
        if key in _SKIPPING and value.strip().lower() not in _OFF
    ]
    for node in nodes:
        agents = [device.agent for device in devices if node in device.nodes]
        if agents and set(agents) <= _NEVER_ALONE | _PRETENDING and not set(agents) <= _PRETENDING:
            reason = f"stop {node} at times only, or when a person says so"
            problems.append(
                Problem("cluster.fencing.devices", agents, reason, f"add a device that cuts its power, {_ACCEPT}")
            )
    for index, device in enumerate(devices):
        if device.agent in _PRETENDING:
            reason = "says of a node that it is off, whatever it does"
            key = f"cluster.fencing.devices[{index}].agent"
            problems.append(Problem(key, device.agent, reason, f"use another agent, {_ACCEPT}"))
        problems += _judge_device(f"cluster.fencing.devices[{index}].options", device)
    return problems


def _judge_device(where: str, device: FencingDevice) -> Iterator[Problem]:
    for key, value in device.options.items():
        # Options that end in the name of one of its nodes are for that node.
        name = next((key[: -len(node) - 1] for node in device.nodes if key.endswith(f"_{node}")), key)
        word = value.strip().lower()
        reason = None
        if name in ("action", "option") and word not in ("off", "reboot"):
            reason = "is not an action that stops a node"
        elif name == "method" and word != "onoff":
            reason = "may report success before the node is off (manual pages of the agents)"
        elif name == "missing_as_off" and word not in _OFF:
            reason = "has a plug that does not exist count as a node that is off"
        elif key in ("port", "plug") and len(device.nodes) > 1:
            reason = f"is the same for {' and '.join(device.nodes)}, so that another is stopped"
        if reason is not None:
            yield Problem(f"{where}.{key}", value, reason, f"correct it, {_ACCEPT}")
