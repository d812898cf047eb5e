# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run came to, cluster by cluster and tier by tier. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DONE, PARTLY, WAITS, FAILED = "done", "partly", "waits", "FAILED"


@dataclass(frozen=True)
class Outcome:
    """How it ended for one cluster or tier.

    :ivar outcome: ``DONE``, ``PARTLY``, ``WAITS`` or ``FAILED``
    :ivar lines: where its services are, or why not
    """

    name: str
    outcome: str
    lines: tuple[str, ...]


def of_cluster(
    name: str,
    nodes: Sequence[str],
    hosts: Sequence[str],
    found: Mapping[str, Any],
    result: Mapping[str, Any],
    alive: Collection[str],
    *,
    limited: bool,
    before: Sequence[str] = (),
    refusals: Sequence[str] = (),
) -> Outcome:
    """How it ended for a cluster.

    :param nodes: its described nodes
    :param hosts: its hosts of this run
    :param found: which of them answered, as the filter answers says it
    :param result: its services as groupware.ha.failover_services returns them, and what was changed if that is known;
        ``unchanged`` where it is known that nothing was
    :param alive: hosts on which nothing has failed
    :param limited: whether ``--limit`` may have left nodes out on purpose
    :param before: hosts of the waves before, without which there is no other
    :param refusals: why nothing was done
    """
    answering = found.get("answering", ())
    if not answering:
        return Outcome(name, FAILED, (*found.get("lines", ()), "nothing was done, since no node answered"))
    silent = [line for line in found["lines"] if line.partition(":")[0] in set(hosts) - set(answering)]
    if refusals:
        return Outcome(name, FAILED, ("nothing was touched:", *refusals, *silent))
    lost = [host for host in answering if host not in alive]
    if lost:
        return Outcome(name, FAILED, (f"failed on {', '.join(lost)}, so that it was left at that; see above",))
    failed = [host for host in before if host not in alive]
    if failed:
        return Outcome(name, WAITS, (f"not begun, since {', '.join(failed)} failed in a wave before",))
    lines = service_lines(result.get("services", {}))
    changed = {change["service"] or change["name"] for change in result.get("changes", ())}
    # Where the run went through the roles, files of a service may have changed that its resources say nothing of.
    otherwise = ", nothing changed" if result.get("unchanged") else ""
    lines = [
        f"{line}{', changed' if name in changed else otherwise}"
        for name, line in zip(result.get("services", {}), lines)
    ]
    left_out = [node for node in nodes if node not in hosts] if limited else []
    if left_out:
        lines.append(f"without {', '.join(left_out)}, which --limit left out")
    unvisited = [
        *silent,
        *(f"{node}: is not in this run" for node in nodes if node not in hosts and not limited),
    ]
    if unvisited:
        return Outcome(name, PARTLY, (*lines, *unvisited, "run again when all nodes are there"))
    return Outcome(name, DONE, tuple(lines))


def of_tier(
    name: str,
    hosts: Sequence[str],
    alive: Collection[str],
    *,
    unchanged: bool = False,
    refusals: Sequence[str] = (),
) -> Outcome:
    """How it ended for a tier; the rest as for a cluster.

    :param unchanged: whether it is known that there was nothing to do
    """
    if refusals:
        return Outcome(name, FAILED, ("nothing was touched:", *refusals))
    lost = [host for host in hosts if host not in alive]
    if lost:
        return Outcome(name, FAILED, (f"failed on {', '.join(lost)}; see above",))
    return Outcome(name, DONE, (f"{', '.join(hosts)}{', nothing changed' if unchanged else ''}",))


def service_lines(services: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Where each service stands, in a line to read.

    :param services: as groupware.ha.switchover and groupware.ha.failover_services return them
    """
    return [
        f"{name}: {service['state']}"
        + (f" on {', '.join(service['nodes'])}" if service["nodes"] else "")
        + (" (frozen)" if service.get("frozen") else "")
        for name, service in services.items()
    ]


def table(outcomes: Sequence[Outcome]) -> list[str]:
    """All of them in one table of text, a line for each thing to say."""
    names = max(len(one.name) for one in outcomes)
    words = max(len(one.outcome) for one in outcomes)
    return [
        f"{one.name if first else '':{names}}  {one.outcome if first else '':{words}}  {line}".rstrip()
        for one in outcomes
        for first, line in zip((True, *(False for _line in one.lines)), one.lines or ("",))
    ]
