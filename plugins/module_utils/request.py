# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each playbook can be asked for, and what is wrong with what it was asked for. Pure.

A variable that nobody reads, a group that is not there and a pattern that matches no host are no errors to Ansible: the
run does nothing and is green.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils import credentials
from ansible_collections.groupware.ha.plugins.module_utils.applications.registry import APPLICATIONS
from ansible_collections.groupware.ha.plugins.module_utils.description.model import Description
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.capabilities import capabilities_of
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.names import PROGRAMS
from ansible_collections.groupware.ha.plugins.module_utils.site import waves
from ansible_collections.groupware.ha.plugins.module_utils.site.clusters import (
    DESCRIPTION,
    NODES,
    SiteCluster,
    clusters_of,
    disagreements,
    misnamed,
    strangers,
)
from ansible_collections.groupware.ha.plugins.module_utils.site.judging import Compile, judged
from ansible_collections.groupware.ha.plugins.module_utils.spelling import nearest
from ansible_collections.groupware.ha.plugins.module_utils.tiers import registry as tiers

#: What each cluster may have of its own.
OF_CLUSTERS = ("verify_credentials",)
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

    :param judged: whether it does what is described, so that the description is judged as a whole
    :param tags: names of its parts that can be run or left out by themselves
    :param tiers: whether it goes through the tiers of the inventory, which are judged with it then
    :param configures: whether that is to configure them, for which their secrets are needed
    """

    options: Mapping[str, Option] = field(default_factory=dict)
    groups: tuple[str, ...] = (NODES,)
    described: bool = True
    judged: bool = False
    tags: tuple[str, ...] = ()
    tiers: bool = False
    configures: bool = False


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
_WAVES = {waves.SIZE: Option(), waves.CANARY: Option()}
#: Those of playbooks that change something, which other runs may be at; see the module hold.
_HELD = {name: Option() for name in ("groupware_hold_timeout", "groupware_take_over", "groupware_hold_directory")}
PLAYBOOKS: Mapping[str, Playbook] = {
    "plan": Playbook(groups=_WITH_TIERS, judged=True, tiers=True, configures=True),
    "site": Playbook(
        {**_WAVES, **_HELD}, groups=_WITH_TIERS, judged=True, tags=_ROLES_OF_SITE, tiers=True, configures=True
    ),
    "verify": Playbook({"verify_credentials": Option()}, groups=_WITH_TIERS, tiers=True),
    "switchover": Playbook(
        {
            "service": Option("name the service, as in -e service=mail1"),
            "node": Option(),
            "state": Option(choices=_STATES),
            **_HELD,
        },
        described=False,
    ),
    "evacuate": Playbook(
        {
            "node": Option(_NODE),
            "return": Option(choices=_BOOLEANS),
            "offline_too": Option(choices=_BOOLEANS),
            **_HELD,
        },
        described=False,
    ),
    "add_node": Playbook({"node": Option(_NODE), **_HELD}, judged=True, tiers=True, configures=True),
    "remove_node": Playbook({"node": Option(_NODE), **_HELD}, judged=True),
    "unconfigure": Playbook(
        {"unconfigure_cluster": Option(), **_HELD}, groups=_WITH_TIERS, tags=tiers.ROLES, tiers=True
    ),
    "balance": Playbook(
        {
            "member": Option("name the member of a front end, as in -e member=app1"),
            "state": Option("say what it is to be, as in -e state=drain", choices=("ready", "drain", "maintenance")),
            "front_end": Option(),
            "offline_too": Option(choices=_BOOLEANS),
            "wait": Option(),
            **_HELD,
        },
        groups=tuple(tier.group for tier in tiers.TIERS.values() if "balance" in tier.operations),
        described=False,
        tiers=True,
    ),
    "promote": Playbook(
        {
            "server": Option("name the server that is to be the primary, as in -e server=db2"),
            "old_primary_is_off": Option(choices=_BOOLEANS),
            "accept_data_loss": Option(choices=_BOOLEANS),
            **_HELD,
        },
        groups=tuple(tier.group for tier in tiers.TIERS.values() if "promote" in tier.operations),
        described=False,
        tiers=True,
        configures=True,
    ),
    "restart": Playbook(
        {"server": Option(), "wait": Option(), "settle": Option(), **_HELD},
        groups=tuple(tier.group for tier in tiers.TIERS.values() if "restart" in tier.operations),
        described=False,
        tiers=True,
        configures=True,
    ),
    "adopt": Playbook(_ADOPTION, described=False),
    "migrate": Playbook(_ADOPTION, described=False),
}


@dataclass(frozen=True)
class Call:
    """How a playbook was called, and on what.

    :param given: the playbook's variables that have a value, by name
    :param extra: names of all variables on the command line
    :param known: further variables that mean something, those of the roles
    :param inventory: names of all variables that hosts of clusters and tiers have from elsewhere
    :param groups: the inventory's groups and their hosts
    :param hosts: all hosts of this run, which is fewer than the inventory has where ``limit`` says so
    :param sources: the inventories that were named
    :param described: what each node of the inventory has of DESCRIPTION; what is not defined is left out
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
    described: Mapping[str, Mapping[str, Any]]
    tags: Mapping[str, Collection[str]] = field(default_factory=dict)
    inventory: Collection[str] = ()


