# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which role each iPlanet Application Server of a cluster has: a pure model of the data synchronizer's election.

By the iPlanet Application Server Administrator's Guide, chapter 13:

- The Sync Server that is started first is the Sync Primary, the next ones are Sync Backups until there are MaxBackups
  of them, all further ones are Sync Alternates. A server without a priority is a Sync Local.
- When the Sync Primary is lost, the Sync Backup of the highest priority (the lowest number) takes its place; without
  any Sync Backup a Sync Alternate does.
- A free place of a Sync Backup goes to the Sync Alternate of the highest priority.
- Who returns is just another Sync Server: nobody gives a role back.
- A Sync Local that finds no Sync Primary when it is started acts on its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description import entries, fields
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import (
    DescriptionError,
    Problem,
    Problems,
    refuse,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats.registry import parse_path
from ansible_collections.groupware.ha.plugins.module_utils.shown import Names, key_name, shape

PRIMARY, BACKUP, ALTERNATE, LOCAL = "primary", "backup", "alternate", "local"
ROLES = (PRIMARY, BACKUP, ALTERNATE, LOCAL)

LOWEST_PRIORITY = 65535
HIGHEST_PORT = 65535
#: Where the registry has the clusters, and below each of them its Sync Servers.
CLUSTERS = parse_path(r"SOFTWARE\iPlanet\Application Server\Clusters")
SYNC_SERVERS = "SyncServers"

#: What the registry's integers can hold.
LARGEST_INTEGER = 2**31 - 1

#: Parameters of a cluster in the registry's names: default, least, greatest. The manual gives the defaults, 30 and 60
#: for the last one; where it sets parameters it calls 60 good for most clusters.
PARAMETERS: dict[str, tuple[int, int, int]] = {
    "MaxBackups": (1, 0, LOWEST_PRIORITY),
    "MaxSyncHeartBeat": (10, 1, LARGEST_INTEGER),
    "SyncHeartBeatInterval": (30, 1, LARGEST_INTEGER),
    "SyncTimerInterval": (60, 1, LARGEST_INTEGER),
}

_HOST = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*")
_CLUSTER_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]{0,62}(?<! )")


@dataclass(frozen=True)
class SyncCluster:
    """A cluster at one moment: who may be what, and who is what.

    ``backups`` and ``alternates`` are in the order in which they became so; ``alone`` are Sync Locals that found no
    Sync Primary or lost the last one.
    """

    max_backups: int
    priorities: Mapping[str, int]
    primary: str | None = None
    backups: tuple[str, ...] = ()
    alternates: tuple[str, ...] = ()
    locals: tuple[str, ...] = ()
    alone: frozenset[str] = frozenset()

    @property
    def roles(self) -> dict[str, str]:
        """The role of each server that runs."""
        return {
            **({} if self.primary is None else {self.primary: PRIMARY}),
            **dict.fromkeys(self.backups, BACKUP),
            **dict.fromkeys(self.alternates, ALTERNATE),
            **dict.fromkeys(self.locals, LOCAL),
        }

    def start(self, server: str) -> SyncCluster:
        """The cluster after this server was started, for the first time or again.

        :raises ValueError: it runs already
        """
        if server in self.roles:
            raise ValueError(f"{server} runs already")
        if server not in self.priorities:
            alone = self.alone | ({server} if self.primary is None else frozenset())
            return replace(self, locals=(*self.locals, server), alone=alone)
        if self.primary is None:
            return replace(self, primary=server)
        if len(self.backups) < self.max_backups:
            return replace(self, backups=(*self.backups, server))
        return replace(self, alternates=(*self.alternates, server))

    def stop(self, server: str) -> SyncCluster:
        """The cluster after this server was stopped, or failed.

        :raises ValueError: it does not run
        """
        if server not in self.roles:
            raise ValueError(f"{server} does not run")
        left = replace(
            self,
            primary=None if server == self.primary else self.primary,
            backups=_without(self.backups, server),
            alternates=_without(self.alternates, server),
            locals=_without(self.locals, server),
            alone=self.alone - {server},
        )
        return left._promoted()

    def _promoted(self) -> SyncCluster:
        """Places that became free are taken by those of the highest priority."""
        primary, backups, alternates = self.primary, self.backups, self.alternates
        if primary is None and (backups or alternates):
            primary = self._highest(backups or alternates)
            backups, alternates = _without(backups, primary), _without(alternates, primary)
        while alternates and len(backups) < self.max_backups:
            promoted = self._highest(alternates)
            backups, alternates = (*backups, promoted), _without(alternates, promoted)
        alone = self.alone if primary is not None else frozenset(self.locals)
        return replace(self, primary=primary, backups=backups, alternates=alternates, alone=alone)

    def _highest(self, servers: Sequence[str]) -> str:
        return min(servers, key=lambda server: self.priorities[server])


