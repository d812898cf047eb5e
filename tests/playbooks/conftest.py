"""Inventories of nodes that exist no further than a test needs, and a way to run playbooks on them."""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import pytest
import yaml

from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.engine.session import Session
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.registry import create_framework
from ansible_collections.groupware.ha.tests.simulators.runner import SimulatedRunner
from ansible_collections.groupware.ha.tests.simulators.vcs.simulator import SIMULATOR

TOP = Path(__file__).resolve().parents[2]
NODES = ("nodea", "nodeb", "nodec")

#: Runs are many, and spend their time on what every other run has done: packing modules, compiling, copying them.
KEEPING = {
    "ANSIBLE_CALLBACK_PLUGINS": str(TOP / "tests/workshop/callback"),
    "ANSIBLE_PIPELINING": "1",
    "GROUPWARE_HA_COMPILED": str(TOP / ".cache/compiled"),
    "PYTHONPATH": str(TOP / "tests/workshop/compiled"),
}

#: Nothing listens there: ssh is refused at once.
SILENT = {"ansible_host": "127.0.0.1", "ansible_port": 1}
#: A node that is this machine.
LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}

SERVICE = {
    "name": "mail1",
    "model": "asymmetric",
    "nodes": {"primary": "nodea", "standby": ["nodeb", "nodec"]},
    "address": "192.0.2.21",
    "host_name": "mail1.example.com",
    "storage": {"device": "/dev/san/mail1", "mount_point": "/srv/mail1"},
}
CLUSTER = {
    "name": "office",
    "networks": ["192.0.2.0/24"],
    "nodes": [{"name": name, "address": f"192.0.2.{number}"} for number, name in enumerate(NODES, start=11)],
    "fencing": {"disabled_accepting_data_loss": True},
}
VCS_CLUSTER = {**{key: CLUSTER[key] for key in ("name", "networks", "nodes")}, "framework": "vcs", "interface": "eth0"}
VCS_SERVICE = {
    **SERVICE,
    "storage": {"volume_group": "dgmail1", "logical_volume": "vol1", "mount_point": "/srv/mail1"},
}


def inventory(
    hosts: dict[str, Any], group: str = "groupware_nodes", cluster: Any = CLUSTER, service: Any = SERVICE
) -> dict[str, Any]:
    """An inventory with these hosts in a group, which carries the description."""
    described = {"groupware_cluster": copy.deepcopy(cluster), "groupware_services": [copy.deepcopy(service)]}
    return {group: {"hosts": hosts, "vars": described}}


@dataclass
class Outcome:
    """How a run of ansible-playbook ended."""

    status: int
    output: str

    @property
    def messages(self) -> str:
        """What the failed tasks said, in one line."""
        found = re.findall(r'"msg": ("(?:[^"\\]|\\.)*"|\[.*?\])[,}]', self.output)
        return " ".join(str(json.loads(text)) for text in found)


@dataclass
class Run:
    """A run of ansible-playbook that is under way; its process is that of Ansible itself."""

    process: subprocess.Popen[bytes]
    said: TextIO

    @property
    def output(self) -> str:
        """What it has said so far; read without moving the place in the file, where the run goes on writing."""
        descriptor = self.said.fileno()
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode()

    def end(self) -> Outcome:
        """How it ends, when it has."""
        status = self.process.wait(timeout=600)
        output = self.output
        self.said.close()
        # What this version of Ansible still takes, and a later one will not.
        assert "[DEPRECATION WARNING]" not in output, output
        assert "kept_modules" not in output, output
        return Outcome(status, output)


