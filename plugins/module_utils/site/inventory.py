# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts, groups and variables that one short file says for a whole site. Pure.

Only what the file itself has to say is judged here; descriptions are judged as those of any inventory, when a run
begins.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.fields import name_fault, text_remedy
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError, Problem
from ansible_collections.groupware.ha.plugins.module_utils.description.reader import Reader
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.capabilities import CAPABILITIES
from ansible_collections.groupware.ha.plugins.module_utils.shown import key_name, shape
from ansible_collections.groupware.ha.plugins.module_utils.tiers.base import Tier
from ansible_collections.groupware.ha.plugins.module_utils.tiers.registry import TIERS
from .clusters import DESCRIPTION, NODES

#: Keys of a cluster that its description has as they are.
_DESCRIBED = ("framework", "networks", "fencing", "properties") + tuple(
    dict.fromkeys(key for one in CAPABILITIES.values() for key in one.cluster_keys)
)
#: Keys that all clusters can have in common.
_DEFAULTS = (*_DESCRIBED, "each_service", "vars")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass
class SiteGroup:
    """A group of the inventory."""

    variables: dict[str, Any] = field(default_factory=dict)
    children: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)


@dataclass
class SiteInventory:
    """What a file says.

    :ivar groups: each before its children
    """

    groups: dict[str, SiteGroup] = field(default_factory=dict)
    hosts: dict[str, dict[str, Any]] = field(default_factory=dict)

    def variables_of(self, host: str) -> dict[str, Any]:
        """What a host has by its groups and by itself."""
        found: dict[str, Any] = {}
        # No variable is in two groups of one depth, unless a host is in a cluster and in a tier; then either may win.
        for group in self.groups.values():
            if host in group.hosts or any(host in self.groups[child].hosts for child in group.children):
                found.update(group.variables)
        return {**found, **self.hosts[host]}


def read_site(given: Any, beside: tuple[str, ...] = ("plugin",), kinds: Mapping[str, Tier] = TIERS) -> SiteInventory:
    """Make an inventory of what a file says.

    :param beside: keys that are not about the site, but about how the file is read
    :raises DescriptionError: with everything that is wrong with it
    """
    reading = _Reading(kinds)
    reading.site(given, beside)
    if reading.problems:
        # To the user the file is no key.
        raise DescriptionError([replace(one, key=one.key.removeprefix("site.")) for one in reading.problems])
    return reading.made


