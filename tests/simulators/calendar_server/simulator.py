"""Calendar Server 6.3's own tools: directory preparation, configuration program, start and stop.

They work on real files, in containers and in tests alike; so there is always a state file. ``root`` stands before the
paths below /etc and /var that a test cannot have.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..engine import Answer, Refusal, Simulator
from .sources import (
    CONFIGURATION,
    FILE,
    MARKS,
    OUTPUT,
    POST_INSTALLATION,
    RELEASE_NOTES,
    SILENT,
    START_ORDER,
    UTILITIES,
    WORKSHEET,
)

#: Components in the order in which they start.
COMPONENTS = ("watcher", "ens", "store", "notify", "admin", "dwp", "http")

#: Panels of the configuration program, as this simulator's state file names their fields.
DIRECTORY_KEYS = ("CONFIG", "DATABASE", "ATTACHMENT_STORE", "LOGS", "TEMPORARY_FILES", "ARCHIVE", "HOT_BACKUP")
KEYS = (
    *(f"{name}_DIRECTORY" for name in DIRECTORY_KEYS),
    *("LDAP_HOST", "LDAP_PORT", "BASE_DN", "DIRECTORY_MANAGER_DN", "DIRECTORY_MANAGER_PASSWORD"),
    *("ADMINISTRATOR_USER_ID", "ADMINISTRATOR_PASSWORD", "ADMINISTRATOR_EMAIL", "SMTP_HOST"),
    *("SERVICE_PORT", "RUNTIME_USER", "RUNTIME_GROUP", "START_AFTER_CONFIGURATION", "START_ON_SYSTEM_STARTUP"),
)

LOG = "/var/sadm/install/logs/Sun_Java_System_Calendar_Server_install.B12141351"

Task = tuple[str, Callable[[], int]]


class CalendarServer(Simulator):
    """The tools on all nodes. Options: ``root``, ``manager_password`` (the directory manager's)."""

    programs = {
        "comm_dssetup.pl": "comm_dssetup",
        "csconfigurator.sh": "csconfigurator",
        "start-cal": "start_cal",
        "stop-cal": "stop_cal",
    }

    def __init__(self, nodes: Sequence[str], state_file: Path, **options: Any) -> None:
        super().__init__(nodes, state_file, **options)
        self.root: str = options.get("root", "")
        self._server_root = ""

    def first_state(self) -> dict[str, Any]:
        """Nothing runs, nothing was done, and nobody is going to die."""
        return {"running": {}, "done": [], "death": None}

    def run(self, node: str, argv: Sequence[str], stdin: str | None = None) -> Answer:
        """See Simulator.run; the directory of the program says which installation it belongs to."""
        self._server_root = os.path.dirname(os.path.dirname(os.path.abspath(argv[0])))
        return super().run(node, argv, stdin)

    def order_death(self, after: int, status: int = 1) -> None:
        """Have the configuration program die after so many of its tasks, with this exit status."""
        with self.edit() as state:
            state["death"] = [after, status]

    def running(self, node: str, server_root: str) -> list[str]:
        """Components that run on a node."""
        with self.edit() as state:
            return list(state["running"].get(node, {}).get(server_root, []))

    # -- csconfigurator.sh ---------------------------------------------------------------------------------------

    @MARKS.documented("csconfigurator.sh", "-nodisplay -noconsole -novalidate runs it without a display", OUTPUT)
    @MARKS.documented("csconfigurator.sh", "-state FILE answers all panels", SILENT)
    @MARKS.documented("csconfigurator.sh", "configures again whatever is there, as the second node does", CONFIGURATION)
    @MARKS.assumed("csconfigurator.sh", "without a state file it asks, and waits for the answers")
    @MARKS.assumed("csconfigurator.sh", "without -nodisplay and with options that it has not, it ends with status 1")
    def csconfigurator(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """The configuration program."""
        state_file = None
        rest = list(arguments)
        flags = set()
        while rest:
            option = rest.pop(0)
            if option == "-state" and rest:
                state_file = rest.pop(0)
            elif option in ("-nodisplay", "-noconsole", "-novalidate"):
                flags.add(option)
            else:
                raise Refusal(1, f"Invalid option: {option}\n")
        if "-nodisplay" not in flags:
            raise Refusal(1, "Unable to connect to X11 window server: no display\n")
        if state_file is None:
            return Answer(-1, hung=True)
        return self._configure(node, arguments, self._answers(state_file))

    @MARKS.documented("csconfigurator.sh", "what its panels ask for", WORKSHEET)
    @MARKS.assumed("csconfigurator.sh", "names of the fields in the state file; all of them have to be there")
    @MARKS.assumed("csconfigurator.sh", "a state file that lacks something is refused before any task")
    def _answers(self, file: str) -> dict[str, str]:
        try:
            text = Path(file).read_text(encoding="utf-8")
        except OSError:
            raise Refusal(1, f"Cannot read state file {file}\n") from None
        found = dict(re.findall(r"^([A-Z_]+) = (.*)$", text, re.MULTILINE))
        missing = [key for key in KEYS if not found.get(key)]
        if missing:
            raise Refusal(1, f"State file {file} lacks {', '.join(missing)}\n")
        return found

    @MARKS.documented(
        "csconfigurator.sh", "prints each task, then PASSED with its status, then All Tasks Passed", OUTPUT
    )
    @MARKS.documented("csconfigurator.sh", "groupadd and useradd with status 9 count as passed", OUTPUT)
    @MARKS.documented("csconfigurator.sh", "names its log below /var/sadm/install/logs", CONFIGURATION)
    @MARKS.documented("csconfigurator.sh", "starts the server afterwards when that is chosen", POST_INSTALLATION)
    @MARKS.assumed("csconfigurator.sh", "what it prints when a task fails, and status 1; the log has what it prints")
    def _configure(self, node: str, arguments: list[str], answers: dict[str, str]) -> Answer:
        output = [
            f"/usr/jdk/entsys-j2se/bin/java -cp {self._server_root}/share/lib configure {' '.join(arguments)}",
            *("", "Loading Default Properties...", "", "Checking disk space...", "", "Starting Task Sequence"),
        ]
        death = self.state["death"]
        verdicts = []
        for number, (command, perform) in enumerate(self._tasks(answers)):
            output += ["===== Mon Dec 18 15:33:29 PST 2006 =====", f"Running {command}", ""]
            if death is not None and number == death[0]:
                self.state["death"] = None
                return self._logged(output, death[1])
            status = perform()
            passed = status == 0 or (status == 9 and "add " in command)
            verdicts.append(f"{'PASSED' if passed else 'FAILED'}: {command} : status = {status}")
        output += ["Sequence Completed", "", *(line for verdict in verdicts for line in (verdict, ""))]
        if any(verdict.startswith("FAILED") for verdict in verdicts):
            return self._logged(
                [*output, "Some tasks failed. Please check install log", f"{LOG} for further details."], 1
            )
        self.state["done"].append(f"csconfigurator.sh {node} {self._server_root}")
        if answers["START_AFTER_CONFIGURATION"] == "yes":
            self._start(node, COMPONENTS)
        return self._logged(
            [*output, "All Tasks Passed. Please check install log", f"{LOG} for", "further details."], 0
        )

    def _logged(self, output: list[str], status: int) -> Answer:
        text = "".join(f"{line}\n" for line in output)
        self._write(self.root + LOG, text)
        return Answer(status, text)

    @MARKS.documented("csconfigurator.sh", "first removes config and data of the installation", OUTPUT)
    @MARKS.documented("csconfigurator.sh", "makes the runtime group and user; gives watcher.cnf to them", OUTPUT)
    @MARKS.documented("csconfigurator.sh", "creates a new ics.conf", POST_INSTALLATION)
    @MARKS.documented("csconfigurator.sh", "creates the directories of its panels", CONFIGURATION)
    @MARKS.assumed("csconfigurator.sh", "order of the tasks after those that are printed")
    @MARKS.assumed("csconfigurator.sh", "at last links config of the installation to the config directory")
    def _tasks(self, answers: dict[str, str]) -> list[Task]:
        user, group = answers["RUNTIME_USER"], answers["RUNTIME_GROUP"]
        config = answers["CONFIG_DIRECTORY"]
        local = f"/etc{os.path.dirname(self._server_root)}/config"
        links = [f"{self._server_root}/config", f"{self._server_root}/data"]
        directories = [answers[f"{name}_DIRECTORY"] for name in DIRECTORY_KEYS]
        return [
            (f"/bin/rm -f {' '.join(links)}", lambda: self._remove(links)),
            (f"/usr/sbin/groupadd {group}", lambda: self._add_account("group", f"{group}:x:100:")),
            (
                f"/usr/sbin/useradd -g {group} -d / {user}",
                lambda: self._add_account("passwd", f"{user}:x:100:100::/:/bin/sh"),
            ),
            (f"/usr/sbin/usermod -G {group} {user}", lambda: 0),
            ("/bin/sh -c /usr/bin/crle", lambda: 0),
            (f"/bin/mkdir -p {' '.join(directories)}", lambda: self._make(directories)),
            (f"write {config}/ics.conf", lambda: self._write(f"{config}/ics.conf", self._ics_conf(answers))),
            (f"write {config}/counter.conf", lambda: self._write(f"{config}/counter.conf", "! counters\n")),
            (
                f"/bin/chown {user}:{group} {local}/watcher.cnf",
                lambda: self._write(f"{self.root}{local}/watcher.cnf", "{ path /opt }\n"),
            ),
            (f"/bin/ln -s {config} {links[0]}", lambda: self._link(config, links[0])),
        ]

    @MARKS.documented("csconfigurator.sh", 'form of ics.conf: name = "value", comments and what is off with !', FILE)
    @MARKS.assumed("csconfigurator.sh", "the parameters and comments that the new ics.conf has")
    def _ics_conf(self, answers: dict[str, str]) -> str:
        name = os.uname().nodename
        return "".join(
            f"{line}\n"
            for line in (
                "! Calendar Server configuration, made by the configuration program",
                "!",
                f'local.hostname = "{name}"',
                f'local.servername = "{name}"',
                '!service.http.listenaddr = "0.0.0.0"',
                '!!caldb.dwp.server.[hostname].ip = "[hostname]"',
                f'service.http.port = "{answers["SERVICE_PORT"]}"',
                f'service.http.calendarhostname = "{name}"',
                f'service.ens.host = "{name}"',
                f'service.siteadmin.userid = "{answers["ADMINISTRATOR_USER_ID"]}"',
                f'local.ugldaphost = "{answers["LDAP_HOST"]}"',
                f'local.ugldapbindcred = "{answers["DIRECTORY_MANAGER_PASSWORD"]}"',
                f'caldb.berkeleydb.homedir.path = "{answers["DATABASE_DIRECTORY"]}"',
                'local.autorestart = "no"',
            )
        )

    def _add_account(self, file: str, line: str) -> int:
        path = f"{self.root}/etc/{file}"
        present = Path(path).read_text(encoding="utf-8") if Path(path).exists() else ""
        if line.partition(":")[0] in [one.partition(":")[0] for one in present.splitlines()]:
            return 9
        return self._write(path, f"{present}{line}\n")

    @staticmethod
    def _remove(paths: Sequence[str]) -> int:
        for path in paths:
            if os.path.islink(path) or os.path.isfile(path):
                os.unlink(path)
            elif os.path.isdir(path):
                return 2
        return 0

    @staticmethod
    def _make(paths: Sequence[str]) -> int:
        for path in paths:
            Path(path).mkdir(parents=True, exist_ok=True)
        return 0

    @staticmethod
    def _write(path: str, text: str) -> int:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")
        return 0

    @staticmethod
    def _link(target: str, path: str) -> int:
        if os.path.lexists(path):
            return 2
        os.symlink(target, path)
        return 0

    # -- comm_dssetup.pl -----------------------------------------------------------------------------------------

    @MARKS.documented("comm_dssetup.pl", "its options, each with a value", WORKSHEET)
    @MARKS.documented("comm_dssetup.pl", "asks for what no option says", WORKSHEET)
    @MARKS.documented("comm_dssetup.pl", "reindexing needs -m yes", WORKSHEET)
    @MARKS.documented("comm_dssetup.pl", "-s yes adds the schema of the products, -m no changes nothing", WORKSHEET)
    @MARKS.assumed("comm_dssetup.pl", "the password is asked for on its standard input")
    @MARKS.assumed("comm_dssetup.pl", "schema with icsCalendarUser is below config/schema of the directory's instance")
    @MARKS.assumed("comm_dssetup.pl", "what it prints, and status 1 for what it refuses")
    def comm_dssetup(self, node: str, arguments: list[str], stdin: str | None) -> Answer:
        """The directory preparation script."""
        names = ("-i", "-R", "-c", "-d", "-r", "-u", "-s", "-D", "-w", "-b", "-t", "-m", "-S")
        given = dict(zip(arguments[::2], arguments[1::2], strict=False))
        if len(arguments) % 2 or set(given) - set(names) or len(given) * 2 != len(arguments):
            raise Refusal(1, "usage: comm_dssetup.pl [-i yes|no] [-R yes|no] [-c root] [-d instance] ...\n")
        asked = [name for name in names[:-1] if name not in given]
        replies = (stdin or "").splitlines()
        if len(replies) < len(asked):
            return Answer(-1, hung=True)
        given.update(zip(asked, replies, strict=False))
        switches = ("-i", "-R", "-s", "-b", "-m")
        if any(given[name] not in ("yes", "no") for name in switches) or given["-t"] not in ("1", "1.5", "2"):
            raise Refusal(1, "invalid value\n")
        if given["-R"] == "yes" and given["-m"] != "yes":
            raise Refusal(1, "-R yes needs -m yes\n")
        instance = Path(given["-c"]) / given["-d"]
        if not instance.is_dir():
            raise Refusal(1, f"{instance}: no such Directory Server instance\n")
        if given["-w"] != self.options.get("manager_password", given["-w"]):
            raise Refusal(1, "ldap_simple_bind: Invalid credentials\n")
        if given["-m"] == "yes" and given["-s"] == "yes":
            schema = "dn: cn=schema\nobjectClasses: ( 2.16.840.1.113730.3.2.141 NAME 'icsCalendarUser' )\n"
            self._write(f"{instance}/config/schema/60iplanet-calendar.ldif", schema)
        self.state["done"].append(f"comm_dssetup.pl {node} {instance}")
        return Answer(0, "Successful Completion\n")

    # -- start-cal, stop-cal -------------------------------------------------------------------------------------

    @MARKS.documented("start-cal", "options -? --help -d -l -L -A, and components; none means all", RELEASE_NOTES)
    @MARKS.documented("start-cal", "status -1 when it fails", UTILITIES)
    @MARKS.assumed("start-cal", "fails without a configuration; what -l, -L and -A print")
    def start_cal(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """Start the server or some of its components."""
        options, components = self._split(arguments, ("-?", "--help", "-d", "-l", "-L", "-A"))
        if options & {"-?", "--help"}:
            return Answer(0, "Usage: start-cal [options...] [components...]\n")
        if options & {"-l", "-L", "-A"}:
            listed = self._running_here(node) if "-l" in options else COMPONENTS
            return Answer(0, "".join(f"{name}\n" for name in listed))
        if not Path(self._server_root, "config", "ics.conf").is_file():
            raise Refusal(255, f"{self._server_root}/config/ics.conf: cannot open\n")
        self._start(node, components or COMPONENTS)
        return Answer(0, "")

    @MARKS.documented("start-cal", "order in which the components start", START_ORDER)
    def _start(self, node: str, components: Sequence[str]) -> None:
        runs = {*self._running_here(node), *components}
        here = self.state["running"].setdefault(node, {})
        here[self._server_root] = [name for name in COMPONENTS if name in runs]

    @MARKS.documented(
        "stop-cal", "options -? --help -d -f, and components, mfagent among them; none means all", RELEASE_NOTES
    )
    @MARKS.assumed("stop-cal", "stopping what does not run is no failure")
    def stop_cal(self, node: str, arguments: list[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """Stop the server or some of its components."""
        options, components = self._split(arguments, ("-?", "--help", "-d", "-f"))
        if options & {"-?", "--help"}:
            return Answer(0, "Usage: stop-cal [options...] [components...]\n")
        stopped = components or COMPONENTS
        here = self.state["running"].setdefault(node, {})
        here[self._server_root] = [name for name in self._running_here(node) if name not in stopped]
        return Answer(0, "")

    def _running_here(self, node: str) -> list[str]:
        return list(self.state["running"].get(node, {}).get(self._server_root, []))

    @staticmethod
    def _split(arguments: Sequence[str], known: Sequence[str]) -> tuple[set[str], list[str]]:
        options = {argument for argument in arguments if argument.startswith("-")}
        components = [argument for argument in arguments if not argument.startswith("-")]
        if options - set(known) or set(components) - {*COMPONENTS, "mfagent"}:
            raise Refusal(255, "Usage: [options...] [components...]\n")
        return options, components


SIMULATOR = CalendarServer
