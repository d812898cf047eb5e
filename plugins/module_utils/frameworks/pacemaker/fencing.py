# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes fencing on Pacemaker something else than it says, so that two nodes may mount one volume. Pure.

Sources: Pacemaker Explained 2.1 (cluster options, operations, meta attributes), pacemaker-schedulerd(7),
pacemaker-controld(7) and pacemaker-fenced(7) of 2.1.5, the names of 3.0 (lib/common/options.c), and the manual pages of
fence-agents 4.12.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ansible_collections.groupware.ha.plugins.module_utils.description.fields import fence_agent_fault
from ansible_collections.groupware.ha.plugins.module_utils.description.model import Cluster, Description, FencingDevice
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, Resource, Service
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import Change
from ansible_collections.groupware.ha.plugins.module_utils.shown import key_name
from . import terms

_ACCEPT = "or accept the risk in words with fencing.disabled_accepting_data_loss: true"

_ZERO = re.compile(r"[+-]?0+\s*[a-z]*")

#: Cluster options that take one of these, and what the others do.
_CHOICES: Mapping[str, tuple[frozenset[str], str]] = {
    "no-quorum-policy": (
        # ``fence`` is what Pacemaker 3 calls ``suicide``. With ``freeze`` what runs goes on, but the part that has
        # quorum fences it before it starts anything.
        frozenset(["stop", "freeze", "demote", "suicide", "fence"]),
        "lets parts of the cluster that have no quorum start services that others run",
    ),
    "startup-fencing": (terms.TRUE, "takes nodes that were never seen for stopped, be it that they run services"),
    "enable-startup-probes": (terms.TRUE, "takes services for stopped that a node runs, since it does not look"),
    "stonith-action": (frozenset(["reboot", "off", "poweroff"]), "is not an action that stops a node"),
    "fencing-action": (frozenset(["reboot", "off"]), "is not an action that stops a node"),
    "fence-reaction": (frozenset(["stop", "panic"]), "is not what a node can do when it is told that it was fenced"),
    "fencing-reaction": (frozenset(["stop", "panic"]), "is not what a node can do when it is told that it was fenced"),
}

#: These say of a node that it is off, or are for tests, whatever it does.
_PRETENDING = frozenset(
    ["fence_dummy", "fence_true", "fence_heuristics_ping", "fence_crosslink", "fence_evacuate", "fence_compute"]
    + ["null", "external/null"]
    # What an administrator tells fenced with, and what only hands cman's wishes to Pacemaker; fence_ack_manual(8).
    + ["fence_manual", "fence_ack_manual", "fence_pcmk"]
)
#: These stop a node at times only: once it crashed by itself, while it still answers, or when somebody comes.
_NEVER_ALONE = frozenset(["fence_kdump", "ssh", "external/ssh", "suicide", "meatware", "external/kdumpcheck"])
#: Their ``plug`` is "IP address or hostname of fencing device (together with --port-as-ip)": one device, one machine.
_ONE_MACHINE = frozenset(
    ["fence_alom", "fence_amt", "fence_drac", "fence_idrac", "fence_ilo", "fence_ilo2", "fence_ilo3", "fence_ilo3_ssh"]
    + ["fence_ilo4", "fence_ilo4_ssh", "fence_ilo5", "fence_ilo5_ssh", "fence_ilo_mp", "fence_ilo_ssh", "fence_imm"]
    + ["fence_ipmilan", "fence_ipmilanplus", "fence_redfish", "fence_rsa", "fence_rsb"]
)
WATCHDOG_AGENT = "fence_watchdog"
#: What a device calls the machine that it stops, of several that it can stop.
_PLUGS = ("port", "plug", "nodename")

#: What the fencer runs in place of an action, and what means the same.
_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "pcmk_off_action": ("off",),
    "pcmk_reboot_action": ("reboot", "off"),
    "pcmk_on_action": ("on",),
    "pcmk_list_action": ("list", "list-status"),
    "pcmk_status_action": ("status", "monitor"),
    "pcmk_monitor_action": ("monitor", "status", "list"),
}


