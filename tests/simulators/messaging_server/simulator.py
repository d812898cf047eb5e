"""The programs of Messaging Server 8: commpkg, configure, useconfig, configutil, msconfig and those for clusters."""

from __future__ import annotations

import posixpath
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..engine import Answer, Refusal
from . import configuration as formats
from .file_system import NodeFiles
from .sources import (
    BINDING,
    CALENDAR,
    COMMANDS,
    COMMPKG,
    CONFIGUTIL,
    CONFIGUTIL_6,
    HA_GUIDE,
    IDLE,
    MARKS,
    PROCESSES,
    RECIPES,
    SCRIPTS,
    SERVICE,
    SILENT,
    START,
    STORE,
    STORED,
    USECONFIG,
    WORKSHEET,
)

INSTALLER_LOGS = "/var/opt/CommsInstaller/logs"
#: The directory below INSTALLROOT that each component has, and its programs.
COMPONENTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "MS64": (
        "messaging64",
        (
            *("configure", "useconfig", "configutil", "msconfig", "ha_ip_config", "config-vcsha"),
            *("start-msg", "stop-msg", "refresh", "imsimta", "stored"),
        ),
    ),
    "MS64_L10N": ("messaging64", ()),
    "MS_SCHA": ("msg_scha", ("init-config",)),
}
#: Further files of the product, by their place below its directory.
FILES = {
    "messaging64": {
        "lib/recipes/HAConfig.rcp": "# The recipe that takes the place of ha_ip_config.\n",
        "cwha/bin/ms_actionscript.pl": "#!/usr/bin/perl\n",
        "vcsha/MsgSrvTypes.cf": (
            "type MsgSrv (\n\tstatic int FaultOnMonitorTimeouts = 2\n\tstatic int ConfInterval = 600\n"
            "\tstatic str ArgList[] = { State, LogHostName, PrtStatus, DebugMode }\n"
            '\tstr LogHostName\n\tstr PrtStatus = "FALSE"\n\tstr DebugMode = "FALSE"\n)\n'
        ),
        **{f"vcsha/{name}": "#!/usr/bin/perl\n" for name in ("online", "offline", "clean", "monitor", "sub.pl")},
    },
    "msg_scha": {"etc/SUNW.ims": "RESOURCE_TYPE = ims;\nVENDOR_ID = SUNW;\n"},
}
#: What configure must be told, and how this simulator calls it.
ANSWERS = (
    *("FULLY_QUALIFIED_HOST_NAME", "DATA_ROOT", "SYSTEM_USER", "SYSTEM_GROUP", "LDAP_URL", "LDAP_BIND_DN"),
    *("LDAP_BIND_PASSWORD", "POSTMASTER", "ADMINISTRATOR_PASSWORD", "DEFAULT_DOMAIN", "ORGANIZATION_DN"),
)
ADDRESS_OPTIONS = (
    *("base.listenaddr", "job_controller.listenaddr", "dispatcher.service:SMTP_SUBMIT.listenaddr"),
    *("dispatcher.service:SMTP.listenaddr", "http.smtphost", "metermaid.listenaddr", "metermaid_client.server_host"),
)
#: Programs that are not in bin, and where they are below the product's directory.
ELSEWHERE = {"stored": "lib"}
#: What start-msg and stop-msg can be told to start and stop.
SERVERS = (
    *("watcher", "mfagent", "ens", "metermaid", "store", "imap", "pop", "cert", "http", "sched", "dispatcher"),
    *("job_controller", "snmp", "sms", "mmp", "mta"),
)
RTR_FILE = "/opt/cluster/lib/rgm/rtreg/SUNW.ims"


