"""The power switch that a lab's nodes reach: it speaks the little of the container engine's API that fence_docker uses.

The engine's API is root on this machine. Nothing that a node sends is passed on to it: a request that is exactly one
of those below is answered by a request written here; everything else is refused. Nodes go by their own names, without
the prefix that their containers have.

    GET  /v1.11/containers/json?all=1       the lab's nodes, no other containers
    GET  /v1.11/containers/NODE/json        whether the node runs, nothing else about it
    POST /v1.11/containers/NODE/kill        power off; answered when the node is off
    POST /v1.11/containers/NODE/start       power on
    POST /v1.11/containers/NODE/restart     both, at once

One request per connection, without a body, over TLS from a client that shows a certificate of the lab's authority.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import socket
import socketserver
import ssl
import sys
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

TARGET = re.compile(
    r"/v1\.[0-9]{1,3}/containers/(?:(?P<node>[A-Za-z0-9-]{1,63})/)?(?P<verb>[a-z]{1,10})(?P<all>\?all=1)?"
)
ACTIONS = ("kill", "start", "restart")
POWER_OFF_SECONDS = 10.0


@dataclass(frozen=True)
class Order:
    """A request that is allowed: list, status or one of the actions, and the node it is for."""

    verb: str
    node: str | None = None


def allowed(method: str, target: str, nodes: Collection[str]) -> Order | None:
    """The order that a request is, or None if it is to be refused."""
    match = TARGET.fullmatch(target)
    if match is None:
        return None
    node, verb, wants_all = match["node"], match["verb"], match["all"] is not None
    if (method, node, verb, wants_all) == ("GET", None, "json", True):
        return Order("list")
    if node not in nodes or wants_all:
        return None
    if (method, verb) == ("GET", "json"):
        return Order("status", node)
    return Order(verb, node) if method == "POST" and verb in ACTIONS else None


class EngineConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


Request = Callable[[str, str], tuple[int, Any]]


def engine_request(path: Path) -> Request:
    """Requests to the container engine at a socket: method and path in, status and decoded answer out."""

    def request(method: str, target: str) -> tuple[int, Any]:
        connection = EngineConnection(path)
        try:
            connection.request(method, f"/v1.41/containers/{target}", headers={"Content-Length": "0"})
            answer = connection.getresponse()
            body = answer.read()
            return answer.status, json.loads(body) if body else None
        finally:
            connection.close()

    return request


class PowerSwitch:
    """Carries orders out."""

    def __init__(self, request: Request, prefix: str, nodes: Collection[str]) -> None:
        self.request = request
        self.prefix = prefix
        self.nodes = frozenset(nodes)

    def execute(self, order: Order) -> tuple[int, Any]:
        if order.node is None:
            return self.list()
        if order.verb == "status":
            return self.status(order.node)
        if order.verb == "kill":
            return self.power_off(order.node)
        # No time to shut down in an orderly way: that is what fencing is not.
        parameter = "?t=0" if order.verb == "restart" else ""
        return self.request("POST", f"{self.prefix}{order.node}/{order.verb}{parameter}")[0], None

    def list(self) -> tuple[int, Any]:
        code, containers = self.request("GET", "json?all=1")
        if code != HTTPStatus.OK:
            return code, None
        ours = []
        for container in containers:
            node = container["Names"][0].removeprefix("/").removeprefix(self.prefix)
            if node in self.nodes and container["Names"][0].removeprefix("/") == f"{self.prefix}{node}":
                # The agent shows Id as the plug, so that is what has to be usable as one.
                ours.append({"Id": node, "Names": [f"/{node}"], "Status": container["Status"]})
        return code, ours

    def status(self, node: str) -> tuple[int, Any]:
        code, container = self.request("GET", f"{self.prefix}{node}/json")
        if code != HTTPStatus.OK:
            return code, None
        return code, {"Id": node, "Name": f"/{node}", "State": {"Running": container["State"]["Running"]}}

    def power_off(self, node: str) -> tuple[int, Any]:
        """Kill, and answer when it is done: the agent asks at once, and sleeps a second if the node is still on."""
        code, _answer = self.request("POST", f"{self.prefix}{node}/kill?signal=KILL")
        if code != HTTPStatus.NO_CONTENT:
            return code, None
        deadline = time.monotonic() + POWER_OFF_SECONDS
        while time.monotonic() < deadline:
            state, answer = self.status(node)
            if state == HTTPStatus.OK and not answer["State"]["Running"]:
                return code, None
            time.sleep(0.02)
        return HTTPStatus.GATEWAY_TIMEOUT, None


class Handler(BaseHTTPRequestHandler):
    """One request per connection: HTTP/1.0 here, so that nothing that follows the first request is ever read."""

    timeout = 10
    server: Server
    server_version = "power-switch"
    sys_version = ""

    def answer(self) -> None:
        order = allowed(self.command, self.path, self.server.switch.nodes)
        has_body = self.headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in self.headers
        if order is None or has_body:
            self.reply(HTTPStatus.FORBIDDEN, None)
            return
        try:
            self.reply(*self.server.switch.execute(order))
        except (OSError, ValueError, KeyError, http.client.HTTPException) as error:
            self.log_error("engine: %r", error)
            self.reply(HTTPStatus.BAD_GATEWAY, None)

    do_GET = do_POST = answer

    def reply(self, code: int, content: object) -> None:
        body = b"" if content is None else json.dumps(content).encode()
        self.send_response(code)
        if code not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Who, what and when, to the millisecond: how long fencing took is read from here."""
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(now)) + f".{int(now % 1 * 1000):03d}"
        print(stamp, self.client_address[0], format % args, flush=True)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 16

    def __init__(self, address: tuple[str, int], context: ssl.SSLContext, switch: PowerSwitch) -> None:
        self.context = context
        self.switch = switch
        super().__init__(address, Handler)

    def server_bind(self) -> None:
        # The address belongs to the nodes' bridge, which comes with the first node and goes with the last.
        self.socket.setsockopt(socket.IPPROTO_IP, getattr(socket, "IP_FREEBIND", 15), 1)
        super().server_bind()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        # The handshake comes with the first read, in the connection's own thread: a silent client stops no other.
        return self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request: object, client_address: Any) -> None:  # noqa: ARG002
        """A client without a certificate, or one that hangs up: a line, not a traceback."""
        print(time.strftime("%Y-%m-%dT%H:%M:%S"), client_address[0], f"refused: {sys.exc_info()[1]}", flush=True)


def server_context(certificate: Path, key: Path, authority: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(authority)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--listen", required=True)
    parser.add_argument("--port", type=int, required=True)
    for name in ("engine", "certificate", "key", "authority"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--prefix", required=True, help="what containers are called before the node's name")
    parser.add_argument("nodes", nargs="+")
    arguments = parser.parse_args()
    context = server_context(arguments.certificate, arguments.key, arguments.authority)
    switch = PowerSwitch(engine_request(arguments.engine), arguments.prefix, arguments.nodes)
    with Server((arguments.listen, arguments.port), context, switch) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
