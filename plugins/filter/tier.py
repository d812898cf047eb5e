# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters that say which tiers an inventory has, and what is to be done for them; no playbook knows any by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.tiers.registry import TIERS
from ansible_collections.groupware.ha.plugins.plugin_utils.filters import filter_module

_STEPS = Path(__file__).resolve().parents[2] / "playbooks" / "tiers"
#: The step that begins with those that no other tier needs any more.
_UNDOING = "unconfigure"


def tier_hosts(groups: Mapping[str, Sequence[str]], step: str | None = None) -> list[str]:
    """The hosts of an inventory that belong to tiers, or those for which there is something to do in a step."""
    meant = [tier.group for tier in TIERS.values() if step is None or _has({"kind": tier.name}, step)]
    return list(dict.fromkeys(host for group in meant for host in groups.get(group, ())))


def tier_ranks(tiers: Sequence[Mapping[str, Any]], step: str) -> list[int]:
    """The ranks at which there is something to do in a step of a site's life, in the order in which it is done."""
    return sorted({tier["rank"] for tier in tiers if _has(tier, step)}, reverse=step == _UNDOING)


def tier_kinds(tiers: Sequence[Mapping[str, Any]], host: str, rank: int, step: str) -> list[str]:
    """The kinds of the tiers of one host and rank for which there is something to do in a step."""
    return [tier["kind"] for tier in tiers if tier["rank"] == rank and host in tier["hosts"] and _has(tier, step)]


def tier_of(tiers: Sequence[Mapping[str, Any]], host: str, step: str) -> Mapping[str, Any]:
    """The tier that a host belongs to, of a kind that has this step; an empty one if there is none."""
    return next((tier for tier in tiers if host in tier["hosts"] and _has(tier, step)), {"hosts": []})


def _has(tier: Mapping[str, Any], step: str) -> bool:
    return (_STEPS / tier["kind"] / f"{step}.yml").exists()


def with_controller(hosts: Sequence[str]) -> list[str]:
    """Hosts, and the one that Ansible runs on: a play of which all hosts fail is the last one, whatever follows."""
    return [*hosts, "localhost"] if hosts else []


#: On the groups of an inventory, and on its tiers as the module request returns them.
FilterModule = filter_module(
    tier_hosts=tier_hosts,
    tier_kinds=tier_kinds,
    tier_of=tier_of,
    tier_ranks=tier_ranks,
    with_controller=with_controller,
)
