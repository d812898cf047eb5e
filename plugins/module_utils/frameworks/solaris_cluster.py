# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Solaris Cluster 3.0 to 4.4: read from ``scrgadm -pvv`` and ``scstat``, changed command by command.

There are two command sets. ``scrgadm`` and ``scswitch`` are in every release; from 3.2 on the object commands ``clrg``,
``clrs``, ``clrslh`` and ``clrt`` are there too, and are used where they are installed, since they alone are documented
to suspend a group. Every command is synchronous; one that failed or did not answer is judged by the state that it left.

What services and resources are made of is told in ``rgm.settings``, the order of commands in ``rgm.planning``.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ansible_collections.groupware.ha.plugins.module_utils.cluster_config import (
    ClusterConfig,
    ClusterStatus,
    NodeStatus,
    Resource,
    Service,
)
from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound, Runner
from ansible_collections.groupware.ha.plugins.module_utils.deployment import (
    Deployment,
    DescriptionError,
    FrameworkRules,
    Problem,
    ServiceDescription,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats.hosts import addresses
from ansible_collections.groupware.ha.plugins.module_utils.formats.scstat import States
from ansible_collections.groupware.ha.plugins.module_utils.formats.solaris_cluster_properties import (
    canonical_name,
    same_value,
    set_at_creation_only,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks import base
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import (
    Export,
    FrameworkError,
    NotRunning,
    Snapshot,
    overridden,
    with_native_settings,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.solaris_cluster_commands import (
    Commands,
    ObjectCommands,
    OriginalCommands,
)
from ansible_collections.groupware.ha.plugins.module_utils.reconcile import Change
from ansible_collections.groupware.ha.plugins.module_utils.solaris_cluster.compiling import compile_members
from ansible_collections.groupware.ha.plugins.module_utils.solaris_cluster.dependencies import (
    Index,
)
from ansible_collections.groupware.ha.plugins.module_utils.solaris_cluster.exporting import export_description
from ansible_collections.groupware.ha.plugins.module_utils.solaris_cluster.planning import (
    REGISTRATION_DIRECTORIES,
    Observation,
    Plan,
    Step,
    Survey,
    first_online_node,
    manage_step,
    offline_step,
    online_step,
    plan_clear,
    runnable,
)
from ansible_collections.groupware.ha.plugins.module_utils.solaris_cluster.reading import (
    parse_configuration,
    parse_states,
    parse_suspended_groups,
    refuse_stop_failed,
    service_status,
    stop_failures,
    under_way,
)
from ansible_collections.groupware.ha.plugins.module_utils.solaris_cluster.settings import (
    ADDRESS_TYPES,
    AXES,
    ENABLED,
    MANAGED,
    MONITORED,
    RgmError,
    in_order,
    is_true,
    native_resource,
    spelt_out,
    split_type,
    truth,
)

#: Says which release a node has, as in ``Oracle Solaris Cluster 4.3 for Solaris 11``.
RELEASE_FILE = "/etc/cluster/release"
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


@contextlib.contextmanager
def _as_framework_error() -> Iterator[None]:
    """What the planner refuses, in the words of the engine."""
    try:
        yield
    except RgmError as error:
        raise FrameworkError(str(error)) from None


class SolarisCluster:
    """The driver for Solaris Cluster."""

    name = "solaris_cluster"
    empty_services = True
    asks_permission = True
    registers_types = True
    settings_on_command_lines = True
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
            if member.type not in ADDRESS_TYPES
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
        return native_resource(name, resource_type, {**properties, **meta})

    def native_service(
        self, name: str, nodes: Sequence[str], properties: Mapping[str, str], resources: Sequence[Resource]
    ) -> Service:
        """A resource group with its node list; ``properties`` are its own."""
        return Service(name, tuple(nodes) or None, spelt_out(properties), in_order(resources))

    def native_type(self, name: str, base_type: str | None, properties: Mapping[str, str]) -> Resource:
        """A resource type, which brings its own description in its registration file."""
        if base_type is not None:
            raise FrameworkError(
                f"type {name}: a type of solaris_cluster is not derived from another; remove base_type"
            )
        settings = spelt_out(properties)
        unknown = set(settings) - {"Installed_nodes", "RT_system"}
        if unknown:
            raise FrameworkError(
                f"type {name}: {', '.join(sorted(unknown))} cannot be set; only Installed_nodes and RT_system can"
            )
        return Resource(name, "", settings)

    def axis_settings(self, kind: str, axis: str, value: bool) -> Mapping[str, str]:  # noqa: ARG002 - as the protocol has it
        """The axes are settings of their own names."""
        return {axis: truth(value)}

    # -- reading ------------------------------------------------------------------------------------------------

    def read(self) -> ClusterConfig:
        """Everything that ``scrgadm -pvv`` prints."""
        self._just_read = self.read_now()
        return self._just_read

    @_as_framework_error()
    def read_now(self) -> ClusterConfig:
        """The configuration as it is at this moment."""
        return parse_configuration(self._ask(["scrgadm", "-pvv"]))

    @_as_framework_error()
    def read_states(self) -> States:
        """Groups and resources as they are at this moment."""
        return parse_states(self._ask(["scstat", "-g"]))

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

    @_as_framework_error()
    def _survey(self) -> Survey:
        config = self._read_just_before()
        states = parse_states(self._ask(["scstat"]))
        if not states.nodes:
            raise FrameworkError("scstat shows no nodes of the cluster")
        if self._has_objects and config.services:
            states.suspended = self._suspended()
        for service in config.services:
            if service.name not in states.groups:
                raise FrameworkError(f"scrgadm shows the group {service.name} and scstat does not; run again")
        return Survey(config, states)

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
            for file in dict.fromkeys([name, split_type(name)[0]])
        )

    def status(self) -> ClusterStatus:
        """Nodes, groups and resources; which groups are suspended where groups can be."""
        return _status(self._survey())

    def survey(self) -> Snapshot:
        """Configuration and states."""
        config = self.read()
        survey = self._survey()
        # For the question which types are registered, which comes next.
        self._just_read = config
        return Snapshot(survey.config, _status(survey), survey)

    def settle(self, timeout: float) -> None:
        """Wait until no group is on its way to another state."""
        deadline = self.runner.clock() + timeout
        while True:
            changing = under_way(self.read_states())
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
        if key in AXES:
            return is_true(current) == is_true(desired)
        return same_value(key, current, desired)

    def operational(self, key: str) -> bool:  # noqa: ARG002 - as the protocol has it
        """A property always has a value, its agent's default if nobody set it: none can be purged."""
        return True

    def fixed(self, resource_type: str, key: str) -> bool:  # noqa: ARG002 - as the protocol has it
        """What can only be set when a resource is created."""
        return set_at_creation_only(key)

    # -- changing -----------------------------------------------------------------------------------------------

    @_as_framework_error()
    def plan(self, snapshot: Snapshot, changes: Sequence[Change]) -> base.Plan:
        """Groups offline and resources disabled that go, with all that needs them; then the changes, one by one."""
        plan = Plan(self._commands, snapshot.native, changes)
        return base.Plan(plan.stopping, plan.steps, plan.interrupts())

    @_as_framework_error()
    def carry_out(self, steps: Iterable[Step], patience: float = _PATIENCE) -> None:
        """One command after another, each until it has led where it should."""
        for step in steps:
            self._just_read = None
            if self.runner.dry:
                self.runner.run(step.argv)
            else:
                self._take_one(step, patience)

    @_as_framework_error()
    def set_service_enabled(self, service: str, enabled: bool) -> None:
        """Bring the group online on its preferred node, or take it offline; suspended so that it stays so."""
        survey = self._survey()
        found = _existing(survey, service)
        steps: list[Step] = []
        if enabled:
            steps = [*self._release(survey, found)]
            if not survey.states.online_on(service):
                node = first_online_node(found, survey.states)
                steps.append(online_step(self._commands, service, node, runnable(Index(survey.config), found)))
        elif not survey.states.offline(service):
            refuse_stop_failed(found, survey.states)
            # Suspended first: interrupted in between, the service is still to be seen as one to be taken offline.
            steps = [*self._suspension(survey, service, True), offline_step(self._commands, found)]
        elif is_true(found.settings[MANAGED]):
            steps = [*self._suspension(survey, service, True)]
        self.carry_out(steps)

    @_as_framework_error()
    def move_service(self, service: str, node: str, timeout: float, start: bool = False) -> None:
        """Switch the group to the node."""
        survey = self._survey()
        found = _existing(survey, service)
        refuse_stop_failed(found, survey.states)
        steps = [*self._release(survey, found)] if start else []
        expected = runnable(Index(survey.config), found)
        step = online_step(self._commands, service, node, expected, switch=True)
        if step.reached is None or not step.reached(survey.states):
            steps.append(step)
        self.carry_out(steps, timeout)

    def set_node_standby(self, node: str, standby: bool) -> None:
        """Evacuate the node, once: no release can keep a node free."""
        if not standby:
            return

        def left(states: States) -> bool:
            return all(found.get(node, "offline") in ("offline", "unmanaged") for found in states.groups.values())

        survey = self._survey()
        if not left(survey.states):
            self.carry_out(
                [
                    Step(
                        self._commands.evacuate(node),
                        done=lambda observed: left(observed.states),
                        reached=left,
                        hopeless=lambda states: stop_failures(states, states.resources),
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
        self.carry_out([*self._suspension(survey, service, frozen)])

    def _release(self, survey: Survey, service: Service) -> Iterator[Step]:
        """Steps after which the cluster acts on the service again."""
        refuse_stop_failed(service, survey.states)
        if not is_true(service.settings[MANAGED]):
            yield manage_step(self._commands, service.name, True)
        yield from self._suspension(survey, service.name, False)

    def _suspension(self, survey: Survey, service: str, suspended: bool) -> Iterator[Step]:
        if self._has_objects and (service in survey.states.suspended) != suspended:
            yield Step(
                self._commands.suspend(service, suspended),
                done=lambda _observed: (service in self._suspended()) == suspended,
            )

    @_as_framework_error()
    def _suspended(self) -> frozenset[str]:
        return parse_suspended_groups(self._ask(["clrg", "status"]))

    @_as_framework_error()
    def clear_failures(self, service: str) -> None:
        """Clear the error flag of members that failed to stop; try those again that failed to start."""
        survey = self._survey()
        self.carry_out(plan_clear(self._commands, survey, _existing(survey, service)))

    # -- carrying out -------------------------------------------------------------------------------------------

    def _take_one(self, step: Step, patience: float) -> None:
        deadline = self.runner.clock() + patience
        while True:
            refusal, status = self._attempt(step)
            if refusal is None:
                self._await(step, deadline)
                return
            if self._done_after_all(step, deadline):
                return
            states = self.read_states()
            if status not in _BUSY_STATUSES and not under_way(states):
                reasons = [str(refusal), step.hopeless(states), step.hint]
                raise FrameworkError("; ".join(reason for reason in reasons if reason))
            if self.runner.clock() >= deadline:
                raise FrameworkError(f"the cluster was busy for {patience:g} seconds: {refusal}")
            self.runner.pause(_POLL_INTERVAL)

    def _attempt(self, step: Step) -> tuple[CommandError | None, int | None]:
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

    def _done_after_all(self, step: Step, deadline: float) -> bool:
        """Whether a command that failed or did not answer took effect, once what it may have begun is over."""
        while True:
            observed = Observation(self.read_now, self.read_states)
            if step.done(observed):
                return True
            if not under_way(observed.states) or self.runner.clock() >= deadline:
                return False
            self.runner.pause(_POLL_INTERVAL)

    def _await(self, step: Step, deadline: float) -> None:
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
            changing = under_way(states)
            quiet_since = None if changing else now if quiet_since is None else quiet_since
            if reason or now >= deadline or (quiet_since is not None and now - quiet_since >= _QUIET):
                command = " ".join(step.argv)
                raise FrameworkError(
                    f"{command}: {reason or 'ended without an error, but did not lead to the state that it should'}; "
                    "'scstat -g' shows where everything stands"
                )
            self.runner.pause(_POLL_INTERVAL)

    # -- adopting -----------------------------------------------------------------------------------------------

    @_as_framework_error()
    def parse_saved(self, text: str) -> ClusterConfig:
        """What ``scrgadm -pvv`` printed."""
        return parse_configuration(text)

    @_as_framework_error()
    def export(self, config: ClusterConfig) -> Export:
        """Groups as services. The addresses of host names are taken from this node's hosts file."""
        known = addresses(self.runner.read_file("/etc/hosts") or "")
        return Export(*export_description(config, known, self.rules, self.compile, self))


def _status(survey: Survey) -> ClusterStatus:
    states = survey.states
    return ClusterStatus(
        quorate=states.quorate,
        nodes={name: NodeStatus(online=online) for name, online in states.nodes.items()},
        services={service.name: service_status(service, states) for service in survey.config.services},
        resources={},
    )


def _existing(survey: Survey, service: str) -> Service:
    found = survey.config.service(service)
    if found is None:
        raise FrameworkError(f"service {service}: there is no such resource group; run again")
    return found


def _compile_service(service: ServiceDescription, include_applications: bool, offline_restart: bool) -> Service:
    settings = {MANAGED: "true", "Failback": "True" if service.failback else "False"}
    given = {key if key in AXES else canonical_name(key): value for key, value in service.properties.items()}
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
    for role, resource_type, properties in compile_members(service, include_applications, offline_restart):
        # Left unwatched for maintenance, a service is suspended; a monitor that is off without that was forgotten.
        settings_of_member = {MONITORED: "true", **properties}
        resources[role] = native_resource(service.resource_name(role), resource_type, settings_of_member)
    overriding = {
        role: {key if key in AXES else canonical_name(key): value for key, value in values.items()}
        for role, values in service.resource_properties.items()
    }
    members = with_native_settings(replace(service, resource_properties=overriding), resources, include_applications)
    return Service(
        service.name,
        service.nodes,
        spelt_out(overridden(settings, given)),
        in_order(replace(member, settings=spelt_out(member.settings)) for member in members),
    )
