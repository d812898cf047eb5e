"""The modules of the role load_balancer, run as Ansible runs them, with an HAProxy that keeps what it is told."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils import runner
from ansible_collections.groupware.ha.plugins.module_utils.bodies import load_balancer_configuration, load_balancer_info
from ansible_collections.groupware.ha.plugins.module_utils.command import CommandResult, LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.node.addresses import Interface
from ansible_collections.groupware.ha.plugins.module_utils.products import load_balancer_running as running
from ansible_collections.groupware.ha.tests.unit.plugins.modules.module_runs import given_arguments

BITS = {"ready": 0, "drain": 8, "maint": 1}
STATUS = {0: "UP", 8: "DRAIN", 1: "MAINT"}


class Haproxy:
    """Members of front ends, and what it was told."""

    def __init__(self) -> None:
        self.members = {("calendar", "app1"): 0, ("calendar", "app2"): 0, ("plain", "app1"): 0, ("plain", "app2"): 0}
        self.sessions = dict.fromkeys(self.members, 0)
        self.told: list[str] = []

    def ask(self, command: str) -> str:
        if command == "show info":
            return "Name: HAProxy\nVersion: 3.0.11\nPid: 7\n"
        if command == "show servers state":
            rows = [f"{front} {name} {bits}\n" for (front, name), bits in self.members.items()]
            return "1\n# be_name srv_name srv_admin_state\n" + "".join(rows) + "\n"
        if command == "show stat":
            rows = [
                f"{front},{name},{self.sessions[front, name]},9,{STATUS[bits]},L7OK,\n"
                for (front, name), bits in self.members.items()
            ]
            return "# pxname,svname,scur,stot,status,check_status,\n" + "".join(rows)
        self.told.append(command)
        _set, _server, where, _state, state = command.split()
        front, _slash, name = where.partition("/")
        self.members[front, name] = BITS[state]
        return "\n"


class Node(LocalRunner):
    """Runs nothing, and has all the time of the world."""

    now = 0.0

    def run(self, argv: Any, *, record: bool = True, **options: Any) -> CommandResult:  # noqa: ARG002
        if record:
            self.commands.append(" ".join(argv))
        return CommandResult(tuple(argv), 0, "haproxy installed\n", "")

    def pause(self, seconds: float) -> None:
        self.now += seconds

    def clock(self) -> float:
        return self.now


@pytest.fixture
def haproxy(monkeypatch: pytest.MonkeyPatch) -> Haproxy:
    found = Haproxy()
    for function in ("members", "process", "set_state"):
        default = getattr(running, function).__defaults__
        monkeypatch.setattr(getattr(running, function), "__defaults__", (*default[:-1], found.ask))
    monkeypatch.setattr(runner, "LocalRunner", Node)
    return found


@pytest.fixture
def run(capsys: Any) -> Any:
    def ran(name: str, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        module = importlib.import_module(f"ansible_collections.groupware.ha.plugins.modules.load_balancer_{name}")
        arguments = {**options, "_ansible_check_mode": check_mode, "_ansible_diff": True}
        with given_arguments(arguments), pytest.raises(SystemExit):
            module.main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    return ran


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"state": "drain"}, ["set server calendar/app1 state drain", "set server plain/app1 state drain"]),
        ({"state": "maintenance", "front_end": "plain"}, ["set server plain/app1 state maint"]),
    ],
)
def test_check_do_again_check_again(run: Any, haproxy: Haproxy, options: dict[str, Any], told: list[str]) -> None:
    checked = run("member", check_mode=True, member="app1", **options)
    assert haproxy.told == []
    done = run("member", member="app1", **options)
    assert haproxy.told == told
    assert checked["changed"] is done["changed"] is True
    assert checked["commands"] == done["commands"]
    assert done["commands"] == [
        *(f"# {one}" for one in told),
        "/usr/bin/env python3 -IS /usr/local/libexec/groupware-ha-haproxy save",
    ]
    assert checked["diff"] == done["diff"]
    assert {one["state"] for one in done["members"]} == {options["state"]}
    for check_mode in (False, True):
        again = run("member", check_mode=check_mode, member="app1", **options)
        assert (again["changed"], again["commands"]) == (False, [])
    assert run("member", member="app1", state="ready")["changed"] is True
    assert set(haproxy.members.values()) == {0}


def test_a_member_of_a_service(run: Any, haproxy: Haproxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of a service is asked where it has its socket, and keeps what it is told in a place of its own."""
    asked: list[str] = []

    def asking(path: str, _remedy: str) -> Any:
        return lambda command: (asked.append(path), haproxy.ask(command))[1]

    monkeypatch.setattr(running, "asking", asking)
    done = run("member", service="web", member="app1", front_end="plain", state="drain")
    assert (done["changed"], haproxy.told) == (True, ["set server plain/app1 state drain"])
    assert set(asked) == {"/run/groupware-ha-haproxy/web/haproxy.sock"}
    assert done["commands"][-1] == (
        "/usr/bin/env python3 -IS /usr/local/libexec/groupware-ha-haproxy-service save "
        "/run/groupware-ha-haproxy/web/haproxy.sock /run/groupware-ha-haproxy/web/states"
    )
    assert run("member", service="web", member="app1", front_end="plain", state="drain")["changed"] is False


