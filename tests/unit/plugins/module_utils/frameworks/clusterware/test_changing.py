"""Oracle Clusterware: services are made, changed and removed on the simulator, at whatever command that ends."""

from __future__ import annotations

import contextlib
import copy
import time
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError
from ansible_collections.groupware.ha.plugins.module_utils.description.model import Member
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, Resource
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.groupware.ha.plugins.module_utils.engine.session import Outcome, Session
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from ansible_collections.groupware.ha.tests.simulators.engine import FAULTS
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.frameworks.clusterware.site import (
    ADDRESS,
    CLUSTER,
    MESSAGING,
    SERVICES,
    WEB,
    Site,
    changed,
    compiled,
)


def test_made_as_the_manual_does() -> None:
    site = Site()
    planned = (site.converge([MESSAGING], dry=True), site.commands)
    done = site.converge([MESSAGING])

    assert site.commands == planned[1]
    assert [command.split(" -attr ")[0] for command in site.commands] == [
        "crsctl add type ocucs.ms.type -basetype cluster_resource",
        "appvipcfg create -network=1 -ip=10.0.0.3 -vipname=msg1 -user=root",
        "crsctl modify resource msg1",
        "crsctl add resource ocucs.ms.msg1 -type ocucs.ms.type",
        "crsctl start resource ocucs.ms.msg1 -n cl1",
        "crsctl modify resource msg1",
        "crsctl modify resource ocucs.ms.msg1",
    ]
    assert "AUTO_START=never" in site.commands[3]
    assert site.commands[-1].endswith("-attr AUTO_START=restore")
    assert done.status is not None
    assert site.simulator.services()["mail1"]["online"] == ["cl1"]
    assert not site.converge([MESSAGING]).changes
    assert site.commands == []


@pytest.mark.parametrize("release", ["11.2", "12.1", "19"])
@pytest.mark.parametrize("missing_resource_status", [0, 1])
def test_every_release(release: str, missing_resource_status: int) -> None:
    site = Site(release=release, missing_resource_status=missing_resource_status)
    site.converge(SERVICES)

    assert not site.converge(SERVICES).changes
    assert site.states() == {
        "mail1": ("online", ("cl1",)),
        "plain": ("online", ("cl3",)),
        "web": ("online", ("cl2",)),
    }
    site.converge([], absent=["mail1", "plain", "web", "ocucs.ms.type"])
    assert site.states() == {}


def test_an_address_that_runs_elsewhere_goes_first() -> None:
    site = Site()
    site.converge([changed(MESSAGING, application=None, resource_names={"address": "msg1"})])
    site.crsctl("modify", "resource", "msg1", "-attr", "HOSTING_MEMBERS='cl1 cl2 cl3'")
    site.crsctl("relocate", "resource", "msg1", "-n", "cl3", "-f")

    site.converge([MESSAGING])

    moving = ("relocate", "start", "stop")
    assert [command for command in site.commands if command.split()[1] in moving] == [
        "crsctl relocate resource msg1 -n cl1 -f",
        "crsctl start resource ocucs.ms.msg1 -n cl1",
    ]


def test_permission_to_start_an_address() -> None:
    site = Site()
    site.converge([ADDRESS])
    service = changed(ADDRESS, resource_properties={"address": {"user": "mailsrv"}})
    site.converge([service])

    assert site.commands == ["crsctl setperm resource plain_address -u user:mailsrv:r-x"]
    assert not site.converge([service]).changes


def test_removed_in_the_order_of_the_manual(site: Site) -> None:
    site.converge([], absent=["mail1", "ocucs.ms.type"])

    assert site.commands == [
        "crsctl stop resource ocucs.ms.msg1",
        "crsctl stop resource msg1",
        "crsctl delete resource ocucs.ms.msg1",
        "appvipcfg delete -vipname=msg1",
        "crsctl delete type ocucs.ms.type",
    ]
    assert set(site.states()) == {"web", "plain"}


