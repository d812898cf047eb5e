# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run would do to a cluster, in words, from what its nodes answered to one question each. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: What one node answered: what each module returned, by the name it was asked by.
Answers = Mapping[str, Mapping[str, Any]]

_REPLACED = "# replace "


@dataclass(frozen=True)
class Difference:
    """What a role would do.

    :ivar lines: in words, for each node or for the cluster
    :ivar of_cluster: whether it is about the cluster's resources, and not about a node
    """

    role: str
    lines: tuple[str, ...]
    of_cluster: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The difference for a playbook."""
        return {"role": self.role, "lines": list(self.lines)}


def of_nodes(questions: Mapping[str, Sequence[str]], answers: Mapping[str, Answers]) -> Iterator[str]:
    """What would be done on each node.

    :param questions: by node, names that modules were asked by
    :param answers: by node
    """
    for node, answered in answers.items():
        for name in questions[node]:
            answer = answered.get(name, {"failed": True})
            if not _refuses(answer):
                yield from (f"{node}: {words}" for words in _words(answer))


def refused_by_nodes(questions: Mapping[str, Sequence[str]], answers: Mapping[str, Answers]) -> Iterator[str]:
    """What modules say of something that cannot be, whatever is done before."""
    for node, answered in answers.items():
        yield from (f"{node}: {_said(answered[name])}" for name in questions[node] if _refuses(answered.get(name)))


def refused_by_cluster(questions: Sequence[str], answers: Mapping[str, Answers]) -> list[str]:
    """The same of what modules say of the cluster, as the first node says that is part of it; if none can be done."""
    node = next((one for one in answers.values() if one["cluster_info"]["cluster"]["running"]), None)
    told = [] if node is None else [node[name] for name in questions if name in node]
    if not all(one.get("failed") for one in told):
        return []
    return list(dict.fromkeys(_said(one) for one in told if _refuses(one)))


def _refuses(answer: Mapping[str, Any] | None) -> bool:
    """Whether an answer is that something cannot be."""
    return bool(answer and answer.get("failed") and answer.get("refused"))


def _said(answer: Mapping[str, Any]) -> str:
    return " ".join(str(answer.get("msg", "gave no answer")).split())


def of_cluster(
    questions: Sequence[str], answers: Mapping[str, Answers], services: Sequence[str]
) -> tuple[list[str], list[str], list[str]]:
    """What would be done to the cluster, as the first node says that is part of it.

    :param questions: names that modules were asked by; the first one that did not fail counts
    :param services: names of the described services
    :returns: the lines, if there is anything to do; what to show instead, a line for each service in any case; and what
        is not as it should be, but not for a run to change
    """
    node = next((one for one in answers.values() if one["cluster_info"]["cluster"]["running"]), None)
    if node is None or not questions:
        unknown = ["what is to be done to the cluster's resources is not known before it runs"] if questions else []
        return unknown, unknown, []
    first = node.get(questions[0], {"failed": True})
    told = next((node[name] for name in questions if name in node and not node[name].get("failed")), first)
    failed = _words(first) if first.get("failed") and not _refuses(first) else []
    if told.get("failed"):
        return failed, failed, []
    return [*failed, *_words(told)], [*failed, *plan_lines(told, services)], list(told.get("warnings", ()))


def plan_lines(result: Mapping[str, Any], services: Sequence[str]) -> list[str]:
    """What a run would do, service by service.

    :param result: what groupware.ha.failover_services returned in check mode
    :param services: names of the described services
    """
    changes = result["changes"]
    owners = [change["service"] or change["name"] for change in changes]
    lines = []
    for subject in [*dict.fromkeys(owner for owner in owners if owner not in services), *services]:
        found = [change for change, owner in zip(changes, owners) if owner == subject]
        note = " (restarts the service)" if subject in result["restarts"] else ""
        lines.append(f"{subject}: {'nothing to do' if not found else f'{len(found)} to change{note}'}")
        lines.extend(f"  {_change(change)}" for change in found)
    return lines


def _change(change: Mapping[str, Any]) -> str:
    """One change in one line."""
    text = f"{change['action']} {change['kind']} {change['name']}"
    if change["action"] != "update":
        return text
    before, after = change["before"] or {}, change["after"] or {}
    keys = dict.fromkeys([*after, *before])
    return f"{text}: " + ", ".join(f"{key} {before.get(key, '(unset)')} -> {after.get(key, '(unset)')}" for key in keys)


def shown(
    name: str,
    differences: Sequence[Difference],
    resources: Sequence[str],
    weak: Sequence[str],
    refusals: Sequence[str],
) -> str:
    """A cluster's part of a plan, as text.

    :param resources: what becomes of its services
    :param weak: what takes redundancy away
    :param refusals: why nothing at all is done
    """
    nodes = [line for one in differences if not one.of_cluster for line in one.lines]
    parts = (
        ("Refused, so that nothing is done", refusals),
        ("On the nodes", nodes or ["nothing to do"]),
        ("In the cluster", resources),
        ("To be seen to", weak),
    )
    found = [f"  {title}\n" + "\n".join(f"    {line}" for line in lines) for title, lines in parts if lines]
    return "\n".join([name, *found])


def _words(answer: Mapping[str, Any]) -> list[str]:
    """What one module would do; nothing where it would do nothing."""
    if answer.get("failed"):
        return [f"is not known yet: {_said(answer)}"]
    if not answer.get("changed"):
        return []
    if answer.get("problem"):
        return [f"is not known yet: {answer['problem']}"]
    changes = [_change(one) for one in answer.get("changes", ()) if "kind" in one]
    files = [f"writes {path}" for path in answer.get("files", ())]
    commands = [
        # A file that is replaced is told as a command that nobody can run.
        f"writes {command[len(_REPLACED) :]}" if command.startswith(_REPLACED) else f"runs {command}"
        for command in answer.get("commands", ())
    ]
    # What becomes of services of the node, where their module says it in words, is said by them.
    return changes or [*files, *commands, *answer.get("services", ())] or ["changes something"]


def unvisited(
    described: Sequence[Mapping[str, Any]], answering: Sequence[str], hosts: Sequence[str], limited: bool
) -> list[str]:
    """Described nodes that a run could do nothing for, and why; those that --limit left out were not meant.

    :param described: the nodes of the description
    :param hosts: the nodes of the run, whether they answered or not
    """
    lines = []
    for node in described:
        name = node["name"]
        if name in answering:
            continue
        if name in hosts:
            lines.append(f"{name}: gave no answer")
        elif not limited:
            lines.append(f"{name}: is not in this run")
    return lines


def weak_spots(
    status: Mapping[str, Any], cluster: Mapping[str, Any], services: Sequence[Mapping[str, Any]]
) -> list[str]:
    """What takes redundancy away from the described services, in lines to read.

    :param status: the cluster as groupware.ha.cluster_info returns it
    """
    described = {
        "node": {node["name"] for node in cluster["nodes"]},
        "service": {service["name"] for service in services},
    }
    lines = []
    for found in status.get("weaknesses", ()):
        if found["name"] in described.get(found["kind"], {""}):
            lines.append(f"{found['name']}: {found['text']}" if found["name"] else found["text"])
    return lines
