# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pacemaker: everything is read from one ``cibadmin --query`` and written as one patch of the CIB.

Formats: Pacemaker Explained 2.1 (CIB elements), ``crm_mon --output-as=xml`` schema 2.x; seen with Pacemaker 2.1.5 and
3.0.0.
"""

from __future__ import annotations

import copy
import html
import os
import re
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ansible_collections.groupware.ha.plugins.module_utils.adoption import Draft, describe, free_role
from ansible_collections.groupware.ha.plugins.module_utils.cluster_config import (
    ClusterConfig,
    ClusterStatus,
    MemberStatus,
    NodeStatus,
    Resource,
    Service,
    ServiceStatus,
    takes_services,
)
from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound, Runner
from ansible_collections.groupware.ha.plugins.module_utils.deployment import (
    ROLES,
    Deployment,
    DescriptionError,
    FrameworkRules,
    Problem,
    ServiceDescription,
)
from ansible_collections.groupware.ha.plugins.module_utils.description.secrets import holds_secret
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import (
    Export,
    FrameworkError,
    NotRunning,
    Plan,
    Snapshot,
    overridden,
    with_native_settings,
)
from ansible_collections.groupware.ha.plugins.module_utils.pacemaker import fencing
from ansible_collections.groupware.ha.plugins.module_utils.reconcile import MEMBERS_KEY, Change
from ansible_collections.groupware.ha.plugins.module_utils.shown import quoted

#: Location scores of a service's nodes go up in these steps. They are far below the stickiness of a running service,
#: so that it stays where it is when its home node returns, unless ``failback`` is set.
SCORE_STEP = 100
STICKINESS = "1000"

#: Stands among a service's nodes for the rule that keeps it off every other node; no node can have this name.
ELSEWHERE = "(elsewhere)"

META = "meta "
OPERATION = "operation "

_OCF_ROOT = Path("/usr/lib/ocf/resource.d")
_TRUE = frozenset(["1", "on", "true", "y", "yes"])
_FALSE = frozenset(["0", "off", "false", "n", "no"])
_SCORE = re.compile(r"[+-]?\d+")
_DURATION = re.compile(r"(\d+)\s*(ms|msec|us|usec|s|sec|m|min|h|hr|)", re.IGNORECASE)
_MILLISECONDS = {"ms": 1, "msec": 1, "us": 0.001, "usec": 0.001, "": 1000, "s": 1000, "sec": 1000}
_MILLISECONDS.update({"m": 60_000, "min": 60_000, "h": 3_600_000, "hr": 3_600_000})

#: A failure is tried again on the same node this often before another node gets the service, and is forgotten after
#: this time. Pacemaker's own defaults would restart a failing service in place for ever.
SERVICE_META = {"migration-threshold": "3", "failure-timeout": "10min"}

_STORAGE_OPERATIONS = {
    "start": {"interval": "0s", "timeout": "60s"},
    "stop": {"interval": "0s", "timeout": "60s"},
    "monitor": {"interval": "20s", "timeout": "40s"},
}
_VOLUME_OPERATIONS = {
    "start": {"interval": "0s", "timeout": "90s"},
    "stop": {"interval": "0s", "timeout": "90s"},
    "monitor": {"interval": "30s", "timeout": "90s"},
}
_ADDRESS_OPERATIONS = {
    "start": {"interval": "0s", "timeout": "20s"},
    "stop": {"interval": "0s", "timeout": "20s"},
    "monitor": {"interval": "10s", "timeout": "20s"},
}
_SERVER_OPERATIONS = {
    "start": {"interval": "0s", "timeout": "60s"},
    "stop": {"interval": "0s", "timeout": "60s"},
    "monitor": {"interval": "10s", "timeout": "20s"},
}
_FENCING_OPERATIONS = {"monitor": {"interval": "60s", "timeout": "60s"}}

#: Elements whose id is that of something else.
_REFERENCES = frozenset(["resource_ref", "obj_ref", "role"])

_RESOURCES = frozenset(["primitive", "group"])

#: Constraints that may name their resources in sets.
_WITH_SETS = ("rsc_location", "rsc_colocation", "rsc_order", "rsc_ticket")


@dataclass(frozen=True)
class Stop:
    """A patch that has services and resources stop."""

    names: Sequence[str]


@dataclass(frozen=True)
class Patch:
    """A patch that makes changes."""

    changes: Sequence[Change]


class Pacemaker:
    """The driver for Pacemaker clusters."""

    name = "pacemaker"
    empty_services = False
    asks_permission = False
    registers_types = False
    settings_on_command_lines = False
    keeps_services_offline = True
    keeps_nodes_free = True
    rules = FrameworkRules(
        framework="pacemaker",
        pattern=r"[A-Za-z_][A-Za-z0-9_.-]*",
        words="letters, digits, hyphens, dots and underscores, beginning with a letter or an underscore",
        longest=64,
        applications=("postfix_dovecot", "native"),
    )

    def __init__(self, runner: Runner) -> None:
        self.runner = runner

    # -- description to native terms ----------------------------------------------------------------------------

    def compile(self, deployment: Deployment, include_applications: bool = True) -> ClusterConfig:
        """The description as groups, primitives and cluster options.

        :raises DescriptionError: names that meet once compiled, and what makes fencing something else than it says
        """
        config = self._compiled(deployment, include_applications)
        problems = [*_meeting_names(config), *fencing.judge(deployment, config)]
        if problems:
            raise DescriptionError(problems)
        return config

    def _compiled(self, deployment: Deployment, include_applications: bool = True) -> ClusterConfig:
        cluster = deployment.cluster
        return ClusterConfig(
            properties={
                "stonith-enabled": "false" if cluster.fencing_disabled else "true",
                **cluster.properties,
            },
            resources=tuple(
                Resource(
                    device.name,
                    f"stonith:{device.agent}",
                    _settings(
                        {**_host_list(device.options, device.nodes), **device.options},
                        operations=_FENCING_OPERATIONS,
                    ),
                )
                for device in cluster.fencing_devices
            ),
            # A group needs a member: a service that is nothing but its application is made together with it.
            services=tuple(
                service
                for service in (_compile_service(service, include_applications) for service in deployment.services)
                if service.resources
            ),
        )

    def native_resource(
        self,
        name: str,
        resource_type: str,
        properties: Mapping[str, str],
        meta: Mapping[str, str],
        operations: Mapping[str, Mapping[str, str]],
    ) -> Resource:
        """A primitive.

        :raises DescriptionError: it would make fencing something else than it says
        """
        resource = Resource(name, resource_type, _settings(properties, meta, operations))
        problems = fencing.judge_native(resource)
        if problems:
            raise DescriptionError(problems)
        return resource

    def native_service(
        self, name: str, nodes: Sequence[str], properties: Mapping[str, str], resources: Sequence[Resource]
    ) -> Service:
        """A group with its location constraints; ``properties`` are its meta attributes.

        :raises DescriptionError: it would make fencing something else than it says
        """
        service = Service(name, tuple(nodes) or None, _settings({}, meta=properties), tuple(resources))
        problems = [*fencing.judge_native(Resource(name, "group", service.settings)), *fencing.judge_members(service)]
        if problems:
            raise DescriptionError(problems)
        return service

    # -- reading ------------------------------------------------------------------------------------------------

    def read(self) -> ClusterConfig:
        """The configuration section of the CIB."""
        cib = Element("cib")
        # The status section, with the history of all operations, is several times as large.
        cib.append(self._query("--scope=configuration"))
        return parse_configuration(cib)

    def _query(self, *options: str) -> Element:
        try:
            result = self.runner.run(["cibadmin", "--query", *options], record=False)
        except CommandNotFound:
            raise NotRunning("Pacemaker is not installed on this node") from None
        except CommandError as error:
            raise NotRunning(f"the cluster is not running on this node ({error.output or error.reason})") from None
        return parse_xml(result.stdout, "cibadmin --query")

    def missing_agents(self, types: Collection[str]) -> list[str]:
        """Resource types whose agent is not on this node; systemd units and other classes are left to the cluster."""
        missing = []
        for resource_type in types:
            parts = resource_type.split(":")
            if parts[0] == "ocf" and len(parts) == 3:
                found = (_OCF_ROOT / parts[1] / parts[2]).exists()
            elif parts[0] == "stonith" and len(parts) == 2:
                found = any(os.path.exists(f"{folder}/{parts[1]}") for folder in ("/usr/sbin", "/sbin"))
                found = found or parts[1] in ("external/ssh", "fence_watchdog")
            else:
                found = len(parts) in (2, 3) and parts[0] in ("systemd", "lsb", "service", "nagios")
            if not found:
                missing.append(resource_type)
        return missing

    def status(self) -> ClusterStatus:
        """Nodes and resources from one ``crm_mon``."""
        try:
            result = self.runner.run(["crm_mon", "--one-shot", "--inactive", "--output-as=xml"], record=False)
        except CommandNotFound:
            raise NotRunning("Pacemaker is not installed on this node") from None
        except CommandError as error:
            raise NotRunning(f"the cluster is not running on this node ({error.output or error.reason})") from None
        monitor = parse_xml(result.stdout, "crm_mon")
        if monitor.find("./nodes") is None:
            # Seen with 2.1.5: it exits with 0 although it could not read the CIB.
            errors = [error.text or "" for error in monitor.findall("./status/errors/error")]
            raise NotRunning(
                f"the cluster is not running on this node ({'; '.join(errors) or 'crm_mon shows no nodes'})"
            )
        return parse_status(monitor)

    # -- comparing ----------------------------------------------------------------------------------------------

    def same(self, key: str, current: str, desired: str) -> bool:
        """Instance attributes belong to the agent and are compared to the letter, all else by its meaning."""
        if not (key.startswith((META, OPERATION)) or key in _CLUSTER_OPTIONS):
            return current == desired
        return _same_meaning(current, desired)

    def operational(self, key: str) -> bool:
        """What ``crm_resource`` and ``switchover`` set while operating."""
        return key in (f"{META}target-role", f"{META}is-managed", f"{META}maintenance")

    def fixed(self, resource_type: str, key: str) -> bool:  # noqa: ARG002 - as the protocol has it
        """Nothing is: an agent that cannot change in place is restarted by the cluster."""
        return False

    def axis_settings(self, kind: str, axis: str, value: bool) -> Mapping[str, str]:
        """Meta attributes, and the attribute of the recurring monitor."""
        text = "true" if value else "false"
        if kind == "service":
            return {f"{META}is-managed": text}
        if axis == "enabled":
            return {f"{META}target-role": "Started" if value else "Stopped"}
        return {f"{OPERATION}monitor enabled": text}

    def native_type(self, name: str, base_type: str | None, properties: Mapping[str, str]) -> Resource:  # noqa: ARG002
        """There are none: a type is an agent that a package brings."""
        raise FrameworkError(
            f"type {name}: Pacemaker registers no types; install the package that brings the agent on every node"
        )

    # -- changing -----------------------------------------------------------------------------------------------

    def survey(self) -> Snapshot:
        """Configuration and status; the patches themselves are made from the CIB of their moment."""
        return Snapshot(self.read(), self.status())

    def plan(self, snapshot: Snapshot, changes: Sequence[Change]) -> Plan:
        """One patch, behind one that stops what goes; what that does to services, the cluster decides.

        :raises DescriptionError: it would switch a fencing device off
        """
        problems = fencing.judge_changes(snapshot.config, changes)
        if problems:
            raise DescriptionError(problems)
        deleted = [change.name for change in changes if change.action == "delete"]
        return Plan([Stop(deleted)] if deleted else [], [Patch(changes)], interrupted_services(snapshot, changes))

    def carry_out(self, steps: Sequence[Stop | Patch]) -> None:
        """One patch for each step."""
        for step in steps:
            if isinstance(step, Stop):
                self.stop(step.names)
            else:
                self.apply(step.changes)

    def stop(self, names: Collection[str]) -> None:
        """Set the target role of what is to be deleted.

        A resource that is deleted while it runs becomes an orphan, which Pacemaker stops without regard to order: a
        file system could be unmounted under a running server.
        """
        current = self._query()
        wanted = copy.deepcopy(current)
        resources = _resources_by_id(_child(wanted, "configuration"))
        for name in names:
            element = resources.get(name)
            for part in [] if element is None else [element, *element.findall("primitive")]:
                # A member's own target role would win over that of its group.
                if part is element or "target-role" in _nvpairs(part, "meta_attributes"):
                    _set_nvpair(part, "meta_attributes", "target-role", "Stopped")
        self._patch(current, wanted)

    def apply(self, changes: Sequence[Change]) -> None:
        """Patch the CIB once: constraints come into force together with the members that they are about."""
        current = self._query()
        wanted = copy.deepcopy(current)
        apply_changes(wanted, changes)
        self._patch(current, wanted)

    def settle(self, timeout: float) -> None:
        """Wait until the cluster has no action pending."""
        try:
            self.runner.run(
                ["crm_resource", "--wait", f"--timeout={max(1, int(timeout))}s"], timeout=timeout + 10, record=False
            )
        except CommandError as error:
            raise FrameworkError(
                f"the cluster did not settle within {timeout:g} seconds ({error.reason}: {error.output}); "
                "'crm_mon --one-shot' shows what it is waiting for"
            ) from None

    def set_service_enabled(self, service: str, enabled: bool) -> None:
        """Set the target role of the group."""
        if enabled:
            self._crm_resource(service, ["--meta", "--delete-parameter=target-role"])
        else:
            self._crm_resource(service, ["--meta", "--set-parameter=target-role", "--parameter-value=Stopped"])

    def move_service(self, service: str, node: str, timeout: float, start: bool = False) -> None:
        """Prefer the node for as long as the move takes; stickiness keeps the service there afterwards."""
        # The lifetime ends the preference by itself should this run die before it clears it.
        lifetime = f"PT{int(timeout) + 60}S"
        self._crm_resource(service, ["--move", f"--node={node}", f"--lifetime={lifetime}"])
        try:
            if start:
                self.set_service_enabled(service, True)
            self.settle(timeout)
        finally:
            self._crm_resource(service, ["--clear"])

    def set_node_standby(self, node: str, standby: bool) -> None:
        """Set the node's permanent standby attribute."""
        arguments = ["--update=on"] if standby else ["--delete"]
        self.runner.run(["crm_attribute", "--type=nodes", f"--node={node}", "--name=standby", *arguments])

    def set_service_frozen(self, service: str, frozen: bool) -> None:
        """Put the group into maintenance mode: neither started, stopped, moved nor monitored."""
        if frozen:
            self._crm_resource(service, ["--meta", "--set-parameter=maintenance", "--parameter-value=true"])
        else:
            self._crm_resource(service, ["--meta", "--delete-parameter=maintenance"])

    def clear_failures(self, service: str) -> None:
        """Forget the history of the group's operations; the cluster probes what runs and goes on from there."""
        self._crm_resource(service, ["--cleanup"])

    def parse_saved(self, text: str) -> ClusterConfig:
        """A CIB, as ``cibadmin --query`` prints it and ``/var/lib/pacemaker/cib/cib.xml`` holds it."""
        cib = parse_xml(text, "the saved configuration")
        if cib.find("./configuration/resources") is None:
            raise FrameworkError("the saved configuration is not a CIB: it has no configuration/resources")
        return parse_configuration(cib)

    def export(self, config: ClusterConfig) -> Export:
        """Groups as services, fencing devices and cluster options as such."""
        cluster, unexpressed = _exported_cluster(config)
        drafts = {service.name: _draft(service) for service in config.services}
        cluster, services, further = describe(config, drafts, cluster, self.rules, self._compiled, self)
        # They are described as they are, and refused until somebody has decided about them.
        return Export(cluster, services, [*unexpressed, *further, *map(str, fencing.concerns(config))])

    def _crm_resource(self, service: str, arguments: Sequence[str]) -> None:
        self.runner.run(["crm_resource", f"--resource={service}", *arguments])

    def _patch(self, current: Element, wanted: Element) -> None:
        """Send the difference between two CIBs as one atomic change.

        The patch names no version of the CIB, so that a state change that comes in between does not refuse it.
        """
        # A CIB may hold passwords of fence agents: the directory is the process owner's alone.
        with tempfile.TemporaryDirectory(prefix="groupware-ha-") as directory:
            original, new = Path(directory, "original.xml"), Path(directory, "new.xml")
            original.write_text(ElementTree.tostring(current, encoding="unicode"), encoding="utf-8")
            new.write_text(ElementTree.tostring(wanted, encoding="unicode"), encoding="utf-8")
            # Exit status 1 says that there are differences.
            difference = self.runner.run(
                ["crm_diff", f"--original={original}", f"--new={new}", "--no-version"], accept=(0, 1), record=False
            )
        if difference.stdout.strip():
            self.runner.run(["cibadmin", "--patch", "--xml-pipe"], stdin=difference.stdout)


