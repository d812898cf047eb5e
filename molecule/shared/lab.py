"""The lab that a scenario runs in, for its tests."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

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


def run_ansible(argv: list[str], *, fails: bool = False) -> str:
    """Run a program of Ansible on the cluster of all scenarios as its user would; what it says, in one line."""
    project, scenario = (Path(os.environ[f"MOLECULE_{name}_DIRECTORY"]) for name in ("PROJECT", "SCENARIO"))
    inventories = [f"--inventory={folder}/inventory" for folder in (project / "molecule/shared", scenario)]
    quiet = {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0", "ANSIBLE_PIPELINING": "1"}
    quiet["ANSIBLE_LOG_PATH"] = f"{os.environ['MOLECULE_EPHEMERAL_DIRECTORY']}/ansible.log"
    argv = [*argv, *inventories]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env={**os.environ, **quiet})
    said = " ".join((done.stdout + done.stderr).split())
    assert (done.returncode != 0) is fails, said
    return said


def play(playbook: str, *given: str, fails: bool = False, check: bool = False, **variables: Any) -> str:
    """Run a playbook of the collection; what it says, in one line."""
    argv = ["ansible-playbook", f"groupware.ha.{playbook}", "--diff", *given]
    argv += ["-e", json.dumps(variables)] if variables else []
    argv += ["--check"] if check else []
    return run_ansible(argv, fails=fails)


def wait_for(what: str, reached: Callable[[], bool], seconds: float = 30) -> float:
    """How long it took."""
    began = time.monotonic()
    while not reached():
        assert time.monotonic() - began < seconds, f"after {seconds} s: not {what}"
        time.sleep(0.1)
    return time.monotonic() - began


def members(node: str, path: str = "/run/haproxy/groupware-ha.sock") -> dict[str, str]:
    """The status of each member of each front end, as the HAProxy sees it that has this socket."""
    program = f"import socket; s = socket.socket(socket.AF_UNIX); s.connect('{path}'); "
    ask = "s.sendall(b'show stat\\n'); print(s.makefile().read())"
    lines = [line.split(",") for line in sh(node, f'python3 -c "{program}{ask}"').splitlines() if line]
    status = lines[0].index("status")
    return {"/".join(row[:2]): row[status] for row in lines[1:] if row[1] not in ("FRONTEND", "BACKEND")}
