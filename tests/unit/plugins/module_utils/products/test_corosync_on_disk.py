"""Corosync's files as they come to disk, and what is read on a node and done there, in full."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound, CommandResult
from ansible_collections.groupware.ha.plugins.module_utils.products import corosync
from ansible_collections.groupware.ha.plugins.module_utils.products.corosync import NodeFiles, Wanted
from ansible_collections.groupware.ha.plugins.module_utils.products.membership import NodeState, Service
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.watched_files import watching

KEY = b"secret key " * 24
CONFIGURATION = "totem {\n}\nnodelist {\nnode {\nname: nodea\nring0_addr: 192.0.2.1\n}\n}\n"
PACKAGED = "totem {\ncluster_name: debian\n}\nnodelist {\nnode {\nname: node1\nring0_addr: 127.0.0.1\n}\n}\n"
ON, OFF = Service(active=True, enabled=True), Service()
ENABLED = Service(enabled=True)
RUNNING = {"corosync": ON, "pacemaker": ON}


@pytest.fixture(autouse=True)
def _usual_mask():
    """Files are made with the usual mask, so that a wide mode comes out as one."""
    mask = os.umask(0o022)
    yield
    os.umask(mask)


class Answers:
    """Stands for the node's programs: an answer for each command line, by its first words."""

    def __init__(self, **answers):
        self.answers, self.asked = answers, []

    def run(self, argv, *, record=True, accept=(0,), timeout=60, stdin=None):
        assert stdin is None
        self.asked.append((" ".join(argv), record, accept, timeout))
        answer = self.answers.get(argv[0].replace("-", "_"), "")
        if isinstance(answer, Exception):
            raise answer
        return CommandResult(tuple(argv), 0, answer, "")


def files_in(directory):
    return NodeFiles(
        directory / "etc/corosync.conf", directory / "etc/authkey", directory / "cib", directory / "release"
    )


def test_the_key_is_never_readable_by_anybody_else(tmp_path):
    files = files_in(tmp_path)
    wanted = Wanted("configured", CONFIGURATION, KEY)
    with watching(tmp_path) as watch:
        corosync.execute(corosync.make_plan(wanted, NodeState("nodea"), files), Answers(), 1)
    assert watch.widest(b"secret key") & 0o077 == 0
    assert watch.modes(files.configuration) == {0o644}
    assert sorted(os.listdir(tmp_path / "etc")) == ["authkey", "corosync.conf"]
    for path, content in ((files.authkey, KEY), (files.configuration, CONFIGURATION.encode())):
        assert path.read_bytes() == content
        assert watch.was_on_disk_before_it_appeared(path, content)
        assert watch.name_is_on_disk(path)


def test_a_narrow_mask_does_not_make_the_configuration_unreadable(tmp_path):
    os.umask(0o077)
    files = files_in(tmp_path)
    corosync.execute(corosync.make_plan(Wanted("configured", CONFIGURATION), NodeState("a"), files), Answers(), 1)
    assert files.configuration.stat().st_mode & 0o777 == 0o644


