"""What a run without changes costs on each simulated framework: commands, and the time of the driver itself.

The commands are the figure that counts on real machines: each is a process there. The time is that of driver and engine
alone; what the simulator took to answer is taken off.
"""

from __future__ import annotations

import argparse
import gc
import json
import time
from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandResult
from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.engine.session import Session
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.registry import create_framework
from ansible_collections.groupware.ha.tests.contract.simulated_sites import SITES, SimulatedSite
from ansible_collections.groupware.ha.tests.simulators.runner import SimulatedRunner


class TimedRunner(SimulatedRunner):
    """Adds up the time that the simulator takes."""

    seconds = 0.0

    def run(self, argv: Sequence[str], **options: Any) -> CommandResult:
        """See SimulatedRunner.run."""
        started = time.perf_counter()
        try:
            return super().run(argv, **options)
        finally:
            self.seconds += time.perf_counter() - started


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
    site_class = SITES[name]
    assert issubclass(site_class, SimulatedSite)
    with pytest.MonkeyPatch.context() as patch:
        site = site_class(patch, None)  # type: ignore[arg-type] # nothing is captured here
        described = services(site, number)
        hosts = "".join(f"{service['address']} {service['host_name']}\n" for service in described)
        for node in site.nodes:
            site.simulator.write_file(node, "/etc/hosts", hosts)

        def converge() -> tuple[TimedRunner, float]:
            runner = TimedRunner(site.simulator, site.node)
            gc.collect()
            started = time.perf_counter()
            framework = create_framework(site.framework, runner)
            desired = framework.compile(parse_description(site.cluster(), described, framework.capabilities))
            outcome = Session(framework, check_mode=False, timeout=3600).converge(desired)
            seconds = time.perf_counter() - started - runner.seconds
            assert converged == 0 or not outcome.changes, outcome.changes
            return runner, seconds

        converged = 0
        first, first_seconds = converge()
        converged = 1
        seconds = []
        for _ in range(runs):
            second, taken = converge()
            seconds.append(taken)
        reading = TimedRunner(site.simulator, site.node)
        create_framework(site.framework, reading).read()
        return {
            "framework": name,
            "services": number,
            "commands of a read": len(reading.asked),
            "commands of the first run": len(first.asked),
            "commands of a run without changes": len(second.asked),
            "seconds of the first run": round(first_seconds, 3),
            "seconds of a run without changes": round(min(seconds), 3),
        }


def main() -> None:
    """Measure and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--services", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--framework", action="append", choices=sorted(SITES))
    parser.add_argument("--runs", type=int, default=3, help="runs without changes, of which the quickest counts")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args()
    rows = [
        measure(name, number, arguments.runs)
        for name in arguments.framework or sorted(SITES)
        for number in arguments.services
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
