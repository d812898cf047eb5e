"""What the agents of a simulated cluster would do on a node: start and stop products, whose servers serve.py plays.

An application is a list: the kind of its agent, and what the agent is told.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from simulators.messaging_server.configuration import parse_legacy, parse_unified

SERVE = Path(__file__).with_name("serve.py")
INSTANCES = Path("/etc/opt/scalix/instance.cfg")


def address_of(host: str) -> str | None:
    """The address of a host that the node knows, or of what is one already."""
    try:
        return socket.gethostbyname(host)
    except OSError:
        return None


def placed(address: str) -> str:
    """What an agent sets up for an address or the name of a host; a prefix that is given counts."""
    return address if "/" in address else f"{address_of(address)}/32"


def start(application: Sequence[str]) -> list[int] | None:
    """Start it; the processes that serve for it, or None where it cannot be started yet."""
    kind, what, *_ = application
    if kind == "script":
        return serve(*scalix_servers(*application[1:])) if ran("service", os.path.basename(what), "start") else None
    root = root_of(kind, what)
    if root is None or not ran(*{"scics": (f"{root}/sbin/start-cal",)}.get(kind, (f"{root}/bin/start-msg", "ha"))):
        return None
    return serve(*(calendar_servers(root) if kind == "scics" else messaging_servers(root)))


def stop(application: Sequence[str], processes: Sequence[int]) -> None:
    """Stop it; what it is that runs may be gone from the node already."""
    kind, what, *_ = application
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    if kind == "script":
        ran("service", os.path.basename(what), "stop")
        return
    root = root_of(kind, what)
    if root is not None:
        ran(f"{root}/sbin/stop-cal" if kind == "scics" else f"{root}/bin/stop-msg")


def ran(*argv: str) -> bool:
    """Whether a command could be run and ended well."""
    try:
        done = subprocess.run(argv, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    except OSError as error:
        done = subprocess.CompletedProcess(argv, 127, "", str(error))
    if done.returncode:
        print(f"{' '.join(argv)}: {(done.stderr or done.stdout).strip()}", flush=True)
    return done.returncode == 0


def serve(host_name: str, address: str | None, *servers: str) -> list[int]:
    """Play these servers, on an address that the node has."""
    if address is None or not servers:
        return []
    done = subprocess.run(
        [sys.executable, SERVE, host_name, address, *servers], check=False, capture_output=True, text=True
    )
    if done.returncode:
        print(f"{host_name}: {done.stderr.strip()}", flush=True)
    return [int(process) for process in done.stdout.split()]


def root_of(kind: str, what: str) -> str | None:
    """Where the product is: agents are told, but for that of Veritas, which knows the host name alone."""
    if kind != "MsgSrv":
        return what
    roots = [str(path) for path in Path("/opt").glob("*/messaging64")]
    return next((root for root in roots if messaging_options(root).get("hostname") == what), None)


def messaging_options(root: str) -> dict[str, str]:
    """Host name and address of an instance, whatever kind of configuration it has."""
    unified, legacy = Path(root, "config/config.xml"), Path(root, "config/msg.conf")
    if unified.exists():
        options = parse_unified(unified.read_text(encoding="utf-8"))
        return {name: options.get(f"role.base.{name}", "") for name in ("hostname", "listenaddr")}
    options = parse_legacy(legacy.read_text(encoding="utf-8")) if legacy.exists() else {}
    return {"hostname": options.get("local.hostname", ""), "listenaddr": options.get("service.listenaddr", "")}


def messaging_servers(root: str) -> list[str]:
    """Its servers, bound to the address that its options say."""
    options = messaging_options(root)
    return [options["hostname"], options["listenaddr"], "25=smtp", "587=smtp", "143=imap"]


def calendar_servers(root: str) -> list[str]:
    """Its server, bound as ics.conf says; what stands last there counts."""
    text = Path(root, "config/ics.conf").read_text(encoding="utf-8")
    found = dict(re.findall(r'^([a-z]\S*)\s*=\s*"(.*)"', text, re.MULTILINE))
    port = found.get("service.http.port", "80")
    return [found["service.http.calendarhostname"], found["service.http.listenaddr"], f"{port}=wcap"]


def scalix_servers(script: str, service: str) -> list[str | None]:
    """The servers of an instance, which is called as its service, that one of its init scripts starts."""
    blocks = re.findall(r"^OMNAME=(\S+)\nOMHOSTNAME=(\S+)$", INSTANCES.read_text(encoding="latin-1"), re.MULTILINE)
    host_name = dict(blocks).get(service, "")
    servers = {"scalix": ["25=smtp", "143=imap"], "scalix-tomcat": ["80=web"]}.get(os.path.basename(script), [])
    return [host_name, address_of(host_name), *servers]