@dataclass(frozen=True)
class Judgement:
    """What a call comes to.

    :ivar problems: everything that keeps the playbook from doing what it is for, as far as is known before any node is
        asked
    :ivar clusters: the clusters that it acts on
    :ivar descriptions: their descriptions, by name, where the playbook does what is described
    """

    problems: list[str]
    clusters: list[SiteCluster] = field(default_factory=list)
    descriptions: dict[str, Description] = field(default_factory=dict)


def judge(call: Call, compile_it: Compile) -> Judgement:
    """Judge a call, and what is described for the clusters of the site.

    :param compile_it: raises DescriptionError for what a framework cannot carry
    """
    found = [*_unread(call), *_misspelt(call), *_values(call), *_tags(call)]
    if call.playbook in ("adopt", "migrate") and "saved" in call.given:
        if call.limit is not None and "localhost" not in call.hosts:
            found.append(f"saved: is read on this host, which --limit {call.limit} leaves out; leave --limit away")
        return Judgement(found)
    found += _hosts(call)
    if found or not call.described:
        return Judgement(found)
    everywhere = clusters_of(call.described)
    clusters = [cluster for cluster in everywhere if set(cluster.hosts) & set(call.hosts)]
    found += _described(call, everywhere)
    if not found:
        clusters, problem = _meant(call, clusters)
        found += problem
    if not found:
        found += [fault for cluster in clusters for fault in _named(call, cluster)]
        found += _credentials_of_all(call, everywhere, clusters)
    if found or not PLAYBOOKS[call.playbook].judged:
        return Judgement(found, clusters)
    return _judged(call, everywhere, clusters, compile_it)


def _judged(
    call: Call, everywhere: Sequence[SiteCluster], clusters: Sequence[SiteCluster], compile_it: Compile
) -> Judgement:
    """Judge the descriptions of the whole site, whatever this run is about: what it sets up others may have already."""
    descriptions, found = judged(everywhere, compile_it)
    # A node that is to be removed is a host still, but not described any more.
    for cluster in everywhere if call.playbook != "remove_node" else ():
        found += strangers(cluster, call.groups)
    return Judgement(
        [*dict.fromkeys(map(str, found)), *waves.faults(call.given, clusters)],
        list(clusters),
        {
            name: description
            for name, description in descriptions.items()
            if name in [cluster.name for cluster in clusters]
        },
    )


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


def _misspelt(call: Call) -> Iterator[str]:
    """Variables of the inventory that nobody reads, and that are a slip of the keyboard away from one of the roles."""
    # Short names may be anything of somebody else.
    options = {name for playbook in PLAYBOOKS.values() for name in playbook.options if "_" in name}
    known = [*call.known, *DESCRIPTION, *sorted(options)]
    for name in sorted(set(call.inventory) - set(known) - set(call.extra)):
        meant = nearest(name, known)
        if meant is not None:
            yield f"{name}: is a variable of the inventory that nothing reads; did you mean {meant}?"


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
        elif name == "groupware_hold_timeout" and not (str(value).isascii() and str(value).isdigit()):
            yield f"{name} = {value!r}: is no number of seconds; give a whole number, 0 or more"
        elif name == "groupware_hold_directory" and not str(value).startswith(("/", "{{")):
            yield f"{name} = {value!r}: is not an absolute path; give one that begins with /"
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
    filled = [name for name, hosts in call.groups.items() if hosts]
    for group in wanted if members else ():
        meant = None if group in filled else nearest(group, filled)
        if meant is not None:
            yield f"inventory group {meant}: is read by nobody; did you mean {group}?"
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
    hosts = "the nodes of the cluster" if NODES in wanted else "the hosts of the tier"
    remedy = f"rename {meant}" if meant else f"put {hosts} into a group {wanted[0]}"
    if not groups:
        remedy = "name one with -i INVENTORY"
    return f"{words} (inventories read: {sources}; found there: {counted}); {remedy}"


def _described(call: Call, clusters: Sequence[SiteCluster]) -> Iterator[str]:
    """Something is described where the playbook needs it, and the same for all hosts of a cluster."""
    missing = [name for name in DESCRIPTION if not any(name in cluster.description for cluster in clusters)]
    if PLAYBOOKS[call.playbook].described:
        for name in missing:
            yield f"{name}: is not defined for the hosts of {NODES}; describe it in the inventory"
    if not missing:
        # What else is wrong with a cluster that has two names follows from that.
        yield from map(str, list(misnamed(clusters)) or disagreements(clusters, call.described))


