# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each playbook can be asked for, and what is wrong with what it was asked for. Pure.

A variable that nobody reads, a group that is not there and a pattern that matches no host are no errors to Ansible: the
run does nothing and is green.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.applications.registry import APPLICATIONS
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.names import PROGRAMS
from ansible_collections.groupware.ha.plugins.module_utils.shown import key_name, shape
from ansible_collections.groupware.ha.plugins.module_utils.tiers import registry as tiers

NODES = "groupware_nodes"
#: What describes a cluster.
DESCRIPTION = ("groupware_cluster", "groupware_services")

#: What verify_credentials has for each service, and how it is given.
_LOG_IN = ("user", "password")
_LOGGING_IN = [name for name, application in APPLICATIONS.items() if application.logs_in]
_CREDENTIALS = "give {SERVICE: {user: NAME, password: PASSWORD}}"
_BOOLEANS = ("true", "false", "yes", "no", "on", "off", "1", "0")


@dataclass(frozen=True)
class Option:
    """A variable that a playbook reads.

    :param needed: how to give it, where the playbook does nothing without it
    :param choices: the values that it can have; any, if there are none
    """

    needed: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Playbook:
    """What a playbook needs: its own variables, groups of which one has to have hosts, and a description.

    :param tags: names of its parts that can be run or left out by themselves
    :param tiers: whether it goes through the tiers of the inventory, which are judged with it then
    """

    options: Mapping[str, Option] = field(default_factory=dict)
    groups: tuple[str, ...] = (NODES,)
    described: bool = True
    tags: tuple[str, ...] = ()
    tiers: bool = False


_NODE = "name the node, as in -e node=nodea"
_ADOPTION = {
    "into": Option(),
    "overwrite": Option(choices=_BOOLEANS),
    "saved": Option(),
    "framework": Option(choices=tuple(PROGRAMS)),
}
_ROLES_OF_SITE = tuple(
    sorted(
        [
            *("cluster_framework", "failover_service", "ha_ip_config", "shared_storage", *tiers.ROLES),
            *(application.role for application in APPLICATIONS.values() if application.role is not None),
        ]
    )
)
#: Molecule gives these to every playbook that it runs, for tasks of its users; no task here has them.
_OF_MOLECULE = ("molecule-notest", "notest", "molecule-idempotence-notest")
_STATES = ("moved", "online", "offline", "frozen", "unfrozen", "cleared")
_WITH_TIERS = (NODES, *tiers.GROUPS)
PLAYBOOKS: Mapping[str, Playbook] = {
    "plan": Playbook(groups=_WITH_TIERS, tiers=True),
    "site": Playbook(groups=_WITH_TIERS, tags=_ROLES_OF_SITE, tiers=True),
    "verify": Playbook({"verify_credentials": Option()}, groups=_WITH_TIERS, tiers=True),
    "switchover": Playbook(
        {
            "service": Option("name the service, as in -e service=mail1"),
            "node": Option(),
            "state": Option(choices=_STATES),
        },
        described=False,
    ),
    "evacuate": Playbook(
        {"node": Option(_NODE), "return": Option(choices=_BOOLEANS), "offline_too": Option(choices=_BOOLEANS)},
        described=False,
    ),
    "add_node": Playbook({"node": Option(_NODE)}, tiers=True),
    "remove_node": Playbook({"node": Option(_NODE)}),
    "unconfigure": Playbook({"unconfigure_cluster": Option()}, groups=_WITH_TIERS, tags=tiers.ROLES, tiers=True),
    "adopt": Playbook(_ADOPTION, described=False),
    "migrate": Playbook(_ADOPTION, described=False),
}


@dataclass(frozen=True)
class Call:
    """How a playbook was called, and on what.

    :param given: the playbook's variables that have a value, by name
    :param extra: names of all variables on the command line
    :param known: further variables that mean something, those of the roles
    :param groups: the inventory's groups and their hosts
    :param hosts: all hosts of this run, which is fewer than the inventory has where ``limit`` says so
    :param sources: the inventories that were named
    :param description: what the first node has of DESCRIPTION, each None where it is not defined; None without a node
    :param tags: what ``--tags`` names, and ``--skip-tags``, by the name of the option
    """

    playbook: str
    given: Mapping[str, Any]
    extra: Collection[str]
    known: Collection[str]
    groups: Mapping[str, Sequence[str]]
    hosts: Collection[str]
    limit: str | None
    sources: Sequence[str]
    description: Mapping[str, Any] | None
    tags: Mapping[str, Collection[str]] = field(default_factory=dict)


