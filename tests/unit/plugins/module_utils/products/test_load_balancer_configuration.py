"""The files of a balancer: judged before they are there, taken over by a reload, put back if that fails."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandResult, LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.node import staging
from ansible_collections.groupware.ha.plugins.module_utils.node.files import Entry, FileStateError
from ansible_collections.groupware.ha.plugins.module_utils.products import load_balancer_configuration as configuring
from ansible_collections.groupware.ha.plugins.module_utils.products.load_balancer_configuration import Configuration
from ansible_collections.groupware.ha.plugins.module_utils.products.load_balancer_plan import MARK

LATER, EARLIER = "Mon 2099-11-30 23:13:21.123456 UTC", "Mon 2020-11-30 23:13:21.123456 UTC"
SECRET = "-----BEGIN PRIVATE KEY-----\nthe key\n"  # noqa: S105


class Node(LocalRunner):
    """Stands in for HAProxy, keepalived and systemd.

    :ivar since: when units that run last changed their state; those that are in it run
    :ivar says: what a program says against its file
    :ivar broken: steps of systemctl that fail
    """

    def __init__(self, since: dict[str, str] | None = None, says: dict[str, str] | None = None) -> None:
        super().__init__()
        self.since, self.says = since or {}, says or {}
        self.broken: list[str] = []
        self.judged: dict[str, str] = {}
        self.systemd: list[str] = []
        self.pid = 1
        self.reloads: Callable[[], None] = self._next_pid
        self.now = 0.0

    def _next_pid(self) -> None:
        self.pid += 1

    def installed(self, program: str) -> bool:  # noqa: ARG002
        return True

    def pause(self, seconds: float) -> None:
        self.now += seconds

    def clock(self) -> float:
        return self.now

    def read_file(self, path: str) -> str | None:
        return f"haproxy\0-f\0{configuring.CONFIGURATION}" if path.startswith("/proc") else super().read_file(path)

    def run(self, argv: Sequence[str], **options: Any) -> CommandResult:  # noqa: ARG002
        if argv[0] in ("haproxy", "keepalived"):
            folder = Path(argv[-1]).parent
            assert folder.stat().st_mode & 0o777 == 0o700
            self.judged.update({path.name: path.read_text() for path in folder.iterdir()})
            text = self.says.get(argv[0], "")
            return CommandResult(tuple(argv), 1 if text else 0, "", text.replace("STAGE", str(folder)))
        if argv[0] == "journalctl":
            return CommandResult(tuple(argv), 0, "it says\nthis\n", "")
        if argv[1] == "show":
            name = argv[-1].removesuffix(".service")
            state = {"ActiveState": "active", "StateChangeTimestamp": self.since[name]} if name in self.since else {}
            shown = {"ActiveState": "inactive", "MainPID": "7", "UnitFileState": "enabled" if state else "", **state}
            return CommandResult(tuple(argv), 0, "".join(f"{key}={value}\n" for key, value in shown.items()), "")
        step = " ".join(argv[1:])
        self.systemd.append(step)
        if step == "reload haproxy.service":
            self.reloads()
        return CommandResult(tuple(argv), 1 if step in self.broken else 0, "", "")


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where all files are."""
    for folder in ("run", "etc", "haproxy.service.d", "keepalived.service.d"):
        (tmp_path / folder).mkdir()
    monkeypatch.setattr(staging, "PARENT", str(tmp_path / "run"))
    monkeypatch.setattr(configuring, "CONFIGURATION", f"{tmp_path}/etc/groupware-ha.cfg")
    monkeypatch.setattr(configuring, "PAIRS", f"{tmp_path}/etc/groupware-ha-")
    monkeypatch.setattr(configuring, "KEEPALIVED", f"{tmp_path}/etc/keepalived.conf")
    monkeypatch.setattr(configuring, "PROGRAM", f"{tmp_path}/etc/program")
    monkeypatch.setattr(configuring, "STATES", f"{tmp_path}/etc/states")
    folders = {unit: f"{tmp_path}/{unit}.service.d" for unit in ("haproxy", "keepalived")}
    monkeypatch.setattr(configuring, "DROP_INS", folders)
    return tmp_path


