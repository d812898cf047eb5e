# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cluster.conf and clustat say, as configuration and status. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from xml.etree.ElementTree import Element

from ansible_collections.groupware.ha.plugins.module_utils.description.secrets import is_secret
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import (
    ClusterConfig,
    ClusterStatus,
    MemberStatus,
    NodeStatus,
    Resource,
    Service,
    ServiceStatus,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats import cluster_conf
from ansible_collections.groupware.ha.plugins.module_utils.formats.clustat import Clustat, Group
from ansible_collections.groupware.ha.plugins.module_utils.formats.cluster_conf import ClusterConf, Member
from ansible_collections.groupware.ha.plugins.module_utils.formats.cluster_conf_editing import Editor
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN, quoted
from . import terms

_RUNNING_VERSION = re.compile(r"^\S+ config ([0-9]{1,9})\s*$", re.MULTILINE)


@dataclass(frozen=True)
class NativeState:
    """This node's cluster.conf, the version that the cluster runs, where its services are, and the release."""

    conf: ClusterConf
    running: int
    status: Clustat
    release_6: bool = False

    @property
    def propagated(self) -> bool:
        """Whether the cluster runs what is in the file."""
        return self.conf.version == self.running


@dataclass(frozen=True)
class Observation:
    """The cluster at one moment: each part is asked for when somebody looks, and then stays as it was."""

    ask_running: Callable[[], int]
    ask_status: Callable[[], Clustat]

    @cached_property
    def running(self) -> int:
        """The version of the configuration that the cluster runs."""
        return self.ask_running()

    @cached_property
    def status(self) -> Clustat:
        """Where its services are."""
        return self.ask_status()


def running_version(text: str) -> int:
    """The version of the configuration that the cluster runs, as ``cman_tool version`` says it."""
    found = _RUNNING_VERSION.search(text)
    if found is None:
        raise FrameworkError("cman_tool version did not print the version of the configuration")
    return int(found[1])


def stands(group: Group | None) -> str:
    """How a service stands, in words."""
    if group is None:
        return "rgmanager does not know it"
    return f"it is {group.state}" + (f" on {group.owner}" if group.owner else "")


def failure(group: Group | None) -> str:
    """Why a service is not started again by anybody, and what to do; empty where it has not failed."""
    if group is None or group.state != "failed":
        return ""
    where = f" on {group.last_owner}" if group.last_owner else ""
    return (
        f"a resource of it did not stop{where}; see to it that no node still has its volume mounted or its address, "
        "then clear the failure and bring the service online"
    )


def configuration(native: NativeState) -> ClusterConfig:
    """What cluster.conf says, with what only the running cluster knows."""
    editor = Editor(native.conf)
    root = native.conf.root
    properties = {
        f"{tag}.{name}": value
        for tag in terms.PROPERTY_ELEMENTS
        for element in root.findall(tag)[:1]
        for name, value in element.attrib.items()
    }
    properties[terms.CLUSTER_NAME] = root.get("name", "")
    properties[terms.CLUSTER_NODES] = " ".join(native.conf.node_names)
    properties[terms.IN_EFFECT] = terms.boolean(native.propagated)
    services = [
        Service(
            name,
            placement_of(editor, element)[0],
            _read_service(editor, element, native),
            _read_members(members),
            placement_of(editor, element)[1],
        )
        for (name, element), members in zip(editor.services.items(), all_members(editor).values())
    ]
    if not native.propagated:
        # What is no longer in the file is still there for the cluster.
        services += [Service(name, None, {}, ()) for name in native.status.groups or {} if name not in editor.services]
    resources = [_read_device(editor, device, native) for device in editor.fence_devices()]
    foreign = {f"vm:{machine.get('name', '')}" for machine in root.findall("./rm/vm")}
    foreign |= {f"{resource_type}:{primary}" for resource_type, primary in editor.unused_definitions()}
    config = ClusterConfig(properties, tuple(resources), tuple(services))
    return replace(config, foreign=frozenset(foreign - set(config.owners())))


def all_members(editor: Editor) -> dict[str, dict[str, Member]]:
    """The members of each service by the names that they go by here: every name is there once."""
    taken = {*editor.services, *(device.get("name", "") for device in editor.fence_devices())}
    found: dict[str, dict[str, Member]] = {}
    for service, element in editor.services.items():
        members: dict[str, Member] = {}
        addresses = 0
        for member in editor.members(element):
            if member.type == "ip":
                addresses += 1
                candidates = [terms.address_name(service, addresses)]
            else:
                candidates = [member.primary, f"{member.type}:{member.primary}"]
            last = f"{service}:{member.type}:{member.primary}"
            name = next((name for name in candidates if name not in taken), last)
            number = 1
            while name in taken:
                number += 1
                name = f"{last}:{number}"
            taken.add(name)
            members[name] = member
        found[service] = members
    return found


def placement_of(editor: Editor, service: Element) -> tuple[tuple[str, ...] | None, str]:
    """The nodes of the failover domain by their priorities; and these where several nodes have the same."""
    domain = editor.domain(service.get("domain", ""))
    if domain is None:
        return None, ""
    entries = {entry.get("name", ""): _priority(entry) for entry in domain.findall("failoverdomainnode")}
    placement = tuple(sorted(entries, key=lambda name: entries[name])) or None
    if terms.normal("ordered", domain.get("ordered", "0")) != "1" or len(set(entries.values())) == len(entries):
        return placement, ""
    return placement, "priorities " + ", ".join(f"{name} {priority}" for name, priority in entries.items())


def strays(editor: Editor, service: Element, group: Group) -> bool:
    """Whether a service is on a node that its failover domain keeps it off: rgmanager leaves it there."""
    domain = editor.domain(service.get("domain", ""))
    restricted = domain is not None and terms.normal("restricted", domain.get("restricted", "0")) == "1"
    return restricted and group.owner is not None and group.owner not in (placement_of(editor, service)[0] or ())


def _priority(entry: Element) -> int:
    text = entry.get("priority", "")
    # One that says none comes last.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 100


def _read_service(editor: Editor, service: Element, native: NativeState) -> dict[str, str]:
    settings = {key: value for key, value in service.attrib.items() if key != "name"}
    domain = editor.domain(service.get("domain", ""))
    if domain is not None:
        settings.update({f"{terms.DOMAIN}{key}": value for key, value in domain.attrib.items() if key != "name"})
    group = native.status.group(service.get("name", ""))
    in_effect = native.propagated
    if native.status.groups is not None:
        in_effect = in_effect and group is not None and not group.never_ran and group.state != "stopped"
    if group is not None and group.state == "started" and not group.frozen:
        in_effect = in_effect and not strays(editor, service, group)
    if group is not None:
        settings[terms.MANAGED] = terms.boolean(not group.frozen)
    settings[terms.IN_EFFECT] = terms.boolean(in_effect)
    return settings


def _read_members(members: Mapping[str, Member]) -> tuple[Resource, ...]:
    names = {id(member.element): name for name, member in members.items()}
    resources = []
    for name, member in members.items():
        settings = dict(member.attributes)
        if id(member.path[-1]) in names:
            settings[terms.REQUIRES] = names[id(member.path[-1])]
        for action in member.actions:
            depth = cluster_conf.action_depth(action)
            operation = action.get("name", "") + ("" if depth is None else f".{depth}")
            for key, value in action.attrib.items():
                if key not in ("name", "depth"):
                    settings.setdefault(f"{terms.OPERATION}{operation} {key}", value)
        resources.append(Resource(name, member.type, settings))
    return tuple(resources)


def _read_device(editor: Editor, device: Element, native: NativeState) -> Resource:
    settings = {key: value for key, value in device.attrib.items() if key not in ("name", "agent")}
    uses: dict[str, list[str]] = {}
    for node, _fence, method, use in editor.fence_places(device.get("name", "")):
        secrets = [key for key in use.attrib if is_secret(key)]
        if secrets:
            # Only that they are there is told; they stay what they are.
            settings[f"secret options of {node}"] = HIDDEN
        options = terms.joined({key: value for key, value in use.attrib.items() if key not in ("name", *secrets)})
        shared = len(method.findall("device")) > 1
        uses.setdefault(node, []).append(f"together with others: {options}" if shared else options)
    settings.update({f"{terms.NODE_KEY}{node}": "; ".join(found) for node, found in uses.items()})
    settings[terms.IN_EFFECT] = terms.boolean(native.propagated)
    return Resource(device.get("name", ""), device.get("agent", ""), settings)


def split_options(options: str) -> dict[str, str]:
    """The inverse of ``terms.joined``.

    :raises FrameworkError: it is something else
    """
    try:
        words = shlex.split(options)
    except ValueError:
        words = [""]
    pairs = [word.partition("=") for word in words]
    if not all(key.isidentifier() and equals for key, equals, _value in pairs):
        raise FrameworkError(
            f"{quoted(options)} are no options of a fencing device; write them as in 'port=3 option=off'"
        )
    return {key: value for key, _equals, value in pairs}


def normalised_status(conf: ClusterConf, status: Clustat) -> ClusterStatus:
    """Members are where their service is: rgmanager tells of no resource by itself."""
    editor = Editor(conf)
    services = {
        service: _service_status(service, {name: member.type for name, member in members.items()}, status)
        for service, members in all_members(editor).items()
    }
    devices = [(device.get("name", ""), device.get("agent", "")) for device in editor.fence_devices()]
    return ClusterStatus(
        status.quorate,
        {name: NodeStatus(online=there) for name, there in status.nodes.items()},
        services,
        {name: MemberStatus(name, agent, ()) for name, agent in devices},
    )


def _service_status(service: str, types: Mapping[str, str], status: Clustat) -> ServiceStatus:
    group = status.group(service)
    failures: list[str] = []
    active: tuple[str, ...] = ()
    if not status.quorate:
        failures.append("the cluster has no quorum")
    elif group is None:
        failures.append("rgmanager does not know it")
    failed = group is not None and group.state == "failed"
    if group is not None:
        if group.state in ("started", "stopping", "checking", "migrating") and group.owner is not None:
            active = (group.owner,)
        if failed:
            where = f" on {group.last_owner}" if group.last_owner else ""
            active = (group.last_owner,) if group.last_owner else ()
            failures.append(f"a resource of it did not stop{where}")
        if group.partial:
            failures.append("parts of it failed and were left out")
    frozen = group is not None and group.frozen
    return ServiceStatus(
        service,
        # One without members would never seem to be online.
        tuple(
            MemberStatus(name, resource_type, active, failed=failed, managed=not frozen)
            for name, resource_type in (types or {service: "service"}).items()
        ),
        tuple(failures),
        frozen=frozen,
        offline_wanted=group is not None and group.state == "disabled",
    )


def parsed_conf(text: str, source: str) -> ClusterConf:
    """A cluster.conf; ``source`` is where it comes from, for the message if it is none."""
    try:
        return cluster_conf.parse(text)
    except cluster_conf.ClusterConfError as error:
        raise FrameworkError(f"{source} is not a cluster.conf: {error}") from None


def parse_saved(text: str) -> ClusterConfig:
    """A cluster.conf; what it says counts as being in effect."""
    conf = parsed_conf(text, "the saved configuration")
    return configuration(NativeState(conf, conf.version, Clustat(False, {}, None)))
