#!/usr/bin/python3
"""Have this node's mounts and addresses follow what its simulated cluster says that it has.

A simulated cluster moves entries in a file. Where this runs as a service on each node, real file systems are mounted
and real addresses set as the agents would do it, and commands of the cluster end when all nodes have followed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from simulators.launch import simulator_of_this_node

#: Where each node says what it has, on a volume that all nodes share.
FOLLOWED = Path("/var/lib/groupware-ha-simulator/followed")
_PAUSE = 0.2


def run(*argv: str) -> bool:
    """Run a command; whether it ended well."""
    done = subprocess.run(argv, check=False, capture_output=True, text=True)
    if done.returncode:
        print(f"{' '.join(argv)}: {done.stderr.strip()}", flush=True)
    return done.returncode == 0


def mounted(path: str) -> bool:
    """Whether something is mounted there."""
    return os.path.ismount(path)


def follow(have: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Make the difference, in the order of the agents."""
    for address in set(have["addresses"]) - set(wanted["addresses"]):
        run("ip", "address", "delete", address, "dev", "eth0")
    for point in have["mounts"]:
        if point not in wanted["mounts"] and mounted(point):
            run("fuser", "--kill", "--mount", point)
            run("umount", point)
    for point, (device, filesystem) in wanted["mounts"].items():
        if not mounted(point):
            Path(point).mkdir(parents=True, exist_ok=True)
            run("mount", "-t", filesystem, device, point)
    for address in set(wanted["addresses"]) - set(have["addresses"]):
        run("ip", "address", "add", address, "dev", "eth0")


def wait(simulator: Any) -> None:
    """Wait until all nodes that follow have what the cluster says; a node that cannot is not waited for for ever."""
    deadline = time.monotonic() + 20
    for file in sorted(FOLLOWED.glob("*.json")):
        while time.monotonic() < deadline:
            try:
                if json.loads(file.read_text(encoding="utf-8")) == simulator.held(file.stem):
                    break
            except ValueError:
                pass
            time.sleep(0.05)


def main() -> None:
    """Follow for ever."""
    node = os.uname().nodename
    FOLLOWED.mkdir(parents=True, exist_ok=True)
    file = FOLLOWED / f"{node}.json"
    have: dict[str, Any] = {"mounts": {}, "addresses": []}
    if file.exists():
        have = json.loads(file.read_text(encoding="utf-8"))
    while True:
        _, simulator = simulator_of_this_node()
        wanted = simulator.held(node)
        if wanted != have or not file.exists():
            follow(have, wanted)
            have = wanted
            new = file.with_suffix(".new")
            new.write_text(json.dumps(have), encoding="utf-8")
            new.replace(file)
        time.sleep(_PAUSE)


if __name__ == "__main__":
    main()