#: Playbooks that act on one cluster, and the variables that say which.
_OF_ONE_CLUSTER = {
    "switchover": ("service", "node"),
    "evacuate": ("node",),
    "add_node": ("node",),
    "remove_node": ("node",),
    "unconfigure": ("unconfigure_cluster",),
    "adopt": (),
    "migrate": (),
}


def _meant(call: Call, clusters: Sequence[SiteCluster]) -> tuple[list[SiteCluster], list[str]]:
    """The clusters of the run that a playbook acts on: all, or the one that its variables name."""
    deciding = _OF_ONE_CLUSTER.get(call.playbook)
    everything = deciding == ("unconfigure_cluster",) and "unconfigure_cluster" not in call.given
    if deciding is None or len(clusters) < 2 or everything:
        return list(clusters), []
    given = {name: str(call.given[name]) for name in deciding if name in call.given}
    meant = [cluster for cluster in clusters if all(_has(cluster, name, value) for name, value in given.items())]
    if len(meant) == 1:
        return meant, []
    asked = ", ".join(f"{name} = {value!r}" for name, value in given.items()) or call.playbook
    names = ", ".join(str(cluster.name) for cluster in meant or clusters)
    if meant:
        return [], [f"{asked}: may mean any of the clusters {names}; say which one with --limit and its group"]
    known = "; ".join(f"{name}: {', '.join(_known(clusters, name))}" for name in given)
    return [], [f"{asked}: is in none of the clusters {names}; there are {known}"]


def _known(clusters: Sequence[SiteCluster], name: str) -> list[str]:
    """The values that a variable of _OF_ONE_CLUSTER could have."""
    return [value for cluster in clusters for value in _values_of(cluster, name)]


def _values_of(cluster: SiteCluster, name: str) -> Collection[str]:
    known: Mapping[str, Collection[str]] = {
        "node": dict.fromkeys([*cluster.hosts, *cluster.nodes]),
        "service": cluster.services,
        "unconfigure_cluster": (str(cluster.name),),
    }
    return known[name]


def _has(cluster: SiteCluster, name: str, value: str) -> bool:
    return value in _values_of(cluster, name)


def _named(call: Call, cluster: SiteCluster) -> Iterator[str]:
    """The node, the cluster or the services that were named stand where the playbook needs them."""
    if call.playbook in ("add_node", "remove_node"):
        yield from _node(call, cluster)
    if call.given.get("unconfigure_cluster") not in (None, cluster.name):
        named = call.given["unconfigure_cluster"]
        yield (
            f"unconfigure_cluster = {named}: the described cluster is called {cluster.name};"
            " name it to remove it, or leave the variable out to remove the services only"
        )
    elif "unconfigure_cluster" in call.given:
        yield from _unformed(cluster)


def _credentials_of_all(
    call: Call, everywhere: Sequence[SiteCluster], clusters: Sequence[SiteCluster]
) -> Iterator[str]:
    """What is wrong with verify_credentials: those of the command line, or those that each cluster has of its own."""
    services = [one for cluster in everywhere for one in _listed(cluster.description["groupware_services"])]
    given = [call.given["verify_credentials"]] if "verify_credentials" in call.given else []
    for cluster in () if "verify_credentials" in call.extra else clusters:
        given.append(cluster.description.get("verify_credentials", given[0] if given else {}))
    told = (fault for one in given for fault in credentials.faults(one, services))
    yield from dict.fromkeys(told)


def _listed(services: Any) -> Sequence[Any]:
    return services if isinstance(services, Sequence) and not isinstance(services, str) else ()


def _unformed(cluster: SiteCluster) -> Iterator[str]:
    """Clusters that were formed by somebody else are not taken apart here."""
    try:
        capabilities = capabilities_of(cluster.description["groupware_cluster"])
    except DescriptionError as error:
        yield from map(str, error.problems)
        return
    if not capabilities.forms_cluster:
        yield (
            f"unconfigure_cluster = {cluster.name}: a cluster of {capabilities.framework} was formed by its vendor's"
            " installer and goes by it. Leave the variable out to remove the services, and then uninstall the product"
            " as its manual says"
        )


def _node(call: Call, cluster: SiteCluster) -> Iterator[str]:
    node, nodes = str(call.given["node"]), cluster.nodes
    if call.playbook == "remove_node":
        if node in nodes:
            yield (
                f"node = {node!r}: is still described; take it out of groupware_cluster (nodes, fencing devices) and "
                "of all services, then remove it"
            )
    elif node not in nodes:
        yield f"node = {node!r}: is not described; groupware_cluster.nodes has {', '.join(nodes)}; add it there first"
    elif node not in cluster.hosts:
        yield f"node = {node!r}: is not in the inventory group {NODES}, which has {', '.join(call.groups[NODES])}"
    elif node not in call.hosts:
        yield f"node = {node!r}: --limit {call.limit} leaves it out"
