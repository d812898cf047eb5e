"""Read, reconcile, apply, read again: one plan for check mode, diff and doing."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig
from ansible_collections.groupware.ha.plugins.module_utils.engine.operate import Operator
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import ConflictError
from ansible_collections.groupware.ha.plugins.module_utils.engine.session import Outcome, Session
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, NotRunning
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.driver import Pacemaker
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.descriptions import (
    compiled,
    good_description,
    mail_service,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.fake_pacemaker import FakeCluster, FakeRunner

DESIRED = compiled(good_description())


@pytest.fixture(autouse=True)
def all_agents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pacemaker, "missing_agents", lambda *_: [])


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster()


def converge(
    cluster: FakeCluster, desired: ClusterConfig = DESIRED, check_mode: bool = False, **options: Any
) -> tuple[Outcome, list[str]]:
    """One run; its outcome and its commands."""
    runner = FakeRunner(cluster, dry=check_mode)
    outcome = Session(Pacemaker(runner), check_mode, 5).converge(desired, **options)
    return outcome, runner.commands


def state(cluster: FakeCluster) -> bytes:
    return ElementTree.tostring(cluster.cib)


def test_four_steps(cluster: FakeCluster) -> None:
    before = state(cluster)
    planned, would_run = converge(cluster, check_mode=True)
    assert planned.changes
    assert state(cluster) == before
    assert planned.as_dict()["services"] == {}

    done, ran = converge(cluster)
    assert (done.changes, done.as_dict()["diff"], ran) == (planned.changes, planned.as_dict()["diff"], would_run)
    assert {name: found["state"] for name, found in done.as_dict()["services"].items()} == {
        "mail1": "online",
        "mail2": "online",
        "calendar": "online",
    }
    assert done.as_dict()["services"]["mail1"]["node"] == "nodea"

    again, ran = converge(cluster)
    assert (again.as_dict()["changed"], again.changes, ran) == (False, [], [])
    assert again.as_dict()["diff"] == {"before": "", "after": ""}
    checked, would_run = converge(cluster, check_mode=True)
    assert (checked.changes, would_run) == ([], [])


@pytest.mark.parametrize("purge", [False, True])
def test_check_mode_foresees_deletions(cluster: FakeCluster, purge: bool) -> None:
    converge(cluster)
    description = good_description()
    del description["services"][2]
    options: dict[str, Any] = {"purge": True} if purge else {"absent": ["calendar"]}
    desired = compiled(description) if purge else ClusterConfig()
    before = state(cluster)

    planned, would_run = converge(cluster, desired, check_mode=True, **options)
    assert state(cluster) == before
    done, ran = converge(cluster, desired, **options)

    assert (done.changes, ran) == (planned.changes, would_run)
    assert [change.action for change in done.changes] == ["delete"]
    assert cluster.configuration.find(".//*[@id='calendar']") is None


def test_deletion_stops_then_waits_then_deletes(cluster: FakeCluster) -> None:
    converge(cluster)
    patches = len(cluster.patches)
    cluster.calls.clear()

    converge(cluster, ClusterConfig(), absent=["mail1"])

    stopped, deleted = cluster.patches[patches:]
    assert (
        stopped.find(".//group[@id='mail1']/meta_attributes/nvpair[@name='target-role'][@value='Stopped']") is not None
    )
    assert deleted.find(".//group[@id='mail1']") is None
    order = [call.split()[0] for call in cluster.calls if "--patch" in call or call.startswith("crmadmin")]
    assert order == ["cibadmin", "crmadmin", "cibadmin", "crmadmin"]
    assert not [name for name in cluster.active if name.startswith("mail1")]


def test_what_does_not_stop_is_not_deleted(cluster: FakeCluster) -> None:
    converge(cluster)
    cluster.stuck.add("mail1_storage")

    with pytest.raises(FrameworkError, match="mail1 is still active on nodea and was not deleted"):
        converge(cluster, ClusterConfig(), absent=["mail1"])

    assert cluster.element("mail1_storage") is not None
    cluster.stuck.clear()
    converge(cluster, ClusterConfig(), absent=["mail1"])
    assert cluster.configuration.find(".//*[@id='mail1']") is None


@pytest.mark.parametrize("state_of_node", [{"running": False}, {"installed": False}])
def test_no_cluster(cluster: FakeCluster, state_of_node: dict[str, bool]) -> None:
    vars(cluster).update(state_of_node)

    with pytest.raises(NotRunning):
        converge(cluster)
    planned, _ = converge(cluster, check_mode=True)

    assert len(planned.changes) > 10
    assert "the changes are those of an empty cluster" in planned.warnings[0]
    assert planned.as_dict()["services"] == {}


def test_missing_agent_is_refused_before_anything_is_touched(
    cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pacemaker, "missing_agents", lambda _, types: [name for name in types if "dovecot" in name])

    for check_mode in (True, False):
        with pytest.raises(FrameworkError, match=r"no agent for ocf:heartbeat:dovecot.*nothing was changed"):
            converge(cluster, check_mode=check_mode)
    assert cluster.patches == []


def test_conflict_is_refused_in_check_mode_too(cluster: FakeCluster) -> None:
    converge(cluster)
    description = good_description()
    description["services"][0]["name"] = "mail1_address"

    for check_mode in (True, False):
        with pytest.raises(ConflictError, match="mail1_address is the name of a resource already"):
            converge(cluster, compiled(description), check_mode=check_mode)


def test_change_that_does_not_last(cluster: FakeCluster) -> None:
    cluster.forgetful = True

    with pytest.raises(FrameworkError, match="still differ: cluster properties, resource fence_engine, service mail1"):
        converge(cluster)


def test_touched_service_that_does_not_run(cluster: FakeCluster) -> None:
    cluster.broken.add("mail1_dovecot")

    with pytest.raises(
        FrameworkError, match=r"applied, but service mail1 is partial on nodea \(mail1_dovecot: start .*broken"
    ):
        converge(cluster)


def test_fencing_device_that_does_not_run(cluster: FakeCluster) -> None:
    """Services run all the same, and would not be taken over from a node that is lost."""
    cluster.broken.add("fence_engine")

    with pytest.raises(FrameworkError, match=r"applied, but fencing device fence_engine does not run \(.*broken"):
        converge(cluster)

    for check_mode in (True, False):
        outcome, _ = converge(cluster, check_mode=check_mode)
        assert not outcome.changes
        assert [text.startswith("fencing device fence_engine does not run") for text in outcome.warnings] == [True]


def test_untouched_service_that_does_not_run_is_a_warning(cluster: FakeCluster) -> None:
    converge(cluster)
    cluster.broken.add("mail1_dovecot")
    cluster.settle()

    for check_mode in (True, False):
        outcome, _ = converge(cluster, check_mode=check_mode)
        assert not outcome.changes
        assert len(outcome.warnings) == 1
        assert outcome.warnings[0].startswith("service mail1 is partial on nodea (mail1_dovecot: start failed")


def test_service_that_was_taken_offline_stays_so(cluster: FakeCluster) -> None:
    converge(cluster)
    operator = Operator(Pacemaker(FakeRunner(cluster)), 5)
    operator.carry_out(operator.service_offline("mail1"))
    description = good_description()
    description["services"][0]["storage"]["mount_options"] = "noatime"

    outcome, _ = converge(cluster, compiled(description), purge=True)

    assert outcome.changes
    assert outcome.restarts == []
    assert outcome.warnings == []
    assert outcome.as_dict()["services"]["mail1"]["state"] == "offline"


def test_cluster_that_does_not_settle(cluster: FakeCluster) -> None:
    cluster.settles = False

    with pytest.raises(FrameworkError, match="did not settle"):
        converge(cluster)


@pytest.mark.parametrize("count", [1, 10, 100])
def test_cost_does_not_grow_with_the_services(cluster: FakeCluster, count: int) -> None:
    description = good_description()
    description["services"] = [
        {**mail_service(f"mail{number}", "nodea", "nodeb", 20 + number), "model": "asymmetric"}
        for number in range(1, count + 1)
    ]
    desired = compiled(description)

    converge(cluster, desired)
    first = len(cluster.calls)
    converge(cluster, desired)
    second = len(cluster.calls) - first
    converge(cluster, desired, check_mode=True)

    # read, status; query, diff, patch; what the scheduler would do, who leads, whether that is idle; read back, status
    assert first == 10
    assert second == len(cluster.calls) - first - second == 2
