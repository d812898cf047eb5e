# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a run comes to hold all nodes of a cluster or tier, or none; and what it says when it does not. Pure.

All members are tried at once, which is one task on each, and nearly always all there is. Where another run holds some,
those that come after the first of them, in the order of their names, are given back, and that one is waited for. So who
has a node waits for later ones alone, and no two runs wait for each other, whichever nodes each of them reaches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: What is done on a member.
TRY, WAIT, KEEP, GIVE_BACK, GIVE_UP = "try", "wait", "keep", "give back", "give up"
#: Seconds for another run, which came at the same time, to give back what it got. It cannot have the first.
GRACE = 20


@dataclass(frozen=True)
class Step:
    """What is to be done on a member, and why, where that has to be told."""

    what: str
    words: str = ""


def step(host: str, members: Sequence[str], results: Mapping[str, Mapping[str, Any]], failed: Sequence[str]) -> Step:
    """The next thing to do on one of the members.

    :param results: what each of them returned last; nothing at first
    :param failed: those that are not in the run any more
    """
    ordered = sorted(members)
    if host not in results:
        return Step(TRY)
    refused = next((one for one in ordered if results.get(one, {}).get("refused")), None)
    if refused is not None:
        return Step(GIVE_UP, f"{refused} is held by another run; see there")
    if failed:
        return Step(GIVE_UP, f"{', '.join(failed)} failed, without which nothing is held")
    lost = [one for one in ordered if not results.get(one, {}).get("held")]
    if not lost:
        return Step(KEEP)
    # Every other step is one in which all that are lacking are tried.
    if results[host]["waited"]:
        return Step(TRY if host in lost else KEEP)
    if host == lost[0]:
        return Step(WAIT)
    return Step(GIVE_BACK if host not in lost and host > lost[0] else KEEP)


def patience(host: str, members: Sequence[str], timeout: int) -> int:
    """Seconds to wait for a member: who has those before it will get it from another who only came at the same time."""
    return timeout if host == min(members, default=host) else max(timeout, GRACE)


def described(holder: Mapping[str, str]) -> str:
    """Who holds something, in words."""
    return (
        f"{holder['user']} on {holder['controller']}, with {holder['playbook']}, since {holder['since']} "
        f"(run {holder['run']}, process {holder['process']}, as {holder['login']} on the node)"
    )


def refusal(host: str, holder: Mapping[str, str], *, seen: bool, timeout: int) -> str:
    """Why a run does not get what it wants, and what to do.

    :param seen: whether it was seen that the process of the other run is there still
    """
    if timeout:
        wait = f"It was waited for {timeout} seconds; wait longer with a higher groupware_hold_timeout"
    else:
        wait = "Run this again when that one has ended, or have it wait, as in -e groupware_hold_timeout=600"
    if seen:
        dead = f"That process is there still, on this controller; if it hangs, end it: kill {holder['process']}"
    else:
        dead = (
            "Whether it is there still cannot be seen from this controller. If that run is certainly dead, take over: "
            f"-e groupware_take_over={holder['run']}"
        )
    return f"{host} is held for {holder['subject']} by {described(holder)}. {wait}. {dead}"


def taken_over(holder: Mapping[str, str], *, dead: bool) -> str:
    """What is said when a hold is taken over.

    :param dead: whether it was seen that its run is gone, rather than said
    """
    why = "its process is gone, which left this behind" if dead else "as groupware_take_over says"
    return f"Taken over from {described(holder)}: {why}"
