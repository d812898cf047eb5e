"""The original command set: scrgadm, scswitch, scstat, scha_*_get, scconf and scinstall."""

from __future__ import annotations

import getopt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..behaviour import Marks
from ..engine import Answer, Refusal
from .manager import ResourceGroupManager
from .resource_types import HOW_TO
from .sources import MESSAGING, SCRGADM, SCSTAT_31, SCSWITCH, SCSWITCH_31
from .state import Rejection

MARKS = Marks("solaris_cluster")

SCHA = "https://www.unix.com/man-page/opensolaris/1ha/scha_cmds/"
UCMDB = "HP UCMDB sun_cluster.py, a parser of scrgadm -pvv, scconf -pv and scstat"
TYPES_31 = "https://docs.oracle.com/cd/E19636-01/819-0703/6n343k6fi/index.html"
GROUPS_31 = "https://docs.oracle.com/cd/E19396-01/817-6564/z40002701007705/index.html"
GROUPS_30 = "https://docs.oracle.com/cd/E19050-01/sun.cluster30/806-1421/z40002701007705/index.html"
RESOURCES_31 = "https://docs.oracle.com/cd/E19199-01/817-1526/z400043a1053628/index.html"
SCSTAT_SAMPLE = "https://docs.oracle.com/cd/E19050-01/sun.cluster30/816-1968/x-f3ilh/index.html"
TRANSFER_CFT = "Axway Transfer CFT documentation, Sun cluster service configuration, scstat"

#: Numbers of scha_calls(3HA).
_STATUS = {
    "not in cluster": 1,
    "usage": 1,
    "invalid": 3,
    "no registration file": 3,
    "busy": 5,
    "depend": 8,
    "state": 9,
    "method": 10,
    "node": 11,
    "no group": 12,
    "group exists": 12,
    "no type": 13,
    "type exists": 13,
    "no resource": 14,
    "resource exists": 14,
    "property": 15,
}

#: How scstat spells a state that is not one word.
_SPELLING = {
    "Error_stop_failed": "Error--stop failed",
    "Online_not_monitored": "Online but not monitored",
}

_RULE = "-" * 66

Options = dict[str, list[str]]


class Usage(Exception):
    """Raised for a form that is not in the manual page."""


def parsed(arguments: Sequence[str], letters: str) -> Options:
    """Options by letter with all their values, as getopt(3C) reads them; operands are not allowed.

    :raises Usage: unknown option, missing value, or an operand
    """
    try:
        given, operands = getopt.getopt(list(arguments), letters)
    except getopt.GetoptError as error:
        raise Usage(error.msg) from None
    if operands:
        raise Usage(f"unexpected operand {operands[0]}")
    found: Options = {}
    for option, value in given:
        found.setdefault(option[1:], []).append(value)
    return found


def names(options: Options, letter: str) -> list[str]:
    """The comma separated names after an option."""
    return [name for value in options.get(letter, []) for name in value.split(",") if name]


def assignments(options: Options, letter: str) -> dict[str, str]:
    """The ``name=value`` of an option that may be repeated.

    :raises Usage: one has no equals sign
    """
    found = {}
    for text in options.get(letter, []):
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise Usage(f"{text} is not name=value")
        found[name] = value
    return found


def require(options: Options, needed: str, allowed: str = "") -> None:
    """Refuse options that a form needs and lacks, or has and does not know.

    :raises Usage: the form is not documented
    """
    letters = set(options)
    if not set(needed) <= letters <= set(needed + allowed):
        raise Usage("this combination of options is not documented")


def aligned(label: str, value: str, column: int) -> str:
    """A line of scrgadm -p: the value begins at the column, or a blank after a longer label."""
    return f"{label:<{column - 1}} {value}".rstrip() + "\n" if value else f"{label}\n"


def printed(value: Any) -> str:
    """A value as scrgadm and scha_* print it in one line: lists blank separated."""
    return " ".join(value) if isinstance(value, list) else str(value)


