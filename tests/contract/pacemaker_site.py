"""Pacemaker for real: modules run in the test's own process, their commands in the lab's nodes."""

from __future__ import annotations

import functools
import os
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandResult, LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.driver import Pacemaker
from ansible_collections.groupware.ha.tests.contract.in_process import InProcessSite
from ansible_collections.groupware.ha.tests.contract.site import Result

CHECKOUT = Path(__file__).resolve().parents[2]
DESCRIPTION = CHECKOUT / "molecule" / "shared" / "inventory" / "group_vars" / "all" / "description.yml"


class PacemakerSite(InProcessSite):
    """A cluster of three nodes in containers, formed before; see `make contract-pacemaker`."""

    framework = "pacemaker"
    asks_permission = False
    keeps_nodes_free = True
    monitors_members = True
    quiet_change = {"properties": {"migration-threshold": 5}}
    restarting_change = {"storage": {"mount_options": "noatime"}}

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__(monkeypatch, capsys)
        # Agents are looked for among the files of the node, which is another machine here.
        monkeypatch.setattr(Pacemaker, "missing_agents", lambda _, types: [name for name in types if "nothing" in name])

    def cluster(self) -> Result:
        """As the inventory of the scenarios has it, fencing and all."""
        description: Result = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))
        return dict(description["groupware_cluster"])

    def service(self, name: str, primary: str, standby: Any, number: int, model: str) -> Result:
        """A file system on a shared disk and an agent that does nothing."""
        disk = {31: "disk1", 32: "disk2"}[number]
        return {
            **super().service(name, primary, standby, number, model),
            "storage": {"device": f"/dev/san/{disk}", "mount_point": f"/srv/{name}"},
            "application": {
                "type": "native",
                "members": [
                    {
                        "name": "server",
                        "type": "ocf:pacemaker:Dummy",
                        "operations": {"monitor": {"interval": "10s", "timeout": "20s"}},
                    }
                ],
            },
        }

    def foreign_group(self) -> Result:
        """A group of one agent."""
        return {
            "name": "foreign1",
            "nodes": ["nodea", "nodeb"],
            "resources": [{"name": "foreign1_one", "type": "ocf:pacemaker:Dummy"}],
        }

    def member(self) -> tuple[str, str]:
        """The application."""
        return "mail1_server", "ocf:pacemaker:Dummy"

    def look(self) -> Any:
        """The configuration without its version, and where everything is."""
        cib = ElementTree.fromstring(self._on_node("cibadmin --query --scope=configuration"))
        return ElementTree.tostring(cib), {name: self.where(name) for name in ("mail1", "mail2", "foreign1")}

    def where(self, service: str) -> list[str]:
        """By crm_mon."""
        monitor = ElementTree.fromstring(self._on_node("crm_mon --one-shot --inactive --output-as=xml"))
        members = monitor.findall(f"./resources/group[@id='{service}']/resource")
        places = [{node.get("name", "") for node in member.findall("node")} for member in members]
        return sorted(set.intersection(*places)) if places else []

    def lone_member(self) -> Result:
        """An agent that does nothing."""
        return {"name": "extra", "type": "ocf:pacemaker:Dummy"}

    def nodes_of(self, service: str) -> list[str]:
        """By the CIB: constraints that are for single nodes, and the rule that is against all others."""
        constraints = ElementTree.fromstring(self._on_node("cibadmin --query --scope=constraints"))
        found = constraints.findall(f"./rsc_location[@rsc='{service}']")
        scores = {one.get("node", ""): int(one.get("score", "0")) for one in found if one.get("node")}
        rules = [{e.get("value", "") for e in one.iter("expression")} for one in found if one.find("rule") is not None]
        assert rules == [set(scores)]
        return sorted(scores, key=lambda node: -scores[node])

    def spoil(self) -> None:
        """An attribute, a meta attribute and a score."""
        self._on_node("crm_resource --resource mail1_address --set-parameter cidr_netmask --parameter-value 25")
        self._on_node("crm_resource --resource mail1 --meta --set-parameter migration-threshold --parameter-value 7")
        self._on_node(
            'cibadmin --modify --xml-text \'<rsc_location id="mail1-prefers-nodeb" rsc="mail1" node="nodeb"'
            ' score="150"/>\''
        )
        Pacemaker(self.runner()).settle(60)

    def active(self, service: str, member: str) -> list[str]:
        """By crm_mon."""
        monitor = ElementTree.fromstring(self._on_node("crm_mon --one-shot --inactive --output-as=xml"))
        nodes = monitor.findall(f"./resources/group[@id='{service}']/resource[@id='{member}']/node")
        return [node.get("name", "") for node in nodes]

    def break_start(self) -> None:
        """A directory where the agent writes its state to."""
        for node in self.nodes:
            self._on_node("mkdir --parents /run/Dummy-mail1_server.state", node)

    def repair(self) -> None:
        """Take it away again."""
        for node in self.nodes:
            self._on_node("rm --recursive --force /run/Dummy-mail1_server.state", node)

    def leave(self) -> None:
        """Take everything out of the cluster, and nodes out of standby."""
        self.repair()
        for node in self.nodes:
            self._on_node(f"crm_attribute --type=nodes --node={node} --name=standby --delete")
        self._on_node("crm_resource --cleanup")
        self.converge([], purge=True)

    def runner(self, dry: bool = False) -> NodeRunner:
        """A runner on the node's container."""
        return NodeRunner(node=self.node, dry=dry)

    def _on_node(self, command: str, node: str = "nodea") -> str:
        done = subprocess.run([*in_node(node), "sh", "-c", command], capture_output=True, text=True, check=True)
        return done.stdout


