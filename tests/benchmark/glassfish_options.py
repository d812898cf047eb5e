#!/usr/bin/env python3
"""What options of a GlassFish domain cost: one request that reads all of them, beside a task for each.

    make scenario-glassfish, and before it removes its lab:  glassfish_options.py OPTIONS

Runs on the lab of the scenario glassfish, within `lab.py enter`. The tasks for each are as a role has them that knows
asadmin alone: `asadmin get`, and `asadmin set` where the value is another one.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
INVENTORY = PROJECT / "molecule/glassfish/inventory"
POOLS = ("http-thread-pool", "thread-pool-1", "admin-thread-pool")
VALUES = {
    "max-thread-pool-size": 20,
    "min-thread-pool-size": 3,
    "idle-thread-timeout-seconds": 700,
    "max-queue-size": 4000,
}
ASADMIN = (
    "/opt/glassfish/bin/asadmin --interactive=false --user=admin --passwordfile=/etc/groupware-ha-glassfish.passwords"
)
REPEATED = 3


def options(count: int, more: int) -> dict[str, int]:
    """Options that every domain has, each with a value."""
    pairs = [
        (f"configs.config.default-config.thread-pools.thread-pool.{pool}.{name}", value + more)
        for pool in POOLS
        for name, value in VALUES.items()
    ]
    return dict(pairs[:count])


def one_request(wanted: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "groupware.ha.glassfish_configuration": {
                "passwords": "{{ glassfish_passwords }}",
                "description": {
                    "name": "{{ glassfish_name }}",
                    "servers": "{{ glassfish_servers }}",
                    "options": wanted,
                    "pools": "{{ glassfish_pools }}",
                },
            }
        }
    ]


def a_task_for_each(wanted: dict[str, int]) -> list[dict[str, Any]]:
    tasks: list[dict[str, Any]] = []
    for number, (name, value) in enumerate(wanted.items()):
        got = f"got_{number}"
        tasks += [
            {"ansible.builtin.command": f"{ASADMIN} get {name}", "register": got, "changed_when": False},
            {
                "ansible.builtin.command": f"{ASADMIN} set {name}={value}",
                "when": f"'{name}={value}' not in {got}.stdout",
            },
        ]
    return tasks


def seconds(tasks: list[dict[str, Any]]) -> float:
    """How long a play of these takes."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump([{"hosts": "app1", "gather_facts": False, "tasks": tasks}], file)
        file.flush()
        began = time.monotonic()
        argv = ["ansible-playbook", f"--inventory={INVENTORY}", file.name]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        taken = time.monotonic() - began
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)
    return taken


def main() -> None:
    count = min(int(sys.argv[1]) if len(sys.argv) > 1 else 12, len(POOLS) * len(VALUES))
    os.environ.setdefault("MOLECULE_EPHEMERAL_DIRECTORY", "/nowhere")
    os.environ.setdefault("MOLECULE_PROJECT_DIRECTORY", str(PROJECT))
    print(f"{count} options, median of {REPEATED} runs, in seconds: all differ; none differs")
    more = 0
    for name, way in (("one request", one_request), ("a task for each", a_task_for_each)):
        differing, same = [], []
        for _ in range(REPEATED):
            more += 1
            differing.append(seconds(way(options(count, more))))
            same.append(seconds(way(options(count, more))))
        print(f"{name}: {statistics.median(differing):.1f}; {statistics.median(same):.1f}")


if __name__ == "__main__":
    main()
