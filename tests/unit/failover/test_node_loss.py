"""What makes a round a failure, and the tables."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import cast
from xml.sax.saxutils import escape

import pytest
from caldav_access import event
from calendar_traffic import Calendar, CalendarTraffic
from clients import Client, Success
from node_loss import (
    Round,
    ServiceResult,
    Traffic,
    as_json,
    await_deliveries,
    client_gap,
    failed_in,
    find_problems,
    report,
    storage_before_fencing,
)
from timeline import Delivery, Gap, Phase


def traffic(*stored: list[str]) -> Traffic:
    """Two messages that were acknowledged, and what is in the mailbox whenever it is looked at."""
    looks = iter(stored)
    sent = ["<1@x>", "<2@x>"]
    return cast(Traffic, SimpleNamespace(acknowledged=sent, attempted=sent, stored=lambda: next(looks)))


def service(
    moved: bool = True, node: str = "nodeb", gap: float = 6.0, lost: tuple[str, ...] = (), failures: int = 3
) -> ServiceResult:
    failed = {"submission": failures, "IMAPS": failures}
    return ServiceResult(
        moved, node, {"submission": gap, "IMAPS": gap - 0.1}, failed, Delivery(10, 10 - len(lost), lost, 0, 1)
    )


def test_a_good_round_has_no_problems() -> None:
    assert find_problems("nodea", {"mail1": service(), "mail2": service(moved=False, gap=0.3)}) == []


def test_what_is_still_in_the_queue_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is what is seen in neither place once, while it is on its way from one to the other."""
    late = traffic(["<1@x>"], ["<1@x>"], ["<1@x>"], ["<1@x>", "<2@x>"])
    queues = iter([2, 0, 1, 1])
    slept: list[float] = []
    monkeypatch.setattr("node_loss.time.sleep", slept.append)

    found = await_deliveries(late, lambda: next(queues))

    assert (found.lost, len(slept)) == ((), 3)


def test_what_is_in_no_queue_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("node_loss.time.sleep", lambda _seconds: None)

    assert await_deliveries(traffic(["<1@x>"], ["<1@x>"]), lambda: 0).lost == ("<2@x>",)


def test_appointments_are_lost_too() -> None:
    lost = replace(service(lost=("a",)), things="appointments")
    assert find_problems("nodea", {"calendar1": lost}) == [
        "calendar1: 1 acknowledged appointments are lost, the first is a"
    ]


def test_only_a_whole_appointment_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, cut = (escape(text) for text in (event("kept"), event("cut")[:-20]))
    answer = "".join(f"<C:calendar-data>{text}</C:calendar-data>" for text in (kept, cut))
    said = f'<D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">{answer}</D:multistatus>'
    monkeypatch.setattr("calendar_traffic.ask", lambda *_asked, **_headers: (207, said))

    assert CalendarTraffic(cast(Calendar, SimpleNamespace(service="calendar1", user="alice")), "x-").stored() == [
        "kept"
    ]


def test_lost_messages_are_a_problem() -> None:
    assert find_problems("nodea", {"mail1": service(lost=("<x@y>", "<z@y>"))}) == [
        "mail1: 2 acknowledged messages are lost, the first is <x@y>"
    ]


def test_a_service_that_was_elsewhere_may_not_be_interrupted() -> None:
    problems = find_problems("nodea", {"mail2": service(moved=False, gap=2.0)})

    assert problems == [
        "mail2: did not run on nodea, yet submission was interrupted for 2.0 s",
        "mail2: did not run on nodea, yet IMAPS was interrupted for 1.9 s",
    ]


def test_answers_that_a_busy_machine_gives_late_are_no_interruption() -> None:
    assert find_problems("nodea", {"mail2": service(moved=False, gap=2.0, failures=0)}) == []


def test_attempts_that_failed_in_a_time() -> None:
    client = Client("mail1", "IMAPS", lambda: 0.0, 1.0)
    client.failures += [9.0, 10.5, 11.9, 12.1]

    assert failed_in(Gap(10.0, 12.0), client) == 2


def test_a_service_has_to_run_on_another_node() -> None:
    assert find_problems("nodea", {"mail1": service(node="")}) == [
        "mail1: does not run on another node: it runs on none"
    ]


def test_storage_that_starts_before_the_node_is_off_is_a_problem() -> None:
    started = {"mail1_storage": 5.0, "mail2_volume": 9.0, "mail2_storage": 9.5}

    assert storage_before_fencing("nodea", ["mail1", "mail2"], 8.0, started) == [
        "mail1: its storage was started before nodea was confirmed to be off"
    ]
    assert len(storage_before_fencing("nodea", ["mail1", "mail2"], None, started)) == 2


def test_the_outage_begins_with_the_last_answer_before_the_loss() -> None:
    class Recorded:
        successes = (Success(0, 1.0), Success(0, 4.0), Success(0, 4.1), Success(0, 9.0))
        service = "mail1"

        def times(self) -> list[float]:
            return [success.ended for success in self.successes]

    assert client_gap(Recorded(), ["mail1"], began=4.15) == Gap(4.1, 9.0)
    assert client_gap(Recorded(), [], began=4.15) == Gap(4.1, 9.0)


def rounds(count: int) -> list[Round]:
    return [
        Round(
            node="nodea",
            fenced_by="nodec",
            services={"mail1": service(gap=6.0 + number), "mail2": service(moved=False, gap=0.3)},
            phases=[Phase("loss noticed (token)", 1.0), Phase("postfix", 5.0 + number)],
            rejoined_after=20.0,
            problems=[],
        )
        for number in range(count)
    ]


def test_one_round_has_one_column() -> None:
    text = report(rounds(1), "mail1")

    assert "median" not in text
    rows = [line.split() for line in text.splitlines()]
    assert "mail1: no mail accepted (submission) 6.00".split() in rows
    assert "mail2: longest pause while elsewhere 0.30".split() in rows


def test_several_rounds_have_minimum_median_and_maximum() -> None:
    text = report(rounds(3), "mail1")

    rows = [line.split() for line in text.splitlines()]
    assert "mail1: no mail accepted (submission) 6.00 7.00 8.00".split() in rows
    assert "postfix 5.00 6.00 7.00".split() in rows
    assert "Messages acknowledged: 60, found: 60, lost: 0" in text
    assert "fencing confirmed: 3 of 3" in text


def test_json_has_the_same_figures() -> None:
    figures = json.loads(as_json(rounds(3), "mail1"))

    assert figures["summary"]["mail1: no mail accepted (submission)"] == {"minimum": 6.0, "median": 7.0, "maximum": 8.0}
    assert len(figures["rounds"]) == 3
