# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""User and group ids that are the same on every node: what is there, what is missing, and what disagrees. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.groupware.ha.plugins.module_utils.deployment import Problem


@dataclass(frozen=True)
class Account:
    """A user or a group, and the id that it is to have; without one, the next free id will do."""

    kind: str
    name: str
    number: int | None = None
    group: str | None = None
    home: str = "/nonexistent"
    shell: str = "/usr/sbin/nologin"

    @property
    def key(self) -> str:
        """The option that gives the id."""
        return f"{self.kind}s[{self.name}].{'uid' if self.kind == 'user' else 'gid'}"

    def creation(self) -> list[str]:
        """The command that makes the account."""
        if self.kind == "group":
            number = [] if self.number is None else ["--gid", str(self.number)]
            return ["groupadd", "--system", *number, self.name]
        number = [] if self.number is None else ["--uid", str(self.number)]
        group = ["--user-group"] if self.group is None else ["--gid", self.group]
        options = ["--home-dir", self.home, "--no-create-home", "--shell", self.shell]
        return ["useradd", "--system", *number, *group, *options, self.name]


@dataclass(frozen=True)
class Present:
    """The accounts of a node: ids by name."""

    users: Mapping[str, int]
    groups: Mapping[str, int]

    def of(self, kind: str) -> Mapping[str, int]:
        """Ids of users, or of groups."""
        return self.users if kind == "user" else self.groups


def missing(wanted: Sequence[Account], present: Present) -> list[Account]:
    """The accounts that have to be made, groups first."""
    absent = [account for account in wanted if account.name not in present.of(account.kind)]
    return sorted(absent, key=lambda account: account.kind != "group")


def judge(wanted: Sequence[Account], present: Present) -> list[Problem]:
    """Accounts that have another id than the wanted one, and wanted ids that others have."""
    problems = []
    for account in wanted:
        numbers = present.of(account.kind)
        number = numbers.get(account.name)
        if account.number is None:
            continue
        if number is not None and number != account.number:
            reason = f"the {account.kind} {account.name} has the id {number} on this node"
            remedy = "change it on this node together with the owner of its files, or give the id that the nodes have"
            problems.append(Problem(account.key, account.number, reason, remedy))
        elif number is None:
            other = next((name for name, taken in numbers.items() if taken == account.number), None)
            if other is not None:
                reason = f"the {account.kind} {other} has this id on this node"
                problems.append(Problem(account.key, account.number, reason, "choose an id that is free on all nodes"))
    return problems


def agree(reports: Mapping[str, Mapping[str, Mapping[str, int]]], preferred: Mapping[str, int]) -> dict[str, int]:
    """The id that each name has on all nodes.

    :param reports: per node, ids of ``users`` and ``groups`` that exist there
    :param preferred: the ids for names that exist nowhere yet; a user's group of the same name has the same preference
    :returns: ids as ``user name`` and ``group name``
    :raises ValueError: nodes disagree, with all disagreements
    """
    agreed: dict[str, int] = {}
    problems = []
    for kind in ("group", "user"):
        for name in sorted({name for report in reports.values() for name in report[f"{kind}s"]} | set(preferred)):
            found = {node: report[f"{kind}s"][name] for node, report in reports.items() if name in report[f"{kind}s"]}
            if len(set(found.values())) > 1:
                where = ", ".join(f"{number} on {node}" for node, number in found.items())
                problems.append(f"the {kind} {name} has the id {where}")
            elif found:
                agreed[f"{kind} {name}"] = next(iter(found.values()))
            else:
                agreed[f"{kind} {name}"] = preferred[name]
    if problems:
        raise ValueError(
            "Ids differ between nodes, so that files on a shared volume would change their owner when it fails over: "
            + "; ".join(problems)
            + ". Give each the same id on all nodes (usermod --uid, groupmod --gid, then chown what belongs to it), "
            "or remove the packages and accounts there and run again"
        )
    return agreed
