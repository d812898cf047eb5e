"""Descriptions of Oracle Clusterware are compiled as the Messaging Server manual has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import Resource
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.frameworks.clusterware.site import (
    CLUSTER,
    MESSAGING,
    WEB,
    changed,
    compiled,
)


def refusals(services: Sequence[dict[str, Any]], cluster: dict[str, Any] = CLUSTER) -> dict[str, str]:
    """What the driver or the description refuses, by key."""
    with pytest.raises(DescriptionError) as refused:
        compiled(services, cluster)
    return {problem.key: problem.reason for problem in refused.value.problems}


def test_messaging_server_as_the_manual_has_it() -> None:
    config = compiled([MESSAGING])
    (service,) = config.services
    address, application = service.resources

    assert config.types == (
        Resource("ocucs.ms.type", "cluster_resource", {"INSTANCE_PATH": "TYPE=string,FLAGS=READONLY|REQUIRED"}),
    )
    assert service.placement == ("cl1", "cl2")
    assert service.settings == {"PLACEMENT": "restricted", "SERVER_POOLS": "", "ACTIVE_PLACEMENT": "0"}
    assert (address.name, address.type) == ("msg1", "app.appvip.type")
    assert address.settings == {
        "USR_ORA_VIP": "10.0.0.3",
        "network": "1",
        "APPSVIP_FAILBACK": "0",
        "AUTO_START": "restore",
        "DESCRIPTION": "service mail1",
    }
    assert (application.name, application.type) == ("ocucs.ms.msg1", "ocucs.ms.type")
    assert application.settings == {
        "INSTANCE_PATH": "/export/msg1/messaging64",
        "AGENT_FILENAME": "%CRS_HOME%/bin/scriptagent",
        "ACTION_SCRIPT": "/export/msg1/messaging64/cwha/bin/ms_actionscript.pl",
        "AUTO_START": "restore",
        "UPTIME_THRESHOLD": "10m",
        "CHECK_INTERVAL": "10",
        "SCRIPT_TIMEOUT": "300",
        "RESTART_ATTEMPTS": "2",
        "OFFLINE_CHECK_INTERVAL": "0",
        "START_DEPENDENCIES": "hard(msg1) pullup(msg1)",
        "STOP_DEPENDENCIES": "hard(intermediate:msg1)",
        "CARDINALITY": "1",
        "FAILURE_INTERVAL": "0",
        "FAILURE_THRESHOLD": "0",
        "DESCRIPTION": "service mail1",
    }


def test_conventional_names_need_no_description() -> None:
    (service,) = compiled([{key: value for key, value in MESSAGING.items() if key != "resource_names"}]).services

    assert [resource.name for resource in service.resources] == ["mail1_address", "mail1_application"]
    assert not any("DESCRIPTION" in resource.settings for resource in service.resources)


def test_failback_moves_address_and_application_home() -> None:
    (service,) = compiled([changed(MESSAGING, failback=True)]).services

    assert service.settings["ACTIVE_PLACEMENT"] == "1"
    assert service.resources[0].settings["APPSVIP_FAILBACK"] == "1"


def test_native_members_depend_on_what_they_require() -> None:
    (service,) = compiled([WEB]).services

    assert [resource.name for resource in service.resources] == ["web_address", "web_server", "web_index"]
    assert service.resources[1].settings["START_DEPENDENCIES"] == "hard(web_address) pullup(web_address)"
    assert service.resources[2].settings["START_DEPENDENCIES"] == "hard(web_server) pullup(web_server)"
    assert service.resources[2].settings["STOP_DEPENDENCIES"] == "hard(intermediate:web_server)"


def test_without_an_address_each_member_depends_on_the_one_before() -> None:
    members = [{"name": name, "type": "cluster_resource"} for name in ("one", "two")]
    description = {key: value for key, value in WEB.items() if key != "address"}
    (service,) = compiled([{**description, "application": {"type": "native", "members": members}}]).services

    assert "START_DEPENDENCIES" not in service.resources[0].settings
    assert service.resources[1].settings["START_DEPENDENCIES"] == "hard(web_one) pullup(web_one)"


@pytest.mark.parametrize(
    ("change", "key", "reason"),
    [
        ({"application": {"type": "messaging_server", "options": {"root": "/x"}}}, "application.options.root", "known"),
        (
            {"application": {"type": "messaging_server", "options": {"server_root": "x"}}},
            "application.options.server_root",
            "absolute",
        ),
        (
            {"application": {"type": "messaging_server", "options": {"action_script": 7}}},
            "application.options.action_script",
            "not a text",
        ),
        ({"storage": None}, "application.options.server_root", "missing"),
        ({"address": None, "host_name": None}, "address", "missing"),
        (
            {"storage": {"filesystem": "ext4", "mount_point": "/export/msg1"}},
            "storage.filesystem",
            "one node at a time",
        ),
        ({"properties": {"LOAD": 2}}, "properties.LOAD", "share"),
        (
            {"resource_properties": {"application": {"PLACEMENT": "favored"}}},
            "resource_properties.application.PLACEMENT",
            "the same for all",
        ),
        (
            {"resource_properties": {"application": {"ACTION_SCRIPT": "x" * 255}}},
            "ocucs.ms.msg1.ACTION_SCRIPT",
            "255 characters",
        ),
        (
            {"resource_properties": {"application": {"START_DEPENDENCIES": "hard(msg1"}}},
            "ocucs.ms.msg1.START_DEPENDENCIES",
            "not written as a dependency",
        ),
        ({"resource_properties": {"storage": {"A": 1}}}, "resource_properties.storage", "no such resource"),
    ],
)
def test_refused_descriptions(change: dict[str, Any], key: str, reason: str) -> None:
    found = refusals([changed(MESSAGING, **change)])

    assert reason in found[f"services[mail1].{key}"]


def test_a_failover_file_system_is_somebody_elses_resource() -> None:
    application = {"type": "messaging_server", "options": {"storage_resource": "ora.msg1.fs"}}
    storage = {"filesystem": "ext4", "mount_point": "/export/msg1"}
    (service,) = compiled([changed(MESSAGING, storage=storage, application=application)]).services

    assert service.resources[1].settings["START_DEPENDENCIES"] == "hard(msg1,ora.msg1.fs) pullup(msg1,ora.msg1.fs)"


def test_storage_alone_is_no_service() -> None:
    description = {key: MESSAGING[key] for key in ("name", "model", "nodes", "storage")}

    assert "no resource of Clusterware" in refusals([description])["services[mail1].storage"]


def test_refused_native_members() -> None:
    member = {"name": "a", "type": "t", "meta": {"x": 1}, "operations": {"start": {"timeout": 1}}}
    member["properties"] = {"HOSTING_MEMBERS": "cl1"}
    found = refusals([changed(WEB, application={"type": "native", "members": [member]})])

    prefix = "services[web].application.members[a]"
    assert set(found) == {f"{prefix}.meta.x", f"{prefix}.operations", f"{prefix}.properties.HOSTING_MEMBERS"}


@pytest.mark.parametrize(("key", "value"), [("network", "one"), ("network", 0), ("other", 1)])
def test_refused_properties_of_the_cluster(key: str, value: Any) -> None:
    assert f"cluster.properties.{key}" in refusals([MESSAGING], {**CLUSTER, "properties": {key: value}})
