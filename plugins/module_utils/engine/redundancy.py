# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps a cluster from surviving the next failure, although every service runs. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterStatus, ServiceStatus


@dataclass(frozen=True)
class Weakness:
    """One thing that takes redundancy away.

    :param kind: ``cluster``, ``node``, ``service`` or ``fencing``
    :param name: of the node or service; empty for the others
    """

    kind: str
    name: str
    text: str

    def as_dict(self) -> dict[str, str]:
        """The weakness as modules return it."""
        return vars(self).copy()


def weaknesses(
    status: ClusterStatus, placement: Mapping[str, Sequence[str]], leftovers: Mapping[str, Sequence[str]]
) -> list[Weakness]:
    """Everything that takes redundancy away.

    :param placement: the nodes of each service; none where it may run on any
    :param leftovers: for each service, what was done by hand and left behind
    """
    found = [Weakness("fencing", "", text) for text in status.fencing_problems]
    if status.maintenance:
        found.append(
            Weakness("cluster", "", "the cluster is in maintenance mode: it starts, moves and watches nothing")
        )
    for name, node in status.nodes.items():
        if node.hindrances:
            words = "the cluster says it is offline" if not node.online else f"is {' and '.join(node.hindrances)}"
            found.append(Weakness("node", name, words))
    for name, service in status.services.items():
        texts = [
            *_inactivity(status, service),
            *leftovers.get(name, ()),
            *_standbys(status, service, placement.get(name) or list(status.nodes)),
        ]
        found += [Weakness("service", name, text) for text in texts]
    return found


def _inactivity(status: ClusterStatus, service: ServiceStatus) -> Iterator[str]:
    """Whether the cluster leaves the service, or parts of it, as they are."""
    if status.maintenance:
        return
    unmanaged = [member.name for member in service.members if not member.managed]
    if service.frozen:
        yield "is frozen: the cluster does not fail it over"
    elif unmanaged:
        yield f"the cluster does not manage {', '.join(unmanaged)}, so that it cannot fail over"


def _standbys(status: ClusterStatus, service: ServiceStatus, nodes: Sequence[str]) -> Iterator[str]:
    """Nodes that could not take the service over; when that is all of them, the reasons once more together."""
    reasons: dict[str, str] = {}
    others = [node for node in nodes if node not in service.nodes]
    for node in others:
        if node in service.barred:
            yield f"cannot run on {node}: {service.barred[node]}"
            reasons[node] = "see above"
        elif node not in status.nodes:
            reasons[node] = "not a member"
        elif status.nodes[node].hindrances:
            reasons[node] = " and ".join(status.nodes[node].hindrances)
    if others and len(reasons) == len(others) and service.state == "online":
        yield "no other node could take it: " + ", ".join(f"{node} ({reason})" for node, reason in reasons.items())
