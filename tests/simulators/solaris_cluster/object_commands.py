"""The object-oriented command set of 3.2 and later: clrt, clrg, clrs, clrslh, clnode, clquorum and cluster."""

from __future__ import annotations

import getopt
from collections.abc import Callable, Iterable, Mapping, Sequence
from xml.sax.saxutils import quoteattr

from ..behaviour import Marks
from ..engine import Answer, Refusal
from .original_commands import OriginalCommands, Usage, assignments, names, printed
from .sources import CLRG, CLRS, CLRSLH, CLRT, HOW_TO_REPORT, NAGIOS
from .state import DEPENDENCIES, Rejection

MARKS = Marks("solaris_cluster")

_STATUS = {
    "not in cluster": 1,
    "usage": 3,
    "invalid": 3,
    "node": 3,
    "depend": 8,
    "state": 9,
    "method": 10,
    "property": 15,
    "no group": 36,
    "no type": 36,
    "no resource": 36,
    "no registration file": 36,
    "busy": 38,
    "type exists": 39,
    "group exists": 39,
    "resource exists": 39,
}

Options = dict[str, list[str]]

#: Of each command the subcommands, their options, and whether they have operands: none, some, or some or ``+``.
_NONE, _SOME, _ALL = "none", "some", "all"
_TYPES: Mapping[str, tuple[str, str]] = {
    "add-node": ("n:", _ALL),
    "list": ("n:", _ALL),
    "register": ("f:n:N", _SOME),
    "remove-node": ("n:", _ALL),
    "set": ("n:Np:", _ALL),
    "show": ("n:", _ALL),
    "unregister": ("", _ALL),
}
_GROUPS: Mapping[str, tuple[str, str]] = {
    "add-node": ("n:", _ALL),
    "create": ("Sn:p:", _SOME),
    "delete": ("F", _ALL),
    "evacuate": ("n:T:", _ALL),
    "export": ("o:", _ALL),
    "list": ("n:r:s:t:", _ALL),
    "manage": ("", _ALL),
    "offline": ("n:", _ALL),
    "online": ("emMn:", _ALL),
    "quiesce": ("k", _ALL),
    "remaster": ("", _ALL),
    "remove-node": ("n:", _ALL),
    "restart": ("n:", _ALL),
    "resume": ("", _ALL),
    "set": ("n:p:", _ALL),
    "show": ("n:p:r:t:", _ALL),
    "status": ("n:r:s:t:", _ALL),
    "suspend": ("k", _ALL),
    "switch": ("emMn:", _ALL),
    "unmanage": ("", _ALL),
}
_RESOURCES: Mapping[str, tuple[str, str]] = {
    "clear": ("f:g:n:t:", _ALL),
    "create": ("dg:p:t:x:y:", _SOME),
    "delete": ("Fg:t:", _ALL),
    "disable": ("Rg:n:rt:", _ALL),
    "enable": ("Rg:n:rt:", _ALL),
    "export": ("o:", _ALL),
    "list": ("g:s:t:", _ALL),
    "list-props": ("l:p:t:", _ALL),
    "monitor": ("g:n:t:", _ALL),
    "set": ("g:p:t:x:y:", _ALL),
    "show": ("g:p:t:x:y:", _ALL),
    "status": ("g:n:s:t:", _ALL),
    "unmonitor": ("g:n:t:", _ALL),
}
_HOST_NAMES: Mapping[str, tuple[str, str]] = {
    **{name: form for name, form in _RESOURCES.items() if name != "clear"},
    "create": ("N:dg:h:p:", _SOME),
}
_NODES: Mapping[str, tuple[str, str]] = {
    "evacuate": ("T:", _SOME),
    "list": ("", _ALL),
    "show": ("p:", _ALL),
    "status": ("", _ALL),
}
_QUORUM: Mapping[str, tuple[str, str]] = {"list": ("", _ALL), "status": ("", _ALL)}
_CLUSTER: Mapping[str, tuple[str, str]] = {
    "export": ("o:", _NONE),
    "list": ("", _NONE),
    "show": ("t:", _NONE),
    "status": ("t:", _NONE),
}