class _Reading:
    """Reads a file, and notes what is wrong with it."""

    def __init__(self, kinds: Mapping[str, Tier]) -> None:
        self.kinds = kinds
        self.problems: list[Problem] = []
        self.made = SiteInventory()
        #: What each group stands for, and which groups are not to be had.
        reserved = ("all", "ungrouped", NODES, *(kind.group for kind in kinds.values()))
        self.owners = dict.fromkeys(reserved, "")
        #: Of which cluster, and of which tier of a kind, a host is.
        self.belongs: dict[tuple[str, str], str] = {}

    def site(self, given: Any, beside: tuple[str, ...]) -> None:
        reader = Reader(given, "site", self.problems)
        reader.only("name", "vars", "defaults", "clusters", "tiers", *beside)
        name = reader.values.get("name")
        group = self.group("site.name", name, f"the site {name}")
        self.made.groups[group] = SiteGroup(self.variables(reader))
        self.made.groups[NODES] = SiteGroup()
        defaults = Reader(reader.mapping("defaults"), "site.defaults", self.problems)
        defaults.only(*_DEFAULTS)
        below = {key: value for key, value in defaults.values.items() if key in _DEFAULTS}
        clusters = reader.mapping("clusters")
        for cluster, said in clusters.items():
            key = f"site.clusters.{_named(cluster)}"
            child = self.group(key, cluster, f"the cluster {cluster}")
            if isinstance(said, Mapping):
                self.cluster(key, cluster, merged(below, said), child)
            else:
                Reader(said, key, self.problems)
            for parent in (group, NODES):
                self.made.groups[parent].children.append(child)
        self.tiers(reader.mapping("tiers"), group)
        if reader.usable and not self.problems and not self.made.hosts:
            reader.problem("clusters", "is missing", "describe a cluster, or a tier below tiers", value=None)
        for host in self.made.hosts:
            if host in self.made.groups:
                reason = f"is the name of {self.owners[host]} too, which is a group of the inventory"
                self.problems.append(Problem("names of hosts", host, reason, "give one of them another name"))

    def cluster(self, key: str, name: Any, said: Mapping[Any, Any], group: str) -> None:
        reader = Reader(said, key, self.problems)
        reader.only(*_DEFAULTS, "nodes", "services")
        described = {one: said[one] for one in _DESCRIBED if one in said}
        nodes = self.named(reader, "nodes", "NODE: ADDRESS", required=True)
        described["nodes"] = [
            {"name": node, "address": self.node(f"{key}.nodes.{node}", node, one, f"the cluster {name}")}
            for node, one in nodes.items()
        ]
        described["name"] = _plain(name)
        if isinstance(described.get("fencing"), Mapping):
            described["fencing"] = self.fencing(described["fencing"], f"{key}.fencing", list(nodes))
        each = reader.mapping("each_service")
        services = []
        for service, one in self.named(reader, "services", "SERVICE: {model: ...}").items():
            if isinstance(one, Mapping):
                services.append({"name": service, **self.unnamed(merged(each, one), f"{key}.services.{service}")})
            else:
                Reader(one, f"{key}.services.{service}", self.problems)
        variables = self.variables(reader)
        self.made.groups[group] = SiteGroup(
            {**variables, "groupware_cluster": described, "groupware_services": services}, hosts=list(nodes)
        )

    def fencing(self, said: Mapping[Any, Any], key: str, nodes: list[str]) -> dict[str, Any]:
        """Fencing as the description has it; a device that does not say for which nodes it is, is for all."""
        if "devices" not in said:
            return dict(said)
        reader = Reader(said, key, self.problems)
        devices = []
        for device, one in self.named(reader, "devices", "DEVICE: {agent: ...}").items():
            if isinstance(one, Mapping):
                devices.append({"name": device, "nodes": nodes, **self.unnamed(one, f"{key}.devices.{device}")})
            else:
                Reader(one, f"{key}.devices.{device}", self.problems)
        return {**said, "devices": devices}

    def unnamed(self, said: Mapping[Any, Any], key: str) -> Mapping[Any, Any]:
        """What is said of something that has its name by its key."""
        if "name" in said:
            self.problems.append(
                Problem(f"{key}.name", said["name"], "is said twice, since the key is the name", "take it out")
            )
        return said

    def node(self, key: str, host: str, said: Any, owner: str) -> Any:
        """Take a node as a host, which is reached at its address unless it says another one."""
        address, variables = said, {}
        if isinstance(said, Mapping):
            variables = {name: value for name, value in said.items() if name != "address"}
            address = said.get("address")
        if not isinstance(address, str) or not address:
            reason = "is missing" if address is None else "is not an address"
            close = difflib.get_close_matches("address", [str(name) for name in variables], n=1)
            remedy = (
                f"is it what you called {close[0]}?" if close else "write NODE: ADDRESS, or address: among the rest"
            )
            self.problems.append(Problem(f"{key}.address", shape(address), reason, remedy))
        self.host(key, host, {"ansible_host": address, **variables}, ("", owner))
        return address

    def host(self, key: str, host: str, variables: Mapping[Any, Any], owner: tuple[str, str]) -> None:
        """Take a host of one cluster, or of one tier of a kind."""
        kind, whose = owner
        known = self.belongs.setdefault((kind, host), whose)
        if known != whose:
            self.problems.append(Problem(key, host, f"is a host of {known} too", "a host belongs to one"))
            return
        there = self.made.hosts.setdefault(host, {})
        for name, value in self.judged(key, variables).items():
            if there.setdefault(name, value) != value:
                reason = f"is another one where {host} was named before"
                self.problems.append(Problem(f"{key}.{name}", shape(value), reason, "say it in one place"))

    def tiers(self, said: Mapping[Any, Any], site: str) -> None:
        reader = Reader(said, "site.tiers", self.problems)
        reader.only(*self.kinds)
        for name, kind in self.kinds.items():
            if name not in said:
                continue
            self.made.groups[kind.group] = SiteGroup()
            for tier, one in self.named(reader, name, "TIER: {hosts: ...}").items():
                group = self.group(f"site.tiers.{name}.{tier}", f"{name}_{tier}", f"the tier {name} {tier}")
                self.made.groups[group] = self.tier(f"site.tiers.{name}.{tier}", tier, one, kind)
                for parent in (site, kind.group):
                    self.made.groups[parent].children.append(group)

    def tier(self, key: str, name: str, said: Any, kind: Tier) -> SiteGroup:
        reader = Reader(said, key, self.problems)
        reader.only("hosts", "vars")
        hosts = self.named(reader, "hosts", "HOST: ADDRESS", required=True)
        for host, one in hosts.items():
            variables = {} if one is None else {"ansible_host": one} if isinstance(one, str) else one
            if isinstance(variables, Mapping):
                self.host(f"{key}.hosts.{host}", host, variables, (kind.name, f"the tier {kind.name} {name}"))
            else:
                self.problems.append(
                    Problem(f"{key}.hosts.{host}", shape(one), "is not an address", "write HOST: ADDRESS, or variables")
                )
        variables = self.variables(reader)
        if kind.naming in variables:
            twice = shape(variables[kind.naming])
            reader.problem(f"vars.{kind.naming}", "is said twice, since the key is the name", "take it out", twice)
        return SiteGroup({**variables, kind.naming: name}, hosts=list(hosts))

    def named(self, reader: Reader, key: str, wanted: str, required: bool = False) -> dict[str, Any]:
        """What a dictionary has by names, but for names that are none."""
        value = reader.values.get(key)
        if required and reader.usable and value in (None, {}):
            reader.problem(key, "is missing", f"give a dictionary of {wanted}", value=None)
        if value is not None and not isinstance(value, Mapping):
            reader.wrong_shape(key, "is not a dictionary", f"give one of {wanted}; the name is the key here")
            return {}
        found = {}
        for name, one in (value or {}).items():
            if self.is_name(f"{reader.key}.{key}.{_named(name)}", name):
                found[str(name)] = one
        return found

    def is_name(self, key: str, name: Any) -> bool:
        fault = name_fault(name)
        if fault is not None:
            remedy = fault.remedy if name is None or isinstance(name, str) else text_remedy(name)
            self.problems.append(Problem(key, shape(name), fault.reason, remedy))
        return fault is None

    def group(self, key: str, name: Any, owner: str) -> str:
        """The group of the inventory that is named after something; Ansible takes letters, digits and _ there."""
        if not self.is_name(key, name):
            return ""
        group = re.sub(r"\W", "_", str(name), flags=re.ASCII)
        group = f"_{group}" if group[0].isdigit() else group
        known = self.owners.setdefault(group, owner)
        if known != owner:
            whose = f"is that of {known}" if known else "means something else"
            reason = f"would have the group {group} of the inventory, which {whose}"
            self.problems.append(Problem(key, name, reason, "give one of them another name"))
        return group

    def variables(self, reader: Reader) -> dict[str, Any]:
        return self.judged(f"{reader.key}.vars", reader.mapping("vars"))

    def judged(self, key: str, variables: Mapping[Any, Any]) -> dict[str, Any]:
        """Variables that are named as such, and are not made of what the file says elsewhere."""
        found = {}
        for name, value in variables.items():
            if not isinstance(name, str) or _VARIABLE.fullmatch(name) is None:
                fault = ("is not the name of a variable", "use letters, digits and _")
            elif name in DESCRIPTION:
                fault = ("is made of what the cluster says in this file", "say it below clusters")
            else:
                found[str(name)] = value
                continue
            self.problems.append(Problem(f"{key}.{key_name(name)}", shape(value), *fault))
        return found


def merged(below: Mapping[Any, Any], above: Mapping[Any, Any]) -> dict[Any, Any]:
    """What stands above, and of what stands below that which is not said above; dictionaries at any depth.

    Nothing in place of something takes it away.
    """
    return dict(_merged(below, above))


def _merged(below: Mapping[Any, Any], above: Mapping[Any, Any]) -> Iterator[tuple[Any, Any]]:
    for key, value in {**below, **above}.items():
        if key in below and key in above:
            if value is None:
                continue
            if isinstance(value, Mapping) and isinstance(below[key], Mapping):
                yield key, merged(below[key], value)
                continue
        yield key, value


def _plain(name: Any) -> Any:
    return str(name) if isinstance(name, str) else name


def _named(name: Any) -> str:
    """What to call a part of the file in messages."""
    return str(name) if name_fault(name) is None else key_name(name)
