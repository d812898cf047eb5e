"""Runs of a module within the test's own process, against the small cluster that stands for Pacemaker."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from ansible.module_utils import basic

from ansible_collections.groupware.ha.plugins.module_utils import runner
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.driver import Pacemaker
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.fake_pacemaker import FakeCluster, FakeRunner


@contextmanager
def given_arguments(arguments: dict[str, Any]) -> Iterator[None]:
    """Hand arguments to a module as Ansible does."""
    try:
        from ansible.module_utils.testing import patch_module_args  # noqa: PLC0415
    except ImportError:  # ansible-core before 2.19
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode())
            yield
    else:
        with patch_module_args(arguments):
            yield


class ModuleRuns:
    """One module against one cluster."""

    def __init__(self, name: str, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
        self.module = importlib.import_module(f"ansible_collections.groupware.ha.plugins.modules.{name}")
        self.cluster = cluster
        self.capsys = capsys
        self.warnings: list[str] = []
        # Ansible collects warnings for the whole process, which is one module's elsewhere.
        monkeypatch.setattr(basic.AnsibleModule, "warn", lambda _, warning: self.warnings.append(warning))
        monkeypatch.setattr(runner, "LocalRunner", lambda dry: FakeRunner(cluster, dry=dry))
        monkeypatch.setattr(Pacemaker, "missing_agents", lambda _, types: [name for name in types if "nothing" in name])

    def run(self, *, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        """What the module returns; failing or not."""
        self.capsys.readouterr()
        self.warnings.clear()
        arguments = {**options, "_ansible_check_mode": check_mode, "_ansible_diff": True}
        with given_arguments(arguments), pytest.raises(SystemExit) as ended:
            self.module.main()
        result: dict[str, Any] = json.loads(self.capsys.readouterr().out)
        assert bool(ended.value.code) == bool(result.get("failed"))
        return {**result, "warnings": list(self.warnings)}

    def four_steps(self, **options: Any) -> dict[str, Any]:
        """Check, do, do again, check again; the result of doing."""
        before = self.cluster.monitor()
        patches = len(self.cluster.patches)
        planned = self.run(check_mode=True, **options)
        assert planned["changed"], planned
        assert (self.cluster.monitor(), len(self.cluster.patches)) == (before, patches)
        done = self.run(**options)
        assert done["changed"], done
        for key in ("diff", "commands", "changes", "restarts"):
            assert done.get(key) == planned.get(key), key
        assert done["diff"]["before"] != done["diff"]["after"]
        self.unchanged(**options)
        return done

    def unchanged(self, **options: Any) -> dict[str, Any]:
        """Neither doing nor checking finds anything to change; the result of doing."""
        for check_mode in (True, False):
            result = self.run(check_mode=check_mode, **options)
            assert not result.get("failed"), result
            assert not result["changed"]
            assert result["commands"] == []
            assert result["diff"]["before"] == result["diff"]["after"]
        return result

    def refused(self, **options: Any) -> dict[str, Any]:
        """The module fails in check mode as it does otherwise, and touches nothing; the result."""
        patches = len(self.cluster.patches)
        planned = self.run(check_mode=True, **options)
        result = self.run(**options)
        assert result["failed"]
        assert result["msg"] == planned["msg"]
        assert "Traceback" not in result["msg"] + result.get("exception", "")
        assert not result.get("commands")
        assert len(self.cluster.patches) == patches
        return result
