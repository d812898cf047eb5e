"""The simulated hares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from ..engine import Answer
from .attributes import NOT_OVERRIDABLE, STATIC_ATTRIBUTES, Attribute, Value, predefined, shown
from .commands import modification, plain, value_line
from .common import (
    HARES_1M,
    LITP,
    MARKS,
    TRANSCRIPTS,
    UNKNOWN,
    arguments,
    error,
    message,
    notice,
    table,
    usage,
    warning,
)
from .configuration import descendants
from .groups import GroupCommands
from .had import DISABLING

WIDTHS = (24, 22, 10)
LINKING = "VCS 4.1 User's Guide, Linking Resources"


class ResourceCommands(GroupCommands):
    """hares."""

    @MARKS.assumed(
        "hares", "-action, -refreshinfo, -flushinfo, -link -min and what is for global clusters is not played"
    )
    def hares(self, node: str, words: list[str], _stdin: str | None) -> Answer:
        """Resources."""
        verbs: dict[str, Callable[[str, list[str]], Answer]] = {
            "-add": self._resource_add,
            "-clear": self._resource_clear,
            "-delete": self._resource_delete,
            "-dep": self._resource_dep,
            "-display": self._resource_display,
            "-global": self._resource_global,
            "-link": self._resource_link,
            "-list": self._resource_list,
            "-local": self._resource_local,
            "-modify": self._resource_modify,
            "-offline": self._resource_offline,
            "-offprop": self._resource_offprop,
            "-online": self._resource_online,
            "-override": self._resource_override,
            "-probe": self._resource_probe,
            "-state": self._resource_state_table,
            "-undo_override": self._resource_undo_override,
            "-unlink": self._resource_unlink,
            "-value": self._resource_value,
            "-wait": self._resource_wait,
        }
        if not words or words[0] not in verbs:
            raise usage("hares", words)
        self.ask(node)
        return verbs[words[0]](node, words)

    @MARKS.documented("hares", "10260: the resource does not exist", LITP)
    @MARKS.documented("hares", "40130: Resource X does not exist in the local cluster (-display)", LITP)
    @MARKS.assumed("hares", "which of the two numbers the other forms give for a resource that does not exist")
    def _resource(self, name: str, verb: str) -> dict[str, Any]:
        if name not in self.state["resources"]:
            if verb in ("-display", "-state", "-value", "-wait"):
                raise error(40130, f"Resource {name} does not exist in the local cluster")
            raise error(10260, f"Resource {name} does not exist")
        return cast(dict[str, Any], self.state["resources"][name])

    def _resource_system(self, resource: str, system: str) -> str:
        return self._group_system(self.state["resources"][resource]["group"], system)

    # -- configuration -------------------------------------------------------------------------------------------

    @MARKS.documented("hares", "-add resource type group: prints notice 10242 on success", TRANSCRIPTS)
    @MARKS.documented("hares", "-add: Enabled is 0 until it is set", HARES_1M)
    @MARKS.documented(
        "hares",
        "-add: names of resources are unique in the cluster",
        "VCS 4.1 User's Guide, Modifying Resource Attributes",
    )
    @MARKS.assumed("hares", "-add: texts and numbers for a name that is taken and a type that is unknown")
    def _resource_add(self, node: str, words: list[str]) -> Answer:
        name, resource_type, group = arguments("hares", words, 3).words
        self.write(node, "hares", words)
        if name in self.state["resources"]:
            raise error(UNKNOWN, f"Resource {name} already exists")
        if resource_type not in self.state["types"]:
            raise error(UNKNOWN, f"Resource type {resource_type} does not exist")
        self._group(group, "-modify")
        found = {"type": resource_type, "group": group, "attributes": {}, "local": {}, "overridden": {}}
        self.state["resources"][name] = self.new_resource(found)
        self.place_resources()
        text = "Resource added. Enabled attribute must be set before agent monitors"
        return Answer(0, "", message("NOTICE", 10242, text))

    @MARKS.documented(
        "hares",
        "-delete [-force]: with DeleteOnlineResource 1, the default, an online resource leaves the "
        "configuration and its application goes on",
        HARES_1M,
    )
    @MARKS.assumed("hares", "-delete: refused while the resource has dependencies, and while it is on its way")
    def _resource_delete(self, node: str, words: list[str]) -> Answer:
        given = arguments("hares", words, 1, flags=["-force"])
        self.write(node, "hares", words)
        name = given.words[0]
        found = self._resource(name, "-delete")
        if self.parents(name) or self.children(name):
            raise error(UNKNOWN, f"Resource {name} has dependencies")
        if any(place["goal"] for place in found["on"].values()):
            raise error(UNKNOWN, f"Resource {name} is going online or offline")
        online = not self.persistent(name) and any(place["state"] == "ONLINE" for place in found["on"].values())
        if online and self.state["cluster"]["DeleteOnlineResource"] != "1" and "-force" not in given.flags:
            raise error(UNKNOWN, f"Resource {name} is online")
        if self.state["running"].get(name):
            self.state["leaked"][name] = found["group"]
        else:
            self.state["running"].pop(name, None)
        del self.state["resources"][name]
        return Answer()

    def _own_attribute(self, resource: str, name: str) -> Attribute | None:
        resource_type = self.state["resources"][resource]["type"]
        known = {**STATIC_ATTRIBUTES, **predefined("resource"), **self.definition(resource_type)}
        return known.get(name)

    def _is_static(self, resource: str, name: str) -> bool:
        attribute = self._own_attribute(resource, name)
        return attribute is not None and (attribute.static or name in STATIC_ATTRIBUTES)

    @MARKS.documented(
        "hares",
        "-modify of a static attribute fails unless it is overridden",
        "Cluster Server 4.1 Agent Developer's Guide, Overriding Static Attributes",
    )
    @MARKS.documented(
        "hares",
        "-modify resource attribute value [-sys system] [-wait [-time seconds]]",
        "VCS 4.1 User's Guide, Modifying Resource Attributes",
    )
    @MARKS.assumed("hares", "-modify: -sys only after -local, and then always")
    def _resource_modify(self, node: str, words: list[str]) -> Answer:
        name, rest, options = modification("hares", words)
        self.write(node, "hares", words)
        found = self._resource(name, "-modify")
        attribute_name, system = rest[0], options.get("-sys")
        attribute = self._own_attribute(name, attribute_name)
        local = found["local"].get(attribute_name)
        if self._is_static(name, attribute_name) and attribute_name not in found["overridden"]:
            raise error(UNKNOWN, f"Attribute {attribute_name} is static and not overridden for resource {name}")
        if (system is None) != (local is None):
            raise error(UNKNOWN, f"Attribute {attribute_name} of {name} is {'local' if local else 'global'}")
        if system is not None:
            self._resource_system(name, system)
        current = (
            self.resource_value(name, attribute_name, system or node) if attribute and not attribute.system else ""
        )
        new = self.change("hares", words, attribute_name, attribute, current, rest[1:])
        if attribute_name == "Enabled":
            self.set_resource_enabled(name, new == "1", system)
        elif local is not None:
            local[system] = new
        else:
            found["overridden" if attribute_name in found["overridden"] else "attributes"][attribute_name] = new
        return Answer()

    @MARKS.documented(
        "hares",
        "-modify Enabled 0: only of a resource that is offline, and of a persistent one whose parents are",
        DISABLING,
    )
    def set_resource_enabled(self, resource: str, enabled: bool, system: str | None) -> None:
        """Set Enabled, on a system if the attribute is local."""
        found = self.state["resources"][resource]
        systems = [system] if system is not None else list(found["on"])
        if not enabled:
            checked = self.parents(resource) if self.persistent(resource) else [resource]
            for name in checked:
                for place in systems:
                    if self.on(name, place)["state"] == "ONLINE" or self.on(name, place)["goal"] is not None:
                        raise error(
                            UNKNOWN, f"Resource {resource} cannot be disabled: {name} is not offline on {place}"
                        )
        if system is not None:
            found["local"]["Enabled"][system] = "1" if enabled else "0"
        else:
            found["local"].pop("Enabled", None)
            found["attributes"]["Enabled"] = "1" if enabled else "0"
        for place in systems:
            if not enabled:
                found["on"][place].update(state="OFFLINE", probed=False, doing=None, until=None, admin_wait=False)

    @MARKS.documented(
        "hares",
        "-local: the attribute has a value for each system of SystemList",
        "VCS 5.0 User's Guide, Defining attributes as local",
    )
    @MARKS.assumed("hares", "-local: each system begins with the value that the attribute had; not for static ones")
    def _resource_local(self, node: str, words: list[str]) -> Answer:
        name, attribute_name = arguments("hares", words, 2).words
        self.write(node, "hares", words)
        found = self._resource(name, "-local")
        attribute = self._own_attribute(name, attribute_name)
        if attribute is None:
            raise self.no_attribute(attribute_name)
        if attribute.system or self._is_static(name, attribute_name):
            raise error(UNKNOWN, f"Attribute {attribute_name} cannot be made local")
        value = found["attributes"][attribute_name]
        if attribute_name not in found["local"]:
            found["local"][attribute_name] = dict.fromkeys(found["on"], value)
        return Answer()

    @MARKS.documented("hares", "-global resource attribute value", HARES_1M)
    def _resource_global(self, node: str, words: list[str]) -> Answer:
        name, rest, options = modification("hares", words)
        if options:
            raise usage("hares", words)
        self.write(node, "hares", words)
        found = self._resource(name, "-global")
        attribute = self._own_attribute(name, rest[0])
        if self._is_static(name, rest[0]):
            raise error(UNKNOWN, f"Attribute {rest[0]} is global")
        new = self.change("hares", words, rest[0], attribute, found["attributes"].get(rest[0], ""), rest[1:])
        if rest[0] == "Enabled":
            self.set_resource_enabled(name, new == "1", None)
        found["local"].pop(rest[0], None)
        found["attributes"][rest[0]] = new
        return Answer()

    @MARKS.documented("hares", "-override and -undo_override resource static_attribute", HARES_1M)
    @MARKS.documented("hares", "-override: 13322 for what is not static, and for what is overridden already", LITP)
    @MARKS.assumed(
        "hares", "-override: attributes of the agent as a whole cannot be overridden; the value is the type's"
    )
    def _resource_override(self, node: str, words: list[str]) -> Answer:
        name, attribute_name = arguments("hares", words, 2).words
        self.write(node, "hares", words)
        found = self._resource(name, "-override")
        if not self._is_static(name, attribute_name) or attribute_name in NOT_OVERRIDABLE:
            raise error(13322, f"{attribute_name} is not a static attribute that can be overridden")
        if attribute_name in found["overridden"]:
            raise warning(13322, f"{attribute_name} is already overridden")
        found["overridden"][attribute_name] = self.static_value(found["type"], attribute_name)
        return Answer()

    @MARKS.assumed("hares", "-undo_override of what is not overridden is refused with 13322")
    def _resource_undo_override(self, node: str, words: list[str]) -> Answer:
        name, attribute_name = arguments("hares", words, 2).words
        self.write(node, "hares", words)
        found = self._resource(name, "-undo_override")
        if attribute_name not in found["overridden"]:
            raise warning(13322, f"{attribute_name} is not overridden")
        del found["overridden"][attribute_name]
        return Answer()

    @MARKS.documented("hares", "-link parent child: 10905 when the dependency exists", LITP)
    @MARKS.documented(
        "hares", "-link: cycles, links between groups and parents that are persistent or OnOnly are refused", LINKING
    )
    @MARKS.assumed("hares", "-link: refused while the parent is online and the child is not")
    def _resource_link(self, node: str, words: list[str]) -> Answer:
        parent, child = arguments("hares", words, 2).words
        self.write(node, "hares", words)
        above, below = self._resource(parent, "-link"), self._resource(child, "-link")
        if [parent, child] in self.state["links"]:
            raise warning(10905, f"Dependency between '{parent}' and '{child}' already exists")
        if above["group"] != below["group"]:
            raise error(UNKNOWN, f"Resources {parent} and {child} are in different groups")
        if self.static_value(above["type"], "Operations") != "OnOff":
            raise error(UNKNOWN, f"Resource {parent} is persistent or OnOnly and cannot be a parent")
        if parent == child or parent in descendants(self.state["links"], child):
            raise error(UNKNOWN, f"Dependency between '{parent}' and '{child}' would be a cycle")
        for system, place in above["on"].items():
            if place["state"] == "ONLINE" and below["on"][system]["state"] != "ONLINE":
                raise error(UNKNOWN, f"Resource {parent} is online on system {system}, {child} is not")
        self.state["links"].append([parent, child])
        return Answer()

    @MARKS.documented("hares", "-unlink parent child", HARES_1M)
    @MARKS.assumed("hares", "-unlink of what is not linked is refused")
    def _resource_unlink(self, node: str, words: list[str]) -> Answer:
        parent, child = arguments("hares", words, 2).words
        self.write(node, "hares", words)
        self._resource(parent, "-unlink")
        self._resource(child, "-unlink")
        if [parent, child] not in self.state["links"]:
            raise warning(UNKNOWN, f"Dependency between '{parent}' and '{child}' does not exist")
        self.state["links"].remove([parent, child])
        return Answer()

    # -- operation -----------------------------------------------------------------------------------------------

    def _act_on(self, node: str, words: list[str], flags: Sequence[str]) -> tuple[str, str, frozenset[str]]:
        given = arguments("hares", words, 1, flags=flags, single=["-sys"])
        name, system = given.words[0], given.value("-sys")
        if system is None:
            raise usage("hares", words)
        self.act(node, "hares", words)
        self._resource(name, words[0])
        self._resource_system(name, system)
        return name, system, given.flags

    @MARKS.documented("hares", "a disabled resource can be neither brought online nor taken offline", DISABLING)
    @MARKS.documented(
        "hares",
        "a persistent resource can be neither brought online nor taken offline",
        "Cluster Server 7.1 Administrator's Guide, Categories of resources",
    )
    @MARKS.assumed("hares", "texts and numbers for resources that are disabled, persistent or not probed")
    def _check_operable(self, resource: str, system: str) -> None:
        if self.state["nodes"][system]["state"] != "RUNNING":
            raise error(10200, f"System {system} is not available")
        if self.persistent(resource):
            raise error(UNKNOWN, f"Resource {resource} is persistent")
        if not self.enabled(resource, system):
            raise error(UNKNOWN, f"Resource {resource} is not enabled")
        if not self.on(resource, system)["probed"]:
            raise error(UNKNOWN, f"Resource {resource} is not probed on system {system}")
        self.check_actable(self.state["resources"][resource]["group"], [system])

    @MARKS.documented("hares", "-online [-force] resource -sys system", HARES_1M)
    @MARKS.documented("hares", "-online: 10284 when it is faulted there", LITP)
    @MARKS.documented("hares", "-online: 10286 when the group is not offline elsewhere", LITP)
    @MARKS.assumed("hares", "-online: what the resource depends on comes online with it")
    @MARKS.assumed("hares", "-online of a resource that is online does nothing; -force does no more")
    def _resource_online(self, node: str, words: list[str]) -> Answer:
        name, system, _flags = self._act_on(node, words, ["-force"])
        group = self.state["resources"][name]["group"]
        self._check_operable(name, system)
        for needed in [name, *descendants(self.state["links"], name)]:
            if self.enabled(needed, system) and self.on(needed, system)["state"] == "FAULTED":
                text = f"Cannot online a faulted resource:Clear the faulted resource on system {system}."
                raise notice(10284, text)
        if not self.parallel(group) and any(other != system for other in self.active_systems(group)):
            raise error(10286, f"Cannot online resource {name}: its group is not offline elsewhere")
        if not self.group_enabled(group, system) or self.auto_disabled(group, system):
            raise error(UNKNOWN, f"Group {group} is disabled or auto-disabled")
        self.start_resource(name, system)
        self.state["groups"][group]["intent_online"] = True
        return Answer()

    @MARKS.documented("hares", "-offline [-ignoreparent | -parentprop] resource -sys system", HARES_1M)
    @MARKS.assumed("hares", "-offline: refused while a parent is online; -parentprop takes the parents along")
    def _resource_offline(self, node: str, words: list[str]) -> Answer:
        name, system, flags = self._act_on(node, words, ["-ignoreparent", "-parentprop"])
        if len(flags) > 1:
            raise usage("hares", words)
        self._check_operable(name, system)
        above = descendants([[link[1], link[0]] for link in self.state["links"]], name)
        online = [parent for parent in above if self.on(parent, system)["state"] == "ONLINE"]
        if "-parentprop" in flags:
            for parent in online:
                self.stop_resource(parent, system)
        elif online and "-ignoreparent" not in flags:
            raise error(UNKNOWN, f"Resource {online[0]} depends on resource {name} and is online")
        self.stop_resource(name, system)
        self.on(name, system)["alone"] = "-ignoreparent" in flags and self.on(name, system)["goal"] == "offline"
        return Answer()

    @MARKS.documented("hares", "-offprop [-ignoreparent] resource -sys system", HARES_1M)
    @MARKS.assumed("hares", "-offprop: what the resource depends on goes offline after it")
    def _resource_offprop(self, node: str, words: list[str]) -> Answer:
        flags = ["-ignoreparent"] if "-ignoreparent" in words else []
        system = arguments("hares", words, 1, flags=["-ignoreparent"], single=["-sys"]).value("-sys")
        answer = self._resource_offline(node, ["-offline", *flags, *(word for word in words[1:] if word not in flags)])
        name = arguments("hares", words, 1, flags=["-ignoreparent"], single=["-sys"]).words[0]
        for child in descendants(self.state["links"], name):
            self.stop_resource(child, str(system))
        return answer

    @MARKS.documented("hares", "-clear resource [-sys system]: 10267 when it is not faulted", LITP)
    def _resource_clear(self, node: str, words: list[str]) -> Answer:
        given = arguments("hares", words, 1, single=["-sys"])
        self.act(node, "hares", words)
        name, system = given.words[0], given.value("-sys")
        found = self._resource(name, "-clear")
        systems = [self._resource_system(name, system)] if system else list(found["on"])
        # Each system is cleared, not only the first.
        cleared = [place for place in systems if self.clear_resource(name, place)]
        if not cleared:
            raise warning(10267, "Resource not faulted or group in the process of failing over")
        return Answer()

    @MARKS.documented("hares", "-probe resource -sys system", HARES_1M)
    @MARKS.assumed("hares", "-probe: the next monitor runs at once, which the agents here do anyway")
    def _resource_probe(self, node: str, words: list[str]) -> Answer:
        name, system, _flags = self._act_on(node, words, [])
        if not self.enabled(name, system):
            raise error(UNKNOWN, f"Resource {name} is not enabled")
        return Answer()

    # -- queries -------------------------------------------------------------------------------------------------

    def printed_value(self, resource: str, name: str, system: str) -> Value:
        """An attribute of a resource as it is on a system."""
        place = self.on(resource, system)
        if name == "State":
            return self.resource_state(resource, system)
        if name == "Probed":
            return "1" if place["probed"] else "0"
        if name == "IState":
            return self.internal_state(resource, system)
        if self._own_attribute(resource, name) is None:
            raise self.no_attribute(name)
        if self._is_static(resource, name) and name not in self.state["resources"][resource]["overridden"]:
            raise self.no_attribute(name)
        return self.resource_value(resource, name, system)

    @MARKS.assumed(
        "hares", "IState: not waiting, waiting to go online, waiting for children online, waiting to go offline"
    )
    def internal_state(self, resource: str, system: str) -> str:
        """What a resource waits for."""
        place = self.on(resource, system)
        if place["goal"] == "online":
            return "waiting to go online" if place["doing"] == "online" else "waiting for children online"
        return "waiting to go offline" if place["goal"] == "offline" else "not waiting"

    def _names(self, resource: str) -> list[str]:
        found = self.state["resources"][resource]
        return sorted({*found["attributes"], *found["overridden"], "IState", "Probed", "State", "Group", "Type"})

    def _rows(self, resource: str, names: Sequence[str], systems: Sequence[str]) -> list[list[str]]:
        found = self.state["resources"][resource]
        rows = []
        for name in names:
            if name in ("Group", "Type"):
                rows.append([resource, name, "global", found[name.lower()]])
            elif name in found["local"] or name in ("IState", "Probed", "State"):
                for system in found["on"]:
                    if not systems or system in systems:
                        rows.append([resource, name, system, shown(self.printed_value(resource, name, system))])
            elif name in found["overridden"] or name in found["attributes"]:
                value = found["overridden"].get(name, found["attributes"].get(name))
                rows.append([resource, name, "global", shown(value)])
        return rows

    @MARKS.assumed("hares", "a query without resources is refused, with text and number that are not known")
    def _resources_named(self, names: Sequence[str], verb: str) -> list[str]:
        for name in names:
            self._resource(name, verb)
        if not self.state["resources"]:
            raise warning(UNKNOWN, "No Resources are configured")
        return list(names) or sorted(self.state["resources"])

    @MARKS.documented("hares", "-display: four columns; State has no outer bars", LITP)
    @MARKS.documented("hares", "-display [resource(s)] [-attribute ...] [-group ...] [-type ...] [-sys ...]", HARES_1M)
    @MARKS.documented(
        "hares",
        "-display: overridden static attributes are shown, others are the type's",
        "Cluster Server 4.1 Agent Developer's Guide, Overriding Static Attributes",
    )
    @MARKS.assumed("hares", "-display -ovalues: the overridden attributes alone; order of attributes; Group and Type")
    def _resource_display(self, _node: str, words: list[str]) -> Answer:
        several = ["-attribute", "-group", "-type", "-sys"]
        given = arguments("hares", words, (0, 999), flags=["-ovalues"], several=several)
        rows: list[list[str]] = []
        for name in self._resources_named(given.words, "-display"):
            found = self.state["resources"][name]
            if found["group"] not in given.values.get("-group", [found["group"]]):
                continue
            if found["type"] not in given.values.get("-type", [found["type"]]):
                continue
            names = given.values.get("-attribute") or self._names(name)
            if "-ovalues" in given.flags:
                names = sorted(found["overridden"])
            rows += self._rows(name, names, given.values.get("-sys", []))
        return plain(table(("Resource", "Attribute", "System", "Value"), rows, WIDTHS))

    @MARKS.documented("hares", "-state [resource -sys system]", HARES_1M)
    @MARKS.assumed("hares", "-state of one resource on one system prints the state alone, else the table of -display")
    def _resource_state_table(self, _node: str, words: list[str]) -> Answer:
        given = arguments("hares", words, (0, 999), several=["-sys"])
        names = self._resources_named(given.words, "-state")
        systems = given.values.get("-sys", [])
        for system in systems:
            for name in given.words:
                self._resource_system(name, system)
        rows = [row for name in names for row in self._rows(name, ["State"], systems)]
        if len(given.words) == 1 and len(systems) == 1:
            return plain(rows[0][3] + "\n")
        return plain(table(("Resource", "Attribute", "System", "Value"), rows, WIDTHS))

    @MARKS.documented("hares", "-list [conditional(s)]", HARES_1M)
    @MARKS.assumed("hares", "-list: a resource and a system on each line; conditions on Group and Type as well")
    def _resource_list(self, _node: str, words: list[str]) -> Answer:
        lines = []
        for name in self._resources_named([], "-list"):
            found = self.state["resources"][name]
            systems = list(found["on"])

            def value(attribute: str, name: str = name, found: Any = found, systems: list[str] = systems) -> str:
                if attribute in ("Group", "Type"):
                    return str(found[attribute.lower()])
                if not systems:
                    return shown(found["attributes"].get(attribute, ""))
                return shown(self.printed_value(name, attribute, systems[0]))

            if self.meets("hares", words, words[1:], value):
                lines += [f"{name:<23} {system}\n" for system in systems]
        return plain("".join(lines))

    @MARKS.documented("hares", "-value resource attribute [system]", HARES_1M)
    @MARKS.assumed("hares", "-value without a system: that of the system on which it is asked")
    def _resource_value(self, node: str, words: list[str]) -> Answer:
        given = arguments("hares", words, (2, 3))
        name, attribute = given.words[:2]
        found = self._resource(name, "-value")
        if attribute in ("Group", "Type"):
            return value_line(found[attribute.lower()])
        if len(given.words) == 3:
            return value_line(self.printed_value(name, attribute, self._resource_system(name, given.words[2])))
        if attribute in found["attributes"] and attribute not in found["local"]:
            return value_line(found["attributes"][attribute])
        return value_line(self.printed_value(name, attribute, self._resource_system(name, node)))

    @MARKS.documented("hares", "-dep: group, parent and child; 50034 when there are none", LITP)
    def _resource_dep(self, _node: str, words: list[str]) -> Answer:
        given = arguments("hares", words, (0, 999))
        for name in given.words:
            self._resource(name, "-dep")
        links = [link for link in self.state["links"] if not given.words or set(link) & set(given.words)]
        if not links:
            raise warning(50034, "No Resource dependencies are configured")
        rows = [[self.state["resources"][parent]["group"], parent, child] for parent, child in links]
        return plain(table(("Group", "Parent", "Child"), rows, (13, 28)))

    def _resource_wait(self, node: str, words: list[str]) -> Answer:
        given = arguments("hares", words, 3, single=["-sys", "-time"])
        name, attribute, wanted = given.words
        self._resource(name, "-wait")
        system = self._resource_system(name, given.value("-sys") or node)
        self.printed_value(name, attribute, system)

        def value() -> str:
            if name not in self.state["resources"]:
                return ""
            return shown(self.printed_value(name, attribute, system))

        return self.wait_for(value, wanted, given.value("-time"), words)