def test_drift_is_put_right_without_a_restart(site: Site) -> None:
    site.crsctl("modify", "resource", "msg1", "-attr", "HOSTING_MEMBERS='cl1 cl2 cl3'")
    site.crsctl(
        "modify", "resource", "ocucs.ms.msg1", "-attr", "CHECK_INTERVAL=99,STOP_DEPENDENCIES=,PLACEMENT=favored"
    )

    outcome = site.converge(SERVICES, permitted=False)

    assert site.commands == [
        "crsctl modify resource msg1 -attr 'HOSTING_MEMBERS='\"'\"'cl1 cl2'\"'\"''",
        "crsctl modify resource ocucs.ms.msg1 -attr "
        "'PLACEMENT=restricted,CHECK_INTERVAL=10,STOP_DEPENDENCIES='\"'\"'hard(intermediate:msg1)'\"'\"''",
    ]
    assert {change.service or change.name for change in outcome.changes} == {"mail1"}


def test_dependencies_in_another_spelling_are_no_drift(site: Site) -> None:
    site.crsctl("modify", "resource", "ocucs.ms.msg1", "-attr", "START_DEPENDENCIES='pullup( msg1 ) hard(msg1)'")

    assert not site.converge(SERVICES).changes


def test_another_address_needs_permission(site: Site) -> None:
    services = [changed(MESSAGING, address="10.0.0.33"), WEB, ADDRESS]

    with pytest.raises(FrameworkError, match=r"stop and start mail1; allow_restart"):
        site.converge(services, permitted=False)
    assert site.commands == []
    site.converge(services)

    assert [command.partition(" -attr")[0] for command in site.commands] == [
        "crsctl modify resource msg1",
        "crsctl modify resource ocucs.ms.msg1",
        "crsctl stop resource ocucs.ms.msg1",
        "crsctl stop resource msg1",
        "crsctl modify resource msg1",
        "crsctl start resource ocucs.ms.msg1 -n cl1",
        "crsctl modify resource msg1",
        "crsctl modify resource ocucs.ms.msg1",
    ]
    assert site.attributes("msg1")["USR_ORA_VIP"] == "10.0.0.33"


def test_a_read_only_attribute_is_recreated_with_permission(site: Site) -> None:
    site.crsctl("modify", "resource", "ocucs.ms.msg1", "-attr", "FAILOVER_DELAY=7")
    application = {"type": "messaging_server", "options": {"server_root": "/opt/messaging"}}
    services = [changed(MESSAGING, application=application), WEB, ADDRESS]

    with pytest.raises(FrameworkError, match=r"ocucs.ms.msg1 \(INSTANCE_PATH: .*allow_recreate"):
        site.converge(services, permitted=False)
    site.converge(services)

    found = site.attributes("ocucs.ms.msg1")
    assert (found["INSTANCE_PATH"], found["FAILOVER_DELAY"]) == ("/opt/messaging", "7")
    assert site.states()["mail1"] == ("online", ("cl1",))


def own_type(site: Site, definition: str, value: str) -> dict[str, Any]:
    """A service with a member of an own type; the first time, the type is registered."""
    if "my.type" not in site.crsctl("status", "type", "-p"):
        site.crsctl("add", "type", "my.type", "-basetype", "cluster_resource", "-attr", definition)
    properties = {"A": value, "ACTION_SCRIPT": "/opt/server.sh"}
    members = [{"name": "server", "type": "my.type", "properties": properties}]
    return changed(WEB, application={"type": "native", "members": members})


def test_what_a_type_has_read_only_is_known_to_whoever_has_the_configuration() -> None:
    site = Site()
    definition = "ATTRIBUTE=A,TYPE=string,FLAGS=READONLY|REQUIRED"
    site.converge([own_type(site, definition, "1")])
    found = site.driver().read().config

    changes = reconcile(found, compiled([own_type(site, definition, "2")]), site.driver())

    assert [(change.action, change.name) for change in changes] == [
        ("delete", "web_server"),
        ("create", "web_server"),
    ]


