"""The engine's modules, run as Ansible runs them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.engine.session import Session
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.driver import Pacemaker
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.descriptions import compiled, good_description
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.fake_pacemaker import FakeCluster, FakeRunner
from ansible_collections.groupware.ha.tests.unit.plugins.modules.module_runs import ModuleRuns

Start = Callable[..., ModuleRuns]

ADDRESS = {
    "type": "ocf:heartbeat:IPaddr2",
    "properties": {"ip": "192.0.2.41", "cidr_netmask": 24},
    "operations": {"monitor": {"interval": "10s"}},
}


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Start:
    """Takes a module's name and whether the good description is on the cluster already."""

    def started(name: str, provisioned: bool = True) -> ModuleRuns:
        runs = ModuleRuns(name, FakeCluster(), monkeypatch, capsys)
        if provisioned:
            driver = Pacemaker(FakeRunner(runs.cluster))
            Session(driver, check_mode=False, timeout=5).converge(compiled(good_description()))
            runs.cluster.calls.clear()
        return runs

    return started


@pytest.fixture(autouse=True)
def on_pacemaker(monkeypatch: pytest.MonkeyPatch) -> None:
    """``framework: auto`` finds Pacemaker."""
    monkeypatch.setattr("shutil.which", lambda program, **_: f"/usr/sbin/{program}")
    monkeypatch.setattr("os.geteuid", lambda: 0)


# -- failover_services


def test_failover_services(start: Start) -> None:
    runs = start("failover_services", provisioned=False)

    result = runs.four_steps(**good_description())

    assert result["commands"] == ["cibadmin --patch --xml-pipe"]
    assert result["services"]["mail1"]["state"] == "online"
    assert result["changes"][0] == {
        "action": "update",
        "kind": "cluster",
        "name": "properties",
        "service": None,
        "before": {},
        "after": {"stonith-enabled": "true", "stonith-timeout": "60s"},
    }
    assert "service mail1:\n  nodes: nodea nodeb\n" in result["diff"]["after"]


def test_failover_services_puts_drift_right(start: Start) -> None:
    runs = start("failover_services")
    runs.cluster.element("mail1_address-instance_attributes-ip").set("value", "192.0.2.99")

    result = runs.four_steps(**good_description())

    (change,) = result["changes"]
    assert (change["before"], change["after"]) == ({"ip": "192.0.2.99"}, {"ip": "192.0.2.21"})
    assert result["restarts"] == ["mail1"]
    assert result["diff"]["before"] == "resource mail1_address (ocf:heartbeat:IPaddr2):\n  ip: 192.0.2.99\n"


def test_failover_services_purge(start: Start) -> None:
    runs = start("failover_services")
    description = good_description()
    del description["services"][2]

    runs.unchanged(**description)
    result = runs.four_steps(**description, purge=True)

    assert sorted(result["services"]) == ["mail1", "mail2"]


def test_failover_services_absent(start: Start) -> None:
    runs = start("failover_services")
    description = good_description()
    description["services"] = description["services"][:2]

    result = runs.four_steps(**description, state="absent")

    assert sorted(result["services"]) == ["calendar"]
    assert runs.cluster.element("fence_engine") is not None


@pytest.mark.parametrize("include_applications", [True, False])
def test_failover_services_absent_takes_whole_services(start: Start, include_applications: bool) -> None:
    runs = start("failover_services", provisioned=False)
    description = good_description()
    for key in ("storage", "address", "host_name"):
        del description["services"][2][key]
    runs.run(**description)

    result = runs.four_steps(**description, state="absent", include_applications=include_applications)

    assert result["services"] == {}


def test_failover_services_without_applications_first(start: Start) -> None:
    runs = start("failover_services", provisioned=False)

    runs.four_steps(**good_description(), include_applications=False)
    assert runs.cluster.configuration.find(".//primitive[@id='mail1_postfix']") is None

    result = runs.four_steps(**good_description())
    assert {change["action"] for change in result["changes"]} == {"update", "create"}
    runs.unchanged(**good_description(), include_applications=False)


