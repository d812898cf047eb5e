"""What a description may say depends on the framework: its capabilities, and the native settings that are put in."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.model import Capabilities, Description
from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import Resource
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import with_native_settings

RULES = Capabilities(
    "other",
    "[a-z][a-z0-9_]*",
    "small letters",
    20,
    filesystems=("ufs", "nfs"),
    applications=("messaging_server", "native"),
    own_fencing=True,
    devices_required=False,
    cluster_keys=("interface",),
    storage_keys=("zpool", "global"),
)
CLUSTER: dict[str, Any] = {
    "name": "site",
    "framework": "other",
    "interface": "eth0",
    "networks": ["192.0.2.0/24"],
    "nodes": [{"name": "nodea", "address": "192.0.2.11"}, {"name": "nodeb", "address": "192.0.2.12"}],
}
SERVICE: dict[str, Any] = {
    "name": "mail1",
    "model": "asymmetric",
    "nodes": {"primary": "nodea", "standby": "nodeb"},
    "address": "192.0.2.21",
    "storage": {"mount_point": "/mail1", "zpool": "pool1"},
    "application": {"type": "messaging_server", "options": {"server_root": "/mail1/server"}},
}


def parse(cluster: dict[str, Any] | None = None, service: dict[str, Any] | None = None) -> Description:
    return parse_description({**CLUSTER, **(cluster or {})}, [{**copy.deepcopy(SERVICE), **(service or {})}], RULES)


def problem_of(cluster: dict[str, Any] | None = None, service: dict[str, Any] | None = None) -> str:
    with pytest.raises(DescriptionError) as refused:
        parse(cluster, service)
    return "\n".join(str(problem) for problem in refused.value.problems)


def test_what_the_framework_knows_is_understood() -> None:
    deployment = parse()

    (service,) = deployment.services
    assert deployment.cluster.interface == "eth0"
    assert not deployment.cluster.fencing_disabled
    assert service.storage is not None
    assert (service.storage.filesystem, service.storage.zpool, service.storage.devices) == ("ufs", "pool1", ())
    assert service.resource_name("storage") == "mail1_storage"


@pytest.mark.parametrize(
    ("cluster", "service", "words"),
    [
        ({"fencing": {"devices": []}}, {}, "cluster.fencing = a dictionary: is not for other, which fences nodes"),
        ({"interface": None}, {}, "cluster.interface: is missing"),
        ({}, {"storage": {"mount_point": "/mail1", "filesystem": "ext4"}}, "is not supported; use one of ufs, nfs"),
        (
            {},
            {"storage": {"mount_point": "/mail1", "filesystem": "nfs", "device": "/dev/dsk/1"}},
            "storage.device = '/dev/dsk/1': is not an NFS share; write it as SERVER:/PATH",
        ),
        ({}, {"storage": {"mount_point": "/mail1", "global": "yes"}}, "storage.global = 'yes': is neither true nor"),
        ({}, {"application": {"type": "scalix"}}, "'scalix': has no resource agents on other; use the type native"),
        ({}, {"resource_names": {"storage": "A!"}}, "resource_names.storage = 'A!': is a name that other cannot carry"),
        (
            {},
            {"resource_names": {"storage": "disk", "address": "disk"}},
            "resource_names.address = 'disk': is the name of another resource too",
        ),
        ({}, {"resource_properties": {"storage": {"a;b": 1}}}, "a;b': is not the name of a setting"),
        (
            {},
            {"resource_properties": {"storage": {"password": "guess"}}},
            "resource_properties.storage.password = '(hidden)': a description must not hold secrets",
        ),
        (
            {},
            {"application": {"type": "native", "members": [{"name": "storage", "type": "x"}]}},
            "members[0].name = 'storage': is what the service's own storage is called",
        ),
    ],
)
def test_refused(cluster: dict[str, Any], service: dict[str, Any], words: str) -> None:
    assert words in problem_of(cluster, service)


@pytest.mark.parametrize("key", ["zpool", "global"])
def test_keys_of_one_framework_mean_nothing_on_another(key: str) -> None:
    elsewhere = Capabilities("elsewhere", ".*", "anything", 64, own_fencing=True, applications=("native",))
    service = {**SERVICE, "storage": {"device": "/dev/sdb", "mount_point": "/mail1", key: "x"}, "application": None}

    with pytest.raises(DescriptionError, match=rf"storage.{key}.* is not a known key"):
        parse_description({**CLUSTER, "framework": "elsewhere", "interface": None}, [service], elsewhere)


def test_native_settings_win_and_null_takes_away() -> None:
    given = {"timeout": "30", "operation start timeout": 90, "standard": None}
    (service,) = parse(service={"resource_properties": {"storage": given}}).services
    compiled = Resource("mail1_storage", "disk", {"timeout": "10", "standard": "yes", "kept": "1"})

    (resource,) = with_native_settings(service, {"storage": compiled}, include_applications=True)

    assert resource.settings == {"timeout": "30", "operation start timeout": "90", "kept": "1"}


def test_settings_for_a_role_that_is_not_there() -> None:
    (service,) = parse(service={"resource_properties": {"volume": {"a": "b"}}}).services
    resources = {"storage": Resource("mail1_storage", "disk", {})}

    with pytest.raises(DescriptionError, match=r"resource_properties.volume.*use one of storage"):
        with_native_settings(service, resources, include_applications=True)
    # Without the applications not all roles are there yet.
    assert with_native_settings(service, resources, include_applications=False)