@dataclass(frozen=True)
class _Device:
    """A fencing device as it is to be judged: what to call it and its options, and how its risk can be accepted."""

    key: str
    options_key: str
    agent: str
    nodes: tuple[str, ...]
    options: Mapping[str, str]
    accept: str

    def problem(self, option: str, reason: str, remedy: str) -> Problem:
        """One of its options is wrong."""
        value = self.options[option]
        return Problem(f"{self.options_key}.{option}", value, reason, f"{remedy}, {self.accept}")


def judge(description: Description, config: ClusterConfig) -> list[Problem]:
    """Everything of a description that fences other than it says; nothing once the user has accepted data loss.

    Switching fencing as a whole is never for ``properties``, whatever was accepted.

    :param config: what the description compiles to
    """
    cluster = description.cluster
    problems = [
        Problem(f"cluster.properties.{key}", value, "fencing is not switched here", f"give fencing.devices, {_ACCEPT}")
        for key, value in cluster.properties.items()
        if _option(key) in terms.FENCING_ENABLED
    ]
    if cluster.fencing_disabled:
        return problems
    watched = any(device.agent == WATCHDOG_AGENT for device in cluster.fencing_devices)
    problems += [*_judge_options(cluster.properties, watched), *_judge_agents(cluster), *_judge_targets(cluster)]
    for index, device in enumerate(cluster.fencing_devices):
        key = f"cluster.fencing.devices[{index}]"
        judged = _Device(key, f"{key}.options", device.agent, device.nodes, device.options, _ACCEPT)
        problems += _judge_device(judged)
    return [*problems, *_judge_services(config)]


def judge_native(resource: Resource) -> list[Problem]:
    """The same of a resource that a module was given by itself; nobody has accepted anything there."""
    key = f"resource {resource.name}"
    accept = "or accept that risk in a description, with fencing.disabled_accepting_data_loss: true"
    problems = list(_judge_settings(key, resource.settings, accept))
    if not _is_device(resource.type):
        return problems
    agent = resource.type.partition(":")[2]
    if agent in _PRETENDING:
        reason = "says of a node that it is off, whatever it does"
        problems.append(Problem(f"{key}: type", resource.type, reason, "use another agent"))
    elif (fault := fence_agent_fault(agent)) is not None:
        problems.append(Problem(f"{key}: type", resource.type, *fault))
    options = terms.instance_attributes(resource.settings)
    hosts = (*host_list(options.get("pcmk_host_list", "")), *_host_map(options.get("pcmk_host_map", "")))
    problems += _judge_device(_Device(key, "properties", agent, tuple(dict.fromkeys(hosts)), options, accept))
    return [*problems, *_judge_state(resource.name, resource.settings)]


def judge_members(service: Service) -> list[Problem]:
    """Fencing devices among the members of a service that a module was given by itself."""
    where = f"service {service.name}"
    return [
        problem
        for resource in service.resources
        if _is_device(resource.type)
        for problem in _judge_member(f"{where}: resource {resource.name}", resource)
    ]


def judge_changes(current: ClusterConfig, changes: Iterable[Change]) -> list[Problem]:
    """Changes that switch off a fencing device, in whatever way they came; none where fencing is off as a whole."""
    changed = [change for change in changes if change.action != "delete"]
    properties = {
        key: value for change in changed if change.kind == "cluster" for key, value in change.settings.items()
    }
    if is_off(ClusterConfig(properties={**current.properties, **properties})):
        return []
    types = {resource.name: resource.type for resource in current.resources}
    return [
        problem
        for change in changed
        if change.kind == "resource" and _is_device(change.type or types.get(change.name, ""))
        for problem in _judge_state(change.name, change.settings)
    ]


def _is_device(resource_type: str) -> bool:
    return resource_type.partition(":")[0].lower() == "stonith"


def _judge_state(name: str, settings: Mapping[str, str]) -> Iterator[Problem]:
    """Settings that switch a device off: the fencer does not use one that is stopped, and one that is not managed is
    neither started nor watched, so that nobody hears when it does not work any more."""
    for key, wrong, reason in (
        ("target-role", frozenset(["stopped"]), "has a device that looks like one and stops no node"),
        ("is-managed", terms.FALSE, "has a device that nobody starts or watches"),
        ("maintenance", terms.TRUE, "has a device that nobody starts or watches"),
    ):
        value = settings.get(f"meta {key}", "")
        if value.strip().lower() in wrong:
            remedy = (
                f"leave resource {name} enabled and managed, remove the device, or switch fencing off in words with "
                "fencing.disabled_accepting_data_loss: true"
            )
            yield Problem(f"resource {name}: meta.{key}", value, reason, remedy)


