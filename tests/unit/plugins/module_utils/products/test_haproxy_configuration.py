"""The files of load balancers that are services: judged, taken over where one runs, put back if that fails."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandResult, LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.node import staging
from ansible_collections.groupware.ha.plugins.module_utils.node.files import Entry, FileStateError
from ansible_collections.groupware.ha.plugins.module_utils.products import haproxy, haproxy_process
from ansible_collections.groupware.ha.plugins.module_utils.products.haproxy_configuration import Configuration

LATER, EARLIER = "Mon 2099-11-30 23:13:21.123456 UTC", "Mon 2020-11-30 23:13:21.123456 UTC"
SECRET = "-----BEGIN PRIVATE KEY-----\nthe key\n"  # noqa: S105


class Node(LocalRunner):
    """Stands in for HAProxy and systemd.

    :ivar since: when the instances that run last changed their state
    :ivar says: what HAProxy says against a file that has this word
    """

    def __init__(self) -> None:
        super().__init__()
        self.since: dict[str, str] = {}
        self.says: dict[str, str] = {}
        self.stale = "no"
        self.judged: dict[str, str] = {}
        self.systemd: list[str] = []
        self.pid = 1
        self.reloads: Callable[[], None] = self.next_pid
        self.now = 0.0
        self.has_haproxy = True

    def next_pid(self) -> None:
        self.pid += 1

    def installed(self, program: str) -> bool:
        return program != "haproxy" or self.has_haproxy

    def pause(self, seconds: float) -> None:
        self.now += seconds

    def clock(self) -> float:
        return self.now

    def read_file(self, path: str) -> str | None:
        return None if path.startswith("/proc") else super().read_file(path)

    def run(self, argv: Sequence[str], **options: Any) -> CommandResult:  # noqa: ARG002
        if argv[0] == "haproxy":
            folder = Path(argv[-1]).parent
            assert folder.stat().st_mode & 0o777 == 0o700
            self.judged = {path.name: path.read_text() for path in folder.iterdir()}
            said = "".join(words for word, words in self.says.items() if word in self.judged["haproxy.cfg"])
            return CommandResult(tuple(argv), 1 if said else 0, "", said.replace("STAGE", str(folder)))
        if argv[0] == "journalctl":
            return CommandResult(tuple(argv), 0, "it says\nthis\n", "")
        if argv[1] == "show":
            name = argv[-1].removeprefix("groupware-haproxy@").removesuffix(".service")
            state = {"ActiveState": "active", "StateChangeTimestamp": self.since[name]} if name in self.since else {}
            shown = {"ActiveState": "inactive", "MainPID": "7", "NeedDaemonReload": self.stale, **state}
            return CommandResult(tuple(argv), 0, "".join(f"{key}={value}\n" for key, value in shown.items()), "")
        self.systemd.append(" ".join(argv[1:]))
        if argv[1] == "reload":
            self.reloads()
        return CommandResult(tuple(argv), 0, "", "")


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where all files are."""
    (tmp_path / "run").mkdir()
    monkeypatch.setattr(staging, "PARENT", str(tmp_path / "run"))
    monkeypatch.setattr(haproxy, "FOLDER", f"{tmp_path}/etc")
    return tmp_path


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Node:
    node = Node()
    monkeypatch.setattr(haproxy_process.load_balancer_running, "process", lambda _ask: {"Pid": str(node.pid)})
    return node


def entries(top: Path, pair: str = "one", unit: str = "u", **texts: str) -> list[Entry]:
    """Files of the instances; of web too where nothing is said of it."""
    found = [Entry(f"{top}/unit", content=unit, label="node:unit"), Entry(f"{top}/etc", state="directory")]
    for name, text in {"web": "a", **texts}.items():
        folder, label = f"{top}/etc/{name}", f"{name}/haproxy"
        found += [
            Entry(folder, state="directory"),
            Entry(f"{folder}/{pair}.pem", content=SECRET, label=label, sensitive=True, mode=0o600),
            Entry(f"{folder}/haproxy.cfg", content=f"crt {folder}/{pair}.pem {text}\n", label=label),
        ]
    return found


def run(node: Node, wanted: list[Entry], check_mode: bool = False) -> Configuration:
    names = [Path(one.path).parent.name for one in wanted if one.path.endswith(".cfg")]
    configuration = Configuration(names, wanted, lambda _path, _final: None, check_mode, node)
    configuration.judge()
    if not check_mode:
        configuration.carry_out(lambda path: f"{path}~")
    return configuration


def running(node: Node, *names: str) -> Node:
    node.since = dict.fromkeys(names or ("web",), LATER)
    node.systemd.clear()
    return node


def names(top: Path) -> list[str]:
    return sorted(str(path.relative_to(top)) for path in top.rglob("*") if path.is_file())


FILES = ["etc/web/haproxy.cfg", "etc/web/one.pem", "unit"]


def test_check_do_again_check_again(top: Path, node: Node) -> None:
    checked = run(node, entries(top), check_mode=True)
    assert (names(top), node.systemd) == ([], [])
    done = run(node, entries(top))
    assert names(top) == FILES
    assert [one.diff() for one in done.changes] == [one.diff() for one in checked.changes]
    assert "the key" not in json.dumps([one.diff() for one in done.changes])
    # The cluster starts it.
    assert (done.running, done.reloads, node.systemd) == ([], [], ["daemon-reload"])
    for check_mode in (False, True):
        again = run(running(node), entries(top), check_mode)
        assert (again.changes, again.running, again.reloads, node.systemd) == ([], ["web"], [], [])


