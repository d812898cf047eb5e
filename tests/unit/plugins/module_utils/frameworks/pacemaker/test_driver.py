"""The command lines that the driver runs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
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
from ansible_collections.groupware.ha.plugins.module_utils.engine.executor import Executor
from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Plan
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import Change, reconcile
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, NotRunning, Snapshot
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker import asking
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.driver import Pacemaker
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.registry import create_framework
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.descriptions import compiled, good_description
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.fake_pacemaker import FakeCluster, FakeRunner


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster()


@pytest.fixture
def driver(cluster: FakeCluster) -> Pacemaker:
    return Pacemaker(FakeRunner(cluster))


def carry_out(driver: Pacemaker, plan: Plan) -> None:
    Executor(driver, 5).carry_out([*plan.stopping, *plan.changing], plan.afterwards)


def make(driver: Pacemaker, desired: ClusterConfig, **options: Any) -> None:
    snapshot = driver.read()
    carry_out(driver, driver.plan(snapshot, reconcile(snapshot.config, desired, driver, **options)))


def stop(driver: Pacemaker, *deleted: tuple[str, str]) -> None:
    """Carry out what is done before these are deleted, each a kind and a name."""
    changes = [Change("delete", kind, name, before={}) for kind, name in deleted]
    carry_out(driver, Plan(driver.plan(driver.read(), changes).stopping))


@pytest.mark.parametrize("state", [{"running": False}, {"installed": False}])
def test_no_cluster_on_this_node(cluster: FakeCluster, driver: Pacemaker, state: dict[str, bool]) -> None:
    vars(cluster).update(state)

    for ask in (driver.read, driver.status):
        with pytest.raises(NotRunning, match=r"not running|not installed"):
            ask()


def test_one_patch_for_all_changes(cluster: FakeCluster, driver: Pacemaker) -> None:
    make(driver, compiled(good_description()))

    assert [call.split()[0] for call in cluster.calls] == ["cibadmin", "crm_mon", "cibadmin", "crm_diff", "cibadmin"]
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

    carry_out(driver, driver.plan(driver.read(), []))
    stop(driver, ("resource", "no such resource"))

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

    stop(driver, ("service", "mail1"), ("resource", "mail2_postfix"))
    cluster.settle()

    active = {name for name in cluster.active if name.startswith("mail")}
    assert active == {"mail2_storage", "mail2_address", "mail2_dovecot"}


def test_stop_wins_over_the_target_role_of_members(cluster: FakeCluster, driver: Pacemaker) -> None:
    started = Resource("a", "systemd:x", {"meta target-role": "Started"})
    make(driver, ClusterConfig(services=(Service("s", None, {}, (started,)),)))

    stop(driver, ("service", "s"))

    assert cluster.element("a-meta_attributes-target-role").get("value") == "Stopped"


def test_cluster_that_does_not_settle(cluster: FakeCluster, driver: Pacemaker) -> None:
    cluster.settles = False

    words = r"did not settle within 5 seconds: nodea, which leads the cluster, is at work \(S_TRANSITION_ENGINE\);"
    with pytest.raises(FrameworkError, match=f"{words}.*crm_mon --one-shot"):
        driver.settle(5)

    cluster.settles = True
    driver.settle(5)


def test_move_clears_its_preference_even_when_it_fails(cluster: FakeCluster, driver: Pacemaker) -> None:
    make(driver, compiled(good_description()))
    cluster.settles = False

    with pytest.raises(FrameworkError, match="did not settle within 5 seconds"):
        carry_out(driver, driver.plan_moving(driver.read(), "mail1", "nodeb", 5))

    assert driver.runner.commands[-2:] == [
        "crm_resource --resource=mail1 --move --node=nodeb --lifetime=PT65S",
        "crm_resource --resource=mail1 --clear",
    ]


def test_a_move_that_fails_says_why(cluster: FakeCluster, driver: Pacemaker) -> None:
    make(driver, compiled(good_description()))
    cluster.settle()
    plan = driver.plan_moving(driver.read(), "mail1", "nodeb", 5)
    cluster.broken.add("mail1_dovecot")

    words = (
        "^service mail1 was to move to nodeb, but it did not, .* nothing left to do: mail1_dovecot: start failed on no"
    )
    with pytest.raises(FrameworkError, match=words):
        carry_out(driver, plan)
    cluster.broken.clear()
    cluster.offline.add("nodeb")
    with pytest.raises(FrameworkError, match="was to move to nodeb, but it did not, and the cluster has nothing left"):
        carry_out(driver, plan)

    assert driver.runner.commands[-1] == "crm_resource --resource=mail1 --clear"


def test_failures_are_forgotten_when_the_cluster_shows_it(
    cluster: FakeCluster, driver: Pacemaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nodes answer before they have written it, and in between nothing is under way."""
    make(driver, compiled(good_description()))
    cluster.broken.add("mail1_postfix")
    plan, monitor, first = driver.plan_clearing(driver.read(), "mail1"), cluster.monitor, cluster.monitor()
    looks = iter([first, first, first])
    monkeypatch.setattr(cluster, "monitor", lambda: next(looks, None) or monitor())

    carry_out(driver, plan)

    assert next(looks, None) is None
    assert driver.status().services["mail1"].failures == ()


