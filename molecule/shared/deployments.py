"""Users of calendars who never rest, what came of it, and the nodes of a deployment, for the tests of its losses."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# From tests/failover; see the tests' conftest.py.
from calendar_traffic import CalendarTraffic

from ansible_collections.groupware.ha.molecule.shared.lab import NAME, host_of

PROJECT, SCENARIO, TOP = (
    Path(os.environ[f"MOLECULE_{name}_DIRECTORY"]) for name in ("PROJECT", "SCENARIO", "EPHEMERAL")
)
#: How often each kind of node is lost; GROUPWARE_HA_LAPS=10 has it ten times, for figures.
ROUNDS = int(os.environ.get("GROUPWARE_HA_LAPS") or 2)


@dataclass
class Figures:
    """What came of it.

    :ivar sent: attempts to make an appointment, and to read one
    :ivar failed: how many of these had another answer than the one that is wanted, or none in time
    :ivar lost: appointments that were acknowledged and are not there
    :ivar gap: the longest time without one that was acknowledged, in seconds
    """

    sent: int = 0
    failed: int = 0
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    gap: float = 0.0
    since: float = 0.0
    until: float = 0.0
    words: str = ""

    def __str__(self) -> str:
        return (
            f"{self.sent} requests, {self.failed} failed, {self.acknowledged} appointments acknowledged, "
            f"{len(self.lost)} lost, {self.gap:.1f} s without one at most"
        )


@contextmanager
def counted(traffic: CalendarTraffic, wait_for: Callable[..., float], failing: bool = True) -> Iterator[Figures]:
    """Have users work meanwhile, until they are answered after the end; then count.

    :param traffic: the users
    :param wait_for: as of the tests
    :param failing: whether attempts may fail
    """
    figures = Figures()
    traffic.writer.start()
    wait_for("there is something to read", lambda: len(traffic.acknowledged) > 0, 90)
    traffic.clients[1].start()
    try:
        _answered(traffic, wait_for)
        yield figures
        _answered(traffic, wait_for)
    finally:
        for client in traffic.clients:
            client.stop()
    times = sorted(traffic.writer.times())
    gaps = [(after - before, before, after) for before, after in itertools.pairwise(times)]
    figures.gap, figures.since, figures.until = max(gaps)
    figures.sent = sum(len(client.successes) + len(client.failures) for client in traffic.clients)
    figures.failed = sum(len(client.failures) for client in traffic.clients)
    figures.words = " / ".join(client.last_failure for client in traffic.clients)
    figures.acknowledged = len(traffic.acknowledged)
    stored: list[str] = []

    def read() -> bool:
        """Whether the calendar is read; a worker may have to notice first that its server is another one now."""
        with contextlib.suppress(OSError):
            stored.extend(traffic.stored())
            return True
        return False

    wait_for("the calendar is read", read)
    figures.lost = sorted(set(traffic.acknowledged) - set(stored))
    traffic.remove()
    assert figures.lost == []
    assert failing or figures.failed == 0, figures.words


def _answered(traffic: CalendarTraffic, wait_for: Callable[..., float]) -> None:
    """Wait until five more attempts that are begun from now on have succeeded, for each of them."""
    now = time.time()
    for client in traffic.clients:
        wait_for(
            f"{client} is answered ({client.last_failure})",
            lambda client=client: sum(one.started > now for one in list(client.successes)) >= 5,
            90,
        )


def figure(what: str, words: object) -> None:
    """Have it shown at the end."""
    conftest = next(
        module for name, module in sys.modules.items() if name.endswith("conftest") and hasattr(module, "FIGURES")
    )
    conftest.FIGURES.append(f"{what}: {words}")


def play(playbook: str, *given: str, fails: bool = False, check: bool = False, **variables: Any) -> str:
    """Run a playbook as its user would; what it says, in one line. It tells all that it can: see test_secrets.py."""
    inventories = [f"--inventory={PROJECT}/inventories/{SCENARIO.name}", f"--inventory={SCENARIO}/inventory"]
    argv = ["ansible-playbook", f"groupware.ha.{playbook}", "--diff", *inventories, *given]
    argv += ["-e", json.dumps(variables)] if variables else []
    argv += ["--check"] if check else []
    quiet = {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0", "ANSIBLE_PIPELINING": "1"}
    quiet["ANSIBLE_LOG_PATH"] = str(TOP / "ansible.log")
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env={**os.environ, **quiet})
    said = " ".join((done.stdout + done.stderr).split())
    assert (done.returncode != 0) is fails, said
    return said


def lab(verb: str, node: str) -> None:
    """Have a node lose its power, or have it again."""
    subprocess.run(["/usr/bin/python3", str(PROJECT / "tests/lab/lab.py"), verb, NAME, node], check=True)


def holder(address: str, balancers: Sequence[str]) -> str:
    """The balancer that has an address; one that is off has none."""
    command = "ip -brief address show dev eth0"
    found = [node for node in balancers if f" {address}/32" in host_of(node).run(command).stdout]
    return found[0] if len(found) == 1 else ""


def primary(servers: Sequence[str]) -> str:
    """The server that takes writes."""
    command = "mariadb -N -e 'SELECT @@read_only'"
    found = [node for node in servers if host_of(node).run(command).stdout.strip() == "0"]
    return found[0] if len(found) == 1 else ""


def other(node: str, nodes: tuple[str, ...]) -> str:
    return next(one for one in nodes if one != node)


def spread(figures: list[Figures]) -> str:
    gaps = sorted(one.gap for one in figures)
    sums = [sum(getattr(one, name) for one in figures) for name in ("sent", "failed", "acknowledged")]
    return (
        "{} rounds, {} requests, {} failed, {} appointments acknowledged, ".format(len(figures), *sums)
        + f"{sum(len(one.lost) for one in figures)} lost; without one at most {statistics.median(gaps):.1f} s (median; "
        f"{gaps[0]:.1f} to {gaps[-1]:.1f})"
    )
