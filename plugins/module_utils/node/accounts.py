# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""User and group ids that are the same on every node: what is there, what is missing, and what disagrees. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem, Problems
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure


@dataclass(frozen=True)
class Account:
    """A user or a group, and the id that it is to have."""

    kind: str
    name: str
    number: int
    #: A user's primary group; the one of its own name when empty.
    group: str = ""

    @property
    def key(self) -> str:
        """The option that gives the id."""
        return f"{self.kind}s.{self.name}"

    def creation(self, solaris: bool = False) -> list[str]:
        """The command that makes the account; a user cannot log in, and has no home.

        :param solaris: for a system whose commands have short options only, and never make a home by themselves
        """
        number, group = str(self.number), self.group or self.name
        if self.kind == "group":
            return ["groupadd", *(["-g"] if solaris else ["--system", "--gid"]), number, self.name]
        if solaris:
            return ["useradd", "-u", number, "-g", group, "-d", "/nonexistent", "-s", "/bin/false", self.name]
        lonely = ["--home-dir", "/nonexistent", "--no-create-home", "--shell", "/usr/sbin/nologin"]
        return ["useradd", "--system", "--uid", number, "--gid", group, *lonely, self.name]


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
    problems = Problems()
    for account in wanted:
        numbers = present.of(account.kind)
        number = numbers.get(account.name)
        if number is not None and number != account.number:
            reason = f"the {account.kind} {account.name} has the id {number} on this node"
            remedy = "change it on this node together with the owner of its files, or give the id that the nodes have"
            problems.add(account.key, account.number, reason, remedy)
        elif number is None:
            other = next((name for name, taken in numbers.items() if taken == account.number), None)
            if other is not None:
                reason = f"the {account.kind} {other} has this id on this node"
                problems.add(account.key, account.number, reason, "choose an id that is free on all nodes")
    return problems


def agree(
    reports: Mapping[str, Mapping[str, Mapping[str, int]]], preferred: Mapping[str, Mapping[str, int]]
) -> dict[str, dict[str, int]]:
    """The id that each name has on all nodes.

    :param reports: by node, ids of ``users`` and ``groups`` that exist there
    :param preferred: ids of ``users`` and ``groups``, for names that exist on no node yet
    :returns: ids of ``users`` and ``groups``
    :raises Failure: nodes disagree; names all disagreements
    """
    agreed: dict[str, dict[str, int]] = {}
    problems = []
    for kind in ("groups", "users"):
        agreed[kind] = dict(preferred[kind])
        for name in preferred[kind]:
            found = {node: report[kind][name] for node, report in reports.items() if name in report[kind]}
            agreed[kind][name] = next(iter(found.values()), preferred[kind][name])
            if len(set(found.values())) > 1:
                where = ", ".join(f"{number} on {node}" for node, number in found.items())
                problems.append(f"the {kind[:-1]} {name} has the id {where}")
    if problems:
        raise Failure(
            "Ids differ between nodes, so that files on a shared volume would change their owner when it fails over: "
            f"{'; '.join(problems)}. Give each the same id on all nodes (usermod --uid, groupmod --gid, then chown "
            "what belongs to it), or remove the packages and their accounts where nothing is lost by it, and run again"
        )
    return agreed
