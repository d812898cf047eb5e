"""Corosync on one node: what is read, what is planned, and files written for real."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.membership import NodeState, Service
from ansible_collections.groupware.ha.plugins.module_utils.products import corosync
from ansible_collections.groupware.ha.plugins.module_utils.products.corosync import NodeFiles, Wanted

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
