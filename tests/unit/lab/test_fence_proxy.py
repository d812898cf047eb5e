"""The lab's power switch: what gets through, what does not, and that nothing a client sends reaches the engine."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

CHECKOUT = Path(__file__).parents[3]
sys.path.insert(0, str(CHECKOUT / "tests" / "lab"))

import fence_proxy  # noqa: E402
import fencing  # noqa: E402
from fence_proxy import Order, PowerSwitch, allowed  # noqa: E402

NODES = ("nodea", "nodeb")
PREFIX = "groupware-ha-test-"


@pytest.mark.parametrize(
    ("method", "target", "order"),
    [
        ("GET", "/v1.11/containers/json?all=1", Order("list")),
        ("GET", "/v1.11/containers/nodea/json", Order("status", "nodea")),
        ("POST", "/v1.11/containers/nodea/kill", Order("kill", "nodea")),
        ("POST", "/v1.41/containers/nodeb/start", Order("start", "nodeb")),
        ("POST", "/v1.11/containers/nodeb/restart", Order("restart", "nodeb")),
    ],
)
def test_what_the_agent_sends_is_understood(method: str, target: str, order: Order) -> None:
    assert allowed(method, target, NODES) == order


@pytest.mark.parametrize(
    ("method", "target"),
    [
        # Other methods, other verbs, other parts of the API.
        ("POST", "/v1.11/containers/nodea/json"),
        ("GET", "/v1.11/containers/nodea/kill"),
        ("DELETE", "/v1.11/containers/nodea"),
        ("POST", "/v1.11/containers/json?all=1"),
        ("POST", "/v1.11/containers/create"),
        ("POST", "/v1.11/containers/nodea/exec"),
        ("POST", "/v1.11/containers/nodea/stop"),
        ("GET", "/v1.11/containers/nodea/top"),
        ("GET", "/v1.11/containers/nodea/logs"),
        ("PUT", "/v1.11/containers/nodea/archive"),
        ("POST", "/v1.11/exec/0123456789ab/start"),
        ("GET", "/v1.11/images/json"),
        ("GET", "/v1.11/info"),
        ("GET", "/v4.0.0/libpod/containers/json"),
        ("POST", "/v4.0.0/libpod/containers/nodea/kill"),
        # Other containers, also this lab's own by names that nodes do not have.
        ("POST", "/v1.11/containers/somebody/kill"),
        ("POST", "/v1.11/containers/groupware-ha-test-nodea/kill"),
        ("POST", "/v1.11/containers/nodeaa/kill"),
        ("POST", "/v1.11/containers/NODEA/kill"),
        ("POST", "/v1.11/containers//kill"),
        ("POST", "/v1.11/containers/kill"),
        # Parameters.
        ("POST", "/v1.11/containers/nodea/kill?signal=HUP"),
        ("POST", "/v1.11/containers/nodea/kill?all=1"),
        ("GET", "/v1.11/containers/nodea/json?size=1"),
        ("GET", "/v1.11/containers/json"),
        ("GET", "/v1.11/containers/json?all=1&size=1"),
        ("GET", "/v1.11/containers/nodea/json#/../../../info"),
        # Paths that mean something else to somebody else.
        ("POST", "/v1.11/containers/nodea/../somebody/kill"),
        ("POST", "/v1.11/containers/nodea%2f..%2fsomebody/kill"),
        ("POST", "/v1.11/containers/%6eodea/kill"),
        ("POST", "/v1.11/containers/nodea%00/kill"),
        ("POST", "/v1.11/containers/nodea/kill/"),
        ("POST", "/v1.11/containers/nodea/./kill"),
        ("POST", "/v1.11//containers/nodea/kill"),
        ("POST", "/v1.11/containers/nodea\\kill"),
        ("POST", "/v1.11/containers/nodea/kill\n"),
        ("POST", "http://127.0.0.1/v1.11/containers/nodea/kill"),
        ("POST", "/containers/nodea/kill"),
        ("POST", "/v1.11/../v4.0.0/libpod/containers/nodea/kill"),
        ("CONNECT", "127.0.0.1:22"),
        ("OPTIONS", "*"),
    ],
)
def test_everything_else_is_refused(method: str, target: str) -> None:
    assert allowed(method, target, NODES) is None


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"]),
    parts=st.lists(
        st.sampled_from(
            [
                "/",
                "v1.11",
                "containers",
                "nodea",
                "somebody",
                "json",
                "kill",
                "start",
                "exec",
                "..",
                "%2f",
                "?all=1",
                "&",
            ]
        ),
        max_size=10,
    ),
)
def test_whatever_is_put_together_only_the_nodes_own_power_is_reached(method: str, parts: list[str]) -> None:
    order = allowed(method, "".join(parts), NODES)
    if order is not None:
        assert order.node in (None, *NODES)
        assert order.verb in ("list", "status", "kill", "start", "restart")


class Engine:
    """A container engine with this lab's nodes and somebody's container, which remembers what it was asked."""

    def __init__(self) -> None:
        self.running = {f"{PREFIX}nodea": True, f"{PREFIX}nodeb": True, "somebody": True, "x-" + PREFIX + "nodea": True}
        self.requests: list[tuple[str, str]] = []
        self.status_requests_until_off = 2

    def __call__(self, method: str, target: str) -> tuple[int, Any]:
        self.requests.append((method, target))
        if target == "json?all=1":
            return 200, [{"Id": "1", "Names": [f"/{name}"], "Status": "Up", "Mounts": []} for name in self.running]
        name, verb = target.partition("?")[0].split("/")
        if verb == "json":
            if not self.running[name] and self.status_requests_until_off:
                self.status_requests_until_off -= 1
                return 200, {"State": {"Running": True}}
            return 200, {"State": {"Running": self.running[name]}, "Config": {"Env": ["SECRET=1"]}}
        self.running[name] = verb != "kill"
        return 204, None


def test_a_list_shows_this_labs_nodes_by_their_own_names() -> None:
    _code, nodes = PowerSwitch(Engine(), PREFIX, NODES).execute(Order("list"))
    assert [(node["Id"], node["Names"]) for node in nodes] == [("nodea", ["/nodea"]), ("nodeb", ["/nodeb"])]
    assert set(nodes[0]) == {"Id", "Names", "Status"}


def test_a_status_shows_nothing_but_the_power() -> None:
    _code, answer = PowerSwitch(Engine(), PREFIX, NODES).execute(Order("status", "nodea"))
    assert answer == {"Id": "nodea", "Name": "/nodea", "State": {"Running": True}}


def test_power_off_is_answered_when_the_node_is_off() -> None:
    engine = Engine()
    assert PowerSwitch(engine, PREFIX, NODES).execute(Order("kill", "nodea")) == (204, None)
    assert engine.requests[0] == ("POST", f"{PREFIX}nodea/kill?signal=KILL")
    assert engine.status_requests_until_off == 0
    assert engine.running == {**engine.running, f"{PREFIX}nodea": False, f"{PREFIX}nodeb": True, "somebody": True}


def test_a_node_that_does_not_go_off_is_not_reported_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fence_proxy, "POWER_OFF_SECONDS", 0.05)
    engine = Engine()
    engine.status_requests_until_off = 10**6
    assert PowerSwitch(engine, PREFIX, NODES).execute(Order("kill", "nodea")) == (504, None)


def test_a_restart_gives_no_time_to_shut_down() -> None:
    engine = Engine()
    PowerSwitch(engine, PREFIX, NODES).execute(Order("restart", "nodeb"))
    assert engine.requests == [("POST", f"{PREFIX}nodeb/restart?t=0")]


class Front:
    """The real server, on a port of this machine, before an engine that is not."""

    def __init__(self, state: Path) -> None:
        material = fencing.Fencing(["podman"], PREFIX.rstrip("-"), list(NODES), "127.0.0.1", state)
        material.ensure_material()
        self.client = material.client
        self.server_material = material.material
        context = fence_proxy.server_context(
            material.material / "server.pem", material.material / "server.key", material.client / "ca.pem"
        )
        self.engine = Engine()
        self.server = fence_proxy.Server(("127.0.0.1", 0), context, PowerSwitch(self.engine, PREFIX, NODES))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def send(self, request: bytes, certificate: tuple[Path, Path] | None = None, anonymous: bool = False) -> bytes:
        """Send bytes as they are; everything that comes back until the server hangs up."""
        context = ssl.create_default_context(cafile=str(self.client / "ca.pem"))
        if not anonymous:
            context.load_cert_chain(*(certificate or (self.client / "cert.pem", self.client / "key.pem")))
        with (
            socket.create_connection(self.server.server_address[:2], timeout=5) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
        ):
            connection.sendall(request)
            received = b""
            while data := connection.recv(65536):
                received += data
            return received


@pytest.fixture(scope="module")
def shared_front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    front = Front(tmp_path_factory.mktemp("lab"))
    yield front
    front.server.shutdown()
    front.server.server_close()


@pytest.fixture
def front(shared_front: Front) -> Front:
    shared_front.engine.requests.clear()
    return shared_front


HEADERS = b"Host: x\r\n\r\n"


def test_an_allowed_request_is_answered(front: Front) -> None:
    answer = front.send(b"GET /v1.11/containers/nodeb/json HTTP/1.1\r\n" + HEADERS)
    assert answer.startswith(b"HTTP/1.0 200 ")
    assert answer.endswith(b'{"Id": "nodeb", "Name": "/nodeb", "State": {"Running": true}}')


def test_a_refused_request_does_not_reach_the_engine(front: Front) -> None:
    assert front.send(b"POST /v1.11/containers/somebody/kill HTTP/1.1\r\n" + HEADERS).startswith(b"HTTP/1.0 403 ")
    assert front.send(b"DELETE /v1.11/containers/nodea HTTP/1.1\r\n" + HEADERS).split()[1] in (b"403", b"501")
    assert front.engine.requests == []


@pytest.mark.parametrize("first", [b"GET /v1.11/containers/nodea/json", b"GET /v1.11/info"])
def test_a_second_request_on_the_same_connection_is_never_read(front: Front, first: bytes) -> None:
    second = b"POST /v1.11/containers/somebody/kill HTTP/1.1\r\n" + HEADERS
    answer = front.send(first + b" HTTP/1.1\r\nConnection: keep-alive\r\n" + HEADERS + second)
    assert answer.count(b"HTTP/1.") == 1
    assert all("somebody" not in target for _method, target in front.engine.requests)


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 5\r\n\r\nhello",
        b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"Content-Length: 0\r\nContent-Length: 44\r\n\r\nPOST /v1.11/containers/somebody/kill HTTP/1.1",
        b"Content-Length: -1\r\n\r\n",
    ],
)
def test_a_request_with_a_body_never_carries_it_on(front: Front, framing: bytes) -> None:
    answer = front.send(b"POST /v1.11/containers/nodea/start HTTP/1.1\r\nHost: x\r\n" + framing)
    assert answer.count(b"HTTP/1.") == 1
    # Refused, or, where the framing is too broken to be seen, answered as the order that it is without the body.
    assert front.engine.requests in ([], [("POST", f"{PREFIX}nodea/start")])
    if b"Content-Length: 5" in framing or b"Transfer-Encoding: " in framing:
        assert answer.startswith(b"HTTP/1.0 403 ")
        assert front.engine.requests == []


def test_a_client_without_a_certificate_is_refused(front: Front) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError)):
        front.send(b"POST /v1.11/containers/nodea/kill HTTP/1.1\r\n" + HEADERS, anonymous=True)
    assert front.engine.requests == []


def test_a_certificate_of_another_authority_is_refused(front: Front, tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-subj", "/CN=groupware-ha-lab", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        front.send(b"POST /v1.11/containers/nodea/kill HTTP/1.1\r\n" + HEADERS, certificate=(certificate, key))
    assert front.engine.requests == []


def test_the_proxys_own_certificate_is_no_key_to_it(front: Front) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError)):
        front.send(
            b"POST /v1.11/containers/nodea/kill HTTP/1.1\r\n" + HEADERS,
            certificate=(front.server_material / "server.pem", front.server_material / "server.key"),
        )
    assert front.engine.requests == []


def test_a_client_that_says_nothing_stops_no_other(front: Front) -> None:
    with socket.create_connection(front.server.server_address[:2], timeout=5):
        answer = front.send(b"GET /v1.11/containers/json?all=1 HTTP/1.1\r\n" + HEADERS)
    assert answer.startswith(b"HTTP/1.0 200 ")
