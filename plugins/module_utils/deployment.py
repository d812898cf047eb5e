# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's description of a cluster and its services: read it, judge it, say which key is wrong and why.

Pure: nothing here touches a machine. Every problem of a description is found in one go, and each names the key, the
value, the reason and the remedy.
"""

from __future__ import annotations

import contextlib
import difflib
import ipaddress
import posixpath
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Union

from ansible_collections.groupware.ha.plugins.module_utils import shown
from ansible_collections.groupware.ha.plugins.module_utils.description import fields, secrets
from ansible_collections.groupware.ha.plugins.module_utils.description.fields import IPAddress
from ansible_collections.groupware.ha.plugins.module_utils.formats import scalix_instance

IPNetwork = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

MODELS = ("asymmetric", "symmetric", "n_plus_1")
#: What the resources are called that a description stands for by itself; native members have other names.
ROLES = ("volume", "storage", "nic", "address", "application")
APPLICATIONS = ("postfix_dovecot", "messaging_server", "calendar_server", "scalix", "native")

_SETTING_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
#: As modules show settings: what belongs to an operation or the like has that in front, ``operation start timeout``.
_SHOWN_SETTING_NAME = re.compile(rf"{_SETTING_NAME.pattern}( {_SETTING_NAME.pattern})*")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a description. The value is kept only as it can be shown."""

    key: str
    value: Any
    reason: str
    remedy: str

    def __post_init__(self) -> None:
        value = shown.in_error(self.value, self.key)
        if value != self.value:
            # What is said of a value, by a library for example, often quotes it.
            for name in ("reason", "remedy"):
                object.__setattr__(self, name, shown.without(getattr(self, name), self.value))
        object.__setattr__(self, "value", value)
        if secrets.text_holds_secret(self.key):
            object.__setattr__(self, "key", shown.HIDDEN)

    def __str__(self) -> str:
        return f"{self.key} = {self.value!r}: {self.reason}; {self.remedy}"

    def as_dict(self) -> dict[str, Any]:
        """The problem as a module returns it."""
        return {"key": self.key, "value": self.value, "reason": self.reason, "remedy": self.remedy}


class DescriptionError(Exception):
    """A description that cannot be used; ``problems`` has all that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = "The description has a problem" if count == 1 else f"The description has {count} problems"
        super().__init__("\n  - ".join([f"{head}, nothing was touched:", *map(str, self.problems)]))


@dataclass(frozen=True)
class FrameworkRules:
    """What a cluster framework can carry.

    ``pattern``, ``words`` and ``longest`` are about names. ``filesystems`` has the default first. ``applications`` are
    those that the framework has agents for. ``cluster_keys`` and ``storage_keys`` are keys of the description that have
    a meaning on this framework only.
    """

    framework: str
    pattern: str
    words: str
    longest: int
    filesystems: tuple[str, ...] = ("ext4", "ext3", "xfs")
    applications: tuple[str, ...] = ("native",)
    #: Whether the framework fences nodes by itself, so that a description has nothing to say about it.
    own_fencing: bool = False
    #: Whether a service's volume must name its block device, or may leave that to the framework.
    devices_required: bool = True
    cluster_keys: tuple[str, ...] = ()
    storage_keys: tuple[str, ...] = ()

    def refuses(self, name: str) -> bool:
        """Whether the framework cannot carry this name."""
        return len(name) > self.longest or re.fullmatch(self.pattern, name) is None


@dataclass(frozen=True)
class Node:
    """A member of the cluster: its name (the inventory's and ``uname -n``) and its own address."""

    name: str
    address: str


@dataclass(frozen=True)
class FencingDevice:
    """A fence agent with its native options, and the nodes that it can switch off."""

    name: str
    agent: str
    nodes: tuple[str, ...]
    options: Mapping[str, str]


@dataclass(frozen=True)
class Cluster:
    """The cluster that services run on."""

    name: str
    framework: str
    networks: tuple[IPNetwork, ...]
    nodes: tuple[Node, ...]
    fencing_devices: tuple[FencingDevice, ...]
    fencing_disabled: bool
    properties: Mapping[str, str]
    #: The network interface that carries service addresses, where the framework wants to know.
    interface: str | None = None

    @property
    def node_names(self) -> tuple[str, ...]:
        """Names of all members, as the description orders them."""
        return tuple(node.name for node in self.nodes)


@dataclass(frozen=True)
class Storage:
    """A service's own volume: block devices, optionally a logical volume on them, and the file system.

    ``volume_group`` is the volume manager's group: LVM's, or the disk group of Veritas Volume Manager. ``is_global``
    says that the file system is mounted on all nodes at once, ``exclusive`` that the cluster itself activates the
    volume group, on one node at a time, where it may also be active on all of them.
    """

    devices: tuple[str, ...]
    volume_group: str | None
    logical_volume: str | None
    size: str | None
    filesystem: str
    mount_point: str
    mount_options: str | None
    zpool: str | None = None
    is_global: bool = False
    exclusive: bool = False

    @property
    def block_device(self) -> str:
        """What the file system is on, in the name that LVM gives it; empty where no device is named."""
        if self.volume_group is not None:
            return f"/dev/{self.volume_group}/{self.logical_volume}"
        return self.devices[0] if self.devices else ""


@dataclass(frozen=True)
class Member:
    """A resource that the user gives in the framework's own terms."""

    name: str
    type: str
    properties: Mapping[str, str]
    meta: Mapping[str, str]
    operations: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Application:
    """What a service runs. ``members`` are given by the user for the type ``native``."""

    type: str
    options: Mapping[str, Any]
    members: tuple[Member, ...]


@dataclass(frozen=True)
class ServiceDescription:
    """What fails over as one: an address and host name, storage, an application; and the nodes that may carry it."""

    name: str
    model: str
    primary: str
    standbys: tuple[str, ...]
    address: IPAddress | None
    prefix_length: int | None
    host_name: str | None
    storage: Storage | None
    application: Application | None
    failback: bool
    properties: Mapping[str, str | None]
    #: Names of resources that differ from the rule ``SERVICE_ROLE``, by role (``storage``, ``address`` ...).
    resource_names: Mapping[str, str] = field(default_factory=dict)
    #: Further native settings of resources by role; they win over those that the description stands for. None says that
    #: the description does not set what it would.
    resource_properties: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)

    def resource_name(self, role: str) -> str:
        """The name of the resource that has this role in the service."""
        return self.resource_names.get(role, f"{self.name}_{role}")

    @property
    def nodes(self) -> tuple[str, ...]:
        """All nodes that may carry the service, the preferred one first."""
        return (self.primary, *self.standbys)


