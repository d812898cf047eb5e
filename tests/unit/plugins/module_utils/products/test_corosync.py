"""Corosync on one node: what is read, what is planned, and files written for real."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import (
    CommandError,
    CommandNotFound,
    CommandResult,
    LocalRunner,
)
from ansible_collections.groupware.ha.plugins.module_utils.errors import FormatError
from ansible_collections.groupware.ha.plugins.module_utils.formats import corosync_conf
from ansible_collections.groupware.ha.plugins.module_utils.products import corosync
from ansible_collections.groupware.ha.plugins.module_utils.products.corosync import NodeFiles, Wanted
from ansible_collections.groupware.ha.plugins.module_utils.products.membership import NodeState, Service

# Part of what `corosync-cmapctl` of corosync 3.1.7 (Debian 12) prints while nodec is away.
CMAP = """nodelist.node.0.name (str) = nodea
nodelist.node.0.nodeid (u32) = 1
nodelist.node.0.ring0_addr (str) = 198.18.78.11
nodelist.node.1.name (str) = nodeb
nodelist.node.1.nodeid (u32) = 2
nodelist.node.2.nodeid (u32) = 3
nodelist.node.2.ring0_addr (str) = 198.18.78.13
runtime.members.1.ip (str) = r(0) ip(198.18.78.11)
runtime.members.1.status (str) = joined
runtime.members.2.status (str) = joined
runtime.members.3.status (str) = left
totem.config_version (u64) = 4
"""
DEFAULT = "totem {\ncluster_name: debian\n}\nnodelist {\nnode {\nname: node1\nring0_addr: 127.0.0.1\n}\n}\n"
ON = {"corosync": Service(active=True, enabled=True), "pacemaker": Service(active=True, enabled=True)}
BARE = NodeState("nodea")
KEY = b"k" * 256


def commands(wanted: Wanted, state: NodeState) -> list[str]:
    """The command lines of the plan."""
    return corosync.planned_commands(corosync.make_plan(wanted, state))


def test_members_and_version_of_a_running_corosync() -> None:
    assert corosync.parse_cmap(CMAP) == (("nodea", "nodeb"), 4)
    assert corosync.parse_cmap("") == ((), None)


def test_release() -> None:
    assert corosync.parse_release('NAME="Debian"\nVERSION_ID="12"\nID=debian\n') == "debian-12"
    assert corosync.parse_release("") == ""


def test_files_first_and_services_when_told() -> None:
    steps = corosync.make_plan(Wanted("configured", "totem {\n}\n", KEY), BARE)
    assert [(str(step.write), oct(step.mode)) for step in steps] == [
        ("/etc/corosync/authkey", "0o400"),
        ("/etc/corosync/corosync.conf", "0o644"),
    ]
    assert commands(Wanted("started"), BARE) == [
        "systemctl enable --quiet corosync",
        "systemctl enable --quiet pacemaker",
        "systemctl start corosync",
        "systemctl start pacemaker",
    ]


def test_nothing_that_runs_is_restarted() -> None:
    state = replace(BARE, services=ON, configuration="old")
    assert commands(Wanted("started", "new"), state) == []


def test_boot_is_an_option() -> None:
    state = replace(BARE, services=ON)
    assert commands(Wanted("started", boot=False), state) == [
        "systemctl disable --quiet corosync",
        "systemctl disable --quiet pacemaker",
    ]


def test_the_packaged_cluster_is_stopped_and_emptied() -> None:
    state = replace(BARE, configuration=DEFAULT, services=ON, cib=True)
    steps = corosync.make_plan(Wanted("configured", "totem {\n}\n"), state)
    assert corosync.planned_commands(steps) == ["systemctl stop pacemaker", "systemctl stop corosync"]
    assert [str(step.remove) for step in steps if step.remove] == ["/var/lib/pacemaker/cib"]


def test_a_packaged_cluster_with_resources_is_kept() -> None:
    with pytest.raises(corosync.CorosyncError, match="somebody configured resources in it"):
        corosync.make_plan(Wanted("configured", "new"), replace(BARE, configuration=DEFAULT, cib=True, resources=True))


def test_leaving_takes_everything_away_in_order() -> None:
    state = replace(BARE, configuration="totem {\n}\n", authkey="x", services=ON, cib=True)
    steps = corosync.make_plan(Wanted("absent"), state)
    assert [step.argv[1:] for step in steps[:4]] == [
        ("stop", "pacemaker"),
        ("stop", "corosync"),
        ("disable", "--quiet", "corosync"),
        ("disable", "--quiet", "pacemaker"),
    ]
    assert len(steps) == 7
    assert corosync.make_plan(Wanted("absent"), BARE) == []


def test_a_difference_is_shown_without_the_key() -> None:
    steps = corosync.make_plan(Wanted("configured", "totem {\n}\n", KEY), BARE)
    assert "k" * 16 not in corosync.render(steps, "before") + corosync.render(steps, "after")


def test_files_are_written_and_removed(tmp_path: Path) -> None:
    files = NodeFiles(tmp_path / "c/corosync.conf", tmp_path / "c/authkey", tmp_path / "cib")
    steps = corosync.make_plan(Wanted("configured", "totem {\n}\n", KEY), BARE, files)
    corosync.execute(steps, LocalRunner(), 1)
    assert files.authkey.read_bytes() == KEY
    assert stat.S_IMODE(files.authkey.stat().st_mode) == 0o400
    assert files.configuration.read_text() == "totem {\n}\n"
    assert sorted(path.name for path in files.configuration.parent.iterdir()) == ["authkey", "corosync.conf"]
    (files.cib / "shadow").mkdir(parents=True)
    (files.cib / "cib.xml").write_text("<cib/>")
    there = replace(BARE, configuration="x", authkey="y", cib=True)
    corosync.execute(corosync.make_plan(Wanted("absent"), there, files), LocalRunner(), 1)
    assert list(files.configuration.parent.iterdir()) == []
    assert list(files.cib.iterdir()) == []


GOOD = corosync_conf.render(corosync_conf.make("demo", {"nodea": "192.0.2.11", "nodeb": "192.0.2.12"}, {}, {}, None))


class Corosync:
    """A program that reads what it is given, as corosync 3.1.7 does."""

    def __init__(self, status: int = 0, said: str = "", installed: bool = True) -> None:
        self.status, self.said, self.there = status, said, installed
        self.seen: list[dict[str, Any]] = []

    def installed(self, program: str) -> bool:
        """Whether it is there."""
        return self.there and program == "corosync"

    def run(self, argv: Sequence[str], **options: Any) -> CommandResult:
        """Keep what it would have read; judging changes nothing."""
        assert options["record"] is False
        assert list(argv[:3]) == ["corosync", "-t", "-c"]
        staged = Path(argv[3])
        found = corosync_conf.parse(staged.read_text())
        key = Path(found.section("totem").settings["keyfile"])
        self.seen.append(
            {
                "configuration": found,
                "directory": staged.parent,
                "modes": {stat.S_IMODE(path.stat().st_mode) for path in (staged, staged.parent)},
                "key": key.read_bytes() if key.parent == staged.parent else str(key),
            }
        )
        return CommandResult(tuple(argv), self.status, "", self.said.replace("STAGED", str(staged)))


def judged(program: Corosync, wanted: Wanted, state: NodeState = BARE) -> None:
    """Have it judge what is planned."""
    corosync.judge(corosync.make_plan(wanted, state), program)  # type: ignore[arg-type]


def test_corosync_reads_what_is_to_be_put_in_place_and_nothing_stays() -> None:
    program = Corosync()
    judged(program, Wanted("configured", GOOD, KEY))
    [seen] = program.seen
    assert seen["key"] == KEY
    assert seen["modes"] == {0o600, 0o700}
    assert not seen["directory"].exists()
    # If the run is killed, its name says whose it was.
    assert seen["directory"].name.startswith("groupware_ha_corosync_")
    wanted = corosync_conf.parse(GOOD)
    for name in ("nodelist", "quorum"):
        assert seen["configuration"].section(name) == wanted.section(name)
    totem = dict(seen["configuration"].section("totem").settings)
    del totem["keyfile"]
    assert totem == wanted.section("totem").settings
    # Else it says what is wrong to the system's log alone.
    assert seen["configuration"].section("logging").settings["to_stderr"] == "yes"


def test_files_elsewhere_are_judged_too(tmp_path: Path) -> None:
    files, program = NodeFiles(tmp_path / "corosync.conf", tmp_path / "authkey"), Corosync()
    corosync.judge(corosync.make_plan(Wanted("configured", GOOD), BARE, files), program, files)  # type: ignore[arg-type]
    assert [seen["key"] for seen in program.seen] == [str(files.authkey)]


def test_a_key_that_is_there_is_used_from_there() -> None:
    program = Corosync()
    judged(program, Wanted("configured", GOOD), replace(BARE, authkey="x"))
    assert program.seen[0]["key"] == "/etc/corosync/authkey"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "Nov 29 14:08:12.648 error   [MAIN  ] parse error in config: No valid name found for local host\n"
            "Nov 29 14:08:12.648 error   [MAIN  ] Corosync Cluster Engine exiting with status 8 at main.c:1445.\n",
            "nothing was touched: parse error in config: No valid name found for local host; correct",
        ),
        ("one\n\n two \n", "nothing was touched: one; two; correct"),
        ('parser error: STAGED:8: Value of key "totem.token" is wrong\n', "parser error: line 8: Value of key"),
        ("", "nothing was touched: exit status 8; correct"),
    ],
)
def test_what_corosync_refuses_is_told_as_it_says_it(said: str, shown: str) -> None:
    program = Corosync(8, said)
    with pytest.raises(corosync.CorosyncError) as refused:
        judged(program, Wanted("configured", GOOD, KEY))
    assert shown in str(refused.value)
    assert not program.seen[0]["directory"].exists()


def test_where_nothing_changes_or_nothing_is_installed_nobody_is_asked() -> None:
    program = Corosync(8)
    judged(program, Wanted("started", GOOD), replace(BARE, configuration=GOOD))
    judged(program, Wanted("absent"), replace(BARE, configuration=GOOD))
    assert program.seen == []
    judged(Corosync(8, installed=False), Wanted("configured", GOOD))


@pytest.mark.parametrize("value", ["1\n}\nquorum {", "a }", "{", " 1", "1 ", "a\x00b"])
def test_no_value_can_begin_or_end_a_section(value: str) -> None:
    with pytest.raises(FormatError, match="read as something else"):
        corosync_conf.render(corosync_conf.Section(sections=(corosync_conf.Section("totem", {"token": value}),)))


class SystemctlRunner:
    """Has these programs, and a systemctl that says that services are in this state."""

    def __init__(self, programs: Sequence[str], active: str) -> None:
        self.programs, self.active = programs, active

    def installed(self, program: str) -> bool:
        return program in self.programs

    def run(self, argv: Sequence[str], **_options: Any) -> CommandResult:
        if argv[0] not in self.programs:
            raise CommandNotFound(argv, "is not installed")
        units = [f"Id={name}.service\nActiveState={self.active}\nUnitFileState=disabled" for name in ON]
        return CommandResult(tuple(argv), 0, "\n\n".join(units) if argv[0] == "systemctl" else "", "")


def test_what_is_left_of_a_cluster(tmp_path: Path) -> None:
    """Nothing is said to be left only where that is certain."""
    files = NodeFiles(tmp_path / "corosync.conf", tmp_path / "authkey", tmp_path / "cib", tmp_path / "os-release")
    names = ("systemctl", "corosync", "pacemakerd", "corosync-cmapctl")

    def left(programs: Sequence[str] = names, active: str = "inactive") -> list[str]:
        return corosync.remains(SystemctlRunner(programs, active), files)  # type: ignore[arg-type]

    assert left() == []
    assert left(programs=["systemctl"], active="active") == []
    assert left(active="active") == ["pacemaker: active", "corosync: active"]
    files.authkey.write_bytes(KEY)
    assert left() == ["authkey: there"]
    files.authkey.unlink()
    files.configuration.write_text("totem {\n}\n")
    assert left() == ["corosync.conf: there"]
    with pytest.raises(CommandNotFound):
        left(programs=["corosync"])


class RunningCorosync:
    """A Corosync that is busy at first, and takes each configuration over a while after it was told to."""

    def __init__(self, busy: int, late: float) -> None:
        self.busy, self.late, self.now = busy, late, 0.0

    def clock(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds

    def run(self, argv: Sequence[str], **_options: Any) -> CommandResult:
        if argv[0] == "corosync-cfgtool":
            self.busy -= 1
            if self.busy >= 0:
                raise CommandError(argv, "exit status 1", "Could not reload configuration. Error 6")
        version = 4 if self.now >= self.late else 3
        return CommandResult(tuple(argv), 0, f"totem.config_version (u64) = {version}\n", "")


def test_a_busy_corosync_is_told_again() -> None:
    runner = RunningCorosync(busy=3, late=0)

    corosync.reload(runner)  # type: ignore[arg-type]

    assert runner.now == 1.5


def test_a_corosync_that_stays_busy_is_an_error() -> None:
    with pytest.raises(CommandError, match="Could not reload"):
        corosync.reload(RunningCorosync(busy=1000, late=0))  # type: ignore[arg-type]


def test_a_configuration_is_waited_for() -> None:
    runner = RunningCorosync(busy=0, late=2)

    corosync.await_version(4, runner)  # type: ignore[arg-type]

    assert runner.now == 2
    with pytest.raises(corosync.CorosyncError, match=r"has not taken over version 5 within 10 seconds: .* version 4"):
        corosync.await_version(5, runner)  # type: ignore[arg-type]
