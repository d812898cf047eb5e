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

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def main() -> int:
    """Run one command on this node."""
    installed = json.loads(Path("/etc/groupware-ha-simulator.json").read_text(encoding="utf-8"))
    module = importlib.import_module(f"simulators.{installed['framework']}.simulator")
    simulator = module.SIMULATOR(installed["nodes"], Path(installed["state"]), **installed.get("options", {}))
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
