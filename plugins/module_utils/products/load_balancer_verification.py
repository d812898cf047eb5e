# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be said of balancers, by what each of them answered and what their front ends answer. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.shown import in_words
from .load_balancer_front_ends import FrontEnd
from .load_balancer_plan import BALANCERS, Plan
from .load_balancer_protocols import HTTP, MARIADB

#: What a member is called that an administrator has taken out.
_TAKEN_OUT = {"drain": "drained", "maintenance": "in maintenance"}


@dataclass
class Verification:
    """Lines to read, and what is wrong, each with what to do."""

    lines: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, list[str]]:
        """As a filter returns it."""
        return {"lines": self.lines, "problems": self.problems}


def judge(
    plan: Plan,
    infos: Mapping[str, Mapping[str, Any]],
    compared: Mapping[str, Mapping[str, Any]],
    answers: Mapping[str, Mapping[str, Any]],
) -> Verification:
    """Judge what was found out.

    :param infos: what groupware.ha.load_balancer_info returned, by the balancer
    :param compared: what groupware.ha.load_balancer_configuration returned in check mode, by the balancer
    :param answers: what groupware.ha.web_service_info returned, by the front end that was asked
    """
    found = Verification()
    answering = []
    for balancer in plan.balancers:
        info = infos.get(balancer.name) or {}
        if "haproxy" not in info:
            words = str(info.get("msg") or "was not asked").strip().splitlines()[0]
            found.problems.append(f"{balancer.name}: gave no answer ({words})")
            continue
        answering.append(balancer.name)
        found.problems += _of_balancer(balancer.name, info, compared.get(balancer.name) or {})
    for address in plan.routers if answering else ():
        _judge_address(address, [name for name in answering if address in infos[name]["held"]], found)
    for front_end in plan.front_ends if answering else ():
        judge_front_end(front_end, {name: infos[name] for name in answering}, answers.get(front_end.name), found)
    return found


def _of_balancer(name: str, info: Mapping[str, Any], compared: Mapping[str, Any]) -> Iterator[str]:
    if info.get("interface") is None:
        yield f"{name}: no network interface has its own address; see {BALANCERS}"
    if not info["haproxy"]["running"]:
        yield f"{name}: {info['haproxy']['problem']}"
    if not info["keepalived"]["running"]:
        yield f"{name}: keepalived does not run; see systemctl status keepalived, and run groupware.ha.site"
    if "changes" not in compared:
        if compared.get("msg"):
            yield f"{name}: its files cannot be compared: {compared['msg']}"
        return
    different = [str(change["path"]) for change in compared["changes"]]
    different += [f"systemctl {one}" for one in compared["services"]]
    if different:
        yield f"{name}: is not as described ({', '.join(different)}); run groupware.ha.site"


def _judge_address(address: str, holding: Sequence[str], found: Verification) -> None:
    if len(holding) == 1:
        found.lines.append(f"{address}: on {holding[0]}")
    elif holding:
        found.problems.append(
            f"{address}: is on {in_words(holding)} at once; see whether they reach each other, and whether keepalived "
            "runs on all of them"
        )
    else:
        found.problems.append(f"{address}: is on no balancer; see systemctl status keepalived haproxy on each of them")


def judge_front_end(
    front_end: FrontEnd,
    infos: Mapping[str, Mapping[str, Any]],
    answer: Mapping[str, Any] | None,
    found: Verification,
    bring_back: str = "groupware.ha.balance -e member={member} -e state=ready",
) -> None:
    """Judge what is said of one.

    :param infos: what is known of all members, by who says so
    :param answer: what groupware.ha.web_service_info returned of its page; None: it has none
    :param bring_back: what has a member be ready again
    """
    working = []
    for member in front_end.members:
        seen = {
            name: one
            for name, info in infos.items()
            for one in info["members"]
            if (one["front_end"], one["name"]) == (front_end.name, member.name)
        }
        here = f"{front_end.name}/{member.name}"
        for state, words in _TAKEN_OUT.items():
            where = [name for name, one in seen.items() if one["state"] == state]
            if where:
                found.problems.append(
                    f"{here}: is {words} on {in_words(where)}; {bring_back.format(member=member.name)} brings it back"
                )
        down = {name: one for name, one in seen.items() if one["state"] == "ready" and not one["usable"]}
        # Of database servers all are down to HAProxy but the one that takes writes.
        for name, one in down.items() if front_end.protocol != MARIADB else ():
            found.problems.append(f"{here}: does not work as {name} sees it: {one['status']} ({one['check']})")
        if seen and all(one["usable"] for one in seen.values()):
            working.append(member.name)
    words = f"{in_words(working, 'work') if working else 'no member works'}"
    if front_end.protocol == MARIADB and len(working) == 1:
        found.lines.append(f"{front_end.name}: gives all connections to {working[0]}, which takes writes")
    elif front_end.protocol == MARIADB:
        found.problems.append(
            f"{front_end.name}: {in_words(working, 'take') if working else 'no member takes'} writes as all balancers "
            "see it, and one has to; groupware.ha.verify asks the database servers themselves"
        )
    elif front_end.protocol != HTTP:
        found.lines.append(f"{front_end.name}: {words}; one of them has all connections")
    elif answer is None:
        found.lines.append(f"{front_end.name}: {words}; it has no page to be asked for")
    elif answer["problems"]:
        found.problems += [f"{front_end.name} at {front_end.address}: {problem}" for problem in answer["problems"]]
    else:
        found.lines.append(f"{front_end.name}: answers at {front_end.address}:{front_end.port}, {words}")
