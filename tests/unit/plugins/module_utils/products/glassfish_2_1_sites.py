"""Machines A and B with a simulated GlassFish 2.1, for tests in one process."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandResult, LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.node import staging
from ansible_collections.groupware.ha.plugins.module_utils.products import glassfish_2_1_cluster, hadb_host
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_2_1_cluster import (
    Agent,
    Cluster,
    Instance,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_2_1_description import (
    Description,
    parse,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_2_1_tools import Tools
from ansible_collections.groupware.ha.plugins.module_utils.products.hadb_host import Host
from ansible_collections.groupware.ha.tests.simulators.glassfish_2_1.simulator import GlassFish21

PASSWORDS = {"administrator": "n0t-f0r-logs", "master": "m4ster-w0rd", "hadb": "h4db-w0rd-0"}
MACHINES = {"machinea": ["machineA", "192.0.2.31"], "machineb": ["machineB", "192.0.2.32"]}
SERVERS = [
    {"name": "machinea", "address": "192.0.2.31", "host_name": "machineA", "agent": "dav-agent-1", "instance": "i1"},
    {"name": "machineb", "address": "192.0.2.32", "host_name": "machineB", "agent": "dav-agent-2", "instance": "i2"},
]
DESCRIBED: dict[str, Any] = {
    "servers": SERVERS,
    "options": {"dav-cluster-config.jms-service.type": "EMBEDDED"},
    "applications": ["davserver"],
    "load_balancer": {"name": "dav-lb", "host": "machineC", "port": 8443},
}
INSTALLED = "* System specification file\nset shmsys:shminfo_shmmax = 65536 * too few\nset other:thing=1"


class Node(LocalRunner):
    """Programs of the product and of Solaris are simulated, and may be cut off; chown and chmod are real."""

    def __init__(self, simulator: GlassFish21, node: str, dry: bool, cut_off: str) -> None:
        super().__init__(dry=dry)
        self.simulator, self.node, self.cut_off = simulator, node, cut_off
        self.slept = 0.0

    def run(self, argv: Sequence[str], **options: Any) -> CommandResult:
        program = os.path.basename(argv[0])
        if self.cut_off and self.cut_off in " ".join(argv) and not self.dry:
            raise KeyboardInterrupt
        assert not any(secret in " ".join(argv) for secret in PASSWORDS.values())
        if program not in self.simulator.programs:
            return super().run(argv, **options)
        if options.get("record", True):
            self.commands.append(" ".join([program, *argv[1:]]))
            if self.dry:
                return CommandResult(tuple(argv), 0, "", "")
        answer = self.simulator.run(self.node, argv, options.get("stdin"))
        if answer.status not in options.get("accept", (0,)):
            raise CommandError(argv, f"exit status {answer.status}", answer.stderr)
        return CommandResult(tuple(argv), answer.status, answer.stdout, answer.stderr)

    def pause(self, seconds: float) -> None:
        self.slept += seconds


class Site:
    """Both machines, as GlassFish's installer has left them."""

    def __init__(self, top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.top, self.port, self._patch = top, 1862, monkeypatch
        self.reached: list[str] = []
        self.no_tls = False
        self.described: dict[str, Any] = DESCRIBED
        self.passwords = PASSWORDS
        self.simulator = GlassFish21(
            list(MACHINES),
            top / "state.json",
            administration="machinea",
            hosts=MACHINES,
            passwords=PASSWORDS,
            home=f"{top}/{{node}}/glassfish",
            etc=f"{top}/{{node}}/etc",
            port=self.port,
        )
        for node in MACHINES:
            self.install(node)
        (top / "run").mkdir()
        monkeypatch.setattr(staging, "PARENT", str(top / "run"))
        monkeypatch.setattr(glassfish_2_1_cluster, "reach", self._reach)
        monkeypatch.setattr(Host, "_listens", lambda host: host.server.name in self._management())

    def install(self, node: str) -> None:
        for folder in ("hadb/4/bin", "hadb/4/lib/server", "bin"):
            (self.top / node / "glassfish" / folder).mkdir(parents=True)
        for level in ("init.d", *(f"rc{one}.d" for one in "01235S")):
            (self.top / node / "etc" / level).mkdir(parents=True)
        (self.top / node / "etc/system").write_text(INSTALLED)
        (self.top / node / "glassfish/hadb/4/bin/ma-initd").touch()
        self.program(node).touch(mode=0o755)
        os.chown(self.program(node), 65534, 65534)

    def program(self, node: str) -> Path:
        return self.top / node / "glassfish/hadb/4/lib/server/clu_nsup_srv"

    def _management(self) -> dict[str, int]:
        with self.simulator.edit() as state:
            found: dict[str, int] = state["management"]
        return found

    def _state(self) -> str:
        with self.simulator.edit() as state:
            return json.dumps(state)

    def _reach(self, balancer: Any) -> None:
        self.reached.append(f"{balancer.host}:{balancer.port}")
        if self.no_tls:
            raise glassfish_2_1_cluster.ClusterError("no TLS")

    def description(self, node: str) -> Description:
        given = {"hadb_port": self.port, "home": f"{self.top}/{node}/glassfish", **self.described}
        return parse("dav-cluster", given)

    def host(self, node: str, dry: bool = False, cut_off: str = "", absent: bool = False) -> dict[str, Any]:
        self._patch.setattr(hadb_host, "ETC", f"{self.top}/{node}/etc")
        runner, description = Node(self.simulator, node, dry, cut_off), self.description(node)
        host = Host(runner, description, description.server(node))
        return {**(host.take_away() if absent else host.converge()), "commands": runner.commands}

    def agent(self, node: str, dry: bool = False, cut_off: str = "", absent: bool = False) -> dict[str, Any]:
        runner = Node(self.simulator, node, dry, cut_off)
        tools = Tools(runner, self.description(node), self.passwords)
        agent = Agent(tools, tools.description.server(node))
        return {**(agent.take_away() if absent else agent.converge()), "commands": runner.commands}

    def cluster(
        self, dry: bool = False, cut_off: str = "", absent: bool = False, tried: bool = False
    ) -> dict[str, Any]:
        runner = Node(self.simulator, "machinea", dry, cut_off)
        tools = Tools(runner, self.description("machinea"), self.passwords)
        return {**Cluster(tools, not absent).converge(tried), "commands": runner.commands}

    def restart(self, node: str, wait: int = 30, cut_off: str = "") -> tuple[list[str], float]:
        runner = Node(self.simulator, "machinea", False, cut_off)
        tools = Tools(runner, self.description("machinea"), self.passwords)
        Instance(tools, tools.description.server(node)).restart(wait)
        return runner.commands, runner.slept

    def ready(self) -> None:
        """Have both machines run HADB and their node agents."""
        for node in MACHINES:
            self.host(node)
            self.boot(node)
            self.host(node)
            self.agent(node)

    def whole(self) -> None:
        """Have all of it."""
        self.ready()
        self.cluster()

    def boot(self, node: str) -> None:
        assert self.simulator.run(node, ["shutdown"]).status == 0

    def have(self, node: str, *accident: str) -> None:
        with self.simulator.edit():
            self.simulator.accident(node, accident)

    def files(self) -> dict[str, str]:
        found = {}
        for path in sorted(self.top.rglob("*")):
            name, kept = str(path), path.name not in ("state.json", "state.json.lock")
            if path.is_symlink():
                found[name] = str(path.readlink())
            elif path.is_file() and kept:
                found[name] = f"{path.stat().st_mode:o} {path.stat().st_uid} {path.read_text()}"
        return found

    def four_steps(self, call: Callable[..., dict[str, Any]], *given: Any, **options: Any) -> dict[str, Any]:
        """Check, do, do again, check again."""
        before = self.files(), self._state()
        predicted = call(*given, dry=True, **options)
        assert (self.files(), self._state()) == before
        done = call(*given, **options)
        assert (predicted["changed"], predicted["differences"]) == (True, done["differences"])
        assert predicted["commands"] == done["commands"]
        for dry in (False, True):
            again = call(*given, dry=dry, **options)
            assert (again["changed"], again["commands"]) == (False, []), again
        return done

    def end(self) -> None:
        with self.simulator.edit():
            for node in MACHINES:
                self.simulator.end(node)
        assert list((self.top / "run").iterdir()) == []
