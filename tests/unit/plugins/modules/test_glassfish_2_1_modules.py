"""Modules of the role glassfish_2_1, run as Ansible runs them, on simulated machines."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils import runner
from ansible_collections.groupware.ha.plugins.module_utils.products import hadb_host
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.glassfish_2_1_sites import (
    PASSWORDS,
    Node,
    Site,
)
from ansible_collections.groupware.ha.tests.unit.plugins.modules.module_runs import given_arguments


class Modules:
    """Runs modules on the machines of a site; nothing that they print has a password in it."""

    def __init__(self, site: Site, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
        self.site, self._patch, self._capsys = site, monkeypatch, capsys

    def run(self, node: str, name: str, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        self._patch.setattr(runner, "LocalRunner", lambda dry: Node(self.site.simulator, node, dry, ""))
        self._patch.setattr(hadb_host, "ETC", f"{self.site.top}/{node}/etc")
        module = importlib.import_module(f"ansible_collections.groupware.ha.plugins.modules.{name}")
        home = f"{self.site.top}/{node}/glassfish"
        described = {"name": "dav-cluster", **self.site.described, "home": home, "hadb_port": self.site.port}
        arguments = {"description": described, **options, "_ansible_check_mode": check_mode, "_ansible_diff": True}
        with given_arguments(arguments), pytest.raises(SystemExit):
            module.main()
        printed = self._capsys.readouterr().out
        assert not any(secret in printed for secret in PASSWORDS.values())
        result: dict[str, Any] = json.loads(printed)
        return result

    def four_steps(self, node: str, name: str, **options: Any) -> dict[str, Any]:
        """Check, do, do again, check again."""
        planned = self.run(node, name, check_mode=True, **options)
        done = self.run(node, name, **options)
        for key in ("changed", "differences", "commands", "diff"):
            assert planned[key] == done[key], key
        assert done["changed"], done
        for check_mode in (False, True):
            again = self.run(node, name, check_mode=check_mode, **options)
            assert (again["changed"], again["commands"]) == (False, []), again
        return done


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Iterator[Modules]:
    site = Site(tmp_path, monkeypatch)
    yield Modules(site, monkeypatch, capsys)
    site.end()


def test_their_whole_life(modules: Modules) -> None:
    given = {"passwords": PASSWORDS}
    for node in ("machinea", "machineb"):
        assert modules.run(node, "hadb_host", server=node)["reboot"]
        modules.site.boot(node)
        modules.four_steps(node, "hadb_host", server=node)
        modules.four_steps(node, "glassfish_2_1_agent", server=node, **given)
    done = modules.four_steps("machinea", "glassfish_2_1_cluster", **given)
    assert done["database"] == "FaultTolerant"
    assert done["diff"]["before"].startswith("there is no management domain of HADB on machinea, machineb\n")
    restarted = modules.run("machinea", "glassfish_2_1_instance", server="machineb", wait=0, **given)
    assert restarted["changed"]

    modules.four_steps("machinea", "glassfish_2_1_cluster", state="absent", **given)
    for node in ("machinea", "machineb"):
        modules.four_steps(node, "glassfish_2_1_agent", server=node, state="absent", **given)
        modules.four_steps(node, "hadb_host", server=node, state="absent")


def test_a_restart_in_check_mode(modules: Modules) -> None:
    modules.site.whole()
    before = modules.site.files()
    told = modules.run("machinea", "glassfish_2_1_instance", check_mode=True, server="machineb", passwords=PASSWORDS)
    assert [command.split()[1] for command in told["commands"]] == [
        "disable-http-lb-server",
        "stop-instance",
        "start-instance",
        "enable-http-lb-server",
    ]
    assert modules.site.simulator.state["instances"]["i2"]["running"]
    assert modules.site.files() == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"passwords": {**PASSWORDS, "administrator": "wr0ng-word"}}, "CLI150 Invalid user or password"),
        ({"passwords": {}}, "glassfish_2_1_passwords.administrator: is missing"),
    ],
)
def test_what_fails_tells_no_password(modules: Modules, options: dict[str, Any], words: str) -> None:
    modules.site.ready()
    failed = modules.run("machinea", "glassfish_2_1_cluster", **options)
    assert failed["failed"]
    assert words in failed["msg"]
    assert "wr0ng-word" not in str(failed)
