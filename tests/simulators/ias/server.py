"""Play a program of one server of this machine, ``server.py SERVER PROGRAM ARGUMENT...``, or an accident.

/etc/groupware-ha-ias.json has the options of the simulator and the file with its state.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

ACCIDENTS = ("lose_server", "crash_kxs")


def main() -> int:
    """Run one command, or have an accident."""
    installed = json.loads(Path("/etc/groupware-ha-ias.json").read_text(encoding="utf-8"))
    options = installed["options"]
    module = importlib.import_module("simulators.ias.simulator")
    simulator = module.SIMULATOR(list(options["servers"]), Path(installed["state"]), **options)
    server, program, *arguments = sys.argv[1:]
    if program in ACCIDENTS:
        getattr(simulator, program)(server)
        return 0
    answer = simulator.run(server, [program, *arguments])
    sys.stdout.write(answer.stdout)
    sys.stderr.write(answer.stderr)
    return int(answer.status) & 0xFF


if __name__ == "__main__":
    sys.exit(main())
