# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Veritas Cluster Server (InfoScale Availability): service groups, resources and types by its command line.

Everything is read from ``hagrp -display``, ``hares -display``, ``hares -dep``, ``hagrp -dep``, ``hatype -display`` and
``haclus -display``, and changed while the configuration is opened once (``haconf -makerw``) and closed again whatever
happens (``haconf -dump -makero``). While it is open, a file beside main.cf says that this collection opened it: a run
that finds the configuration writable and this file closes it, and leaves alone what an administrator has opened.

Settings have the names of VCS's attributes. An attribute that has a value for each system is ``ATTRIBUTE SYSTEM``; a
static attribute of a type is overridden for a resource that has it. ``requires`` are the resources that one depends on,
``requires group`` the groups, ``configuration`` of the cluster is whether a run left it writable. Whether a resource is
enabled is its attribute Enabled, whether a service is managed its attribute Frozen. A service that is taken offline is
disabled as a group, so that it stays so.

What ``purge`` removes is services, members, systems and overridden attributes; VCS has a value for every
other attribute at any time and does not say which one was set, so those stay as they are.

Sources: VCS 5.0 to InfoScale 7.4 manual pages hagrp(1M), hares(1M), hatype(1M), haconf(1M), hasys(1M); Messaging Server
System Administrator's Guide, "Veritas Cluster Server Agent Installation".
"""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
    ROLES,
    Application,
    Deployment,
    DescriptionError,
    FrameworkRules,
    Problem,
    ServiceDescription,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats.vcs_main_cf import (
    GroupBlock,
    MainCfError,
    TypeAttribute,
    parse,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats.vcs_tables import (
    GLOBAL,
    Display,
    TableError,
    View,
    is_true,
    message_numbers,
    parse_cluster_display,
    parse_display,
    parse_group_links,
    parse_resource_links,
    parse_systems,
    parse_type_display,
    placement,
    places,
    system_list,
    tokens,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import (
    Export,
    FrameworkError,
    NotRunning,
    Plan,
    Snapshot,
    overridden,
    with_native_settings,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.vcs_commands import (
    CLOSED,
    CONFIGURATION,
    LEFT_WRITABLE,
    REQUIRES,
    REQUIRES_GROUP,
    Await,
    Command,
    DeclaredType,
    PlanError,
    Refusal,
    Step,
    Transaction,
    Types,
    command,
    plan_changes,
    refuse_untouchable,
)
from ansible_collections.groupware.ha.plugins.module_utils.reconcile import Change
from ansible_collections.groupware.ha.plugins.module_utils.shown import key_name, shape

DIRECTORY = "/etc/VRTSvcs/conf/config"
#: Says on this node that the configuration was opened by this collection.
SESSION_FILE = f"{DIRECTORY}/.groupware_ha_session"

MESSAGING_TYPE = "MsgSrv"

#: VCS's own group, and resources in it, are the product's.
_OWN_GROUP = "ClusterService"

#: Seconds that agents have to start or stop a service: VCS's OnlineTimeout and OfflineTimeout are 300.
_TRANSITION_TIMEOUT = 330.0
#: Seconds that all agents have to look at their resources for the first time.
_PROBE_TIMEOUT = 120.0
#: Seconds that a change is tried again while a node joins or leaves the cluster.
_BUSY_TIMEOUT = 120.0
_BUSY_PAUSE = 5.0
#: Seconds between two looks at a state; VCS itself says sooner when it is reached.
_LOOK = 10

_ANY_STATUS = tuple(range(256))

_NOT_RUNNING = frozenset([10600, 11046])
_NOT_READY = frozenset([11030])
_BUSY = frozenset([50129])
_TIMED_OUT = frozenset([10805])
_WRITABLE_ALREADY = frozenset([10364])
#: There is nothing of the kind: no groups, no dependencies of resources or groups.
_EMPTY = frozenset([50031, 50034, 50035])
#: What was asked for is so already: link, key, not in the list, online, switched, frozen, cleared.
_BENIGN = frozenset([10905, 10563, 10566, 50996, 50997, 40229, 10192, 10267])

#: Attributes that VCS keeps for itself, and what is shown in another way.
_GROUP_STATE = frozenset(
    ["ActiveCount", "AutoDisabled", "CurrentCount", "DeferAutoStart", "Enabled", "EvacList", "Failover", "FromQ"]
    + ["IntentOnline", "IntentionalOnlineList", "LastSuccess", "ManagedBy", "MigrateQ", "NumRetries", "PathCount"]
    + ["PreOnlining", "Probed", "ProbesPending", "Responding", "Restart", "State", "SystemList", "TargetCount"]
    + ["TFrozen", "ToQ", "TriggerEvent", "UnSteadyCount", "VCSi3Info"]
)
_RESOURCE_STATE = frozenset(
    ["ArgListValues", "ConfidenceLevel", "ConfidenceMsg", "Flags", "Group", "IState", "LastOnline", "MonitorMethod"]
    + ["MonitorTimeStats", "Name", "Path", "Probed", "ResourceInfo", "Signaled", "Start", "State", "Type"]
)
#: Passwords among them; ReadOnly is the session's.
_CLUSTER_STATE = frozenset(
    ["ClusState", "ClusterTime", "DumpingMembership", "ReadOnly", "SecInfo", "UserNames", "VCSMode"]
)

#: Defaults of attributes (VCS 5.0 User's Guide, appendix; Bundled Agents Reference Guide): not worth writing down.
_DEFAULTS = {
    **dict.fromkeys(["AutoFailOver", "AutoStart", "Critical", "Enabled", "Evacuate", "FaultPropagation"], "1"),
    **dict.fromkeys(["AutoRestart", "CkptUmount", "Mii", "PanicSystemOnDGLoss", "PingOptimize"], "1"),
    **dict.fromkeys(["StartVolumes", "StopVolumes"], "1"),
    **dict.fromkeys(["Frozen", "MonitorOnly", "MonitorReservation", "OnlineRetryInterval", "OnlineRetryLimit"], "0"),
    **dict.fromkeys(["Parallel", "PreOnline", "Priority", "SecondLevelMonitor", "SnapUmount", "ComputeStats"], "0"),
    **dict.fromkeys(["DebugMode", "PrtStatus", "TriggersEnabled"], "0"),
    "AutoStartPolicy": "Order",
    "FailOverPolicy": "Priority",
    "ManageFaults": "ALL",
    "SecondLevelTimeout": "30",
    "tempUseFence": "INVALID",
}
_UNORDERED = frozenset(["Administrators", "AdministratorGroups", "Guests", "Operators", "OperatorGroups"])

#: Words that no object of VCS may be called (VCS 5.0 User's Guide, "Reserved words").
_RESERVED = (
    "action|ArgListValues|boolean|cluster|Cluster|condition|ConfidenceLevel|event|global|group|Group|hard|heartbeat|"
    "HostMonitor|int|IState|keylist|local|LogDbg|MonitorOnly|Name|NameRule|offline|online|Path|Probed|remote|"
    "remotecluster|requires|resource|set|Signaled|soft|Start|start|state|State|static|stop|str|system|System|temp|type|Type"
)

_Parsed = TypeVar("_Parsed")


class ServiceTrouble(FrameworkError):
    """One service does not get where it should; the others may."""


@dataclass(frozen=True)
class _Said:
    """What a question got for an answer."""

    status: int
    text: str
    stdout: str

    @property
    def numbers(self) -> frozenset[int]:
        return message_numbers(self.text)


class VeritasClusterServer:
    """The driver for Veritas Cluster Server."""

    name = "vcs"
    empty_services = True
    asks_permission = True
    registers_types = True
    settings_on_command_lines = True
    keeps_services_offline = True
    keeps_nodes_free = True
    rules = FrameworkRules(
        framework="vcs",
        pattern=rf"(?!({_RESERVED})$)[A-Za-z][A-Za-z0-9_-]*",
        words="letters, digits, underscores and hyphens, beginning with a letter, and no word of VCS's own language",
        longest=255,
        filesystems=("vxfs", "ufs", "ext3", "ext4", "xfs", "nfs"),
        applications=("messaging_server", "native"),
        own_fencing=True,
        devices_required=False,
        cluster_keys=("interface",),
    )

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        #: Static attributes of registered types, as they were read last.
        self._types: dict[str, dict[str, str]] = {}
        #: Names of the attributes that groups have.
        self._group_attributes: frozenset[str] = frozenset()

    # -- description to native terms ----------------------------------------------------------------------------

    def compile(self, deployment: Deployment, include_applications: bool = True) -> ClusterConfig:
        """The description as service groups, their resources, and the resource type of Messaging Server."""
        problems: list[Problem] = []
        if "ReadOnly" in deployment.cluster.properties:
            problems.append(
                Problem("cluster.properties.ReadOnly", "...", "is not set but opened and closed", "remove it")
            )
        services = [
            _compile_service(service, deployment.cluster.interface or "", include_applications, problems)
            for service in deployment.services
        ]
        types = _compile_types(deployment.services, problems) if include_applications else ()
        _refuse_shared_names(services, problems)
        if problems:
            raise DescriptionError(problems)
        return ClusterConfig(
            properties={CONFIGURATION: CLOSED, **deployment.cluster.properties},
            # A service that is nothing but its application is made together with it.
            services=tuple(service for service in services if service.resources),
            types=types,
        )

    def native_resource(
        self,
        name: str,
        resource_type: str,
        properties: Mapping[str, str],
        meta: Mapping[str, str],
        operations: Mapping[str, Mapping[str, str]],
    ) -> Resource:
        """A resource; ``meta`` may have ``requires`` and ``enabled``."""
        problems = _unknown_member_keys("", meta, operations)
        if problems:
            raise DescriptionError(problems)
        return Resource(name, resource_type, _member_settings(properties, meta))

    def native_service(
        self, name: str, nodes: Sequence[str], properties: Mapping[str, str], resources: Sequence[Resource]
    ) -> Service:
        """A service group; ``properties`` are its attributes."""
        defaults = {"Parallel": "0", "AutoStartList": nodes[0]} if nodes else {}
        return Service(name, tuple(nodes) or None, {**defaults, **properties}, tuple(resources))

    def native_type(self, name: str, base_type: str | None, properties: Mapping[str, str]) -> Resource:
        """A resource type: its attributes are those of its types file, ``properties`` its static attributes."""
        if base_type:
            raise FrameworkError(f"type {name}: base_type = {base_type!r}: types of VCS are not derived from others")
        return Resource(name, "", dict(properties))

    # -- reading ------------------------------------------------------------------------------------------------

    def read(self) -> ClusterConfig:
        """Groups, resources, dependencies, types and cluster attributes, by one command each."""
        return self._read(*self._displays())

    def survey(self) -> Snapshot:
        """What ``read`` and ``status`` ask, each once."""
        groups, resources = self._displays()
        config = self._read(groups, resources)
        systems = self._table(["hastatus", "-sum"], parse_systems)
        view = View(groups, resources, systems, Types(self._types).operations)
        return Snapshot(config, _status(view), view)

    def _read(self, groups: Display, resources: Display) -> ClusterConfig:
        self._types = self._table(["hatype", "-display"], parse_type_display)
        links = self._table(["hares", "-dep"], parse_resource_links)
        group_links = self._table(["hagrp", "-dep"], parse_group_links)
        cluster = self._table(["haclus", "-display"], parse_cluster_display)
        config = _configuration(groups, resources, links, group_links, self._types, cluster)
        left = not is_true(cluster.get("ReadOnly", "1")) and self._opened_here()
        properties = {**config.properties, CONFIGURATION: LEFT_WRITABLE if left else CLOSED}
        self._group_attributes = frozenset(name for service in config.services[:1] for name in service.settings)
        return replace(config, properties=properties)

    def missing_agents(self, types: Collection[str]) -> list[str]:
        """Types that are neither registered nor have a types file on this node."""
        if not types:
            return []
        if not self._types:
            self._types = self._table(["hatype", "-display"], parse_type_display)
        return [name for name in types if name not in self._types and self._declared(name) is None]

    def status(self) -> ClusterStatus:
        """Groups and resources as ``hagrp`` and ``hares`` display them, systems from ``hastatus -sum``."""
        return _status(self._look())

    def _look(self) -> View:
        groups, resources = self._displays()
        used = {values.get("Type", {}).get(GLOBAL, "") for values in resources.values()}
        if not used <= set(self._types):
            self._types = self._table(["hatype", "-display"], parse_type_display)
        systems = self._table(["hastatus", "-sum"], parse_systems)
        return View(groups, resources, systems, Types(self._types).operations)

    def _displays(self) -> tuple[Display, Display]:
        groups = self._table(["hagrp", "-display"], lambda text: parse_display(text, "Group"))
        # Without groups there are no resources, and no telling how VCS says so.
        if not groups:
            return {}, {}
        resources = self._table(["hares", "-display"], lambda text: parse_display(text, "Resource"), may_be_empty=True)
        _refuse_incomplete(groups, resources)
        return groups, resources

    def _table(self, argv: Sequence[str], parser: Callable[[str], _Parsed], may_be_empty: bool = False) -> _Parsed:
        said = self._ask(argv)
        try:
            found = parser(said.stdout)
        except TableError as error:
            if said.status != 0:
                raise self._unanswered(argv, said) from None
            raise FrameworkError(f"{shlex.join(argv)} printed something that cannot be read: {error}") from None
        empty = said.numbers & _EMPTY or (may_be_empty and said.numbers)
        if said.status != 0 and (found or not empty):
            raise self._unanswered(argv, said)
        return found

    def _ask(self, argv: Sequence[str], timeout: float = 60) -> _Said:
        """Ask something; any exit status is an answer.

        :raises NotRunning: VCS does not run here
        """
        try:
            result = self.runner.run(argv, accept=_ANY_STATUS, record=False, timeout=timeout)
        except CommandNotFound:
            raise NotRunning("Veritas Cluster Server is not installed on this node") from None
        except CommandError as error:
            raise FrameworkError(f"{shlex.join(argv)}: {error.reason}; nobody knows what VCS is doing") from None
        said = _Said(result.status, f"{result.stdout}\n{result.stderr}", result.stdout)
        if said.numbers & _NOT_RUNNING:
            raise NotRunning(f"Veritas Cluster Server is not running on this node ({_words_of(said)})")
        if said.numbers & _NOT_READY and said.status != 0:
            raise NotRunning(f"Veritas Cluster Server is not ready on this node yet ({_words_of(said)})")
        return said

    @staticmethod
    def _unanswered(argv: Sequence[str], said: _Said) -> FrameworkError:
        return FrameworkError(f"{shlex.join(argv)}: exit status {said.status}: {_words_of(said)}")

    def _declared(self, resource_type: str) -> DeclaredType | None:
        """What the types file of a type says on this node, if there is one.

        A type that was only added, and not imported as a whole, still names the file of the bundled ones, and VCS
        writes into that what it knows of the type: so the file of the type itself comes first.
        """
        sources = [f"./{resource_type}Types.cf", self._types.get(resource_type, {}).get("SourceFile", "")]
        attributes = None
        for source in dict.fromkeys(source for source in sources if source):
            path = source if source.startswith("/") else f"{DIRECTORY}/{source.removeprefix('./')}"
            text = self.runner.read_file(path) if attributes is None else None
            if text is None:
                continue
            try:
                attributes = parse(text).types.get(resource_type)
            except MainCfError as error:
                raise FrameworkError(f"{path} is no types file: {error}") from None
        if attributes is None:
            return None
        known = Types(self._types).common_static()
        own = [found for found in attributes if not (found.static and found.name in known)]
        return DeclaredType(
            {found.name: _declaration(resource_type, found) for found in own},
            frozenset(found.name for found in attributes if found.dimension != "scalar"),
            {found.name: found.default for found in attributes if found.static and found.name in known},
        )

    def _knowledge(self, resource_types: Collection[str]) -> Types:
        declared = {name: self._declared(name) for name in sorted(resource_types)}
        return Types(self._types, {name: found for name, found in declared.items() if found is not None})

    # -- comparing ----------------------------------------------------------------------------------------------

    def same(self, key: str, current: str, desired: str) -> bool:
        """Dependencies and users as sets, all else as words; booleans in any spelling."""
        one, other = current.split(), desired.split()
        if key == REQUIRES or key in _UNORDERED:
            return set(one) == set(other)
        if key == REQUIRES_GROUP:
            return set(current.split("; ")) == set(desired.split("; "))
        return [_plain(word) for word in one] == [_plain(word) for word in other]

    def operational(self, key: str) -> bool:
        """All but overridden attributes: every other setting has a value at any time."""
        return key in self._group_attributes or not any(key in values for values in self._types.values())

    def fixed(self, resource_type: str, key: str) -> bool:  # noqa: ARG002 - as the protocol has it
        """Nothing is: a resource is taken offline for what it cannot change while it is online."""
        return False

    def axis_settings(self, kind: str, axis: str, value: bool) -> Mapping[str, str]:
        """The attributes Frozen of a group and Enabled of a resource."""
        if kind == "service":
            return {"Frozen": "0" if value else "1"}
        if axis == "enabled":
            return {"Enabled": "1" if value else "0"}
        raise FrameworkError("monitored: VCS always watches an enabled resource; disable it, or freeze its service")

    def _types_of(self, changes: Sequence[Change]) -> Types:
        names = {change.type for change in changes if change.kind == "resource" and change.type}
        names.update(change.name for change in changes if change.kind == "type")
        return self._knowledge(names)

    # -- changing -----------------------------------------------------------------------------------------------

    def plan(self, snapshot: Snapshot, changes: Sequence[Change]) -> Plan:
        """Stops first; all changes are made while the configuration is open once."""
        try:
            found = plan_changes(changes, snapshot.config, snapshot.native, self._types_of(changes))
        except PlanError as error:
            raise FrameworkError(f"{error}") from None
        return Plan(found.stopping, [found.transaction], found.interrupts)

    def carry_out(self, steps: Sequence[Step | Transaction]) -> None:
        """Commands and waiting; the configuration is open for a transaction alone."""
        for step in steps:
            if isinstance(step, Transaction):
                with self._configuration():
                    self._make(step)
            else:
                self._carry_out([step])

    def _make(self, transaction: Transaction) -> None:
        """A service that does not get on keeps no other from doing so, and is reported last."""
        self._carry_out(transaction.common)
        troubles: dict[str, str] = {}
        left = {group: list(steps) for group, steps in transaction.groups.items()}
        while any(left.values()):
            # Every group gets on until it has to wait, and all wait together: one look serves all of them.
            waiting = {}
            for group, steps in left.items():
                try:
                    while steps and group not in waiting:
                        step = steps.pop(0)
                        if isinstance(step, Await):
                            waiting[group] = step
                        else:
                            self._carry_out([step])
                except ServiceTrouble as error:
                    troubles[group] = f"{error}"
                    steps.clear()
            for group, trouble in self._await(list(waiting.values()), _TRANSITION_TIMEOUT).items():
                troubles[group] = trouble
                left[group].clear()
        self._carry_out(transaction.last)
        if troubles:
            raise FrameworkError("; ".join(troubles.values()))

    def settle(self, timeout: float) -> None:
        """Wait until no group is on its way."""
        deadline = self.runner.clock() + timeout
        while True:
            groups = self._table(["hagrp", "-display"], lambda text: parse_display(text, "Group"))
            moving = [
                f"{group} on {node} ({state})"
                for group, values in groups.items()
                for node, state in values.get("State", {}).items()
                if {"STARTING", "STOPPING", "MIGRATING"} & set(tokens(state))
            ]
            if not moving or self.runner.dry:
                return
            if self.runner.clock() >= deadline:
                raise FrameworkError(
                    f"the cluster did not settle within {timeout:g} seconds: {'; '.join(moving)}; "
                    "'hastatus -sum' and /var/VRTSvcs/log/engine_A.log show what it is waiting for"
                )
            self.runner.pause(1)

    def set_service_enabled(self, service: str, enabled: bool) -> None:
        """Enable the group and bring it online; or take it offline and disable it, so that it stays so."""
        view = self._fresh()
        self._require_group(service, view)
        if not enabled:
            self._refuse_untouchable(service, view)
            todo: list[Step] = []
            for node in _busy_nodes(view, service):
                todo += [command("hagrp", "-offline", service, "-sys", node), Await("offline", service, node)]
            if view.enabled_nodes(service):
                todo.append(command("hagrp", "-disable", service))
        else:
            running = view.group_nodes(service)
            node = running[0] if running else self._best_node(service, view)
            todo = self._start(service, node, view)
        if todo:
            with self._configuration():
                self._carry_out(todo)

    def move_service(self, service: str, node: str, timeout: float, start: bool = False) -> None:  # noqa: ARG002
        """Switch the group, or bring it online where it is not; whether it may start is seen from its state."""
        view = self._fresh()
        self._require_group(service, view)
        running = [other for other in view.group_nodes(service) if other != node]
        self._refuse_untouchable(service, view)
        self._refuse_faulted(service, node, view)
        if not running:
            todo = self._start(service, node, view)
        elif _is_online(view, service, running[0]) and len(running) == 1 and not view.offline_wanted(service):
            todo = [
                Await("probed", service, node),
                command("hagrp", "-switch", service, "-to", node),
                Await("online", service, node),
            ]
        else:
            # Only a group that is online as a whole is switched.
            todo = []
            for other in running:
                todo += [command("hagrp", "-offline", service, "-sys", other), Await("offline", service, other)]
            todo += self._start(service, node, view)
        if any(isinstance(step, Command) and step.argv[1] == "-enable" for step in todo):
            with self._configuration():
                self._carry_out(todo, timeout)
        else:
            self._carry_out(todo, timeout)

    def set_node_standby(self, node: str, standby: bool) -> None:
        """Freeze the system for good and evacuate it; or unfreeze it."""
        view = self._fresh()
        if node not in view.systems:
            raise FrameworkError(f"node = {node!r}: VCS has no such system; there are: {', '.join(view.systems)}")
        carried = [group for group in _our_groups(view) if node in view.group_nodes(group)]
        if not standby:
            with self._configuration():
                self._run(command("hasys", "-unfreeze", "-persistent", node))
            if not self.runner.dry and self._look().systems[node].frozen:
                # It was frozen for a time only.
                self._run(command("hasys", "-unfreeze", node))
            return
        for group in carried:
            self._refuse_untouchable(group, view)
        with self._configuration():
            self._run(command("hasys", "-freeze", "-persistent", "-evacuate", node))
            if carried and not self.runner.dry:
                self._await_evacuated(node, carried)

    def set_service_frozen(self, service: str, frozen: bool) -> None:
        """Freeze the group for good; unfreeze it in both ways that it can be frozen."""
        view = self._fresh()
        self._require_group(service, view)
        for_good, for_a_time = (is_true(view.of_group(service, name)) for name in ("Frozen", "TFrozen"))
        if for_a_time:
            # A group is frozen in one way only.
            self._run(command("hagrp", "-unfreeze", service))
        if for_good != frozen:
            with self._configuration():
                self._run(command("hagrp", "-freeze" if frozen else "-unfreeze", service, "-persistent"))

    def clear_failures(self, service: str) -> None:
        """Clear faults, ADMIN_WAIT and stops that did not succeed, wherever there are any."""
        view = self._fresh()
        self._require_group(service, view)
        for node in view.nodes(service):
            found = {word for _resource, where, word in view.faults(service) if where == node}
            if "ADMIN_WAIT" in found:
                self._run(command("hagrp", "-clearadminwait", service, "-sys", node))
            if "UNABLE TO OFFLINE" in found:
                self._run(command("hagrp", "-flush", "-force", service, "-sys", node))
            if "FAULTED" in found:
                self._run(command("hagrp", "-clear", service, "-sys", node))
        if self.runner.dry:
            return
        left = self._fresh().faults(service)
        if left:
            words = "; ".join(f"{resource} is {word} on {node}" for resource, node, word in left)
            raise FrameworkError(
                f"service {service}: {words}, after it was cleared; what is only watched, such as a network interface, "
                "recovers by itself when it works again"
            )

    def parse_saved(self, text: str) -> ClusterConfig:
        """A main.cf. What it does not say has VCS's defaults, which are not among the settings."""
        return parse_main_cf(text)

    def export(self, config: ClusterConfig) -> Export:
        """Service groups as services; what this collection makes for a service is recognised by its type."""
        return _export(config, self)

    # -- how commands run ---------------------------------------------------------------------------------------

    def _fresh(self) -> View:
        if not self._types:
            self._types = self._table(["hatype", "-display"], parse_type_display)
        return self._look()

    def _require_group(self, group: str, view: View) -> None:
        if group not in view.groups:
            raise FrameworkError(f"service {group}: VCS has no such group; there are: {', '.join(view.groups)}")

    def _refuse_untouchable(self, group: str, view: View) -> None:
        try:
            refuse_untouchable(group, view)
        except PlanError as error:
            raise FrameworkError(f"{error}") from None

    def _refuse_faulted(self, group: str, node: str, view: View) -> None:
        faults = [f"{name} is {word} on {node}" for name, where, word in view.faults(group) if where == node]
        if faults and not _is_online(view, group, node):
            raise FrameworkError(
                f"service {group}: {', '.join(faults)}: repair what is wrong, and then have its failures cleared"
            )

    def _best_node(self, group: str, view: View) -> str:
        nodes = view.nodes(group)
        fit = [node for node in nodes if view.takes_groups(node) and not view.group_faulted(group, node)]
        if not fit:
            self._refuse_faulted(group, nodes[0] if nodes else "", view)
            raise FrameworkError(
                f"service {group}: none of its nodes ({', '.join(nodes)}) can take it: each is down, frozen, or has "
                "members that are faulted"
            )
        # Where it was enabled already, an earlier attempt did not end.
        enabled = view.enabled_nodes(group)
        return next((node for node in fit if node in enabled), fit[0])

    def _start(self, group: str, node: str, view: View) -> list[Step]:
        """Bring a group online on one node. It is enabled elsewhere when it is online, so that until then it shows."""
        self._refuse_untouchable(group, view)
        self._refuse_faulted(group, node, view)
        enabled = view.enabled_nodes(group)
        todo: list[Step] = []
        if node not in enabled:
            todo.append(command("hagrp", "-enable", group, "-sys", node))
        if not _is_complete(view, group, node) and any(view.places(name) for name in view.members(group)):
            todo += [
                Await("probed", group, node),
                command("hagrp", "-online", group, "-sys", node),
                Await("online", group, node),
            ]
        if set(enabled) | {node} != set(view.nodes(group)):
            todo.append(command("hagrp", "-enable", group))
        return todo

    def _carry_out(self, todo: Sequence[Step], timeout: float = _TRANSITION_TIMEOUT) -> None:
        for step in todo:
            if isinstance(step, Command):
                self._run(step)
            elif isinstance(step, Await):
                for trouble in self._await([step], timeout).values():
                    raise ServiceTrouble(trouble)
            elif isinstance(step, Refusal) and not self.runner.dry:
                raise ServiceTrouble(step.words)

    def _run(self, step: Command) -> None:
        """Run one command. Where it fails, the state says whether what was wanted is so nevertheless."""
        argv = step.argv
        deadline = self.runner.clock() + _BUSY_TIMEOUT
        while True:
            reason, numbers = self._attempt(argv)
            if reason is None:
                return
            if numbers & _BUSY and self.runner.clock() < deadline:
                self.runner.pause(_BUSY_PAUSE)
                continue
            if numbers & _BENIGN or self._holds(argv):
                return
            raise FrameworkError(f"{shlex.join(argv)}: {reason}")

    def _attempt(self, argv: Sequence[str]) -> tuple[str | None, frozenset[int]]:
        """Run a command once; why it failed, if it did, and the numbers of its messages."""
        try:
            result = self.runner.run(argv, accept=_ANY_STATUS)
        except CommandNotFound:
            raise NotRunning("Veritas Cluster Server is not installed on this node") from None
        except CommandError as error:
            return error.reason, frozenset()
        if result.status == 0:
            return None, frozenset()
        said = _Said(result.status, f"{result.stdout}\n{result.stderr}", result.stdout)
        return f"exit status {result.status}: {_words_of(said)}", said.numbers

    def _holds(self, argv: Sequence[str]) -> bool:
        """Whether the cluster is already as a command was to make it."""
        program, verb, *rest = argv
        try:
            if program == "haattr":
                resource_type, attribute = [word for word in rest if word not in ("-static", "-temp")][:2]
                return self._shows(["haattr", "-display", resource_type], attribute)
            if verb in ("-modify", "-global"):
                return self._has_value(program, rest)
            if verb == "-add":
                return self._ask([program, "-display", rest[0]]).status == 0
            if verb == "-delete":
                said = self._ask([program, "-display", rest[0]])
                return said.status != 0 and bool(said.numbers)
            if verb in ("-link", "-unlink"):
                return self._shows([program, "-dep", rest[0]], *rest[:2]) == (verb == "-link")
            if verb in ("-override", "-undo_override"):
                return self._shows(["hares", "-display", rest[0]], rest[1]) == (verb == "-override")
            return self._operated(program, verb, rest)
        except FrameworkError:
            return False

    def _shows(self, argv: Sequence[str], *row: str) -> bool:
        """Whether a row of a table has these words beside one another."""
        said = self._ask(argv)
        if said.status != 0 and not said.numbers & _EMPTY:
            raise self._unanswered(argv, said)
        return any(f" {' '.join(row)} " in f" {' '.join(line.split())} " for line in said.stdout.splitlines())

    def _has_value(self, program: str, rest: Sequence[str]) -> bool:
        words = list(rest)
        system = [words.pop(), words.pop()][:1] if len(words) > 3 and words[-2] == "-sys" else []
        name, *values = words
        # The cluster has no name in front of its attributes.
        target = [name] if program == "haclus" else [name, values.pop(0)]
        said = self._ask([program, "-value", *target, *system])
        if said.status != 0:
            return False
        current = said.stdout.split()
        if values[:2] == ["-delete", "-keys"]:
            return not current
        if values[0] == "-delete":
            return not set(values[1:]) & set(current)
        if values[0] in ("-add", "-update"):
            shown = " ".join(current)
            return f" {' '.join(values[1:])} " in f" {shown} "
        return [_plain(word) for word in current] == [_plain(word) for value in values for word in value.split()]

    def _operated(self, program: str, verb: str, rest: Sequence[str]) -> bool:
        """Whether what a command was to set going is on its way, or there."""
        view = self._look()
        if program == "hasys":
            return view.systems[rest[-1]].frozen == (verb == "-freeze")
        if verb in ("-freeze", "-unfreeze"):
            attribute = "Frozen" if "-persistent" in rest else "TFrozen"
            return is_true(view.of_group(rest[0], attribute)) == (verb == "-freeze")
        if verb in ("-enable", "-disable"):
            nodes = [rest[-1]] if "-sys" in rest else view.nodes(rest[0])
            enabled = set(nodes) & set(view.enabled_nodes(rest[0]))
            return enabled == set(nodes) if verb == "-enable" else not enabled
        node = rest[-1]
        if verb in ("-clear", "-clearadminwait", "-flush"):
            return not view.group_faulted(rest[-3], node)
        if program == "hares":
            group = view.of_resource(rest[0], "Group")
            moving = {"-online": "STARTING", "-offline": "STOPPING"}[verb] in view.of_group(group, "State", node)
            return moving or (node in view.active_nodes(rest[0])) == (verb == "-online")
        group = rest[0]
        states = tokens(view.of_group(group, "State", node))
        if verb == "-offline":
            return "STOPPING" in states or node not in view.group_nodes(group)
        if verb == "-switch":
            leaving = any("STOPPING" in tokens(view.of_group(group, "State", other)) for other in view.nodes(group))
            return leaving or "STARTING" in states or _is_online(view, group, node)
        return "STARTING" in states or _is_online(view, group, node)

    # -- waiting ------------------------------------------------------------------------------------------------

    def _await(self, steps: Sequence[Await], timeout: float) -> dict[str, str]:
        """Wait for a state of each of some groups; what keeps a group from it, by its name. A fault ends that."""
        troubles: dict[str, str] = {}
        if self.runner.dry:
            return troubles
        begun = self.runner.clock()
        waiting = list(steps)
        while waiting:
            moving = next((step for step in waiting if step.state != "probed"), None)
            if moving is not None:
                self._wait_a_while(moving, begun + timeout)
            view = self._look()
            waiting = [step for step in waiting if not _reached(step, view)]
            for step in waiting:
                limit = min(timeout, _PROBE_TIMEOUT) if step.state == "probed" else timeout
                trouble = _trouble(step, view)
                if not trouble and self.runner.clock() >= begun + limit:
                    trouble = _late(step, view, limit)
                if trouble:
                    troubles[step.group] = trouble
            waiting = [step for step in waiting if step.group not in troubles]
            if waiting:
                self.runner.pause(1)
        return troubles

    def _wait_a_while(self, step: Await, deadline: float) -> None:
        """Have VCS say when the state is reached; the look afterwards decides."""
        seconds = max(1, min(_LOOK, int(deadline - self.runner.clock())))
        words = ["hares", "-wait", step.resource] if step.resource else ["hagrp", "-wait", step.group]
        argv = [*words, "State", step.state.upper(), "-sys", step.node, "-time", str(seconds)]
        with contextlib.suppress(FrameworkError):
            self._ask(argv, timeout=seconds + 30)

    def _await_evacuated(self, node: str, carried: Sequence[str]) -> None:
        deadline = self.runner.clock() + _TRANSITION_TIMEOUT
        while True:
            view = self._look()
            late = []
            for group in carried:
                others = [other for other in view.nodes(group) if other != node and view.takes_groups(other)]
                arrived = any(_is_complete(view, group, other) for other in others)
                failed = others and all(view.group_faulted(group, other) for other in others)
                if node in _busy_nodes(view, group) or (others and not arrived and not failed):
                    late.append(group)
            if not late:
                return
            if self.runner.clock() >= deadline:
                raise FrameworkError(
                    f"node {node} is frozen, but {', '.join(late)} did not move within "
                    f"{_TRANSITION_TIMEOUT:g} seconds; see /var/VRTSvcs/log/engine_A.log"
                )
            self.runner.pause(1)

    # -- the configuration session ------------------------------------------------------------------------------

    def _opened_here(self) -> bool:
        """Whether a run on this node opened the configuration and did not say that it closed it."""
        return bool((self.runner.read_file(SESSION_FILE) or "").strip())

    def _note(self, text: str) -> None:
        try:
            self.runner.replace_file(SESSION_FILE, text)
        except OSError as error:
            raise FrameworkError(
                f"{SESSION_FILE} cannot be written ({error}): is VCS configured on this node?"
            ) from None

    @contextlib.contextmanager
    def _configuration(self) -> Iterator[None]:
        """Have the configuration writable, and saved and closed afterwards whatever happens.

        One that is writable already is only saved, unless a run of this collection left it so: then somebody else is
        at it and will close it.
        """
        ours = not self._writable() or self._opened_here()
        try:
            if ours:
                self._open()
            yield
        except BaseException as error:
            try:
                self._close(ours)
            except (CommandError, FrameworkError) as further:
                raise FrameworkError(f"{error}; and {further}") from error
            raise
        self._close(ours)

    def _open(self) -> None:
        if self._writable():
            return
        # Said before it is true: a run that dies right after the command is known, too.
        self._note("The configuration of VCS is open for changes by groupware.ha. It closes it again by itself.\n")
        deadline = self.runner.clock() + _BUSY_TIMEOUT
        while True:
            reason, numbers = self._attempt(["haconf", "-makerw"])
            if reason is None or numbers & _WRITABLE_ALREADY or self._writable():
                return
            if not numbers & _BUSY or self.runner.clock() >= deadline:
                raise FrameworkError(f"haconf -makerw: {reason}")
            self.runner.pause(_BUSY_PAUSE)

    def _close(self, ours: bool) -> None:
        argv = ["haconf", "-dump", "-makero"] if ours else ["haconf", "-dump"]
        deadline = self.runner.clock() + _BUSY_TIMEOUT
        if ours and not self.runner.dry and self._closed():
            # It was never opened, as when the command to do so failed.
            self._note("")
            return
        while True:
            reason, _numbers = self._attempt(argv)
            if self.runner.dry:
                break
            # Only the state says that it is closed: answers get lost.
            if self._closed() if ours else reason is None:
                break
            if self.runner.clock() >= deadline:
                raise FrameworkError(
                    f"the configuration of VCS is still writable ({shlex.join(argv)}: {reason or 'no error'}); run "
                    "'haconf -dump -makero' on a node of the cluster: while it is writable, VCS does not start from it"
                )
            self.runner.pause(_BUSY_PAUSE)
        if ours:
            self._note("")

    def _writable(self) -> bool:
        said = self._ask(["haclus", "-value", "ReadOnly"])
        value = said.stdout.strip()
        if said.status != 0 or value not in ("0", "1"):
            raise FrameworkError(f"haclus -value ReadOnly does not say whether it is: {_words_of(said)}")
        return value == "0"

    def _closed(self) -> bool:
        """Whether it is certain that the configuration is not writable."""
        try:
            return not self._writable()
        except FrameworkError:
            return False


