"""A running Pacemaker cluster as a description that compiles to it again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.model import Description
from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, Resource
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Export
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.driver import Pacemaker
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.descriptions import compiled, good_description
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.fake_pacemaker import FakeCluster, FakeRunner

DRIVER = Pacemaker(FakeRunner(FakeCluster()))


def completed(export: Export) -> Description:
    """The exported description with what somebody has to add: addresses of nodes, names of hosts and of the cluster."""
    nodes = [{"address": f"198.51.100.{number}", **node} for number, node in enumerate(export.cluster["nodes"], 1)]
    services = [
        {**service, "host_name": f"{service['name']}.demo.test"} if "address" in service else service
        for service in export.services
    ]
    return parse_description({"name": "added", **export.cluster, "nodes": nodes}, services, DRIVER.capabilities)


def adopted(export: Export) -> ClusterConfig:
    """What the completed description compiles to."""
    return DRIVER.compile(completed(export))


def changed(config: ClusterConfig, service: str, **resources: dict[str, str | None]) -> ClusterConfig:
    """The configuration with settings of members changed or, with None, taken away."""

    def change(resource: Resource) -> Resource:
        settings: dict[str, Any] = {**resource.settings, **resources.get(resource.name, {})}
        return replace(resource, settings={key: value for key, value in settings.items() if value is not None})

    return replace(
        config,
        services=tuple(
            replace(found, resources=tuple(map(change, found.resources))) if found.name == service else found
            for found in config.services
        ),
    )


def test_our_own_configuration_comes_back() -> None:
    config = compiled(good_description())

    export = DRIVER.export(config)

    assert reconcile(config, adopted(export), DRIVER, purge=True) == []
    assert {service["name"]: service["model"] for service in export.services} == {
        service["name"]: service["model"] for service in good_description()["services"]
    }
    assert [words for words in export.unexpressed if "address of node" not in words] == [
        "cluster.name: the configuration does not say it; add it",
        "services[mail1].host_name: the configuration does not say it; add it",
        "services[mail2].host_name: the configuration does not say it; add it",
    ]
    assert not [service for service in export.services if "host_name" in service]


def test_other_settings_are_written_down() -> None:
    config = changed(
        compiled(good_description()),
        "mail1",
        mail1_storage={"operation start timeout": "300s", "operation monitor interval": None, "fstype": "xfs"},
        mail1_address={"cidr_netmask": "32"},
    )

    export = DRIVER.export(config)

    assert reconcile(config, adopted(export), DRIVER) == []
    (mail1,) = [service for service in export.services if service["name"] == "mail1"]
    assert mail1["storage"]["filesystem"] == "xfs"
    assert mail1["resource_properties"]["storage"] == {
        "operation start timeout": "300s",
        "operation monitor interval": None,
    }


def test_names_of_others_are_kept() -> None:
    config = compiled(good_description())
    renamed = replace(
        config,
        services=tuple(
            replace(
                service,
                resources=tuple(replace(resource, name=f"x-{resource.name}") for resource in service.resources),
            )
            for service in config.services
        ),
    )

    export = DRIVER.export(renamed)

    assert reconcile(renamed, adopted(export), DRIVER, purge=True) == []
    assert export.services[0]["resource_names"]["storage"] == "x-mail1_storage"


def test_what_cannot_be_said_is_listed() -> None:
    config = compiled(good_description())
    lonely = replace(config.services[0], name="lonely", placement=("nodea",), resources=())
    loose = Resource("loose", "systemd:nginx", {})
    export = DRIVER.export(replace(config, services=(*config.services, lonely), resources=(*config.resources, loose)))

    assert "service lonely: it runs only on nodea, and a description needs a home and a standby" in export.unexpressed
    assert "resource loose (systemd:nginx): it belongs to no group" in export.unexpressed
    assert "lonely" not in [service["name"] for service in export.services]