def test_it_is_judged_in_a_place_of_its_own(top: Path, node: Node) -> None:
    run(node, entries(top))
    assert node.judged["one.pem"] == SECRET
    assert str(top / "etc") not in node.judged["haproxy.cfg"]
    assert list((top / "run").iterdir()) == []


def test_in_check_mode_it_need_not_be_installed(top: Path, node: Node) -> None:
    node.has_haproxy = False
    node.says = {"a": "[ALERT] never asked\n"}
    assert run(node, entries(top), check_mode=True).changes


@pytest.mark.parametrize("check_mode", [False, True])
def test_what_is_refused_is_not_there(top: Path, node: Node, check_mode: bool) -> None:
    run(node, entries(top, dav="b"))
    before = {name: (top / name).read_text() for name in names(top)}
    running(node).says = {"wrong": "[NOTICE] hello\n[ALERT] config : parsing [STAGE/haproxy.cfg:3] : unknown keyword\n"}
    with pytest.raises(FileStateError) as caught:
        run(node, entries(top, web="c", dav="wrong", unit="v"), check_mode)
    assert str(caught.value) == (
        "nothing was changed, since it would not run with it: dav: haproxy: [ALERT] config : parsing "
        f"[{top}/etc/dav/haproxy.cfg:3] : unknown keyword"
    )
    assert ({name: (top / name).read_text() for name in names(top)}, node.systemd) == (before, [])


def test_a_port_that_another_program_has_is_refused(top: Path, node: Node) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        wanted = entries(top, web=f"\n    bind {where} transparent\n")
        for check_mode in (True, False):
            with pytest.raises(FileStateError, match=re.escape(f"{where}: another program of this host has this port")):
                run(node, wanted, check_mode)
        assert names(top) == []
        # It is its own.
        (top / "etc/web").mkdir(parents=True)
        (top / "etc/web/haproxy.cfg").write_text(f"    bind {where} transparent\n")
        run(running(node), wanted)


def test_what_runs_is_reloaded_and_nothing_else(top: Path, node: Node) -> None:
    run(node, entries(top, dav="b"))
    done = run(running(node, "web"), entries(top, web="c", dav="d"))
    assert (done.reloads, node.systemd) == (["web"], ["reload groupware-haproxy@web.service"])
    assert run(running(node, "web"), entries(top, web="c", dav="e")).reloads == []


def test_a_new_unit_is_read_and_drops_nothing(top: Path, node: Node) -> None:
    run(node, entries(top))
    assert run(running(node), entries(top, unit="v")).reloads == []
    assert node.systemd == ["daemon-reload"]


def test_what_an_interrupted_run_left_is_done(top: Path, node: Node) -> None:
    run(node, entries(top))
    running(node).since["web"] = EARLIER
    node.stale = "yes"
    assert run(node, entries(top), check_mode=True).reloads == ["web"]
    run(node, entries(top))
    assert node.systemd == ["daemon-reload", "reload groupware-haproxy@web.service"]


def test_a_reload_that_fails_is_taken_back(top: Path, node: Node) -> None:
    run(node, entries(top))
    before = {name: (top / name).read_text() for name in FILES}
    running(node).reloads = lambda: node.next_pid() if len(node.systemd) == 2 else None
    with pytest.raises(FileStateError) as caught:
        run(node, entries(top, web="c", pair="two"))
    assert str(caught.value) == (
        "web does not reload with its new files: it says / this. The former files have been put back, and it runs with "
        "them."
    )
    assert {name: (top / name).read_text() for name in names(top)} == before
    assert (top / "etc/web/one.pem").stat().st_mode & 0o777 == 0o600


def test_one_that_fails_keeps_no_other_from_its_files(top: Path, node: Node) -> None:
    run(node, entries(top, dav="b"))
    running(node, "web", "dav").reloads = lambda: node.next_pid() if node.systemd[-1].endswith("@dav.service") else None
    with pytest.raises(FileStateError, match=r"with them it is not well either: it says / this\.$"):
        run(node, entries(top, web="c", dav="d"))
    assert (top / "etc/web/haproxy.cfg").read_text().endswith(" a\n")
    assert (top / "etc/dav/haproxy.cfg").read_text().endswith(" d\n")


def test_a_reload_that_fails_for_files_of_an_earlier_run(top: Path, node: Node) -> None:
    run(node, entries(top))
    running(node).since["web"] = EARLIER
    node.reloads = lambda: None
    with pytest.raises(FileStateError, match=r"^web does not reload with its new files: it says / this\.$"):
        run(node, entries(top))


def test_a_pair_that_is_not_described_any_more_goes(top: Path, node: Node) -> None:
    run(node, entries(top))
    done = run(running(node), entries(top, pair="two"))
    assert names(top) == ["etc/web/haproxy.cfg", "etc/web/two.pem", "unit"]
    assert "the key" not in str([one.diff() for one in done.changes])
