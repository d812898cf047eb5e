"""The files of a node of SOGo: judged before they are there, taken over by a restart, put back if that fails."""

from __future__ import annotations

import http.server
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandResult, LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.node import staging
from ansible_collections.groupware.ha.plugins.module_utils.node.files import Entry, FileStateError
from ansible_collections.groupware.ha.plugins.module_utils.products import sogo_configuration as configuring
from ansible_collections.groupware.ha.plugins.module_utils.products.sogo_configuration import Configuration, answers
from ansible_collections.groupware.ha.plugins.module_utils.products.sogo_description import MARK

LATER, EARLIER = "Mon 2099-11-30 23:13:21.123456 UTC", "Mon 2020-11-30 23:13:21.123456 UTC"
PASSWORD = "Termine-Merken.99"  # noqa: S105


class Node(LocalRunner):
    """Stands in for plparse and systemd.

    :ivar since: when units that run last changed their state; those that are in it run
    :ivar says: what plparse says of the file
    :ivar broken: steps of systemctl that fail
    """

    def __init__(self, since: dict[str, str] | None = None, says: str = "- a dictionary") -> None:
        super().__init__()
        self.since, self.says = since or {}, says
        self.broken: list[str] = []
        self.judged = ""
        self.systemd: list[str] = []
        self.now = 0.0
        self.has = True

    def installed(self, program: str) -> bool:
        return self.has or program == "systemctl"

    def pause(self, seconds: float) -> None:
        self.now += seconds

    def clock(self) -> float:
        return self.now

    def run(self, argv: Sequence[str], **options: Any) -> CommandResult:  # noqa: ARG002
        if argv[0] == "plparse":
            folder = Path(argv[1]).parent
            assert folder.stat().st_mode & 0o777 == 0o700
            self.judged = Path(argv[1]).read_text()
            return CommandResult(tuple(argv), 0, "", f"Parsing '{argv[1]}' {self.says}\n")
        if argv[0] == "journalctl":
            return CommandResult(tuple(argv), 0, "it says\nthis\n", "")
        if argv[1] == "show":
            name = argv[-1].removesuffix(".service")
            state = {"ActiveState": "active", "StateChangeTimestamp": self.since[name]} if name in self.since else {}
            shown = {"ActiveState": "inactive", "MainPID": "0", "UnitFileState": "enabled" if state else "", **state}
            return CommandResult(tuple(argv), 0, "".join(f"{key}={value}\n" for key, value in shown.items()), "")
        step = " ".join(argv[1:])
        self.systemd.append(step)
        return CommandResult(tuple(argv), 1 if step in self.broken else 0, "", "")


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where all files are."""
    for folder in ("run", "etc", "sogo.service.d"):
        (tmp_path / folder).mkdir()
    monkeypatch.setattr(staging, "PARENT", str(tmp_path / "run"))
    monkeypatch.setattr(configuring, "CONFIGURATION", f"{tmp_path}/etc/sogo.conf")
    monkeypatch.setattr(configuring, "CACHE", f"{tmp_path}/etc/memcached.conf")
    monkeypatch.setattr(configuring, "DROP_IN", f"{tmp_path}/sogo.service.d/groupware-ha.conf")
    monkeypatch.setattr(configuring, "answers", lambda *_where: None)
    return tmp_path


def entries(top: Path, conf: str = "a", cache: str = "b") -> list[Entry]:
    return [
        Entry(f"{top}/sogo.service.d/groupware-ha.conf", content=f"# {MARK}\n", label="sogo"),
        Entry(f"{top}/etc/memcached.conf", content=f"# {MARK}\n{cache}", label="memcached", backup=True),
        Entry(
            f"{top}/etc/sogo.conf", content=f"// {MARK}\n{conf} {PASSWORD}", label="sogo", sensitive=True, mode=0o640
        ),
    ]


def made(
    wanted: list[Entry], node: Node, check_mode: bool = False, kept: Callable[[str], str] = str
) -> tuple[Configuration, list[str]]:
    configuration = Configuration(wanted, lambda _path, _final: None, check_mode, node)
    configuration.judge()
    tasks = configuration.tasks
    if not check_mode:
        configuration.carry_out(kept)
    return configuration, tasks


def test_check_do_again_check_again(top: Path) -> None:
    node = Node()
    checked, tasks = made(entries(top), node, check_mode=True)
    assert (node.systemd, list((top / "etc").iterdir())) == ([], [])
    done, did = made(entries(top), node)
    assert tasks == did == ["enable memcached", "start memcached", "enable sogo", "start sogo"]
    assert [change.as_dict() for change in checked.changes] == [change.as_dict() for change in done.changes]
    assert node.systemd == [
        "daemon-reload",
        "enable memcached.service",
        "start memcached.service",
        "enable sogo.service",
        "start sogo.service",
    ]
    assert (top / "etc/sogo.conf").stat().st_mode & 0o777 == 0o640
    node = Node({"memcached": LATER, "sogo": LATER})
    for check_mode in (False, True):
        again, tasks = made(entries(top), node, check_mode)
        assert (again.changes, tasks, node.systemd) == ([], [], [])


def test_only_what_read_the_file_is_restarted_and_others_notice_in_time(top: Path) -> None:
    made(entries(top), Node())
    node = Node({"memcached": LATER, "sogo": LATER})
    assert made(entries(top, conf="c"), node)[1] == ["restart sogo"]
    assert node.now == configuring._NOTICED
    node = Node({"memcached": LATER, "sogo": LATER})
    assert made(entries(top, conf="c", cache="d"), node)[1] == ["restart memcached"]
    assert node.now == 0


def test_what_an_interrupted_run_left_is_done_by_the_next(top: Path) -> None:
    made(entries(top), Node())
    assert made(entries(top), Node({"memcached": EARLIER, "sogo": LATER}))[1] == ["restart memcached"]
    assert made(entries(top), Node({"memcached": LATER, "sogo": EARLIER}))[1] == ["restart sogo"]


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize(
    ("says", "words"),
    [
        ("- nil property list", "does not take"),
        ("- an array", "does not take"),
        (
            f'- Parse failed - as property list {{"Parse failed at line 3 (char 12) - {PASSWORD}"}}',
            "for a dictionary at line 3 (char 12)",
        ),
    ],
)
def test_what_the_parser_refuses_is_not_written(top: Path, says: str, words: str, check_mode: bool) -> None:
    made(entries(top), Node())
    node = Node({"memcached": LATER, "sogo": LATER}, says)
    with pytest.raises(FileStateError) as refused:
        made(entries(top, conf="broken"), node, check_mode)
    assert words in str(refused.value)
    assert PASSWORD not in str(refused.value)
    assert "broken" in node.judged
    assert "broken" not in (top / "etc/sogo.conf").read_text()
    assert node.systemd == []
    assert list((top / "run").iterdir()) == []


def test_in_check_mode_it_need_not_be_installed(top: Path) -> None:
    node = Node(says="nothing")
    node.has = False
    assert made(entries(top), node, check_mode=True)[1]


def test_a_sogo_that_does_not_answer_gets_its_former_files_back(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(entries(top, conf='WOPort = "192.0.2.31:20000";\n'), Node())

    def answering(address: str, port: int) -> str | None:
        """Each at the port that its file names."""
        broken = "broken" in (top / "etc/sogo.conf").read_text()
        assert (address, port) == ("192.0.2.31", 20001 if broken else 20000)
        return "Connection refused" if broken else None

    monkeypatch.setattr(configuring, "answers", answering)
    node = Node({"memcached": LATER, "sogo": LATER})
    with pytest.raises(FileStateError) as failed:
        made(entries(top, conf='WOPort = "192.0.2.31:20001";\nbroken'), node)
    assert str(failed.value) == (
        "sogo does not restart with its new files: Connection refused; see /var/log/sogo/sogo.log; it says / this. "
        "The former files have been put back, and it runs with them."
    )
    assert "broken" not in (top / "etc/sogo.conf").read_text()
    assert node.systemd.count("restart sogo.service") == 2


def test_one_that_never_ran_keeps_its_files(top: Path) -> None:
    node = Node()
    node.broken = ["start memcached.service"]
    with pytest.raises(FileStateError, match=r"memcached does not start with its new files: it says / this\."):
        made(entries(top), node)
    assert (top / "etc/sogo.conf").exists()


def test_a_copy_is_kept_of_what_is_somebody_elses(top: Path) -> None:
    (top / "etc/memcached.conf").write_text("-l 127.0.0.1\n")
    kept: list[str] = []
    for cache in ("b", "c"):
        made(entries(top, cache=cache), Node(), kept=lambda path: kept.append(path) or path)
    assert kept == [f"{top}/etc/memcached.conf"]


def test_it_is_taken_away(top: Path) -> None:
    made(entries(top), Node())
    node = Node({"memcached": LATER, "sogo": LATER})
    assert made([], node)[1] == ["disable memcached", "stop memcached", "disable sogo", "stop sogo"]
    assert node.systemd[:2] == ["disable sogo.service", "stop sogo.service"]
    assert list((top / "etc").iterdir()) == []
    assert not (top / "sogo.service.d").exists()
    gone, tasks = made([], Node())
    assert (gone.changes, tasks) == ([], [])


def test_what_is_somebody_elses_stays(top: Path) -> None:
    (top / "etc/memcached.conf").write_text("-l 127.0.0.1\n")
    (top / "sogo.service.d/own.conf").write_text("[Service]\n")
    made([], Node())
    assert os.listdir(top / "etc") == ["memcached.conf"]
    assert (top / "sogo.service.d/own.conf").exists()


@pytest.fixture
def page() -> Iterator[tuple[str, int]]:
    """A server that answers with the status that its path ends with."""

    class Handler(http.server.BaseHTTPRequestHandler):
        status = 302

        def do_GET(self) -> None:
            self.send_response(self.status)
            self.end_headers()

        def log_message(self, *_given: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield ("127.0.0.1", server.server_port)
        server.shutdown()
        thread.join()


def test_whether_it_answers(page: tuple[str, int]) -> None:
    assert answers(*page) is None
    assert "refused" in str(answers("127.0.0.1", 1))
