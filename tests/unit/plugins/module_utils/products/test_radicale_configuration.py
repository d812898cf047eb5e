"""The files of a Radicale instance: judged before they are there, taken over by a restart, put back if it fails."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandResult, LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.node import readers, staging
from ansible_collections.groupware.ha.plugins.module_utils.node.files import Attributes, Entry, FileStateError
from ansible_collections.groupware.ha.plugins.module_utils.products import radicale_configuration
from ansible_collections.groupware.ha.plugins.module_utils.products.radicale_configuration import (
    Configuration,
    Instance,
)

UNIT = "groupware-radicale@cal1.service"
RUNS = "ActiveState=active\nExecMainStartTimestamp=Mon 2020-11-30 23:13:21.123456 UTC\n"
RUNS_SINCE_LATER = "ActiveState=active\nExecMainStartTimestamp=Mon 2099-11-30 23:13:21.123456 UTC\n"
SECRET = "$2y$05$the-hash-of-alice"  # noqa: S105
AUTHORITY = "-----BEGIN CERTIFICATE-----\n"


class Node(LocalRunner):
    """Stands in for Radicale and systemd; openssl is real.

    :ivar judged: what the directory held that Radicale was asked to judge
    """

    def __init__(self, state: str = "ActiveState=inactive\n", says: str = "", restarts: Sequence[int] = ()) -> None:
        super().__init__()
        self.state, self.says, self.results = state, says, list(restarts)
        self.judged: dict[str, str] = {}
        self.systemd: list[str] = []

    def installed(self, program: str) -> bool:  # noqa: ARG002
        return True

    def run(self, argv: Sequence[str], **options: Any) -> CommandResult:
        if argv[0] == "openssl":
            return super().run(argv, **options)
        if argv[0] == "/usr/bin/python3":
            folder = Path(argv[3]).parent
            assert folder.stat().st_mode & 0o777 == 0o700
            self.judged = {path.name: path.read_text() for path in folder.iterdir()}
            return CommandResult(tuple(argv), 1 if self.says else 0, "", self.says.replace("STAGE", str(folder)))
        if argv[0] == "journalctl":
            return CommandResult(tuple(argv), 0, "it says\nthis\n", "")
        if argv[1] == "show":
            return CommandResult(tuple(argv), 0, self.state, "")
        self.systemd.append(" ".join(argv[1:]))
        starts = argv[1] != "daemon-reload" and self.results
        return CommandResult(tuple(argv), self.results.pop(0) if starts else 0, "", "")


@pytest.fixture
def volume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mounted volume; whoever runs this stands in for root and for Radicale's account."""
    top = tmp_path / "srv"
    (top / "radicale").mkdir(parents=True)
    (tmp_path / "run").mkdir()
    monkeypatch.setattr(staging, "PARENT", str(tmp_path / "run"))
    held = contextlib.nullcontext(frozenset([str(top)]))
    monkeypatch.setattr(radicale_configuration, "held_volumes", lambda _: held)
    owner = Attributes(pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name, 0o640)
    monkeypatch.setattr(radicale_configuration, "_OF_PAIR", owner)
    return top


@contextlib.contextmanager
def planned(
    top: Path, node: Node, config: str = "a = 1", check_mode: bool = False, users: str = SECRET, authority: str = ""
) -> Iterator[Configuration]:
    config = f"folder = {top}/collections\nkey = {top}/radicale/tls.pem\n{config}\n"
    entries = [
        Entry(f"{top}/radicale/config", content=config, label="cal1/radicale", require_mounted=str(top)),
        Entry(f"{top}/radicale/users", content=users, sensitive=True, require_mounted=str(top), label="cal1/users"),
    ]
    trusted = Entry(f"{top}/radicale/authority.pem", content=authority, label="cal1/radicale", require_mounted=str(top))
    entries += [trusted] if authority else []
    instances = [Instance("cal1", str(top), "cal1.example")]
    configuration = Configuration(instances, entries, lambda _path, _final: None, check_mode)
    with configuration.held(node):
        yield configuration


