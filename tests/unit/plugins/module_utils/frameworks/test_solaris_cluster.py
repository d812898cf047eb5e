"""The driver for Solaris Cluster against its simulator: what it compiles to, and the whole life of services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.cluster_config import ClusterConfig, Resource
from ansible_collections.groupware.ha.plugins.module_utils.deployment import DescriptionError, parse_deployment
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, NotRunning
from ansible_collections.groupware.ha.plugins.module_utils.reconcile import reconcile
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.frameworks.solaris_site import (
    BOTH,
    CALENDAR,
    CLUSTER,
    MAIL,
    RELEASES,
    Site,
    four_steps,
    native,
    with_keys,
)

GDS = {"name": "web", "type": "SUNW.gds", "properties": {"Start_command": "/opt/web/start", "Network_aware": False}}


@pytest.fixture
def site() -> Site:
    return Site("3.2")


@pytest.fixture
def old() -> Site:
    return Site("3.1")


def resource(config: ClusterConfig, name: str) -> Resource:
    return next(member for service in config.services for member in service.resources if member.name == name)


def problems(call: Callable[[], Any]) -> list[str]:
    with pytest.raises(DescriptionError) as raised:
        call()
    return [problem.key for problem in raised.value.problems]


# -- compiling ---------------------------------------------------------------------------------------------------------


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
    rules = site.driver().rules

    assert not rules.refuses("LOG-HOST_1-RS")
    assert all(map(rules.refuses, ["1mail", "mail.example", "a b", "é", ""]))


# -- the life of services ----------------------------------------------------------------------------------------------


def test_created_as_the_manuals_do_it(old: Site) -> None:
    commands = four_steps(old, old.desired(MAIL))

    assert commands == [
        "scrgadm -a -t SUNW.HAStoragePlus",
        "scrgadm -a -t SUNW.ims",
        "scrgadm -a -g MAIL-RG -h mars,venus -y Failback=False",
        "scswitch -o -g MAIL-RG",
        "scswitch -z -g MAIL-RG -h mars",
        "scrgadm -a -L -g MAIL-RG -l meadow -j MAIL-RG_address",
        "scswitch -e -j MAIL-RG_address",
        "scrgadm -a -j MAIL-RG_storage -t SUNW.HAStoragePlus -g MAIL-RG -x FilesystemMountPoints=/mail"
        " -x AffinityOn=True",
        "scswitch -e -j MAIL-RG_storage",
        "scrgadm -a -j MAIL-RG_application -t SUNW.ims -g MAIL-RG -x IMS_serverroot=/opt/SUNWmsgsr"
        " -y Resource_dependencies=MAIL-RG_storage,MAIL-RG_address",
        "scswitch -e -j MAIL-RG_application",
    ]
    assert old.states() == {"MAIL-RG": "online mars"}


def test_removed_as_the_manuals_do_it(old: Site) -> None:
    old.converge(old.desired(MAIL))

    commands = four_steps(old, ClusterConfig(), absent=["MAIL-RG", "SUNW.ims", "SUNW.HAStoragePlus"])

    assert commands == [
        "scswitch -F -g MAIL-RG",
        "scswitch -n -j MAIL-RG_application,MAIL-RG_storage,MAIL-RG_address",
        "scrgadm -r -j MAIL-RG_application",
        "scrgadm -r -j MAIL-RG_storage",
        "scrgadm -r -j MAIL-RG_address",
        "scswitch -u -g MAIL-RG",
        "scrgadm -r -g MAIL-RG",
        "scrgadm -r -t SUNW.HAStoragePlus",
        "scrgadm -r -t SUNW.ims",
    ]
    assert old.driver().read().services == ()


def test_object_commands_where_they_are_installed(site: Site) -> None:
    commands = four_steps(site, site.desired(MAIL))

    assert "clrslh create -g MAIL-RG -h meadow -d MAIL-RG_address" in commands
    assert "clrs enable MAIL-RG_address" in commands
    assert not [command for command in commands if command.startswith("sc")]


@pytest.mark.parametrize("release", RELEASES)
def test_four_steps_of_everything(release: str) -> None:
    site = Site(release)
    four_steps(site, site.desired(*BOTH))
    assert site.states() == {"MAIL-RG": "online mars", "CAL-RG": "online venus"}

    quiet = with_keys(MAIL, failback=True, properties={"RG_description": "mail"})
    four_steps(site, site.desired(quiet, CALENDAR))
    four_steps(site, site.desired(with_keys(quiet, storage={"mount_point": "/other"}), CALENDAR))
    four_steps(site, site.desired(with_keys(quiet, storage={"mount_point": "/other"}, host_name="heath"), CALENDAR))
    assert site.states() == {"MAIL-RG": "online mars", "CAL-RG": "online venus"}
    four_steps(site, site.desired(with_keys(CALENDAR, model="asymmetric")), purge=True)
    assert site.states() == {"CAL-RG": "online venus"}
    four_steps(site, ClusterConfig(), absent=["CAL-RG", "SUNW.scics", "SUNW.ims", "SUNW.HAStoragePlus"])
    assert site.simulator.services() == {}


@pytest.mark.parametrize("release", RELEASES)
def test_a_constant_number_of_commands(release: str) -> None:
    site = Site(release)
    asked = []
    for number in (1, 12):
        services = [
            with_keys(
                MAIL,
                name=f"RG{index}",
                model="asymmetric",
                address=f"192.0.2.{100 + index}",
                host_name=f"host{index}",
                storage={"mount_point": f"/mail{index}"},
            )
            for index in range(number)
        ]
        desired = site.desired(*services)
        site.converge(desired)
        assert site.converge(desired).changes == []
        asked.append(site.runner.asked)
    assert asked[0] == asked[1]
    assert len(asked[0]) == (2 if release < "3.2" else 3)


def test_storage_is_online_before_the_application_is_created(site: Site) -> None:
    site.simulator.fail_agent("MAIL-RG_storage", "start")

    with pytest.raises(FrameworkError, match=r"clrs enable MAIL-RG_storage: failed to start: MAIL-RG_storage on mars"):
        site.converge(site.desired(MAIL))
    assert not [command for command in site.commands if "SUNW.ims MAIL" in command or "IMS_serverroot" in command]

    site.simulator.repair_agent("MAIL-RG_storage")
    site.operator().service_cleared("MAIL-RG").carry_out(False)
    four_steps(site, site.desired(MAIL))
    assert site.states() == {"MAIL-RG": "online mars"}


def test_an_application_in_two_runs(site: Site) -> None:
    four_steps(site, site.desired(MAIL, include_applications=False))
    assert site.states() == {"MAIL-RG": "online mars"}
    commands = four_steps(site, site.desired(MAIL))
    assert [command.split()[:2] for command in commands] == [
        ["clrt", "register"],
        ["clrs", "create"],
        ["clrs", "enable"],
    ]


def test_changes_that_interrupt_need_permission(site: Site) -> None:
    site.converge(site.desired(*BOTH))
    disabled = site.desired(with_keys(MAIL, storage={"mount_point": "/other"}), CALENDAR)
    recreated = site.desired(with_keys(MAIL, host_name="heath"), CALENDAR)

    with pytest.raises(FrameworkError, match=r"stop and start MAIL-RG; allow_restart"):
        site.converge(disabled, allowed=False)
    with pytest.raises(FrameworkError, match=r"MAIL-RG_address \(HostnameList: meadow -> heath\); allow_recreate"):
        site.converge(recreated, allowed=False)
    assert site.commands == []
    commands = four_steps(site, disabled)
    assert commands == [
        "clrs disable MAIL-RG_application MAIL-RG_storage",
        "clrs set -p FilesystemMountPoints=/other MAIL-RG_storage",
        "clrs enable MAIL-RG_storage",
        "clrs enable MAIL-RG_application",
    ]


def test_what_depends_on_a_resource_that_is_created_again(site: Site) -> None:
    site.converge(site.desired(MAIL))

    commands = four_steps(site, site.desired(with_keys(MAIL, host_name="heath")))

    assert commands == [
        "clrs disable MAIL-RG_application MAIL-RG_address",
        "clrs set -p Resource_dependencies=MAIL-RG_storage MAIL-RG_application",
        "clrs delete MAIL-RG_address",
        *[command for command in commands if command.startswith("clrslh create -g MAIL-RG -h heath ")],
        "clrs enable MAIL-RG_address",
        "clrs set -p Resource_dependencies=MAIL-RG_storage,MAIL-RG_address MAIL-RG_application",
        "clrs enable MAIL-RG_application",
    ]
    assert len(commands) == 7


def test_types_are_one_whatever_their_version_unless_it_is_given(site: Site) -> None:
    member = {**GDS, "type": "SUNW.gds"}
    four_steps(site, site.desired(native(MAIL, member)))
    assert resource(site.driver().read(), "MAIL-RG_web").settings["Type_version"] == "6"

    assert site.converge(site.desired(native(MAIL, {**member, "type": "SUNW.gds:6"}))).changes == []
    other = site.driver().read()
    wanted = site.desired(native(MAIL, {**member, "type": "SUNW.gds:7"}))
    changed = {change.name: change.after for change in reconcile(other, wanted, site.driver())}
    assert changed == {"SUNW.gds:7": {}, "MAIL-RG_web": {"Type_version": "7"}}


def test_types_alone(site: Site) -> None:
    driver = site.driver()
    four_steps(site, ClusterConfig(types=(driver.native_type("SUNW.scics", None, {"installed_nodes": "mars,venus"}),)))
    assert site.driver().missing_agents(["SUNW.scics", "SUNW.gds", "SUNW.nothing"]) == ["SUNW.nothing"]
    four_steps(site, ClusterConfig(), absent=["SUNW.scics"])

    with pytest.raises(FrameworkError, match="base_type"):
        driver.native_type("SUNW.scics", "SUNW.gds", {})
    with pytest.raises(FrameworkError, match="only Installed_nodes and RT_system"):
        driver.native_type("SUNW.scics", None, {"Failover": "True"})


def test_drift_is_repaired(old: Site) -> None:
    old.converge(old.desired(*BOTH))
    for line in (
        "scrgadm -c -g MAIL-RG -y Failback=TRUE",
        "scrgadm -c -g MAIL-RG -y Nodelist=venus,mars",
        "scswitch -n -M -j CAL-RG_application",
        "scswitch -n -j CAL-RG_application",
        "scrgadm -c -j MAIL-RG_application -y Resource_dependencies=MAIL-RG_address",
    ):
        assert old.simulator.run("mars", line.split()).status == 0

    four_steps(old, old.desired(*BOTH))

    assert old.states() == {"MAIL-RG": "online mars", "CAL-RG": "online venus"}


def test_what_nobody_described_is_left_alone(site: Site) -> None:
    site.converge(site.desired(*BOTH))
    for line in (
        "clrg set -p Pingpong_interval=99 -p RG_description=ours MAIL-RG",
        "clrs set -p Start_timeout=77 MAIL-RG_application",
    ):
        assert site.simulator.run("mars", line.split()).status == 0

    for purge in (False, True):
        assert site.converge(site.desired(*BOTH), purge=purge).changes == []


def test_nodes_that_are_not_described_go() -> None:
    three = Site("3.2", ("mars", "venus", "pluto"))
    cluster = {**CLUSTER, "nodes": [*CLUSTER["nodes"], {"name": "pluto", "address": "192.0.2.3"}]}
    all_nodes = with_keys(MAIL, model="asymmetric", nodes={"primary": "pluto", "standby": ["mars", "venus"]})
    three.converge(three.desired(all_nodes, cluster=cluster))

    four_steps(three, three.desired(with_keys(MAIL, model="asymmetric"), cluster=cluster))
    assert three.driver().read().services[0].placement == ("mars", "venus")
    assert three.driver().status().services["MAIL-RG"].nodes == ("mars",)


def test_a_member_is_not_disabled_under_another(site: Site) -> None:
    site.converge(site.desired(MAIL))
    wanted = site.desired(with_keys(MAIL, resource_properties={"storage": {"enabled": False}}))

    with pytest.raises(FrameworkError, match="cannot be disabled while MAIL-RG_application"):
        site.converge(wanted)
    assert site.commands == []


def test_a_member_less(site: Site) -> None:
    site.converge(site.desired(native(MAIL, GDS, {**GDS, "name": "two", "meta": {"requires": "web"}})))

    outcome = site.converge(site.desired(native(MAIL, {**GDS, "name": "two"})), purge=True, check_mode=True)
    assert outcome.restarts == ["MAIL-RG"]
    commands = four_steps(site, site.desired(native(MAIL, {**GDS, "name": "two"})), purge=True)

    assert commands[0] == "clrs disable MAIL-RG_two MAIL-RG_web"
    assert site.states() == {"MAIL-RG": "online mars"}


def test_unmanaged_and_managed_again(site: Site) -> None:
    site.converge(site.desired(*BOTH))

    four_steps(site, site.desired(with_keys(MAIL, properties={"managed": False}), CALENDAR))
    assert site.states() == {"MAIL-RG": "offline", "CAL-RG": "online venus"}
    status = site.driver().status().services["MAIL-RG"]
    assert not status.enabled
    assert not any(member.managed for member in status.members)
    four_steps(site, site.desired(*BOTH))
    assert site.states() == {"MAIL-RG": "online mars", "CAL-RG": "online venus"}


# -- day two -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("release", RELEASES)
def test_operating(release: str) -> None:
    site = Site(release)
    desired = site.desired(*BOTH)
    site.converge(desired)

    for operate, state in (
        (lambda operator: operator.service_moved("MAIL-RG", None), "online venus"),
        (lambda operator: operator.service_offline("MAIL-RG"), "offline"),
        (lambda operator: operator.service_online("MAIL-RG", "venus"), "online venus"),
        (lambda operator: operator.service_offline("MAIL-RG"), "offline"),
        (lambda operator: operator.service_online("MAIL-RG", None), "online mars"),
        (lambda operator: operator.node_evacuated("mars"), "online venus"),
    ):
        operate(site.operator(dry=True)).carry_out(True)
        planned = site.commands
        movement = operate(site.operator())
        assert movement.changed
        movement.carry_out(False)
        assert site.commands == planned
        assert site.states()["MAIL-RG"] == state
        assert not operate(site.operator()).changed or "moved" in str(operate) or state == "online venus"
        assert site.converge(desired).changes == []
        assert site.states()["MAIL-RG"] == state


@pytest.mark.parametrize("release", RELEASES)
def test_offline_stays_offline_through_later_runs(release: str) -> None:
    site = Site(release)
    site.converge(site.desired(*BOTH))
    site.operator().service_offline("MAIL-RG").carry_out(False)
    site.simulator.stop_node("mars")
    site.simulator.start_node("mars")
    site.driver().settle(60)
    if release < "3.2":
        # Nothing keeps it offline when a node joins.
        assert site.states()["MAIL-RG"] == "online venus"
        site.operator().service_offline("MAIL-RG").carry_out(False)

    site.converge(site.desired(with_keys(MAIL, storage={"mount_point": "/other"}), CALENDAR))
    status = site.driver().status().services["MAIL-RG"]
    assert (status.state, status.enabled) == ("offline", False)
    with pytest.raises(FrameworkError, match=r"while its storage is online.*bring service MAIL-RG online"):
        site.converge(site.desired(with_keys(MAIL, host_name="heath"), CALENDAR))
    assert site.commands == []


def test_suspended_and_resumed(site: Site) -> None:
    site.converge(site.desired(MAIL))
    site.operator().service_frozen("MAIL-RG", True).carry_out(False)
    assert site.commands == ["clrg suspend MAIL-RG"]
    assert site.driver().status().services["MAIL-RG"].frozen
    assert site.converge(site.desired(MAIL)).changes == []
    site.operator().service_frozen("MAIL-RG", False).carry_out(False)
    assert not site.driver().status().services["MAIL-RG"].frozen


def test_the_original_commands_suspend_nothing(old: Site) -> None:
    old.converge(old.desired(MAIL))

    with pytest.raises(FrameworkError, match=r"clrg is not installed; it comes with 3\.2"):
        old.driver().set_service_frozen("MAIL-RG", True)


@pytest.mark.parametrize("release", ["3.1", "3.2"])
def test_a_failed_stop_is_reported_and_cleared_on_request(release: str) -> None:
    site = Site(release)
    site.converge(site.desired(*BOTH))
    site.simulator.fail_agent("MAIL-RG_application", "stop")

    with pytest.raises(FrameworkError, match=r"MAIL-RG_application.*clear the failures"):
        site.operator().service_moved("MAIL-RG", None).carry_out(False)
    status = site.driver().status().services["MAIL-RG"]
    assert status.state == "failed"
    assert "somebody has made sure that it is dead there" in status.failures[0]
    with pytest.raises(FrameworkError, match="clear the failures"):
        site.converge(site.desired(with_keys(MAIL, failback=True), CALENDAR))
    assert site.commands == []
    with pytest.raises(FrameworkError, match="clear the failures"):
        site.converge(ClusterConfig(), absent=["MAIL-RG"])
    site.converge(site.desired(MAIL, with_keys(CALENDAR, failback=True)))

    site.simulator.repair_agent("MAIL-RG_application")
    site.operator().service_cleared("MAIL-RG").carry_out(False)
    expected = "scswitch -c -h mars -j MAIL-RG_application -f STOP_FAILED"
    assert site.commands == [expected if release == "3.1" else "clrs clear -f STOP_FAILED -n mars MAIL-RG_application"]
    site.operator().service_online("MAIL-RG", "venus").carry_out(False)
    assert site.states()["MAIL-RG"] == "online venus"


def test_a_failed_start_is_reported_and_tried_again_on_request(site: Site) -> None:
    site.converge(site.desired(*BOTH))
    site.simulator.fail_agent("CAL-RG_application", "start", ["mars"])

    with pytest.raises(
        FrameworkError, match=r"clrg switch -n mars CAL-RG: failed to start: CAL-RG_application on mars"
    ):
        site.operator().service_moved("CAL-RG", None).carry_out(False)
    assert site.driver().status().services["CAL-RG"].state == "failed"

    site.simulator.repair_agent("CAL-RG_application")
    site.operator().service_cleared("CAL-RG").carry_out(False)
    assert site.commands == ["clrs disable CAL-RG_application", "clrs enable CAL-RG_application"]
    assert site.states()["CAL-RG"] == "online mars"


def test_a_node_is_lost(site: Site) -> None:
    site.converge(site.desired(*BOTH))
    site.simulator.stop_node("venus")
    driver = site.driver()
    driver.settle(60)

    status = driver.status()
    assert not status.nodes["venus"].online
    assert status.services["CAL-RG"].nodes == ("mars",)
    with pytest.raises(FrameworkError, match="is not online"):
        site.operator().service_moved("CAL-RG", "venus")


def test_a_new_service_starts_where_it_can(site: Site) -> None:
    site.simulator.stop_node("mars")
    site.runner.node = "venus"
    driver = site.driver()
    driver.runner.node = "venus"  # type: ignore[attr-defined]
    desired = site.desired(MAIL)
    snapshot = driver.survey()
    driver.carry_out(driver.plan(snapshot, reconcile(snapshot.config, desired, driver)).changing)

    assert driver.status().services["MAIL-RG"].nodes == ("venus",)


def test_another_scswitch_is_waited_for(old: Site) -> None:
    old.converge(old.desired(*BOTH))
    with old.simulator.edit() as state:
        state["busy_until"] = old.simulator.now + 60

    old.operator().service_moved("MAIL-RG", None).carry_out(False)

    assert old.states()["MAIL-RG"] == "online venus"
    assert len(old.driver().runner.commands) == 0


def test_no_cluster_here(site: Site) -> None:
    site.simulator.stop_node("mars")
    for ask in (site.driver().read, site.driver().status):
        with pytest.raises(NotRunning, match="not running on this node"):
            ask()
    site.simulator.programs = {}
    with pytest.raises(NotRunning, match="not installed"):
        site.driver().read()


# -- adopting ----------------------------------------------------------------------------------------------------------


def adopted(site: Site, description: Any, addresses: dict[str, str]) -> ClusterConfig:
    """What an exported description compiles to once somebody has added what it lacks."""
    services = [{"address": addresses.get(service["name"]), **service} for service in description.services]
    driver = site.driver()
    return driver.compile(parse_deployment({**description.cluster, **CLUSTER}, services, driver.rules))


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
    export = site.driver().export(site.driver().read())

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
    export = site.driver().export(site.driver().read())

    assert [member["name"] for member in export.services[0]["application"]["members"]] == ["raw", "web"]
    assert site.converge(adopted(site, export, ADDRESSES), purge=True).changes == []


def test_addresses_that_the_hosts_file_has(site: Site) -> None:
    for node in site.simulator.nodes:
        site.simulator.write_file(node, "/etc/hosts", "192.0.2.21 meadow\n192.0.2.22 budgie\n")
    site.converge(site.desired(*BOTH))

    export = site.driver().export(site.driver().read())

    assert [service["address"] for service in export.services] == ["192.0.2.21", "192.0.2.22"]
    assert not any(".address" in words for words in export.unexpressed)


def test_a_saved_configuration(site: Site) -> None:
    site.converge(site.desired(*BOTH))
    saved = site.simulator.run("mars", ["scrgadm", "-pvv"]).stdout

    assert site.driver().parse_saved(saved) == site.driver().read()
    with pytest.raises(FrameworkError, match="not what scrgadm -pvv prints"):
        site.driver().parse_saved("include types.cf\n")
