# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may stand in a cluster.conf, by cluster.conf(5) and the metadata of rgmanager's resource agents. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element

from ansible_collections.groupware.ha.plugins.module_utils.shown import key_name
from .cluster_conf import (
    BOOLEANS,
    FALSE_WORDS,
    NUMBER,
    PLACE_ATTRIBUTES,
    TRUE_WORDS,
    ClusterConf,
    interface,
    is_element,
    primary_attribute,
)

_RECOVERY = ("restart", "relocate", "disable", "restart-disable")
_NUMBERS = frozenset(["max_restarts", "restart_expire_time", "exclusive", "sleeptime", "__max_failures"])
SERVICE_ATTRIBUTES = frozenset(
    ["domain", "autostart", "hardrecovery", "exclusive", "recovery", "max_restarts", "restart_expire_time", "depend"]
    + ["depend_mode", "nfslock", "priority", "nfs_client_cache"]
)
DOMAIN_ATTRIBUTES = ("ordered", "restricted", "nofailback")
_REQUIRED = {
    "ip": ("address",),
    "fs": ("name", "device", "mountpoint"),
    "lvm": ("name", "vg_name"),
    "script": ("name", "file"),
    "netfs": ("name", "mountpoint", "host", "export"),
}
_KNOWN = {
    "ip": ("family", "monitor_link", "nfslock", "sleeptime", "disable_rdisc", "prefer_interface"),
    "fs": ("fstype", "force_unmount", "force_fsck", "self_fence", "options", "fsid", "quick_status", "use_findmnt")
    + ("nfslock",),
    "lvm": ("lv_name", "self_fence", "nfslock"),
    "script": ("service_name",),
    "netfs": ("fstype", "force_unmount", "no_unmount", "self_fence", "options", "use_findmnt", "nfslock"),
}


def attribute_problem(tag: str, name: str, value: str) -> str | None:
    """Why an element's attribute cannot have this value, or None if it can."""
    if tag == "service" and name not in SERVICE_ATTRIBUTES | PLACE_ATTRIBUTES | {"name"}:
        return f"a service has no attribute {key_name(name)}"
    if tag in _KNOWN and name not in {*_REQUIRED[tag], *_KNOWN[tag], *PLACE_ATTRIBUTES}:
        return f"a resource of type {tag} has no attribute {key_name(name)}"
    if name in BOOLEANS and value.lower() not in TRUE_WORDS | FALSE_WORDS:
        return f"{name} is {value!r}, neither 1 nor 0"
    if tag == "service" and name == "recovery" and value not in _RECOVERY:
        return f"recovery is {value!r}, not one of {', '.join(_RECOVERY)}"
    if tag == "service" and name == "depend_mode" and value not in ("hard", "soft"):
        return f"depend_mode is {value!r}, neither hard nor soft"
    if name in _NUMBERS and NUMBER.fullmatch(value) is None and not (name == "exclusive" and _is_boolean(value)):
        return f"{name} is {value!r}, not a number"
    if name == "priority" and tag == "failoverdomainnode" and not _within(value, 1, 100):
        return f"priority is {value!r}, not a number from 1 to 100"
    if name == "address" and tag == "ip" and interface(value) is None:
        return f"address is {value!r}, not an IP address"
    return None