def test_what_fails_again_is_another_failure(
    cluster: FakeCluster, driver: Pacemaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(driver, compiled(good_description()))
    cluster.broken.add("mail1_postfix")
    plan = driver.plan_clearing(driver.read(), "mail1")
    answer = cluster.answer

    def fail_again(argv: Sequence[str], stdin: str | None) -> tuple[int, str]:
        answered = answer(argv, stdin)
        if "--cleanup" in argv:
            cluster.broken.add("mail1_postfix")
            cluster.calls_of_nodes += 1
        return answered

    monkeypatch.setattr(cluster, "answer", fail_again)
    carry_out(driver, plan)

    assert driver.runner.clock() == 0
    assert driver.status().services["mail1"].failures != ()


PLANS: dict[str, Callable[[Pacemaker, Snapshot], Plan]] = {
    "enabled": lambda driver, found: driver.plan_enabling(found, "mail1", True),
    "disabled": lambda driver, found: driver.plan_enabling(found, "mail1", False),
    "moved": lambda driver, found: driver.plan_moving(found, "mail1", "nodeb", 5),
    "started": lambda driver, found: driver.plan_moving(found, "mail1", "nodeb", 5),
    "in standby": lambda driver, found: driver.plan_standby(found, "nodea", True),
    "returned": lambda driver, found: driver.plan_standby(found, "nodea", False),
    "frozen": lambda driver, found: driver.plan_freezing(found, "mail1", True),
    "unfrozen": lambda driver, found: driver.plan_freezing(found, "mail1", False),
    "cleared": lambda driver, found: driver.plan_clearing(found, "mail1"),
    "changed": lambda driver, found: driver.plan(found, [PURGED, ADDRESS, STICKINESS]),
}
PURGED = Change("delete", "service", "mail2", before={})
ADDRESS = Change("update", "resource", "mail1_address", service="mail1", before={}, after={"ip": "192.0.2.99"})
STICKINESS = Change("update", "service", "mail1", before={}, after={"nodes": "nodea nodec", "meta priority": "9"})


@pytest.fixture
def opposite(cluster: FakeCluster, driver: Pacemaker, request: pytest.FixtureRequest) -> FakeCluster:
    """A cluster in which a plan of that name has something to do."""
    make(driver, compiled(good_description()))
    cluster.settle()
    before = {"enabled": "disabled", "started": "disabled", "returned": "in standby", "unfrozen": "frozen"}
    name = request.getfixturevalue("name")
    if name in before:
        carry_out(driver, PLANS[before[name]](driver, driver.read()))
        cluster.settle()
    if name == "cleared":
        cluster.broken.add("mail1_postfix")
    return cluster


@pytest.mark.parametrize("name", PLANS)
def test_each_step_says_when_it_has_been_done(opposite: FakeCluster, driver: Pacemaker, name: str) -> None:
    plan = PLANS[name](driver, driver.read())

    for step in [*plan.stopping, *plan.changing, *plan.afterwards]:
        assert not step.done(driver.observe()), step.words
        if step.action is not None:
            step.action.run(driver.runner, 5)
        else:
            opposite.settle()
        assert step.done(driver.observe()), step.words


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("effect", [True, False])
def test_a_command_that_failed_is_judged_by_what_is(
    opposite: FakeCluster, driver: Pacemaker, monkeypatch: pytest.MonkeyPatch, name: str, effect: bool
) -> None:
    plan = PLANS[name](driver, driver.read())
    answer = opposite.answer

    def fail(argv: list[str], stdin: str | None) -> tuple[int, str]:
        tells = argv[0] in ("crm_resource", "crm_attribute") or "--patch" in argv
        if not tells:
            return answer(argv, stdin)
        if effect:
            answer(argv, stdin)
        return 1, ""

    monkeypatch.setattr(opposite, "answer", fail)

    raises = pytest.raises(FrameworkError, match=r"but that had no effect \(.* exit status 1")
    with contextlib.nullcontext() if effect else raises:
        carry_out(driver, plan)


def test_what_has_begun_and_not_ended_is_under_way(cluster: FakeCluster, driver: Pacemaker) -> None:
    make(driver, compiled(good_description()))
    cluster.pending = {"mail1_address": "Starting", "mail2_address": "Monitoring"}

    cluster.settles = False
    assert driver.under_way(driver.observe()) == ["mail1_address is Starting"]
    del cluster.pending["mail1_address"]
    assert driver.under_way(driver.observe()) == ["nodea, which leads the cluster, is at work (S_TRANSITION_ENGINE)"]


def test_what_the_leader_has_not_looked_at_yet_is_under_way(cluster: FakeCluster, driver: Pacemaker) -> None:
    """Right after a change the node that leads is idle still: seen with Pacemaker 3.0."""
    make(driver, compiled(good_description()))
    cluster.scheduled = [
        {"resource": "mail1_address", "op": "stop", "node": "nodea"},
        {"task": "reboot", "node": "nodeb"},
    ]

    assert driver.under_way(driver.observe()) == [
        "stop of mail1_address on nodea is to come",
        "reboot of nodeb is to come",
    ]


def test_a_first_monitor_that_failed_is_not_under_way_for_ever(cluster: FakeCluster, driver: Pacemaker) -> None:
    """Its record in the CIB remains as it was when it began, and the resource's with it."""
    make(driver, compiled(good_description()))
    cluster.pending = {"mail1_address": "Monitoring"}

    driver.settle(5)

    assert driver.under_way(driver.observe()) == []
    assert driver.runner.clock() == 0


def test_a_cluster_that_nobody_leads_is_not_at_rest(
    cluster: FakeCluster, driver: Pacemaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monitor, answer = cluster.monitor, cluster.answer
    monkeypatch.setattr(cluster, "monitor", lambda: monitor().replace('present="true" name="nodea"', 'present="false"'))
    assert driver.under_way(driver.observe()) == ["the nodes choose the one that leads the cluster"]

    monkeypatch.setattr(cluster, "monitor", lambda: monitor().replace('name="nodea" with', 'name="nodeb" with'))
    assert driver.under_way(driver.observe()) == ["nodeb, which leads the cluster, is at work (S_NOT_DC)"]
    monkeypatch.setattr(
        cluster, "answer", lambda argv, stdin: (113, "") if argv[0] == "crmadmin" else answer(argv, stdin)
    )
    assert driver.under_way(driver.observe()) == ["nodeb, which leads the cluster, does not answer"]


def test_a_member_that_went_to_another_service_went_there(driver: Pacemaker) -> None:
    make(driver, compiled(good_description()))
    settings = {"a": "b"}
    changes = [
        Change("delete", "resource", "mail1_address", service="mail1", before=settings),
        Change("create", "resource", "mail1_address", "ocf:heartbeat:IPaddr2", None, after=settings),
    ]
    (step,) = driver.plan(driver.read(), changes).changing

    assert not step.done(driver.observe())
    assert step.action is not None
    step.action.run(driver.runner, 5)
    make(driver, ClusterConfig(resources=(Resource("later", "systemd:x"),)))
    assert step.done(driver.observe())


def test_missing_agents(driver: Pacemaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "heartbeat").mkdir()
    (tmp_path / "heartbeat" / "IPaddr2").touch()
    monkeypatch.setattr(asking, "_OCF_ROOT", tmp_path)
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
