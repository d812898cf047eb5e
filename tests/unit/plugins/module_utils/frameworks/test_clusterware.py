"""Oracle Clusterware: compiled as the Messaging Server manual has it, and driven against the simulator."""

from __future__ import annotations

import contextlib
import copy
import time
from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.cluster_config import ClusterConfig, Resource
from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandResult, LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.deployment import DescriptionError, parse_deployment
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, NotRunning
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.clusterware import Clusterware
from ansible_collections.groupware.ha.plugins.module_utils.operate import Operator
from ansible_collections.groupware.ha.plugins.module_utils.reconcile import reconcile
from ansible_collections.groupware.ha.plugins.module_utils.session import Outcome, Session
from ansible_collections.groupware.ha.tests.simulators.clusterware.simulator import SIMULATOR
from ansible_collections.groupware.ha.tests.simulators.engine import FAULTS
from ansible_collections.groupware.ha.tests.simulators.runner import SimulatedRunner

NODES = ["cl1", "cl2", "cl3"]

CLUSTER: dict[str, Any] = {
    "name": "cl",
    "framework": "clusterware",
    "networks": ["10.0.0.0/24"],
    "nodes": [{"name": name, "address": f"10.0.0.{number}"} for number, name in enumerate(NODES, start=11)],
}

#: As the manual has it, names and all.
MESSAGING: dict[str, Any] = {
    "name": "mail1",
    "model": "asymmetric",
    "nodes": {"primary": "cl1", "standby": "cl2"},
    "address": "10.0.0.3",
    "host_name": "mail1.example.com",
    "storage": {"filesystem": "nfs", "device": "filer:/export/msg1", "mount_point": "/export/msg1"},
    "application": {"type": "messaging_server"},
    "resource_names": {"address": "msg1", "application": "ocucs.ms.msg1"},
}

#: Two native resources, one on top of the other.
WEB: dict[str, Any] = {
    "name": "web",
    "model": "asymmetric",
    "nodes": {"primary": "cl2", "standby": ["cl3", "cl1"]},
    "address": "10.0.0.4",
    "application": {
        "type": "native",
        "members": [
            {"name": "server", "type": "cluster_resource", "properties": {"ACTION_SCRIPT": "/opt/server.sh"}},
            {
                "name": "index",
                "type": "cluster_resource",
                "properties": {"ACTION_SCRIPT": "/opt/index.sh", "AUTO_START": "always"},
                "meta": {"requires": "server"},
            },
        ],
    },
}

ADDRESS: dict[str, Any] = {
    "name": "plain",
    "model": "asymmetric",
    "nodes": {"primary": "cl3", "standby": "cl1"},
    "address": "10.0.0.5",
}

SERVICES = [MESSAGING, WEB, ADDRESS]


