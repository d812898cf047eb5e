"""One server, started and stopped on simulated ones; and whether it runs, asked of a real port."""

from __future__ import annotations

import contextlib
import socket

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.products import ias_server
from ansible_collections.groupware.ha.tests.simulators.ias.simulator import IasSimulator
from ansible_collections.groupware.ha.tests.simulators.runner import SimulatedRunner

SCRIPT = "/usr/iplanet/ias6/ias/bin/KIVAes.sh"


@pytest.fixture
def simulator():
    return IasSimulator(["server0"], servers={"server0": {"address": "192.0.2.11", "port": 10800}}, root="/ias")


def converge(simulator, started: bool, dry: bool = False, program: str = SCRIPT):
    runner = SimulatedRunner(simulator, "server0", dry=dry)
    command = [program, "start" if started else "stop"]
    result = ias_server.converge(runner, "192.0.2.11", 10800, started, command, 30, simulator.answers)
    return result["changed"], runner.commands, result["diff"]


@pytest.mark.parametrize("started", [True, False])
def test_four_steps(simulator, started):
    if not started:
        converge(simulator, True)
    words = [f"{SCRIPT} {'start' if started else 'stop'}"]
    before, after = ("stopped\n", "started\n") if started else ("started\n", "stopped\n")
    change = (True, words, {"before": before, "after": after})
    assert converge(simulator, started, dry=True) == change
    assert simulator.answers("192.0.2.11", 10800) is not started
    assert converge(simulator, started) == change
    assert simulator.answers("192.0.2.11", 10800) is started
    for dry in (False, True):
        assert converge(simulator, started, dry) == (False, [], {"before": after, "after": after})


@pytest.mark.parametrize("fault", ["hang_after_effect", "lose_answer"])
def test_what_had_its_effect_is_done(simulator, fault):
    simulator.order_fault(1, fault)
    assert converge(simulator, True)[0]
    assert simulator.answers("192.0.2.11", 10800)


@pytest.mark.parametrize(("fault", "says"), [("fail", "ordered to fail"), ("hang", "did not end within 30 seconds")])
def test_what_had_none_is_an_error_and_the_next_run_goes_on(simulator, fault, says):
    simulator.order_fault(1, fault)
    with pytest.raises(CommandError, match=says):
        converge(simulator, True)
    assert converge(simulator, True)[0]


def test_a_server_that_never_answers_is_an_error():
    simulator = IasSimulator(["server0"], servers={"server0": {"address": "192.0.2.99", "port": 1}}, root="/ias")
    with pytest.raises(CommandError, match=r"ended, but 192\.0\.2\.11:10800 does not answer after 30 seconds"):
        converge(simulator, True)


def test_a_program_that_is_missing_is_named(simulator):
    with pytest.raises(CommandNotFound, match="is not installed"):
        converge(simulator, True, program="/none")


@pytest.mark.parametrize(
    ("changes", "key"),
    [({"port": 0}, "port"), ({"port": 65536}, "port"), ({"timeout": 0}, "timeout"), ({"command": []}, "stop_command")],
)
def test_what_is_refused(simulator, changes, key):
    converge(simulator, True)
    runner = SimulatedRunner(simulator, "server0")
    given = {"port": 10800, "timeout": 30, "command": [SCRIPT, "stop"], **changes}
    with pytest.raises(DescriptionError) as refused:
        ias_server.converge(runner, "192.0.2.11", started=False, asked=simulator.answers, **given)
    [problem] = refused.value.problems
    assert (problem.key, bool(problem.reason), bool(problem.remedy)) == (key, True, True)
    assert runner.commands == []


def test_who_cannot_be_asked_is_not_taken_for_stopped(simulator):
    runner = SimulatedRunner(simulator, "server0")
    for address in ("no-such-host.invalid", "a..b"):
        with pytest.raises(CommandError, match="nobody knows whether the server runs"):
            ias_server.converge(runner, address, 10800, False, [SCRIPT, "stop"], 30)
    assert runner.commands == []


def test_a_server_that_hangs_is_not_taken_for_stopped():
    with socket.create_server(("127.0.0.1", 0), backlog=1) as listening, contextlib.ExitStack() as waiting:
        port = listening.getsockname()[1]
        for _ in range(4):  # more than may wait for somebody to take them
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        with pytest.raises(CommandError, match="timed out"):
            ias_server.answers("127.0.0.1", port)


def test_whether_it_runs_is_asked_of_its_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        assert ias_server.answers("127.0.0.1", port)
    assert not ias_server.answers("127.0.0.1", port)
