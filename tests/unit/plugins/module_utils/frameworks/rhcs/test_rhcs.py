"""The driver for Red Hat Cluster Suite, against the simulated product of the releases 4, 5 and 6."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandResult
from ansible_collections.groupware.ha.plugins.module_utils.description.model import Member
from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig
from ansible_collections.groupware.ha.plugins.module_utils.engine.operate import Movement, Operator
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.groupware.ha.plugins.module_utils.engine.session import Outcome, Session
from ansible_collections.groupware.ha.plugins.module_utils.formats import cluster_conf, cluster_conf_grammar
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, NotRunning
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.rhcs.driver import RedHatClusterSuite
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.rhcs.terms import CLUSTER_CONF
from ansible_collections.groupware.ha.tests.simulators.engine import FAULTS
from ansible_collections.groupware.ha.tests.simulators.rhcs.simulator import SIMULATOR
from ansible_collections.groupware.ha.tests.simulators.runner import SimulatedRunner
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.formats.test_cluster_conf import SCALIX

RELEASES = (4, 5, 6)
NODES = ("nodea", "nodeb", "nodec")
CLUSTER: dict[str, Any] = {
    "name": "cluster1",
    "framework": "rhcs",
    "networks": ["192.0.2.0/24", "2001:db8::/64"],
    "nodes": [{"name": node, "address": f"192.0.2.{number}"} for number, node in enumerate(NODES, start=1)],
    "fencing": {"disabled_accepting_data_loss": True},
}


def scalix(name: str, primary: str, standby: str, number: int) -> dict[str, Any]:
    """A service of TB-2007-02-HACLUSTER."""
    return {
        "name": name,
        "model": "symmetric",
        "nodes": {"primary": primary, "standby": standby},
        "address": f"192.0.2.{number}/24",
        "host_name": f"{name}.scalix.demo",
        "storage": {
            "devices": [f"/dev/san/{name}-1", f"/dev/san/{name}-2"],
            "volume_group": f"vg{name}",
            "logical_volume": f"lv{name}",
            "filesystem": "ext3",
            "mount_point": f"/var/opt/scalix/{name[0]}{name[-1]}",
        },
        "application": {"type": "scalix", "options": {}},
    }


SERVICES = [scalix("mail1", "nodea", "nodeb", 21), scalix("mail2", "nodeb", "nodea", 22)]


class Site:
    """A simulated cluster, and the driver on its first node."""

    def __init__(self, release: int = 6, nodes: Sequence[str] = NODES, **options: Any) -> None:
        self.simulator = SIMULATOR(nodes, release=release, **options)
        self.node = nodes[0]

    def driver(self, dry: bool = False, node: str | None = None) -> RedHatClusterSuite:
        return RedHatClusterSuite(SimulatedRunner(self.simulator, node or self.node, dry=dry))

    def converge(
        self,
        services: Sequence[dict[str, Any]],
        dry: bool = False,
        include_applications: bool = True,
        cluster: dict[str, Any] = CLUSTER,
        **options: Any,
    ) -> tuple[Outcome, list[str]]:
        """What a run did, and the commands that it gave."""
        driver = self.driver(dry)
        desired = compiled(services, include_applications, cluster) if services else ClusterConfig()
        outcome = Session(driver, dry, 120).converge(desired, **options)
        assert isinstance(driver.runner, SimulatedRunner)
        return outcome, driver.runner.commands

    def four_steps(self, services: Sequence[dict[str, Any]], **options: Any) -> list[str]:
        """Check, do, check again, do again."""
        version = self.conf().version
        predicted, foretold = self.converge(services, dry=True, **options)
        assert self.conf().version == version
        outcome, commands = self.converge(services, **options)
        assert commands == foretold
        assert outcome.as_dict()["diff"] == predicted.as_dict()["diff"]
        for dry in (True, False):
            assert self.converge(services, dry, **options)[1] == []
        return commands

    def operator(self, dry: bool = False) -> Operator:
        return Operator(self.driver(dry), 120)

    def operate(self, plan: Callable[[Operator], Movement], dry: bool = False) -> Movement:
        """Plan and carry out."""
        operator = self.operator(dry)
        movement = plan(operator)
        operator.carry_out(movement)
        return movement

    def conf(self, node: str | None = None) -> cluster_conf.ClusterConf:
        return cluster_conf.parse(self.simulator.node_files[node or self.node][CLUSTER_CONF])

    def owners(self) -> dict[str, str | None]:
        status = self.driver().status()
        return {name: service.as_dict()["node"] for name, service in status.services.items()}

    def questions(self, work: Callable[[], object]) -> int:
        before = len(self.simulator.history)
        work()
        return len(self.simulator.history) - before


def compiled(
    services: Sequence[dict[str, Any]], include_applications: bool = True, cluster: dict[str, Any] = CLUSTER
) -> ClusterConfig:
    driver = RedHatClusterSuite(SimulatedRunner(SIMULATOR(NODES), "nodea"))
    return driver.compile(parse_description(cluster, list(services), driver.capabilities), include_applications)


def problems_of(services: Sequence[dict[str, Any]], cluster: dict[str, Any] = CLUSTER) -> list[str]:
    with pytest.raises(DescriptionError) as caught:
        compiled(services, cluster=cluster)
    return [f"{problem.key}: {problem.reason}" for problem in caught.value.problems]


def altered(**services: dict[str, Any]) -> list[dict[str, Any]]:
    """The services with keys that are different; None takes one away."""
    found = copy.deepcopy(SERVICES)
    for service in found:
        for key, value in services.get(service["name"], {}).items():
            service[key] = value
            if value is None:
                del service[key]
    return found


def native(*members: dict[str, Any]) -> list[dict[str, Any]]:
    return altered(mail1={"application": {"type": "native", "members": list(members)}})


@pytest.fixture(params=RELEASES)
def site(request: pytest.FixtureRequest) -> Site:
    """Three nodes without services."""
    return Site(request.param)


@pytest.fixture
def running(site: Site) -> Site:
    """Both services run at home."""
    site.converge(SERVICES)
    site.simulator.pass_time(30)
    return site


# -- compiling --------------------------------------------------------------------------------------------------


def test_a_service_is_compiled_as_the_manual_has_it() -> None:
    service = compiled(SERVICES).services[0]

    assert service.placement == ("nodea", "nodeb")
    assert service.settings == {
        "domain": "mail1_domain",
        "domain ordered": "1",
        "domain restricted": "1",
        "domain nofailback": "1",
        "autostart": "1",
        "recovery": "relocate",
        "in effect": "true",
    }
    assert [(member.name, member.type, member.settings) for member in service.resources] == [
        (
            "mail1_storage",
            "fs",
            {
                "device": "/dev/vgmail1/lvmail1",
                "mountpoint": "/var/opt/scalix/m1",
                "fstype": "ext3",
                "force_unmount": "1",
                "self_fence": "1",
                "force_fsck": "1",
            },
        ),
        ("mail1_address", "ip", {"address": "192.0.2.21/24", "monitor_link": "1"}),
        ("mail1_application", "script", {"file": "/etc/init.d/scalix"}),
    ]


def test_the_cluster_activates_a_volume_group_where_it_is_to() -> None:
    described = altered(mail1={"storage": {**SERVICES[0]["storage"], "exclusive": True}})
    volume, storage, *_others = compiled(described).services[0].resources

    assert (volume.name, volume.type) == ("mail1_volume", "lvm")
    assert volume.settings == {"vg_name": "vgmail1", "lv_name": "lvmail1", "self_fence": "1"}
    assert storage.settings["device"] == "/dev/vgmail1/lvmail1"


def test_native_properties_win_and_booleans_are_spelt_as_in_cluster_conf() -> None:
    (mail1, _mail2) = compiled(
        altered(
            mail1={
                "properties": {"autostart": False, "recovery": "restart", "domain ordered": None, "max_restarts": 3},
                "resource_properties": {"storage": {"force_fsck": False, "options": "noatime", "self_fence": None}},
                "resource_names": {"storage": "mail1fs"},
                "failback": True,
            }
        )
    ).services

    assert mail1.settings["autostart"] == "0"
    assert (mail1.settings["recovery"], mail1.settings["max_restarts"]) == ("restart", "3")
    assert mail1.settings["domain nofailback"] == "0"
    assert "domain ordered" not in mail1.settings
    storage = mail1.resources[0]
    assert (storage.name, storage.settings["force_fsck"], storage.settings["options"]) == ("mail1fs", "0", "noatime")
    assert "self_fence" not in storage.settings


def test_members_are_compiled_in_the_order_in_which_they_start() -> None:
    service = compiled(
        native(
            {"name": "server", "type": "script", "properties": {"file": "/etc/init.d/a"}, "meta": {"requires": "web"}},
            {"name": "other", "type": "oracledb", "properties": {"user": "a"}},
            {"name": "web", "type": "script", "properties": {"file": "/etc/init.d/b"}},
            {"name": "export", "type": "netfs", "properties": {"mountpoint": "/a", "host": "b", "export": "/c"}},
        )
    ).services[0]

    assert [member.name.removeprefix("mail1_") for member in service.resources] == [
        *("storage", "export", "address", "web", "server", "other")
    ]
    assert service.resources[4].settings == {"file": "/etc/init.d/a", "requires": "mail1_web"}


@pytest.mark.parametrize(
    ("service", "problem"),
    [
        ({"properties": {"recovery": "never"}}, "services[mail1].properties.recovery: recovery is 'never'"),
        (
            {"properties": {"autostrat": 1}},
            "services[mail1].properties.autostrat: a service has no attribute autostrat",
        ),
        (
            {"resource_properties": {"storage": {"mount_point": "/a"}}},
            "services[mail1].resource_properties.storage.mount_point: a resource of type fs has no attribute",
        ),
        (
            {"application": {"type": "scalix", "options": {"port": 1}}},
            "services[mail1].application.options.port: is not",
        ),
        (
            {"application": {"type": "scalix", "options": {"scripts": "x"}}},
            "services[mail1].application.options.scripts: is not a list of init scripts",
        ),
        ({"resource_names": {"address": "ip1"}}, "services[mail1].resource_names.address: names an address, which has"),
        ({"resource_names": {"storage": "mail2"}}, "services[mail2].name: gives the name mail2, which service mail1"),
        (
            {"properties": {"domain": "mail2_domain"}},
            "services[mail2].properties.domain: is also that of service mail1",
        ),
        ({"name": "service:mail1"}, "services[service:mail1].name: has a colon in it"),
    ],
)
def test_what_the_product_cannot_carry_is_refused(service: dict[str, Any], problem: str) -> None:
    found = problems_of(altered(mail1=service))

    assert any(words.startswith(problem) for words in found), found


@pytest.mark.parametrize(
    ("member", "problem"),
    [
        ({"meta": {"enabled": "true"}}, "application.members.server.meta.enabled: is not on rhcs"),
        ({"meta": {"requires": "storage address"}}, "application.members.server.meta.requires: names several members"),
        (
            {"meta": {"requires": "server"}},
            "application.members: members of service mail1 require each other in a circle",
        ),
        ({"type": "ip", "properties": {"address": "192.0.2.31"}}, "resource_names.server: names an address"),
        ({"properties": {}}, "application.members.server.properties.file: a resource of type script needs file"),
        ({"properties": {"file": "/a", "fiel": "b"}}, "application.members.server.properties.fiel: a resource of type"),
    ],
)
def test_members_that_the_product_cannot_carry_are_refused(member: dict[str, Any], problem: str) -> None:
    server = {"name": "server", "type": "script", "properties": {"file": "/etc/init.d/a"}}
    found = problems_of(native({**server, **member}))

    assert any(words.startswith(f"services[mail1].{problem}") for words in found), found


def test_properties_of_the_cluster_are_attributes_of_its_elements() -> None:
    cluster = {**CLUSTER, "properties": {"fence_daemon.post_join_delay": 20}}
    assert compiled(SERVICES, cluster=cluster).properties == {"fence_daemon.post_join_delay": "20", "in effect": "true"}

    assert problems_of(SERVICES, {**CLUSTER, "properties": {"cman.two_node": 1}}) == [
        "cluster.properties.cman.two_node: is not set by a description"
    ]


# -- the life of services ---------------------------------------------------------------------------------------


def test_a_service_lives_from_its_installation_to_its_removal(site: Site) -> None:
    propagate = "cman_tool version -r" if site.simulator.release == 6 else f"ccs_tool update {CLUSTER_CONF}"
    untouched = site.conf().root.find("clusternodes")
    assert untouched is not None

    commands = site.four_steps(SERVICES, include_applications=False)
    assert commands == [
        f"# replace {CLUSTER_CONF}",
        propagate,
        "clusvcadm -e mail1 -m nodea",
        "clusvcadm -e mail2 -m nodeb",
    ]
    service = site.conf().root.find("./rm/service")
    assert service is not None
    assert (service.get("autostart"), service.get("recovery")) == ("0", "disable")
    assert site.owners() == {"mail1": "nodea", "mail2": "nodeb"}

    assert site.four_steps(SERVICES) == [f"# replace {CLUSTER_CONF}", propagate]
    assert site.converge(SERVICES, include_applications=False)[1] == []
    service = site.conf().root.find("./rm/service")
    assert service is not None
    assert (service.get("autostart"), service.get("recovery")) == ("1", "relocate")
    assert cluster_conf_grammar.problems(site.conf()) == []
    assert {site.conf(node).canonical() == site.conf().canonical() for node in NODES} == {True}
    assert "/etc/init.d/scalix" in site.conf().text()
    assert site.simulator.services()["mail1"]["members"]["mail1_application"] == ["nodea"]

    one = altered(mail1={"model": "asymmetric"})[:1]
    assert site.four_steps(one, purge=True) == ["clusvcadm -d mail2", f"# replace {CLUSTER_CONF}", propagate]
    assert site.four_steps([], absent=["mail1"]) == ["clusvcadm -d mail1", f"# replace {CLUSTER_CONF}", propagate]
    assert "mail" not in site.conf().text()
    remaining = site.conf().root.find("clusternodes")
    assert remaining is not None
    assert [node.attrib for node in remaining] == [node.attrib for node in untouched]


def test_changes_are_made_in_place(running: Site) -> None:
    changed = altered(
        mail1={
            "address": "192.0.2.31/24",
            "properties": {"max_restarts": 2},
            "nodes": {"primary": "nodea", "standby": "nodec"},
        },
        mail2={"failback": True, "nodes": {"primary": "nodeb", "standby": "nodec"}},
    )
    for service in changed:
        service["model"] = "asymmetric"
    outcome, _ = running.converge(changed, dry=True)
    assert outcome.restarts == ["mail1"]

    commands = running.four_steps(changed)

    assert [words.split()[0] for words in commands].count("clusvcadm") == 0
    domain = running.conf().root.findall("./rm/failoverdomains/failoverdomain")[0]
    assert [node.get("name") for node in domain] == ["nodea", "nodec"]
    assert "192.0.2.21" not in running.conf().text()
    assert running.owners() == {"mail1": "nodea", "mail2": "nodeb"}


def test_a_member_that_goes_is_stopped_with_its_service_which_then_runs_where_it_was(running: Site) -> None:
    running.operate(lambda operator: operator.service_moved("mail1", "nodeb"))
    without = altered(mail1={"application": None})

    commands = running.four_steps(without, purge=True)

    assert [words for words in commands if words.startswith("clusvcadm")] == [
        "clusvcadm -s mail1",
        "clusvcadm -e mail1 -m nodeb",
    ]
    assert running.owners()["mail1"] == "nodeb"
    assert "mail1_application" not in running.conf().text()


def test_drift_is_repaired_and_what_is_not_described_stays(running: Site) -> None:
    text = running.conf().text(version=running.conf().version + 1)
    text = text.replace('monitor_link="1"', 'monitor_link="no"', 1).replace(
        'recovery="relocate"', 'recovery="restart"', 1
    )
    text = text.replace('fstype="ext3"', 'fstype="ext3" fsid="42"', 1)
    running.simulator.write_file("nodea", CLUSTER_CONF, text.replace("<rm>", "<!-- ours --><rm>"))

    running.four_steps(SERVICES)

    after = running.conf().text()
    assert "<!-- ours -->" in after
    assert 'fsid="42"' in after
    assert 'monitor_link="no"' not in after
    assert 'recovery="restart"' not in after
    running.four_steps(SERVICES, purge=True)
    assert 'fsid="42"' not in running.conf().text()


def test_a_file_that_differs_only_in_spelling_is_left_alone(running: Site) -> None:
    text = running.conf().text().replace('autostart="1"', 'autostart="yes"').replace('priority="1"', 'priority="01"')
    running.simulator.write_file("nodea", CLUSTER_CONF, text)

    assert running.converge(SERVICES, purge=True)[1] == []


def test_an_interrupted_update_is_propagated_again(running: Site) -> None:
    conf = running.conf()
    running.simulator.write_file("nodea", CLUSTER_CONF, conf.text(version=conf.version + 1))

    commands = running.four_steps(SERVICES)

    assert commands[0] == f"# replace {CLUSTER_CONF}"
    assert len(commands) == 2
    assert running.conf("nodeb").version == running.conf().version == conf.version + 1


class ForgetfulRunner(SimulatedRunner):
    """cman of release 4: it does not know of a new version before it is told."""

    known: str | None = None

    def run(self, argv: Sequence[str], **options: Any) -> CommandResult:
        if list(argv[:3]) == ["cman_tool", "version", "-r"]:
            self.known = None
        result = super().run(argv, **options)
        if list(argv) == ["cman_tool", "version"]:
            self.known = self.known or result.stdout
            return CommandResult(result.argv, 0, self.known, "")
        return result


def test_cman_of_release_4_is_told_the_version() -> None:
    site = Site(4)
    runner = ForgetfulRunner(site.simulator, "nodea")

    Session(RedHatClusterSuite(runner), False, 120).converge(compiled(SERVICES))

    assert runner.commands[:3] == [
        f"# replace {CLUSTER_CONF}",
        f"ccs_tool update {CLUSTER_CONF}",
        "cman_tool version -r 2",
    ]
    assert site.owners() == {"mail1": "nodea", "mail2": "nodeb"}


def test_a_stale_file_is_refused(running: Site) -> None:
    conf = running.conf()
    running.simulator.write_file("nodea", CLUSTER_CONF, conf.text(version=conf.version - 1))

    with pytest.raises(FrameworkError, match="copy the file from a node that is up to date"):
        running.converge(SERVICES)


def test_what_others_have_in_common_is_not_changed_with_a_service(site: Site) -> None:
    shared = altered(mail2={"nodes": {"primary": "nodea", "standby": "nodeb"}, "model": "asymmetric"})
    for service in shared:
        service.update(model="asymmetric", properties={"domain": "both"})
    site.converge(shared)
    other = copy.deepcopy(shared[:1])
    other[0]["nodes"] = {"primary": "nodea", "standby": "nodec"}

    with pytest.raises(FrameworkError, match="would change service mail2 too"):
        site.converge(other)

    other[0]["properties"] = {"domain": "another"}
    site.four_steps(other)
    assert [domain.get("name") for domain in site.conf().root.findall(".//failoverdomain")] == ["both", "another"]


def test_a_domain_is_renamed_with_what_it_has(running: Site) -> None:
    renamed = altered(mail1={"properties": {"domain": "mail1-dom"}})
    running.four_steps(renamed)

    names = [domain.get("name") for domain in running.conf().root.findall(".//failoverdomain")]
    assert names == ["mail1-dom", "mail2_domain"]


def test_settings_without_a_place_in_cluster_conf_are_refused(running: Site) -> None:
    driver = running.driver()
    address = driver.native_resource(Member("second", "ip", {"address": "192.0.2.41/24"}))
    wanted = ClusterConfig(services=(driver.native_service("mail1", [], {}, [address]),))

    with pytest.raises(FrameworkError, match="would be called mail1_address, mail1_address_2"):
        Session(driver, False, 60).converge(wanted)

    address = driver.native_resource(Member("mail1_address_2", "ip", {"address": "192.0.2.41/24"}))
    wanted = ClusterConfig(services=(driver.native_service("mail1", [], {}, [address]),))
    Session(driver, False, 60).converge(wanted)
    assert Session(running.driver(), False, 60).converge(wanted).changes == []
    assert running.converge(SERVICES)[1] == []


@pytest.mark.parametrize("priorities", [("10", "20"), ("7", None), ("1", "100")])
def test_only_the_order_of_priorities_matters(running: Site, priorities: tuple[str, str | None]) -> None:
    conf = running.conf()
    for entry, priority in zip(conf.root.findall(".//failoverdomainnode"), priorities, strict=False):
        if priority is None:
            del entry.attrib["priority"]
        else:
            entry.set("priority", priority)
    running.simulator.write_file("nodea", CLUSTER_CONF, conf.text())
    assert running.converge(SERVICES)[1] == []

    swapped = altered(mail1={"nodes": {"primary": "nodeb", "standby": "nodea"}, "model": "asymmetric"})
    swapped[1]["model"] = "asymmetric"
    running.four_steps(swapped)
    entries = running.conf().root.findall(".//failoverdomainnode")[:2]
    assert sorted((entry.get("priority"), entry.get("name")) for entry in entries) == [("1", "nodeb"), ("2", "nodea")]


def test_a_domain_without_order_gets_one(running: Site) -> None:
    conf = running.conf()
    for entry in conf.root.findall(".//failoverdomainnode"):
        del entry.attrib["priority"]
    for domain in conf.root.findall(".//failoverdomain"):
        domain.set("ordered", "0")
    running.simulator.write_file("nodea", CLUSTER_CONF, conf.text(version=conf.version + 1))

    running.four_steps(SERVICES)

    assert [entry.get("priority") for entry in running.conf().root.findall(".//failoverdomainnode")] == [*"1212"]


def test_a_nested_member_and_its_timing(site: Site) -> None:
    server = {
        "name": "server",
        "type": "script",
        "properties": {"file": "/etc/init.d/a"},
        "meta": {"requires": "address"},
        "operations": {"status": {"interval": "30"}, "status.10": {"interval": "60", "timeout": "5"}},
    }
    site.four_steps(native(server))

    assert site.conf().root.find("./rm/service/ip/script") is not None
    del server["operations"]["status.10"]["timeout"]  # type: ignore[attr-defined]
    server["meta"] = {"requires": "storage"}
    site.four_steps(native(server), purge=True)
    assert site.conf().root.find("./rm/service/fs/script") is not None
    assert "timeout" not in site.conf().text()


def test_fencing_devices_are_methods_of_the_nodes(site: Site) -> None:
    options = {"ipaddr": "192.0.2.99", "passwd_script": "/etc/cluster/secret", "port_nodea": 1, "port_nodeb": 2}
    device = {"name": "apc", "agent": "fence_apc", "nodes": list(NODES), "options": {**options, "port_nodec": 3}}
    fenced = {**CLUSTER, "fencing": {"devices": [device]}}
    site.simulator.programs = {**site.simulator.programs, "fence_apc": "run_clustat"}

    site.four_steps(SERVICES, cluster=fenced)
    methods = site.conf().root.findall("./clusternodes/clusternode/fence/method/device")
    assert [method.attrib for method in methods] == [{"name": "apc", "port": str(number)} for number in (1, 2, 3)]

    device["options"] = {**options, "port_nodec": 4}
    site.four_steps(SERVICES, cluster=fenced)
    site.four_steps(SERVICES, purge=True)
    assert "apc" not in site.conf().text()


def test_secrets_of_fencing_devices_are_neither_shown_nor_lost(running: Site) -> None:
    conf = running.conf()
    text = conf.text(version=conf.version + 1).replace(
        "<fence/>",
        '<fence><method name="1"><device name="ipmi" PASSWD="s3cret" port="1"/></method></fence>'.replace(
            "PASSWD", "passwd"
        ),
        1,
    )
    device = '<fencedevices><fencedevice name="ipmi" agent="fence_ipmilan" passwd="s3cret"/></fencedevices>'
    running.simulator.write_file("nodea", CLUSTER_CONF, text.replace("<fencedevices/>", device))
    running.simulator.programs = {**running.simulator.programs, "fence_ipmilan": "run_clustat"}
    options = {"port_nodea": 2, "lanplus": 1}
    described = {"name": "ipmi", "agent": "fence_ipmilan", "nodes": list(NODES), "options": options}

    outcome, _ = running.converge(SERVICES, cluster={**CLUSTER, "fencing": {"devices": [described]}}, purge=True)

    assert "s3cret" not in str(outcome.as_dict())
    assert '<device name="ipmi" port="2" passwd="s3cret"/>' in running.conf().text()
    assert '<fencedevice name="ipmi" agent="fence_ipmilan" passwd="s3cret" lanplus="1"/>' in running.conf().text()
    words = running.driver().export(running.driver().read().config).unexpressed
    assert "fencing device ipmi: secret options of nodea is a secret; name a file on the nodes" in words


def test_services_that_depend_on_others_stop_before_them(site: Site) -> None:
    services = altered(mail1={"properties": {}}, mail2={"properties": {"depend": "service:mail1"}})
    site.converge(services[:0] + services)

    commands = site.four_steps([], absent=["mail1", "mail2"])

    assert commands[:2] == ["clusvcadm -d mail2", "clusvcadm -d mail1"]


def test_agents_that_are_not_there_are_missing(site: Site) -> None:
    site.simulator.write_file("nodea", "/usr/share/cluster/oracledb.sh", "")

    assert site.driver().missing_agents(["ip", "fs", "oracledb", "apache", "fence_apc"]) == ["apache", "fence_apc"]


# -- operating --------------------------------------------------------------------------------------------------


def test_a_service_is_taken_offline_and_stays_so(running: Site) -> None:
    for dry in (True, False):
        movement = running.operate(lambda operator: operator.service_offline("mail1"), dry)
        assert movement.changed
    assert not running.operator().service_offline("mail1").changed
    assert running.converge(SERVICES)[1] == []
    changed = altered(mail1={"address": "192.0.2.31/24"})
    assert not any("clusvcadm" in words for words in running.four_steps(changed))
    status = running.driver().status().services["mail1"]
    assert (status.state, status.enabled) == ("offline", False)

    running.operate(lambda operator: operator.service_online("mail1", None))
    assert running.owners()["mail1"] == "nodea"


def test_a_service_is_moved_and_its_owner_verified(running: Site) -> None:
    running.operate(lambda operator: operator.service_moved("mail1", None))
    assert running.owners()["mail1"] == "nodeb"
    with pytest.raises(FrameworkError, match="may run on nodea, nodeb only"):
        running.operator().service_online("mail1", "nodec")

    running.operate(lambda operator: operator.service_offline("mail1"))
    running.simulator.misplace("mail1", "nodeb")
    running.operate(lambda operator: operator.service_online("mail1", "nodea"))
    assert running.owners()["mail1"] == "nodea"


def test_a_node_is_evacuated(running: Site) -> None:
    running.operate(lambda operator: operator.node_evacuated("nodea"))

    assert running.owners() == {"mail1": "nodeb", "mail2": "nodeb"}
    assert not running.operator().node_evacuated("nodea").changed
    assert running.converge(SERVICES)[1] == []


def test_what_has_no_other_node_is_stopped_until_there_is_one(running: Site) -> None:
    running.simulator.stop_node("nodeb")
    running.simulator.pass_time(30)

    with pytest.raises(FrameworkError, match=r"no other node can take mail1 \(nodeb is not online\), mail2 \("):
        running.operator().node_evacuated("nodea")
    running.operate(lambda operator: operator.node_evacuated("nodea", offline_too=True))

    assert running.owners() == {"mail1": None, "mail2": None}
    running.simulator.start_node("nodeb")
    running.simulator.pass_time(30)
    assert set(running.owners().values()) <= {"nodea", "nodeb"}


@pytest.mark.parametrize("release", [5, 6])
def test_a_service_is_frozen(release: int) -> None:
    running = Site(release)
    running.converge(SERVICES)
    for dry in (True, False):
        running.operate(lambda operator: operator.service_frozen("mail1", True), dry)
    assert running.driver().status().services["mail1"].frozen
    with pytest.raises(FrameworkError, match="is frozen"):
        running.operate(lambda operator: operator.service_offline("mail1"))
    with pytest.raises(FrameworkError, match="is frozen"):
        running.converge([], absent=["mail1"])

    driver = running.driver()
    managed = driver.native_service("mail1", [], {}, [])
    for value, words in (("true", "clusvcadm -U mail1"), ("false", "clusvcadm -Z mail1")):
        settings = {**managed.settings, **driver.axis_settings("service", "managed", value == "true")}
        wanted = ClusterConfig(services=(type(managed)("mail1", None, settings, ()),))
        driver = running.driver()
        Session(driver, False, 60).converge(wanted)
        assert isinstance(driver.runner, SimulatedRunner)
        assert driver.runner.commands == [words]
    with pytest.raises(FrameworkError, match="knows of no resource but as a part of its service"):
        driver.axis_settings("resource", "enabled", True)


def test_a_failed_stop_is_for_a_human(running: Site) -> None:
    running.simulator.fail_agent("mail1_application", "stop")
    with pytest.raises(FrameworkError, match="did not stop on nodea; see to it"):
        running.operate(lambda operator: operator.service_offline("mail1"))
    status = running.driver().status().services["mail1"]
    assert (status.state, status.failures) == ("failed", ("a resource of it did not stop on nodea",))
    with pytest.raises(FrameworkError, match="did not stop on nodea; see to it"):
        running.converge([], absent=["mail1"])
    with pytest.raises(FrameworkError, match="did not stop on nodea; see to it"):
        running.operate(lambda operator: operator.service_online("mail1", "nodeb"))
    outcome, commands = running.converge(SERVICES)
    assert commands == []
    assert any("mail1 is failed" in warning for warning in outcome.warnings)

    running.simulator.repair_agent("mail1_application")
    running.operate(lambda operator: operator.service_cleared("mail1"))
    assert not running.operator().service_cleared("mail1").changed
    running.operate(lambda operator: operator.service_online("mail1", None))
    assert running.owners()["mail1"] == "nodea"


def test_a_service_that_does_not_start_is_reported_and_tried_again(site: Site) -> None:
    site.simulator.fail_agent("mail1_storage", "start")
    with pytest.raises(FrameworkError, match=r"mail1 was told to run on nodea, but .*; it is stopped; the log"):
        site.converge(SERVICES)
    with pytest.raises(FrameworkError, match=r"mail1 was told to run on nodea, but .*; it is stopped; the log"):
        site.converge(SERVICES)

    site.simulator.repair_agent("mail1_storage")
    site.converge(SERVICES)
    assert site.owners() == {"mail1": "nodea", "mail2": "nodeb"}


def test_the_loss_of_a_node_changes_nothing_in_the_configuration(running: Site) -> None:
    running.simulator.stop_node("nodeb")
    running.simulator.pass_time(60)

    assert running.owners() == {"mail1": "nodea", "mail2": "nodea"}
    assert not running.driver().status().nodes["nodeb"].online
    assert running.converge(SERVICES)[1] == []
    running.simulator.start_node("nodeb")
    running.simulator.pass_time(60)
    assert running.owners() == {"mail1": "nodea", "mail2": "nodea"}, "there is no failback"


# -- what the cluster must be for that ---------------------------------------------------------------------------


def test_without_a_cluster_nothing_is_read(site: Site) -> None:
    site.simulator.stop_node("nodea")
    with pytest.raises(NotRunning, match="the cluster is not running on this node"):
        site.driver().read()

    site = Site(site.simulator.release)
    del site.simulator.node_files["nodea"][CLUSTER_CONF]
    with pytest.raises(NotRunning, match=f"there is no {CLUSTER_CONF}"):
        site.driver().read()


def test_without_rgmanager_nothing_is_changed(running: Site) -> None:
    with running.simulator.edit() as state:
        state["nodes"]["nodea"]["rgmanager"] = False

    with pytest.raises(NotRunning, match="rgmanager is not running on this node"):
        running.converge(SERVICES)


def test_without_quorum_nothing_is_changed(running: Site) -> None:
    running.simulator.stop_node("nodeb")
    running.simulator.stop_node("nodec")
    running.simulator.pass_time(60)
    status = running.driver().status()
    assert not status.quorate
    assert status.services["mail1"].failures == ("the cluster has no quorum",)

    assert any("no quorum" in warning for warning in running.converge(SERVICES)[0].warnings)
    for work in (
        lambda: running.converge(altered(mail1={"address": "192.0.2.31/24"})),
        lambda: running.converge([], absent=["mail1"]),
        lambda: running.driver().plan_enabling(running.driver().read(), "mail1", False),
        lambda: running.driver().plan_standby(running.driver().read(), "nodea", True),
        lambda: running.operator().service_moved("mail1", None),
        lambda: running.operator().node_evacuated("nodea"),
    ):
        with pytest.raises(FrameworkError, match="the cluster has no quorum"):
            work()


# -- cost -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 10, 100])
def test_the_number_of_questions_is_the_same_for_any_number_of_services(count: int) -> None:
    site = Site()
    services = [scalix(f"mail{number}", "nodea", "nodeb", 0) for number in range(count)]
    for number, service in enumerate(services):
        service.update(model="asymmetric", address=f"2001:db8::{number + 1:x}/64", application=None)
        service["storage"]["mount_point"] = f"/srv/{service['name']}"
        del service["application"]
    site.converge(services)

    assert site.questions(site.driver().read) == 2
    assert site.questions(site.driver().status) == 1
    assert site.questions(lambda: site.converge(services)) == 2


# -- interrupted anywhere ---------------------------------------------------------------------------------------

INTERRUPTED: dict[str, tuple[Sequence[dict[str, Any]], Sequence[dict[str, Any]], dict[str, Any]]] = {
    "create": ((), SERVICES, {}),
    "change": (SERVICES, altered(mail1={"address": "192.0.2.31/24", "properties": {"max_restarts": 3}}), {}),
    "lose members": (SERVICES, altered(mail1={"application": None}), {"purge": True}),
    "purge": (SERVICES, altered(mail1={"model": "asymmetric"})[:1], {"purge": True}),
    "remove": (SERVICES, (), {"absent": ["mail1", "mail2"]}),
}


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", INTERRUPTED)
def test_the_next_run_completes_an_interrupted_one(release: int, fault: str, name: str) -> None:
    before, services, options = INTERRUPTED[name]

    def prepared() -> Site:
        site = Site(release)
        if before:
            site.converge(before)
            site.simulator.pass_time(30)
        return site

    site = prepared()
    cuts = site.questions(lambda: site.converge(services, **options))
    site.simulator.pass_time(30)
    wanted = site.simulator.services()
    assert cuts > 0
    for number in range(1, cuts + 1):
        site = prepared()
        site.simulator.order_fault(number, fault)
        with contextlib.suppress(CommandError, FrameworkError):
            site.converge(services, **options)
        site.simulator.cancel_faults()

        site.converge(services, **options)

        desired = compiled(services) if services else ClusterConfig()
        driver = site.driver()
        assert reconcile(driver.read().config, desired, driver, **options) == []
        site.simulator.pass_time(30)
        assert site.simulator.services() == wanted
        assert site.converge(services, **options)[1] == []


# -- adopting ---------------------------------------------------------------------------------------------------


def adopted(config: ClusterConfig) -> tuple[ClusterConfig, list[str], list[dict[str, Any]]]:
    """What an exported configuration compiles to, with what somebody has to add, and what could not be exported."""
    driver = Site().driver()
    export = driver.export(config)
    cluster = dict(export.cluster)
    cluster["nodes"] = [
        {"address": f"198.51.100.{number}", **node} for number, node in enumerate(cluster["nodes"], start=1)
    ]
    cluster.setdefault("fencing", {"disabled_accepting_data_loss": True})
    services: list[dict[str, Any]] = [dict(service) for service in export.services]
    return driver.compile(parse_description(cluster, services, driver.capabilities)), list(export.unexpressed), services


def test_our_own_configuration_comes_back(running: Site) -> None:
    driver = running.driver()
    config = driver.read().config

    wanted, unexpressed, services = adopted(config)

    assert reconcile(config, wanted, driver, purge=True) == []
    assert [service["model"] for service in services] == ["symmetric", "symmetric"]
    assert [service["application"] for service in services] == [{"type": "scalix", "options": {}}] * 2
    assert all("fencing" in words or "address of" in words for words in unexpressed), unexpressed


def test_a_saved_configuration_of_others_is_adopted() -> None:
    driver = Site().driver()
    config = driver.parse_saved(SCALIX)

    wanted, unexpressed, (mail1,) = adopted(config)

    assert reconcile(config, wanted, driver, purge=True) == []
    assert mail1["nodes"] == {"primary": "nodea.scalixdemo.com", "standby": "nodeb.scalixdemo.com"}
    assert mail1["properties"]["domain"] == "mail1-dom"
    assert mail1["failback"] is True, "an ordered domain has it unless it says otherwise"
    assert mail1["resource_names"] == {"storage": "mail1-fs", "application": "scalix-mail1"}
    assert "not of a service: vm:guest" in unexpressed
    assert any("prefix length of 192.0.2.11" in words for words in unexpressed)


def test_names_that_several_types_have_are_told_apart() -> None:
    text = SCALIX.replace("scalix-mail1", "mail1").replace("mail1-fs", "mail1")
    driver = Site().driver()
    config = driver.parse_saved(text)

    assert [resource.name for resource in config.services[0].resources] == ["fs:mail1", "mail1_address", "script:mail1"]
    assert reconcile(config, adopted(config)[0], driver, purge=True) == []


def test_what_has_no_words_is_listed() -> None:
    text = SCALIX.replace(
        "<fencedevices/>",
        '<fencedevices><fencedevice name="apc" agent="fence_apc" passwd="x"/>'
        '<fencedevice name="ipmi" agent="fence_ipmilan" ipaddr="a"/></fencedevices>',
    ).replace(
        "<fence/>",
        '<fence><method name="1"><device name="apc" port="1"/><device name="apc" port="2"/></method>'
        '<method name="2"><device name="ipmi" lanplus="1"/></method></fence>',
    )
    driver = Site().driver()
    config = driver.parse_saved(text.replace("</resources>", '<fs name="spare"/></resources>'))
    export = driver.export(config)

    assert export.cluster["fencing"]["devices"] == [
        {
            "name": "ipmi",
            "agent": "fence_ipmilan",
            "nodes": ["nodea.scalixdemo.com", "nodeb.scalixdemo.com"],
            "options": {
                "ipaddr": "a",
                "lanplus_nodea.scalixdemo.com": "1",
                "lanplus_nodeb.scalixdemo.com": "1",
            },
        }
    ]
    words = "\n".join(export.unexpressed)
    assert "fencing device apc: passwd is a secret" in words
    assert "fencing device apc: how it fences nodea.scalixdemo.com (together with others: port=1; " in words
    assert "not of a service: fs:spare" in words
    assert reconcile(config, adopted(config)[0], driver) == []


def test_what_is_no_cluster_conf_is_refused() -> None:
    with pytest.raises(FrameworkError, match="its element is cib, not cluster"):
        Site().driver().parse_saved("<cib></cib>")
