"""Interrupted at any command, the next run ends in exactly the wanted state."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from ansible_collections.groupware.ha.tests.simulators.engine import FAULTS
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.frameworks.solaris_cluster.site import (
    BOTH,
    CALENDAR,
    MAIL,
    Site,
    native,
    with_keys,
)

GDS = {"name": "web", "type": "SUNW.gds", "properties": {"Start_command": "/opt/web/start", "Network_aware": False}}


def nothing(_site: Site) -> None:
    """The cluster is as it was installed."""


def both(site: Site) -> None:
    """Mail and calendar run."""
    site.converge(site.desired(*BOTH))


def web(site: Site) -> None:
    """A native member runs behind mail's storage."""
    site.converge(site.desired(native(MAIL, GDS), CALENDAR))


def without_applications(site: Site) -> None:
    """Host names and storage are there, applications are yet to be installed."""
    site.converge(site.desired(*BOTH, include_applications=False))


def mail_unmanaged(site: Site) -> None:
    """The cluster leaves mail alone."""
    both(site)
    site.converge(site.desired(with_keys(MAIL, properties={"managed": False}), CALENDAR))


Options = dict[str, Any]
SCENARIOS: dict[str, tuple[Callable[[Site], None], Callable[[Site], tuple[ClusterConfig, Options]]]] = {
    "create": (nothing, lambda site: (site.desired(*BOTH), {})),
    "storage without applications, then all": (
        without_applications,
        lambda site: (site.desired(*BOTH), {}),
    ),
    "disable to change": (
        both,
        lambda site: (site.desired(with_keys(MAIL, storage={"mount_point": "/mail2"}), CALENDAR), {}),
    ),
    "create again to change": (
        both,
        lambda site: (site.desired(with_keys(MAIL, host_name="heath"), CALENDAR), {}),
    ),
    "other nodes and properties": (
        both,
        lambda site: (
            site.desired(
                with_keys(
                    MAIL,
                    model="asymmetric",
                    nodes={"primary": "venus", "standby": "mars"},
                    failback=True,
                    properties={"RG_description": "mail"},
                ),
                with_keys(CALENDAR, model="asymmetric"),
            ),
            {},
        ),
    ),
    "purge a service": (
        both,
        lambda site: (site.desired(with_keys(MAIL, model="asymmetric")), {"purge": True}),
    ),
    "remove everything": (
        both,
        lambda _site: (
            ClusterConfig(),
            {"absent": ["MAIL-RG", "CAL-RG", "SUNW.ims", "SUNW.scics", "SUNW.HAStoragePlus"]},
        ),
    ),
    "unmanage": (
        both,
        lambda site: (site.desired(with_keys(MAIL, properties={"managed": False}), CALENDAR), {}),
    ),
    "manage again": (
        mail_unmanaged,
        lambda site: (site.desired(*BOTH), {}),
    ),
    "another application": (
        web,
        lambda site: (site.desired(*BOTH), {"purge": True}),
    ),
    "switches": (
        web,
        lambda site: (
            site.desired(native(MAIL, {**GDS, "meta": {"enabled": False, "monitored": False}}), CALENDAR),
            {},
        ),
    ),
}


def outcome(site: Site) -> Any:
    """Everything as it is in the end; groups are printed in the order in which they were created."""
    config = site.configuration()
    by_name = sorted(config.services, key=lambda service: service.name)
    return site.simulator.services(), replace(config, services=tuple(by_name))


@pytest.mark.parametrize("release", ["3.1", "3.2"])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_any_command_may_fail(scenario: str, fault: str, release: str) -> None:
    prepare, work = SCENARIOS[scenario]
    start = Site(release)
    prepare(start)
    first_state = copy.deepcopy(start.simulator.state)
    desired, options = work(start)
    start.converge(desired, **options)
    changing = len(start.commands)
    wanted = outcome(start)
    tried = number = 0
    while True:
        number += 1
        site = Site(release)
        site.simulator.state = copy.deepcopy(first_state)
        site.simulator.order_fault(number, fault)
        with contextlib.suppress(CommandError, FrameworkError):
            site.converge(desired, **options)
        if site.simulator.state["faults"]:
            break
        tried += 1
        site.simulator.cancel_faults()
        site.converge(desired, **options)
        assert outcome(site) == wanted, f"after {fault} of command {number}"
        assert site.converge(desired, **options).changes == []
    assert tried > changing > 0
