"""What a step of Red Hat Cluster Suite has led to is seen in time, and no sooner; planning asks nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandResult
from ansible_collections.groupware.ha.plugins.module_utils.engine.operate import Operator
from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Plan
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.groupware.ha.plugins.module_utils.engine.session import Session
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, Snapshot
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.rhcs.driver import RedHatClusterSuite
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.rhcs.terms import CLUSTER_CONF
from ansible_collections.groupware.ha.tests.simulators.runner import SimulatedRunner
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.frameworks.rhcs.test_rhcs import (
    SERVICES,
    Site,
    altered,
    compiled,
)


class LaggingRunner(SimulatedRunner):
    """clustat shows twice what was before a service was told something, and the answer may get lost."""

    loses_answers = False
    old: CommandResult | None = None
    left = 0

    def run(self, argv: Sequence[str], **options: Any) -> CommandResult:
        if argv[0] == "clustat" and self.left and self.old is not None:
            self.left -= 1
            return self.old
        result = super().run(argv, **options)
        if argv[0] == "clustat":
            self.old = result
        elif argv[0] == "clusvcadm":
            self.left = 2
            if self.loses_answers:
                raise CommandError(argv, "exit status 1", "the connection was lost")
        return result


@pytest.mark.parametrize("loses_answers", [False, True])
def test_a_state_that_has_only_just_been_left_is_looked_at_again(loses_answers: bool) -> None:
    site = Site()
    runner = LaggingRunner(site.simulator, site.node)
    runner.loses_answers = loses_answers
    driver = RedHatClusterSuite(runner)

    Session(driver, False, 120).converge(compiled(SERVICES))
    assert site.owners() == {"mail1": "nodea", "mail2": "nodeb"}

    operator = Operator(driver, 120)
    operator.carry_out(operator.service_moved("mail1", "nodeb"))
    operator.carry_out(operator.service_offline("mail2"))
    assert site.owners() == {"mail1": "nodeb", "mail2": None}


class SlowRunner(SimulatedRunner):
    """A start takes longer than clusvcadm is waited for."""

    starting_until = 0.0

    def run(self, argv: Sequence[str], **options: Any) -> CommandResult:
        result = super().run(argv, **options)
        if list(argv[:2]) == ["clusvcadm", "-e"]:
            self.pause(options["timeout"])
            self.starting_until = self.clock() + 100
            raise CommandError(argv, f"did not end within {options['timeout']:g} seconds")
        if argv[0] == "clustat" and self.clock() < self.starting_until:
            text = result.stdout.replace('state="112" state_str="started"', 'state="111" state_str="starting"')
            return CommandResult(result.argv, 0, text, "")
        return result


def test_a_start_that_is_still_under_way_is_waited_for() -> None:
    site = Site()
    runner = SlowRunner(site.simulator, site.node)

    Session(RedHatClusterSuite(runner), False, 120).converge(compiled(SERVICES))

    assert site.owners() == {"mail1": "nodea", "mail2": "nodeb"}
    assert [words for words in runner.commands if words.startswith("clusvcadm")] == [
        "clusvcadm -e mail1 -m nodea",
        "clusvcadm -e mail2 -m nodeb",
    ]


@pytest.mark.parametrize("release", [4, 5, 6])
def test_rgmanager_may_take_its_time_to_notice_a_configuration(release: int) -> None:
    site = Site(release, reaction_seconds=40)

    site.converge(SERVICES)

    assert site.owners() == {"mail1": "nodea", "mail2": "nodeb"}


def test_that_rgmanager_notices_nothing_is_said_with_what_to_do() -> None:
    site = Site(reaction_seconds=1000)

    with pytest.raises(
        FrameworkError,
        match="rgmanager was to take notice of version 2 of the configuration, but it did not within 60 seconds; see",
    ):
        site.converge(SERVICES)


def test_a_configuration_that_the_cluster_does_not_take_is_said_with_where_it_is() -> None:
    site = Site()
    # The first one is the question which version runs.
    site.simulator.order_fault(2, "fail", "cman_tool")

    with pytest.raises(FrameworkError) as caught:
        site.converge(SERVICES)

    assert str(caught.value) == (
        "the cluster was to take version 2 of its configuration, but that had no effect (cman_tool version -r: exit "
        f"status 1: ordered to fail); it is in {CLUSTER_CONF} of this node, and the next run propagates it again"
    )
    site.converge(SERVICES)
    assert site.conf("nodeb").version == 3


def test_where_a_service_ended_is_looked_at_and_put_right_only_if_need_be() -> None:
    site = Site()
    site.simulator.misplace("mail1", "nodec")

    _, foretold = site.converge(SERVICES, dry=True)
    _, commands = site.converge(SERVICES)

    # Nobody can foretell that rgmanager starts it elsewhere.
    assert [words for words in commands if words not in foretold] == ["clusvcadm -r mail1 -m nodea"]
    assert site.owners() == {"mail1": "nodea", "mail2": "nodeb"}


PLANS: dict[str, Callable[[RedHatClusterSuite, Snapshot], Plan]] = {
    "enabling": lambda driver, snapshot: driver.plan_enabling(snapshot, "mail1", False),
    "moving": lambda driver, snapshot: driver.plan_moving(snapshot, "mail1", "nodeb", 60),
    "standby": lambda driver, snapshot: driver.plan_standby(snapshot, "nodea", True),
    "freezing": lambda driver, snapshot: driver.plan_freezing(snapshot, "mail1", True),
    "changes": lambda driver, snapshot: driver.plan(
        snapshot, reconcile(snapshot.config, compiled(altered(mail1={"address": "192.0.2.31/24"})), driver)
    ),
}


@pytest.mark.parametrize("name", PLANS)
def test_plans_are_made_of_what_was_read_alone(name: str) -> None:
    site = Site()
    site.converge(SERVICES)
    driver = site.driver()
    snapshot = driver.read()

    assert site.questions(lambda: PLANS[name](driver, snapshot)) == 0
    assert PLANS[name](driver, snapshot).changing


def test_an_application_of_several_scripts_comes_back() -> None:
    driver = Site().driver()
    options = {"scripts": ["/etc/init.d/scalix", "/etc/init.d/scalix-tomcat"]}
    config = compiled(altered(mail1={"application": {"type": "scalix", "options": options}}))

    services = driver.export(config).services

    assert [service["application"]["options"] for service in services] == [options, {}]
    assert "resource_names" not in services[0]