def test_what_an_interrupted_run_left_behind_is_no_obstacle_and_no_way_in(tmp_path):
    files = files_in(tmp_path)
    files.authkey.parent.mkdir()
    left = files.authkey.with_name(f".authkey.{os.getpid()}")
    left.symlink_to(tmp_path / "elsewhere")
    corosync.execute(corosync.make_plan(Wanted("configured", None, KEY), NodeState("a"), files), Answers(), 1)
    assert files.authkey.read_bytes() == KEY
    assert sorted(os.listdir(tmp_path)) == ["etc"]


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_file_alone(tmp_path, monkeypatch, failing):
    files = files_in(tmp_path)
    files.authkey.parent.mkdir()
    files.authkey.write_bytes(b"old")

    def fail(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(*{"fsync": (os, "fsync"), "replace": (Path, "replace")}[failing], fail)
    with pytest.raises(OSError, match="No space"):
        corosync.execute(corosync.make_plan(Wanted("configured", None, KEY), NodeState("a"), files), Answers(), 1)
    assert files.authkey.read_bytes() == b"old"
    assert os.listdir(files.authkey.parent) == ["authkey"]


def test_the_packages_files_are_where_the_packages_have_them():
    assert NodeFiles() == NodeFiles(
        Path("/etc/corosync/corosync.conf"),
        Path("/etc/corosync/authkey"),
        Path("/var/lib/pacemaker/cib"),
        Path("/etc/os-release"),
    )


SHOWN = """Id=corosync.service
ActiveState=active
UnitFileState=enabled

Id=pacemaker.service
ActiveState=reloading
UnitFileState=disabled

Id=other.service
ActiveState=active
"""
CMAP = "runtime.members.1.status (str) = joined\ntotem.config_version (u64) = 4\nother.status (str) = joined\n"
CIB = '<cib><node id="1" uname="nodea"/><node uname="nodeb"/><primitive id="x"/></cib>'


def test_what_is_read_on_a_running_node(tmp_path, monkeypatch):
    files = files_in(tmp_path)
    for path, text in (
        (files.configuration, CONFIGURATION),
        (files.authkey, "key"),
        (files.cib / "cib.xml", CIB),
        (files.release, 'ID=debian\nVERSION_ID="13"\n'),
    ):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(
        corosync.shutil, "which", lambda name, path: f"{path}/{name}" if name == "fence_there" else None
    )
    runner = Answers(systemctl=SHOWN, corosync_cmapctl=CMAP, dpkg_query="pcs installed\npacemaker not-installed\n")
    state = corosync.read_state("nodea", runner, ["pcs", "pacemaker"], ["fence_there", "fence_none"], files)
    assert state == NodeState(
        node="nodea",
        missing_packages=("pacemaker",),
        missing_agents=("fence_none",),
        release="debian-13",
        configuration=CONFIGURATION,
        authkey=hashlib.sha256(b"key").hexdigest(),
        services={"corosync": ON, "pacemaker": Service(active=True, enabled=False)},
        members=("1",),
        running_version=4,
        cib=True,
        resources=True,
        known_nodes=("nodea", "nodeb"),
    )
    asked = [command.split()[0] for command, record, _, _ in runner.asked if not record]
    assert asked == ["systemctl", "corosync-cmapctl", "dpkg-query"]
    assert runner.asked[0][0] == (
        "systemctl show --property=Id,ActiveState,UnitFileState corosync.service pacemaker.service"
    )
    assert all(255 in accepted for command, _, accepted, _ in runner.asked if command == "corosync-cmapctl")


def test_files_that_are_no_text_are_read_as_far_as_they_are(tmp_path):
    files = files_in(tmp_path)
    for path in (files.configuration, files.cib / "cib.xml", files.release):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"\xff\nID=sid\n")
    state = corosync.read_state("nodea", Answers(), files=files)
    assert (state.configuration, state.cib, state.release) == ("\ufffd\nID=sid\n", True, "sid")


def test_what_is_read_on_a_node_with_nothing(tmp_path):
    runner = Answers(dpkg_query=CommandNotFound(["dpkg-query"], "is not installed"))
    state = corosync.read_state("nodea", runner, ["pcs"], (), files_in(tmp_path))
    assert state == NodeState(
        node="nodea",
        missing_packages=("pcs",),
        missing_agents=(),
        release="",
        configuration=None,
        authkey=None,
        services={"corosync": OFF, "pacemaker": OFF},
        members=(),
        running_version=None,
        cib=False,
        resources=False,
        known_nodes=(),
    )
    assert [command.split()[0] for command, *_ in runner.asked] == ["systemctl", "dpkg-query"]


def test_packages_are_asked_for_only_where_there_are_any(tmp_path):
    runner = Answers()
    assert corosync.read_state("nodea", runner, files=files_in(tmp_path)).missing_packages == ()
    assert len(runner.asked) == 1


