"""Play a program of the simulated GlassFish 2.1, or have an accident: ``program.py STATE OPTIONS PROGRAM ...``.

OPTIONS are those of the simulator, as JSON. This host's processes alone can be looked at.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


def main() -> int:
    """Run one command, or have an accident."""
    state, options, program, *arguments = sys.argv[1:]
    module = importlib.import_module("simulators.glassfish_2_1.simulator")
    given, node = json.loads(options), os.uname().nodename
    simulator = module.SIMULATOR(list(given["hosts"]), Path(state), here=node, **given)
    if program == "glassfish-accident":
        with simulator.edit():
            simulator.accident(node, arguments)
        return 0
    argv = [program, *arguments]
    if program == "hadbm":
        argv = ["env", f"HADBM_AGENT={os.environ.get('HADBM_AGENT', '')}", *argv]
    # Only what asks is given its standard input: others would wait for it.
    stdin = sys.stdin.read() if "deletedomain" in arguments else None
    answer = simulator.run(node, argv, stdin)
    sys.stdout.write(answer.stdout)
    sys.stderr.write(answer.stderr)
    return int(answer.status) & 0xFF


if __name__ == "__main__":
    sys.exit(main())
