# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a tier says of itself: hosts that keep a service available by themselves, no failover cluster below. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem


@dataclass(frozen=True)
class Need:
    """Something that one tier needs and another offers, such as the ``database`` called ``sessions``."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind.replace('_', ' ')} {self.name}"


@dataclass(frozen=True)
class Claim:
    """Something that one cluster or tier alone may have in the whole site.

    :ivar key: where it is described
    :ivar value: an address, or another thing with what it is in front, such as ``database server 192.0.2.31:3306``
    :ivar logical: whether it is no host's own: then nobody else may have it in any way
    """

    key: str
    value: str
    logical: bool = True


@dataclass(frozen=True)
class DescribedTier:
    """One tier of an inventory: its hosts, and the variables that they have in common."""

    kind: str
    name: str
    hosts: tuple[str, ...]
    variables: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Tier:
    """A kind of tier, by the name of its folder playbooks/tiers/NAME, which has a file for each step of its life.

    An inventory has as many of a kind as hosts of the ``group`` have values of the variable ``naming``. ``role`` is the
    role that configures it, and the tag of all that is done for it. ``required`` and ``optional`` are the variables
    that describe one: they are the same on all of its hosts. What may not be seen, such as a password, is none of them:
    ``secrets`` are variables that have to be there where one is configured, whatever their values. ``operations`` are
    playbooks of this collection that operate on tiers of this kind, by a file of their name in that folder.
    """

    name: str
    group: str
    role: str
    naming: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()

    @property
    def variables(self) -> tuple[str, ...]:
        """All that describe one."""
        return (self.naming, *self.required, *self.optional)

    def judge(self, tier: DescribedTier) -> Iterable[Problem]:  # noqa: ARG002
        """What is wrong with a description that has all that is required; by default, nothing is."""
        return ()

    def needs(self, tier: DescribedTier) -> Sequence[Need]:  # noqa: ARG002
        """What such a tier cannot do without, and other tiers have to offer."""
        return ()

    def refuses(self, playbook: str, given: Mapping[str, Any], tiers: Sequence[DescribedTier]) -> Iterable[str]:  # noqa: ARG002
        """What is wrong with what a playbook was asked for, as far as it is about tiers of this kind.

        :param given: the playbook's variables that have a value
        :param tiers: those that the run is about, whose descriptions are right: of this kind, and of others that the
            playbook operates on too
        """
        return ()

    def claims(self, tier: DescribedTier) -> Sequence[Claim]:  # noqa: ARG002
        """The addresses and the like that it has."""
        return ()

    def offers(self, tier: DescribedTier) -> Sequence[Need]:  # noqa: ARG002
        """What it offers to others."""
        return ()


def no_such_server(given: Mapping[str, Any], tiers: Sequence[DescribedTier]) -> Iterator[str]:
    """That the variable ``server`` of a playbook names no host of these tiers."""
    names = [host for tier in tiers for host in tier.hosts]
    if "server" in given and given["server"] not in names:
        yield f"server = {str(given['server'])!r}: is no server of a tier; there are {', '.join(names)}"


def unlike_the_inventory(
    tier: DescribedTier, key: str, described: Sequence[str], member: str, whole: str = "tier"
) -> Iterator[Problem]:
    """Members that are described or hosts of a tier, but not both.

    :param key: the variable that describes them
    :param described: their names
    :param member: what one is called
    :param whole: what the tier is called
    """
    for name in described:
        if name not in tier.hosts:
            reason = f"is no host of the inventory that belongs to the {whole}, which has {', '.join(tier.hosts)}"
            yield Problem(key, name, reason, f"add the host, or take the {member} out")
    for host in tier.hosts:
        if host not in described:
            reason = f"does not name this host of the {whole}"
            yield Problem(key, host, reason, f"add the {member}, or give the host another {whole}")