@pytest.mark.parametrize("kind", ["primitive", "bundle"])
def test_resources_of_every_kind_are_seen(tmp_path, kind):
    files = files_in(tmp_path)
    files.cib.mkdir()
    (files.cib / "cib.xml").write_text(f'<cib><{kind} id="x"/></cib>')
    assert corosync.read_state("nodea", Answers(), files=files).resources


def test_a_package_that_is_half_removed_is_missing(tmp_path):
    runner = Answers(dpkg_query="pcs config-files\n")
    assert corosync.read_state("nodea", runner, ["pcs"], files=files_in(tmp_path)).missing_packages == ("pcs",)
    (command, _, accepted, _) = runner.asked[-1]
    assert command == "dpkg-query --show --showformat=${Package} ${db:Status-Status}\n pcs"
    assert 1 in accepted


def test_a_configuration_that_is_as_wanted_is_left_alone():
    state = replace(
        NodeState("a"), configuration=CONFIGURATION, authkey=hashlib.sha256(KEY).hexdigest(), services=RUNNING
    )
    assert corosync.make_plan(Wanted("started", CONFIGURATION, KEY), state) == []
    assert corosync.make_plan(Wanted("configured"), state) == []


def test_a_plan_is_shown_without_the_key():
    state = replace(NodeState("a"), configuration="old\n", authkey="x", services=RUNNING)
    steps = corosync.make_plan(Wanted("started", CONFIGURATION, KEY, boot=False), state)
    assert corosync.render(steps, "before") == (
        "authkey: another\nold\ncorosync: started at boot\npacemaker: started at boot\n"
    )
    assert corosync.render(steps, "after") == (
        f"authkey: the cluster's\n{CONFIGURATION}corosync: not started at boot\npacemaker: not started at boot\n"
    )


def test_a_plan_of_a_new_node_is_shown():
    steps = corosync.make_plan(Wanted("started", CONFIGURATION, KEY), NodeState("a"))
    assert corosync.render(steps, "before") == (
        "authkey: none\ncorosync.conf: none\ncorosync: not started at boot\npacemaker: not started at boot\n"
        "corosync: inactive\npacemaker: inactive\n"
    )
    assert corosync.render(steps, "after") == (
        f"authkey: the cluster's\n{CONFIGURATION}corosync: started at boot\npacemaker: started at boot\n"
        "corosync: active\npacemaker: active\n"
    )


def test_the_packaged_cluster_is_stopped_emptied_and_started_anew():
    state = replace(NodeState("a"), configuration=PACKAGED, services=RUNNING, cib=True)
    steps = corosync.make_plan(Wanted("started", CONFIGURATION), state)
    assert corosync.planned_commands(steps) == [
        "systemctl stop pacemaker",
        "systemctl stop corosync",
        "systemctl start corosync",
        "systemctl start pacemaker",
    ]
    assert "pacemaker: active\ncorosync: active\na cluster of this node alone\n" in corosync.render(steps, "before")
    assert "pacemaker: inactive\ncorosync: inactive\nno cluster of" in corosync.render(steps, "after")
    # Without a configuration of its own it is not started again: nothing was stopped.
    stopped = replace(state, services={"corosync": OFF, "pacemaker": OFF}, cib=False)
    assert corosync.planned_commands(corosync.make_plan(Wanted("configured"), stopped)) == []