def run(top: Path, node: Node, **options: Any) -> Configuration:
    with planned(top, node, **options) as configuration:
        configuration.judge(node)
        if not configuration.check_mode:
            configuration.carry_out(node, str)
    return configuration


def contents(top: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (top / "radicale").iterdir()}


def test_check_do_again_check_again(volume: Path) -> None:
    node = Node()
    checked = run(volume, node, check_mode=True)
    assert contents(volume) == {}
    done = run(volume, node)
    assert [change.as_dict() for change in checked.changes] == [change.as_dict() for change in done.changes]
    assert [change.diff() for change in checked.changes] == [change.diff() for change in done.changes]
    assert sorted(contents(volume)) == ["config", "tls.pem", "users"]
    for check_mode in (False, True):
        assert run(volume, node, check_mode=check_mode).changes == []
    assert node.systemd == []


def test_key_and_certificate_are_in_one_file_that_is_shown_nowhere(volume: Path) -> None:
    configuration = run(volume, Node())
    pair = contents(volume)["tls.pem"]
    assert pair.index("PRIVATE KEY") < pair.index("BEGIN CERTIFICATE")
    shown = str([change.diff() for change in configuration.changes])
    assert "PRIVATE KEY" not in shown
    assert SECRET not in shown


def test_it_judges_what_is_to_be_in_a_place_of_its_own(volume: Path) -> None:
    node = Node()
    run(volume, node)
    assert str(volume) not in node.judged["config"]
    assert node.judged["users"] == SECRET
    assert list(Path(staging.PARENT).iterdir()) == []


@pytest.mark.parametrize("check_mode", [False, True])
def test_what_it_refuses_is_not_there(volume: Path, check_mode: bool) -> None:
    run(volume, Node())
    before = contents(volume)
    node = Node(RUNS, says="Traceback\nInvalid option 'b' in config file 'STAGE/config'\n")
    with pytest.raises(FileStateError) as caught:
        run(volume, node, config="b = 2", check_mode=check_mode)
    assert "radicale_instances[cal1].options.settings: Invalid option 'b'" in str(caught.value)
    assert f"'{volume}/radicale/config'" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert contents(volume) == before
    assert node.systemd == []


def test_a_log_in_that_this_release_does_not_have_is_named_by_its_option(volume: Path) -> None:
    with pytest.raises(FileStateError, match=r"\.options\.log_in: Radicale 3\.1\.8 has no log-in by imap"):
        run(volume, Node(says="Radicale 3.1.8 has no log-in by imap; it has none"))


def test_an_authority_that_is_none_is_named_by_its_option(volume: Path) -> None:
    said = "authority.pem: no certificate of an authority is in it"
    with pytest.raises(FileStateError, match=r"cal1\]\.options\.imap\.authority: no certificate of an authority is in"):
        run(volume, Node(says=said))