class OriginalCommands(ResourceGroupManager):
    """The commands that all releases have."""

    @MARKS.documented("scrgadm", "exit 13 when the type is registered already", "Ingres for Sun Cluster, install.sh")
    @MARKS.assumed("scrgadm", "other exit statuses are the numbers of scha_calls(3HA); 1 for a usage error")
    @MARKS.assumed("scrgadm", "the words of every refusal")
    def _original(self, program: str, node: str, body: Callable[[], Answer]) -> Answer:
        try:
            self.require_cluster(node)
            return body()
        except Usage as usage:
            raise Refusal(_STATUS["usage"], f"{program}: {usage}\nusage: see {program}(1M)\n") from None
        except Rejection as rejection:
            raise Refusal(_STATUS[rejection.kind], f"{program}: {rejection}\n") from None

    # -- scrgadm -------------------------------------------------------------------------------------------------------

    @MARKS.documented(
        "scrgadm", "forms that the manual page does not have, such as -e and -R, are usage errors", SCRGADM
    )
    def scrgadm(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002 - see Simulator
        """Play scrgadm."""
        return self._original("scrgadm", node, lambda: self._scrgadm(parsed(arguments, "acrpvLSt:g:j:h:f:y:x:l:n:X:")))

    def _scrgadm(self, options: Options) -> Answer:
        actions = [letter for letter in "acrp" if letter in options]
        single = "acrpLSgtjfhlnX"
        if len(actions) != 1 or any(len(values) > 1 for letter, values in options.items() if letter in single):
            raise Usage("one of -a, -c, -r, -p")
        action = actions[0]
        if action == "p":
            require(options, "p", "vtgj")
            return Answer(stdout=self._print_configuration(options))
        if "v" in options:
            raise Usage("-v is for -p alone")
        del options[action]
        if "L" in options or "S" in options:
            self._scrgadm_host_name(action, options)
        elif "j" in options:
            self._scrgadm_resource(action, options)
        elif "g" in options:
            self._scrgadm_group(action, options)
        elif "t" in options:
            self._scrgadm_type(action, options)
        else:
            raise Usage("one of -t, -g, -j, -L, -S")
        return Answer()

    @MARKS.documented("scrgadm", "-a|-c|-r -t TYPE, with -h and -f, or -h and -y RT_system", SCRGADM)
    def _scrgadm_type(self, action: str, options: Options) -> None:
        require(options, "t", {"a": "hf", "c": "hy", "r": ""}[action])
        name = options["t"][0]
        if action == "a":
            self.register_type(name, names(options, "h"), options["f"][0] if "f" in options else None)
        elif action == "r":
            self.unregister_type(name)
        else:
            if any(key.lower() != "rt_system" for key in assignments(options, "y")):
                raise Rejection("property", "only RT_system can be changed")
            self.registered_type(name)
            if "h" in options:
                self.set_type_nodes(name, names(options, "h"))

    @MARKS.documented(
        "scrgadm", "-a|-c|-r -g GROUP, with -h node,node and -y property=value, which -c must have", SCRGADM
    )
    def _scrgadm_group(self, action: str, options: Options) -> None:
        require(options, "g", "" if action == "r" else "hy")
        name = options["g"][0]
        if action == "r":
            self.delete_group(name)
        elif action == "a":
            self.create_group(name, names(options, "h"), assignments(options, "y"))
        else:
            if "y" not in options:
                raise Usage("-c -g without -y")
            self.set_group(name, names(options, "h"), assignments(options, "y"))

    @MARKS.documented(
        "scrgadm", "-a -j -t -g, -c -j, -r -j, with -y for standard and -x for extension properties", SCRGADM
    )
    def _scrgadm_resource(self, action: str, options: Options) -> None:
        require(options, {"a": "jtg", "c": "j", "r": "j"}[action], "" if action == "r" else "yx")
        name = options["j"][0]
        standard, extension = assignments(options, "y"), assignments(options, "x")
        if action == "a":
            self.create_resource(name, options["t"][0], options["g"][0], standard, False, extension)
        elif action == "c":
            if not standard and not extension:
                raise Usage("nothing to change")
            self.set_resource(name, standard, extension)
        else:
            self.delete_resources([name])

    @MARKS.documented(
        "scrgadm",
        "-a -L -g GROUP -l host,host; without -j the resource is called as the first host",
        f"{MESSAGING}, step 4",
    )
    @MARKS.documented("scrgadm", "-a -S is the same for shared addresses, with -X for auxiliary nodes", SCRGADM)
    def _scrgadm_host_name(self, action: str, options: Options) -> None:
        shared = "S" in options
        require(options, "Sgl" if shared else "Lgl", "jnyX" if shared else "jny")
        if action != "a":
            raise Usage("-L and -S are for -a alone")
        hosts = names(options, "l")
        if not hosts:
            raise Usage("-l without host names")
        self.create_host_names(
            options.get("j", hosts)[0],
            options["g"][0],
            hosts,
            names(options, "n"),
            assignments(options, "y"),
            shared,
            auxiliary=names(options, "X"),
        )

    @MARKS.assumed("scrgadm", "NetIfList is an IPMP group on each node, sc_ipmp0@1 and so on, unless -n names others")
    def create_host_names(
        self,
        name: str,
        group: str,
        hosts: Sequence[str],
        interfaces: Sequence[str],
        standard: Mapping[str, str],
        shared: bool = False,
        enabled: bool = False,
        auxiliary: Sequence[str] = (),
    ) -> None:
        """Create a resource of host names."""
        nodes = self.group(group)["nodes"]
        usual = [f"sc_ipmp0@{self.nodes.index(node) + 1}" for node in nodes]
        extension = {"HostnameList": ",".join(hosts), "NetIfList": ",".join(interfaces or usual)}
        if auxiliary:
            self._check_nodes(auxiliary)
            extension["AuxNodeList"] = ",".join(auxiliary)
        kind = "SUNW.SharedAddress" if shared else "SUNW.LogicalHostname"
        self.create_resource(name, kind, group, standard, enabled, extension)

    # -- scrgadm -p ----------------------------------------------------------------------------------------------------

    @MARKS.documented(
        "scrgadm",
        "-p, -pv and -pvv print more and more",
        "https://docs.oracle.com/cd/E19528-01/819-0703/babeiiac/index.html",
    )
    @MARKS.assumed("scrgadm", "-p prints names and descriptions; blank lines between objects; -pvv no methods of types")
    def _print_configuration(self, options: Options) -> str:
        level = len(options.get("v", []))
        chosen = {letter: options[letter][0] for letter in "tgj" if letter in options}
        found = []
        if "t" in chosen or not chosen:
            types = [self.registered_type(chosen["t"])] if "t" in chosen else list(self.state["types"])
            found += [self._print_type(name, level) for name in types]
        if "g" in chosen or not chosen:
            groups = [chosen["g"]] if "g" in chosen else list(self.state["groups"])
            for group in groups:
                found.append(self._print_group(group, level))
                found += [self._print_resource(member, level) for member in self.group(group)["resources"]]
        if "j" in chosen:
            self.resource(chosen["j"])
            found.append(self._print_resource(chosen["j"], level))
        return "\n".join(found)

    @MARKS.documented("scrgadm", "-pv of a type: labels, order and padding", TYPES_31)
    def _print_type(self, name: str, level: int) -> str:
        declared = self.available[name.partition(":")[0]]
        column = 41 + len(name)
        lines = [aligned("Res Type name:", name, column)]
        details = {
            "description": declared.description,
            "base directory": declared.base_directory,
            "single instance": "False",
            "init nodes": "All potential masters",
            "failover": "False",
            "version": declared.version,
            "API version": str(declared.api_version),
            "installed on nodes": " ".join(self.state["types"][name]["nodes"]) or "All",
            "packages": declared.packages,
        }
        if not level:
            details = {"description": declared.description}
        lines += [aligned(f"  ({name}) Res Type {label}:", value, column) for label, value in details.items()]
        return "".join(lines)

    @MARKS.documented(
        "scrgadm", "-pv of a group: labels, order and padding; each further node on a line of its own", GROUPS_31
    )
    @MARKS.documented("scrgadm", "release 3.0 prints the nodes on one line, separated by blanks", GROUPS_30)
    @MARKS.documented("scrgadm", "nothing is printed as <NULL>, of Pathprefix as nothing at all", GROUPS_31)
    @MARKS.documented(
        "scrgadm", "the management state of a managed group is Managed, its mode Failover or Scalable", UCMDB
    )
    def _print_group(self, name: str, level: int) -> str:
        group = self.group(name)
        column = 41 + len(name)
        nodes = " ".join(group["nodes"]) if self.one_line_nodelist else f"\n{' ' * column}".join(group["nodes"])
        lines = [("management state", "Managed" if group["managed"] else "Unmanaged"), ("Nodelist", nodes)]
        for known in self.group_properties:
            value = printed(group["properties"][known.name])
            lines.append((known.label, value or ("" if known.name == "Pathprefix" else "<NULL>")))
        lines.append(("mode", group["mode"]))
        order = ["RG_description", "management state", "Failback", "Nodelist", "Maximum_primaries", "Desired_primaries"]
        order += ["RG_dependencies", "mode", "network dependencies", "Global_resources_used", "Pathprefix"]
        lines.sort(key=lambda line: order.index(line[0]) if line[0] in order else len(order))
        if not level:
            lines = [line for line in lines if line[0] == "RG_description"]
        return aligned("Res Group name:", name, column) + "".join(
            aligned(f"  ({name}) Res Group {label}:", value, column) for label, value in lines
        )

    @MARKS.documented(
        "scrgadm", "-pv of a resource: labels, order and padding; the type with its version", RESOURCES_31
    )
    @MARKS.documented(
        "scrgadm",
        "-pvv: strong dependencies have a line of their own, labelled so",
        "a public cluster diagnosis script that greps it",
    )
    @MARKS.assumed("scrgadm", "the labels of other dependencies; dependencies are blank separated, or <NULL>")
    @MARKS.assumed(
        "scrgadm", "from 3.2 a switch is printed for each node, as {node}; from 3.1 type version and project name"
    )
    def _print_resource(self, name: str, level: int) -> str:
        resource = self.state["resources"][name]
        group = resource["group"]
        column = 34 + len(group) + len(name)
        lines = [aligned(f"({group}) Res name:", name, column)]
        if not level:
            return "".join(lines)
        properties = self.properties(name)

        def add(label: str, value: str, where: str = "") -> None:
            lines.append(aligned(f"    ({group}:{name}{where}) Res {label}:", value, column))

        add("R_description", properties["R_description"])
        add("resource type", resource["type"])
        if self.version >= (3, 1):
            add("type version", self.type_of(name).version)
        add("resource group name", group)
        if self.version >= (3, 1):
            add("resource project name", properties["Resource_project_name"])
        for label, axis in (("enabled", "enabled"), ("monitor enabled", "monitored")):
            values = resource[axis]
            if self.version >= (3, 2):
                for node, value in values.items():
                    add(label, str(value), f"{{{node}}}")
            else:
                add(label, str(any(values.values())))
        if level > 1:
            for key, label in (
                ("Resource_dependencies", "strong dependencies"),
                ("Resource_dependencies_weak", "weak dependencies"),
                ("Resource_dependencies_restart", "restart dependencies"),
                ("Resource_dependencies_offline_restart", "offline restart dependencies"),
            ):
                if key in properties:
                    add(label, printed(properties[key]) or "<NULL>")
            lines += self._print_properties(name)
        return "".join(lines)

    @MARKS.documented("scrgadm", "-pvv: (group:resource:property) Res property type and Res property value", UCMDB)
    @MARKS.assumed(
        "scrgadm", "-pvv: the lines of a property's name, class, pernode (from 3.2) and description, and their order"
    )
    @MARKS.assumed(
        "scrgadm", "-pvv: booleans are TRUE or FALSE; no description, dependency or project among the properties"
    )
    def _print_properties(self, name: str) -> list[str]:
        resource = self.state["resources"][name]
        values = self.properties(name)
        common = {each.name for each in self.common}
        where = f"({resource['group']}:{name}"
        lines = []
        for known in self.properties_of(resource["type"]).values():
            if known.name in common:
                continue
            column = 34 + len(where) + len(known.name)
            lines.append("\n" + aligned(f"    {where}) Res property name:", known.name, column))
            details = [("class", "extension" if known.extension else "standard")]
            if known.description:
                details.append(("description", known.description))
            if self.version >= (3, 2):
                details.append(("pernode", "False"))
            details.append(("type", known.kind))
            details.append(("value", printed(values.get(known.name, "")) or "<NULL>"))
            lines += [
                aligned(f"      {where}:{known.name}) Res property {label}:", value, column) for label, value in details
            ]
        return lines

    # -- scswitch ------------------------------------------------------------------------------------------------------

    @MARKS.documented("scswitch", "only one invocation at a time", SCSWITCH_31)
    @MARKS.assumed("scswitch", "an invocation beside another is refused, with exit status 5")
    def scswitch(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002 - see Simulator
        """Play scswitch."""
        return self._original(
            "scswitch", node, lambda: self._scswitch(parsed(arguments, "cFmQRrSsuoZzenMkh:j:f:g:D:K:"))
        )

    @MARKS.documented("scswitch", "the forms of the manual page and no others", SCSWITCH)
    @MARKS.assumed("scswitch", "-s and -r came with 3.2")
    @MARKS.assumed("scswitch", "the order in which its options are given is free")
    @MARKS.assumed("scswitch", '-z -g GROUP -h "" takes the group offline everywhere')
    @MARKS.assumed("scswitch", "exit 9 when a resource failed to stop; there are no device groups")
    def _scswitch(self, options: Options) -> Answer:
        if self.now < self.state["busy_until"]:
            raise Rejection("busy", "another scswitch is running")
        actions = [letter for letter in "cFmQRrSsuoZzen" if letter in options]
        if len(actions) != 1:
            raise Usage("one of -c, -e, -F, -m, -n, -o, -Q, -R, -r, -S, -s, -u, -Z, -z")
        action = actions[0]
        if action in "sr" and self.version < (3, 2):
            raise Usage(f"-{action} came with 3.2")
        if action == "m" or "D" in options:
            raise Rejection("invalid", "no such device group")
        if not options.get("K", ["0"])[0].isdigit():
            raise Usage("-K takes seconds")
        require(options, *self._SWITCH_FORMS[action])
        groups = names(options, "g") if "g" in options else list(self.state["groups"])
        nodes, resources = names(options, "h"), names(options, "j")
        axis = "monitored" if "M" in options else "enabled"
        kill = "k" in options
        perform: dict[str, Callable[[], list[str] | None]] = {
            "c": lambda: self.clear(resources, nodes, options["f"][0]),
            "e": lambda: self.enable(resources, nodes, axis),
            "n": lambda: self.disable(resources, nodes, axis),
            "F": lambda: self.offline(groups),
            "Q": lambda: self.quiesce(groups, kill),
            "R": lambda: self.restart(groups, nodes),
            "r": lambda: self.suspend(groups, False),
            "S": lambda: self.evacuate(nodes, int(options.get("K", ["60"])[0])),
            "s": lambda: self.suspend(groups, True, kill),
            "u": lambda: self.unmanage(groups),
            "o": lambda: self.manage(groups),
            "Z": lambda: self.online(groups, manage=True, enable=True, monitor=True),
            "z": lambda: self.switch(groups, nodes) if "h" in options else self.remaster(groups),
        }
        failed = perform[action]() or []
        return Answer(_STATUS["state"] if failed else 0, "", "".join(f"scswitch: {words}\n" for words in failed))

    #: For each action the options that it needs, and those that it may have.
    _SWITCH_FORMS: Mapping[str, tuple[str, str]] = {
        "c": ("chjf", ""),
        "e": ("ej", "Mh"),
        "n": ("nj", "Mh"),
        "F": ("Fg", ""),
        "Q": ("Q", "gk"),
        "R": ("Rhg", ""),
        "r": ("r", "g"),
        "S": ("Sh", "K"),
        "s": ("s", "gk"),
        "u": ("ug", ""),
        "o": ("og", ""),
        "Z": ("Z", "g"),
        "z": ("z", "gh"),
    }

    # -- scstat --------------------------------------------------------------------------------------------------------

    @MARKS.documented("scstat", "-D -W -g -i -n -p -q with -v and -h; without options everything", SCSTAT_31)
    def scstat(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002 - see Simulator
        """Play scstat."""
        return self._original("scstat", node, lambda: self._scstat(parsed(arguments, "DWginpqvh:")))

    @MARKS.assumed("scstat", "-h shows what concerns that node alone; -v adds nothing that is simulated")
    def _scstat(self, options: Options) -> Answer:
        wanted = [letter for letter in "nWqDgi" if letter in options]
        if not wanted or "p" in options:
            wanted = list("nWqDgi")
        nodes = names(options, "h") or list(self.nodes)
        self._check_nodes(nodes)
        sections = {
            "n": self._scstat_nodes,
            "W": self._scstat_transport,
            "q": self._scstat_quorum,
            "D": self._scstat_device_groups,
            "g": self._scstat_groups,
            "i": self._scstat_ipmp,
        }
        found = [f"{_RULE}\n\n{sections[letter](nodes)}" for letter in wanted]
        return Answer(stdout="\n".join(found) + f"{_RULE}\n")

    @MARKS.documented("scstat", "-n: section, header and columns", SCSTAT_SAMPLE)
    def _scstat_nodes(self, nodes: Sequence[str]) -> str:
        rows = [
            f"  Cluster node:     {node:<19} {'Online' if self.state['up'][node] else 'Offline'}\n" for node in nodes
        ]
        header = f"{'':20}{'Node name':<20}Status\n{'':20}{'---------':<20}------\n"
        return f"-- Cluster Nodes --\n\n{header}{''.join(rows)}\n"

    @MARKS.documented("scstat", "-W: section, rows and the words Path online", HOW_TO)
    @MARKS.assumed("scstat", "-W: which adapters there are, and what a path to a lost node is called")
    def _scstat_transport(self, nodes: Sequence[str]) -> str:
        rows = []
        for index, first in enumerate(self.nodes):
            for second in self.nodes[index + 1 :]:
                if first in nodes or second in nodes:
                    up = self.state["up"][first] and self.state["up"][second]
                    state = "Path online" if up else "faulted"
                    rows += [
                        f"  Transport path:   {first}:{a:<10} {second}:{a:<10} {state}\n" for a in ("nge2", "nge3")
                    ]
        header = f"{'':20}{'Endpoint':<20}{'Endpoint':<20}Status\n{'':20}{'--------':<20}{'--------':<20}------\n"
        return f"-- Cluster Transport Paths --\n\n{header}{''.join(rows)}\n"

    @MARKS.documented("scstat", "-q: sections, headers and columns", HOW_TO)
    @MARKS.documented("scstat", "-q: titles of the sections before 3.2", SCSTAT_SAMPLE)
    def _scstat_quorum(self, nodes: Sequence[str]) -> str:
        up = [node for node in self.nodes if self.state["up"][node]]
        possible = 2 * len(self.nodes) - 1
        later = self.version >= (3, 2)
        now = " (current status)" if later else ""
        head = f"{'':20}{{:<20}}Present Possible Status\n{'':20}{{:<20}}------- -------- ------\n"
        found = f"-- Quorum Summary{' from latest node reconfiguration' if later else ''} --\n\n"
        found += f"  Quorum votes possible:      {possible}\n"
        found += f"  Quorum votes needed:        {possible // 2 + 1}\n"
        found += f"  Quorum votes present:       {len(up) + len(self.nodes) - 1}\n\n\n"
        found += f"-- Quorum Votes by Node{now} --\n\n" + head.format("Node Name", "---------")
        for node in nodes:
            votes, state = ("1", "Online") if node in up else ("0", "Offline")
            found += f"  Node votes:       {node:<19} {votes:<8}1        {state}\n"
        found += f"\n\n-- Quorum Votes by Device{now} --\n\n" + head.format("Device Name", "-----------")
        votes = str(len(self.nodes) - 1)
        return found + f"  Device votes:     {'/dev/did/rdsk/d4s2':<19} {votes:<8}{votes:<9}Online\n\n"

    @MARKS.documented("scstat", "-D: sections and headers of a cluster without device groups", HOW_TO)
    def _scstat_device_groups(self, nodes: Sequence[str]) -> str:  # noqa: ARG002 - all sections are called alike
        servers = f"{'':25}{'Device Group':<20}{'Primary':<20}Secondary\n"
        servers += f"{'':25}{'------------':<20}{'-------':<20}---------\n"
        status = f"{'':30}{'Device Group':<20}Status\n{'':30}{'------------':<20}------\n"
        owners = f"{'':30}{'Device Group':<20}Online Status\n{'':30}{'------------':<20}-------------\n"
        return (
            f"-- Device Group Servers --\n\n{servers}\n\n-- Device Group Status --\n\n{status}\n\n"
            f"-- Multi-owner Device Groups --\n\n{owners}\n"
        )

    @MARKS.documented("scstat", "-i: section and header", HOW_TO)
    @MARKS.assumed("scstat", "-i: one group of one adapter on each node")
    def _scstat_ipmp(self, nodes: Sequence[str]) -> str:
        head = f"{'':14}{'Node Name':<20}{'Group':<8}{'Status':<15}{'Adapter':<10}Status\n"
        head += f"{'':14}{'---------':<20}{'-----':<8}{'------':<15}{'-------':<10}------\n"
        rows = [
            f"  IPMP Group: {node:<19} {'ipmp0':<8}{'Online':<15}{'nge0':<10}Online\n"
            for node in nodes
            if self.state["up"][node]
        ]
        return f"-- IPMP Groups --\n\n{head}{''.join(rows)}\n"

    @MARKS.documented(
        "scstat", "-g: columns of groups and resources, one line for each node of the node list", TRANSFER_CFT
    )
    @MARKS.documented("scstat", "-g: a line of a group is Group: name node state", UCMDB)
    @MARKS.assumed("scstat", "-g: the section Resource Groups and Resources, and from 3.2 the column Suspended")
    def _scstat_groups(self, nodes: Sequence[str]) -> str:
        groups = self.state["groups"]
        if not groups:
            return ""
        found = "-- Resource Groups and Resources --\n\n"
        found += f"{'':12}{'Group Name':<20}Resources\n{'':12}{'----------':<20}---------\n"
        for name, group in groups.items():
            found += f" Resources: {name:<19} {' '.join(group['resources']) or '-'}\n"
        later = self.version >= (3, 2)
        found += "\n\n-- Resource Groups --\n\n"
        found += (
            f"{'':12}{'Group Name':<20}{'Node Name':<20}{'State':<15}{'Suspended' if later else ''}".rstrip() + "\n"
        )
        found += (
            f"{'':12}{'----------':<20}{'---------':<20}{'-----':<15}{'---------' if later else ''}".rstrip() + "\n"
        )
        for name, group in groups.items():
            for node in group["nodes"]:
                if node in nodes:
                    suspended = ("Yes" if group["suspended"] else "No") if later else ""
                    state = spelled(self.group_state(name, node))
                    found += f"     Group: {name:<19} {node:<19} {state:<14} {suspended}".rstrip() + "\n"
            found += "\n"
        found += "\n-- Resources --\n\n"
        found += f"{'':12}{'Resource Name':<20}{'Node Name':<20}{'State':<10}Status Message\n"
        found += f"{'':12}{'-------------':<20}{'---------':<20}{'-----':<10}--------------\n"
        for group in groups.values():
            for member in group["resources"]:
                for node in group["nodes"]:
                    if node in nodes:
                        state = spelled(self.resource_state(member, node))
                        words = " - ".join(each for each in self.resource_status(member, node) if each)
                        found += f"  Resource: {member:<19} {node:<19} {state:<9} {words}\n"
                found += "\n"
        return found

    # -- scha_*_get ----------------------------------------------------------------------------------------------------

    @MARKS.documented("scha_cluster_get", "-O tag in any case; one value on a line", SCHA)
    @MARKS.assumed("scha_cluster_get", "which tags there are")
    def scha_cluster_get(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """Play scha_cluster_get."""

        def answer() -> Answer:
            tag, rest = self._scha(arguments, "O:", "O")
            tag = tag["O"][0].upper()
            values = {
                "CLUSTERNAME": [self.cluster_name],
                "NODENAME_LOCAL": [node],
                "ALL_NODENAMES": list(self.nodes),
                "NODEID_LOCAL": [str(self.nodes.index(node) + 1)],
                "ALL_RESOURCEGROUPS": list(self.state["groups"]),
                "ALL_RESOURCETYPES": list(self.state["types"]),
                "NODESTATE_LOCAL": ["UP"],
            }
            if tag == "NODESTATE_NODE" and len(rest) == 1:
                self._check_nodes(rest)
                return Answer(stdout="UP\n" if self.state["up"][rest[0]] else "DOWN\n")
            if tag not in values or rest:
                raise Usage(f"unknown tag {tag}")
            return Answer(stdout="".join(f"{value}\n" for value in values[tag]))

        return self._original("scha_cluster_get", node, answer)

    @MARKS.documented(
        "scha_resourcegroup_get", "-O tag -G group; the state on this node in capitals; one value on a line", SCHA
    )
    @MARKS.documented(
        "scha_resourcegroup_get", "an unknown group ends with an error", "OpenSolaris AVS, dscfg_reconfigure"
    )
    def scha_resourcegroup_get(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """Play scha_resourcegroup_get."""

        def answer() -> Answer:
            options, rest = self._scha(arguments, "O:G:", "OG")
            tag, name = options["O"][0].upper(), options["G"][0]
            group = self.group(name)
            if tag == "RG_STATE_NODE" and len(rest) == 1:
                self._check_nodes(rest)
                return Answer(stdout=self.group_state(name, rest[0]).upper() + "\n")
            values = {
                "RG_STATE": [self.group_state(name, node).upper()],
                "RESOURCE_LIST": group["resources"],
                "NODELIST": group["nodes"],
                "RG_MODE": [group["mode"]],
                "RG_IS_FROZEN": ["FALSE"],
            }
            for known in self.group_properties:
                value = group["properties"][known.name]
                values[known.name.upper()] = value if isinstance(value, list) else [value]
                if known.kind == "boolean":
                    values[known.name.upper()] = [value.upper()]
            if tag not in values or rest:
                raise Usage(f"unknown tag {tag}")
            return Answer(stdout="".join(f"{value}\n" for value in values[tag]))

        return self._original("scha_resourcegroup_get", node, answer)

    @MARKS.documented("scha_resource_get", "-O tag -R resource, -G group; states and switches in capitals", SCHA)
    @MARKS.documented("scha_resource_get", "EXTENSION: the type of the property, then its values", SCHA)
    def scha_resource_get(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """Play scha_resource_get."""

        def answer() -> Answer:
            options, rest = self._scha(arguments, "O:R:G:", "OR", "G")
            tag, name = options["O"][0].upper(), options["R"][0]
            resource = self.resource(name)
            if resource["group"] != options.get("G", [resource["group"]])[0]:
                raise Rejection("no group", f"{name}: is in another group")
            properties = self.properties(name)
            declared = {each.name.upper(): each for each in self.properties_of(resource["type"]).values()}
            where = rest[0] if tag.endswith("_NODE") and rest else node
            self._check_nodes([where])
            if tag == "EXTENSION" and len(rest) == 1 and rest[0].upper() in declared:
                known = declared[rest[0].upper()]
                if known.extension:
                    return Answer(stdout="\n".join([known.kind.upper(), *_lines(properties, known.name)]) + "\n")
            values = {
                "TYPE": [resource["type"]],
                "TYPE_VERSION": [self.type_of(name).version],
                "GROUP": [resource["group"]],
                "RESOURCE_STATE": [self.resource_state(name, where).upper()],
                "ON_OFF_SWITCH": ["ENABLED" if resource["enabled"].get(where) else "DISABLED"],
                "MONITORED_SWITCH": ["ENABLED" if resource["monitored"].get(where) else "DISABLED"],
                "STATUS": list(self._scha_status(name, where)),
            }
            for key, known in declared.items():
                if not known.extension:
                    values[key] = _lines(properties, known.name)
            tag = tag.removesuffix("_NODE") if rest else tag
            if tag not in values or (
                rest and tag not in ("RESOURCE_STATE", "ON_OFF_SWITCH", "MONITORED_SWITCH", "STATUS")
            ):
                raise Usage(f"unknown tag {tag}")
            return Answer(stdout="".join(f"{value}\n" for value in values[tag]))

        return self._original("scha_resource_get", node, answer)

    def _scha_status(self, name: str, node: str) -> tuple[str, str]:
        keyword, words = self.resource_status(name, node)
        return ("OK" if keyword == "Online" else keyword.upper(), words)

    def _scha(self, arguments: Sequence[str], letters: str, needed: str, allowed: str = "") -> tuple[Any, list[str]]:
        try:
            given, rest = getopt.getopt(list(arguments), letters)
        except getopt.GetoptError as error:
            raise Usage(error.msg) from None
        options: Options = {}
        for option, value in given:
            options.setdefault(option[1:], []).append(value)
        require(options, needed, allowed)
        return options, rest

    # -- the rest ------------------------------------------------------------------------------------------------------

    @MARKS.documented("scinstall", "-p prints the release", UCMDB)
    @MARKS.assumed("scinstall", "the release is printed as 3.2 and so on; -pv adds packages, which are not simulated")
    def scinstall(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """Play scinstall, of which only -p is simulated."""

        def answer() -> Answer:
            require(parsed(arguments, "pv"), "p", "v")
            return Answer(stdout=f"{self.release}\n")

        return self._original("scinstall", node, answer)

    @MARKS.documented("scconf", "-p prints Cluster name and, on one line, Cluster nodes", UCMDB)
    @MARKS.assumed("scconf", "-p prints nothing else that is simulated, apart from the installation mode")
    def scconf(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """Play scconf, of which only -p is simulated."""

        def answer() -> Answer:
            require(parsed(arguments, "pv"), "p", "v")
            lines = {
                "Cluster name": self.cluster_name,
                "Cluster install mode": "disabled",
                "Cluster nodes": " ".join(self.nodes),
            }
            return Answer(stdout="".join(aligned(f"{label}:", value, 52) for label, value in lines.items()))

        return self._original("scconf", node, answer)


@MARKS.documented(
    "scstat",
    "a resource whose start failed is shown as Start failed, with a blank",
    "http://docs.oracle.com/cd/E19263-01/817-4640/ch8_ops-115/index.html",
)
@MARKS.assumed("scstat", "Error--stop failed and Online but not monitored; other states of two words with a blank")
def spelled(state: str) -> str:
    """A state as scstat spells it."""
    return _SPELLING.get(state, state.replace("_", " "))


def _lines(properties: Mapping[str, Any], name: str) -> list[str]:
    value = properties.get(name, "")
    return value if isinstance(value, list) else [value]
