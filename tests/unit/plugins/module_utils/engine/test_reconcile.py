"""From what is and what should be to the changes."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, Resource, Service
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import (
    Change,
    ConflictError,
    merged_order,
    reconcile,
    render,
    shown_configuration,
)


class ToTheLetter:
    """A framework that compares texts, and keeps its state under ``state``."""

    empty_services = True

    def same(self, key: str, current: str, desired: str) -> bool:  # noqa: ARG002
        return current == desired

    def operational(self, key: str) -> bool:
        return key == "state"

    def fixed(self, resource_type: str, key: str) -> bool:  # noqa: ARG002
        return key == "fixed"


def changes(current: ClusterConfig, desired: ClusterConfig, **options: Any) -> list[Change]:
    return reconcile(current, desired, options.pop("comparison", ToTheLetter()), **options)


def in_words(found: list[Change]) -> list[str]:
    return [f"{change.action} {change.kind} {change.name}" for change in found]


def service(name: str, *members: str, nodes: tuple[str, ...] | None = None, **settings: str) -> Service:
    return Service(name, nodes, settings, tuple(Resource(member, "type") for member in members))


def test_order_of_changes() -> None:
    current = ClusterConfig(
        properties={"fencing": "off"},
        resources=(Resource("fence", "old"), Resource("spare", "t")),
        services=(service("gone", "gone_a"), service("kept", "kept_a", "kept_old")),
    )
    desired = ClusterConfig(
        properties={"fencing": "on"},
        resources=(Resource("fence", "old", {"speed": "2"}),),
        services=(service("kept", "kept_a", "kept_new", nodes=("nodea",)), service("new", "new_a")),
    )

    assert in_words(changes(current, desired, purge=True)) == [
        "delete service gone",
        "delete resource kept_old",
        "delete resource spare",
        "update cluster properties",
        "update resource fence",
        "update service kept",
        "create resource kept_new",
        "create service new",
        "create resource new_a",
    ]


def test_nothing_to_do() -> None:
    config = ClusterConfig({"a": "1"}, (Resource("fence", "t", {"x": "1"}),), (service("mail1", "m", nodes=("n",)),))

    assert changes(config, config) == []
    assert changes(config, config, purge=True) == []


def test_only_what_is_described_is_compared() -> None:
    current = ClusterConfig(
        {"a": "1", "theirs": "x"},
        (Resource("theirs", "t"),),
        (
            Service(
                "mail1", None, {"theirs": "x"}, (Resource("m", "t", {"a": "1", "theirs": "x"}), Resource("extra", "t"))
            ),
        ),
    )
    desired = ClusterConfig({"a": "1"}, (), (Service("mail1", None, {}, (Resource("m", "t", {"a": "1"}),)),))

    assert changes(current, desired) == []


def test_purge_removes_settings_but_never_properties_or_what_operating_sets() -> None:
    current = ClusterConfig(
        {"theirs": "x"},
        (),
        (Service("mail1", ("nodea",), {"old": "x", "state": "off"}, (Resource("m", "t", {"old": "1", "new": "1"}),)),),
    )
    desired = ClusterConfig({}, (), (Service("mail1", None, {}, (Resource("m", "t", {"new": "1"}),)),))

    service_change, member_change = changes(current, desired, purge=True)

    assert (service_change.before, service_change.after) == ({"old": "x"}, {})
    assert (member_change.before, member_change.after) == ({"old": "1"}, {})


def test_update_holds_only_what_differs() -> None:
    current = ClusterConfig(resources=(Resource("fence", "t", {"same": "1", "changed": "1"}),))
    desired = ClusterConfig(resources=(Resource("fence", "t", {"same": "1", "changed": "2", "added": "3"}),))

    (change,) = changes(current, desired)

    assert (change.before, change.after) == ({"changed": "1"}, {"changed": "2", "added": "3"})


def test_other_type_is_deleted_and_created() -> None:
    current = ClusterConfig(services=(Service("mail1", None, {}, (Resource("m", "old", {"a": "1"}),)),))
    desired = ClusterConfig(services=(Service("mail1", None, {}, (Resource("m", "new", {"b": "2"}),)),))

    deleted, created = changes(current, desired)

    assert (deleted.action, deleted.type, deleted.before, deleted.after) == ("delete", "old", {"a": "1"}, None)
    assert (created.action, created.type, created.before, created.after) == ("create", "new", None, {"b": "2"})
    assert deleted.service == created.service == "mail1"


@pytest.mark.parametrize(
    ("current", "desired", "expected"),
    [
        ("", "a b", "a b"),
        ("a b", "", "a b"),
        ("a b", "b a", "b a"),
        ("a x b", "a b", "a x b"),
        ("x a y b z", "b a", "x b z a y"),
        ("a b", "a c b", "a c b"),
        ("a x y b", "b c a", "b c a x y"),
    ],
)
def test_merged_order(current: str, desired: str, expected: str) -> None:
    merged = merged_order(current.split(), desired.split())

    assert " ".join(merged) == expected
    assert merged_order(merged, desired.split()) == merged


def test_members_out_of_order() -> None:
    current = ClusterConfig(services=(service("mail1", "extra", "b", "a"),))
    desired = ClusterConfig(services=(service("mail1", "a", "b"),))

    (change,) = changes(current, desired)

    assert (change.before, change.after) == ({"members": "extra b a"}, {"members": "extra a b"})


@pytest.mark.parametrize(
    ("current", "desired", "message"),
    [
        (
            ClusterConfig(services=(service("mail1", "x"),)),
            ClusterConfig(services=(service("mail2", "x"),)),
            "resource x exists as a member of mail1, not as a member of mail2",
        ),
        (
            ClusterConfig(services=(service("mail1", "x"),)),
            ClusterConfig(resources=(Resource("x", "t"),)),
            "resource x exists as a member of mail1, not as a resource of its own",
        ),
        (
            ClusterConfig(resources=(Resource("x", "t"),)),
            ClusterConfig(services=(service("mail1", "x"),)),
            "resource x exists as a resource of its own, not as a member of mail1",
        ),
        (
            ClusterConfig(resources=(Resource("mail1", "t"),)),
            ClusterConfig(services=(service("mail1", "x"),)),
            "mail1 is the name of a resource already",
        ),
        (
            ClusterConfig(services=(service("mail1", "x"),)),
            ClusterConfig(resources=(Resource("mail1", "t"),)),
            "mail1 is the name of a service already",
        ),
        (
            ClusterConfig(foreign=frozenset(["x"])),
            ClusterConfig(services=(service("mail1", "x"),)),
            "x is the name of something else in the cluster",
        ),
        (
            ClusterConfig(foreign=frozenset(["mail1"])),
            ClusterConfig(services=(service("mail1", "x"),)),
            "mail1 is the name of something else in the cluster",
        ),
        (ClusterConfig(), ClusterConfig(services=(service("mail1", "mail1"),)), "mail1 is named twice"),
        (ClusterConfig(), ClusterConfig(services=(service("mail1", "x", "x"),)), "x is named twice"),
    ],
)
def test_conflicts(current: ClusterConfig, desired: ClusterConfig, message: str) -> None:
    with pytest.raises(ConflictError, match=message):
        changes(current, desired)


def test_purge_moves_a_member_to_the_service_that_names_it() -> None:
    current = ClusterConfig(services=(service("mail1", "x", "y"),))
    desired = ClusterConfig(services=(service("mail1", "y"), service("mail2", "x")))

    assert in_words(changes(current, desired, purge=True)) == [
        "delete resource x",
        "update service mail1",
        "create service mail2",
        "create resource x",
    ]


def test_purge_frees_names() -> None:
    current = ClusterConfig(resources=(Resource("mail1", "t"),), services=(service("fence", "x"),))
    desired = ClusterConfig(resources=(Resource("fence", "t"),), services=(service("mail1", "x"),))

    assert in_words(changes(current, desired, purge=True)) == [
        "delete service fence",
        "delete resource mail1",
        "create resource fence",
        "create service mail1",
        "create resource x",
    ]


def test_service_without_members_where_the_framework_has_none() -> None:
    class NeedsMembers(ToTheLetter):
        empty_services = False

    desired = ClusterConfig(services=(service("mail1"),))

    assert in_words(changes(ClusterConfig(), desired)) == ["create service mail1"]
    with pytest.raises(ConflictError, match="service mail1 has no members"):
        changes(ClusterConfig(), desired, comparison=NeedsMembers())
    assert changes(ClusterConfig(services=(service("mail1", "x"),)), desired, comparison=NeedsMembers()) == []


def test_absent() -> None:
    current = ClusterConfig(
        resources=(Resource("fence", "t"),), services=(service("mail1", "a"), service("mail2", "b"))
    )

    assert in_words(changes(current, ClusterConfig(), absent=["mail1", "nothing"])) == ["delete service mail1"]
    assert in_words(changes(current, ClusterConfig(), absent=["b", "fence"])) == [
        "delete resource b",
        "delete resource fence",
    ]


def test_secrets_are_hidden_wherever_they_are_shown() -> None:
    current = ClusterConfig(resources=(Resource("fence", "t", {"passwd": "hunter1"}),))
    desired = ClusterConfig(resources=(Resource("fence", "t", {"passwd": "hunter2", "login": "root"}),))

    (change,) = found = changes(current, desired)

    assert change.after == {"passwd": "hunter2", "login": "root"}
    assert change.as_dict()["after"] == {"passwd": "(hidden)", "login": "root"}
    shown = [str(change.as_dict()), render(found, "before"), render(found, "after"), str(shown_configuration(desired))]
    assert not [text for text in shown if "hunter" in text]
    assert "(hidden)" in render(found, "before")


def test_rendered_for_reading() -> None:
    current = ClusterConfig(resources=(Resource("fence", "t", {"a": "1"}),), services=(service("gone", "x"),))
    desired = ClusterConfig(resources=(Resource("fence", "t", {"a": "2"}), Resource("more", "u", {"b": "3"})))

    found = changes(current, desired, absent=["gone"])

    assert render(found, "before") == "service gone:\n  members: x\nresource fence (t):\n  a: 1\n"
    assert render(found, "after") == "resource fence (t):\n  a: 2\nresource more (u):\n  b: 3\n"