def test_failover_services_with_the_cluster_alone(start: Start) -> None:
    runs = start("failover_services", provisioned=False)

    result = runs.four_steps(cluster=good_description()["cluster"], services=[])

    assert [change["name"] for change in result["changes"]] == ["properties", "fence_engine"]


def test_failover_services_before_there_is_a_cluster(start: Start) -> None:
    runs = start("failover_services", provisioned=False)
    runs.cluster.running = False

    planned = runs.run(check_mode=True, **good_description())
    assert planned["changed"]
    assert "empty cluster" in planned["warnings"][0]
    assert "not running" in runs.run(**good_description())["msg"]


def test_failover_services_reports_all_problems(start: Start) -> None:
    description = good_description()
    description["cluster"]["framework"] = ["pacemaker"]
    description["cluster"]["fencing"]["devices"][0]["options"].update(passwd="hunter2")
    description["services"][0]["address"] = "192.0.2.255"

    result = start("failover_services").refused(**description)

    assert [problem["key"] for problem in result["problems"]] == [
        "cluster.framework",
        "cluster.fencing.devices[0].options.passwd",
        "services[mail1].address",
    ]
    assert all(set(problem) == {"key", "value", "reason", "remedy"} for problem in result["problems"])
    assert "hunter2" not in str(result["problems"]) + result["msg"]


def test_framework_without_a_driver_is_a_problem_of_the_description(start: Start) -> None:
    description = good_description()
    description["cluster"]["framework"] = "pacemakr"

    (problem,) = start("deployment").refused(**description)["problems"]

    assert (problem["key"], problem["remedy"]) == ("cluster.framework", "use pacemaker")


@pytest.mark.parametrize("other", [{"state": "absent"}, {"include_applications": False}])
def test_failover_services_purges_whole_descriptions_only(start: Start, other: dict[str, Any]) -> None:
    result = start("failover_services").refused(**good_description(), purge=True, **other)

    assert result["msg"].startswith("purge = true: would remove")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"services": []}, "cluster"),
        ({"cluster": {}}, "services"),
        ({"cluster": {}, "services": "mail1"}, "services"),
        ({"cluster": {}, "services": [], "state": "gone"}, "state"),
        ({"cluster": {}, "services": [], "purge": "perhaps"}, "purge"),
        ({"cluster": {}, "services": [], "colour": "red"}, "colour"),
    ],
)
def test_failover_services_arguments(start: Start, options: dict[str, Any], message: str) -> None:
    result = start("failover_services").refused(**options)

    assert message in result["msg"]


def test_failover_services_shows_why_a_service_does_not_run(start: Start) -> None:
    runs = start("failover_services", provisioned=False)
    runs.cluster.broken.add("mail1_dovecot")

    result = runs.run(**good_description())

    assert result["failed"]
    assert "mail1_dovecot: start failed on nodea: it is broken" in result["msg"]
    assert result["commands"] == ["cibadmin --patch --xml-pipe"]
    warned = runs.run(**good_description())
    assert not warned["changed"]
    assert "it is broken" in warned["warnings"][0]


# -- deployment


def test_deployment(start: Start) -> None:
    runs = start("deployment", provisioned=False)
    runs.cluster.installed = False

    result = runs.unchanged(**good_description())

    assert result["placement"]["services"]["calendar"] == ["nodec", "nodea", "nodeb"]
    assert result["drawing"].startswith("service")
    assert result["warnings"] == []


def test_deployment_warns_where_fencing_is_off(start: Start) -> None:
    description = good_description()
    description["cluster"]["fencing"] = {"disabled_accepting_data_loss": True}

    assert "fencing is DISABLED" in start("deployment").unchanged(**description)["warnings"][0]


def test_deployment_finds_what_only_the_framework_refuses(start: Start) -> None:
    description = good_description()
    description["services"][0]["application"] = {"type": "scalix"}

    problems = start("deployment").refused(**description)["problems"]

    assert [problem["key"] for problem in problems] == ["services[mail1].application.type"]


