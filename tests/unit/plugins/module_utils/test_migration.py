"""Descriptions of clusters that are given up, translated for Pacemaker: nothing is dropped in silence."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.driver import Pacemaker
from ansible_collections.groupware.ha.plugins.module_utils.migration.migrating import (
    Migration,
    MigrationError,
    migrated,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.test_adoption import SAVED, completed, exported

PACEMAKER = Pacemaker(LocalRunner(dry=True))
NODES = ("nodea", "nodeb", "nodec")


def compiled(result: Migration) -> ClusterConfig:
    """The result as Pacemaker's driver compiles it, with what an administrator has to add."""
    cluster = dict(result.cluster)
    covered = {node for device in cluster.get("fencing", {}).get("devices", ()) for node in device["nodes"]}
    if not covered >= {node["name"] for node in cluster["nodes"]}:
        cluster["fencing"] = {"disabled_accepting_data_loss": True}
    return PACEMAKER.compile(parse_description(completed(cluster), list(result.services), PACEMAKER.capabilities))


def red_hat(*services: dict[str, Any], **cluster: Any) -> Migration:
    """Services of Red Hat Cluster Suite, migrated."""
    return migrated(described("rhcs", **cluster), services)


def veritas(*services: dict[str, Any], **cluster: Any) -> Migration:
    """Services of VCS, migrated."""
    return migrated(described("vcs", **cluster), services)


def described(framework: str, **keys: Any) -> dict[str, Any]:
    """A cluster of three nodes."""
    nodes = [{"name": name} for name in NODES]
    return {"name": "old", "framework": framework, "networks": ["192.0.2.0/24"], "nodes": nodes, **keys}


def service(name: str = "mail1", **keys: Any) -> dict[str, Any]:
    """A service with an address."""
    nodes = {"primary": "nodea", "standby": "nodeb"}
    return {"name": name, "model": "asymmetric", "nodes": nodes, "address": "192.0.2.21/24", **keys}


def native(*members: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """A service with native members."""
    return service(application={"type": "native", "members": list(members)}, **keys)


def members(result: Migration) -> dict[str, dict[str, Any]]:
    """The members of the first service by their names."""
    return {member["name"]: member for member in result.services[0].get("application", {}).get("members", ())}


def says(result: Migration, *words: str) -> bool:
    """Whether one line of the list has all these words in it."""
    return any(all(word in line for word in words) for line in result.unexpressed)


def test_there_is_no_translation_from_other_frameworks() -> None:
    for framework in ("pacemaker", "solaris_cluster", "clusterware"):
        with pytest.raises(MigrationError, match=framework):
            migrated(described(framework), [service()])


# -- real configurations -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", [path for path in SAVED if path.name.startswith(("rhcs", "vcs"))], ids=lambda path: path.name
)
def test_what_was_saved_is_accepted_for_pacemaker(path: Path) -> None:
    _, _, export = exported(path)

    result = migrated(export.cluster, export.services)

    config = compiled(result)
    assert {found.name for found in config.services} == {found["name"] for found in export.services}
    assert all(found.resources for found in config.services)


def test_scalix_becomes_its_init_scripts() -> None:
    _, _, export = exported(Path(__file__).parent / "saved" / "rhcs-4-scalix.cluster.conf")

    result = migrated(export.cluster, export.services)

    assert [member["type"] for member in result.services[0]["application"]["members"]] == [
        *("lsb:scalix-postgres", "lsb:scalix", "lsb:scalix-tomcat")
    ]
    assert result.services[0]["model"] == "symmetric"
    assert result.services[0]["failback"] is True
    assert says(result, "services[mail1]", "OCF_RESKEY_service_name")
    assert says(result, "services[mail2]", "is called for other services too")
    assert says(result, "cluster.fencing.devices[manual]", "fence_manual")
    assert "fencing" not in result.cluster
    mail1 = compiled(result).services[0]
    assert {found.name: found.settings.get("run_fsck") for found in mail1.resources}["mail1fs"] == "force"
    # IPaddr2 finds out what cluster.conf did not say.
    assert "cidr_netmask" not in next(found for found in mail1.resources if found.type.endswith("IPaddr2")).settings


