# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration in a CIB, and what the tools say of the cluster's state, in the engine's terms. Pure.

Formats: Pacemaker Explained 2.1 (CIB elements), ``crm_mon``, ``crm_simulate`` and ``crmadmin --output-as=xml`` schema
2.x; seen with Pacemaker 2.1.5 and 3.0.0.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from xml.etree.ElementTree import Element

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import (
    ClusterConfig,
    ClusterStatus,
    MemberStatus,
    NodeStatus,
    Resource,
    Service,
    ServiceStatus,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from . import cib, terms

#: Elements whose id is that of something else.
_REFERENCES = frozenset(["resource_ref", "obj_ref", "role"])

#: The state of the controller that leads, when it carries out nothing and has nothing to decide on.
_IDLE = "S_IDLE"


@dataclass(frozen=True)
class Observation:
    """A cluster at one moment: what ``crm_mon`` says, the CIB, and what is to come, each asked for when somebody looks.

    :param ask_scheduler: what ``crm_simulate`` makes of the CIB
    :param ask_controller: what state a node's controller is in, empty if it does not answer
    """

    ask_monitor: Callable[[], Element]
    ask_cib: Callable[[], Element]
    ask_scheduler: Callable[[], Element]
    ask_controller: Callable[[str], str]

    @cached_property
    def monitor(self) -> Element:
        """What ``crm_mon --output-as=xml`` prints."""
        return self.ask_monitor()

    @cached_property
    def cib(self) -> Element:
        """The CIB, with its configuration section at least."""
        return self.ask_cib()

    @cached_property
    def status(self) -> ClusterStatus:
        """Where everything is."""
        return parse_status(self.monitor)

    @cached_property
    def config(self) -> ClusterConfig:
        """What is configured."""
        return parse_configuration(self.cib)

    @cached_property
    def under_way(self) -> list[str]:
        """What the cluster still does or has to do, in words.

        That it is at rest needs two answers, in this order. The scheduler has nothing left to do with the CIB as it is:
        the node that leads is idle too when it has not heard of a change yet. And that node is idle: for the scheduler
        all is well as soon as the last action has begun. An action that fails in between is one that the leading node
        decides on before it is idle again.

        What the CIB says that is pending does not count. It keeps a recurring monitor that failed when it first ran
        as pending for as long as the resource has a history, at which 'crm_resource --wait' of 3.0 never ends.
        """
        scheduled = list(_parse_scheduled(self.ask_scheduler()))
        if scheduled:
            return scheduled
        leader = self.monitor.find("./summary/current_dc[@name]")
        if leader is None:
            return ["the nodes choose the one that leads the cluster"]
        name = leader.get("name", "")
        state = self.ask_controller(name)
        if state == _IDLE:
            return []
        # To watch something changes nothing, and has no end.
        rows = self.monitor.findall("./resources//resource[@pending]")
        begun = [f"{cib.id_of(row)} is {row.get('pending')}" for row in rows if row.get("pending") != "Monitoring"]
        doing = f"is at work ({state})" if state else "does not answer"
        return begun or [f"{name}, which leads the cluster, {doing}"]

    @property
    def failed_operations(self) -> frozenset[tuple[str, str, str, str]]:
        """Which operations are known to have failed: resource, node, and two that tell one failure from the next."""
        return frozenset(
            (_failed(row)[0], row.get("node", ""), row.get("call", ""), row.get("last-rc-change", ""))
            for row in self.monitor.findall("./failures/failure")
        )

    def moved_to(self, service: str) -> list[str]:
        """Nodes that the service prefers for as long as a move takes."""
        return [node for name, _constraint, nodes in _parse_moves(self.cib) if name == service for node in nodes]


def parse_saved(text: str) -> ClusterConfig:
    """A CIB that was saved to a file.

    :raises FrameworkError: it is not one
    """
    root = cib.parse_xml(text, "the saved configuration")
    if root.find("./configuration/resources") is None:
        raise FrameworkError("the saved configuration is not a CIB: it has no configuration/resources")
    return parse_configuration(root)


def parse_configuration(root: Element) -> ClusterConfig:
    """Cluster options, primitives of their own, and groups. Clones and bundles are not ours and are left out."""
    placements = _parse_placements(root)
    services, primitives = [], []
    for element in root.findall("./configuration/resources/*"):
        if element.tag == "group":
            placement, misplaced = cib.read_placement(placements.get(cib.id_of(element), {}))
            settings = terms.joined({}, cib.nvpairs(element, "meta_attributes"))
            members = tuple(_parse_primitive(primitive) for primitive in element.findall("primitive"))
            services.append(Service(cib.id_of(element), placement, settings, members, misplaced))
        elif element.tag == "primitive":
            primitives.append(_parse_primitive(element))
    properties = cib.nvpairs(root, "./configuration/crm_config/cluster_property_set")
    config = ClusterConfig(properties, tuple(primitives), tuple(services))
    ours = {*config.owners(), *(service.name for service in services)}
    elements = root.iterfind("./configuration//*")
    identifiers = {cib.id_of(element) for element in elements if element.tag not in _REFERENCES}
    return replace(config, foreign=frozenset(identifiers - ours - {""}), leftovers=_parse_leftovers(root, services))


def _parse_primitive(element: Element) -> Resource:
    operations: dict[str, dict[str, str]] = {}
    for operation in element.findall("./operations/op[@name]"):
        attributes = {name: value for name, value in operation.items() if name in terms.OPERATION_ATTRIBUTES}
        # A second operation of one name (another role or interval) is not ours.
        operations.setdefault(
            operation.get("name", ""), {**attributes, **cib.nvpairs(operation, "instance_attributes")}
        )
    settings = terms.joined(
        cib.nvpairs(element, "instance_attributes"), cib.nvpairs(element, "meta_attributes"), operations
    )
    parts = [element.get("class"), element.get("provider"), element.get("type")]
    return Resource(cib.id_of(element), ":".join(part for part in parts if part), settings)


def _parse_placements(root: Element) -> dict[str, dict[str, str]]:
    """Our location constraints by service: those of an administrator or of ``crm_resource --move`` are not read."""
    placements: dict[str, dict[str, str]] = {}
    for constraint in root.findall("./configuration/constraints/rsc_location"):
        owner = cib.placed(constraint)
        if owner is not None:
            service, node = owner
            placements.setdefault(service, {})[node] = cib.described_location(constraint, service, node)
    return placements


def _parse_leftovers(root: Element, services: Iterable[Service]) -> dict[str, tuple[str, ...]]:
    """Preferences that a move left behind; bans are part of the status."""
    owners = {member.name: service.name for service in services for member in service.resources}
    owners.update({service.name: service.name for service in services})
    found: dict[str, tuple[str, ...]] = {}
    for resource, constraint, nodes in _parse_moves(root):
        owner = owners.get(resource)
        if owner is None:
            continue
        words = (
            f"an earlier move binds it to {', '.join(nodes) or 'a node'} (constraint {constraint}), so that it returns "
            f"there by itself until 'crm_resource --resource={resource} --clear' takes that away"
        )
        found[owner] = (*found.get(owner, ()), words)
    return found


def _parse_moves(root: Element) -> Iterator[tuple[str, str, list[str]]]:
    """Resource, id and nodes of each preference of ``crm_resource --move`` and the like."""
    for constraint in root.findall("./configuration/constraints/rsc_location"):
        if cib.id_of(constraint).startswith("cli-prefer-"):
            named = [expression.get("value", "") for expression in constraint.iter("expression")]
            nodes = [constraint.get("node", "")] if constraint.get("node") else named
            yield constraint.get("rsc", ""), cib.id_of(constraint), [node for node in nodes if node]


def _parse_scheduled(simulation: Element) -> Iterator[str]:
    """What has to be done, of a transition that ``crm_simulate`` went through; what orders it alone is left out."""
    for action in simulation.findall("./transition/rsc_action"):
        yield f"{action.get('op')} of {action.get('resource')} on {action.get('node')} is to come"
    for action in simulation.findall("./transition/node_action"):
        yield f"{action.get('task')} of {action.get('node')} is to come"


def parse_status(monitor: Element) -> ClusterStatus:
    """Normalise ``crm_mon --output-as=xml``."""
    nodes = {
        node.get("name", ""): NodeStatus(
            online=_flag(node, "online"),
            standby=_flag(node, "standby") or _flag(node, "standby_onfail"),
            maintenance=_flag(node, "maintenance"),
            unclean=_flag(node, "unclean"),
        )
        for node in monitor.findall("./nodes/node")
    }
    failures = _parse_failures(monitor)
    services: dict[str, ServiceStatus] = {}
    resources: dict[str, MemberStatus] = {}
    for element in monitor.findall("./resources/*"):
        if element.tag == "group":
            members = _parse_members(element.findall("resource"))
            names = [member.name for member in members]
            services[cib.id_of(element)] = ServiceStatus(
                cib.id_of(element),
                members,
                tuple(text for name in names for text in failures.get(name, ())),
                frozen=not any(member.managed for member in members),
                barred=_parse_barred(monitor, {cib.id_of(element), *names}),
            )
        elif element.tag == "resource":
            resources.update({member.name: member for member in _parse_members([element])})
    current_dc = monitor.find("./summary/current_dc")
    options = monitor.find("./summary/cluster_options")
    return ClusterStatus(
        current_dc is not None and _flag(current_dc, "with_quorum"),
        nodes,
        services,
        resources,
        ignores_quorum=options is not None and options.get("no-quorum-policy") == "ignore",
        maintenance=options is not None and _flag(options, "maintenance-mode"),
        fencing_problems=tuple(_parse_fencing(monitor, resources, failures)),
    )


def _parse_barred(monitor: Element, names: Collection[str]) -> dict[str, str]:
    """Nodes that are forbidden to one of these resources, by a constraint or because it failed there too often."""
    barred = {
        ban.get("node", ""): f"the constraint {cib.id_of(ban)} forbids it; 'pcs resource clear' or "
        "'crm_resource --clear' takes away what a move left behind"
        for ban in monitor.findall("./bans/ban")
        if ban.get("resource") in names and terms.quantity(ban.get("weight", "0").lower()) == "-infinity"
    }
    for node in monitor.findall("./node_history/node"):
        for history in node.findall("resource_history"):
            name = cib.id_of(history)
            count = terms.quantity(history.get("fail-count", "0").lower())
            threshold = terms.quantity(history.get("migration-threshold", "0").lower())
            times = f"{history.get('fail-count')} times" if count != "infinity" else "and may not be tried again"
            often = count == "infinity" or (
                isinstance(count, float) and isinstance(threshold, float) and 0 < threshold <= count
            )
            if name in names and often:
                barred.setdefault(
                    node.get("name", ""),
                    f"{name} failed there {times}; when that is repaired, clear it (switchover, state=cleared)",
                )
    return barred


def _parse_fencing(
    monitor: Element, resources: Mapping[str, MemberStatus], failures: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """Devices that do not run, fencing that is switched off, nodes whose last fencing failed."""
    devices = [member for member in resources.values() if member.type.startswith(terms.FENCING)]
    options = monitor.find("./summary/cluster_options")
    if devices and options is not None and options.get("stonith-enabled") == "false":
        yield "fencing is switched off: stonith-enabled is false"
    for device in devices:
        if device.failed or not device.active_on:
            reasons = "; ".join(failures.get(device.name, ())) or ("" if device.enabled else "it was disabled")
            yield f"fencing device {device.name} does not run" + (f" ({reasons})" if reasons else "")
    # The newest comes first.
    last: dict[str, Element] = {}
    for event in monitor.findall("./fence_history/fence_event"):
        last.setdefault(event.get("target", ""), event)
    for target, event in last.items():
        if event.get("status") == "failed":
            reason = f": {event.get('exit-reason')}" if event.get("exit-reason") else ""
            yield (
                f"the last attempt to fence {target} failed ({event.get('action')}, {event.get('completed')}{reason}); "
                f"when that is repaired, 'stonith_admin --cleanup --history {target}' forgets it"
            )


def _parse_members(elements: Iterable[Element]) -> tuple[MemberStatus, ...]:
    """Rows of one resource are merged: crm_mon prints a row per node when it is active on several."""
    rows: dict[str, list[Element]] = {}
    for element in elements:
        rows.setdefault(cib.id_of(element), []).append(element)
    return tuple(
        MemberStatus(
            name=name,
            type=parts[0].get("resource_agent", "").replace("::", ":"),
            active_on=tuple(
                node.get("name", "")
                for part in parts
                if _flag(part, "active") and part.get("pending") != "Starting"
                for node in part.findall("node")
            ),
            failed=any(_flag(part, "failed") for part in parts),
            managed=all(_flag(part, "managed") for part in parts),
            enabled=all(part.get("target_role", "Started").lower() != "stopped" for part in parts),
        )
        for name, parts in rows.items()
    )


def _parse_failures(monitor: Element) -> dict[str, list[str]]:
    failures: dict[str, list[str]] = {}
    for failure in monitor.findall("./failures/failure"):
        name, task = _failed(failure)
        # crm_mon 2.1.5 escapes the agent's words once more than XML asks for.
        reason = html.unescape(
            failure.get("exitreason") or failure.get("exitstatus") or failure.get("status") or "unknown"
        )
        failures.setdefault(name, []).append(f"{name}: {task} failed on {failure.get('node')}: {reason}")
    return failures


def _failed(failure: Element) -> tuple[str, str]:
    """Resource and task of an operation's key, such as mail1_server_monitor_10000."""
    name, _separator, task = failure.get("op_key", "").rpartition("_")[0].rpartition("_")
    return name, task


def _flag(element: Element, name: str) -> bool:
    return element.get(name, "false") == "true"
