"""Attributes of clusters, systems, groups, types and resources: dimensions, defaults and how they change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..engine import Refusal
from .common import HARES_1M, LITP, MARKS, UNKNOWN, error, usage, warning

Value = str | list[str] | dict[str, str]

RESOURCE_ATTRIBUTES_MANUAL = "VCS 5.0MP3 User's Guide, Resource attributes"
DIMENSIONS_MANUAL = "VCS 5.0 User's Guide, Defining attributes as local"


@dataclass(frozen=True)
class Attribute:
    """What is known of an attribute besides its value."""

    kind: str = "string"
    dimension: str = "scalar"
    default: Any = ""
    static: bool = False
    temporary: bool = False
    #: Set by VCS alone.
    system: bool = False

    def stored(self) -> dict[str, Any]:
        """As the state keeps it."""
        return asdict(self)


def empty_value(kind: str, dimension: str) -> Value:
    """What an attribute is without a default."""
    if dimension == "association":
        return {}
    if dimension != "scalar":
        return []
    return "" if kind == "string" else "0"


def integer(default: int) -> Attribute:
    """An integer-scalar."""
    return Attribute("integer", default=str(default))


def boolean(default: int) -> Attribute:
    """A boolean-scalar."""
    return Attribute("boolean", default=str(default))


def keylist(*default: str) -> Attribute:
    """A string-keylist."""
    return Attribute(dimension="keylist", default=list(default))


def vector(*default: str) -> Attribute:
    """A string-vector."""
    return Attribute(dimension="vector", default=list(default))


CLUSTER_ATTRIBUTES = {
    "Administrators": keylist(),
    "ClusterName": Attribute(),
    "DeleteOnlineResource": boolean(1),
    "HacliUserLevel": Attribute(default="NONE"),
    "UserNames": Attribute(dimension="association", default={}),
    "UseFence": Attribute(default="NONE"),
}

SYSTEM_ATTRIBUTES = {
    "Capacity": integer(100),
    "SystemLocation": Attribute(),
    "SystemOwner": Attribute(),
}

#: In the order in which main.cf has them.
GROUP_ATTRIBUTES = {
    "SystemList": Attribute("integer", "association", {}),
    "AutoStartList": keylist(),
    "Parallel": integer(0),
    "Administrators": keylist(),
    "AutoFailOver": integer(1),
    "AutoRestart": integer(1),
    "AutoStart": boolean(1),
    "AutoStartPolicy": Attribute(default="Order"),
    "Evacuate": boolean(1),
    "FailOverPolicy": Attribute(default="Priority"),
    "FaultPropagation": boolean(1),
    "Frozen": boolean(0),
    "ManageFaults": Attribute(default="ALL"),
    "OnlineRetryInterval": integer(0),
    "OnlineRetryLimit": integer(0),
    "Operators": keylist(),
    "Priority": integer(0),
}

#: Attributes of a group that have a value for each system.
GROUP_SYSTEM_ATTRIBUTES = {
    "AutoDisabled": Attribute("boolean", system=True),
    "Enabled": boolean(1),
    "Probed": Attribute("boolean", system=True),
    "ProbesPending": Attribute("integer", system=True),
    "State": Attribute(system=True),
}

RESOURCE_ATTRIBUTES = {
    "AutoStart": boolean(1),
    "Critical": boolean(1),
    "Enabled": boolean(0),
    "MonitorOnly": Attribute("boolean", default="0", system=True),
    "ResourceOwner": Attribute(),
}

RESOURCE_SYSTEM_ATTRIBUTES = {
    "IState": Attribute(system=True),
    "Probed": Attribute("boolean", system=True),
    "State": Attribute(system=True),
}

#: Static attributes that every type has.
STATIC_ATTRIBUTES = {
    "AgentClass": Attribute(default="TS"),
    "AgentDirectory": Attribute(),
    "AgentFile": Attribute(),
    "ArgList": vector(),
    "CleanTimeout": integer(60),
    "ConfInterval": integer(600),
    "FaultOnMonitorTimeouts": integer(4),
    "InfoInterval": integer(0),
    "LogDbg": keylist(),
    "MonitorInterval": integer(60),
    "MonitorTimeout": integer(60),
    "NumThreads": integer(10),
    "OfflineMonitorInterval": integer(300),
    "OfflineTimeout": integer(300),
    "OnlineRetryLimit": integer(0),
    "OnlineTimeout": integer(300),
    "OnlineWaitLimit": integer(2),
    "Operations": Attribute(default="OnOff"),
    "RegList": keylist(),
    "RestartLimit": integer(0),
    "SourceFile": Attribute(default="./types.cf"),
    "SupportedActions": keylist(),
    "ToleranceLimit": integer(0),
}

#: Static attributes that belong to the type and its agent as a whole.
NOT_OVERRIDABLE = {
    "AgentClass",
    "AgentDirectory",
    "AgentFile",
    "ArgList",
    "NumThreads",
    "Operations",
    "RegList",
    "SourceFile",
    "SupportedActions",
}


def shown(value: Value) -> str:
    """A value as the commands print it: keys and values of an association one after the other."""
    if isinstance(value, dict):
        return " ".join(f"{key} {entry}" for key, entry in value.items())
    return value if isinstance(value, str) else " ".join(value)


@MARKS.documented("all", "a value that begins with - is written with a % before it", HARES_1M + ", NOTES")
def literal(word: str) -> str:
    """A word of a command line as the value that it stands for."""
    return word.removeprefix("%")


@MARKS.assumed("all", "an integer is checked, true and false are kept as 1 and 0 in a boolean attribute")
def checked(name: str, attribute: Attribute, word: str) -> str:
    """One value of the attribute's kind."""
    if attribute.kind == "integer" and not re.fullmatch(r"-?[0-9]+", word):
        raise error(UNKNOWN, f"Attribute {name} takes an integer, not {word}")
    if attribute.kind == "boolean":
        kept = {"0": "0", "1": "1", "false": "0", "true": "1"}.get(word.lower())
        if kept is None:
            raise error(UNKNOWN, f"Attribute {name} takes 0 or 1, not {word}")
        return kept
    return word


