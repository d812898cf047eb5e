"""A site whose modules run in the test's own process, with a runner that the site gives them."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest
from ansible.module_utils import basic

from ansible_collections.groupware.ha.plugins.module_utils import runner
from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.tests.contract.site import Result, Site
from ansible_collections.groupware.ha.tests.unit.plugins.modules.module_runs import given_arguments


class InProcessSite(Site):
    """Runs modules as Ansible does, but for the transport."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__(monkeypatch, capsys)
        self.node = self.nodes[0]
        self.warnings: list[str] = []
        # Ansible collects warnings for the whole process, which is one module's elsewhere.
        monkeypatch.setattr(basic.AnsibleModule, "warn", lambda _, warning: self.warnings.append(warning))
        monkeypatch.setattr(runner, "LocalRunner", self.runner)

    def runner(self, dry: bool = False) -> Runner:
        """A runner on the node that modules run on."""
        raise NotImplementedError

    def run(self, module: str, check_mode: bool = False, **options: Any) -> Result:
        """Run a module."""
        self.capsys.readouterr()
        self.warnings.clear()
        imported = importlib.import_module(f"ansible_collections.groupware.ha.plugins.modules.{module}")
        arguments = {**options, "_ansible_check_mode": check_mode, "_ansible_diff": True}
        with given_arguments(arguments), pytest.raises(SystemExit):
            imported.main()
        return {**json.loads(self.capsys.readouterr().out), "warnings": list(self.warnings)}