# -- pure: compiling --------------------------------------------------------------------------------------------


def _compile_service(service: ServiceDescription, include_applications: bool) -> Service:
    meta = {**SERVICE_META, "resource-stickiness": "0" if service.failback else STICKINESS}
    # Properties of a group are its meta attributes, with or without saying so.
    properties = {key.removeprefix(META): value for key, value in service.properties.items()}
    resources = {
        role: Resource(service.resource_name(role), resource_type, settings)
        for role, resource_type, settings in _compile_members(service, include_applications)
    }
    members = with_native_settings(service, resources, include_applications)
    return Service(service.name, service.nodes, _settings({}, meta=overridden(meta, properties)), members)


def _compile_members(
    service: ServiceDescription, include_applications: bool
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Role, type and settings of each resource, in the order of starting."""
    storage = service.storage
    if storage is not None and storage.volume_group is not None:
        properties = {
            "vgname": storage.volume_group,
            "lvname": str(storage.logical_volume),
            "vg_access_mode": "system_id",
        }
        yield "volume", "ocf:heartbeat:LVM-activate", _settings(properties, operations=_VOLUME_OPERATIONS)
    if storage is not None:
        properties = {
            "device": storage.block_device,
            "directory": storage.mount_point,
            "fstype": storage.filesystem,
        }
        if storage.mount_options is not None:
            properties["options"] = storage.mount_options
        yield "storage", "ocf:heartbeat:Filesystem", _settings(properties, operations=_STORAGE_OPERATIONS)
    if service.address is not None:
        properties = {"ip": str(service.address), "cidr_netmask": str(service.prefix_length)}
        yield "address", "ocf:heartbeat:IPaddr2", _settings(properties, operations=_ADDRESS_OPERATIONS)
    if include_applications:
        yield from _compile_application(service)


def _compile_application(service: ServiceDescription) -> Iterator[tuple[str, str, dict[str, str]]]:
    application = service.application
    if application is None:
        return
    if application.type == "postfix_dovecot" and service.storage is not None:
        base = service.storage.mount_point
        properties = {
            "config_file": f"{base}/dovecot/dovecot.conf",
            # The agent (resource-agents 4.12, 4.16) checks config_file but never hands it to Dovecot, and asks Dovecot
            # 2.4 for its state without the parameters: only what stands here is in every command.
            "binary": f"/usr/sbin/dovecot -c {base}/dovecot/dovecot.conf",
            # Of the instance's own base_dir, which is on each node's /run: a stale one dies with its node.
            "pid_file": f"/run/dovecot/{service.name}/master.pid",
        }
        yield "dovecot", "ocf:heartbeat:dovecot", _settings(properties, operations=_SERVER_OPERATIONS)
        properties = {"config_dir": f"{base}/postfix/etc"}
        yield "postfix", "ocf:heartbeat:postfix", _settings(properties, operations=_SERVER_OPERATIONS)
    for member in application.members:
        # An operation that says no interval has the interval 0 in the CIB.
        operations = {name: {"interval": "0s", **values} for name, values in member.operations.items()}
        yield member.name, member.type, _settings(member.properties, member.meta, operations)


def _meeting_names(config: ClusterConfig) -> list[Problem]:
    """Names that are one once compiled."""
    problems: list[Problem] = []
    owners: dict[str, str] = {}
    for owner, name in _all_names(config):
        if name in owners:
            problems.append(
                Problem(
                    f"services[{owner}].name" if owner else "cluster.fencing.devices",
                    owner or name,
                    f"gives the name {name}, which {owners[name] or 'a fencing device'} has too",
                    "choose another name",
                )
            )
        owners.setdefault(name, owner)
    return problems


def _all_names(config: ClusterConfig) -> Iterator[tuple[str, str]]:
    """What each service and fencing device ("") adds to the CIB under a name of its own."""
    for resource in config.resources:
        yield "", resource.name
    for service in config.services:
        yield service.name, service.name
        for resource in service.resources:
            yield service.name, resource.name
        for node in _scores(service.placement or ()):
            yield service.name, _constraint_id(service.name, node)


def _settings(
    properties: Mapping[str, str],
    meta: Mapping[str, str] | None = None,
    operations: Mapping[str, Mapping[str, str]] | None = None,
) -> dict[str, str]:
    """One flat mapping of instance attributes, meta attributes and operations."""
    settings = dict(properties)
    settings.update({f"{META}{name}": value for name, value in (meta or {}).items()})
    for operation, values in (operations or {}).items():
        settings.update({f"{OPERATION}{operation} {name}": value for name, value in values.items()})
    return settings


def _host_list(options: Mapping[str, str], nodes: Sequence[str]) -> dict[str, str]:
    if "pcmk_host_map" in options or "pcmk_host_list" in options:
        return {}
    return {"pcmk_host_list": " ".join(nodes)}


def _scores(nodes: Sequence[str]) -> dict[str, str]:
    """A score for each node, the first one's the highest, and a rule that keeps the service off all others."""
    if not nodes:
        return {}
    scores = {node: str(SCORE_STEP * (len(nodes) - position)) for position, node in enumerate(nodes)}
    return {**scores, ELSEWHERE: "-INFINITY off " + " ".join(sorted(nodes))}


# -- pure: exporting --------------------------------------------------------------------------------------------

#: Cluster options that Pacemaker and its tools keep for themselves.
_STATE_OPTIONS = frozenset(
    ["have-watchdog", "dc-version", "cluster-infrastructure", "cluster-name", "last-lrm-refresh"]
)


def _exported_cluster(config: ClusterConfig) -> tuple[dict[str, Any], list[str]]:
    unexpressed = []
    devices, nodes = [], {}
    for resource in config.resources:
        if not resource.type.startswith("stonith:"):
            unexpressed.append(f"resource {resource.name} ({resource.type}): it belongs to no group")
            continue
        options = {key: value for key, value in resource.settings.items() if not key.startswith((META, OPERATION))}
        secrets = [key for key, value in options.items() if holds_secret(key, value, resource.type)]
        unexpressed.extend(
            f"fencing device {resource.name}: {key} is a secret; name a file on the nodes" for key in secrets
        )
        hosts = options.pop("pcmk_host_list", "").replace(",", " ").split()
        nodes.update(dict.fromkeys(hosts))
        devices.append(
            {
                "name": resource.name,
                "agent": resource.type.partition(":")[2],
                "nodes": hosts,
                "options": {key: value for key, value in options.items() if key not in secrets},
            }
        )
    properties = {
        key: value
        for key, value in config.properties.items()
        if key not in _STATE_OPTIONS and key not in fencing.FENCING_ENABLED
    }
    cluster: dict[str, Any] = {"framework": Pacemaker.name, "nodes": [{"name": name} for name in nodes]}
    if "cluster-name" in config.properties:
        cluster["name"] = config.properties["cluster-name"]
    if devices:
        cluster["fencing"] = {"devices": devices}
        if fencing.is_off(config):
            unexpressed.append("cluster.fencing: it has devices, but is switched off; the description switches it on")
    elif fencing.is_off(config):
        cluster["fencing"] = {"disabled_accepting_data_loss": True}
    else:
        unexpressed.append("cluster.fencing: there are no fencing devices; add them")
    if properties:
        cluster["properties"] = properties
    if config.foreign:
        unexpressed.append(f"not of groups and primitives: {', '.join(sorted(config.foreign))}")
    return cluster, unexpressed


def _draft(service: Service) -> Draft:
    """Volume, storage and address where they lead the group in this order; all other members natively."""
    keys: dict[str, Any] = {}
    roles: dict[str, str] = {}
    members = list(service.resources)
    storage: dict[str, Any] = {}
    if members and members[0].type == "ocf:heartbeat:LVM-activate" and len(members) > 1:
        settings = members[0].settings
        mounted = members[1].type == "ocf:heartbeat:Filesystem"
        if settings.get("lvname") and mounted and members[1].settings.get("fstype") in Pacemaker.rules.filesystems:
            storage = {"volume_group": settings.get("vgname"), "logical_volume": settings["lvname"]}
            roles[members.pop(0).name] = "volume"
    if (
        members
        and members[0].type == "ocf:heartbeat:Filesystem"
        and members[0].settings.get("fstype") in Pacemaker.rules.filesystems
    ):
        member = members.pop(0)
        settings = member.settings
        roles[member.name] = "storage"
        if not storage:
            storage["device"] = settings.get("device", "")
        storage.update({"mount_point": settings.get("directory", ""), "filesystem": settings.get("fstype", "")})
        if "options" in settings:
            storage["mount_options"] = settings["options"]
        keys["storage"] = storage
    if members and members[0].type == "ocf:heartbeat:IPaddr2" and "cidr_netmask" in members[0].settings:
        member = members.pop(0)
        roles[member.name] = "address"
        keys["address"] = f"{member.settings.get('ip')}/{member.settings['cidr_netmask']}"
    if members:
        described = []
        for member in members:
            roles[member.name] = free_role(member.name, service.name, {*ROLES, *roles.values()})
            described.append(_described_member(member, roles[member.name]))
        keys["application"] = {"type": "native", "members": described}
    elsewhere = []
    if service.misplaced:
        elsewhere.append(f"it is placed by {service.misplaced}; the description has its nodes in order, and no others")
    return Draft(list(service.placement or ()), keys, roles, elsewhere)


def _described_member(member: Resource, role: str) -> dict[str, Any]:
    described: dict[str, Any] = {"name": role, "type": member.type}
    for key, value in member.settings.items():
        if key.startswith(META):
            described.setdefault("meta", {})[key[len(META) :]] = value
        elif key.startswith(OPERATION):
            _operation, name, attribute = key.split(" ", 2)
            described.setdefault("operations", {}).setdefault(name, {})[attribute] = value
        else:
            described.setdefault("properties", {})[key] = value
    return described


# -- pure: the CIB ----------------------------------------------------------------------------------------------


def parse_xml(text: str, source: str) -> Element:
    """Parse what a command printed.

    :raises FrameworkError: it is not XML
    """
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        first = quoted(text.partition("\n")[0])
        raise FrameworkError(f"{source} printed something that is not XML ({error}): {first}") from None


def parse_configuration(cib: Element) -> ClusterConfig:
    """Cluster options, primitives of their own, and groups. Clones and bundles are not ours and are left out."""
    resources = cib.find("./configuration/resources")
    placements = _parse_placements(cib)
    services, primitives = [], []
    for element in resources if resources is not None else ():
        if element.tag == "group":
            placement, misplaced = _read_placement(placements.get(_id(element), {}))
            services.append(
                Service(
                    _id(element),
                    placement,
                    {f"{META}{key}": value for key, value in _nvpairs(element, "meta_attributes").items()},
                    tuple(_parse_primitive(primitive) for primitive in element.findall("primitive")),
                    misplaced,
                )
            )
        elif element.tag == "primitive":
            primitives.append(_parse_primitive(element))
    crm_config = cib.find("./configuration/crm_config")
    properties = {} if crm_config is None else _nvpairs(crm_config, "cluster_property_set")
    config = ClusterConfig(properties, tuple(primitives), tuple(services))
    ours = {*config.owners(), *(service.name for service in services)}
    configuration = cib.find("./configuration")
    identifiers = {
        _id(element)
        for element in (configuration.iter() if configuration is not None else ())
        if element.tag not in _REFERENCES
    }
    return replace(config, foreign=frozenset(identifiers - ours - {""}), leftovers=_parse_leftovers(cib, services))


def _parse_primitive(element: Element) -> Resource:
    settings = _nvpairs(element, "instance_attributes")
    settings.update({f"{META}{name}": value for name, value in _nvpairs(element, "meta_attributes").items()})
    for operation in element.findall("./operations/op[@name]"):
        prefix = f"{OPERATION}{operation.get('name')} "
        if f"{prefix}interval" in settings:
            continue  # a second operation of one name (another role or interval) is not ours
        settings.update(
            {f"{prefix}{name}": value for name, value in operation.attrib.items() if name in _OPERATION_ATTRIBUTES}
        )
        settings.update(
            {f"{prefix}{name}": value for name, value in _nvpairs(operation, "instance_attributes").items()}
        )
    parts = [element.get("class"), element.get("provider"), element.get("type")]
    return Resource(_id(element), ":".join(part for part in parts if part), settings)


def _parse_placements(cib: Element) -> dict[str, dict[str, str]]:
    """Our location constraints by service: those of an administrator or of ``crm_resource --move`` are not read."""
    placements: dict[str, dict[str, str]] = {}
    for constraint in cib.findall("./configuration/constraints/rsc_location"):
        owner = _placed(constraint)
        if owner is not None:
            service, node = owner
            placements.setdefault(service, {})[node] = _describe_location(constraint, service, node)
    return placements


def _parse_leftovers(cib: Element, services: Iterable[Service]) -> dict[str, tuple[str, ...]]:
    """Preferences that ``crm_resource --move`` and the like leave behind; bans are part of the status."""
    owners = {member.name: service.name for service in services for member in service.resources}
    owners.update({service.name: service.name for service in services})
    found: dict[str, tuple[str, ...]] = {}
    for constraint in cib.findall("./configuration/constraints/rsc_location"):
        owner = owners.get(constraint.get("rsc", ""))
        if owner is None or not _id(constraint).startswith("cli-prefer-"):
            continue
        named = [expression.get("value", "") for expression in constraint.iter("expression")]
        node = constraint.get("node") or ", ".join(value for value in named if value) or "a node"
        found[owner] = (
            *found.get(owner, ()),
            f"an earlier move binds it to {node} (constraint {_id(constraint)}), so that it returns there by itself "
            f"until 'crm_resource --resource={constraint.get('rsc')} --clear' takes that away",
        )
    return found


def _placed(constraint: Element) -> tuple[str, str] | None:
    """Service and node that a location constraint of ours is for, going by its id."""
    for node in (constraint.get("node"), ELSEWHERE):
        if node is not None and _id(constraint).endswith(_constraint_id("", node)):
            return _id(constraint)[: -len(_constraint_id("", node))], node
    return None


def _describe_location(constraint: Element, service: str, node: str) -> str:
    """In the words of _scores when it is one that we write, else its XML, which then differs."""
    if node == ELSEWHERE:
        return _describe_rule(constraint, service)
    ours = constraint.get("rsc") == service and set(constraint.attrib) <= {"id", "rsc", "node", "score"}
    return constraint.get("score", "") if ours else _as_text(constraint)


def _read_placement(found: Mapping[str, str]) -> tuple[tuple[str, ...] | None, str]:
    """The placement that constraints are the rendering of, or its likeness and what there is instead."""
    scores = {node: int(score) for node, score in found.items() if _SCORE.fullmatch(score)}
    placement = tuple(sorted(scores, key=lambda node: -scores[node]))
    wanted = _scores(placement)
    if set(wanted) == set(found) and all(_same_meaning(found[node], score) for node, score in wanted.items()):
        return placement or None, ""
    return placement or None, ", ".join(f"{node}: {words}" for node, words in found.items())


def _describe_rule(constraint: Element, service: str) -> str:
    """The rule in the words of _placement when it is the one we write, else its XML, which then differs."""
    rules = list(constraint)
    if len(rules) == 1 and constraint.get("rsc") == service and set(constraint.attrib) <= {"id", "rsc"}:
        rule, expressions = rules[0], list(rules[0])
        ours = rule.tag == "rule" and (rule.get("boolean-op", "and") == "and" or len(expressions) == 1)
        ours = ours and set(rule.attrib) <= {"id", "score", "boolean-op"}
        for expression in expressions:
            ours = ours and (expression.get("attribute"), expression.get("operation")) == ("#uname", "ne")
        if ours:
            score = rule.get("score", "")
            return f"{score} off " + " ".join(sorted(expression.get("value", "") for expression in expressions))
    return _as_text(constraint)


def _as_text(element: Element) -> str:
    return " ".join(ElementTree.tostring(element, encoding="unicode").split())


class _Objects:
    """Resources and constraints by their ids: to search the tree for each change would cost the square of them."""

    def __init__(self, configuration: Element) -> None:
        self.configuration = configuration
        self.resources = _resources_by_id(configuration)
        self.constraints = {_id(constraint): constraint for constraint in configuration.findall("./constraints/*")}
        #: Our location constraints of each service, by node.
        self.locations: dict[str, dict[str, Element]] = {}
        for constraint in self.constraints.values():
            owner = _placed(constraint)
            if owner is not None:
                self.locations.setdefault(owner[0], {})[owner[1]] = constraint


def apply_changes(cib: Element, changes: Sequence[Change]) -> None:
    """Make the changes in a CIB, in place."""
    configuration = _child(cib, "configuration")
    before = set(configuration.iter())
    created = {(change.kind, change.name, change.service) for change in changes if change.action == "create"}
    # What is created again in its place keeps that place: it is replaced below.
    _delete_resources(
        configuration,
        [
            change.name
            for change in changes
            if change.action == "delete" and (change.kind, change.name, change.service) not in created
        ],
    )
    objects = _Objects(configuration)
    orders: dict[str, list[str]] = {}
    for change in changes:
        if change.action == "delete":
            continue
        if change.kind == "cluster":
            _change_properties(configuration, change)
        elif change.kind == "service":
            order = (change.after or {}).get(MEMBERS_KEY)
            if order is not None:
                orders[change.name] = order.split()
            _change_service(objects, change)
        else:
            _change_resource(objects, change)
    for service, names in orders.items():
        if service in objects.resources:
            _reorder(objects.resources[service], names)
    # The schema has no groups without members; only now is it known which got no new ones.
    groups = configuration.findall("./resources/group")
    _delete_resources(configuration, [_id(group) for group in groups if group.find("primitive") is None])
    _make_ids_unique(configuration, before)


def _make_ids_unique(configuration: Element, before: Collection[Element]) -> None:
    """Give new elements other ids where what stood there before has theirs already."""
    taken = {_id(element) for element in configuration.iter() if element in before}
    for element in configuration.iter():
        if element in before or not _id(element):
            continue
        identifier, number = _id(element), 0
        while _id(element) in taken:
            number += 1
            element.set("id", f"{identifier}-{number}")
        taken.add(_id(element))


def _delete_resources(configuration: Element, names: Sequence[str]) -> None:
    """Remove resources, and what refers to them: the schema wants every reference to lead somewhere."""
    resources = _resources_by_id(configuration)
    elements = [resources[name] for name in names if name in resources]
    if not elements:
        return
    parents = {child: parent for parent in configuration.iter() for child in parent}
    gone: set[str] = set()
    for element in elements:
        parents[element].remove(element)
        gone.update(_id(item) for item in element.iter() if item.tag in _RESOURCES)
    for constraint in configuration.findall("./constraints/*"):
        if gone & {constraint.get(key) for key in ("rsc", "with-rsc", "first", "then")}:
            parents[constraint].remove(constraint)
    for permission in configuration.findall("./acls/acl_role/acl_permission"):
        if permission.get("reference") in gone:
            parents[permission].remove(permission)
    # Sets of several resources and tags lose the one that is gone, and go only when it was their last.
    for reference in [*configuration.iter("resource_ref"), *configuration.iter("obj_ref")]:
        emptied = reference if _id(reference) in gone else None
        while emptied is not None and emptied.tag in ("resource_ref", "obj_ref", "resource_set", *_WITH_SETS, "tag"):
            parent = parents[emptied]
            parent.remove(emptied)
            emptied = None if len(parent) else parent


def _change_properties(configuration: Element, change: Change) -> None:
    crm_config = _child(configuration, "crm_config")
    for name, value in (change.after or {}).items():
        _set_nvpair(crm_config, "cluster_property_set", name, value, new_set="cib-bootstrap-options")


def _change_service(objects: _Objects, change: Change) -> None:
    group = objects.resources.get(change.name)
    if group is None and change.action != "create":
        raise FrameworkError(f"service {change.name} has gone while it was to be changed; run again")
    if group is None:
        resources = _child(objects.configuration, "resources")
        group = objects.resources[change.name] = ElementTree.SubElement(resources, "group", id=change.name)
    for key in change.removed:
        if key.startswith(META):
            _set_nvpair(group, "meta_attributes", key[len(META) :], None)
    for key, value in change.settings.items():
        if key.startswith(META):
            _set_nvpair(group, "meta_attributes", key[len(META) :], value)
    if change.placement is not None:
        _place(objects, change.name, change.placement)


def _place(objects: _Objects, service: str, nodes: Sequence[str]) -> None:
    """Have the constraints of a service be those of these nodes, and no others."""
    constraints = _child(objects.configuration, "constraints")
    wanted = _scores(nodes)
    present = objects.locations.setdefault(service, {})
    for node, constraint in list(present.items()):
        right = node in wanted and _same_meaning(_describe_location(constraint, service, node), wanted[node])
        if not right:
            constraints.remove(present.pop(node))
            del objects.constraints[_id(constraint)]
    for node, value in wanted.items():
        if node not in present:
            # One of this name that says something else, as after a slip of an administrator's, makes room.
            taken = objects.constraints.get(_constraint_id(service, node))
            if taken is not None:
                constraints.remove(taken)
            present[node] = _new_location(constraints, service, node, value)


def _new_location(constraints: Element, service: str, node: str, value: str) -> Element:
    identifier = _constraint_id(service, node)
    constraint = ElementTree.SubElement(constraints, "rsc_location", id=identifier, rsc=service)
    if node != ELSEWHERE:
        constraint.attrib.update(node=node, score=value)
        return constraint
    score, _off, names = value.partition(" off ")
    rule = ElementTree.SubElement(constraint, "rule", {"id": f"{identifier}-rule", "score": score, "boolean-op": "and"})
    for name in names.split():
        ElementTree.SubElement(
            rule,
            "expression",
            {"id": f"{identifier}-{name}", "attribute": "#uname", "operation": "ne", "value": name},
        )
    return constraint


def _change_resource(objects: _Objects, change: Change) -> None:
    element = objects.resources.get(change.name)
    if change.action == "create":
        created = _new_primitive(change)
        if element is not None:
            element.clear()
            element.attrib.update(created.attrib)
        else:
            parent = _child(objects.configuration, "resources")
            if change.service is not None:
                if change.service not in objects.resources:
                    raise FrameworkError(f"service {change.service} has gone while it was to be changed; run again")
                parent = objects.resources[change.service]
            parent.append(created)
            element = objects.resources[change.name] = created
    if element is None:
        raise FrameworkError(f"resource {change.name} has gone while it was to be changed; run again")
    for key in change.before or {}:
        if key not in (change.after or {}):
            _set_resource(element, key, None)
    for key, value in (change.after or {}).items():
        _set_resource(element, key, value)


def _new_primitive(change: Change) -> Element:
    parts = (change.type or "").split(":")
    attributes = {"id": change.name, "class": parts[0], "type": parts[-1]}
    if len(parts) == 3:
        attributes["provider"] = parts[1]
    return Element("primitive", attributes)


def _set_resource(element: Element, key: str, value: str | None) -> None:
    if key.startswith(META):
        _set_nvpair(element, "meta_attributes", key[len(META) :], value)
    elif key.startswith(OPERATION):
        _operation, name, attribute = key.split(" ", 2)
        _set_operation(element, name, attribute, value)
    else:
        _set_nvpair(element, "instance_attributes", key, value)


def _set_operation(element: Element, name: str, attribute: str, value: str | None) -> None:
    operations = element.find("operations")
    if operations is None:
        operations = ElementTree.SubElement(element, "operations")
    operation = operations.find(f"./op[@name='{name}']")
    if operation is None:
        if value is None:
            return
        operation = ElementTree.SubElement(operations, "op", id=f"{_id(element)}-{name}", name=name, interval="0s")
    if attribute not in _OPERATION_ATTRIBUTES:
        _set_nvpair(operation, "instance_attributes", attribute, value)
    elif value is not None:
        operation.set(attribute, value)
    elif attribute == "interval":
        operations.remove(operation)
    else:
        operation.attrib.pop(attribute, None)


def _set_nvpair(element: Element, tag: str, name: str, value: str | None, new_set: str | None = None) -> None:
    """Set or remove one name in the element's own sets; ``new_set`` is the id of a set to be made if there is none."""
    own = _own_sets(element, tag)
    pairs = [(values, pair) for values in own for pair in values.findall("nvpair") if pair.get("name") == name]
    if value is None:
        for values, pair in pairs:
            values.remove(pair)
    elif pairs:
        pairs[0][1].set("value", value)
    else:
        if not own:
            own = [Element(tag, id=new_set or f"{_id(element)}-{tag}")]
            # The schema wants sets of attributes ahead of a group's members; elsewhere any order goes. Ahead of a set
            # without an id, which only refers to another, crm_diff would take the new one for a change of that.
            others = [position for position, child in enumerate(element, start=1) if child.tag == tag]
            element.insert(max(others, default=0), own[0])
        ElementTree.SubElement(own[0], "nvpair", id=f"{_id(own[0])}-{name}", name=name, value=value)


def _own_sets(element: Element, tag: str) -> list[Element]:
    """Sets that hold always and for this element alone.

    One with a rule holds at times only, and one that only refers to another is that one's: both are an administrator's.
    """
    return [values for values in element.findall(tag) if values.find("rule") is None and values.get("id-ref") is None]


def _nvpairs(element: Element, tag: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for values in _own_sets(element, tag):
        for pair in values.findall("nvpair"):
            pairs.setdefault(pair.get("name", ""), pair.get("value", ""))
    return pairs


def _reorder(group: Element, order: Sequence[str]) -> None:
    members = {_id(member): member for member in group.findall("primitive")}
    for member in members.values():
        group.remove(member)
    for name in [*order, *(name for name in members if name not in order)]:
        if name in members:
            group.append(members[name])


def _resources_by_id(configuration: Element) -> dict[str, Element]:
    resources = configuration.find("resources")
    elements = resources.iter() if resources is not None else ()
    return {_id(element): element for element in elements if element.tag in _RESOURCES}


def _child(element: Element, tag: str) -> Element:
    child = element.find(tag)
    return ElementTree.SubElement(element, tag) if child is None else child


def _id(element: Element) -> str:
    return element.get("id", "")


def _constraint_id(service: str, node: str) -> str:
    return f"{service}-nowhere-else" if node == ELSEWHERE else f"{service}-prefers-{node}"


# -- pure: what the cluster will do -----------------------------------------------------------------------------


def interrupted_services(snapshot: Snapshot, changes: Sequence[Change]) -> list[str]:
    """Services that run, and of which something is stopped, or that move, when the cluster has made these changes.

    :raises FrameworkError: one would have to leave its node, and may not or has nowhere to go
    """
    running = {name: found for name, found in snapshot.status.services.items() if found.nodes}
    owners = snapshot.config.owners()
    gone = {change.name for change in changes if change.kind == "service" and change.action == "delete"}
    created = {change.name for change in changes if change.kind == "resource" and change.action == "create"}
    names = []
    for change in changes:
        name = change.name if change.kind == "service" else owners.get(change.name)
        service = None if name is None else snapshot.config.service(name)
        if service is None or service.name not in running or service.name in gone or change.action == "create":
            continue
        if change.kind == "resource":
            stops = _stops_members(change)
        else:
            stops = _moves(service, change, snapshot.status) or _starts_below(running[service.name], change, created)
        if stops:
            names.append(service.name)
    return list(dict.fromkeys(names))


def _starts_below(service: ServiceStatus, change: Change, created: Collection[str]) -> bool:
    """Whether a new member comes ahead of one that runs: that is restarted, since it has to start after the new one."""
    order = (change.after or {}).get(MEMBERS_KEY, "").split()
    active = {member.name for member in service.members if member.active_on}
    first = next((position for position, name in enumerate(order) if name in created), len(order))
    return any(name in active and name not in created for name in order[first:])


def _stops_members(change: Change) -> bool:
    """A changed instance attribute restarts the resource and what starts after it; a new member only starts."""
    keys = {*(change.before or {}), *(change.after or {})}
    stopped = _same_meaning((change.after or {}).get(f"{META}target-role", ""), "stopped")
    return change.action == "delete" or stopped or any(not key.startswith((META, OPERATION)) for key in keys)


def _moves(service: Service, change: Change, status: ClusterStatus) -> bool:
    """Whether the service has to leave its node, or gets to like another one more than it sticks to its own."""
    settings = {**service.settings, **change.settings}
    if _same_meaning(settings.get(f"{META}target-role", ""), "stopped"):
        return True
    placement = change.placement if change.placement is not None else service.placement
    nodes = status.services[service.name].nodes
    if placement is None:
        return False
    fit = [node for node in placement if takes_services(status, node)]
    left = [node for node in nodes if node not in placement]
    if left and status.services[service.name].frozen:
        raise FrameworkError(
            f"service {service.name} is frozen, and it has to leave {', '.join(left)}: unfreeze it first; nothing was "
            "changed"
        )
    if left and not fit:
        raise FrameworkError(
            f"service {service.name} has to leave {', '.join(left)}, and none of its other nodes can take it; nothing "
            "was changed"
        )
    if left:
        return True
    # The stickiness of a group counts once for each of its members that run.
    active = sum(bool(member.active_on) for member in status.services[service.name].members)
    stickiness = _quantity(settings.get(f"{META}resource-stickiness", "0"))
    known = not isinstance(stickiness, str) or stickiness.endswith("infinity")
    held = float(stickiness) * active if known else 0.0
    scores = {node: int(score) for node, score in _scores(placement).items() if node != ELSEWHERE}
    return bool(fit) and all(scores[fit[0]] > scores[node] + held for node in nodes)


# -- pure: status -----------------------------------------------------------------------------------------------


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
            services[_id(element)] = ServiceStatus(
                _id(element),
                members,
                tuple(text for name in names for text in failures.get(name, ())),
                frozen=not any(member.managed for member in members),
                barred=_parse_barred(monitor, {_id(element), *names}),
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
        maintenance=options is not None and _flag(options, "maintenance-mode"),
        fencing_problems=tuple(_parse_fencing(monitor, resources, failures)),
    )


def _parse_barred(monitor: Element, names: Collection[str]) -> dict[str, str]:
    """Nodes that are forbidden to one of these resources, by a constraint or because it failed there too often."""
    barred = {
        ban.get("node", ""): f"the constraint {_id(ban)} forbids it; 'pcs resource clear' or 'crm_resource --clear' "
        "takes away what a move left behind"
        for ban in monitor.findall("./bans/ban")
        if ban.get("resource") in names and _quantity(ban.get("weight", "0").lower()) == "-infinity"
    }
    for node in monitor.findall("./node_history/node"):
        for history in node.findall("resource_history"):
            count = _quantity(history.get("fail-count", "0").lower())
            threshold = _quantity(history.get("migration-threshold", "0").lower())
            times = f"{history.get('fail-count')} times" if count != "infinity" else "and may not be tried again"
            often = count == "infinity" or (
                isinstance(count, float) and isinstance(threshold, float) and 0 < threshold <= count
            )
            if _id(history) in names and often:
                barred.setdefault(
                    node.get("name", ""),
                    f"{_id(history)} failed there {times}; when that is repaired, clear it (switchover, state=cleared)",
                )
    return barred


def _parse_fencing(
    monitor: Element, resources: Mapping[str, MemberStatus], failures: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """Devices that do not run, fencing that is switched off, nodes whose last fencing failed."""
    devices = [member for member in resources.values() if member.type.startswith("stonith:")]
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
        rows.setdefault(_id(element), []).append(element)
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
        operation = failure.get("op_key", "")
        name = operation.rpartition("_")[0]
        name, _separator, task = name.rpartition("_")
        # crm_mon 2.1.5 escapes the agent's words once more than XML asks for.
        reason = html.unescape(
            failure.get("exitreason") or failure.get("exitstatus") or failure.get("status") or "unknown"
        )
        failures.setdefault(name, []).append(f"{name}: {task} failed on {failure.get('node')}: {reason}")
    return failures


def _flag(element: Element, name: str) -> bool:
    return element.get(name, "false") == "true"


# -- pure: meaning ----------------------------------------------------------------------------------------------

_OPERATION_ATTRIBUTES = frozenset(
    ["interval", "timeout", "start-delay", "interval-origin", "enabled", "record-pending", "role", "on-fail"]
)

#: Cluster options are Pacemaker's own and are compared by meaning, unlike the attributes of agents.
_CLUSTER_OPTIONS = frozenset(
    [
        *fencing.FENCING_ENABLED,
        "stonith-action",
        "stonith-timeout",
        "symmetric-cluster",
        "maintenance-mode",
        "no-quorum-policy",
    ]
    + ["cluster-delay", "cluster-recheck-interval", "concurrent-fencing", "dc-deadtime", "election-timeout"]
    + ["enable-acl", "enable-startup-probes", "fence-reaction", "have-watchdog", "priority-fencing-delay"]
    + ["shutdown-escalation", "shutdown-lock", "shutdown-lock-limit", "start-failure-is-fatal", "startup-fencing"]
    + ["fencing-action", "fencing-max-attempts", "fencing-reaction", "fencing-timeout", "fencing-watchdog-timeout"]
    + ["stonith-watchdog-timeout", "stop-all-resources", "stop-orphan-actions", "stop-orphan-resources"]
    + ["transition-delay", "node-pending-timeout", "stonith-max-attempts", "batch-limit", "migration-limit"]
)


def _same_meaning(one: str, other: str) -> bool:
    one, other = one.strip().lower(), other.strip().lower()
    if one == other:
        return True
    words = (_TRUE | _FALSE) - {"0", "1"}
    if one in words or other in words:
        return (one in _TRUE and other in _TRUE) or (one in _FALSE and other in _FALSE)
    return _quantity(one) == _quantity(other)


def _quantity(text: str) -> str | float:
    """Scores and durations as numbers (bare numbers are seconds), all else as it stands."""
    text = text.removeprefix("+")
    if text.lstrip("-") in ("infinity", "1000000"):
        return "-infinity" if text.startswith("-") else "infinity"
    duration = _DURATION.fullmatch(text)
    return text if duration is None else float(duration[1]) * _MILLISECONDS[duration[2]]
