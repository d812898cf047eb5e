"""Which services have their applications still to be configured."""

from __future__ import annotations

from ansible_collections.groupware.ha.plugins.filter.application import without_application


def named(*services: dict[str, object]) -> list[dict[str, object]]:
    return [{"application": {"type": "native"}, **service} for service in services]


def test_a_service_has_its_application_as_soon_as_it_has_a_member_of_another_role() -> None:
    described = named({"name": "new"}, {"name": "half"}, {"name": "whole"})
    services = {
        "half": {"members": {f"half_{role}": [] for role in ("storage", "address", "volume", "nic")}},
        "whole": {"members": {"whole_storage": [], "whole_address": [], "whole_application": []}},
    }

    assert [service["name"] for service in without_application(described, services)] == ["new", "half"]


def test_names_of_resources_may_be_described() -> None:
    described = named({"name": "own", "resource_names": {"storage": "disk"}})

    assert without_application(described, {"own": {"members": {"disk": []}}}) == described
    assert without_application(described, {"own": {"members": {"own_storage": []}}}) == []


def test_a_service_that_is_to_have_no_application_lacks_none() -> None:
    assert without_application([{"name": "address_only"}], {}) == []
