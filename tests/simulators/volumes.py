#!/usr/bin/python3
"""Mount volumes on this node while the simulated cluster says that they are here: a daemon, ``volumes.py FILE``.

FILE says which resource mounts what: {"mail1_storage": "/mail1"}. All nodes see what a volume holds, and nodes that it
is not mounted on have an empty directory at its mount point, as with a disk that fails over.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from launch import simulator_of_this_node

VOLUMES = Path("/var/lib/groupware-ha-simulator/volumes")


def active_members(state: dict[str, Any]) -> dict[str, list[str]]:
    """Nodes of each resource of a cluster in this state, which is only looked at."""
    framework, simulator = simulator_of_this_node()
    module = importlib.import_module(f"simulators.{framework}.simulator")
    snapshot = module.SIMULATOR(simulator.nodes, None, **simulator.options)
    snapshot.state = state
    return {name: nodes for service in snapshot.services().values() for name, nodes in service["members"].items()}


def follow(wanted: dict[str, str], members: dict[str, list[str]]) -> None:
    """Mount what belongs here and is not mounted, and the other way round."""
    for resource, point in wanted.items():
        Path(point).mkdir(parents=True, exist_ok=True)
        here = os.uname().nodename in members.get(resource, [])
        if here == os.path.ismount(point):
            continue
        volume = VOLUMES / resource
        volume.mkdir(parents=True, exist_ok=True)
        argv = ["mount", "--bind", str(volume), point] if here else ["umount", "--lazy", point]
        subprocess.run(argv, check=True)


def main() -> None:
    """Follow the cluster for ever."""
    wanted = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    file = Path("/var/lib/groupware-ha-simulator/state.json")
    seen = ""
    while True:
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        if text and text != seen:
            follow(wanted, active_members(json.loads(text)))
            seen = text
        time.sleep(0.1)


if __name__ == "__main__":
    main()
