#!/usr/bin/python3
"""Have this node's mounts, addresses and applications follow what its simulated cluster says that it has.

A simulated cluster moves entries in a file. Where this runs as a service on each node (see install.yml), file systems
are mounted, addresses set and products started as the agents would do it, and commands of the cluster end when all
nodes have followed.
What is mounted is the device that the cluster's configuration names. Where it names none that a container can have, a
directory that all nodes share stands for the volume. When the service is stopped, the node has nothing any more.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from simulators import agents
from simulators.launch import simulator_of_this_node

#: On a volume that all nodes share: where each node says what it has, and what stands for volumes.
SHARED = Path("/var/lib/groupware-ha-simulator")
FOLLOWED, VOLUMES = SHARED / "followed", SHARED / "volumes"
NOTHING: dict[str, Any] = {"mounts": {}, "addresses": [], "applications": []}
_PAUSE = 0.2


def run(*argv: str) -> None:
    """Run a command, and say so if it did not end well."""
    done = subprocess.run(argv, check=False, capture_output=True, text=True)
    if done.returncode:
        print(f"{' '.join(argv)}: {done.stderr.strip()}", flush=True)


def mount(point: str, volume: list[str] | None) -> None:
    """Mount a device with its type of file system, or the directory that stands for it."""
    Path(point).mkdir(parents=True, exist_ok=True)
    if volume is not None:
        device, filesystem = volume
        run("mount", "-t", filesystem, device, point)
        return
    directory = VOLUMES / point.lstrip("/")
    directory.mkdir(parents=True, exist_ok=True)
    run("mount", "--bind", str(directory), point)


def unmount(point: str, volume: list[str] | None) -> None:
    """Unmount it; what uses a device dies first, as with the real agents."""
    if volume is not None:
        run("fuser", "--kill", "--mount", point)
    run("umount", *([] if volume is not None else ["--lazy"]), point)


class Follower:
    """What the node has, and the processes that serve for its applications."""

    def __init__(self) -> None:
        self.have = NOTHING
        self.serving: dict[tuple[str, ...], list[int]] = {}

    def follow(self, wanted: dict[str, Any]) -> None:
        """Make the difference, in the order of the agents; what cannot be started yet is left for the next time."""
        stopped = [one for one in self.have["applications"] if one not in wanted["applications"]]
        for application in stopped:
            agents.stop(application, self.serving.pop(tuple(application), []))
        for address in set(self.have["addresses"]) - set(wanted["addresses"]):
            run("ip", "address", "delete", agents.placed(address), "dev", "eth0")
        for point, volume in sorted(self.have["mounts"].items(), reverse=True):
            if point not in wanted["mounts"] and os.path.ismount(point):
                unmount(point, volume)
        for point, volume in sorted(wanted["mounts"].items()):
            if not os.path.ismount(point):
                mount(point, volume)
        for address in set(wanted["addresses"]) - set(self.have["addresses"]):
            run("ip", "address", "add", agents.placed(address), "dev", "eth0")
        self.have = {**wanted, "applications": self._applications(wanted["applications"], stopped)}

    def _applications(self, wanted: list[list[str]], stopped: list[list[str]]) -> list[list[str]]:
        """Start those that do not run; an init script that was stopped for one instance has stopped it for all."""
        again = {one[1] for one in stopped if one[0] == "script"}
        for application in wanted:
            key = tuple(application)
            if key not in self.serving:
                processes = agents.start(application)
                if processes is not None:
                    self.serving[key] = processes
            elif application[1] in again:
                agents.ran("service", os.path.basename(application[1]), "start")
        return [application for application in wanted if tuple(application) in self.serving]


def wait(simulator: Any) -> None:
    """Wait until all nodes that follow have what the cluster says; a node that cannot is not waited for for ever."""
    deadline = time.monotonic() + 20
    for file in sorted(FOLLOWED.glob("*.json")):
        while time.monotonic() < deadline:
            try:
                if json.loads(file.read_text(encoding="utf-8")) == simulator.held(file.stem):
                    break
            except FileNotFoundError:
                break
            time.sleep(0.05)


def stop(*_: Any) -> None:
    """End at a signal as at an error."""
    sys.exit()


def main() -> None:
    """Follow until the service is stopped."""
    signal.signal(signal.SIGTERM, stop)
    node = os.uname().nodename
    FOLLOWED.mkdir(parents=True, exist_ok=True)
    file = FOLLOWED / f"{node}.json"
    follower = Follower()
    try:
        while True:
            wanted = simulator_of_this_node()[1].held(node)
            if wanted != follower.have or not file.exists():
                follower.follow(wanted)
                new = file.with_suffix(".new")
                new.write_text(json.dumps(follower.have), encoding="utf-8")
                new.replace(file)
            time.sleep(_PAUSE)
    finally:
        follower.follow(NOTHING)
        file.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
