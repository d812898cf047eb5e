"""The command lines that the driver runs."""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import (
    ClusterConfig,
    ClusterStatus,
    MemberStatus,
    NodeStatus,
    Resource,
    Service,
    ServiceStatus,
)
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import Change, reconcile
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, NotRunning, Snapshot
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker import executing
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.driver import Pacemaker
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.planning import Patch, Stop
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.registry import create_framework
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.descriptions import compiled, good_description
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.fake_pacemaker import FakeCluster, FakeRunner


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster()


@pytest.fixture
def driver(cluster: FakeCluster) -> Pacemaker:
    return Pacemaker(FakeRunner(cluster))


def make(driver: Pacemaker, desired: ClusterConfig, **options: Any) -> None:
    driver.carry_out([Patch(reconcile(driver.read(), desired, driver, **options))])


@pytest.mark.parametrize("state", [{"running": False}, {"installed": False}])
def test_no_cluster_on_this_node(cluster: FakeCluster, driver: Pacemaker, state: dict[str, bool]) -> None:
    vars(cluster).update(state)

    for ask in (driver.read, driver.status):
        with pytest.raises(NotRunning, match=r"not running|not installed"):
            ask()


def test_one_patch_for_all_changes(cluster: FakeCluster, driver: Pacemaker) -> None:
    make(driver, compiled(good_description()))

    assert [call.split()[0] for call in cluster.calls] == ["cibadmin", "cibadmin", "crm_diff", "cibadmin"]
    assert driver.runner.commands == ["cibadmin --patch --xml-pipe"]
    assert "--no-version" in cluster.called("crm_diff")[0]
    assert len(cluster.patches) == 1


def test_constraints_and_fencing_are_in_force_with_the_members(cluster: FakeCluster, driver: Pacemaker) -> None:
    make(driver, compiled(good_description()))

    (patch,) = cluster.patches
    assert patch.find(".//group[@id='mail1']") is not None
    assert patch.find(".//rsc_location[@id='mail1-nowhere-else']") is not None
    assert patch.find(".//nvpair[@name='stonith-enabled'][@value='true']") is not None


def test_no_difference_no_patch(cluster: FakeCluster, driver: Pacemaker) -> None:
    make(driver, compiled(good_description()))
    driver.runner.commands.clear()

    driver.carry_out([Patch([]), Stop(["no such resource"])])

    assert driver.runner.commands == []
    assert len(cluster.patches) == 1


