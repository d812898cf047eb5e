"""Play one program of a simulated Veritas Cluster Server: play.py STATE_FILE PROGRAM ARGUMENTS..., as on node nodea."""

from __future__ import annotations

import sys
from pathlib import Path

from ansible_collections.groupware.ha.tests.simulators.vcs.simulator import SIMULATOR

#: The members of the simulated cluster.
NODES = ("nodea", "nodeb", "nodec")


def main() -> int:
    """Run the program, and say what it says."""
    state, *command = sys.argv[1:]
    answer = SIMULATOR(NODES, Path(state)).run(NODES[0], command)
    sys.stdout.write(answer.stdout)
    sys.stderr.write(answer.stderr)
    return int(answer.status) & 0xFF


if __name__ == "__main__":
    sys.exit(main())
