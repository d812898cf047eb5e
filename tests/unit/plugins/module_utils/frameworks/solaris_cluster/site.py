"""A simulated Solaris Cluster of two nodes with mail and calendar, for the driver's tests."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, Resource
from ansible_collections.groupware.ha.plugins.module_utils.engine.operate import Movement, Operator
from ansible_collections.groupware.ha.plugins.module_utils.engine.session import Outcome, Session
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.solaris_cluster.driver import SolarisCluster
from ansible_collections.groupware.ha.tests.simulators.runner import SimulatedRunner
from ansible_collections.groupware.ha.tests.simulators.solaris_cluster.simulator import SIMULATOR

NODES = ("mars", "venus")
RELEASES = ("3.0", "3.1", "3.2", "4.2")
CLUSTER: dict[str, Any] = {
    "name": "groupware",
    "framework": "solaris_cluster",
    "networks": ["192.0.2.0/24"],
    "nodes": [{"name": "mars", "address": "192.0.2.1"}, {"name": "venus", "address": "192.0.2.2"}],
}
MAIL: dict[str, Any] = {
    "name": "MAIL-RG",
    "model": "symmetric",
    "nodes": {"primary": "mars", "standby": "venus"},
    "address": "192.0.2.21",
    "host_name": "meadow",
    "storage": {"mount_point": "/mail"},
    "application": {"type": "messaging_server", "options": {"server_root": "/opt/SUNWmsgsr"}},
}
CALENDAR: dict[str, Any] = {
    "name": "CAL-RG",
    "model": "symmetric",
    "nodes": {"primary": "venus", "standby": "mars"},
    "address": "192.0.2.22",
    "host_name": "budgie",
    "storage": {"mount_point": "/cal"},
    "application": {"type": "calendar_server", "options": {"server_root": "/opt/SUNWics5/cal"}},
}
BOTH = (MAIL, CALENDAR)
GDS = {"name": "web", "type": "SUNW.gds", "properties": {"Start_command": "/opt/web/start", "Network_aware": False}}


def with_keys(service: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """The service with other keys."""
    return {**copy.deepcopy(service), **keys}


def native(service: dict[str, Any], *members: dict[str, Any]) -> dict[str, Any]:
    """The service with native members instead of its application."""
    return with_keys(service, application={"type": "native", "members": list(members)})


class Site:
    """One simulated cluster, worked on from its first node."""

    def __init__(self, release: str = "3.2", nodes: tuple[str, ...] = NODES) -> None:
        self.simulator = SIMULATOR(list(nodes), release=release)
        self.runner = SimulatedRunner(self.simulator, nodes[0])

    def driver(self, dry: bool = False) -> SolarisCluster:
        """A new driver, as each module run has one; commands are recorded anew."""
        self.runner = SimulatedRunner(self.simulator, self.simulator.nodes[0], dry=dry)
        return SolarisCluster(self.runner)

    def desired(
        self, *services: dict[str, Any], cluster: dict[str, Any] | None = None, **options: Any
    ) -> ClusterConfig:
        """The description, compiled; a service without its partner is no longer symmetric."""
        driver = self.driver()
        described = [{**service, "model": "asymmetric"} for service in services] if len(services) == 1 else [*services]
        return driver.compile(parse_description(cluster or CLUSTER, described, driver.capabilities), **options)

    def converge(
        self, desired: ClusterConfig, *, check_mode: bool = False, allowed: bool = True, **options: Any
    ) -> Outcome:
        """One run of the module; ``commands`` has what it ran."""
        session = Session(self.driver(check_mode), check_mode, 120, allowed, allowed)
        return session.converge(desired, **options)

    def operator(self, dry: bool = False) -> Operator:
        """Day two."""
        return Operator(self.driver(dry), 120)

    def operate(self, plan: Callable[[Operator], Movement], dry: bool = False) -> Movement:
        """Day two, planned and carried out; ``commands`` has what it ran."""
        operator = self.operator(dry)
        movement = plan(operator)
        operator.carry_out(movement)
        return movement

    def configuration(self) -> ClusterConfig:
        """What is configured."""
        return self.driver().read().config

    @property
    def commands(self) -> list[str]:
        """What the last run changed something with."""
        return self.runner.commands

    def states(self) -> dict[str, str]:
        """State of each service, in words."""
        services = self.driver().status().services
        return {name: f"{found.state} {' '.join(found.nodes)}".strip() for name, found in services.items()}


def four_steps(site: Site, desired: ClusterConfig, **options: Any) -> list[str]:
    """Check, do, check again, do again; the commands of doing."""
    predicted = site.converge(desired, check_mode=True, **options)
    planned = site.commands
    done = site.converge(desired, **options)
    commands = site.commands
    assert planned == commands
    assert [change.as_dict() for change in predicted.changes] == [change.as_dict() for change in done.changes]
    for check_mode in (True, False):
        assert site.converge(desired, check_mode=check_mode, **options).changes == []
        assert site.commands == []
    return commands


def resource(config: ClusterConfig, name: str) -> Resource:
    """A member, whatever service it is in."""
    return next(member for service in config.services for member in service.resources if member.name == name)
