"""Simulated Calendar Server 7 on one node: its configurator, davadmin, and the document store's start and stop.

They work on real files, below ``data``, and the configurator has the real asadmin deploy the application, which is
a real one too: see ``war``. What is simulated is what cannot be had: the vendor's programs themselves.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..behaviour import Marks
from ..engine import Answer, Refusal, Simulator

MARKS = Marks("calendar_server_7")

MANUAL = "Calendar Server 7.0.5 System Administrator's Guide, Configuring Calendar Server for High Availability"
UTILITIES = "Calendar Server 7.0.5 System Administrator's Guide, Command-Line Utilities"
REFERENCE = "Calendar Server 7.0.5 System Administrator's Guide, Configuration Reference"

#: What the configurator has to be told. Whether and how the product has them is not public.
ANSWERS = (
    *("admin.user", "admin.password", "appserver.target", "appserver.user", "appserver.password", "runtime.user"),
    *("database.host", "database.port", "database.name"),
)
#: What there is to be configured, with what it is at first.
OPTIONS = {
    "davcore.serverlimits.maxcontentlength": "10000000",
    "davcore.uriinfo.uricontextroot": "/davserver",
    "log.dav.commands.loglevel": "INFO",
    "store.dav.defaultbackend.attachstorehost": "",
    "store.dav.defaultbackend.attachstoreport": "8008",
    "store.dav.defaultbackend.jndiname": "jdbc/defaultbackend",
    "store.dav.ischedulebackend.jndiname": "jdbc/ischedulebackend",
}
PASSWORDS = ("store.document.password",)
#: Of the file for the options of davadmin.
CLI_FILE = ("userid", "password")


def properties(text: str) -> dict[str, str]:
    """The values of a file of lines ``name=value``."""
    pairs = (line.partition("=") for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return {name.strip(): value for name, _equals, value in pairs}


class CalendarServer7(Simulator):
    """The product on one node. Options: ``home``, ``data``, ``directory``: users; ``asadmin``, if it deploys."""

    programs: Mapping[str, str] = {
        "init-config": "init_config",
        "davadmin": "davadmin",
        "start-as": "start_as",
        "stop-as": "stop_as",
    }

    def first_state(self) -> dict[str, object]:
        """Nothing is configured, and nothing runs."""
        return {"administrator": None, "store": None}

    @property
    def _config(self) -> Path:
        return Path(self.options["data"], "config")

    # -- configurator --------------------------------------------------------------------------------------------------

    @MARKS.documented("init-config", "configures Calendar Server and deploys it to the web container", MANUAL)
    @MARKS.documented(
        "init-config", "the passwords are in davservercreds.properties, all else in davserver.properties", REFERENCE
    )
    @MARKS.assumed("init-config", "-S -f FILE answers all its questions; a file lacks none and has no other one")
    @MARKS.assumed("init-config", "what is configured already is not configured again")
    def init_config(self, node: str, arguments: Sequence[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """Configure the product, and deploy it."""
        if len(arguments) != 3 or list(arguments[:2]) != ["-S", "-f"]:
            raise Refusal(2, "usage: init-config -S -f STATEFILE\n")
        if (self._config / "davserver.properties").exists():
            raise Refusal(1, "Calendar Server is configured already\n")
        given = properties(self._text(Path(arguments[2])))
        for wrong in sorted(set(given) ^ set(ANSWERS)):
            raise Refusal(1, f"{wrong}: {'unknown parameter' if wrong in given else 'missing parameter'}\n")
        self._deploy(given)
        user = given["runtime.user"]
        self._config.mkdir(parents=True, exist_ok=True)
        Path(self.options["data"], "logs").mkdir(exist_ok=True)
        database = {f"store.database.{name}": given[f"database.{name}"] for name in ("host", "port", "name")}
        # The directory server stands in here.
        people = self.options["directory"]
        self._write("davserver.properties", {**OPTIONS, **database}, 0o640)
        self._write("davservercreds.properties", dict.fromkeys(PASSWORDS, ""), 0o600)
        self._write("directory.properties", people, 0o600)
        with contextlib.suppress(LookupError):
            for path in (self._config.parent, *self._config.parent.rglob("*")):
                shutil.chown(path, user, user)
        self.state["administrator"] = [given["admin.user"], given["admin.password"]]
        return Answer(0, "Configuration has completed\n")

    def _deploy(self, given: Mapping[str, str]) -> None:
        program = self.options.get("asadmin")
        if not program:
            return
        with tempfile.NamedTemporaryFile("w", prefix="init-config") as file:
            # A file of Java's properties.
            password = given["appserver.password"].replace("\\", "\\\\")
            file.write(f"AS_ADMIN_PASSWORD={password}\n")
            file.flush()
            way = [program, "--interactive=false", f"--user={given['appserver.user']}", f"--passwordfile={file.name}"]
            war = Path(self.options["home"], "lib/davserver.war")
            # Readable for the server's user.
            copy = Path(tempfile.mkdtemp(prefix="davserver")) / war.name
            shutil.copy(war, copy)
            copy.parent.chmod(0o755)
            words = ["deploy", f"--target={given['appserver.target']}", "--name=davserver", "--contextroot=/davserver"]
            done = subprocess.run([*way, *words, str(copy)], check=False, capture_output=True, text=True)
            shutil.rmtree(copy.parent)
        if done.returncode != 0:
            raise Refusal(1, f"deployment failed: {done.stdout}{done.stderr}\n")

    def _text(self, path: Path) -> str:
        try:
            return path.read_text(encoding="utf-8")
        except OSError:
            raise Refusal(1, f"{path}: cannot be read\n") from None

    def _write(self, name: str, values: Mapping[str, str], mode: int | None = None) -> None:
        path = self._config / name
        path.touch(mode=mode or 0o640)
        path.write_text("".join(f"{key}={value}\n" for key, value in values.items()), encoding="utf-8")

    # -- davadmin ------------------------------------------------------------------------------------------------------

    @MARKS.documented("davadmin", "asks for user and password; DAVADMIN_CLIFILE names a file with options", UTILITIES)
    @MARKS.documented(
        "davadmin config", "sets what is in davserver.properties and davservercreds.properties", REFERENCE
    )
    @MARKS.assumed("davadmin", "the password may be in that file; without it a question is asked that nobody answers")
    @MARKS.assumed("davadmin config list", "prints name: value, and no passwords")
    @MARKS.assumed("davadmin config modify", "-f FILE has lines name=value; an unknown name changes nothing")
    @MARKS.assumed("davadmin config modify", "is taken over at once by the server of this node")
    def davadmin(self, node: str, arguments: Sequence[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """Administration."""
        command, action, *rest = [*arguments, "", ""][: max(len(arguments), 2)]
        if command != "config" or action not in ("list", "modify"):
            raise Refusal(2, "usage: davadmin config list | davadmin config modify -f FILE\n")
        if (action == "list" and rest) or (action == "modify" and (len(rest) != 2 or rest[0] != "-f")):
            raise Refusal(2, f"Invalid options: {' '.join(rest)}\n")
        self._log_in()
        found = properties(self._text(self._config / "davserver.properties"))
        if action == "list":
            return Answer(0, "".join(f"{name}: {value}\n" for name, value in sorted(found.items())))
        secret = properties(self._text(self._config / "davservercreds.properties"))
        given = properties(self._text(Path(rest[1])))
        for name in given:
            if name not in found and name not in PASSWORDS:
                raise Refusal(1, f"Unknown option: {name}\n")
        self._write("davserver.properties", {**found, **{name: given[name] for name in given if name in found}})
        self._write(
            "davservercreds.properties", {**secret, **{name: given[name] for name in given if name in PASSWORDS}}
        )
        return Answer(0, "Option was modified\n")

    def _log_in(self) -> None:
        if self.state["administrator"] is None:
            raise Refusal(1, "Calendar Server is not configured\n")
        given = properties(self._text(Path(os.environ.get("DAVADMIN_CLIFILE") or "/nowhere")))
        if set(given) - set(CLI_FILE):
            raise Refusal(2, "unknown property in the CLI file\n")
        if [given.get(name) for name in CLI_FILE] != self.state["administrator"]:
            raise Refusal(1, "Authentication failed: wrong user or password\n")

    # -- document store ------------------------------------------------------------------------------------------------

    @MARKS.assumed("start-as", "starts the document store's server, with ashttpd.properties; one that runs is refused")
    def start_as(self, node: str, arguments: Sequence[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """Start the document store."""
        if arguments:
            raise Refusal(2, "usage: start-as\n")
        if self._alive():
            raise Refusal(1, "the document store runs already\n")
        program = Path(__file__).with_name("ashttpd.py")
        with open(Path(self.options["data"], "ashttpd.log"), "ab") as log:
            argv = [sys.executable, str(program), str(self._config)]
            started = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        port = properties(self._text(self._config / "ashttpd.properties")).get("service.port", "8008")
        for _ in range(200):
            listening = Path("/proc/net/tcp").read_text(encoding="ascii")
            if re.search(rf":{int(port):04X} [0-9A-F:]+ 0A ", listening):
                break
            if started.poll() is not None:
                raise Refusal(1, "the document store does not start; see its log\n")
            time.sleep(0.05)
        self.state["store"] = started.pid
        return Answer(0, "started\n")

    @MARKS.assumed("stop-as", "stops the document store's server; one that does not run is no error")
    def stop_as(self, node: str, arguments: Sequence[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """Stop the document store."""
        if arguments:
            raise Refusal(2, "usage: stop-as\n")
        if self._alive():
            os.kill(self.state["store"], signal.SIGTERM)
            while self._alive():
                time.sleep(0.02)
        self.state["store"] = None
        return Answer(0, "stopped\n")

    def _alive(self) -> bool:
        number = self.state["store"]
        with contextlib.suppress(OSError):
            return number is not None and b"ashttpd" in Path(f"/proc/{number}/cmdline").read_bytes()
        return False


SIMULATOR = CalendarServer7
