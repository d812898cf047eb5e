"""A cluster that services run on."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.frameworks.clusterware.site import SERVICES, Site


@pytest.fixture
def site() -> Site:
    """A cluster with all three services."""
    made = Site()
    made.converge(SERVICES)
    return made
