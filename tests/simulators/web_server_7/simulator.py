"""Simulated Web Server 7: its administration server with the store of configurations, and an instance that listens.

They work on real files, below ``root``: the store, the instance's copy, and the certificate database, which the real
certutil of NSS keeps. What is simulated is wadm, startserv and the server itself, of which there is a listener alone.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from ..behaviour import Marks
from ..engine import Answer, Refusal, Simulator

MARKS = Marks("web_server_7")

REFERENCE = "Sun Java System Web Server 7.0 Update 8 CLI Reference Manual"
GUIDE = "Sun Java System Web Server 7.0 Update 8 Administrator's Guide"
MANUAL = "Calendar Server 7, Configuring Machine C Where Web Server 7 Is Used as the Load Balancer"

CONNECTION = ("user", "password-file", "host", "port", "ssl", "rcfile")
#: The options that each command cannot do without, and how many operands it takes.
COMMANDS: dict[str, tuple[tuple[str, ...], int | None]] = {
    "list-configs": ((), 0),
    "list-http-listeners": (("config",), 0),
    "create-http-listener": (("config", "listener-port", "server-name", "default-virtual-server-name"), 1),
    "delete-http-listener": (("config",), 1),
    "get-http-listener-prop": (("config", "http-listener"), 0),
    "set-http-listener-prop": (("config", "http-listener"), None),
    "get-ssl-prop": (("config", "http-listener"), 0),
    "set-ssl-prop": (("config", "http-listener"), None),
    "create-selfsigned-cert": (("config", "server-name", "nickname"), 0),
    "pull-config": (("config",), 1),
    "deploy-config": ((), 1),
    "start-instance": (("config",), None),
    "restart-instance": (("config",), None),
}


class WebServer7(Simulator):
    """The product on one node. Options: ``root``, ``password`` and ``port`` of the administration server."""

    programs = {"wadm": "wadm", "startserv": "startserv"}

    def first_state(self) -> dict[str, object]:
        """Nothing runs."""
        return {"running": {}, "deployed": 0}

    # -- administration server -------------------------------------------------------------------------------------

    @MARKS.documented("startserv", "starts the administration server", MANUAL)
    @MARKS.assumed("startserv", "one that runs is not started again, with status 1")
    def startserv(self, node: str, arguments: Sequence[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """The script of the administration server."""
        if self._alive("administration"):
            raise Refusal(1, "failure: server is already running\n")
        self._listen("administration", str(self.options["port"]))
        return Answer(0, "info: server is ready to accept requests\n")

    @MARKS.documented("wadm", "--user, --password-file, --port and --no-prompt connect it", REFERENCE)
    @MARKS.documented("wadm", "CLI014 names an option that is missing", REFERENCE)
    @MARKS.documented("wadm", "CLI201 says that a command ran successfully", REFERENCE)
    @MARKS.assumed("wadm", "the line of the password file begins with wadm_password=")
    @MARKS.assumed("wadm", "status 1 for whatever it refuses; what it says without an administration server")
    def wadm(self, node: str, arguments: Sequence[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """The administration program."""
        command, *rest = arguments or [""]
        if command not in COMMANDS:
            raise Refusal(1, f"CLI001 Unrecognized command: {command}\n")
        options = dict(re.findall(r"^--([a-z-]+)=(.*)$", "\n".join(rest), re.MULTILINE))
        operands = [word for word in rest if not word.startswith("--")]
        if "--no-prompt" not in rest:
            return Answer(-1, hung=True)
        if not self._alive("administration"):
            raise Refusal(1, "ADMIN1000: Unable to connect to the administration server\n")
        self._log_in(options)
        required, number = COMMANDS[command]
        for name in required:
            if name not in options:
                raise Refusal(1, f"Usage: {command} ...\nCLI014 {name} is a required option.\n")
        if number is not None and len(operands) != number:
            raise Refusal(1, f"Usage: {command} ...\nCLI016 Invalid number of operands\n")
        unknown = sorted(set(options) - {*CONNECTION, *required})
        if unknown:
            raise Refusal(1, f"CLI006 Invalid option: {unknown[0]}\n")
        told = getattr(self, command.replace("-", "_"))(options, operands)
        return Answer(0, "".join(f"{line}\n" for line in told) or f"CLI201 Command '{command}' ran successfully\n")

    def _log_in(self, options: dict[str, str]) -> None:
        try:
            line = Path(options["password-file"]).read_text(encoding="utf-8").strip()
        except (KeyError, OSError):
            raise Refusal(1, "CLI015 The password file cannot be read\n") from None
        if options.get("user") != "admin" or line != f"wadm_password={self.options['password']}":
            raise Refusal(1, "ADMIN3012: Authentication failed: invalid user name or password\n")

    # -- configurations --------------------------------------------------------------------------------------------

    @MARKS.documented("wadm list-configs", "prints bare names", REFERENCE)
    def list_configs(self, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """The configurations of the store."""
        return sorted(path.name for path in Path(self.options["root"], "admin-server/config-store").iterdir())

    def _store(self, name: str) -> Path:
        path = Path(self.options["root"], "admin-server/config-store", name, "config")
        if not path.is_dir():
            raise Refusal(1, f"ADMIN3001: Configuration {name} does not exist\n")
        return path

    def _instance(self, name: str) -> Path:
        return Path(self.options["root"], f"https-{name}", "config")

    @MARKS.documented("wadm pull-config", "brings what was changed at an instance into the store", REFERENCE)
    def pull_config(self, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """Copy the instance's files into the store."""
        shutil.copytree(self._instance(options["config"]), self._store(options["config"]), dirs_exist_ok=True)
        return []

    @MARKS.documented("wadm deploy-config", "brings a configuration to its instances", REFERENCE)
    def deploy_config(self, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """Copy the store's files to the instance."""
        shutil.copytree(self._store(operands[0]), self._instance(operands[0]), dirs_exist_ok=True)
        self.state["deployed"] += 1
        return []

    # -- listeners -------------------------------------------------------------------------------------------------

    def _server(self, options: dict[str, str]) -> tuple[Path, ElementTree.Element]:
        path = self._store(options["config"]) / "server.xml"
        return path, ElementTree.fromstring(path.read_text(encoding="utf-8"))

    def _listener(self, root: ElementTree.Element, name: str) -> ElementTree.Element:
        for one in root.iter("http-listener"):
            if one.get("name") == name:
                return one
        raise Refusal(1, f"ADMIN3031: HTTP listener {name} does not exist\n")

    @MARKS.assumed("wadm list-http-listeners", "prints bare names")
    def list_http_listeners(self, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """The listeners of a configuration."""
        return [str(one.get("name")) for one in self._server(options)[1].iter("http-listener")]

    @MARKS.documented("wadm create-http-listener", "its options, and its name as the operand", REFERENCE)
    @MARKS.assumed("wadm create-http-listener", "one that is there already is refused")
    def create_http_listener(self, options: dict[str, str], operands: list[str]) -> list[str]:
        """Add a listener without TLS."""
        path, root = self._server(options)
        if operands[0] in self.list_http_listeners(options, []):
            raise Refusal(1, f"ADMIN3030: HTTP listener {operands[0]} already exists\n")
        made = {"name": operands[0], "port": options["listener-port"], "server-name": options["server-name"]}
        ElementTree.SubElement(root, "http-listener", made)
        path.write_bytes(ElementTree.tostring(root))
        return []

    @MARKS.documented("wadm delete-http-listener", "takes the name as the operand", REFERENCE)
    def delete_http_listener(self, options: dict[str, str], operands: list[str]) -> list[str]:
        """Take a listener away."""
        path, root = self._server(options)
        root.remove(self._listener(root, operands[0]))
        path.write_bytes(ElementTree.tostring(root))
        return []

    @MARKS.assumed("wadm get-http-listener-prop", "prints name=value for all properties")
    def get_http_listener_prop(self, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """Properties of a listener."""
        found = self._listener(self._server(options)[1], options["http-listener"])
        return [f"{name}={found.get(name)}" for name in ("port", "server-name")] + ["enabled=true"]

    @MARKS.documented("wadm set-http-listener-prop", "takes property=value operands", REFERENCE)
    def set_http_listener_prop(self, options: dict[str, str], operands: list[str]) -> list[str]:
        """Change properties of a listener."""
        return self._set(options, operands, "", ("port", "server-name"))

    @MARKS.assumed("wadm get-ssl-prop", "prints name=value for all properties")
    def get_ssl_prop(self, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """TLS of a listener."""
        found = self._listener(self._server(options)[1], options["http-listener"])
        usual = {"enabled": "false", "client-auth": "false"}
        own = {name[4:]: value for name, value in found.attrib.items() if name.startswith("ssl-")}
        return [f"{name}={value}" for name, value in {**usual, **own}.items()]

    @MARKS.documented("wadm set-ssl-prop", "takes property=value operands", REFERENCE)
    @MARKS.assumed("wadm set-ssl-prop", "a certificate that the configuration does not have is refused")
    def set_ssl_prop(self, options: dict[str, str], operands: list[str]) -> list[str]:
        """Change TLS of a listener."""
        for operand in operands:
            name, _equals, value = operand.partition("=")
            if name == "server-cert-nickname" and not self._has(options["config"], value):
                raise Refusal(1, f"ADMIN3045: There is no certificate {value}\n")
        return self._set(options, operands, "ssl-", ("enabled", "server-cert-nickname", "client-auth"))

    def _set(self, options: dict[str, str], operands: list[str], prefix: str, known: Sequence[str]) -> list[str]:
        path, root = self._server(options)
        listener = self._listener(root, options["http-listener"])
        for operand in operands:
            name, equals, value = operand.partition("=")
            if not equals or name not in known:
                raise Refusal(1, f"ADMIN3040: Invalid property {operand}\n")
            listener.set(f"{prefix}{name}", value)
        path.write_bytes(ElementTree.tostring(root))
        return []

    # -- certificates ----------------------------------------------------------------------------------------------

    def _has(self, config: str, nickname: str) -> bool:
        argv = ["certutil", "-L", "-n", nickname, "-d", str(self._store(config))]
        return subprocess.run(argv, capture_output=True, check=False).returncode == 0

    @MARKS.documented("wadm create-selfsigned-cert", "makes a certificate in the configuration's database", MANUAL)
    @MARKS.assumed("wadm create-selfsigned-cert", "a nickname that is there already is refused")
    def create_selfsigned_cert(self, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """Have certutil make one."""
        if self._has(options["config"], options["nickname"]):
            raise Refusal(1, f"ADMIN3050: Certificate {options['nickname']} already exists\n")
        noise = self._store(options["config"]) / ".noise"
        noise.write_bytes(os.urandom(64))
        argv = ["certutil", "-S", "-x", "-n", options["nickname"], "-s", f"CN={options['server-name']}", "-t", "CTu,,"]
        argv += ["-m", str(int.from_bytes(os.urandom(3), "big")), "-z", str(noise), "-d", str(noise.parent)]
        try:
            subprocess.run(argv, capture_output=True, check=True)
        finally:
            noise.unlink()
        return []

    # -- instances -------------------------------------------------------------------------------------------------

    @MARKS.documented("wadm start-instance", "starts the instance of a configuration", MANUAL)
    @MARKS.assumed("wadm start-instance", "one that runs is refused")
    def start_instance(self, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """Have it listen where its own copy of the configuration says."""
        if self._alive(options["config"]):
            raise Refusal(1, "ADMIN4111: The instance is already running\n")
        self._start(options["config"])
        return []

    @MARKS.documented("wadm restart-instance", "stops and starts the instance of a configuration", MANUAL)
    @MARKS.assumed("wadm restart-instance", "one that does not run is started")
    def restart_instance(self, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """Have it read its configuration."""
        self.stop(options["config"])
        self._start(options["config"])
        return []

    def _alive(self, config: str) -> bool:
        number = self.state["running"].get(config)
        try:
            return number is not None and "listener.py" in Path(f"/proc/{number}/cmdline").read_text(encoding="utf-8")
        except OSError:
            return False

    def _start(self, config: str) -> None:
        text = self._instance(config).joinpath("server.xml").read_text(encoding="utf-8")
        ports = [one.get("port") for one in ElementTree.fromstring(text).iter("http-listener")]
        if not ports:
            raise Refusal(1, "ADMIN4112: The instance has no listener\n")
        self._listen(config, str(ports[-1]))

    def _listen(self, name: str, port: str) -> None:
        program = Path(__file__).parents[1] / "ias/listener.py"
        argv = [sys.executable, str(program), "127.0.0.1", port]
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
        assert process.stdout is not None
        if not process.stdout.readline():
            raise Refusal(1, "ADMIN4113: The instance does not start\n")
        self.state["running"][name] = process.pid

    def stop(self, config: str) -> None:
        """End an instance, as an accident would."""
        if self._alive(config):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.state["running"][config], signal.SIGKILL)
            while self._alive(config):  # it takes connections until it has ended
                time.sleep(0.01)
        self.state["running"].pop(config, None)


SIMULATOR = WebServer7
