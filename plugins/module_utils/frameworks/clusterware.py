# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Oracle Clusterware: application virtual addresses by ``appvipcfg``, all else by ``crsctl``; both as root.

Sources: Oracle Clusterware Administration and Deployment Guide 12c Release 1, appendices B, C and E; Messaging Server
Installation and Configuration Guide, "Oracle Clusterware Installation and Configuration".

How a service stands in Clusterware, which has no word for it:

- A service is its application resources and the virtual address that they depend on, or the address alone. A resource
  named ``SERVICE_address`` (an address) or ``SERVICE_application`` belongs to that service; with other names, the
  attribute DESCRIPTION says ``service NAME``. What says neither belongs to the service whose resources it depends on
  (``hard``). Addresses and applications that hang together and are nobody's are read as the service
  ``ADDRESS_service``. Entities named ``ora.`` are Oracle's: read to be known as taken, never touched.
- Where a service may run is HOSTING_MEMBERS of each of its resources, in order, with PLACEMENT=restricted. (The manual
  has PLACEMENT=favored with SERVER_POOLS=*, which prefers nothing and excludes nothing.)
- Storage is mounted on all nodes at once (NFS, ACFS), as the manual has it, so it is no resource here. Where it can be
  mounted on one node only, something else has to do that, and the application depends on it (``storage_resource``).
- A service is offline because somebody wants it so when TARGET is OFFLINE. One that was never whole has
  AUTO_START=never on all that there is of it, which gets the value of the description as the last step, once it runs.
- ENABLED=0 on a resource: Clusterware neither watches, starts nor moves it, and it runs on if it runs. On all members
  it is what freezing sets and the axis ``managed``; on one, together with stopping it, the axis ``enabled``. No
  description sets it, so that a service that is frozen for maintenance stays frozen.

Settings are attributes. Two more keys of addresses: ``network`` (its number; fixed) and ``user`` (who may start it).
``unfinished`` stands for AUTO_START where a native resource is given without: it says that it is never, so that whoever
wants that says so with AUTO_START itself.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import shlex
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