# -- pure: compiling --------------------------------------------------------------------------------------------


def _compile_service(
    service: ServiceDescription, interface: str, include_applications: bool, problems: list[Problem]
) -> Service:
    if service.failback:
        problems.append(
            Problem(
                f"services[{service.name}].failback",
                True,
                "VCS leaves a service where it went when its home was lost",
                "remove it, and move the service back when it suits",
            )
        )
    if is_true(service.properties.get("Parallel") or "0"):
        problems.append(
            Problem(
                f"services[{service.name}].properties.Parallel", "1", "is not a service that fails over", "remove it"
            )
        )
    resources = {
        role: Resource(service.resource_name(role), resource_type, settings)
        for role, resource_type, settings in _compile_members(service, interface, include_applications, problems)
    }
    settings = overridden({"Parallel": "0", "AutoStartList": service.primary}, service.properties)
    members: tuple[Resource, ...] = ()
    try:
        members = with_native_settings(service, resources, include_applications)
    except DescriptionError as error:
        problems.extend(error.problems)
    return Service(service.name, service.nodes, settings, _in_order(members))


def _compile_members(
    service: ServiceDescription, interface: str, include_applications: bool, problems: list[Problem]
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Role, type and settings of each resource, in the order of starting."""
    storage = service.storage
    if storage is not None:
        device = storage.devices[0] if storage.devices else ""
        below = []
        if storage.volume_group is not None:
            yield "volume", "DiskGroup", _enabled({"DiskGroup": storage.volume_group})
            device = f"/dev/vx/dsk/{storage.volume_group}/{storage.logical_volume}"
            below.append(service.resource_name("volume"))
        if not device:
            problems.append(
                Problem(
                    f"services[{service.name}].storage.device",
                    None,
                    "is missing",
                    "name the device to mount, or volume_group and logical_volume of Veritas Volume Manager",
                )
            )
        properties = {"MountPoint": storage.mount_point, "BlockDevice": device, "FSType": storage.filesystem}
        if storage.filesystem != "nfs":
            properties["FsckOpt"] = "-y"
        if storage.mount_options is not None:
            properties["MountOpt"] = storage.mount_options
        yield "storage", "Mount", _enabled(properties, below)
    if service.address is not None:
        yield "nic", "NIC", _enabled({"Device": interface})
        properties = {"Device": interface, "Address": str(service.address)}
        if service.address.version == 4:
            properties["NetMask"] = _net_mask(service.prefix_length or 0)
        else:
            properties["PrefixLen"] = str(service.prefix_length)
        yield "address", "IP", _enabled(properties, [service.resource_name("nic")])
    if include_applications and service.application is not None:
        yield from _compile_application(service, service.application, problems)


def _compile_application(
    service: ServiceDescription, application: Application, problems: list[Problem]
) -> Iterator[tuple[str, str, dict[str, str]]]:
    below = [
        service.resource_name(role)
        for role, given in (("storage", service.storage), ("address", service.address))
        if given is not None
    ]
    if application.type == "messaging_server":
        if service.host_name is None:
            problems.append(
                Problem(
                    f"services[{service.name}].host_name",
                    None,
                    "is missing",
                    "the application messaging_server is found by its logical host name",
                )
            )
        properties = {"LogHostName": service.host_name or ""}
        properties.update(_messaging_options(service.name, application, _MESSAGING_ARGUMENTS, problems))
        yield "application", MESSAGING_TYPE, _enabled(properties, below)
    for member in application.members:
        # What is only watched cannot depend on anything.
        needed = below if places({}, member.type) else []
        key = f"services[{service.name}].application.members[{member.name}]."
        problems.extend(_unknown_member_keys(key, member.meta, member.operations))
        settings = _member_settings(member.properties, member.meta)
        requires = settings.get(REQUIRES, " ".join(needed)).split()
        # Members are named by their roles as well as by the names that they have in the cluster.
        roles = {*ROLES, *(other.name for other in application.members)}
        settings[REQUIRES] = " ".join(service.resource_name(name) if name in roles else name for name in requires)
        yield member.name, member.type, settings


@dataclass(frozen=True)
class _Option:
    """An option of an application, and the attribute that it is."""

    attribute: str
    is_flag: bool = False


#: Messaging Server System Administrator's Guide, tables 9-4 and 9-5.
_MESSAGING_ARGUMENTS = {"print_status": _Option("PrtStatus", True), "debug_mode": _Option("DebugMode", True)}
_MESSAGING_STATIC = {
    "fault_on_monitor_timeouts": _Option("FaultOnMonitorTimeouts"),
    "conf_interval": _Option("ConfInterval"),
    "tolerance_limit": _Option("ToleranceLimit"),
}
_MESSAGING_RECOMMENDED = {"FaultOnMonitorTimeouts": "2", "ConfInterval": "600", "ToleranceLimit": "0"}


def _messaging_options(
    service: str, application: Application, options: Mapping[str, _Option], problems: list[Problem]
) -> dict[str, str]:
    known = {**_MESSAGING_ARGUMENTS, **_MESSAGING_STATIC}
    found = {}
    for name, value in application.options.items():
        key = f"services[{service}].application.options.{name}"
        option = known.get(name)
        if option is None:
            # Both tables are looked through; what is in neither is said once.
            if options is _MESSAGING_ARGUMENTS:
                key = f"services[{service}].application.options.{key_name(name)}"
                problems.append(
                    Problem(key, shape(value), "is no option of it on VCS", f"use one of {', '.join(known)}")
                )
        elif name not in options:
            continue
        elif option.is_flag and not isinstance(value, bool):
            problems.append(
                Problem(key, shape(value), "is neither true nor false", "write true or false without quotes")
            )
        elif not option.is_flag and (isinstance(value, bool) or not str(value).isdigit()):
            problems.append(Problem(key, shape(value), "is not a number", "give a number that is not negative"))
        else:
            found[option.attribute] = {True: "TRUE", False: "FALSE"}[value] if option.is_flag else str(value)
    return found


def _compile_types(services: Sequence[ServiceDescription], problems: list[Problem]) -> tuple[Resource, ...]:
    """The type of Messaging Server, with what its manual recommends; its attributes are those of the whole cluster."""
    values: dict[str, str] = {}
    sources: dict[str, str] = {}
    found = False
    for service in services:
        if service.application is None or service.application.type != "messaging_server":
            continue
        found = True
        given = _messaging_options(service.name, service.application, _MESSAGING_STATIC, problems)
        for attribute, value in given.items():
            if values.setdefault(attribute, value) != value:
                option = next(name for name, option in _MESSAGING_STATIC.items() if option.attribute == attribute)
                problems.append(
                    Problem(
                        f"services[{service.name}].application.options.{option}",
                        value,
                        f"is {values[attribute]} in service {sources[attribute]}, and one for the whole cluster on VCS",
                        f"say the same in both, or give resource_properties.application.{attribute}",
                    )
                )
            sources.setdefault(attribute, service.name)
    if not found:
        return ()
    settings = {**_MESSAGING_RECOMMENDED, **values, "SourceFile": f"./{MESSAGING_TYPE}Types.cf"}
    return (Resource(MESSAGING_TYPE, "", settings),)


def _unknown_member_keys(
    key: str, meta: Mapping[str, str], operations: Mapping[str, Mapping[str, str]]
) -> list[Problem]:
    problems = [
        Problem(f"{key}meta.{key_name(name)}", shape(value), "is no key of a resource on VCS", remedy)
        for remedy in (f"use {REQUIRES} or enabled",)
        for name, value in meta.items()
        if name not in (REQUIRES, "enabled")
    ]
    if operations:
        remedy = "give attributes such as MonitorInterval among the properties: they are overridden for this resource"
        problems.append(Problem(f"{key}operations", dict(operations), "has no meaning on VCS", remedy))
    return problems


def _member_settings(properties: Mapping[str, str], meta: Mapping[str, str]) -> dict[str, str]:
    settings = {"AutoStart": "1", "Enabled": "1", **properties}
    if "enabled" in meta:
        settings["Enabled"] = "1" if is_true(meta["enabled"]) else "0"
    if REQUIRES in meta:
        settings[REQUIRES] = meta[REQUIRES]
    return settings


def _enabled(properties: Mapping[str, str], requires: Sequence[str] = ()) -> dict[str, str]:
    return {**properties, "AutoStart": "1", "Enabled": "1", REQUIRES: " ".join(requires)}


def _refuse_shared_names(services: Sequence[Service], problems: list[Problem]) -> None:
    """Resources are one name space for the whole cluster."""
    owners: dict[str, str] = {}
    for service in services:
        for resource in service.resources:
            if resource.name in owners:
                problems.append(
                    Problem(
                        f"services[{service.name}].name",
                        service.name,
                        f"gives the resource name {resource.name}, which service {owners[resource.name]} has too",
                        "choose another name, or give resource_names",
                    )
                )
            owners.setdefault(resource.name, service.name)


def _net_mask(prefix_length: int) -> str:
    bits = (0xFFFFFFFF << (32 - prefix_length)) & 0xFFFFFFFF
    return ".".join(str(bits >> shift & 0xFF) for shift in (24, 16, 8, 0))


def _prefix_length(net_mask: str) -> int | None:
    found = [length for length in range(33) if _net_mask(length) == net_mask]
    return found[0] if found else None


def _declaration(resource_type: str, attribute: TypeAttribute) -> tuple[str, ...]:
    """The arguments of ``haattr -add``."""
    options = ["-static"] if attribute.static else ["-temp"] if attribute.temporary else []
    is_list = attribute.dimension != "scalar"
    default = attribute.default.split() if is_list else [attribute.default] if attribute.default else []
    return (*options, resource_type, attribute.name, f"-{attribute.kind}", f"-{attribute.dimension}", *default)


# -- pure: reading ----------------------------------------------------------------------------------------------


def _system_list(value: str, group: str) -> dict[str, str]:
    try:
        return system_list(value)
    except TableError as error:
        raise FrameworkError(f"group {group}: {error}") from None


def _refuse_incomplete(groups: Display, resources: Display) -> None:
    """Refuse tables of which a part is missing: what is not there would seem to have gone."""
    for name, attributes in groups.items():
        for attribute in ("AutoStartList", "Frozen", "Parallel", "SystemList"):
            if GLOBAL not in attributes.get(attribute, {}):
                raise FrameworkError(f"hagrp -display does not say {attribute} of group {name}")
        for node in _system_list(attributes["SystemList"][GLOBAL], name):
            for attribute in ("State", "Enabled"):
                values = attributes.get(attribute, {})
                if node not in values and GLOBAL not in values:
                    raise FrameworkError(f"hagrp -display does not say {attribute} of group {name} on {node}")
    for name, attributes in resources.items():
        for attribute in ("Group", "Type", "State", "Enabled"):
            if not attributes.get(attribute):
                raise FrameworkError(f"hares -display does not say {attribute} of resource {name}")
        if len(attributes["Type"].get(GLOBAL, "").split()) != 1:
            raise FrameworkError(f"hares -display does not say Type of resource {name} in one word")
        group = attributes["Group"].get(GLOBAL, "")
        if group not in groups:
            raise FrameworkError(
                f"resource {name} is in group {group!r}, which hagrp -display does not show; run again"
            )
        for node in system_list(groups[group]["SystemList"][GLOBAL]):
            if node not in attributes["State"]:
                raise FrameworkError(f"hares -display does not say the state of resource {name} on {node}")


def _is_ours(groups: Display, name: str) -> bool:
    """Whether a group is a service that fails over: not VCS's own, and not one that is online on many systems."""
    return name != _OWN_GROUP and not _is_set(groups[name].get("Parallel", {}).get(GLOBAL, "0"))


def _is_set(value: str) -> bool:
    return value.strip() not in ("", "0")


def _our_groups(view: View) -> list[str]:
    return [name for name in view.groups if _is_ours(view.groups, name)]


def _configuration(
    groups: Display,
    resources: Display,
    links: Sequence[tuple[str, str, str]],
    group_links: Sequence[tuple[str, str, str]],
    types: Mapping[str, Mapping[str, str]],
    cluster: Mapping[str, str],
) -> ClusterConfig:
    requires: dict[str, list[str]] = {}
    for group, parent, child in links:
        for name in (parent, child):
            if resources.get(name, {}).get("Group", {}).get(GLOBAL) != group:
                raise FrameworkError(f"hares -dep shows {name} in group {group}, hares -display does not; run again")
        requires.setdefault(parent, []).append(child)
    members: dict[str, list[Resource]] = {}
    foreign = set()
    for name, attributes in resources.items():
        group = attributes["Group"][GLOBAL]
        if not _is_ours(groups, group):
            foreign.add(name)
            continue
        settings = _settings(attributes, _RESOURCE_STATE)
        settings[REQUIRES] = " ".join(sorted(requires.get(name, ())))
        members.setdefault(group, []).append(Resource(name, attributes["Type"].get(GLOBAL, ""), settings))
    relations: dict[str, list[str]] = {}
    for parent, child, relationship in group_links:
        if parent not in groups or child not in groups:
            raise FrameworkError(f"hagrp -dep shows {parent} and {child}, hagrp -display does not; run again")
        relations.setdefault(parent, []).append(f"{child} {relationship}".strip())
    services = []
    for name, attributes in groups.items():
        if not _is_ours(groups, name):
            foreign.add(name)
            continue
        settings = _settings(attributes, _GROUP_STATE)
        if name in relations:
            settings[REQUIRES_GROUP] = "; ".join(relations[name])
        nodes, misplaced = placement(attributes["SystemList"][GLOBAL])
        services.append(Service(name, nodes, settings, _in_order(members.get(name, [])), misplaced))
    return ClusterConfig(
        properties={key: value for key, value in cluster.items() if key not in _CLUSTER_STATE},
        services=tuple(services),
        types=tuple(Resource(name, "", dict(values)) for name, values in types.items()),
        foreign=frozenset(foreign),
    )


def _settings(attributes: Mapping[str, Mapping[str, str]], state: Collection[str]) -> dict[str, str]:
    settings = {}
    for attribute, values in attributes.items():
        if attribute not in state:
            for system, value in values.items():
                settings[attribute if system == GLOBAL else f"{attribute} {system}"] = value
    return settings


def _in_order(resources: Sequence[Resource]) -> tuple[Resource, ...]:
    """Members in the order of starting. Where VCS leaves it open, kinds come in the order that we compile them in."""
    kinds = ("DiskGroup", "Volume", "Mount", "NIC", "IP")
    rest = sorted(
        resources, key=lambda found: (kinds.index(found.type) if found.type in kinds else len(kinds), found.name)
    )
    names = {resource.name for resource in resources}
    order: list[Resource] = []
    placed: set[str] = set()
    while rest:
        ready = [found for found in rest if not (set(found.settings.get(REQUIRES, "").split()) & names) - placed]
        # What depends on itself, VCS refuses; should it be shown, it comes as it is.
        chosen = (ready or rest)[0]
        order.append(chosen)
        placed.add(chosen.name)
        rest.remove(chosen)
    return tuple(order)


def parse_main_cf(text: str) -> ClusterConfig:
    """The configuration that a main.cf says.

    :raises FrameworkError: it is not one, or not a whole one
    """
    try:
        found = parse(text)
    except MainCfError as error:
        raise FrameworkError(f"the saved configuration is not a main.cf: {error}") from None
    if not found.cluster or not found.systems:
        raise FrameworkError("the saved configuration is not a main.cf: it names no cluster or no systems")
    # VCS closes every group that it writes with a comment that draws its tree: a file that ends earlier was cut short.
    trees = text.count("// resource dependency tree")
    if trees and (trees < len(found.groups) or not text.rstrip().endswith("}")):
        raise FrameworkError("the saved configuration is not a whole main.cf: it ends in the middle of a group")
    services = []
    foreign: set[str] = set()
    for group in found.groups:
        if group.name == _OWN_GROUP or _is_set(group.attributes.get("Parallel", "0")):
            foreign.update([group.name, *(resource.name for resource in group.resources)])
            continue
        services.append(_saved_service(group, found.systems))
    return ClusterConfig(
        properties={
            "ClusterName": found.cluster,
            **{key: value for key, value in found.cluster_attributes.items() if key not in _CLUSTER_STATE},
            CONFIGURATION: CLOSED,
        },
        services=tuple(services),
        types=tuple(
            Resource(name, "", {found.name: found.default for found in attributes if found.static})
            for name, attributes in found.types.items()
        ),
        foreign=frozenset(foreign),
    )


def _saved_service(group: GroupBlock, systems: Collection[str]) -> Service:
    _system_list(group.attributes.get("SystemList", ""), group.name)
    nodes, misplaced = placement(group.attributes.get("SystemList", ""))
    unknown = [node for node in nodes or () if node not in systems]
    if unknown:
        raise FrameworkError(f"the main.cf has no system {', '.join(unknown)}, which group {group.name} is to run on")
    settings = {"AutoStartList": "", "Parallel": "0", "Frozen": "0"}
    settings.update({key: value for key, value in group.attributes.items() if key.split()[0] not in _GROUP_STATE})
    if group.dependencies:
        settings[REQUIRES_GROUP] = "; ".join(f"{name} {words}".strip() for name, words in group.dependencies)
    resources = []
    for resource in group.resources:
        below = sorted(child for parent, child in group.links if parent == resource.name)
        defaults = {"AutoStart": "1", "Critical": "1", "Enabled": "1"}
        settings_of = {**defaults, **resource.attributes, REQUIRES: " ".join(below)}
        resources.append(Resource(resource.name, resource.type, settings_of))
    return Service(group.name, nodes, settings, _in_order(resources), misplaced)


# -- pure: status -----------------------------------------------------------------------------------------------


def _status(view: View) -> ClusterStatus:
    return ClusterStatus(
        # VCS has no quorum: its membership is what GAB says, and I/O fencing decides who goes on.
        quorate=True,
        nodes={
            name: NodeStatus(online=system.state == "RUNNING", standby=system.frozen, unclean=system.state == "FAULTED")
            for name, system in view.systems.items()
        },
        services={name: _service_status(name, view) for name in _our_groups(view)},
        resources={},
    )


def _service_status(group: str, view: View) -> ServiceStatus:
    faults = view.faults(group)
    managed = not is_true(view.of_group(group, "Frozen"))
    members = []
    for name in view.members(group):
        active = view.active_nodes(name)
        wrong = [(node, word) for resource, node, word in faults if resource == name]
        members.append(
            MemberStatus(
                name=name,
                type=view.of_resource(name, "Type"),
                active_on=active,
                # What is faulted on one node and online on another has failed over, and the service is well.
                failed=any(word != "FAULTED" or not active for _node, word in wrong),
                managed=managed,
                enabled=is_true(view.of_resource(name, "Enabled", default="1")),
                places=view.places(name),
            )
        )
    failures = [f"{resource} is {word} on {node}" for resource, node, word in faults]
    unknown = [node for node in view.nodes(group) if _cannot_be_known(view, group, node)]
    if unknown:
        failures.append(_autoenable(group, unknown))
    return ServiceStatus(
        group,
        tuple(members),
        tuple(failures),
        frozen=view.frozen(group),
        offline_wanted=view.offline_wanted(group),
        barred=_barred(view, group),
    )


def _barred(view: View, group: str) -> dict[str, str]:
    """Systems that VCS would not choose for a group: faulted or disabled there, or not known to be free of it."""
    barred: dict[str, str] = {}
    for resource, node, word in view.faults(group):
        if node not in view.active_nodes(resource):
            barred[node] = f"{resource} is {word} there; when that is repaired, clear it (switchover, state=cleared)"
    for node in view.nodes(group):
        if is_true(view.of_group(group, "AutoDisabled", node)):
            barred[node] = _autoenable(group, [node])
        elif view.of_group(group, "Enabled", node) == "0":
            barred[node] = f"the group is disabled there; 'hagrp -enable {group} -sys {node}' enables it"
    return barred


def _autoenable(group: str, nodes: Sequence[str]) -> str:
    orders = " and ".join(f"'hagrp -autoenable {group} -sys {node}'" for node in nodes)
    return (
        f"{group} is auto-disabled: VCS cannot know whether it runs on {', '.join(nodes)}; make sure that it does not, "
        f"and run {orders}"
    )


def _auto_disabled(view: View, group: str) -> list[str]:
    """Nodes of which VCS does not know whether a group runs there: one is enough to keep it offline everywhere."""
    return [node for node in view.nodes(group) if is_true(view.of_group(group, "AutoDisabled", node))]


def _cannot_be_known(view: View, group: str, node: str) -> bool:
    """Whether VCS went away on a node that is still there: what runs on it, nobody knows."""
    system = view.systems.get(node)
    return (
        is_true(view.of_group(group, "AutoDisabled", node))
        and not view.group_nodes(group)
        and (system is None or system.state != "RUNNING")
    )


def _is_online(view: View, group: str, node: str) -> bool:
    return "ONLINE" in tokens(view.of_group(group, "State", node))


def _is_complete(view: View, group: str, node: str) -> bool:
    """Whether a group is online as far as it can be: VCS calls one PARTIAL for ever that has disabled resources."""
    states = tokens(view.of_group(group, "State", node))
    if {"STARTING", "STOPPING"} & set(states):
        return False
    starting = [
        name
        for name in view.members(group)
        if view.places(name)
        and is_true(view.of_resource(name, "Enabled", node, "1"))
        and is_true(view.of_resource(name, "AutoStart", node, "1"))
    ]
    return "ONLINE" in states or ("PARTIAL" in states and all(node in view.active_nodes(name) for name in starting))


def _busy_nodes(view: View, group: str) -> list[str]:
    """Where anything of a group runs, starts or stops."""
    moving = [
        node
        for node, state in view.groups.get(group, {}).get("State", {}).items()
        if {"STARTING", "STOPPING"} & set(tokens(state))
    ]
    return list(dict.fromkeys([*view.group_nodes(group), *moving]))


def _reached(step: Await, view: View) -> bool:
    if step.state == "probed":
        nodes = [node for node in view.nodes(step.group) if view.systems.get(node) and view.takes_groups(node)]
        pending = any(_is_set(view.of_group(step.group, "ProbesPending", node)) for node in {*nodes, step.node})
        return not pending and not _auto_disabled(view, step.group)
    if step.resource:
        active = step.node in view.active_nodes(step.resource)
        return active == (step.state == "online")
    states = tokens(view.of_group(step.group, "State", step.node))
    if step.state == "offline":
        return "STOPPING" not in states and step.node not in view.group_nodes(step.group)
    if _is_complete(view, step.group, step.node):
        return True
    # VCS may have brought it online on another node because it failed on this one.
    return view.group_faulted(step.group, step.node) and any(
        _is_complete(view, step.group, node) for node in view.nodes(step.group)
    )


def _trouble(step: Await, view: View) -> str:
    """Why the state will not be reached; empty while it may."""
    unknown = [node for node in view.nodes(step.group) if _cannot_be_known(view, step.group, node)]
    if step.state == "probed" and unknown:
        return _autoenable(step.group, unknown)
    moving = any(
        {"STARTING", "STOPPING", "MIGRATING"} & set(tokens(state))
        for state in view.groups.get(step.group, {}).get("State", {}).values()
    )
    found = view.faults(step.group)
    stuck = [fault for fault in found if fault[2] != "FAULTED"]
    faults = stuck or ([] if moving or step.state == "offline" else found)
    faults = [fault for fault in faults if fault[1] == step.node or fault in stuck]
    if not faults:
        return ""
    words = "; ".join(f"{resource} is {word} on {node}" for resource, node, word in faults)
    return (
        f"service {step.group} did not get {step.state} on {step.node}: {words}; see "
        "/var/VRTSvcs/log/engine_A.log there, repair what is wrong, have its failures cleared, and run again"
    )


def _late(step: Await, view: View, timeout: float) -> str:
    what = f"resource {step.resource} of service {step.group}" if step.resource else f"service {step.group}"
    if step.state == "probed":
        pending = [
            f"{name} on {node}"
            for name in view.members(step.group)
            for node in view.nodes(step.group)
            if view.takes_groups(node)
            and is_true(view.of_resource(name, "Enabled", default="1"))
            and not is_true(view.of_resource(name, "Probed", node, "1"))
        ]
        if pending:
            return (
                f"service {step.group}: VCS could not find out the state of {', '.join(pending)} within {timeout:g} "
                "seconds; is the agent installed on every node, and is every attribute right that it needs?"
            )
        return _autoenable(step.group, _auto_disabled(view, step.group))
    state = (
        view.of_resource(step.resource, "State", step.node)
        if step.resource
        else view.of_group(step.group, "State", step.node)
    )
    return f"{what} did not get {step.state} on {step.node} within {timeout:g} seconds: it is {state}"


def _words_of(said: _Said) -> str:
    return " ".join(said.text.split()) or "no words"


def _plain(word: str) -> str:
    """A word of a value as it is compared: without the percent sign of the command line, booleans in one spelling."""
    word = word.removeprefix("%")
    return {"true": "1", "false": "0"}.get(word.lower(), word)


# -- pure: exporting --------------------------------------------------------------------------------------------


def _export(config: ClusterConfig, driver: VeritasClusterServer) -> Export:
    unexpressed = []
    interfaces = [
        resource.settings["Device"]
        for service in config.services
        for resource in service.resources
        if resource.type == "NIC" and resource.settings.get("Device")
    ]
    cluster: dict[str, Any] = {
        "framework": driver.name,
        "interface": max(interfaces, key=interfaces.count) if interfaces else "unknown",
    }
    if not interfaces:
        unexpressed.append("cluster.interface: no NIC resource says which network interface carries addresses; add it")
    if config.properties.get("ClusterName"):
        cluster["name"] = config.properties["ClusterName"]
    types = {found.name: found.settings for found in config.types}
    drafts = {service.name: _draft(service, types.get(MESSAGING_TYPE, {})) for service in config.services}
    full, services, further = describe(config, drafts, cluster, driver.rules, driver.compile, driver, _notable)
    messaging = [service for service in services if service.get("application", {}).get("type") == "messaging_server"]
    if messaging and MESSAGING_TYPE not in types:
        unexpressed.append(
            f"type {MESSAGING_TYPE}: its static attributes are in its types file, which was not read; the description "
            "sets those that its manual recommends"
        )
    own = sorted({*config.properties} - {"ClusterName", CONFIGURATION})
    if own:
        # VCS shows a value for every one of them, and never which was set.
        unexpressed.append(
            "attributes of the cluster itself, which are left as they are; name those that matter in "
            f"cluster.properties: {', '.join(own)}"
        )
    if config.foreign:
        names = ", ".join(sorted(config.foreign))
        unexpressed.append(f"not of service groups that fail over, or VCS's own: {names}")
    return Export(full, services, [*unexpressed, *further])


def _notable(key: str, value: str) -> bool:
    attribute = key.partition(" ")[0]
    text = value.strip()
    return bool(text) and _plain(text) != _DEFAULTS.get(attribute) and attribute not in ("UserIntGlobal", "ManualOps")


def _draft(service: Service, messaging_type: Mapping[str, str]) -> Draft:
    """DiskGroup, Mount, NIC, IP and MsgSrv where there is one of each; everything else natively."""
    members = {resource.name: resource for resource in service.resources}
    roles: dict[str, str] = {}
    keys: dict[str, Any] = {}

    def only(resource_type: str) -> Resource | None:
        found = [resource for resource in members.values() if resource.type == resource_type]
        return found[0] if len(found) == 1 else None

    storage = _recognised_storage(only("Mount"), only("DiskGroup"), roles)
    if storage:
        keys["storage"] = storage
    address = only("IP")
    nic = only("NIC")
    if address is not None and nic is not None:
        text = address.settings.get("Address", "")
        prefix = _prefix_length(address.settings.get("NetMask", "")) if "." in text else None
        length = address.settings.get("PrefixLen") if ":" in text else prefix
        if text and length is not None:
            keys["address"] = f"{text}/{length}"
            roles[address.name], roles[nic.name] = "address", "nic"
    rest = [resource for name, resource in members.items() if name not in roles]
    if len(rest) == 1 and rest[0].type == MESSAGING_TYPE and "address" in keys and rest[0].settings.get("LogHostName"):
        roles[rest[0].name] = "application"
        keys["host_name"] = rest[0].settings["LogHostName"]
        options: dict[str, Any] = {}
        for name, option in _MESSAGING_ARGUMENTS.items():
            if rest[0].settings.get(option.attribute):
                options[name] = is_true(rest[0].settings[option.attribute])
        for name, option in _MESSAGING_STATIC.items():
            value = messaging_type.get(option.attribute)
            if value and value != _MESSAGING_RECOMMENDED[option.attribute]:
                options[name] = int(value) if value.isdigit() else value
        keys["application"] = {"type": "messaging_server", **({"options": options} if options else {})}
    elif rest:
        for resource in rest:
            roles[resource.name] = free_role(resource.name, service.name, {*ROLES, *roles.values()})
        keys["application"] = {"type": "native", "members": [_described_member(found, roles) for found in rest]}
    unexpressed = []
    if service.settings.get(REQUIRES_GROUP):
        unexpressed.append(f"it requires other groups: {service.settings[REQUIRES_GROUP]}")
    if is_true(service.settings.get("Frozen", "0")):
        unexpressed.append("it is frozen")
    return Draft(list(service.placement or ()), keys, roles, unexpressed)


def _recognised_storage(mount: Resource | None, disk_group: Resource | None, roles: dict[str, str]) -> dict[str, Any]:
    rules = VeritasClusterServer.rules
    if mount is None or mount.settings.get("FSType") not in rules.filesystems or not mount.settings.get("MountPoint"):
        return {}
    device = mount.settings.get("BlockDevice", "")
    storage: dict[str, Any] = {"filesystem": mount.settings["FSType"], "mount_point": mount.settings["MountPoint"]}
    group = "" if disk_group is None else disk_group.settings.get("DiskGroup", "")
    volume = device[len(f"/dev/vx/dsk/{group}/") :] if group and device.startswith(f"/dev/vx/dsk/{group}/") else ""
    if disk_group is not None and volume and "/" not in volume:
        storage.update({"volume_group": group, "logical_volume": volume})
        roles[disk_group.name] = "volume"
    else:
        storage["device"] = device
    if mount.settings.get("MountOpt"):
        storage["mount_options"] = mount.settings["MountOpt"]
    roles[mount.name] = "storage"
    return storage


def _described_member(resource: Resource, roles: Mapping[str, str]) -> dict[str, Any]:
    properties = {
        key: value
        for key, value in resource.settings.items()
        if key not in (REQUIRES, "Enabled", "AutoStart") and " " not in key and _notable(key, value)
    }
    meta = {REQUIRES: " ".join(roles.get(name, name) for name in resource.settings.get(REQUIRES, "").split())}
    described: dict[str, Any] = {"name": roles[resource.name], "type": resource.type}
    if properties:
        described["properties"] = properties
    return {**described, "meta": meta}
