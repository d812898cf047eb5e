# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Red Hat Cluster Suite of the releases 4 to 6: one cluster.conf, written at most once per run, and ``clusvcadm``.

Everything is read from this node's cluster.conf, ``cman_tool version`` and ``clustat -x``. A change is one new
cluster.conf with the next ``config_version``, propagated by ``ccs_tool update`` (4 and 5) or ``cman_tool version -r``
(6), then ``clusvcadm -e`` for services that do not run yet.

Native settings are attributes of the elements in cluster.conf. Beside these there are

- of a service: ``domain ordered``, ``domain restricted`` and ``domain nofailback`` of its failover domain, whose nodes
  by their priorities are the placement; ``managed`` (false: frozen); ``in effect`` (see below),
- of a member: ``requires``, the member that it is nested in, and ``operation NAME ATTRIBUTE`` of its actions, where the
  name of an operation may have its depth behind it, as in ``operation status.10 interval``,
- of a fencing device: ``node NODE``, the options that fence that node with it (``port=3``),
- of the cluster: ``ELEMENT.ATTRIBUTE``, as in ``fence_daemon.post_join_delay``.

``in effect`` says that an earlier run came to its end: that what stands in the file is what the cluster runs, and, of
a service, that it was started once and is on one of its nodes. A service that an operator has disabled stays disabled
and is in effect; one that never ran since the cluster was started, or was stopped by half a run, is not, and is started
by the next.

Why compiled services look as they do:

- Their failover domain is ordered, since the description has an order, and restricted, since the volume cannot be
  reached from other nodes; ``nofailback`` unless the description wants failback.
- ``recovery`` is relocate: restarting in place first, as the default of rgmanager does, prolongs each failure that has
  its cause in the node. While there is no application yet, a service is made with ``autostart`` 0 and ``recovery``
  disable, so that the cluster does not move a volume that software is being installed on (Scalix TB-2007-02-HACLUSTER,
  "Creating the Scalix service"). Both get their final values with the application.
- Members are shared resources that the service refers to, as in that manual. Those that stand in a service are read
  and changed where they are. An ``ip`` has no name in cluster.conf: the first one of a service is called
  SERVICE_address, the next ones SERVICE_address_2 and so on. Where a name occurs for several types, the type stands in
  front of it, as in ``script:mail1``.

