"""The simulated cluster itself: its state, what happens to it by itself and by accident, and what all programs need."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..engine import Answer, Refusal, Simulator
from . import messages
from .attributes import RELEASES, permitted, problem_with_name
from .catalogue import Catalogue, new_cluster
from .messages import lines
from .policy import Operation, World
from .sources import ATTRIBUTES, COMMANDS, MARKS, TRANSCRIPTS


class Cluster(Simulator):
    """A cluster with Oracle Clusterware and one public network.

    Options: ``release`` (11.2, 12.1 or 19), ``user`` who runs the commands, ``missing_resource_status`` with which
    ``crsctl status resource`` ends for a resource that is not there, ``action_scripts``: whether scripts must be there.
    """

    def __init__(
        self,
        nodes: Sequence[str],
        state_file: Path | None = None,
        *,
        release: str = "12.1",
        user: str = "root",
        missing_resource_status: int = 1,
        action_scripts: bool = True,
    ) -> None:
        self.release = RELEASES[release]
        self.user = user
        self._release = release
        self._missing_resource_status = missing_resource_status
        self._action_scripts = action_scripts
        super().__init__(nodes, state_file)

    def first_state(self) -> dict[str, Any]:
        """See Simulator."""
        return {"down": [], "agent_failures": [], **new_cluster(self.nodes, self.now)}

    # -- what happens by itself ----------------------------------------------------------------------------------

    def advance(self) -> None:
        """Find by their checks what no longer runs."""
        due = self._next_check()
        while due is not None and due[0] <= self.now:
            _, name, key = due
            operation = self._operation(at=due[0])
            for instance in operation.instances(name):
                if instance["key"] == key:
                    operation.fail(name, instance)
            due = self._next_check()

    def next_event(self) -> float | None:
        """See Simulator."""
        due = self._next_check()
        return None if due is None else due[0]

    @MARKS.documented("crsctl status resource", "a resource is checked each CHECK_INTERVAL seconds", ATTRIBUTES)
    def _next_check(self) -> tuple[float, str, str] | None:
        """When the next check finds something failed, and what: resource and run."""
        checks = []
        for failure in self.state["agent_failures"]:
            name = failure["resource"]
            if failure["operation"] != "check" or name not in self.state["resources"]:
                continue
            for instance in self.state["resources"][name]["instances"]:
                if instance["state"] == "ONLINE" and instance["server"] in (failure["nodes"] or self.nodes):
                    interval = max(1, self._catalogue().number(name, "CHECK_INTERVAL"))
                    since = max(failure["since"], instance["last_restart"] or 0)
                    checks.append((since + interval, name, instance["key"]))
        return min(checks, default=None)

    # -- for tests -----------------------------------------------------------------------------------------------

    def fail_agent(self, resource: str, operation: str, nodes: Sequence[str] | None = None) -> None:
        """Have an operation of a resource fail on nodes, or on all: ``start``, ``stop`` (and the clean after it) or
        ``check``, which may be called ``monitor``.
        """
        operation = {"monitor": "check"}.get(operation, operation)
        if operation not in ("start", "stop", "check"):
            raise ValueError(operation)
        with self.edit() as state:
            state["agent_failures"].append(
                {"resource": resource, "operation": operation, "nodes": list(nodes or ()), "since": self.now}
            )

    def repair_agent(self, resource: str) -> None:
        """Have all operations of a resource succeed again."""
        with self.edit() as state:
            state["agent_failures"] = [found for found in state["agent_failures"] if found["resource"] != resource]

    def stop_node(self, node: str) -> None:
        """The node dies; the others have noticed when this returns."""
        with self.edit() as state:
            self.advance()
            if node not in state["down"]:
                state["down"].append(node)
                self._operation().lose_server(node)

    def start_node(self, node: str) -> None:
        """The node is back in the cluster."""
        with self.edit() as state:
            self.advance()
            if node in state["down"]:
                state["down"].remove(node)
                self._operation().gain_server(node)

    def services(self) -> dict[str, Any]:
        """Services with their members: resources that hang together by hard start dependencies, without Oracle's own.

        Clusterware has no such thing. A service is called after a member whose DESCRIPTION is ``service NAME`` or whose
        name is NAME_address or NAME_application, else after the one that needs the others. It is online where all of
        its members are.
        """
        with self.edit():
            self.advance()
            catalogue = self._catalogue()
            own = [name for name in catalogue.resources if not name.startswith("ora.")]
            needs = {
                name: {
                    other
                    for dependency in catalogue.start_dependencies(name, "hard")
                    for other in catalogue.named(dependency)
                    if other in own
                }
                for name in own
            }
            found: dict[str, Any] = {}
            for name in sorted(set(own) - set().union(*needs.values())):
                members = [name]
                for member in members:
                    members += sorted(needs[member] - set(members))
                service = found.setdefault(self._service_name(members), {"online": [], "members": {}})
                for member in members:
                    runs = catalogue.resources[member]["instances"]
                    service["members"][member] = sorted(run["server"] for run in runs if run["state"] == "ONLINE")
            for service in found.values():
                active = service["members"].values()
                service["online"] = [node for node in self.nodes if all(node in servers for servers in active)]
            return found

    def _service_name(self, members: Sequence[str]) -> str:
        for member in members:
            said = re.fullmatch(r"service (\S+)", self._catalogue().value(member, "DESCRIPTION"))
            said = said or re.fullmatch(r"(.+)_(?:address|application)", member)
            if said:
                return said[1]
        return members[0]

    # -- state ---------------------------------------------------------------------------------------------------

    def _catalogue(self) -> Catalogue:
        return Catalogue(self.state, self._release, self.nodes)

    def _servers(self) -> tuple[str, ...]:
        return tuple(node for node in self.nodes if node not in self.state["down"])

    def _operation(self, at: float | None = None) -> Operation:
        return Operation(self._catalogue(), World(self.now if at is None else at, self._servers(), self._agent_fails))

    @MARKS.assumed("crsctl start resource", "the start fails on a node that does not have the ACTION_SCRIPT")
    def _agent_fails(self, name: str, operation: str, node: str) -> bool:
        ordered = any(
            failure["resource"] == name
            and failure["operation"] == operation
            and node in (failure["nodes"] or self.nodes)
            for failure in self.state["agent_failures"]
        )
        script = self._catalogue().value(name, "ACTION_SCRIPT")
        return ordered or (operation == "start" and script.startswith("/") and not self._has_script(node, script))

    def _has_script(self, node: str, path: str) -> bool:
        return not self._action_scripts or self.read_file(node, path) is not None

    def _answer(self, verb: str, operation: Operation) -> Answer:
        text = lines(*operation.lines)
        return Answer(1, text + lines(messages.FAILED.format(verb))) if operation.failed else Answer(0, text)

    @MARKS.documented("crsctl setperm resource", "who may do what to a resource", COMMANDS)
    def _check_permission(self, verb: str, name: str, letter: str) -> None:
        if not permitted(self._catalogue().value(name, "ACL"), self.user, letter):
            raise messages.refusal(verb, messages.NOT_PERMITTED.format(self.user, name))

    # -- resources -------------------------------------------------------------------------------------------

    @MARKS.documented("crsctl", "CRS-4535 and CRS-4000 where Clusterware is not running", TRANSCRIPTS)
    @MARKS.assumed("crsctl", "status 1 where Clusterware is not running")
    def _no_crs(self, verb: str) -> Refusal:
        return messages.refusal(verb.capitalize(), messages.NO_CRS)

    @MARKS.documented("crsctl", "names that begin with ora. are for srvctl", COMMANDS)
    @MARKS.assumed("crsctl", "CRS-4995: commands that change or move them are refused, on 11.2 as well")
    def _check_not_oracle(self, verb: str, kind: str, name: str) -> None:
        if name.startswith("ora."):
            raise messages.refusal(verb, messages.USE_SRVCTL.format(f"{verb} {kind}"))

    def _register(self, node: str, name: str, type_name: str, given: dict[str, str], force: bool) -> None:
        catalogue = self._catalogue()
        problem = problem_with_name(name)
        if problem:
            raise messages.refusal("Add", messages.OTHER.format(problem))
        if name in catalogue.resources:
            raise messages.refusal(
                "Add", messages.OTHER.format(f"a resource with the name '{name}' is already registered")
            )
        if type_name not in catalogue.types:
            raise messages.refusal("Add", messages.NO_TYPE.format(type_name))
        catalogue.check_names("Add", type_name, given, adding=True)
        catalogue.check_values("Add", type_name, given)
        catalogue.check_required("Add", type_name, given)
        catalogue.check_placement("Add", type_name, given)
        catalogue.check_dependencies("Add", name, given, force)
        catalogue.check_script("Add", given, lambda path: self._has_script(node, path))
        catalogue.add(name, type_name, given, self.user)

    def _unregister(self, names: Sequence[str], force: bool) -> Answer:
        catalogue = self._catalogue()
        operation = self._operation()
        for name in names:
            for other in sorted(catalogue.resources):
                dependencies = [
                    *catalogue.start_dependencies(other, "hard", "weak", "pullup"),
                    *catalogue.stop_dependencies(other),
                ]
                named = any(found.name == name and not found.is_type for found in dependencies)
                if named and other not in names and not force:
                    raise messages.refusal("Delete", messages.DEPENDED_UPON.format(other, name))
            for instance in operation.running(name):
                if not force:
                    text = f"resource '{name}' cannot be deleted while it is running"
                    raise messages.refusal("Delete", messages.OTHER.format(text))
                if not operation.stop_instance(name, instance):
                    raise messages.refusal("Delete", *operation.lines)
        for name in names:
            catalogue.resources.pop(name, None)
        return self._answer("Delete", operation)