def resource_problems(resource_type: str, attributes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is wrong with attributes of a resource, by their names; it is known what it will be referred to by."""
    for name in _REQUIRED.get(resource_type, ()):
        if not attributes.get(name) and (name != "name" or name != primary_attribute(resource_type)):
            yield name, f"a resource of type {resource_type} needs {name}"
    for name, value in attributes.items():
        problem = attribute_problem(resource_type, name, value)
        if problem is not None:
            yield name, problem


def problems(conf: ClusterConf) -> list[str]:
    """What the documented grammar does not allow. Elements that it does not mention are not judged."""
    root = conf.root
    found: list[str] = []
    for tag in ("clusternodes", "fencedevices", "rm"):
        if len(root.findall(tag)) > 1:
            found.append(f"there is more than one {tag}")
    found.extend(_node_problems(root))
    found.extend(_domain_problems(root, conf.node_names))
    found.extend(_definition_problems(root))
    found.extend(_service_problems(root))
    return found


def _node_problems(root: Element) -> Iterator[str]:
    nodes = root.findall("./clusternodes/clusternode")
    yield from _duplicates("clusternode", [node.get("name", "") for node in nodes])
    yield from _duplicates("nodeid", [node.get("nodeid", "") for node in nodes if "nodeid" in node.attrib])
    devices = root.findall("./fencedevices/fencedevice")
    yield from _duplicates("fencedevice", [device.get("name", "") for device in devices])
    for device in devices:
        if not device.get("agent"):
            yield f"fencedevice {device.get('name')} has no agent"
    names = {device.get("name") for device in devices}
    for node in nodes:
        where = f"clusternode {node.get('name')}"
        for attribute in ("nodeid", "votes", "weight"):
            value = node.get(attribute)
            if value is not None and not _within(value, 1 if attribute == "nodeid" else 0, 999_999_999):
                yield f"{where}: {attribute} is {value!r}, not a number that it may be"
        methods = node.findall("./fence/method")
        yield from (f"{where}: {words}" for words in _duplicates("method", [m.get("name", "") for m in methods]))
        for use in node.findall("./fence/method/device"):
            if use.get("name") not in names:
                yield f"{where}: its fencing names {use.get('name')}, which is no fencedevice"


def _domain_problems(root: Element, node_names: Collection[str]) -> Iterator[str]:
    domains = root.findall("./rm/failoverdomains/failoverdomain")
    yield from _duplicates("failoverdomain", [domain.get("name", "") for domain in domains])
    for domain in domains:
        where = f"failoverdomain {domain.get('name')}"
        for name, value in domain.attrib.items():
            if name not in ("name", *DOMAIN_ATTRIBUTES):
                yield f"{where} has no attribute {key_name(name)}"
            yield from _attribute_problems(where, "failoverdomain", name, value)
        entries = domain.findall("failoverdomainnode")
        yield from (f"{where}: {words}" for words in _duplicates("node", [entry.get("name", "") for entry in entries]))
        for entry in entries:
            if entry.get("name") and entry.get("name") not in node_names:
                yield f"{where} names {entry.get('name')}, which is no clusternode"
            for name, value in entry.attrib.items():
                if name not in ("name", "priority"):
                    yield f"{where}: a failoverdomainnode has no attribute {key_name(name)}"
                yield from _attribute_problems(where, "failoverdomainnode", name, value)


def _definition_problems(root: Element) -> Iterator[str]:
    definitions = [element for element in root.findall("./rm/resources/*") if is_element(element)]
    keys = [f"{element.tag} {element.get(primary_attribute(str(element.tag)), '')}".strip() for element in definitions]
    yield from _duplicates("resource", keys)
    for definition in definitions:
        yield from _resource_problems("resources", definition)


def _service_problems(root: Element) -> Iterator[str]:
    services = root.findall("./rm/service")
    yield from _duplicates("service", [service.get("name", "") for service in services])
    domains = {domain.get("name") for domain in root.findall("./rm/failoverdomains/failoverdomain")}
    shared = {
        (element.tag, element.get(primary_attribute(str(element.tag))))
        for element in root.findall("./rm/resources/*")
        if is_element(element)
    }
    for service in services:
        where = f"service {service.get('name')}"
        if service.get("domain") and service.get("domain") not in domains:
            yield f"{where}: its domain {service.get('domain')} does not exist"
        for name, value in service.attrib.items():
            yield from _attribute_problems(where, "service", name, value)
        for element in service.iter():
            if element is service or not is_element(element):
                continue
            if element.tag == "action":
                if not element.get("name"):
                    yield f"{where}: an action has no name"
            elif "ref" in element.attrib:
                if (element.tag, element.get("ref")) not in shared:
                    yield f"{where}: refers to {element.tag} {element.get('ref')}, which is not among the resources"
            else:
                yield from _resource_problems(where, element)


def _resource_problems(where: str, element: Element) -> Iterator[str]:
    tag = str(element.tag)
    name = f"{where}: {tag} {element.get(primary_attribute(tag), '')}".rstrip()
    for attribute in _REQUIRED.get(tag, ()):
        if not element.get(attribute):
            yield f"{name} has no {attribute}"
    for attribute, value in element.attrib.items():
        yield from _attribute_problems(name, tag, attribute, value)


def _attribute_problems(where: str, tag: str, name: str, value: str) -> Iterator[str]:
    problem = attribute_problem(tag, name, value)
    if problem is not None:
        yield f"{where}: {problem}"


def _duplicates(kind: str, names: Sequence[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if not name:
            yield f"a {kind} has no name"
        elif count > 1:
            yield f"{kind} {name} is there {count} times"


def _is_boolean(value: str) -> bool:
    return value.lower() in TRUE_WORDS | FALSE_WORDS


def _within(value: str, least: int, most: int) -> bool:
    return NUMBER.fullmatch(value) is not None and least <= int(value) <= most
