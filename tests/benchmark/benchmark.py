#!/usr/bin/env python3
"""Compare failover_services with a loop of community.general.pacemaker_resource, on one cluster in one run.

Both make the same services: groups of four dummy resources, without storage and address, so that what is measured is
management and not what is managed. README.md, next to this file, says what the columns mean.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from subprocess import run
from typing import Any

HERE = Path(__file__).resolve().parent
TOOLS = ("failover_services", "pacemaker_resource")
MEMBERS = ("one", "two", "three", "four")

#: What a second run is to take, and how many times faster than the loop it is to be.
TARGET_SERVICES = 100
TARGET_SECONDS = 3
TARGET_FACTOR = 50


@dataclass(frozen=True)
class Step:
    """One run of a tool, and whether something is to be changed then: one member's property, all, or nothing."""

    name: str
    check: bool
    to_change: str  # all | one | nothing


STEPS = (
    Step("check mode, nothing there", check=True, to_change="all"),
    Step("first run", check=False, to_change="all"),
    Step("second run", check=False, to_change="nothing"),
    Step("check mode, all there", check=True, to_change="nothing"),
)
STEPS_AFTER_CHANGE_BY_HAND = (
    Step("check mode, changed by hand", check=True, to_change="one"),
    Step("run, changed by hand", check=False, to_change="one"),
)


@dataclass(frozen=True)
class Measurement:
    """One step of one tool: seconds are those of the calls that were made, which a time limit may have cut short."""

    services: int
    tool: str
    step: str
    calls: int
    calls_needed: int
    task_seconds: float
    module_seconds: float
    cpu_seconds: float
    processes: int
    programs: dict[str, int]
    calls_changed: int
    calls_to_change: int

    @property
    def complete(self) -> bool:
        return self.calls == self.calls_needed

    @property
    def right(self) -> bool:
        """Whether "changed" was said of what was, or in check mode would be, to be changed, and of nothing else."""
        return self.calls_changed == self.calls_to_change

    def scaled(self, value: float) -> float:
        """For all calls."""
        return value * self.calls_needed / self.calls

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "complete": self.complete, "changed_is_right": self.right}


class BenchmarkError(Exception):
    """The benchmark could not be run."""


def describe(number: int, nodes: Sequence[str]) -> list[dict[str, Any]]:
    """So many services, which have their homes on the nodes in turn."""
    return [
        {
            "name": f"benchmark{index}",
            "model": "asymmetric",
            "nodes": {
                "primary": nodes[index % len(nodes)],
                "standby": [node for node in nodes if node != nodes[index % len(nodes)]],
            },
            "application": {
                "type": "native",
                "members": [
                    {
                        "name": name,
                        "type": "ocf:pacemaker:Dummy",
                        "properties": {"fake": f"benchmark{index}_{name}"},
                        # So rare that monitors do not disturb the measurement.
                        "operations": {"monitor": {"interval": "30min"}},
                    }
                    for name in MEMBERS
                ],
            },
        }
        for index in range(number)
    ]