def test_the_volume_of_messaging_server_becomes_a_logical_volume() -> None:
    _, _, export = exported(Path(__file__).parent / "saved" / "vcs-5.0-messaging-server.main.cf")

    result = migrated(export.cluster, export.services)

    storage = result.services[0]["storage"]
    assert (storage["volume_group"], storage["logical_volume"], storage["filesystem"]) == ("msgdg", "msgvol", "ext4")
    assert "application" not in result.services[0]
    assert says(result, "storage.volume_group", "the data has to be copied to new volumes")
    assert says(result, "storage.filesystem", "vxfs", "the data has to be copied to new volumes")
    assert says(result, "services[SG1].application = ", "MsgSrv")
    assert says(result, "cluster.fencing", "add fencing.devices")


def test_an_application_of_vcs_that_is_an_init_script_runs_on() -> None:
    _, _, export = exported(Path(__file__).parent / "saved" / "vcs-6.2-mail-store.main.cf")

    result = migrated(export.cluster, export.services)

    (imap,) = result.services[0]["application"]["members"]
    assert imap["type"] == "lsb:dovecot"
    assert imap["meta"] == {"critical": "false"}
    for left_out in ("queue", "syncd"):
        assert says(result, f"services[store].application.members[{left_out}]")
    (pages,) = result.services[1]["application"]["members"]
    assert pages["properties"] == {
        "device": "filer:/export/pages",
        "directory": "/pages",
        "fstype": "nfs",
        "options": "ro",
    }


# -- rgmanager's settings ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "properties"),
    [
        ({}, {"migration-threshold": "1", "failure-timeout": "30s"}),
        ({"recovery": None}, {"migration-threshold": "INFINITY"}),
        ({"recovery": "restart"}, {"migration-threshold": "INFINITY"}),
        (
            {"recovery": "restart", "max_restarts": "3", "restart_expire_time": "5m"},
            {"migration-threshold": "3", "failure-timeout": "300s"},
        ),
        ({"recovery": "disable"}, {}),
        ({"recovery": "disable", "autostart": "0"}, {"is-managed": "false"}),
    ],
)
def test_recovery_and_autostart(given: dict[str, Any], properties: dict[str, str]) -> None:
    result = red_hat(service(properties=given))

    assert result.services[0].get("properties", {}) == properties
    assert says(result, "properties.recovery", "disable") == ("disable" in given.values())


def test_members_of_rgmanager() -> None:
    result = red_hat(
        native(
            {"name": "vg", "type": "lvm", "properties": {"vg_name": "vgdata", "lv_name": "lvdata"}},
            {
                "name": "data",
                "type": "fs",
                "properties": {"device": "/dev/vgdata/lvdata", "mountpoint": "/data", "force_fsck": "1"},
                "meta": {"requires": "vg"},
            },
            {
                "name": "home",
                "type": "netfs",
                "properties": {"host": "filer", "export": "/home", "mountpoint": "/home2", "fstype": "nfs4"},
            },
            {"name": "second", "type": "ip", "properties": {"address": "192.0.2.22/24"}},
            {
                "name": "daemon",
                "type": "script",
                "properties": {"file": "/etc/init.d/daemon"},
                "operations": {"status": {"interval": "2m", "timeout": "15"}, "stop": {"timeout": "1h"}},
            },
        )
    )

    found = members(result)
    assert {name: member["type"] for name, member in found.items()} == {
        "vg": "ocf:heartbeat:LVM-activate",
        "data": "ocf:heartbeat:Filesystem",
        "home": "ocf:heartbeat:Filesystem",
        "second": "ocf:heartbeat:IPaddr2",
        "daemon": "lsb:daemon",
    }
    assert found["vg"]["properties"] == {"vgname": "vgdata", "lvname": "lvdata", "vg_access_mode": "system_id"}
    assert found["data"]["properties"]["run_fsck"] == "force"
    assert found["home"]["properties"]["device"] == "filer:/home"
    assert found["second"]["properties"] == {"ip": "192.0.2.22", "cidr_netmask": "24"}
    assert found["daemon"]["operations"]["monitor"] == {"interval": "120s", "timeout": "15s"}
    assert found["daemon"]["operations"]["stop"] == {"interval": "0s", "timeout": "3600s"}
    compiled(result)