def read_value(program: str, given: Sequence[str], name: str, attribute: Attribute, words: Sequence[str]) -> Value:
    """A whole value from the words of a command line."""
    literals = [literal(word) for word in words]
    if attribute.dimension == "scalar":
        if len(literals) != 1:
            raise usage(program, given)
        return checked(name, attribute, literals[0])
    if not literals:
        raise usage(program, given)
    if attribute.dimension == "association":
        if len(literals) % 2:
            raise usage(program, given)
        keys = literals[::2]
        _refuse_repeated(keys)
        return {key: checked(name, attribute, entry) for key, entry in zip(keys, literals[1::2], strict=True)}
    if attribute.dimension == "keylist":
        _refuse_repeated(literals)
    return [checked(name, attribute, word) for word in literals]


@MARKS.documented("all", "keys of a keylist or an association are not repeated", DIMENSIONS_MANUAL)
def _refuse_repeated(keys: Sequence[str]) -> None:
    for key in keys:
        if keys.count(key) > 1:
            raise warning(10563, f"Entry {key} is already in attribute keylist.")


@MARKS.documented(
    "all", "-modify replaces; -add, -update and -delete by dimension; -delete -keys empties", DIMENSIONS_MANUAL
)
def modified(
    program: str, given: Sequence[str], name: str, attribute: Attribute, current: Value, words: Sequence[str]
) -> Value:
    """The attribute's value after ``-modify <object> <name> <words>``."""
    action = words[0] if words and words[0] in ("-add", "-update", "-delete") else None
    if any(word.startswith("-") for word in (words if action is None else words[1:]) if word != "-keys"):
        raise usage(program, given)
    if action is None:
        return read_value(program, given, name, attribute, words)
    if attribute.dimension == "scalar":
        raise usage(program, given)
    if action == "-delete":
        return _without(program, given, attribute, current, list(words[1:]))
    new = read_value(program, given, name, attribute, words[1:])
    if isinstance(new, dict):
        assert isinstance(current, dict)
        return _merged(current, new, update=action == "-update")
    if action == "-update":
        return _updated_list(program, given, attribute, new)
    assert isinstance(current, list)
    if attribute.dimension == "keylist":
        _refuse_present([key for key in new if key in current])
    return [*current, *new]


@MARKS.documented("all", "10563: the entry is in the keylist already", LITP)
def _refuse_present(keys: Sequence[str]) -> None:
    if keys:
        raise warning(10563, f"Entry {keys[0]} is already in attribute keylist.")


@MARKS.assumed("all", "-add of a key that an association has is refused, -update of one that it lacks too")
def _merged(current: dict[str, str], new: dict[str, str], update: bool) -> Value:
    if not update:
        _refuse_present([key for key in new if key in current])
    elif missing := [key for key in new if key not in current]:
        raise _not_found(missing[0])
    return {**current, **new}


@MARKS.documented("all", "an entry of a vector cannot be deleted alone, all can", DIMENSIONS_MANUAL)
@MARKS.documented("all", "10566: the entry is not in the keylist", LITP)
def _without(program: str, given: Sequence[str], attribute: Attribute, current: Value, words: list[str]) -> Value:
    if words == ["-keys"]:
        return {} if attribute.dimension == "association" else []
    if not words or "-keys" in words or attribute.dimension == "vector":
        raise usage(program, given)
    for word in words:
        if word not in current:
            raise _not_found(word)
    if isinstance(current, dict):
        return {key: entry for key, entry in current.items() if key not in words}
    return [key for key in current if key not in words]


def _not_found(key: str) -> Refusal:
    return warning(10566, f"Entry not found in attribute keylist. ({key})")


@MARKS.assumed("all", "-update of a vector replaces it, a keylist has no -update")
def _updated_list(program: str, given: Sequence[str], attribute: Attribute, new: Value) -> Value:
    if attribute.dimension == "keylist":
        raise usage(program, given)
    return new


@MARKS.documented(
    "haattr", "groups: ManageFaults ALL is the default", "VCS 5.0MP3 Agent Developer's Guide, ManageFaults"
)
@MARKS.assumed("haattr", "groups: AutoFailOver 1 and Parallel 0 are defaults")
@MARKS.documented(
    "haattr",
    "resources: AutoStart 1, Critical 1, Enabled 0 when added by command are defaults",
    RESOURCE_ATTRIBUTES_MANUAL,
)
@MARKS.documented(
    "haattr",
    "types: ToleranceLimit 0 and FaultOnMonitorTimeouts 4 are defaults",
    "VCS 7.0 Administrator's Guide, About the FaultOnMonitorTimeouts attribute",
)
@MARKS.assumed("haattr", "all other defaults of attributes of clusters, systems, groups and types")
def predefined(object_kind: str) -> dict[str, Attribute]:
    """Attributes that objects of a kind have before anybody adds one."""
    return {
        "cluster": CLUSTER_ATTRIBUTES,
        "system": SYSTEM_ATTRIBUTES,
        "group": {**GROUP_ATTRIBUTES, **GROUP_SYSTEM_ATTRIBUTES},
        "resource": {**RESOURCE_ATTRIBUTES, **RESOURCE_SYSTEM_ATTRIBUTES},
        "type": STATIC_ATTRIBUTES,
    }[object_kind]
