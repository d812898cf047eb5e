"""The deployments of Calendar Server that are there to copy are accepted as they stand, vfstab included."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.groupware.ha.plugins.filter.description import instances
from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.formats import vfstab
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.solaris_cluster.driver import SolarisCluster
from ansible_collections.groupware.ha.plugins.module_utils.products.calendar_instances import complete
from ansible_collections.groupware.ha.tests.simulators.runner import SimulatedRunner
from ansible_collections.groupware.ha.tests.simulators.solaris_cluster.simulator import SolarisCluster as Simulated

DEPLOYMENTS = Path(__file__).resolve().parents[5] / "inventories/calendar_solaris_cluster"
INVENTORIES = [DEPLOYMENTS / model for model in ("asymmetric", "symmetric", "n_plus_1")]


def variables(inventory: Path) -> dict[str, Any]:
    """What the inventory says, with the one variable that its own texts have in them."""
    found: dict[str, Any] = {}
    for file in sorted(inventory.glob("group_vars/all/*.yml")):
        found.update(yaml.safe_load(file.read_text().replace("{{ calendar_network }}", "192.0.2")))
    return found


@pytest.mark.parametrize("inventory", INVENTORIES, ids=lambda path: path.name)
def test_it_is_accepted_and_its_file_systems_are_those_of_its_services(inventory: Path) -> None:
    given = variables(inventory)
    nodes = [node["name"] for node in given["groupware_cluster"]["nodes"]]
    driver = SolarisCluster(SimulatedRunner(Simulated(nodes), nodes[0]))

    deployment = parse_description(given["groupware_cluster"], given["groupware_services"], driver.capabilities)
    compiled = driver.compile(deployment)

    mounted = {
        point
        for service in compiled.services
        for resource in service.resources
        for point in resource.settings.get("FilesystemMountPoints", "").split(",")
        if point
    }
    entries = [vfstab.file_system({"kind": "failover", **one}) for one in given["calendar_server_63_file_systems"]]
    assert {entry.mount_point for entry in entries} == mounted
    assert len(vfstab.parse_vfstab(vfstab.edit("", entries))) == len(entries)
    found = complete(
        instances(given["groupware_services"], "calendar_server"),
        given["calendar_server_63_file_systems"],
        given["calendar_server_63_answers"],
        {},
    )
    assert {one["shared_installation"] for one in found} == {inventory.name == "symmetric"}
