# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what a GlassFish 2.1 cluster is and what it is to be to commands, in the manual's order put right. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.groupware.ha.plugins.module_utils.errors import Refusal
from .glassfish_2_1_description import Balancer, Description, Server

#: What asadmin says of clusters, instances and node agents that run.
RUNNING = "running"
#: What hadbm says of a database that has all of its nodes; the first has spare ones besides.
WHOLE = ("HAFaultTolerant", "FaultTolerant")
_STATES = (*WHOLE, "Operational", "NonOperational", "Stopped", "Unknown")
_STOPPED = "Stopped"


class PlanError(Refusal):
    """What is there cannot become what is described."""


@dataclass(frozen=True)
class State:
    """What was read.

    :ivar clusters: by name, whether each runs; the same of instances and node agents
    :ivar values: by its dotted name, every value of the domain
    :ivar members: hosts of HADB's management domain, by their names and addresses; None: there is no domain
    :ivar database: the state of the cluster's database; None: there is none
    :ivar others: further databases of that domain
    """

    clusters: Mapping[str, str] = field(default_factory=dict)
    instances: Mapping[str, str] = field(default_factory=dict)
    agents: Mapping[str, str] = field(default_factory=dict)
    balancers: Sequence[str] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    members: frozenset[str] | None = None
    database: str | None = None
    others: Sequence[str] = ()


@dataclass(frozen=True)
class Step:
    """One command, and why.

    :ivar difference: what is not as described, in words
    :ivar program: asadmin or hadbm
    :ivar confirmed: it asks whether it is to do so
    :ivar tries: a web server that has to be reached by TLS before
    """

    difference: str
    command: str
    arguments: tuple[str, ...] = ()
    program: str = "asadmin"
    confirmed: bool = False
    tries: Balancer | None = None


def values_of(lines: Sequence[str]) -> dict[str, str]:
    """What ``get`` prints: a dotted name and a value in each line."""
    pairs = (line.partition("=") for line in lines)
    return {name.strip(): value.strip() for name, equals, value in pairs if equals}


def members_of(lines: Sequence[str] | None) -> frozenset[str] | None:
    """Names and addresses of the hosts in a list of HADB's management domain, below its heading."""
    if lines is None:
        return None
    columns = [line.split() for line in lines if not line.startswith("Hostname")]
    return frozenset(word.rstrip(",") for column in columns for word in (column[0], *column[2:]))


def state_of(lines: Sequence[str] | None) -> str | None:
    """The state of a database, wherever in the table it stands: nothing documents its columns."""
    words = re.findall(r"\w+", " ".join(lines or ()))
    return next((word for word in words if word in _STATES), None)


def missing_nodes(lines: Sequence[str] | None) -> list[str]:
    """Of a table of a database's nodes, those that do not run, in words.

    Its columns are number, host, port, role, state and mirror.
    """
    rows = [line.split() for line in lines or ()]
    return [
        f"node {row[0]} on {row[1]} is {row[4]}"
        for row in rows
        if len(row) > 4 and row[0].isdigit() and row[4] != RUNNING
    ]


def present(description: Description, state: State) -> list[Step]:
    """What makes the cluster, and what puts it right.

    :raises PlanError: it cannot be put right
    """
    _judge(description, state)
    return [
        *_management(description, state),
        *_members(description, state),
        *_options(_own_options(description), state),
        *_have_balancer(description, state),
        *_sessions(description, state),
        *_options(description.availability, state),
        *_served(description, state),
        *_started(description, state),
    ]


def _judge(description: Description, state: State) -> None:
    name = description.name
    for server in description.servers:
        given = state.values.get(f"{server.instance}.node-agent-ref", server.agent)
        if given != server.agent:
            raise PlanError(
                f"{server.instance}: is kept by the node agent {given}, not {server.agent}; delete it with asadmin "
                "delete-instance, or describe it as it is"
            )
    # A property may be a new one; anything else that the domain does not show is misspelt.
    unknown = [one for one in _own_options(description) if one not in state.values and ".property." not in one]
    if name in state.clusters and unknown:
        raise PlanError(f"{', '.join(unknown)}: the domain has no such option; see asadmin get '{name}-config.*'")
    if state.database is not None and state.database not in (*WHOLE, "Operational", _STOPPED):
        raise PlanError(
            f"the database {name} is {state.database}: it lost both copies of something. See hadbm status --nodes "
            f"{name}; hadbm clear begins it anew, without the sessions that it had"
        )


def _management(description: Description, state: State) -> Iterator[Step]:
    hosts = description.hadb_hosts
    if state.members is None:
        words = f"there is no management domain of HADB on {', '.join(host.name for host in hosts)}"
        yield Step(words, "createdomain", (",".join(host.address for host in hosts),), "hadbm")
        return
    missing = [host for host in hosts if not {host.address, host.host_name} & state.members]
    if missing:
        words = f"{', '.join(host.name for host in missing)} is not in the management domain of HADB"
        yield Step(words, "extenddomain", (",".join(host.address for host in missing),), "hadbm")


def _members(description: Description, state: State) -> Iterator[Step]:
    if description.name not in state.clusters:
        yield Step(f"there is no cluster {description.name}", "create-cluster", (description.name,))
    for server in description.servers:
        if server.instance not in state.instances:
            given = (f"--nodeagent={server.agent}", f"--cluster={description.name}", server.instance)
            yield Step(f"there is no instance {server.instance}", "create-instance", given)


