"""A running lab, asked from outside: what the cluster says, what nodes logged, and cutting a node's power.

The cluster's own tools are asked here, not the collection's modules: a proof does not rest on what it proves.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from timeline import LogLine, parse_journal

TOP = Path(__file__).resolve().parents[2]
LAB = TOP / "tests/lab/lab.py"


class ProofError(Exception):
    """The proof cannot go on, or has failed; printed without a traceback."""


@dataclass(frozen=True)
class Fenced:
    """One entry of the fencing history."""

    target: str
    action: str
    successful: bool
    completed: float
    delegate: str


@dataclass(frozen=True)
class ClusterView:
    """What a live node says of its cluster.

    :param unready: for each node that is not an ordinary member, why
    :param running_on: the node of each service of which every member runs; other services are in ``troubled``
    """

    nodes: tuple[str, ...]
    unready: dict[str, str]
    running_on: dict[str, str]
    troubled: dict[str, str]
    fencing: tuple[Fenced, ...] = field(default=())

    def why_unsettled(self) -> str:
        """What is wrong or still under way; empty if all is well."""
        return ", ".join(f"{name} {reason}" for name, reason in (self.unready | self.troubled).items())


def parse_cluster_view(text: str) -> ClusterView:
    """Read ``crm_mon --one-shot --inactive --fence-history=2 --output-as=xml``, of Pacemaker 2.1 and 3.0."""
    root = ElementTree.fromstring(text)
    nodes = {node.get("name", ""): node for node in root.findall("./nodes/node")}
    running, troubled = {}, {}
    for group in root.findall("./resources/group"):
        name, members = group.get("id", ""), group.findall("resource")
        places = {node.get("name", "") for member in members for node in member.findall("node")}
        stopped = [member.get("id", "") for member in members if member.get("role") != "Started"]
        failed = [member.get("id", "") for member in members if member.get("failed") == "true"]
        if failed:
            troubled[name] = f"has failed ({', '.join(failed)})"
        elif stopped:
            troubled[name] = f"does not run whole (not started: {', '.join(stopped)})"
        elif len(places) != 1:
            troubled[name] = f"runs on {' and '.join(sorted(places)) or 'no node'}"
        else:
            running[name] = places.pop()
    return ClusterView(
        nodes=tuple(nodes),
        unready={name: reason for name, node in nodes.items() if (reason := _why_unready(node))},
        running_on=running,
        troubled=troubled,
        fencing=tuple(_parse_fenced(event) for event in root.findall("./fence_history/fence_event")),
    )


def _why_unready(node: ElementTree.Element) -> str:
    if node.get("online") != "true":
        return "is offline"
    states = ("unclean", "pending", "standby", "maintenance")
    return "".join(f"is {state}" for state in states if node.get(state) == "true")


def _parse_fenced(event: ElementTree.Element) -> Fenced:
    completed = event.get("completed", "")
    return Fenced(
        target=event.get("target", ""),
        action=event.get("action", ""),
        successful=event.get("status") == "success",
        completed=datetime.fromisoformat(completed).timestamp() if completed else 0.0,
        delegate=event.get("delegate", ""),
    )


def wait_for(what: str, poll: Callable[[], str], timeout: float, pause: float = 0.25) -> float:
    """Poll until there is nothing left to wait for; the seconds that it took.

    :param poll: says what is still missing; empty when the wait is over
    :raises ProofError: with what was missing at last
    """
    started = time.monotonic()
    while missing := poll():
        if time.monotonic() - started > timeout:
            raise ProofError(f"gave up after {timeout:.0f} s waiting until {what}: {missing}")
        time.sleep(pause)
    return time.monotonic() - started


class RunningLab:
    """A lab and the description that its cluster was made from.

    :param inventory: where the description, and the credentials to log in to the services, are
    """

    def __init__(self, inventory: Path) -> None:
        settings = _read_inventory(inventory)
        self.nodes: list[str] = [node["name"] for node in settings["cluster"]["nodes"]]
        self.services: dict[str, dict[str, Any]] = {service["name"]: service for service in settings["services"]}
        self.credentials: dict[str, dict[str, str]] = settings["credentials"]
        state = Path(settings["state"])
        self.name: str = state.name
        self.ssh_config = state / "ssh_config"

    def on_node(self, node: str, command: Sequence[str], timeout: float = 20) -> str:
        """Run a command on a node; what it printed.

        :raises ProofError: it failed, or the node does not answer
        """
        ssh = ["ssh", "-F", str(self.ssh_config), "-o", "BatchMode=yes", "-o", "ConnectTimeout=2", node, *command]
        return _run(ssh, timeout)

    def view(self, avoid: str = "") -> ClusterView:
        """The cluster as the first node that answers sees it.

        :param avoid: a node that is not asked, because its power was cut
        """
        command = ["crm_mon", "--one-shot", "--inactive", "--fence-history=2", "--output-as=xml"]
        errors = []
        for node in self.nodes:
            if node == avoid:
                continue
            try:
                return parse_cluster_view(self.on_node(node, command))
            except ProofError as error:
                errors.append(str(error))
        raise ProofError("no node of the cluster answers:\n" + "\n".join(errors))

    def settle(self, timeout: float, avoid: str = "") -> None:
        """Wait until the cluster has nothing left to do: a node that has joined is first asked what runs on it.

        :param avoid: a node that is not asked
        """
        node = next(name for name in self.nodes if name != avoid)
        self.on_node(node, ["crm_resource", "--wait", f"--timeout={timeout:.0f}s"], timeout + 10)

    def queued(self, service: str, node: str) -> int:
        """How many messages a service has to deliver, where it runs; those that were deferred are tried at once."""
        if not node:
            return 0
        files = f"{self.services[service]['storage']['mount_point']}/postfix/etc"
        waiting = self.on_node(node, ["postqueue", "-c", files, "-j"]).splitlines()
        if any(json.loads(message)["queue_name"] == "deferred" for message in waiting):
            self.on_node(node, ["postqueue", "-c", files, "-f"])
        return len(waiting)

    def kill(self, node: str) -> None:
        """Cut the node's power."""
        self._lab("kill", node)

    def start(self, node: str) -> None:
        """Switch the node on, if it is off."""
        self._lab("start", node)

    def journals(self, nodes: Sequence[str], since: float) -> list[LogLine]:
        """What the cluster's programs logged on these nodes."""
        command = ["journalctl", "--output=json", f"--since=@{since:.0f}"]
        command += ["--output-fields=MESSAGE,SYSLOG_IDENTIFIER,_SOURCE_REALTIME_TIMESTAMP"]
        command += [f"--identifier={name}" for name in ("corosync", *_PACEMAKER)]
        return [line for node in nodes for line in parse_journal(node, self.on_node(node, command))]

    def _lab(self, command: str, node: str) -> None:
        as_root = [] if os.geteuid() == 0 else ["sudo"]
        _run([*as_root, "/usr/bin/python3", str(LAB), command, self.name, node], timeout=90)


