# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Red Hat Cluster Suite of the releases 4 to 6: one cluster.conf, written at most once per run, and ``clusvcadm``.

Everything is read from this node's cluster.conf, ``cman_tool version`` and ``clustat -x``. A change is one new
cluster.conf with the next ``config_version``, propagated by ``ccs_tool update`` (4 and 5) or ``cman_tool version -r``
(6), then ``clusvcadm -e`` for services that do not run yet.

Native settings are attributes of the elements in cluster.conf. Beside these there are

- of a service: ``domain ordered``, ``domain restricted``, ``domain nofailback`` and ``domain nodes`` of its failover
  domain, and for each node of it ``node NODE``, its place by the priorities; ``managed`` (false:
  frozen); ``in effect`` (see below),
- of a member: ``requires``, the member that it is nested in, and ``operation NAME ATTRIBUTE`` of its actions, where the
  name of an operation may have its depth behind it, as in ``operation status.10 interval``,
- of a fencing device: ``node NODE``, the options that fence that node with it (``port=3``),
- of the cluster: ``ELEMENT.ATTRIBUTE``, as in ``fence_daemon.post_join_delay``.

``in effect`` says that an earlier run came to its end: that what stands in the file is what the cluster runs, and, of
a service, that it was started once. A service that an operator has disabled stays disabled and is in effect; one that
never ran since the cluster was started, or was stopped by half a run, is not, and is started by the next.

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
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from xml.etree.ElementTree import Element

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
    SECRET_NAME,
    Deployment,
    DescriptionError,
    FencingDevice,
    FrameworkRules,
    Problem,
    ServiceDescription,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats import clustat, cluster_conf
from ansible_collections.groupware.ha.plugins.module_utils.formats.clustat import Clustat, Group
from ansible_collections.groupware.ha.plugins.module_utils.formats.cluster_conf import ClusterConf, Editor, Member
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import (
    Export,
    FrameworkError,
    NotRunning,
    overridden,
    with_native_settings,
)
from ansible_collections.groupware.ha.plugins.module_utils.reconcile import MEMBERS_KEY, Change

CLUSTER_CONF = "/etc/cluster/cluster.conf"

DOMAIN = "domain "
DOMAIN_NODES = "domain nodes"
OPERATION = "operation "
REQUIRES = "requires"
MANAGED = "managed"
IN_EFFECT = "in effect"
#: What ``in effect`` is to be for a service that has no application yet.
INSTALLING = "true, for the installation"

_INSTALLATION_SETTINGS = {"autostart": "0", "recovery": "disable"}
_FINAL_SETTINGS = {"autostart": "1", "recovery": "relocate"}

#: Elements whose attributes are properties of the cluster that a description may set.
_PROPERTY_ELEMENTS = ("rm", "fence_daemon", "totem", "quorumd", "dlm", "group", "logging")
#: What the installation of the cluster has set; shown and exported.
_CLUSTER_NAME, _CLUSTER_NODES = "cluster.name", "cluster.nodes"
_PROPERTY = re.compile(rf"({'|'.join(_PROPERTY_ELEMENTS)})\.[A-Za-z_][A-Za-z0-9_]*")

