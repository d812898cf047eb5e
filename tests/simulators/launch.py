#!/usr/bin/python3
"""Every simulated program in a container is a link to this file: it plays the program that it is called as.

/etc/groupware-ha-simulator.json says which framework this node has: {"framework": "vcs", "nodes": ["nodea", "nodeb"],
"state": "/var/lib/groupware-ha-simulator/state.json", "options": {}}. Files like it in /etc/groupware-ha-simulator.d
say which further products it has; whose program it is is found by its name.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def simulator_of_this_node() -> tuple[str, Any]:
    """The framework that this node has, and its simulator."""
    return _simulator(Path("/etc/groupware-ha-simulator.json"))


def _simulator(file: Path) -> tuple[str, Any]:
    installed = json.loads(file.read_text(encoding="utf-8"))
    framework = installed["framework"]
    module = importlib.import_module(f"simulators.{framework}.simulator")
    return framework, module.SIMULATOR(installed["nodes"], Path(installed["state"]), **installed.get("options", {}))


def simulator_of(program: str) -> Any:
    """The simulator that has this program: the framework's, or that of another product."""
    for file in sorted(Path("/etc/groupware-ha-simulator.d").glob("*.json")):
        _, simulator = _simulator(file)
        if program in simulator.programs:
            return simulator
    return simulator_of_this_node()[1]


def main() -> int:
    """Run one command on this node."""
    simulator = simulator_of(os.path.basename(sys.argv[0]))
    # Only commands that want one are given their standard input: others would wait for it.
    stdin = None if sys.stdin is None or sys.stdin.isatty() else sys.stdin.read()
    answer = simulator.run(os.uname().nodename, sys.argv, stdin)
    if hasattr(simulator, "held"):
        importlib.import_module("simulators.follow").wait(simulator)
    while answer.hung:
        time.sleep(3600)
    sys.stdout.write(answer.stdout)
    sys.stderr.write(answer.stderr)
    return int(answer.status) & 0xFF


if __name__ == "__main__":
    sys.exit(main())