def problems(call: Call) -> list[str]:
    """Everything that keeps the playbook from doing what it is for, as far as is known before any node is asked."""
    found = [*_unread(call), *_values(call), *_tags(call)]
    if not (call.playbook in ("adopt", "migrate") and "saved" in call.given):
        found += _hosts(call)
    elif call.limit is not None and "localhost" not in call.hosts:
        found.append(f"saved: is read on this host, which --limit {call.limit} leaves out; leave --limit away")
    if not found and call.description is not None:
        found += _described(call)
    return found


def _unread(call: Call) -> Iterator[str]:
    """Variables of the command line that the playbook does not read, but seem to be meant for it."""
    own = PLAYBOOKS[call.playbook].options
    others = {name for playbook in PLAYBOOKS.values() for name in playbook.options} - set(own)
    for name in sorted(call.extra):
        if name in own or name in call.known or name in DESCRIPTION:
            continue
        if name in others:
            takes = f"it takes {', '.join(own)}" if own else "it takes no variables of its own"
            yield f"{name}: has no meaning for {call.playbook}; {takes}"
            continue
        meant = nearest(name, [*own, *DESCRIPTION, *call.known])
        if meant is not None:
            yield f"{name}: there is no such variable; did you mean {meant}?"


def _values(call: Call) -> Iterator[str]:
    for name, option in PLAYBOOKS[call.playbook].options.items():
        if name not in call.given:
            if option.needed:
                yield f"{name}: is missing; {option.needed}"
            continue
        value = call.given[name]
        if name == "verify_credentials":
            continue
        if value is None or not str(value).strip():
            yield f"{name}: is empty; {option.needed or 'give it a value or leave it out'}"
        elif option.choices and str(value).lower() not in option.choices:
            meant = nearest(str(value).lower(), option.choices)
            words = f"did you mean {meant}?" if meant else f"use one of {', '.join(option.choices)}"
            yield f"{name} = {value!r}: is nothing that {call.playbook} knows; {words}"
    if "saved" in call.given and "framework" not in call.given:
        yield "framework: is missing; a saved configuration does not say whose it is, so add, say, -e framework=rhcs"


def _tags(call: Call) -> Iterator[str]:
    """Tags that leave out what the playbook is for: with one that no task has, Ansible does nothing and is green."""
    own = PLAYBOOKS[call.playbook].tags
    for option, tags in call.tags.items():
        for tag in tags:
            if tag in own or (option, tag) == ("--tags", "all") or (option == "--skip-tags" and tag in _OF_MOLECULE):
                continue
            has = f"it has {', '.join(own)}" if own else "it has none, and is run as a whole"
            yield f"{option} {tag}: is no tag of {call.playbook}; {has}"


def _hosts(call: Call) -> Iterator[str]:
    """Groups that are missing, and hosts that --limit leaves out."""
    wanted = PLAYBOOKS[call.playbook].groups
    members = list(dict.fromkeys(host for group in wanted for host in call.groups.get(group, ())))
    if not members:
        yield _no_group(call, wanted)
    elif not set(members) & set(call.hosts):
        yield (
            f"--limit {call.limit}: leaves no host of the group {' or '.join(wanted)}, which has {', '.join(members)}"
        )


def _no_group(call: Call, wanted: Sequence[str]) -> str:
    words = f"the inventory has no host in a group {' or '.join(wanted)}"
    sources = ", ".join(call.sources) or "none"
    groups = {name: hosts for name, hosts in call.groups.items() if hosts and name not in ("all", "ungrouped")}
    counted = ", ".join(f"{name} ({len(hosts)})" for name, hosts in sorted(groups.items())) or "no groups with hosts"
    meant = next((near for near in (nearest(group, groups) for group in wanted) if near), None)
    remedy = f"rename {meant}" if meant else f"put the nodes of the cluster into a group {wanted[0]}"
    if not groups:
        remedy = "name one with -i INVENTORY"
    return f"{words} (inventories read: {sources}; found there: {counted}); {remedy}"


