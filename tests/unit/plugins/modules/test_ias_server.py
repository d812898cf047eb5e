"""The module ias_server as Ansible runs it, with a program that takes connections."""

from __future__ import annotations

import importlib
import json
import socket
import sys
from typing import Any

import pytest

from ansible_collections.groupware.ha.tests.simulators.ias import listener
from ansible_collections.groupware.ha.tests.unit.plugins.modules.module_runs import given_arguments

MODULE = importlib.import_module("ansible_collections.groupware.ha.plugins.modules.ias_server")


@pytest.fixture
def run(tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    script = tmp_path / "KIVAes.sh"
    script.write_text(
        f"""#!/bin/sh
        cd {tmp_path}
        case $1 in
        start) setsid {sys.executable} {listener.__file__} 127.0.0.1 {port} >log 2>&1 & echo $! >pid ;;
        stop) kill "$(cat pid)" ;;
        esac
        """
    )
    script.chmod(0o755)

    def ran(state: str, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        capsys.readouterr()
        arguments = {
            "state": state,
            "address": "127.0.0.1",
            "port": port,
            "start_command": [str(script), "start"],
            "stop_command": [str(script), "stop"],
            "timeout": 30,
            **options,
            "_ansible_check_mode": check_mode,
            "_ansible_diff": True,
        }
        with given_arguments(arguments), pytest.raises(SystemExit):
            MODULE.main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        result.pop("invocation", None)
        return result

    yield ran
    ran("stopped")


def test_four_steps(run):
    for state in ("started", "stopped"):
        planned = run(state, check_mode=True)
        assert planned["changed"]
        assert [command.split()[-1] for command in planned["commands"]] == ["start" if state == "started" else "stop"]
        assert run(state) == planned
        again = run(state)
        assert (again["changed"], again["commands"]) == (False, [])
        assert again["diff"]["before"] == again["diff"]["after"] == planned["diff"]["after"]
        assert run(state, check_mode=True) == again


def test_what_is_refused_is_said_with_a_remedy(run):
    refused = run("started", port=70000)
    assert refused["problems"] == [
        {"key": "port", "value": 70000, "reason": "is no port", "remedy": refused["problems"][0]["remedy"]}
    ]
    assert refused["commands"] == []