@pytest.mark.parametrize("check_mode", [False, True])
def test_the_last_one_stays_unless_it_is_told_to_go(run: Any, haproxy: Haproxy, check_mode: bool) -> None:
    haproxy.members["calendar", "app2"] = 8
    refused = run("member", check_mode=check_mode, member="app1", state="drain")
    assert refused["failed"]
    assert refused["msg"].startswith("app1 is the only member that works for calendar, which nobody would answer then")
    assert haproxy.told == []
    done = run("member", check_mode=check_mode, member="app1", state="drain", offline_too=True)
    assert done["changed"]


def test_a_member_that_is_not_there(run: Any, haproxy: Haproxy) -> None:  # noqa: ARG001
    refused = run("member", member="app1", front_end="other", state="drain")
    assert refused["msg"] == (
        "member = 'app1': is in no such front end; HAProxy has calendar/app1, calendar/app2, plain/app1, plain/app2"
    )


def test_it_waits_for_those_who_are_served(run: Any, haproxy: Haproxy) -> None:
    haproxy.sessions["plain", "app1"] = 2
    failed = run("member", member="app1", state="drain", wait=5)
    assert failed["msg"] == (
        "app1 still has 2 sessions after 5 seconds; it stays drain, so wait longer, or go on without"
    )
    haproxy.sessions["plain", "app1"] = 0
    assert run("member", member="app1", state="drain", wait=5)["changed"] is False


def test_it_waits_for_one_that_is_to_work(run: Any, haproxy: Haproxy, monkeypatch: pytest.MonkeyPatch) -> None:
    haproxy.members["calendar", "app1"] = 8
    assert run("member", member="app1", front_end="calendar", state="ready", wait=5)["changed"] is True
    monkeypatch.setitem(STATUS, 0, "DOWN 1/2")
    failed = run("member", member="app1", front_end="calendar", state="ready", wait=5)
    assert failed["msg"] == (
        "app1 does not work after 5 seconds, by its checks: calendar: DOWN 1/2 (L7OK); it stays ready, and is given "
        "what comes as soon as it does"
    )
    assert run("member", member="app1", front_end="calendar", state="ready")["changed"] is False


def test_what_a_balancer_has(run: Any, haproxy: Haproxy, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    interfaces = [Interface("eth0", "", ("192.0.2.11/24", "192.0.2.21/32")), Interface("eth1", "", ())]
    monkeypatch.setattr(load_balancer_info, "read_interfaces", lambda _: interfaces)
    addresses = ["192.0.2.21", "192.0.2.22", "198.51.100.1"]
    found = run("info", packages=["haproxy", "keepalived"], address="192.0.2.11", addresses=addresses)
    assert (found["interface"], found["held"], found["outside"]) == ("eth0", ["192.0.2.21"], ["198.51.100.1"])
    assert found["missing_packages"] == ["keepalived"]
    assert found["haproxy"] == {"running": True, "problem": "", "version": "3.0.11", "pid": "7"}
    assert len(found["members"]) == 4
    assert run("info", address="192.0.2.99")["interface"] is None
    assert run("info", address="192.0.2.999")["msg"].startswith("'192.0.2.999': is not an IP address")


WHERE = {"balancer": "balancer1", "address": "192.0.2.11", "addresses": ["192.0.2.21"]}


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({}, "balancer, address, addresses: say where the files are for"),
        (
            {**WHERE, "address": "192.0.2.99"},
            "load_balancer_balancers[balancer1].address = 192.0.2.99 is on no network interface of the host",
        ),
        (
            {**WHERE, "addresses": ["192.0.2.21", "198.51.100.1"]},
            "load_balancer_front_ends have 198.51.100.1, in no network of eth0, which carries 192.0.2.11",
        ),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_addresses_that_the_host_cannot_carry(
    run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, check_mode: bool, where: dict[str, Any], message: str
) -> None:
    interfaces = [Interface("eth0", "", ("192.0.2.11/24",)), Interface("eth1", "", ())]
    monkeypatch.setattr(load_balancer_configuration, "read_interfaces", lambda _: interfaces)
    files = [{"path": str(tmp_path / "file"), "content": "dev @INTERFACE@\n"}]
    refused = run("configuration", check_mode=check_mode, files=files, **where)
    assert refused["failed"]
    assert message in refused["msg"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("state", "files"), [("present", []), ("absent", [{"path": "/x", "content": "x"}])])
def test_files_and_state_go_together(run: Any, state: str, files: list[Any]) -> None:
    refused = run("configuration", state=state, files=files)
    assert refused["msg"].startswith("files: are what is to be there")