def test_what_it_is_judged_with_reads_an_authority_itself(tmp_path: Path) -> None:
    """The words are those of OpenSSL and of the judge, without Radicale, which is not here."""
    (tmp_path / "radicale.py").write_text("VERSION = 3; auth = config = None\n")
    (tmp_path / "authority.pem").write_text("-----BEGIN NOTHING-----\n")
    judged = subprocess.run(
        [sys.executable, "-c", radicale_configuration.JUDGE, str(tmp_path / "config"), "imap"],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 1
    assert judged.stderr.startswith("authority.pem: no certificate of an authority is in it")


def test_a_key_that_does_not_belong_to_its_certificate(volume: Path) -> None:
    run(volume, Node())
    path = volume / "radicale/tls.pem"
    another = path.read_text()
    path.unlink()
    run(volume, Node())
    key, certificate = path.read_text().partition("-----BEGIN CERTIFICATE")[0], another[another.index("-----BEGIN C") :]
    path.write_text(key + certificate)
    with pytest.raises(FileStateError, match=r"\.options\.certificate: cannot be used with the key"):
        run(volume, Node(), config="b = 2")


def test_what_runs_is_restarted_with_other_files_and_once(volume: Path) -> None:
    run(volume, Node())
    node = Node(RUNS)
    assert run(volume, node, config="b = 2", check_mode=True).restarts == ["cal1"]
    assert node.systemd == []
    assert run(volume, node, config="b = 2").restarts == ["cal1"]
    assert node.systemd == ["daemon-reload", f"try-restart {UNIT}"]
    assert run(volume, Node(RUNS_SINCE_LATER), config="b = 2").restarts == []


def test_a_key_that_anybody_may_read_is_hidden_again(volume: Path) -> None:
    run(volume, Node())
    pair = volume / "radicale/tls.pem"
    content = pair.read_text()
    pair.chmod(0o644)
    assert [change.action for change in run(volume, Node(), check_mode=True).changes] == ["attributes"]
    assert [change.action for change in run(volume, Node()).changes] == ["attributes"]
    assert (pair.stat().st_mode & 0o777, pair.read_text()) == (0o640, content)
    assert run(volume, Node()).changes == []


def test_what_does_not_run_is_not_started(volume: Path) -> None:
    node = Node()
    assert run(volume, node).restarts == []
    assert node.systemd == []


def test_other_users_need_no_restart(volume: Path) -> None:
    run(volume, Node())
    node = Node(RUNS_SINCE_LATER)
    configuration = run(volume, node, users="another")
    assert [change.entry.label for change in configuration.changes] == ["cal1/users"]
    assert (configuration.restarts, node.systemd) == ([], [])


def test_a_run_that_ended_before_the_restart_is_completed_by_the_next(volume: Path) -> None:
    run(volume, Node())
    node = Node(RUNS)
    configuration = run(volume, node)
    assert (configuration.changes, configuration.restarts) == ([], ["cal1"])
    assert node.systemd == ["daemon-reload", f"try-restart {UNIT}"]


def test_files_that_it_does_not_start_with_are_put_back(volume: Path) -> None:
    run(volume, Node())
    before = contents(volume)
    node = Node(RUNS, restarts=[1, 0])
    with pytest.raises(FileStateError, match=r"it says / this. The former files have been put back, and it runs with"):
        run(volume, node, config="b = 2")
    assert contents(volume) == before
    assert node.systemd == ["daemon-reload", f"try-restart {UNIT}", f"restart {UNIT}"]


def test_what_was_not_there_before_is_not_there_when_files_are_put_back(volume: Path) -> None:
    """An authority that is left behind would be trusted in place of the node's."""
    run(volume, Node())
    before = contents(volume)
    with (
        planned(volume, node := Node(RUNS, restarts=[1, 0]), config="b = 2", authority=AUTHORITY) as configuration,
        pytest.raises(FileStateError, match="have been put back, and it runs with them"),
    ):
        configuration.carry_out(node, str)
    assert contents(volume) == before


def test_the_nodes_own_server_ends_when_its_unit_is_masked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "volatile", lambda: str(tmp_path / "run"))
    own = Entry(str(tmp_path / "radicale.service"), state="link", target="/dev/null", label="node:radicale")
    masked = ["daemon-reload", "stop radicale.service"]

    def configured(check_mode: bool = False) -> list[str]:
        configuration, node = Configuration([], [own], lambda _path, _final: None, check_mode), Node()
        with configuration.held(node):
            configuration.carry_out(node, str)
        return node.systemd

    with monkeypatch.context() as patched:
        # Cut off when it has written, and before it has stopped the server.
        patched.setattr(Node, "run", lambda *_words, **_options: pytest.fail("cut off"))
        with pytest.raises(pytest.fail.Exception):
            configured()
    assert configured() == masked
    assert configured() == []


def test_a_node_whose_unit_changes_reads_it_anew(tmp_path: Path) -> None:
    node = Node()
    entries = [Entry(str(tmp_path / "unit"), content="[Unit]\n", label="node:unit")]
    configuration = Configuration([], entries, lambda _path, _final: None, check_mode=False)
    with configuration.held(node):
        configuration.carry_out(node, str)
    assert node.systemd == ["daemon-reload"]
