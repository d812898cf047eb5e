"""How each step of Pacemaker's driver is known to be done, judged by the real tools: they work on a CIB in a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig
from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Plan
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Snapshot
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.driver import Pacemaker
from ansible_collections.groupware.ha.tests.contract.test_permission_pacemaker import EMPTY
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.descriptions import compiled, good_description

DESIRED = compiled(good_description())


@pytest.fixture
def driver(tmp_path: Path) -> Pacemaker:
    """Three nodes that run nothing."""
    (tmp_path / "cib.xml").write_text(EMPTY, encoding="utf-8")
    return Pacemaker(LocalRunner(environment={"CIB_file": str(tmp_path / "cib.xml")}))


def take(driver: Pacemaker, plan: Plan) -> None:
    """Take the steps that do something, each of which has something to do."""
    for step in [*plan.stopping, *plan.changing, *plan.afterwards]:
        if step.action is not None:
            assert not step.done(driver.observe()), step.words
            step.action.run(driver.runner, 60)
            assert step.done(driver.observe()), step.words


def test_changes(driver: Pacemaker) -> None:
    found = driver.read()
    take(driver, driver.plan(found, reconcile(found.config, DESIRED, driver)))
    found = driver.read()
    assert reconcile(found.config, DESIRED, driver) == []

    take(driver, driver.plan(found, reconcile(found.config, ClusterConfig(), driver, absent=["mail1"])))
    assert driver.read().config.service("mail1") is None


def test_what_the_scheduler_has_to_do_is_under_way(driver: Pacemaker) -> None:
    found = driver.read()
    assert not [words for words in driver.under_way(driver.observe()) if "is to come" in words]

    take(driver, driver.plan(found, reconcile(found.config, DESIRED, driver)))

    assert "start of mail1_storage on nodea is to come" in driver.under_way(driver.observe())


@pytest.mark.parametrize(
    "plans",
    [
        [lambda driver, found: driver.plan_enabling(found, "mail1", False)]
        + [lambda driver, found: driver.plan_enabling(found, "mail1", True)],
        [lambda driver, found: driver.plan_freezing(found, "mail1", True)]
        + [lambda driver, found: driver.plan_freezing(found, "mail1", False)],
        [lambda driver, found: driver.plan_standby(found, "nodea", True)]
        + [lambda driver, found: driver.plan_standby(found, "nodea", False)],
        [lambda driver, found: driver.plan_moving(found, "mail1", "nodeb", 60)],
        [lambda driver, found: driver.plan_enabling(found, "mail1", False)]
        + [lambda driver, found: driver.plan_moving(found, "mail1", "nodeb", 60)],
    ],
    ids=["enabling", "freezing", "standby", "moving", "starting"],
)
def test_operations(driver: Pacemaker, plans: list[Callable[[Pacemaker, Snapshot], Plan]]) -> None:
    found = driver.read()
    take(driver, driver.plan(found, reconcile(found.config, DESIRED, driver)))
    before = driver.read().config

    for plan in plans:
        take(driver, plan(driver, driver.read()))

    assert driver.read().config == before
