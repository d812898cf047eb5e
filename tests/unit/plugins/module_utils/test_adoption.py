"""Configurations that were saved to files: as descriptions they compile to what was in the files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Export, Framework
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.registry import create_framework

#: Named after framework and release.
SAVED = sorted(path for path in (Path(__file__).parent / "saved").iterdir() if path.is_file())


class NoNode(LocalRunner):
    """No node's files are there: what this machine's /etc/hosts has for a name is nothing to these tests."""

    def read_file(self, path: str) -> str | None:  # noqa: ARG002 - as the Runner has it
        """See LocalRunner.read_file."""
        return None


def exported(path: Path) -> tuple[Framework, ClusterConfig, Export]:
    """The driver, what the file says, and the description of it."""
    driver = create_framework(path.name.partition("-")[0], NoNode(dry=True))
    config = driver.parse_saved(path.read_text(encoding="utf-8"))
    return driver, config, driver.export(config)


def completed(cluster: Any, **additions: Any) -> dict[str, Any]:
    """The cluster with what an administrator has to add, as the list of what is not expressed says."""
    nodes = [{"address": f"203.0.113.{number}", **node} for number, node in enumerate(cluster["nodes"], start=1)]
    return {"name": "added", **additions, **cluster, "nodes": nodes}


def with_address(service: Any, number: int) -> dict[str, Any]:
    """The service with the address of its host name, where only the nodes know that."""
    return {**({"address": f"198.51.100.{number}"} if "host_name" in service else {}), **service}


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.name)
def test_what_was_saved_comes_back(path: Path) -> None:
    driver, config, export = exported(path)
    additions = {} if driver.capabilities.own_fencing else {"fencing": {"disabled_accepting_data_loss": True}}

    services = [with_address(service, number) for number, service in enumerate(export.services, start=1)]
    cluster = completed(export.cluster, **additions)
    cluster["networks"] = [*cluster["networks"], "198.51.100.0/24"]
    if any("when a person says so" in line for line in export.unexpressed):
        cluster["fencing"] = {"disabled_accepting_data_loss": True}

    compiled = driver.compile(parse_description(cluster, services, driver.capabilities))

    assert {service.name for service in compiled.services} == {service.name for service in config.services}
    differing = [
        change.as_dict()
        for change in reconcile(config, compiled, driver)
        if change.kind == "service" or change.service is not None
    ]
    assert differing == [], differing


def test_there_is_a_saved_file_of_every_framework() -> None:
    assert {path.name.partition("-")[0] for path in SAVED} == {
        *("clusterware", "pacemaker", "rhcs", "solaris_cluster", "vcs")
    }


def test_what_a_group_says_in_its_own_names_is_not_dropped() -> None:
    _, _, export = exported(Path(__file__).parent / "saved" / "vcs-6.2-mail-store.main.cf")

    store, front = export.services
    assert store["properties"]["OnlineRetryLimit"] == "2"
    assert store["resource_properties"]["storage"]["VxFSMountLock"] == "1"
    assert front["properties"]["AutoFailOver"] == "0"


def test_a_setting_of_the_cluster_that_looks_like_a_secret_costs_no_service_its_settings() -> None:
    _, _, export = exported(Path(__file__).parent / "saved" / "rhcs-6-file-server.cluster.conf")

    assert export.cluster["properties"]["totem.token"] == "20000"
    assert export.services[0]["properties"]["exclusive"] == "1"
    (apc, ipmi) = export.cluster["fencing"]["devices"]
    assert ("passwd_script", "/etc/cluster/apc") in apc["options"].items()
    assert "passwd" not in ipmi["options"]
    assert any("ipmi-n3: passwd is a secret" in words for words in export.unexpressed)
    assert not any("not-in-a-description" in words for words in (repr(export.cluster), *export.unexpressed))
