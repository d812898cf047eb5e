"""Who is the primary, who may become it, and what is wrong, by what the servers say."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.products.database_roles import (
    Found,
    promotion,
    roles,
    verification,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.database_state import from_dict
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.databases import (
    GONE,
    NEW,
    STOPPED,
    found,
    primary,
    replica,
    server,
)

WELL = found(primary("db1"), replica("db2", "db1"), replica("db3", "db1"))
#: What came with the package: it takes writes, and has nothing.
FRESH = {"read_only": False, "databases": (), "server_id": 1, "logs": False, "strict": False}


@pytest.mark.parametrize(
    ("these", "who"),
    [
        (WELL, "db1"),
        (found(NEW, NEW, NEW), "db1"),
        (found(server("db1", "", **FRESH), server("db2", "", **FRESH), NEW), "db1"),
        (found(server("db1", "", read_only=False, logs=False, strict=False, server_id=7), NEW, NEW), "db1"),
        (found(replica("db1", "db2"), primary("db2"), replica("db3", "db2")), "db2"),
        # An interrupted promotion: the others follow the old one yet, and that one takes no writes any more.
        (found(server("db1"), primary("db2", "0-1-8,0-2-9"), replica("db3", "db1")), "db2"),
        # The primary was restarted.
        (found(server("db1"), replica("db2", "db1"), replica("db3", "db1")), "db1"),
        # All were taken apart or promoted, and then restarted: who has all.
        (found(server("db1"), server("db2", "0-1-8,0-2-9"), replica("db3", "db2", "0-1-8,0-2-9")), "db2"),
        (found(server("db1"), server("db2", "0-1-8,0-2-9"), server("db3")), "db2"),
        (found(server("db1"), server("db2"), server("db3")), "db1"),
        (found(primary("db1"), GONE, STOPPED), "db1"),
    ],
)
def test_who_is_the_primary(these: Found, who: str) -> None:
    decided = roles(these)

    assert (decided.primary, decided.problem) == (who, "")
    if who != "db1":
        assert f"{who} is the primary, as the servers say; db1 is where a new tier begins" in decided.notes[0]


@pytest.mark.parametrize(
    ("these", "words"),
    [
        (found(primary("db1"), primary("db2"), replica("db3", "db1")), "db1 and db2 take writes"),
        (found(GONE, replica("db2", "db1"), replica("db3", "db1")), "the primary db1 gave no answer"),
        (
            found(STOPPED, replica("db2", "db1", "0-1-8"), replica("db3", "db1", "0-1-8", "0-1-9")),
            "the primary db1 does not run, and no server takes writes. Have it back and run this again; or, if it is "
            "off for certain: ansible-playbook groupware.ha.promote -e server=db3 -e old_primary_is_off=true",
        ),
        # It may have been promoted while the one that they follow was lost.
        (found(server("db1"), GONE, replica("db3", "db1")), "db2 gave no answer, and may have been the primary since"),
        # After a crash the primary has taken back what a replica has received.
        (
            found(server("db1", "0-1-7"), replica("db2", "db1", "0-1-9"), replica("db3", "db1")),
            "db1, whom the others follow, lacks what db2 has: 0-1-9 (after 0-1-7)",
        ),
        (found(server("db1"), replica("db2", "db1"), replica("db3", "db2")), "db2 follows db1; db3 follows db2"),
        (found(server("db1"), server("db2"), GONE), "none follows another; db3 gave no answer"),
        (
            found(server("db1", "0-1-9"), server("db2", "0-1-8,0-2-9"), NEW),
            "db1 lacks what db2 has: 0-2-9; db2 lacks what db1 has: 0-1-9 (after 0-1-8)",
        ),
    ],
)
def test_what_would_be_a_guess_is_refused(these: Found, words: str) -> None:
    decided = roles(these)

    assert decided.primary == ""
    assert words in decided.problem


def test_a_copy_that_was_cut_short_is_no_primary() -> None:
    these = found(server("db1", seeding=True), server("db2"), NEW)

    assert roles(these).primary == "db2"
    assert "has no whole copy" in promotion(these, "db1", True, True).problem


# -- promotion ---------------------------------------------------------------------------------------------------------


def test_a_switchover() -> None:
    judged = promotion(WELL, "db2", False, False)

    assert (judged.kind, judged.old, judged.followers, judged.problem) == ("switchover", "db1", ("db1", "db3"), "")


def test_a_replica_that_is_behind_catches_up() -> None:
    these = found(primary("db1", "0-1-20"), replica("db2", "db1", "0-1-8"), replica("db3", "db1", "0-1-20"))

    assert promotion(these, "db2", False, False).kind == "switchover"


def test_what_the_primary_writes_meanwhile_is_nothing_of_a_replica_s_own() -> None:
    these = found(primary("db1", "0-1-8"), replica("db2", "db1", "0-1-9"), replica("db3", "db1"))

    assert promotion(these, "db2", False, False).problem == ""
    assert verification(these)[1] == []


def test_who_is_the_primary_already_has_the_others_follow() -> None:
    these = found(server("db1"), primary("db2"), replica("db3", "db1"))
    judged = promotion(these, "db2", False, False)

    assert (judged.kind, judged.old, judged.followers) == ("finish", "", ("db1", "db3"))


def test_a_loss_that_was_said_in_words() -> None:
    these = found(GONE, replica("db2", "db1"), replica("db3", "db1"))
    judged = promotion(these, "db2", True, False)

    assert (judged.kind, judged.old, judged.followers, judged.problem) == ("loss", "db1", ("db3",), "")
    assert "db1 gave no answer: it is judged, and made a replica of db2" in judged.warnings[0]


def test_a_primary_that_was_restarted_takes_writes_again() -> None:
    these = found(server("db1"), replica("db2", "db1"), replica("db3", "db1"))
    judged = promotion(these, "db1", False, False)

    assert (judged.kind, judged.old, judged.problem) == ("loss", "", "")


@pytest.mark.parametrize(
    ("these", "server_", "off", "words"),
    [
        (WELL, "db2", False, ""),
        (found(primary("db1"), GONE, replica("db3", "db1")), "db2", False, "db2 gave no answer; choose one that runs"),
        (found(primary("db1"), primary("db2"), replica("db3", "db1")), "db2", True, "db1 and db2 take writes"),
        # Nobody said that the old one is off: it may go on taking writes.
        (found(GONE, replica("db2", "db1"), replica("db3", "db1")), "db2", False, "Switch it off, and say so"),
        (found(STOPPED, replica("db2", "db1"), replica("db3", "db1")), "db2", False, "Switch it off, and say so"),
        # Another one has received more, whether it has applied it or not.
        (
            found(GONE, replica("db2", "db1"), replica("db3", "db1", "0-1-8", "0-1-9")),
            "db2",
            True,
            "db2 lacks what db3 has received: 0-1-9 (after 0-1-8). It may have been acknowledged. Promote the one that "
            "has it: ansible-playbook groupware.ha.promote -e server=db3",
        ),
        # Another one may have it.
        (found(GONE, replica("db2", "db1"), GONE), "db2", True, "db3 gives no answer, and may alone have"),
        (found(server("db1", "0-1-7"), replica("db2", "db1", "0-1-8"), GONE), "db2", False, "db3 gives no answer"),
        (found(server("db1"), GONE, GONE), "db1", True, "db3 give no answer"),
        # The old primary was restarted after a crash, and has taken back what one of them has received.
        (
            found(server("db1", "0-1-7"), replica("db2", "db1", "0-1-7"), replica("db3", "db1", "0-1-9")),
            "db2",
            False,
            "db2 lacks what db3 has received: 0-1-9",
        ),
        # Errant ones, that the others would never have.
        (
            found(primary("db1"), replica("db2", "db1", "0-1-8,0-2-9"), replica("db3", "db1")),
            "db2",
            False,
            "db2 has transactions that db1 has not, 0-2-9",
        ),
        (
            found(
                primary("db1", "0-1-9"),
                replica("db2", "db1", "0-1-8", running=False, error="no disk (error 1021)"),
                replica("db3", "db1"),
            ),
            "db2",
            False,
            "does not catch up: no disk (error 1021)",
        ),
    ],
)
def test_what_would_lose_something_is_refused(these: Found, server_: str, off: bool, words: str) -> None:
    judged = promotion(these, server_, off, False)

    assert words in judged.problem
    assert (judged.problem == "") == (words == "")


def test_a_loss_can_be_accepted_in_words() -> None:
    for these in (
        found(GONE, replica("db2", "db1"), GONE),
        found(GONE, replica("db2", "db1"), replica("db3", "db1", "0-1-9")),
    ):
        assert promotion(these, "db2", True, True).problem == ""


def test_two_servers_need_no_other_to_be_asked() -> None:
    servers = [
        {"name": "db1", "address": "192.0.2.31", "server_id": 1},
        {"name": "db2", "address": "192.0.2.32", "server_id": 2},
    ]
    these = found(GONE, replica("db2", "db1"), NEW, servers=servers)

    assert promotion(these, "db2", True, False).kind == "loss"


# -- verified ----------------------------------------------------------------------------------------------------------


def test_all_is_well() -> None:
    assert verification(WELL) == (["db1 is the primary; db2 and db3 follow it, and nothing is missing"], [])


@pytest.mark.parametrize(
    ("these", "words"),
    [
        (found(primary("db1"), GONE, replica("db3", "db1")), "db2 gave no answer"),
        (
            found(primary("db1", waiting=False), replica("db2", "db1"), replica("db3", "db1")),
            "without acknowledgements",
        ),
        (found(primary("db1", waits=False), replica("db2", "db1"), replica("db3", "db1")), "waits for no"),
        (found(primary("db1"), server("db2"), replica("db3", "db1")), "db2: follows nobody, not db1"),
        (found(primary("db1"), replica("db2", "db3"), replica("db3", "db1")), "db2: follows 192.0.2.33:3306, not db1"),
        (
            found(primary("db1"), replica("db2", "db1", running=False), replica("db3", "db1")),
            "db2: does not follow: its threads were stopped",
        ),
        (
            found(primary("db1"), replica("db2", "db1", running=False, error="x (error 1045)"), replica("db3", "db1")),
            "db2: does not follow: x (error 1045)",
        ),
        (found(primary("db1"), replica("db2", "db1", lag=61), replica("db3", "db1")), "db2: is 61 seconds behind"),
        (
            found(primary("db1"), replica("db2", "db1", "0-1-8,0-2-9"), replica("db3", "db1")),
            "db2: has transactions that db1 has not: 0-2-9",
        ),
        (
            found(primary("db1", databases=("calendar",)), replica("db2", "db1"), replica("db3", "db1")),
            "db1: the database i_schedule is missing",
        ),
        (found(server("db1"), replica("db2", "db1"), replica("db3", "db1")), "db1: takes no writes"),
    ],
)
def test_what_is_wrong(these: Found, words: str) -> None:
    lines, problems = verification(these)

    assert lines == []
    assert any(words in problem for problem in problems), problems


def test_without_waiting_nothing_is_said_of_it() -> None:
    these = found(
        primary("db1", waits=False, waiting=False),
        replica("db2", "db1"),
        replica("db3", "db1"),
        durability="asynchronous",
    )
    assert verification(these)[1] == []


def test_what_a_server_says_is_read_as_it_was_returned() -> None:
    for one in (primary("db1"), replica("db2", "db1", lag=None), GONE, STOPPED):
        assert from_dict(one.as_dict()) == one
    assert dataclasses.asdict(from_dict(None)) == dataclasses.asdict(GONE)