def in_node(node: str) -> list[str]:
    """What runs a command in a node: within its namespaces, which takes a fortieth of the time of ``podman exec``."""
    process = _process_file(f"groupware-ha-{os.environ['GROUPWARE_HA_LAB']}-{node}").read_text(encoding="ascii")
    enter = ["nsenter", f"--target={process.strip()}", "--all", "--root", "--wd=/"]
    return [*enter, "env", "--ignore-environment", "LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]


@functools.cache
def _process_file(container: str) -> Path:
    """Where it stands which process is a container's first; another one whenever it starts."""
    found = subprocess.run(
        ["podman", "inspect", "--format={{.PidFile}}", container], capture_output=True, text=True, check=True
    )
    return Path(found.stdout.strip())


@dataclass
class NodeRunner(LocalRunner):
    """A LocalRunner whose commands run in a node's container."""

    node: str = ""

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: str | None = None,
        timeout: float = 60,
        accept: Sequence[int] = (0,),
        record: bool = True,
    ) -> CommandResult:
        """See LocalRunner.run."""
        if record:
            self.commands.append(shlex.join(argv))
            if self.dry:
                return CommandResult(tuple(argv), 0, "", "")
        for argument in argv:
            # Files that a driver hands to a command are to be where the command runs.
            path = Path(argument.partition("=")[2])
            if path.is_absolute() and path.is_file():
                self._start(["sh", "-c", f"mkdir --parents {path.parent} && cat > {path}"], path.read_text("utf-8"), 60)
        try:
            finished = self._start(argv, stdin, timeout)
        except subprocess.TimeoutExpired:
            raise CommandError(argv, f"did not end within {timeout:g} seconds") from None
        if finished.returncode not in accept:
            raise CommandError(argv, f"exit status {finished.returncode}", finished.stderr or finished.stdout)
        return CommandResult(tuple(argv), finished.returncode, finished.stdout, finished.stderr)

    def installed(self, program: str) -> bool:
        """See LocalRunner.installed."""
        return self._start(["which", program], None, 60).returncode == 0

    def _start(self, argv: Sequence[str], stdin: str | None, timeout: float) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*in_node(self.node), *argv],
            input=stdin or "",
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
