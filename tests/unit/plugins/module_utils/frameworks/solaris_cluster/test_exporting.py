"""Solaris Cluster: what is there is described, and applied again it changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.frameworks.solaris_cluster.site import (
    BOTH,
    CALENDAR,
    CLUSTER,
    GDS,
    MAIL,
    RELEASES,
    Site,
    native,
    with_keys,
)


def adopted(site: Site, description: Any, addresses: dict[str, str]) -> ClusterConfig:
    """What an exported description compiles to once somebody has added what it lacks."""
    services = [{"address": addresses.get(service["name"]), **service} for service in description.services]
    driver = site.driver()
    return driver.compile(parse_description({**description.cluster, **CLUSTER}, services, driver.capabilities))


ADDRESSES = {"MAIL-RG": "192.0.2.21", "CAL-RG": "192.0.2.22"}


@pytest.mark.parametrize("release", RELEASES)
def test_exported_and_applied_again_nothing_changes(release: str) -> None:
    site = Site(release)
    site.converge(
        site.desired(
            with_keys(
                MAIL,
                failback=True,
                properties={"Pathprefix": "/global/mail"},
                resource_names={"address": "meadow", "storage": "disk-rs"},
                resource_properties={"application": {"Probe_timeout": 77, "monitored": False}},
            ),
            CALENDAR,
        )
    )
    export = site.driver().export(site.configuration())

    mail = export.services[0]
    assert mail["application"] == {"type": "messaging_server", "options": {"server_root": "/opt/SUNWmsgsr"}}
    assert mail["properties"] == {"Pathprefix": "/global/mail"}
    assert mail["resource_names"] == {"address": "meadow", "storage": "disk-rs"}
    assert mail["resource_properties"]["application"]["Probe_timeout"] == "77"
    assert mail["model"] == "symmetric"
    assert any("address of meadow" in words for words in export.unexpressed)
    assert site.converge(adopted(site, export, ADDRESSES), purge=True).changes == []


def test_native_members_are_exported_with_what_they_depend_on(site: Site) -> None:
    devices = {"name": "raw", "type": "SUNW.HAStoragePlus", "properties": {"GlobalDevicePaths": "/dev/global/dsk/d1"}}
    site.converge(
        site.desired(
            native(MAIL, devices, {**GDS, "meta": {"requires": "raw address", "enabled": False}}),
            with_keys(CALENDAR, storage={"mount_point": "/cal", "global": True}),
        )
    )
    export = site.driver().export(site.configuration())

    assert [member["name"] for member in export.services[0]["application"]["members"]] == ["raw", "web"]
    assert site.converge(adopted(site, export, ADDRESSES), purge=True).changes == []


def test_addresses_that_the_hosts_file_has(site: Site) -> None:
    for node in site.simulator.nodes:
        site.simulator.write_file(node, "/etc/hosts", "192.0.2.21 meadow\n192.0.2.22 budgie\n")
    site.converge(site.desired(*BOTH))

    export = site.driver().export(site.configuration())

    assert [service["address"] for service in export.services] == ["192.0.2.21", "192.0.2.22"]
    assert not any(".address" in words for words in export.unexpressed)


def test_a_saved_configuration(site: Site) -> None:
    site.converge(site.desired(*BOTH))
    saved = site.simulator.run("mars", ["scrgadm", "-pvv"]).stdout

    assert site.driver().parse_saved(saved) == site.configuration()
    with pytest.raises(FrameworkError, match="not what scrgadm -pvv prints"):
        site.driver().parse_saved("include types.cf\n")
