"""Solaris Cluster: the whole life of services, against its simulator."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.frameworks.solaris_cluster.site import (
    BOTH,
    CALENDAR,
    CLUSTER,
    GDS,
    MAIL,
    RELEASES,
    Site,
    four_steps,
    native,
    resource,
    with_keys,
)


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
    assert old.configuration().services == ()


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
    asked, looks = [], []
    for number in (1, 12):
        site = Site(release)
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
        looks.append([line for line in site.runner.asked if line not in site.commands])
        assert site.converge(desired).changes == []
        asked.append(site.runner.asked)
    assert asked[0] == asked[1]
    assert looks[0] == looks[1]
    assert len(asked[0]) == (2 if release < "3.2" else 3)


def test_storage_is_online_before_the_application_is_created(site: Site) -> None:
    site.simulator.fail_agent("MAIL-RG_storage", "start")

    with pytest.raises(
        FrameworkError, match=r"MAIL-RG_storage was to be enabled, but these failed to start: MAIL-RG_storage on mars"
    ):
        site.converge(site.desired(MAIL))
    assert not [command for command in site.commands if "SUNW.ims MAIL" in command or "IMS_serverroot" in command]

    site.simulator.repair_agent("MAIL-RG_storage")
    site.operate(lambda operator: operator.service_cleared("MAIL-RG"))
    four_steps(site, site.desired(MAIL))
    assert site.states() == {"MAIL-RG": "online mars"}


def test_a_service_that_does_not_start_stops_no_other(site: Site) -> None:
    for service in BOTH:
        site.simulator.fail_agent(f"{service['name']}_storage", "start", ["mars"])

    with pytest.raises(
        FrameworkError, match=r"^MAIL-RG_storage was to be enabled, but these failed to start: \S+ on mars"
    ):
        site.converge(site.desired(*BOTH))
    assert site.states() == {"MAIL-RG": "failed mars", "CAL-RG": "online venus"}


def test_a_service_that_needs_another_comes_after_it() -> None:
    mail = native(MAIL, {**GDS, "meta": {"requires": ""}})
    calendar = with_keys(CALENDAR, resource_properties={"application": {"Resource_dependencies": "MAIL-RG_web"}})
    last = with_keys(CALENDAR, properties={"RG_dependencies": "MAIL-RG"})

    for needing in (calendar, last):
        site = Site("3.2")
        commands = four_steps(site, site.desired(mail, needing))
        created = commands.index(next(line for line in commands if line.startswith("clrg create") and "CAL-RG" in line))
        assert commands.index("clrs enable MAIL-RG_web") < created


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
    assert resource(site.configuration(), "MAIL-RG_web").settings["Type_version"] == "6"

    assert site.converge(site.desired(native(MAIL, {**member, "type": "SUNW.gds:6"}))).changes == []
    other = site.configuration()
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
    assert three.configuration().services[0].placement == ("mars", "venus")
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