_SCALIX_SCRIPT = "/etc/init.d/scalix"
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
    keeps_services_offline = True
    keeps_nodes_free = False
    rules = FrameworkRules(
        framework="rhcs",
        pattern=r"[A-Za-z0-9_.:-]+",
        words="letters, digits, hyphens, dots and underscores",
        # rgmanager keeps service:NAME in 64 bytes.
        longest=55,
        filesystems=("ext3", "ext4", "xfs"),
        applications=("scalix", "native"),
    )

    def __init__(self, runner: Runner) -> None:
        self.runner = runner

    # -- description to native terms ----------------------------------------------------------------------------

    def compile(self, deployment: Deployment, include_applications: bool = True) -> ClusterConfig:
        """The description as services with failover domains, fencing devices and attributes of the cluster."""
        cluster = deployment.cluster
        problems: list[Problem] = []
        for key, value in cluster.properties.items():
            if _PROPERTY.fullmatch(key) is None:
                remedy = f"use ELEMENT.ATTRIBUTE with one of the elements {', '.join(_PROPERTY_ELEMENTS)}"
                problems.append(Problem(f"cluster.properties.{key}", value, "is not set by a description", remedy))
        services = [_compile_service(service, include_applications, problems) for service in deployment.services]
        config = ClusterConfig(
            properties={**_normal_settings(cluster.properties), IN_EFFECT: "true"},
            resources=tuple(_compile_device(device) for device in cluster.fencing_devices),
            # A service needs a member: one that is nothing but its application is made together with it.
            services=tuple(service for service in services if service.resources),
        )
        _judge_names(config, problems)
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
        return Resource(name, resource_type, _member_settings(properties, meta, operations))

    def native_service(
        self, name: str, nodes: Sequence[str], properties: Mapping[str, str], resources: Sequence[Resource]
    ) -> Service:
        """A service; with nodes it has an ordered and restricted failover domain of its own."""
        if ":" in name:
            raise FrameworkError(f"service {name}: the name of a service has no colon on rhcs")
        domain = _domain_settings(f"{name}_domain", nodes) if nodes else {}
        settings = {**domain, **_normal_settings(properties), IN_EFFECT: "true"}
        return Service(name, _priorities(nodes), settings, _in_start_order(resources, name))

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

    def _situation(self) -> _Situation:
        running, status = self._running_version(), self._clustat()
        situation = _Situation(self._file(), running, status)
        if status.quorate and situation.propagated:
            situation = replace(situation, status=self._with_services(situation))
        if situation.conf.version < situation.running:
            raise FrameworkError(
                f"the cluster runs version {situation.running} of its configuration, but {CLUSTER_CONF} of this node "
                f"is version {situation.conf.version}: copy the file from a node that is up to date"
            )
        return situation

    def _with_services(self, situation: _Situation) -> Clustat:
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
        return key in (MANAGED, IN_EFFECT) or SECRET_NAME.search(key) is not None

    def fixed(self, resource_type: str, key: str) -> bool:  # noqa: ARG002 - as the protocol has it
        """Nothing is: rgmanager stops the old resource and starts the new one."""
        return False

    def axis_settings(self, kind: str, axis: str, value: bool) -> Mapping[str, str]:
        """A service that is frozen is not managed. Members of a service have no axes of their own."""
        if kind == "service" and axis == MANAGED:
            return {MANAGED: _boolean(value)}
        raise FrameworkError(
            f"rhcs cannot change whether a single {kind} is {axis}: it knows of no resource but as a part of its "
            "service; take the service offline, or freeze it"
        )

    def native_type(self, name: str, base_type: str | None, properties: Mapping[str, str]) -> Resource:  # noqa: ARG002
        """There are none: a type is an agent that a package brings."""
        raise FrameworkError(f"type {name}: rhcs registers no types; install the agent below {_AGENT_DIRECTORY}")

    def restarted_services(self, changes: Sequence[Change], current: ClusterConfig) -> list[str]:
        """rgmanager restarts what a changed or removed resource is part of; a new member only starts."""
        owners = current.owners()
        names = []
        for change in changes:
            owner = owners.get(change.name)
            if change.kind != "resource" or owner is None or change.action == "create":
                continue
            keys = {*(change.before or {}), *(change.after or {})}
            if change.action == "delete" or any(not key.startswith(OPERATION) for key in keys):
                names.append(owner)
        return list(dict.fromkeys(names))

    def preferred_nodes(self, service: Service) -> list[str]:
        """The nodes of its failover domain by their priorities; those without one last."""
        return sorted(service.nodes, key=lambda node: int(service.nodes[node]))

    # -- changing -----------------------------------------------------------------------------------------------

    def stop(self, names: Collection[str]) -> None:
        """Disable services that are to go; stop those that lose a member, until they are started by ``apply``.

        ``clusvcadm -s`` leaves a service stopped, not disabled: if the run ends here, the next one can tell it from a
        service that an operator has disabled.
        """
        situation = self._situation()
        _require_quorum(situation.status)
        for service in _dependents_first(situation, names):
            group = situation.status.group(service)
            if group is not None and group.state != "disabled":
                self._bring_down(group)
        for service in _losing_members(situation, names):
            group = situation.status.group(service)
            if group is not None and group.state not in ("disabled", "stopped"):
                self._bring_down(group, "-s", "stopped")

    def apply(self, changes: Sequence[Change]) -> None:
        """Write the configuration once, propagate it, start what does not run yet."""
        situation = self._situation()
        _require_quorum(situation.status)
        plan = planned(situation, changes)
        for service in plan.unfreeze:
            self._set_frozen(service, False)
        if plan.text is not None:
            self.runner.replace_file(CLUSTER_CONF, plan.text, backup=True)
            self._propagate(plan)
        for service, node in plan.starts:
            self._start(service, node, _ORDER_TIMEOUT)
        for service in plan.freeze:
            self._set_frozen(service, True)

    def _propagate(self, plan: _Plan) -> None:
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
            # That it is about to stop and start parts of a running service, nothing shows.
            self.runner.pause(_GRACE)

    def _bring_down(self, group: Group, option: str = "-d", state: str = "disabled") -> None:
        """Have a service stop, and wait for it."""
        _refuse_frozen(group)
        _refuse_failed(group)
        complaint = self._order(["clusvcadm", option, group.name], _ORDER_TIMEOUT)
        if self.runner.dry:
            return
        after = self._await_state(group.name, lambda found: found.state in (state, "disabled"), _ORDER_TIMEOUT)
        if after is not None:
            _refuse_failed(after)
            if after.state not in (state, "disabled"):
                raise FrameworkError(f"service {group.name} was told to stop, but {_words(after)}{complaint}")

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
                self._bring_down(group)
        elif group.state != "started":
            _refuse_frozen(group)
            _refuse_failed(group)
            self._start(service, _best_node(situation, service), _ORDER_TIMEOUT)

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
                target = _best_node(situation, group.name, other_than=node)
                if target is None:
                    self._bring_down(group, "-s", "stopped")
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

    def _situation_of(self, service: str) -> tuple[_Situation, Group]:
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
        return configuration(_Situation(conf, conf.version, Clustat(False, {}, None)))

    def export(self, config: ClusterConfig) -> Export:
        """Services with their failover domains, fencing devices and attributes of the cluster."""
        cluster, unexpressed = _exported_cluster(config)
        drafts = {service.name: _draft(service, self.preferred_nodes(service)) for service in config.services}
        whole = replace(
            config,
            services=tuple(
                replace(service, settings={**service.settings, IN_EFFECT: "true"}) for service in config.services
            ),
        )
        cluster, services, further = describe(
            whole, drafts, cluster, self.rules, self.compile, self, notable=lambda _key, _value: True
        )
        return Export(cluster, services, [*unexpressed, *further])


# -- pure: compiling --------------------------------------------------------------------------------------------


