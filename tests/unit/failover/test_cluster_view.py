"""What crm_mon prints, and waiting."""

from __future__ import annotations

from pathlib import Path

import pytest
from cluster_view import ProofError, parse_cluster_view, wait_for

RECORDED = (Path(__file__).with_name("recorded") / "crm_mon.xml").read_text()


def test_a_whole_cluster() -> None:
    view = parse_cluster_view(RECORDED)

    assert view.nodes == ("nodea", "nodeb", "nodec")
    assert view.why_unsettled() == ""
    assert view.running_on == {"mail1": "nodea", "mail2": "nodeb"}


def test_the_fencing_history_newest_first() -> None:
    newest = parse_cluster_view(RECORDED).fencing[0]

    assert (newest.target, newest.action, newest.successful, newest.delegate) == ("nodeb", "reboot", True, "nodea")
    assert newest.completed == 1795234808


def test_what_is_not_settled_is_said() -> None:
    text = RECORDED.replace('name="nodeb" id="2" online="true"', 'name="nodeb" id="2" online="false"')
    text = text.replace(
        'id="mail1_postfix" resource_agent="ocf:heartbeat:postfix" role="Started"',
        'id="mail1_postfix" resource_agent="ocf:heartbeat:postfix" role="Stopped"',
    )

    view = parse_cluster_view(text)

    assert view.why_unsettled() == "nodeb is offline, mail1 does not run whole (not started: mail1_postfix)"
    assert "mail1" not in view.running_on


def test_a_node_that_joins_is_not_ready() -> None:
    view = parse_cluster_view(RECORDED.replace('pending="false"', 'pending="true"', 1))

    assert view.unready == {"nodea": "is pending"}


def test_a_failed_member_is_trouble() -> None:
    text = RECORDED.replace('managed="true" failed="false"', 'managed="true" failed="true"', 2)

    assert parse_cluster_view(text).troubled == {"mail1": "has failed (mail1_storage)"}


def test_waiting_ends_with_what_was_missing() -> None:
    with pytest.raises(ProofError, match="waiting until the sun rises: still dark"):
        wait_for("the sun rises", lambda: "still dark", timeout=0.02, pause=0.01)


def test_waiting_ends_when_nothing_is_missing() -> None:
    answers = iter(["one", "two", ""])

    assert wait_for("it is done", lambda: next(answers), timeout=5, pause=0.001) < 5