# -- cluster_info


def test_cluster_info(start: Start) -> None:
    cluster = start("cluster_info").unchanged()["cluster"]

    assert (cluster["running"], cluster["framework"], cluster["quorate"]) == (True, "pacemaker", True)
    assert cluster["nodes"]["nodea"] == {"online": True, "standby": False, "maintenance": False, "unclean": False}
    assert cluster["services"]["mail1"]["node"] == "nodea"
    assert "fence_engine" in cluster["resources"]
    assert cluster["configuration"]["services"]["mail1"]["nodes"] == {"nodea": "1", "nodeb": "2"}


def test_cluster_info_hides_secrets(start: Start) -> None:
    runs = start("cluster_info")
    runs.cluster.element("fence_engine-instance_attributes-ip").set("name", "passwd")

    result = runs.unchanged()

    settings = result["cluster"]["configuration"]["resources"]["fence_engine"]["settings"]
    assert settings.get("passwd") == "(hidden)"
    assert "'192.0.2.1'" not in str(result)
    assert "'192.0.2.1'" not in str(runs.unchanged(export=True))


@pytest.mark.parametrize("state", [{"running": False}, {"installed": False}])
def test_cluster_info_where_there_is_no_cluster(start: Start, state: dict[str, bool]) -> None:
    runs = start("cluster_info")
    vars(runs.cluster).update(state)

    cluster = runs.unchanged()["cluster"]

    assert cluster["running"] is False
    assert re.search("not running|no cluster framework is installed", cluster["reason"])


