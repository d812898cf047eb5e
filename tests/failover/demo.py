#!/usr/bin/python3
"""The demo: from nothing to a cluster with mail and a calendar that has just survived the loss of a node.

Each step is a program that anyone can call by hand. What is there already is used again: a second call takes seconds.
Runs with the system's Python: the first step makes the virtual environment that the others need.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[2]
FIGURES = TOP / "build/demo/node_loss.json"
BIN = TOP / ".venv/bin"

AS_ROOT = [] if os.geteuid() == 0 else ["sudo"]
LAB = os.environ.get("GROUPWARE_HA_LAB", "demo")
STEPS: list[tuple[str, list[str | Path]]] = [
    ("install what is missing", ["tests/workshop/setup.sh", ".venv", "requirements.txt"]),
    ("start three nodes", [*AS_ROOT, "/usr/bin/python3", "tests/lab/lab.py", "up", LAB]),
    (
        "build the cluster, its mail services and its calendar",
        [BIN / "ansible-playbook", "groupware.ha.site", "--inventory=inventories/demo"],
    ),
    (
        "lose the node of mail1 and calendar1, count what was kept",
        [BIN / "python", "tests/failover/node_loss.py", f"--json={FIGURES}"],
    ),
]


def run_step(number: int, name: str, command: list[str | Path]) -> float:
    """Run one step, its output as it comes; the seconds that it took."""
    print(f"\n== {number} of {len(STEPS)}: {name} ==", flush=True)
    started = time.monotonic()
    environment = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}", "ANSIBLE_CONFIG": str(TOP / "ansible.cfg")}
    done = subprocess.run(command, cwd=TOP, env=environment, check=False)
    if done.returncode != 0:
        sys.exit(
            f"\nThe demo stopped at step {number}, {name!r} (exit code {done.returncode}): what is wrong is said above."
            "\nCall it again once that is put right; `make demo-down` removes what was created."
        )
    return time.monotonic() - started


def report(steps: list[tuple[str, float]], figures: dict[str, Any]) -> str:
    """What was done, how long it took, what the client saw, and what to look at next."""
    lines = ["", "What was done".ljust(62) + "seconds".rjust(8)]
    lines += [
        f"  {name:<60}{seconds:>8.1f}" for name, seconds in [*steps, ("together", sum(each for _, each in steps))]
    ]
    lost = figures["rounds"][-1]
    lines += ["", f"What the clients saw of the loss of {lost['node']}".ljust(62) + "seconds".rjust(8)]
    lines += [f"  {name:<60}{figure['median']:>8.1f}" for name, figure in figures["summary"].items()]
    kept = []
    for things in dict.fromkeys(each["things"] for each in lost["services"].values()):
        deliveries = [each["delivery"] for each in lost["services"].values() if each["things"] == things]
        found, acknowledged = (sum(each[name] for each in deliveries) for name in ("found", "acknowledged"))
        kept.append(f"{found} of {acknowledged} {things}")
    places = ", ".join(f"{name} on {each['node']}" for name, each in lost["services"].items())
    return "\n".join(
        [
            *lines,
            "",
            f"All that was acknowledged is there: {', '.join(kept)}. The loss was confirmed by fencing.",
            f"Running now: {places}.",
            "",
            "Where to look next",
            *(f"  {command:<76}{text}" for command, text in NEXT),
        ]
    )


STATE = f"/var/lib/groupware-ha-lab/{LAB}"
PLAY = f"{BIN.relative_to(TOP)}/ansible-playbook groupware.ha."
NEXT = (
    (f"ssh -F {STATE}/ssh_config nodeb crm_mon --one-shot", "the cluster, as a node sees it"),
    (f"{PLAY}plan", "what a run of site would change, and the placement"),
    (f"{PLAY}verify", "ask the services whether they work"),
    (f"{PLAY}switchover -e service=mail1", "move a service"),
    (f"{PLAY}evacuate -e node=nodea", "free a node for maintenance"),
    (
        f"cat {STATE}/mail_users.json",
        "passwords; mail: 198.18.77.21 (alice), .22 (bob); calendar: https://198.18.77.23:5232 (alice)",
    ),
    ("make demo-down", "remove the demo"),
)


def main() -> None:
    """Run the steps."""
    taken = [(name, run_step(number, name, command)) for number, (name, command) in enumerate(STEPS, start=1)]
    print(report(taken, json.loads(FIGURES.read_text())))


if __name__ == "__main__":
    main()