def is_off(config: ClusterConfig) -> bool:
    """Whether fencing is switched off as a whole, under either name."""
    values = [value for key, value in config.properties.items() if _option(key) in terms.FENCING_ENABLED]
    return any(value.strip().lower() in terms.FALSE for value in values)


def concerns(config: ClusterConfig) -> list[Problem]:
    """What a cluster that exists has of all this, so that a description of it will be refused or must accept it."""
    agents = [resource.type.partition(":")[2] for resource in config.resources]
    options = {key: value for key, value in config.properties.items() if _option(key) != "have-watchdog"}
    problems = list(_judge_options(options, WATCHDOG_AGENT in agents))
    for resource in config.resources:
        problems += judge_native(resource)
    return [*problems, *_judge_services(config)]


def _judge_services(config: ClusterConfig) -> Iterator[Problem]:
    """Settings of services and of their members."""
    for service in config.services:
        where = f"services[{service.name}]"
        yield from _judge_settings(f"{where}.properties", service.settings, _ACCEPT)
        for resource in service.resources:
            yield from _judge_member(f"{where}: resource {resource.name}", resource)


def _option(name: str) -> str:
    """The name of a cluster option; Pacemaker once had underscores in some of them."""
    return name.strip().lower().replace("_", "-")


def _judge_options(properties: Mapping[str, str], watched: bool) -> Iterator[Problem]:
    """Cluster options.

    :param watched: whether there is a device that stands for the watchdog
    """
    for key, value in properties.items():
        name, where = _option(key), f"cluster.properties.{key}"
        if name == "have-watchdog":
            yield Problem(where, value, "is set by the cluster itself", "remove it")
        elif name in terms.WATCHDOG_TIMEOUT and _ZERO.fullmatch(value.strip().lower()) is None and not watched:
            reason = "takes lost nodes for stopped after that time, by a watchdog that no device stands for"
            yield Problem(
                where, value, reason, f"describe a device with the agent {WATCHDOG_AGENT}, remove it, {_ACCEPT}"
            )
        elif name in _CHOICES and value.strip().lower() not in _CHOICES[name][0]:
            allowed, reason = _CHOICES[name]
            words = "true" if allowed is terms.TRUE else f"one of {', '.join(sorted(allowed))}"
            yield Problem(where, value, reason, f"use {words}, {_ACCEPT}")


def _judge_agents(cluster: Cluster) -> Iterator[Problem]:
    """Each node needs a device that stops it whatever state it is in, and none that only says so.

    There are no levels: of several devices for a node the success of any is enough.
    """
    for index, device in enumerate(cluster.fencing_devices):
        if device.agent in _PRETENDING:
            reason = "says of a node that it is off, whatever it does"
            yield Problem(
                f"cluster.fencing.devices[{index}].agent", device.agent, reason, f"use another agent, {_ACCEPT}"
            )
    properties = {_option(key): value for key, value in cluster.properties.items()}
    timeouts = [properties[name] for name in terms.WATCHDOG_TIMEOUT if name in properties]
    never = {*_NEVER_ALONE, *_PRETENDING}
    if not any(_ZERO.fullmatch(value.strip().lower()) is None for value in timeouts):
        never.add(WATCHDOG_AGENT)
    for node in cluster.node_names:
        agents = [device.agent for device in cluster.fencing_devices if node in device.nodes]
        if agents and set(agents) <= never and not set(agents) <= _PRETENDING:
            reason = f"stop {node} at times only, so that it may live on while its services start elsewhere or nowhere"
            if WATCHDOG_AGENT in agents:
                reason = f"stop {node} only where {terms.WATCHDOG_TIMEOUT[0]} is set"
            yield Problem("cluster.fencing.devices", agents, reason, f"add a device that cuts its power, {_ACCEPT}")