def test_a_script_elsewhere_is_named_relative_to_the_init_scripts() -> None:
    result = red_hat(native({"name": "queue", "type": "script", "properties": {"file": "/opt/mail/bin/queue"}}))

    assert members(result)["queue"]["type"] == "lsb:../../opt/mail/bin/queue"


def test_members_start_after_what_they_need() -> None:
    script = {"type": "script", "properties": {"file": "/etc/init.d/x"}}
    result = red_hat(
        native(
            {"name": "last", **script, "meta": {"requires": "middle"}},
            {"name": "middle", **script, "meta": {"requires": "first"}},
            {"name": "first", **script},
            resource_properties={"address": {"requires": "mail1_first"}},
        )
    )

    assert list(members(result)) == ["first", "middle", "last"]
    assert says(result, "resource_properties.address.requires", "first", "starts later")


def test_what_is_not_known_is_listed_with_what_runs_it_now() -> None:
    web = {"name": "web", "type": "apache", "properties": {"server_root": "/etc/httpd"}}
    result = red_hat(
        native(web, {"name": "after", "type": "script", "properties": {"file": "/a"}, "meta": {"requires": "web"}})
    )

    assert list(members(result)) == ["after"]
    assert says(result, "services[mail1].application.members[web]", "/etc/httpd", "ocf:heartbeat:apache")
    assert says(result, "application.members[after].meta.requires", "web", "nothing waits for it")


def test_a_service_of_which_nothing_is_left_is_listed() -> None:
    web = {"name": "web", "type": "apache", "properties": {}}
    only = {key: value for key, value in native(web).items() if key != "address"}

    result = red_hat(only)

    assert result.services == []
    assert says(result, "services[mail1] = ", "nothing left")


def test_names_that_pacemaker_cannot_carry_are_changed_and_listed() -> None:
    script = {"type": "script", "properties": {"file": "/etc/init.d/x"}}
    first = native({"name": "script:x", **script}, resource_names={"script:x": "script:x"}, name="1mail")
    second = {
        **native({"name": "x", **script}, resource_names={"x": "script_x"}),
        "name": "mail_2",
        "address": "192.0.2.23/24",
    }

    result = red_hat(first, second)

    config = compiled(result)
    assert [found.name for found in config.services] == ["_1mail", "mail_2"]
    assert [found.resources[-1].name for found in config.services] == ["script_x", "script_x_2"]
    assert says(result, "services[1mail].name", "_1mail")
    assert says(result, "services[mail_2].resource_names.x", "script_x_2")


# -- fencing -----------------------------------------------------------------------------------------------------------


def fenced(*devices: dict[str, Any]) -> Migration:
    """A cluster with fencing devices, migrated."""
    return red_hat(service(), fencing={"devices": list(devices)})


def test_options_of_fence_agents_have_new_names() -> None:
    options = {"ipaddr": "192.0.2.5", "login": "ha", "passwd_script": "/etc/p", "secure": "1", "cmd_prompt": ">"}
    plugs = {f"port_{node}": str(number) for number, node in enumerate(NODES, start=1)}

    result = fenced({"name": "power", "agent": "fence_apc", "nodes": list(NODES), "options": {**options, **plugs}})

    (device,) = result.cluster["fencing"]["devices"]
    assert device["options"] == {
        "ip": "192.0.2.5",
        "username": "ha",
        "password_script": "/etc/p",
        "ssh": "1",
        "command_prompt": ">",
        "pcmk_host_map": "nodea:1;nodeb:2;nodec:3",
    }
    (power,) = compiled(result).resources
    assert "pcmk_host_list" not in power.settings


