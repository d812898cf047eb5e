"""Descriptions for Oracle Clusterware, and a simulated cluster to bring them to."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig
from ansible_collections.groupware.ha.plugins.module_utils.engine.operate import Operator
from ansible_collections.groupware.ha.plugins.module_utils.engine.session import Outcome, Session
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.clusterware.driver import Clusterware
from ansible_collections.groupware.ha.tests.simulators.clusterware.simulator import SIMULATOR
from ansible_collections.groupware.ha.tests.simulators.runner import SimulatedRunner

NODES = ["cl1", "cl2", "cl3"]

CLUSTER: dict[str, Any] = {
    "name": "cl",
    "framework": "clusterware",
    "networks": ["10.0.0.0/24"],
    "nodes": [{"name": name, "address": f"10.0.0.{number}"} for number, name in enumerate(NODES, start=11)],
}

#: As the manual has it, names and all.
MESSAGING: dict[str, Any] = {
    "name": "mail1",
    "model": "asymmetric",
    "nodes": {"primary": "cl1", "standby": "cl2"},
    "address": "10.0.0.3",
    "host_name": "mail1.example.com",
    "storage": {"filesystem": "nfs", "device": "filer:/export/msg1", "mount_point": "/export/msg1"},
    "application": {"type": "messaging_server"},
    "resource_names": {"address": "msg1", "application": "ocucs.ms.msg1"},
}

#: Two native resources, one on top of the other.
WEB: dict[str, Any] = {
    "name": "web",
    "model": "asymmetric",
    "nodes": {"primary": "cl2", "standby": ["cl3", "cl1"]},
    "address": "10.0.0.4",
    "application": {
        "type": "native",
        "members": [
            {"name": "server", "type": "cluster_resource", "properties": {"ACTION_SCRIPT": "/opt/server.sh"}},
            {
                "name": "index",
                "type": "cluster_resource",
                "properties": {"ACTION_SCRIPT": "/opt/index.sh", "AUTO_START": "always"},
                "meta": {"requires": "server"},
            },
        ],
    },
}

ADDRESS: dict[str, Any] = {
    "name": "plain",
    "model": "asymmetric",
    "nodes": {"primary": "cl3", "standby": "cl1"},
    "address": "10.0.0.5",
}

SERVICES = [MESSAGING, WEB, ADDRESS]


class Site:
    """A simulated cluster, and what is done to it from its first node."""

    def __init__(self, **options: Any) -> None:
        self.simulator: Any = SIMULATOR(NODES, **{"action_scripts": False, **options})
        self.commands: list[str] = []
        self.asked: list[str] = []

    def driver(self, dry: bool = False) -> Clusterware:
        """A driver as a module makes one; its commands are kept."""
        runner = SimulatedRunner(self.simulator, "cl1", dry=dry)
        self.commands, self.asked = runner.commands, runner.asked
        return Clusterware(runner)

    def converge(
        self, services: Sequence[dict[str, Any]], *, dry: bool = False, permitted: bool = True, **options: Any
    ) -> Outcome:
        """What failover_services does."""
        driver = self.driver(dry)
        session = Session(driver, dry, 120, allow_restart=permitted, allow_recreate=permitted)
        return session.converge(compiled(services), **options)

    def operator(self) -> Operator:
        """What switchover does."""
        return Operator(self.driver(), 120)

    def operate(self, operation: str, *arguments: Any, **options: Any) -> None:
        """What switchover does, from beginning to end."""
        operator = self.operator()
        operator.carry_out(getattr(operator, operation)(*arguments, **options))

    def states(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """State and nodes of each service."""
        return {name: (found.state, found.nodes) for name, found in self.driver().status().services.items()}

    def crsctl(self, *arguments: str) -> str:
        """What somebody types."""
        answer = self.simulator.run("cl1", ["crsctl", *arguments])
        assert answer.status == 0, answer
        return str(answer.stdout)

    def attributes(self, name: str) -> dict[str, str]:
        """Attributes of a resource, past the driver."""
        lines = self.crsctl("status", "resource", name, "-f").splitlines()
        return dict(line.split("=", 1) for line in lines if line)


def compiled(services: Sequence[dict[str, Any]], cluster: dict[str, Any] = CLUSTER) -> ClusterConfig:
    """The description, compiled."""
    return Clusterware(LocalRunner()).compile(parse_description(cluster, services, Clusterware.capabilities))


def changed(service: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A service with other keys."""
    return {**copy.deepcopy(service), **changes}
