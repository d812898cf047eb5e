# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster itself: its fencing devices are the same programs under Pacemaker, with options of other names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.secrets import holds_secret
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker import terms
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN
from .common import NO_EQUIVALENT, Hint, Names, Notes, Settings, as_text

_CLUSTER_HINTS: Mapping[str, Hint] = {
    "totem.token": ("belongs to Corosync's own configuration", "set the variable cluster_framework_token to it"),
    "totem.consensus": (
        "belongs to Corosync's own configuration",
        "set the variable cluster_framework_consensus to it",
    ),
}
_OTHER_PROPERTY: Hint = (
    "is a setting of the cluster that is left",
    "see whether the new one needs something like it, among cluster.properties or the variables of cluster_framework",
)


def migrated_cluster(
    cluster: Mapping[str, Any], fencing_hint: Hint | None, names: Names, notes: Notes
) -> dict[str, Any]:
    translated: dict[str, Any] = {"framework": terms.CAPABILITIES.framework}
    for key, value in cluster.items():
        if key == "name":
            fitted = names.fitted(str(value))
            if fitted != value:
                notes.add("cluster.name", value, "is a name that Pacemaker cannot carry", f"it is called {fitted} now")
            translated["name"] = fitted
        elif key in ("networks", "nodes"):
            translated[key] = value
        elif key == "fencing":
            fencing = _fencing(value, names, notes)
            if fencing:
                translated["fencing"] = fencing
        elif key == "properties":
            settings = Settings(notes)
            settings.add(value, "cluster.properties")
            settings.note_rest(_CLUSTER_HINTS, _OTHER_PROPERTY)
        elif key == "interface":
            notes.add(
                "cluster.interface",
                value,
                "is not named: IPaddr2 takes the interface that is on the address's network",
                "where that is not unique, set resource_properties.address.nic of the service",
            )
        elif key != "framework":
            notes.add(f"cluster.{key}", value, *NO_EQUIVALENT)
    for node in cluster.get("nodes", ()):
        if names.fitted(node["name"]) != node["name"]:
            notes.add("cluster.nodes", node["name"], "is a name that Pacemaker cannot carry", "give the node another")
    if fencing_hint is not None:
        notes.add("cluster.fencing", None, *fencing_hint)
    return translated


#: Names of options that fence-agents 4 has replaced: the old name is that of ``fencing.py``'s option, the new one what
#: its metadata calls it.
_FENCING_OPTIONS = {
    "ipaddr": "ip",
    "login": "username",
    "passwd_script": "password_script",
    "port": "plug",
    "secure": "ssh",
    "cmd_prompt": "command_prompt",
    "sudo": "use_sudo",
    # Pacemaker says itself what is to be done; which of it by which action of the agent is for these.
    "action": "pcmk_reboot_action",
    "option": "pcmk_reboot_action",
}
#: Agents of Red Hat Cluster Suite that fence-agents 4.12 has no longer, and why.
_FENCING_AGENTS_GONE = {
    "fence_manual": "is gone: a person is no fencing device",
    "fence_ack_manual": "is gone: a person is no fencing device",
    "fence_node": "is gone: it called the cluster's other agents",
    "fence_pcmk": "is gone: it passed fencing on to Pacemaker, which does it itself",
    **dict.fromkeys(
        ["fence_baytech", "fence_bullpap", "fence_cpint", "fence_egenera", "fence_mcdata", "fence_rackswitch"]
        + ["fence_sanbox2", "fence_vixel", "fence_xcat", "fence_zvm"],
        "is no longer part of fence-agents",
    ),
}
#: What separates nodes and plugs in ``pcmk_host_map``.
_MAP_SEPARATORS = re.compile(r"[:;,\s]")


def _fencing(fencing: Mapping[str, Any], names: Names, notes: Notes) -> dict[str, Any]:
    translated: dict[str, Any] = {}
    devices: list[dict[str, Any]] = []
    for key, value in fencing.items():
        if key == "devices":
            for device in value:
                devices += _fencing_devices(device, names, notes)
        elif key == "disabled_accepting_data_loss":
            translated[key] = value
        else:
            notes.add(f"cluster.fencing.{key}", value, *NO_EQUIVALENT)
    if devices:
        translated["devices"] = devices
    return translated


def _fencing_devices(device: Mapping[str, Any], names: Names, notes: Notes) -> list[dict[str, Any]]:
    """One device, or one for each node if more than the plug is a node's own."""
    name, agent, nodes = str(device["name"]), str(device["agent"]), list(device["nodes"])
    key = f"cluster.fencing.devices[{name}]"
    for unknown in [unknown for unknown in device if unknown not in ("name", "agent", "nodes", "options")]:
        notes.add(f"{key}.{unknown}", device[unknown], *NO_EQUIVALENT)
    options = {option: as_text(value) for option, value in (device.get("options") or {}).items()}
    if agent in _FENCING_AGENTS_GONE:
        notes.add(
            key,
            {"agent": agent, "nodes": nodes, "options": options},
            f"{agent} {_FENCING_AGENTS_GONE[agent]}",
            f"give {', '.join(nodes)} another fencing device",
        )
        return []
    shared = dict(options)
    own: dict[str, dict[str, str]] = {}
    # The longest name first: node a-b has a name that ends as that of a node b does.
    for node in sorted(nodes, key=len, reverse=True):
        ending = f"_{node}"
        own[node] = {option[: -len(ending)]: shared.pop(option) for option in list(shared) if option.endswith(ending)}
    common = _renamed_options(shared, key, notes)
    per_node = {node: _renamed_options(own[node], key, notes, ending=f"_{node}") for node in nodes}
    plugs = {node: settings.get("plug", "") for node, settings in per_node.items()}
    mappable = not any(_MAP_SEPARATORS.search(plug) for plug in plugs.values())
    if mappable and all(set(settings) <= {"plug"} for settings in per_node.values()):
        if any(plugs.values()):
            # A node without a plug of its own has its own name for one, as with pcmk_host_list.
            plugged = [f"{node}:{plugs[node] or node}" for node in nodes]
            common["pcmk_host_map"] = ";".join(plugged)
        return [{"name": names.claim(name, f"{key}.name"), "agent": agent, "nodes": nodes, "options": common}]
    return [
        {
            "name": names.claim(name if len(nodes) == 1 else f"{name}_{node}", f"{key}.name"),
            "agent": agent,
            "nodes": [node],
            "options": {**common, **per_node[node]},
        }
        for node in nodes
    ]


def _renamed_options(options: Mapping[str, str], key: str, notes: Notes, ending: str = "") -> dict[str, str]:
    renamed = {option: value for option, value in options.items() if option not in _FENCING_OPTIONS}
    for option, value in options.items():
        if option not in _FENCING_OPTIONS:
            continue
        new = _FENCING_OPTIONS[option]
        if new in renamed and renamed[new] != value:
            notes.add(
                f"{key}.options.{option}{ending}",
                value,
                f"is called {new} now, which has the value {renamed[new]}",
                "see which of the two is right",
            )
        renamed.setdefault(new, value)
    for option in [option for option, value in renamed.items() if holds_secret(option, value)]:
        del renamed[option]
        notes.add(f"{key}.options.{option}{ending}", HIDDEN, "is a secret", "name a password_script on the nodes")
    return renamed