def entries(top: Path, haproxy: str = "a", keepalived: str = "b", pair: str = "one") -> list[Entry]:
    return [
        Entry(f"{top}/etc/program", content="#!", label="units", mode=0o755),
        Entry(f"{top}/haproxy.service.d/groupware-ha.conf", content="[Service]\n", label="units"),
        Entry(f"{top}/keepalived.service.d/groupware-ha.conf", content="[Service]\n", label="units"),
        Entry(f"{top}/etc/groupware-ha-{pair}.pem", content=SECRET, label="haproxy", sensitive=True, mode=0o600),
        Entry(
            f"{top}/etc/groupware-ha.cfg", content=f"crt {top}/etc/groupware-ha-{pair}.pem {haproxy}", label="haproxy"
        ),
        Entry(
            f"{top}/etc/keepalived.conf",
            content=f"{MARK}web\n{top}/etc/program answers {keepalived}",
            label="keepalived",
            backup=True,
        ),
    ]


def run(node: Node, wanted: list[Entry], check_mode: bool = False) -> Configuration:
    configuration = Configuration(wanted, lambda _path, _final: None, check_mode, node)
    configuration.judge()
    configuration.tasks_before = configuration.tasks  # type: ignore[attr-defined]
    if not check_mode:
        configuration.carry_out(lambda path: f"{path}~")
    return configuration


def running(node: Node) -> Node:
    node.since = dict.fromkeys(("haproxy", "keepalived"), LATER)
    node.systemd.clear()
    return node


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Node:
    node = Node()
    monkeypatch.setattr(configuring.load_balancer_running, "process", lambda _ask: {"Pid": str(node.pid)})
    return node


def names(top: Path) -> list[str]:
    return sorted(str(path.relative_to(top)) for path in top.rglob("*") if path.is_file())


FILES = [
    "etc/groupware-ha-one.pem",
    "etc/groupware-ha.cfg",
    "etc/keepalived.conf",
    "etc/program",
    "haproxy.service.d/groupware-ha.conf",
    "keepalived.service.d/groupware-ha.conf",
]


def test_check_do_again_check_again(top: Path, node: Node) -> None:
    checked = run(node, entries(top), check_mode=True)
    assert (names(top), node.systemd) == ([], [])
    done = run(node, entries(top))
    assert names(top) == FILES
    assert [change.diff() for change in done.changes] == [change.diff() for change in checked.changes]
    assert checked.tasks == ["enable haproxy", "start haproxy", "enable keepalived", "start keepalived"]
    assert node.systemd[0] == "daemon-reload"
    assert node.systemd[1:] == [f"{step}.service" for step in checked.tasks]
    for check_mode in (False, True):
        again = run(running(node), entries(top), check_mode)
        assert (again.changes, again.tasks, node.systemd) == ([], [], [])


def test_it_is_judged_in_a_place_of_its_own(top: Path, node: Node) -> None:
    run(node, entries(top))
    assert node.judged["groupware-ha-one.pem"] == SECRET
    assert str(top / "etc") not in node.judged["groupware-ha.cfg"]
    assert f"{top}/etc/program answers" in node.judged["keepalived.conf"]
    assert list((top / "run").iterdir()) == []


@pytest.mark.parametrize("check_mode", [False, True])
def test_what_they_refuse_is_not_there(top: Path, node: Node, check_mode: bool) -> None:
    run(node, entries(top))
    before = {name: (top / name).read_text() for name in FILES}
    running(node).says = {
        "haproxy": "[NOTICE] hello\n[ALERT] config : parsing [STAGE/groupware-ha.cfg:3] : unknown keyword\n",
        "keepalived": "(Line 7) Unknown keyword\n",
    }
    with pytest.raises(FileStateError) as caught:
        run(node, entries(top, haproxy="c", keepalived="d"), check_mode)
    words = str(caught.value)
    assert f"haproxy: [ALERT] config : parsing [{top}/etc/groupware-ha.cfg:3] : unknown keyword; " in words
    assert "keepalived: (Line 7) Unknown keyword" in words
    assert "the key" not in words
    assert ({name: (top / name).read_text() for name in FILES}, node.systemd) == (before, [])


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "[::1]")])
def test_a_port_that_another_program_has_is_refused(top: Path, node: Node, family: int, host: str) -> None:
    with socket.socket(family) as taken:
        taken.bind((host.strip("[]"), 0))
        taken.listen()
        where = f"{host}:{taken.getsockname()[1]}"
        wanted = entries(top, haproxy=f"\n    bind {where} transparent\n    bind 192.0.2.21:443 transparent\n")
        for check_mode in (True, False):
            with pytest.raises(FileStateError, match=re.escape(f"{where}: another program of this host has this port")):
                run(node, wanted, check_mode)
        assert names(top) == []
        # It is HAProxy's own.
        (top / "etc/groupware-ha.cfg").write_text(f"    bind {where} transparent\n")
        run(running(node), wanted)


