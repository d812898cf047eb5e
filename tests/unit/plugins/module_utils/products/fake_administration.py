"""An administration server that speaks HTTPS as GlassFish's does, and remembers what it was told; for tests."""

from __future__ import annotations

import base64
import http.server
import json
import ssl
import subprocess
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_rest import Administration

PASSWORD = "only-for-tests"  # noqa: S105 # of nothing


def pair(folder: Path, name: str = "s1as") -> Path:
    """A key, and a certificate that signs itself and is no authority's, as a domain's."""
    made = folder / f"{name}.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        + ["-subj", f"/CN={name}", "-days", "30", "-keyout", folder / f"{name}.key", "-out", made],
        check=True,
        capture_output=True,
    )
    return made


class Server:
    """What is told to it, and what it answers: by command, or ``get`` for the whole configuration."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.answers: dict[str, Any] = {}
        self.told: list[tuple[str, list[tuple[str, str]]]] = []
        self.status = 200

    def answer(self, command: str, given: list[tuple[str, str]]) -> dict[str, Any]:
        if command == "get":
            lines = [{"message": f"{name}={value}"} for name, value in self.values.items()]
            return {"exit_code": "SUCCESS", "children": lines}
        self.told.append((command, given))
        found = self.answers.get(command, {"exit_code": "SUCCESS"})
        return dict(found(given) if callable(found) else found)


@contextmanager
def serving(server: Server, folder: Path) -> Iterator[Administration]:
    """A way to it."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path == "/management/domain/get.json?pattern=*"
            self._answer("get", [])

        def do_POST(self) -> None:
            assert self.headers["X-Requested-By"]
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer(self.path.split("/")[2], urllib.parse.parse_qsl(body))

        def _answer(self, command: str, given: list[tuple[str, str]]) -> None:
            proof = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
            allowed = self.headers["Authorization"] == f"Basic {proof}"
            report = server.answer(command, given) if allowed else {}
            failed = report.get("exit_code") == "FAILURE"
            text = json.dumps(report).encode() if server.status == 200 else b"<html>"
            self.send_response(401 if not allowed else 500 if failed else server.status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_given: Any) -> None:
            """Say nothing."""

    certificate = pair(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, folder / "s1as.key")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.socket = context.wrap_socket(listening.socket, server_side=True)
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        port = listening.server_address[1]
        yield Administration("127.0.0.1", port, "admin", str(certificate), PASSWORD, ("pool-of-tests",))
        listening.shutdown()
