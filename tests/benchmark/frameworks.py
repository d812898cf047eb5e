"""What a run without changes costs on each framework: commands, and the time of the driver itself.

The commands are the figure that counts on real machines: each is a process there. The time is that of driver and engine
alone; what the simulator took to answer is taken off. Pacemaker is the small one of the unit tests here; how long the
real one takes, `make benchmark` measures.
"""

from __future__ import annotations

import argparse
import gc
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandResult
from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.engine.session import Session
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.driver import Pacemaker
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.registry import create_framework
from ansible_collections.groupware.ha.tests.contract.simulated_sites import SITES, SimulatedSite
from ansible_collections.groupware.ha.tests.simulators.runner import SimulatedRunner
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.descriptions import good_description, mail_service
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.fake_pacemaker import FakeCluster, FakeRunner


class Timed:
    """Counts commands, and adds up the time that they take; for a runner."""

    asked_for = 0
    seconds = 0.0

    def run(self, argv: Sequence[str], **options: Any) -> CommandResult:
        """See LocalRunner.run."""
        started = time.perf_counter()
        try:
            return super().run(argv, **options)  # type: ignore[misc, no-any-return]
        finally:
            self.asked_for += 1
            self.seconds += time.perf_counter() - started


class TimedSimulation(Timed, SimulatedRunner):
    """On a simulator."""


class TimedPacemaker(Timed, FakeRunner):
    """On the small Pacemaker."""


@dataclass(frozen=True)
class Subject:
    """What is measured: a description, and how its cluster is reached."""

    framework: str
    runner: Callable[[], Any]
    cluster: dict[str, Any]
    services: list[dict[str, Any]]


def simulated(name: str, number: int, patch: pytest.MonkeyPatch) -> Subject:
    """A cluster of the contract."""
    site_class = SITES[name]
    assert issubclass(site_class, SimulatedSite)
    site = site_class(patch, None)  # type: ignore[arg-type] # nothing is captured here
    described = services(site, number)
    hosts = "".join(f"{service['address']} {service['host_name']}\n" for service in described)
    for node in site.nodes:
        site.simulator.write_file(node, "/etc/hosts", hosts)
    runner = partial(TimedSimulation, site.simulator, site.node)
    return Subject(site.framework, runner, site.cluster(), described)


def pacemaker(number: int, patch: pytest.MonkeyPatch) -> Subject:
    """The cluster of the unit tests, whose agents are not on this machine."""
    patch.setattr(Pacemaker, "missing_agents", lambda *_: [])
    nodes = ("nodea", "nodeb", "nodec")
    described = []
    for index in range(number):
        home, standby = nodes[index % 3], nodes[(index + 1) % 3]
        described.append({**mail_service(f"mail{index}", home, standby, 50 + index), "model": "asymmetric"})
    return Subject("pacemaker", partial(TimedPacemaker, FakeCluster()), good_description()["cluster"], described)


def services(site: SimulatedSite, number: int) -> list[dict[str, Any]]:
    """That many services, spread over the nodes."""
    found = []
    for index in range(number):
        home = site.nodes[index % len(site.nodes)]
        standbys = [node for node in site.nodes if node != home]
        service = site.service(f"mail{index:03}", home, standbys, 50 + index, "asymmetric")
        if service["application"]["type"] == "scalix":
            # A Scalix instance is known by the first and last letter of its name.
            instance = f"{chr(ord('a') + index // 10)}{index % 10}"
            service["application"]["options"] = {"instance": instance}
            service["storage"]["mount_point"] = f"/var/opt/scalix/{instance}"
        found.append(service)
    return found


def measure(name: str, number: int, runs: int) -> dict[str, Any]:
    """The cost of reading, and of a run without changes."""
    with pytest.MonkeyPatch.context() as patch:
        subject = pacemaker(number, patch) if name == "pacemaker" else simulated(name, number, patch)

        def converge() -> tuple[Timed, float, bool]:
            runner = subject.runner()
            gc.collect()
            started = time.perf_counter()
            framework = create_framework(subject.framework, runner)
            description = parse_description(subject.cluster, subject.services, framework.capabilities)
            outcome = Session(framework, check_mode=False, timeout=3600).converge(framework.compile(description))
            return runner, time.perf_counter() - started - runner.seconds, bool(outcome.changes)

        first, first_seconds, changed = converge()
        assert changed
        seconds = []
        for _ in range(runs):
            second, taken, changed = converge()
            assert not changed
            seconds.append(taken)
        reading = subject.runner()
        started = time.perf_counter()
        create_framework(subject.framework, reading).read()
        read_seconds = time.perf_counter() - started - reading.seconds
        return {
            "framework": name,
            "services": number,
            "commands of a read": reading.asked_for,
            "commands of the first run": first.asked_for,
            "commands of a run without changes": second.asked_for,
            "seconds of a read": round(read_seconds, 3),
            "seconds of the first run": round(first_seconds, 3),
            "seconds of a run without changes": round(min(seconds), 3),
        }


def main() -> None:
    """Measure and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--services", type=int, nargs="+", default=[1, 10, 100])
    names = sorted([*SITES, "pacemaker"])
    parser.add_argument("--framework", action="append", choices=names)
    parser.add_argument("--runs", type=int, default=3, help="runs without changes, of which the quickest counts")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args()
    rows = [
        measure(name, number, arguments.runs) for name in arguments.framework or names for number in arguments.services
    ]
    if arguments.json:
        print(json.dumps(rows, indent=1))
        return
    widths = {key: max(len(key), *(len(str(row[key])) for row in rows)) for key in rows[0]}
    print("  ".join(key.ljust(width) for key, width in widths.items()))
    for row in rows:
        print("  ".join(str(row[key]).ljust(width) for key, width in widths.items()))


if __name__ == "__main__":
    main()
