"""Day two: online, offline, moved, evacuated, returned."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.engine.operate import Movement, Operator
from ansible_collections.groupware.ha.plugins.module_utils.engine.session import Session
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.driver import Pacemaker
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.descriptions import compiled, good_description
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.fake_pacemaker import FakeCluster, FakeRunner


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    """mail1 on nodea, mail2 on nodeb, calendar on nodec."""
    monkeypatch.setattr(Pacemaker, "missing_agents", lambda *_: [])
    cluster = FakeCluster()
    driver = Pacemaker(FakeRunner(cluster))
    Session(driver, check_mode=False, timeout=5).converge(compiled(good_description()))
    return cluster


def operate(
    cluster: FakeCluster, plan: Callable[[Operator], Movement], check_mode: bool = False
) -> tuple[Movement, list[str]]:
    """Plan and carry out; the movement and its commands."""
    runner = FakeRunner(cluster, dry=check_mode)
    operator = Operator(Pacemaker(runner), 5)
    movement = plan(operator)
    operator.carry_out(movement)
    return movement, runner.commands


def where(cluster: FakeCluster, service: str) -> str | None:
    return cluster.active.get(f"{service}_storage")


def untouched(cluster: FakeCluster, plan: Callable[[Operator], Movement]) -> None:
    movement, commands = operate(cluster, plan)
    assert (movement.changed, commands) == (False, [])
    assert movement.diff()["before"] == movement.diff()["after"]


def refused(cluster: FakeCluster, plan: Callable[[Operator], Movement], reason: str) -> None:
    """Refused with the reason, in check mode as well, and nothing touched."""
    for check_mode in (True, False):
        runner = FakeRunner(cluster, dry=check_mode)
        with pytest.raises(FrameworkError, match=reason):
            plan(Operator(Pacemaker(runner), 5))
        assert runner.commands == []


OPERATIONS: dict[str, Callable[[Operator], Movement]] = {
    "offline": lambda operator: operator.service_offline("mail1"),
    "online on another node": lambda operator: operator.service_online("mail1", "nodeb"),
    "moved to a node": lambda operator: operator.service_moved("mail1", "nodeb"),
    "evacuated": lambda operator: operator.node_evacuated("nodea"),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_four_steps(cluster: FakeCluster, name: str) -> None:
    planned, would_run = operate(cluster, OPERATIONS[name], check_mode=True)
    assert planned.changed
    assert where(cluster, "mail1") == "nodea"
    assert not cluster.standby

    done, ran = operate(cluster, OPERATIONS[name])
    assert (done.diff(), ran) == (planned.diff(), would_run)
    assert where(cluster, "mail1") == (None if name == "offline" else "nodeb")

    untouched(cluster, OPERATIONS[name])
    assert operate(cluster, OPERATIONS[name], check_mode=True)[1] == []


def test_offline_and_online_again(cluster: FakeCluster) -> None:
    operate(cluster, lambda operator: operator.service_offline("mail1"))
    cluster.settle()
    assert where(cluster, "mail1") is None

    movement, _ = operate(cluster, lambda operator: operator.service_online("mail1", None))

    assert movement.diff() == {"before": "service mail1: offline\n", "after": "service mail1: online\n"}
    assert where(cluster, "mail1") == "nodea"
    untouched(cluster, lambda operator: operator.service_online("mail1", None))


def test_online_on_a_node_from_offline(cluster: FakeCluster) -> None:
    operate(cluster, lambda operator: operator.service_offline("mail1"))

    operate(cluster, lambda operator: operator.service_online("mail1", "nodeb"))

    assert where(cluster, "mail1") == "nodeb"


def test_moved_to_the_best_other_node(cluster: FakeCluster) -> None:
    operate(cluster, lambda operator: operator.service_moved("calendar", None))
    assert where(cluster, "calendar") == "nodea"

    cluster.standby.add("nodec")
    operate(cluster, lambda operator: operator.service_moved("calendar", None))
    assert where(cluster, "calendar") == "nodeb"


def test_moved_stays_after_the_preference_is_cleared(cluster: FakeCluster) -> None:
    operate(cluster, lambda operator: operator.service_moved("mail1", "nodeb"))
    cluster.settle()

    assert where(cluster, "mail1") == "nodeb"


def test_evacuated_and_returned(cluster: FakeCluster) -> None:
    movement, _ = operate(cluster, lambda operator: operator.node_evacuated("nodea"))
    assert movement.diff()["before"] == "node nodea: carries mail1\n"
    assert "nodea" not in cluster.active.values()

    planned, would_run = operate(cluster, lambda operator: operator.node_returned("nodea"), check_mode=True)
    assert cluster.standby == {"nodea"}
    done, ran = operate(cluster, lambda operator: operator.node_returned("nodea"))

    assert (done.diff(), ran) == (planned.diff(), would_run)
    assert cluster.standby == set()
    untouched(cluster, lambda operator: operator.node_returned("nodea"))


@pytest.mark.parametrize(
    ("state", "reason"),
    [({"standby": {"nodeb"}}, "nodeb is in standby"), ({"offline": {"nodeb"}}, "nodeb is not online")],
)
def test_evacuating_takes_nothing_offline_unless_told_to(
    cluster: FakeCluster, state: dict[str, set[str]], reason: str
) -> None:
    vars(cluster).update(state)
    cluster.settle()

    refused(
        cluster,
        lambda operator: operator.node_evacuated("nodea"),
        rf"^node nodea: no other node can take mail1 \({reason}\), mail2 \({reason}\), so that evacuating it takes "
        "them offline; have another node take them, or accept it with offline_too=true; nothing was changed$",
    )
    assert where(cluster, "mail1") == "nodea"
    movement, _ = operate(cluster, lambda operator: operator.node_evacuated("nodea", offline_too=True))

    assert movement.warnings == [
        f"service mail{number} goes offline: no other node can take it ({reason})" for number in (1, 2)
    ]
    assert where(cluster, "mail1") is None
    untouched(cluster, lambda operator: operator.node_evacuated("nodea"))


def test_a_node_that_a_service_is_barred_from_does_not_take_it(
    cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monitor = cluster.monitor
    bans = '<bans><ban id="mail1-ban" resource="mail1" node="nodeb" weight="-INFINITY"/></bans></pacemaker-result>'
    monkeypatch.setattr(cluster, "monitor", lambda: monitor().replace("</pacemaker-result>", bans))

    reason = r"mail1 \(nodeb: the constraint mail1-ban forbids it; .*\), so that evacuating it takes it offline"
    refused(cluster, lambda operator: operator.node_evacuated("nodea"), reason)
    refused(cluster, lambda operator: operator.service_moved("mail1", None), "nodeb: the constraint mail1-ban forbids")


def test_a_node_with_several_services_costs_no_more_questions_than_one_with_one(
    cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    for name in ("read", "status"):
        ask = getattr(Pacemaker, name)
        monkeypatch.setattr(Pacemaker, name, lambda driver, name=name, ask=ask: asked.append(name) or ask(driver))
    one, _ = operate(cluster, lambda operator: operator.node_evacuated("nodea"))
    of_one = asked.copy()
    operate(cluster, lambda operator: operator.node_returned("nodea"))
    asked.clear()

    two, _ = operate(cluster, lambda operator: operator.node_evacuated("nodeb"))

    assert [movement.diff()["before"].count("mail") for movement in (one, two)] == [1, 2]
    assert asked == of_one


def test_a_service_that_may_run_nowhere_else(cluster: FakeCluster) -> None:
    constraints = cluster.configuration.find("constraints")
    assert constraints is not None
    for location in constraints.findall("rsc_location[@rsc='mail1'][@node='nodeb']"):
        constraints.remove(location)

    refused(cluster, lambda operator: operator.node_evacuated("nodea"), r"mail1 \(it may run on nodea only\), so that")


def test_node_in_standby_that_still_carries_something(cluster: FakeCluster) -> None:
    cluster.stuck.add("mail1_storage")

    with pytest.raises(FrameworkError, match="nodea was evacuated but still carries mail1"):
        operate(cluster, lambda operator: operator.node_evacuated("nodea"))


def test_unknown_names(cluster: FakeCluster) -> None:
    no_service, no_node = (
        "there is no such service.*there are: mail1, mail2, calendar",
        "is not a member.*nodea, nodeb, nodec",
    )

    refused(cluster, lambda operator: operator.service_online("mail9", None), no_service)
    refused(cluster, lambda operator: operator.service_offline("mail9"), no_service)
    refused(cluster, lambda operator: operator.service_moved("mail9", None), no_service)
    refused(cluster, lambda operator: operator.service_online("mail1", "node9"), no_node)
    refused(cluster, lambda operator: operator.node_evacuated("node9"), no_node)
    refused(cluster, lambda operator: operator.node_returned("node9"), no_node)


def test_node_that_the_service_may_not_run_on(cluster: FakeCluster) -> None:
    refused(cluster, lambda operator: operator.service_moved("mail1", "nodec"), "mail1 may run on nodea, nodeb only")


@pytest.mark.parametrize(
    ("state", "reason"),
    [({"standby": {"nodeb"}}, "is in standby and"), ({"offline": {"nodeb"}}, "is not online and")],
)
def test_node_that_takes_nothing(cluster: FakeCluster, state: dict[str, set[str]], reason: str) -> None:
    vars(cluster).update(state)

    refused(cluster, lambda operator: operator.service_moved("mail1", "nodeb"), reason)
    refused(cluster, lambda operator: operator.service_moved("mail1", None), "has no other node that can take it")


def test_node_that_is_about_to_be_fenced(cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monitor = cluster.monitor
    monkeypatch.setattr(
        cluster, "monitor", lambda: monitor().replace('unclean="false"', 'unclean="true"').replace("'", '"')
    )

    refused(cluster, lambda operator: operator.service_moved("mail1", "nodeb"), "is unclean and about to be fenced")


def test_only_a_running_service_is_moved(cluster: FakeCluster) -> None:
    operate(cluster, lambda operator: operator.service_offline("mail1"))

    refused(cluster, lambda operator: operator.service_moved("mail1", "nodeb"), "only a running service is moved")


def test_service_that_does_not_come_online(cluster: FakeCluster) -> None:
    operate(cluster, lambda operator: operator.service_offline("mail1"))
    cluster.broken.add("mail1_dovecot")

    with pytest.raises(FrameworkError, match=r"mail1 is partial on nodea \(mail1_dovecot.*broken\), not online"):
        operate(cluster, lambda operator: operator.service_online("mail1", None))


def test_service_that_does_not_go_offline(cluster: FakeCluster) -> None:
    cluster.stuck.add("mail1_storage")

    with pytest.raises(FrameworkError, match="mail1 is partial on nodea, not offline"):
        operate(cluster, lambda operator: operator.service_offline("mail1"))


EVERYTHING_BUT_RETURNED: dict[str, Callable[[Operator], Movement]] = {
    **OPERATIONS,
    "online": lambda operator: operator.service_online("mail1", None),
    "moved": lambda operator: operator.service_moved("mail1", None),
    "frozen": lambda operator: operator.service_frozen("mail1", True),
    "cleared": lambda operator: operator.service_cleared("mail1"),
    "evacuated, offline too": lambda operator: operator.node_evacuated("nodea", offline_too=True),
}


@pytest.mark.parametrize("name", EVERYTHING_BUT_RETURNED)
def test_without_quorum_nothing_is_done(cluster: FakeCluster, name: str) -> None:
    cluster.quorate = False
    cluster.offline = {"nodeb", "nodec"}
    cluster.active.clear()

    refused(
        cluster,
        EVERYTHING_BUT_RETURNED[name],
        r"^the cluster has no quorum, so that it starts and moves nothing \(not online: nodeb, nodec\); bring nodes "
        "back until it has; nothing was changed$",
    )


def test_without_quorum_a_node_is_returned(cluster: FakeCluster) -> None:
    cluster.quorate = False
    cluster.standby = {"nodea"}

    assert operate(cluster, lambda operator: operator.node_returned("nodea"))[0].changed
    assert cluster.standby == set()


def test_a_cluster_that_ignores_that_it_has_no_quorum_is_operated(
    cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.quorate = False
    monitor = cluster.monitor
    ignoring = '<cluster_options no-quorum-policy="ignore"/></summary>'
    monkeypatch.setattr(cluster, "monitor", lambda: monitor().replace("</summary>", ignoring))

    operate(cluster, OPERATIONS["moved to a node"])

    assert where(cluster, "mail1") == "nodeb"
