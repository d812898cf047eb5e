"""Oracle Clusterware: operating services, and how they stand."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandResult
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, NotRunning
from ansible_collections.groupware.ha.tests.simulators.engine import FAULTS
from ansible_collections.groupware.ha.tests.simulators.runner import SimulatedRunner
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.frameworks.clusterware.site import (
    ADDRESS,
    MESSAGING,
    SERVICES,
    WEB,
    Site,
    changed,
)


def test_offline_stays_offline(site: Site) -> None:
    site.operate("service_offline", "mail1")

    assert site.commands == ["crsctl stop resource ocucs.ms.msg1", "crsctl stop resource msg1"]
    assert not site.driver().status().services["mail1"].enabled
    site.converge([changed(MESSAGING, failback=True, address="10.0.0.33"), WEB, ADDRESS])
    assert site.states()["mail1"] == ("offline", ())
    site.operate("service_online", "mail1", "cl2")
    assert site.commands == ["crsctl start resource ocucs.ms.msg1 -n cl2"]
    assert site.states()["mail1"] == ("online", ("cl2",))


def test_moved_with_force(site: Site) -> None:
    site.operate("service_moved", "mail1", None)

    assert site.commands == ["crsctl relocate resource ocucs.ms.msg1 -n cl2 -f"]
    assert site.simulator.services()["mail1"]["online"] == ["cl2"]


def test_evacuated_as_far_as_there_are_other_nodes(site: Site) -> None:
    site.simulator.stop_node("cl2")
    with pytest.raises(FrameworkError, match=r"no other node can take mail1 \(cl2 is not online\), so that"):
        site.operator().node_evacuated("cl1")
    site.operate("node_evacuated", "cl1", offline_too=True)

    assert site.commands[-2:] == ["crsctl stop resource ocucs.ms.msg1", "crsctl stop resource msg1"]
    assert all("cl1" not in nodes for _, nodes in site.states().values())


def test_a_lost_node_is_seen(site: Site) -> None:
    site.simulator.stop_node("cl2")
    status = site.driver().status()

    assert {name: node.online for name, node in status.nodes.items()} == {"cl1": True, "cl2": False, "cl3": True}
    assert status.services["web"].nodes == ("cl3",)
    assert not site.converge(SERVICES).changes


def test_frozen_services_are_not_touched_by_halves(site: Site) -> None:
    site.operate("service_frozen", "mail1", True)

    assert [command.partition(" -attr ")[2] for command in site.commands] == ["ENABLED=0"] * 2
    assert site.driver().status().services["mail1"].frozen
    assert not site.converge(SERVICES).changes
    for change in (
        {"address": "10.0.0.33"},
        {"application": {"type": "messaging_server", "options": {"server_root": "/o"}}},
    ):
        with pytest.raises(FrameworkError, match="ENABLED=0"):
            site.converge([changed(MESSAGING, **change), WEB, ADDRESS])
        assert site.commands == []
    site.operate("service_frozen", "mail1", False)
    assert site.states()["mail1"] == ("online", ("cl1",))


def test_what_cannot_be_stopped_needs_somebody(site: Site) -> None:
    site.simulator.fail_agent("ocucs.ms.msg1", "stop")
    with pytest.raises(FrameworkError, match=r"ocucs\.ms\.msg1 was told to stop"):
        site.operate("service_offline", "mail1")
    site.simulator.repair_agent("ocucs.ms.msg1")

    assert site.states()["mail1"][0] == "failed"
    with pytest.raises(FrameworkError, match=r"UNKNOWN.*clear the failure"):
        site.converge([], absent=["mail1"])
    assert site.commands == []
    site.operate("service_cleared", "mail1")
    assert site.commands[0] == "crsctl stop resource ocucs.ms.msg1 -f"
    assert not site.driver().status().services["mail1"].failures


def test_what_does_not_start_is_named_and_completed_later() -> None:
    site = Site()
    site.simulator.fail_agent("ocucs.ms.msg1", "start")

    with pytest.raises(FrameworkError, match=r"(?s)service mail1: ocucs\.ms\.msg1 was to start on cl1.*CRS-2674"):
        site.converge([MESSAGING])
    assert site.states()["mail1"][0] == "failed"
    site.simulator.repair_agent("ocucs.ms.msg1")
    site.converge([MESSAGING])

    assert site.states()["mail1"] == ("online", ("cl1",))
    assert site.attributes("ocucs.ms.msg1")["AUTO_START"] == "restore"


def test_exit_status_0_is_not_believed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    run = SimulatedRunner.run

    def lying(self: SimulatedRunner, argv: Sequence[str], **options: Any) -> CommandResult:
        if "relocate" in argv:
            return CommandResult(tuple(argv), 0, "nothing was done\n", "")
        return run(self, argv, **options)

    monkeypatch.setattr(SimulatedRunner, "run", lying)

    with pytest.raises(FrameworkError, match=r"mail1: ocucs\.ms\.msg1 was to move to cl2, but that had no effect"):
        site.operate("service_moved", "mail1", "cl2")


def test_no_cluster_on_this_node(site: Site) -> None:
    site.simulator.stop_node("cl1")

    for ask in (site.driver().read, site.driver().status):
        with pytest.raises(NotRunning, match="not running"):
            ask()
    site.simulator.programs = {}
    with pytest.raises(NotRunning, match="not installed"):
        site.driver().read()


def test_types_that_are_not_registered(site: Site) -> None:
    driver = site.driver()

    assert driver.missing_agents(["app.appvip.type", "cluster_resource", "ocucs.ms.type"]) == []
    assert driver.missing_agents(["no.type"]) == ["no.type"]


@pytest.mark.parametrize("fault", FAULTS)
def test_operations_interrupted_at_any_command(site: Site, fault: str) -> None:
    state = copy.deepcopy(site.simulator.state)

    def tried(operation: str, *arguments: str, wanted: tuple[str, tuple[str, ...]]) -> None:
        for number in range(1, 12):
            site.simulator.state = copy.deepcopy(state)
            site.simulator.order_fault(number, fault)
            with contextlib.suppress(CommandError, FrameworkError):
                site.operate(operation, *arguments)
            site.simulator.cancel_faults()
            site.operate(operation, *arguments)
            assert site.states()["mail1"] == wanted, (number, fault)

    tried("service_moved", "mail1", "cl2", wanted=("online", ("cl2",)))
    tried("service_offline", "mail1", wanted=("offline", ()))
    tried("node_evacuated", "cl1", wanted=("online", ("cl2",)))