def test_options_of_single_nodes_make_devices_of_their_own() -> None:
    options = {"ipaddr": "192.0.2.5", "port_nodea": "1,2", "port_nodeb": "3", "option_nodeb": "off", "port_nodec": "4"}

    result = fenced({"name": "power", "agent": "fence_apc", "nodes": list(NODES), "options": options})

    assert {device["name"]: device["options"] for device in result.cluster["fencing"]["devices"]} == {
        "power_nodea": {"ip": "192.0.2.5", "plug": "1,2"},
        "power_nodeb": {"ip": "192.0.2.5", "plug": "3", "pcmk_reboot_action": "off"},
        "power_nodec": {"ip": "192.0.2.5", "plug": "4"},
    }
    compiled(result)


def test_two_names_for_one_option_are_not_guessed() -> None:
    options = {"ipaddr": "192.0.2.5", "ip": "192.0.2.6"}

    result = fenced({"name": "power", "agent": "fence_apc", "nodes": list(NODES), "options": options})

    assert result.cluster["fencing"]["devices"][0]["options"]["ip"] == "192.0.2.6"
    assert says(result, "cluster.fencing.devices[power].options.ipaddr", "192.0.2.5")


# -- VCS ---------------------------------------------------------------------------------------------------------------


def test_members_of_vcs() -> None:
    result = veritas(
        native(
            {"name": "dg", "type": "DiskGroup", "properties": {"DiskGroup": "datadg"}},
            {
                "name": "vol",
                "type": "Volume",
                "properties": {"DiskGroup": "otherdg", "Volume": "v1"},
            },
            {
                "name": "mnt",
                "type": "Mount",
                "properties": {
                    "MountPoint": "/data",
                    "BlockDevice": "/dev/vx/dsk/otherdg/v1",
                    "FSType": "vxfs",
                    "FsckOpt": "-y",
                    "MonitorInterval": "30",
                    "OnlineTimeout": "120",
                },
                "meta": {"requires": "vol"},
            },
            {"name": "ip2", "type": "IP", "properties": {"Address": "192.0.2.22", "NetMask": "255.255.255.0"}},
            {"name": "nic2", "type": "NIC", "properties": {"Device": "eth1"}},
        )
    )

    found = members(result)
    assert found["dg"]["properties"] == {"vgname": "datadg", "vg_access_mode": "system_id"}
    assert found["vol"]["properties"] == {"vgname": "otherdg", "lvname": "v1", "vg_access_mode": "system_id"}
    assert found["mnt"]["properties"] == {"device": "/dev/otherdg/v1", "directory": "/data", "fstype": "ext4"}
    assert found["mnt"]["operations"]["monitor"] == {"interval": "30s", "timeout": "60s"}
    assert found["mnt"]["operations"]["start"] == {"interval": "0s", "timeout": "120s"}
    assert found["ip2"]["properties"] == {"ip": "192.0.2.22", "cidr_netmask": "24"}
    assert says(result, "members[nic2]", "eth1")
    assert says(result, "members[mnt].properties.FsckOpt")
    compiled(result)


def test_a_volume_of_veritas_without_its_group_becomes_a_logical_volume() -> None:
    storage = {"device": "/dev/vx/dsk/dg1/vol1", "filesystem": "ext4", "mount_point": "/data"}

    result = veritas(service(storage=storage))

    assert result.services[0]["storage"]["volume_group"] == "dg1"
    assert "device" not in result.services[0]["storage"]
    assert says(result, "storage.device", "dg1")
    compiled(result)


# -- nothing is dropped in silence -------------------------------------------------------------------------------------

