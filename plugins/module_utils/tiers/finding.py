# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tiers of an inventory: which there are, what is wrong with them, and the order that their needs give. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.shown import shape
from ansible_collections.groupware.ha.plugins.module_utils.tiers.base import DescribedTier, Need, Tier
from ansible_collections.groupware.ha.plugins.module_utils.tiers.registry import TIERS

#: The variables of each host of an inventory, among them ``group_names`` with the groups that it is in and, where
#: secrets are needed, ``secrets`` with the names of those that it has.
Hosts = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class RankedTier:
    """A tier, the role that configures it, its place, and what it offers to others.

    :ivar rank: 0 if it needs no other, else one more than those it needs
    """

    tier: DescribedTier
    role: str
    rank: int
    offers: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The tier as playbooks know it."""
        return {
            "kind": self.tier.kind,
            "name": self.tier.name,
            "role": self.role,
            "hosts": list(self.tier.hosts),
            "rank": self.rank,
            "offers": list(self.offers),
        }


def judged(hosts: Hosts, run: Collection[str], kinds: Mapping[str, Tier] = TIERS) -> tuple[list[RankedTier], list[str]]:
    """All tiers of an inventory, those that others need first, and everything that is wrong with those of a run.

    :param run: the hosts of the run; it does not matter what is wrong with tiers that have none of them
    """
    tiers, problems = found(hosts, run, kinds)
    sound = []
    for tier in tiers:
        wrong = list(_judged_alone(tier, hosts, kinds[tier.kind]))
        if not wrong:
            sound.append(tier)
        elif any(host in run for host in tier.hosts):
            problems += wrong
    # What a tier needs or offers is known when its description is right.
    complete = len(sound) == len(tiers) and not problems
    ranked, wrong = ordered(sound, run, complete, kinds)
    return ranked, [*problems, *wrong]


def found(
    hosts: Hosts, run: Collection[str], kinds: Mapping[str, Tier] = TIERS
) -> tuple[list[DescribedTier], list[str]]:
    """The tiers of an inventory, and hosts of which it is not known to which they belong."""
    tiers: list[DescribedTier] = []
    problems: list[str] = []
    for kind in kinds.values():
        named: dict[str, list[str]] = {}
        for host, variables in hosts.items():
            if kind.group not in variables.get("group_names", ()):
                continue
            name = variables.get(kind.naming)
            if isinstance(name, str) and name:
                named.setdefault(str(name), []).append(host)
            elif host in run:
                wrong = "is not defined" if name is None else f"is {shape(name)}, not a name"
                problems.append(
                    f"{kind.naming}: {wrong} for {host}, a host of the group {kind.group}; give it the name of its tier"
                )
        for name, members in named.items():
            first = hosts[members[0]]
            described = {one: first[one] for one in kind.variables if first.get(one) is not None}
            tiers.append(DescribedTier(kind.name, name, tuple(members), described))
        problems += _alike(kind, named, run)
    return tiers, problems


def _alike(kind: Tier, named: Mapping[str, Sequence[str]], run: Collection[str]) -> Iterator[str]:
    """Names that differ in the case of their letters alone; directories and DNS take them for one."""
    seen: dict[str, str] = {}
    for name in named:
        first = seen.setdefault(name.lower(), name)
        if first != name and any(host in run for host in (*named[first], *named[name])):
            yield (
                f"{kind.naming} = {name!r}: {', '.join(named[name])} have the name of {', '.join(named[first])}, "
                f"{first!r}, in other letters; two tiers need two names, and one tier the same on all hosts"
            )


def _judged_alone(tier: DescribedTier, hosts: Hosts, kind: Tier) -> Iterator[str]:
    """What is wrong with one tier: each thing once, and nothing that only follows from another."""
    differing = list(_differing(tier, hosts, kind))
    missing = [name for name in kind.required if name not in tier.variables]
    unknown = {
        name: [host for host in tier.hosts if name not in hosts[host].get("secrets", kind.secrets)]
        for name in kind.secrets
    }
    yield from differing
    if differing:
        return
    for name in missing:
        yield f"{tier}: {name}: is not defined for {', '.join(tier.hosts)}; describe it in the inventory"
    for name, lacking in unknown.items():
        if lacking:
            yield f"{tier}: {name}: is not defined for {', '.join(lacking)}; give it to all its hosts, from a vault"
    if not missing:
        yield from (f"{tier}: {problem}" for problem in kind.judge(tier))


def _differing(tier: DescribedTier, hosts: Hosts, kind: Tier) -> Iterator[str]:
    for name in kind.variables:
        groups: list[tuple[Any, list[str]]] = []
        for host in tier.hosts:
            value = hosts[host].get(name)
            same = next((members for other, members in groups if other == value), None)
            if same is None:
                groups.append((value, [host]))
            else:
                same.append(host)
        if len(groups) > 1:
            words = " than for ".join(", ".join(members) for _value, members in groups)
            yield (
                f"{tier}: {name}: is another one for {words}; give all hosts of the tier the same, or, where these are "
                f"several tiers, each its own {kind.naming}"
            )


def ordered(
    tiers: Sequence[DescribedTier], run: Collection[str], complete: bool = True, kinds: Mapping[str, Tier] = TIERS
) -> tuple[list[RankedTier], list[str]]:
    """The tiers, those that others need first, and needs that cannot be met.

    :param complete: whether these are all there are, so that what none of them offers is offered by nobody
    """
    problems: list[str] = []
    offering: dict[Need, DescribedTier] = {}
    for tier in tiers:
        for offer in kinds[tier.kind].offers(tier):
            other = offering.setdefault(offer, tier)
            if other != tier and _concerns(run, tier, other):
                problems.append(f"{tier}: offers the {offer}, and so does {other}; one of them needs another name")
    needed: dict[Key, dict[Need, DescribedTier]] = {}
    for tier in tiers:
        needed[_key(tier)] = {}
        for need in kinds[tier.kind].needs(tier):
            if need in offering:
                needed[_key(tier)][need] = offering[need]
            elif complete and _concerns(run, tier):
                offers = ", ".join(str(offer) for offer in offering) or "nothing"
                problems.append(
                    f"{tier}: needs the {need}, which no tier of the inventory offers; offered is: {offers}"
                )
    ranks = _ranks(tiers, needed)
    problems += _circles([tier for tier in tiers if _key(tier) not in ranks], run, needed)
    ranked = [
        RankedTier(
            tier, kinds[tier.kind].role, ranks[_key(tier)], tuple(str(offer) for offer in kinds[tier.kind].offers(tier))
        )
        for tier in tiers
        if _key(tier) in ranks
    ]
    return sorted(ranked, key=lambda one: one.rank), problems


#: Kind and name, which no other tier has.
Key = tuple[str, str]


def _key(tier: DescribedTier) -> Key:
    return tier.kind, tier.name


def _concerns(run: Collection[str], *tiers: DescribedTier) -> bool:
    return any(host in run for tier in tiers for host in tier.hosts)


def _ranks(tiers: Sequence[DescribedTier], needed: Mapping[Key, Mapping[Need, DescribedTier]]) -> dict[Key, int]:
    """The rank of each tier that is in no circle, and needs none that is."""
    ranks: dict[Key, int] = {}
    rest = [_key(tier) for tier in tiers]
    for rank in range(len(rest)):
        free = [key for key in rest if all(_key(other) in ranks for other in needed[key].values())]
        ranks.update(dict.fromkeys(free, rank))
        rest = [key for key in rest if key not in free]
    return ranks


def _circles(
    tiers: Sequence[DescribedTier], run: Collection[str], needed: Mapping[Key, Mapping[Need, DescribedTier]]
) -> Iterator[str]:
    """One sentence for each circle that tiers of the run are in, or wait for; who only waits is not named."""
    left = {_key(tier): tier for tier in tiers}
    seen: set[Key] = set()
    for tier in (tier for tier in tiers if _concerns(run, tier)):
        way: list[Key] = []
        key = _key(tier)
        while key not in way and key not in seen:
            way.append(key)
            key = _waits_for(needed[key], left)
        seen.update(way)
        if key in way:
            circle = way[way.index(key) :]
            words = [_wanted(left[one], left[after], needed) for one, after in zip(circle, circle[1:] + circle[:1])]
            yield f"tiers need each other in a circle: {'; '.join(words)}. One of them has to do without the other"


def _waits_for(needed: Mapping[Need, DescribedTier], left: Collection[Key]) -> Key:
    """One of those that a tier needs and that have no rank; else it would have one itself."""
    return next(_key(other) for other in needed.values() if _key(other) in left)


def _wanted(tier: DescribedTier, other: DescribedTier, needed: Mapping[Key, Mapping[Need, DescribedTier]]) -> str:
    need = next(need for need, offering in needed[_key(tier)].items() if offering == other)
    return f"{tier} needs the {need} of {other}"
