"""What is said at the end of a run."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.site import outcome

RESULT = {"services": {"mail1": {"state": "online", "nodes": ["nodea"]}, "files": {"state": "offline", "nodes": []}}}
NODES = ["nodea", "nodeb"]


def of_cluster(answering: list[str], alive: list[str], *, limited: bool = False, hosts: Any = NODES) -> outcome.Outcome:
    found = {"answering": answering, "lines": ["nodeb: gave no answer (no route)"]}
    return outcome.of_cluster("office", NODES, hosts, found, RESULT, alive, limited=limited)


def test_all_is_done() -> None:
    assert of_cluster(NODES, NODES) == outcome.Outcome(
        "office", outcome.DONE, ("mail1: online on nodea", "files: offline")
    )


def test_what_was_changed_is_said_of_each_service() -> None:
    changes = [{"service": "files", "name": "files_address"}, {"service": None, "name": "fence"}]
    answered = {"answering": NODES, "lines": []}

    def lines(result: Any) -> tuple[str, ...]:
        return outcome.of_cluster("office", NODES, NODES, answered, result, NODES, limited=False).lines

    assert lines({**RESULT, "changes": changes}) == (
        "mail1: online on nodea",
        "files: offline, changed",
    )
    assert lines({**RESULT, "changes": []})[1] == "files: offline"
    assert lines({**RESULT, "unchanged": True})[1] == "files: offline, nothing changed"


def test_a_node_failed() -> None:
    found = of_cluster(NODES, ["nodea"])

    assert (found.outcome, found.lines) == (
        outcome.FAILED,
        ("failed on nodeb, so that it was left at that; see above",),
    )


def test_a_node_that_gave_no_answer() -> None:
    found = of_cluster(["nodea"], NODES)

    assert found.outcome == outcome.PARTLY
    assert "nodeb: gave no answer (no route)" in found.lines


def test_nodes_that_are_not_in_the_run() -> None:
    assert "nodeb: is not in this run" in of_cluster(["nodea"], ["nodea"], hosts=["nodea"]).lines
    limited = of_cluster(["nodea"], ["nodea"], hosts=["nodea"], limited=True)
    assert (limited.outcome, limited.lines[-1]) == (outcome.DONE, "without nodeb, which --limit left out")


def test_no_node_answered() -> None:
    assert of_cluster([], NODES).outcome == outcome.FAILED
    assert outcome.of_cluster("office", NODES, ["nodea"], {}, {}, NODES, limited=False).outcome == outcome.FAILED


def test_the_table() -> None:
    found = [of_cluster(NODES, NODES), outcome.of_tier("ias mail", ["server0"], [])]

    assert outcome.table(found) == [
        "office    done    mail1: online on nodea",
        "                  files: offline",
        "ias mail  FAILED  failed on server0; see above",
    ]
    assert outcome.table([outcome.of_tier("ias mail", ["server0"], ["server0"])]) == ["ias mail  done  server0"]


def test_a_tier_that_was_asked() -> None:
    unchanged = outcome.of_tier("ias mail", ["server0"], ["server0"], unchanged=True)
    refused = outcome.of_tier("ias mail", ["server0"], ["server0"], refusals=["server0: no Java"])

    assert (unchanged.outcome, unchanged.lines) == (outcome.DONE, ("server0, nothing changed",))
    assert (refused.outcome, refused.lines) == (outcome.FAILED, ("nothing was touched:", "server0: no Java"))


def test_a_wave_before_failed() -> None:
    answered = {"answering": ["nodea"], "lines": []}

    found = outcome.of_cluster("office", ["nodea"], ["nodea"], answered, {}, ["nodea"], limited=False, before=["nodex"])

    assert (found.outcome, found.lines) == (outcome.WAITS, ("not begun, since nodex failed in a wave before",))


def test_refused_by_what_the_nodes_answered() -> None:
    silent = "nodeb: gave no answer (no route)"
    answered = {"answering": ["nodea"], "lines": [silent]}
    refused = ["the members of the cluster are others"]

    found = outcome.of_cluster("office", NODES, NODES, answered, {}, NODES, limited=False, refusals=refused)

    assert (found.outcome, found.lines) == (outcome.FAILED, ("nothing was touched:", *refused, silent))
