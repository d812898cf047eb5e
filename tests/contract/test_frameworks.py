"""Every framework has a driver that is whole, and a site that the contract is held against."""

from __future__ import annotations

import inspect

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.frameworks.capabilities import CAPABILITIES
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.names import PROGRAMS
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.registry import driver
from ansible_collections.groupware.ha.tests.contract import conftest, simulated_sites


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_framework_is_whole(name: str) -> None:
    assert not inspect.isabstract(driver(name))
    assert driver(name).capabilities == CAPABILITIES[name]
    assert name in conftest.SITES


def test_there_are_no_other_sites() -> None:
    assert {name.partition("-")[0] for name in simulated_sites.SITES} <= set(PROGRAMS)
