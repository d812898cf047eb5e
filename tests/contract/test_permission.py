"""Whatever is described, and however the cluster stands: a run stops and moves only what it announced and may.

What is stopped is seen in the cluster after every command, not taken from the commands.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandResult
from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.engine.operate import Operator
from ansible_collections.groupware.ha.plugins.module_utils.engine.session import Outcome, Session
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.registry import create_framework
from ansible_collections.groupware.ha.tests.contract.simulated_sites import SimulatedSite
from ansible_collections.groupware.ha.tests.contract.site import Result, Site, changed
from ansible_collections.groupware.ha.tests.simulators.runner import SimulatedRunner

NODES = ("nodea", "nodeb", "nodec")

#: Name, nodes in order and kind of each service.
Description = dict[str, tuple[tuple[str, ...], str]]

orders = st.builds(lambda order, number: tuple(order[:number]), st.permutations(NODES), st.integers(2, 3))
kinds = st.sampled_from(["plain", "plain", "quiet", "restarting", "fixed", "bare", "other application"])
descriptions: st.SearchStrategy[Description] = st.dictionaries(
    st.sampled_from(["mail1", "mail2"]), st.tuples(orders, kinds), min_size=1
)
standings = st.sampled_from(["online", "online", "moved", "offline", "frozen"])


@dataclass
class WatchingRunner(SimulatedRunner):
    """Notes what does not run where it ran when the watching began, if for a moment only."""

    ran: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    stopped: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        # What is on several nodes is watched there, and runs on none; with a node down that may be one. (VCS: NIC)
        active = self._active()
        self.ran = {name: nodes for name, nodes in active.items() if len(nodes) == 1 and not name[1].endswith("_nic")}

    def run(self, argv: Sequence[str], **options: Any) -> CommandResult:
        """See SimulatedRunner.run."""
        try:
            return super().run(argv, **options)
        finally:
            if options.get("record", True):
                self.look()

    def pause(self, seconds: float) -> None:
        """See SimulatedRunner.pause."""
        super().pause(seconds)
        self.look()

    def look(self) -> None:
        """Note what has stopped."""
        active = self._active()
        self.stopped.update(name for name, nodes in self.ran.items() if nodes[0] not in active.get(name, ()))

    def interrupted(self) -> set[str]:
        """Services of which something stopped that is still there."""
        there = self._active()
        return {service for service, member in self.stopped if (service, member) in there}

    def _active(self) -> dict[tuple[str, str], list[str]]:
        services = self.simulator.services()  # type: ignore[attr-defined]
        return {
            (service, member): list(nodes)
            for service, found in services.items()
            for member, nodes in found["members"].items()
        }


def described(site: Site, description: Description) -> list[Result]:
    """The services in words."""
    services = []
    for name, (nodes, kind) in sorted(description.items()):
        number = {"mail1": 31, "mail2": 32}[name]
        service = site.service(name, nodes[0], list(nodes[1:]), number, "asymmetric")
        if kind == "bare":
            del service["application"]
        elif kind == "other application":
            service["application"] = {"type": "native", "members": [{**site.lone_member(), "name": f"{name}extra"}]}
        elif name == "mail1":
            # These have values of one service.
            changes = {"quiet": site.quiet_change, "restarting": site.restarting_change, "fixed": site.fixed_change}
            service = changed(service, changes.get(kind) or {})
        services.append(service)
    return services


def converge(
    site: SimulatedSite,
    services: list[Result],
    *,
    check_mode: bool = False,
    allowed: Sequence[str] = ("restart", "recreate"),
    purge: bool = False,
) -> tuple[Outcome | None, WatchingRunner]:
    """What failover_services does; no outcome if it is refused or fails."""
    runner = WatchingRunner(site.simulator, site.node, dry=check_mode)
    framework = create_framework(site.framework, runner)
    desired = framework.compile(parse_description(site.cluster(), services, framework.capabilities))
    session = Session(framework, check_mode, 120, "restart" in allowed, "recreate" in allowed)
    outcome = None
    with contextlib.suppress(CommandError, FrameworkError):
        outcome = session.converge(desired, purge=purge)
    if not check_mode:
        site.simulator.pass_time(60)
        runner.look()
    return outcome, runner


def bring(site: SimulatedSite, name: str, nodes: Sequence[str], standing: str) -> None:
    """Have a service stand as an operator may have left it."""
    operator = Operator(create_framework(site.framework, site.runner()), 120)
    with contextlib.suppress(CommandError, FrameworkError):
        if standing == "moved":
            operator.carry_out(operator.service_online(name, nodes[1]))
        elif standing == "offline":
            operator.carry_out(operator.service_offline(name))
        elif standing == "frozen":
            operator.carry_out(operator.service_frozen(name, True))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_run_stops_only_what_it_announced_and_may(site_class: type[Site], data: st.DataObject) -> None:
    if not issubclass(site_class, SimulatedSite):
        assert site_class.framework == "pacemaker", "its own policy engine is asked; see test_permission_pacemaker.py"
        return
    before, after = data.draw(descriptions, "before"), data.draw(descriptions, "after")
    purge = data.draw(st.booleans(), "purge")
    with pytest.MonkeyPatch.context() as patch:
        site = site_class(patch, None)  # type: ignore[arg-type] # nothing is captured here
        assert converge(site, described(site, before))[0] is not None
        for name, (nodes, _kind) in sorted(before.items()):
            bring(site, name, nodes, data.draw(standings, f"standing of {name}"))
        down = data.draw(st.sampled_from([None, None, "nodeb", "nodec"]), "node that is down")
        if down is not None:
            site.simulator.stop_node(down)  # type: ignore[attr-defined]
            site.simulator.pass_time(600)
        services = described(site, after)
        for allowed in ((), ("recreate",), ("restart", "recreate")):
            planned, would = converge(site, services, check_mode=True, allowed=allowed, purge=purge)
            done, did = converge(site, services, allowed=allowed, purge=purge)
            announced = set() if planned is None else set(planned.restarts)
            if planned is None:
                assert did.commands == []
            else:
                # In between, what the framework has done by itself meanwhile may be put right.
                commands = iter(did.commands)
                assert done is None or all(command in commands for command in would.commands), did.commands
            assert did.interrupted() <= announced, did.commands
            if site.asks_permission and "restart" not in allowed:
                changes = [] if planned is None else planned.changes
                gone = {(change.service, change.name) for change in changes if change.action == "delete"}
                made = {(change.service, change.name) for change in changes if change.action == "create"}
                assert did.interrupted() <= {service for service, _name in gone & made}, did.commands