@dataclass(frozen=True)
class Deployment:
    """A whole description, judged and found good."""

    cluster: Cluster
    services: tuple[ServiceDescription, ...]


def parse_deployment(cluster: Any, services: Any, rules: FrameworkRules) -> Deployment:
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
            parsed = _parse_service(service, index, parsed_cluster, rules, problems)
            refuse_secrets(service, _service_key(service, index), problems)
            if parsed is not None:
                parsed_services.append(parsed)
    readable = isinstance(services, Sequence) and len(parsed_services) == len(services)
    _judge_together(parsed_cluster, parsed_services, problems, complete=readable)
    if problems:
        raise DescriptionError(problems)
    return Deployment(parsed_cluster, tuple(parsed_services))


class _Reader:
    """Takes typed values out of one mapping of the description, and notes what is wrong with them."""

    def __init__(self, value: Any, key: str, problems: list[Problem]) -> None:
        self.key = key
        self.problems = problems
        self.usable = isinstance(value, Mapping)
        self.values: Mapping[str, Any] = value if self.usable else {}
        if not self.usable:
            problems.append(Problem(key, shown.shape(value), "is not a dictionary", "give a dictionary of its keys"))

    def name_of(self, key: str) -> str:
        return f"{self.key}.{key}"

    def problem(self, key: str, reason: str, remedy: str, value: Any = ...) -> None:
        found = self.values.get(key) if value is ... else value
        self.problems.append(Problem(self.name_of(key), found, reason, remedy))

    def wrong_shape(self, key: str, reason: str, remedy: str, value: Any = ...) -> None:
        """Nothing is known of such a value, which may have a secret in it: only its shape is shown."""
        self.problem(key, reason, remedy, value=shown.shape(self.values.get(key) if value is ... else value))

    def only(self, *known: str) -> None:
        """Refuse keys that are not known, since a misspelt option would otherwise be silently without effect."""
        for key in self.values:
            if key not in known:
                close = difflib.get_close_matches(str(key), known, n=1)
                remedy = f"did you mean {close[0]}?" if close else f"use one of {', '.join(known)}"
                value = shown.HIDDEN if secrets.is_secret(key) else shown.shape(self.values[key])
                self.problem(shown.key_name(key), "is not a known key", remedy, value=value)

    def text(self, key: str, default: str | None = None, required: bool = False) -> str | None:
        value = self.values.get(key)
        if value is None or value == "":
            if required and self.usable:
                self.problem(key, "is missing", "it is required")
            return default
        if not isinstance(value, str):
            self.wrong_shape(key, "is not a text", "put it in quotes")
            return default
        if not value.isprintable():
            self.problem(key, "has a control character in it", "use printable characters")
            return default
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            self.wrong_shape(key, "is neither true nor false", "write true or false without quotes")
            return default
        return value

    def items(self, key: str) -> Sequence[Any]:
        value = self.values.get(key)
        if value is None:
            return ()
        if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
            self.wrong_shape(key, "is not a list", "give a list")
            return ()
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; one text stands for a list of one."""
        value = self.values.get(key)
        if isinstance(value, str) and not value:
            return ()
        items = [value] if isinstance(value, str) else self.items(key)
        if secrets.names_secret(items):
            self.wrong_shape(key, "has a secret in it", secrets.REMEDY)
            return ()
        found = []
        for item in items:
            if not isinstance(item, str) or not item:
                self.wrong_shape(key, "has an item that is not a text", "give texts only", value=item)
            elif not item.isprintable():
                self.problem(key, "has a control character in it", "use printable characters", value=item)
            else:
                found.append(item)
        return tuple(found)

    def mapping(self, key: str) -> Mapping[str, Any]:
        value = self.values.get(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.wrong_shape(key, "is not a dictionary", "give a dictionary")
            return {}
        return value

    def settings(self, key: str) -> Mapping[str, str]:
        """Native settings: texts, numbers and booleans, all carried as text."""
        return plain_settings(self.mapping(key), self.name_of(key), self.problems)

    def overriding_settings(self, key: str) -> Mapping[str, str | None]:
        """Native settings in place of those that a description stands for; None takes one of these away."""
        values = self.mapping(key)
        unset = {str(name): None for name, value in values.items() if value is None}
        given = {name: value for name, value in values.items() if value is not None}
        return {**unset, **plain_settings(given, self.name_of(key), self.problems, _SHOWN_SETTING_NAME)}


def plain_settings(
    values: Mapping[str, Any], key: str, problems: list[Problem], names: re.Pattern[str] = _SETTING_NAME
) -> Mapping[str, str]:
    """Native settings as texts; numbers and booleans are spelt as cluster frameworks spell them."""
    settings = {}
    for name, value in values.items():
        path = f"{key}.{name if names.fullmatch(str(name)) else shown.key_name(name)}"
        if names.fullmatch(str(name)) is None:
            problems.append(
                Problem(path, shown.key_name(name), "is not the name of a setting", "use letters, digits and _ . -")
            )
        elif isinstance(value, bool):
            settings[str(name)] = "true" if value else "false"
        elif not isinstance(value, (str, int, float)):
            path = f"{key}.{shown.key_name(name)}"
            problems.append(
                Problem(path, shown.shape(value), "is not a single value", "give a text, number or boolean")
            )
        elif not str(value).replace("\n", "").replace("\t", "").isprintable():
            problems.append(Problem(path, value, "has a control character in it", "use printable characters"))
        else:
            settings[str(name)] = str(value)
    return settings


def operation_settings(values: Mapping[str, Any], key: str, problems: list[Problem]) -> Mapping[str, Mapping[str, str]]:
    """For each operation of a resource its settings."""
    operations = {}
    for name, settings in values.items():
        path = f"{key}.{name}"
        if _SETTING_NAME.fullmatch(str(name)) is None:
            path = f"{key}.{shown.key_name(name)}"
            problems.append(
                Problem(path, shown.key_name(name), "is not the name of an operation", "use letters, digits and _ . -")
            )
        elif not isinstance(settings, Mapping):
            path, remedy = f"{key}.{shown.key_name(name)}", "write it as in {monitor: {interval: 10s}}"
            problems.append(Problem(path, shown.shape(settings), "is not a dictionary", remedy))
        else:
            operations[str(name)] = plain_settings(settings, path, problems)
    return operations


def dictionary_of(value: Any, key: str, problems: list[Problem]) -> Mapping[Any, Any]:
    """The dictionary that a variable has to be, or an empty one and a problem."""
    if value is not None and not isinstance(value, Mapping):
        problems.append(Problem(key, shown.shape(value), "is not a dictionary", "give a dictionary of its keys"))
    return value if isinstance(value, Mapping) else {}


def dictionaries_of(value: Any, key: str, problems: list[Problem]) -> list[Mapping[Any, Any]]:
    """The dictionaries that a variable has to be a list of; a problem for each item that is none."""
    if value is None:
        return []
    if not isinstance(value, (list, tuple)):
        problems.append(Problem(key, shown.shape(value), "is not a list", "give a list of dictionaries"))
        return []
    for index, item in enumerate(value):
        if not isinstance(item, Mapping):
            dictionary_of(shown.shape(item), f"{key}[{index}]", problems)
    return [item for item in value if isinstance(item, Mapping)]


def refuse_secrets(value: Any, key: str, problems: list[Problem]) -> None:
    """Refuse secrets in a part of a description: it is printed, compared, logged and handed to every node."""
    known = {problem.key for problem in problems}
    for path, reason in secrets.found_secrets(value, key):
        if path not in known:
            of_application = ".application.options." in path
            remedy = "give it to the application's role, as in postfix_dovecot_users"
            problems.append(Problem(path, shown.HIDDEN, reason, remedy if of_application else secrets.REMEDY))


def _check_name(reader: _Reader, key: str, name: str, rule: FrameworkRules) -> None:
    if rule.refuses(name):
        reader.problem(
            key,
            f"is a name that {rule.framework} cannot carry",
            f"use {rule.words}, {rule.longest} characters at most",
            value=name,
        )


def _parse_cluster(value: Any, rule: FrameworkRules, problems: list[Problem]) -> Cluster:
    reader = _Reader(value, "cluster", problems)
    reader.only("name", "framework", "networks", "nodes", "fencing", "properties", *rule.cluster_keys)
    name = reader.text("name", required=True) or ""
    if name:
        _check_name(reader, "name", name, rule)
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


def _parse_nodes(cluster: _Reader, rule: FrameworkRules) -> tuple[Node, ...]:
    nodes: list[Node] = []
    for index, value in enumerate(cluster.items("nodes")):
        reader = _Reader(value, f"cluster.nodes[{index}]", cluster.problems)
        reader.only("name", "address")
        name = reader.text("name", required=True)
        address = reader.text("address", required=True)
        if name is not None:
            _check_name(reader, "name", name, rule)
            if fields.HOST_NAME.fullmatch(name) is None:
                reader.problem("name", "is not a host name", "use letters, digits, hyphens and dots")
            # Host names are one whatever their case.
            if any(node.name.lower() == name.lower() for node in nodes):
                reader.problem("name", "is the name of another node too", "name each node once")
        if address is not None:
            try:
                address = str(fields.ip_address(address))
            except ValueError:
                reader.problem("address", "is not an IP address", "give the node's own address without a prefix length")
            else:
                fault = fields.address_fault(address)
                if fault is not None:
                    reader.problem("address", *fault)
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
    cluster: _Reader, node_names: Collection[str], rule: FrameworkRules
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
    reader = _Reader(cluster.values["fencing"], "cluster.fencing", cluster.problems)
    reader.only("devices", "disabled_accepting_data_loss")
    disabled = reader.flag("disabled_accepting_data_loss")
    devices: list[FencingDevice] = []
    for index, value in enumerate(reader.items("devices")):
        device = _Reader(value, f"cluster.fencing.devices[{index}]", cluster.problems)
        device.only("name", "agent", "nodes", "options")
        name = device.text("name", required=True)
        agent = device.text("agent", required=True)
        nodes = device.texts("nodes")
        if name is not None:
            _check_name(device, "name", name, rule)
            if any(other.name == name for other in devices):
                device.problem("name", "is the name of another device too", "name each device once")
        for node in _duplicates(nodes):
            device.problem("nodes", "is named twice", "name each node once", value=node)
        for node in nodes:
            if node not in node_names:
                device.problem("nodes", "is not a node of the cluster", _node_remedy(node, node_names), value=node)
        if not nodes and device.usable:
            device.problem("nodes", "names no node", "name the nodes that this device can switch off")
        options = device.settings("options")
        if name is not None and agent is not None:
            devices.append(FencingDevice(name, agent, nodes, options))
    if disabled and devices:
        reader.problem(
            "disabled_accepting_data_loss",
            "contradicts fencing.devices",
            "remove the devices, or better remove this option",
        )
    if reader.usable and not disabled:
        covered = {node for device in devices for node in device.nodes}
        uncovered = [name for name in node_names if name not in covered]
        if uncovered:
            reader.problem(
                "devices",
                "has no device for " + ", ".join(uncovered),
                "name every node in a device, or accept the risk with fencing.disabled_accepting_data_loss: true",
                value=shown.Names(device.name for device in devices),
            )
    return tuple(devices), disabled


def _parse_service(
    value: Any, index: int, cluster: Cluster, rule: FrameworkRules, problems: list[Problem]
) -> ServiceDescription | None:
    reader = _Reader(value, _service_key(value, index), problems)
    if not reader.usable:
        return None
    reader.only(
        *("name", "model", "nodes", "address", "host_name", "storage", "application", "failback", "properties"),
        *("resource_names", "resource_properties"),
    )
    name = reader.text("name", required=True)
    if name is not None:
        _check_name(reader, "name", name, rule)
    model = reader.text("model", required=True)
    if model is not None and model not in MODELS:
        reader.problem("model", "is not a known model", f"use one of {', '.join(MODELS)}")
        model = None
    primary, standbys = _parse_placement(reader, model, cluster.node_names)
    address, prefix_length = _parse_address(reader, cluster)
    host_name = reader.text("host_name")
    if host_name is not None:
        if fields.HOST_NAME.fullmatch(host_name) is None or len(host_name) > 253:
            reader.problem("host_name", "is not a host name", "use letters, digits, hyphens and dots")
        elif host_name.lower() in {node.lower() for node in cluster.node_names}:
            reader.problem("host_name", "is the name of a node", "a service needs a host name of its own")
        if address is None and "address" not in reader.values:
            reader.problem("host_name", "has no address to stand for", "give the service an address")
    storage = _parse_storage(reader, rule) if reader.values.get("storage") is not None else None
    application = _parse_application(reader, rule) if reader.values.get("application") is not None else None
    if application is not None and application.type == "postfix_dovecot":
        for key, given in (("address", address), ("host_name", host_name), ("storage", storage)):
            if given is None and reader.values.get(key) is None:
                reader.problem(key, "is missing", "the application postfix_dovecot needs it")
    if storage is None and address is None and application is None:
        reader.problem("application", "is missing, as are storage and address", "a service needs something to run")
    if name is None or model is None or primary is None or not standbys:
        return None
    return ServiceDescription(
        name=name,
        model=model,
        primary=primary,
        standbys=standbys,
        address=address,
        prefix_length=prefix_length,
        host_name=host_name,
        storage=storage,
        application=application,
        failback=reader.flag("failback"),
        properties=reader.overriding_settings("properties"),
        resource_names=_parse_resource_names(reader, rule),
        resource_properties=_parse_resource_properties(reader),
    )


def _service_key(value: Any, index: int) -> str:
    """How a service is called in problems: by its name where it has one."""
    name = value.get("name") if isinstance(value, Mapping) else None
    return f"services[{name if isinstance(name, str) and name else index}]"


def _parse_resource_names(service: _Reader, rule: FrameworkRules) -> Mapping[str, str]:
    reader = _Reader(service.mapping("resource_names"), service.name_of("resource_names"), service.problems)
    names: dict[str, str] = {}
    for role in reader.values:
        if not isinstance(reader.values[role], str) or not reader.values[role]:
            reader.wrong_shape(shown.key_name(role), "is not a name", "give a text", value=reader.values[role])
            continue
        name = reader.text(role, required=True)
        if name is not None:
            _check_name(reader, role, name, rule)
            if name in names.values():
                reader.problem(role, "is the name of another resource too", "name each resource once")
            names[role] = name
    return names


def _parse_resource_properties(service: _Reader) -> Mapping[str, Mapping[str, str | None]]:
    reader = _Reader(service.mapping("resource_properties"), service.name_of("resource_properties"), service.problems)
    found = {}
    for role, value in reader.values.items():
        if value is None or isinstance(value, Mapping):
            found[role] = reader.overriding_settings(role)
        else:
            reader.wrong_shape(shown.key_name(role), "is not a dictionary", "give a dictionary", value=value)
    return found


def _parse_placement(
    service: _Reader, model: str | None, node_names: Collection[str]
) -> tuple[str | None, tuple[str, ...]]:
    if "nodes" not in service.values:
        service.problem("nodes", "is missing", "give nodes.primary and nodes.standby")
        return None, ()
    reader = _Reader(service.values["nodes"], service.name_of("nodes"), service.problems)
    reader.only("primary", "standby")
    primary = reader.text("primary", required=True)
    standbys = reader.texts("standby")
    if not standbys and reader.usable:
        reader.problem("standby", "is missing: the service could run on fewer than two nodes", "name a second node")
    for node in (*([primary] if primary else []), *standbys):
        if node not in node_names:
            key = "primary" if node == primary else "standby"
            reader.problem(key, "is not a node of the cluster", _node_remedy(node, node_names), value=node)
    if primary in standbys:
        reader.problem("standby", "the standby is its own primary", "name another node as the standby")
    for node in _duplicates(standbys):
        reader.problem("standby", "is named twice", "name each node once", value=node)
    if len(standbys) > 1 and model in ("symmetric", "n_plus_1"):
        remedy = "name one standby, or use the model asymmetric"
        if model == "symmetric":
            reader.problem("standby", "the model symmetric pairs two nodes", remedy, value=shown.Names(standbys))
        else:
            reason = "the model n_plus_1 has exactly one shared standby"
            reader.problem("standby", reason, remedy, value=shown.Names(standbys))
    return primary, standbys


def _parse_address(service: _Reader, cluster: Cluster) -> tuple[IPAddress | None, int | None]:
    text = service.text("address")
    if text is None:
        return None, None
    host, slash, prefix = text.partition("/")
    try:
        address = fields.ip_address(host)
    except ValueError:
        service.problem("address", "is not an IP address", "give one such as 192.0.2.21 or 192.0.2.21/24")
        return None, None
    prefix_length = None
    if slash:
        if re.fullmatch("[0-9]{1,9}", prefix) is None:
            service.problem("address", "has a prefix length that is not a number", "write it as in 192.0.2.21/24")
            return None, None
        prefix_length = int(prefix)
        if prefix_length > address.max_prefixlen:
            reason = f"{prefix_length} is no prefix length of an IPv{address.version} address"
            if address.version == 4 and prefix_length <= 128:
                reason = f"/{prefix_length} is an IPv6 prefix length on an IPv4 address"
            service.problem("address", reason, f"use 0 to {address.max_prefixlen}, or leave it out")
            return None, None
    # Where one network lies inside another, the narrowest is the one that the address lives on.
    narrowest_first = sorted(cluster.networks, key=lambda network: -network.prefixlen)
    network = next((network for network in narrowest_first if address in network), None)
    if network is None:
        known = ", ".join(map(str, cluster.networks)) or "none are given"
        service.problem(
            "address", f"is outside the networks of the cluster ({known})", "use an address on one of cluster.networks"
        )
        return None, None
    # A /31 (RFC 3021), /32 or IPv6 network has no address set aside for the network or for broadcast.
    if network.version == 4 and network.prefixlen < 31:
        if address == network.network_address:
            service.problem("address", f"is the address of the network {network} itself", "use a host's address")
        elif address == network.broadcast_address:
            service.problem("address", f"is the broadcast address of {network}", "use a host's address")
    return address, prefix_length if prefix_length is not None else network.prefixlen


def _parse_storage(service: _Reader, rule: FrameworkRules) -> Storage | None:
    reader = _Reader(service.values["storage"], service.name_of("storage"), service.problems)
    reader.only(
        *("device", "devices", "volume_group", "logical_volume", "size", "filesystem", "mount_point", "mount_options"),
        *rule.storage_keys,
    )
    filesystem = reader.text("filesystem", rule.filesystems[0]) or rule.filesystems[0]
    if filesystem not in rule.filesystems:
        reader.problem("filesystem", "is not supported", f"use one of {', '.join(rule.filesystems)}")
    devices = (*reader.texts("device"), *reader.texts("devices"))
    for device in devices:
        if filesystem == "nfs":
            if re.fullmatch(rf"{fields.HOST_NAME.pattern}:/\S*", device) is None:
                reader.problem("device", "is not an NFS share", "write it as SERVER:/PATH", value=device)
        elif (fault := fields.device_fault(device)) is not None:
            reader.problem("device", *fault, value=device)
    for device in _duplicates(devices):
        reader.problem("device", "is named twice", "name each device once", value=device)
    volume_group, logical_volume = reader.text("volume_group"), reader.text("logical_volume")
    # A volume group that exists already needs no devices named to be used.
    if not devices and volume_group is None and rule.devices_required and reader.usable:
        reader.problem("device", "is missing", "name the shared block device")
    exclusive = reader.flag("exclusive")
    if exclusive and volume_group is None:
        reader.problem("exclusive", "is about a volume group, and none is named", "name volume_group, or remove it")
    size = reader.text("size")
    for key, name in (("volume_group", volume_group), ("logical_volume", logical_volume)):
        if name is not None and fields.VOLUME_NAME.fullmatch(name) is None:
            reader.problem(key, "is not a name LVM can carry", "use letters, digits and + _ . -")
    if (volume_group is None) != (logical_volume is None):
        missing = "volume_group" if volume_group is None else "logical_volume"
        reader.problem(missing, "is missing", "LVM needs both volume_group and logical_volume")
    if volume_group is None and len(devices) > 1:
        reader.problem(
            "devices",
            "several devices make one volume only through LVM",
            "give volume_group and logical_volume, or one device",
            value=shown.Names(devices),
        )
    if size is not None and volume_group is None:
        reader.problem("size", "has a meaning only with volume_group", "remove it: the whole device is used")
    elif size is not None and fields.SIZE.fullmatch(size) is None:
        reader.problem("size", "is not a size", "give a number and a unit, such as 300g")
    mount_point = reader.text("mount_point", required=True)
    if mount_point is not None:
        fault = fields.mount_point_fault(mount_point)
        if fault is not None:
            reader.problem("mount_point", *fault)
    if mount_point is None or (rule.devices_required and not devices and volume_group is None):
        return None
    return Storage(
        devices=devices,
        volume_group=volume_group,
        logical_volume=logical_volume,
        size=size,
        filesystem=filesystem,
        mount_point=mount_point,
        mount_options=reader.text("mount_options"),
        zpool=reader.text("zpool"),
        is_global=reader.flag("global"),
        exclusive=exclusive,
    )


def _parse_application(service: _Reader, rule: FrameworkRules) -> Application | None:
    reader = _Reader(service.values["application"], service.name_of("application"), service.problems)
    reader.only("type", "options", "members")
    application_type = reader.text("type", required=True)
    if application_type is None:
        return None
    if application_type not in APPLICATIONS:
        reader.problem("type", "is not a known application", f"use one of {', '.join(rule.applications)}")
    elif application_type not in rule.applications:
        reader.problem(
            "type",
            f"has no resource agents on {rule.framework}",
            "use the type native and name the agents, or another framework",
        )
    options = reader.mapping("options")
    members: list[Member] = []
    for index, value in enumerate(reader.items("members")):
        member = _Reader(value, f"{reader.key}.members[{index}]", service.problems)
        member.only("name", "type", "properties", "meta", "operations")
        name, resource_type = member.text("name", required=True), member.text("type", required=True)
        if name is not None:
            _check_name(member, "name", name, rule)
            if name in ROLES:
                member.problem("name", f"is what the service's own {name} is called", "choose another name")
            if any(other.name == name for other in members):
                member.problem("name", "is the name of another member too", "name each member once")
        operations = operation_settings(member.mapping("operations"), member.name_of("operations"), service.problems)
        if name is not None and resource_type is not None:
            members.append(
                Member(name, resource_type, member.settings("properties"), member.settings("meta"), operations)
            )
    if application_type == "native" and not reader.values.get("members"):
        reader.problem("members", "is empty", "the type native needs at least one member")
    if application_type != "native" and members:
        reader.problem("members", "goes with the type native only", "remove it, or use the type native")
    return Application(application_type, options, tuple(members))


def _judge_together(
    cluster: Cluster, services: Sequence[ServiceDescription], problems: list[Problem], *, complete: bool
) -> None:
    """What can be judged only across services: things used twice, and the models' shapes.

    :param complete: whether every service could be read; if not, no partner is missed
    """
    node_addresses = {node.address: node.name for node in cluster.nodes}
    for service in services:
        if service.address is not None and str(service.address) in node_addresses:
            node = node_addresses[str(service.address)]
            problems.append(
                _service_problem(
                    service, "address", service.address, f"is the address of node {node}", "use a free address"
                )
            )
    _refuse_shared(services, "name", lambda service: [service.name], "name each service once", problems)
    _refuse_shared(services, "address", _address_of, "give each service its own address", problems)
    _refuse_shared(services, "host_name", _host_name_of, "give each service its own host name", problems)
    _refuse_shared(services, "storage.device", _devices_of, "give each service its own device", problems)
    _refuse_shared(services, "storage.volume_group", _volume_group_of, "give each service its own group", problems)
    _refuse_shared(services, "storage.mount_point", _mount_point_of, "give each service its own mount point", problems)
    _judge_storage(services, problems)
    if complete:
        _judge_partners(services, problems)
    _judge_standbys(services, problems)
    _judge_scalix(services, problems)


def _judge_storage(services: Sequence[ServiceDescription], problems: list[Problem]) -> None:
    volume_groups = {
        service.storage.volume_group: service.name
        for service in services
        if service.storage is not None and service.storage.volume_group is not None
    }
    mount_points = {service.storage.mount_point: service.name for service in services if service.storage is not None}
    for service in services:
        if service.storage is None:
            continue
        for device in service.storage.devices:
            owner = next((owner for group, owner in volume_groups.items() if _lies_in(device, group)), None)
            if owner is not None:
                problems.append(
                    _service_problem(
                        service,
                        "storage.device",
                        device,
                        f"lies in the volume group of service {owner}",
                        "give each service its own device",
                    )
                )
        parent = posixpath.dirname(service.storage.mount_point)
        while parent != posixpath.dirname(parent):
            if parent in mount_points:
                problems.append(
                    _service_problem(
                        service,
                        "storage.mount_point",
                        service.storage.mount_point,
                        f"lies inside the volume of service {mount_points[parent]}",
                        "use a mount point that does not come and go with another service",
                    )
                )
            parent = posixpath.dirname(parent)


def _lies_in(device: str, volume_group: str) -> bool:
    """Whether a device is a logical volume of the group, by either of the names that LVM gives it."""
    # The device mapper doubles the hyphens of a name, and puts one between the names of group and volume.
    mapped = f"/dev/mapper/{volume_group.replace('-', '--')}-"
    by_mapper = device.startswith(mapped) and not device[len(mapped) :].startswith("-")
    return by_mapper or (device.startswith(f"/dev/{volume_group}/") and device.count("/") == 3)


def _judge_partners(services: Sequence[ServiceDescription], problems: list[Problem]) -> None:
    symmetric = {
        (service.primary, standby)
        for service in services
        if service.model == "symmetric"
        for standby in service.standbys
    }
    for service in services:
        if service.model == "symmetric" and len(service.standbys) == 1:
            standby = service.standbys[0]
            if (standby, service.primary) not in symmetric and standby != service.primary:
                problems.append(
                    _service_problem(
                        service,
                        "nodes",
                        shown.Names(service.nodes),
                        f"no symmetric service has its home on {standby} and {service.primary} as its standby",
                        "add the partner service, or use the model asymmetric",
                    )
                )


def _judge_standbys(services: Sequence[ServiceDescription], problems: list[Problem]) -> None:
    many = [service for service in services if service.model == "n_plus_1"]
    standbys = sorted({standby for service in many for standby in service.standbys})
    if len(standbys) > 1:
        for service in many:
            problems.append(
                _service_problem(
                    service,
                    "nodes.standby",
                    shown.Names(service.standbys),
                    f"the model n_plus_1 has exactly one shared standby, but {', '.join(standbys)} are named",
                    "name the same standby in every n_plus_1 service",
                )
            )
    for service in many:
        if service.primary in standbys and service.primary not in service.standbys:
            problems.append(
                _service_problem(
                    service,
                    "nodes.primary",
                    service.primary,
                    "is the shared standby of the n_plus_1 services",
                    "keep the standby free: it must have room for the others",
                )
            )


def _judge_scalix(services: Sequence[ServiceDescription], problems: list[Problem]) -> None:
    directories: dict[str, str] = {}
    for service in services:
        if service.application is None or service.application.type != "scalix":
            continue
        instance = service.application.options.get("instance", service.name)
        if not isinstance(instance, str) or not instance:
            problems.append(
                _service_problem(service, "application.options.instance", instance, "is not a name", "give a text")
            )
            continue
        directory = scalix_instance.directory_of(instance)
        if directory in directories:
            problems.append(
                _service_problem(
                    service,
                    "application.options.instance",
                    instance,
                    f"has the data directory /var/opt/scalix/{directory}, as service {directories[directory]} has"
                    " (Scalix takes the first and last letter of the name)",
                    "choose an instance name with another first or last letter",
                )
            )
        directories.setdefault(directory, service.name)


def _service_problem(service: ServiceDescription, key: str, value: Any, reason: str, remedy: str) -> Problem:
    plain = value if isinstance(value, (str, list, dict, int, bool)) or value is None else str(value)
    return Problem(f"services[{service.name}].{key}", plain, reason, remedy)


def _refuse_shared(
    services: Sequence[ServiceDescription], key: str, values_of: Any, remedy: str, problems: list[Problem]
) -> None:
    owners: dict[Any, str] = {}
    for service in services:
        for value in values_of(service):
            if value in owners:
                problems.append(
                    _service_problem(service, key, value, f"is used by service {owners[value]} too", remedy)
                )
            owners.setdefault(value, service.name)


def _address_of(service: ServiceDescription) -> list[IPAddress]:
    return [] if service.address is None else [service.address]


def _host_name_of(service: ServiceDescription) -> list[str]:
    return [] if service.host_name is None else [service.host_name.lower()]


def _devices_of(service: ServiceDescription) -> Sequence[str]:
    return () if service.storage is None else tuple(dict.fromkeys(service.storage.devices))


def _volume_group_of(service: ServiceDescription) -> list[str]:
    storage = service.storage
    return [] if storage is None or storage.volume_group is None else [storage.volume_group]


def _mount_point_of(service: ServiceDescription) -> list[str]:
    return [] if service.storage is None else [service.storage.mount_point]


def _duplicates(names: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    repeated = []
    for name in names:
        if name in seen and name not in repeated:
            repeated.append(name)
        seen.add(name)
    return repeated


def _node_remedy(node: str, node_names: Collection[str]) -> str:
    close = difflib.get_close_matches(node, list(node_names), n=1)
    return f"did you mean {close[0]}?" if close else f"the nodes are {', '.join(node_names) or 'not given'}"
