"""Play a program of a simulated Veritas Cluster Server: play.py STATE_FILE NODE MEMBER,... PROGRAM ARGUMENTS..."""

from __future__ import annotations

import sys
from pathlib import Path

from ansible_collections.groupware.ha.tests.simulators.vcs.simulator import SIMULATOR


def main() -> int:
    """Run the program, and say what it says."""
    state, node, members, *command = sys.argv[1:]
    answer = SIMULATOR(members.split(","), Path(state)).run(node, command)
    sys.stdout.write(answer.stdout)
    sys.stderr.write(answer.stderr)
    return int(answer.status) & 0xFF


if __name__ == "__main__":
    sys.exit(main())