def _judge_targets(cluster: Cluster) -> Iterator[Problem]:
    """Devices that stop the machine of another device, or one that is called like another node.

    Copied lines do that: a node is lost, another one is stopped, and what the lost one may still run starts elsewhere.
    """
    first: dict[tuple[str, ...], FencingDevice] = {}
    for index, device in enumerate(cluster.fencing_devices):
        key, options = f"cluster.fencing.devices[{index}].options", device.options
        plug = next((name for name in _PLUGS if options.get(name, "dynamic") != "dynamic"), "")
        named = options.get(plug, "").strip()
        if _names_another(named, device.nodes, cluster.node_names):
            reason = f"is the name of another node than {', '.join(device.nodes)}, and that would be stopped"
            yield Problem(f"{key}.{plug}", named, reason, f"name the plug of its node, {_ACCEPT}")
        for node, plugs in _host_map(options.get("pcmk_host_map", "")).items():
            wrong = next((one for one in plugs.split(",") if _names_another(one, (node,), cluster.node_names)), None)
            if wrong is not None:
                reason = f"has the name of another node than {node} for its plug, {wrong}, and that would be stopped"
                yield Problem(
                    f"{key}.pcmk_host_map", options["pcmk_host_map"], reason, f"name the plug of each node, {_ACCEPT}"
                )
        address = next((name for name in ("ip", "ipaddr") if name in options), "")
        one_machine = device.agent in _ONE_MACHINE
        option = address if one_machine else plug
        if not option or "pcmk_host_map" in options:
            continue
        target = (options.get(address, "").strip(), options.get("ipport", ""), "" if one_machine else named)
        other = first.setdefault((device.agent, *target), device)
        if set(other.nodes).isdisjoint(device.nodes):
            reason = f"stops the same machine as the device {other.name}, which is for {', '.join(other.nodes)}"
            yield Problem(f"{key}.{option}", options[option], reason, f"name the machine of its own node, {_ACCEPT}")


def targets(device: FencingDevice) -> Iterator[tuple[str, str]]:
    """The machines that a device stops, as far as they are named by an address and a plug: the option, and which.

    Two of these are the same machine in whichever clusters they are.
    """
    options = device.options
    address = next((name for name in ("ip", "ipaddr") if options.get(name, "").strip()), "")
    plug = next((name for name in _PLUGS if options.get(name, "dynamic") != "dynamic"), "")
    if not address:
        return
    where = f"{options[address].strip()}:{options['ipport']}" if options.get("ipport") else options[address].strip()
    if device.agent in _ONE_MACHINE:
        yield address, f"{device.agent} {where}"
    elif "pcmk_host_map" in options:
        for plugs in _host_map(options["pcmk_host_map"]).values():
            yield from (("pcmk_host_map", f"{device.agent} {where} plug {one}") for one in plugs.split(","))
    elif plug:
        yield plug, f"{device.agent} {where} plug {options[plug].strip()}"


def _names_another(plug: str, nodes: Iterable[str], all_nodes: Iterable[str]) -> bool:
    """Whether a plug is called like a node that is none of these, with a domain or without."""
    plug, own = plug.strip().lower(), {node.lower() for node in nodes}
    others = {node.lower() for node in all_nodes} - own
    if plug in own or plug in others:
        return plug in others
    short = plug.partition(".")[0]
    return short not in {node.partition(".")[0] for node in own} and short in {one.partition(".")[0] for one in others}


def _judge_device(device: _Device) -> Iterator[Problem]:
    """Options that have a device stop another node than it is for, or none."""
    yield from _judge_hosts(device)
    yield from _judge_plugs(device)
    for key, value in device.options.items():
        reason = _wrong_option(key, value, named=bool(device.nodes))
        if reason is not None:
            yield device.problem(key, reason, "remove it")


def _wrong_option(key: str, value: str, *, named: bool) -> str | None:
    """What an option does that is wrong for every device.

    :param named: whether it is said which nodes the device is for
    """
    word = value.strip().lower()
    if key in _ACTIONS and value.strip() not in _ACTIONS[key]:
        return f"is not what {key.split('_')[1]} means, and its success would be taken for that"
    if key in ("action", "option"):
        return "is for the fencer to say, each time anew"
    if key == "method" and word != "onoff":
        return "may report success before the node is off (manual pages of the agents)"
    if key == "missing_as_off" and word not in terms.FALSE:
        return "has a plug that does not exist count as a node that is off"
    if key == "pcmk_host_check" and word not in (
        ("static-list",) if named else ("static-list", "dynamic-list", "status")
    ):
        return "has the device stop other nodes than those that it is said to be for"
    return None


