"""What descriptions compile to on Solaris Cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.frameworks.solaris_cluster.site import (
    BOTH,
    CLUSTER,
    GDS,
    MAIL,
    Site,
    native,
    resource,
    with_keys,
)


def problems(call: Callable[[], Any]) -> list[str]:
    with pytest.raises(DescriptionError) as raised:
        call()
    return [problem.key for problem in raised.value.problems]


def test_what_a_description_compiles_to(old: Site) -> None:
    config = old.desired(*BOTH)

    assert [found.name for found in config.types] == ["SUNW.HAStoragePlus", "SUNW.ims", "SUNW.scics"]
    mail = config.services[0]
    assert mail.placement == ("mars", "venus")
    assert mail.settings == {"managed": "true", "Failback": "False"}
    assert [(member.name, member.type) for member in mail.resources] == [
        ("MAIL-RG_address", "SUNW.LogicalHostname"),
        ("MAIL-RG_storage", "SUNW.HAStoragePlus"),
        ("MAIL-RG_application", "SUNW.ims"),
    ]
    switches = {"enabled": "true", "monitored": "true"}
    assert mail.resources[0].settings == {**switches, "HostnameList": "meadow"}
    assert mail.resources[1].settings == {**switches, "FilesystemMountPoints": "/mail", "AffinityOn": "True"}
    assert mail.resources[2].settings == {
        **switches,
        "IMS_serverroot": "/opt/SUNWmsgsr",
        "Resource_dependencies": "MAIL-RG_storage,MAIL-RG_address",
    }


def test_from_4_0_on_an_application_restarts_with_its_storage() -> None:
    settings = resource(Site("4.2").desired(MAIL), "MAIL-RG_application").settings

    assert settings["Resource_dependencies"] == "MAIL-RG_address"
    assert settings["Resource_dependencies_offline_restart"] == "MAIL-RG_storage"


def test_without_a_host_name_the_address_is_one(site: Site) -> None:
    service = {key: value for key, value in MAIL.items() if key != "host_name"}

    assert resource(site.desired(service), "MAIL-RG_address").settings["HostnameList"] == "192.0.2.21"


def test_pools_and_global_file_systems(site: Site) -> None:
    pool = with_keys(MAIL, storage={"mount_point": "/mail", "filesystem": "zfs", "zpool": "mailpool"})
    everywhere = with_keys(MAIL, storage={"mount_point": "/mail", "global": True})
    switches = {"enabled": "true", "monitored": "true"}

    assert resource(site.desired(pool), "MAIL-RG_storage").settings == {**switches, "Zpools": "mailpool"}
    assert resource(site.desired(everywhere), "MAIL-RG_storage").settings == {
        **switches,
        "FilesystemMountPoints": "/mail",
    }


def test_native_members(site: Site) -> None:
    devices = {"name": "raw", "type": "SUNW.HAStoragePlus:6", "properties": {"globaldevicepaths": "/dev/a"}}
    web = {**GDS, "meta": {"requires": "raw address", "enabled": False}}
    other = {**GDS, "name": "other", "properties": {**GDS["properties"], "RESOURCE_DEPENDENCIES": "elsewhere"}}
    config = site.desired(native(MAIL, web, devices, {**GDS, "name": "last"}, other))

    assert resource(config, "MAIL-RG_raw").type == "SUNW.HAStoragePlus"
    assert resource(config, "MAIL-RG_raw").settings["Type_version"] == "6"
    assert resource(config, "MAIL-RG_raw").settings["GlobalDevicePaths"] == "/dev/a"
    assert "Resource_dependencies" not in resource(config, "MAIL-RG_raw").settings
    assert resource(config, "MAIL-RG_web").settings["Resource_dependencies"] == "MAIL-RG_raw,MAIL-RG_address"
    assert resource(config, "MAIL-RG_web").settings["enabled"] == "false"
    assert resource(config, "MAIL-RG_web").settings["Network_aware"] == "False"
    assert resource(config, "MAIL-RG_last").settings["Resource_dependencies"] == "MAIL-RG_storage,MAIL-RG_address"
    assert resource(config, "MAIL-RG_other").settings["Resource_dependencies"] == "elsewhere"
    assert [found.name for found in config.types] == ["SUNW.HAStoragePlus:6", "SUNW.HAStoragePlus", "SUNW.gds"]


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"application": {"type": "messaging_server", "options": {}}}, "application.options.server_root"),
        (
            {"application": {"type": "calendar_server", "options": {"server_root": "a b"}}},
            "application.options.server_root",
        ),
        (
            {"application": {"type": "messaging_server", "options": {"server_root": "/a", "port": 25}}},
            "application.options.port",
        ),
        ({"storage": {"mount_point": "/mail", "filesystem": "zfs"}}, "storage.zpool"),
        ({"storage": {"mount_point": "/mail", "zpool": "pool"}}, "storage.zpool"),
        ({"properties": {"nodelist": "mars"}}, "properties.Nodelist"),
        (
            {"application": {"type": "native", "members": [{**GDS, "operations": {"start": {"timeout": 9}}}]}},
            "application.members[0].operations",
        ),
        (
            {"application": {"type": "native", "members": [{**GDS, "meta": {"priority": 1}}]}},
            "application.members[0].meta.priority",
        ),
        (
            {"application": {"type": "native", "members": [{**GDS, "meta": {"requires": "web"}}]}},
            "application.members[0].meta.requires",
        ),
    ],
)
@pytest.mark.parametrize("include_applications", [True, False])
def test_what_a_description_gets_wrong(site: Site, keys: dict[str, Any], key: str, include_applications: bool) -> None:
    found = problems(lambda: site.desired(with_keys(MAIL, **keys), include_applications=include_applications))

    assert found == [f"services[MAIL-RG].{key}"]


def test_cluster_properties_are_refused(site: Site) -> None:
    assert problems(lambda: site.desired(MAIL, cluster={**CLUSTER, "properties": {"a": 1}})) == ["cluster.properties"]


def test_names_that_the_product_does_not_carry(site: Site) -> None:
    rules = site.driver().capabilities

    assert not rules.refuses("LOG-HOST_1-RS")
    assert all(map(rules.refuses, ["1mail", "mail.example", "a b", "é", ""]))