_PACEMAKER = ("pacemaker-controld", "pacemaker-fenced", "pacemaker-schedulerd")

#: One node's variables are templated by Ansible itself: an inventory is read in no other way.
_WANTED = {
    "cluster": "{{ groupware_cluster }}",
    "services": "{{ groupware_services }}",
    "credentials": "{{ verify_credentials | combine(demo_calendar_credentials | default({})) }}",
    "state": "{{ ansible_ssh_private_key_file | dirname }}",
}


def _read_inventory(inventory: Path) -> dict[str, Any]:
    command = ["ansible", f"--inventory={inventory}", "groupware_nodes[0]", "--module-name=ansible.builtin.debug"]
    text = _run([*command, f"--args={json.dumps({'msg': _WANTED})}"], timeout=60, as_json=True)
    settings: dict[str, Any] = json.loads(text[text.index("{") :])["msg"]
    return settings


def _run(command: Sequence[str], timeout: float, as_json: bool = False) -> str:
    environment = os.environ | ({"ANSIBLE_CALLBACK_RESULT_FORMAT": "json"} if as_json else {})
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=timeout, check=False, env=environment, cwd=TOP
        )
    except subprocess.TimeoutExpired:
        raise ProofError(f"no answer within {timeout:.0f} s from: {' '.join(command)}") from None
    if done.returncode != 0:
        raise ProofError(f"{' '.join(command)}\nexit code {done.returncode}: {(done.stderr or done.stdout).strip()}")
    return done.stdout