def _compile_service(service: ServiceDescription, include_applications: bool, problems: list[Problem]) -> Service:
    where = f"services[{service.name}]"
    if ":" in service.name:
        problems.append(Problem(f"{where}.name", service.name, "has a colon in it", "use a name without one"))
    settings: dict[str, str] = _domain_settings(f"{service.name}_domain", service.nodes, service.failback)
    settings[IN_EFFECT] = "true" if include_applications else INSTALLING
    if include_applications:
        settings.update(_FINAL_SETTINGS)
    settings = _normal_settings(overridden(settings, service.properties))
    for key, value in settings.items():
        tag = "failoverdomain" if key.startswith(DOMAIN) else "service"
        if key in (DOMAIN_NODES, IN_EFFECT, MANAGED):
            continue
        problem = cluster_conf.attribute_problem(tag, key.removeprefix(DOMAIN), value)
        if problem is not None:
            problems.append(Problem(f"{where}.properties.{key}", value, problem, "correct it"))
    resources = {
        role: Resource(service.resource_name(role), resource_type, resource_settings)
        for role, resource_type, resource_settings in _compile_members(service, include_applications, problems)
    }
    members = [
        replace(member, settings=_normal_settings(member.settings))
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
            problems.append(Problem(f"{key_of}.{key}", settings_of.get(key), problem, remedy))
    try:
        ordered = _in_start_order(members, service.name)
    except FrameworkError as error:
        names = [member.name for member in members]
        remedy = "take one requirement away"
        problems.append(Problem(f"{where}.application.members", names, str(error), remedy))
        ordered = tuple(members)
    _judge_address_names(service.name, roles, ordered, problems)
    return Service(service.name, _priorities(service.nodes), settings, ordered)


def _compile_members(
    service: ServiceDescription, include_applications: bool, problems: list[Problem]
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Role, type and settings of each resource."""
    storage = service.storage
    if storage is not None and storage.volume_group is not None:
        volume = {"vg_name": storage.volume_group, "lv_name": str(storage.logical_volume), "self_fence": "1"}
        yield "volume", "lvm", volume
    if storage is not None:
        properties = {
            "device": storage.block_device,
            "mountpoint": storage.mount_point,
            "fstype": storage.filesystem,
            # Scalix TB-2007-02-HACLUSTER: "Force Unmount", "Reboot host node" and "Check file system" are checked.
            "force_unmount": "1",
            "self_fence": "1",
            "force_fsck": "1",
        }
        if storage.mount_options is not None:
            properties["options"] = storage.mount_options
        yield "storage", "fs", properties
    if service.address is not None:
        yield "address", "ip", {"address": f"{service.address}/{service.prefix_length}", "monitor_link": "1"}
    application = service.application
    if application is None or not include_applications:
        return
    where = f"services[{service.name}].application"
    if application.type == "scalix":
        for number, script in enumerate(_scalix_scripts(application.options, where, problems), start=1):
            yield "application" if number == 1 else f"application_{number}", "script", {"file": script}
    for member in application.members:
        for key, value in member.meta.items():
            if key != REQUIRES:
                remedy = f"{REQUIRES} is all there is"
                problems.append(Problem(f"{where}.members.{member.name}.meta.{key}", value, "is not on rhcs", remedy))
        meta = dict(member.meta)
        if REQUIRES in meta:
            required = meta[REQUIRES]
            if " " in required.strip():
                reason = "names several members, and rhcs nests a member in one"
                key = f"{where}.members.{member.name}.meta.{REQUIRES}"
                problems.append(Problem(key, required, reason, "name the one that starts last"))
            meta[REQUIRES] = service.resource_name(required)
        yield member.name, member.type, _member_settings(member.properties, meta, member.operations)


def _scalix_scripts(options: Mapping[str, Any], where: str, problems: list[Problem]) -> Sequence[str]:
    """The init scripts that run an instance. rgmanager tells them the service's name in OCF_RESKEY_service_name."""
    for key, value in options.items():
        if key not in ("instance", "scripts"):
            problems.append(Problem(f"{where}.options.{key}", value, "is not an option", "use instance or scripts"))
    scripts = options.get("scripts", [_SCALIX_SCRIPT])
    usable = isinstance(scripts, (list, tuple)) and bool(scripts)
    if not usable or not all(isinstance(path, str) and path.startswith("/") for path in scripts):
        remedy = f"give a list of paths, as in [{_SCALIX_SCRIPT}]"
        problems.append(Problem(f"{where}.options.scripts", scripts, "is not a list of init scripts", remedy))
        return ()
    return list(scripts)


def _compile_device(device: FencingDevice) -> Resource:
    """A fencing device; options that end in the name of one of its nodes are for that node."""
    options = dict(device.options)
    settings: dict[str, str] = {}
    for node in device.nodes:
        own = {key: options.pop(key) for key in list(options) if key.endswith(f"_{node}")}
        settings[f"{NODE_KEY}{node}"] = _joined({key[: -len(node) - 1]: value for key, value in own.items()})
    return Resource(device.name, device.agent, {**options, **settings, IN_EFFECT: "true"})


def _judge_names(config: ClusterConfig, problems: list[Problem]) -> None:
    """Refuse names that meet once compiled, and one failover domain that is to have two shapes."""
    owners: dict[str, str] = {resource.name: "" for resource in config.resources}
    domains: dict[str, tuple[str, Mapping[str, str]]] = {}
    for service in config.services:
        for name in (service.name, *(resource.name for resource in service.resources)):
            if name in owners:
                taken = f"service {owners[name]}" if owners[name] else "a fencing device"
                reason = f"gives the name {name}, which {taken} has too"
                problems.append(Problem(f"services[{service.name}].name", service.name, reason, "choose another name"))
            owners.setdefault(name, service.name)
        shape = {key: value for key, value in service.own_settings().items() if key.startswith((DOMAIN, NODE_KEY))}
        domain = service.settings.get("domain", "")
        other, other_shape = domains.setdefault(domain, (service.name, shape))
        if domain and shape != other_shape:
            reason = f"is also that of service {other}, with other nodes or attributes"
            key = f"services[{service.name}].properties.domain"
            problems.append(Problem(key, domain, reason, "give each service its own domain"))


def _judge_address_names(
    service: str, roles: Mapping[str, Resource], ordered: Sequence[Resource], problems: list[Problem]
) -> None:
    addresses = [member.name for member in ordered if member.type == "ip"]
    for number, name in enumerate(addresses, start=1):
        expected = _address_name(service, number)
        if name != expected:
            role = next(role for role, member in roles.items() if member.name == name)
            reason = f"names an address, which has no name in cluster.conf; number {number} is called {expected}"
            remedy = f"call it {expected.removeprefix(f'{service}_')}"
            problems.append(Problem(f"services[{service}].resource_names.{role}", name, reason, remedy))


def _address_name(service: str, number: int) -> str:
    return f"{service}_address" if number == 1 else f"{service}_address_{number}"


def _domain_settings(name: str, nodes: Sequence[str], failback: bool = False) -> dict[str, str]:
    return {
        "domain": name,
        f"{DOMAIN}ordered": "1",
        f"{DOMAIN}restricted": "1",
        f"{DOMAIN}nofailback": "0" if failback else "1",
        DOMAIN_NODES: " ".join(nodes),
    }


def _priorities(nodes: Sequence[str]) -> dict[str, str]:
    return {node: str(priority) for priority, node in enumerate(nodes, start=1)}


def _member_settings(
    properties: Mapping[str, str], meta: Mapping[str, str], operations: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    settings = {**_normal_settings(properties), **meta}
    for operation, values in operations.items():
        settings.update({f"{OPERATION}{operation} {name}": value for name, value in values.items()})
    return settings


def _in_start_order(resources: Sequence[Resource], service: str) -> tuple[Resource, ...]:
    """As rgmanager starts them: by levels of their types, and what is nested right after what it is in."""
    names = {resource.name for resource in resources}
    nested: dict[str, list[Resource]] = {}
    for resource in resources:
        parent = resource.settings.get(REQUIRES, "")
        nested.setdefault(parent if parent in names else "", []).append(resource)

    def started(parent: str) -> Iterator[Resource]:
        children = nested.get(parent, [])
        if not parent:
            children = sorted(children, key=lambda child: cluster_conf.start_level(child.type))
        for child in children:
            yield child
            yield from started(child.name)

    ordered = tuple(started(""))
    if len(ordered) != len(resources):
        raise FrameworkError(f"members of service {service} require each other in a circle")
    return ordered


def _normal_settings(settings: Mapping[str, str]) -> dict[str, str]:
    return {key: _normal(key.rpartition(" ")[2], value) for key, value in settings.items()}


def _normal(attribute: str, value: str) -> str:
    """Booleans as cluster.conf has them."""
    if attribute in cluster_conf.BOOLEANS or attribute == "exclusive":
        word = value.strip().lower()
        return "1" if word in cluster_conf.TRUE_WORDS else "0" if word in cluster_conf.FALSE_WORDS else value
    return value


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _joined(options: Mapping[str, str]) -> str:
    return shlex.join(f"{key}={options[key]}" for key in sorted(options))


def _split(options: str) -> dict[str, str]:
    """The inverse of _joined.

    :raises FrameworkError: it is something else
    """
    try:
        words = shlex.split(options)
    except ValueError:
        words = [""]
    pairs = [word.partition("=") for word in words]
    if not all(key.isidentifier() and equals for key, equals, _ in pairs):
        raise FrameworkError(f"{options!r} are no options of a fencing device; write them as in 'port=3 option=off'")
    return {key: value for key, _, value in pairs}


# -- pure: the configuration ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Situation:
    """This node's cluster.conf, the version that the cluster runs, and where its services are."""

    conf: ClusterConf
    running: int
    status: Clustat

    @property
    def propagated(self) -> bool:
        """Whether the cluster runs what is in the file."""
        return self.conf.version == self.running


def _parsed_conf(text: str, source: str) -> ClusterConf:
    try:
        return cluster_conf.parse(text)
    except cluster_conf.ClusterConfError as error:
        raise FrameworkError(f"{source} is not a cluster.conf: {error}") from None


def configuration(situation: _Situation) -> ClusterConfig:
    """What cluster.conf says, with what only the running cluster knows."""
    editor = Editor(situation.conf)
    root = situation.conf.root
    properties = {
        f"{tag}.{name}": value
        for tag in _PROPERTY_ELEMENTS
        for element in root.findall(tag)[:1]
        for name, value in element.attrib.items()
    }
    properties[_CLUSTER_NAME] = root.get("name", "")
    properties[_CLUSTER_NODES] = " ".join(situation.conf.node_names)
    properties[IN_EFFECT] = _boolean(situation.propagated)
    services = [
        Service(
            name,
            _ranks(editor, element),
            _read_service(editor, element, situation),
            _read_members(members),
        )
        for (name, element), members in zip(editor.services.items(), _all_members(editor).values())
    ]
    if not situation.propagated:
        # What is no longer in the file is still there for the cluster.
        services += [Service(name, {}, {}, ()) for name in situation.status.groups or {} if name not in editor.services]
    resources = [_read_device(editor, device, situation) for device in editor.fence_devices()]
    foreign = {f"vm:{machine.get('name', '')}" for machine in root.findall("./rm/vm")}
    foreign |= {f"{resource_type}:{primary}" for resource_type, primary in editor.unused_definitions()}
    config = ClusterConfig(properties, tuple(resources), tuple(services))
    return replace(config, foreign=frozenset(foreign - set(config.owners())))


def _all_members(editor: Editor) -> dict[str, dict[str, Member]]:
    """The members of each service by the names that they go by here: every name is there once."""
    taken = {*editor.services, *(device.get("name", "") for device in editor.fence_devices())}
    found: dict[str, dict[str, Member]] = {}
    for service, element in editor.services.items():
        members: dict[str, Member] = {}
        addresses = 0
        for member in editor.members(element):
            if member.type == "ip":
                addresses += 1
                candidates = [_address_name(service, addresses)]
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


def _ranks(editor: Editor, service: Element) -> dict[str, str]:
    """The places of the nodes by their priorities, from 1 on; nodes of one priority share a place."""
    domain = editor.domain(service.get("domain", ""))
    if domain is None:
        return {}
    entries = {entry.get("name", ""): _priority(entry) for entry in domain.findall("failoverdomainnode")}
    names = sorted(entries, key=lambda name: entries[name])
    if _normal("ordered", domain.get("ordered", "0")) != "1":
        return {name: str(place) for place, name in enumerate(names, start=1)}
    priorities = sorted(set(entries.values()))
    return {name: str(priorities.index(entries[name]) + 1) for name in names}


def _priority(entry: Element) -> int:
    text = entry.get("priority", "")
    # One that says none comes last.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 100


def _read_service(editor: Editor, service: Element, situation: _Situation) -> dict[str, str]:
    settings = {key: value for key, value in service.attrib.items() if key != "name"}
    domain = editor.domain(service.get("domain", ""))
    if domain is not None:
        settings.update({f"{DOMAIN}{key}": value for key, value in domain.attrib.items() if key != "name"})
        settings[DOMAIN_NODES] = " ".join(entry.get("name", "") for entry in domain.findall("failoverdomainnode"))
    group = situation.status.group(service.get("name", ""))
    in_effect = situation.propagated
    if situation.status.groups is not None:
        in_effect = in_effect and group is not None and not group.never_ran and group.state != "stopped"
    if group is not None:
        settings[MANAGED] = _boolean(not group.frozen)
    settings[IN_EFFECT] = _boolean(in_effect)
    return settings


def _read_members(members: Mapping[str, Member]) -> tuple[Resource, ...]:
    names = {id(member.element): name for name, member in members.items()}
    resources = []
    for name, member in members.items():
        settings = dict(member.attributes)
        if id(member.path[-1]) in names:
            settings[REQUIRES] = names[id(member.path[-1])]
        for action in member.actions:
            depth = cluster_conf.action_depth(action)
            operation = action.get("name", "") + ("" if depth is None else f".{depth}")
            for key, value in action.attrib.items():
                if key not in ("name", "depth"):
                    settings.setdefault(f"{OPERATION}{operation} {key}", value)
        resources.append(Resource(name, member.type, settings))
    return tuple(resources)


def _read_device(editor: Editor, device: Element, situation: _Situation) -> Resource:
    settings = {key: value for key, value in device.attrib.items() if key not in ("name", "agent")}
    uses: dict[str, list[str]] = {}
    for node, _fence, method, use in editor.fence_places(device.get("name", "")):
        secrets = [key for key in use.attrib if SECRET_NAME.search(key)]
        if secrets:
            # Only that they are there is told; they stay what they are.
            settings[f"secret options of {node}"] = " ".join(secrets)
        options = _joined({key: value for key, value in use.attrib.items() if key not in ("name", *secrets)})
        shared = len(method.findall("device")) > 1
        uses.setdefault(node, []).append(f"together with others: {options}" if shared else options)
    settings.update({f"{NODE_KEY}{node}": "; ".join(found) for node, found in uses.items()})
    settings[IN_EFFECT] = _boolean(situation.propagated)
    return Resource(device.get("name", ""), device.get("agent", ""), settings)


def same_meaning(key: str, current: str, desired: str) -> bool:
    """Whether two texts mean the same to rgmanager."""
    if key == IN_EFFECT:
        return current == "true"
    if key == DOMAIN_NODES:
        return set(current.split()) == set(desired.split())
    attribute = key.rpartition(" ")[2]
    if attribute == "address":
        return cluster_conf.same_address(current, desired)
    if current.isascii() and current.isdigit() and desired.isascii() and desired.isdigit():
        return int(current) == int(desired)
    return _normal(attribute, current) == _normal(attribute, desired)


# -- pure: planning ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Plan:
    """What is to be done: the new text of cluster.conf if it changes, and orders to services.

    ``services`` are those that rgmanager is to know afterwards, ``deleted`` those that it is to have forgotten;
    ``reconfigured`` says that it changes services which run.
    ``starts`` names the node for each service, None where no node of it is there.
    """

    text: str | None
    version: int
    services: Sequence[str]
    deleted: Sequence[str]
    reconfigured: bool
    starts: Sequence[tuple[str, str | None]]
    freeze: Sequence[str]
    unfreeze: Sequence[str]


def planned(situation: _Situation, changes: Sequence[Change]) -> _Plan:
    """The configuration after the changes, and the orders that go with it.

    :raises FrameworkError: the changes cannot be made, or would change something that they are not about
    """
    wanted = edited(situation.conf, changes)
    # What was not propagated gets a new version: it may have come as far as to the daemons that compare versions.
    differs = wanted.canonical() != situation.conf.canonical() or not situation.propagated
    version = max(situation.conf.version, situation.running) + 1 if differs else situation.conf.version
    services = list(Editor(wanted).services)
    managed = {
        change.name: change.after[MANAGED]
        for change in changes
        if change.kind == "service" and change.after is not None and MANAGED in change.after
    }
    unfreeze = [name for name, value in managed.items() if value == "true" and _is_frozen(situation, name)]
    return _Plan(
        text=wanted.text(version) if differs else None,
        version=version,
        services=services,
        deleted=[name for name in situation.status.groups or {} if name not in services],
        reconfigured=any(_runs(situation, change.service or change.name) for change in changes),
        starts=list(_starts(replace(situation, conf=wanted), changes, unfreeze)),
        freeze=[name for name, value in managed.items() if value == "false"],
        unfreeze=unfreeze,
    )


def _starts(
    situation: _Situation, changes: Sequence[Change], unfreeze: Collection[str]
) -> Iterator[tuple[str, str | None]]:
    """Services that are to be started: new ones, and those that a run has stopped, this one or one that broke off."""
    touched = [change.name if change.kind == "service" else change.service for change in changes]
    losing = {change.service for change in changes if change.kind == "resource" and change.action == "delete"}
    known = Editor(situation.conf).services
    for service in dict.fromkeys(touched):
        if service is None or service not in known:
            continue
        group = situation.status.group(service)
        if group is not None and group.frozen and service not in unfreeze:
            continue
        stopped = group is None or group.never_ran or group.state == "stopped"
        if stopped or (group is not None and group.state == "started" and service in losing):
            yield service, _best_node(situation, service)


def _runs(situation: _Situation, service: str) -> bool:
    group = situation.status.group(service)
    return group is not None and group.state == "started"


def _is_frozen(situation: _Situation, service: str) -> bool:
    group = situation.status.group(service)
    return group is not None and group.frozen


def _best_node(situation: _Situation, service: str, other_than: str | None = None) -> str | None:
    """The node to run a service on: where it is or was, else the first of its nodes that is there."""
    editor = Editor(situation.conf)
    element = editor.services.get(service)
    ranks = {} if element is None else _ranks(editor, element)
    domain = None if element is None else editor.domain(element.get("domain", ""))
    nodes = sorted(ranks, key=lambda node: int(ranks[node]))
    if domain is None or _normal("restricted", domain.get("restricted", "0")) != "1":
        nodes += [node for node in situation.status.nodes if node not in nodes]
    group = situation.status.group(service)
    if group is not None and other_than is None and group.state in ("started", "stopped"):
        nodes = [node for node in (group.owner, group.last_owner) if node in nodes] + nodes
    return next((node for node in nodes if situation.status.nodes.get(node) and node != other_than), None)


def _dependents_first(situation: _Situation, names: Collection[str]) -> list[str]:
    """The services among the names, each before those that it depends on."""
    services = Editor(situation.conf).services
    waiting = [name for name in names if name in services or situation.status.group(name) is not None]
    depends = {name: services[name].get("depend", "").partition(":")[2] if name in services else "" for name in waiting}
    ordered: list[str] = []
    while waiting:
        free = [name for name in waiting if not any(depends[other] == name for other in waiting if other != name)]
        ordered += free or waiting
        waiting = [name for name in waiting if name not in ordered]
    return ordered


def _losing_members(situation: _Situation, names: Collection[str]) -> list[str]:
    """Services that stay but lose one of the named members."""
    members = _all_members(Editor(situation.conf))
    return [service for service, own in members.items() if service not in names and set(own) & set(names)]


# -- pure: editing ----------------------------------------------------------------------------------------------


def edited(conf: ClusterConf, changes: Sequence[Change]) -> ClusterConf:
    """The configuration after the changes, with all else as it was.

    :raises FrameworkError: it would not be valid, or a change cannot be made without another that was not asked for
    """
    wanted = conf.copy()
    editor = Editor(wanted)
    members = _all_members(editor)
    orders: dict[str, Sequence[str]] = {}
    try:
        for change in changes:
            if change.kind == "cluster":
                for key, value in (change.after or {}).items():
                    if key != IN_EFFECT:
                        tag, _point, attribute = key.partition(".")
                        editor.set_property(tag, attribute, value)
            elif change.kind == "service":
                _edit_service(editor, members, change)
                if MEMBERS_KEY in (change.after or {}):
                    orders[change.name] = (change.after or {})[MEMBERS_KEY].split()
            elif change.service is None:
                _edit_device(editor, change)
            else:
                _edit_member(editor, members, change, change.service)
    except cluster_conf.ClusterConfError as error:
        raise FrameworkError(f"{CLUSTER_CONF} cannot be changed: {error}") from None
    for service, names in orders.items():
        if service in editor.services:
            present = members[service]
            editor.reorder(editor.services[service], [present[name].element for name in names if name in present])
    _judge_edit(conf, wanted, changes)
    return wanted


def _judge_edit(conf: ClusterConf, wanted: ClusterConf, changes: Sequence[Change]) -> None:
    known = cluster_conf.problems(conf)
    problems = [problem for problem in cluster_conf.problems(wanted) if problem not in known]
    if problems:
        raise FrameworkError(f"{CLUSTER_CONF} would not be valid: {'; '.join(problems)}; nothing was changed")
    nowhere = Clustat(True, {}, None)
    before = configuration(_Situation(conf, conf.version, nowhere))
    after = configuration(_Situation(wanted, wanted.version, nowhere))
    touched = {change.service or change.name for change in changes}
    for service in before.services:
        other = after.service(service.name)
        if service.name not in touched and (other is None or _shape(service) != _shape(other)):
            raise FrameworkError(
                f"the changes would change service {service.name} too, which has a failover domain or a resource in "
                "common with what they are about; give each its own, or change both in one run; nothing was changed"
            )
    for change in changes:
        if change.action != "delete":
            _require_made(after, change)


def _shape(service: Service) -> tuple[object, ...]:
    """A service without the names that its members only go by."""
    members = [
        (member.type, {key: value for key, value in member.settings.items() if key != REQUIRES})
        for member in service.resources
    ]
    return service.own_settings(), members


def _require_made(after: ClusterConfig, change: Change) -> None:
    """Refuse a change that cluster.conf has no place for."""
    if change.kind == "cluster":
        settings: Mapping[str, str] | None = after.properties
    elif change.kind == "service":
        service = after.service(change.name)
        settings = None if service is None else service.own_settings()
    else:
        owner = None if change.service is None else after.service(change.service)
        resources = after.resources if owner is None else owner.resources
        settings = next((resource.settings for resource in resources if resource.name == change.name), None)
        if settings is None and owner is not None:
            names = ", ".join(resource.name for resource in resources if resource.type == change.type)
            raise FrameworkError(
                f"resource {change.name} cannot have this name in cluster.conf; those of type {change.type} in service "
                f"{owner.name} would be called {names}; nothing was changed"
            )
    for key, value in (change.after or {}).items():
        if key in (MEMBERS_KEY, IN_EFFECT, MANAGED):
            continue
        if settings is None or not same_meaning(key, settings.get(key, ""), value):
            raise FrameworkError(
                f"{change.kind} {change.name}: {key} = {value!r} has no place in cluster.conf; nothing was changed"
            )


def _edit_service(editor: Editor, members: dict[str, dict[str, Member]], change: Change) -> None:
    if change.action == "delete":
        members.pop(change.name, None)
        if change.name in editor.services:
            editor.remove_service(change.name)
        return
    if change.action == "create":
        editor.add_service(change.name)
        members[change.name] = {}
    element = editor.services.get(change.name)
    if element is None:
        raise FrameworkError(f"service {change.name} has gone while it was to be changed; run again")
    settings: dict[str, str | None] = {key: None for key in change.before or {} if key not in (change.after or {})}
    settings.update(change.after or {})
    if change.action == "create" and settings.get(IN_EFFECT) == INSTALLING:
        settings = {**_INSTALLATION_SETTINGS, **settings}
    if "domain" in settings:
        _set_domain(editor, element, settings.pop("domain"))
    _edit_domain(editor, element, settings)
    for key, value in settings.items():
        if key.startswith((DOMAIN, NODE_KEY)) or key in (MEMBERS_KEY, IN_EFFECT, MANAGED):
            continue
        if value is None:
            element.attrib.pop(key, None)
        else:
            element.set(key, value)


def _set_domain(editor: Editor, service: Element, name: str | None) -> None:
    """Give a service another failover domain, which is as the old one was if it is new."""
    old = editor.domain(service.get("domain", ""))
    old_name = service.attrib.pop("domain", "")
    if name is not None:
        if editor.domain(name) is None and old is not None:
            if editor.users_of_domain(old_name):
                new = editor.make_domain(name)
                new.attrib.update({**old.attrib, "name": name})
                entries = old.findall("failoverdomainnode")
                nodes = {entry.get("name", ""): entry.get("priority", "") for entry in entries}
                editor.set_domain_nodes(new, nodes)
            else:
                old.set("name", name)
        service.set("domain", name)
        editor.make_domain(name)
    editor.drop_domain(old_name)


def _edit_domain(editor: Editor, service: Element, settings: Mapping[str, str | None]) -> None:
    settings = {key: value for key, value in settings.items() if key.startswith((DOMAIN, NODE_KEY))}
    domain = editor.domain(service.get("domain", ""))
    if domain is None:
        if any(value is not None for value in settings.values()):
            raise FrameworkError(
                f"service {service.get('name')} has no failover domain to give nodes to; name one with domain"
            )
        return
    if not settings:
        return
    ranks = _ranks(editor, service)
    nodes = settings.get(DOMAIN_NODES)
    if nodes is not None:
        ranks = {node: ranks.get(node, str(len(ranks) + 1)) for node in nodes.split()}
    for key, value in settings.items():
        if key.startswith(NODE_KEY):
            node = key[len(NODE_KEY) :]
            if value is None:
                ranks.pop(node, None)
            else:
                ranks[node] = value
        elif key != DOMAIN_NODES:
            if value is None:
                domain.attrib.pop(key[len(DOMAIN) :], None)
            else:
                domain.set(key[len(DOMAIN) :], value)
    editor.set_domain_nodes(domain, ranks)


def _edit_device(editor: Editor, change: Change) -> None:
    if change.action == "delete":
        editor.remove_fence_device(change.name)
        return
    if change.action == "create":
        if not (change.type or "").startswith("fence_"):
            raise FrameworkError(
                f"resource {change.name}: one of type {change.type} is started with a service alone; name the group"
            )
        editor.add_fence_device(change.name, change.type or "")
    device = editor.fence_device(change.name)
    if device is None:
        raise FrameworkError(f"fencing device {change.name} has gone while it was to be changed; run again")
    settings: dict[str, str | None] = {key: None for key in change.before or {} if key not in (change.after or {})}
    settings.update(change.after or {})
    for key, value in settings.items():
        if key.startswith(NODE_KEY):
            node = key[len(NODE_KEY) :]
            secrets = {
                option: text
                for name, _fence, _method, use in editor.fence_places(change.name)
                for option, text in use.attrib.items()
                if name == node and SECRET_NAME.search(option)
            }
            editor.set_fencing(node, change.name, None if value is None else {**_split(value), **secrets})
        elif key != IN_EFFECT:
            if value is None:
                device.attrib.pop(key, None)
            else:
                device.set(key, value)


def _edit_member(editor: Editor, members: dict[str, dict[str, Member]], change: Change, service: str) -> None:
    element, own = editor.services.get(service), members.get(service)
    if element is None or own is None:
        raise FrameworkError(f"service {service} has gone while it was to be changed; run again")
    if change.action == "delete":
        if change.name in own:
            gone = own.pop(change.name)
            editor.remove_member(gone)
            # What was nested in it has moved up.
            for member in own.values():
                member.path = tuple(place for place in member.path if place is not gone.element)
        return
    settings: dict[str, str | None] = {key: None for key in change.before or {} if key not in (change.after or {})}
    settings.update(change.after or {})
    path: tuple[Element, ...] = (element,)
    required = settings.pop(REQUIRES, None)
    if required is not None:
        if required not in own:
            raise FrameworkError(f"resource {change.name} requires {required}, which is no member of service {service}")
        path = (*own[required].path, own[required].element)
    if change.action == "create":
        own[change.name] = _create_member(editor, change, path, settings)
    if change.name not in own:
        raise FrameworkError(f"resource {change.name} has gone while it was to be changed; run again")
    member = own[change.name]
    if REQUIRES in {**(change.before or {}), **(change.after or {})} and change.action == "update":
        if member.element in path:
            raise FrameworkError(f"resource {change.name} cannot require itself")
        editor.move_member(member, path)
        member.path = path
    for key, value in settings.items():
        if key.startswith(OPERATION):
            _operation, name, attribute = key.split(" ", 2)
            name, _point, depth = name.partition(".")
            editor.set_action(member, name, depth or None, attribute, value)
        else:
            editor.set_attribute(member, key, value)


def _create_member(
    editor: Editor, change: Change, path: tuple[Element, ...], settings: Mapping[str, str | None]
) -> Member:
    resource_type = change.type or ""
    primary = cluster_conf.primary_attribute(resource_type)
    name = change.name.rpartition(":")[2] if primary == "name" else settings.get(primary)
    if not name:
        raise FrameworkError(f"resource {change.name}: a resource of type {resource_type} needs {primary}")
    if editor.references(resource_type, name):
        raise FrameworkError(
            f"resource {change.name}: cluster.conf has the {resource_type} {name} already, for another service"
        )
    return editor.add_member(path, resource_type, name)


# -- pure: status -----------------------------------------------------------------------------------------------


def normalised_status(conf: ClusterConf, status: Clustat) -> ClusterStatus:
    """Members are where their service is: rgmanager tells of no resource by itself."""
    editor = Editor(conf)
    services = {
        service: _service_status(service, {name: member.type for name, member in members.items()}, status)
        for service, members in _all_members(editor).items()
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


# -- pure: adopting ---------------------------------------------------------------------------------------------


def _exported_cluster(config: ClusterConfig) -> tuple[dict[str, Any], list[str]]:
    """What the configuration says of the cluster itself, and what a description has no words for."""
    unexpressed = []
    devices = []
    for resource in config.resources:
        options = {
            key: value
            for key, value in resource.settings.items()
            if key != IN_EFFECT and not key.startswith(NODE_KEY) and not SECRET_NAME.search(key)
        }
        unexpressed += [
            f"fencing device {resource.name}: {key} is a secret; name a file on the nodes"
            for key in resource.settings
            if SECRET_NAME.search(key)
        ]
        nodes = []
        for key, value in resource.settings.items():
            if key.startswith(NODE_KEY) and not SECRET_NAME.search(key):
                node = key[len(NODE_KEY) :]
                try:
                    own = _split(value)
                except FrameworkError:
                    unexpressed.append(f"fencing device {resource.name}: how it fences {node} ({value})")
                    continue
                nodes.append(node)
                options.update({f"{option}_{node}": text for option, text in own.items()})
        if nodes:
            devices.append({"name": resource.name, "agent": resource.type, "nodes": nodes, "options": options})
        else:
            unexpressed.append(f"fencing device {resource.name}: no node is fenced by it alone")
    properties = {key: value for key, value in config.properties.items() if _PROPERTY.fullmatch(key)}
    cluster: dict[str, Any] = {"framework": RedHatClusterSuite.name}
    if config.properties.get(_CLUSTER_NAME):
        cluster["name"] = config.properties[_CLUSTER_NAME]
    cluster["nodes"] = [{"name": name} for name in config.properties.get(_CLUSTER_NODES, "").split()]
    covered = {node for device in devices for node in device["nodes"]}
    uncovered = [node["name"] for node in cluster["nodes"] if node["name"] not in covered]
    if devices and not uncovered:
        cluster["fencing"] = {"devices": devices}
    elif devices:
        unexpressed.append(f"cluster.fencing: there is no device for {', '.join(uncovered)} among {devices}; add one")
    else:
        unexpressed.append("cluster.fencing: there are no fencing devices; add them")
    if properties:
        cluster["properties"] = properties
    unexpressed += [f"not of a service: {name}" for name in sorted(config.foreign)]
    return cluster, unexpressed


def _draft(service: Service, nodes: Sequence[str]) -> Draft:
    """The first volume, file system and address as such; Scalix if the rest is its scripts, else all natively."""
    keys: dict[str, Any] = {}
    roles: dict[str, str] = {}
    unexpressed: list[str] = []
    members = list(service.resources)

    def take(found: Resource, role: str) -> None:
        members.remove(found)
        roles[found.name] = role

    volume = next((member for member in members if member.type == "lvm" and member.settings.get("lv_name")), None)
    mounted = next((member for member in members if member.type == "fs"), None)
    if mounted is not None and mounted.settings.get("fstype", "ext3") in RedHatClusterSuite.rules.filesystems:
        device = mounted.settings.get("device", "")
        storage: dict[str, str] = {"device": device}
        if volume is not None and device == f"/dev/{volume.settings.get('vg_name')}/{volume.settings['lv_name']}":
            group, logical_volume = device.split("/")[2:]
            storage = {"volume_group": group, "logical_volume": logical_volume}
            take(volume, "volume")
        take(mounted, "storage")
        storage["mount_point"] = mounted.settings.get("mountpoint", "")
        for key, attribute in (("filesystem", "fstype"), ("mount_options", "options")):
            if attribute in mounted.settings:
                storage[key] = mounted.settings[attribute]
        keys["storage"] = storage
    address = next((member for member in members if member.type == "ip"), None)
    if address is not None and cluster_conf.is_address(address.settings.get("address", "")):
        take(address, "address")
        text = address.settings.get("address", "")
        if "/" not in text:
            # Without a prefix length the agent makes a host's address of it; resource_properties keeps what is there.
            unexpressed.append(
                f"the prefix length of {text} is not in the configuration; correct the address if need be"
            )
        keys["address"] = text if "/" in text else f"{text}/{128 if ':' in text else 32}"
    ordered, stays = (_normal(key, service.settings.get(f"{DOMAIN}{key}", "0")) for key in ("ordered", "nofailback"))
    keys["failback"] = ordered == "1" and stays != "1"
    scripts = [member.settings.get("file", "") for member in members]
    all_scripts = all(member.type == "script" for member in members)
    if members and all_scripts and all(script.startswith(_SCALIX_SCRIPT) for script in scripts):
        options = {} if scripts == [_SCALIX_SCRIPT] else {"scripts": scripts}
        keys["application"] = {"type": "scalix", "options": options}
        roles.update(
            {
                member.name: "application" if number == 1 else f"application_{number}"
                for number, member in enumerate(members, start=1)
            }
        )
    elif members:
        for member in members:
            roles[member.name] = free_role(member.name, service.name, {*ROLES, *roles.values()})
        described = [_described_member(member, roles) for member in members]
        keys["application"] = {"type": "native", "members": described}
    if len(set(service.nodes.values())) < len(service.nodes):
        unexpressed.append(f"some of its nodes are preferred alike ({', '.join(nodes)})")
    return Draft(nodes, keys, roles, unexpressed)


def _described_member(member: Resource, roles: Mapping[str, str]) -> dict[str, Any]:
    described: dict[str, Any] = {"name": roles[member.name], "type": member.type}
    for key, value in member.settings.items():
        if key == REQUIRES:
            described["meta"] = {REQUIRES: roles.get(value, value)}
        elif key.startswith(OPERATION):
            _operation, name, attribute = key.split(" ", 2)
            described.setdefault("operations", {}).setdefault(name, {})[attribute] = value
        else:
            described.setdefault("properties", {})[key] = value
    return described
