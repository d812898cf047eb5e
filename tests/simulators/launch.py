#!/usr/bin/python3
"""Every simulated program in a container is a link to this file: it plays the program that it is called as.

/etc/groupware-ha-simulator.json says which product this node has: {"framework": "vcs", "nodes": ["nodea", "nodeb"],
"state": "/var/lib/groupware-ha-simulator/state.json", "options": {}}.
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
    installed = json.loads(Path("/etc/groupware-ha-simulator.json").read_text(encoding="utf-8"))
    framework = installed["framework"]
    module = importlib.import_module(f"simulators.{framework}.simulator")
    return framework, module.SIMULATOR(installed["nodes"], Path(installed["state"]), **installed.get("options", {}))


def main() -> int:
    """Run one command on this node."""
    _, simulator = simulator_of_this_node()
    # Only commands that want one are given their standard input: others would wait for it.
    stdin = None if sys.stdin is None or sys.stdin.isatty() else sys.stdin.read()
    program = os.path.basename(sys.argv[0])
    answer = simulator.run(os.uname().nodename, [program, *sys.argv[1:]], stdin)
    while answer.hung:
        time.sleep(3600)
    sys.stdout.write(answer.stdout)
    sys.stderr.write(answer.stderr)
    return int(answer.status) & 0xFF


if __name__ == "__main__":
    sys.exit(main())