from ansible_collections.groupware.ha.plugins.module_utils.adoption import Draft, describe, free_role
from ansible_collections.groupware.ha.plugins.module_utils.cluster_config import (
    ClusterConfig,
    ClusterStatus,
    MemberStatus,
    NodeStatus,
    Resource,
    Service,
    ServiceStatus,
)
from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound, Runner
from ansible_collections.groupware.ha.plugins.module_utils.deployment import (
    Application,
    Deployment,
    DescriptionError,
    FrameworkRules,
    Member,
    Problem,
    ServiceDescription,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats import clusterware as formats
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import (
    Export,
    FrameworkError,
    NotRunning,
    Plan,
    Snapshot,
    overridden,
    with_native_settings,
)
from ansible_collections.groupware.ha.plugins.module_utils.reconcile import Change
from ansible_collections.groupware.ha.plugins.module_utils.shown import Names, key_name, shape

#: The type of application addresses, by the name that 11.2 has for it; later ones have the network or a number in it.
ADDRESS_TYPE = "app.appvip.type"
_ADDRESS_TYPES = re.compile(r"app\.appvip\w*\.type")

#: The type that the Messaging Server manual registers, and how: what is READONLY can be set only at creation.
MESSAGING_TYPE = "ocucs.ms.type"
_BUILT_IN_TYPES = ("resource", "local_resource", "cluster_resource", "generic_application")
_MESSAGING_ATTRIBUTES = {"INSTANCE_PATH": "TYPE=string,FLAGS=READONLY|REQUIRED"}

#: Attributes that are the same on all resources of a service, and stand in the service's own settings.
SERVICE_ATTRIBUTES = ("PLACEMENT", "SERVER_POOLS", "ACTIVE_PLACEMENT", "ENABLED")
_PLACEMENT = ("HOSTING_MEMBERS", *SERVICE_ATTRIBUTES)

_DEPENDENCIES = ("START_DEPENDENCIES", "STOP_DEPENDENCIES")

#: Keys of addresses that are no attributes.
_PSEUDO = frozenset(["network", "user", "unfinished"])

#: What Clusterware keeps for itself (appendix B, read-only attributes), and what only says how things stand.
_INTERNAL = frozenset(
    [
        "NAME",
        "TYPE",
        "STATE",
        "TARGET",
        "CARDINALITY_ID",
        "CONFIG_VERSION",
        "CREATION_SEED",
        "DEGREE_ID",
        "EXTENDED_NAME",
    ]
    + ["FAILURE_COUNT", "FAILURE_HISTORY", "ID", "INCARNATION", "INSTANCE_COUNT", "INTERNAL_STATE", "LAST_FAULT"]
    + ["LAST_RESTART", "LAST_SERVER", "LAST_STATE_CHANGE", "OXR_SECTION", "RESOURCE_GROUP", "RESTART_COUNT"]
    + ["STATE_DETAILS", "TARGET_SERVER", "TYPE_VERSION"]
)

#: Every resource has these, first and last of its attributes among them: without them it is not shown whole.
_NEEDED = ("ACL", "AUTO_START", "ENABLED", "UPTIME_THRESHOLD")

#: Changing these of a running resource would leave the old address up, or the old agent in charge.
_NEEDS_STOP = frozenset(["USR_ORA_VIP", "AGENT_FILENAME"])

#: Networks stand among the properties of the cluster, for what they are.
_NETWORK = "network "
_ORACLE_NETWORK = re.compile(r"ora\.net(\d+)\.network")
_OF_SERVICE = re.compile(r"service (\S+)")
_CONVENTIONS = ("address", "application")
_SUFFIX = "%CRS_EXE_SUFFIX%"
#: Starting a mail server may take SCRIPT_TIMEOUT (300 seconds in the manual), after the one before was stopped.
_SLOW = 900.0
_QUICK = 120.0
_PAUSE = 1.0

_Given = TypeVar("_Given")
_Found = TypeVar("_Found")

_MESSAGING_OPTIONS = ("server_root", "action_script", "storage_resource")
#: File systems that all nodes can have mounted at once.
_SHARED_FILESYSTEMS = ("nfs", "acfs")


class Clusterware:
    """The driver for Oracle Clusterware, 11.2 and later."""

    name = "clusterware"
    empty_services = False
    asks_permission = True
    registers_types = True
    settings_on_command_lines = True
    keeps_services_offline = True
    keeps_nodes_free = False
    rules = FrameworkRules(
        framework="clusterware",
        pattern=r"(?!ora\.)[A-Za-z0-9_][A-Za-z0-9_.-]*",
        words="letters, digits, hyphens, dots and underscores, not beginning with a dot, a hyphen or ora.",
        longest=128,
        filesystems=("nfs", "acfs", "ext4", "xfs", "ufs", "zfs"),
        applications=("messaging_server", "native"),
        own_fencing=True,
        devices_required=False,
    )

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self._fixed: dict[str, frozenset[str]] = {MESSAGING_TYPE: frozenset(["INSTANCE_PATH"])}

    # -- description to native terms ----------------------------------------------------------------------------

    def compile(self, deployment: Deployment, include_applications: bool = True) -> ClusterConfig:
        """The description as application addresses and application resources, with the type that these are of."""
        properties = deployment.cluster.properties
        problems = [
            Problem(f"cluster.properties.{key_name(key)}", value, reason, "use network, or remove it")
            for reason in ("is not a property of the cluster",)
            for key, value in properties.items()
            if key != "network"
        ]
        network = properties.get("network", "1")
        if not network.isdigit() or int(network) < 1:
            problems.append(
                Problem("cluster.properties.network", network, "is not the number of a network", "use 1, 2 ...")
            )
        services = []
        for description in deployment.services:
            try:
                services.append(_compile_service(description, network, include_applications))
            except DescriptionError as error:
                problems.extend(error.problems)
        if problems:
            raise DescriptionError(problems)
        types = {resource.type for service in services for resource in service.resources}
        return ClusterConfig(
            types=(self.native_type(MESSAGING_TYPE, None, _MESSAGING_ATTRIBUTES),) if MESSAGING_TYPE in types else (),
            services=tuple(service for service in services if service.resources),
        )

    def native_resource(
        self,
        name: str,
        resource_type: str,
        properties: Mapping[str, str],
        meta: Mapping[str, str],
        operations: Mapping[str, Mapping[str, str]],
    ) -> Resource:
        """A resource with these attributes; ``meta`` has ``requires``: names of the resources that it depends on."""
        problems = _refused_members("", meta, operations)
        problems.extend(_refused_settings("properties", properties))
        if problems:
            raise DescriptionError(problems)
        settings = {**formats.dependencies_on(meta.get("requires", "").split()), **properties}
        if "AUTO_START" not in settings:
            settings["unfinished"] = "false"
        return Resource(name, _common_type(resource_type), settings)

    def native_service(
        self, name: str, nodes: Sequence[str], properties: Mapping[str, str], resources: Sequence[Resource]
    ) -> Service:
        """Resources that say that they are of this service; ``properties`` are attributes that all of them have."""
        problems = [*_refused_service_settings("properties", properties)]
        if problems:
            raise DescriptionError(problems)
        settings = {**(_restricted() if nodes else {}), **properties}
        return Service(name, tuple(nodes) or None, settings, _ordered(_described(resources, name)))

    def native_type(self, name: str, base_type: str | None, properties: Mapping[str, str]) -> Resource:
        """A type with its attributes, each with its definition as in ``TYPE=string,FLAGS=READONLY|REQUIRED``."""
        problems = [
            Problem(
                f"properties.{key_name(key)}",
                value,
                "is not the definition of an attribute",
                f"write it as in {example}",
            )
            for example in ("TYPE=string,DEFAULT_VALUE=x,FLAGS=REQUIRED",)
            for key, value in properties.items()
            if formats.parse_definition(value) is None
        ]
        if problems:
            raise DescriptionError(problems)
        return Resource(name, base_type or "cluster_resource", properties)

    # -- reading ------------------------------------------------------------------------------------------------

    def read(self) -> ClusterConfig:
        """All resources with all their attributes, and all types: two commands."""
        return self._configuration(self._resources(), self._types())

    def _configuration(
        self, blocks: Sequence[Mapping[str, str]], types: Mapping[str, formats.ResourceType]
    ) -> ClusterConfig:
        for name in types:
            self._fixed[name] = frozenset(
                attribute
                for ancestor in _ancestry(name, types)
                for attribute in types[ancestor].attributes
                if "READONLY" in types[ancestor].flags(attribute)
            )
        self._fixed.setdefault(MESSAGING_TYPE, frozenset(["INSTANCE_PATH"]))
        return _parse_configuration(blocks, types)

    def missing_agents(self, types: Collection[str]) -> list[str]:
        """Types that are not registered, unless they are registered with the description or by ``appvipcfg``."""
        registered = self._types() if set(types) - {ADDRESS_TYPE, MESSAGING_TYPE} else {}
        missing = [name for name in types if name not in registered and name not in (ADDRESS_TYPE, MESSAGING_TYPE)]
        if ADDRESS_TYPE in types and not self.runner.installed("appvipcfg"):
            missing.append(f"{ADDRESS_TYPE} (appvipcfg)")
        return missing

    def status(self) -> ClusterStatus:
        """Nodes from ``olsnodes``, states from ``crsctl status resource -v``."""
        return self._survey().status()

    def survey(self) -> Snapshot:
        """Configuration and status from one survey, and the types."""
        blocks, types = self._resources(), self._types()
        survey = self._survey(blocks)
        survey.types = types
        return Snapshot(self._configuration(blocks, types), survey.status(), survey)

    def _ask(self, *argv: str) -> str:
        """What a question prints. An answer that only says that nothing can be asked is one whatever its status."""
        try:
            result = self.runner.run(argv, record=False)
        except CommandNotFound:
            raise NotRunning("Oracle Clusterware is not installed on this node") from None
        except CommandError as error:
            if not error.reason.startswith("exit status"):
                raise FrameworkError(f"{shlex.join(argv)}: {error.reason}") from None
            raise NotRunning(f"the cluster is not running on this node ({error.output or error.reason})") from None
        if "CRS-4000" in result.stdout or "CRS-4535" in result.stdout or "CRS-4639" in result.stdout:
            raise NotRunning(f"the cluster is not running on this node ({result.stdout.strip()})")
        return result.stdout

    def _resources(self) -> list[dict[str, str]]:
        return _parsed(formats.parse_resources, self._ask("crsctl", "status", "resource", "-f"))

    def _types(self) -> dict[str, formats.ResourceType]:
        return _parsed(formats.parse_types, self._ask("crsctl", "status", "type", "-p"))

    def _survey(self, blocks: Sequence[Mapping[str, str]] | None = None) -> _Survey:
        """Everything that a plan is made from: three commands, or two where resources were asked for already."""
        return _Survey(
            _attributes(self._resources() if blocks is None else blocks),
            _instances(_parsed(formats.parse_resources, self._ask("crsctl", "status", "resource", "-v"))),
            _parsed(formats.parse_nodes, self._ask("olsnodes", "-s")),
        )

    # -- comparing ----------------------------------------------------------------------------------------------

    def same(self, key: str, current: str, desired: str) -> bool:
        """Dependencies as sets of what they say, definitions of types by their parts, all else by its words."""
        return _same(key, current, desired)

    def operational(self, key: str) -> bool:  # noqa: ARG002 - as the protocol has it
        """Every attribute of a resource has a value always, so there is none to be purged."""
        return True

    def fixed(self, resource_type: str, key: str) -> bool:
        """Attributes with the flag READONLY, and the network of an address."""
        return key in self._fixed.get(resource_type, ()) or (resource_type == ADDRESS_TYPE and key == "network")

    def axis_settings(self, kind: str, axis: str, value: bool) -> Mapping[str, str]:  # noqa: ARG002 - one for both
        """ENABLED, for a service as for a resource; what is enabled is watched."""
        if axis == "monitored":
            raise FrameworkError("monitored: Clusterware watches whatever is enabled; use enabled, or CHECK_INTERVAL")
        return {"ENABLED": "1" if value else "0"}

    # -- changing -----------------------------------------------------------------------------------------------

    def plan(self, snapshot: Snapshot, changes: Sequence[Change]) -> Plan:
        """Stop what goes; then types, deletions, and each service: address, resources, start, AUTO_START at last."""
        plan = _Plan(snapshot.native)
        deleted = [change.name for change in changes if change.action == "delete"]
        if deleted:
            plan.stop_for_deletion(deleted)
        stops = len(plan.steps)
        plan.change(changes, snapshot.native.types)
        return Plan(plan.steps[:stops], plan.steps[stops:], plan.interrupts(changes))

    def carry_out(self, steps: Sequence[_Step], timeout: float = _SLOW) -> None:
        """One command after another."""
        for step in steps:
            self._take(step, timeout)

    def settle(self, timeout: float) -> None:
        """Wait until nothing of ours is being started, stopped or cleaned."""
        deadline = self.runner.clock() + timeout
        while True:
            restless = self._restless(None)
            if not restless:
                return
            if self.runner.clock() >= deadline:
                raise FrameworkError(
                    f"the cluster did not settle within {timeout:g} seconds: {', '.join(restless)}; "
                    "'crsctl status resource -v' shows what it is doing"
                )
            self.runner.pause(_PAUSE)

    def set_service_enabled(self, service: str, enabled: bool) -> None:
        """Start the service wherever it may run, or stop it; a stopped one has TARGET=OFFLINE and stays so."""
        plan = self._plan_for(service)
        if enabled:
            plan.start(service, None)
        else:
            plan.stop_members(plan.members(service))
        self.carry_out(plan.steps)

    def move_service(self, service: str, node: str, timeout: float, start: bool = False) -> None:  # noqa: ARG002
        """Relocate what runs, with force so that its address goes along; start there what does not run."""
        plan = self._plan_for(service)
        plan.bring_to(service, node)
        self.carry_out(plan.steps, max(timeout, 1.0))

    def set_node_standby(self, node: str, standby: bool) -> None:
        """Relocate every service away from the node. Clusterware does not note that it is to stay free."""
        if not standby:
            return
        plan = _Plan(self._survey())
        for service in plan.survey.services:
            plan.leave(service, node)
        self.carry_out(plan.steps)

    def set_service_frozen(self, service: str, frozen: bool) -> None:
        """Set ENABLED of all members; that of the last one, which says whether the service is frozen, last."""
        plan = self._plan_for(service)
        for name in plan.members(service):
            plan.modify(name, {"ENABLED": "0" if frozen else "1"})
        self.carry_out(plan.steps)

    def clear_failures(self, service: str) -> None:
        """Take back the state UNKNOWN (table 9-2: ``crsctl stop resource``, once it is stopped), then start again."""
        plan = self._plan_for(service)
        plan.clear(service)
        self.carry_out(plan.steps)

    def _plan_for(self, service: str) -> _Plan:
        plan = _Plan(self._survey())
        if service not in plan.survey.services:
            raise FrameworkError(f"service {service}: there is no such service in the cluster")
        return plan

    def _take(self, step: _Step, timeout: float) -> None:
        """One command. Whether it had its effect is asked of the cluster: exit status and text do not say."""
        problem = ""
        try:
            result = self.runner.run(step.argv, timeout=timeout if step.kind == "state" else _QUICK)
        except CommandNotFound:
            raise
        except CommandError as error:
            problem = f"{error.reason}: {error.output}" if error.output else error.reason
        else:
            if self.runner.dry or step.kind != "state" or step.done(self._look(step)):
                return
            problem = result.stdout.strip()
        self._wait_until_stable(step.names, timeout)
        if not step.done(self._look(step)):
            raise FrameworkError(
                f"{step.words}, but that had no effect ({shlex.join(step.argv)}: {problem or 'it said nothing'}); "
                f"{step.remedy}"
            )

    def _look(self, step: _Step) -> _Survey:
        """So much of the cluster as shows whether the step had its effect."""
        if step.kind == "type":
            return _Survey({}, {}, {}, self._types())
        if step.kind == "state":
            return _Survey({}, _instances(self._named(step.names, "-v")), {})
        return _Survey(_attributes(self._named(step.names, "-f")), {}, {})

    def _named(self, names: Sequence[str], form: str) -> list[dict[str, str]]:
        """Blocks of named resources. For one that is not there crsctl says so; with which exit status is not known."""
        result = self.runner.run(["crsctl", "status", "resource", *names, form], accept=tuple(range(256)), record=False)
        return _parsed(formats.parse_resources, result.stdout)

    def _restless(self, names: Sequence[str] | None) -> list[str]:
        if names is None:
            blocks = _parsed(formats.parse_resources, self._ask("crsctl", "status", "resource", "-v"))
        else:
            blocks = self._named(names, "-v")
        found = _instances(blocks)
        return [
            f"{name} is {instance.internal}"
            for name, instances in found.items()
            for instance in instances
            if not instance.stable
        ]

    def _wait_until_stable(self, names: Sequence[str], timeout: float) -> None:
        """A command that was given up may still be at work."""
        deadline = self.runner.clock() + timeout
        while names and self._restless(names) and self.runner.clock() < deadline:
            self.runner.pause(_PAUSE)

    # -- saved and exported -------------------------------------------------------------------------------------

    def parse_saved(self, text: str) -> ClusterConfig:
        """What ``crsctl status resource -f`` (or ``-p``) printed; it says nothing of types."""
        blocks = _parsed(formats.parse_resources, text)
        if not blocks:
            raise FrameworkError("the saved configuration is none: it has no resource in it")
        return _parse_configuration(blocks, {})

    def export(self, config: ClusterConfig) -> Export:
        """Addresses and Messaging Server as such, all other resources as native members."""
        unexpressed = [
            f"resource {resource.name} ({resource.type}): it is of no service" for resource in config.resources
        ]
        used = {resource.type for service in config.services for resource in service.resources}
        unexpressed.extend(
            f"type {found.name}: register it with the module resource_type"
            for found in config.types
            if found.name in used and found.name not in (MESSAGING_TYPE, *_BUILT_IN_TYPES)
        )
        networks = sorted(
            {
                resource.settings.get("network", "1")
                for service in config.services
                for resource in service.resources
                if resource.type == ADDRESS_TYPE
            }
        )
        config = replace(config, services=tuple(_agreeing(service, unexpressed) for service in config.services))
        cluster: dict[str, Any] = {"framework": self.name}
        if networks and networks != ["1"]:
            cluster["properties"] = {"network": networks[0]}
        drafts = {service.name: _draft(service, config.properties) for service in config.services}
        cluster, services, further = describe(config, drafts, cluster, self.rules, self.compile, self, notable=_notable)
        return Export(cluster, services, [*unexpressed, *further])


# -- pure: compiling --------------------------------------------------------------------------------------------


def _compile_service(service: ServiceDescription, network: str, include_applications: bool) -> Service:
    resources: dict[str, Resource] = {}
    problems: list[Problem] = []
    key = f"services[{service.name}]"
    address = service.resource_name("address")
    if service.address is not None:
        settings = {
            "USR_ORA_VIP": str(service.address),
            "network": network,
            "APPSVIP_FAILBACK": "1" if service.failback else "0",
            "AUTO_START": "restore",
        }
        resources["address"] = Resource(address, ADDRESS_TYPE, settings)
    application = service.application
    requires = [address] if service.address is not None else []
    if application is None and service.address is None:
        problems.append(
            Problem(
                f"{key}.storage",
                None if service.storage is None else service.storage.mount_point,
                "is no resource of Clusterware, so there would be nothing in the service",
                "give the service an address or an application",
            )
        )
    if application is not None and include_applications:
        if application.type == "messaging_server":
            settings = _messaging_server(service, application, requires, problems)
            resources["application"] = Resource(service.resource_name("application"), MESSAGING_TYPE, settings)
        else:
            resources.update(_native_members(service, application, requires, problems))
    problems.extend(_refused_service_settings(f"{key}.properties", service.properties))
    for role, properties in service.resource_properties.items():
        problems.extend(
            Problem(
                f"{key}.resource_properties.{role}.{name}",
                value,
                "is the same for all resources of a service",
                "use the service's nodes, failback and properties",
            )
            for name, value in properties.items()
            if name in _PLACEMENT
        )
    if problems:
        raise DescriptionError(problems)
    described = {resource.name: resource for resource in _described(resources.values(), service.name)}
    by_role = {role: described[resource.name] for role, resource in resources.items()}
    members = with_native_settings(service, by_role, include_applications)
    for member in members:
        problems.extend(_refused_settings(f"{key}.{member.name}", member.settings))
    settings = overridden({**_restricted(), "ACTIVE_PLACEMENT": "1" if service.failback else "0"}, service.properties)
    if len(" ".join(service.nodes)) > formats.LONGEST_VALUE:
        problems.append(
            Problem(f"{key}.nodes", Names(service.nodes), "is longer than HOSTING_MEMBERS can be", "name fewer nodes")
        )
    if problems:
        raise DescriptionError(problems)
    return Service(service.name, service.nodes, settings, _ordered(members))


def _messaging_server(
    service: ServiceDescription, application: Application, requires: Sequence[str], problems: list[Problem]
) -> dict[str, str]:
    """The application resource of the Messaging Server manual."""
    key = f"services[{service.name}].application.options"
    options = application.options
    for name, value in options.items():
        if name not in _MESSAGING_OPTIONS:
            known = ", ".join(_MESSAGING_OPTIONS)
            problems.append(
                Problem(f"{key}.{key_name(name)}", shape(value), "is not a known option", f"use one of {known}")
            )
        elif not isinstance(value, str) or not value:
            problems.append(Problem(f"{key}.{name}", shape(value), "is not a text", "give a text"))
        elif name != "storage_resource" and not value.startswith("/"):
            problems.append(Problem(f"{key}.{name}", value, "is not an absolute path", "give a path from / on"))
    storage = service.storage
    default_root = "" if storage is None else f"{storage.mount_point}/messaging64"
    server_root = str(options.get("server_root", default_root))
    if not server_root:
        problems.append(
            Problem(
                f"{key}.server_root", None, "is missing", "name the directory that Messaging Server is installed in"
            )
        )
    if not requires:
        problems.append(
            Problem(f"services[{service.name}].address", None, "is missing", "Messaging Server needs a logical address")
        )
    needed = list(requires)
    if "storage_resource" in options:
        needed.append(str(options["storage_resource"]))
    elif storage is not None and storage.filesystem not in _SHARED_FILESYSTEMS:
        problems.append(
            Problem(
                f"services[{service.name}].storage.filesystem",
                storage.filesystem,
                "can be mounted on one node at a time, and this collection has no resource that mounts it",
                "use nfs or acfs, or name the resource that mounts it in application.options.storage_resource",
            )
        )
    return {
        "INSTANCE_PATH": server_root,
        "AGENT_FILENAME": "%CRS_HOME%/bin/scriptagent",
        "ACTION_SCRIPT": str(options.get("action_script", f"{server_root}/cwha/bin/ms_actionscript.pl")),
        "AUTO_START": "restore",
        "UPTIME_THRESHOLD": "10m",
        "CHECK_INTERVAL": "10",
        "SCRIPT_TIMEOUT": "300",
        "RESTART_ATTEMPTS": "2",
        "OFFLINE_CHECK_INTERVAL": "0",
        **formats.dependencies_on(needed),
        "CARDINALITY": "1",
        "FAILURE_INTERVAL": "0",
        "FAILURE_THRESHOLD": "0",
    }


def _native_members(
    service: ServiceDescription, application: Application, requires: Sequence[str], problems: list[Problem]
) -> dict[str, Resource]:
    """Members depend on the address, or without one on the member before: nothing else would keep them together."""
    resources: dict[str, Resource] = {}
    names = {member.name: service.resource_name(member.name) for member in application.members}
    before = list(requires)
    for member in application.members:
        problems.extend(_refused_member(service.name, member))
        if "requires" in member.meta:
            # Members by their names in the description, all else by its own.
            needed = [names.get(name, name) for name in member.meta["requires"].split()]
            needed = [service.resource_name(name) if name == "address" else name for name in needed]
        else:
            needed = before
        settings = {"AUTO_START": "restore", **formats.dependencies_on(needed), **member.properties}
        resources[member.name] = Resource(names[member.name], _common_type(member.type), settings)
        if not requires:
            before = [names[member.name]]
    return resources


def _refused_member(service: str, member: Member) -> list[Problem]:
    key = f"services[{service}].application.members[{member.name}]"
    problems = _refused_members(f"{key}.", member.meta, member.operations)
    problems.extend(
        Problem(
            f"{key}.properties.{name}",
            value,
            "is the same for all resources of a service",
            "use the service's nodes, failback and properties",
        )
        for name, value in member.properties.items()
        if name in _PLACEMENT
    )
    return problems


def _refused_members(key: str, meta: Mapping[str, str], operations: Mapping[str, Any]) -> list[Problem]:
    problems = [
        Problem(
            f"{key}meta.{key_name(name)}", shape(value), "has no meaning on clusterware", "use requires, or properties"
        )
        for name, value in meta.items()
        if name != "requires"
    ]
    if operations:
        remedy = "use attributes such as CHECK_INTERVAL and SCRIPT_TIMEOUT"
        problems.append(Problem(f"{key}operations", dict(operations), "are unknown to clusterware", remedy))
    return problems


def _refused_settings(key: str, settings: Mapping[str, str]) -> list[Problem]:
    problems = []
    for name, value in settings.items():
        reason = formats.refused_value(value)
        if reason is None and name in _DEPENDENCIES:
            try:
                formats.parse_dependencies(value)
            except formats.FormatError as error:
                reason = f"is not written as a dependency is: {error}"
        if reason is None and name in _INTERNAL:
            reason = "is kept by Clusterware itself"
        if reason is not None:
            problems.append(Problem(f"{key}.{key_name(name)}", value, reason, "give another value"))
    return problems


def _refused_service_settings(key: str, settings: Mapping[str, str | None]) -> list[Problem]:
    return [
        Problem(
            f"{key}.{key_name(name)}",
            value,
            "is not an attribute that all resources of a service share",
            f"use one of {', '.join(SERVICE_ATTRIBUTES)}, or resource_properties",
        )
        for name, value in settings.items()
        if name not in SERVICE_ATTRIBUTES
    ]


def _restricted() -> dict[str, str]:
    # Of SERVER_POOLS, SERVER_CATEGORY and HOSTING_MEMBERS only one may say where a restricted resource runs.
    return {"PLACEMENT": "restricted", "SERVER_POOLS": ""}


def _described(resources: Iterable[Resource], service: str) -> list[Resource]:
    """The resources, with the service's name in those that do not say it with their own."""
    return [
        resource
        if _claim(resource.name, resource.type, {}) == service or "DESCRIPTION" in resource.settings
        else replace(resource, settings={**resource.settings, "DESCRIPTION": f"service {service}"})
        for resource in resources
    ]


def _claim(name: str, resource_type: str, attributes: Mapping[str, str]) -> str | None:
    """The service that a resource says it is of."""
    match = _OF_SERVICE.fullmatch(attributes.get("DESCRIPTION", ""))
    if match is not None:
        return match[1]
    stem, _separator, role = name.rpartition("_")
    address = resource_type == ADDRESS_TYPE
    return stem if stem and role in _CONVENTIONS and address == (role == "address") else None


def _common_type(name: str) -> str:
    return ADDRESS_TYPE if _ADDRESS_TYPES.fullmatch(name) else name


def _needs(resources: Iterable[Resource]) -> dict[str, list[str]]:
    found = {}
    for resource in resources:
        try:
            found[resource.name] = formats.hard_dependencies(resource.settings.get("START_DEPENDENCIES", ""))
        except formats.FormatError:
            found[resource.name] = []
    return found


def _ordered(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    by_name = {resource.name: resource for resource in resources}
    addresses = [name for name, resource in by_name.items() if resource.type == ADDRESS_TYPE]
    return tuple(by_name[name] for name in formats.in_starting_order(_needs(by_name.values()), addresses))


# -- pure: reading ----------------------------------------------------------------------------------------------


def _parsed(parse: Callable[[_Given], _Found], given: _Given) -> _Found:
    try:
        return parse(given)
    except formats.FormatError as error:
        raise FrameworkError(f"Clusterware printed something that is not understood: {error}") from None


def _attributes(blocks: Iterable[Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Attributes of each resource by its name, those of Oracle's own resources among them."""
    found: dict[str, dict[str, str]] = {}
    for block in blocks:
        name = block["NAME"]
        if name not in found:
            found[name] = {**block, "TYPE": _common_type(block["TYPE"])}
    return found


def _instances(blocks: Iterable[Mapping[str, str]]) -> dict[str, tuple[formats.Instance, ...]]:
    found: dict[str, tuple[formats.Instance, ...]] = {}
    for block in blocks:
        if not _oracles(block["NAME"]):
            found[block["NAME"]] = (*found.get(block["NAME"], ()), *_parsed(formats.instances, block))
    return found


def _oracles(name: str) -> bool:
    return name.startswith("ora.")


def _just_made(found: Mapping[str, str]) -> bool:
    """Whether this is an address as ``appvipcfg`` leaves it: the next command would have changed it."""
    return (
        found["TYPE"] == ADDRESS_TYPE
        and found.get("TARGET") == "OFFLINE"
        and found.get("PLACEMENT") != "restricted"
        and len(found.get("HOSTING_MEMBERS", "").split()) == 1
        and _OF_SERVICE.fullmatch(found.get("DESCRIPTION", "")) is None
    )


def _grouped(
    attributes: Mapping[str, Mapping[str, str]],
) -> tuple[dict[str, list[str]], list[str]]:
    """Names of the members of each service, and of resources that are of none."""
    ours = {name: found for name, found in attributes.items() if not _oracles(name)}
    needs = {}
    for name, found in ours.items():
        hard = _parsed(formats.hard_dependencies, found.get("START_DEPENDENCIES", ""))
        needs[name] = [other for other in hard if other in ours]
    needed = {other for others in needs.values() for other in others}
    claims = {}
    for name, found in ours.items():
        claim = _claim(name, found["TYPE"], found)
        if claim is not None:
            claims[name] = claim
        elif _just_made(found) and name not in needed:
            # Nobody can say yet whose it is to be.
            del needs[name]
    return formats.group(needs, claims, [name for name in needs if ours[name]["TYPE"] == ADDRESS_TYPE])


def _parse_configuration(
    blocks: Sequence[Mapping[str, str]], types: Mapping[str, formats.ResourceType]
) -> ClusterConfig:
    attributes = _attributes(blocks)
    for name, found in attributes.items():
        address = ("USR_ORA_VIP",) if found["TYPE"] == ADDRESS_TYPE else ()
        missing = [key for key in (*_NEEDED, *address) if key not in found]
        if missing and not _oracles(name):
            raise FrameworkError(
                f"resource {name} is not shown whole: {', '.join(missing)} is missing; "
                "save the output of 'crsctl status resource -f'"
            )
    services, alone = _grouped(attributes)
    return ClusterConfig(
        properties=_networks(attributes),
        resources=tuple(_resource(name, attributes[name]) for name in alone),
        services=tuple(
            _read_service(service, {name: attributes[name] for name in members})
            for service, members in services.items()
        ),
        types=tuple(
            Resource(name, found.base, _definitions(found))
            for name, found in types.items()
            if not _oracles(name) and not _ADDRESS_TYPES.fullmatch(name)
        ),
        foreign=frozenset(name for name in attributes if _oracles(name)),
    )


def _networks(attributes: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Subnets of Clusterware's networks, as far as it says them."""
    found = {}
    for name, values in attributes.items():
        match = _ORACLE_NETWORK.fullmatch(name)
        subnet, mask = values.get("USR_ORA_SUBNET", ""), values.get("USR_ORA_NETMASK", "")
        if match is not None:
            with contextlib.suppress(ValueError):
                found[f"{_NETWORK}{match[1]}"] = str(ipaddress.ip_network(f"{subnet}/{mask}"))
    return found


def _resource(name: str, attributes: Mapping[str, str]) -> Resource:
    settings = {key: value for key, value in attributes.items() if key not in _INTERNAL}
    settings["unfinished"] = "true" if attributes.get("AUTO_START") == "never" else "false"
    if attributes["TYPE"] == ADDRESS_TYPE:
        network = _ORACLE_NETWORK.search(attributes.get("START_DEPENDENCIES", ""))
        settings["network"] = network[1] if network else "1"
        settings["user"] = " ".join(re.findall(r"(?:^|,)user:([^:,]+):", attributes.get("ACL", "")))
    return Resource(name, attributes["TYPE"], settings)


def _read_service(service: str, members: Mapping[str, Mapping[str, str]]) -> Service:
    placement, misplaced = _read_placement(members)
    resources = tuple(_resource(name, found) for name, found in members.items())
    return Service(service, placement, _shared(list(members.values())), resources, misplaced)


def _read_placement(members: Mapping[str, Mapping[str, str]]) -> tuple[tuple[str, ...] | None, str]:
    """Where the service may run, and what its members say of that where they disagree."""
    lists = {name: found["HOSTING_MEMBERS"].split() for name, found in members.items() if "HOSTING_MEMBERS" in found}
    if not lists:
        return None, ""
    # What is started last says where the service may run.
    placement = list(lists.values())[-1]
    if all(nodes == placement for nodes in lists.values()):
        return tuple(placement) or None, ""
    return tuple(placement) or None, ", ".join(f"{name}: {' '.join(nodes)}" for name, nodes in lists.items())


def _shared(members: Sequence[Mapping[str, str]]) -> dict[str, str]:
    shared = {}
    for key in SERVICE_ATTRIBUTES:
        values = list(dict.fromkeys(found[key] for found in members if key in found))
        if values:
            shared[key] = "|".join(values)
    return shared


def _definitions(found: formats.ResourceType) -> dict[str, str]:
    return {
        attribute: ",".join(f"{key}={parts[key]}" for key in ("TYPE", "DEFAULT_VALUE", "FLAGS") if parts.get(key))
        for attribute, parts in found.attributes.items()
    }


def _ancestry(name: str, types: Mapping[str, formats.ResourceType]) -> Iterator[str]:
    seen: set[str] = set()
    while name in types and name not in seen:
        seen.add(name)
        yield name
        name = types[name].base


def _same(key: str, current: str, desired: str) -> bool:
    current, desired = current.strip(), desired.strip()
    if current == desired:
        return True
    if key in _DEPENDENCIES:
        return formats.same_dependencies(current, desired)
    if key == "AGENT_FILENAME":
        return current.removesuffix(_SUFFIX) == desired.removesuffix(_SUFFIX)
    if key == "APPSVIP_FAILBACK":
        return (current or "0") == (desired or "0")
    if key == "user":
        return desired in current.split()
    if key in ("AUTO_START", "PLACEMENT"):
        return current.lower() == desired.lower()
    if key == "ACL":
        return sorted(current.split(",")) == sorted(desired.split(","))
    one, other = formats.parse_definition(current), formats.parse_definition(desired)
    return one is not None and other is not None and formats.same_definition(one, other)


def _needs_stop(change: Change, handed_over: Collection[str]) -> bool:
    """Whether a running resource has to be stopped for this change."""
    return any(key in _NEEDS_STOP or key in handed_over for key in change.after or {})


def _handed_over_at_start(name: str, types: Mapping[str, formats.ResourceType]) -> frozenset[str]:
    """Attributes that a type defines itself without the flag HOTMOD: a change of them is heard of at the next start."""
    # A listing has the attributes of the types that one is derived from too.
    inherited = {
        attribute for ancestor in _ancestry(name, types) if ancestor != name for attribute in types[ancestor].attributes
    }
    return frozenset(
        attribute
        for attribute in (types[name].attributes if name in types else ())
        if "HOTMOD" not in types[name].flags(attribute)
        and attribute not in inherited
        and attribute not in _DEFAULTS
        and attribute not in _UNREMARKABLE
        and attribute not in (*_DEPENDENCIES, "ACTION_SCRIPT")
    )


# -- pure: how things stand -------------------------------------------------------------------------------------


@dataclass
class _Survey:
    """All resources with their attributes and instances by name, and which nodes are active.

    ``marked`` has the AUTO_START of resources that were set to never because this run stops them.
    """

    attributes: dict[str, dict[str, str]]
    instances: dict[str, tuple[formats.Instance, ...]]
    nodes: dict[str, bool]
    types: Mapping[str, formats.ResourceType] = field(default_factory=dict)
    marked: dict[str, str] = field(default_factory=dict)

    @cached_property
    def services(self) -> dict[str, list[str]]:
        """Members of each service in starting order."""
        return _grouped(self.attributes)[0]

    def ours(self) -> list[str]:
        """Names of all resources but Oracle's."""
        return [name for name in self.attributes if not _oracles(name)]

    def needs(self, *keys: str) -> dict[str, set[str]]:
        """For each resource of ours those that it has a hard dependency on, in any of these attributes."""
        ours = set(self.ours())
        return {
            name: {
                other
                for key in keys
                for other in _parsed(formats.hard_dependencies, self.attributes[name].get(key, ""))
                if other in ours
            }
            for name in ours
        }

    def target(self, name: str) -> str:
        """ONLINE if any instance is to be."""
        found = self.instances.get(name, ())
        return "ONLINE" if any(instance.target == "ONLINE" for instance in found) else "OFFLINE"

    def active_on(self, name: str) -> tuple[str, ...]:
        """Nodes on which it runs, or may run."""
        found = self.instances.get(name, ())
        return tuple(instance.node or "(unknown)" for instance in found if instance.active)

    def online_on(self, name: str, node: str | None = None) -> bool:
        """Whether it runs well, on this node if one is given."""
        return any(
            instance.state == "ONLINE" and node in (None, instance.node) for instance in self.instances.get(name, ())
        )

    def state_is(self, name: str, state: str) -> bool:
        """Whether any instance is in this state."""
        return any(instance.state == state for instance in self.instances.get(name, ()))

    def is_address(self, name: str) -> bool:
        """Whether it is the virtual address of an application."""
        return self.attributes.get(name, {}).get("TYPE") == ADDRESS_TYPE

    def status(self) -> ClusterStatus:
        """The state of everything, normalised."""
        services = {}
        for name, members in self.services.items():
            services[name] = ServiceStatus(
                name,
                tuple(self._member(member) for member in members),
                tuple(failure for member in members for failure in self._failures(member)),
                frozen=self.attributes[members[-1]].get("ENABLED") == "0",
            )
        grouped = {member for members in self.services.values() for member in members}
        return ClusterStatus(
            # A node without quorum is evicted: one that answers has it.
            quorate=True,
            nodes={name: NodeStatus(online=active) for name, active in self.nodes.items()},
            services=services,
            resources={name: self._member(name) for name in self.ours() if name not in grouped},
        )

    def _member(self, name: str) -> MemberStatus:
        attributes = self.attributes[name]
        return MemberStatus(
            name,
            attributes["TYPE"],
            self.active_on(name),
            failed=bool(self._failures(name)),
            managed=attributes.get("ENABLED") != "0",
            enabled=self.target(name) == "ONLINE",
        )

    def _failures(self, name: str) -> list[str]:
        failures = []
        for instance in self.instances.get(name, ()):
            details = f" ({instance.details})" if instance.details else ""
            if instance.state == "UNKNOWN":
                failures.append(
                    f"{name}: could not be stopped on {instance.node}, its state is UNKNOWN{details}; "
                    "see that it is stopped there, then clear the failure"
                )
            elif instance.state == "INTERMEDIATE":
                failures.append(f"{name}: its state on {instance.node} is INTERMEDIATE{details}")
            elif instance.state == "OFFLINE" and instance.target == "ONLINE" and instance.stable:
                failures.append(f"{name}: should run and does not{details}")
        return failures


# -- pure: planning ---------------------------------------------------------------------------------------------


@dataclass
class _Step:
    """One command, and how to see in the cluster that it had its effect.

    ``kind`` says what to look at: ``type``; ``attributes`` of the resources ``names``; their ``state``, where even the
    exit status 0 is not believed.
    """

    argv: list[str]
    words: str
    remedy: str
    kind: str
    names: list[str]
    done: Callable[[_Survey], bool]


class _Plan:
    """Commands in order. Each is made from what the ones before it lead to, so that all are known beforehand."""

    def __init__(self, survey: _Survey) -> None:
        self.survey = _Survey(
            {name: dict(found) for name, found in survey.attributes.items()},
            dict(survey.instances),
            survey.nodes,
            marked=dict(survey.marked),
        )
        self.services = {name: list(members) for name, members in survey.services.items()}
        self.steps: list[_Step] = []
        self._before = survey
        #: What ran before the first step, and is stopped or moved by a step.
        self._disturbed: set[str] = set()
        #: Dependencies that resources get back once what they depend on has been made again.
        self.detached: dict[str, dict[str, str]] = {}

    # -- single commands ------------------------------------------------------------------------------------

    def _add(
        self, argv: list[str], words: str, remedy: str, kind: str, names: list[str], done: Callable[[_Survey], bool]
    ) -> None:
        self.steps.append(_Step(argv, words, remedy, kind, names, done))

    def modify(self, name: str, settings: Mapping[str, str]) -> None:
        """Set those attributes that are not so already."""
        current = self.survey.attributes[name]
        differing = {
            key: value for key, value in settings.items() if key not in current or not _same(key, current[key], value)
        }
        if not differing:
            return
        self._add(
            ["crsctl", "modify", "resource", name, "-attr", formats.attribute_argument(differing)],
            f"{name} was to be changed",
            "see what it says of the attribute",
            "attributes",
            [name],
            lambda found: _has(found, name, differing),
        )
        current.update(differing)

    def permit(self, name: str, user: str) -> None:
        """Let a user start and stop a resource."""
        self._add(
            ["crsctl", "setperm", "resource", name, "-u", f"user:{user}:r-x"],
            f"{user} was to be allowed to use {name}",
            "see whether there is such a user on every node",
            "attributes",
            [name],
            lambda found: user in _resource(name, found.attributes[name]).settings.get("user", "").split(),
        )

    def add(self, argv: list[str], name: str, attributes: Mapping[str, str], done: Callable[[_Survey], bool]) -> None:
        """Make a resource; it is offline then."""
        remedy = "see what it says of the attributes"
        self._add(argv, f"{name} was to be created", remedy, "attributes", [name], done)
        self.survey.attributes[name] = dict(attributes)
        self.survey.instances[name] = (formats.Instance("OFFLINE", "OFFLINE"),)

    def stop(self, name: str, force: bool = False) -> None:
        """Stop a resource for as long as nobody starts it."""
        self._add(
            ["crsctl", "stop", "resource", name, *(["-f"] if force else [])],
            f"{name} was told to stop",
            f"see why it runs on ('crsctl status resource {name} -v', and the log of its action script)",
            "state",
            [name],
            lambda found: not found.active_on(name) and found.target(name) == "OFFLINE",
        )
        self._disturb([name])
        self.survey.instances[name] = (formats.Instance("OFFLINE", "OFFLINE"),)

    def _disturb(self, names: Iterable[str]) -> None:
        self._disturbed.update(name for name in names if self._before.active_on(name))

    def interrupts(self, changes: Sequence[Change]) -> list[str]:
        """Services of which something is disturbed that does not go for good."""
        created = {change.name for change in changes if change.action == "create" and change.kind == "resource"}
        gone = {change.name for change in changes if change.action == "delete"}
        return [
            service
            for service, members in self._before.services.items()
            if service not in gone
            and any(name in self._disturbed and (name not in gone or name in created) for name in members)
        ]

    def _start(self, name: str, names: Collection[str], node: str | None, service: str) -> None:
        together = sorted(names)
        self._add(
            ["crsctl", "start", "resource", name, *(["-n", node] if node else [])],
            f"service {service}: {name} was to start" + (f" on {node}" if node else ""),
            f"see why it does not ('crsctl status resource {' '.join(together)} -v', and the log of its action script)",
            "state",
            together,
            lambda found: all(found.online_on(member, node) for member in together),
        )
        where = node or next(iter(self.candidates(service)), "(any)")
        for member in together:
            self.survey.instances[member] = (formats.Instance("ONLINE", "ONLINE", where),)

    def _relocate(self, name: str, names: Collection[str], node: str, service: str) -> None:
        together = sorted(names)
        self._add(
            ["crsctl", "relocate", "resource", name, "-n", node, "-f"],
            f"service {service}: {name} was to move to {node}",
            f"see where it is now ('crsctl status resource {' '.join(together)} -v') and why it does not run on {node}",
            "state",
            together,
            lambda found: all(found.online_on(member, node) for member in together),
        )
        self._disturb(together)
        for member in together:
            self.survey.instances[member] = (formats.Instance("ONLINE", "ONLINE", node),)

    def _delete(self, name: str) -> None:
        if self.survey.is_address(name):
            argv = ["appvipcfg", "delete", f"-vipname={name}"]
        else:
            argv = ["crsctl", "delete", "resource", name]
        self._add(
            argv,
            f"{name} was to be deleted",
            "see what still needs it",
            "attributes",
            [name],
            lambda found: name not in found.attributes,
        )
        del self.survey.attributes[name]
        self.survey.instances.pop(name, None)

    # -- what runs where ------------------------------------------------------------------------------------

    def members(self, service: str) -> list[str]:
        """Members of a service that there are, in starting order."""
        needs = self.survey.needs("START_DEPENDENCIES")
        names = [name for name in self.services.get(service, ()) if name in self.survey.attributes]
        return formats.in_starting_order(
            {name: needs[name] for name in names}, [name for name in names if self.survey.is_address(name)]
        )

    def _sinks(self, members: Sequence[str]) -> list[str]:
        """Members that no other one needs: to start them starts all."""
        needs = self.survey.needs("START_DEPENDENCIES")
        needed = {other for name in members for other in needs[name]}
        return [name for name in members if name not in needed]

    def _with_needed(self, name: str, members: Collection[str]) -> set[str]:
        needs = self.survey.needs("START_DEPENDENCIES")
        found: set[str] = set()
        new = {name}
        while new:
            found |= new
            new = {other for known in new for other in needs[known] if other in members} - found
        return found

    def candidates(self, service: str) -> list[str]:
        """Active nodes that may carry the service, preferred first; all active ones where none are named."""
        members = self.members(service)
        hosting = self.survey.attributes[members[-1]].get("HOSTING_MEMBERS", "").split() if members else []
        restricted = members and self.survey.attributes[members[-1]].get("PLACEMENT", "").lower() == "restricted"
        nodes = hosting if restricted else [*hosting, *(node for node in self.survey.nodes if node not in hosting)]
        return [node for node in nodes if self.survey.nodes.get(node)]

    def refuse_unmanageable(self, names: Iterable[str], starting: bool) -> None:
        """Refuse before anything is touched what Clusterware could not do."""
        for name in names:
            for instance in self.survey.instances.get(name, ()):
                if instance.state == "UNKNOWN":
                    raise FrameworkError(
                        f"resource {name} could not be stopped on {instance.node} and its state is UNKNOWN: see that "
                        "it is stopped there, then clear the failure and run again; nothing was changed"
                    )
            if starting and self.survey.attributes[name].get("ENABLED") == "0":
                raise FrameworkError(
                    f"resource {name} is disabled (ENABLED=0), so Clusterware starts it nowhere: unfreeze its service, "
                    "or enable it, and run again; nothing was changed"
                )

    def stop_members(self, names: Sequence[str]) -> None:
        """Stop these, what was started last first; those that are to be offline and are stay untouched."""
        self.refuse_unmanageable(names, starting=False)
        for name in reversed(names):
            if self.survey.active_on(name) or self.survey.target(name) == "ONLINE":
                self.stop(name)

    def start(self, service: str, node: str | None) -> None:
        """Start what does not run, on the node; without one where it may run best."""
        members = self.members(service)
        waiting = [name for name in members if not self.survey.online_on(name, node)]
        if not waiting:
            return
        self.refuse_unmanageable(members, starting=True)
        # -n must be able to place all of them there: what runs elsewhere goes first, as an address does in the manual.
        for name in reversed(members):
            if node is not None and any(where != node for where in self.survey.active_on(name)):
                self.stop(name)
        for sink in self._sinks(members):
            if not self.survey.online_on(sink, node):
                self._start(sink, self._with_needed(sink, members), node, service)

    def bring_to(self, service: str, node: str) -> None:
        """Have all of the service run on the node."""
        members = self.members(service)
        if all(self.survey.online_on(name, node) for name in members):
            return
        self.refuse_unmanageable(members, starting=True)
        places = {self.survey.active_on(name) for name in members}
        if len(places) > 1 or () in places or not all(self.survey.online_on(name) for name in members):
            self.start(service, node)
            return
        needs = self.survey.needs("START_DEPENDENCIES")
        for sink in self._sinks(members):
            if not self.survey.online_on(sink, node):
                together = self._with_needed(sink, members)
                moved = {*together, *(name for name in formats.dependents(needs, together) if name in members)}
                self._relocate(sink, moved, node, service)

    def leave(self, service: str, node: str) -> None:
        """Have nothing of the service run on the node."""
        members = self.members(service)
        if not any(node in self.survey.active_on(name) for name in members):
            return
        others = [other for other in self.candidates(service) if other != node]
        if others:
            self.bring_to(service, others[0])
        else:
            self.stop_members(members)

    def clear(self, service: str) -> None:
        """Take back UNKNOWN and INTERMEDIATE, and start what should run."""
        members = self.members(service)
        wanted = any(self.survey.target(name) == "ONLINE" for name in members)
        for name in reversed(members):
            if self.survey.state_is(name, "UNKNOWN"):
                self.stop(name, force=True)
        for name in members:
            if self.survey.state_is(name, "INTERMEDIATE"):
                self._add(
                    ["crsctl", "check", "resource", name],
                    f"the state of {name} was to be found out",
                    f"see what its action script says ('crsctl status resource {name} -v')",
                    "state",
                    [name],
                    lambda found, name=name: not found.state_is(name, "INTERMEDIATE"),  # type: ignore[misc]
                )
                where = next(iter(self.survey.active_on(name)))
                self.survey.instances[name] = (formats.Instance("ONLINE", "ONLINE", where),)
        if wanted:
            self.start(service, None)

    # -- deleting -------------------------------------------------------------------------------------------

    def stop_for_deletion(self, names: Collection[str]) -> None:
        """Stop these and what depends on them. What may be made again is marked as not whole first."""
        gone = {name for name in names if name in self.survey.attributes and not _oracles(name)}
        whole = [service for service in self.services if service in names]
        ended = {name for service in whole for name in self.services[service]}
        needs = self.survey.needs(*_DEPENDENCIES)
        left = {name for name in (*gone, *formats.dependents(needs, gone)) if name not in ended}
        # What is made again has to start again.
        self.refuse_unmanageable(sorted(left), starting=True)
        self.stop_marked({*gone, *ended}, unmarked=ended)

    def stop_marked(self, names: Collection[str], unmarked: Collection[str] = ()) -> None:
        """Stop these and what depends on them, all marked as not whole but those ``unmarked``."""
        needs = self.survey.needs(*_DEPENDENCIES)
        affected = {*names, *formats.dependents(needs, names)}
        addresses = [name for name in needs if self.survey.is_address(name)]
        order = [name for name in formats.in_starting_order(needs, addresses) if name in affected]
        self.refuse_unmanageable(order, starting=False)
        for name in order:
            if name not in unmarked and self.survey.target(name) == "ONLINE":
                self.mark(name)
        for name in reversed(order):
            if self.survey.active_on(name):
                self.stop(name)

    def mark(self, name: str) -> None:
        """Whoever finds it stopped is to know that nobody wanted that."""
        current = self.survey.attributes[name].get("AUTO_START", "")
        if current != "never":
            self.survey.marked[name] = current
            self.modify(name, {"AUTO_START": "never"})

    # -- changing -------------------------------------------------------------------------------------------

    def change(self, changes: Sequence[Change], types: Mapping[str, formats.ResourceType]) -> None:
        """Commands for all changes; what is deleted has been stopped."""
        for change in changes:
            if change.kind == "type" and change.action != "delete":
                self._change_type(change)
        self._delete_resources(changes)
        for change in changes:
            if change.kind == "type" and change.action == "delete":
                self._add(
                    ["crsctl", "delete", "type", change.name],
                    f"type {change.name} was to be deleted",
                    "delete the resources and types that are of it first",
                    "type",
                    [],
                    lambda found, name=change.name: name not in found.types,  # type: ignore[misc]
                )
        resources: dict[str, list[Change]] = {}
        for change in changes:
            if change.kind == "resource" and change.action != "delete":
                resources.setdefault(change.service or f"of {change.name} alone", []).append(change)
        own = {change.name: change for change in changes if change.kind == "service" and change.action != "delete"}
        recreated = {change.name for change in changes if change.kind == "resource" and change.action == "delete"}
        for service in dict.fromkeys([*own, *resources]):
            _ServiceChange(self, service, own.get(service), resources.get(service, []), types, recreated).plan()

    def _change_type(self, change: Change) -> None:
        wanted = change.after or {}
        verb = "add" if change.action == "create" else "modify"
        base = ["-basetype", change.type or "cluster_resource"] if verb == "add" else []
        attributes = ["-attr", formats.definition_argument(wanted)] if wanted else []
        name = change.name

        def done(found: _Survey) -> bool:
            known = _definitions(found.types[name]) if name in found.types else None
            return known is not None and all(key in known and _same(key, known[key], wanted[key]) for key in wanted)

        self._add(
            ["crsctl", verb, "type", name, *base, *attributes],
            f"type {name} was to be registered",
            "see what it says of the attributes",
            "type",
            [],
            done,
        )

    def _delete_resources(self, changes: Sequence[Change]) -> None:
        gone: set[str] = set()
        for change in changes:
            if change.action == "delete" and change.kind == "service":
                gone.update(self.services.pop(change.name, ()))
            elif change.action == "delete" and change.kind == "resource":
                gone.add(change.name)
        gone &= set(self.survey.attributes)
        needs = self.survey.needs(*_DEPENDENCIES)
        addresses = [name for name in needs if self.survey.is_address(name)]
        created = {change.name for change in changes if change.action == "create"}
        # What stays and depends on what goes would not let it go. It gets its dependencies, old or new, later.
        for name in self.survey.ours():
            if name not in gone and needs[name] & gone:
                texts = {key: self.survey.attributes[name].get(key, "") for key in _DEPENDENCIES}
                self.detached[name] = {
                    key: formats.without_dependencies(text, gone - created) for key, text in texts.items()
                }
                self.modify(name, {key: formats.without_dependencies(text, gone) for key, text in texts.items()})
        for name in reversed(formats.in_starting_order(needs, addresses)):
            if name in gone:
                self._delete(name)


class _ServiceChange:
    """Commands that make the changes of one service, or of one resource that is of none."""

    def __init__(
        self,
        plan: _Plan,
        service: str,
        own: Change | None,
        resources: Sequence[Change],
        types: Mapping[str, formats.ResourceType],
        recreated: Collection[str],
    ) -> None:
        self._plan = plan
        self._survey = plan.survey
        self._service = service
        self._changes = {change.name: change for change in resources}
        self._types = types
        self._recreated = recreated
        alone = [change.name for change in resources if change.service is None]
        known = plan.services.setdefault(service, [])
        self._existing = [name for name in dict.fromkeys([*known, *alone]) if name in self._survey.attributes]
        known[:] = dict.fromkeys([*self._existing, *(change.name for change in resources)])
        self._placement = None if own is None else own.placement
        self._shared = self._shared_settings(own)
        #: AUTO_START that resources get once the service runs.
        self._pending: dict[str, str] = {}

    def plan(self) -> None:
        """All commands."""
        self._leave()
        self._disable()
        self._stop_what_must()
        unfinished = [name for name in self._existing if self._unfinished(name)]
        unwanted = any(self._survey.target(name) == "OFFLINE" for name in self._existing if name not in unfinished)
        created = [name for name, change in self._changes.items() if change.action == "create"]
        starting = bool(created or unfinished) and not unwanted
        if starting:
            enabled = [name for name, change in self._changes.items() if (change.after or {}).get("ENABLED") == "1"]
            self._plan.refuse_unmanageable([name for name in self._existing if name not in enabled], starting=True)
        for name in self._in_order():
            change = self._changes.get(name)
            if change is not None and change.action == "create":
                self._create(name, change.type or "", change.after or {}, starting)
            else:
                self._update(name, {} if change is None else change.after or {}, name in unfinished)
        if starting:
            self._start()
        for name, value in self._pending.items():
            self._plan.modify(name, {"AUTO_START": value})

    def _shared_settings(self, own: Change | None) -> dict[str, str]:
        """What all members are to have: as it is, unless the service is made or changed."""
        members = {name: self._survey.attributes[name] for name in self._existing}
        placement, misplaced = _read_placement(members)
        found = _shared(list(members.values()))
        shared = {key: value for key, value in found.items() if "|" not in value and (key != "ENABLED" or value == "0")}
        if placement and not misplaced:
            shared["HOSTING_MEMBERS"] = " ".join(placement)
        if own is not None and own.placement is not None:
            shared["HOSTING_MEMBERS"] = " ".join(own.placement)
        after = {} if own is None else own.settings
        shared.update({key: after[key] for key in SERVICE_ATTRIBUTES if key in after})
        return shared

    def _leave(self) -> None:
        """Have the service run where it may run afterwards, before its list of nodes says so."""
        nodes = self._shared.get("HOSTING_MEMBERS", "").split()
        if self._placement is None or self._shared.get("PLACEMENT", "").lower() != "restricted":
            return
        members = self._plan.members(self._service)
        left = {node for name in members for node in self._survey.active_on(name)} - set(nodes)
        if not left:
            return
        target = next((node for node in nodes if self._survey.nodes.get(node)), None)
        if target is None:
            raise FrameworkError(
                f"service {self._service} has to leave {', '.join(sorted(left))}, and none of its other nodes is "
                "active; nothing was changed"
            )
        for name in members:
            hosting = self._survey.attributes[name].get("HOSTING_MEMBERS", "").split()
            if target not in hosting:
                # Until it has moved, it may run on both.
                self._plan.modify(name, {"HOSTING_MEMBERS": " ".join([*nodes, *sorted(left)])})
        self._plan.bring_to(self._service, target)

    def _in_order(self) -> list[str]:
        """All members that there are to be, in starting order as it will be."""
        names = self._plan.services[self._service]
        needs: dict[str, list[str]] = {}
        addresses = []
        for name in names:
            change = self._changes.get(name)
            current = self._survey.attributes.get(name, {})
            text = (change.after or {}).get("START_DEPENDENCIES") if change is not None else None
            text = self._plan.detached.get(name, current).get("START_DEPENDENCIES", "") if text is None else text
            needs[name] = _parsed(formats.hard_dependencies, text)
            kind = change.type if change is not None and change.type else current.get("TYPE")
            if kind == ADDRESS_TYPE:
                addresses.append(name)
        return formats.in_starting_order(needs, addresses)

    def _unfinished(self, name: str) -> bool:
        """Whether a resource was made, or stopped to be changed, by a run that never came to its end."""
        found = self._survey.attributes[name]
        change = self._changes.get(name)
        wanted = (change.after or {}).get("AUTO_START") if change is not None else None
        if found.get("AUTO_START") == "never":
            # It differs from what it is to be; or a description says nothing of it.
            changing = change is not None and "unfinished" in (change.after or {})
            return name in self._survey.marked or wanted not in (None, "never") or changing
        return _just_made({**found, "TARGET": self._survey.target(name)})

    def _disable(self) -> None:
        """Stop what is to be disabled, which would run on; mark what is to be enabled, since it has to start then."""
        needs = self._survey.needs(*_DEPENDENCIES)
        for name, change in self._changes.items():
            enabled = (change.after or {}).get("ENABLED") if change.action == "update" else None
            if enabled == "0":
                stopping = {name, *formats.dependents(needs, [name])}
                order = formats.in_starting_order({other: needs[other] for other in stopping})
                self._plan.stop_members(order)
            elif enabled == "1" and self._survey.target(name) == "OFFLINE":
                self._plan.mark(name)

    def _stop_what_must(self) -> None:
        """Stop what cannot be changed while it runs, and what depends on it."""
        names = [
            name
            for name, change in self._changes.items()
            if change.action == "update"
            and _needs_stop(change, _handed_over_at_start(change.type or "", self._types))
            and self._survey.active_on(name)
        ]
        if names:
            self._plan.stop_marked(names)

    def _create(self, name: str, kind: str, wanted: Mapping[str, str], starting: bool) -> None:
        settings = {key: value for key, value in wanted.items() if key not in _PSEUDO and key not in _INTERNAL}
        if name in self._recreated:
            settings = {**self._but_defaults(kind, settings), **self._shared}
        final = settings.get("AUTO_START") or self._survey.marked.get(name, "restore")
        if starting and final != "never":
            self._pending[name] = final
            settings["AUTO_START"] = "never"
        settings = {**settings, **{key: value for key, value in self._shared.items() if key not in wanted}}
        if kind == ADDRESS_TYPE:
            self._create_address(name, wanted, settings)
            return
        # The default of SERVER_POOLS is everywhere, in one release and by another type nowhere.
        attributes = {key: value for key, value in settings.items() if value or key in (*wanted, "SERVER_POOLS")}
        self._plan.add(
            ["crsctl", "add", "resource", name, "-type", kind]
            + (["-attr", formats.attribute_argument(attributes)] if attributes else []),
            name,
            {**attributes, "TYPE": kind},
            lambda found: _has(found, name, attributes),
        )

    def _create_address(self, name: str, wanted: Mapping[str, str], settings: Mapping[str, str]) -> None:
        if "USR_ORA_VIP" not in wanted:
            raise FrameworkError(f"resource {name}: USR_ORA_VIP is missing; nothing was changed")
        if self._changes[name].service is None:
            raise FrameworkError(f"resource {name}: an address is a service here; name its group; nothing was changed")
        network, user = wanted.get("network", "1"), wanted.get("user", "root").split()[0]
        if name in self._survey.attributes:
            there = _resource(name, self._survey.attributes[name]).settings
            if there["network"] != network:
                raise FrameworkError(
                    f"resource {name} exists, on network {there['network']}: delete it ('appvipcfg delete "
                    f"-vipname={name}') and run again"
                )
        else:
            failback = ["-failback=1"] if settings.get("APPSVIP_FAILBACK") == "1" else []
            address = wanted["USR_ORA_VIP"]
            argv = ["appvipcfg", "create", f"-network={network}", f"-ip={address}", f"-vipname={name}", f"-user={user}"]
            made = {"TYPE": ADDRESS_TYPE, "USR_ORA_VIP": address, "APPSVIP_FAILBACK": "1" if failback else ""}
            self._plan.add([*argv, *failback], name, made, lambda found: _has(found, name, {"USR_ORA_VIP": address}))
        # An address that is made again depends on its new network, whatever its old dependencies said.
        elsewhere = [
            key
            for key in _DEPENDENCIES
            if any(other != network for other in _ORACLE_NETWORK.findall(settings.get(key, "")))
        ]
        self._plan.modify(name, {key: value for key, value in settings.items() if key not in elsewhere})

    def _but_defaults(self, kind: str, settings: Mapping[str, str]) -> dict[str, str]:
        """What a resource that is made again had of itself, without what its type gives it anyway."""
        defaults: dict[str, str] = {}
        for ancestor in _ancestry(kind, self._types):
            for attribute, parts in self._types[ancestor].attributes.items():
                defaults.setdefault(attribute, parts.get("DEFAULT_VALUE", ""))
        defaults = {**_DEFAULTS, **defaults}
        return {key: value for key, value in settings.items() if value != defaults.get(key, "")}

    def _update(self, name: str, wanted: Mapping[str, str], unfinished: bool) -> None:
        settings = {
            **self._plan.detached.get(name, {}),
            **self._shared,
            **{key: value for key, value in wanted.items() if key not in _PSEUDO},
        }
        if unfinished or self._survey.attributes[name].get("AUTO_START") == "never":
            final = settings.pop("AUTO_START", None) or self._survey.marked.get(name)
            if final is None and (unfinished or wanted.get("unfinished") == "false"):
                final = "restore"
            if final is not None:
                self._pending[name] = final
        self._plan.modify(name, settings)
        if "user" in wanted:
            for user in wanted["user"].split():
                self._plan.permit(name, user)

    def _start(self) -> None:
        members = self._plan.members(self._service)
        running = list(dict.fromkeys(node for name in members for node in self._survey.active_on(name)))
        candidates = self._plan.candidates(self._service)
        # What runs already need not be interrupted where all may run.
        node = running[0] if len(running) == 1 and running[0] in candidates else next(iter(candidates), None)
        if node is None:
            raise FrameworkError(
                f"service {self._service}: none of the nodes that may carry it is active; nothing was changed"
            )
        self._plan.start(self._service, node)


def _has(found: _Survey, name: str, settings: Mapping[str, str]) -> bool:
    current = found.attributes.get(name)
    return current is not None and all(_same(key, current.get(key, ""), value) for key, value in settings.items())


# -- pure: exporting --------------------------------------------------------------------------------------------


def _agreeing(service: Service, unexpressed: list[str]) -> Service:
    """The service as its last member, the application, has it: a description says one thing for all of them."""
    differing = [key for key, value in service.settings.items() if "|" in value]
    if service.misplaced:
        differing.append("HOSTING_MEMBERS")
    if not differing:
        return service
    unexpressed.append(
        f"service {service.name}: its resources do not agree on {', '.join(differing)}; "
        f"the description has what {service.resources[-1].name} has"
    )
    last = service.resources[-1].settings
    return replace(
        service,
        misplaced="",
        settings={key: last.get(key, value) for key, value in service.settings.items()},
    )


def _draft(service: Service, networks: Mapping[str, str]) -> Draft:
    """An address and Messaging Server as such; all other resources as native members."""
    addresses = [resource for resource in service.resources if resource.type == ADDRESS_TYPE]
    keys: dict[str, Any] = {}
    roles: dict[str, str] = {}
    unexpressed = [
        f"resource {resource.name}: a description has one address for a service" for resource in addresses[1:]
    ]
    if addresses:
        roles[addresses[0].name] = "address"
        address = addresses[0].settings.get("USR_ORA_VIP", "")
        network = networks.get(f"{_NETWORK}{addresses[0].settings.get('network', '')}")
        if network is None:
            unexpressed.append(f"address {address}: its prefix length is not known; it is written as a host's")
            keys["address"] = f"{address}/{128 if ':' in address else 32}"
        else:
            keys["address"] = f"{address}/{network.partition('/')[2]}"
        keys["failback"] = addresses[0].settings.get("APPSVIP_FAILBACK") == "1"
    others = [resource for resource in service.resources if resource.type != ADDRESS_TYPE]
    if addresses and len(others) == 1 and others[0].type == MESSAGING_TYPE:
        settings = others[0].settings
        roles[others[0].name] = "application"
        options = {"server_root": settings.get("INSTANCE_PATH", "")}
        if settings.get("ACTION_SCRIPT") != f"{options['server_root']}/cwha/bin/ms_actionscript.pl":
            options["action_script"] = settings.get("ACTION_SCRIPT", "")
        keys["application"] = {"type": "messaging_server", "options": options}
    elif others:
        members = []
        for resource in others:
            role = free_role(resource.name, service.name, [*roles.values(), "address"])
            roles[resource.name] = role
            properties = {
                key: value
                for key, value in resource.settings.items()
                if key not in _PSEUDO and key not in _PLACEMENT and (_notable(key, value) or key in _DEPENDENCIES)
            }
            members.append({"name": role, "type": resource.type, "properties": properties})
        keys["application"] = {"type": "native", "members": members}
    qualified = [
        f"resource {resource.name}: {key} is set for one server or instance only"
        for resource in service.resources
        for key in resource.settings
        if "@" in key
    ]
    return Draft(list(service.placement or ()), keys, roles, [*unexpressed, *qualified])


#: Attributes with the values that Clusterware gives them: not worth saying (appendix B, and what 12.1 prints).
_DEFAULTS = {
    "ACTION_TIMEOUT": "600",
    "ACTIVE_PLACEMENT": "0",
    "AGENT_FILENAME": "%CRS_HOME%/bin/scriptagent",
    "AUTO_START": "restore",
    "CARDINALITY": "1",
    "CHECK_INTERVAL": "60",
    "CHECK_TIMEOUT": "30",
    "CLEAN_TIMEOUT": "60",
    "DEGREE": "1",
    "DELETE_TIMEOUT": "60",
    "FAILOVER_DELAY": "0",
    "FAILURE_INTERVAL": "0",
    "FAILURE_THRESHOLD": "0",
    "INTERMEDIATE_TIMEOUT": "0",
    "LOAD": "1",
    "LOGGING_LEVEL": "1",
    "MODIFY_TIMEOUT": "60",
    "OFFLINE_CHECK_INTERVAL": "0",
    "RANK": "0",
    "RELOCATE_ACTION": "0",
    "RELOCATE_BY_DEPENDENCY": "1",
    "RESTART_ATTEMPTS": "1",
    "SCRIPT_TIMEOUT": "60",
    "START_CONCURRENCY": "0",
    "START_TIMEOUT": "0",
    "STOP_CONCURRENCY": "0",
    "STOP_TIMEOUT": "0",
    "UPTIME_THRESHOLD": "1h",
    "USER_WORKLOAD": "no",
    "USE_STICKINESS": "0",
}
#: What every resource has, and a description of it need not repeat.
_UNREMARKABLE = frozenset(["ACL", "ACTIONS", "DEFAULT_TEMPLATE", "DESCRIPTION", *_PLACEMENT, *_PSEUDO])


def _notable(key: str, value: str) -> bool:
    """Whether an attribute is worth writing into a description."""
    if not value or key in _UNREMARKABLE or "@" in key or key.endswith("_TEMPLATE"):
        return False
    return not _same(key, value, _DEFAULTS.get(key, ""))