class MessagingServerSimulator(NodeFiles):
    """The product on all nodes of a cluster.

    :param launcher: what installed programs are links to, in containers
    """

    programs = {
        "commpkg": "commpkg",
        "configure": "configure",
        "useconfig": "useconfig",
        "configutil": "configutil",
        "msconfig": "msconfig",
        "ha_ip_config": "ha_ip_config",
        "config-vcsha": "config_vcsha",
        "init-config": "init_config",
        "start-msg": "start_msg",
        "stop-msg": "stop_msg",
        "refresh": "refresh",
        "imsimta": "imsimta",
        "stored": "stored",
    }

    def first_state(self) -> dict[str, Any]:
        """Nothing is installed. ``counts`` has how often each program did its work, by what it worked on."""
        return {"counts": {}, "interruptions": {}, "rights": {}, "running": {}, "stopped": {}}

    # -- for tests ---------------------------------------------------------------------------------------------

    def order_interruption(self, program: str, status: int = 1) -> None:
        """Have the next run of an installer do half of its work, and end with this status."""
        with self.edit() as state:
            state["interruptions"][program] = status

    def count(self, program: str, subject: str) -> int:
        """How often a program did its work on something."""
        return int(self.state["counts"].get(f"{program} {subject}", 0))

    # -- what programs have in common --------------------------------------------------------------------------

    def _home(self, node: str) -> str:
        """The directory of the product that the running program belongs to."""
        path = self.history[-1][1][0]
        home = posixpath.dirname(posixpath.dirname(path))
        if not path.startswith("/") or not self.exists(node, path):
            raise Refusal(127, f"{path}: not found\n")
        return home

    def _counted(self, program: str, subject: str) -> None:
        key = f"{program} {subject}"
        self.state["counts"][key] = self.state["counts"].get(key, 0) + 1

    def _interrupted(self, program: str) -> int | None:
        """The status that an interrupted run ends with; None for a run that is not."""
        status: int | None = self.state["interruptions"].pop(program, None)
        return status

    def _install_program(self, node: str, path: str) -> None:
        if "launcher" not in self.options:
            self.write_file(node, path, "#!/bin/sh\n", mode=0o755)
            return
        # In containers each program is a link to launch.py.
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.link(node, path, self.options["launcher"])

    # -- commpkg -----------------------------------------------------------------------------------------------

    @MARKS.documented("commpkg", "install | uninstall with --acceptLicense, --silent FILE, --installroot, ...", COMMPKG)
    @MARKS.documented("commpkg", "the state file: names and values, which of them there are", SILENT)
    @MARKS.documented("commpkg", "the licence must be accepted, in the state file or on the command line", SILENT)
    @MARKS.documented("commpkg", "what is on the command line counts more than the state file", COMMPKG)
    @MARKS.assumed("commpkg", "a name in the state file that it does not have is an error; status 1 with every refusal")
    @MARKS.assumed("commpkg", "without --silent it waits for answers: this simulator refuses")
    def commpkg(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """The program of that name."""
        if arguments in (["-V"], ["--version"]):
            return Answer(0, "Communications Suite Installer (simulated)\n")
        if not arguments or arguments[0] != "install":
            raise Refusal(1, "Usage: commpkg [general options] verb [verb-specific options]\n")
        given = self._commpkg_options(arguments[1:])
        if "--silent" not in given:
            raise Refusal(1, "commpkg: nobody answers\n")
        text = self.read_answers(node, given["--silent"])
        if text is None:
            raise Refusal(1, f"commpkg: {given['--silent']}: no such file\n")
        answers = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
        known = {"VERB", "ALTDISTROPATH", "PKGOVERWRITE", "INSTALLROOT", "ALTROOT", "EXCLUDEOS", "COMPONENTS"}
        unknown = set(answers) - known - {"ACCEPTLICENSE", "UPGRADESC"}
        if unknown or answers.get("VERB") != "install":
            raise Refusal(1, f"commpkg: state file: {', '.join(sorted(unknown)) or 'VERB is not install'}\n")
        if "--acceptLicense" not in given and answers.get("ACCEPTLICENSE", "").lower() != "yes":
            raise Refusal(1, "commpkg: the license was not accepted\n")
        root = given.get("--installroot", answers.get("INSTALLROOT", "/opt/sun/comms"))
        components = given.get("--components", answers.get("COMPONENTS", "")).split(",")
        if not set(components) <= set(COMPONENTS):
            raise Refusal(1, f"commpkg: unknown component in {','.join(components)}\n")
        if "--dry-run" in given:
            return Answer(0, "Nothing was installed.\n")
        return self._install(node, root, components, answers.get("PKGOVERWRITE", "").upper() == "YES")

    def _commpkg_options(self, arguments: Sequence[str]) -> dict[str, str]:
        flags = {"--acceptLicense", "--dry-run", "-n", "--excludeOS", "--excludeSC"}
        valued = {"--silent", "--installroot", "--components", "--distro", "--upgradeSC", "--altroot"}
        given: dict[str, str] = {}
        rest = list(arguments)
        while rest:
            word = rest.pop(0)
            if word not in flags | valued or (word in valued and not rest):
                raise Refusal(1, f"commpkg: illegal option {word}\n")
            given["--dry-run" if word == "-n" else word] = rest.pop(0) if word in valued else ""
        return given

    @MARKS.documented("commpkg", "MS64 is Messaging Server, MS64_L10N its translations", SILENT)
    @MARKS.documented("commpkg", "the log is in /var/opt/CommsInstaller/logs", SILENT)
    @MARKS.documented("commpkg", "MS64 is installed in messaging64, with bin, lib/recipes, cwha, vcsha", HA_GUIDE)
    @MARKS.documented("commpkg", "packages that are there are replaced only with PKGOVERWRITE=YES", SILENT)
    @MARKS.assumed("commpkg", "MS_SCHA is the agent for Solaris Cluster, in msg_scha")
    @MARKS.assumed("commpkg", "a package of which half is there counts as there; the run ends with status 0")
    @MARKS.assumed("commpkg", "what it and its log say at the end")
    def _install(self, node: str, root: str, components: Sequence[str], overwrite: bool) -> Answer:
        log = [f"Installing {', '.join(components)} in {root}"]
        status = self._interrupted("commpkg")
        for component in components:
            directory, programs = COMPONENTS[component]
            home = posixpath.join(root, directory)
            places = {name: posixpath.join(home, ELSEWHERE.get(name, "bin"), name) for name in programs}
            present = any(self.exists(node, place) for place in places.values())
            if present and not overwrite:
                log.append(f"{component} is installed already")
                continue
            wanted = programs if status is None else programs[: (len(programs) + 1) // 2]
            for name in wanted:
                self._install_program(node, places[name])
            if status is None:
                for name, text in FILES[directory].items() if programs else ():
                    self.write_file(node, posixpath.join(home, name), text, mode=0o755)
                log.append(f"{component} was installed")
                self._counted("commpkg", f"{node}:{home}")
        if status is None:
            log.append("Installation is complete")
        text = "".join(f"{line}\n" for line in log)
        self.write_file(node, f"{INSTALLER_LOGS}/CommsInstaller_{self._stamp()}", text)
        return Answer(status or 0, text)

    def _stamp(self) -> str:
        return time.strftime("%Y%m%d%H%M%S", time.gmtime(self.now))

    # -- configure and useconfig -------------------------------------------------------------------------------

    @MARKS.documented("configure", "its options", SCRIPTS)
    @MARKS.documented("configure", "a state file answers what it asks; XMLCONFIG=0 or 1 says which kind", COMMANDS)
    @MARKS.documented("configure", "what it has to be told", WORKSHEET)
    @MARKS.assumed("configure", "--state FILE names the state file to use")
    @MARKS.assumed("configure", "the names of the answers in the state file; a missing answer is refused")
    @MARKS.assumed("configure", "without a state file it waits for answers: this simulator refuses")
    def configure(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """The program of that name."""
        home = self._home(node)
        flags = {"--debug", "--ignoreSendmail", "--ldif", "--noldap", "--novalidate", "--noxml", "--preserveCritical"}
        rest, given = list(arguments), {}
        while rest:
            word = rest.pop(0)
            name, equals, value = word.partition("=")
            if name in {"--state", "--saveState", "--dataroot", "--ldapport"} and (equals or rest):
                given[name] = value if equals else rest.pop(0)
            elif word in flags | {"--ssl", "--xml"}:
                given[word] = ""
            else:
                raise Refusal(1, f"Usage: configure [options]\nillegal option {word}\n")
        if "--state" not in given:
            raise Refusal(1, "configure: nobody answers\n")
        text = self.read_answers(node, given["--state"])
        if text is None:
            raise Refusal(1, f"configure: {given['--state']}: no such file\n")
        answers = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
        if "--dataroot" in given:
            answers["DATA_ROOT"] = given["--dataroot"]
        missing = [name for name in ANSWERS if not answers.get(name)]
        if missing or not answers["DATA_ROOT"].startswith("/"):
            raise Refusal(1, f"configure: {', '.join(missing) or 'DATA_ROOT'}: no answer in the state file\n")
        unified = answers.get("XMLCONFIG", "1") == "1" and "--noxml" not in given
        return self._configure(node, home, answers, unified)

    @MARKS.documented("configure", "another run overwrites the configuration", COMMANDS)
    @MARKS.documented("configure", "makes config.xml and restricted.cnf, or a legacy configuration", COMMANDS)
    @MARKS.documented("configure", "config and data in the product's directory are links to the volume", SCRIPTS)
    @MARKS.documented("configure", "its settings are kept in data/setup/configure_YYYYMMDDHHMMSS", USECONFIG)
    @MARKS.documented("configure", "the configurators end with All Tasks Passed", CALENDAR)
    @MARKS.assumed("configure", "that of Messaging Server too, on standard output and in its log; its other lines")
    @MARKS.assumed("configure", "the order of its tasks")
    @MARKS.documented(
        "configure", "dispatcher.service:NAME.tcp_ports has the ports of a service of the dispatcher", SERVICE
    )
    @MARKS.assumed("configure", "it sets those of SMTP and SMTP_SUBMIT")
    def _configure(self, node: str, home: str, answers: Mapping[str, str], unified: bool) -> Answer:
        status = self._interrupted("configure")
        root = answers["DATA_ROOT"]
        config = posixpath.join(root, "config")
        setup = posixpath.join(root, "setup", f"configure_{self._stamp()}")
        log = ["Starting Task Sequence", "===== writing the configuration ====="]
        place = "role." if unified else ""
        host_name = "base.hostname" if unified else "local.hostname"
        options = {
            place + host_name: answers["FULLY_QUALIFIED_HOST_NAME"],
            place + ("base.defaultdomain" if unified else "service.defaultdomain"): answers["DEFAULT_DOMAIN"],
            place + ("base.ugldapbindcred" if unified else "local.ugldapbindcred"): answers["LDAP_BIND_PASSWORD"],
            place + ("watcher.enable" if unified else "local.watcher.enable"): "1",
            **(formats.DISPATCHED if unified else {}),
        }
        for other in ("config.xml", "restricted.cnf", "msg.conf", "msg.conf.defaults"):
            self.remove_file(node, posixpath.join(config, other))
        if unified:
            self.write_file(node, posixpath.join(config, "config.xml"), formats.render_unified(options))
        else:
            self.write_file(node, posixpath.join(config, "msg.conf"), formats.render_legacy(options))
        if status is None:
            owner = f"user={answers['SYSTEM_USER']}\ngroup={answers['SYSTEM_GROUP']}\n"
            if unified:
                self.write_file(node, posixpath.join(config, "restricted.cnf"), owner)
            else:
                self.write_file(node, posixpath.join(config, "msg.conf.defaults"), owner)
                self.write_file(node, posixpath.join(config, "dispatcher.cnf"), formats.DISPATCHER)
                job_controller = formats.JOB_CONTROLLER.format(secret="jobs")
                self.write_file(node, posixpath.join(config, "job_controller.cnf"), job_controller)
            log += ["Sequence Completed", "PASSED: writing the configuration", "All Tasks Passed"]
            self._join(node, home, root)
            # Without passwords: what is kept here is for useconfig.
            kept = "".join(f"{name}={value}\n" for name, value in answers.items() if "PASSWORD" not in name)
            self.write_file(node, posixpath.join(setup, "saveState"), kept)
            self._counted("configure", root)
        text = "".join(f"{line}\n" for line in log)
        self.write_file(node, posixpath.join(setup, "configure.log"), text)
        return Answer(status or 0, text)

    def _join(self, node: str, home: str, root: str) -> None:
        self.link(node, posixpath.join(home, "config"), posixpath.join(root, "config"))
        self.link(node, posixpath.join(home, "data"), root)

    @MARKS.documented("useconfig", "takes the directory of the configuration that another node made", HA_GUIDE)
    @MARKS.assumed("useconfig", "refuses a directory without a configuration; makes the links that configure makes")
    @MARKS.assumed("useconfig", "an interrupted run leaves one of the links")
    def useconfig(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """The program of that name."""
        home = self._home(node)
        if len(arguments) != 1 or not arguments[0].startswith("/"):
            raise Refusal(1, "Usage: useconfig <config directory>\n")
        config = arguments[0].rstrip("/")
        if not any(self.exists(node, posixpath.join(config, name)) for name in ("config.xml", "msg.conf")):
            raise Refusal(1, f"useconfig: {config} has no configuration\n")
        status = self._interrupted("useconfig")
        if status is not None:
            self.link(node, posixpath.join(home, "data"), posixpath.dirname(config))
            return Answer(status, "")
        self._join(node, home, posixpath.dirname(config))
        self._counted("useconfig", f"{node}:{home}")
        return Answer(0, f"useconfig successfully configured {home}\n")

    # -- configutil --------------------------------------------------------------------------------------------

    def _legacy(self, node: str, home: str, program: str) -> tuple[str, dict[str, str]]:
        path = posixpath.join(home, "config", "msg.conf")
        text = self.read_file(node, path)
        if text is None:
            raise Refusal(1, f"{program}: cannot read {path}\n")
        return path, formats.parse_legacy(text)

    @MARKS.documented("configutil", "without options it lists all; -o shows one, -o with -v sets it", CONFIGUTIL)
    @MARKS.documented("configutil", "-p lists by prefix; -i takes option=value lines from a file", CONFIGUTIL_6)
    @MARKS.documented("configutil", 'a value of "" clears an option', CONFIGUTIL)
    @MARKS.documented("configutil", "the file of -i is named by its absolute path", CONFIGUTIL_6)
    @MARKS.assumed("configutil", "lists are 'name = value', -o alone prints the value, setting answers OK SET")
    @MARKS.assumed("configutil", "it does not work on a Unified Configuration; status 1 with every refusal")
    def configutil(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """The program of that name."""
        home = self._home(node)
        path, options = self._legacy(node, home, "configutil")
        if not arguments:
            return Answer(0, _listed(options))
        option, *rest = arguments
        if option == "-p" and len(rest) == 1:
            return Answer(0, _listed({name: value for name, value in options.items() if name.startswith(rest[0])}))
        if option == "-o" and len(rest) == 1:
            return Answer(0, f"{options.get(rest[0], '')}\n")
        if option == "-o" and len(rest) == 3 and rest[1] == "-v":
            changes = {rest[0]: rest[2]}
        elif option == "-i" and len(rest) == 1 and rest[0].startswith("/"):
            text = self.read_answers(node, rest[0])
            if text is None or any("=" not in line for line in text.splitlines()):
                raise Refusal(1, f"configutil: cannot import {rest[0]}\n")
            changes = formats.parse_legacy(text)
        else:
            raise Refusal(1, "Usage: configutil [-f configfile] [-o option [-v value]] | [-p pattern] | -i inputfile\n")
        self._set_legacy(node, path, options, changes)
        return Answer(0, "OK SET\n" * len(changes))

    @MARKS.assumed("configutil", "an option that it does not know (here: nosuch...) is left out without an error")
    def _set_legacy(self, node: str, path: str, options: dict[str, str], changes: Mapping[str, str]) -> None:
        for name, value in changes.items():
            if name.startswith("nosuch"):
                continue
            if value:
                options[name] = value
            else:
                options.pop(name, None)
        self.write_file(node, path, formats.render_legacy(options), mode=0o640)

    # -- msconfig ----------------------------------------------------------------------------------------------

    def _unified(self, node: str, home: str) -> tuple[str, dict[str, str]]:
        path = posixpath.join(home, "config", "config.xml")
        text = self.read_file(node, path)
        if text is None:
            raise Refusal(1, f"msconfig: cannot read {path}\n")
        return path, formats.parse_unified(text)

    @MARKS.documented("msconfig", "run RECIPE, which is looked for in lib/recipes", HA_GUIDE)
    @MARKS.assumed("msconfig", "a recipe may be named by its path; runrecipe is no command")
    @MARKS.assumed("msconfig", "show prints all as 'role.name = value'; set NAME VALUE, unset NAME")
    @MARKS.assumed("msconfig", "secrets are shown as (suppressed); status 1 with every refusal")
    def msconfig(self, node: str, arguments: list[str], stdin: str | None) -> Answer:
        """The program of that name."""
        home = self._home(node)
        path, options = self._unified(node, home)
        verb, *rest = arguments or [""]
        if verb == "show":
            shown = {
                name: "(suppressed)" if formats.HIDDEN.fullmatch(name) else value
                for name, value in options.items()
                if not rest or name.split(".", 1)[1] in rest
            }
            return Answer(0, _listed(shown))
        changes: dict[str, str | None]
        if verb == "set" and len(rest) == 2:
            changes = {rest[0]: rest[1]}
        elif verb == "unset" and len(rest) == 1:
            changes = {rest[0]: None}
        elif verb == "run" and rest == ["HAConfig.rcp"]:
            changes = self._ha_recipe(stdin)
            self._counted("HAConfig.rcp", posixpath.dirname(self._resolved(node, path)))
        elif verb == "run" and len(rest) == 1:
            changes = self._recipe(node, home, rest[0])
        else:
            raise Refusal(1, "msconfig: unknown command\n")
        return self._set_unified(node, path, options, changes)

    @MARKS.documented("msconfig", "HAConfig.rcp asks, sets the logical address in seven options", HA_GUIDE)
    @MARKS.documented("msconfig", "HAConfig.rcp enables the watcher and autorestart if they are not", HA_GUIDE)
    @MARKS.assumed("msconfig", "HAConfig.rcp asks for the address, and sets all seven to it")
    def _ha_recipe(self, stdin: str | None) -> dict[str, str | None]:
        answers = (stdin or "").splitlines()
        if not answers:
            raise Refusal(1, "HAConfig.rcp: nobody answers\n")
        return {
            **dict.fromkeys(ADDRESS_OPTIONS, answers[0]),
            **dict.fromkeys(("watcher.enable", "base.autorestart.enable"), "1"),
        }

    @MARKS.documented("msconfig", "recipes get_option(NAME)", RECIPES)
    @MARKS.assumed("msconfig", "recipes set_option(NAME, VALUE) and unset_option(NAME), strings as in C")
    def _recipe(self, node: str, home: str, name: str) -> dict[str, str | None]:
        path = name if name.startswith("/") else posixpath.join(home, "lib", "recipes", name)
        text = self.read_answers(node, path)
        if text is None:
            raise Refusal(1, f"msconfig: no recipe {name}\n")
        string = r'"((?:[^"\\]|\\.)*)"'
        changes: dict[str, str | None] = {}
        for line in text.splitlines():
            if set_match := re.fullmatch(rf"set_option\({string}, *{string}\);", line):
                changes[set_match[1]] = re.sub(r"\\(.)", r"\1", set_match[2])
            elif unset_match := re.fullmatch(rf"unset_option\({string}\);", line):
                changes[unset_match[1]] = None
            else:
                raise Refusal(1, f"msconfig: {name}: syntax error\n")
        return changes

    @MARKS.documented("msconfig", "keeps old configurations", COMMANDS)
    @MARKS.assumed("msconfig", "in old-configs beside config.xml; what was set for the instance is changed there")
    @MARKS.assumed("msconfig", "an option that it does not know (here: nosuch...) ends it without a change")
    def _set_unified(self, node: str, path: str, options: dict[str, str], changes: Mapping[str, str | None]) -> Answer:
        old = formats.render_unified(options)
        for name, value in changes.items():
            if name.startswith("nosuch"):
                raise Refusal(1, f"ERROR: no option {name}\n")
            place = "instance." if f"instance.{name}" in options else "role."
            if value is None:
                options.pop(place + name, None)
                continue
            formats.check_type(name, value)
            options[place + name] = value
        new = formats.render_unified(options)
        if new != old:
            kept = posixpath.join(posixpath.dirname(path), "old-configs", f"config-{self._stamp()}.xml")
            self.write_file(node, kept, old, mode=0o640)
            self.write_file(node, path, new, mode=0o640)
        return Answer(0, "")

    def _resolved(self, node: str, path: str) -> str:
        """A path below the product's directory, on the volume."""
        directory, name = posixpath.split(path)
        return posixpath.join(self.link_target(node, directory) or directory, name)

    # -- for clusters ------------------------------------------------------------------------------------------

    @MARKS.documented("ha_ip_config", "asks for the logical address and the product's directory", HA_GUIDE)
    @MARKS.documented("ha_ip_config", "sets service.listenaddr, service.http.smtphost, watcher, autorestart", HA_GUIDE)
    @MARKS.documented("ha_ip_config", "sets INTERFACE_ADDRESS of SMTP, SMTP_SUBMIT and the job controller", BINDING)
    @MARKS.assumed("ha_ip_config", "its prompts; a third answer, whether to change the others, ends it with no")
    def ha_ip_config(self, node: str, arguments: list[str], stdin: str | None) -> Answer:
        """The program of that name."""
        self._home(node)
        answers = (stdin or "").splitlines()
        if arguments or len(answers) < 2:
            raise Refusal(1, "Logical IP address: \nha_ip_config: nobody answers\n")
        address, home = answers[0].strip(), answers[1].strip().rstrip("/")
        path, options = self._legacy(node, home, "ha_ip_config")
        changes = {
            **dict.fromkeys(("service.listenaddr", "service.http.smtphost"), address),
            **dict.fromkeys(("local.watcher.enable", "local.autorestart"), "1"),
        }
        self._set_legacy(node, path, options, changes)
        for name in ("dispatcher.cnf", "job_controller.cnf"):
            file = posixpath.join(home, "config", name)
            text = self.read_file(node, file) or ""
            kept = [line for line in text.splitlines() if not line.startswith("INTERFACE_ADDRESS=")]
            marks = ("[SERVICE=SMTP]", "[SERVICE=SMTP_SUBMIT]") if name == "dispatcher.cnf" else ("SECRET=",)
            lines = []
            for line in kept:
                lines.append(line)
                if line.startswith(marks):
                    lines.append(f"INTERFACE_ADDRESS={address}")
            self.write_file(node, file, "".join(f"{line}\n" for line in lines), mode=0o640)
        self._counted("ha_ip_config", posixpath.dirname(self._resolved(node, path)))
        return Answer(0, "Logical IP address: \niMS server root: \n")

    @MARKS.documented("config-vcsha", "copies the files in vcsha to where VCS looks for them", HA_GUIDE)
    @MARKS.documented("config-vcsha", "which files: MsgSrvTypes.cf, online, offline, clean, monitor, sub.pl", HA_GUIDE)
    @MARKS.assumed("config-vcsha", "takes no arguments; an interrupted run leaves the first half of them")
    def config_vcsha(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """The program of that name."""
        home = self._home(node)
        if arguments:
            raise Refusal(1, "Usage: config-vcsha\n")
        status = self._interrupted("config-vcsha")
        names = ["MsgSrvTypes.cf", "online", "offline", "clean", "monitor", "sub.pl"]
        for name in names if status is None else names[:3]:
            directory = "/etc/VRTSvcs/conf/config" if name.endswith(".cf") else "/opt/VRTSvcs/bin/MsgSrv"
            text = self.read_file(node, posixpath.join(home, "vcsha", name))
            assert text is not None
            self.write_file(node, posixpath.join(directory, name), text, mode=0o755)
        if status is None:
            self._counted("config-vcsha", node)
        return Answer(status or 0, "")

    @MARKS.documented("init-config", "registers the agent with Solaris Cluster", HA_GUIDE)
    @MARKS.assumed("init-config", "by a registration file in /opt/cluster/lib/rgm/rtreg; takes no arguments")
    def init_config(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """The program of that name."""
        home = self._home(node)
        if arguments:
            raise Refusal(1, "Usage: init-config\n")
        text = self.read_file(node, posixpath.join(home, "etc", "SUNW.ims"))
        if text is None:
            raise Refusal(1, "init-config: the package is incomplete\n")
        self.write_file(node, RTR_FILE, text)
        self._counted("init-config", node)
        return Answer(0, "")

    # -- the servers -------------------------------------------------------------------------------------------

    def _configured(self, node: str, program: str) -> str:
        home = self._home(node)
        config = posixpath.join(home, "config")
        if not any(self.exists(node, posixpath.join(config, name)) for name in ("config.xml", "msg.conf")):
            raise Refusal(1, f"{program}: not configured\n")
        return posixpath.dirname(self.link_target(node, config) or config)

    @MARKS.documented("start-msg", "starts all servers, or those named, of a list; ha starts all in HA mode", START)
    @MARKS.assumed("start-msg", "refuses where not configured, or running elsewhere; what it prints")
    def start_msg(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """The program of that name."""
        data = self._configured(node, "start-msg")
        named = self._servers("start-msg", [name for name in arguments if name != "ha"])
        if self.state["running"].get(data, node) != node:
            raise Refusal(1, "start-msg: the message store is in use on another node\n")
        self.state["running"][data] = node
        stopped = self.state["stopped"].get(data, [])
        self.state["stopped"][data] = [name for name in stopped if named and name not in named]
        return Answer(0, "".join(f"Starting {name} server ...\n" for name in named or ("all",)))

    @MARKS.documented("stop-msg", "stops all servers, or those named, of the same list", START)
    @MARKS.assumed("stop-msg", "what it prints; nothing to stop is no error")
    def stop_msg(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """The program of that name."""
        data = self._configured(node, "stop-msg")
        named = self._servers("stop-msg", arguments)
        if self.state["running"].get(data) == node:
            if named:
                self.state["stopped"][data] = sorted({*self.state["stopped"].get(data, []), *named})
            else:
                del self.state["running"][data]
        return Answer(0, "".join(f"Stopping {name} server ...\n" for name in named or ("all",)))

    def _servers(self, program: str, named: Sequence[str]) -> list[str]:
        if not set(named) <= set(SERVERS):
            raise Refusal(1, f"Usage: {program} [COMPONENTS...]\n")
        # The MTA is dispatcher and job controller.
        return [name for one in named for name in (("dispatcher", "job_controller") if one == "mta" else (one,))]

    def _runs(self, node: str, program: str, server: str) -> bool:
        data = self._configured(node, program)
        return bool(self.state["running"].get(data) == node and server not in self.state["stopped"].get(data, []))

    @MARKS.documented("stored", "its options -r -R -t -v; with -t its status says how the store is", STORED)
    @MARKS.documented("stored", "is in lib", STORED)
    @MARKS.assumed("stored", "0 if the store works; what -v prints; other forms, which work on the store, are refused")
    def stored(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """The program of that name."""
        if "-t" not in arguments or not set(arguments) <= {"-t", "-v"}:
            raise Refusal(1, "Usage: stored [-r] [-R] [-t] [-v]\n")
        works = self._runs(node, "stored", "store")
        words = "store is ready" if works else "store is not running"
        return Answer(0 if works else 1, f"{words}\n" if "-v" in arguments else "")

    @MARKS.documented("refresh", "after a change the servers are restarted or refreshed", STORE)
    @MARKS.assumed("refresh", "what it prints; refuses where they do not run")
    def refresh(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """The program of that name."""
        if self.state["running"].get(self._configured(node, "refresh")) != node:
            raise Refusal(1, "refresh: the servers do not run here\n")
        return Answer(0, "".join(f"Refreshing {name} server ...\n" for name in arguments or ("all",)))

    @MARKS.documented("imsimta", "process lists the processes of the MTA, under a heading", PROCESSES)
    @MARKS.documented("imsimta", "an idle MTA has job_controller and dispatcher, and servers of the dispatcher", IDLE)
    @MARKS.assumed("imsimta", "without any, process prints the heading alone")
    @MARKS.assumed("imsimta", "cnbuild, restart, refresh and version are all that there is beside; what they print")
    def imsimta(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """The program of that name."""
        self._configured(node, "imsimta")
        if arguments == ["process"]:
            return self._processes(node)
        if not arguments or arguments[0] not in ("cnbuild", "restart", "refresh", "version"):
            raise Refusal(1, "Usage: imsimta command\n")
        return Answer(0, "")

    def _processes(self, node: str) -> Answer:
        home = self._home(node)
        programs = [name for name in ("job_controller", "dispatcher") if self._runs(node, "imsimta", name)]
        if "dispatcher" in programs:
            programs = ["tcp_smtp_server", "tcp_smtp_server", *programs]
        lines = [
            f"mailsrv {9567 + number} S 18416 9368  02:00:02  0:00  {home}/lib/{program}"
            for number, program in enumerate(programs)
        ]
        return Answer(
            0, "".join(f"{line}\n" for line in ["USER      PID S VSZ    RSS   STIME    TIME     COMMAND", *lines])
        )


def _listed(options: Mapping[str, str]) -> str:
    return "".join(f"{name} = {value}\n" for name, value in sorted(options.items()))


SIMULATOR = MessagingServerSimulator
