"""What the driver makes of ``crm_mon``. The fixtures were recorded from the version of Pacemaker in their names."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterStatus
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, NotRunning
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.cib import parse_xml
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.driver import Pacemaker
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.reading import parse_status
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.fake_pacemaker import FakeCluster, FakeRunner

FIXTURES = Path(__file__).parent / "fixtures"


def recorded(name: str) -> ClusterStatus:
    text = (FIXTURES / f"crm_mon-2.1.5-{name}.xml").read_text(encoding="utf-8")
    return parse_status(parse_xml(text, "crm_mon"))


def test_everything_online() -> None:
    status = recorded("online")

    assert status.quorate
    assert {name: (node.online, node.standby, node.unclean) for name, node in status.nodes.items()} == {
        "nodea": (True, False, False),
        "nodeb": (True, False, False),
        "nodec": (True, False, False),
    }
    assert {name: (service.state, service.nodes) for name, service in status.services.items()} == {
        "mail1": ("online", ("nodea",)),
        "mail2": ("online", ("nodeb",)),
    }
    assert status.resources["fence_engine"].active_on == ("nodea",)
    assert [(member.name, member.type) for member in status.services["mail1"].members] == [
        ("mail1_storage", "ocf:heartbeat:Filesystem"),
        ("mail1_address", "ocf:heartbeat:IPaddr2"),
        ("mail1_dovecot", "ocf:heartbeat:dovecot"),
        ("mail1_postfix", "ocf:heartbeat:postfix"),
    ]


def test_failed_member_with_its_reason() -> None:
    status = recorded("failed")

    mail1 = status.services["mail1"]
    assert (mail1.state, mail1.enabled) == ("failed", True)
    assert mail1.failures == ("mail1_dovecot: start failed on nodea: User-injected result",)
    assert status.nodes["nodec"].standby
    assert not status.resources["fence_engine"].managed
    mail2 = status.services["mail2"]
    assert (mail2.state, mail2.enabled) == ("partial", False)


def test_disabled_and_still_running() -> None:
    mail2 = recorded("stopping").services["mail2"]

    assert (mail2.state, mail2.enabled, mail2.nodes) == ("online", False, ("nodeb",))


def test_lost_node() -> None:
    status = recorded("lost")

    assert {name: node.online for name, node in status.nodes.items()} == {"nodea": False, "nodeb": True, "nodec": True}
    assert {service.nodes for service in status.services.values()} == {("nodeb",)}


def test_status_of_no_cluster_is_not_an_empty_cluster() -> None:
    class Unreadable(FakeCluster):
        def monitor(self) -> str:
            return (FIXTURES / "crm_mon-2.1.5-no-cluster.xml").read_text(encoding="utf-8")

    with pytest.raises(NotRunning, match="Could not connect to the CIB"):
        Pacemaker(FakeRunner(Unreadable())).status()


def status_of(resources: str, failures: str = "", summary: str = "") -> ClusterStatus:
    return parse_status(
        parse_xml(
            f"<x><summary>{summary}</summary><nodes/><resources>{resources}</resources>"
            f"<failures>{failures}</failures></x>",
            "crm_mon",
        )
    )


def test_member_that_is_active_twice() -> None:
    row = '<resource id="a" active="true" managed="true"><node name="{}"/></resource>'
    service = status_of(f'<group id="g">{row.format("nodea")}{row.format("nodeb")}</group>').services["g"]

    assert (service.state, service.nodes, len(service.members)) == ("partial", ("nodea", "nodeb"), 1)


def test_member_that_is_still_starting_is_not_active() -> None:
    row = '<resource id="a" active="true" managed="true" pending="Starting"><node name="nodea"/></resource>'

    assert status_of(f'<group id="g">{row}</group>').services["g"].state == "offline"


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ('op_key="a_monitor_10000" node="nodea" exitreason="no answer"', "a: monitor failed on nodea: no answer"),
        ('op_key="a_start_0" node="nodea" exitstatus="error" exitreason=""', "a: start failed on nodea: error"),
        ('op_key="a_stop_0" node="nodea" status="Timed Out"', "a: stop failed on nodea: Timed Out"),
        ('op_key="a_stop_0" node="nodea"', "a: stop failed on nodea: unknown"),
    ],
)
def test_reason_of_a_failure(attributes: str, words: str) -> None:
    service = status_of('<group id="g"><resource id="a"/></group>', f"<failure {attributes}/>").services["g"]

    assert service.failures == (words,)


@pytest.mark.parametrize(
    ("summary", "quorate"),
    [
        ("", False),
        ('<current_dc present="false"/>', False),
        ('<current_dc present="true" with_quorum="false"/>', False),
        ('<current_dc present="true" with_quorum="true"/>', True),
    ],
)
def test_quorum(summary: str, quorate: bool) -> None:
    assert status_of("", summary=summary).quorate is quorate


def test_orphans_and_clones_are_no_services() -> None:
    status = status_of('<clone id="c"><resource id="c:0"/></clone><bundle id="b"/><resource id="a"/>')

    assert status.services == {}
    assert list(status.resources) == ["a"]


@pytest.mark.parametrize("output", ["", "Error: cluster is not available", "<pacemaker-result>"])
def test_malformed_status(output: str) -> None:
    with pytest.raises(FrameworkError, match="crm_mon printed something that is not XML"):
        parse_xml(output, "crm_mon")
