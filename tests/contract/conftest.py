"""Which frameworks the contract is held against: `--framework NAME` (again and again); all simulated ones by default.

`--framework pacemaker` runs it on a real cluster, which `make contract-pacemaker` builds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.groupware.ha.tests.contract import pacemaker_site, simulated_sites
from ansible_collections.groupware.ha.tests.contract.site import Site

SITES = {**simulated_sites.SITES, "pacemaker": pacemaker_site.PacemakerSite}

#: How many commands were made to fail, by framework and scenario.
CUT_POINTS = pytest.StashKey[dict[str, int]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --framework."""
    parser.addoption("--framework", action="append", choices=sorted(SITES), help="hold the contract against this one")


def pytest_configure(config: pytest.Config) -> None:
    """Count from nothing."""
    config.stash[CUT_POINTS] = {}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test of the contract runs against each framework."""
    if "site_class" in metafunc.fixturenames:
        names = metafunc.config.getoption("--framework") or sorted(simulated_sites.SITES)
        metafunc.parametrize("site_class", [SITES[name] for name in names], ids=names, scope="function")


@pytest.fixture
def site(site_class: type[Site], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Site]:
    """A cluster that runs nothing yet."""
    made = site_class(monkeypatch, capsys)
    yield made
    made.leave()


@pytest.fixture
def cut_points(request: pytest.FixtureRequest) -> dict[str, int]:
    """Where a test notes how many commands it made to fail."""
    return request.config.stash[CUT_POINTS]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:  # noqa: ARG001 - as pytest-xdist has it
    """Take over what a worker has counted."""
    tried = node.config.stash[CUT_POINTS]
    for name, number in getattr(node, "workeroutput", {}).get("cut_points", {}).items():
        tried[name] = tried.get(name, 0) + number


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over what this worker has counted."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["cut_points"] = session.config.stash[CUT_POINTS]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how many cut points were tried."""
    tried = config.stash[CUT_POINTS]
    if tried:
        terminalreporter.section("cut points tried, all survived")
        for name in sorted(tried):
            terminalreporter.write_line(f"{name:40} {tried[name]:5}")
        terminalreporter.write_line(f"{'all':40} {sum(tried.values()):5}")
