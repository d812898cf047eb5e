"""Two runs that would change the same: one holds it, and the other is refused by name, waits, or takes over."""

from __future__ import annotations

import os
import platform
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from ansible_collections.groupware.ha.tests.playbooks.conftest import (
    LOCAL,
    TOP,
    VCS_CLUSTER,
    VCS_SERVICE,
    Cluster,
    Controller,
    Run,
    extra,
    inventory,
)
from ansible_collections.groupware.ha.tests.playbooks.holds import ELSEWHERE, held, leave

#: What a run says is in its file at once; Ansible leaves it to Python, which keeps it until there is more.
AT_ONCE = {"PYTHONUNBUFFERED": "1"}


def awaited(condition: Callable[[], Any], run: Run) -> Any:
    """The first true answer, while a run is under way."""
    while run.process.poll() is None:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(run.output)


class Gate:
    """Holds up the command that frees a node, until it is opened."""

    def __init__(self, cluster: Cluster) -> None:
        self.fifo = cluster.path / "gate"
        os.mkfifo(self.fifo)
        program = cluster.path / "bin" / "hasys"
        self.without = program.read_text()
        command = self.without.splitlines()[1]
        program.write_text(f'#!/bin/sh\ncase "$*" in *-freeze*) read word <{self.fifo};; esac\n{command}\n')
        self.program = program

    def reached(self, run: Run) -> int:
        """Wait for a run to stand before it; gives what it is opened by."""

        def reading() -> int:
            try:
                return os.open(self.fifo, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:  # nobody reads there yet
                return 0

        found: int = awaited(reading, run)
        return found

    def open(self, opener: int) -> None:
        """Let the run go on, and those after it."""
        self.program.write_text(self.without)
        os.write(opener, b"go\n")
        os.close(opener)


def test_the_second_run_is_refused_by_name(cluster: Cluster) -> None:
    gate = Gate(cluster)
    first = cluster.start("evacuate", cluster.hosts, *extra("node=nodea"))
    opener = gate.reached(first)

    holder = held(cluster.path)
    second = cluster.run("switchover", cluster.hosts, *extra("service=mail1", "node=nodec"))
    gate.open(opener)
    done = first.end()

    assert holder is not None
    assert second.status != 0
    assert "nodea is held for cluster office by " in second.messages
    assert f" on {platform.node()}, with groupware.ha.evacuate, since {holder['since']}" in second.messages
    assert f"kill {first.process.pid}" in second.messages
    assert "-e groupware_hold_timeout=600" in second.messages
    assert done.status == 0, done.output
    assert cluster.where() == "nodeb"
    assert held(cluster.path) is None
    assert "changed=1" in done.output, "to hold a node is no change of it"


def test_the_second_run_waits_and_goes_on(cluster: Cluster) -> None:
    gate = Gate(cluster)
    first = cluster.start("evacuate", cluster.hosts, *extra("node=nodea"))
    opener = gate.reached(first)
    second = cluster.start(
        "switchover", cluster.hosts, *extra("service=mail1", "node=nodec", "groupware_hold_timeout=300"), **AT_ONCE
    )
    awaited(lambda: "cluster office: waiting for " in second.output, second)
    assert cluster.where() == "nodea"

    gate.open(opener)
    done, after = first.end(), second.end()

    assert done.status == 0, done.output
    assert after.status == 0, after.output
    assert cluster.where() == "nodec"
    assert held(cluster.path) is None


def test_what_a_killed_run_left_behind_is_taken_over(cluster: Cluster) -> None:
    gate = Gate(cluster)
    first = cluster.start("evacuate", cluster.hosts, *extra("node=nodea"))
    opener = gate.reached(first)
    first.process.send_signal(signal.SIGKILL)
    assert first.end().status == -signal.SIGKILL
    assert held(cluster.path) is not None
    gate.program.write_text(gate.without)

    second = cluster.run("switchover", cluster.hosts, *extra("service=mail1", "node=nodec"))
    where = cluster.where()
    gate.open(opener)

    assert second.status == 0, second.output
    assert "Taken over from " in second.output
    assert "its process is gone" in second.output
    assert where == "nodec"
    assert held(cluster.path) is None


def test_a_run_that_fails_half_way_gives_back_what_it_held(cluster: Cluster) -> None:
    program = cluster.path / "bin" / "hagrp"
    command = program.read_text().splitlines()[1]
    seen = f"test -e {cluster.path}/run/nodea/hold.json && touch {cluster.path}/was_held"
    program.write_text(f'#!/bin/sh\ncase "$*" in *-switch*) {seen}; exit 1;; esac\n{command}\n')

    done = cluster.run("switchover", cluster.hosts, *extra("service=mail1", "node=nodec"))

    assert done.status != 0
    assert (cluster.path / "was_held").exists()
    assert held(cluster.path) is None


def test_another_controllers_run_is_taken_over_when_told(cluster: Cluster) -> None:
    leave(cluster.path, ELSEWHERE)
    move = extra("service=mail1", "node=nodec")

    refused = cluster.run("switchover", cluster.hosts, *move)
    shown = cluster.run("switchover", cluster.hosts, "--check", *move)
    other = cluster.run("switchover", cluster.hosts, *move, *extra("groupware_take_over=000000000000"))
    still = held(cluster.path)
    done = cluster.run("switchover", cluster.hosts, *move, *extra("groupware_take_over=3f9a1c2e77b0"))

    assert refused.status != 0
    assert other.status != 0
    assert "alice on control7, with groupware.ha.site, since 2026-11-30 21:50:03 UTC" in refused.messages
    assert "cannot be seen from this controller" in refused.messages
    assert "-e groupware_take_over=3f9a1c2e77b0" in refused.messages
    assert shown.status == 0, shown.output
    assert "is held for cluster office by alice on control7" in shown.output
    assert still == ELSEWHERE
    assert done.status == 0, done.output
    assert "Taken over from alice on control7" in done.output
    assert cluster.where() == "nodec"
    assert held(cluster.path) is None


def test_what_cannot_be_read_is_said(cluster: Cluster) -> None:
    file = leave(cluster.path, '{"run": "3f9a')

    done = cluster.run("switchover", cluster.hosts, *extra("service=mail1", "node=nodec"))

    assert done.status != 0
    assert f"{file} does not say who holds this node" in done.messages
    assert "remove the file" in done.messages
    assert cluster.where() == "nodea"
    assert file.read_text() == '{"run": "3f9a'


MEMBERS = ("nodea", "nodeb", "nodec")
ASKED: dict[str, Any] = {"tiers": [], "members": {}}
ASKING = "TASK [Ask each host what it has]"
PLAY = [
    {
        "hosts": "{{ groups.groupware_nodes | groupware.ha.with_controller }}",
        "gather_facts": False,
        "vars": {"groupware_subject": "cluster office", "groupware_holding": list(MEMBERS), "groupware_request": ASKED},
        "tasks": [
            {"name": "Ask", "ansible.builtin.import_tasks": f"{TOP}/playbooks/tasks/ask_nodes.yml"},
            {"name": "Hold", "ansible.builtin.import_tasks": f"{TOP}/playbooks/tasks/hold.yml"},
            {"name": "See", "ansible.builtin.command": "cat {{ groupware_hold_directory }}/hold.json"},
        ],
    },
    {
        "hosts": "localhost,all",
        "gather_facts": False,
        "tasks": [{"name": "Release", "ansible.builtin.import_tasks": f"{TOP}/playbooks/tasks/release.yml"}],
    },
]
PLAY[0]["tasks"].insert(0, {"name": "Leave", "meta": "end_host", "when": "inventory_hostname == 'localhost'"})


def play(controller: Controller, *arguments: str) -> Run:
    """Hold three nodes that are this machine, look at them and give them back."""
    (controller.path / "play.yml").write_text(yaml.safe_dump(PLAY, sort_keys=False))
    hosts = inventory({name: dict(LOCAL) for name in MEMBERS}, cluster=VCS_CLUSTER, service=VCS_SERVICE)
    return controller.start("play.yml", hosts, *arguments, **AT_ONCE)


def test_all_members_are_held_at_once(controller: Controller) -> None:
    done = play(controller).end()

    assert done.status == 0, done.output
    assert done.output.count("TASK [Hold what is to be changed]") == 1
    assert done.output.count(ASKING) == 1
    assert "included" not in done.output
    assert [held(controller.path, name) for name in MEMBERS] == [None, None, None]
    assert done.output.count("changed: [") == 3, "each saw that it was held"


@pytest.mark.parametrize("lost", MEMBERS)
def test_all_members_are_held_or_none(controller: Controller, lost: str) -> None:
    leave(controller.path, ELSEWHERE, lost)

    done = play(controller).end()

    assert done.status != 0
    assert "TASK [See]" not in done.output
    assert f"{lost} is held for cluster office by alice on control7" in done.messages
    assert {name: held(controller.path, name) for name in MEMBERS} == {
        name: ELSEWHERE if name == lost else None for name in MEMBERS
    }


def test_what_is_given_back_late_is_waited_for(controller: Controller) -> None:
    file = leave(controller.path, ELSEWHERE, "nodeb")
    run = play(controller, *extra("groupware_hold_timeout=300"))
    awaited(lambda: "cluster office: waiting for alice" in run.output, run)
    awaited(lambda: held(controller.path, "nodec") is None and held(controller.path, "nodea"), run)
    assert run.output.count(ASKING) == 1
    file.unlink()

    done = run.end()

    assert done.status == 0, done.output
    assert done.output.count("changed: [") == 3
    assert done.output.count(ASKING) == 2, "what the other run did meanwhile is not known yet"


def test_after_a_run_that_was_cut_off_all_are_asked_again(controller: Controller) -> None:
    """It may have gone on until a moment ago."""
    leave(controller.path, ELSEWHERE, "nodeb")

    done = play(controller, *extra(f"groupware_take_over={ELSEWHERE['run']}")).end()

    assert done.status == 0, done.output
    assert done.output.count(ASKING) == 2


def test_many_runs_at_once_all_get_their_turn(controller: Controller) -> None:
    runs = [play(controller, *extra("groupware_hold_timeout=300")) for _number in range(3)]

    ends = [run.end() for run in runs]

    assert [end.status for end in ends] == [0, 0, 0], ends


def test_one_host_is_held_by_a_task_alone(controller: Controller) -> None:
    """In a play of one's own, which goes on only where it is held."""
    hold = {"subject": "its disks", "directory": str(controller.path / "run" / "nodea")}
    tasks = [
        {"name": "Hold", "groupware.ha.hold": hold},
        {"name": "Change", "ansible.builtin.debug": {"msg": "changed"}},
        {"name": "Release", "groupware.ha.hold": {**hold, "state": "released"}},
    ]
    (controller.path / "play.yml").write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    hosts = {"all": {"hosts": {"nodea": LOCAL}}}

    done = controller.run("play.yml", hosts)
    leave(controller.path, ELSEWHERE)
    refused = controller.run("play.yml", hosts)

    assert done.status == 0, done.output
    assert refused.status != 0
    assert "its disks: nodea is held for cluster office by alice" in refused.messages
    assert "TASK [Change]" not in refused.output
    assert held(controller.path) == ELSEWHERE


def test_of_contradictory_runs_side_by_side_one_is_done(cluster: Cluster) -> None:
    runs = []
    for address in ("192.0.2.21", "192.0.2.23", "192.0.2.24"):
        hosts = inventory(cluster.hosts["groupware_nodes"]["hosts"], cluster=VCS_CLUSTER, service=VCS_SERVICE)
        hosts["groupware_nodes"]["vars"]["groupware_services"][0]["address"] = address
        # Each controller has an inventory of its own; nodes and their holds are the same.
        holds = {"groupware_hold_directory": f"{cluster.path}/run/{{{{ inventory_hostname }}}}"}
        (cluster.path / f"{address}.yml").write_text(yaml.safe_dump({"all": {"vars": holds}, **hosts}))
        allowed = extra("failover_service_allow_restart=true")
        runs.append(cluster.start("site", None, "-i", f"{address}.yml", *allowed))

    ends = [run.end() for run in runs]

    assert ["is held for cluster office by" in end.output for end in ends].count(True) == 2, ends
    assert ["mail1: online on nodea" in end.output for end in ends].count(True) == 1, ends
    assert held(cluster.path) is None
