"""Which services have their applications still to be configured."""

from __future__ import annotations

from ansible_collections.groupware.ha.plugins.filter.without_application import without_application


def test_a_service_has_its_application_as_soon_as_it_has_a_third_member() -> None:
    described = [{"name": name} for name in ("new", "half", "whole")]
    described.append({"name": "own", "resource_names": {"storage": "disk"}})
    services = {
        "half": {"members": {"half_storage": {}, "half_address": {}}},
        "whole": {"members": {"whole_storage": {}, "whole_address": {}, "whole_application": {}}},
        "own": {"members": {"disk": {}}},
    }

    assert [service["name"] for service in without_application(described, services)] == ["new", "half", "own"]