def _judge_hosts(device: _Device) -> Iterator[Problem]:
    named = {node.lower() for node in device.nodes}
    for key, hosts in (("pcmk_host_list", host_list), ("pcmk_host_map", _host_map)):
        found = [host.lower() for host in hosts(device.options.get(key, ""))]
        others, missing = [host for host in found if host not in named], sorted(named - set(found))
        if key in device.options and (others or missing):
            reason = f"names {', '.join(others)}, which is none of its nodes" if others else f"leaves {missing[0]} out"
            yield device.problem(key, reason, f"name its nodes, {', '.join(device.nodes)}, or remove it")


def _judge_plugs(device: _Device) -> Iterator[Problem]:
    """One plug, or one machine, for several nodes stops the same one for each of them."""
    plugs = list(_host_map(device.options.get("pcmk_host_map", "")).values())
    if len(set(plugs)) < len(plugs):
        yield device.problem(
            "pcmk_host_map", "gives one plug to several nodes, so that another is stopped", "correct it"
        )
    if len(device.nodes) < 2:
        return
    nodes = " and ".join(device.nodes)
    argument = device.options.get("pcmk_host_argument", "port").strip()
    for key in dict.fromkeys(["port", "plug", argument]):
        if device.options.get(key, "dynamic") != "dynamic":
            reason = f"is the same for {nodes}, so that another is stopped"
            yield device.problem(key, reason, "use pcmk_host_map, or a device for each node")
    if argument == "none":
        yield device.problem("pcmk_host_argument", f"stops the same machine for {nodes}", "describe a device for each")
    mapped = (
        "pcmk_host_map" in device.options and device.options.get("port_as_ip", "0").strip().lower() not in terms.FALSE
    )
    if device.agent in _ONE_MACHINE and not mapped:
        reason = f"is a device of one machine ({device.agent}), and would stop the same one for {nodes}"
        yield Problem(
            f"{device.key}.nodes", list(device.nodes), reason, f"describe a device for each node, {device.accept}"
        )


def host_list(text: str) -> list[str]:
    """Nodes of ``pcmk_host_list``."""
    return [host for host in re.split(r"[,;\s]+", text) if host]


def _host_map(text: str) -> dict[str, str]:
    """Plugs by node, of ``node1:1;node2:2,3``."""
    pairs = (re.split(r"[:=]", part, maxsplit=1) for part in re.split(r"[;\s]+", text) if part)
    return {pair[0]: pair[1] if len(pair) > 1 else "" for pair in pairs}


def _judge_member(where: str, resource: Resource) -> Iterable[Problem]:
    if _is_device(resource.type):
        reason = "is a fencing device among the members of a service, which stops nodes that no device is described for"
        return [Problem(f"{where}: type", resource.type, reason, "describe it in fencing.devices")]
    return _judge_settings(where, resource.settings, _ACCEPT)


def _judge_settings(where: str, settings: Mapping[str, str], accept: str) -> Iterator[Problem]:
    """Settings of a service or resource that have it start elsewhere although it may still run."""
    for key, value in settings.items():
        kind, _blank, name = key.partition(" ")
        word = value.strip().lower()
        if kind == "operation":
            operation, _blank, attribute = name.partition(" ")
            if operation == "stop" and attribute in ("on-fail", "on_fail") and word not in ("fence", "block"):
                reason = "has what did not stop count as stopped, so that it may start elsewhere as well"
                yield Problem(f"{where}: {key_name(key)}", value, reason, f"use fence or block, {accept}")
            elif attribute in ("name", "id"):
                reason = "makes another operation of it than it says"
                yield Problem(
                    f"{where}: {key_name(key)}", value, reason, "remove it, and describe the operation by its name"
                )
        # ``requires`` is an attribute of operations too in old configurations.
        if name.split(" ")[-1] == "requires" and word not in ("fencing", "unfencing"):
            reason = "starts it elsewhere before the node that was lost with it is fenced"
            yield Problem(f"{where}: {key_name(key)}", value, reason, f"remove it, {accept}")
