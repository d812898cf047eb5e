"""The lab that a scenario runs in, for its tests."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable

import testinfra

#: As lab.py of tests/lab names it; the same is in inventory/hosts.yml.
NAME = os.environ.get("GROUPWARE_HA_LAB", "molecule")
STATE = f"/var/lib/groupware-ha-lab/{NAME}"


def host_of(node: str) -> testinfra.host.Host:
    """The node, for testinfra to ask."""
    return testinfra.get_host(f"podman://groupware-ha-{NAME}-{node}")


def sh(node: str, command: str) -> str:
    """What a command prints on a node, where it has to succeed."""
    done = host_of(node).run(command)
    assert done.rc == 0, f"{node}: {command}: {done.stdout}{done.stderr}"
    return str(done.stdout).strip()


def changes(said: str) -> bool:
    """Whether a run of Ansible says that it changed something."""
    return re.search("changed=[1-9]", said) is not None


def wait_for(what: str, reached: Callable[[], bool], seconds: float = 30) -> float:
    """How long it took."""
    began = time.monotonic()
    while not reached():
        assert time.monotonic() - began < seconds, f"after {seconds} s: not {what}"
        time.sleep(0.1)
    return time.monotonic() - began


def members(node: str) -> dict[str, str]:
    """The status of each member of each front end, as a balancer sees it."""
    program = "import socket; s = socket.socket(socket.AF_UNIX); s.connect('/run/haproxy/groupware-ha.sock'); "
    ask = "s.sendall(b'show stat\\n'); print(s.makefile().read())"
    lines = [line.split(",") for line in sh(node, f'python3 -c "{program}{ask}"').splitlines() if line]
    status = lines[0].index("status")
    return {"/".join(row[:2]): row[status] for row in lines[1:] if row[1] not in ("FRONTEND", "BACKEND")}
