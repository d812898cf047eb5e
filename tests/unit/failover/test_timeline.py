"""Gaps, accounting and phases, from made-up times and from what a real failover logged.

recorded/: the journals of both survivors and a later crm_mon, Debian 12 (Corosync 3.1.7, Pacemaker 2.1.5), nodeb killed
while it ran mail1 and mail2, on a machine with a load of ten.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from timeline import (
    Gap,
    LogLine,
    Spread,
    account,
    fencing_confirmed,
    longest_gap,
    outage,
    parse_journal,
    phases,
    spread,
    starts,
    summarise,
)

RECORDED = Path(__file__).with_name("recorded")


@pytest.fixture(scope="module")
def log() -> list[LogLine]:
    return [
        line for node in ("nodea", "nodec") for line in parse_journal(node, (RECORDED / f"{node}.jsonl").read_text())
    ]


def test_longest_gap_sorts_what_came_out_of_order() -> None:
    assert longest_gap([5.0, 1.0, 2.0]) == Gap(2.0, 5.0)


def test_one_success_makes_no_gap() -> None:
    with pytest.raises(ValueError, match="two successes"):
        longest_gap([1.0])


def test_outage_is_the_gap_around_it() -> None:
    assert outage([1.0, 1.1, 8.0, 8.1], shortest=1.5) == Gap(1.1, 8.0)


def test_a_service_that_comes_and_goes_is_one_outage() -> None:
    assert outage([1.0, 5.0, 5.1, 9.0, 9.1], shortest=1.5) == Gap(1.0, 9.0)


def test_without_interruption_outage_is_the_longest_gap() -> None:
    assert outage([1.0, 1.1, 1.4, 1.5], shortest=1.5) == Gap(1.1, 1.4)


def test_account_tells_lost_from_duplicate_from_never_acknowledged() -> None:
    delivery = account(["a", "b", "c"], ["a", "b", "c", "d", "e"], ["a", "b", "b", "d", "other", "other"])

    assert (delivery.acknowledged, delivery.found, delivery.lost) == (3, 2, ("c",))
    assert (delivery.duplicates, delivery.unacknowledged) == (1, 1)


def test_spread_of_one_is_that_one() -> None:
    assert spread([3.0]) == Spread(3.0, 3.0, 3.0)


def test_summarise_leaves_out_what_a_round_did_not_have() -> None:
    assert summarise([{"a": 1.0, "b": 4.0}, {"a": 3.0}]) == {"a": Spread(1.0, 2.0, 3.0), "b": Spread(4.0, 4.0, 4.0)}


def test_journal_prefers_the_time_of_logging_and_skips_binary_messages() -> None:
    entries = [
        {"__REALTIME_TIMESTAMP": "2000000", "_SOURCE_REALTIME_TIMESTAMP": "1000000", "MESSAGE": "text"},
        {"__REALTIME_TIMESTAMP": "3000000", "MESSAGE": [1, 2]},
    ]

    assert parse_journal("nodea", "\n".join(map(json.dumps, entries))) == [LogLine(1.0, "nodea", "", "text")]


def test_starts_are_in_order_and_begin_with_the_storage(log: list[LogLine]) -> None:
    members = [name for name in starts(log) if name.startswith("mail1_")]

    assert members == ["mail1_storage", "mail1_address", "mail1_dovecot", "mail1_postfix"]


def test_storage_starts_after_fencing_was_confirmed(log: list[LogLine]) -> None:
    confirmed = fencing_confirmed(log, "nodeb")

    assert confirmed is not None
    assert confirmed < starts(log)["mail1_storage"]
    assert fencing_confirmed(log, "nodea") is None


def test_phases_add_up_to_the_outage(log: list[LogLine]) -> None:
    began = min(line.time for line in log if "A processor failed" in line.text) - 1.0
    gap = Gap(began, starts(log)["mail1_postfix"] + 0.5)

    found = phases(log, "nodeb", "mail1", gap)

    assert [phase.name for phase in found] == [
        "loss noticed (token)",
        "members agree (consensus)",
        "decision to fence",
        "fencing confirmed",
        "recovery planned",
        "storage",
        "address",
        "dovecot",
        "postfix",
    ]
    assert sum(phase.seconds for phase in found) == pytest.approx(gap.seconds)
    assert found[0].seconds == pytest.approx(1.0)
    assert found[-1].seconds == pytest.approx(0.5)


def test_phases_of_an_empty_log_are_the_outage_in_one() -> None:
    assert [phase.seconds for phase in phases([], "nodeb", "mail1", Gap(1.0, 4.0))] == [3.0]


def test_an_answer_before_the_last_start_ends_the_phases(log: list[LogLine]) -> None:
    gap = Gap(starts(log)["mail1_storage"] - 5, starts(log)["mail1_dovecot"] + 0.1)

    found = phases(log, "nodeb", "mail1", gap)

    assert found[-1].name == "dovecot"
    assert sum(phase.seconds for phase in found) == pytest.approx(gap.seconds)