#: What has another form in the result: the framework, agents, the name of rgmanager's failover domain and what it says
#: of nodes and failback, how rgmanager recovers and whether it starts a service; and switches that are off.
EXPRESSED_OTHERWISE = re.compile(
    r"cluster\.framework|.*\.application\.type|.*\.members\[[^]]*\]\.type|.*\.force_fsck"
    r"|.*\]\.properties\.(domain|domain nofailback|recovery|autostart|Parallel)"
)

texts = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789=-", min_size=6, max_size=12).map(lambda text: f"v{text}")
times = st.integers(10_000, 99_999).map(str)


def some(keys: list[str], values: st.SearchStrategy[Any] = texts) -> st.SearchStrategy[dict[str, Any]]:
    """Some of these keys, with any values; None among them, which says nothing."""
    return st.dictionaries(st.sampled_from(keys), values | st.none(), max_size=4)


GROUP = {
    "rhcs": ["domain", "autostart", "recovery", "exclusive", "max_restarts", "depend", "priority", "domain ordered"],
    "vcs": ["AutoStartList", "Parallel", "AutoFailOver", "OnlineRetryLimit", "Tag", "FailOverPolicy"],
}
RESOURCE = {
    "rhcs": ["self_fence", "force_fsck", "monitor_link", "fsid", "nfslock", "requires", "__max_restarts", "Tag"],
    "vcs": ["Critical", "Enabled", "requires", "FsckOpt", "Device", "MonitorInterval", "ToleranceLimit", "Tag"],
}
TYPES = {
    "rhcs": {
        "ip": ["address"],
        "lvm": ["vg_name", "lv_name"],
        "fs": ["device", "mountpoint", "fstype", "options"],
        "netfs": ["host", "export", "mountpoint", "fstype", "options"],
        "script": ["file"],
        "mysql": ["config_file"],
    },
    "vcs": {
        "IP": ["Address", "NetMask"],
        "DiskGroup": ["DiskGroup"],
        "Volume": ["DiskGroup", "Volume"],
        "Mount": ["MountPoint", "BlockDevice", "FSType", "MountOpt"],
        "Application": ["StartProgram", "StopProgram", "PidFiles"],
        "Process": ["PathName", "Arguments"],
        "MsgSrv": ["LogHostName"],
        "NIC": ["Device"],
    },
}
OPERATIONS = {"rhcs": ["start", "stop", "status", "status.10", "monitor"], "vcs": []}


@st.composite
def member(draw: st.DrawFn, framework: str, name: str) -> dict[str, Any]:
    """A native member; what its type requires is there."""
    kind = draw(st.sampled_from(sorted(TYPES[framework])))
    required = {key: draw(texts) for key in TYPES[framework][kind]}
    found: dict[str, Any] = {"name": name, "type": kind, "properties": {**required}}
    extra = draw(some([key for key in RESOURCE[framework] if key not in ("requires", *required)]))
    found["properties"].update({key: value for key, value in extra.items() if value is not None})
    if draw(st.booleans()):
        found["meta"] = {"requires": draw(st.sampled_from(["storage", "address", "one", "other", "vanished"]))}
    if OPERATIONS[framework] and draw(st.booleans()):
        settings = st.dictionaries(st.sampled_from(["interval", "timeout"]), times, min_size=1)
        found["operations"] = draw(st.dictionaries(st.sampled_from(OPERATIONS[framework]), settings, max_size=3))
    return found


