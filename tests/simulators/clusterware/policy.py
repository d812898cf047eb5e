"""What Clusterware does with resources: places, starts, stops and moves them, and what it does when they fail.

One Operation is what happens because of one command or one event. It changes the state at once, and collects the lines
that the command prints. What it could not do as it was told is ``failed``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..engine import Refusal
from . import messages
from .attributes import seconds
from .catalogue import Catalogue
from .grammar import Dependency
from .sources import (
    ATTRIBUTES,
    AUTOMATIC_RESTART,
    COMMANDS,
    DEPENDENCIES,
    MARKS,
    MESSAGES,
    MESSAGING_SERVER,
    RESOURCE_STATES,
    TRANSCRIPTS,
)

Instance = dict[str, Any]


@dataclass(frozen=True)
class World:
    """What the policy knows of the servers and their agents."""

    now: float
    #: Servers that are up, in the cluster's order.
    servers: tuple[str, ...]
    #: Whether the agent of a resource fails in an operation (start, stop, check) on a server.
    agent_fails: Callable[[str, str, str], bool]


class Operation:
    """One thing that happens to resources, and everything that follows from it."""

    def __init__(self, catalogue: Catalogue, world: World) -> None:
        self.catalogue = catalogue
        self.world = world
        self.lines: list[str] = []
        self.failed = False
        self._came_online: list[str] = []
        self._pulled: set[str] = set()

    # -- looking around ------------------------------------------------------------------------------------------

    def instances(self, name: str) -> list[Instance]:
        """Runs of a resource, also those that do not run."""
        found: list[Instance] = self.catalogue.resources[name]["instances"]
        return found

    def is_local(self, name: str) -> bool:
        """Whether the resource runs on every server."""
        return self.catalogue.is_local(self.catalogue.resources[name]["type"])

    def running(self, name: str) -> list[Instance]:
        """Runs of a resource that are not offline."""
        return [instance for instance in self.instances(name) if instance["state"] != "OFFLINE"]

    def servers_of(self, name: str) -> list[str]:
        """Servers on which a resource runs."""
        return [instance["server"] for instance in self.running(name)]

    def enabled(self, name: str) -> bool:
        """Whether Clusterware manages a resource."""
        return self.catalogue.value(name, "ENABLED") == "1"

    @MARKS.documented(
        "crsctl start resource", "hard: collocated unless global; INTERMEDIATE only if allowed", DEPENDENCIES
    )
    @MARKS.documented("crsctl start resource", "hard(type:...): any resource of the type is enough", DEPENDENCIES)
    def satisfied(self, dependency: Dependency, server: str) -> bool:
        """Whether what is depended upon runs where it must for a resource on this server."""
        states = ("ONLINE", "INTERMEDIATE") if "intermediate" in dependency.modifiers else ("ONLINE",)
        return any(
            instance["state"] in states and ("global" in dependency.modifiers or instance["server"] == server)
            for name in self.catalogue.named(dependency)
            for instance in self.instances(name)
        )

    # -- placement -----------------------------------------------------------------------------------------------

    @MARKS.documented("crsctl start resource", "restricted: HOSTING_MEMBERS only", ATTRIBUTES)
    @MARKS.assumed("crsctl start resource", "all servers are in the pool Free, which every SERVER_POOLS means")
    def eligible(self, name: str) -> list[str]:
        """Servers that are up on which a resource may run."""
        members = self.catalogue.value(name, "HOSTING_MEMBERS").split()
        restricted = members and self.catalogue.value(name, "PLACEMENT") == "restricted"
        return [server for server in self.world.servers if not restricted or server in members]

    @MARKS.documented("crsctl start resource", "balanced: the server with the least LOAD", ATTRIBUTES)
    @MARKS.documented("crsctl start resource", "favored: HOSTING_MEMBERS first, in their order", ATTRIBUTES)
    @MARKS.documented("crsctl start resource", "attraction and dispersion: preferred servers", DEPENDENCIES)
    @MARKS.assumed("crsctl start resource", "restricted: HOSTING_MEMBERS in their order too")
    @MARKS.assumed("crsctl start resource", "among equals, the servers in the cluster's order")
    def candidates(self, name: str) -> list[str]:
        """Servers that are up on which a resource may run, best first."""
        if self.is_local(name):
            return list(self.world.servers)
        members = self.catalogue.value(name, "HOSTING_MEMBERS").split()
        if self.catalogue.value(name, "PLACEMENT") == "balanced":
            members = []
        attracting = [server for other in self._resources_in(name, "attraction") for server in self.servers_of(other)]
        repelling = [server for other in self._resources_in(name, "dispersion") for server in self.servers_of(other)]
        loads = self._loads()

        def rank(server: str) -> tuple[int, int, int, int]:
            favored = members.index(server) if server in members else len(members)
            return -attracting.count(server), repelling.count(server), favored, loads[server]

        return sorted(self.eligible(name), key=rank)

    def _resources_in(self, name: str, kind: str) -> list[str]:
        return [
            other
            for dependency in self.catalogue.start_dependencies(name, kind)
            for other in self.catalogue.named(dependency)
            if other != name
        ]

    def _loads(self) -> dict[str, int]:
        loads = dict.fromkeys(self.world.servers, 0)
        for name in self.catalogue.resources:
            for server in self.servers_of(name):
                if server in loads and not self.is_local(name):
                    loads[server] += self.catalogue.number(name, "LOAD")
        return loads

    @MARKS.documented("crsctl start resource", "CRS-2501: the resource is disabled", MESSAGES)
    @MARKS.documented("crsctl start resource", "CRS-2640: a resource depended upon is gone", TRANSCRIPTS)
    @MARKS.documented("crsctl start resource", "-n must be able to place hard dependencies there too", MESSAGING_SERVER)
    @MARKS.documented("crsctl start resource", "exclusion: not where the other runs", DEPENDENCIES)
    @MARKS.assumed("crsctl start resource", "CRS-2527 and CRS-2529 when a hard dependency runs on another server")
    @MARKS.assumed("crsctl start resource", "exclusion's preempt modifiers do not stop the other resource")
    def obstacle(self, name: str, server: str, force: bool, above: tuple[str, ...] = ()) -> list[str]:
        """Why a resource cannot be started on a server; nothing if it can."""
        if not self.enabled(name):
            return [messages.DISABLED.format(name)]
        if server not in self.eligible(name):
            return [messages.NO_SERVERS.format(name)]
        for other in self._resources_in(name, "exclusion"):
            if server in self.servers_of(other):
                return [messages.OTHER.format(f"'{name}' and '{other}' exclude each other on '{server}'")]
        for dependency in self.catalogue.start_dependencies(name, "hard"):
            if self.satisfied(dependency, server):
                continue
            named = [other for other in self.catalogue.named(dependency) if other not in (*above, name)]
            if not named:
                return [messages.RESOURCE_MISSING_AT_START.format(dependency.name)]
            reasons = [self._obstacle_of(dependency, other, name, server, force, (*above, name)) for other in named]
            if all(reasons):
                return [messages.START_BLOCKED.format(name, named[0]), *reasons[0]]
        return []

    def _obstacle_of(
        self, dependency: Dependency, other: str, name: str, server: str, force: bool, above: tuple[str, ...]
    ) -> list[str]:
        if self.running(other) and not self.is_local(other):
            stuck = [instance for instance in self.running(other) if instance["state"] != "ONLINE"]
            if stuck:
                return [messages.ALREADY_INTERMEDIATE.format(other, stuck[0]["server"])]
            if not force:
                return [messages.START_NEEDS_FORCE.format(name, other)]
        if "global" in dependency.modifiers:
            reasons = [self.obstacle(other, where, force, above) for where in self.candidates(other)]
            return [] if [] in reasons else (reasons or [[messages.NO_SERVERS.format(other)]])[0]
        return self.obstacle(other, server, force, above)

    # -- starting ------------------------------------------------------------------------------------------------

    @MARKS.documented("crsctl start resource", "CRS-2672 and CRS-2676", TRANSCRIPTS)
    @MARKS.documented("crsctl start resource", "CRS-2674, then CRS-2679 and CRS-2681: the start failed", MESSAGES)
    @MARKS.documented(
        "crsctl start resource", "what may be half started is cleaned first: CRS-2679, CRS-2681", TRANSCRIPTS
    )
    @MARKS.assumed("crsctl start resource", "the target is ONLINE even if the start fails")
    def _start_instance(self, name: str, instance: Instance, server: str) -> bool:
        instance["target"] = "ONLINE"
        if instance["state"] == "UNKNOWN" and not self._clean(name, instance):
            return False
        self.lines.append(messages.START.format(name, server))
        if self.world.agent_fails(name, "start", server):
            self.lines.append(messages.START_FAILED.format(name, server))
            instance["server"] = server
            self._clean(name, instance)
            return False
        self.lines.append(messages.STARTED.format(name, server))
        instance |= {"state": "ONLINE", "server": server, "last_server": server, "details": ""}
        instance |= {"incarnation": instance["incarnation"] + 1, "last_restart": self.world.now}
        instance["last_change"] = self.world.now
        self._came_online.append(name)
        return True

    def _clean(self, name: str, instance: Instance) -> bool:
        server = instance["server"]
        self.lines.append(messages.CLEAN.format(name, server))
        if self.world.agent_fails(name, "stop", server):
            self.lines += [messages.CLEAN_FAILED.format(name, server), messages.UNRECOVERABLE.format(name, server)]
            instance |= {"state": "UNKNOWN", "last_change": self.world.now}
            return False
        self.lines.append(messages.CLEANED.format(name, server))
        self._offline(instance)
        return True

    def _offline(self, instance: Instance) -> None:
        instance |= {"state": "OFFLINE", "server": "", "details": "", "last_change": self.world.now}

    @MARKS.documented("crsctl start resource", "hard dependencies are started first, on the same server", DEPENDENCIES)
    @MARKS.documented("crsctl start resource", "weak: started too, whether that succeeds or not", DEPENDENCIES)
    @MARKS.assumed("crsctl start resource", "-f moves a hard dependency that runs elsewhere, and all that hangs on it")
    @MARKS.assumed("crsctl start resource", "hard(type:...): one resource of the type is started if none runs")
    def _start_on(self, name: str, instance: Instance, server: str, force: bool) -> bool:
        """Start one run of a resource on a server where nothing is in its way."""
        for dependency in self.catalogue.start_dependencies(name, "hard"):
            if not self.satisfied(dependency, server) and not self._satisfy(dependency, server, force):
                return False
        for dependency in self.catalogue.start_dependencies(name, "weak"):
            if not self.satisfied(dependency, server):
                self._satisfy(dependency, server, force=False)
        return self._start_instance(name, instance, server)

    def _satisfy(self, dependency: Dependency, server: str, force: bool) -> bool:
        for other in self.catalogue.named(dependency):
            if self.is_local(other):
                instance = next(found for found in self.instances(other) if found["key"] == server)
            else:
                instance = self.instances(other)[0]
            if instance["state"] != "OFFLINE" and not self.is_local(other):
                if force and self._move(other, instance, server):
                    return True
                continue
            places = [server] if "global" not in dependency.modifiers else self.candidates(other)
            free = [place for place in places if not self.obstacle(other, place, force)]
            if free and self._start_on(other, instance, free[0], force):
                return True
        return False

    @MARKS.documented("crsctl start resource", "CRS-5702: the resource is already running", TRANSCRIPTS)
    @MARKS.documented("crsctl start resource", "CRS-2800: the resource is in the INTERMEDIATE state", TRANSCRIPTS)
    @MARKS.assumed("crsctl start resource", "CRS-5702 also when -n names another server than where it runs")
    @MARKS.assumed("crsctl start resource", "without -n, another server is tried when the start fails")
    def start(self, name: str, node: str | None, force: bool) -> None:
        """What ``crsctl start resource`` does.

        :raises Refusal: nothing can be started; nothing has been changed
        """
        wanted = [
            instance
            for instance in self.instances(name)
            if instance["state"] in ("OFFLINE", "UNKNOWN")
            and not (self.is_local(name) and instance["key"] not in ([node] if node else self.world.servers))
        ]
        if not wanted:
            runs = self.running(name)
            if runs and runs[0]["state"] == "INTERMEDIATE":
                text = messages.ALREADY_INTERMEDIATE
            else:
                text = messages.ALREADY_RUNNING
            raise messages.refusal("Start", text.format(name, runs[0]["server"] if runs else ""))
        for instance in wanted:
            self._reset_counters(instance)
            if instance["state"] == "UNKNOWN" and not self._clean(name, instance):
                self.failed = True
                continue
            try:
                self._place(name, instance, node, force)
            except Refusal as refusal:
                if not self.lines:
                    raise
                self.refused(refusal)
        self.pull_up()

    def refused(self, refusal: Refusal) -> None:
        """Go on with what else there is to do although a part of it was refused."""
        self.lines += refusal.answer.stdout.splitlines()[:-1]
        self.failed = True

    def _place(self, name: str, instance: Instance, node: str | None, force: bool) -> None:
        if node:
            places = [node]
        elif self.is_local(name):
            places = [instance["key"]]
        else:
            places = [server for server in self.candidates(name) if server not in self.servers_of(name)]
        reasons = {place: self.obstacle(name, place, force) for place in places}
        free = [place for place in places if not reasons[place]]
        if not free:
            texts = next(iter(reasons.values()), [messages.NO_SERVERS.format(name)])
            raise messages.refusal("Start", *([messages.DISABLED.format(name)] if not self.enabled(name) else texts))
        for place in free:
            if not self.obstacle(name, place, force) and self._start_on(name, instance, place, force):
                return
        instance["target"] = "ONLINE"
        self.lines.append(messages.NO_SERVERS.format(name))
        self.failed = True

    @MARKS.assumed("crsctl start resource", "a start or stop by hand sets RESTART_COUNT and FAILURE_COUNT to 0")
    def _reset_counters(self, instance: Instance) -> None:
        instance |= {"restart_count": 0, "failures": [], "tried": []}

    @MARKS.documented(
        "crsctl start resource", "pullup: what has target ONLINE and depends on it is started too", DEPENDENCIES
    )
    @MARKS.documented(
        "crsctl start resource", "pullup:always: whatever the target; with several, all must run", DEPENDENCIES
    )
    def pull_up(self) -> None:
        """Start what is to start whenever something that has come online does so."""
        while self._came_online:
            started = self._came_online.pop(0)
            for name in sorted(self.catalogue.resources):
                self._pull(name, started)

    def _pull(self, name: str, started: str) -> None:
        pullups = self.catalogue.start_dependencies(name, "pullup")
        if name in self._pulled or not any(started in self.catalogue.named(found) for found in pullups):
            return
        if not self.enabled(name):
            return
        always = all("always" in found.modifiers for found in pullups)
        for instance in self.instances(name):
            if instance["state"] != "OFFLINE" or (instance["target"] == "OFFLINE" and not always):
                continue
            places = [instance["key"]] if self.is_local(name) else self.candidates(name)
            for place in places:
                everywhere = all(
                    any(
                        other in self.catalogue.resources and self.running(other)
                        for other in self.catalogue.named(found)
                    )
                    for found in pullups
                )
                if everywhere and place in self.world.servers and not self.obstacle(name, place, force=False):
                    self._pulled.add(name)
                    if self._start_on(name, instance, place, force=False):
                        break

    # -- stopping ------------------------------------------------------------------------------------------------

    @MARKS.documented(
        "crsctl stop resource", "hard: what depends on it on the same server stops, or with global", DEPENDENCIES
    )
    @MARKS.documented("crsctl stop resource", "shutdown: only when the whole stack stops", DEPENDENCIES)
    def stop_dependents(self, name: str, instance: Instance) -> list[tuple[str, Instance]]:
        """Runs of other resources that must stop when this one does."""
        found = []
        for other in sorted(self.catalogue.resources):
            for dependency in self.catalogue.stop_dependencies(other):
                if name not in self.catalogue.named(dependency) or "shutdown" in dependency.modifiers or other == name:
                    continue
                elsewhere = any(run is not instance and run["state"] == "ONLINE" for run in self.instances(name))
                for run in self.running(other):
                    collocated = run["server"] == instance["server"]
                    if (collocated or "global" in dependency.modifiers) and not (
                        "global" in dependency.modifiers and elsewhere
                    ):
                        found.append((other, run))
        return found

    @MARKS.documented("crsctl stop resource", "CRS-2673 and CRS-2677", TRANSCRIPTS)
    @MARKS.documented(
        "crsctl stop resource", "state UNKNOWN after a stop that failed, until it is stopped again", RESOURCE_STATES
    )
    @MARKS.assumed(
        "crsctl stop resource", "CRS-2675, CRS-2679, CRS-2680, CRS-2678: the stop and the clean after it failed"
    )
    def _stop_instance(self, name: str, instance: Instance) -> bool:
        server = instance["server"]
        self.lines.append(messages.STOP.format(name, server))
        if self.world.agent_fails(name, "stop", server):
            self.lines.append(messages.STOP_FAILED.format(name, server))
            return self._clean(name, instance)
        self.lines.append(messages.STOPPED.format(name, server))
        self._offline(instance)
        return True

    @MARKS.documented("crsctl stop resource", "-f: what depends on it stops first", COMMANDS)
    @MARKS.assumed("crsctl stop resource", "-f leaves the target of what depends on it ONLINE")
    def stop_instance(self, name: str, instance: Instance) -> bool:
        """Stop one run of a resource, after everything that must stop with it."""
        for other, run in self.stop_dependents(name, instance):
            if run["state"] != "OFFLINE" and not self.stop_instance(other, run):
                return False
        return self._stop_instance(name, instance)

    @MARKS.documented("crsctl stop resource", "CRS-2500: the resource is not running", MESSAGES)
    @MARKS.documented("crsctl stop resource", "CRS-2530: something depends on it and -f is not given", MESSAGES)
    @MARKS.assumed("crsctl stop resource", "what depends on it may be named in the same command, and stops first")
    @MARKS.assumed(
        "crsctl stop resource", "what failed and is OFFLINE with target ONLINE gets target OFFLINE, with CRS-2500"
    )
    def stop(self, names: Sequence[str], node: str | None, force: bool) -> None:
        """What ``crsctl stop resource`` does.

        :raises Refusal: something else must stop first; nothing has been changed
        """
        runs = [
            (name, instance)
            for name in names
            for instance in self.running(name)
            if node is None or instance["server"] == node
        ]
        stopping = [id(instance) for _, instance in runs]
        for name, instance in runs:
            for other, run in self.stop_dependents(name, instance):
                if not force and id(run) not in stopping:
                    raise messages.refusal("Stop", messages.STOP_BLOCKED.format(name, other))
        for name in names:
            if name not in [running for running, _ in runs]:
                self.lines.append(messages.NOT_RUNNING.format(name))
                self.failed = True
        for name in names:
            for instance in self.instances(name):
                if node is None or instance["server"] == node or instance["key"] == node:
                    instance["target"] = "OFFLINE"
                    self._reset_counters(instance)
        for name, instance in runs:
            if instance["state"] != "OFFLINE" and not self.stop_instance(name, instance):
                self.failed = True

    # -- moving --------------------------------------------------------------------------------------------------

    @MARKS.documented(
        "crsctl relocate resource", "-f moves the resource, what it needs there and what depends on it", TRANSCRIPTS
    )
    @MARKS.documented(
        "crsctl relocate resource", "dependents stop, then it; what it needs starts, then it", TRANSCRIPTS
    )
    def _moving(self, name: str, instance: Instance) -> list[tuple[str, Instance]]:
        """Runs that move together, in the order in which they start."""
        source = instance["server"]
        together: list[tuple[str, Instance]] = [(name, instance)]
        for current, run in together:
            related = self.stop_dependents(current, run)
            for dependency in self.catalogue.start_dependencies(current, "hard"):
                if "global" not in dependency.modifiers:
                    related += [
                        (other, found)
                        for other in self.catalogue.named(dependency)
                        if not self.is_local(other)
                        for found in self.running(other)
                        if found["server"] == source
                    ]
            for other in sorted(self.catalogue.resources):
                for dependency in self.catalogue.start_dependencies(other, "hard"):
                    if current in self.catalogue.named(dependency) and "global" not in dependency.modifiers:
                        related += [(other, found) for found in self.running(other) if found["server"] == source]
            for other, found in related:
                if not self.is_local(other) and all(found is not known for _, known in together):
                    together.append((other, found))
        names = [current for current, _ in together]
        return sorted(together, key=lambda pair: (len(self._needs(pair[0], names)), pair[0]))

    def _needs(self, name: str, among: Sequence[str]) -> set[str]:
        found: set[str] = set()
        waiting = [name]
        while waiting:
            current = waiting.pop()
            dependencies = [
                *self.catalogue.start_dependencies(current, "hard"),
                *self.catalogue.stop_dependencies(current),
            ]
            for dependency in dependencies:
                for other in self.catalogue.named(dependency):
                    if other in among and other not in found and other != name:
                        found.add(other)
                        waiting.append(other)
        return found

    @MARKS.assumed("crsctl relocate resource", "what cannot start on the new server stays OFFLINE with target ONLINE")
    def _move(self, name: str, instance: Instance, server: str) -> bool:
        together = self._moving(name, instance)
        for other, run in reversed(together):
            if run["state"] != "OFFLINE" and not self._stop_instance(other, run):
                return False
        moved = True
        for other, run in together:
            if run["state"] != "OFFLINE":
                continue
            if self.obstacle(other, server, force=False) or not self._start_on(other, run, server, force=False):
                moved = moved and other != name
                self.failed = True
        return moved

    @MARKS.documented("crsctl relocate resource", "CRS-2562: the resource is not running", MESSAGES)
    @MARKS.documented("crsctl relocate resource", "CRS-2525: -f is not given", MESSAGES)
    @MARKS.assumed("crsctl relocate resource", "CRS-2525 also when nothing else would have to move")
    @MARKS.assumed("crsctl relocate resource", "CRS-5702 when it already runs on the server that -n names")
    def relocate(self, name: str, source: str | None, destination: str | None, force: bool) -> None:
        """What ``crsctl relocate resource`` does.

        :raises Refusal: it cannot be moved; nothing has been changed
        """
        runs = [run for run in self.running(name) if source in (None, run["server"])]
        if not runs or self.is_local(name):
            raise messages.refusal("Relocate", messages.NOT_RELOCATABLE.format(name))
        instance = runs[0]
        if destination == instance["server"]:
            raise messages.refusal("Relocate", messages.ALREADY_RUNNING.format(name, destination))
        if not force:
            raise messages.refusal("Relocate", messages.RELOCATE_NEEDS_FORCE.format(name))
        places = [place for place in self.candidates(name) if place not in self.servers_of(name)]
        if destination:
            places = [place for place in places if place == destination]
        names = [other for other, _ in self._moving(name, instance)]
        for other in names:
            if not self.enabled(other):
                raise messages.refusal("Relocate", messages.DISABLED.format(other))
        places = [place for place in places if all(place in self.eligible(other) for other in names)]
        if not places:
            raise messages.refusal("Relocate", messages.NO_SERVERS.format(name))
        for _, run in self._moving(name, instance):
            self._reset_counters(run)
        if not self._move(name, instance, places[0]):
            self.failed = True
        self.pull_up()

    # -- failures ------------------------------------------------------------------------------------------------

    @MARKS.documented(
        "crsctl status resource", "RESTART_ATTEMPTS on the same server, then another server", AUTOMATIC_RESTART
    )
    @MARKS.documented("crsctl status resource", "RESTART_COUNT begins anew after UPTIME_THRESHOLD", AUTOMATIC_RESTART)
    @MARKS.documented(
        "crsctl status resource", "FAILURE_THRESHOLD failures in FAILURE_INTERVAL: no more restarts", ATTRIBUTES
    )
    @MARKS.documented("crsctl status resource", "ENABLED=0: what fails is not restarted", ATTRIBUTES)
    @MARKS.assumed("crsctl status resource", "each server is tried once until UPTIME_THRESHOLD has passed")
    def fail(self, name: str, instance: Instance) -> None:
        """What happens when a check finds that a resource no longer runs."""
        server = instance["server"]
        if instance["last_restart"] is not None:
            up = self.world.now - instance["last_restart"]
            if up >= seconds(self.catalogue.value(name, "UPTIME_THRESHOLD")):
                instance |= {"restart_count": 0, "tried": []}
        interval = self.catalogue.number(name, "FAILURE_INTERVAL")
        instance["failures"] = [*instance["failures"], [self.world.now, server]]
        if interval:
            instance["failures"] = [found for found in instance["failures"] if self.world.now - found[0] <= interval]
        for other, run in self.stop_dependents(name, instance):
            if run["state"] != "OFFLINE":
                self.stop_instance(other, run)
        if self._clean(name, instance) and self.enabled(name) and instance["target"] == "ONLINE":
            threshold = self.catalogue.number(name, "FAILURE_THRESHOLD")
            if not (threshold and interval and len(instance["failures"]) >= threshold):
                self._recover(name, instance, server)
        self.pull_up()

    def _recover(self, name: str, instance: Instance, server: str) -> None:
        if instance["restart_count"] < self.catalogue.number(name, "RESTART_ATTEMPTS"):
            instance["restart_count"] += 1
            if not self.obstacle(name, server, force=False) and self._start_on(name, instance, server, force=False):
                return
        instance["tried"] = [*instance["tried"], server]
        self.fail_over(name, instance)

    @MARKS.documented("crsctl status resource", "what ran on a lost server starts on another one", AUTOMATIC_RESTART)
    @MARKS.documented("crsctl status resource", "RELOCATE_BY_DEPENDENCY: what it needs moves with it", ATTRIBUTES)
    def fail_over(self, name: str, instance: Instance) -> None:
        """Start a run of a resource on a server that it has not failed on."""
        moves = all(
            self.catalogue.value(other, "RELOCATE_BY_DEPENDENCY") != "0"
            for dependency in self.catalogue.start_dependencies(name, "hard")
            for other in self.catalogue.named(dependency)
        )
        for place in self.candidates(name):
            if place in instance["tried"] or place in self.servers_of(name) or self.obstacle(name, place, force=moves):
                continue
            if self._start_on(name, instance, place, force=moves):
                instance["restart_count"] = 0
                return
            instance["tried"] = [*instance["tried"], place]

    def stop_server(self, server: str) -> bool:
        """Stop what runs on a server, because its stack is to stop; it is not to stay stopped elsewhere."""
        stopped = True
        for name in self.dependents_first():
            for instance in self.running(name):
                if instance["server"] == server:
                    stopped = self.stop_instance(name, instance) and stopped
        return stopped

    def lose_server(self, server: str) -> None:
        """What happens when a server is gone."""
        lost = [
            (name, run) for name in self.catalogue.resources for run in self.running(name) if run["server"] == server
        ]
        dependents = [pair for name, run in lost for pair in self.stop_dependents(name, run)]
        for _, instance in lost:
            self._offline(instance)
        for name, instance in dependents:
            if instance["state"] != "OFFLINE":
                self.stop_instance(name, instance)
        # What only makes sense with its dependencies pulls them along to where it can run itself.
        for name in self.dependents_first():
            for instance in self.instances(name):
                down = instance["state"] == "OFFLINE" and instance["last_server"] == server
                if down and instance["target"] == "ONLINE" and self.enabled(name) and not self.is_local(name):
                    instance["tried"] = []
                    self.fail_over(name, instance)
        self.pull_up()

    def dependents_first(self) -> list[str]:
        """All resources, each before those that it needs."""
        names = list(self.catalogue.resources)
        return sorted(names, key=lambda name: (-len(self._needs(name, names)), name))

    @MARKS.documented("crsctl status resource", "AUTO_START when a server returns: always, restore, never", ATTRIBUTES)
    @MARKS.documented(
        "crsctl status resource", "whatever AUTO_START says, dependencies start what they need", AUTOMATIC_RESTART
    )
    @MARKS.assumed("appvipcfg", "-failback=1: the address moves back to its HOSTING_MEMBERS, with what depends on it")
    def gain_server(self, server: str) -> None:
        """What happens when a server is back."""
        for name in self.dependents_first():
            automatic = self.catalogue.value(name, "AUTO_START")
            for instance in self.instances(name):
                if self.is_local(name) and instance["key"] != server:
                    continue
                wanted = automatic == "always" or (automatic == "restore" and instance["target"] == "ONLINE")
                if instance["state"] == "OFFLINE" and wanted and self.enabled(name):
                    self._reset_counters(instance)
                    self.fail_over(name, instance) if not self.is_local(name) else self._return_local(name, instance)
        for name in self.catalogue.of_type(self.catalogue.release.address_type):
            home = self.catalogue.value(name, "HOSTING_MEMBERS").split()[:1]
            if self.catalogue.value(name, "APPSVIP_FAILBACK") == "1" and home == [server]:
                for instance in self.running(name):
                    if instance["server"] != server:
                        self._move(name, instance, server)
        self.pull_up()

    def _return_local(self, name: str, instance: Instance) -> None:
        if not self.obstacle(name, instance["key"], force=False):
            self._start_on(name, instance, instance["key"], force=False)