The cluster's own elements, ``clusternode`` with its ``nodeid`` and ``cman`` with ``two_node``, belong to its
installation. Nothing is added or removed there but the fencing methods of the described devices: each is a method of
its own. An option of a device whose name ends in ``_NODE``, as in ``port_nodea``, is for that node alone.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from ansible_collections.groupware.ha.plugins.module_utils.adoption import describe
from ansible_collections.groupware.ha.plugins.module_utils.cluster_config import (
    ClusterConfig,
    ClusterStatus,
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
from ansible_collections.groupware.ha.plugins.module_utils.description.secrets import is_secret
from ansible_collections.groupware.ha.plugins.module_utils.formats import clustat, cluster_conf
from ansible_collections.groupware.ha.plugins.module_utils.formats.clustat import Clustat, Group
from ansible_collections.groupware.ha.plugins.module_utils.formats.cluster_conf import ClusterConf, Editor
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
from ansible_collections.groupware.ha.plugins.module_utils.rhcs import fencing
from ansible_collections.groupware.ha.plugins.module_utils.rhcs.compiling import (
    compile_device,
    compile_members,
    judge_address_names,
    judge_names,
)
from ansible_collections.groupware.ha.plugins.module_utils.rhcs.exporting import draft, exported_cluster
from ansible_collections.groupware.ha.plugins.module_utils.rhcs.planning import (
    Reconfiguration,
    Stop,
    best_node,
    interrupted,
    planned,
    stops,
)
from ansible_collections.groupware.ha.plugins.module_utils.rhcs.reading import (
    Situation,
    configuration,
    normalised_status,
)
from ansible_collections.groupware.ha.plugins.module_utils.rhcs.settings import (
    DOMAIN,
    FILESYSTEMS,
    IN_EFFECT,
    INSTALLING,
    MANAGED,
    NODE_KEY,
    OPERATION,
    PROPERTY,
    PROPERTY_ELEMENTS,
    REQUIRES,
    RgmanagerError,
    boolean,
    domain_settings,
    in_start_order,
    member_settings,
    normal_settings,
    same_meaning,
)
from ansible_collections.groupware.ha.plugins.module_utils.shown import Names, key_name

CLUSTER_CONF = "/etc/cluster/cluster.conf"

_FINAL_SETTINGS = {"autostart": "1", "recovery": "relocate"}

_RUNNING_VERSION = re.compile(r"^\S+ config ([0-9]{1,9})\s*$", re.MULTILINE)
_AGENT_DIRECTORY = "/usr/share/cluster"

#: Seconds that an order to a service may take; stopping a large application takes its time.
_ORDER_TIMEOUT = 300
#: Seconds until rgmanager has taken notice of a new configuration or shows a new state, and those that are waited if
#: nobody has just changed anything.
_NOTICE_TIMEOUT = 60
_GRACE = 5
_PAUSE = 1.0


class RedHatClusterSuite:
    """The driver for Red Hat Cluster Suite."""

    name = "rhcs"
    empty_services = False
    asks_permission = False
    registers_types = False
    settings_on_command_lines = False
    keeps_services_offline = True
    keeps_nodes_free = False
    rules = FrameworkRules(
        framework="rhcs",
        pattern=r"[A-Za-z0-9_.:-]+",
        words="letters, digits, hyphens, dots and underscores",
        # rgmanager keeps service:NAME in 64 bytes.
        longest=55,
        filesystems=FILESYSTEMS,
        applications=("scalix", "native"),
        storage_keys=("exclusive",),
    )

    def __init__(self, runner: Runner) -> None:
        self.runner = runner

    # -- description to native terms ----------------------------------------------------------------------------

    def compile(self, deployment: Deployment, include_applications: bool = True) -> ClusterConfig:
        """The description as services with failover domains, fencing devices and attributes of the cluster.

        :raises DescriptionError: what cluster.conf cannot hold, and what makes fencing something else than it says
        """
        problems = fencing.judge(deployment)
        if problems:
            raise DescriptionError(problems)
        return self._compiled(deployment, include_applications)

    def _compiled(self, deployment: Deployment, include_applications: bool = True) -> ClusterConfig:
        cluster = deployment.cluster
        problems: list[Problem] = []
        for key, value in cluster.properties.items():
            if PROPERTY.fullmatch(key) is None:
                remedy = f"use ELEMENT.ATTRIBUTE with one of the elements {', '.join(PROPERTY_ELEMENTS)}"
                problems.append(
                    Problem(f"cluster.properties.{key_name(key)}", value, "is not set by a description", remedy)
                )
        services = [_compile_service(service, include_applications, problems) for service in deployment.services]
        config = ClusterConfig(
            properties={**normal_settings(cluster.properties), IN_EFFECT: "true"},
            resources=tuple(compile_device(device) for device in cluster.fencing_devices),
            # A service needs a member: one that is nothing but its application is made together with it.
            services=tuple(service for service in services if service.resources),
        )
        judge_names(config, problems)
        if problems:
            raise DescriptionError(problems)
        return config

    def native_resource(
        self,
        name: str,
        resource_type: str,
        properties: Mapping[str, str],
        meta: Mapping[str, str],
        operations: Mapping[str, Mapping[str, str]],
    ) -> Resource:
        """A resource, or a fencing device if the type is that of a fence agent (``node NODE`` is for these in meta)."""
        if resource_type.startswith("fence_"):
            nodes = {f"{NODE_KEY}{node}": options for node, options in meta.items()}
            return Resource(name, resource_type, {**properties, **nodes, IN_EFFECT: "true"})
        unknown = [key for key in meta if key != REQUIRES]
        if unknown:
            raise FrameworkError(
                f"resource {name}: there is no {unknown[0]} in meta on rhcs; {REQUIRES} is all there is"
            )
        return Resource(name, resource_type, member_settings(properties, meta, operations))

    def native_service(
        self, name: str, nodes: Sequence[str], properties: Mapping[str, str], resources: Sequence[Resource]
    ) -> Service:
        """A service; with nodes it has an ordered and restricted failover domain of its own."""
        if ":" in name:
            raise FrameworkError(f"service {name}: the name of a service has no colon on rhcs")
        domain = domain_settings(f"{name}_domain") if nodes else {}
        settings = {**domain, **normal_settings(properties), IN_EFFECT: "true"}
        try:
            return Service(name, tuple(nodes) or None, settings, in_start_order(resources, name))
        except RgmanagerError as error:
            raise FrameworkError(str(error)) from None

    # -- reading ------------------------------------------------------------------------------------------------

    def read(self) -> ClusterConfig:
        """The configuration that the cluster runs, and whether all of it is in effect.

        :raises FrameworkError: the cluster runs a newer one than this node has
        """
        return configuration(self._situation())

    def missing_agents(self, types: Collection[str]) -> list[str]:
        """Types that neither rgmanager itself brings nor an agent on this node, and fence agents that are not here."""
        return [
            resource_type
            for resource_type in types
            if not (
                self.runner.installed(resource_type)
                if resource_type.startswith("fence_")
                else resource_type in cluster_conf.START_LEVELS or self._has_agent(resource_type)
            )
        ]

    def _has_agent(self, resource_type: str) -> bool:
        paths = (f"{_AGENT_DIRECTORY}/{resource_type}.sh", f"{_AGENT_DIRECTORY}/{resource_type}")
        return any(self.runner.read_file(path) is not None for path in paths)

    def status(self) -> ClusterStatus:
        """Nodes and services from one ``clustat``; which members a service has, from cluster.conf."""
        status = self._clustat()
        return normalised_status(self._file(), status)

    def _situation(self) -> Situation:
        running, status = self._running_version(), self._clustat()
        situation = Situation(self._file(), running, status)
        if status.quorate and situation.propagated:
            situation = replace(situation, status=self._with_services(situation))
        if situation.conf.version < situation.running:
            raise FrameworkError(
                f"the cluster runs version {situation.running} of its configuration, but {CLUSTER_CONF} of this node "
                f"is version {situation.conf.version}: copy the file from a node that is up to date"
            )
        return situation

    def _with_services(self, situation: Situation) -> Clustat:
        """Where the services are, once rgmanager knows all of them: it takes notice of a configuration by and by."""
        services = set(Editor(situation.conf).services)
        status = situation.status

        def noticed() -> bool:
            nonlocal status
            if services <= set(status.groups or ()):
                return True
            status = self._clustat()
            return services <= set(status.groups or ())

        self._await(noticed, _GRACE)
        if services and status.groups is None:
            raise NotRunning("rgmanager is not running on this node; start it")
        return status

    def _file(self) -> ClusterConf:
        text = self.runner.read_file(CLUSTER_CONF)
        if text is None:
            raise NotRunning(f"there is no {CLUSTER_CONF} on this node: the cluster is not installed")
        return _parsed_conf(text, CLUSTER_CONF)

    def _running_version(self) -> int:
        found = _RUNNING_VERSION.search(self._ask(["cman_tool", "version"]))
        if found is None:
            raise FrameworkError("cman_tool version did not print the version of the configuration")
        return int(found[1])

    def _clustat(self) -> Clustat:
        text = self._ask(["clustat", "-x"])
        try:
            return clustat.parse(text)
        except clustat.ClustatError as error:
            raise FrameworkError(f"clustat printed something that is not understood: {error}") from None

    def _ask(self, argv: Sequence[str]) -> str:
        try:
            return self.runner.run(argv, record=False).stdout
        except CommandNotFound:
            raise NotRunning("Red Hat Cluster Suite is not installed on this node") from None
        except CommandError as error:
            reason = error.output or error.reason
            raise NotRunning(f"the cluster is not running on this node ({argv[0]}: {reason})") from None

    # -- comparing ----------------------------------------------------------------------------------------------

    def same(self, key: str, current: str, desired: str) -> bool:
        """Booleans in any spelling, numbers as numbers, addresses as addresses, nodes of a domain as a set."""
        return same_meaning(key, current, desired)

    def operational(self, key: str) -> bool:
        """Freezing, what says how far the last run came, and secrets: a description cannot hold them."""
        return key in (MANAGED, IN_EFFECT) or is_secret(key)

    def fixed(self, resource_type: str, key: str) -> bool:  # noqa: ARG002 - as the protocol has it
        """Nothing is: rgmanager stops the old resource and starts the new one."""
        return False

    def axis_settings(self, kind: str, axis: str, value: bool) -> Mapping[str, str]:
        """A service that is frozen is not managed. Members of a service have no axes of their own."""
        if kind == "service" and axis == MANAGED:
            return {MANAGED: boolean(value)}
        raise FrameworkError(
            f"rhcs cannot change whether a single {kind} is {axis}: it knows of no resource but as a part of its "
            "service; take the service offline, or freeze it"
        )

    def native_type(self, name: str, base_type: str | None, properties: Mapping[str, str]) -> Resource:  # noqa: ARG002
        """There are none: a type is an agent that a package brings."""
        raise FrameworkError(f"type {name}: rhcs registers no types; install the agent below {_AGENT_DIRECTORY}")

    # -- changing -----------------------------------------------------------------------------------------------

    def survey(self) -> Snapshot:
        """Configuration and status of one situation."""
        situation = self._situation()
        return Snapshot(configuration(situation), normalised_status(situation.conf, situation.status), situation)

    def plan(self, snapshot: Snapshot, changes: Sequence[Change]) -> Plan:
        """Services stopped that go or lose a member; one new configuration; services moved and started."""
        situation: Situation = snapshot.native
        _require_quorum(situation.status)
        stopping = stops(situation, [change.name for change in changes if change.action == "delete"])
        for stop in stopping:
            group = situation.status.group(stop.service)
            if group is not None:
                _refuse_frozen(group)
                _refuse_failed(group)
        try:
            reconfiguration = planned(situation, changes)
        except RgmanagerError as error:
            raise FrameworkError(str(error)) from None
        return Plan(stopping, [reconfiguration], interrupted(situation, changes, reconfiguration.moves))

    def carry_out(self, steps: Sequence[Stop | Reconfiguration]) -> None:
        """Orders to stop; or the configuration written once and propagated, and what does not run yet started."""
        for step in steps:
            if isinstance(step, Stop):
                self._bring_down(step.service, step.option)
            else:
                self._reconfigure(step)

    def _reconfigure(self, plan: Reconfiguration) -> None:
        for service in plan.unfreeze:
            self._set_frozen(service, False)
        if plan.text is not None:
            self.runner.replace_file(CLUSTER_CONF, plan.text, backup=True)
            self._propagate(plan)
        for service, node in plan.moves:
            self._relocate(service, node, _ORDER_TIMEOUT)
        for service, target in plan.starts:
            self._start(service, target, _ORDER_TIMEOUT)
        for service in plan.freeze:
            self._set_frozen(service, True)

    def _propagate(self, plan: Reconfiguration) -> None:
        # Only release 6 has a program to validate a configuration, and its ccs_tool can no longer update one.
        release_6 = self.runner.installed("ccs_config_validate")
        argv = ["cman_tool", "version", "-r"] if release_6 else ["ccs_tool", "update", CLUSTER_CONF]
        complaint = self._order(argv, _NOTICE_TIMEOUT)
        if self.runner.dry:
            return

        def taken() -> bool:
            return self._running_version() == plan.version

        if not complaint and not self._await(taken, _GRACE) and not release_6:
            # cman of release 4 is told by itself what version ccsd has distributed; see cman_tool(8).
            complaint = self._order(["cman_tool", "version", "-r", str(plan.version)], _NOTICE_TIMEOUT)
        if not self._await(taken, 0 if complaint else _NOTICE_TIMEOUT):
            raise FrameworkError(
                f"the cluster did not take version {plan.version} of its configuration{complaint}; it is in "
                f"{CLUSTER_CONF} of this node, and the next run propagates it again"
            )

        def noticed() -> bool:
            groups = self._clustat().groups or {}
            return set(plan.services) <= set(groups) and not set(plan.deleted) & set(groups)

        if not self._await(noticed, _NOTICE_TIMEOUT):
            raise FrameworkError(
                f"rgmanager has not taken notice of version {plan.version} of the configuration within "
                f"{_NOTICE_TIMEOUT} seconds; see its log on all nodes, and run again"
            )
        if plan.reconfigured:
            # That it is about to stop and start parts of a running service, or to know other nodes, nothing shows.
            self.runner.pause(_GRACE)

    def _bring_down(self, service: str, option: str = "-d") -> None:
        """Have a service stop, and wait for it."""
        states = ("disabled",) if option == "-d" else ("stopped", "disabled")
        complaint = self._order(["clusvcadm", option, service], _ORDER_TIMEOUT)
        if self.runner.dry:
            return
        after = self._await_state(service, lambda found: found.state in states, _ORDER_TIMEOUT)
        if after is not None:
            _refuse_failed(after)
            if after.state not in states:
                raise FrameworkError(f"service {service} was told to stop, but {_words(after)}{complaint}")

    def _start(self, service: str, node: str | None, timeout: float) -> None:
        """Have a service start on a node and be there: ``clusvcadm`` is content with any other."""
        target = [] if node is None else ["-m", node]
        complaint = self._order(["clusvcadm", "-e", service, *target], timeout)
        if self.runner.dry:
            return
        after = self._await_state(service, lambda found: found.state == "started", timeout)
        if after is not None and after.state == "started" and node not in (None, after.owner):
            complaint = self._order(["clusvcadm", "-r", service, "-m", str(node)], timeout)
            after = self._await_state(service, lambda found: found.owner == node, timeout)
        self._require_running(service, after, node, complaint)

    def _relocate(self, service: str, node: str, timeout: float) -> None:
        complaint = self._order(["clusvcadm", "-r", service, "-m", node], timeout)
        if not self.runner.dry:
            after = self._await_state(service, lambda found: found.state == "started" and found.owner == node, timeout)
            self._require_running(service, after, node, complaint)

    def _require_running(self, service: str, group: Group | None, node: str | None, complaint: str) -> None:
        if group is None:
            raise FrameworkError(f"rgmanager does not know service {service}{complaint}; see its log")
        _refuse_failed(group)
        if group.state != "started" or node not in (None, group.owner):
            where = f" on {node}" if node else ""
            raise FrameworkError(
                f"service {service} was told to run{where}, but {_words(group)}{complaint}; the log of rgmanager on "
                "the nodes says which resource did not start"
            )

    def _set_frozen(self, service: str, frozen: bool) -> None:
        complaint = self._order(["clusvcadm", "-Z" if frozen else "-U", service], _NOTICE_TIMEOUT)
        if self.runner.dry:
            return
        after = self._await_state(service, lambda found: found.frozen == frozen, _NOTICE_TIMEOUT)
        if after is None or after.frozen != frozen:
            words = "freeze" if frozen else "unfreeze"
            raise FrameworkError(f"rgmanager did not {words} service {service}{complaint}")

    def _order(self, argv: Sequence[str], timeout: float) -> str:
        """Give an order; what it answers if it fails, as words behind others. What came of it, only clustat knows."""
        try:
            self.runner.run(argv, timeout=timeout)
        except CommandNotFound as error:
            raise NotRunning(str(error)) from None
        except CommandError as error:
            return f" ({shlex.join(argv)}: {error.output or error.reason})"
        return ""

    def _await_state(self, service: str, reached: Callable[[Group], bool], timeout: float) -> Group | None:
        """Wait until a service is as wanted, or until nothing is under way that could make it so."""
        found: Group | None = None
        quiet = 0

        def ended() -> bool:
            nonlocal found, quiet
            found = self._clustat().group(service)
            if found is not None and found.state in clustat.PASSING_STATES:
                quiet = 0
                return False
            quiet += 1
            # A state that has only just been left may still be shown once or twice.
            return (found is not None and reached(found)) or quiet > 3

        self._await(ended, timeout)
        return found

    def _await(self, condition: Callable[[], bool], timeout: float) -> bool:
        deadline = self.runner.clock() + timeout
        while not condition():
            if self.runner.clock() >= deadline:
                return False
            self.runner.pause(_PAUSE)
        return True

    def settle(self, timeout: float) -> None:
        """Wait until no service is on its way from one state to another."""
        passing: list[Group] = []

        def settled() -> bool:
            groups = self._clustat().groups or {}
            passing[:] = [group for group in groups.values() if group.state in clustat.PASSING_STATES]
            return not passing

        if not self._await(settled, timeout):
            words = "; ".join(f"service {group.name}: {_words(group)}" for group in passing)
            raise FrameworkError(f"the cluster did not settle within {timeout:g} seconds: {words}")

    # -- operating ----------------------------------------------------------------------------------------------

    def set_service_enabled(self, service: str, enabled: bool) -> None:
        """Enable it on the best of its nodes, or disable it."""
        situation, group = self._situation_of(service)
        if not enabled:
            if group.state != "disabled":
                _refuse_frozen(group)
                _refuse_failed(group)
                self._bring_down(service)
        elif group.state != "started":
            _refuse_frozen(group)
            _refuse_failed(group)
            self._start(service, best_node(situation, service), _ORDER_TIMEOUT)

    def move_service(self, service: str, node: str, timeout: float, start: bool = False) -> None:  # noqa: ARG002
        """Relocate it if it runs, else enable it there."""
        group = self._situation_of(service)[1]
        if group.state == "started" and group.owner == node:
            return
        _refuse_frozen(group)
        _refuse_failed(group)
        if group.state == "started":
            self._relocate(service, node, timeout)
        else:
            self._start(service, node, timeout)

    def set_node_standby(self, node: str, standby: bool) -> None:
        """Relocate every service of the node to its next one. There is no standby: a later failover may use it again.

        A service without another node is stopped, not disabled: the next change of the membership starts it.
        """
        if not standby:
            return
        situation = self._situation()
        _require_quorum(situation.status)
        for group in (situation.status.groups or {}).values():
            if group.owner == node and group.state == "started":
                _refuse_frozen(group)
                target = best_node(situation, group.name, other_than=node)
                if target is None:
                    self._bring_down(group.name, "-s")
                else:
                    self._relocate(group.name, target, _ORDER_TIMEOUT)

    def set_service_frozen(self, service: str, frozen: bool) -> None:
        """Freeze or unfreeze it: nothing is started, stopped, moved or watched meanwhile."""
        if self._situation_of(service)[1].frozen != frozen:
            self._set_frozen(service, frozen)

    def clear_failures(self, service: str) -> None:
        """Disable a failed service, which is all that rgmanager allows for it; bringing it online is another step.

        Whoever does so has seen to it that no node still has its volume mounted. Parts that failed by themselves, of
        a service that runs, are convalesced.
        """
        group = self._situation_of(service)[1]
        if group.state == "failed":
            _refuse_frozen(group)
            complaint = self._order(["clusvcadm", "-d", service], _ORDER_TIMEOUT)
            if not self.runner.dry:
                after = self._await_state(service, lambda found: found.state == "disabled", _ORDER_TIMEOUT)
                if after is None or after.state != "disabled":
                    raise FrameworkError(f"the failure of service {service} could not be cleared{complaint}")
        elif group.partial:
            complaint = self._order(["clusvcadm", "-c", service], _ORDER_TIMEOUT)
            if not self.runner.dry:
                after = self._await_state(service, lambda found: not found.partial, _ORDER_TIMEOUT)
                if after is None or after.partial:
                    raise FrameworkError(f"parts of service {service} still do not run{complaint}")

    def _situation_of(self, service: str) -> tuple[Situation, Group]:
        situation = self._situation()
        _require_quorum(situation.status)
        group = situation.status.group(service)
        if group is None:
            raise FrameworkError(f"service {service} is not known to rgmanager")
        return situation, group

    # -- adopting -----------------------------------------------------------------------------------------------

    def parse_saved(self, text: str) -> ClusterConfig:
        """A cluster.conf; what it says counts as being in effect."""
        conf = _parsed_conf(text, "the saved configuration")
        return configuration(Situation(conf, conf.version, Clustat(False, {}, None)))

    def export(self, config: ClusterConfig) -> Export:
        """Services with their failover domains, fencing devices and attributes of the cluster."""
        cluster, unexpressed = exported_cluster(config)
        drafts = {service.name: draft(service, service.placement or ()) for service in config.services}
        whole = replace(
            config,
            services=tuple(
                replace(service, settings={**service.settings, IN_EFFECT: "true"}) for service in config.services
            ),
        )
        cluster, services, further = describe(
            whole, drafts, cluster, self.rules, self._compiled, self, notable=lambda key, _: not self.operational(key)
        )
        # They are described as they are, and refused until somebody has decided about them.
        return Export(cluster, services, [*unexpressed, *further, *map(str, fencing.concerns(cluster))])


def _compile_service(service: ServiceDescription, include_applications: bool, problems: list[Problem]) -> Service:
    """One service of the description; what is wrong with it is added to the problems."""
    where = f"services[{service.name}]"
    if ":" in service.name:
        problems.append(Problem(f"{where}.name", service.name, "has a colon in it", "use a name without one"))
    settings: dict[str, str] = domain_settings(f"{service.name}_domain", service.failback)
    settings[IN_EFFECT] = "true" if include_applications else INSTALLING
    if include_applications:
        settings.update(_FINAL_SETTINGS)
    settings = normal_settings(overridden(settings, service.properties))
    for key, value in settings.items():
        tag = "failoverdomain" if key.startswith(DOMAIN) else "service"
        if key in (IN_EFFECT, MANAGED):
            continue
        problem = cluster_conf.attribute_problem(tag, key.removeprefix(DOMAIN), value)
        if problem is not None:
            problems.append(Problem(f"{where}.properties.{key_name(key)}", value, problem, "correct it"))
    resources = {
        role: Resource(service.resource_name(role), resource_type, resource_settings)
        for role, resource_type, resource_settings in compile_members(service, include_applications, problems)
    }
    members = [
        replace(member, settings=normal_settings(member.settings))
        for member in with_native_settings(service, resources, include_applications)
    ]
    roles = dict(zip(resources, members))
    own = {member.name for member in (service.application.members if service.application else ())}
    for role, member in roles.items():
        key_of = (
            f"{where}.application.members.{role}.properties" if role in own else f"{where}.resource_properties.{role}"
        )
        settings_of = {
            key: value for key, value in member.settings.items() if key != REQUIRES and not key.startswith(OPERATION)
        }
        for key, problem in cluster_conf.resource_problems(member.type, settings_of):
            remedy = "see the metadata of the agent"
            problems.append(Problem(f"{key_of}.{key_name(key)}", settings_of.get(key), problem, remedy))
    try:
        ordered = in_start_order(members, service.name)
    except RgmanagerError as error:
        names = Names(member.name for member in members)
        remedy = "take one requirement away"
        problems.append(Problem(f"{where}.application.members", names, str(error), remedy))
        ordered = tuple(members)
    judge_address_names(service.name, roles, ordered, problems)
    return Service(service.name, service.nodes, settings, ordered)


def _parsed_conf(text: str, source: str) -> ClusterConf:
    try:
        return cluster_conf.parse(text)
    except cluster_conf.ClusterConfError as error:
        raise FrameworkError(f"{source} is not a cluster.conf: {error}") from None


def _words(group: Group) -> str:
    return f"it is {group.state}" + (f" on {group.owner}" if group.owner else "")


def _require_quorum(status: Clustat) -> None:
    if not status.quorate:
        raise FrameworkError(
            "the cluster has no quorum, so rgmanager does nothing; bring more nodes into the cluster and run again"
        )


def _refuse_frozen(group: Group) -> None:
    if group.frozen:
        raise FrameworkError(f"service {group.name} is frozen, so rgmanager leaves it as it is; unfreeze it first")


def _refuse_failed(group: Group) -> None:
    if group.state == "failed":
        where = f" on {group.last_owner}" if group.last_owner else ""
        raise FrameworkError(
            f"service {group.name} failed: a resource of it did not stop{where}; see to it that no node still has its "
            "volume mounted or its address, then clear the failure and bring the service online"
        )
