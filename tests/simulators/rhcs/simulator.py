"""The command lines of Red Hat Cluster Suite, releases 4, 5 and 6: cman, ccs and rgmanager."""

from __future__ import annotations

import getopt
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..engine import Answer, Refusal
from . import test_tool
from .clustat import Report, cluster_id
from .cluster import CLUSTER_CONF, NodeDied
from .grammar import Invalid, read, version_of
from .manager import MESSAGES, NO_NODE, NO_QUORUM, NO_SERVICE, RUNNING, SUCCESS
from .marks import CCS_TOOL, CCS_UPDATE, CLUSTAT, CLUSTAT_4, CLUSVCADM, CLUSVCADM_4, CMAN_TOOL, MARKS, STATE, VALIDATE
from .transitions import Transitions

VERSIONS = {4: "5.0.1", 5: "6.1.0", 6: "6.2.0"}


class RedHatClusterSuite(Transitions):
    """All nodes of a cluster; see ClusterNodes for the options."""

    programs = {
        "clustat": "run_clustat",
        "clusvcadm": "run_clusvcadm",
        "ccs_tool": "run_ccs_tool",
        "cman_tool": "run_cman_tool",
        "ccs_config_validate": "run_ccs_config_validate",
        "rg_test": "run_rg_test",
    }

    def __init__(self, nodes: Sequence[str], state_file: Path | None = None, **options: Any) -> None:
        super().__init__(nodes, state_file, **options)
        if self.release != 6:
            self.programs = {name: method for name, method in self.programs.items() if name != "ccs_config_validate"}

    def _catch_up(self, node: str) -> None:
        """In a container: write what another node has distributed, unless this node has something newer."""
        text = self.state["unwritten"].pop(node, None)
        if text is None:
            return
        have = version_of(self.read_file(node, CLUSTER_CONF) or "") or "0"
        new = version_of(text) or "0"
        if not have.isdigit() or int(have) < int(new):
            self.write_file(node, CLUSTER_CONF, text)

    def _cman_up(self, node: str) -> bool:
        return bool(self.state["nodes"].get(node, {}).get("cman"))

    # -- clustat -----------------------------------------------------------------------------------------------

    @MARKS.documented(
        "clustat", "options; without cman exit 1; -Q 0 or 1; -I; -v; -i and -x exclude each other", CLUSTAT
    )
    @MARKS.documented(
        "clustat", "on release 4 Could not connect to cluster service stands on the standard output", CLUSTAT_4
    )
    @MARKS.assumed("clustat", "words after the options are a usage error")
    def run_clustat(self, node: str, arguments: list[str], _: str | None) -> Answer:
        """clustat."""
        self._catch_up(node)
        try:
            options, rest = getopt.getopt(arguments, "Is:m:i:xvQh?" if self.release == 4 else "fIls:m:i:xvQh?")
        except getopt.GetoptError:
            return Answer(0, _CLUSTAT_USAGE)
        if rest:
            return Answer(1, _CLUSTAT_USAGE)
        chosen = dict(options)
        names = [name for name, _ in options]
        if "-h" in names or "-?" in names:
            return Answer(0, _CLUSTAT_USAGE)
        if "-i" in names and "-x" in names[names.index("-i") :]:
            return Answer(1, "Error: Options '-i' and '-x' are mutually exclusive\n")
        if "-v" in names:
            return Answer(0, f"clustat version {VERSIONS[self.release]}\n")
        if not self._cman_up(node):
            if self.release == 4:
                return Answer(1, "Could not connect to cluster service\n")
            return Answer(1, "", "Could not connect to CMAN: No such file or directory\n")
        if "-Q" in names:
            return Answer(0 if self.state["quorate"] else 1)
        if "-I" in names:
            return Answer(0, f"0x{self.configuration.node_ids[node]:0{16 if self.release == 4 else 8}x}\n")
        if "-i" in names:
            return Answer(-1, hung=True)
        service = chosen.get("-s")
        if service is not None and ":" not in service:
            service = f"service:{service}"
        report = Report(self, node, chosen.get("-m"), service)
        return Answer(*(report.xml() if "-x" in names else report.text("-l" in names)))

    # -- clusvcadm ---------------------------------------------------------------------------------------------

    @MARKS.documented("clusvcadm", "options of release 5 and 6; usage exits 1", CLUSVCADM)
    @MARKS.documented("clusvcadm", "options of release 4: -e -d -r -R -s -m -n -q -v", CLUSVCADM_4)
    @MARKS.documented("clusvcadm", "-c convalesces, from release 6 on", CLUSVCADM)
    @MARKS.documented("clusvcadm", "-F with -m or -n, and -M without them, exit 1", CLUSVCADM)
    @MARKS.documented("clusvcadm", "-n means -m; a name without a colon is that of a service", CLUSVCADM)
    @MARKS.assumed("clusvcadm", "two actions at once and words after the options are usage errors")
    def run_clusvcadm(self, node: str, arguments: list[str], _: str | None) -> Answer:
        """clusvcadm."""
        self._catch_up(node)
        letters = {4: "e:d:r:n:m:vR:s:q", 5: "lSue:M:d:r:n:m:FvR:s:Z:U:qh?", 6: "lSue:M:d:r:n:c:m:FvR:s:Z:U:qh?"}
        try:
            options, rest = getopt.gnu_getopt(arguments, letters[self.release])
        except getopt.GetoptError:
            return Answer(1, _CLUSVCADM_USAGE)
        names = [name for name, _ in options]
        actions = [(name, value) for name, value in options if name in _ACTIONS]
        if rest or "-h" in names or "-?" in names or len(actions) > 1:
            return Answer(1, _CLUSVCADM_USAGE)
        if "-v" in names:
            return Answer(0, f"{VERSIONS[self.release]}\n")
        for name in ("-l", "-u", "-S"):
            if name in names:
                return self._lock_groups(node, name)
        target = next((value for name, value in options if name in ("-m", "-n")), None)
        if "-F" in names and target is not None:
            return Answer(1, "", "Cannot use '-F' with '-n' or '-m'\n")
        if not actions:
            return Answer(1, _CLUSVCADM_USAGE)
        action, service = actions[0]
        if action == "-M" and target is None:
            return Answer(1, "Migration requires a target cluster member\n")
        if self.release == 4:
            answer = self._request_4(node, action, service, target)
        else:
            answer = self._request(node, action, service, target, "-F" in names)
        return Answer(answer.status, "", answer.stderr, answer.hung) if "-q" in names else answer

    @MARKS.documented("clusvcadm", "-l, -u and -S: Resource groups locked or unlocked; 1 without an answer", CLUSVCADM)
    def _lock_groups(self, node: str, action: str) -> Answer:
        failure = {"-l": "Lock", "-u": "Unlock", "-S": "Query"}[action] + " operation failed\n"
        if not self._cman_up(node):
            return Answer(1, f"Could not connect to cluster service\n{failure}")
        if not self.state["nodes"][node]["rgmanager"]:
            return Answer(1, f"Could not connect to resource group manager\n{failure}")
        if not self.state["quorate"]:
            return Answer(1, f"Receive failed\n{failure}")
        if action != "-S":
            self.state["locked"] = action == "-l"
        return Answer(0, f"Resource groups {'locked' if self.state['locked'] else 'unlocked'}\n")

    @MARKS.documented(
        "clusvcadm", "what it prints before and after the result; Warning: on another node than asked for", CLUSVCADM
    )
    @MARKS.documented(
        "clusvcadm", "the exit status is the result modulo 256; 0 for Service is already running", CLUSVCADM
    )
    @MARKS.documented(
        "clusvcadm", "an unknown member is replaced by the closest match, if there is one alone", CLUSVCADM
    )
    @MARKS.documented("clusvcadm", "without cman or rgmanager it says so and exits 1", CLUSVCADM)
    @MARKS.documented("clusvcadm", "without quorum: Operation requires quorum", CLUSVCADM)
    @MARKS.assumed("clusvcadm", "a node that reboots in the middle of the operation gives the result -12")
    def _request(self, node: str, action: str, service: str, target: str | None, by_domain: bool) -> Answer:
        if ":" not in service:
            service = f"service:{service}"
        if not self._cman_up(node):
            return Answer(1, "Could not connect to cluster service\n")
        said = ""
        if target is not None:
            target, said = self._known_member(target)
            if target is None:
                return Answer(1, said)
            if action == "-M" and target not in self.cman_nodes():
                return Answer(1, f"{said}'{target}' is offline\n")
        words = _ACTIONS[action]
        if action in ("-r", "-M"):
            said += f"Trying to {words} {service}" + (f" to {target}" if target else "") + "..."
        else:
            said += f"{f'Member {target}' if target else 'Local machine'} {words} {service}..."
        if not self.state["nodes"][node]["rgmanager"]:
            return Answer(1, f"{said}Could not connect to resource group manager\n")
        try:
            result = self._result(node, action, service, target, by_domain)
        except NodeDied as dead:
            if dead.node == node:
                return Answer(-1, hung=True)
            result = NO_NODE
        said += f"{MESSAGES[result]}\n"
        if result in (SUCCESS, RUNNING):
            owner = self.record(service)["owner"]
            if result == SUCCESS and action in ("-e", "-r"):
                said += f"{'' if target in (None, owner) else 'Warning: '}{service} is now running on {owner}\n"
            return Answer(0, said)
        return Answer(result & 0xFF, said)

    def _known_member(self, name: str) -> tuple[str | None, str]:
        """The member that a name means, and what is said of it."""
        ids = self.configuration.node_ids
        if name in ids:
            return name, ""
        said = f"'{name}' not in membership list\n"
        common = {node: len(_common_beginning(node, name)) for node in ids}
        longest = max(common.values())
        closest = [node for node, length in common.items() if length == longest]
        if not longest:
            return None, f"{said}No matches for '{name}' found\n"
        if len(closest) > 1:
            return None, f"{said}More than one possible match for '{name}' found\n"
        return closest[0], f"{said}Closest match: '{closest[0]}'\n"

    @MARKS.documented("clusvcadm", "a service that does not exist gives -4", STATE)
    @MARKS.documented("clusvcadm", "services cannot be migrated: -8", STATE)
    @MARKS.assumed("clusvcadm", "enabling on a member that is not online gives -12")
    @MARKS.assumed("clusvcadm", "migration of virtual machines is not simulated: -8")
    def _result(self, node: str, action: str, service: str, target: str | None, by_domain: bool) -> int:
        if not self.state["quorate"]:
            return NO_QUORUM
        if service not in self.loaded.services:
            return NO_SERVICE
        if action == "-e":
            if target is not None and target not in self.members():
                return NO_NODE
            return self.start_by_domain(service) if by_domain else self.handle_start(target or node, service, "enable")
        requests: dict[str, Callable[[], int]] = {
            "-d": lambda: self.disable(node, service),
            "-r": lambda: self.relocate(self.master(node, service), service, "start_remote", target or ""),
            "-R": lambda: self.restart(node, service),
            "-s": lambda: self.stop_for_now(node, service),
            "-Z": lambda: self.freeze(service, True),
            "-U": lambda: self.freeze(service, False),
            "-c": lambda: self.convalesce(node, service),
            "-M": lambda: -8,
        }
        return requests[action]()

    @MARKS.documented(
        "clusvcadm", "release 4 prints success, failed or cancelled, and names the member in any case", CLUSVCADM_4
    )
    @MARKS.assumed("clusvcadm", "the numbers of results on release 4 are those of later releases")
    def _request_4(self, node: str, action: str, service: str, target: str | None) -> Answer:
        if not self._cman_up(node):
            return Answer(1, "Could not connect to cluster service\n")
        if target is not None and target not in self.members():
            return Answer(1, "", f"Member {target} not in membership list\n")
        words = "trying to relocate" if action == "-r" else _ACTIONS[action]
        said = f"Member {target or node} {words} {service}..."
        try:
            result = self._result(node, action, f"service:{service}", target, by_domain=False)
        except NodeDied as dead:
            if dead.node == node:
                return Answer(-1, hung=True)
            result = NO_NODE
        if result in (SUCCESS, RUNNING):
            return Answer(0, f"{said}success\n")
        return Answer(result & 0xFF, said + ("cancelled by resource manager\n" if result == -2 else "failed\n"))

    # -- ccs_tool ----------------------------------------------------------------------------------------------

    @MARKS.documented("ccs_tool", "release 6 has no update: Unknown command, exit 1", CCS_TOOL)
    @MARKS.assumed("ccs_tool", "further commands (addnode, lsnode, ...) are not simulated and unknown")
    def run_ccs_tool(self, node: str, arguments: list[str], _: str | None) -> Answer:
        """ccs_tool."""
        self._catch_up(node)
        if not arguments or arguments[0] in ("-h", "help"):
            return Answer(0, "Usage:\n  ccs_tool [options] <command>\n")
        if arguments[0] == "-V":
            return Answer(0, f"ccs_tool {VERSIONS[self.release]}\n")
        if arguments[0] != "update" or self.release == 6:
            return Answer(1, "", f"Unknown command, {arguments[0]}.\nTry 'ccs_tool help' for help.\n")
        if len(arguments) != 2:
            return Answer(1, "", "Too few arguments.\nTry 'ccs_tool help' for help.\n")
        return self._update(node, arguments[1])

    @MARKS.documented(
        "ccs_tool", "update: the file is parsed and its version must be greater than the running one's", CCS_UPDATE
    )
    @MARKS.documented("ccs_tool", "update: needs quorum and copies the file to all members", CCS_UPDATE)
    @MARKS.documented("ccs_tool", "update: another cluster's name is refused by the daemons", CCS_UPDATE)
    @MARKS.assumed("ccs_tool", "update: refuses what the grammar has not; the product only parses the file")
    @MARKS.assumed("ccs_tool", "update: exit status 1 where it fails; ends with Update complete. on release 5")
    def _update(self, node: str, path: str) -> Answer:
        if not self._cman_up(node):
            return Answer(1, "", "Unable to connect to the CCS daemon: Connection refused\n")
        text = self.read_file(node, path)
        if text is None:
            return Answer(1, "", f"Unable to parse {path}\n")
        try:
            new = read(text, self.release)
            version = str(new.version)
        except Invalid as invalid:
            if not invalid.well_formed:
                return Answer(1, "", f"Unable to parse {path}\n")
            version = version_of(text) or ""
            if not re.fullmatch(r"\d+", version):
                what = "config_version is not a valid integer." if version else "Error while retrieving config_version."
                return Answer(1, "", f"{what}\nUnable to get the config_version from {path}\n")
            if int(version) > self.configuration.version:
                return Answer(1, "", "".join(f"{path}: {error}\n" for error in invalid.errors))
        running = self.configuration
        if int(version) <= running.version:
            raise Refusal(
                1,
                "Proposed updated config file does not have greater version number.\n"
                f"  Current config_version :: {running.version}\n  Proposed config_version:: {version}\n",
            )
        if not self.state["quorate"]:
            blanks = "  " if self.release == 4 else " "
            return Answer(1, "", f"Unable to honor update request.{blanks}Cluster is not quorate.\n")
        if new.name != running.name:
            raise Refusal(
                1,
                f"Failed to receive COMM_UPDATE_NOTICE_ACK from {node}.\nHint: Check the log on {node} for reason.\n",
            )
        self.install(text)
        complete = "\nUpdate complete.\n" if self.release == 5 else ""
        return Answer(0, f"Config file updated from version {running.version} to {version}\n{complete}")

    # -- ccs_config_validate -----------------------------------------------------------------------------------

    @MARKS.documented(
        "ccs_config_validate", "-f, -l, -R, -q, -v and their messages; 254 not newer, 255 other", VALIDATE
    )
    @MARKS.documented("ccs_config_validate", "else exits as xmllint does: 3 for an invalid file", VALIDATE)
    @MARKS.assumed("ccs_config_validate", "the words of each single error")
    def run_ccs_config_validate(self, node: str, arguments: list[str], _: str | None) -> Answer:
        """ccs_config_validate, on release 6 only."""
        self._catch_up(node)
        try:
            options, rest = getopt.getopt(arguments, "hVf:l:R:vqu")
        except getopt.GetoptError:
            return Answer(255, "", "Usage:\n\nccs_config_validate [options]\n")
        chosen = dict(options)
        if "-h" in chosen:
            return Answer(0, "Usage:\n\nccs_config_validate [options]\n")
        if "-V" in chosen:
            return Answer(0, "ccs_config_validate version 3.0.12\n")
        if rest or ("-f" in chosen and "-l" in chosen) or ("-v" in chosen and "-q" in chosen):
            return Answer(255, "", "Error: invalid options.\n")
        text = self.read_file(node, chosen.get("-f") or chosen.get("-l") or CLUSTER_CONF)
        older_than = chosen.get("-R", "0")
        return self._validation(text, int(older_than) if older_than.isdigit() else 0, "-q" in chosen)

    def _validation(self, text: str | None, older_than: int, quiet: bool) -> Answer:
        if text is None or not _well_formed(text):
            return Answer(255, "\n", "Unable to get the configuration\n")
        try:
            configuration = read(text, self.release)
        except Invalid as invalid:
            lines = [f"tempfile:1: Relax-NG validity error : {error}\n" for error in invalid.errors]
            return Answer(3, "".join(lines) + "Configuration fails to validate\n")
        if older_than and configuration.version <= older_than:
            return Answer(254, "", "" if quiet else "Error: Configuration version is older than running config!\n")
        return Answer(0, "" if quiet else "Configuration validates\n")

    # -- cman_tool ---------------------------------------------------------------------------------------------

    @MARKS.documented(
        "cman_tool", "version, status and nodes; exit 1 with a message where cman does not run", CMAN_TOOL
    )
    @MARKS.assumed("cman_tool", "further commands (join, leave, kill, ...) are not simulated and refused")
    def run_cman_tool(self, node: str, arguments: list[str], _: str | None) -> Answer:
        """cman_tool."""
        self._catch_up(node)
        words = [argument for argument in arguments if not argument.startswith("-")]
        options = [argument for argument in arguments if argument.startswith("-")]
        if "-h" in options:
            return Answer(
                0, "Usage:\n\ncman_tool <join|leave|kill|expected|votes|version|wait|status|nodes|services>\n"
            )
        if "-V" in options:
            return Answer(0, f"cman_tool {VERSIONS[self.release]}\n")
        if not words:
            return _died("no operation specified")
        allowed = {"version": r"-r\d*|-S|-D(fail|warn|none)?|-d\d*", "status": "-d", "nodes": "-a|-d"}.get(words[0])
        if allowed is None:
            return _died(f"unknown option {words[0]}")
        if not all(re.fullmatch(allowed, option) for option in options):
            return Answer(1, "", "Please use '-h' for usage.\n")
        if not self._cman_up(node):
            return _died("Cannot open connection to cman, is it running ?")
        if words[0] == "version":
            return self._version(node, words[1:], options)
        if len(words) > 1:
            return _died(f"unknown option {words[1]}")
        return self._status(node) if words[0] == "status" else self._list_nodes("-a" in options)

    @MARKS.documented("cman_tool", "version prints VERSION config NUMBER", CMAN_TOOL)
    @MARKS.documented("cman_tool", "version -r N on release 6: a warning, the number is not used", CMAN_TOOL)
    @MARKS.assumed("cman_tool", "version -r N on releases 4 and 5 accepts the number that ccs_tool has distributed")
    def _version(self, node: str, words: list[str], options: list[str]) -> Answer:
        reload = [option for option in options if option.startswith("-r")]
        number = words[0] if words else "".join(reload).removeprefix("-r")
        if len(words) > 1 or (words and (not reload or not words[0].isdigit())):
            return _died(f"unknown option {words[-1]}")
        running = self.configuration.version
        if not reload:
            return Answer(0, f"{VERSIONS[self.release]} config {running}\n")
        if self.release == 6:
            warning = (
                "Warning: specifying a version for the -r flag is deprecated and no longer used\n" if number else ""
            )
            answer = self._reload(node, options)
            return Answer(answer.status, answer.stdout, warning + answer.stderr)
        if number != str(running):
            return _died("can't set version: Invalid argument")
        return Answer(0)

    @MARKS.documented(
        "cman_tool", "version -r: validates the node's file against the running version, then ccs_sync", CMAN_TOOL
    )
    @MARKS.documented("cman_tool", "version -r -S does not distribute the file; -Dnone does not validate it", CMAN_TOOL)
    @MARKS.assumed("cman_tool", "with -S, all nodes must have the same file")
    @MARKS.assumed("cman_tool", "another cluster's name, or an older or invalid file with -Dnone, cannot be loaded")
    def _reload(self, node: str, options: list[str]) -> Answer:
        text, printed = self.read_file(node, CLUSTER_CONF), ""
        validate = next((option[2:] for option in options if option.startswith("-D")), "fail")
        if validate == "none" or "-D" in options:
            validate = ""
        running = self.configuration
        if validate:
            answer = self._validation(text, running.version, quiet=True)
            printed = answer.stdout
            if answer.status == 254:
                return _died("Not reloading, config version older or equal the running config")
            if answer.status == 255:
                why = "Not reloading, generic error running ccs_config_validate\nTry re-running with -d options"
                return _died(why, printed)
            if answer.status and validate == "fail":
                return _died("Not reloading, configuration is not valid", printed)
        try:
            new = read(text or "", self.release)
        except Invalid:
            return _died("Error loading configuration in corosync/cman", printed)
        if text == self.state["config"]:
            return Answer(0)
        files = (
            [text] if self._file is not None else [self.read_file(other, CLUSTER_CONF) for other in self.cman_nodes()]
        )
        if new.version <= running.version or new.name != running.name or ("-S" in options and set(files) != {text}):
            return _died("Error loading configuration in corosync/cman", printed)
        assert text is not None
        self.install(text)
        return Answer(0, printed)

    @MARKS.documented("cman_tool", "status: its lines", CMAN_TOOL)
    @MARKS.assumed("cman_tool", "addresses, ports, subsystems and the number of a cluster")
    def _status(self, node: str) -> Answer:
        configuration = self.configuration
        online = self.cman_nodes()
        number = cluster_id(configuration.name)
        blocked = " " if self.state["quorate"] else "Activity blocked"
        lines = [
            f"Version: {VERSIONS[self.release]}",
            f"Config Version: {configuration.version}",
            f"Cluster Name: {configuration.name}",
            f"Cluster Id: {number}",
            "Cluster Member: Yes",
            f"Cluster Generation: {self.state['generation']}",
            "Membership state: Cluster-Member",
            f"Nodes: {len(online)}",
            f"Expected votes: {configuration.expected_votes}",
            f"Total votes: {sum(configuration.votes[other] for other in online)}",
            f"Node votes: {configuration.votes[node]}",
            f"Quorum: {configuration.quorum} {blocked}",
            "Active subsystems: 8",
            f"Flags:{' 2node' if configuration.two_node else ''} ",
            "Ports Bound: 0 177  ",
            f"Node name: {node}",
            f"Node ID: {configuration.node_ids[node]}",
            f"Multicast addresses: 239.192.{number >> 8}.{number & 0xFF} ",
            f"Node addresses: 192.0.2.{configuration.node_ids[node]} ",
        ]
        return Answer(0, "\n".join(lines) + "\n")

    @MARKS.documented(
        "cman_tool", "nodes: number, M or X, incarnation, time of joining, name; -a adds addresses", CMAN_TOOL
    )
    @MARKS.assumed("cman_tool", "incarnations and times of joining")
    def _list_nodes(self, addresses: bool) -> Answer:
        ids = self.configuration.node_ids
        online = self.cman_nodes()
        lines = ["Node  Sts   Inc   Joined               Name"]
        for name in sorted(ids, key=lambda one: ids[one]):
            joined = "1970-01-12 13:46:40" if name in online else " " * 19
            incarnation = self.state["generation"] if name in online else 0
            lines.append(f"{ids[name]:4d}   {'M' if name in online else 'X'}  {incarnation:5d}   {joined}  {name}")
            if addresses and name in online:
                lines.append(f"       Addresses: 192.0.2.{ids[name]} ")
        return Answer(0, "\n".join(lines) + "\n")

    # -- rg_test -----------------------------------------------------------------------------------------------

    def run_rg_test(self, node: str, arguments: list[str], _: str | None) -> Answer:
        """rg_test: what rgmanager makes of a file, and agents run by hand."""
        self._catch_up(node)
        return test_tool.run(self, node, arguments)


def _common_beginning(first: str, second: str) -> str:
    length = 0
    while length < min(len(first), len(second)) and first[length] == second[length]:
        length += 1
    return first[:length]


def _well_formed(text: str) -> bool:
    try:
        read(text, 6)
    except Invalid as invalid:
        return invalid.well_formed
    return True


def _died(words: str, printed: str = "") -> Answer:
    return Answer(1, printed, f"cman_tool: {words}\n")


_ACTIONS: dict[str, Any] = {
    "-e": "trying to enable",
    "-d": "disabling",
    "-r": "relocate",
    "-M": "migrate",
    "-s": "stopping",
    "-R": "trying to restart",
    "-Z": "freezing",
    "-U": "unfreezing",
    "-c": "convalescing",
}
_CLUSTAT_USAGE = "usage: clustat <options>\n"
_CLUSVCADM_USAGE = "usage: clusvcadm [command]\n"

SIMULATOR = RedHatClusterSuite
