"""The types and resources that are registered, and what their attributes are worth."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from . import messages
from .attributes import INTERNAL, RELEASES, Release, base_attributes, problem_with, problem_with_placement
from .grammar import (
    MODIFIERS,
    AttributeDefinition,
    Dependency,
    DependencyError,
    dependencies,
    normal_dependencies,
)
from .sources import ATTRIBUTES, COMMANDS, MARKS, MESSAGES, TRANSCRIPTS

NETWORK = "ora.net1.network"
BASE_TYPES = ("local_resource", "cluster_resource")
#: Type of the addresses that servers have of their own; appvipcfg makes the type of application addresses from it.
ADDRESS_BASE = "ora.cluster_vip_net1.type"


@MARKS.documented("crsctl status resource", "ora.net1.network is there", TRANSCRIPTS)
@MARKS.documented("crsctl status type", "cluster_resource and local_resource are there", COMMANDS)
@MARKS.assumed("crsctl status type", "bases of the types that a new cluster has")
def new_cluster(nodes: tuple[str, ...], now: float) -> dict[str, Any]:
    """Types and resources of a freshly installed cluster."""
    types: dict[str, Any] = {
        "local_resource": {"base": "resource", "attributes": {}},
        "cluster_resource": {"base": "resource", "attributes": {}},
        "ora.network.type": {
            "base": "local_resource",
            "attributes": {"USR_ORA_SUBNET": {"kind": "string", "default": "10.0.0.0", "flags": []}},
        },
        ADDRESS_BASE: {"base": "cluster_resource", "attributes": {}},
    }
    network = {
        "type": "ora.network.type",
        "attributes": {
            "ACL": "owner:root:rwx,pgrp:root:r-x,other::r--",
            "AUTO_START": "always",
            "AGENT_FILENAME": "%CRS_HOME%/bin/orarootagent%CRS_EXE_SUFFIX%",
        },
        "version": 1,
        "instances": [new_instance(node) | {"target": "ONLINE", "state": "ONLINE", "server": node} for node in nodes],
    }
    for instance in network["instances"]:  # type: ignore[attr-defined]
        instance |= {"last_server": instance["server"], "incarnation": 1, "last_restart": now, "last_change": now}
    return {"types": types, "resources": {NETWORK: network}}


def new_instance(key: str) -> dict[str, Any]:
    """One run of a resource; ``key`` is its cardinality, or its server where the resource is local."""
    return {
        "key": key,
        "target": "OFFLINE",
        "state": "OFFLINE",
        "server": "",
        "last_server": "",
        "restart_count": 0,
        "failures": [],
        "incarnation": 0,
        "last_restart": None,
        "last_change": None,
        "details": "",
        "tried": [],
    }


#: Attributes of the types that appvipcfg makes.
ADDRESS_ATTRIBUTES = {
    "AGENT_FILENAME": "%CRS_HOME%/bin/orarootagent%CRS_EXE_SUFFIX%",
    "APPSVIP_FAILBACK": "0",
    "CHECK_INTERVAL": "1",
    "DESCRIPTION": "Application VIP",
    "RESTART_ATTEMPTS": "0",
    "USR_ORA_VIP": "",
}


class Catalogue:
    """Reads and checks types and resources in a simulator's state."""

    def __init__(self, state: dict[str, Any], release: str, nodes: tuple[str, ...]) -> None:
        self.types: dict[str, Any] = state["types"]
        self.resources: dict[str, Any] = state["resources"]
        self.release: Release = RELEASES[release]
        self.nodes = nodes
        self._release = release

    # -- types ---------------------------------------------------------------------------------------------------

    def ancestry(self, type_name: str) -> list[str]:
        """A type and what it is based on, itself first."""
        found = []
        while type_name in self.types:
            found.append(type_name)
            type_name = self.types[type_name]["base"]
        return found

    def is_local(self, type_name: str) -> bool:
        """Whether resources of the type run on every server."""
        return "local_resource" in self.ancestry(type_name)

    def own_attributes(self, type_name: str) -> dict[str, dict[str, Any]]:
        """Attributes that the type and the types below it add to those of all resources."""
        found: dict[str, dict[str, Any]] = {}
        for name in reversed(self.ancestry(type_name)):
            found |= self.types[name]["attributes"]
        return found

    def defaults(self, type_name: str) -> dict[str, str]:
        """All attributes of resources of a type, and their defaults."""
        found = base_attributes(self._release, "local_resource" if self.is_local(type_name) else "cluster_resource")
        return found | {name: given["default"] or "" for name, given in self.own_attributes(type_name).items()}

    # -- resources -----------------------------------------------------------------------------------------------

    def of_type(self, type_name: str) -> list[str]:
        """Resources of a type or of types based on it."""
        return [
            name for name, resource in sorted(self.resources.items()) if type_name in self.ancestry(resource["type"])
        ]

    def values(self, name: str) -> dict[str, str]:
        """Attributes of a resource with their values, those that are qualified for a server included."""
        resource = self.resources[name]
        return {**self.defaults(resource["type"]), **resource["attributes"]}

    def value(self, name: str, attribute: str) -> str:
        """Value of an attribute of a resource."""
        explicit = self.resources[name]["attributes"].get(attribute)
        return str(explicit) if explicit is not None else self.defaults(self.resources[name]["type"]).get(attribute, "")

    def number(self, name: str, attribute: str) -> int:
        """Value of an attribute that is a number."""
        return int(self.value(name, attribute) or 0)

    def cardinality(self, name: str) -> int:
        """On how many servers a resource runs."""
        text = self.value(name, "CARDINALITY")
        return len(self.nodes) if text == "%CRS_SERVER_POOL_SIZE%" else int(text)

    @MARKS.assumed("crsctl add resource", "DEGREE is kept and shown; a resource runs once on a server all the same")
    def set_instances(self, name: str) -> None:
        """As many runs of a resource as it has now; what runs already stays."""
        local = self.is_local(self.resources[name]["type"])
        keys = self.nodes if local else tuple(str(number + 1) for number in range(self.cardinality(name)))
        old = {instance["key"]: instance for instance in self.resources[name].get("instances", ())}
        running = [key for key, instance in old.items() if instance["state"] != "OFFLINE"]
        self.resources[name]["instances"] = [
            old.get(key) or new_instance(key) for key in (*keys, *(key for key in running if key not in keys))
        ]

    def start_dependencies(self, name: str, *kinds: str) -> list[Dependency]:
        """Start dependencies of these kinds."""
        return [
            found
            for found in dependencies(self.value(name, "START_DEPENDENCIES"), "START_DEPENDENCIES")
            if found.kind in kinds
        ]

    def stop_dependencies(self, name: str) -> tuple[Dependency, ...]:
        """Stop dependencies."""
        return dependencies(self.value(name, "STOP_DEPENDENCIES"), "STOP_DEPENDENCIES")

    def named(self, dependency: Dependency) -> list[str]:
        """The resources that a dependency is on."""
        if dependency.is_type:
            return self.of_type(dependency.name)
        return [dependency.name] if dependency.name in self.resources else []

    # -- checks --------------------------------------------------------------------------------------------------

    @MARKS.documented("crsctl modify resource", "READONLY attributes cannot be changed", COMMANDS)
    @MARKS.assumed("crsctl modify resource", "not even to the value that they have")
    @MARKS.assumed("crsctl add resource", "an attribute that the type does not have is refused")
    @MARKS.assumed("crsctl add resource", "what crsctl itself keeps of a resource cannot be set")
    def check_names(self, verb: str, type_name: str, names: Collection[str], adding: bool) -> None:
        """Refuse attributes that a resource of the type cannot have, or that cannot be changed any more."""
        legal = self.defaults(type_name)
        own = self.own_attributes(type_name)
        for name in names:
            base = name.partition("@")[0]
            if base not in legal or base in INTERNAL:
                raise messages.refusal(verb, messages.OTHER.format(f"attribute '{name}' is not one of '{type_name}'"))
            if not adding and base in own and "READONLY" in own[base]["flags"]:
                raise messages.refusal(verb, messages.OTHER.format(f"attribute '{name}' is read-only"))

    def check_values(self, verb: str, type_name: str, given: Mapping[str, str]) -> None:
        """Refuse values that are not legal."""
        own = self.own_attributes(type_name)
        for name, value in given.items():
            problem = problem_with(name, value, own.get(name.partition("@")[0], {"kind": ""})["kind"])
            if problem:
                raise messages.refusal(verb, messages.OTHER.format(problem))

    @MARKS.documented("crsctl add resource", "REQUIRED attributes must be given", COMMANDS)
    def check_required(self, verb: str, type_name: str, given: Mapping[str, str]) -> None:
        """Refuse a resource that lacks a required attribute."""
        for name, definition in self.own_attributes(type_name).items():
            if "REQUIRED" in definition["flags"] and not given.get(name):
                raise messages.refusal(verb, messages.OTHER.format(f"required attribute '{name}' is not specified"))

    def check_placement(self, verb: str, type_name: str, explicit: Mapping[str, str]) -> None:
        """Refuse a placement that says too little."""
        placement = explicit.get("PLACEMENT", self.defaults(type_name).get("PLACEMENT", "balanced"))
        problem = problem_with_placement(explicit, placement)
        if problem:
            raise messages.refusal(verb, messages.OTHER.format(problem))

    @MARKS.documented(
        "crsctl add resource", "CRS-2510, CRS-2509: a resource or type depended upon is not there", MESSAGES
    )
    @MARKS.documented(
        "crsctl add resource", "CRS-2502: wrong modifier; CRS-2929: dependency given twice (numbers)", MESSAGES
    )
    @MARKS.documented("crsctl add resource", "-f registers a dependency on what is not there", COMMANDS)
    @MARKS.assumed("crsctl add resource", "only hard, weak and pullup need what they name to be there")
    @MARKS.assumed("crsctl add resource", "a resource cannot depend on itself")
    def check_dependencies(self, verb: str, name: str, given: Mapping[str, str], force: bool) -> None:
        """Refuse dependencies that are ill written, or on what is not there."""
        for attribute in MODIFIERS:
            try:
                found = dependencies(given.get(attribute, ""), attribute)
            except DependencyError as error:
                raise messages.refusal(
                    verb,
                    {
                        "modifier": messages.MODIFIER_ERROR.format(name, error.dependency),
                        "duplicate": messages.DUPLICATE_DEPENDENCY.format(error.dependency),
                    }.get(
                        error.kind, messages.OTHER.format(f"dependency '{error.dependency}' of '{name}' is not legal")
                    ),
                ) from None
            for dependency in found:
                if not dependency.is_type and dependency.name == name:
                    raise messages.refusal(verb, messages.OTHER.format(f"resource '{name}' depends on itself"))
                if force or dependency.kind not in ("hard", "weak", "pullup"):
                    continue
                if dependency.is_type and dependency.name not in self.types:
                    text = messages.NO_DEPENDENCY_TYPE.format(dependency.name, dependency.kind)
                    raise messages.refusal(verb, text)
                if not dependency.is_type and dependency.name not in self.resources:
                    raise messages.refusal(verb, messages.NO_DEPENDENCY.format(dependency.name, dependency.kind))

    @MARKS.assumed("crsctl add resource", "CRS-2518: ACTION_SCRIPT must exist on the node where the command runs")
    def check_script(self, verb: str, given: Mapping[str, str], exists: Callable[[str], bool]) -> None:
        """Refuse an action script that is not there."""
        path = given.get("ACTION_SCRIPT", "")
        if path.startswith("/") and not exists(path):
            raise messages.refusal(verb, messages.NO_SCRIPT.format(path))

    # -- changes -------------------------------------------------------------------------------------------------

    @MARKS.documented("crsctl add resource", "a new resource is OFFLINE with target OFFLINE", TRANSCRIPTS)
    @MARKS.documented("crsctl add resource", "without an ACL, the resource belongs to who adds it", ATTRIBUTES)
    def add(self, name: str, type_name: str, given: Mapping[str, str], user: str) -> None:
        """Register a resource."""
        self.resources[name] = {
            "type": type_name,
            "attributes": {"ACL": f"owner:{user}:rwx,pgrp:{user}:r-x,other::r--", **normalised(given)},
            "version": 1,
        }
        self.set_instances(name)

    def modify(self, name: str, given: Mapping[str, str]) -> None:
        """Change attributes of a resource."""
        self.resources[name]["attributes"] |= normalised(given)
        self.resources[name]["version"] += 1
        self.set_instances(name)

    def define(self, type_name: str, base: str, definitions: list[AttributeDefinition]) -> None:
        """Register a type, or more attributes of one."""
        known = self.types.setdefault(type_name, {"base": base, "attributes": {}})
        for definition in definitions:
            known["attributes"][definition.name] = {
                "kind": definition.kind,
                "default": definition.default,
                "flags": list(definition.flags),
            }


def normalised(given: Mapping[str, str]) -> dict[str, str]:
    """Attributes as Clusterware keeps them."""
    return {
        name: normal_dependencies(value) if name in ("START_DEPENDENCIES", "STOP_DEPENDENCIES") else value
        for name, value in given.items()
    }
