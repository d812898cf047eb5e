#!/usr/bin/python3
"""Have something happen to the simulated cluster of this node: ``simulated-accident stop_node nodea``.

What can happen: ``stop_node NODE``, ``start_node NODE``, ``fail_agent RESOURCE OPERATION``, ``repair_agent RESOURCE``.
"""

from __future__ import annotations

import sys

from launch import simulator_of_this_node

ACCIDENTS = ("stop_node", "start_node", "fail_agent", "repair_agent")

if __name__ == "__main__":
    accident, *arguments = sys.argv[1:]
    if accident not in ACCIDENTS:
        sys.exit(f"{accident}: is none of {', '.join(ACCIDENTS)}")
    getattr(simulator_of_this_node()[1], accident)(*arguments)
