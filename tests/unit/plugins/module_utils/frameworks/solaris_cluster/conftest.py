"""A cluster with the object commands, and one without."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.frameworks.solaris_cluster.site import (
    Site,
)


@pytest.fixture
def site() -> Site:
    return Site("3.2")


@pytest.fixture
def old() -> Site:
    return Site("3.1")