def test_planning_leaves_what_was_read_as_it_is(site: Site) -> None:
    snapshot = site.driver().read()
    before = copy.deepcopy(snapshot)
    changes = reconcile(snapshot.config, compiled(remade()), site.driver(), purge=True)
    first, second = (site.driver().plan(snapshot, changes) for _ in range(2))

    assert [step.action for step in first.changing] == [step.action for step in second.changing]
    assert snapshot == before


def test_another_network_is_another_address() -> None:
    site = Site()
    site.converge([MESSAGING])
    driver = site.driver(dry=True)
    desired = compiled([MESSAGING], {**CLUSTER, "properties": {"network": 2}})

    # The simulator has one network: seen in check mode alone, which plans what would be done.
    Session(driver, True, 120, allow_recreate=True).converge(desired)

    assert [command.partition(" -attr")[0] for command in site.commands] == [
        "crsctl modify resource msg1",
        "crsctl modify resource ocucs.ms.msg1",
        "crsctl stop resource ocucs.ms.msg1",
        "crsctl stop resource msg1",
        "crsctl modify resource ocucs.ms.msg1",
        "appvipcfg delete -vipname=msg1",
        "appvipcfg create -network=2 -ip=10.0.0.3 -vipname=msg1 -user=root",
        "crsctl modify resource msg1",
        "crsctl modify resource ocucs.ms.msg1",
        "crsctl start resource ocucs.ms.msg1 -n cl1",
        "crsctl modify resource msg1",
        "crsctl modify resource ocucs.ms.msg1",
    ]
    assert site.commands[4].endswith("-attr START_DEPENDENCIES=,STOP_DEPENDENCIES=")
    assert "hard(msg1) pullup(msg1)" in site.commands[8]
    assert not any("ora.net1" in command for command in site.commands)


def test_attributes_of_an_own_type_are_handed_over_by_a_restart() -> None:
    site = Site()
    definition = "ATTRIBUTE=A,TYPE=int,DEFAULT_VALUE=1"
    site.converge([own_type(site, definition, "1")])

    assert site.converge([own_type(site, definition, "2")]).restarts == ["web"]
    assert "crsctl stop resource web_server" in site.commands
    assert site.states()["web"] == ("online", ("cl2",))


def test_purge_removes_a_member_and_what_depends_on_it(site: Site) -> None:
    members = WEB["application"]["members"][:1]
    site.converge([MESSAGING, changed(WEB, application={"type": "native", "members": members}), ADDRESS], purge=True)

    assert "crsctl delete resource web_index" in site.commands
    assert site.simulator.services()["web"]["members"] == {"web_address": ["cl2"], "web_server": ["cl2"]}


def test_a_disabled_member_is_stopped_and_starts_again(site: Site) -> None:
    def set_enabled(value: bool) -> Outcome:
        driver = site.driver()
        member = driver.native_resource(Member("web_index", "cluster_resource"))
        member = Resource(
            member.name, member.type, {**member.settings, **driver.axis_settings("resource", "enabled", value)}
        )
        service = driver.native_service("web", [], {}, [member])
        return Session(driver, False, 120, allow_restart=True).converge(ClusterConfig(services=(service,)))

    assert set_enabled(False).restarts == ["web"]
    assert site.commands == ["crsctl stop resource web_index", "crsctl modify resource web_index -attr ENABLED=0"]
    assert not set_enabled(False).changes
    set_enabled(True)
    assert site.states()["web"] == ("online", ("cl2",))
    assert site.attributes("web_index")["AUTO_START"] == "always"
    with pytest.raises(FrameworkError, match="monitored"):
        site.driver().axis_settings("resource", "monitored", False)


