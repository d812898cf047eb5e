"""Play a program of the simulated Calendar Server 7: ``program.py STATE OPTIONS PROGRAM ...``.

OPTIONS are those of the simulator, as JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


def main() -> int:
    """Run one command."""
    state, options, program, *arguments = sys.argv[1:]
    module = importlib.import_module("simulators.calendar_server_7.simulator")
    simulator = module.SIMULATOR([os.uname().nodename], Path(state), **json.loads(options))
    answer = simulator.run(os.uname().nodename, [program, *arguments])
    sys.stdout.write(answer.stdout)
    sys.stderr.write(answer.stderr)
    return int(answer.status) & 0xFF


if __name__ == "__main__":
    sys.exit(main())