def _own_options(description: Description) -> Mapping[str, str]:
    return {name: value for name, value in description.options.items() if name not in description.availability}


def _options(wanted: Mapping[str, str], state: State) -> Iterator[Step]:
    """All that differ, in one command."""
    differing = {name: value for name, value in wanted.items() if state.values.get(name) != value}
    if differing:
        words = "; ".join(f"{name} is {state.values.get(name, 'not set')}, not {differing[name]}" for name in differing)
        yield Step(words, "set", tuple(f"{name}={value}" for name, value in differing.items()))


def _have_balancer(description: Description, state: State) -> Iterator[Step]:
    balancer = description.balancer
    if balancer is None:
        return
    where = {"device-host": balancer.host, "device-port": str(balancer.port)}
    if balancer.name in state.balancers:
        found = {one: state.values.get(f"domain.load-balancers.{balancer.name}.{one}") for one in where}
        wrong = {one: value for one, value in found.items() if value is not None and value != where[one]}
        if not wrong:
            return
        words = "; ".join(f"{balancer.name}: {one} is {value}, not {where[one]}" for one, value in wrong.items())
        yield Step(words, "delete-http-lb", (balancer.name,))
    else:
        words = f"there is no load balancer {balancer.name}"
    options = {"devicehost": balancer.host, "deviceport": str(balancer.port), **balancer.settings}
    given = [f"--{name}={value}" for name, value in {**options, "target": description.name}.items()]
    yield Step(words, "create-http-lb", (*given, balancer.name), tries=balancer)


def _sessions(description: Description, state: State) -> Iterator[Step]:
    name = description.name
    pool = f"{name}-config.availability-service.web-container-availability.http-session-store-pool-name"
    if state.database is None or state.values.get(pool, description.store) != description.store:
        hosts = ",".join(description.server(one).host_name for one in description.hadb)
        words = f"sessions of {name} are not kept in HADB"
        given = (f"--hosts={hosts}", f"--haagentport={description.hadb_port}", name)
        yield Step(words, "configure-ha-cluster", given)
    elif state.database == _STOPPED:
        yield Step(f"the database {name} is stopped", "start", (name,), "hadbm")


def _served(description: Description, state: State) -> Iterator[Step]:
    """What the load balancer gives requests to; an application is there when somebody has deployed it."""
    balancer, name = description.balancer, description.name
    if balancer is None:
        return
    # One that is made has all instances that there are.
    made = any(step.command == "create-http-lb" for step in _have_balancer(description, state))
    all_of_them = balancer.settings["lbenableallinstances"] == "true"
    for server in description.servers:
        usual = "true" if server.instance in state.instances else "false"
        enabled = state.values.get(f"{name}.server-ref.{server.instance}.lb-enabled", usual)
        if all_of_them and not made and enabled == "false":
            words = f"{server.instance} is not given requests"
            yield Step(words, "enable-http-lb-server", (server.instance,))
    for application in description.applications:
        if state.values.get(f"{name}.application-ref.{application}.lb-enabled") == "false":
            given = (f"--name={application}", name)
            yield Step(f"{application} is not served by the load balancer", "enable-http-lb-application", given)


def _started(description: Description, state: State) -> Iterator[Step]:
    """The cluster last, as a whole; or the instances that do not run, while others do."""
    still = [server for server in description.servers if state.instances.get(server.instance) != RUNNING]
    if len(still) == len(description.servers):
        yield Step(f"the cluster {description.name} does not run", "start-cluster", (description.name,))
        return
    for server in still:
        yield Step(f"{server.instance} does not run", "start-instance", (server.instance,))


def missing_applications(description: Description, state: State) -> list[str]:
    """Described applications that nobody has deployed to the cluster yet."""
    return [
        name
        for name in description.applications
        if f"{description.name}.application-ref.{name}.ref" not in state.values
    ]


def without_agent(description: Description, state: State) -> list[Server]:
    """Servers whose node agents do not run, without which nothing of theirs can be started."""
    return [server for server in description.servers if state.agents.get(server.agent) != RUNNING]


def absent(description: Description, state: State) -> list[Step]:
    """What takes the cluster apart, in reverse; the database goes while there is a cluster to name."""
    return list(_taken_away(description, state))


def _taken_away(description: Description, state: State) -> Iterator[Step]:
    name = description.name
    for application in description.applications:
        if state.values.get(f"{name}.application-ref.{application}.lb-enabled") == "true":
            given = (f"--name={application}", name)
            yield Step(f"{application} is served by the load balancer", "disable-http-lb-application", given)
    if description.balancer is not None and description.balancer.name in state.balancers:
        words = f"there is a load balancer {description.balancer.name}"
        yield Step(words, "delete-http-lb", (description.balancer.name,))
    ours = [server.instance for server in description.servers if server.instance in state.instances]
    if any(state.instances[one] == RUNNING for one in ours):
        yield Step(f"the cluster {name} runs", "stop-cluster", (name,))
    if state.database is not None:
        given = (f"--haagentport={description.hadb_port}", name)
        yield Step(f"there is a database {name}", "remove-ha-cluster", given)
    for instance in ours:
        yield Step(f"there is an instance {instance}", "delete-instance", (instance,))
    if name in state.clusters:
        yield Step(f"there is a cluster {name}", "delete-cluster", (name,))
    if state.members is not None and not state.others:
        yield Step("there is a management domain of HADB", "deletedomain", (), "hadbm", confirmed=True)
