"""Simulated GlassFish 2.1 with HADB on Solaris: asadmin, hadbm, ma-initd, and what shows a host's kernel and clock.

The state is that of all hosts. Folders of node agents, rights of programs, ``/etc/system`` and links for run levels are
real files of each host; where a host is ``here``, the management agent of HADB really listens. Options:
``administration``, the node with the domain administration server; ``hosts``, by node what the others call it and its
address; ``passwords``; ``home`` and ``etc``, where ``{node}`` stands for a node; ``port`` of the management agents.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..engine import Answer, Refusal
from .domain import GUIDE, MANUAL, MARKS, OWN_STORE, REFERENCE, Domain, parsed, secrets_in

KERNEL = {"SHMMAX": 1048576, "SEMMNI": 10, "SEMMNS": 60, "SEMMNU": 30}
#: What the kernel calls them in /etc/system, and what is printed of each.
NAMES = {
    "shmsys:shminfo_shmmax": ("SHMMAX", "max shared memory segment size"),
    "semsys:seminfo_semmni": ("SEMMNI", "semaphore identifiers"),
    "semsys:seminfo_semmns": ("SEMMNS", "semaphores in system"),
    "semsys:seminfo_semmnu": ("SEMMNU", "undo structures in system"),
}
#: What HADB needs of them.
NEEDED = {"SHMMAX": 0x80000000, "SEMMNI": 10, "SEMMNS": 60, "SEMMNU": 600}
HADBM = {"createdomain": 1, "extenddomain": 1, "listdomain": 0, "deletedomain": 0, "list": 0, "status": 1, "start": 1}


class GlassFish21(Domain):
    """The product on all of its hosts."""

    programs = {
        "asadmin": "asadmin",
        "env": "env",
        "ma-initd": "ma_initd",
        "sysdef": "sysdef",
        "ntpq": "ntpq",
        "who": "who",
        "shutdown": "shutdown",
    }

    def first_state(self) -> dict[str, Any]:
        """As the installer leaves it: nothing runs."""
        return {
            "running": False,
            "agents": {},
            "clusters": [],
            "instances": {},
            "balancers": {},
            "values": {"domain.log-root": "${com.sun.aas.instanceRoot}/logs"},
            "management": {},
            "members": [],
            "secret": None,
            "databases": {},
            "machines": {node: {"kernel": KERNEL, "booted": 0, "clock": 0.412} for node in self.nodes},
        }

    # -- the host ----------------------------------------------------------------------------------------------------

    @MARKS.documented(
        "sysdef", "shows parameters of the kernel that runs, each with its name in brackets", "sysdef(1M)"
    )
    def sysdef(self, node: str, arguments: Sequence[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """The kernel that runs."""
        kernel = self.state["machines"][node]["kernel"]
        lines = [f"{kernel[short]:>10}\t{words} ({short})\n" for short, words in NAMES.values()]
        return Answer(0, "*\n* IPC Shared Memory and Semaphores\n*\n" + "".join(lines))

    @MARKS.documented("ntpq", "-p lists servers of time; the one with an asterisk is followed", "ntpq(1M)")
    def ntpq(self, node: str, arguments: Sequence[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """What the clock follows."""
        offset = self.state["machines"][node]["clock"]
        mark, shown = (" ", 0.0) if offset is None else ("*", offset)
        head = "     remote           refid      st t when poll reach   delay   offset  jitter\n" + "=" * 78
        return Answer(
            0, f"{head}\n{mark}192.0.2.123     .GPS.            1 u   33   64  377    0.41 {shown:8.3f}   0.01\n"
        )

    @MARKS.documented("who", "-b shows when the host was booted", "who(1)")
    def who(self, node: str, arguments: Sequence[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """A time that differs after each boot."""
        return Answer(0, f"   .       system boot  Dec  1 12:{self.state['machines'][node]['booted']:02}\n")

    @MARKS.documented("shutdown", "the kernel takes over what is in /etc/system when it boots", "system(4)")
    @MARKS.documented("shutdown", "what a run level links to is started at boot", "init.d(4)")
    def shutdown(self, node: str, arguments: Sequence[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """Boot at once: all that ran here does not run any more."""
        machine = self.state["machines"][node]
        text = self.read_file(node, self._etc(node, "system")) or ""
        found = dict(re.findall(r"^\s*set\s+(\w+:\w+)\s*=\s*(\S+)", text, re.MULTILINE))
        machine["kernel"] = machine["kernel"] | {
            NAMES[name][0]: int(v, 0) for name, v in found.items() if name in NAMES
        }
        machine["booted"] += 1
        if node == self.options["administration"]:
            self.state["running"] = False
        for name, agent in self.state["agents"].items():
            if agent["node"] == node:
                agent["running"] = False
                for instance in self.state["instances"].values():
                    instance["running"] = instance["running"] and instance["agent"] != name
        self.end(node)
        if Path(self._etc(node, "rc3.d/S99ma-initd")).exists():
            self._listen(node)
        return Answer()

    def _etc(self, node: str, name: str) -> str:
        return f"{self.options['etc'].format(node=node)}/{name}"

    # -- management agents -------------------------------------------------------------------------------------------

    @MARKS.documented("ma-initd", "start and stop the management agent of this host", GUIDE)
    @MARKS.assumed("ma-initd", "one that runs is refused; its exit status")
    def ma_initd(self, node: str, arguments: Sequence[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """The script."""
        if list(arguments) not in (["start"], ["stop"]):
            raise Refusal(1, "Usage: ma-initd {start|stop}\n")
        if arguments[0] == "stop":
            self.end(node)
            return Answer()
        if self._alive(node):
            raise Refusal(1, "ma runs already\n")
        self._listen(node)
        return Answer()

    def _alive(self, node: str) -> bool:
        """Whether the agent runs; of other hosts, and where all hosts are played here, what is noted of it counts."""
        number = self.state["management"].get(node)
        if number is None or node != self.options.get("here"):
            return number is not None
        try:
            return "listener.py" in Path(f"/proc/{number}/cmdline").read_text(encoding="utf-8")
        except OSError:
            return False

    def _listen(self, node: str) -> None:
        if "here" not in self.options:
            self.state["management"][node] = 0
            return
        program = Path(__file__).parents[1] / "ias/listener.py"
        argv = [sys.executable, str(program), self.host(node)[1], str(self.options["port"])]
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
        assert process.stdout is not None
        if not process.stdout.readline():
            raise Refusal(1, "ma does not start\n")
        self.state["management"][node] = process.pid

    def end(self, node: str) -> None:
        """End a management agent, as an accident would."""
        if self._alive(node) and "here" in self.options:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.state["management"][node], signal.SIGKILL)
            while self._alive(node):  # it takes connections until it has ended
                time.sleep(0.01)
        self.state["management"].pop(node, None)

    # -- HADB --------------------------------------------------------------------------------------------------------

    def env(self, node: str, arguments: Sequence[str], stdin: str | None) -> Answer:
        """hadbm, with what it finds in its environment."""
        given, program, *rest = arguments
        if os.path.basename(program) != "hadbm":
            raise Refusal(127, f"env: {program}: not found\n")
        return self.hadbm(node, given.partition("=")[2], rest, stdin)

    @MARKS.documented("hadbm", "HADBM_AGENT says where an agent is, else localhost:1862", REFERENCE)
    @MARKS.documented("hadbm", "--adminpasswordfile has the line HADBM_ADMINPASSWORD=", REFERENCE)
    @MARKS.documented("hadbm", "exit status 0 or 1", REFERENCE)
    @MARKS.assumed("hadbm", "without a management domain, all but createdomain is refused")
    def hadbm(self, node: str, agent: str, arguments: Sequence[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """The program."""
        command, *rest = arguments or [""]
        if command not in HADBM:
            raise Refusal(1, f"hadbm: unknown command {command}\n")
        flags = ("nodes",) if command == "status" else ()
        options, operands = parsed(rest, ("adminpasswordfile", "agent"), flags)
        if len(operands) != HADBM[command]:
            raise Refusal(1, f"hadbm {command}: wrong number of operands\n")
        host, _colon, port = agent.partition(":")
        known = {self.host(one)[0]: one for one in self.nodes}
        if host not in known or port != str(self.options["port"]) or not self._alive(known[host]):
            raise Refusal(1, f"hadbm:Error 22005: no management agent at {agent or 'localhost:1862'}\n")
        secret = secrets_in(options.get("adminpasswordfile", ""), "HADBM_").get("ADMINPASSWORD")
        if command != "createdomain" and (not self.state["members"] or secret != self.state["secret"]):
            raise Refusal(1, "hadbm:Error 22176: the agent belongs to no domain, or the password is wrong\n")
        command = "status_of_nodes" if "nodes" in options else command
        lines: list[str] = getattr(self, f"hadbm_{command}")(operands, secret, stdin)
        return Answer(0, "".join(f"{line}\n" for line in lines))

    def _reached(self, operand: str) -> list[str]:
        """The nodes of a list of hosts, on each of which an agent has to run."""
        known = {word: node for node in self.nodes for word in self.host(node)}
        nodes = []
        for word in operand.split(","):
            if word not in known or not self._alive(known[word]):
                raise Refusal(1, f"hadbm:Error 22009: no management agent on {word}\n")
            nodes.append(known[word])
        return nodes

    @MARKS.documented("hadbm createdomain", "takes a list of hosts, on each of which an agent runs", REFERENCE)
    @MARKS.assumed("hadbm createdomain", "a host that belongs to a domain is refused")
    def hadbm_createdomain(self, operands: list[str], secret: str | None, stdin: str | None) -> list[str]:  # noqa: ARG002
        """Make a management domain."""
        if self.state["members"] or not secret:
            raise Refusal(1, "hadbm:Error 22170: there is a domain, or no password\n")
        self.state["members"], self.state["secret"] = self._reached(operands[0]), secret
        return [f"Domain {operands[0]} created."]

    @MARKS.documented("hadbm extenddomain", "says which hosts the domain has now", REFERENCE)
    def hadbm_extenddomain(self, operands: list[str], secret: str | None, stdin: str | None) -> list[str]:  # noqa: ARG002
        """Add hosts."""
        new = self._reached(operands[0])
        if set(new) & set(self.state["members"]):
            raise Refusal(1, "hadbm:Error 22171: a host belongs to the domain already\n")
        self.state["members"] += new
        return [f"Hosts added, domain is now {','.join(self.host(one)[0] for one in self.state['members'])}"]

    @MARKS.documented("hadbm listdomain", "a table of Hostname, Enabled? and Interfaces", REFERENCE)
    def hadbm_listdomain(self, operands: list[str], secret: str | None, stdin: str | None) -> list[str]:  # noqa: ARG002
        """The hosts."""
        rows = ["{}\t\tYes\t\t{}".format(*self.host(node)) for node in self.state["members"]]
        return ["Hostname\tEnabled?\tInterfaces", *rows]

    @MARKS.documented("hadbm deletedomain", "asks, and goes on for yes or y", REFERENCE)
    @MARKS.assumed("hadbm deletedomain", "a domain with databases is refused")
    def hadbm_deletedomain(self, operands: list[str], secret: str | None, stdin: str | None) -> list[str]:  # noqa: ARG002
        """Remove the domain."""
        if (stdin or "").strip() not in ("yes", "y"):
            raise Refusal(1, "hadbm: cancelled\n")
        if self.state["databases"]:
            raise Refusal(1, "hadbm:Error 22172: the domain has databases\n")
        self.state["members"], self.state["secret"] = [], None
        return ["Domain has been deleted."]

    @MARKS.documented("hadbm list", "prints names of databases", REFERENCE)
    def hadbm_list(self, operands: list[str], secret: str | None, stdin: str | None) -> list[str]:  # noqa: ARG002
        """The databases."""
        return list(self.state["databases"])

    @MARKS.documented("hadbm status", "FaultTolerant: all nodes run; HAFaultTolerant: spare ones besides", GUIDE)
    @MARKS.documented(
        "hadbm status", "Operational: one node of each pair runs; NonOperational: of one pair none does", GUIDE
    )
    @MARKS.documented("hadbm status", "Stopped: no node runs", GUIDE)
    @MARKS.assumed("hadbm status", "a table with the database and its state")
    def hadbm_status(self, operands: list[str], secret: str | None, stdin: str | None) -> list[str]:  # noqa: ARG002
        """The state of a database."""
        if operands[0] not in self.state["databases"]:
            raise Refusal(1, f"hadbm:Error 22002: no database {operands[0]}\n")
        database = self.state["databases"][operands[0]]
        whole = all(self._alive(node) for node in database["hosts"])
        if database.get("lost"):
            return ["Database\tStatus", f"{operands[0]}\tNonOperational"]
        state = "Stopped" if database["stopped"] else "FaultTolerant" if whole else "Operational"
        return ["Database\tStatus", f"{operands[0]}\t{state}"]

    @MARKS.documented("hadbm status", "--nodes: NodeNo HostName Port NodeRole NodeState MirrorNode", REFERENCE)
    def hadbm_status_of_nodes(self, operands: list[str], secret: str | None, stdin: str | None) -> list[str]:  # noqa: ARG002
        """The nodes of a database."""
        hosts = self.state["databases"][operands[0]]["hosts"]
        states = ["running" if self._alive(node) else "stopped" for node in hosts]
        rows = [
            f"{number}\t{self.host(node)[0]}\t15000\tactive\t{state}\t{number ^ 1}"
            for number, (node, state) in enumerate(zip(hosts, states, strict=True))
        ]
        return ["NodeNo\tHostName\tPort\tNodeRole\tNodeState\tMirrorNode", *rows]

    @MARKS.documented("hadbm start", "starts a database that was stopped", REFERENCE)
    def hadbm_start(self, operands: list[str], secret: str | None, stdin: str | None) -> list[str]:  # noqa: ARG002
        """Have a database run."""
        if operands[0] not in self.state["databases"]:
            raise Refusal(1, f"hadbm:Error 22002: no database {operands[0]}\n")
        self.state["databases"][operands[0]]["stopped"] = False
        return ["Database successfully started."]

    # -- the cluster's database --------------------------------------------------------------------------------------

    @MARKS.documented("asadmin configure-ha-cluster", "makes a database named as the cluster, or takes that", REFERENCE)
    @MARKS.documented(
        "asadmin configure-ha-cluster", "--hosts is an even number of hosts, one of them twice too", MANUAL
    )
    @MARKS.documented("asadmin configure-ha-cluster", "the resource is called jdbc/CLUSTER-hastore", "its source")
    @MARKS.assumed("asadmin configure-ha-cluster", "refused where the kernel or the rights of clu_nsup_srv do not do")
    def configure_ha_cluster(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:
        """Have sessions in HADB."""
        name = self._cluster(operands[0])
        found = secrets_in(options["haadminpasswordfile"], "HADBM_")
        if not self.state["members"] or found.get("ADMINPASSWORD") != self.state["secret"]:
            raise Refusal(1, "HADB's management agent refused the password, or has no domain\n")
        known = {self.host(one)[0]: one for one in self.nodes}
        hosts = [known.get(word) for word in options["hosts"].split(",")]
        if len(hosts) % 2 or not all(one in self.state["members"] for one in hosts):
            raise Refusal(1, "HADB needs an even number of hosts, all of its management domain\n")
        for one in hosts:
            if any(self.state["machines"][one]["kernel"][key] < least for key, least in NEEDED.items()):
                raise Refusal(1, f"HADB: a node on {one} cannot have its shared memory\n")
        if node in hosts and not self._privileged(node):
            raise Refusal(1, "HADB: clu_nsup_srv has not the rights of root\n")
        self.state["databases"].setdefault(name, {"hosts": hosts, "stopped": False})
        web = f"{name}-config.availability-service.web-container-availability"
        self.state["values"][f"{web}.http-session-store-pool-name"] = f"jdbc/{name}-hastore"
        return []

    def _privileged(self, node: str) -> bool:
        program = Path(self.options["home"].format(node=node), "hadb/4/lib/server/clu_nsup_srv")
        return program.is_file() and bool(program.stat().st_mode & stat.S_ISUID) and program.stat().st_uid == 0

    @MARKS.documented("asadmin remove-ha-cluster", "stops and deletes the database", REFERENCE)
    @MARKS.assumed("asadmin remove-ha-cluster", "a cluster that runs is refused; no password is asked for")
    def remove_ha_cluster(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """Have sessions in HADB no more."""
        name = self._cluster(operands[0])
        if any(one["running"] for one in self._instances(name).values()) or name not in self.state["databases"]:
            raise Refusal(1, "The cluster runs, or has no database\n")
        del self.state["databases"][name]
        web = f"{name}-config.availability-service.web-container-availability"
        self.state["values"][f"{web}.http-session-store-pool-name"] = OWN_STORE
        return []

    # -- what others do ----------------------------------------------------------------------------------------------

    def accident(self, node: str, words: Sequence[str]) -> None:
        """What administrators, applications and hardware do: called with the state loaded."""
        what, *given = words
        if what == "set":
            self.state["values"][given[0]] = given[1]
        elif what == "delete-instance":
            self.state["instances"][given[0]]["running"] = False
            self.delete_instance(node, {}, given)
        elif what == "deploy":
            for name, value in (("ref", given[1]), ("lb-enabled", "false")):
                self.state["values"][f"{given[0]}.application-ref.{given[1]}.{name}"] = value
        elif what == "clock":
            self.state["machines"][node]["clock"] = float(given[0])
        elif what == "end-management":
            self.end(node)
        elif what == "stop-database":
            self.state["databases"][given[0]]["stopped"] = True
        elif what == "kill-agent":
            self.state["agents"][given[0]]["running"] = False
            for instance in self.state["instances"].values():
                instance["running"] = instance["running"] and instance["agent"] != given[0]
        else:
            raise ValueError(what)


SIMULATOR = GlassFish21