def test_a_resource_of_its_own() -> None:
    site = Site()
    solo = site.driver().native_resource(Member("solo", "cluster_resource", {"ACTION_SCRIPT": "/opt/solo.sh"}))

    def converge(config: ClusterConfig, **options: Any) -> Outcome:
        return Session(site.driver(), False, 120).converge(config, **options)

    converge(ClusterConfig(resources=(solo,)))
    assert [command.partition(" -attr")[0] for command in site.commands] == [
        "crsctl add resource solo -type cluster_resource",
        "crsctl start resource solo -n cl1",
        "crsctl modify resource solo",
    ]
    assert not converge(ClusterConfig(resources=(solo,))).changes
    converge(ClusterConfig(), absent=["solo"])
    assert site.commands[-2:] == ["crsctl stop resource solo", "crsctl delete resource solo"]
    address = site.driver().native_resource(Member("lone", "app.appvip_net1.type", {"USR_ORA_VIP": "10.0.0.9"}))
    with pytest.raises(FrameworkError, match="name its group"):
        converge(ClusterConfig(resources=(address,)))
    assert site.commands == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_native_service_interrupted_at_any_command(fault: str) -> None:
    for number in range(1, 16):
        site = Site()

        def converge(site: Site = site) -> Outcome:
            driver = site.driver()
            resources = [
                driver.native_resource(Member("vip", "app.appvip_net1.type", {"USR_ORA_VIP": "10.0.0.9"})),
                driver.native_resource(Member("srv", "cluster_resource", {"ACTION_SCRIPT": "/x"}, {"requires": "vip"})),
            ]
            service = driver.native_service("native", ["cl2", "cl1"], {}, resources)
            return Session(driver, False, 120).converge(ClusterConfig(services=(service,)))

        site.simulator.order_fault(number, fault)
        with contextlib.suppress(CommandError, FrameworkError):
            converge()
        site.simulator.cancel_faults()
        converge()
        assert not converge().changes
        assert site.states() == {"native": ("online", ("cl2",))}, (number, fault)
        assert site.attributes("srv")["AUTO_START"] == "restore"


def many(count: int) -> list[dict[str, Any]]:
    """So many services."""
    return [
        {
            **{key: value for key, value in MESSAGING.items() if key not in ("resource_names", "host_name")},
            "name": f"m{number}",
            "address": f"10.0.0.{20 + number}",
            "storage": {"filesystem": "nfs", "mount_point": f"/export/m{number}"},
        }
        for number in range(count)
    ]


def test_as_many_commands_for_a_hundred_services_as_for_one() -> None:
    asked = {}
    for count in (1, 10, 100):
        site = Site()
        site.converge(many(count))
        started = time.process_time()
        assert not site.converge(many(count)).changes
        asked[count] = list(site.asked)
        elapsed = time.process_time() - started

    assert asked[1] == asked[10] == asked[100]
    assert len(asked[1]) == 4
    assert elapsed < 2, "with the simulator's share of it"


def remade() -> list[dict[str, Any]]:
    """Another instance path, another address, a member less and one more."""
    application = {"type": "messaging_server", "options": {"server_root": "/opt/messaging"}}
    members = [WEB["application"]["members"][0], {"name": "more", "type": "cluster_resource"}]
    return [
        changed(MESSAGING, application=application),
        changed(WEB, application={"type": "native", "members": members}),
        changed(ADDRESS, address="10.0.0.55"),
    ]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    ("before", "after", "offline"),
    [
        ([], SERVICES, None),
        (SERVICES, remade(), None),
        (SERVICES, remade(), "web"),
    ],
    ids=["created", "remade", "remade with one that is to be offline"],
)
def test_interrupted_at_any_command(
    before: list[dict[str, Any]], after: list[dict[str, Any]], offline: str | None, fault: str
) -> None:
    prepared = Site()
    if before:
        prepared.converge(before)
    if offline:
        prepared.operate("service_offline", offline)
    state = copy.deepcopy(prepared.simulator.state)
    prepared.converge(after, purge=True)
    wanted = prepared.states()
    number = 0
    while True:
        number += 1
        site = Site()
        site.simulator.state = copy.deepcopy(state)
        site.simulator.order_fault(number, fault)
        with contextlib.suppress(CommandError, FrameworkError):
            site.converge(after, purge=True)
        reached = not site.simulator.state["faults"]
        site.simulator.cancel_faults()
        site.converge(after, purge=True)
        assert not site.converge(after, purge=True).changes, (number, fault)
        assert site.states() == wanted, (number, fault)
        if not reached:
            break
    assert number > 10
