#!/usr/bin/env python3
"""What a run of groupware.ha.site costs that has nothing to do, and the run that builds everything.

On simulated clusters of three nodes each, as many as are named; on the demo, if it is there (``make demo``); and there
what the same roles cost when their tasks are run one by one, without a question first.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ansible_collections.groupware.ha.tests.playbooks import fleet

TOP = Path(__file__).resolve().parents[2]
DEMO = TOP / "inventories/demo"
FORKS = "10"


def run(place: Path, *arguments: str) -> dict[str, Any]:
    """Run ansible-playbook, and say what it took."""
    environment = {name: value for name, value in os.environ.items() if name != "ANSIBLE_CONFIG"}
    environment |= {
        "ANSIBLE_FORKS": FORKS,
        "ANSIBLE_PIPELINING": "true",
        "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
        "ANSIBLE_LOCAL_TEMP": str(place / "tmp"),
    }
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        ["ansible-playbook", *arguments], cwd=place, env=environment, check=False, capture_output=True, text=True
    )
    seconds, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{' '.join(arguments)}:\n{done.stderr}{done.stdout[-3000:]}")
    told = json.loads(done.stdout[done.stdout.index("{\n") :])
    tasks = [task for play in told["plays"] for task in play["tasks"]]
    return {
        "seconds": seconds,
        "processor": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "tasks": len(tasks),
        "changed": sum(host["changed"] for host in told["stats"].values()),
    }


def show(name: str, figures: Sequence[dict[str, Any]]) -> None:
    """One line of the table: the median of several runs."""
    seconds, processor = (statistics.median(one[key] for one in figures) for key in ("seconds", "processor"))
    print(f"{name:48}{seconds:9.1f}{processor:11.1f}{figures[0]['tasks']:7}{figures[0]['changed']:9}", flush=True)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clusters", type=int, nargs="*", default=[1, 5, 20])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(f"{'':48}{'seconds':>9}{'processor':>11}{'tasks':>7}{'changed':>9}")
    for clusters in options.clusters:
        with tempfile.TemporaryDirectory() as place:
            hosts = str(fleet.write(Path(place), clusters))
            name = f"{clusters} simulated clusters of {fleet.NODES} nodes"
            show(f"{name}, from nothing", [run(Path(place), "-i", hosts, "groupware.ha.site")])
            show(
                f"{name}, no changes",
                [run(Path(place), "-i", hosts, "groupware.ha.site") for _ in range(options.rounds)],
            )
    if not Path("/var/lib/groupware-ha-lab/demo/ssh_config").exists():
        print("the demo is not there: make demo")
        return
    for name, playbook in (
        ("the demo, no changes", "groupware.ha.site"),
        ("the demo, the same roles task by task", str(Path(__file__).with_name("roles.yml"))),
    ):
        with tempfile.TemporaryDirectory() as place:
            runs = [run(Path(place), "-i", str(DEMO), playbook) for _ in range(options.rounds)]
        show(name, runs)


if __name__ == "__main__":
    main()
