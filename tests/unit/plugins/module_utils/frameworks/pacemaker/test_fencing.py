"""Fencing that is something else than it says: refused, unless the user accepts data loss in words."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.model import Member
from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker import fencing
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.driver import Pacemaker

NODES = ("nodea", "nodeb", "nodec")
MEMBER = {"name": "web", "type": "ocf:heartbeat:apache"}


def device(name: str, *nodes: str, agent: str = "fence_apc", **options: Any) -> dict[str, Any]:
    """A fencing device."""
    return {"name": name, "agent": agent, "nodes": list(nodes or NODES), "options": {"ip": "192.0.2.101", **options}}


def compiled(
    devices: list[dict[str, Any]] | None = None,
    options: dict[str, Any] | None = None,
    member: dict[str, Any] | None = None,
    accepted: bool = False,
    **service: Any,
) -> ClusterConfig:
    """What a description compiles to that differs from a good one by these."""
    fenced = {"devices": [device("power")] if devices is None else devices}
    cluster = {
        "name": "demo",
        "networks": ["192.0.2.0/24"],
        "nodes": [{"name": name, "address": f"192.0.2.{number}"} for number, name in enumerate(NODES, start=11)],
        "fencing": {"disabled_accepting_data_loss": True} if accepted else fenced,
        "properties": options or {},
    }
    services = [
        {
            "name": "web",
            "model": "asymmetric",
            "nodes": {"primary": "nodea", "standby": ["nodeb"]},
            "address": "192.0.2.21",
            "storage": {"device": "/dev/mapper/lun1", "mount_point": "/srv/web"},
            "application": {"type": "native", "members": [{**MEMBER, **(member or {})}]},
            **service,
        }
    ]
    driver = Pacemaker(runner=None)  # type: ignore[arg-type]
    return driver.compile(parse_description(cluster, services, driver.capabilities))


OFF = ["false", "False", "FALSE", "no", "off", "n", "0", False, 0]

#: What is different, and a word of the reason.
PROPERTIES: list[tuple[str, Any, str]] = [
    *(("startup-fencing", value, "were never seen for stopped") for value in OFF),
    *(("enable-startup-probes", value, "that a node runs") for value in OFF),
    *(("stonith-enabled", value, "not switched here") for value in [*OFF, True]),
    *(("fencing-enabled", value, "not switched here") for value in [*OFF, True]),
    ("startup_fencing", "false", "were never seen for stopped"),
    ("Startup-Fencing", "false", "were never seen for stopped"),
    ("no-quorum-policy", "ignore", "have no quorum"),
    ("no-quorum-policy", "Ignore", "have no quorum"),
    ("no-quorum-policy", " ignore ", "have no quorum"),
    ("no_quorum_policy", "ignore", "have no quorum"),
    ("no-quorum-policy", "ignroe", "have no quorum"),
    ("fence-reaction", "ignore", "told that it was fenced"),
    ("fencing-reaction", "none", "told that it was fenced"),
    ("stonith-action", "on", "not an action that stops"),
    ("stonith-action", "metadata", "not an action that stops"),
    ("fencing-action", "status", "not an action that stops"),
    ("have-watchdog", True, "by the cluster itself"),
    ("stonith-watchdog-timeout", 10, "takes lost nodes for stopped"),
    ("stonith-watchdog-timeout", "10s", "takes lost nodes for stopped"),
    ("stonith-watchdog-timeout", -1, "takes lost nodes for stopped"),
    ("fencing-watchdog-timeout", "1min", "takes lost nodes for stopped"),
]
DEVICES: list[tuple[list[dict[str, Any]], str]] = [
    ([device("power", pcmk_host_list="nodea nodeb nodez")], "names nodez"),
    ([device("power", pcmk_host_list="nodea,nodeb")], "leaves nodec out"),
    ([device("power", pcmk_host_list="")], "leaves nodea out"),
    ([device("power", pcmk_host_map="nodea:1;nodeb:2;other:3")], "names other"),
    ([device("power", pcmk_host_map="nodea:1;nodeb:2")], "leaves nodec out"),
    ([device("power", pcmk_host_map="nodea:1;nodeb:1;nodec:2")], "one plug to several nodes"),
    ([device("power", pcmk_host_map="nodea=1 nodeb=2 nodec=2")], "one plug to several nodes"),
    ([device("power", pcmk_host_check="none")], "stop other nodes"),
    ([device("power", pcmk_host_check="dynamic-list")], "stop other nodes"),
    ([device("power", pcmk_host_check="status")], "stop other nodes"),
    ([device("power", pcmk_host_argument="none")], "stops the same machine"),
    ([device("power", port="3")], "is the same for nodea and nodeb"),
    ([device("power", plug="3")], "is the same for nodea and nodeb"),
    ([device("power", pcmk_host_argument="uuid", uuid="f00")], "is the same for nodea and nodeb"),
    ([device("power", pcmk_off_action="status")], "not what off means"),
    ([device("power", pcmk_off_action="on")], "not what off means"),
    ([device("power", pcmk_reboot_action="metadata")], "not what reboot means"),
    ([device("power", pcmk_reboot_action="on")], "not what reboot means"),
    ([device("power", pcmk_reboot_action="Off")], "not what reboot means"),
    ([device("power", pcmk_monitor_action="metadata")], "not what monitor means"),
    ([device("power", pcmk_status_action="metadata")], "not what status means"),
    ([device("power", pcmk_on_action="off")], "not what on means"),
    ([device("power", action="status")], "is for the fencer to say"),
    ([device("power", option="on")], "is for the fencer to say"),
    ([device("power", method="cycle")], "before the node is off"),
    ([device("power", missing_as_off=1)], "does not exist count"),
    ([device("power", missing_as_off=True)], "does not exist count"),
    ([device("ipmi", agent="fence_ipmilan")], "device of one machine"),
    ([device("ilo", "nodea", "nodeb", agent="fence_ilo4"), device("c", "nodec")], "device of one machine"),
    ([device("dump", agent="fence_kdump")], "at times only"),
    ([device("power", "nodea", "nodeb"), device("dump", "nodec", agent="fence_kdump")], "stop nodec at times only"),
    ([device("person", agent="meatware")], "at times only"),
    ([device("shell", agent="external/ssh")], "at times only"),
    ([device("dump", agent="fence_kdump"), device("self", agent="suicide")], "at times only"),
    ([device("dog", agent="fence_watchdog")], "only where stonith-watchdog-timeout is set"),
    ([device("nothing", agent="fence_dummy")], "whatever it does"),
    ([device("power"), device("nothing", agent="fence_dummy")], "whatever it does"),
    ([device("power"), device("ping", agent="fence_heuristics_ping")], "whatever it does"),
    ([device("nothing", agent="null")], "whatever it does"),
    *(
        ([device("power"), device("nothing", agent=agent)], "whatever it does")
        for agent in ["fence_manual", "fence_ack_manual", "fence_pcmk"]
    ),
]
MEMBERS: list[tuple[dict[str, Any], str]] = [
    *(
        ({"operations": {"stop": {"on-fail": word}}}, "count as stopped")
        for word in ["ignore", "Ignore", " ignore", "restart"]
    ),
    *(({"operations": {"stop": {"on-fail": word}}}, "count as stopped") for word in ["stop", "standby", "demote", "x"]),
    ({"operations": {"stop": {"on_fail": "ignore"}}}, "count as stopped"),
    ({"operations": {"monitor": {"name": "stop", "on-fail": "ignore"}}}, "another operation"),
    ({"operations": {"monitor": {"id": "x"}}}, "another operation"),
    ({"operations": {"start": {"requires": "nothing"}}}, "before the node that was lost"),
    ({"meta": {"requires": "nothing"}}, "before the node that was lost"),
    ({"meta": {"requires": "quorum"}}, "before the node that was lost"),
    ({"meta": {"requires": "Nothing"}}, "before the node that was lost"),
    ({"type": "stonith:fence_dummy"}, "among the members of a service"),
    ({"type": "STONITH:fence_apc"}, "among the members of a service"),
]
SERVICES: list[tuple[dict[str, Any], str]] = [
    ({"properties": {"requires": "nothing"}}, "before the node that was lost"),
    ({"properties": {"meta requires": "quorum"}}, "before the node that was lost"),
    ({"resource_properties": {"storage": {"operation stop on-fail": "ignore"}}}, "count as stopped"),
    ({"resource_properties": {"storage": {"meta requires": "nothing"}}}, "before the node that was lost"),
    ({"resource_properties": {"web": {"operation stop on-fail": "IGNORE"}}}, "count as stopped"),
]


def refusal(**changes: Any) -> str:
    """Why a description is refused; each problem says how it can be accepted."""
    with pytest.raises(DescriptionError) as refused:
        compiled(**copy.deepcopy(changes))
    return str(refused.value)


@pytest.mark.parametrize(("key", "value", "words"), PROPERTIES)
def test_options_of_the_cluster(key: str, value: Any, words: str) -> None:
    assert words in refusal(options={key: value})


@pytest.mark.parametrize(("devices", "words"), DEVICES)
def test_devices(devices: list[dict[str, Any]], words: str) -> None:
    message = refusal(devices=devices)
    assert words in message
    assert "fencing.disabled_accepting_data_loss: true" in message


@pytest.mark.parametrize(("member", "words"), MEMBERS)
def test_members(member: dict[str, Any], words: str) -> None:
    assert words in refusal(member=member)


@pytest.mark.parametrize(("service", "words"), SERVICES)
def test_services(service: dict[str, Any], words: str) -> None:
    assert words in refusal(**service)


@pytest.mark.parametrize(
    "changes",
    [
        *({"options": {key: value}} for key, value, words in PROPERTIES if "not switched" not in words),
        *({"member": member} for member, _words in MEMBERS),
        *(service for service, _words in SERVICES),
    ],
)
def test_the_words_allow_it(changes: dict[str, Any]) -> None:
    assert compiled(accepted=True, **changes).properties["stonith-enabled"] == "false"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        *({"options": {"no-quorum-policy": word}} for word in ("stop", "freeze", "demote", "suicide", "fence")),
        *({"options": {"startup-fencing": word}} for word in (True, "yes", "1")),
        {"options": {"stonith-action": "off", "stonith-timeout": "90s", "stonith-watchdog-timeout": 0}},
        {"options": {"fence-reaction": "panic", "priority-fencing-delay": "5s"}},
        {"devices": [device("power", pcmk_host_map="nodea:1;nodeb:2;nodec:3,4", pcmk_reboot_action="off")]},
        {"devices": [device("power", pcmk_host_list="NODEA nodeb,nodec", pcmk_host_check="static-list")]},
        {"devices": [device("power", method="onoff", missing_as_off=False, pcmk_delay_max="5s")]},
        {"devices": [device(f"power_{node}", node, agent="fence_ipmilan", ip=node, plug="1") for node in NODES]},
        {"devices": [device("power"), device("dump", agent="fence_kdump")]},
        {
            "devices": [device("dog", agent="fence_watchdog")],
            "options": {"stonith-watchdog-timeout": "10s"},
        },
        {
            "devices": [
                device("ipmi", agent="fence_ipmilan", port_as_ip=1, pcmk_host_map="nodea:a;nodeb:b;nodec:c"),
            ]
        },
        {"member": {"operations": {"stop": {"on-fail": "fence"}, "monitor": {"on-fail": "ignore"}}}},
        {"member": {"operations": {"stop": {"on-fail": "block"}}, "meta": {"requires": "fencing"}}},
    ],
)
def test_what_is_what_it_says_passes(changes: dict[str, Any]) -> None:
    assert compiled(**changes).properties["stonith-enabled"] == "true"


@pytest.mark.parametrize(
    ("resource_type", "properties", "meta", "operations"),
    [
        ("ocf:heartbeat:Filesystem", {}, {}, {"stop": {"on-fail": "ignore"}}),
        ("ocf:heartbeat:Filesystem", {}, {"requires": "nothing"}, {}),
        ("stonith:fence_dummy", {}, {}, {}),
        ("stonith:fence_manual", {}, {}, {}),
        ("stonith:Fence_Dummy", {}, {}, {}),
        ("stonith:../fence_dummy", {}, {}, {}),
        ("stonith:stonith:fence_dummy", {}, {}, {}),
        ("stonith:fence_apc", {"pcmk_host_check": "none"}, {}, {}),
        ("stonith:fence_apc", {"pcmk_host_list": "nodea", "pcmk_off_action": "status"}, {}, {}),
        ("stonith:fence_ipmilan", {"pcmk_host_list": "nodea nodeb"}, {}, {}),
        ("stonith:fence_apc", {"pcmk_host_list": "nodea nodeb", "pcmk_host_check": "dynamic-list"}, {}, {}),
        ("stonith:fence_apc", {"action": "off"}, {}, {}),
        ("stonith:fence_apc", {}, {"target-role": "Stopped"}, {}),
        ("stonith:fence_apc", {}, {"target-role": "stopped"}, {}),
        *(("stonith:fence_apc", {}, {"is-managed": word}, {}) for word in ("false", "No", "0", "off")),
        *(("stonith:fence_apc", {}, {"maintenance": word}, {}) for word in ("true", "Yes", "1")),
    ],
)
def test_resources_that_a_module_is_given(
    resource_type: str, properties: dict[str, str], meta: dict[str, str], operations: dict[str, dict[str, str]]
) -> None:
    with pytest.raises(DescriptionError):
        Pacemaker(runner=None).native_resource(Member("x", resource_type, properties, meta, operations))  # type: ignore[arg-type]


def test_groups_that_a_module_is_given() -> None:
    with pytest.raises(DescriptionError, match="requires"):
        Pacemaker(runner=None).native_service("x", NODES, {"requires": "nothing"}, ())  # type: ignore[arg-type]


def test_fencing_devices_are_members_of_no_group() -> None:
    driver = Pacemaker(runner=None)  # type: ignore[arg-type]
    power = driver.native_resource(Member("power", "stonith:fence_apc", {"pcmk_host_list": "nodea"}))
    with pytest.raises(DescriptionError, match="among the members of a service"):
        driver.native_service("x", NODES, {}, (power,))


def test_no_secret_is_shown() -> None:
    resource = (
        "x",
        "stonith:fence_apc",
        {"pcmk_host_list": "a b", "pcmk_host_argument": "passwd", "passwd": "hunter2"},
    )
    with pytest.raises(DescriptionError) as refused:
        Pacemaker(runner=None).native_resource(Member(*resource))  # type: ignore[arg-type]
    assert "hunter2" not in str(refused.value)


CIB = """<cib crm_feature_set="3.21.0" validate-with="pacemaker-4.0"><configuration>
 <crm_config><cluster_property_set id="o">{properties}</cluster_property_set></crm_config>
 <nodes><node id="1" uname="a"/><node id="2" uname="b"/></nodes>
 <resources><primitive id="f" class="stonith" type="fence_x"><instance_attributes id="fi">
  <nvpair id="f1" name="pcmk_host_list" value="a b"/></instance_attributes></primitive></resources><constraints/>