@dataclass
class Controller:
    """An empty folder to run playbooks in."""

    path: Path
    programs: Path | None = None
    #: A command that runs another one.
    around: tuple[str, ...] = ()

    def run(self, playbook: str, hosts: dict[str, Any] | None, *arguments: str, **environment: str) -> Outcome:
        """Run a playbook of the checkout by its full name; without hosts, without an inventory."""
        return self.start(playbook, hosts, *arguments, **environment).end()

    def start(self, playbook: str, hosts: dict[str, Any] | None, *arguments: str, **environment: str) -> Run:
        """Begin such a run; others may go on beside it."""
        Path(KEEPING["GROUPWARE_HA_COMPILED"]).mkdir(parents=True, exist_ok=True)
        sources = []
        if hosts is not None:
            # What is the same machine here are nodes of their own, and those of other tests' runs too.
            holds = {"groupware_hold_directory": f"{self.path}/run/{{{{ inventory_hostname }}}}"}
            everybody = hosts.get("all", {})
            everybody = {**everybody, "vars": {**holds, **everybody.get("vars", {})}}
            (self.path / "hosts.yml").write_text(yaml.safe_dump({**hosts, "all": everybody}))
            sources = ["-i", "hosts.yml"]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        if self.programs is not None:
            kept["PATH"] = f"{self.programs}:{kept['PATH']}"
        # One line for each result, whatever the length.
        kept |= {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_LOCAL_TEMP": str(self.path / "tmp"), **KEEPING, **environment}
        name = playbook if playbook.endswith(".yml") else f"groupware.ha.{playbook}"
        with tempfile.TemporaryFile("w+") as said:
            process = subprocess.Popen(
                [*self.around, "ansible-playbook", *sources, *arguments, name],
                cwd=self.path,
                env=kept,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
            )
            return Run(process, os.fdopen(os.dup(said.fileno())))


@pytest.fixture
def controller(tmp_path: Path) -> Controller:
    """Nodes of this machine have no cluster."""
    return Controller(tmp_path)


class Cluster(Controller):
    """A simulated cluster, of which this machine is the node nodea; nobody can reach the others."""

    hosts: dict[str, Any] = inventory(
        {"nodea": LOCAL, "nodeb": SILENT, "nodec": SILENT}, cluster=VCS_CLUSTER, service=VCS_SERVICE
    )

    def where(self) -> str:
        """The node on which mail1 is online."""
        simulator = SIMULATOR(NODES, self.path / "state.json")
        with simulator.edit():
            (node,) = simulator.services()["mail1"]["online"]
        return str(node)


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    """A cluster that runs mail1 on nodea."""
    programs = tmp_path / "bin"
    programs.mkdir()
    play = Path(__file__).with_name("play.py")
    for name in SIMULATOR.programs:
        (programs / name).write_text(
            f'#!/bin/sh\nexec {sys.executable} {play} {tmp_path}/state.json nodea {",".join(NODES)} {name} "$@"\n'
        )
        (programs / name).chmod(0o755)
    made = Cluster(tmp_path, programs, with_own_files(tmp_path / "etc", "/etc/VRTSvcs/conf/config"))
    configure(tmp_path / "state.json")
    assert made.where() == "nodea"
    return made


def with_own_files(changes: Path, directory: str) -> tuple[str, ...]:
    """Run a command that sees /etc with a further directory, and whose changes to /etc end up elsewhere."""
    for name in ("upper", "work"):
        (changes / name).mkdir(parents=True)
    options = f"lowerdir=/etc,upperdir={changes}/upper,workdir={changes}/work"
    script = f'mount -t overlay overlay -o {options} /etc && mkdir -p {directory} && exec "$@"'
    return ("unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh")


def configure(state_file: Path) -> None:
    """Have the cluster run the described service; in one process, where nobody has to wait for a clock."""
    simulator = SIMULATOR(NODES)
    simulator.pass_time(60)
    framework = create_framework("vcs", SimulatedRunner(simulator, "nodea"))
    deployment = parse_description(VCS_CLUSTER, [VCS_SERVICE], framework.capabilities)
    Session(framework, check_mode=False, timeout=120).converge(framework.compile(deployment))
    state_file.write_text(json.dumps(simulator.state))


def extra(*given: str) -> Sequence[str]:
    """Options that give variables on the command line."""
    return [part for one in given for part in ("-e", one)]


SYSTEMCTL = """#!/bin/sh
printf 'Id=%s.service\\nActiveState={state}\\nUnitFileState=disabled\\n\\n' corosync pacemaker
"""
UNANSWERED = "#!/bin/sh\necho 'Could not connect to the CIB' >&2\nexit 102\n"


@pytest.fixture
def taken_apart(tmp_path: Path) -> Controller:
    """Nodes of this machine have Corosync and Pacemaker, and nothing of a cluster; not even what the packages bring."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in (
        ("systemctl", SYSTEMCTL.format(state="inactive")),
        ("cibadmin", UNANSWERED),
        ("crm_mon", UNANSWERED),
        ("corosync", "#!/bin/sh\n"),
    ):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    hidden = (
        "for place in /etc/corosync /var/lib/pacemaker/cib; do test ! -d $place || mount -t tmpfs none $place; done"
    )
    hidden += '; exec "$@"'
    return Controller(tmp_path, programs, ("unshare", "--map-root-user", "--mount", "sh", "-c", hidden, "sh"))
