"""The controller's part of radicale_configuration: a file that is made of several."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.template import Templar

from ansible_collections.groupware.ha.plugins.action.radicale_configuration import ActionModule


@pytest.fixture
def action(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ActionModule:
    loader = DataLoader()
    loader.set_basedir(str(tmp_path))
    task = Task.load({"action": {"module": "debug"}}, loader=loader)
    monkeypatch.setattr(Task, "get_search_path", lambda _: [str(tmp_path)])
    shell = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))
    return ActionModule(task, shell, SimpleNamespace(), loader, Templar(loader, variables={}), None)


def handed_over(action: ActionModule, *sources: str) -> dict[str, Any]:
    files = [{"path": "/tls.pem", "sources": list(sources), "sensitive": True, "mode": "0640"}]
    return action.module_arguments({"files": files, "instances": []}, {})


def test_one_behind_the_other_and_apart_from_the_rest(action: ActionModule, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("the key")
    (tmp_path / "certificate.pem").write_text("the certificate\n")
    given = handed_over(action, str(tmp_path / "key.pem"), str(tmp_path / "certificate.pem"))
    assert given["secrets"] == {"0": "the key\nthe certificate\n"}
    assert given["files"] == [{"path": "/tls.pem", "sensitive": True, "mode": "0640"}]


def test_one_that_is_not_there(action: ActionModule, tmp_path: Path) -> None:
    with pytest.raises(AnsibleError, match=r"key\.pem"):
        handed_over(action, str(tmp_path / "key.pem"))
