"""The module hold, run as Ansible runs it."""

from __future__ import annotations

import json
import syslog
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.modules import hold
from ansible_collections.groupware.ha.tests.unit.plugins.modules.module_runs import given_arguments

HOLDER = {
    "run": "aaaa00000000",
    "user": "alice",
    "controller": "control1",
    "machine": "5b1e8d0c",
    "process": "4711",
    "started": "boot 99",
    "playbook": "groupware.ha.site",
}


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Takes the module's options; gives its result."""
    monkeypatch.setattr(syslog, "syslog", lambda *_arguments: None)
    monkeypatch.setattr("ansible.module_utils.basic.has_journal", False)

    def ran(check_mode: bool = False, **options: Any) -> dict[str, Any]:
        given = {"subject": "cluster office", "directory": str(tmp_path / "run"), "holder": HOLDER, **options}
        capsys.readouterr()
        with (
            given_arguments({**given, "_ansible_check_mode": check_mode, "_ansible_diff": True}),
            pytest.raises(SystemExit),
        ):
            hold.main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    return ran


@pytest.mark.parametrize("state", ["held", "released"])
def test_four_steps(run: Any, state: str) -> None:
    if state == "released":
        run()

    planned = run(check_mode=True, state=state)
    done = run(state=state)
    again = [run(check_mode=check_mode, state=state) for check_mode in (False, True)]

    assert planned["changed"] is done["changed"] is True
    assert planned["diff"] == done["diff"]
    assert planned["diff"]["before"] != planned["diff"]["after"]
    assert [one["changed"] for one in again] == [False, False]
    assert done["held"] is (state == "held")


def test_what_another_run_holds_is_told(run: Any) -> None:
    run(holder={**HOLDER, "run": "bbbb00000000", "user": "bob"})

    found = run()

    assert not found.get("failed")
    assert found["held"] is found["changed"] is False
    assert found["holder"]["user"] == "bob"


def test_it_says_what_is_wrong(run: Any, tmp_path: Path) -> None:
    run()
    (tmp_path / "run" / "hold.json").write_text("hello")

    assert "hold.json does not say who holds this node" in run()["msg"]
    assert "holder.user" in run(holder={**HOLDER, "user": "a\nb"})["msg"]
    assert "holder.run" in run(holder=None)["msg"]