@st.composite
def descriptions(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A cluster and a service, with whatever an old cluster may say."""
    framework = draw(st.sampled_from(["rhcs", "vcs"]))
    found = service(failback=draw(st.booleans()))
    if draw(st.booleans()):
        kinds = ["ext3", "ext4", "xfs"] + (["vxfs", "nfs", "ufs"] if framework == "vcs" else [])
        storage: dict[str, Any] = {"mount_point": "/data", "filesystem": draw(st.sampled_from(kinds))}
        if storage["filesystem"] == "nfs":
            storage["device"] = "filer:/export"
        elif draw(st.booleans()):
            storage.update(volume_group="vgone", logical_volume="lvone", size="10g", devices=["/dev/sdx", "/dev/sdy"])
        else:
            storage["device"] = draw(st.sampled_from(["/dev/sdx", "/dev/vgx/lvx", "/dev/vx/dsk/dgx/volx"]))
        if draw(st.booleans()):
            storage["mount_options"] = draw(texts)
        found["storage"] = storage
    names = draw(st.lists(st.sampled_from(["one", "other", "script:x"]), unique=True, max_size=3))
    if names:
        found["application"] = {"type": "native", "members": [draw(member(framework, name)) for name in names]}
    elif draw(st.booleans()):
        application = {"rhcs": "scalix", "vcs": "messaging_server"}[framework]
        options = {"rhcs": {"scripts": ["/etc/init.d/scalix", "/etc/init.d/more"]}, "vcs": {"conf_interval": 31_000}}
        found["application"] = {"type": application, "options": options[framework]}
    found["properties"] = draw(some(GROUP[framework]))
    roles = ["volume", "storage", "address", "nic", "application", *names]
    found["resource_names"] = {role: f"n-{role}" for role in draw(st.lists(st.sampled_from(roles), unique=True))}
    taken = {entry["name"]: entry["properties"] for entry in found.get("application", {}).get("members", ())}
    found["resource_properties"] = {
        role: {
            key: value
            for key, value in draw(some(RESOURCE[framework])).items()
            # What is said of a member twice counts once.
            if key not in taken.get(role, {}) and (key != "requires" or role not in taken)
        }
        for role in draw(st.lists(st.sampled_from(roles), unique=True, max_size=3))
    }
    cluster = described(framework, properties=draw(st.dictionaries(st.sampled_from(["rm.log_level", "x.y"]), texts)))
    if framework == "vcs":
        cluster["interface"] = "eth7"
    else:
        options = draw(some(["ipaddr", "login", "port_nodea", "port_nodeb", "option_nodec", "retry_on", "ip"]))
        # One plug for two nodes, or an action that there is not, is refused, and rightly: test_rhcs_fencing.
        given_options = {
            key: f"{value}_{key}" if key.startswith("port_") else "off" if key.startswith("option_") else value
            for key, value in options.items()
            if value is not None
        }
        agent = draw(st.sampled_from(["fence_apc", "fence_manual"]))
        cluster["fencing"] = {
            "devices": [{"name": "power", "agent": agent, "nodes": list(NODES), "options": given_options}]
        }
    return cluster, [found]


def leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every single value with its path, members and devices by their names."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            named = f"{path}[{inner['name']}]" if isinstance(inner, dict) and "name" in inner else path
            yield from leaves(inner, named)
    elif value is not None:
        yield path, str(value)


def is_said(path: str, value: str, result: Migration, said: list[str]) -> bool:
    """Whether a value is in the result, or its path in the list."""
    if EXPRESSED_OTHERWISE.fullmatch(path) or value in said or (len(value) > 4 and any(value in text for text in said)):
        return True
    keys = [line.partition(" = ")[0] for line in result.unexpressed]
    # A member that is left out is listed as a whole.
    return any(path == key or path.startswith((f"{key}.", f"{key}[")) for key in keys)


@given(description=descriptions())
def test_everything_is_carried_over_or_listed(description: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    cluster, services = description
    before = copy.deepcopy(description)

    result = migrated(cluster, services)

    assert (cluster, services) == before
    said = [value for _, value in [*leaves(dict(result.cluster), ""), *leaves(list(result.services), "")]]
    # What a resource needs is there, and starts before it.
    said += [key for found in result.services for key in found if key in ("address", "storage")]
    said += ["storage"] if "shared_directory" in said else []
    for path, value in [*leaves(cluster, "cluster"), *leaves(services, "services")]:
        assert is_said(path, value, result, said), (path, value, result)
    compiled(result)


@given(description=descriptions())
def test_migrating_is_repeatable(description: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    assert migrated(*description) == migrated(*copy.deepcopy(description))
