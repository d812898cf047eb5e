"""Scalix: its installer, the tools of its Tomcat, and the services that it leaves to init.

In containers its files are the node's. In one process, the option ``root`` names a directory: it has one for each node,
and ``mount`` puts a volume into one of them.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..behaviour import Marks
from ..engine import Answer, Refusal, Simulator

MARKS = Marks("scalix")

BULLETIN = "Scalix TB-2007-02-HACLUSTER"
DEBIAN_INSTALLER = "Scalix installer script for Debian, 2014"
MONITORING = "Scalix monitoring and diagnosis scripts by pussbb"
INIT_AT = "init.at's host monitoring, scalix_monitor"
MUNIN = "Munin's contributed plugin scalix_queues"
CHKCONFIG = "chkconfig(8)"

INSTANCE_CFG = "/etc/opt/scalix/instance.cfg"
CONNECTOR = "/etc/opt/scalix-tomcat/connector"
TOMCAT_TOOLS = "/opt/scalix-tomcat/bin"
APPLICATIONS = ("api", "caa", "m", "res", "sac", "sis", "webmail")
SERVICES = ("scalix", "scalix-tomcat", "scalix-postgres")
#: What omstat lists of an instance: its services, some with how many processes they have, and its daemons.
OMSTAT = "/opt/scalix/bin/omstat"
OM_SERVICES = {"Service Router": 1, "Local Delivery": 1, "Internet Mail Gateway": 2, "Remote Client Interface": None}
OM_DAEMONS = ("Queue Manager", "Search Server", "IMAP Server Daemon")
#: What an installation consists of, in its order; it can be told to die behind each.
STAGES = ("software", "registration", "store", "tomcat", "connectors", "services")

_SERVER_XML = '<?xml version="1.0"?>\n<Server port="8005" shutdown="SHUTDOWN">\n  <Service name="Scalix"/>\n</Server>\n'


class Scalix(Simulator):
    """Scalix on all nodes of a cluster."""

    programs = {
        "scalix-installer": "run_installer",
        "sxtomcat-webapps": "run_webapps",
        "sxtomcat-modify-instance": "run_modify_instance",
        "sxtomcat-get-mounted-instances": "run_mounted_instances",
        "sxtomcat-get-inst-dir": "run_instance_directory",
        "omstat": "run_omstat",
        "service": "run_service",
        "chkconfig": "run_chkconfig",
    }

    def __init__(self, nodes: Sequence[str], state_file: Path | None = None, **options: Any) -> None:
        super().__init__(nodes, state_file, **options)
        if state_file is None:
            for node in nodes:
                self._path(node, "/").mkdir(parents=True, exist_ok=True)

    def first_state(self) -> dict[str, Any]:
        """Nodes without Scalix."""
        return {
            "nodes": {node: {"boot": [], "running": {}, "reloads": 0} for node in self.nodes},
            "passwords": {},
            "die_behind": None,
            "installations": [],
            "om_states": {},
        }

    # -- for tests ---------------------------------------------------------------------------------------------

    def mount(self, directory: str, node: str | None) -> None:
        """Have a volume (``m1``) mounted on a node, or on none; in one process."""
        volume = Path(self.options["root"], "volumes", directory)
        volume.mkdir(parents=True, exist_ok=True)
        for name in self.nodes:
            point = self._path(name, f"/var/opt/scalix/{directory}")
            if point.is_symlink():
                point.unlink()
            point.mkdir(parents=True, exist_ok=True)
            if name == node:
                point.rmdir()
                point.symlink_to(volume)

    def die_behind(self, stage: str | None) -> None:
        """Have the next installation die when it has done this stage."""
        if stage not in (None, *STAGES):
            raise ValueError(stage)
        with self.edit() as state:
            state["die_behind"] = stage

    # -- files -------------------------------------------------------------------------------------------------

    def _path(self, node: str, path: str) -> Path:
        return Path(path) if self._file else Path(self.options["root"], node, path.lstrip("/"))

    def read_file(self, node: str, path: str) -> str | None:
        """See Simulator.read_file; real files in any case, and each byte is a character."""
        try:
            return self._path(node, path).read_bytes().decode("latin-1")
        except OSError:
            return None

    def write_file(self, node: str, path: str, text: str) -> None:
        """See Simulator.write_file; real files in any case."""
        target = self._path(node, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("latin-1"))

    def _registered(self, node: str) -> list[str]:
        return re.findall(r"^OMNAME=(\S+)$", self.read_file(node, INSTANCE_CFG) or "", re.MULTILINE)

    def _mounted(self, node: str) -> list[str]:
        names = self._registered(node)
        return [name for name in names if self._path(node, f"{directory_of(name)}/tomcat/conf/server.xml").exists()]

    # -- scalix-installer --------------------------------------------------------------------------------------

    @MARKS.documented("scalix-installer", "--instance and --hostname name the instance and its host", BULLETIN)
    @MARKS.documented("scalix-installer", "asks to choose Typical install or Reconfigure Scalix Components", BULLETIN)
    @MARKS.assumed("scalix-installer", "is answered line by line on its standard input")
    @MARKS.assumed("scalix-installer", "any other form is a usage error, 2; a bad answer ends it with 1")
    def run_installer(self, node: str, arguments: list[str], stdin: str | None) -> Answer:
        """scalix-installer."""
        options = dict(re.findall(r"--(instance|hostname)=(\S+)", " ".join(arguments)))
        if len(arguments) != 2 or set(options) != {"instance", "hostname"} or "." not in options["hostname"]:
            raise Refusal(2, "usage: scalix-installer --instance=NAME --hostname=FULLY.QUALIFIED.NAME\n")
        name, host = options["instance"], options["hostname"]
        choice, *answers = (stdin or "").splitlines() or [""]
        if choice == "Typical install":
            return self._install(node, name, host, answers)
        if choice == "Reconfigure Scalix Components":
            return self._reconfigure(node, name, answers)
        raise Refusal(1, f"no such choice: {choice}\n")

    @MARKS.documented("scalix-installer", "asks for the Secure Communications password", BULLETIN)
    @MARKS.documented("scalix-installer", "the directory is the first and last letter of the name", BULLETIN)
    @MARKS.documented("scalix-installer", "registers the instance on the node where it runs alone", BULLETIN)
    @MARKS.documented("scalix-installer", "every Tomcat gets the shutdown port 8005", BULLETIN)
    @MARKS.documented("scalix-installer", "each instance gets the management console and server", BULLETIN)
    @MARKS.documented("scalix-installer", "makes instance and app files in connector/ajp and connector/jk", BULLETIN)
    @MARKS.documented("scalix-installer", "leaves its services running, and started at boot", BULLETIN)
    @MARKS.assumed("scalix-installer", "prints what it does; it may die behind any of its stages")
    @MARKS.assumed("scalix-installer", "installing an instance again begins with an empty message store")
    @MARKS.assumed("scalix-installer", "sets OMAUTOSTART=TRUE, and lists the instance in workers.conf")
    def _install(self, node: str, name: str, host: str, answers: Sequence[str]) -> Answer:
        if len(answers) != 1 or not answers[0]:
            raise Refusal(1, "no password for secure communications\n")
        printed = [f"Secure Communications password: {answers[0]}"]
        dies = self.state["die_behind"]
        self.state["die_behind"] = None
        self.state["passwords"][name] = answers[0]
        for stage in STAGES:
            getattr(self, f"_install_{stage}")(node, name, host)
            printed.append(f"{stage}: done")
            if dies == stage:
                return Answer(1, "\n".join(printed) + "\n", f"Killed after {answers[0]}\n")
        self.state["installations"].append([name, node])
        return Answer(0, "\n".join([*printed, "Installation complete."]) + "\n")

    def _install_software(self, node: str, _name: str, _host: str) -> None:
        tools = (
            "sxtomcat-webapps",
            "sxtomcat-modify-instance",
            "sxtomcat-get-mounted-instances",
            "sxtomcat-get-inst-dir",
            "omstat",
        )
        for tool in tools:
            path = self._path(node, OMSTAT if tool == "omstat" else f"{TOMCAT_TOOLS}/{tool}")
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.symlink_to(self.options.get("launcher", "/dev/null"))
        self.write_file(node, "/opt/scalix/global/httpd/scalix-web-client.conf", "# rules wizard\n")

    def _install_registration(self, node: str, name: str, host: str) -> None:
        if name in self._registered(node):
            return
        text = self.read_file(node, INSTANCE_CFG) or ""
        block = f"OMNAME={name}\nOMHOSTNAME={host}\nOMDATADIR={directory_of(name)}/s\nOMAUTOSTART=TRUE\n"
        self.write_file(node, INSTANCE_CFG, f"{text}#\n{block}" if text else block)

    def _install_store(self, node: str, name: str, _host: str) -> None:
        shutil.rmtree(self._path(node, f"{directory_of(name)}/s"), ignore_errors=True)
        self.write_file(node, f"{directory_of(name)}/s/sys/general.cfg", "# general.cfg\nUAL_SIGNON_ALIAS=YES\n")

    def _install_tomcat(self, node: str, name: str, host: str) -> None:
        base = directory_of(name)
        self.write_file(node, f"{base}/tomcat/conf/server.xml", _SERVER_XML)
        self.write_file(node, f"{base}/res/config/res.properties", f"# agent\nubermanager.host={host}\n")

    def _install_connectors(self, node: str, name: str, host: str) -> None:
        for directory in ("ajp", "jk"):
            self.write_file(node, f"{CONNECTOR}/{directory}/instance-{name}.conf", f"# {directory} {host}\n")
            for application in APPLICATIONS:
                self.write_file(node, f"{CONNECTOR}/{directory}/app-{name}.{application}.conf", f"# {application}\n")
        path = f"{CONNECTOR}/jk/workers.conf"
        listed = re.findall(r"worker\.list=(\S+)", self.read_file(node, path) or "")
        names = [*(listed[0].split(",") if listed else []), name]
        self.write_file(node, path, f"JkWorkerProperty worker.list={','.join(dict.fromkeys(names))}\n")

    def _install_services(self, node: str, _name: str, _host: str) -> None:
        own = self.state["nodes"][node]
        own["boot"] = list(SERVICES)
        own["running"] = {service: self._mounted(node) for service in SERVICES}

    @MARKS.documented("scalix-installer", "Scalix Management Agent: asks where the Management Services are", BULLETIN)
    @MARKS.documented("scalix-installer", "Scalix Management Agent: asks for the password again", BULLETIN)
    @MARKS.documented("scalix-installer", "Scalix Management Agent: offers to create Admin Groups", BULLETIN)
    @MARKS.assumed("scalix-installer", "another password than the admin instance's is refused")
    @MARKS.assumed("scalix-installer", "the agent's properties name the host of the Management Services")
    def _reconfigure(self, node: str, name: str, answers: Sequence[str]) -> Answer:
        if name not in self._mounted(node):
            raise Refusal(1, f"Instance ({name}) is not here\n")
        if len(answers) != 4 or answers[0] != "Scalix Management Agent" or answers[3] not in ("yes", "no"):
            raise Refusal(1, "unexpected answers\n")
        _, host, password, _ = answers
        if password not in self.state["passwords"].values():
            raise Refusal(1, f"the password {password} is not that of the Management Services\n")
        path = f"{directory_of(name)}/res/config/res.properties"
        text = self.read_file(node, path) or ""
        self.write_file(node, path, re.sub(r"(?m)^(ubermanager\.host=).*$", rf"\g<1>{host}", text))
        return Answer(0, "Reconfiguration complete.\n")

    # -- Tomcat ------------------------------------------------------------------------------------------------

    def _require_mounted(self, node: str, name: str) -> None:
        if name not in self._mounted(node):
            raise Refusal(1, "", f"Instance ({name}) is not mounted\n")

    @MARKS.documented("sxtomcat-webapps", "--del INSTANCE APPLICATION... removes web applications", BULLETIN)
    @MARKS.documented("sxtomcat-webapps", "their files in connector/ajp and connector/jk go with them", BULLETIN)
    @MARKS.assumed("sxtomcat-webapps", "an application that is not there is an error, 1; any other form, 2")
    def run_webapps(self, node: str, arguments: list[str], _: str | None) -> Answer:
        """sxtomcat-webapps."""
        if len(arguments) < 3 or arguments[0] != "--del":
            raise Refusal(2, "usage: sxtomcat-webapps --del INSTANCE APPLICATION...\n")
        _option, name, *applications = arguments
        self._require_mounted(node, name)
        paths = [
            self._path(node, f"{CONNECTOR}/{directory}/app-{name}.{application}.conf")
            for directory in ("ajp", "jk")
            for application in applications
        ]
        if not all(path.exists() for path in paths):
            raise Refusal(1, "no such web application\n")
        for path in paths:
            path.unlink()
        return Answer()

    @MARKS.documented("sxtomcat-modify-instance", "-p PORT INSTANCE sets the shutdown port", BULLETIN)
    @MARKS.assumed(
        "sxtomcat-modify-instance", "the port is that of Server in server.xml; any other form is an error, 2"
    )
    def run_modify_instance(self, node: str, arguments: list[str], _: str | None) -> Answer:
        """sxtomcat-modify-instance."""
        if len(arguments) != 3 or arguments[0] != "-p" or not arguments[1].isdigit():
            raise Refusal(2, "usage: sxtomcat-modify-instance -p PORT INSTANCE\n")
        _option, port, name = arguments
        self._require_mounted(node, name)
        path = f"{directory_of(name)}/tomcat/conf/server.xml"
        text = self.read_file(node, path) or ""
        self.write_file(node, path, re.sub(r'(<Server port=")[0-9]+', rf"\g<1>{port}", text))
        return Answer()

    @MARKS.documented("sxtomcat-get-mounted-instances", "prints the names, to be looped over", MONITORING)
    @MARKS.assumed("sxtomcat-get-mounted-instances", "each on a line of its own")
    def run_mounted_instances(self, node: str, arguments: list[str], _: str | None) -> Answer:
        """sxtomcat-get-mounted-instances."""
        if arguments:
            raise Refusal(2, "usage: sxtomcat-get-mounted-instances\n")
        return Answer(0, "".join(f"{name}\n" for name in self._mounted(node)))

    @MARKS.documented("sxtomcat-get-inst-dir", "prints the directory of an instance's Tomcat", MONITORING)
    @MARKS.documented("sxtomcat-get-inst-dir", "beside it are those of the web applications", DEBIAN_INSTALLER)
    @MARKS.assumed("sxtomcat-get-inst-dir", "an instance that is not registered on the node is an error, 1")
    def run_instance_directory(self, node: str, arguments: list[str], _: str | None) -> Answer:
        """sxtomcat-get-inst-dir."""
        if len(arguments) != 1:
            raise Refusal(2, "usage: sxtomcat-get-inst-dir INSTANCE\n")
        if arguments[0] not in self._registered(node):
            raise Refusal(1, f"Instance ({arguments[0]}) is not known\n")
        return Answer(0, f"{directory_of(arguments[0])}/tomcat\n")

    # -- the server ----------------------------------------------------------------------------------------------

    def set_state(self, instance: str, name: str, state: str) -> None:
        """Have a service or daemon of an instance in another state than Started."""
        with self.edit() as edited:
            edited["om_states"][f"{instance} {name}"] = state

    @MARKS.documented("omstat", "-s lists services, -a daemons: name, state, start, perhaps a number", INIT_AT)
    @MARKS.documented("omstat", "Started and Enabled are good states", INIT_AT)
    @MARKS.documented("omstat", "is in /opt/scalix/bin", MUNIN)
    @MARKS.documented("omstat", "OMCURRENT in the environment says which instance is meant", DEBIAN_INSTALLER)
    @MARKS.assumed("omstat", "which services and daemons there are, other states, the form of the start")
    @MARKS.assumed(
        "omstat", "an instance that does not run here has all stopped; one that is not here, or none, is an error, 1"
    )
    def run_omstat(self, node: str, arguments: list[str], _: str | None) -> Answer:
        """omstat."""
        if arguments not in (["-s"], ["-a"]):
            raise Refusal(2, "", "usage: omstat -s | -a\n")
        instance = os.environ.get("OMCURRENT", "")
        if instance not in self._mounted(node):
            raise Refusal(1, "", f"omstat: instance {instance!r} is not here\n")
        runs = instance in self.state["nodes"][node]["running"].get("scalix", [])
        listed: dict[str, int | None] = dict(OM_SERVICES) if arguments == ["-s"] else dict.fromkeys(OM_DAEMONS)
        lines = []
        for name, number in listed.items():
            state = self.state["om_states"].get(f"{instance} {name}", "Started") if runs else "Stopped"
            lines.append(f"{name:<28}{state:<10}11.27.08{'' if number is None else f' {number}'}\n")
        return Answer(0, "".join(lines))

    # -- init --------------------------------------------------------------------------------------------------

    @MARKS.documented("service", "scalix, scalix-tomcat and scalix-postgres take start, stop and restart", BULLETIN)
    @MARKS.documented(
        "service", "Tomcat says Instance (NAME) is not running, Starting Tomcat service (NAME)", MONITORING
    )
    @MARKS.assumed("service", "a service is that of all instances whose volumes are mounted on the node")
    @MARKS.assumed("service", "stopping what does not run is no failure")
    @MARKS.assumed("service", "httpd takes reload")
    def run_service(self, node: str, arguments: list[str], _: str | None) -> Answer:
        """service."""
        own = self.state["nodes"][node]
        if arguments == ["httpd", "reload"]:
            own["reloads"] += 1
            return Answer()
        if len(arguments) != 2 or arguments[0] not in SERVICES or arguments[1] not in ("start", "stop", "restart"):
            raise Refusal(1, "", "Usage: service SERVICE start|stop|restart\n")
        name, action = arguments
        printed = []
        if action != "start":
            running = own["running"].pop(name, [])
            if name == "scalix-tomcat":
                stopped = [one for one in self._mounted(node) if one not in running]
                printed += [f"Instance ({one}) is not running" for one in stopped]
        if action != "stop":
            own["running"][name] = self._mounted(node)
            if name == "scalix-tomcat":
                printed += [f"Starting Tomcat service ({one})" for one in own["running"][name]]
        return Answer(0, "".join(f"{line}\n" for line in printed))

    @MARKS.documented("chkconfig", "--list shows each registered service with its runlevels", CHKCONFIG)
    @MARKS.documented("chkconfig", "--add and --del register a service and remove it", CHKCONFIG)
    @MARKS.assumed("chkconfig", "a service that does not exist is an error, 1")
    def run_chkconfig(self, node: str, arguments: list[str], _: str | None) -> Answer:
        """chkconfig."""
        boot: list[str] = self.state["nodes"][node]["boot"]
        levels = "\t".join(f"{level}:{'on' if level in (2, 3, 4, 5) else 'off'}" for level in range(7))
        if arguments == ["--list"]:
            return Answer(0, "".join(f"{name:<15}\t{levels}\n" for name in [*boot, "sshd"]))
        if len(arguments) != 2 or arguments[0] not in ("--add", "--del"):
            raise Refusal(1, "chkconfig: usage error\n")
        option, name = arguments
        if name not in SERVICES or not self._path(node, f"{TOMCAT_TOOLS}/sxtomcat-webapps").is_symlink():
            raise Refusal(1, f"error reading information on service {name}: No such file or directory\n")
        if name in boot:
            boot.remove(name)
        if option == "--add":
            boot.append(name)
        return Answer()


def directory_of(instance: str) -> str:
    """Where an instance is."""
    return f"/var/opt/scalix/{instance[0]}{instance[-1]}"


SIMULATOR = Scalix