def _without(servers: tuple[str, ...], server: str) -> tuple[str, ...]:
    return tuple(one for one in servers if one != server)


def started(max_backups: int, priorities: Mapping[str, int], order: Sequence[str]) -> SyncCluster:
    """The cluster when its servers have been started in this order, one after the other."""
    cluster = SyncCluster(max_backups, priorities)
    for server in order:
        cluster = cluster.start(server)
    return cluster


@dataclass(frozen=True)
class Server:
    """One server of the description: without a priority a Sync Local, with a role the one that it is wanted to have.

    One that is not ``present`` is to leave the cluster.
    """

    name: str
    address: str
    port: int
    priority: int | None = None
    role: str | None = None
    present: bool = True

    @property
    def registry_name(self) -> str:
        """How the SyncServers key names it."""
        return f"{self.address}:{self.port}"


@dataclass(frozen=True)
class Plan:
    """A cluster as it is wanted: what is in the registry, and the order that gives the wanted roles."""

    name: str
    parameters: Mapping[str, int]
    servers: tuple[Server, ...]
    start_order: tuple[str, ...]
    roles: Mapping[str, str]
    leaving: tuple[str, ...] = ()

    @property
    def stop_order(self) -> tuple[str, ...]:
        """Who is to be Sync Primary last: as long as nobody failed it is the Sync Primary, and nobody takes over."""
        return tuple(reversed(self.start_order))

    @property
    def sync_servers(self) -> dict[str, int]:
        """The values of the SyncServers key."""
        return {server.registry_name: server.priority for server in self.servers if server.priority is not None}

    @property
    def outlook(self) -> list[str]:
        """What each server will be, in the order in which they are started."""
        roles = [f"{server} {self.roles[server]}" for server in self.start_order]
        return roles + [f"{server} out of it" for server in self.leaving]

    def dissolved(self) -> Plan:
        """The plan that takes this cluster apart: all its servers leave."""
        return replace(self, servers=(), start_order=(), roles={}, leaving=(*self.leaving, *self.stop_order))

    def history(self, events: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
        """The roles of the servers that run after each event, from the moment on when all have been started in order.

        :param events: each ``started`` or ``stopped`` with the name of a server; a server that fails is stopped
        :raises DescriptionError: such an event cannot be
        """
        priorities = {server.name: server.priority for server in self.servers if server.priority is not None}
        cluster = started(self.parameters["MaxBackups"], priorities, self.start_order)
        seen = []
        for index, event in enumerate(events):
            problem = Problem(f"events[{index}]", dict(event), "", "write it like {'stopped': 'server0'}")
            if len(event) != 1 or not set(event) <= {"started", "stopped"}:
                raise DescriptionError([replace(problem, reason="is no event")])
            [(happens, server)] = event.items()
            if server not in self.start_order:
                raise DescriptionError([replace(problem, reason=f"{server} is no server of the cluster")])
            try:
                cluster = cluster.start(server) if happens == "started" else cluster.stop(server)
            except ValueError as error:
                raise DescriptionError([replace(problem, reason=f"cannot be: {error}")]) from None
            seen.append(cluster.roles)
        return seen


def plan(name: str, parameters: Mapping[str, Any], servers: Sequence[Mapping[str, Any]]) -> Plan:
    """Judge a description and find the order in which its servers are to be started.

    Who is wanted as Sync Primary comes first, or else the highest priority that no role is wanted of; then the wanted
    Sync Backups, then those of no wanted role, then the wanted Sync Alternates, in each group those of higher priority
    first. Sync Locals come when there is a Sync Primary to find.

    :param parameters: those of PARAMETERS that are not to have their defaults
    :param servers: each with ``name``, ``address``, ``port``, for Sync Servers ``priority``, and perhaps ``role``; with
        the ``state`` absent those that are to leave
    :raises DescriptionError: with every problem of the description
    """
    described, values = _judged(name, parameters, servers)
    parsed = [server for server in described if server.present]
    sync_servers = sorted((one for one in parsed if one.priority is not None), key=lambda one: one.priority or 0)
    first = next((one for role in (PRIMARY, None) for one in sync_servers if one.role == role), None)
    places = {PRIMARY: 0, BACKUP: 1, None: 2, ALTERNATE: 3}
    order = [
        *(one.name for one in sorted(sync_servers, key=lambda one: (one is not first, places[one.role]))),
        *(one.name for one in parsed if one.priority is None),
    ]
    priorities = {server.name: server.priority for server in sync_servers if server.priority is not None}
    roles = started(values["MaxBackups"], priorities, order).roles
    problems = Problems(
        Problem(
            f"ias_cluster_servers[{index}].role",
            server.role,
            f"cannot be: {server.name} will be the {roles[server.name]}, as MaxBackups is {values['MaxBackups']} and "
            f"the servers are started in the order {', '.join(order)}",
            "want as many backups as MaxBackups says, and alternates only beyond them",
        )
        for index, server in enumerate(described)
        if server.role is not None and server.role != roles[server.name]
    )
    refuse(problems)
    leaving = tuple(server.name for server in described if not server.present)
    return Plan(name, values, tuple(parsed), tuple(order), roles, leaving)


def _judged(
    name: str, parameters: Mapping[str, Any], servers: Sequence[Mapping[str, Any]]
) -> tuple[list[Server], dict[str, int]]:
    """The servers, and the values of all parameters.

    :raises DescriptionError: with every problem that they have by themselves
    """
    # What its keys hold is judged below.
    listed = isinstance(servers, Sequence) and not isinstance(servers, str)
    entries.refuse(
        [{} if isinstance(server, Mapping) else server for server in servers] if listed else servers,
        "ias_cluster_servers",
    )
    problems = Problems()
    if not isinstance(name, str) or not _CLUSTER_NAME.fullmatch(name):
        remedy = "use letters, digits, '-', '_', '.' and blanks, at most 63"
        problems.add("ias_cluster_name", name, "is no name for a cluster", remedy)
    values = {key: limits[0] for key, limits in PARAMETERS.items()}
    for key, value in parameters.items():
        if key not in PARAMETERS:
            remedy = f"use one of {', '.join(PARAMETERS)}"
            problems.add(
                f"ias_cluster_parameters.{key_name(key)}", shape(value), "is no parameter of a cluster", remedy
            )
        elif wrong := judge_parameter(f"ias_cluster_parameters.{key}", key, value):
            problems.extend(wrong)
        else:
            values[key] = value
    described = [_server(f"ias_cluster_servers[{index}]", server, problems) for index, server in enumerate(servers)]
    problems.extend(_judge_together(described, values["MaxBackups"]))
    refuse(problems)
    return described, values


def judge_parameter(key: str, name: str, value: Any) -> list[Problem]:
    """What is wrong with the value of a parameter of PARAMETERS."""
    default, least, greatest = PARAMETERS[name]
    if _is_integer(value) and least <= value <= greatest:
        return []
    return [Problem(key, value, f"is no whole number from {least} to {greatest}", f"the default is {default}")]


def judge_port(key: str, value: Any) -> list[Problem]:
    """What is wrong with the port of an Executive Server."""
    if _is_integer(value) and 0 < value <= HIGHEST_PORT:
        return []
    return [Problem(key, value, "is no port", "give the port of its Executive Server (KXS), such as 10800")]


def judge_priority(key: str, value: Any) -> list[Problem]:
    """What is wrong with a priority."""
    if _is_integer(value) and 0 <= value <= LOWEST_PRIORITY:
        return []
    remedy = "0 is the highest priority, greater numbers are lower ones"
    return [Problem(key, value, f"is no whole number from 0 to {LOWEST_PRIORITY}", remedy)]


def judge_registry_name(key: str, name: str) -> list[Problem]:
    """What is wrong with the name of a value of the SyncServers key."""
    address, _colon, port = name.rpartition(":")
    fits = _HOST.fullmatch(address) and re.fullmatch(r"[1-9][0-9]{0,4}", port) and int(port) <= HIGHEST_PORT
    if fits:
        return []
    remedy = "write address and port of its Executive Server (KXS), such as 192.0.2.11:10800"
    return [Problem(key, name, "does not name a server", remedy)]


def judge_max_backups(key: str, max_backups: int, sync_servers: int) -> list[Problem]:
    """MaxBackups needs that many servers beside the Sync Primary.

    A cluster of one server, as each installation makes for itself, has the default of 1: that is left alone.
    """
    most = max(sync_servers - 1, PARAMETERS["MaxBackups"][0])
    if sync_servers == 0 or max_backups <= most:
        return []
    reason = f"is not below the number of Sync Servers, {sync_servers}: one of them is the Sync Primary"
    return [Problem(key, max_backups, reason, f"lower it to {most} or less, or add Sync Servers")]


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _server(key: str, given: Mapping[str, Any], problems: Problems) -> Server:
    unknown = sorted(set(given) - {"name", "address", "port", "priority", "role", "state"})
    for one in unknown:
        remedy = "a server has name, address, port, priority, role and state"
        problems.add(f"{key}.{key_name(one)}", shape(given[one]), "is no key of a server", remedy)
    name, address, port = (given.get(one) for one in ("name", "address", "port"))
    priority, role = given.get("priority"), given.get("role")
    if fields.name_fault(name) is not None:
        problems.add(f"{key}.name", name, "is no name", "give the server's name in the inventory")
    if not isinstance(address, str) or not _HOST.fullmatch(address):
        remedy = "give the IP address that its Executive Server (KXS) listens on"
        problems.add(f"{key}.address", address, "is no address", remedy)
    problems.extend(judge_port(f"{key}.port", port))
    if priority is not None:
        problems.extend(judge_priority(f"{key}.priority", priority))
    if role is not None and role not in ROLES:
        problems.add(f"{key}.role", role, "is no role", f"use one of {', '.join(ROLES)}")
    elif role == LOCAL and priority is not None:
        remedy = "leave out the priority of a Sync Local, it is no Sync Server"
        problems.add(f"{key}.priority", priority, "does not go with the role local", remedy)
    elif role not in (None, LOCAL) and priority is None:
        problems.add(f"{key}.role", role, "is one of Sync Servers", "give the server a priority")
    state = given.get("state", "present")
    if state not in ("present", "absent"):
        problems.add(f"{key}.state", state, "is no state", "use present or absent")
    elif state == "absent" and (priority, role) != (None, None):
        remedy = "leave out priority and role of a server that is to leave the cluster"
        problems.add(f"{key}.state", state, "does not go with a priority or a role", remedy)
    usable = priority if _is_integer(priority) else None
    number = port if _is_integer(port) else 0
    return Server(str(name), str(address), number, usable, role, state != "absent")  # type: ignore[arg-type]


def _judge_together(servers: Sequence[Server], max_backups: int) -> list[Problem]:
    problems = Problems()
    seen: dict[tuple[str, Any], int] = {}
    for index, server in enumerate(servers):
        for key, value in (("name", server.name), ("port", server.registry_name), ("priority", server.priority)):
            first = seen.setdefault((key, value), index)
            if first != index and value is not None:
                reason = f"is that of ias_cluster_servers[{first}] too"
                problems.add(f"ias_cluster_servers[{index}].{key}", value, reason, "each server needs one of its own")
    sync_servers = [server for server in servers if server.priority is not None]
    if not sync_servers:
        remedy = "give a priority to at least one server"
        problems.add("ias_cluster_servers", Names(one.name for one in servers), "have no Sync Server", remedy)
    primaries = Names(server.name for server in servers if server.role == PRIMARY)
    if len(primaries) > 1:
        problems.add("ias_cluster_servers", primaries, "are all wanted as primary", "want one of them as primary")
    problems.extend(judge_max_backups("ias_cluster_parameters.MaxBackups", max_backups, len(sync_servers)))
    return problems