class Cluster:
    """The cluster of an inventory, as playbooks next to this file reach it."""

    def __init__(self, inventory: Path, limit: float) -> None:
        self.inventory = inventory
        self.limit = limit
        done = run(
            ["ansible-inventory", "--inventory", str(inventory), "--list"], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise BenchmarkError(done.stderr)
        self.nodes: list[str] = json.loads(done.stdout)["groupware_nodes"]["hosts"]

    def play(self, playbook: str, services: Sequence[dict[str, Any]], check: bool = False) -> dict[str, Any]:
        """Run a playbook of one play on one node; its tasks, as they are reported, by name."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as variables:
            json.dump({"groupware_services": services, "benchmark_limit": self.limit}, variables)
            variables.flush()
            command = ["ansible-playbook", "--inventory", str(self.inventory), "--extra-vars", f"@{variables.name}"]
            done = run(
                [*command, *(["--check"] if check else []), str(HERE / f"{playbook}.yml")],
                env={**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"},
                capture_output=True,
                text=True,
                check=False,
            )
        try:
            tasks = json.loads(done.stdout)["plays"][0]["tasks"]
        except (ValueError, LookupError):
            raise BenchmarkError(f"{playbook}.yml: {done.stdout}{done.stderr}") from None
        found = {}
        for task in tasks:
            for result in task["hosts"].values():
                if done.returncode != 0 and (result.get("failed") or result.get("unreachable")):
                    reasons = {item.get("msg") for item in result.get("results", []) if item.get("failed")}
                    raise BenchmarkError(f"{playbook}.yml: {task['task']['name']}: {reasons or result.get('msg')}")
                found[task["task"]["name"]] = {**result, "duration": task["task"]["duration"]}
        return found

    def remove(self, services: Sequence[dict[str, Any]]) -> None:
        self.play("remove", services)

    def measure(self, tool: str, step: Step, services: Sequence[dict[str, Any]]) -> Measurement:
        tasks = self.play(tool, services, step.check)
        measured, accounted = tasks["Measured"], tasks["Accounted"]
        begin, end = (datetime.fromisoformat(measured["duration"][side].rstrip("Z")) for side in ("start", "end"))
        results = measured.get("results", [measured])
        needed = 1 if tool == "failover_services" else len(services) * len(MEMBERS)
        return Measurement(
            services=len(services),
            tool=tool,
            step=step.name,
            calls=len(results),
            calls_needed=needed,
            task_seconds=round((end - begin).total_seconds(), 2),
            module_seconds=accounted["module_seconds"],
            cpu_seconds=accounted["cpu_seconds"],
            processes=accounted["processes"],
            programs=accounted["programs"],
            calls_changed=sum(bool(result["changed"]) for result in results),
            calls_to_change={"nothing": 0, "one": 1, "all": len(results)}[step.to_change],
        )


def measure_all(cluster: Cluster, sizes: Sequence[int]) -> Iterator[Measurement]:
    """Every size with each tool, from nothing to nothing."""
    for size in sizes:
        services = describe(size, cluster.nodes)
        for tool in TOOLS:
            for step in STEPS:
                found = cluster.measure(tool, step, services)
                yield found
                if step.name == "first run" and not found.complete:
                    # What the time limit left undone: the steps that follow are to find all services.
                    cluster.play("failover_services", services[found.calls // len(MEMBERS) :])
            if size == min(sizes):
                cluster.play("change_by_hand", services)
                for step in STEPS_AFTER_CHANGE_BY_HAND:
                    yield cluster.measure(tool, step, services)
            cluster.remove(services)


def versions(cluster: Cluster) -> dict[str, Any]:
    tasks = cluster.play("versions", [])
    general = files("ansible_collections") / "community" / "general" / "MANIFEST.json"
    return {
        "pacemaker": tasks["Pacemaker"]["stdout_lines"][0].removeprefix("Pacemaker "),
        "pcs": tasks["Pcs"]["stdout"],
        "ansible_core": version("ansible-core"),
        "community_general": json.loads(general.read_text())["collection_info"]["version"],
        "nodes": len(cluster.nodes),
        "processors": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
    }


# --- report -----------------------------------------------------------------------------------------------------------

OURS = "{:>7}  {:>7}  {:>5}  {:>9}  {:<7}"
LOOP = "{:>7}  {:>7}  {:>7}  {:>6}  {:>9}  {:<14}"
ROW = f"{{:>8}}  {{:<27}} | {OURS} | {LOOP} | {{:>6}}"
TITLES = ("seconds", "on node", "CPU", "processes", "changed")


def table(found: Sequence[Measurement]) -> str:
    """All measurements, the loop beside the one call."""
    ours, theirs = ({(one.services, one.step): one for one in found if one.tool == tool} for tool in TOOLS)
    titles = OURS.format(*TITLES), LOOP.format("calls", *TITLES)
    lines = [
        f"{'':37} | {TOOLS[0]:<{len(titles[0])}} | {f'loop of {TOOLS[1]}':<{len(titles[1])}} |  times",
        ROW.format("services", "step", *TITLES, "calls", *TITLES, "faster"),
    ]
    for services, step in ours:
        if step == STEPS[0].name:
            lines.append("-" * len(lines[1]))
        one, other = ours[services, step], theirs[services, step]
        lines.append(
            ROW.format(
                services if step == STEPS[0].name else "",
                step,
                *cells(one),
                other.calls if other.complete else f"{other.calls}/{other.calls_needed}",
                *cells(other),
                f"{'' if other.complete else '~'}{other.scaled(other.task_seconds) / one.task_seconds:.0f}",
            )
        )
    return "\n".join(line.rstrip() for line in lines)


def cells(one: Measurement) -> list[str]:
    about = "" if one.complete else "~"
    seconds = [one.scaled(value) for value in (one.task_seconds, one.module_seconds, one.cpu_seconds)]
    changed = ("yes" if one.calls_changed else "no") if one.calls_needed == 1 else f"{one.calls_changed} of {one.calls}"
    return [
        *(f"{about}{value:.{2 if value < 10 else 1 if value < 100 else 0}f}" for value in seconds),
        f"{about}{one.scaled(one.processes):.0f}",
        changed if one.right else f"{changed} WRONG",
    ]


def summary(found: Sequence[Measurement], limit: float) -> Iterator[str]:
    """The targets, and what the reader has to know."""
    seconds = {(one.tool, one.step, one.services): one.scaled(one.task_seconds) for one in found}
    sizes = sorted({one.services for one in found})
    for step in ("first run", "second run"):
        for tool in TOOLS:
            costs = ", ".join(f"{seconds[tool, step, size] / size:.3f} s with {size}" for size in sizes)
            yield f"{step}, seconds for each service: {tool} {costs}"
    if TARGET_SERVICES in sizes:
        ours, loop = (seconds[tool, "second run", TARGET_SERVICES] for tool in TOOLS)
        yield (
            f"second run, {TARGET_SERVICES} services: {ours:.2f} s, {loop / ours:.0f} times faster than the loop; "
            f"targets (under {TARGET_SECONDS} s, {TARGET_FACTOR} times) "
            f"{'met' if ours < TARGET_SECONDS and loop / ours >= TARGET_FACTOR else 'MISSED'}"
        )
    if not all(one.right for one in found):
        yield "WRONG: said to have changed, or that it would change, something else than was to be changed"
    if not all(one.complete for one in found):
        yield (
            f"~: the loop was stopped after {limit:.0f} s and the calls that are named; its figures are scaled to all "
            "calls (which is too low for a first run: each call takes longer than the one before)"
        )


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--services", type=int, nargs="+", default=[1, 10, 100], help="numbers of services to measure")
    parser.add_argument(
        "--limit",
        type=float,
        default=180,
        metavar="SECONDS",
        help="stop each loop then and scale its figures to all calls; 0 for no limit (default: %(default)s)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to a file as well")
    parser.add_argument("--inventory", type=Path, default=HERE / "inventory", help="of another cluster than the lab's")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was made is removed then, too
    begin = time.monotonic()
    cluster = Cluster(arguments.inventory, arguments.limit)
    environment = versions(cluster)
    everything = describe(max(arguments.services), cluster.nodes)
    found: list[Measurement] = []
    try:
        cluster.remove(everything)  # what an interrupted run left
        for one in measure_all(cluster, arguments.services):
            found.append(one)
            print(
                f"{time.monotonic() - begin:7.1f} s  {one.services} services, {one.tool}, {one.step}: "
                f"{one.task_seconds:.2f} s for {one.calls} of {one.calls_needed} calls",
                file=sys.stderr,
            )
    finally:
        cluster.remove(everything)
    environment["load_afterwards"] = round(os.getloadavg()[0], 1)
    print(
        "\nPacemaker {pacemaker}, pcs {pcs}, ansible-core {ansible_core}, community.general {community_general}; "
        "{nodes} nodes, {processors} processors, load {load} before and {load_afterwards} afterwards\n".format(
            **environment
        )
    )
    print(table(found))
    print()
    for line in summary(found, arguments.limit):
        print(line)
    print(f"the whole took {(time.monotonic() - begin) / 60:.0f} minutes")
    if arguments.json:
        figures = {"environment": environment, "measurements": [one.as_dict() for one in found]}
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 0 if all(one.right for one in found if one.tool == TOOLS[0]) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchmarkError as error:
        sys.exit(f"benchmark: {error}")