def test_leaving_is_shown_and_done_in_full(tmp_path):
    files = files_in(tmp_path)
    (files.cib / "deeper").mkdir(parents=True)
    (files.cib / "cib.xml").write_text(CIB)
    (files.cib / "elsewhere").symlink_to(tmp_path / "kept")
    (tmp_path / "kept").mkdir()
    (tmp_path / "etc").mkdir()
    for path in (files.configuration, files.authkey):
        path.write_text("x")
    state = replace(NodeState("a"), configuration="x", authkey="x", services=RUNNING, cib=True)
    steps = corosync.make_plan(Wanted("absent"), state, files)
    assert corosync.render(steps, "before").splitlines() == [
        "pacemaker: active",
        "corosync: active",
        "corosync: started at boot",
        "pacemaker: started at boot",
        "corosync.conf: there",
        "authkey: there",
        "Pacemaker's configuration: there",
    ]
    assert corosync.render(steps, "after").splitlines() == [
        "pacemaker: inactive",
        "corosync: inactive",
        "corosync: not started at boot",
        "pacemaker: not started at boot",
        "corosync.conf: none",
        "authkey: none",
        "Pacemaker's configuration: none",
    ]
    runner = Answers()
    with watching(tmp_path) as watch:
        corosync.execute(steps, runner, 17)
    assert all(map(watch.name_is_on_disk, (files.configuration, files.authkey, files.cib / "cib.xml")))
    assert [(command, timeout) for command, _, _, timeout in runner.asked] == [
        ("systemctl stop pacemaker", 17),
        ("systemctl stop corosync", 17),
        ("systemctl disable --quiet corosync", corosync.START_TIMEOUT),
        ("systemctl disable --quiet pacemaker", corosync.START_TIMEOUT),
    ]
    assert (os.listdir(files.cib), os.listdir(tmp_path / "etc"), (tmp_path / "kept").is_dir()) == ([], [], True)
    assert corosync.make_plan(Wanted("absent"), replace(NodeState("a"), services={}), files) == []


def test_starting_takes_longer_than_other_commands():
    assert corosync.START_TIMEOUT == 120


class Refuses(Answers):
    """A node whose systemd refuses everything, and whose journal says why."""

    def run(self, argv, **options):
        super().run(argv, **options)
        if argv[0] == "systemctl":
            raise CommandError(argv, "exit status 1", "failed")
        return CommandResult(tuple(argv), 0, "because", "")


def test_a_service_that_does_not_start_says_why():
    runner = Refuses()
    steps = corosync.make_plan(
        Wanted("started"), replace(NodeState("a"), services={"pacemaker": ON, "corosync": ENABLED})
    )
    with pytest.raises(CommandError) as caught:
        corosync.execute(steps, runner, 1)
    assert (caught.value.reason, caught.value.output) == ("exit status 1", "failed\nbecause")
    command, record, accepted, _ = runner.asked[-1]
    assert command == "journalctl --no-pager --quiet --output=cat --lines=5 --unit=corosync"
    assert not record
    assert {0, 1, 255} <= set(accepted)


def test_a_service_that_does_not_stop_is_not_asked_why():
    runner = Refuses()
    steps = corosync.make_plan(Wanted("absent"), replace(NodeState("a"), services=RUNNING))
    with pytest.raises(CommandError) as caught:
        corosync.execute(steps, runner, 1)
    assert caught.value.output == "failed"
    assert len(runner.asked) == 1


def test_members_have_a_name_or_an_address_or_a_number():
    text = (
        "nodelist.node.0.nodeid (u32) = 1\nnodelist.node.0.name (str) = nodea\n"
        "nodelist.node.0.ring0_addr (str) = 192.0.2.1\n"
        "nodelist.node.10.nodeid (u32) = 12\nnodelist.node.10.ring0_addr (str) = 192.0.2.12\n"
        "nodelist.node.3.nodeid (u32) = 3\n"
        + "".join(f"runtime.members.{number}.status (str) = joined\n" for number in (12, 3, 1, 77))
    )
    assert corosync.parse_cmap(text) == (("192.0.2.12", "3", "77", "nodea"), None)


@pytest.mark.parametrize(
    ("text", "release"), [("ID='debian'\nVERSION_ID=12\n", "debian-12"), ("VERSION_ID=1\n", "1"), ("ID=sid", "sid")]
)
def test_release(text, release):
    assert corosync.parse_release(text) == release
