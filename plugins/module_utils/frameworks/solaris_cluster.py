# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Solaris Cluster 3.0 to 4.4: resource groups, read from ``scrgadm -pvv`` and ``scstat`` and changed step by step.

There are two command sets. ``scrgadm`` and ``scswitch`` are in every release; from 3.2 on the object commands ``clrg``,
``clrs``, ``clrslh`` and ``clrt`` are there too, and are used where they are installed, since they alone can suspend a
group. Procedures: Calendar Server 6.3 Administration Guide, 6.6, 6.7 and 6.9; Messaging Server Installation Guide,
"Configuring Messaging Server Oracle Solaris Cluster HA Agent"; Sun Cluster Data Services Planning and Administration
Guide.

Settings are properties, in the spelling of ``formats.rgm_properties``. What is no property has keys of its own, which
cannot be set as properties: ``managed`` of a service; ``enabled`` and ``monitored`` of a resource. A type's version is
the property ``Type_version`` of its resources, so that types are compared without one unless the description gives it.
The ranks of a service's nodes are their positions in ``Nodelist``.

No command does several things at once, and every command is synchronous. A service is therefore built so that an
interrupted run leaves something to be seen: its group comes online while it has no enabled resources, and enabling is
the last step of each resource. An offline group without enabled resources is one that is being built; any other that is
offline was taken offline, and is left so.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.adoption import Draft, describe, free_role
from ansible_collections.groupware.ha.plugins.module_utils.cluster_config import (
    NODE_KEY,
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
    ROLES,
    Application,
    Deployment,
    DescriptionError,
    FrameworkRules,
    Member,
    Problem,
    ServiceDescription,
    Storage,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats.rgm_properties import (
    DEPENDENCIES,
    canonical_name,
    canonical_value,
    is_default,
    is_query_only,
    names_of,
    same_value,
    set_at_creation_only,
    set_when_disabled_only,
    split_list,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats.scrgadm import (
    PrintedConfiguration,
    PrintedResource,
    ScrgadmError,
    parse_scrgadm,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats.scstat import (
    CHANGING_RESOURCE,
    ScstatError,
    States,
    parse_scstat,
    parse_suspended,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import (
    Export,
    FrameworkError,
    NotRunning,
    overridden,
    with_native_settings,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.rgm_commands import (
    Commands,
    ObjectCommands,
    OriginalCommands,
)
from ansible_collections.groupware.ha.plugins.module_utils.reconcile import MEMBERS_KEY, Change

MANAGED = "managed"
ENABLED = "enabled"
MONITORED = "monitored"
_AXES = frozenset([MANAGED, ENABLED, MONITORED])

LOGICAL_HOST_NAME = "SUNW.LogicalHostname"
SHARED_ADDRESS = "SUNW.SharedAddress"
STORAGE = "SUNW.HAStoragePlus"
_OLD_STORAGE = "SUNW.HAStorage"
_ADDRESS_TYPES = (LOGICAL_HOST_NAME, SHARED_ADDRESS)
_STORAGE_TYPES = (STORAGE, _OLD_STORAGE)
#: Type of an application's resource, and the property that says where the application is installed.
_AGENTS = {
    "messaging_server": ("SUNW.ims", "IMS_serverroot"),
    "calendar_server": ("SUNW.scics", "ICS_serverroot"),
}

#: Says which release a node has, as in ``Oracle Solaris Cluster 4.3 for Solaris 11``.
RELEASE_FILE = "/etc/cluster/release"
#: Where registration files of resource types are: of the product, of agents.
REGISTRATION_DIRECTORIES = ("/usr/cluster/lib/rgm/rtreg", "/opt/cluster/lib/rgm/rtreg")

#: A running scswitch is not to be killed (scswitch(1M)). It ends when the methods that it waits for end or time out;
#: the longest, that of storage, has half an hour.
_COMMAND_TIMEOUT = 7200.0
#: Seconds that a state has to come true after the command that leads to it, and a busy cluster to come to rest.
_PATIENCE = 600.0
#: Seconds without anything under way after which a state that is not there will not come.
_QUIET = 10.0
_POLL_INTERVAL = 2.0

#: Exit statuses for a cluster that reconfigures or is busy. They are only a reason to ask for the state once more.
_BUSY_STATUSES = (5, 38)

_UNKNOWN_ADDRESSES = ipaddress.IPv4Network("198.18.0.0/15")


@dataclass(frozen=True)
class _Survey:
    """What a plan is made from."""

    config: ClusterConfig
    states: States


class _Observation:
    """What is now, asked for when somebody wants to know."""

    def __init__(self, cluster: SolarisCluster) -> None:
        self._cluster = cluster
        self._config: ClusterConfig | None = None
        self._states: States | None = None

    @property
    def config(self) -> ClusterConfig:
        if self._config is None:
            self._config = self._cluster.read_now()
        return self._config

    @property
    def states(self) -> States:
        if self._states is None:
            self._states = self._cluster.read_states()
        return self._states

    def resource(self, name: str) -> Resource | None:
        return next(
            (member for service in self.config.services for member in service.resources if member.name == name), None
        )


@dataclass(frozen=True)
class _Step:
    """One command, and how to tell that it took effect.

    ``done`` decides after a command that failed or did not answer. ``reached`` is what has to come true before the next
    step, where that is more than the command's end; ``hopeless`` says why it will not.
    """

    argv: tuple[str, ...]
    done: Callable[[_Observation], bool]
    reached: Callable[[States], bool] | None = None
    hopeless: Callable[[States], str] = lambda _states: ""
    hint: str = ""


class SolarisCluster:
    """The driver for Solaris Cluster."""

    name = "solaris_cluster"
    empty_services = True
    asks_permission = True
    registers_types = True
    keeps_nodes_free = False
    rules = FrameworkRules(
        framework="solaris_cluster",
        pattern=r"[A-Za-z][A-Za-z0-9_-]*",
        words="letters, digits, hyphens and underscores, beginning with a letter",
        longest=255,
        filesystems=("ufs", "zfs", "vxfs"),
        applications=("messaging_server", "calendar_server", "native"),
        own_fencing=True,
        devices_required=False,
        storage_keys=("zpool", "global"),
    )

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self._has_objects = runner.installed("clrg")
        #: Only the object commands can suspend a group; without that an offline group may be started by the cluster.
        self.keeps_services_offline = self._has_objects
        self._commands: Commands = ObjectCommands() if self._has_objects else OriginalCommands()
        #: What ``read`` saw, for the questions that directly follow it.
        self._just_read: ClusterConfig | None = None
        #: What was before ``stop``: ``apply`` plans from the same, so that check mode shows the same commands.
        self._before_stop: _Survey | None = None

    # -- description to native terms ----------------------------------------------------------------------------

    def compile(self, deployment: Deployment, include_applications: bool = True) -> ClusterConfig:
        """The description as resource groups, and the resource types that they need."""
        offline_restart = self._wants_offline_restart()
        if deployment.cluster.properties:
            raise DescriptionError(
                [
                    Problem(
                        "cluster.properties",
                        dict(deployment.cluster.properties),
                        "are not set on solaris_cluster, which has none that services need",
                        "remove them",
                    )
                ]
            )
        services = tuple(
            _compile_service(service, include_applications, offline_restart) for service in deployment.services
        )
        types = dict.fromkeys(
            f"{member.type}:{member.settings['Type_version']}" if "Type_version" in member.settings else member.type
            for service in services
            for member in service.resources
            if member.type not in _ADDRESS_TYPES
        )
        return ClusterConfig(services=services, types=tuple(Resource(name, "") for name in types))

    def _wants_offline_restart(self) -> bool:
        """Whether applications have to be restarted when their storage went offline, as from 4.0 on.

        Source: SUNW.HAStoragePlus(5), Oracle Solaris Cluster 4.0.
        """
        release = self.runner.read_file(RELEASE_FILE) or ""
        found = re.search(r"Cluster\s+(\d+)\.", release)
        return found is not None and int(found[1]) >= 4

    def native_resource(
        self,
        name: str,
        resource_type: str,
        properties: Mapping[str, str],
        meta: Mapping[str, str],
        operations: Mapping[str, Mapping[str, str]],
    ) -> Resource:
        """A resource with its properties; ``meta`` has ``enabled`` (unless said otherwise, it is) and ``monitored``."""
        if operations:
            raise FrameworkError(
                f"resource {name}: operations are properties on solaris_cluster, such as Start_timeout; set those"
            )
        unknown = set(meta) - {ENABLED, MONITORED}
        if unknown:
            raise FrameworkError(f"resource {name}: meta has {', '.join(sorted(unknown))}; use enabled or monitored")
        return _native_resource(name, resource_type, {**properties, **meta})

    def native_service(
        self, name: str, nodes: Sequence[str], properties: Mapping[str, str], resources: Sequence[Resource]
    ) -> Service:
        """A resource group with its node list; ``properties`` are its own."""
        return Service(name, _ranks(nodes), _spelt(properties), _in_order(resources))

    def native_type(self, name: str, base_type: str | None, properties: Mapping[str, str]) -> Resource:
        """A resource type, which brings its own description in its registration file."""
        if base_type is not None:
            raise FrameworkError(
                f"type {name}: a type of solaris_cluster is not derived from another; remove base_type"
            )
        settings = _spelt(properties)
        unknown = set(settings) - {"Installed_nodes", "RT_system"}
        if unknown:
            raise FrameworkError(
                f"type {name}: {', '.join(sorted(unknown))} cannot be set; only Installed_nodes and RT_system can"
            )
        return Resource(name, "", settings)

    def axis_settings(self, kind: str, axis: str, value: bool) -> Mapping[str, str]:  # noqa: ARG002 - as the protocol has it
        """The axes are settings of their own names."""
        return {axis: _truth(value)}

    # -- reading ------------------------------------------------------------------------------------------------

    def read(self) -> ClusterConfig:
        """Everything that ``scrgadm -pvv`` prints."""
        self._just_read = self.read_now()
        return self._just_read

    def read_now(self) -> ClusterConfig:
        """The configuration as it is at this moment."""
        return _parse_configuration(self._ask(["scrgadm", "-pvv"]))

    def read_states(self) -> States:
        """Groups and resources as they are at this moment."""
        return _parsed_states(self._ask(["scstat", "-g"]))

    def _ask(self, argv: Sequence[str]) -> str:
        try:
            return self.runner.run(argv, timeout=300, record=False).stdout
        except CommandNotFound:
            raise NotRunning("Solaris Cluster is not installed on this node") from None
        except CommandError as error:
            raise NotRunning(f"the cluster is not running on this node ({error.output or error.reason})") from None

    def _read_just_before(self) -> ClusterConfig:
        """What ``read`` saw if it was the last to ask, else what is."""
        config, self._just_read = self._just_read, None
        return config if config is not None else self.read_now()

    def _survey(self) -> _Survey:
        config = self._read_just_before()
        states = _parsed_states(self._ask(["scstat"]))
        if not states.nodes:
            raise FrameworkError("scstat shows no nodes of the cluster")
        if self._has_objects and config.services:
            states.suspended = self._suspended()
        for service in config.services:
            if service.name not in states.groups:
                raise FrameworkError(f"scrgadm shows the group {service.name} and scstat does not; run again")
        return _Survey(config, states)

    def missing_agents(self, types: Collection[str]) -> list[str]:
        """Types that are neither registered nor have a registration file on this node."""
        if not types:
            return []
        if self._just_read is None:
            self._just_read = self.read_now()
        registered = {found.name for found in self._just_read.types}
        return [name for name in types if name not in registered and not self._can_register(name)]

    def _can_register(self, name: str) -> bool:
        return any(
            self.runner.read_file(f"{directory}/{file}") is not None
            for directory in REGISTRATION_DIRECTORIES
            for file in dict.fromkeys([name, _split_type(name)[0]])
        )

    def status(self) -> ClusterStatus:
        """Nodes, groups and resources; which groups are suspended where groups can be."""
        survey = self._survey()
        states = survey.states
        return ClusterStatus(
            quorate=states.quorate,
            nodes={name: NodeStatus(online=online) for name, online in states.nodes.items()},
            services={service.name: _service_status(service, states) for service in survey.config.services},
            resources={},
        )

    def settle(self, timeout: float) -> None:
        """Wait until no group is on its way to another state."""
        deadline = self.runner.clock() + timeout
        while True:
            changing = _changing(self.read_states())
            if not changing:
                return
            if self.runner.clock() >= deadline:
                raise FrameworkError(
                    f"the cluster did not settle within {timeout:g} seconds: {', '.join(changing)} on the way to "
                    "another state; 'scstat -g' shows what it is waiting for"
                )
            self.runner.pause(_POLL_INTERVAL)

    # -- comparing ----------------------------------------------------------------------------------------------

    def same(self, key: str, current: str, desired: str) -> bool:
        """Properties by their meaning; switches by theirs."""
        if key in _AXES:
            return _is_true(current) == _is_true(desired)
        if key.startswith(NODE_KEY):
            return current == desired
        return same_value(key, current, desired)

    def operational(self, key: str) -> bool:
        """A property always has a value, its agent's default if nobody set it: none can be purged, only nodes can."""
        return not key.startswith(NODE_KEY)

    def fixed(self, resource_type: str, key: str) -> bool:  # noqa: ARG002 - as the protocol has it
        """What can only be set when a resource is created."""
        return set_at_creation_only(key)

    def restarted_services(self, changes: Sequence[Change], current: ClusterConfig) -> list[str]:
        """Services with members that are disabled and enabled again to make the changes."""
        index = _Index(current)
        target = _Index(_target(current, changes))
        deleted = _deleted_resources(current, changes)
        disabled = {
            name
            for name in index.with_dependents([*deleted, *_to_be_disabled(index, changes)])
            if index.enabled(name) and target.enabled(name)
        }
        owners = (index.owner[name] for name in index.resources if name in disabled)
        return [owner for owner in dict.fromkeys(owners) if _is_true(index.services[owner].settings[MANAGED])]

    def preferred_nodes(self, service: Service) -> list[str]:
        """The node list in its order."""
        return _node_list(service.nodes)

    # -- changing -----------------------------------------------------------------------------------------------

    def stop(self, names: Collection[str]) -> None:
        """Take the groups offline that are to be deleted, and disable what is to be deleted with all that needs it."""
        survey = self._survey()
        self._before_stop = survey
        self._take(_plan_stop(self._commands, survey, names))

    def apply(self, changes: Sequence[Change]) -> None:
        """Make the changes one by one, in the manuals' order."""
        survey, self._before_stop = self._before_stop, None
        if survey is None:
            survey = self._survey()
        self._take(_Plan(self._commands, survey, changes).steps)

    def set_service_enabled(self, service: str, enabled: bool) -> None:
        """Bring the group online on its preferred node, or take it offline; suspended so that it stays so."""
        survey = self._survey()
        found = _existing(survey, service)
        steps: list[_Step] = []
        if enabled:
            steps = [*self._release(survey, found)]
            if not survey.states.online_on(service):
                node = _first_online_node(found, survey.states)
                steps.append(_online_step(self._commands, service, node, _runnable(_Index(survey.config), found)))
        elif not survey.states.offline(service):
            _refuse_stop_failed(found, survey.states)
            # Suspended first: interrupted in between, the service is still to be seen as one to be taken offline.
            steps = [*self._suspension(survey, service, True), _offline_step(self._commands, found)]
        elif _is_true(found.settings[MANAGED]):
            steps = [*self._suspension(survey, service, True)]
        self._take(steps)

    def move_service(self, service: str, node: str, timeout: float, start: bool = False) -> None:
        """Switch the group to the node."""
        survey = self._survey()
        found = _existing(survey, service)
        _refuse_stop_failed(found, survey.states)
        steps = [*self._release(survey, found)] if start else []
        expected = _runnable(_Index(survey.config), found)
        step = _online_step(self._commands, service, node, expected, switch=True)
        if step.reached is None or not step.reached(survey.states):
            steps.append(step)
        self._take(steps, timeout)

    def set_node_standby(self, node: str, standby: bool) -> None:
        """Evacuate the node, once: no release can keep a node free."""
        if not standby:
            return

        def left(states: States) -> bool:
            return all(found.get(node, "offline") in ("offline", "unmanaged") for found in states.groups.values())

        survey = self._survey()
        if not left(survey.states):
            self._take(
                [
                    _Step(
                        self._commands.evacuate(node),
                        done=lambda observed: left(observed.states),
                        reached=left,
                        hopeless=lambda states: _stop_failures(states, states.resources),
                    )
                ]
            )

    def set_service_frozen(self, service: str, frozen: bool) -> None:
        """Suspend the group: it is neither started, moved nor restarted by the cluster, and left as it is."""
        if not self._has_objects:
            raise FrameworkError(
                f"service {service}: this release of Solaris Cluster cannot suspend a resource group (clrg is not "
                "installed; it comes with 3.2); switch off its monitors, or take it offline"
            )
        survey = self._survey()
        _existing(survey, service)
        self._take([*self._suspension(survey, service, frozen)])

    def _release(self, survey: _Survey, service: Service) -> Iterator[_Step]:
        """Steps after which the cluster acts on the service again."""
        _refuse_stop_failed(service, survey.states)
        if not _is_true(service.settings[MANAGED]):
            yield _manage_step(self._commands, service.name, True)
        yield from self._suspension(survey, service.name, False)

    def _suspension(self, survey: _Survey, service: str, suspended: bool) -> Iterator[_Step]:
        if self._has_objects and (service in survey.states.suspended) != suspended:
            yield _Step(
                self._commands.suspend(service, suspended),
                done=lambda _observed: (service in self._suspended()) == suspended,
            )

    def _suspended(self) -> frozenset[str]:
        try:
            return parse_suspended(self._ask(["clrg", "status"]))
        except ScstatError as error:
            raise FrameworkError(f"clrg status printed what is not understood: {error}") from None

    def clear_failures(self, service: str) -> None:
        """Clear the error flag of members that failed to stop; try those again that failed to start."""
        survey = self._survey()
        self._take(_plan_clear(self._commands, survey, _existing(survey, service)))

    # -- carrying out -------------------------------------------------------------------------------------------

    def _take(self, steps: Iterable[_Step], patience: float = _PATIENCE) -> None:
        for step in steps:
            self._just_read = None
            if self.runner.dry:
                self.runner.run(step.argv)
            else:
                self._take_one(step, patience)

    def _take_one(self, step: _Step, patience: float) -> None:
        deadline = self.runner.clock() + patience
        while True:
            refusal, status = self._attempt(step)
            if refusal is None:
                self._await(step, deadline)
                return
            if self._done_after_all(step, deadline):
                return
            if status not in _BUSY_STATUSES and not _changing(self.read_states()):
                raise FrameworkError(f"{refusal}{f'; {step.hint}' if step.hint else ''}")
            if self.runner.clock() >= deadline:
                raise FrameworkError(f"the cluster was busy for {patience:g} seconds: {refusal}")
            self.runner.pause(_POLL_INTERVAL)

    def _attempt(self, step: _Step) -> tuple[CommandError | None, int | None]:
        """Run the command; how it failed, if it did, and its exit status if it ended."""
        try:
            result = self.runner.run(step.argv, timeout=_COMMAND_TIMEOUT, accept=range(256))
        except CommandNotFound:
            raise
        except CommandError as error:
            return error, None
        if result.status == 0:
            return None, 0
        return CommandError(step.argv, f"exit status {result.status}", result.stderr or result.stdout), result.status

    def _done_after_all(self, step: _Step, deadline: float) -> bool:
        """Whether a command that failed or did not answer took effect, once what it may have begun is over."""
        while True:
            observed = _Observation(self)
            if step.done(observed):
                return True
            if not _changing(observed.states) or self.runner.clock() >= deadline:
                return False
            self.runner.pause(_POLL_INTERVAL)

    def _await(self, step: _Step, deadline: float) -> None:
        """Wait for what the step is to lead to: an exit status of 0 says that methods ended, not how."""
        if step.reached is None:
            return
        quiet_since: float | None = None
        while True:
            states = self.read_states()
            if step.reached(states):
                return
            reason = step.hopeless(states)
            now = self.runner.clock()
            changing = _changing(states)
            quiet_since = None if changing else now if quiet_since is None else quiet_since
            if reason or now >= deadline or (quiet_since is not None and now - quiet_since >= _QUIET):
                command = " ".join(step.argv)
                raise FrameworkError(
                    f"{command}: {reason or 'ended without an error, but did not lead to the state that it should'}; "
                    "'scstat -g' shows where everything stands"
                )
            self.runner.pause(_POLL_INTERVAL)

    # -- adopting -----------------------------------------------------------------------------------------------

    def parse_saved(self, text: str) -> ClusterConfig:
        """What ``scrgadm -pvv`` printed."""
        return _parse_configuration(text)

    def export(self, config: ClusterConfig) -> Export:
        """Groups as services."""
        return _export(config, self)


# -- pure: settings ---------------------------------------------------------------------------------------------


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _is_true(text: str) -> bool:
    """Whether a switch is on; one that is on for some nodes only counts as off."""
    return text.strip().lower() in ("true", "yes", "on", "1")


def _spelt(properties: Mapping[str, str]) -> dict[str, str]:
    """Properties in their one spelling; switches as they are."""
    spelt = {}
    for key, value in properties.items():
        name = key if key in _AXES else canonical_name(key)
        spelt[name] = value if name in _AXES else canonical_value(name, value)
    return spelt


def _without_axes(settings: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in settings.items() if key not in _AXES}


def _split_type(name: str) -> tuple[str, str]:
    """A type's name and its version, which is empty where the name has none."""
    base, _colon, version = name.partition(":")
    return base, version


def _ranks(nodes: Sequence[str]) -> dict[str, str]:
    return {node: str(position) for position, node in enumerate(nodes, start=1)}


def _node_list(ranks: Mapping[str, str]) -> list[str]:
    return sorted(ranks, key=lambda node: int(ranks[node]))


def _in_order(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """Host names, storage, the rest: a group has no order of its own, so that this one must depend on nothing else."""

    def rank(resource: Resource) -> tuple[int, str]:
        kinds = (_ADDRESS_TYPES, _STORAGE_TYPES)
        return next((place for place, kind in enumerate(kinds) if resource.type in kind), len(kinds)), resource.name

    return tuple(sorted(resources, key=rank))


def _native_resource(name: str, resource_type: str, settings: Mapping[str, str]) -> Resource:
    base, version = _split_type(resource_type)
    spelt = {ENABLED: "true", **({"Type_version": version} if version else {}), **_spelt(settings)}
    if base in _ADDRESS_TYPES and not spelt.get("HostnameList"):
        # As the commands have it: without a host name, the name of the resource is one.
        spelt["HostnameList"] = name
    return Resource(name, base, spelt)


# -- pure: compiling --------------------------------------------------------------------------------------------


def _compile_service(service: ServiceDescription, include_applications: bool, offline_restart: bool) -> Service:
    settings = {MANAGED: "true", "Failback": "True" if service.failback else "False"}
    given = {key if key in _AXES else canonical_name(key): value for key, value in service.properties.items()}
    if "Nodelist" in given:
        raise DescriptionError(
            [
                Problem(
                    f"services[{service.name}].properties.Nodelist",
                    given["Nodelist"],
                    "is what the service's nodes are for",
                    "give nodes.primary and nodes.standby",
                )
            ]
        )
    resources: dict[str, Resource] = {}
    for role, resource_type, properties in _compile_members(service, include_applications, offline_restart):
        resources[role] = _native_resource(service.resource_name(role), resource_type, properties)
    overriding = {
        role: {key if key in _AXES else canonical_name(key): value for key, value in values.items()}
        for role, values in service.resource_properties.items()
    }
    members = with_native_settings(replace(service, resource_properties=overriding), resources, include_applications)
    return Service(
        service.name,
        _ranks(service.nodes),
        _spelt(overridden(settings, given)),
        _in_order(replace(member, settings=_spelt(member.settings)) for member in members),
    )


def _compile_members(
    service: ServiceDescription, include_applications: bool, offline_restart: bool
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Role, type and settings of each resource."""
    if service.address is not None:
        yield "address", LOGICAL_HOST_NAME, {"HostnameList": service.host_name or str(service.address)}
    if service.storage is not None:
        yield "storage", STORAGE, _compile_storage(service, service.storage)
    application = service.application
    if application is None:
        return
    if application.type in _AGENTS:
        resource_type, root_property = _AGENTS[application.type]
        root = _server_root(service, application)
        if include_applications:
            needed = [role for role, given in (("storage", service.storage), ("address", service.address)) if given]
            yield (
                *("application", resource_type),
                {root_property: root, **_dependencies(service, needed, {}, offline_restart)},
            )
    elif include_applications:
        yield from _compile_native(service, application, offline_restart)


def _compile_storage(service: ServiceDescription, storage: Storage) -> dict[str, str]:
    problems = []
    key = f"services[{service.name}].storage"
    if (storage.filesystem == "zfs") != (storage.zpool is not None):
        reason = "is missing, the pool that the file system is in" if storage.zpool is None else "goes with zfs only"
        problems.append(
            Problem(f"{key}.zpool", storage.zpool, reason, "give both zpool and filesystem: zfs, or neither")
        )
    if storage.zpool is not None and storage.is_global:
        problems.append(Problem(f"{key}.global", True, "a pool is imported on one node at a time", "remove it"))
    if problems:
        raise DescriptionError(problems)
    if storage.zpool is not None:
        return {"Zpools": storage.zpool}
    if storage.is_global:
        return {"FilesystemMountPoints": storage.mount_point}
    # A failover file system has to be where its devices are (SUNW.HAStoragePlus(5)).
    return {"FilesystemMountPoints": storage.mount_point, "AffinityOn": "True"}


def _server_root(service: ServiceDescription, application: Application) -> str:
    """Where the application is installed, from its options.

    :raises DescriptionError: it is missing or no path, or there are options that the agents do not have
    """
    key = f"services[{service.name}].application.options"
    problems = [
        Problem(f"{key}.{name}", value, "is not an option of this application", "use server_root")
        for name, value in application.options.items()
        if name != "server_root"
    ]
    root = application.options.get("server_root")
    if root is None:
        problems.append(Problem(f"{key}.server_root", root, "is missing", "give the directory of the installation"))
    elif not isinstance(root, str) or re.fullmatch(r"/[^\s,]*", root) is None:
        reason = "is not an absolute path without white space and commas"
        problems.append(Problem(f"{key}.server_root", root, reason, "write it as in /opt/SUNWmsgsr"))
    if problems:
        raise DescriptionError(problems)
    return str(root)


def _compile_native(
    service: ServiceDescription, application: Application, offline_restart: bool
) -> Iterator[tuple[str, str, dict[str, str]]]:
    types = {member.name: member.type for member in application.members}
    roles = [role for role, given in (("storage", service.storage), ("address", service.address)) if given]
    problems = []
    for position, member in enumerate(application.members):
        key = f"services[{service.name}].application.members[{position}]"
        if member.operations:
            remedy = "set properties such as Start_timeout"
            problems.append(Problem(f"{key}.operations", dict(member.operations), "are properties here", remedy))
        for name in set(member.meta) - {ENABLED, MONITORED, "requires"}:
            remedy = "use enabled, monitored or requires"
            problems.append(Problem(f"{key}.meta.{name}", member.meta[name], "is not known", remedy))
        for name in member.meta.get("requires", "").split():
            if name not in (*roles, *types) or name == member.name:
                reason = f"{name} is no other member of the service"
                remedy = f"use {', '.join([*roles, *types])}"
                problems.append(Problem(f"{key}.meta.requires", member.meta["requires"], reason, remedy))
    if problems:
        raise DescriptionError(problems)
    for member in application.members:
        axes = {axis: member.meta[axis] for axis in (ENABLED, MONITORED) if axis in member.meta}
        needed = _required_roles(member, roles)
        yield (
            member.name,
            member.type,
            {**member.properties, **axes, **_dependencies(service, needed, types, offline_restart)},
        )


def _required_roles(member: Member, roles: Sequence[str]) -> list[str]:
    """What a native member depends on: what it says; by itself, an application on the service's storage and address."""
    if "requires" in member.meta:
        return member.meta["requires"].split()
    spelt = _spelt(member.properties)
    own = any(key in spelt for key in DEPENDENCIES)
    leads = _split_type(member.type)[0] in (*_ADDRESS_TYPES, *_STORAGE_TYPES)
    return [] if own or leads else list(roles)


def _dependencies(
    service: ServiceDescription, roles: Sequence[str], types: Mapping[str, str], offline_restart: bool
) -> dict[str, str]:
    """The properties for a resource that depends on others of its service."""
    restarting = [
        role
        for role in roles
        if offline_restart and (role == "storage" or _split_type(types.get(role, ""))[0] == STORAGE)
    ]
    found = {
        "Resource_dependencies": [role for role in roles if role not in restarting],
        "Resource_dependencies_offline_restart": restarting,
    }
    return {key: ",".join(map(service.resource_name, named)) for key, named in found.items() if named}


# -- pure: reading ----------------------------------------------------------------------------------------------

#: Whatever release prints them: a group or resource has them, and without a value they are empty.
_ALWAYS_EMPTY = ("R_description", *DEPENDENCIES)


def _parse_configuration(text: str) -> ClusterConfig:
    try:
        printed = parse_scrgadm(text)
    except ScrgadmError as error:
        raise FrameworkError(f"this is not what scrgadm -pvv prints: {error}") from None
    members: dict[str, list[Resource]] = {name: [] for name in printed.groups}
    for resource in printed.resources.values():
        members[resource.group].append(_read_resource(resource))
    services = tuple(
        Service(
            group.name,
            _ranks(group.nodes),
            {MANAGED: _truth(bool(group.managed)), **_read_properties(group.properties)},
            _in_order(members[group.name]),
        )
        for group in printed.groups.values()
    )
    return ClusterConfig(services=services, types=_read_types(printed))


def _read_resource(printed: PrintedResource) -> Resource:
    base, version = _split_type(printed.type or "")
    version = version or printed.version or ""
    return Resource(
        printed.name,
        base,
        {
            ENABLED: _read_switch(printed.enabled),
            MONITORED: _read_switch(printed.monitored),
            **({"Type_version": version} if version else {}),
            **dict.fromkeys(_ALWAYS_EMPTY, ""),
            **_read_properties(printed.properties),
        },
    )


def _read_switch(on_nodes: Mapping[str, bool]) -> str:
    if len(set(on_nodes.values())) == 1:
        return _truth(next(iter(on_nodes.values())))
    return f"on {' '.join(node for node, on in on_nodes.items() if on)} only"


def _read_properties(printed: Mapping[str, str]) -> dict[str, str]:
    spelt = {}
    for key, value in printed.items():
        name = canonical_name(key)
        if not is_query_only(name):
            spelt[name] = canonical_value(name, value)
    return spelt


def _read_types(printed: PrintedConfiguration) -> tuple[Resource, ...]:
    """Each registered type under its name, and under that without its version: descriptions may use either."""
    found: dict[str, Resource] = {}
    for entry in printed.types.values():
        settings = {"Installed_nodes": canonical_value("Installed_nodes", entry.installed_nodes or "All")}
        if entry.system is not None:
            settings["RT_system"] = canonical_value("RT_system", entry.system)
        for name in (_split_type(entry.name)[0], entry.name):
            found.setdefault(name, Resource(name, "", settings))
    return tuple(found.values())


def _parsed_states(text: str) -> States:
    try:
        return parse_scstat(text)
    except ScstatError as error:
        raise FrameworkError(f"scstat printed what is not understood: {error}") from None


def _changing(states: States) -> list[str]:
    """What is on its way to another state."""
    resources = [
        name
        for name, nodes in states.resources.items()
        if any(found.state in CHANGING_RESOURCE for found in nodes.values())
    ]
    return [*states.changing(), *resources]


# -- pure: status -----------------------------------------------------------------------------------------------


def _service_status(service: Service, states: States) -> ServiceStatus:
    managed = _is_true(service.settings[MANAGED])
    members = tuple(
        MemberStatus(
            name=member.name,
            type=member.type,
            active_on=tuple(states.active_on(member.name)),
            failed=bool(states.in_state(member.name, "stop_failed") or states.in_state(member.name, "start_failed")),
            managed=managed,
            enabled=_is_true(member.settings[ENABLED]),
        )
        for member in service.resources
    )
    failures = [*_failures(service, states)]
    enabled = any(member.enabled for member in members)
    return ServiceStatus(
        service.name,
        members,
        tuple(failures),
        frozen=service.name in states.suspended,
        # A group stays offline that somebody took offline, until it is brought online; one that is being built is not
        # offline for that. A group with nothing to run is not expected to run.
        offline_wanted=not managed or not members or (enabled and not failures and states.offline(service.name)),
    )


def _failures(service: Service, states: States) -> Iterator[str]:
    for member in service.resources:
        for node, found in states.resources.get(member.name, {}).items():
            said = f" ({found.message})" if found.message else ""
            if found.state == "stop_failed":
                yield (
                    f"{member.name} failed to stop on {node}{said}: nothing else will be done with the service until "
                    "somebody has made sure that it is dead there and has cleared its failures"
                )
            elif found.state == "start_failed":
                yield f"{member.name} failed to start on {node}{said}"
            elif found.state == "monitor_failed":
                yield f"the monitor of {member.name} failed on {node}{said}"
            elif _gave_up(service, states) and found.message.lower().startswith("faulted"):
                yield f"{member.name} failed on {node}{said}, and the service runs on no other node"
    known = [name for name in (member.name for member in service.resources) if states.in_state(name, "stop_failed")]
    stuck = [node for node, state in states.groups.get(service.name, {}).items() if state == "error_stop_failed"]
    if stuck and not known:
        yield f"a resource failed to stop on {', '.join(stuck)}; see scstat -g"


def _gave_up(service: Service, states: States) -> bool:
    """Whether the service is offline although it was not told to be: it ended so after failing everywhere."""
    return _is_true(service.settings[MANAGED]) and states.offline(service.name)


def _stop_failures(states: States, resources: Iterable[str]) -> str:
    """What failed to stop, in words that say what to do; empty if nothing did."""
    found = [f"{name} on {node}" for name in resources for node in states.in_state(name, "stop_failed")]
    if not found:
        return ""
    return (
        f"failed to stop: {', '.join(found)}; make sure that nothing of it is left running there, then clear the "
        "failures of the service"
    )


def _start_failures(states: States, resources: Iterable[str]) -> str:
    """What failed to start; empty if nothing did."""
    found = [
        f"{name} on {node}{f' ({state.message})' if state.message else ''}"
        for name in resources
        for node, state in states.resources.get(name, {}).items()
        if state.state == "start_failed"
    ]
    return f"failed to start: {', '.join(found)}" if found else ""


def _refuse_stop_failed(service: Service, states: States) -> None:
    reason = _stop_failures(states, (member.name for member in service.resources))
    if reason or "error_stop_failed" in states.groups.get(service.name, {}).values():
        raise FrameworkError(f"service {service.name}: {reason or 'a resource failed to stop; see scstat -g'}")


# -- pure: what depends on what -----------------------------------------------------------------------------------


class _Index:
    """A configuration's resources by name, with what they depend on."""

    def __init__(self, config: ClusterConfig) -> None:
        self.services = {service.name: service for service in config.services}
        self.resources = {member.name: member for service in config.services for member in service.resources}
        self.owner = {member.name: service.name for service in config.services for member in service.resources}
        self.dependents: dict[str, list[str]] = {}
        for name in self.resources:
            for other in self.needed(name):
                self.dependents.setdefault(other, []).append(name)

    def needed(self, name: str) -> list[str]:
        """Resources that this one depends on, in any way."""
        settings = self.resources[name].settings
        return [
            other
            for key in (*DEPENDENCIES, "Network_resources_used")
            for other in names_of(settings.get(key, ""))
            if other != name
        ]

    def required(self, name: str) -> list[str]:
        """Resources without which this one does not run."""
        settings = self.resources[name].settings
        keys = (key for key in DEPENDENCIES if key != "Resource_dependencies_weak")
        return [other for key in keys for other in names_of(settings.get(key, ""))]

    def enabled(self, name: str) -> bool:
        """Whether the resource is there and enabled on all its nodes."""
        return name in self.resources and _is_true(self.resources[name].settings.get(ENABLED, "false"))

    def partly_enabled(self, name: str) -> bool:
        """Whether the resource is enabled on a node at least."""
        return self.resources[name].settings.get(ENABLED, "false").strip().lower() != "false"

    def with_dependents(self, names: Iterable[str]) -> list[str]:
        """These resources and all that depend on them, the dependents first."""
        found: dict[str, None] = {}

        def add(name: str, path: tuple[str, ...]) -> None:
            if name in found or name in path:
                return
            for other in self.dependents.get(name, ()):
                add(other, (*path, name))
            found[name] = None

        # Members of a group in the reverse of their order: also what says no dependency stops before its address.
        for name in reversed([name for name in self.resources if name in set(names)]):
            add(name, ())
        return list(found)


def _target(config: ClusterConfig, changes: Sequence[Change]) -> ClusterConfig:
    """The configuration once the changes are made."""
    deleted = _deleted_resources(config, changes)
    gone = {change.name for change in changes if change.kind == "service" and change.action == "delete"}
    services: dict[str, Service] = {}
    members: dict[str, dict[str, Resource]] = {}
    for service in config.services:
        if service.name not in gone:
            services[service.name] = service
            members[service.name] = {member.name: member for member in service.resources if member.name not in deleted}
    for change in changes:
        after = dict(change.after or {})
        after.pop(MEMBERS_KEY, None)
        if change.action == "delete":
            continue
        if change.kind == "service":
            before = services.get(change.name, Service(change.name, {}, {MANAGED: "true"}, ()))
            nodes = {key[len(NODE_KEY) :]: rank for key, rank in after.items() if key.startswith(NODE_KEY)}
            removed = {key[len(NODE_KEY) :] for key in change.before or {} if key not in after}
            settings = {key: value for key, value in after.items() if not key.startswith(NODE_KEY)}
            services[change.name] = replace(
                before,
                nodes=_ranks(_merged_nodes(before.nodes, nodes, removed)),
                settings={**before.settings, **settings},
            )
            members.setdefault(change.name, {})
        elif change.kind == "resource" and change.service in services:
            known = members[change.service].get(
                change.name, Resource(change.name, change.type or "", {ENABLED: "true"})
            )
            members[change.service][change.name] = replace(known, settings={**known.settings, **after})
    return ClusterConfig(
        services=tuple(
            replace(service, resources=_in_order(members[name].values())) for name, service in services.items()
        ),
        types=config.types,
    )


def _merged_nodes(current: Mapping[str, str], changed: Mapping[str, str], removed: Collection[str]) -> list[str]:
    """The node list with some nodes at new ranks. Others keep theirs, or go to the ranks that are left."""
    others = [node for node in _node_list(current) if node not in changed and node not in removed]
    places: dict[int, str] = {int(rank): node for node, rank in changed.items()}
    homeless = []
    for node in others:
        if int(current[node]) in places:
            homeless.append(node)
        else:
            places[int(current[node])] = node
    free = (rank for rank in range(1, len(places) + len(homeless) + 1) if rank not in places)
    for node, rank in zip(homeless, list(free)):
        places[rank] = node
    return [places[rank] for rank in sorted(places)]


def _deleted_resources(config: ClusterConfig, changes: Sequence[Change]) -> list[str]:
    """Resources that go, by themselves or with their group."""
    names = {change.name for change in changes if change.action == "delete" and change.kind != "type"}
    return _named_resources(config, names)


def _named_resources(config: ClusterConfig, names: Collection[str]) -> list[str]:
    """Resources among the names, and the members of groups among them."""
    return [
        member.name
        for service in config.services
        for member in service.resources
        if member.name in names or service.name in names
    ]


def _to_be_disabled(index: _Index, changes: Sequence[Change]) -> list[str]:
    """Resources that must be disabled for a change of theirs."""
    return [
        change.name
        for change in changes
        if change.kind == "resource"
        and change.action == "update"
        and change.name in index.resources
        and any(key not in _AXES and set_when_disabled_only(key) for key in change.after or {})
    ]


# -- pure: steps ------------------------------------------------------------------------------------------------

_VALIDATE_HINT = (
    "an agent's VALIDATE method judges a resource on all nodes: host names in /etc/hosts, file systems in /etc/vfstab "
    "and the application's own files must be there, and its storage online"
)
#: A resource that runs, watched or not.
_RUNNING = ("online", "online_not_monitored", "monitor_failed")


def _running_on(states: States, resource: str) -> list[str]:
    return [node for state in _RUNNING for node in states.in_state(resource, state)]


def _existing(survey: _Survey, service: str) -> Service:
    found = survey.config.service(service)
    if found is None:
        raise FrameworkError(f"service {service}: there is no such resource group; run again")
    return found


def _first_online_node(service: Service, states: States) -> str:
    nodes = _node_list(service.nodes)
    return next((node for node in nodes if states.nodes.get(node)), nodes[0])


def _runnable(index: _Index, service: Service) -> list[str]:
    """Members that run when their group is online: enabled, as all is that they cannot run without."""
    return [member.name for member in service.resources if _can_run(index, member.name, ())]


def _can_run(index: _Index, name: str, path: tuple[str, ...]) -> bool:
    if not index.enabled(name) or name in path:
        return False
    return all(_can_run(index, other, (*path, name)) for other in index.required(name))


def _online_step(commands: Commands, service: str, node: str, expected: Sequence[str], switch: bool = False) -> _Step:
    def reached(states: States) -> bool:
        return node in states.online_on(service) and all(node in _running_on(states, name) for name in expected)

    return _Step(
        commands.switch(service, node) if switch else commands.online(service, node),
        done=lambda observed: reached(observed.states),
        reached=reached,
        hopeless=lambda states: _stop_failures(states, expected) or _start_failures(states, expected),
    )


def _offline_step(commands: Commands, service: Service) -> _Step:
    members = [member.name for member in service.resources]

    def reached(states: States) -> bool:
        return states.offline(service.name) and not any(states.active_on(name) for name in members)

    return _Step(
        commands.offline(service.name),
        done=lambda observed: reached(observed.states),
        reached=reached,
        hopeless=lambda states: _stop_failures(states, members),
    )


def _manage_step(commands: Commands, service: str, managed: bool) -> _Step:
    def done(observed: _Observation) -> bool:
        found = observed.config.service(service)
        return found is not None and _is_true(found.settings[MANAGED]) == managed

    return _Step(commands.manage(service) if managed else commands.unmanage(service), done)


def _enable_step(commands: Commands, names: Sequence[str], expected: Collection[str]) -> _Step:
    """Enable resources, of which some are expected to run then."""

    def running(states: States) -> bool:
        return all(_running_on(states, name) for name in expected)

    def done(observed: _Observation) -> bool:
        index = _Index(observed.config)
        return all(map(index.enabled, names)) and running(observed.states)

    return _Step(
        commands.enable(names, True),
        done,
        reached=running if expected else None,
        hopeless=lambda states: _start_failures(states, names) or _stop_failures(states, names),
    )


def _disable_step(commands: Commands, names: Sequence[str]) -> _Step:
    def stopped(states: States) -> bool:
        return not any(states.active_on(name) for name in names)

    def done(observed: _Observation) -> bool:
        index = _Index(observed.config)
        return not any(name in index.resources and index.partly_enabled(name) for name in names) and stopped(
            observed.states
        )

    return _Step(
        commands.enable(names, False),
        done,
        reached=stopped,
        hopeless=lambda states: _stop_failures(states, names),
    )


def _settings_hold(settings: Mapping[str, str], found: Resource | Service | None) -> bool:
    return found is not None and all(
        same_value(key, found.settings.get(key, ""), value) for key, value in settings.items()
    )


def _plan_stop(commands: Commands, survey: _Survey, names: Collection[str]) -> Iterator[_Step]:
    """Groups offline, then everything disabled that goes, with what depends on it (Calendar Server guide, 6.9)."""
    index = _Index(survey.config)
    disabled = [
        name for name in index.with_dependents(_named_resources(survey.config, names)) if index.partly_enabled(name)
    ]
    concerned = {*names, *(index.owner[name] for name in disabled)}
    for service in survey.config.services:
        if service.name in concerned:
            _refuse_stop_failed(service, survey.states)
    for service in survey.config.services:
        if service.name in names and not survey.states.offline(service.name):
            yield _offline_step(commands, service)
    if disabled:
        yield _disable_step(commands, disabled)


def _plan_clear(commands: Commands, survey: _Survey, service: Service) -> Iterator[_Step]:
    states, index = survey.states, _Index(survey.config)
    members = [member.name for member in service.resources]
    stuck = {
        node: [name for name in members if node in states.in_state(name, "stop_failed")]
        for node in states.groups[service.name]
    }
    for node, names in stuck.items():
        if names:
            yield _clear_step(commands, node, names)
    for name in members:
        if states.in_state(name, "monitor_failed"):
            yield from _monitored_again(commands, name)
    failed = [name for name in members if states.in_state(name, "start_failed") and index.enabled(name)]
    if failed:
        again = [name for name in index.with_dependents(failed) if index.enabled(name)]
        yield _disable_step(commands, again)
        expected = _runnable(index, service) if states.online_on(service.name) else []
        yield _enable_step(commands, again[::-1], [name for name in again if name in expected])
    elif not any(stuck.values()) and any(_failures(service, states)) and _gave_up(service, states):
        yield _online_step(commands, service.name, _first_online_node(service, states), _runnable(index, service))


def _clear_step(commands: Commands, node: str, names: Sequence[str]) -> _Step:
    def cleared(states: States) -> bool:
        return not any(node in states.in_state(name, "stop_failed") for name in names)

    return _Step(commands.clear(node, names), lambda observed: cleared(observed.states), cleared)


def _monitored_again(commands: Commands, name: str) -> Iterator[_Step]:
    for monitored in (False, True):
        yield _Step(commands.monitor(name, monitored), _switched_to(name, MONITORED, monitored))


def _switched_to(name: str, axis: str, value: bool) -> Callable[[_Observation], bool]:
    def done(observed: _Observation) -> bool:
        found = observed.resource(name)
        return found is not None and _is_true(found.settings.get(axis, "false")) == value

    return done


def _resource_gone(name: str) -> Callable[[_Observation], bool]:
    return lambda observed: observed.resource(name) is None


def _service_gone(name: str) -> Callable[[_Observation], bool]:
    return lambda observed: observed.config.service(name) is None


def _type_there(name: str, there: bool) -> Callable[[_Observation], bool]:
    return lambda observed: any(found.name == name for found in observed.config.types) == there


def _type_settings(name: str, settings: Mapping[str, str]) -> Callable[[_Observation], bool]:
    return lambda observed: _settings_hold(
        settings, next((found for found in observed.config.types if found.name == name), None)
    )


class _Plan:
    """The steps that make the changes. ``now`` and ``enabled`` are what will be when the steps so far are taken."""

    def __init__(self, commands: Commands, survey: _Survey, changes: Sequence[Change]) -> None:
        self.commands = commands
        self.states = survey.states
        self.types = [found.name for found in survey.config.types]
        self.steps: list[_Step] = []
        #: Whether the group of each service seen so far is online then.
        self.online: dict[str, bool] = {}
        self.before = _Index(survey.config)
        deleted = _deleted_resources(survey.config, changes)
        gone = self.before.with_dependents(deleted)
        self.now = {
            name: dict(resource.settings) for name, resource in self.before.resources.items() if name not in deleted
        }
        # What stop() has disabled is no longer enabled.
        self.enabled = {name for name in self.now if self.before.enabled(name) and name not in gone}
        self.disabled = {name for name in self.now if not self.before.partly_enabled(name) or name in gone}
        target = _target(survey.config, changes)
        self.after = _Index(_without_lost_dependencies(target, deleted))
        self.changes = changes
        touched = {change.service or change.name for change in changes if change.kind != "type"}
        touched.update(self.before.owner[name] for name in gone)
        for name in touched & set(self.before.services):
            _refuse_stop_failed(self.before.services[name], self.states)
        self._delete(deleted)
        self._types()
        for name in self._service_order(touched & set(self.after.services)):
            self._service(name)
        # Dependents in other groups, that were disabled meanwhile.
        for name in self.after.resources:
            self._enable(name)

    # -- what goes ---------------------------------------------------------------------------------------------

    def _delete(self, deleted: Sequence[str]) -> None:
        for name in self.now:
            stripped = _stripped(self.now[name], deleted)
            if stripped:
                self._set(name, stripped)
        for name in self.before.with_dependents(deleted):
            if name in deleted:
                self._add(self.commands.delete_resource(name), _resource_gone(name))
        for change in self.changes:
            if change.action == "delete" and change.kind == "service":
                if _is_true(self.before.services[change.name].settings[MANAGED]):
                    self.steps.append(_manage_step(self.commands, change.name, False))
                self._add(
                    self.commands.delete_group(change.name),
                    _service_gone(change.name),
                )
        for change in self.changes:
            if change.action == "delete" and change.kind == "type":
                self._unregister(change.name)

    def _unregister(self, name: str) -> None:
        base, version = _split_type(name)
        versions = [found for found in self.types if found.startswith(f"{base}:")]
        # A name without a version stands for the type only while there is one version of it.
        for found in versions if not version and len(versions) > 1 else [name]:
            self._add(
                self.commands.unregister_type(found),
                _type_there(found, False),
            )

    # -- types -------------------------------------------------------------------------------------------------

    def _types(self) -> None:
        for change in self.changes:
            if change.kind != "type" or change.action == "delete":
                continue
            settings = dict(change.after or {})
            if change.action == "create":
                self._register(change.name, settings)
                settings.pop("Installed_nodes", None)
            if settings:
                self._add(
                    self.commands.change_type(change.name, settings),
                    _type_settings(change.name, settings),
                )

    def _register(self, name: str, settings: Mapping[str, str]) -> None:
        self._add(
            self.commands.register_type(name, settings),
            _type_there(name, True),
            f"see whether the registration file is in {' or '.join(REGISTRATION_DIRECTORIES)}",
        )
        self.types.extend(found for found in (_split_type(name)[0], name) if found not in self.types)

    # -- services ----------------------------------------------------------------------------------------------

    def _service_order(self, names: Collection[str]) -> list[str]:
        """The services, those first that others need."""
        ordered: dict[str, None] = {}

        def add(name: str, path: tuple[str, ...]) -> None:
            if name in ordered or name in path:
                return
            for member in self.after.services[name].resources:
                for other in self.after.needed(member.name):
                    owner = self.after.owner.get(other, name)
                    if owner in names:
                        add(owner, (*path, name))
            ordered[name] = None

        for name in self.after.services:
            if name in names:
                add(name, ())
        return list(ordered)

    def _service(self, name: str) -> None:
        service, before = self.after.services[name], self.before.services.get(name)
        if before is None:
            self._create_group(service)
        else:
            self._change_group(before, service)
        self._disable_for_changes(service)
        self._bring_up(before, service)
        for member in self._start_order(service):
            self._member(member)

    def _create_group(self, service: Service) -> None:
        settings = {key: value for key, value in _without_axes(service.settings).items() if value}
        self._add(
            self.commands.create_group(service.name, _node_list(service.nodes), settings),
            lambda observed: observed.config.service(service.name) is not None,
        )

    def _change_group(self, before: Service, service: Service) -> None:
        nodes = _node_list(service.nodes) if service.nodes != before.nodes else []
        settings = {
            key: value
            for key, value in _without_axes(service.settings).items()
            if not same_value(key, before.settings.get(key, ""), value)
        }
        if nodes or settings:

            def done(observed: _Observation) -> bool:
                found = observed.config.service(service.name)
                return _settings_hold(settings, found) and (
                    not nodes or (found is not None and _node_list(found.nodes) == nodes)
                )

            self._add(self.commands.change_group(service.name, nodes, settings), done)

    def _bring_up(self, before: Service | None, service: Service) -> None:
        """Have the group managed or not, as it is to be; and online if it is one that is being built."""
        name = service.name
        said = before is None or any(
            change.kind == "service" and change.name == name and MANAGED in (change.after or {})
            for change in self.changes
        )
        was_managed = before is not None and _is_true(before.settings[MANAGED])
        managed = _is_true(service.settings[MANAGED])
        built = before is None or not any(map(self.before.partly_enabled, (member.name for member in before.resources)))
        runs = any(self.after.enabled(member.name) for member in service.resources)
        if before is not None and not before.resources and not managed and not said and runs:
            # Created, and not yet managed when that run was interrupted: members come later.
            managed = True
        if was_managed and not managed:
            if before is not None and not self.states.offline(name):
                self.steps.append(_offline_step(self.commands, before))
            self._disable([member.name for member in service.resources])
            self.steps.append(_manage_step(self.commands, name, False))
        elif managed and not was_managed:
            # While nothing is enabled, the group is to be seen as one that is not yet online.
            self._disable([member.name for member in service.resources])
            self.steps.append(_manage_step(self.commands, name, True))
            built = True
        held = name in self.states.suspended
        self.online[name] = managed and bool(self.states.online_on(name))
        if managed and built and (runs or before is None) and not held and self._is_offline(name):
            self.steps.append(_online_step(self.commands, name, _first_online_node(service, self.states), expected=()))
            self.online[name] = True

    def _is_offline(self, service: str) -> bool:
        return service not in self.states.groups or self.states.offline(service)

    def _start_order(self, service: Service) -> list[str]:
        """Members in their order, but each after those that it needs."""
        names = [member.name for member in service.resources]
        ordered: dict[str, None] = {}

        def add(name: str, path: tuple[str, ...]) -> None:
            if name in ordered or name in path:
                return
            for other in self.after.needed(name):
                if other in names:
                    add(other, (*path, name))
            ordered[name] = None

        for name in names:
            add(name, ())
        return list(ordered)

    # -- members -----------------------------------------------------------------------------------------------

    def _disable_for_changes(self, service: Service) -> None:
        members = [member.name for member in service.resources if member.name in self.now]
        concerned = [change for change in self.changes if change.kind == "resource" and change.service == service.name]
        switched_off = [name for name in members if not self.after.partly_enabled(name) and name not in self.disabled]
        for name in self.before.with_dependents(switched_off):
            if self.after.enabled(name) and name not in switched_off:
                raise FrameworkError(
                    f"{', '.join(switched_off)} cannot be disabled while {name}, which depends on it, is enabled; "
                    "disable that too"
                )
        changed = _to_be_disabled(self.before, concerned)
        self._disable(self.before.with_dependents([*switched_off, *(name for name in changed if name in self.now)]))

    def _disable(self, names: Iterable[str]) -> None:
        wanted = set(names)
        found = [name for name in self.before.with_dependents(wanted) if name in self.now and name not in self.disabled]
        if found:
            self.steps.append(_disable_step(self.commands, found))
            self.disabled.update(found)
            self.enabled.difference_update(found)

    def _member(self, name: str) -> None:
        member = self.after.resources[name]
        if name not in self.now:
            self._create(member)
        differing = {
            key: value
            for key, value in _without_axes(member.settings).items()
            if not same_value(key, self.now[name].get(key, ""), value)
        }
        if differing:
            self._set(name, differing)
        monitored = _is_true(member.settings.get(MONITORED, "true"))
        if MONITORED in member.settings and member.settings[MONITORED] != self.now[name].get(MONITORED, "true"):
            self._add(self.commands.monitor(name, monitored), _switched_to(name, MONITORED, monitored))
            self.now[name][MONITORED] = member.settings[MONITORED]
        self._enable(name)

    def _create(self, member: Resource) -> None:
        name, service = member.name, self.after.owner[member.name]
        known = self.before.resources.get(name)
        settings = {
            key: value
            for key, value in _without_axes(member.settings).items()
            # Of one that is created again, what it has by itself is left to its agent.
            if value
            and key != "Type_version"
            and not (known and is_default(key, known.settings.get(key, "")) and is_default(key, value))
        }

        def exists(observed: _Observation) -> bool:
            return observed.resource(name) is not None

        if member.type in _ADDRESS_TYPES:
            lines = self.commands.create_host_names(name, service, member.type == SHARED_ADDRESS, settings)
        else:
            if member.type not in self.types:
                self._register(member.type, {})
            lines = [self.commands.create_resource(name, service, self._type(member), settings)]
        self._add(lines[0], exists, _VALIDATE_HINT)
        for line in lines[1:]:
            self._add(line, lambda observed: _settings_hold(settings, observed.resource(name)), _VALIDATE_HINT)
        self.now[name] = dict(member.settings)
        self.now[name][MONITORED] = "true"
        self.disabled.add(name)

    def _type(self, member: Resource) -> str:
        """The type as a command takes it: with the version that was asked for, or the latest of several."""
        if "Type_version" in member.settings:
            return f"{member.type}:{member.settings['Type_version']}"
        versions = [found.partition(":")[2] for found in self.types if found.startswith(f"{member.type}:")]
        if len(versions) < 2:
            return member.type
        return f"{member.type}:{max(versions, key=_version_number)}"

    def _set(self, name: str, settings: Mapping[str, str]) -> None:
        self._add(
            self.commands.change_resource(name, settings),
            lambda observed: _settings_hold(settings, observed.resource(name)),
            _VALIDATE_HINT,
        )
        self.now[name].update(settings)

    def _enable(self, name: str) -> None:
        if not self.after.enabled(name) or name in self.enabled or name not in self.now:
            return
        self.enabled.add(name)
        self.disabled.discard(name)
        service = self.after.owner[name]
        online = self.online.get(service, bool(self.states.online_on(service)))
        runs = online and all(
            other in self.enabled for other in self.after.required(name) if other in self.after.resources
        )
        self.steps.append(_enable_step(self.commands, [name], [name] if runs else []))

    def _add(self, argv: tuple[str, ...], done: Callable[[_Observation], bool], hint: str = "") -> None:
        self.steps.append(_Step(argv, done, hint=hint))


def _version_number(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


def _stripped(settings: Mapping[str, str], deleted: Collection[str]) -> dict[str, str]:
    """Those lists of resources, without the deleted ones, that have any of these."""
    found = {}
    for key in (*DEPENDENCIES, "Network_resources_used"):
        items = split_list(settings.get(key, ""))
        left = [item for item in items if item.partition("{")[0] not in deleted]
        if left != items:
            found[key] = ",".join(left)
    return found


def _without_lost_dependencies(config: ClusterConfig, deleted: Collection[str]) -> ClusterConfig:
    """The configuration without dependencies on what is deleted and not created again."""
    lost = set(deleted) - set(config.owners())
    return replace(
        config,
        services=tuple(
            replace(
                service,
                resources=tuple(
                    replace(member, settings={**member.settings, **_stripped(member.settings, lost)})
                    for member in service.resources
                ),
            )
            for service in config.services
        ),
    )


# -- pure: exporting --------------------------------------------------------------------------------------------


class _Exported:
    """Compares for an export: there, a property that is not what agents have by themselves is worth writing down."""

    empty_services = True

    def __init__(self, driver: SolarisCluster) -> None:
        self.same = driver.same
        self.fixed = driver.fixed

    def operational(self, key: str) -> bool:
        """Nothing is left out for being set while operating."""
        return key.startswith(NODE_KEY)


def _export(config: ClusterConfig, driver: SolarisCluster) -> Export:
    # A description wants addresses, and a configuration has host names: these stand in while the draft is judged.
    stand_ins = map(str, _UNKNOWN_ADDRESSES.hosts())
    drafts = {service.name: _draft(service, stand_ins) for service in config.services}
    cluster = {"framework": SolarisCluster.name}
    described, services, unexpressed = describe(
        config, drafts, cluster, SolarisCluster.rules, driver.compile, _Exported(driver), _notable
    )
    for service in services:
        address = service.get("address", "")
        if address and ipaddress.ip_interface(address).ip in _UNKNOWN_ADDRESSES:
            del service["address"]
            unexpressed.append(
                f"services[{service['name']}].address: the configuration does not say the address of "
                f"{service['host_name']}; add it"
            )
        elif address:
            service["address"] = address.partition("/")[0]
            unexpressed.append(f"cluster.networks: the configuration does not say the network of {address}; add it")
    described["networks"] = []
    unexpressed.append("cluster.networks: the configuration does not say them; add those of the services' addresses")
    used = {member.type for service in config.services for member in service.resources}
    unused = [found.name for found in config.types if _split_type(found.name)[0] not in {*used, *_ADDRESS_TYPES}]
    if unused:
        unexpressed.append(f"resource types that nothing is of: {', '.join(unused)}")
    return Export(described, services, unexpressed)


def _notable(key: str, value: str) -> bool:
    if key == MONITORED:
        return not _is_true(value)
    if key == "Type_version":
        # Compared only where it is given: a description that names none takes any.
        return False
    return key not in _AXES and not is_default(key, value)


def _draft(service: Service, stand_ins: Iterator[str]) -> Draft:
    """Host name, storage and the agent of a server, where there is one of each; all other members natively."""
    keys: dict[str, Any] = {"failback": _is_true(service.settings.get("Failback", "False"))}
    roles: dict[str, str] = {}
    members = list(service.resources)
    for member in members:
        hosts = split_list(member.settings.get("HostnameList", ""))
        if member.type == LOGICAL_HOST_NAME and len(hosts) == 1 and hosts[0] not in service.nodes:
            roles[member.name] = "address"
            keys.update(_drafted_address(hosts[0], stand_ins))
            break
    for member in members:
        points = split_list(member.settings.get("FilesystemMountPoints", ""))
        if member.type == STORAGE and len(points) == 1 and not member.settings.get("Zpools"):
            roles[member.name] = "storage"
            keys["storage"] = {"mount_point": points[0]}
            if not _is_true(member.settings.get("AffinityOn", "True")):
                keys["storage"]["global"] = True
            break
    others = [member for member in members if member.name not in roles]
    agents = {resource_type: (name, key) for name, (resource_type, key) in _AGENTS.items()}
    if len(others) == 1 and others[0].type in agents:
        application, key = agents[others[0].type]
        keys["application"] = {"type": application, "options": {"server_root": others[0].settings.get(key, "")}}
        roles[others[0].name] = "application"
    elif others:
        described = []
        for member in others:
            roles[member.name] = free_role(member.name, service.name, {*ROLES, *roles.values()})
            described.append(_described_member(member, roles[member.name]))
        keys["application"] = {"type": "native", "members": described}
    unexpressed = [
        f"resource {member.name} is {axis} {member.settings[axis]}"
        for member in members
        for axis in (ENABLED, MONITORED)
        if member.settings[axis] not in ("true", "false")
    ]
    return Draft(_node_list(service.nodes), keys, roles, unexpressed)


def _drafted_address(host: str, stand_ins: Iterator[str]) -> dict[str, str]:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return {"address": f"{next(stand_ins)}/{_UNKNOWN_ADDRESSES.prefixlen}", "host_name": host}
    return {"address": f"{address}/{address.max_prefixlen}"}


def _described_member(member: Resource, role: str) -> dict[str, Any]:
    properties = {key: value for key, value in member.settings.items() if _notable(key, value) and key != MONITORED}
    if not any(key in properties for key in DEPENDENCIES):
        # Said, since a native member depends on storage and address by itself.
        properties["Resource_dependencies"] = ""
    described: dict[str, Any] = {"name": role, "type": member.type, "properties": properties}
    switches = {axis: member.settings[axis] for axis in (ENABLED, MONITORED) if member.settings[axis] == "false"}
    if switches:
        described["meta"] = switches
    return described
