"""The program crsctl."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from ..engine import Answer, Refusal
from . import messages, reports
from .attributes import acl_text, permissions, problem_with_name
from .catalogue import BASE_TYPES
from .cluster import Cluster
from .grammar import (
    AttributeDefinition,
    Filter,
    GrammarError,
    Line,
    attributes,
    command_line,
    file_attributes,
    type_attributes,
)
from .messages import lines
from .sources import COMMANDS, MARKS, MESSAGES, TRANSCRIPTS

#: The abbreviations of the transcripts.
WORDS = {"stat": "status", "res": "resource"}


class Crsctl(Cluster):
    """A cluster with the program crsctl."""

    # -- crsctl --------------------------------------------------------------------------------------------------

    @MARKS.documented("crsctl", "stat and res stand for status and resource", TRANSCRIPTS)
    @MARKS.assumed("crsctl", "a command line that the manual does not have is a parse error, with status 1")
    def crsctl(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002 - as all programs
        """The program of that name."""
        command = tuple(WORDS.get(word, word) for word in arguments[:2])
        commands: dict[tuple[str, ...], Callable[[str, list[str]], Answer]] = {
            ("status", "resource"): self._status_resource,
            ("status", "type"): self._status_type,
            ("add", "type"): self._add_type,
            ("modify", "type"): self._modify_type,
            ("delete", "type"): self._delete_type,
            ("add", "resource"): self._add_resource,
            ("modify", "resource"): self._modify_resource,
            ("delete", "resource"): self._delete_resource,
            ("start", "resource"): self._start_resource,
            ("stop", "resource"): self._stop_resource,
            ("relocate", "resource"): self._relocate_resource,
            ("check", "resource"): self._check_resource,
            ("setperm", "resource"): self._setperm_resource,
            ("getperm", "resource"): self._getperm_resource,
            ("check", "crs"): self._check_crs,
            ("check", "cluster"): self._check_cluster,
            ("query", "crs"): self._query_crs,
            ("stop", "crs"): self._stop_crs,
            ("start", "crs"): self._start_crs,
        }
        if command not in commands:
            raise messages.usage("crsctl", f"'{' '.join(arguments)}' is not a command", "<command> <object> [options]")
        stack = (("check", "crs"), ("check", "cluster"), ("start", "crs"), ("stop", "crs"))
        if node in self.state["down"] and command not in stack:
            raise self._no_crs(command[0])
        try:
            return commands[command](node, arguments[2:])
        except GrammarError as error:
            raise messages.usage("crsctl", str(error), " ".join(command)) from None

    @MARKS.documented("crsctl status resource", "-w, -p, -v, -f, -t, -dependency, -n with names or for all", COMMANDS)
    @MARKS.documented("crsctl status resource", "CRS-2613 on standard output: no such resource", TRANSCRIPTS)
    @MARKS.assumed("crsctl status resource", "status for a resource that is not there (option missing_resource_status)")
    @MARKS.assumed("crsctl status resource", "resources that are there are shown although others are not")
    @MARKS.assumed("crsctl status resource", "-n: only what runs on the server; -k, -d, -e, -g, -l, -s are not played")
    def _status_resource(self, node: str, arguments: list[str]) -> Answer:  # noqa: ARG002
        line = command_line(
            arguments, ("-p", "-v", "-f", "-t", "-dependency", "-stop", "-pullup", "-noname"), ("-w", "-n", "-attr")
        )
        self._check_status_options(line)
        catalogue = self._catalogue()
        missing = [name for name in line.words if name not in catalogue.resources]
        names = [name for name in line.words if name in catalogue.resources]
        if not line.words:
            names = sorted(catalogue.resources)
        if "-w" in line:
            names = self._filtered(names, line.get("-w"))
        shown = {name: self._runs_on(name, line.get("-n")) for name in names}
        shown = {name: runs for name, runs in shown.items() if runs}
        text = lines(*(messages.NO_RESOURCE.format(name) for name in missing)) + self._status_text(line, shown)
        return Answer(self._missing_resource_status if missing else 0, text)

    def _check_status_options(self, line: Line) -> None:
        forms = [option for option in ("-p", "-v", "-f", "-t", "-dependency") if option in line]
        if len(forms) > 1 or (line.words and "-w" in line):
            raise GrammarError(f"{' and '.join(forms) or 'names and -w'} exclude each other")
        if ("-stop" in line or "-pullup" in line) and (
            "-dependency" not in line or ("-stop" in line and "-pullup" in line)
        ):
            raise GrammarError("-stop and -pullup go with -dependency")
        if "-attr" in line and (("-p" not in line and "-v" not in line) or self._release != "19"):
            raise GrammarError("'-attr' is an invalid argument")
        if "-noname" in line and "-attr" not in line:
            raise GrammarError("'-noname' is an invalid argument")

    def _filtered(self, names: Sequence[str], text: str) -> list[str]:
        wanted = Filter(text)
        catalogue = self._catalogue()
        found = []
        for name in names:
            values = catalogue.values(name) | {"NAME": name, "TYPE": catalogue.resources[name]["type"]}
            runs = [values | {"STATE": run["state"], "TARGET": run["target"]} for run in self._runs_on(name, "")]
            if any(wanted.matches(run) for run in runs):
                found.append(name)
        return found

    @MARKS.assumed("crsctl status resource", "of local resources, runs on servers that are down are not shown")
    def _runs_on(self, name: str, server: str) -> list[dict[str, Any]]:
        runs = self.state["resources"][name]["instances"]
        return [run for run in runs if run["key"] not in self.state["down"] and server in ("", run["server"])]

    def _status_text(self, line: Line, shown: dict[str, list[dict[str, Any]]]) -> str:
        catalogue = self._catalogue()
        if "-t" in line:
            return reports.table(catalogue, shown, self._release)
        if "-dependency" in line:
            what = "Stop" if "-stop" in line else "Pullup" if "-pullup" in line else "Start"
            return reports.dependency_tree(catalogue, list(shown), what)
        if "-attr" in line:
            return self._selected(line, shown)
        text = ""
        for name, runs in shown.items():
            if "-p" in line:
                text += reports.profile(catalogue, name, self._release)
            elif "-f" in line:
                text += reports.full(catalogue, name, self._release)
            elif "-v" in line:
                text += reports.verbose(catalogue, name, runs, self._release)
            else:
                text += reports.plain(catalogue, name, runs)
        return text

    def _selected(self, line: Line, shown: dict[str, list[dict[str, Any]]]) -> str:
        catalogue = self._catalogue()
        wanted = [name.strip() for name in line.get("-attr").split(",")]
        text = ""
        for name, runs in shown.items():
            if "-p" in line:
                values = [reports.profile_values(catalogue, name, self._release)]
            else:
                local = catalogue.is_local(catalogue.resources[name]["type"])
                values = [reports.verbose_values(name, run, len(runs), local, self._release) for run in runs]
            text += "".join(reports.selected(name, found, wanted, "-noname" not in line) for found in values)
        return text

    @MARKS.documented("crsctl status type", "names or all; CRS-2560: no such type (its number)", TRANSCRIPTS)
    @MARKS.assumed("crsctl status type", "text of CRS-2560, and status 1 with it; -g is not played")
    def _status_type(self, node: str, arguments: list[str]) -> Answer:  # noqa: ARG002
        line = command_line(arguments, ("-p", "-f"), ("-w",))
        if ("-p" in line and "-f" in line) or (line.words and "-w" in line):
            raise GrammarError("options exclude each other")
        catalogue = self._catalogue()
        missing = [name for name in line.words if name not in catalogue.types]
        names = [name for name in line.words if name in catalogue.types] if line.words else sorted(catalogue.types)
        if "-w" in line:
            wanted = Filter(line.get("-w"))
            known = {
                name: {"NAME": name, "TYPE_NAME": name, "BASE_TYPE": catalogue.types[name]["base"]} for name in names
            }
            names = [name for name in names if wanted.matches(known[name])]
        detail = "-f" if "-f" in line else "-p" if "-p" in line else ""
        text = lines(*(messages.NO_TYPE.format(name) for name in missing))
        text += "".join(reports.resource_type(catalogue, name, detail) for name in names)
        return Answer(1 if missing else 0, text)

    # -- crsctl: types -------------------------------------------------------------------------------------------

    @MARKS.documented("crsctl add type", "the base type is local_resource or cluster_resource", COMMANDS)
    @MARKS.documented("crsctl add type", "CRS-2728: a type of the name is registered", TRANSCRIPTS)
    @MARKS.assumed("crsctl add type", "-file has one -attr definition a line")
    def _add_type(self, node: str, arguments: list[str]) -> Answer:
        line = self._one_name(command_line(arguments, ("-i",), ("-basetype", "-attr", "-file")))
        (name,) = line.words
        definitions = self._definitions(node, line)
        catalogue = self._catalogue()
        self._check_not_oracle("Add", "type", name)
        problem = problem_with_name(name)
        if problem:
            raise messages.refusal("Add", messages.OTHER.format(problem))
        if name in catalogue.types:
            raise messages.refusal("Add", messages.TYPE_EXISTS.format(name))
        if line.get("-basetype") not in BASE_TYPES:
            raise messages.refusal("Add", messages.NO_TYPE.format(line.get("-basetype")))
        catalogue.define(name, line.get("-basetype"), definitions)
        return Answer()

    def _definitions(self, node: str, line: Line) -> list[AttributeDefinition]:
        if "-attr" in line and "-file" in line:
            raise GrammarError("-attr and -file exclude each other")
        text = line.get("-attr") if "-attr" in line else ",".join(self._file_text(node, line).splitlines())
        definitions = type_attributes(text) if text else []
        if len({definition.name for definition in definitions}) < len(definitions):
            raise GrammarError("an attribute is given more than once")
        return definitions

    def _file_text(self, node: str, line: Line) -> str:
        if "-file" not in line:
            return ""
        text = self.read_file(node, line.get("-file"))
        if text is None:
            raise GrammarError(f"the file '{line.get('-file')}' cannot be read")
        return text

    @MARKS.documented("crsctl modify type", "defaults and further attributes", COMMANDS)
    @MARKS.assumed("crsctl modify type", "no further REQUIRED attribute while there are resources of the type")
    def _modify_type(self, node: str, arguments: list[str]) -> Answer:
        line = self._one_name(command_line(arguments, ("-i", "-f"), ("-attr", "-file")))
        (name,) = line.words
        definitions = self._definitions(node, line)
        if not definitions:
            raise GrammarError("-attr or -file is missing")
        catalogue = self._catalogue()
        self._check_type("Modify", name)
        for definition in definitions:
            new = definition.name not in catalogue.types[name]["attributes"]
            if new and "REQUIRED" in definition.flags and catalogue.of_type(name):
                text = f"attribute '{definition.name}' cannot be required: there are resources of type '{name}'"
                raise messages.refusal("Modify", messages.OTHER.format(text))
        catalogue.define(name, catalogue.types[name]["base"], definitions)
        return Answer()

    @MARKS.assumed("crsctl delete type", "refused while there are resources of the type, or types based on it")
    def _delete_type(self, node: str, arguments: list[str]) -> Answer:  # noqa: ARG002
        line = command_line(arguments, ("-i",), ())
        if not line.words:
            raise GrammarError("a name is missing")
        catalogue = self._catalogue()
        for name in line.words:
            self._check_type("Delete", name)
            users = catalogue.of_type(name)
            users += [other for other, known in catalogue.types.items() if known["base"] == name]
            if users:
                text = f"type '{name}' cannot be deleted: '{users[0]}' is based on it"
                raise messages.refusal("Delete", messages.OTHER.format(text))
            del catalogue.types[name]
        return Answer()

    def _check_type(self, verb: str, name: str) -> None:
        self._check_not_oracle(verb, "type", name)
        if name not in self.state["types"]:
            raise messages.refusal(verb, messages.NO_TYPE.format(name))
        if name in BASE_TYPES:
            raise messages.refusal(verb, messages.OTHER.format(f"type '{name}' is built in"))

    def _one_name(self, line: Line) -> Line:
        if len(line.words) != 1:
            raise GrammarError("one name must be given")
        return line

    # -- crsctl: resources ---------------------------------------------------------------------------------------

    @MARKS.documented("crsctl add resource", "-type, -attr or -file, -i, -f", COMMANDS)
    @MARKS.assumed("crsctl add resource", "a name that is registered is refused")
    @MARKS.assumed("crsctl add resource", "CRS-2560: the type is not there")
    def _add_resource(self, node: str, arguments: list[str]) -> Answer:
        line = self._one_name(command_line(arguments, ("-i", "-f"), ("-type", "-attr", "-file")))
        (name,) = line.words
        if "-type" not in line or ("-attr" in line and "-file" in line):
            raise GrammarError("-type must be given, and -attr or -file")
        given = self._attributes(node, line)
        self._check_not_oracle("Add", "resource", name)
        self._register(node, name, line.get("-type"), given, "-f" in line)
        return Answer()

    def _attributes(self, node: str, line: Line) -> dict[str, str]:
        if "-file" in line:
            return file_attributes(self._file_text(node, line))
        return attributes(line.get("-attr")) if "-attr" in line else {}

    @MARKS.documented("crsctl modify resource", "-attr, -i, -f; -delete returns attributes to their defaults", COMMANDS)
    @MARKS.documented("crsctl modify resource", "CRS-2613 and CRS-4000: no such resource", TRANSCRIPTS)
    @MARKS.assumed("crsctl modify resource", "a resource that runs can be changed, and goes on running")
    def _modify_resource(self, node: str, arguments: list[str]) -> Answer:
        line = self._one_name(command_line(arguments, ("-i", "-f", "-delete"), ("-attr", "-file")))
        (name,) = line.words
        if ("-attr" in line) == ("-file" in line):
            raise GrammarError("-attr or -file must be given")
        self._check_resources("Modify", [name], "w")
        catalogue = self._catalogue()
        known = catalogue.resources[name]
        if "-delete" in line:
            removed = [word.strip() for word in line.get("-attr").split(",")]
            catalogue.check_names("Modify", known["type"], removed, adding=False)
            left = {key: value for key, value in known["attributes"].items() if key not in removed}
            catalogue.check_required("Modify", known["type"], left)
            catalogue.check_placement("Modify", known["type"], left)
            known["attributes"] = left
            catalogue.modify(name, {})
            return Answer()
        given = self._attributes(node, line)
        catalogue.check_names("Modify", known["type"], given, adding=False)
        catalogue.check_values("Modify", known["type"], given)
        catalogue.check_required("Modify", known["type"], known["attributes"] | given)
        catalogue.check_placement("Modify", known["type"], known["attributes"] | given)
        catalogue.check_dependencies("Modify", name, given, "-f" in line)
        catalogue.check_script("Modify", given, lambda path: self._has_script(node, path))
        catalogue.modify(name, given)
        return Answer()

    def _check_resources(self, verb: str, names: Sequence[str], letter: str) -> None:
        for name in names:
            if name not in self.state["resources"]:
                raise messages.refusal(verb, messages.NO_RESOURCE.format(name))
            self._check_not_oracle(verb, "resource", name)
            self._check_permission(verb, name, letter)

    @MARKS.documented("crsctl delete resource", "CRS-2613 and CRS-4000: no such resource", TRANSCRIPTS)
    @MARKS.assumed("crsctl delete resource", "refused while it runs; with -f it is stopped, with what depends on it")
    @MARKS.assumed("crsctl delete resource", "CRS-2730: something depends on it, and -f is not given")
    def _delete_resource(self, node: str, arguments: list[str]) -> Answer:  # noqa: ARG002
        line = command_line(arguments, ("-i", "-f"), ())
        if not line.words:
            raise GrammarError("a name is missing")
        self._check_resources("Delete", line.words, "w")
        return self._unregister(line.words, "-f" in line)

    def _targets(self, line: Line, verb: str, letter: str = "x") -> list[str]:
        """Resources that names, -w or -all say."""
        ways = [bool(line.words), "-w" in line, "-all" in line]
        if sum(ways) != 1:
            raise GrammarError("names, -w or -all must be given")
        if line.words:
            names = list(dict.fromkeys(line.words))
        else:
            names = [name for name in sorted(self.state["resources"]) if not name.startswith("ora.")]
            names = self._filtered(names, line.get("-w")) if "-w" in line else names
        self._check_resources(verb, names, letter)
        for option in ("-n", "-s"):
            if option in line and line.get(option) not in self._servers():
                raise messages.refusal(
                    verb, messages.OTHER.format(f"server '{line.get(option)}' is not in the cluster")
                )
        for pair in filter(None, line.get("-env").split(",")):
            if not re.fullmatch(r"\s*\w+=.*", pair):
                raise GrammarError(f"'{pair}' is not an environment variable with a value")
        return names

    @MARKS.documented("crsctl start resource", "names, -w or -all, -n, -env, -f, -i", COMMANDS)
    @MARKS.documented("crsctl start resource", "CRS-2613 and CRS-4000: no such resource", MESSAGES)
    @MARKS.assumed(
        "crsctl start resource", "with several names, all are tried; -s, -k, -d, -begin, -end are not played"
    )
    def _start_resource(self, node: str, arguments: list[str]) -> Answer:  # noqa: ARG002
        line = command_line(arguments, ("-all", "-f", "-i"), ("-w", "-n", "-env"))
        names = self._targets(line, "Start")
        operation = self._operation()
        for name in names:
            if operation.running(name) and not line.words:
                continue
            try:
                operation.start(name, line.get("-n") or None, "-f" in line)
            except Refusal as refusal:
                if len(names) == 1:
                    raise
                operation.refused(refusal)
        return self._answer("Start", operation)

    @MARKS.documented("crsctl stop resource", "names, -w or -all, -n, -env, -f, -i", COMMANDS)
    @MARKS.assumed("crsctl stop resource", "-all and -w leave out what is not running; -s, -k, -d, -l are not played")
    def _stop_resource(self, node: str, arguments: list[str]) -> Answer:  # noqa: ARG002
        line = command_line(arguments, ("-all", "-f", "-i"), ("-w", "-n", "-env"))
        names = self._targets(line, "Stop")
        operation = self._operation()
        if not line.words:
            names = [name for name in names if operation.running(name)]
        operation.stop(names, line.get("-n") or None, "-f" in line)
        return self._answer("Stop", operation)

    @MARKS.documented("crsctl relocate resource", "a name, -all -s or -w, -s, -n, -env, -f, -i", COMMANDS)
    @MARKS.assumed("crsctl relocate resource", "-all -s moves everything that runs on the server; -k is not played")
    def _relocate_resource(self, node: str, arguments: list[str]) -> Answer:  # noqa: ARG002
        line = command_line(arguments, ("-all", "-f", "-i"), ("-w", "-s", "-n", "-env"))
        if len(line.words) > 1 or ("-all" in line and "-s" not in line):
            raise GrammarError("one name, -w or -all with -s must be given")
        names = self._targets(line, "Relocate")
        source, destination = line.get("-s") or None, line.get("-n") or None
        operation = self._operation()
        for name in names:
            where = operation.servers_of(name)
            if not line.words and (not where or operation.is_local(name) or (source and source not in where)):
                continue
            try:
                operation.relocate(name, source, destination, "-f" in line)
            except Refusal as refusal:
                if len(names) == 1:
                    raise
                operation.refused(refusal)
        return self._answer("Relocate", operation)

    @MARKS.documented("crsctl check resource", "checks at once, and prints nothing", TRANSCRIPTS)
    @MARKS.documented("crsctl check resource", "names or -w, -n", COMMANDS)
    def _check_resource(self, node: str, arguments: list[str]) -> Answer:  # noqa: ARG002
        line = command_line(arguments, (), ("-w", "-n"))
        names = list(line.words) or self._filtered(sorted(self.state["resources"]), line.get("-w"))
        for name in names:
            if name not in self.state["resources"]:
                raise messages.refusal("Check", messages.NO_RESOURCE.format(name))
            for run in self._runs_on(name, line.get("-n")):
                if run["state"] == "ONLINE" and self._agent_fails(name, "check", run["server"]):
                    self._operation().fail(name, run)
        return Answer()

    # -- crsctl: permissions -------------------------------------------------------------------------------------

    @MARKS.documented(
        "crsctl setperm resource", "-o owner, -g group, -u adds or changes, -x removes an entry", COMMANDS
    )
    @MARKS.assumed("crsctl setperm resource", "only root changes an owner or a group")
    def _setperm_resource(self, node: str, arguments: list[str]) -> Answer:  # noqa: ARG002
        line = self._one_name(command_line(arguments, (), ("-o", "-g", "-u", "-x")))
        (name,) = line.words
        if len(line.options) != 1:
            raise GrammarError("one of -o, -g, -u and -x must be given")
        self._check_resources("Setperm", [name], "w")
        ((option, value),) = line.options.items()
        if option in ("-o", "-g") and self.user != "root":
            raise messages.refusal("Setperm", messages.NOT_PERMITTED.format(self.user, name))
        entries = permissions(self._catalogue().value(name, "ACL"))
        new = self._changed_permissions(entries, option, value)
        self.state["resources"][name]["attributes"]["ACL"] = acl_text(new)
        return Answer()

    def _changed_permissions(self, entries: dict[str, str], option: str, value: str) -> dict[str, str]:
        if option in ("-o", "-g"):
            role = "owner" if option == "-o" else "pgrp"
            return {
                f"{role}:{value}" if entry.startswith(f"{role}:") else entry: what for entry, what in entries.items()
            }
        for part in value.split(","):
            match = re.fullmatch(r"((?:user|group):[^:\s]+|other:)(?::([r-][w-][x-]))?", part.strip())
            if not match or (option == "-u" and not match[2]):
                raise GrammarError(f"'{value}' is not a permission")
            if option == "-u":
                entries[match[1]] = match[2]
            elif entries.pop(match[1], None) is None or match[1] == "other:":
                raise GrammarError(f"'{value}' is not in the ACL")
        return entries

    @MARKS.documented("crsctl getperm resource", "Name: and the ACL", TRANSCRIPTS)
    def _getperm_resource(self, node: str, arguments: list[str]) -> Answer:  # noqa: ARG002
        (name,) = self._one_name(command_line(arguments, (), ())).words
        if name not in self.state["resources"]:
            raise messages.refusal("Getperm", messages.NO_RESOURCE.format(name))
        return Answer(0, lines(f"Name: {name}", self._catalogue().value(name, "ACL")))

    # -- crsctl: the cluster -------------------------------------------------------------------------------------

    @MARKS.documented("crsctl check crs", "CRS-4638, CRS-4537, CRS-4529, CRS-4533: all is online", TRANSCRIPTS)
    @MARKS.documented("crsctl check crs", "CRS-4639 where nothing runs", TRANSCRIPTS)
    def _check_crs(self, node: str, arguments: list[str]) -> Answer:
        if arguments:
            raise GrammarError(f"'{arguments[0]}' is an invalid argument")
        if node in self.state["down"]:
            raise messages.refusal("Check", messages.NO_HAS)
        return Answer(0, lines(messages.HAS_ONLINE, messages.CRS_ONLINE, messages.CSS_ONLINE, messages.EVM_ONLINE))

    @MARKS.documented(
        "crsctl check cluster", "this server; -all: each under its name, between lines of stars", TRANSCRIPTS
    )
    @MARKS.documented("crsctl check cluster", "CRS-4535, CRS-4530, CRS-4534: nothing runs there", TRANSCRIPTS)
    @MARKS.assumed("crsctl check cluster", "-all leaves out nothing, and ends with status 0")
    def _check_cluster(self, node: str, arguments: list[str]) -> Answer:
        line = command_line(arguments, ("-all",), ())
        if line.words:
            raise GrammarError(f"'{line.words[0]}' is an invalid argument")

        def state_of(server: str) -> str:
            if server in self.state["down"]:
                return lines(messages.NO_CRS, messages.NO_CSS, messages.NO_EVM)
            return lines(messages.CRS_ONLINE, messages.CSS_ONLINE, messages.EVM_ONLINE)

        if "-all" not in line:
            return Answer(1 if node in self.state["down"] else 0, state_of(node))
        stars = lines("*" * 62)
        return Answer(0, "".join(f"{stars}{server}:\n{state_of(server)}" for server in self.nodes) + stars)

    @MARKS.documented("crsctl query crs", "activeversion", TRANSCRIPTS)
    def _query_crs(self, node: str, arguments: list[str]) -> Answer:  # noqa: ARG002
        if arguments != ["activeversion"]:
            raise GrammarError(f"'{' '.join(arguments)}' is not known")
        return Answer(0, lines(f"Oracle Clusterware active version on the cluster is [{self.release.version}]"))

    @MARKS.documented("crsctl stop crs", "what runs here stops, and starts on another server", TRANSCRIPTS)
    @MARKS.documented("crsctl stop crs", "what it prints; CRS-4639 and CRS-4000 where nothing runs", TRANSCRIPTS)
    @MARKS.assumed(
        "crsctl stop crs", "only root may; status 1 when something could not be stopped, and then all stays up"
    )
    def _stop_crs(self, node: str, arguments: list[str]) -> Answer:
        line = command_line(arguments, ("-f",), ())
        self._check_root("Stop", line)
        if node in self.state["down"]:
            raise messages.refusal("Stop", messages.NO_HAS)
        operation = self._operation()
        crsd = ("ora.crsd", node)
        operation.lines = [messages.HAS_STOPPING.format(node), messages.STOP.format(*crsd)]
        operation.lines.append(messages.CRS_STOPPING.format(node))
        if not operation.stop_server(node) and "-f" not in line:
            raise messages.refusal("Stop", *operation.lines)
        self.state["down"].append(node)
        following = self._operation()
        following.lose_server(node)
        output = [*operation.lines, *following.lines, messages.CRS_STOPPED.format(node), messages.STOPPED.format(*crsd)]
        return Answer(0, lines(*output, messages.HAS_STOPPED.format(node), messages.HAS_HAS_STOPPED))

    @MARKS.documented("crsctl start crs", "CRS-4123", TRANSCRIPTS)
    @MARKS.assumed("crsctl start crs", "CRS-4640: it runs; the node is back in the cluster when the command ends")
    def _start_crs(self, node: str, arguments: list[str]) -> Answer:
        self._check_root("Start", command_line(arguments, (), ()))
        if node not in self.state["down"]:
            raise messages.refusal("Start", messages.HAS_ACTIVE)
        self.state["down"].remove(node)
        self._operation().gain_server(node)
        return Answer(0, lines(messages.HAS_HAS_STARTED))

    def _check_root(self, verb: str, line: Line) -> None:
        if line.words:
            raise GrammarError(f"'{line.words[0]}' is an invalid argument")
        if self.user != "root":
            raise messages.refusal(verb, messages.NOT_ROOT)