def test_nothing_secret_on_a_command_line_and_nothing_left_in_temporary_files(
    cluster: FakeCluster, driver: Pacemaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    modes = []
    answer = cluster.answer

    def watch(argv: list[str], stdin: str | None) -> tuple[int, str]:
        modes.extend(path.stat().st_mode & 0o077 for path in tmp_path.iterdir())
        return answer(argv, stdin)

    monkeypatch.setattr(cluster, "answer", watch)
    make(driver, ClusterConfig(resources=(Resource("fence", "stonith:x", {"passwd": "hunter2"}),)))

    assert not [call for call in cluster.calls if "hunter2" in call]
    assert modes == [0]
    assert list(tmp_path.iterdir()) == []


def test_stop_sets_the_target_role(cluster: FakeCluster, driver: Pacemaker) -> None:
    make(driver, compiled(good_description()))
    cluster.settle()
    assert cluster.active["mail1_address"] == "nodea"

    driver.carry_out([Stop(["mail1", "mail2_postfix"])])
    cluster.settle()

    active = {name for name in cluster.active if name.startswith("mail")}
    assert active == {"mail2_storage", "mail2_address", "mail2_dovecot"}


def test_stop_wins_over_the_target_role_of_members(cluster: FakeCluster, driver: Pacemaker) -> None:
    started = Resource("a", "systemd:x", {"meta target-role": "Started"})
    make(driver, ClusterConfig(services=(Service("s", None, {}, (started,)),)))

    driver.carry_out([Stop(["s"])])

    assert cluster.element("a-meta_attributes-target-role").get("value") == "Stopped"


def test_cluster_that_does_not_settle(cluster: FakeCluster, driver: Pacemaker) -> None:
    cluster.settles = False

    with pytest.raises(FrameworkError, match=r"did not settle within 5 seconds.*crm_mon --one-shot"):
        driver.settle(5)


def test_move_clears_its_preference_even_when_it_fails(cluster: FakeCluster, driver: Pacemaker) -> None:
    make(driver, compiled(good_description()))
    cluster.settles = False

    with pytest.raises(FrameworkError, match="did not settle"):
        driver.move_service("mail1", "nodeb", 5)

    assert driver.runner.commands[-2:] == [
        "crm_resource --resource=mail1 --move --node=nodeb --lifetime=PT65S",
        "crm_resource --resource=mail1 --clear",
    ]


def test_missing_agents(driver: Pacemaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "heartbeat").mkdir()
    (tmp_path / "heartbeat" / "IPaddr2").touch()
    monkeypatch.setattr(executing, "_OCF_ROOT", tmp_path)
    exists = os.path.exists
    monkeypatch.setattr(os.path, "exists", lambda path: path == "/usr/sbin/fence_docker" or exists(path))
    there = ["ocf:heartbeat:IPaddr2", "stonith:fence_docker", "systemd:nginx", "lsb:nginx", "service:nginx"]
    missing = ["ocf:heartbeat:nothing", "ocf:IPaddr2", "stonith:fence_nothing", "IPaddr2", "", "stonith:a:b", "other:x"]

    assert driver.missing_agents([*there, *missing]) == missing


def running(config: ClusterConfig) -> Snapshot:
    """Every service is online at home."""
    services = {
        service.name: ServiceStatus(
            service.name,
            tuple(MemberStatus(found.name, found.type, service.placement[:1]) for found in service.resources),
        )
        for service in config.services
        if service.placement
    }
    nodes = {node: NodeStatus(online=True) for node in ("nodea", "nodeb", "nodec")}
    return Snapshot(config, ClusterStatus(True, nodes, services, {}))


@pytest.mark.parametrize(
    ("change", "interrupted"),
    [
        (Change("update", "resource", "mail1_address", before={"ip": "1"}, after={"ip": "2"}), ["mail1"]),
        (Change("update", "resource", "mail1_address", before={}, after={"nic": "eth0"}), ["mail1"]),
        (Change("delete", "resource", "mail1_address", before={}), ["mail1"]),
        (Change("update", "resource", "mail1_address", before={}, after={"meta priority": "2"}), []),
        (Change("update", "resource", "mail1_address", before={}, after={"meta target-role": "Stopped"}), ["mail1"]),
        (Change("update", "resource", "mail1_address", before={}, after={"operation monitor interval": "2"}), []),
        (Change("create", "resource", "mail1_new", service="mail1", after={"a": "b"}), []),
        (Change("delete", "service", "mail1", before={}), []),
        (Change("update", "service", "mail1", before={}, after={"nodes": "nodea nodec"}), []),
        (Change("update", "service", "mail1", before={}, after={"nodes": "nodeb nodea"}), []),
        (Change("update", "service", "mail1", before={}, after={"nodes": "nodeb nodec"}), ["mail1"]),
        # It does not stick to its node, and gets to like another one more.
        (Change("update", "service", "calendar", before={}, after={"nodes": "nodea nodec"}), ["calendar"]),
        (Change("update", "service", "calendar", before={}, after={"nodes": "nodec nodea"}), []),
        (Change("update", "resource", "fence_engine", before={}, after={"ip": "2"}), []),
    ],
)
def test_interrupted_services(driver: Pacemaker, change: Change, interrupted: list[str]) -> None:
    snapshot = running(compiled(good_description()))

    assert driver.plan(snapshot, [change, change]).interrupts == interrupted


def test_a_service_that_has_nowhere_to_go_is_left_where_it_is(driver: Pacemaker) -> None:
    snapshot = running(compiled(good_description()))
    nodes = {**snapshot.status.nodes, "nodeb": NodeStatus(online=True, standby=True)}
    snapshot = replace(snapshot, status=replace(snapshot.status, nodes=nodes))

    for placement, refused in (("nodeb nodec", False), ("nodeb", True)):
        change = Change("update", "service", "mail1", before={}, after={"nodes": placement})
        with pytest.raises(FrameworkError, match="has to leave nodea") if refused else contextlib.nullcontext():
            driver.plan(snapshot, [change])


@pytest.mark.parametrize(("position", "interrupted"), [(0, ["mail1"]), (3, ["mail1"]), (4, [])])
def test_a_new_member_interrupts_what_starts_after_it(driver: Pacemaker, position: int, interrupted: list[str]) -> None:
    config = compiled(good_description())
    order = [resource.name for resource in config.services[0].resources]
    order.insert(position, "mail1_new")
    changes = [
        Change("update", "service", "mail1", before={}, after={"members": " ".join(order)}),
        Change("create", "resource", "mail1_new", "systemd:x", "mail1", after={}),
    ]

    assert driver.plan(running(config), changes).interrupts == interrupted


def test_registry() -> None:
    runner = FakeRunner(FakeCluster())

    assert isinstance(create_framework("pacemaker", runner), Pacemaker)
    with pytest.raises(FrameworkError, match="'vms': has no driver; use one of pacemaker"):
        create_framework("vms", runner)


def test_registry_finds_what_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible_collections.groupware.ha.plugins.module_utils.command.SEARCH_PATH", "/nowhere")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotRunning, match="no cluster framework is installed"):
        create_framework("auto", LocalRunner())

    (tmp_path / "cibadmin").touch(mode=0o755)
    assert create_framework("auto", LocalRunner()).name == "pacemaker"

    (tmp_path / "hagrp").touch(mode=0o755)
    with pytest.raises(FrameworkError, match=r"several cluster frameworks are installed \(pacemaker, vcs\); name one"):
        create_framework("auto", LocalRunner())
    assert create_framework("vcs", LocalRunner()).name == "vcs"
