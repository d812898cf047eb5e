"""Solaris Cluster: operating services, and how they stand."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig
from ansible_collections.groupware.ha.plugins.module_utils.engine.session import Session
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, NotRunning
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.frameworks.solaris_cluster.site import (
    BOTH,
    CALENDAR,
    MAIL,
    RELEASES,
    Site,
    with_keys,
)


@pytest.mark.parametrize("release", RELEASES)
def test_operating(release: str) -> None:
    site = Site(release)
    desired = site.desired(*BOTH)
    site.converge(desired)

    for operate, state in (
        (lambda operator: operator.service_moved("MAIL-RG", None), "online venus"),
        (lambda operator: operator.service_offline("MAIL-RG"), "offline"),
        (lambda operator: operator.service_online("MAIL-RG", "venus"), "online venus"),
        (lambda operator: operator.service_offline("MAIL-RG"), "offline"),
        (lambda operator: operator.service_online("MAIL-RG", None), "online mars"),
        (lambda operator: operator.node_evacuated("mars"), "online venus"),
    ):
        assert site.operate(operate, dry=True).changed
        planned = site.commands
        assert site.operate(operate).changed
        assert site.commands == planned
        assert site.states()["MAIL-RG"] == state
        assert not operate(site.operator()).changed or "moved" in str(operate) or state == "online venus"
        assert site.converge(desired).changes == []
        assert site.states()["MAIL-RG"] == state


@pytest.mark.parametrize("release", RELEASES)
def test_offline_stays_offline_through_later_runs(release: str) -> None:
    site = Site(release)
    site.converge(site.desired(*BOTH))
    site.operate(lambda operator: operator.service_offline("MAIL-RG"))
    site.simulator.stop_node("mars")
    site.simulator.start_node("mars")
    site.driver().settle(60)
    if release < "3.2":
        # Nothing keeps it offline when a node joins.
        assert site.states()["MAIL-RG"] == "online venus"
        site.operate(lambda operator: operator.service_offline("MAIL-RG"))

    site.converge(site.desired(with_keys(MAIL, storage={"mount_point": "/other"}), CALENDAR))
    status = site.driver().status().services["MAIL-RG"]
    assert (status.state, status.enabled) == ("offline", False)
    with pytest.raises(FrameworkError, match=r"while its storage is online.*bring service MAIL-RG online"):
        site.converge(site.desired(with_keys(MAIL, host_name="heath"), CALENDAR))
    assert site.commands == []


def test_suspended_and_resumed(site: Site) -> None:
    site.converge(site.desired(MAIL))
    site.operate(lambda operator: operator.service_frozen("MAIL-RG", True))
    assert site.commands == ["clrg suspend MAIL-RG"]
    assert site.driver().status().services["MAIL-RG"].frozen
    assert site.converge(site.desired(MAIL)).changes == []
    site.operate(lambda operator: operator.service_frozen("MAIL-RG", False))
    assert not site.driver().status().services["MAIL-RG"].frozen


def test_the_original_commands_suspend_nothing(old: Site) -> None:
    old.converge(old.desired(MAIL))

    with pytest.raises(FrameworkError, match=r"clrg is not installed; it comes with 3\.2"):
        old.operator().service_frozen("MAIL-RG", True)


@pytest.mark.parametrize("release", ["3.1", "3.2"])
def test_a_failed_stop_is_reported_and_cleared_on_request(release: str) -> None:
    site = Site(release)
    site.converge(site.desired(*BOTH))
    site.simulator.fail_agent("MAIL-RG_application", "stop")

    with pytest.raises(FrameworkError, match=r"MAIL-RG_application.*clear the failures"):
        site.operate(lambda operator: operator.service_moved("MAIL-RG", None))
    status = site.driver().status().services["MAIL-RG"]
    assert status.state == "failed"
    assert "somebody has made sure that it is dead there" in status.failures[0]
    with pytest.raises(FrameworkError, match="clear the failures"):
        site.converge(site.desired(with_keys(MAIL, failback=True), CALENDAR))
    assert site.commands == []
    with pytest.raises(FrameworkError, match="clear the failures"):
        site.converge(ClusterConfig(), absent=["MAIL-RG"])
    site.converge(site.desired(MAIL, with_keys(CALENDAR, failback=True)))

    site.simulator.repair_agent("MAIL-RG_application")
    site.operate(lambda operator: operator.service_cleared("MAIL-RG"))
    expected = "scswitch -c -h mars -j MAIL-RG_application -f STOP_FAILED"
    assert site.commands == [expected if release == "3.1" else "clrs clear -f STOP_FAILED -n mars MAIL-RG_application"]
    site.operate(lambda operator: operator.service_online("MAIL-RG", "venus"))
    assert site.states()["MAIL-RG"] == "online venus"


def test_a_failed_start_is_reported_and_tried_again_on_request(site: Site) -> None:
    site.converge(site.desired(*BOTH))
    site.simulator.fail_agent("CAL-RG_application", "start", ["mars"])

    with pytest.raises(
        FrameworkError,
        match=r"service CAL-RG was to go online on mars, but these failed to start: CAL-RG_application on mars",
    ):
        site.operate(lambda operator: operator.service_moved("CAL-RG", None))
    assert site.driver().status().services["CAL-RG"].state == "failed"

    site.simulator.repair_agent("CAL-RG_application")
    site.operate(lambda operator: operator.service_cleared("CAL-RG"))
    assert site.commands == ["clrs disable CAL-RG_application", "clrs enable CAL-RG_application"]
    assert site.states()["CAL-RG"] == "online mars"


def test_a_node_is_lost(site: Site) -> None:
    site.converge(site.desired(*BOTH))
    site.simulator.stop_node("venus")
    driver = site.driver()
    driver.settle(60)

    status = driver.status()
    assert not status.nodes["venus"].online
    assert status.services["CAL-RG"].nodes == ("mars",)
    with pytest.raises(FrameworkError, match="is not online"):
        site.operator().service_moved("CAL-RG", "venus")


def test_a_new_service_starts_where_it_can(site: Site) -> None:
    site.simulator.stop_node("mars")
    site.runner.node = "venus"
    driver = site.driver()
    driver.runner.node = "venus"  # type: ignore[attr-defined]
    desired = site.desired(MAIL)
    Session(driver, False, 120).converge(desired)

    assert driver.status().services["MAIL-RG"].nodes == ("venus",)


def test_another_scswitch_is_waited_for(old: Site) -> None:
    old.converge(old.desired(*BOTH))
    with old.simulator.edit() as state:
        state["busy_until"] = old.simulator.now + 60

    old.operate(lambda operator: operator.service_moved("MAIL-RG", None))

    assert old.states()["MAIL-RG"] == "online venus"
    assert len(old.driver().runner.commands) == 0


def test_no_cluster_here(site: Site) -> None:
    site.simulator.stop_node("mars")
    for ask in (site.driver().read, site.driver().status):
        with pytest.raises(NotRunning, match="not running on this node"):
            ask()
    site.simulator.programs = {}
    with pytest.raises(NotRunning, match="not installed"):
        site.configuration()


def test_each_question_is_asked_anew(site: Site) -> None:
    site.converge(site.desired(MAIL))
    driver = site.driver()
    driver.read()
    site.converge(site.desired(MAIL, CALENDAR))

    assert set(driver.status().services) == {"MAIL-RG", "CAL-RG"}


def test_an_agent_is_looked_for_on_this_node_before_the_cluster_is_asked(site: Site) -> None:
    driver = site.driver()
    asked = len(site.runner.asked)

    assert driver.missing_agents(["SUNW.ims", "SUNW.gds:6"]) == []
    assert len(site.runner.asked) == asked
