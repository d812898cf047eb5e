"""Two simulated nodes that modules for Scalix are run on."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils import runner
from ansible_collections.groupware.ha.plugins.module_utils.node import files, readers
from ansible_collections.groupware.ha.plugins.module_utils.products import scalix_node
from ansible_collections.groupware.ha.tests.simulators.runner import SimulatedRunner
from ansible_collections.groupware.ha.tests.simulators.scalix.simulator import Scalix
from ansible_collections.groupware.ha.tests.unit.plugins.modules.module_runs import given_arguments

PASSWORD = "not-for-logs"  # noqa: S105 - the simulated product's
INSTANCES = [
    {"name": "mail1", "host_name": "mail1.scalixdemo.com", "nodes": ["nodea", "nodeb"]},
    {"name": "mail2", "host_name": "mail2.scalixdemo.com", "nodes": ["nodeb", "nodea"]},
]
PORTS = {"mail1": 8005, "mail2": 8006}
ANSWERS = {
    "install": f"Typical install\n{PASSWORD}\n",
    "agent": f"Reconfigure Scalix Components\nScalix Management Agent\nmail1.scalixdemo.com\n{PASSWORD}\nno\n",
}
INSTALL = "/root/scalix/scalix-installer --instance={0} --hostname={0}.scalixdemo.com"


class Site:
    """Two nodes, with the volume of each instance on its primary."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self.monkeypatch, self.capsys = root, monkeypatch, capsys
        self.simulator = Scalix(["nodea", "nodeb"], root=str(root))
        self.simulator.mount("m1", "nodea")
        self.simulator.mount("m2", "nodeb")
        for node in self.simulator.nodes:
            for instance in ("mail1", "mail2"):
                for name, text in ANSWERS.items():
                    self.file(node, f"/root/.scalix/{instance}.{name}").parent.mkdir(parents=True, exist_ok=True)
                    self.file(node, f"/root/.scalix/{instance}.{name}").write_text(text)

    def file(self, node: str, path: str) -> Path:
        return self.root / node / path.lstrip("/")

    def files(self) -> dict[str, str]:
        """Everything on all nodes and volumes."""
        found = {str(path): path.read_text(encoding="latin-1") for path in self.root.rglob("*") if path.is_file()}
        return {path: text for path, text in found.items() if not path.endswith("~")}

    def run(self, name: str, node: str, /, *, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        """What a module returns on a node; failing or not."""
        module = importlib.import_module(f"ansible_collections.groupware.ha.plugins.modules.{name}")

        @contextmanager
        def held(points: Any) -> Iterator[frozenset[str]]:
            yield frozenset(point for point in points if self.file(node, point).is_symlink())

        with self.monkeypatch.context() as patch:
            patch.setattr(scalix_node, "ROOT", self.root / node)
            patch.setattr(runner, "LocalRunner", lambda dry=False: SimulatedRunner(self.simulator, node, dry))
            patch.setattr(files, "held_volumes", held)
            patch.setattr(readers, "volatile", lambda: str(self.root / node / "run"))
            self.capsys.readouterr()
            arguments = {"instances": INSTANCES, **options, "_ansible_check_mode": check_mode, "_ansible_diff": True}
            with given_arguments(arguments), pytest.raises(SystemExit):
                module.main()
        output = self.capsys.readouterr().out
        assert PASSWORD not in output
        result: dict[str, Any] = json.loads(output)
        assert "Traceback" not in result.get("msg", "") + result.get("exception", "")
        return result

    def setup(self, node: str, state: str, /, **options: Any) -> dict[str, Any]:
        return self.run("scalix_setup", node, **{**self.options(node, state), **options})

    def options(self, node: str, state: str) -> dict[str, Any]:
        return {
            "node": node,
            "state": state,
            "installer": "/root/scalix/scalix-installer",
            "answers_directory": "/root/.scalix",
            "admin": "mail1",
            "shutdown_ports": PORTS,
        }

    def second_admin(self) -> None:
        """Have the management services of mail2 added by hand, as Scalix does not document it."""
        for path in ("ajp/app-mail2.caa.conf", "ajp/app-mail2.sac.conf"):
            self.file("nodeb", f"/etc/opt/scalix-tomcat/connector/{path}").write_text("# by hand\n")

    def nodes(self) -> dict[str, Any]:
        return {node: self.run("scalix_node_info", node)["state"] for node in self.simulator.nodes}

    def four_steps(self, name: str, node: str, /, **options: Any) -> dict[str, Any]:
        """Check, do, do again, check again; the result of doing."""
        before = self.files(), self.simulator.state.copy()
        planned = self.run(name, node, check_mode=True, **options)
        assert planned["changed"], planned
        assert (self.files(), self.simulator.state) == before
        done = self.run(name, node, **options)
        assert done["changed"], done
        keys = ("diff", "commands", "changes", "answers_needed")
        assert {key: planned.get(key) for key in keys} == {key: done.get(key) for key in keys}
        after = self.files()
        for check_mode in (False, True):
            again = self.run(name, node, check_mode=check_mode, **options)
            assert not again["changed"], again
            assert not again.get("commands")
        assert self.files() == after
        return done

    def refused(self, name: str, node: str, /, **options: Any) -> str:
        """The module fails in check mode as it does otherwise, and touches nothing; why."""
        before = self.files()
        planned = self.run(name, node, check_mode=True, **options)
        result = self.run(name, node, **options)
        assert result["failed"]
        assert result["msg"] == planned["msg"]
        assert self.files() == before
        return str(result["msg"])

    def installed(self) -> None:
        for node in self.simulator.nodes:
            assert not self.setup(node, "installed").get("failed")

    def configured(self) -> None:
        self.installed()
        for node in self.simulator.nodes:
            result = self.setup(node, "configured")
            assert not result.get("failed"), result