</configuration></cib>"""


@pytest.mark.parametrize("name", ["fencing-enabled", "stonith-enabled"])
def test_a_cluster_that_is_adopted_says_that_fencing_was_off(name: str) -> None:
    driver = Pacemaker(runner=None)  # type: ignore[arg-type]
    config = driver.parse_saved(CIB.format(properties=f'<nvpair id="o1" name="{name}" value="false"/>'))
    found = driver.export(config)
    assert "properties" not in found.cluster
    assert any("is switched off; the description switches it on" in line for line in found.unexpressed)


def test_a_cluster_that_is_adopted_lists_what_will_be_refused() -> None:
    driver = Pacemaker(runner=None)  # type: ignore[arg-type]
    config = driver.parse_saved(CIB.format(properties='<nvpair id="o1" name="no-quorum-policy" value="ignore"/>'))
    assert any("no quorum" in line for line in driver.export(config).unexpressed)
    assert [problem.key for problem in fencing.concerns(config)] == ["cluster.properties.no-quorum-policy"]


@pytest.mark.parametrize(
    "agent", ["../fence_x", "/usr/sbin/fence_apc", "stonith:fence_apc", "Fence_Dummy", "fence apc", "-x", "a/../b"]
)
def test_what_is_no_name_of_an_agent(agent: str) -> None:
    assert "is not the name of a fence agent" in refusal(devices=[device("power"), device("nothing", agent=agent)])


def one_each(agent: str, *options: dict[str, Any]) -> list[dict[str, Any]]:
    """A device for each node."""
    pairs = zip(NODES, options, strict=True)
    return [{"name": f"power_{node}", "agent": agent, "nodes": [node], "options": given} for node, given in pairs]


class TestTheMachineOfAnotherNode:
    """What a copied line does: the node that is stopped is not the one that was lost."""

    @pytest.mark.parametrize(
        ("devices", "words"),
        [
            (
                one_each("fence_ipmilan", {"ip": "192.0.2.101"}, {"ip": "192.0.2.102"}, {"ip": "192.0.2.102"}),
                "power_nodeb",
            ),
            (one_each("fence_ilo4", {"ipaddr": "a"}, {"ip": "a"}, {"ip": "c"}), "power_nodea"),
            (one_each("fence_xvm", {"port": "vm1"}, {"port": "vm2"}, {"port": "vm1"}), "power_nodea"),
            (one_each("fence_apc", *[{"ip": "a", "plug": number} for number in ("1", "1", "2")]), "power_nodea"),
        ],
    )
    def test_two_devices_for_one_machine(self, devices: list[dict[str, Any]], words: str) -> None:
        with pytest.raises(DescriptionError, match=f"stops the same machine as the device {words}"):
            compiled(devices)

    @pytest.mark.parametrize("option", ["port", "plug", "nodename"])
    def test_a_plug_that_is_called_like_another_node(self, option: str) -> None:
        names = ("NodeB", "nodeb2", "nodec")
        with pytest.raises(DescriptionError, match=rf"devices\[0\].options.{option} .* another node than nodea"):
            compiled(one_each("fence_virsh", *[{"ip": "192.0.2.9", option: name} for name in names]))

    @pytest.mark.parametrize("wrong", ["nodea:nodeb", "nodea:1,NodeB", "nodea:nodeb.example.com", "nodea=nodec"])
    def test_a_map_to_a_plug_that_is_called_like_another_node(self, wrong: str) -> None:
        options = [{"pcmk_host_map": text} for text in (wrong, "nodeb:b", "nodec:c")]
        with pytest.raises(DescriptionError, match=r"devices\[0\].options.pcmk_host_map .* another node than nodea"):
            compiled(one_each("fence_apc", *options))

    def test_a_map_of_several_nodes_in_the_wrong_order(self) -> None:
        with pytest.raises(DescriptionError, match="another node than nodea"):
            compiled([device("power", pcmk_host_map="nodea:nodeb;nodeb:nodea;nodec:nodec")])

    @pytest.mark.parametrize(
        "devices",
        [
            [device("power", pcmk_host_map="nodea:nodea;nodeb:nodeb.example.com;nodec:NODEC")],
            one_each("fence_ipmilan", *[{"ip": "a", "ipport": port} for port in ("6230", "6231", "6232")]),
            one_each("fence_virsh", *[{"ip": "192.0.2.9", "plug": node} for node in NODES]),
            one_each("fence_scsi", *[{"devices": "/dev/sdx"}] * 3),
            [
                *one_each("fence_ipmilan", {"ip": "a"}, {"ip": "b"}, {"ip": "c"}),
                device("more", "nodea", agent="fence_ipmilan", ip="a"),
            ],
        ],
    )
    def test_what_is_none(self, devices: list[dict[str, Any]]) -> None:
        compiled(devices)
