# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's description of a cluster and its services: read it, judge it, say which key is wrong and why.

Pure: nothing here touches a machine. Every problem of a description is found in one go, and each names the key, the
value, the reason and the remedy.
"""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Collection, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils import shown
from . import fields
from .judging import judge_together
from .model import Capabilities, Cluster, Description, FencingDevice, Node
from .problems import Problem, refuse
from .reader import Reader, check_name, duplicates, node_remedy, refuse_secrets
from .services import parse_service, service_key


def parse_description(cluster: Any, services: Any, rules: Capabilities) -> Description:
    """Read a description.

    :param cluster: the value of ``groupware_cluster``
    :param services: the value of ``groupware_services``
    :param rules: what the cluster's framework can carry
    :raises DescriptionError: with every problem that was found
    """
    problems: list[Problem] = []
    parsed_cluster = _parse_cluster(cluster, rules, problems)
    refuse_secrets(cluster, "cluster", problems)
    parsed_services = []
    if not isinstance(services, Sequence) or isinstance(services, (str, bytes)):
        problems.append(Problem("services", shown.shape(services), "is not a list", "give a list of services"))
    else:
        for index, service in enumerate(services):
            parsed = parse_service(service, index, parsed_cluster, rules, problems)
            refuse_secrets(service, service_key(service, index), problems)
            if parsed is not None:
                parsed_services.append(parsed)
    readable = isinstance(services, Sequence) and len(parsed_services) == len(services)
    judge_together(parsed_cluster, parsed_services, problems, complete=readable)
    refuse(problems)
    return Description(parsed_cluster, tuple(parsed_services))


def _parse_cluster(value: Any, rule: Capabilities, problems: list[Problem]) -> Cluster:
    reader = Reader(value, "cluster", problems)
    reader.only("name", "framework", "networks", "nodes", "fencing", "properties", *rule.cluster_keys)
    name = reader.text("name", required=True) or ""
    if name:
        check_name(reader, "name", name, rule)
    networks = []
    for text in reader.texts("networks"):
        try:
            networks.append(ipaddress.ip_network(text))
        except ValueError as error:
            remedy = "give a network with its prefix length, such as 192.0.2.0/24"
            with contextlib.suppress(ValueError):
                remedy = f"did you mean {ipaddress.ip_network(text, strict=False)}?"
            reader.problem("networks", f"is not a network ({error})", remedy, value=text)
    framework = reader.text("framework", rule.framework) or rule.framework
    if framework != rule.framework:
        reader.problem("framework", "has no driver", f"use {rule.framework}")
    nodes = _parse_nodes(reader, rule)
    if rule.own_fencing:
        devices: tuple[FencingDevice, ...] = ()
        disabled = False
        if reader.values.get("fencing") is not None:
            reader.problem("fencing", f"is not for {rule.framework}, which fences nodes by itself", "remove it")
    else:
        devices, disabled = _parse_fencing(reader, tuple(node.name for node in nodes), rule)
    return Cluster(
        name=name,
        framework=framework,
        networks=tuple(networks),
        nodes=nodes,
        fencing_devices=devices,
        fencing_disabled=disabled,
        properties=reader.settings("properties"),
        interface=reader.text("interface", required="interface" in rule.cluster_keys),
    )


def _parse_nodes(cluster: Reader, rule: Capabilities) -> tuple[Node, ...]:
    nodes: list[Node] = []
    for index, value in enumerate(cluster.items("nodes")):
        reader = Reader(value, f"cluster.nodes[{index}]", cluster.problems)
        reader.only("name", "address")
        name = reader.text("name", required=True)
        address = reader.text("address", required=True)
        if name is not None:
            check_name(reader, "name", name, rule)
            reader.refuse("name", fields.host_name_fault(name))
            # Host names are one whatever their case.
            if any(node.name.lower() == name.lower() for node in nodes):
                reader.problem("name", "is the name of another node too", "name each node once")
        if address is not None:
            try:
                address = str(fields.ip_address(address))
            except ValueError:
                reader.problem("address", "is not an IP address", "give the node's own address without a prefix length")
            else:
                reader.refuse("address", fields.address_fault(address))
                other = next((node.name for node in nodes if node.address == address), None)
                if other is not None:
                    reader.problem("address", f"is the address of node {other} too", "give each node its own address")
        if name is not None and address is not None:
            nodes.append(Node(name, address))
    if len(nodes) < 2 and cluster.usable:
        cluster.problem(
            "nodes",
            f"has {len(nodes)} usable node{'' if len(nodes) == 1 else 's'}",
            "a cluster needs at least two nodes",
            value=shown.Names(node.name for node in nodes),
        )
    return tuple(nodes)


def _parse_fencing(
    cluster: Reader, node_names: Collection[str], rule: Capabilities
) -> tuple[tuple[FencingDevice, ...], bool]:
    if cluster.usable and "fencing" not in cluster.values:
        cluster.problem(
            "fencing",
            "is missing: without fencing two nodes may mount one volume and destroy it",
            "give fencing.devices, or accept that risk in words with fencing.disabled_accepting_data_loss: true",
        )
        return (), False
    if not cluster.usable:
        return (), False
    reader = Reader(cluster.values["fencing"], "cluster.fencing", cluster.problems)
    reader.only("devices", "disabled_accepting_data_loss")
    disabled = reader.flag("disabled_accepting_data_loss")
    devices: list[FencingDevice] = []
    for index, value in enumerate(reader.items("devices")):
        device = Reader(value, f"cluster.fencing.devices[{index}]", cluster.problems)
        device.only("name", "agent", "nodes", "options")
        name = device.text("name", required=True)
        agent = device.text("agent", required=True)
        if agent is not None:
            device.refuse("agent", fields.fence_agent_fault(agent))
        nodes = device.texts("nodes")
        if name is not None:
            check_name(device, "name", name, rule)
            if any(other.name == name for other in devices):
                device.problem("name", "is the name of another device too", "name each device once")
        for node in duplicates(nodes):
            device.problem("nodes", "is named twice", "name each node once", value=node)
        for node in nodes:
            if node not in node_names:
                device.problem("nodes", "is not a node of the cluster", node_remedy(node, node_names), value=node)
        if not nodes and device.usable:
            device.problem("nodes", "names no node", "name the nodes that this device can switch off")
        options = device.settings("options")
        if name is not None and agent is not None:
            devices.append(FencingDevice(name, agent, nodes, options))
    if disabled and devices:
        remedy = "remove the devices, or better remove this option"
        reader.problem("disabled_accepting_data_loss", "contradicts fencing.devices", remedy)
    if reader.usable and not disabled:
        covered = {node for device in devices for node in device.nodes}
        uncovered = [name for name in node_names if name not in covered]
        if uncovered:
            reader.problem(
                "devices",
                "has no device for " + ", ".join(str(name) for name in shown.shown(uncovered)),
                "name every node in a device, or accept the risk with fencing.disabled_accepting_data_loss: true",
                value=shown.Names(device.name for device in devices),
            )
    return tuple(devices), disabled
