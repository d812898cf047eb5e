"""What takes redundancy away although everything runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import (
    ClusterStatus,
    MemberStatus,
    NodeStatus,
    ServiceStatus,
)
from ansible_collections.groupware.ha.plugins.module_utils.engine.redundancy import weaknesses
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.cib import parse_xml
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.reading import (
    parse_configuration,
    parse_status,
)

MAIL = ServiceStatus("mail1", (MemberStatus("mail1_address", "t", ("nodea",)),))
WELL = ClusterStatus(True, {name: NodeStatus(True) for name in ("nodea", "nodeb", "nodec")}, {"mail1": MAIL}, {})
PLACED = {"mail1": ["nodea", "nodeb"]}


def texts(status: ClusterStatus) -> list[str]:
    return [f"{found.name}: {found.text}" for found in weaknesses(status, PLACED, {})]


def with_node(**state: bool) -> ClusterStatus:
    return replace(WELL, nodes={**WELL.nodes, "nodeb": NodeStatus(**{"online": True, **state})})


def with_service(**changes: object) -> ClusterStatus:
    return replace(WELL, services={"mail1": replace(MAIL, **changes)})  # type: ignore[arg-type]


def test_nothing_is_said_of_a_cluster_that_is_well() -> None:
    assert texts(WELL) == []


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"standby": True}, "in standby"),
        ({"maintenance": True}, "in maintenance mode"),
        ({"unclean": True}, "unclean and about to be fenced"),
    ],
)
def test_a_node_that_takes_no_services(state: dict[str, bool], words: str) -> None:
    assert texts(with_node(**state)) == [
        f"nodeb: is {words}",
        f"mail1: no other node could take it: nodeb ({words})",
    ]


def test_a_node_that_is_offline() -> None:
    assert texts(with_node(online=False)) == [
        "nodeb: the cluster says it is offline",
        "mail1: no other node could take it: nodeb (not online)",
    ]


def test_a_service_that_is_frozen() -> None:
    assert texts(with_service(frozen=True)) == ["mail1: is frozen: the cluster does not fail it over"]


def test_a_service_that_is_not_managed_as_a_whole() -> None:
    member = replace(MAIL.members[0], managed=False)

    assert texts(with_service(members=(member,))) == [
        "mail1: the cluster does not manage mail1_address, so that it cannot fail over"
    ]


def test_a_standby_that_could_not_run_it() -> None:
    assert texts(with_service(barred={"nodeb": "it failed there", "nodec": "of no interest"})) == [
        "mail1: cannot run on nodeb: it failed there",
        "mail1: no other node could take it: nodeb (see above)",
    ]


def test_the_cluster_is_in_maintenance_mode_and_so_is_everything() -> None:
    assert texts(replace(with_service(frozen=True), maintenance=True)) == [
        ": the cluster is in maintenance mode: it starts, moves and watches nothing"
    ]


MONITOR = """<pacemaker-result><summary>
 <current_dc present="true" with_quorum="true"/>
 <cluster_options stonith-enabled="{stonith}" maintenance-mode="{maintenance}"/></summary>
 <nodes><node name="nodea" online="true"/><node name="nodeb" online="true" standby_onfail="{onfail}"/></nodes>
 <resources><resource id="power" resource_agent="stonith:fence_ipmilan" active="{power}" managed="true" role="Started">
  <node name="nodea"/></resource>
  <group id="mail1"><resource id="mail1_ip" resource_agent="ocf:heartbeat:IPaddr2" active="true" managed="true">
  <node name="nodea"/></resource></group></resources>
 <node_history><node name="nodeb">
  <resource_history id="mail1_ip" migration-threshold="3" fail-count="{count}"/></node></node_history>
 <failures><failure op_key="power_start_0" node="nodea" exitreason="no answer"/></failures>
 <fence_history><fence_event target="nodeb" action="reboot" status="{fenced}" completed="today" exit-reason="No route"/>
  <fence_event target="nodeb" action="reboot" status="failed" completed="yesterday"/></fence_history>
 <bans><ban id="mail1-nowhere-else-rule" resource="mail1" node="nodec" weight="-1000000"/>{ban}</bans>
</pacemaker-result>"""
QUIET = {
    "stonith": "true",
    "maintenance": "false",
    "onfail": "false",
    "power": "true",
    "count": "2",
    "fenced": "success",
    "ban": "",
}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, None),
        ({"stonith": "false"}, "fencing is switched off"),
        ({"maintenance": "true"}, "the cluster is in maintenance mode"),
        ({"onfail": "true"}, "is in standby"),
        ({"power": "false"}, "fencing device power does not run (power: start failed on nodea: no answer)"),
        ({"count": "3"}, "cannot run on nodeb: mail1_ip failed there 3 times"),
        ({"count": "INFINITY"}, "cannot run on nodeb: mail1_ip failed there and may not be tried again"),
        ({"count": "1000000"}, "cannot run on nodeb: mail1_ip failed there and may not be tried again"),
        ({"fenced": "failed"}, "the last attempt to fence nodeb failed (reboot, today: No route)"),
        (
            {"ban": '<ban id="cli-ban-mail1-on-nodeb" resource="mail1" node="nodeb" weight="-1000000"/>'},
            "cannot run on nodeb: the constraint cli-ban-mail1-on-nodeb forbids it",
        ),
        ({"ban": '<ban id="rather-not" resource="mail1" node="nodeb" weight="-100"/>'}, None),
    ],
)
def test_what_pacemaker_tells(changed: dict[str, str], words: str | None) -> None:
    status = parse_status(parse_xml(MONITOR.format(**QUIET | changed), "crm_mon"))

    found = [weakness.text for weakness in weaknesses(status, PLACED, {})]

    if words is None:
        assert found == []
    else:
        assert any(words in text for text in found), found


@pytest.mark.parametrize(
    "constraint",
    [
        '<rsc_location id="cli-prefer-mail1" rsc="mail1" role="Started" node="nodeb" score="INFINITY"/>',
        """<rsc_location id="cli-prefer-mail1" rsc="mail1"><rule id="r" score="INFINITY" boolean-op="and">
           <expression id="e" attribute="#uname" operation="eq" value="nodeb" type="string"/>
           <date_expression id="d" operation="lt" end="2026-11-21 04:08:20Z"/></rule></rsc_location>""",
    ],
)
def test_a_move_that_was_left_behind(constraint: str) -> None:
    cib = parse_xml(
        f"""<cib><configuration><resources><group id="mail1"><primitive id="ip" class="ocf" type="x"/></group>
        </resources>
        <constraints>{constraint}<rsc_location id="mine" rsc="mail1" node="nodeb" score="5"/></constraints>
        </configuration></cib>""",
        "cibadmin",
    )

    (text,) = parse_configuration(cib).leftovers["mail1"]
    assert "an earlier move binds it to nodeb (constraint cli-prefer-mail1)" in text
