#!/usr/bin/env python3
"""What each deployment of the manuals costs: tasks, commands, changes and time of its first and its second run.

For each Molecule scenario of a deployment: new nodes, the scenario's prepare, then its converge playbook twice, that is
``groupware.ha.site``. Commands are those that the collection's modules say they ran where they changed something.
"""

from __future__ import annotations

import argparse
import json
import os
import string
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

TOP = Path(__file__).resolve().parents[2]
MOLECULE = TOP / "molecule"
STEPS = ("first", "second")


def molecule(command: str, scenario: str) -> None:
    """Run a command of molecule."""
    run = subprocess.run(
        ["molecule", command, "--scenario-name", scenario], cwd=TOP, check=False, capture_output=True, text=True
    )
    if run.returncode:
        sys.exit(f"molecule {command} of {scenario}:\n{run.stdout}{run.stderr}")


def converge(scenario: str) -> dict[str, Any]:
    """Run the scenario's converge playbook as Molecule does, and count what it did."""
    folder = MOLECULE / scenario
    settings = yaml.safe_load((folder / "molecule.yml").read_text())["ansible"]
    variables = {"MOLECULE_PROJECT_DIRECTORY": str(TOP), "MOLECULE_SCENARIO_DIRECTORY": str(folder)}
    arguments = [
        string.Template(argument).substitute(variables) for argument in settings["executor"]["args"]["ansible_playbook"]
    ]
    playbook = folder / settings.get("playbooks", {}).get("converge", "converge.yml")
    started = time.monotonic()
    run = subprocess.run(
        ["ansible-playbook", *arguments, str(playbook)],
        cwd=TOP,
        env=os.environ | {"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"},
        check=False,
        capture_output=True,
        text=True,
    )
    seconds = time.monotonic() - started
    if run.returncode:
        sys.exit(f"converge of {scenario}:\n{run.stdout}{run.stderr}")
    told = json.loads(run.stdout)
    tasks = [task for play in told["plays"] for task in play["tasks"]]
    changed = [one for task in tasks for result in task["hosts"].values() for one in changes(result)]
    return {
        "seconds": seconds,
        "tasks": sum(not all_skipped(task) for task in tasks),
        "commands": sum(len(one.get("commands", ())) for one in changed),
        "changes": sum(host["changed"] for host in told["stats"].values()),
    }


def all_skipped(task: Mapping[str, Any]) -> bool:
    """Whether no host had anything to do for it."""
    return all(result.get("skipped") for result in task["hosts"].values())


def changes(result: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The results of a task on one host that changed something: of each turn of its loop, or its own."""
    yield from (one for one in result.get("results", [result]) if isinstance(one, dict) and one.get("changed"))


def main() -> None:
    """Measure the scenarios that were named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scenarios", nargs="+", help="Molecule scenarios of deployments")
    scenarios = parser.parse_args().scenarios
    width = max(map(len, scenarios))
    print(f"{'':{width}}   {'first run':^31}   {'second run':^31}")
    titles = "".join(f"{title:>9}" for title in ("tasks", "commands", "seconds")) + " changes"
    print(f"{'deployment':{width}}{titles}{titles}")
    for scenario in scenarios:
        molecule("destroy", scenario)
        molecule("create", scenario)
        molecule("prepare", scenario)
        line = f"{scenario:{width}}"
        for _ in STEPS:
            figures = converge(scenario)
            line += f"{figures['tasks']:>9}{figures['commands']:>9}{figures['seconds']:>9.1f}{figures['changes']:>8}"
        print(line, flush=True)
        molecule("destroy", scenario)
    print(f"load {os.getloadavg()[0]:.1f} afterwards, {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
