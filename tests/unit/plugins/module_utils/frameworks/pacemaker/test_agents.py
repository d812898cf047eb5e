"""What the table of agents compiles, it recognises, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, Resource
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.descriptions import (
    CALENDAR,
    compiled,
    good_description,
    judge,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.frameworks.pacemaker.test_exporting import (
    DRIVER,
    adopted,
    completed,
)

Members = tuple[Resource, ...]


def with_members(change: Callable[[Members], Members]) -> ClusterConfig:
    """A cluster with one mail service whose members are others than those that are compiled."""
    config = compiled(good_description())
    mail1 = config.services[0]
    return replace(config, services=(replace(mail1, resources=change(mail1.resources)), *config.services[1:]))


def with_settings(name: str, **settings: str | None) -> Callable[[Members], Members]:
    """One of the members has other settings; None takes one away."""

    def changed(members: Members) -> Members:
        def one(member: Resource) -> Resource:
            merged: dict[str, Any] = {**member.settings, **settings}
            return replace(member, settings={key: value for key, value in merged.items() if value is not None})

        return tuple(one(member) if member.name == name else member for member in members)

    return changed


@pytest.mark.parametrize("volume", [{}, {"device": None, **CALENDAR["storage"], "mount_point": "/srv/mail1"}])
@pytest.mark.parametrize("names", [{}, {"dovecot": "imap", "postfix": "smtp"}])
def test_a_mail_service_comes_back_as_it_was_described(volume: dict[str, Any], names: dict[str, str]) -> None:
    description = good_description()
    mail1 = description["services"][0]
    mail1["storage"].update({key: value for key, value in volume.items() if value is not None})
    if volume:
        del mail1["storage"]["device"]
        # Made from them by a role; the cluster knows the volume alone.
        del description["services"][2]
    mail1["resource_names"] = names
    deployment, config = judge(description)

    export = DRIVER.export(config)

    assert [service.get("application") for service in export.services][:2] == [{"type": "postfix_dovecot"}] * 2
    found = completed(export)
    for service, described in zip(found.services[:2], deployment.services, strict=False):
        storage = described.storage
        if storage is not None and storage.volume_group is not None:
            described = replace(described, storage=replace(storage, devices=(), size=None))  # noqa: PLW2901
        assert service == described
    assert reconcile(config, adopted(export), DRIVER, purge=True) == []


@pytest.mark.parametrize("application", ["radicale", "haproxy"])
def test_a_service_of_a_unit_comes_back_as_it_was_described(application: str) -> None:
    description = good_description()
    description["services"][0]["application"] = {"type": application}
    deployment, config = judge(description)
    member = config.services[0].resources[-1]
    assert (member.name, member.type) == (f"mail1_{application}", f"systemd:groupware-{application}@mail1")

    export = DRIVER.export(config)

    assert export.services[0]["application"] == {"type": application}
    assert completed(export).services[0] == deployment.services[0]
    assert reconcile(config, adopted(export), DRIVER, purge=True) == []


def test_a_load_balancer_needs_an_address_and_no_volume() -> None:
    description = good_description()
    service = description["services"][0]
    service["application"] = {"type": "haproxy"}
    del service["storage"]
    deployment, config = judge(description)
    assert [one.name for one in config.services[0].resources] == ["mail1_address", "mail1_haproxy"]
    export = DRIVER.export(config)
    assert completed(export).services[0] == deployment.services[0]
    assert reconcile(config, adopted(export), DRIVER, purge=True) == []


def test_the_unit_of_another_service_is_no_calendar_of_this_one() -> None:
    description = good_description()
    description["services"][0]["application"] = {"type": "radicale"}
    _deployment, config = judge(description)
    mail1 = config.services[0]
    another = replace(mail1.resources[-1], type="systemd:groupware-radicale@cal2")
    changed = replace(mail1, resources=(*mail1.resources[:-1], another))

    export = DRIVER.export(replace(config, services=(changed, *config.services[1:])))

    assert export.services[0]["application"]["type"] == "native"


@pytest.mark.parametrize(
    "change",
    [
        with_settings("mail1_postfix", config_dir="/etc/postfix"),
        with_settings("mail1_postfix", config_dir="/srv/mail2/postfix/etc"),
        with_settings("mail1_postfix", config_dir=None),
        with_settings("mail1_postfix", parameters="-v"),
        with_settings("mail1_dovecot", binary="/usr/sbin/dovecot"),
        with_settings("mail1_dovecot", binary=None),
        with_settings("mail1_dovecot", pid_file="/run/dovecot/mail2/master.pid"),
        with_settings("mail1_dovecot", **{"operation monitor timeout": "21s"}),
        with_settings("mail1_dovecot", **{"operation start timeout": None}),
        with_settings("mail1_dovecot", **{"operation stop on-fail": "block"}),
        with_settings("mail1_dovecot", **{"meta target-role": "Stopped"}),
        with_settings("mail1_address", cidr_netmask=None),
        lambda members: (*members[:-2], members[-1], members[-2]),
        lambda members: members[:-1],
        lambda members: (*members[:-2], members[-1]),
        lambda members: (*members, Resource("mail1_more", "systemd:more")),
        lambda members: (*members[:-1], replace(members[-1], type="systemd:postfix")),
        lambda members: members[1:],
    ],
)
def test_what_is_not_exactly_so_stays_a_list_of_native_members(change: Callable[[Members], Members]) -> None:
    config = with_members(change)

    export = DRIVER.export(config)

    mail1, mail2 = export.services[:2]
    assert mail1["application"]["type"] == "native"
    assert mail2["application"] == {"type": "postfix_dovecot"}
    assert reconcile(config, adopted(export), DRIVER, purge=True) == []


def test_values_that_mean_the_same_are_the_same() -> None:
    config = with_members(with_settings("mail1_dovecot", **{"operation start timeout": "1min"}))

    assert DRIVER.export(config).services[0]["application"] == {"type": "postfix_dovecot"}