def test_what_changes_is_reloaded(top: Path, node: Node) -> None:
    run(node, entries(top))
    assert run(running(node), entries(top, haproxy="c")).tasks == ["reload haproxy"]
    assert run(running(node), entries(top, haproxy="c", keepalived="d")).tasks == ["reload keepalived"]
    assert node.systemd == ["reload keepalived.service"]


def test_what_an_interrupted_run_left_is_reloaded(top: Path, node: Node) -> None:
    run(node, entries(top))
    running(node).since["haproxy"] = EARLIER
    assert run(node, entries(top), check_mode=True).tasks == ["reload haproxy"]


def test_one_that_runs_with_another_file_is_restarted(top: Path, node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "read_file", lambda path: "haproxy\0-f\0/etc/haproxy/haproxy.cfg")  # noqa: ARG005
    assert run(running(node), entries(top)).tasks == ["restart haproxy", "reload keepalived"]


def test_a_reload_that_fails_is_taken_back(top: Path, node: Node) -> None:
    run(node, entries(top))
    before = {name: (top / name).read_text() for name in FILES}
    running(node)
    node.reloads = lambda: node._next_pid() if node.systemd.count("reload haproxy.service") == 2 else None
    with pytest.raises(FileStateError) as caught:
        run(node, entries(top, haproxy="c", keepalived="d", pair="two"))
    assert str(caught.value) == (
        "haproxy does not reload with its new files: it says / this. The former files have been put back, and it runs "
        "with them."
    )
    assert {name: (top / name).read_text() for name in names(top)} == before
    assert (top / "etc/groupware-ha-one.pem").stat().st_mode & 0o777 == 0o600
    assert node.systemd == ["reload haproxy.service", "reload haproxy.service", "reload keepalived.service"]


def test_one_that_does_not_start(top: Path, node: Node) -> None:
    node.broken = ["start haproxy.service"]
    with pytest.raises(FileStateError, match=r"^haproxy does not start with its new files: it says / this\.$"):
        run(node, entries(top))


def test_a_pair_that_is_not_described_any_more_goes(top: Path, node: Node) -> None:
    run(node, entries(top))
    done = run(running(node), entries(top, pair="two"))
    assert "etc/groupware-ha-one.pem" not in names(top)
    assert "the key" not in str([change.diff() for change in done.changes])


def test_somebody_elses_addresses_are_kept_in_a_copy(top: Path, node: Node) -> None:
    (top / "etc/keepalived.conf").write_text("of somebody else\n")
    configuration = Configuration(entries(top), lambda _path, _final: None, False, node)
    assert configuration.carry_out(lambda path: f"{path}~") == [f"{top}/etc/keepalived.conf~"]
    again = Configuration(entries(top, keepalived="c"), lambda _path, _final: None, False, running(node))
    assert again.carry_out(lambda path: f"{path}~") == []


def test_nothing_is_left(top: Path, node: Node) -> None:
    run(node, entries(top))
    running(node)
    # As the unit does when it is stopped.
    (top / "etc/states").write_text("1\n")
    checked = run(node, [], check_mode=True)
    assert len(names(top)) == 7
    done = run(node, [])
    assert [change.as_dict() for change in done.changes] == [change.as_dict() for change in checked.changes]
    expected = ["disable haproxy", "stop haproxy", "disable keepalived", "stop keepalived"]
    assert checked.tasks == expected
    assert node.systemd == [
        *("disable keepalived.service", "stop keepalived.service", "disable haproxy.service", "stop haproxy.service"),
        "daemon-reload",
    ]
    assert names(top) == []
    assert not (top / "haproxy.service.d").exists()
    node.since = {}
    assert run(node, []).tasks == []


def test_what_is_somebody_elses_stays(top: Path, node: Node) -> None:
    (top / "etc/keepalived.conf").write_text("of somebody else\n")
    (top / "haproxy.service.d/own.conf").write_text("")
    assert run(node, []).changes == []
    assert names(top) == ["etc/keepalived.conf", "haproxy.service.d/own.conf"]


def test_the_stage_of_a_run_that_was_killed_goes(top: Path, node: Node) -> None:
    left = top / "run" / f"groupware-ha-balancer-{2**22 + 1}-x"
    left.mkdir()
    mine = top / "run" / f"groupware-ha-balancer-{os.getpid()}-x"
    mine.mkdir()
    run(node, entries(top))
    assert list((top / "run").iterdir()) == [mine]