class Site:
    """A simulated cluster, and what is done to it from its first node."""

    def __init__(self, **options: Any) -> None:
        self.simulator: Any = SIMULATOR(NODES, **{"action_scripts": False, **options})
        self.commands: list[str] = []
        self.asked: list[str] = []

    def driver(self, dry: bool = False) -> Clusterware:
        """A driver as a module makes one; its commands are kept."""
        runner = SimulatedRunner(self.simulator, "cl1", dry=dry)
        self.commands, self.asked = runner.commands, runner.asked
        return Clusterware(runner)

    def converge(
        self, services: Sequence[dict[str, Any]], *, dry: bool = False, permitted: bool = True, **options: Any
    ) -> Outcome:
        """What failover_services does."""
        driver = self.driver(dry)
        session = Session(driver, dry, 120, allow_restart=permitted, allow_recreate=permitted)
        return session.converge(compiled(services), **options)

    def operator(self) -> Operator:
        """What switchover does."""
        return Operator(self.driver(), 120)

    def states(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """State and nodes of each service."""
        return {name: (found.state, found.nodes) for name, found in self.driver().status().services.items()}

    def crsctl(self, *arguments: str) -> str:
        """What somebody types."""
        answer = self.simulator.run("cl1", ["crsctl", *arguments])
        assert answer.status == 0, answer
        return str(answer.stdout)

    def attributes(self, name: str) -> dict[str, str]:
        """Attributes of a resource, past the driver."""
        lines = self.crsctl("status", "resource", name, "-f").splitlines()
        return dict(line.split("=", 1) for line in lines if line)


def compiled(services: Sequence[dict[str, Any]], cluster: dict[str, Any] = CLUSTER) -> ClusterConfig:
    """The description, compiled."""
    return Clusterware(LocalRunner()).compile(parse_deployment(cluster, services, Clusterware.rules))


def changed(service: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A service with other keys."""
    return {**copy.deepcopy(service), **changes}


def refusals(services: Sequence[dict[str, Any]], cluster: dict[str, Any] = CLUSTER) -> dict[str, str]:
    """What the driver or the description refuses, by key."""
    with pytest.raises(DescriptionError) as refused:
        compiled(services, cluster)
    return {problem.key: problem.reason for problem in refused.value.problems}


@pytest.fixture
def site() -> Site:
    """A cluster with all three services."""
    made = Site()
    made.converge(SERVICES)
    return made


# -- compiling ---------------------------------------------------------------------------------------------------------


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


# -- the life of a service ---------------------------------------------------------------------------------------------


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
    site.crsctl(
        "add", "type", "my.type", "-basetype", "cluster_resource", "-attr", "ATTRIBUTE=A,TYPE=int,DEFAULT_VALUE=1"
    )
    members = [{"name": "server", "type": "my.type", "properties": {"A": 1, "ACTION_SCRIPT": "/opt/server.sh"}}]
    service = changed(WEB, application={"type": "native", "members": members})
    site.converge([service])
    members[0]["properties"] = {"A": 2, "ACTION_SCRIPT": "/opt/server.sh"}
    service = changed(WEB, application={"type": "native", "members": members})

    assert site.converge([service]).restarts == ["web"]
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
        member = driver.native_resource("web_index", "cluster_resource", {}, {}, {})
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
    solo = site.driver().native_resource("solo", "cluster_resource", {"ACTION_SCRIPT": "/opt/solo.sh"}, {}, {})

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
    address = site.driver().native_resource("lone", "app.appvip_net1.type", {"USR_ORA_VIP": "10.0.0.9"}, {}, {})
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
                driver.native_resource("vip", "app.appvip_net1.type", {"USR_ORA_VIP": "10.0.0.9"}, {}, {}),
                driver.native_resource("srv", "cluster_resource", {"ACTION_SCRIPT": "/x"}, {"requires": "vip"}, {}),
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


# -- day two -----------------------------------------------------------------------------------------------------------


def test_offline_stays_offline(site: Site) -> None:
    site.operator().service_offline("mail1").carry_out(False)

    assert site.commands == ["crsctl stop resource ocucs.ms.msg1", "crsctl stop resource msg1"]
    assert not site.driver().status().services["mail1"].enabled
    site.converge([changed(MESSAGING, failback=True, address="10.0.0.33"), WEB, ADDRESS])
    assert site.states()["mail1"] == ("offline", ())
    site.operator().service_online("mail1", "cl2").carry_out(False)
    assert site.commands == ["crsctl start resource ocucs.ms.msg1 -n cl2"]
    assert site.states()["mail1"] == ("online", ("cl2",))


def test_moved_with_force(site: Site) -> None:
    site.operator().service_moved("mail1", None).carry_out(False)

    assert site.commands == ["crsctl relocate resource ocucs.ms.msg1 -n cl2 -f"]
    assert site.simulator.services()["mail1"]["online"] == ["cl2"]


def test_evacuated_as_far_as_there_are_other_nodes(site: Site) -> None:
    site.simulator.stop_node("cl2")
    movement = site.operator().node_evacuated("cl1")
    movement.carry_out(False)

    assert any("mail1 has no other node" in warning for warning in movement.warnings)
    assert site.commands[-2:] == ["crsctl stop resource ocucs.ms.msg1", "crsctl stop resource msg1"]
    assert all("cl1" not in nodes for _, nodes in site.states().values())


def test_a_lost_node_is_seen(site: Site) -> None:
    site.simulator.stop_node("cl2")
    status = site.driver().status()

    assert {name: node.online for name, node in status.nodes.items()} == {"cl1": True, "cl2": False, "cl3": True}
    assert status.services["web"].nodes == ("cl3",)
    assert not site.converge(SERVICES).changes


def test_frozen_services_are_not_touched_by_halves(site: Site) -> None:
    site.operator().service_frozen("mail1", True).carry_out(False)

    assert [command.partition(" -attr ")[2] for command in site.commands] == ["ENABLED=0"] * 2
    assert site.driver().status().services["mail1"].frozen
    assert not site.converge(SERVICES).changes
    for change in (
        {"address": "10.0.0.33"},
        {"application": {"type": "messaging_server", "options": {"server_root": "/o"}}},
    ):
        with pytest.raises(FrameworkError, match="ENABLED=0"):
            site.converge([changed(MESSAGING, **change), WEB, ADDRESS])
        assert site.commands == []
    site.operator().service_frozen("mail1", False).carry_out(False)
    assert site.states()["mail1"] == ("online", ("cl1",))


def test_what_cannot_be_stopped_needs_somebody(site: Site) -> None:
    site.simulator.fail_agent("ocucs.ms.msg1", "stop")
    with pytest.raises(FrameworkError, match=r"ocucs\.ms\.msg1 was told to stop"):
        site.operator().service_offline("mail1").carry_out(False)
    site.simulator.repair_agent("ocucs.ms.msg1")

    assert site.states()["mail1"][0] == "failed"
    with pytest.raises(FrameworkError, match=r"UNKNOWN.*clear the failure"):
        site.converge([], absent=["mail1"])
    assert site.commands == []
    site.operator().service_cleared("mail1").carry_out(False)
    assert site.commands[0] == "crsctl stop resource ocucs.ms.msg1 -f"
    assert not site.driver().status().services["mail1"].failures


def test_what_does_not_start_is_named_and_completed_later() -> None:
    site = Site()
    site.simulator.fail_agent("ocucs.ms.msg1", "start")

    with pytest.raises(FrameworkError, match=r"(?s)service mail1: ocucs\.ms\.msg1 was to start on cl1.*CRS-2674"):
        site.converge([MESSAGING])
    assert site.states()["mail1"][0] == "failed"
    site.simulator.repair_agent("ocucs.ms.msg1")
    site.converge([MESSAGING])

    assert site.states()["mail1"] == ("online", ("cl1",))
    assert site.attributes("ocucs.ms.msg1")["AUTO_START"] == "restore"


def test_exit_status_0_is_not_believed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    run = SimulatedRunner.run

    def lying(self: SimulatedRunner, argv: Sequence[str], **options: Any) -> CommandResult:
        if "relocate" in argv:
            return CommandResult(tuple(argv), 0, "nothing was done\n", "")
        return run(self, argv, **options)

    monkeypatch.setattr(SimulatedRunner, "run", lying)

    with pytest.raises(FrameworkError, match=r"mail1: ocucs\.ms\.msg1 was to move to cl2, but that had no effect"):
        site.operator().service_moved("mail1", "cl2").carry_out(False)


def test_no_cluster_on_this_node(site: Site) -> None:
    site.simulator.stop_node("cl1")

    for ask in (site.driver().read, site.driver().status):
        with pytest.raises(NotRunning, match="not running"):
            ask()
    site.simulator.programs = {}
    with pytest.raises(NotRunning, match="not installed"):
        site.driver().read()


def test_types_that_are_not_registered(site: Site) -> None:
    driver = site.driver()

    assert driver.missing_agents(["app.appvip.type", "cluster_resource", "ocucs.ms.type"]) == []
    assert driver.missing_agents(["no.type"]) == ["no.type"]


# -- what it costs -----------------------------------------------------------------------------------------------------


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


# -- interrupted -------------------------------------------------------------------------------------------------------


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
        prepared.driver().set_service_enabled(offline, False)
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


@pytest.mark.parametrize("fault", FAULTS)
def test_operations_interrupted_at_any_command(site: Site, fault: str) -> None:
    state = copy.deepcopy(site.simulator.state)

    def tried(operate: Any, wanted: tuple[str, tuple[str, ...]]) -> None:
        for number in range(1, 12):
            site.simulator.state = copy.deepcopy(state)
            site.simulator.order_fault(number, fault)
            with contextlib.suppress(CommandError, FrameworkError):
                operate(site.operator()).carry_out(False)
            site.simulator.cancel_faults()
            operate(site.operator()).carry_out(False)
            assert site.states()["mail1"] == wanted, (number, fault)

    tried(lambda operator: operator.service_moved("mail1", "cl2"), ("online", ("cl2",)))
    tried(lambda operator: operator.service_offline("mail1"), ("offline", ()))
    tried(lambda operator: operator.node_evacuated("cl1"), ("online", ("cl2",)))


# -- adopting ----------------------------------------------------------------------------------------------------------


def by_hand() -> Site:
    """A cluster that was set up with the manual in hand."""
    site = Site()
    for line in (
        ["appvipcfg", "create", "-network=1", "-ip=10.0.0.3", "-vipname=msg1", "-user=root"],
        ["crsctl", "add", "type", "ocucs.ms.type", "-basetype", "cluster_resource", "-attr"]
        + ["ATTRIBUTE=INSTANCE_PATH,TYPE=string,FLAGS=READONLY|REQUIRED"],
        ["crsctl", "add", "resource", "ocucs.ms.msg1", "-type", "ocucs.ms.type", "-attr"]
        + [
            " INSTANCE_PATH=/export/msg1/messaging64, AGENT_FILENAME='%CRS_HOME%/bin/scriptagent', ACTION_SCRIPT="
            "'/export/msg1/messaging64/cwha/bin/ms_actionscript.pl', ENABLED=1, AUTO_START=restore, "
            "UPTIME_THRESHOLD=10m, CHECK_INTERVAL=10, SCRIPT_TIMEOUT=300, RESTART_ATTEMPTS=2, "
            "OFFLINE_CHECK_INTERVAL=0, START_DEPENDENCIES='hard(msg1) pullup(msg1)', "
            "STOP_DEPENDENCIES='hard(intermediate:msg1)',CARDINALITY=1, FAILURE_INTERVAL=0, FAILURE_THRESHOLD=0, "
            "HOSTING_MEMBERS='cl1 cl2',PLACEMENT=favored"
        ],
        ["crsctl", "start", "resource", "ocucs.ms.msg1", "-n", "cl1"],
    ):
        assert site.simulator.run("cl1", line).status == 0
    return site


def test_what_was_set_up_by_hand_is_a_service() -> None:
    site = by_hand()

    assert site.states() == {"msg1_service": ("online", ("cl1",))}
    (service,) = site.driver().read().services
    assert [resource.name for resource in service.resources] == ["msg1", "ocucs.ms.msg1"]
    assert service.misplaced == "msg1: cl1, ocucs.ms.msg1: cl1 cl2"
    assert service.settings["PLACEMENT"].endswith("favored")


def test_what_disagrees_is_exported_as_the_application_has_it() -> None:
    export = by_hand().driver().export(by_hand().driver().read())
    (service,) = export.services

    assert service["nodes"] == {"primary": "cl1", "standby": "cl2"}
    assert service["properties"]["PLACEMENT"] == "favored"
    assert service["resource_names"] == {"address": "msg1", "application": "ocucs.ms.msg1"}
    assert any("HOSTING_MEMBERS" in words and "do not agree" in words for words in export.unexpressed)
    assert any("PLACEMENT" in words and "do not agree" in words for words in export.unexpressed)


def test_exported_compiles_to_what_is_there(site: Site) -> None:
    config = site.driver().read()
    export = site.driver().export(config)
    cluster = {**CLUSTER, **{key: export.cluster[key] for key in ("framework", "properties") if key in export.cluster}}

    again = compiled([dict(service) for service in export.services], cluster)

    assert reconcile(config, again, site.driver()) == []
    applications = {service["name"]: service.get("application", {}).get("type") for service in export.services}
    assert applications == {"mail1": "messaging_server", "web": "native", "plain": None}
    assert any("address of cl1" in words for words in export.unexpressed)


def test_saved_and_running_configuration_say_the_same(site: Site) -> None:
    for form in ("-f", "-p"):
        saved = Clusterware(LocalRunner()).parse_saved(site.crsctl("status", "resource", form))
        running = site.driver().read()

        assert [service.name for service in saved.services] == [service.name for service in running.services]
        desired = ClusterConfig(services=compiled(SERVICES).services)
        assert reconcile(saved, desired, site.driver()) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("", "no resource in it"), ("NAME=a\nTYPE=b\n", "not shown whole"), ("<cib/>", "middle of a line")],
)
def test_saved_texts_that_are_none(text: str, complaint: str) -> None:
    with pytest.raises(FrameworkError, match=complaint):
        Clusterware(LocalRunner()).parse_saved(text)


def test_oracles_own_resources_are_foreign(site: Site) -> None:
    config = site.driver().read()

    assert "ora.net1.network" in config.foreign
    assert not any(name.startswith("ora.") for name in config.owners())
    assert not any("resource ora." in " ".join(argv) and "status" not in argv for _, argv in site.simulator.history)


# -- hostile texts -----------------------------------------------------------------------------------------------------


def test_a_cut_off_text_is_never_read_as_a_whole_one(site: Site) -> None:
    driver = Clusterware(LocalRunner())
    text = site.crsctl("status", "resource", "-f")
    whole = {service.name: service for service in driver.parse_saved(text).services}

    for end in range(1, len(text), 7):
        with contextlib.suppress(FrameworkError):
            for service in driver.parse_saved(text[:end]).services:
                for resource in service.resources:
                    known = {found.name: found for found in whole[service.name].resources}[resource.name]
                    assert resource.settings.items() <= known.settings.items(), (end, resource)


def test_mutilated_texts_are_read_or_refused(site: Site) -> None:
    hypothesis = pytest.importorskip("hypothesis")
    st = hypothesis.strategies
    shown = {form: site.crsctl("status", "resource", form) for form in ("-f", "-v")}
    types = site.crsctl("status", "type", "-p")

    @hypothesis.given(st.data())
    def mutilate(data: Any) -> None:
        lines = data.draw(st.sampled_from([*shown.values(), types])).splitlines()
        for _ in range(data.draw(st.integers(1, 3))):
            number = data.draw(st.integers(0, len(lines) - 1))
            kind = data.draw(st.sampled_from(["remove", "repeat", "swap", "replace", "cut"]))
            if kind == "remove":
                del lines[number]
            elif kind == "repeat":
                lines.insert(number, lines[number])
            elif kind == "swap":
                lines[number], lines[-1] = lines[-1], lines[number]
            elif kind == "replace":
                words = st.sampled_from(["STATE=", "NAME=x", "START_DEPENDENCIES=hard(", "=", "TARGET=ONLINE,ONLINE"])
                lines[number] = data.draw(st.one_of(words, st.text(max_size=12)))
            else:
                lines[number] = lines[number][: len(lines[number]) // 2]
            if not lines:
                return
        text = "\n".join(lines) + "\n"
        driver = Clusterware(Reading(text))
        for ask in (driver.read, driver.status, driver._types, lambda: driver.parse_saved(text)):
            with contextlib.suppress(FrameworkError):
                ask()

    mutilate()


class Reading(LocalRunner):
    """Answers every question with one text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def run(self, argv: Sequence[str], **_: Any) -> CommandResult:
        """The text."""
        nodes = "cl1\tActive\n" if argv[0] == "olsnodes" else self.text
        return CommandResult(tuple(argv), 0, nodes, "")
