# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who belongs to the cluster: from the description and what the nodes of a run report to what has to be done. Pure.

The members are those of the description, never the hosts that happened to answer. What a run cannot know it does not
assume: where doubt remains, it refuses, with nothing touched.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem, Problems
from ansible_collections.groupware.ha.plugins.module_utils.errors import FormatError
from ansible_collections.groupware.ha.plugins.module_utils.formats import corosync_conf
from ansible_collections.groupware.ha.plugins.module_utils.shown import Names

CONFIGURATION_HEAD = "Written by Ansible (groupware.ha); what is changed here by hand is put back at the next run."

#: In the order in which they start; they stop in the reverse.
SERVICES = ("corosync", "pacemaker")

_NODES = "groupware_cluster.nodes"
_ADD = "cluster_framework_add_nodes"
_REMOVE = "cluster_framework_remove_nodes"


@dataclass(frozen=True)
class Service:
    """A systemd unit."""

    active: bool = False
    enabled: bool = False


@dataclass(frozen=True)
class NodeState:
    """What is there on one node."""

    node: str
    missing_packages: tuple[str, ...] = ()
    missing_agents: tuple[str, ...] = ()
    #: The distribution and its version, such as ``debian-12``: what packages are called depends on it.
    release: str = ""
    configuration: str | None = None
    #: SHA-256 of the key; the key itself is never read into a result.
    authkey: str | None = None
    services: Mapping[str, Service] = field(default_factory=dict)
    #: Nodes that have joined the membership, by name; empty where Corosync does not run.
    members: tuple[str, ...] = ()
    #: The configuration that the running Corosync has, by its version.
    running_version: int | None = None
    #: Whether there is a Pacemaker configuration, whether it has resources, and the nodes that it knows.
    cib: bool = False
    resources: bool = False
    known_nodes: tuple[str, ...] = ()

    @property
    def running(self) -> bool:
        """Whether Corosync runs."""
        return self.service("corosync").active

    def service(self, name: str) -> Service:
        """A unit's state; that of an unknown one is inactive."""
        return self.services.get(name, Service())

    def as_dict(self) -> dict[str, Any]:
        """The state as the module returns it; from_dict reads it again."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> NodeState:
        """A state that as_dict wrote."""
        given: dict[str, Any] = {one.name: value[one.name] for one in fields(cls)}
        given["services"] = {name: Service(**service) for name, service in value["services"].items()}
        return cls(**{name: _frozen(one) for name, one in given.items()})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True)
class Request:
    """What the user wants of the cluster."""

    name: str
    #: Each member's address by its name, as the description has them.
    addresses: Mapping[str, str]
    add: Sequence[str] = ()
    remove: Sequence[str] = ()
    totem: Mapping[str, str] = field(default_factory=dict)
    quorum: Mapping[str, str] = field(default_factory=dict)
    #: Nodes of each service of the description.
    services: Mapping[str, Collection[str]] = field(default_factory=dict)
    boot: bool = True


@dataclass
class MembershipPlan:
    """What has to be done, in the order of the fields; empty where problems forbid it."""

    problems: Problems = field(default_factory=Problems)
    warnings: list[str] = field(default_factory=list)
    #: Nodes that leave the cluster in this run, among those that answered.
    leave: list[str] = field(default_factory=list)
    #: Text of corosync.conf.
    configuration: str = ""
    #: The node that has the cluster's key; None if there is no key yet.
    key_source: str | None = None
    #: Nodes that need the key.
    keyless: list[str] = field(default_factory=list)
    #: Nodes that need the file.
    outdated: list[str] = field(default_factory=list)
    #: A running member on which to reload the file in all; None if nothing is to be reloaded.
    reload_on: str | None = None
    #: Number of the configuration, and the running members that are to have taken it over once it is reloaded.
    version: int = 0
    live: list[str] = field(default_factory=list)
    #: Nodes on which a service is to be started, or to be enabled or disabled.
    services_differ: list[str] = field(default_factory=list)
    #: Names that Pacemaker is to forget.
    forget: list[str] = field(default_factory=list)
    #: Nodes of this run that are to be online at its end.
    members: list[str] = field(default_factory=list)
    #: Whether any of them runs already.
    running: bool = False
    #: Nodes on which packages or fence agents are to be installed.
    incomplete: list[str] = field(default_factory=list)

    @property
    def pending(self) -> bool:
        """Whether there is anything to do."""
        nodes = (self.leave, self.keyless, self.outdated, self.services_differ, self.forget, self.incomplete)
        return any(nodes) or self.reload_on is not None

    @property
    def lines(self) -> list[str]:
        """What would be done, in words."""
        words = {
            "installs what is missing of Corosync, Pacemaker and the fence agents": self.incomplete,
            "leaves the cluster": self.leave,
            "gets the cluster's key": self.keyless,
            "gets another corosync.conf": self.outdated,
            "starts the cluster's services, or has them start at boot as described": self.services_differ,
        }
        return [
            *(f"{node}: {what}" for what, nodes in words.items() for node in nodes),
            *([f"corosync.conf is read anew ({self.reload_on})"] if self.reload_on is not None else []),
            *(f"Pacemaker forgets {name}" for name in self.forget),
        ]

    def as_dict(self) -> dict[str, Any]:
        """The plan for the tasks of the role."""
        return {
            **vars(self),
            "problems": [str(problem) for problem in self.problems],
            "pending": self.pending,
            "lines": self.lines,
        }


def make_plan(request: Request, states: Mapping[str, NodeState], problems: Sequence[Problem] = ()) -> MembershipPlan:
    """Compare the description with what the nodes of this run report.

    :param problems: what is wrong with the request by itself
    """
    plan = MembershipPlan(problems=Problems(problems))
    configurations = _judge_nodes(request, states, plan)
    authority = _authority(configurations, states)
    current = configurations.get(authority) if authority else None
    running = [host for host in configurations if states[host].running]
    _judge_islands(running, states, plan)
    if current is None:
        _judge_first_run(request, states, plan)
    else:
        _judge_membership(request, corosync_conf.nodes(current), plan)
    _judge_removal(request, states, running, plan)
    desired = corosync_conf.make(request.name, request.addresses, request.totem, request.quorum, current)
    if current is not None and not plan.problems and not corosync_conf.same(current, desired):
        _judge_change(current, desired, states, running, plan)
    if not plan.problems:
        _plan_nodes(request, states, authority, running, desired, plan)
    return plan


def _judge_nodes(
    request: Request, states: Mapping[str, NodeState], plan: MembershipPlan
) -> dict[str, corosync_conf.Section]:
    """Refuse hosts that are not what the description takes them for; returns what members have as corosync.conf."""
    configurations = {}
    for host, state in states.items():
        if host not in request.addresses and host not in request.remove:
            plan.problems.add(
                _NODES,
                Names(request.addresses),
                f"host {host} is in this run, but is not a node of the description",
                f"describe {host}, or take it out of the group groupware_nodes; to remove a node that was a "
                "member, run the playbook groupware.ha.remove_node",
            )
        if state.node != host:
            plan.problems.add(
                _NODES,
                host,
                f"calls itself {state.node} (uname -n), and cluster members go by that name",
                f"give the host the name {host} (hostnamectl), or call it {state.node} in the description",
            )
        if state.configuration is None:
            continue
        try:
            found = corosync_conf.parse(state.configuration)
        except FormatError as error:
            plan.problems.add(
                "corosync.conf",
                host,
                f"cannot be understood ({error})",
                "correct it or, if the node belongs to no cluster, remove it",
            )
            continue
        if corosync_conf.is_packaged_default(found):
            _judge_packaged_default(host, state, plan)
            continue
        if corosync_conf.cluster_name(found) != request.name:
            plan.problems.add(
                "groupware_cluster.name",
                request.name,
                f"{host} is configured for another cluster, {corosync_conf.cluster_name(found)!r}",
                "correct the name; or, if that cluster is no longer needed, take the node out of it first "
                "(stop pacemaker and corosync, remove /etc/corosync/corosync.conf)",
            )
            continue
        configurations[host] = found
    return configurations


def _judge_packaged_default(host: str, state: NodeState, plan: MembershipPlan) -> None:
    if state.resources:
        plan.problems.add(
            "corosync.conf",
            host,
            "has the one-node cluster of the distribution's package, but with resources in it",
            "move them to the description, then stop pacemaker and corosync there and empty /var/lib/pacemaker/cib",
        )


def _authority(configurations: Mapping[str, corosync_conf.Section], states: Mapping[str, NodeState]) -> str | None:
    """The node whose configuration counts: a running one before a stopped one, then the newest."""
    return max(
        configurations,
        key=lambda host: (states[host].running, corosync_conf.config_version(configurations[host])),
        default=None,
    )


def _judge_islands(running: Sequence[str], states: Mapping[str, NodeState], plan: MembershipPlan) -> None:
    for host in running:
        unseen = [other for other in running if other not in states[host].members]
        if unseen:
            plan.problems.add(
                "corosync",
                host,
                f"runs, but does not see {', '.join(unseen)}, where it runs as well",
                "if the cluster is just starting, try again; if not, heal the network between them first "
                "(corosync-cfgtool -s), or compare their /etc/corosync/authkey",
            )
            return


def _judge_first_run(request: Request, states: Mapping[str, NodeState], plan: MembershipPlan) -> None:
    absent = [name for name in request.addresses if name not in states]
    if absent:
        plan.problems.add(
            _NODES,
            Names(request.addresses),
            f"no node of this run knows the cluster, and {', '.join(absent)} did not take part: it may exist there",
            "the first run needs all nodes: leave --limit away and make them reachable, or describe them later",
        )


def _judge_membership(
    request: Request, configured: Sequence[corosync_conf.ConfiguredNode], plan: MembershipPlan
) -> None:
    names = [node.name for node in configured]
    new = [name for name in request.addresses if name not in names and name not in request.add]
    if new:
        plan.problems.add(
            _NODES,
            Names(request.addresses),
            f"{', '.join(new)} described, but not a member of the cluster, which has {', '.join(names)}",
            f"to add a node, run the playbook groupware.ha.add_node, or name it in {_ADD}",
        )
    gone = [name for name in names if name not in request.addresses and name not in request.remove]
    if gone:
        plan.problems.add(
            _NODES,
            Names(request.addresses),
            f"{', '.join(gone)} not described, but a member of the cluster",
            f"to remove a node, run the playbook groupware.ha.remove_node, or name it in {_REMOVE}; a cluster is "
            "never made smaller otherwise",
        )
    for node in configured:
        address = request.addresses.get(node.name)
        if address is not None and address != node.address:
            plan.problems.add(
                _NODES,
                address,
                f"{node.name} is a member with the address {node.address}",
                "correct the address; to change it, remove the node and add it again",
            )


def _judge_removal(
    request: Request, states: Mapping[str, NodeState], running: Sequence[str], plan: MembershipPlan
) -> None:
    for name in request.add:
        if name not in request.addresses:
            plan.problems.add(_ADD, name, "is not described", f"add it to {_NODES} first")
        elif name not in states:
            plan.problems.add(_ADD, name, "does not take part in this run", "make it reachable for Ansible first")
    for name in request.remove:
        if name in request.addresses:
            plan.problems.add(_REMOVE, name, "is still described", f"take it out of {_NODES} first")
        users = [service for service, nodes in request.services.items() if name in nodes]
        if users:
            plan.problems.add(
                _REMOVE, name, f"is a node of {', '.join(users)}", "give these services another node first"
            )
        if name not in states and any(name in states[host].members for host in running):
            plan.problems.add(
                _REMOVE,
                name,
                "is online in the cluster, but not part of this run",
                "make it reachable for Ansible, or stop pacemaker and corosync there yourself first",
            )
    if len(request.addresses) < 2:
        plan.problems.add(
            _NODES, Names(request.addresses), "leaves fewer than two nodes", "a cluster needs two at least"
        )


def _judge_change(
    current: corosync_conf.Section,
    desired: corosync_conf.Section,
    states: Mapping[str, NodeState],
    running: Sequence[str],
    plan: MembershipPlan,
) -> None:
    """A new configuration must reach all members that are online, or they would work with two."""
    absent = sorted({member for host in running for member in states[host].members if member not in states})
    if absent:
        plan.problems.add(
            "corosync.conf",
            corosync_conf.config_version(desired),
            f"changes, and {', '.join(absent)} would go on with the old one: online, but not part of this run",
            "run on all nodes that are online",
        )
    if running:
        plan.warnings.extend(
            f"{key} differs and takes effect only when corosync is started again on all nodes, which is left to you"
            for key in corosync_conf.needs_restart(current, desired)
        )


def _plan_nodes(
    request: Request,
    states: Mapping[str, NodeState],
    authority: str | None,
    running: Sequence[str],
    desired: corosync_conf.Section,
    plan: MembershipPlan,
) -> None:
    plan.configuration = corosync_conf.render(desired, CONFIGURATION_HEAD)
    plan.members = [name for name in request.addresses if name in states]
    key = states[authority].authkey if authority else None
    plan.key_source = authority if key is not None else None
    version = corosync_conf.config_version(desired)
    for name in plan.members:
        state = states[name]
        if key is None or state.authkey != key:
            plan.keyless.append(name)
        if state.configuration != plan.configuration:
            plan.outdated.append(name)
        if any(
            not state.service(service).active or state.service(service).enabled != request.boot for service in SERVICES
        ):
            plan.services_differ.append(name)
        if state.missing_packages or state.missing_agents:
            plan.incomplete.append(name)
    live = [name for name in plan.members if name in running]
    plan.version, plan.live = version, live
    plan.running = bool(live)
    plan.reload_on = next((name for name in live if states[name].running_version != version), None)
    plan.leave = [name for name in request.remove if name in states and _belongs(states[name])]
    plan.forget = [name for name in request.remove if any(name in states[host].known_nodes for host in live)]
    absent = [name for name in request.addresses if name not in states]
    if absent and plan.outdated:
        plan.warnings.append(
            f"{', '.join(absent)} did not take part and cannot join the cluster with the old corosync.conf; run again "
            "on all nodes when they are back"
        )


def _belongs(state: NodeState) -> bool:
    """Whether a node has anything of the cluster."""
    return state.configuration is not None or any(state.service(name).active for name in SERVICES)


def service_nodes(services: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The nodes that each service of a description may run on."""
    nodes = {}
    for service in services:
        placed = service["nodes"]
        standby = placed.get("standby", [])
        standbys = [standby] if isinstance(standby, str) else standby
        nodes[str(service["name"])] = [str(name) for name in (placed["primary"], *standbys)]
    return nodes
