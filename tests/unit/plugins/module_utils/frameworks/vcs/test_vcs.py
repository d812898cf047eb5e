"""Veritas Cluster Server: compiled as the Messaging Server manual has it, and driven against the simulator."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandResult
from ansible_collections.groupware.ha.plugins.module_utils.description.model import Member
from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, Resource
from ansible_collections.groupware.ha.plugins.module_utils.engine.executor import Executor
from ansible_collections.groupware.ha.plugins.module_utils.engine.operate import Operator
from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Plan
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.groupware.ha.plugins.module_utils.engine.session import Outcome, Session
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, NotRunning, Snapshot
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.vcs.driver import VeritasClusterServer
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.vcs.native import SESSION_FILE
from ansible_collections.groupware.ha.tests.simulators.engine import FAULTS
from ansible_collections.groupware.ha.tests.simulators.runner import SimulatedRunner
from ansible_collections.groupware.ha.tests.simulators.vcs.simulator import SIMULATOR

NODES = ["nodea", "nodeb", "nodec"]

MESSAGING_TYPES = """\
type MsgSrv (
        static int FaultOnMonitorTimeouts = 2
        static int ConfInterval = 600
        static str ArgList[] = { State, LogHostName, PrtStatus, DebugMode }
        str LogHostName
        boolean PrtStatus = 0
        boolean DebugMode = 0
)
"""

CLUSTER: dict[str, Any] = {
    "name": "demo",
    "framework": "vcs",
    "interface": "eth0",
    "networks": ["192.0.2.0/24", "2001:db8::/64"],
    "nodes": [{"name": name, "address": f"192.0.2.{number}"} for number, name in enumerate(NODES, start=11)],
}

#: With the names of the manual's figures.
MAIL: dict[str, Any] = {
    "name": "MAIL-RG",
    "model": "asymmetric",
    "nodes": {"primary": "nodea", "standby": "nodeb"},
    "address": "192.0.2.21",
    "host_name": "mail.example.com",
    "storage": {
        "volume_group": "s1msdg",
        "logical_volume": "vol1",
        "mount_point": "/s1ms",
        "mount_options": "largefiles",
    },
    "application": {"type": "messaging_server", "options": {"print_status": True}},
    "resource_names": {"volume": "s1ms_dg", "storage": "s1ms_mt", "address": "webip", "application": "Mail"},
}

WEB: dict[str, Any] = {
    "name": "web",
    "model": "asymmetric",
    "nodes": {"primary": "nodeb", "standby": ["nodec", "nodea"]},
    "address": "192.0.2.22",
    "storage": {"device": "/dev/sdb1", "filesystem": "ext4", "mount_point": "/web"},
    "application": {
        "type": "native",
        "members": [
            {"name": "server", "type": "Process", "properties": {"PathName": "/usr/sbin/httpd", "ToleranceLimit": "3"}},
            {"name": "top", "type": "Process", "properties": {"PathName": "/opt/top"}, "meta": {"requires": "server"}},
        ],
    },
}


class Site:
    """A simulated cluster, and what is done to it from its first node."""

    def __init__(self, **options: Any) -> None:
        self.simulator: Any = SIMULATOR(NODES, **options)
        for node in NODES:
            self.simulator.write_file(node, "/etc/VRTSvcs/conf/config/MsgSrvTypes.cf", MESSAGING_TYPES)
        self.runner = SimulatedRunner(self.simulator, NODES[0])

    def driver(self, node: str = NODES[0], dry: bool = False) -> VeritasClusterServer:
        self.runner = SimulatedRunner(self.simulator, node, dry=dry)
        return VeritasClusterServer(self.runner)

    def converge(self, *services: dict[str, Any], dry: bool = False, node: str = NODES[0], **options: Any) -> Outcome:
        driver = self.driver(node, dry)
        desired = driver.compile(parse_description(CLUSTER, list(services), driver.capabilities))
        return Session(driver, dry, 120, options.pop("allow_restart", True), True).converge(desired, **options)

    def operate(self, operation: str, *arguments: Any, node: str = NODES[0]) -> None:
        operator = Operator(self.driver(node), 120)
        operator.carry_out(getattr(operator, operation)(*arguments))

    def carry_out(self, plan: Callable[[VeritasClusterServer], Plan]) -> None:
        driver = self.driver()
        planned = plan(driver)
        Executor(driver).carry_out([*planned.stopping, *planned.changing], planned.afterwards)

    def type(self, *lines: str) -> None:
        """What an administrator types."""
        for line in lines:
            answer = self.simulator.run(NODES[0], line.split())
            assert answer.status == 0, (line, answer)

    def value(self, line: str) -> str:
        return str(self.simulator.run(NODES[0], line.split()).stdout.strip())

    def online(self, service: str) -> list[str]:
        return list(self.simulator.services()[service]["online"])

    @property
    def read_only(self) -> bool:
        return self.value("haclus -value ReadOnly") == "1"


def compiled(
    *services: dict[str, Any], cluster: dict[str, Any] | None = None, applications: bool = True
) -> ClusterConfig:
    driver = Site().driver()
    return driver.compile(parse_description(cluster or CLUSTER, list(services), driver.capabilities), applications)


def refused(*services: dict[str, Any]) -> str:
    with pytest.raises(DescriptionError) as error:
        compiled(*services)
    return str(error.value)


def members(config: ClusterConfig, service: str) -> dict[str, Resource]:
    found = config.service(service)
    assert found is not None
    return {resource.name: resource for resource in found.resources}


# -- compiling ---------------------------------------------------------------------------------------------------------


def test_messaging_server_as_the_manual_draws_it() -> None:
    config = compiled(MAIL)
    found = members(config, "MAIL-RG")

    assert [(name, resource.type) for name, resource in found.items()] == [
        ("s1ms_dg", "DiskGroup"),
        ("s1ms_mt", "Mount"),
        ("MAIL-RG_nic", "NIC"),
        ("webip", "IP"),
        ("Mail", "MsgSrv"),
    ]
    common = {"AutoStart": "1", "Enabled": "1"}
    assert found["s1ms_mt"].settings == {
        "MountPoint": "/s1ms",
        "BlockDevice": "/dev/vx/dsk/s1msdg/vol1",
        "FSType": "vxfs",
        "FsckOpt": "-y",
        "MountOpt": "largefiles",
        "requires": "s1ms_dg",
        **common,
    }
    assert found["webip"].settings == {
        "Device": "eth0",
        "Address": "192.0.2.21",
        "NetMask": "255.255.255.0",
        "requires": "MAIL-RG_nic",
        **common,
    }
    assert found["Mail"].settings == {
        "LogHostName": "mail.example.com",
        "PrtStatus": "TRUE",
        "requires": "s1ms_mt webip",
        **common,
    }
    assert config.services[0].placement == ("nodea", "nodeb")
    assert config.services[0].settings == {"Parallel": "0", "AutoStartList": "nodea"}
    assert [(found.name, dict(found.settings)) for found in config.types] == [
        (
            "MsgSrv",
            {
                "FaultOnMonitorTimeouts": "2",
                "ConfInterval": "600",
                "ToleranceLimit": "0",
                "SourceFile": "./MsgSrvTypes.cf",
            },
        )
    ]


def test_members_in_native_names() -> None:
    found = members(compiled(WEB), "web")

    assert found["web_server"].settings == {
        "PathName": "/usr/sbin/httpd",
        "ToleranceLimit": "3",
        "AutoStart": "1",
        "Enabled": "1",
        "requires": "web_storage web_address",
    }
    assert found["web_top"].settings["requires"] == "web_server"
    assert found["web_storage"].settings["BlockDevice"] == "/dev/sdb1"


def test_an_address_of_the_sixth_version_has_a_prefix_length() -> None:
    found = members(compiled({**WEB, "address": "2001:db8::22"}), "web")

    assert found["web_address"].settings["PrefixLen"] == "64"
    assert "NetMask" not in found["web_address"].settings


def test_without_applications_their_members_and_types_are_left_out() -> None:
    config = compiled(MAIL, applications=False)

    assert "Mail" not in members(config, "MAIL-RG")
    assert config.types == ()


def test_a_network_share_needs_no_check() -> None:
    found = members(
        compiled({**WEB, "storage": {"filesystem": "nfs", "device": "filer:/web", "mount_point": "/web"}}), "web"
    )

    assert "FsckOpt" not in found["web_storage"].settings


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"failback": True}, "services[MAIL-RG].failback"),
        ({"host_name": None}, "services[MAIL-RG].host_name"),
        ({"storage": {"mount_point": "/s1ms"}, "resource_names": {}}, "services[MAIL-RG].storage.device"),
        ({"properties": {"Parallel": 1}}, "services[MAIL-RG].properties.Parallel"),
        (
            {"application": {"type": "messaging_server", "options": {"debug": True}}},
            "services[MAIL-RG].application.options.debug = True: is no option",
        ),
        (
            {"application": {"type": "messaging_server", "options": {"debug_mode": "yes"}}},
            "services[MAIL-RG].application.options.debug_mode",
        ),
        (
            {"application": {"type": "messaging_server", "options": {"conf_interval": True}}},
            "services[MAIL-RG].application.options.conf_interval",
        ),
        ({"resource_properties": {"server": {"A": "b"}}}, "services[MAIL-RG].resource_properties.server"),
        ({"resource_names": {"address": "web_nic"}}, "gives the resource name web_nic, which service"),
    ],
)
def test_what_vcs_cannot_carry_is_refused(change: dict[str, Any], words: str) -> None:
    assert words in refused({**MAIL, **change}, WEB)


def test_what_a_native_member_cannot_have_is_refused() -> None:
    service = copy.deepcopy(WEB)
    service["application"]["members"][0].update(meta={"order": "1"}, operations={"monitor": {"interval": "10s"}})
    message = refused(service)

    assert "services[web].application.members[server].meta.order" in message
    assert "services[web].application.members[server].operations" in message


def test_one_type_has_one_value_for_all_services() -> None:
    other = {
        **MAIL,
        "name": "mail2",
        "address": "192.0.2.23",
        "host_name": "mail2.example.com",
        "resource_names": {},
        "storage": {**MAIL["storage"], "volume_group": "dg2", "mount_point": "/mail2"},
        "application": {"type": "messaging_server", "options": {"tolerance_limit": 2}},
    }
    first = {**MAIL, "application": {"type": "messaging_server", "options": {"tolerance_limit": 1}}}

    assert "services[mail2].application.options.tolerance_limit" in refused(first, other)
    assert compiled(MAIL, other).types[0].settings["ToleranceLimit"] == "2"


@pytest.mark.parametrize("name", ["group", "1mail", "mail.one", "Start"])
def test_names(name: str) -> None:
    assert VeritasClusterServer.capabilities.refuses(name)
    assert not VeritasClusterServer.capabilities.refuses(f"mail-{name.replace('.', '_')}")


@pytest.mark.parametrize(
    ("key", "current", "desired", "same"),
    [
        ("requires", "a b", "b a", True),
        ("requires", "a", "a b", False),
        ("AutoStartList", "a  b", "a b", True),
        ("AutoStartList", "a b", "b a", False),
        ("Operators", "a b", "b a", True),
        ("PrtStatus", "1", "TRUE", True),
        ("PrtStatus", "true", "0", False),
        ("FsckOpt", "-y", "%-y", True),
        ("MountPoint", "/a", "/A", False),
    ],
)
def test_same(key: str, current: str, desired: str, same: bool) -> None:
    assert Site().driver().same(key, current, desired) == same


# -- a service's life --------------------------------------------------------------------------------------------------


def test_created_in_one_session() -> None:
    site = Site()
    planned = site.converge(MAIL, WEB, dry=True)
    commands = list(site.runner.commands)
    assert site.simulator.services() == {}

    done = site.converge(MAIL, WEB)

    assert site.runner.commands == commands
    assert done.changes == planned.changes
    assert [line for line in commands if line.startswith("haconf")] == ["haconf -makerw", "haconf -dump -makero"]
    assert site.read_only
    assert (site.online("MAIL-RG"), site.online("web")) == (["nodea"], ["nodeb"])
    # All are on their way before the first is waited for.
    assert commands.index("hagrp -online web -sys nodeb") < commands.index("hagrp -modify MAIL-RG AutoStartList nodea")
    assert not site.converge(MAIL, WEB).changes
    assert site.runner.commands == []


@pytest.mark.parametrize("count", [1, 10, 100])
def test_a_run_without_changes_takes_as_many_commands_however_many_services(count: int) -> None:
    site = Site()
    services = [
        {
            "name": f"mail{number}",
            "model": "asymmetric",
            "nodes": {"primary": NODES[number % 3], "standby": NODES[(number + 1) % 3]},
            "address": f"198.51.{100 + number // 100}.{number % 100 + 1}",
            "storage": {"volume_group": f"dg{number}", "logical_volume": "v", "mount_point": f"/mail{number}"},
        }
        for number in range(count)
    ]
    cluster = {**CLUSTER, "networks": ["198.51.0.0/16"]}
    driver = site.driver()
    desired = driver.compile(parse_description(cluster, services, driver.capabilities))
    # As if somebody had configured all that by hand: to have the simulator do it takes minutes.
    with site.simulator.edit() as state:
        for service in desired.services:
            group = site.simulator.new_group({"attributes": {}, "local": {}})
            systems = {node: str(number) for number, node in enumerate(service.placement or ())}
            group["attributes"].update(SystemList=systems, AutoStartList=[next(iter(systems))])
            state["groups"][service.name] = group
            for resource in service.resources:
                values = {key: value for key, value in resource.settings.items() if key != "requires"}
                state["resources"][resource.name] = site.simulator.new_resource(
                    {"type": resource.type, "group": service.name, "attributes": values, "local": {}, "overridden": {}}
                )
                state["links"] += [[resource.name, child] for child in resource.settings["requires"].split()]
        site.simulator.place_resources()
    answers: dict[Any, CommandResult] = {}

    class Recorded(SimulatedRunner):
        def run(self, argv: Sequence[str], **options: Any) -> CommandResult:
            self.asked.append(" ".join(argv))
            key = tuple(argv)
            if key not in answers:
                answers[key] = super().run(argv, **options)
            return answers[key]

    for _ in range(2):
        runner = Recorded(site.simulator, "nodea")
        started = time.process_time()
        outcome = Session(VeritasClusterServer(runner), False, 120).converge(desired)
        seconds = time.process_time() - started

    assert not outcome.changes
    assert sorted(runner.asked) == [
        "haclus -display",
        "hagrp -dep",
        "hagrp -display",
        "hares -dep",
        "hares -display",
        "hastatus -sum",
        "hatype -display",
    ]
    assert seconds < 1


def test_a_change_that_restarts_needs_permission_and_stops_only_what_depends() -> None:
    site = Site()
    site.converge(MAIL, WEB)
    changed = {**MAIL, "address": "192.0.2.31"}

    with pytest.raises(FrameworkError, match="stop and start MAIL-RG"):
        site.converge(changed, WEB, allow_restart=False)
    assert site.runner.commands == []
    outcome = site.converge(changed, WEB)

    assert outcome.restarts == ["MAIL-RG"]
    stopped = [line for line in site.runner.commands if " -offline " in line]
    assert stopped == ["hares -offline Mail -sys nodea", "hares -offline webip -sys nodea"]
    assert site.value("hares -value webip Address") == "192.0.2.31"
    assert site.value("hares -value webip AutoStart") == "1"
    assert site.online("MAIL-RG") == ["nodea"]
    assert not site.converge(changed, WEB).changes


def test_a_change_that_disturbs_nothing() -> None:
    site = Site()
    site.converge(MAIL)
    options = {"print_status": False, "tolerance_limit": 1}
    changed = {
        **MAIL,
        "application": {"type": "messaging_server", "options": options},
        "properties": {"AutoFailOver": 0},
        "resource_properties": {"application": {"MonitorInterval": 30}},
    }

    outcome = site.converge(changed, allow_restart=False)

    assert outcome.restarts == []
    assert "hatype -modify MsgSrv ToleranceLimit 1" in site.runner.commands
    override = site.runner.commands.index("hares -override Mail MonitorInterval")
    assert site.runner.commands[override + 1] == "hares -modify Mail MonitorInterval 30"
    assert site.value("hatype -value MsgSrv MonitorInterval") == "60"
    # What the description no longer names is purged only on request.
    without = {key: value for key, value in changed.items() if key != "resource_properties"}
    assert not site.converge(without).changes
    site.converge(without, purge=True)
    assert "hares -undo_override Mail MonitorInterval" in site.runner.commands
    assert not site.converge(without, purge=True).changes


def test_a_member_joins_and_leaves_a_running_service() -> None:
    site = Site()
    without = copy.deepcopy(WEB)
    del without["application"]["members"][1]
    site.converge(without)

    site.converge(WEB, allow_restart=False)
    assert site.online("web") == ["nodeb"]
    assert site.value("hares -value web_top AutoStart") == "1"
    assert "hares -online web_top -sys nodeb" in site.runner.commands
    outcome = site.converge(without, purge=True, allow_restart=False)

    assert [change.name for change in outcome.changes if change.action == "delete"] == ["web_top"]
    assert site.simulator.services()["web"]["members"].keys() == {"web_storage", "web_nic", "web_address", "web_server"}
    assert "leaked" not in site.simulator.services()["web"]


def test_a_member_below_others_is_recreated() -> None:
    site = Site()
    site.converge(WEB)
    changed = copy.deepcopy(WEB)
    changed["application"]["members"][0].update(type="Application")
    changed["application"]["members"][0]["properties"] = {
        "StartProgram": "/opt/start",
        "StopProgram": "/opt/stop",
        "MonitorProcesses": "httpd",
    }

    site.converge(changed)

    assert site.online("web") == ["nodeb"]
    assert site.value("hares -value web_server Type") == "Application"
    assert not site.converge(changed).changes
    assert site.value("hares -dep web_top").split()[-3:] == ["web", "web_top", "web_server"]


def test_nodes_change_while_it_is_online() -> None:
    site = Site()
    site.converge(MAIL)
    changed = {**MAIL, "nodes": {"primary": "nodec", "standby": "nodeb"}}

    outcome = site.converge(changed, purge=True)

    assert outcome.restarts == ["MAIL-RG"]
    assert site.value("hagrp -value MAIL-RG SystemList") == "nodeb 1 nodec 0"
    assert site.online("MAIL-RG") == ["nodec"]
    assert not site.converge(changed, purge=True).changes


def test_a_node_that_vcs_does_not_have_is_refused() -> None:
    site = Site()
    with site.simulator.edit() as state:
        del state["nodes"]["nodec"]
    with pytest.raises(FrameworkError, match="no such system"):
        site.converge(WEB)
    assert site.runner.commands == []


def test_extra_links_are_drift() -> None:
    site = Site()
    site.converge(MAIL)
    site.type("haconf -makerw", "hares -link s1ms_mt webip", "hares -unlink Mail webip", "haconf -dump -makero")

    site.converge(MAIL)

    assert "hares -unlink s1ms_mt webip" in site.runner.commands
    assert "hares -link Mail webip" in site.runner.commands
    assert site.online("MAIL-RG") == ["nodea"]


def test_values_for_each_system() -> None:
    site = Site()
    site.converge(MAIL)
    local = {**MAIL, "resource_properties": {"nic": {"Device": None, "Device nodea": "eth1", "Device nodeb": "eth2"}}}

    site.converge(local)
    assert site.value("hares -value MAIL-RG_nic Device nodeb") == "eth2"
    assert not site.converge(local).changes
    site.converge(MAIL)

    assert "hares -global MAIL-RG_nic Device eth0" in site.runner.commands
    assert not site.converge(MAIL).changes


def test_removed_in_order() -> None:
    site = Site()
    site.converge(MAIL, WEB)

    site.converge(absent=["MAIL-RG"])

    assert list(site.simulator.services()) == ["web"]
    commands = site.runner.commands
    assert commands[0] == "hagrp -offline MAIL-RG -sys nodea"
    order = ["hares -unlink Mail webip", "hares -delete Mail", "hares -delete s1ms_dg", "hagrp -delete MAIL-RG"]
    assert [commands.index(line) for line in order] == sorted(commands.index(line) for line in order)
    assert site.read_only


def test_groups_that_are_not_ours_are_left_alone() -> None:
    site = Site()
    site.type(
        "haconf -makerw",
        "hagrp -add ClusterService",
        "hagrp -modify ClusterService SystemList nodea 0",
        "hares -add webip NIC ClusterService",
        "hagrp -add cvm",
        "hagrp -modify cvm Parallel 1",
        "haconf -dump -makero",
    )

    config = site.driver().read().config
    assert config.services == ()
    assert config.foreign == {"ClusterService", "webip", "cvm"}
    site.converge(WEB, purge=True)

    assert "ClusterService" in site.simulator.services()


def test_a_dependency_between_groups_is_kept_and_undone_with_the_group() -> None:
    site = Site()
    site.converge(MAIL, WEB)
    site.type("haconf -makerw", "hagrp -link web MAIL-RG online global soft", "haconf -dump -makero")

    assert not site.converge(MAIL, WEB, purge=True).changes
    exported = site.driver().export(site.driver().read().config)
    assert any("requires other groups: MAIL-RG online global soft" in words for words in exported.unexpressed)
    with pytest.raises(FrameworkError, match="depends on group MAIL-RG"):
        site.converge(absent=["MAIL-RG"])
    site.converge(absent=["MAIL-RG", "web"])

    assert site.simulator.services() == {}


def step_by_step(site: Site, plan: Callable[[VeritasClusterServer], Plan]) -> list[str]:
    """Take the steps of a plan: what each is to lead to is not so before it (but for values), and is so afterwards."""
    driver = site.driver()
    planned = plan(driver)
    for step in (*planned.stopping, *planned.changing, *planned.afterwards):
        before, taken = step.done(driver.observe()), len(site.runner.commands)
        Executor(driver).carry_out([step])
        driver.settle(600)
        lines = [line for line in site.runner.commands[taken:] if not line.startswith("#")]
        assert not (lines and before) or "-modify" in lines[0], lines
        assert step.done(driver.observe()), (lines, step.words)
    return [" ".join(line.split()[:2]) for line in site.runner.commands]


#: What is told to VCS, apart from haconf.
VERBS = {
    "haattr": ["-add"],
    "haclus": ["-modify"],
    "hagrp": ["-add", "-clear", "-clearadminwait", "-delete", "-disable", "-enable", "-flush", "-freeze", "-modify"]
    + ["-offline", "-online", "-switch", "-unfreeze", "-unlink"],
    "hares": ["-add", "-delete", "-global", "-link", "-local", "-modify", "-offline", "-online", "-override"]
    + ["-undo_override", "-unlink"],
    "hasys": ["-freeze", "-unfreeze"],
    "hatype": ["-add", "-delete", "-modify"],
}


def test_each_step_knows_whether_it_is_done() -> None:
    site = Site()
    found: set[str] = set()

    def take(plan: Callable[[VeritasClusterServer, Snapshot], Plan]) -> None:
        found.update(step_by_step(site, lambda driver: plan(driver, driver.read())))

    def converge(*services: dict[str, Any], absent: Sequence[str] = (), **properties: str) -> None:
        def plan(driver: VeritasClusterServer, snapshot: Snapshot) -> Plan:
            desired = driver.compile(parse_description(CLUSTER, list(services), driver.capabilities))
            desired = dataclasses.replace(desired, properties=properties)
            return driver.plan(snapshot, reconcile(snapshot.config, desired, driver, absent=absent, purge=True))

        take(plan)

    local = {"Device": None, "Device nodea": "eth1", "Device nodec": "eth2"}
    other = {
        **MAIL,
        "nodes": {"primary": "nodec", "standby": ["nodeb", "nodea"]},
        "resource_properties": {"nic": local, "application": {"MonitorInterval": 30}, "storage": {"FsckOpt": "-n"}},
        "properties": {"Frozen": 1},
    }
    last = {**MAIL, "address": "192.0.2.31", "resource_properties": {"storage": {"requires": ""}}}
    converge(MAIL, WEB)
    converge(other, WEB, Administrators="admin operator")
    take(lambda driver, snapshot: driver.plan_freezing(snapshot, "MAIL-RG", False))
    converge(last, WEB)
    take(lambda driver, snapshot: driver.plan_enabling(snapshot, "MAIL-RG", False))
    take(lambda driver, snapshot: driver.plan_enabling(snapshot, "MAIL-RG", True))
    take(lambda driver, snapshot: driver.plan_moving(snapshot, "MAIL-RG", "nodeb", 120))
    take(lambda driver, snapshot: driver.plan_standby(snapshot, "nodeb", True))
    take(lambda driver, snapshot: driver.plan_standby(snapshot, "nodeb", False))
    for operation, properties in (("monitor", {}), ("stop", {}), ("monitor", {"ManageFaults": "NONE"})):
        converge({**last, "properties": properties}, WEB)
        site.simulator.fail_agent("Mail", operation, site.online("MAIL-RG"))
        if operation == "stop":
            site.type(f"hares -offline Mail -sys {site.online('MAIL-RG')[0]}")
        site.simulator.pass_time(60)
        site.simulator.repair_agent("Mail")
        take(lambda driver, snapshot: driver.plan_clearing(snapshot, "MAIL-RG"))
        take(lambda driver, snapshot: driver.plan_enabling(snapshot, "MAIL-RG", True))
    site.type("haconf -makerw", "hagrp -link web MAIL-RG online global soft", "haconf -dump -makero")
    converge(absent=["MAIL-RG", "web", "MsgSrv"])

    wanted = {f"{program} {verb}" for program, verbs in VERBS.items() for verb in verbs}
    assert found - {"# replace", "haconf -dump", "haconf -makerw"} == wanted


# -- the configuration session ----------------------------------------------------------------------------------------


def test_what_an_administrator_has_open_stays_open() -> None:
    site = Site()
    site.type("haconf -makerw")

    site.converge(MAIL)

    assert [line for line in site.runner.commands if line.startswith("haconf")] == ["haconf -dump"]
    assert not site.read_only
    assert not site.converge(MAIL).changes


def test_a_run_that_was_killed_leaves_word_and_the_next_closes() -> None:
    site = Site()
    site.converge(MAIL)

    class Killed(BaseException):
        pass

    class Mortal(SimulatedRunner):
        def run(self, argv: Sequence[str], **options: Any) -> CommandResult:
            if list(argv[:2]) == ["haconf", "-dump"]:
                raise Killed
            return super().run(argv, **options)

    driver = VeritasClusterServer(Mortal(site.simulator, "nodea"))
    changed = {**MAIL, "properties": {"AutoFailOver": 0}}
    desired = driver.compile(parse_description(CLUSTER, [changed], driver.capabilities))
    with pytest.raises(Killed):
        Session(driver, False, 120).converge(desired)
    assert not site.read_only

    planned = site.converge(changed, dry=True)
    outcome = site.converge(changed)

    assert [change.after for change in outcome.changes] == [{"configuration": "closed"}]
    assert planned.changes == outcome.changes
    assert site.read_only
    assert site.runner.read_file(SESSION_FILE) == ""
    assert not site.converge(changed).changes


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("words", ["-makerw", "-dump"])
def test_closed_whatever_becomes_of_haconf(fault: str, words: str) -> None:
    site = Site()
    site.simulator.order_fault({"-makerw": 1, "-dump": 2}[words], fault, program="haconf")

    with contextlib.suppress(FrameworkError, CommandError):
        site.converge(MAIL)

    assert site.read_only
    assert site.runner.read_file(SESSION_FILE) == ""
    site.converge(MAIL)
    assert site.online("MAIL-RG") == ["nodea"]


def test_tried_again_while_a_node_joins() -> None:
    site = Site()

    def plan(driver: VeritasClusterServer) -> Plan:
        desired = driver.compile(parse_description(CLUSTER, [MAIL], driver.capabilities))
        snapshot = driver.read()
        planned = driver.plan(snapshot, reconcile(snapshot.config, desired, driver))
        site.simulator.order_system_state("nodea", "REMOTE_BUILD", 20)
        return planned

    site.carry_out(plan)

    assert site.online("MAIL-RG") == ["nodea"]
    assert site.runner.commands.count("haconf -makerw") > 1


# -- faults ------------------------------------------------------------------------------------------------------------


def test_a_service_that_fails_at_home_starts_on_its_standby() -> None:
    site = Site()
    site.simulator.fail_agent("Mail", "start", ["nodea"])

    outcome = site.converge(MAIL)

    assert outcome.status is not None
    service = outcome.status.services["MAIL-RG"]
    assert (service.state, service.nodes) == ("online", ("nodeb",))
    assert service.failures == ("Mail is FAULTED on nodea",)


def test_one_service_that_cannot_start_keeps_no_other_from_it() -> None:
    site = Site()
    site.simulator.fail_agent("Mail", "start")

    with pytest.raises(FrameworkError, match=r"service MAIL-RG was to get online on nodea, but Mail is FAULTED"):
        site.converge(MAIL, WEB)
    assert site.online("web") == ["nodeb"]
    assert site.read_only
    # Nothing is started again before somebody has said that it can.
    with pytest.raises(FrameworkError, match="none of its nodes can take it"):
        site.converge(MAIL, WEB)
    site.simulator.repair_agent("Mail")
    site.operate("service_cleared", "MAIL-RG")
    site.converge(MAIL, WEB)

    assert site.online("MAIL-RG") == ["nodea"]
    assert not site.converge(MAIL, WEB).changes


def test_a_service_that_does_not_stop_is_reported_and_cleared() -> None:
    site = Site()
    site.converge(MAIL)
    site.simulator.fail_agent("Mail", "stop")

    with pytest.raises(FrameworkError, match="UNABLE TO OFFLINE on nodea"):
        site.operate("service_offline", "MAIL-RG")
    assert site.driver().status().services["MAIL-RG"].state == "failed"
    site.simulator.repair_agent("Mail")
    site.operate("service_cleared", "MAIL-RG")
    site.operate("service_offline", "MAIL-RG")

    assert site.online("MAIL-RG") == []


def test_what_waits_for_an_administrator_is_not_touched() -> None:
    site = Site()
    site.converge({**MAIL, "properties": {"ManageFaults": "NONE"}})
    site.simulator.fail_agent("Mail", "monitor", ["nodea"])
    site.simulator.pass_time(60)

    with pytest.raises(FrameworkError, match="waits for an administrator"):
        site.operate("service_offline", "MAIL-RG")
    site.simulator.repair_agent("Mail")
    site.operate("service_cleared", "MAIL-RG")
    assert site.driver().status().services["MAIL-RG"].failures == ()


def test_a_frozen_service_is_not_restarted() -> None:
    site = Site()
    site.converge(MAIL)
    site.operate("service_frozen", "MAIL-RG", True)

    with pytest.raises(FrameworkError, match="is frozen"):
        site.converge({**MAIL, "address": "192.0.2.31"})
    assert site.runner.commands == []
    with pytest.raises(FrameworkError, match="is frozen"):
        site.operate("service_moved", "MAIL-RG", "nodeb")
    site.converge({**MAIL, "properties": {"AutoFailOver": 0}})
    assert site.value("hagrp -value MAIL-RG Frozen") == "1"


def test_frozen_for_a_time_is_frozen_for_good_and_thawed() -> None:
    site = Site()
    site.converge(MAIL)
    site.type("hagrp -freeze MAIL-RG")
    assert site.driver().status().services["MAIL-RG"].frozen

    site.carry_out(lambda driver: driver.plan_freezing(driver.read(), "MAIL-RG", True))
    assert site.value("hagrp -value MAIL-RG Frozen") == "1"
    site.operate("service_frozen", "MAIL-RG", False)

    assert not site.driver().status().services["MAIL-RG"].frozen
    assert site.read_only


def test_a_lost_node_comes_back() -> None:
    site = Site()
    site.converge(MAIL)
    site.simulator.stop_node("nodea")
    site.simulator.pass_time(60)

    with pytest.raises(NotRunning):
        site.driver("nodea").read()
    status = site.driver("nodeb").status()
    assert not status.nodes["nodea"].online
    assert (status.services["MAIL-RG"].state, status.services["MAIL-RG"].nodes) == ("online", ("nodeb",))
    assert not site.converge(MAIL, node="nodeb").changes
    site.simulator.start_node("nodea")
    site.simulator.pass_time(60)

    site.operate("service_moved", "MAIL-RG", "nodea")
    assert site.online("MAIL-RG") == ["nodea"]


def test_when_vcs_alone_died_nobody_knows_and_it_says_what_to_do() -> None:
    site = Site()
    site.converge(MAIL)
    site.simulator.stop_engine("nodea")
    site.simulator.pass_time(30)

    service = site.driver("nodeb").status().services["MAIL-RG"]
    assert service.state == "failed"
    assert any("hagrp -autoenable MAIL-RG -sys nodea" in words for words in service.failures)
    with pytest.raises(FrameworkError, match="autoenable"):
        site.operate("service_online", "MAIL-RG", None, node="nodeb")


# -- day two -----------------------------------------------------------------------------------------------------------


def test_an_offline_service_stays_so_while_it_is_changed() -> None:
    site = Site()
    site.converge(MAIL)
    site.operate("service_offline", "MAIL-RG")
    status = site.driver().status().services["MAIL-RG"]
    assert (status.state, status.enabled) == ("offline", False)

    changed = {**MAIL, "address": "192.0.2.31"}
    outcome = site.converge(changed, allow_restart=False)
    assert outcome.restarts == []
    assert site.online("MAIL-RG") == []
    site.operate("service_online", "MAIL-RG", None)

    assert site.online("MAIL-RG") == ["nodea"]
    assert site.value("hagrp -value MAIL-RG Enabled nodeb") == "1"
    assert not site.converge(changed).changes


def test_an_unfinished_start_is_offline_on_purpose_until_it_is_finished() -> None:
    site = Site()
    site.converge(MAIL)
    site.operate("service_offline", "MAIL-RG")
    site.simulator.order_fault(1, "fail", program="haconf")
    with contextlib.suppress(FrameworkError):
        site.operate("service_online", "MAIL-RG", None)
    site.type("haconf -makerw", "hagrp -enable MAIL-RG -sys nodea", "haconf -dump -makero")
    assert not site.driver().status().services["MAIL-RG"].enabled

    site.operate("service_online", "MAIL-RG", None)

    assert site.driver().status().services["MAIL-RG"].enabled
    assert site.online("MAIL-RG") == ["nodea"]


def test_started_on_the_other_node_and_moved_back() -> None:
    site = Site()
    site.converge(MAIL)
    site.operate("service_offline", "MAIL-RG")

    site.operate("service_online", "MAIL-RG", "nodeb")
    assert site.online("MAIL-RG") == ["nodeb"]
    site.operate("service_moved", "MAIL-RG", None)

    assert site.online("MAIL-RG") == ["nodea"]
    assert site.runner.commands == ["hagrp -switch MAIL-RG -to nodea"]


def test_half_of_a_service_is_brought_together() -> None:
    site = Site()
    site.converge(MAIL)
    site.type("hares -offline Mail -sys nodea")
    site.simulator.pass_time(60)
    assert site.driver().status().services["MAIL-RG"].state == "partial"

    site.operate("service_online", "MAIL-RG", "nodeb")

    assert site.online("MAIL-RG") == ["nodeb"]


def test_a_node_is_evacuated_and_returned() -> None:
    site = Site()
    site.converge(MAIL, WEB)

    site.operate("node_evacuated", "nodea")
    assert site.driver().status().nodes["nodea"].standby
    assert site.online("MAIL-RG") == ["nodeb"]
    assert not site.converge(MAIL, WEB).changes
    site.operate("node_returned", "nodea")

    assert not site.driver().status().nodes["nodea"].standby
    assert site.read_only


def test_a_node_that_is_frozen_for_a_time_is_returned() -> None:
    site = Site()
    site.type("hasys -freeze nodea")

    site.operate("node_returned", "nodea")

    told = [line for line in site.runner.commands if line.startswith("hasys")]
    assert told == ["hasys -unfreeze -persistent nodea", "hasys -unfreeze nodea"]
    assert not site.driver().status().nodes["nodea"].standby
    assert site.read_only


OPERATIONS: dict[str, Any] = {
    "offline": lambda site: site.operate("service_offline", "MAIL-RG"),
    "online": lambda site: site.operate("service_online", "MAIL-RG", "nodea"),
    "moved": lambda site: site.operate("service_moved", "MAIL-RG", "nodeb"),
    "frozen": lambda site: site.operate("service_frozen", "MAIL-RG", True),
    "evacuated": lambda site: site.operate("node_evacuated", "nodea"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_operations_are_interrupted_anywhere(operation: str, fault: str) -> None:
    first = Site()
    first.converge(MAIL)
    if operation == "online":
        OPERATIONS["offline"](first)
    state, files = copy.deepcopy(first.simulator.state), copy.deepcopy(first.simulator.node_files)
    number = 0
    while True:
        number += 1
        site = Site()
        site.simulator.state, site.simulator.node_files = copy.deepcopy(state), copy.deepcopy(files)
        site.simulator.order_fault(number, fault)
        with contextlib.suppress(FrameworkError, CommandError):
            OPERATIONS[operation](site)
        interrupted = not site.simulator.state["faults"]
        site.simulator.cancel_faults()
        assert site.read_only, (number, fault)
        site.simulator.pass_time(600)
        OPERATIONS[operation](site)
        status = site.driver().status()
        service = status.services["MAIL-RG"]
        where = {"offline": (), "moved": ("nodeb",), "evacuated": ("nodeb",)}.get(operation, ("nodea",))
        assert service.nodes == where, (number, fault)
        assert service.enabled == (operation != "offline"), (number, fault)
        assert service.frozen == (operation == "frozen"), (number, fault)
        assert site.read_only, (number, fault)
        if not interrupted:
            break
    assert number > 5


# -- saved configurations, export --------------------------------------------------------------------------------------


def test_a_saved_configuration_is_what_was_read() -> None:
    site = Site()
    site.converge(MAIL, WEB)
    text = site.simulator.read_file("nodea", "/etc/VRTSvcs/conf/config/main.cf")
    driver = site.driver()
    saved, read = driver.parse_saved(text), driver.read().config

    desired = driver.compile(parse_description(CLUSTER, [MAIL, WEB], driver.capabilities))
    assert not [change for change in reconcile(saved, desired, driver) if change.kind != "type"]
    for service in read.services:
        found = members(saved, service.name)
        assert list(found) == [resource.name for resource in service.resources]
        for resource in service.resources:
            for key, value in found[resource.name].settings.items():
                assert driver.same(key, resource.settings[key], value), (resource.name, key)
    for config in (saved, read):
        exported = driver.export(config)
        cluster = {
            **exported.cluster,
            "name": "demo",
            "nodes": [
                {**node, "address": f"192.0.2.{number}"} for number, node in enumerate(exported.cluster["nodes"], 11)
            ],
        }
        again = driver.compile(parse_description(cluster, list(exported.services), driver.capabilities))
        assert not [change for change in reconcile(config, again, driver) if change.kind != "type"]
        assert not any("MAIL-RG" in words or "web" in words for words in exported.unexpressed)
    kinds = {service["name"]: service["application"]["type"] for service in exported.services}
    assert kinds == {"MAIL-RG": "messaging_server", "web": "native"}


def test_what_is_no_main_cf_is_refused() -> None:
    driver = Site().driver()
    for text in ("", "<cib/>", 'include "types.cf"\n', "cluster demo ( )\n"):
        with pytest.raises(FrameworkError, match=r"not a main\.cf"):
            driver.parse_saved(text)


def test_a_main_cf_that_was_cut_is_refused() -> None:
    site = Site()
    site.converge(MAIL, WEB)
    text = site.simulator.read_file("nodea", "/etc/VRTSvcs/conf/config/main.cf")
    driver = site.driver()
    whole = driver.parse_saved(text)

    for length in range(text.index("dependency tree"), len(text.rstrip())):
        with contextlib.suppress(FrameworkError):
            found = driver.parse_saved(text[:length])
            assert [service for service in found.services if service not in whole.services] == []


# -- refusing what cannot be -------------------------------------------------------------------------------------------


def test_without_vcs_there_is_nothing_to_read() -> None:
    class Empty(SimulatedRunner):
        def run(self, argv: Sequence[str], **options: Any) -> CommandResult:
            return super().run(["nothing", *argv], **options)

    with pytest.raises(NotRunning, match="not installed"):
        VeritasClusterServer(Empty(Site().simulator, "nodea")).read()


def test_types_are_registered_from_their_files_alone() -> None:
    site = Site()

    assert site.driver().missing_agents(["Mount", "MsgSrv", "Oracle"]) == ["Oracle"]
    assert site.driver().missing_agents([]) == []
    with pytest.raises(FrameworkError, match="derived"):
        site.driver().native_type("MsgSrv", "Application", {})


def test_a_types_file_that_cannot_be_read_matters_for_its_type_alone() -> None:
    site = Site()
    site.simulator.write_file("nodea", "/etc/VRTSvcs/conf/config/OracleTypes.cf", "type (")

    with pytest.raises(FrameworkError, match=r"OracleTypes\.cf is no types file"):
        site.driver().missing_agents(["Mount", "Oracle"])
    site.simulator.write_file("nodea", "/etc/VRTSvcs/conf/config/MountTypes.cf", "type (")
    assert site.driver().missing_agents(["Mount", "IP"]) == []


def test_a_driver_keeps_nothing_between_calls() -> None:
    site = Site()
    driver = site.driver()
    desired = driver.compile(parse_description(CLUSTER, [MAIL], driver.capabilities))

    Session(driver, False, 120).converge(desired)

    assert vars(driver) == {"runner": site.runner}
    assert reconcile(site.driver().read().config, desired, site.driver(), purge=True) == []


def test_axes() -> None:
    driver = Site().driver()

    assert driver.axis_settings("service", "managed", False) == {"Frozen": "1"}
    assert driver.axis_settings("resource", "enabled", True) == {"Enabled": "1"}
    with pytest.raises(FrameworkError, match="monitored"):
        driver.axis_settings("resource", "monitored", False)


def test_a_service_that_is_unmanaged_is_not_started() -> None:
    site = Site()
    driver = site.driver()
    disk = driver.native_resource(Member("web_disk", "DiskGroup", {"DiskGroup": "dgweb"}))
    service = driver.native_service("web", ["nodea", "nodeb"], {"Frozen": "1"}, [disk])
    with contextlib.suppress(FrameworkError):
        Session(driver, False, 120).converge(ClusterConfig(services=(service,)))

    assert site.online("web") == []
    assert site.value("hagrp -value web Frozen") == "1"


TRANSCRIPTS = Site()
TRANSCRIPTS.converge(MAIL, WEB)
PRINTED = {
    line: TRANSCRIPTS.simulator.run("nodea", line.split()).stdout
    for line in (
        "hagrp -display",
        "hares -display",
        "hares -dep",
        "hatype -display",
        "haclus -display",
        "hastatus -sum",
    )
}


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(data=st.data())
def test_mutilated_answers_are_refused_or_say_what_they_said(data: st.DataObject) -> None:
    """Rows lost, doubled, cut or joined: what is then read of a resource is right, or nothing is read."""
    line = data.draw(st.sampled_from(["hagrp -display", "hares -display"]))
    rows = PRINTED[line].splitlines()
    number = data.draw(st.integers(min_value=0, max_value=len(rows) - 1))
    how = data.draw(st.sampled_from(["cut off", "doubled", "cut", "joined"]))
    if how == "cut off":
        rows = rows[:number]
    elif how == "doubled":
        rows.insert(number, rows[number])
    elif how == "cut":
        rows[number] = rows[number][: data.draw(st.integers(min_value=0, max_value=len(rows[number].split()[0])))]
    else:
        rows[number : number + 2] = [" ".join(rows[number : number + 2])]
    printed = {**PRINTED, line: "".join(f"{row}\n" for row in rows)}

    class Mutilated(SimulatedRunner):
        def run(self, argv: Sequence[str], **options: Any) -> CommandResult:
            text = printed.get(" ".join(argv))
            return super().run(argv, **options) if text is None else CommandResult(tuple(argv), 0, text, "")

    driver = VeritasClusterServer(Mutilated(TRANSCRIPTS.simulator, "nodea"))
    whole = TRANSCRIPTS.driver().read().config
    with contextlib.suppress(FrameworkError):
        found = driver.read().config
        driver.status()
        for service in found.services:
            known = whole.service(service.name)
            assert known is not None
            assert service.placement == known.placement
            for resource in service.resources:
                original = members(whole, service.name)[resource.name]
                assert resource.type == original.type
                if how in ("cut off", "cut", "doubled"):
                    assert {key: original.settings[key] for key in resource.settings} == dict(resource.settings)
