"""The simulated hatype and haattr."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from ..engine import Answer
from .attributes import STATIC_ATTRIBUTES, Attribute, Value, empty_value, modified, predefined, read_value, shown
from .commands import modification, plain, value_line
from .common import HAATTR_1M, HATYPE_1M, MARKS, UNKNOWN, arguments, error, table, usage
from .resources import ResourceCommands

KINDS = {"-string": "string", "-integer": "integer", "-boolean": "boolean"}
DIMENSIONS = {"-scalar": "scalar", "-vector": "vector", "-keylist": "keylist", "-assoc": "association"}


class TypeCommands(ResourceCommands):
    """hatype and haattr."""

    def hatype(self, node: str, words: list[str], _stdin: str | None) -> Answer:
        """Resource types."""
        verbs: dict[str, Callable[[str, list[str]], Answer]] = {
            "-add": self._type_add,
            "-delete": self._type_delete,
            "-display": self._type_display,
            "-list": self._type_list,
            "-modify": self._type_modify,
            "-resources": self._type_resources,
            "-value": self._type_value,
        }
        if not words or words[0] not in verbs:
            raise usage("hatype", words)
        self.ask(node)
        return verbs[words[0]](node, words)

    def haattr(self, node: str, words: list[str], _stdin: str | None) -> Answer:
        """Attributes of resource types."""
        verbs: dict[str, Callable[[str, list[str]], Answer]] = {
            "-add": self._attribute_add,
            "-default": self._attribute_default,
            "-delete": self._attribute_delete,
            "-display": self._attribute_display,
        }
        if not words or words[0] not in verbs:
            raise usage("haattr", words)
        self.ask(node)
        return verbs[words[0]](node, words)

    @MARKS.assumed("hatype", "text and number for a type that does not exist")
    def _type(self, name: str) -> dict[str, Any]:
        if name not in self.state["types"]:
            raise error(UNKNOWN, f"Resource type {name} does not exist")
        return cast(dict[str, Any], self.state["types"][name])

    @MARKS.documented(
        "hatype", "-add type: the first of the commands that import a type", "LINBIT: DRBD agents for VCS"
    )
    @MARKS.assumed("hatype", "-add of a type that exists is refused")
    def _type_add(self, node: str, words: list[str]) -> Answer:
        name = arguments("hatype", words, 1).words[0]
        self.write(node, "hatype", words)
        if name in self.state["types"]:
            raise error(UNKNOWN, f"Resource type {name} already exists")
        self.state["types"][name] = {"attributes": {}, "static": {}}
        return Answer()

    @MARKS.documented("hatype", "-delete type", HATYPE_1M)
    @MARKS.assumed("hatype", "-delete of a type that has resources is refused")
    def _type_delete(self, node: str, words: list[str]) -> Answer:
        name = arguments("hatype", words, 1).words[0]
        self.write(node, "hatype", words)
        self._type(name)
        if any(found["type"] == name for found in self.state["resources"].values()):
            raise error(UNKNOWN, f"Resource type {name} has resources")
        del self.state["types"][name]
        return Answer()

    def _static(self, resource_type: str, name: str) -> Attribute:
        attribute = {**STATIC_ATTRIBUTES, **self.definition(resource_type)}.get(name)
        if attribute is None or not (attribute.static or name in STATIC_ATTRIBUTES):
            raise self.no_attribute(name)
        return attribute

    @MARKS.documented(
        "hatype",
        "-modify changes static attributes: SourceFile, AgentDirectory, ArgList, limits",
        "LINBIT: DRBD agents for VCS; hatype(1M)",
    )
    def _type_modify(self, node: str, words: list[str]) -> Answer:
        name, rest, options = modification("hatype", words)
        if options:
            raise usage("hatype", words)
        self.write(node, "hatype", words)
        found = self._type(name)
        attribute = self._static(name, rest[0])
        current = self.static_value(name, rest[0])
        new = modified("hatype", words, rest[0], attribute, current, rest[1:])
        if rest[0] == "Operations":
            self._check_operations(name, current, new)
        found["static"][rest[0]] = new
        return Answer()

    @MARKS.documented(
        "hatype",
        "Operations is OnOff, OnOnly or None",
        "Cluster Server 7.1 Administrator's Guide, Categories of resources",
    )
    @MARKS.assumed("hatype", "Operations does not change while the type has resources")
    def _check_operations(self, resource_type: str, current: Value, new: Value) -> None:
        if new not in ("OnOff", "OnOnly", "None"):
            raise error(UNKNOWN, f"Operations is OnOff, OnOnly or None, not {shown(new)}")
        if new != current and any(found["type"] == resource_type for found in self.state["resources"].values()):
            raise error(UNKNOWN, f"Resource type {resource_type} has resources")

    def _type_names(self, resource_type: str) -> list[str]:
        own = self.definition(resource_type)
        return sorted({*STATIC_ATTRIBUTES, *(name for name, attribute in own.items() if attribute.static)})

    @MARKS.documented("hatype", "-display [type(s)] [-attribute attribute(s)]: static attributes", HATYPE_1M)
    @MARKS.assumed("hatype", "-display: three columns")
    def _type_display(self, _node: str, words: list[str]) -> Answer:
        given = arguments("hatype", words, (0, 999), several=["-attribute"])
        rows = []
        for name in given.words or sorted(self.state["types"]):
            self._type(name)
            for attribute in given.values.get("-attribute") or self._type_names(name):
                self._static(name, attribute)
                rows.append([name, attribute, shown(self.static_value(name, attribute))])
        return plain(table(("Type", "Attribute", "Value"), rows, (12, 22)))

    @MARKS.documented("hatype", "-list [conditional(s)]: one type on each line", HATYPE_1M)
    def _type_list(self, _node: str, words: list[str]) -> Answer:
        lines = []
        for name in sorted(self.state["types"]):

            def value(attribute: str, name: str = name) -> str:
                self._static(name, attribute)
                return shown(self.static_value(name, attribute))

            if self.meets("hatype", words, words[1:], value):
                lines.append(f"{name}\n")
        return plain("".join(lines))

    @MARKS.documented("hatype", "-value type attribute: the value of one static attribute", HATYPE_1M)
    def _type_value(self, _node: str, words: list[str]) -> Answer:
        name, attribute = arguments("hatype", words, 2).words
        self._type(name)
        self._static(name, attribute)
        return value_line(self.static_value(name, attribute))

    @MARKS.documented("hatype", "-resources type: its resources", HATYPE_1M)
    def _type_resources(self, _node: str, words: list[str]) -> Answer:
        name = arguments("hatype", words, 1).words[0]
        self._type(name)
        found = sorted(key for key, resource in self.state["resources"].items() if resource["type"] == name)
        return plain("".join(f"{resource}\n" for resource in found))

    # -- haattr --------------------------------------------------------------------------------------------------

    def _read_attribute(self, words: list[str]) -> tuple[str, str, Attribute]:
        rest = list(words[1:])
        static, temporary = rest[:1] == ["-static"], rest[:1] == ["-temp"]
        if static or temporary:
            rest.pop(0)
        if len(rest) < 2 or rest[0].startswith("-") or rest[1].startswith("-"):
            raise usage("haattr", words)
        resource_type, name = rest[:2]
        rest = rest[2:]
        kind = KINDS[rest.pop(0)] if rest and rest[0] in KINDS else "string"
        dimension = DIMENSIONS[rest.pop(0)] if rest and rest[0] in DIMENSIONS else "scalar"
        default = empty_value(kind, dimension)
        if any(word.startswith("-") for word in rest):
            raise usage("haattr", words)
        if rest:
            default = read_value("haattr", words, name, Attribute(kind, dimension), rest)
        return resource_type, name, Attribute(kind, dimension, default, static, temporary)

    @MARKS.documented("haattr", "-add [-static | -temp] type attribute [value type] [dimension] [default]", HAATTR_1M)
    @MARKS.documented("haattr", "-add: new resources of the type have the attribute", HAATTR_1M)
    @MARKS.assumed("haattr", "-add: resources that there are get the attribute too")
    @MARKS.assumed("haattr", "-add: string and scalar when it does not say; an attribute that exists is refused")
    def _attribute_add(self, node: str, words: list[str]) -> Answer:
        resource_type, name, attribute = self._read_attribute(words)
        self.write(node, "haattr", words)
        found = self._type(resource_type)
        if name in found["attributes"] or name in STATIC_ATTRIBUTES or name in predefined("resource"):
            raise error(UNKNOWN, f"Attribute {name} already exists")
        found["attributes"][name] = attribute.stored()
        if not attribute.static:
            for resource in self.state["resources"].values():
                if resource["type"] == resource_type:
                    resource["attributes"][name] = attribute.default
        return Answer()

    @MARKS.documented("haattr", "-default type attribute default", HAATTR_1M)
    @MARKS.assumed("haattr", "-default: resources that there are keep their values")
    def _attribute_default(self, node: str, words: list[str]) -> Answer:
        given = arguments("haattr", words, (3, 999))
        self.write(node, "haattr", words)
        resource_type, name = given.words[:2]
        own = self._type(resource_type)["attributes"]
        if name not in own:
            raise self.no_attribute(name)
        own[name]["default"] = read_value("haattr", words, name, Attribute(**own[name]), given.words[2:])
        return Answer()

    @MARKS.documented("haattr", "-delete [-static | -temp] type attribute", HAATTR_1M)
    @MARKS.assumed("haattr", "-delete: resources of the type lose the attribute")
    def _attribute_delete(self, node: str, words: list[str]) -> Answer:
        given = arguments("haattr", words, 2, flags=["-static", "-temp"])
        self.write(node, "haattr", words)
        resource_type, name = given.words
        found = self._type(resource_type)
        stored = found["attributes"].get(name)
        if (
            stored is None
            or stored["static"] != ("-static" in given.flags)
            or stored["temporary"] != ("-temp" in given.flags)
        ):
            raise self.no_attribute(name)
        del found["attributes"][name]
        found["static"].pop(name, None)
        for resource in self.state["resources"].values():
            if resource["type"] == resource_type:
                for values in ("attributes", "local", "overridden"):
                    resource[values].pop(name, None)
        return Answer()

    @MARKS.documented("haattr", "-display {cluster | group | system | type}", HAATTR_1M)
    @MARKS.assumed("haattr", "-display: attribute, value type, dimension and default in columns; heartbeats have none")
    def _attribute_display(self, _node: str, words: list[str]) -> Answer:
        name = arguments("haattr", words, 1).words[0]
        if name in ("cluster", "group", "system"):
            known = predefined(name)
        else:
            self._type(name)
            known = {**STATIC_ATTRIBUTES, **self.definition(name)}
        rows = [
            [key, attribute.kind, attribute.dimension, shown(attribute.default)]
            for key, attribute in sorted(known.items())
        ]
        return plain(table(("Attribute", "Type", "Dimension", "Default"), rows, (24, 8, 12)))
