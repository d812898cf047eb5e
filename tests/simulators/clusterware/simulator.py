"""Oracle Clusterware: crsctl, and the lesser programs: appvipcfg, olsnodes, srvctl."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

from ..engine import Answer, Refusal
from . import messages, reports
from .catalogue import ADDRESS_ATTRIBUTES, ADDRESS_BASE, NETWORK
from .crsctl import Crsctl
from .grammar import AttributeDefinition
from .messages import lines
from .sources import COMMANDS, MARKS, MESSAGES, TRANSCRIPTS


class ClusterwareSimulator(Crsctl):
    """A cluster with all programs of Oracle Clusterware that groupware needs. See Cluster for its options."""

    programs = {"crsctl": "crsctl", "appvipcfg": "appvipcfg", "olsnodes": "olsnodes", "srvctl": "srvctl"}

    # -- appvipcfg -----------------------------------------------------------------------------------------------

    @MARKS.documented("appvipcfg", "create -network -ip -vipname -user [-group] [-failback], delete -vipname", COMMANDS)
    @MARKS.documented("appvipcfg", "only root may", COMMANDS)
    @MARKS.assumed("appvipcfg", "status 1 with whatever is refused, and the text for others than root")
    def appvipcfg(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """The program of that name."""
        options: dict[str, str] = {}
        for argument in arguments[1:]:
            match = re.fullmatch(r"-(\w+)=(.*)", argument)
            if not match or match[1] in options:
                raise self._appvipcfg_usage()
            options[match[1]] = match[2]
        if self.user != "root":
            raise Refusal(1, stdout=lines("This command must be run as root"))
        if node in self.state["down"]:
            raise self._no_crs("Status")
        legal = {
            "create": ({"network", "ip", "vipname", "user"}, {"group", "failback"}),
            "delete": ({"vipname"}, set()),
        }
        required, optional = legal.get(arguments[0] if arguments else "", ({"?"}, set()))
        if not required <= set(options) <= required | optional:
            raise self._appvipcfg_usage()
        if arguments[0] == "create":
            return self._create_address(node, options)
        return self._delete_address(options["vipname"])

    @MARKS.assumed("appvipcfg", "text of its usage")
    def _appvipcfg_usage(self) -> Refusal:
        return Refusal(
            1,
            stdout=lines(
                "Production Copyright 2007, 2008, Oracle.All rights reserved",
                "Usage: appvipcfg create -network=<network_number> -ip=<ip_address> -vipname=<vipname>",
                "                        -user=<user_name> [-group=<group_name>] [-failback=0 | 1]",
                "                 delete -vipname=<vipname>",
            ),
        )

    @MARKS.documented("appvipcfg", "makes the type if it is not there, goes on after CRS-2728 if it is", TRANSCRIPTS)
    @MARKS.documented("appvipcfg", "attributes of the address: network, HOSTING_MEMBERS, ACL, USR_ORA_VIP", TRANSCRIPTS)
    @MARKS.documented("appvipcfg", "what it prints", TRANSCRIPTS)
    @MARKS.assumed("appvipcfg", "network 1 is the only one, the address is one, -failback is 0 or 1")
    @MARKS.assumed("appvipcfg", "what the types of 11.2 and 19 are based on; where 19 keeps its log")
    def _create_address(self, node: str, options: dict[str, str]) -> Answer:
        if (
            not _is_address(options["ip"])
            or options["network"] != "1"
            or options.get("failback", "0") not in ("0", "1")
        ):
            raise self._appvipcfg_usage()
        catalogue = self._catalogue()
        type_name, home = self.release.address_type, self.release.home
        acl = f"owner:root:rwx,pgrp:{options.get('group', 'root')}:r-x,other::r--,user:{options['user']}:r-x"
        given = {
            "USR_ORA_VIP": options["ip"],
            "START_DEPENDENCIES": f"hard({NETWORK}) pullup({NETWORK})",
            "STOP_DEPENDENCIES": f"hard({NETWORK})",
            "ACL": acl,
            "HOSTING_MEMBERS": node,
            "APPSVIP_FAILBACK": options.get("failback", ""),
        }
        shown = ",".join(f"{name}='{value}'" if name == "ACL" else f"{name}={value}" for name, value in given.items())
        add_type = (
            f"{home}/bin/crsctl add type {type_name} -basetype {ADDRESS_BASE} -file {home}/crs/template/appvip.type"
        )
        add = f'{home}/bin/crsctl add resource {options["vipname"]} -type {type_name} -attr "{shown}"'
        output = [*self._heading(), "Creating Resource Type", f"Executing {add_type}", f"Executing cmd: {add_type}"]
        noise: list[str] = []
        if type_name in catalogue.types:
            noise = [messages.TYPE_EXISTS.format(type_name), messages.FAILED.format("Add")]
            output += ["Command output:", *(f">  {text}" for text in noise), ">End Command output", *noise]
        else:
            definitions = [AttributeDefinition(name, "string", value, ()) for name, value in ADDRESS_ATTRIBUTES.items()]
            catalogue.define(type_name, ADDRESS_BASE, definitions)
        output += ["Create the Resource", f"Executing {add}", f"Executing cmd: {add}"]
        try:
            if options["vipname"].startswith("ora."):
                self._check_not_oracle("Add", "resource", options["vipname"])
            self._register(node, options["vipname"], type_name, given, force=False)
        except Refusal as refusal:
            failure = refusal.answer.stdout.splitlines()
            output += ["Command output:", *(f">  {text}" for text in failure), ">End Command output", *failure]
            return Answer(1, self._stamped(output))
        return Answer(0, self._stamped(output))

    @MARKS.documented("appvipcfg", "19 says first which parameters it uses and where its log is", TRANSCRIPTS)
    def _heading(self) -> list[str]:
        if self._release != "19":
            return []
        return [
            f"Using configuration parameter file: {self.release.home}/crs/install/crsconfig_params",
            "The log of current session can be found at:",
            "  /u01/app/grid/crsdata/appvipcfg.log",
        ]

    @MARKS.assumed("appvipcfg", "which lines have a time in front")
    def _stamped(self, output: Sequence[str]) -> str:
        """Its output with the time in front of what it does itself."""
        stamp = reports.log_time(self.now)
        own = ("Creating Resource Type", "Executing ", "Command output:", "Create the Resource", "Delete the Resource")
        text = [f"{stamp}: {line}" if line.startswith(own) else line for line in output]
        return lines("Production Copyright 2007, 2008, Oracle.All rights reserved", *text)

    @MARKS.assumed("appvipcfg", "delete does what crsctl delete resource does; the type stays")
    def _delete_address(self, name: str) -> Answer:
        delete = f"{self.release.home}/bin/crsctl delete resource {name}"
        output = [*self._heading(), "Delete the Resource", f"Executing {delete}", f"Executing cmd: {delete}"]
        try:
            if name not in self.state["resources"]:
                raise messages.refusal("Delete", messages.NO_RESOURCE.format(name))
            if self.state["resources"][name]["type"] != self.release.address_type:
                text = f"resource '{name}' is not an application VIP"
                raise messages.refusal("Delete", messages.OTHER.format(text))
            self._unregister([name], force=False)
        except Refusal as refusal:
            failure = refusal.answer.stdout.splitlines()
            output += ["Command output:", *(f">  {text}" for text in failure), ">End Command output", *failure]
            return Answer(1, self._stamped(output))
        return Answer(0, self._stamped(output))

    # -- olsnodes and srvctl -------------------------------------------------------------------------------------

    @MARKS.documented(
        "olsnodes", "names; -n numbers, -i addresses, -s Active or Inactive, -t Pinned or Unpinned", TRANSCRIPTS
    )
    @MARKS.assumed("olsnodes", "-l is this node; text and status where Clusterware is not running")
    def olsnodes(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """The program of that name."""
        if not set(arguments) <= {"-l", "-n", "-i", "-s", "-t"} or len(set(arguments)) < len(arguments):
            raise Refusal(1, stdout=lines("Usage: olsnodes [ -n ] [ -i ] [ -s ] [ -t ] [ -l ]"))
        if node in self.state["down"]:
            raise Refusal(
                1,
                stdout=lines(
                    "PRCO-19 : Failure retrieving list of nodes in the cluster",
                    "PRCO-2 : Unable to communicate with the clusterware",
                ),
            )
        rows = []
        for number, name in enumerate(self.nodes, start=1):
            columns = {
                "-n": str(number),
                "-i": f"{name}-vip",
                "-s": "Inactive" if name in self.state["down"] else "Active",
                "-t": "Unpinned",
            }
            if "-l" not in arguments or name == node:
                rows.append("\t".join([name, *(value for option, value in columns.items() if option in arguments)]))
        return Answer(0, lines(*rows))

    @MARKS.documented("srvctl", "PRCR-1001: an application VIP is not one of its resources", MESSAGES)
    @MARKS.assumed("srvctl", "everything else is an error of usage, with status 2")
    def srvctl(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """The program of that name."""
        verbs = ("start", "stop", "relocate", "status", "config", "enable", "disable", "remove", "modify")
        if len(arguments) >= 4 and arguments[0] in verbs and arguments[1:3] in (["vip", "-vip"], ["vip", "-i"]):
            raise Refusal(1, stdout=lines(f"PRCR-1001 : Resource ora.{arguments[3]}.vip does not exist"))
        raise Refusal(2, stdout=lines("PRKO-2001 : Invalid command line syntax"))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


SIMULATOR = ClusterwareSimulator