@pytest.mark.parametrize("state", [{"running": False}, {"installed": False}])
def test_cluster_info_of_a_user_who_may_not_ask(
    start: Start, state: dict[str, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To him a cluster that runs looks like one that is down, which would be set up anew."""
    monkeypatch.setattr("os.geteuid", lambda: 4711)
    runs = start("cluster_info")
    vars(runs.cluster).update(state)

    message = runs.refused()["msg"]

    assert "it is not known whether the cluster runs here" in message
    assert "this ran as the user 4711, and only root may do all of it: run with --become (-b)" in message


def test_cluster_info_where_no_framework_is_installed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeRunner, "installed", lambda *_: False)

    cluster = start("cluster_info").unchanged()["cluster"]

    assert cluster == {
        "running": False,
        "reason": "no cluster framework is installed on this node "
        "(looked for pacemaker, solaris_cluster, vcs, clusterware, rhcs)",
        "remains": [],
    }


# -- switchover


@pytest.mark.parametrize(
    ("options", "node"),
    [
        ({"service": "mail1", "node": "nodeb", "state": "online"}, "nodeb"),
        ({"service": "mail1", "node": "nodeb", "state": "moved"}, "nodeb"),
        ({"service": "mail1", "state": "offline"}, None),
        ({"node": "nodea", "state": "evacuated"}, "nodeb"),
    ],
)
def test_switchover(start: Start, options: dict[str, Any], node: str | None) -> None:
    result = start("switchover").four_steps(**options)

    assert result["services"]["mail1"]["node"] == node


def test_switchover_back(start: Start) -> None:
    runs = start("switchover")
    runs.run(node="nodea", state="evacuated")
    runs.run(service="calendar", state="offline")

    runs.four_steps(node="nodea", state="returned")
    result = runs.four_steps(service="calendar", state="online")

    assert result["services"]["calendar"]["node"] == "nodec"
    assert result["services"]["mail1"]["node"] == "nodeb"


def test_switchover_takes_services_offline_if_told_to(start: Start) -> None:
    runs = start("switchover")
    runs.run(node="nodeb", state="evacuated")

    assert "no other node can take mail1" in runs.refused(node="nodea", state="evacuated")["msg"]
    result = runs.four_steps(node="nodea", state="evacuated", offline_too=True)

    assert result["services"]["mail1"]["node"] is None


def test_switchover_without_a_node_moves_at_every_run(start: Start) -> None:
    runs = start("switchover")

    assert runs.run(service="mail1", state="moved")["services"]["mail1"]["node"] == "nodeb"
    assert runs.run(service="mail1", state="moved")["services"]["mail1"]["node"] == "nodea"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"state": "online"}, "service"),
        ({"state": "moved", "node": "nodea"}, "service"),
        ({"state": "evacuated"}, "node"),
        ({"state": "evacuated", "node": "nodea", "service": "mail1"}, "service = 'mail1': has no meaning with"),
        ({"state": "returned", "node": "nodea", "service": "mail1"}, "service = 'mail1': has no meaning with"),
        ({"state": "offline", "node": "nodea", "service": "mail1"}, "node = 'nodea': has no meaning with"),
        ({"state": "returned", "node": "nodea", "offline_too": True}, "offline_too = True: has no meaning with"),
        ({"state": "moved", "service": "mail1", "node": "nodec"}, "may run on nodea, nodeb only"),
        ({"state": "online", "service": "mail9"}, "no such service"),
        ({"state": "gone", "service": "mail1"}, "state"),
    ],
)
def test_switchover_refuses(start: Start, options: dict[str, Any], message: str) -> None:
    assert message in start("switchover").refused(**options)["msg"]


# -- resource, resource_group, resource_type


def test_resource_in_a_group(start: Start) -> None:
    runs = start("resource")
    options = {"name": "mail1_second", "group": "mail1", **ADDRESS}

    result = runs.four_steps(**options)
    assert [change["action"] for change in result["changes"]] == ["update", "create"]
    assert result["services"]["mail1"]["state"] == "online"
    members = [member.get("id") for member in runs.cluster.element("mail1").findall("primitive")]
    assert members[-1] == "mail1_second"

    changed = runs.four_steps(**{**options, "properties": {"ip": "192.0.2.42"}})
    assert changed["changes"][0]["after"] == {"ip": "192.0.2.42"}
    assert runs.four_steps(name="mail1_second", state="absent")["restarts"] == ["mail1"]


def test_resource_of_its_own(start: Start) -> None:
    runs = start("resource")

    result = runs.four_steps(name="fence_more", type="stonith:fence_docker", properties={"passwd": "hunter2"})

    assert result["changes"][0]["after"] == {"passwd": "(hidden)"}
    assert "hunter2" not in result["diff"]["after"] + str(result["commands"])
    runs.four_steps(name="fence_more", state="absent")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"enabled": False}, "meta.target-role = 'Stopped': has a device that looks like one and stops no node"),
        ({"meta": {"target-role": "Stopped"}}, "stops no node"),
        ({"meta": {"is-managed": False}}, "meta.is-managed = 'false': has a device that nobody starts or watches"),
        ({"meta": {"maintenance": True}}, "nobody starts or watches"),
        ({"enabled": False, "group": "mail1"}, "is a fencing device among the members of a service"),
        ({"group": "mail1"}, "is a fencing device among the members of a service"),
    ],
)
@pytest.mark.parametrize("name", ["fence_engine", "fence_more"])
def test_no_fencing_device_is_switched_off(start: Start, name: str, options: dict[str, Any], words: str) -> None:
    runs = start("resource")
    refused = runs.refused(name=name, type="stonith:fence_docker", **options)

    assert words in refused["msg"]
    if "group" not in options:
        assert "fencing.disabled_accepting_data_loss" in refused["msg"]
    runs.four_steps(name="fence_other", type="stonith:fence_docker", enabled=True)


def test_a_fencing_device_is_switched_off_where_fencing_is(start: Start) -> None:
    runs = start("resource")
    properties = runs.cluster.configuration.find("crm_config/cluster_property_set")
    assert properties is not None
    for option in properties:
        if option.get("name") == "stonith-enabled":
            option.set("value", "false")

    runs.four_steps(name="fence_engine", type="stonith:fence_docker", enabled=False)


def test_resource_makes_its_group(start: Start) -> None:
    runs = start("resource", provisioned=False)

    runs.four_steps(name="a", group="web1", **ADDRESS)
    assert runs.cluster.element("web1") is not None

    runs.four_steps(name="a", state="absent")
    assert runs.cluster.configuration.find(".//group") is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "a"}, "state is present but all of the following are missing: type"),
        ({"name": "1a", **ADDRESS}, "is a name that pacemaker cannot carry"),
        ({"name": "a", "group": "b c", **ADDRESS}, "is a name that pacemaker cannot carry"),
        ({"name": "a", "group": "a", **ADDRESS}, "a is named twice"),
        ({"name": "mail1", **ADDRESS}, "mail1 is the name of a service already"),
        (
            {"name": "mail1_address", "group": "mail2", **ADDRESS},
            "exists as a member of mail1, not as a member of mail2",
        ),
        ({"name": "a", "type": "ocf:heartbeat:nothing"}, "no agent for ocf:heartbeat:nothing"),
        (
            {"name": "a", "type": "x:y", "properties": {"a b": 1}},
            "properties.a b = 'a b': is not the name of a setting",
        ),
        (
            {"name": "a", "type": "x:y", "properties": {"a": []}},
            "properties.a = a list of 0 items: is not a single value",
        ),
        (
            {"name": "a", "type": "x:y", "operations": {"monitor": 10}},
            "operations.monitor = a number: is not a dictionary",
        ),
        ({"name": "a", "type": "x:y", "framework": "vms"}, "framework"),
    ],
)
def test_resource_refuses(start: Start, options: dict[str, Any], message: str) -> None:
    assert message in start("resource").refused(**options)["msg"]


def test_resource_group(start: Start) -> None:
    runs = start("resource_group", provisioned=False)
    members = [{"name": "web1_address", **ADDRESS}, {"name": "web1_server", "type": "systemd:nginx"}]

    result = runs.four_steps(
        name="web1", nodes=["nodeb", "nodea"], properties={"resource-stickiness": 1000}, resources=members
    )
    assert result["services"]["web1"]["node"] == "nodeb"

    swapped = runs.four_steps(name="web1", resources=members[::-1])
    assert swapped["changes"][0]["after"] == {"members": "web1_server web1_address"}
    runs.four_steps(name="web1", nodes=["nodea", "nodeb"])
    runs.four_steps(name="web1", state="absent")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "web1"}, "service web1 has no members"),
        ({"name": "web 1", "resources": [{"name": "a", "type": "x:y"}]}, "is a name that pacemaker cannot carry"),
        ({"name": "mail1", "nodes": ["node a"]}, "nodes = 'node a': is a name that pacemaker cannot carry"),
        ({"name": "mail1", "properties": {"a": {}}}, "properties.a = a dictionary: is not a single value"),
        ({"name": "web1", "resources": [{"name": "a", "type": "x:y"}] * 2}, "a is named twice"),
        ({"name": "web1", "resources": [{"name": "a"}]}, "type"),
        ({"name": "fence_engine", "resources": [{"name": "a", "type": "x:y"}]}, "is the name of a resource already"),
    ],
)
def test_resource_group_refuses(start: Start, options: dict[str, Any], message: str) -> None:
    assert message in start("resource_group").refused(**options)["msg"]


def test_resource_type(start: Start) -> None:
    runs = start("resource_type")

    runs.unchanged(name="ocf:heartbeat:IPaddr2")
    runs.unchanged(name="ocf:heartbeat:nothing", state="absent")
    assert "install the package" in runs.refused(name="ocf:heartbeat:nothing")["msg"]
    assert "remove that package" in runs.refused(name="ocf:heartbeat:IPaddr2", state="absent")["msg"]


def test_cluster_info_waits_for_nodes(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = start("cluster_info")
    runs.cluster.offline.add("nodeb")
    waited = []

    def pause(self: FakeRunner, seconds: float) -> None:
        waited.append(seconds)
        self.now += seconds
        if len(waited) == 3:
            runs.cluster.offline.clear()

    monkeypatch.setattr(FakeRunner, "pause", pause)

    done = runs.run(online=["nodea", "nodeb"])

    assert done["cluster"]["nodes"]["nodeb"]["online"] is True
    assert waited == [0.5] * 3


def test_cluster_info_says_for_which_nodes_it_waited_in_vain(start: Start) -> None:
    runs = start("cluster_info")
    runs.cluster.offline.add("nodeb")

    assert not runs.run(check_mode=True, online=["nodeb"]).get("failed")
    failed = runs.run(online=["nodea", "nodeb"], timeout=3)

    assert failed["msg"] == (
        "nodeb: not online in the cluster within 3 seconds: it has nodea (online), nodeb (offline), nodec (online)"
    )


# -- question


def test_a_question_asks_several_modules_and_changes_nothing(start: Start) -> None:
    runs = start("question", provisioned=False)
    asked = {"cluster_info": {"framework": "pacemaker"}, "failover_services": good_description()}
    before = runs.cluster.monitor()

    first, second = runs.run(questions=asked), runs.run(check_mode=True, questions=asked)

    assert first == second
    assert not first["changed"]
    assert runs.cluster.monitor() == before
    answers = first["answers"]
    assert answers["cluster_info"]["cluster"]["running"]
    assert answers["cluster_info"]["warnings"] == first["warnings"] == []
    assert answers["failover_services"]["changed"]
    assert answers["failover_services"]["commands"] == ["cibadmin --patch --xml-pipe"]
    provisioned = start("question").run(questions=asked)["answers"]
    assert not provisioned["failover_services"]["changed"]


def test_what_several_modules_read_is_read_once(start: Start) -> None:
    runs = start("question")
    runs.run(questions={"cluster_info": {}})
    alone = list(runs.cluster.calls)
    runs.cluster.calls.clear()

    runs.run(questions={"cluster_info": {}, "failover_services": good_description()})

    assert alone
    assert runs.cluster.calls == alone


def test_what_one_module_refuses_keeps_no_other_from_answering(start: Start) -> None:
    wrong = {**good_description(), "purge": True, "include_applications": False}
    asked = {"failover_services": wrong, "corosync_info": {"packages": "x", "agenst": []}, "cluster_info": {}}

    result = start("question").run(questions=asked)

    assert not result.get("failed")
    answers = result["answers"]
    assert answers["failover_services"]["failed"]
    assert "purge = true: would remove" in answers["failover_services"]["msg"]
    assert "agenst" in answers["corosync_info"]["msg"]
    assert answers["cluster_info"]["cluster"]["running"]
    assert "invocation" not in answers["cluster_info"]


def test_warnings_stay_with_the_answer(start: Start) -> None:
    runs = start("question", provisioned=False)
    runs.cluster.running = False

    result = runs.run(questions={"failover_services": good_description()})

    assert result["warnings"] == []
    assert "the changes are those of an empty cluster" in str(result["answers"]["failover_services"]["warnings"])


def test_one_module_can_be_asked_twice(start: Start) -> None:
    asked = {"cluster_info": {}, "cluster_info.exported": {"export": True}}

    answers = start("question").run(questions=asked)["answers"]

    assert "description" not in answers["cluster_info"]
    assert answers["cluster_info.exported"]["description"]["services"]


@pytest.mark.parametrize(
    ("questions", "words"),
    [
        ({"registry": {}}, "questions.registry: is no module that can be asked; it is one of "),
        (
            {"cluster_info": "pacemaker"},
            "questions.cluster_info: is not a dictionary; give the options of cluster_info",
        ),
    ],
)
def test_a_question_that_nobody_can_answer(start: Start, questions: Any, words: str) -> None:
    failed = start("question").run(questions=questions)

    assert failed["failed"]
    assert words in failed["msg"]