def table(titles: Sequence[str], blocks: Iterable[Sequence[Sequence[str]]]) -> str:
    """A table whose columns are as wide as their longest value, with an empty line between blocks."""
    rows = [list(block) for block in blocks]
    everything = [titles, *(row for block in rows for row in block)]
    widths = [max(len(row[column]) for row in everything) for column in range(len(titles))]

    def line(cells: Sequence[str]) -> str:
        return "   ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip() + "\n"

    head = line(titles) + line(["-" * len(title) for title in titles])
    return head + "\n".join("".join(line(row) for row in block) for block in rows)


def listed(label: str, value: str, indent: int) -> str:
    """A line of show: label, colon, and the value in its column."""
    return f"{' ' * indent}{label + ':':<48} {value}".rstrip() + "\n"


class ObjectCommands(OriginalCommands):
    """The commands that came with 3.2."""

    @MARKS.assumed(
        "clrs", "exit statuses: 36 for what is not there, 39 for what is there already, else as scha_calls(3HA)"
    )
    @MARKS.assumed("clrs", "the words of every refusal, and their form (Cnnnnnn)")
    @MARKS.documented("clrs", "subcommand, options, operands; + is all objects; every option of the manual page", CLRS)
    @MARKS.assumed("clrs", "the long forms of options are refused, though the manual pages have them")
    def _object(
        self,
        program: str,
        node: str,
        arguments: Sequence[str],
        forms: Mapping[str, tuple[str, str]],
        play: Callable[[str, Options, list[str]], Answer | None],
    ) -> Answer:
        try:
            self.require_cluster(node)
            subcommand = arguments[0] if arguments else ""
            if subcommand not in forms:
                raise Usage(f"unknown subcommand {subcommand}")
            letters, operands_wanted = forms[subcommand]
            try:
                given, operands = getopt.getopt(list(arguments[1:]), letters + "v")
            except getopt.GetoptError as error:
                raise Usage(error.msg) from None
            options: Options = {}
            for option, value in given:
                options.setdefault(option[1:], []).append(value)
            queries = ("list", "list-props", "show", "status", "export")
            if operands_wanted == _NONE and operands:
                raise Usage("no operands are expected")
            if operands_wanted != _NONE and not operands and subcommand not in queries:
                raise Usage("operands are missing")
            if "+" in operands and (operands != ["+"] or operands_wanted == _SOME):
                raise Usage("+ does not go here")
            return play(subcommand, options, operands) or Answer()
        except Usage as usage:
            raise Refusal(_STATUS["usage"], f"{program}:  (C000000) {usage}\nusage: see {program}(1CL)\n") from None
        except Rejection as rejection:
            raise Refusal(_STATUS[rejection.kind], f"{program}:  (C000000) {rejection}\n") from None

    def _outcome(self, program: str, failed: Sequence[str]) -> Answer:
        return Answer(
            _STATUS["state"] if failed else 0, "", "".join(f"{program}:  (C000000) {words}\n" for words in failed)
        )

    # -- clrt --------------------------------------------------------------------------------------------------

    @MARKS.documented("clrt", "subcommands and options of the manual page", CLRT)
    def clrt(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002 - see Simulator
        """Play clrt (clresourcetype)."""
        return self._object("clrt", node, arguments, _TYPES, self._clrt)

    @MARKS.documented("clrt", "list prints one full name on a line", "a published how-to for Sun Cluster 3.2")
    @MARKS.assumed("clrt", "show prints name, description, version, nodes and whether it is a system type")
    def _clrt(self, subcommand: str, options: Options, operands: list[str]) -> Answer | None:
        nodes = names(options, "n")
        if subcommand == "register":
            if "n" in options and "N" in options:
                raise Usage("-n or -N")
            for name in operands:
                self.register_type(name, nodes, options["f"][0] if "f" in options else None)
            return None
        every = operands in ([], ["+"])
        chosen = list(self.state["types"]) if every else [self.registered_type(name) for name in operands]
        if subcommand == "list":
            return Answer(stdout="".join(f"{name}\n" for name in chosen))
        if subcommand == "show":
            return Answer(stdout="=== Registered Resource Types ===\n\n" + "\n".join(map(self._show_type, chosen)))
        for name in chosen:
            if subcommand == "unregister":
                self.unregister_type(name)
                continue
            installed = self.state["types"][name]["nodes"] or list(self.nodes)
            if subcommand == "add-node":
                nodes = [*installed, *(node for node in names(options, "n") if node not in installed)]
            elif subcommand == "remove-node":
                nodes = [node for node in installed if node not in names(options, "n")]
            elif any(key.lower() != "rt_system" for key in assignments(options, "p")):
                raise Rejection("property", "only RT_system can be changed")
            self.set_type_nodes(name, nodes)
        return None

    def _show_type(self, name: str) -> str:
        declared = self.available[name.partition(":")[0]]
        return listed("Resource Type", name, 0) + "".join(
            listed(label, value, 2)
            for label, value in (
                ("RT_description", declared.description),
                ("RT_version", declared.version),
                ("API_version", str(declared.api_version)),
                ("RT_basedir", declared.base_directory),
                ("Single_instance", "False"),
                ("Proxy", "False"),
                ("Init_nodes", "All potential masters"),
                ("Installed_nodes", " ".join(self.state["types"][name]["nodes"]) or "<All>"),
                ("Failover", "False"),
                ("Pkglist", declared.packages),
                ("RT_system", str(declared.system)),
            )
        )

    # -- clrg --------------------------------------------------------------------------------------------------

    @MARKS.documented("clrg", "subcommands and options of the manual page", CLRG)
    def clrg(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002 - see Simulator
        """Play clrg (clresourcegroup)."""
        return self._object("clrg", node, arguments, _GROUPS, self._clrg)

    @MARKS.documented("clrg", "create -n node,node -p name=value, for several groups; -S: scalable", CLRG)
    @MARKS.assumed("clrg", "delete -F takes the group offline and deletes its resources")
    def _clrg(self, subcommand: str, options: Options, operands: list[str]) -> Answer | None:
        nodes = names(options, "n")
        if subcommand == "create":
            properties = assignments(options, "p")
            if "S" in options:
                properties = {"RG_mode": "Scalable", **properties}
            for name in operands:
                self.create_group(name, nodes, properties)
            return None
        chosen = list(self.state["groups"]) if operands in ([], ["+"]) else operands
        for name in chosen:
            self.group(name)
        if subcommand in ("list", "show", "status", "export"):
            return Answer(stdout=self._query_groups(subcommand, options, chosen))
        if subcommand in ("set", "add-node", "remove-node", "delete"):
            failed = [words for name in chosen for words in self._change_group(subcommand, name, options)]
            return self._outcome("clrg", failed)
        if "n" not in options and subcommand in ("switch", "evacuate"):
            raise Usage("-n is missing")
        seconds = options.get("T", ["60"])[0]
        if not seconds.isdigit():
            raise Usage("-T takes seconds")
        how = {"manage": "M" in options, "enable": "e" in options, "monitor": "m" in options}
        perform: dict[str, Callable[[], list[str] | None]] = {
            "evacuate": lambda: self.evacuate(nodes, int(seconds), chosen),
            "manage": lambda: self.manage(chosen),
            "offline": lambda: self.offline(chosen, nodes),
            "online": lambda: self.online(chosen, nodes, **how),
            "quiesce": lambda: self.quiesce(chosen, "k" in options),
            "remaster": lambda: self.remaster(chosen),
            "restart": lambda: self.restart(chosen, nodes),
            "resume": lambda: self.suspend(chosen, False),
            "suspend": lambda: self.suspend(chosen, True, "k" in options),
            "switch": lambda: self.switch(chosen, nodes, **how),
            "unmanage": lambda: self.unmanage(chosen),
        }
        return self._outcome("clrg", perform[subcommand]() or [])

    def _change_group(self, subcommand: str, name: str, options: Options) -> list[str]:
        nodes = names(options, "n")
        current = self.group(name)["nodes"]
        if subcommand == "set":
            if not {"n", "p"} & set(options):
                raise Usage("nothing to change")
            self.set_group(name, nodes, assignments(options, "p"))
        elif subcommand == "delete":
            if "F" in options:
                failed = self.offline([name])
                failed = failed or self.delete_resources(list(self.group(name)["resources"]), force=True)
                if failed:
                    return failed
            self.delete_group(name)
        elif not nodes:
            raise Usage("-n is missing")
        elif subcommand == "add-node":
            self.set_group(name, [*current, *(node for node in nodes if node not in current)], {})
        elif set(current) <= set(nodes):
            raise Rejection("node", f"{name}: no nodes would be left")
        else:
            self.set_group(name, [node for node in current if node not in nodes], {})
        return []

    def _query_groups(self, subcommand: str, options: Options, chosen: Sequence[str]) -> str:
        if subcommand == "list":
            return self._list_groups(chosen, "v" in options)
        if subcommand == "status":
            return self._status_of_groups(chosen, names(options, "n"), names(options, "s"))
        if subcommand == "show":
            return self._show_groups(chosen, "v" in options, names(options, "p"))
        return self._export(options, groups=chosen)

    @MARKS.assumed("clrg", "list prints one name on a line, with -v also mode and state under two lines of titles")
    def _list_groups(self, chosen: Sequence[str], verbose: bool) -> str:
        if not verbose:
            return "".join(f"{name}\n" for name in chosen)
        rows = [
            (name, self.group(name)["mode"], "Managed" if self.group(name)["managed"] else "Unmanaged")
            for name in chosen
        ]
        return table(("Resource Group", "Mode", "Overall status"), [rows])

    @MARKS.documented("clrg", "status: title and columns; a group's name stands on its first line only", NAGIOS)
    @MARKS.assumed("clrg", "status: states of several words are joined by an underscore; -s filters by state")
    def _status_of_groups(self, chosen: Sequence[str], nodes: Sequence[str], states: Sequence[str]) -> str:
        blocks = []
        for name in chosen:
            group = self.group(name)
            rows = [
                (node, "Yes" if group["suspended"] else "No", self.group_state(name, node))
                for node in group["nodes"]
                if not nodes or node in nodes
            ]
            rows = [row for row in rows if not states or row[2].lower() in [state.lower() for state in states]]
            blocks.append([(name if i == 0 else "", *row) for i, row in enumerate(rows)])
        body = table(("Group Name", "Node Name", "Suspended", "Status"), [block for block in blocks if block])
        return f"=== Cluster Resource Groups ===\n\n{body}\n"

    @MARKS.documented(
        "clrg", "show: lines Name: value, Resource Group:, RG_state: Managed or Unmanaged, <NULL>", HOW_TO_REPORT
    )
    @MARKS.documented("clrg", "show -v: each Resource: with its Type: on the next line", HOW_TO_REPORT)
    @MARKS.assumed("clrg", "show: titles, order, indentation; -p shows the named properties alone")
    def _show_groups(self, chosen: Sequence[str], verbose: bool, only: Sequence[str]) -> str:
        found = "=== Resource Groups and Resources ===\n"
        wanted = [each.lower() for each in only]
        for name in chosen:
            group = self.group(name)
            properties = {
                "RG_description": group["properties"]["RG_description"] or "<NULL>",
                "RG_mode": group["mode"],
                "RG_state": "Managed" if group["managed"] else "Unmanaged",
                "Failback": group["properties"]["Failback"],
                "Nodelist": " ".join(group["nodes"]),
            }
            if verbose or wanted:
                for known in self.group_properties:
                    properties.setdefault(known.name, printed(group["properties"][known.name]) or "<NULL>")
            found += "\n" + listed("Resource Group", name, 0)
            found += "".join(
                listed(key, value, 2) for key, value in properties.items() if not wanted or key.lower() in wanted
            )
            if group["resources"] and not wanted:
                found += f"\n  --- Resources for Group {name} ---\n"
                for member in group["resources"]:
                    found += "\n" + self._show_resource(member, 2, verbose, ())
        return found

    # -- clrs and clrslh ---------------------------------------------------------------------------------------

    def clrs(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002 - see Simulator
        """Play clrs (clresource)."""
        return self._object("clrs", node, arguments, _RESOURCES, self._clrs)

    @MARKS.documented("clrslh", "the subcommands of clrs, for logical host names", CLRSLH)
    @MARKS.documented("clrslh", "create -g group -h host,host -N netif@node; -h may be left out", CLRSLH)
    @MARKS.assumed("clrslh", "without -h the host name is the resource's name")
    def clrslh(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002 - see Simulator
        """Play clrslh (clreslogicalhostname)."""
        return self._object("clrslh", node, arguments, _HOST_NAMES, self._host_names("SUNW.LogicalHostname"))

    @MARKS.assumed("clrssa", "as clrslh, for shared addresses, with -X for auxiliary nodes")
    def clrssa(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002 - see Simulator
        """Play clrssa (clressharedaddress)."""
        forms = {**_HOST_NAMES, "create": ("N:X:dg:h:p:", _SOME)}
        return self._object("clrssa", node, arguments, forms, self._host_names("SUNW.SharedAddress"))

    def _host_names(self, type_name: str) -> Callable[[str, Options, list[str]], Answer | None]:
        def play(subcommand: str, options: Options, operands: list[str]) -> Answer | None:
            if subcommand != "create":
                return self._clrs(subcommand, options, operands, type_name)
            if len(options.get("g", [])) != 1 or len(operands) != 1:
                raise Usage("one -g and one operand")
            self.create_host_names(
                operands[0],
                options["g"][0],
                names(options, "h") or operands,
                names(options, "N"),
                assignments(options, "p"),
                type_name == "SUNW.SharedAddress",
                "d" not in options,
                names(options, "X"),
            )
            return None

        return play

    @MARKS.documented(
        "clrs", "-p for any property, -y for standard and -x for extension properties; += and -= on lists", CLRS
    )
    @MARKS.documented("clrs", "clear -f STOP_FAILED -n node; delete; -g and -t choose among the operands", CLRS)
    @MARKS.assumed("clrs", "enable -r and -R take in what the resource depends on, disable what depends on it")
    def _clrs(
        self, subcommand: str, options: Options, operands: list[str], type_name: str | None = None
    ) -> Answer | None:
        if subcommand == "create":
            if any(len(options.get(letter, [])) != 1 for letter in "gt"):
                raise Usage("one -g and one -t")
            for name in operands:
                self._create(name, options)
            return None
        chosen = self._chosen_resources(options, operands, type_name)
        nodes = names(options, "n")
        recursive = bool({"r", "R"} & set(options))
        if subcommand in ("list", "list-props", "show", "status", "export"):
            return Answer(stdout=self._query_resources(subcommand, options, chosen))
        if subcommand == "set":
            for name in chosen:
                self._set(name, options)
        elif subcommand == "delete":
            return self._outcome("clrs", self.delete_resources(chosen, "F" in options))
        elif subcommand == "clear":
            if not nodes:
                raise Usage("-n is missing")
            self.clear(chosen, nodes, options.get("f", ["STOP_FAILED"])[0])
        elif subcommand in ("enable", "monitor"):
            if recursive:
                chosen = self._with_related(chosen, self._needed)
            self.enable(chosen, nodes, "enabled" if subcommand == "enable" else "monitored")
        else:
            if recursive:
                chosen = self._with_related(chosen, self.dependents)
            return self._outcome(
                "clrs", self.disable(chosen, nodes, "enabled" if subcommand == "disable" else "monitored")
            )
        return None

    def _needed(self, name: str) -> list[str]:
        properties = self.properties(name)
        return [other.partition("{")[0] for key in DEPENDENCIES for other in properties.get(key, [])]

    def _with_related(self, chosen: Sequence[str], related: Callable[[str], list[str]]) -> list[str]:
        found = list(chosen)
        for name in found:
            found += [other for other in related(name) if other not in found]
        return found

    def _create(self, name: str, options: Options) -> None:
        given = {**assignments(options, "p"), **assignments(options, "y")}
        extension = assignments(options, "x")
        declared = self.properties_of(self.registered_type(options["t"][0]))
        for key in list(given):
            known = next((each for each in declared.values() if each.name.lower() == key.lower()), None)
            if known is not None and known.extension and key in assignments(options, "p"):
                extension[key] = given.pop(key)
        self.create_resource(name, options["t"][0], options["g"][0], given, "d" not in options, extension)

    def _set(self, name: str, options: Options) -> None:
        if not {"p", "x", "y"} & set(options):
            raise Usage("nothing to change")
        declared = self.properties_of(self.resource(name)["type"])
        extension = assignments(options, "x")
        standard = assignments(options, "y")
        for key, value in assignments(options, "p").items():
            bare = key.rstrip("+-").lower()
            known = next((each for each in declared.values() if each.name.lower() == bare), None)
            (extension if known is not None and known.extension else standard)[key] = value
        self.set_resource(name, standard, extension)

    def _chosen_resources(self, options: Options, operands: Sequence[str], type_name: str | None) -> list[str]:
        every = list(operands) in ([], ["+"])
        for name in operands:
            if name != "+":
                self.resource(name)
        groups = names(options, "g")
        for group in groups:
            self.group(group)
        types = [self.registered_type(name) for name in names(options, "t")]
        if type_name is not None:
            types = [self.registered_type(type_name)]
        ordered = [member for group in self.state["groups"].values() for member in group["resources"]]
        chosen = [
            name
            for name in (ordered if every else operands)
            if (not groups or self.resource(name)["group"] in groups)
            and (not types or self.resource(name)["type"] in types)
        ]
        if not every and len(chosen) != len(operands):
            raise Rejection("no resource", "a resource is of another group or type")
        return chosen

    def _query_resources(self, subcommand: str, options: Options, chosen: Sequence[str]) -> str:
        if subcommand == "list":
            return self._list_resources(chosen, "v" in options)
        if subcommand == "status":
            return self._status_of_resources(chosen, names(options, "n"), names(options, "s"))
        if subcommand == "list-props":
            return "".join(f"{key}\n" for name in chosen for key in self.properties_of(self.resource(name)["type"]))
        if subcommand == "show":
            only = [*names(options, "p"), *names(options, "x"), *names(options, "y")]
            shown = [self._show_resource(name, 0, "v" in options, only) for name in chosen]
            return "=== Resources ===\n\n" + "\n".join(shown)
        return self._export(options, resources=chosen)

    @MARKS.documented("clrs", "list prints one name on a line; list -v has two lines of titles", HOW_TO_REPORT)
    @MARKS.assumed("clrs", "list -v: name, type and group")
    def _list_resources(self, chosen: Sequence[str], verbose: bool) -> str:
        if not verbose:
            return "".join(f"{name}\n" for name in chosen)
        rows = [(name, self.resource(name)["type"], self.resource(name)["group"]) for name in chosen]
        return table(("Resource Name", "Resource Type", "Resource Group"), [rows])

    @MARKS.documented(
        "clrs", "status: title and columns; name on the first line only, an empty line between resources", NAGIOS
    )
    @MARKS.documented(
        "clrs", "status: Start_failed, Stop_failed, Online_not_monitored are words with an underscore", NAGIOS
    )
    def _status_of_resources(self, chosen: Sequence[str], nodes: Sequence[str], states: Sequence[str]) -> str:
        blocks = []
        for name in chosen:
            rows: list[tuple[str, str, str, str]] = []
            for node in self.group(self.resource(name)["group"])["nodes"]:
                state = self.resource_state(name, node)
                wanted = not states or state.lower() in [each.lower() for each in states]
                if wanted and (not nodes or node in nodes):
                    words = " - ".join(each for each in self.resource_status(name, node) if each)
                    rows.append((name if not rows else "", node, state, words))
            if rows:
                blocks.append(rows)
        body = table(("Resource Name", "Node Name", "State", "Status Message"), blocks)
        return f"=== Cluster Resources ===\n\n{body}\n"

    @MARKS.documented(
        "clrs", "show: the title Resources, Resource: with Type: on the next line, <NULL> for nothing", HOW_TO_REPORT
    )
    @MARKS.documented("clrs", "show -p NAME prints NAME: and, blank separated, its values", HOW_TO_REPORT)
    @MARKS.assumed(
        "clrs", "show: a switch for each node as Enabled{node}, dependencies, and with -v every property with its class"
    )
    def _show_resource(self, name: str, indent: int, verbose: bool, only: Sequence[str]) -> str:
        resource = self.resource(name)
        properties = self.properties(name)
        found = listed("Resource", name, indent)
        lines = [
            ("Type", resource["type"]),
            ("Type_version", self.type_of(name).version),
            ("Group", resource["group"]),
            ("R_description", properties["R_description"]),
            ("Resource_project_name", properties["Resource_project_name"]),
        ]
        for label, axis in (("Enabled", "enabled"), ("Monitored", "monitored")):
            lines += [(f"{label}{{{node}}}", str(value)) for node, value in resource[axis].items()]
        if verbose or only:
            lines += [(key, printed(properties[key]) or "<NULL>") for key in DEPENDENCIES if key in properties]
        common = {each.name for each in self.common}
        declared = [each for each in self.properties_of(resource["type"]).values() if each.name not in common]
        if only:
            wanted = [each.lower() for each in only]
            lines += [(each.name, printed(properties.get(each.name, "")) or "<NULL>") for each in declared]
            return found + "".join(
                listed(key, value, indent + 2) for key, value in lines if key.partition("{")[0].lower() in wanted
            )
        found += "".join(listed(key, value, indent + 2) for key, value in lines)
        if verbose:
            found += f"\n{' ' * indent}  --- Standard and extension properties ---\n\n"
            for known in declared:
                found += listed(known.name, printed(properties.get(known.name, "")) or "<NULL>", indent + 2)
                found += listed("Class", "extension" if known.extension else "standard", indent + 4)
                found += listed("Description", known.description, indent + 4)
                if known.extension:
                    found += listed("Per-node", "False", indent + 4)
                found += listed("Type", known.kind, indent + 4) + "\n"
        return found

    # -- clnode, clquorum, cluster -----------------------------------------------------------------------------

    @MARKS.assumed(
        "clnode", "evacuate -T seconds; list prints one name on a line; show prints Node Name and what it is"
    )
    def clnode(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002 - see Simulator
        """Play clnode."""

        def play(subcommand: str, options: Options, operands: list[str]) -> Answer | None:
            chosen = list(self.nodes) if operands in ([], ["+"]) else operands
            self._check_nodes(chosen)
            if subcommand == "evacuate":
                seconds = options.get("T", ["60"])[0]
                if not seconds.isdigit():
                    raise Usage("-T takes seconds")
                return self._outcome("clnode", self.evacuate(chosen, int(seconds)))
            if subcommand == "list":
                return Answer(stdout="".join(f"{name}\n" for name in chosen))
            if subcommand == "status":
                return Answer(stdout=self._status_of_nodes(chosen))
            lines = [
                listed("Node Name", name, 0) + listed("Node ID", str(self.nodes.index(name) + 1), 2) for name in chosen
            ]
            return Answer(stdout="=== Cluster Nodes ===\n\n" + "\n".join(lines))

        return self._object("clnode", node, arguments, _NODES, play)

    @MARKS.documented("clnode", "status: titles and columns", NAGIOS)
    def _status_of_nodes(self, chosen: Sequence[str]) -> str:
        rows = [(name, "Online" if self.state["up"][name] else "Offline") for name in chosen]
        return f"=== Cluster Nodes ===\n\n--- Node Status ---\n\n{table(('Node Name', 'Status'), [rows])}\n"

    @MARKS.documented("clquorum", "status: titles and columns", NAGIOS)
    @MARKS.assumed("clquorum", "list prints the device d4 and the nodes")
    def clquorum(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002 - see Simulator
        """Play clquorum (clq)."""

        def play(subcommand: str, options: Options, operands: list[str]) -> Answer | None:  # noqa: ARG001
            if operands not in ([], ["+"]):
                self._check_nodes([name for name in operands if name != "d4"])
            if subcommand == "list":
                return Answer(stdout="".join(f"{name}\n" for name in ("d4", *self.nodes)))
            return Answer(stdout=self._status_of_quorum())

        return self._object("clquorum", node, arguments, _QUORUM, play)

    def _status_of_quorum(self) -> str:
        votes = len(self.nodes) - 1
        up = sum(self.state["up"].values())
        possible = votes + len(self.nodes)
        titles = ("Present", "Possible", "Status")
        summary = table(("Needed", "Present", "Possible"), [[(str(possible // 2 + 1), str(up + votes), str(possible))]])
        nodes = [
            (name, "1" if self.state["up"][name] else "0", "1", "Online" if self.state["up"][name] else "Offline")
            for name in self.nodes
        ]
        return (
            f"=== Cluster Quorum ===\n\n--- Quorum Votes Summary ---\n\n{summary}\n\n--- Quorum Votes by Node ---\n\n"
            f"{table(('Node Name', *titles), [nodes])}\n\n--- Quorum Votes by Device ---\n\n"
            f"{table(('Device Name', *titles), [[('d4', str(votes), str(votes), 'Online')]])}\n"
        )

    @MARKS.assumed("cluster", "status, show and list print what the commands of the objects print, -t TYPE part of it")
    def cluster(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002 - see Simulator
        """Play cluster."""

        def play(subcommand: str, options: Options, operands: list[str]) -> Answer | None:  # noqa: ARG001
            if subcommand == "list":
                return Answer(stdout=f"{self.cluster_name}\n")
            if subcommand == "export":
                return Answer(stdout=self._export(options))
            groups = list(self.state["groups"])
            resources = [member for group in self.state["groups"].values() for member in group["resources"]]
            verbose = "v" in options
            parts: dict[str, Callable[[], str]]
            if subcommand == "status":
                parts = {
                    "node": lambda: self._status_of_nodes(self.nodes),
                    "quorum": self._status_of_quorum,
                    "resourcegroup": lambda: self._status_of_groups(groups, (), ()),
                    "resource": lambda: self._status_of_resources(resources, (), ()),
                }
            else:
                parts = {
                    "global": lambda: "=== Cluster ===\n\n" + listed("Cluster Name", self.cluster_name, 0),
                    "node": lambda: (
                        "=== Cluster Nodes ===\n\n" + "".join(listed("Node Name", n, 0) for n in self.nodes)
                    ),
                    "resourcetype": lambda: (
                        "=== Registered Resource Types ===\n\n" + "\n".join(map(self._show_type, self.state["types"]))
                    ),
                    "resourcegroup": lambda: self._show_groups(groups, verbose, ()),
                }
            short = {"rg": "resourcegroup", "rs": "resource", "rt": "resourcetype"}
            wanted = [short.get(each, each) for each in names(options, "t")] or list(parts)
            unknown = [each for each in wanted if each not in parts]
            if unknown:
                raise Usage(f"unknown type {', '.join(unknown)}")
            return Answer(stdout="\n".join(parts[each]() for each in wanted))

        return self._object("cluster", node, arguments, _CLUSTER, play)

    @MARKS.documented("cluster", "export -o -: XML as clconfiguration(5CL) describes", CLRG)
    @MARKS.assumed("cluster", "every element and attribute of that XML; -o with a file writes it on this node")
    def _export(
        self, options: Options, groups: Sequence[str] | None = None, resources: Sequence[str] | None = None
    ) -> str:
        if groups is None:
            groups = list(self.state["groups"]) if resources is None else ()
        if resources is None:
            resources = [member for name in groups for member in self.group(name)["resources"]]
        lines = ['<?xml version="1.0"?>', '<!DOCTYPE cluster SYSTEM "/usr/cluster/lib/xml/cluster.dtd">']
        lines.append(f"<cluster name={quoteattr(self.cluster_name)}>")
        lines.append("  <resourcegroupList>")
        for name in groups:
            group = self.group(name)
            managed = "true" if group["managed"] else "false"
            lines.append(f'    <resourcegroup name={quoteattr(name)} managed="{managed}">')
            lines += [f"      <resourcegroupNode nodeRef={quoteattr(node)}/>" for node in group["nodes"]]
            lines += _properties({key: printed(value) for key, value in group["properties"].items()})
            lines.append("    </resourcegroup>")
        lines += ["  </resourcegroupList>", "  <resourceList>"]
        for name in resources:
            resource = self.resource(name)
            reference = f"resourcetypeRef={quoteattr(resource['type'])} resourcegroupRef={quoteattr(resource['group'])}"
            lines.append(f"    <resource name={quoteattr(name)} {reference}>")
            lines += _properties({key: printed(value) for key, value in self.properties(name).items()})
            lines.append("    </resource>")
        text = "\n".join([*lines, "  </resourceList>", "</cluster>", ""])
        file = options.get("o", ["-"])[0]
        if file == "-":
            return text
        self.write_file(self.here, file, text)
        return ""


def _properties(values: Mapping[str, str]) -> list[str]:
    return [
        "      <propertyList>",
        *(f"        <property name={quoteattr(key)} value={quoteattr(value)}/>" for key, value in values.items()),
        "      </propertyList>",
    ]
