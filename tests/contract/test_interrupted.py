"""Interrupted anywhere: whichever command fails, hangs or loses its answer, the next run ends where it should."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError
from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.engine.operate import Operator
from ansible_collections.groupware.ha.plugins.module_utils.engine.session import Outcome, Session
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.registry import create_framework
from ansible_collections.groupware.ha.tests.contract.simulated_sites import SITES as SIMULATED
from ansible_collections.groupware.ha.tests.contract.simulated_sites import SimulatedSite
from ansible_collections.groupware.ha.tests.contract.site import Result, Site, changed
from ansible_collections.groupware.ha.tests.simulators.engine import FAULTS

Scenario = tuple[list[Result], dict[str, Any]]


def converge(
    site: SimulatedSite,
    services: list[Result],
    absent: bool = False,
    purge: bool = False,
    moved: tuple[str, str] | None = None,
    allowed: bool = True,
) -> Outcome:
    """What failover_services does, without Ansible around it; a service is moved to a node then."""
    framework = create_framework(site.framework, site.runner())
    deployment = parse_description(site.cluster(), services, framework.capabilities)
    session = Session(framework, check_mode=False, timeout=120, allow_restart=allowed, allow_recreate=allowed)
    desired = framework.compile(deployment)
    if absent:
        return session.converge(type(desired)(), absent=[service["name"] for service in services])
    outcome = session.converge(desired, purge=purge)
    if moved is not None:
        operator = Operator(framework, 120)
        operator.carry_out(operator.service_online(*moved))
    return outcome


def created(site: Site) -> tuple[Scenario | None, Scenario]:
    """Two services from nothing: no permission is needed for that, and for what a run that broke off left over."""
    return None, (site.symmetric(), {"allowed": False})


def modified(site: Site) -> tuple[Scenario | None, Scenario]:
    """A change that disturbs nothing and one that restarts, in two services."""
    services = site.symmetric()
    return (site.symmetric(), {}), (
        [changed(services[0], site.restarting_change), changed(services[1], site.quiet_change)],
        {},
    )


def removed(site: Site) -> tuple[Scenario | None, Scenario]:
    """Both services taken away."""
    return (site.symmetric(), {}), (site.symmetric(), {"absent": True, "allowed": False})


def exchanged(site: Site) -> tuple[Scenario | None, Scenario]:
    """A standby exchanged while it carries the service."""
    home, standby, other = site.nodes
    before = [site.service("mail1", home, [standby], 31, "asymmetric")]
    return (before, {"moved": ("mail1", standby)}), ([site.service("mail1", home, [other], 31, "asymmetric")], {})


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("scenario", [created, modified, removed, exchanged], ids=lambda scenario: scenario.__name__)
def test_interrupted_at_any_command(
    site_class: type[Site],
    scenario: Callable[[Site], tuple[Scenario | None, Scenario]],
    fault: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    cut_points: dict[str, int],
) -> None:
    if not issubclass(site_class, SimulatedSite):
        assert site_class not in SIMULATED.values(), "a real cluster changes in one transaction"
        return
    number = 0
    while True:
        number += 1
        site = site_class(monkeypatch, capsys)
        before, after = scenario(site)
        if before is not None:
            converge(site, before[0], **before[1])
        site.simulator.order_fault(number, fault)
        # It may fail, with an error that a user is shown, or find that all is well all the same.
        with contextlib.suppress(CommandError, FrameworkError):
            converge(site, after[0], **after[1])
        interrupted = not site.simulator.state["faults"]
        site.simulator.cancel_faults()
        site.check_left_alone()
        # What was cut short may still be going on; the next run comes later.
        site.simulator.pass_time(600)
        try:
            converge(site, after[0], **after[1])
        except (CommandError, FrameworkError) as error:
            pytest.fail(f"command {number} of {scenario.__name__} ({fault}): the next run says {error}")
        assert not converge(site, after[0], **after[1]).changes, (number, fault)
        if after[1].get("absent"):
            assert site.simulator.services() == {}, (number, fault)  # type: ignore[attr-defined]
        else:
            assert {service["name"]: site.where(service["name"]) for service in after[0]} == {
                service["name"]: [service["nodes"]["primary"]] for service in after[0]
            }, (number, fault)
        site.check_left_alone()
        if not interrupted:
            break
        label = f"{next(name for name, kind in SIMULATED.items() if kind is site_class)}: {scenario.__name__}"
        cut_points[label] = cut_points.get(label, 0) + 1
    assert number > 3, "a converge takes more commands than that"