def _described(call: Call) -> Iterator[str]:
    """The description is there, and the node or the services that were named stand where the playbook needs them."""
    description = call.description or {}
    if not PLAYBOOKS[call.playbook].described:
        return
    missing = [name for name in DESCRIPTION if description.get(name) is None]
    if missing:
        for name in missing:
            yield f"{name}: is not defined for the hosts of {NODES}; describe it in the inventory"
        return
    nodes = _names(description["groupware_cluster"], "nodes")
    if call.playbook in ("add_node", "remove_node"):
        yield from _node(call, nodes)
    if "verify_credentials" in call.given:
        yield from _credentials(call.given["verify_credentials"], description["groupware_services"])


def _node(call: Call, nodes: Sequence[str]) -> Iterator[str]:
    node = str(call.given["node"])
    if call.playbook == "remove_node":
        if node in nodes:
            yield (
                f"node = {node!r}: is still described; take it out of groupware_cluster (nodes, fencing devices) and "
                "of all services, then remove it"
            )
    elif node not in nodes:
        yield f"node = {node!r}: is not described; groupware_cluster.nodes has {', '.join(nodes)}; add it there first"
    elif node not in call.groups.get(NODES, ()):
        yield f"node = {node!r}: is not in the inventory group {NODES}, which has {', '.join(call.groups[NODES])}"
    elif node not in call.hosts:
        yield f"node = {node!r}: --limit {call.limit} leaves it out"


def _credentials(credentials: Any, services: Any) -> Iterator[str]:
    """What is wrong with verify_credentials, without any of its values: they are passwords."""
    if not isinstance(credentials, Mapping):
        yield f"verify_credentials: is {shape(credentials)}, not a mapping; {_CREDENTIALS}"
        return
    names = [
        str(service.get("name"))
        for service in (services if isinstance(services, Sequence) else ())
        if isinstance(service, Mapping) and (service.get("application") or {}).get("type") in _LOGGING_IN
    ]
    for number, (name, entry) in enumerate(credentials.items(), start=1):
        if name not in names:
            # A name that is none of ours may be anything, even a password.
            yield f"verify_credentials: entry {number} is for no mail service; there are: {', '.join(names) or 'none'}"
        elif not isinstance(entry, Mapping):
            yield f"verify_credentials.{name}: is {shape(entry)}, not a mapping; {_CREDENTIALS}"
        else:
            for fault in _log_in(entry):
                yield f"verify_credentials.{name}.{fault}"


def _log_in(entry: Mapping[Any, Any]) -> Iterator[str]:
    """What is wrong with a user and password; a key that was misspelt is not missing as well."""
    meant = {name: nearest(str(name), [one for one in _LOG_IN if one not in entry]) for name in entry}
    for name, value in entry.items():
        if name not in _LOG_IN:
            words = f"did you mean {meant[name]}?" if meant[name] else f"give {' and '.join(_LOG_IN)}"
            yield f"{key_name(name, _LOG_IN)}: is not known; {words}"
        elif value is None or value == "":
            yield f"{name}: is empty; give a text in quotes"
        # Before 2.19 Ansible hands a value of a vault over as an object that is a text only to modules.
        elif not isinstance(value, str) and not getattr(value, "__ENCRYPTED__", False):
            kind = "a boolean" if isinstance(value, bool) else shape(value)
            yield f"{name}: is {kind}, not a text; give a text in quotes"
    for name in _LOG_IN:
        if name not in entry and name not in meant.values():
            yield f"{name}: is missing; {_CREDENTIALS}"


def _names(mapping: Any, key: str) -> list[str]:
    entries = mapping.get(key) if isinstance(mapping, Mapping) else None
    return [str(entry["name"]) for entry in entries or () if isinstance(entry, Mapping) and "name" in entry]


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that this one is a slip of the keyboard away from: two where it is long, none if very short."""
    allowed = 0 if len(word) < 3 else 1 if len(word) < 8 else 2
    near = [(_slips(word, other), other) for other in known if abs(len(word) - len(other)) <= allowed]
    return min((found for found in near if 0 < found[0] <= allowed), default=(0, None))[1]


def _slips(one: str, other: str) -> int:
    """How many letters are missing, added, wrong or swapped with a neighbour (optimal string alignment distance)."""
    row = list(range(len(other) + 1))
    last = row
    for i, letter in enumerate(one, start=1):
        before, last, row = last, row, [i]
        for j, wanted in enumerate(other, start=1):
            row.append(min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != wanted)))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                row[j] = min(row[j], before[j - 2] + 1)
    return row[-1]
