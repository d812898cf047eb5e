"""What happened between the loss of a node and the first answer of its services: pure, from times and log lines.

Every duration is a difference between two moments, and the phases of a failover are the differences between successive
moments of one chain: they add up to exactly the downtime that the client saw.
"""

from __future__ import annotations

import json
import re
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

#: A client that gets no answer for this long has been interrupted. The clients ask several times a second.
INTERRUPTION = 1.5


@dataclass(frozen=True)
class LogLine:
    """One line of a node's journal."""

    time: float
    node: str
    source: str
    text: str


@dataclass(frozen=True)
class Phase:
    """One part of a failover, as long as it took."""

    name: str
    seconds: float


@dataclass(frozen=True)
class Gap:
    """A time without success."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it was."""
        return self.end - self.start


@dataclass(frozen=True)
class Spread:
    """The smallest, the middle and the largest of some figures."""

    minimum: float
    median: float
    maximum: float


@dataclass(frozen=True)
class Delivery:
    """What became of the messages of one service."""

    acknowledged: int
    found: int
    lost: tuple[str, ...]
    duplicates: int
    unacknowledged: int  # in the mailbox, though the client never learned that it was taken


def spread(figures: Sequence[float]) -> Spread:
    """Minimum, median and maximum."""
    return Spread(min(figures), statistics.median(figures), max(figures))


def longest_gap(successes: Iterable[float]) -> Gap:
    """The longest time between one success and the next.

    :raises ValueError: with fewer than two successes there is no such time
    """
    times = sorted(successes)
    if len(times) < 2:
        raise ValueError("a gap needs at least two successes")
    return max(map(Gap, times, times[1:]), key=lambda gap: gap.seconds)


def outage(successes: Iterable[float], shortest: float = INTERRUPTION) -> Gap:
    """From the last success before the first interruption to the first success after the last one.

    A service that answers once and fails again has not come back: both times are one outage. Without an interruption it
    is the longest gap.
    """
    times = sorted(successes)
    gaps = [gap for gap in map(Gap, times, times[1:]) if gap.seconds > shortest]
    return Gap(gaps[0].start, gaps[-1].end) if gaps else longest_gap(times)


def account(acknowledged: Iterable[str], attempted: Iterable[str], found: Iterable[str]) -> Delivery:
    """Compare the messages that the server took responsibility for with those in the mailbox."""
    promised, copies = set(acknowledged), Counter(found)
    ours = set(attempted) | promised
    return Delivery(
        acknowledged=len(promised),
        found=len(promised & copies.keys()),
        lost=tuple(sorted(promised - copies.keys())),
        duplicates=sum(copies[message] - 1 for message in ours & copies.keys()),
        unacknowledged=len((ours - promised) & copies.keys()),
    )


def parse_journal(node: str, text: str) -> list[LogLine]:
    """The output of ``journalctl --output=json``; lines whose message is not text are left out."""
    lines = []
    for raw in text.splitlines():
        entry = json.loads(raw)
        # When the program logged it, if it said so; else when the journal received it.
        moment = entry.get("_SOURCE_REALTIME_TIMESTAMP") or entry["__REALTIME_TIMESTAMP"]
        message = entry.get("MESSAGE")
        if isinstance(message, str):
            lines.append(LogLine(int(moment) / 1e6, node, entry.get("SYSLOG_IDENTIFIER", ""), message))
    return lines


# -- what Corosync 3.1 and Pacemaker 2.1 and 3.0 log ---------------------------------------------------------------

_NOTICED = re.compile(r"A processor failed, forming new configuration")
_AGREED = re.compile(r"A new membership .* was formed.* left: ")
_START = re.compile(r"Requesting local execution of start operation for (?P<member>\S+) on (?P<node>\S+)")


def _fencing_requested(node: str) -> re.Pattern[str]:
    return re.compile(rf"Requesting peer fencing \(\w+\) targeting {re.escape(node)}\b")


def _fencing_confirmed(node: str) -> re.Pattern[str]:
    return re.compile(rf"Operation '\w+' targeting {re.escape(node)} by \S+ for .*: OK\b")


def _first(lines: Sequence[LogLine], pattern: re.Pattern[str]) -> float | None:
    return min((line.time for line in lines if pattern.search(line.text)), default=None)


def fencing_confirmed(lines: Sequence[LogLine], node: str) -> float | None:
    """When a node was first confirmed to be off."""
    return _first(lines, _fencing_confirmed(node))


def starts(lines: Iterable[LogLine]) -> dict[str, float]:
    """When the start of each resource was first asked for, in that order."""
    found: dict[str, float] = {}
    for line in sorted(lines, key=lambda line: line.time):
        match = _START.search(line.text)
        if match:
            found.setdefault(match["member"], line.time)
    return found


def phases(lines: Sequence[LogLine], lost_node: str, service: str, gap: Gap) -> list[Phase]:
    """What the outage of a service that ran on the lost node was made of.

    A moment that was not logged is left out, and its time belongs to the phase that follows.

    :param lines: journals of the surviving nodes
    :param gap: from the last success before to the first success after
    """
    known = [
        ("loss noticed (token)", _first(lines, _NOTICED)),
        ("members agree (consensus)", _first(lines, _AGREED)),
        ("decision to fence", _first(lines, _fencing_requested(lost_node))),
        ("fencing confirmed", fencing_confirmed(lines, lost_node)),
    ]
    members = [(name, time) for name, time in starts(lines).items() if name.startswith(f"{service}_")]
    names = [name.removeprefix(f"{service}_") for name, _ in members]
    # A member's phase begins when its start is asked for and ends with the start of the next member, because that is
    # what it costs; the last one's ends when the client has its answer.
    known += zip(["recovery planned", *names], [time for _, time in members], strict=False)
    known.append((names[-1] if names else "recovery", gap.end))
    found, before = [], gap.start
    for name, moment in known:
        if moment is None:
            continue
        # What starts only after the client was answered is no part of the outage.
        end = max(before, min(moment, gap.end))
        found.append(Phase(name, end - before))
        before = end
    return [phase for phase in found if phase.seconds > 0]


def summarise(rounds: Sequence[Mapping[str, float]]) -> dict[str, Spread]:
    """The spread of every figure over the rounds; a phase that a round did not have is no figure of that round."""
    names = list(dict.fromkeys(name for figures in rounds for name in figures))
    return {name: spread([figures[name] for figures in rounds if name in figures]) for name in names}
